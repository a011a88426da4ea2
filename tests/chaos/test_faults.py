"""A short run of the laboratory: five faults of five kinds with a fixed seed. The long one is tests/chaos/run."""

import os

import pytest

from faults import registry
from lab import Lab
from proxies import toxiproxy
from rounds import HEAD, complaints, line, run_round

FAULTS = ("ingress_killed", "processor_restarted", "leader_killed", "acks_swallowed", "client_cut")
SEED = int(os.environ.get("TEST_CHAOS_SEED", "1"))


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    if toxiproxy() is None:
        pytest.fail("toxiproxy is built by Go; scripts/setup --tests installs it")
    with Lab(tmp_path_factory.mktemp("chaos")) as made:
        yield made


@pytest.mark.parametrize("name", FAULTS)
def test_nothing_is_lost(lab, name):
    result = run_round(lab, registry[name](), SEED)
    print(HEAD, line(result), sep="\n")
    assert result.passed(), "\n".join(complaints(result))

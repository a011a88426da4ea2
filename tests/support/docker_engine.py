"""The Docker engine of this machine, where there is one."""

import functools
import os
import subprocess

import pytest

from kafka_broker import ROOT


def docker(*arguments, check=True, timeout=1800, **options):
    result = subprocess.run(["docker", *arguments], cwd=ROOT, capture_output=True, text=True, timeout=timeout, **options)
    assert not check or result.returncode == 0, f"docker {' '.join(arguments)}:\n{result.stdout}{result.stderr}"
    return result.stdout.strip()


def docker_works():
    try:
        docker("version")
        docker("compose", "version")
        return True
    except (AssertionError, OSError):
        return False


def needs_docker():
    """Skips the test where no engine answers, unless one was promised."""
    if not docker_works():
        assert not os.environ.get("TEST_REQUIRE_DOCKER"), "Docker was promised and does not answer"
        pytest.skip("no Docker engine with Compose answers here")


@functools.cache
def commit():
    """What the images are told to be of."""
    return subprocess.run(["git", "rev-parse", "--short=12", "HEAD"], cwd=ROOT, capture_output=True,
                          text=True).stdout.strip()

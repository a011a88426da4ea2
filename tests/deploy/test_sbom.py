"""The bill of materials is CycloneDX, says what the program is linked with and made from, and says it again."""

import functools
import json
import os
import pathlib
import re
import shutil
import subprocess

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from kafka_broker import ROOT
from services import program

pytestmark = pytest.mark.skipif(not shutil.which("dpkg-query"), reason="no Debian here")
SERVICES = pytest.mark.parametrize("service", ["millrace-ingress", "millrace-processor"])


@functools.cache
def sbom(service, *options, moment="1700000000"):
    build = os.environ.get("TEST_BUILD", ROOT / "build/release")
    done = subprocess.run([ROOT / "scripts/sbom", "--build", build, *options, service], capture_output=True, text=True,
                          timeout=120, env={**os.environ, "SOURCE_DATE_EPOCH": moment})
    assert done.returncode == 0, done.stderr
    return done.stdout


def versions(document, use):
    return {part["name"]: part["version"] for part in document["components"]
            if {"name": "millrace:use", "value": use} in part["properties"]}


@SERVICES
def test_it_is_cyclonedx(service):
    document = sbom(service)
    problem = JsonStrictValidator(SchemaVersion.V1_6).validate_str(document)
    assert problem is None, problem
    parsed = json.loads(document)
    references = {part["bom-ref"] for part in parsed["components"]}
    assert len(references) == len(parsed["components"])
    assert set(parsed["dependencies"][0]["dependsOn"]) == references


@SERVICES
def test_every_shared_library_is_in_it_with_its_version(service):
    listed = versions(json.loads(sbom(service)), "linked dynamically")
    loaded = subprocess.run(["ldd", program(service)], capture_output=True, text=True, check=True).stdout
    libraries = [pathlib.Path(path).resolve() for path in re.findall(r"=> (/\S+)", loaded)]
    assert len(libraries) > 5
    for library in libraries:
        owner = subprocess.run(f"dpkg-query -S {library} || dpkg-query -S {str(library).removeprefix('/usr')}", shell=True,
                               capture_output=True, text=True, check=True).stdout.split(":")[0]
        installed = subprocess.run(["dpkg-query", "-W", "-f", "${Version}\n", owner], capture_output=True, text=True,
                                   check=True).stdout.split()[0]
        assert listed[owner] == installed, library
    assert sbom(service, "--packages").split() == sorted(listed)


@SERVICES
def test_what_comes_as_headers_alone_is_in_it(service):
    listed = versions(json.loads(sbom(service)), "headers compiled in")
    for pattern in (r"nlohmann-json3-dev", r"libboost1\.\d+-dev", r"libtomlplusplus-dev", r"libstdc\+\+-\d+-dev"):
        assert [name for name in listed if re.fullmatch(pattern, name)], pattern
    assert "doctest-dev" not in listed  # it is in the tests alone


def test_it_names_the_file_and_says_the_same_again():
    document = json.loads(sbom("millrace-ingress"))
    digest = subprocess.run(["sha256sum", program("millrace-ingress")], capture_output=True, text=True, check=True).stdout
    assert document["metadata"]["component"]["hashes"] == [{"alg": "SHA-256", "content": digest.split()[0]}]
    assert sbom.__wrapped__("millrace-ingress") == sbom("millrace-ingress")
    assert json.loads(sbom("millrace-ingress", moment="1800000000"))["serialNumber"] != document["serialNumber"]

"""SECURITY.md: every test that it points to is there under that name, and every setting with its default."""

import re

import pytest

from kafka_broker import ROOT

PAGE = (ROOT / "SECURITY.md").read_text()
ROWS = [[cell.strip() for cell in line.strip("|").split(" | ")] for line in PAGE.split("## Each limit")[1].splitlines()
        if line.startswith("| ") and not line.startswith("| Against")]


def names_in(path):
    """Test cases of a C++ file, with literals that go over several lines joined, or functions of a Python one."""
    text = (ROOT / path).read_text()
    if path.endswith(".py"):
        return set(re.findall(r"^def (test_\w+)", text, re.M))
    return {"".join(re.findall(r'"((?:[^"\\]|\\.)*)"', literals))
            for literals in re.findall(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)', text)}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_what_shows_it_is_there(row):
    against, limit, setting, shown = row
    files = re.findall(r'`(tests/[^`]+)`: ((?:"[^"]+"(?:, )?)+)', shown)
    assert files, against
    for path, names in files:
        for name in re.findall(r'"([^"]+)"', names):
            assert name in names_in(path), f"{path} has no {name!r}"


def test_settings_are_those_of_the_reference():
    page = (ROOT / "docs/configuration.md").read_text()
    units = {"MiB": 1 << 20}
    checked = 0
    for name, default in re.findall(r"`([a-z_]+(?:\.[A-Za-z_]+)+)` \((\d+(?: MiB)?)", "\n".join(row[2] for row in ROWS)):
        number, _, unit = default.partition(" ")
        variable = "MILLRACE_" + name.replace(".", "_").upper()
        found = re.search(rf"^\| `{name.rsplit('.', 1)[1]}` \|[^|]*\| `(\d+)` \|.*`{variable}`", page, re.M)
        assert found, name
        assert int(found[1]) == int(number) * units.get(unit, 1), name
        checked += 1
    assert checked > 12

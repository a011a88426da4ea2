"""Each way to break the promise on purpose still applies to the sources; tests/chaos/sabotage builds and runs them."""

import pathlib
import subprocess

import pytest

HERE = pathlib.Path(__file__).resolve().parent


@pytest.mark.parametrize("patch", sorted(HERE.glob("sabotages/*.patch")), ids=lambda path: path.stem)
def test_it_applies(patch):
    done = subprocess.run(["patch", "-p1", "--batch", "--dry-run", "-i", patch], cwd=HERE.parents[1],
                          capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr

"""To be imported before anything that is not Python's own: goes on in build/venv, which has what the laboratory needs, and
finds the tests' modules."""

import os
import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
VENV = HERE.parents[1] / "build/venv/bin/python"
if VENV.exists() and pathlib.Path(sys.executable) != VENV and "CHAOS_VENV" not in os.environ:
    os.execve(VENV, [str(VENV), *sys.argv], {**os.environ, "CHAOS_VENV": "1"})
sys.path[:0] = [str(HERE), str(HERE.parent / "support")]

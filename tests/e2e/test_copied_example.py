"""The example's folder, copied away, builds by itself."""

import os
import shutil
import subprocess

from kafka_broker import ROOT


def run(*command, folder):
    # So that the compiler's cache knows the libraries from the build of this tree.
    environment = {**os.environ, "CCACHE_NOHASHDIR": "1",
                   "CCACHE_SLOPPINESS": "pch_defines,time_macros,include_file_ctime,include_file_mtime"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=2400)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_copied_and_built(tmp_path):
    folder = tmp_path / "my-processor"
    shutil.copytree(ROOT / "examples/order-totals", folder)
    run("cmake", "-G", "Ninja", "-B", "build", f"-DMILLRACE={ROOT}", "-DCMAKE_BUILD_TYPE=RelWithDebInfo",
        "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O2 -g1 -DNDEBUG", folder=folder)
    run("cmake", "--build", "build", "--parallel", "2", folder=folder)
    assert "usage" in run(folder / "build/millrace-order-totals", "--help", folder=folder).lower()


def test_without_the_sources_it_says_what_to_do(tmp_path):
    shutil.copytree(ROOT / "examples/order-totals", tmp_path / "copy")
    done = subprocess.run(["cmake", "-B", "build"], cwd=tmp_path / "copy", capture_output=True, text=True, timeout=120)
    assert done.returncode != 0 and "-DMILLRACE=/path/to/millrace" in done.stderr

"""What the compiler and the linker were told to do against bugs in memory is in the built programs: read from the files
themselves, so that a flag that is lost on its way is noticed."""

import re
import shutil
import subprocess

import pytest

from services import program

pytestmark = pytest.mark.skipif(not (shutil.which("readelf") and shutil.which("objdump")), reason="no binutils here")
PROGRAMS = pytest.mark.parametrize("name", ["millrace-ingress", "millrace-processor", "millrace-order-totals"])


def readelf(name, *options):
    done = subprocess.run(["readelf", "--wide", *options, program(name)], capture_output=True, text=True, check=True)
    return done.stdout


def imports(name):
    """Functions of shared libraries that it calls, without their versions."""
    return {found.split("@")[0] for found in re.findall(r" UND (\S+)", readelf(name, "--dyn-syms"))}


def first_instructions(name, symbol):
    text = subprocess.run(["objdump", "--disassemble=" + symbol, "--no-show-raw-insn", program(name)], capture_output=True,
                          text=True, check=True).stdout
    return re.findall(r"^ +[0-9a-f]+:\s+(.+)$", text, re.M)


@PROGRAMS
def test_addresses_are_random_and_nothing_is_writable_and_executable(name):
    assert re.search(r"Type:\s+DYN", readelf(name, "--file-header"))  # -pie
    segments = readelf(name, "--segments")
    flags = {found[0]: found[1].strip() for found in re.findall(r"^  (GNU_STACK|GNU_RELRO) .* ([R ][W ][E ]) +0x", segments, re.M)}
    assert flags["GNU_STACK"] == "RW"  # -z noexecstack
    assert "GNU_RELRO" in flags  # -z relro
    assert not re.search(r" RWE? +0x", re.sub(r" RW  +0x", "", segments))


@PROGRAMS
def test_addresses_of_functions_are_bound_at_start_and_then_read_only(name):
    assert re.search(r"\(FLAGS\).*BIND_NOW", readelf(name, "--dynamic"))  # -z now
    assert re.search(r"\(FLAGS_1\).*NOW PIE", readelf(name, "--dynamic"))


@PROGRAMS
def test_a_stack_that_is_overwritten_is_noticed(name):
    assert "__stack_chk_fail" in imports(name)  # -fstack-protector-strong


@PROGRAMS
def test_sizes_of_buffers_are_checked(name):
    assert {called for called in imports(name) if called.endswith("_chk")} - {"__stack_chk_fail"}  # _FORTIFY_SOURCE


@PROGRAMS
def test_indices_of_the_library_are_checked(name):
    """_GLIBCXX_ASSERTIONS ends the program by this function, which takes the failed condition."""
    assert "_ZSt21__glibcxx_assert_failPKciS0_S0_" in imports(name)


@PROGRAMS
def test_jumps_go_where_functions_begin(name):
    if "X86-64" not in readelf(name, "--file-header"):
        pytest.skip("another processor")
    assert first_instructions(name, "main")[0] == "endbr64"  # -fcf-protection


@pytest.mark.parametrize("flag", ["-fstack-clash-protection", "-ftrivial-auto-var-init=zero", "-fstack-protector-strong",
                                  "-fcf-protection=full", "-fPIE"])
def test_every_file_of_ours_was_compiled_so(flag):
    """Two of them leave no trace that could be told from what the optimiser does: the compiler's own note counts."""
    notes = set(re.findall(r"DW_AT_producer +: .*?(GNU C\+\+20 .*)$", readelf("millrace-ingress", "--debug-dump=info"), re.M))
    ours = [note for note in notes if "-std=c++20" in note]
    assert ours
    wanted = flag if not flag.startswith("-fcf-protection") else "-fcf-protection"
    if flag.startswith("-fcf-protection") and "X86-64" not in readelf("millrace-ingress", "--file-header"):
        pytest.skip("another processor")
    assert all(wanted in note for note in ours), ours


@pytest.mark.parametrize("name", ["millrace-ingress", "millrace-processor"])
def test_the_services_have_their_allocator(name):
    """It is linked without being called by name, and would be lost without a word (docs/adr/0019)."""
    needed = re.findall(r"\(NEEDED\).*\[(\S+)\.so", readelf(name, "--dynamic"))
    assert "libtcmalloc_minimal" in needed
    assert needed.index("libtcmalloc_minimal") < needed.index("libc")  # whose malloc is found first

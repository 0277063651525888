"""What pip says, and what is made of it; the words are those of pip 23.2 and 26.3."""

from __future__ import annotations

import pytest

from release_guard.sources.pip_output import (
    is_of_requirements,
    is_unresolved,
    last_lines,
    trouble_here,
)

_NOTE = "note: This error originates from a subprocess, and is likely not a problem\n"


def _block(*said: str, old: bool = True, step: str = "installing build deps") -> str:
    """What pip prints when a program that it started failed."""
    head = "  error: subprocess-exited-with-error\n\n  \N{MULTIPLICATION SIGN} "
    head += f"{step} did not run successfully.\n  │ exit code: 1\n"
    head += f"  ╰─> [{len(said)} lines of output]\n"
    inside = "".join(f"      {line}\n" for line in said)
    foot = f"      [end of output]\n\n  {_NOTE}"
    last = "ERROR: Failed to build 'demo'\n"
    if old:
        last = "error: subprocess-exited-with-error\n\n╰─> See above for output.\n"
    return f"Processing ./demo-1.0.tar.gz\n{head}{inside}{foot}{last}"


_OLD_STEP = "pip subprocess to install build dependencies"
_NEW_STEP = "installing build dependencies"
_NOT_FOUND = "ERROR: Could not find a version that satisfies the requirement x (from "
_NONE = (
    f"{_NOT_FOUND}versions: none)",
    "ERROR: No matching distribution found for x",
)
_OTHERS = (f"{_NOT_FOUND}versions: 1.0, 2.0rc1)", _NONE[1])
_BROKEN = (
    "WARNING: Retrying (Retry(total=0)) after connection broken by "
    "'NewConnectionError(Failed to establish a new connection)': /simple/x/"
)


@pytest.mark.parametrize("old", [True, False])
def test_of_a_program_that_failed_its_own_last_lines_are_told(old: bool) -> None:
    output = _block("Traceback:", "  File x", "OSError: no", old=old, step="Building")

    assert last_lines(output) == ("Traceback:", "  File x", "OSError: no")


def test_of_pip_itself_its_last_lines_are_told() -> None:
    output = "Looking\n\nERROR: no matching\n\n[notice] A new release of pip\nhint: x\n"

    assert last_lines(output) == ("Looking", "ERROR: no matching")


@pytest.mark.parametrize("output", ["", "\n\n", "[end of output]", "of output]"])
def test_an_output_without_words_is_no_error(output: str) -> None:
    assert last_lines(output) in ((), ("of output]",))


def test_what_is_told_is_bounded_in_lines_and_length() -> None:
    told = last_lines(_block(*(f"{n} " + "x" * 10_000 for n in range(1000))))

    assert [line.partition(" ")[0] for line in told] == [
        str(n) for n in range(992, 1000)
    ]
    assert {len(line) for line in told} == {300}


def test_a_block_of_which_only_the_end_was_kept_is_told_as_well() -> None:
    assert last_lines("cut\n      OSError: no\n      [end of output]\n\n  note: x") == (
        "OSError: no",
    )


def test_a_password_is_not_told() -> None:
    assert last_lines("at https://me:geheim@index", ["me:geheim", "geheim"]) == (
        "at https://***@index",
    )


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (_block(*_NONE, step=_OLD_STEP), True),
        (_block(*_NONE, step=_NEW_STEP, old=False), True),
        ("ERROR: Failed to build 'x' when installing build dependencies", True),
        (_block("x", step="Getting requirements to build wheel"), False),
        ("Installing build dependencies: finished with status 'done'", False),
    ],
)
def test_it_is_seen_whether_a_build_ended_before_its_code_ran(
    output: str, expected: bool
) -> None:
    assert is_of_requirements(output) is expected


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (_block(*_OTHERS), True),
        (_block(*_OTHERS, old=False), True),
        (_block(*_NONE), False),
        ("ERROR: ResolutionImpossible: for help visit", True),
        ("ERROR: Cannot install a and b because of conflicting dependencies.", True),
        (_block(_BROKEN, *_OTHERS), False),
        ("ERROR: HTTP error 503 while getting x\n" + _OTHERS[0], False),
        ("ERROR: 401 Client Error: Unauthorized\n" + _OTHERS[0], False),
        ("ERROR: Failed building wheel for x", False),
        ("", False),
    ],
)
def test_only_an_index_that_lists_versions_has_not_what_is_needed(
    output: str, expected: bool
) -> None:
    assert is_unresolved(output) is expected


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        ("urllib.error.URLError: <urlopen error Name or service not known>", "network"),
        (
            "error: command 'x86_64-linux-gnu-gcc' failed: No such file or dir",
            "program",
        ),
        ("error: unable to execute 'gcc': No such file or directory", "program"),
        ("../meson.build:1:0: ERROR: Unknown compiler(s): [['cc']]", "program"),
        ("CMake Error: No CMAKE_C_COMPILER could be found.", "program"),
        ("Cargo, the Rust package manager, is not installed", "program"),
        ("src/x.c:1:10: fatal error: Python.h: No such file or directory", "program"),
        ("MemoryError", "memory"),
        ("OSError: [Errno 28] No space left on device", "room on the disk"),
        ("FileNotFoundError: [Errno 2] No such file: 'requirements.txt'", ""),
        ("error: package directory 'src' does not exist", ""),
        ("ModuleNotFoundError: No module named 'demo'", ""),
        ("error: command '/usr/bin/gcc' failed with exit code 1", ""),
    ],
)
def test_what_a_machine_lacks_is_told_from_what_an_sdist_lacks(
    last: str, expected: str
) -> None:
    assert trouble_here(_block("Traceback:", last)).endswith(expected)
    assert bool(trouble_here(_block("Traceback:", last))) is bool(expected)


def test_what_was_said_long_before_the_end_is_not_why_it_ended() -> None:
    said = ("Connection refused: no cache", *map(str, range(50)), "ValueError: no")

    assert trouble_here(_block(*said)) == ""

"""Releases that are incomplete beside their neighbours, case by case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from builders import (
    Case,
    Says,
    ago,
    history,
    indexed,
    policy,
)
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard.facts import (
    History,
)
from release_guard.filenames import by_version
from release_guard.findings import Severity
from release_guard.policy import Policy, Presence
from release_guard.rules.completeness import history_incomplete

DEMO = canonicalize_name("demo")
A, B = "a" * 40, "b" * 40


def _from(version: str) -> Policy:
    """The policy with this baseline."""
    return policy(baseline=Version(version))


# --- what is missing -----------------------------------------------------------

_LINUX = "cp312-cp312-manylinux_2_28_x86_64"
_MUSL = "cp312-cp312-musllinux_1_2_x86_64"
_WINDOWS = "cp312-cp312-win_amd64"
_MAC = "cp312-cp312-macosx_11_0_arm64"


def _releases(*releases: tuple[str, Iterable[str]], **changes: object) -> History:
    """Versions, and what each has: ``sdist``, or the tags of a wheel. All came 30 days
    ago.
    """
    said: dict[str, Any] = {"uploaded": ago(days=30), **changes}
    files = [
        indexed(
            f"demo-{version}.tar.gz"
            if what == "sdist"
            else f"demo-{version}-{what}.whl",
            **said,
        )
        for version, parts in releases
        for what in parts
    ]
    return history([], *files)


def _instead(whole: History, version: str, **changes: object) -> History:
    """The same, with the files of one version changed."""
    files = [
        replace(file, **changes) if str(file.version) == version else file  # type: ignore[arg-type]
        for file in whole.listing.files
    ]
    page = replace(whole.listing, files=tuple(files))
    return replace(whole, listing=page, by_version=by_version(page))


_FULL = ("sdist", _LINUX, _WINDOWS)
_WIDE = ("sdist", _LINUX, _MUSL, _WINDOWS, _MAC)
_ONE_WHEEL = ("sdist", _LINUX)
_REST = "wheels for macosx_arm64 (cp312), musllinux_x86_64 (cp312), win_amd64 (cp312)"
_NO_WINDOWS = _releases(
    ("1.0", _FULL), ("1.1", _FULL), ("1.2", ("sdist", _LINUX)), ("1.3", _FULL)
)
_LACKS_WINDOWS = (
    "2 file(s), and it lacks wheels for win_amd64 (cp312), which 1.0, 1.1, 1.3 have"
)
#: One release after the other came without the wheels for Windows.
_DROPPED = (
    ("1.0", _FULL),
    ("1.1", _FULL),
    ("1.2", ("sdist", _LINUX)),
    ("1.3", ("sdist", _LINUX)),
)


CASES = [
    # history-incomplete
    Case(
        history_incomplete,
        "releases that are alike",
        _releases(*((f"1.{n}", _FULL) for n in range(4))),
    ),
    Case(
        history_incomplete,
        "other versions of glibc, macOS and the ABI are the same family",
        _releases(
            ("1.0", (_LINUX, "cp38-abi3-macosx_10_9_universal2")),
            ("1.1", (_LINUX, "cp38-abi3-macosx_10_9_universal2")),
            (
                "1.2",
                (
                    "cp312-cp312-manylinux2014_x86_64",
                    "cp39-abi3-macosx_11_0_arm64",
                    "cp39-abi3-macosx_10_12_x86_64",
                ),
            ),
        ),
    ),
    Case(
        history_incomplete,
        "a release in the middle without wheels for one system",
        _NO_WINDOWS,
        says=(Says(_LACKS_WINDOWS, "demo 1.2"),),
    ),
    Case(
        history_incomplete,
        "the newest release without wheels for one system",
        _releases(*_DROPPED[:3]),
        says=(
            Says(
                "2 file(s), and it lacks wheels for win_amd64 (cp312), which 1.0, 1.1 "
                "have",
                "demo 1.2",
            ),
        ),
    ),
    Case(
        history_incomplete,
        "a system that was dropped is not told for every later release",
        _releases(*_DROPPED),
    ),
    Case(
        history_incomplete,
        "dulwich 0.20.38 to .40: releases in turn without wheels, among others with",
        _releases(
            *((f"1.{n}", ("sdist",) if n in (3, 4, 5) else _FULL) for n in range(8))
        ),
        says=tuple(Says("… 1.1, 1.2, 1.6 have", f"demo 1.{n}") for n in (3, 4, 5)),
    ),
    Case(
        history_incomplete,
        "zeroconf 0.149.0 to .2: an sdist and one wheel, three times in turn",
        _releases(
            *((f"1.{n}", _ONE_WHEEL if n in (3, 4, 5) else _WIDE) for n in range(8))
        ),
        says=tuple(
            Says(f"2 file(s), and it lacks {_REST}, which 1.1, 1.2, 1.6 have", where)
            for where in ("demo 1.3", "demo 1.4", "demo 1.5")
        ),
    ),
    Case(
        history_incomplete,
        "zeroconf 0.144.2: one wheel again, one release after the last such one",
        _releases(
            *((f"1.{n}", _ONE_WHEEL if n in (2, 4) else _WIDE) for n in range(6))
        ),
        says=(
            Says(f"… {_REST}, which 1.0, 1.1, 1.3 have", "demo 1.2"),
            Says(f"… {_REST}, which 1.1, 1.3, 1.5 have", "demo 1.4"),
        ),
    ),
    Case(
        history_incomplete,
        "the two newest with one wheel: it may be a decision, and the first was told",
        _releases(
            *((f"1.{n}", _ONE_WHEEL if n in (2, 3) else _WIDE) for n in range(4))
        ),
    ),
    Case(
        history_incomplete,
        "two releases in turn with half of the wheels: a system may pause",
        _releases(
            *(
                (f"1.{n}", ("sdist", _LINUX, _MUSL) if n in (2, 3) else _WIDE)
                for n in range(6)
            )
        ),
    ),
    Case(
        history_incomplete,
        "four releases in turn with one wheel were a decision",
        _releases(
            *((f"1.{n}", _ONE_WHEEL if n in range(3, 7) else _WIDE) for n in range(9))
        ),
    ),
    Case(
        history_incomplete,
        "four releases in turn without wheels were a decision",
        _releases(
            *((f"1.{n}", ("sdist",) if n in range(3, 7) else _FULL) for n in range(9))
        ),
    ),
    Case(
        history_incomplete,
        "a Python that is gone on every system of the newest release was dropped",
        _releases(
            *((f"1.{n}", (_LINUX, "cp39-cp39-manylinux_2_28_x86_64")) for n in (0, 1)),
            ("1.2", (_LINUX, "cp313-cp313-manylinux_2_28_x86_64")),
        ),
    ),
    Case(
        history_incomplete,
        "a Python that is gone on one system of the newest release",
        _releases(
            *(
                (
                    f"1.{n}",
                    (_LINUX, _WINDOWS, "cp39-cp39-win32", "cp39-cp39-win_amd64"),
                )
                for n in (0, 1)
            ),
            ("1.2", (_LINUX, _WINDOWS, "cp39-cp39-win32")),
        ),
        says=(Says("… it lacks wheels for win_amd64 (cp39), …", "demo 1.2"),),
    ),
    Case(
        history_incomplete,
        "the newest release without any wheel",
        _releases(("1.0", _FULL), ("1.1", _FULL), ("1.2", ("sdist",))),
        says=(
            Says(
                "… it lacks wheels for linux_x86_64 (cp312), win_amd64 (cp312), …",
                "demo 1.2",
            ),
        ),
    ),
    Case(
        history_incomplete,
        "black 23.9.0: the pure wheel only, where the neighbours have others too",
        _releases(
            *(
                (v, ("sdist", "py3-none-any", "cp311-cp311-win_amd64"))
                for v in ("23.3.0", "23.7.0", "23.9.1")
            ),
            ("23.9.0", ("sdist", "py3-none-any")),
        ),
        says=(
            Says(
                "… it lacks wheels for win_amd64 (cp311), which 23.3.0, 23.7.0, 23.9.1 "
                "have",
                "demo 23.9.0",
            ),
        ),
    ),
    *(
        Case(
            history_incomplete,
            f"the newest release turned to {what}",
            _releases(("1.0", _FULL), ("1.1", _FULL), ("1.2", ("sdist", *wheels))),
        )
        for what, wheels in {
            "a pure wheel": ["py3-none-any"],
            "the stable ABI": ["cp312-abi3-win_amd64", "cp312-abi3-linux_x86_64"],
            "programs without an ABI": ["py3-none-win_amd64", "py3-none-linux_x86_64"],
        }.items()
    ),
    Case(
        history_incomplete,
        "a release without an sdist",
        _releases(
            ("1.0", _FULL), ("1.1", _FULL), ("1.2", (_LINUX, _WINDOWS)), ("1.3", _FULL)
        ),
        says=(
            Says(
                "2 file(s), and it lacks an sdist, which 1.0, 1.1, 1.3 have", "demo 1.2"
            ),
        ),
    ),
    Case(
        history_incomplete,
        "no release has an sdist",
        _releases(*((f"1.{n}", (_LINUX,)) for n in range(4))),
    ),
    Case(
        history_incomplete,
        "an sdist that the policy forbids",
        _releases(("1.0", _FULL), ("1.1", _FULL), ("1.2", (_LINUX, _WINDOWS))),
        policy(sdist=Presence.FORBIDDEN),
    ),
    Case(
        history_incomplete,
        "two releases have no neighbours to compare with",
        _releases(("1.0", _FULL), ("1.1", ("sdist",))),
    ),
    Case(
        history_incomplete,
        "pre-, post- and dev releases are no neighbours, and are not compared",
        _releases(
            ("1.0", _FULL),
            ("1.1", _FULL),
            ("1.2rc1", ("sdist",)),
            ("1.2", _FULL),
            ("1.2.post1", ("sdist",)),
            ("1.3.dev1", ("sdist",)),
        ),
    ),
    Case(
        history_incomplete,
        "a yanked release is no neighbour, and is not compared",
        _instead(
            _releases(
                ("1.0", _FULL), ("1.1", _FULL), ("1.2", ("sdist",)), ("1.3", _FULL)
            ),
            "1.2",
            yanked=True,
        ),
    ),
    Case(
        history_incomplete,
        "a yanked release between an incomplete one and its neighbour",
        _instead(
            _releases(
                ("1.0", _FULL),
                ("1.1", _FULL),
                ("1.2", ("sdist", _LINUX)),
                ("1.2.1", ("sdist", _LINUX)),
                ("1.3", _FULL),
            ),
            "1.2.1",
            yanked=True,
        ),
        says=(Says(_LACKS_WINDOWS, "demo 1.2"),),
    ),
    Case(
        history_incomplete,
        "a newest release that came today is only told: the rest may be on its way",
        _instead(_releases(*_DROPPED[:3]), "1.2", uploaded=ago(hours=2)),
        says=(Says("… it lacks …", "demo 1.2", Severity.NOTICE),),
    ),
    Case(
        history_incomplete,
        "a release of more than 90 days ago is only told",
        _instead(_NO_WINDOWS, "1.2", uploaded=ago(days=91)),
        says=(Says(_LACKS_WINDOWS, "demo 1.2", Severity.NOTICE),),
    ),
    Case(
        history_incomplete,
        "a release below the baseline is only told",
        _NO_WINDOWS,
        _from("1.3"),
        (Says(_LACKS_WINDOWS, "demo 1.2", Severity.NOTICE),),
    ),
    Case(
        history_incomplete,
        "a release of which nobody knows when it came",
        _instead(_NO_WINDOWS, "1.2", uploaded=None),
        says=(Says(_LACKS_WINDOWS, "demo 1.2"),),
    ),
    Case(
        history_incomplete,
        "a name with more systems than any wheel has serves none",
        _releases(
            ("1.0", _FULL),
            ("1.1", _FULL),
            ("1.2", ("sdist", ".".join(f"cp{n}" for n in range(40)) + "-none-a.b.c")),
        ),
        says=(Says("… lacks wheels for linux_x86_64 (cp312), …", "demo 1.2"),),
    ),
]

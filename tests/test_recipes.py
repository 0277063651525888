"""The recipes for nox, tox, make and pre-commit run, and do the same."""

from __future__ import annotations

import ast
import configparser
import os
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import forge
import projects
import pytest
import yaml

import release_guard
from release_guard.cli import parse

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
_BIN = Path(sys.executable).parent
_DIST = "{env_tmp_dir}{/}dist"


@pytest.fixture(name="project")
def _project(tmp_path: Path) -> Path:
    """A project between two releases."""
    at = forge.Repository(tmp_path / "project")
    projects.commit(at, "1.0.1.dev0")
    return at.folder


def _run(
    command: list[str], folder: Path, environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join((str(_BIN), os.environ["PATH"]))
    given = {**os.environ, "PATH": path, **(environ or {})}
    return subprocess.run(
        command,
        cwd=folder,
        env=given,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


def _tox() -> configparser.SectionProxy:
    read = configparser.ConfigParser(interpolation=None)
    read.read(EXAMPLES / "tox.ini", encoding="utf-8")
    return read["testenv:release"]


def _commands_of_tox() -> list[list[str]]:
    lines = (shlex.split(line) for line in _tox()["commands"].strip().splitlines())
    return [[word.replace(_DIST, "DIST") for word in line] for line in lines]


def _calls(name: str) -> list[list[str]]:
    """What the noxfile gives to a method of its session."""
    tree = ast.parse((EXAMPLES / "noxfile.py").read_text(encoding="utf-8"))
    calls = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and ast.unparse(node.func) == f"session.{name}"
    ]
    return [
        [str(a.value) if isinstance(a, ast.Constant) else "DIST" for a in call.args]
        for call in calls
    ]


def test_nox_and_tox_do_the_same() -> None:
    assert _calls("run") == _commands_of_tox()
    assert _calls("install") == [_tox()["deps"].split()]


@pytest.mark.workflows
def test_the_commands_rehearse_a_release(project: Path, tmp_path: Path) -> None:
    for command in _commands_of_tox():
        words = [word.replace("DIST", str(tmp_path / "dist")) for word in command]
        if words[:3] == ["python", "-m", "build"]:
            # Its environment would be fetched; its backend is here.
            words.insert(3, "--no-isolation")

        ended = _run(words, project)

        assert ended.returncode == 0, ended.stdout
    assert "PASS" in ended.stdout


@pytest.mark.workflows
def test_make_rehearses_a_release_without_what_was_built_before(project: Path) -> None:
    (project / "dist").mkdir()
    (project / "dist" / "other-9-py3-none-any.whl").write_bytes(b"")
    build = f"BUILD={sys.executable} -m build --no-isolation"

    ended = _run(
        ["make", "-f", str(EXAMPLES / "release.mk"), "rehearse", build], project
    )

    assert ended.returncode == 0, ended.stdout
    assert "PASS" in ended.stdout


# --- pre-commit ---------------------------------------------------------------------


def _hooks() -> list[dict[str, Any]]:
    text = (ROOT / ".pre-commit-hooks.yaml").read_text(encoding="utf-8")
    hooks: list[dict[str, Any]] = yaml.safe_load(text)
    return hooks


#: What pre-commit reads of a hook (pre_commit/clientlib.py), as far as we say it.
_KEYS = {"id", "name", "description", "entry", "language", "stages"}
_KEYS |= {"always_run", "pass_filenames", "additional_dependencies"}


def test_each_hook_says_what_pre_commit_reads() -> None:
    for hook in _hooks():
        assert {"id", "name", "entry", "language"} <= set(hook) <= _KEYS
        assert hook["language"] == "python"
        assert (hook["always_run"], hook["pass_filenames"]) == (True, False)
        # Nothing is built at a commit: a hook that runs then would stop every one.
        assert hook["stages"] == ["manual"]


def test_what_a_hook_needs_beyond_the_package_is_an_extra_of_it() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = project["optional-dependencies"]

    found = {hook["id"]: hook.get("additional_dependencies", []) for hook in _hooks()}

    assert found == {
        "release-guard-check": [],
        "release-guard-rehearse": extras["rehearse"],
    }


@pytest.mark.workflows
@pytest.mark.parametrize("hook", _hooks(), ids=lambda hook: str(hook["id"]))
def test_a_hook_is_a_command_of_ours_that_judges_what_is_built(
    hook: Mapping[str, Any], project: Path
) -> None:
    program, *words = shlex.split(hook["entry"])
    assert (
        program
        in tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["scripts"]
    )
    parse(words)
    nothing = _run([program, *words], project)
    assert nothing.returncode == 3, nothing.stdout

    _run([sys.executable, "-m", "build", "--no-isolation"], project)
    (project / ".github").mkdir()
    (project / ".github" / "release-guard.yml").write_text("index: testpypi\n")
    built = _run([program, *words], project)

    assert built.returncode == 0, built.stdout


def test_a_configuration_uses_the_hooks_that_there_are() -> None:
    text = (EXAMPLES / "pre-commit-config.yaml").read_text(encoding="utf-8")
    (_, ours) = yaml.safe_load(text)["repos"]

    assert ours["rev"] == f"v{release_guard.__version__}"
    assert [h["id"] for h in ours["hooks"]] == [hook["id"] for hook in _hooks()]


_PINNED = re.compile(r"release-guard(?:\[\w+\])?==([\w.]+)")


def test_the_version_that_is_pinned_is_this_one() -> None:
    pages = [*(ROOT / "docs").rglob("*.md"), *EXAMPLES.rglob("*"), ROOT / "README.md"]
    pinned = {
        (path.name, version)
        for path in pages
        if path.is_file() and "__pycache__" not in path.parts
        for version in _PINNED.findall(path.read_text(encoding="utf-8"))
    }

    assert {version for _, version in pinned} == {release_guard.__version__}


# --- as people run them -------------------------------------------------------------


def _environment(folder: Path, *wanted: str) -> Path:
    """A new environment with tools of the index; gives its programs."""
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    bin_ = folder / "bin"
    pip = [str(bin_ / "python"), "-m", "pip", "install", "--quiet", *wanted]
    subprocess.run(pip, check=True)
    return bin_


def _wheel_of_ours(folder: Path) -> dict[str, str]:
    """This release-guard where pip finds it: no index has it yet."""
    build = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "-o"]
    subprocess.run([*build, str(folder), str(ROOT)], check=True, capture_output=True)
    links = [str(folder), os.environ.get("PIP_FIND_LINKS", "")]
    return {"PIP_FIND_LINKS": " ".join(filter(None, links))}


@pytest.mark.builds
@pytest.mark.parametrize("tool", ["nox", "tox"])
def test_the_tool_itself_rehearses_a_release(
    project: Path, tmp_path: Path, tool: str
) -> None:
    programs = _environment(tmp_path / "env", tool)
    environ = _wheel_of_ours(tmp_path / "wheel")
    name = {"nox": "noxfile.py", "tox": "tox.ini"}[tool]
    shutil.copy(EXAMPLES / name, project)
    words = {"nox": ["-s", "release"], "tox": ["-e", "release"]}[tool]

    ended = _run([str(programs / tool), *words], project, environ)

    assert ended.returncode == 0, ended.stdout
    assert "release-guard rehearse: PASS" in ended.stdout


@pytest.mark.builds
def test_pre_commit_itself_runs_the_hooks(project: Path, tmp_path: Path) -> None:
    programs = _environment(tmp_path / "env", "pre-commit")
    pre_commit = str(programs / "pre-commit")
    ours = forge.Repository(tmp_path / "ours")
    shutil.copytree(ROOT / "src", ours.folder / "src")
    for name in ("pyproject.toml", "README.md", "LICENSE", ".pre-commit-hooks.yaml"):
        shutil.copy(ROOT / name, ours.folder)
    ours.git("add", "--all")
    ours.commit("Ours")
    ours.tag("v0")
    config = (EXAMPLES / "pre-commit-config.yaml").read_text(encoding="utf-8")
    (_, mine) = yaml.safe_load(config)["repos"]
    mine |= {"repo": str(ours.folder), "rev": "v0"}
    (project / ".pre-commit-config.yaml").write_text(yaml.safe_dump({"repos": [mine]}))
    environ = {"PRE_COMMIT_HOME": str(tmp_path / "cache")}
    for validated in (
        ["validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")],
        ["validate-config", str(EXAMPLES / "pre-commit-config.yaml")],
    ):
        assert _run([pre_commit, *validated], project).returncode == 0
    run = [pre_commit, "run", "--all-files", "--verbose", "--hook-stage", "manual"]

    before = _run([*run, "release-guard-check"], project, environ)
    assert before.returncode == 1, before.stdout
    assert "exit code: 3" in before.stdout

    _run([sys.executable, "-m", "build", "--no-isolation"], project)
    after = _run([*run, "release-guard-rehearse"], project, environ)
    assert after.returncode == 0, after.stdout

"""What a new user does, from an empty repository to the index, works as it is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import checkouts
import forge
import indexes
import newcomer
import pytest
import sound
from runner.walk import Settings, Use, walk

from release_guard.cli import main

pytestmark = pytest.mark.builds


@pytest.fixture(name="acts", scope="module")
def _acts(tmp_path_factory: pytest.TempPathFactory) -> dict[str, newcomer.Played]:
    folder: Path = tmp_path_factory.mktemp("newcomer")
    return {act.name: act for act in newcomer.play(folder)}


def test_every_command_succeeds(acts: dict[str, newcomer.Played]) -> None:
    assert {name: act.code for name, act in acts.items()} == dict.fromkeys(acts, 0)


def test_the_first_release_goes_all_the_way(acts: dict[str, newcomer.Played]) -> None:
    run = acts["run v0.1.0"]

    assert run.jobs == dict.fromkeys(["build", "guard", "publish", "verify"], "success")


def test_only_the_job_of_the_protected_environment_may_upload(
    acts: dict[str, newcomer.Played],
) -> None:
    may = {
        (step.job, step.environment)
        for step in acts["run v0.1.0"].steps
        if "id-token" in step.permissions
    }

    assert may == {("publish", "pypi")}


def test_the_accident_ends_at_the_guard(acts: dict[str, newcomer.Played]) -> None:
    run = acts["run v0.2.0"]

    assert run.jobs == {
        "build": "success",
        "guard": "failure",
        "publish": "skipped",
        "verify": "skipped",
    }
    (guard,) = [step for step in run.steps if step.outcome == "failure"]
    assert guard.code == 1
    assert "version-kind" in guard.log


def test_the_page_is_what_was_played(acts: dict[str, newcomer.Played]) -> None:
    told = newcomer.PAGE.read_text(encoding="utf-8")
    page = newcomer.page(tuple(acts.values()), newcomer.bound(told))

    assert told == page, "make transcript"


def test_no_page_tells_of_a_release_that_went_wrong(
    acts: dict[str, newcomer.Played],
) -> None:
    steps = acts["run v0.2.0"].steps
    played = {**acts, "run v0.1.0": replace(acts["run v0.1.0"], steps=steps)}

    with pytest.raises(ValueError, match=r"otherwise than the page says: run v0\.1\.0"):
        newcomer.page(tuple(played.values()), 30)


@pytest.mark.parametrize(
    ("told", "taken", "seconds"),
    [
        pytest.param("in under\n60 seconds", 12, 60, id="what is told holds"),
        pytest.param("in under 30 seconds", 31, 60, id="it takes longer than told"),
        pytest.param("nothing", 12, 30, id="nothing is told"),
    ],
)
def test_the_time_that_is_told_is_a_bound(
    told: str, taken: float, seconds: int
) -> None:
    assert newcomer.bound(told, taken) == seconds


# --- wheels for some platforms ------------------------------------------------------

#: What each job of the matrix has built, by its runner and its machine.
_BUILT = {
    "x86_64 ubuntu-latest": "cp312-cp312-manylinux_2_17_x86_64",
    "aarch64 ubuntu-24.04-arm": "cp312-cp312-manylinux_2_17_aarch64",
    "x86_64 macos-15-intel": "cp312-cp312-macosx_11_0_x86_64",
    "arm64 macos-latest": "cp312-cp312-macosx_11_0_arm64",
    "AMD64 windows-latest": "cp312-cp312-win_amd64",
}


def test_wheels_of_a_matrix_meet_at_the_guard(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    at = forge.Repository(tmp_path / "work", "org/demo")
    files = {"pyproject.toml": _PYPROJECT, "demo.py": '"""Demo."""\n'}
    checkouts.commit(at, files)
    sound.wheel(
        _made(at.folder / "dist"), "1.0", "demo", _BUILT["AMD64 windows-latest"]
    )
    monkeypatch.chdir(at.folder)
    assert main(["init", "--offline"]) == 0
    checkouts.write(at.folder, {".gitignore": "dist/\n"})
    checkouts.commit(at, {})
    at.tag("v1.0")
    jobs = iter(_BUILT.values())

    def build(use: Use) -> dict[str, str]:
        sound.wheel(_made(use.workspace / "wheelhouse"), "1.0", "demo", next(jobs))
        return {}

    with indexes.pypiserver(tmp_path / "served") as url:
        steps = walk(
            at.folder / ".github" / "workflows" / "publish.yml",
            at.folder,
            at.push("refs/tags/v1.0"),
            url,
            Settings(actions={"pypa/cibuildwheel": build}),
        )

    failed = [(step.job, step.name, step.log) for step in steps if step.code]
    assert failed == []
    assert {step.outcome for step in steps} == {"success"}
    assert sorted(path.name for path in (tmp_path / "served").iterdir()) == sorted(
        ["demo-1.0.tar.gz", *(f"demo-1.0-{tags}.whl" for tags in _BUILT.values())]
    )


_PYPROJECT = """\
[build-system]
requires = ["flit_core>=3.12,<5"]
build-backend = "flit_core.buildapi"

[project]
name = "demo"
version = "1.0"
description = "A demonstration"
requires-python = ">=3.9"
"""


def _made(folder: Path) -> Path:
    folder.mkdir(exist_ok=True)
    return folder

"""A release that a real backend built, from a real repository, with its event."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import projects
import pytest
from forge import Repository, Run

from release_guard.cli import main


@pytest.fixture(name="repository")
def _repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


@pytest.fixture(name="dist", scope="module")
def _dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A wheel and an sdist of 1.2.0."""
    return projects.build(projects.BACKENDS["flit"], tmp_path_factory.mktemp("build"))


Check = Callable[[Path, Run], int]


@pytest.fixture(name="check")
def _check(dist: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """The exit code of a check in a folder, with the variables of a run."""

    def check(folder: Path, run: Run) -> int:
        for name, value in run.environ.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(folder)
        manifest = str(tmp_path / "manifest.json")
        return main(["check", "--offline", "--manifest", manifest, str(dist)])

    return check


@pytest.mark.parametrize("annotated", [True, False], ids=["annotated", "lightweight"])
def test_the_push_of_a_release_tag_passes_and_names_tag_and_commit(
    repository: Repository, annotated: bool, check: Check, tmp_path: Path
) -> None:
    repository.tag("v1.2.0", annotated=annotated)

    assert check(repository.folder, repository.push("refs/tags/v1.2.0")) == 0

    predicate = json.loads((tmp_path / "manifest.json").read_text())["predicate"]
    assert predicate["tag"] == "v1.2.0"
    assert predicate["commit"] == repository.head("HEAD")


def test_a_branch_that_is_called_like_a_tag_is_no_release_tag(
    repository: Repository,
    check: Check,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    repository.git("branch", "v1.2.0")

    assert check(repository.folder, repository.push("refs/heads/v1.2.0")) == 1

    assert "error: tag-missing" in capsys.readouterr().out
    assert not (tmp_path / "manifest.json").exists()


def test_without_a_checkout_a_branch_leaves_the_tag_open(
    repository: Repository,
    check: Check,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    repository.git("branch", "v1.2.0")

    assert check(tmp_path, repository.push("refs/heads/v1.2.0")) == 3

    told = f"names no tag, and there is no checkout in {tmp_path}"
    assert told in capsys.readouterr().out
    assert not (tmp_path / "manifest.json").exists()


def test_the_tag_of_another_version_is_refused_for_every_file(
    repository: Repository,
    dist: Path,
    check: Check,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repository.tag("v1.3.0")

    assert check(repository.folder, repository.push("refs/tags/v1.3.0")) == 1

    out = capsys.readouterr().out
    says = "has the version 1.2.0, the tag 'v1.3.0' says 1.3.0"
    names = sorted(path.name for path in dist.iterdir())
    assert "\n    ".join([f"  each of 2 files: {says}", *names]) in out

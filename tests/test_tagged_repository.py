"""A release from a real git repository, with the event that the forge makes of it."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import projects
import pytest

from release_guard.cli import main


class Repository:
    """A git repository, and the runner's variables for what happens in it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        folder.mkdir()
        self.git("init", "--quiet", "--initial-branch", "main")
        self.git("commit", "--quiet", "--allow-empty", "--message", "Begin")

    def git(self, *words: str) -> str:
        """What git prints, apart from the user's own settings."""
        identity = {"NAME": "Test", "EMAIL": "test@index.example"}
        people = {
            f"GIT_{role}_{key}": value
            for role in ("AUTHOR", "COMMITTER")
            for key, value in identity.items()
        }
        environ = os.environ | people | {"GIT_CONFIG_GLOBAL": os.devnull}
        done = subprocess.run(
            ["git", "-C", str(self.folder), *words],
            env=environ | {"GIT_CONFIG_NOSYSTEM": "1"},
            capture_output=True,
            text=True,
            check=True,
        )
        return done.stdout.strip()

    def push(self, ref: str) -> dict[str, str]:
        """The environment of the workflow that a push of ``ref`` starts."""
        payload = {
            "ref": ref,
            "before": "0" * 40,
            # Of an annotated tag this is the tag object, not the commit.
            "after": self.git("rev-parse", ref),
            "deleted": False,
        }
        path = self.folder / "event.json"
        path.write_text(json.dumps(payload))
        return {
            "GITHUB_ACTIONS": "true",
            "GITHUB_EVENT_NAME": "push",
            "GITHUB_EVENT_PATH": str(path),
            "GITHUB_REF": ref,
            "GITHUB_SHA": self.git("rev-parse", f"{ref}^{{commit}}"),
            "GITHUB_REPOSITORY": "org/demo",
        }


@pytest.fixture(name="repository")
def _repository(tmp_path: Path) -> Repository:
    return Repository(tmp_path / "repository")


def _check(
    dist: Path, environ: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, Path]:
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    manifest = dist.parent / "manifest.json"
    return main(
        ["check", "--offline", "--manifest", str(manifest), str(dist)]
    ), manifest


@pytest.mark.parametrize("annotated", [True, False], ids=["annotated", "lightweight"])
def test_the_push_of_a_release_tag_passes_and_names_tag_and_commit(
    repository: Repository,
    annotated: bool,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    kind = ["--annotate", "--message", "1.2.0"] if annotated else []
    repository.git("tag", *kind, "v1.2.0")
    dist = projects.build(projects.BACKENDS["flit"], tmp_path)

    code, manifest = _check(dist, repository.push("refs/tags/v1.2.0"), monkeypatch)

    assert code == 0
    predicate = json.loads(manifest.read_text())["predicate"]
    assert predicate["tag"] == "v1.2.0"
    assert predicate["commit"] == repository.git("rev-parse", "HEAD")


def test_a_branch_that_is_called_like_a_tag_is_no_release_tag(
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repository.git("branch", "v1.2.0")
    dist = projects.build(projects.BACKENDS["flit"], tmp_path)

    code, manifest = _check(dist, repository.push("refs/heads/v1.2.0"), monkeypatch)

    assert code == 1
    assert "error: tag-missing" in capsys.readouterr().out
    assert not manifest.exists()


def test_the_tag_of_another_version_is_refused_for_every_file(
    repository: Repository,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    repository.git("tag", "v1.3.0")
    dist = projects.build(projects.BACKENDS["flit"], tmp_path)

    code, _ = _check(dist, repository.push("refs/tags/v1.3.0"), monkeypatch)

    out = capsys.readouterr().out
    assert code == 1
    for path in dist.iterdir():
        assert f"{path.name}: has the version 1.2.0, the tag 'v1.3.0' says 1.3.0" in out

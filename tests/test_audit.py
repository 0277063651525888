"""``audit``: an index's versions against the tags, and nothing passes unread."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sound
from forge import Repository

from release_guard.cli import main


@pytest.fixture(name="index")
def _index() -> Iterator[sound.Index]:
    with sound.serving() as index:
        yield index


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with a tag of 1.0, which is the working folder."""
    repository = Repository(tmp_path / "checkout")
    repository.tag("v1.0", annotated=True)
    monkeypatch.chdir(repository.folder)
    return repository


@pytest.fixture
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working folder lies in no repository."""
    monkeypatch.chdir(tmp_path)


def _lists(index: sound.Index, *versions: str) -> None:
    files = [
        {"filename": f"demo-{version}.tar.gz", "url": "x", "hashes": {}}
        for version in versions
    ]
    page = {"meta": {"api-version": "1.1"}, "name": "demo", "files": files}
    index.says(sound.Reply(json.dumps(page).encode()))


def _audit(
    index: sound.Index, capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, dict[str, Any]]:
    code = main(["audit", *words, "--index-url", index.root, "--format", "json"])
    return code, json.loads(capsys.readouterr().out)


def test_every_version_comes_from_a_tag(
    checkout: Repository, index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _lists(index, "1.0")
    code, report = _audit(index, capsys, "Demo")

    assert (code, report["verdict"], report["examined"]) == (0, "pass", ["demo"])
    assert index.asked == ["/simple/demo/"]


def test_a_version_that_came_from_nowhere_is_an_alarm(
    checkout: Repository, index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _lists(index, "1.0", "1.1.dev0")
    code, report = _audit(index, capsys, "demo")

    assert (code, report["verdict"]) == (1, "fail")
    assert [(f["rule"], f["subject"]) for f in report["findings"]] == [
        ("release-untagged", "demo 1.1.dev0"),
        ("history-version-kind", "demo 1.1.dev0"),
    ]


def test_the_tags_may_be_a_list_or_another_checkout(
    checkout: Repository,
    index: sound.Index,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _lists(index, "1.0")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tags.txt").write_text("v1.0\n")

    assert _audit(index, capsys, "demo", "--tags", "tags.txt")[0] == 0
    assert _audit(index, capsys, "demo", "--repo", "checkout")[0] == 0


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["demo"], 3, "there is no checkout"),
        (["demo", "--tags", "none.txt"], 3, "there are no tags to compare with"),
        (["demo", "--tags", "missing.txt"], 3, "missing.txt: is not there"),
        (["demo", "--tags", "tags.txt", "--repo", "."], 2, "exclude each other"),
        (["unknown", "--tags", "tags.txt"], 3, "the index does not know it"),
        (["empty", "--tags", "tags.txt"], 3, "the index lists no file of it"),
        (["-", "--tags", "tags.txt"], 2, "expected the name of a project, found '-'"),
        ([], 2, "expected the name of a project, found ''"),
    ],
)
@pytest.mark.usefixtures("_elsewhere")
def test_what_cannot_be_compared_is_no_pass(
    words: list[str],
    code: int,
    said: str,
    index: sound.Index,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("tags.txt").write_text("v1.0\n")
    Path("none.txt").write_text("\n")
    page = {"meta": {"api-version": "1.1"}, "name": "empty", "files": []}
    index.says(sound.Reply(json.dumps(page).encode()), project="empty")
    _lists(index, "1.0")

    found, report = _audit(index, capsys, *words)

    assert (found, report["verdict"]) == (code, "undecided")
    assert said in report["error"]["message"]


def test_the_report_is_about_the_project(
    checkout: Repository, index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _lists(index, "1.0")
    main(["audit", "demo", "--index-url", index.root])

    head = capsys.readouterr().out.partition("\n")[0]
    assert re.fullmatch(
        r"release-guard audit: PASS - demo for an unnamed index \(.*3 rules.*\)", head
    )

"""``check --against`` with an index: what of the set does it still lack?"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sound

from release_guard.cli import main

_WHEEL, _SDIST = "demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz"
_POLICY = """\
indexes:
  ours: {{simple-url: "{root}", repository-url: "{url}/", require-tag: false}}
index: ours
"""


@pytest.fixture(name="index")
def _index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[sound.Index]:
    """An index that knows nothing of demo 1.0, which passed its check for it."""
    monkeypatch.chdir(tmp_path)
    sound.pair(Path("dist"))
    with sound.serving() as index:
        policy = _POLICY.format(root=index.root, url=index.url)
        Path(".github").mkdir()
        Path(".github/release-guard.yml").write_text(policy)
        index.says(sound.listing())
        assert main(["check", "--format", "json"]) == 0
        index.asked.clear()
        yield index


def _against(
    capsys: pytest.CaptureFixture[str], *words: str
) -> tuple[int, dict[str, Any]]:
    capsys.readouterr()
    against = ["check", "--against", "release-manifest.json", "--format", "json"]
    code = main([*against, *words])
    return code, json.loads(capsys.readouterr().out)


def _found(report: dict[str, Any]) -> set[tuple[str, str]]:
    return {(finding["rule"], finding["subject"]) for finding in report["findings"]}


def test_before_the_first_upload_all_is_to_be_uploaded(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = _against(capsys)
    assert (code, report["to_upload"]) == (0, [_WHEEL, _SDIST])
    assert index.asked == ["/simple/demo/"]


def test_after_a_broken_upload_only_the_rest_is_to_be_uploaded(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    index.says(sound.listing(Path("dist", _WHEEL)))
    code, report = _against(capsys)
    assert (code, report["to_upload"]) == (0, [_SDIST])
    assert ("file-exists", _WHEEL) in _found(report)


def test_when_all_is_there_nothing_is_to_be_uploaded(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    index.says(sound.listing(Path("dist", _WHEEL), Path("dist", _SDIST)))
    code, report = _against(capsys)
    assert (code, report["to_upload"]) == (0, [])


def test_a_file_that_went_out_with_other_bytes_ends_it(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    wrong = sound.indexed(Path("dist", _WHEEL), hashes={"sha256": "0" * 64})
    index.says(sound.listing(wrong))
    code, report = _against(capsys)
    assert code == 1
    assert ("file-exists", _WHEEL) in _found(report)


@pytest.mark.parametrize(
    "reply",
    [
        sound.Reply(b"busy", status=503),
        sound.Reply(b"<html>log in</html>", content_type="text/html"),
        sound.Reply(b"{}", content_type="application/json"),
    ],
    ids=["unreachable", "a login page", "no listing"],
)
def test_an_index_that_tells_nothing_leaves_open_what_is_to_be_uploaded(
    reply: sound.Reply, index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    index.says(reply)
    code, report = _against(capsys)
    assert (code, report["to_upload"]) == (3, None)


def test_offline_nothing_is_asked_and_nothing_is_said_of_the_upload(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    code, report = _against(capsys, "--offline")
    assert (code, report["to_upload"], index.asked) == (0, None, [])


def test_an_index_that_is_not_known_here_is_not_asked(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    Path(".github/release-guard.yml").unlink()
    code, report = _against(capsys)
    reasons = {item["rule"]: item["reason"] for item in report["not_run"]}
    assert (code, report["to_upload"], index.asked) == (0, None, [])
    assert "not known here" in reasons["file-exists"]


def test_a_changed_file_is_told_whatever_the_index_says(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("dist", _SDIST).write_bytes(b"other")
    index.says(sound.Reply(b"busy", status=503))
    code, report = _against(capsys)
    assert code == 1
    assert ("set-changed", _SDIST) in _found(report)


@pytest.mark.parametrize("status", [404, 503])
def test_a_file_without_a_hash_that_cannot_be_had_leaves_it_open(
    status: int, index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = sound.indexed(Path("dist", _WHEEL), hashes={}, url="/files/" + _WHEEL)
    index.says(sound.listing(bare))
    index.replies["/files/" + _WHEEL] = [sound.Reply(b"", status=status)]
    code, report = _against(capsys)
    assert (code, report["to_upload"]) == (3, None)


def test_a_file_without_a_hash_is_downloaded_and_compared(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = sound.indexed(Path("dist", _WHEEL), hashes={}, url="/files/" + _WHEEL)
    index.says(sound.listing(bare))
    index.serves(Path("dist", _WHEEL))
    code, report = _against(capsys)
    assert (code, report["to_upload"]) == (0, [_SDIST])


def test_a_stranger_that_came_since_the_check_ends_it(
    index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = sound.indexed(Path("dist", _SDIST), filename="demo-1.0.zip", url="z")
    index.says(sound.listing(stranger))
    code, report = _against(capsys)
    assert code == 1
    assert ("index-changed", "demo-1.0.zip") in _found(report)

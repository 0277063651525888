"""Reports for a CI system: a pure document, a file with the log beside it, and the exit
code that the text has too.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
import sound

from release_guard import cli
from release_guard.findings import Verdict
from release_guard.options import OPTIONS

_VERDICTS = {0: Verdict.PASS, 1: Verdict.FAIL, 3: Verdict.UNDECIDED}


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    sound.pair(tmp_path / "dist")


def _json(text: str) -> str:
    document: dict[str, Any] = json.loads(text)
    return str(document["verdict"])


def _junit(text: str) -> str:
    root = ET.fromstring(text.encode())
    if root.get("failures") != "0":
        return Verdict.FAIL
    return Verdict.PASS if root.get("errors") == "0" else Verdict.UNDECIDED


def _gitlab(text: str) -> str:
    blockers = [entry for entry in json.loads(text) if entry["severity"] == "blocker"]
    is_open = all(e["check_name"] == "release-guard/not-decided" for e in blockers)
    if not blockers:
        return Verdict.PASS
    return Verdict.UNDECIDED if is_open else Verdict.FAIL


@dataclass(frozen=True)
class Format:
    """A format for programs, and how one reads the verdict from it."""

    name: str
    verdict: Callable[[str], str]


_FORMATS = (Format("json", _json), Format("junit", _junit), Format("gitlab", _gitlab))
#: What a run ends with, and the words for it.
_RUNS = {
    "a pass": ("check --offline", 0),
    "a refusal": ("check --offline --tag v2", 1),
    "nothing there": ("check nowhere", 3),
    "an index that is not reached": ("check --index-url http://127.0.0.1:9/simple/", 3),
}


def test_every_format_for_programs_is_known_here() -> None:
    choices = {choice for o in OPTIONS if "check" in o.commands for choice in o.choices}

    assert choices - {"text", "github", "html"} == {how.name for how in _FORMATS}


@pytest.mark.parametrize("how", _FORMATS, ids=lambda how: str(how.name))
@pytest.mark.parametrize(("words", "code"), _RUNS.values(), ids=list(_RUNS))
def test_standard_output_has_the_document_and_nothing_else(
    capsys: pytest.CaptureFixture[str], how: Format, words: str, code: int
) -> None:
    ended = cli.main([*words.split(), "--format", how.name])

    assert ended == code
    assert how.verdict(capsys.readouterr().out) == _VERDICTS[code]


@pytest.mark.parametrize("how", _FORMATS, ids=lambda how: str(how.name))
@pytest.mark.parametrize(("words", "code"), _RUNS.values(), ids=list(_RUNS))
def test_with_a_file_the_log_says_why(
    capsys: pytest.CaptureFixture[str], how: Format, words: str, code: int
) -> None:
    ended = cli.main([*words.split(), "--format", how.name, "--output", "report"])

    assert ended == code
    out, err = capsys.readouterr()
    assert out == ""
    assert how.verdict(Path("report").read_text("utf-8")) == _VERDICTS[code]
    if words == "check nowhere":
        # There was no job to report on: one line says it, as without a file.
        assert err.startswith("release-guard: ")
    else:
        assert f"release-guard check: {_VERDICTS[code].value.upper()}" in err


def test_text_in_a_file_is_not_told_twice(capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check", "--offline", "--output", "report.txt"]) == 0

    assert "release-guard check: PASS" in Path("report.txt").read_text("utf-8")
    assert "release-guard check" not in capsys.readouterr().err


def _passed(text: str) -> set[str]:
    root = ET.fromstring(text.encode())
    told = {"failure", "error", "skipped"}
    return {
        case.get("name", "")
        for case in root.iter("testcase")
        if not told & {child.tag for child in case}
    }


def test_each_rule_that_ran_is_a_case_of_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["check", "--offline", "--format", "junit"]) == 0

    passed = _passed(capsys.readouterr().out)
    assert {"verdict", "archive-unreadable", "metadata-invalid"} <= passed
    assert "file-exists" not in passed, "it needs the index, which was not asked"


def test_a_rehearsal_has_the_rules_of_all_its_steps(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert cli.main(["rehearse", "--format", "junit"]) == 0

    passed = _passed(capsys.readouterr().out)
    assert {"archive-unreadable", "published-missing"} <= passed

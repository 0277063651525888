"""What a job tells while it runs: each step, and nothing is lost by telling it."""

from __future__ import annotations

from pathlib import Path

import pytest
import sound
from hypothesis import given
from hypothesis import strategies as st

from release_guard import run
from release_guard.findings import Advance, Look, Verdict
from release_guard.jobs.common import step_by_step
from release_guard.options import Options

_FILES = ("demo-1.0-py3-none-any.whl", "demo-1.0.tar.gz")


@given(st.lists(st.text()), st.lists(st.integers(0)))
def test_all_results_come_whatever_they_are_called(
    names: list[str], results: list[int]
) -> None:
    told: list[Advance] = []

    found = step_by_step(told.append, "reading", names, results, lambda size: size)

    assert list(found) == results
    assert [step.name for step in told] == names


def test_a_step_is_told_before_its_result_is_waited_for() -> None:
    told: list[Advance] = []
    steps = step_by_step(told.append, "reading", "ab", iter([5, 7]), lambda size: size)

    assert next(steps) == 5
    assert told == [Advance("reading", "a", 1, 2, 0)]
    assert next(steps) == 7
    assert told[1:] == [Advance("reading", "b", 2, 2, 5)]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A folder to work in, and the sound pair in its ``dist``."""
    monkeypatch.chdir(tmp_path)
    return sound.pair(Path("dist"))


def _told(options: Options) -> list[tuple[str, str, int, int]]:
    steps: list[Look | Advance] = []
    answer = run.run(options, {"no_proxy": "127.0.0.1"}, steps.append)
    assert answer.report.verdict is Verdict.PASS
    return [
        (step.doing, step.name, step.number, step.of)
        for step in steps
        if isinstance(step, Advance)
    ]


_READ = [("reading file", name, number, 2) for number, name in enumerate(_FILES, 1)]


def test_a_check_tells_each_file_and_whom_it_asks(
    folder: list[Path], tmp_path: Path
) -> None:
    before = sound.sdist(tmp_path, "0.9")
    with sound.serving() as index:
        index.says(sound.listing(before))
        index.serves(before)
        told = _told(Options("check", index_url=index.root))

    assert told == [
        *_READ,
        ("asking the index about", "demo", 0, 0),
        ("reading the last release,", "demo 0.9", 0, 0),
    ]


def test_a_recheck_tells_each_file(folder: list[Path]) -> None:
    with sound.serving() as index:
        index.says(sound.listing())
        policy = Path("policy.yml")
        policy.write_text(f"indexes: {{own: {{simple-url: '{index.root}'}}}}")
        given = Options("check", policy=policy, index="own")
        _told(given)
        told = _told(Options("check", policy=policy, against=given.manifest_path))

    assert told[:2] == _READ


def test_a_verification_tells_each_file_that_is_read_or_downloaded(
    folder: list[Path],
) -> None:
    with sound.serving() as index:
        index.says(sound.listing(*folder))
        index.serves(*folder)
        told = _told(
            Options("verify", dist=(Path("dist"),), index_url=index.root, download=True)
        )

    assert told[:2] == _READ
    assert sorted(told[2:]) == [
        ("downloading file", name, number, 2) for number, name in enumerate(_FILES, 1)
    ]


def test_an_audit_tells_each_place_of_tags_and_each_project(
    folder: list[Path],
) -> None:
    Path("tags.txt").write_text("v1.0\n")
    with sound.serving() as index:
        for project in ("demo", "other"):
            files = sound.pair(Path(project), project=project)
            index.says(sound.listing(*files, project=project), project=project)
        told = _told(
            Options(
                "audit",
                project=("demo", "other"),
                tags=Path("tags.txt"),
                index_url=index.root,
            )
        )

    assert told == [
        ("reading tags", "tags.txt", 1, 1),
        ("auditing project", "demo", 1, 2),
        ("auditing project", "other", 2, 2),
    ]


def test_a_check_of_what_is_required_tells_each_project_that_is_looked_up(
    folder: list[Path],
) -> None:
    requires = "Requires-Dist: other==1.0\nDescription-Content-Type: text/plain\n\nx\n"
    sound.wheel(Path("dist"), description=requires)
    Path("policy.yml").write_text("rules: {metadata-disagrees: notice}")
    with sound.serving() as index:
        index.says(sound.listing())
        other = sound.sdist(Path(), "1.0", "other")
        index.says(sound.listing(other, project="other"), project="other")
        steps: list[Look | Advance] = []
        options = Options("check", index_url=index.root)
        run.run(options, {"no_proxy": "127.0.0.1"}, steps.append)

    assert steps[-1] == Advance("looking up requirement", "other", 1, 1)

"""The action in its image, put through every scenario of the table."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import pytest
from container import engines
from container.scenarios import SCENARIOS, Scenario
from container.stage import ROOT, TAG, Stage, opened
from forge import Repository
from runner import metadata
from runner.environment import CANARIES
from runner.job import Step
from runner.log import commands

Outcome = tuple[Stage, Step]
#: What the action may leave in a workspace.
_WRITTEN = {
    *("release-guard-report.json", "release-guard-report.html"),
    *("release-manifest.json", "my manifest.json", "part-all.json"),
}
_OUTPUTS = metadata.read(ROOT / "action.yml").outputs
_SENTENCES = {scenario.sentence: scenario for scenario in SCENARIOS}


@pytest.fixture(scope="session", name="play")
def _play(
    engine: engines.Engine,
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Iterator[Callable[[Scenario], Outcome]]:
    """Plays what was asked for, two at a time, as there are two cores."""
    folder = tmp_path_factory.mktemp("a runner")
    origin = Repository(folder / "origin" / "demo")
    origin.tag(TAG, annotated=True)
    names = {
        item.callspec.id for item in request.session.items if hasattr(item, "callspec")
    }
    wanted = [s for s in SCENARIOS if s.sentence in names]

    def played(number: int, scenario: Scenario) -> Outcome:
        root = folder / f"{number}"
        with opened(engine, origin, root, scenario.owner) as stage:
            return stage, scenario.play(stage)

    with ThreadPoolExecutor(2) as pool:
        futures: dict[str, Future[Outcome]] = {
            scenario.sentence: pool.submit(played, number, scenario)
            for number, scenario in enumerate(wanted)
        }
        yield lambda scenario: futures[scenario.sentence].result()
        pool.shutdown(cancel_futures=True)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=list(_SENTENCES))
def test_scenario(
    scenario: Scenario,
    play: Callable[[Scenario], Outcome],
    record_property: Callable[[str, object], None],
) -> None:
    stage, step = play(scenario)
    expected = scenario.expected
    log = step.out + step.err

    assert step.code == expected.code, log[-6000:]
    assert step.failed == (expected.code != 0)
    assert step.outputs.get("verdict", "") == expected.verdict
    for words in expected.says:
        assert words in log
    if expected.rules:
        assert {*expected.rules} <= _errors(stage), log[-6000:]

    for every, verdict in zip(stage.steps, stage.verdicts, strict=True):
        _holds_for_every(stage, every)
        assert every.outputs.get("verdict", verdict) == verdict
    assert stage.socket.callers == 0
    _owned(stage)
    told = expected.verdict or "no outputs"
    record_property("scenario", f"{told:<10} {step.code}  {scenario.sentence}")


def _errors(stage: Stage) -> set[str]:
    report = json.loads((stage.workspace / "release-guard-report.json").read_bytes())
    return {f["rule"] for f in report["findings"] if f["severity"] == "error"}


def _holds_for_every(stage: Stage, step: Step) -> None:
    """What must hold whatever a step is about."""
    log = step.out + step.err
    # No secret is told, in no way.
    told = [log, step.summary, *step.outputs.values()]
    told += [annotation.message for annotation in (*step.kept, *step.dropped)]
    told += [
        (stage.workspace / name).read_text("utf-8", "replace")
        for name in _WRITTEN
        if (stage.workspace / name).is_file()
    ]
    for canary in CANARIES:
        assert not any(canary in text for text in told), canary
    # The log has our annotations and no other command; a pipe alone has none.
    assert {c.name for c in commands(step.out)} <= {"error", "warning", "notice"}
    assert commands(step.err) == []
    assert "Traceback" not in log
    assert not step.log.failed
    # All annotations are kept: of each kind ten, and the last may be the runner's own.
    assert {a.message for a in step.dropped} <= {
        f"Docker run failed with exit code {step.code}"
    }
    # Outputs are ours, and a pass is an exit code of 0, and the other way round.
    assert step.outputs.keys() <= _OUTPUTS
    assert step.outputs.keys() in (set(), {*_OUTPUTS})
    if step.outputs:
        assert (step.outputs["verdict"] == "pass") == (step.code == 0)
        assert step.summary.startswith("## release-guard ")
    # Nothing but our own files came into being, ended or changed.
    assert step.changed.keys() <= _WRITTEN, step.changed.keys() - _WRITTEN


def _owned(stage: Stage) -> None:
    """What the steps wrote belongs to the workspace's owner, and all may read it."""
    owner = stage.writer or stage.folders.owner
    assert owner is not None
    for name in _WRITTEN:
        path = stage.workspace / name
        if path.is_file() and not path.is_symlink() and stage.steps[-1].outputs:
            said = path.stat()
            assert (said.st_uid, said.st_gid) == (owner.user, owner.group), name
            assert said.st_mode & 0o777 == 0o644, name
    assert not (stage.workspace / "owned").exists()
    assert [*stage.folders.home.iterdir()] == []
    if owner.user:
        foreign = [p for p in _all(stage.folders.root) if p.lstat().st_uid == 0]
        left = stage.roots | ({"event.json"} if stage.own_event else set())
        assert {p.name for p in foreign} <= left


def _all(folder: Path) -> Iterator[Path]:
    for root, folders, files in os.walk(folder):
        yield from (Path(root, name) for name in (*folders, *files))

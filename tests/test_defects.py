"""The benchmark of defects: its table is in order, and our own column is true."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from defects import page, results
from defects.laid import Lay, serving
from defects.measure import Mark, Outcome, key, mark, outcome
from defects.model import Aspect, Class, Release
from defects.table import DEFECTS
from defects.tools import (
    OURS,
    PEERS,
    TOOLS,
    Answer,
    Tool,
    environment,
    our_commands,
    our_findings,
)

from release_guard.cli import main

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "benchmarks" / "defects"


@pytest.fixture(scope="module", name="recorded")
def _recorded() -> results.Results:
    return results.read()


# --- the table -------------------------------------------------------------------


def test_there_are_enough_of_each_class_and_each_has_a_name_of_its_own() -> None:
    of = Counter(defect.of for defect in DEFECTS)

    assert len({defect.name for defect in DEFECTS}) == len(DEFECTS) >= 80
    assert min(of[each] for each in Class) >= 10


@pytest.mark.parametrize("of", Class)
def test_each_row_says_what_who_and_from_where_and_differs_from_its_twin(
    of: Class,
) -> None:
    for defect in (defect for defect in DEFECTS if defect.of is of):
        assert all((defect.what, defect.who, defect.source, defect.aspects)), defect
        assert not defect.what.endswith("."), defect.name
        assert key(OURS, defect.bad) != key(OURS, defect.sound), defect.name


def test_the_releases_are_the_same_in_every_process_and_those_that_were_measured(
    recorded: results.Results,
) -> None:
    code = "from defects import results; print(results.of_table())"
    path = os.pathsep.join([str(ROOT / "benchmarks")])
    done = subprocess.run(
        [sys.executable, "-c", code],
        env={
            **os.environ,
            "PYTHONPATH": path,
            "PYTHONHASHSEED": "7",
            "TZ": "Asia/Tokyo",
        },
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == results.of_table() == recorded.sets


def test_the_benchmark_needs_nothing_but_the_standard_library() -> None:
    allowed = {*sys.stdlib_module_names, "defects"}
    modules = list(FOLDER.glob("*.py"))

    assert modules
    for module in modules:
        for node in ast.walk(ast.parse(module.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            if isinstance(node, ast.ImportFrom):
                assert node.level == 0
                names = [node.module or ""]
            assert {name.partition(".")[0] for name in names} <= allowed, module


# --- the tools -------------------------------------------------------------------


def test_a_defect_was_put_to_every_tool(recorded: results.Results) -> None:
    names = {defect.name for defect in DEFECTS}

    assert set(recorded.outcomes) == names
    assert set(recorded.versions) == set(recorded.costs) == {t.name for t in TOOLS}


@pytest.mark.parametrize(
    ("tool", "claim"),
    [
        pytest.param(tool, claim, id=f"{tool.name}: {claim}")
        for tool in PEERS
        for claim in tool.claims
    ],
)
def test_each_check_of_a_peer_finds_a_defect(
    tool: Tool, claim: str, recorded: results.Results
) -> None:
    said = [told[tool.name].says or () for told in recorded.outcomes.values()]

    assert any(claim in findings for findings in said)


def test_versions_are_the_locked_ones(recorded: results.Results) -> None:
    assert dict(recorded.versions) == results.versions()
    assert recorded.date >= results.locked()


_PLAIN = DEFECTS[0]
_WITHIN = Tool("t", "t", (), "", "", frozenset(_PLAIN.aspects), (), lambda *_: None)
_OUTSIDE = Tool(
    "t", "t", (), "", "", frozenset(Aspect) - {*_PLAIN.aspects}, (), lambda *_: None
)


@pytest.mark.parametrize(
    ("tool", "outcome", "expected"),
    [
        pytest.param(
            _WITHIN, Outcome(("x",), ()), Mark.FOUND, id="what it says is found"
        ),
        pytest.param(
            _OUTSIDE, Outcome(("x",), ()), Mark.FOUND, id="so it is out of its scope"
        ),
        pytest.param(_WITHIN, Outcome((), ("x",)), Mark.MISSED, id="silence is missed"),
        pytest.param(
            _OUTSIDE, Outcome((), ()), Mark.OUT, id="out of its scope it is not"
        ),
        pytest.param(
            _WITHIN, Outcome(None, ()), Mark.OUT, id="nor where no file is its own"
        ),
    ],
)
def test_what_is_found(tool: Tool, outcome: Outcome, expected: Mark) -> None:
    assert mark(tool, _PLAIN, outcome) is expected


def test_what_is_said_of_the_twin_as_well_is_an_alarm_and_finds_nothing() -> None:
    bad, sound = Answer(("a", "b"), 1.0), Answer(("a",), 1.0)

    assert outcome(bad, sound) == Outcome(("b",), ("a",))
    assert outcome(sound, sound) == Outcome((), ("a",))
    assert outcome(Answer(None, 0.0), Answer(None, 0.0)) == Outcome(None, ())


# --- our own column --------------------------------------------------------------


@pytest.fixture(scope="module", name="lay")
def _lay(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lay]:
    with serving() as index:
        yield Lay(tmp_path_factory.mktemp("defects"), index)


_ANSWERS: dict[str, Answer] = {}


def _asked(
    lay: Lay, name: str, release: Release, monkeypatch: pytest.MonkeyPatch
) -> Answer:
    """What release-guard finds, asked once for each release."""
    known = key(OURS, release)
    if known not in _ANSWERS:
        laid = lay.out(name, release)
        with monkeypatch.context() as job:
            for variable, value in environment(laid).items():
                if variable not in ("PATH", "HOME"):
                    job.setenv(variable, value)
            job.chdir(laid.checkout)
            codes = [main(words) for words in our_commands(laid)]
        found = our_findings(laid, codes[-1])
        lay.remove(laid)
        _ANSWERS[known] = Answer(tuple(sorted(found)), 0.0)
    return _ANSWERS[known]


@pytest.mark.parametrize("of", Class)
def test_release_guard_says_what_is_recorded(
    of: Class,
    lay: Lay,
    recorded: results.Results,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    told = {
        defect.name: outcome(
            _asked(lay, f"{defect.name}-bad", defect.bad, monkeypatch),
            _asked(lay, f"{defect.name}-sound", defect.sound, monkeypatch),
        )
        for defect in DEFECTS
        if defect.of is of
    }

    before = {name: recorded.outcomes[name][OURS.name] for name in told}
    assert told == before


# --- the page --------------------------------------------------------------------


def test_page_is_what_the_results_say(recorded: results.Results) -> None:
    written = (ROOT / "docs" / "comparison.md").read_text(encoding="utf-8")

    assert written == page.render(recorded)

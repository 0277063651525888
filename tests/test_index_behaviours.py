"""What an index may do, and what comes of it: a table, each row through the real job
against a real server.

No row passes unless the index listed exactly the expected files: ``Index.proves`` reads
that from the bytes that were served, and knows nothing of the table.
"""

from __future__ import annotations

import functools
import gc
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
import signing
from archives import within
from index_behaviours import CODES, ROWS, RULES, Row
from misbehaving import JSON, Index, indexes, manifest
from servers import Reply, redirect

from release_guard.findings import Look, Report
from release_guard.jobs.common import Job
from release_guard.jobs.verify import Expectation, verify
from release_guard.run import render

#: urllib3 forgets the connection of an answer with two lengths: nobody can close it.
pytestmark = pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning")


@pytest.fixture(scope="module", autouse=True)
def _forgotten() -> Iterator[None]:
    """What was forgotten is collected here, and not in the tests of others."""
    yield
    gc.collect()


@dataclass(frozen=True)
class Outcome:
    """What came of a row; ``doubt`` is why a pass would be wrong."""

    report: Report
    document: dict[str, Any]
    slept: list[float]
    looks: int
    asked: list[str]
    doubt: str


def play(row: Row, index: Index) -> Outcome:
    """What comes of a row: the index is really asked, and time really does not pass."""
    index.again()
    row.does(index)
    looks: list[Look] = []
    url = row.url or index.root
    named = "ours" if row.is_warehouse else ""
    made = manifest(*row.projects, before=row.before, url=url, index=named)
    with within(60):
        report = verify(
            Job(row.policy(url), web=row.web, clock=index.time.clock),
            Expectation(made),
            timeout=row.timeout,
            progress=looks.append,
            proof=row.proof,
        )
    return Outcome(
        report,
        json.loads(render(report, "json")),
        index.time.slept,
        len(looks),
        index.server.asked(),
        index.proves(made, by_caches=row.is_warehouse),
    )


#: What came of the row of a number; each is played once.
Outcomes = Callable[[int], Outcome]


@pytest.fixture(scope="module", name="outcome")
def _outcome() -> Iterator[Outcomes]:
    with indexes() as index, pytest.MonkeyPatch.context() as patch:
        signing.trust_ours(patch)
        yield functools.cache(lambda number: play(ROWS[number], index))


NUMBERED = [pytest.param(number, id=row.name) for number, row in enumerate(ROWS)]


@pytest.mark.parametrize("number", NUMBERED)
def test_what_an_index_does_and_what_comes_of_it(
    outcome: Outcomes, number: int
) -> None:
    row, seen = ROWS[number], outcome(number)
    states = [told["state"] for told in seen.document["publication"]]
    assert set(states) & set(row.states), seen.document
    assert seen.report.exit_code in row.codes
    told = {finding["rule"] for finding in seen.document["findings"]}
    reasons = "\n".join(item.reason for item in seen.report.not_run if item.needed)
    if isinstance(row.state, str) and row.state in RULES:
        assert RULES[row.state] in told
    assert row.because in told or row.because in reasons
    assert row.looks in (None, seen.looks)
    assert sum(seen.slept) <= row.timeout


@pytest.mark.parametrize("number", NUMBERED)
def test_whatever_an_index_says_no_report_hands_it_on_as_it_is(
    outcome: Outcomes, number: int
) -> None:
    """Terminal codes, line ends, letters that run backwards, and a runner's commands
    stay what they are: text.
    """
    for how in ("text", "github", "json"):
        for line in render(outcome(number).report, how).split("\n"):
            assert line.isprintable(), how
            assert not re.match(r"\s*::(?!(error|warning|notice)\b)", line), how
            assert "##[" not in line
            assert not re.match(r"\s*::error::owned", line), how


def test_no_release_is_called_exact_that_did_not_pass(outcome: Outcomes) -> None:
    """Who reads the state alone is not misled; ``--strict`` is about the verdict."""
    misleading = [
        row.name
        for number, row in enumerate(ROWS)
        if outcome(number).report.exit_code != 0 and not row.strict
        if {told["state"] for told in outcome(number).document["publication"]}
        == {"exact"}
    ]
    assert misleading == []


def test_only_an_index_with_the_endpoints_of_warehouse_is_asked_for_them(
    outcome: Outcomes,
) -> None:
    asked = {
        path
        for number, row in enumerate(ROWS)
        if not row.is_warehouse
        for path in outcome(number).asked
    }
    assert {path for path in asked if path.startswith("/pypi/")} == set()
    assert any(
        path.startswith("/pypi/")
        for number, row in enumerate(ROWS)
        if row.is_warehouse
        for path in outcome(number).asked
    )


def test_another_host_is_not_asked_for_the_listing() -> None:
    with indexes() as index:
        other = index.elsewhere()
        other.says(Reply(b"{}", headers={"Content-Type": JSON}))
        index.says(redirect(f"{other.root}demo/"))
        policy = ROWS[0].policy(index.root)
        job = Job(policy, web=ROWS[0].web, clock=index.time.clock)
        report = verify(job, Expectation(manifest(url=index.root)), timeout=60)
        assert report.exit_code == 3
        assert other.server.asked() == []


def test_no_index_passes_that_does_not_list_exactly_the_release(
    outcome: Outcomes, record_property: Callable[[str, object], None]
) -> None:
    passed = {
        row.name: outcome(number).doubt
        for number, row in enumerate(ROWS)
        if outcome(number).report.exit_code == 0
    }
    assert {name: doubt for name, doubt in passed.items() if doubt} == {}
    assert len({row.name for row in ROWS}) == len(ROWS)
    record_property(
        "index behaviours",
        f"{len(ROWS)}, of which {len(passed)} pass, none without proof",
    )


def test_the_proof_is_refused_where_the_release_is_not_as_it_should_be(
    outcome: Outcomes,
) -> None:
    """The judge of the passes can say no."""
    deserved = [
        row.name
        for number, row in enumerate(ROWS)
        if CODES.get(str(row.state)) == (1, 1) and not outcome(number).doubt
        # What it judges is the listing, and that is as it should be there.
        if row.state != "unattested"
    ]
    assert deserved == []

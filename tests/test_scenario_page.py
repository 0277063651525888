"""The table of the runner's scenarios, and its page."""

from __future__ import annotations

from collections import Counter

from container.page import PAGE, page
from container.scenarios import SCENARIOS


def test_the_page_is_what_the_table_says() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "make docs"


def test_every_scenario_has_a_sentence_of_its_own() -> None:
    counts = Counter(scenario.sentence for scenario in SCENARIOS)
    assert [sentence for sentence, count in counts.items() if count > 1] == []


def test_a_pass_ends_with_zero_and_nothing_else_says_pass() -> None:
    for scenario in SCENARIOS:
        expected = scenario.expected
        if expected.verdict:
            assert (expected.verdict == "pass") == (expected.code == 0)
        assert expected.rules == () or expected.verdict == "fail"


def test_what_is_no_pass_has_a_witness() -> None:
    """A verdict alone may come of something else: a rule or words say of what."""
    for scenario in SCENARIOS:
        expected = scenario.expected
        if expected.verdict not in ("", "pass"):
            assert expected.rules or expected.says, scenario.sentence


def test_every_group_has_passes_or_says_why_it_has_none() -> None:
    """A table in which nothing passes would hold for a program that refuses all."""
    groups = {scenario.group for scenario in SCENARIOS}
    passing = {s.group for s in SCENARIOS if s.expected.verdict == "pass"}
    assert groups - passing == {
        "The event's file",
        "An index that lies, and large releases",
    }

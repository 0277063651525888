"""The rules as text, Markdown and JSON."""

from __future__ import annotations

import json

import pytest
import runner_model

from release_guard.reports import catalogue
from release_guard.rules import RULES, rule_named
from release_guard.rules.base import AnyRule, docs_url


def _rule(rule_id: str) -> AnyRule:
    found = rule_named(rule_id)
    assert found is not None
    return found


def test_the_list_has_a_line_for_each_rule_in_their_order() -> None:
    lines = catalogue.render(RULES, "text").splitlines()
    assert [line.split()[:2] for line in lines] == [[r.severity, r.id] for r in RULES]
    for rule, line in zip(RULES, lines, strict=True):
        assert line.endswith(f" {rule.summary}")


def test_one_rule_is_explained_in_full_and_without_markup() -> None:
    rule = _rule("missing-sdist")
    told = catalogue.render([rule], "text", one=True)
    heading, _, page = told.partition("\n\n")
    assert heading == "missing-sdist (error, judges a Release)"
    assert page == rule.page.replace("**", "") + "\n"
    assert "How it happens:" in page


def test_the_json_list_has_an_object_for_each_rule() -> None:
    told = json.loads(catalogue.render(RULES, "json"))
    assert [entry["rule"] for entry in told] == [rule.id for rule in RULES]
    rule = _rule("missing-sdist")
    assert told[RULES.index(rule)] == {
        "rule": "missing-sdist",
        "severity": "error",
        "subject": "Release",
        "summary": "The release has no sdist.",
        "docs": docs_url("missing-sdist"),
    }


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_the_docs_page_has_a_heading_where_a_finding_links_to(rule: AnyRule) -> None:
    told = catalogue.render(RULES, "markdown")
    assert f"\n## {rule.id}\n\n| severity | judges |\n" in told
    assert docs_url(rule.id).endswith(f"/docs/rules.md#{rule.id}")
    assert rule.page in told


@pytest.mark.parametrize("how", ["text", "json", "markdown"])
@pytest.mark.parametrize("one", [False, True])
def test_the_runner_finds_no_command_in_the_rules(how: str, one: bool) -> None:
    assert runner_model.commands(catalogue.render(RULES, how, one=one)) == []

"""The rules as text, Markdown and JSON."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from fnmatch import fnmatchcase

import pytest
import runner_model
import yaml

from release_guard.findings import Finding, Severity
from release_guard.policy import PolicyFile, read_policy
from release_guard.reports import catalogue
from release_guard.reports.catalogue import Example
from release_guard.rulebook import AS_OF, ROWS, Decided
from release_guard.rules import RULE_IDS, RULES, SECTIONS, rule_named
from release_guard.rules.base import AnyRule, docs_url

_DECIDABLE = {row.id for row in ROWS if row.decided in (Decided.FILE, Decided.INDEX)}
_JUDGED = {id_ for rule in RULES for id_ in rule.upload_rules}
_IN_PART = {row.id for row in ROWS if row.except_for}


def _coverage(judged: set[str]) -> str:
    return (
        f"{len(_DECIDABLE & judged)} of the {len(_DECIDABLE)} rows that a file or the "
        "index's public state can decide are judged, "
        f"{len(_IN_PART & judged)} of them in part"
    )


def _rule(rule_id: str) -> AnyRule:
    found = rule_named(rule_id)
    assert found is not None
    return found


def test_the_list_has_a_line_for_each_rule_in_their_order() -> None:
    *lines, empty, last = catalogue.render(RULES, "text").splitlines()
    assert [line.split()[:2] for line in lines] == [[r.severity, r.id] for r in RULES]
    for rule, line in zip(RULES, lines, strict=True):
        assert line.endswith(f" {rule.summary}")
    assert (empty, last) == (
        "",
        f"PyPI's upload rules as of {AS_OF}: {_coverage(_JUDGED)}",
    )


def test_a_row_counts_as_judged_where_it_can_be_decided_and_a_rule_decides_it() -> None:
    # Row 10 is the file's and 67 the index's, 132 is judged in part; 130 is nobody's
    # before the upload.
    made = [
        replace(_rule("missing-sdist"), upload_rules=("10", "67", "130")),
        replace(_rule("version-kind"), upload_rules=("10", "132")),
    ]
    told = catalogue.render(made, "text").splitlines()[-1]

    assert told.endswith(f": {_coverage({'10', '67', '132'})}")
    assert told.startswith(f"PyPI's upload rules as of {AS_OF}: 3 of the ")
    assert told.endswith(", 1 of them in part")


def test_one_rule_is_explained_in_full_and_without_markup() -> None:
    rule = _rule("missing-sdist")
    told = catalogue.render([rule], "text", one=True)
    heading, _, page = told.partition("\n\n")
    assert heading == "missing-sdist (error, judges: Release)"
    assert page == rule.page.replace("**", "") + "\n"
    assert "How it happens:" in page


def test_one_rule_is_explained_with_the_upload_rules_that_it_decides() -> None:
    told = catalogue.render([_rule("archive-unsafe-member")], "text", one=True)

    assert told.endswith(
        f"\nPyPI's upload rules (as of {AS_OF}):\n"
        "  88: a sparse member in a tar (since 2026-08-17)\n"
        "  500.3: an encrypted member\n"
    )


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
        "upload_rules": [],
        "upload_rules_as_of": AS_OF.isoformat(),
    }
    decides = told[RULES.index(_rule("release-closed"))]
    assert decides["upload_rules"] == ["70"]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rules_page_has_its_name_what_it_weighs_and_its_whole_text(
    rule: AnyRule,
) -> None:
    page = catalogue.rule_page(rule)
    assert page.startswith(f"# {rule.id}\n\n| severity | judges | edition |\n")
    subject = rule.subject.__name__
    assert f"\n| {rule.severity} | `{subject}` | {rule.edition} |\n" in page
    told, _, source = rule.page.partition("**Source:**")
    assert told in page
    for word in source.replace("#", " ").split():
        assert word.strip("();,.:") in page.partition("**Source:**")[2]
    assert docs_url(rule.id).endswith(f"/docs/rules/{rule.id}.md")


_CITED = {
    "see a/b-c 12.": "see [a/b-c#12](https://github.com/a/b-c/issues/12).",
    "(a/b.c\n7)": "([a/b.c#7](https://github.com/a/b.c/issues/7))",
    "a/b 1, c/d 2": (
        "[a/b#1](https://github.com/a/b/issues/1), "
        "[c/d#2](https://github.com/c/d/issues/2)"
    ),
    "PEP 440; PEP 3149": (
        "[PEP 440](https://peps.python.org/pep-0440/); "
        "[PEP 3149](https://peps.python.org/pep-3149/)"
    ),
    "a/b 2.82, a/b 4.46.0": "a/b 2.82, a/b 4.46.0",
    "a/b 81a3e0b": "a/b 81a3e0b",
    "a/b and 7 more": "a/b and 7 more",
}


@pytest.mark.parametrize(("source", "linked"), _CITED.items(), ids=list(_CITED))
def test_a_source_is_linked_where_it_is_an_issue_or_a_pep(
    source: str, linked: str
) -> None:
    rule = replace(_rule("missing-sdist"), page=f"It.\n\nPEP 1\n\n**Source:** {source}")
    page = catalogue.rule_page(rule)
    assert f"\n\nPEP 1\n\n**Source:** {linked}\n" in page


def _yaml(page: str) -> list[PolicyFile]:
    """What the policy reader makes of the page's examples."""
    blocks = re.findall(r"```yaml\n(.*?)```", page, flags=re.DOTALL)
    return [
        read_policy(yaml.safe_load(block), where="the page", rule_ids=RULE_IDS)
        for block in blocks
    ]


#: What nobody should waive: a credential, and what waivers themselves are told of.
_UNWAIVED = {"secret", "metadata-credential", "waiver-unused", "waiver-expired"}


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_rules_page_shows_another_severity_and_a_waiver_that_policies_may_have(
    rule: AnyRule,
) -> None:
    severity, *waivers = _yaml(catalogue.rule_page(rule))
    assert severity.rules.keys() == {rule.id}
    assert severity.rules[rule.id] != rule.severity
    told = [(only.rule, only.match) for file in waivers for only in file.waivers]
    assert told == ([] if rule.id in _UNWAIVED else [(rule.id, "*")])


_SUBJECTS = [
    "demo 1.0",
    "demo-1.0.tar.gz",
    "waiver of x for 'demo [*]?'",
    'a"b\\c\n\x1b',
]


@pytest.mark.parametrize("subject", _SUBJECTS)
def test_the_waiver_on_a_page_fits_the_example_and_nothing_else(subject: str) -> None:
    rule = _rule("missing-sdist")
    finding = Finding(rule.id, Severity.ERROR, subject, "is odd", "mend it", "")
    page = catalogue.rule_page(rule, Example("an odd case", finding))
    *_, file = _yaml(page)
    (waiver,) = file.waivers
    assert fnmatchcase(subject, waiver.match)
    assert not fnmatchcase(f"{subject}x", waiver.match)
    assert not fnmatchcase(subject.replace("*", "x") + "y", waiver.match)


def test_the_example_on_a_page_is_harmless_text() -> None:
    rule = _rule("missing-sdist")
    said = "x\n::error::y", "a\x1b[31m##[debug]b", "c\n```\n# d"
    finding = Finding(rule.id, Severity.ERROR, *said, "")
    page = catalogue.rule_page(rule, Example("an odd case", finding))
    assert runner_model.commands(page) == []
    assert "\x1b" not in page
    assert page.count("\n```text\n") == 1
    assert "\n# d" not in page


def test_an_example_without_a_fix_ends_with_its_message() -> None:
    rule = _rule("missing-sdist")
    finding = Finding(rule.id, Severity.ERROR, "demo 1.0", "is odd", "", "")
    page = catalogue.rule_page(rule, Example("an odd case", finding))
    shown = "# an odd case\nerror: missing-sdist\n  demo 1.0: is odd\n```\n"
    assert f"```text\n{shown}" in page


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_a_page_says_that_the_index_is_not_moved_by_a_policy(rule: AnyRule) -> None:
    told = "PyPI refuses it refuses all the same" in catalogue.rule_page(rule)
    assert told == bool(rule.upload_rules)


def test_one_rule_as_markdown_is_its_page() -> None:
    rule = _rule("missing-sdist")
    told = catalogue.render([rule], "markdown", one=True)
    assert told == catalogue.rule_page(rule)


def test_the_index_of_the_rules_has_a_row_and_an_anchor_for_each() -> None:
    index = catalogue.index_page(SECTIONS)
    rows = re.findall(r'(?m)^\| <a id="([^"]+)"></a>\[([^]]+)\]\(([^)]+)\) \|', index)
    assert rows == [(rule.id, rule.id, f"rules/{rule.id}.md") for rule in RULES]
    assert re.findall(r"(?m)^## (.+)$", index) == list(SECTIONS)
    assert f"\n{len(RULES)} rules." in index


@pytest.mark.parametrize("how", ["text", "json", "markdown"])
@pytest.mark.parametrize("one", [False, True])
def test_the_runner_finds_no_command_in_the_rules(how: str, one: bool) -> None:
    assert runner_model.commands(catalogue.render(RULES, how, one=one)) == []


def test_a_page_ends_with_the_upload_rules_that_the_rule_decides() -> None:
    pages = re.split(r"(?m)^## ", catalogue.render(RULES, "markdown"))[1:]

    assert [page.partition("\n")[0] for page in pages] == [rule.id for rule in RULES]
    for rule, page in zip(RULES, pages, strict=True):
        head, _, listed = page.partition("\n**PyPI's upload rules:**\n\n")
        rows = re.findall(r"(?m)^- (\S+): \S", listed)
        assert tuple(rows) == rule.upload_rules
        assert head.rstrip().endswith(rule.page.rstrip())


def test_the_page_of_the_upload_rules_has_a_line_for_each_in_their_order() -> None:
    page = catalogue.upload_rules_page(RULES)
    lines = [line for line in page.splitlines() if line.startswith("| ")]
    told = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]

    assert told[0] == ["row", "refused", "since", "decided from", "judged by"]
    assert [row[:4] for row in told[1:]] == [
        [row.id, row.refused, str(row.since or ""), row.decided] for row in ROWS
    ]
    assert _coverage(_JUDGED) in " ".join(page.split())
    assert f"on {AS_OF}" in page


def test_what_of_a_row_is_not_judged_is_told_wherever_the_row_is() -> None:
    (partly,) = (row for row in ROWS if row.except_for and row.id in _JUDGED)
    judging = [rule for rule in RULES if partly.id in rule.upload_rules]
    told = f"; not {partly.except_for}"

    assert judging
    assert catalogue.render(judging, "text", one=True).count(told) == len(judging)
    assert catalogue.render(judging, "markdown").count(told) == len(judging)
    assert f"{told} |\n" in catalogue.upload_rules_page(RULES)


def test_of_a_row_that_no_rule_judges_the_reason_is_told() -> None:
    page = catalogue.upload_rules_page(RULES)
    unjudged = [row for row in ROWS if row.except_for and row.id not in _JUDGED]

    assert [row.id for row in unjudged] == ["55"]
    for row in unjudged:
        (line,) = re.findall(rf"(?m)^\| {re.escape(row.id)} \| .*$", page)
        assert f"; not {row.except_for} |" in line


def test_the_page_of_the_upload_rules_links_every_rule_that_judges_one() -> None:
    page = catalogue.upload_rules_page(RULES)

    for row in ROWS:
        (line,) = re.findall(rf"(?m)^\| {re.escape(row.id)} \| .*$", page)
        judging = [rule.id for rule in RULES if row.id in rule.upload_rules]
        links = re.findall(r"\[([^]]+)\]\(rules/([^)]+)\.md\)", line)
        assert links == [(rule_id, rule_id) for rule_id in judging]


def test_the_runner_finds_no_command_in_the_page_of_the_upload_rules() -> None:
    assert runner_model.commands(catalogue.upload_rules_page(RULES)) == []

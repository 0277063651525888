"""The rules themselves, for ``release-guard rules`` and for the pages of the docs."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from release_guard.findings import Finding, Severity
from release_guard.reports.escape import line
from release_guard.rulebook import AS_OF, ROWS, Decided, Row, row
from release_guard.rules.base import AnyRule, docs_url

__all__ = ["Example", "index_page", "render", "rule_page", "upload_rules_page"]

#: What can be decided before an upload.
_DECIDABLE = (Decided.FILE, Decided.INDEX)


@dataclass(frozen=True, slots=True)
class Example:
    """What a rule really says of a case, and the case in words."""

    case: str
    finding: Finding


def render(rules: Sequence[AnyRule], how: str, *, one: bool = False) -> str:
    """The rules as text, Markdown or JSON; ``one`` explains instead of listing."""
    match how:
        case "json":
            return json.dumps([_entry(rule) for rule in rules], indent=2) + "\n"
        case "markdown" if one:
            return "\n".join(rule_page(rule) for rule in rules)
        case "markdown":
            return _markdown(rules)
    if one:
        return "\n".join(_explained(rule) for rule in rules)
    listed = "".join(_listed(rule) for rule in rules)
    return f"{listed}\nPyPI's upload rules as of {AS_OF}: {_coverage(rules)}\n"


def upload_rules_page(rules: Sequence[AnyRule]) -> str:
    """PyPI's upload rules, and who judges each, in Markdown."""
    judged_by: dict[str, list[str]] = {}
    for rule in rules:
        for id_ in rule.upload_rules:
            judged_by.setdefault(id_, []).append(f"[{rule.id}](rules/{rule.id}.md)")
    head = f"""\
# PyPI's upload rules

<!-- Generated from src/release_guard/rulebook.py (make docs); do not edit. -->

As the source of PyPI's server said them on {AS_OF}, in the order in which it applies
them: it tells the first that applies and no other. Of metadata (20 to 41) it tells the
version of the metadata, the name and the version first, and then the other fields by
their names. A row from 500 on is an input at which the server breaks instead of
answering.

{_coverage(rules)}.

| row | refused | since | decided from | judged by |
|---|---|---|---|---|
"""
    lines = (
        f"| {r.id} | {r.refused} | {r.since or ''} | {r.decided} | "
        f"{', '.join(judged_by.get(r.id, []))}{_except_for(r)} |\n"
        for r in ROWS
    )
    return head + "".join(lines)


def _coverage(rules: Sequence[AnyRule]) -> str:
    """How many of the rows that can be decided are judged."""
    judged = {id_ for rule in rules for id_ in rule.upload_rules}
    decidable = [r.id for r in ROWS if r.decided in _DECIDABLE]
    count = len(judged & set(decidable))
    partly = sum(bool(r.except_for) for r in ROWS if r.id in judged)
    return (
        f"{count} of the {len(decidable)} rows that a file or the index's public state "
        f"can decide are judged, {partly} of them in part"
    )


def _entry(rule: AnyRule) -> dict[str, object]:
    return {
        "rule": rule.id,
        "severity": rule.severity,
        "subject": rule.subject.__name__,
        "summary": rule.summary,
        "docs": docs_url(rule.id),
        "upload_rules": list(rule.upload_rules),
        "upload_rules_as_of": AS_OF.isoformat(),
    }


def _listed(rule: AnyRule) -> str:
    return f"{rule.severity:<8} {rule.id:<27} {rule.summary}\n"


def _explained(rule: AnyRule) -> str:
    page = rule.page.replace("**", "")
    rows = "".join(f"  {r.id}: {_told(r)}\n" for r in map(row, rule.upload_rules))
    refused = f"\nPyPI's upload rules (as of {AS_OF}):\n{rows}" if rows else ""
    judges = rule.subject.__name__
    return f"{rule.id} ({rule.severity}, judges: {judges})\n\n{page}\n{refused}"


def _told(of: Row) -> str:
    since = f" (since {of.since})" if of.since else ""
    return f"{of.refused}{since}{_except_for(of)}"


def _except_for(of: Row) -> str:
    return f"; not {of.except_for}" if of.except_for else ""


def _markdown(rules: Sequence[AnyRule]) -> str:
    pages = (f"## {rule.id}\n\n{_facts(rule)}" for rule in rules)
    head = (
        "# The rules\n\n"
        "A severity is the default; the policy can change it. PyPI's upload rules are\n"
        f"those of its server's source of {AS_OF}.\n\n"
    )
    return head + "\n".join(pages)


def index_page(sections: Mapping[str, Sequence[AnyRule]]) -> str:
    """All rules in tables, each with a link to its page, in Markdown. A row is an
    anchor of the rule's name, for links from before the pages.
    """
    head = f"""\
# The rules

<!-- Generated from the rules' docstrings (make docs); do not edit. -->

A finding names its rule and leads to the rule's page: what it means, why it matters,
how it happens, what to do. A severity is the default; [the policy](policy.md#rules) can
change it: an error blocks, a warning blocks with `--strict`, a notice never does.
*Judges* is what a rule looks at ([subjects](architecture.md#subjects)), *edition* since
when it blocks ([how rules change](rule-changes.md)).

{sum(map(len, sections.values()))} rules. [PyPI's upload rules](upload-rules.md) have a
page of their own, which says who judges each.
"""
    tables = (
        f"\n## {title}\n\n"
        "| rule | severity | says | judges | edition |\n|---|---|---|---|---|\n"
        + "".join(map(_row, rules))
        for title, rules in sections.items()
    )
    return head + "".join(tables)


def _row(rule: AnyRule) -> str:
    return (
        f'| <a id="{rule.id}"></a>[{rule.id}](rules/{rule.id}.md) | {rule.severity} | '
        f"{rule.summary} | `{rule.subject.__name__}` | {rule.edition} |\n"
    )


def rule_page(rule: AnyRule, example: Example | None = None) -> str:
    """The page of one rule, in Markdown."""
    told = f"{_linked(_facts(rule))}{_example(example)}{_weight(rule, example)}"
    return f"# {rule.id}\n\n{told}\n{_GENERATED}\n"


#: An issue as the docstrings name it (``owner/name 12``, no version), and a PEP.
_ISSUE = re.compile(r"\b([A-Za-z0-9][\w-]*/[\w.-]+)\s(\d+)(?![\w.]*\d)")
_PEP = re.compile(r"\bPEP (\d+)\b")


def _linked(page: str) -> str:
    """The page with links from its sources to where they can be read."""
    head, label, source = page.partition("**Source:**")
    source = _ISSUE.sub(r"[\1#\2](https://github.com/\1/issues/\2)", source)
    source = _PEP.sub(_pep, source)
    return f"{head}{label}{source}"


def _pep(found: re.Match[str]) -> str:
    return f"[{found[0]}](https://peps.python.org/pep-{found[1]:0>4}/)"


#: Seen by who edits the page, and not by who reads it.
_GENERATED = "<!-- Generated from the rule's docstring (make docs); do not edit. -->"


def _facts(rule: AnyRule) -> str:
    """What is known of a rule: its table, its own page, its upload rules."""
    return (
        f"| severity | judges | edition |\n|---|---|---|\n"
        f"| {rule.severity} | `{rule.subject.__name__}` | {rule.edition} |\n\n"
        f"{rule.page}\n"
        f"{_rows(rule)}"
    )


def _example(example: Example | None) -> str:
    """What it says, in the words of the text report."""
    if example is None:
        return ""
    found = example.finding
    said = [f"# {example.case}", f"{found.severity}: {found.rule}"]
    said.append(f"  {found.subject}: {found.message}")
    said += [f"  -> {found.fix}"] if found.fix else []
    shown = "\n".join(map(line, said))
    return f"\n## What it says\n\nIn one of its tests:\n\n```text\n{shown}\n```\n"


#: What a maintainer may want a rule to weigh that weighs this.
_OTHER = {
    Severity.ERROR: "warning",
    Severity.WARNING: "error",
    Severity.NOTICE: "ignore",
}
#: Rules whose page shows no waiver to copy, and what it says instead.
_UNWAIVED = {
    "secret": (
        "Waive no credential, as a waiver fits a whole file, with all that is ever\n"
        "found in it: revoke it, and build again. Of a key that is public on purpose\n"
        "[the page on credentials](../secrets.md#waiving) tells more."
    ),
    "metadata-credential": (
        "Waive no credential: revoke it, take it out of the URL, and build again."
    ),
    "waiver-unused": "It needs no waiver: remove the one that it names.",
    "waiver-expired": (
        "It needs no waiver: give the one that it names a new end, or remove it."
    ),
}


def _weight(rule: AnyRule, example: Example | None) -> str:
    """How a policy gives it another weight, or lets one finding of it pass."""
    blocks = {
        Severity.ERROR: "An error blocks.",
        Severity.WARNING: "A warning blocks with `--strict` alone.",
        Severity.NOTICE: "A notice never blocks.",
    }[rule.severity]
    refused = (
        "What PyPI refuses it refuses all the same: neither changes that.\n"
        if rule.upload_rules
        else ""
    )
    return f"""\

## To weigh it otherwise, or let one pass

{blocks} In [the policy](../policy.md) another severity holds for all findings of the
rule, and `ignore` switches it off:

```yaml
rules:
  {rule.id}: {_OTHER[rule.severity]} # error | warning | notice | ignore
```

{_UNWAIVED.get(rule.id) or _waiver(rule, example)}

{refused}More in [why did it block me?](../why-blocked.md#how-do-i-get-past-it-honestly)
"""


def _waiver(rule: AnyRule, example: Example | None) -> str:
    """A waiver for the example, to copy."""
    match = _exactly(example.finding.subject) if example else "*"
    return f"""\
A waiver is for one known case. It needs a reason, is printed every time, and may end:

```yaml
waivers:
  - rule: {rule.id}
    match: {json.dumps(match)}
    reason: "why this may pass"
    until: 2027-12-31
```"""


def _rows(rule: AnyRule) -> str:
    """The upload rules that a rule decides, as the end of its page."""
    if not rule.upload_rules:
        return ""
    lines = "".join(f"- {r.id}: {_told(r)}\n" for r in map(row, rule.upload_rules))
    return f"\n**PyPI's upload rules:**\n\n{lines}"


def _exactly(subject: str) -> str:
    """The pattern that fits this subject and no other."""
    return re.sub(r"[*?[]", r"[\g<0>]", subject)

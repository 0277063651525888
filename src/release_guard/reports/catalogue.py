"""The rules themselves, for ``release-guard rules`` and for the docs page."""

from __future__ import annotations

import json
from collections.abc import Sequence

from release_guard.rules.base import AnyRule, docs_url

__all__ = ["render"]


def render(rules: Sequence[AnyRule], how: str, *, one: bool = False) -> str:
    """The rules as text, Markdown or JSON; ``one`` explains instead of listing."""
    match how:
        case "json":
            return json.dumps([_entry(rule) for rule in rules], indent=2) + "\n"
        case "markdown":
            return _markdown(rules)
    if one:
        return "\n".join(_explained(rule) for rule in rules)
    return "".join(_listed(rule) for rule in rules)


def _entry(rule: AnyRule) -> dict[str, str]:
    return {
        "rule": rule.id,
        "severity": rule.severity,
        "subject": rule.subject.__name__,
        "summary": rule.summary,
        "docs": docs_url(rule.id),
    }


def _listed(rule: AnyRule) -> str:
    return f"{rule.severity:<8} {rule.id:<27} {rule.summary}\n"


def _explained(rule: AnyRule) -> str:
    page = rule.page.replace("**", "")
    return f"{rule.id} ({rule.severity}, judges a {rule.subject.__name__})\n\n{page}\n"


def _markdown(rules: Sequence[AnyRule]) -> str:
    pages = (
        f"## {rule.id}\n\n"
        f"| severity | judges |\n|---|---|\n"
        f"| {rule.severity} | `{rule.subject.__name__}` |\n\n"
        f"{rule.page}\n"
        for rule in rules
    )
    head = (
        "# The rules\n\n"
        "Generated from the rules' docstrings by `make docs`; do not edit.\n\n"
        "A severity is the default; the policy can change it. Upload rules are\n"
        "those of PyPI's source as of 2026-08-21.\n\n"
    )
    return head + "\n".join(pages)

"""A rule can block a release: the changelog names each, and a new one warns first."""

from __future__ import annotations

import re
from pathlib import Path

from release_guard.policy import EDITIONS
from release_guard.rules import RULE_IDS, RULES

ROOT = Path(__file__).parent.parent
CHANGELOG = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")


def _sections() -> dict[str, str]:
    """What stands under *Rules*, by the release that it is of."""
    releases = re.split(r"^## ", CHANGELOG, flags=re.MULTILINE)[1:]
    found = {}
    for release in releases:
        title = release.partition("\n")[0].strip()
        parts = re.split(r"^### ", release, flags=re.MULTILINE)[1:]
        rules = [part for part in parts if part.startswith("Rules\n")]
        assert len(rules) <= 1, f"{title}: two sections of rules"
        found[title] = "".join(rules)
    return found


def test_every_rule_stands_under_rules() -> None:
    named = set(re.findall(r"`([a-z0-9-]+)`", "\n".join(_sections().values())))

    assert sorted(set(RULE_IDS) - named) == []


def test_a_rule_that_came_later_is_said_to_warn_until_the_edition_is_raised() -> None:
    first, *_ = EDITIONS
    later = [rule for rule in RULES if rule.edition > first]

    lines = re.split(r"^- ", "\n".join(_sections().values()), flags=re.MULTILINE)
    for rule in later:
        told = [line for line in lines if f"`{rule.id}`" in line]
        assert any(f"edition {rule.edition}" in line for line in told), rule.id


def test_how_a_new_rule_comes_is_told_where_rules_are_added_and_released() -> None:
    for name in ("CHANGELOG.md", "CONTRIBUTING.md", "docs/releasing.md"):
        assert "edition" in (ROOT / name).read_text(encoding="utf-8"), name

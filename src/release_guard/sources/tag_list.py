"""A list of tags in a file: a tag a line, and behind it what is known of it."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

from release_guard.errors import RepositoryError
from release_guard.facts import GitTag, is_commit_id
from release_guard.sources.files import read_small

__all__ = ["read_tag_list"]

#: Ten times as many as the largest repositories have, and longer than git takes.
_MOST, _LONGEST = 200_000, 1_000
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def read_tag_list(path: Path) -> tuple[GitTag, ...]:
    """The tags of a file. Behind a tag stand its commit and the day on which it was
    made, in this order; either may be missing.

    Raises ``RepositoryError`` for a line that is something else, and for a tag that
    stands there twice.
    """
    try:
        text = read_small(path, RepositoryError).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise RepositoryError(f"{path}: is not in UTF-8") from None
    tags: dict[str, GitTag] = {}
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if not words:
            continue
        tag = _tag(words)
        if tag is None:
            raise RepositoryError(
                f"{path}: line {number} is {line!r:.80}, expected a tag, and behind it "
                "as far as they are known its whole commit id and its day as 2026-01-31"
            )
        if len(tag.name) > _LONGEST:
            raise RepositoryError(
                f"{path}: line {number}: a tag of more than {_LONGEST} characters: "
                f"{tag.name!r:.80}"
            )
        if len(tags) == _MOST:
            raise RepositoryError(f"{path}: has more than {_MOST} tags")
        if tag.name in tags:
            raise RepositoryError(f"{path}: line {number} has {tag.name!r:.80} again")
        tags[tag.name] = tag
    return tuple(tags.values())


def _tag(words: list[str]) -> GitTag | None:
    """The tag of a line; None where something else stands there."""
    name, *rest = words
    commit = rest.pop(0) if rest and is_commit_id(rest[0]) else ""
    day = rest.pop(0) if rest else ""
    made = _midnight(day)
    if rest or (day and made is None):
        return None
    return GitTag(name.removeprefix("refs/tags/"), commit, made=made)


def _midnight(text: str) -> datetime | None:
    """The beginning of a day (ISO 8601, UTC), None for a text that is none."""
    try:
        day = datetime.fromisoformat(text) if _DAY.fullmatch(text) else None
    except ValueError:
        return None
    return day.replace(tzinfo=UTC) if day else None

"""A list of tags in a file: a tag a line, and behind it, if given, its commit."""

from __future__ import annotations

from pathlib import Path

from release_guard.errors import RepositoryError
from release_guard.facts import GitTag, is_commit_id
from release_guard.sources.files import read_small

__all__ = ["read_tag_list"]

_TAG_AND_COMMIT = 2


def read_tag_list(path: Path) -> tuple[GitTag, ...]:
    """The tags of a file; the commit is empty where the line has none.

    Raises ``RepositoryError`` for a line that is something else.
    """
    try:
        text = read_small(path, RepositoryError).decode("utf-8")
    except UnicodeDecodeError:
        raise RepositoryError(f"{path}: is not in UTF-8") from None
    tags = []
    for number, line in enumerate(text.split("\n"), start=1):
        words = line.split()
        if not words:
            continue
        commit = words[1] if len(words) == _TAG_AND_COMMIT else ""
        if len(words) > _TAG_AND_COMMIT or (commit and not is_commit_id(commit)):
            raise RepositoryError(
                f"{path}: line {number} is {line!r:.80}, expected a tag, or a tag and "
                "its whole commit id"
            )
        tags.append(GitTag(words[0].removeprefix("refs/tags/"), commit))
    return tuple(tags)

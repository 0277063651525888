"""A file of projects: a project a line, and behind it, if given, where its tags are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from release_guard.errors import SourceError, UsageError
from release_guard.sources.files import read_small

__all__ = ["ProjectLine", "read_projects_file"]

#: Some ten thousand projects, in bytes.
_LARGEST = 1 << 20
_COMMENT = re.compile(r"(?:^|\s)#.*")


@dataclass(frozen=True, slots=True)
class ProjectLine:
    """One line: the project, where its tags are (empty: not said), and its number."""

    project: NormalizedName
    tags: str
    number: int


def read_projects_file(path: Path) -> tuple[ProjectLine, ...]:
    """The projects of a file, in its order. What stands behind a ``#`` is a comment.

    Raises ``UsageError`` for a line that does not begin with a project's name, and
    ``SourceError`` for a file that cannot be read, or names nothing.
    """
    try:
        text = read_small(path, SourceError, largest=_LARGEST).decode("utf-8-sig")
    except UnicodeDecodeError:
        raise SourceError(f"{path}: is not in UTF-8") from None
    lines = []
    for number, line in enumerate(text.split("\n"), start=1):
        text_of_it = _COMMENT.sub("", line.removesuffix("\r"))
        words = text_of_it.split(maxsplit=1)
        if not words:
            continue
        if not text_of_it.replace("\t", " ").isprintable():
            # A carriage return, or what else somebody may take for the end of a line.
            raise UsageError(
                f"{path}: line {number}: holds a character that is no text: "
                f"{text_of_it!r:.80}"
            )
        try:
            project = canonicalize_name(words[0], validate=True)
        except InvalidName:
            raise UsageError(
                f"{path}: line {number}: expected the name of a project, and behind it "
                f"where its tags are, found {line!r:.80}"
            ) from None
        lines.append(ProjectLine(project, "".join(words[1:]).strip(), number))
    if not lines:
        raise SourceError(f"{path}: names no project")
    return tuple(lines)

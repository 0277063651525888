"""What GitHub's runner makes of a step's log and of its output file.

Written from the runner's contract: it reads the log line by line and obeys
``::name key=value,key=value::data`` at the beginning of a line and, older,
``##[name key=value;key=value]data`` anywhere in it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Command", "OutputFileError", "commands", "outputs"]

#: Commands that are not registered are plain text.
_REGISTERED = frozenset(
    {
        *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup"),
        *("error", "group", "notice", "remove-matcher", "save-state", "set-env"),
        *("set-output", "stop-commands", "warning"),
    }
)
#: .NET's white space, which is trimmed from a line's beginning.
_WHITE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_LINE_ENDS = {"%0D": "\r", "%0A": "\n"}
_DATA = _LINE_ENDS | {"%25": "%"}
_PROPERTY = _LINE_ENDS | {"%3A": ":", "%2C": ",", "%25": "%"}
_OLD = {"%3B": ";"} | _LINE_ENDS | {"%5D": "]", "%25": "%"}


@dataclass(frozen=True)
class Command:
    """A command that the runner obeys."""

    name: str
    data: str
    properties: Mapping[str, str] = field(default_factory=dict)


def commands(log: str) -> list[Command]:
    """Every command in a log, in order. CR, LF and CRLF end a line, nothing else."""
    parsed = (_new(line) or _old(line) for line in re.split(r"\r\n|\r|\n", log))
    return [command for command in parsed if command is not None]


def _new(line: str) -> Command | None:
    line = line.lstrip(_WHITE)
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, properties = line[2:end].partition(" ")
    if name.lower() not in _REGISTERED:
        return None
    pairs = _pairs(properties.strip(_WHITE), ",", _PROPERTY)
    return Command(name.lower(), _unescaped(line[end + 2 :], _DATA), pairs)


def _old(line: str) -> Command | None:
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, properties = line[start + 3 : end].partition(" ")
    if name.lower() not in _REGISTERED:
        return None
    pairs = _pairs(properties, ";", _OLD)
    return Command(name.lower(), _unescaped(line[end + 1 :], _OLD), pairs)


def _pairs(text: str, mark: str, escapes: Mapping[str, str]) -> dict[str, str]:
    """Keys and values; a pair without a value is dropped."""
    split = (pair.partition("=") for pair in text.split(mark))
    return {key: _unescaped(value, escapes) for key, _, value in split if key and value}


def _unescaped(text: str, escapes: Mapping[str, str]) -> str:
    for escape, character in escapes.items():
        text = text.replace(escape, character)
    return text


# --- the output file ------------------------------------------------------------


class OutputFileError(ValueError):
    """The runner fails the step: the file has not the form."""


def outputs(content: str) -> dict[str, str]:
    """The outputs in a GITHUB_OUTPUT file; only LF ends a line there."""
    lines = content.split("\n")
    found: dict[str, str] = {}
    while lines:
        line = lines.pop(0)
        if not line:
            continue
        form = re.search("=|<<", line)
        if form is None:
            raise OutputFileError(f"invalid format {line!r}")
        name, rest = line[: form.start()], line[form.end() :]
        if not name:
            raise OutputFileError("the name is empty")
        found[name] = rest if form[0] == "=" else _heredoc(rest, lines)
    return found


def _heredoc(delimiter: str, lines: list[str]) -> str:
    """The lines up to one that is exactly the delimiter, which are taken away."""
    if not delimiter or delimiter not in lines:
        raise OutputFileError(f"matching delimiter not found {delimiter!r}")
    end = lines.index(delimiter)
    value = "\n".join(lines[:end])
    del lines[: end + 1]
    return value

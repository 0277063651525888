"""The files that a step writes to speak with the runner (``EnvFileKeyValuePairs``).

One form for outputs, environment and state: ``name=value``, or ``name<<DELIMITER``,
lines, and the delimiter on a line of its own. Only LF ends a line there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from runner.log import BLOCKED

__all__ = [
    "KINDS",
    "FileCommandError",
    "Summary",
    "pairs",
    "read_environment",
    "read_outputs",
    "summary",
]

#: Variable of the file -> how its name begins, as the runner makes it for each step.
KINDS: Mapping[str, str] = {
    "GITHUB_OUTPUT": "set_output",
    "GITHUB_ENV": "set_env",
    "GITHUB_PATH": "add_path",
    "GITHUB_STATE": "save_state",
    "GITHUB_STEP_SUMMARY": "step_summary",
}
#: A summary over this, in bytes, is dropped whole.
_LARGEST_SUMMARY = 1 << 20


class FileCommandError(ValueError):
    """The runner fails the step: the file has not the form, or sets what it may not."""


def pairs(content: str) -> Iterator[tuple[str, str]]:
    """Names and values in their order; those before a wrong line count.

    Raises ``FileCommandError`` at the first line that has not the form.
    """
    lines = content.split("\n")
    while lines:
        line = lines.pop(0)
        if not line:
            continue
        equals, heredoc = line.find("="), line.find("<<")
        if heredoc >= 0 and (equals < 0 or heredoc < equals):
            name, _, delimiter = line.partition("<<")
            if not name or not delimiter:
                raise FileCommandError(
                    f"Invalid format '{line}'. Name must not be empty and delimiter "
                    "must not be empty"
                )
            yield name, _heredoc(delimiter, lines)
        elif equals >= 0:
            name, _, value = line.partition("=")
            yield name, value
        else:
            raise FileCommandError(f"Invalid format '{line}'")


def _heredoc(delimiter: str, lines: list[str]) -> str:
    """The lines up to one that is exactly the delimiter, which are taken away."""
    if delimiter not in lines:
        raise FileCommandError(
            f"Invalid value. Matching delimiter not found '{delimiter}'"
        )
    end = lines.index(delimiter)
    value = "\n".join(lines[:end])
    del lines[: end + 1]
    return value


def read_outputs(content: str, into: dict[str, str]) -> None:
    """Apply a file of outputs or of state; what stands before an error stays."""
    for name, value in pairs(content):
        if not name:
            raise FileCommandError("Value cannot be null or empty: the name is empty")
        into[name] = value


def read_environment(content: str, into: dict[str, str]) -> None:
    """Apply a file of variables for later steps; nearly every name is allowed."""
    for name, value in pairs(content):
        if not name:
            raise FileCommandError("Value cannot be null or empty: the name is empty")
        if name.upper() == BLOCKED:
            raise FileCommandError(
                f"Can't store {BLOCKED} output parameter using '$GITHUB_ENV' command."
            )
        into[name] = value


@dataclass(frozen=True)
class Summary:
    """What is shown of a step's summary; ``error`` where it was dropped."""

    text: str
    error: str = ""


def summary(content: bytes) -> Summary:
    """What the runner uploads of a summary; the step does not fail for its size."""
    if len(content) > _LARGEST_SUMMARY:
        return Summary(
            "",
            "$GITHUB_STEP_SUMMARY upload aborted, supports content up to a size of "
            f"{_LARGEST_SUMMARY // 1024}k, got {len(content) // 1024}k.",
        )
    return Summary(content.decode("utf-8", "replace"))

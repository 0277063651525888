"""The two readers of the runner's that most tests need: of a log, of an output file."""

from __future__ import annotations

from runner.file_commands import FileCommandError, read_outputs
from runner.log import Command, commands

__all__ = ["Command", "OutputFileError", "commands", "outputs"]

OutputFileError = FileCommandError


def outputs(content: str) -> dict[str, str]:
    """The outputs in a GITHUB_OUTPUT file; raises where the runner fails the step."""
    found: dict[str, str] = {}
    read_outputs(content, found)
    return found

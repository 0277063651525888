"""The ways release-guard can fail to give a verdict, and the exit codes.

A finding is no error: it is an answer. These are the cases without an answer::

    ReleaseGuardError
    ├── UsageError                  exit 2: the command line is wrong
    │   └── PolicyError             exit 2: the policy file is wrong
    └── SourceError                 exit 3: a fact that is needed was not read
        ├── NoDistributionsError    nothing there to examine
        ├── EventError              the CI system's event is missing or malformed
        ├── RepositoryError         the checkout's repository cannot be read
        │   ├── NoGitError          there is no git program to read it with
        │   └── GitTimeoutError     it gave no answer in time
        ├── ManifestError           the manifest is missing or malformed
        ├── IndexUnavailableError   the index was not reached, or refused
        ├── IndexResponseError      the index answered something that is no listing
        │   └── OtherHostError      it sent on to another host
        └── ProgramError            twine or the local index did not do its part
"""

from __future__ import annotations

from enum import IntEnum

__all__ = [
    "EventError",
    "ExitCode",
    "GitTimeoutError",
    "IndexResponseError",
    "IndexUnavailableError",
    "ManifestError",
    "NoDistributionsError",
    "NoGitError",
    "OtherHostError",
    "PolicyError",
    "ProgramError",
    "ReleaseGuardError",
    "RepositoryError",
    "SourceError",
    "UsageError",
]


class ExitCode(IntEnum):
    """What the process says, the same in every format."""

    PASSED = 0
    FINDINGS = 1
    USAGE = 2
    UNDECIDED = 3


class ReleaseGuardError(Exception):
    """The root: one line that says what is wrong, and one that says what to do.

    Either may hold text from outside; the reports escape it.
    """

    exit_code = ExitCode.UNDECIDED

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(ReleaseGuardError):
    """The command line, or an input of the action, is wrong."""

    exit_code = ExitCode.USAGE


class PolicyError(UsageError):
    """The policy file is wrong: each line names file, key path and what is allowed."""


class SourceError(ReleaseGuardError):
    """A fact that is needed could not be read."""


class NoDistributionsError(SourceError):
    """There is nothing to examine."""


class EventError(SourceError):
    """The CI system's event is missing, or says something that cannot be."""


class RepositoryError(SourceError):
    """The repository of the checkout is there, and git cannot read it."""


class NoGitError(RepositoryError):
    """There is a checkout, and no git program on this machine to read it with."""


class GitTimeoutError(RepositoryError):
    """Git gave no answer in the time that it has."""


class ManifestError(SourceError):
    """The manifest is missing, malformed, or of a schema that is not known here."""


class IndexUnavailableError(SourceError):
    """The index was not reached, or did not let us read.

    ``transient`` says whether another try may help (a time-out, a 503); a refusal
    (a 401, another host) does not go away by asking again. ``retry_after`` is how long
    the server asks to be left alone, in seconds; ``status`` is what it answered, None
    where there was no answer.
    """

    def __init__(
        self,
        message: str,
        *,
        hint: str = "",
        transient: bool,
        retry_after: float = 0.0,
        status: int | None = None,
    ) -> None:
        super().__init__(message, hint=hint)
        self.transient = transient
        self.retry_after = retry_after
        self.status = status


class IndexResponseError(SourceError):
    """The index answered, but not with a listing: a login page, half a document."""


class OtherHostError(IndexResponseError):
    """The index sends on to another host: what is there is not this index."""


class ProgramError(SourceError):
    """A program that was started (twine, the local index) did not do its part."""

"""What ``init`` tells: what it wrote and why, what it could not tell, what is next."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from itertools import islice

from release_guard.proposal.proposing import ENVIRONMENT, Proposal, Setting
from release_guard.proposal.written import Fate, Outcome, Placed
from release_guard.reports.escape import log, visible

__all__ = ["render"]

_SAID = {
    Fate.WRITTEN: "wrote {}",
    Fate.REPLACED: "wrote {}, over the file that was there:",
    Fate.SAME: "{} is so already",
    Fate.KEPT: "not written: {} is there, and differs:",
    Fate.HELD: "not written either: {}",
}
#: Of each file that differs, in lines.
_LONGEST_DIFF = 60
#: Of each line in it, in characters.
_WIDEST_DIFF = 200


def render(outcome: Outcome) -> str:
    """The whole answer, for a terminal."""
    blocks = [
        [f"release-guard init: {', '.join(outcome.proposal.projects)}"],
        *(list(_file(file)) for file in outcome.files),
        list(_reasons(outcome.proposal)),
        list(_list(_lost_head(outcome), outcome.lost)),
        list(_list("not told by what was seen:", outcome.proposal.unclear)),
        list(_list("uploads that go round the guard:", _around(outcome.proposal))),
        list(_next(outcome)),
    ]
    return log("\n\n".join("\n".join(block) for block in blocks if block)) + "\n"


def _file(file: Placed) -> Iterator[str]:
    yield _SAID[file.fate].format(file.draft.path)
    if file.fate in (Fate.KEPT, Fate.REPLACED):
        there, proposed = f"{file.draft.path} (there)", f"{file.draft.path} (proposed)"
        lines = unified_diff(
            file.before.splitlines(),
            file.draft.text.splitlines(),
            *(there, proposed),
            lineterm="",
            n=1,
        )
        shown = list(islice(lines, _LONGEST_DIFF + 1))
        yield from (f"  {_cut(line)}" for line in shown[:_LONGEST_DIFF])
        if len(shown) > _LONGEST_DIFF:
            yield "  ..."


def _cut(line: str) -> str:
    return line if len(line) <= _WIDEST_DIFF else f"{line[:_WIDEST_DIFF]} ..."


def _reasons(proposal: Proposal) -> Iterator[str]:
    """What is in force, and why."""
    in_force = [setting for setting in proposal.settings if setting.in_force]
    yield "what is in force:"
    width = max((len(setting.key) for setting in in_force), default=0)
    for setting in in_force:
        yield f"  {setting.key:{width}}  {_value(setting)}"
        yield f"  {'':{width}}  ({setting.reason})"


def _value(setting: Setting) -> str:
    if isinstance(setting.value, str):
        return setting.value
    names = tuple(setting.value)
    more = len(names) - _SHOWN
    told = ", ".join(names[:_SHOWN])
    return f"{told} and {more} more" if more > 0 else told


_SHOWN = 4


def _list(head: str, lines: tuple[str, ...]) -> Iterator[str]:
    if lines:
        yield head
        # A line end in a name would begin a line of its own.
        yield from (f"  - {visible(line)}" for line in lines)


def _lost_head(outcome: Outcome) -> str:
    told = "is no longer in force" if outcome.is_written else "would not be in force"
    return f"what the policy that was there says, and {told}:"


def _around(proposal: Proposal) -> tuple[str, ...]:
    return tuple(f"{visible(at.path)} ({at.word})" for at in proposal.around)


def _next(outcome: Outcome) -> Iterator[str]:
    """What a person has to do now, step by step."""
    yield "next:"
    for number, step in enumerate(_steps(outcome), start=1):
        yield f"  {number}. {step}"


def _steps(outcome: Outcome) -> Iterator[str]:
    proposal = outcome.proposal
    if not outcome.is_written:
        yield "compare the files; to write over them: release-guard init --force"
        return
    files = [workflow.path.rpartition("/")[2] for workflow in proposal.workflows]
    names = ", ".join(files)
    pin = ", pin org/release-guard to a commit as the others are," if names else ""
    yield f"read the files{pin} and commit them"
    for found in proposal.around:
        yield f"take the upload out of {visible(found.path)}: it goes round the guard"
    if proposal.not_ignored:
        left = " and ".join(proposal.not_ignored)
        yield f"let git ignore {left}: put them into .gitignore"
    if not names:
        yield "call release-guard check before your upload, and verify after it"
        return
    yield (
        f'protect the environment "{ENVIRONMENT}": in the repository\'s settings, with '
        "reviewers, and open to release tags only"
    )
    yield (
        "register the trusted publisher on the index: this repository, the workflow "
        f'{names}, the environment "{ENVIRONMENT}"'
    )
    yield "try a release on this machine: python -m build, release-guard rehearse"
    tags = " or ".join(f for w in proposal.workflows for f in w.filters)
    yield f"push a release tag ({tags}): it is built, checked, published, verified"

"""The report for GitHub: annotations for the log, Markdown for the job summary."""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.findings import Report, Severity, Verdict, some
from release_guard.reports import markdown, text
from release_guard.reports.causes import Cause, causes
from release_guard.reports.document import document
from release_guard.reports.escape import command
from release_guard.rules.waivers import waiver_expired, waiver_unused

__all__ = ["annotate", "render", "summary"]

#: The runner keeps ten of a kind for a step; the tenth says how many more there are.
_MOST = 10
_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTICE: "notice",
}
#: What is wrong with the policy file, the one file of the workspace that is judged.
_OF_THE_POLICY = (waiver_unused.id, waiver_expired.id)


def render(report: Report, *, verbose: bool = False) -> str:
    """The annotations, and then the text report, for the log of a job."""
    return "".join([annotate(report), text.render(report, verbose=verbose)])


def summary(report: Report) -> str:
    """The job summary in Markdown, below the size at which the runner drops it."""
    return markdown.render(document(report))


def annotate(report: Report) -> str:
    """Workflow commands, one for each cause and at most ten of a kind, among them the
    one that says why there is no verdict.
    """
    is_open = [*_open_question(report)]
    lines: list[str] = []
    for severity in Severity:
        mine = causes(f for f in report.findings if f.severity is severity)
        room = _MOST - (len(is_open) if severity is Severity.ERROR else 0)
        shown = mine if len(mine) <= room else mine[: room - 1]
        lines += (_annotation(cause, report.policy) for cause in shown)
        if len(mine) > len(shown):
            rest = f"{len(mine) - len(shown)} more; the report has them all"
            title = {"title": "release-guard"}
            lines.append(command(_COMMANDS[severity], rest, title))
    return "".join(f"{line}\n" for line in [*lines, *is_open])


def _open_question(report: Report) -> Iterator[str]:
    """Why there is no verdict: the error that ended the job, or what was not read."""
    if not report.error and report.verdict is not Verdict.UNDECIDED:
        return
    needed = (item for item in report.not_run if item.needed)
    reasons = dict.fromkeys(f"{item.reason}\n{item.hint}".strip() for item in needed)
    why = f"{report.error}\n{report.hint}".strip() or "\n".join([*reasons][:_MOST])
    title = {"title": "release-guard: not decided"}
    yield command("error", why or "nothing was judged", title)


def _annotation(cause: Cause, policy: str) -> str:
    """What is wrong with whom, what to do, and where to read of it; shown in the policy
    file where it is about that.
    """
    rules = dict.fromkeys(text.upload_rule(finding) for finding in cause.findings)
    message = f"{some(cause.subjects)}: {cause.message}{''.join(rules)}"
    properties = {"title": f"release-guard: {cause.rule}"}
    if policy and cause.rule in _OF_THE_POLICY:
        # Of pyproject.toml the table is named behind the file.
        properties["file"] = policy.partition(": ")[0]
    told = "\n".join(filter(None, (message, cause.fix, cause.docs)))
    return command(_COMMANDS[cause.severity], told, properties)

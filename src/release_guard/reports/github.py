"""The report for GitHub: annotations for the log, Markdown for the job summary."""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.findings import Report, Severity, some
from release_guard.reports import markdown, text, words
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
    one of what is open.
    """
    is_open = [*_open_questions(report)]
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


def _open_questions(report: Report) -> Iterator[str]:
    """Why there is no verdict, or would be none without the findings: one annotation,
    with the first reasons.
    """
    questions = report.open_questions
    told = [f"{each.reason}\n{each.hint}".strip() for each in questions[:_MOST]]
    if len(questions) > len(told):
        told.append(f"and {len(questions) - len(told)} more; the report has them all")
    if told:
        title = {"title": f"release-guard: {words.open_title(report)}"}
        yield command("error", "\n".join(told), title)


def _annotation(cause: Cause, policy: str) -> str:
    """What is wrong with whom, what to do, and where to read of it; shown in the policy
    file where it is about that.
    """
    wrong = f"{cause.message}{words.upload_rules(cause)}"
    message = f"{some(cause.subjects)}: {wrong}"
    properties = {"title": f"release-guard: {cause.rule}"}
    if policy and cause.rule in _OF_THE_POLICY:
        # Of pyproject.toml the table is named behind the file.
        properties["file"] = policy.partition(": ")[0]
    told = "\n".join(filter(None, (message, cause.fix, cause.docs)))
    return command(_COMMANDS[cause.severity], told, properties)

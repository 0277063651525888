"""The report for GitHub: annotations for the log, Markdown for the job summary."""

from __future__ import annotations

from collections.abc import Iterator

from release_guard.findings import Finding, Report, Severity, Verdict
from release_guard.reports import audited, matrix, text
from release_guard.reports.escape import code, command

__all__ = ["annotate", "render", "summary"]

#: The runner keeps ten of a kind for a step; the tenth says how many more there are.
_MOST = 10
#: A summary over 1 MiB is dropped whole; the rest is headroom for the runner.
_LARGEST = (900 << 10) - 200
_COMMANDS = {
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTICE: "notice",
}
_SIGNS = {
    Verdict.PASS: "✅ passed",
    Verdict.FAIL: "❌ blocked",
    Verdict.UNDECIDED: "⚠️ not decided",
}


def render(report: Report) -> str:
    """The annotations, and then the text report, for the log of a job."""
    return "".join([annotate(report), text.render(report)])


def annotate(report: Report) -> str:
    """Workflow commands, at most ten of a kind."""
    lines = []
    for severity in Severity:
        mine = [f for f in report.findings if f.severity is severity]
        shown = mine if len(mine) <= _MOST else mine[: _MOST - 1]
        lines += [_annotation(finding) for finding in shown]
        if len(mine) > len(shown):
            rest = f"{len(mine) - len(shown)} more; the report has them all"
            title = {"title": "release-guard"}
            lines.append(command(_COMMANDS[severity], rest, title))
    if report.error or report.verdict is Verdict.UNDECIDED:
        title = {"title": "release-guard: not decided"}
        lines.append(command("error", _open_question(report), title))
    return "".join(f"{line}\n" for line in lines)


def _open_question(report: Report) -> str:
    """Why there is no verdict: the error that ended the job, or what was not read."""
    if report.error:
        return f"{report.error}\n{report.hint}".strip()
    needed = (item for item in report.not_run if item.needed)
    reasons = dict.fromkeys(f"{item.reason}\n{item.hint}".strip() for item in needed)
    return "\n".join([*reasons][:_MOST]) or "nothing was judged"


def _annotation(finding: Finding) -> str:
    rule = text.upload_rule(finding)
    message = (
        f"{finding.subject}: {finding.message}{rule}\n{finding.fix}\n{finding.docs}"
    )
    title = {"title": f"release-guard: {finding.rule}"}
    return command(_COMMANDS[finding.severity], message, title)


def summary(report: Report) -> str:
    """The job summary in Markdown, below the size at which the runner drops it."""
    rows: list[str] = []
    size = 0
    for line in _summary_lines(report):
        size += len(line.encode()) + 1
        if size > _LARGEST:
            rows += ["</details>"] if _is_open(rows) else []
            rows += ["", "The rest is left out: the summary would grow too large."]
            break
        rows.append(line)
    return "\n".join(rows) + "\n"


def _is_open(rows: list[str]) -> bool:
    """Whether the rows end inside what is folded, where a notice would be hidden."""
    return sum(row.startswith("<details>") for row in rows) > rows.count("</details>")


def _summary_lines(report: Report) -> Iterator[str]:
    releases = ", ".join(map(code, text.subjects(report)))
    about = f" {releases} for {code(report.index)}" if releases else ""
    yield f"## release-guard {report.command}: {_SIGNS[report.verdict]}{about}"
    yield ""
    if report.error:
        yield f"**Not decided:** {code(report.error)} {code(report.hint)}"
        yield ""
    yield from _audited(report)
    yield from _findings_table(report)
    yield from _changes(report)
    yield from _published(report)
    for picture in report.matrices:
        yield from matrix.markdown(picture)
    if report.waived:
        yield from ("### Waived by the policy", "")
        for waived in report.waived:
            finding, waiver = waived.finding, waived.waiver
            yield (
                f"- {code(finding.rule)} {code(finding.subject)}: "
                f"{code(finding.message)} because {code(waiver.reason)}"
            )
        yield ""
    needed = [item for item in report.not_run if item.needed]
    if needed:
        yield from ("### Not read, and needed for a verdict", "")
        for reason, hint in dict.fromkeys((item.reason, item.hint) for item in needed):
            yield f"- {code(reason)} {code(hint)}" if hint else f"- {code(reason)}"
        yield ""
    yield from _folded(report)


def _published(report: Report) -> Iterator[str]:
    """What became of each release, what moved on the index, and what to do next."""
    for one in report.published:
        label = code(f"{one.project} {one.version}")
        listed = f"{one.listed} of {one.expected} file(s) listed"
        yield f"- {label}: {one.state} ({listed}, {one.looks} look(s))"
    if report.published:
        yield ""
    if report.next_steps:
        yield from ("### What to do next", "")
        yield from (f"- {code(step.strip())}" for step in report.next_steps)
        yield ""
    moved = [line for line in report.diff if line.mark != "="]
    if moved:
        yield "<details><summary>The listing, before and after</summary>"
        yield ""
        for line in moved:
            yield f"- {code(line.mark)} {code(line.subject)}: {code(line.says)}"
        yield from ("", "</details>", "")


def _audited(report: Report) -> Iterator[str]:
    """The table of an audit, and what it answers."""
    if not report.audited:
        return
    for question, answer in audited.answers(report):
        yield f"- {question} {code(answer)}"
    yield ""
    yield f"| {' | '.join(audited.HEAD)} |"
    yield f"|---{'|--:' * (len(audited.HEAD) - 3)}|---|---|"
    for row in report.audited:
        yield f"| {' | '.join(map(code, audited.cells(row)))} |"
    yield ""


def _findings_table(report: Report) -> Iterator[str]:
    if report.findings:
        yield "| | rule | file | what is wrong, and what to do |"
        yield "|---|---|---|---|"
        for finding in report.findings:
            rule = f"[{finding.rule}]({finding.docs})"
            message = f"{finding.message}{text.upload_rule(finding)}"
            told = f"{code(message)}<br>{code(finding.fix)}"
            yield f"| {finding.severity} | {rule} | {code(finding.subject)} | {told} |"
        yield ""


def _changes(report: Report) -> Iterator[str]:
    """What changes since the last release: a line for each change."""
    for finding in report.findings:
        changes = finding.evidence.get("changes")
        if isinstance(changes, tuple):
            told = code(f"{finding.subject}: {finding.message}")
            yield f"<details><summary>{told}</summary>"
            yield ""
            yield from (f"- {code(change)}" for change in changes)
            yield from ("", "</details>", "")


def _folded(report: Report) -> Iterator[str]:
    if report.derivation:
        yield "<details><summary>Where it comes from</summary>"
        yield from ("", "| step | |", "|---|---|")
        for step in report.derivation:
            yield f"| {code(step.what)} | {code(step.says)} |"
        yield from ("", "</details>", "")
    files = [file for release in report.releases for file in release.files]
    if files:
        yield f"<details><summary>{len(files)} file(s)</summary>"
        yield from ("", "| file | bytes | sha256 |", "|---|---|---|")
        for file in files:
            yield f"| {code(file.filename)} | {file.size} | {code(file.sha256)} |"
        yield from ("", "</details>", "")
    optional = [item for item in report.not_run if not item.needed]
    if optional:
        yield f"<details><summary>{len(optional)} rule(s) did not run</summary>"
        yield from ("", "| rule | why |", "|---|---|")
        for item in optional:
            yield f"| {code(item.rule)} | {code(item.reason)} |"
        yield from ("", "</details>", "")

"""The report for a terminal or a log: the verdict, what to do, what was not judged.

Short where all is well. Where it is not, what explains many findings is told once, and
how the version came about and what was not judged stand in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import groupby

from release_guard.facts import ExpectedRelease, Kind
from release_guard.findings import (
    Finding,
    NotRun,
    Report,
    Severity,
    Step,
    Verdict,
    Waived,
)
from release_guard.reports import audited, matrix
from release_guard.reports.causes import Cause, causes
from release_guard.reports.escape import visible
from release_guard.reports.style import (
    PLAIN,
    Ink,
    Line,
    Screen,
    Span,
    cells,
    line,
    padded,
    size,
    written,
)

__all__ = ["headline", "render", "steps", "subjects", "upload_rule"]

_WORDS = {Verdict.PASS: "PASS", Verdict.FAIL: "FAIL", Verdict.UNDECIDED: "UNDECIDED"}
_VERDICT_INKS = {
    Verdict.PASS: Ink.GOOD,
    Verdict.FAIL: Ink.BAD,
    Verdict.UNDECIDED: Ink.DOUBT,
}
_INKS = {
    Severity.ERROR: Ink.BAD,
    Severity.WARNING: Ink.DOUBT,
    Severity.NOTICE: Ink.ASIDE,
}
#: How many messages of one rule are told, where all is not asked for. Of errors that is
#: no more than a bound: each cause has to be seen.
_MOST = {Severity.ERROR: 60, Severity.WARNING: 10, Severity.NOTICE: 5}
#: How many names stand below a message; one more would take the line of "and 1 more".
_FEW = 3
#: How many lines of a file or changes are told below a message of a pass.
_MOST_LINES = 10
_ALL = "all: --verbose, or --format json"


def render(report: Report, screen: Screen = PLAIN, *, verbose: bool = False) -> str:
    """The whole report, with a line end; ``verbose`` leaves out nothing."""
    sections = map(list, _sections(report, verbose=verbose))
    return written(_joined(section for section in sections if section), screen)


def _joined(sections: Iterable[list[Line]]) -> Iterator[Line]:
    """The sections, with an empty line between two."""
    for number, section in enumerate(sections):
        if number:
            yield line()
        yield from section


def _sections(report: Report, *, verbose: bool) -> Iterator[Iterable[Line]]:
    """What is told, in the order in which a person needs it."""
    is_short = report.verdict is Verdict.PASS and not verbose
    needed = [item for item in report.not_run if item.needed]
    others = [item for item in report.not_run if not item.needed]
    yield [_head(report)]
    yield _error(report)
    yield _audited(report)
    yield _next_steps(report)
    yield _findings(report.findings, is_short=is_short, verbose=verbose)
    yield _not_run("still open:", needed, verbose=verbose)
    yield _waived(report.waived, verbose=verbose)
    for picture in report.matrices:
        if verbose or matrix.has_changes(picture):
            yield matrix.text(picture)
    if is_short:
        yield _summary(report, others)
        return
    yield _published(report)
    yield _diff(report)
    yield _derivation(report)
    yield _not_run("not judged:", others, verbose=verbose)
    if verbose:
        yield from map(_files, report.releases)


# --- the verdict ----------------------------------------------------------------


def headline(report: Report) -> str:
    """The verdict in one line."""
    return visible("".join(span.text for span in _head(report).spans))


def _head(report: Report) -> Line:
    releases = ", ".join(subjects(report))
    about = f" - {releases} for {report.index}" if releases else ""
    return line(
        f"release-guard {report.command}: ",
        Span(_WORDS[report.verdict], _VERDICT_INKS[report.verdict]),
        f"{about} ({', '.join(_counts(report))})",
    )


def subjects(report: Report) -> tuple[str, ...]:
    """What the report is about: its releases; of an audit, the projects."""
    labels = tuple(release.label for release in report.releases)
    return audited.names(report) if report.audited else labels


def _counts(report: Report) -> Iterator[str]:
    files = sum(len(release.files) for release in report.releases)
    yield _plural(files + sum(row.files for row in report.audited), "file")
    yield _plural(report.rules, "rule")
    for severity in Severity:
        number = sum(finding.severity is severity for finding in report.findings)
        if number:
            yield _plural(number, severity)
    yield f"{report.elapsed:.1f} s"


def _plural(number: int, word: str) -> str:
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"


def _error(report: Report) -> Iterator[Line]:
    if report.error:
        yield line(Span("not decided", Ink.DOUBT), f": {report.error}")
    if report.error and report.hint:
        yield _fix(report.hint)


def _fix(text: str, indent: int = 2) -> Line:
    """What to do about the lines above."""
    return line(Span(f"-> {text}", Ink.STRONG), indent=indent, hang=3)


def _title(text: str) -> Line:
    return line(Span(text, Ink.STRONG))


def _next_steps(report: Report) -> Iterator[Line]:
    """What to do about a publication; what is indented is a command to copy."""
    if report.next_steps:
        yield _title("what to do next:")
    for step in report.next_steps:
        told = step.lstrip(" ")
        deeper = len(step) - len(told)
        yield line(told, indent=2 + deeper, is_copied=bool(deeper))


def _audited(report: Report) -> Iterator[Line]:
    """The table of an audit, and what it answers."""
    if not report.audited:
        return
    rows = [audited.HEAD, *map(audited.cells, report.audited)]
    widths = _widths(rows)
    for name, *numbers, verdict, place in rows:
        ends = zip(numbers, widths[1:], strict=False)
        middle = "  ".join(f"{number:>{width}}" for number, width in ends)
        told = f"{padded(verdict, widths[-2])}  {place}"
        yield line(f"{padded(name, widths[0])}  {middle}  {told}", indent=2)
    yield line()
    answers = audited.answers(report)
    (width, _) = _widths(answers)
    for question, answer in answers:
        yield line(f"{padded(question, width)}  {answer}", indent=2, hang=width + 2)


def _widths(rows: Iterable[Iterable[str]]) -> list[int]:
    """How wide each column of a table is."""
    columns = zip(*rows, strict=True)
    return [max(cells(visible(cell)) for cell in column) for column in columns]


# --- the findings ---------------------------------------------------------------


def _findings(
    findings: Iterable[Finding], *, is_short: bool, verbose: bool
) -> Iterator[Line]:
    """The findings by rule, by what is to do, and by cause."""
    for (severity, rule, docs), group in groupby(causes(findings), _rule_of):
        head = Span(severity, _INKS[severity]), ": ", Span(rule, Ink.STRONG)
        yield line(*head, "  ", Span(f"({docs})", Ink.FAINT))
        for fix, told in _by_fix(group).items():
            most = len(told) if verbose else _MOST[severity]
            for cause in told[:most]:
                yield from _cause(cause, is_short=is_short, verbose=verbose)
            if left := told[most:]:
                number = sum(len(cause.findings) for cause in left)
                yield line(f"and {number:,} more findings ({_ALL})", indent=2)
            if fix:
                yield _fix(fix)


def _rule_of(cause: Cause) -> tuple[Severity, str, str]:
    return cause.severity, cause.rule, cause.docs


def _by_fix(told: Iterable[Cause]) -> dict[str, list[Cause]]:
    """The causes by what is to do, in the order in which that comes up."""
    groups: dict[str, list[Cause]] = {}
    for cause in told:
        groups.setdefault(cause.fix, []).append(cause)
    return groups


def _cause(cause: Cause, *, is_short: bool, verbose: bool) -> Iterator[Line]:
    """What is wrong, with what, and the lines that it is about."""
    names, sources = cause.subjects, [_source(finding) for finding in cause.findings]
    message = f"{cause.message}{_refused(cause)}"
    most = _MOST_LINES if is_short else None
    if len(names) == 1:
        times = f" ({len(sources)} times)" if len(sources) > 1 else ""
        yield line(f"{names[0]}: {message}{times}", indent=2)
        for source in dict.fromkeys(sources):
            yield from _quoted(source, most)
        return
    yield line(f"{_each(names)}: {message}", indent=2)
    # Where each has lines of its own, they stand below its name.
    is_shared = len(set(sources)) == 1
    own: dict[str, list[tuple[str, ...]]] = {name: [] for name in names}
    for finding, source in zip(cause.findings, sources, strict=True):
        own[finding.subject].append(source)
    for name in _first(names, verbose=verbose):
        yield line(name, indent=4)
        for source in () if is_shared else dict.fromkeys(own[name]):
            yield from _quoted(source, most)
    yield from _rest(names, verbose=verbose)
    if is_shared:
        yield from _quoted(sources[0], most)


def _each(names: tuple[str, ...]) -> str:
    are_files = all(name.endswith((".whl", ".tar.gz", ".zip")) for name in names)
    return f"each of {len(names):,}{' files' if are_files else ''}"


def _first(names: tuple[str, ...], *, verbose: bool) -> tuple[str, ...]:
    """The names that are told: all, or so few that the rest is worth its own line."""
    return names if verbose or len(names) <= _FEW + 1 else names[:_FEW]


def _rest(names: tuple[str, ...], *, verbose: bool) -> Iterator[Line]:
    if left := len(names) - len(_first(names, verbose=verbose)):
        yield line(f"and {left:,} more ({_ALL})", indent=4)


def upload_rule(finding: Finding) -> str:
    """Which upload rule refuses it, and whether the index comes to that one first."""
    if finding.refusal is None:
        return ""
    first = ", refused first" if finding.first else ""
    return f" [upload rule {finding.refusal.row}{first}]"


def _refused(cause: Cause) -> str:
    """The same of a cause; of several that differ, each is told once."""
    return "".join(dict.fromkeys(map(upload_rule, cause.findings)))


def _source(finding: Finding) -> tuple[str, ...]:
    """The lines that a finding is about: as they stand in the file, or a change on
    each.
    """
    source = finding.evidence.get("source") or finding.evidence.get("changes")
    return source if isinstance(source, tuple) else ()


def _quoted(source: tuple[str, ...], most: int | None) -> Iterator[Line]:
    for told in source[:most]:
        yield line(Span("| ", Ink.FAINT), told, indent=6, hang=2)
    if most is not None and len(source) > most:
        left = len(source) - most
        yield line(Span("| ", Ink.FAINT), f"and {left:,} more ({_ALL})", indent=6)


def _waived(waived: tuple[Waived, ...], *, verbose: bool) -> Iterator[Line]:
    """What the policy lets pass, and why; every time."""
    if waived:
        yield _title("waived by the policy:")
    for waiver, group in groupby(waived, lambda item: item.waiver):
        until = f", until {waiver.until}" if waiver.until else ""
        for cause in causes(item.finding for item in group):
            names = cause.subjects
            about = names[0] if len(names) == 1 else _each(names)
            yield line(f"{cause.rule}: {about}: {cause.message}", indent=2)
            if len(names) > 1:
                told = _first(names, verbose=verbose)
                yield from (line(name, indent=4) for name in told)
                yield from _rest(names, verbose=verbose)
        yield line(f"because: {waiver.reason}{until}", indent=4)


# --- what was looked at ---------------------------------------------------------


def _published(report: Report) -> Iterator[Line]:
    """What became of each release, in one word."""
    if report.published:
        yield _title("what became of it:")
    yield from (line(f"{what}: {says}", indent=2) for what, says in _states(report))


def _states(report: Report) -> Iterator[tuple[str, str]]:
    for one in report.published:
        listed = f"{one.listed} of {_plural(one.expected, 'file')} listed"
        looks = _plural(one.looks, "look")
        yield f"{one.project} {one.version}", f"{one.state} ({listed}, {looks})"


#: As many lines of the diff that say the same are told one by one.
_MOST_ALIKE = 3


def _diff(report: Report) -> Iterator[Line]:
    """What moved on the index; of many alike only the number is told."""
    if report.diff:
        yield _title("the listing, before and after:")
    for (mark, says), group in groupby(
        report.diff, lambda moved: (moved.mark, moved.says)
    ):
        alike = [moved.subject for moved in group]
        if len(alike) > _MOST_ALIKE:
            yield line(f"{mark} {len(alike):,} files: {says}", indent=2)
        else:
            yield from (line(f"{mark} {name}: {says}", indent=2) for name in alike)


def steps(report: Report) -> tuple[Step, ...]:
    """How the version came about, and by which policy it was judged."""
    if report.error:
        return report.derivation
    return (*report.derivation, Step("policy", report.policy or "none: the defaults"))


def _derivation(report: Report) -> Iterator[Line]:
    """The steps, for whoever is surprised by the answer."""
    told = steps(report)
    if told:
        yield _title("where it comes from:")
    yield from _table((step.what, step.says) for step in told)


def _table(rows: Iterable[tuple[str, str]]) -> Iterator[Line]:
    """What is told of several things, one below the other."""
    told = [*rows]
    width = _widths(told)[0] if told else 0
    for what, says in told:
        yield line(
            Span(padded(what, width), Ink.FAINT), f"  {says}", indent=2, hang=width + 2
        )


def _not_run(title: str, not_run: Iterable[NotRun], *, verbose: bool) -> Iterator[Line]:
    """What was not judged, by reason. The same rules are named once: of 40 files that
    could not be read each has its reason, and all of them lack the same.
    """
    reasons: dict[tuple[str, str], list[NotRun]] = {}
    for item in not_run:
        reasons.setdefault((item.reason, item.hint), []).append(item)
    if reasons:
        yield _title(title)
    before: list[str] = []
    for (reason, hint), items in sorted(reasons.items()):
        mark = " (needed for a verdict)" if items[0].needed else ""
        rules = [item.rule for item in items]
        is_same = rules == before and len(rules) > _FEW and not verbose
        told = f"the same {len(rules)} rules" if is_same else ", ".join(rules)
        yield line(f"{reason}{mark}: ", Span(told, Ink.FAINT), indent=2)
        if hint:
            yield _fix(hint)
        before = rules


def _files(release: ExpectedRelease) -> Iterator[Line]:
    yield _title(f"files of {release.label}:")
    for file in release.files:
        hashed = f"sha256 {file.sha256}  {file.size:>11,}  {file.filename}"
        yield line(hashed, indent=2)


# --- the summary of a pass ------------------------------------------------------

#: The steps of the derivation that a pass tells too: which tag it was, and that code of
#: the distributions was run.
_TOLD_STEPS = ("tag", "its code ran")


def _summary(report: Report, not_run: Iterable[NotRun]) -> Iterator[Line]:
    """What was looked at, in a line for each thing."""
    published = [says for _, says in _states(report)]
    told = [
        *(("files", _sum(release)) for release in report.releases),
        *(("on the index", says) for says in published),
        *((s.what, s.says) for s in report.derivation if s.what in _TOLD_STEPS),
        *((s.what, s.says) for s in steps(report)[-1:]),
        ("manifest", report.manifest),
        ("not judged", _left_out(not_run)),
    ]
    yield from _table((what, says) for what, says in told if says)


def _sum(release: ExpectedRelease) -> str:
    """The files of a release by kind, and their size."""
    kinds = Counter(file.kind for file in release.files)
    counts = [_plural(kinds[kind], kind) for kind in Kind if kinds[kind]]
    whole = size(sum(file.size for file in release.files))
    return f"{release.label}: {' and '.join(counts)}, {whole}"


def _left_out(not_run: Iterable[NotRun]) -> str:
    """What was not judged, in one line: how many rules, and the widest reasons."""
    reasons: Counter[str] = Counter(item.reason for item in not_run)
    if not reasons:
        return ""
    told = [f"{reason} ({number})" for reason, number in reasons.most_common(_FEW)]
    left = len(reasons) - len(told)
    rest = f"; and {_plural(left, 'more reason')}" if left else ""
    rules = _plural(reasons.total(), "rule")
    return f"{rules}: {'; '.join(told)}{rest} (--verbose names them)"

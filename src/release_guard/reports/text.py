"""The report for a terminal or a log: the verdict, what to do, what was not judged.

Short where all is well. Where it is not, what explains many findings is told once, and
how the version came about and what was not judged stand in full.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from release_guard.facts import ExpectedRelease, Kind
from release_guard.findings import (
    Finding,
    NotRun,
    OpenQuestion,
    Report,
    Severity,
    Verdict,
    Waived,
    by_reason,
)
from release_guard.reports import audited, matrix, words
from release_guard.reports.causes import Cause, causes
from release_guard.reports.escape import visible
from release_guard.reports.groups import grouped, moves, quoted, waived
from release_guard.reports.style import (
    PLAIN,
    Ink,
    Line,
    Screen,
    Span,
    cells,
    line,
    padded,
    written,
)

__all__ = ["render"]

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
    is_open = report.verdict is Verdict.UNDECIDED
    others = [item for item in report.not_run if not item.needed]
    open_ = [*_open(report, verbose=verbose)]
    yield [_head(report)]
    yield open_ if is_open else []
    yield _audited(report)
    yield _next_steps(report)
    yield _findings(report.findings, is_short=is_short, verbose=verbose)
    yield [] if is_open else open_
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
    yield _not_judged(others, verbose=verbose)
    if verbose:
        yield from map(_files, report.releases)


# --- the verdict ----------------------------------------------------------------


def _head(report: Report) -> Line:
    asked, verdict, about = words.headline(report)
    return line(asked, Span(verdict, _VERDICT_INKS[report.verdict]), about)


def _open(report: Report, *, verbose: bool) -> Iterator[Line]:
    """Why there is no verdict, or would be none without the findings."""
    title = Span(words.open_title(report), _VERDICT_INKS[Verdict.UNDECIDED])
    if questions := report.open_questions:
        yield line(title, ":")
    yield from _questions(questions, " (needed for a verdict)", verbose=verbose)


def _fix(text: str, indent: int = 2) -> Line:
    """What to do about the lines above."""
    return line(Span(f"-> {text}", Ink.STRONG), indent=indent, hang=3)


def _title(text: str) -> Line:
    return line(Span(text, Ink.STRONG))


def _next_steps(report: Report) -> Iterator[Line]:
    """What to do about a publication, with the commands to copy."""
    if report.next_steps:
        yield _title("what to do next:")
    for step in report.next_steps:
        yield line(step.says, indent=2)
        for command in step.commands:
            yield line(command, indent=4, is_copied=True)


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
    for (severity, rule, docs), told in grouped(causes(findings), _rule_of).items():
        head = Span(severity, _INKS[severity]), ": ", Span(rule, Ink.STRONG)
        yield line(*head, "  ", Span(f"({docs})", Ink.FAINT))
        # The bound is the rule's, whatever there is to do: else there is none where
        # each has a fix of its own.
        most = len(told) if verbose else _MOST[severity]
        for fix, alike in grouped(told[:most], _fix_of).items():
            for cause in alike:
                yield from _cause(cause, is_short=is_short, verbose=verbose)
            if fix:
                yield _fix(fix)
        if left := sum(len(cause.findings) for cause in told[most:]):
            yield line(f"and {words.plural(left, 'more finding')} ({_ALL})", indent=2)


def _rule_of(cause: Cause) -> tuple[Severity, str, str]:
    return cause.severity, cause.rule, cause.docs


def _fix_of(cause: Cause) -> str:
    return cause.fix


def _cause(cause: Cause, *, is_short: bool, verbose: bool) -> Iterator[Line]:
    """What is wrong, with what, and the lines that it is about."""
    names, sources = cause.subjects, [quoted(finding) for finding in cause.findings]
    message = f"{cause.message}{words.upload_rules(cause)}"
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


def _quoted(source: tuple[str, ...], most: int | None) -> Iterator[Line]:
    for told in source[:most]:
        yield line(Span("| ", Ink.FAINT), told, indent=6, hang=2)
    if most is not None and len(source) > most:
        left = len(source) - most
        yield line(Span("| ", Ink.FAINT), f"and {left:,} more ({_ALL})", indent=6)


def _waived(items: tuple[Waived, ...], *, verbose: bool) -> Iterator[Line]:
    """What the policy lets pass, and why; every time."""
    if items:
        yield _title("waived by the policy:")
    for waiver, passed in waived(items):
        until = f", until {waiver.until}" if waiver.until else ""
        for cause in passed:
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
        looks = words.plural(one.looks, "look")
        says = f"{one.state} ({words.listed(one)}, {looks})"
        yield f"{one.project} {one.version}", says


#: As many lines of the diff that say the same are told one by one.
_MOST_ALIKE = 3


def _diff(report: Report) -> Iterator[Line]:
    """What moved on the index; of many alike only the number is told."""
    if report.diff:
        yield _title("the listing, before and after:")
    for move in moves(report.diff):
        names = move.subjects
        if len(names) > _MOST_ALIKE:
            names = (f"{len(names):,} files",)
        told = (f"{move.mark} {name}: {move.says}" for name in names)
        yield from (line(each, indent=2) for each in told)


def _derivation(report: Report) -> Iterator[Line]:
    """The steps, for whoever is surprised by the answer."""
    told = words.steps(report)
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


def _not_judged(items: Iterable[NotRun], *, verbose: bool) -> Iterator[Line]:
    """What was not judged and not needed, by reason."""
    if questions := by_reason(items):
        yield _title("not judged:")
    yield from _questions(questions, "", verbose=verbose)


def _questions(
    questions: Iterable[OpenQuestion], mark: str, *, verbose: bool
) -> Iterator[Line]:
    """Why rules did not run, and what to do. The same rules are named once: of 40 files
    that could not be read each has its reason, and all of them lack the same.
    """
    before: tuple[str, ...] = ()
    for question in questions:
        rules = question.rules
        is_same = rules == before and len(rules) > _FEW and not verbose
        told = f"the same {len(rules)} rules" if is_same else ", ".join(rules)
        lacking = (f"{mark}: ", Span(told, Ink.FAINT)) if rules else ()
        yield line(question.reason, *lacking, indent=2)
        if question.hint:
            yield _fix(question.hint)
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
        *((s.what, s.says) for s in words.steps(report)[-1:]),
        ("manifest", report.manifest),
        ("not judged", _left_out(not_run)),
    ]
    yield from _table((what, says) for what, says in told if says)


def _sum(release: ExpectedRelease) -> str:
    """The files of a release by kind, and their size."""
    kinds = Counter(file.kind for file in release.files)
    counts = [words.plural(kinds[kind], kind) for kind in Kind if kinds[kind]]
    whole = words.size(sum(file.size for file in release.files))
    return f"{release.label}: {' and '.join(counts)}, {whole}"


def _left_out(not_run: Iterable[NotRun]) -> str:
    """What was not judged, in one line: how many rules, and the widest reasons."""
    reasons: Counter[str] = Counter(item.reason for item in not_run)
    if not reasons:
        return ""
    told = [f"{reason} ({number})" for reason, number in reasons.most_common(_FEW)]
    left = len(reasons) - len(told)
    rest = f"; and {words.plural(left, 'more reason')}" if left else ""
    rules = words.plural(reasons.total(), "rule")
    return f"{rules}: {'; '.join(told)}{rest} (--verbose names them)"

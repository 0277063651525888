"""What a page says of a report, in blocks: one truth for the summary and for HTML.

All text here is plain and hostile; the writers (``markdown``, ``html``) escape it. What
grows with a release is told up to a bound, and then by its number.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby

from release_guard.findings import (
    Finding,
    NextStep,
    OpenQuestion,
    Report,
    Severity,
    Verdict,
    by_reason,
)
from release_guard.matrix import Mark, Matrix
from release_guard.platforms import title as platform_title
from release_guard.reports import audited, groups, matrix, words
from release_guard.reports.causes import Cause, causes
from release_guard.reports.escape import entities
from release_guard.states import State

__all__ = [
    "SEVERITIES",
    "Badge",
    "Block",
    "Code",
    "Document",
    "Folded",
    "Inline",
    "Issue",
    "Issues",
    "Item",
    "Items",
    "Line",
    "Link",
    "Names",
    "Paragraph",
    "Section",
    "Strong",
    "Table",
    "Text",
    "Tone",
    "document",
]

#: How much of one text is told, in characters, and how much of a list.
_LONGEST, _LONGEST_COMMAND = 2_000, 50_000
_MOST_TO_DO, _MOST_ISSUES, _MOST_NAMES = 20, 300, 200
_MOST_LINES, _MOST_ROWS = 100, 500
#: With more causes than these the rules come first, by number: however much is left out
#: behind them, no rule is.
_SEEN_AT_ONCE = 20
#: How long the names or the lines of one cause may be together, written as entities.
_ROOM = 16_384

_MOST_IN_A_LINE = 3


# --- the model ------------------------------------------------------------------


class Tone(StrEnum):
    """How a word is meant; it is told by sign and colour beside the word, never by
    colour alone.
    """

    GOOD = "good"
    BAD = "bad"
    CAREFUL = "careful"
    NOTE = "note"


@dataclass(frozen=True, slots=True)
class Text:
    """Words in the type around them."""

    text: str


@dataclass(frozen=True, slots=True)
class Code:
    """A name, a version, a path: as it is, in code type."""

    text: str


@dataclass(frozen=True, slots=True)
class Strong:
    """Words that stand out."""

    text: str


@dataclass(frozen=True, slots=True)
class Link:
    """Words that lead to a page."""

    text: str
    url: str


@dataclass(frozen=True, slots=True)
class Badge:
    """A word with its sign."""

    text: str
    tone: Tone


@dataclass(frozen=True, slots=True)
class Names:
    """Names, of which many are folded behind their number: ``40 files``. ``more`` is
    how many there are beside them.
    """

    names: tuple[str, ...]
    noun: str
    more: int = 0

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.names) + self.more

    @property
    def are_few(self) -> bool:
        """Whether they are told in a line."""
        return self.count <= _MOST_IN_A_LINE


Inline = Text | Code | Strong | Link | Badge | Names
Line = tuple[Inline, ...]


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph."""

    line: Line


@dataclass(frozen=True, slots=True)
class Item:
    """A point of a list, and the commands for a shell that belong to it."""

    line: Line
    commands: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Items:
    """A list."""

    items: tuple[Item, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A table; the first cell of a row is its heading, those of ``numbers`` (counted
    from 0) are numbers, and those of ``marks`` one word each.
    """

    caption: str
    head: tuple[str, ...]
    rows: tuple[tuple[Line, ...], ...]
    numbers: frozenset[int] = frozenset()
    marks: frozenset[int] = frozenset()


@dataclass(frozen=True, slots=True)
class Issue:
    """What is wrong, with what, and what to do where that is not told above; ``lines``
    are quoted as they stand.
    """

    severity: Severity
    rule: Link
    message: Line
    subjects: Names
    fix: Line
    lines: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Issues:
    """What is wrong, cause by cause."""

    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class Section:
    """A part of the page under a heading."""

    title: str
    blocks: tuple[Block, ...]


@dataclass(frozen=True, slots=True)
class Folded:
    """A part that few need: its heading shows, the rest on demand."""

    title: str
    blocks: tuple[Block, ...]


Block = Paragraph | Items | Table | Issues | Section | Folded


@dataclass(frozen=True, slots=True)
class Document:
    """The page: the verdict in one line, facts in a few words, and what follows."""

    command: str
    verdict: Badge
    about: Line
    facts: tuple[str, ...]
    blocks: tuple[Block, ...]


# --- a report -------------------------------------------------------------------

#: How each severity is meant.
SEVERITIES: Mapping[Severity, Tone] = {
    Severity.ERROR: Tone.BAD,
    Severity.WARNING: Tone.CAREFUL,
    Severity.NOTICE: Tone.NOTE,
}
_TONES: Mapping[Verdict, Tone] = {
    Verdict.PASS: Tone.GOOD,
    Verdict.FAIL: Tone.BAD,
    Verdict.UNDECIDED: Tone.CAREFUL,
}
_WORDS: Mapping[Verdict, str] = {
    Verdict.PASS: "passed",
    Verdict.FAIL: "failed",
    Verdict.UNDECIDED: "not decided",
}
#: What comes before an upload is kept from it.
_BEFORE_UPLOAD = ("check", "rehearse")


def document(report: Report) -> Document:
    """The page of a report."""
    word = _WORDS[report.verdict]
    if report.verdict is Verdict.FAIL and report.command in _BEFORE_UPLOAD:
        word = "blocked"
    fixes = _fixes(report)
    open_ = tuple(_open_questions(report))
    is_open = report.verdict is Verdict.UNDECIDED
    sections = (
        *(open_ if is_open else ()),
        *_what_to_do(report, fixes),
        *_findings(report, frozenset(fixes)),
        *(() if is_open else open_),
        *_audited(report),
        *map(_matrix, report.matrices),
        *_changes(report),
        *_published(report),
        *_waived(report),
        *_checked(report),
        *_derivation(report),
        *_files(report),
    )
    return Document(
        command=report.command,
        verdict=Badge(word, _TONES[report.verdict]),
        about=tuple(_about(report)),
        facts=tuple(_facts(report)),
        blocks=sections,
    )


def _about(report: Report) -> Iterator[Inline]:
    """Its releases; of an audit, the projects."""
    labels = [row.project for row in report.audited]
    labels = labels or [release.label for release in report.releases]
    for place, label in enumerate(labels[:_MOST_NAMED]):
        yield from (Text(", "),) if place else ()
        yield _code(label)
    if len(labels) > _MOST_NAMED:
        yield Text(f" and {len(labels) - _MOST_NAMED} more")
    if labels:
        yield Text(" for ")
        yield _code(report.index)


#: So many releases, or names in a line, are told one by one.
_MOST_NAMED = 5


def _facts(report: Report) -> Iterator[str]:
    """In a few words; nothing of a job that ended before it judged."""
    if report.error and not report.rules:
        return
    sizes = [file.size for release in report.releases for file in release.files]
    if sizes:
        yield f"{words.plural(len(sizes), 'file')}, {words.size(sum(sizes))}"
    if report.to_upload is not None and report.verdict is Verdict.PASS:
        yield f"{len(report.to_upload)} of {len(sizes)} to upload"
    for one in report.published if len(report.published) == 1 else ():
        yield words.listed(one)
    yield ", ".join(words.found(report)) or "no findings"
    yield f"{words.plural(report.rules, 'rule')} in {report.elapsed:.1f} s"
    if report.manifest:
        yield f"wrote {_cut(report.manifest)}"
    if report.strict:
        yield "strict: warnings block too"


# --- what to do -----------------------------------------------------------------


def _open_questions(report: Report) -> Iterator[Block]:
    """Why there is no verdict, or would be none without the findings: what ended the
    job, and then what was needed and not read.
    """
    questions = report.open_questions
    blocks: list[Block] = []
    for told in (q for q in questions if not q.rules):
        blocks += [Paragraph(_prose(says)) for says in (told.reason, told.hint) if says]
    if unread := [question for question in questions if question.rules]:
        blocks.append(_not_run(unread))
    if blocks:
        yield Section(words.open_title(report).capitalize(), tuple(blocks))


def _not_run(questions: Iterable[OpenQuestion]) -> Table:
    """What was not judged, by reason."""
    rows = [
        (_prose(each.reason), (_names(each.rules, "rule"),), _prose(each.hint))
        for each in questions
    ]
    head = ("why", "rules that did not run", "what to do")
    columns = 3 if any(hint for _, _, hint in rows) else 2
    return _table("What was not judged", head[:columns], [r[:columns] for r in rows])


def _what_to_do(
    report: Report, fixes: Mapping[str, Sequence[Cause]]
) -> Iterator[Block]:
    """The next steps of a publication; else what mends what blocks."""
    items = [*_steps(report.next_steps), *_mending(fixes)]
    if items:
        yield Section("What to do", (Items(tuple(items)),))


def _steps(steps: Iterable[NextStep]) -> Iterator[Item]:
    """The steps, each with its commands."""
    for step in steps:
        yield Item(_prose(step.says), tuple(map(_command, step.commands)))


def _command(command: str) -> str:
    """A command whole or not at all: a part of one would do something else."""
    if len(command) <= _LONGEST_COMMAND:
        return command
    return f"# too long to show ({len(command):,} characters): the JSON report has it"


def _fixes(report: Report) -> dict[str, list[Cause]]:
    """What mends what blocks, and the causes that it mends; the first of very many.
    Next steps say it better.
    """
    found: dict[str, list[Cause]] = {}
    if report.next_steps:
        return found
    for cause in causes(f for f in report.findings if f.severity in report.blocking):
        if cause.fix and (cause.fix in found or len(found) < _MOST_TO_DO):
            found.setdefault(cause.fix, []).append(cause)
    return found


def _mending(fixes: Mapping[str, Sequence[Cause]]) -> Iterator[Item]:
    """Each fix, with the rules that then are content."""
    for fix, mended in fixes.items():
        links = dict.fromkeys(Link(cause.rule, cause.docs) for cause in mended)
        rules = [part for link in links for part in (Text(", "), link)]
        yield Item((*_prose(fix), Text(" ("), *rules[1:], Text(")")))


# --- what is wrong --------------------------------------------------------------


def _findings(report: Report, fixes: Collection[str]) -> Iterator[Block]:
    """The findings by cause; ``fixes`` are told already. Notices of what changes have a
    section of their own.
    """
    told = causes(f for f in report.findings if not _is_of_changes(f))
    if not told:
        return
    blocks: list[Block] = []
    if len(told) > _SEEN_AT_ONCE:
        blocks.append(Paragraph(tuple(_in_all(told))))
    blocks.append(Issues(tuple(_issue(cause, fixes) for cause in told[:_MOST_ISSUES])))
    if len(told) > _MOST_ISSUES:
        rest = f"And {len(told) - _MOST_ISSUES} more; the JSON report has them all."
        blocks.append(Paragraph((Text(rest),)))
    yield Section("What was found", tuple(blocks))


def _in_all(told: Iterable[Cause]) -> Iterator[Inline]:
    """Each rule once, and how many findings it has."""
    numbers: Counter[Link] = Counter()
    for cause in told:
        numbers[Link(cause.rule, cause.docs)] += len(cause.findings)
    yield Text("In all: ")
    for place, (rule, number) in enumerate(numbers.items()):
        yield from (Text(", "),) if place else ()
        yield from (Text(f"{number:,} "), rule)


def _issue(cause: Cause, fixes: Collection[str]) -> Issue:
    message = [*_prose(cause.message)]
    if rules := words.upload_rules(cause):
        message.append(Text(rules))
    return Issue(
        severity=cause.severity,
        rule=Link(cause.rule, cause.docs),
        message=tuple(message),
        subjects=_names(cause.subjects),
        fix=() if cause.fix in fixes else _prose(cause.fix),
        lines=tuple(_source(cause.findings)),
    )


def _source(findings: Sequence[Finding]) -> Iterator[str]:
    """The lines that findings are about, each once, as they stand in a file."""
    lines = dict.fromkeys(
        line for finding in findings for line in groups.quoted(finding)
    )
    shown = _first([*lines], _MOST_LINES)
    yield from shown
    if len(lines) > len(shown):
        yield f"and {len(lines) - len(shown)} more"


def _first(texts: Sequence[str], most: int) -> tuple[str, ...]:
    """The first of the texts, as many as there is room for; at least one."""
    shown: list[str] = []
    room = _ROOM
    for text in map(_cut, texts[:most]):
        room -= len(entities(text))
        if room < 0 and shown:
            break
        shown.append(text)
    return tuple(shown)


def _audited(report: Report) -> Iterator[Block]:
    """What an audit answers, and its table."""
    if not report.audited:
        return
    answers = tuple(
        Item((Strong(question), Text(" "), *_prose(answer)))
        for question, answer in audited.answers(report)
    )
    rows: list[tuple[Line, ...]] = []
    for row in report.audited:
        project, *numbers, _, place = audited.cells(row)
        verdict = Badge(_WORDS[row.verdict], _TONES[row.verdict])
        told = ((Text(number),) for number in numbers)
        rows.append(((_code(project),), *told, (verdict,), _prose(place)))
    counted = frozenset(range(1, len(audited.HEAD) - 2))
    table = _table("The projects", audited.HEAD, rows, numbers=counted)
    yield Section("The audit", (Items(answers), table))


# --- the release ----------------------------------------------------------------

_MARKS: Mapping[Mark | None, Inline] = {
    Mark.THERE: Text("✓"),
    Mark.NEW: Badge("new", Tone.GOOD),
    Mark.GONE: Badge("gone", Tone.BAD),
    None: Text("-"),
}


def _matrix(picture: Matrix) -> Block:
    """The wheels, platforms by interpreters."""
    rows = [
        (
            (Text(platform_title(row.platform)),),
            *((_MARKS[cell],) for cell in row.cells),
            (Text(matrix.since(row)),),
        )
        for row in picture.rows
    ]
    columns = len(picture.interpreters)
    table = Table(
        _cut(matrix.heading(picture)),
        ("platform", *map(_cut, picture.interpreters), "from"),
        tuple(rows),
        marks=frozenset(range(1, columns + 1)),
    )
    rest = matrix.rest(picture)
    more = (Paragraph((Text(rest),)),) if rest else ()
    return Section("Wheels", (table, *more))


def _is_of_changes(finding: Finding) -> bool:
    return finding.severity is Severity.NOTICE and bool(
        groups.lines(finding, "changes")
    )


def _changes(report: Report) -> Iterator[Block]:
    """What changes for users since the last release: a line for each change."""
    for finding in filter(_is_of_changes, report.findings):
        lines = [Item(_prose(line)) for line in _source([finding])]
        about = (_code(finding.subject), Text(" "), *_prose(finding.message))
        yield Section("What changes for users", (Paragraph(about), Items(tuple(lines))))


#: What a state means for those who wait for the release.
_STATES: Mapping[State, Tone] = {State.EXACT: Tone.GOOD, State.LATE: Tone.CAREFUL}
#: What the marks of the listing's diff say, and how it is meant.
_MOVES: Mapping[str, Inline] = {
    "+": Badge("came", Tone.GOOD),
    "-": Badge("not there", Tone.BAD),
    "!": Badge("wrong", Tone.BAD),
    "=": Text("as before"),
}


def _published(report: Report) -> Iterator[Block]:
    """What became of each release, and the listing before and after."""
    if not report.published:
        return
    rows = [
        (
            (_code(f"{one.project} {one.version}"),),
            (Badge(one.state, _STATES.get(one.state, Tone.BAD)),),
            (Text(f"{one.listed} of {one.expected}"),),
            (Text(str(one.looks)),),
        )
        for one in report.published
    ]
    head = ("release", "state", "files listed", "looks")
    table = _table("What became of it", head, rows, numbers=frozenset({2, 3}))
    yield Section("On the index", (table, *_diff(report)))


def _diff(report: Report) -> Iterator[Block]:
    """What moved; lines that say the same are one, and what stayed comes last."""
    moves = groups.moves(report.diff)
    if all(move.mark == "=" for move in moves):
        return
    rows: list[tuple[Line, ...]] = [
        ((_MOVES[move.mark],), (_names(move.subjects, "file"),), _prose(move.says))
        for move in sorted(moves, key=lambda move: move.mark == "=")
    ]
    yield _table("The listing, before and after", ("change", "what", "how it is"), rows)


# --- what stands behind it --------------------------------------------------------


def _waived(report: Report) -> Iterator[Block]:
    """What the policy lets pass, and why, by waiver and cause."""
    rows = [
        (
            (Link(cause.rule, cause.docs),),
            (_names(cause.subjects),),
            _prose(cause.message),
            _prose(waiver.reason),
            (Text(f"{waiver.until or ''}"),),
        )
        for waiver, passed in groups.waived(report.waived)
        for cause in passed
    ]
    if rows:
        head = ("rule", "where", "what", "because", "until")
        yield Section(
            "Waived by the policy",
            (_table("Waived findings, with the reasons", head, rows),),
        )


def _checked(report: Report) -> Iterator[Block]:
    """What was judged, and what was neither judged nor needed."""
    optional = [item for item in report.not_run if not item.needed]
    if not (report.examined or optional):
        return
    names = _names(report.examined, "subject")
    ran = Paragraph((Text(f"{words.plural(report.rules, 'rule')} judged "), names))
    left = (_not_run(by_reason(optional)),) if optional else ()
    not_ = f", {len({item.rule for item in optional})} did not run" if optional else ""
    title = f"What was checked: {words.plural(report.rules, 'rule')} ran{not_}"
    yield Folded(title, (ran, *left))


def _derivation(report: Report) -> Iterator[Block]:
    """How the version came about, for whoever is surprised by the answer."""
    rows = [(_prose(step.what), _prose(step.says)) for step in words.steps(report)]
    if rows:
        head = ("step", "what it says")
        yield Folded(
            "Where it comes from", (_table("How the version came about", head, rows),)
        )


def _files(report: Report) -> Iterator[Block]:
    for release in report.releases:
        rows = [
            (
                (_code(file.filename),),
                (Text(f"{file.size:,}"),),
                (_code(file.sha256),),
            )
            for file in release.files
        ]
        head = ("file", "bytes", "sha256")
        title = f"{words.plural(len(rows), 'file')} of {_cut(release.label)}"
        table = _table("Sizes and hashes", head, rows, numbers=frozenset({1}))
        yield Folded(title, (table,))


# --- words ------------------------------------------------------------------------

#: A word of prose: letters, with what may stand in or beside them, or a short number.
#: Whatever else there is (a path, a version, a URL, an option) is a name.
_WORD = re.compile(
    r"""[("']*(?:[^\W\d_]+(?:['-][^\W\d_]+)*(?:\(s\))?|\d{1,6}|\d{1,3}(?:,\d{3})+"""
    r"""|\d{4}-\d\d-\d\d|\d\d:\d\d)[)"']*[.,;:!?]?|[-=+/&]"""
)


def _prose(text: str) -> Line:
    """A sentence, with the names in it in code type, so that they stand out and no
    reader of Markdown takes them for anything.
    """
    parts: list[Text | Code] = []
    for place, word in enumerate(_cut(text).split(" ")):
        parts += [Text(" ")] if place else []
        parts += [Text(word)] if _WORD.fullmatch(word) else _name(word)
    told: list[Inline] = []
    for kind, found in groupby(parts, key=type):
        group = [*found]
        told += [Text("".join(part.text for part in group))] if kind is Text else group
    return tuple(told)


def _name(word: str) -> Iterator[Text | Code]:
    """A name and the sentence's punctuation around it."""
    rest = word.lstrip("(\"'")
    name = rest.rstrip(".,;:!?")
    # Brackets that it opens itself are a part of it.
    name = name if "(" in name else name.rstrip(")\"'")
    parts = (Text(word[: len(word) - len(rest)]), Code(name), Text(rest[len(name) :]))
    yield from (part for part in parts if part.text)


def _names(names: Sequence[str], noun: str = "") -> Names:
    """Names, the first of very many. Without a noun they are files or, where one has
    a space in it, other things.
    """
    shown = _first(names, _MOST_NAMES)
    if not noun:
        noun = "subject" if any(" " in name for name in shown) else "file"
    return Names(shown, noun, len(names) - len(shown))


def _table(
    caption: str,
    head: tuple[str, ...],
    rows: Sequence[tuple[Line, ...]],
    numbers: frozenset[int] = frozenset(),
) -> Table:
    """A table; of very many rows the first, and how many more there are."""
    shown = list(rows[:_MOST_ROWS])
    if len(rows) > len(shown):
        rest = f"and {len(rows) - len(shown)} more; the JSON report has them all"
        shown.append(((Text(rest),), *[()] * (len(head) - 1)))
    return Table(caption, head, tuple(shown), numbers)


def _code(text: str) -> Code:
    return Code(_cut(text))


def _cut(text: str) -> str:
    """A text, or the beginning of a very long one."""
    if len(text) <= _LONGEST:
        return text
    return f"{text[:_LONGEST]} ... and {len(text) - _LONGEST} more characters"

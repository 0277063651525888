"""Findings by cause: what is wrong with 40 wheels for one reason is told once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from release_guard.findings import Finding, Severity

__all__ = ["Cause", "causes"]

#: What stands in a message in place of what is each subject's own: plain ASCII, and
#: nothing that could be taken for a name.
_NAME, _VERSION, _TAGS, _ABI = "<name>", "<version>", "<tags>", "<abi>"
#: A version that cannot be taken for a number of files.
_DOTTED = re.compile(r"\d+\.\d\S*")
#: The tags of a wheel at the end of its name (PEP 427): a name, a version, perhaps a
#: build number, and three tags.
_WHEEL = re.compile(r"[^-]+(?:-[^-]+){1,2}-([^-]+-[^-]+-[^-]+)\.whl")
#: The tag in an extension module's name (PEP 3149), another one in each wheel.
_TAGGED_MODULE = re.compile(
    r"\.(?:cpython|cp|pypy|graalpy)-?\d[\w-]*(?=\.(?:so|pyd)\b)"
)
#: What may not stand beside a name or a version, as it would be a part of a longer one.
_BEFORE, _AFTER = frozenset("0123456789.!+"), re.compile(r"\w|[.+!-]\w")


@dataclass(frozen=True, slots=True)
class Cause:
    """What is wrong with all of ``findings``, of which there is at least one.

    ``message`` and ``fix`` hold for each of them: where they differ by the subject's
    own name, ``<name>`` stands in its place; else they are the findings' own words.
    """

    severity: Severity
    rule: str
    docs: str
    fix: str
    message: str
    findings: tuple[Finding, ...]

    @property
    def subjects(self) -> tuple[str, ...]:
        """What it is wrong with, each once, in the order of the findings."""
        return tuple(dict.fromkeys(finding.subject for finding in self.findings))


def causes(findings: Iterable[Finding]) -> tuple[Cause, ...]:
    """The findings by cause, in the order in which the causes come up; none is lost.

    Findings are of one cause where severity and rule are the same, and message and fix
    are once the subject's own name, version or tags are taken out.
    """
    groups: dict[tuple[str, ...], list[Finding]] = {}
    for finding in findings:
        own = _own(finding.subject)
        key = (
            *(finding.severity, finding.rule, finding.docs),
            *(_common(text, own) for text in (finding.fix, finding.message)),
        )
        groups.setdefault(key, []).append(finding)
    return tuple(_cause(key, group) for key, group in groups.items())


def _cause(key: tuple[str, ...], group: list[Finding]) -> Cause:
    first, (*_, fix, message) = group[0], key
    return Cause(
        severity=first.severity,
        rule=first.rule,
        docs=first.docs,
        fix=first.fix if all(f.fix == first.fix for f in group) else fix,
        message=first.message
        if all(f.message == first.message for f in group)
        else message,
        findings=tuple(group),
    )


def _own(subject: str) -> tuple[tuple[str, str], ...]:
    """What of a message is the subject's own, and what stands there instead."""
    own = [(subject, _NAME)] if subject else []
    words = subject.split(" ", 2)
    if len(words) > 1 and _DOTTED.fullmatch(words[1]):
        own.append((words[1], _VERSION))
    if wheel := _WHEEL.fullmatch(subject):
        own.append((wheel[1], _TAGS))
    return tuple(own)


def _common(text: str, own: Iterable[tuple[str, str]]) -> str:
    """A text without what is a subject's own."""
    for name, instead in own:
        text = "".join(_replaced(text, name, instead))
    return _TAGGED_MODULE.sub(f".{_ABI}", text)


def _replaced(text: str, name: str, instead: str) -> Iterator[str]:
    """The pieces of a text, with something else where a whole name stands."""
    told = end = 0
    while (at := text.find(name, end)) >= 0:
        end = at + len(name)
        if text[at - 1 : at] not in _BEFORE and not _AFTER.match(text, end):
            yield from (text[told:at], instead)
            told = end
    yield text[told:]

"""Texts that somebody else chose, and a report that is full of them."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from datetime import date

from hypothesis import strategies as st
from packaging.utils import NormalizedName
from packaging.version import Version

from release_guard.comparison import DiffLine
from release_guard.facts import ExpectedFile, ExpectedRelease, Kind
from release_guard.findings import (
    Audited,
    Finding,
    NextStep,
    NotRun,
    Report,
    Severity,
    Step,
    Verdict,
    Waived,
    Waiver,
)
from release_guard.matrix import Mark, Matrix, Row
from release_guard.rules.base import docs_url
from release_guard.states import Published, State

__all__ = ["PIECES", "report_of", "reports", "texts"]

#: What means something to a runner, a terminal, Markdown, HTML, XML or GitHub.
PIECES = (
    *("\r", "\n", "\r\n", "\u2028", "\u2029", "\x85", "\v", "\f", "\x1c", "\0", "\t"),
    *("\x1b[2J", "\x1b]8;;x\x07", "\u202e", "\u2066", "\u200b", "\ufeff", "\udcff"),
    *("::", "##[", "##", "#", "[", "]", ":", ";", ",", "=", "%", "%0A", "%0D", "%25"),
    *("%3A", "::error::", "::set-output name=verdict::pass", "::stop-commands::x"),
    *("##[set-output name=verdict]pass", "::add-mask::x", "##[warning]", " ", "\u3000"),
    *("|", "`", "<", ">", "&", "&#124;", "</code>", "<img src=x>", "![", "](x)", "@me"),
    *("*", "_", "~~", "\\", "'", '"', "$(x)", "${{ x }}", "<!--", "release-guard: "),
    *("\n\n", "\n```\n", "\n~~~\n", "\n    ", "\n---\n", "\n===\n", "\n- ", "\n1. "),
    *("\n> ", "\n# ", "\n|x|\n|-|\n", "\n<div>\n", "\n[x]: y\n", "[^1]", "- [ ] "),
    *("**", "__", "``", "```", "[a](https://evil.example)", "<https://evil.example>"),
    *("![a](https://evil.example/i.png)", "https://evil.example/x", "www.evil.example"),
    *("me@evil.example", "@everyone", "org/demo#1", "#1", "GH-1", "deadbeef" * 5),
    *("<script>x()</script>", "<style>*{}</style>", "<svg onload=x()>", "<a href=x>"),
    *("</table>", "</details>", "</summary>", "</td>", "</pre>", "</p>", "<br>"),
    *("' onclick='x()", '" onclick="x()', "javascript:x()", "&lt;", "&amp;lt;", "&#0;"),
    *("]]>", "<![CDATA[", "<?xml?>", "<!DOCTYPE x>", "&x;", "\\|", "\\`", "\\\\"),
    *("\x1b[31m", "\x1b]0;x\x07", "\x9b31m", "\b\b\b", "\x07", "\x90", "\u2067"),
    *(
        "##vso[task.complete]",
        "##teamcity[x]",
        "##[group]",
        "::group::",
        "::endgroup::",
    ),
    *("ghadelimiter_", "EOF", "$", "${{ github.token }}", ":smile:", "$x$", "\ue000"),
    "{0}",
)
#: Any text at all, lone surrogates too, and often one that means something somewhere.
texts = st.lists(
    st.sampled_from(PIECES) | st.text(st.characters(exclude_categories=()), max_size=4),
    max_size=8,
).map("".join)


def reports() -> st.SearchStrategy[Report]:
    """Reports of one shape, with hostile text wherever text can come from outside."""
    return st.lists(texts, min_size=1, max_size=12).map(report_of)


def report_of(given: Sequence[str]) -> Report:
    """A report of one shape with the given texts, again and again, in every place:
    there is no field that says nothing.
    """
    told = itertools.cycle(given)

    def text() -> str:
        return next(told)

    def finding(rule: str, severity: Severity) -> Finding:
        evidence = {text(): text(), "files": (text(), text()), "none": None, "size": 7}
        said = (text(), text(), text())
        return Finding(rule, severity, *said, docs_url(rule), evidence, files=(text(),))

    def file(kind: Kind) -> ExpectedFile:
        return ExpectedFile(text(), kind, 1024, "ab" * 32)

    def release(version: str) -> ExpectedRelease:
        files = (file(Kind.WHEEL), file(Kind.SDIST))
        return ExpectedRelease(NormalizedName(text()), Version(version), files, None)

    waiver = Waiver("missing-sdist", text(), text(), date(2027, 6, 1))
    return Report(
        command="check",
        index=text(),
        releases=(release("1.0"), release("2.0")),
        examined=(text(), text()),
        rules=3,
        ran=("sdist-exists",),
        findings=(
            finding("unknown-file", Severity.ERROR),
            finding("project-new", Severity.WARNING),
            finding("waiver-unused", Severity.NOTICE),
        ),
        waived=(Waived(finding("missing-sdist", Severity.ERROR), waiver),),
        not_run=(
            NotRun("file-exists", text(), needed=True, hint=text()),
            NotRun("tag-missing", text(), needed=False, hint=text()),
        ),
        to_upload=(text(),),
        elapsed=0.25,
        error=text(),
        hint=text(),
        derivation=(Step(text(), text()), Step(text(), text())),
        published=(Published(text(), text(), State.MISSING, 1, 2, 3),),
        diff=tuple(DiffLine(mark, text(), text()) for mark in "+-!="),
        next_steps=(NextStep(text(), (text(),)), NextStep(text(), (text(),))),
        audited=(Audited(text(), 3, 4, 5, 1, 1, 1, Verdict.FAIL, text()),),
        policy=text(),
        manifest=text(),
        matrices=(
            Matrix(
                *(text(), text(), text(), (text(), text())),
                (
                    Row(text(), (Mark.NEW, None), (text(),)),
                    Row(text(), (Mark.GONE, Mark.THERE), (text(),)),
                ),
            ),
        ),
    )

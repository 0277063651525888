"""The runner's contract: ``INPUT_*`` to a job; outputs, summary, exit code.

``start.py`` has given root up before any of this is loaded.
"""

from __future__ import annotations

import contextlib
import os
import signal
import sys
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import FrameType

from release_guard import edge
from release_guard.errors import ExitCode, ReleaseGuardError, SourceError, UsageError
from release_guard.findings import Report, Verdict
from release_guard.live import Progress
from release_guard.nearest import did_you_mean
from release_guard.options import COMMANDS, OPTIONS, Options, Value, options_of
from release_guard.reports import escape, github, html, json_v1
from release_guard.run import (
    Answer,
    failed,
    refuse_overwriting,
    remove_manifest,
    run,
)
from release_guard.sources.files import remove_file, write_whole

__all__ = ["inputs", "main", "outputs"]

_REPORT = Path("release-guard-report.json")
_PAGE = Path("release-guard-report.html")
_TRUE = ("true", "True", "TRUE")
_FALSE = ("false", "False", "FALSE")


def main(argv: Sequence[str] | None = None) -> int:
    """Run the action once, as the runner starts it, and return the exit code."""
    edge.open_streams()
    # As the container's first process nothing but a handler ends us on SIGTERM.
    signal.signal(signal.SIGTERM, _interrupt)
    words = sys.argv[1:] if argv is None else argv
    return edge.guarded(lambda: _main(words, os.environ), _complain)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _main(argv: Sequence[str], environ: Mapping[str, str]) -> int:
    # Who reads them must not find those of an earlier step.
    for remove in _removals(environ):
        remove()
    if argv:
        raise UsageError(
            "the action takes no arguments", hint="use its inputs, not 'with: args'"
        )
    try:
        answer, code = _answer(environ)
        _hand_over(answer, environ)
    except BaseException:
        # An interrupt too: what says pass must not outlive a step without a verdict.
        for remove in _removals(environ):
            with contextlib.suppress(OSError, SourceError):
                remove()
        raise
    return code


def _answer(environ: Mapping[str, str]) -> tuple[Answer, int]:
    """What came of the job, be it that there is no verdict, and the exit code."""
    options = Options("check")
    try:
        options = replace(inputs(environ), output=_REPORT)
        refuse_overwriting(options)
        refuse_overwriting(replace(options, output=_PAGE))
        _refuse_outside(options)
        with Progress(edge.screen(sys.stderr)) as progress:
            answer = run(options, environ, progress.tell)
    except ReleaseGuardError as error:
        return Answer(failed(options, error)), error.exit_code
    return answer, answer.report.exit_code


def _refuse_outside(options: Options) -> None:
    """Later steps know no path of the container but those in the workspace."""
    writes = options.command == "check" and options.against is None
    if writes and _in_workspace(options.manifest_path) is None:
        raise UsageError(
            f"manifest: {options.manifest_path} lies outside of the workspace",
            hint="later steps do not find it there: give a path in the workspace",
        )


def _removals(environ: Mapping[str, str]) -> Iterator[Callable[[], None]]:
    """What takes away the files that a step writes, and those of one before it. Of the
    manifest too, where this step is the one to write it: also if an input is wrong.
    """
    yield partial(remove_file, _REPORT)
    yield partial(remove_file, _PAGE)
    if (_input(environ, "command") or "check") != "check" or _input(environ, "against"):
        return
    named = _input(environ, "manifest")
    path = Options("check", manifest=Path(named) if named else None).manifest_path
    # A part that is to be joined is no older answer, though it be named twice.
    if path.resolve() not in {
        Path(p).resolve() for p in _lines_of(_input(environ, "dist"))
    }:
        yield partial(remove_manifest, path)


def _complain(message: str, hint: str) -> None:
    """An error that no report tells, as an annotation."""
    annotation = escape.command("error", f"{message}\n{hint}".strip(), {})
    with contextlib.suppress(SourceError):
        edge.tell(f"{annotation}\n")


# --- inputs ---------------------------------------------------------------------


def inputs(environ: Mapping[str, str]) -> Options:
    """The options that the inputs give; raises ``UsageError``.

    The runner replaces nothing but spaces in a name: ``index-url`` is
    ``INPUT_INDEX-URL``. An empty input is one that was not given.
    """
    command = _input(environ, "command") or "check"
    known = [c.name for c in COMMANDS if c.in_action]
    if command not in known:
        raise UsageError(
            f"command: expected {' or '.join(known)}, found {command!r:.80}",
            hint=did_you_mean(command, known),
        )
    names = {"command", *(option.name for option in OPTIONS if option.input)}
    known_names = {f"INPUT_{name.upper()}" for name in names}
    strangers = sorted(
        name
        for name, text in environ.items()
        if name.startswith("INPUT_") and name not in known_names and text.strip()
    )
    if strangers:
        name = strangers[0].removeprefix("INPUT_").lower()
        all_names = f"the inputs are {', '.join(sorted(names))}"
        raise UsageError(
            f"there is no input {name!r:.60}",
            hint=f"{did_you_mean(name, sorted(names))} {all_names}".lstrip(),
        )
    given: dict[str, object] = {}
    for option in (option for option in OPTIONS if option.input):
        text = _input(environ, option.name)
        if not text:
            continue
        field = option.field
        if (option.name, command) == ("dist", "check"):
            field = "paths"
        elif not any(command in o.commands for o in OPTIONS if o.field == field):
            raise UsageError(f"{option.name}: is no input of the command {command}")
        given[field] = _value(option.name, option.value, text)
    return options_of(command, given)


def _input(environ: Mapping[str, str], name: str) -> str:
    return environ.get(f"INPUT_{name.replace(' ', '_').upper()}", "").strip()


def _lines_of(text: str) -> list[str]:
    """As the toolkit reads several of them: LF alone ends a line."""
    return [line.strip() for line in text.split("\n") if line.strip()]


def _value(name: str, value: Value, text: str) -> object:
    if value in (Value.PATHS, Value.TEXTS):
        return _lines_of(text)
    if value is not Value.FLAG:
        return text
    if text not in (*_TRUE, *_FALSE):
        raise UsageError(f"{name}: expected true or false, found {text!r}")
    return text in _TRUE


# --- what the runner is given ---------------------------------------------------


def _hand_over(answer: Answer, environ: Mapping[str, str]) -> None:
    """The log, the report file, the outputs and the summary."""
    report = answer.report
    edge.tell(github.render(report))
    write_whole(_REPORT, json_v1.render(report))
    write_whole(_PAGE, html.render(report))
    _append(environ, "GITHUB_STEP_SUMMARY", github.summary(report))
    # Last: what later steps go by must not say more than this one could.
    _append(environ, "GITHUB_OUTPUT", outputs(answer))


def outputs(answer: Answer) -> str:
    """The outputs in the file form, each with a delimiter that nobody could foresee."""
    report = answer.report
    one = report.releases[0] if len(report.releases) == 1 else None
    values = {
        "project": one.project if one else _audited(report),
        "version": str(one.version) if one else "",
        "manifest": _in_workspace(answer.written) or "" if answer.written else "",
        "report": str(_REPORT),
        "report-html": str(_PAGE),
        "findings": str(len(report.findings)),
        "to-upload": "\n".join(_to_upload(report)),
        # Last: the runner applies what stands before a line that was cut off.
        "verdict": report.verdict.value,
    }
    return "".join(_heredoc(name, value) for name, value in values.items())


def _audited(report: Report) -> str:
    """The project of an audit of one."""
    return report.audited[0].project if len(report.audited) == 1 else ""


def _to_upload(report: Report) -> tuple[str, ...]:
    """Nothing is to be uploaded of a set that did not pass. Where the index was not
    asked, all is: an empty list would say that it has everything.
    """
    if report.verdict is not Verdict.PASS or report.command != "check":
        return ()
    if report.to_upload is None:
        names = (file.filename for one in report.releases for file in one.files)
        return tuple(dict.fromkeys(names))
    return report.to_upload


def _heredoc(name: str, value: str) -> str:
    delimiter = f"ghadelimiter_{uuid.uuid4()}"
    if delimiter in value:
        raise SourceError(f"the output {name} holds its own delimiter")
    return f"{name}<<{delimiter}\n{value}\n{delimiter}\n"


def _in_workspace(path: Path) -> str | None:
    """A path as later steps can use it, who know no /github/workspace; None where it
    lies elsewhere. A link in its own place is replaced, not followed.
    """
    try:
        place = path.parent.resolve() / path.name
        return str(place.relative_to(Path.cwd().resolve()))
    except ValueError:
        return None


def _append(environ: Mapping[str, str], variable: str, text: str) -> None:
    """Add to one of the runner's files, where the runner gave one: all of it, or
    nothing.
    """
    name = environ.get(variable, "")
    if not name:
        return
    rest = memoryview(text.encode("utf-8", "backslashreplace"))
    try:
        with Path(name).open("ab", buffering=0) as file:
            before = os.fstat(file.fileno()).st_size
            try:
                while rest:
                    rest = rest[file.write(rest) :]
            except BaseException:
                with contextlib.suppress(OSError):
                    file.truncate(before)
                raise
    except OSError as error:
        raise SourceError(f"{name}: {error.strerror or error}") from error


if __name__ == "__main__":
    # To do nothing and end with 0 would look like a pass.
    edge.mention("release-guard: the action is started as release_guard.start\n")
    raise SystemExit(ExitCode.USAGE)

"""The runner's contract: ``INPUT_*`` to a job; outputs, summary, exit code.

The container starts as root, because the runner's files are not its own, and gives
root up to the workspace's owner before it looks at anything from outside.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from types import FrameType

from release_guard import edge
from release_guard.errors import ReleaseGuardError, SourceError, UsageError
from release_guard.findings import Report, Verdict
from release_guard.live import Progress
from release_guard.nearest import did_you_mean
from release_guard.options import COMMANDS, OPTIONS, Options, Value, options_of
from release_guard.reports import escape, github, html, json_v1
from release_guard.run import Answer, failed, refuse_overwriting, run
from release_guard.sources.files import remove_file, write_whole

__all__ = ["drop_root", "inputs", "main", "outputs"]

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
    if argv:
        raise UsageError(
            "the action takes no arguments", hint="use its inputs, not 'with: args'"
        )
    drop_root(environ)
    # Who reads it must not find the report of an earlier step.
    remove_file(_REPORT)
    remove_file(_PAGE)
    options = Options("check")
    try:
        options = replace(inputs(environ), output=_REPORT)
        refuse_overwriting(options)
        refuse_overwriting(replace(options, output=_PAGE))
        with Progress(edge.screen(sys.stderr)) as progress:
            answer = run(options, environ, progress.tell)
    except ReleaseGuardError as error:
        report = failed(options, error)
        _hand_over(Answer(report), environ)
        return error.exit_code
    _hand_over(answer, environ)
    return answer.report.exit_code


def _complain(message: str, hint: str) -> None:
    """An error that no report tells, as an annotation."""
    annotation = escape.command("error", f"{message}\n{hint}".strip(), {})
    with contextlib.suppress(SourceError):
        edge.tell(f"{annotation}\n")


# --- privileges -----------------------------------------------------------------


def drop_root(environ: Mapping[str, str]) -> None:
    """Become the owner of the workspace, so that what is written belongs to them and
    nothing from outside is read with root's rights (and the docker socket in reach).
    """
    # Started by hand it is the folder that it works in whose owner counts.
    workspace = environ.get("GITHUB_WORKSPACE", "") or "."
    if os.geteuid() != 0:
        return
    try:
        owner = Path(workspace).stat()
    except OSError as error:
        raise SourceError(f"GITHUB_WORKSPACE: {error.strerror or error}") from error
    if owner.st_uid == 0:
        return
    try:
        os.setgroups([])
        os.setgid(owner.st_gid)
        os.setuid(owner.st_uid)
    except OSError as error:
        # Rootless engines map root to the user already: they forbid the change (EPERM),
        # or know no such user (EINVAL).
        if error.errno not in (errno.EPERM, errno.EINVAL):
            reason = f"root could not be given up: {error.strerror}"
            raise SourceError(reason) from error
        edge.tell("::warning::root could not be given up: not permitted here\n")


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


def _value(name: str, value: Value, text: str) -> object:
    if value in (Value.PATHS, Value.TEXTS):
        return [line.strip() for line in text.splitlines() if line.strip()]
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
        "verdict": report.verdict.value,
        "project": one.project if one else _audited(report),
        "version": str(one.version) if one else "",
        "manifest": _in_workspace(answer.written) if answer.written else "",
        "report": str(_REPORT),
        "report-html": str(_PAGE),
        "findings": str(len(report.findings)),
        "to-upload": "\n".join(_to_upload(report)),
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


def _in_workspace(path: Path) -> str:
    """A path as later steps can use it: they know no /github/workspace."""
    try:
        return str(path.resolve().relative_to(Path.cwd().resolve()))
    except ValueError:
        return str(path)


def _append(environ: Mapping[str, str], variable: str, text: str) -> None:
    """Add to one of the runner's files, where the runner gave one."""
    name = environ.get(variable, "")
    if not name:
        return
    try:
        with Path(name).open("a", encoding="utf-8", errors="backslashreplace") as file:
            file.write(text)
    except OSError as error:
        raise SourceError(f"{name}: {error.strerror or error}") from error


if __name__ == "__main__":
    raise SystemExit(main())

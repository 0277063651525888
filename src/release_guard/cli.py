"""The command line: words to options, a report to standard output, an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NoReturn

from release_guard import __version__
from release_guard.errors import ExitCode, ReleaseGuardError, UsageError
from release_guard.options import COMMANDS, OPTIONS, Option, Options, Value, options_of
from release_guard.reports.escape import log

__all__ = ["main", "parse"]

_EXIT_CODES = (
    "exit codes: 0 passed, 1 findings, 2 usage or policy wrong, 3 could not decide"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing below this line exits."""
    # A name that the terminal cannot show must not end the report.
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    return guarded(lambda: _main(argv), _complain)


def guarded(run: Callable[[], int], complain: Callable[[str, str], None]) -> int:
    """The exit code of ``run``; whatever goes wrong in it is one line and no pass.

    No traceback: a runner's problem matchers make annotations of them.
    """
    try:
        return run()
    except ReleaseGuardError as error:
        complain(error.message, error.hint)
        return error.exit_code
    except KeyboardInterrupt:
        complain("interrupted: there is no verdict", "")
    except BaseException as error:
        if isinstance(error, SystemExit):
            raise
        complain(_bug(error), "this is a bug: please report it with this line")
    return ExitCode.UNDECIDED


def _bug(error: BaseException) -> str:
    """An unforeseen exception in one line, with the place that raised it."""
    place, trace = "", error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "release_guard" in code.co_filename:
            place = f" in {Path(code.co_filename).name}:{trace.tb_lineno}"
        trace = trace.tb_next
    return f"no verdict: {type(error).__name__}: {error}{place}"


def _main(argv: Sequence[str] | None) -> int:
    options = parse(argv)
    if options.command == "rules":
        return _rules(options)
    from release_guard import run  # noqa: PLC0415 - only where a job runs
    from release_guard.reports import progress  # noqa: PLC0415

    lines = progress.Lines(sys.stderr, show=not options.no_progress)
    try:
        answer = run.run(options, os.environ, lines.look)
    except ReleaseGuardError as error:
        lines.end()
        # Who reads a document must not find the one of an earlier run.
        if options.format == "json" or options.output:
            told = run.render(run.failed(options, error), options.format)
            _write(told, options.output)
        raise
    lines.end()
    _write(run.render(answer.report, options.format), options.output)
    if answer.written:
        print(log(f"release-guard: wrote {answer.written}"), file=sys.stderr)
    return answer.report.exit_code


def _rules(options: Options) -> int:
    from release_guard.reports import catalogue  # noqa: PLC0415
    from release_guard.rules import RULES, rule_named  # noqa: PLC0415

    if not options.rule:
        rules = RULES
    elif chosen := rule_named(options.rule):
        rules = (chosen,)
    else:
        raise UsageError(
            f"there is no rule {options.rule!r}", hint="release-guard rules lists them"
        )
    one = bool(options.rule)
    _write(catalogue.render(rules, options.format, one=one), options.output)
    return ExitCode.PASSED


def _write(text: str, output: Path | None) -> None:
    """Hand the report over; where that fails, nobody has seen a verdict."""
    try:
        if output is None:
            sys.stdout.write(text)
            sys.stdout.flush()
        else:
            output.write_text(text, encoding="utf-8", errors="backslashreplace")
    except OSError as error:
        where = output or "standard output"
        raise ReleaseGuardError(f"{where}: {error.strerror or error}") from error


def _complain(message: str, hint: str) -> None:
    lines = [f"release-guard: {line}" for line in message.splitlines()]
    print(log("\n".join([*lines, f"  {hint}"] if hint else lines)), file=sys.stderr)


# --- argparse -------------------------------------------------------------------


class _Parser(argparse.ArgumentParser):
    """Errors as ours: one line, through the escaping, exit code 2."""

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=f"see {self.prog} --help")


def parse(argv: Sequence[str] | None) -> Options:
    """The options in a command line; raises ``UsageError``."""
    given = vars(_parser().parse_args(argv))
    return options_of(given.pop("command"), given)


def _parser() -> argparse.ArgumentParser:
    parser = _Parser(
        prog="release-guard",
        description="The gate around a Python release.",
        epilog=_EXIT_CODES,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    for command in COMMANDS:
        sub = commands.add_parser(
            command.name,
            help=command.help,
            description=command.help,
            epilog=_EXIT_CODES,
            allow_abbrev=False,
        )
        for option in OPTIONS:
            if command.name in option.commands:
                _add(sub, option)
    return parser


#: How many words an option takes, by (several paths, positional).
_COUNTS = {
    (True, True): "*",
    (True, False): "+",
    (False, True): "?",
    (False, False): None,
}


def _add(parser: argparse.ArgumentParser, option: Option) -> None:
    name = option.field if option.positional else f"--{option.name}"
    if option.value is Value.FLAG:
        parser.add_argument(name, action="store_true", help=option.help)
        return
    many = option.value is Value.PATHS
    parser.add_argument(
        name,
        nargs=_COUNTS[many, option.positional],
        metavar=option.metavar or None,
        choices=option.choices or None,
        help=option.help,
    )

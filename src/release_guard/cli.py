"""The command line: words to options, a report to standard output, an exit code."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import NoReturn

from release_guard import __version__
from release_guard.edge import guarded, mention, open_streams, screen, tell
from release_guard.errors import ExitCode, ReleaseGuardError, UsageError
from release_guard.nearest import did_you_mean
from release_guard.options import COMMANDS, OPTIONS, Option, Options, Value, options_of
from release_guard.reports.escape import log
from release_guard.reports.style import PLAIN
from release_guard.sources.files import remove_file, write_whole

__all__ = ["main", "parse"]

_EXIT_CODES = (
    "exit codes: 0 passed, 1 findings, 2 usage or policy wrong, 3 could not decide"
)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code; nothing below this line exits."""
    open_streams()
    return guarded(lambda: _main(argv), _complain)


def _main(argv: Sequence[str] | None) -> int:
    try:
        options = parse(argv)
    except _ToldError:
        return ExitCode.PASSED
    if options.command == "rules":
        return _rules(options)
    if options.command == "init":
        return _init(options)
    return _job(options)


def _job(options: Options) -> int:
    from release_guard import run  # noqa: PLC0415 - only where a job runs
    from release_guard.live import Progress  # noqa: PLC0415

    run.refuse_overwriting(options)
    if options.output is not None:
        # Who reads it must not find the report of an earlier run.
        remove_file(options.output)
    try:
        if options.no_progress:
            answer = run.run(options, os.environ)
        else:
            with Progress(screen(sys.stderr)) as progress:
                answer = run.run(options, os.environ, progress.tell)
    except ReleaseGuardError as error:
        if options.format != "text" or options.output:
            told = run.render(run.failed(options, error), options.format)
            _write(told, options.output)
        raise
    to = screen(sys.stdout) if options.output is None else PLAIN
    told = run.render(answer.report, options.format, to, verbose=options.verbose)
    _write(told, options.output)
    if options.output and options.format != "text":
        # The log says why, while a file holds what another program reads.
        to = screen(sys.stderr)
        mention(run.render(answer.report, "text", to, verbose=options.verbose))
    if answer.written and options.format != "text":
        mention(log(f"release-guard: wrote {answer.written}") + "\n")
    return answer.report.exit_code


def _rules(options: Options) -> int:
    from release_guard.reports import catalogue  # noqa: PLC0415
    from release_guard.rules import RULE_IDS, RULES, rule_named  # noqa: PLC0415

    if not options.rule:
        rules = RULES
    elif chosen := rule_named(options.rule):
        rules = (chosen,)
    else:
        meant = did_you_mean(options.rule, RULE_IDS)
        raise UsageError(
            f"there is no rule {options.rule!r:.80}",
            hint=f"{meant} release-guard rules lists them".lstrip(),
        )
    one = bool(options.rule)
    _write(catalogue.render(rules, options.format, one=one), options.output)
    return ExitCode.PASSED


def _init(options: Options) -> int:
    from release_guard import init  # noqa: PLC0415 - only here
    from release_guard.reports import init_told  # noqa: PLC0415

    outcome = init.init(options, os.environ)
    tell(init_told.render(outcome))
    return ExitCode.PASSED if outcome.is_written else ExitCode.USAGE


def _write(text: str, output: Path | None) -> None:
    """Hand the report over."""
    if output is None:
        tell(text)
    else:
        write_whole(output, text)


def _complain(message: str, hint: str) -> None:
    lines = [f"release-guard: {line}" for line in message.splitlines()]
    mention(log("\n".join([*lines, f"  {hint}"] if hint else lines)) + "\n")


# --- argparse -------------------------------------------------------------------


class _ToldError(Exception):
    """The help or the version was asked for, and told."""


class _Once(argparse.Action):
    """An option that is given twice is a mistake, not a change of mind."""

    def __call__(
        self,
        _: argparse.ArgumentParser,
        namespace: argparse.Namespace,
        values: object,
        option_string: str | None = None,
    ) -> None:
        if option_string and getattr(namespace, self.dest) is not None:
            raise argparse.ArgumentError(self, "stands there twice")
        setattr(namespace, self.dest, values)


class _Parser(argparse.ArgumentParser):
    """Errors as ours: one line, through the escaping, exit code 2; and no exit."""

    def exit(self, status: int = 0, message: str | None = None) -> NoReturn:
        raise _ToldError(status, message)

    def error(self, message: str) -> NoReturn:
        raise UsageError(message, hint=f"see {self.prog} --help")


def parse(argv: Sequence[str] | None) -> Options:
    """The options in a command line; raises ``UsageError``."""
    words = sys.argv[1:] if argv is None else [*argv]
    names = [command.name for command in COMMANDS]
    if words and words[0][:1] not in ("", "-") and words[0] not in names:
        told = f"the commands are {', '.join(names)}"
        raise UsageError(
            f"there is no command {words[0]!r:.80}",
            hint=f"{did_you_mean(words[0], names)} {told}".lstrip(),
        )
    known, strangers = _parser().parse_known_args(words)
    given = vars(known)
    command = given.pop("command")
    if strangers:
        raise _stranger(strangers[0], command)
    return options_of(command, given)


def _stranger(word: str, command: str) -> UsageError:
    """The error for a word that is no option of a command, and nothing else."""
    name = word.partition("=")[0]
    options = [o for o in OPTIONS if not o.positional]
    mine = [f"--{o.name}" for o in options if command in o.commands]
    others = [c for o in options if f"--{o.name}" == name for c in o.commands]
    meant = did_you_mean(name, mine)
    if others:
        meant = f"it is one of {' and '.join(others)};"
    what = "option" if word.startswith("-") else "argument"
    return UsageError(
        f"{command} has no {what} {name!r:.80}",
        hint=f"{meant} see release-guard {command} --help".lstrip(),
    )


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
    many = option.value in (Value.PATHS, Value.TEXTS)
    parser.add_argument(
        name,
        action="extend" if many and not option.positional else _Once,
        nargs=_COUNTS[many, option.positional],
        metavar=option.metavar or None,
        choices=option.choices or None,
        help=option.help,
    )

"""A step's log as the runner reads it: line by line, some of them obeyed.

``::name key=value,key=value::data`` counts at the beginning of a line and, older,
``##[name key=value;key=value]data`` anywhere in it (``ActionCommand``,
``ActionCommandManager``, ``OutputManager``, ``ExecutionContext.AddIssue``).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

__all__ = ["BLOCKED", "Annotation", "Command", "Log", "commands", "lines", "masked"]

#: The one variable that no step may set for later ones.
BLOCKED = "NODE_OPTIONS"
_ISSUES = ("error", "warning", "notice")
#: Commands that are not registered are plain text.
_REGISTERED = frozenset(
    {
        *("add-mask", "add-matcher", "add-path", "debug", "echo", "endgroup"),
        *("error", "group", "notice", "remove-matcher", "save-state", "set-env"),
        *("set-output", "stop-commands", "warning"),
    }
)
#: .NET's white space, which is trimmed from a line's beginning.
_WHITE = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008"
    "\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
_LINE_ENDS = {"%0D": "\r", "%0A": "\n"}
_DATA = _LINE_ENDS | {"%25": "%"}
_PROPERTY = _LINE_ENDS | {"%3A": ":", "%2C": ",", "%25": "%"}
_OLD = {"%3B": ";"} | _LINE_ENDS | {"%5D": "]", "%25": "%"}
#: Annotations of a kind that a step keeps, and the characters of one message (UTF-16).
_MOST, _LONGEST = 10, 4096
#: A stop token longer than this is masked.
_SHORT_TOKEN = 6
_INT = re.compile(r"\s*[+-]?\d+\s*", re.ASCII)


@dataclass(frozen=True)
class Command:
    """A command that the runner obeys; names and keys are in lower case."""

    name: str
    data: str
    properties: Mapping[str, str] = field(default_factory=dict)


def lines(text: str) -> list[str]:
    """The lines of a pipe: CR, LF and CRLF end one, nothing else does."""
    split = re.split(r"\r\n|\r|\n", text)
    return split[:-1] if split[-1] == "" else split


def commands(log: str) -> list[Command]:
    """Every command in a log, in order, whatever the commands before it do."""
    parsed = (parse(line) for line in lines(log))
    return [command for command in parsed if command is not None]


def parse(line: str, also: str = "") -> Command | None:
    """The command of a line, if there is one; ``also`` is registered as well, in the
    spelling that is given.
    """
    return _new(line, also) or _old(line, also)


def _new(line: str, also: str) -> Command | None:
    line = line.lstrip(_WHITE)
    end = line.find("::", 2)
    if not line.startswith("::") or end < 0:
        return None
    name, _, properties = line[2:end].partition(" ")
    if not _is_registered(name, also):
        return None
    found = _pairs(properties.strip(_WHITE), ",", _PROPERTY)
    return Command(name.lower(), _unescaped(line[end + 2 :], _DATA), found)


def _old(line: str, also: str) -> Command | None:
    start = line.find("##[")
    end = line.find("]", start)
    if start < 0 or end < 0:
        return None
    name, _, properties = line[start + 3 : end].partition(" ")
    if not _is_registered(name, also):
        return None
    found = _pairs(properties, ";", _OLD)
    return Command(name.lower(), _unescaped(line[end + 1 :], _OLD), found)


def _is_registered(name: str, also: str) -> bool:
    return name.lower() in _REGISTERED or (also != "" and name.lower() == also.lower())


def _pairs(text: str, mark: str, escapes: Mapping[str, str]) -> dict[str, str]:
    """Keys and values; a pair without a value is dropped."""
    split = (pair.partition("=") for pair in text.split(mark))
    return {
        key.lower(): _unescaped(value, escapes)
        for key, _, value in split
        if key and value
    }


def _unescaped(text: str, escapes: Mapping[str, str]) -> str:
    for escape, character in escapes.items():
        text = text.replace(escape, character)
    return text


# --- what they do -----------------------------------------------------------------


@dataclass(frozen=True)
class Annotation:
    """An annotation as it is shown; ``properties`` is what is left of file and line."""

    kind: str
    message: str
    properties: Mapping[str, str] = field(default_factory=dict)

    @property
    def title(self) -> str:
        """The heading, where one was given."""
        return self.properties.get("title", "")


@dataclass
class Log:
    """What a step's log did so far.

    ``to_host`` translates a path of the container, for annotations; ``allows_unsecure``
    is ``ACTIONS_ALLOW_UNSECURE_COMMANDS``, ``debug`` is ``RUNNER_DEBUG``.
    """

    to_host: Callable[[str], str] = str
    allows_unsecure: bool = False
    debug: bool = False
    #: The secrets of the job: shared, as a mask counts in later steps too.
    secrets: list[str] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)
    kept: list[Annotation] = field(default_factory=list)
    dropped: list[Annotation] = field(default_factory=list)
    outputs: dict[str, str] = field(default_factory=dict)
    state: dict[str, str] = field(default_factory=dict)
    environ: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    failed: bool = False
    _stop: str = ""
    _echo: bool = False

    def read(self, text: str) -> None:
        """Read what came by one pipe; both share one state."""
        for line in lines(text):
            if not self._obey(line):
                self._show(line)

    def _obey(self, line: str) -> bool:
        command = parse(line, self._stop)
        if command is None:
            return False
        if self._stop and command.name == self._stop.lower():
            self._stop = ""
            self._show(line)
            return True
        if self._stop:
            return False
        is_secret = command.name == "add-mask"
        if self._echo and command.name not in (*_ISSUES, "add-mask", "group", "debug"):
            self._show(line)
        try:
            self._do(command)
        except ValueError as error:
            what = command.name if is_secret else line
            self.issue("error", f"Unable to process command '{what}' successfully.")
            self.issue("error", str(error))
            self.failed = True
        return True

    def _do(self, command: Command) -> None:
        match command.name:
            case "error" | "warning" | "notice":
                self._annotate(command)
            case "set-output" | "save-state":
                self._set(command)
            case "set-env" | "add-path":
                self._set_unsecure(command)
            case "add-mask":
                self._mask(command.data)
            case "stop-commands":
                self._stop_at(command.data)
            case "echo":
                self._switch_echo(command.data)
            case "debug":
                if self.debug:
                    self._show(f"##[debug]{command.data}")
            case "group" | "endgroup":
                self._show(f"##[{command.name}]{command.data}")

    def _set(self, command: Command) -> None:
        name = command.properties.get("name", "")
        if not name:
            raise ValueError(
                f"Required field 'name' is missing in ##[{command.name}] command."
            )
        self.issue(
            "warning",
            f"The `{command.name}` command is deprecated and will be disabled soon. "
            "Please upgrade to using Environment Files.",
        )
        into = self.outputs if command.name == "set-output" else self.state
        into[name] = command.data

    def _set_unsecure(self, command: Command) -> None:
        if not self.allows_unsecure:
            raise ValueError(
                f"The `{command.name}` command is disabled. Please upgrade to using "
                "Environment Files or opt into unsecure command execution by setting "
                "the `ACTIONS_ALLOW_UNSECURE_COMMANDS` environment variable to `true`."
            )
        if command.name == "add-path":
            self.path.append(command.data)
            return
        name = command.properties.get("name", "")
        if not name:
            raise ValueError("Required field 'name' is missing in ##[set-env] command.")
        if name.upper() == BLOCKED:
            raise ValueError(f"Can't update {name} using ::set-env:: command.")
        self.environ[name] = command.data

    def _mask(self, data: str) -> None:
        if not data.strip(_WHITE):
            self.issue(
                "warning",
                "Can't add secret mask for empty string in ##[add-mask] command.",
            )
            return
        pieces = (piece.strip(_WHITE) for piece in re.split(r"[\r\n]", data))
        self.secrets += [data, *filter(None, pieces)]

    def _stop_at(self, token: str) -> None:
        if (
            not token
            or token.lower() == "pause-logging"
            or token.lower() in _REGISTERED
        ):
            raise ValueError(
                f"Invalid token '{token}' in ##[stop-commands] command: it is empty, "
                "or a command's name"
            )
        self._stop = token
        if len(token) > _SHORT_TOKEN:
            self.secrets.append(token)

    def _switch_echo(self, data: str) -> None:
        if data.strip().lower() not in ("on", "off"):
            raise ValueError(f"Invalid echo command value. '{data}'")
        self._echo = data.strip().lower() == "on"

    def _annotate(self, command: Command) -> None:
        properties = dict(_fixed(command.properties))
        if "file" in properties:
            properties["file"] = self.to_host(properties["file"])
        self.issue(command.name, command.data, properties)

    def issue(
        self, kind: str, message: str, properties: Mapping[str, str] | None = None
    ) -> None:
        """Note an annotation, the runner's own too; the eleventh is only logged."""
        message = _cut(masked(message, self.secrets))
        told = {k: masked(v, self.secrets) for k, v in (properties or {}).items()}
        annotation = Annotation(kind, message, told)
        is_kept = sum(known.kind == kind for known in self.kept) < _MOST
        (self.kept if is_kept else self.dropped).append(annotation)
        self._show(f"##[{kind}]{message}")

    def _show(self, line: str) -> None:
        self.shown.append(masked(line, self.secrets))

    @property
    def text(self) -> str:
        """The log as people see it, with the secrets masked."""
        return "".join(f"{line}\n" for line in self.shown)


def masked(text: str, secrets: list[str]) -> str:
    """A text without its secrets, the longest first."""
    for secret in sorted(set(secrets), key=len, reverse=True):
        text = text.replace(secret, "***")
    return text


def _cut(message: str) -> str:
    """At most 4096 UTF-16 units."""
    units = message.encode("utf-16-le", "surrogatepass")[: 2 * _LONGEST]
    return units.decode("utf-16-le", "replace")


def _fixed(properties: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is left of lines and columns (``ValidateLinesAndColumns``)."""
    given = dict(properties)
    line, end = _number(given, "line"), _number(given, "endline")
    column, end_column = _number(given, "col"), _number(given, "endcolumn")
    if end is not None and line is None:
        line, given["line"] = end, given["endline"]
    if end_column is not None and column is None:
        column, given["col"] = end_column, given["endcolumn"]
    is_one_line = line is not None and end in (None, line)
    is_backwards = None not in (column, end_column) and (end_column or 0) < (
        column or 0
    )
    gone: set[str] = set()
    if (column is not None and not is_one_line) or is_backwards:
        gone |= {"col", "endcolumn"}
    if line is not None and end is not None and end < line:
        gone |= {"line", "endline"}
    return ((key, value) for key, value in given.items() if key not in gone)


def _number(properties: Mapping[str, str], key: str) -> int | None:
    text = properties.get(key, "")
    return int(text) if _INT.fullmatch(text) else None

"""``${{ ... }}`` as workflows use it; what is not known here is refused.

Values are what JSON has. Names of contexts and functions do not mind their case, a
property that is not there is null, and comparisons coerce as documented
(docs.github.com, "Evaluate expressions in workflows and actions").
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = [
    "Context",
    "ExpressionError",
    "condition",
    "filled",
    "told",
    "value",
    "whole",
]

Value = Any  # what JSON has


class ExpressionError(ValueError):
    """An expression that is wrong, or that is not known here."""


@dataclass(frozen=True)
class Context:
    """What an expression may name: contexts, and how the job goes so far."""

    names: Mapping[str, Value] = field(default_factory=dict)
    failed: bool = False
    cancelled: bool = False
    #: A job that this one needs did not run: no success, and no failure either.
    skipped: bool = False

    @property
    def succeeded(self) -> bool:
        """Whether all went well so far."""
        return not (self.failed or self.cancelled or self.skipped)


def filled(text: str, context: Context) -> str:
    """A text with its expressions evaluated, each as the runner writes it."""
    return _EXPRESSION.sub(lambda found: told(value(found[1], context)), text)


def whole(text: str, context: Context) -> Value:
    """A value of a key: of a text that is one expression its value, else the text."""
    found = _EXPRESSION.fullmatch(text.strip())
    return value(found[1], context) if found else filled(text, context)


def condition(text: str, context: Context) -> bool:
    """An ``if:``, with or without ``${{ }}``; where it asks for no status of the job,
    ``success()`` is meant as well. An empty one is only that.
    """
    found = _EXPRESSION.fullmatch(text.strip())
    source = found[1] if found else text
    if not found and "${{" in source:
        raise ExpressionError(f"an if: that is an expression in part: {text!r}")
    if not source.strip():
        return context.succeeded
    holds = _is_true(value(source, context))
    asks = re.search(r"\b(success|failure|always|cancelled)\s*\(", source)
    return holds and (asks is not None or context.succeeded)


def value(source: str, context: Context) -> Value:
    """The value of an expression."""
    parser = _Parser(list(_tokens(source)), context, source)
    found = parser.either()
    if parser.tokens:
        raise ExpressionError(f"not understood in {source!r}: {parser.tokens[0]!r}")
    return found


def told(found: Value) -> str:
    """A value as it is written into a text."""
    if found is None:
        return ""
    if isinstance(found, bool):
        return "true" if found else "false"
    if isinstance(found, float):
        return f"{found:.15g}"
    if isinstance(found, (list, dict)):
        return "Array" if isinstance(found, list) else "Object"
    return str(found)


_EXPRESSION = re.compile(r"\$\{\{((?:'(?:[^']|'')*'|(?!\}\}).)*)\}\}", re.DOTALL)
_TOKEN = re.compile(
    r"\s*(?:(?P<number>-?\d+(?:\.\d+)?)|(?P<text>'(?:[^']|'')*')"
    r"|(?P<name>[A-Za-z_][\w-]*)|(?P<mark>&&|\|\||==|!=|<=|>=|[!<>()\[\].,*]))"
)


def _tokens(source: str) -> Iterator[str]:
    position, source = 0, source.rstrip()
    while position < len(source):
        found = _TOKEN.match(source, position)
        if found is None:
            raise ExpressionError(f"not understood: {source[position:]!r}")
        yield found[0].strip()
        position = found.end()


@dataclass
class _Parser:
    tokens: list[str]
    context: Context
    source: str

    def take(self, *marks: str) -> str:
        """The next token, where it is one of these."""
        return self.tokens.pop(0) if self.tokens and self.tokens[0] in marks else ""

    def need(self, mark: str) -> None:
        if not self.take(mark):
            raise ExpressionError(f"{mark} is missing in {self.source!r}")

    def either(self) -> Value:
        found = self.both()
        while self.take("||"):
            other = self.both()
            found = found if _is_true(found) else other
        return found

    def both(self) -> Value:
        found = self.compared()
        while self.take("&&"):
            other = self.compared()
            found = other if _is_true(found) else found
        return found

    def compared(self) -> Value:
        found = self.single()
        while mark := self.take("==", "!=", "<", ">", "<=", ">="):
            found = _COMPARISONS[mark](found, self.single())
        return found

    def single(self) -> Value:
        if self.take("!"):
            return not _is_true(self.single())
        found = self.atom()
        while True:
            if self.take("."):
                if not self.tokens or not re.match(r"[A-Za-z_]", self.tokens[0]):
                    raise ExpressionError(f"a filter is not known: {self.source!r}")
                found = _property(found, self.tokens.pop(0))
            elif self.take("["):
                key = self.either()
                self.need("]")
                found = _property(found, key)
            else:
                return found

    def atom(self) -> Value:
        if not self.tokens:
            raise ExpressionError(f"ends too soon: {self.source!r}")
        token = self.tokens.pop(0)
        if token == "(":
            found = self.either()
            self.need(")")
            return found
        if token.startswith("'"):
            return token[1:-1].replace("''", "'")
        if re.match(r"-?\d", token):
            return float(token) if "." in token else int(token)
        if token in _LITERALS:
            return _LITERALS[token]
        if not re.match(r"[A-Za-z_]", token):
            raise ExpressionError(f"{token!r} is not understood in {self.source!r}")
        return self.called(token) if self.take("(") else self.named(token)

    def named(self, name: str) -> Value:
        """A context; one that is not there is an error, unlike a property."""
        for known, content in self.context.names.items():
            if known.lower() == name.lower():
                return content
        raise ExpressionError(f"there is no context {name!r}: {self.source!r}")

    def called(self, name: str) -> Value:
        arguments: list[Value] = []
        while not self.take(")"):
            arguments.append(self.either())
            if not self.take(","):
                self.need(")")
                break
        states = {
            "success": self.context.succeeded,
            "failure": self.context.failed,
            "always": True,
            "cancelled": self.context.cancelled,
        }
        if name.lower() in states and not arguments:
            return states[name.lower()]
        function = _FUNCTIONS.get(name.lower())
        if function is None:
            raise ExpressionError(f"the function {name} is not known here")
        return function(*arguments)


def _property(found: Value, key: Value) -> Value:
    if isinstance(found, Mapping):
        for known, content in found.items():
            if str(known).lower() == str(key).lower():
                return content
    if isinstance(found, list) and isinstance(key, int) and 0 <= key < len(found):
        return found[key]
    return None


def _is_true(found: Value) -> bool:
    return found not in (None, False, 0, "") or isinstance(found, (list, dict))


def _number(found: Value) -> float:
    if found is None or found == "":
        return 0.0
    try:
        return float(found)
    except (TypeError, ValueError):
        return float("nan")


def _are_equal(one: Value, other: Value) -> bool:
    """Texts without regard to case, and of two types as numbers."""
    if isinstance(one, str) and isinstance(other, str):
        return one.lower() == other.lower()
    if type(one) is type(other):
        return bool(one == other)
    return _number(one) == _number(other)


_LITERALS: Mapping[str, Value] = {"true": True, "false": False, "null": None}
_COMPARISONS: Mapping[str, Callable[[Value, Value], bool]] = {
    "==": _are_equal,
    "!=": lambda one, other: not _are_equal(one, other),
    "<": lambda one, other: _number(one) < _number(other),
    ">": lambda one, other: _number(one) > _number(other),
    "<=": lambda one, other: _number(one) <= _number(other),
    ">=": lambda one, other: _number(one) >= _number(other),
}


def _contains(where: Value, what: Value) -> bool:
    if isinstance(where, list):
        return any(_are_equal(item, what) for item in where)
    return told(what).lower() in told(where).lower()


def _join(items: Value, mark: str = ",") -> str:
    return mark.join(
        told(item) for item in (items if isinstance(items, list) else [items])
    )


_FUNCTIONS: Mapping[str, Callable[..., Value]] = {
    "contains": _contains,
    "startswith": lambda text, start: (
        told(text).lower().startswith(told(start).lower())
    ),
    "endswith": lambda text, end: told(text).lower().endswith(told(end).lower()),
    "format": lambda form, *texts: re.sub(
        r"\{(\d+)\}", lambda found: told(texts[int(found[1])]), form
    ),
    "join": _join,
    "tojson": lambda found: json.dumps(found, indent=2),
    "fromjson": json.loads,
}

"""Declared shapes of outside data: one declaration reads it strictly and is its schema.

A shape reads a plain value (of YAML, TOML or JSON) into a typed one, or raises
``ShapeError`` with every problem found, each with its key path and what is allowed.
The same declaration gives the JSON Schema, so the two cannot differ.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Generic, Protocol, TypeVar

__all__ = [
    "Day",
    "Either",
    "Field",
    "Flag",
    "Items",
    "Keyed",
    "Nothing",
    "OneOf",
    "Problem",
    "Shape",
    "ShapeError",
    "Table",
    "Text",
    "Whole",
]

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where; ``path`` is empty for the whole."""

    path: str
    text: str

    def __str__(self) -> str:
        return f"{self.path}: {self.text}" if self.path else self.text


class ShapeError(ValueError):
    """The value does not have the shape; ``problems`` is never empty."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__("; ".join(map(str, problems)))
        self.problems = problems


class Shape(Protocol[T_co]):
    """Something that can be read, and that can say what it allows."""

    def read(self, value: object, path: str = "") -> T_co:
        """The typed value; raises ``ShapeError``."""

    def schema(self) -> Schema:
        """The JSON Schema of what ``read`` takes."""


#: How much of a wrong value an error repeats, in characters.
_SHOWN = 60


def _found(value: object) -> str:
    """A short word for what stands there instead; long values are cut."""
    match value:
        case None:
            return "nothing"
        case bool():
            return str(value).lower()
        case str() | int() | float():
            shown = repr(value)
            return shown if len(shown) <= _SHOWN else f"{shown:.{_SHOWN}}..."
        case Mapping():
            return "a table"
        case list():
            return "a list"
    return f"a {type(value).__name__}"


def _wrong(path: str, allowed: str, value: object) -> ShapeError:
    return ShapeError(Problem(path, f"expected {allowed}, found {_found(value)}"))


def _join(path: str, key: object) -> str:
    return f"{path}.{key}" if path else str(key)


@dataclass(frozen=True, slots=True)
class Text:
    """A text that is not empty, in full of ``pattern`` where one is given."""

    allowed: str = "a text"
    pattern: str = r"(?s).+"

    def read(self, value: object, path: str = "") -> str:
        """The text itself."""
        if not isinstance(value, str) or not re.fullmatch(self.pattern, value):
            raise _wrong(path, self.allowed, value)
        return value

    def schema(self) -> Schema:
        """A string schema."""
        if self.pattern == r"(?s).+":
            return {"type": "string", "minLength": 1}
        return {"type": "string", "pattern": f"^(?:{self.pattern})$"}


@dataclass(frozen=True, slots=True)
class Whole:
    """A whole number from ``least``."""

    least: int = 0

    def read(self, value: object, path: str = "") -> int:
        """The number itself; ``true`` is no number here."""
        if isinstance(value, bool) or not isinstance(value, int) or value < self.least:
            raise _wrong(path, f"a whole number from {self.least}", value)
        return value

    def schema(self) -> Schema:
        """An integer schema."""
        return {"type": "integer", "minimum": self.least}


@dataclass(frozen=True, slots=True)
class Flag:
    """``true`` or ``false``, and nothing that only looks like it."""

    def read(self, value: object, path: str = "") -> bool:
        """The flag itself."""
        if not isinstance(value, bool):
            raise _wrong(path, "true or false", value)
        return value

    def schema(self) -> Schema:
        """A boolean schema."""
        return {"type": "boolean"}


@dataclass(frozen=True, slots=True)
class Nothing:
    """JSON's ``null``."""

    def read(self, value: object, path: str = "") -> None:
        """None itself."""
        if value is not None:
            raise _wrong(path, "nothing", value)

    def schema(self) -> Schema:
        """A null schema."""
        return {"type": "null"}


@dataclass(frozen=True, slots=True)
class Day:
    """A date, which YAML and TOML give as one and JSON as text."""

    def read(self, value: object, path: str = "") -> date:
        """The date itself."""
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        if isinstance(value, str):
            try:
                return date.fromisoformat(value)
            except ValueError:
                pass
        raise _wrong(path, "a date as 2027-06-01", value)

    def schema(self) -> Schema:
        """A date schema."""
        return {"type": "string", "format": "date"}


@dataclass(frozen=True, slots=True)
class OneOf:
    """One of a few words."""

    choices: tuple[str, ...]

    def read(self, value: object, path: str = "") -> str:
        """The word itself."""
        if not isinstance(value, str) or value not in self.choices:
            raise _wrong(path, f"one of {', '.join(self.choices)}", value)
        return value

    def schema(self) -> Schema:
        """An enum schema."""
        return {"enum": list(self.choices)}


@dataclass(frozen=True, slots=True)
class Items(Generic[T]):
    """A list whose items have one shape."""

    item: Shape[T]
    least: int = 0

    def read(self, value: object, path: str = "") -> tuple[T, ...]:
        """The items, in order."""
        if not isinstance(value, list):
            raise _wrong(path, "a list", value)
        if len(value) < self.least:
            raise ShapeError(Problem(path, f"expected at least {self.least} item(s)"))
        items: list[T] = []
        problems: list[Problem] = []
        for number, item in enumerate(value):
            try:
                items.append(self.item.read(item, f"{path}[{number}]"))
            except ShapeError as error:
                problems += error.problems
        if problems:
            raise ShapeError(*problems)
        return tuple(items)

    def schema(self) -> Schema:
        """An array schema."""
        return {"type": "array", "items": self.item.schema(), "minItems": self.least}


@dataclass(frozen=True, slots=True)
class Keyed(Generic[T]):
    """A table with keys of the user's choice, or of a known set, and one shape."""

    value: Shape[T]
    keys: Callable[[], tuple[str, ...]] | None = None
    key_word: str = "key"

    def read(self, value: object, path: str = "") -> dict[str, T]:
        """The values by key."""
        if not isinstance(value, Mapping):
            raise _wrong(path, "a table", value)
        known = self.keys() if self.keys else None
        read: dict[str, T] = {}
        problems: list[Problem] = []
        for key, item in value.items():
            where = _join(path, key)
            if not isinstance(key, str):
                problems.append(Problem(where, "expected a text as the key"))
            elif known is not None and key not in known:
                problems.append(Problem(where, f"no such {self.key_word}"))
            else:
                try:
                    read[key] = self.value.read(item, where)
                except ShapeError as error:
                    problems += error.problems
        if problems:
            raise ShapeError(*problems)
        return read

    def schema(self) -> Schema:
        """An object schema."""
        schema: Schema = {"type": "object", "additionalProperties": self.value.schema()}
        if self.keys:
            schema["propertyNames"] = {"enum": list(self.keys())}
        return schema


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One key of a table. Without it, ``default`` is taken, unless it is required."""

    shape: Shape[T]
    doc: str = ""
    required: bool = False
    default: object = None


@dataclass(frozen=True, slots=True)
class Table(Generic[T]):
    """A table with known keys, made into ``make(**values)``, ``a-b`` as ``a_b``."""

    make: Callable[..., T]
    fields: Mapping[str, Field[Any]] = field(default_factory=dict)

    def read(self, value: object, path: str = "") -> T:
        """The made value; an unknown key is a problem like any other."""
        if not isinstance(value, Mapping):
            raise _wrong(path, "a table", value)
        problems = [
            Problem(_join(path, key), f"no such key; allowed: {', '.join(self.fields)}")
            for key in value
            if key not in self.fields
        ]
        read: dict[str, object] = {}
        for key, known in self.fields.items():
            if key in value:
                try:
                    read[key] = known.shape.read(value[key], _join(path, key))
                except ShapeError as error:
                    problems += error.problems
            elif known.required:
                problems.append(Problem(_join(path, key), "is missing"))
            else:
                read[key] = known.default
        if problems:
            raise ShapeError(*problems)
        return self.make(**{key.replace("-", "_"): item for key, item in read.items()})

    def schema(self) -> Schema:
        """An object schema that takes no other key."""
        properties = {}
        for key, known in self.fields.items():
            described = {"description": known.doc} if known.doc else {}
            properties[key] = known.shape.schema() | described
        required = [key for key, known in self.fields.items() if known.required]
        schema: Schema = {
            "type": "object",
            "properties": properties,
            "additionalProperties": False,
        }
        return schema | ({"required": required} if required else {})


@dataclass(frozen=True, slots=True)
class Either(Generic[T]):
    """One of several shapes; ``allowed`` says which, in words."""

    allowed: str
    shapes: tuple[Shape[T], ...]

    def read(self, value: object, path: str = "") -> T:
        """The value as the first shape that takes it reads it.

        A value of the right kind with a wrong part is told by its part.
        """
        deeper: ShapeError | None = None
        for shape in self.shapes:
            try:
                return shape.read(value, path)
            except ShapeError as error:
                if any(problem.path != path for problem in error.problems):
                    deeper = error
        raise deeper or _wrong(path, self.allowed, value)

    def schema(self) -> Schema:
        """An anyOf schema."""
        return {"anyOf": [shape.schema() for shape in self.shapes]}

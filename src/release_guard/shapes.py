"""Declared shapes of outside data: one declaration reads it strictly and is its schema.

A shape reads a plain value (of YAML, TOML or JSON) into a typed one, or raises
``ShapeError`` with every problem found, each with its key path and what is allowed.
The same declaration gives the JSON Schema, so the two cannot differ.
"""

from __future__ import annotations

import json
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
    "Known",
    "Nothing",
    "OneOf",
    "Problem",
    "Shape",
    "ShapeError",
    "Table",
    "Text",
    "Whole",
    "strict_json",
]

K = TypeVar("K")
T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)
Schema = dict[str, Any]


def strict_json(content: bytes) -> object:
    """The value of a JSON document in UTF-8 (RFC 8259). A ``ValueError`` is a key twice
    in one object, as which of the two holds is each reader's choice, and a number that
    JSON does not have.
    """
    text = content.decode("utf-8-sig")
    return json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)


def _refuse_constant(name: str) -> object:
    raise ValueError(f"has the number {name}, which JSON does not have")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        raise ValueError("has a key twice")
    return table


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, and where; ``path`` is empty for the whole. Where a name
    is not known, ``given`` is the name and ``known`` are those that are.
    """

    path: str
    text: str
    given: str = ""
    known: tuple[str, ...] = ()

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
            return _shown(value)
        case Mapping():
            return "a table"
        case list():
            return "a list"
    return f"a {type(value).__name__}"


def _shown(value: object) -> str:
    try:
        shown = repr(value)
    except ValueError:
        # A number of more than 4,300 digits has no text.
        return "a number"
    return shown if len(shown) <= _SHOWN else f"{shown:.{_SHOWN}}..."


def _wrong(path: str, allowed: str, value: object) -> ShapeError:
    return ShapeError(Problem(path, f"expected {allowed}, found {_found(value)}"))


def _unknown(path: str, key: object, known: tuple[str, ...]) -> Problem:
    given = key if isinstance(key, str) else ""
    return Problem(path, f"no such key; allowed: {', '.join(known)}", given, known)


def _join(path: str, key: object) -> str:
    """The path of a key; one that is no plain word is shown as what it is."""
    word = isinstance(key, str) and key.isprintable() and len(key) <= _SHOWN
    name = str(key) if word else _shown(key)
    return f"{path}.{name}" if path else name


def _full(pattern: str) -> str:
    """A pattern for a whole text. Some readers let ``$`` match before a line end."""
    return f"^(?:{pattern})$(?!\\n)"


#: What a text is called that may be any.
_ANY_TEXT = "a text"


@dataclass(frozen=True, slots=True)
class Text:
    """A text of at least ``least`` characters, and wholly of ``pattern`` if any."""

    allowed: str = _ANY_TEXT
    pattern: str = ""
    least: int = 1

    def read(self, value: object, path: str = "") -> str:
        """The text itself."""
        if not isinstance(value, str) or len(value) < self.least:
            raise _wrong(path, self.allowed, value)
        if self.pattern and not re.fullmatch(self.pattern, value):
            raise _wrong(path, self.allowed, value)
        return value

    def schema(self) -> Schema:
        """A string schema."""
        schema: Schema = {"type": "string", "minLength": self.least}
        if self.allowed != _ANY_TEXT:
            schema["title"] = self.allowed
        return schema | ({"pattern": _full(self.pattern)} if self.pattern else {})


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
        if isinstance(value, str) and re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
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
class OneNumber:
    """One of a few whole numbers."""

    choices: tuple[int, ...]

    def read(self, value: object, path: str = "") -> int:
        """The number itself; ``true`` is no number here."""
        if type(value) is not int or value not in self.choices:
            raise _wrong(path, " or ".join(map(str, self.choices)), value)
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
class Known:
    """A key of a known set, which is too long to be told in an error."""

    choices: tuple[str, ...]
    word: str

    def read(self, value: object, path: str = "") -> str:
        """The key itself."""
        if value not in self.choices:
            given = value if isinstance(value, str) else ""
            raise ShapeError(Problem(path, f"no such {self.word}", given, self.choices))
        return str(value)

    def schema(self) -> Schema:
        """An enum schema."""
        return {"enum": list(self.choices)}


@dataclass(frozen=True, slots=True)
class Keyed(Generic[K, T]):
    """A table whose keys have one shape, and whose values have one."""

    value: Shape[T]
    key: Shape[K]

    def read(self, value: object, path: str = "") -> dict[K, T]:
        """The values by key; two spellings of one key are a problem."""
        if not isinstance(value, Mapping):
            raise _wrong(path, "a table", value)
        read: dict[K, T] = {}
        problems: list[Problem] = []
        for name, item in value.items():
            where = _join(path, name)
            try:
                key = self.key.read(name, where)
                if key in read:
                    raise ShapeError(Problem(where, "stands there twice"))
                read[key] = self.value.read(item, where)
            except ShapeError as error:
                problems += error.problems
        if problems:
            raise ShapeError(*problems)
        return read

    def schema(self) -> Schema:
        """An object schema."""
        return {
            "type": "object",
            "additionalProperties": self.value.schema(),
            "propertyNames": self.key.schema(),
        }


@dataclass(frozen=True, slots=True)
class Field(Generic[T]):
    """One key of a table. Without it, ``default`` is taken, unless it is required.

    The schema and the docs tell what it says (``doc``), an ``example``, and the value
    that says the same as leaving it out (``usual``, None where none does), as they
    stand in a file.
    """

    shape: Shape[T]
    doc: str = ""
    required: bool = False
    default: object = None
    usual: object = None
    example: object = None

    def schema(self) -> Schema:
        """The schema of its values, with what is told of them."""
        examples = None if self.example is None else [self.example]
        told = {"description": self.doc, "default": self.usual, "examples": examples}
        said = {word: value for word, value in told.items() if value not in (None, "")}
        return self.shape.schema() | said


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
            _unknown(_join(path, key), key, tuple(self.fields))
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
        properties = {key: known.schema() for key, known in self.fields.items()}
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
        shapes = [shape.schema() for shape in self.shapes]
        return {"title": self.allowed, "anyOf": shapes}

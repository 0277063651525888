"""Shapes: what each one reads, how it refuses, and that its schema says the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from release_guard.shapes import (
    Day,
    Either,
    Field,
    Flag,
    Items,
    Keyed,
    Known,
    Nothing,
    OneOf,
    Problem,
    Shape,
    ShapeError,
    Table,
    Text,
    Whole,
)


@dataclass(frozen=True)
class _Point:
    x_axis: int
    label: str = "?"


POINT = Table(
    _Point,
    {
        "x-axis": Field(Whole(1), "Along.", required=True),
        "label": Field(Text(), "What it is called.", default="none"),
    },
)
HEX = Text("a hex number", r"[0-9a-f]+")
COLOUR = OneOf(("red", "green"))
EITHER: Either[Any] = Either("a flag, or colours", (Flag(), Items(COLOUR, least=1)))
FLAGS = Keyed(Flag(), Text(least=0))
KNOWN = Keyed(Whole(), Known(("a", "b"), "letter"))
HEXES = Keyed(Flag(), HEX)

#: A shape, a value that it takes, and what it makes of it.
TAKEN: list[tuple[Shape[Any], object, object]] = [
    (Text(), "a\nb", "a\nb"),
    (HEX, "0af", "0af"),
    (Whole(), 0, 0),
    (Whole(3), 3, 3),
    (Flag(), True, True),
    (Nothing(), None, None),
    (Day(), "2027-06-01", date(2027, 6, 1)),
    (Day(), date(2027, 6, 1), date(2027, 6, 1)),
    (COLOUR, "red", "red"),
    (Items(COLOUR), [], ()),
    (Items(COLOUR, least=1), ["red", "red"], ("red", "red")),
    (FLAGS, {"a": True, "": False}, {"a": True, "": False}),
    (KNOWN, {"b": 1}, {"b": 1}),
    (POINT, {"x-axis": 1}, _Point(1, "none")),
    (POINT, {"label": "l", "x-axis": 2}, _Point(2, "l")),
    (EITHER, False, False),
    (EITHER, ["red"], ("red",)),
]

#: A shape, a value that it refuses, and the problems, path and all.
REFUSED: list[tuple[Shape[Any], object, list[str]]] = [
    (Text(), "", ["at: expected a text, found ''"]),
    (Text(), b"a", ["at: expected a text, found a bytes"]),
    (Text(), None, ["at: expected a text, found nothing"]),
    (HEX, "0g", ["at: expected a hex number, found '0g'"]),
    (HEX, "0a\n", [r"at: expected a hex number, found '0a\n'"]),
    (Whole(), -1, ["at: expected a whole number from 0, found -1"]),
    (Whole(2), 1, ["at: expected a whole number from 2, found 1"]),
    (Whole(), True, ["at: expected a whole number from 0, found true"]),
    (Whole(), 1.5, ["at: expected a whole number from 0, found 1.5"]),
    (Whole(), "1", ["at: expected a whole number from 0, found '1'"]),
    (Flag(), 1, ["at: expected true or false, found 1"]),
    (Flag(), "true", ["at: expected true or false, found 'true'"]),
    (Nothing(), False, ["at: expected nothing, found false"]),
    (Nothing(), [], ["at: expected nothing, found a list"]),
    (Day(), "2027-6-1", ["at: expected a date as 2027-06-01, found '2027-6-1'"]),
    (
        Day(),
        datetime(2027, 6, 1, tzinfo=UTC),
        ["at: expected a date as 2027-06-01, found a datetime"],
    ),
    (COLOUR, "blue", ["at: expected one of red, green, found 'blue'"]),
    (COLOUR, ["red"], ["at: expected one of red, green, found a list"]),
    (Items(COLOUR), ("red",), ["at: expected a list, found a tuple"]),
    (Items(COLOUR), {"red": 1}, ["at: expected a list, found a table"]),
    (Items(COLOUR, least=2), ["red"], ["at: expected at least 2 item(s)"]),
    (
        Items(COLOUR),
        ["red", 1, "green", "x"],
        [
            "at[1]: expected one of red, green, found 1",
            "at[3]: expected one of red, green, found 'x'",
        ],
    ),
    (
        Items(Items(COLOUR)),
        [["red"], ["x"]],
        ["at[1][0]: expected one of red, green, found 'x'"],
    ),
    (FLAGS, [], ["at: expected a table, found a list"]),
    (
        FLAGS,
        {"a": 1, 2: True, "c": True, "d": "x"},
        [
            "at.a: expected true or false, found 1",
            "at.2: expected a text, found 2",
            "at.d: expected true or false, found 'x'",
        ],
    ),
    (
        KNOWN,
        {"a": -1, "z": 1},
        ["at.a: expected a whole number from 0, found -1", "at.z: no such letter"],
    ),
    (HEXES, {"0a": True, "x": 1}, ["at.x: expected a hex number, found 'x'"]),
    (
        Keyed(Flag(), Day()),
        {"2027-06-01": True, date(2027, 6, 1): True},
        ["at.datetime.date(2027, 6, 1): stands there twice"],
    ),
    (POINT, 1, ["at: expected a table, found 1"]),
    (
        POINT,
        {"x_axis": 1, "label": ""},
        [
            "at.x_axis: no such key; allowed: x-axis, label",
            "at.x-axis: is missing",
            "at.label: expected a text, found ''",
        ],
    ),
    (POINT, {"x-axis": None}, ["at.x-axis: expected a whole number from 1, found …"]),
    (EITHER, "red", ["at: expected a flag, or colours, found 'red'"]),
    (EITHER, [], ["at: expected a flag, or colours, found a list"]),
    (EITHER, ["blue"], ["at[0]: expected one of red, green, found 'blue'"]),
]


@pytest.mark.parametrize(("shape", "value", "read"), TAKEN)
def test_a_shape_reads(shape: Shape[Any], value: object, read: object) -> None:
    found = shape.read(value)

    assert found == read
    assert type(found) is type(read)


@pytest.mark.parametrize(("shape", "value", "told"), REFUSED)
def test_a_shape_refuses_with_every_problem_and_its_path(
    shape: Shape[Any], value: object, told: list[str]
) -> None:
    with pytest.raises(ShapeError) as raised:
        shape.read(value, "at")

    found = [str(problem) for problem in raised.value.problems]
    assert found == [text.replace("…", "nothing") for text in told]
    assert str(raised.value) == "; ".join(found)


@pytest.mark.parametrize(
    ("shape", "value", "told"),
    [
        (Flag(), 1, "expected true or false, found 1"),
        (POINT, {"x-axis": 0}, "x-axis: expected a whole number from 1, found 0"),
        (Items(Flag()), [1], "[0]: expected true or false, found 1"),
        (FLAGS, {"k": 1}, "k: expected true or false, found 1"),
    ],
)
def test_at_the_top_there_is_no_path(
    shape: Shape[Any], value: object, told: str
) -> None:
    with pytest.raises(ShapeError) as raised:
        shape.read(value)

    assert str(raised.value) == told


@pytest.mark.parametrize(
    "value",
    ["x" * 100_000, 10**4000, "\N{SNOWMAN}" * 5000],
    ids=["text", "number", "beyond ASCII"],
)
def test_a_long_value_is_told_only_in_part(value: object) -> None:
    with pytest.raises(ShapeError) as raised:
        Nothing().read(value, "at")

    assert len(str(raised.value)) < 120
    assert str(raised.value).endswith("...")


def test_a_number_too_long_for_python_to_show_is_told_as_a_number() -> None:
    with pytest.raises(ShapeError) as raised:
        Flag().read(16**5000, "at")

    assert str(raised.value) == "at: expected true or false, found a number"


@pytest.mark.parametrize("shape", [POINT, KNOWN], ids=["table", "known keys"])
def test_a_long_or_hostile_key_is_told_in_part_and_on_one_line(
    shape: Shape[Any],
) -> None:
    with pytest.raises(ShapeError) as raised:
        shape.read({"k\n::error::" + "y" * 100_000: 1, "x-axis": 1})

    assert len(str(raised.value)) < 400
    assert len(str(raised.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("key", "told"),
    [
        ("x" * 60, "x" * 60),
        ("x" * 61, f"'{'x' * 59}..."),
        ("a\nb", r"'a\nb'"),
        ("a b", "a b"),
        ("\N{RIGHT-TO-LEFT OVERRIDE}", r"'\u202e'"),
        (7, "7"),
        (None, "None"),
    ],
)
def test_a_key_is_told_as_it_is_or_as_what_it_is(key: object, told: str) -> None:
    with pytest.raises(ShapeError) as raised:
        Table(dict, {"a": Field(Flag())}).read({key: 1})

    assert str(raised.value) == f"{told}: no such key; allowed: a"


@pytest.mark.parametrize("length", [58, 59])
def test_a_value_is_told_whole_up_to_a_length(length: int) -> None:
    with pytest.raises(ShapeError) as raised:
        Flag().read("x" * length)

    whole = f"'{'x' * length}'"
    told = whole if length == 58 else f"{whole[:60]}..."
    assert str(raised.value) == f"expected true or false, found {told}"


def test_a_problem_without_a_path_is_only_its_text() -> None:
    assert str(Problem("", "is wrong")) == "is wrong"
    assert str(Problem("a.b[0]", "is wrong")) == "a.b[0]: is wrong"


def test_a_table_without_a_required_key_says_nothing_of_required_keys() -> None:
    bare = Table(dict, {"a": Field(Flag())}).schema()

    assert bare == {
        "type": "object",
        "properties": {"a": {"type": "boolean"}},
        "additionalProperties": False,
    }
    assert POINT.schema()["required"] == ["x-axis"]
    assert POINT.schema()["properties"]["x-axis"]["description"] == "Along."


# --- the schema says what the reader does -----------------------------------------

SHAPES: list[Shape[Any]] = [
    Text(),
    HEX,
    Whole(),
    Whole(2),
    Flag(),
    Nothing(),
    Day(),
    COLOUR,
    Items(COLOUR),
    Items(Whole(), least=1),
    FLAGS,
    HEXES,
    KNOWN,
    POINT,
    EITHER,
]

_LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-3, 3)
    | st.sampled_from(
        ["", "red", "blue", "0af", "2027-06-01", "2027-13-01", "\n", "a\nb"]
    )
    | st.text(max_size=3)
)
_KEYS = st.sampled_from(["x-axis", "label", "a", "b", "x", ""])
_VALUES = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(_KEYS, inner, max_size=3)
    ),
    max_leaves=5,
)


def _takes(shape: Shape[Any], value: object) -> bool:
    try:
        shape.read(value)
    except ShapeError:
        return False
    return True


def _valid(shape: Shape[Any], value: object) -> bool:
    return jsonschema.Draft202012Validator(
        shape.schema(), format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
    ).is_valid(value)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
def test_a_shapes_schema_is_a_schema(shape: Shape[Any]) -> None:
    jsonschema.Draft202012Validator.check_schema(shape.schema())


@settings(deadline=None, max_examples=150)
@given(value=_VALUES)
def test_reader_and_schema_take_the_same_values(value: object) -> None:
    for shape in SHAPES:
        assert _takes(shape, value) == _valid(shape, value), shape


@pytest.mark.parametrize(
    "value",
    ["2027-06-01", "20270601", "2027-W22-2", "2027-6-1", "2027-06-01T00:00", " 2027"],
)
def test_reader_and_schema_take_the_same_days(value: str) -> None:
    assert _takes(Day(), value) == _valid(Day(), value)


@settings(deadline=None, max_examples=200)
@given(
    value=st.recursive(
        _LEAVES | st.floats() | st.binary(max_size=2) | st.dates() | st.datetimes(),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(_KEYS | st.integers() | st.none(), inner, max_size=3)
        ),
        max_leaves=6,
    )
)
def test_whatever_stands_there_is_read_or_is_a_shape_error(value: object) -> None:
    for shape in SHAPES:
        problems = _problems(shape, value)
        assert problems is None or problems
        assert all(problem.path.startswith("at") for problem in problems or ())


def _problems(shape: Shape[Any], value: object) -> tuple[Problem, ...] | None:
    try:
        shape.read(value, "at")
    except ShapeError as error:
        return error.problems
    return None

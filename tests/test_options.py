"""The options: one table, typed values, and nothing taken that is none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import MISSING, fields
from pathlib import Path

import pytest

from release_guard.errors import UsageError
from release_guard.options import COMMANDS, OPTIONS, Options, Value, options_of

_NAMES = [command.name for command in COMMANDS]
_SHA1 = "c0ffee" + "0" * 34
_SHA256 = "c0ffee" + "0" * 58


def test_the_table_and_the_fields_of_options_are_the_same() -> None:
    assert {option.field for option in OPTIONS} == {
        field.name for field in fields(Options) if field.name != "command"
    }


def test_every_option_of_options_has_a_default() -> None:
    for field in fields(Options):
        assert (field.default is MISSING) == (field.name == "command")


@pytest.mark.parametrize("command", _NAMES)
def test_a_command_has_each_option_once(command: str) -> None:
    names = Counter(o.field for o in OPTIONS if command in o.commands)
    assert set(names.values()) == {1}


def test_every_option_belongs_to_known_commands() -> None:
    for option in OPTIONS:
        assert option.commands
        assert set(option.commands) <= set(_NAMES)


def test_an_option_of_one_name_is_of_one_kind() -> None:
    for name in {option.name for option in OPTIONS}:
        assert len({option.value for option in OPTIONS if option.name == name}) == 1


def test_the_values_of_an_option_that_takes_a_word_are_named() -> None:
    for option in OPTIONS:
        assert bool(option.metavar) == (
            option.value is not Value.FLAG and not option.choices
        )


@pytest.mark.parametrize(
    ("command", "given", "expected"),
    [
        ("check", {}, Options("check")),
        ("check", {"paths": [], "tag": None}, Options("check")),
        (
            "check",
            {"paths": ["a", "b/c"], "tag": "v1", "offline": True, "manifest": "m"},
            Options(
                "check",
                paths=(Path("a"), Path("b/c")),
                tag="v1",
                offline=True,
                manifest=Path("m"),
            ),
        ),
        ("check", {"paths": "one"}, Options("check", paths=(Path("one"),))),
        ("check", {"commit": _SHA1}, Options("check", commit=_SHA1)),
        ("check", {"commit": _SHA256}, Options("check", commit=_SHA256)),
        ("check", {"strict": False}, Options("check", strict=False)),
        ("verify", {"timeout": "1.5"}, Options("verify", timeout=1.5)),
        ("verify", {"timeout": "0"}, Options("verify", timeout=0)),
        ("verify", {"dist": ("a",)}, Options("verify", dist=(Path("a"),))),
        # Of another command.
        ("verify", {"offline": True}, Options("verify")),
    ],
)
def test_texts_become_typed(
    command: str, given: Mapping[str, object], expected: Options
) -> None:
    assert options_of(command, given) == expected


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"tag": ""}, "tag: is empty"),
        ({"index_url": ""}, "index-url: is empty"),
        ({"policy": ""}, "policy: is empty"),
        ({"policy": "a\0b"}, "policy: 'a\\x00b' is no path"),
        ({"dist": [""]}, "dist: '' is no path"),
        ({"dist": ["a", ""]}, "dist: '' is no path"),
        *(
            ({"commit": text}, f"commit: expected a whole commit id, found {text!r}")
            for text in (
                _SHA1[:7],
                _SHA1[:-1],
                f"{_SHA1}0",
                _SHA1.upper(),
                f" {_SHA1}",
                f"{_SHA1}\n",
                f"-{_SHA1}",
                f"{_SHA1}^",
                "HEAD",
                "main",
                "v1.0",
                "refs/tags/v1.0",
                "--upload-pack=x",
                "g" * 40,
                "\N{FULLWIDTH DIGIT ZERO}" * 40,
            )
        ),
        ({"commit": ""}, "commit: is empty"),
        (
            {"commit": "c0ffee" * 1000},
            f"commit: expected a whole commit id, found '{('c0ffee' * 14)[:79]}",
        ),
        ({"timeout": ""}, "timeout: is empty"),
        ({"timeout": "soon"}, "timeout: expected seconds from 0, found 'soon'"),
        ({"timeout": "-1"}, "timeout: expected seconds from 0, found '-1'"),
        ({"timeout": "nan"}, "timeout: expected seconds from 0, found 'nan'"),
        ({"timeout": "inf"}, "timeout: expected seconds from 0, found 'inf'"),
        ({"timeout": "1e999"}, "timeout: expected seconds from 0, found '1e999'"),
    ],
)
def test_what_is_no_value_is_a_usage_error(
    given: Mapping[str, object], message: str
) -> None:
    command = "verify" if given.keys() & {"dist", "timeout"} else "check"
    with pytest.raises(UsageError) as caught:
        options_of(command, given)
    assert caught.value.message == message


def test_what_is_no_commit_says_where_to_find_one() -> None:
    with pytest.raises(UsageError) as caught:
        options_of("check", {"commit": "main"})

    assert caught.value.hint == "git rev-parse HEAD writes it"


def test_a_pattern_that_no_shell_expanded_is_its_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("b.json", "a.json", "c.txt", "[d].json"):
        Path(name).touch()

    def paths(*words: str) -> list[str]:
        given = options_of("check", {"paths": list(words)}).paths
        return [str(path) for path in given]

    assert paths("*.json") == ["[d].json", "a.json", "b.json"]
    assert paths("[d].json", "c.txt") == ["[d].json", "c.txt"]
    assert paths("*.whl") == ["*.whl"]

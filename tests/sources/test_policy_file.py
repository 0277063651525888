"""The policy file: plain values, no ambiguity, and our own error for all else."""

from __future__ import annotations

import os
from datetime import date
from pathlib import Path

import pytest
from archives import within

from release_guard.errors import PolicyError
from release_guard.sources.policy_file import RawPolicy, read_policy_file

YML = ".github/release-guard.yml"
YAML = ".github/release-guard.yaml"
TOML = "pyproject.toml"


def write(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    data = content.encode() if isinstance(content, str) else content
    path.write_bytes(data)
    return path


def given(folder: Path, content: str | bytes, name: str = "policy.yml") -> object:
    """What a file that is given by its path holds."""
    path = write(folder, name, content)
    with within(10):
        found = read_policy_file(path, folder / "elsewhere")
    assert found is not None
    return found.value


# --- where it is ---------------------------------------------------------------


def test_without_a_policy_there_is_none(tmp_path: Path) -> None:
    write(tmp_path, TOML, "[project]\nname = 'demo'\n")
    assert read_policy_file(None, tmp_path) is None


def test_in_an_empty_folder_there_is_none(tmp_path: Path) -> None:
    assert read_policy_file(None, tmp_path) is None


@pytest.mark.parametrize("name", [YML, YAML])
def test_a_policy_of_the_repository_is_found(name: str, tmp_path: Path) -> None:
    path = write(tmp_path, name, "edition: 2026\n")
    assert read_policy_file(None, tmp_path) == RawPolicy({"edition": 2026}, str(path))


def test_a_table_of_pyproject_is_found(tmp_path: Path) -> None:
    path = write(tmp_path, TOML, "[tool.release-guard]\nedition = 2026\n")
    where = f"{path}: tool.release-guard"
    assert read_policy_file(None, tmp_path) == RawPolicy({"edition": 2026}, where)


@pytest.mark.parametrize(
    "name",
    [
        "release-guard.yml",
        "release-guard.yaml",
        ".release-guard.yml",
        ".release-guard.yaml",
    ],
)
def test_a_policy_where_none_is_read_is_an_error(name: str, tmp_path: Path) -> None:
    write(tmp_path, name, "edition: 2026\n")
    with pytest.raises(PolicyError, match="is no place") as raised:
        read_policy_file(None, tmp_path)
    assert YML in raised.value.hint
    # By its name it may be given.
    given = read_policy_file(tmp_path / name, tmp_path)
    assert given == RawPolicy({"edition": 2026}, str(tmp_path / name))


def test_a_link_to_nothing_where_no_policy_is_read_is_an_error(tmp_path: Path) -> None:
    (tmp_path / ".release-guard.yml").symlink_to("nowhere")
    with pytest.raises(PolicyError, match="is no place"):
        read_policy_file(None, tmp_path)


def test_a_table_of_pyproject_with_an_underscore_is_an_error(tmp_path: Path) -> None:
    write(tmp_path, TOML, "[tool.release_guard]\nedition = 2026\n")
    with pytest.raises(PolicyError, match=r"the table is tool\.release-guard"):
        read_policy_file(None, tmp_path)


@pytest.mark.parametrize("names", [(YML, YAML), (YML, TOML), (YAML, TOML)])
def test_two_policies_are_an_error(names: tuple[str, str], tmp_path: Path) -> None:
    for name in names:
        text = "[tool.release-guard]\n" if name == TOML else "{}\n"
        write(tmp_path, name, text)
    with pytest.raises(PolicyError) as raised:
        read_policy_file(None, tmp_path)
    for name in names:
        assert name in raised.value.message
    assert raised.value.hint


def test_an_empty_policy_counts_as_one_of_two(tmp_path: Path) -> None:
    write(tmp_path, YML, "")
    write(tmp_path, TOML, "[tool.release-guard]\n")
    with pytest.raises(PolicyError, match="two policies"):
        read_policy_file(None, tmp_path)


def test_a_given_file_outranks_those_of_the_repository(tmp_path: Path) -> None:
    write(tmp_path, YML, "edition: 1\n")
    path = write(tmp_path, "other.yml", "edition: 2\n")
    found = read_policy_file(path, tmp_path)
    assert found == RawPolicy({"edition": 2}, str(path))


def test_a_given_pyproject_may_have_any_name(tmp_path: Path) -> None:
    assert given(tmp_path, "[tool.release-guard]\na = 1\n", "x.toml") == {"a": 1}


@pytest.mark.parametrize("text", ["", "[tool.other]\n", "tool = 1\n"])
def test_a_given_toml_file_must_have_the_table(text: str, tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"tool\.release-guard"):
        given(tmp_path, text, "x.toml")


def make_folder(path: Path) -> None:
    path.mkdir()


def make_fifo(path: Path) -> None:
    os.mkfifo(path)


def make_dangling(path: Path) -> None:
    path.symlink_to("nowhere")


def make_loop(path: Path) -> None:
    path.symlink_to(path.name)


def make_nothing(path: Path) -> None:
    assert not path.exists()


@pytest.mark.parametrize(
    "make", [make_folder, make_fifo, make_dangling, make_loop, make_nothing]
)
def test_a_given_policy_that_is_no_file_is_an_error(
    make: object, tmp_path: Path
) -> None:
    assert callable(make)
    make(tmp_path / "policy.yml")
    with within(10), pytest.raises(PolicyError) as raised:
        read_policy_file(tmp_path / "policy.yml", tmp_path)
    assert str(tmp_path / "policy.yml") in raised.value.message


@pytest.mark.parametrize("name", [YML, YAML, TOML])
@pytest.mark.parametrize("make", [make_folder, make_fifo, make_dangling, make_loop])
def test_a_policy_that_is_there_and_is_no_file_is_not_passed_over(
    make: object, name: str, tmp_path: Path
) -> None:
    (tmp_path / ".github").mkdir()
    assert callable(make)
    make(tmp_path / name)
    with within(10), pytest.raises(PolicyError) as raised:
        read_policy_file(None, tmp_path)
    assert name in raised.value.message


def test_a_policy_that_is_reached_by_a_link_is_read(tmp_path: Path) -> None:
    write(tmp_path, "shared.yml", "edition: 2026\n")
    (tmp_path / ".github").mkdir()
    (tmp_path / YML).symlink_to(tmp_path / "shared.yml")
    found = read_policy_file(None, tmp_path)
    assert found is not None
    assert found.value == {"edition": 2026}


# --- YAML ----------------------------------------------------------------------

VALUES = {
    "nothing": ("", None),
    "a comment": ("# nothing yet\n", None),
    "an empty mapping": ("{}\n", {}),
    "a list": ("[a, b]\n", ["a", "b"]),
    "a text": ("strict\n", "strict"),
    "nested": ("a: {b: [1, {c: d}]}\n", {"a": {"b": [1, {"c": "d"}]}}),
    "a date": ("until: 2027-06-01\n", {"until": date(2027, 6, 1)}),
    "no and yes": ("a: no\nb: yes\n", {"a": False, "b": True}),
    "quoted": ('"a": "no"\n', {"a": "no"}),
    "a key that is a number": ("1: a\n", {1: "a"}),
    "an empty value": ("a:\n", {"a": None}),
    "a byte order mark": ("\ufeffa: 1\n", {"a": 1}),
    "Windows line ends": ("a: 1\r\nb: 2\r\n", {"a": 1, "b": 2}),
    "one document with its marks": ("---\na: 1\n...\n", {"a": 1}),
    "an anchor that nobody uses": ("a: &x 1\n", {"a": 1}),
    "letters outside ASCII": ("a: ä\n", {"a": "ä"}),
    "one key in two mappings": (
        "a: {x: 1}\nb: {x: 2}\n",
        {"a": {"x": 1}, "b": {"x": 2}},
    ),
}


@pytest.mark.parametrize(("text", "value"), VALUES.values(), ids=VALUES.keys())
def test_yaml_gives_plain_values(text: str, value: object, tmp_path: Path) -> None:
    assert given(tmp_path, text) == value


BAD_YAML: dict[str, str | bytes] = {
    "a key twice": "a: 1\na: 2\n",
    "a key twice with the same value": "a: 1\na: 1\n",
    "a key twice, once in quotes": 'a: 1\n"a": 2\n',
    "a key twice further down": "x:\n  - {a: 1, a: 2}\n",
    "a key twice as a number and a truth": "1: a\ntrue: b\n",
    "an alias": "a: &x [1]\nb: *x\n",
    "an alias of itself": "a: &x [*x]\n",
    "an alias as a key": "a: &x b\n*x : 1\n",
    "aliases that blow up": "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n",
    "a merge key": "<<: {a: 1}\n",
    "a merge of an anchor": "x: &x {a: 1}\ny:\n  <<: *x\n",
    "two documents": "a: 1\n---\nb: 2\n",
    "a key that is a list": "? [a]\n: 1\n",
    "a key that is a mapping": "{}: 1\n",
    "a key that is bytes": "? !!binary YQ==\n: 1\n",
    "a Python object": "!!python/object:os.system {}\n",
    "a Python call": "!!python/object/apply:os.system ['true']\n",
    "a Python name": "a: !!python/name:os.system\n",
    "a Python module": "a: !!python/module:os\n",
    "a tag of somebody's": "a: !mine 1\n",
    "a number that is empty": "a: !!int ''\n",
    "a fraction that is empty": "a: !!float ''\n",
    "a truth that is none": "a: !!bool maybe\n",
    "a time that is none": "a: !!timestamp soon\n",
    "a mapping that is a list": "a: !!map [b]\n",
    "a set that is a list": "a: !!set [b]\n",
    "a list that is a text": "a: !!seq b\n",
    "pairs that are a text": "a: !!pairs b\n",
    "an ordered mapping of texts": "a: !!omap [b]\n",
    "bytes that are none": "a: !!binary ä\n",
    "a day that is none": "until: 2027-02-30\n",
    "a number of 5,000 digits": f"a: {'1' * 5000}\n",
    "an equals sign": "a: =\n",
    "half a list": "a: [1, 2\n",
    "half a quote": 'a: "b\n',
    "a tab": "a:\n\tb: 1\n",
    "a control character": "a: \x01\n",
    "a NUL": "a: \0\n",
    "another YAML": "%YAML 9.9\n---\na: 1\n",
    "not UTF-8": b"a: \xff\n",
    "UTF-16": "a: 1\n".encode("utf-16"),
    "a megabyte": "a: " + "x" * (1 << 20),
    "just too large": "#" * ((256 << 10) + 1),
    "lists 50,000 deep": "[" * 50_000,
    "lists 3,000 deep and closed": "[" * 3000 + "]" * 3000,
    "mappings 20,000 deep": "{a: " * 20_000,
    "items 20,000 deep": "- " * 20_000 + "a\n",
}


@pytest.mark.parametrize("content", BAD_YAML.values(), ids=BAD_YAML.keys())
def test_yaml_that_is_ambiguous_or_broken_is_our_error(
    content: str | bytes, tmp_path: Path
) -> None:
    with pytest.raises(PolicyError) as raised:
        given(tmp_path, content)
    assert str(tmp_path / "policy.yml") in raised.value.message
    assert "\n" not in raised.value.message


def test_nothing_in_yaml_is_executed(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    call = f"!!python/object/apply:pathlib.Path.touch [{mark}]"
    with pytest.raises(PolicyError):
        given(tmp_path, call)
    assert not mark.exists()


def test_a_file_at_the_bound_is_read(tmp_path: Path) -> None:
    head = "a: 1\n"
    assert given(tmp_path, head + "#" * ((256 << 10) - len(head))) == {"a": 1}


def test_the_error_says_which_key_and_where(tmp_path: Path) -> None:
    with pytest.raises(PolicyError, match=r"'strict'.*line 3"):
        given(tmp_path, "strict: 1\nindex: a\nstrict: 2\n")


# --- TOML ----------------------------------------------------------------------

TABLES = {
    "an empty table": ("[tool.release-guard]\n", {}),
    "inline": ("tool.release-guard = {a = 1}\n", {"a": 1}),
    "a table of tables": (
        "[tool.release-guard.rules]\nx = 'error'\n",
        {"rules": {"x": "error"}},
    ),
    "no table at all": ("[tool]\nrelease-guard = 5\n", 5),
    "among others": ("[tool.mypy]\n[tool.release-guard]\na = 1\n[tool.x]\n", {"a": 1}),
    "a date": (
        "[tool.release-guard]\na = 2027-06-01\n",
        {"a": date(2027, 6, 1)},
    ),
}


@pytest.mark.parametrize(("text", "value"), TABLES.values(), ids=TABLES.keys())
def test_toml_gives_plain_values(text: str, value: object, tmp_path: Path) -> None:
    assert given(tmp_path, text, TOML) == value


BAD_TOML: dict[str, str | bytes] = {
    "a key twice": "[tool.release-guard]\na = 1\na = 2\n",
    "a table twice": "[tool.release-guard]\n[tool.release-guard]\n",
    "half a value": "[tool.release-guard]\na = \n",
    "half a table": "[tool.release-guard\n",
    "YAML": "a: 1\n",
    "not UTF-8": b"a = '\xff'\n",
    "a byte order mark": "\ufeff[tool.release-guard]\n",
    "a NUL": "a = '\0'\n",
    "too large": "#" * ((256 << 10) + 1),
    "lists 50,000 deep": "a = " + "[" * 50_000,
    "tables 3,000 deep": "a = " + "{b = " * 3000,
    "a number of 5,000 digits": f"a = {'1' * 5000}\n",
    "a day that is none": "a = 2027-02-30\n",
}


@pytest.mark.parametrize("content", BAD_TOML.values(), ids=BAD_TOML.keys())
def test_toml_that_is_broken_is_our_error(content: str | bytes, tmp_path: Path) -> None:
    write(tmp_path, TOML, content)
    with within(10), pytest.raises(PolicyError) as raised:
        read_policy_file(None, tmp_path)
    assert str(tmp_path / TOML) in raised.value.message
    assert "\n" not in raised.value.message

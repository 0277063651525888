"""What is generated from the code is what the code says."""

from __future__ import annotations

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import jsonschema
import pytest
import yaml

from release_guard import action
from release_guard.errors import SourceError
from release_guard.options import COMMANDS, OPTIONS, Options, Value
from release_guard.run import Answer, failed

_ROOT = Path(__file__).parent.parent


def _generator() -> ModuleType:
    place = importlib.util.spec_from_file_location(
        "generate", _ROOT / "tools" / "generate.py"
    )
    assert place is not None
    assert place.loader is not None
    module = importlib.util.module_from_spec(place)
    place.loader.exec_module(module)
    return module


_GENERATED: dict[str, str] = _generator().generated()


def _metadata() -> dict[str, Any]:
    read: dict[str, Any] = yaml.safe_load((_ROOT / "action.yml").read_text("utf-8"))
    return read


@pytest.mark.parametrize("name", _GENERATED)
def test_a_generated_file_is_up_to_date(name: str) -> None:
    assert (_ROOT / name).read_text(encoding="utf-8") == _GENERATED[name]


def test_the_generator_finds_nothing_to_do() -> None:
    done = subprocess.run(
        [sys.executable, str(_ROOT / "tools" / "generate.py"), "--check"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.parametrize("words", [["--help"], ["--chekc"], ["--check", "docs"]])
def test_the_generator_writes_nothing_where_it_is_asked_for_something_else(
    words: list[str],
) -> None:
    done = subprocess.run(
        [sys.executable, str(_ROOT / "tools" / "generate.py"), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert "[--check]" in done.stderr


def test_the_inputs_of_the_action_are_the_options_of_its_commands() -> None:
    in_action = {command.name for command in COMMANDS if command.in_action}
    wanted = {o.name for o in OPTIONS if o.input and in_action & set(o.commands)}
    assert set(_metadata()["inputs"]) == wanted | {"command"}


def test_no_input_of_the_action_is_of_a_command_that_it_has_not() -> None:
    in_action = {command.name for command in COMMANDS if command.in_action}
    for option in OPTIONS:
        assert not option.input or in_action & set(option.commands)


def test_every_input_has_a_description_and_only_the_command_a_default() -> None:
    for name, told in _metadata()["inputs"].items():
        assert told["description"]
        assert told.get("default") == ("check" if name == "command" else None)


def test_an_input_that_is_true_or_false_says_so() -> None:
    flags = {o.name for o in OPTIONS if o.input and o.value is Value.FLAG}
    said = {
        name
        for name, told in _metadata()["inputs"].items()
        if "true or false" in told["description"]
    }
    assert said == flags


def test_the_outputs_of_the_action_are_those_that_it_writes() -> None:
    answer = Answer(failed(Options("check"), SourceError("x")))
    written = {
        line.partition("<<")[0]
        for line in action.outputs(answer).splitlines()
        if "<<ghadelimiter_" in line
    }
    assert set(_metadata()["outputs"]) == written


def test_the_action_is_a_container_without_arguments() -> None:
    assert _metadata()["runs"] == {"using": "docker", "image": "Dockerfile"}


def test_the_metadata_of_the_action_is_what_github_takes() -> None:
    done = subprocess.run(
        [
            *(sys.executable, "-m", "check_jsonschema"),
            *("--builtin-schema", "vendor.github-actions", str(_ROOT / "action.yml")),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout


@pytest.mark.parametrize("name", [n for n in _GENERATED if n.startswith("schema/")])
def test_a_schema_is_one(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(_GENERATED[name]))


def test_a_file_that_is_generated_no_more_is_told_and_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    generator = _generator()
    monkeypatch.setattr(generator, "ROOT", tmp_path)
    monkeypatch.setattr(generator, "generated", lambda: {"docs/rules/a.md": "a"})
    monkeypatch.setattr(sys, "argv", ["generate.py"])
    (tmp_path / "schema").mkdir()
    (tmp_path / "docs" / "rules").mkdir(parents=True)
    stray = tmp_path / "docs" / "rules" / "no-such-rule.md"
    stray.write_text("a rule that went")

    assert generator.main() == 0
    assert not stray.exists()
    capsys.readouterr()

    stray.write_text("a rule that came back")
    monkeypatch.setattr(sys, "argv", ["generate.py", "--check"])
    assert generator.main() == 1
    assert stray.exists()
    assert capsys.readouterr().out.startswith("docs/rules/no-such-rule.md is none of")

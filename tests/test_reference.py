"""What the references tell of the policy, the report and the manifest is so."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Any

import pytest
import reference
import yaml

from release_guard.manifest import manifest_schema
from release_guard.policy import Overrides, Policy, policy_shape, read_policy, resolve
from release_guard.reports.json_v1 import report_schema
from release_guard.rules import RULE_IDS

ROOT = Path(__file__).parent.parent
POLICY = list(reference.keys(policy_shape(RULE_IDS).schema()))
PATHS = [path for path, _, _ in POLICY]
PAGE = reference.policy_page(policy_shape(RULE_IDS).schema(), "the schema")


def _resolved(policy: object, index: str = "") -> Policy:
    file = read_policy(policy, where="the page", rule_ids=RULE_IDS)
    return resolve(file, Overrides(index=index))


def _section(path: str) -> str:
    """What the page tells of one key."""
    return PAGE.partition(f"# `{path}`\n")[2].partition("\n##")[0]


@pytest.mark.parametrize("path", PATHS)
def test_every_key_of_the_policy_has_a_section(path: str) -> None:
    assert len(re.findall(rf"(?m)^##+ `{re.escape(path)}`$", PAGE)) == 1


@pytest.mark.parametrize("path", PATHS)
def test_every_key_of_the_policy_has_an_example_that_its_reader_takes(
    path: str,
) -> None:
    (block,) = re.findall(r"```yaml\n(.*?)```", _section(path), flags=re.DOTALL)
    policy = yaml.safe_load(block)

    assert policy.keys() == {re.split(r"[.\[]", path)[0]}
    assert isinstance(_resolved(policy), Policy)


@pytest.mark.parametrize(("path", "schema", "required"), POLICY, ids=PATHS)
def test_what_holds_without_a_key_is_what_the_page_says(
    path: str, schema: dict[str, Any], *, required: bool
) -> None:
    if "default" not in schema:
        assert "*Without it:*" not in _section(path)
        return
    example = reference.example_of(path, schema)
    said = reference.example_of(path, {"examples": [schema["default"]]})
    unsaid = _without(reference.example_of(path, schema), path.split("."))
    index = "internal" if path.startswith("indexes.") else ""

    assert _resolved(said, index) == _resolved(unsaid, index)
    assert not required
    assert example != unsaid


def _without(policy: dict[str, Any], path: list[str]) -> dict[str, Any]:
    """The policy without the key at the end of the path."""
    first, *rest = path
    is_list = first.endswith("[]")
    name = next(iter(policy)) if first == "NAME" else first.removesuffix("[]")
    if not rest:
        return {key: value for key, value in policy.items() if key != name}
    below = policy[name]
    left = [_without(below[0], rest)] if is_list else _without(below, rest)
    return policy | {name: left}


@pytest.mark.parametrize(
    "value",
    [
        *("no", "Yes", "null", "on", "~", "1.0", "1e3", "0x1", "", "=", "a: b", "a #b"),
        *("push", "the source is not public", "{version}", "*win32*", True, 3),
        *([], ["no", "null"], [1, True], date(2027, 6, 1)),
    ],
    ids=repr,
)
def test_an_example_is_read_as_it_was_meant(value: object) -> None:
    said = str(value) if isinstance(value, date) else value
    shape = {"type": "string", "description": "A key.", "examples": [said]}
    page = reference.policy_page({"properties": {"key": shape}}, "the schema")

    (block,) = re.findall(r"```yaml\n(key:.*?)```", page, flags=re.DOTALL)
    assert yaml.safe_load(block) == {"key": value}


def test_the_words_of_the_head_are_those_of_the_reader(tmp_path: Path) -> None:
    head = PAGE.partition("\n| key ")[0]

    assert ".github/release-guard.yml" in head
    assert "tool.release-guard" in head
    assert "$schema=the schema" in head


@pytest.mark.parametrize("schema", [report_schema(RULE_IDS), manifest_schema()])
def test_every_key_of_the_report_and_the_manifest_is_told(
    schema: dict[str, Any],
) -> None:
    found = list(reference.keys(schema))

    assert [path for path, below, _ in found if not below.get("description")] == []
    assert len({path for path, _, _ in found}) == len(found)


def test_nothing_is_told_of_a_key_of_the_report_that_is_not_there() -> None:
    from release_guard.reports import json_v1

    paths = {path for path, _, _ in reference.keys(report_schema(RULE_IDS))}

    assert json_v1._SAYS.keys() == paths


def test_the_pages_of_the_report_and_the_manifest_have_a_row_for_each_key() -> None:
    for schema, page in (
        (report_schema(RULE_IDS), reference.report_page(report_schema(RULE_IDS))),
        (manifest_schema(), reference.manifest_page(manifest_schema())),
    ):
        paths = [path for path, _, _ in reference.keys(schema)]
        assert (
            re.findall(r"(?m)^\| `([\w.\[\]-]+)` \| \S", page)[-len(paths) :] == paths
        )

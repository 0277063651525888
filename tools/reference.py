"""References in Markdown from JSON Schemas: the policy, the report, the manifest.

What is told of a key stands in its declaration; nothing of it is written twice.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from release_guard.reports.escape import yaml

__all__ = ["example_of", "keys", "manifest_page", "policy_page", "report_page"]

Schema = Mapping[str, Any]

#: Where more is told of a key of the policy.
_MORE = {
    "edition": "[how rules change](rule-changes.md)",
    "projects": "[several projects](origin.md#tags-of-one-project-and-of-several)",
    "tag-templates": "[tags](origin.md#tags-of-one-project-and-of-several)",
    "indexes": "[what may go to which index](origin.md#what-may-go-to-which-index), "
    "[private indexes](private-indexes.md), [what each index can tell](indexes.md)",
    "events": "[what may go to which index](origin.md#what-may-go-to-which-index)",
    "branches": "[what may go to which index](origin.md#what-may-go-to-which-index)",
    "repositories": "[who may sign](provenance.md#who-may-sign)",
    "workflows": "[who may sign](provenance.md#who-may-sign)",
    "publisher": "[PyPI's upload rules](upload-rules.md)",
    "provenance": "[attestations](provenance.md)",
    "baseline": "[what is old is only told](audit.md#what-is-old-is-only-told)",
    "check-dependencies": "[what changes for users](changes.md)",
    "expect.wheels": "[the matrix of wheels](matrix.md)",
    "expect.size": "[what changes for users](changes.md)",
    "rules": "[the rules](rules.md)",
    "waivers": "[why did it block me?](why-blocked.md#how-do-i-get-past-it-honestly)",
}

#: Up to so many words of a closed set are told; of more, that they are one of a set.
_FEW = 12

_HEAD = """\
# The policy file

<!-- Generated from src/release_guard/policy.py (make docs); do not edit. -->

What a project's releases must be. Everything has a default that suits a project that
publishes to PyPI from tags; what differs stands in one of two places, and in both is an
error:

- `.github/release-guard.yml` (or `.yaml`; another file by `--policy`);
- `[tool.release-guard]` in `pyproject.toml`, with the same keys:
  `tag-templates = ["v{version}"]`.

It is read strictly: a key, rule or index that does not exist, a wrong type, a key given
twice is an error (exit code 2) that names its place, and nothing is judged. The command
line outranks the file. The [JSON Schema](../schema/policy.json) gives editors the same
keys: put its address on the first line of the YAML file.

```yaml
# yaml-language-server: $schema=SCHEMA
```

"""


# --- reading a schema ------------------------------------------------------------


def keys(schema: Schema, path: str = "") -> Iterator[tuple[str, Schema, bool]]:
    """Every key below a schema, each before those below it: its path, its schema, and
    whether it must be there. ``NAME`` stands for a key of one's own, ``[]`` for an item
    of a list.
    """
    for alternative in schema.get("anyOf", ()):
        yield from keys(alternative, path)
    required = schema.get("required", ())
    for key, below in schema.get("properties", {}).items():
        place = f"{path}.{key}" if path else key
        yield place, below, key in required
        yield from keys(below, place)
    match schema.get("additionalProperties"):
        case Mapping() as below:
            yield from keys(below, f"{path}.NAME" if path else "NAME")
    match schema.get("items"):
        case Mapping() as below:
            yield from keys(below, f"{path}[]")


def words(schema: Schema, *, deep: bool = True) -> str:
    """The type of a value, in words."""
    told = "a sha256 in hex" if schema.get("pattern") == _SHA256 else ""
    match schema:
        case {"title": str(title)}:
            told = title
        case {"const": value}:
            told = f"`{value}`"
        case {"enum": values}:
            told = _one_of(values)
        case {"anyOf": shapes}:
            told = ", or ".join(dict.fromkeys(words(shape) for shape in shapes))
        case {"type": "array", "items": items} if deep:
            told = f"a list: each {words(items, deep=False)}"
        case {"type": "object", "additionalProperties": Mapping() as below} if deep:
            told = f"a table: each {words(below, deep=False)}"
        case {"type": [*types]}:
            told = " or ".join(_PLAIN[str(each)] for each in types)
        case {"format": "date"}:
            told = "a date, as 2027-06-01"
    return told or _PLAIN[schema["type"]]


_SHA256 = "^[0-9a-f]{64}$"
_PLAIN = {
    "string": "a text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a table",
    "null": "null",
}


def _one_of(values: list[object]) -> str:
    if len(values) > _FEW:
        return f"one of {len(values)} names"
    told = [f"`{_flow(value)}`" for value in values]
    return " or ".join((", ".join(told[:-1]), told[-1])) if told[1:] else told[0]


# --- a table ----------------------------------------------------------------------


def _table(schema: Schema) -> str:
    """A table of all keys."""
    lines = (
        f"| `{path}` | {_kind(below)} | {_plain(below.get('description', ''))} |\n"
        for path, below, _ in keys(schema)
    )
    return "| key | is | says |\n|---|---|---|\n" + "".join(lines)


def _kind(schema: Schema) -> str:
    """The type, as Markdown: the words of a closed set are code already."""
    told = words(schema)
    return told if "`" in told else _plain(told)


# --- the policy -------------------------------------------------------------------


def policy_page(schema: Schema, address: str) -> str:
    """The reference of the policy file, whose schema is published at ``address``."""
    told = list(keys(schema))
    contents = "".join(
        f"| [`{path}`](#{path}) | {_plain(_first(below['description']))} |\n"
        for path, below, _ in told
        if path in schema["properties"]
    )
    head = _HEAD.replace("SCHEMA", address)
    listed = f"| key | says |\n|---|---|\n{contents}"
    return head + listed + "".join(_section(*key) for key in told)


def _first(text: str) -> str:
    """The first sentence."""
    return text.partition(". ")[0].removesuffix(".") + "."


def _section(path: str, schema: Schema, required: bool) -> str:  # noqa: FBT001
    depth = "##" if re.fullmatch(r"[\w-]+", path) else "###"
    usual = schema.get("default")
    is_told = usual not in (None, [], {})
    without = f"\n\n*Without it:* `{_flow(usual)}`." if is_told else ""
    must = " It must be there." if required else ""
    more = f"\n\nMore: {_MORE[path]}." if path in _MORE else ""
    example = _block(example_of(path, schema))
    return (
        f"\n{depth} `{path}`\n\n{_plain(schema['description'])}{must}\n\n"
        f"*Is:* {_kind(schema)}.{without}{more}\n\n```yaml\n{example}```\n"
    )


def _plain(text: str) -> str:
    """Prose with nothing in it that Markdown would take for its own."""
    return _MARKS.sub(r"\\\1", text)


_MARKS = re.compile(r"([*_<|\\[\]`])")


def example_of(path: str, schema: Schema) -> dict[str, Any]:
    """A policy that has the example at its place, and what must stand beside it."""
    (value,) = schema["examples"]
    top, *below = path.split(".")
    for part in reversed(below):
        value = {_NAMES[top] if part == "NAME" else part: value}
        if top in _BESIDE and part == below[-1]:
            value = _BESIDE[top] | value
    return {top.removesuffix("[]"): [value] if top.endswith("[]") else value}


#: What an example calls the key of one's own.
_NAMES = {"indexes": "internal", "projects": "demo"}
#: What must stand beside the last key of a path.
_BESIDE: dict[str, dict[str, Any]] = {
    "indexes": {"simple-url": "https://index.example/simple/"},
    "waivers[]": {"rule": "missing-sdist", "reason": "the source is not public"},
}


def _block(value: Mapping[str, Any], indent: str = "") -> str:
    """A table in YAML, a key a line, as people write it."""
    return "".join(_entry(indent, key, below) for key, below in value.items())


def _entry(indent: str, key: str, value: Any) -> str:  # noqa: ANN401 - YAML
    deeper = f"{indent}  "
    match value:
        case Mapping():
            return f"{indent}{key}:\n{_block(value, deeper)}"
        case [{}, *_]:
            items = (_block(item, f"{deeper}  ").lstrip() for item in value)
            return f"{indent}{key}:\n" + "".join(f"{deeper}- {item}" for item in items)
    return f"{indent}{key}: {_flow(value)}\n"


def _flow(value: object) -> str:
    """A value on one line of YAML; a date is one, and needs no quotes."""
    match value:
        case str():
            return value if _DATE.fullmatch(value) else yaml(value)
        case [*items]:
            return f"[{', '.join(map(_flow, items))}]"
    return json.dumps(value)


_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


# --- the report and the manifest --------------------------------------------------

_REPORT = """\
# The report as JSON

<!-- Generated from src/release_guard/reports/json_v1.py (make docs); do not edit. -->

`--format json` prints one object and nothing else on standard output. The action writes
it to the file that its output `report` names. The [JSON Schema](../schema/report.json)
is published; the name in `schema` changes when a key goes or means something else, and
new keys may come under the same name.

The exit code says the same as `verdict` ([exit codes](exit-codes.md)). Where not even
the command line was understood, there is no report, and the exit code is 2. A line that
a runner would take for a command is escaped in the JSON, and reads back as it was.

| | |
|---|---|
| may it go out? | `verdict` |
| what is in the way? | errors in `findings`, `not_run` that is `needed`, `error` |
| what was let pass? | `waived` |
| what is still to be uploaded? | `to_upload` |
| what became of it? | `publication`: [states](verify.md#what-it-says-of-each-release) |

Every key is always there. `[]` stands for an item of a list. What people are shown
instead is in [the reports](reports.md).

"""

_MANIFEST = """\
# The manifest

<!-- Generated from src/release_guard/manifest.py (make docs); do not edit. -->

`check` writes it on a pass (`release-manifest.json`), and `verify` and
`check --against` read it: the files that an index must list, and what it listed before.
It is an [in-toto Statement](https://in-toto.io/Statement/v1), and not signed: whoever
can change it can change what is verified, so hand it on in one artifact with the files.
[Kept manifests](audit.md#have-tags-moved) tell an audit whether tags have moved.

It is read strictly, by its [JSON Schema](../schema/manifest.json) and more: where a
file is named twice or is none of its release's, or a key is unknown, it is refused.

A part (`check --part`) is another Statement, with [its own
schema](../schema/part.json): what the rules of the whole set need of one job's files.
Only the same version of release-guard, with the same policy, joins it: keep none.

"""


def report_page(schema: Schema) -> str:
    """The reference of the report as JSON."""
    return _REPORT + _table(schema)


def manifest_page(schema: Schema) -> str:
    """The reference of the manifest."""
    return _MANIFEST + _table(schema)

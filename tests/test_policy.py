"""The policy: what a policy file may say, and which policy comes of it."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import jsonschema
import pytest
from builders import INTERNAL
from packaging.utils import canonicalize_name
from twine import utils as twine

from release_guard.errors import PolicyError, UsageError
from release_guard.findings import Severity, Waiver
from release_guard.policy import (
    RELEASE_EVENTS,
    IndexPolicy,
    IndexSettings,
    Overrides,
    Policy,
    PolicyFile,
    Presence,
    ProjectPolicy,
    UploadRules,
    VersionKind,
    policy_shape,
    read_policy,
    resolve,
)
from release_guard.publishers import PUBLISHER_FORMS, Publisher
from release_guard.wheel_patterns import PATTERN_FORM, pattern_of

RULE_IDS = ("missing-sdist", "version-kind")
WHERE = ".github/release-guard.yml"
KEYS = (
    "edition, projects, tag-templates, index, indexes, events, branches, repositories, "
    "workflows, publisher, provenance, baseline, check-dependencies, expect, rules, "
    "waivers"
)
KINDS = "final, post, pre, dev, local"
PUBLISHERS = PUBLISHER_FORMS
ACTION = "pypa/gh-action-pypi-publish"
COMMIT = "76f52bc884231f62b9a034ebfe128415bbaabdfc"
URL = "a URL that begins with https:// or http://"
TEMPLATE = "{version} once, and {name} and {path} at most once"
BRANCH = "a branch as main or stable/*"
REPOSITORY = "a repository as owner/name"
WORKFLOW = "a workflow file as release.yml"
WHEELS = "previous, or a list of one or more patterns as cp311-abi3-manylinux_*_x86_64"
FOLDER = "a folder of the repository as packages/demo"

UPLOAD = "https://index.example/upload/"
SIMPLE = "https://index.example/simple/"

FINAL, POST, PRE = VersionKind.FINAL, VersionKind.POST, VersionKind.PRE


def _read(value: object) -> PolicyFile:
    return read_policy(value, where=WHERE, rule_ids=RULE_IDS)


def _index(**said: object) -> dict[str, object]:
    return {"indexes": {"a": said}}


def _waiver(**said: object) -> dict[str, object]:
    return {"waivers": [{"rule": "version-kind", "reason": "why"} | said]}


# --- what is refused --------------------------------------------------------------

#: Each bad policy, and the lines of its error behind the name of the file.
_SIZES = "a number of bytes, or a size as 50 MB"

REFUSED: dict[str, tuple[object, tuple[str, ...]]] = {
    "a text": ("pypi", ("expected a table, found 'pypi'",)),
    "a list": (["pypi"], ("expected a table, found a list",)),
    "a number": (3, ("expected a table, found 3",)),
    "false": (False, ("expected a table, found false",)),
    "an unknown key": (
        {"Index": "pypi"},
        (f"Index: no such key; allowed: {KEYS}",),
    ),
    "a key that is no text": ({1: 2}, (f"1: no such key; allowed: {KEYS}",)),
    "an underscore for a hyphen": (
        {"tag_templates": ["{version}"]},
        (f"tag_templates: no such key; allowed: {KEYS}",),
    ),
    **{
        f"edition: {shown}": (
            {"edition": said},
            (f"edition: expected 2026, found {shown}",),
        )
        for shown, said in {
            "2025": 2025,
            "2027": 2027,
            "0": 0,
            "-2026": -2026,
            "true": True,
            "'2026'": "2026",
            "nothing": None,
            "2026.0": 2026.0,
            "a list": [2026],
            # YAML and TOML take a number of any length in hex; it has no text.
            "a number": 1 << 20_000,
        }.items()
    },
    "projects: empty list": (
        {"projects": []},
        ("projects: expected at least 1 item(s)",),
    ),
    "projects: empty text": (
        {"projects": ""},
        ("projects: expected a project name, found ''",),
    ),
    "projects: no name": (
        {"projects": "-demo"},
        ("projects: expected a project name, found '-demo'",),
    ),
    "projects: a name with a newline": (
        {"projects": "demo\n"},
        (r"projects: expected a project name, found 'demo\n'",),
    ),
    "projects: no name in a list": (
        {"projects": ["demo", "a b", 7]},
        (
            "projects[1]: expected a project name, found 'a b'",
            "projects[2]: expected a project name, found 7",
        ),
    ),
    "projects: no name in a table": (
        {"projects": {"a/b": ["{version}"]}},
        ("projects.a/b: expected a project name, found 'a/b'",),
    ),
    "projects: two that are no names in a table": (
        {"projects": {"a/b": ["{version}"], "demo": ["v"], "c d": ["{version}"]}},
        (
            "projects.a/b: expected a project name, found 'a/b'",
            f"projects.demo[0]: expected {TEMPLATE}, found 'v'",
            "projects.c d: expected a project name, found 'c d'",
        ),
    ),
    "projects: one text for a list of templates": (
        {"projects": {"demo": "v{version}"}},
        (
            (
                "projects.demo: expected a list of tag templates, or a table, found "
                "'v{version}'"
            ),
        ),
    ),
    "projects: no template": (
        {"projects": {"demo": []}},
        ("projects.demo: expected at least 1 item(s)",),
    ),
    "projects: null in a table": (
        {"projects": {"demo": None}},
        ("projects.demo: expected a table, found nothing",),
    ),
    "projects: a number": (
        {"projects": 3},
        ("projects: expected a table, found 3",),
    ),
    "projects: null": (
        {"projects": None},
        ("projects: expected a table, found nothing",),
    ),
    "projects: an unknown key of one": (
        {"projects": {"demo": {"templates": ["{version}"]}}},
        (
            (
                "projects.demo.templates: no such key; allowed: tag-templates, path, "
                "baseline, wheels"
            ),
        ),
    ),
    "projects: no template in a table of one": (
        {"projects": {"demo": {"tag-templates": []}}},
        ("projects.demo.tag-templates: expected at least 1 item(s)",),
    ),
    "projects: a wrong template in a table of one": (
        {"projects": {"demo": {"tag-templates": ["v"], "path": "a"}}},
        (f"projects.demo.tag-templates[0]: expected {TEMPLATE}, found 'v'",),
    ),
    **{
        f"projects: the folder {path!r}": (
            {"projects": {"demo": {"path": path}}},
            (f"projects.demo.path: expected {FOLDER}, found {path!r}",),
        )
        for path in ("", "/", "/demo", "demo/", "a//b", "a b", "{name}", 3)
    },
    "tag-templates: one text": (
        {"tag-templates": "v{version}"},
        ("tag-templates: expected a list, found 'v{version}'",),
    ),
    "tag-templates: empty": (
        {"tag-templates": []},
        ("tag-templates: expected at least 1 item(s)",),
    ),
    **{
        f"tag-templates: {template}": (
            {"tag-templates": ["{version}", template]},
            (f"tag-templates[1]: expected {TEMPLATE}, found {template!r}",),
        )
        for template in (
            "v1",
            "{name}",
            "{version}-{date}",
            "{version}{version}",
            "{name}{name}{version}",
            "{path}/{path}/{version}",
            "{path}",
            "{version}}",
            "{{version}",
            "v{version}{",
            "{ version }",
            "{}{version}",
        )
    },
    "tag-templates: two that are none": (
        {"tag-templates": ["v", "{version}", "w"]},
        (
            f"tag-templates[0]: expected {TEMPLATE}, found 'v'",
            f"tag-templates[2]: expected {TEMPLATE}, found 'w'",
        ),
    ),
    "tag-templates: a number": (
        {"tag-templates": [1.5]},
        (f"tag-templates[0]: expected {TEMPLATE}, found 1.5",),
    ),
    "tag-templates: null": (
        {"tag-templates": None},
        ("tag-templates: expected a list, found nothing",),
    ),
    "index: a list": (
        {"index": ["pypi"]},
        ("index: expected a text, found a list",),
    ),
    "index: empty": ({"index": ""}, ("index: expected a text, found ''",)),
    "indexes: a list": (
        {"indexes": ["pypi"]},
        ("indexes: expected a table, found a list",),
    ),
    "indexes: null": (
        {"indexes": None},
        ("indexes: expected a table, found nothing",),
    ),
    "indexes: a name that is no text": (
        {"indexes": {1: {}}},
        ("indexes.1: expected a text, found 1",),
    ),
    "indexes: an index that is no table": (
        {"indexes": {"a": UPLOAD}},
        (f"indexes.a: expected a table, found '{UPLOAD}'",),
    ),
    "indexes: an unknown key": (
        _index(url=UPLOAD),
        (
            (
                "indexes.a.url: no such key; allowed: repository-url, simple-url, "
                "accept, require-tag, upload-rules, events, branches, repositories, "
                "inherits, workflows, provenance"
            ),
        ),
    ),
    "indexes: no URL": (
        _index(**{"repository-url": "pypi", "simple-url": "ftp://index.example/"}),
        (
            f"indexes.a.repository-url: expected {URL}, found 'pypi'",
            f"indexes.a.simple-url: expected {URL}, found 'ftp://index.example/'",
        ),
    ),
    "indexes: a URL with a space, and one with a newline": (
        _index(**{"repository-url": f"{UPLOAD} ", "simple-url": f"{SIMPLE}\n"}),
        (
            f"indexes.a.repository-url: expected {URL}, found '{UPLOAD} '",
            f"indexes.a.simple-url: expected {URL}, found '{SIMPLE}\\n'",
        ),
    ),
    "indexes: a number for a URL": (
        _index(**{"simple-url": 80}),
        (f"indexes.a.simple-url: expected {URL}, found 80",),
    ),
    **{
        f"indexes: {url!r} is no address": (
            _index(**{"simple-url": url}),
            (f"indexes.a.simple-url: expected {URL}, found {url!r}",),
        )
        for url in (
            "https://:80/simple/",
            "https://[index.example/",
            "https://index.example:0/",
            "https://index.example:99999/",
            "https://index.example/gr\xfc\xdfe/",
            "https://index.example/\x7f",
            "http:///simple/",
        )
    },
    "indexes: accept all": (
        _index(accept="all"),
        (f"indexes.a.accept: expected any, or a list of {KINDS}, found 'all'",),
    ),
    "indexes: accept nothing": (
        _index(accept=[]),
        (f"indexes.a.accept: expected any, or a list of {KINDS}, found a list",),
    ),
    "indexes: accept one unknown kind": (
        _index(accept=["final", "alpha", "any"]),
        (
            f"indexes.a.accept[1]: expected one of {KINDS}, found 'alpha'",
            f"indexes.a.accept[2]: expected one of {KINDS}, found 'any'",
        ),
    ),
    "indexes: require-tag in words": (
        _index(**{"require-tag": "yes"}),
        ("indexes.a.require-tag: expected true or false, found 'yes'",),
    ),
    "indexes: require-tag as a number": (
        _index(**{"require-tag": 0}),
        ("indexes.a.require-tag: expected true or false, found 0",),
    ),
    "indexes: inherits from where": (
        _index(inherits="pypi"),
        ("indexes.a.inherits: expected true or false, found 'pypi'",),
    ),
    "indexes: unknown upload rules": (
        _index(**{"upload-rules": "warehouse"}),
        ("indexes.a.upload-rules: expected one of pypi, none, found 'warehouse'",),
    ),
    "indexes: what may lead to one is read as the common words are": (
        _index(events="all", branches=["a b"], repositories=["demo"]),
        (
            "indexes.a.events: expected any, or a list of events, found 'all'",
            f"indexes.a.branches[0]: expected {BRANCH}, found 'a b'",
            f"indexes.a.repositories[0]: expected {REPOSITORY}, found 'demo'",
        ),
    ),
    "events: one text": (
        {"events": "push"},
        ("events: expected any, or a list of events, found 'push'",),
    ),
    "events: none": (
        {"events": []},
        ("events: expected any, or a list of events, found a list",),
    ),
    "events: null": (
        {"events": None},
        ("events: expected any, or a list of events, found nothing",),
    ),
    "events: an empty one": (
        {"events": ["push", ""]},
        ("events[1]: expected a text, found ''",),
    ),
    "branches: one text": (
        {"branches": "main"},
        ("branches: expected a list, found 'main'",),
    ),
    **{
        f"branches: {branch!r}": (
            {"branches": ["main", branch]},
            (f"branches[1]: expected {BRANCH}, found {branch!r}",),
        )
        for branch in ("", "a b", "main~1", "main^", "a:b", "v?", "[ab]", "a\\b", 7)
    },
    "repositories: one text": (
        {"repositories": "org/demo"},
        ("repositories: expected a list, found 'org/demo'",),
    ),
    "repositories: none": (
        {"repositories": []},
        ("repositories: expected at least 1 item(s)",),
    ),
    **{
        f"repositories: {name!r}": (
            {"repositories": [name]},
            (f"repositories[0]: expected {REPOSITORY}, found {name!r}",),
        )
        for name in ("", "demo", "/demo", "org/", "org//demo", "org/de mo")
    },
    "workflows: one text": (
        {"workflows": "release.yml"},
        ("workflows: expected a list, found 'release.yml'",),
    ),
    "workflows: none": (
        {"workflows": []},
        ("workflows: expected at least 1 item(s)",),
    ),
    **{
        f"workflows: {name!r}": (
            {"workflows": [name]},
            (f"workflows[0]: expected {WORKFLOW}, found {name!r}",),
        )
        for name in (
            *("", "release", "/release.yml", "release.yml@main", "a b.yml"),
            *("a\\b.yml", ".yml", "x/.yml"),
        )
    },
    **{
        f"provenance: {shown}": (
            {"provenance": said},
            (f"provenance: expected one of required, optional, found {shown}",),
        )
        for shown, said in {
            "'forbidden'": "forbidden",
            "'Required'": "Required",
            "true": True,
            "nothing": None,
        }.items()
    },
    "workflows and provenance of an index": (
        _index(workflows=["x"], provenance="never"),
        (
            f"indexes.a.workflows[0]: expected {WORKFLOW}, found 'x'",
            "indexes.a.provenance: expected one of required, optional, found 'never'",
        ),
    ),
    "publisher: none": (
        {"publisher": None},
        (f"publisher: expected {PUBLISHERS}, found nothing",),
    ),
    "publisher: a number": (
        {"publisher": 6.1},
        (f"publisher: expected {PUBLISHERS}, found 6.1",),
    ),
    "publisher: a list": (
        {"publisher": ["twine==6.1"]},
        (f"publisher: expected {PUBLISHERS}, found a list",),
    ),
    **{
        f"publisher: {said!r}": (
            {"publisher": said},
            (f"publisher: expected {PUBLISHERS}, found {said!r}",),
        )
        for said in (
            "",
            "twine",
            "flit",
            "twine>=6.1",
            "pypa/gh-action-pypi-publish@main",
            "twine==6.1\n",
            "twine==0a1",
        )
    },
    "publisher: a commit": (
        {"publisher": f"{ACTION}@{COMMIT}"},
        (f"publisher: expected {PUBLISHERS}, found '{ACTION}@{COMMIT[:31]}...",),
    ),
    "expect: a text": (
        {"expect": "sdist"},
        ("expect: expected a table, found 'sdist'",),
    ),
    "expect: an unknown key": (
        {"expect": {"wheel": "required"}},
        ("expect.wheel: no such key; allowed: sdist, wheels, size",),
    ),
    "expect: wheels of no known kind": (
        {"expect": {"wheels": "required"}},
        (f"expect.wheels: expected {WHEELS}, found 'required'",),
    ),
    "expect: no wheels": (
        {"expect": {"wheels": []}},
        (f"expect.wheels: expected {WHEELS}, found a list",),
    ),
    "expect: wheels that are no patterns": (
        {
            "expect": {
                "wheels": ["py3-none-any", "win32", "py2.py3-none-any", "CP3-*-*", 3]
            }
        },
        (
            f"expect.wheels[1]: expected {PATTERN_FORM}, found 'win32'",
            f"expect.wheels[2]: expected {PATTERN_FORM}, found 'py2.py3-none-any'",
            f"expect.wheels[3]: expected {PATTERN_FORM}, found 'CP3-*-*'",
            f"expect.wheels[4]: expected {PATTERN_FORM}, found 3",
        ),
    ),
    "projects: wheels that are no patterns": (
        {"projects": {"demo": {"wheels": ["any"]}}},
        (f"projects.demo.wheels[0]: expected {PATTERN_FORM}, found 'any'",),
    ),
    "expect: a flag": (
        {"expect": {"sdist": True}},
        ("expect.sdist: expected one of required, optional, forbidden, found true",),
    ),
    **{
        f"expect: {word} is no size": (
            {"expect": {"size": value}},
            (f"expect.size: expected {_SIZES}, found {shown}",),
        )
        for word, value, shown in (
            ("a number alone in a text", "50", "'50'"),
            ("an unknown unit", "50 mb", "'50 mb'"),
            ("a size that begins with 0", "0.5 GB", "'0.5 GB'"),
            ("a number of other digits", "\u0665\u0660 MB", "'\u0665\u0660 MB'"),
            ("a flag", True, "true"),
            ("a fraction", 1.5, "1.5"),
            ("a list", [1], "a list"),
        )
    },
    "expect: no bytes at all": (
        {"expect": {"size": 0}},
        ("expect.size: expected a whole number from 1, found 0",),
    ),
    "check-dependencies: another word": (
        {"check-dependencies": "some"},
        ("check-dependencies: expected one of pins, all, none, found 'some'",),
    ),
    "rules: a list": ({"rules": ["x"]}, ("rules: expected a table, found a list",)),
    "rules: null": ({"rules": None}, ("rules: expected a table, found nothing",)),
    "rules: an unknown rule": (
        {"rules": {"missing_sdist": "ignore"}},
        ("rules.missing_sdist: no such rule",),
    ),
    "rules: an unknown severity": (
        {"rules": {"missing-sdist": "off", "version-kind": None}},
        (
            (
                "rules.missing-sdist: expected one of error, warning, notice, ignore, "
                "found 'off'"
            ),
            (
                "rules.version-kind: expected one of error, warning, notice, ignore, "
                "found nothing"
            ),
        ),
    ),
    "rules: a severity in capitals": (
        {"rules": {"missing-sdist": "Error"}},
        (
            (
                "rules.missing-sdist: expected one of error, warning, notice, ignore, "
                "found 'Error'"
            ),
        ),
    ),
    "waivers: a table": (
        {"waivers": {"missing-sdist": "why"}},
        ("waivers: expected a list, found a table",),
    ),
    "waivers: a text": (
        {"waivers": ["missing-sdist"]},
        ("waivers[0]: expected a table, found 'missing-sdist'",),
    ),
    "waivers: neither rule nor reason": (
        {"waivers": [{"match": "*"}]},
        ("waivers[0].rule: is missing", "waivers[0].reason: is missing"),
    ),
    "waivers: an unknown rule": (
        _waiver(rule="*"),
        (f"waivers[0].rule: expected one of {', '.join(RULE_IDS)}, found '*'",),
    ),
    "waivers: an empty reason": (
        _waiver(reason=""),
        ("waivers[0].reason: expected a text, found ''",),
    ),
    "waivers: no reason": (
        _waiver(reason=None),
        ("waivers[0].reason: expected a text, found nothing",),
    ),
    "waivers: an empty match": (
        _waiver(match=""),
        ("waivers[0].match: expected a text, found ''",),
    ),
    "waivers: no date": (
        _waiver(until="tomorrow"),
        ("waivers[0].until: expected a date as 2027-06-01, found 'tomorrow'",),
    ),
    "waivers: a day that is none": (
        _waiver(until="2027-02-30"),
        ("waivers[0].until: expected a date as 2027-06-01, found '2027-02-30'",),
    ),
    "waivers: a date in another form": (
        _waiver(until="20270601"),
        ("waivers[0].until: expected a date as 2027-06-01, found '20270601'",),
    ),
    "waivers: a week": (
        _waiver(until="2027-W22-2"),
        ("waivers[0].until: expected a date as 2027-06-01, found '2027-W22-2'",),
    ),
    "waivers: a year": (
        _waiver(until=2027),
        ("waivers[0].until: expected a date as 2027-06-01, found 2027",),
    ),
    "waivers: a time": (
        _waiver(until=datetime(2027, 6, 1, tzinfo=UTC)),
        ("waivers[0].until: expected a date as 2027-06-01, found a datetime",),
    ),
    "waivers: an unknown key": (
        _waiver(expires="2027-06-01"),
        ("waivers[0].expires: no such key; allowed: rule, match, reason, until",),
    ),
    "every problem at once": (
        {
            "indexs": {},
            "tag-templates": ["v", "{version}", 3],
            "indexes": {"a": {"require-tag": "x", "accept": ["dog"]}, "b": 1},
            "expect": {"sdist": "no"},
            "waivers": [{"rule": "x"}, {"rule": "version-kind", "reason": "y"}],
        },
        (
            f"indexs: no such key; allowed: {KEYS}",
            f"tag-templates[0]: expected {TEMPLATE}, found 'v'",
            f"tag-templates[2]: expected {TEMPLATE}, found 3",
            f"indexes.a.accept[0]: expected one of {KINDS}, found 'dog'",
            "indexes.a.require-tag: expected true or false, found 'x'",
            "indexes.b: expected a table, found 1",
            "expect.sdist: expected one of required, optional, forbidden, found 'no'",
            f"waivers[0].rule: expected one of {', '.join(RULE_IDS)}, found 'x'",
            "waivers[0].reason: is missing",
        ),
    ),
}


@pytest.mark.parametrize(("value", "lines"), REFUSED.values(), ids=REFUSED)
def test_a_bad_policy_is_told_with_file_path_and_what_is_allowed(
    value: object, lines: tuple[str, ...]
) -> None:
    with pytest.raises(PolicyError) as raised:
        _read(value)

    told = raised.value.message.split("\n")
    assert sorted(told) == sorted(f"{WHERE}: {line}" for line in lines)


def test_a_password_in_an_address_that_is_none_is_not_told() -> None:
    with pytest.raises(PolicyError) as raised:
        _read(_index(**{"simple-url": "https://user:hunter2@index.example:0/"}))

    assert "index.example:0" in raised.value.message
    assert "hunter2" not in raised.value.message


def test_two_spellings_of_one_project_are_told_and_none_is_dropped() -> None:
    with pytest.raises(PolicyError, match="projects"):
        _read({"projects": {"Demo": ["a-{version}"], "demo": ["b-{version}"]}})


def test_a_long_value_is_told_only_in_part() -> None:
    with pytest.raises(PolicyError) as raised:
        _read({"index": ["x"], "expect": {"sdist": "y" * 10_000}})

    assert len(raised.value.message) < 400


@pytest.mark.parametrize(
    "version", ["6.*", "6.1/x", "6.1==7", "0.dev1", "9" * 5000, "1\x1b[2J", "1:2"]
)
def test_a_publisher_of_no_version_is_told_in_one_line(version: str) -> None:
    with pytest.raises(PolicyError) as raised:
        _read({"publisher": f"twine=={version}"})

    message = raised.value.message
    assert message.startswith(f"{WHERE}: publisher: expected {PUBLISHERS}, found 'twi")
    assert len(message.splitlines()) == 1
    assert len(message) < 400


# --- what is read -----------------------------------------------------------------


def _projects(
    paths: dict[str, str] | None = None, **templates: tuple[str, ...]
) -> dict[Any, ProjectPolicy]:
    return {
        canonicalize_name(name.replace("_", "-")): ProjectPolicy(
            value, (paths or {}).get(name, "")
        )
        for name, value in templates.items()
    }


@pytest.mark.parametrize(
    ("value", "projects"),
    [
        pytest.param("Demo.Pkg", _projects(demo_pkg=()), id="one name"),
        pytest.param(["a", "B_c"], _projects(a=(), b_c=()), id="a list"),
        pytest.param(
            {"A": ["{version}"], "b": ["{name}-{version}", "v{version}"]},
            _projects(a=("{version}",), b=("{name}-{version}", "v{version}")),
            id="a table",
        ),
        pytest.param(
            {"a": {"path": "packages/a"}, "B": {"tag-templates": ["b{version}"]}},
            _projects({"a": "packages/a"}, a=(), b=("b{version}",)),
            id="a table with a table for each",
        ),
        pytest.param(
            {
                "a": {},
                "b": ["{version}"],
                "c": {"path": "c", "tag-templates": ["{version}"]},
            },
            _projects({"c": "c"}, a=(), b=("{version}",), c=("{version}",)),
            id="a table of both",
        ),
        pytest.param({}, {}, id="an empty table"),
    ],
)
def test_projects_are_read_with_canonical_names(
    value: object, projects: dict[Any, ProjectPolicy]
) -> None:
    assert _read({"projects": value}).projects == projects


def test_everything_that_a_policy_may_say_is_read() -> None:
    read = _read(
        {
            "edition": 2026,
            "tag-templates": ["v{version}", "{name}@{version}"],
            "index": "internal",
            "indexes": {
                "internal": {
                    "repository-url": UPLOAD,
                    "simple-url": "http://localhost:3141/root/pypi/+simple/",
                    "accept": ["final", "dev"],
                    "require-tag": False,
                    "upload-rules": "pypi",
                    "events": ["schedule"],
                    "branches": [],
                    "repositories": ["org/demo", "group/sub/demo"],
                    "workflows": ["ci/x.yaml"],
                    "provenance": "optional",
                },
                "any": {"simple-url": SIMPLE, "accept": "any", "events": "any"},
            },
            "events": ["push"],
            "branches": ["main", "stable/*"],
            "repositories": ["org/demo"],
            "workflows": ["release.yml", ".gitlab-ci.yml"],
            "publisher": "twine==6.1",
            "provenance": "required",
            "expect": {"sdist": "optional"},
            "rules": {"missing-sdist": "ignore", "version-kind": "notice"},
            "waivers": [
                {"rule": "version-kind", "reason": "why"},
                {
                    "rule": "missing-sdist",
                    "match": "demo *",
                    "reason": "why",
                    "until": "2027-06-01",
                },
                {"rule": "version-kind", "reason": "YAML", "until": date(2027, 6, 1)},
            ],
        }
    )

    assert read.edition == 2026
    assert read.tag_templates == ("v{version}", "{name}@{version}")
    assert read.index == "internal"
    internal, other = read.indexes["internal"], read.indexes["any"]
    assert internal.repository_url == UPLOAD
    assert internal.simple_url == "http://localhost:3141/root/pypi/+simple/"
    assert internal.accept == ("final", "dev")
    assert internal.require_tag is False
    assert internal.upload_rules == "pypi"
    assert internal.events == ("schedule",)
    assert internal.branches == ()
    assert internal.repositories == ("org/demo", "group/sub/demo")
    assert (internal.workflows, internal.provenance) == (("ci/x.yaml",), "optional")
    assert other == IndexSettings(
        simple_url=SIMPLE, accept=tuple(VersionKind), events=()
    )
    assert read.events == ("push",)
    assert read.branches == ("main", "stable/*")
    assert read.repositories == ("org/demo",)
    assert read.workflows == ("release.yml", ".gitlab-ci.yml")
    assert read.provenance == "required"
    assert read.publisher == Publisher("twine==6.1", "2.4", refuses_unknown_fields=True)
    assert read.expect.sdist == "optional"
    assert read.rules == {"missing-sdist": "ignore", "version-kind": "notice"}
    assert read.waivers == (
        Waiver("version-kind", "*", "why"),
        Waiver("missing-sdist", "demo *", "why", date(2027, 6, 1)),
        Waiver("version-kind", "*", "YAML", date(2027, 6, 1)),
    )
    assert read.where == WHERE


@pytest.mark.parametrize("value", [None, {}], ids=["an empty file", "an empty table"])
def test_a_policy_that_says_nothing_leaves_all_to_the_defaults(value: object) -> None:
    assert _read(value) == PolicyFile(where=WHERE)
    assert resolve(_read(value), Overrides()) == Policy(where=WHERE)


# --- the schema and the reader ----------------------------------------------------

SCHEMA = policy_shape(RULE_IDS).schema()
VALIDATOR = jsonschema.Draft202012Validator(
    SCHEMA, format_checker=jsonschema.Draft202012Validator.FORMAT_CHECKER
)

AGREED: dict[str, object] = {
    "an empty table": {},
    "one project": {"projects": "Demo.Pkg"},
    "a project of one letter": {"projects": "x"},
    "a list of projects": {"projects": ["demo", "de_mo2"]},
    "projects with templates": {
        "projects": {"demo": ["d-{version}"], "x": ["{name}/{version}"]}
    },
    "no projects in a table": {"projects": {}},
    "projects with a folder": {
        "projects": {"demo": {"path": "packages/demo"}, "x": {}, "y": ["{version}"]}
    },
    "projects with templates and a folder": {
        "projects": {"demo": {"tag-templates": ["{path}/{version}"], "path": ".x/y-z"}}
    },
    "the edition": {"edition": 2026},
    "templates": {
        "tag-templates": ["{version}", "{version}-{name}", "a{name}b{version}"]
    },
    "an index": {"index": "pypi"},
    "no indexes": {"indexes": {}},
    "an index that says nothing": {"indexes": {"pypi": {}}},
    "URLs": _index(**{"repository-url": UPLOAD, "simple-url": "http://[::1]:80/a"}),
    "accept any": _index(accept="any"),
    "accept some": _index(accept=["final", "final", "local"]),
    "flags": _index(**{"require-tag": True, "upload-rules": "none"}),
    "events": {"events": ["push", "anything"]},
    "any event": {"events": "any"},
    "no branches": {"branches": []},
    "branches": {"branches": ["main", "stable/*", "release-1.x", "*"]},
    "repositories": {"repositories": ["org/demo", "group/sub/demo"]},
    "workflows": {"workflows": ["release.yml", ".gitlab-ci.yml", "a/b.c/d.yaml"]},
    "provenance": {"provenance": "required"},
    "who signs for an index": _index(workflows=["x.yml"], provenance="optional"),
    "what may lead to an index": _index(
        events="any", branches=[], repositories=["org/demo"]
    ),
    **{
        f"the publisher {said}": {"publisher": said}
        for said in (
            "twine==7.0",
            "twine==6.1.0rc1",
            "pypa/gh-action-pypi-publish@v1.12.4",
            "pypa/gh-action-pypi-publish@1.12.4",
            "pypa/gh-action-pypi-publish@release/v1",
            "uv",
            "uv==0.9",
            "hatch",
            "poetry",
        )
    },
    "expect nothing": {"expect": {}},
    "expect bytes": {"expect": {"size": 1}},
    "expect megabytes": {"expect": {"size": "1.5 MiB"}},
    "look up all dependencies": {"check-dependencies": "all"},
    "expect no sdist": {"expect": {"sdist": "forbidden"}},
    "rules": {"rules": {"missing-sdist": "ignore"}},
    "no waivers": {"waivers": []},
    "a waiver": _waiver(match="*", until="2027-06-01"),
}
#: What JSON has no word for stays out of the comparison; and what ends with a newline,
#: as ``$`` is the very end for JSON Schema, and not for Python.
_NO_JSON = {
    "a key that is no text",
    "indexes: a name that is no text",
    "projects: a name with a newline",
    "publisher: 'twine==6.1\\n'",
    "waivers: a time",
}
#: A schema tells the form of a publisher, and the table which there are.
_NO_JSON |= {
    "publisher: 'twine==0a1'",
}
#: To JSON Schema a whole number is one, however it is written, and its own error has no
#: text for one of thousands of digits.
_NO_JSON |= {"edition: 2026.0", "edition: a number"}
#: A schema calls an address an address (``format: uri``); not every reader checks it.
_NO_JSON |= {name for name in REFUSED if name.endswith("is no address")}
DISAGREED = {name: value for name, (value, _) in REFUSED.items()}


@pytest.mark.parametrize("value", AGREED.values(), ids=AGREED)
def test_the_schema_and_the_reader_take_a_good_policy(value: object) -> None:
    VALIDATOR.validate(value)
    _read(value)


@pytest.mark.parametrize("name", sorted(DISAGREED.keys() - _NO_JSON))
def test_the_schema_refuses_what_the_reader_refuses(name: str) -> None:
    assert not VALIDATOR.is_valid(DISAGREED[name])


@pytest.mark.parametrize(
    "value",
    [
        pytest.param({"tag-templates": ["a\n{version}"]}, id="a line before it"),
        pytest.param({"tag-templates": ["{version}\nb"]}, id="a line behind it"),
        pytest.param({"tag-templates": ["{name}\n{version}"]}, id="a line between"),
        pytest.param({"projects": "\N{KELVIN SIGN}elvin"}, id="a letter like k"),
        pytest.param({"indexes": {"": {"simple-url": SIMPLE}}}, id="index of no name"),
        pytest.param(
            {"waivers": [{"rule": "version-kind", "reason": " "}]}, id="blank"
        ),
    ],
)
def test_the_schema_and_the_reader_agree_at_the_edges(value: object) -> None:
    try:
        _read(value)
    except PolicyError:
        taken = False
    else:
        taken = True

    assert VALIDATOR.is_valid(value) == taken


def test_the_schema_is_a_schema_and_its_patterns_are_regular_expressions() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    patterns = [value for key, value in _walk(SCHEMA) if key == "pattern"]
    assert patterns
    for pattern in patterns:
        re.compile(pattern)
        # JSON Schema's expressions are JavaScript's: no flags within.
        assert "(?s)" not in pattern


def _walk(value: object) -> list[tuple[str, Any]]:
    """Every key and value of nested tables and lists."""
    if isinstance(value, dict):
        pairs = list(value.items())
        return pairs + [pair for _, inner in pairs for pair in _walk(inner)]
    if isinstance(value, list):
        return [pair for inner in value for pair in _walk(inner)]
    return []


def test_the_schema_describes_every_key() -> None:
    described = [
        said
        for key, value in _walk(SCHEMA)
        if key == "properties"
        for said in value.values()
    ]

    assert len(described) >= len(KEYS.split(", "))
    assert all(said["description"].endswith(".") for said in described)


# --- defaults < file < command line -----------------------------------------------


def _resolved(value: object = None, **overrides: Any) -> Policy:  # noqa: ANN401
    return resolve(_read(value), Overrides(**overrides))


def test_the_defaults_are_those_of_a_project_that_releases_to_pypi_from_tags() -> None:
    policy = _resolved()

    assert policy.index == IndexPolicy(
        "pypi",
        accept=frozenset({FINAL, POST, PRE}),
        require_tag=True,
        upload_rules=UploadRules.PYPI,
        events=("push", "release", "workflow_dispatch", "workflow_run"),
        branches=(),
        repositories=(),
    )
    assert policy.edition == 2026
    assert policy.projects == {}
    assert policy.tag_templates == ("{version}", "v{version}")
    assert policy.sdist is Presence.REQUIRED
    assert (policy.severities, policy.ignored, policy.waivers) == ({}, frozenset(), ())
    assert (policy.strict, policy.upload_url) == (False, "")
    assert policy.publisher is None
    assert not policy.requires_provenance


def test_the_test_index_takes_any_version_from_any_run_by_pypis_rules() -> None:
    assert _resolved(index="testpypi").index == IndexPolicy(
        "testpypi",
        accept=frozenset(VersionKind),
        require_tag=False,
        upload_rules=UploadRules.PYPI,
        events=(),
    )


def test_the_file_outranks_the_defaults() -> None:
    policy = _resolved(
        {
            "edition": 2026,
            "projects": ["demo"],
            "tag-templates": ["r{version}"],
            "events": ["release"],
            "branches": ["main"],
            "repositories": ["org/demo"],
            "publisher": "uv",
            "expect": {"sdist": "forbidden"},
            "rules": {"missing-sdist": "warning", "version-kind": "ignore"},
            "waivers": [{"rule": "version-kind", "reason": "why"}],
        }
    )

    assert policy.edition == 2026
    assert policy.projects == {"demo": ProjectPolicy()}
    assert policy.tag_templates == ("r{version}",)
    assert policy.index.events == ("release",)
    assert policy.index.branches == ("main",)
    assert policy.index.repositories == ("org/demo",)
    assert policy.publisher == Publisher("uv", sends_all=True)
    assert policy.sdist is Presence.FORBIDDEN
    assert policy.severities == {"missing-sdist": Severity.WARNING}
    assert policy.ignored == {"version-kind"}
    assert policy.waivers == (Waiver("version-kind", "*", "why"),)


def test_a_built_in_index_may_be_said_more_of_without_losing_the_rest() -> None:
    said = {"indexes": {"pypi": {"accept": ["final"], "simple-url": SIMPLE}}}

    assert _resolved(said).index == IndexPolicy(
        "pypi",
        simple_url=SIMPLE,
        accept=frozenset({FINAL}),
        require_tag=True,
        upload_rules=UploadRules.PYPI,
    )
    assert _resolved(said, index="testpypi") == _resolved(index="testpypi")


def test_a_declared_index_is_a_release_index_without_pypis_rules() -> None:
    said = {"index": "own", "indexes": {"own": {"repository-url": UPLOAD}}}

    assert _resolved(said).index == IndexPolicy(
        "own",
        repository_url=UPLOAD,
        accept=frozenset({FINAL, POST, PRE}),
        require_tag=True,
        upload_rules=UploadRules.NONE,
    )


def test_flags_of_an_index_may_be_turned_off_and_on() -> None:
    said = {
        "indexes": {
            "pypi": {"require-tag": False, "upload-rules": "none", "inherits": True},
            "testpypi": {"require-tag": True, "inherits": False},
        }
    }

    pypi, testpypi = _resolved(said).index, _resolved(said, index="testpypi").index
    assert (pypi.require_tag, pypi.upload_rules) == (False, UploadRules.NONE)
    assert (testpypi.require_tag, testpypi.upload_rules) == (True, UploadRules.PYPI)
    assert (pypi.inherits, testpypi.inherits) == (True, False)


def test_no_index_lists_the_files_of_others_unless_the_policy_says_so() -> None:
    said = {"indexes": {"own": {"simple-url": SIMPLE}}}

    for name in ("pypi", "testpypi", "own"):
        assert not _resolved(said, index=name).index.inherits
    assert not _resolved(index_url=SIMPLE).index.inherits


@pytest.mark.parametrize(
    ("said", "overrides", "applies"),
    [
        pytest.param({}, {}, True, id="PyPI"),
        pytest.param({}, {"index": "testpypi"}, True, id="the test index"),
        pytest.param(
            {"indexes": {"pypi": {"upload-rules": "none"}}}, {}, False, id="turned off"
        ),
        pytest.param(
            {"indexes": {"own": {"simple-url": SIMPLE}}},
            {"index": "own"},
            False,
            id="an index of one's own",
        ),
        pytest.param(
            {"indexes": {"own": {"simple-url": SIMPLE, "upload-rules": "pypi"}}},
            {"index": "own"},
            True,
            id="turned on",
        ),
        pytest.param({}, {"index_url": SIMPLE}, False, id="an unnamed index"),
    ],
)
def test_pypis_upload_rules_apply_where_the_index_says_so(
    *, said: dict[str, object], overrides: dict[str, str], applies: bool
) -> None:
    assert _resolved(said, **overrides).on_pypi is applies


def test_strict_comes_from_the_command_line() -> None:
    assert _resolved(strict=True).strict is True


# --- what may lead to an index ----------------------------------------------------

#: An index for tests, which the common words are not about, and one for releases.
_NIGHTLY = {"simple-url": SIMPLE, "accept": "any", "require-tag": False}
_STABLE = {"simple-url": SIMPLE}


@pytest.mark.parametrize(
    ("said", "index", "events"),
    [
        pytest.param({}, "pypi", RELEASE_EVENTS, id="nothing said: releases"),
        pytest.param({}, "testpypi", (), id="nothing said: tests"),
        pytest.param({"events": ["push"]}, "pypi", ("push",), id="common: releases"),
        pytest.param({"events": ["push"]}, "testpypi", (), id="common: tests"),
        pytest.param({"events": "any"}, "pypi", (), id="any: releases"),
        pytest.param(
            {"indexes": {"own": _STABLE}},
            "own",
            RELEASE_EVENTS,
            id="declared: releases",
        ),
        pytest.param({"indexes": {"own": _NIGHTLY}}, "own", (), id="declared: tests"),
        pytest.param(
            {"events": ["push"], "indexes": {"own": _STABLE}},
            "own",
            ("push",),
            id="common: declared for releases",
        ),
        pytest.param(
            {"events": ["push"], "indexes": {"own": _NIGHTLY}},
            "own",
            (),
            id="common: declared for tests",
        ),
        pytest.param(
            {"events": ["push"], "indexes": {"pypi": {"events": ["release"]}}},
            "pypi",
            ("release",),
            id="the index's own word",
        ),
        pytest.param(
            {"events": ["push"], "indexes": {"pypi": {"events": "any"}}},
            "pypi",
            (),
            id="any, by the index's own word",
        ),
        pytest.param(
            {"indexes": {"testpypi": {"events": ["push"]}}},
            "testpypi",
            ("push",),
            id="the own word of an index for tests",
        ),
        pytest.param(
            {"indexes": {"testpypi": {"require-tag": True}}},
            "testpypi",
            RELEASE_EVENTS,
            id="an index for tests that is made one for releases",
        ),
        pytest.param(
            {"indexes": {"pypi": {"require-tag": False}}},
            "pypi",
            RELEASE_EVENTS,
            id="an index that needs no tag, and takes no dev version",
        ),
    ],
)
def test_what_may_lead_to_an_index_is_its_own_word_or_the_common_one(
    said: dict[str, object], index: str, events: tuple[str, ...]
) -> None:
    assert _resolved(said, index=index).index.events == events


def test_an_unnamed_index_is_for_releases_and_has_the_common_words() -> None:
    said = {"events": ["push"], "branches": ["main"], "repositories": ["org/demo"]}

    for where in ({"index_url": SIMPLE}, {"repository_url": OTHER}):
        index = _resolved(said, **where).index
        assert (index.events, index.branches, index.repositories) == (
            ("push",),
            ("main",),
            ("org/demo",),
        )
        assert _resolved(**where).index.events == RELEASE_EVENTS


def test_branches_and_repositories_of_an_index_stand_in_place_of_the_common() -> None:
    said = {
        "branches": ["main"],
        "repositories": ["org/demo"],
        "indexes": {
            "pypi": {"branches": [], "repositories": ["org/pypi"]},
            "own": _STABLE,
            "testpypi": {"branches": ["dev/*"]},
        },
    }

    pypi, own, tests = (
        _resolved(said, index=name).index for name in ("pypi", "own", "testpypi")
    )
    assert (pypi.branches, pypi.repositories) == ((), ("org/pypi",))
    assert (own.branches, own.repositories) == (("main",), ("org/demo",))
    assert (tests.branches, tests.repositories) == (("dev/*",), ())


# --- who signs --------------------------------------------------------------------


def test_a_workflow_is_a_path_in_its_repository() -> None:
    said = {
        "workflows": ["release.yml", ".gitlab-ci.yml", "x.gitlab-ci.yml", "ci/a.yml"]
    }

    assert _resolved(said).index.workflows == (
        ".github/workflows/release.yml",
        ".gitlab-ci.yml",
        "x.gitlab-ci.yml",
        "ci/a.yml",
    )


@pytest.mark.parametrize("name", ["pypi", "testpypi", "own", ""])
def test_who_signs_is_the_same_for_every_index_that_says_nothing_else(
    name: str,
) -> None:
    said = {
        "workflows": ["release.yml"],
        "provenance": "required",
        "indexes": {"own": {"simple-url": SIMPLE, "require-tag": False}},
    }
    where = {"index": name} if name else {"index_url": OTHER}

    policy = _resolved(said, **where)

    assert policy.index.workflows == (".github/workflows/release.yml",)
    assert policy.requires_provenance


def test_an_index_may_say_otherwise_who_signs() -> None:
    own = {"workflows": ["test.yml"], "provenance": "optional"}
    said = {
        "workflows": ["release.yml"],
        "provenance": "required",
        "indexes": {"testpypi": own},
    }

    policy = _resolved(said, index="testpypi")

    assert policy.index.workflows == (".github/workflows/test.yml",)
    assert not policy.requires_provenance
    assert _resolved(said).requires_provenance


def test_the_command_line_may_require_provenance_and_never_lift_it() -> None:
    lax = {"indexes": {"pypi": {"provenance": "optional"}}}

    assert _resolved(lax, provenance=True).requires_provenance
    assert _resolved({"provenance": "required"}, provenance=False).requires_provenance


@pytest.mark.parametrize(
    ("said", "is_release"),
    [
        ({}, True),
        ({"require-tag": False}, True),
        ({"accept": "any"}, True),
        ({"accept": ["final"], "require-tag": False}, True),
        ({"accept": "any", "require-tag": False}, False),
        ({"accept": ["dev"], "require-tag": False}, False),
    ],
)
def test_an_index_is_for_releases_that_needs_a_tag_or_takes_no_dev_version(
    *, said: dict[str, object], is_release: bool
) -> None:
    index = _resolved({"indexes": {"own": _STABLE | said}}, index="own").index

    assert index.is_release is is_release


def test_of_the_built_in_indexes_one_is_for_releases() -> None:
    assert _resolved(index="pypi").index.is_release
    assert not _resolved(index="testpypi").index.is_release


@pytest.mark.parametrize(
    ("said", "of"),
    [
        ({"tag-templates": ["v{version}", "{path}/v{version}"]}, "projects"),
        (
            {"tag-templates": ["{path}/v{version}"], "projects": ["demo", "other"]},
            "projects.demo",
        ),
        (
            {
                "tag-templates": ["{path}/v{version}"],
                "projects": {"demo": {"path": "a"}, "other": {}},
            },
            "projects.other",
        ),
        ({"projects": {"demo": ["{path}/v{version}"]}}, "projects.demo"),
        (
            {"projects": {"Demo.Pkg": {"tag-templates": ["{path}/v{version}"]}}},
            "projects.demo-pkg",
        ),
    ],
)
def test_a_template_with_a_path_needs_a_path(said: dict[str, object], of: str) -> None:
    with pytest.raises(PolicyError) as raised:
        _resolved(said)

    assert raised.value.message == (
        f"{WHERE}: {of}: needs a path, as a tag template names {{path}}"
    )
    assert raised.value.hint == "projects: {demo: {path: packages/demo}}"


@pytest.mark.parametrize(
    "said",
    [
        {
            "tag-templates": ["{path}/v{version}"],
            "projects": {"demo": {"path": "a"}, "other": {"path": "b"}},
        },
        {
            "tag-templates": ["{path}/v{version}"],
            "projects": {"demo": {"path": "a"}, "other": ["other-{version}"]},
        },
        {"projects": {"demo": {"tag-templates": ["{path}-{version}"], "path": "a"}}},
        {"tag-templates": ["{version}"], "projects": {"demo": {"path": "a"}}},
    ],
)
def test_a_project_with_a_path_or_no_need_of_one_is_taken(
    said: dict[str, object],
) -> None:
    assert _resolved(said).projects


# --- which index ------------------------------------------------------------------

PYPI_URL = twine.DEFAULT_REPOSITORY
TESTPYPI_URL = twine.TEST_REPOSITORY
OTHER = "https://other.example/upload/"
TWO = {
    "own": {"repository-url": UPLOAD, "simple-url": SIMPLE},
    "mirror": {"simple-url": "https://mirror.example/simple"},
}


@pytest.mark.parametrize(
    ("file", "overrides", "name"),
    [
        pytest.param(None, {}, "pypi", id="nothing said"),
        pytest.param("own", {}, "own", id="the file names it"),
        pytest.param("own", {"index": "testpypi"}, "testpypi", id="both name one"),
        pytest.param(None, {"repository_url": PYPI_URL}, "pypi", id="PyPI by URL"),
        pytest.param(
            None, {"repository_url": TESTPYPI_URL}, "testpypi", id="TestPyPI by URL"
        ),
        pytest.param(None, {"repository_url": UPLOAD}, "own", id="declared, by URL"),
        pytest.param(
            None, {"index_url": SIMPLE}, "own", id="declared, by where it is read"
        ),
        pytest.param(
            None, {"index_url": SIMPLE.rstrip("/")}, "own", id="with no slash there"
        ),
        pytest.param(
            None,
            {"index_url": "https://mirror.example/simple/"},
            "mirror",
            id="with one slash more",
        ),
        pytest.param(None, {"repository_url": OTHER}, "", id="an unknown upload URL"),
        pytest.param(
            None,
            {"index_url": "https://other.example/simple/"},
            "",
            id="an unknown reading URL",
        ),
        pytest.param(
            "own",
            {"index_url": "https://other.example/simple/"},
            "",
            id="an unknown reading URL outranks the file's name",
        ),
        pytest.param(
            "own",
            {"repository_url": OTHER},
            "own",
            id="the file's name outranks an upload URL, which index-mismatch compares",
        ),
        pytest.param(
            None,
            {"index_url": "https://cache.example/simple/", "repository_url": PYPI_URL},
            "pypi",
            id="an upload to PyPI, read through a mirror",
        ),
        pytest.param(
            "own",
            {"index": "pypi", "index_url": "https://cache.example/simple/"},
            "pypi",
            id="a name outranks a URL",
        ),
    ],
)
def test_the_index_that_a_job_is_about(
    file: str | None, overrides: dict[str, str], name: str
) -> None:
    said: dict[str, object] = {"indexes": TWO}
    chosen = _resolved(said | ({"index": file} if file else {}), **overrides)

    assert chosen.index.name == name
    assert chosen.upload_url == overrides.get("repository_url", "")


def test_a_url_alone_is_an_unnamed_release_index_without_pypis_rules() -> None:
    by_reading = _resolved(index_url=SIMPLE).index
    by_upload = _resolved(repository_url=OTHER).index

    unnamed = IndexPolicy(
        accept=frozenset({FINAL, POST, PRE}),
        require_tag=True,
        upload_rules=UploadRules.NONE,
    )
    assert by_reading == IndexPolicy(simple_url=SIMPLE)
    assert by_upload == IndexPolicy(repository_url=OTHER)
    assert IndexPolicy() == unnamed
    assert by_reading.label == "an unnamed index"
    assert INTERNAL.label == "internal"


def test_the_command_line_says_where_the_index_is_read() -> None:
    cache = "https://cache.example/simple/"

    assert _resolved(index="pypi", index_url=cache).index.simple_url == cache
    assert _resolved({"indexes": TWO}, index="own").index.simple_url == SIMPLE
    said = _resolved({"indexes": TWO}, index="own", index_url=cache)
    assert said.index.simple_url == cache


@pytest.mark.parametrize(
    ("name", "url"), [("pypi", PYPI_URL), ("testpypi", TESTPYPI_URL)]
)
def test_a_public_index_has_twines_url_where_an_upload_url_is_given(
    name: str, url: str
) -> None:
    assert _resolved(index=name).index.repository_url == ""
    compared = _resolved(index=name, repository_url=OTHER)
    assert (compared.index.repository_url, compared.upload_url) == (url, OTHER)


def test_a_public_index_may_have_another_upload_url_in_the_file() -> None:
    said = {"indexes": {"pypi": {"repository-url": UPLOAD}}}

    chosen = _resolved(said, repository_url=UPLOAD)
    assert (chosen.index.name, chosen.index.repository_url) == ("pypi", UPLOAD)
    assert _resolved(said, repository_url=PYPI_URL).index.name == ""


def test_the_upload_urls_that_the_file_declares_are_known_by_name() -> None:
    pypi = {"indexes": TWO | {"pypi": {"repository-url": OTHER}}}

    assert _resolved({"indexes": TWO}).known_uploads == {"own": UPLOAD}
    assert _resolved(pypi).known_uploads == {"own": UPLOAD, "pypi": OTHER}
    assert _resolved(repository_url=OTHER).known_uploads == {}


def test_an_index_that_nobody_declared_is_a_usage_error() -> None:
    with pytest.raises(UsageError) as by_option:
        _resolved({"indexes": TWO}, index="owm")
    with pytest.raises(UsageError) as by_file:
        _resolved({"index": "PyPI"})

    known = "pypi, testpypi, own, mirror"
    assert by_option.value.message == (
        f"--index: no index is named 'owm'; known: {known}"
    )
    assert by_file.value.message == (
        f"{WHERE}: index: no index is named 'PyPI'; known: pypi, testpypi"
    )


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("https://me:hunter2@index.example/upload/", "https://index.example/upload/"),
        ("https://me:hunter2/x@index.example/", "https://index.example/"),
        ("https://index.example/?token=hunter2", "https://index.example/"),
        ("me:hunter2@index.example", "index.example"),
        ("own:hunter2", "own"),
    ],
)
def test_a_url_in_place_of_an_index_is_told_without_its_password(
    name: str, told: str
) -> None:
    with pytest.raises(UsageError) as by_option:
        _resolved(index=name)
    with pytest.raises(UsageError) as by_file:
        _resolved({"index": name})

    for raised in (by_option, by_file):
        assert f"no index is named {told!r}; known: " in raised.value.message
        assert "hunter2" not in f"{raised.value.message} {raised.value.hint}"


def test_an_error_names_the_place_that_the_index_comes_from() -> None:
    with pytest.raises(UsageError, match=r"^the manifest: no index is named 'owm'"):
        _resolved(index="owm", index_from="the manifest")


def test_a_declared_index_without_any_url_is_a_policy_error() -> None:
    with pytest.raises(PolicyError) as raised:
        _resolved({"indexes": {"own": {"accept": "any"}}})

    assert raised.value.message == (
        f"{WHERE}: indexes.own: needs a simple-url or a repository-url"
    )
    assert raised.value.hint == "only pypi and testpypi are known by name"


# --- the terms on which a part was judged -----------------------------------------

WAIVER = Waiver("version-kind", "*", "why", date(2027, 6, 1))


@pytest.mark.parametrize(
    "other",
    [
        Policy(index=INTERNAL),
        Policy(severities={"version-kind": Severity.WARNING}),
        Policy(severities={"missing-sdist": Severity.WARNING}),
        Policy(severities={"version-kind": Severity.NOTICE}),
        Policy(ignored=frozenset({"version-kind"})),
        Policy(waivers=(WAIVER,)),
        Policy(waivers=(replace(WAIVER, match="demo *"),)),
        Policy(waivers=(replace(WAIVER, until=None),)),
        Policy(strict=True),
        Policy(publisher=Publisher("twine==6.1", "2.4")),
        Policy(edition=2027),
    ],
)
def test_other_terms_have_another_hash(other: Policy) -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", other.terms)
    assert other.terms != Policy().terms
    assert other.terms == replace(other).terms


def test_the_order_in_which_rules_are_said_is_no_term() -> None:
    rules = {"version-kind": Severity.NOTICE, "missing-sdist": Severity.WARNING}
    turned = dict(reversed(rules.items()))

    assert Policy(severities=rules).terms == Policy(severities=turned).terms


def test_what_only_the_set_is_judged_by_is_no_term_of_a_part() -> None:
    other = Policy(
        upload_url=UPLOAD,
        index=replace(
            Policy().index,
            events=("x",),
            branches=("main",),
            workflows=("x.yml",),
            provenance=Presence.REQUIRED,
        ),
        projects={canonicalize_name("demo"): ProjectPolicy(path="a")},
    )

    assert other.terms == Policy().terms


def test_the_day_of_the_judgement_is_no_term_of_a_part() -> None:
    assert Policy(today=date(2027, 6, 1)).terms == Policy().terms


# --- the baseline -------------------------------------------------------------------


def test_a_baseline_is_common_or_of_one_project() -> None:
    said = {
        "baseline": "1.10",
        "projects": {"Demo": {"baseline": "2.0rc1"}, "other": ["v{version}"]},
    }
    resolved = resolve(read_policy(said, where="p", rule_ids=RULE_IDS), Overrides())

    demo, other = canonicalize_name("demo"), canonicalize_name("other")
    assert str(resolved.baseline_of(demo)) == "2.0rc1"
    assert str(resolved.baseline_of(other)) == "1.10"
    assert str(resolved.baseline_of(canonicalize_name("third"))) == "1.10"
    assert Policy().baseline_of(demo) is None


@pytest.mark.parametrize("value", [1.1, 2, "one", "1.0.", "1" * 5_000])
def test_a_baseline_that_is_no_version_in_quotes_is_refused(value: object) -> None:
    """An unquoted 1.10 would be 1.1."""
    allowed = r'baseline: expected a version in quotes as "1.0", found '
    with pytest.raises(PolicyError, match=allowed):
        read_policy({"baseline": value}, where="p", rule_ids=RULE_IDS)


def test_wheels_are_declared_for_all_or_for_one_project() -> None:
    said = {
        "expect": {"wheels": ["cp311-abi3-win32", "py3-none-any"]},
        "projects": {
            "demo": {},
            "demo-vectors": {"wheels": ["py3-none-any"]},
            "demo-fork": {"wheels": "previous"},
        },
    }
    told = resolve(_read(said), Overrides())

    def of(project: str) -> tuple[str, ...]:
        return tuple(map(str, told.wheels_of(canonicalize_name(project))))

    assert of("demo") == of("another") == ("cp311-abi3-win32", "py3-none-any")
    assert of("demo-vectors") == ("py3-none-any",)
    assert of("demo-fork") == ()
    assert told.wheels[0] == pattern_of("cp311-abi3-win32")


@pytest.mark.parametrize("said", [{}, {"expect": {"wheels": "previous"}}])
def test_wheels_that_nobody_declares_are_those_of_the_last_release(
    said: object,
) -> None:
    assert resolve(_read(said), Overrides()).wheels == ()


# --- sizes and dependencies -------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "largest"),
    [
        (None, None),
        (1, 1),
        ("7 B", 7),
        ("50 MB", 50_000_000),
        ("50MB", 50_000_000),
        ("1.5 MiB", 1_572_864),
        ("2 kB", 2_000),
        ("2 KiB", 2_048),
        ("1 GB", 1_000_000_000),
        ("1 GiB", 1 << 30),
    ],
)
def test_the_largest_size_is_in_bytes(said: object, largest: int | None) -> None:
    value = {} if said is None else {"expect": {"size": said}}

    assert resolve(_read(value), Overrides()).largest == largest


@pytest.mark.parametrize("word", [None, "pins", "all", "none"])
def test_pins_are_looked_up_unless_the_policy_says_otherwise(word: str | None) -> None:
    value = {} if word is None else {"check-dependencies": word}

    assert resolve(_read(value), Overrides()).dependencies == (word or "pins")

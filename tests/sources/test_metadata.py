"""Core metadata: whatever ``packaging`` refuses is a fact, field by field."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import fields

import pytest
from archives import METADATA, within

from release_guard.facts import (
    Classifier,
    CoreMetadata,
    MetadataProblem,
    ProblemKind,
    Standing,
)
from release_guard.sources.classifiers import list_date
from release_guard.sources.metadata import parse_metadata

INVALID = ProblemKind.INVALID
MALFORMED = ProblemKind.MALFORMED
PLACEHOLDER = ProblemKind.PLACEHOLDER
TOO_NEW = ProblemKind.TOO_NEW
UNKNOWN = ProblemKind.UNKNOWN

WINDOWS = METADATA.replace(b"\n", b"\r\n")


def parsed(*lines: str, version: str = "2.1") -> CoreMetadata:
    """Sound metadata with further lines."""
    head = METADATA.replace(b"2.1", version.encode())
    with within(10):
        return parse_metadata(head + "".join(f"{x}\n" for x in lines).encode())


def kinds(found: CoreMetadata) -> list[tuple[str, ProblemKind]]:
    return [(problem.field, problem.kind) for problem in found.problems]


WHOLE = """\
Metadata-Version: 2.4
Name: Demo.Project
Version: 1.0.RC1
Summary: A demonstration
Description-Content-Type: text/markdown; charset=UTF-8
Author-email: Me <me@example.org>
Maintainer-email: you@example.org
Home-page: https://example.org
Download-URL: https://example.org/download
Project-URL: Source, https://example.org/source
Project-URL: a b,https://example.org/a,b
Project-URL: no address
Classifier: Typing :: Typed
Classifier: Typing :: typed
License: as you like
License-Expression: MIT
License-File: LICENSE
License-File: licenses/b.txt
Requires-Python: >=3.11
Requires-Dist: B>=1
Requires-Dist: a
Provides-Dist: c
Obsoletes-Dist: d
Provides-Extra: test
Provides-Extra: docs
Dynamic: license
Dynamic: Summary

# Demo

Text
"""


def test_the_values_are_as_written() -> None:
    assert parse_metadata(WHOLE.encode()) == CoreMetadata(
        metadata_version="2.4",
        name="Demo.Project",
        version="1.0.RC1",
        summary="A demonstration",
        description="# Demo\n\nText\n",
        description_content_type="text/markdown; charset=UTF-8",
        author_email="Me <me@example.org>",
        maintainer_email="you@example.org",
        home_page="https://example.org",
        download_url="https://example.org/download",
        project_urls=(
            ("Source", "https://example.org/source"),
            ("a b", "https://example.org/a,b"),
            ("no address", ""),
        ),
        classifiers=(
            Classifier("Typing :: Typed"),
            Classifier("Typing :: typed", Standing.UNKNOWN, ("Typing :: Typed",)),
        ),
        classifiers_as_of=list_date(),
        license="as you like",
        license_expression="MIT",
        license_files=("LICENSE", "licenses/b.txt"),
        requires_python=">=3.11",
        requires_dist=("B>=1", "a"),
        provides_dist=("c",),
        obsoletes_dist=("d",),
        provides_extra=("test", "docs"),
        dynamic=("license", "Summary"),
        sha256=hashlib.sha256(WHOLE.encode()).hexdigest(),
    )


def test_no_field_is_left_out_of_the_whole() -> None:
    found = parse_metadata(WHOLE.encode())
    empty = [f.name for f in fields(found) if not getattr(found, f.name)]
    assert empty == ["early_license_files", "problems"]


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "2.1", "2.2", "2.3"])
def test_a_licence_file_that_comes_too_early_is_a_fact_of_its_own(version: str) -> None:
    found = parsed("License-File: a", "License-File: b", version=version)
    assert found.early_license_files == ("a", "b")
    assert found.license_files == ()


def test_a_licence_file_in_its_time_is_none_that_comes_too_early() -> None:
    found = parsed("License-File: a", version="2.4")
    assert found.early_license_files == ()
    assert found.license_files == ("a",)


def test_a_description_may_stand_in_the_header() -> None:
    folded = "# Demo\n        \n        Text"
    assert parsed(f"Description: {folded}").description == folded


def test_what_is_absent_is_empty() -> None:
    digest = hashlib.sha256(METADATA).hexdigest()
    assert parse_metadata(METADATA) == CoreMetadata("2.1", "demo", "1.0", sha256=digest)


# --- what says only UNKNOWN ----------------------------------------------------

SINGLE = {
    "Summary": "summary",
    "Author-email": "author_email",
    "Maintainer-email": "maintainer_email",
    "Home-page": "home_page",
    "Download-URL": "download_url",
    "License": "license",
    "Description": "description",
    "Description-Content-Type": "description_content_type",
    "Requires-Python": "requires_python",
}
SEVERAL = {
    "Requires-Dist": "requires_dist",
    "Provides-Dist": "provides_dist",
    "Obsoletes-Dist": "obsoletes_dist",
    "Provides-Extra": "provides_extra",
    "Dynamic": "dynamic",
    "Classifier": "classifiers",
}


@pytest.mark.parametrize(("field", "name"), SINGLE.items(), ids=SINGLE.keys())
def test_a_field_that_says_only_unknown_is_empty(field: str, name: str) -> None:
    for value in ("UNKNOWN", "  UNKNOWN  "):
        assert getattr(parsed(f"{field}: {value}"), name) == ""
    assert getattr(parsed(f"{field}: UNKNOWN x"), name) != ""


def test_a_description_that_says_only_unknown_is_empty() -> None:
    assert parsed("", "UNKNOWN", "").description == ""
    assert parsed("", "UNKNOWN", "more").description == "UNKNOWN\nmore\n"


@pytest.mark.parametrize(("field", "name"), SEVERAL.items(), ids=SEVERAL.keys())
def test_a_list_that_ends_with_unknown_is_empty(field: str, name: str) -> None:
    first = "license" if field == "Dynamic" else "a"
    for values in (["UNKNOWN"], [first, "UNKNOWN"], ["UNKNOWN", "UNKNOWN"]):
        found = parsed(*(f"{field}: {value}" for value in values))
        assert getattr(found, name) == ()
    found = parsed(f"{field}: UNKNOWN", f"{field}: {first}")
    assert len(getattr(found, name)) == 2


@pytest.mark.parametrize(("field", "name"), SEVERAL.items(), ids=SEVERAL.keys())
def test_a_list_of_one_empty_value_is_empty(field: str, name: str) -> None:
    assert getattr(parsed(f"{field}:"), name) == ()


def test_without_a_classifier_no_list_was_asked() -> None:
    assert parsed("Classifier: UNKNOWN").classifiers_as_of is None
    assert parsed("Classifier: x").classifiers_as_of == list_date()


def test_a_project_that_is_called_unknown_keeps_its_name() -> None:
    found = parse_metadata(METADATA.replace(b"demo", b"UNKNOWN"))
    assert found.name == "UNKNOWN"


# --- what is refused -----------------------------------------------------------


SOUND = {
    "a licence file as setuptools wrote it": "License-File: LICENSE",
    "two of them": "License-File: LICENSE\nLicense-File: NOTICE",
    "a description": "Description-Content-Type: text/markdown\n\n# demo",
    "letters outside ASCII": "Author: Ä",
    "an extra": "Provides-Extra: test\nRequires-Dist: x; extra == 'test'",
}


@pytest.mark.parametrize("lines", SOUND.values(), ids=SOUND.keys())
def test_sound_metadata_has_no_problem(lines: str) -> None:
    assert parsed(lines).problems == ()


@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "2.1", "2.2", "2.3"])
def test_a_licence_file_below_2_4_is_left_out(version: str) -> None:
    head = f"Metadata-Version: {version}\nName: demo\nVersion: 1.0\n"
    assert parse_metadata(f"{head}License-File: LICENSE\n".encode()).problems == ()


REFUSED = {
    "a requirement": ("Requires-Dist: 1 2 3", "requires-dist"),
    "a Python": ("Requires-Python: newest", "requires-python"),
    "a content type": (
        "Description-Content-Type: text/pdf",
        "description-content-type",
    ),
    "a broken content type": (
        "Description-Content-Type: text/plain; x*",
        "description-content-type",
    ),
    "a newer field": ("License-Expression: MIT", "license-expression"),
    "a repeated field": ("Summary: a\nSummary: b", "summary"),
    "an unknown field": ("Colour: red", "colour"),
    "an extra that is no name": ("Provides-Extra: -", "provides-extra"),
    "a summary of two lines": ("Summary: a\n        b", "summary"),
}


@pytest.mark.parametrize(("lines", "field"), REFUSED.values(), ids=REFUSED.keys())
def test_a_refused_field_is_named_with_its_reason(lines: str, field: str) -> None:
    problems = parsed(lines).problems
    assert [problem.field for problem in problems] == [field]
    assert all(problem.detail for problem in problems)


TWO_MORE = "License-Expression: MIT\nRequires-Python: UNKNOWN"
KINDS = {
    "a value that is none": (
        "Requires-Python: newest",
        "2.1",
        [("requires-python", INVALID)],
    ),
    "a field of a later version": (
        "License-Expression: MIT",
        "2.1",
        [("license-expression", TOO_NEW)],
    ),
    "a field of a later version, and a value that is none": (
        "License-Expression: Apache 2.0",
        "2.3",
        [("license-expression", TOO_NEW), ("license-expression", INVALID)],
    ),
    "several fields of later versions": (
        "Provides-Extra: test\nDynamic: license\nLicense-Expression: MIT",
        "1.2",
        [
            ("dynamic", TOO_NEW),
            ("license-expression", TOO_NEW),
            ("provides-extra", TOO_NEW),
        ],
    ),
    "a value that is none in the version of its field": (
        "License-Expression: Apache 2.0",
        "2.4",
        [("license-expression", INVALID)],
    ),
    "a field that no version has": ("Colour: red", "2.4", [("colour", UNKNOWN)]),
    "a field that no version has, twice": (
        "Colour: red\nColour: blue",
        "2.4",
        [("colour", UNKNOWN)],
    ),
    "a field that is given twice": (
        "Summary: a\nSummary: b",
        "2.4",
        [("summary", MALFORMED)],
    ),
    "a label that is given twice": (
        "Project-URL: a, https://x.example\nProject-URL: a, https://y.example",
        "2.4",
        [("project-url", MALFORMED)],
    ),
    "two descriptions": ("Description: a\n\nb", "2.4", [("description", MALFORMED)]),
    "a field that says only UNKNOWN": (
        "Requires-Python: UNKNOWN",
        "2.1",
        [("requires-python", PLACEHOLDER)],
    ),
    "a list whose last value says UNKNOWN": (
        "Dynamic: license\nDynamic: UNKNOWN",
        "2.4",
        [("dynamic", PLACEHOLDER)],
    ),
    "a later field that says only UNKNOWN": (
        "License-Expression: UNKNOWN",
        "2.1",
        [("license-expression", PLACEHOLDER)],
    ),
    "one of each": (
        "Summary: a\nSummary: b\nColour: red\nRequires-Dist: 1 2\n" + TWO_MORE,
        "2.1",
        [
            ("colour", UNKNOWN),
            ("summary", MALFORMED),
            ("license-expression", TOO_NEW),
            ("requires-dist", INVALID),
            ("requires-python", PLACEHOLDER),
        ],
    ),
}


@pytest.mark.parametrize(
    ("lines", "version", "expected"), KINDS.values(), ids=KINDS.keys()
)
def test_a_problem_says_of_what_kind_it_is(
    lines: str, version: str, expected: list[tuple[str, ProblemKind]]
) -> None:
    assert kinds(parsed(*lines.split("\n"), version=version)) == expected


def test_what_is_sound_but_too_new_is_no_problem_under_its_own_version() -> None:
    assert parsed("License-Expression: MIT", version="2.4").problems == ()


LISTS = {
    "Requires-Dist": ["1 2", "a", "3 4", "b @"],
    "Provides-Extra": ["a b", "test", "- -"],
    "License-File": ["../x", "LICENSE", "*", "/etc/passwd", "a\\b"],
    "Dynamic": ["name", "license", "nope", "metadata-version"],
    "Import-Name": ["1bad", "demo", "a b"],
    "Import-Namespace": ["class", "demo", "a-b"],
}


@pytest.mark.parametrize(("field", "values"), LISTS.items(), ids=LISTS.keys())
def test_every_value_of_a_list_that_is_refused_is_told(
    field: str, values: list[str]
) -> None:
    found = parsed(*(f"{field}: {value}" for value in values), version="2.5")
    sound = ("a", "test", "LICENSE", "license", "demo")
    bad = [value for value in values if value not in sound]
    assert kinds(found) == [(field.lower(), INVALID)] * len(bad)
    for value, problem in zip(bad, found.problems, strict=True):
        assert repr(value) in problem.detail


def test_a_value_that_is_refused_twice_is_told_once() -> None:
    found = parsed("Requires-Dist: 1 2", "Requires-Dist: 1 2")
    assert kinds(found) == [("requires-dist", INVALID)]


def test_every_value_of_a_list_that_comes_too_early_is_told_as_one_field() -> None:
    found = parsed("Dynamic: license", "Dynamic: nope", "Dynamic: name", version="2.1")
    assert kinds(found) == [("dynamic", TOO_NEW), *[("dynamic", INVALID)] * 2]


CARRIAGE_RETURNS = {
    "between two fields": (b"Summary: a\rKeywords: b\n", True),
    "in a value": (b"Summary: a\rb\n", True),
    "in place of an empty line": (b"\rSummary: a\n", True),
    "before the end of a line": (b"Summary: a\r\r\nKeywords: b\n", True),
    "as the last byte": (b"Summary: a\r", True),
    "in the description": (b"\nfirst\rsecond\n", False),
    "in the description behind Windows line ends": (b"\r\nfirst\rsecond\r\n", False),
    "as part of every line end": (b"Summary: a\r\nKeywords: b\r\n", False),
    "nowhere": (b"Summary: a\n", False),
}


@pytest.mark.parametrize(
    ("lines", "is_told"), CARRIAGE_RETURNS.values(), ids=CARRIAGE_RETURNS.keys()
)
@pytest.mark.parametrize("head", [METADATA, WINDOWS], ids=["Unix", "Windows"])
def test_a_lone_carriage_return_among_the_fields_is_told(
    head: bytes, lines: bytes, is_told: bool
) -> None:
    told = [
        problem
        for problem in parse_metadata(head + lines).problems
        if "carriage return" in problem.detail
    ]
    assert [(p.field, p.kind) for p in told] == [("", MALFORMED)] * is_told


OTHER_LINES = {
    "text": "not a field",
    "text before a colon": "not a field: but text",
    "a colon alone": ": red",
    "a letter outside ASCII in a name": "Färbe: red",
    "a byte order mark": "\ufeffColour: red",
    "a mail box": "From me",
}


@pytest.mark.parametrize("line", OTHER_LINES.values(), ids=OTHER_LINES.keys())
def test_a_line_that_is_no_field_is_told(line: str) -> None:
    """There ``email`` ends the fields, and others do not."""
    found = parsed("Keywords: a", line, "Requires-Dist: evil")
    told = [p for p in found.problems if "no field" in p.detail]
    assert ("", MALFORMED) in [(p.field, p.kind) for p in told]


def test_a_line_that_is_no_field_in_the_description_is_text() -> None:
    assert parsed("Keywords: a", "", "not a field", "\ufeffnor this").problems == ()


ENCODED_WORDS = {
    "a requirement": "Requires-Dist: =?utf-8?q?evil?=",
    "part of a requirement": "Requires-Dist: demo =?utf-8?b?ZXZpbA==?= >1",
    "a Python": "Requires-Python: =?utf-8?q?>=3?=",
    "an extra": "provides-extra : =?utf-8?q?x?=",
    "on the next line": "Requires-Dist:\n =?utf-8?q?evil?=",
}


@pytest.mark.parametrize("lines", ENCODED_WORDS.values(), ids=ENCODED_WORDS.keys())
def test_an_encoded_word_in_what_installers_obey_is_told(lines: str) -> None:
    found = parsed(lines)
    told = [p for p in found.problems if "encoded word" in p.detail]
    assert [(p.field, p.kind) for p in told] == [("", MALFORMED)]


@pytest.mark.parametrize(
    "lines",
    ["Summary: =?utf-8?q?a?=", "Author: =?utf-8?q?a?=", "\nName: =?utf-8?q?a?="],
)
def test_an_encoded_word_in_what_people_read_is_no_problem(lines: str) -> None:
    assert parsed(lines).problems == ()


def test_each_refused_field_is_told() -> None:
    found = parsed("Requires-Python: newest", "Requires-Dist: 1 2", "Colour: red")
    assert {problem.field for problem in found.problems} == {
        "colour",
        "requires-dist",
        "requires-python",
    }


HEADS = {
    "nothing": (b"", {"metadata-version", "name", "version"}),
    "only text": (b"\nName: demo\n", {"metadata-version", "name", "version"}),
    "no version": (b"Metadata-Version: 2.1\nName: demo\n", {"version"}),
    "no name": (b"Metadata-Version: 2.1\nVersion: 1.0\n", {"name"}),
    "an unknown metadata version": (
        b"Metadata-Version: 9.9\nName: demo\nVersion: 1.0\n",
        {"metadata-version"},
    ),
    "a version that is none": (
        b"Metadata-Version: 2.1\nName: demo\nVersion: newest\n",
        {"version"},
    ),
    "a name that is none": (
        b"Metadata-Version: 2.1\nName: -demo-\nVersion: 1.0\n",
        {"name"},
    ),
}


@pytest.mark.parametrize(("content", "fields"), HEADS.values(), ids=HEADS.keys())
def test_what_must_be_there_is_missed(content: bytes, fields: set[str]) -> None:
    problems = parse_metadata(content).problems
    named = {problem.field.replace("_", "-") for problem in problems}
    assert fields <= named


HOSTILE = {
    "no text": bytes(range(256)),
    "UTF-16": METADATA.decode().encode("utf-16"),
    "bytes that are no UTF-8": METADATA + b"Summary: \xff\xfe\n",
    "a body that is no UTF-8": METADATA + b"\n\xff\xfe",
    "several parts": METADATA
    + b"Content-Type: multipart/mixed; boundary=x\n\n--x\n\ntext\n--x--\n",
    "an encoded body": METADATA + b"Content-Transfer-Encoding: base64\n\n!!!\n",
    "an unknown charset": METADATA + b"Content-Type: text/plain; charset=none\n\nx",
    "a version of 5,000 digits": METADATA.replace(b"1.0\n", b"9" * 5000 + b"\n"),
    "a requirement of 5,000 digits": METADATA + b"Requires-Dist: a>" + b"9" * 5000,
    "a licence of 5,000 brackets": METADATA.replace(b"2.1", b"2.4")
    + b"License-Expression: "
    + b"(" * 5000
    + b"\n",
    "a marker of 5,000 brackets": METADATA
    + b"Requires-Dist: a; "
    + b"(" * 5000
    + b"\n",
    "200,000 fields": METADATA + b"".join(b"X%d: y\n" % n for n in range(200_000)),
    "a field of a megabyte with Windows line ends": WINDOWS
    + b"Summary: "
    + b"x" * (1 << 20)
    + b"\r\n",
    "20,000 requirements": METADATA + b"Requires-Dist: =\n" * 20_000,
    "a field of a megabyte": METADATA + b"Summary: " + b"x" * (1 << 20) + b"\n",
    "a megabyte of folded lines": METADATA + b"Keywords: a\n" + b" b\n" * (1 << 18),
    "NUL": METADATA + b"Summary: a\0b\n",
    "headers without a colon": METADATA + b"Summary\n" * 1000,
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_metadata_gives_facts_and_no_exception(content: bytes) -> None:
    with within(10):
        found = parse_metadata(content)
    assert isinstance(found, CoreMetadata)


NOT_READ = (
    "no text",
    "UTF-16",
    "bytes that are no UTF-8",
    "a body that is no UTF-8",
    "several parts",
    "a version of 5,000 digits",
    "a licence of 5,000 brackets",
    "a marker of 5,000 brackets",
    "200,000 fields",
    "20,000 requirements",
    "a field of a megabyte",
    "a field of a megabyte with Windows line ends",
)


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_not_read_in_metadata_is_a_problem(name: str) -> None:
    with within(10):
        assert parse_metadata(HOSTILE[name]).problems


def test_the_problems_come_in_one_order() -> None:
    lines = ("Requires-Python: newest", "Requires-Dist: 1 2", "Provides-Extra: -")
    fields = [problem.field for problem in parsed(*lines, "Name: x").problems]
    assert fields == sorted(fields)


AT_THE_BOUNDS = {
    "fields": (lambda n: b"Keywords: a\n" * n, 10_000),
    "different fields": (lambda n: b"".join(b"X%d: y\n" % i for i in range(n)), 500),
    "bytes": (lambda n: b"Keywords: ".ljust(n, b"x") + b"\n", 1 << 16),
}


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n"], ids=["Unix", "Windows"])
@pytest.mark.parametrize(("lines", "most"), AT_THE_BOUNDS.values(), ids=AT_THE_BOUNDS)
def test_metadata_past_a_bound_is_not_parsed(
    lines: Callable[[int], bytes], most: int, line_end: bytes
) -> None:
    said = 0 if most == 1 << 16 else 3
    at = (METADATA + lines(most - said)).replace(b"\n", line_end)
    over = (METADATA + lines(most - said + 1)).replace(b"\n", line_end)
    with within(30):
        assert parse_metadata(at).name == "demo"
        found = parse_metadata(over)
    digest = hashlib.sha256(over).hexdigest()
    assert found == CoreMetadata(problems=found.problems, sha256=digest)
    (problem,) = found.problems
    assert problem == MetadataProblem("", problem.detail)
    assert str(most) in problem.detail


def test_many_short_lines_past_a_bound_are_not_parsed() -> None:
    folded = METADATA + b"License: x\n" + b" x\n" * 300_000
    with within(30):
        assert parse_metadata(folded).name == "demo"
        over = folded + b" x\n" * 60_000
        found = parse_metadata(over)
    (problem,) = found.problems
    digest = hashlib.sha256(over).hexdigest()
    assert found == CoreMetadata(problems=(problem,), sha256=digest)
    assert str(1 << 20) in problem.detail


def test_what_is_long_in_the_description_is_past_no_bound() -> None:
    text = b"x" * (1 << 20) + b"\n" + b"X: y\n" * 20_000
    found = parse_metadata(METADATA + b"\n" + text)
    assert found.problems == ()
    assert found.description.encode() == text

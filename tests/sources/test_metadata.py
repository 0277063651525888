"""Core metadata: whatever ``packaging`` refuses is a fact, field by field."""

from __future__ import annotations

import pytest
from archives import METADATA, within

from release_guard.facts import CoreMetadata
from release_guard.sources.metadata import parse_metadata


def parsed(*lines: str) -> CoreMetadata:
    """Sound metadata with further lines."""
    with within(10):
        return parse_metadata(METADATA + "".join(f"{x}\n" for x in lines).encode())


def test_the_values_are_as_written() -> None:
    found = parse_metadata(
        b"Metadata-Version: 2.4\nName: Demo.Project\nVersion: 1.0.RC1\n"
        b"Requires-Python: >=3.11\nRequires-Dist: B>=1\nRequires-Dist: a\n\nText\n"
    )
    assert found == CoreMetadata(
        "2.4", "Demo.Project", "1.0.RC1", ">=3.11", ("B>=1", "a")
    )


def test_what_is_absent_is_empty() -> None:
    found = parse_metadata(METADATA)
    assert (found.requires_python, found.requires_dist) == ("", ())
    assert found.problems == ()


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
    assert [p.field for p in problems] in ([field], [field.replace("-", "_")])
    assert all(problem.detail for problem in problems)


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
)


@pytest.mark.parametrize("name", NOT_READ)
def test_what_is_not_read_in_metadata_is_a_problem(name: str) -> None:
    with within(10):
        assert parse_metadata(HOSTILE[name]).problems


def test_the_problems_come_in_one_order() -> None:
    lines = ("Requires-Python: newest", "Requires-Dist: 1 2", "Provides-Extra: -")
    fields = [problem.field for problem in parsed(*lines, "Name: x").problems]
    assert fields == sorted(fields)

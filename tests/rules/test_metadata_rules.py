"""The rules of core metadata, case by case."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from builders import (
    INTERNAL,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    described,
    distribution,
    policy,
)

from release_guard.facts import DescribedDistribution
from release_guard.rules.metadata import (
    dependency_url,
    metadata_invalid,
    metadata_version,
)
from release_guard.sources.metadata import parse_metadata

_TAKEN = ("1.0", "1.1", "1.2", "2.1", "2.2", "2.3", "2.4", "2.5")


def _read(content: str) -> DescribedDistribution:
    """The sdist, with the metadata that the source reads in this text."""
    return DescribedDistribution(distribution(), parse_metadata(content.encode()))


_HEAD = "Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n"

CASES = [
    # metadata-invalid
    Case(metadata_invalid, "sound metadata", described()),
    Case(metadata_invalid, "sound metadata as it is read", _read(_HEAD)),
    Case(
        metadata_invalid,
        "each refused field is a finding, on any index",
        described(WHEEL, problems={"version": "is missing", "summary": "two lines"}),
        policy(INTERNAL),
        (
            Says("the field 'version' is not valid: is missing"),
            Says("the field 'summary' is not valid: two lines"),
        ),
    ),
    Case(
        metadata_invalid,
        "the metadata as a whole",
        described(problems={"": "cannot be read"}),
        says=(Says("the metadata is not valid: cannot be read"),),
    ),
    Case(
        metadata_invalid,
        "of the metadata version speaks metadata-version",
        described(problems={"metadata-version": "is not known"}),
    ),
    Case(
        metadata_invalid,
        "a version that is none, as it is read",
        _read("Metadata-Version: 2.4\nName: demo\nVersion: dog\n"),
        says=(Says("the field 'version' is not valid: …"),),
    ),
    Case(
        metadata_invalid,
        "no name, as it is read",
        _read("Metadata-Version: 2.4\nVersion: 1.0\n"),
        says=(Says("the field 'name' is not valid: …"),),
    ),
    Case(
        metadata_invalid,
        "no version, as it is read",
        _read("Metadata-Version: 2.4\nName: demo\n"),
        says=(Says("the field 'version' is not valid: …"),),
    ),
    Case(
        metadata_invalid,
        "a name beyond ASCII, as it is read",
        _read("Metadata-Version: 2.4\nName: démo\nVersion: 1.0\n"),
        says=(Says("the field 'name' is not valid: …"),),
    ),
    Case(
        metadata_invalid,
        "a version given twice, as it is read",
        _read(f"{_HEAD}Version: 1.1\n"),
        says=(
            Says("the field 'version' is not valid: …"),
            Says("the field 'version' is not valid: …"),
        ),
    ),
    # metadata-version
    *(
        Case(
            metadata_version,
            f"metadata {version} is taken",
            described(metadata_version=version),
        )
        for version in _TAKEN
    ),
    Case(
        metadata_version,
        "packaging does not know it, whatever the index",
        described(
            metadata_version="2.0",
            problems={"metadata-version": "'2.0' is no valid metadata version"},
        ),
        policy(INTERNAL),
        (Says("'2.0' is no valid metadata version"),),
    ),
    Case(
        metadata_version,
        "one finding where packaging and PyPI both refuse",
        described(metadata_version="9", problems={"metadata-version": "is not known"}),
        says=(Says("is not known"),),
    ),
    Case(
        metadata_version,
        "of other fields speaks metadata-invalid",
        described(problems={"version": "is missing"}),
    ),
    *(
        Case(
            metadata_version,
            f"packaging knows {version or 'none'}, and PyPI does not take it",
            described(metadata_version=version),
            policy(TESTPYPI),
            says=(
                Says(
                    f"Metadata-Version is {version!r}; PyPI takes {', '.join(_TAKEN)} "
                    "(as of 2026-08-21)"
                ),
            ),
        )
        for version in ("2.6", "2.0", "")
    ),
    Case(
        metadata_version,
        "a newer one that packaging knows, for an index without PyPI's rules",
        described(metadata_version="2.6"),
        policy(INTERNAL),
    ),
    Case(
        metadata_version,
        "2.0, as it is read",
        _read(_HEAD.replace("2.4", "2.0")),
        policy(INTERNAL),
        says=(Says("'2.0'…"),),
    ),
    Case(
        metadata_version,
        "none, as it is read",
        _read("Name: demo\nVersion: 1.0\n"),
        policy(INTERNAL),
        says=(Says("…"),),
    ),
    Case(
        metadata_version,
        "given twice, as it is read",
        _read(f"Metadata-Version: 2.1\n{_HEAD}"),
        policy(INTERNAL),
        says=(Says("…"), Says("…")),
    ),
    # dependency-url
    Case(
        dependency_url,
        "released versions, an extra and a marker",
        described(requires_dist=("a>=1", "b[c]==2; extra == 'd'", "e; sys_platform")),
    ),
    Case(
        dependency_url,
        "a fork, and an archive behind an extra",
        described(
            requires_dist=(
                "a>=1",
                "b @ git+https://git.example/b@main",
                "c[x] @ https://files.example/c.zip ; extra == 'd'",
            )
        ),
        policy(TESTPYPI),
        (Says("depends on b by a URL"), Says("depends on c by a URL")),
    ),
    Case(
        dependency_url,
        "an index without PyPI's rules takes it",
        described(requires_dist=("b @ git+https://git.example/b@main",)),
        policy(INTERNAL),
    ),
    Case(
        dependency_url,
        "what is no requirement is left to metadata-invalid, the next is judged",
        described(requires_dist=("b @", "=1", "b @ file:///b")),
        says=(Says("depends on b by a URL"),),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    assert case.found() == case.wanted()


_TELL = """
from release_guard.sources.metadata import parse_metadata
text = b"Metadata-Version: 2.4\\nRequires-Python: x\\nRequires-Dist: =\\nDynamic: x\\n"
print([problem.field for problem in parse_metadata(text).problems])
"""


def test_the_fields_are_told_in_one_order_in_every_run() -> None:
    told = {
        subprocess.run(
            [sys.executable, "-c", _TELL],
            env=os.environ | {"PYTHONHASHSEED": str(seed)},
            capture_output=True,
            check=True,
            text=True,
        ).stdout
        for seed in range(4)
    }

    assert len(told) == 1
    assert "version" in told.pop()


def test_the_subject_is_called_by_its_file_name() -> None:
    assert described().label == SDIST

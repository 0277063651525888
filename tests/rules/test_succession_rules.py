"""The rules of a version against those that are listed, case by case."""

from __future__ import annotations

import pytest
from builders import (
    SDIST,
    TESTPYPI,
    Case,
    Says,
    indexed,
    policy,
    release,
    upload,
)
from packaging.version import Version

from release_guard.facts import IndexedFile, Upload
from release_guard.findings import Severity
from release_guard.policy import Policy
from release_guard.rules.succession import version_jump, version_not_successor


def _sdist(version: str) -> str:
    return f"demo-{version}.tar.gz"


def _listed(word: str) -> IndexedFile:
    """The sdist of a version; ``~1.0`` is a yanked one."""
    return indexed(_sdist(word.removeprefix("~")), yanked=word.startswith("~"))


def _after(listed: str, *versions: str) -> Upload:
    """These versions, to an index that lists those words."""
    return upload(*map(_listed, listed.split()), of=release(*map(_sdist, versions)))


#: Steps of sound projects: neither rule says anything.
_SOUND: dict[str, tuple[str, str]] = {
    "a first release": ("", "1.0"),
    "the first number, the year": ("", "2026.1"),
    "the next patch": ("1.4.1 1.4.2", "1.4.3"),
    "the next minor release": ("1.4.2", "1.5.0"),
    "the next major release": ("0.9.3 1.4.2", "2.0.0"),
    "out of beta": ("0.22.4", "1.0"),
    "the number after nine": ("1.9.0 1.9.9", "1.9.10"),
    "skipped patches": ("1.4.1", "1.4.9"),
    "skipped majors": ("1.5.6", "6.0"),
    "a patch less spelled out": ("1.4.0", "1.4.0.1"),
    "a patch of an old series": ("1.4.2 1.5.0 2.0.0", "1.4.3"),
    "a minor release of an old major": ("1.4.2 2.0.0 2.1.0", "1.5.0"),
    "a long-term series": ("4.2.17 5.0.4 5.1.4 5.2b1", "4.2.18"),
    "a post-release": ("1.4.0", "1.4.0.post1"),
    "a post-release of an old version": ("1.4.0 1.4.1 2.0", "1.4.0.post1"),
    "the next post-release": ("1.4.0 1.4.0.post1 1.5", "1.4.0.post2"),
    "a post-release of a pre-release": ("1.4.0rc1 1.4.0", "1.4.0rc1.post1"),
    "the first pre-release": ("1.4.2", "2.0.0a1"),
    "from alpha to beta": ("1.4.2 2.0.0a3", "2.0.0b1"),
    "the next release candidate": ("1.4.2 2.0.0rc1", "2.0.0rc2"),
    "the final of a candidate": ("1.4.2 2.0.0rc2", "2.0.0"),
    "a final before the next one's candidate": ("1.4.2 1.5.0rc1", "1.4.3"),
    "a final in the series of a candidate": ("1.4.2 1.4.4rc1", "1.4.3"),
    "a final where only pre-releases are listed": ("1.0.0a1", "0.9.0"),
    "a nightly build": ("1.0.0.dev20240530 1.0.0.dev20240531", "1.0.0.dev20240601"),
    "nightly builds at new year": ("1.0.0.dev20241231", "1.0.0.dev20250101"),
    "a count of commits that grows": ("1.0.dev9 1.0.dev12", "1.0.dev940"),
    "a count of commits that grows on": ("1.0.dev1204", "1.0.dev12040"),
    "an epoch that goes on": ("2.4 1!1.0", "1!1.1"),
    "a calendar's next month": ("2026.8 2026.9", "2026.10"),
    "a calendar's last month": ("2025.9 2026.1", "2026.12"),
    "a calendar at new year": ("2025.12.2", "2026.1.0"),
    "a calendar after years": ("2011.5", "2026.1"),
    "a calendar's day": ("2026.5.1", "2026.5.31"),
    "a calendar of month and day": ("2026.501", "2026.1130"),
    "a calendar of short years": ("22.10.1 23.1", "23.12.0"),
    "a short year's day": ("23.1.2", "23.1.28"),
    "a calendar in one number": ("20240531", "20250101"),
    "a date at the end": ("2.31.0.20240311", "2.31.0.20250106"),
    "a date at the end of the next version": ("2.31.0.20240406", "2.32.0.20240521"),
    "builds that are counted": ("4.5.1.48", "4.5.2.52"),
    "builds that were skipped before": ("1.0.3 1.0.20 1.0.31", "1.0.48"),
    "high builds that are skipped": ("1.0.1204", "1.0.1260"),
    "a version that is listed": ("1.0 1.1 1.90", "1.0"),
    "the same version, spelled otherwise": ("1.0.0 1.0.1", "1.0"),
    "another build of a listed version": ("2.1.0+cu118 2.2.0+cu118", "2.1.0+cpu"),
    "all that is listed is yanked": ("~9.0", "1.0"),
    "the mistake was yanked": ("0.1.4 ~0.1.15", "0.1.5"),
    "the mistaken epoch was yanked": ("1.4 ~1!1.4", "1.5"),
    "after the mistake": ("0.5.0 5.1.0", "5.1.1"),
    "after a move to the calendar": ("0.21.1 2022.3.0", "2022.6.0"),
}

#: Listed, new, what it is lower than, and the newest.
_LOWER: dict[str, tuple[str, str, str, str]] = {
    "pypi/warehouse#14851: 4 is lower than 39": (
        "0.0.3 0.0.39",
        "0.0.4",
        "0.0.39, the newest of the series 0.0",
        "0.0.39",
    ),
    "skypilot-org/skypilot#3650: the next day is lower than a longer date": (
        "1.0.0.dev20240531 1.0.0.dev2024053101",
        "1.0.0.dev20240601",
        "1.0.0.dev2024053101, the newest of the series 1.0",
        "1.0.0.dev2024053101",
    ),
    "PrefectHQ/prefect: 2.82 is above all that come after 2.8.1": (
        "2.8.1 2.8.2 2.82",
        "2.9.0",
        "2.82, the newest of the series 2",
        "2.82",
    ),
    "a patch that was left out": (
        "1.4.0 1.4.2 2.0",
        "1.4.1",
        "1.4.2, the newest of the series 1.4",
        "2.0",
    ),
    "a minor release below the newest of its major": (
        "1.4.0 1.6.0 2.0",
        "1.5.0",
        "1.6.0, the newest of the series 1",
        "2.0",
    ),
    "a major below the newest": (
        "1.4.0 3.0.0",
        "2.0.0",
        "3.0.0, the newest of the project",
        "3.0.0",
    ),
    "a candidate of a listed final": (
        "1.3.0 1.4.0",
        "1.4.0rc2",
        "1.4.0, the newest of the series 1.4",
        "1.4.0",
    ),
    "an alpha of what is in beta": (
        "1.3.0 1.4.0b1",
        "1.4.0a2",
        "1.4.0b1, the newest of the series 1.4",
        "1.3.0",
    ),
    "pypa/setuptools 51.1.0: a final below its own post-release": (
        "51.0.0 51.1.0.post20201221",
        "51.1.0",
        "51.1.0.post20201221, the newest of the series 51.1",
        "51.1.0.post20201221",
    ),
    "a post-release below another one": (
        "1.4.0 1.4.0.post2",
        "1.4.0.post1",
        "1.4.0.post2, the newest of the series 1.4.0",
        "1.4.0.post2",
    ),
    "a post-release of a version that is not listed": (
        "1.3.0 1.4.1",
        "1.4.0.post1",
        "1.4.1, the newest of the series 1.4",
        "1.4.1",
    ),
    "above what is yanked": (
        "~1.0 1.4",
        "1.1",
        "1.4, the newest of the series 1",
        "1.4",
    ),
    "lower than two majors": (
        "1.4 2.0",
        "0.9",
        "2.0, the newest of the project",
        "2.0",
    ),
    "lower than two epochs": (
        "1.4 1!1.4",
        "1!1.3",
        "1!1.4, the newest of the series 1!1",
        "1!1.4",
    ),
}

#: The same, where nothing lower is listed.
_LOWEST: dict[str, tuple[str, str, str, str]] = {
    "a placeholder": ("1.0.0 1.0.8 1.0.13", "0.0.0", "1.0.0", "1.0.13"),
    "ruamel.yaml 0.1 after 0.9.2": ("0.2 0.9.1 0.9.2", "0.1", "0.2", "0.9.2"),
    "a development version of all": ("1.0 1.4", "1.0.dev3", "1.0", "1.4"),
    "the semantic after the calendar": ("2026.1 2026.3", "1.5", "2026.1", "2026.3"),
    "the epoch was lost": ("1!1.4", "1.5", "1!1.4", "1!1.4"),
    "a pre-release is the lowest": ("1.0rc1 1.0", "0.9", "1.0rc1", "1.0"),
    "a yanked one is the lowest": ("~1.0 1.4", "0.9", "1.0", "1.4"),
}

#: Listed, new, its predecessor, the step and what may have been meant.
_JUMPS: dict[str, tuple[str, str, str, str]] = {
    # typos that were released
    "PrefectHQ/prefect 2.82": ("2.8.0 2.8.1", "2.82", "2.8.1", "8 to 82 (2.8.2?)"),
    "PrefectHQ/prefect 2.82 after 2.8.2": ("2.8.1 2.8.2", "2.82", "2.8.2", "8 to 82"),
    "startreedata/pinot-dbapi#86": (
        "0.4.14 0.5.0",
        "5.1.0",
        "0.5.0",
        "0 to 5 (0.5.1?)",
    ),
    "RedFT/Hexy#6": ("1.3 1.4", "1.41", "1.4", "4 to 41 (1.4.1?)"),
    "RedFT/Hexy#6, spelled out": ("1.3 1.4.0", "1.41", "1.4.0", "4 to 41 (1.4.1?)"),
    "Fortran-FOSS-Programmers/ford#367": (
        "6.1.3 6.1.4",
        "6.15",
        "6.1.4",
        "1 to 15 (6.1.5?)",
    ),
    "nipreps/eddymotion#197": ("0.1.3 0.1.4", "0.1.15", "0.1.4", "4 to 15 (0.1.5?)"),
    "snowflakedb/snowflake-connector-python v2.25": (
        "2.2.3 2.2.4",
        "2.25",
        "2.2.4",
        "2 to 25 (2.2.5?)",
    ),
    "dask/distributed 1.10.10": (
        "1.9.5 1.10.0",
        "1.10.10",
        "1.10.0",
        "0 to 10 (1.10.1?)",
    ),
    # a zero left out
    "a leading zero": ("0.21 0.22", "22", "0.22", "0 to 22"),
    "a leading zero of the next one": ("0.21 0.22", "23", "0.22", "0 to 23 (0.23?)"),
    "a leading zero, one step": ("0.1.3 0.1.4", "1.5", "0.1.4", "0 to 1 (0.1.5?)"),
    "a zero in the middle": ("1.0.2", "1.3", "1.0.2", "0 to 3 (1.0.3?)"),
    "a leading zero after the candidate": (
        "0.6.0rc1",
        "6.0",
        "0.6.0rc1",
        "0 to 6 (0.6.0?)",
    ),
    # a dot left out, a digit too many
    "the first dot": ("2.8.1", "28.2", "2.8.1", "2 to 28 (2.8.2?)"),
    "the first dot, behind a one": ("1.0.2", "10.3", "1.0.2", "1 to 10 (1.0.3?)"),
    "a digit typed twice": ("1.4.2", "1.4.33", "1.4.2", "2 to 33 (1.4.3?)"),
    "a dot of a candidate": ("2.8.1", "2.82rc1", "2.8.1", "8 to 82 (2.8.2rc1?)"),
    "a dot after the candidate": (
        "1.4.0 1.4.1rc1",
        "1.41",
        "1.4.1rc1",
        "4 to 41 (1.4.1?)",
    ),
    "a dot after the beta of a major": (
        "1.4.0 2.0.0b1",
        "20.0",
        "2.0.0b1",
        "2 to 20 (2.0.0?)",
    ),
    "a dot in an old series": ("1.4.0 2.0", "1.41", "1.4.0", "4 to 41 (1.4.1?)"),
    # calendars
    "the calendar after numbers": (
        "0.9 0.21.1",
        "2022.3",
        "0.21.1",
        "0 to the year 2022",
    ),
    "a short year after numbers": ("6.22.2", "24.2.0", "6.22.2", "6 to 24"),
    "a year that is none": ("2025.1 2026.1", "2206.2", "2026.1", "2026 to 2206"),
    "a month that is none": ("2026.4 2026.5.1", "2026.51", "2026.5.1", "5 to 51"),
    "a month and a day, where there are months": (
        "2026.4.30 2026.5.1",
        "2026.502",
        "2026.5.1",
        "5 to 502",
    ),
    "a day that is none": ("2026.5.1", "2026.5.42", "2026.5.1", "1 to 42 (2026.5.2?)"),
    "numbers that begin like a year": (
        "20.35.1 20.36.0",
        "20.36.11",
        "20.36.0",
        "0 to 11 (20.36.1?)",
    ),
    "a date that has too many digits": (
        "20240530 20240531",
        "2024053101",
        "20240531",
        "20240531 to 2024053101",
    ),
    # the rest
    "an epoch that was gained": (
        "2.3 2.4",
        "1!2.5",
        "2.4",
        "epoch 0 to epoch 1 (2.5?)",
    ),
    "an epoch that was lost": (
        "1.4 1!1.4",
        "1.5",
        "1!1.4",
        "epoch 1 to epoch 0 (1!1.5?)",
    ),
    "more than was skipped before": ("1.0.3 1.0.20", "1.0.48", "1.0.20", "20 to 48"),
    "what was skipped by a yanked one": (
        "0.1.1 ~0.1.61 0.1.2",
        "0.1.22",
        "0.1.2",
        "2 to 22",
    ),
}


CASES = [
    *(
        Case(rule, name, _after(listed, version))
        for rule in (version_not_successor, version_jump)
        for name, (listed, version) in _SOUND.items()
    ),
    *(
        Case(rule, f"{name} is listed", upload(file, of=release(_sdist("1.0"))))
        for rule in (version_not_successor, version_jump)
        for name, file in (
            ("a file that tells no version", indexed("demo-new.zip", version=None)),
            ("a file whose name is another project's", "other-9.0.tar.gz"),
            ("an egg of a lower version", "demo-0.9-py3.12.egg"),
        )
    ),
    # version-not-successor
    *(
        Case(
            version_not_successor,
            name,
            _after(listed, version),
            says=(Says(f"{version} is lower than {than}; the newest stays {newest}"),),
        )
        for name, (listed, version, than, newest) in _LOWER.items()
    ),
    *(
        Case(
            version_not_successor,
            name,
            _after(listed, version),
            says=(
                Says(
                    f"{version} is lower than everything that pypi lists, from "
                    f"{lowest} on; the newest stays {newest}",
                    severity=Severity.ERROR,
                ),
            ),
        )
        for name, (listed, version, lowest, newest) in _LOWEST.items()
    ),
    Case(
        version_not_successor,
        "of several versions each is judged, and all count for the newest",
        _after("1.4.0 1.4.2", "1.4.1", "1.5.0"),
        policy(TESTPYPI),
        (Says("1.4.1 is lower than 1.4.2, …; the newest would become 1.5.0"),),
    ),
    Case(
        version_not_successor,
        "the version of the metadata is judged as well",
        upload(_sdist("1.1"), of=release(SDIST, metadata_versions={SDIST: "1.2"})),
        says=(
            Says(
                "1.0 is lower than everything that pypi lists, from 1.1 on; the newest "
                "would become 1.2",
                severity=Severity.ERROR,
            ),
        ),
    ),
    Case(
        version_not_successor,
        "a file without a version in its name or its metadata",
        upload(
            _sdist("1.1"),
            of=release("demo.tar.gz", metadata_versions={"demo.tar.gz": ""}),
        ),
    ),
    # version-jump
    *(
        Case(
            version_jump,
            name,
            _after(listed, version),
            says=(
                Says(
                    f"{version} is an unlikely step after {before}, from {step}; the "
                    "newest …"
                ),
            ),
        )
        for name, (listed, version, before, step) in _JUMPS.items()
    ),
    Case(
        version_jump,
        "the newest becomes the wrong one",
        _after("2.8.1", "2.82"),
        policy(TESTPYPI),
        (Says("…(2.8.2?); the newest would become 2.82"),),
    ),
    Case(
        version_jump,
        "skypilot-org/skypilot#3650",
        _after("1.0.0.dev20240530 1.0.0.dev20240531", "1.0.0.dev2024053101"),
        says=(
            Says(
                "1.0.0.dev2024053101 is an unlikely step after 1.0.0.dev20240531, with "
                "a dev number of 10 digits, where the longest has 8; the newest would "
                "become 1.0.0.dev2024053101"
            ),
        ),
    ),
    Case(
        version_jump,
        "the newest is of another epoch",
        _after("1.4 1!1.4", "1.5"),
        policy(TESTPYPI),
        (Says("…; the newest stays 1!1.4"),),
    ),
    Case(
        version_jump,
        "a version that is lower than all has no step",
        _after("1.0 1.1", "0.1"),
    ),
    Case(
        version_jump,
        "a pre-release is not the newest",
        _after("1.4.0", "1.50rc1"),
        says=(Says("1.50rc1 …, from 4 to 50 (1.5.0rc1?); the newest stays 1.4.0"),),
    ),
]


@pytest.mark.parametrize("name", _SOUND)
def test_the_versions_of_a_sound_step_are_read(name: str) -> None:
    """A table with versions that are none would be silent too."""
    subject = _after(*_SOUND[name])
    words = [word.removeprefix("~") for word in _SOUND[name][0].split()]

    assert subject.release.versions == (Version(_SOUND[name][1]),)
    assert [f.version for f in subject.listing.files] == list(map(Version, words))


def test_evidence_holds_what_the_message_says() -> None:
    (jump,) = version_jump.findings(_after("2.8.1", "2.82"), Policy())
    (lower,) = version_not_successor.findings(_after("0.0.39 0.0.3", "0.0.4"), Policy())

    assert jump.evidence == {
        "version": "2.82",
        "predecessor": "2.8.1",
        "meant": "2.8.2",
        "files": (_sdist("2.82"),),
    }
    assert lower.evidence == {
        "version": "0.0.4",
        "newest": "0.0.39",
        "files": (_sdist("0.0.4"),),
    }
    assert jump.fix.startswith("release 2.8.2 if that was meant")
    assert "yank" in lower.fix

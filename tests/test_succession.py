"""How a version stands to those that are listed: what holds for any."""

from __future__ import annotations

import random
from datetime import date, timedelta

import pytest
from builders import indexed, listing
from hypothesis import assume, example, given
from hypothesis import strategies as st
from packaging.version import Version

from release_guard.succession import (
    Doubt,
    Jump,
    Listed,
    Outranked,
    jump_of,
    last_release,
    listed_of,
    newest_of,
    outranked_by,
    previous_release,
    public,
)


def _history(words: str) -> Listed:
    """The history of these versions; ``~1.0`` is a yanked one."""
    return listed_of(
        (Version(word.removeprefix("~")), word.startswith("~"))
        for word in words.split()
    )


# --- the history ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("files", "versions", "yanked"),
    [
        ("", "", ""),
        ("1.10 1.9 1.10 1.2rc1", "1.2rc1 1.9 1.10", ""),
        ("1.0 1.0.0 1.0.0.0", "1.0", ""),
        ("1.0+cpu 1.0+cu118", "1.0", ""),
        ("~1.0 ~1.0 1.1", "1.0 1.1", "1.0"),
        ("~1.0 1.0 1.1", "1.0 1.1", ""),
        ("~1.0+cpu 1.0+cu118", "1.0", ""),
    ],
)
def test_a_version_is_listed_once_and_yanked_with_the_last_of_its_files(
    files: str, versions: str, yanked: str
) -> None:
    history = _history(files)
    kept = [v for v in history.versions if v not in history.yanked]

    assert history.versions == tuple(map(Version, versions.split()))
    assert history.yanked == frozenset(map(Version, yanked.split()))
    assert history.offered == tuple(kept)


@pytest.mark.parametrize(
    ("versions", "newest"),
    [
        ("1.0 1.10 1.9", "1.10"),
        ("1.0 1.1rc1 1.1.dev1", "1.0"),
        ("1.0 1.0.post1", "1.0.post1"),
        ("1.0 1.0.post2.dev1", "1.0"),
        ("1.0a1 1.0.dev1", "1.0a1"),
        ("2026.1 1!0.1", "1!0.1"),
    ],
)
def test_the_newest_is_what_an_installer_takes_unasked(
    versions: str, newest: str
) -> None:
    assert newest_of(map(Version, versions.split())) == Version(newest)


def test_of_nothing_there_is_no_newest() -> None:
    assert newest_of([]) is None


# --- the answers, whole ------------------------------------------------------------


def test_what_outranks_a_version_says_how_its_series_begins() -> None:
    history = _history("1!1.4.0 1!1.4.2 1!2.0")

    assert outranked_by(Version("1!1.4.1"), history) == Outranked(
        Version("1!1.4.2"), "1!1.4", is_lowest=False
    )
    assert outranked_by(Version("1!1.9"), history) is None
    assert outranked_by(Version("3"), history) == Outranked(
        Version("1!2.0"), "", is_lowest=False
    )


def test_the_last_number_is_of_no_series_though_zeros_follow() -> None:
    """1.4 is of the series 1, and 1.4.0 of the series 1.4, where 1.4.1 is listed."""
    history = _history("0.9 1.4.1 1.5")

    assert outranked_by(Version("1.4"), history) == Outranked(
        Version("1.5"), "1", is_lowest=False
    )
    assert outranked_by(Version("1.4.0"), history) == Outranked(
        Version("1.4.1"), "1.4", is_lowest=False
    )


def test_a_step_says_where_from_and_what_was_meant() -> None:
    assert jump_of(Version("2.82.dev4"), _history("2.8.1")) == Jump(
        Doubt.LARGE, Version("2.8.1"), 8, 82, Version("2.8.2.dev4")
    )
    assert jump_of(Version("5.1"), _history("0.5.0")) == Jump(
        Doubt.ZERO, Version("0.5.0"), 0, 5, Version("0.5.1")
    )
    assert jump_of(Version("2022.1"), _history("0.5.0")) == Jump(
        Doubt.YEAR, Version("0.5.0"), 0, 2022
    )
    assert jump_of(Version("1.dev204153"), _history("1.dev2041")) == Jump(
        Doubt.DIGITS, Version("1.dev2041"), 2041, 204153
    )
    assert jump_of(Version("1.5"), _history("1!1.4rc1 1!1.3")) == Jump(
        Doubt.EPOCH, Version("1!1.3"), 1, 0, Version("1!1.5")
    )
    assert jump_of(Version("1!1.5"), _history("1.4 1.5")) == Jump(
        Doubt.EPOCH, Version("1.5"), 0, 1
    )


@pytest.mark.parametrize(
    ("listed", "step", "is_likely"),
    [
        # by nine or more
        ("1.4", "1.12", True),
        ("1.4", "1.13", False),
        # by more than a twentieth
        ("1.200", "1.210", True),
        ("1.200", "1.211", False),
        # by more than ever before, there
        ("1.1 1.12", "1.23", True),
        ("1.1 1.12", "1.24", False),
        ("1.1 11.1", "11.11", False),
        ("1.1 1.12 2.0", "2.11", True),
        ("1!1.1 1!1.12", "1!1.23", True),
        # a month or a day
        ("2026.1", "2026.12", True),
        ("2026.1", "2026.13", False),
        ("2026.1.1", "2026.1.31", True),
        ("2026.1.1", "2026.1.32", False),
        ("2026.1.1.1", "2026.1.1.24", True),
        ("1990.1", "1990.12", True),
        ("1989.1", "1989.12", False),
        ("2100.1", "2100.12", True),
        ("2101.1", "2101.12", False),
        ("12.1", "12.12", True),
        ("11.1", "11.12", False),
        ("50.1", "50.12", True),
        ("51.1", "51.12", False),
        ("2026", "2026.12", True),
        ("2026.101", "2026.1231", True),
        ("2026.101", "2026.1232", False),
        ("2026.101", "2026.1301", False),
        ("2026.101", "2026.900", False),
        ("2026.101.1", "2026.101.20", False),
        ("2026.1 1.0", "2026.12", True),
        ("2025.13 2026.1", "2026.12", False),
        ("~2025.13 2026.1", "2026.12", True),
        # a zero put in
        ("0.5", "1.0", True),
        ("0.5", "6.0", False),
        ("0.5", "7.0", True),
        ("0.5", "1.6", True),
        ("0.1.5", "1.6", False),
        ("0.5.0", "5.0.1", True),
        ("0.5.0.0", "5.0.1", False),
        # the dev number
        ("1.dev999", "1.dev99999", True),
        ("1.dev1000", "1.dev99999", True),
        ("1.dev1000", "1.dev100000", False),
        ("1.dev1000", "1.1.dev100000", False),
        ("1.dev1000 1.1.dev20000", "1.2.dev100000", True),
        ("~1.dev1000 1.dev1", "1.dev100000", True),
        ("1.dev1000", "1.post100000", True),
    ],
)
def test_where_the_bounds_are(listed: str, step: str, *, is_likely: bool) -> None:
    found = jump_of(Version(step), _history(listed))

    assert (found is None) is is_likely, found


@pytest.mark.parametrize(
    ("listed", "slip", "meant"),
    [
        ("2.8.1", "2.82", "2.8.2"),
        ("2.8.1", "28.2", "2.8.2"),
        ("2.8.1", "2.8.22", "2.8.2"),
        ("2.8.1", "2.8.12", "2.8.2"),
        ("2.8.9", "2.810", "2.8.10"),
        ("2.8", "2.81", "2.8.1"),
        ("2.8.1", "2.90", "2.9.0"),
        ("2.8.1", "30.0", "3.0.0"),
        ("2.8.1", "2.82.post1", "2.8.2.post1"),
        ("2.8.2rc1", "2.82", "2.8.2"),
        ("1!2.8.1", "1!2.82", "1!2.8.2"),
        ("2.8.1", "2.802", None),
        ("2.8.1", "2.84", None),
        ("2.8.1", "2.8.1234567890", None),
    ],
)
def test_what_was_meant_follows_and_is_one_slip_away(
    listed: str, slip: str, meant: str | None
) -> None:
    found = jump_of(Version(slip), _history(listed))

    assert found is not None
    assert found.meant == (meant and Version(meant))
    assert meant is None or str(found.meant) == meant


# --- what holds for any ------------------------------------------------------------

_SMALL = st.integers(0, 12)
_NUMBERS = st.one_of(
    _SMALL, st.sampled_from([99, 2024, 2026, 20240531]), st.integers(0)
)
_KINDS = st.sampled_from(
    ["", "", "", "a1", "rc2", ".post1", ".dev3", "rc1.dev2", "+cpu", ".dev20240531"]
)


@st.composite
def _versions(draw: st.DrawFn) -> Version:
    """Versions of all kinds, close enough to each other to meet."""
    epoch = draw(st.sampled_from(["", "", "", "1!"]))
    release = draw(st.lists(st.one_of(_SMALL, _NUMBERS), min_size=1, max_size=5))
    return Version(epoch + ".".join(map(str, release)) + draw(_KINDS))


_FILES = st.lists(st.tuples(_versions(), st.booleans()), max_size=12)


@given(_FILES, _versions())
@example([(Version("1!0"), False)], Version("0"))
def test_what_outranks_is_offered_and_higher(
    files: list[tuple[Version, bool]], version: Version
) -> None:
    history = listed_of(files)
    found = outranked_by(version, history)

    assume(found is not None)
    assert found is not None
    assert found.by in history.offered
    assert found.by > public(version)
    assert public(version) not in history.versions
    assert not found.is_lowest or public(version) < history.versions[0]


@given(_FILES, _versions())
def test_what_outranks_stays_the_newest_or_below_it(
    files: list[tuple[Version, bool]], version: Version
) -> None:
    """Whoever is told that a version is lower is never given it by an installer."""
    history = listed_of(files)
    found = outranked_by(version, history)

    if found is not None:
        newest = newest_of(history.offered)
        assert newest_of([*history.offered, public(version)]) == newest


@given(_FILES, _versions())
def test_a_step_begins_at_a_listed_version(
    files: list[tuple[Version, bool]], version: Version
) -> None:
    history = listed_of(files)
    found = jump_of(version, history)

    assume(found is not None)
    assert found is not None
    assert found.predecessor in history.versions
    assert public(version) not in history.versions
    if found.doubt is not Doubt.EPOCH:
        assert found.predecessor < public(version)
        assert found.before < found.after
        between = (v for v in history.versions if v < public(version))
        assert max(between) == found.predecessor
        assert found.meant is None or found.meant < public(version)


@given(_FILES, _versions(), st.randoms(use_true_random=False))
def test_the_order_and_the_local_parts_of_what_is_listed_change_nothing(
    files: list[tuple[Version, bool]], version: Version, chance: random.Random
) -> None:
    history = listed_of(files)
    shuffled = [(Version(f"{v.public}+x.{chance.random():.3f}"), y) for v, y in files]
    chance.shuffle(shuffled)

    assert listed_of(shuffled) == history
    assert jump_of(Version(f"{version.public}+y"), history) == jump_of(version, history)


@given(_FILES)
def test_of_a_listed_version_and_of_a_first_one_nothing_is_said(
    files: list[tuple[Version, bool]],
) -> None:
    history = listed_of(files)
    for version, _ in files:
        assert outranked_by(version, history) is None
        assert jump_of(version, history) is None
        assert outranked_by(version, Listed(())) is None
        assert jump_of(version, Listed(())) is None


@given(st.lists(_NUMBERS, min_size=1, max_size=4), st.data(), _FILES)
def test_one_more_at_any_place_of_the_highest_is_never_doubted(
    release: list[int], data: st.DataObject, files: list[tuple[Version, bool]]
) -> None:
    highest = Version(".".join(map(str, release)))
    history = listed_of(
        [*((v, y) for v, y in files if public(v) < highest), (highest, False)]
    )
    place = data.draw(st.integers(0, len(release)))
    raised = [*release, 0][: place + 1]
    raised[place] += 1
    kind = data.draw(st.sampled_from(["", "a1", "rc1", ".dev1", ".post1"]))
    version = Version(".".join(map(str, raised)) + kind)

    assert outranked_by(version, history) is None
    assert jump_of(version, history) is None


@given(st.integers(1, 11), st.integers(1, 400), st.integers(0, 400))
def test_a_dot_left_out_of_the_next_patch_is_told_with_what_was_meant(
    major: int, minor: int, patch: int
) -> None:
    predecessor = Version(f"{major}.{minor}.{patch}")
    history = Listed((Version(f"{major}.0.0"), predecessor))
    found = jump_of(Version(f"{major}.{minor}{patch + 1}"), history)

    assert found is not None
    assert found.doubt in (Doubt.LARGE, Doubt.YEAR)
    assert found.meant == Version(f"{major}.{minor}.{patch + 1}")


@given(st.integers(1, 400), st.integers(1, 400))
def test_a_leading_zero_left_out_of_the_next_patch_is_told_with_what_was_meant(
    minor: int, patch: int
) -> None:
    history = Listed((Version(f"0.{minor}.{patch}"),))
    found = jump_of(Version(f"{minor}.{patch + 1}"), history)

    assert found is not None
    assert found.meant == Version(f"0.{minor}.{patch + 1}")


_CALENDARS = (
    "%Y.%m %Y.%m.%d %Y.%m%d %Y%m%d %y.%m %y.%m.%d 1.%Y%m%d 1.4.2.%Y%m%d 1.dev%Y%m%d"
)


@pytest.mark.parametrize("form", _CALENDARS.split())
@given(
    st.dates(min_value=date(2012, 1, 1), max_value=date(2040, 1, 1)),
    st.integers(1, 8 * 365),
)
def test_a_calendar_goes_on_undoubted(form: str, day: date, later: int) -> None:
    listed = Version(f"{day:{form}}")
    new = Version(f"{day + timedelta(days=later):{form}}")

    assert jump_of(new, Listed((listed,))) is None
    assert outranked_by(new, Listed((listed,))) is None


@given(st.lists(st.integers(1, 900), min_size=2, max_size=20), st.integers(0, 900))
def test_builds_that_are_counted_go_on_undoubted(steps: list[int], step: int) -> None:
    """Once so many were skipped, as many may be skipped again."""
    builds = [sum(steps[:count]) for count in range(len(steps) + 1)]
    history = listed_of((Version(f"1.4.{build}"), False) for build in builds)
    new = Version(f"1.4.{builds[-1] + min(step, max(steps))}")

    assert jump_of(new, history) is None
    assert outranked_by(new, history) is None


# --- what a release is compared with ----------------------------------------------


@pytest.mark.parametrize(
    ("listed", "version", "previous"),
    [
        pytest.param("", "1.0", None, id="a first release with nothing"),
        pytest.param("1.0 1.1 1.2", "1.3", "1.2", id="the next one with the newest"),
        pytest.param("1.0 1.1", "1.1", "1.0", id="a listed one with the one before"),
        pytest.param("1.1 2.0", "1.0", None, id="one below all with nothing"),
        pytest.param(
            "4.2.17 5.0.4 5.1.4", "4.2.18", "4.2.17", id="a patch of an old series"
        ),
        pytest.param("1.9 2.0 2.1", "1.10", "1.9", id="a minor of an old major"),
        pytest.param("1.9 2.0", "2.0.post1", "2.0", id="a post-release with its own"),
        pytest.param("1.0 ~1.1 ~1.2", "1.3", "1.0", id="never with a yanked one"),
        pytest.param("1.9 2.0rc1 2.0rc2", "2.0", "1.9", id="a final with the last one"),
        pytest.param("1.9", "2.0a1", "1.9", id="the first alpha with the last final"),
        pytest.param("1.9 2.0a1", "2.0.0b1", "2.0a1", id="a beta with its alpha"),
        pytest.param("1.9 2.0a1", "2.1a1", "1.9", id="no alpha with that of another"),
        pytest.param("0.48b0 0.49b0", "0.50b0", "0.49b0", id="a beta among betas"),
        pytest.param("0.9b1", "1.0", "0.9b1", id="a first final with the last beta"),
        pytest.param("1.0+cpu 1.1+cpu", "1.1+cu118", "1.0", id="without local parts"),
        pytest.param("2024.1", "1!1.0", "2024.1", id="across an epoch"),
        pytest.param("2.0.dev1 1!1.0", "1!2.0.dev2", "1!1.0", id="dev of no old epoch"),
    ],
)
def test_a_release_is_compared_with_the_last_one_below_it(
    listed: str, version: str, previous: str | None
) -> None:
    found = previous_release(Version(version), _history(listed))

    assert found == (None if previous is None else Version(previous))


def test_the_last_release_comes_with_its_files_that_are_not_yanked() -> None:
    page = listing(
        indexed("demo-1.0.tar.gz"),
        indexed("demo-1.0+cpu-py3-none-any.whl"),
        indexed("demo-1.0-py3-none-any.whl", yanked=True),
        indexed("demo-1.1.tar.gz", yanked=True),
        indexed("notes.txt", version=None),
    )

    last = last_release(Version("1.2"), page)

    assert last is not None
    assert str(last.version) == "1.0"
    names = [file.filename for file in last.files]
    assert names == ["demo-1.0.tar.gz", "demo-1.0+cpu-py3-none-any.whl"]
    assert last_release(Version("1.0"), page) is None

"""How what an index lists differs from what it should list."""

from __future__ import annotations

import pytest
from builders import (
    SDIST,
    WHEEL,
    expected,
    expected_file,
    indexed,
    listing,
    publication,
    served,
    sha256,
    surroundings,
    view,
)

from release_guard import comparison
from release_guard.comparison import Change, Difference, DiffLine, Lag, Move
from release_guard.facts import (
    ExpectedFile,
    ExpectedRelease,
    IndexedFile,
    Publication,
    Served,
    Surroundings,
    View,
)

OLD = "demo-0.9.tar.gz"
LATER = "demo-1.0-cp313-cp313-win_amd64.whl"
OTHER = sha256("other bytes")
BOTH = (SDIST, WHEEL)


# --- a release --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("listed", "missing"),
    [
        pytest.param(BOTH, (), id="all are there"),
        pytest.param((WHEEL, OLD), (SDIST,), id="one is not there"),
        pytest.param((), BOTH, id="an empty page"),
        pytest.param((WHEEL, "Demo-1.0.tar.gz"), (SDIST,), id="in other letters"),
        pytest.param((WHEEL, "demo-1.0.0.tar.gz"), (SDIST,), id="spelled otherwise"),
        pytest.param((WHEEL, f"1{SDIST}"), (SDIST,), id="a name that ends alike"),
    ],
)
def test_missing_is_what_is_not_listed_by_its_exact_name(
    listed: tuple[str, ...], missing: tuple[str, ...]
) -> None:
    found = comparison.missing(expected(), listing(*listed))

    assert tuple(file.filename for file in found) == missing


def test_pairs_are_the_expected_files_that_are_listed_in_the_manifests_order() -> None:
    release = expected(WHEEL, LATER, SDIST)

    found = comparison.pairs(release, listing(OLD, SDIST, WHEEL))

    assert [(file.filename, listed.filename) for file, listed in found] == [
        (WHEEL, WHEEL),
        (SDIST, SDIST),
    ]


@pytest.mark.parametrize(
    ("listed", "altered"),
    [
        pytest.param(indexed(SDIST), (), id="the same bytes"),
        pytest.param(indexed(SDIST, size=None), (), id="no size is no difference"),
        pytest.param(
            indexed(SDIST, sha256=OTHER),
            (Difference(SDIST, "sha256", sha256(SDIST), OTHER),),
            id="another hash",
        ),
        pytest.param(
            indexed(SDIST, sha256=OTHER, size=1),
            (Difference(SDIST, "sha256", sha256(SDIST), OTHER),),
            id="another hash and another size are told once",
        ),
        pytest.param(
            indexed(SDIST, sha256=None), (), id="no hash, and nothing was fetched yet"
        ),
        pytest.param(
            indexed(SDIST, sha256=None, size=1),
            (Difference(SDIST, "size", 1000, 1),),
            id="no hash, and another size",
        ),
        pytest.param(
            indexed(SDIST, size=0),
            (Difference(SDIST, "size", 1000, 0),),
            id="the right hash, and no bytes",
        ),
        pytest.param(indexed(OLD, sha256=OTHER), (), id="of another version"),
    ],
)
def test_altered_is_what_is_listed_with_other_bytes(
    listed: IndexedFile, altered: tuple[Difference, ...]
) -> None:
    assert comparison.altered(expected(), listing(listed, WHEEL)) == altered


@pytest.mark.parametrize(
    ("listed", "yanked"),
    [
        pytest.param(indexed(SDIST, yanked=False), (), id="not"),
        pytest.param(indexed(SDIST, yanked=None), (), id="not said"),
        pytest.param(indexed(SDIST, yanked=True), (SDIST,), id="yanked"),
        pytest.param(indexed(OLD, yanked=True), (), id="an old one is no matter"),
        pytest.param(indexed(LATER, yanked=True), (), id="nor is one nobody expects"),
    ],
)
def test_yanked_are_the_expected_files_that_are_withdrawn(
    listed: IndexedFile, yanked: tuple[str, ...]
) -> None:
    found = comparison.yanked(expected(), listing(listed, WHEEL))

    assert tuple(file.filename for file in found) == yanked


@pytest.mark.parametrize(
    ("listed", "is_unexpected"),
    [
        pytest.param(SDIST, False, id="an expected file"),
        pytest.param(LATER, True, id="another wheel of the version"),
        pytest.param("demo-1.0-1-py3-none-any.whl", True, id="a build number more"),
        pytest.param("demo-1.0.0.tar.gz", True, id="the version spelled otherwise"),
        pytest.param("demo-1.0.zip", True, id="an sdist of another format"),
        pytest.param("DEMO-1.0.tar.gz", True, id="the project spelled otherwise"),
        pytest.param("demo-1.0.tar.bz2", True, id="an sdist of earlier days"),
        pytest.param("demo-1.0-py3.13.egg", True, id="an egg"),
        pytest.param("demo-1.0-win32.exe", True, id="an installer of earlier days"),
        pytest.param("demo-1.0.win32.exe", True, id="one of them, written with a dot"),
        pytest.param("demo-1.0.1.exe", False, id="an installer of another version"),
        pytest.param(
            "other-1.0-win32.exe", False, id="an installer of another project"
        ),
        pytest.param("demo-1.0.1.tar.gz", False, id="a version that begins alike"),
        pytest.param("demo-1.0.post1.tar.gz", False, id="its post version"),
        pytest.param("demo-1.0rc1.tar.gz", False, id="its release candidate"),
        pytest.param("demo-1.0+local.tar.gz", False, id="its local version"),
        pytest.param("demo-1!1.0.tar.gz", False, id="another epoch"),
        pytest.param(OLD, False, id="an older version"),
        pytest.param("demo-11.0.tar.gz", False, id="a version that ends alike"),
    ],
)
def test_unexpected_is_each_file_of_this_version_that_nobody_expects(
    listed: str, *, is_unexpected: bool
) -> None:
    release = expected(SDIST, WHEEL, before={})

    found = comparison.unexpected(Publication(release, listing(WHEEL, listed)))

    assert [file.filename for file in found] == ([listed] if is_unexpected else [])


def test_a_file_that_was_there_before_is_not_unexpected() -> None:
    release = expected(before={LATER: None})

    assert comparison.unexpected(Publication(release, listing(*BOTH, LATER))) == ()
    assert comparison.unexpected(Publication(expected(), listing(*BOTH, LATER))) != ()


def _described(
    wanted: str | None, told: str | None, filename: str = WHEEL
) -> tuple[Difference, ...]:
    """What differs where the file's Requires-Python and the index's are these."""
    release = expected(expected_file(filename, requires_python=wanted))
    after = listing(indexed(filename, requires_python=told))
    return comparison.described_otherwise(release, after)


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        pytest.param(">=3.9", ">=3.9", id="the same"),
        pytest.param(">=3.9, <4", "<4,>=3.9", id="in another order"),
        pytest.param(">= 3.9", ">=3.9", id="with a space"),
        pytest.param(">=3.9", None, id="the index does not say"),
        pytest.param(None, ">=3.9", id="the manifest does not say"),
        pytest.param("", "", id="neither has any"),
        pytest.param("three", "three", id="no specifier, and the same one"),
        pytest.param(f">={'9' * 5000}", f">={'9' * 5000}", id="too large for a number"),
    ],
)
def test_one_requires_python_is_no_difference(
    wanted: str | None, told: str | None
) -> None:
    assert _described(wanted, told) == ()


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        pytest.param(">=3.9", ">=3.10", id="another bound"),
        pytest.param(">=3.9", "", id="the index says that there is none"),
        pytest.param("", ">=3.9", id="the file has none"),
        pytest.param(">=3.9", "three", id="the index says no specifier"),
        pytest.param(">=3.9", f">={'9' * 5000}", id="too large for a number"),
        pytest.param("three", ">=3.9", id="the file says no specifier"),
    ],
)
def test_another_requires_python_is_a_difference(wanted: str, told: str) -> None:
    assert _described(wanted, told) == (
        Difference(WHEEL, "Requires-Python", wanted, told),
    )


META = sha256("the metadata")
META_DIFFERS = (Difference(WHEEL, "core metadata's sha256", META, OTHER),)


@pytest.mark.parametrize(
    ("wanted", "told", "found"),
    [
        pytest.param(META, META, (), id="the same"),
        pytest.param(META, OTHER, META_DIFFERS, id="another"),
        pytest.param(META, None, (), id="the index serves none"),
        pytest.param(META, "", (), id="the index serves it without a hash"),
        pytest.param(None, OTHER, (), id="the manifest does not say"),
    ],
)
def test_the_metadata_beside_a_file_is_compared_where_both_have_a_hash(
    wanted: str | None, told: str | None, found: tuple[Difference, ...]
) -> None:
    release = expected(expected_file(WHEEL, metadata_sha256=wanted))
    after = listing(indexed(WHEEL, metadata_sha256=told))

    assert comparison.described_otherwise(release, after) == found


def test_a_file_may_differ_in_both_and_one_that_is_not_listed_in_none() -> None:
    said = {"requires_python": ">=3.9", "metadata_sha256": META}
    release = expected(expected_file(SDIST, **said), expected_file(WHEEL, **said))
    after = listing(indexed(WHEEL, requires_python="", metadata_sha256=OTHER))

    found = comparison.described_otherwise(release, after)

    assert found == (Difference(WHEEL, "Requires-Python", ">=3.9", ""), *META_DIFFERS)


# --- what was served ----------------------------------------------------------------

MD5 = (("md5", "0" * 32),)


@pytest.mark.parametrize(
    "file",
    [
        pytest.param(served(), id="the same bytes"),
        pytest.param(
            served(other_hashes=MD5, listed=indexed(WHEEL, other_hashes=MD5)),
            id="as its other hash says",
        ),
        pytest.param(
            served(other_hashes=MD5), id="a hash that the index does not give"
        ),
        pytest.param(
            served(listed=indexed(WHEEL, other_hashes=MD5)),
            id="a hash that was not made",
        ),
        pytest.param(served(metadata_sha256=META), id="metadata that nobody knows"),
        pytest.param(
            served(metadata_sha256=META, listed=indexed(WHEEL, metadata_sha256=META)),
            id="metadata as listed",
        ),
        pytest.param(
            served(listed=indexed(WHEEL, metadata_sha256=META)),
            id="metadata that was not fetched",
        ),
        pytest.param(
            served(sha256="", size=0, problem="answers 404"),
            id="what was not served has no other bytes",
        ),
    ],
)
def test_a_download_as_expected_differs_in_nothing(file: Served) -> None:
    assert comparison.served_otherwise(file) == ()


def _expects_metadata() -> ExpectedFile:
    return expected_file(WHEEL, metadata_sha256=META)


@pytest.mark.parametrize(
    ("file", "found"),
    [
        pytest.param(
            served(sha256=OTHER),
            [Difference(WHEEL, "sha256", sha256(WHEEL), OTHER)],
            id="other bytes, and as many",
        ),
        pytest.param(
            served(sha256=OTHER, size=999),
            [
                Difference(WHEEL, "sha256", sha256(WHEEL), OTHER),
                Difference(WHEEL, "size", 1000, 999),
            ],
            id="other bytes, and fewer",
        ),
        pytest.param(
            served(
                other_hashes=MD5,
                listed=indexed(WHEEL, other_hashes=(("md5", "f" * 32),)),
            ),
            [Difference(WHEEL, "md5", "f" * 32, "0" * 32)],
            id="the right bytes, and a listing that gives another md5",
        ),
        pytest.param(
            served(metadata_sha256=OTHER, expect=_expects_metadata()),
            list(META_DIFFERS),
            id="other metadata than the file's own",
        ),
        pytest.param(
            served(
                metadata_sha256=OTHER,
                expect=_expects_metadata(),
                listed=indexed(WHEEL, metadata_sha256=""),
            ),
            list(META_DIFFERS),
            id="other metadata, of which the index gives no hash",
        ),
        pytest.param(
            served(
                metadata_sha256=META,
                expect=_expects_metadata(),
                listed=indexed(WHEEL, metadata_sha256=OTHER),
            ),
            [Difference(WHEEL, "core metadata's sha256", OTHER, META)],
            id="the file's own metadata, which the listing does not name",
        ),
    ],
)
def test_a_download_differs_from_what_is_expected_or_listed(
    file: Served, found: list[Difference]
) -> None:
    assert list(comparison.served_otherwise(file)) == found


# --- the rest of the project --------------------------------------------------------


@pytest.mark.parametrize(
    ("rest", "moves"),
    [
        pytest.param(surroundings(OLD, *BOTH), [], id="only the release is new"),
        pytest.param(surroundings(OLD), [], id="the release is not there yet"),
        pytest.param(
            surroundings(*BOTH),
            [Move(OLD, Change.GONE, sha256(OLD))],
            id="an old file is gone",
        ),
        pytest.param(
            surroundings(indexed(OLD, sha256=OTHER), *BOTH),
            [Move(OLD, Change.ALTERED, sha256(OLD), OTHER)],
            id="an old file has other bytes",
        ),
        pytest.param(
            surroundings(indexed(OLD, sha256=None), *BOTH),
            [Move(OLD, Change.ALTERED, sha256(OLD))],
            id="an old file has no hash any more",
        ),
        pytest.param(
            surroundings(OLD, *BOTH, before={OLD: None}),
            [],
            id="an old file had no hash",
        ),
        pytest.param(
            surroundings(indexed(OLD, yanked=True), *BOTH), [], id="an old yank"
        ),
        pytest.param(
            surroundings(OLD, *BOTH, "demo-2.0.tar.gz", "demo-latest.tar.gz"),
            [
                Move("demo-2.0.tar.gz", Change.ADDED, None, sha256("demo-2.0.tar.gz")),
                Move(
                    "demo-latest.tar.gz",
                    Change.ADDED,
                    None,
                    sha256("demo-latest.tar.gz"),
                ),
            ],
            id="another version came, and a file of none",
        ),
        pytest.param(
            surroundings(OLD, *BOTH, LATER, "demo-1.0-win32.exe"),
            [],
            id="of strangers in the own version another one speaks",
        ),
        pytest.param(
            surroundings(*BOTH, before={SDIST: OTHER}), [], id="an earlier try"
        ),
        pytest.param(
            surroundings(*BOTH, before={LATER: sha256(LATER)}),
            [Move(LATER, Change.GONE, sha256(LATER))],
            id="an old file of the own version is gone",
        ),
        pytest.param(
            surroundings(
                OLD,
                "demo-2.0.tar.gz",
                *BOTH,
                releases=(expected(), expected("demo-2.0.tar.gz", version="2.0")),
            ),
            [],
            id="two releases at once",
        ),
    ],
)
def test_moved_is_what_changed_outside_of_the_new_releases(
    rest: Surroundings, moves: list[Move]
) -> None:
    assert list(comparison.moved(rest)) == moves


@pytest.mark.parametrize(
    "stranger",
    ["demo-1.0.zip", "demo-1.0-win32.exe", "demo-2.0.tar.gz", "demo-latest.tar.gz"],
)
def test_each_file_too_much_is_told_once_as_unexpected_or_as_moved(
    stranger: str,
) -> None:
    release = expected(before={})
    rest = surroundings(*BOTH, stranger, before={}, releases=(release,))

    told = [
        *(f.filename for f in comparison.unexpected(Publication(release, rest.after))),
        *(move.filename for move in comparison.moved(rest)),
    ]

    assert told == [stranger]


# --- the diff -----------------------------------------------------------------------


def _marks(
    what: Publication | None = None, rest: Surroundings | None = None
) -> list[tuple[str, str, str]]:
    lines = comparison.diff([what] if what else [], [rest] if rest else [])
    return [(line.mark, line.subject, line.says) for line in lines]


def _before(before: dict[str, str | None] | None) -> ExpectedRelease:
    return expected(
        expected_file(SDIST), expected_file(WHEEL, requires_python=""), before=before
    )


WRONG = "has another sha256"


@pytest.mark.parametrize(
    ("what", "line"),
    [
        pytest.param(
            publication(SDIST, WHEEL, of=_before({})),
            ("+", WHEEL, "as expected"),
            id="came",
        ),
        pytest.param(
            publication(SDIST, WHEEL, of=_before({WHEEL: None})),
            ("=", WHEEL, "was there already, as expected"),
            id="was there already",
        ),
        pytest.param(
            publication(SDIST, WHEEL, of=_before(None)),
            ("=", WHEEL, "is listed, as expected"),
            id="nobody knows what was there",
        ),
        pytest.param(
            publication(SDIST, of=_before({})),
            ("-", WHEEL, "expected, and not listed"),
            id="is not there",
        ),
        pytest.param(
            publication(SDIST, of=_before({WHEEL: sha256(WHEEL)})),
            ("-", WHEEL, "expected, and not listed"),
            id="was there, and is gone",
        ),
        pytest.param(
            publication(SDIST, indexed(WHEEL, sha256=OTHER), of=_before({})),
            ("!", WHEEL, WRONG),
            id="other bytes",
        ),
        pytest.param(
            publication(SDIST, indexed(WHEEL, size=1), of=_before({})),
            ("!", WHEEL, "has another size"),
            id="another size",
        ),
        pytest.param(
            publication(SDIST, indexed(WHEEL, yanked=True), of=_before({})),
            ("!", WHEEL, "is yanked"),
            id="yanked",
        ),
        pytest.param(
            publication(SDIST, indexed(WHEEL, requires_python=">=4"), of=_before({})),
            ("!", WHEEL, "is listed with another Requires-Python"),
            id="told otherwise",
        ),
        pytest.param(
            publication(
                SDIST,
                indexed(WHEEL, yanked=True, requires_python=">=4", sha256=OTHER),
                of=_before({}),
            ),
            ("!", WHEEL, WRONG),
            id="of several the worst",
        ),
    ],
)
def test_each_expected_file_is_one_line_of_the_diff(
    what: Publication, line: tuple[str, str, str]
) -> None:
    first, second = _marks(what)

    assert first[1] == SDIST
    assert first[0] in "+="
    assert second == line


def test_a_stranger_is_a_line_behind_the_expected_files() -> None:
    lines = _marks(publication(*BOTH, LATER, OLD))

    assert lines[2:] == [("+", LATER, "nobody expected it")]


def test_of_the_rest_what_moved_is_told_and_the_others_are_counted() -> None:
    old = {f"demo-0.{number}.tar.gz": sha256("x") for number in range(5)}
    names = list(old)
    same = [indexed(name, sha256=sha256("x")) for name in names[2:]]
    changed = indexed(names[1], sha256=OTHER)

    rest = surroundings(
        *same, changed, "demo-2.0.tar.gz", *BOTH, before=old | {SDIST: None}
    )

    assert _marks(rest=rest) == [
        ("-", "demo-0.0.tar.gz", "was listed before, and is gone"),
        ("!", "demo-0.1.tar.gz", "has other bytes than before"),
        ("+", "demo-2.0.tar.gz", "came, and is of no release of this manifest"),
        ("=", "demo", "3 other file(s), as they were before"),
    ]


def test_of_files_that_had_no_hash_nothing_more_is_said_than_that_they_are_listed() -> (
    None
):
    before = {OLD: sha256(OLD), "demo-0.8.tar.gz": None, "demo-0.7.tar.gz": None}
    without = {name: None for name in before if name != OLD}

    lines = _marks(rest=surroundings(*before, before=before))
    alone = _marks(rest=surroundings(*without, before=without))

    bare = ("=", "demo", "2 other file(s) still listed; they had no hash to compare")
    assert lines == [("=", "demo", "1 other file(s), as they were before"), bare]
    assert alone == [bare]


def test_of_a_first_release_there_is_no_rest_to_tell() -> None:
    assert _marks(rest=surroundings(*BOTH, before={})) == []


def test_the_diff_tells_the_releases_and_then_the_rest_of_their_projects() -> None:
    later = "demo-2.0.tar.gz"
    first = publication(SDIST, of=expected(SDIST, before={}))
    second = publication(of=expected(later, version="2.0", before={}))

    lines = comparison.diff([first, second], [surroundings(OLD), surroundings()])

    assert lines == (
        DiffLine("+", SDIST, "as expected"),
        DiffLine("-", later, "expected, and not listed"),
        DiffLine("=", "demo", "1 other file(s), as they were before"),
        DiffLine("-", OLD, "was listed before, and is gone"),
    )


# --- the endpoints ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("other", "lag"),
    [
        pytest.param(view(*BOTH), None, id="the same"),
        pytest.param(view(SDIST, (WHEEL, None)), None, id="no hash is no difference"),
        pytest.param(view(SDIST), Lag((WHEEL,), (), ()), id="one is not there"),
        pytest.param(view(), Lag((WHEEL, SDIST), (), ()), id="none is there"),
        pytest.param(view(*BOTH, LATER), Lag((), (LATER,), ()), id="one more"),
        pytest.param(
            view(SDIST, (WHEEL, OTHER)), Lag((), (), (WHEEL,)), id="another hash"
        ),
        pytest.param(
            view((SDIST, OTHER), LATER),
            Lag((WHEEL,), (LATER,), (SDIST,)),
            id="all at once",
        ),
    ],
)
def test_endpoints_lag_by_what_they_lack_have_and_say_otherwise(
    other: View, lag: Lag | None
) -> None:
    assert comparison.lag_of(view(*BOTH), other) == lag


def test_a_hash_that_the_first_endpoint_does_not_give_is_no_difference() -> None:
    assert comparison.lag_of(view((SDIST, None)), view((SDIST, OTHER))) is None

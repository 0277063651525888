"""What became of a release, in one word: each word, and which of two comes first."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import pytest
from builders import (
    SDIST,
    WHEEL,
    endpoints,
    expected,
    expected_file,
    indexed,
    publication,
    served,
    sha256,
    surroundings,
    view,
)

from release_guard.facts import (
    QUARANTINED,
    Endpoints,
    IndexedFile,
    Publication,
    Served,
    Surroundings,
)
from release_guard.states import State, state_of

OLD = "demo-0.9.tar.gz"
LATER = "demo-1.0-cp313-cp313-win_amd64.whl"
OTHER = sha256("other bytes")
BOTH = (SDIST, WHEEL)
EARLIER = "an earlier answer"


@dataclass(frozen=True)
class Seen:
    """All that a state is made of."""

    publication: Publication
    surroundings: Surroundings | None = None
    endpoints: Endpoints | None = None
    served: tuple[Served, ...] = ()

    @property
    def state(self) -> State:
        return state_of(
            self.publication, self.surroundings, self.endpoints, self.served
        )


_AGREE = endpoints(view(*BOTH), view(*BOTH, name="the listing as HTML"))
_DISAGREE = endpoints(view(*BOTH), view(*BOTH), view(SDIST, name="the JSON page"))

STATES: dict[str, tuple[Seen, State]] = {
    "all is listed, and nothing else is known": (
        Seen(publication(*BOTH)),
        State.EXACT,
    ),
    "all is as it should be, wherever one looks": (
        Seen(
            publication(*BOTH, OLD),
            surroundings(OLD, *BOTH),
            _AGREE,
            (served(SDIST), served(WHEEL)),
        ),
        State.EXACT,
    ),
    "an archived project": (
        Seen(publication(*BOTH, status="archived")),
        State.CHANGED_ELSEWHERE,
    ),
    "one other file, in another version, which no listing before tells of": (
        Seen(publication(*BOTH, "demo-2.0.tar.gz")),
        State.EXACT,
    ),
    "a file that was seen before, and is listed": (
        Seen(publication(*BOTH, seen={SDIST: EARLIER})),
        State.EXACT,
    ),
    "the index sends on to another one": (
        Seen(publication(known=False, elsewhere="https://other.example/")),
        State.NOT_THIS_INDEX,
    ),
    "the index does not know the project": (
        Seen(publication(known=False)),
        State.MISSING,
    ),
    "an empty page": (Seen(publication()), State.MISSING),
    "one file is not listed": (Seen(publication(SDIST)), State.MISSING),
    "one is missing, and another late": (
        Seen(publication(seen={SDIST: EARLIER})),
        State.MISSING,
    ),
    "an earlier answer listed the one that this one does not": (
        Seen(publication(SDIST, seen={WHEEL: EARLIER})),
        State.LATE,
    ),
    "another endpoint lists all": (
        Seen(publication(seen=dict.fromkeys(BOTH, "the release's JSON page"))),
        State.LATE,
    ),
    "a file that was seen is no other file": (
        Seen(publication(SDIST, seen={SDIST: EARLIER, LATER: EARLIER})),
        State.MISSING,
    ),
    "other bytes are listed": (
        Seen(publication(SDIST, indexed(WHEEL, sha256=OTHER))),
        State.ALTERED,
    ),
    "other bytes are served": (
        Seen(publication(*BOTH), served=(served(SDIST), served(WHEEL, sha256=OTHER))),
        State.ALTERED,
    ),
    "what is listed cannot be had": (
        Seen(publication(*BOTH), served=(served(sha256="", problem="answers 404"),)),
        State.UNREACHABLE,
    ),
    "a file that nobody expected": (
        Seen(publication(*BOTH, LATER)),
        State.UNEXPECTED,
    ),
    "an expected file is yanked": (
        Seen(publication(SDIST, indexed(WHEEL, yanked=True))),
        State.YANKED,
    ),
    "an old file is yanked": (
        Seen(publication(*BOTH, indexed(OLD, yanked=True))),
        State.EXACT,
    ),
    "another version has changed": (
        Seen(publication(*BOTH), surroundings(*BOTH)),
        State.CHANGED_ELSEWHERE,
    ),
    "the project is held back, and lists its files": (
        Seen(publication(*BOTH, status=QUARANTINED)),
        State.MISSING,
    ),
    "the project is held back, and was seen before": (
        Seen(publication(status=QUARANTINED, seen=dict.fromkeys(BOTH, EARLIER))),
        State.MISSING,
    ),
    "another Requires-Python": (
        Seen(
            publication(
                indexed(WHEEL, requires_python=">=4"),
                of=expected(expected_file(WHEEL, requires_python=">=3.9")),
            )
        ),
        State.METADATA_DIFFERS,
    ),
    "an endpoint lags behind": (
        Seen(publication(*BOTH), endpoints=_DISAGREE),
        State.INCONSISTENT,
    ),
    "another endpoint lists a stranger": (
        Seen(
            publication(*BOTH),
            endpoints=endpoints(
                view(*BOTH), view(*BOTH, "demo-1.0-1-py3-none-any.whl")
            ),
        ),
        State.UNEXPECTED,
    ),
    "another endpoint lists other bytes": (
        Seen(
            publication(*BOTH),
            endpoints=endpoints(view(*BOTH), view(WHEEL, (SDIST, "0" * 64))),
        ),
        State.ALTERED,
    ),
    "another endpoint gives no hash": (
        Seen(
            publication(*BOTH),
            endpoints=endpoints(view(*BOTH), view(WHEEL, (SDIST, None))),
        ),
        State.EXACT,
    ),
    "there is one endpoint": (
        Seen(publication(*BOTH), endpoints=endpoints(view(SDIST))),
        State.EXACT,
    ),
}


@pytest.mark.parametrize(("seen", "state"), STATES.values(), ids=STATES)
def test_the_state_is_one_word(seen: Seen, state: State) -> None:
    assert seen.state is state


#: What a look that learned nothing, and what the job adds to the listing.
OF_THE_JOB = {State.UNREADABLE, State.STALE, State.UNATTESTED, State.UNPROVEN}


def test_every_state_that_a_publication_can_be_in_has_a_case() -> None:
    assert {state for _, state in STATES.values()} == set(State) - OF_THE_JOB


def _wrong(*states: State) -> Seen:
    """A publication with all that these states are of wrong at once."""
    sdist = expected_file(SDIST)
    wheel = expected_file(WHEEL, requires_python=">=3.9")
    third, fourth = expected_file(f"3{SDIST}"), expected_file(f"4{SDIST}")
    is_so = set(states).__contains__
    listed: list[IndexedFile] = [
        indexed(SDIST, yanked=is_so(State.YANKED)),
        indexed(
            WHEEL,
            sha256=OTHER if is_so(State.ALTERED) else sha256(WHEEL),
            requires_python=">=4" if is_so(State.METADATA_DIFFERS) else ">=3.9",
        ),
    ]
    listed += [] if is_so(State.MISSING) else [indexed(third.filename)]
    listed += [] if is_so(State.LATE) else [indexed(fourth.filename)]
    listed += [indexed(LATER)] if is_so(State.UNEXPECTED) else []
    problem = "answers 404" if is_so(State.UNREACHABLE) else ""
    return Seen(
        publication(
            *listed,
            of=expected(sdist, wheel, third, fourth),
            seen={fourth.filename: EARLIER},
            elsewhere="https://other.example/" if is_so(State.NOT_THIS_INDEX) else "",
        ),
        surroundings(*([] if is_so(State.CHANGED_ELSEWHERE) else [OLD])),
        _DISAGREE if is_so(State.INCONSISTENT) else _AGREE,
        (served(SDIST, problem=problem),),
    )


#: Which is told of two that are so; the last is that none is.
ORDER = (
    State.NOT_THIS_INDEX,
    State.ALTERED,
    State.UNEXPECTED,
    State.YANKED,
    State.CHANGED_ELSEWHERE,
    State.MISSING,
    State.LATE,
    State.UNREACHABLE,
    State.METADATA_DIFFERS,
    State.INCONSISTENT,
    State.EXACT,
)


@pytest.mark.parametrize(
    ("first", "second"), [*itertools.combinations_with_replacement(ORDER, 2)]
)
def test_of_two_states_the_worse_is_told(first: State, second: State) -> None:
    assert _wrong(first, second).state is first


def test_of_all_states_at_once_the_worst_is_told() -> None:
    for number, state in enumerate(ORDER):
        assert _wrong(*ORDER[number:]).state is state


def test_the_order_is_the_one_in_which_the_states_are_declared() -> None:
    declared = [state for state in State if state in ORDER]
    declared.remove(State.UNREACHABLE)

    assert declared == [state for state in ORDER if state is not State.UNREACHABLE]


def test_a_served_file_is_judged_beside_a_listing_that_is_not_complete() -> None:
    seen = Seen(publication(WHEEL), served=(served(WHEEL, size=1, sha256=OTHER),))

    assert seen.state is State.ALTERED
    assert replace(seen, served=()).state is State.MISSING

"""No sequence of faults and answers brings ``verify`` to a false pass, to an exception,
or past its deadline.

Sequences are drawn at random, always the same ones. ``--sequences`` says how many;
``make test-index`` takes a thousand. Each is played by a real server on a loopback
port: pauses take no time, requests take what they take.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

import pytest
from archives import within
from hypothesis import HealthCheck, Phase, given, seed, settings
from hypothesis import strategies as st
from misbehaving import (
    HTML,
    JSON,
    OLD,
    File,
    Index,
    anchor,
    chunked,
    entry,
    files_of,
    http_answer,
    indexes,
    manifest,
    page,
    page_of,
    project_json,
    release_json,
    slowly,
    stalling,
    zipped,
)
from servers import Answer, Reply, raw, redirect

from release_guard.findings import Look, Report
from release_guard.jobs.common import Job
from release_guard.jobs.verify import Expectation, Proof, verify
from release_guard.policy import (
    IndexSettings,
    Overrides,
    Policy,
    PolicyFile,
    resolve,
)
from release_guard.sources.web import Web

#: One request's time-out, in seconds, which really pass.
WHOLE = 0.3
#: What a loaded machine may add; a second time-out would be more.
SLACK = 0.25
WEB = Web({}, connect=1, read=0.15, whole=WHOLE, whole_file=WHOLE, largest=1 << 20)

#: What a slow answer takes.
SLOW = 0.12

# --- a sequence --------------------------------------------------------------------


@dataclass(frozen=True)
class Step:
    """One answer of an index, and what it says of itself."""

    word: str
    is_cached: bool = False
    serial: int | None = None
    in_html: bool = False
    is_slow: bool = False


@dataclass(frozen=True)
class Sequence:
    """What an index answers of each project, and what is asked of it.

    ``files`` is what happens to who fetches one, and ``endpoints`` what the other
    endpoints of Warehouse say, where the index has them.
    """

    steps: Mapping[str, tuple[Step, ...]]
    timeout: float
    before: tuple[File, ...] | None = None
    files: str = "there"
    endpoints: str = ""
    download: bool = False
    strict: bool = False


def altered(file: File) -> File:
    """A file of that name with other bytes."""
    return File(file.filename, file.content.swapcase() + b"!")


#: What is listed of a release: of its files, and of those that were there before.
LISTED: dict[str, Callable[[File, File, list[File]], list[File]]] = {
    "all": lambda wheel, sdist, old: [*old, wheel, sdist],
    "all, in another order": lambda wheel, sdist, old: [sdist, wheel, *old],
    "the wheel": lambda wheel, sdist, old: [*old, wheel],
    "the sdist": lambda wheel, sdist, old: [sdist, *old],
    "what was before": lambda wheel, sdist, old: old,
    "nothing": lambda wheel, sdist, old: [],
    "other bytes": lambda wheel, sdist, old: [*old, altered(wheel), sdist],
    "other bytes alone": lambda wheel, sdist, old: [*old, altered(wheel)],
    "a file more": lambda wheel, sdist, old: [
        *(*old, wheel, sdist),
        File(wheel.filename.replace("-py3", "-1-py3"), b"more"),
    ],
    "less than before": lambda wheel, sdist, old: [wheel, sdist],
    "another release": lambda wheel, sdist, old: [
        *(*old, wheel, sdist),
        File(wheel.filename.replace("1.0", "1.1"), b"next"),
    ],
}


def _sound(project: str) -> Reply:
    return page(*files_of(project), project=project)


def _waits(seconds: str) -> Callable[[str], Answer]:
    return lambda _: Reply(b"", 429, {"Retry-After": seconds})


#: What is no listing at all, for a project.
TROUBLE: dict[str, Callable[[str], Answer]] = {
    "unknown": lambda _: page_of("404", "text/plain", status=404),
    "busy": lambda _: Reply(b"", 503),
    "broken": lambda _: Reply(b"", 500),
    "a bad gateway": lambda _: page_of("<h1>502</h1>", HTML, status=502),
    "too many requests": lambda _: Reply(b"", 429),
    "wait 5 seconds": _waits("5"),
    "wait an hour": _waits("3600"),
    "wait until a day long past": _waits("Sun, 06 Nov 1994 08:49:37 GMT"),
    "wait for nonsense": _waits("a while"),
    "forbidden": lambda _: Reply(b"", 403),
    "a login page": lambda _: page_of("<form><input type=password>", HTML),
    "all, called plain text": lambda p: replace(
        _sound(p), headers={"Content-Type": "text/plain"}
    ),
    "all, with a 404": lambda p: replace(_sound(p), status=404),
    "all, with a 503": lambda p: replace(_sound(p), status=503),
    "all, but cut": lambda p: raw(
        http_answer(_sound(p).body[:-9], content_length=str(len(_sound(p).body)))
    ),
    "all, but less than JSON": lambda p: page_of(_sound(p).body[:-9], JSON),
    "all, but chunks without an end": lambda p: chunked(_sound(p).body[:-9], end=b""),
    "all, but compressed and cut": lambda p: zipped(_sound(p), cut=9),
    "nothing and closed": lambda _: raw(b""),
    "a cut head": lambda _: raw(b"HTTP/1.1 200 O"),
    "empty": lambda _: page_of(b"", JSON),
    "not modified": lambda _: Reply(b"", 304),
    "in circles": lambda p: redirect(f"/simple/{p}/"),
    "away": lambda p: redirect(f"http://x.example/simple/{p}/"),
    "silent": lambda _: stalling(),
    "a drip": lambda p: stalling(http_answer(_sound(p).body[:-9]), b" "),
}
#: Those that keep the client waiting: no sequence ends with them, they would stay.
HANGING = ("silent", "a drip")
#: Those that pass by themselves.
PASSING = (
    *("busy", "broken", "a bad gateway", "too many requests", "wait 5 seconds"),
    *("wait until a day long past", "wait for nonsense", "all, with a 503"),
    *("all, but cut", "all, but chunks without an end", "nothing and closed"),
    *("a cut head", "unknown"),
)
CACHED = {"Age": "60", "X-Cache": "HIT", "Via": "1.1 cache"}


def answer_of(step: Step, project: str, before: tuple[File, ...]) -> Answer:
    """What the index sends."""
    if step.word in TROUBLE:
        answer = TROUBLE[step.word](project)
        if isinstance(answer, Reply) and step.is_cached:
            answer = replace(answer, headers={**answer.headers, **CACHED})
        return answer
    how, _, word = step.word.rpartition(": ")
    files = LISTED[word](*files_of(project), list(before))
    listed = [_listed(file, how, in_html=step.in_html) for file in files]
    return page(
        *listed,
        project=project,
        serial=step.serial,
        headers=CACHED if step.is_cached else None,
        in_html=step.in_html,
    )


def _listed(file: File, how: str, *, in_html: bool) -> str | dict[str, object]:
    """A file, listed in full, without a hash, or as yanked."""
    if in_html:
        more = "data-yanked" if how == "yanked" else ""
        return anchor(file, "" if how == "bare" else None, more=more)
    said: dict[str, object] = {"hashes": {}} if how == "bare" else {}
    return entry(file, **said, **({"yanked": True} if how == "yanked" else {}))


# --- drawing one -------------------------------------------------------------------

_LATE = ("all", "the wheel", "the sdist", "what was before", "unknown")
_LISTINGS = (
    *LISTED,
    *("bare: all", "bare: the wheel", "bare: other bytes", "yanked: all"),
)
_BAD = tuple(word for word in TROUBLE if word not in HANGING)
#: What passes by itself: the best place for a false pass to hide.
_CALM_WORDS = (_LATE, PASSING)
_ROUGH_WORDS = (_LATE, _LISTINGS, _BAD)
_PROJECTS = (("demo",), ("demo", "other"), ("a", "b", "c"))


def any_step(random: Random, *words: tuple[str, ...]) -> Step:
    """An answer of one of these kinds."""
    return Step(
        random.choice(random.choice(words)),
        is_cached=random.random() < 1 / 2,
        serial=random.choice((None, None, 1, 2, 3, 4)),
        in_html=random.random() < 1 / 3,
        is_slow=random.random() < 1 / 25,
    )


def good_step(random: Random) -> Step:
    """All is there, and nothing that was said before is newer."""
    word = random.choice(("all", "all", "bare: all"))
    step = any_step(random, (word,))
    return replace(step, serial=random.choice((None, 4)), is_slow=False)


def any_sequence(random: Random) -> Sequence:
    """Any answers at all, in any order; many end well."""
    ends_well = random.random() < 2 / 3
    steps = {}
    for project in random.choice(_PROJECTS):
        words = _CALM_WORDS if random.random() < 3 / 4 else _ROUGH_WORDS
        mine = [any_step(random, *words) for _ in range(random.randrange(7))]
        if random.random() < 1 / 20:
            mine.insert(random.randrange(len(mine) + 1), any_step(random, HANGING))
        # The last answer stays: a slow one would cost each look.
        last = good_step(random) if ends_well else any_step(random, *_ROUGH_WORDS)
        steps[project] = (*mine, replace(last, is_slow=False))
    return Sequence(
        steps,
        timeout=random.choice((0, 3, 20, 60, 300, 300)),
        before=random.choice((None, None, None, (), (), (OLD,))),
        files=random.choice(("there",) * 5 + tuple(FILES)),
        endpoints=random.choice(("",) * 5 + tuple(ENDPOINTS)),
        download=random.random() < 1 / 2,
        strict=random.random() < 1 / 4,
    )


def slow_sequence(random: Random) -> Sequence:
    """Several projects that take their time when there is none left."""
    words = (*HANGING, "bare: all", "all")
    steps = {
        project: (replace(any_step(random, words), is_slow=True), Step("busy"))
        for project in ("a", "b", "c", "d")
    }
    timeout = random.choice((0, 0, 0.1, 1))
    download = random.random() < 1 / 2
    return Sequence(steps, timeout, files="slow", download=download)


def mended_sequence(random: Random) -> Sequence:
    """Only what passes by itself, and then all is there."""
    steps = {}
    for project in random.choice(_PROJECTS):
        late = [any_step(random, *_CALM_WORDS) for _ in range(random.randrange(8))]
        mine = (*late, good_step(random))
        steps[project] = tuple(replace(s, serial=None, is_slow=False) for s in mine)
    return Sequence(steps, timeout=3600, before=random.choice((None, ())))


def drawn_by(draw: Callable[[Random], Sequence]) -> st.SearchStrategy[Sequence]:
    """Sequences that have nothing to do with each other: hypothesis would rather vary
    what it has, and a thousand of one kind prove little.
    """
    return st.integers(0, 2**63).map(lambda number: draw(Random(number)))


#: What comes of fetching a wheel.
FILES: dict[str, Callable[[File], list[Answer]]] = {
    "there": lambda file: [Reply(file.content)],
    "of other bytes": lambda file: [Reply(altered(file).content)],
    "gone": lambda _: [Reply(b"", 404)],
    "busy once": lambda file: [Reply(b"", 503), Reply(file.content)],
    "busy": lambda _: [Reply(b"", 503)],
    "cut once": lambda file: [
        Reply(file.content[:-1], claimed=len(file.content)),
        Reply(file.content),
    ],
    "slow": lambda file: [slowly(SLOW, Reply(file.content))],
}
#: What a release's own JSON page says, and a project's.
ENDPOINTS: dict[str, Callable[[tuple[File, ...]], list[Answer]]] = {
    "agreeing": lambda files: [release_json(*files)],
    "late": lambda files: [Reply(b"", 404), release_json(*files)],
    "lacking a file": lambda files: [release_json(*files[1:])],
    "of other bytes": lambda files: [release_json(altered(files[0]), *files[1:])],
    "broken": lambda _: [Reply(b"", 500), page_of("{", "application/json")],
}


# --- playing it --------------------------------------------------------------------


@dataclass(frozen=True)
class Played:
    """What came of a sequence; ``doubt`` is why a pass would be wrong, ``over`` for how
    long it ran past its deadline, and ``idle`` for how long it asked nobody; both in
    seconds.
    """

    report: Report
    looks: int
    requests: int
    doubt: str
    over: float
    idle: float


def policy_of(sequence: Sequence, root: str) -> Policy:
    """The policy for an index, which has Warehouse's endpoints or has not."""
    if not sequence.endpoints:
        return resolve(PolicyFile(), Overrides(index_url=root, strict=sequence.strict))
    ours = IndexSettings(simple_url=root, upload_rules="pypi")
    file = PolicyFile(indexes={"ours": ours})
    return resolve(file, Overrides(index="ours", strict=sequence.strict))


def script(sequence: Sequence, index: Index) -> None:
    """Tell the index what to answer."""
    for number, (project, steps) in enumerate(sequence.steps.items()):
        files = files_of(project)
        before = (sequence.before or ()) if number == 0 else ()
        answers = [_sent(step, project, before) for step in steps]
        index.says(*answers, project=project)
        index.serves(*files)
        wheel = files[0]
        index.server.on(f"/files/{wheel.filename}", *FILES[sequence.files](wheel))
        if sequence.endpoints:
            told = ENDPOINTS[sequence.endpoints](files)
            index.server.on(f"/pypi/{project}/1.0/json", *told)
            index.server.on(f"/pypi/{project}/json", project_json())


def _sent(step: Step, project: str, before: tuple[File, ...]) -> Answer:
    answer = answer_of(step, project, before)
    return slowly(SLOW, answer) if step.is_slow else answer


def play(sequence: Sequence, index: Index) -> Played:
    """Verify against an index that answers so."""
    index.again(runs=True)
    script(sequence, index)
    named = {"index": "ours"} if sequence.endpoints else {"url": index.root}
    made = manifest(*sequence.steps, before=sequence.before, **named)
    looks: list[Look] = []
    job = Job(policy_of(sequence, index.root), web=WEB, clock=index.time.clock)
    with within(60):
        report = verify(
            job,
            Expectation(made),
            timeout=sequence.timeout,
            proof=Proof(download=sequence.download),
            progress=looks.append,
        )
    over = index.time.now - sequence.timeout
    return Played(
        report,
        len(looks),
        len(index.server.told),
        index.proves(made, by_caches=bool(sequence.endpoints)),
        over,
        max(0.0, index.time.passed - index.busy(WHOLE)),
    )


# --- what must hold ----------------------------------------------------------------


def played_in_peace(sequence: Sequence, index: Index) -> Played:
    """A play; of one that took too long, another: a loaded machine is slow once, and a
    bound that does not hold is passed every time.
    """
    played = play(sequence, index)
    for _ in range(3):
        if played.over <= WHOLE + played.idle + SLACK:
            break
        played = play(sequence, index)
    return played


def judge(sequence: Sequence, played: Played) -> None:
    """What must hold, whatever an index does."""
    report, code = played.report, int(played.report.exit_code)
    assert code in (0, 1, 3)
    assert not report.error
    if code == 0:
        assert played.doubt == ""
    if code == 1 and not sequence.strict and not _serves_otherwise(sequence):
        assert played.doubt
    # A request may begin when the time is just not up. What no request took is what
    # the machine took, which has other things to do as well.
    assert played.over <= WHOLE + played.idle + SLACK
    # Pauses of 2, 4, 8, 15 and then 30 seconds, and 2 before each second answer.
    assert played.looks <= 2 * (6 + sequence.timeout / 30) + 1
    most = len(sequence.steps) * (_IN_CIRCLES + _BEHIND)
    assert played.requests <= played.looks * most


#: How often one page is asked for at most, and what else is asked of a project.
_IN_CIRCLES, _BEHIND = 6, 8


def _serves_otherwise(sequence: Sequence) -> bool:
    """Whether something may be wrong although the listing is right."""
    files = sequence.download and sequence.files in ("of other bytes", "gone")
    return files or sequence.endpoints == "of other bytes"


@pytest.fixture(scope="module", name="index")
def _index() -> Iterator[Index]:
    with indexes() as index:
        yield index


#: Under which a hundred sequences end in every way.
SEED = 2026


def drawn(count: int) -> settings:
    """So many examples, each time the same ones; what fails is told as it was drawn."""
    return settings(
        max_examples=count,
        derandomize=True,
        database=None,
        deadline=None,
        phases=(Phase.generate,),
        suppress_health_check=list(HealthCheck),
    )


def test_no_sequence_of_faults_ends_in_a_false_pass_or_too_late(
    index: Index,
    pytestconfig: pytest.Config,
    record_property: Callable[[str, object], None],
) -> None:
    count = pytestconfig.getoption("--sequences")
    codes: Counter[int] = Counter()

    @seed(SEED)
    @drawn(count)
    @given(drawn_by(any_sequence))
    def holds(sequence: Sequence) -> None:
        played = played_in_peace(sequence, index)
        judge(sequence, played)
        codes[int(played.report.exit_code)] += 1

    holds()
    told = ", ".join(f"{codes[code]} ended in {code}" for code in sorted(codes))
    record_property("fault sequences", f"{codes.total()}: {told}")
    assert codes.total() >= count
    assert min(codes[code] for code in (0, 1, 3)) > count / 10, "one-sided"


def test_whatever_passes_by_itself_is_waited_for(
    index: Index, pytestconfig: pytest.Config
) -> None:
    @drawn(pytestconfig.getoption("--sequences") // 4)
    @given(drawn_by(mended_sequence))
    def holds(sequence: Sequence) -> None:
        played = played_in_peace(sequence, index)
        judge(sequence, played)
        assert played.report.exit_code == 0

    holds()


def test_slow_answers_do_not_add_up_after_the_deadline(
    index: Index, pytestconfig: pytest.Config
) -> None:
    @drawn(pytestconfig.getoption("--sequences") // 12)
    @given(drawn_by(slow_sequence))
    def holds(sequence: Sequence) -> None:
        judge(sequence, played_in_peace(sequence, index))

    holds()


def test_a_run_that_outlasts_its_deadline_would_be_seen(index: Index) -> None:
    """The measure can fail: it is not all taken for what the machine took."""
    steps = (Step("busy", is_slow=True), Step("all"))
    played = play(Sequence({"demo": steps}, timeout=0), index)
    assert played.report.exit_code == 3
    assert played.over >= SLOW
    assert played.idle < played.over

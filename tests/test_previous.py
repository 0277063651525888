"""A release against the last one, on real files and a real index."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pytest
import sound
from builders import described
from packaging.utils import canonicalize_name
from sound import Index, Reply, indexed, listing

from release_guard import cli, run
from release_guard.errors import ExitCode
from release_guard.facts import Inventory, PathConfiguration, Release
from release_guard.findings import Finding, Report, Severity
from release_guard.jobs.check import check
from release_guard.jobs.common import Clock, Job
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import Origin
from release_guard.jobs.previous import add_previous
from release_guard.policy import DependencyCheck, IndexPolicy, Policy
from release_guard.sources.simple import read_listing

_OLD = "demo-1.0-py3-none-any.whl"
_PAGE = "/simple/demo/"
_TEXT = "Description-Content-Type: text/markdown\n\nA demonstration.\n"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with 1.1 in ``dist`` and 1.0 in ``old``."""
    monkeypatch.chdir(tmp_path)
    _build("1.1", "attrs>=24")
    _build("1.0", "attrs>=23", "old")
    return tmp_path


@pytest.fixture(name="index")
def _index() -> Iterator[Index]:
    with sound.serving() as serving:
        yield serving


def _build(version: str, *requires: str, project: str = "demo") -> None:
    """The wheel of a version that requires this; 1.0 goes elsewhere."""
    *texts, where = (*requires, "dist") if requires[-1:] != ("old",) else requires
    Path(where).mkdir(exist_ok=True)
    wanted = "".join(f"Requires-Dist: {text}\n" for text in texts)
    sound.wheel(Path(where), version, project, description=wanted + _TEXT)


def _entry(**said: object) -> dict[str, object]:
    """1.0 as the index lists it, with the hash of the metadata beside it."""
    sha256 = hashlib.sha256(_metadata("1.0", "attrs>=23")).hexdigest()
    return indexed(Path("old") / _OLD, **{"core-metadata": {"sha256": sha256}, **said})


def _metadata(version: str, *requires: str) -> bytes:
    """What ``sound.wheel`` writes."""
    wanted = "".join(f"Requires-Dist: {text}\n" for text in requires)
    head = f"Metadata-Version: 2.1\nName: demo\nVersion: {version}\n"
    return f"{head}Requires-Python: >=3.9\n{wanted}{_TEXT}".encode()


def _lists(index: Index, *files: dict[str, object]) -> None:
    """Let the index list these files, and serve 1.0 with its metadata."""
    index.says(listing(*files))
    index.serves(Path("old") / _OLD)
    index.replies[f"/files/{_OLD}.metadata"] = [Reply(_metadata("1.0", "attrs>=23"))]


def _check(
    index: Index, *words: str, policy: Mapping[str, object] | None = None
) -> Report:
    given = {"expect": {"sdist": "optional"}, **(policy or {})}
    Path("policy.json").write_text(json.dumps(given))
    where = ["--index-url", index.root, "--policy", "policy.json"]
    answer = run.run(cli.parse(["check", *where, *words]), {})
    assert answer.report is not None
    return answer.report


def _only(report: Report, rule: str) -> Finding:
    (found,) = (finding for finding in report.findings if finding.rule == rule)
    return found


def _reasons(report: Report, rule: str) -> list[str]:
    return [item.reason for item in report.not_run if item.rule == rule]


# --- what is read -----------------------------------------------------------------


def test_the_last_release_is_read_with_two_more_requests(index: Index) -> None:
    _lists(index, _entry())

    report = _check(index)

    found = _only(report, "release-changes")
    changes = found.evidence["changes"]
    assert isinstance(changes, tuple)
    assert changes[0] == "dependency tightened: attrs>=24, before attrs>=23"
    assert found.evidence["previous"] == "1.0"
    assert index.asked == [_PAGE, f"/files/{_OLD}.metadata", f"/files/{_OLD}"]
    assert _reasons(report, "release-changes") == []
    assert report.exit_code is ExitCode.PASSED


@pytest.mark.parametrize(
    ("said", "asked"),
    [
        pytest.param(
            {"core-metadata": None}, [f"/files/{_OLD}"], id="there is no metadata file"
        ),
        pytest.param(
            {"size": 6 << 20}, [f"/files/{_OLD}.metadata"], id="the wheel is not small"
        ),
        pytest.param(
            {"size": None}, [f"/files/{_OLD}.metadata"], id="nobody says how large"
        ),
        pytest.param(
            {"core-metadata": None, "size": 20 << 20},
            [f"/files/{_OLD}"],
            id="a larger one is read where there is no metadata file",
        ),
        pytest.param(
            {"core-metadata": None, "size": (20 << 20) + 1}, [], id="it is too large"
        ),
    ],
)
def test_no_more_is_read_than_costs_little(
    index: Index, said: dict[str, object], asked: list[str]
) -> None:
    _lists(index, _entry(**said))

    report = _check(index)

    assert index.asked == [_PAGE, *asked]
    assert report.exit_code is ExitCode.PASSED
    changes = [f for f in report.findings if f.rule == "release-changes"]
    assert any("attrs" in str(f.evidence) for f in changes) is bool(asked)
    not_run = str(report.not_run)
    is_told = "were not read: no wheel has at most" in not_run
    is_told |= "were not read: the index says the size of none" in not_run
    assert is_told is (f"/files/{_OLD}" not in asked)


@pytest.mark.parametrize(
    "broken",
    [
        pytest.param(Reply(b"", 500), id="the server breaks"),
        pytest.param(Reply(b"", 404), id="it is gone"),
        pytest.param(Reply(b"other bytes"), id="it has other bytes"),
        pytest.param(Reply(b"", 302, location="ftp://a.example/"), id="it leads away"),
    ],
)
def test_what_cannot_be_read_is_told_and_bars_no_pass(
    index: Index, broken: Reply
) -> None:
    _lists(index, _entry())
    index.replies[f"/files/{_OLD}.metadata"] = [broken]
    index.replies[f"/files/{_OLD}"] = [broken]

    report = _check(index)

    assert len(_reasons(report, "release-changes")) == 2
    assert not any(f.rule == "release-changes" for f in report.findings)
    assert report.exit_code is ExitCode.PASSED


def test_where_the_metadata_file_is_broken_the_wheel_tells(index: Index) -> None:
    _lists(index, _entry())
    index.replies[f"/files/{_OLD}.metadata"] = [Reply(b"other bytes")]

    report = _check(index)

    assert "attrs>=23" in str(_only(report, "release-changes").evidence)
    assert len(_reasons(report, "release-changes")) == 1


def _foreign(index: Index) -> None:
    metadata = _metadata("1.0", "evil").replace(b"Name: demo", b"Name: evil")
    sha256 = hashlib.sha256(metadata).hexdigest()
    _lists(index, _entry(**{"core-metadata": {"sha256": sha256}}))
    index.replies[f"/files/{_OLD}.metadata"] = [Reply(metadata)]


def test_the_metadata_of_another_project_is_not_compared(index: Index) -> None:
    _foreign(index)

    report = _check(index)

    assert "evil" not in str(_only(report, "release-changes").evidence)
    (reason,) = _reasons(report, "release-changes")
    assert reason == (
        "what the index serves as the metadata of 1.0 is that of 'evil' '1.0'"
    )


def test_a_last_wheel_that_is_half_there_says_nothing(index: Index) -> None:
    half = Path("old") / _OLD
    half.write_bytes(half.read_bytes()[:-80])
    _lists(index, _entry())

    report = _check(index)

    (reason,) = _reasons(report, "release-changes")
    assert reason == f"{_OLD} of the index: could not be read to its end"
    changes = str(_only(report, "release-changes").evidence)
    assert "attrs" in changes
    assert "names to import" not in changes


def test_a_last_release_without_a_wheel_is_not_read(index: Index) -> None:
    _lists(index, indexed(sound.sdist(Path("old"))))

    report = _check(index)

    assert index.asked == [_PAGE]
    (reason,) = _reasons(report, "release-changes")
    assert reason == "the metadata and contents of 1.0 were not read: it has no wheel"


def test_a_yanked_release_is_passed_over(index: Index) -> None:
    yanked = indexed(sound.sdist(Path("old"), "1.0.5"), yanked=True)
    _lists(index, _entry(), yanked)

    assert _only(_check(index), "release-changes").evidence["previous"] == "1.0"


def test_a_first_release_has_none_before(index: Index) -> None:
    index.says(listing())

    report = _check(index)

    reason = f"{index.root}demo/: lists no release before 1.1"
    for rule in ("release-changes", "requires-python-dropped", "size-jump"):
        assert _reasons(report, rule) == [reason]
    assert report.exit_code is ExitCode.PASSED


def test_offline_asks_nobody(index: Index) -> None:
    report = _check(index, "--offline")

    assert index.asked == []
    assert _reasons(report, "release-changes") == ["--offline"]
    assert report.exit_code is ExitCode.PASSED


def test_an_index_that_is_not_reached_bars_a_pass_as_before(index: Index) -> None:
    index.says(Reply(b"", 500))

    report = _check(index)

    assert _reasons(report, "release-changes") == ["the index's listing was not read"]
    assert report.exit_code is ExitCode.UNDECIDED


def test_the_time_is_up_after_a_minute(index: Index) -> None:
    _lists(index, _entry())
    ticks = iter(range(0, 10_000, 61))
    clock = Clock(now=lambda: float(next(ticks)))
    ours = IndexPolicy("ours", simple_url=index.root, require_tag=False, events=())
    job = Job(Policy(index=ours), clock=clock)

    report = check(job, [Path("dist")], Origin()).report

    assert index.asked == [_PAGE, f"/files/{_OLD}.metadata"]
    reasons = _reasons(report, "release-changes")
    assert reasons == ["the contents of 1.0 were not read: the time was up"]


# --- what is made of it -----------------------------------------------------------


def test_requires_python_is_compared_with_what_the_index_says(index: Index) -> None:
    _lists(index, _entry(**{"requires-python": ">=3.6"}))

    found = _only(_check(index), "requires-python-dropped")

    assert "excludes Python 3.6 to 3.8; 1.0 had '>=3.6'" in found.message


def test_what_nobody_says_of_pythons_is_told(index: Index) -> None:
    sdist = indexed(sound.sdist(Path("old")))
    _lists(index, sdist)

    reasons = _reasons(_check(index), "requires-python-dropped")

    assert reasons == ["nobody says which Pythons 1.0 needs"]


def test_the_budget_is_judged_although_nobody_is_asked(index: Index) -> None:
    policy = {"expect": {"sdist": "optional", "size": "100 B"}}

    report = _check(index, "--offline", policy=policy)

    found = _only(report, "size-jump")
    assert "expected at most 100 (expect.size in the policy)" in found.message
    assert _reasons(report, "size-jump") == ["--offline"]


def test_parts_are_compared_when_they_are_joined(index: Index) -> None:
    _lists(index, _entry())
    Path("policy.json").write_text('{"expect": {"sdist": "optional"}}')
    where = ["--index-url", index.root, "--policy", "policy.json"]
    part = cli.parse(["check", "--part", *where, "--manifest", "part-1.json", "dist"])
    alone = run.run(part, {}).report
    assert alone is not None
    assert index.asked == []

    joined = run.run(cli.parse(["check", *where, "part-1.json"]), {}).report

    assert joined is not None
    assert "attrs>=23" in str(_only(joined, "release-changes").evidence)


# --- dependencies -----------------------------------------------------------------


def _other(*versions: str) -> Reply:
    files = [
        {"filename": f"other-{v}.tar.gz", "url": f"other-{v}.tar.gz", "hashes": {}}
        for v in versions
    ]
    page = {"meta": {"api-version": "1.1"}, "name": "other", "files": files}
    return Reply(json.dumps(page).encode())


def _pinned(index: Index, *requires: str) -> None:
    """1.1 that requires this, and an index that knows nothing of demo."""
    _build("1.1", *requires)
    index.says(listing())


def test_only_pinned_projects_are_asked_for(index: Index) -> None:
    _pinned(index, "other==1.0", "attrs>=23", "third~=1.0", "other>=0.5")
    index.says(_other("1.0"), project="other")

    report = _check(index)

    assert index.asked == [_PAGE, "/simple/other/"]
    assert "dependency-unavailable" not in {f.rule for f in report.findings}
    assert _reasons(report, "dependency-unavailable") == []


def test_a_pin_of_what_is_not_there_is_told(index: Index) -> None:
    _pinned(index, "other==1.0")
    index.says(_other("1.1"), project="other")

    found = _only(_check(index), "dependency-unavailable")

    assert found.message == (
        "requires 'other==1.0', and an unnamed index lists no such version; the newest "
        "is 1.1"
    )


@pytest.mark.parametrize(
    ("check_", "code"),
    [
        (None, ExitCode.PASSED),
        ("pins", ExitCode.PASSED),
        ("all", ExitCode.UNDECIDED),
    ],
)
def test_only_what_was_asked_for_by_name_is_needed(
    index: Index, check_: str | None, code: ExitCode
) -> None:
    _pinned(index, "other==1.0")
    index.says(Reply(b"", 500), project="other")
    policy = {"check-dependencies": check_} if check_ else {}

    report = _check(index, policy=policy)

    (reason,) = _reasons(report, "dependency-unavailable")
    assert reason.startswith(f"{index.root}other/: answers 500")
    assert report.exit_code is code


def test_all_are_asked_for_where_the_policy_says_so(index: Index) -> None:
    _pinned(index, "other>=1", "third")
    index.says(_other("1.0"), project="other")

    report = _check(index, policy={"check-dependencies": "all"})

    assert index.asked == [_PAGE, "/simple/other/", "/simple/third/"]
    (reason,) = _reasons(report, "dependency-unavailable")
    assert reason == (
        "1 of the required projects are not on this index, and may be on another one: "
        "third"
    )
    assert report.exit_code is ExitCode.PASSED


@pytest.mark.parametrize(
    ("requires", "policy", "words", "reason"),
    [
        (
            ["other==1.0"],
            {"check-dependencies": "none"},
            [],
            "the policy says check-dependencies: none",
        ),
        (["other>=1.0"], {}, [], "no dependency is pinned"),
        ([], {"check-dependencies": "all"}, [], "no dependency is left to an index"),
        (
            ["other @ https://a.example/other-1.0.tar.gz"],
            {"check-dependencies": "all"},
            [],
            "no dependency is left to an index",
        ),
        (["other==1.0"], {}, ["--offline"], "--offline"),
        (
            ["other==1.0"],
            {"check-dependencies": "all"},
            ["--offline"],
            "--offline",
        ),
    ],
)
def test_nobody_is_asked_and_it_is_told_why(
    index: Index,
    requires: list[str],
    policy: dict[str, object],
    words: list[str],
    reason: str,
) -> None:
    _pinned(index, *requires)

    report = _check(index, *words, policy=policy)

    assert "/simple/other/" not in index.asked
    assert _reasons(report, "dependency-unavailable") == [reason]
    assert report.exit_code is ExitCode.PASSED


def test_an_index_for_tests_is_not_asked(index: Index) -> None:
    _pinned(index, "other==1.0")
    lax = {"simple-url": index.root, "accept": "any", "require-tag": False}

    policy = {"indexes": {"lax": lax}, "index": "lax", "expect": {"sdist": "optional"}}
    Path("policy.json").write_text(json.dumps(policy))
    answer = run.run(cli.parse(["check", "--policy", "policy.json"]), {})

    assert answer.report is not None
    (reason,) = _reasons(answer.report, "dependency-unavailable")
    assert reason == "the index is not for releases: what they need may be elsewhere"
    assert index.asked == [_PAGE]


def test_a_project_of_the_same_set_counts_as_listed(index: Index) -> None:
    _pinned(index, "other==1.0")
    _build("1.0", project="other")
    index.says(_other("0.9"), project="other")

    report = _check(index, policy={"projects": ["demo", "other"]})

    assert "dependency-unavailable" not in {f.rule for f in report.findings}


def test_no_more_than_forty_pinned_projects_are_asked_for(index: Index) -> None:
    _pinned(index, *(f"p{number:02}==1.0" for number in range(41)))

    report = _check(index)

    assert index.asked == [_PAGE, *(f"/simple/p{number:02}/" for number in range(40))]
    reasons = _reasons(report, "dependency-unavailable")
    assert reasons == ["41 projects are required; 40 were looked up"]
    assert report.exit_code is ExitCode.PASSED


@pytest.mark.parametrize(
    ("check_", "code"),
    [
        (DependencyCheck.PINS, ExitCode.PASSED),
        (DependencyCheck.ALL, ExitCode.UNDECIDED),
    ],
)
def test_when_the_time_is_up_no_more_is_asked(
    index: Index, check_: DependencyCheck, code: ExitCode
) -> None:
    _pinned(index, "other==1.0", "third==1.0")
    ticks = iter(range(0, 10_000_000, 301))
    ours = IndexPolicy("ours", simple_url=index.root, events=())
    policy = replace(
        Policy(index=ours), dependencies=check_, ignored=frozenset({"missing-sdist"})
    )
    job = Job(policy, clock=Clock(now=lambda: float(next(ticks))))

    report = check(job, [Path("dist")], Origin()).report

    assert index.asked == [_PAGE]
    reasons = _reasons(report, "dependency-unavailable")
    assert "the time was up before other was looked up" in reasons
    assert report.exit_code is code


# --- what runs at each start ------------------------------------------------------


def _started(*names: str, version: str = "1.0") -> Inventory:
    """A wheel with these ``.pth`` files, which are executed."""
    found = tuple(PathConfiguration(name, "import demo") for name in names)
    return Inventory(
        f"demo-{version}-py3-none-any.whl",
        ("demo.py",),
        ("demo.py",),
        entry_points=(),
        path_configurations=found,
    )


def _told_startup(index: Index, inventory: Inventory) -> bool | None:
    """Whether the last release ran code, where the new one has these contents."""
    return _told(index, inventory).had_startup


def _told(index: Index, inventory: Inventory) -> Release:
    """A release with these contents, and what is known of the last one."""
    file = replace(described("demo-1.1-py3-none-any.whl"), inventory=inventory)
    release = Release(canonicalize_name("demo"), (file.distribution,), (file,))
    ours = IndexPolicy("ours", simple_url=index.root)
    job = Job(Policy(index=ours))
    listing_ = read_listing(job.web, index.root, release.project)
    listings = {release.project: listing_}
    (told,) = add_previous(job, [release], listings, Origin(), Gathered())
    return told


def test_what_the_last_release_has_at_the_top_is_told(index: Index) -> None:
    with zipfile.ZipFile(Path("old") / _OLD, "a") as archive:
        archive.writestr("other/a.py", "")
    _lists(index, _entry())

    told = _told(index, _started(version="1.1"))

    assert told.last_tops == {"demo.py", "other/"}


def test_where_the_last_release_was_not_read_no_name_at_the_top_is_told(
    index: Index,
) -> None:
    _lists(index, _entry(size=(5 << 20) + 1))

    assert _told(index, _started(version="1.1")).last_tops == frozenset()


def test_a_last_release_that_ran_code_at_each_start_is_told(index: Index) -> None:
    with zipfile.ZipFile(Path("old") / _OLD, "a") as archive:
        archive.writestr("demo_init.pth", "import demo\n")
    _lists(index, _entry())

    assert _told_startup(index, _started("demo_init.pth", version="1.1")) is True


@pytest.mark.parametrize(
    ("size", "started", "told"),
    [
        pytest.param(5 << 20, (), False, id="a small wheel is read"),
        pytest.param((5 << 20) + 1, (), None, id="a large one is not"),
        pytest.param(
            20 << 20, ("demo_init.pth",), False, id="unless much depends on it"
        ),
        pytest.param(
            (20 << 20) + 1, ("demo_init.pth",), None, id="not even then a larger one"
        ),
    ],
)
def test_whether_the_last_release_ran_code_is_known_where_its_wheel_was_read(
    index: Index, size: int, started: tuple[str, ...], told: bool | None
) -> None:
    _lists(index, _entry(size=size))

    assert _told_startup(index, _started(*started, version="1.1")) is told


_BROKEN = {
    "it is gone": Reply(b"", 404),
    "it has other bytes": Reply(b"other bytes"),
}


@pytest.mark.parametrize("broken", _BROKEN.values(), ids=_BROKEN)
def test_code_at_each_start_and_a_last_wheel_that_cannot_be_had_is_no_pass(
    index: Index, broken: Reply
) -> None:
    """litellm 1.82.8: who keeps the last wheel back must not gain a warning by it."""
    with zipfile.ZipFile("dist/demo-1.1-py3-none-any.whl", "a") as archive:
        archive.writestr("demo_init.pth", "import demo\n")
    _lists(index, _entry())
    index.replies[f"/files/{_OLD}"] = [broken]

    report = _check(index)

    (told,) = (r for r in report.not_run if r.rule == "release-changes")
    assert told.needed
    assert told.reason.endswith("it may have run code at each start, as this does")
    assert "had none" not in _only(report, "path-configuration").message
    assert report.exit_code is not ExitCode.PASSED


def test_a_last_wheel_that_is_half_there_has_not_had_none(index: Index) -> None:
    half = Path("old") / _OLD
    half.write_bytes(half.read_bytes()[:-80])
    _lists(index, _entry())

    assert _told_startup(index, _started("demo_init.pth", version="1.1")) is None


def test_what_is_in_both_wheels_is_compared(index: Index) -> None:
    with zipfile.ZipFile(Path("old") / _OLD, "a") as archive:
        archive.writestr("tool.py", "")
    _lists(index, _entry())

    changes = _only(_check(index), "release-changes").evidence["changes"]

    assert isinstance(changes, tuple)
    assert "names to import lost: tool" in changes


def test_code_at_each_start_is_an_error_where_the_last_release_had_none(
    index: Index,
) -> None:
    with zipfile.ZipFile("dist/demo-1.1-py3-none-any.whl", "a") as archive:
        archive.writestr("demo_init.pth", "import demo\n")
    _lists(index, _entry())

    found = _only(_check(index), "path-configuration")

    assert found.severity is Severity.ERROR

"""What to do next, word for word: for a tired maintainer, and safe to paste."""

from __future__ import annotations

import shlex
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from builders import (
    INTERNAL,
    NOW,
    PAGE,
    PYPI,
    SDIST,
    TESTPYPI,
    WHEEL,
    expected,
    indexed,
    publication,
)

from release_guard.facts import QUARANTINED, ExpectedRelease, Publication
from release_guard.layouts import management_url, public_repository_url
from release_guard.next_steps import next_steps
from release_guard.policy import IndexPolicy, UploadRules
from release_guard.reports.groups import step_lines
from release_guard.states import State

OLD = "demo-0.9.tar.gz"
LATER = "demo-1.0-cp313-cp313-win_amd64.whl"
#: An index that only the URL of its listing names.
UNNAMED = IndexPolicy(simple_url="https://index.example/simple/")


def _steps(
    what: Publication, state: State, index: IndexPolicy = PYPI
) -> tuple[str, ...]:
    on_pypi = index.upload_rules is UploadRules.PYPI
    return tuple(step_lines(next_steps([(what, state)], index, on_pypi=on_pypi)))


def _managed(index: str = "pypi", version: str = "1.0") -> str:
    """Where a release of ``demo`` is managed on a public index."""
    release = expected(version=version)
    url = management_url(public_repository_url(index), release.project, release.version)
    assert url.endswith(f"/manage/project/demo/release/{version}/")
    return url


# --- the states -------------------------------------------------------------------

_AT = _managed()
_HALF, _WHOLE = publication(SDIST), publication(SDIST, WHEEL)

_OPEN = """\
demo 1.0: nothing is proven, neither that it is there nor that it is not; upload \
nothing, and verify again once the index answers
"""

STEPS: dict[str, tuple[Publication, State, IndexPolicy, str]] = {
    "missing: one wheel, on PyPI": (
        publication(indexed(SDIST, uploaded=datetime(2026, 8, 31, 22, 5, tzinfo=UTC))),
        State.MISSING,
        PYPI,
        f"""\
demo 1.0: 1 of 2 file(s) are not listed; where the upload's log says that they went \
out, verify again later, else upload just those:
  twine upload --repository pypi dist/{WHEEL}
the release takes files until 2026-09-14 22:05 UTC
meanwhile users without their wheel build from the sdist
""",
    ),
    "missing: all, in the order of the manifest, on an index of one's own": (
        publication(OLD),
        State.MISSING,
        INTERNAL,
        f"""\
demo 1.0: 2 of 2 file(s) are not listed; where the upload's log says that they went \
out, verify again later, else upload just those:
  twine upload --repository-url https://index.example/upload/ dist/{SDIST} dist/{WHEEL}
meanwhile users get the release before
""",
    ),
    "missing: the project is held back": (
        publication(status=QUARANTINED),
        State.MISSING,
        PYPI,
        """\
demo 1.0: the index holds the project back; ask its administrators why, and upload \
nothing
meanwhile nobody can install the project
""",
    ),
    "late": (
        _HALF,
        State.LATE,
        PYPI,
        """\
demo 1.0: the upload went out, and one of the index's caches is old; upload nothing, \
and verify again with more time: --timeout 1800
meanwhile some users get the release, and some the one before
""",
    ),
    "unreachable: listed, and not to be had": (
        _WHOLE,
        State.UNREACHABLE,
        INTERNAL,
        """\
demo 1.0: not all that is listed can be downloaded; verify again later, and tell the \
index's administrators if it stays
meanwhile some installations fail
""",
    ),
    "not this index": (
        publication(known=False, elsewhere="https://public.example/simple/demo/"),
        State.NOT_THIS_INDEX,
        INTERNAL,
        f"""\
demo 1.0: {PAGE} does not have the project, and sends on to \
https://public.example/simple/demo/; if the upload went there, verify with that \
index: --index
demo 1.0: 2 of 2 file(s) are not listed; where the upload's log says that they went \
out, verify again later, else upload just those:
  twine upload --repository-url https://index.example/upload/ dist/{SDIST} dist/{WHEEL}
meanwhile nobody can install the project
""",
    ),
    "altered, on PyPI": (
        _WHOLE,
        State.ALTERED,
        PYPI,
        f"""\
demo 1.0: yank it at {_AT}, and find out who uploaded these bytes
if nobody knows, read the index's log of uploads, and revoke the tokens
then release the next version: no file name can be used again
meanwhile users install these bytes; who pins hashes gets an error
""",
    ),
    "altered, on an index of one's own": (
        _WHOLE,
        State.ALTERED,
        INTERNAL,
        """\
demo 1.0: yank or delete it, and find out who uploaded these bytes
if nobody knows, read the index's log of uploads, and revoke the tokens
then release the next version
meanwhile users install these bytes; who pins hashes gets an error
""",
    ),
    "altered, with a file that is missing as well: it is not to be uploaded": (
        _HALF,
        State.ALTERED,
        INTERNAL,
        """\
demo 1.0: yank or delete it, and find out who uploaded these bytes
if nobody knows, read the index's log of uploads, and revoke the tokens
then release the next version
meanwhile users install these bytes; who pins hashes gets an error
""",
    ),
    "unexpected, on the test index": (
        publication(SDIST, WHEEL, LATER),
        State.UNEXPECTED,
        TESTPYPI,
        f"""\
demo 1.0: find out which run, or who, uploaded what is too much
if nobody knows, yank it at {_managed("testpypi")}, and revoke the tokens
meanwhile installers whose platform it fits may choose that file
""",
    ),
    "unexpected, with a file that is missing as well": (
        publication(SDIST, LATER),
        State.UNEXPECTED,
        INTERNAL,
        """\
demo 1.0: find out which run, or who, uploaded what is too much
if nobody knows, yank or delete it, and revoke the tokens
1 of 2 file(s) are not listed either: upload them once that is clear
meanwhile installers whose platform it fits may choose that file
""",
    ),
    "yanked, on PyPI": (
        _WHOLE,
        State.YANKED,
        PYPI,
        f"""\
demo 1.0: ask who yanked it and why; a yank is taken back at {_AT}
meanwhile installers pass it over, unless they are told this version
""",
    ),
    "yanked, elsewhere, with a file that is missing as well": (
        _HALF,
        State.YANKED,
        INTERNAL,
        """\
demo 1.0: ask who yanked it and why; a yank is taken back on the index
1 of 2 file(s) are not listed either: upload them once that is clear
meanwhile installers pass it over, unless they are told this version
""",
    ),
    "changed elsewhere": (
        _WHOLE,
        State.CHANGED_ELSEWHERE,
        PYPI,
        """\
demo 1.0: find out who changed the rest of the project, before anybody releases again
where it was a release of your own, check anew, and verify by that manifest
where the index lists other indexes' files too, say inherits: true of it
""",
    ),
    "changed elsewhere, with a file that is missing as well": (
        _HALF,
        State.CHANGED_ELSEWHERE,
        PYPI,
        """\
demo 1.0: find out who changed the rest of the project, before anybody releases again
where it was a release of your own, check anew, and verify by that manifest
where the index lists other indexes' files too, say inherits: true of it
1 of 2 file(s) are not listed either: upload them once that is clear
""",
    ),
    "unattested": (
        _WHOLE,
        State.UNATTESTED,
        PYPI,
        f"""\
demo 1.0: find out which run, or who, uploaded the files that nothing proves to be of \
the publishing workflow
if nobody knows, yank it at {_AT}, and revoke the tokens
an uploaded file cannot be attested later: publish the next version by trusted \
publishing
meanwhile installers take the files: few look at attestations
""",
    ),
    "unproven": (
        _WHOLE,
        State.UNPROVEN,
        PYPI,
        """\
demo 1.0: the index lists the expected files, and not all that was asked for beyond \
that could be judged: see what was not run, and why
upload nothing; mend that, and verify again
""",
    ),
    "metadata differs": (
        _WHOLE,
        State.METADATA_DIFFERS,
        PYPI,
        """\
demo 1.0: compare what the index says with the files' own metadata; what was uploaded \
first may have decided it
where it matters, release the next version
meanwhile installers go by what the index says
""",
    ),
    "inconsistent": (
        _WHOLE,
        State.INCONSISTENT,
        PYPI,
        """\
demo 1.0: verify again later, and tell the index's administrators if it stays
meanwhile who asks the other endpoint sees something else
""",
    ),
    "stale: nothing is proven": (publication(), State.STALE, PYPI, _OPEN),
    "unreadable: nothing is proven": (publication(), State.UNREADABLE, PYPI, _OPEN),
    "exact: nothing is to do": (_WHOLE, State.EXACT, PYPI, ""),
}


@pytest.mark.parametrize(("what", "state", "index", "steps"), STEPS.values(), ids=STEPS)
def test_the_steps_read(
    what: Publication, state: State, index: IndexPolicy, steps: str
) -> None:
    assert "".join(f"{step}\n" for step in _steps(what, state, index)) == steps


def test_every_state_has_a_case() -> None:
    assert {state for _, state, _, _ in STEPS.values()} == set(State)


@pytest.mark.parametrize("state", State)
def test_each_step_is_one_line_and_the_first_names_the_release(state: State) -> None:
    for what in (publication(), _HALF, publication(SDIST, WHEEL, LATER, OLD)):
        for index in (PYPI, TESTPYPI, INTERNAL, UNNAMED):
            steps = _steps(what, state, index)

            assert all(step.splitlines() == [step] for step in steps)
            assert not [step for step in steps if step.endswith(".")]
            assert not steps or steps[0].startswith("demo 1.0: ")


# --- the command ------------------------------------------------------------------


def _command(
    what: Publication, index: IndexPolicy = INTERNAL, state: State = State.MISSING
) -> str:
    """The one command of the steps: the line that is indented."""
    (line,) = (step for step in _steps(what, state, index) if step.startswith("  "))
    return line


@pytest.mark.parametrize(
    ("index", "where"),
    [
        pytest.param(PYPI, ["--repository", "pypi"], id="PyPI"),
        pytest.param(TESTPYPI, ["--repository", "testpypi"], id="the test index"),
        pytest.param(
            INTERNAL,
            ["--repository-url", "https://index.example/upload/"],
            id="an index of the policy",
        ),
        pytest.param(
            IndexPolicy("pypi", repository_url="https://index.example/legacy/"),
            ["--repository-url", "https://index.example/legacy/"],
            id="PyPI by another URL",
        ),
        pytest.param(
            UNNAMED, ["--repository-url", "UPLOAD_URL"], id="no upload URL is known"
        ),
        pytest.param(
            IndexPolicy("internal", simple_url="https://index.example/simple/"),
            ["--repository-url", "UPLOAD_URL"],
            id="a name that .pypirc need not know",
        ),
    ],
)
def test_the_command_uploads_to_the_index_that_was_asked_and_to_no_other(
    index: IndexPolicy, where: list[str]
) -> None:
    words = shlex.split(_command(publication(WHEEL), index))

    assert words == ["twine", "upload", *where, f"dist/{SDIST}"]


HOSTILE = [
    "demo-1.0-py3-none-any;touch hacked.whl",
    "demo-1.0-py3-none-a b.whl",
    "demo-1.0-py3-none-$(touch hacked).whl",
    "demo-1.0-py3-none-`touch hacked`.whl",
    "demo-1.0-py3-none-'; touch hacked; '.whl",
    'demo-1.0-py3-none-"; touch hacked; ".whl',
    "demo-1.0-py3-none-any&&touch hacked.whl",
    "demo-1.0-py3-none-*.whl",
    "demo-1.0-py3-none-any\n touch hacked.whl",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_shell_reads_a_hostile_name_as_one_word(name: str) -> None:
    line = _command(publication(WHEEL, of=expected(SDIST, WHEEL, name)))

    assert shlex.split(line)[-2:] == [f"dist/{SDIST}", f"dist/{name}"]


@pytest.mark.parametrize("name", HOSTILE)
def test_a_real_shell_runs_nothing_of_a_hostile_name(
    name: str, tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("pasted")
    line = _command(publication(of=expected(name)))
    pasted = line.replace("twine upload", "printf '%s\\0'", 1)

    done = subprocess.run(
        ["/bin/sh", "-c", pasted], cwd=folder, capture_output=True, check=True
    )

    assert done.stdout.decode().split("\0")[2:-1] == [f"dist/{name}"]
    assert list(folder.iterdir()) == []


@pytest.mark.parametrize(
    "url",
    [
        "https://user:secret@index.example/upload/",
        "https://user:sec/secret@index.example/upload/",
        "https://index.example/upload/?token=secret",
        "https://index.example/upload/#secret",
        "https://user:secret@upload.index.example:8443/legacy/",
    ],
)
@pytest.mark.parametrize("rules", UploadRules)
def test_no_step_tells_a_password_of_the_upload_url(
    url: str, rules: UploadRules
) -> None:
    index = IndexPolicy("internal", repository_url=url, upload_rules=rules)

    for state in State:
        told = "\n".join(_steps(publication(SDIST, LATER), state, index))
        assert "secret" not in told
        assert "user:" not in told


def test_a_shell_reads_a_hostile_upload_url_as_one_word() -> None:
    url = "https://index.example/a;touch$IFS'hacked'/"
    index = IndexPolicy("internal", repository_url=url)

    words = shlex.split(_command(publication(WHEEL), index))

    assert words == ["twine", "upload", "--repository-url", url, f"dist/{SDIST}"]


# --- the day on which the release closes --------------------------------------------


def _until(*times: datetime | None, index: IndexPolicy = PYPI) -> list[str]:
    """What is said of the day, where files were uploaded at these times."""
    names = [f"demo-1.0-{number}-py3-none-any.whl" for number in range(len(times))]
    listed = [
        indexed(name, uploaded=time) for name, time in zip(names, times, strict=True)
    ]
    what = publication(
        *listed,
        indexed(OLD, uploaded=NOW - timedelta(days=300)),
        of=expected(SDIST, *names),
    )
    steps = _steps(what, State.MISSING, index)
    return [step for step in steps if "until" in step]


def test_the_release_closes_14_days_after_its_first_file() -> None:
    first = datetime(2026, 2, 20, 9, 30, 59, tzinfo=UTC)
    times = (first + timedelta(hours=3), first, first + timedelta(days=2))

    assert _until(*times) == ["the release takes files until 2026-03-06 09:30 UTC"]


@pytest.mark.parametrize(
    "times",
    [
        pytest.param((), id="no file is there: it has not begun"),
        pytest.param((None,), id="the index does not say"),
        pytest.param((NOW, None), id="one that may be the first does not say"),
    ],
)
def test_no_day_is_told_that_nobody_knows(times: tuple[datetime | None, ...]) -> None:
    assert _until(*times) == []


@pytest.mark.parametrize("index", [INTERNAL, UNNAMED])
def test_an_index_without_pypis_rules_closes_no_release(index: IndexPolicy) -> None:
    assert _until(NOW, index=index) == []


# --- meanwhile ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("what", "told"),
    [
        pytest.param(publication(), "nobody can install the project", id="a new one"),
        pytest.param(
            publication(OLD), "users get the release before", id="nothing is there"
        ),
        pytest.param(
            publication(OLD, WHEEL),
            "who builds from source gets the release before",
            id="only the sdist is missing",
        ),
        pytest.param(
            publication(OLD, SDIST),
            "users without their wheel build from the sdist",
            id="a wheel is missing",
        ),
        pytest.param(
            publication(OLD, WHEEL, of=expected(SDIST, WHEEL, LATER)),
            "users without their wheel get the release before",
            id="a wheel and the sdist are missing",
        ),
        pytest.param(
            publication(OLD, WHEEL, of=expected(WHEEL, LATER)),
            "users without their wheel get the release before",
            id="a wheel is missing, and there is no sdist",
        ),
    ],
)
def test_what_users_get_meanwhile(what: Publication, told: str) -> None:
    assert _steps(what, State.MISSING)[-1] == f"meanwhile {told}"


# --- several releases ---------------------------------------------------------------


def _other() -> ExpectedRelease:
    return expected("demo-2.0rc1.tar.gz", version="2.0rc1")


def test_of_several_releases_each_has_its_own_block_in_their_order() -> None:
    states = [
        (publication(SDIST), State.MISSING),
        (publication(SDIST, WHEEL), State.EXACT),
        (publication(of=_other()), State.MISSING),
        (publication("demo-2.0rc1.tar.gz", of=_other()), State.ALTERED),
    ]

    steps = tuple(step_lines(next_steps(states, INTERNAL, on_pypi=False)))

    assert steps == tuple(
        step for what, state in states for step in _steps(what, state, INTERNAL)
    )
    assert [step.partition(":")[0] for step in steps if step.startswith("demo ")] == [
        "demo 1.0",
        "demo 2.0rc1",
        "demo 2.0rc1",
    ]


def test_where_there_is_no_release_there_is_nothing_to_do() -> None:
    assert next_steps([], PYPI, on_pypi=True) == ()


@pytest.mark.parametrize(
    ("index", "place"),
    [
        pytest.param(
            IndexPolicy(
                "mirror",
                repository_url="https://user:pw@upload.index.example:8443/legacy/",
                upload_rules=UploadRules.PYPI,
            ),
            "at https://index.example:8443/manage/project/demo/release/1.0/",
            id="a Warehouse of one's own",
        ),
        pytest.param(
            IndexPolicy(
                "ours",
                repository_url="https://index.example/root/dev/",
                upload_rules=UploadRules.PYPI,
            ),
            "on the index",
            id="PyPI's rules on another server",
        ),
        pytest.param(INTERNAL, "on the index", id="an index of one's own"),
        pytest.param(
            IndexPolicy("ours", repository_url="https://index.example/legacy/"),
            "on the index",
            id="a path as Warehouse's, without PyPI's rules",
        ),
        pytest.param(UNNAMED, "on the index", id="no upload URL"),
    ],
)
def test_a_yank_is_taken_back_where_the_release_is_managed(
    index: IndexPolicy, place: str
) -> None:
    first, *_ = _steps(publication(SDIST, WHEEL), State.YANKED, index)

    assert first.endswith(f"; a yank is taken back {place}")


@pytest.mark.parametrize("state", [State.UNEXPECTED, State.YANKED])
def test_nothing_is_uploaded_to_a_project_that_is_held_back(state: State) -> None:
    held_back = publication(status="quarantined")
    steps = tuple(step_lines(next_steps([(held_back, state)], PYPI, on_pypi=True)))
    assert "the index holds the project back: upload nothing" in steps
    assert not [step for step in steps if "upload them" in step or "twine" in step]

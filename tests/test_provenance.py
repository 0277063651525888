"""Provenance, whole: what an index on this machine answers, who may sign, and what
``check`` and ``verify`` make of signed files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import payloads
import pytest
import servers
import signing
import sound
import yaml
from builders import COMMIT, SDIST, WHEEL, expected, indexed, sha256
from packaging.utils import canonicalize_name
from packaging.version import Version
from servers import Reply, Server

from release_guard import cli, run
from release_guard.errors import ExitCode, IndexUnavailableError, SourceError
from release_guard.facts import (
    Attestation,
    ExpectedFile,
    ExpectedRelease,
    IndexedFile,
    Kind,
    Listing,
    Missing,
    PublishedFile,
    Signers,
)
from release_guard.findings import Finding, Report, Severity, Verdict
from release_guard.jobs.common import Clock, Job, web_of
from release_guard.jobs.provenance import expected_signers, published_files
from release_guard.policy import (
    IndexPolicy,
    IndexSettings,
    Overrides,
    Policy,
    PolicyFile,
    Presence,
    read_policy,
    resolve,
)
from release_guard.rules import RULE_IDS
from release_guard.rules.provenance import published_unattested
from release_guard.sources.provenance import ACCEPT, LARGEST

ROOT = Path(__file__).parents[1]
SHARED = ROOT.parent / "shared" / "data" / "attestations"
OWN = "pypi_attestations-0.0.19.tar.gz"
needs_published = pytest.mark.skipif(
    not SHARED.is_dir(), reason="the published attestations are not beside this project"
)
INTEGRITY = "application/vnd.pypi.integrity.v1+json"
RELEASE = ".github/workflows/release.yml"
PATH = f"/integrity/demo/1.0/{SDIST}/provenance"


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    with servers.serving() as server:
        yield server


@pytest.fixture(name="_trusted")
def _trust(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tests' own sigstore counts, in place of the public one."""
    signing.trust_ours(monkeypatch)


# --- what is asked ----------------------------------------------------------------


def _policy(
    url: str,
    *,
    repositories: tuple[str, ...] = ("org/demo",),
    workflows: tuple[str, ...] = (RELEASE,),
) -> Policy:
    return Policy(
        IndexPolicy(
            "internal",
            simple_url=f"{url}/simple/",
            repositories=repositories,
            workflows=workflows,
            provenance=Presence.REQUIRED,
        )
    )


def _job(policy: Policy, **environ: str) -> Job:
    return Job(policy, environ, web_of(policy, environ))


def _listing(server: Server, *files: IndexedFile) -> Listing:
    project = canonicalize_name("demo")
    return Listing(project, f"{server.url}/simple/demo/", files, is_json=True)


def _listed(server: Server, name: str = SDIST, at: str = PATH) -> IndexedFile:
    return indexed(name, provenance=f"{server.url}{at}")


def _answer(body: bytes, status: int = 200, kind: str = INTEGRITY) -> Reply:
    return Reply(body, status, {"Content-Type": kind})


def _ask(
    server: Server, *files: IndexedFile, commit: str = ""
) -> tuple[list[PublishedFile], list[Missing]]:
    """What is found of a release of these files, by default of the sdist."""
    listed = files or (_listed(server),)
    release = expected(*(file.filename for file in listed))
    job = _job(_policy(server.url))
    return published_files(job, release, _listing(server, *listed), commit=commit)


def _judged(files: list[PublishedFile], policy: Policy) -> list[Finding]:
    return [f for file in files for f in published_unattested.findings(file, policy)]


# --- a published provenance -------------------------------------------------------


def _released(version: str = "0.0.19", digest: str = "") -> ExpectedRelease:
    """The release whose provenance is here, by the hash in its own statement."""
    content = json.loads((SHARED / f"{OWN}.publish.attestation").read_bytes())
    statement = signing.statement_of(content)
    found = statement["subject"][0]["digest"]["sha256"]
    file = ExpectedFile(OWN, Kind.SDIST, 1000, digest or found)
    project = canonicalize_name("pypi-attestations")
    return ExpectedRelease(project, Version(version), (file,), None)


def _ask_of_published(
    server: Server, release: ExpectedRelease, policy: Policy
) -> tuple[list[PublishedFile], list[Missing]]:
    path = f"/integrity/pypi-attestations/0.0.19/{OWN}/provenance"
    server.on(path, _answer((SHARED / f"{OWN}.provenance").read_bytes()))
    (file,) = release.files
    listed = IndexedFile(
        OWN, release.version, file.sha256, provenance=f"{server.url}{path}"
    )
    page = f"{server.url}/simple/pypi-attestations/"
    listing = Listing(release.project, page, (listed,))
    return published_files(_job(policy), release, listing)


@needs_published
@pytest.mark.parametrize(
    "repository",
    ["trailofbits/pypi-attestations", "TrailOfBits/PyPI-Attestations"],
    ids=["as it is written", "in another case"],
)
def test_a_published_file_is_proven_to_be_of_its_repository_and_workflow(
    repository: str, server: Server
) -> None:
    policy = _policy(server.url, repositories=(repository,))

    files, missing = _ask_of_published(server, _released(), policy)

    (file,) = files
    assert missing == []
    assert [attestation.verified for attestation in file.attestations] == [True]
    assert _judged(files, policy) == []


_THEIRS = "trailofbits/pypi-attestations"
_BYTES = "9bb1add04b1b4e182be6b0b80931593f7a291eb49d69b4fd728a5d4cbcdc4bd3"
STRANGERS: dict[str, tuple[dict[str, Any], str, str]] = {
    "a fork": (
        {"repositories": ("stranger/x",)},
        "",
        f"was signed by {_THEIRS}, {RELEASE}; expected stranger/x, {RELEASE}",
    ),
    "another workflow": (
        {
            "repositories": (_THEIRS,),
            "workflows": ("x.yml",),
        },
        "",
        f"was signed by {_THEIRS}, {RELEASE}; expected {_THEIRS}, x.yml",
    ),
    "other bytes": (
        {"repositories": (_THEIRS,)},
        "ab" * 32,
        f"speaks of the sha256 {_BYTES}, expected {'ab' * 32}",
    ),
}


@needs_published
@pytest.mark.parametrize(
    ("said", "digest", "told"), STRANGERS.values(), ids=STRANGERS.keys()
)
def test_a_published_file_of_somebody_else_is_not_proven(
    said: dict[str, Any], digest: str, told: str, server: Server
) -> None:
    policy = _policy(server.url, **said)

    files, missing = _ask_of_published(server, _released(digest=digest), policy)

    (finding,) = _judged(files, policy)
    assert missing == []
    assert (finding.rule, finding.severity) == ("published-unattested", Severity.ERROR)
    assert finding.message == f"attestation 1 of 1 {told}"


@needs_published
def test_a_published_file_whose_signature_was_changed_is_not_proven(
    server: Server,
) -> None:
    content = json.loads((SHARED / f"{OWN}.provenance").read_bytes())
    (attestation,) = content["attestation_bundles"][0]["attestations"]
    other = json.loads((SHARED / f"{OWN}.slsa.attestation").read_bytes())
    attestation["envelope"]["signature"] = other["envelope"]["signature"]
    server.on(PATH, _answer(json.dumps(content).encode()))

    files, missing = _ask(server)

    (finding,) = _judged(files, _policy(server.url))
    assert missing == []
    assert finding.message.startswith("attestation 1 of 1 does not verify: ")


# --- what an index may answer -----------------------------------------------------


def _sound_answer(*names: str) -> Reply:
    signed = [signing.OURS.sign(name, sha256(name)) for name in names or (SDIST,)]
    return _answer(signing.provenance_of(*signed))


@pytest.mark.usefixtures("_trusted")
def test_the_attestations_of_a_file_are_asked_for_as_such(server: Server) -> None:
    server.on(PATH, _sound_answer())

    files, missing = _ask(server)

    (file,) = files
    (attestation,) = file.attestations
    assert missing == []
    assert file.listed
    assert attestation.signer == signing.USUAL
    assert file.signers == Signers(("org/demo",), (RELEASE,))
    assert (server.asked(), server.sent("Accept")) == ([PATH], [ACCEPT])
    assert _judged(files, _policy(server.url)) == []


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(
    "kind", ["application/json", "application/octet-stream", ""], ids=str
)
def test_what_an_answer_calls_itself_is_no_matter(kind: str, server: Server) -> None:
    server.on(PATH, replace(_sound_answer(), headers={"Content-Type": kind}))

    files, missing = _ask(server)

    assert missing == []
    assert _judged(files, _policy(server.url)) == []


@pytest.mark.usefixtures("_trusted")
def test_an_index_that_says_it_has_none_is_not_asked(server: Server) -> None:
    files, missing = _ask(server, indexed(SDIST, provenance=""))

    (finding,) = _judged(files, _policy(server.url))
    assert missing == []
    assert server.asked() == []
    assert finding.message.startswith("internal lists no attestation of it, expected ")


@pytest.mark.usefixtures("_trusted")
def test_an_address_that_answers_404_is_none(server: Server) -> None:
    files, missing = _ask(server)

    (file,) = files
    assert missing == []
    assert server.asked() == [PATH]
    assert (file.listed, file.attestations) == (False, ())
    assert len(_judged(files, _policy(server.url))) == 1


@pytest.mark.usefixtures("_trusted")
def test_a_redirect_on_the_index_is_followed(server: Server) -> None:
    server.on(PATH, servers.redirect("/elsewhere"))
    server.on("/elsewhere", _sound_answer())

    files, missing = _ask(server)

    assert missing == []
    assert _judged(files, _policy(server.url)) == []


@pytest.mark.usefixtures("_trusted")
def test_an_index_that_cannot_tell_meets_no_requirement(server: Server) -> None:
    names = [f"demo-1.0-cp3{minor}-cp3{minor}-win32.whl" for minor in range(10, 15)]
    listed = [indexed(name) for name in names]

    files, missing = _ask(server, *listed)

    (item,) = missing
    assert files == []
    assert server.asked() == []
    assert (item.subject, item.needed) == (PublishedFile, True)
    assert item.reason == (
        f"{server.url}/simple/demo/: does not say whether there are attestations "
        f"of {', '.join(names[:3])} and 2 more"
    )
    assert "PEP 740" in item.hint


@pytest.mark.usefixtures("_trusted")
def test_a_file_that_is_not_listed_is_not_proven(server: Server) -> None:
    job = _job(_policy(server.url))

    files, missing = published_files(job, expected(SDIST), _listing(server))

    assert files == []
    assert [item.needed for item in missing] == [True]


_NO_PROVENANCE = "{at}: the answer is no provenance (PEP 740): "
#: Each answer that decides nothing, and what is told of it.
UNDECIDED: dict[str, tuple[servers.Answer, str]] = {
    "refused": (_answer(b"no", 403), "{at}: answers 403 Forbidden"),
    "not to be had in this form": (
        _answer(b"no", 406),
        "{at}: answers 406 Not Acceptable",
    ),
    "a login page": (
        _answer(b"<html><form></form></html>", kind="text/html"),
        f"{_NO_PROVENANCE}Expecting value: line 1 column 1 (char 0)",
    ),
    "nothing": (
        _answer(b""),
        f"{_NO_PROVENANCE}Expecting value: line 1 column 1 (char 0)",
    ),
    "another version of the form": (
        _answer(b'{"version": 2, "attestation_bundles": []}'),
        f"{_NO_PROVENANCE}its version is not 1",
    ),
    "very deep": (
        _answer(b"[" * 1_000_000),
        f"{_NO_PROVENANCE}it is nested too deep",
    ),
    "thousands of attestations": (
        _answer(signing.provenance_of(*[{}] * 9_999)),
        f"{_NO_PROVENANCE}it holds 9999 attestations, 20 are read",
    ),
    "more than any has": (
        _answer(b" " * (LARGEST + 1)),
        f"{{at}}: sends more than {LARGEST} bytes",
    ),
    "bytes without an end": (
        servers.endless(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n", b" " * 65536
        ),
        f"{{at}}: sends more than {LARGEST} bytes",
    ),
    "a redirect to another host": (
        servers.redirect("https://elsewhere.example/x?token=secret"),
        "{at}: redirects to another host, https://elsewhere.example/x",
    ),
    "a redirect to what is not there": (
        servers.redirect("/gone"),
        "{url}/gone: redirects to an address that is not there",
    ),
    "redirects without an end": (
        servers.redirect(PATH),
        "{at}: redirects without an end",
    ),
}


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize(("answer", "reason"), UNDECIDED.values(), ids=UNDECIDED.keys())
def test_an_answer_that_decides_nothing_is_missing(
    answer: servers.Answer, reason: str, server: Server
) -> None:
    server.on(PATH, answer)
    server.on("/wheel", _sound_answer(WHEEL))

    files, missing = _ask(server, _listed(server), _listed(server, WHEEL, "/wheel"))

    (item,) = missing
    told = reason.format(at=f"{server.url}{PATH}", url=server.url)
    assert (item.reason, item.needed) == (told, True)
    assert [file.label for file in files] == [WHEEL], "the others are read"
    assert _judged(files, _policy(server.url)) == []


#: Each answer that may be another one the next time.
TRANSIENT: dict[str, servers.Answer] = {
    "unavailable": _answer(b"", 503),
    "too many requests": _answer(b"", 429),
    "an error of the server": _answer(b"", 500),
    "a connection that is cut": servers.raw(b""),
    "half an answer": Reply(b"{", claimed=1000),
}


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize("answer", TRANSIENT.values(), ids=TRANSIENT.keys())
def test_what_may_pass_by_itself_goes_up(
    answer: servers.Answer, server: Server
) -> None:
    server.on(PATH, answer)

    with pytest.raises(IndexUnavailableError) as caught:
        _ask(server)

    assert caught.value.transient
    assert caught.value.message.startswith(f"{server.url}{PATH}: ")


@pytest.mark.usefixtures("_trusted")
def test_all_answers_together_may_take_as_long_as_one(server: Server) -> None:
    """The clock is the test's: each look at it is a minute later."""
    minutes = iter(range(0, 60_000, 60))
    job = _job(_policy(server.url))
    clocked = replace(job, clock=Clock(now=lambda: next(minutes)))
    names = [f"demo-1.0-cp3{minor}-cp3{minor}-win32.whl" for minor in range(10, 20)]
    listed = [_listed(server, name, f"/{name}") for name in names]

    with pytest.raises(IndexUnavailableError, match="did not come in 120 s") as caught:
        published_files(clocked, expected(*names), _listing(server, *listed))

    assert caught.value.transient
    assert len(server.asked()) <= 2


ELSEWHERE: dict[str, Callable[[Server], str]] = {
    "another host": lambda server: "https://elsewhere.example/x",
    "another port": lambda server: "http://127.0.0.1:1/x",
    "another scheme": lambda server: f"https://{server.host}{PATH}",
    "a file": lambda server: "file:///etc/passwd",
    "no address": lambda server: "x",
    "a host behind a backslash": lambda server: f"{server.url}\\@elsewhere.example/x",
}


@pytest.mark.usefixtures("_trusted")
@pytest.mark.parametrize("url", ELSEWHERE.values(), ids=ELSEWHERE.keys())
def test_only_the_index_itself_is_asked(
    url: Callable[[Server], str], server: Server
) -> None:
    listed = indexed(SDIST, provenance=url(server))

    files, missing = _ask(server, listed)

    (item,) = missing
    assert files == []
    assert server.asked() == []
    assert item.needed
    assert item.reason.startswith(
        f"{server.url}/simple/demo/: says that the attestations of {SDIST} are "
        "elsewhere, at "
    )


@pytest.mark.usefixtures("_trusted")
def test_the_index_is_asked_with_its_credentials_and_they_are_not_told(
    server: Server,
) -> None:
    server.on(PATH, _answer(b"{}"))
    job = _job(_policy(server.with_credentials("user:secret")))

    listing = _listing(server, _listed(server))
    _, missing = published_files(job, expected(SDIST), listing)

    (sent,) = server.sent("Authorization")
    assert sent is not None
    assert sent.startswith("Basic ")
    assert "secret" not in str(missing)


def test_without_the_libraries_nothing_is_proven(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    _without_libraries(monkeypatch)

    files, missing = _ask(server)

    (item,) = missing
    assert files == []
    assert (item.needed, item.hint) == (True, "install release-guard[provenance]")


def _without_libraries(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail() -> None:
        raise SourceError("not installed", hint="install release-guard[provenance]")

    for module in ("files", "provenance"):
        monkeypatch.setattr(f"release_guard.jobs.{module}.load_verifier", fail)


@pytest.mark.usefixtures("_trusted")
def test_forty_wheels_are_asked_for_once_each_and_told_in_order(server: Server) -> None:
    names = [f"demo-1.0-py3-none-macosx_{n}_0_x86_64.whl" for n in range(10, 50)]
    for name in names:
        server.on(f"/{name}", _sound_answer(name))
    listed = [_listed(server, name, f"/{name}") for name in names]

    files, missing = _ask(server, *listed)

    assert missing == []
    assert [file.label for file in files] == names
    assert sorted(server.asked()) == [f"/{name}" for name in names]
    assert _judged(files, _policy(server.url)) == []


# --- who may sign -----------------------------------------------------------------


def _pushed(folder: Path, **said: str) -> dict[str, str]:
    """What the runner sets in a run of a pushed tag."""
    event = payloads.push("refs/tags/v1.0", COMMIT)
    usual = {
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_REPOSITORY_ID": "4711",
        "GITHUB_WORKFLOW_REF": f"org/demo/{RELEASE}@refs/tags/v1.0",
    }
    return event.environ(folder / "event.json", **(usual | said))


def _named(
    repositories: tuple[str, ...] = (), workflows: tuple[str, ...] = ()
) -> Policy:
    return Policy(IndexPolicy(repositories=repositories, workflows=workflows))


def test_this_run_may_sign_where_the_policy_says_nothing(tmp_path: Path) -> None:
    job = Job(_named(), _pushed(tmp_path))

    assert expected_signers(job) == Signers(("org/demo",), (RELEASE,), "4711")


def test_whom_the_policy_names_may_sign_and_nobody_else(tmp_path: Path) -> None:
    job = Job(_named(("org/a", "org/b"), ("x.yml",)), _pushed(tmp_path))

    assert expected_signers(job) == Signers(("org/a", "org/b"), ("x.yml",))


def test_a_policy_may_name_only_the_workflow(tmp_path: Path) -> None:
    job = Job(_named(workflows=("x.yml",)), _pushed(tmp_path))

    assert expected_signers(job) == Signers(("org/demo",), ("x.yml",), "4711")


def test_a_policy_that_names_both_needs_no_run() -> None:
    job = Job(_named(("org/a",), ("x.yml",)), {})

    assert expected_signers(job) == Signers(("org/a",), ("x.yml",))


_NO_RUN = (
    "nothing says who signs: this is no CI run that is known, and the policy names"
)
_GITLAB = {
    "GITLAB_CI": "true",
    "CI_PIPELINE_SOURCE": "push",
    "CI_PROJECT_PATH": "org/demo",
    "CI_PROJECT_ID": "4711",
    "CI_COMMIT_SHA": COMMIT,
    "CI_COMMIT_BRANCH": "main",
}
UNNAMED: dict[str, tuple[Policy, Mapping[str, str], str]] = {
    "no run": (_named(), {}, f"{_NO_RUN} no repositories and no workflows"),
    "no run, and only repositories": (
        _named(("org/a",)),
        {},
        f"{_NO_RUN} no workflows",
    ),
    "no run, and only workflows": (
        _named(workflows=("x.yml",)),
        {},
        f"{_NO_RUN} no repositories",
    ),
    "a GitLab of one's own": (
        _named(),
        {**_GITLAB, "CI_SERVER_URL": "https://gitlab.example"},
        (
            "nothing says who signs: this run does not say by which workflow of which "
            "forge it is, and the policy names no workflows"
        ),
    ),
    "two systems at once": (
        _named(),
        {**_GITLAB, "GITHUB_ACTIONS": "true", "GITHUB_REPOSITORY": "stranger/demo"},
        (
            "nothing says who signs: two CI systems speak at once: GITLAB_CI and "
            "GITHUB_ACTIONS are set, and the policy names no repositories and no "
            "workflows"
        ),
    ),
}


@pytest.mark.parametrize(
    ("policy", "environ", "told"), UNNAMED.values(), ids=UNNAMED.keys()
)
def test_where_nobody_says_who_signs_nothing_is_proven(
    policy: Policy, environ: Mapping[str, str], told: str
) -> None:
    with pytest.raises(SourceError) as caught:
        expected_signers(Job(policy, environ))

    assert caught.value.message == told
    assert "workflows: [release.yml]" in caught.value.hint


@pytest.mark.parametrize("index", ["pypi", "testpypi", "ours"])
def test_whom_the_policy_names_for_all_may_sign_for_each_index(
    index: str, tmp_path: Path
) -> None:
    """Also where an index is not for releases, and takes uploads of any repository."""
    ours = IndexSettings(simple_url="https://index.example/simple/", require_tag=False)
    named = PolicyFile(indexes={"ours": ours}, repositories=("org/other",))
    policy = resolve(named, Overrides(index=index))

    assert expected_signers(Job(policy, _pushed(tmp_path))) == Signers(
        ("org/other",), (RELEASE,)
    )


def test_a_job_of_gitlab_may_sign() -> None:
    job = Job(_named(), {**_GITLAB, "CI_SERVER_URL": "https://gitlab.com"})

    assert expected_signers(job) == Signers(("org/demo",), (".gitlab-ci.yml",), "4711")


@pytest.mark.usefixtures("_trusted")
def test_where_nobody_says_who_signs_that_is_missing(server: Server) -> None:
    job = _job(_policy(server.url, repositories=(), workflows=()))

    listing = _listing(server, _listed(server))
    files, missing = published_files(job, expected(SDIST), listing)

    (item,) = missing
    assert (files, server.asked(), item.needed) == ([], [], True)
    assert item.reason.startswith("nothing says who signs: ")


def _policies() -> list[str]:
    """The policies that the page for users shows."""
    text = (ROOT / "docs" / "provenance.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```yaml\n(.*?)```", text, re.DOTALL)
    assert len(blocks) == 3
    return [block for block in blocks if "uses:" not in block]


# --- check: before the upload -----------------------------------------------------

_WHEEL_FILE = Path("dist") / WHEEL
_SDIST_FILE = Path("dist") / SDIST


@pytest.fixture(name="_dist")
def _pair(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder to work in, with a sound pair in ``dist``."""
    monkeypatch.chdir(tmp_path)
    sound.pair(Path("dist"))


def _hash(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _signed(
    *paths: Path,
    **said: Any,  # noqa: ANN401
) -> None:
    """An attestation beside each file, by default by the release workflow."""
    for path in paths or (_WHEEL_FILE, _SDIST_FILE):
        digest = str(said.get("sha256") or _hash(path))
        named = {key: value for key, value in said.items() if key != "sha256"}
        document = signing.OURS.sign(path.name, digest, **named)
        beside = path.with_name(f"{path.name}.publish.attestation")
        beside.write_text(json.dumps(document), encoding="utf-8")


def _run(*words: str, policy: str = "", **environ: str) -> Report:
    Path("policy.yml").write_text(f"edition: 2026\n{policy}", encoding="utf-8")
    said = [words[0], "--policy", "policy.yml", *words[1:]]
    return run.run(cli.parse(said), environ).report


def _rules(report: Report) -> list[tuple[str, str]]:
    return [(finding.rule, finding.severity.value) for finding in report.findings]


def _needed(report: Report) -> dict[str, str]:
    return {item.rule: item.reason for item in report.not_run if item.needed}


_NAMED = "repositories: [org/demo]\nworkflows: [release.yml]\n"
_REQUIRED = f"{_NAMED}provenance: required\n"


@pytest.mark.usefixtures("_trusted", "_dist")
@pytest.mark.parametrize("policy", ["", _NAMED, _REQUIRED])
def test_a_set_that_the_release_workflow_signed_passes(policy: str) -> None:
    _signed()

    report = _run("check", "--offline", policy=policy)

    assert (report.verdict, report.findings) == (Verdict.PASS, ())


@pytest.mark.usefixtures("_trusted", "_dist")
def test_a_set_that_this_run_signed_passes(tmp_path: Path) -> None:
    _signed(claims=signing.github(commit=COMMIT))

    report = _run(
        "check",
        "--offline",
        policy="provenance: required",
        **_pushed(tmp_path),
    )

    assert (_rules(report), _needed(report)) == ([], {})


@pytest.mark.usefixtures("_trusted", "_dist")
def test_a_set_that_a_run_of_another_commit_signed_does_not_pass(
    tmp_path: Path,
) -> None:
    _signed(claims=signing.github(commit="0b" * 20))

    report = _run("check", "--offline", **_pushed(tmp_path))

    assert set(_rules(report)) == {("provenance-commit-mismatch", "error")}
    assert "was signed in a run of 0b0b0b0b0b0b" in report.findings[0].message


SIGNED_OTHERWISE: dict[str, tuple[dict[str, Any], str, str, str]] = {
    "a fork's workflow": (
        {"claims": signing.github("stranger/demo")},
        "warning",
        "error",
        "was signed by stranger/demo, .github/workflows/release.yml; expected ",
    ),
    "another workflow": (
        {"claims": signing.github(workflow="nightly.yml")},
        "warning",
        "error",
        "was signed by org/demo, .github/workflows/nightly.yml; expected ",
    ),
    "a person": (
        {"claims": {"8": "https://github.com/login/oauth"}, "identity": "a@b.example"},
        "warning",
        "error",
        "was signed by a@b.example (for whom no forge speaks); expected ",
    ),
    "other bytes": (
        {"sha256": "ab" * 32},
        "error",
        "error",
        f"speaks of the sha256 {'ab' * 32}, the file has ",
    ),
}


@pytest.mark.usefixtures("_trusted", "_dist")
@pytest.mark.parametrize(
    ("said", "lax", "strict", "told"),
    SIGNED_OTHERWISE.values(),
    ids=SIGNED_OTHERWISE.keys(),
)
def test_a_set_that_is_signed_otherwise_is_told(
    said: dict[str, Any],
    lax: str,
    strict: str,
    told: str,
) -> None:
    _signed(**said)

    for policy, weight in ((_NAMED, lax), (_REQUIRED, strict)):
        report = _run("check", "--offline", policy=policy)
        assert _rules(report) == [("attestation-invalid", weight)] * 2
        assert report.findings[0].message.startswith(told)


@pytest.mark.usefixtures("_dist")
def test_a_signature_that_does_not_count_is_refused_as_the_index_would() -> None:
    """Nobody trusts the tests' own sigstore here: the public one decides."""
    _signed(_WHEEL_FILE, _SDIST_FILE)

    report = _run("check", "--offline")

    assert _rules(report) == [("attestation-invalid", "error")] * 2
    assert report.exit_code is ExitCode.FINDINGS
    for finding in report.findings:
        assert finding.message.startswith("does not verify: it stands in a transp")
        assert finding.refusal is not None
        assert finding.refusal.row == "132"
    assert not Path("release-manifest.json").exists()


@pytest.mark.usefixtures("_trusted", "_dist")
def test_where_provenance_is_required_every_file_must_be_signed() -> None:
    report = _run("check", "--offline", policy=_REQUIRED)
    assert _rules(report) == [("attestation-missing", "error")] * 2

    _signed(_WHEEL_FILE)
    report = _run("check", "--offline", policy=_REQUIRED)
    assert _rules(report) == [("attestation-missing", "error")]
    assert report.findings[0].subject == SDIST

    report = _run("check", "--offline", policy=_NAMED)
    assert _rules(report) == [("attestation-missing", "warning")]


@pytest.mark.usefixtures("_trusted", "_dist")
def test_what_publishes_may_sign_by_itself() -> None:
    action = "publisher: pypa/gh-action-pypi-publish@release/v1\n"

    report = _run("check", "--offline", policy=f"{_REQUIRED}{action}")

    assert (report.verdict, report.findings) == (Verdict.PASS, ())


@pytest.mark.usefixtures("_dist")
def test_without_the_libraries_a_requirement_is_not_met(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    _without_libraries(monkeypatch)
    _signed()

    report = _run("check", "--offline", policy=_NAMED)
    assert report.verdict is Verdict.PASS
    told = {
        item.reason for item in report.not_run if item.rule == "attestation-invalid"
    }
    assert told >= {"not installed"}

    report = _run("check", "--offline", policy=_REQUIRED)
    assert report.exit_code is ExitCode.UNDECIDED
    assert set(_needed(report)) == {"attestation-invalid", "attestation-missing"}


@pytest.mark.usefixtures("_trusted", "_dist")
def test_where_nobody_says_who_signs_a_requirement_is_not_met() -> None:
    _signed()

    report = _run("check", "--offline", policy="provenance: required")

    assert report.exit_code is ExitCode.UNDECIDED
    assert _needed(report)["attestation-invalid"].startswith("nothing says who signs")


@pytest.mark.usefixtures("_trusted", "_dist")
def test_a_part_keeps_who_signed_for_the_join() -> None:
    _signed(claims=signing.github("stranger/demo"))
    _run("check", "--part", "--manifest", "part-1.json", policy=_NAMED)

    report = _run("check", "--offline", "part-1.json", policy=_REQUIRED)

    assert _rules(report) == [("attestation-invalid", "error")] * 2
    assert "was signed by stranger/demo" in report.findings[0].message


@pytest.mark.usefixtures("_dist")
def test_a_part_keeps_that_a_signature_does_not_hold() -> None:
    _signed()
    _run("check", "--part", "--manifest", "part-1.json")

    report = _run("check", "--offline", "part-1.json")

    assert _rules(report) == [("attestation-invalid", "error")] * 2
    assert report.findings[0].message.startswith("does not verify: ")


@pytest.mark.usefixtures("_trusted", "_dist")
def test_the_publish_job_looks_at_the_signatures_again() -> None:
    _signed()
    _run("check", "--offline", policy=_NAMED)
    against = ("check", "--against", "release-manifest.json")
    assert _run(*against, policy=_REQUIRED).findings == ()

    _signed(_WHEEL_FILE, claims=signing.github("stranger/demo"))
    assert _rules(_run(*against, policy=_REQUIRED)) == [
        ("attestation-invalid", "error")
    ]

    _WHEEL_FILE.with_name(f"{WHEEL}.publish.attestation").unlink()
    assert _rules(_run(*against, policy=_REQUIRED)) == [
        ("attestation-missing", "error")
    ]


@pytest.mark.usefixtures("_trusted", "_dist")
def test_the_publish_job_requires_it_also_for_an_index_that_is_not_known_to_it() -> (
    None
):
    own = "indexes: {ours: {simple-url: 'https://index.example/simple/'}}\n"
    _run("check", "--offline", "--index", "ours", policy=f"{_NAMED}{own}")

    report = _run("check", "--against", "release-manifest.json", policy=_REQUIRED)

    assert _rules(report) == [("attestation-missing", "error")] * 2


@pytest.mark.usefixtures("_trusted", "_dist")
def test_a_workflow_run_may_sign_at_its_own_commit_and_at_the_built_one(
    tmp_path: Path,
) -> None:
    run_sha = "0b" * 20
    event = payloads.workflow_run("v1.0", COMMIT, run_sha)
    environ = event.environ(
        tmp_path / "event.json", GITHUB_WORKFLOW_REF=f"org/demo/{RELEASE}@main"
    )
    words = ("check", "--offline", "--tag", "v1.0", "--index", "testpypi")

    for commit in (COMMIT, run_sha):
        _signed(claims=signing.github(commit=commit))
        assert _rules(_run(*words, **environ)) == []

    _signed(claims=signing.github(commit="beef" * 10))
    report = _run(*words, **environ)
    assert set(_rules(report)) == {("provenance-commit-mismatch", "error")}


@pytest.mark.usefixtures("_trusted", "_dist")
def test_a_rehearsal_need_not_be_signed_and_is_judged_where_it_is() -> None:
    report = _run("rehearse", policy=_REQUIRED)
    assert (report.verdict, report.findings) == (Verdict.PASS, ())
    told = {
        item.reason for item in report.not_run if item.rule == "attestation-missing"
    }
    assert told == {"a rehearsal is not signed"}

    _signed(_WHEEL_FILE, sha256="ab" * 32)
    assert _rules(_run("rehearse", policy=_REQUIRED)) == [
        ("attestation-invalid", "error")
    ]


@pytest.mark.parametrize("block", _policies())
def test_policies_in_the_page_on_provenance_are_valid(block: str) -> None:
    said = read_policy(yaml.safe_load(block), where="it", rule_ids=RULE_IDS)

    assert (said.provenance, said.publisher) != (None, None)


# --- verify: after the upload -----------------------------------------------------


def _page(server: Server, **provenance: str | None) -> None:
    """What the index lists: the pair, and where attestations of each are."""
    entries = []
    for path in (_WHEEL_FILE, _SDIST_FILE):
        entry = dict(sound.indexed(path))
        if path.name in provenance:
            entry["provenance"] = provenance[path.name]
        entries.append(entry)
    page = {"meta": {"api-version": "1.3"}, "name": "demo", "files": entries}
    server.on(
        "/simple/demo/",
        Reply(json.dumps(page).encode(), headers={"Content-Type": sound.JSON}),
    )


def _verify(server: Server, *words: str, policy: str = _NAMED) -> Report:
    index = ("--index-url", f"{server.url}/simple/", "--timeout", "0")
    return _run("verify", "--dist", "dist", *index, *words, policy=policy)


@pytest.mark.usefixtures("_trusted", "_dist")
def test_verify_proves_who_published(server: Server) -> None:
    _page(server, **{WHEEL: f"{server.url}/w", SDIST: f"{server.url}/s"})
    for path, file in (("/w", _WHEEL_FILE), ("/s", _SDIST_FILE)):
        document = signing.OURS.sign(file.name, _hash(file))
        server.on(path, _answer(signing.provenance_of(document)))

    report = _verify(server, "--provenance")

    assert (_rules(report), _needed(report)) == ([], {})
    assert report.verdict is Verdict.PASS
    assert "/w" in server.asked()


@pytest.mark.usefixtures("_trusted", "_dist")
@pytest.mark.parametrize(
    ("words", "policy"),
    [(("--provenance",), _NAMED), ((), _REQUIRED)],
    ids=["--provenance", "provenance: required"],
)
def test_verify_does_not_pass_what_nobody_signed(
    words: tuple[str, ...], policy: str, server: Server
) -> None:
    _page(server, **{WHEEL: None, SDIST: None})
    report = _verify(server, *words, policy=policy)
    assert _rules(report) == [("published-unattested", "error")] * 2
    assert report.exit_code is ExitCode.FINDINGS

    _page(server)
    report = _verify(server, *words, policy=policy)
    assert set(_needed(report)) == {"published-unattested"}
    assert report.exit_code is ExitCode.UNDECIDED


@pytest.mark.usefixtures("_trusted", "_dist")
def test_verify_does_not_pass_what_a_stranger_signed(server: Server) -> None:
    _page(server, **{WHEEL: f"{server.url}/w", SDIST: f"{server.url}/s"})
    for path, file in (("/w", _WHEEL_FILE), ("/s", _SDIST_FILE)):
        claims = signing.github("stranger/demo" if path == "/s" else "org/demo")
        document = signing.OURS.sign(file.name, _hash(file), claims=claims)
        server.on(path, _answer(signing.provenance_of(document)))

    report = _verify(server, "--provenance")

    (finding,) = report.findings
    assert (finding.rule, finding.subject) == ("published-unattested", SDIST)
    assert finding.severity is Severity.ERROR


@pytest.mark.usefixtures("_trusted", "_dist")
@pytest.mark.parametrize(
    ("commit", "ref", "findings"),
    [
        (COMMIT, signing.TAG, []),
        ("0b" * 20, signing.TAG, [("published-unattested", "error")] * 2),
        ("0b" * 20, "refs/heads/main", [("published-unattested", "notice")] * 2),
    ],
    ids=["a run of it", "a run of the tag elsewhere", "a run on a branch"],
)
def test_verify_compares_the_commit_of_the_manifest_with_the_signers(
    commit: str, ref: str, findings: list[tuple[str, str]], server: Server
) -> None:
    assert _run("check", "--offline", "--commit", COMMIT).findings == ()
    _page(server, **{WHEEL: f"{server.url}/w", SDIST: f"{server.url}/s"})
    claims = signing.github(commit=commit, ref=ref)
    for path, file in (("/w", _WHEEL_FILE), ("/s", _SDIST_FILE)):
        document = signing.OURS.sign(file.name, _hash(file), claims=claims)
        server.on(path, _answer(signing.provenance_of(document)))

    index = ("--index-url", f"{server.url}/simple/", "--timeout", "0")
    report = _run("verify", "--provenance", *index, policy=_NAMED)

    assert _rules(report) == findings
    states = {published.state.value for published in report.published}
    is_wrong = ("published-unattested", "error") in findings
    assert states == {"unattested" if is_wrong else "exact"}
    assert report.exit_code == (1 if is_wrong else 0)


def test_the_rule_never_passes_what_nobody_verified() -> None:
    (file,) = expected(SDIST).files
    attestation = Attestation(
        "x", SDIST, is_known=True, subjects=((SDIST, file.sha256),)
    )
    published = PublishedFile(file, (attestation,), Signers(("org/demo",), (RELEASE,)))

    (finding,) = published_unattested.findings(published, _policy("https://x.example"))

    assert finding.severity is Severity.ERROR

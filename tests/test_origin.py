"""Where a release comes from: real repositories, real payloads, and the whole check."""

from __future__ import annotations

import contextlib
import json
import re
import shutil
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import builders
import payloads
import pytest
import sound
from forge import Repository
from hypothesis import example, given, settings
from hypothesis import strategies as st
from payloads import FORK, Event

from release_guard.cli import main
from release_guard.findings import Verdict
from release_guard.jobs.common import Job, report_on
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import ORIGIN_SCOPE, Origin, add_origin
from release_guard.sources import git as source

MAIN = "refs/heads/main"
NOWHERE = "1" * 40


@dataclass(frozen=True)
class Forge:
    """The repository on the forge, and its commits by what they are."""

    repository: Repository
    commits: Mapping[str, str]

    def __getitem__(self, name: str) -> str:
        return self.commits[name]

    def meant(self, words: str) -> str:
        """The words, with ids in place of the commits' names."""
        return re.sub(r"<(\w+)>", lambda name: self.commits[name[1]], words)


@pytest.fixture(name="forge", scope="module")
def _forge(tmp_path_factory: pytest.TempPathFactory) -> Forge:
    repository = Repository(tmp_path_factory.mktemp("forge") / "demo")
    commits = {"old": repository.commit("Release 0.9")}
    repository.tag("v0.9")
    commits["released"] = repository.commit("Release 1.0")
    repository.tag("v1.0", annotated=True)
    repository.tag("collective-2026-07-22")
    commits["untagged"] = repository.commit("Go on")
    repository.git("branch", "v1.3")
    commits["twice"] = repository.commit("Release 1.1")
    repository.tag("v1.1rc1")
    repository.tag("v1.1", annotated=True)
    commits["alike"] = repository.commit("Release 1.2")
    repository.tag("1.2", annotated=True)
    repository.tag("v1.2")
    repository.tag("v1.2.0")
    commits["moving"] = repository.commit("Release 2.1.3")
    for name in ("v2", "v2.1", "v2.1.3"):
        repository.tag(name)
    commits["nightly"] = repository.commit("Build at night")
    repository.tag("nightly-7")
    repository.git("checkout", "--quiet", "-b", "side", "v1.0")
    commits["side"] = repository.commit("Release 1.0.1")
    repository.tag("v1.0.1")
    repository.git("checkout", "--quiet", "main")
    commits["head"] = repository.commit("Go on again")
    repository.git("config", "uploadpack.allowAnySHA1InWant", "true")
    return Forge(repository, commits)


# --- what a job finds in its folder ---------------------------------------------


def _fetched(forge: Forge, folder: Path, at: str, *words: str) -> None:
    """A checkout as actions/checkout makes it, by its own refspecs."""
    git = forge.repository.git
    git("init", "--quiet", "--initial-branch=main", str(folder))
    inside = ("-C", str(folder))
    git(*inside, "remote", "add", "origin", f"file://{forge.repository.folder}")
    git(*inside, "fetch", "--quiet", *words)
    git(*inside, "checkout", "--quiet", "--detach", at)


_ALL = ("origin", "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*")
_ONE = ("--depth=1", "--no-tags", "origin")


def _full(forge: Forge, folder: Path) -> None:
    """With fetch-depth: 0."""
    _fetched(forge, folder, forge["head"], *_ALL)


def _shallow(forge: Forge, folder: Path) -> None:
    """With what is set by default, on the main branch."""
    _fetched(
        forge,
        folder,
        forge["head"],
        *_ONE,
        f"+{forge['head']}:refs/remotes/origin/main",
    )


def _shallow_release(forge: Forge, folder: Path) -> None:
    """With ref: head_sha."""
    _fetched(
        forge, folder, forge["released"], *_ONE, f"+{forge['released']}:refs/heads/x"
    )


def _shallow_tag(forge: Forge, folder: Path) -> None:
    """Of a run on a tag."""
    _fetched(
        forge, folder, forge["released"], *_ONE, f"+{forge['released']}:refs/tags/v1.0"
    )


def _shallow_with_tags(forge: Forge, folder: Path) -> None:
    """With fetch-tags: true."""
    _fetched(
        forge,
        folder,
        forge["head"],
        *("--depth=1", "origin", f"+{forge['head']}:refs/remotes/origin/main"),
        "+refs/tags/v0.9:refs/tags/v0.9",
    )


def _without_tags(forge: Forge, folder: Path) -> None:
    _fetched(forge, folder, forge["head"], "--no-tags", *_ALL[:2])


def _at_the_release(forge: Forge, folder: Path) -> None:
    """With fetch-depth: 0, and the ref of the release."""
    _fetched(forge, folder, forge["released"], *_ALL)


def _of_another_project(forge: Forge, folder: Path) -> None:
    """It has a tag of the same name, and no commit of ours."""
    other = Repository(folder)
    other.commit(f"Another's than {forge.repository.name}")
    other.tag("v1.0")


def _moved(forge: Forge, folder: Path) -> None:
    """The tag is at another commit by now."""
    _full(forge, folder)
    words = ("tag", "--force", "v1.0", forge["untagged"])
    forge.repository.git("-C", str(folder), *words)


def _damaged(forge: Forge, folder: Path) -> None:
    _full(forge, folder)
    (folder / ".git" / "refs" / "tags" / "v9.9").write_text("half an id\n")


def _without_a_branch(forge: Forge, folder: Path) -> None:
    """The commit that a branch leads to is gone."""
    _full(forge, folder)
    path = folder / ".git" / "refs" / "remotes" / "origin" / "main"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{NOWHERE}\n")


def _none(forge: Forge, folder: Path) -> None:
    folder.mkdir()


Checkout = Callable[[Forge, Path], None]


class Place:
    """What jobs work on: the forge, checkouts of it, and sets of files; each is made
    once.
    """

    def __init__(self, forge: Forge, factory: pytest.TempPathFactory) -> None:
        self.forge, self._factory = forge, factory
        self._checkouts: dict[Checkout, Path] = {}
        self._files: dict[str, Path] = {}

    def checkout(self, kind: Checkout) -> Path:
        """The folder of a checkout."""
        if kind not in self._checkouts:
            self._checkouts[kind] = self._factory.mktemp("job") / "demo"
            kind(self.forge, self._checkouts[kind])
        return self._checkouts[kind]

    def files(self, version: str) -> Path:
        """A folder with a sound set of a version, which lies in no checkout."""
        if version not in self._files:
            self._files[version] = self._factory.mktemp("files") / "dist"
            sound.pair(self._files[version], version)
        return self._files[version]


@pytest.fixture(name="place", scope="module")
def _place(forge: Forge, tmp_path_factory: pytest.TempPathFactory) -> Place:
    return Place(forge, tmp_path_factory)


# --- what comes of it -----------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """The exit code and the report of a check, and the manifest where there is one."""

    code: int
    report: Mapping[str, Any]
    predicate: Mapping[str, Any]

    @property
    def errors(self) -> set[str]:
        """The rules that found an error."""
        return set(self.told("error"))

    def told(self, severity: str) -> Mapping[str, str]:
        """The last message of each rule that found something of this weight."""
        found = self.report["findings"]
        return {f["rule"]: f["message"] for f in found if f["severity"] == severity}

    @property
    def needed(self) -> set[str]:
        """The rules without which there is no verdict."""
        return {item["rule"] for item in self.report["not_run"] if item["needed"]}

    @property
    def said(self) -> str:
        """What a person reads of the reasons."""
        errors = [f for f in self.report["findings"] if f["severity"] == "error"]
        told = [f"{f['subject']}: {f['message']}; {f['fix']}" for f in errors]
        needed = [item for item in self.report["not_run"] if item["needed"]]
        return "\n".join([*told, *(f"{n['reason']}; {n['hint']}" for n in needed)])


class Gate:
    """``release-guard check`` in a folder, with the variables of a run."""

    def __init__(
        self,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self.event = tmp_path / "event.json"
        self._manifest = tmp_path / "manifest.json"
        self._policy = tmp_path / "policy.yml"
        self._monkeypatch, self._capsys = monkeypatch, capsys

    def check(
        self,
        folder: Path,
        dist: Path,
        *words: str,
        environ: Mapping[str, str] | None = None,
        policy: str = "",
    ) -> Answer:
        """The answer, in JSON."""
        self._policy.write_text(policy)
        for name, value in (environ or {}).items():
            self._monkeypatch.setenv(name, value)
        self._monkeypatch.chdir(folder)
        given_ = ("--policy", str(self._policy), "--manifest", str(self._manifest))
        code = main(
            ["check", "--offline", "--format", "json", *given_, *words, str(dist)]
        )
        report = json.loads(self._capsys.readouterr().out)
        predicate = {}
        if self._manifest.exists():
            predicate = json.loads(self._manifest.read_text())["predicate"]
        return Answer(code, report, predicate)


@pytest.fixture(name="gate")
def _gate(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Gate:
    return Gate(tmp_path, monkeypatch, capsys)


@dataclass(frozen=True)
class Case:
    """A run, and what must come of it: the tag and the commit of the manifest, the
    rules that find an error, or the rules that did not run; and words of the reason.
    ``<name>`` in words stands for the id of a commit.
    """

    event: Callable[[Forge], Event]
    checkout: Checkout = _full
    version: str = "1.0"
    words: tuple[str, ...] = ()
    policy: str = ""
    code: int = 0
    tag: str = ""
    commit: str = ""
    rules: frozenset[str] = frozenset()
    says: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)


def passes(
    event: Callable[[Forge], Event],
    tag: str,
    commit: str,
    **more: Any,  # noqa: ANN401
) -> Case:
    return Case(event, tag=tag, commit=commit, **more)


def fails(
    event: Callable[[Forge], Event],
    rules: str,
    *says: str,
    **more: Any,  # noqa: ANN401
) -> Case:
    return Case(event, code=1, rules=frozenset(rules.split()), says=says, **more)


def waits(
    event: Callable[[Forge], Event],
    rules: str,
    *says: str,
    **more: Any,  # noqa: ANN401
) -> Case:
    return Case(event, code=3, rules=frozenset(rules.split()), says=says, **more)


#: The rules of each subject that an event may leave without facts.
_TAG = "tag-missing tag-unrecognized tag-ambiguous tag-version-mismatch prerelease-flag"
_LOCATED = "tag-commit-mismatch"
_BRANCH = "tag-off-branch"
_BUILT = "provenance-commit-mismatch"
_EVENT = f"{_TAG} {_LOCATED} {_BRANCH} {_BUILT} trigger-refused"
_DEEPER = "fetch-depth: 0"


# --- events ---------------------------------------------------------------------


def push_of(tag: str, at: str, **said: Any) -> Callable[[Forge], Event]:  # noqa: ANN401
    return lambda forge: payloads.push(f"refs/tags/{tag}", forge[at], **said)


def push_to(branch: str, at: str) -> Callable[[Forge], Event]:
    return lambda forge: payloads.push(f"refs/heads/{branch}", forge[at])


def release_of(
    tag: str, at: str, action: str = "published", **said: object
) -> Callable[[Forge], Event]:
    return lambda forge: payloads.release(tag, forge[at], action, **said)


def by_hand(ref: str, at: str, **inputs: str) -> Callable[[Forge], Event]:
    return lambda forge: payloads.by_hand(ref, forge[at], **inputs)


def run_behind(branch: str, at: str, **said: object) -> Callable[[Forge], Event]:
    return lambda forge: payloads.workflow_run(
        branch, forge.commits.get(at, at), forge["head"], **said
    )


def annotated(forge: Forge) -> Event:
    """The push of an annotated tag: "after" is the tag's object."""
    tag_object = forge.repository.git("rev-parse", "refs/tags/v1.0")
    return payloads.push("refs/tags/v1.0", forge["released"], after=tag_object)


RELEASED = push_of("v1.0", "released")
BRANCHES = "branches: [main, 'stable/*']\n"

PASSES = {
    "a push of a tag": passes(push_of("v0.9", "old"), "v0.9", "old", version="0.9"),
    "a push of an annotated tag": passes(annotated, "v1.0", "released"),
    "a push of a tag, shallow": passes(
        RELEASED, "v1.0", "released", checkout=_shallow_tag
    ),
    "a push of a tag, on a checkout of something else": passes(
        RELEASED, "v1.0", "released", checkout=_shallow
    ),
    "a push of a tag, without a checkout": passes(
        RELEASED, "v1.0", "released", checkout=_none
    ),
    "a push of a tag that is called by another workflow": passes(
        RELEASED,
        "v1.0",
        "released",
        environ={"GITHUB_WORKFLOW_REF": "org/demo/.github/workflows/ci.yml@main"},
    ),
    "a release": passes(release_of("v1.0", "released"), "v1.0", "released"),
    "a release, without a checkout": passes(
        release_of("v1.0", "released", "released"), "v1.0", "released", checkout=_none
    ),
    "a release that is made at once, and is no draft": passes(
        release_of("v1.0", "released", "created"), "v1.0", "released"
    ),
    "a start by hand on a tag": passes(
        by_hand("refs/tags/v1.0", "released"), "v1.0", "released"
    ),
    "a start by hand on a branch, at a tagged commit": passes(
        by_hand(MAIN, "released"), "v1.0", "released"
    ),
    "a run behind the build of a tag": passes(
        run_behind("v1.0", "released"), "v1.0", "released"
    ),
    "a run behind a build of main, at a commit that is tagged": passes(
        run_behind("main", "released"), "v1.0", "released"
    ),
    "a run behind a release": passes(
        run_behind("v1.0", "released", event="release"), "v1.0", "released"
    ),
    "a run behind a build of a commit with three tags of one version": passes(
        run_behind("v1.2.0", "alike"), "1.2", "alike", version="1.2"
    ),
    "a start by hand at a commit with tags that move": passes(
        by_hand(MAIN, "moving"), "v2.1.3", "moving", version="2.1.3"
    ),
    "a tag that is given, at the event's commit": passes(
        by_hand(MAIN, "released"),
        "v1.0",
        "released",
        words=("--tag", "v1.0"),
    ),
    "a tag that is given by its full ref": passes(
        by_hand(MAIN, "released"),
        "v1.0",
        "released",
        words=("--tag", "refs/tags/v1.0"),
    ),
    "a tag that is given, where the commit has several": passes(
        run_behind("main", "twice"),
        "v1.1",
        "twice",
        version="1.1",
        words=("--tag", "v1.1"),
    ),
    "a tag that the event names, at the commit that is given": passes(
        RELEASED, "v1.0", "released", checkout=_none, words=("--commit", "<released>")
    ),
    "one of two versions at the commit, where that only warns": passes(
        by_hand(MAIN, "twice"),
        "v1.1rc1",
        "twice",
        version="1.1rc1",
        policy="rules: {tag-ambiguous: warning}\n",
    ),
    "a run behind a run behind anything, where any event may": passes(
        run_behind("main", "released", event="workflow_run"),
        "v1.0",
        "released",
        policy="events: any\n",
    ),
    "a tag on one of the branches": passes(
        RELEASED, "v1.0", "released", policy=BRANCHES
    ),
    "a tag on a branch by a pattern": passes(
        push_of("v1.0.1", "side"),
        "v1.0.1",
        "side",
        version="1.0.1",
        policy="branches: ['s*e']\n",
    ),
    "the head of a branch, shallow": passes(
        push_to("main", "head"),
        "",
        "head",
        checkout=_shallow,
        words=("--index", "testpypi"),
        policy="indexes: {testpypi: {branches: [main]}}\n",
    ),
    "a branch, to the test index": passes(
        push_to("main", "head"),
        "",
        "head",
        version="1.4.dev1",
        words=("--index", "testpypi"),
    ),
    "a branch, to the test index, without a checkout": passes(
        push_to("main", "head"),
        "",
        "head",
        checkout=_none,
        version="1.4.dev1",
        words=("--index", "testpypi"),
    ),
    "a schedule, to the test index": passes(
        lambda forge: payloads.schedule(forge["head"]),
        "",
        "head",
        version="1.4.dev1",
        words=("--index", "testpypi"),
    ),
    "a schedule at a tagged commit, where it is allowed": passes(
        lambda forge: payloads.schedule(forge["released"]),
        "v1.0",
        "released",
        policy="events: [schedule]\n",
    ),
    "a push of one of the repositories": passes(
        RELEASED, "v1.0", "released", policy="repositories: [org/demo]\n"
    ),
}

FAILS = {
    "a push of a branch": fails(
        push_to("main", "untagged"),
        "tag-missing",
        "the event push on refs/heads/main names no tag",
        "start the workflow from the tag",
    ),
    "a push of a branch that is called like a tag": fails(
        push_to("v1.3", "untagged"),
        "tag-missing",
        "the event push on refs/heads/v1.3 names no tag",
        version="1.3",
    ),
    "a push of a development version": fails(
        push_to("main", "head"),
        "tag-missing version-kind",
        "1.4.dev1 is a dev version",
        version="1.4.dev1",
    ),
    "a start by hand on a branch that is called like a tag": fails(
        by_hand("refs/heads/v1.3", "untagged", tag="v1.3"),
        "tag-missing",
        "the event workflow_dispatch on refs/heads/v1.3 names no tag",
        version="1.3",
    ),
    "a run behind a build of main": fails(
        run_behind("main", "untagged"),
        "tag-missing",
        "the event workflow_run on refs/heads/main names no tag",
    ),
    "a run behind a build of a branch that is called like a tag": fails(
        run_behind("v1.3", "untagged"),
        "tag-missing",
        "has no release tag",
        version="1.3",
    ),
    "a run behind a build of a branch that is called like the tag of another commit": (
        fails(run_behind("v1.0", "untagged"), "tag-missing", "has no release tag")
    ),
    "a run behind a build of a tag that is no release's": fails(
        run_behind("nightly-7", "nightly"),
        "tag-missing",
        "has no release tag (but nightly-7)",
    ),
    "a run behind a build, where the checkout has no tags": fails(
        run_behind("v1.0", "released"),
        "tag-missing",
        "has no release tag",
        checkout=_without_tags,
    ),
    "a run behind a build of the head, where a shallow checkout has some tags": fails(
        run_behind("main", "head"),
        "tag-missing",
        "has no release tag",
        _DEEPER,
        checkout=_shallow_with_tags,
    ),
    "a run behind a build of a commit with tags of two versions": fails(
        run_behind("v1.1", "twice"),
        "tag-ambiguous",
        "may be 1.1rc1 ('v1.1rc1' by 'v{version}') or 1.1 ('v1.1' by 'v{version}')",
        "or give it as --tag",
        version="1.1",
    ),
    "a run behind a build of a tag of another version": fails(
        run_behind("v0.9", "old"),
        "tag-version-mismatch",
        "has the version 1.0, the tag 'v0.9' says 0.9",
    ),
    "neither of two versions at the commit, where two only warn": fails(
        by_hand(MAIN, "twice"),
        "tag-version-mismatch",
        "demo-1.0.tar.gz: has the version 1.0, the tag",
        "1.1rc1 or 1.1; build from the tag's commit",
        policy="rules: {tag-ambiguous: warning}\n",
    ),
    "neither of two versions at the commit, where two are waived": fails(
        by_hand(MAIN, "twice"),
        "tag-version-mismatch",
        "demo-1.0.tar.gz: has the version 1.0, the tag",
        "1.1rc1 or 1.1; build from the tag's commit",
        policy="waivers: [{rule: tag-ambiguous, reason: the candidate and it}]\n",
    ),
    "a push of a tag of another version": fails(
        push_of("v0.9", "old"),
        "tag-version-mismatch",
        "has the version 1.0, the tag 'v0.9' says 0.9",
    ),
    "a push of a tag that is no release's": fails(
        push_of("collective-2026-07-22", "released"),
        "tag-unrecognized",
        "'collective-2026-07-22' fits no tag template",
    ),
    "a push of a tag that was moved since": fails(
        RELEASED,
        "tag-commit-mismatch",
        "the tag v1.0: is at",
        "was built (GITHUB_SHA)",
        checkout=_moved,
    ),
    "a release of a tag that was moved since": fails(
        release_of("v1.0", "released"),
        "tag-commit-mismatch",
        "was built (GITHUB_SHA)",
        checkout=_moved,
    ),
    "a tag that is given, at another commit": fails(
        by_hand(MAIN, "untagged"),
        "tag-commit-mismatch",
        "was built (GITHUB_SHA)",
        words=("--tag", "v1.0"),
    ),
    "a tag that is given, behind the build of another commit": fails(
        run_behind("v1.0", "untagged"),
        "tag-commit-mismatch",
        "was built (workflow_run.head_sha)",
        words=("--tag", "v1.0"),
    ),
    "a tag that is given in place of the one that the event names": fails(
        push_of("v0.9", "old"),
        "tag-commit-mismatch",
        "was built (GITHUB_SHA)",
        words=("--tag", "v1.0"),
    ),
    "a tag that the event names, where another commit was built": fails(
        RELEASED,
        "tag-commit-mismatch",
        "was built (--commit)",
        words=("--commit", "<untagged>"),
    ),
    "a tag of the checkout's, where the event is of another commit": fails(
        by_hand(MAIN, "untagged"),
        "tag-missing",
        "v1.0: if that was built, give --commit <released>",
        checkout=_at_the_release,
    ),
    "a tag that is given, of the checkout's, where the event is of another commit": (
        fails(
            by_hand(MAIN, "untagged"),
            "tag-commit-mismatch",
            "it is checked out: if it was built, give --commit <released>",
            checkout=_at_the_release,
            words=("--tag", "v1.0"),
        )
    ),
    "a tag on none of the branches": fails(
        push_of("v1.0.1", "side"),
        "tag-off-branch",
        "is on none of the branches main",
        version="1.0.1",
        policy=BRANCHES,
    ),
    "a run behind a build of none of the branches": fails(
        run_behind("v1.0.1", "side"),
        "tag-off-branch",
        "is on none of the branches main",
        version="1.0.1",
        policy=BRANCHES,
    ),
    "a schedule": fails(
        lambda forge: payloads.schedule(forge["released"]),
        "trigger-refused",
        "the event 'schedule' must not lead to pypi; allowed: push, release",
    ),
    "the merge queue": fails(
        lambda forge: payloads.merge_group(forge["released"]),
        "trigger-refused",
        "the event 'merge_group' must not lead to pypi",
    ),
    "another program": fails(
        lambda forge: payloads.repository_dispatch(forge["released"], ref="v1.0"),
        "trigger-refused",
        "the event 'repository_dispatch' must not lead to pypi",
    ),
    "a tag that is made": fails(
        lambda forge: payloads.created("v1.0", forge["released"]),
        "trigger-refused",
        "the event 'create' must not lead to pypi",
    ),
    "a pull request": fails(
        lambda forge: payloads.pull_request(forge["released"]),
        "trigger-refused",
        "the event 'pull_request' must not lead to pypi",
    ),
    "a pull request, with the secrets of the base": fails(
        lambda forge: payloads.pull_request(forge["released"], target=True),
        "trigger-refused",
        "the event 'pull_request_target' must not lead to pypi",
    ),
    "a pull request of a fork, where any event may": fails(
        lambda forge: payloads.pull_request(forge["released"], head=FORK),
        "trigger-refused",
        "built the code of the fork 'stranger/demo'",
        policy="events: any\n",
    ),
    "a run behind a pull request": fails(
        run_behind("fix", "released", event="pull_request"),
        "trigger-refused",
        "the run before, on the event 'pull_request' must not lead to pypi",
    ),
    "a run behind a run behind anything": fails(
        run_behind("main", "released", event="workflow_run"),
        "trigger-refused",
        "the run before, on the event 'workflow_run' must not lead to pypi",
    ),
    "a run behind a run behind anything, where the policy allows such events": fails(
        run_behind("main", "released", event="workflow_run"),
        "trigger-refused",
        "the run before, on the event 'workflow_run' must not lead to pypi; "
        "allowed: push;",
        policy="events: [push, workflow_run]\n",
    ),
    "a run behind a push in a fork": fails(
        run_behind("v1.0", "released", head_repository=FORK),
        "trigger-refused",
        "built the code of the fork 'stranger/demo'",
    ),
    "a run behind one of a repository that is gone": fails(
        run_behind("v1.0", "released", head_repository=None),
        "trigger-refused",
        "the fork 'a repository that is gone'",
    ),
    "a run behind one that failed": fails(
        run_behind("v1.0", "released", conclusion="failure"),
        "trigger-refused",
        "it follows a run that ended with 'failure'",
    ),
    "a run behind one that is only asked for": fails(
        run_behind("v1.0", "released", conclusion=None),
        "trigger-refused",
        "it follows a run that ended with None",
    ),
    "a release that is only edited": fails(
        release_of("v1.0", "released", "edited"),
        "trigger-refused",
        "its action is 'edited'",
    ),
    "a draft that is made": fails(
        release_of("v1.0", "released", "created", draft=True),
        "trigger-refused",
        "it is a draft",
    ),
    "a draft": fails(
        release_of("v1.0", "released", draft=True),
        "trigger-refused",
        "it is a draft",
    ),
    "a push that deletes a tag": fails(
        push_of("v1.0", "released", after=payloads.ZEROS, deleted=True),
        "trigger-refused",
        "the event 'push' deleted 'refs/tags/v1.0'",
    ),
    "a push in a fork": fails(
        lambda forge: payloads.push("refs/tags/v1.0", forge["released"]).says(
            repository={"full_name": FORK, "fork": True}
        ),
        "trigger-refused",
        "the repository 'stranger/demo' must not lead to pypi; allowed: org/demo",
        policy="repositories: [org/demo]\n",
        environ={"GITHUB_REPOSITORY": FORK},
    ),
}

UNDECIDED = {
    "a run behind another, without a checkout": waits(
        run_behind("v1.0", "released"),
        _TAG,
        "the event workflow_run names no tag, and there is no checkout in /",
        f"{_DEEPER} (actions/checkout), which fetches all tags, in this job and before "
        "this step; where it lies elsewhere, give --repo (input repo)",
        checkout=_none,
    ),
    "a push of a branch, without a checkout": waits(
        push_to("v1.0", "released"),
        _TAG,
        "the event push names no tag, and there is no checkout in /",
        checkout=_none,
    ),
    "a start by hand on a branch, without a checkout": waits(
        by_hand(MAIN, "released"),
        _TAG,
        "the event workflow_dispatch names no tag, and there is no checkout in /",
        checkout=_none,
    ),
    "a run behind another, on a shallow checkout of it": waits(
        run_behind("v1.0", "released"),
        _TAG,
        "the checkout is shallow and has no tags at all",
        _DEEPER,
        checkout=_shallow_release,
    ),
    "a run behind another, on a shallow checkout of something else": waits(
        run_behind("v1.0", "released"),
        _TAG,
        "the checkout does not have the built commit",
        _DEEPER,
        checkout=_shallow,
    ),
    "a run behind another, of which the checkout has a tag and not the commit": waits(
        run_behind("main", "untagged"),
        _TAG,
        "the checkout does not have the built commit",
        checkout=_shallow_tag,
    ),
    "a run behind another, of a commit that nobody has": waits(
        run_behind("v1.0", NOWHERE),
        _TAG,
        f"the checkout does not have the built commit {NOWHERE[:12]}",
    ),
    "a push of a tag, on a damaged checkout": waits(
        RELEASED,
        _LOCATED,
        "git cannot read the repository: warning: ignoring broken ref refs/tags/v9.9",
        "check out the repository again",
        checkout=_damaged,
    ),
    "a run behind another, on a damaged checkout": waits(
        run_behind("v1.0", "released"),
        _TAG,
        "git cannot read the repository: warning: ignoring broken ref refs/tags/v9.9",
        "check out the repository again",
        checkout=_damaged,
    ),
    "a tag that is given, without a checkout": waits(
        by_hand(MAIN, "released"),
        _LOCATED,
        "there is no checkout in /",
        _DEEPER,
        checkout=_none,
        words=("--tag", "v1.0"),
    ),
    "a tag that is given in place of the event's, without a checkout": waits(
        push_of("v0.9", "old"),
        _LOCATED,
        "there is no checkout in /",
        checkout=_none,
        words=("--tag", "v1.0"),
    ),
    "a tag that is given, and the checkout has none": waits(
        run_behind("v1.0", "released"),
        _LOCATED,
        "the checkout does not have the tag v1.0",
        _DEEPER,
        checkout=_without_tags,
        words=("--tag", "v1.0"),
    ),
    "a tag that the event names, where another commit was built, without a checkout": (
        waits(
            RELEASED,
            _LOCATED,
            "there is no checkout in /",
            checkout=_none,
            words=("--commit", "<untagged>"),
        )
    ),
    "a tag that the event names, where another commit was built, without tags": waits(
        RELEASED,
        _LOCATED,
        "the checkout does not have the tag v1.0",
        _DEEPER,
        checkout=_without_tags,
        words=("--commit", "<untagged>"),
    ),
    "a push of a tag, where the checkout has it at another commit": waits(
        RELEASED,
        _LOCATED,
        "the checkout does not have the built commit",
        checkout=_of_another_project,
    ),
    "a tag that is given, in a checkout of another project": waits(
        by_hand(MAIN, "released"),
        _LOCATED,
        "the checkout does not have the built commit",
        checkout=_of_another_project,
        words=("--tag", "v1.0"),
    ),
    "branches, on a shallow checkout": waits(
        RELEASED,
        _BRANCH,
        "the checkout has no branch that fits main, stable/*",
        _DEEPER,
        checkout=_shallow_tag,
        policy=BRANCHES,
    ),
    "branches, which the checkout does not have to their beginning": waits(
        push_of("v0.9", "old"),
        _BRANCH,
        "the checkout is shallow: its branches cannot be followed",
        _DEEPER,
        checkout=_shallow_with_tags,
        version="0.9",
        policy=BRANCHES,
    ),
    "branches, where the checkout does not have the commit": waits(
        RELEASED,
        _BRANCH,
        "the checkout does not have the built commit",
        checkout=_shallow,
        policy=BRANCHES,
    ),
    "branches, of which one is damaged": waits(
        RELEASED,
        _BRANCH,
        f"git cannot read the repository: fatal: missing object {NOWHERE}",
        "check out the repository again",
        checkout=_without_a_branch,
        policy=BRANCHES,
    ),
    "branches that there are not": waits(
        RELEASED,
        _BRANCH,
        "the checkout has no branch that fits master",
        policy="branches: [master]\n",
    ),
    "branches, without a checkout": waits(
        RELEASED,
        _BRANCH,
        "there is no checkout in /",
        checkout=_none,
        policy=BRANCHES,
    ),
    "branches of the test index, without a checkout": waits(
        push_to("main", "head"),
        _BRANCH,
        "there is no checkout in /",
        checkout=_none,
        words=("--index", "testpypi"),
        policy="indexes: {testpypi: {branches: [main]}}\n",
    ),
    "a payload of another ref": waits(
        RELEASED,
        _EVENT,
        "the event names 'refs/tags/v1.0', GITHUB_REF 'refs/tags/v1.1'",
        environ={"GITHUB_REF": "refs/tags/v1.1"},
    ),
    "a payload of another repository": waits(
        RELEASED,
        _EVENT,
        "the event is of 'org/demo', GITHUB_REPOSITORY is 'stranger/demo'",
        environ={"GITHUB_REPOSITORY": FORK},
    ),
    "a run of no commit": waits(
        RELEASED,
        _EVENT,
        "GITHUB_SHA is '', which is no commit",
        environ={"GITHUB_SHA": ""},
    ),
    "a run behind another of no commit": waits(
        run_behind("v1.0", ""),
        _EVENT,
        "workflow_run.head_sha is '', which is no commit",
    ),
    "no payload": waits(
        RELEASED,
        _EVENT,
        "nowhere.json: is not there",
        environ={"GITHUB_EVENT_PATH": "nowhere.json"},
    ),
    "no payload, and the tag is given": waits(
        RELEASED,
        _EVENT,
        "nowhere.json: is not there",
        words=("--tag", "v1.0"),
        environ={"GITHUB_EVENT_PATH": "nowhere.json"},
    ),
}
CASES = PASSES | FAILS | UNDECIDED


@pytest.mark.parametrize("case", CASES.values(), ids=list(CASES))
def test_an_event_leads_to_its_ref_or_is_refused_with_the_reason(
    case: Case,
    place: Place,
    gate: Gate,
) -> None:
    environ = {**case.event(place.forge).environ(gate.event), **case.environ}
    meant = place.forge.meant
    answer = gate.check(
        place.checkout(case.checkout),
        place.files(case.version),
        *map(meant, case.words),
        environ=environ,
        policy=case.policy,
    )
    assert answer.code == case.code, answer.said
    assert answer.errors == (case.rules if case.code == 1 else set())
    assert answer.needed == (case.rules if case.code == 3 else set())
    for words in case.says:
        assert meant(words) in answer.said
    if case.code == 0:
        told = answer.predicate["tag"], answer.predicate["commit"]
        assert told == (case.tag, place.forge[case.commit])
    else:
        assert not answer.predicate


def test_a_commit_that_is_given_is_the_one_that_was_built(
    place: Place,
    gate: Gate,
) -> None:
    forge = place.forge
    environ = payloads.by_hand(MAIN, forge["head"]).environ(gate.event)
    folder, files = place.checkout(_full), place.files("1.0")
    given_ = gate.check(folder, files, "--commit", forge["released"], environ=environ)
    assert given_.code == 0
    assert given_.predicate["commit"] == forge["released"]
    for at in ("untagged", "head"):
        other = gate.check(folder, files, "--commit", forge[at], environ=environ)
        assert (other.code, other.errors) == (1, {"tag-missing"})


def test_the_object_of_a_tag_is_peeled_where_it_is_given_as_the_commit(
    place: Place,
    gate: Gate,
) -> None:
    forge = place.forge
    tag_object = forge.repository.git("rev-parse", "refs/tags/v1.0")
    environ = payloads.by_hand(MAIN, tag_object).environ(gate.event)
    answer = gate.check(place.checkout(_full), place.files("1.0"), environ=environ)
    assert answer.code == 0, answer.said
    assert answer.predicate["commit"] == forge["released"]


PAYLOADS = {
    "empty": "",
    "no JSON": "{",
    "a list": "[]",
    "nothing in it": "{}",
    "deep": "[" * 100_000,
}


@pytest.mark.parametrize("content", PAYLOADS.values(), ids=list(PAYLOADS))
@pytest.mark.parametrize("event", [RELEASED, run_behind("v1.0", "released")])
def test_a_malformed_payload_is_no_verdict(
    event: Callable[[Forge], Event],
    content: str,
    place: Place,
    gate: Gate,
) -> None:
    environ = event(place.forge).environ(gate.event)
    gate.event.write_text(content)
    answer = gate.check(place.checkout(_full), place.files("1.0"), environ=environ)
    assert answer.code == 3
    assert answer.needed == set(_EVENT.split())
    assert not answer.predicate


@pytest.mark.parametrize(
    ("policy", "code"),
    {
        "a test index, of which nothing is asked": ("", 0),
        "one that names its events": ("events: [push]", 3),
        "one that names its repositories": ("repositories: [org/demo]", 3),
        "one that names its branches": ("branches: [main]", 3),
    }.values(),
)
def test_the_event_is_needed_where_the_policy_says_anything_of_it(
    policy: str, code: int, place: Place, gate: Gate
) -> None:
    environ = RELEASED(place.forge).environ(gate.event)
    gate.event.write_text("{")
    answer = gate.check(
        *(place.checkout(_full), place.files("1.0"), "--index", "testpypi"),
        environ=environ,
        policy=f"indexes: {{testpypi: {{{policy}}}}}\n",
    )
    assert answer.code == code


def test_a_checkout_that_git_is_not_there_for_is_no_verdict(
    place: Place,
    gate: Gate,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    folder, files = place.checkout(_full), place.files("1.0")
    monkeypatch.setattr(source, "_PLACES", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    environ = run_behind("v1.0", "released")(place.forge).environ(gate.event)
    answer = gate.check(folder, files, environ=environ)
    assert (answer.code, answer.needed) == (3, set(_TAG.split()))
    assert "no git program to read it; install git" in answer.said


def test_without_git_the_tag_of_the_event_is_taken_as_without_a_checkout(
    place: Place, gate: Gate, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    folder, files = place.checkout(_full), place.files("1.0")
    monkeypatch.setattr(source, "_PLACES", str(tmp_path))
    monkeypatch.setenv("PATH", str(tmp_path))
    environ = RELEASED(place.forge).environ(gate.event)
    answer = gate.check(folder, files, environ=environ)
    assert (answer.code, answer.predicate["tag"]) == (0, "v1.0")


@pytest.mark.parametrize("planted", ["dist", "artifact"])
@pytest.mark.parametrize(
    "event",
    [by_hand(MAIN, "untagged"), run_behind("v1.4", "untagged")],
    ids=["by hand", "behind a run"],
)
def test_tags_that_came_with_the_files_do_not_count(
    event: Callable[[Forge], Event],
    planted: str,
    forge: Forge,
    gate: Gate,
    tmp_path: Path,
) -> None:
    """An artifact may hold a whole repository, with any tag at any commit."""
    git = forge.repository.git
    job = tmp_path / "job"
    brought = job / planted
    git("clone", "--quiet", ".", str(brought))
    git("-C", str(brought), "tag", "v1.4", forge["untagged"])
    files = job / "dist" if planted == "dist" else brought / "dist"
    environ = event(forge).environ(gate.event)

    wheel, sdist = sound.pair(files, "1.4")
    for named in ([], [str(wheel), str(sdist)]):
        answer = gate.check(job, files, *named, environ=environ)
        assert (answer.code, answer.errors) == (3, set()), answer.said
        assert f"there is no checkout in {job};" in answer.said
    # The control: in that repository's own folder the tag is found.
    answer = gate.check(brought, files, environ=environ)
    assert answer.code == 0, answer.said


def test_what_was_found_by_a_tag_of_several_passes_again_before_the_upload(
    place: Place, gate: Gate, tmp_path: Path
) -> None:
    environ = by_hand(MAIN, "alike")(place.forge).environ(gate.event)
    files = place.files("1.2")
    answer = gate.check(place.checkout(_full), files, environ=environ)
    assert answer.code == 0, answer.said
    manifest = tmp_path / "manifest.json"
    assert main(["check", "--against", str(manifest), str(files)]) == 0


def test_the_checkout_may_be_named(forge: Forge, gate: Gate, tmp_path: Path) -> None:
    """actions/checkout with a path: an action cannot be started in that folder."""
    job = tmp_path / "job"
    job.mkdir()
    _full(forge, job / "src")
    sound.pair(job / "src" / "dist", "1.0")
    environ = by_hand(MAIN, "released")(forge).environ(gate.event)
    files = Path("src/dist")

    answer = gate.check(job, files, environ=environ)
    assert (answer.code, answer.needed) == (3, set(_TAG.split()))
    assert f"there is no checkout in {job};" in answer.said
    assert "where it lies elsewhere, give --repo (input repo)" in answer.said

    answer = gate.check(job, files, "--repo", "src", environ=environ)
    assert answer.code == 0, answer.said
    told = answer.predicate["tag"], answer.predicate["commit"]
    assert told == ("v1.0", forge["released"])

    for words in (
        (job / "src", Path("dist"), "--repo", ".."),
        (job, files, "--repo", "nowhere"),
    ):
        answer = gate.check(*words, environ=environ)
        assert answer.code == 2
        assert "--repo: there is no checkout in" in answer.report["error"]["message"]


def test_the_checkout_that_is_named_counts_on_ones_own_machine_too(
    forge: Forge, place: Place, gate: Gate, tmp_path: Path
) -> None:
    words = ("--repo", str(place.checkout(_at_the_release)))
    answer = gate.check(tmp_path, place.files("1.0"), *words)
    assert answer.code == 0, answer.said
    told = answer.predicate["tag"], answer.predicate["commit"]
    assert told == ("v1.0", forge["released"])


# --- other systems --------------------------------------------------------------

GITLAB = {"CI": "true", "GITLAB_CI": "true", "CI_PROJECT_PATH": "org/demo"}
BUILDKITE = {
    "CI": "true",
    "BUILDKITE": "true",
    "BUILDKITE_SOURCE": "ui",
    "BUILDKITE_REPO": "git@github.com:org/demo.git",
}


@dataclass(frozen=True)
class Elsewhere:
    """The variables of another system, and what must come of them."""

    environ: Mapping[str, str]
    commit: tuple[str, str]
    code: int = 0
    rules: str = ""
    words: tuple[str, ...] = ()
    checkout: Checkout = _full
    says: str = ""


ELSEWHERE = {
    "GitLab, a tag": Elsewhere(
        {
            **GITLAB,
            "CI_PIPELINE_SOURCE": "push",
            "CI_COMMIT_TAG": "v1.0",
            "CI_COMMIT_REF_NAME": "v1.0",
        },
        ("CI_COMMIT_SHA", "released"),
    ),
    "GitLab, a tag that whoever started the pipeline says": Elsewhere(
        {
            **GITLAB,
            "CI_PIPELINE_SOURCE": "web",
            "CI_COMMIT_TAG": "v1.0",
            "CI_COMMIT_REF_NAME": "main",
        },
        ("CI_COMMIT_SHA", "released"),
        code=3,
        rules=_EVENT,
        says="CI_COMMIT_TAG is 'v1.0', CI_COMMIT_REF_NAME is 'main'",
    ),
    "GitLab, where whoever started the pipeline says an event of another system": (
        Elsewhere(
            {
                **GITLAB,
                "CI_PIPELINE_SOURCE": "web",
                "CI_COMMIT_BRANCH": "main",
                "GITHUB_EVENT_NAME": "push",
                "GITHUB_REF": "refs/tags/v1.0",
            },
            ("CI_COMMIT_SHA", "untagged"),
            code=3,
            rules=_EVENT,
            says="two CI systems speak at once: GITLAB_CI and GITHUB_EVENT_NAME are",
        )
    ),
    "GitLab, where whoever started the pipeline says that it is another system": (
        Elsewhere(
            {
                **GITLAB,
                "CI_PIPELINE_SOURCE": "web",
                "CI_COMMIT_BRANCH": "main",
                "CIRCLECI": "true",
                "CIRCLE_TAG": "v1.0",
                "CIRCLE_SHA1": NOWHERE,
            },
            ("CI_COMMIT_SHA", "untagged"),
            code=3,
            rules=_EVENT,
            says="two CI systems speak at once: GITLAB_CI and CIRCLECI are set",
        )
    ),
    "GitLab, where no other system has said yes": Elsewhere(
        {
            **GITLAB,
            "CI_PIPELINE_SOURCE": "web",
            "CI_COMMIT_BRANCH": "main",
            "CIRCLECI": "",
            "GITHUB_ACTIONS": "false",
        },
        ("CI_COMMIT_SHA", "released"),
    ),
    "GitLab, a branch that is called like a tag": Elsewhere(
        {**GITLAB, "CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "v1.0"},
        ("CI_COMMIT_SHA", "untagged"),
        code=1,
        rules="tag-missing",
        says="the event push on refs/heads/v1.0 names no tag",
    ),
    "GitLab, a branch at a tagged commit": Elsewhere(
        {**GITLAB, "CI_PIPELINE_SOURCE": "web", "CI_COMMIT_BRANCH": "main"},
        ("CI_COMMIT_SHA", "released"),
    ),
    "GitLab, a merge request of a fork": Elsewhere(
        {
            **GITLAB,
            "CI_PIPELINE_SOURCE": "merge_request_event",
            "CI_MERGE_REQUEST_REF_PATH": "refs/merge-requests/7/head",
            "CI_MERGE_REQUEST_SOURCE_PROJECT_PATH": FORK,
        },
        ("CI_COMMIT_SHA", "released"),
        code=1,
        rules="trigger-refused",
        says="the fork 'stranger/demo'",
    ),
    "GitLab, a tag and a branch": Elsewhere(
        {
            **GITLAB,
            "CI_PIPELINE_SOURCE": "push",
            "CI_COMMIT_TAG": "v1.0",
            "CI_COMMIT_BRANCH": "main",
        },
        ("CI_COMMIT_SHA", "released"),
        code=3,
        rules=_EVENT,
        says="are both set",
    ),
    "Azure Pipelines, a tag that was moved since": Elsewhere(
        {
            "TF_BUILD": "True",
            "BUILD_REASON": "IndividualCI",
            "BUILD_SOURCEBRANCH": "refs/tags/v1.0",
            "BUILD_REPOSITORY_NAME": "org/demo",
        },
        ("BUILD_SOURCEVERSION", "released"),
        code=1,
        rules="tag-commit-mismatch",
        checkout=_moved,
        says="was built (BUILD_SOURCEVERSION)",
    ),
    "CircleCI, a branch, on a shallow checkout": Elsewhere(
        {"CI": "true", "CIRCLECI": "true", "CIRCLE_BRANCH": "main"},
        ("CIRCLE_SHA1", "released"),
        code=3,
        rules=_TAG,
        checkout=_shallow_release,
        says="the checkout is shallow and has no tags at all",
    ),
    "Buildkite, whatever the checkout is at": Elsewhere(
        {**BUILDKITE, "BUILDKITE_COMMIT": "HEAD", "BUILDKITE_BRANCH": "main"},
        ("", "head"),
        code=1,
        rules="tag-missing",
        says="has no release tag",
    ),
    "Buildkite, whatever the checkout is at, without one": Elsewhere(
        {**BUILDKITE, "BUILDKITE_COMMIT": "HEAD", "BUILDKITE_BRANCH": "main"},
        ("", "head"),
        code=3,
        rules=_TAG,
        checkout=_none,
        says="there is no checkout in /",
    ),
    "Buildkite, a tag": Elsewhere(
        {**BUILDKITE, "BUILDKITE_TAG": "v1.0", "BUILDKITE_BRANCH": "v1.0"},
        ("BUILDKITE_COMMIT", "released"),
    ),
    "Buildkite, a tag that whoever started the build says": Elsewhere(
        {**BUILDKITE, "BUILDKITE_TAG": "v1.0", "BUILDKITE_BRANCH": "main"},
        ("BUILDKITE_COMMIT", "released"),
        code=3,
        rules=_EVENT,
        says="BUILDKITE_TAG is 'v1.0', BUILDKITE_BRANCH is 'main'",
    ),
    "a system that is not known": Elsewhere(
        {"CI": "true"},
        ("", "head"),
        code=3,
        rules=f"{_TAG} trigger-refused",
        says="this CI system is not known, and no --tag was given; give the release",
    ),
    "a system that is not known, and the tag at the checkout's commit is given": (
        Elsewhere(
            {"JENKINS_URL": "https://ci.example/"},
            ("", "released"),
            words=("--tag", "v1.0"),
            checkout=_shallow_tag,
        )
    ),
    "a system that is not known, and the tag is given, without a checkout": Elsewhere(
        {"JENKINS_URL": "https://ci.example/"},
        ("", "head"),
        code=3,
        rules=_LOCATED,
        words=("--tag", "v1.0"),
        checkout=_none,
        says="there is no checkout in /",
    ),
    "a system that is not known, and a tag that the checkout does not have": Elsewhere(
        {"JENKINS_URL": "https://ci.example/"},
        ("", "head"),
        code=3,
        rules=_LOCATED,
        words=("--tag", "v1.0"),
        checkout=_without_tags,
        says="the checkout does not have the tag v1.0; run git fetch --tags",
    ),
    "a system that is not known, and the tag of another commit is given": Elsewhere(
        {"CI": "true"},
        ("", "head"),
        code=1,
        rules="tag-commit-mismatch",
        words=("--tag", "v1.0"),
        says="was built (HEAD of the checkout)",
    ),
}


@pytest.mark.parametrize("elsewhere", ELSEWHERE.values(), ids=list(ELSEWHERE))
def test_other_systems_are_judged_by_the_same_rules(
    elsewhere: Elsewhere,
    place: Place,
    gate: Gate,
) -> None:
    variable, at = elsewhere.commit
    environ = dict(elsewhere.environ)
    if variable:
        environ[variable] = place.forge[at]
    answer = gate.check(
        place.checkout(elsewhere.checkout),
        place.files("1.0"),
        *elsewhere.words,
        environ=environ,
    )
    rules = set(elsewhere.rules.split())
    assert answer.code == elsewhere.code, answer.said
    assert answer.errors == (rules if elsewhere.code == 1 else set())
    assert answer.needed == (rules if elsewhere.code == 3 else set())
    assert elsewhere.says in answer.said
    if elsewhere.code == 0:
        assert answer.predicate["tag"] == "v1.0"


# --- a person's own machine -----------------------------------------------------


@pytest.fixture(name="mine")
def _mine(tmp_path: Path) -> Repository:
    """A checkout of one's own, with the files in it."""
    mine = Repository(tmp_path / "mine")
    mine.tag("v0.9")
    sound.pair(mine.folder / "dist", "1.0")
    return mine


def test_a_tag_at_the_head_of_ones_own_checkout_is_compared(
    mine: Repository, gate: Gate
) -> None:
    """It warns: the next version may well be built before its tag is made."""
    answer = gate.check(mine.folder, Path("dist"))
    assert answer.code == 0, answer.said
    assert answer.predicate["tag"] == ""
    assert answer.told("warning") == {
        "tag-version-mismatch": "has the version 1.0, the tag 'v0.9' says 0.9"
    }
    assert gate.check(mine.folder, Path("dist"), "--strict").code == 1
    # Who names the tag means it.
    answer = gate.check(mine.folder, Path("dist"), "--tag", "v0.9")
    assert (answer.code, answer.errors) == (1, {"tag-version-mismatch"})


def test_one_s_own_checkout_needs_no_tag(mine: Repository, gate: Gate) -> None:
    head = mine.commit("Go on")
    answer = gate.check(mine.folder, Path("dist"))
    assert answer.code == 0, answer.said
    assert (answer.predicate["tag"], answer.predicate["commit"]) == ("", head)
    assert answer.told("notice") == {
        "tag-missing": f"the commit {head[:12]} has no release tag; in CI pypi takes "
        "releases from tags"
    }
    mine.tag("v1.0", annotated=True)
    answer = gate.check(mine.folder, Path("dist"))
    assert answer.code == 0, answer.said
    assert (answer.predicate["tag"], answer.predicate["commit"]) == ("v1.0", head)


def test_the_checkout_that_the_files_lie_in_counts_and_not_the_one_around(
    mine: Repository, forge: Forge, gate: Gate
) -> None:
    answer = gate.check(forge.repository.folder, mine.folder / "dist")
    assert answer.code == 0, answer.said
    assert answer.predicate["commit"] == mine.head("HEAD")
    assert set(answer.told("warning")) == {"tag-version-mismatch"}


def test_files_outside_of_any_checkout_are_judged_by_themselves(
    mine: Repository, place: Place, gate: Gate
) -> None:
    answer = gate.check(mine.folder, place.files("1.0"))
    assert answer.code == 0, answer.said
    assert (answer.predicate["tag"], answer.predicate["commit"]) == ("", "")


def test_a_tag_that_is_given_is_looked_for_in_one_s_own_checkout(
    mine: Repository, gate: Gate
) -> None:
    mine.commit("Release 1.0")
    mine.tag("v1.0")
    assert gate.check(mine.folder, Path("dist"), "--tag", "v1.0").code == 0
    mine.commit("Go on")
    answer = gate.check(mine.folder, Path("dist"), "--tag", "v1.0")
    assert (answer.code, answer.errors) == (1, {"tag-commit-mismatch"})
    assert gate.check(mine.folder, Path("dist"), "--tag", "1.0").code == 0


def test_one_s_own_branches_are_asked_where_the_policy_names_some(
    mine: Repository, gate: Gate
) -> None:
    mine.commit("Go on")
    policy = "branches: [main]\n"
    assert gate.check(mine.folder, Path("dist"), policy=policy).code == 0
    mine.git("checkout", "--quiet", "-b", "fix")
    mine.commit("Not merged")
    answer = gate.check(mine.folder, Path("dist"), policy=policy)
    assert (answer.code, answer.errors) == (1, {"tag-off-branch"})


def test_a_checkout_without_a_commit_says_nothing_of_a_tag(
    forge: Forge, gate: Gate, tmp_path: Path
) -> None:
    """Tags may be there before a commit is checked out: which one was built is open."""
    folder = tmp_path / "unborn"
    git = forge.repository.git
    git("init", "--quiet", "--initial-branch=fresh", str(folder))
    git("-C", str(folder), "fetch", "--quiet", str(forge.repository.folder), _ALL[2])
    sound.pair(folder / "dist", "1.0")
    answer = gate.check(folder, Path("dist"), "--tag", "v1.0")
    assert (answer.code, answer.errors) == (0, set()), answer.said
    answer = gate.check(folder, Path("dist"))
    assert (answer.code, answer.errors) == (0, set()), answer.said


def test_a_damaged_checkout_of_one_s_own_is_not_needed(
    mine: Repository, gate: Gate
) -> None:
    shutil.rmtree(mine.folder / ".git" / "objects")
    answer = gate.check(mine.folder, Path("dist"))
    assert answer.code == 0, answer.said
    reasons = [n["reason"] for n in answer.report["not_run"] if n["rule"] == _LOCATED]
    assert reasons == ["nobody names a tag"]


# --- whatever is said -----------------------------------------------------------

_KEYS = st.sampled_from(
    [
        *("ref", "after", "deleted", "repository", "full_name", "release", "action"),
        *("tag_name", "draft", "prerelease", "workflow_run", "event", "head_sha"),
        *("head_branch", "head_repository", "conclusion", "pull_request", "inputs"),
    ]
)
_REFS = ("refs/tags/v1.0", "refs/heads/v1.0", MAIN, "refs/tags/", "v1.0", "")
_WORDS = st.sampled_from(
    [
        *(*_REFS, "1.0", "org/demo", "published", "released", "success", "push"),
        *("release", NOWHERE, "{tagged}", "{untagged}", "{object}"),
    ]
)
_LEAVES = st.none() | st.booleans() | st.integers(-1, 1) | _WORDS | st.text(max_size=4)
_JSON = st.recursive(
    _LEAVES,
    lambda inner: (
        st.lists(inner, max_size=2) | st.dictionaries(_KEYS, inner, max_size=5)
    ),
    max_leaves=10,
)
_COMMITS = st.sampled_from(["{tagged}", "{untagged}", "{object}", NOWHERE])
_OURS = {"full_name": "org/demo"}


def _mostly(value: object, otherwise: st.SearchStrategy[Any] = _JSON) -> Any:  # noqa: ANN401
    """The sound value nine times of ten."""
    return st.sampled_from([*[True] * 9, False]).flatmap(
        lambda is_sound: st.just(value) if is_sound else otherwise
    )


@dataclass(frozen=True)
class Said:
    """An event, with names for the ids of commits; the tags of the checkout, and where
    they are; and the tag that is given.
    """

    event: Event
    tags: Sequence[tuple[str, str]] = ()
    given: str = ""


@st.composite
def _said(draw: st.DrawFn) -> Said:
    """An event that is sound in most of its parts."""
    name = draw(
        st.sampled_from(
            ["push", "release", "workflow_run", "workflow_dispatch", "schedule"]
        )
    )
    ref = draw(st.sampled_from(_REFS))
    run = {
        "event": draw(_mostly("push")),
        "conclusion": draw(_mostly("success")),
        "head_sha": draw(_COMMITS | _mostly("{tagged}")),
        "head_branch": draw(_WORDS),
        "head_repository": draw(_mostly(_OURS)),
    }
    release = {
        "tag_name": draw(_mostly(ref.removeprefix("refs/tags/"))),
        "draft": draw(_mostly(value=False)),
        "prerelease": draw(_LEAVES),
    }
    payload = {
        "ref": draw(_mostly(ref)),
        "after": draw(_WORDS),
        "action": draw(_mostly("published")),
        "repository": draw(_mostly(_OURS)),
        "release": draw(_mostly(release)),
        "workflow_run": draw(_mostly(run)),
        **draw(st.dictionaries(_KEYS, _JSON, max_size=1)),
    }
    tags = st.tuples(
        st.sampled_from(["v1.0", "1.0", "v2.0", "nightly", "v1.0\u20282", "x/v1.0"]),
        st.sampled_from(["tagged", "untagged", "object"]),
    )
    return Said(
        Event(name, ref, draw(_COMMITS | _mostly("{tagged}", _WORDS)), payload),
        draw(st.lists(tags, max_size=3, unique_by=lambda tag: tag[0])),
        draw(st.sampled_from(["", "", "v1.0"])),
    )


@dataclass(frozen=True)
class Stage:
    """A repository whose tags are set anew for each example."""

    folder: Path
    ids: Mapping[str, str]

    def event(self, event: Event) -> Event:
        """The event with the ids in place of their names."""
        text = json.dumps([event.name, event.ref, event.sha, event.payload])
        for name, object_id in self.ids.items():
            text = text.replace("{" + name + "}", object_id)
        return Event(*json.loads(text))

    def set_tags(self, tags: Iterable[tuple[str, str]]) -> None:
        """Write the tags, and nothing but these."""
        rows = [f"{self.ids[at]} refs/tags/{name}\n" for name, at in tags]
        (self.folder / ".git" / "packed-refs").write_text("".join(rows))

    def at(self, commit: str, tags: Iterable[tuple[str, str]]) -> set[str]:
        """The names of the tags at a commit, or at what a tag's object leads to."""
        peeled = {**self.ids, "object": self.ids["tagged"]}
        wanted = peeled["tagged"] if commit == self.ids["object"] else commit
        return {name for name, at in tags if peeled[at] == wanted}


@pytest.fixture(name="stage", scope="module")
def _stage(tmp_path_factory: pytest.TempPathFactory) -> Stage:
    repository = Repository(tmp_path_factory.mktemp("stage") / "demo")
    repository.tag("x", annotated=True)
    ids = {
        "tagged": repository.head("HEAD"),
        "object": repository.git("rev-parse", "refs/tags/x"),
        "untagged": repository.commit("Go on"),
    }
    repository.git("tag", "--delete", "x")
    return Stage(repository.folder, ids)


def _sound_run(head_sha: str) -> dict[str, object]:
    run = {"event": "push", "conclusion": "success", "head_repository": _OURS}
    return {"workflow_run": {**run, "head_sha": head_sha}}


@settings(deadline=None, max_examples=150)
@given(_said())
@example(Said(Event("push", MAIN, "{untagged}", {"ref": MAIN}), [("v1.0", "tagged")]))
@example(Said(Event("push", MAIN, "{tagged}", {"ref": MAIN}), [("v1.0", "tagged")]))
@example(Said(Event("workflow_run", "refs/tags/v1.0", NOWHERE, _sound_run("{tagged}"))))
@example(Said(Event("workflow_run", MAIN, "{tagged}", _sound_run("{untagged}"))))
def test_nothing_that_is_said_leads_to_a_pass_without_a_tag(
    stage: Stage, said: Said
) -> None:
    """No exception but ours, and a pass only where somebody names the release's tag by
    its full ref, or the built commit carries it.
    """
    event = stage.event(said.event)
    stage.set_tags(said.tags)
    environ = event.environ(
        stage.folder.parent / "event.json", GITHUB_REPOSITORY="org/demo"
    )
    job = Job(builders.policy(), environ=environ)
    facts = Gathered()
    with contextlib.chdir(stage.folder):
        add_origin(job, [builders.release()], [], Origin(tag=said.given), facts)
    report = report_on(
        "check",
        job,
        facts.subjects,
        scope=ORIGIN_SCOPE,
        missing=facts.missing,
        started=0.0,
    )
    if report.verdict is not Verdict.PASS:
        return
    is_run, is_release = event.name == "workflow_run", event.name == "release"
    commit = event.payload["workflow_run"]["head_sha"] if is_run else event.sha
    by_release = event.payload["release"]["tag_name"] if is_release else ""
    by_ref = "" if is_run else event.ref
    named = {by_release, by_ref.removeprefix("refs/tags/")}
    assert {"v1.0", "1.0"} & (named | stage.at(commit, said.tags))
    if not is_release and not by_ref.startswith("refs/tags/"):
        assert {"v1.0", "1.0"} & stage.at(commit, said.tags)

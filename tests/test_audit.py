"""``audit``: an index's versions against the tags, and nothing passes unread."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import hostile
import jsonschema
import pytest
import servers
import signing
import sound
import yaml
from forge import Repository
from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard import action, run
from release_guard.cli import main
from release_guard.errors import UsageError
from release_guard.facts import (
    ExpectedFile,
    ExpectedRelease,
    GitTag,
    History,
    Kind,
    TracedHistory,
)
from release_guard.jobs.audit import TagFile, TagFolder, Target, place_of, targets
from release_guard.jobs.common import Clock, Job
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.traces import add_traces, signatures_of
from release_guard.manifest import Manifest, write_manifest
from release_guard.options import Options
from release_guard.policy import IndexPolicy, Policy, read_policy
from release_guard.reports import github, json_v1
from release_guard.rules import RULE_IDS
from release_guard.sources.forge import ForgeRepository
from release_guard.sources.projects_file import read_projects_file
from release_guard.sources.provenance import Verifier
from release_guard.sources.simple import read_listing
from release_guard.sources.tag_list import read_tag_list

A, B = "a" * 40, "b" * 40


@pytest.fixture(name="index")
def _index() -> Iterator[sound.Index]:
    with sound.serving() as index:
        yield index


@pytest.fixture(name="checkout")
def _checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """A repository with a tag of 1.0, which is the working folder."""
    repository = Repository(tmp_path / "checkout")
    repository.tag("v1.0", annotated=True)
    monkeypatch.chdir(repository.folder)
    return repository


@pytest.fixture(name="_elsewhere")
def _working_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The working folder lies in no repository, and has a list of tags."""
    monkeypatch.chdir(tmp_path)
    Path("tags.txt").write_text("v1.0\n")


def _file(filename: str, **said: object) -> dict[str, Any]:
    return {"filename": filename, "url": f"/files/{filename}", "hashes": {}, **said}


def _page(*files: Mapping[str, Any], project: str = "demo") -> sound.Reply:
    page = {"meta": {"api-version": "1.1"}, "name": project, "files": list(files)}
    return sound.Reply(json.dumps(page).encode())


def _lists(index: sound.Index, *versions: str, project: str = "demo") -> None:
    files = (_file(f"{project}-{version}.tar.gz") for version in versions)
    index.says(_page(*files, project=project), project=project)


@dataclass
class Told:
    """What an audit said."""

    code: int
    report: dict[str, Any] = field(repr=False)

    @property
    def found(self) -> list[tuple[str, str]]:
        """The findings: rule and subject."""
        return [(f["rule"], f["subject"]) for f in self.report["findings"]]

    @property
    def table(self) -> list[tuple[str, str]]:
        """The projects and their verdicts."""
        return [(row["project"], row["verdict"]) for row in self.report["audited"]]

    @property
    def needed(self) -> set[str]:
        """What was not read, and is needed."""
        return {row["reason"] for row in self.report["not_run"] if row["needed"]}

    def why_not(self, rule: str) -> list[tuple[str, bool]]:
        """Why a rule did not run, and whether that bars a pass."""
        rows = self.report["not_run"]
        return [(r["reason"], r["needed"]) for r in rows if r["rule"] == rule]


Audit = Callable[..., Told]


@pytest.fixture(name="audit")
def _audit(index: sound.Index, capsys: pytest.CaptureFixture[str]) -> Audit:
    """Audit by the command line. Every report is of the schema."""

    def call(*words: str) -> Told:
        told = ["--index-url", index.root, "--format", "json"]
        code = main(["audit", *words, *told])
        report = json.loads(capsys.readouterr().out)
        jsonschema.validate(report, json_v1.report_schema(RULE_IDS))
        return Told(code, report)

    return call


# --- one project ------------------------------------------------------------------


def test_every_version_comes_from_a_tag(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    _lists(index, "1.0")
    told = audit("Demo")

    assert (told.code, told.report["verdict"]) == (0, "pass")
    assert told.report["examined"] == ["demo"]
    assert (told.report["project"], told.report["version"]) == ("demo", None)
    assert told.report["audited"] == [
        {
            "project": "demo",
            "versions": 1,
            "files": 1,
            "tags": 1,
            "errors": 0,
            "warnings": 0,
            "notices": 0,
            "verdict": "pass",
            "tags_from": str(checkout.folder.resolve()),
        }
    ]
    assert index.asked == ["/simple/demo/"]


def test_a_version_that_came_from_nowhere_is_an_alarm(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    _lists(index, "1.0", "1.1.dev0")
    told = audit("demo")

    assert (told.code, told.report["verdict"]) == (1, "fail")
    assert told.found == [
        ("release-untagged", "demo 1.1.dev0"),
        ("history-version-kind", "demo 1.1.dev0"),
    ]
    assert told.report["audited"][0]["errors"] == 2


def test_a_tag_of_today_whose_release_is_on_its_way_is_no_alarm(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    """The checkout says when a tag was made."""
    checkout.tag("v1.1", annotated=True)
    _lists(index, "1.0")
    told = audit("demo", "--strict")

    assert (told.code, told.found) == (0, [("tag-unreleased", "demo 1.1")])


def test_the_tags_may_be_a_list_another_checkout_or_on_a_forge(
    checkout: Repository,
    index: sound.Index,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    audit: Audit,
) -> None:
    _lists(index, "1.0")
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tags.txt").write_text("v1.0\n")
    with servers.serving() as server:
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        _serve_tags(server, "org/demo", "v1.0")

        assert audit("demo", "--tags", "tags.txt").code == 0
        assert audit("demo", "--repo", "checkout").code == 0
        assert audit("demo", "--forge", "github:org/demo").code == 0


def _serve_tags(server: servers.Server, name: str, *tags: str) -> None:
    page = [{"name": tag, "commit": {"sha": A}} for tag in tags]
    headers = {"Content-Type": "application/json", "Link": '<x>; rel="last"'}
    reply = servers.Reply(json.dumps(page).encode(), headers=headers)
    server.on(f"/repos/{name}/tags?per_page=100&page=1", reply)


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["demo"], "demo: {cwd}: there is no checkout"),
        (
            ["demo", "--tags", "none.txt"],
            "demo: none.txt: there are no tags to compare with",
        ),
        (["demo", "--repo", "gone"], "demo: gone: is no folder that is there"),
        (["demo", "--tags", "gone.txt"], "demo: gone.txt: is not there"),
        (["demo", "--tags", "odd.txt"], "demo: odd.txt: line 1 is 'a b c', expected"),
        (["unknown", "--tags", "tags.txt"], "unknown: {root}unknown/: the index does"),
        (["empty", "--tags", "tags.txt"], "empty: {root}empty/: the index lists no"),
        (
            ["nameless", "--tags", "tags.txt"],
            "nameless: {root}nameless/: no file of 1 tells a version of it",
        ),
        (["login", "--tags", "tags.txt"], "login: {root}login/: the answer is no list"),
    ],
)
@pytest.mark.usefixtures("_elsewhere")
def test_what_cannot_be_compared_is_no_pass(
    words: list[str], said: str, index: sound.Index, audit: Audit
) -> None:
    Path("none.txt").write_text("\n")
    Path("odd.txt").write_text("a b c\n")
    _lists(index, project="empty")
    index.says(_page(_file("nameless.exe"), project="nameless"), project="nameless")
    page = sound.Reply(b"<html>sign in</html>", content_type="text/html")
    index.says(page, project="login")
    _lists(index, "1.0")

    told = audit(*words)

    assert (told.code, told.report["verdict"]) == (3, "undecided")
    (reason,) = told.needed
    assert reason.startswith(said.format(root=index.root, cwd=Path.cwd()))
    assert told.table == [(words[0], "undecided")]
    assert told.report["examined"] == []


@pytest.mark.parametrize("where", ["--repo", "--projects"])
def test_a_folder_that_only_lies_in_a_checkout_has_no_tags_of_its_own(
    where: str, checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    """An empty submodule lies in another project's checkout, and of "demo other" in a
    list of projects the other one may be a folder.
    """
    Path("other").mkdir()
    Path("projects.txt").write_text("demo other\n")
    _lists(index, "1.0")
    words = ["--projects", "projects.txt"]
    told = audit(*(["demo", "--repo", "other"] if where == "--repo" else words))

    assert told.code == 3
    assert told.needed == {
        "demo: other: is no checkout of its own, and lies in another one"
    }


def test_the_working_folder_may_lie_in_a_checkout(
    checkout: Repository,
    index: sound.Index,
    monkeypatch: pytest.MonkeyPatch,
    audit: Audit,
) -> None:
    Path("inside").mkdir()
    monkeypatch.chdir("inside")
    _lists(index, "1.0")

    assert audit("demo").code == 0


def test_a_quarantined_project_is_told_as_that(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    page = {
        "meta": {"api-version": "1.4"},
        "project-status": {"status": "quarantined"},
        "name": "demo",
        "files": [],
        "versions": [],
    }
    index.says(sound.Reply(json.dumps(page).encode()))
    told = audit("demo")

    assert told.code == 3
    (reason,) = told.needed
    assert "the index has quarantined the project" in reason


@pytest.mark.parametrize(("baseline", "code"), [("20.0", 3), ("1.1", 1)])
def test_a_baseline_above_all_versions_makes_nothing_old(
    baseline: str, code: int, checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    Path("policy.yml").write_text(f"baseline: '{baseline}'\n")
    _lists(index, "1.0", "1.1.dev0", "1.1")
    told = audit("demo", "--policy", "policy.yml")

    assert told.code == code
    if code == 3:
        (reason,) = told.needed
        assert reason == (
            "demo: the baseline 20.0 is above all versions that the index lists, of "
            "which 1.1 is the highest: nothing would be an alarm"
        )


def test_a_shallow_clone_has_not_all_tags(
    checkout: Repository, index: sound.Index, tmp_path: Path, audit: Audit
) -> None:
    checkout.commit("More")
    checkout.tag("v1.1")
    shallow = tmp_path / "shallow"
    checkout.git("clone", "--depth=1", f"file://{checkout.folder}", str(shallow))
    _lists(index, "1.0", "1.1")

    told = audit("demo", "--repo", str(shallow))

    assert told.code == 3
    assert told.needed == {
        f"demo: {shallow}: is a shallow clone, in which tags may be missing"
    }


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (
            ["demo", "--tags", "t", "--repo", "."],
            "--tags and --repo exclude each other",
        ),
        (
            ["demo", "--tags", "t", "--forge", "github:org/demo"],
            "--tags and --forge exclude each other",
        ),
        (["demo", "--forge", "org/demo"], "expected github:owner/name or gitlab:group"),
        (["-"], "audit: expected the name of a project, found '-'"),
        (["demo", ""], "audit: expected the name of a project, found ''"),
        ([], "audit: no project is named"),
        (["demo", "--jobs", "0"], "jobs: expected a number from 1 to 64, found '0'"),
        (["demo", "--jobs", "65"], "jobs: expected a number from 1 to 64, found '65'"),
        (["demo", "--jobs", "many"], "jobs: expected a number from 1 to 64, found 'm"),
    ],
)
@pytest.mark.usefixtures("_elsewhere")
def test_what_is_asked_wrongly_is_a_usage_error(
    words: list[str], said: str, index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["audit", *words, "--index-url", index.root]) == 2
    assert said in capsys.readouterr().err
    assert index.asked == []


# --- what the index does not say --------------------------------------------------


def test_a_rule_whose_facts_the_index_does_not_give_says_so(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    _lists(index, "1.0")
    told = audit("demo")

    assert told.why_not("history-late-file") == [
        ("the index does not say when files were uploaded (PEP 700)", False)
    ]
    assert told.why_not("history-unattested") == [
        ("the index does not say which files have provenance (PEP 740)", False)
    ]
    ((reason, is_needed),) = told.why_not("tag-moved")
    assert reason == "neither kept manifests nor provenance were asked for commits"
    assert not is_needed


def test_what_the_index_says_of_some_files_only_is_judged_and_the_rest_is_told(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    first = {"upload-time": "2026-01-01T00:00:00Z", "provenance": None}
    index.says(
        _page(_file("demo-1.0.tar.gz", **first), _file("demo-1.0-py3-none-any.whl"))
    )
    told = audit("demo")

    assert told.code == 0
    for rule in ("history-late-file", "history-unattested"):
        ((_, is_needed),) = told.why_not(rule)
        assert not is_needed
    assert audit("demo", "--provenance").code == 3


def test_an_index_that_does_not_tell_what_the_policy_requires_is_no_pass(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    Path("policy.yml").write_text("provenance: required\n")
    _lists(index, "1.0")
    told = audit("demo", "--policy", "policy.yml")

    assert told.code == 3
    assert told.why_not("history-unattested")[0][1]


def test_what_the_index_gives_is_judged(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    first: dict[str, object] = {
        "upload-time": "2026-01-01T00:00:00Z",
        "provenance": "/p/1",
    }
    last: dict[str, object] = {
        "upload-time": "2026-01-20T00:00:00Z",
        "provenance": None,
    }
    names = ("demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl")
    checkout.tag("v0.9")
    index.says(
        _page(
            _file("demo-0.9.tar.gz", **first),
            *(_file(n, **said) for n, said in zip(names, (first, last), strict=True)),
        )
    )
    told = audit("demo")

    assert told.found == [
        ("history-late-file", "demo 1.0"),
        ("history-unattested", "demo 1.0"),
    ]


# --- several projects --------------------------------------------------------------


def test_several_projects_have_a_table_in_the_order_of_the_input(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    """One cannot be read, one has an error: that outranks the open question."""
    for name, versions in {"c": ["1.0"], "a": ["1.0", "1.1"], "d": ["1.0"]}.items():
        _lists(index, *versions, project=name)
    told = audit("c", "b", "a", "d", "--jobs", "3")

    assert (told.code, told.report["verdict"]) == (1, "fail")
    assert told.table == [
        ("c", "pass"),
        ("b", "undecided"),
        ("a", "fail"),
        ("d", "pass"),
    ]
    assert told.found == [("release-untagged", "a 1.1")]
    assert told.report["examined"] == ["c", "a", "d"]
    assert told.report["project"] is None
    assert sorted(index.asked) == [f"/simple/{name}/" for name in "abcd"]


def test_one_project_that_cannot_be_read_bars_a_pass(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    _lists(index, "1.0", project="a")
    told = audit("a", "b")

    assert (told.code, told.report["verdict"]) == (3, "undecided")
    assert told.table == [("a", "pass"), ("b", "undecided")]


def test_a_project_is_judged_once_however_it_is_spelled(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    _lists(index, "1.0", project="demo-cli")
    told = audit("Demo_CLI", "demo-cli", "demo.cli")

    assert told.code == 0
    assert told.table == [("demo-cli", "pass")]
    assert index.asked == ["/simple/demo-cli/"]


def test_findings_of_several_projects_stand_by_rule(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    for name in ("a", "b"):
        _lists(index, "1.0", "1.1.dev1", project=name)

    assert audit("a", "b").found == [
        ("release-untagged", "a 1.1.dev1"),
        ("release-untagged", "b 1.1.dev1"),
        ("history-version-kind", "a 1.1.dev1"),
        ("history-version-kind", "b 1.1.dev1"),
    ]


def test_a_reason_that_all_projects_share_is_told_once(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    names = [f"demo{number}" for number in range(5)]
    for name in names:
        _lists(index, "1.0", project=name)

    assert len(audit(*names).report["not_run"]) == 3


def test_a_waiver_that_one_project_uses_is_used(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    Path("policy.yml").write_text(
        "waivers: [{rule: release-untagged, match: 'b *', reason: known}]\n"
    )
    _lists(index, "1.0", project="a")
    _lists(index, "1.0", "1.1", project="b")
    told = audit("a", "b", "--policy", "policy.yml")

    assert (told.code, told.found) == (0, [])
    assert [row["subject"] for row in told.report["waived"]] == ["b 1.1"]
    assert told.table == [("a", "pass"), ("b", "pass")]

    (unused,) = audit("a", "--policy", "policy.yml").found
    assert unused[0] == "waiver-unused"


def test_warnings_fail_a_project_where_they_block(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    Path("tags.txt").write_text("v1.0\nv1.1\n")
    _lists(index, "1.0")

    assert audit("demo", "--tags", "tags.txt").table == [("demo", "pass")]
    assert audit("demo", "--tags", "tags.txt", "--strict").table == [("demo", "fail")]


def test_the_projects_of_the_policy_are_audited_where_none_is_named(
    checkout: Repository, index: sound.Index, audit: Audit
) -> None:
    Path("policy.yml").write_text(
        "projects: {demo: ['v{version}'], demo-cli: ['{name}-v{version}']}\n"
    )
    checkout.tag("demo-cli-v2.0")
    _lists(index, "1.0")
    _lists(index, "2.0", project="demo-cli")
    told = audit("--policy", "policy.yml")

    assert told.code == 0
    assert told.table == [("demo", "pass"), ("demo-cli", "pass")]


# --- a list of projects ------------------------------------------------------------


def test_a_list_says_of_each_project_where_its_tags_are(
    checkout: Repository,
    index: sound.Index,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    audit: Audit,
) -> None:
    """What it says outranks what is common to all, and is seen from the list."""
    folder = tmp_path / "lists"
    folder.mkdir()
    (folder / "b tags.txt").write_text("v2.0\n")
    (folder / "projects.txt").write_text(
        "# the projects of the team\n"
        "A\n"
        "b  b tags.txt   # a list of tags\n"
        "c  ../checkout\n"
        "d  github:org/d\n"
        "e  github:org/d\n"
        "a  # once more\n"
    )
    versions = {"a": "3.0", "b": "2.0", "c": "1.0", "d": "4.0", "e": "4.0"}
    for name, version in versions.items():
        _lists(index, version, project=name)
    common = tmp_path / "common.txt"
    common.write_text("v3.0\n")
    with servers.serving() as server:
        monkeypatch.setenv("GITHUB_API_URL", server.url)
        _serve_tags(server, "org/d", "v4.0")
        told = audit("--projects", str(folder / "projects.txt"), "--tags", str(common))

        assert len(server.seen) == 1
    assert told.code == 0
    assert told.table == [(name, "pass") for name in "abcde"]


@pytest.mark.usefixtures("_elsewhere")
def test_names_and_a_list_are_audited_together(
    index: sound.Index, audit: Audit
) -> None:
    Path("projects.txt").write_text("b\na tags.txt\n")
    for name in "abc":
        _lists(index, "1.0", project=name)
    told = audit("c", "a", "--projects", "projects.txt", "--tags", "tags.txt")

    assert told.table == [("c", "pass"), ("a", "pass"), ("b", "pass")]


@pytest.mark.usefixtures("_elsewhere")
def test_tags_of_one_project_that_cannot_be_read_do_not_stop_the_others(
    index: sound.Index, audit: Audit
) -> None:
    Path("projects.txt").write_text("a tags.txt\nb gone.txt\nc .\n")
    for name in "abc":
        _lists(index, "1.0", project=name)
    told = audit("--projects", "projects.txt")

    assert told.code == 3
    assert told.table == [("a", "pass"), ("b", "undecided"), ("c", "undecided")]
    # What cannot be compared is not asked for.
    assert index.asked == ["/simple/a/"]


@pytest.mark.parametrize(
    ("content", "code", "said"),
    [
        (
            "a x.txt\na y.txt\n",
            2,
            "a is to be audited twice, with tags from two places",
        ),
        (
            "# one\na bitbucket:org/a\n",
            2,
            "projects.txt: line 2: expected github:owner",
        ),
        ("a https://u:secret@forge.example/a\n", 2, "found 'https://forge.example/a'"),
        ("a b:c\n", 3, "not decided"),
        ("- x\n", 2, "line 1: expected the name of a project"),
        ("# none\n", 3, "names no project"),
    ],
)
@pytest.mark.usefixtures("_elsewhere")
def test_a_list_that_is_none_is_no_pass(
    content: str,
    code: int,
    said: str,
    index: sound.Index,
    capsys: pytest.CaptureFixture[str],
) -> None:
    Path("projects.txt").write_text(content)
    # The policy's projects are no substitute.
    Path("policy.yml").write_text("projects: demo\n")
    words = ["--projects", "projects.txt", "--policy", "policy.yml"]

    assert main(["audit", *words, "--index-url", index.root]) == code
    told = capsys.readouterr()
    assert said in told.out + told.err
    assert "secret" not in told.out + told.err
    assert index.asked == []


def test_a_report_is_not_written_over_what_is_read(
    checkout: Repository, capsys: pytest.CaptureFixture[str]
) -> None:
    for option in ("--projects", "--tags", "--manifests"):
        Path("list.txt").write_text("demo\n")
        words = ["audit", "demo", option, "list.txt", "--output", "list.txt"]
        assert main(words) == 2
        assert "would be overwritten" in capsys.readouterr().err
        assert Path("list.txt").read_text() == "demo\n"


_DEMO, _OTHER = canonicalize_name("demo"), canonicalize_name("other")
_LIST, _FORGE = TagFile(Path("x")), ForgeRepository("github", "org/demo")


def test_each_project_has_its_own_tags_or_the_common_ones() -> None:
    wanted = [(_DEMO, None), (_OTHER, None), (_DEMO, _FORGE), (_DEMO, None)]

    assert targets(wanted, _LIST) == (Target(_DEMO, _FORGE), Target(_OTHER, _LIST))
    with pytest.raises(UsageError):
        targets([(_DEMO, _FORGE), (_DEMO, _LIST)], _LIST)


def test_a_place_of_tags_is_a_folder_a_file_or_on_a_forge(tmp_path: Path) -> None:
    (tmp_path / "folder").mkdir()

    assert place_of("folder", tmp_path) == TagFolder(tmp_path / "folder")
    assert place_of("file", tmp_path) == TagFile(tmp_path / "file")
    assert place_of("C:file", tmp_path) == TagFile(tmp_path / "C:file")
    assert place_of("a" * 5_000, tmp_path) == TagFile(tmp_path / ("a" * 5_000))
    assert place_of("a\0b", tmp_path) == TagFile(tmp_path / "a\0b")
    assert place_of("github:org/demo", tmp_path) == _FORGE


# --- several at a time -------------------------------------------------------------


def test_as_many_projects_are_read_at_a_time_as_are_asked_for(
    checkout: Repository,
    index: sound.Index,
    monkeypatch: pytest.MonkeyPatch,
    audit: Audit,
) -> None:
    """Each answer waits until three are asked for."""
    names = [f"demo{number}" for number in range(6)]
    for name in names:
        _lists(index, "1.0", project=name)
    meeting, reply = threading.Barrier(3, timeout=30), index.reply

    def late(path: str) -> sound.Reply:
        meeting.wait()
        return reply(path)

    monkeypatch.setattr(index, "reply", late)
    told = audit(*names, "--jobs", "3")

    assert told.code == 0
    assert told.table == [(name, "pass") for name in names]


# --- kept manifests ----------------------------------------------------------------

_SHA256 = "ab" * 32


def _kept(
    path: Path,
    version: str = "1.0",
    *,
    commit: str = A,
    tag: str = "v1.0",
    sha256: str = _SHA256,
    project: str = "demo",
) -> None:
    """A manifest as ``check`` wrote it."""
    name = f"{project}-{version}.tar.gz"
    files = (ExpectedFile(name, Kind.SDIST, 100, sha256),)
    release = ExpectedRelease(canonicalize_name(project), Version(version), files, None)
    path.write_text(write_manifest(Manifest((release,), tag=tag, commit=commit)))


@pytest.fixture(name="kept")
def _folder_of_manifests(index: sound.Index, tmp_path: Path) -> Path:
    """An empty folder; the index lists what its manifests are of."""
    files = [
        _file(f"demo-{version}.tar.gz", hashes={"sha256": _SHA256})
        for version in ("1.0", "1.1")
    ]
    index.says(_page(*files))
    (tmp_path / "tags.txt").write_text(f"v1.0 {B}\nv1.1 {B}\n")
    folder = tmp_path / "kept"
    folder.mkdir()
    return folder


def test_a_tag_that_moved_since_a_manifest_was_written_is_an_alarm(
    kept: Path, tmp_path: Path, audit: Audit
) -> None:
    _kept(kept / "1.0.json")
    _kept(kept / "1.1.json", "1.1", commit=B, tag="v1.1")
    _kept(kept / "other.json", "1.0", project="other")
    told = audit("demo", "--manifests", str(kept), "--tags", str(tmp_path / "tags.txt"))

    assert (told.code, told.found) == (1, [("tag-moved", "demo 1.0")])
    (finding,) = told.report["findings"]
    assert finding["message"] == (
        f"the manifest {kept / '1.0.json'} says that it was built from {A[:12]}, and "
        f"the tag 'v1.0' leads to {B[:12]} now"
    )
    assert finding["evidence"]["expected"] == A


def test_several_manifests_are_given_one_by_one(
    kept: Path, tmp_path: Path, audit: Audit
) -> None:
    _kept(kept / "1.0.json", commit=B)
    _kept(kept / "again.json", commit=B)
    _kept(kept / "1.1.json", "1.1", commit=A, tag="v1.1")
    words = ["demo", "--tags", str(tmp_path / "tags.txt"), "--manifests"]
    told = audit(*words, *(str(kept / f"{name}.json") for name in ("1.0", "again")))

    assert (told.code, told.found) == (0, [])
    assert told.why_not("tag-moved") == []

    told = audit(*words, str(kept / "1.1.json"))
    assert told.found == [("tag-moved", "demo 1.1")]


@pytest.mark.parametrize(
    ("said", "reason"),
    {
        "other bytes": (
            {"sha256": "cd" * 32},
            "demo 1.0: the index lists demo-1.0.tar.gz with the sha256 {is_}, {other}",
        ),
        "no commit": (
            {"commit": ""},
            "demo 1.0: the manifest {path} names no commit to compare with the tag",
        ),
    }.values(),
    ids=["other bytes", "no commit"],
)
def test_a_manifest_that_does_not_fit_what_is_listed_is_no_pass(
    said: dict[str, str], reason: str, kept: Path, tmp_path: Path, audit: Audit
) -> None:
    _kept(kept / "1.0.json", **said)
    words = ["demo", "--manifests", str(kept), "--tags", str(tmp_path / "tags.txt")]
    told = audit(*words)

    assert (told.code, told.found) == (3, [])
    path = kept / "1.0.json"
    other = f"other than the manifest {path} says"
    assert told.needed == {reason.format(path=path, other=other, is_=_SHA256)}

    # The tag may have been made again, after a first try that never went out.
    _kept(kept / "again.json", commit=B)
    assert (audit(*words).code, audit(*words).needed) == (0, set())


def test_a_manifest_whose_commit_is_none_is_an_error(
    kept: Path, tmp_path: Path, audit: Audit
) -> None:
    _kept(kept / "1.0.json", commit="main")
    told = audit("demo", "--manifests", str(kept), "--tags", str(tmp_path / "tags.txt"))

    assert told.code == 3
    assert told.report["error"]["message"].endswith(
        "1.0.json: names the commit 'main', expected a whole commit id"
    )


def test_manifests_cannot_be_compared_with_tags_without_commits(
    kept: Path, tmp_path: Path, audit: Audit
) -> None:
    _kept(kept / "1.0.json")
    (tmp_path / "tags.txt").write_text("v1.0\nv1.1\n")
    told = audit("demo", "--manifests", str(kept), "--tags", str(tmp_path / "tags.txt"))

    assert (told.code, told.found) == (3, [])
    assert told.needed == {
        "no commit of any tag is known, to compare with those that are named"
    }


def test_a_manifest_of_a_version_that_is_not_listed_is_not_compared(
    kept: Path, tmp_path: Path, audit: Audit
) -> None:
    """It was checked, and never went out."""
    _kept(kept / "1.2.json", "1.2")
    told = audit("demo", "--manifests", str(kept), "--tags", str(tmp_path / "tags.txt"))

    assert (told.code, told.found) == (0, [])
    reason = "no kept manifest names the commit of a version"
    assert told.why_not("tag-moved") == [(reason, False)]


@pytest.mark.parametrize(
    ("name", "code", "said"),
    [
        (".", 3, "holds no manifest (*.json)"),
        ("gone.json", 3, "gone.json: is not there"),
        ("odd.json", 3, "odd.json: is no JSON"),
        ("other.json", 2, "the manifests are of other, which is not audited"),
    ],
)
def test_manifests_that_cannot_be_read_are_no_pass(
    name: str,
    code: int,
    said: str,
    kept: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    if name == "odd.json":
        (kept / name).write_text("[")
    if name == "other.json":
        _kept(kept / name, project="other")
    url = f"http://127.0.0.1:{sound.closed_port()}/simple/"
    words = ["demo", "--manifests", str(kept / name), "--index-url", url]

    assert main(["audit", *words]) == code
    assert said in capsys.readouterr().err


# --- provenance --------------------------------------------------------------------


@pytest.fixture(scope="module", name="instance")
def _instance() -> signing.Sigstore:
    """A sigstore of the tests' own."""
    return signing.Sigstore()


@pytest.fixture(name="attested")
def _attested(
    index: sound.Index,
    instance: signing.Sigstore,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[..., None]:
    """Lists 1.0 with the provenance that is given, or that of the usual signer; tags
    lead to ``signing.COMMIT``.
    """
    (tmp_path / "trusted_root.json").write_text(instance.trust_root())
    verifier = Verifier(tmp_path / "trusted_root.json")
    monkeypatch.setattr("release_guard.jobs.traces.load_verifier", lambda: verifier)
    monkeypatch.chdir(tmp_path)
    Path("tags.txt").write_text(f"v1.0 {signing.COMMIT}\n")

    def listed(
        reply: sound.Reply | None = None,
        address: str | None = "/provenance",
        sha256: str = _SHA256,
        **claims: str,
    ) -> None:
        name = "demo-1.0.tar.gz"
        hashes = {"sha256": sha256} if sha256 else {}
        index.says(
            _page(
                _file(name, hashes=hashes, provenance=address),
                _file("demo-1.0-py3-none-any.whl", hashes=hashes, provenance=None),
            )
        )
        signed = instance.sign(name, _SHA256, claims=signing.github(**claims))
        content = signing.provenance_of(signed)
        usual = sound.Reply(content, content_type="application/json")
        index.replies["/provenance"] = [reply or usual]

    return listed


_PROVENANCE = ("demo", "--tags", "tags.txt", "--provenance")
_NO_COMMIT = (
    "demo: the provenance of demo-1.0.tar.gz proves no commit: attestation 1 of 1 "
)


def test_provenance_of_the_tagged_commit_agrees(
    attested: Callable[..., None], index: sound.Index, audit: Audit
) -> None:
    attested()
    told = audit(*_PROVENANCE)

    assert (told.code, told.found) == (0, [])
    assert told.why_not("tag-moved") == []
    # One more request for a version that has provenance.
    assert index.asked == ["/simple/demo/", "/provenance"]


def test_provenance_of_another_commit_is_an_alarm(
    attested: Callable[..., None], audit: Audit
) -> None:
    attested(commit=B)
    told = audit(*_PROVENANCE)

    assert (told.code, told.found) == (1, [("tag-moved", "demo 1.0")])
    (finding,) = told.report["findings"]
    assert finding["message"].startswith("the provenance of demo-1.0.tar.gz says that ")


def test_provenance_is_not_asked_for_where_nobody_wants_it(
    attested: Callable[..., None], index: sound.Index, audit: Audit
) -> None:
    attested(commit=B)

    assert audit("demo", "--tags", "tags.txt").code == 0
    assert index.asked == ["/simple/demo/"]


@pytest.mark.parametrize(
    ("said", "reason"),
    {
        "no answer": (
            {"reply": sound.NOT_FOUND},
            "demo: {url}/provenance: is listed as the provenance of demo-1.0.tar.gz",
        ),
        "a login page": (
            {"reply": sound.Reply(b"<html>", content_type="text/html")},
            "demo: {url}/provenance: the answer is no provenance",
        ),
        "a broken server": (
            {"reply": sound.Reply(b"", 500)},
            "demo: {url}/provenance: answers 500",
        ),
        "none that holds": (
            {"reply": sound.Reply(signing.provenance_of())},
            "demo: the provenance of demo-1.0.tar.gz proves no commit: it is empty",
        ),
        "one that is no attestation": (
            {"reply": sound.Reply(signing.provenance_of({"version": 1}))},
            _NO_COMMIT + "is none: ",
        ),
        "one of other bytes": (
            {"sha256": "cd" * 32},
            _NO_COMMIT + "speaks of the sha256",
        ),
        "bytes that nobody knows": (
            {"sha256": ""},
            _NO_COMMIT + "is not compared: the index gives no sha256",
        ),
        "another origin": (
            {"address": "https://elsewhere.example/provenance"},
            "{url}/simple/demo/: says that the attestations of demo-1.0.tar.gz are els",
        ),
        "one by a person": (
            {"c8": "https://accounts.example"},
            _NO_COMMIT + "was signed by https://github.com/org/demo/",
        ),
        "one without a commit": (
            {"c13": ""},
            _NO_COMMIT + "names no commit",
        ),
    }.values(),
)
def test_provenance_that_cannot_be_read_is_no_pass(
    said: dict[str, Any],
    reason: str,
    attested: Callable[..., None],
    index: sound.Index,
    audit: Audit,
) -> None:
    attested(**said)
    told = audit(*_PROVENANCE)

    assert (told.code, told.found) == (3, [])
    (needed,) = told.needed
    assert needed.removeprefix("demo: ").startswith(
        reason.format(url=index.url).removeprefix("demo: ")
    )
    assert told.table == [("demo", "undecided")]


def test_an_index_that_does_not_tell_of_provenance_cannot_be_asked(
    attested: Callable[..., None], index: sound.Index, audit: Audit
) -> None:
    attested()
    _lists(index, "1.0")
    told = audit(*_PROVENANCE)

    assert told.code == 3
    assert told.needed == {
        "the index does not say which files have provenance (PEP 740)"
    }


def test_a_project_without_provenance_has_no_commits_to_compare(
    attested: Callable[..., None], audit: Audit
) -> None:
    attested(address=None)
    told = audit(*_PROVENANCE)

    assert told.code == 0
    reason = "no provenance names the commit of a version"
    assert told.why_not("tag-moved") == [(reason, False)]


@pytest.mark.parametrize(
    "claims",
    [
        {"repository": "stranger/demo"},
        {"workflow": "nightly.yml"},
        {"c8": "https://gitlab.example"},
    ],
    ids=["a fork, which has the same commits", "another workflow", "another forge"],
)
def test_provenance_of_nobody_whom_the_policy_names_proves_nothing(
    claims: dict[str, str], attested: Callable[..., None], audit: Audit
) -> None:
    named = "edition: 2026\nrepositories: [org/demo]\nworkflows: [release.yml]\n"
    attested()
    Path("policy.yml").write_text(named)
    assert audit(*_PROVENANCE, "--policy", "policy.yml").code == 0

    attested(**claims)
    told = audit(*_PROVENANCE, "--policy", "policy.yml")

    assert (told.code, told.found) == (3, [])
    (needed,) = told.needed
    assert "proves no commit: attestation 1 of 1 was signed by " in needed


def test_all_provenance_of_a_project_has_a_bound_in_time(
    attested: Callable[..., None], index: sound.Index
) -> None:
    """The clock is the test's: each look at it is five minutes later."""
    attested()
    moments = iter(range(0, 60_000, 300))
    policy = Policy(IndexPolicy(simple_url=index.root))
    job = Job(policy, clock=Clock(now=lambda: next(moments)))
    listing = read_listing(job.web, index.root, canonicalize_name("demo"))
    file = listing.files[0]
    by_version = {Version(f"1.{number}"): (file,) for number in range(9)}
    history = History(listing.project, listing, (GitTag("v1.0", A),), by_version)
    facts = Gathered()

    add_traces(history, (), signatures_of(job), facts)

    (traced,) = facts.subjects
    assert isinstance(traced, TracedHistory)
    assert len(traced.built) == 1
    assert 1 <= len(facts.missing) <= 4, "those that were asked for at once"
    for missing in facts.missing:
        assert missing.needed
        assert missing.reason.endswith(
            "/simple/demo/: the provenance of all versions did not come in 600 seconds"
        )


# --- the reports -------------------------------------------------------------------


def test_the_report_answers_the_four_questions(
    checkout: Repository, index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("tags.txt").write_text("v0.9\nv1.0\nv1.2\n")
    _lists(index, "0.8", "1.0", "1.1", "1.2.dev1")
    main(["audit", "demo", "--tags", "tags.txt", "--index-url", index.root])

    lines = capsys.readouterr().out.splitlines()
    assert re.fullmatch(
        r"release-guard audit: FAIL - demo for an unnamed index \(4 files, 5 rules, "
        r"4 errors, 2 warnings, .*\)",
        lines[0],
    )
    head = "  project  versions  files  tags  errors  warnings  notices  verdict  "
    row = "  demo            4      4     3       4         2        0  fail     "
    assert lines[2:4] == [f"{head}tags from", f"{row}tags.txt"]
    assert lines[4:9] == [
        "",
        "  which versions came from nowhere?    demo 0.8, demo 1.1, demo 1.2.dev1",
        "  which tags never arrived?            demo 0.9, demo 1.2",
        "  which versions should not be there?  demo 1.2.dev1",
        "  which releases are incomplete?       none",
    ]


def test_no_answer_is_given_for_what_was_not_read(
    checkout: Repository, index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    _lists(index, "1.0", "1.1", project="a")
    main(["audit", "a", "b", "--index-url", index.root])

    told = capsys.readouterr().out
    assert re.search(r"from nowhere\? +a 1\.1 \(not all was judged\)\n", told)
    assert re.search(r"never arrived\? +not known \(not all was judged\)\n", told)


def test_the_summary_has_the_table_and_the_answers(
    checkout: Repository, index: sound.Index
) -> None:
    _lists(index, "1.0", "1.1")
    Path("tags.txt").write_text("v1.0\n")
    options = Options(
        "audit", project=("demo",), tags=Path("tags.txt"), index_url=index.root
    )
    written = github.summary(run.run(options, {"no_proxy": "127.0.0.1"}).report)

    lines = written.splitlines()
    question = "<strong>which versions came from nowhere?</strong>"
    assert f"- {question} demo `1.1`" in lines
    head = lines.index(
        "| project | versions | files | tags | errors | warnings | notices | verdict "
        "| tags from |"
    )
    assert lines[head + 1] == "|---|--:|--:|--:|--:|--:|--:|---|---|"
    cells = ("`demo`", *"221100", "❌&nbsp;failed", "`tags.txt`")
    assert lines[head + 2] == f"| {' | '.join(cells)} |"


def test_of_very_many_projects_the_headline_names_the_first(
    checkout: Repository, index: sound.Index, capsys: pytest.CaptureFixture[str]
) -> None:
    names = [f"demo{number}" for number in range(8)]
    for name in names:
        _lists(index, "1.0", project=name)
    main(["audit", *names, "--index-url", index.root])

    head = capsys.readouterr().out.partition("\n")[0]
    assert "PASS - demo0, demo1, demo2, demo3, demo4, 3 more for an unnamed" in head


# --- the daily workflow -------------------------------------------------------------

_WORKFLOW = Path(__file__).parent.parent / "examples" / "audit.yml"


def _steps() -> list[dict[str, Any]]:
    workflow = yaml.safe_load(_WORKFLOW.read_text("utf-8"))
    steps: list[dict[str, Any]] = workflow["jobs"]["audit"]["steps"]
    return steps


def test_the_workflow_gives_the_action_what_it_takes() -> None:
    (given,) = [s["with"] for s in _steps() if "release-guard@" in s.get("uses", "")]
    environ = {f"INPUT_{name.upper()}": str(value) for name, value in given.items()}

    assert action.inputs(environ) == Options("audit", project=("demo",))


@pytest.fixture(name="alarm")
def _alarm(tmp_path: Path) -> Callable[[str], tuple[list[str], str]]:
    """Run the step that opens an issue, with a ``gh`` that notes what it is asked:
    gives the calls, and the issue's text. Where there is an open issue, its number is
    in ``open``, and its text in ``old``.
    """
    if not (shutil.which("jq") and shutil.which("bash")):
        pytest.skip("there is no jq here")
    (script,) = [step["run"] for step in _steps() if "gh issue" in step.get("run", "")]
    (tmp_path / "gh").write_text(
        '#!/bin/sh\necho "$*" >> calls\n'
        'case "$2" in list) cat open ;; view) cat old 2>/dev/null ;; esac\n'
    )
    (tmp_path / "gh").chmod(0o755)

    def run_step(issue: str = "", old: str = "") -> tuple[list[str], str]:
        (tmp_path / "open").write_text(issue)
        (tmp_path / "old").write_text(old)
        subprocess.run(
            ["bash", "-e", "-o", "pipefail", "-c", script],
            cwd=tmp_path,
            env={
                "PATH": f"{tmp_path}:{os.environ['PATH']}",
                "RUNNER_TEMP": str(tmp_path),
                "RUN": "https://forge.example/run/1",
                "VERDICT": "fail",
            },
            check=True,
        )
        calls = (tmp_path / "calls").read_text().splitlines()
        return calls, (tmp_path / "issue.md").read_text("utf-8")

    return run_step


def test_an_alarm_opens_an_issue_or_updates_the_open_one(
    checkout: Repository,
    index: sound.Index,
    tmp_path: Path,
    alarm: Callable[..., tuple[list[str], str]],
) -> None:
    _lists(index, "1.0", "1.1", project="a")
    report = tmp_path / "release-guard-report.json"
    words = ["--index-url", index.root, "--format", "json", "--output", str(report)]
    assert main(["audit", "a", "b", *words]) == 1

    calls, body = alarm()
    assert [call.split()[:2] for call in calls] == [
        ["label", "create"],
        ["issue", "list"],
        ["issue", "create"],
    ]
    assert body.splitlines()[:4] == [
        "The audit of https://forge.example/run/1 did not pass:",
        "",
        "    fail: a, 1 error(s), 0 warning(s)",
        "    undecided: b, 0 error(s), 0 warning(s)",
    ]
    assert "    error: release-untagged: a 1.1: 1 file(s) are on an unnamed" in body
    assert f"    not read: b: {index.root}b/: the index does not know it" in body

    (opened,) = [call for call in calls if call.startswith("issue create")]
    assert "--title release-guard: the audit ended with: fail" in opened
    (listed,) = [call for call in calls if call.startswith("issue list")]
    assert "--app github-actions" in listed

    # Of what is new, somebody is told; an edit alone tells nobody.
    (tmp_path / "calls").unlink()
    calls, _ = alarm("7\n", body.replace("a 1.1", "a 0.1"))
    assert [call.split(" --")[0] for call in calls[2:]] == [
        "issue view 7",
        "issue edit 7",
        "issue comment 7",
    ]

    (tmp_path / "calls").unlink()
    calls, _ = alarm("7\n", body.replace("/run/1", "/run/0").replace("\n", "\r\n"))
    assert [call.split(" --")[0] for call in calls[2:]] == ["issue view 7"]


@pytest.mark.parametrize("content", [None, "", "[", "{}"])
def test_an_audit_that_left_no_report_is_told_too(
    content: str | None,
    tmp_path: Path,
    alarm: Callable[..., tuple[list[str], str]],
) -> None:
    if content is not None:
        (tmp_path / "release-guard-report.json").write_text(content)
    calls, body = alarm()

    assert len(calls) == 3
    assert body.startswith("The audit of https://forge.example/run/1 did not pass:\n\n")


def test_no_text_of_the_report_is_markdown_or_too_long(
    tmp_path: Path, alarm: Callable[..., tuple[list[str], str]]
) -> None:
    odd = "\n# x\r\n@me ``` </code> $(touch x) \u2028\x00\u202e\x85\u200b" + "y" * 1_000
    report = hostile.report_of([odd])
    many = replace(report, findings=report.findings * 400, not_run=report.not_run * 400)
    written = json_v1.render(many)
    (tmp_path / "release-guard-report.json").write_text(written)
    _, body = alarm()

    first, empty, *rest = body.rstrip("\n").split("\n")
    assert (first[:9], empty) == ("The audit", "")
    assert len(rest) > 100
    assert all(line.startswith("    ") for line in rest)
    assert all(line.isprintable() for line in rest)
    # An issue takes no more.
    assert len(body) < 65_536
    assert not (tmp_path / "x").exists()


_PAGE = (_WORKFLOW.parent.parent / "docs" / "audit.md").read_text("utf-8")


@pytest.mark.parametrize("block", re.findall(r"```yaml\n(.*?)```", _PAGE, re.DOTALL))
def test_the_policies_of_the_users_page_are_valid(block: str) -> None:
    read_policy(yaml.safe_load(block), where="audit.md", rule_ids=RULE_IDS)


def test_the_lists_of_the_users_page_are_read(tmp_path: Path) -> None:
    blocks = _PAGE.split("```")[1::2]
    tags, projects = (block for block in blocks if block.startswith("\n"))
    (tmp_path / "tags.txt").write_text(tags)
    (tmp_path / "projects.txt").write_text(projects)

    assert len(read_tag_list(tmp_path / "tags.txt")) == 4
    read = read_projects_file(tmp_path / "projects.txt")
    assert [bool(line.tags) for line in read] == [False, True, True, True, True]

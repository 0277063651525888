"""Whole jobs on real files and a real index: what passes, what does not, what waits."""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import signing
import sound
from archives import TOP, Node, gzipped, sdist_nodes, tar_of
from packaging.utils import canonicalize_name
from packaging.version import Version
from sound import Index, Reply, indexed, listing

from release_guard import cli, run
from release_guard.errors import (
    ExitCode,
    ManifestError,
    NoDistributionsError,
    SourceError,
    UsageError,
)
from release_guard.facts import Distribution, Kind, Listing
from release_guard.filenames import distribution
from release_guard.findings import Finding, Look, Report, Severity, Verdict
from release_guard.jobs.check import check
from release_guard.jobs.common import Clock, Job, expected_releases, simple_url
from release_guard.jobs.origin import Origin
from release_guard.jobs.verify import Expectation, expected_of_files, verify
from release_guard.layouts import predicate_types
from release_guard.manifest import read_manifest
from release_guard.options import Options
from release_guard.policy import IndexPolicy, Overrides, Policy, PolicyFile, resolve

_MANIFEST = Path("release-manifest.json")
_WHEEL = "demo-1.0-py3-none-any.whl"
_SDIST = "demo-1.0.tar.gz"
_SHA, _OTHER_SHA = "5a" * 20, "0b" * 20
#: What an attestation may say, and what none may.
_PUBLISH, _OWN = predicate_types()[0], "https://index.example/attested/v1"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a sound pair in ``dist``; what is signed counts."""
    signing.trust_ours(monkeypatch)
    monkeypatch.chdir(tmp_path)
    sound.pair(Path("dist"))
    return tmp_path


@pytest.fixture
def index() -> Iterator[Index]:
    """An index that knows nothing yet."""
    with sound.serving() as serving:
        yield serving


def _run(*words: str, environ: Mapping[str, str] | None = None) -> run.Answer:
    return run.run(cli.parse(words), environ or {})


def _check(*words: str, environ: Mapping[str, str] | None = None) -> run.Answer:
    return _run("check", *words, environ=environ)


def _rules(report: Report) -> set[str]:
    return {finding.rule for finding in report.findings}


def _invalid(report: Report) -> Finding:
    """What is told of the only attestation that is not as it should be."""
    (finding,) = (f for f in report.findings if f.severity is Severity.ERROR)
    assert finding.rule == "attestation-invalid"
    return finding


def _reasons(report: Report, rule: str) -> list[str]:
    return [item.reason for item in report.not_run if item.rule == rule]


def _needed(report: Report) -> set[str]:
    return {item.rule for item in report.not_run if item.needed}


def _make_unreadable(name: str) -> None:
    """A regular file whose first byte not even root can read."""
    path = Path("dist", name)
    path.unlink()
    path.symlink_to("/proc/self/mem")


def _empty_dist() -> None:
    for path in Path("dist").iterdir():
        path.unlink()


def _policy(text: str) -> str:
    Path("policy.yml").write_text(text)
    return "policy.yml"


def _predicate(path: Path = _MANIFEST) -> Any:  # noqa: ANN401 - JSON
    return json.loads(path.read_bytes())["predicate"]


# --- check: the manifest ------------------------------------------------------------


def test_a_pass_writes_the_manifest_of_exactly_these_files(index: Index) -> None:
    old = sound.pair(Path("old"), "0.9")
    index.says(listing(*old))
    answer = _check("--index-url", index.root, "--tag", "v1.0", "--commit", _SHA)

    assert answer.report.verdict is Verdict.PASS
    assert answer.written == _MANIFEST
    manifest = read_manifest(_MANIFEST.read_bytes(), where="it")
    (release,) = manifest.releases
    assert (release.project, release.version) == ("demo", Version("1.0"))
    assert {file.filename: file.sha256 for file in release.files} == {
        name: indexed(Path("dist") / name)["hashes"]["sha256"]  # type: ignore[index]
        for name in (_WHEEL, _SDIST)
    }
    assert release.before == {
        path.name: indexed(path)["hashes"]["sha256"]  # type: ignore[index]
        for path in old
    }
    assert (manifest.tag, manifest.commit) == ("v1.0", _SHA)
    assert (manifest.index, manifest.url) == ("", index.root)


def test_a_manifest_that_was_made_offline_holds_no_listing() -> None:
    report = _check("--offline").report
    assert report.to_upload is None
    assert _reasons(report, "file-exists") == ["--offline"]
    assert _predicate()["releases"][0]["before"] is None
    assert _predicate()["index"] == "pypi"


def test_a_manifest_holds_no_credentials(index: Index) -> None:
    index.says(listing())
    url = index.root.replace("://", "://user:secret@")
    assert _check("--index-url", url).report.verdict is Verdict.PASS
    assert _predicate()["url"] == index.root
    assert "secret" not in _MANIFEST.read_text("utf-8")


def test_a_manifest_for_an_index_that_only_an_upload_url_names_says_where_it_is_read(
    index: Index,
) -> None:
    index.says(listing())
    answer = _check("--repository-url", f"{index.url}/legacy/")
    assert answer.report.verdict is Verdict.PASS
    assert index.asked == ["/simple/demo/"]
    assert _predicate()["url"] == index.root


def test_a_pass_replaces_the_manifest_of_an_earlier_one() -> None:
    _check("--offline")
    first = _MANIFEST.read_bytes()
    sound.wheel(Path("dist"), tag="cp311-none-any")
    assert _check("--offline").written == _MANIFEST
    assert len(_MANIFEST.read_bytes()) > len(first)
    assert _MANIFEST.stat().st_mode & 0o777 == 0o644


def _with_a_wrong_tag() -> None:
    assert _check("--offline", "--tag", "v2").report.verdict is Verdict.FAIL


def _with_an_unreadable_index() -> None:
    url = f"http://127.0.0.1:{sound.closed_port()}/simple/"
    assert _check("--index-url", url).report.verdict is Verdict.UNDECIDED


def _with_nothing_there() -> None:
    _empty_dist()
    with pytest.raises(NoDistributionsError):
        _check("--offline")


def _with_parts_and_files() -> None:
    with pytest.raises(UsageError):
        _check("--offline", "part.json", "dist")


@pytest.mark.parametrize(
    "again",
    [
        *(_with_a_wrong_tag, _with_an_unreadable_index, _with_nothing_there),
        _with_parts_and_files,
    ],
)
@pytest.mark.parametrize("first", [[], ["--part"]], ids=["manifest", "part"])
def test_a_manifest_does_not_outlive_a_later_check_that_did_not_pass(
    first: list[str], again: Callable[[], None]
) -> None:
    assert _check("--offline", *first).written == _MANIFEST
    again()
    assert not _MANIFEST.exists()


@pytest.mark.parametrize(
    "content",
    [b"", b"notes", b"{}", b'{"_type": "https://in-toto.io/Statement/v1"}', b"\xff"],
)
def test_a_check_touches_no_file_of_others(content: bytes) -> None:
    Path("mine").write_bytes(content)
    for tag in ("v1.0", "v2"):
        with pytest.raises(UsageError, match="is no manifest of release-guard"):
            _check("--offline", "--tag", tag, "--manifest", "mine")
    assert Path("mine").read_bytes() == content


def test_a_large_file_of_others_is_not_touched_either() -> None:
    with Path("mine").open("wb") as file:
        file.truncate(65 << 20)
    with pytest.raises(UsageError, match="is no manifest of release-guard"):
        _check("--offline", "--manifest", "mine")
    assert Path("mine").stat().st_size == 65 << 20


def test_a_manifest_that_cannot_be_written_is_no_pass_and_leaves_nothing() -> None:
    Path("out/manifest").mkdir(parents=True)
    with pytest.raises(SourceError, match="out/manifest: Is a directory"):
        _check("--offline", "--manifest", "out/manifest")
    assert [path.name for path in Path("out").iterdir()] == ["manifest"]


def test_a_manifest_in_a_folder_that_is_not_there_is_no_pass() -> None:
    with pytest.raises(SourceError, match=r"out/m\.json: No such file or directory"):
        _check("--offline", "--manifest", "out/m.json")


def test_a_report_among_the_kept_manifests_is_refused() -> None:
    Path("keep").mkdir()
    words = ("demo", "--manifests", "keep", "--output", "keep/report.json")
    with pytest.raises(UsageError, match="lies among the kept manifests"):
        _run("audit", *words)


@pytest.mark.parametrize(
    "words",
    [
        ["dist", "--manifest", "dist/m.json"],
        ["./dist/", "--manifest", "link/m.json"],
        ["dist", "--manifest", f"dist/{_WHEEL}"],
        [f"dist/{_WHEEL}", f"dist/{_SDIST}", "--manifest", "dist/m.json"],
        [f"dist/{_WHEEL}", f"dist/{_SDIST}", "--manifest", f"dist/{_WHEEL}"],
        ["dist", "--part", "--manifest", "dist/part.json"],
    ],
    ids=["folder", "link", "a file of it", "files", "one of the files", "part"],
)
def test_a_manifest_among_the_distributions_is_refused(words: list[str]) -> None:
    Path("link").symlink_to("dist")
    told = "lies among the distributions|would be overwritten"
    with pytest.raises(UsageError, match=told):
        _check("--offline", *words)
    assert {path.name for path in Path("dist").iterdir()} == {_WHEEL, _SDIST}


# --- check: the set -----------------------------------------------------------------


def test_a_link_is_judged_under_its_own_name() -> None:
    Path("dist/demo-1.0-cp311-none-any.whl").symlink_to(_WHEEL)
    report = _check("--offline").report
    assert "wheel-tag-mismatch" in _rules(report)
    assert len(report.releases[0].files) == 3


def test_a_link_does_not_hide_an_unknown_file() -> None:
    Path("dist/a.txt").symlink_to(_WHEEL)
    assert _rules(_check("--offline").report) == {"unknown-file"}


def test_one_file_by_two_ways_is_one_file() -> None:
    report = _check("--offline", "dist", f"dist/{_WHEEL}", "./dist").report
    assert report.verdict is Verdict.PASS
    assert len(report.releases[0].files) == 2


def test_two_files_of_one_name_are_refused() -> None:
    sound.wheel(Path("dist"))
    Path("more").mkdir()
    sound.wheel(Path("more"))
    with pytest.raises(UsageError, match="two files have the name"):
        _check("--offline", "dist", "more")


def test_a_path_that_is_not_there_leaves_the_verdict_open() -> None:
    report = _check("--offline", "dist", "nowhere").report
    assert report.verdict is Verdict.UNDECIDED
    assert "archive-unreadable" in _needed(report)
    assert not _MANIFEST.exists()


def test_a_path_that_is_not_there_does_not_hide_an_error() -> None:
    report = _check("--offline", "--tag", "v2", "dist", "nowhere").report
    assert report.verdict is Verdict.FAIL


@pytest.mark.parametrize("name", [_WHEEL, _SDIST])
def test_a_file_that_cannot_be_read_leaves_the_verdict_open(name: str) -> None:
    _make_unreadable(name)
    report = _check("--offline").report
    assert report.verdict is Verdict.UNDECIDED
    assert "archive-unreadable" in _needed(report)
    assert not _rules(report)


def test_a_signature_of_a_file_that_cannot_be_read_is_no_error() -> None:
    Path("dist", f"{_WHEEL}.asc").write_text("signature")
    _make_unreadable(_WHEEL)
    assert _check("--offline").report.verdict is Verdict.UNDECIDED


def test_two_projects_are_an_error_until_the_policy_names_them() -> None:
    sound.pair(Path("dist"), project="other")
    assert _rules(_check("--offline").report) == {"several-projects"}
    policy = _policy("projects: [demo, other]")
    report = _check("--offline", "--policy", policy, "--tag", "v1.0").report
    assert report.verdict is Verdict.PASS
    assert [release.label for release in report.releases] == ["demo 1.0", "other 1.0"]
    assert len(_predicate()["releases"]) == 2


def test_each_of_two_projects_is_compared_with_the_tag() -> None:
    sound.pair(Path("dist"), "2.0", "other")
    policy = _policy("projects: [demo, other]")
    report = _check("--offline", "--policy", policy, "--tag", "v1.0").report
    assert _rules(report) == {"tag-version-mismatch"}
    assert {f.subject for f in report.findings} == {
        "other-2.0.tar.gz",
        "other-2.0-py3-none-any.whl",
    }


def test_a_project_that_the_policy_does_not_name_is_an_error() -> None:
    policy = _policy("projects: other")
    assert "several-projects" in _rules(_check("--offline", "--policy", policy).report)


def test_each_project_of_two_is_asked_for(index: Index) -> None:
    sound.pair(Path("dist"), project="other")
    index.says(listing(Path("dist") / _WHEEL))
    index.says(Reply(b"", 503), project="other")
    policy = _policy("projects: [demo, other]")
    report = _check("--index-url", index.root, "--policy", policy).report
    assert report.verdict is Verdict.UNDECIDED
    assert report.to_upload is None
    assert "file-exists" in _rules(report) & _needed(report)


def test_several_versions_are_an_error() -> None:
    sound.pair(Path("dist"), "1.1")
    assert "several-versions" in _rules(_check("--offline").report)


def test_a_name_that_says_no_project_leaves_no_manifest() -> None:
    (Path("dist") / _SDIST).rename("dist/demo.tar.gz")
    (Path("dist") / _WHEEL).unlink()
    report = _check("--offline").report
    assert report.verdict is Verdict.FAIL
    assert "filename-invalid" in _rules(report)
    assert "several-versions" in _needed(report)
    assert not _MANIFEST.exists()


def test_a_wheel_without_metadata_leaves_rules_open(folder: Path) -> None:
    with zipfile.ZipFile(folder / "dist" / _WHEEL, "w") as archive:
        archive.writestr("demo.py", "")
    report = _check("--offline").report
    assert report.verdict is Verdict.FAIL
    assert f"{_WHEEL}: its core metadata was not found" in _reasons(
        report, "metadata-invalid"
    )


def test_an_archive_that_ends_early_leaves_rules_open(folder: Path) -> None:
    wheel = folder / "dist" / _WHEEL
    wheel.write_bytes(wheel.read_bytes()[:-30])
    report = _check("--offline").report
    assert _rules(report) == {"archive-unreadable"}
    assert f"{_WHEEL}: its archive was not read to the end" in _reasons(
        report, "record-incomplete"
    )


@pytest.mark.parametrize(
    ("kept", "subject", "rule"),
    [(_SDIST, "wheel", "wheel-layout"), (_WHEEL, "sdist", "sdist-layout")],
)
def test_a_kind_of_file_that_is_not_there_leaves_nothing_open(
    kept: str, subject: str, rule: str
) -> None:
    report = _check("--offline", f"dist/{kept}").report
    assert _reasons(report, rule) == [f"there is no {subject}"]
    assert not _needed(report)


# --- check: version and index -------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "verdict"), [("pypi", Verdict.FAIL), ("testpypi", Verdict.PASS)]
)
def test_a_development_version_goes_to_the_test_index_only(
    index: Index, name: str, verdict: Verdict
) -> None:
    index.says(listing())
    sound.pair(Path("dev"), "1.0.dev1")
    report = _check("dev", "--index", name, "--index-url", index.root).report
    assert report.verdict is verdict
    assert ("version-kind" in _rules(report)) == (verdict is Verdict.FAIL)
    assert _MANIFEST.exists() == (verdict is Verdict.PASS)
    assert index.asked == ["/simple/demo/"]


@pytest.mark.parametrize("words", [[], ["--index-url", "{root}"]])
def test_an_index_without_a_name_takes_no_development_version(
    index: Index, words: list[str]
) -> None:
    index.says(listing())
    sound.pair(Path("dev"), "1.0.dev1")
    given = [word.format(root=index.root) for word in words] or ["--offline"]
    assert "version-kind" in _rules(_check("dev", *given).report)


def test_what_is_to_be_uploaded_is_what_the_index_does_not_list(index: Index) -> None:
    index.says(listing(Path("dist") / _WHEEL))
    report = _check("--index-url", index.root).report
    assert report.verdict is Verdict.PASS
    assert report.to_upload == (_SDIST,)
    assert _rules(report) == {"file-exists", "version-exists"}


def test_a_file_that_the_index_lists_with_other_bytes_is_an_error(index: Index) -> None:
    other = indexed(Path("dist") / _WHEEL, hashes={"sha256": "0" * 64})
    index.says(listing(other))
    assert "file-exists" in _rules(_check("--index-url", index.root).report)
    assert not _MANIFEST.exists()


def test_an_upload_to_another_url_than_the_index_has_is_an_error(index: Index) -> None:
    index.says(listing())
    policy = _policy(
        "index: ours\n"
        "indexes:\n"
        f"  ours: {{repository-url: {index.url}/legacy/, simple-url: {index.root}}}\n"
    )
    words = ("--policy", policy, "--index", "ours", "--repository-url")
    report = _check(*words, f"{index.url}/legacy/").report
    assert report.verdict is Verdict.PASS
    report = _check(*words, f"{index.url}/legacy").report
    assert _rules(report) == {"index-mismatch"}


def test_an_upload_elsewhere_than_to_the_public_index_that_is_named_is_an_error() -> (
    None
):
    words = ("--offline", "--index", "pypi", "--repository-url")
    report = _check(*words, "https://index.example/legacy/").report
    assert _rules(report) == {"index-mismatch"}


def test_an_index_that_was_not_read_leaves_the_verdict_open_whatever_is_ignored(
    index: Index,
) -> None:
    index.says(Reply(b"", 503))
    policy = _policy(
        "rules: {file-exists: ignore, version-exists: ignore, project-new: ignore}"
    )
    report = _check("--index-url", index.root, "--policy", policy).report
    assert report.verdict is not Verdict.PASS


# --- check: what PyPI's rules ask of an index ------------------------------------

_LIMIT = 10 << 30


def _ago(days: float) -> dict[str, str]:
    """That a listed file was uploaded so many days ago."""
    return {"upload-time": (datetime.now(UTC) - timedelta(days=days)).isoformat()}


def _strict(index: Index, rules: str = "pypi") -> Report:
    """A check for an index with these upload rules."""
    said = f"{{simple-url: '{index.root}', upload-rules: {rules}}}"
    policy = _policy(f"{{index: ours, indexes: {{ours: {said}}}}}")
    return _check("--policy", policy).report


def _other(name: str, **said: object) -> dict[str, object]:
    """Another file as the index lists it, of other bytes than all others."""
    digest = {"sha256": hashlib.sha256(name.encode()).hexdigest()}
    file = Path("dist") / _WHEEL
    return indexed(file, **{"filename": name, "hashes": digest, **said})


def test_an_index_with_pypis_rules_that_says_all_is_no_open_question(
    index: Index,
) -> None:
    index.says(
        listing(
            indexed(Path("dist") / _WHEEL, **_ago(13)),
            _other("demo-0.9.tar.gz", **_ago(300)),
        )
    )
    report = _strict(index)
    assert report.verdict is Verdict.PASS
    assert report.to_upload == (_SDIST,)
    assert not _reasons(report, "release-closed")
    assert not _reasons(report, "project-quota")


def test_a_file_without_a_time_leaves_open_whether_the_release_is_closed(
    index: Index,
) -> None:
    index.says(
        listing(
            indexed(Path("dist") / _WHEEL, **_ago(1)),
            _other("demo-1.0-1-py3-none-any.whl"),
        )
    )
    report = _strict(index)
    assert report.exit_code is ExitCode.UNDECIDED
    assert _needed(report) == {"release-closed"}
    assert _reasons(report, "release-closed") == [
        f"{index.root}demo/: does not say when all files of 1.0 came"
    ]
    assert not _MANIFEST.exists()


def test_a_release_that_is_closed_whatever_was_not_said_is_closed(
    index: Index,
) -> None:
    index.says(
        listing(
            indexed(Path("dist") / _WHEEL, **_ago(15)),
            _other("demo-1.0-1-py3-none-any.whl"),
        )
    )
    report = _strict(index)
    assert report.exit_code is ExitCode.FINDINGS
    assert [f.subject for f in report.findings if f.rule == "release-closed"] == [
        _SDIST
    ]
    assert not _needed(report)


def test_the_oldest_file_decides_whether_a_release_is_closed(index: Index) -> None:
    index.says(
        listing(
            _other("demo-1.0-1-py3-none-any.whl", **_ago(1)),
            _other("demo-1.0.0-2-py3-none-any.whl", **_ago(14.1)),
            _other("demo-1.0-3-py3-none-any.whl", **_ago(2)),
        )
    )
    report = _strict(index)
    assert report.exit_code is ExitCode.FINDINGS
    closed = {f.subject for f in report.findings if f.rule == "release-closed"}
    assert closed == {_WHEEL, _SDIST}


def test_a_time_that_is_missing_for_another_version_is_no_matter(
    index: Index,
) -> None:
    index.says(listing(_other("demo-0.9.tar.gz"), _other("demo-1.0.1.tar.gz")))
    report = _strict(index)
    assert report.verdict is Verdict.PASS
    assert not _needed(report)


def test_where_nothing_is_new_no_time_and_no_size_is_needed(index: Index) -> None:
    dist = [Path("dist") / name for name in (_WHEEL, _SDIST)]
    index.says(listing(*(indexed(path, size=None) for path in dist)))
    report = _strict(index)
    assert report.to_upload == ()
    assert report.verdict is Verdict.PASS
    assert not _needed(report)


def test_a_file_without_a_size_leaves_open_whether_the_project_is_full(
    index: Index,
) -> None:
    index.says(
        listing(_other("demo-0.9.tar.gz", size=None), _other("demo-0.8.tar.gz", size=1))
    )
    report = _strict(index)
    assert report.exit_code is ExitCode.UNDECIDED
    assert _needed(report) == {"project-quota"}
    assert _reasons(report, "project-quota") == [
        f"{index.root}demo/: does not say how large all its files are"
    ]


def test_a_project_that_is_full_whatever_was_not_said_is_full(index: Index) -> None:
    index.says(
        listing(
            _other("demo-0.9.tar.gz", size=None), _other("demo-0.8.tar.gz", size=_LIMIT)
        )
    )
    report = _strict(index)
    assert report.exit_code is ExitCode.FINDINGS
    assert "project-quota" in _rules(report)
    assert not _needed(report)


def test_only_what_is_new_is_added_to_the_size_of_a_project(index: Index) -> None:
    new = (Path("dist") / _SDIST).stat().st_size
    listed = indexed(Path("dist") / _WHEEL, size=_LIMIT - new, **_ago(1))
    index.says(listing(listed))
    (finding,) = [f for f in _strict(index).findings if f.rule == "project-quota"]
    assert finding.severity is Severity.NOTICE
    assert finding.evidence == {"held": _LIMIT - new, "new": new, "limit": _LIMIT}


def test_an_index_without_pypis_rules_is_asked_for_no_time_and_no_size(
    index: Index,
) -> None:
    index.says(listing(indexed(Path("dist") / _WHEEL, size=None)))
    report = _strict(index, "none")
    assert report.verdict is Verdict.PASS
    for rule in ("release-closed", "project-quota"):
        assert _reasons(report, rule) == ["this index has no such limit"]
    assert not _needed(report)


@pytest.mark.parametrize(
    "reply", [Reply(b"", 503), Reply(b"<html>login", content_type="text/html")]
)
def test_an_index_that_was_not_read_leaves_open_what_only_it_knows(
    index: Index, reply: Reply
) -> None:
    index.says(reply)
    report = _strict(index)
    assert report.exit_code is ExitCode.UNDECIDED
    assert {"release-closed", "project-quota", "file-exists"} <= _needed(report)


def test_of_a_file_that_is_too_large_it_is_told_whether_the_index_was_asked(
    index: Index,
) -> None:
    path = Path("dist") / _SDIST
    with path.open("ab") as file:
        file.truncate((100 << 20) + 1)
    index.says(listing())
    told = {}
    for asked, report in ((True, _strict(index)), (False, _check("--offline").report)):
        (found,) = [f for f in report.findings if f.rule == "archive-too-large"]
        told[asked] = found.message
    assert told[False] == told[True].replace("ours", "pypi") + (
        " (the index was not asked)"
    )


# --- check: descriptions ---------------------------------------------------------


def _described(count: int) -> None:
    """So many wheels, each with a description of its own."""
    _empty_dist()
    for number in range(count):
        sound.wheel(
            Path("dist"),
            tag=f"py3{number}-none-any",
            description=f"\nWheel {number}.\n",
        )
    sound.sdist(Path("dist"))


@pytest.mark.parametrize(
    ("wheels", "verdict"), [(9, Verdict.PASS), (10, Verdict.UNDECIDED)]
)
def test_of_more_descriptions_than_a_release_has_not_all_are_rendered(
    wheels: int, verdict: Verdict
) -> None:
    _described(wheels)
    report = _check("--offline").report
    assert report.verdict is verdict
    is_open = verdict is Verdict.UNDECIDED
    reasons = [
        item for item in report.not_run if item.needed and "descriptions" in item.reason
    ]
    assert len(reasons) == is_open
    assert all(
        "there are more than 10 different descriptions" in item.reason
        for item in reasons
    )


def test_one_description_of_many_files_is_rendered_once_for_all() -> None:
    for number in range(30):
        sound.wheel(Path("dist"), tag=f"py3{number}-none-any")
    report = _check("--offline").report
    assert report.verdict is Verdict.PASS


_BROKEN = "Description-Content-Type: text/x-rst\n\nA `link <https://a.example>\n==\n"
_LAX = "[general]\nhalt_level: 5\nreport_level: 5\n"


@pytest.mark.parametrize("place", ["", "docutils.conf", ".docutils", "named.conf"])
def test_no_setting_of_docutils_lets_a_broken_description_pass(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(Path.cwd()))
    if place:
        Path(place).write_text(_LAX)
    if place == "named.conf":
        monkeypatch.setenv("DOCUTILSCONFIG", place)
    sound.wheel(Path("dist"), description=_BROKEN)
    report = _check("--offline").report
    assert report.verdict is Verdict.FAIL
    assert "description-refused" in _rules(report)


# --- check: tag and event -----------------------------------------------------------


def _event(payload: object, name: str, ref: str, **more: str) -> dict[str, str]:
    """The environment of a GitHub job."""
    path = Path("event.json")
    path.write_text(json.dumps(payload))
    return {
        "GITHUB_ACTIONS": "true",
        "CI": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_REF": ref,
        "GITHUB_REPOSITORY": "org/demo",
        "GITHUB_SHA": _SHA,
        **more,
    }


def _push(ref: str) -> dict[str, str]:
    return _event({"ref": ref}, "push", ref)


@dataclass(frozen=True)
class _Origin:
    """Where a release comes from, and what is said of it."""

    environ: Callable[[], Mapping[str, str]]
    words: tuple[str, ...] = ()
    verdict: Verdict = Verdict.FAIL
    rules: frozenset[str] = frozenset()
    tag: str = ""
    commit: str = ""


_AFTER_RUN = {
    "workflow_run": {
        "event": "push",
        "conclusion": "success",
        "head_branch": "v1.0",
        "head_sha": "d00d" * 10,
        "head_repository": {"full_name": "org/demo"},
    }
}
#: Nothing is checked out here: what an event does not name is not known.
_ORIGINS = {
    "a tag was pushed": _Origin(
        lambda: _push("refs/tags/v1.0"), (), Verdict.PASS, tag="v1.0", commit=_SHA
    ),
    "another tag was pushed": _Origin(
        lambda: _push("refs/tags/v1.1"), rules=frozenset({"tag-version-mismatch"})
    ),
    "a tag that is no release's was pushed": _Origin(
        lambda: _push("refs/tags/nightly"), rules=frozenset({"tag-unrecognized"})
    ),
    "a branch of a tag's name was pushed": _Origin(
        lambda: _push("refs/heads/v1.0"), (), Verdict.UNDECIDED
    ),
    "a branch, and the tag was given": _Origin(
        lambda: _push("refs/heads/main"),
        ("--tag", "v1.0", "--commit", _SHA),
        Verdict.UNDECIDED,
    ),
    "a branch, for an index that needs no tag": _Origin(
        lambda: _push("refs/heads/main"),
        ("--index", "testpypi"),
        Verdict.PASS,
        commit=_SHA,
    ),
    "a release was published": _Origin(
        lambda: _event(
            {
                "action": "published",
                "release": {"tag_name": "v1.0", "draft": False},
            },
            "release",
            "refs/tags/v1.0",
        ),
        (),
        Verdict.PASS,
        tag="v1.0",
        commit=_SHA,
    ),
    "a workflow ran": _Origin(
        lambda: _event(_AFTER_RUN, "workflow_run", "refs/heads/main"),
        (),
        Verdict.UNDECIDED,
    ),
    "a workflow ran, and the tag was given": _Origin(
        lambda: _event(_AFTER_RUN, "workflow_run", "refs/heads/main"),
        ("--tag", "v1.0"),
        Verdict.UNDECIDED,
    ),
    "a workflow ran, for an index that needs no tag": _Origin(
        lambda: _event(_AFTER_RUN, "workflow_run", "refs/heads/main"),
        ("--index", "testpypi"),
        Verdict.PASS,
        commit="d00d" * 10,
    ),
    "a pull request": _Origin(
        lambda: _event({}, "pull_request", "refs/pull/1/merge"),
        ("--tag", "v1.0"),
        rules=frozenset({"trigger-refused"}),
    ),
    "the event is not there": _Origin(
        lambda: _push("refs/tags/v1.0") | {"GITHUB_EVENT_PATH": "nowhere.json"},
        (),
        Verdict.UNDECIDED,
    ),
    "the event is not there, and the tag was given": _Origin(
        lambda: _push("refs/tags/v1.0") | {"GITHUB_EVENT_PATH": "nowhere.json"},
        ("--tag", "v1.0"),
        Verdict.UNDECIDED,
    ),
    "the event is not there, for an index that needs no tag": _Origin(
        lambda: _push("refs/tags/v1.0") | {"GITHUB_EVENT_PATH": "nowhere.json"},
        ("--index", "testpypi"),
        Verdict.PASS,
    ),
    "the event is another one's": _Origin(
        lambda: _push("refs/tags/v1.0") | {"GITHUB_REF": "refs/tags/v1.1"},
        (),
        Verdict.UNDECIDED,
    ),
    "the event is given": _Origin(
        lambda: _push("refs/tags/v1.0") | {"GITHUB_EVENT_PATH": "nowhere.json"},
        ("--event", "event.json"),
        Verdict.PASS,
        tag="v1.0",
        commit=_SHA,
    ),
    "another CI system": _Origin(lambda: {"CI": "true"}, (), Verdict.UNDECIDED),
    "another CI system, and the tag was given": _Origin(
        lambda: {"CI": "true"}, ("--tag", "v1.0"), Verdict.UNDECIDED
    ),
    "another CI system, for an index that needs no tag": _Origin(
        lambda: {"CI": "true"}, ("--index", "testpypi"), Verdict.PASS
    ),
    "a tag was pushed, and its commit was given": _Origin(
        lambda: _push("refs/tags/v1.0"),
        ("--commit", _SHA),
        Verdict.PASS,
        tag="v1.0",
        commit=_SHA,
    ),
    "a tag was pushed, and another commit was given": _Origin(
        lambda: _push("refs/tags/v1.0"), ("--commit", _OTHER_SHA), Verdict.UNDECIDED
    ),
    "two CI systems": _Origin(
        lambda: _push("refs/tags/v1.0") | {"GITLAB_CI": "true"}, (), Verdict.UNDECIDED
    ),
    "two CI systems, and the tag was given": _Origin(
        lambda: {"CIRCLECI": "true", "GITLAB_CI": "true"},
        ("--tag", "v1.0", "--commit", _SHA),
        Verdict.UNDECIDED,
    ),
    "no CI": _Origin(dict, (), Verdict.PASS),
    "no CI, and another tag": _Origin(
        dict, ("--tag", "v1.1"), rules=frozenset({"tag-version-mismatch"})
    ),
}


@pytest.mark.parametrize("origin", _ORIGINS.values(), ids=list(_ORIGINS))
def test_the_origin_of_a_release_decides(origin: _Origin) -> None:
    report = _check("--offline", *origin.words, environ=origin.environ()).report
    assert report.verdict is origin.verdict
    assert _rules(report) == origin.rules
    if origin.verdict is not Verdict.FAIL:
        assert bool(_needed(report)) == (origin.verdict is Verdict.UNDECIDED)
    if origin.verdict is Verdict.PASS:
        told = (_predicate()["tag"], _predicate()["commit"])
        assert told == (origin.tag, origin.commit)


@pytest.mark.parametrize(
    ("tag", "reason"),
    [("", ["a rehearsal follows no tag; --tag gives one"]), ("v1.0", [])],
)
def test_a_rehearsal_asks_no_index_and_follows_no_event(
    tag: str, reason: list[str]
) -> None:
    job = Job(Policy(), environ=_push("refs/tags/nightly"))
    report = check(job, [Path("dist")], Origin(tag=tag, rehearsal=True)).report
    assert report.verdict is Verdict.PASS
    assert _reasons(report, "tag-missing") == reason
    assert _reasons(report, "file-exists") == ["a rehearsal asks no index"]


# --- check: parts -------------------------------------------------------------------


def _part(number: int, *paths: str, words: tuple[str, ...] = ()) -> Report:
    name = f"part-{number}.json"
    return _check("--part", *paths, *words, "--manifest", name).report


def test_parts_join_to_the_manifest_of_the_whole() -> None:
    assert _part(1, f"dist/{_WHEEL}").verdict is Verdict.PASS
    assert _part(2, f"dist/{_SDIST}").verdict is Verdict.PASS
    joined = _check("--offline", "part-2.json", "part-1.json", "--manifest", "joined")
    whole = _check("--offline", "--manifest", "whole")
    assert joined.report.verdict is Verdict.PASS
    assert Path("joined").read_bytes() == Path("whole").read_bytes()
    assert joined.report.releases == whole.report.releases
    assert _reasons(joined.report, "record-incomplete") == [
        "judged where the part was made"
    ]


def test_a_part_leaves_the_set_to_the_join() -> None:
    report = _part(1, f"dist/{_WHEEL}")
    assert _reasons(report, "missing-sdist") == ["left to the join of the parts"]
    assert not _needed(report)


def test_a_part_does_not_outlive_a_later_check_of_it_that_failed() -> None:
    _part(1, f"dist/{_WHEEL}")
    Path(f"dist/{_WHEEL}").write_bytes(b"PK")
    assert _part(1, f"dist/{_WHEEL}").verdict is Verdict.FAIL
    assert not Path("part-1.json").exists()


@pytest.mark.parametrize(
    ("more", "words", "rule"),
    [
        ([], (), "missing-sdist"),
        (["1.1"], (), "several-versions"),
        (["1.0"], ("--tag", "v1.1"), "tag-version-mismatch"),
    ],
)
def test_a_join_judges_the_set(
    more: list[str], words: tuple[str, ...], rule: str
) -> None:
    _part(0, f"dist/{_WHEEL}")
    for version in more:
        path = sound.sdist(Path(), version)
        _part(1, path.name)
    parts = sorted(path.name for path in Path().glob("part-*.json"))
    report = _check("--offline", *parts, *words).report
    assert rule in _rules(report)
    assert not _MANIFEST.exists()


def test_a_join_asks_the_index(index: Index) -> None:
    index.says(listing(Path("dist") / _WHEEL))
    where = ("--index-url", index.root)
    _part(1, "dist", words=where)
    report = _check("part-1.json", *where).report
    assert report.verdict is Verdict.PASS
    assert report.to_upload == (_SDIST,)


def test_a_join_judges_what_lay_beside_the_files() -> None:
    Path("dist/gone.whl.asc").write_text("signature")
    Path("more").mkdir()
    Path("more/notes.txt").write_text("notes")
    _part(1, "dist")
    part = json.loads(Path("part-1.json").read_bytes())
    part["predicate"]["unknown"] = [{"filename": "notes.txt", "what": "a text"}]
    Path("part-1.json").write_text(json.dumps(part))
    report = _check("--offline", "part-1.json").report
    assert _rules(report) == {"orphan-attestation", "unknown-file"}


def test_a_join_judges_an_attestation_of_another_part_than_its_file() -> None:
    wheel = Path("dist") / _WHEEL
    sound.attested(wheel, _PUBLISH)
    Path("more").mkdir()
    wheel.rename(Path("more") / _WHEEL)
    assert _part(1, "more").verdict is Verdict.PASS
    assert _part(2, "dist").verdict is Verdict.PASS
    report = _check("--offline", "part-1.json", "part-2.json").report
    assert report.verdict is Verdict.PASS
    assert not _needed(report)

    wheel = (Path("more") / _WHEEL).rename(wheel)
    attestation = sound.attested(wheel, _PUBLISH, sha256="ab" * 32)
    wheel.rename(Path("more") / _WHEEL)
    assert _part(2, "dist").verdict is Verdict.PASS
    report = _check("--offline", "part-2.json", "part-1.json").report
    finding = _invalid(report)
    assert finding.subject == attestation.name
    assert finding.message.startswith(f"speaks of the sha256 {'ab' * 32}, ")
    assert finding.files == (_WHEEL,)
    assert report.exit_code is ExitCode.FINDINGS
    assert not _MANIFEST.exists()


def test_a_part_leaves_attestations_to_the_join() -> None:
    sound.attested(Path("dist") / _WHEEL, _PUBLISH, sha256="ab" * 32)
    report = _part(1, "dist")
    assert report.verdict is Verdict.PASS
    assert _reasons(report, "attestation-invalid") == ["left to the join of the parts"]
    assert _invalid(_check("--offline", "part-1.json").report).files == (_WHEEL,)


def test_one_attestation_in_two_parts_is_one() -> None:
    sound.attested(Path("dist") / _WHEEL, _PUBLISH)
    _part(1, "dist")
    _part(2, "dist")
    report = _check("--offline", "part-1.json", "part-2.json").report
    assert report.verdict is Verdict.PASS


def test_two_attestations_of_one_name_in_two_parts_are_refused() -> None:
    attestation = sound.attested(Path("dist") / _WHEEL, _PUBLISH)
    _part(1, "dist")
    sound.attested(Path("dist") / _WHEEL, _PUBLISH, sha256="ab" * 32)
    _part(2, "dist")
    with pytest.raises(UsageError, match=f"two parts hold {attestation.name}"):
        _check("--offline", "part-1.json", "part-2.json")


def test_an_attestation_that_cannot_be_read_leaves_the_verdict_open() -> None:
    _make_unreadable(sound.attested(Path("dist") / _WHEEL, _PUBLISH).name)
    report = _check("--offline").report
    assert report.exit_code is ExitCode.UNDECIDED
    assert _needed(report) == {"attestation-invalid", "attestation-missing"}


def test_one_file_in_two_parts_is_one_file() -> None:
    _part(1, "dist")
    _part(2, f"dist/{_WHEEL}")
    report = _check("--offline", "part-1.json", "part-2.json").report
    assert report.verdict is Verdict.PASS
    assert len(report.releases[0].files) == 2


def test_two_parts_that_hold_other_bytes_of_one_file_are_refused() -> None:
    _part(1, "dist")
    Path("more").mkdir()
    path = sound.wheel(Path("more"))
    with path.open("rb+") as file:
        # The time of the first member.
        file.seek(10)
        file.write(b"\1\1")
    assert _part(2, str(path)).verdict is Verdict.PASS
    with pytest.raises(UsageError, match="two parts hold demo"):
        _check("--offline", "part-1.json", "part-2.json")


@pytest.mark.parametrize(
    ("edit", "error"),
    [
        (lambda part: part["predicate"].update(files=[]), ManifestError),
        (lambda part: part["subject"].clear(), ManifestError),
        (lambda part: part["subject"][0].update(name="x.whl"), ManifestError),
        (lambda part: part.update(predicateType="x"), ManifestError),
        (
            lambda part: (part["subject"].clear(), part["predicate"].update(files=[])),
            NoDistributionsError,
        ),
    ],
    ids=["no file", "no subject", "another subject", "another type", "nothing"],
)
def test_a_part_that_is_none_gives_no_verdict(
    edit: Callable[[Any], object], error: type[SourceError]
) -> None:
    _part(1, "dist")
    part = json.loads(Path("part-1.json").read_bytes())
    edit(part)
    Path("part-1.json").write_text(json.dumps(part))
    with pytest.raises(error):
        _check("--offline", "part-1.json")


@pytest.mark.parametrize("name", ["nowhere.json", "release-manifest.json"])
def test_what_is_no_part_cannot_be_joined(name: str) -> None:
    _check("--offline")
    with pytest.raises(ManifestError):
        _check("--offline", name, "--manifest", "joined")


def test_what_one_policy_ignored_in_a_part_does_not_pass_the_join_of_another() -> None:
    with zipfile.ZipFile(f"dist/{_WHEEL}", "a") as archive:
        archive.writestr("added_later.py", "")
    assert _rules(_check("--offline").report) == {"record-incomplete"}
    lax = _policy("rules: {record-incomplete: ignore}")
    assert _part(1, "dist", words=("--policy", lax)).verdict is Verdict.PASS
    try:
        verdict = _check("--offline", "part-1.json").report.verdict
    except (UsageError, SourceError):
        return
    assert verdict is not Verdict.PASS


# --- check --against ----------------------------------------------------------------


def _against(*words: str, environ: Mapping[str, str] | None = None) -> Report:
    asked = ["--offline", "--against", str(_MANIFEST)]
    return _check(*asked, *words, environ=environ).report


_NO_CI = "no CI system that is known here started this run"


def test_the_files_that_were_checked_pass_again_in_any_order() -> None:
    _check("--offline")
    assert _against().verdict is Verdict.PASS
    assert _against(f"dist/{_SDIST}", f"dist/{_WHEEL}").verdict is Verdict.PASS
    assert _against(f"dist/{_WHEEL}", "dist").verdict is Verdict.PASS
    Path("other").mkdir()
    (Path("dist") / _SDIST).rename(Path("other") / _SDIST)
    assert _against("dist", "other").verdict is Verdict.PASS
    assert _MANIFEST.exists()


def _remove_one() -> None:
    (Path("dist") / _SDIST).unlink()


def _add_one() -> None:
    sound.wheel(Path("dist"), tag="cp311-none-any")


def _alter_one() -> None:
    with (Path("dist") / _SDIST).open("ab") as file:
        file.write(b"\0")


def _swap_two() -> None:
    names = [Path("dist") / _SDIST, Path("dist") / _WHEEL]
    contents = [path.read_bytes() for path in names]
    for path, content in zip(names, reversed(contents), strict=True):
        path.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "subjects"),
    [
        (_remove_one, {_SDIST}),
        (_add_one, {"demo-1.0-cp311-none-any.whl"}),
        (_alter_one, {_SDIST}),
        (_swap_two, {_SDIST, _WHEEL}),
    ],
)
def test_files_that_changed_after_the_check_do_not_pass(
    change: Callable[[], None], subjects: set[str]
) -> None:
    _check("--offline")
    change()
    report = _against()
    assert report.verdict is Verdict.FAIL
    assert _rules(report) == {"set-changed"}
    assert {finding.subject for finding in report.findings} == subjects
    assert _MANIFEST.exists()


def test_an_unknown_file_that_came_after_the_check_does_not_pass() -> None:
    _check("--offline")
    Path("dist/notes.txt").write_text("notes")
    assert _rules(_against()) == {"set-changed"}


def test_nothing_there_to_compare_is_no_verdict() -> None:
    _check("--offline")
    _empty_dist()
    with pytest.raises(NoDistributionsError):
        _against()


def test_a_path_that_is_not_there_is_no_pass_of_the_comparison() -> None:
    _check("--offline")
    report = _against("dist", "nowhere")
    assert report.verdict is Verdict.UNDECIDED
    assert _needed(report) == {"set-changed", "index-changed"}
    _alter_one()
    assert _against("dist", "nowhere").verdict is Verdict.FAIL


def test_a_file_that_cannot_be_read_is_no_pass_of_the_comparison() -> None:
    _check("--offline")
    _make_unreadable(_SDIST)
    report = _against()
    assert report.verdict is Verdict.UNDECIDED
    assert _needed(report) == {"set-changed", "index-changed"}


def test_what_was_signed_after_the_check_is_judged_before_the_upload() -> None:
    _check("--offline")
    for name in (_WHEEL, _SDIST):
        sound.attested(Path("dist") / name, _PUBLISH)
    report = _against()
    assert report.verdict is Verdict.PASS
    assert not report.findings
    assert not _needed(report)


@pytest.mark.parametrize(
    ("said", "told"),
    [
        ({"sha256": "ab" * 32}, f"speaks of the sha256 {'ab' * 32}, "),
        ({"name": _SDIST}, f"speaks of '{_SDIST}', expected {_WHEEL}"),
    ],
    ids=["other bytes", "another file"],
)
def test_an_attestation_of_something_else_is_no_pass_of_the_comparison(
    said: dict[str, str], told: str
) -> None:
    _check("--offline")
    attestation = sound.attested(Path("dist") / _WHEEL, _PUBLISH, **said)
    report = _against()
    finding = _invalid(report)
    assert finding.subject == attestation.name
    assert finding.message.startswith(told)
    assert report.exit_code is ExitCode.FINDINGS


def test_an_attestation_that_cannot_be_read_is_no_pass_of_the_comparison() -> None:
    _check("--offline")
    _make_unreadable(sound.attested(Path("dist") / _WHEEL, _PUBLISH).name)
    report = _against()
    assert report.exit_code is ExitCode.UNDECIDED
    assert _needed(report) == {"attestation-invalid", "attestation-missing"}


_OTHER = "https://index.example/simple/"


@pytest.mark.parametrize(
    ("text", "made_for", "said", "rules"),
    [
        ("projects: demo", (), (), {"attestation-invalid"}),
        ("projects: demo", ("--index", "testpypi"), (), {"attestation-invalid"}),
        (
            f"{{index: ours, indexes: {{ours: {{simple-url: '{_OTHER}'}}}}}}",
            ("--index", "pypi"),
            ("--index", "pypi"),
            {"attestation-invalid"},
        ),
        (
            f"{{indexes: {{ours: {{simple-url: '{_OTHER}', upload-rules: pypi}}}}}}",
            ("--index", "ours"),
            (),
            {"attestation-invalid"},
        ),
        (
            f"{{indexes: {{ours: {{simple-url: '{_OTHER}'}}}}}}",
            ("--index", "ours"),
            (),
            set(),
        ),
        ("projects: demo", ("--index-url", _OTHER), (), set()),
    ],
    ids=[
        "PyPI",
        "the test index",
        "PyPI, where the policy names another one",
        "an index with PyPI's rules",
        "an index without them",
        "an index without a name",
    ],
)
def test_the_comparison_judges_by_the_rules_of_the_index_that_was_checked_for(
    text: str, made_for: tuple[str, ...], said: tuple[str, ...], rules: set[str]
) -> None:
    words = ("--policy", _policy(text))
    passed = _check("--offline", *words, *made_for).report
    assert passed.verdict is Verdict.PASS
    sound.attested(Path("dist") / _WHEEL, _OWN)
    assert _rules(_against(*words, *said)) == rules | {"attestation-missing"}


def test_the_comparison_needs_no_policy_to_know_the_index() -> None:
    text = f"{{index: ours, indexes: {{ours: {{simple-url: '{_OTHER}'}}}}}}"
    _check("--offline", "--policy", _policy(text))
    sound.attested(Path("dist") / _WHEEL, _OWN)
    assert _against().verdict is Verdict.PASS


@pytest.mark.parametrize(
    ("text", "made_for", "told"),
    [
        ("index: pypi", ("--index", "testpypi"), "made for testpypi, policy.yml names"),
        (
            f"{{index: ours, indexes: {{ours: {{simple-url: '{_OTHER}'}}}}}}",
            ("--index", "pypi"),
            "made for pypi, policy.yml names ours",
        ),
        (
            "index: testpypi",
            ("--index-url", _OTHER),
            "made for an unnamed index, policy.yml names testpypi",
        ),
    ],
    ids=["the test index", "PyPI", "an index without a name"],
)
def test_a_manifest_for_another_index_than_the_policys_is_refused(
    text: str, made_for: tuple[str, ...], told: str
) -> None:
    words = ("--policy", _policy(text))
    assert _check("--offline", *words, *made_for).report.verdict is Verdict.PASS
    with pytest.raises(UsageError, match=told):
        _against(*words)
    assert _check("--offline", *words).report.verdict is Verdict.PASS
    assert _against(*words).verdict is Verdict.PASS


def _by_hand() -> dict[str, str]:
    return _event({"ref": "refs/heads/main"}, "workflow_dispatch", "refs/heads/main")


def _one_more_project() -> tuple[str, ...]:
    sound.sdist(Path("dist"), project="other")
    return ("--policy", _policy("{projects: [demo, other]}"))


@dataclass(frozen=True)
class _Recheck:
    """A manifest that was made with words in a run, the run that uploads, and what it
    is told.
    """

    made_in: Callable[[], Mapping[str, str]]
    uploads: Callable[[], Mapping[str, str]]
    words: Callable[[], tuple[str, ...]] = tuple
    verdict: Verdict = Verdict.PASS
    said: frozenset[str] = frozenset()


def _refused(
    made_in: Callable[[], Mapping[str, str]],
    uploads: Callable[[], Mapping[str, str]],
    *said: str,
) -> _Recheck:
    return _Recheck(made_in, uploads, verdict=Verdict.FAIL, said=frozenset(said))


_NEEDS_TAG = "names no tag, and pypi takes releases from tags"
_NEEDS_COMMIT = "names no commit, and pypi takes releases from tags"
_RECHECKS = {
    "one run": _Recheck(
        lambda: _push("refs/tags/v1.0"), lambda: _push("refs/tags/v1.0")
    ),
    "no CI": _Recheck(dict, dict),
    "made in CI, uploaded by hand": _Recheck(lambda: _push("refs/tags/v1.0"), dict),
    "uploaded by a run that names no tag": _Recheck(
        lambda: _push("refs/tags/v1.0"), _by_hand
    ),
    "made without a tag, for an index that needs none": _Recheck(
        dict, _by_hand, lambda: ("--index", "testpypi")
    ),
    "made on somebody's machine, of two projects": _Recheck(
        dict,
        lambda: _push("refs/tags/v1.0"),
        _one_more_project,
        Verdict.FAIL,
        frozenset({_NEEDS_COMMIT}),
    ),
    "uploaded by a CI system that is not known": _Recheck(dict, lambda: {"CI": "true"}),
    "made without a tag": _refused(dict, _by_hand, _NEEDS_TAG, _NEEDS_COMMIT),
    "made without a tag, uploaded by a run of one": _refused(
        dict, lambda: _push("refs/tags/v1.0"), _NEEDS_TAG, _NEEDS_COMMIT
    ),
    "made in a run of another tag": _refused(
        lambda: _push("refs/tags/1.0"),
        lambda: _push("refs/tags/v1.0"),
        "is of the tag '1.0', this run is of 'v1.0'",
    ),
    "made in a run of another commit": _refused(
        lambda: _push("refs/tags/v1.0") | {"GITHUB_SHA": _OTHER_SHA},
        lambda: _push("refs/tags/v1.0"),
        f"is of the commit {_OTHER_SHA[:12]}, this run is of {_SHA[:12]}",
    ),
    "uploaded by a pull request": _refused(
        lambda: _push("refs/tags/v1.0"),
        lambda: _event({}, "pull_request", "refs/pull/7/merge"),
        "the event 'pull_request' must not lead to pypi; allowed: push, release, "
        "workflow_dispatch, workflow_run",
    ),
    "uploaded by a run whose event is not there": _Recheck(
        lambda: _push("refs/tags/v1.0"),
        lambda: _push("refs/tags/v1.0") | {"GITHUB_EVENT_PATH": "nowhere.json"},
        verdict=Verdict.UNDECIDED,
    ),
    "uploaded by a run whose event is not there, where none is needed": _Recheck(
        dict,
        lambda: _push("refs/tags/v1.0") | {"GITHUB_EVENT_PATH": "nowhere.json"},
        lambda: ("--index", "testpypi"),
    ),
    "uploaded where two CI systems speak": _Recheck(
        lambda: _push("refs/tags/v1.0"),
        lambda: _push("refs/tags/v1.0") | {"GITLAB_CI": "true"},
        verdict=Verdict.UNDECIDED,
    ),
}


@pytest.mark.parametrize("case", _RECHECKS.values(), ids=list(_RECHECKS))
def test_a_manifest_passes_in_the_run_that_it_was_made_for(case: _Recheck) -> None:
    words = case.words()
    made = _check("--offline", *words, environ=case.made_in()).report
    assert made.verdict is Verdict.PASS
    report = _against(*words, environ=case.uploads())
    assert report.verdict is case.verdict
    assert {finding.message for finding in report.findings} == case.said
    rules = {"manifest-mismatch", "trigger-refused"}
    assert _needed(report) == (rules if case.verdict is Verdict.UNDECIDED else set())


def test_the_event_may_be_given_to_the_comparison() -> None:
    _check("--offline", environ=_push("refs/tags/v1.0"))
    environ = _push("refs/tags/v1.0") | {"GITHUB_EVENT_PATH": "nowhere.json"}
    assert _against(environ=environ).verdict is Verdict.UNDECIDED
    assert _against("--event", "event.json", environ=environ).verdict is Verdict.PASS


def test_of_an_index_that_is_not_known_the_run_is_compared_and_not_judged() -> None:
    text = f"{{index: ours, indexes: {{ours: {{simple-url: '{_OTHER}'}}}}}}"
    environ = _push("refs/tags/v1.0")
    _check("--offline", "--policy", _policy(text), environ=environ)
    report = _against(environ=environ)
    assert report.verdict is Verdict.PASS
    reason = "the manifest's index is not known here: check the policy out"
    assert _reasons(report, "trigger-refused") == [reason]
    assert _reasons(report, "index-mismatch") == [reason]

    report = _against(environ=environ | {"GITHUB_SHA": _OTHER_SHA})
    assert _rules(report) == {"manifest-mismatch"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ([], Verdict.FAIL),
        (["--commit", _OTHER_SHA], Verdict.PASS),
        (["--commit", _OTHER_SHA, "--tag", "refs/tags/v1.0"], Verdict.PASS),
        (["--commit", _OTHER_SHA, "--tag", "v2.0"], Verdict.FAIL),
    ],
)
def test_the_users_word_outranks_the_event_in_the_comparison_too(
    words: list[str], code: Verdict
) -> None:
    made = _push("refs/tags/v1.0") | {"GITHUB_SHA": _OTHER_SHA}
    _check("--offline", environ=made)
    report = _against(*words, environ=_push("refs/tags/v1.0"))
    assert report.verdict is code


@pytest.mark.parametrize("words", [["check", "--against"], ["verify"]])
def test_a_part_is_no_manifest(words: list[str]) -> None:
    _part(1, "dist")
    with pytest.raises(ManifestError, match="is of another schema"):
        _run(*words, "part-1.json")


# --- verify -------------------------------------------------------------------------


@dataclass
class _Time:
    """Time that passes only by waiting."""

    now: float = 1000.0
    slept: list[float] = field(default_factory=list)

    @property
    def clock(self) -> Clock:
        return Clock(now=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


@dataclass(frozen=True)
class _Seen:
    """A verification: the report, the pauses and the looks."""

    report: Report
    slept: list[float]
    looks: list[Look]

    @property
    def rules(self) -> set[str]:
        return _rules(self.report)


def _verify(
    index: Index,
    expectation: Expectation | None = None,
    *,
    timeout: float = 600.0,
    url: str = "",
) -> _Seen:
    """Look at the index with a clock that does not wait."""
    manifest = read_manifest(_MANIFEST.read_bytes(), where="it")
    policy = resolve(PolicyFile(), Overrides(index_url=url or index.root))
    time, looks = _Time(), list[Look]()
    report = verify(
        Job(policy, clock=time.clock),
        expectation or Expectation(manifest),
        timeout=timeout,
        progress=looks.append,
    )
    assert report.elapsed == sum(time.slept)
    return _Seen(report, time.slept, looks)


_OLD_WHEEL = "demo-0.9-py3-none-any.whl"
_LOGIN = Reply(b"<form><input type=password></form>", content_type="text/html")
_BUSY = Reply(b"", 503)


def _new(**said: object) -> list[dict[str, object]]:
    """The two expected files as listed; ``said`` is of the wheel."""
    dist = Path("dist")
    return [indexed(dist / _WHEEL, **said), indexed(dist / _SDIST)]


def _old(**said: object) -> dict[str, object]:
    """The file of an earlier release, which was there before."""
    return indexed(Path("old") / _OLD_WHEEL, **said)


def _all() -> Reply:
    return listing(_old(), *_new())


def _half() -> Reply:
    return listing(_old(), _new()[0])


def _before() -> Reply:
    return listing(_old())


@pytest.fixture
def checked(index: Index) -> Index:
    """An index that listed an earlier release when the pair was checked."""
    Path("old").mkdir()
    sound.wheel(Path("old"), "0.9")
    index.says(_before())
    assert _check("--index-url", index.root).report.verdict is Verdict.PASS
    index.asked.clear()
    return index


@dataclass(frozen=True)
class _Case:
    """What the index says, look by look, and what comes of it."""

    replies: Callable[[], list[Reply]]
    verdict: Verdict
    rules: frozenset[str] = frozenset()
    slept: tuple[float, ...] = ()
    timeout: float = 600.0


_MISSING = frozenset({"published-missing"})
_ELSEWHERE = frozenset({"published-elsewhere"})
_WRONG = {"hashes": {"sha256": "0" * 64}}

_CASES = {
    "there at once": _Case(lambda: [_all()], Verdict.PASS),
    "late": _Case(
        lambda: [_before(), _half(), _half(), _all()],
        Verdict.PASS,
        slept=(2.0, 4.0, 8.0),
    ),
    "never": _Case(
        lambda: [_before()],
        Verdict.FAIL,
        _MISSING,
        (2.0, 4.0, 8.0, 15.0, 30.0, 30.0, 30.0, 30.0, 21.0),
        timeout=170.0,
    ),
    "half of it never": _Case(
        lambda: [_half()], Verdict.FAIL, _MISSING, (2.0, 4.0, 4.0), timeout=10.0
    ),
    "late by the last look": _Case(
        lambda: [_half(), _half(), _all()], Verdict.PASS, slept=(2.0, 1.0), timeout=3.0
    ),
    "no time to wait": _Case(lambda: [_half()], Verdict.FAIL, _MISSING, timeout=0.0),
    "altered": _Case(
        lambda: [listing(_old(), *_new(**_WRONG)), _all()],
        Verdict.FAIL,
        frozenset({"published-altered"}),
    ),
    "another size": _Case(
        lambda: [listing(_old(), *_new(size=1)), _all()],
        Verdict.FAIL,
        frozenset({"published-altered"}),
    ),
    "altered and late": _Case(
        lambda: [listing(_old(), _new(**_WRONG)[0]), _all()],
        Verdict.FAIL,
        frozenset({"published-altered", "published-missing"}),
    ),
    "late and then altered": _Case(
        lambda: [_half(), listing(_old(), *_new(**_WRONG))],
        Verdict.FAIL,
        frozenset({"published-altered"}),
        (2.0,),
    ),
    "yanked": _Case(
        lambda: [listing(_old(), *_new(yanked="broken"))],
        Verdict.FAIL,
        frozenset({"published-yanked"}),
    ),
    "unexpected": _Case(
        lambda: [
            listing(_old(), *_new(), _new(filename="demo-1.0-1-py3-none-any.whl")[0])
        ],
        Verdict.FAIL,
        frozenset({"published-unexpected"}),
    ),
    "gained elsewhere": _Case(
        lambda: [listing(_old(), *_new(), _old(filename="demo-0.8.tar.gz"))],
        Verdict.FAIL,
        _ELSEWHERE,
    ),
    "lost elsewhere": _Case(lambda: [listing(*_new())], Verdict.FAIL, _ELSEWHERE),
    "changed elsewhere": _Case(
        lambda: [listing(_old(**_WRONG), *_new())], Verdict.FAIL, _ELSEWHERE
    ),
    "hashes lost elsewhere": _Case(
        lambda: [listing(_old(hashes={}), *_new())], Verdict.FAIL, _ELSEWHERE
    ),
    "the project is gone": _Case(
        lambda: [sound.NOT_FOUND],
        Verdict.FAIL,
        frozenset({"published-missing", "published-elsewhere"}),
    ),
    "busy and then there": _Case(
        lambda: [_BUSY, Reply(b"", 429), _all()], Verdict.PASS, slept=(2.0, 4.0)
    ),
    "busy and then late": _Case(
        lambda: [_BUSY, _half(), _all()], Verdict.PASS, slept=(2.0, 4.0)
    ),
    "late and then busy": _Case(
        lambda: [_half(), _BUSY], Verdict.UNDECIDED, slept=(2.0, 3.0), timeout=5.0
    ),
    "busy to the end": _Case(
        lambda: [_BUSY], Verdict.UNDECIDED, slept=(2.0, 3.0), timeout=5.0
    ),
    "a login page": _Case(lambda: [_LOGIN, _all()], Verdict.UNDECIDED),
    "forbidden": _Case(lambda: [Reply(b"", 403), _all()], Verdict.UNDECIDED),
    "late and then a login page": _Case(
        lambda: [_half(), _LOGIN], Verdict.UNDECIDED, slept=(2.0,)
    ),
}


@pytest.mark.parametrize("case", _CASES.values(), ids=list(_CASES))
def test_only_what_may_pass_by_itself_is_waited_for(
    checked: Index, case: _Case
) -> None:
    checked.says(*case.replies())
    seen = _verify(checked, timeout=case.timeout)
    assert seen.report.verdict is case.verdict
    assert seen.rules == case.rules
    assert seen.slept == list(case.slept)
    assert len(checked.asked) == len(case.slept) + 1


def test_each_look_is_told(checked: Index) -> None:
    checked.says(_BUSY, _before(), _half(), _all())
    looks = _verify(checked).looks
    url = f"{checked.root}demo/"
    assert looks == [
        Look(1, 0, 2, 0.0, f"{url}: answers 503 Service Unavailable", 2.0),
        Look(2, 0, 2, 2.0, "", 4.0),
        Look(3, 1, 2, 6.0, "", 8.0),
        Look(4, 2, 2, 14.0, "", 0.0),
    ]


def test_what_is_missing_says_how_long_it_was_waited_for(checked: Index) -> None:
    checked.says(_half())
    (finding,) = _verify(checked, timeout=10).report.findings
    assert finding.subject == _SDIST
    assert finding.message.endswith("after 10 seconds")


def test_an_index_without_hashes_is_compared_by_the_bytes(checked: Index) -> None:
    checked.says(listing(_old(), *(file | {"hashes": {}} for file in _new())))
    checked.serves(Path("dist") / _WHEEL, Path("dist") / _SDIST)
    seen = _verify(checked)
    assert seen.report.verdict is Verdict.PASS
    assert f"/files/{_OLD_WHEEL}" not in checked.asked


def test_an_index_without_hashes_that_serves_other_bytes_fails(checked: Index) -> None:
    checked.says(listing(_old(), *_new(hashes={}, size=None)))
    checked.serves(Path("dist") / _WHEEL)
    _alter_one()
    (Path("dist") / _SDIST).rename(Path("dist") / _WHEEL)
    checked.serves(Path("dist") / _WHEEL)
    assert _verify(checked).rules == {"published-altered"}


@pytest.mark.parametrize(
    ("reply", "slept"), [(sound.NOT_FOUND, []), (_BUSY, [2.0, 3.0])], ids=["404", "503"]
)
def test_an_index_without_hashes_that_serves_nothing_gives_no_verdict(
    checked: Index, reply: Reply, slept: list[float]
) -> None:
    checked.says(listing(_old(), *_new(hashes={})))
    checked.replies[f"/files/{_WHEEL}"] = [reply]
    seen = _verify(checked, timeout=5)
    assert seen.report.verdict is Verdict.UNDECIDED
    assert seen.slept == slept


def test_a_manifest_that_was_made_offline_leaves_the_rest_of_the_project_unjudged(
    index: Index,
) -> None:
    _check("--offline")
    index.says(listing(*_new()))
    report = _verify(index).report
    assert report.verdict is Verdict.PASS
    assert _reasons(report, "published-elsewhere") == [
        "the manifest holds no listing of the index before the upload"
    ]


def test_a_manifest_of_another_index_leaves_the_rest_of_the_project_unjudged(
    checked: Index,
) -> None:
    with sound.serving() as other:
        other.says(listing(*_new()))
        report = _verify(other).report
    assert report.verdict is Verdict.PASS
    assert _reasons(report, "published-elsewhere") == [
        f"the manifest's listing is of {checked.root}"
    ]


def test_what_another_index_listed_before_excuses_nothing_here(index: Index) -> None:
    extra = _new(filename="demo-1.0-1-py3-none-any.whl")[0]
    index.says(listing(extra))
    assert _check("--index-url", index.root).report.verdict is Verdict.PASS
    with sound.serving() as other:
        other.says(listing(*_new(), extra | {"hashes": {"sha256": "0" * 64}}))
        assert _verify(other).rules == {"published-unexpected"}


def test_a_slash_at_the_end_of_the_url_makes_no_other_index(checked: Index) -> None:
    checked.says(listing(*_new()))
    seen = _verify(checked, url=checked.root.rstrip("/"))
    assert seen.rules == {"published-elsewhere"}


def test_the_index_of_the_manifest_is_the_one_that_is_asked(index: Index) -> None:
    index.says(listing())
    policy = _policy(f"indexes: {{ours: {{simple-url: {index.root}}}}}")
    words = ("--policy", policy)
    assert _check(*words, "--index", "ours").report.verdict is Verdict.PASS
    index.says(listing(*_new()))
    report = _run("verify", *words).report
    assert report.verdict is Verdict.PASS
    assert report.index == "ours"
    # The listing before is of this index: published-elsewhere was judged as well.
    assert {item.rule: item.needed for item in report.not_run} == {
        "published-undownloadable": False,
        "published-unattested": False,
        "published-contradicted": False,
        "index-inconsistent": False,
    }


def test_a_manifest_of_an_index_that_is_not_known_is_refused() -> None:
    _check("--offline")
    statement = json.loads(_MANIFEST.read_bytes())
    statement["predicate"]["index"] = "nowhere"
    _MANIFEST.write_text(json.dumps(statement))
    with pytest.raises(UsageError, match="no index is named 'nowhere'"):
        _run("verify")


def test_a_manifest_of_an_index_that_only_a_url_names_asks_for_the_url(
    checked: Index,
) -> None:
    with pytest.raises(UsageError, match="was made for the index at") as caught:
        _run("verify")
    assert "--index-url" in caught.value.hint
    assert checked.asked == []
    checked.says(_all())
    report = _run("verify", "--index-url", checked.root).report
    assert report.verdict is Verdict.PASS


def test_two_projects_are_verified_each_by_its_page(index: Index) -> None:
    sound.pair(Path("dist"), project="other")
    policy = _policy("projects: [demo, other]")
    _check("--offline", "--policy", policy)
    index.says(listing(*_new()))
    other = sorted(Path("dist").glob("other-*"))
    index.says(listing(*other, project="other"), project="other")
    assert _verify(index).report.verdict is Verdict.PASS
    index.says(_BUSY, project="other")
    seen = _verify(index, timeout=0)
    assert seen.report.verdict is Verdict.UNDECIDED
    assert seen.looks[0].listed == 2
    index.says(listing(*_new(**_WRONG)))
    seen = _verify(index)
    assert seen.report.verdict is Verdict.FAIL
    assert seen.slept == []


# --- verify --dist ------------------------------------------------------------------


def _verify_dist(index: Index, *paths: str) -> Report:
    words = ("--index-url", index.root, "--timeout", "0")
    return _run("verify", *words, "--dist", *(paths or ("dist",))).report


def test_files_on_disk_stand_for_a_manifest(index: Index) -> None:
    index.says(listing(*_new()))
    report = _verify_dist(index)
    assert report.verdict is Verdict.PASS
    assert len(report.releases[0].files) == 2
    index.says(listing(*_new(**_WRONG)))
    assert _rules(_verify_dist(index)) == {"published-altered"}


def test_a_file_on_disk_that_is_no_distribution_is_an_error(index: Index) -> None:
    index.says(listing(*_new()))
    Path("dist/notes.txt").write_text("notes")
    assert _rules(_verify_dist(index)) == {"unknown-file"}


@pytest.mark.parametrize(
    ("spoil", "error", "told"),
    [
        (
            lambda: Path("dist/demo.whl").write_bytes(b""),
            UsageError,
            "demo.whl: is no valid name",
        ),
        (
            _empty_dist,
            NoDistributionsError,
            "dist: the folder is empty",
        ),
        (
            lambda: [p.rename(f"{p}.asc") for p in Path("dist").iterdir()],
            NoDistributionsError,
            "dist: there are no distributions",
        ),
        (
            lambda: Path("dist").rename("elsewhere"),
            NoDistributionsError,
            "dist: there is no such file",
        ),
    ],
    ids=["a name", "an empty folder", "only signatures", "no folder"],
)
def test_files_on_disk_that_are_no_release_give_no_verdict(
    spoil: Callable[[], object], error: type[Exception], told: str
) -> None:
    spoil()
    with pytest.raises(error, match=told):
        expected_of_files([Path("dist")])


def test_a_path_that_is_not_there_beside_files_on_disk_gives_no_verdict() -> None:
    with pytest.raises(NoDistributionsError, match="nowhere: there is no such file"):
        expected_of_files([Path("dist"), Path("nowhere")])


# --- what the jobs share ------------------------------------------------------------


def test_an_unknown_command_is_no_job() -> None:
    with pytest.raises(UsageError, match="there is no command 'publish'"):
        run.run(Options("publish"), {})


def test_of_one_rule_and_one_archive_a_thousand_findings_are_told() -> None:
    names = [f"{TOP}/../evil-{number}" for number in range(2_000)]
    nodes = [*sdist_nodes(), *(Node(name, b"") for name in names)]
    (Path("dist") / _SDIST).write_bytes(gzipped(tar_of(*nodes)))
    report = _check("--offline").report
    told = [
        finding
        for finding in json.loads(run.render(report, "json"))["findings"]
        if finding["rule"] == "archive-unsafe-path"
    ]
    assert len(told) == 1_001
    assert all("climbs out" in finding["message"] for finding in told[:-1])
    assert told[-1]["message"] == "and more of this: only 1000 are told"
    assert report.exit_code is ExitCode.FINDINGS


@pytest.mark.parametrize(
    ("how", "begins"),
    [("text", "release-guard check: "), ("json", "{"), ("github", "::error ")],
)
def test_a_report_is_rendered_in_each_format(how: str, begins: str) -> None:
    report = run.failed(Options("check"), UsageError("wrong", hint="do it right"))
    assert report.exit_code is ExitCode.UNDECIDED
    assert run.render(report, how).startswith(begins)


@pytest.mark.parametrize(
    ("index_policy", "url"),
    [
        (
            IndexPolicy("x", simple_url="https://index.example/s/"),
            "https://index.example/s/",
        ),
        (
            IndexPolicy("x", repository_url="https://upload.index.example/legacy/"),
            "https://index.example/simple/",
        ),
        (
            IndexPolicy(
                "x", "https://index.example/legacy/", "https://read.index.example/s/"
            ),
            "https://read.index.example/s/",
        ),
    ],
)
def test_an_index_is_read_where_it_is_declared_or_where_its_layout_says(
    index_policy: IndexPolicy, url: str
) -> None:
    assert simple_url(index_policy) == url


@pytest.mark.parametrize("name", ["pypi", "testpypi"])
def test_a_public_index_is_read_by_its_name(name: str) -> None:
    url = simple_url(IndexPolicy(name))
    assert url.startswith("https://")
    assert url.endswith("/simple/")
    assert ("test." in url) == (name == "testpypi")


def test_an_upload_url_of_no_known_layout_asks_for_the_reading_url() -> None:
    index_policy = IndexPolicy("ours", repository_url="https://index.example/x/y/z/w")
    with pytest.raises(UsageError, match="where ours is read") as caught:
        simple_url(index_policy)
    assert "--index-url" in caught.value.hint


def test_an_expected_release_is_a_project_and_a_version() -> None:
    def file(name: str) -> Distribution:
        return distribution(name, size=1, sha256="ab" * 32)

    demo = canonicalize_name("demo")
    names = ("demo-1.0.tar.gz", "demo-2.0.tar.gz", "other-1.0.tar.gz", "nonsense.whl")
    known = Listing(demo, "x", ())
    releases = expected_releases(map(file, names), {demo: known})
    assert [release.label for release in releases] == [
        "demo 1.0",
        "demo 2.0",
        "other 1.0",
    ]
    assert [release.before for release in releases] == [{}, {}, None]
    assert {f.kind for release in releases for f in release.files} == {Kind.SDIST}


def test_a_job_of_a_day_knows_when_a_waiver_ends(index: Index) -> None:
    index.says(listing())
    text = (
        "waivers: [{rule: missing-sdist, reason: later, until: 2027-06-01}]\n"
        f"indexes: {{ours: {{simple-url: {index.root}}}}}\n"
        "index: ours\n"
    )
    options = cli.parse(["check", "--policy", _policy(text), f"dist/{_WHEEL}"])
    policy = run._policy(run._policy_file(options), options)
    job = Job(policy, today=date(2027, 6, 1))
    passed = check(job, options.paths, Origin()).report
    assert passed.verdict is Verdict.PASS
    assert [item.finding.rule for item in passed.waived] == ["missing-sdist"]
    failed = check(replace(job, today=date(2027, 6, 2)), options.paths, Origin()).report
    assert _rules(failed) == {"missing-sdist", "waiver-expired"}


def test_an_upload_url_that_fits_no_layout_leaves_the_manifest_without_one() -> None:
    words = ("--offline", "--repository-url", "https://index.example/a/b/c/d/")
    assert _check(*words).report.verdict is Verdict.PASS
    assert _predicate()["url"] == ""


def test_an_upload_url_that_fits_no_layout_is_an_open_question() -> None:
    report = _check("--repository-url", "https://index.example/a/b/c/d/").report
    assert report.verdict is Verdict.UNDECIDED


def test_a_file_without_a_hash_is_downloaded_once_however_often_is_looked(
    checked: Index,
) -> None:
    late = [entry | {"hashes": {}} for entry in _new()]
    checked.serves(Path("dist", _WHEEL), Path("dist", _SDIST))
    checked.says(listing(_old(), late[0]), listing(_old(), *late))
    seen = _verify(checked)
    assert seen.rules == set()
    assert checked.asked.count(str(late[0]["url"])) == 1


def test_nothing_listed_is_no_pass_whatever_the_policy_makes_of_it(
    checked: Index,
) -> None:
    checked.says(listing(_old()))
    lax = _policy("rules: {published-missing: ignore}")
    words = ("--index-url", checked.root, "--timeout", "0", "--policy", lax)
    report = run.run(cli.parse(["verify", *words]), {}).report
    assert report.verdict is Verdict.UNDECIDED


def test_a_sidecar_of_a_file_that_was_not_checked_does_not_pass() -> None:
    _check("--offline")
    Path("dist", f"{_WHEEL}.asc").write_text("signature")
    assert _rules(_against()) == set()
    Path("dist", "other-1.0.tar.gz.asc").write_text("signature")
    assert _rules(_against()) == {"set-changed"}

"""What was tried to get a pass that was not earned, and what must come of it."""

from __future__ import annotations

import gzip
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest
import sound
from archives import Node, gzipped, pax, sdist_nodes, tar_of
from builders import archive, destination, listing, member, policy, wheel
from packaging.utils import NormalizedName
from packaging.version import Version
from sound import Index, Reply

from release_guard import action
from release_guard.cli import main
from release_guard.errors import IndexResponseError, ManifestError
from release_guard.facts import (
    CoreMetadata,
    DescribedDistribution,
    Kind,
    Member,
    MemberKind,
)
from release_guard.filenames import distribution, may_be_of
from release_guard.layouts import public_repository_url
from release_guard.manifest import Part, read_part, write_part
from release_guard.policy import IndexSettings, Overrides, PolicyFile, resolve
from release_guard.rules.archive import archive_unsafe_member
from release_guard.rules.contents import wheel_layout
from release_guard.rules.destination import index_mismatch
from release_guard.rules.tag import trigger_refused
from release_guard.sources.ci import read_trigger
from release_guard.sources.metadata import parse_metadata
from release_guard.sources.sdist import read_sdist
from release_guard.sources.simple import parse_listing
from release_guard.sources.web import Answer
from release_guard.sources.wheel import parse_record

_TOP = "demo-1.0"
_EVIL = b"Metadata-Version: 2.1\nName: evil\nVersion: 9.9\n"
_DEMO = NormalizedName("demo")


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture(name="dist")
def _dist() -> Path:
    folder = Path("dist")
    folder.mkdir()
    sound.pair(folder)
    return folder


def _sdist(content: bytes) -> int:
    """The exit code of a check of one sdist."""
    Path("bad").mkdir()
    Path("bad", "demo-1.0.tar.gz").write_bytes(gzipped(content))
    return main(["check", "--offline", "bad"])


@pytest.mark.parametrize(
    "extra",
    [
        pytest.param(
            [
                Node(f"{_TOP}/d", b"", b"2", "."),
                Node(f"{_TOP}/d/PKG-INFO", _EVIL),
            ],
            id="written through a link",
        ),
        pytest.param(
            [
                Node(
                    f"{_TOP}/PKG-INFO",
                    _EVIL,
                    patches={257: b"ustar  \0", 345: b"demo-1.0/a/b"},
                )
            ],
            id="a prefix that only some read",
        ),
        pytest.param(
            [
                pax({"GNU.sparse.realsize": b"3"}),
                Node(f"{_TOP}/more.py", b"import os\n"),
            ],
            id="a size that only some obey",
        ),
        pytest.param(
            [
                pax({"GNU.sparse.name": b"demo-1.0/other.py"}),
                Node(f"{_TOP}/more.py", b"import os\n"),
            ],
            id="a name that only some obey",
        ),
        pytest.param(
            [Node(f"{_TOP}/more.py", b"12345678", patches={124: b"00000000_10\0"})],
            id="a size that only some can read",
        ),
        pytest.param(
            [Node(f"{_TOP}/a", b""), Node(f"{_TOP}/a/b/c.py", b"import os\n")],
            id="far below a file",
        ),
    ],
)
def test_what_readers_unpack_differently_is_refused(extra: list[Node]) -> None:
    assert _sdist(tar_of(*sdist_nodes(), *extra)) == 1


def test_data_folders_that_install_beside_the_rest_are_sound() -> None:
    sane = wheel()
    paths = ("purelib/more.py", "scripts/demo", "data/share/x")
    members = [Member(f"demo-1.0.data/{p}", MemberKind.FILE, 1) for p in paths]
    full = replace(sane.archive, members=(*sane.archive.members, *members))

    assert not list(wheel_layout.findings(replace(sane, archive=full), policy()))


@pytest.mark.parametrize("version", ["99.0", "banana", "", "10"])
def test_a_wheel_of_another_major_version_is_refused(version: str) -> None:
    sane = wheel()
    assert sane.wheel_file is not None
    other = replace(sane, wheel_file=replace(sane.wheel_file, wheel_version=version))

    (found,) = wheel_layout.findings(other, policy())

    assert found.message == f"its Wheel-Version is {version!r}, expected 1.0"


@pytest.mark.parametrize(
    "path",
    [
        "demo-1.0.data/purelib/demo-1.0.dist-info/METADATA",
        "demo-1.0.data/platlib/demo-1.0.dist-info/RECORD",
        "demo-1.0.data/bogus/x",
        "evil-2.0.data/scripts/x",
    ],
)
def test_data_folders_that_install_elsewhere_are_refused(path: str) -> None:
    sane = wheel()
    members = (*sane.archive.members, Member(path, MemberKind.FILE, 1))
    bad = replace(sane, archive=replace(sane.archive, members=members))

    assert not list(wheel_layout.findings(sane, policy()))
    assert list(wheel_layout.findings(bad, policy()))


def test_a_link_of_half_a_million_steps_is_judged_at_once() -> None:
    links = [
        Member(f"{_TOP}/{n}", MemberKind.LINK, 0, target="x/" * 524_088)
        for n in range(50)
    ]
    loop = Member(f"{_TOP}/x", MemberKind.LINK, 0, target="x/" * 2_000)

    found = list(
        archive_unsafe_member.findings(archive(*links, loop, member("a")), policy())
    )

    assert len(found) == 51


@pytest.mark.parametrize(
    "field",
    [
        b"License-Expression: " + b" OR ".join([b"MIT"] * 500_000),
        b"Requires-Dist: a; " + b" and ".join([b"os_name == 'a'"] * 200_000),
        b"\n".join([b"Requires-Dist: a"] * 50_000),
        b"\n".join(b"X-%d: a" % n for n in range(2_000)),
    ],
    ids=["licence", "marker", "many", "different"],
)
def test_metadata_that_costs_gigabytes_is_not_parsed(field: bytes) -> None:
    content = b"Metadata-Version: 2.4\nName: demo\nVersion: 1.0\n" + field + b"\n\nx"

    (problem,) = parse_metadata(content).problems

    assert "more than" in problem.detail


def test_a_record_of_more_rows_than_an_archive_has_members_is_not_kept() -> None:
    record = parse_record(b"a,,\n" * 200_001)

    assert (record.entries, record.problem) == ((), "it has more than 200000 rows")


def test_a_part_without_name_and_version_is_none() -> None:
    described = DescribedDistribution(
        distribution("demo-1.0.tar.gz", size=1, sha256="0" * 64),
        CoreMetadata(sha256="0" * 64),
    )
    text = write_part(Part((described,), "0" * 64))

    with pytest.raises(ManifestError, match="has no name or no version"):
        read_part(text.encode(), where="part.json")


# --- the user ----------------------------------------------------------------------


def test_a_set_that_was_checked_for_another_index_does_not_go_to_this_one(
    dist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--offline", "--index", "testpypi", str(dist)]) == 0
    against = ["check", "--offline", "--against", "release-manifest.json", str(dist)]

    assert main(against) == 0
    assert "for testpypi" in capsys.readouterr().out
    assert main([*against, "--index", "pypi"]) == 2
    for other in ("--index-url", "--repository-url"):
        assert main([*against, other, "https://index.example/legacy/"]) == 2


def test_an_upload_to_another_known_index_is_a_mismatch() -> None:
    file = PolicyFile(
        indexes={"internal": IndexSettings(simple_url="https://index.example/simple/")}
    )
    url = public_repository_url("pypi")

    resolved = resolve(file, Overrides(index="internal", repository_url=url))

    assert (resolved.index.name, resolved.upload_url) == ("internal", url)
    said = destination(("--repository-url", resolved.upload_url))
    (found,) = index_mismatch.findings(said, resolved)
    assert found.message == (
        f"the upload goes to pypi (--repository-url: {url}); internal was judged"
    )


@pytest.mark.parametrize(
    "words",
    [
        "check --offline --index testpypi --index pypi dist",
        "check --offline --output dist/demo-1.0.tar.gz dist",
        "check --offline --output release-manifest.json dist",
        "check --offline --policy p.yml --output p.yml dist",
        "verify --output release-manifest.json",
        "verify --dist dist --output dist/demo-1.0.tar.gz",
        "rehearse --output dist/report.json dist",
    ],
)
def test_a_command_line_that_would_destroy_or_contradict_is_refused(
    words: str, dist: Path
) -> None:
    Path("p.yml").write_text("expect: {sdist: required}\n")
    Path("release-manifest.json").write_text("{}")
    before = {path: path.read_bytes() for path in Path().rglob("*") if path.is_file()}

    assert main(words.split()) == 2

    assert before == {p: p.read_bytes() for p in Path().rglob("*") if p.is_file()}


@pytest.mark.parametrize(
    "name",
    [
        "release-guard.yml",
        "release-guard.yaml",
        ".release-guard.yml",
        ".release-guard.yaml",
    ],
)
def test_a_policy_in_the_wrong_place_is_not_passed_over(name: str, dist: Path) -> None:
    Path(name).write_text("expect: {sdist: forbidden}\n")

    assert main(["check", "--offline", str(dist)]) == 2
    assert main(["check", "--offline", "--policy", name, str(dist)]) == 1


def test_a_policy_table_that_is_misspelt_is_not_passed_over(
    dist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Path("pyproject.toml").write_text('[tool.release_guard]\nindex = "testpypi"\n')

    assert main(["check", "--offline", str(dist)]) == 2
    assert "the table is tool.release-guard" in capsys.readouterr().err


def test_files_given_by_two_options_are_all_verified(dist: Path) -> None:
    wheel_path, sdist_path = sorted(dist.iterdir())
    with sound.serving() as index:
        index.says(sound.listing(sdist_path))
        given = ["--dist", str(wheel_path), "--dist", str(sdist_path)]
        where = ["--index-url", index.root, "--timeout", "0"]

        assert main(["verify", *given, *where]) == 1


def test_a_pipe_in_the_place_of_the_report_does_not_hang(
    dist: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    os.mkfifo("release-guard-report.json")
    monkeypatch.setenv("INPUT_OFFLINE", "true")

    assert action.main([]) == 3


# --- the index ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "name",
    [
        "demo-1.0.exe",
        "demo-1.0.win32.exe",
        "demo-1.0.egg",
        "demo-1.0-py3.11.tar.gz",
        "demo-1.0-py3-none-any.WHL",
        "Demo-1.0.linux-x86_64.tar.gz",
    ],
)
def test_a_name_without_a_version_may_be_of_this_one(name: str) -> None:
    assert may_be_of(name, _DEMO, Version("1.0"))
    assert not may_be_of(name.replace("1.0", "1.0.1"), _DEMO, Version("1.0"))
    assert not may_be_of(name.replace("1.0", "11.0"), _DEMO, Version("1.0"))


def test_a_stranger_without_a_readable_version_is_unexpected(
    dist: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stranger = {
        "filename": "demo-1.0.win32.exe",
        "url": "/f/demo-1.0.win32.exe",
        "hashes": {"sha256": "0" * 64},
    }
    with sound.serving() as index:
        index.says(sound.listing(*sorted(dist.iterdir()), stranger))
        where = ["--index-url", index.root, "--timeout", "0"]

        assert main(["verify", "--dist", str(dist), *where]) == 1
    assert "published-unexpected" in capsys.readouterr().out


def _html(body: bytes, kind: str = "text/html") -> Answer:
    length = {"content-length": str(len(body))}
    return Answer("https://index.example/simple/demo/", 200, kind, body, headers=length)


def test_a_link_with_a_slash_at_its_end_is_a_file_as_installers_see_it() -> None:
    page = b'<title>Links for demo</title><a href="/f/demo-1.0.tar.gz/">x</a>'

    assert listing("demo-1.0.tar.gz").by_name.keys() == (
        parse_listing(_html(page), _DEMO).by_name.keys()
    )


@pytest.mark.parametrize("charset", ["utf-7", "utf-16", '"utf-7"', "latin-1"])
def test_a_page_in_another_charset_is_no_listing(charset: str) -> None:
    page = b'<title>Links for demo</title><a href="demo-1.0.tar.gz">x</a>'

    with pytest.raises(IndexResponseError, match="charset"):
        parse_listing(_html(page, f"text/html; charset={charset}"), _DEMO)


def test_a_page_of_tags_that_do_not_end_is_no_listing() -> None:
    with pytest.raises(IndexResponseError, match="tags that do not end"):
        parse_listing(_html(b"<div " * 20_000), _DEMO)


def test_a_page_of_millions_of_tags_ends() -> None:
    body = b"<title>Links for demo</title><a href=x>" + b"a<b>" * 200_000

    with pytest.raises(IndexResponseError):
        parse_listing(_html(body), _DEMO)


def test_a_guess_at_an_index_that_answers_404_is_not_believed(dist: Path) -> None:
    with sound.serving() as index:
        url = f"{index.url}/api/upload/"

        assert main(["check", "--repository-url", url, str(dist)]) == 3


def test_a_compressed_listing_is_read(dist: Path) -> None:
    """The control: what is refused above is refused for its content."""
    page = sound.listing(*sorted(dist.iterdir())).body
    assert json.loads(gzip.decompress(gzip.compress(page)))["name"] == "demo"
    with sound.serving() as index:
        index.says(Reply(page))
        assert isinstance(index, Index)
        where = ["--index-url", index.root, "--timeout", "0"]

        assert main(["verify", "--dist", str(dist), *where]) == 0


# --- the event ---------------------------------------------------------------------

_RELEASE = {"tag_name": "v1.0", "draft": False}
_RUN = {
    "head_sha": "a" * 40,
    "event": "push",
    "conclusion": "success",
    "head_repository": {"full_name": "org/demo"},
}


@pytest.mark.parametrize(
    ("name", "payload", "fit"),
    [
        ("release", {"action": "published", "release": _RELEASE}, True),
        ("release", {"action": "deleted", "release": _RELEASE}, False),
        ("release", {"action": "created", "release": _RELEASE}, True),
        ("release", {"action": "edited", "release": _RELEASE}, False),
        (
            "release",
            {"action": "created", "release": _RELEASE | {"draft": True}},
            False,
        ),
        ("release", {"release": _RELEASE}, False),
        (
            "release",
            {"action": "published", "release": _RELEASE | {"draft": True}},
            False,
        ),
        ("push", {"ref": "refs/tags/v1.0", "after": "b" * 40}, True),
        ("push", {"ref": "refs/tags/v1.0", "after": "0" * 40}, False),
        ("push", {"ref": "refs/tags/v1.0", "deleted": "true"}, False),
        ("workflow_run", {"workflow_run": _RUN}, True),
        ("workflow_run", {"workflow_run": _RUN | {"event": "pull_request"}}, False),
        # What started the run before that one, nobody says.
        ("workflow_run", {"workflow_run": _RUN | {"event": "workflow_run"}}, False),
        ("workflow_run", {"workflow_run": _RUN | {"conclusion": "failure"}}, False),
        ("workflow_run", {"workflow_run": _RUN | {"conclusion": None}}, False),
        ("workflow_run", {"workflow_run": _RUN | {"head_repository": None}}, False),
    ],
)
def test_an_event_that_releases_nothing_does_not_lead_to_a_release(
    name: str, payload: dict[str, object], fit: bool, dist: Path
) -> None:
    Path("event.json").write_text(json.dumps(payload))
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": name,
        "GITHUB_EVENT_PATH": "event.json",
        "GITHUB_REF": "refs/heads/main" if name == "workflow_run" else "refs/tags/v1.0",
        "GITHUB_REPOSITORY": "org/demo",
        "GITHUB_SHA": "b" * 40,
    }

    trigger = read_trigger(environ)

    assert trigger is not None
    assert (not list(trigger_refused.findings(trigger, policy()))) is fit


@pytest.mark.parametrize(
    "url",
    [
        "a" * 500_000 + "/" + "b" * 500_000 + ":",
        "git@" * 300_000,
        "://" * 300_000,
        "/" * 1_000_000 + ".git" * 100_000,
        "\0\r\n\x1b]0;x\x07\u202e",
        "",
    ],
    ids=["no address", "users", "schemes", "slashes", "hostile", "empty"],
)
@pytest.mark.parametrize(
    ("system", "variable"),
    [("BUILDKITE", "BUILDKITE_REPO"), ("CIRCLECI", "CIRCLE_REPOSITORY_URL")],
)
def test_an_address_to_clone_from_is_read_in_bounds(
    system: str, variable: str, url: str
) -> None:
    environ = {
        system: "true",
        variable: url,
        "BUILDKITE_COMMIT": "b" * 40,
        "BUILDKITE_TAG": "v1.0",
        "BUILDKITE_BRANCH": "v1.0",
        "BUILDKITE_SOURCE": "webhook",
        "BUILDKITE_PULL_REQUEST": "7",
        "BUILDKITE_PULL_REQUEST_REPO": url,
        "CIRCLE_SHA1": "b" * 40,
        "CIRCLE_TAG": "v1.0",
    }
    if system == "CIRCLECI":
        environ = {n: v for n, v in environ.items() if n.startswith("CIRCLE")}

    trigger = read_trigger(environ)

    assert trigger is not None
    assert len(trigger.repository) <= 2_000


# --- credentials --------------------------------------------------------------------

_SECRET = "s3cret"
#: Addresses with a password in them, and what people make of them.
_HOLDING = [
    "https://user:s3cret@index.example/legacy/",
    "https://s3cret@index.example/legacy/",
    "https://a/s3cret@index.example/legacy/",
    "https://user:1/s3cret@index.example/",
    "https://user:x@s3cret@index.example/",
    "https://index.example/legacy/?token=s3cret",
    "https://index.example/legacy/#s3cret",
    "https://user:#s3cret@index.example/",
    "https://user:12?s3cret@index.example/",
    "https://index.example:s3cret/legacy/",
    "user:s3cret@index.example/legacy/",
]


def _of_the_tag() -> dict[str, str]:
    """A run that may release."""
    Path("event.json").write_text(json.dumps({"ref": "refs/tags/v1.0"}))
    return {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": "push",
        "GITHUB_EVENT_PATH": "event.json",
        "GITHUB_REF": "refs/tags/v1.0",
        "GITHUB_REPOSITORY": "org/demo",
        "GITHUB_SHA": "b" * 40,
    }


def _told(
    capfd: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    environ: dict[str, str],
    *words: str,
) -> str:
    """All that a check says in each format, and what it leaves behind."""
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    for how in ("text", "json", "github"):
        main(["check", "--offline", "--format", how, *words])
    written = Path("release-manifest.json")
    said = capfd.readouterr()
    assert said.out + said.err
    return said.out + said.err + (written.read_text() if written.exists() else "")


@pytest.mark.parametrize("url", _HOLDING)
@pytest.mark.parametrize(
    "variable", ["TWINE_REPOSITORY", "TWINE_REPOSITORY_URL", "UV_PUBLISH_URL"]
)
@pytest.mark.usefixtures("dist")
def test_no_credentials_of_a_variable_are_told(
    variable: str,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    told = _told(capfd, monkeypatch, {**_of_the_tag(), variable: url})

    assert _SECRET not in told
    assert variable in told


@pytest.mark.parametrize("url", _HOLDING)
@pytest.mark.usefixtures("dist")
def test_no_credentials_in_place_of_an_index_are_told_by_the_comparison(
    url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert main(["check", "--offline"]) == 0
    words = ("--against", "release-manifest.json", "--index", url)

    told = _told(capfd, monkeypatch, _of_the_tag(), *words)

    assert _SECRET not in told
    assert "was made for pypi, not for" in told


@pytest.mark.parametrize("url", _HOLDING)
@pytest.mark.parametrize("option", ["--repository-url", "--index-url", "--index"])
@pytest.mark.usefixtures("dist")
def test_no_credentials_of_an_option_are_told(
    option: str,
    url: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    assert _SECRET not in _told(capfd, monkeypatch, _of_the_tag(), option, url)


@pytest.mark.parametrize(
    "text",
    [
        "[pypi]\npassword = s3cret\nrepository = https://u:s3cret@index.example/\n",
        "[pypi]\npassword s3cret\n",
        "s3cret\n",
        "[distutils]\nindex-servers =\n  pypi\n[pypi\npassword = s3cret\n",
        "[pypi]\nrepository = https://index.example/?s3cret\n",
        "[pypi]\npassword = s3cret\n[pypi]\npassword = s3cret\n",
    ],
    ids=["sound", "no value", "no section", "an open section", "a query", "twice"],
)
@pytest.mark.parametrize("named", ["", "pypi"])
@pytest.mark.usefixtures("dist")
def test_no_credentials_of_a_pypirc_are_told(
    text: str,
    named: str,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    Path("home").mkdir()
    Path("home/.pypirc").write_text(text)
    environ = {**_of_the_tag(), "HOME": "home", "TWINE_REPOSITORY": named}

    told = _told(capfd, monkeypatch, environ)

    assert _SECRET not in told
    assert ".pypirc" in told


@pytest.mark.parametrize(
    "url",
    [
        "https://user:s3cret@git.example/org/demo.git",
        "https://s3cret@git.example/demo",
        "https://git.example:s3cret/org/demo",
        "s3cret@git.example:org/demo.git",
        "user:s3cret@git.example/org/demo.git",
    ],
)
@pytest.mark.usefixtures("dist")
def test_no_credentials_of_an_address_to_clone_from_are_told(
    url: str, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    environ = {
        "BUILDKITE": "true",
        "BUILDKITE_SOURCE": "webhook",
        "BUILDKITE_TAG": "v1.0",
        "BUILDKITE_BRANCH": "v1.0",
        "BUILDKITE_COMMIT": "b" * 40,
        "BUILDKITE_REPO": url,
    }
    Path("policy.yml").write_text("repositories: [org/another]\n")

    told = _told(capfd, monkeypatch, environ, "--policy", "policy.yml")

    assert _SECRET not in told
    assert "must not lead to pypi; allowed: org/another" in told


def test_a_tar_of_one_link_and_a_long_target_is_read_in_bounds() -> None:
    content = tar_of(
        *sdist_nodes(),
        pax({"linkpath": b"l/" + b"x/" * 60_000}),
        Node(f"{_TOP}/l", b"", b"2", "x"),
    )
    path = Path("demo-1.0.tar.gz")
    path.write_bytes(gzipped(content))
    described = distribution(path.name, size=len(content), sha256="0" * 64)
    assert described.kind is Kind.SDIST
    with path.open("rb") as file:
        archive, _, _ = read_sdist(file, described)

    assert list(archive_unsafe_member.findings(archive, policy()))

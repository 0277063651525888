"""``audit`` of real history: projects with their tags, and a page like the one on which
cryptography 43.0.0.dev1 stood (astral-sh/uv 1652).

Projects go on releasing, so the real page is read by name, cut to what stood on it when
the tags were listed, and served on this machine. docs/audit-examples.md tells in words
what the tables here hold.
"""

from __future__ import annotations

import json
import os
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
import sound
from packaging.utils import canonicalize_name

from release_guard.cli import main
from release_guard.errors import IndexUnavailableError
from release_guard.filenames import parse_version, version_of
from release_guard.jobs.common import simple_url
from release_guard.policy import IndexPolicy
from release_guard.sources.simple import ACCEPT_JSON
from release_guard.sources.web import Web

Page = dict[str, Any]
#: An audit of what the index here serves, as if it were PyPI: project, tags, policy.
Audit = Callable[[str, str, Mapping[str, object]], "Told"]


@dataclass(frozen=True)
class Told:
    """What an audit said: its exit code, and its findings."""

    code: int
    findings: list[dict[str, Any]]

    @property
    def named(self) -> dict[str, str]:
        """Severity and rule of what is no notice, and the versions that were named."""
        versions: dict[str, list[str]] = {}
        for finding in self.findings:
            if finding["severity"] != "notice":
                kind = f"{finding['severity']} {finding['rule']}"
                versions.setdefault(kind, []).append(finding["subject"].split()[1])
        return {kind: " ".join(mine) for kind, mine in versions.items()}

    @property
    def notices(self) -> dict[str, int]:
        """How often each rule gave a notice."""
        return Counter(f["rule"] for f in self.findings if f["severity"] == "notice")


@pytest.fixture(name="index")
def _index() -> Iterator[sound.Index]:
    with sound.serving() as index:
        yield index


@pytest.fixture(name="audit")
def _audit(
    index: sound.Index, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> Audit:
    def audit(project: str, tags: str, policy: Mapping[str, object]) -> Told:
        (tmp_path / "tags.txt").write_text(tags)
        (tmp_path / "policy.json").write_text(json.dumps(policy))
        command = ["audit", project, "--index", "pypi", "--index-url", index.root]
        command += ["--tags", str(tmp_path / "tags.txt"), "--format", "json"]
        code = main([*command, "--policy", str(tmp_path / "policy.json")])
        return Told(code, json.loads(capsys.readouterr().out)["findings"])

    return audit


# --- the page on which 43.0.0.dev1 stood ---------------------------------------

#: As of 42.0.x: wheels for two ABIs and two PyPys, and an sdist, 32 files in all.
_SYSTEMS = (
    *("macosx_10_12_universal2", "macosx_10_12_x86_64", "win32", "win_amd64"),
    *("manylinux_2_17_aarch64.manylinux2014_aarch64", "manylinux_2_28_aarch64"),
    *("manylinux_2_17_x86_64.manylinux2014_x86_64", "manylinux_2_28_x86_64"),
    *("musllinux_1_1_aarch64", "musllinux_1_1_x86_64"),
    *("musllinux_1_2_aarch64", "musllinux_1_2_x86_64"),
)
_PYPY_SYSTEMS = (_SYSTEMS[1], _SYSTEMS[3], _SYSTEMS[5], _SYSTEMS[7])
_WHEELS = (
    *(f"cp37-abi3-{system}.whl" for system in _SYSTEMS),
    *(f"cp39-abi3-{system}.whl" for system in _SYSTEMS if system != _SYSTEMS[1]),
    *(f"pp39-pypy39_pp73-{system}.whl" for system in _PYPY_SYSTEMS),
    *(f"pp310-pypy310_pp73-{system}.whl" for system in _PYPY_SYSTEMS),
)
#: Forty sound versions and their days, a month between two.
_SOUND = {
    f"{38 + n // 8}.0.{n % 8}": f"{2020 + n // 12}-{1 + n % 12:02}-03"
    for n in range(40)
}
_TAGS = "".join(f"{version}\n" for version in _SOUND)
DEV = "43.0.0.dev1"


def _release(version: str, day: str, **said: object) -> Iterator[Page]:
    """A whole release of ``cryptography`` as the index lists it."""
    for ending in (*(f"-{wheel}" for wheel in _WHEELS), ".tar.gz"):
        yield {
            "filename": f"cryptography-{version}{ending}",
            "url": f"/files/cryptography-{version}{ending}",
            "hashes": {"sha256": sha256(f"{version}{ending}".encode()).hexdigest()},
            "size": 4_000_000,
            "upload-time": f"{day}T21:19:03.500000Z",
            "yanked": False,
            **said,
        }


def _serve(index: sound.Index, *more: Page) -> None:
    """The page of forty sound releases, and what else stands on it."""
    files = [file for v, day in _SOUND.items() for file in _release(v, day)]
    index.says(
        sound.listing(*files, *more, project="cryptography"), project="cryptography"
    )


def test_forty_sound_releases_are_no_alarm(index: sound.Index, audit: Audit) -> None:
    _serve(index)

    told = audit("cryptography", _TAGS, {})

    assert (told.code, told.named) == (0, {})


def test_a_development_version_among_them_is_named_at_once(
    index: sound.Index, audit: Audit
) -> None:
    _serve(index, *_release(DEV, "2024-02-07"))

    told = audit("cryptography", _TAGS, {})

    assert told.code == 1
    assert told.named == {
        "error release-untagged": DEV,
        "error history-version-kind": DEV,
    }
    for finding in told.findings:
        assert "32 file(s) are since 2024-02-07 on pypi" in finding["message"]
        assert "yank" in finding["fix"]
    assert index.asked == ["/simple/cryptography/"]


@pytest.mark.parametrize(
    ("files", "tags", "named"),
    [
        pytest.param(
            list(_release(DEV, "2024-02-07")),
            f"{DEV}\n",
            {"error history-version-kind": DEV},
            id="although it has a tag",
        ),
        pytest.param(
            list(_release(DEV, "2024-02-07"))[:1],
            "",
            {"error release-untagged": DEV, "error history-version-kind": DEV},
            id="of which only one wheel arrived",
        ),
        pytest.param(
            list(_release(DEV, "2024-02-07", yanked="a slip")),
            "",
            {"error release-untagged": DEV, "error history-version-kind": DEV},
            id="although it is yanked",
        ),
        pytest.param(
            list(_release("43.0.0", "2024-02-07")),
            "",
            {"error release-untagged": "43.0.0"},
            id="a final version from nowhere",
        ),
        pytest.param(
            list(_release("43.0.0", "2024-02-07")),
            "43.0.0\n",
            {},
            id="the release itself is none",
        ),
    ],
)
def test_what_should_not_stand_there_is_named(
    files: list[Page],
    tags: str,
    named: Mapping[str, str],
    index: sound.Index,
    audit: Audit,
) -> None:
    _serve(index, *files)

    told = audit("cryptography", _TAGS + tags, {})

    errors = {k: v for k, v in told.named.items() if k.startswith("error")}
    assert (told.code, errors) == (1 if named else 0, named)


# --- real projects -------------------------------------------------------------

#: Where their lists of tags lie, which are not part of this repository: a file for each
#: project, a tag and its day a line.
TAG_LISTS = Path(
    os.environ.get("TAG_LISTS")
    or Path(__file__).parents[2] / "shared" / "data" / "tags"
)


@dataclass(frozen=True)
class Project:
    """A real project, a policy that fits its habits, and what audit then says of it.

    ``as_of`` is when its tags were listed, so far back that no finding changes with age
    any more; what was uploaded later is cut off. ``named`` is, for each severity and
    rule, every version, lowest first; ``notices`` only counts, for each rule.
    """

    name: str
    as_of: str
    named: Mapping[str, str] = field(default_factory=dict)
    notices: Mapping[str, int] = field(default_factory=dict)
    policy: Mapping[str, object] = field(default_factory=dict)

    @property
    def numbers(self) -> list[int]:
        """How many errors, warnings and notices."""
        of = Counter[str]()
        for kind, versions in self.named.items():
            of[kind.partition(" ")[0]] += len(versions.split())
        return [of["error"], of["warning"], sum(self.notices.values())]


PROJECTS = (
    # A development build, complete, two hours before the release.
    Project(
        "coverage",
        "2025-11-18T12:00",
        {
            "error release-untagged": "7.11.4a0.dev1",
            "error history-version-kind": "7.11.4a0.dev1",
        },
        {"release-untagged": 1, "tag-unreleased": 1, "history-late-file": 3},
        {
            "tag-templates": ["{version}", "coverage-{version}"],
            "baseline": "7.0.0",
        },
    ),
    # Two releases of one day, of which one was tagged.
    Project("packaging", "2026-08-20", {"error release-untagged": "17.0"}),
    # A development version, published from a tag.
    Project(
        "requests",
        "2026-08-03",
        {
            "error release-untagged": "0.11.2 0.13.8",
            "error history-version-kind": "2.34.0.dev1",
            "warning tag-unreleased": "0.10.5 2.15.0",
        },
        {"history-late-file": 3},
    ),
    # Tags for the documentation alone.
    Project(
        "attrs",
        "2026-08-07",
        {"warning tag-unreleased": "17.3.0.post1 17.3.0.post2 21.4.0.post1"},
        {"release-untagged": 1},
    ),
    # Twenty years, two projects merged, every release of the last years by its tag.
    Project(
        "setuptools",
        "2026-08-09",
        {"warning tag-unreleased": "75.1.1 77.0.0 77.0.2 78.0.0 80.5.0 80.10.0"},
        {
            "release-untagged": 2,
            "tag-unreleased": 1,
            "history-late-file": 49,
            "history-incomplete": 6,
        },
        {"baseline": "75.0.0"},
    ),
    # Pre-releases that are not on the index, and one release that never came (numpy
    # 27873).
    Project(
        "numpy",
        "2026-08-21",
        {
            "warning tag-unreleased": (
                "1.26.5 2.0.0b1 2.0.0rc1 2.0.0rc2 2.1.0rc1 2.2.0rc1"
            ),
        },
        {
            "release-untagged": 1,
            "tag-unreleased": 1,
            "history-late-file": 20,
            "history-incomplete": 6,
        },
        {"baseline": "1.26.0"},
    ),
    # One of eight projects of a repository, each with its own tags.
    Project(
        "microsoft-kiota-http",
        "2026-08-20",
        {"warning tag-unreleased": "1.4.3 1.11.0 1.11.1 1.11.2 1.11.3 1.11.4"},
        {"release-untagged": 1},
        {"tag-templates": ["{name}-v{version}"]},
    ),
    # The version is the day of the build: tag and upload were on two days.
    Project(
        "trove-classifiers",
        "2026-01-14",
        {
            "error release-untagged": "2024.10.16",
            "warning tag-unreleased": "2024.10.14",
        },
        {"release-untagged": 1},
    ),
    # Tags of which the upload failed (tox-dev/filelock 529).
    Project(
        "filelock",
        "2026-08-21",
        {
            "error release-untagged": "3.0.2",
            "warning tag-unreleased": (
                "2.0.2 2.0.3 3.0.1 3.0.5 3.0.7 3.19.0 3.24.4 3.26.0 3.26.1 3.27.0 "
                "3.32.1"
            ),
        },
        {"release-untagged": 1},
    ),
    # A prefix, and two tags of one version.
    Project(
        "dulwich",
        "2026-08-19",
        {
            "error release-untagged": "0.20.31 0.20.47 0.20.48 0.21.4",
            "warning tag-unreleased": "0.22.2",
        },
        {"release-untagged": 1, "tag-unreleased": 1, "history-incomplete": 18},
        {
            "tag-templates": ["dulwich-{version}", "v{version}"],
            "baseline": "0.20.0",
        },
    ),
    # Nightly builds, which are meant, and yanked releases without a tag.
    Project(
        "yt-dlp",
        "2026-08-20",
        {
            "error release-untagged": (
                "2021.1.15 2021.1.15.post1 2021.3.3.1 2022.3.8.2 2022.7.17"
            ),
            "warning tag-unreleased": "2022.8.18.36",
        },
        {"tag-unreleased": 1},
        {
            "indexes": {"pypi": {"accept": ["final", "post", "pre", "dev"]}},
            "waivers": [
                {
                    "rule": "release-untagged",
                    "match": "*.dev0",
                    "reason": "nightly builds are tagged in another repository",
                }
            ],
        },
    ),
)


def test_the_page_of_examples_has_the_same_numbers() -> None:
    page = Path(__file__).parents[1] / "docs" / "audit-examples.md"
    rows = [line.strip("| ").split(" | ") for line in page.read_text().splitlines()]
    told = {row[0]: [int(n) for n in row[-3:]] for row in rows if row[-1].isdigit()}

    assert told == {project.name: project.numbers for project in PROJECTS}


@pytest.fixture(name="web")
def _web(ca_bundle: dict[str, str]) -> Web:
    return Web(ca_bundle, whole=600.0)


def _page(web: Web, project: str) -> Page:
    """The page of a project as the public index gives it."""
    url = f"{simple_url(IndexPolicy('pypi'))}{project}/"
    try:
        answer = web.get(url, accept=ACCEPT_JSON)
    except IndexUnavailableError as error:
        pytest.skip(f"the public index is not reached: {error.message}")
    page: Page = json.loads(answer.body)
    return page


def _cut(page: Page, as_of: str) -> Page:
    """What stood on a page at a moment, or at the end of a day."""
    files = [f for f in page["files"] if f["upload-time"][: len(as_of)] <= as_of]
    project = canonicalize_name(page["name"])
    there = {version_of(file["filename"], project) for file in files}
    versions = [v for v in page.get("versions", ()) if parse_version(v) in there]
    return {**page, "files": files, "versions": versions}


def _tag_list(project: str) -> str:
    path = TAG_LISTS / f"{project}.txt"
    if not path.is_file():
        pytest.skip(f"the list of its tags is not there: {path}")
    return path.read_text(encoding="utf-8")


@pytest.mark.public
@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_audit_says_of_a_real_project_what_was_checked_by_hand(
    project: Project, web: Web, index: sound.Index, audit: Audit
) -> None:
    tags = _tag_list(project.name)
    page = _cut(_page(web, project.name), project.as_of)
    index.says(sound.Reply(json.dumps(page).encode()), project=project.name)

    told = audit(project.name, tags, project.policy)

    assert told.named == project.named
    assert told.notices == project.notices
    is_alarm = any(kind.startswith("error ") for kind in project.named)
    assert told.code == (1 if is_alarm else 0)
    assert index.asked == [f"/simple/{project.name}/"]

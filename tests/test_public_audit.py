"""``audit`` of real history: projects with their tags, and a page like the one on which
cryptography 43.0.0.dev1 stood (astral-sh/uv 1652).

Projects go on releasing, so the real page is read by name, cut to what stood on it on
the day of the newest tag that is listed here, and served on this machine.
docs/audit-examples.md tells in words what the tables here hold.
"""

from __future__ import annotations

import json
import re
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
    """What an audit said: its exit code, its findings, and its row of the table."""

    code: int
    findings: list[dict[str, Any]]
    row: dict[str, Any]

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

    @property
    def counted(self) -> list[int]:
        """How many versions, files, tags, errors, warnings and notices."""
        columns = ("versions", "files", "tags", "errors", "warnings", "notices")
        return [self.row[column] for column in columns]


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
        report = json.loads(capsys.readouterr().out)
        return Told(code, report["findings"], *report["audited"])

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

#: The tags of each project and their days, taken from the changelogs in its sdists,
#: which a tool wrote that reads the tags or makes them.
TAG_LISTS = Path(__file__).parent / "data" / "tags"


@dataclass(frozen=True)
class Project:
    """A real project, a policy that fits its habits, and what audit then says of it.

    ``sdists`` are those whose changelogs name the tags, with their sha256. ``named``
    is, for each severity and rule, every version, lowest first; ``notices`` only
    counts, for each rule.
    """

    name: str
    sdists: Mapping[str, str]
    named: Mapping[str, str] = field(default_factory=dict)
    notices: Mapping[str, int] = field(default_factory=dict)
    policy: Mapping[str, object] = field(default_factory=dict)

    @property
    def tags(self) -> str:
        """The list of its tags."""
        return (TAG_LISTS / f"{self.name}.txt").read_text(encoding="utf-8")

    @property
    def as_of(self) -> str:
        """The day of its newest tag: what was uploaded later is cut off. It lies so far
        back that no finding changes with age any more.
        """
        return max(day for line in self.tags.splitlines() for day in line.split()[1:])

    @property
    def numbers(self) -> list[int]:
        """How many errors, warnings and notices."""
        of = Counter[str]()
        for kind, versions in self.named.items():
            of[kind.partition(" ")[0]] += len(versions.split())
        return [of["error"], of["warning"], sum(self.notices.values())]


PROJECTS = (
    # Releases deleted for want of room (python-zeroconf/python-zeroconf 1769), others
    # without their wheels, and wheels of one version that hold the next one.
    Project(
        "zeroconf",
        {
            "zeroconf-0.150.0.tar.gz": (
                "a5fe7feab1de6ef5e541e0a3d07e534fd91629b813fc27281593584100f63164"
            )
        },
        {
            "warning tag-unreleased": (
                "0.36.10 0.38.2 0.39.5 0.40.0 0.40.1 0.41.0 0.42.0 0.113.0 "
                "0.149.13 0.149.14 0.149.15"
            ),
        },
        {"release-untagged": 1, "history-late-file": 1, "history-incomplete": 21},
        {"baseline": "0.32.0"},
    ),
    # A list that begins late, and a tag that is 17 days older than its release.
    Project(
        "python-gitlab",
        {
            "python_gitlab-8.5.0.tar.gz": (
                "628529ec4ce1f9a7ba2c145b2cf5e4eeca3015418e504b2e6fba70171b6b1b59"
            )
        },
        {},
        {"release-untagged": 1},
    ),
    # Two tags of which the upload failed (copier-org/copier 842 and 1391).
    Project(
        "copier",
        {
            "copier-9.17.2.tar.gz": (
                "02e9c0d05281603c06d52f48350e48ffca0b4283d9f025664fbce4befabaa555"
            )
        },
        {"warning tag-unreleased": "7.0.0 9.0.0"},
        {"release-untagged": 1},
    ),
    # A release that was taken back, and an sdist that came six weeks late
    # (mkdocstrings/griffe 446).
    Project(
        "griffe",
        {
            "griffe-2.2.0.tar.gz": (
                "9c0dd9a7feda9e169d783507d777c6fb2f2fc2919b139747a5b4f5357517a611"
            )
        },
        {"error release-untagged": "0.12.0"},
        {"history-late-file": 1},
    ),
    # A release beside the main line, which only its own changelog names.
    Project(
        "mkdocstrings-python",
        {
            "mkdocstrings_python-2.0.7.tar.gz": (
                "8c49faf66d243072d7590a1b5dea028d9d7425fac191f54f096123a4a9c1a783"
            ),
            "mkdocstrings_python-1.14.7.tar.gz": (
                "35100ea5545a9b42155da73de8be74484216031e912feff7a4f6115f206139c7"
            ),
        },
    ),
    # A tag that is older than the project on the index.
    Project(
        "git-changelog",
        {
            "git_changelog-2.9.7.tar.gz": (
                "26f7e56a11027a6cc5c544992464f6d449fbee95fb0a05c627e65970bf766e50"
            )
        },
        {},
        {"tag-unreleased": 1},
    ),
    # Nothing to complain of.
    Project(
        "markdown-exec",
        {
            "markdown_exec-1.12.3.tar.gz": (
                "006b9cac46470a9499797bc9c579305ae4719e0a8e495e5401dfbf1e66ce7fb4"
            )
        },
    ),
    # Renamed after twenty releases, and a build that broke.
    Project(
        "nitpick",
        {
            "nitpick-0.38.1.tar.gz": (
                "a31b2a1f5b526f59eaded4a3fb03c69150d1692846816754516404c86269606c"
            )
        },
        {"warning tag-unreleased": "0.22.0"},
        {"tag-unreleased": 1},
    ),
    # Two prefixes, two branches, many pre-releases, and a release that was taken back.
    Project(
        "guppylang",
        {
            "guppylang-1.0.1.tar.gz": (
                "4718a0e1edf6c6545a4718c6c115f87f233f27c4a12794b1b9910a18b3ad2d51"
            ),
            "guppylang-0.21.16.tar.gz": (
                "37ecb3267734540104ada3be1e12726f631edfba2b013efa8f8064cc324d7fda"
            ),
        },
        {"error release-untagged": "1.0.0"},
        {},
        {"tag-templates": ["{name}-v{version}", "v{version}"]},
    ),
    # One of several projects of a repository, of which another one has its name.
    Project(
        "hugr",
        {
            "hugr-0.18.5.tar.gz": (
                "5352468029e31812391c73fc5c36dc220df6c6df397e23cf8351ef7e0ca62f0d"
            )
        },
        {},
        {"release-untagged": 1},
        {"tag-templates": ["{name}-py-v{version}"]},
    ),
    # Small and old.
    Project(
        "shyaml",
        {
            "shyaml-0.6.2.tar.gz": (
                "696e94f1c49d496efa58e09b49c099f5ebba7e24b5abe334f15e9759740b7fd0"
            )
        },
        {"warning tag-unreleased": "0.5.1"},
    ),
)
_BY_NAME = {project.name: project for project in PROJECTS}


def _rows() -> dict[str, list[str]]:
    """The table of the page of examples: the columns behind each project."""
    page = Path(__file__).parents[1] / "docs" / "audit-examples.md"
    rows = [line.strip("| ").split(" | ") for line in page.read_text().splitlines()]
    return {row[0]: row[1:] for row in rows if row[-1].isdigit()}


def test_the_page_of_examples_has_the_same_numbers() -> None:
    told = {name: [day, *last] for name, (day, _, _, *last) in _rows().items()}

    assert told == {
        project.name: [
            project.as_of,
            *map(str, [len(project.tags.splitlines()), *project.numbers]),
        ]
        for project in PROJECTS
    }


def test_each_list_of_tags_is_of_a_project_here() -> None:
    assert {path.name for path in TAG_LISTS.iterdir()} == {
        f"{project.name}.txt" for project in PROJECTS
    }


def _as_tagged(tags: str, since: str = "") -> Iterator[Page]:
    """An sdist of each tag, uploaded on its day, from a day on."""
    for tag, day in (line.split() for line in tags.splitlines()):
        if day >= since:
            filename = f"demo-{tag.removeprefix('v')}.tar.gz"
            yield {
                "filename": filename,
                "url": f"/files/{filename}",
                "hashes": {"sha256": sha256(filename.encode()).hexdigest()},
                "upload-time": f"{day}T21:19:03.500000Z",
            }


@pytest.mark.parametrize(
    ("project", "tag"),
    [
        pytest.param("markdown-exec", "1.10.0", id="a tag that is the version"),
        pytest.param("python-gitlab", "v4.11.0", id="a tag with a prefix"),
        pytest.param("copier", "v7.1.0a0", id="the tag of a pre-release"),
        pytest.param("mkdocstrings-python", "1.14.7", id="a tag of another branch"),
        pytest.param("zeroconf", "0.150.0", id="the newest tag"),
    ],
)
def test_a_version_is_named_once_its_tag_is_no_longer_listed(
    project: str, tag: str, index: sound.Index, audit: Audit
) -> None:
    tags = _BY_NAME[project].tags
    fewer = re.sub(rf"(?m)^{re.escape(tag)} .*\n", "", tags)
    index.says(sound.listing(*_as_tagged(tags)))

    told, then = audit("demo", tags, {}), audit("demo", fewer, {})

    assert (told.code, told.findings) == (0, [])
    assert (then.code, then.named) == (
        1,
        {"error release-untagged": tag.removeprefix("v")},
    )


def test_a_tag_of_before_the_first_file_is_known_by_its_day(
    index: sound.Index, audit: Audit
) -> None:
    """As nitpick has them, of the time when it had another name."""
    tags = _BY_NAME["nitpick"].tags
    index.says(sound.listing(*_as_tagged(tags, since="2019-08")))

    told = audit("demo", tags, {})
    dayless = audit("demo", re.sub(r"(?m) .*", "", tags), {})

    before = [line for line in tags.splitlines() if line.split()[1] < "2019-08"]
    assert (told.named, told.notices) == ({}, {"tag-unreleased": 1})
    assert len(dayless.named["warning tag-unreleased"].split()) == len(before) > 1


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
    """What stood on a page at the end of a day, without the provenance, which mirrors
    leave out.
    """
    files = [
        {key: value for key, value in file.items() if key != "provenance"}
        for file in page["files"]
        if file["upload-time"][: len(as_of)] <= as_of
    ]
    project = canonicalize_name(page["name"])
    there = {version_of(file["filename"], project) for file in files}
    versions = [v for v in page.get("versions", ()) if parse_version(v) in there]
    return {**page, "files": files, "versions": versions}


@pytest.mark.public
@pytest.mark.parametrize("project", PROJECTS, ids=lambda project: project.name)
def test_audit_says_of_a_real_project_what_was_checked_by_hand(
    project: Project, web: Web, index: sound.Index, audit: Audit
) -> None:
    page = _cut(_page(web, project.name), project.as_of)
    index.says(sound.Reply(json.dumps(page).encode()), project=project.name)

    told = audit(project.name, project.tags, project.policy)

    assert told.named == project.named
    assert told.notices == project.notices
    is_alarm = any(kind.startswith("error ") for kind in project.named)
    assert told.code == (1 if is_alarm else 0)
    assert told.counted == [
        int(number.replace(",", "")) for number in _rows()[project.name][1:]
    ]
    assert index.asked == [f"/simple/{project.name}/"]
    listed = {file["filename"]: file["hashes"]["sha256"] for file in page["files"]}
    assert project.sdists.items() <= listed.items()

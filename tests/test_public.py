"""Real releases, by name, against the public index: sound ones stay silent.

Nothing here tells how that index behaves: it is read through whatever stands for it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from packaging.utils import NormalizedName
from packaging.version import Version

from release_guard.cli import main
from release_guard.errors import IndexUnavailableError
from release_guard.facts import IndexedFile
from release_guard.jobs.common import simple_url
from release_guard.policy import IndexPolicy
from release_guard.sources.simple import read_listing
from release_guard.sources.web import Web

pytestmark = pytest.mark.public

#: Real releases of all sizes; others of some of these projects are yanked, or
#: pre-releases.
RELEASES = [
    pytest.param("packaging", id="pure"),
    pytest.param("cryptography", id="many-wheels"),
    pytest.param("numpy", id="several-hundred-megabytes"),
    pytest.param("urllib3", id="yanked-sibling"),
    pytest.param("black", id="pre-releases"),
]


@pytest.fixture(name="web")
def _web(ca_bundle: dict[str, str]) -> Web:
    return Web(ca_bundle, whole=600.0)


def _newest(web: Web, project: str) -> tuple[IndexedFile, ...]:
    """The files of the newest final release."""
    root = simple_url(IndexPolicy("pypi"))
    try:
        listing = read_listing(web, root, NormalizedName(project))
    except IndexUnavailableError as error:
        pytest.skip(f"the public index is not reached: {error.message}")
    versions = (file.version for file in listing.files)
    newest = max(v for v in versions if v is not None and not v.is_prerelease)
    return listing.of(Version(str(newest)))


def _download(web: Web, files: tuple[IndexedFile, ...], folder: Path) -> Iterator[Path]:
    import requests

    folder.mkdir(parents=True, exist_ok=True)
    for file in files:
        path = folder / file.filename
        with requests.get(file.url, stream=True, timeout=60) as response:
            response.raise_for_status()
            with path.open("wb") as target:
                for chunk in response.iter_content(1 << 20):
                    target.write(chunk)
        yield path


@pytest.mark.parametrize("project", RELEASES)
def test_newest_release_passes_and_is_exactly_what_the_index_lists(
    project: str, web: Web, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dist = tmp_path / "dist"
    paths = list(_download(web, _newest(web, project), dist))
    assert paths
    manifest = str(tmp_path / "manifest.json")

    checked = main(["check", "--format", "json", "--manifest", manifest, str(dist)])
    report = json.loads(capsys.readouterr().out)
    errors = [f for f in report["findings"] if f["severity"] == "error"]
    assert errors == []
    assert checked == 0

    words = ["--index", "pypi", "--timeout", "0", "--dist", str(dist)]
    verified = main(["verify", "--format", "json", *words])
    report = json.loads(capsys.readouterr().out)
    (published,) = report["publication"]
    assert (verified, published["state"]) == (0, "exact"), report
    assert published["listed"] == published["expected"] == len(paths)
    assert report["findings"] == []

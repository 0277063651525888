"""The release that started this project, replayed: cryptography 43.0.0.dev1.

On 2024-01-23 the main branch of pyca/cryptography became 43.0.0.dev1 (71cd1c43a). At
the latest on 2024-02-07 a whole set of 32 files was on PyPI (nucypher/atxm 81a3e0b
holds their hashes), put there by a workflow that takes ``workflow_run`` and
``workflow_dispatch`` and looks at no version and no tag. It was found on 2024-02-18
(astral-sh/uv 1652). The cases R1 to R7 are what that workflow lets through, and what it
should.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sound
from forge import Repository, Run
from twine import utils as twine

from release_guard.cli import main

DEV, RELEASED = "43.0.0.dev1", "42.0.3"
#: 31 wheels and an sdist: as many files as the lock files held, by 42.0.2's tags.
TAGS = (
    "cp37-abi3-macosx_10_12_universal2",
    "cp37-abi3-macosx_10_12_x86_64",
    *(
        f"cp37-abi3-{system}_{machine}"
        for machine in ("aarch64", "x86_64")
        for system in ("manylinux_2_17", "manylinux_2_28", "musllinux_1_1")
    ),
    *("cp37-abi3-musllinux_1_2_aarch64", "cp37-abi3-musllinux_1_2_x86_64"),
    *("cp37-abi3-win32", "cp37-abi3-win_amd64"),
    *(
        f"cp39-abi3-{system}_{machine}"
        for machine in ("aarch64", "x86_64")
        for system in ("manylinux_2_17", "manylinux_2_28", "musllinux_1_1")
    ),
    "cp39-abi3-macosx_10_12_universal2",
    *("cp39-abi3-musllinux_1_2_aarch64", "cp39-abi3-musllinux_1_2_x86_64"),
    *("cp39-abi3-win32", "cp39-abi3-win_amd64"),
    *(
        f"{python}-{platform}"
        for python in ("pp310-pypy310_pp73", "pp39-pypy39_pp73")
        for platform in (
            "macosx_10_12_x86_64",
            "manylinux_2_28_aarch64",
            "manylinux_2_28_x86_64",
            "win_amd64",
        )
    ),
)
POLICY = (
    'projects: [cryptography, cryptography-vectors]\ntag-templates: ["{version}"]\n'
)


def _build(folder: Path, version: str) -> None:
    """A whole set of both projects, as "Wheel Builder" makes it of any commit."""
    folder.mkdir(exist_ok=True)
    for tag in TAGS:
        sound.wheel(folder, version, "cryptography", tag)
    sound.sdist(folder, version, "cryptography")
    sound.pair(folder, version, "cryptography_vectors")


@pytest.fixture(name="pyca")
def _pyca(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """The repository: 42.0.3 is tagged on a branch of its own, main is 43.0.0.dev1."""
    repository = Repository(tmp_path / "checkout", "pyca/cryptography")
    repository.git("checkout", "--quiet", "-b", "42.0.x")
    repository.commit("Release 42.0.3")
    repository.tag(RELEASED, annotated=True)
    repository.git("checkout", "--quiet", "main")
    repository.commit("Reopen main for 43.0.0.dev1")
    (repository.folder / "policy.yml").write_text(POLICY)
    monkeypatch.chdir(repository.folder)
    return repository


@pytest.fixture(name="index")
def _index() -> Iterator[sound.Index]:
    """PyPI as it was: both projects have 42.0.2."""
    with sound.serving() as index:
        for project in ("cryptography", "cryptography-vectors"):
            name = project.replace("-", "_")
            listed = {f"{name}-42.0.2.tar.gz": "0" * 64}
            index.says(sound.Reply(_page(project, listed)), project=project)
        yield index


def _page(project: str, files: dict[str, str]) -> bytes:
    listed = [
        {
            "filename": name,
            "url": f"files/{name}",
            "hashes": {"sha256": sha256},
            "size": 1000,
            "yanked": False,
            "upload-time": "2024-02-07T12:00:00Z",
        }
        for name, sha256 in files.items()
    ]
    meta = {"api-version": "1.1"}
    return json.dumps({"meta": meta, "name": project, "files": listed}).encode()


class Gate:
    """The gate in the publish job: it is given the run's environment and the files."""

    def __init__(
        self,
        index: sound.Index,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        self._index, self._monkeypatch, self._capsys = index, monkeypatch, capsys

    def check(self, run: Run, *words: str) -> tuple[int, dict[str, Any]]:
        """The exit code, and the report."""
        for name, value in run.environ.items():
            self._monkeypatch.setenv(name, value)
        return self.run("check", "dist", *words)

    def run(self, *words: str) -> tuple[int, dict[str, Any]]:
        """A command with the policy, against the index on this machine."""
        code = main(
            [
                *words,
                *("--policy", "policy.yml", "--index-url", self._index.root),
                *("--format", "json"),
            ]
        )
        return code, json.loads(self._capsys.readouterr().out)


@pytest.fixture(name="gate")
def _gate(
    index: sound.Index,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Gate:
    return Gate(index, monkeypatch, capsys)


def _errors(report: dict[str, Any]) -> dict[str, list[str]]:
    """The errors: each rule, and what it speaks of."""
    found: dict[str, list[str]] = {}
    for finding in report["findings"]:
        if finding["severity"] == "error":
            found.setdefault(finding["rule"], []).append(finding["subject"])
    return found


BOTH = ["cryptography 43.0.0.dev1", "cryptography-vectors 43.0.0.dev1"]
REFUSED = {"version-kind": BOTH, "tag-missing": BOTH}


def test_the_set_has_as_many_files_as_went_out(pyca: Repository) -> None:
    _build(pyca.folder / "dist", DEV)
    names = [path.name for path in (pyca.folder / "dist").iterdir()]

    assert sum(name.startswith("cryptography-43") for name in names) == 32
    assert sum(name.endswith(".whl") for name in names) == 32
    assert len(names) == 34


@pytest.mark.parametrize("head_branch", ["main", "nightly-42.1", "wheels/42.9.9"])
def test_r1_a_run_behind_a_build_of_main_is_refused(
    pyca: Repository, gate: Gate, head_branch: str
) -> None:
    _build(pyca.folder / "dist", DEV)
    if head_branch.startswith("wheels"):
        # A tag, but of no release: the workflow's filter takes any with two dots.
        pyca.tag(head_branch)

    code, report = gate.check(
        pyca.workflow_run(head_branch, pyca.head("main")), "--index", "pypi"
    )

    assert (code, report["verdict"]) == (1, "fail")
    assert _errors(report) == REFUSED


def test_r2_a_run_by_hand_with_the_files_of_a_pull_request_is_refused(
    pyca: Repository, gate: Gate
) -> None:
    _build(pyca.folder / "dist", DEV)
    run = pyca.dispatch("refs/heads/main", environment="pypi", run_id="7811111111")

    code, report = gate.check(run, "--index", "pypi")

    assert (code, report["verdict"]) == (1, "fail")
    assert _errors(report) == REFUSED


def test_r3_the_same_run_may_go_to_the_test_index(pyca: Repository, gate: Gate) -> None:
    _build(pyca.folder / "dist", DEV)
    run = pyca.dispatch("refs/heads/main", environment="testpypi", run_id="7811111111")

    code, report = gate.check(run, "--index", "testpypi")

    assert (code, report["verdict"]) == (0, "pass")
    assert _errors(report) == {}


def test_r4_a_run_behind_the_build_of_a_release_tag_passes(
    pyca: Repository, gate: Gate
) -> None:
    _build(pyca.folder / "dist", RELEASED)

    code, report = gate.check(
        pyca.workflow_run(RELEASED, pyca.head(RELEASED)), "--index", "pypi"
    )

    assert (code, report["verdict"]) == (0, "pass")
    assert [release["version"] for release in report["releases"]] == [RELEASED] * 2
    manifest = json.loads(Path("release-manifest.json").read_text())["predicate"]
    assert (manifest["tag"], manifest["commit"]) == (RELEASED, pyca.head(RELEASED))


def test_r5_one_wheel_of_another_version_is_refused(
    pyca: Repository, gate: Gate
) -> None:
    dist = pyca.folder / "dist"
    _build(dist, RELEASED)
    stray = sound.wheel(dist, DEV, "cryptography", "cp39-abi3-win_amd64")

    code, report = gate.check(
        pyca.workflow_run(RELEASED, pyca.head(RELEASED)), "--index", "pypi"
    )

    mixed = ["cryptography 42.0.3 43.0.0.dev1"]
    assert code == 1
    assert _errors(report) == {
        "several-versions": mixed,
        "metadata-disagrees": [stray.name],
        "version-kind": mixed,
        "tag-version-mismatch": [stray.name],
    }


def test_r6_the_web_host_in_place_of_the_upload_host_is_refused(
    pyca: Repository, gate: Gate
) -> None:
    _build(pyca.folder / "dist", RELEASED)
    web = twine.DEFAULT_REPOSITORY.replace("://upload.", "://")

    code, report = gate.check(
        pyca.workflow_run(RELEASED, pyca.head(RELEASED)),
        *("--index", "pypi", "--repository-url", web),
    )

    (finding,) = (f for f in report["findings"] if f["severity"] == "error")
    assert code == 1
    assert finding["rule"] == "index-mismatch"
    assert "web host" in finding["message"]


def test_r7_the_index_is_watched_and_the_version_without_a_tag_raises_an_alarm(
    pyca: Repository, index: sound.Index, gate: Gate
) -> None:
    pyca.tag("42.0.2", "main~1")
    listed = {"cryptography-42.0.2.tar.gz": "0" * 64}
    index.says(sound.Reply(_page("cryptography", listed)), project="cryptography")

    code, report = gate.run("audit", "cryptography", "--repo", ".", "--index", "pypi")
    assert (code, _errors(report)) == (0, {})

    listed |= {f"cryptography-{DEV}-{tag}.whl": "1" * 64 for tag in TAGS}
    listed |= {f"cryptography-{DEV}.tar.gz": "2" * 64}
    index.says(sound.Reply(_page("cryptography", listed)), project="cryptography")

    code, report = gate.run("audit", "cryptography", "--repo", ".", "--index", "pypi")
    alarm = ["cryptography 43.0.0.dev1"]
    assert (code, report["verdict"]) == (1, "fail")
    assert _errors(report) == {"release-untagged": alarm, "history-version-kind": alarm}
    (found,) = (f for f in report["findings"] if f["rule"] == "history-version-kind")
    assert "32 file(s) are since 2024-02-07 on pypi" in found["message"]

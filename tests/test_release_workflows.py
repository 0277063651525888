"""The release's own workflows, walked from the dispatch on main to the tag that moves:
the scripts run, on a forge, a registry and an index that are this machine's.
"""

from __future__ import annotations

import dataclasses
import json
import shlex
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path

import forge
import forge_programs
import indexes
import pin_action
import pytest
import yaml
from runner.actions import ACTIONS
from runner.walk import Settings, Use, UseError, Walked, walk

from release_guard import __version__

pytestmark = pytest.mark.workflows

ROOT = Path(__file__).parent.parent
IMAGE = "registry.example/org/release-guard"
VERSION = __version__
TAG = f"v{VERSION}"
#: The tag that moves with it.
MAJOR = f"v{VERSION.partition('.')[0]}"
#: Digests of images that no release made from what is tagged.
_OTHER, _ATTESTED = "1f" * 32, "2e" * 32
#: The steps of publish.yml that ask what is tagged.
_IS_OURS = "Is the tag main, and the digest of an image of ours?"
_WAS_BUILT = "Was it built by release.yml, from that commit of main?"
#: What a release is built from and by.
_HOLDS = (
    *(".github", "docs", "requirements", "schema", "src", "tools"),
    *(".gitignore", "action.yml", "Dockerfile", "LICENSE", "pyproject.toml"),
    *("README.md", "CHANGELOG.md"),
)


@pytest.fixture(name="at")
def _at(tmp_path: Path) -> forge.Repository:
    """release-guard's repository, whose changelog has the version."""
    at = forge.Repository(tmp_path / "upstream", "org/release-guard")
    for name in _HOLDS:
        if (ROOT / name).is_dir():
            ignored = shutil.ignore_patterns("__pycache__", "images", "_build")
            shutil.copytree(ROOT / name, at.folder / name, ignore=ignored)
        else:
            shutil.copy(ROOT / name, at.folder / name)
    (at.folder / "tests").mkdir()
    shutil.copy(ROOT / "tests" / "conftest.py", at.folder / "tests")
    changelog = at.folder / "CHANGELOG.md"
    told = changelog.read_text(encoding="utf-8")
    changelog.write_text(told.replace("## Unreleased", f"## {VERSION}", 1))
    at.git("add", "--all")
    at.commit("All of it")
    return at


@pytest.fixture(name="kept")
def _kept(tmp_path: Path) -> Path:
    """What the registry holds, and what was asked of the forge; CI has passed."""
    folder = tmp_path / "kept"
    folder.mkdir()
    (folder / "ci").write_text("success\n")
    return folder


@pytest.fixture(name="settings")
def _settings(at: forge.Repository, kept: Path) -> Settings:
    me = shlex.join([sys.executable, "-I", forge_programs.__file__])
    where = shlex.join([str(at.folder), str(kept)])
    programs = {name: f'exec {me} {name} {where} "$@"\n' for name in ("gh", "docker")}
    upstream = shlex.quote(str(at.folder))
    programs["git"] = (
        '[ "$1 $2" = "ls-remote origin" ] && '
        f'exec /usr/bin/git ls-remote {upstream} "${{@:3}}"\n'
        'exec /usr/bin/git "$@"\n'
    )
    # The backend of the lock is here already.
    programs["python3"] = '[ "$1 $2" = "-m pip" ] && exit 0\nexec "$REAL" "$@"\n'

    def by_commit(use: Use) -> dict[str, str]:
        """A commit is fetched by way of the branch that it heads."""
        branch = f"refs/heads/release/{TAG}"
        if use.inputs.get("ref"):
            assert use.inputs["ref"] == at.head(branch)
            use = dataclasses.replace(use, inputs={**use.inputs, "ref": branch})
        return dict(ACTIONS["actions/checkout"](use))

    def attest(use: Use) -> dict[str, str]:
        granted = {use.permissions.get(key) for key in ("id-token", "attestations")}
        name = use.inputs["subject-digest"].removeprefix("sha256:")
        if granted != {"write"} or not (kept / name).exists():
            raise UseError("not attested")
        assert use.inputs["subject-name"] == IMAGE
        forge_programs.attest(kept, name, use.event.environ["GITHUB_SHA"])
        return {}

    def token(use: Use) -> dict[str, str]:
        """The token of an app, whose key the job's environment has."""
        assert use.inputs["permission-contents"] == "write"
        if use.inputs["private-key"] != "the key of the app":
            raise UseError("no token")
        return {"token": "ghs_" + "1" * 36}

    return Settings(
        programs=programs,
        variables={"IMAGE": IMAGE, "RELEASE_APP": "Iv1.0"},
        secrets={"RELEASE_APP_KEY": "the key of the app"},
        actions={
            "actions/checkout": by_commit,
            "actions/attest": attest,
            "actions/create-github-app-token": token,
        },
    )


@pytest.fixture(name="served")
def _served(tmp_path: Path) -> Path:
    return tmp_path / "served"


@pytest.fixture(name="index")
def _index(served: Path) -> Iterator[str]:
    with indexes.pypiserver(served) as url:
        yield url


def _workflow(at: forge.Repository, name: str) -> Path:
    return at.folder / ".github" / "workflows" / name


def _release(at: forge.Repository, index: str, settings: Settings) -> list[Walked]:
    event = at.dispatch("refs/heads/main", version=VERSION)
    return walk(_workflow(at, "release.yml"), at.folder, event, index, settings)


def _publish(at: forge.Repository, index: str, settings: Settings) -> list[Walked]:
    event = at.dispatch(f"refs/tags/{TAG}")
    return walk(_workflow(at, "publish.yml"), at.folder, event, index, settings)


def _failed(steps: list[Walked]) -> list[str]:
    return [f"{step.job}: {step.name}" for step in steps if step.outcome == "failure"]


def _told(steps: list[Walked]) -> str:
    return "\n".join(f"--- {s.job}: {s.name}: {s.outcome}\n{s.log}" for s in steps)


def test_the_image_then_the_commit_then_the_tag_then_the_index(
    at: forge.Repository, index: str, served: Path, settings: Settings, kept: Path
) -> None:
    # The index on this machine has no attestations, and asks nobody for them.
    _without_provenance(at)
    main = at.head("main")

    steps = _release(at, index, settings)

    assert _failed(steps) == [], _told(steps)
    assert at.head("main") == main
    assert at.head(f"{TAG}^") == main
    assert at.git("diff", "--name-only", f"{TAG}^", TAG) == "action.yml"
    pinned = pin_action.image_of(at.git("show", f"{TAG}:action.yml") + "\n")
    assert pinned.partition("@")[0] == IMAGE
    assert (kept / pinned.rpartition(":")[2]).read_bytes() == (kept / TAG).read_bytes()
    asked = (kept / "gh.log").read_text().splitlines()
    assert asked[-1] == f"workflow run publish.yml --ref {TAG}"

    steps = _publish(at, index, settings)

    assert _failed(steps) == [], _told(steps)
    files = [
        f"release_guard-{VERSION}-py3-none-any.whl",
        f"release_guard-{VERSION}.tar.gz",
    ]
    assert sorted(path.name for path in served.iterdir()) == files
    release = json.loads((kept / "release.json").read_text())
    others = ["image-amd64.spdx.json", "image-arm64.spdx.json", "release-manifest.json"]
    assert release["assets"] == sorted([*others, *files])
    assert f"org/release-guard@{at.head(TAG)} # {TAG}" in release["notes"]
    assert pinned in release["notes"]
    assert at.head(MAJOR) == at.head(TAG)


def _without_provenance(at: forge.Repository) -> None:
    for name, line in (
        (".github/workflows/publish.yml", "          provenance: true\n"),
        (".github/release-guard.yml", "provenance: required\n"),
    ):
        path = at.folder / name
        assert path.read_text().count(line) == 1
        path.write_text(path.read_text().replace(line, ""))
    at.git("commit", "--quiet", "--all", "--message", "No provenance")


def test_what_is_not_attested_on_the_index_is_no_release(
    at: forge.Repository, index: str, settings: Settings, kept: Path
) -> None:
    assert _failed(_release(at, index, settings)) == []

    steps = _publish(at, index, settings)

    (failed,) = _failed(steps)
    assert failed.startswith("verify: "), _told(steps)
    ran = {step.job for step in steps if step.outcome != "skipped"}
    assert ran == {"tag", "build", "guard", "publish", "verify"}
    assert not (kept / "release.json").exists()
    tags = at.git("for-each-ref", "--format=%(refname:short)", "refs/tags")
    assert tags.split() == [TAG]


@pytest.mark.parametrize("ci", ["failure", "", "cancelled"])
def test_what_is_not_tested_is_not_released(
    at: forge.Repository, index: str, settings: Settings, kept: Path, ci: str
) -> None:
    (kept / "ci").write_text(ci)

    steps = _release(at, index, settings)

    assert {step.job for step in steps if step.outcome == "failure"} == {"plan"}
    assert {step.job for step in steps if step.outcome == "success"} == {"plan"}


def test_a_version_that_is_tagged_is_not_released_again(
    at: forge.Repository, index: str, settings: Settings
) -> None:
    at.tag(TAG)

    steps = _release(at, index, settings)

    assert {step.job for step in steps if step.outcome == "failure"} == {"plan"}


def test_a_registry_that_has_something_else_is_not_named(
    at: forge.Repository, index: str, settings: Settings, kept: Path
) -> None:
    docker = settings.programs["docker"]
    forge_programs.store(kept, forge_programs.manifests("linux/amd64"), "planted")
    swap = f'[ "$3 $4" = "inspect --raw" ] && cp {kept}/planted {kept}/{TAG}\n'
    settings = dataclasses.replace(
        settings, programs={**settings.programs, "docker": swap + docker}
    )

    steps = _release(at, index, settings)

    assert {step.job for step in steps if step.outcome == "failure"} == {"index"}
    assert at.git("for-each-ref", "refs/heads/release", "refs/tags") == ""


def test_a_tag_that_is_not_main_and_the_digest_is_not_published(
    at: forge.Repository, index: str, settings: Settings, served: Path
) -> None:
    at.git("checkout", "--quiet", "-b", f"release/{TAG}")
    (at.folder / "README.md").write_text("Changed on the way.\n")
    pinned = pin_action.pinned(
        (at.folder / "action.yml").read_text(), f"{IMAGE}@sha256:{'1f' * 32}"
    )
    (at.folder / "action.yml").write_text(pinned)
    at.git("commit", "--quiet", "--all", "--message", "Release")
    at.tag(TAG)

    steps = _publish(at, index, settings)

    assert _failed(steps) == [f"tag: {_IS_OURS}"]
    assert not list(served.iterdir())


@pytest.mark.parametrize(
    ("image", "default", "step"),
    [
        pytest.param(
            f"evil.example/org/release-guard@sha256:{_OTHER}",
            *("check", _IS_OURS),
            id="an image from elsewhere",
        ),
        pytest.param(
            f"{IMAGE}@sha256:{_OTHER}",
            *("audit", _IS_OURS),
            id="another default beside the image",
        ),
        pytest.param(
            f"{IMAGE}@sha256:{_OTHER}",
            *("check", _WAS_BUILT),
            id="an image of ours that no release built",
        ),
        pytest.param(
            f"{IMAGE}@sha256:{_ATTESTED}",
            *("check", _WAS_BUILT),
            id="an image that was built from another commit",
        ),
    ],
)
def test_a_tag_whose_action_is_not_the_one_that_was_built_is_not_published(
    request: pytest.FixtureRequest,
    settings: Settings,
    image: str,
    default: str,
    step: str,
) -> None:
    at, kept = request.getfixturevalue("at"), request.getfixturevalue("kept")
    forge_programs.attest(kept, _ATTESTED, "0" * 40)
    at.git("checkout", "--quiet", "-b", f"release/{TAG}")
    action = (at.folder / "action.yml").read_text()
    assert "default: check" in action
    released = pin_action.pinned(action, image)
    released = released.replace("default: check", f"default: {default}", 1)
    (at.folder / "action.yml").write_text(released)
    at.git("commit", "--quiet", "--all", "--message", "Release")
    at.tag(TAG)

    steps = _publish(at, request.getfixturevalue("index"), settings)

    assert _failed(steps) == [f"tag: {step}"], _told(steps)
    assert {step.job for step in steps if step.outcome != "skipped"} == {"tag"}


@pytest.mark.parametrize("is_ours", [True, False], ids=["that commit", "another"])
def test_a_tag_that_is_there_from_an_attempt_before_is_taken_if_it_names_the_commit(
    at: forge.Repository, index: str, settings: Settings, kept: Path, is_ours: bool
) -> None:
    """The job alone is run again, when publish.yml could not be started."""
    asked = kept / "gh.log"
    gh = settings.programs["gh"]
    made = f"release/{TAG}" if is_ours else "main"
    early = (
        f'[ "$1" = api ] && [ "$2" = --paginate ] && git -C {at.folder} '
        f"update-ref refs/tags/{TAG} {made}\n"
    )
    settings = dataclasses.replace(
        settings, programs={**settings.programs, "gh": early + gh}
    )

    steps = _release(at, index, settings)

    assert _failed(steps) == ([] if is_ours else ["tag: Tag the commit"]), _told(steps)
    started = f"workflow run publish.yml --ref {TAG}" in asked.read_text()
    assert started == is_ours


def test_our_own_policy_is_one_that_we_read() -> None:
    policy = yaml.safe_load((ROOT / ".github" / "release-guard.yml").read_text("utf-8"))

    assert policy["workflows"] == ["publish.yml"]
    assert policy["repositories"] == ["org/release-guard"]
    assert policy["tag-templates"] == ["v{version}"]
    version = policy["publisher"].rpartition("@")[2]
    workflow = (ROOT / ".github" / "workflows" / "publish.yml").read_text("utf-8")
    assert f"# {version}\n" in workflow

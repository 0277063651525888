"""Releases that went wrong, and what was asked for after them, each beside a sound one.

Every row is an incident of the classes A1 to A4 (a build that was not meant for the
index, a version that is not the tag's, a slip in the version, files that come late), or
a request of users about version and tag. It carries its citation, says what the
repository, the run, the files and the index were, and names the rules that refuse it.
Beside it stands the nearest legitimate release: the same row, with the one thing put
right. What a source leaves open (a tag, an earlier version) is the plainest that fits.

The incident that all began with, cryptography 43.0.0.dev1, has a file of its own
(``test_replay.py``). These stay out:

- only a comparison with the tag's tree tells: PyCQA/pydocstyle 251, setuptools 23.2.0
  (the intended commits are missing), auditwheel 1.6 (the content is 1.4's);
- the dependencies are wrong, not the version: nucypher/atxm, autogen-agentchat;
- no fact tells whether a step should have been a smaller one: setuptools 22.0.0 (meant
  as 21.3.0), biolink/ontobio 464 (1.19.1 was skipped); nor that a patch of an old
  series was to replace the newer one: setuptools 3.8.1 beside 4.0.1 is sound below.
"""

from __future__ import annotations

import json
import tarfile
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import archives
import pytest
import sound
from forge import Repository, Run
from twine import utils as twine

from release_guard.cli import main
from release_guard.rules import RULE_IDS

# --- what a row is made of -------------------------------------------------------

#: What happens in the repository until the check runs; None is a person's own machine.
Story = Callable[[Repository], Run | None]


@dataclass(frozen=True)
class File:
    """A sound file of ``dist/``; without a tag it is the sdist.

    ``members`` are added to its own, or stand in their place. Modules among them stand
    for its only module. ``project`` is another one than the scene's.
    """

    version: str
    tag: str = ""
    members: Mapping[str, bytes] = field(default_factory=dict)
    project: str = ""


@dataclass(frozen=True)
class Listed:
    """A file that the index has since ``days``; the ``same`` bytes, or other ones."""

    version: str
    tag: str = ""
    days: int = 400
    same: bool = False


@dataclass(frozen=True)
class Scene:
    """What the check is given."""

    project: str
    files: tuple[File, ...]
    story: Story
    listed: tuple[Listed, ...] = ()
    policy: str = ""
    words: tuple[str, ...] = ()
    environ: Mapping[str, str] = field(default_factory=dict)
    index: str = "pypi"
    command: tuple[str, ...] = ("check", "dist")


@dataclass(frozen=True)
class Incident:
    """A scene that went wrong: all errors that it has, and the warnings that matter.

    ``says`` are words of their messages. ``right`` is what is put right in the scene;
    ``mild`` are the warnings that remain then.
    """

    cite: str
    what: str
    scene: Scene
    right: Mapping[str, Any]
    refused: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    mild: tuple[str, ...] = ()

    @property
    def rules(self) -> set[str]:
        return {*self.refused, *self.warned}

    @property
    def put_right(self) -> Scene:
        return replace(self.scene, **self.right)


@dataclass(frozen=True)
class Sort:
    """A sort of release that looks odd and is sound; ``mild`` are its warnings."""

    what: str
    scene: Scene
    mild: tuple[str, ...] = ()


#: What a version is refused by that a tool made up: it is below all that is listed.
FALLBACK = ("version-kind", "version-placeholder", "version-not-successor")
ANY = "py3-none-any"
LINUX = "cp312-cp312-manylinux_2_28_x86_64"


def pair(version: str, members: Mapping[str, bytes] | None = None) -> tuple[File, ...]:
    """A pure wheel and the sdist."""
    return File(version, ANY, members or {}), File(version, "", members or {})


def history(*versions: str, days: int = 400) -> tuple[Listed, ...]:
    """Sdists that are on the index for long."""
    return tuple(Listed(version, days=days) for version in versions)


def both(version: str, *, days: int = 400, same: bool = False) -> tuple[Listed, ...]:
    """The wheel and the sdist on the index."""
    return Listed(version, ANY, days, same), Listed(version, "", days, same)


# --- stories ---------------------------------------------------------------------


def at_a_desk(repository: Repository) -> None:
    """Somebody uploads from their own checkout."""


def pushed(tag: str, *, annotated: bool = False) -> Story:
    """A tag is pushed, and main goes on before the run comes to the check."""

    def story(repository: Repository) -> Run:
        repository.tag(tag, annotated=annotated)
        run = repository.push(f"refs/tags/{tag}")
        repository.commit("Go on")
        return run

    return story


def released(tag: str, *, prerelease: bool = False) -> Story:
    """A release is published on the forge."""

    def story(repository: Repository) -> Run:
        repository.tag(tag)
        return repository.release(tag, prerelease=prerelease)

    return story


def followed(tag: str) -> Story:
    """The build of a tag has ended, and main has gone on meanwhile."""

    def story(repository: Repository) -> Run:
        repository.tag(tag)
        built = repository.head(tag)
        repository.commit("Go on")
        return repository.workflow_run(tag, built)

    return story


def by_hand_on_main(*tags: str) -> Story:
    """A run by hand on main, which has gone on since it was tagged."""

    def story(repository: Repository) -> Run:
        for tag in tags:
            repository.tag(tag)
        repository.commit("Go on")
        return repository.dispatch("refs/heads/main")

    return story


def by_hand_at(*tags: str) -> Story:
    """A run by hand on main, at the commit that carries the tags."""

    def story(repository: Repository) -> Run:
        for tag in tags:
            repository.tag(tag)
        return repository.dispatch("refs/heads/main")

    return story


def by_hand_on(tag: str) -> Story:
    """A run by hand on a tag, while main has gone on."""

    def story(repository: Repository) -> Run:
        repository.tag(tag)
        repository.commit("Go on")
        return repository.dispatch(f"refs/tags/{tag}")

    return story


def on_branch(
    branch: str, tag: str, *, commits: int = 1, annotated: bool = False
) -> Story:
    """A tag on a branch that is not merged is pushed."""

    def story(repository: Repository) -> Run:
        repository.git("checkout", "--quiet", "-b", branch)
        for number in range(commits):
            repository.commit(f"Work {number}")
        repository.tag(tag, annotated=annotated)
        repository.git("checkout", "--quiet", "main")
        return repository.push(f"refs/tags/{tag}")

    return story


def release_of_branch(branch: str, tag: str) -> Story:
    """A release of a branch that is not merged is published on the forge."""

    def story(repository: Repository) -> Run:
        on_branch(branch, tag)(repository)
        return repository.release(tag)

    return story


def push_to_main(repository: Repository) -> Run:
    """A commit is pushed to main."""
    return repository.push("refs/heads/main")


def pull_request(repository: Repository) -> Run:
    """A pull request is opened."""
    return repository.pull_request()


def nightly(repository: Repository) -> Run:
    """The clock starts a run on main."""
    return repository.schedule()


def shallow(story: Story, ref: str) -> Story:
    """The runner has cloned one commit, that of a branch or tag, and no tags."""

    def told(repository: Repository) -> Run | None:
        run = story(repository)
        whole, clone = (repository.folder.with_name(name) for name in ("whole", "one"))
        repository.git(
            *("clone", "--quiet", "--depth", "1", "--no-tags", "--branch", ref),
            *(repository.folder.as_uri(), str(clone)),
        )
        repository.folder.rename(whole)
        clone.rename(repository.folder)
        return run

    return told


def tagged(*tags: str) -> Story:
    """Nothing runs; the repository has these tags."""

    def story(repository: Repository) -> None:
        for tag in tags:
            repository.tag(tag)

    return story


# --- policies --------------------------------------------------------------------

FINAL_ONLY = "indexes: {pypi: {accept: [final, post]}}\n"
MAIN_ONLY = "branches: [main]\n"
NIGHTLY = (
    "events: [schedule]\n"
    "indexes: {pypi: {accept: [final, post, pre, dev], require-tag: false}}\n"
)
TWO_PROJECTS = (
    "projects:\n"
    '  aws-durable-execution-sdk-python: ["sdk-v{version}"]\n'
    '  aws-durable-execution-sdk-python-otel: ["otel-v{version}"]\n'
)


def templates(*forms: str) -> str:
    """A policy that says how tags are written."""
    return f"tag-templates: {json.dumps(forms)}\n"


def module(path: str, version: str) -> Mapping[str, bytes]:
    """A module that says its version in so many words."""
    return {path: f'__version__ = "{version}"\n'.encode()}


# --- A1: a build that was not meant for this index -------------------------------

A1 = (
    Incident(
        "pydicom/pydicom#1807",
        "what was meant for the test index went to the live one",
        Scene(
            "pydicom",
            pair("2.4.0.dev0"),
            push_to_main,
            history("2.3.1"),
            index="testpypi",
            environ={"TWINE_REPOSITORY_URL": twine.DEFAULT_REPOSITORY},
        ),
        refused=("index-mismatch",),
        says=("the upload goes to pypi", "testpypi was judged"),
        right={"environ": {"TWINE_REPOSITORY_URL": twine.TEST_REPOSITORY}},
    ),
    Incident(
        "pyca/cryptography#11574",
        "the URL of the web host cost a day, and a version",
        Scene(
            "cryptography",
            pair("43.0.2"),
            followed("43.0.2"),
            history("43.0.0", "43.0.1"),
            words=(
                "--repository-url",
                twine.DEFAULT_REPOSITORY.replace("://upload.", "://"),
            ),
        ),
        refused=("index-mismatch",),
        says=("the web host in place of the upload host", "takes no uploads"),
        right={"words": ("--repository-url", twine.DEFAULT_REPOSITORY)},
    ),
    Incident(
        "PaloAltoNetworks/pan-os-upgrade-assurance#65",
        "the test of a pull request published",
        Scene("panos_upgrade_assurance", pair("0.0.2"), pull_request, history("0.0.1")),
        refused=("trigger-refused", "tag-missing"),
        says=("'pull_request' must not lead to pypi", "tag the commit"),
        right={"story": pushed("v0.0.2")},
    ),
    Incident(
        "invoke-ai/InvokeAI#4869",
        "built from main, which holds more than the tag",
        Scene(
            "invokeai",
            pair("3.3.0"),
            by_hand_on_main("v3.3.0"),
            history("3.2.0"),
            words=("--tag", "v3.3.0"),
        ),
        refused=("tag-commit-mismatch",),
        says=("was built (GITHUB_SHA)", "build from the tag"),
        right={"story": by_hand_on("v3.3.0")},
    ),
    Incident(
        "fmoo/python-editor#13",
        "a file of 1.0.2 was filed under another version, and its name is lost",
        Scene(
            "python_editor",
            (
                File(
                    "1.0.2",
                    ANY,
                    {
                        "python_editor-1.0.2.dist-info/METADATA": b"Metadata-Version: "
                        b"2.1\nName: python-editor\nVersion: 1.0.1\n\nEdits.\n"
                    },
                ),
                File("1.0.2"),
            ),
            at_a_desk,
            history("1.0", "1.0.1"),
        ),
        refused=("filename-metadata-mismatch",),
        says=("the metadata says version '1.0.1', the file name '1.0.2'",),
        right={"files": pair("1.0.2")},
    ),
    Incident(
        "jupyterlab/jupyter-builder#90",
        "alphas on the index broke the CI of those who install with --pre",
        Scene(
            "jupyter_builder",
            pair("0.1.0a5"),
            pushed("v0.1.0a5"),
            history("0.1.0a4"),
            policy=FINAL_ONLY,
        ),
        refused=("version-kind",),
        says=("0.1.0a5 is a pre version; pypi takes final, post",),
        right={"files": pair("0.1.0"), "story": pushed("v0.1.0")},
    ),
)

# --- A2: a version that is not the tag's -----------------------------------------

A2 = (
    Incident(
        "katelouie/stellium#59",
        "the version was not raised, and only because 0.20.0 existed it was refused",
        Scene(
            "stellium",
            pair("0.20.0"),
            pushed("v0.21.0"),
            both("0.20.0", days=5),
        ),
        refused=("tag-version-mismatch", "file-exists"),
        warned=("version-exists",),
        says=("has the version 0.20.0, the tag 'v0.21.0' says 0.21.0",),
        right={"files": pair("0.21.0")},
    ),
    Incident(
        "max-sixty/pytest-accept#250",
        "the version was no longer dynamic, and 0.2.0 went out as 0.1.13",
        Scene("pytest_accept", pair("0.1.13"), released("0.2.0"), history("0.1.12")),
        refused=("tag-version-mismatch",),
        says=("has the version 0.1.13, the tag '0.2.0' says 0.2.0",),
        right={"files": pair("0.2.0")},
    ),
    Incident(
        "lab-v2/pyreason#128",
        "setup.py holds the version, and nobody raised it",
        Scene("pyreason", pair("3.2.0"), released("v3.3.0"), both("3.2.0", days=90)),
        refused=("tag-version-mismatch", "file-exists"),
        says=("a file name can never be used again",),
        right={"files": pair("3.3.0")},
    ),
    Incident(
        "hubtty/hubtty#144",
        "a shallow checkout, and the tool falls back",
        Scene("hubtty", pair("0.1.dev1+gb4ebee854"), pushed("v0.12"), history("0.11")),
        refused=(*FALLBACK, "tag-version-mismatch"),
        says=("the checkout is shallow", "fetch-depth: 0", "dev and local version"),
        right={"files": pair("0.12")},
    ),
    Incident(
        "cognizant-ai-lab/neuro-san#1079",
        "the same, behind a release on the forge",
        Scene(
            "neuro_san",
            pair("0.1.dev1+g0795801"),
            released("0.7.1"),
            history("0.7.0"),
        ),
        refused=(*FALLBACK, "tag-version-mismatch"),
        says=("found no tag", "fetch-depth: 0"),
        right={"files": pair("0.7.1")},
    ),
    Incident(
        "camelot-dev/camelot#596",
        "the tag was not fetched, and the tool guessed the next version",
        Scene(
            "camelot_py",
            pair("1.0.3.dev0+g5b20d8a1c"),
            pushed("v1.0.2"),
            history("1.0.0"),
        ),
        refused=("version-kind", "tag-version-mismatch"),
        says=("the tag was not fetched", "fetch-depth: 0"),
        right={"files": pair("1.0.2")},
    ),
    Incident(
        "encode/httpx#916",
        "the publish script made a dev version, and another one than was meant",
        Scene("httpx", pair("0.13.dev0"), pushed("0.13.0.dev0"), history("0.12.1")),
        refused=("version-kind",),
        says=("0.13.dev0 is a dev version; pypi takes final, post, pre",),
        right={"files": pair("0.13.0"), "story": pushed("0.13.0")},
    ),
    Incident(
        "piskvorky/gensim#2796",
        "setup.py says another version than the release",
        Scene("gensim", pair("3.8.1"), pushed("3.8.2"), both("3.8.1", days=150)),
        refused=("tag-version-mismatch", "file-exists"),
        says=("build from the tag's commit, with the version of the tag",),
        right={"files": pair("3.8.2")},
    ),
    Incident(
        "rrwick/Trycycler#27",
        "version.py still says 0.5.1",
        Scene(
            "trycycler",
            pair("0.5.2", module("trycycler/version.py", "0.5.1")),
            pushed("v0.5.2"),
            history("0.5.0", "0.5.1"),
        ),
        warned=("module-version-mismatch",),
        says=("0.5.1", "0.5.2"),
        right={"files": pair("0.5.2", module("trycycler/version.py", "0.5.2"))},
    ),
    Incident(
        "G-Node/python-odml#349",
        "the file is 1.4.4.2, and the module says 1.4.4",
        Scene(
            "odml",
            pair("1.4.4.2", module("odml/__init__.py", "1.4.4")),
            at_a_desk,
            history("1.4.3", "1.4.4"),
        ),
        warned=("module-version-mismatch",),
        says=("1.4.4",),
        right={"files": pair("1.4.4.2", module("odml/__init__.py", "1.4.4.2"))},
    ),
    Incident(
        "pypi/warehouse#2675",
        "pandaSDMX 0.8 holds the .dist-info of 0.7.0 as well, and was filed there",
        Scene(
            "pandasdmx",
            (
                File(
                    "0.8",
                    ANY,
                    {
                        "pandasdmx-0.7.0.dist-info/METADATA": b"Metadata-Version: 2.1\n"
                        b"Name: pandasdmx\nVersion: 0.7.0\n\nStatistics.\n"
                    },
                ),
                File("0.8"),
            ),
            at_a_desk,
            history("0.6.1", "0.7.0"),
        ),
        refused=("wheel-layout",),
        says=("has 2 top-level .dist-info folders", "pandasdmx-0.7.0.dist-info"),
        right={"files": pair("0.8")},
    ),
    Incident(
        "pypa/packaging@69855f32 (#359)",
        "20.6 was uploaded before it was in git",
        Scene("packaging", pair("20.6"), by_hand_on_main("20.5"), history("20.5")),
        refused=("tag-missing",),
        says=("has no release tag", "and start the workflow from the tag"),
        right={"story": pushed("20.6")},
    ),
    Incident(
        "rycus86/prometheus_flask_exporter#77",
        "the release is 0.16.4, and setup.py says 0.16.1",
        Scene(
            "prometheus_flask_exporter",
            pair("0.16.1"),
            pushed("0.16.4"),
            history("0.15.4", "0.16.0"),
        ),
        refused=("tag-version-mismatch",),
        says=("has the version 0.16.1, the tag '0.16.4' says 0.16.4",),
        right={"files": pair("0.16.4")},
    ),
)

# --- A3: a slip in the version ---------------------------------------------------

A3 = (
    Incident(
        "Fortran-FOSS-Programmers/ford#367",
        "6.15 for 6.1.5, in the tag and in the files",
        Scene(
            "ford", pair("6.15"), pushed("v6.15"), history("6.1.2", "6.1.3", "6.1.4")
        ),
        warned=("version-jump",),
        says=("6.1.4", "6.1.5", "newest would become 6.15"),
        right={"files": pair("6.1.5"), "story": pushed("v6.1.5")},
    ),
    Incident(
        "startreedata/pinot-dbapi#86",
        "5.1.0 for 0.5.1, too late to fix",
        Scene(
            "pinotdb",
            pair("5.1.0"),
            pushed("v5.1.0"),
            history("0.4.13", "0.4.14", "0.5.0"),
        ),
        warned=("version-jump",),
        says=("0.5.0", "newest would become 5.1.0"),
        right={"files": pair("0.5.1"), "story": pushed("v0.5.1")},
    ),
    Incident(
        "PEtab-dev/PEtab#124",
        "0.0.0a15 is on the index, and nobody tagged it",
        Scene(
            "petab",
            (),
            tagged("v0.0.0a13", "v0.0.0a14"),
            history("0.0.0a13", "0.0.0a14", "0.0.0a15"),
            command=("audit", "petab", "--repo", "."),
        ),
        refused=("release-untagged",),
        says=("none of the 2 tag(s) says 0.0.0a15",),
        right={"story": tagged("v0.0.0a13", "v0.0.0a14", "v0.0.0a15")},
    ),
)

# --- A4: files that come late, or in the place of others -------------------------

A4 = (
    Incident(
        "aschn/drf-tracking#64",
        "the code of 1.3.1 went into a wheel of 1.2.0",
        Scene(
            "drf_tracking",
            pair("1.2.0"),
            pushed("1.3.1"),
            (Listed("1.2.0", days=90), *history("1.1.1")),
        ),
        refused=("tag-version-mismatch", "file-exists", "release-closed"),
        warned=("version-exists",),
        says=("the tag '1.3.1' says 1.3.1", "1.2.0 is closed since"),
        right={"files": pair("1.3.1")},
    ),
    Incident(
        "miracle2k/python-glob2#16",
        "a wheel with other code was added to an old release",
        Scene(
            "glob2",
            pair("0.4.1"),
            at_a_desk,
            (Listed("0.4.1", days=1100, same=True),),
        ),
        refused=("release-closed",),
        warned=("version-exists",),
        says=("closed since", "release 0.4.1.post1, or the next version"),
        right={"files": pair("0.4.1.post1")},
    ),
    Incident(
        "redis/hiredis-py#69",
        "wheels that came years later broke installs with pinned hashes",
        Scene(
            "hiredis",
            (File("0.2.0", LINUX), File("0.2.0")),
            at_a_desk,
            (Listed("0.2.0", days=1220, same=True),),
        ),
        refused=("release-closed",),
        warned=("version-exists",),
        says=("14 days after its first file",),
        right={"files": (File("0.3.0", LINUX), File("0.3.0"))},
    ),
    Incident(
        "lericson/pylibmc#244",
        "wheels were added to an old release, and removed again",
        Scene(
            "pylibmc",
            (
                File("1.5.2", "cp36-cp36m-manylinux1_x86_64"),
                File("1.5.2", "cp37-cp37m-manylinux1_x86_64"),
                File("1.5.2"),
            ),
            at_a_desk,
            (Listed("1.5.2", days=700, same=True),),
        ),
        refused=("release-closed",),
        warned=("version-exists",),
        says=("new are pylibmc-1.5.2-cp36", "raise the version"),
        right={
            "files": (
                # Requires-Python of a sound file is >=3.9.
                File("1.6.0", "cp39-cp39-manylinux_2_28_x86_64"),
                File("1.6.0", LINUX),
                File("1.6.0"),
            )
        },
    ),
    Incident(
        "mozilla/bleach#517",
        "a wheel that came a day later broke lock files",
        Scene(
            "bleach",
            pair("3.1.1"),
            pushed("v3.1.1"),
            (*history("3.1.0"), Listed("3.1.1", days=1, same=True)),
        ),
        warned=("version-exists",),
        says=("new are bleach-3.1.1-py3-none-any.whl", "meant to grow"),
        right={"listed": history("3.1.0")},
    ),
    Incident(
        "zeromq/pyzmq#1304",
        "wheels of 18.0.1 were left in dist/ and went out with 18.0.2",
        Scene(
            "pyzmq",
            (
                File("18.0.1", "cp27-cp27m-manylinux2010_x86_64"),
                File("18.0.1", "cp27-cp27mu-manylinux2010_x86_64"),
                File("18.0.2", LINUX),
                File("18.0.2"),
            ),
            pushed("v18.0.2"),
            (*history("18.0.0"), Listed("18.0.1", days=90)),
        ),
        refused=(
            "several-versions",
            "metadata-disagrees",
            "tag-version-mismatch",
            "release-closed",
        ),
        warned=("version-exists",),
        says=("holds 2 versions, expected one", "empty dist/"),
        right={"files": (File("18.0.2", LINUX), File("18.0.2"))},
    ),
    Incident(
        "lepture/python-livereload#265",
        "a wheel was added to a release that is years old",
        Scene(
            "livereload",
            pair("2.6.3"),
            at_a_desk,
            (Listed("2.6.3", days=850, same=True),),
        ),
        refused=("release-closed",),
        warned=("version-exists",),
        says=("livereload", "closed since"),
        right={"files": pair("2.7.0")},
    ),
    Incident(
        "django-commons/django-simple-history#1065",
        "the wheels of all 3.1.x were replaced",
        Scene(
            "django_simple_history",
            pair("3.1.1"),
            at_a_desk,
            (*history("3.1.0"), *both("3.1.1", days=200)),
        ),
        refused=("file-exists",),
        warned=("version-exists",),
        says=("is on pypi already, with the sha256",),
        right={"listed": (*history("3.1.0"), *both("3.1.1", days=200, same=True))},
        mild=("version-exists",),
    ),
    Incident(
        "phn/jdcal#5",
        "1.0 was built again to add the licence",
        Scene(
            "jdcal",
            pair("1.0"),
            at_a_desk,
            (Listed("1.0", days=900),),
        ),
        refused=("file-exists", "release-closed"),
        says=("raise the version: a file name can never be used again",),
        right={"files": pair("1.0.post1")},
    ),
    Incident(
        "pytest-dev/pytest-inline#3",
        "1.0.4 was uploaded, and then built and uploaded again",
        Scene(
            "pytest_inline",
            pair("1.0.4"),
            pushed("v1.0.4"),
            (*history("1.0.3"), *both("1.0.4", days=0)),
        ),
        refused=("file-exists",),
        warned=("version-exists",),
        says=("a file name can never be used again",),
        right={"files": pair("1.0.5"), "story": pushed("v1.0.5")},
    ),
)

# --- what users asked for: dev versions and fallbacks ----------------------------

KINDS = (
    Incident(
        "Deltares/hydromt#1184",
        "the release ran on main, in place of its release branch",
        Scene("hydromt", pair("1.0.1.dev0"), by_hand_on_main(), history("0.10.1")),
        refused=("version-kind", "tag-missing"),
        says=("1.0.1.dev0 is a dev version", "refs/heads/main names no tag"),
        right={
            "files": pair("1.0.0"),
            "story": on_branch("release/v1.0", "v1.0.0", annotated=True),
        },
    ),
    Incident(
        "pypa/packaging-problems#74",
        "somebody forgot to check out the tag before the build",
        Scene("demo", pair("1.1.dev0"), at_a_desk, history("0.9")),
        refused=("version-kind",),
        says=("1.1.dev0 is a dev version", "build from the release tag"),
        right={"files": pair("1.0")},
    ),
    Incident(
        "jkreileder/cf-ips-to-hcloud-fw#1355",
        "a tag of a dev version went all the way to the index",
        Scene(
            "cf_ips_to_hcloud_fw",
            pair("1.2.1.dev0"),
            pushed("v1.2.1.dev0"),
            history("1.2.0"),
            policy=FINAL_ONLY,
        ),
        refused=("version-kind",),
        says=("1.2.1.dev0 is a dev version; pypi takes final, post",),
        right={"files": pair("1.2.1"), "story": pushed("v1.2.1")},
    ),
    Incident(
        "pypa/setuptools-scm#1205",
        "the tree was dirty, and nothing said so",
        Scene(
            "demo",
            pair("1.2.1.dev0+g3f2a9c1.d20250811"),
            pushed("v1.2.0"),
            history("1.1.0"),
        ),
        refused=("version-kind", "tag-version-mismatch"),
        says=("the tree had changes when it was built", "`git status`"),
        right={"files": pair("1.2.0")},
    ),
    Incident(
        "pypa/setuptools-scm#365",
        "a local version is refused at the upload, and not before",
        Scene(
            "demo",
            pair("1.15.1.dev3+g1d2c3b4"),
            by_hand_on_main("v1.15.0"),
            history("1.15.0"),
        ),
        refused=("version-kind", "tag-missing"),
        says=("dev and local version", "the newest tag"),
        right={"files": pair("1.15.1"), "story": pushed("v1.15.1")},
    ),
    Incident(
        "awslabs/llm-evaluation-system#57",
        "the build of the frontend changed tracked files",
        Scene(
            "llm_evaluation_system",
            pair("0.3.6.dev0+g7e9e85604.d20260517"),
            pushed("v0.3.5"),
            history("0.3.4"),
        ),
        refused=("version-kind", "tag-version-mismatch"),
        says=("the tree had changes", "the tag 'v0.3.5' says 0.3.5"),
        right={"files": pair("0.3.5")},
    ),
    Incident(
        "galacticusorg/galacticus#1203",
        "a dry run without a tag in sight",
        Scene(
            "galacticus",
            pair("0.0.0.post1.dev17182+ge7f7404a6"),
            by_hand_on_main(),
            history("0.9.6"),
            index="testpypi",
        ),
        refused=FALLBACK,
        says=("nobody's choice", "fetch-depth: 0", "testpypi takes"),
        right={"files": pair("0.9.7.dev17182")},
    ),
    Incident(
        "dknowles2/pydrawise#508",
        "a shallow clone, and the upload answers 400",
        Scene(
            "pydrawise",
            pair("0.1.dev1+gaf3c9e8"),
            released("2025.9.0"),
            history("2025.7.0"),
        ),
        refused=(*FALLBACK, "tag-version-mismatch"),
        says=("fetch-depth: 0",),
        right={"files": pair("2025.9.0")},
    ),
    Incident(
        "pypa/setuptools-scm#790",
        "a shallow clone, and the tool says nothing",
        Scene(
            "demo",
            pair("0.1.dev1+g0a1b2c3"),
            shallow(pushed("v1.4"), "v1.4"),
            history("1.3"),
        ),
        refused=(*FALLBACK, "tag-version-mismatch"),
        says=("the checkout is shallow, or its tags were not fetched",),
        right={"files": pair("1.4")},
    ),
    Incident(
        "pypa/setuptools-scm#414",
        "tags that were not fetched, in a run by hand",
        Scene(
            "demo",
            pair("0.1.dev1+g4d5e6f7"),
            shallow(by_hand_on_main("v1.4"), "main"),
            history("1.4"),
        ),
        refused=FALLBACK,
        says=(
            "fetch all tags before the build",
            "names no tag, and the checkout is shallow and has no tags at all",
            "fetch-depth: 0 (actions/checkout), which fetches all tags",
        ),
        right={"files": pair("1.5"), "story": by_hand_on("v1.5")},
    ),
    Incident(
        "fatiando/harmonica#669",
        "0.0.post100 is a valid version, and nobody's",
        Scene(
            "harmonica",
            pair("0.0.post100"),
            push_to_main,
            history("0.7.0"),
            index="testpypi",
        ),
        refused=("version-placeholder", "version-not-successor"),
        says=("setuptools-scm with post-releases found no tag", "fetch-depth: 0"),
        right={"files": pair("0.7.1.dev100")},
    ),
    Incident(
        "pycalphad/pycalphad#532",
        "the sdist fell back, the wheels did not",
        Scene(
            "pycalphad",
            (File("0.10.4.post2.dev13", LINUX), File("0.1.dev1")),
            push_to_main,
            history("0.10.3"),
            index="testpypi",
        ),
        refused=("several-versions", "version-placeholder", "version-not-successor"),
        says=("0.1.dev1: pycalphad-0.1.dev1.tar.gz", "build all files again"),
        right={
            "files": (File("0.10.4.post2.dev13", LINUX), File("0.10.4.post2.dev13"))
        },
    ),
    Incident(
        "pypa/setuptools-scm#322",
        "without the local part nothing holds back a build of main",
        Scene("demo", pair("1.2.4.dev3"), push_to_main, history("1.2.3")),
        refused=("version-kind", "tag-missing"),
        says=("1.2.4.dev3 is a dev version; pypi takes final, post, pre",),
        right={"files": pair("1.2.4"), "story": pushed("1.2.4")},
    ),
    Incident(
        "pypa/setuptools-scm#462",
        "without the local part a fallback is taken as well",
        Scene("demo", pair("0.1.dev7"), released("v2.0"), history("1.9")),
        refused=(*FALLBACK, "tag-version-mismatch"),
        says=("setuptools-scm and its like found no tag",),
        right={"files": pair("2.0")},
    ),
)

# --- what users asked for: the tag is the version --------------------------------

TAGS = (
    Incident(
        "mareforma/mareforma#46",
        "skip-existing makes a green release of nothing",
        Scene(
            "mareforma",
            pair("0.3.7"),
            released("v0.3.8"),
            both("0.3.7", days=20, same=True),
        ),
        refused=("tag-version-mismatch",),
        warned=("version-exists",),
        says=("none of these is new", "the tag 'v0.3.8' says 0.3.8"),
        right={"files": pair("0.3.8")},
    ),
    Incident(
        "caura-ai/caura#1071",
        "the tag is a trigger, and pyproject.toml decides",
        Scene(
            "caura_client",
            pair("1.0.1"),
            pushed("caura-client-v2.0.0"),
            history("1.0.0"),
            policy=templates("{name}-v{version}"),
        ),
        refused=("tag-version-mismatch",),
        says=("has the version 1.0.1, the tag 'caura-client-v2.0.0' says 2.0.0",),
        right={"files": pair("2.0.0")},
    ),
    Incident(
        "ansys/actions#824",
        "the publish step says nothing where the version exists",
        Scene(
            "ansys_demo",
            pair("0.4.1"),
            pushed("v0.5.0", annotated=True),
            both("0.4.1", days=60, same=True),
        ),
        refused=("tag-version-mismatch",),
        warned=("version-exists",),
        says=("make sure that the release is meant to grow, or raise the version",),
        right={"files": pair("0.5.0")},
    ),
    Incident(
        "mvdwetering/ynca#4",
        "3.2.1 with the wrong version inside had to be deleted",
        Scene("ynca", pair("3.2.0"), pushed("v3.2.1"), history("3.1.0")),
        refused=("tag-version-mismatch",),
        says=("the tag 'v3.2.1' says 3.2.1",),
        right={"files": pair("3.2.1")},
    ),
    Incident(
        "timlnx/bitmath#150",
        "an annotated tag, and the version of the release before",
        Scene(
            "bitmath", pair("1.4.0"), pushed("2.0.0", annotated=True), history("1.3.3")
        ),
        refused=("tag-version-mismatch",),
        says=("has the version 1.4.0, the tag '2.0.0' says 2.0.0",),
        right={"files": pair("2.0.0")},
    ),
    Incident(
        "lucemia/typed-ffmpeg#925",
        "v4.1 was set on a commit that still says 4.0.2",
        Scene("typed_ffmpeg", pair("4.0.2"), pushed("v4.1"), both("4.0.2", days=6)),
        refused=("tag-version-mismatch", "file-exists"),
        warned=("version-exists",),
        says=("has the version 4.0.2, the tag 'v4.1' says 4.1",),
        right={"files": pair("4.1")},
    ),
    Incident(
        "EONRaider/NETProtocols#116",
        "1.3.0 was never released, so nothing would have refused it",
        Scene("netprotocols", pair("1.3.0"), followed("v1.4.0"), history("1.2.0")),
        refused=("tag-version-mismatch",),
        says=("has the version 1.3.0, the tag 'v1.4.0' says 1.4.0",),
        right={"files": pair("1.4.0")},
    ),
    Incident(
        "matt-house-e/accrue#4",
        "a run by hand on the tag",
        Scene("accrue", pair("1.0.0"), by_hand_on("v1.1.0"), history("0.9.0")),
        refused=("tag-version-mismatch",),
        says=("the tag 'v1.1.0' says 1.1.0",),
        right={"files": pair("1.1.0")},
    ),
    Incident(
        "hezarai/hezar#63",
        "the tag, pyproject.toml and __init__.py say one version, or not",
        Scene(
            "hezar",
            pair("0.23.1", module("hezar/__init__.py", "0.23.0")),
            pushed("0.23.1"),
            history("0.22.0", "0.23.0"),
        ),
        warned=("module-version-mismatch",),
        says=("0.23.0", "0.23.1"),
        right={"files": pair("0.23.1", module("hezar/__init__.py", "0.23.1"))},
    ),
    Incident(
        "christophebedard/dco-check#49",
        "the version in the source is not the tag's",
        Scene("dco_check", pair("0.4.0"), released("0.5.0"), history("0.3.1")),
        refused=("tag-version-mismatch",),
        says=("has the version 0.4.0, the tag '0.5.0' says 0.5.0",),
        right={"files": pair("0.5.0")},
    ),
    Incident(
        "python-wheel-build/fromager#550",
        "the builder is told a version, and a wheel of another one comes out",
        Scene(
            "demo",
            (File("1.2.2", ANY), File("1.2.3")),
            at_a_desk,
            history("1.2.1"),
            words=("--tag", "1.2.3"),
        ),
        refused=("tag-version-mismatch", "several-versions"),
        says=("has the version 1.2.2, the tag '1.2.3' says 1.2.3",),
        right={"files": pair("1.2.3")},
    ),
    Incident(
        "jundot/omlx#2861",
        "as reported: the wheel is 0.6.2, its metadata 0.4.5.dev1",
        Scene(
            "omlx",
            (
                File(
                    "0.6.2",
                    ANY,
                    {
                        "omlx-0.6.2.dist-info/METADATA": b"Metadata-Version: 2.1\n"
                        b"Name: omlx\nVersion: 0.4.5.dev1\n\nServes.\n",
                        **module("omlx/_version.py", "0.6.2"),
                    },
                ),
                File("0.6.2"),
            ),
            pushed("v0.6.2"),
            history("0.6.0", "0.6.1"),
        ),
        refused=(
            "filename-metadata-mismatch",
            "version-kind",
            "tag-version-mismatch",
            "version-not-successor",
        ),
        warned=("module-version-mismatch",),
        says=("the metadata says version '0.4.5.dev1', the file name '0.6.2'",),
        right={"files": pair("0.6.2", module("omlx/_version.py", "0.6.2"))},
    ),
    Incident(
        "NVIDIA-NeMo/Switchyard#255",
        "the module says 0.1.0, the metadata 0.2.0",
        Scene(
            "nemo_switchyard",
            pair("0.2.0", module("switchyard/__init__.py", "0.1.0")),
            pushed("v0.2.0"),
            history("0.1.0"),
        ),
        warned=("module-version-mismatch",),
        says=("0.1.0", "0.2.0"),
        right={"files": pair("0.2.0", module("switchyard/__init__.py", "0.2.0"))},
    ),
    Incident(
        "vuetifyjs/0#665",
        "a pre-release stood as the latest for 12 days (on another registry)",
        Scene("demo", pair("1.0.0rc1"), released("v1.0.0rc1"), history("0.9.0")),
        warned=("prerelease-flag",),
        says=("1.0.0rc1 is a pre-release", "change the mark"),
        right={"story": released("v1.0.0rc1", prerelease=True)},
    ),
)

# --- what users asked for: one repository, several packages ----------------------

SEVERAL = (
    Incident(
        "aws/aws-durable-execution-sdk-python#716",
        "a tag of the SDK builds and uploads its plugins too",
        Scene(
            "aws_durable_execution_sdk_python",
            (
                *pair("2.0.0"),
                File("0.4.0", ANY, project="aws_durable_execution_sdk_python_otel"),
                File("0.4.0", project="aws_durable_execution_sdk_python_otel"),
            ),
            released("sdk-v2.0.0"),
            history("1.7.0"),
            policy=TWO_PROJECTS,
        ),
        refused=("tag-unrecognized",),
        says=("the tag 'sdk-v2.0.0' fits no tag template (otel-v{version})",),
        right={"files": pair("2.0.0")},
    ),
    Incident(
        "dolfinus/setuptools-git-versioning#68",
        "the newest tag is another product's",
        Scene(
            "alpha",
            pair("2.3.0"),
            pushed("releases/team/beta/2.3.0"),
            history("2.2.0"),
            policy=templates("releases/team/{name}/{version}"),
        ),
        refused=("tag-unrecognized",),
        says=("'releases/team/beta/2.3.0' fits no tag template",),
        right={"story": pushed("releases/team/alpha/2.3.0")},
    ),
    Incident(
        "thefrontside/platformscript#12",
        "a tag with the package's name in front breaks a naive parser",
        Scene("platformscript", pair("0.2.0"), pushed("platformscript-v0.2.0")),
        refused=("tag-unrecognized",),
        says=("add its form to 'tag-templates' in the policy",),
        right={
            "policy": templates("{name}-v{version}"),
            "listed": history("0.1.0"),
        },
    ),
    Incident(
        "modelcontextprotocol/conformance#411",
        "two packages are tagged at one commit, and one takes the other's version",
        Scene(
            "alpha",
            pair("0.2.0"),
            by_hand_at("alpha-v0.1.1", "beta-v0.2.0"),
            history("0.1.0"),
            policy=templates("{name}-v{version}"),
        ),
        refused=("tag-version-mismatch",),
        says=("has the version 0.2.0, the tag 'alpha-v0.1.1' says 0.1.1",),
        right={"files": pair("0.1.1")},
    ),
)

# --- what users asked for: a clean dist/ -----------------------------------------


def stale(
    cite: str,
    what: str,
    scene: Scene,
    *left: File,
    refused: tuple[str, ...] = ("tag-version-mismatch",),
) -> Incident:
    """A sound scene, in which files of the version before were left in dist/."""
    return Incident(
        cite,
        what,
        replace(scene, files=(*left, *scene.files)),
        refused=("several-versions", *refused),
        warned=("version-exists",),
        says=("holds 2 versions, expected one", "empty dist/"),
        right={"files": scene.files},
    )


STALE = (
    stale(
        "astral-sh/uv#16030",
        "what is left in dist/ is published again",
        Scene("demo", pair("0.2.0"), at_a_desk, both("0.1.0", same=True)),
        *pair("0.1.0"),
        refused=("metadata-disagrees",),
    ),
    stale(
        "python-semantic-release/python-semantic-release#86",
        "the upload takes all of dist/, built again or not",
        Scene("demo", pair("3.11.2"), pushed("v3.11.2"), both("3.11.1")),
        *pair("3.11.1"),
        refused=("metadata-disagrees", "tag-version-mismatch", "file-exists"),
    ),
    stale(
        "pywbem/pywbem#3306",
        "an sdist of the version before",
        Scene("pywbem", pair("1.7.3"), pushed("1.7.3"), both("1.7.2", same=True)),
        File("1.7.2"),
    ),
    stale(
        "SmartBase-SK/django-smartbase-admin#201",
        "wheels of 0.1.0 were tracked in dist/",
        Scene(
            "django_smartbase_admin",
            pair("1.1.6"),
            pushed("1.1.6"),
            (*both("0.1.0"), *history("1.1.5")),
        ),
        File("0.1.0", ANY),
        refused=("metadata-disagrees", "tag-version-mismatch", "file-exists"),
    ),
    stale(
        "openonion/connectonion#753",
        "a wheel of the version before",
        Scene(
            "connectonion", pair("0.6.2"), released("v0.6.2"), both("0.6.1", same=True)
        ),
        File("0.6.1", ANY),
        refused=("metadata-disagrees", "tag-version-mismatch"),
    ),
)

# --- what users asked for: a step that somebody meant ----------------------------

STEPS = (
    Incident(
        "RedFT/Hexy#6",
        "1.41 for 1.4.1, so that 1.5 is older",
        Scene("hexy", pair("1.41"), at_a_desk, history("1.2", "1.3", "1.4")),
        warned=("version-jump",),
        says=("1.4.1", "newest would become 1.41"),
        right={"files": pair("1.4.1")},
    ),
    Incident(
        "nipreps/eddymotion#197",
        "0.1.15 for 0.1.5",
        Scene(
            "eddymotion",
            pair("0.1.15"),
            pushed("0.1.15"),
            history("0.1.2", "0.1.3", "0.1.4"),
        ),
        warned=("version-jump",),
        says=("0.1.4", "newest would become 0.1.15"),
        right={"files": pair("0.1.5"), "story": pushed("0.1.5")},
    ),
    Incident(
        "skypilot-org/skypilot#3650",
        "a second nightly of a day is above all days after it",
        Scene(
            "skypilot_nightly",
            pair("1.0.0.dev2024053101"),
            nightly,
            history("1.0.0.dev20240530", "1.0.0.dev20240531"),
            policy=NIGHTLY,
        ),
        warned=("version-jump",),
        says=("newest would become 1.0.0.dev2024053101",),
        right={"files": pair("1.0.0.dev20240601")},
    ),
    Incident(
        "pypi/warehouse#14851",
        "0.0.4 after 0.0.39 is no new release",
        Scene(
            "jokersdk", pair("0.0.4"), at_a_desk, history("0.0.37", "0.0.38", "0.0.39")
        ),
        refused=("version-not-successor",),
        says=("0.0.4 is lower than everything", "the newest stays 0.0.39"),
        right={"files": pair("0.0.40")},
    ),
)

# --- what users asked for: tags that lie on main ---------------------------------


def beside_main(
    cite: str, what: str, story: Story, right: Mapping[str, Any]
) -> Incident:
    """A tag of 1.1.0 that lies on none of the policy's branches."""
    return Incident(
        cite,
        what,
        Scene("demo", pair("1.1.0"), story, history("1.0.0"), policy=MAIN_ONLY),
        refused=("tag-off-branch",),
        says=("is on none of the branches main", "merge it, tag the merged commit"),
        right=right,
    )


BRANCHES = (
    beside_main(
        "sderev/lmtoolbox#8",
        "a tag that was set before the merge",
        on_branch("next", "v1.1.0"),
        {"story": pushed("v1.1.0")},
    ),
    beside_main(
        "mnemoverse/mcp-memory-server#87",
        "a release of a branch that is not merged",
        release_of_branch("feature", "v1.1.0"),
        {"story": released("v1.1.0")},
    ),
    beside_main(
        "alexpfau/calendar-card-pro#447",
        "a tag many commits ahead of main, whose version is right",
        on_branch("dev", "v1.1.0", commits=9),
        {"story": followed("v1.1.0")},
    ),
    beside_main(
        "Kong/deck#2070",
        "an annotated tag beside main",
        on_branch("hotfix", "v1.1.0", annotated=True),
        {"story": pushed("v1.1.0", annotated=True)},
    ),
    beside_main(
        "bskinn/stdio-mgr#114",
        "a release branch that the policy does not name",
        on_branch("stable/1.1", "v1.1.0"),
        {"policy": 'branches: [main, "stable/*"]\n'},
    ),
)

INCIDENTS = (
    *(*A1, *A2, *A3, *A4),
    *(*KINDS, *TAGS, *SEVERAL, *STALE, *STEPS, *BRANCHES),
)

# --- releases that look odd and are sound ----------------------------------------

SORTS = (
    Sort(
        "a post-release",
        Scene("demo", pair("1.2.post1"), pushed("v1.2.post1"), history("1.1", "1.2")),
    ),
    Sort(
        "a patch of an old series, from its own branch",
        Scene(
            "demo",
            pair("1.2.4"),
            on_branch("stable/1.2", "v1.2.4"),
            history("1.2.2", "1.2.3", "2.0.0", "2.1.0"),
            policy='branches: [main, "stable/*"]\n',
        ),
    ),
    Sort(
        "3.8.1 while 4.0.1 is out, as setuptools had it",
        Scene(
            "setuptools",
            pair("3.8.1"),
            pushed("3.8.1"),
            history("3.7.1", "3.8", "4.0", "4.0.1"),
        ),
    ),
    Sort(
        "a first release",
        Scene("demo", pair("0.1.0"), pushed("v0.1.0")),
        mild=("project-new",),
    ),
    Sort(
        "a calendar version at new year",
        Scene(
            "demo",
            pair("2026.1.0"),
            pushed("2026.1.0"),
            history("2025.10.0", "2025.11.0", "2025.12.0"),
        ),
    ),
    Sort(
        "a short calendar version, where a month was left out",
        Scene("demo", pair("26.1"), pushed("26.1"), history("25.1", "25.3")),
    ),
    Sort(
        "an epoch that the project has",
        Scene("demo", pair("1!2.1"), pushed("1!2.1"), history("2013.9", "1!2.0")),
    ),
    Sort(
        "a release candidate",
        Scene(
            "demo",
            pair("2.0.0rc1"),
            released("v2.0.0-rc.1", prerelease=True),
            history("1.9.0", "2.0.0b2"),
        ),
    ),
    Sort(
        "the final version after its candidates",
        Scene(
            "demo",
            pair("2.0.0"),
            released("v2.0.0"),
            history("1.9.0", "2.0.0rc1", "2.0.0rc2"),
        ),
    ),
    Sort(
        "a new major version",
        Scene("demo", pair("3.0.0"), pushed("v3.0.0"), history("2.17.0", "2.17.1")),
    ),
    Sort(
        "one project of several",
        Scene(
            "demo_core",
            pair("1.4.0"),
            pushed("demo-core@1.4.0"),
            history("1.3.0"),
            policy=(
                'projects: [demo-core, demo-cli]\ntag-templates: ["{name}@{version}"]\n'
            ),
        ),
    ),
    Sort(
        "a project of a folder",
        Scene(
            "demo_core",
            pair("1.4.0"),
            pushed("packages/core/v1.4.0"),
            history("1.3.0"),
            policy=(
                "projects:\n  demo-core: {path: packages/core}\n"
                'tag-templates: ["{path}/v{version}"]\n'
            ),
        ),
    ),
    Sort(
        "an annotated tag",
        Scene("demo", pair("1.3"), pushed("v1.3", annotated=True), history("1.2")),
    ),
    Sort(
        "a run behind the build of a tag",
        Scene("demo", pair("1.3"), followed("v1.3"), history("1.2")),
    ),
    Sort(
        "a run by hand, at a commit with two tags that say one version",
        Scene("demo", pair("1.3"), by_hand_at("v1.3", "1.3.0"), history("1.2")),
    ),
    Sort(
        "a static __version__ that agrees",
        Scene(
            "demo",
            pair("1.3.0", module("demo/__init__.py", "1.3")),
            pushed("v1.3.0"),
            history("1.2.0"),
        ),
    ),
    Sort(
        "the rest of an upload that broke off",
        Scene(
            "demo",
            pair("1.3"),
            pushed("v1.3"),
            (*history("1.2"), Listed("1.3", ANY, days=0, same=True)),
        ),
        mild=("version-exists",),
    ),
    Sort(
        "a run again when all is there",
        Scene(
            "demo",
            pair("1.3"),
            pushed("v1.3"),
            (*history("1.2"), *both("1.3", days=30, same=True)),
        ),
        mild=("version-exists",),
    ),
    Sort(
        "a dev version to the test index",
        Scene("demo", pair("1.4.dev3"), push_to_main, history("1.3"), index="testpypi"),
    ),
    Sort(
        "a dev version where the policy says so, spelled 0.13.dev0 and 0.13.0.dev0",
        Scene(
            "httpx",
            pair("0.13.dev0"),
            pushed("0.13.0.dev0"),
            history("0.12.1"),
            policy="indexes: {pypi: {accept: [final, post, pre, dev]}}\n",
        ),
    ),
    Sort(
        "a version that was skipped because its upload went wrong",
        Scene("demo", pair("1.2.5"), pushed("v1.2.5"), history("1.2.2", "1.2.3")),
    ),
    Sort(
        "the right upload URL in every place",
        Scene(
            "demo",
            pair("1.3"),
            pushed("v1.3"),
            history("1.2"),
            words=("--repository-url", twine.DEFAULT_REPOSITORY),
            environ={"TWINE_REPOSITORY_URL": twine.DEFAULT_REPOSITORY},
        ),
    ),
)


# --- the stage -------------------------------------------------------------------


@pytest.fixture(name="template", scope="module")
def _template(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A repository that every scene begins with a copy of."""
    return Repository(tmp_path_factory.mktemp("template") / "checkout")


@pytest.fixture(name="index", scope="module")
def _index() -> Iterator[sound.Index]:
    with sound.serving() as index:
        yield index


Play = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(name="play")
def _play(
    template: Repository,
    index: sound.Index,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Play:
    """Sets a scene and runs its command on it: the exit code, and the report."""
    # No .pypirc of the machine speaks.
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))

    def play(scene: Scene, *words: str) -> tuple[int, dict[str, Any]]:
        repository = template.copy(tmp_path / "checkout")
        run = scene.story(repository)
        dist = repository.folder / "dist"
        dist.mkdir()
        for file in scene.files:
            _build(file, scene.project, dist)
        _tell(index, scene, tmp_path / "listed")
        for name, value in {**(run.environ if run else {}), **scene.environ}.items():
            monkeypatch.setenv(name, value)
        monkeypatch.chdir(repository.folder)
        given = [*scene.words, *words]
        if scene.policy:
            policy = tmp_path / "policy.yml"
            policy.write_text(scene.policy)
            given += ["--policy", str(policy)]
        code = main(
            [
                *(*scene.command, *given, "--format", "json"),
                *("--index", scene.index, "--index-url", index.root),
            ]
        )
        return code, json.loads(capsys.readouterr().out)

    return play


def _build(file: File, project: str, folder: Path) -> Path:
    project = file.project or project
    if file.tag:
        path = sound.wheel(folder, file.version, project, file.tag)
    else:
        path = sound.sdist(folder, file.version, project)
    if file.members:
        put = _put_into_wheel if file.tag else _put_into_sdist
        has_modules = any(name.endswith(".py") for name in file.members)
        put(path, file.members, left_out=f"{project}.py" if has_modules else "")
    return path


def _put_into_wheel(path: Path, members: Mapping[str, bytes], *, left_out: str) -> None:
    """Add or replace members, leave one out, and write RECORD anew."""
    with zipfile.ZipFile(path) as archive:
        names = [name for name in archive.namelist() if name != left_out]
        contents = {name: archive.read(name) for name in names} | {**members}
    record = next(name for name in contents if name.endswith("/RECORD"))
    del contents[record]
    rows = "".join(archives.record_row(*item) for item in contents.items())
    contents[record] = f"{rows}{record},,\n".encode()
    entries = (archives.Entry(name, data) for name, data in contents.items())
    path.write_bytes(archives.zip_of(*entries))


def _put_into_sdist(path: Path, members: Mapping[str, bytes], *, left_out: str) -> None:
    """Add or replace members below the top folder, and leave one out."""
    top = path.name.removesuffix(".tar.gz")
    contents = {f"{top}/{name}": data for name, data in members.items()}
    with tarfile.open(path) as archive:
        for member in archive:
            stored = archive.extractfile(member)
            assert stored is not None
            if member.name != f"{top}/{left_out}":
                contents.setdefault(member.name, stored.read())
    nodes = (archives.Node(name, data) for name, data in contents.items())
    path.write_bytes(archives.gzipped(archives.tar_of(*nodes)))


def _tell(index: sound.Index, scene: Scene, folder: Path) -> None:
    """Let the index list what the scene says; it knows no project of an empty list."""
    index.replies.clear()
    folder.mkdir()
    entries = []
    for listed in scene.listed:
        path = _build(File(listed.version, listed.tag), scene.project, folder)
        came = datetime.now(UTC) - timedelta(days=listed.days)
        other = {} if listed.same else {"hashes": {"sha256": "0" * 64}}
        time = {"upload-time": f"{came:%Y-%m-%dT%H:%M:%SZ}"}
        entries.append(sound.indexed(path, **time, **other))
    name = scene.project.replace("_", "-")
    if entries:
        index.says(sound.listing(*entries, project=name), project=name)


def _rules(report: Mapping[str, Any], severity: str) -> set[str]:
    return {f["rule"] for f in report["findings"] if f["severity"] == severity}


# --- the tests -------------------------------------------------------------------

CITED = [pytest.param(i, id=f"{i.cite}: {i.what}") for i in INCIDENTS]
WARNED = [pytest.param(i, id=f"{i.cite}: {i.what}") for i in INCIDENTS if not i.refused]


@pytest.mark.parametrize("incident", CITED)
def test_an_incident_is_refused_by_the_rules_named(
    incident: Incident, play: Play
) -> None:
    code, report = play(incident.scene)

    assert _rules(report, "error") == set(incident.refused)
    assert set(incident.warned) <= _rules(report, "warning")
    assert code == (1 if incident.refused else 0)
    found = (f for f in report["findings"] if f["rule"] in incident.rules)
    told = [f"{finding['message']} {finding['fix']}" for finding in found]
    told += [f"{item['reason']} {item['hint']}" for item in report["not_run"]]
    for words in incident.says:
        assert any(words in text for text in told)


@pytest.mark.parametrize("incident", WARNED)
def test_what_is_only_a_warning_is_refused_where_the_project_is_strict(
    incident: Incident, play: Play
) -> None:
    code, report = play(incident.scene, "--strict")

    assert (code, report["verdict"]) == (1, "fail")
    assert set(incident.warned) <= _rules(report, "warning")


@pytest.mark.parametrize("incident", CITED)
def test_the_nearest_legitimate_release_passes(incident: Incident, play: Play) -> None:
    code, report = play(incident.put_right)

    assert _rules(report, "error") == set()
    assert _rules(report, "warning") == set(incident.mild)
    assert (code, report["verdict"]) == (0, "pass")


@pytest.mark.parametrize("sort", [pytest.param(s, id=s.what) for s in SORTS])
def test_a_sound_release_of_an_odd_sort_passes(sort: Sort, play: Play) -> None:
    code, report = play(sort.scene)

    assert _rules(report, "error") == set()
    assert _rules(report, "warning") == set(sort.mild)
    assert (code, report["verdict"]) == (0, "pass")


def test_each_incident_stands_here_once() -> None:
    cites = {incident.cite for incident in INCIDENTS}

    assert len(cites) == len(INCIDENTS) >= 40


def test_the_rules_that_users_asked_for_have_an_incident_each() -> None:
    refusing = set().union(*(incident.rules for incident in INCIDENTS))

    assert refusing - set(RULE_IDS) == set()
    assert refusing >= {
        *("version-kind", "version-placeholder", "several-versions"),
        *("tag-missing", "tag-unrecognized", "tag-version-mismatch"),
        *("tag-commit-mismatch", "tag-off-branch", "trigger-refused"),
        *("prerelease-flag", "index-mismatch", "release-untagged"),
        *("version-not-successor", "version-jump", "module-version-mismatch"),
        *("filename-metadata-mismatch", "wheel-layout"),
        *("file-exists", "version-exists", "release-closed"),
    }

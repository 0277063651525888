"""What version tools write where they lack what they need: measured with the tools."""

from __future__ import annotations

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.version import Version

from release_guard.fallbacks import development_cause, fallback_of

# Where the build ran: "shallow" is a clone of depth 1 without tags, "no tags" a whole
# one of five commits, "archive" what git wrote of it; "later" is two commits behind the
# tag v1.2.3.
_SCM = "setuptools-scm 10.3.4"
_VERSIONEER = "versioneer 0.29"
_DUNAMAI = "dunamai 1.26.5"
_POETRY = "poetry-dynamic-versioning 1.10.1"
_UV = "uv-dynamic-versioning 0.14.1"
_PDM = "pdm-backend 2.5.0"
_VERSIONINGIT = "versioningit 3.3.0"
_GIT_VERSIONING = "setuptools-git-versioning 3.2.0"
_MINIVER = "miniver 0.8.0"
_PBR = "pbr 7.1.3"


class Measured(NamedTuple):
    """What a tool wrote, as it was configured, and where."""

    tool: str
    where: str
    version: str

    def __str__(self) -> str:
        return f"{self.tool}, {self.where}: {self.version}"


_NO_TAG = (
    Measured(_SCM, "shallow", "0.1.dev1+gaeb1638ca"),
    Measured(_SCM, "shallow, dirty", "0.1.dev1+gaeb1638ca.d20261122"),
    Measured(_SCM, "no tags", "0.1.dev5+gaeb1638ca"),
    Measured(_SCM, "no commits", "0.1.dev0+d20261122"),
    Measured(f"{_SCM}, no-local-version", "shallow", "0.1.dev1"),
    Measured(f"{_SCM}, dirty-tag", "shallow, dirty", "0.1.dev1+dirty"),
    Measured(f"{_SCM}, post-release", "shallow", "0.0.post1+gbafacb183"),
    Measured(f"{_SCM}, post-release, no-local-version", "no tags", "0.0.post5"),
    Measured(f"{_SCM}, no-guess-dev", "no tags", "0.0.post1.dev5+g6107cf9c8"),
    Measured(f"{_SCM}, only-version", "shallow", "0.0+g03ddd9047"),
    Measured(f"{_SCM}, only-version", "shallow, dirty", "0.0+g03ddd9047.d20261122"),
    Measured("setuptools-scm 6.4.2", "shallow", "0.1.dev1+gaeb1638"),
    Measured("vcs-versioning 2.6.0", "shallow", "0.1.dev1+g36fa78899"),
    Measured("hatch-vcs 0.5.0", "shallow", "0.1.dev1+gfe57793bb"),
    Measured("hatch-vcs 0.5.0", "no tags", "0.1.dev5+gfe57793bb"),
    Measured(_PDM, "shallow", "0.1.dev1+g38bdfe9"),
    Measured(_PDM, "no tags, dirty", "0.1.dev5+g38bdfe9.d20261122"),
    Measured(_PDM, "no commits", "0.1.dev0"),
    Measured(_DUNAMAI, "shallow", "0.0.0.post1.dev0+efd305f"),
    Measured(_DUNAMAI, "no tags", "0.0.0.post5.dev0+efd305f"),
    Measured(f"{_DUNAMAI}, --no-metadata", "shallow", "0.0.0.post1.dev0"),
    Measured(f"{_DUNAMAI}, --dirty", "shallow", "0.0.0.post1.dev0+c4d57e5.dirty"),
    Measured(_POETRY, "shallow", "0.0.0.post1.dev0+1e32944"),
    Measured(_UV, "shallow", "0.0.0.post1.dev0+0d726f7"),
    Measured(f"{_VERSIONINGIT}, default-tag", "no tags", "0.0.0.post4+g695dea7"),
    Measured(_VERSIONEER, "shallow", "0+untagged.1.g990803e"),
    Measured(_VERSIONEER, "no tags, dirty", "0+untagged.5.g990803e.dirty"),
    Measured(_VERSIONEER, "no repository", "0+unknown"),
    Measured(_VERSIONEER, "archive", "0+unknown"),
    Measured(f"{_VERSIONEER}, pep440-branch", "shallow", "0.dev0+untagged.1.g5d6912b"),
    Measured(f"{_VERSIONEER}, pep440-pre", "shallow", "0.post0.dev1"),
    Measured(f"{_VERSIONEER}, pep440-post", "shallow", "0.post1+g98e05f1"),
    Measured(f"{_VERSIONEER}, pep440-post", "dirty", "0.post1.dev0+g98e05f1"),
    Measured(f"{_VERSIONEER}, pep440-post-branch", "no tags", "0.post5.dev0+ga9d643e"),
    Measured(f"{_VERSIONEER}, pep440-old", "shallow", "0.post1"),
)
_NOT_SET = (
    Measured("setuptools 84.2.1", "without a version", "0.0.0"),
    Measured("poetry-core 2.5.0", "without the plugin", "0.0.0"),
    Measured(f"{_UV}, fallback-version", "no repository", "0.0.0"),
    Measured(f"{_PDM}, fallback_version", "no repository", "0.0.0"),
    Measured(_DUNAMAI, "no commits", "0.0.0"),
    Measured(f"{_DUNAMAI}, --dirty", "no commits", "0.0.0+dirty"),
    Measured(f"{_VERSIONINGIT}, default-tag", "shallow", "0.0.0"),
    Measured(f"{_VERSIONINGIT}, default-tag", "shallow, dirty", "0.0.0+d20261122"),
    Measured(_PBR, "shallow", "0.0.0"),
    Measured(_SCM, "archive", "0.0"),
    Measured(f"{_SCM}, only-version", "no commits", "0.0+d20261122"),
)
_CHANGED = (
    Measured(_SCM, "at the tag", "1.2.4.dev0+g12e3a4c30.d20261122"),
    Measured(_SCM, "later", "1.2.4.dev2+g477548ee8.d20261122"),
    Measured(f"{_SCM}, dirty-tag", "at the tag", "1.2.4.dev0+dirty"),
    Measured(
        f"{_SCM}, node-and-timestamp",
        "at the tag",
        "1.2.4.dev0+g6959b3c96.d20261122163900",
    ),
    Measured(f"{_SCM}, post-release", "at the tag", "1.2.3.post0+gafedbca01.d20261122"),
    Measured(f"{_SCM}, only-version", "at the tag", "1.2.3+g681bc4554.d20261122"),
    Measured(_PDM, "at the tag", "1.2.3+d20261122"),
    Measured(_VERSIONINGIT, "at the tag", "1.2.3+d20261122"),
    Measured(f"{_DUNAMAI}, --dirty", "at the tag", "1.2.3+dirty"),
    Measured(f"{_DUNAMAI}, --dirty", "later", "1.2.3.post2.dev0+c4d57e5.dirty"),
    Measured(_VERSIONEER, "at the tag", "1.2.3+0.g33f9631.dirty"),
    Measured(_GIT_VERSIONING, "at the tag", "1.2.3.post0+git.51a11232.dirty"),
    Measured(_MINIVER, "at the tag", "1.2.3+dirty"),
)
_LATER = (
    Measured(_SCM, "later", "1.2.4.dev2+g477548ee8"),
    Measured(f"{_SCM}, post-release", "later", "1.2.3.post2+gb09558e11"),
    Measured(f"{_SCM}, no-guess-dev", "later", "1.2.3.post1.dev2+gfd9a2b5d5"),
    Measured(f"{_SCM}, only-version", "later", "1.2.3+g6c82fc924"),
    Measured(f"{_SCM}, calver-by-date", "later", "26.11.22.0.dev2+ga8f379a99"),
    Measured("hatch-vcs 0.5.0", "later", "1.2.4.dev2+g69dfb7258"),
    Measured(_PDM, "later", "1.2.4.dev2+g36025f5"),
    Measured(_VERSIONINGIT, "later", "1.2.3.post2+g6dfd35d"),
    Measured(_DUNAMAI, "later", "1.2.3.post2.dev0+e3006cb"),
    Measured(f"{_DUNAMAI}, --bump", "later", "1.2.4.dev2+fbad5e6"),
    Measured(_POETRY, "later", "1.2.3.post2.dev0+80f5705"),
    Measured(_UV, "later", "1.2.3.post2.dev0+edd25f1"),
    Measured(_VERSIONEER, "later", "1.2.3+2.g976be2b"),
    Measured(f"{_VERSIONEER}, pep440-branch", "later", "1.2.3.dev0+2.g77a6ff3"),
    Measured(f"{_VERSIONEER}, pep440-post", "later", "1.2.3.post2+ge5fb641"),
    Measured(_GIT_VERSIONING, "later", "1.2.3.post2+git.9525a314"),
    Measured(_MINIVER, "later", "1.2.3.dev2+g1752412"),
    # The tools' schemes that count up from nothing look like a first version's.
    Measured(f"{_SCM}, release-branch-semver", "shallow", "0.1.0.dev1+g89aadc9dc"),
    Measured(f"{_SCM}, python-simplified-semver", "shallow", "0.0.1.dev1+gf0e563360"),
    Measured(f"{_SCM}, calver-by-date", "shallow", "26.11.22.0.dev1+g8129ff988"),
    Measured(f"{_DUNAMAI}, --bump", "shallow", "0.0.1.dev1+fbad5e6"),
)
#: What people write as well: nothing in it tells how it came about.
_AS_PEOPLE_WRITE = (
    Measured(f"{_SCM}, no-local-version", "later", "1.2.4.dev2"),
    Measured(f"{_SCM}, post-release, no-local-version", "later", "1.2.3.post2"),
    Measured(f"{_VERSIONEER}, pep440-old", "later", "1.2.3.post2"),
    Measured(f"{_DUNAMAI}, --no-metadata", "later", "1.2.3.post2.dev0"),
    Measured(f"{_VERSIONEER}, pep440-pre", "later", "1.2.3.post0.dev2"),
    Measured(_GIT_VERSIONING, "shallow", "0.0.1"),
    Measured(_GIT_VERSIONING, "no repository", "0.0.1"),
    Measured(_PBR, "no tags", "0.0.1.dev4"),
    Measured(_PBR, "later", "1.2.4.dev2"),
)


@pytest.mark.parametrize("measured", _NO_TAG, ids=str)
def test_a_version_that_a_tool_writes_without_a_tag_is_a_fallback(
    measured: Measured,
) -> None:
    fallback = fallback_of(Version(measured.version))

    assert fallback is not None
    assert "found no tag" in fallback.cause
    assert fallback.fix.startswith("fetch all tags before the build")
    assert development_cause(Version(measured.version)) == fallback


@pytest.mark.parametrize("measured", _NOT_SET, ids=str)
def test_a_version_that_nothing_set_is_a_placeholder(measured: Measured) -> None:
    fallback = fallback_of(Version(measured.version))

    assert fallback is not None
    assert fallback.cause.startswith("it is a placeholder that nothing replaced")
    assert "set the version" in fallback.fix
    assert "fetch-depth: 0" in fallback.fix


@pytest.mark.parametrize("measured", _CHANGED, ids=str)
def test_a_version_of_a_changed_tree_is_known_by_its_mark(measured: Measured) -> None:
    cause = development_cause(Version(measured.version))

    assert fallback_of(Version(measured.version)) is None
    assert cause is not None
    assert cause.cause == "the tree had changes when it was built"
    assert "git status" in cause.fix


@pytest.mark.parametrize("measured", _LATER, ids=str)
def test_a_version_of_a_later_commit_is_known_by_the_commit(measured: Measured) -> None:
    cause = development_cause(Version(measured.version))

    assert fallback_of(Version(measured.version)) is None
    assert cause is not None
    assert cause.cause.startswith("it was built from a commit after the newest tag")
    assert cause.fix.startswith("build from the release tag")


@pytest.mark.parametrize("measured", _AS_PEOPLE_WRITE, ids=str)
def test_of_a_version_that_people_write_too_nothing_is_said(measured: Measured) -> None:
    assert fallback_of(Version(measured.version)) is None
    assert development_cause(Version(measured.version)) is None


#: Versions that somebody chose, and the fallback that each is near to.
_CHOSEN = {
    "0.1": "0.1.dev1",
    "0.1.0": "0.1.dev1, and what new projects begin with",
    "0.1.0.dev1": "0.1.dev1",
    "0.10.dev1": "0.1.dev1",
    "1!0.1.dev1": "0.1.dev1",
    "0.1a1.dev1": "0.1.dev1",
    "0.1.post1.dev1": "0.1.dev1",
    "0.1.1.dev1": "0.1.dev1",
    "10.1.dev1": "0.1.dev1",
    "0.0.1": "0.0.0",
    "0.0.0a1": "0.0.0; PEtab-dev/PEtab#124 released 0.0.0a15",
    "0.0.0rc1": "0.0.0",
    "0.0.0.dev3": "0.0.0; what a pipeline counts up for a test index",
    "1!0.0.0": "0.0.0; nobody gives an epoch by accident",
    "1!0": "0",
    "0.0.1.post1": "0.0.post1",
    "0.1.post1": "0.0.post1",
    "1.0.post100": "0.0.post100",
    "1.0+unknown": "0+unknown",
    "0.1+untagged.1.gabc1234": "0+untagged",
    "0a1.post1": "0.post1",
    "0.1.0+g03ddd9047": "0.0+g03ddd9047",
}


@pytest.mark.parametrize("version", _CHOSEN, ids=lambda v: f"{v}, near to {_CHOSEN[v]}")
def test_a_version_that_somebody_chose_is_no_fallback(version: str) -> None:
    assert fallback_of(Version(version)) is None


#: Other spellings of a fallback are the same version (PEP 440).
@pytest.mark.parametrize(
    "version",
    ["v0.1.dev1", "0.1dev1", "0.1-DEV.1", "0.0-100", "0", "0.0.0.0", "00.0", "v0.0.0"],
)
def test_a_fallback_is_known_in_every_spelling(version: str) -> None:
    assert fallback_of(Version(version)) is not None


@pytest.mark.parametrize(
    "version",
    [
        "1.0",
        "1.0rc1",
        "1.0.post1",
        "43.0.0.dev1",
        "1.0+cpu",
        "2.1.0+cu118",
        "1.0+deadbeef",
        "1.0+abcdef0.local",
        "1.0.dev3+20261122",
        "1.0.dev3+1234567",
        "1.0.dev3+abc12",
        "1.0+gpu",
        "1.0+gcc12",
        "1.0+d2026",
        "1.0+dirtyish",
        "1.0+git.main",
    ],
)
def test_of_a_version_of_no_tools_form_no_cause_is_told(version: str) -> None:
    assert development_cause(Version(version)) is None


def test_a_commit_of_digits_only_is_not_taken_for_a_date() -> None:
    assert development_cause(Version("1.2.3.dev2+g20261122")) is not None
    assert development_cause(Version("1.2.3.dev2+20261122")) is None


_SEGMENTS = st.integers(0, 30)


@settings(deadline=None)
@given(
    release=st.lists(_SEGMENTS, min_size=1, max_size=4),
    marks=st.tuples(
        st.sampled_from(["", "a1", "rc2"]),
        st.sampled_from(["", ".post0", ".post3"]),
        st.sampled_from(["", ".dev0", ".dev7"]),
        st.sampled_from(
            ["", "+cpu", "+g1a2b3c4", "+unknown", "+d20261122", "+1.dirty"]
        ),
    ),
)
def test_only_a_version_below_every_other_is_a_fallback(
    release: list[int], marks: tuple[str, ...]
) -> None:
    """Whatever is 0.1 or more, or a pre-release, somebody chose."""
    version = Version(".".join(map(str, release)) + "".join(marks))

    if fallback_of(version) is not None:
        assert version < Version("0.1")
        assert version.pre is None


@settings(deadline=None)
@given(
    local=st.lists(
        st.sampled_from(["g", "git", "dirty", "d20261122", "a", "1", "untagged", "x"]),
        min_size=1,
        max_size=4,
    ).map(".".join)
)
def test_a_mark_of_a_changed_tree_is_seen_wherever_it_stands(local: str) -> None:
    cause = development_cause(Version(f"1.0+{local}"))

    assert (cause is not None) == bool({"dirty", "d20261122"} & {*local.split(".")})


@pytest.mark.parametrize(
    "local",
    [".".join(["g"] * 5000), ".".join(["1"] * 5000), "g" * 10_000, "0" * 4000 + "x"],
)
def test_a_very_long_local_version_comes_to_an_end(local: str) -> None:
    assert development_cause(Version(f"1.0.dev1+{local}")) is None

"""What version tools write where they find no version: a table of known forms.

Such versions are valid (PEP 440), which is why nothing else stops them. Each form was
written by the tool that stands beside it, run where it lacks what it needs. A tool that
falls back on a version that people choose too (setuptools-git-versioning on ``0.0.1``,
setuptools-scm with other schemes on ``0.0.1.dev1``) is not recognised by it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.version import Version

__all__ = ["Fallback", "development_cause", "fallback_of"]

_DEEPER = (
    "fetch all tags before the build (actions/checkout: fetch-depth: 0; GitLab: "
    "GIT_DEPTH: 0), and build every file again"
)
_CLEAN = (
    "see what `git status` shows before the build: commit it, ignore it, or build "
    "before it is made; then build every file again"
)


@dataclass(frozen=True, slots=True)
class Fallback:
    """Where a version comes from that nobody chose, and what to do."""

    cause: str
    fix: str


#: The canonical form of a version, and what it means that a build got it.
_FALLBACKS: tuple[tuple[str, Fallback], ...] = (
    (
        # setuptools-scm 10.3.4, hatch-vcs 0.5.0, pdm-backend 2.5.0
        r"0\.1\.dev\d+(\+.*)?",
        Fallback(
            "setuptools-scm and its like found no tag: the checkout is shallow, or "
            "its tags were not fetched",
            _DEEPER,
        ),
    ),
    (
        # setuptools-scm 10.3.4 with the schemes post-release and no-guess-dev
        r"0\.0\.post\d+(\.dev\d+)?(\+.*)?",
        Fallback(
            "setuptools-scm with post-releases found no tag: the checkout is shallow, "
            "or its tags were not fetched",
            _DEEPER,
        ),
    ),
    (
        # dunamai 1.26.5, poetry-dynamic-versioning 1.10.1, uv-dynamic-versioning
        # 0.14.1; versioningit 3.3.0 with 0.0.0 as its default-tag
        r"0\.0\.0\.post\d+(\.dev\d+)?(\+.*)?",
        Fallback(
            "dunamai and its like found no tag: the checkout is shallow, or its tags "
            "were not fetched",
            _DEEPER,
        ),
    ),
    (
        # versioneer 0.29: 0+unknown outside of a repository, 0+untagged and the rest,
        # by its style, without a tag
        r"0(\.0)*(\.dev0)?\+(unknown|untagged.*)|0\.post\d+(\.dev\d+)?(\+.*)?",
        Fallback(
            "versioneer and its like found no tag, or no repository at all: the "
            "checkout is shallow, or the build ran outside of it",
            _DEEPER,
        ),
    ),
    (
        # setuptools-scm 10.3.4 with the scheme only-version
        r"0\.0\+g[0-9a-f]+(\..*)?",
        Fallback(
            "setuptools-scm found no tag: the checkout is shallow, or its tags were "
            "not fetched",
            _DEEPER,
        ),
    ),
    (
        # setuptools 84.2.1 without a version, poetry-core 2.5.0 without the plugin; pbr
        # 7.1.3 and versioningit 3.3.0 in a shallow clone, setuptools-scm 10.3.4 in an
        # archive that git made
        r"0(\.0)*(\+.*)?",
        Fallback(
            "it is a placeholder that nothing replaced: the version was never set, the "
            "plugin that sets it did not run, or a version tool found no tag",
            "set the version, or see that the build's environment has the plugin that "
            f"does; {_DEEPER}",
        ),
    ),
)
#: How tools mark a tree with changes: .d<date> or .d<date and time> (setuptools-scm,
#: pdm-backend, versioningit), dirty (the others).
_DIRTY = re.compile(r"(.*\.)?(d\d{8}(\d{6})?|dirty)(\..*)?")
#: How they name the commit, where it is not the tag's: g<commit> (most of them),
#: git.<commit> (setuptools-git-versioning).
_COMMIT = re.compile(r"(.*\.)?(g|git\.)[0-9a-f]{6,40}(\..*)?")
#: dunamai's commit has no mark; one of digits only could be a date.
_BARE_COMMIT = re.compile(r"(?=\d*[a-f])[0-9a-f]{7,40}")


def fallback_of(version: Version) -> Fallback | None:
    """The fallback that a version is, None for one that somebody may have chosen."""
    text = str(version)
    return next(
        (what for form, what in _FALLBACKS if re.fullmatch(form, text)),
        None,
    )


def development_cause(version: Version) -> Fallback | None:
    """Why a version tool made a development or local version, None where it does not
    look as if one had made it.
    """
    fallback = fallback_of(version)
    if fallback is not None:
        return fallback
    local = version.local or ""
    if _DIRTY.fullmatch(local):
        return Fallback("the tree had changes when it was built", _CLEAN)
    is_dev = version.dev is not None
    if _COMMIT.fullmatch(local) or (is_dev and _BARE_COMMIT.fullmatch(local)):
        return Fallback(
            "it was built from a commit after the newest tag that the build saw: it "
            "was not built from the tag, or the tag was not fetched",
            f"build from the release tag; {_DEEPER}",
        )
    return None

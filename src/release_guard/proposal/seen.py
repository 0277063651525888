"""What was seen of a repository and of its projects before anything is proposed."""

from __future__ import annotations

import re
from dataclasses import dataclass

from packaging.utils import NormalizedName

from release_guard.facts import GitTag, Listing
from release_guard.layouts import PUBLIC_INDEXES

__all__ = ["Publishing", "Remote", "Seen", "SeenProject", "is_plain", "named"]

#: Texts that mean the same in a YAML scalar, a shell word and a filter of refs, and so
#: may be written into all of them. No space, quote, dollar or brace.
_PLAIN = re.compile(r"[A-Za-z0-9][A-Za-z0-9._/@+=-]{0,199}", re.ASCII)
#: How many names a reason gives.
_NAMED = 3


@dataclass(frozen=True, slots=True)
class SeenProject:
    """One project, and the ``folder`` of the repository that it lies in, empty for its
    top.

    ``files`` are the names of the distributions in ``dist/``. ``listing`` is what the
    index lists of it, None where that was not read. ``versioned_by`` is the tool that
    takes its version from the tags, empty where none does, and ``configures_wheels``
    says that its pyproject.toml configures cibuildwheel.
    """

    name: NormalizedName
    folder: str = ""
    files: tuple[str, ...] = ()
    listing: Listing | None = None
    versioned_by: str = ""
    configures_wheels: bool = False


@dataclass(frozen=True, slots=True)
class Remote:
    """A remote of the checkout: its name, its host, and ``owner/name`` there, empty
    where its address is none of a forge.
    """

    name: str
    host: str = ""
    repository: str = ""


@dataclass(frozen=True, slots=True)
class Publishing:
    """A workflow, or an action, that uploads already, and the words that say so; where
    it is not ``sure`` it only may.
    """

    path: str
    word: str
    sure: bool = True


@dataclass(frozen=True, slots=True)
class Seen:
    """All that a proposal is made of.

    ``tags`` is None where there is no repository, or none that can be read. ``branch``
    is the default branch, empty where nothing tells it; ``on_branch`` are the newest
    release tags that lie on it, ``off_branch`` those that do not. ``unclear`` is what
    was there and could not be read or understood. ``index`` is the name of the index
    that is meant, empty where only a URL says it. ``not_ignored`` is what a release
    leaves in the checkout and git does not ignore.
    """

    projects: tuple[SeenProject, ...]
    tags: tuple[GitTag, ...] | None = None
    remote: Remote | None = None
    branch: str = ""
    on_branch: tuple[str, ...] = ()
    off_branch: tuple[str, ...] = ()
    publishing: tuple[Publishing, ...] = ()
    unclear: tuple[str, ...] = ()
    index: str = PUBLIC_INDEXES[0]
    not_ignored: tuple[str, ...] = ()


def is_plain(text: str) -> bool:
    """Whether a name from outside may be written into a policy and a workflow. A path
    that is spelled in a roundabout way, or climbs (``..``), may not.
    """
    parts = text.split("/")
    return _PLAIN.fullmatch(text) is not None and not {"", ".", ".."} & {*parts}


def named(names: tuple[str, ...]) -> str:
    """Some names as a reason gives them: the first few, and how many more."""
    more = len(names) - _NAMED
    told = ", ".join(names[:_NAMED])
    return f"{told} and {more} more" if more > 0 else told

"""Tag templates: how a project writes the version of a release into a tag, and back.

``{version}`` stands for the version, ``{name}`` for the project in any spelling that is
the same name (PEP 503), ``{path}`` for the project's folder in the repository. What
stands in the place of the version is compared by PEP 440, never as text.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from packaging.utils import NormalizedName
from packaging.version import Version

from release_guard.facts import GitTag, Ref
from release_guard.filenames import parse_version
from release_guard.policy import Policy

__all__ = [
    "Reading",
    "read_ref",
    "read_tag",
    "read_tags",
    "readings",
    "templates_of",
    "versions_of",
    "write_tag",
]


@dataclass(frozen=True, slots=True)
class Reading:
    """One way to read a tag: the template that it fits, and the version in it, as it
    is spelled there too.
    """

    tag: str
    template: str
    version: Version
    spelled: str


def templates_of(project: NormalizedName, policy: Policy) -> tuple[str, ...]:
    """A project's own templates, or the common ones."""
    own = policy.projects.get(project)
    return own.tag_templates if own and own.tag_templates else policy.tag_templates


def write_tag(
    template: str, version: Version, *, project: NormalizedName, path: str = ""
) -> str:
    """The tag of a version, as the template says."""
    words = {"version": str(version), "name": project, "path": path}
    return _PLACE.sub(lambda place: words[place[1]], template)


def read_tag(
    tag: str, template: str, *, project: NormalizedName, path: str = ""
) -> Reading | None:
    """The version in a tag, None where it does not fit the template."""
    fits = _pattern(template, project, path).fullmatch(tag)
    # packaging takes blanks around a version; a template does not.
    if fits is None or fits[1] != fits[1].strip():
        return None
    version = parse_version(fits[1])
    return None if version is None else Reading(tag, template, version, fits[1])


@lru_cache(maxsize=1_000)
def _pattern(template: str, project: NormalizedName, path: str) -> re.Pattern[str]:
    """What a tag of a template looks like; a history has thousands of one template."""
    words = {"version": "(.+)", "name": _any_spelling(project), "path": re.escape(path)}
    literals = map(re.escape, _PLACE.split(template)[::2])
    places = [words[place] for place in _PLACE.split(template)[1::2]]
    pattern = "".join(a + b for a, b in zip(literals, [*places, ""], strict=True))
    # In ASCII, lest the case of a name's letters reach beyond (a Kelvin sign is a k).
    return re.compile(pattern, re.ASCII)


_PLACE = re.compile(r"\{(version|name|path)\}")


def readings(
    tags: Iterable[str], project: NormalizedName, policy: Policy
) -> tuple[Reading, ...]:
    """Every way in which tags can be read for a project.

    PEP 440 takes a ``v`` in front of a version, so ``v1.0`` fits ``{version}`` as well:
    of two templates that give one version the one counts that says more of the tag.
    """
    own = policy.projects.get(project)
    path = own.path if own else ""
    found: dict[tuple[str, Version], Reading] = {}
    for tag in tags:
        for template in templates_of(project, policy):
            reading = read_tag(tag, template, project=project, path=path)
            if reading is None:
                continue
            known = found.setdefault((tag, reading.version), reading)
            if len(reading.spelled) < len(known.spelled):
                found[tag, reading.version] = reading
    return tuple(found.values())


def read_ref(ref: Ref, project: NormalizedName, policy: Policy) -> tuple[Reading, ...]:
    """How the tag that the user or the event names can be read for a project, or where
    nobody names one, the tags at the built commit, but for moving ones.
    """
    if ref.tag is not None:
        return readings((ref.tag,), project, policy)
    return _settled(readings(ref.at_commit, project, policy))


def read_tags(
    tags: Iterable[GitTag], project: NormalizedName, policy: Policy
) -> tuple[Reading, ...]:
    """How all tags of a repository can be read for a project, but for moving ones,
    which are known by the commit that they share with another.
    """
    names: dict[str, list[str]] = defaultdict(list)
    for tag in tags:
        names[tag.commit].append(tag.name)
    return tuple(
        reading
        for commit, mine in names.items()
        for read in (readings(mine, project, policy),)
        for reading in (_settled(read) if commit else read)
    )


def _settled(read: tuple[Reading, ...]) -> tuple[Reading, ...]:
    """The readings of one commit's tags without those of a tag that moves from release
    to release (``v1`` beside ``v1.2.3``). One that has two readings is no such tag: it
    is ambiguous.
    """
    # 1.0.0 does not go on from 1 or 1.0: the three are one version.
    begins = {
        (r.version.epoch, r.version.release[:size])
        for r in read
        for size in (1, 2)
        if any(r.version.release[size:])
    }
    count = Counter(reading.tag for reading in read)
    return tuple(
        r for r in read if count[r.tag] > 1 or not _is_moving(r.version, begins)
    )


def _is_moving(version: Version, begins: set[tuple[int, tuple[int, ...]]]) -> bool:
    is_plain = version == Version(version.base_version)
    return is_plain and (version.epoch, version.release) in begins


def versions_of(read: Iterable[Reading]) -> tuple[Version, ...]:
    """The versions that tags were read as, lowest first; ``1.0`` and ``1.0.0`` are one
    (PEP 440).
    """
    return tuple(sorted({reading.version for reading in read}))


def _any_spelling(project: NormalizedName) -> str:
    """A pattern of all spellings that are one name (PEP 503)."""
    return f"(?i:{'[-_.]+'.join(map(re.escape, project.split('-')))})"

"""What a distribution's file name says (wheel specification, PEP 625)."""

from __future__ import annotations

import re
from collections import defaultdict
from functools import lru_cache

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from release_guard.facts import (
    Distribution,
    DistributionName,
    IndexedFile,
    Kind,
    Listing,
)

__all__ = [
    "by_version",
    "distribution",
    "is_listed_kind",
    "kind_of",
    "may_be_of",
    "parse_version",
    "project_of",
    "version_of",
]

_KINDS = {".whl": Kind.WHEEL, ".tar.gz": Kind.SDIST, ".zip": Kind.SDIST}
#: What is no longer uploaded, and what installers, or some of them, still take as an
#: sdist (pip's ``ARCHIVE_EXTENSIONS``).
_OTHER_SDISTS = (
    *(".tgz", ".tar.bz2", ".tbz", ".tar.xz", ".txz", ".tar.lz", ".tlz", ".tar.lzma"),
    *(".tar.Z", ".tar"),
)
#: Installers and packages of earlier days.
_OTHERS = (".exe", ".msi", ".rpm", ".deb", ".dmg")
#: What has tags behind project and version, and no hyphen in either.
_EGG = ".egg"
_HYPHENATED = (".whl", _EGG)


def kind_of(filename: str) -> Kind | None:
    """What a file is by its extension; None for what an index never took."""
    for extension, kind in _KINDS.items():
        if filename.endswith(extension):
            return kind
    return None


def _parse(filename: str, kind: Kind) -> DistributionName:
    """The parts of a file name; ``ValueError`` with the reason where it has none."""
    if len(filename.encode("utf-8", "surrogatepass")) > _LONGEST:
        raise ValueError(f"it is longer than {_LONGEST} bytes")
    if kind is Kind.WHEEL:
        try:
            project, version, build, tags = parse_wheel_filename(filename)
        except InvalidWheelFilename as error:
            raise ValueError(str(error)) from None
        spelled_project, spelled_version = filename.split("-")[:2]
        return DistributionName(
            project, version, spelled_project, spelled_version, tags, build
        )
    try:
        project, version = parse_sdist_filename(filename)
    except InvalidSdistFilename as error:
        raise ValueError(str(error)) from None
    spelled_project, _, spelled_version = _stem(filename).rpartition("-")
    return DistributionName(project, version, spelled_project, spelled_version)


def distribution(filename: str, *, size: int, sha256: str) -> Distribution:
    """The distribution of this name and these bytes; the name must have a kind."""
    kind = kind_of(filename)
    if kind is None:
        raise ValueError(f"{filename} is no distribution")
    try:
        name, error = _parse(filename, kind), ""
    except ValueError as invalid:
        name, error = None, str(invalid)
    return Distribution(filename, kind, size, sha256, name, error)


def is_listed_kind(filename: str) -> bool:
    """Whether an index may list it: a distribution, of today or of earlier days."""
    return filename.endswith((*_KINDS, _EGG, *_OTHER_SDISTS, *_OTHERS))


def version_of(filename: str, project: NormalizedName) -> Version | None:
    """The version of a file that an index lists on a project's page, as an installer
    reads it: what stands behind the project's name. So ``demo-1.0-1.tar.gz`` is 1.0-1
    of demo, which is 1.0.post1. None for a name of another project, or without one.

    The tags are left alone: an index lists thousands of files, and a hostile name
    could make millions of tags.
    """
    if filename.endswith(_HYPHENATED):
        parts = filename.split("-", _PROJECT_AND_VERSION)
        is_ours = len(parts) > _PROJECT_AND_VERSION and _normalized(parts[0]) == project
        return parse_version(parts[1]) if is_ours else None
    for extension in (*_KINDS, *_OTHER_SDISTS):
        if filename.endswith(extension):
            return _sdist_version(filename.removesuffix(extension), project)
    return None


def _sdist_version(stem: str, project: NormalizedName) -> Version | None:
    """The first hyphen behind the project's name begins the version, as for pip."""
    at = stem.find("-")
    while at != -1:
        if _normalized(stem[:at]) == project:
            return parse_version(stem[at + 1 :])
        at = stem.find("-", at + 1)
    return None


@lru_cache(maxsize=1 << 12)
def _normalized(name: str) -> NormalizedName:
    return canonicalize_name(name)


def project_of(filename: str) -> NormalizedName | None:
    """The project that a file's name seems to be of, None for names without one."""
    project = _said(filename)[0]
    return canonicalize_name(project) if project else None


def may_be_of(filename: str, project: NormalizedName, of: Version) -> bool:
    """Whether a name that tells no version holds one like this version's files:
    ``demo-1.0.exe`` and ``demo-1.0-py3.tar.gz`` do, ``demo-1.0.1.exe`` does not.
    """
    name = re.sub(r"[-_.]+", "-", filename.lower())
    begin = re.sub(r"[-_.]+", "-", f"{project}-{of}-".lower())
    # Behind a path, too, which no name should have.
    return bool(re.search(rf"(^|[^a-z0-9-]){re.escape(begin)}(?![0-9])", name))


def _said(filename: str) -> tuple[str, str]:
    """Project and version as a listed file's name spells them, empty where it does
    not.
    """
    if filename.endswith(_HYPHENATED):
        parts = filename.split("-", _PROJECT_AND_VERSION)
        return (parts[0], parts[1]) if len(parts) > _PROJECT_AND_VERSION else ("", "")
    for extension in (*_KINDS, *_OTHER_SDISTS):
        if filename.endswith(extension):
            project, _, spelled = filename.removesuffix(extension).rpartition("-")
            return project, spelled
    return "", ""


def by_version(listing: Listing) -> dict[Version, tuple[IndexedFile, ...]]:
    """The listed files whose names tell a version of the listing's project, by it."""
    files: dict[Version, list[IndexedFile]] = defaultdict(list)
    for file in listing.files:
        if file.version is not None:
            files[file.version].append(file)
    return {version: tuple(mine) for version, mine in files.items()}


@lru_cache(maxsize=1 << 12)
def parse_version(text: str) -> Version | None:
    """The version that a text is (PEP 440), None where it is none.

    ``packaging`` raises more than its own error: a number of 5,000 digits is one.
    """
    try:
        return Version(text)
    except ValueError:
        return None


def _stem(filename: str) -> str:
    return filename.removesuffix(".tar.gz").removesuffix(".zip")


_PROJECT_AND_VERSION = 2
#: What a file system takes, in bytes.
_LONGEST = 255

"""What a distribution's file name says (wheel specification, PEP 625)."""

from __future__ import annotations

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    NormalizedName,
    canonicalize_name,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from release_guard.facts import Distribution, DistributionName, Kind

__all__ = ["distribution", "kind_of", "project_of", "version", "version_of"]

_KINDS = {".whl": Kind.WHEEL, ".tar.gz": Kind.SDIST, ".zip": Kind.SDIST}


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
            project, version, _build, tags = parse_wheel_filename(filename)
        except InvalidWheelFilename as error:
            raise ValueError(str(error)) from None
        spelled_project, spelled_version = filename.split("-")[:2]
        return DistributionName(
            project, version, spelled_project, spelled_version, tags
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


def version_of(filename: str) -> Version | None:
    """The version of a file that an index lists, None for legacy names.

    The tags are left alone: an index lists thousands of files, and a hostile name
    could make millions of tags.
    """
    match kind_of(filename):
        case Kind.WHEEL:
            parts = filename.removesuffix(".whl").split("-")
            said = parts[1] if len(parts) in _WHEEL_PARTS else ""
        case Kind.SDIST:
            said = _stem(filename).rpartition("-")[2]
        case None:
            return None
    return version(said)


def project_of(filename: str) -> NormalizedName | None:
    """The project of a file that an index lists, None for legacy names."""
    match kind_of(filename):
        case Kind.WHEEL:
            said = filename.partition("-")[0]
        case Kind.SDIST:
            said = _stem(filename).rpartition("-")[0]
        case None:
            return None
    return canonicalize_name(said) if said else None


def version(text: str) -> Version | None:
    """The version that a text is (PEP 440), None where it is none.

    ``packaging`` raises more than its own error: a number of 5,000 digits is one.
    """
    try:
        return Version(text)
    except ValueError:
        return None


def _stem(filename: str) -> str:
    return filename.removesuffix(".tar.gz").removesuffix(".zip")


#: project-version[-build]-python-abi-platform
_WHEEL_PARTS = (5, 6)
#: What a file system takes, in bytes.
_LONGEST = 255

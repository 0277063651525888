"""What a distribution's file name says (wheel specification, PEP 625)."""

from __future__ import annotations

from packaging.utils import (
    InvalidSdistFilename,
    InvalidWheelFilename,
    parse_sdist_filename,
    parse_wheel_filename,
)
from packaging.version import Version

from release_guard.facts import Distribution, DistributionName, Kind

__all__ = ["distribution", "kind_of", "version_of"]

_KINDS = {".whl": Kind.WHEEL, ".tar.gz": Kind.SDIST, ".zip": Kind.SDIST}


def kind_of(filename: str) -> Kind | None:
    """What a file is by its extension; None for what an index never took."""
    for extension, kind in _KINDS.items():
        if filename.endswith(extension):
            return kind
    return None


def _parse(filename: str, kind: Kind) -> DistributionName:
    """The parts of a file name; ``ValueError`` with the reason where it has none."""
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
    stem = filename.removesuffix(".tar.gz").removesuffix(".zip")
    spelled_project, _, spelled_version = stem.rpartition("-")
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
    """The version of a file that an index lists, None for legacy names."""
    kind = kind_of(filename)
    try:
        return _parse(filename, kind).version if kind else None
    except ValueError:
        return None

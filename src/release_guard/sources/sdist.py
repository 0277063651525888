"""An sdist's contents: its members and its core metadata."""

from __future__ import annotations

from typing import BinaryIO

from release_guard.facts import Archive, CoreMetadata, Distribution, Sdist
from release_guard.sources.inventory import EggInfo, inventory_of_sdist
from release_guard.sources.metadata import parse_metadata
from release_guard.sources.modules import OwnModules, own_in_sdist
from release_guard.sources.secrets import CredentialSearch, hide_credentials
from release_guard.sources.tar_archive import TarReader
from release_guard.sources.wheel import parse_entry_points
from release_guard.sources.zip_archive import ZipReader

__all__ = ["read_sdist"]


def read_sdist(
    file: BinaryIO, distribution: Distribution
) -> tuple[Archive, Sdist, CoreMetadata | None]:
    """What is in an sdist; the metadata is None where there is none to be read."""
    project = distribution.name.project if distribution.name else None
    modules, egg_info = OwnModules(own_in_sdist(project)), EggInfo()
    secrets = CredentialSearch()
    observers = (modules, egg_info, secrets)
    if distribution.filename.endswith(".zip"):
        zipped = ZipReader(
            file,
            filename=distribution.filename,
            kind=distribution.kind,
            size=distribution.size,
        )
        candidates = [name for name in zipped.names() if _is_pkg_info(name)]
        content = zipped.text(candidates[0]) if len(candidates) == 1 else None
        archive = zipped.archive(observers=observers, blobs=True)
    else:
        tar = TarReader(file, filename=distribution.filename, size=distribution.size)
        archive = tar.archive(keep=_is_pkg_info, observers=observers, blobs=True)
        content = next(iter(tar.kept.values())) if len(tar.kept) == 1 else None
    parsed = None if content is None else parse_metadata(content)
    metadata, in_urls = hide_credentials(parsed) if parsed else (None, ())
    told = egg_info.entry_points
    entry_points = None if told is None else parse_entry_points(told)
    sdist = Sdist(
        distribution,
        archive,
        tuple(modules.found),
        inventory=inventory_of_sdist(archive, entry_points),
        credentials=(*secrets.found, *in_urls),
        unsearched=tuple(secrets.unsearched),
    )
    return archive, sdist, metadata


def _is_pkg_info(path: str) -> bool:
    """``name-version/PKG-INFO``: in the top folder, not in an ``.egg-info`` below."""
    return path.count("/") == 1 and path.endswith("/PKG-INFO")

"""What an index serves of a release that is out: the metadata file beside a wheel (PEP
658, PEP 714), or a wheel as a whole. Nothing of it is kept.
"""

from __future__ import annotations

import hashlib
import io
import re
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from release_guard.errors import IndexResponseError
from release_guard.facts import CoreMetadata, IndexedFile
from release_guard.layouts import without_credentials
from release_guard.sources.archive import BOUNDS
from release_guard.sources.dist import Contents, read
from release_guard.sources.metadata import parse_metadata
from release_guard.sources.web import Web

__all__ = ["read_listed_metadata", "read_listed_wheel"]

#: A name that any system takes as that of a file: no other is written to the disk.
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.+!-]+\.whl")


def read_listed_metadata(web: Web, file: IndexedFile, *, home: str) -> CoreMetadata:
    """The core metadata of a wheel, from the small file beside it. ``home`` is the
    index, as for ``Web.digest``.

    Raises ``SourceError`` where it is not to be had, or is not what the index lists.
    """
    content = io.BytesIO()
    listed = {"sha256": file.metadata_sha256} if file.metadata_sha256 else {}
    url = f"{file.url}.metadata"
    _download(web, url, listed, content, home=home, largest=BOUNDS.kept_member)
    return parse_metadata(content.getvalue())


def read_listed_wheel(
    web: Web, file: IndexedFile, *, home: str, largest: int
) -> Contents:
    """What is in a listed wheel of at most ``largest`` bytes: it is downloaded, and
    read from a file that is gone afterwards.

    Raises ``SourceError`` where it is not to be had, or is not what the index lists.
    """
    if not _PLAIN_NAME.fullmatch(file.filename):
        raise IndexResponseError(f"{file.filename:.80}: is no plain name of a wheel")
    listed = dict(file.other_hashes)
    listed |= {"sha256": file.sha256} if file.sha256 else {}
    with tempfile.TemporaryDirectory(prefix="release-guard-") as folder:
        path = Path(folder) / file.filename
        with path.open("wb") as written:
            _download(web, file.url, listed, written, home=home, largest=largest)
        return read(path)


def _download(
    web: Web,
    url: str,
    listed: dict[str, str],
    into: BinaryIO,
    *,
    home: str,
    largest: int,
) -> None:
    """Download what must have the listed hashes."""
    known = {name: hash_ for name, hash_ in listed.items() if name in _KNOWN}
    also = [name for name in known if name != "sha256"]
    bounded = replace(web, largest_file=largest)
    served = bounded.digest(url, home=home, also=also, into=into)
    found = {"sha256": served.sha256, **served.others}
    for name, hash_ in known.items():
        if found[name] != hash_:
            raise IndexResponseError(
                f"{without_credentials(url)}: has the {name} {found[name]}, listed is "
                f"{hash_}"
            )


_KNOWN = hashlib.algorithms_guaranteed

"""Git's ids of contents. Pure."""

from __future__ import annotations

import hashlib

__all__ = ["algorithm_of", "blob_id", "namer"]

_SHA1_LENGTH = 40


def blob_id(content: bytes, algorithm: str = "sha1") -> str:
    """The id, in hex, that git gives to a file of this content."""
    hasher = namer(len(content), algorithm)
    hasher.update(content)
    return hasher.hexdigest()


def namer(size: int, algorithm: str = "sha1") -> hashlib._Hash:
    """What makes an id of a content of so many bytes, when it is given them."""
    head = b"blob %d\0" % size
    return hashlib.new(algorithm, head, usedforsecurity=False)


def algorithm_of(blob: str) -> str:
    """The algorithm that an id was made with."""
    return "sha1" if len(blob) == _SHA1_LENGTH else "sha256"

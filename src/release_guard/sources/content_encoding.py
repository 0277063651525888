"""A packed answer (Content-Encoding, RFC 9110), unpacked to its end and not beyond.

``requests`` takes a stream that is cut off for whole, and half a page for a page.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

__all__ = ["ACCEPT_ENCODING", "PackingError", "unpacked"]

#: What is asked for, as installers do: a cache keeps each form apart.
ACCEPT_ENCODING = "gzip, deflate"
_PLAIN = ("", "identity")
_PACKED = ("gzip", "x-gzip", "deflate")
#: zlib finds out which of gzip and zlib it is; "deflate" should be zlib, and some
#: servers send it bare.
_GZIP_OR_ZLIB, _BARE = 32 + zlib.MAX_WBITS, -zlib.MAX_WBITS
_CHUNK = 1 << 16


class PackingError(ValueError):
    """What came is not what was packed: half of it, more than it, something else."""


def unpacked(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """What comes out of an answer's bytes, in pieces of at most 64 KiB or as they come.

    Raises ``PackingError`` for a stream that is damaged, is cut off, or has something
    behind it, and ``ValueError`` for an encoding that was not asked for.
    """
    encoding = encoding.strip().lower()
    if encoding in _PLAIN:
        yield from chunks
    elif encoding in _PACKED:
        yield from _inflated(chunks, encoding)
    else:
        raise ValueError(f"it is packed as {encoding!r:.40}, which was not asked for")


def _inflated(chunks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    inflater, rest = None, b""
    for chunk in chunks:
        rest += chunk
        if inflater is None and len(rest) >= _HEAD:
            inflater = zlib.decompressobj(_window(rest, encoding))
        while inflater is not None and rest:
            if inflater.eof:
                raise PackingError(f"holds data behind its {encoding} stream")
            try:
                yield inflater.decompress(rest, _CHUNK)
            except zlib.error as error:
                raise PackingError(f"is packed as {encoding}, and damaged") from error
            rest = inflater.unconsumed_tail or inflater.unused_data
    while inflater is not None and not inflater.eof:
        # What was left in the inflater when the last bytes went in.
        last = inflater.decompress(b"", _CHUNK)
        if not last:
            raise PackingError(f"is packed as {encoding}, and cut off")
        yield last
    if rest:
        raise PackingError(f"is packed as {encoding}, and cut off")


#: So much tells how a stream is packed, in bytes.
_HEAD = 2


def _window(begin: bytes, encoding: str) -> int:
    """How the stream begins: bare deflate has neither gzip's nor zlib's head."""
    is_zlib = begin[0] & 0x0F == zlib.DEFLATED and int.from_bytes(begin[:2]) % 31 == 0
    return _BARE if encoding == "deflate" and not is_zlib else _GZIP_OR_ZLIB

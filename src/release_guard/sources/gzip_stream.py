"""One gzip stream, to its last byte and not beyond.

``gzip`` reads all streams that lie behind each other as one, and forgives zeros between
them; other readers stop at the end of the first. What follows is a fact of its own.
"""

from __future__ import annotations

import re
import zlib
from typing import BinaryIO

from release_guard.facts import DefectKind
from release_guard.sources.archive import CHUNK, Meter

__all__ = ["GzipError", "GzipStream"]

_MARK = b"\x1f\x8b"
#: A gzip header and trailer around the deflated data, both of which zlib checks.
_GZIP = 16 + zlib.MAX_WBITS


class GzipError(Exception):
    """A damaged stream; ``kind`` says whether only its trailer is wrong, which nobody
    meets who stops at the end of what is in it.
    """

    def __init__(self, error: zlib.error) -> None:
        super().__init__(str(error))
        is_trailer = re.search("incorrect (?:data|length) check", str(error))
        self.kind = DefectKind.CHECKSUM if is_trailer else DefectKind.STREAM


class GzipStream:
    """What comes out of the first gzip stream of a file; counted by ``meter``.

    Raises ``GzipError`` for a damaged stream, ``EOFError`` for one that is cut off.
    """

    def __init__(self, file: BinaryIO, meter: Meter) -> None:
        self._file = file
        self._meter = meter
        self._inflater = zlib.decompressobj(_GZIP)
        self._packed = b""

    def read(self, size: int, /) -> bytes:
        """Up to ``size`` bytes, none at the end."""
        while not self._inflater.eof:
            packed = self._packed or self._file.read(CHUNK)
            try:
                # Where nothing is left to put in, something may be left to come out.
                chunk = self._inflater.decompress(packed, size)
            except zlib.error as error:
                raise GzipError(error) from None
            if not (packed or chunk):
                raise EOFError("its gzip stream is cut off")
            self._packed = self._inflater.unconsumed_tail
            if chunk:
                self._meter.add(len(chunk))
                return chunk
        return b""

    def rest(self) -> tuple[DefectKind, str] | None:
        """What lies behind the stream, None where that is nothing, or zeros."""
        rest = self._inflater.unused_data
        while True:
            if content := rest.lstrip(b"\0"):
                if content.startswith(_MARK):
                    return DefectKind.SECOND_STREAM, "holds a second gzip stream"
                return DefectKind.TRAILING, "holds data behind its gzip stream"
            rest = self._file.read(CHUNK)
            if not rest:
                return None

"""How answers come in: what ``requests`` and what is below it would read too much of.

Loaded only where something is asked, as ``requests`` is slow to import.
"""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

from requests.adapters import HTTPAdapter

if TYPE_CHECKING:
    import requests
    import urllib3

__all__ = ["Adapter"]


class Adapter(HTTPAdapter):
    """Sends a request, and hands back an answer whose body can be read bounded.

    After ``seconds``, counted from its making, no more of a body is read: who has given
    up an answer that drips leaves no reader behind. No cookie is kept.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self._ends = time.monotonic() + seconds

    def build_response(
        self, req: requests.PreparedRequest, resp: urllib3.BaseHTTPResponse
    ) -> requests.Response:
        """The answer, of which the head has been read."""
        original = getattr(resp, "_original_response", None)
        if original is not None:
            # http.cookiejar meets a hostile cookie with a traceback.
            del original.msg["Set-Cookie"], original.msg["Set-Cookie2"]
            if original.fp is not None:
                original.fp = _Body(_Timely(original.fp, self._ends))
        return super().build_response(req, resp)


class _Body(io.BufferedReader):
    """A body that is never read as a whole: a chunk "of -1 bytes" would be, by urllib3
    and http.client, whatever its size.
    """

    def read(self, size: int | None = -1, /) -> bytes:
        """So many bytes, or what is left of them."""
        if size is None or size < 0:
            raise ValueError("a piece of the answer has no size")
        return super().read(size)


class _Timely(io.RawIOBase):
    """What comes over the connection, until a time on the monotonic clock."""

    def __init__(self, connection: io.BufferedReader, ends: float) -> None:
        self._connection = connection
        self._ends = ends

    def readable(self) -> bool:
        """It is only read."""
        return True

    def readinto(self, buffer: bytearray | memoryview, /) -> int:  # type: ignore[override]
        """What has come, or is the next to come."""
        if time.monotonic() > self._ends:
            raise TimeoutError("the time for the whole answer is up")
        return self._connection.readinto1(buffer)

    def close(self) -> None:
        """Close the connection as well."""
        try:
            self._connection.close()
        finally:
            super().close()

"""A web server on this machine: a test scripts its answers and its misbehaviour."""

from __future__ import annotations

import io
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

__all__ = [
    "Answer",
    "Reply",
    "Seen",
    "Server",
    "Told",
    "Wire",
    "closed_port",
    "dripping",
    "endless",
    "raw",
    "redirect",
    "serving",
    "silent",
]


@dataclass(frozen=True)
class Reply:
    """A well-formed answer.

    ``claimed`` is what Content-Length says where that is not the truth; ``sized`` is
    False for an answer without one.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    claimed: int | None = None
    sized: bool = True


def redirect(location: str, status: int = 302) -> Reply:
    """An answer that sends the client elsewhere."""
    return Reply(status=status, headers={"Location": location})


@dataclass(frozen=True)
class Seen:
    """A request as it came in; the names of the headers are in lower case."""

    path: str
    headers: Mapping[str, str]


@dataclass
class Told:
    """What was written in answer to a request, ``size`` bytes; the first are kept.

    ``began`` and ``ended`` are when, in seconds; an answer under way has not ended.
    """

    request: Seen
    content: bytearray = field(default_factory=bytearray)
    size: int = 0
    began: float = field(default_factory=time.monotonic)
    ended: float | None = None

    def keep(self, written: bytes) -> None:
        """Note what is about to be written."""
        self.size += len(written)
        self.content += written[: max(0, _KEPT - len(self.content))]


#: How much of an answer is kept, in bytes.
_KEPT = 4 << 20


@dataclass(frozen=True)
class Wire:
    """The open connection, for an answer that is none."""

    write: Callable[[bytes], object]
    closing: threading.Event


Answer = Reply | Callable[[Wire], None]


def raw(content: bytes) -> Answer:
    """Exactly these bytes, and then the connection is closed."""

    def send(wire: Wire) -> None:
        wire.write(content)

    return send


def endless(head: bytes, piece: bytes) -> Answer:
    """``head``, and then ``piece`` for as long as the client takes it."""

    def send(wire: Wire) -> None:
        wire.write(head)
        while not wire.closing.is_set():
            wire.write(piece)

    return send


def dripping(head: bytes, piece: bytes) -> Answer:
    """``head``, and then ``piece`` every few milliseconds."""

    def send(wire: Wire) -> None:
        wire.write(head)
        while not wire.closing.wait(0.01):
            wire.write(piece)

    return send


def silent(wire: Wire) -> None:
    """Nothing at all until the server ends."""
    wire.closing.wait()


@dataclass
class Server:
    """What is answered for each path, in turn; the last answer stays.

    A path that it was told nothing of is a 404. Where ``html`` has a path, that is
    answered to a client that asks for no JSON; before all that ``choose`` may answer by
    what the request says. ``told`` is what was written, request by request.
    """

    host: str
    answers: dict[str, list[Answer]] = field(default_factory=dict)
    html: dict[str, list[Answer]] = field(default_factory=dict)
    seen: list[Seen] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    choose: Callable[[Seen], Answer | None] = lambda _: None

    @property
    def url(self) -> str:
        """Its root, without a slash at the end."""
        return f"http://{self.host}"

    def with_credentials(self, userinfo: str) -> str:
        """Its root as a user writes it who has to log in."""
        return f"http://{userinfo}@{self.host}"

    def on(self, path: str, *answers: Answer) -> None:
        """Set what is answered for a path."""
        self.answers[path] = list(answers)

    def asked(self) -> list[str]:
        """The paths that were asked for."""
        return [request.path for request in self.seen]

    def sent(self, header: str) -> list[str | None]:
        """What each request had in a header."""
        return [request.headers.get(header.lower()) for request in self.seen]

    def answer(self, request: Seen) -> Answer:
        """The next answer to a request."""
        self.seen.append(request)
        chosen = self.choose(request)
        if chosen is not None:
            return chosen
        mine = self.answers.get(request.path, [_NOT_FOUND])
        if "json" not in request.headers.get("accept", ""):
            mine = self.html.get(request.path, mine)
        return mine.pop(0) if len(mine) > 1 else mine[0]


_NOT_FOUND = Reply(b"404 Not Found", 404, {"Content-Type": "text/plain"})


class _HttpServer(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    script: Server
    closing: threading.Event

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no matter."""


class _Keeping(io.BufferedIOBase):
    """A connection's output that notes what is written before it writes it."""

    def __init__(self, output: io.BufferedIOBase, told: Told) -> None:
        self.output = output
        self.told = told

    def writable(self) -> bool:
        return True

    def write(self, written: Any, /) -> int:  # noqa: ANN401 - any buffer
        self.told.keep(bytes(written))
        return self.output.write(written)


class _Handler(BaseHTTPRequestHandler):
    server: _HttpServer

    def do_GET(self) -> None:
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Seen(self.path, headers)
        told = Told(request)
        self.server.script.told.append(told)
        self.wfile = _Keeping(self.wfile, told)
        answer = self.server.script.answer(request)
        try:
            if isinstance(answer, Reply):
                self._reply(answer)
            else:
                answer(Wire(self.wfile.write, self.server.closing))
        finally:
            told.ended = time.monotonic()

    def _reply(self, reply: Reply) -> None:
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if reply.sized:
            length = len(reply.body) if reply.claimed is None else reply.claimed
            self.send_header("Content-Length", str(length))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """No line for each request."""


@contextmanager
def serving() -> Iterator[Server]:
    """A server on a loopback port, which knows nothing yet."""
    server = _HttpServer(("127.0.0.1", 0), _Handler)
    server.script = Server(f"127.0.0.1:{server.server_port}")
    server.closing = threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.script
    finally:
        server.closing.set()
        server.shutdown()
        thread.join()
        server.server_close()


def closed_port() -> int:
    """A loopback port that refuses a connection."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port

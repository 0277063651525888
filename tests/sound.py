"""A sound wheel and sdist of a small project, and an index on this machine."""

from __future__ import annotations

import base64
import gzip
import hashlib
import io
import json
import socket
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import signing

__all__ = [
    "Index",
    "Reply",
    "attested",
    "closed_port",
    "indexed",
    "listing",
    "pair",
    "serving",
]

JSON = "application/vnd.pypi.simple.v1+json"
_WHEEL = b"Wheel-Version: 1.0\nGenerator: sound\nRoot-Is-Purelib: true\nTag: %s\n"
_DESCRIPTION = "Description-Content-Type: text/markdown\n\nA demonstration.\n"
_PYPROJECT = b'[build-system]\nrequires = ["flit_core>=3.12"]\n'


# --- distributions --------------------------------------------------------------


def pair(folder: Path, version: str = "1.0", project: str = "demo") -> list[Path]:
    """A sound wheel and sdist in ``folder``, which is made."""
    folder.mkdir(parents=True, exist_ok=True)
    return [wheel(folder, version, project), sdist(folder, version, project)]


def wheel(
    folder: Path,
    version: str = "1.0",
    project: str = "demo",
    tag: str = "py3-none-any",
    *,
    description: str = _DESCRIPTION,
) -> Path:
    """A sound wheel; the same arguments give the same bytes."""
    info = f"{project}-{version}.dist-info"
    members = {
        f"{project}.py": b"answer = 42\n",
        f"{info}/METADATA": _metadata(project, version, description),
        f"{info}/WHEEL": _WHEEL % tag.encode(),
    }
    rows = [f"{path},{_digest(data)},{len(data)}" for path, data in members.items()]
    members[f"{info}/RECORD"] = "\n".join([*rows, f"{info}/RECORD,,", ""]).encode()
    path = folder / f"{project}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 1, 1, 0, 0, 0)), data)
    return path


def sdist(folder: Path, version: str = "1.0", project: str = "demo") -> Path:
    """A sound sdist; the same arguments give the same bytes."""
    top = f"{project}-{version}"
    members = {
        f"{top}/PKG-INFO": _metadata(project, version),
        f"{top}/pyproject.toml": _PYPROJECT,
        f"{top}/{project}.py": b"answer = 42\n",
    }
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        for name, data in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    path = folder / f"{top}.tar.gz"
    path.write_bytes(gzip.compress(content.getvalue(), mtime=0))
    return path


def _metadata(project: str, version: str, description: str = _DESCRIPTION) -> bytes:
    head = f"Metadata-Version: 2.1\nName: {project}\nVersion: {version}\n"
    return f"{head}Requires-Python: >=3.9\n{description}".encode()


def attested(path: Path, predicate: str, **said: str) -> Path:
    """An attestation (PEP 740) of the file that it stands beside; its signature holds
    where ``signing.trust_ours`` was called.

    ``said`` replaces the name or the sha256 of the file that it speaks of.
    """
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    name, sha256 = said.get("name", path.name), said.get("sha256", digest)
    document = signing.OURS.sign(name, sha256, predicate=predicate)
    written = path.with_name(f"{path.name}.publish.attestation")
    written.write_text(json.dumps(document))
    return written


def _digest(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return "sha256=" + digest.rstrip(b"=").decode()


# --- the index ------------------------------------------------------------------


@dataclass(frozen=True)
class Reply:
    """What the index answers; ``hang`` is no answer at all."""

    body: bytes = b""
    status: int = 200
    content_type: str = JSON
    location: str = ""
    hang: bool = False


NOT_FOUND = Reply(b"no such project", 404, "text/plain")


def indexed(path: Path, **said: object) -> dict[str, object]:
    """A file as the index lists it; ``said`` replaces a key, None leaves it out."""
    content = path.read_bytes()
    name = said.get("filename", path.name)
    entry: dict[str, object] = {
        "filename": name,
        "url": f"/files/{name}",
        "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
        "size": len(content),
        **said,
    }
    return {key: value for key, value in entry.items() if value is not None}


def listing(*files: Mapping[str, object] | Path, project: str = "demo") -> Reply:
    """A project's page (PEP 691)."""
    entries = [indexed(file) if isinstance(file, Path) else file for file in files]
    page = {"meta": {"api-version": "1.1"}, "name": project, "files": entries}
    return Reply(json.dumps(page).encode())


@dataclass
class Index:
    """A Simple API index: what it answers for a path, in turn; the last one stays.

    A path that it was told nothing of is a 404. ``heard`` is set by the first request.
    """

    url: str
    replies: dict[str, list[Reply]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    heard: threading.Event = field(default_factory=threading.Event)

    @property
    def root(self) -> str:
        """The Simple API root."""
        return f"{self.url}/simple/"

    def says(self, *replies: Reply, project: str = "demo") -> None:
        """Set what is answered for a project's page."""
        self.replies[f"/simple/{project}/"] = list(replies)

    def serves(self, *paths: Path) -> None:
        """Let files be downloaded."""
        for path in paths:
            reply = Reply(path.read_bytes(), content_type="application/octet-stream")
            self.replies[f"/files/{path.name}"] = [reply]

    def reply(self, path: str) -> Reply:
        """The next answer for a path."""
        self.asked.append(path)
        self.heard.set()
        mine = self.replies.get(path, [NOT_FOUND])
        return mine.pop(0) if len(mine) > 1 else mine[0]


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    index: Index
    closing: threading.Event

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no matter."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_GET(self) -> None:
        reply = self.server.index.reply(self.path)
        if reply.hang:
            self.server.closing.wait()
            return
        self.send_response(reply.status)
        if reply.content_type:
            self.send_header("Content-Type", reply.content_type)
        if reply.location:
            self.send_header("Location", reply.location)
        self.send_header("Content-Length", str(len(reply.body)))
        self.end_headers()
        self.wfile.write(reply.body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """No line for each request."""


@contextmanager
def serving() -> Iterator[Index]:
    """An index on a loopback port, which knows nothing yet."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.index = Index(f"http://127.0.0.1:{server.server_port}")
    server.closing = threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        yield server.index
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

"""Real index servers on loopback ports: pypiserver and devpi-server."""

from __future__ import annotations

import base64
import contextlib
import http.server
import json
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Devpi", "as_html", "devpi", "free_port", "pypiserver", "twine_upload"]

_START_SECONDS = 90.0


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def pypiserver(folder: Path) -> Iterator[str]:
    """A pypiserver that serves ``folder``; gives its upload URL."""
    port = free_port()
    command = [sys.executable, "-m", "pypiserver", "run", "-i", "127.0.0.1"]
    command += ["-p", str(port), "-P", ".", "-a", ".", "--disable-fallback"]
    with _running([*command, str(folder)], f"http://127.0.0.1:{port}/") as url:
        yield url


@dataclass(frozen=True)
class Devpi:
    """A devpi-server with one volatile index; ``url`` is the index's upload URL."""

    root: str
    url: str

    @property
    def simple_url(self) -> str:
        """Where the index is read."""
        return f"{self.url}+simple/"

    def delete(self, file_url: str) -> None:
        """Delete one file, as the index's owner."""
        token = self._call("POST", "+login", {"user": "u", "password": "p"})
        result = token["result"]
        assert isinstance(result, dict)
        auth = base64.b64encode(f"u:{result['password']}".encode()).decode()
        path = file_url.removeprefix(self.root).partition("#")[0]
        self._call("DELETE", path, None, {"X-Devpi-Auth": auth})

    def _call(
        self,
        method: str,
        path: str,
        body: dict[str, object] | None,
        headers: dict[str, str] | None = None,
    ) -> dict[str, object]:
        request = urllib.request.Request(
            self.root + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Accept": "application/json", **(headers or {})},
        )
        with urllib.request.urlopen(request, timeout=30) as response:
            answer = json.loads(response.read())
        assert isinstance(answer, dict)
        return answer


@contextlib.contextmanager
def devpi(folder: Path) -> Iterator[Devpi]:
    """A devpi-server with a user ``u`` (password ``p``) and a volatile index."""
    server, client = folder / "server", folder / "client"
    binaries = Path(sys.executable).parent
    init = [str(binaries / "devpi-init"), "--serverdir", str(server)]
    _run([*init, "--root-passwd", "root", "--no-root-pypi"])
    port = free_port()
    command = [str(binaries / "devpi-server"), "--serverdir", str(server)]
    command += ["--host", "127.0.0.1", "--port", str(port), "--offline-mode"]
    command += ["--threads", "4"]
    with _running(command, f"http://127.0.0.1:{port}/") as root:
        use = [str(binaries / "devpi")]
        where = ["--clientdir", str(client)]
        _run([*use, "use", *where, root])
        _run([*use, "login", *where, "root", "--password=root"])
        _run([*use, "user", *where, "-c", "u", "password=p", "email=u@index.example"])
        _run([*use, "index", *where, "-c", "u/dev", "bases=", "volatile=True"])
        yield Devpi(root, f"{root}u/dev/")


@contextlib.contextmanager
def as_html(url: str) -> Iterator[str]:
    """The same index, asked as a client asks that knows no JSON; gives its URL."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            accept = {"Accept": "text/html"}
            request = urllib.request.Request(url + self.path[1:], headers=accept)
            try:
                with urllib.request.urlopen(request, timeout=30) as answer:
                    status, body = answer.status, answer.read()
                    kind = answer.headers["Content-Type"]
            except urllib.error.HTTPError as error:
                with error:
                    status, body = error.code, error.read()
                    kind = error.headers["Content-Type"]
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()
        thread.join()


def twine_upload(url: str, *files: Path, user: str = "u", password: str = "p") -> None:
    """Upload with the real twine."""
    command = [sys.executable, "-m", "twine", "upload", "--non-interactive"]
    command += ["--disable-progress-bar", "--config-file", os.devnull]
    command += ["--repository-url", url, "-u", user, "-p", password]
    _run([*command, *map(str, files)])


def _run(command: list[str]) -> None:
    done = subprocess.run(
        command, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def _running(command: list[str], url: str) -> Iterator[str]:
    server = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        ends = time.monotonic() + _START_SECONDS
        while not _answers(url):
            assert server.poll() is None, f"{command[0]} ended: {server.returncode}"
            assert time.monotonic() < ends, f"{url} does not answer"
            time.sleep(0.1)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False

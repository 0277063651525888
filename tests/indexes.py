"""Real index servers on loopback ports, and the real twine that uploads to them.

pypiserver, devpi-server and simple-repository-server are installed with the tests;
what is not (proxpi, dumb-pypi) gets an environment of its own, see ``tools``.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import hashlib
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from twine.package import PackageFile
from twine.repository import Repository

from release_guard.cli import main

__all__ = [
    "Devpi",
    "Said",
    "as_html",
    "ask",
    "call",
    "devpi",
    "free_port",
    "htpasswd",
    "pages",
    "proxpi",
    "pypiserver",
    "run",
    "running",
    "simple_repository",
    "tools",
    "twine_put",
    "twine_refusal",
    "twine_upload",
]

_START_SECONDS = 90.0
_BINARIES = Path(sys.executable).parent


def free_port() -> int:
    """A port on which nothing listens now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


# --- servers that take uploads ---------------------------------------------------


@contextlib.contextmanager
def pypiserver(
    folder: Path, *options: str, fallback: bool = False, port: int = 0
) -> Iterator[str]:
    """A pypiserver that serves ``folder``; gives its upload URL.

    ``options`` are its own, and win. Anybody may do all unless they say otherwise;
    ``fallback`` leaves it to send on to PyPI what it does not have, as it does by
    itself.
    """
    folder.mkdir(parents=True, exist_ok=True)
    port = port or free_port()
    command = [sys.executable, "-m", "pypiserver", "run", "-i", "127.0.0.1"]
    command += ["-p", str(port), "-P", ".", "-a", "."]
    command += [] if fallback else ["--disable-fallback"]
    with running([*command, *options, str(folder)], f"http://127.0.0.1:{port}/") as url:
        yield url


def htpasswd(path: Path, user: str, password: str) -> Path:
    """A password file with one user, in the form that needs no bcrypt."""
    digest = base64.b64encode(hashlib.sha1(password.encode()).digest()).decode()
    path.write_text(f"{user}:{{SHA}}{digest}\n", encoding="ascii")
    return path


@dataclass(frozen=True)
class Devpi:
    """A devpi-server with a user ``u`` (password ``p``), who may make indexes."""

    root: str
    auth: Mapping[str, str]

    def index(self, name: str, **settings: object) -> str:
        """Make an index; gives its upload URL. It stands alone unless ``bases`` says
        otherwise, and is volatile, as a user's index is by default.
        """
        settings = {"type": "stage", "bases": [], "volatile": True} | settings
        if settings["type"] == "mirror":
            settings = {k: v for k, v in settings.items() if k != "bases"}
        status, answer = call("PUT", f"{self.root}u/{name}", settings, self.auth)
        assert status == 200, answer
        return f"{self.root}u/{name}/"

    def delete(self, file_url: str) -> int:
        """Delete one file, as the index's owner; gives the status of the answer."""
        return call("DELETE", file_url.partition("#")[0], None, self.auth)[0]


@contextlib.contextmanager
def devpi(folder: Path) -> Iterator[Devpi]:
    """A devpi-server with a user and no index.

    Its own client would set the user up as well, a second for each command.
    """
    where = ["--serverdir", str(folder / "server")]
    run([str(_BINARIES / "devpi-init"), *where, *_ROOT])
    port = free_port()
    command = [str(_BINARIES / "devpi-server"), *where, "--threads", "4"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    with running(command, f"http://127.0.0.1:{port}/") as root:
        user = {"password": "p", "email": "u@index.example"}
        status, answer = call(
            "PUT", f"{root}u", user, _devpi_auth(root, "root", "root")
        )
        assert status == 201, answer
        yield Devpi(root, _devpi_auth(root, "u", "p"))


#: Without the mirror of PyPI that it would make: nothing leaves this machine.
_ROOT = ("--root-passwd", "root", "--no-root-pypi")


def _devpi_auth(root: str, user: str, password: str) -> dict[str, str]:
    login = {"user": user, "password": password}
    status, answer = call("POST", f"{root}+login", login)
    assert status == 200, answer
    assert isinstance(answer, dict)
    token = f"{user}:{answer['result']['password']}"
    return {"X-Devpi-Auth": base64.b64encode(token.encode()).decode()}


# --- servers that are only read --------------------------------------------------


@contextlib.contextmanager
def simple_repository(*sources: Path | str) -> Iterator[str]:
    """A simple-repository-server of folders (a folder in it for each project), or of
    indexes by their Simple API root; gives its own Simple API root.
    """
    port = free_port()
    command = [str(_BINARIES / "simple-repository-server"), "--host", "127.0.0.1"]
    command += ["--port", str(port), *map(str, sources)]
    with running(command, f"http://127.0.0.1:{port}/") as root:
        yield f"{root}simple/"


@contextlib.contextmanager
def proxpi(binaries: Path, source: str) -> Iterator[str]:
    """A proxpi in front of an index, by its Simple API root; gives its own."""
    port = free_port()
    command = [str(binaries / "flask"), "--app", "proxpi.server", "run"]
    command += ["--host", "127.0.0.1", "--port", str(port)]
    root = f"http://127.0.0.1:{port}/"
    with running(command, root, PROXPI_INDEX_URL=source):
        yield f"{root}index/"


@contextlib.contextmanager
def pages(folder: Path) -> Iterator[str]:
    """A folder as Python's own web server shows it, with lists of folders that have no
    ``index.html``; gives its root.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _threaded(functools.partial(_Pages, directory=str(folder))) as root:
        yield root


class _Pages(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


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

    with _threaded(Handler) as root:
        yield root


@contextlib.contextmanager
def _threaded(
    handler: type[http.server.BaseHTTPRequestHandler] | functools.partial[_Pages],
) -> Iterator[str]:
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


# --- uploads ---------------------------------------------------------------------


def twine_upload(url: str, *files: Path, user: str = "u", password: str = "p") -> None:
    """``twine upload``, as people run it; it must succeed."""
    run([*_twine(url, user, password), *map(str, files)])


def twine_refusal(url: str, *files: Path, options: tuple[str, ...] = ()) -> str:
    """``twine upload``, which must fail; gives what it says."""
    command = [*_twine(url, "u", "p"), *options, *map(str, files)]
    done = _done(command)
    assert done.returncode != 0, done.stdout
    return done.stdout + done.stderr


def twine_put(url: str, path: Path, *, user: str = "u", password: str = "p") -> int:
    """Upload one file with twine's own code; gives the status of the answer."""
    repository = Repository(url, user, password, disable_progress_bar=True)
    try:
        package = PackageFile.from_filename(str(path), None)
        return repository.upload(package).status_code
    finally:
        repository.close()


def _twine(url: str, user: str, password: str) -> list[str]:
    command = [sys.executable, "-m", "twine", "upload", "--non-interactive"]
    command += ["--disable-progress-bar", "--config-file", os.devnull]
    return [*command, "--repository-url", url, "-u", user, "-p", password]


# --- what release-guard says -----------------------------------------------------


@dataclass(frozen=True)
class Said:
    """How a run of release-guard ended, and its report."""

    code: int
    report: dict[str, Any]

    @property
    def errors(self) -> set[tuple[str, str]]:
        """Rule and subject of each error."""
        return {
            (finding["rule"], finding["subject"])
            for finding in self.report["findings"]
            if finding["severity"] == "error"
        }

    @property
    def states(self) -> list[str]:
        """What became of each release, as ``verify`` says it."""
        return [release["state"] for release in self.report["publication"]]

    @property
    def looks(self) -> list[int]:
        """How often the index was asked for each release."""
        return [release["looks"] for release in self.report["publication"]]


def ask(command: str, simple_url: str, *arguments: object) -> Said:
    """Run the command line for an index, named otherwise where there is no URL; its
    report, as JSON, goes into a file.
    """
    with tempfile.TemporaryDirectory() as folder:
        output = Path(folder) / "report.json"
        words = [command, *(["--index-url", simple_url] if simple_url else [])]
        words += ["--format", "json"]
        code = main([*words, "--output", str(output), *map(str, arguments)])
        return Said(code, json.loads(output.read_text(encoding="utf-8")))


# --- programs --------------------------------------------------------------------


def tools(folder: Path, *requirements: str) -> Path:
    """Install programs of the public index into an environment of their own; gives the
    folder of its programs. Skips the test where they cannot be had.
    """
    binaries = folder / "bin"
    if not (binaries / "python").exists():
        run([sys.executable, "-m", "venv", str(folder)])
    install = [str(binaries / "python"), "-m", "pip", "install", "--quiet"]
    done = _done([*install, "--disable-pip-version-check", *requirements])
    if done.returncode != 0:
        why = (done.stderr.strip().splitlines() or ["pip says nothing"])[-1]
        pytest.skip(f"{', '.join(requirements)} cannot be installed: {why}")
    return binaries


def call(
    method: str,
    url: str,
    body: object = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, object]:
    """Speak JSON with a server: the status, and the answer where it is JSON."""
    known = {"Accept": "application/json", "Content-Type": "application/json"}
    data = None if body is None else json.dumps(body).encode()
    request = urllib.request.Request(
        url, method=method, data=data, headers={**known, **(headers or {})}
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            status, content = response.status, response.read()
    except urllib.error.HTTPError as error:
        with error:
            status, content = error.code, error.read()
    try:
        return status, json.loads(content)
    except ValueError:
        return status, content.decode("utf-8", "replace")


def run(command: list[str], *, environ: Mapping[str, str] | None = None) -> None:
    """Run a program, which must succeed."""
    done = _done(command, environ)
    assert done.returncode == 0, done.stdout + done.stderr


def _done(
    command: list[str], environ: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, env=environ, capture_output=True, text=True, check=False, timeout=600
    )


@contextlib.contextmanager
def running(command: list[str], url: str, **environ: str) -> Iterator[str]:
    """A server that is started, answers at ``url``, and is ended afterwards."""
    inherited = {k: v for k, v in os.environ.items() if not _steers(k)}
    server = subprocess.Popen(
        command,
        env={**inherited, **environ},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        ends = time.monotonic() + _START_SECONDS
        while not _answers(url):
            assert server.poll() is None, f"{command[0]} ended: {server.returncode}"
            assert time.monotonic() < ends, f"{url} does not answer"
            time.sleep(0.05)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=30)


def _steers(variable: str) -> bool:
    """Whether a server would send its own requests elsewhere, or log in, by it."""
    return variable.lower().endswith("_proxy") or variable == "NETRC"


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=5):
            return True
    except urllib.error.HTTPError as error:
        error.close()
        return True
    except OSError:
        return False

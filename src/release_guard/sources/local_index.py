"""A real index on this machine (pypiserver) and a real upload to it (twine)."""

from __future__ import annotations

import contextlib
import importlib.util
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from release_guard.errors import ProgramError, UsageError

__all__ = ["local_index", "upload"]

_START_SECONDS = 30.0
_UPLOAD_SECONDS = 600.0


@contextlib.contextmanager
def local_index() -> Iterator[str]:
    """An empty pypiserver on a loopback port; gives its upload URL, ends with it."""
    if importlib.util.find_spec("pypiserver") is None:
        raise UsageError(
            "rehearse needs pypiserver, which is not installed",
            hint="pip install 'release-guard[rehearse]'",
        )
    with tempfile.TemporaryDirectory(prefix="release-guard-") as folder:
        url = f"http://127.0.0.1:{_free_port()}/"
        with _serving(Path(folder), url) as server:
            _wait_for(url, server)
            yield url


def upload(files: Sequence[Path], url: str) -> None:
    """``twine upload`` to a local index, apart from the user's own twine settings.

    ``-P`` keeps this folder off the module path: a checkout may hold a ``twine.py``.
    """
    command = [
        *(sys.executable, "-P", "-m", "twine", "upload", "--non-interactive"),
        *("--disable-progress-bar", "--config-file", os.devnull),
        *("--repository-url", url, "--username", "rehearsal"),
        *("--password", "rehearsal", "--", *map(str, files)),
    ]
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter, no shell
            command,
            env=_environ("TWINE_", "PYTHON"),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=_UPLOAD_SECONDS,
            check=False,
        )
    except subprocess.TimeoutExpired:
        raise ProgramError(f"twine did not end in {_UPLOAD_SECONDS:.0f} s") from None
    if done.returncode != 0:
        said = done.stdout.decode("utf-8", "replace").split()
        raise ProgramError(
            f"twine ended with {done.returncode}: {' '.join(said)[-400:]}",
            hint="the real upload may end in the same way",
        )


@contextlib.contextmanager
def _serving(folder: Path, url: str) -> Iterator[subprocess.Popen[bytes]]:
    host, port = url.split("/")[2].split(":")
    command = [
        *(
            sys.executable,
            "-P",
            "-m",
            "pypiserver",
            "run",
            "--host",
            host,
            "--port",
            port,
        ),
        *("--passwords", ".", "--authenticate", ".", "--disable-fallback"),
        *("--hash-algo", "sha256", str(folder)),
    ]
    server = subprocess.Popen(  # noqa: S603 - our own interpreter, no shell
        command,
        env=_environ("PYTHON"),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield server
    finally:
        # It has nothing to save.
        server.kill()
        server.wait()


def _environ(*without: str) -> Mapping[str, str]:
    """This environment without what would steer the program that is started."""
    return {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(without) and not name.lower().endswith("_proxy")
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    ends = time.monotonic() + _START_SECONDS
    while time.monotonic() < ends:
        if server.poll() is not None:
            raise ProgramError(f"pypiserver ended with {server.returncode}")
        try:
            with opener.open(url, timeout=5):
                return
        except (urllib.error.URLError, OSError):
            time.sleep(0.05)
    raise ProgramError(f"pypiserver did not answer in {_START_SECONDS:.0f} seconds")

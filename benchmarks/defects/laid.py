"""A release as a job finds it: its files, the checkout, the event, the index."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from defects.model import Listed, Release

__all__ = ["Index", "Laid", "Lay", "digest", "published", "serving"]

_JSON = "application/vnd.pypi.simple.v1+json"
_REPOSITORY = "org/demo"


def digest(release: Release) -> str:
    """What tells two releases apart, when only their files are looked at."""
    made = hashlib.sha256()
    for file in release.files:
        made.update(file.filename.encode() + b"\0")
        made.update(hashlib.sha256(file.content()).digest())
    return made.hexdigest()


# --- the index -------------------------------------------------------------------


@dataclass
class Index:
    """An index on a loopback port: what it answers, by path."""

    url: str
    answers: dict[str, tuple[str, bytes]] = field(default_factory=dict)

    def lists(
        self,
        root: str,
        project: str,
        files: Sequence[Listed],
        status: str,
    ) -> None:
        """Let the page of a project below ``root`` list these."""
        entries = [self._entry(root, listed) for listed in files]
        page: dict[str, object] = {
            "meta": {"api-version": "1.4"},
            "name": project,
            "versions": sorted({listed.dist.version for listed in files}),
            "files": entries,
        }
        if status != "active":
            page["project-status"] = {"status": status}
        path = f"/{root}/simple/{project}/"
        self.answers[path] = (_JSON, json.dumps(page).encode())

    def _entry(self, root: str, listed: Listed) -> dict[str, object]:
        dist = listed.dist
        content = dist.content()
        path = f"/{root}/files/{dist.filename}"
        self.answers[path] = ("application/octet-stream", content)
        came = datetime.now(UTC) - timedelta(days=listed.days)
        entry: dict[str, object] = {
            "filename": dist.filename,
            "url": path,
            "hashes": {"sha256": hashlib.sha256(content).hexdigest()},
            "size": len(content),
            "yanked": False,
            "upload-time": f"{came:%Y-%m-%dT%H:%M:%SZ}",
        }
        requires = dist.fields.get("Requires-Python")
        if requires is not None:
            entry["requires-python"] = requires
        if dist.tag:
            said = hashlib.sha256(dist.metadata).hexdigest()
            entry["core-metadata"] = {"sha256": said}
            self.answers[f"{path}.metadata"] = (
                "application/octet-stream",
                dist.metadata,
            )
        entry.update(listed.said)
        return {key: value for key, value in entry.items() if value is not None}


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        server = self.server
        assert isinstance(server, _Server)  # noqa: S101 - for the types
        kind, body = server.index.answers.get(self.path, ("", b""))
        self.send_response(200 if kind else 404)
        self.send_header("Content-Type", kind or "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """No line for each request."""


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    index: Index


@contextmanager
def serving() -> Iterator[Index]:
    """An index on a loopback port, which knows nothing yet."""
    with _Server(("127.0.0.1", 0), _Handler) as server:
        server.index = Index(f"http://127.0.0.1:{server.server_port}")
        thread = threading.Thread(
            target=server.serve_forever, args=(0.01,), daemon=True
        )
        thread.start()
        try:
            yield server.index
        finally:
            server.shutdown()
            thread.join()


# --- the job ---------------------------------------------------------------------


@dataclass(frozen=True)
class Laid:
    """Where everything is: ``dist`` and ``checkout`` are folders, ``files`` what lies
    in ``dist``, ``environ`` what the CI system sets, ``before`` and ``after`` the roots
    of the index's Simple API, ``scratch`` a folder for whatever a tool writes. Where
    ``real``, somebody published the files, and there is neither checkout nor index.
    """

    release: Release
    folder: Path
    files: tuple[Path, ...]
    checkout: Path
    environ: Mapping[str, str]
    before: str
    after: str
    real: bool = False

    @property
    def dist(self) -> Path:
        """The folder of the files."""
        return self.folder / "dist"

    @property
    def scratch(self) -> Path:
        """A folder for what a tool writes."""
        return self.folder / "scratch"

    @property
    def wheels(self) -> tuple[Path, ...]:
        """The files whose name ends as a wheel's."""
        return tuple(path for path in self.files if path.suffix == ".whl")

    @property
    def sdists(self) -> tuple[Path, ...]:
        """The files whose name ends as an sdist's."""
        ends = (".tar.gz", ".zip")
        return tuple(path for path in self.files if path.name.endswith(ends))


def published(folder: Path, files: Iterable[Path]) -> Laid:
    """Real files in a folder, and nothing else."""
    (folder / "dist").mkdir(parents=True)
    (folder / "scratch").mkdir()
    made = []
    for file in files:
        path = folder / "dist" / file.name
        path.symlink_to(file.resolve())
        made.append(path)
    return Laid(Release(), folder, tuple(made), folder, {}, "", "", real=True)


class Lay:
    """Lays releases out below a folder; a repository is made once for each tree."""

    def __init__(self, folder: Path, index: Index) -> None:
        self._folder, self._index = folder, index
        self._repositories: dict[tuple[object, ...], tuple[Path, str]] = {}

    def out(self, name: str, release: Release) -> Laid:
        """Write everything, in a folder of this name."""
        folder = self._folder / name
        (folder / "dist").mkdir(parents=True)
        (folder / "scratch").mkdir()
        files = []
        for file in release.files:
            path = folder / "dist" / file.filename
            path.write_bytes(file.content())
            files.append(path)
        checkout, commit = self._repository(release)
        roots = []
        for when, listed in (("before", release.before), ("after", release.after)):
            root = f"{name}/{when}"
            if listed:
                self._index.lists(root, "demo", listed, release.status)
            for project, others in release.others.items():
                self._index.lists(root, project, others, "active")
            roots.append(f"{self._index.url}/{root}/simple/")
        event = folder / "event.json"
        environ = _environ(release, commit, event)
        before, after = roots
        return Laid(release, folder, tuple(files), checkout, environ, before, after)

    def remove(self, laid: Laid) -> None:
        """Remove a release again; its checkout may serve another."""
        shutil.rmtree(laid.folder)
        gone = f"/{laid.folder.name}/"
        for path in [path for path in self._index.answers if path.startswith(gone)]:
            del self._index.answers[path]

    def _repository(self, release: Release) -> tuple[Path, str]:
        """The checkout, at the commit that was built."""
        key = (*release.checkout.items(), release.tag, release.tags, release.built)
        if key not in self._repositories:
            folder = self._folder / f"checkout-{len(self._repositories)}"
            self._repositories[key] = folder, _repository(folder, release)
        return self._repositories[key]


def _repository(folder: Path, release: Release) -> str:
    """Make a repository that is checked out at the commit that was built; its id."""

    def git(*words: str, told: bytes = b"") -> str:
        environ = {k: v for k, v in os.environ.items() if not k.startswith("GIT_")}
        environ |= {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
        done = subprocess.run(  # noqa: S603 - a fixed program
            ["git", "-C", str(folder), *words],  # noqa: S607 - whichever is there
            env=environ,
            input=told,
            capture_output=True,
            check=True,
        )
        return done.stdout.decode().strip()

    folder.mkdir()
    git("init", "--quiet", "--initial-branch", "main")
    git("fast-import", "--quiet", told=b"".join(_history(release)))
    git("reset", "--quiet", "--hard")
    return git("rev-parse", "HEAD")


def _history(release: Release) -> Iterator[bytes]:
    """What ``git fast-import`` makes the repository of."""
    # The first tag is older than all that the index lists, the others are younger.
    yield _commit(90, {})
    yield from (_tag(tag) for tag in release.tags[:1])
    yield _commit(30, {})
    yield from (_tag(tag) for tag in release.tags[1:])
    yield _commit(1, release.checkout)
    if release.tag:
        yield _tag(release.tag)
    if not release.built:
        yield _commit(0, {})


def _commit(days: int, files: Mapping[str, bytes]) -> bytes:
    when = int((datetime.now(UTC) - timedelta(days=days)).timestamp())
    made = b"commit refs/heads/main\nmark :1\n"
    made += b"committer Ada Example <ada@example.org> %d +0000\n" % when
    made += b"data 6\nGo on\n\n"
    for path, data in files.items():
        made += b'M 100644 inline "%s"\n' % path.encode()
        made += b"data %d\n%s\n" % (len(data), data)
    return made


def _tag(name: str) -> bytes:
    return b"reset refs/tags/%s\nfrom :1\n\n" % name.encode()


def _environ(release: Release, commit: str, event: Path) -> dict[str, str]:
    """What a runner of GitHub sets, and its payload."""
    ref = release.ref or (f"refs/tags/{release.tag}" if release.tag else "")
    ref = ref or "refs/heads/main"
    repository = {
        "full_name": _REPOSITORY,
        "name": "demo",
        "default_branch": "main",
        "fork": False,
        "owner": {"login": "org"},
    }
    payload = {
        "ref": ref,
        "after": commit,
        "created": True,
        "deleted": False,
        "repository": repository,
        **release.payload,
    }
    event.write_text(json.dumps(payload), encoding="utf-8")
    made = {
        "CI": "true",
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": release.event,
        "GITHUB_EVENT_PATH": str(event),
        "GITHUB_REF": ref,
        "GITHUB_REF_NAME": ref.split("/", 2)[-1],
        "GITHUB_REF_TYPE": "tag" if ref.startswith("refs/tags/") else "branch",
        "GITHUB_REPOSITORY": _REPOSITORY,
        "GITHUB_REPOSITORY_OWNER": "org",
        "GITHUB_SHA": commit,
        "GITHUB_WORKFLOW": "publish",
        "GITHUB_WORKFLOW_REF": f"{_REPOSITORY}/.github/workflows/publish.yml@{ref}",
    }
    if release.upload_url:
        made["TWINE_REPOSITORY_URL"] = release.upload_url
    return made

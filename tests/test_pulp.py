"""A Pulp server (pulp_python), which takes uploads and lists them when it comes to it.

It needs PostgreSQL and a large environment of its own, so that it has a target of its
own: ``make test-pulp``. Where either cannot be had, the tests are skipped and say why.
"""

from __future__ import annotations

import base64
import contextlib
import functools
import os
import pwd
import secrets
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import indexes
import pytest
import sound

pytestmark = pytest.mark.pulp

#: Where ``make clean`` finds it; an environment of its own takes half a minute.
_ENVIRONMENT = Path(__file__).parents[1] / ".pulp"
_START_SECONDS = 120.0
_TASK_SECONDS = 60.0
USER = PASSWORD = "admin"
#: For what is not waited for; a run that waited would take so long, and be seen.
_AT_ONCE = 20


# --- the server ------------------------------------------------------------------


@dataclass(frozen=True)
class Pulp:
    """A Pulp server; ``api`` is its root."""

    api: str
    content: str

    def call(self, method: str, path: str, body: object = None) -> dict[str, Any]:
        """Ask its own API, and wait for the task where there is one."""
        token = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        headers = {"Authorization": f"Basic {token}"}
        status, answer = indexes.call(
            method, f"{self.api.rstrip('/')}{path}", body, headers
        )
        assert status < 400, answer
        assert isinstance(answer, dict)
        if method == "GET" or "task" not in answer:
            return answer
        ends = time.monotonic() + _TASK_SECONDS
        while (task := self.call("GET", str(answer["task"])))["state"] != "completed":
            assert task["state"] in ("waiting", "running"), task
            assert time.monotonic() < ends, task
            time.sleep(0.1)
        return task

    def index(self, name: str) -> str:
        """Make an index with a repository of its own; gives its Simple API root, which
        takes uploads as well.
        """
        repositories = "/pulp/api/v3/repositories/python/python/"
        made = self.call("POST", repositories, {"name": name})
        distribution = {"name": name, "base_path": name}
        distribution["repository"] = str(made["pulp_href"])
        self.call("POST", "/pulp/api/v3/distributions/python/pypi/", distribution)
        return f"{self.api}pypi/{name}/simple/"

    def publish(self, index: str) -> str:
        """Serve an index's files as they are now, from the other program; gives the
        Simple API root that the new index has on the first one.
        """
        publications = "/pulp/api/v3/publications/python/pypi/"
        whole = {"repository": self._repository(index)["pulp_href"]}
        (made,) = self.call("POST", publications, whole)["created_resources"]
        name = f"{index.rstrip('/').split('/')[-2]}-published"
        distribution = {"name": name, "base_path": name, "publication": made}
        self.call("POST", "/pulp/api/v3/distributions/python/pypi/", distribution)
        return f"{self.api}pypi/{name}/simple/"

    def remove(self, index: str, filename: str) -> None:
        """Take a file out of an index, as its administrator."""
        repository = self._repository(index)
        packages = "/pulp/api/v3/content/python/packages/"
        version = repository["latest_version_href"]
        query = f"?repository_version={version}&filename={filename}"
        (content,) = self.call("GET", packages + query)["results"]
        change = {"remove_content_units": [content["pulp_href"]]}
        self.call("POST", f"{repository['pulp_href']}modify/", change)

    def _repository(self, index: str) -> dict[str, Any]:
        name = index.rstrip("/").split("/")[-2]
        repositories = "/pulp/api/v3/repositories/python/python/"
        found = self.call("GET", f"{repositories}?name={name}")["results"]
        repository: dict[str, Any] = found[0]
        return repository


@pytest.fixture(scope="module", name="pulp")
def _pulp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pulp]:
    postgres = _postgres()
    binaries = indexes.tools(_ENVIRONMENT, "pulp-python")
    folder = tmp_path_factory.mktemp("pulp")
    with contextlib.ExitStack() as stack:
        database = stack.enter_context(_database(postgres))
        yield stack.enter_context(_server(binaries, folder, database))


def _postgres() -> Path:
    """The programs of the newest PostgreSQL; Debian keeps them off the path."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    named = shutil.which("initdb")
    if not found and named is None:
        pytest.skip("Pulp needs PostgreSQL, whose initdb is not on this machine")
    return (found[-1] if found else Path(str(named))).parent


@contextlib.contextmanager
def _database(binaries: Path) -> Iterator[Path]:
    """A PostgreSQL of our own, on a socket only; gives the socket's folder.

    It does not run as root, and a socket's path must be short.
    """
    account: dict[str, str | list[str]] = {}
    folder = Path(tempfile.mkdtemp(prefix="pulp-"))
    if os.geteuid() == 0:
        if "postgres" not in {entry.pw_name for entry in pwd.getpwall()}:
            pytest.skip(
                "PostgreSQL does not run as root, and there is no user postgres"
            )
        account = {"user": "postgres", "group": "postgres", "extra_groups": []}
        shutil.chown(folder, "postgres", "postgres")
    try:
        with _postgres_in(folder, binaries, account):
            yield folder
    finally:
        shutil.rmtree(folder)


@contextlib.contextmanager
def _postgres_in(
    folder: Path, binaries: Path, account: dict[str, str | list[str]]
) -> Iterator[None]:
    def run(command: list[str]) -> None:
        subprocess.run(  # type: ignore[call-overload]
            command, check=True, cwd=folder, stdout=subprocess.DEVNULL, **account
        )

    initdb = [str(binaries / "initdb"), "-D", "data", "-A", "trust", "-U", "pulp"]
    run([*initdb, "-N", "-E", "UTF8", "--locale", "C.UTF-8"])
    # It need not outlive a power cut (-F).
    command = [str(binaries / "postgres"), "-D", "data", "-F", "-k", str(folder)]
    server = subprocess.Popen(
        [*command, "-c", "listen_addresses="],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        **account,  # type: ignore[call-overload]
    )
    try:
        ready = [str(binaries / "pg_isready"), "-h", str(folder), "-q"]
        _wait(lambda: subprocess.run(ready, check=False).returncode == 0, server)
        run([str(binaries / "createdb"), "-h", str(folder), "-U", "pulp", "pulp"])
        yield
    finally:
        server.terminate()
        server.wait(timeout=30)


_SETTINGS = """\
SECRET_KEY = {key!r}
CONTENT_ORIGIN = {content!r}
DB_ENCRYPTION_KEY = {folder!r} + "/key"
DATABASES = {{
    "default": {{
        "ENGINE": "django.db.backends.postgresql",
        "HOST": {database!r},
        "NAME": "pulp",
        "USER": "pulp",
    }}
}}
DEPLOY_ROOT = MEDIA_ROOT = {folder!r}
WORKING_DIRECTORY = FILE_UPLOAD_TEMP_DIR = {folder!r} + "/tmp"
STATIC_ROOT = {folder!r} + "/assets"
ANALYTICS = False
"""


@contextlib.contextmanager
def _server(binaries: Path, folder: Path, database: Path) -> Iterator[Pulp]:
    api, content = (f"http://127.0.0.1:{indexes.free_port()}/" for _ in range(2))
    for name in ("tmp", "assets"):
        (folder / name).mkdir()
    (folder / "key").write_bytes(base64.urlsafe_b64encode(secrets.token_bytes(32)))
    settings = _SETTINGS.format(
        key=secrets.token_hex(),
        content=content.rstrip("/"),
        folder=str(folder),
        database=str(database),
    )
    (folder / "settings.py").write_text(settings, encoding="utf-8")
    environ = {
        "PULP_SETTINGS": str(folder / "settings.py"),
        "DJANGO_SETTINGS_MODULE": "pulpcore.app.settings",
        "PATH": f"{binaries}{os.pathsep}{os.environ['PATH']}",
    }
    manager = str(binaries / "pulpcore-manager")
    whole = {**os.environ, **environ}
    indexes.run([manager, "migrate", "--noinput"], environ=whole)
    password = ["reset-admin-password", "--password", PASSWORD]
    indexes.run([manager, *password], environ=whole)
    with contextlib.ExitStack() as stack:
        for program, url in (("pulpcore-api", api), ("pulpcore-content", content)):
            command = [str(binaries / program), "-b", url.split("/")[2], "-w", "1"]
            stack.enter_context(indexes.running(command, url, **environ))
        worker = subprocess.Popen(
            [str(binaries / "pulpcore-worker")],
            env=whole,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        stack.callback(worker.wait, timeout=60)
        stack.callback(worker.terminate)
        pulp = Pulp(api, content)
        status = "/pulp/api/v3/status/"
        _wait(lambda: bool(pulp.call("GET", status)["online_workers"]), worker)
        yield pulp


def _wait(answers: Callable[[], bool], server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + _START_SECONDS
    while not answers():
        assert server.poll() is None, f"it ended: {server.returncode}"
        assert time.monotonic() < ends, "it does not answer"
        time.sleep(0.1)


# --- what becomes of a release ---------------------------------------------------


@dataclass(frozen=True)
class Published:
    """A release that was checked, and uploaded to an index of its own."""

    url: str
    files: tuple[Path, ...]
    manifest: Path

    def verify(self, timeout: int, *options: str) -> indexes.Said:
        """What is said of it."""
        words = ("--timeout", timeout, *options, self.manifest)
        return indexes.ask("verify", self.url, *words)


_put = functools.partial(indexes.twine_put, user=USER, password=PASSWORD)


@pytest.fixture(name="published")
def _published(pulp: Pulp, tmp_path: Path, request: pytest.FixtureRequest) -> Published:
    name = request.node.name.partition("[")[0].removeprefix("test_").replace("_", "-")
    url = pulp.index(name)
    dist, manifest = tmp_path / "dist", tmp_path / "manifest.json"
    files = sound.pair(dist)
    assert indexes.ask("check", url, "--manifest", manifest, dist).code == 0
    indexes.twine_upload(url, *files, user=USER, password=PASSWORD)
    return Published(url, tuple(files), manifest)


def test_release_is_exact_once_its_tasks_are_done(published: Published) -> None:
    # Nobody says when: it is asked until all is listed.
    said = published.verify(60, "--download")

    assert (said.code, said.errors) == (0, set())
    assert said.states == ["exact"]


def test_files_it_has_taken_and_not_listed_yet_are_missing(
    pulp: Pulp, tmp_path: Path
) -> None:
    url = pulp.index("taken")
    files = sound.pair(tmp_path)
    assert [_put(url, path) for path in files] == [202, 202]

    said = indexes.ask("verify", url, "--timeout", 60, "--dist", *files)
    assert (said.code, said.states) == (0, ["exact"])


def test_name_that_is_taken_is_refused_for_the_same_bytes_as_well(
    published: Published, tmp_path: Path
) -> None:
    assert published.verify(60).states == ["exact"]
    other = tmp_path / published.files[0].name
    other.write_bytes(published.files[0].read_bytes()[:-2] + b"\x01\x00!")

    assert _put(published.url, published.files[0]) == 400
    assert _put(published.url, other) == 400
    assert published.verify(_AT_ONCE).states == ["exact"]


def test_file_that_is_taken_away_is_missing(pulp: Pulp, published: Published) -> None:
    assert published.verify(60).states == ["exact"]
    pulp.remove(published.url, published.files[0].name)

    said = published.verify(0)
    assert said.errors == {("published-missing", published.files[0].name)}
    assert said.states == ["missing"]


def test_file_that_is_replaced_is_altered(
    pulp: Pulp, published: Published, tmp_path: Path
) -> None:
    assert published.verify(60).states == ["exact"]
    pulp.remove(published.url, published.files[0].name)
    other = tmp_path / published.files[0].name
    other.write_bytes(published.files[0].read_bytes()[:-2] + b"\x01\x00!")
    assert _put(published.url, other) == 202

    # The name is free again; until the new file is listed it is missing.
    said = published.verify(60)
    assert said.errors == {("published-altered", other.name)}
    assert said.states == ["altered"]


def test_stranger_and_another_version_are_told(
    published: Published, tmp_path: Path
) -> None:
    assert published.verify(60).states == ["exact"]
    (tmp_path / "more").mkdir()
    stray = sound.wheel(tmp_path / "more", tag="py311-none-any")
    later = sound.wheel(tmp_path / "more", "1.1")
    for path in (stray, later):
        assert _put(published.url, path) == 202
        _listed(published.url, path)

    said = published.verify(_AT_ONCE)
    assert said.errors == {
        ("published-unexpected", stray.name),
        ("published-elsewhere", later.name),
    }
    assert said.states == ["unexpected"]


def _listed(url: str, path: Path) -> None:
    """Wait until a file is listed."""
    accept = {"Accept": "application/vnd.pypi.simple.v1+json"}
    ends = time.monotonic() + _TASK_SECONDS
    while path.name not in str(indexes.call("GET", f"{url}demo/", None, accept)):
        assert time.monotonic() < ends, f"{path.name} is not listed"
        time.sleep(0.1)


def test_upload_that_broke_off_is_finished(pulp: Pulp, tmp_path: Path) -> None:
    url = pulp.index("broken")
    dist, manifest = tmp_path / "dist", tmp_path / "manifest.json"
    first, second = sound.pair(dist)
    check = ("check", url, "--manifest", manifest, dist)
    assert indexes.ask(*check).code == 0
    assert _put(url, first) == 202
    _listed(url, first)
    broken = indexes.ask("verify", url, "--timeout", 0, manifest)
    assert broken.errors == {("published-missing", second.name)}

    again = indexes.ask(*check)
    assert again.report["to_upload"] == [second.name]
    assert _put(url, second) == 202
    assert indexes.ask("verify", url, "--timeout", 60, manifest).states == ["exact"]


def test_published_index_is_read_where_it_is_served(
    pulp: Pulp, published: Published
) -> None:
    assert published.verify(60).states == ["exact"]
    url = pulp.publish(published.url)
    arguments = ("--timeout", _AT_ONCE, "--dist", *published.files)

    # It sends on to the program that serves files, on another port.
    elsewhere = indexes.ask("verify", url, *arguments)
    assert (elsewhere.code, elsewhere.states) == (3, ["not-this-index"])

    name = url.rstrip("/").split("/")[-2]
    served = f"{pulp.content}pulp/content/{name}/simple/"
    assert indexes.ask("verify", served, *arguments).states == ["exact"]

"""Real index servers in the ways that people run them: behind a password, in front of
another index, as a cache, late, down.

What happens to a release on each of them is in ``test_cycles``.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import shlex
import shutil
import sys
import zipfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import indexes
import misbehaving
import pytest
import servers
import sound
from indexes import Said

from release_guard.jobs.common import Job
from release_guard.jobs.verify import Expectation, verify
from release_guard.manifest import read_manifest
from release_guard.policy import Overrides, PolicyFile, resolve
from release_guard.run import render
from release_guard.sources.web import Web

USER, PASSWORD = "reader", "s3cr3t/of:them@all"
#: For what is not waited for; a run that waited would take so long, and be seen.
AT_ONCE = ("--timeout", 20)


# --- behind a password -----------------------------------------------------------


@dataclass(frozen=True)
class Locked:
    """A pypiserver that shows nothing without a password, and the release on it."""

    url: str
    dist: Path

    @property
    def simple_url(self) -> str:
        """Where it is read."""
        return f"{self.url}simple/"

    @property
    def host(self) -> str:
        """Its host and port."""
        return urlsplit(self.url).netloc

    def with_user_info(self, user_info: str) -> str:
        """Where it is read, with a user in front of the host."""
        return self.simple_url.replace("//", f"//{user_info}@")


#: With hashes only pages are read; without them the files as well.
@pytest.fixture(scope="module", name="locked", params=["sha256", "off"])
def _locked(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Locked]:
    folder = tmp_path_factory.mktemp("locked")
    passwords = indexes.htpasswd(folder / "htpasswd", USER, PASSWORD)
    locks = ("-P", str(passwords), "-a", "update,list,download")
    options = (*locks, "--hash-algo", request.param)
    files = sound.pair(folder / "dist")
    with indexes.pypiserver(folder / "packages", *options) as url:
        indexes.twine_upload(url, *files, user=USER, password=PASSWORD)
        yield Locked(url, folder / "dist")


QUOTED = "reader:s3cr3t%2Fof%3Athem%40all"


@dataclass(frozen=True)
class Login:
    """Where a user and a password stand: ``{url}``, ``{host}``, ``{user}``,
    ``{password}`` and ``{info}`` (as a URL has them) are filled in.
    """

    user_info: str = ""
    environ: Mapping[str, str] = field(default_factory=dict)
    home: Mapping[str, str] = field(default_factory=dict)
    named: bool = False


_PYPIRC = "[distutils]\nindex-servers = internal\n[internal]\nrepository = {url}\n"
_KEYRING = """\
from keyring.backend import KeyringBackend
from keyring.credentials import SimpleCredential

class Keyring(KeyringBackend):
    priority = 1

    def get_credential(self, service, username):
        return SimpleCredential("{user}", "{password}") if "{host}" in service else None

    def get_password(self, service, username):
        return "{password}" if "{host}" in service else None

    def set_password(self, service, username, password):
        raise NotImplementedError
"""
LOGINS = {
    "in the URL": Login("{info}"),
    "in .netrc": Login(
        home={".netrc": "machine 127.0.0.1\nlogin {user}\npassword {password}\n"}
    ),
    "in the file that NETRC names": Login(
        environ={"NETRC": "{home}/logins"},
        home={"logins": "machine 127.0.0.1\nlogin {user}\npassword {password}\n"},
    ),
    "in .pypirc": Login(
        home={".pypirc": _PYPIRC + "username = {user}\npassword = {password}\n"}
    ),
    "in .pypirc and the environment": Login(
        environ={
            "TWINE_REPOSITORY": "internal",
            "TWINE_USERNAME": "{user}",
            "TWINE_PASSWORD": "{password}",
        },
        home={".pypirc": _PYPIRC},
    ),
    "in twine's variables": Login(
        environ={
            "TWINE_REPOSITORY_URL": "{url}",
            "TWINE_USERNAME": "{user}",
            "TWINE_PASSWORD": "{password}",
        },
    ),
    "in pip's index URL": Login(
        environ={"PIP_INDEX_URL": "http://{info}@{host}/simple/"}
    ),
    "in uv's variables": Login(
        environ={
            "UV_INDEX_INTERNAL_USERNAME": "{user}",
            "UV_INDEX_INTERNAL_PASSWORD": "{password}",
        },
        named=True,
    ),
    "in the keyring": Login(
        environ={
            "PYTHON_KEYRING_BACKEND": "own_keyring.Keyring",
            "PYTHONPATH": "{home}",
        },
        home={"own_keyring.py": _KEYRING},
    ),
}


@pytest.fixture(name="verify_locked")
def _verify_locked(
    locked: Locked,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> Callable[[Login], Said]:
    """Verify with a password that stands somewhere; nothing that is written has it."""
    home = tmp_path / "home"
    home.mkdir()

    def verify_with(login: Login) -> Said:
        words = {
            "url": locked.url,
            "host": locked.host,
            "home": str(home),
            "user": USER,
            "password": PASSWORD,
            "info": QUOTED,
        }
        monkeypatch.setenv("HOME", str(home))
        # Not that of whoever runs the tests.
        monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
        for name, text in login.environ.items():
            monkeypatch.setenv(name, text.format(**words))
        for name, text in login.home.items():
            path = home / name
            path.write_text(text.format(**words), encoding="utf-8")
            path.chmod(0o600)
        user_info = login.user_info.format(**words)
        url = locked.with_user_info(user_info) if user_info else locked.simple_url
        arguments = [*AT_ONCE, "--dist", locked.dist]
        if login.named:
            policy = tmp_path / "policy.yml"
            index = f"internal: {{simple-url: '{url}', repository-url: '{locked.url}'}}"
            policy.write_text(f"edition: 2026\nindexes: {{{index}}}\n", "utf-8")
            arguments += ["--policy", policy, "--index", "internal"]
            url = ""
        said = indexes.ask("verify", url, *arguments)
        out, err = capfd.readouterr()
        for text in (out, err, json.dumps(said.report)):
            assert PASSWORD not in text
            assert QUOTED not in text
        return said

    return verify_with


@pytest.mark.parametrize("where", LOGINS)
def test_password_is_taken_from_where_people_keep_it(
    where: str, verify_locked: Callable[[Login], Said]
) -> None:
    said = verify_locked(LOGINS[where])

    assert (said.code, said.errors) == (0, set())
    assert said.states == ["exact"]


#: Nothing that would open the door.
NO_LOGINS = {
    "nowhere": Login(),
    "wrong": Login("reader:wrong"),
    "without a password": Login("reader"),
    "in .netrc for another machine": Login(
        home={".netrc": "machine index.example login {user} password {password}\n"}
    ),
    "in .netrc for all other machines": Login(
        home={".netrc": "default login {user} password {password}\n"}
    ),
    "in .pypirc for another port": Login(
        home={
            ".pypirc": "[distutils]\nindex-servers = internal\n[internal]\n"
            "repository = http://127.0.0.1:1/\nusername = {user}\n"
            "password = {password}\n"
        }
    ),
    "in .pypirc for the public index": Login(
        home={".pypirc": "[pypi]\nusername = {user}\npassword = {password}\n"}
    ),
    "in variables for the public index": Login(
        environ={"TWINE_USERNAME": "{user}", "TWINE_PASSWORD": "{password}"}
    ),
    "in pip's index URL on another port": Login(
        environ={"PIP_INDEX_URL": "http://{info}@127.0.0.1:1/simple/"}
    ),
}


@pytest.mark.parametrize("locked", ["sha256"], indirect=True)
@pytest.mark.parametrize("where", NO_LOGINS)
def test_without_a_password_of_its_own_the_index_is_not_read(
    where: str, verify_locked: Callable[[Login], Said]
) -> None:
    said = verify_locked(NO_LOGINS[where])

    assert (said.code, said.errors) == (3, set())
    assert (said.states, said.looks) == (["unreachable"], [1])


def test_check_and_audit_take_the_password_as_well(
    locked: Locked, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.null.Keyring")
    monkeypatch.setenv("NETRC", str(tmp_path / "logins"))
    tags = tmp_path / "tags"
    tags.write_text("v1.0\n", encoding="utf-8")
    manifest = ("--manifest", tmp_path / "manifest.json")
    jobs = (
        ("check", locked.simple_url, *manifest, locked.dist),
        ("audit", locked.simple_url, "demo", "--tags", tags),
    )
    assert [indexes.ask(*job).code for job in jobs] == [3, 3]

    login = f"machine 127.0.0.1 login {USER} password {PASSWORD}\n"
    (tmp_path / "logins").write_text(login, encoding="utf-8")
    checked, audited = (indexes.ask(*job) for job in jobs)
    assert (checked.code, checked.report["to_upload"]) == (0, [])
    assert (audited.code, audited.errors) == (0, set())


def test_password_is_not_sent_to_where_the_index_sends_on(tmp_path: Path) -> None:
    files = sound.pair(tmp_path / "dist")
    passwords = indexes.htpasswd(tmp_path / "htpasswd", USER, PASSWORD)
    locks = ("-P", str(passwords), "-a", "update,list,download")
    with servers.serving() as other, contextlib.ExitStack() as stack:
        fallback = ("--fallback-url", f"{other.url}/simple/")
        url = stack.enter_context(
            indexes.pypiserver(tmp_path / "p", *locks, *fallback, fallback=True)
        )
        simple_url = f"{url}simple/".replace("//", f"//{QUOTED}@", 1)
        said = indexes.ask("verify", simple_url, *AT_ONCE, "--dist", *files)

        assert said.code == 3
        assert said.states == ["not-this-index"]
        assert other.asked() == []


# --- what it does not have it sends on -------------------------------------------


def test_project_that_pypiserver_sends_on_to_pypi_is_not_on_this_index(
    tmp_path: Path,
) -> None:
    dist, manifest = tmp_path / "dist", tmp_path / "manifest.json"
    files = sound.pair(dist)
    with indexes.pypiserver(tmp_path / "packages", fallback=True) as url:
        simple_url = f"{url}simple/"
        checked = indexes.ask("check", simple_url, "--manifest", manifest, dist)
        assert checked.code == 0
        assert "project-new" in {f["rule"] for f in checked.report["findings"]}

        absent = indexes.ask("verify", simple_url, "--timeout", 0, manifest)
        assert absent.code != 0
        assert absent.states == ["not-this-index"]

        indexes.twine_upload(url, *files)
        assert indexes.ask("verify", simple_url, *AT_ONCE, manifest).states == ["exact"]


def test_index_behind_that_has_the_files_proves_nothing_of_this_one(
    tmp_path: Path,
) -> None:
    files = sound.pair(tmp_path / "dist")
    with contextlib.ExitStack() as stack:
        start = functools.partial(stack.enter_context)
        behind = start(indexes.pypiserver(tmp_path / "behind"))
        indexes.twine_upload(behind, *files)
        fallback = ("--fallback-url", f"{behind}simple/")
        url = start(indexes.pypiserver(tmp_path / "front", *fallback, fallback=True))

        said = indexes.ask("verify", f"{url}simple/", *AT_ONCE, "--dist", *files)
        assert said.code == 3
        assert said.states == ["not-this-index"]


def test_first_of_two_sources_hides_what_the_second_gets(tmp_path: Path) -> None:
    first, second = tmp_path / "first" / "demo", tmp_path / "second" / "demo"
    sound.pair(first, "0.9")
    files = sound.pair(second)
    with indexes.simple_repository(first.parent, second.parent) as simple_url:
        ask = functools.partial(indexes.ask, "verify", simple_url)
        hidden = ask("--timeout", 0, "--dist", *files)
        assert hidden.errors == {("published-missing", path.name) for path in files}
        assert hidden.states == ["missing"]

        shutil.rmtree(first)
        assert ask(*AT_ONCE, "--dist", *files).states == ["exact"]


# --- late, and down --------------------------------------------------------------


@dataclass
class Meanwhile(misbehaving.Time):
    """Time in which something happens each time that somebody waits, in turn."""

    happens: list[Callable[[], object]] = field(default_factory=list)

    def sleep(self, seconds: float) -> None:
        """Let time pass, and the next thing happen."""
        super().sleep(seconds)
        if self.happens:
            self.happens.pop(0)()


def _watch(
    simple_url: str, manifest: Path, *happens: Callable[[], object], timeout: float = 60
) -> tuple[Said, list[float]]:
    """Verify while something happens on the index; the report, and the pauses."""
    time = Meanwhile(happens=list(happens))
    policy = resolve(PolicyFile(), Overrides(index_url=simple_url))
    job = Job(policy, web=Web({}), clock=time.clock)
    expectation = Expectation(read_manifest(manifest.read_bytes(), where=str(manifest)))
    report = verify(job, expectation, timeout=timeout)
    return Said(report.exit_code, json.loads(render(report, "json"))), time.slept


@pytest.fixture(name="checked")
def _checked(tmp_path: Path) -> tuple[list[Path], Path]:
    """A release that was checked for no index, and its manifest."""
    files = sound.pair(tmp_path / "dist")
    manifest = tmp_path / "manifest.json"
    words = ("--offline", "--manifest", manifest, tmp_path / "dist")
    assert indexes.ask("check", "http://127.0.0.1:1/", *words).code == 0
    return files, manifest


def test_files_that_arrive_one_by_one_are_waited_for(
    checked: tuple[list[Path], Path], tmp_path: Path
) -> None:
    files, manifest = checked
    with indexes.pypiserver(tmp_path / "packages") as url:
        arrive = [functools.partial(indexes.twine_put, url, path) for path in files]
        said, slept = _watch(f"{url}simple/", manifest, *arrive)

    assert (said.code, said.states) == (0, ["exact"])
    assert len(slept) == len(files)


def test_file_that_never_arrives_is_missing_when_the_time_is_up(
    checked: tuple[list[Path], Path], tmp_path: Path
) -> None:
    files, manifest = checked
    with indexes.pypiserver(tmp_path / "packages") as url:
        indexes.twine_put(url, files[0])
        said, slept = _watch(f"{url}simple/", manifest)

    assert said.errors == {("published-missing", files[1].name)}
    assert (said.code, said.states) == (1, ["missing"])
    assert sum(slept) == 60


def test_stranger_that_arrives_while_it_waits_ends_the_waiting(
    checked: tuple[list[Path], Path], tmp_path: Path
) -> None:
    files, manifest = checked
    stray = sound.wheel(tmp_path, tag="py311-none-any")
    with indexes.pypiserver(tmp_path / "packages") as url:
        indexes.twine_put(url, files[0])
        arrives = functools.partial(indexes.twine_put, url, stray)
        said, slept = _watch(f"{url}simple/", manifest, arrives)

    assert ("published-unexpected", stray.name) in said.errors
    assert (said.code, said.states) == (1, ["unexpected"])
    assert len(slept) == 1


@pytest.mark.parametrize("algorithm", ["sha256", "md5", "off"])
def test_file_that_is_replaced_while_another_is_waited_for_is_altered(
    algorithm: str, checked: tuple[list[Path], Path], tmp_path: Path
) -> None:
    files, manifest = checked
    other = tmp_path / files[0].name
    other.write_bytes(files[0].read_bytes()[:-2] + b"\x01\x00!")
    options = ("-o", "--hash-algo", algorithm)
    with indexes.pypiserver(tmp_path / "packages", *options) as url:
        put = functools.partial(indexes.twine_put, url)
        put(files[0])

        def happens() -> None:
            put(other)
            put(files[1])

        said, _ = _watch(f"{url}simple/", manifest, happens)

    assert said.errors == {("published-altered", other.name)}
    assert (said.code, said.states) == (1, ["altered"])


def test_server_that_is_down_is_waited_for_and_never_passes(
    checked: tuple[list[Path], Path], tmp_path: Path
) -> None:
    files, manifest = checked
    packages, port = tmp_path / "packages", indexes.free_port()
    simple_url = f"http://127.0.0.1:{port}/simple/"
    said, slept = _watch(simple_url, manifest)
    assert (said.code, said.states) == (3, ["unreachable"])
    assert sum(slept) == 60

    packages.mkdir()
    for path in files:
        shutil.copy(path, packages)
    with contextlib.ExitStack() as stack:
        server = indexes.pypiserver(packages, port=port)
        said, slept = _watch(
            simple_url, manifest, functools.partial(stack.enter_context, server)
        )
    assert (said.code, said.states) == (0, ["exact"])
    assert len(slept) == 1


# --- what is served --------------------------------------------------------------


def _served(files: list[Path], folder: Path) -> Path:
    """A page with the hashes of these files, which lie beside it."""
    page = folder / "demo" / "index.html"
    page.parent.mkdir(parents=True)
    digest = {path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    links = (f'<a href="{p.name}#sha256={digest[p]}">{p.name}</a>' for p in files)
    body = "<title>Links for demo</title>" + "<br>".join(links)
    page.write_text(f"<html>{body}</html>", encoding="utf-8")
    for path in files:
        shutil.copy(path, page.parent)
    return page.parent


def test_bytes_that_are_served_are_compared_where_that_is_asked_for(
    tmp_path: Path,
) -> None:
    files = sound.pair(tmp_path / "dist")
    place = _served(files, tmp_path / "pages")
    with indexes.pages(tmp_path / "pages") as url:
        ask = functools.partial(indexes.ask, "verify", url, *AT_ONCE)
        assert ask("--download", "--dist", *files).states == ["exact"]

        content = files[0].read_bytes()
        (place / files[0].name).write_bytes(content[:-2] + b"\x01\x00!")
        # The page tells nothing of it.
        assert ask("--dist", *files).states == ["exact"]
        said = ask("--download", "--dist", *files)
        assert {rule for rule, _ in said.errors} == {"published-undownloadable"}
        assert {subject for _, subject in said.errors} == {files[0].name}
        assert said.code == 1
        assert said.states != ["exact"]

        (place / files[0].name).unlink()
        said = ask("--download", "--dist", *files)
        assert said.errors == {("published-undownloadable", files[0].name)}
        assert said.code == 1


@pytest.mark.parametrize("algorithm", ["sha256", "sha512", "md5", "off"])
def test_download_from_pypiserver_is_exact(algorithm: str, tmp_path: Path) -> None:
    files = sound.pair(tmp_path / "dist")
    options = ("--hash-algo", algorithm)
    with indexes.pypiserver(tmp_path / "packages", *options) as url:
        indexes.twine_upload(url, *files)
        said = indexes.ask(
            "verify", f"{url}simple/", *AT_ONCE, "--download", "--dist", *files
        )

    assert (said.code, said.errors, said.states) == (0, set(), ["exact"])


def test_metadata_that_simple_repository_server_takes_out_of_wheels_is_theirs(
    tmp_path: Path,
) -> None:
    # It announces no hash of it (PEP 658: core-metadata is true).
    files = sound.pair(tmp_path / "demo")
    with indexes.simple_repository(tmp_path) as url:
        said = indexes.ask("verify", url, *AT_ONCE, "--download", "--dist", *files)

    assert (said.code, said.states) == (0, ["exact"])
    assert [f["rule"] for f in said.report["findings"]] == []


# --- what to do next -------------------------------------------------------------


def test_next_step_is_the_command_that_finishes_the_upload(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    files = sound.pair(tmp_path / "dist")
    with indexes.pypiserver(tmp_path / "packages") as url:
        where = (f"{url}simple/", "--repository-url", url)
        assert indexes.ask("check", *where).code == 0
        indexes.twine_upload(url, files[0])
        broken = indexes.ask("verify", *where, "--timeout", 0)
        assert broken.states == ["missing"]

        command = _command(broken)
        for name, value in {"USERNAME": USER, "PASSWORD": PASSWORD}.items():
            monkeypatch.setenv(f"TWINE_{name}", value)
        indexes.run([sys.executable, "-m", *command])
        monkeypatch.delenv("TWINE_USERNAME")
        monkeypatch.delenv("TWINE_PASSWORD")
        assert indexes.ask("verify", *where, *AT_ONCE).states == ["exact"]


def _command(said: Said) -> list[str]:
    """The one command among what is to be done next."""
    (line,) = (step for step in said.report["next"] if step.startswith("  twine "))
    return shlex.split(line)


def test_next_step_sends_no_release_of_another_index_to_pypi(tmp_path: Path) -> None:
    files = sound.pair(tmp_path / "dist")
    with indexes.pypiserver(tmp_path / "packages") as url:
        said = indexes.ask("verify", f"{url}simple/", "--timeout", 0, "--dist", *files)

    assert said.states == ["missing"]
    commands = [step for step in said.report["next"] if "twine upload" in step]
    assert [step for step in commands if "--repository" not in step] == []


# --- caches, generators, and large releases --------------------------------------


@pytest.fixture(scope="module", name="proxpi")
def _proxpi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment with proxpi."""
    return indexes.tools(tmp_path_factory.mktemp("proxpi"), "proxpi")


@pytest.mark.slow_index
def test_proxpi_tells_what_it_has_seen_until_it_is_told_to_look_again(
    proxpi: Path, tmp_path: Path
) -> None:
    files = sound.pair(tmp_path / "dist")
    behind = tmp_path / "behind" / "demo"
    shutil.copytree(tmp_path / "dist", behind)
    with (
        indexes.simple_repository(behind.parent) as source,
        indexes.proxpi(proxpi, source) as url,
    ):
        ask = functools.partial(indexes.ask, "verify", url, "--dist", *files)
        assert ask(*AT_ONCE).states == ["exact"]

        # What this index lists is told, not what stands behind it.
        (behind / files[1].name).unlink()
        assert ask(*AT_ONCE).states == ["exact"]
        assert indexes.call("DELETE", url.replace("/index/", "/cache/demo"))[0] == 200
        said = ask("--timeout", 0)
        assert said.errors == {("published-missing", files[1].name)}
        assert said.states == ["missing"]

        # And the other way round: there, and not yet told here.
        shutil.copy(files[1], behind)
        assert indexes.ask("verify", source, *AT_ONCE, "--dist", *files).code == 0
        assert ask("--timeout", 0).states == ["missing"]


@pytest.fixture(scope="module", name="dumb_pypi")
def _dumb_pypi(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The program that writes a static index."""
    folder = tmp_path_factory.mktemp("dumb-pypi")
    return indexes.tools(folder, "dumb-pypi") / "dumb-pypi"


@pytest.mark.slow_index
@pytest.mark.parametrize(
    ("said_of_the_wheel", "state"),
    [
        pytest.param({}, "exact", id="a hash"),
        pytest.param({"hash": None}, "exact", id="no hash"),
        pytest.param({"yanked_reason": "broken"}, "yanked", id="a yank"),
        pytest.param({"hash": f"sha256={'0' * 64}"}, "altered", id="another hash"),
        pytest.param({"hash": f"md5={'0' * 32}"}, "altered", id="another md5"),
    ],
)
def test_pages_of_dumb_pypi_are_read(
    said_of_the_wheel: dict[str, str | None],
    state: str,
    dumb_pypi: Path,
    tmp_path: Path,
) -> None:
    files = sound.pair(tmp_path / "pages" / "packages")
    rows = []
    for path in files:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
        said = said_of_the_wheel if path.suffix == ".whl" else {}
        row = {"filename": path.name, "hash": f"sha256={digest}", **said}
        rows.append(json.dumps({k: v for k, v in row.items() if v is not None}))
    packages = tmp_path / "packages.json"
    packages.write_text("\n".join(rows), encoding="utf-8")
    options = ("--package-list-json", packages, "--packages-url", "../../packages")
    out = tmp_path / "pages"
    indexes.run([str(dumb_pypi), *map(str, options), "--output-dir", str(out)])

    with indexes.pages(out) as url:
        verified = indexes.ask("verify", f"{url}simple/", *AT_ONCE, "--dist", *files)

    assert verified.states == [state]


@pytest.fixture(scope="module", name="devpi")
def _devpi(tmp_path_factory: pytest.TempPathFactory) -> Iterator[indexes.Devpi]:
    with indexes.devpi(tmp_path_factory.mktemp("devpi")) as server:
        yield server


@pytest.mark.slow_index
def test_mirror_of_devpi_is_late_by_its_cache(
    devpi: indexes.Devpi, tmp_path: Path
) -> None:
    files = sound.pair(tmp_path / "dist")
    with indexes.pypiserver(tmp_path / "packages") as url:
        mirror = {"type": "mirror", "mirror_url": f"{url}simple/"}
        simple_url = f"{devpi.index('mirror', **mirror)}+simple/"
        ask = functools.partial(indexes.ask, "verify", simple_url, "--dist", *files)
        indexes.twine_put(url, files[0])
        assert ask("--timeout", 0).errors == {("published-missing", files[1].name)}

        indexes.twine_put(url, files[1])
        source = f"{url}simple/"
        assert indexes.ask("verify", source, *AT_ONCE, "--dist", *files).code == 0
        said = ask("--timeout", 0)
        assert said.errors == {("published-missing", files[1].name)}
        assert said.states == ["missing"]

        # It looks again after half an hour, or when it is told to.
        assert indexes.call("POST", f"{simple_url}demo/refresh")[0] == 200
        assert ask(*AT_ONCE).states == ["exact"]


@pytest.mark.slow_index
def test_yank_that_a_mirror_of_devpi_inherits_is_told(
    devpi: indexes.Devpi, tmp_path: Path
) -> None:
    files = sound.pair(tmp_path / "dist")
    place = _served(files, tmp_path / "pages") / "index.html"
    page = place.read_text(encoding="utf-8")
    place.write_text(page.replace("<a ", '<a data-yanked="broken" ', 1), "utf-8")
    # A mirror looks for the project in the list of all.
    (tmp_path / "pages" / "index.html").write_text('<a href="demo/">demo</a>', "utf-8")
    with indexes.pages(tmp_path / "pages") as url:
        devpi.index("yanked", type="mirror", mirror_url=url)
        derived = devpi.index("derived", bases=["u/yanked"])
        said = indexes.ask("verify", f"{derived}+simple/", *AT_ONCE, "--dist", *files)

    assert said.errors == {("published-yanked", files[0].name)}
    assert said.states == ["yanked"]


@pytest.mark.slow_index
@pytest.mark.parametrize("algorithm", ["sha256", "off"])
def test_release_of_120_wheels_is_exact_and_one_too_few_is_seen(
    algorithm: str, tmp_path: Path
) -> None:
    dist, packages = tmp_path / "dist", tmp_path / "packages"
    dist.mkdir()
    for number in range(120):
        sound.wheel(dist, tag=f"cp311-cp311-manylinux_2_{number}_x86_64")
    shutil.copytree(dist, packages)
    with indexes.pypiserver(packages, "--hash-algo", algorithm) as url:
        ask = functools.partial(indexes.ask, "verify", f"{url}simple/", "--dist", dist)
        assert ask(*AT_ONCE).states == ["exact"]
        gone = sorted(packages.iterdir())[77]
        gone.unlink()
        assert ask("--timeout", 0).errors == {("published-missing", gone.name)}


@pytest.mark.slow_index
def test_large_file_without_a_hash_is_downloaded_and_hashed(tmp_path: Path) -> None:
    files = sound.pair(tmp_path / "dist")
    large = tmp_path / "dist" / "demo-1.0-cp311-abi3-manylinux_2_28_x86_64.whl"
    shutil.copy(files[0], large)
    with zipfile.ZipFile(large, "a") as archive, archive.open("data.bin", "w") as data:
        for _ in range(96):
            data.write(bytes(1 << 20))
    everything = (*files, large)
    with indexes.pypiserver(tmp_path / "packages", "--hash-algo", "off", "-o") as url:
        indexes.twine_upload(url, *everything)
        ask = functools.partial(indexes.ask, "verify", f"{url}simple/", *AT_ONCE)
        assert ask("--dist", *everything).states == ["exact"]

        served = tmp_path / "packages" / large.name
        with served.open("r+b") as content:
            content.seek(50 << 20)
            content.write(b"!")
        said = ask("--dist", *everything)
        assert said.errors == {("published-altered", large.name)}

"""The index of a rehearsal and the upload to it: what goes wrong is one line."""

from __future__ import annotations

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import projects
import pytest
from indexes import free_port

from release_guard.errors import ProgramError, UsageError
from release_guard.sources import local_index
from release_guard.sources.simple import ACCEPT
from release_guard.sources.web import Web


@pytest.fixture(scope="module", name="files")
def _files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("demo")
    return sorted(projects.build(projects.BACKENDS["flit"], folder).iterdir())


@pytest.fixture(name="sleeper")
def _sleeper() -> Iterator[subprocess.Popen[bytes]]:
    """A program that is alive and answers nothing."""
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=-1) as process:
        yield process
        process.kill()


def test_what_is_uploaded_is_listed_and_the_index_is_gone_afterwards(
    files: list[Path],
) -> None:
    with local_index.local_index() as url:
        local_index.upload(files, url)
        page = Web({}).get(f"{url}simple/demo-flit/", accept=ACCEPT)

    assert all(path.name in page.body.decode() for path in files)
    with pytest.raises(Exception, match="not reached"):
        Web({}).get(f"{url}simple/demo-flit/", accept=ACCEPT)


def test_without_pypiserver_it_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)

    with (
        pytest.raises(UsageError, match="needs pypiserver") as raised,
        local_index.local_index(),
    ):
        pass

    assert "release-guard[rehearse]" in raised.value.hint


def test_an_upload_that_fails_tells_what_twine_said(files: list[Path]) -> None:
    with pytest.raises(ProgramError, match=r"twine ended with 1: .*[Cc]onnection"):
        local_index.upload(files, f"http://127.0.0.1:{free_port()}/")


def test_an_upload_without_an_end_is_ended(
    files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_index, "_UPLOAD_SECONDS", 0.001)

    with pytest.raises(ProgramError, match="twine did not end"):
        local_index.upload(files, f"http://127.0.0.1:{free_port()}/")


def test_a_server_that_ended_is_told() -> None:
    with subprocess.Popen([sys.executable, "-c", "raise SystemExit(3)"]) as server:
        server.wait()

    with pytest.raises(ProgramError, match="pypiserver ended with 3"):
        local_index._wait_for(f"http://127.0.0.1:{free_port()}/", server)


def test_a_server_that_does_not_answer_is_given_up(
    sleeper: subprocess.Popen[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(local_index, "_START_SECONDS", 0.1)

    with pytest.raises(ProgramError, match="did not answer"):
        local_index._wait_for(f"http://127.0.0.1:{free_port()}/", sleeper)


def test_the_users_own_settings_do_not_reach_the_upload(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TWINE_REPOSITORY_URL", "https://index.example/")
    monkeypatch.setenv("PYTHONPATH", "elsewhere")
    monkeypatch.setenv("https_proxy", "http://proxy.example/")
    monkeypatch.setenv("HARMLESS", "kept")

    environ = local_index._environ("TWINE_", "PYTHON")

    assert environ["HARMLESS"] == "kept"
    assert not {"TWINE_REPOSITORY_URL", "PYTHONPATH", "https_proxy"} & set(environ)

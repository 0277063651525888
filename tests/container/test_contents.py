"""What is in the image, and what is not."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from container import engines

ROOT = Path(__file__).parents[2]
DOCKERFILE = (ROOT / "Dockerfile").read_text(encoding="utf-8")
PYTHON = "/opt/release-guard/bin/python"


@pytest.fixture(scope="module", name="engine")
def _engine(tmp_path_factory: pytest.TempPathFactory) -> engines.Engine:
    if os.geteuid() != 0:
        engines.not_here("only root can give the workspace to another owner")
    return engines.find(tmp_path_factory.mktemp("engine"))


def _said(engine: engines.Engine, *command: str) -> str:
    program, *words = command
    start = ("run", "--rm", "--network", "none", *engine.options)
    return engine.ask(*start, "--entrypoint", program, engine.image, *words)


def _pins(*, everywhere: bool) -> set[str]:
    """What the image's lock names; ``everywhere``, whatever the platform and Python."""
    text = (ROOT / "requirements" / "runtime.txt").read_text(encoding="utf-8")
    pinned = re.findall(r"^([a-z0-9.-]+)==\S+ (;)?", text, flags=re.MULTILINE)
    unused = (ROOT / "requirements" / "image-unused.txt").read_text(encoding="utf-8")
    named = {name for name, marker in pinned if not (everywhere and marker)}
    return named - {line for line in unused.splitlines() if line[:1] != "#"}


def test_every_stage_is_of_one_base_that_a_digest_names() -> None:
    bases = re.findall(r"^FROM (\S+)", DOCKERFILE, flags=re.MULTILINE)

    assert re.fullmatch(r"python:3\.\d+-slim@sha256:[0-9a-f]{64}", bases[0])
    assert set(bases[1:]) == {"base"}


def test_the_distributions_are_those_of_the_lock_without_the_unused(
    engine: engines.Engine,
) -> None:
    listed = _said(
        engine,
        *(PYTHON, "-I", "-c"),
        "import importlib.metadata as m, re\n"
        "for d in m.distributions():\n"
        "    print(re.sub('[-_.]+', '-', d.metadata['Name']).lower())",
    )

    found = set(listed.split()) - {"release-guard"}
    assert _pins(everywhere=True) <= found <= _pins(everywhere=False)
    assert not {"pip", "flit-core", "setuptools"} & found


def test_what_runs_is_compiled_already(engine: engines.Engine) -> None:
    # Exit code 3: there is nothing to check, and all is loaded to say so.
    told = _said(
        engine,
        *("/bin/sh", "-c"),
        f"{PYTHON} -I -v -m release_guard check --offline /nowhere 2>&1; true",
    )

    assert "no such file or folder" in told
    assert "code object from" in told
    assert re.findall(r"code object from '?(\S+\.py)\b", told) == []
    assert re.findall(r"(?:wrote|could not create) '\S+\.pyc'", told) == []


def test_git_is_there_with_its_licence_and_known_to_scanners(
    engine: engines.Engine,
) -> None:
    version = _said(engine, "/usr/bin/git", "--version").split()[-1]
    package = _said(engine, "/bin/cat", "/var/lib/dpkg/status.d/git")

    assert re.search(rf"^Version: .*{re.escape(version)}", package, flags=re.MULTILINE)
    assert "GPL" in _said(engine, "/bin/cat", "/usr/share/doc/git/copyright")


def test_no_program_came_along_but_python_and_ours(engine: engines.Engine) -> None:
    programs = _said(engine, "/bin/ls", "/opt/release-guard/bin").split()

    assert set(programs) == {"python", "python3", "python3.13", "release-guard"}

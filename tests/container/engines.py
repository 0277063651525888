"""The program that builds and runs the image here, and the image, built once."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

__all__ = ["ENVIRON", "Engine", "find", "not_here"]

ROOT = Path(__file__).parents[2]
OCI = ROOT.parent / "shared" / "tools" / "oci.sh"
IMAGE = "localhost/release-guard"
#: Read here, as the tests run in a cleaned environment, and the engine has its images
#: in the home of whoever runs them.
ENVIRON = dict(os.environ)
IN_CI = ENVIRON.get("CI", "").lower() == "true"


def not_here(reason: str) -> NoReturn:
    """Skip on a machine that cannot; in CI an image that was not tried is a failure."""
    if IN_CI:
        pytest.fail(reason)
    pytest.skip(reason)


@dataclass(frozen=True)
class Engine:
    """A container engine: its program, the image of the action in it, and the
    environment that it needs.
    """

    program: str
    image: str
    environ: Mapping[str, str]

    @property
    def options(self) -> tuple[str, ...]:
        """What makes it behave as docker does: podman hands on this machine's proxy."""
        return () if self.program == "docker" else ("--http-proxy=false",)

    def ask(self, *words: str) -> str:
        """What the engine says."""
        return _done(self.program, *words, environ=self.environ)


def find(folder: Path) -> Engine:
    """The engine with the image; ``RELEASE_GUARD_IMAGE`` names one that is built.
    ``folder`` keeps what the engine needs for the session.
    """
    built = ENVIRON.get("RELEASE_GUARD_IMAGE", "")
    image = built or IMAGE
    if shutil.which("docker") and _answers("docker", "info"):
        engine = Engine("docker", image, ENVIRON)
    elif OCI.exists() and os.geteuid() == 0:
        for words in (("install",), ("base",)):
            _done("bash", str(OCI), *words)
        if not built:
            _done("bash", str(OCI), "build", str(ROOT), image)
        return Engine("podman", image, ENVIRON | _of_the_stand_in(folder))
    elif shutil.which("podman"):
        engine = Engine("podman", image, ENVIRON)
    else:
        not_here("no docker, no podman, and no oci.sh with root to stand in")
    if not built:
        # As the runner does, in the folder of the Dockerfile.
        engine.ask("build", "-t", image, "-f", str(ROOT / "Dockerfile"), str(ROOT))
    return engine


def _of_the_stand_in(folder: Path) -> dict[str, str]:
    """The stand-in's settings, copied: it writes them anew each time it is called, and
    a container that starts in that moment would find half of them.
    """
    variables = ("CONTAINERS_STORAGE_CONF", "CONTAINERS_CONF")
    copies = {}
    for variable in variables:
        path = Path(_done("bash", str(OCI), "printenv", variable))
        copy = folder / path.name
        copy.write_bytes(path.read_bytes())
        copies[variable] = str(copy)
    return copies


def _done(*command: str, environ: Mapping[str, str] = ENVIRON) -> str:
    done = subprocess.run(
        command, env=environ, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, (done.stdout + done.stderr)[-4000:]
    return done.stdout.strip()


def _answers(*command: str) -> bool:
    done = subprocess.run(command, env=ENVIRON, capture_output=True, check=False)
    return done.returncode == 0

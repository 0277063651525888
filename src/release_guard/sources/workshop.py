"""A temporary folder in which code of a distribution may run, with a pip of its own.

Every program in it sees a home, a folder for temporary files and a working folder that
are its own and new, and of the environment only what stands in the tables below.
"""

from __future__ import annotations

import ast
import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import unquote, urlsplit

from release_guard.errors import ProgramError
from release_guard.sources.pip_output import last_lines
from release_guard.sources.supervisor import Ran, run

__all__ = ["LIMITS", "Limits", "Workshop", "python_of", "workshop"]


@dataclass(frozen=True, slots=True)
class Limits:
    """How long each step may take, in seconds."""

    setup: float = 120.0
    build: float = 1800.0
    install: float = 900.0
    module: float = 60.0


LIMITS = Limits()

#: What a program that runs here sees of this environment, beside a home, a folder for
#: temporary files and a locale of its own. Interpreters of CI systems are found, and
#: find their own library, by the first two.
_KEPT = ("PATH", "LD_LIBRARY_PATH")
#: Where build requirements and dependencies come from: proxies, and whom to trust.
_NETWORK = (
    "SSL_CERT_FILE",
    "SSL_CERT_DIR",
    "REQUESTS_CA_BUNDLE",
    "CURL_CA_BUNDLE",
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY"),
    *("http_proxy", "https_proxy", "all_proxy", "no_proxy"),
)
#: The same, of what pip is configured with, in its files or its variables.
_PIP_OPTIONS = (
    "index-url",
    "extra-index-url",
    "find-links",
    "no-index",
    "trusted-host",
    "cert",
    "client-cert",
    "proxy",
    "timeout",
    "default-timeout",
    "retries",
)
#: A later one counts more; those of a command, here, more than those of all.
_PIP_SECTIONS = ("global", "download", "wheel", "install", ":env:")
#: How pip is to behave, whatever it is configured with. The first is unknown to newer
#: ones, which build in no other way.
_PIP_MANNERS = {
    "PIP_USE_PEP517": "1",
    "PIP_CONFIG_FILE": os.devnull,
    "PIP_NO_INPUT": "1",
    "PIP_NO_COLOR": "1",
    "PIP_NO_CACHE_DIR": "1",
    "PIP_PROGRESS_BAR": "off",
    "PIP_DISABLE_PIP_VERSION_CHECK": "1",
    "PIP_KEYRING_PROVIDER": "disabled",
}


@dataclass(frozen=True, slots=True)
class Workshop:
    """A temporary folder with a pip of its own; everything in it goes with it.

    ``base`` is what every program in it sees, ``network`` what pip sees in addition,
    and ``hidden`` the texts that no report may show.
    """

    folder: Path
    base: Mapping[str, str]
    network: Mapping[str, str] = field(default_factory=dict)
    hidden: tuple[str, ...] = ()
    limits: Limits = LIMITS

    @property
    def pip(self) -> tuple[str, ...]:
        """The command that starts its pip."""
        return str(python_of(self.folder / "pip")), "-I", "-m", "pip"

    def place(self) -> Path:
        """A new folder in it."""
        try:
            return Path(tempfile.mkdtemp(prefix="at-", dir=self.folder))
        except OSError as error:
            raise ProgramError(f"{self.folder}: {error.strerror or error}") from error

    def run(
        self,
        command: Sequence[str],
        *,
        seconds: float,
        more: Mapping[str, str] | None = None,
    ) -> Ran:
        """Run a program with a home, a folder for temporary files and a working folder
        that nothing has been in before; ``more`` is added to what it sees.
        """
        place = self.place()
        own = {"HOME": "home", "TMPDIR": "tmp", "XDG_CACHE_HOME": "home"}
        folders = {name: str(place / folder) for name, folder in own.items()}
        try:
            for name in ("home", "tmp", "work"):
                (place / name).mkdir()
        except OSError as error:
            raise ProgramError(f"{place}: {error.strerror or error}") from error
        environ = {**self.base, **folders, **(more or {})}
        return run(command, folder=place / "work", environ=environ, seconds=seconds)

    def run_pip(
        self, arguments: Sequence[str], *, seconds: float, network: bool
    ) -> Ran:
        """Run its pip; ``network`` says whether it may look for distributions where the
        user's pip does, or only where the arguments say.
        """
        more = {**(self.network if network else {}), **_PIP_MANNERS}
        return self.run([*self.pip, *arguments], seconds=seconds, more=more)

    def last_lines(self, output: str) -> tuple[str, ...]:
        """The last lines of what a program said, fit for a report."""
        said = output.replace(f"{self.folder}{os.sep}", "")
        return last_lines(said, self.hidden)


@contextlib.contextmanager
def workshop(
    environ: Mapping[str, str], *, limits: Limits = LIMITS
) -> Iterator[Workshop]:
    """A workshop, which is gone at the end. Raises ``ProgramError`` where this Python
    cannot make an environment with pip.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix="release-guard-")).resolve()
    except OSError as error:
        raise ProgramError(f"no temporary folder: {error.strerror}") from error
    try:
        base = {name: environ[name] for name in _KEPT if name in environ}
        base["PATH"] = _absolute(environ.get("PATH", os.defpath))
        shop = Workshop(folder, {**base, "LANG": "C.UTF-8"}, limits=limits)
        _make_pip(shop)
        said = _pip_settings(shop, environ)
        network = {name: environ[name] for name in _NETWORK if name in environ} | said
        hidden = tuple(sorted(_secrets(network.values()), key=len, reverse=True))
        yield Workshop(folder, shop.base, network, hidden, limits)
    finally:
        _remove(folder)


def _absolute(path: str) -> str:
    """A ``PATH`` without what is found from where a program happens to be."""
    parts = (part for part in path.split(os.pathsep) if Path(part).is_absolute())
    return os.pathsep.join(parts)


def _remove(folder: Path) -> None:
    """Remove a folder, whatever the modes of the folders in it; nothing beside it, and
    nothing that links lead to, is touched.
    """
    with contextlib.suppress(OSError):
        if folder.is_symlink():
            folder.unlink()
        elif folder.exists():
            folder.chmod(0o700)
    for parent, folders, _ in os.walk(folder):
        # From the outside inwards: each is opened before it is looked into.
        for inner in (Path(parent, name) for name in folders):
            with contextlib.suppress(OSError):
                if not inner.is_symlink():
                    inner.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        raise ProgramError(f"{folder} could not be removed", hint="remove it by hand")


def python_of(environment: Path) -> Path:
    """The interpreter of an environment."""
    return environment / "bin" / "python"


def _make_pip(shop: Workshop) -> None:
    """The environment with pip, which Python itself brings (``ensurepip``)."""
    command = [sys.executable, "-I", "-m", "venv", str(shop.folder / "pip")]
    ran = shop.run(command, seconds=shop.limits.setup)
    if ran.code != 0:
        said = shop.last_lines(ran.output)
        raise ProgramError(
            f"this Python makes no environment with pip: {' '.join(said)[-400:]}",
            hint="install what python -m venv needs (Debian: python3-venv)",
        )


def _pip_settings(shop: Workshop, environ: Mapping[str, str]) -> dict[str, str]:
    """Where the user's pip finds distributions, as variables of pip.

    pip itself is asked, by the interpreter that release-guard runs with: nobody else
    knows all its files, and the home that they are in is not shown to what runs here.
    """
    own = ["--python", sys.executable, "config", "list"]
    try:
        done = subprocess.run(  # noqa: S603 - pip as it came with Python
            [*shop.pip, *own],
            env={n: v for n, v in environ.items() if not n.startswith("PYTHON")},
            cwd=shop.folder,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            timeout=shop.limits.setup,
            check=False,
        )
    except (subprocess.TimeoutExpired, OSError) as error:
        raise ProgramError(f"pip did not tell its configuration: {error}") from error
    if done.returncode != 0:
        said = shop.last_lines(done.stderr.decode("utf-8", "replace"))
        raise ProgramError(
            f"pip did not tell its configuration: {' '.join(said)[-400:]}",
            hint="see what 'pip config list' says",
        )
    return _variables(done.stdout.decode("utf-8", "replace"))


def _variables(listed: str) -> dict[str, str]:
    """The settings that ``pip config list`` tells (``global.index-url='...'``), as far
    as they say where distributions are.
    """
    found: dict[tuple[int, str], str] = {}
    for line in listed.splitlines():
        name, _, value = line.partition("=")
        section, _, option = name.partition(".")
        if section in _PIP_SECTIONS and option in _PIP_OPTIONS:
            with contextlib.suppress(ValueError, SyntaxError):
                told = str(ast.literal_eval(value))
                found[_PIP_SECTIONS.index(section), option] = told
    ordered = sorted(found.items())
    return {_variable(option): text for (_, option), text in ordered}


def _variable(option: str) -> str:
    return f"PIP_{option.upper().replace('-', '_')}"


def _secrets(texts: Iterable[str]) -> set[str]:
    """The user info of every address in these settings, whole and in its parts."""
    found: set[str] = set()
    for word in (word for text in texts for word in text.split()):
        try:
            user = urlsplit(word).netloc.rpartition("@")[0]
        except ValueError:
            continue
        password = user.partition(":")[2]
        # A lone user name may be the token.
        found |= {user, password, unquote(user), unquote(password)}
    return {text for text in found if len(text) >= _SHORTEST_SECRET}


#: What is shorter is no secret, and would blot out words.
_SHORTEST_SECRET = 4

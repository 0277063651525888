"""Whole sets of distributions, as an incident had them: any members, any metadata, and
what the index and the repository held beside them.
"""

from __future__ import annotations

import hashlib
import io
import re
import tarfile
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import archives
import sound

__all__ = [
    "ANY",
    "Content",
    "Dist",
    "Members",
    "Says",
    "build",
    "modules",
    "normalized",
    "pair",
    "sdist",
    "tell",
    "wheel",
]

ANY = "py3-none-any"
Content = str | bytes
Members = Mapping[str, Content]
#: Fields of the core metadata; None leaves one out, several values repeat it.
Says = Mapping[str, str | tuple[str, ...] | None]

_SOUND: Says = {
    "Metadata-Version": "2.1",
    "Summary": "A project of the tests",
    "Requires-Python": ">=3.9",
    "Description-Content-Type": "text/markdown",
}
_PYPROJECT = '[build-system]\nrequires = ["setuptools>=77"]\n'


@dataclass(frozen=True)
class Dist:
    """A file of a set: a wheel by its tag, or the sdist where it has none.

    ``name`` is the project as people write it. ``members`` of an sdist lie below its
    top folder. What ``scripts`` names may be executed. ``damage`` changes the finished
    bytes.
    """

    name: str
    version: str
    tag: str = ""
    members: Members = field(default_factory=dict)
    says: Says = field(default_factory=dict)
    scripts: tuple[str, ...] = ()
    damage: Callable[[bytes], bytes] = bytes

    @property
    def stem(self) -> str:
        """Project and version as file names spell them."""
        return f"{normalized(self.name).replace('-', '_')}-{self.version}"

    @property
    def filename(self) -> str:
        """The name of the file."""
        return f"{self.stem}-{self.tag}.whl" if self.tag else f"{self.stem}.tar.gz"

    @property
    def metadata(self) -> bytes:
        """Its core metadata: sound ones, but for what it says."""
        own = {"Name": self.name, "Version": self.version}
        lines = []
        for key, value in {**_SOUND, **own, **self.says}.items():
            values = value if isinstance(value, tuple) else (value,)
            lines += [f"{key}: {each}\n" for each in values if each is not None]
        return ("".join(lines) + "\nA project of the tests.\n").encode()


def normalized(name: str) -> str:
    """A project's name, as the index spells it (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower()


def modules(*paths: str) -> dict[str, Content]:
    """Members by their paths, with a line of their own each."""
    return {path: f'"""{path}."""\n' for path in paths}


def wheel(
    name: str, members: Members, says: Says | None = None, tag: str = ANY
) -> Dist:
    """A wheel, by project and version in one (``demo 1.0``)."""
    project, version = name.split()
    return Dist(project, version, tag, members, says or {})


def sdist(name: str, members: Members, says: Says | None = None) -> Dist:
    """A source distribution, by project and version in one."""
    return wheel(name, members, says, tag="")


def pair(name: str, members: Members, says: Says | None = None) -> tuple[Dist, ...]:
    """A pure wheel and the sdist of the same modules."""
    return wheel(name, members, says), sdist(name, members, says)


def build(dist: Dist, folder: Path) -> Path:
    """Write a distribution; the same one gives the same bytes."""
    path = folder / dist.filename
    content = _wheel(dist) if dist.tag else _sdist(dist)
    path.write_bytes(dist.damage(content))
    return path


def _bytes(content: Content) -> bytes:
    return content.encode() if isinstance(content, str) else content


def _wheel(dist: Dist) -> bytes:
    info = f"{dist.stem}.dist-info"
    python, abi, platform = dist.tag.split("-")[-3:]
    is_pure = str(platform == "any").lower()
    says = f"Wheel-Version: 1.0\nGenerator: sets\nRoot-Is-Purelib: {is_pure}\n"
    for one in python.split("."):
        for where in platform.split("."):
            says += f"Tag: {one}-{abi}-{where}\n"
    contents: dict[str, bytes] = {p: _bytes(c) for p, c in dist.members.items()}
    contents.setdefault(f"{info}/METADATA", dist.metadata)
    contents.setdefault(f"{info}/WHEEL", says.encode())
    rows = "".join(archives.record_row(*item) for item in contents.items())
    contents[f"{info}/RECORD"] = f"{rows}{info}/RECORD,,\n".encode()
    modes = dict.fromkeys(dist.scripts, 0o100755)
    return archives.zip_of(
        *(
            archives.Entry(path, content, mode=modes.get(path, 0o100644))
            for path, content in contents.items()
        )
    )


def _sdist(dist: Dist) -> bytes:
    contents = {"PKG-INFO": dist.metadata, "pyproject.toml": _PYPROJECT, **dist.members}
    written = io.BytesIO()
    with tarfile.open(fileobj=written, mode="w") as archive:
        for path, content in contents.items():
            member = tarfile.TarInfo(f"{dist.stem}/{path}")
            stored = _bytes(content)
            member.size = len(stored)
            # No zip can hold what is older than 1980.
            member.mtime = 1_700_000_000
            member.mode = 0o755 if path in dist.scripts else 0o644
            archive.addfile(member, io.BytesIO(stored))
    return archives.gzipped(written.getvalue())


def tell(
    index: sound.Index,
    dists: Iterable[Dist],
    folder: Path,
    *,
    days: int = 60,
    yanked: frozenset[str] = frozenset(),
) -> None:
    """Let the index list these, with their metadata (PEP 658) and their bytes, as it
    does since ``days``; versions that are ``yanked`` are so.
    """
    folder.mkdir(parents=True, exist_ok=True)
    pages: dict[str, list[dict[str, object]]] = {}
    came = f"{datetime.now(UTC) - timedelta(days=days):%Y-%m-%dT%H:%M:%SZ}"
    for dist in dists:
        path = build(dist, folder)
        said: dict[str, object] = {"upload-time": came}
        requires = dist.says.get("Requires-Python", _SOUND["Requires-Python"])
        if requires is not None:
            said["requires-python"] = requires
        if dist.version in yanked:
            said["yanked"] = "a reason"
        if dist.tag:
            said["core-metadata"] = {
                "sha256": hashlib.sha256(dist.metadata).hexdigest()
            }
            reply = sound.Reply(dist.metadata, content_type="application/octet-stream")
            index.replies[f"/files/{path.name}.metadata"] = [reply]
        index.serves(path)
        pages.setdefault(normalized(dist.name), []).append(sound.indexed(path, **said))
    for project, files in pages.items():
        index.says(sound.listing(*files, project=project), project=project)

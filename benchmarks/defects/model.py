"""What a defect is made of: files as values, the release that they make, the twin.

Every value is sound unless it says otherwise, so a defect shows only what is wrong.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from defects.pack import Entry, Node, gzipped, tar_of, zip_of

__all__ = [
    "LICENSE",
    "MODULES",
    "PURE",
    "README",
    "SAYS",
    "Aspect",
    "Class",
    "Defect",
    "Dist",
    "File",
    "Listed",
    "Members",
    "Release",
    "Says",
    "Step",
    "built",
    "pair",
    "pyproject",
    "sdist",
    "tree",
    "wheel",
]

Members = Mapping[str, bytes]
#: Fields of the core metadata; None leaves one out, several values repeat it.
Says = Mapping[str, "str | tuple[str, ...] | None"]

PURE = "py3-none-any"
README = (
    b"# demo\n\nA small library that is released over and over again, so that the\n"
    b"tools which look at releases have something to look at.\n"
)
LICENSE = b"MIT License\n\nCopyright (c) 2024 Ada Example\n"
SAYS: Says = {
    "Metadata-Version": "2.4",
    "Name": "demo",
    "Version": "1.0",
    "Summary": "A small library that shows what a release is made of",
    "Keywords": "release,benchmark",
    "Author-email": "Ada Example <ada@example.org>",
    "License-Expression": "MIT",
    "License-File": "LICENSE",
    "Classifier": (
        "Development Status :: 5 - Production/Stable",
        "Programming Language :: Python :: 3",
        "Programming Language :: Python :: 3.11",
        "Programming Language :: Python :: 3.12",
        "Programming Language :: Python :: 3.13",
    ),
    "Project-URL": "Source, https://github.com/org/demo",
    "Requires-Python": ">=3.11",
    "Description-Content-Type": "text/markdown",
}
MODULES: Members = {
    "demo/__init__.py": (
        b'"""A small library."""\n\nfrom demo.core import answer\n\n'
        b'__all__ = ["answer"]\n'
    ),
    "demo/core.py": (
        b'"""The whole of it."""\n\n\ndef answer() -> int:\n'
        b'    """The answer."""\n    return 42\n'
    ),
}


class Class(StrEnum):
    """The classes of the table."""

    ARCHIVE = "archive"
    NAME = "file name"
    METADATA = "metadata"
    SET = "set"
    CONTENTS = "contents"
    NATIVE = "native code"
    VERSION = "version and tag"
    INDEX = "index, and after the upload"


class Aspect(StrEnum):
    """What somebody has to look at in order to see a defect."""

    WHEEL_WHOLE = "whether each member of a wheel can be read"
    SDIST_WHOLE = "whether each member of an sdist can be read"
    AMBIGUITY = "what two readers of an archive see, and what it does to one"
    RECORD = "whether each member of a wheel is the one in RECORD"
    WHEEL_LAYOUT = "a wheel's layout and its other metadata files"
    SDIST_LAYOUT = "an sdist's layout"
    NAME = "the file name"
    METADATA = "whether the metadata is valid by its specification"
    REFUSED = "what an index refuses beyond that"
    SENSE = "whether what the metadata says is so"
    PROJECT = "how much the metadata that the sdist builds tells, and how well"
    DESCRIPTION = "the description"
    WHEEL_CONTENTS = "what a wheel installs"
    CODE = "whether it installs and its code is whole"
    PATHS = "paths, sizes and kinds of files"
    LEFTOVERS = "files that should not have come along"
    DEBUG = "debug symbols"
    SECRETS = "secrets"
    REVIEW = "whether the code can be reviewed"
    ABI3 = "the stable ABI"
    MANYLINUX = "binaries for Linux against their tag"
    BINARIES = "binaries against their tag"
    SET = "the files together"
    SOURCE = "the checkout beside the files"
    TAG = "tag, event and version"
    LISTED = "whether the index has the file already"
    INDEX = "the index before the upload"
    AFTER = "the index after the upload"
    ATTESTATION = "attestations"


class Step(StrEnum):
    """When in a release somebody could look: before the upload, after it, any day."""

    CHECK = "check"
    VERIFY = "verify"
    AUDIT = "audit"


@dataclass(frozen=True)
class Dist:
    """A wheel by its tag, or the sdist where it has none.

    ``members`` are its modules and data, in an sdist below ``src``; ``large`` are those
    that are only made when they are needed. ``info`` are files of the ``.dist-info``
    folder, of an sdist below its top folder, beside the usual ones or in their place;
    None leaves one out. ``record`` changes the rows of RECORD, ``entries`` and
    ``nodes`` the members of the zip and of the tar, ``pack`` makes the archive of them,
    and ``damage`` changes its bytes. ``name`` is the file's, where it is not the usual
    one; ``stem`` that of the file and its folders.
    """

    tag: str = PURE
    members: Members = field(default_factory=lambda: MODULES)
    says: Says = field(default_factory=dict)
    description: bytes = README
    info: Mapping[str, bytes | None] = field(default_factory=dict)
    name: str = ""
    stem: str = ""
    large: Callable[[], Members] | None = None
    record: Callable[[str], str] | None = None
    entries: Callable[[list[Entry]], list[Entry]] | None = None
    nodes: Callable[[list[Node]], list[Node]] | None = None
    pack: Callable[..., bytes] | None = None
    damage: Callable[[bytes], bytes] | None = None

    @property
    def fields(self) -> dict[str, str | tuple[str, ...] | None]:
        """The fields of its metadata."""
        return {**SAYS, **self.says}

    @property
    def version(self) -> str:
        """Its version, as its metadata says."""
        return str(self.fields["Version"])

    @property
    def folder(self) -> str:
        """Project and version, as its file name and folders spell them."""
        name = re.sub(r"[-_.]+", "_", str(self.fields["Name"])).lower()
        return self.stem or f"{name}-{self.version}"

    @property
    def filename(self) -> str:
        """The name of the file."""
        usual = f"{self.folder}-{self.tag}.whl" if self.tag else f"{self.folder}.tar.gz"
        return self.name or usual

    @property
    def metadata(self) -> bytes:
        """The core metadata."""
        lines = []
        for key, value in self.fields.items():
            values = value if isinstance(value, tuple) else (value,)
            lines += [f"{key}: {each}\n" for each in values if each is not None]
        return "".join(lines).encode() + b"\n" + self.description

    def content(self) -> bytes:
        """The bytes of the file."""
        made = self._wheel() if self.tag else self._sdist()
        return self.damage(made) if self.damage else made

    def _wheel(self) -> bytes:
        info = f"{self.folder}.dist-info"
        python, abi, platform = self.tag.split("-")[-3:]
        pure = str(platform == "any").lower()
        said = f"Wheel-Version: 1.0\nGenerator: benchmark\nRoot-Is-Purelib: {pure}\n"
        for one in python.split("."):
            for each in abi.split("."):
                for where in platform.split("."):
                    said += f"Tag: {one}-{each}-{where}\n"
        usual: dict[str, bytes | None] = {
            "METADATA": self.metadata,
            "WHEEL": said.encode(),
            "licenses/LICENSE": LICENSE,
            **self.info,
        }
        contents = {**self.members, **(self.large() if self.large else {})}
        for name, data in usual.items():
            if data is not None and name != "RECORD":
                contents[f"{info}/{name}"] = data
        rows = "".join(_row(path, data) for path, data in contents.items())
        rows += f"{info}/RECORD,,\n"
        if "RECORD" not in self.info:
            rows = self.record(rows) if self.record else rows
            contents[f"{info}/RECORD"] = rows.encode()
        made = [Entry(path, data) for path, data in contents.items()]
        return (self.pack or zip_of)(*(self.entries(made) if self.entries else made))

    def _sdist(self) -> bytes:
        contents = {
            "PKG-INFO": self.metadata,
            "pyproject.toml": pyproject(self.fields).encode(),
            "README.md": self.description,
            "LICENSE": LICENSE,
            **{f"src/{path}": data for path, data in self.members.items()},
        }
        for name, data in self.info.items():
            contents.pop(name, None)
            if data is not None:
                contents[name] = data
        made = [Node(f"{self.folder}/{path}", data) for path, data in contents.items()]
        if self.nodes:
            made = self.nodes(made)
        return self.pack(*made) if self.pack else gzipped(tar_of(*made))


def _row(path: str, data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
    return f"{path},sha256={digest.rstrip(b'=').decode()},{len(data)}\n"


@dataclass(frozen=True)
class File:
    """Any other file beside the distributions."""

    filename: str
    data: bytes

    def content(self) -> bytes:
        """The bytes of the file."""
        return self.data


def pyproject(fields: Mapping[str, str | tuple[str, ...] | None]) -> str:
    """The ``pyproject.toml`` that a build makes such metadata of."""
    authors = re.fullmatch(r"(.*) <(.*)>", str(fields.get("Author-email") or ""))
    lines = ["[build-system]", 'requires = ["setuptools>=77"]']
    lines += ['build-backend = "setuptools.build_meta"', "", "[project]"]
    lines += [f'name = "{fields["Name"]}"', f'version = "{fields["Version"]}"']
    for key, field_ in (("description", "Summary"), ("license", "License-Expression")):
        if fields.get(field_):
            lines.append(f'{key} = "{fields[field_]}"')
    if fields.get("Requires-Python"):
        lines.append(f'requires-python = "{fields["Requires-Python"]}"')
    form = fields.get("Description-Content-Type") or "text/x-rst"
    lines.append(f'readme = {{ file = "README.md", content-type = "{form}" }}')
    if authors:
        name, mail = authors.groups()
        lines.append(f'authors = [{{ name = "{name}", email = "{mail}" }}]')
    elif fields.get("Author-email"):
        lines.append(f'authors = [{{ email = "{fields["Author-email"]}" }}]')
    elif fields.get("Author"):
        lines.append(f'authors = [{{ name = "{fields["Author"]}" }}]')
    words = str(fields.get("Keywords") or "").split(",")
    lines.append(f"keywords = {_list(word for word in words if word)}")
    lines.append(f"classifiers = {_list(_values(fields, 'Classifier'))}")
    lines.append(f"dependencies = {_list(_values(fields, 'Requires-Dist'))}")
    lines += ["", "[project.urls]"]
    for url in _values(fields, "Project-URL"):
        label, _, where = url.partition(", ")
        lines.append(f'"{label}" = "{where}"')
    return "\n".join([*lines, ""])


def _values(
    fields: Mapping[str, str | tuple[str, ...] | None], name: str
) -> tuple[str, ...]:
    value = fields.get(name) or ()
    return value if isinstance(value, tuple) else (value,)


def _list(texts: object) -> str:
    quoted = (f'"{text}"' for text in texts)  # type: ignore[attr-defined]
    return f"[{', '.join(quoted)}]"


@dataclass(frozen=True)
class Listed:
    """A file that the index lists, for ``days``; ``said`` are keys of its entry, of
    which None leaves one out.
    """

    dist: Dist
    days: int = 60
    said: Mapping[str, object] = field(default_factory=dict)


def wheel(tag: str = PURE, **what: Any) -> Dist:
    """A wheel of the project, sound but for ``what``."""
    return replace(Dist(tag=tag), **what)


def sdist(**what: Any) -> Dist:
    """The sdist of the project, sound but for ``what``."""
    return replace(Dist(tag=""), **what)


def pair(**what: Any) -> tuple[Dist, ...]:
    """Both."""
    return wheel(**what), sdist(**what)


_OLD: tuple[Listed, ...] = tuple(map(Listed, pair(says={"Version": "0.9"})))


@dataclass(frozen=True)
class Release:
    """A release as a job meets it, just before the upload or behind it.

    ``files`` are in ``dist/``; ``checkout`` is the tree that they were built from, with
    its modules below ``src``. ``tag`` is what the push was of, ``ref`` another ref,
    ``event`` another event, ``built`` whether the commit that was built is the tag's.
    ``before`` is what the index lists of the project, ``others`` of other projects;
    ``status`` is the project's. ``after`` is what it lists behind the upload. ``tags``
    are the repository's other tags.
    """

    files: tuple[Dist | File, ...] = field(default_factory=pair)
    checkout: Members = field(default_factory=lambda: tree())  # noqa: PLW0108 - below
    tag: str = "v1.0"
    ref: str = ""
    event: str = "push"
    payload: Mapping[str, object] = field(default_factory=dict)
    built: bool = True
    upload_url: str = ""
    before: tuple[Listed, ...] = _OLD
    others: Mapping[str, tuple[Listed, ...]] = field(default_factory=dict)
    status: str = "active"
    after: tuple[Listed, ...] = ()
    tags: tuple[str, ...] = ("v0.9",)
    step: Step = Step.CHECK


def tree(
    members: Members | None = None,
    says: Says | None = None,
    readme: bytes = README,
    also: Members | None = None,
) -> dict[str, bytes]:
    """A checkout of these modules, and of this metadata."""
    project = pyproject({**SAYS, **(says or {})}).encode()
    made = {"README.md": readme, "LICENSE": LICENSE, "pyproject.toml": project}
    for path, data in (MODULES if members is None else members).items():
        made[f"src/{path}"] = data
    return {**made, **(also or {})}


def built(
    *files: Dist | File,
    members: Members = MODULES,
    says: Says | None = None,
    description: bytes = README,
    **release: Any,
) -> Release:
    """A release of such files, or of the two that a build makes of this checkout."""
    said = says or {}
    made = files or pair(members=members, says=said, description=description)
    version = {**SAYS, **said}["Version"]
    usual = {
        "checkout": tree(members, said, description),
        "tag": f"v{version}",
        **release,
    }
    return Release(files=made, **usual)


@dataclass(frozen=True)
class Defect:
    """A row of the table.

    ``what`` is wrong, ``who`` is hurt, ``source`` is the incident, the row of PyPI's
    upload rules, the standard, or the check of a tool that it comes from. ``aspects``
    are what somebody could see it by: any of them is enough. ``bad`` has it, ``sound``
    is the nearest release without it.
    """

    name: str
    what: str
    who: str
    source: str
    of: Class
    aspects: tuple[Aspect, ...]
    bad: Release
    sound: Release = field(default_factory=Release)

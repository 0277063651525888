"""What a release's workflow asks of the checkout: its steps decide nothing themselves.

``version X.Y.Z``: is it the version of pyproject.toml, the package and the changelog,
and do the pages name the tag of its major? ``notes X.Y.Z``: the changelog's section.
``index MERGED ONE ...``: is the merged image index exactly what the indexes of the
architectures hold? Prints its digest. ``major TAG``: the tag that moves with this one,
if it does, among the tags on standard input.
"""

from __future__ import annotations

import hashlib
import json
import re
import sys
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

PLATFORMS = frozenset({"linux/amd64", "linux/arm64"})
_VERSION = re.compile(
    r"(?:0|[1-9][0-9]*)(?:\.(?:0|[1-9][0-9]*)){2}(?:(?:a|b|rc)[0-9]+)?"
)
#: Ours, by a tag: a use of the action, an address of a file.
_OURS = re.compile(r"org/release-guard(?:@|/(?:blob|raw|tree)/)(v[0-9]+)\b(?!\.[0-9])")
#: Where people read which tag to use: pages, examples, and what the program tells.
_READ = ("*.md", "docs/**/*.md", "examples/**/*.y*ml", "src/**/*.py", "schema/*.json")
_FINAL_TAG = re.compile(r"v(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)\.(0|[1-9][0-9]*)")


class RefusedError(Exception):
    """Something is not as a release needs it."""


# --- the version --------------------------------------------------------------------


def version(wanted: str, root: Path) -> str:
    """The version, where everything agrees about it; raises ``RefusedError``."""
    if _VERSION.fullmatch(wanted) is None:
        raise RefusedError(
            f"expected a version such as 1.2.3 or 1.2.3rc1: {wanted!r:.60}"
        )
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    module = (root / "src" / "release_guard" / "__init__.py").read_text(
        encoding="utf-8"
    )
    said = re.findall(r'^__version__ = "([^"]*)"$', module, flags=re.MULTILINE)
    for place, found in (
        ("pyproject.toml", [project["project"]["version"]]),
        ("src/release_guard/__init__.py", said),
    ):
        if found != [wanted]:
            raise RefusedError(f"{place}: expected {wanted}, found {', '.join(found)}")
    named = majors(root)
    expected = f"v{wanted.partition('.')[0]}"
    others = [f"{place} names {tag}" for place, tag in named if tag != expected]
    if others or not named:
        told = ", ".join(others[:5]) or "no page names it"
        raise RefusedError(f"expected the tag {expected}: {told}")
    notes(wanted, root)
    return wanted


def majors(root: Path) -> Sequence[tuple[str, str]]:
    """The moving tags of ours that people are told to use: each with its file."""
    paths = sorted({path for pattern in _READ for path in root.glob(pattern)})
    return [
        (path.relative_to(root).as_posix(), tag)
        for path in paths
        for tag in sorted(set(_OURS.findall(path.read_text(encoding="utf-8"))))
    ]


def notes(wanted: str, root: Path) -> str:
    """What the changelog says of a version; raises ``RefusedError`` at nothing."""
    text = (root / "CHANGELOG.md").read_text(encoding="utf-8")
    sections = re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    told = [
        body.strip()
        for title, _, body in (section.partition("\n") for section in sections)
        if title.split()[:1] == [wanted]
    ]
    if len(told) != 1 or not told[0]:
        raise RefusedError(f"CHANGELOG.md: expected one section ## {wanted}")
    return told[0]


# --- the image ----------------------------------------------------------------------


def index(merged: bytes, parts: Sequence[bytes]) -> str:
    """The digest of a merged image index, which holds all that its parts hold and no
    more, for the platforms that we have; raises ``RefusedError``.

    A registry's tag may be moved by somebody else between two requests: so it is the
    content that is compared, and the digest is of the bytes that were compared.
    """
    expected: dict[str, str] = {}
    for part in parts:
        expected |= _manifests(part)
    found = _manifests(merged)
    if found != expected:
        raise RefusedError("the merged index is not what the architectures pushed")
    platforms = sorted(filter(None, found.values()))
    if platforms != sorted(PLATFORMS):
        raise RefusedError(f"expected {sorted(PLATFORMS)}, found {platforms}")
    return f"sha256:{hashlib.sha256(merged).hexdigest()}"


def _manifests(document: bytes) -> dict[str, str]:
    """The platforms of an image index's manifests, by their digests (OCI image)."""
    try:
        entries = json.loads(document)["manifests"]
        return {str(entry["digest"]): _platform(entry["platform"]) for entry in entries}
    except (KeyError, TypeError, ValueError) as error:
        raise RefusedError("not an image index") from error


def _platform(platform: Mapping[str, object]) -> str:
    """What a manifest runs on; nothing for an attestation: its platform is unknown."""
    name = f"{platform['os']}/{platform['architecture']}"
    return "" if name == "unknown/unknown" else name


# --- the tag that moves -------------------------------------------------------------


def major(tag: str, tags: Iterable[str]) -> str:
    """The tag that moves to this one: ``v1`` for ``v1.2.3``; nothing for a pre-release,
    or where a later version of the same major is tagged, as for a fix of an old one.

    Raises ``RefusedError`` where the tag is not among the tags: nobody has looked.
    """
    known = set(tags)
    if tag not in known:
        raise RefusedError(f"{tag!r:.60} is not among the {len(known)} tags")
    this = _FINAL_TAG.fullmatch(tag)
    if this is None:
        return ""
    final = [found for found in map(_FINAL_TAG.fullmatch, known) if found]
    versions = [tuple(map(int, found.groups())) for found in final]
    mine = tuple(map(int, this.groups()))
    latest = max(numbers for numbers in versions if numbers[0] == mine[0])
    return f"v{mine[0]}" if latest == mine else ""


# --- the edge -----------------------------------------------------------------------


def _index(*paths: str) -> str:
    merged, *parts = (Path(path).read_bytes() for path in paths)
    return index(merged, parts)


_COMMANDS: Mapping[str, tuple[Callable[..., str], range]] = {
    "version": (lambda wanted: version(wanted, Path()), range(1, 2)),
    "notes": (lambda wanted: notes(wanted, Path()), range(1, 2)),
    "index": (_index, range(2, 10)),
    "major": (lambda tag: major(tag, sys.stdin.read().split()), range(1, 2)),
}


def main(arguments: Sequence[str]) -> int:
    """Answer one question."""
    name, *words = arguments or [""]
    command, counts = _COMMANDS.get(name, (None, range(0)))
    if command is None or len(words) not in counts:
        print(__doc__, file=sys.stderr)
        return 2
    try:
        print(command(*words))
    except (RefusedError, OSError, UnicodeError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A wheel's contents: its ``.dist-info``, WHEEL, RECORD and core metadata."""

from __future__ import annotations

import configparser
import csv
import email.parser
import email.policy
import io
import math
from typing import BinaryIO

from packaging.tags import Tag, parse_tag
from packaging.utils import canonicalize_name

from release_guard.facts import (
    RECORD_HASHES,
    Archive,
    CoreMetadata,
    Distribution,
    DistributionName,
    EntryPoint,
    EntryPoints,
    Record,
    RecordEntry,
    Wheel,
    WheelFile,
)
from release_guard.filenames import parse_version
from release_guard.sources.archive import BOUNDS
from release_guard.sources.binaries import BinaryReader
from release_guard.sources.imports import OwnImports
from release_guard.sources.inventory import inventory_of_wheel
from release_guard.sources.metadata import parse_metadata
from release_guard.sources.module_tree import Inits, ModuleTree
from release_guard.sources.modules import OwnModules, own_in_wheel
from release_guard.sources.path_configuration import PathConfigurations
from release_guard.sources.secrets import CredentialSearch, hide_credentials
from release_guard.sources.targets import OwnTargets, module_of
from release_guard.sources.zip_archive import ZipReader

__all__ = [
    "parse_entry_points",
    "parse_record",
    "parse_wheel_file",
    "read_wheel",
]

_ENTRY_POINTS = "entry_points.txt"


def read_wheel(
    file: BinaryIO, distribution: Distribution
) -> tuple[Archive, Wheel, CoreMetadata | None]:
    """What is in a wheel; the metadata is None where there is none to be read."""
    reader = ZipReader(
        file,
        filename=distribution.filename,
        kind=distribution.kind,
        size=distribution.size,
    )
    folders = _info_folders(reader.names())
    folder = _info_folder(folders, distribution.name)
    record_bytes = reader.text(f"{folder}/RECORD") if folder else None
    record = None if record_bytes is None else parse_record(record_bytes)
    wheel_bytes = reader.text(f"{folder}/WHEEL") if folder else None
    metadata_bytes = reader.text(f"{folder}/METADATA") if folder else None
    entry_points = reader.text(f"{folder}/{_ENTRY_POINTS}") if folder else None
    algorithms = _algorithms(record)
    project = distribution.name.project if distribution.name else None
    modules = OwnModules(own_in_wheel(reader.names(), project))
    binaries = BinaryReader()
    is_pure = _is_pure(distribution.name)
    entries = None if entry_points is None else parse_entry_points(entry_points)
    tree, paths = ModuleTree(reader.names()), PathConfigurations()
    inits = Inits(tree)
    roots = (module_of(entry.value) for entry in entries.entries) if entries else ()
    imports = OwnImports(tree, inits, is_pure=is_pure, roots=roots)
    targets = OwnTargets(tree, inits, entries)
    secrets = CredentialSearch()
    parsed = None if metadata_bytes is None else parse_metadata(metadata_bytes)
    metadata, in_urls = hide_credentials(parsed) if parsed else (None, ())
    archive = reader.archive(
        lambda path: algorithms.get(path, "sha256"),
        observers=(modules, binaries, inits, imports, targets, paths, secrets),
        blobs=is_pure,
    )
    wheel = Wheel(
        distribution=distribution,
        archive=archive,
        info_folders=folders,
        info_folder=folder,
        wheel_file=None if wheel_bytes is None else parse_wheel_file(wheel_bytes),
        record=record,
        entry_points=entries,
        static_versions=tuple(modules.found),
        binaries=tuple(binaries.found),
        has_more_binaries=binaries.is_cut,
        unresolved_imports=tuple(imports.unresolved(reader.text)),
        unread_imports=tuple(imports.unread),
        dangling=tuple(targets.dangling()),
        unread_targets=tuple(targets.unread),
        inventory=inventory_of_wheel(archive, entries, paths.found),
        credentials=(*secrets.found, *in_urls),
        unsearched=tuple(secrets.unsearched),
    )
    return archive, wheel, metadata


def _is_pure(name: DistributionName | None) -> bool:
    """Whether it is for every platform, so that it may be nothing but source."""
    return name is not None and all(tag.platform == "any" for tag in name.tags)


def parse_record(content: bytes) -> Record:
    """RECORD: rows of path, digest and size (the wheel specification)."""
    entries: list[RecordEntry] = []
    try:
        text = content.decode("utf-8")
        for row in csv.reader(io.StringIO(text, newline="")):
            if len(entries) >= BOUNDS.members:
                raise ValueError(f"it has more than {BOUNDS.members} rows")
            if row:
                path, digest, size = [*row, "", ""][:3]
                # Some tools write the system's separator; installers take both.
                path = path.replace("\\", "/")
                entries.append(RecordEntry(path, digest, size, len(row)))
        # Some readers end a line wherever Unicode does.
        empty = sum(not row for row in csv.reader(text.splitlines()))
    except (UnicodeDecodeError, csv.Error, ValueError) as error:
        return Record((), problem=str(error))
    return Record(tuple(entries), empty_lines=empty)


def parse_entry_points(content: bytes) -> EntryPoints:
    """entry_points.txt: an INI file with ``=`` alone (the entry points specification).

    Names keep their case; nothing in the values is filled in. ``configparser`` takes
    the square of its errors, and gives what is in DEFAULT to every group.
    """
    if content.count(b"\n") > _MOST_LINES:
        return EntryPoints(problem=f"it has more than {_MOST_LINES} lines")
    parser = configparser.RawConfigParser(delimiters=("=",), strict=True)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(content.decode("utf-8"))
    except (UnicodeDecodeError, configparser.Error) as error:
        return EntryPoints(problem=f"{error!s:.300}")
    if len(parser.defaults()) * len(parser.sections()) > _MOST_LINES:
        return EntryPoints(problem="its DEFAULT section goes into too many groups")
    entries = tuple(
        EntryPoint(group, name, value or "")
        for group in parser.sections()
        for name, value in parser.items(group)
    )
    told = {(entry.group, entry.name, entry.value) for entry in entries}
    return EntryPoints(entries, differs=told != _as_installed(content.decode("utf-8")))


def _as_installed(text: str) -> set[tuple[str, str, str]]:
    """The entry points as ``importlib.metadata`` sees them, and with it pip: a line for
    each, ended wherever Unicode ends one, and no default for all groups.
    """
    group, found = "", set()
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            group = line[1:-1]
        elif line and not line.startswith("#"):
            name, _, value = line.partition("=")
            found.add((group, name.strip(), value.strip()))
    return found


#: The largest have some hundred.
_MOST_LINES = 10_000


def parse_wheel_file(content: bytes) -> WheelFile:
    """WHEEL: headers in e-mail form, each ``Tag`` a compressed set or one tag."""
    try:
        text = content.decode("utf-8")
        headers = email.parser.HeaderParser(policy=email.policy.compat32).parsestr(text)
        tags: set[Tag] = set()
        for tag in headers.get_all("Tag", []):
            tags |= _expanded(str(tag).strip())
            if len(tags) > _MOST_TAGS:
                raise ValueError(f"it gives more than {_MOST_TAGS} tags")
    except ValueError as error:
        return WheelFile(problem=str(error))
    versions = headers.get_all("Wheel-Version", [])
    roots = {str(said).strip().lower() for said in headers.get_all(_PURELIB, [])}
    return WheelFile(
        ", ".join(map(str, versions)),
        frozenset(tags),
        is_purelib=roots == {"true"} if len(roots) == 1 else None,
    )


_PURELIB = "Root-Is-Purelib"


def _expanded(tag: str) -> frozenset[Tag]:
    """The tags of a compressed set, unless it is made to fill memory."""
    if math.prod(part.count(".") + 1 for part in tag.split("-")) > _MOST_TAGS:
        raise ValueError(f"it gives more than {_MOST_TAGS} tags")
    return parse_tag(tag)


#: The widest wheels have some dozens.
_MOST_TAGS = 10_000


def _info_folders(names: tuple[str, ...]) -> tuple[str, ...]:
    """The top-level ``.dist-info`` folders; vendored ones deeper down are no matter."""
    tops = {name.partition("/")[0] for name in names if "/" in name}
    return tuple(sorted(top for top in tops if top.endswith(".dist-info")))


def _info_folder(folders: tuple[str, ...], name: DistributionName | None) -> str | None:
    """The folder that the file name asks for, or else the only one."""
    if len(folders) == 1:
        return folders[0]
    if name and f"{name.spelled_project}-{name.spelled_version}.dist-info" in folders:
        return f"{name.spelled_project}-{name.spelled_version}.dist-info"
    return next((f for f in folders if name and _belongs(f, name)), None)


def _belongs(folder: str, name: DistributionName) -> bool:
    project, _, spelled = folder.removesuffix(".dist-info").rpartition("-")
    same_version = parse_version(spelled) == name.version
    return same_version and canonicalize_name(project) == name.project


def _algorithms(record: Record | None) -> dict[str, str]:
    """How each member is hashed so that it can be compared with its row."""
    entries = record.entries if record else ()
    named = ((e.path, e.digest.partition("=")[0]) for e in entries)
    return {path: name for path, name in named if name in RECORD_HASHES}

"""The facts: frozen values that the sources read, the rules judge, the reports print.

Nothing here reads, decides or prints. The second half holds the subjects: each
carries exactly the facts that its rules need, so that no rule meets a missing one.
Everything that is text may come from outside and is hostile until it is escaped.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from functools import cached_property

from packaging.tags import Tag
from packaging.utils import BuildTag, NormalizedName
from packaging.version import Version

__all__ = [
    "ACTIVE",
    "ARCHIVED",
    "QUARANTINED",
    "RECORD_HASHES",
    "AgedRelease",
    "Alteration",
    "Archive",
    "Attestation",
    "AttestedDistribution",
    "AttestedHistory",
    "Binary",
    "BinaryFormat",
    "Branch",
    "BranchedCommit",
    "BuildSource",
    "BuiltDistribution",
    "Checkout",
    "Classifier",
    "CoreMetadata",
    "Credential",
    "DanglingEntryPoint",
    "DatedHistory",
    "Defect",
    "DefectKind",
    "Dependency",
    "DescribedArchive",
    "DescribedDistribution",
    "DescribedWheel",
    "Destination",
    "Distribution",
    "DistributionName",
    "DistributionSet",
    "Endpoints",
    "EntryKind",
    "EntryPoint",
    "EntryPointTargets",
    "EntryPoints",
    "ExpectedFile",
    "ExpectedRelease",
    "GitTag",
    "History",
    "ImportedModules",
    "IndexedFile",
    "InstalledWheel",
    "Inventory",
    "Kind",
    "LastRelease",
    "Listing",
    "LocatedTag",
    "Member",
    "MemberKind",
    "MetadataProblem",
    "Missing",
    "NamedCommit",
    "NativeWheel",
    "PathConfiguration",
    "ProblemKind",
    "ProjectSize",
    "Publication",
    "PublishedFile",
    "RebuiltSdist",
    "Recheck",
    "RecheckedRun",
    "Record",
    "RecordEntry",
    "Ref",
    "Release",
    "RenderedDescription",
    "RenderingProblem",
    "SaidUrl",
    "Sdist",
    "SearchedDistribution",
    "Served",
    "ServedFile",
    "Sidecar",
    "SidecarKind",
    "Signer",
    "Signers",
    "SizedDistribution",
    "SizedRelease",
    "SourceDifference",
    "SourceTree",
    "SourcedCheckout",
    "SourcedDistribution",
    "Standing",
    "StaticVersion",
    "Subject",
    "Successor",
    "SupportedPythons",
    "Surroundings",
    "TaggedRelease",
    "TracedHistory",
    "TreeEntry",
    "TriedImport",
    "Trigger",
    "UnknownFile",
    "UnresolvedImport",
    "Upload",
    "VersionedModules",
    "View",
    "Wheel",
    "WheelFile",
    "WheelSet",
    "is_commit_id",
    "is_zip_name",
]


class Kind(StrEnum):
    """What a distribution is."""

    SDIST = "sdist"
    WHEEL = "wheel"


# --- one file ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DistributionName:
    """What a distribution's file name says (wheel specification, PEP 625).

    ``build`` is a wheel's build tag as ``packaging`` splits it, mostly empty.
    """

    project: NormalizedName
    version: Version
    spelled_project: str
    spelled_version: str
    tags: frozenset[Tag] = frozenset()
    build: BuildTag = ()


@dataclass(frozen=True)
class Distribution:
    """One wheel or sdist: its name, its kind and its bytes' identity.

    ``size`` is in bytes, ``sha256`` in lower-case hex. ``name`` is None where the
    file name is not valid; ``name_error`` then says why.
    """

    filename: str
    kind: Kind
    size: int
    sha256: str
    name: DistributionName | None
    name_error: str = ""

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.filename


class MemberKind(StrEnum):
    """What an archive member is."""

    FILE = "file"
    FOLDER = "folder"
    LINK = "link"
    HARD_LINK = "hard-link"
    SPECIAL = "special"


@dataclass(frozen=True, slots=True)
class Member:
    """One entry of an archive, as it is stored.

    ``size`` is the number of bytes that came out. ``digest`` is in RECORD's form
    (``sha256=`` and unpadded base64url), empty where none was asked for.
    ``obfuscator`` names the tool that made source code unreadable, mostly none.
    ``blob`` is git's id (SHA-1, in hex) of a file with this content, empty where none
    was asked for; ``executable`` says whether anybody may execute it.
    """

    path: str
    kind: MemberKind
    size: int
    digest: str = ""
    target: str = ""
    obfuscator: str = ""
    blob: str = ""
    executable: bool = False


class DefectKind(StrEnum):
    """What is wrong with an archive as such. A fact; the rules judge it."""

    # It cannot be read, or not to its end.
    NO_ARCHIVE = "no archive"
    DAMAGED = "damaged"
    STREAM = "damaged stream"
    CHECKSUM = "wrong checksum of the stream"
    MALFORMED = "malformed header"
    COMPRESSION = "compression"
    ENCRYPTED = "encrypted"
    SPARSE = "sparse"
    BOMB = "bomb"
    # Two readers could see different contents.
    POLYGLOT = "polyglot"
    DUPLICATE = "name twice"
    NAMESAKE = "namesake"
    CONTENT_OF_NO_FILE = "content of what is no file"
    OTHER_NAME = "other name in front"
    OTHER_SIZE = "other size in front"
    OTHER_HEADER = "other header in front"
    OTHER_DIRECTORY = "other directory at the end"
    OTHER_COUNT = "other count on this disk"
    CUT_DIRECTORY = "directory that is cut off"
    SEVERAL_DISKS = "several disks"
    OTHER_PLACE = "other place of the end record"
    STRAY_BYTES = "stray bytes"
    TRAILING = "data behind the end"
    SECOND_STREAM = "second stream"
    HEADERS = "headers that contradict each other"
    TWICE_EXTRA = "extra field twice"
    # The format allows it, and strict readers refuse it.
    DESCRIPTOR = "sizes behind the data"
    COMMENT = "comment of a member"
    ENCODING = "name not in UTF-8"
    UNMARKED = "name not marked as UTF-8"
    ODD_EXTRA = "odd extra field"
    EXTENSIBLE = "extensible end record"


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong with an archive; ``member`` is empty for the whole."""

    kind: DefectKind
    member: str
    detail: str


def is_zip_name(filename: str) -> bool:
    """Whether a distribution is to be read as a zip: a wheel, or an older sdist."""
    return not filename.endswith(".tar.gz")


@dataclass(frozen=True, slots=True)
class Archive:
    """What one pass over an archive saw.

    ``size`` is that of the file, ``unpacked`` that of its members as they say it or
    came out, in bytes. ``complete`` is False where reading ended early (damaged, or
    past a bound): then ``members`` is only what came before.
    """

    filename: str
    kind: Kind
    size: int
    members: tuple[Member, ...]
    defects: tuple[Defect, ...]
    complete: bool
    unpacked: int = 0

    @property
    def is_zip(self) -> bool:
        """Whether it is to be read as a zip."""
        return is_zip_name(self.filename)

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.filename


class ProblemKind(StrEnum):
    """In which way a field of the core metadata is not valid."""

    INVALID = "invalid"
    TOO_NEW = "too new"
    UNKNOWN = "unknown"
    PLACEHOLDER = "placeholder"
    MALFORMED = "malformed"


@dataclass(frozen=True, slots=True)
class MetadataProblem:
    """One field of the core metadata that ``packaging`` refuses.

    ``TOO_NEW`` is a field that the metadata version does not have yet, ``UNKNOWN`` one
    that no version has, ``PLACEHOLDER`` one that is empty or says only ``UNKNOWN``, and
    ``MALFORMED`` one that is repeated or cannot be read.
    """

    field: str
    detail: str
    kind: ProblemKind = ProblemKind.INVALID


class Standing(StrEnum):
    """What the list of classifiers says of one."""

    KNOWN = "known"
    DEPRECATED = "deprecated"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Classifier:
    """One classifier; ``instead`` are those that take its place, or look alike."""

    text: str
    standing: Standing = Standing.KNOWN
    instead: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """The core metadata of one distribution: METADATA, or the sdist's PKG-INFO.

    The values are as written; an absent field is empty, and so is one that says only
    ``UNKNOWN``, as old backends wrote it and indexes leave it out. ``project_urls``
    are labels and URLs, ``early_license_files`` the License-File below metadata 2.4,
    which some uploaders leave out, and ``classifiers_as_of`` the day of the list that
    classifiers were looked up in. ``sha256`` is that of the file itself, in hex.
    """

    metadata_version: str = ""
    name: str = ""
    version: str = ""
    summary: str = ""
    description: str = ""
    description_content_type: str = ""
    author_email: str = ""
    maintainer_email: str = ""
    home_page: str = ""
    download_url: str = ""
    project_urls: tuple[tuple[str, str], ...] = ()
    classifiers: tuple[Classifier, ...] = ()
    classifiers_as_of: date | None = None
    license: str = ""
    license_expression: str = ""
    license_files: tuple[str, ...] = ()
    early_license_files: tuple[str, ...] = ()
    requires_python: str = ""
    requires_dist: tuple[str, ...] = ()
    provides_dist: tuple[str, ...] = ()
    obsoletes_dist: tuple[str, ...] = ()
    provides_extra: tuple[str, ...] = ()
    dynamic: tuple[str, ...] = ()
    problems: tuple[MetadataProblem, ...] = ()
    sha256: str = ""


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """One row of a wheel's RECORD, as it is written; what it does not give is empty."""

    path: str
    digest: str
    size: str
    columns: int = 3


@dataclass(frozen=True, slots=True)
class Record:
    """A wheel's RECORD; ``problem`` says why it could not be read, or is empty."""

    entries: tuple[RecordEntry, ...]
    problem: str = ""
    empty_lines: int = 0


@dataclass(frozen=True, slots=True)
class WheelFile:
    """The WHEEL file; ``problem`` says why it could not be read, or is empty.

    ``is_purelib`` is what it says of its root, None where it does not say it clearly.
    """

    wheel_version: str = ""
    tags: frozenset[Tag] = frozenset()
    problem: str = ""
    is_purelib: bool | None = None


@dataclass(frozen=True, slots=True)
class EntryPoint:
    """One entry point: what stands left and right of the ``=``, in its group."""

    group: str
    name: str
    value: str


@dataclass(frozen=True, slots=True)
class EntryPoints:
    """A wheel's entry_points.txt; ``problem`` says why it could not be read.

    ``differs`` says that installers, which read it in a simpler way, see others.
    """

    entries: tuple[EntryPoint, ...] = ()
    problem: str = ""
    differs: bool = False


class BinaryFormat(StrEnum):
    """In which form a program or a library for a machine is."""

    ELF = "ELF"
    MACH_O = "Mach-O"
    PE = "PE"
    WASM = "WebAssembly"
    OTHER = "no known form"


@dataclass(frozen=True, slots=True)
class Binary:
    """A program or a library in an archive, as its headers tell of it.

    ``system`` and ``machines`` are in the words of platform tags (``linux``,
    ``macosx``, ``win``, ``ios``, ``android``; ``x86_64``, ``arm64``); what the headers
    leave open is empty. ``needs`` is the oldest version of the system that each of
    ``machines`` runs on (macOS and iOS), ``libc`` the C library that it is linked with,
    and ``glibc`` the newest version of glibc that it needs a symbol of. ``is_module``
    says whether Python would import it: by its suffix, or by the function that Python
    calls; what has such a suffix is told even where it is no binary at all. ``problem``
    says why a loader could not read the headers, or is empty.
    """

    member: str
    format: BinaryFormat
    system: str = ""
    machines: tuple[str, ...] = ()
    needs: tuple[tuple[int, int] | None, ...] = ()
    libc: str = ""
    glibc: tuple[int, int] | None = None
    is_module: bool = False
    problem: str = ""


@dataclass(frozen=True, slots=True)
class UnresolvedImport:
    """What a member imports in any case, and its wheel lacks: a module, or where it
    ``is_name`` something that a package neither has nor binds (``demo.core``).
    """

    member: str
    name: str
    is_name: bool = False


@dataclass(frozen=True, slots=True)
class DanglingEntryPoint:
    """An entry point that leads nowhere: its module is not there or, where there is an
    ``attribute``, does not bind that. ``is_own`` says whether the module would be in a
    package of this wheel: no other distribution can bring it then.
    """

    group: str
    name: str
    module: str
    attribute: str = ""
    is_own: bool = True


@dataclass(frozen=True, slots=True)
class PathConfiguration:
    """What Python looks at when it starts, at the top of ``site-packages``: a ``.pth``,
    or the module ``sitecustomize`` or ``usercustomize``.

    ``executes`` is the first line that is executed: of the ``.pth``, or the import of
    the module; empty where it only adds folders.
    """

    member: str
    executes: str = ""


@dataclass(frozen=True, slots=True)
class Inventory:
    """What the rest of a set must know of one file's contents.

    Paths are those of installed files in a wheel, and begin below the top folder in an
    sdist. ``tops`` are the names at the top, a folder's with a slash at its end;
    ``sources`` are modules, stubs and ``py.typed``, ``licenses`` is how many licence
    files there are. ``entry_points`` are ``group: name``, None where nobody says them.
    It is not whole where there are too many names to tell them all; without any name at
    the top nothing of the file is known.
    """

    filename: str
    tops: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    licenses: int = 0
    entry_points: tuple[str, ...] | None = None
    path_configurations: tuple[PathConfiguration, ...] = ()
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class StaticVersion:
    """What a module's source says that its ``__version__`` is, as it is written.

    ``others`` are what it binds to other names of versions, mostly none.
    """

    member: str
    text: str
    others: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Credential:
    """Something that opens what others should not open, and its place; not itself.

    ``kind`` says what it is, and ``is_whole`` that nothing else looks like it. ``mark``
    is what all of its kind begin with, and ``length`` how many characters it has, with
    the mark. It stands in a ``line`` of a ``member``, or in a URL in a ``field`` of the
    core metadata; the other is empty.
    """

    kind: str
    is_whole: bool
    mark: str
    length: int
    member: str = ""
    line: int = 0
    field: str = ""


@dataclass(frozen=True, slots=True)
class RenderingProblem:
    """Why a description cannot be rendered; ``line`` is 0 where no line was named.

    ``source`` is the text of the line and its neighbours.
    """

    reason: str
    line: int = 0
    source: tuple[str, ...] = ()


# --- the set -------------------------------------------------------------------


class SidecarKind(StrEnum):
    """A file that stands beside a distribution and speaks of it."""

    ATTESTATION = "attestation"
    SIGNATURE = "signature"


@dataclass(frozen=True, slots=True)
class Sidecar:
    """An attestation or signature, and the file name that it belongs to."""

    filename: str
    kind: SidecarKind
    beside: str


@dataclass(frozen=True, slots=True)
class BuildSource:
    """Code that a build says it was made of: ``owner/name``, and the commit; what it
    does not say is empty.
    """

    repository: str
    commit: str


@dataclass(frozen=True, slots=True)
class Signer:
    """Who signed an attestation, as the certificate says it: the workflow of a forge
    that ran, the repository (``owner/name``) and the commit; what it does not say is
    empty. ``workflow`` is the path in the repository, ``ref`` the full ref, and
    ``repository_id`` the forge's number of the repository, which outlives its name.
    """

    repository: str = ""
    workflow: str = ""
    commit: str = ""
    ref: str = ""
    identity: str = ""
    forge: str = ""
    repository_id: str = ""


@dataclass(frozen=True, slots=True)
class Signers:
    """Who may sign: one of the repositories (``owner/name``), by one of the workflows
    (paths in it). ``repository_id`` is the forge's number of this run's repository,
    empty where others are named or nobody says it.
    """

    repositories: tuple[str, ...]
    workflows: tuple[str, ...]
    repository_id: str = ""


@dataclass(frozen=True, slots=True)
class Attestation:
    """An attestation (PEP 740) as it is written.

    ``beside`` is the file that it is named after, ``subjects`` are the names and sha256
    (empty: none given) of the files that it speaks of. ``sources`` is what a build's
    provenance (SLSA) says it was built from. ``problem`` says why it could not be read,
    or is empty.

    ``verified`` says whether the signature holds for what it says; None where nobody
    looked. ``refuted`` is why it does not, and ``signer`` who signed, None where it
    does not hold or nobody looked.
    """

    filename: str
    beside: str = ""
    predicate_type: str = ""
    is_known: bool = False
    subjects: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    sources: tuple[BuildSource, ...] = ()
    verified: bool | None = None
    refuted: str = ""
    signer: Signer | None = None


@dataclass(frozen=True, slots=True)
class UnknownFile:
    """Something among the distributions that is none; ``what`` says what it is."""

    filename: str
    what: str


# --- where the release comes from ----------------------------------------------


def is_commit_id(text: str) -> bool:
    """Whether a text is the full name of a commit, by SHA-1 or SHA-256; never a prefix,
    which two commits may share.
    """
    return re.fullmatch(r"[0-9a-f]{40}|[0-9a-f]{64}", text) is not None


@dataclass(frozen=True, slots=True)
class Trigger:
    """What started this run, as the CI system says it.

    ``event`` is in GitHub's words where one means the same, ``ref`` the full ref and
    ``tag`` the tag that the event names by it, None where it names none. ``commit`` is
    the one that was built, and ``commit_from`` the place that says so. ``fork`` is the
    repository that the code comes from where that is another one; ``deleted`` says that
    the event is the end of its ref; ``unfit`` why it releases nothing, where events of
    its kind may; ``upstream`` the event of the run that this one follows, and
    ``prerelease`` what a release on the forge is marked as, where it is one.
    """

    system: str
    event: str
    ref: str = ""
    tag: str | None = None
    commit: str = ""
    commit_from: str = ""
    repository: str = ""
    fork: str = ""
    deleted: bool = False
    unfit: str = ""
    upstream: str = ""
    prerelease: bool | None = None

    @property
    def label(self) -> str:
        """How reports call it."""
        return "the run"


@dataclass(frozen=True, slots=True)
class GitTag:
    """A tag of the repository, and the commit that it leads to, peeled; ``made`` is
    when, None where nobody says so.
    """

    name: str
    commit: str
    annotated: bool = False
    made: datetime | None = None


@dataclass(frozen=True, slots=True)
class Branch:
    """A branch, and whether it holds the built commit."""

    name: str
    holds: bool


@dataclass(frozen=True, slots=True)
class Checkout:
    """What the repository of the checkout says around one commit.

    ``head`` is the commit that is checked out, empty where there is none yet.
    ``has_commit`` is False where it does not have the built commit at all. Where it
    ``is_shallow``, tags and history may be missing.
    """

    head: str = ""
    tags: tuple[GitTag, ...] = ()
    has_commit: bool = True
    is_shallow: bool = False


@dataclass(frozen=True, slots=True)
class Ref:
    """The commit that was built, and the tag that leads to it.

    ``tag`` is the one that the user or the event names, and ``tag_from`` says who did.
    It is None where neither does: then ``at_commit`` holds the tags that the checkout
    has at the commit, of whatever form. ``trigger`` is None outside CI.
    """

    tag: str | None
    tag_from: str = ""
    commit: str = ""
    commit_from: str = ""
    at_commit: tuple[str, ...] = ()
    trigger: Trigger | None = None
    checkout: Checkout | None = None


class EntryKind(StrEnum):
    """What git tracks under a path."""

    FILE = "file"
    EXECUTABLE = "executable file"
    LINK = "link"
    SUBMODULE = "submodule"


@dataclass(frozen=True, slots=True)
class TreeEntry:
    """What a commit has under a path: ``blob`` is git's id of the content (of a link,
    of where it leads to), in hex, of a submodule that of its commit.
    """

    path: str
    kind: EntryKind
    blob: str


@dataclass(frozen=True)
class SourceTree:
    """All that a commit tracks."""

    commit: str
    entries: tuple[TreeEntry, ...]

    @cached_property
    def by_path(self) -> Mapping[str, TreeEntry]:
        """The entries by their path from the top."""
        return {entry.path: entry for entry in self.entries}

    @cached_property
    def by_blob(self) -> Mapping[str, tuple[TreeEntry, ...]]:
        """The files and links by their content."""
        found: dict[str, list[TreeEntry]] = {}
        for entry in self.entries:
            if entry.kind is not EntryKind.SUBMODULE:
                found.setdefault(entry.blob, []).append(entry)
        return {blob: tuple(entries) for blob, entries in found.items()}


class Alteration(StrEnum):
    """In which way a file of a distribution is not the one that the commit tracks."""

    CONTENT = "other bytes"
    # What build tools rewrite, and how they do it is not known in full.
    REWRITTEN = "rewritten"
    # The bytes are not there to be compared: kept by git LFS, and too many.
    UNREAD = "not compared"
    LINE_ENDINGS = "line endings"
    LINK = "link as text"
    EXECUTABLE = "executable"
    NOT_EXECUTABLE = "not executable"


@dataclass(frozen=True, slots=True)
class SourceDifference:
    """A member of a distribution, the path that the commit has it under, and how they
    differ.
    """

    member: str
    tracked: str
    how: Alteration


@dataclass(frozen=True, slots=True)
class SaidUrl:
    """An upload URL as it is written, and the place that says so.

    It may be no URL at all, and it may hold a password: what prints it leaves that out.
    """

    url: str
    place: str


#: The hashes that RECORD may use, and that every Python has: sha256 or better.
RECORD_HASHES = ("sha256", "sha384", "sha512")

#: A project's status where the index says nothing else (PEP 792).
ACTIVE = "active"
#: A project that takes no uploads.
ARCHIVED = "archived"
#: A project of which the index offers no file to anybody.
QUARANTINED = "quarantined"

# --- the index -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One file as an index lists it; None is "the index does not say".

    ``other_hashes`` are those by other algorithms, in hex. ``requires_python`` is
    empty where the index says that there is none. ``metadata_sha256`` is that of the
    metadata file beside it (PEP 658), empty where it has one without a sha256, and
    ``provenance`` the address of its attestations (PEP 740), empty where the index says
    that it has none.
    """

    filename: str
    version: Version | None
    sha256: str | None
    size: int | None = None
    yanked: bool | None = None
    yanked_reason: str = ""
    requires_python: str | None = None
    url: str = ""
    uploaded: datetime | None = None
    other_hashes: tuple[tuple[str, str], ...] = ()
    metadata_sha256: str | None = None
    provenance: str | None = None


@dataclass(frozen=True)
class Listing:
    """A project's page on an index (PEP 503, PEP 691) at one moment.

    ``known`` is False where the index says that it has no such project (404), and
    ``elsewhere`` where it hands it on to then. ``status`` is PEP 792's word for the
    project. ``serial`` grows with each change of the project, None where the index has
    none. ``is_cached`` says that the answer may come from one of several caches,
    ``is_json`` that it was in JSON, and ``oddities`` what was read although no standard
    allows it.
    """

    project: NormalizedName
    url: str
    files: tuple[IndexedFile, ...]
    known: bool = True
    status: str = ACTIVE
    serial: int | None = None
    is_cached: bool = False
    is_json: bool = False
    elsewhere: str = ""
    oddities: tuple[str, ...] = ()

    def of(self, version: Version) -> tuple[IndexedFile, ...]:
        """The files of one version; ``1.0`` and ``1.0.0`` are one (PEP 440)."""
        return tuple(file for file in self.files if file.version == version)

    @cached_property
    def by_name(self) -> Mapping[str, IndexedFile]:
        """The files by exact file name."""
        return {file.filename: file for file in self.files}


@dataclass(frozen=True, slots=True)
class ServedFile:
    """A file as the index served it: the sha256, in hex, and the size, in bytes.

    ``metadata_sha256`` is that of the metadata file beside it, None where there is none
    to fetch. ``problem`` says what could not be had although the index lists it.
    """

    filename: str
    sha256: str = ""
    size: int = 0
    other_hashes: tuple[tuple[str, str], ...] = ()
    metadata_sha256: str | None = None
    problem: str = ""


@dataclass(frozen=True, slots=True)
class View:
    """A release as one endpoint of an index tells it: file names and their sha256.

    ``known`` is False where the endpoint does not know the project, or the release;
    ``yanked`` are those of the files that it marks as withdrawn.
    """

    name: str
    url: str
    files: Mapping[str, str | None]
    known: bool = True
    serial: int | None = None
    yanked: frozenset[str] = frozenset()


# --- the manifest --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A file that the index must list: exactly this name, these bytes.

    ``requires_python`` is what its metadata says, empty for nothing, and
    ``metadata_sha256`` the hash of a wheel's METADATA; None is "not known".
    """

    filename: str
    kind: Kind
    size: int
    sha256: str
    requires_python: str | None = None
    metadata_sha256: str | None = None


@dataclass(frozen=True, slots=True)
class ExpectedRelease:
    """The files of one release as they were checked.

    ``before`` is the project's listing when they were checked, file name to sha256
    (None: the index gave no hash); None where the index was not asked. ``serial`` is
    that listing's, None where it had none.
    """

    project: NormalizedName
    version: Version
    files: tuple[ExpectedFile, ...]
    before: Mapping[str, str | None] | None
    serial: int | None = None

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"{self.project} {self.version}"


# --- the subjects --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DescribedDistribution:
    """One file and its core metadata; ``inventory`` is what the rest of its set must
    know of its contents, None where nobody looked.
    """

    distribution: Distribution
    metadata: CoreMetadata
    inventory: Inventory | None = None

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class SizedDistribution:
    """One file, and the size of the largest file that the index has taken for this
    project, in bytes; 0 where it has none, None where it was not asked.
    """

    distribution: Distribution
    largest_taken: int | None = None

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class AttestedDistribution:
    """One file, and the attestations that stand beside it, mostly none.

    ``signers`` are those who may have signed them, None where nobody says so, and
    ``others`` is how many other files of the set have attestations.
    """

    distribution: Distribution
    attestations: tuple[Attestation, ...]
    signers: Signers | None = None
    others: int = 0

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class RenderedDescription:
    """The description of one file, as the index renders it."""

    distribution: Distribution
    content_type: str
    problem: RenderingProblem | None

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class DescribedArchive:
    """A file whose archive was read to its end, and its core metadata."""

    archive: Archive
    metadata: CoreMetadata

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.archive.filename


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel whose archive was read to its end.

    ``info_folders`` are the top-level ``.dist-info`` folders; ``info_folder`` is the
    one that the file name asks for, or the only one, or None. ``static_versions`` is
    what the project's own modules say, mostly one or nothing. ``unread_imports`` and
    ``unread_targets`` say why modules were not looked at, mostly nothing.
    """

    distribution: Distribution
    archive: Archive
    info_folders: tuple[str, ...]
    info_folder: str | None
    wheel_file: WheelFile | None
    record: Record | None
    entry_points: EntryPoints | None = None
    static_versions: tuple[StaticVersion, ...] = ()
    binaries: tuple[Binary, ...] = ()
    has_more_binaries: bool = False
    unresolved_imports: tuple[UnresolvedImport, ...] = ()
    unread_imports: tuple[str, ...] = ()
    dangling: tuple[DanglingEntryPoint, ...] = ()
    unread_targets: tuple[str, ...] = ()
    inventory: Inventory | None = None
    credentials: tuple[Credential, ...] = ()
    unsearched: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class NativeWheel:
    """A wheel, the programs and libraries in it, mostly none, and its WHEEL file."""

    distribution: Distribution
    binaries: tuple[Binary, ...]
    wheel_file: WheelFile | None = None

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class Sdist:
    """An sdist whose archive was read to its end; ``static_versions`` as a wheel's."""

    distribution: Distribution
    archive: Archive
    static_versions: tuple[StaticVersion, ...] = ()
    inventory: Inventory | None = None
    credentials: tuple[Credential, ...] = ()
    unsearched: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class DescribedWheel:
    """A wheel and its core metadata."""

    wheel: Wheel
    metadata: CoreMetadata


@dataclass(frozen=True, slots=True)
class RebuiltSdist:
    """An sdist, and what came of building a wheel from it, in an environment of its
    own (``rehearse --build``).

    ``problem`` says why there is no wheel, or is empty; ``said`` are the last lines of
    the output. ``built`` is the wheel, None where there is none, and ``counterpart``
    the one of the set that installers would take here, None where the set has none.
    """

    distribution: Distribution
    problem: str = ""
    said: tuple[str, ...] = ()
    built: DescribedWheel | None = None
    counterpart: DescribedWheel | None = None

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class TriedImport:
    """A module that was imported in a process of its own.

    ``error`` is the type of the exception, or how the process ended without one; empty
    where the import went well. ``message`` is its last line, ``about`` the module that
    it speaks of: the one that is missing, or that cannot be parsed. ``hidden`` says
    which file Python takes in place of the wheel's own, mostly none.
    """

    module: str
    error: str = ""
    message: str = ""
    about: str = ""
    hidden: str = ""


@dataclass(frozen=True, slots=True)
class InstalledWheel:
    """A wheel that was installed into an environment of its own, and its modules at the
    top, imported there (``rehearse --install``).

    ``problem`` says why it could not be installed, or is empty; ``said`` are the last
    lines of the output.
    """

    distribution: Distribution
    problem: str = ""
    said: tuple[str, ...] = ()
    imports: tuple[TriedImport, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class SearchedDistribution:
    """A file whose text was looked through for credentials; ``unsearched`` are the
    members that were not, or not to their end.
    """

    distribution: Distribution
    credentials: tuple[Credential, ...] = ()
    unsearched: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class VersionedModules:
    """The version in a file's core metadata, and those that its own modules say."""

    distribution: Distribution
    version: str
    static_versions: tuple[StaticVersion, ...]

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class ImportedModules:
    """What the modules of a wheel import of its own packages, and is not there."""

    distribution: Distribution
    unresolved: tuple[UnresolvedImport, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class EntryPointTargets:
    """The entry points of a wheel that lead nowhere. ``requires_dist`` are its
    dependencies, which might bring what it lacks; ``in_sdist`` are the names at the top
    of what the sdist beside it holds the source of.
    """

    distribution: Distribution
    dangling: tuple[DanglingEntryPoint, ...] = ()
    requires_dist: tuple[str, ...] = ()
    in_sdist: frozenset[str] = frozenset()

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class DistributionSet:
    """Everything that was given: what ``twine upload dist/*`` would be handed.

    ``unread`` are the names of files that could not be read.
    """

    distributions: tuple[Distribution, ...]
    sidecars: tuple[Sidecar, ...] = ()
    unknown: tuple[UnknownFile, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return "the set"


@dataclass(frozen=True, slots=True)
class Release:
    """The files of one project, meant to be one release.

    ``described`` are those of ``distributions`` whose metadata could be read.
    ``unread`` are the names of files that were given and could not be read: they are
    there, whatever they hold. ``had_startup`` is whether a wheel of the last release
    had a ``.pth`` that is executed, None where nobody looked; ``last_tops`` are the
    names at the top of its wheels, empty where nobody knows.
    """

    project: NormalizedName
    distributions: tuple[Distribution, ...]
    described: tuple[DescribedDistribution, ...]
    unread: tuple[str, ...] = ()
    had_startup: bool | None = None
    last_tops: frozenset[str] = frozenset()

    @property
    def inventories(self) -> tuple[Inventory, ...]:
        """What is in the files, as far as it was read."""
        return tuple(file.inventory for file in self.described if file.inventory)

    @property
    def versions(self) -> tuple[Version, ...]:
        """The versions that the file names say, lowest first."""
        names = (distribution.name for distribution in self.distributions)
        return tuple(sorted({name.version for name in names if name is not None}))

    @property
    def label(self) -> str:
        """How reports call it."""
        return " ".join([self.project, *map(str, self.versions)])


@dataclass(frozen=True, slots=True)
class TaggedRelease:
    """A release, and the ref that leads to it."""

    release: Release
    ref: Ref

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.release.label


@dataclass(frozen=True, slots=True)
class LocatedTag:
    """The tag that the user or the event names, as the checkout has it, the commit that
    was built, and the one that is checked out.
    """

    tag: GitTag
    commit: str
    commit_from: str = ""
    head: str = ""

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"the tag {self.tag.name}"


@dataclass(frozen=True, slots=True)
class BranchedCommit:
    """The built commit, and the branches of the policy; at least one was found."""

    commit: str
    branches: tuple[Branch, ...]

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"the commit {self.commit[:12]}"


@dataclass(frozen=True, slots=True)
class BuiltDistribution:
    """A file, what the attestations beside it say of where it was built, and the
    commit and the repository of this run; what nobody says is empty. ``run_commit`` is
    the one that the workflow itself is of: of a ``workflow_run``, another one.
    """

    distribution: Distribution
    attestations: tuple[Attestation, ...]
    repository: str
    commit: str
    run_commit: str = ""

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class SourcedDistribution:
    """An sdist or a pure wheel beside the tree of the commit that it was built from.

    ``folder`` is where the project lies in the tree, empty for its top; ``compared`` is
    how many files both have under one path. ``untracked`` and ``ignored`` are members
    that neither git has nor a build tool is known to make; the latter are what the
    commit's own .gitignore leaves out. ``missing`` are paths of the tree.
    """

    distribution: Distribution
    commit: str
    folder: str
    compared: int
    differences: tuple[SourceDifference, ...] = ()
    untracked: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class SourcedCheckout:
    """The files of the checkout beside the commit that was built, which it is at:
    ``changed`` and ``gone`` are tracked paths. So are those that were not compared:
    only a filter or another encoding could (``converted``), or they hold too much to
    be read (``unread``).
    """

    commit: str
    changed: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()
    converted: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return "the checkout"


@dataclass(frozen=True, slots=True)
class Upload:
    """A release, and what the index lists of its project before the upload."""

    release: Release
    listing: Listing

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.release.label


@dataclass(frozen=True, slots=True)
class WheelSet:
    """A release, and what the index lists of its project, with whose last release the
    wheels are compared; None where the policy declares what wheels there must be, so
    that nobody need be asked.
    """

    release: Release
    listing: Listing | None = None

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.release.label


@dataclass(frozen=True, slots=True)
class Destination:
    """Where the upload will go, by each place that says so; mostly none does."""

    said: tuple[SaidUrl, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return "the upload"


@dataclass(frozen=True, slots=True)
class AgedRelease:
    """One version, and how long the index has had files of it.

    ``created`` is when the first was uploaded, None where there is none; ``new`` are
    the files that would be added ``at`` this moment (UTC).
    """

    project: NormalizedName
    version: Version
    created: datetime | None
    new: tuple[str, ...]
    at: datetime

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"{self.project} {self.version}"


@dataclass(frozen=True, slots=True)
class ProjectSize:
    """What the index holds of a project, and what this release would add, in bytes.

    ``held`` may be less than it is, where already that much is too much.
    """

    project: NormalizedName
    held: int
    new: int

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.project


@dataclass(frozen=True, slots=True)
class LastRelease:
    """The release that the index lists last before another one.

    ``metadata`` is the core metadata of one of its files and ``inventory`` what is in
    one of its wheels; None where that was not read.
    """

    version: Version
    files: tuple[IndexedFile, ...]
    metadata: CoreMetadata | None = None
    inventory: Inventory | None = None


@dataclass(frozen=True, slots=True)
class Successor:
    """One version of a release, and the last release before it.

    ``files`` are all that the version will have: those of the release, and those that
    the index lists already. ``metadata`` and ``inventory``, that of a wheel, are those
    that are compared with the last release's; None where there is none.
    """

    project: NormalizedName
    version: Version
    files: tuple[tuple[str, int | None], ...]
    last: LastRelease
    metadata: CoreMetadata | None = None
    inventory: Inventory | None = None

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"{self.project} {self.version}"


@dataclass(frozen=True, slots=True)
class SupportedPythons:
    """The Requires-Python of a release, as each of its files says it (file name and
    field), and that of the last release; an empty one allows every Python.
    """

    project: NormalizedName
    version: Version
    said: tuple[tuple[str, str], ...]
    last_version: Version
    last: str

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"{self.project} {self.version}"


@dataclass(frozen=True, slots=True)
class SizedRelease:
    """The new files of one version, and the last release's; ``last`` is None where
    there is none, or the index was not asked.
    """

    project: NormalizedName
    version: Version
    distributions: tuple[Distribution, ...]
    last: LastRelease | None = None

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"{self.project} {self.version}"


@dataclass(frozen=True, slots=True)
class Dependency:
    """What a release requires of another project, and what the index lists of that.

    ``wanted`` are the requirements as they are written, and ``siblings`` the versions
    of that project that are released together with this one.
    """

    release: Release
    wanted: tuple[str, ...]
    listing: Listing
    siblings: tuple[Version, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.release.label


@dataclass(frozen=True, slots=True)
class Recheck:
    """The files on disk now, and the files that were checked (``check --against``);
    ``strangers`` are those of these versions that the index has got since.
    """

    expected: tuple[ExpectedFile, ...]
    present: tuple[Distribution, ...]
    unknown: tuple[UnknownFile, ...] = ()
    sidecars: tuple[Sidecar, ...] = ()
    strangers: tuple[str, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return "the set"


@dataclass(frozen=True, slots=True)
class RecheckedRun:
    """The tag and the commit of a manifest (empty: it names none), how many releases it
    is of, and the tag and the commit of this run, as far as the user or its event says
    them (``check --against``).
    """

    tag: str
    commit: str
    releases: int
    run_tag: str | None
    run_commit: str

    @property
    def label(self) -> str:
        """How reports call it."""
        return "the manifest"


@dataclass(frozen=True)
class Publication:
    """A release that was uploaded, and what the index lists now.

    ``waited`` is how long the index was given, in seconds. ``seen`` are the files that
    the index listed all the same, by who said so: an earlier answer, another endpoint.
    """

    release: ExpectedRelease
    after: Listing
    waited: float = 0.0
    seen: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def came(self) -> tuple[str, ...]:
        """The names that are listed now, were not before, and are not expected."""
        before = self.release.before or {}
        expected = {file.filename for file in self.release.files}
        new = [name for name in self.after.by_name if name not in before]
        return tuple(sorted(name for name in new if name not in expected))

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.release.label


@dataclass(frozen=True)
class Surroundings:
    """The rest of the project, before the upload and now: nothing may have moved.

    ``releases`` are this project's own new ones, which may. Of the thousands of files
    that a listing may have few moved, and rules, states and the diff all ask for them:
    their names are looked for once.
    """

    project: NormalizedName
    releases: tuple[ExpectedRelease, ...]
    before: Mapping[str, str | None]
    after: Listing

    @cached_property
    def own(self) -> frozenset[str]:
        """The names of the files that may move: those of the new releases."""
        return frozenset(f.filename for release in self.releases for f in release.files)

    @cached_property
    def came(self) -> tuple[str, ...]:
        """The names that are listed now and were not before."""
        names = self.after.by_name
        new = (name for name in names if name not in self.before)
        return tuple(sorted(name for name in new if name not in self.own))

    @cached_property
    def changed(self) -> tuple[str, ...]:
        """The names that were listed before, and are not, or with another sha256."""
        after = self.after.by_name
        names = [
            name
            for name, sha256 in self.before.items()
            if (listed := after.get(name)) is None
            or (sha256 is not None and listed.sha256 != sha256)
        ]
        return tuple(sorted(name for name in names if name not in self.own))

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.project


@dataclass(frozen=True, slots=True)
class Served:
    """An expected file, how the index lists it, and what it served of it."""

    expected: ExpectedFile
    listed: IndexedFile
    served: ServedFile

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.expected.filename


@dataclass(frozen=True, slots=True)
class Endpoints:
    """One release, as each endpoint of the index tells it; the first is the one that
    installers ask.
    """

    release: ExpectedRelease
    views: tuple[View, ...]

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.release.label


@dataclass(frozen=True, slots=True)
class PublishedFile:
    """An expected file, the attestations that the index has of it, and who must have
    signed them.

    ``listed`` is False where the index says that it has none. ``commit`` is the one
    that the file was checked at, empty where nobody says it.
    """

    expected: ExpectedFile
    attestations: tuple[Attestation, ...]
    signers: Signers
    listed: bool = True
    commit: str = ""

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.expected.filename


@dataclass(frozen=True, slots=True)
class NamedCommit:
    """A commit that something says a version was built from; ``source`` is what says
    so: a kept manifest, or the provenance of a file. ``ref`` is the full ref that led
    there, empty where nobody says it: only a tag's commit is the one that was tagged.
    """

    version: Version
    commit: str
    source: str
    ref: str = ""


@dataclass(frozen=True, slots=True)
class History:
    """All that an index lists of a project, and the tags of its repository.

    ``by_version`` holds the files whose names tell a version of this project:
    ``demo-1.0-2.tar.gz``, of older days, reads as version 2 of another one. ``at`` is
    when the index was asked (UTC), None where that does not matter.
    """

    project: NormalizedName
    listing: Listing
    tags: tuple[GitTag, ...]
    by_version: Mapping[Version, tuple[IndexedFile, ...]]
    at: datetime | None = None

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.project


@dataclass(frozen=True, slots=True)
class DatedHistory:
    """A history whose index says when its files came."""

    history: History

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.history.project


@dataclass(frozen=True, slots=True)
class AttestedHistory:
    """A history whose index says which of its files have provenance."""

    history: History

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.history.project


@dataclass(frozen=True, slots=True)
class TracedHistory:
    """A history, and the commits that kept manifests and provenance say its versions
    were built from.
    """

    history: History
    built: tuple[NamedCommit, ...]

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.history.project


Subject = (
    DistributionSet
    | Distribution
    | Archive
    | SizedDistribution
    | DescribedDistribution
    | DescribedArchive
    | RenderedDescription
    | AttestedDistribution
    | Wheel
    | NativeWheel
    | Sdist
    | VersionedModules
    | SearchedDistribution
    | ImportedModules
    | EntryPointTargets
    | RebuiltSdist
    | InstalledWheel
    | Release
    | TaggedRelease
    | LocatedTag
    | BranchedCommit
    | BuiltDistribution
    | SourcedDistribution
    | SourcedCheckout
    | Trigger
    | Upload
    | WheelSet
    | Destination
    | AgedRelease
    | ProjectSize
    | Successor
    | SupportedPythons
    | SizedRelease
    | Dependency
    | Recheck
    | RecheckedRun
    | Publication
    | Surroundings
    | Served
    | Endpoints
    | PublishedFile
    | History
    | DatedHistory
    | AttestedHistory
    | TracedHistory
)


@dataclass(frozen=True, slots=True)
class Missing:
    """A subject that could not be built, and therefore rules that did not run.

    ``needed`` says whether a verdict without it would be a guess; ``hint`` what to do.
    """

    subject: type[Subject]
    reason: str
    needed: bool
    hint: str = ""

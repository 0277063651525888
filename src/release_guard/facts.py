"""The facts: frozen values that the sources read, the rules judge, the reports print.

Nothing here reads, decides or prints. The second half holds the subjects: each
carries exactly the facts that its rules need, so that no rule meets a missing one.
Everything that is text may come from outside and is hostile until it is escaped.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from packaging.tags import Tag
from packaging.utils import NormalizedName
from packaging.version import Version

__all__ = [
    "ACTIVE",
    "RECORD_HASHES",
    "Archive",
    "CoreMetadata",
    "Defect",
    "DefectKind",
    "DescribedDistribution",
    "Distribution",
    "DistributionName",
    "DistributionSet",
    "ExpectedFile",
    "ExpectedRelease",
    "IndexedFile",
    "Kind",
    "Listing",
    "Member",
    "MemberKind",
    "MetadataProblem",
    "Missing",
    "Publication",
    "Recheck",
    "Record",
    "RecordEntry",
    "Ref",
    "Release",
    "Sdist",
    "Sidecar",
    "SidecarKind",
    "Subject",
    "Surroundings",
    "TaggedRelease",
    "UnknownFile",
    "Upload",
    "Wheel",
    "WheelFile",
]


class Kind(StrEnum):
    """What a distribution is."""

    SDIST = "sdist"
    WHEEL = "wheel"


# --- one file ------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DistributionName:
    """What a distribution's file name says (wheel specification, PEP 625)."""

    project: NormalizedName
    version: Version
    spelled_project: str
    spelled_version: str
    tags: frozenset[Tag] = frozenset()


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
    """

    path: str
    kind: MemberKind
    size: int
    digest: str = ""
    target: str = ""


class DefectKind(StrEnum):
    """What is wrong with an archive as such. A fact; the rules judge it."""

    UNREADABLE = "unreadable"
    COMPRESSION = "compression"
    AMBIGUOUS = "ambiguous"
    UNSAFE_MEMBER = "unsafe-member"
    BOMB = "bomb"


@dataclass(frozen=True, slots=True)
class Defect:
    """One thing that is wrong with an archive; ``member`` is empty for the whole."""

    kind: DefectKind
    member: str
    detail: str


@dataclass(frozen=True, slots=True)
class Archive:
    """What one pass over an archive saw.

    ``complete`` is False where reading ended early (damaged, or past a bound): then
    ``members`` is only what came before.
    """

    filename: str
    kind: Kind
    members: tuple[Member, ...]
    defects: tuple[Defect, ...]
    complete: bool

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.filename


@dataclass(frozen=True, slots=True)
class MetadataProblem:
    """One field of the core metadata that ``packaging`` refuses."""

    field: str
    detail: str


@dataclass(frozen=True, slots=True)
class CoreMetadata:
    """The core metadata of one distribution: METADATA, or the sdist's PKG-INFO.

    The values are as written; an absent field is empty.
    """

    metadata_version: str = ""
    name: str = ""
    version: str = ""
    requires_python: str = ""
    requires_dist: tuple[str, ...] = ()
    problems: tuple[MetadataProblem, ...] = ()


@dataclass(frozen=True, slots=True)
class RecordEntry:
    """One row of a wheel's RECORD; ``size`` is None where the row gives none."""

    path: str
    digest: str
    size: int | None


@dataclass(frozen=True, slots=True)
class Record:
    """A wheel's RECORD; ``problem`` says why it could not be read, or is empty."""

    entries: tuple[RecordEntry, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class WheelFile:
    """The WHEEL file; ``problem`` says why it could not be read, or is empty."""

    wheel_version: str = ""
    tags: frozenset[Tag] = frozenset()
    problem: str = ""


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
class UnknownFile:
    """Something among the distributions that is none; ``what`` says what it is."""

    filename: str
    what: str


# --- where the release comes from ----------------------------------------------


@dataclass(frozen=True, slots=True)
class Ref:
    """The ref and the event that lead to this release.

    ``tag`` is the short tag name, None where there is none. ``event`` is the CI
    system's word for what happened, empty outside CI. ``fork`` is the repository that
    the code comes from where that is another one; ``deleted`` says that the event is
    the end of its ref; ``unfit`` why it releases nothing, where events of its kind may.
    """

    tag: str | None
    commit: str = ""
    event: str = ""
    ref: str = ""
    repository: str = ""
    fork: str = ""
    deleted: bool = False
    unfit: str = ""


#: The hashes that RECORD may use, and that every Python has: sha256 or better.
RECORD_HASHES = ("sha256", "sha384", "sha512")

#: A project's status where the index says nothing else (PEP 792).
ACTIVE = "active"

# --- the index -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """One file as an index lists it; None is "the index does not say"."""

    filename: str
    version: Version | None
    sha256: str | None
    size: int | None = None
    yanked: bool | None = None
    yanked_reason: str = ""
    requires_python: str | None = None
    url: str = ""


@dataclass(frozen=True)
class Listing:
    """A project's page on an index (PEP 503, PEP 691) at one moment.

    ``known`` is False where the index says that it has no such project (404).
    ``status`` is PEP 792's word for the project.
    """

    project: NormalizedName
    url: str
    files: tuple[IndexedFile, ...]
    known: bool = True
    status: str = ACTIVE

    def of(self, version: Version) -> tuple[IndexedFile, ...]:
        """The files of one version; ``1.0`` and ``1.0.0`` are one (PEP 440)."""
        return tuple(file for file in self.files if file.version == version)

    @cached_property
    def by_name(self) -> Mapping[str, IndexedFile]:
        """The files by exact file name."""
        return {file.filename: file for file in self.files}


# --- the manifest --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExpectedFile:
    """A file that the index must list: exactly this name, these bytes."""

    filename: str
    kind: Kind
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class ExpectedRelease:
    """The files of one release as they were checked.

    ``before`` is the project's listing when they were checked, file name to sha256
    (None: the index gave no hash); None where the index was not asked.
    """

    project: NormalizedName
    version: Version
    files: tuple[ExpectedFile, ...]
    before: Mapping[str, str | None] | None

    @property
    def label(self) -> str:
        """How reports call it."""
        return f"{self.project} {self.version}"


# --- the subjects --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class DescribedDistribution:
    """One file and its core metadata."""

    distribution: Distribution
    metadata: CoreMetadata

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class Wheel:
    """A wheel whose archive was read to its end.

    ``info_folders`` are the top-level ``.dist-info`` folders; ``info_folder`` is the
    one that the file name asks for, or the only one, or None.
    """

    distribution: Distribution
    archive: Archive
    info_folders: tuple[str, ...]
    info_folder: str | None
    wheel_file: WheelFile | None
    record: Record | None

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.distribution.filename


@dataclass(frozen=True, slots=True)
class Sdist:
    """An sdist whose archive was read to its end."""

    distribution: Distribution
    archive: Archive

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
    there, whatever they hold.
    """

    project: NormalizedName
    distributions: tuple[Distribution, ...]
    described: tuple[DescribedDistribution, ...]
    unread: tuple[str, ...] = ()

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
    """A release, and the ref and event that lead to it."""

    release: Release
    ref: Ref

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.release.label


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
class Recheck:
    """The files on disk now, and the files that were checked (``check --against``)."""

    expected: tuple[ExpectedFile, ...]
    present: tuple[Distribution, ...]
    unknown: tuple[UnknownFile, ...] = ()
    sidecars: tuple[Sidecar, ...] = ()

    @property
    def label(self) -> str:
        """How reports call it."""
        return "the set"


@dataclass(frozen=True, slots=True)
class Publication:
    """A release that was uploaded, and what the index lists now.

    ``waited`` is how long the index was given, in seconds.
    """

    release: ExpectedRelease
    after: Listing
    waited: float = 0.0

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.release.label


@dataclass(frozen=True, slots=True)
class Surroundings:
    """The rest of the project, before the upload and now: nothing may have moved.

    ``releases`` are this project's own new ones, which may.
    """

    project: NormalizedName
    releases: tuple[ExpectedRelease, ...]
    before: Mapping[str, str | None]
    after: Listing

    @property
    def label(self) -> str:
        """How reports call it."""
        return self.project


Subject = (
    DistributionSet
    | Distribution
    | Archive
    | DescribedDistribution
    | Wheel
    | Sdist
    | Release
    | TaggedRelease
    | Upload
    | Recheck
    | Publication
    | Surroundings
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

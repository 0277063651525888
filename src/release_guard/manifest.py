"""The manifest: the files that an index must list, as an in-toto Statement v1.

``check`` writes it on a pass and ``verify`` reads it. A part, which ``check --part``
writes, holds what the rules of the whole set need, so that the join needs no bytes.
Both are read as strictly as anything else from outside.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from functools import partial
from typing import Any, TypeVar

from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from release_guard import __version__
from release_guard.errors import ManifestError
from release_guard.facts import (
    Attestation,
    BuildSource,
    Classifier,
    CoreMetadata,
    DescribedDistribution,
    Distribution,
    ExpectedFile,
    ExpectedRelease,
    Inventory,
    Kind,
    MetadataProblem,
    PathConfiguration,
    Sidecar,
    SidecarKind,
    Signer,
    UnknownFile,
)
from release_guard.filenames import distribution, kind_of
from release_guard.findings import Finding, Severity, Waived, Waiver
from release_guard.shapes import (
    Day,
    Either,
    Field,
    Flag,
    Items,
    Keyed,
    Nothing,
    OneOf,
    Shape,
    ShapeError,
    Table,
    Text,
    Whole,
    strict_json,
)

__all__ = [
    "MANIFEST_TYPE",
    "PART_TYPE",
    "Manifest",
    "Part",
    "is_statement",
    "manifest_schema",
    "part_schema",
    "read_manifest",
    "read_part",
    "write_manifest",
    "write_part",
]

MANIFEST_TYPE = "https://github.com/org/release-guard/manifest/v1"
PART_TYPE = "https://github.com/org/release-guard/part/v1"
#: How the type of every statement of ours begins, of whatever version.
_OURS = "https://github.com/org/release-guard/"
_STATEMENT_TYPE = "https://in-toto.io/Statement/v1"

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Manifest:
    """What was checked, for which index, from which tag and commit.

    ``index`` is the index's name, empty where only a URL named it; then ``url`` is
    that Simple API root, without credentials.
    """

    releases: tuple[ExpectedRelease, ...]
    index: str = ""
    url: str = ""
    tag: str = ""
    commit: str = ""

    @property
    def files(self) -> tuple[ExpectedFile, ...]:
        """The files of every release."""
        return tuple(file for release in self.releases for file in release.files)


@dataclass(frozen=True, slots=True)
class Part:
    """What one build job has: files that were judged, for a set that was not.

    ``terms`` is the hash of what they were judged by (``Policy.terms``), ``compared``
    the commit whose tree a file was compared with, by the names of those that were, and
    ``waived`` what the policy let pass: whoever joins the parts is to see it.
    """

    files: tuple[DescribedDistribution, ...]
    terms: str
    compared: Mapping[str, str] = field(default_factory=dict)
    waived: tuple[Waived, ...] = ()
    sidecars: tuple[Sidecar, ...] = ()
    unknown: tuple[UnknownFile, ...] = ()
    attestations: tuple[Attestation, ...] = ()


# --- writing -------------------------------------------------------------------


def write_manifest(manifest: Manifest) -> str:
    """The manifest as JSON text."""
    predicate = {
        "generator": f"release-guard {__version__}",
        "index": manifest.index,
        "url": manifest.url,
        "tag": manifest.tag,
        "commit": manifest.commit,
        "releases": [
            {
                "project": release.project,
                "version": str(release.version),
                "files": [
                    {
                        "filename": file.filename,
                        "kind": file.kind,
                        "size": file.size,
                        "requires-python": file.requires_python,
                        "metadata-sha256": file.metadata_sha256,
                    }
                    for file in release.files
                ],
                "before": None if release.before is None else dict(release.before),
                "serial": release.serial,
            }
            for release in manifest.releases
        ],
    }
    digests = {file.filename: file.sha256 for file in manifest.files}
    return _statement(MANIFEST_TYPE, digests, predicate)


def write_part(part: Part) -> str:
    """The part as JSON text."""
    predicate = {
        "generator": f"release-guard {__version__}",
        "terms": part.terms,
        "files": [
            {
                "filename": file.distribution.filename,
                "size": file.distribution.size,
                "metadata": _metadata_to_json(file.metadata),
                "inventory": _inventory_to_json(file),
                "compared-with": part.compared.get(file.distribution.filename, ""),
            }
            for file in part.files
        ],
        "waived": [_waived_to_json(item) for item in part.waived],
        "sidecars": [
            {"filename": s.filename, "kind": s.kind, "beside": s.beside}
            for s in part.sidecars
        ],
        "unknown": [{"filename": u.filename, "what": u.what} for u in part.unknown],
        "attestations": [_attestation_to_json(a) for a in part.attestations],
    }
    files = (file.distribution for file in part.files)
    return _statement(PART_TYPE, {f.filename: f.sha256 for f in files}, predicate)


def _metadata_to_json(metadata: CoreMetadata) -> dict[str, object]:
    """What the rules of the set compare; the rest was judged with the part."""
    return {
        "metadata-version": metadata.metadata_version,
        "name": metadata.name,
        "version": metadata.version,
        "requires-python": metadata.requires_python,
        "classifiers": [classifier.text for classifier in metadata.classifiers],
        "requires-dist": list(metadata.requires_dist),
        "provides-extra": list(metadata.provides_extra),
        "license-expression": metadata.license_expression,
        "dynamic": list(metadata.dynamic),
        "problems": [
            {"field": problem.field, "detail": problem.detail}
            for problem in metadata.problems
        ],
        "sha256": metadata.sha256,
    }


def _inventory_to_json(file: DescribedDistribution) -> dict[str, object]:
    """What the rules of the set compare of a file's contents."""
    inventory = file.inventory or Inventory(file.label, is_whole=False)
    entry_points = inventory.entry_points
    return {
        "tops": list(inventory.tops),
        "sources": list(inventory.sources),
        "licenses": inventory.licenses,
        "entry-points": None if entry_points is None else list(entry_points),
        "path-configurations": [
            {"member": found.member, "executes": found.executes}
            for found in inventory.path_configurations
        ],
        "is-whole": inventory.is_whole,
    }


def _waived_to_json(item: Waived) -> dict[str, object]:
    finding, waiver = item.finding, item.waiver
    return {
        "rule": finding.rule,
        "severity": finding.severity,
        "subject": finding.subject,
        "message": finding.message,
        "fix": finding.fix,
        "match": waiver.match,
        "reason": waiver.reason,
        "until": None if waiver.until is None else waiver.until.isoformat(),
    }


def _attestation_to_json(attestation: Attestation) -> dict[str, object]:
    return {
        "filename": attestation.filename,
        "beside": attestation.beside,
        "predicate-type": attestation.predicate_type,
        "is-known": attestation.is_known,
        "subjects": [
            {"name": name, "sha256": sha256} for name, sha256 in attestation.subjects
        ],
        "problem": attestation.problem,
        "sources": [
            {"repository": source.repository, "commit": source.commit}
            for source in attestation.sources
        ],
        "verified": attestation.verified,
        "refuted": attestation.refuted,
        "signer": None if attestation.signer is None else _signer(attestation.signer),
    }


def _signer(signer: Signer) -> dict[str, str]:
    return {
        "repository": signer.repository,
        "workflow": signer.workflow,
        "commit": signer.commit,
        "ref": signer.ref,
        "identity": signer.identity,
        "forge": signer.forge,
        "repository-id": signer.repository_id,
    }


def _statement(
    predicate_type: str, digests: Mapping[str, str], predicate: Mapping[str, object]
) -> str:
    statement = {
        "_type": _STATEMENT_TYPE,
        "subject": [
            {"name": name, "digest": {"sha256": sha256}}
            for name, sha256 in sorted(digests.items())
        ],
        "predicateType": predicate_type,
        "predicate": predicate,
    }
    return json.dumps(statement, indent=1) + "\n"


# --- reading -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Digest:
    sha256: str


@dataclass(frozen=True, slots=True)
class _Subject:
    name: str
    digest: _Digest


@dataclass(frozen=True, slots=True)
class _Statement:
    _type: str
    subject: tuple[_Subject, ...]
    predicateType: str  # noqa: N815 - in-toto's spelling
    predicate: Any

    def digests(self) -> dict[str, str]:
        """The sha256 of each file; a name twice is an error."""
        digests = {subject.name: subject.digest.sha256 for subject in self.subject}
        if len(digests) != len(self.subject):
            raise ValueError("a file stands twice among its subjects")
        return digests


@dataclass(frozen=True, slots=True)
class _File:
    filename: str
    kind: str
    size: int
    requires_python: str | None
    metadata_sha256: str | None


@dataclass(frozen=True, slots=True)
class _Release:
    project: str
    version: str
    files: tuple[_File, ...]
    before: Mapping[str, str | None] | None
    serial: int | None


@dataclass(frozen=True, slots=True)
class _ManifestPredicate:
    generator: str
    index: str
    url: str
    tag: str
    commit: str
    releases: tuple[_Release, ...]


@dataclass(frozen=True, slots=True)
class _PartFile:
    filename: str
    size: int
    metadata: CoreMetadata
    inventory: Inventory
    compared_with: str


@dataclass(frozen=True, slots=True)
class _Waived:
    rule: str
    severity: str
    subject: str
    message: str
    fix: str
    match: str
    reason: str
    until: date | None


@dataclass(frozen=True, slots=True)
class _Attested:
    name: str
    sha256: str


@dataclass(frozen=True, slots=True)
class _Attestation:
    filename: str
    beside: str
    predicate_type: str
    is_known: bool
    subjects: tuple[_Attested, ...]
    problem: str
    sources: tuple[BuildSource, ...]
    verified: bool | None
    refuted: str
    signer: Signer | None


@dataclass(frozen=True, slots=True)
class _PartPredicate:
    generator: str
    terms: str
    files: tuple[_PartFile, ...]
    waived: tuple[_Waived, ...]
    sidecars: tuple[Sidecar, ...]
    unknown: tuple[UnknownFile, ...]
    attestations: tuple[_Attestation, ...]


_ANY_TEXT = Text("a text", least=0)
_SHA256 = Text("a sha256 in hex", r"[0-9a-f]{64}")
_SHA256_OR_NULL = Either("a sha256 or null", (Nothing(), _SHA256))
_COMMIT = r"(?:[0-9a-f]{40}|[0-9a-f]{64})?"
_FILE_NAME = Text("a file name", r"[^/\\\x00-\x1f]+")


def _must(shape: Shape[Any], doc: str = "") -> Field[Any]:
    return Field(shape, doc, required=True)


def _table(make: Callable[..., T], **fields: Shape[Any] | Field[Any]) -> Table[T]:
    """A table whose keys are all required; ``a_b`` stands for ``a-b``."""
    named = {
        key.replace("_", "-"): said if isinstance(said, Field) else _must(said)
        for key, said in fields.items()
    }
    return Table(make, named)


_MANIFEST_PREDICATE = _table(
    _ManifestPredicate,
    generator=_must(_ANY_TEXT, "What wrote it, and its version."),
    index=_must(
        _ANY_TEXT, "The index's name in the policy; empty where only a URL named it."
    ),
    url=_must(
        _ANY_TEXT, "Then the Simple API root, without credentials; else mostly empty."
    ),
    tag=_must(_ANY_TEXT, "The release tag; empty where there was none."),
    commit=_must(_ANY_TEXT, "The commit that was built; empty where nobody said so."),
    releases=_must(
        Items(
            _table(
                _Release,
                project=_must(Text(), "The project's normalized name."),
                version=_must(Text(), "The version."),
                files=_must(
                    Items(
                        _table(
                            _File,
                            filename=_must(_FILE_NAME, "The file's name."),
                            kind=_must(OneOf(tuple(Kind)), "Which kind it is of."),
                            size=_must(Whole(), "Its size in bytes."),
                            requires_python=_must(
                                Either("a text or null", (Nothing(), _ANY_TEXT)),
                                "Its Requires-Python, as the index must list it.",
                            ),
                            metadata_sha256=_must(
                                _SHA256_OR_NULL, "Of its core metadata."
                            ),
                        ),
                        least=1,
                    ),
                    "Its files.",
                ),
                before=_must(
                    Either(
                        "null, or a table of file names and their sha256",
                        (
                            Nothing(),
                            Keyed(_SHA256_OR_NULL, Text()),
                        ),
                    ),
                    "What the index listed of the whole project at the check; null "
                    "where it was not asked.",
                ),
                serial=_must(
                    Either("a whole number or null", (Nothing(), Whole())),
                    "The serial of that listing, where the index gives one.",
                ),
            ),
            least=1,
        ),
        "The releases, mostly one.",
    ),
)


def _metadata(*, classifiers: Iterable[str], **said: Any) -> CoreMetadata:  # noqa: ANN401
    """The metadata of a part; what a list says of its classifiers was told there."""
    return CoreMetadata(classifiers=tuple(map(Classifier, classifiers)), **said)


_METADATA = _table(
    _metadata,
    metadata_version=_ANY_TEXT,
    name=_ANY_TEXT,
    version=_ANY_TEXT,
    requires_python=_ANY_TEXT,
    classifiers=Items(_ANY_TEXT),
    requires_dist=Items(_ANY_TEXT),
    provides_extra=Items(_ANY_TEXT),
    license_expression=_ANY_TEXT,
    dynamic=Items(_ANY_TEXT),
    problems=Items(_table(MetadataProblem, field=_ANY_TEXT, detail=_ANY_TEXT)),
    sha256=_SHA256,
)
_INVENTORY = _table(
    partial(Inventory, ""),
    tops=Items(_ANY_TEXT),
    sources=Items(_ANY_TEXT),
    licenses=Whole(),
    entry_points=Either("null, or a list of texts", (Nothing(), Items(_ANY_TEXT))),
    path_configurations=Items(
        _table(PathConfiguration, member=_ANY_TEXT, executes=_ANY_TEXT)
    ),
    is_whole=Flag(),
)
_SIGNER = _table(
    Signer,
    repository=_ANY_TEXT,
    workflow=_ANY_TEXT,
    commit=_ANY_TEXT,
    ref=_ANY_TEXT,
    identity=_ANY_TEXT,
    forge=_ANY_TEXT,
    repository_id=_ANY_TEXT,
)
_PART_PREDICATE = _table(
    _PartPredicate,
    generator=_ANY_TEXT,
    terms=_SHA256,
    files=Items(
        _table(
            _PartFile,
            filename=_FILE_NAME,
            size=Whole(),
            metadata=_METADATA,
            inventory=_INVENTORY,
            compared_with=Text("a commit, or an empty text", _COMMIT, least=0),
        )
    ),
    waived=Items(
        _table(
            _Waived,
            rule=Text(),
            severity=OneOf(tuple(Severity)),
            subject=_ANY_TEXT,
            message=_ANY_TEXT,
            fix=_ANY_TEXT,
            match=_ANY_TEXT,
            reason=_ANY_TEXT,
            until=Either("null, or a day", (Nothing(), Day())),
        )
    ),
    sidecars=Items(
        _table(Sidecar, filename=Text(), kind=OneOf(tuple(SidecarKind)), beside=Text())
    ),
    unknown=Items(_table(UnknownFile, filename=Text(), what=Text())),
    attestations=Items(
        _table(
            _Attestation,
            filename=Text(),
            beside=_ANY_TEXT,
            predicate_type=_ANY_TEXT,
            is_known=Flag(),
            subjects=Items(_table(_Attested, name=_ANY_TEXT, sha256=_ANY_TEXT)),
            problem=_ANY_TEXT,
            sources=Items(_table(BuildSource, repository=_ANY_TEXT, commit=_ANY_TEXT)),
            verified=Either("true, false or null", (Nothing(), Flag())),
            refuted=_ANY_TEXT,
            signer=Either("null, or a table of a signer", (Nothing(), _SIGNER)),
        )
    ),
)


def _statement_shape(predicate_type: str, predicate: Shape[T]) -> Table[_Statement]:
    digest = _table(_Digest, sha256=_must(_SHA256, "The file's sha256."))
    subject = _table(
        _Subject,
        name=_must(_FILE_NAME, "The file's name."),
        digest=_must(digest, "What its bytes are known by."),
    )
    return Table(
        _Statement,
        {
            "_type": _must(OneOf((_STATEMENT_TYPE,)), "An in-toto Statement."),
            "subject": _must(Items(subject), "Every file."),
            "predicateType": _must(OneOf((predicate_type,)), "Which of ours it is."),
            "predicate": _must(predicate, "What is said of the files."),
        },
    )


def manifest_schema() -> dict[str, Any]:
    """The JSON Schema of the manifest."""
    return _statement_shape(MANIFEST_TYPE, _MANIFEST_PREDICATE).schema()


def part_schema() -> dict[str, Any]:
    """The JSON Schema of a part."""
    return _statement_shape(PART_TYPE, _PART_PREDICATE).schema()


def read_manifest(content: bytes, *, where: str) -> Manifest:
    """The manifest in ``content``; ``where`` names it in errors.

    Raises ``ManifestError`` for whatever is not exactly one.
    """
    return _read(content, where, MANIFEST_TYPE, _MANIFEST_PREDICATE, _manifest)


def read_part(content: bytes, *, where: str) -> Part:
    """The part in ``content``; raises ``ManifestError``."""
    return _read(content, where, PART_TYPE, _PART_PREDICATE, _part)


def is_statement(content: bytes) -> bool:
    """Whether this is a manifest or a part, perhaps of another version."""
    try:
        value = json.loads(content)
    except (ValueError, RecursionError):
        return False
    found = value.get("predicateType") if isinstance(value, dict) else None
    return isinstance(found, str) and found.startswith(_OURS)


def _read(
    content: bytes,
    where: str,
    predicate_type: str,
    shape: Shape[Any],
    build: Callable[[_Statement], T],
) -> T:
    try:
        value: Any = strict_json(content)
        found = value.get("predicateType") if isinstance(value, dict) else None
        if isinstance(found, str) and found != predicate_type:
            raise ValueError(
                f"is of another schema, {_plain(found)}; expected {predicate_type}"
            )
        return build(_statement_shape(predicate_type, shape).read(value))
    except ShapeError as error:
        lines = "; ".join(map(str, error.problems[:3]))
        raise ManifestError(f"{where}: is no manifest: {lines}") from None
    except RecursionError:
        raise ManifestError(f"{where}: is nested too deep") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise ManifestError(
            f"{where}: is no JSON: {error}",
            hint="give the manifest that 'release-guard check' wrote",
        ) from None
    except ValueError as error:
        raise ManifestError(f"{where}: {error}") from None


def _plain(text: str) -> str:
    """A text as an error may repeat it: on one line, and not all of a long one."""
    return text if text.isprintable() and len(text) <= _LONGEST else f"{text!r:.80}..."


_LONGEST = 300


def _manifest(statement: _Statement) -> Manifest:
    predicate: _ManifestPredicate = statement.predicate
    digests = statement.digests()
    releases = tuple(_release(release, digests) for release in predicate.releases)
    manifest = Manifest(
        releases, predicate.index, predicate.url, predicate.tag, predicate.commit
    )
    names = [file.filename for file in manifest.files]
    if len(set(names)) != len(names) or set(names) != digests.keys():
        raise ValueError("its subjects are not its releases' files")
    labels = {(release.project, release.version) for release in releases}
    if len(labels) != len(releases):
        raise ValueError("a release stands in it twice")
    before = {release.project: release.before for release in releases}
    if any(before[release.project] != release.before for release in releases):
        raise ValueError("two releases of one project have different listings before")
    return manifest


def _release(release: _Release, digests: Mapping[str, str]) -> ExpectedRelease:
    project = canonicalize_name(release.project, validate=True)
    version = Version(release.version)
    files = tuple(_expected(f, project, version, digests) for f in release.files)
    return ExpectedRelease(project, version, files, release.before, release.serial)


def _expected(
    file: _File, project: NormalizedName, version: Version, digests: Mapping[str, str]
) -> ExpectedFile:
    read = _distribution(file, digests)
    name = read.name
    if name is None or (name.project, name.version) != (project, version):
        raise ValueError(f"{_plain(file.filename)} is no file of {project} {version}")
    if read.kind != file.kind:
        raise ValueError(f"{_plain(file.filename)} is no {file.kind}")
    return ExpectedFile(
        read.filename,
        read.kind,
        read.size,
        read.sha256,
        file.requires_python,
        file.metadata_sha256,
    )


def _part(statement: _Statement) -> Part:
    predicate: _PartPredicate = statement.predicate
    digests = statement.digests()
    for file in predicate.files:
        metadata = file.metadata
        if not (metadata.name and metadata.version) and not metadata.problems:
            raise ValueError(f"{_plain(file.filename)} has no name or no version")
    files = tuple(
        DescribedDistribution(
            _distribution(file, digests),
            file.metadata,
            replace(file.inventory, filename=file.filename),
        )
        for file in predicate.files
    )
    names = {file.distribution.filename for file in files}
    if len(names) != len(files) or names != digests.keys():
        raise ValueError("its subjects are not its files")
    sidecars = tuple(
        Sidecar(s.filename, SidecarKind(s.kind), s.beside) for s in predicate.sidecars
    )
    attestations = tuple(
        Attestation(
            a.filename,
            a.beside,
            a.predicate_type,
            a.is_known,
            tuple((subject.name, subject.sha256) for subject in a.subjects),
            a.problem,
            a.sources,
            a.verified,
            a.refuted,
            a.signer,
        )
        for a in predicate.attestations
    )
    return Part(
        files,
        predicate.terms,
        {f.filename: f.compared_with for f in predicate.files if f.compared_with},
        tuple(map(_waived, predicate.waived)),
        sidecars,
        predicate.unknown,
        attestations,
    )


def _waived(item: _Waived) -> Waived:
    """Without the address of the rule's page, which is no part's to say."""
    return Waived(
        Finding(
            item.rule,
            Severity(item.severity),
            item.subject,
            item.message,
            item.fix,
            docs="",
        ),
        Waiver(item.rule, item.match, item.reason, item.until),
    )


def _distribution(file: _File | _PartFile, digests: Mapping[str, str]) -> Distribution:
    if file.filename not in digests:
        raise ValueError(f"{_plain(file.filename)} is none of its subjects")
    if kind_of(file.filename) is None:
        raise ValueError(f"{_plain(file.filename)} is no distribution")
    return distribution(file.filename, size=file.size, sha256=digests[file.filename])

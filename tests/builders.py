"""Facts built in memory: each is part of a sound release of ``demo`` 1.0, or changed.

What a builder has no argument for is changed with ``dataclasses.replace``.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from packaging.utils import canonicalize_name
from packaging.version import Version

from release_guard import filenames
from release_guard.facts import (
    AgedRelease,
    Archive,
    Checkout,
    CoreMetadata,
    Defect,
    DescribedArchive,
    DescribedDistribution,
    Destination,
    Distribution,
    DistributionSet,
    Endpoints,
    ExpectedFile,
    ExpectedRelease,
    GitTag,
    History,
    IndexedFile,
    Inventory,
    Kind,
    Listing,
    Member,
    MemberKind,
    MetadataProblem,
    ProjectSize,
    Publication,
    Recheck,
    Record,
    RecordEntry,
    Ref,
    Release,
    SaidUrl,
    Sdist,
    Served,
    ServedFile,
    SizedDistribution,
    Surroundings,
    TaggedRelease,
    Trigger,
    Upload,
    View,
    Wheel,
    WheelFile,
)
from release_guard.findings import Severity
from release_guard.policy import IndexPolicy, Overrides, Policy, PolicyFile, resolve
from release_guard.rules.base import AnyRule, Labelled, docs_url

SDIST = "demo-1.0.tar.gz"
WHEEL = "demo-1.0-py3-none-any.whl"
INFO = "demo-1.0.dist-info"
PAGE = "https://index.example/simple/demo/"


def sha256(text: str) -> str:
    """A hash that belongs to a text: two texts, two hashes."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


# --- one file ------------------------------------------------------------------


def distribution(
    filename: str = SDIST, *, content: str = "", size: int = 1000
) -> Distribution:
    """A file; its hash is that of ``content``, or else of its name."""
    return filenames.distribution(
        filename, size=size, sha256=sha256(content or filename)
    )


def described(
    filename: str = SDIST,
    *,
    name: str | None = None,
    version: str | None = None,
    metadata_version: str = "2.4",
    description: str = "A demonstration.",
    problems: Mapping[str, str] | None = None,
    inventory: Inventory | None = None,
    **metadata: Any,  # noqa: ANN401
) -> DescribedDistribution:
    """A file whose metadata says what its name says; ``problems`` by field, what is in
    it, and any other field of ``CoreMetadata`` by its name.
    """
    metadata = {"sha256": sha256(f"{filename}.metadata"), **metadata}
    file = distribution(filename)
    said = file.name
    return DescribedDistribution(
        file,
        CoreMetadata(
            metadata_version=metadata_version,
            name=(said.project if said else "demo") if name is None else name,
            version=(str(said.version) if said else "1.0")
            if version is None
            else version,
            description=description,
            problems=tuple(
                MetadataProblem(field, detail)
                for field, detail in (problems or {}).items()
            ),
            **metadata,
        ),
        inventory,
    )


def member(
    path: str, kind: MemberKind = MemberKind.FILE, *, target: str = ""
) -> Member:
    """A member of an archive; the content of a file is its own path."""
    if kind is not MemberKind.FILE:
        return Member(path, kind, 0, target=target)
    return Member(path, kind, len(path), record_digest(path))


def record_digest(text: str, algorithm: str = "sha256") -> str:
    """The hash of a text in RECORD's form."""
    digest = hashlib.new(algorithm, text.encode("utf-8", "surrogatepass")).digest()
    encoded = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
    return f"{algorithm}={encoded}"


def sized(
    size: int, *, largest_taken: int | None = 0, filename: str = SDIST
) -> SizedDistribution:
    """A file of this size, and the largest that the index has of the project; None
    where it was not asked.
    """
    return SizedDistribution(distribution(filename, size=size), largest_taken)


def archive(
    *members: str | Member,
    filename: str = SDIST,
    defects: tuple[Defect, ...] = (),
    complete: bool = True,
    size: int = 1000,
    unpacked: int = 2000,
) -> Archive:
    """An archive of these members, by default a sound sdist's."""
    given = members or (
        member("demo-1.0", MemberKind.FOLDER),
        "demo-1.0/PKG-INFO",
        "demo-1.0/pyproject.toml",
        "demo-1.0/demo/__init__.py",
    )
    made = tuple(member(m) if isinstance(m, str) else m for m in given)
    kind = filenames.kind_of(filename) or Kind.SDIST
    return Archive(filename, kind, size, made, defects, complete, unpacked)


def described_archive(
    *members: str | Member,
    filename: str = SDIST,
    **metadata: Any,  # noqa: ANN401
) -> DescribedArchive:
    """An archive of these members, and its metadata with these fields."""
    file = described(filename, **metadata)
    return DescribedArchive(archive(*members, filename=filename), file.metadata)


def sdist(*members: str | Member, filename: str = SDIST) -> Sdist:
    """An sdist of these members."""
    return Sdist(distribution(filename), archive(*members, filename=filename))


def wheel(
    *members: str | Member,
    filename: str = WHEEL,
    info: str = INFO,
    record: Iterable[RecordEntry] | None = None,
) -> Wheel:
    """A wheel of a module, these members and a ``.dist-info``; RECORD fits to them."""
    file = distribution(filename)
    names = ("demo/__init__.py", *(f"{info}/{n}" for n in ("METADATA", "WHEEL")))
    made = [member(m) if isinstance(m, str) else m for m in (*names, *members)]
    rows = [RecordEntry(m.path, m.digest, str(m.size)) for m in made]
    own = f"{info}/RECORD"
    rows.append(RecordEntry(own, "", ""))
    packed = archive(*made, own, filename=filename)
    return Wheel(
        distribution=file,
        archive=packed,
        info_folders=(info,),
        info_folder=info,
        wheel_file=WheelFile("1.0", file.name.tags if file.name else frozenset()),
        record=Record(tuple(rows if record is None else record)),
    )


# --- the set -------------------------------------------------------------------


def distribution_set(*names: str) -> DistributionSet:
    """Everything in the folder: these files."""
    return DistributionSet(tuple(map(distribution, names or (SDIST, WHEEL))))


def release(*names: str, metadata_versions: Mapping[str, str] | None = None) -> Release:
    """A release of these files, each with its metadata.

    ``metadata_versions`` gives the version in the metadata of the files whose
    metadata was read, where it is not the one of the name.
    """
    files = [described(name) for name in names or (SDIST, WHEEL)]
    if metadata_versions is not None:
        files = [
            described(file.label, version=metadata_versions.get(file.label))
            for file in files
        ]
    first = files[0].distribution.name
    return Release(
        first.project if first else canonicalize_name("demo"),
        tuple(file.distribution for file in files),
        tuple(files),
    )


COMMIT = "c0ffee" + "0" * 34


def trigger(event: str = "push", ref: str = "", **changes: Any) -> Trigger:  # noqa: ANN401
    """What started the run: by default a push, on GitHub, in the own repository."""
    made = Trigger("GitHub", event, ref, commit=COMMIT, repository="org/demo")
    return replace(made, **changes)


def tagged(
    tag: str | None = "v1.0",
    *names: str,
    at_commit: Iterable[str] = (),
    checkout: Checkout | None = None,
    by: Trigger | None = None,
    of: Release | None = None,
) -> TaggedRelease:
    """A release and the ref that leads to it, in CI by the event ``by``."""
    made = release(*names) if of is None else of
    led = Ref(
        tag,
        tag_from="the event" if tag is not None else "",
        commit=COMMIT,
        commit_from="GITHUB_SHA",
        at_commit=tuple(at_commit),
        trigger=trigger() if by is None else by,
        checkout=checkout,
    )
    return TaggedRelease(made, led)


# --- the index -----------------------------------------------------------------


def indexed(filename: str = SDIST, **changes: Any) -> IndexedFile:  # noqa: ANN401
    """A file as an index lists it: the one that ``distribution`` makes."""
    facts = {
        "version": filenames.version_of(filename, canonicalize_name("demo")),
        "sha256": sha256(filename),
        "size": 1000,
        "yanked": False,
        "url": f"https://files.example/{filename}",
        "uploaded": YESTERDAY,
    }
    return IndexedFile(filename, **facts | changes)


def listing(
    *files: str | IndexedFile, known: bool = True, status: str = "active"
) -> Listing:
    """What an index lists of ``demo``."""
    made = tuple(indexed(file) if isinstance(file, str) else file for file in files)
    return Listing(canonicalize_name("demo"), PAGE, made, known, status)


#: When the index is asked, and when what it lists was uploaded.
NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)
YESTERDAY = NOW - timedelta(days=1)


def upload(*before: str | IndexedFile, of: Release | None = None) -> Upload:
    """A release, and what the index lists before it."""
    return Upload(release() if of is None else of, listing(*before))


def destination(*said: tuple[str, str]) -> Destination:
    """Where the upload goes: each place, and the URL that stands there."""
    return Destination(tuple(SaidUrl(url, place) for place, url in said))


def aged(
    age: timedelta | None, *new: str, version: str = "1.0", at: datetime = NOW
) -> AgedRelease:
    """A version that the index has had for so long, and the files that are new."""
    created = None if age is None else at - age
    return AgedRelease(canonicalize_name("demo"), Version(version), created, new, at)


def project_size(held: int, new: int = 1000) -> ProjectSize:
    """So many bytes that the index holds, and so many that would be added."""
    return ProjectSize(canonicalize_name("demo"), held, new)


# --- after the upload ----------------------------------------------------------


def expected_file(filename: str = SDIST, **changes: Any) -> ExpectedFile:  # noqa: ANN401
    """A file that the index must list; of its metadata nothing is known."""
    file = distribution(filename)
    made = ExpectedFile(filename, file.kind, file.size, file.sha256)
    return replace(made, **changes)


def expected(
    *files: str | ExpectedFile,
    version: str = "1.0",
    before: Mapping[str, str | None] | None = None,
) -> ExpectedRelease:
    """A release as it was checked; ``before`` is the listing at that time."""
    made = (expected_file(f) if isinstance(f, str) else f for f in files)
    return ExpectedRelease(
        canonicalize_name("demo"),
        Version(version),
        tuple(made) or (expected_file(SDIST), expected_file(WHEEL)),
        before,
    )


def publication(
    *after: str | IndexedFile,
    of: ExpectedRelease | None = None,
    seen: Mapping[str, str] | None = None,
    **changes: Any,  # noqa: ANN401
) -> Publication:
    """A release that was uploaded, and what the index lists after 30 seconds;
    ``changes`` are those of the listing.
    """
    return Publication(
        expected() if of is None else of,
        replace(listing(*after), **changes),
        30.0,
        seen or {},
    )


def surroundings(
    *after: str | IndexedFile,
    before: Mapping[str, str | None] | None = None,
    releases: tuple[ExpectedRelease, ...] | None = None,
) -> Surroundings:
    """The project before, by default with an sdist 0.9, and after the upload."""
    old = "demo-0.9.tar.gz"
    return Surroundings(
        canonicalize_name("demo"),
        (expected(),) if releases is None else releases,
        {old: sha256(old)} if before is None else before,
        listing(*after),
    )


def served(
    filename: str = WHEEL,
    *,
    expect: ExpectedFile | None = None,
    listed: IndexedFile | None = None,
    **changes: Any,  # noqa: ANN401
) -> Served:
    """An expected file, how it is listed, and what was served: the same bytes."""
    file = expected_file(filename) if expect is None else expect
    same = ServedFile(filename, file.sha256, file.size)
    return Served(
        file,
        indexed(filename) if listed is None else listed,
        replace(same, **changes),
    )


def view(
    *files: str | tuple[str, str | None],
    name: str = "the listing as JSON",
    known: bool = True,
) -> View:
    """A release as one endpoint tells it, by default the one that installers ask: its
    files, with a hash where it is another one than expected.
    """
    told = dict((f, sha256(f)) if isinstance(f, str) else f for f in files)
    return View(name, PAGE, told, known)


def endpoints(*views: View) -> Endpoints:
    """A release as the endpoints of an index tell it."""
    return Endpoints(expected(), views)


def recheck(
    checked: tuple[str, ...] = (SDIST, WHEEL),
    present: Iterable[str | Distribution] = (SDIST, WHEEL),
) -> Recheck:
    """The files that were checked, and the files that are there now."""
    there = (distribution(f) if isinstance(f, str) else f for f in present)
    return Recheck(tuple(map(expected_file, checked)), tuple(there))


# --- a history ------------------------------------------------------------------


def history(tags: Iterable[str | GitTag], *files: str | IndexedFile) -> History:
    """What an index lists of ``demo`` at ``NOW``, and the tags of its repository."""
    names = (f"demo-{file}.tar.gz" if isinstance(file, str) else file for file in files)
    page = listing(*names)
    made = tuple(GitTag(tag, "") if isinstance(tag, str) else tag for tag in tags)
    versions = filenames.by_version(page)
    return History(canonicalize_name("demo"), page, made, versions, NOW)


def ago(**span: float) -> datetime:
    """So long before ``NOW``."""
    return NOW - timedelta(**span)


# --- the policy ----------------------------------------------------------------

PYPI = resolve(PolicyFile(), Overrides(index="pypi")).index
TESTPYPI = resolve(PolicyFile(), Overrides(index="testpypi")).index
#: An index of one's own, without PyPI's upload rules.
INTERNAL = IndexPolicy("internal", repository_url="https://index.example/upload/")


def policy(index: IndexPolicy = PYPI, **changes: Any) -> Policy:  # noqa: ANN401
    """The default policy for an index."""
    return Policy(index=index, **changes)


# --- the cases of rules --------------------------------------------------------


@dataclass(frozen=True)
class Says:
    """One finding: its whole message, where an ellipsis stands for any text.

    Without ``where`` it is about the subject, without ``severity`` as heavy as the
    rule. ``row`` is the upload rule by which the index refuses it, empty for none, and
    None where the case says nothing of it.
    """

    message: str
    where: str = ""
    severity: Severity | None = None
    row: str | None = None

    def fits(self, message: str) -> bool:
        """Whether this is the message."""
        parts = map(re.escape, self.message.split("…"))
        return re.fullmatch(".+".join(parts), message, re.DOTALL) is not None


@dataclass(frozen=True)
class Case:
    """A rule, a subject, and everything that the rule says of it: mostly nothing."""

    rule: AnyRule
    name: str
    subject: Labelled
    policy: Policy = Policy()  # noqa: RUF009 - a frozen value
    says: tuple[Says, ...] = ()

    def __str__(self) -> str:
        return f"{self.rule.id}: {self.name}"

    def wanted(self) -> list[Says]:
        """What the rule must say, with what is taken as given filled in."""
        return [
            Says(
                said.message,
                said.where or self.subject.label,
                said.severity or self.severity,
                said.row,
            )
            for said in self.says
        ]

    def found(self) -> list[Says]:
        """What the rule says; a message that fits is told in the wanted words."""
        found = []
        for number, finding in enumerate(self.rule.findings(self.subject, self.policy)):
            assert finding.rule == self.rule.id
            assert finding.docs == docs_url(self.rule.id)
            assert finding.fix, "a finding says what to do"
            assert not finding.message.endswith("."), "a message is no sentence"
            refused = finding.refusal.row if finding.refusal else ""
            assert refused in ("", *self.rule.upload_rules), "a row that it decides"
            wanted = self.says[number] if number < len(self.says) else Says("")
            fits = wanted.fits(finding.message)
            message = wanted.message if fits else finding.message
            row = None if wanted.row is None else refused
            found.append(Says(message, finding.subject, finding.severity, row))
        return found

    @property
    def severity(self) -> Severity:
        """How heavy a finding is where the case does not say it."""
        return self.policy.severities.get(self.rule.id) or self.rule.severity

"""The policy: what a project's releases must be, read strictly into one frozen value.

Layers, lowest first: the defaults, the policy file, the command line. After
``resolve`` nothing looks at a raw option again.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from packaging.utils import InvalidName, NormalizedName, canonicalize_name
from packaging.version import Version

from release_guard import __version__
from release_guard.errors import PolicyError, UsageError
from release_guard.findings import Severity, Waiver
from release_guard.layouts import (
    PUBLIC_INDEXES,
    is_url,
    public_repository_url,
    without_credentials,
)
from release_guard.nearest import did_you_mean
from release_guard.publishers import (
    PUBLISHER_FORMS,
    PUBLISHER_PATTERN,
    Publisher,
    publisher_of,
)
from release_guard.rulebook import AS_OF
from release_guard.shapes import (
    Day,
    Either,
    Field,
    Flag,
    Items,
    Keyed,
    Known,
    OneNumber,
    OneOf,
    Problem,
    ShapeError,
    Table,
    Text,
    Whole,
)
from release_guard.wheel_patterns import (
    PATTERN_FORM,
    PATTERN_PATTERN,
    WheelPattern,
    pattern_of,
)

__all__ = [
    "EDITIONS",
    "RELEASE_EVENTS",
    "TAG_TEMPLATES",
    "DependencyCheck",
    "IndexPolicy",
    "IndexSettings",
    "Overrides",
    "Policy",
    "PolicyFile",
    "Presence",
    "ProjectPolicy",
    "UploadRules",
    "VersionKind",
    "kinds_of",
    "policy_shape",
    "read_policy",
    "resolve",
]


T = TypeVar("T")


class VersionKind(StrEnum):
    """The kinds of PEP 440 version that an index may accept."""

    FINAL = "final"
    POST = "post"
    PRE = "pre"
    DEV = "dev"
    LOCAL = "local"


def kinds_of(version: Version) -> frozenset[VersionKind]:
    """The kinds that a version is of: ``1.0rc1.dev2+abc`` is three of them."""
    marks = {
        VersionKind.LOCAL: version.local is not None,
        VersionKind.DEV: version.dev is not None,
        VersionKind.PRE: version.pre is not None,
        VersionKind.POST: version.post is not None,
    }
    kinds = frozenset(kind for kind, is_so in marks.items() if is_so)
    return kinds or frozenset({VersionKind.FINAL})


class UploadRules(StrEnum):
    """Whose upload rules an index applies."""

    PYPI = "pypi"
    NONE = "none"


class Presence(StrEnum):
    """Whether a kind of file belongs to a release."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    FORBIDDEN = "forbidden"


class DependencyCheck(StrEnum):
    """Of which dependencies the index is asked whether it has them."""

    PINS = "pins"
    ALL = "all"
    NONE = "none"


RELEASE_KINDS = frozenset({VersionKind.FINAL, VersionKind.POST, VersionKind.PRE})
ANY_KIND = frozenset(VersionKind)
#: What leads to an index for releases where the policy says nothing else, in GitHub's
#: words: nobody else's code, and nothing that comes by itself.
RELEASE_EVENTS = ("push", "release", "workflow_dispatch", "workflow_run")
#: How tags are written where the policy says nothing else.
TAG_TEMPLATES = ("{version}", "v{version}")
#: A rule belongs to the edition in which it came; a policy says up to which it agrees.
EDITIONS = (2026,)


@dataclass(frozen=True, slots=True)
class IndexPolicy:
    """What may go to one index. An empty name is an index that only a URL names.

    An empty URL is "not declared": the public indexes' follow from their names, and
    a reading URL follows from the upload URL where a known layout fits. ``events`` may
    lead to it, from one of the ``repositories``, and the commit must lie on one of the
    ``branches`` (``*`` stands for any characters); empty is any. ``provenance`` says
    whether each file must have an attestation there; ``workflows`` are the ones that
    may publish to it, as paths in the repository, empty for this run's, and they lie
    ``signed_in`` one of these repositories, empty for the ``repositories``. It
    ``inherits`` where it also lists what other indexes hold, which changes at any time.
    """

    name: str = ""
    repository_url: str = ""
    simple_url: str = ""
    accept: frozenset[VersionKind] = RELEASE_KINDS
    require_tag: bool = True
    upload_rules: UploadRules = UploadRules.NONE
    events: tuple[str, ...] = RELEASE_EVENTS
    branches: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    signed_in: tuple[str, ...] = ()
    provenance: Presence = Presence.OPTIONAL
    inherits: bool = False

    @property
    def signing_repositories(self) -> tuple[str, ...]:
        """The repositories whose workflows may sign; empty for this run's."""
        return self.signed_in or self.repositories

    @property
    def upload_url(self) -> str:
        """Where it takes uploads: as declared, or of a public index as twine has it;
        empty where neither says so.
        """
        if not self.repository_url and self.name in PUBLIC_INDEXES:
            return public_repository_url(self.name)
        return self.repository_url

    @property
    def takes(self) -> tuple[VersionKind, ...]:
        """The kinds of version that may go there. PyPI refuses a local one at the
        upload, whatever a policy accepts.
        """
        on_pypi = self.upload_rules is UploadRules.PYPI
        never = {VersionKind.LOCAL} if on_pypi else set()
        return tuple(kind for kind in VersionKind if kind in self.accept - never)

    @property
    def is_release(self) -> bool:
        """Whether it is for releases: it needs a tag, or takes no dev version."""
        return self.require_tag or VersionKind.DEV not in self.accept

    @property
    def asks_for_event(self) -> bool:
        """Whether anything is judged of what started the run."""
        return bool(
            self.is_release or self.events or self.branches or self.repositories
        )

    @property
    def label(self) -> str:
        """How reports call it: its name, or that it has none."""
        return self.name or "an unnamed index"


_BUILT_IN = {
    "pypi": IndexPolicy("pypi", upload_rules=UploadRules.PYPI),
    "testpypi": IndexPolicy(
        "testpypi",
        accept=ANY_KIND,
        require_tag=False,
        upload_rules=UploadRules.PYPI,
        events=(),
    ),
}


@dataclass(frozen=True, slots=True)
class ProjectPolicy:
    """One project of several: its own tag templates (none: the common ones), its folder
    in the repository, its own baseline and its own wheels (None: the common ones).
    """

    tag_templates: tuple[str, ...] = ()
    path: str = ""
    baseline: Version | None = None
    wheels: tuple[WheelPattern, ...] | None = None


@dataclass(frozen=True, slots=True)
class Policy:
    """What this project's releases must be, for one index, fully resolved.

    ``projects`` are those that may be released together; it is empty where the policy
    names none. Rules of a later ``edition`` only warn.
    ``upload_url`` is what ``--repository-url`` says, empty where it was not given, and
    ``known_uploads`` the upload URL of each index that the policy declares one for, by
    name; those of the public indexes follow from their names. ``baseline`` is the
    version below which history is only told. ``wheels`` are the wheels that a release
    must have, and no others; empty for what the last release had. ``largest`` is
    how many bytes a file may have, None for any, and ``dependencies`` says which of
    them are looked up. ``today`` is the day of the judgement, which sets it; until then
    no list has aged. ``where`` names the policy file, and is empty where there is none.
    """

    index: IndexPolicy = _BUILT_IN["pypi"]
    today: date = AS_OF
    upload_url: str = ""
    known_uploads: Mapping[str, str] = field(default_factory=dict)
    edition: int = EDITIONS[0]
    projects: Mapping[NormalizedName, ProjectPolicy] = field(default_factory=dict)
    tag_templates: tuple[str, ...] = TAG_TEMPLATES
    sdist: Presence = Presence.REQUIRED
    wheels: tuple[WheelPattern, ...] = ()
    severities: Mapping[str, Severity] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    waivers: tuple[Waiver, ...] = ()
    strict: bool = False
    publisher: Publisher | None = None
    baseline: Version | None = None
    largest: int | None = None
    dependencies: DependencyCheck = DependencyCheck.PINS
    where: str = ""

    def baseline_of(self, project: NormalizedName) -> Version | None:
        """A project's own baseline, or the common one."""
        own = self.projects.get(project)
        return own.baseline if own and own.baseline else self.baseline

    def wheels_of(self, project: NormalizedName) -> tuple[WheelPattern, ...]:
        """The wheels that are declared for a project, by itself or for all; empty for
        what its last release had.
        """
        own = self.projects.get(project)
        return self.wheels if own is None or own.wheels is None else own.wheels

    @property
    def on_pypi(self) -> bool:
        """Whether the index applies PyPI's upload rules."""
        return self.index.upload_rules is UploadRules.PYPI

    @property
    def requires_provenance(self) -> bool:
        """Whether each file must have an attestation that holds."""
        return self.index.provenance is Presence.REQUIRED

    @property
    def terms(self) -> str:
        """What a file's judgement depends on, as one hash: a part that was judged on
        other terms does not fit into a set.
        """
        terms = [
            __version__,
            self.index.upload_rules,
            sorted(self.severities.items()),
            sorted(self.ignored),
            [(w.rule, w.match, w.reason, str(w.until)) for w in self.waivers],
            self.strict,
            self.edition,
            self.publisher.name if self.publisher else "",
        ]
        return hashlib.sha256(json.dumps(terms).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class IndexSettings:
    """One index as the policy file says it; None is "not said"."""

    repository_url: str | None = None
    simple_url: str | None = None
    accept: tuple[str, ...] | None = None
    require_tag: bool | None = None
    upload_rules: str | None = None
    events: tuple[str, ...] | None = None
    branches: tuple[str, ...] | None = None
    repositories: tuple[str, ...] | None = None
    workflows: tuple[str, ...] | None = None
    provenance: str | None = None
    inherits: bool | None = None


@dataclass(frozen=True, slots=True)
class ExpectSettings:
    """What a release consists of, as the policy file says it."""

    sdist: str = "required"
    wheels: tuple[WheelPattern, ...] = ()
    size: int | None = None


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """The policy file, typed, before anything is resolved; None is "not said".

    ``where`` names the file, and the table in it; it is empty where there is none.
    """

    edition: int | None = None
    projects: Mapping[NormalizedName, ProjectPolicy] | None = None
    tag_templates: tuple[str, ...] | None = None
    index: str | None = None
    indexes: Mapping[str, IndexSettings] = field(default_factory=dict)
    events: tuple[str, ...] | None = None
    branches: tuple[str, ...] | None = None
    repositories: tuple[str, ...] | None = None
    workflows: tuple[str, ...] | None = None
    publisher: Publisher | None = None
    provenance: str | None = None
    baseline: Version | None = None
    check_dependencies: str | None = None
    expect: ExpectSettings = ExpectSettings()
    rules: Mapping[str, str] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    where: str = ""


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line, or the action's inputs, say over the policy file."""

    index: str = ""
    index_url: str = ""
    repository_url: str = ""
    strict: bool = False
    provenance: bool = False
    #: What an error calls the place that ``index`` comes from.
    index_from: str = "--index"


# --- the shape of the file -----------------------------------------------------


@dataclass(frozen=True, slots=True)
class _ProjectName:
    """A shape: a project's name, normalized (PEP 503)."""

    def read(self, value: object, path: str = "") -> NormalizedName:
        text = Text("a project name").read(value, path)
        try:
            return canonicalize_name(text, validate=True)
        except InvalidName:
            problem = Problem(path, f"expected a project name, found {text!r}")
            raise ShapeError(problem) from None

    def schema(self) -> dict[str, object]:
        pattern = r"[A-Za-z0-9]([A-Za-z0-9._\-]*[A-Za-z0-9])?"
        return Text("a project name", pattern).schema()


@dataclass(frozen=True, slots=True)
class _AVersion:
    """A shape: a version (PEP 440), as a text: YAML makes 1.1 of an unquoted 1.10."""

    def read(self, value: object, path: str = "") -> Version:
        text = _VERSION_TEXT.read(value, path)
        try:
            return Version(text)
        except ValueError:
            problem = Problem(path, f"expected {_VERSION}, found {text!r:.60}")
            raise ShapeError(problem) from None

    def schema(self) -> dict[str, object]:
        return _VERSION_TEXT.schema()


_VERSION = 'a version in quotes as "1.0"'
_VERSION_TEXT = Text(_VERSION)
_BASELINE = Field(
    _AVersion(),
    "What is older than this version is only told by an audit, as a notice. In quotes: "
    "YAML makes 1.1 of an unquoted 1.10.",
    example="2.0",
)
_TAG_TEMPLATE = Text(
    "{version} once, and {name} and {path} at most once",
    r"(?=.*\{version\})(?!.*\{version\}.*\{version\})"
    r"(?!.*\{name\}.*\{name\})(?!.*\{path\}.*\{path\})"
    r"([^{}\n]|\{version\}|\{name\}|\{path\})+",
)
_TAG_TEMPLATES = Items(_TAG_TEMPLATE, least=1)
_PATH = Text("a folder of the repository as packages/demo", r"[^/\s{}]+(/[^/\s{}]+)*")


@dataclass(frozen=True, slots=True)
class _WheelPatternText:
    """A shape: the tags of a wheel, with wildcards."""

    def read(self, value: object, path: str = "") -> WheelPattern:
        return pattern_of(_PATTERN_TEXT.read(value, path))

    def schema(self) -> dict[str, object]:
        return _PATTERN_TEXT.schema()


_PATTERN_TEXT = Text(PATTERN_FORM, PATTERN_PATTERN)


@dataclass(frozen=True, slots=True)
class _Previous:
    """A shape: the word ``previous``, for what the last release had."""

    def read(self, value: object, path: str = "") -> tuple[WheelPattern, ...]:
        OneOf(("previous",)).read(value, path)
        return ()

    def schema(self) -> dict[str, object]:
        return OneOf(("previous",)).schema()


_WHEELS = Either(
    "previous, or a list of one or more patterns as cp311-abi3-manylinux_*_x86_64",
    (_Previous(), Items(_WheelPatternText(), least=1)),
)


@dataclass(frozen=True, slots=True)
class _Project:
    """A shape: a project's tag templates, or a table with them and its folder."""

    def read(self, value: object, path: str = "") -> ProjectPolicy:
        if isinstance(value, list):
            return ProjectPolicy(_TAG_TEMPLATES.read(value, path))
        if isinstance(value, str):
            allowed = "expected a list of tag templates, or a table"
            raise ShapeError(Problem(path, f"{allowed}, found {value!r:.60}"))
        return self._table().read(value, path)

    def schema(self) -> dict[str, object]:
        return {
            "title": "a list of tag templates, or a table",
            "anyOf": [_TAG_TEMPLATES.schema(), self._table().schema()],
        }

    @staticmethod
    def _table() -> Table[ProjectPolicy]:
        return Table(
            ProjectPolicy,
            {
                "tag-templates": Field(
                    _TAG_TEMPLATES,
                    "How its release tags are written, in place of the common ones.",
                    default=(),
                    example=["{name}@{version}"],
                ),
                "path": Field(
                    _PATH,
                    "Its folder in the repository, for templates with {path}.",
                    default="",
                    example="packages/demo",
                ),
                "baseline": _BASELINE,
                "wheels": Field(
                    _WHEELS,
                    "Its wheels, in place of those of expect.wheels.",
                    example=["py3-none-any"],
                ),
            },
        )


@dataclass(frozen=True, slots=True)
class _Projects:
    """A shape: one project, a list of them, or a table that says more of each."""

    def read(
        self, value: object, path: str = ""
    ) -> dict[NormalizedName, ProjectPolicy]:
        match value:
            case str():
                return {_ProjectName().read(value, path): ProjectPolicy()}
            case list():
                names = Items(_ProjectName(), least=1).read(value, path)
                return dict.fromkeys(names, ProjectPolicy())
        return self._table().read(value, path)

    def schema(self) -> dict[str, object]:
        return {
            "title": "a project name, a list of them, or a table with more of each",
            "anyOf": [
                _ProjectName().schema(),
                Items(_ProjectName(), least=1).schema(),
                self._table().schema(),
            ],
        }

    @staticmethod
    def _table() -> Keyed[NormalizedName, ProjectPolicy]:
        return Keyed(_Project(), _ProjectName())


@dataclass(frozen=True, slots=True)
class _Url:
    """A shape: an address that a request can be sent to."""

    def read(self, value: object, path: str = "") -> str:
        if not isinstance(value, str):
            return _URL_TEXT.read(value, path)
        if not is_url(value):
            shown = without_credentials(value)
            allowed = _URL_TEXT.allowed
            problem = Problem(path, f"expected {allowed}, found {shown!r:.80}")
            raise ShapeError(problem)
        return value

    def schema(self) -> dict[str, object]:
        return _URL_TEXT.schema() | {"format": "uri"}


@dataclass(frozen=True, slots=True)
class _PublisherName:
    """A shape: an uploader and its version."""

    def read(self, value: object, path: str = "") -> Publisher:
        text = _PUBLISHER_TEXT.read(value, path)
        try:
            return publisher_of(text)
        except ValueError:
            problem = Problem(path, f"expected {PUBLISHER_FORMS}, found {text!r:.80}")
            raise ShapeError(problem) from None

    def schema(self) -> dict[str, object]:
        return _PUBLISHER_TEXT.schema()


_PUBLISHER_TEXT = Text(PUBLISHER_FORMS, PUBLISHER_PATTERN)
_URL_TEXT = Text("a URL that begins with https:// or http://", r"https?://\S+")
_URL = _Url()
_SEVERITIES = (*Severity, "ignore")


@dataclass(frozen=True, slots=True)
class _Any:
    """A shape: the word ``any``, for all that there is."""

    means: tuple[str, ...] = ()

    def read(self, value: object, path: str = "") -> tuple[str, ...]:
        OneOf(("any",)).read(value, path)
        return self.means

    def schema(self) -> dict[str, object]:
        return OneOf(("any",)).schema()


_EVENTS = Either("any, or a list of events", (_Any(), Items(Text(), least=1)))
_BRANCHES = Items(Text("a branch as main or stable/*", r"[^\s~^:?\[\\]+"))
_REPOSITORIES = Items(
    Text("a repository as owner/name", r"[^/\s]+(/[^/\s]+)+"), least=1
)
_WORKFLOWS = Items(
    Text("a workflow file as release.yml", r"(?!/)[^\s@\\]*[^\s@\\/]\.ya?ml"), least=1
)
_PROVENANCE = OneOf((Presence.REQUIRED, Presence.OPTIONAL))


def _index_shape() -> Table[IndexSettings]:
    accept = Either(
        f"any, or a list of {', '.join(VersionKind)}",
        (_Any(tuple(VersionKind)), Items(OneOf(tuple(VersionKind)), least=1)),
    )
    return Table(
        IndexSettings,
        {
            "repository-url": Field(
                _URL,
                "The URL of the upload, as twine's. Where simple-url is not given, the "
                "Simple API root follows from it, if its layout is a known one.",
                example="https://index.example/legacy/",
            ),
            "simple-url": Field(
                _URL,
                "The Simple API root, as pip's --index-url. An index of your own needs "
                "this or a repository-url.",
                example="https://index.example/simple/",
            ),
            "accept": Field(
                accept,
                "The kinds of PEP 440 version that may go there; testpypi takes any. "
                "No local version goes where PyPI's upload rules apply.",
                usual=[k for k in VersionKind if k in RELEASE_KINDS],
                example="any",
            ),
            "require-tag": Field(
                Flag(),
                "Whether CI may release there only from a tag; testpypi asks for none.",
                usual=True,
                example=False,
            ),
            "upload-rules": Field(
                OneOf(tuple(UploadRules)),
                "Whose upload rules the index applies. Those of pypi and testpypi are "
                "PyPI's.",
                usual=UploadRules.NONE.value,
                example="pypi",
            ),
            "events": Field(
                _EVENTS,
                "What may lead there, in place of the common events.",
                example=["schedule"],
            ),
            "branches": Field(
                _BRANCHES,
                "The branches that hold what goes there, in place of the common ones.",
                example=["stable/*"],
            ),
            "repositories": Field(
                _REPOSITORIES,
                "The repositories that release there, in place of the common ones.",
                example=["org/demo"],
            ),
            "inherits": Field(
                Flag(),
                "Whether it lists the files of other indexes as well (devpi's bases, "
                "virtual and group repositories): then verify judges the release "
                "alone.",
                usual=False,
                example=True,
            ),
            "workflows": Field(
                _WORKFLOWS,
                "The workflow files that publish there, in place of the common ones.",
                example=["nightly.yml"],
            ),
            "provenance": Field(
                _PROVENANCE,
                "Whether each file needs an attestation there, in place of the common "
                "word.",
                example="required",
            ),
        },
    )


@dataclass(frozen=True, slots=True)
class _Size:
    """A shape: a number of bytes, or a text as ``50 MB``."""

    def read(self, value: object, path: str = "") -> int:
        if isinstance(value, str):
            number, unit = _SIZE_PARTS.findall(_SIZE_TEXT.read(value, path))[0]
            return int(float(number) * _UNITS[unit])
        if isinstance(value, int) and not isinstance(value, bool):
            return Whole(1).read(value, path)
        return len(_SIZE_TEXT.read(value, path))

    def schema(self) -> dict[str, object]:
        sizes = [Whole(1).schema(), _SIZE_TEXT.schema()]
        return {"title": _SIZE_TEXT.allowed, "anyOf": sizes}


_UNITS = {
    "B": 1,
    "kB": 10**3,
    "MB": 10**6,
    "GB": 10**9,
    "KiB": 1 << 10,
    "MiB": 1 << 20,
    "GiB": 1 << 30,
}
_SIZE_PATTERN = rf"([1-9][0-9]{{0,8}}(?:[.][0-9]{{1,3}})?) ?({'|'.join(_UNITS)})"
_SIZE_PARTS = re.compile(_SIZE_PATTERN)
_SIZE_TEXT = Text("a number of bytes, or a size as 50 MB", _SIZE_PATTERN)


def _expect_shape() -> Table[ExpectSettings]:
    sdist = OneOf(tuple(Presence))
    return Table(
        ExpectSettings,
        {
            "sdist": Field(
                sdist,
                "Whether a release has an sdist.",
                default=Presence.REQUIRED,
                usual=Presence.REQUIRED.value,
                example="optional",
            ),
            "wheels": Field(
                _WHEELS,
                "The wheels of a release: previous compares them with those of the "
                "last one and warns; patterns are a list in which each must fit a "
                "wheel, and each wheel one of them.",
                default=(),
                usual="previous",
                example=["cp311-abi3-manylinux_*_x86_64", "cp311-abi3-win_amd64"],
            ),
            "size": Field(
                _Size(),
                "How large a file may be, in bytes, or with kB, MB, GB, KiB, MiB, GiB. "
                "Without it any size that the index takes.",
                example="50 MB",
            ),
        },
    )


def _waiver_shape(rule_ids: tuple[str, ...]) -> Table[Waiver]:
    return Table(
        Waiver,
        {
            "rule": Field(
                OneOf(rule_ids),
                "The rule's name.",
                required=True,
                example="missing-sdist",
            ),
            "match": Field(
                Text(),
                "A pattern of the finding's subject, as reports name it: * stands for "
                "any characters, ? for one, [ab] for one of these.",
                default="*",
                usual="*",
                example="demo 1.*",
            ),
            "reason": Field(
                Text(),
                "Why it may pass. It stands in every report.",
                required=True,
                example="the source is not public",
            ),
            "until": Field(
                Day(),
                "The last day on which it may pass; without it there is none. "
                "Afterwards waiver-expired warns, and the finding counts again.",
                example="2027-06-01",
            ),
        },
    )


def policy_shape(rule_ids: tuple[str, ...]) -> Table[PolicyFile]:
    """The shape of the policy file, given the rules that there are."""
    return Table(
        PolicyFile,
        {
            "edition": Field(
                OneNumber(EDITIONS),
                "The rules that are agreed to: those of a later edition only warn.",
                usual=EDITIONS[0],
                example=EDITIONS[-1],
            ),
            "projects": Field(
                _Projects(),
                "The projects that are released here. Without it the one project whose "
                "files are given.",
                example=["demo", "demo-cli"],
            ),
            "tag-templates": Field(
                _TAG_TEMPLATES,
                "How a release tag is written: {version} is read by PEP 440, {name} is "
                "the project and {path} its folder. Any of them may fit.",
                usual=list(Policy().tag_templates),
                example=["v{version}"],
            ),
            "index": Field(
                Text(),
                "The index that a release goes to where the command line names none, "
                "by its name: pypi, testpypi, or one of indexes.",
                usual="pypi",
                example="testpypi",
            ),
            "indexes": Field(
                Keyed(_index_shape(), Text()),
                "The indexes by name: what differs from the usual for pypi and "
                "testpypi, and indexes of your own.",
                default={},
                usual={},
                example={"internal": {"simple-url": "https://index.example/simple/"}},
            ),
            "events": Field(
                _EVENTS,
                "What may start a run that leads to an index for releases (it needs a "
                "tag, or takes no dev version), in GitHub's words.",
                usual=list(RELEASE_EVENTS),
                example=["push", "release"],
            ),
            "branches": Field(
                _BRANCHES,
                "Where set, the built commit must lie on one of these branches; * "
                "stands for any characters.",
                usual=[],
                example=["main", "stable/*"],
            ),
            "repositories": Field(
                _REPOSITORIES,
                "Where set, only these repositories release, so that no fork's copy of "
                "the workflow does; and they sign, where provenance is asked for.",
                example=["org/demo"],
            ),
            "workflows": Field(
                _WORKFLOWS,
                "The workflow files that sign what is published, in .github/workflows "
                "unless a path is given. Without it this run's.",
                example=["release.yml"],
            ),
            "publisher": Field(
                _PublisherName(),
                "What uploads: it may refuse what the index takes, and some sign. "
                "Without it nothing of that is judged.",
                example="pypa/gh-action-pypi-publish@v1.14.2",
            ),
            "provenance": Field(
                _PROVENANCE,
                "Whether each file needs an attestation (PEP 740).",
                usual=Presence.OPTIONAL.value,
                example="required",
            ),
            "baseline": _BASELINE,
            "check-dependencies": Field(
                OneOf(tuple(DependencyCheck)),
                "Which dependencies the index is asked for: those of which one version "
                "is required (pins), all, or none.",
                usual=DependencyCheck.PINS.value,
                example="all",
            ),
            "expect": Field(
                _expect_shape(),
                "What a release consists of.",
                default=ExpectSettings(),
                usual={},
                example={"sdist": "required", "size": "50 MB"},
            ),
            "rules": Field(
                Keyed(OneOf(_SEVERITIES), Known(rule_ids, "rule")),
                "The severity of a rule, by its name, where it is not to be the rule's "
                "own: error, warning, notice, or ignore. A rule that is named here is "
                "agreed to, whatever its edition.",
                default={},
                usual={},
                example={"project-new": "error", "bytecode": "ignore"},
            ),
            "waivers": Field(
                Items(_waiver_shape(rule_ids)),
                "Findings that may pass, each with the reason.",
                default=(),
                usual=[],
                example=[
                    {
                        "rule": "missing-sdist",
                        "match": "demo *",
                        "reason": "the source is not public",
                        "until": "2027-06-01",
                    }
                ],
            ),
        },
    )


def read_policy(value: object, *, where: str, rule_ids: tuple[str, ...]) -> PolicyFile:
    """The typed policy file; ``where`` names it (and the table in it) in errors."""
    try:
        read = policy_shape(rule_ids).read({} if value is None else value)
        return replace(read, where=where)
    except ShapeError as error:
        lines = [f"{where}: {problem}" for problem in error.problems]
        # Of many the first are enough to see what went wrong.
        told = [(p.path, did_you_mean(p.given, p.known)) for p in error.problems[:5]]
        hint = "; ".join(f"{path}: {meant}" for path, meant in told if meant)
        raise PolicyError("\n".join(lines), hint=hint) from None


# --- defaults < file < command line ---------------------------------------------


def resolve(file: PolicyFile, overrides: Overrides) -> Policy:
    """The one policy that everything after this line sees."""
    indexes = _indexes(file)
    severities = {
        rule: Severity(word) for rule, word in file.rules.items() if word != "ignore"
    }
    defaults = Policy()
    return Policy(
        index=_index(indexes, file, overrides),
        upload_url=overrides.repository_url,
        known_uploads={
            name: index.repository_url
            for name, index in indexes.items()
            if index.repository_url
        },
        edition=file.edition or defaults.edition,
        projects=_projects(file),
        tag_templates=file.tag_templates or defaults.tag_templates,
        sdist=Presence(file.expect.sdist),
        wheels=file.expect.wheels,
        severities=severities,
        ignored=frozenset(file.rules) - severities.keys(),
        waivers=file.waivers,
        strict=overrides.strict,
        publisher=file.publisher,
        baseline=file.baseline,
        largest=file.expect.size,
        dependencies=DependencyCheck(file.check_dependencies or defaults.dependencies),
        where=file.where,
    )


def _indexes(file: PolicyFile) -> dict[str, IndexPolicy]:
    """The built-in indexes and the declared ones, by name."""
    nothing = IndexSettings()
    indexes = {n: _allowing(index, nothing, file) for n, index in _BUILT_IN.items()}
    for name, said in file.indexes.items():
        base = _BUILT_IN.get(name, IndexPolicy(name))
        declared = replace(
            base,
            repository_url=said.repository_url or base.repository_url,
            simple_url=said.simple_url or base.simple_url,
            accept=frozenset(map(VersionKind, _said(said.accept, tuple(base.accept)))),
            require_tag=_said(said.require_tag, base.require_tag),
            upload_rules=UploadRules(said.upload_rules or base.upload_rules),
            inherits=_said(said.inherits, base.inherits),
        )
        if name not in _BUILT_IN and not (said.simple_url or said.repository_url):
            raise PolicyError(
                f"{file.where}: indexes.{name}: needs a simple-url or a repository-url",
                hint=f"only {' and '.join(PUBLIC_INDEXES)} are known by name",
            )
        indexes[name] = _allowing(declared, said, file)
    return indexes


def _allowing(index: IndexPolicy, said: IndexSettings, file: PolicyFile) -> IndexPolicy:
    """The index with what may lead to it: its own word, or for one that is for releases
    the common one, and for another nothing. Who signs, and whether anybody must, has
    nothing to do with what an index is for.
    """
    events: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    repositories: tuple[str, ...] = ()
    if index.is_release:
        events = _said(file.events, RELEASE_EVENTS)
        branches, repositories = file.branches or (), file.repositories or ()
    return replace(
        index,
        events=_said(said.events, events),
        branches=_said(said.branches, branches),
        repositories=_said(said.repositories, repositories),
        workflows=tuple(map(_path_of, said.workflows or file.workflows or ())),
        signed_in=_said(said.repositories, file.repositories or ()),
        provenance=Presence(said.provenance or file.provenance or index.provenance),
    )


def _path_of(workflow: str) -> str:
    """Where a workflow lies in its repository: GitHub's in one folder, GitLab's at its
    top.
    """
    is_path = "/" in workflow or workflow.endswith(".gitlab-ci.yml")
    return workflow if is_path else f".github/workflows/{workflow}"


def _projects(file: PolicyFile) -> Mapping[NormalizedName, ProjectPolicy]:
    """The projects as the file says them; a template with ``{path}`` needs a path."""
    projects = file.projects or {}
    common = file.tag_templates or ()
    pathless = [
        name
        for name, said in projects.items()
        if not said.path and _names_path(said.tag_templates or common)
    ]
    if pathless or (not projects and _names_path(common)):
        of = f"projects.{pathless[0]}" if pathless else "projects"
        raise PolicyError(
            f"{file.where}: {of}: needs a path, as a tag template names {{path}}",
            hint="projects: {demo: {path: packages/demo}}",
        )
    return projects


def _names_path(templates: Iterable[str]) -> bool:
    return any("{path}" in template for template in templates)


def _said(value: T | None, otherwise: T) -> T:
    return otherwise if value is None else value


def _index(
    indexes: Mapping[str, IndexPolicy], file: PolicyFile, overrides: Overrides
) -> IndexPolicy:
    """The index that this job is about.

    A name from the command line or the file decides; a URL without a name is the
    declared index that has this URL, or else an unnamed release index.
    """
    if overrides.index or (file.index and not overrides.index_url):
        name = overrides.index or str(file.index)
        if name not in indexes:
            where = overrides.index_from if overrides.index else f"{file.where}: index"
            known = ", ".join(indexes)
            shown = without_credentials(name)
            raise UsageError(
                f"{where}: no index is named {shown!r:.80}; known: {known}",
                hint=did_you_mean(name, indexes),
            )
        chosen = indexes[name]
    elif overrides.index_url or overrides.repository_url:
        chosen = _by_url(indexes.values(), file, overrides)
    else:
        chosen = indexes["pypi"]
    return replace(
        chosen,
        simple_url=overrides.index_url or chosen.simple_url,
        repository_url=(
            chosen.upload_url if overrides.repository_url else chosen.repository_url
        ),
        provenance=Presence.REQUIRED if overrides.provenance else chosen.provenance,
    )


def _by_url(
    indexes: Iterable[IndexPolicy], file: PolicyFile, overrides: Overrides
) -> IndexPolicy:
    """The index with these URLs. One that only resembles an index's upload URL is that
    index too: ``index-mismatch`` then tells what differs.
    """
    for index in indexes:
        upload_url = overrides.repository_url
        if upload_url and _plain(upload_url) == _plain(index.upload_url):
            return index
        read_url = overrides.index_url
        if read_url and index.simple_url.rstrip("/") == read_url.rstrip("/"):
            return index
    unnamed = IndexPolicy(repository_url=overrides.repository_url)
    return _allowing(unnamed, IndexSettings(), file)


def _plain(url: str) -> tuple[str, str]:
    """A URL without what is easily mistaken: scheme, upload host, slash, user."""
    parts = urlsplit(url)
    host = parts.netloc.lower().rpartition("@")[2]
    return host.removeprefix("upload.").removeprefix("www."), parts.path.rstrip("/")

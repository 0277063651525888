"""The policy: what a project's releases must be, read strictly into one frozen value.

Layers, lowest first: the defaults, the policy file, the command line. After
``resolve`` nothing looks at a raw option again.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import TypeVar
from urllib.parse import urlsplit

from packaging.utils import InvalidName, NormalizedName, canonicalize_name

from release_guard import __version__
from release_guard.errors import PolicyError, UsageError
from release_guard.findings import Severity, Waiver
from release_guard.layouts import (
    PUBLIC_INDEXES,
    is_url,
    public_repository_url,
    without_credentials,
)
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
    OneOf,
    Problem,
    ShapeError,
    Table,
    Text,
)

__all__ = [
    "IndexPolicy",
    "IndexSettings",
    "Overrides",
    "Policy",
    "PolicyFile",
    "Presence",
    "UploadRules",
    "VersionKind",
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


class UploadRules(StrEnum):
    """Whose upload rules an index applies."""

    PYPI = "pypi"
    NONE = "none"


class Presence(StrEnum):
    """Whether a kind of file belongs to a release."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    FORBIDDEN = "forbidden"


RELEASE_KINDS = frozenset({VersionKind.FINAL, VersionKind.POST, VersionKind.PRE})
ANY_KIND = frozenset(VersionKind)


@dataclass(frozen=True, slots=True)
class IndexPolicy:
    """What may go to one index. An empty name is an index that only a URL names.

    An empty URL is "not declared": the public indexes' follow from their names, and
    a reading URL follows from the upload URL where a known layout fits.
    """

    name: str = ""
    repository_url: str = ""
    simple_url: str = ""
    accept: frozenset[VersionKind] = RELEASE_KINDS
    require_tag: bool = True
    upload_rules: UploadRules = UploadRules.NONE

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
    ),
}


@dataclass(frozen=True, slots=True)
class Policy:
    """What this project's releases must be, for one index, fully resolved.

    ``projects`` maps the projects that may be released together to their own tag
    templates (empty: the common ones); it is empty where the policy names none.
    ``upload_url`` is the URL that the upload will use, empty where it was not said, and
    ``upload_index`` the name of the known index that has this URL. ``today`` is the day
    of the judgement, which sets it; until then no list has aged.
    """

    index: IndexPolicy = _BUILT_IN["pypi"]
    today: date = AS_OF
    upload_url: str = ""
    upload_index: str = ""
    projects: Mapping[NormalizedName, tuple[str, ...]] = field(default_factory=dict)
    tag_templates: tuple[str, ...] = ("{version}", "v{version}")
    events: tuple[str, ...] = ("push", "release", "workflow_dispatch", "workflow_run")
    sdist: Presence = Presence.REQUIRED
    severities: Mapping[str, Severity] = field(default_factory=dict)
    ignored: frozenset[str] = frozenset()
    waivers: tuple[Waiver, ...] = ()
    strict: bool = False
    publisher: Publisher | None = None

    @property
    def on_pypi(self) -> bool:
        """Whether the index applies PyPI's upload rules."""
        return self.index.upload_rules is UploadRules.PYPI

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


@dataclass(frozen=True, slots=True)
class ExpectSettings:
    """What a release consists of, as the policy file says it."""

    sdist: str = "required"


@dataclass(frozen=True, slots=True)
class PolicyFile:
    """The policy file, typed, before anything is resolved; None is "not said"."""

    projects: Mapping[NormalizedName, tuple[str, ...]] | None = None
    tag_templates: tuple[str, ...] | None = None
    index: str | None = None
    indexes: Mapping[str, IndexSettings] = field(default_factory=dict)
    events: tuple[str, ...] | None = None
    publisher: Publisher | None = None
    expect: ExpectSettings = ExpectSettings()
    rules: Mapping[str, str] = field(default_factory=dict)
    waivers: tuple[Waiver, ...] = ()
    where: str = "the policy"


@dataclass(frozen=True, slots=True)
class Overrides:
    """What the command line, or the action's inputs, say over the policy file."""

    index: str = ""
    index_url: str = ""
    repository_url: str = ""
    strict: bool = False
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


_TAG_TEMPLATE = Text(
    "{version} once, and {name} at most once",
    r"[^{}]*(\{name\}[^{}]*)?\{version\}[^{}]*"
    r"|[^{}]*\{version\}[^{}]*\{name\}[^{}]*",
)


@dataclass(frozen=True, slots=True)
class _Projects:
    """A shape: one project, a list of them, or a table with a tag template each."""

    def read(
        self, value: object, path: str = ""
    ) -> dict[NormalizedName, tuple[str, ...]]:
        match value:
            case str():
                return {_ProjectName().read(value, path): ()}
            case list():
                names = Items(_ProjectName(), least=1).read(value, path)
                return dict.fromkeys(names, ())
        return self._table().read(value, path)

    def schema(self) -> dict[str, object]:
        return {
            "anyOf": [
                _ProjectName().schema(),
                Items(_ProjectName(), least=1).schema(),
                self._table().schema(),
            ]
        }

    @staticmethod
    def _table() -> Keyed[NormalizedName, tuple[str, ...]]:
        return Keyed(Items(_TAG_TEMPLATE, least=1), _ProjectName())


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
class _AnyKind:
    """A shape: the word ``any``, for every kind of version."""

    def read(self, value: object, path: str = "") -> tuple[str, ...]:
        OneOf(("any",)).read(value, path)
        return tuple(VersionKind)

    def schema(self) -> dict[str, object]:
        return OneOf(("any",)).schema()


def _index_shape() -> Table[IndexSettings]:
    accept = Either(
        f"any, or a list of {', '.join(VersionKind)}",
        (_AnyKind(), Items(OneOf(tuple(VersionKind)), least=1)),
    )
    return Table(
        IndexSettings,
        {
            "repository-url": Field(_URL, "The upload URL, as twine's."),
            "simple-url": Field(_URL, "The Simple API root, as pip's --index-url."),
            "accept": Field(accept, "The kinds of PEP 440 version that may go there."),
            "require-tag": Field(Flag(), "Whether CI may release only from a tag."),
            "upload-rules": Field(
                OneOf(tuple(UploadRules)), "Whose upload rules the index applies."
            ),
        },
    )


def _expect_shape() -> Table[ExpectSettings]:
    sdist = OneOf(tuple(Presence))
    return Table(
        ExpectSettings,
        {
            "sdist": Field(
                sdist, "Whether there is an sdist.", default=Presence.REQUIRED
            )
        },
    )


def _waiver_shape(rule_ids: tuple[str, ...]) -> Table[Waiver]:
    return Table(
        Waiver,
        {
            "rule": Field(OneOf(rule_ids), "The rule's name.", required=True),
            "match": Field(Text(), "A glob over the finding's subject.", default="*"),
            "reason": Field(Text(), "Why it may pass.", required=True),
            "until": Field(Day(), "The last day on which it may pass."),
        },
    )


def policy_shape(rule_ids: tuple[str, ...]) -> Table[PolicyFile]:
    """The shape of the policy file, given the rules that there are."""
    return Table(
        PolicyFile,
        {
            "projects": Field(_Projects(), "The projects that are released here."),
            "tag-templates": Field(
                Items(_TAG_TEMPLATE, least=1), "How a release tag is written."
            ),
            "index": Field(Text(), "The index of a release, by name."),
            "indexes": Field(
                Keyed(_index_shape(), Text()), "The indexes, by name.", default={}
            ),
            "events": Field(
                Items(Text(), least=1), "What may lead to an index that needs a tag."
            ),
            "publisher": Field(
                _PublisherName(),
                f"What uploads: it may refuse what the index takes. {PUBLISHER_FORMS}.",
            ),
            "expect": Field(
                _expect_shape(), "What a release consists of.", default=ExpectSettings()
            ),
            "rules": Field(
                Keyed(OneOf(_SEVERITIES), Known(rule_ids, "rule")),
                "A rule's severity, where it is not the default.",
                default={},
            ),
            "waivers": Field(
                Items(_waiver_shape(rule_ids)),
                "Findings that may pass, with the reason.",
                default=(),
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
        raise PolicyError("\n".join(lines)) from None


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
        upload_index=_upload_index(indexes.values(), overrides.repository_url),
        projects=file.projects or {},
        tag_templates=file.tag_templates or defaults.tag_templates,
        events=file.events or defaults.events,
        sdist=Presence(file.expect.sdist),
        severities=severities,
        ignored=frozenset(file.rules) - severities.keys(),
        waivers=file.waivers,
        strict=overrides.strict,
        publisher=file.publisher,
    )


def _indexes(file: PolicyFile) -> dict[str, IndexPolicy]:
    """The built-in indexes and the declared ones, by name."""
    indexes = dict(_BUILT_IN)
    for name, said in file.indexes.items():
        base = indexes.get(name, IndexPolicy(name))
        declared = replace(
            base,
            repository_url=said.repository_url or base.repository_url,
            simple_url=said.simple_url or base.simple_url,
            accept=frozenset(map(VersionKind, _said(said.accept, tuple(base.accept)))),
            require_tag=_said(said.require_tag, base.require_tag),
            upload_rules=UploadRules(said.upload_rules or base.upload_rules),
        )
        if name not in _BUILT_IN and not (said.simple_url or said.repository_url):
            raise PolicyError(
                f"{file.where}: indexes.{name}: needs a simple-url or a repository-url",
                hint=f"only {' and '.join(PUBLIC_INDEXES)} are known by name",
            )
        indexes[name] = declared
    return indexes


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
            raise UsageError(f"{where}: no index is named {name!r}; known: {known}")
        chosen = indexes[name]
    elif overrides.index_url or overrides.repository_url:
        chosen = _by_url(indexes.values(), overrides)
    else:
        chosen = indexes["pypi"]
    return replace(
        chosen,
        simple_url=overrides.index_url or chosen.simple_url,
        repository_url=(
            _repository_url(chosen)
            if overrides.repository_url
            else chosen.repository_url
        ),
    )


def _by_url(indexes: Iterable[IndexPolicy], overrides: Overrides) -> IndexPolicy:
    """The index with these URLs. One that only resembles an index's upload URL is that
    index too: ``index-mismatch`` then tells what differs.
    """
    for index in indexes:
        upload_url = overrides.repository_url
        if upload_url and _plain(upload_url) == _plain(_repository_url(index)):
            return index
        read_url = overrides.index_url
        if read_url and index.simple_url.rstrip("/") == read_url.rstrip("/"):
            return index
    return IndexPolicy(repository_url=overrides.repository_url)


def _upload_index(indexes: Iterable[IndexPolicy], upload_url: str) -> str:
    """The name of the index that an upload URL is of, empty where it is of none."""
    if not upload_url:
        return ""
    mine = (i for i in indexes if _plain(_repository_url(i)) == _plain(upload_url))
    return next((index.name for index in mine), "")


def _plain(url: str) -> tuple[str, str]:
    """A URL without what is easily mistaken: scheme, upload host, slash, user."""
    parts = urlsplit(url)
    host = parts.netloc.lower().rpartition("@")[2]
    return host.removeprefix("upload.").removeprefix("www."), parts.path.rstrip("/")


def _repository_url(index: IndexPolicy) -> str:
    if not index.repository_url and index.name in PUBLIC_INDEXES:
        return public_repository_url(index.name)
    return index.repository_url

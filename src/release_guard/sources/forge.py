"""The tags of a repository by its forge's API: no checkout is needed.

A token of the environment goes to the API's own origin and nowhere else. What is no
list of tags, or not all of it, is an error: never "no tags".
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from release_guard.errors import IndexUnavailableError, RepositoryError, UsageError
from release_guard.facts import GitTag, is_commit_id
from release_guard.layouts import is_url, without_credentials
from release_guard.shapes import strict_json
from release_guard.sources.web import Answer, Web

__all__ = ["FORMS", "ForgeRepository", "read_tags", "repository_of"]

#: How a repository on a forge is written.
FORMS = "github:owner/name or gitlab:group/name"
_ON_A_PAGE = 100
#: Of one repository; ten times what the largest have.
_MOST_PAGES = 1_000
#: What all pages of one repository may take together, in seconds.
_LONGEST = 600.0
#: What a Link header says that there is beside this page: one word or several, in any
#: case (RFC 8288).
_RELATIONS = re.compile(r"""\brel\s*=\s*("[^"]*"|'[^']*'|[^\s;,]+)""", re.IGNORECASE)
_OF_PAGES = frozenset({"first", "prev", "next", "last"})
_JSON = re.compile(r"application/(?:[\w.+-]+\+)?json")


@dataclass(frozen=True, slots=True)
class _Token:
    """A variable that may hold a token, and the header that carries it.

    Where ``only_with`` is not empty, the token is for the forge that this other
    variable names, and goes to no other.
    """

    variable: str
    header: str
    form: str = "{}"
    only_with: str = ""


@dataclass(frozen=True, slots=True)
class _Forge:
    """A forge: where its API is, how its repositories are called, what it answers."""

    label: str
    name: re.Pattern[str]
    api: str
    api_from: str
    path: Callable[[str], str]
    accept: str
    tokens: tuple[_Token, ...]
    read: Callable[[Mapping[str, Any]], GitTag | None]


@dataclass(frozen=True, slots=True)
class ForgeRepository:
    """A repository on a forge: the forge's key in the table, and ``owner/name``."""

    forge: str
    name: str

    def __str__(self) -> str:
        """As it is given."""
        return f"{self.forge}:{self.name}"


def repository_of(text: str) -> ForgeRepository:
    """The repository that ``github:owner/name`` is; raises ``UsageError``."""
    key, _, name = text.partition(":")
    if key not in _FORGES or not _FORGES[key].name.fullmatch(name):
        # Somebody may have given the URL of a clone, with a token in it.
        raise UsageError(f"expected {FORMS}, found {without_credentials(text)!r:.80}")
    return ForgeRepository(key, name)


def read_tags(
    web: Web, repository: ForgeRepository, environ: Mapping[str, str]
) -> tuple[GitTag, ...]:
    """Every tag of a repository that leads to a commit, annotated ones peeled; when it
    was made is known where the API says so.

    Raises ``RepositoryError`` where it is not told, or not whole.
    """
    forge = _FORGES[repository.forge]
    root = _root(forge, environ)
    headers, until = _headers(forge, root, environ), time.monotonic() + _LONGEST
    asking = _Asking(web, forge, repository, root, headers, until)
    tags: dict[str, GitTag] = {}
    for tag in asking.tags():
        known = tags.setdefault(tag.name, tag)
        if known != tag:
            raise RepositoryError(
                f"{repository}: the tag {tag.name!r:.80} changed while the tags were "
                "read",
                hint="try again",
            )
    return tuple(tags.values())


# --- the requests --------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Asking:
    """What is asked of a forge about one repository; ``root`` is that of its API, and
    ``until`` the end of the time for it, by the monotonic clock.
    """

    web: Web
    forge: _Forge
    repository: ForgeRepository
    root: str
    headers: Mapping[str, str]
    until: float

    def tags(self) -> Iterator[GitTag]:
        """The tags, page by page, until a page is empty or said to be the last: not
        every server makes its pages as large as it is asked to.
        """
        before = b""
        for number in range(1, _MOST_PAGES + 1):
            answer = self._page(number)
            found = self._tags(answer)
            yield from (tag for tag in found if tag is not None)
            relations = _relations(answer.headers.get("link", ""))
            is_last = relations & _OF_PAGES and "next" not in relations
            if not found or is_last:
                return
            if answer.body == before:
                raise RepositoryError(
                    f"{self.repository}: {self.forge.label} gives the same page of "
                    "tags again and again",
                    hint="give the tags by --repo or --tags",
                )
            before = answer.body
        raise RepositoryError(
            f"{self.repository}: has more than {_MOST_PAGES} pages of tags",
            hint="give the tags by --repo or --tags",
        )

    def _page(self, number: int) -> Answer:
        path = self.forge.path(self.repository.name)
        url = f"{self.root}{path}?per_page={_ON_A_PAGE}&page={number}"
        left = self.until - time.monotonic()
        if left <= 0:
            raise RepositoryError(
                f"{self.repository}: the tags did not come in {_LONGEST:.0f} seconds",
                hint="try again, or give the tags by --repo or --tags",
            )
        web = self.web.within(left)
        try:
            answer = web.get(url, accept=self.forge.accept, headers=self.headers)
        except IndexUnavailableError as error:
            raise RepositoryError(
                f"{self.repository}: {error.message}", hint=self._why(error)
            ) from None
        if answer.away:
            there = without_credentials(answer.away)
            raise RepositoryError(
                f"{self.repository}: {self.forge.label} sends on to another host, "
                f"{there}, and no token goes there",
                hint=f"if that is its API, say so in {self.forge.api_from}",
            )
        if answer.status == 404:  # noqa: PLR2004
            raise RepositoryError(
                f"{self.repository}: {self.forge.label} has no such repository, or it "
                f"is private and {self._not_read}",
                hint=f"compare the name; {self._where_from}",
            )
        return answer

    def _why(self, error: IndexUnavailableError) -> str:
        """What a refusal means: forges answer alike to a token that may not read, and
        to too many requests.
        """
        match error.status:
            case 401:
                return f"the token is not valid there; {self._where_from}"
            case 403 | 429:
                wait = f", which ends in {error.retry_after:.0f} s"
                return (
                    f"the rate limit is reached{wait if error.retry_after else ''}, or "
                    f"{self._not_read}; {self._where_from}"
                )
        return "give the tags by --repo or --tags"

    @property
    def _not_read(self) -> str:
        return (
            "the token may not read it"
            if self.headers
            else "nobody reads it without a token"
        )

    @property
    def _where_from(self) -> str:
        variables = " or ".join(token.variable for token in self.forge.tokens)
        return f"a token is taken from {variables}"

    def _tags(self, answer: Answer) -> list[GitTag | None]:
        """The tags of one page, None for one that leads to no commit; raises
        ``RepositoryError`` for what is no such page.
        """
        try:
            kind = answer.content_type.partition(";")[0].strip().lower()
            if not _JSON.fullmatch(kind):
                raise ValueError(f"its type is {kind!r:.60}")
            document = strict_json(answer.body)
            if not isinstance(document, list):
                raise ValueError("it is no list")  # noqa: TRY004 - data, not a bug
            return [self.forge.read(_table(item)) for item in document]
        except (ValueError, RecursionError) as error:
            is_deep = isinstance(error, RecursionError)
            reason = "it is nested too deep" if is_deep else str(error)
            raise RepositoryError(
                f"{self.repository}: {without_credentials(answer.url)}: the answer is "
                f"no list of tags: {reason}"
            ) from None


def _relations(link: str) -> set[str]:
    """What a Link header says that there is."""
    said = (text.strip("\"'").lower() for text in _RELATIONS.findall(link))
    return {word for words in said for word in words.split()}


def _root(forge: _Forge, environ: Mapping[str, str]) -> str:
    """The root of the API, without a slash at its end."""
    root = environ.get(forge.api_from, "") or forge.api
    parts = urlsplit(root) if is_url(root) else None
    if parts is None or "@" in parts.netloc or parts.query or parts.fragment:
        raise UsageError(
            f"{forge.api_from}: expected a URL as {forge.api}, "
            f"found {without_credentials(root)!r:.80}"
        )
    return root.rstrip("/")


def _headers(forge: _Forge, root: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The token of the environment in its header; nothing where there is none.

    Never is a part of the token told: an odd character in it would be, by whoever
    refuses to make a header of it.
    """
    for token in forge.tokens:
        text = environ.get(token.variable, "").strip()
        if not text or (token.only_with and not environ.get(token.only_with)):
            continue
        if not re.fullmatch(r"[!-~]+", text):
            raise UsageError(f"{token.variable}: holds a character that no token has")
        parts = urlsplit(root)
        if parts.scheme != "https" and parts.hostname not in _LOOPBACK:
            raise UsageError(
                f"{forge.api_from}: {root} is not encrypted, and {token.variable} "
                "would go there",
                hint="give its https URL, or unset the token",
            )
        return {token.header: token.form.format(text)}
    return {}


_LOOPBACK = ("127.0.0.1", "::1", "localhost")


# --- the forges ----------------------------------------------------------------


def _github_tag(item: Mapping[str, Any]) -> GitTag:
    """``commit`` is what an annotated tag leads to; nothing says when it was made."""
    return GitTag(_text(item, "name"), _commit(_table(item.get("commit")).get("sha")))


def _gitlab_tag(item: Mapping[str, Any]) -> GitTag | None:
    """``target`` is the tag object of an annotated tag, ``commit`` what it leads to:
    null where that is no commit.
    """
    name = _text(item, "name")
    if item.get("commit", "") is None:
        return None
    table = _table(item.get("commit"))
    commit = _commit(table.get("id"))
    made = _moment(item.get("created_at")) or _moment(table.get("committed_date"))
    return GitTag(name, commit, annotated=item.get("target") != commit, made=made)


def _table(value: object) -> Mapping[str, Any]:
    if not isinstance(value, dict):
        raise ValueError("what should be an object is none")  # noqa: TRY004
    return value


def _text(table: Mapping[str, Any], key: str) -> str:
    value = table.get(key)
    if not isinstance(value, str) or not value:
        raise ValueError(f"a tag has no {key!r}")
    return value


def _commit(value: object) -> str:
    if not isinstance(value, str) or not is_commit_id(value):
        raise ValueError(f"a tag leads to {value!r:.60}, which is no commit")
    return value


def _moment(value: object) -> datetime | None:
    """A moment (ISO 8601), None where there is none, or one that cannot be."""
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
        # What has no time zone is in UTC.
        return moment and moment.replace(tzinfo=moment.tzinfo or UTC).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


_OWNER_AND_NAME = re.compile(r"[A-Za-z0-9][\w-]*/(?!\.{1,2}$)[\w.-]+", re.ASCII)
_GROUPS_AND_NAME = re.compile(
    r"[A-Za-z0-9_][\w.-]*(?:/[A-Za-z0-9_.][\w.-]*)+", re.ASCII
)

_FORGES: Mapping[str, _Forge] = {
    "github": _Forge(
        label="GitHub",
        name=_OWNER_AND_NAME,
        api="https://api.github.com",
        api_from="GITHUB_API_URL",
        path=lambda name: f"/repos/{name}/tags",
        accept="application/vnd.github+json",
        tokens=(
            _Token("GITHUB_TOKEN", "Authorization", "Bearer {}"),
            _Token("GH_TOKEN", "Authorization", "Bearer {}"),
        ),
        read=_github_tag,
    ),
    "gitlab": _Forge(
        label="GitLab",
        name=_GROUPS_AND_NAME,
        api="https://gitlab.com/api/v4",
        api_from="CI_API_V4_URL",
        path=lambda name: f"/projects/{quote(name, safe='')}/repository/tags",
        accept="application/json",
        tokens=(
            _Token("GITLAB_TOKEN", "Authorization", "Bearer {}"),
            # A job's token is of use to its own server only.
            _Token("CI_JOB_TOKEN", "JOB-TOKEN", only_with="CI_API_V4_URL"),
        ),
        read=_gitlab_tag,
    ),
}

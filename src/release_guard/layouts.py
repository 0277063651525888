"""Where an index is read, given where it is uploaded to: a table of known layouts.

The two public indexes go by name; their upload URLs are twine's constants.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import quote, urlsplit, urlunsplit

from packaging.utils import NormalizedName
from packaging.version import Version

__all__ = [
    "FORGES",
    "PUBLIC_INDEXES",
    "Origin",
    "is_guess",
    "is_public",
    "is_url",
    "management_url",
    "origin_of",
    "predicate_types",
    "public_repository_url",
    "same_origin",
    "simple_url_of",
    "without_credentials",
    "without_user",
]

PUBLIC_INDEXES = ("pypi", "testpypi")
#: The public forges, by name.
FORGES: Mapping[str, str] = {
    "GitHub": "https://github.com",
    "GitLab": "https://gitlab.com",
}

_WAREHOUSE = r"/legacy/?"
#: Upload path -> path of the Simple API root, in the order in which they are tried.
#: What each server does is in the docs of that server; a path that fits none is not
#: guessed at.
_LAYOUTS: tuple[tuple[str, str, str], ...] = (
    ("Warehouse", _WAREHOUSE, "/simple/"),
    ("GitLab", r"(/api/v4/projects/[^/]+/packages/pypi)/?", r"\1/simple/"),
    ("Gitea, Forgejo", r"(/api/packages/[^/]+/pypi)/?", r"\1/simple/"),
    ("Artifactory", r"(/artifactory/api/pypi/[^/]+)/?", r"\1/simple/"),
    ("Nexus", r"(/repository/[^/]+)/?", r"\1/simple/"),
    ("Azure Artifacts", r"(.*/_packaging/[^/]+/pypi)/upload/?", r"\1/simple/"),
    ("Pulp", r"(/pypi/[^/]+)/(?:legacy|simple)/?", r"\1/simple/"),
    ("devpi", r"(/[^/]+/[^/]+)/?", r"\1/+simple/"),
    ("pypiserver", r"/?", "/simple/"),
)


def public_repository_url(name: str) -> str:
    """The upload URL of a public index, as twine has it."""
    from twine import utils  # noqa: PLC0415 - slow to import, and not always needed

    return {"pypi": utils.DEFAULT_REPOSITORY, "testpypi": utils.TEST_REPOSITORY}[name]


def predicate_types() -> tuple[str, ...]:
    """What an attestation may say (PEP 740): that PyPI published a file, or how it was
    built (SLSA).
    """
    host = urlsplit(public_repository_url("pypi")).netloc.removeprefix("upload.")
    publish = f"https://docs.{host}/attestations/publish/v1"
    return publish, "https://slsa.dev/provenance/v1"


def is_url(text: str) -> bool:
    """Whether a text is an http(s) address that a request can be sent to."""
    try:
        parts = urlsplit(text)
        host, port = parts.hostname, parts.port
    except ValueError:
        return False
    plain = text.isascii() and text.isprintable() and " " not in text
    return plain and parts.scheme in ("http", "https") and bool(host) and port != 0


#: Scheme, host and port (RFC 6454).
Origin = tuple[str, str, int]

#: A host that every program reads alike. A backslash ends the host for some of them
#: (``https://one.example\@other.example/``), and ``%`` stands for another letter.
_HOST = re.compile(r"[a-z\d._-]+|[\da-f:.]+", re.ASCII)


def origin_of(url: str) -> Origin | None:
    """Whom an address leads to, None where it is no http(s) address, or where two
    programs might take it for two hosts. User info does not count.
    """
    if not is_url(url) or "\\" in url:
        return None
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not _HOST.fullmatch(host):
        return None
    default = {"http": 80, "https": 443}[parts.scheme]
    return parts.scheme, host, default if parts.port is None else parts.port


def same_origin(one: str, other: str) -> bool:
    """Whether what is meant for one address may be sent to the other: scheme, host and
    port are the same.
    """
    origin = origin_of(one)
    return origin is not None and origin == origin_of(other)


def is_public(url: str) -> bool:
    """Whether an address lies on a host of a public index, whatever its scheme, port
    and path.
    """
    origin = origin_of(url)
    host = origin[1].rstrip(".") if origin else ""
    for name in PUBLIC_INDEXES:
        public = urlsplit(public_repository_url(name)).hostname or ""
        public = public.removeprefix("upload.")
        if host == public or host.endswith(f".{public}"):
            return True
    return False


def without_user(url: str) -> str:
    """The address without user info, as a request is sent to it."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def without_credentials(url: str) -> str:
    """The address as it may be printed: no user info, no query, no fragment.

    A password may hold a slash, and a text that is no address may hold one as well: so
    all before the last ``@`` is left out, and of a host what should be a port. Where
    the ``@`` may be a query's, nothing is left.
    """
    scheme, mark, rest = url.partition("://") if "://" in url else ("", "", url)
    if re.search("[?#].*@", rest, re.DOTALL):
        return f"{scheme}{mark}..."
    host, slash, path = rest.rpartition("@")[2].partition("/")
    if not re.fullmatch(r"[^:]*(:\d*)?|\[[^\]]*\](:\d*)?", host):
        host = host.partition(":")[0]
    return re.split("[?#]", f"{scheme}{mark}{host}{slash}{path}")[0]


def management_url(
    repository_url: str, project: NormalizedName, version: Version
) -> str:
    """Where a release is yanked on an index that Warehouse serves; empty elsewhere."""
    parts = urlsplit(without_user(repository_url))
    if not re.fullmatch(_WAREHOUSE, parts.path) or not is_url(repository_url):
        return ""
    host = parts.netloc.removeprefix("upload.")
    path = f"/manage/project/{project}/release/{quote(str(version))}/"
    return urlunsplit((parts.scheme, host, path, "", ""))


def is_guess(repository_url: str) -> bool:
    """Whether the reading URL that is derived rests on a path that says little: any
    two words may be a devpi index, any root a pypiserver.
    """
    path = urlsplit(repository_url).path
    fits = (name for name, form, _ in _LAYOUTS if re.fullmatch(form, path))
    return next(fits, "") in ("devpi", "pypiserver")


def simple_url_of(repository_url: str) -> str | None:
    """The Simple API root that belongs to an upload URL, None where no layout fits.

    Warehouse takes uploads on a host of its own (``upload.``) and is read without it.
    """
    parts = urlsplit(repository_url)
    for name, upload_path, simple_path in _LAYOUTS:
        found = re.fullmatch(upload_path, parts.path)
        if found:
            user, at, host = parts.netloc.rpartition("@")
            if name == "Warehouse":
                host = host.removeprefix("upload.")
            path = found.expand(simple_path)
            return urlunsplit((parts.scheme, f"{user}{at}{host}", path, "", ""))
    return None

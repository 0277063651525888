"""With which user and password an index is read, as the ecosystem gives them.

The order is

1. user info in the URL;
2. the environment: what says how an index is read before what says how it is uploaded
   to;
3. ``~/.pypirc``;
4. ``.netrc``;

and the keyring, only after the index has asked for a password. pip has URL, index URLs,
``.netrc``, keyring (``pip._internal.network.auth``); uv has URL, ``.netrc``, keyring,
and takes ``UV_INDEX_<NAME>_USERNAME`` and ``_PASSWORD`` into the URL (its docs,
*Package indexes* and *HTTP credentials*); twine has ``TWINE_USERNAME`` and
``TWINE_PASSWORD``, ``.pypirc``, keyring (``twine.auth``).

Whom a password is sent to: the origin of the Simple API root that was asked for, never
another scheme, host or port. What an installer or uploader would send elsewhere is not
sent. Nothing is sent to a public index: its pages are public, and what is at hand for
it is the token of the upload.

A place that cannot be read, or holds nothing that can be sent, is no error, since many
machines have one for others; it is a note, for whoever is told that the index refuses.
No note, error or ``repr`` holds a user or a password: a token may stand as either.
"""

from __future__ import annotations

import os
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import takewhile
from urllib.parse import unquote, urlsplit

from release_guard.errors import SourceError
from release_guard.layouts import (
    PUBLIC_INDEXES,
    is_public,
    origin_of,
    same_origin,
    without_user,
)
from release_guard.sources.keyring_entry import read_entry
from release_guard.sources.netrc_file import Netrc, read_netrc
from release_guard.sources.pypirc import Pypirc, Section, read_pypirc

__all__ = [
    "Credentials",
    "Found",
    "Home",
    "Wallet",
    "advice",
    "ask_keyring",
    "find_credentials",
]


@dataclass(frozen=True, slots=True)
class Credentials:
    """A user and a password for HTTP Basic authentication (RFC 7617): latin-1, no
    control characters, and either may be empty. ``source`` is what messages call the
    place where they stand.
    """

    user: str = field(repr=False)
    password: str = field(repr=False)
    source: str


@dataclass(frozen=True, slots=True)
class Found:
    """The credentials, None where there are none, and what stood in the way.

    ``user`` is whose password was looked for, also where none was found; empty where
    nobody names one.
    """

    credentials: Credentials | None = None
    notes: tuple[str, ...] = ()
    user: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Home:
    """An index, as credentials are looked up for it: its Simple API root, the policy's
    name of it, and where it takes uploads; the last two may be empty.
    """

    url: str = field(repr=False)
    name: str = ""
    upload_url: str = field(default="", repr=False)


class Wallet:
    """Who asks an index, for as long as a run: its places are read once, and the
    keyring is asked once, however many requests and threads there are.

    ``home`` says which index it is for, whose origin alone is given anything; it is not
    called before somebody asks. Without one each address is its own home.
    """

    def __init__(
        self,
        environ: Mapping[str, str] | None = None,
        home: Callable[[], Home] | None = None,
    ) -> None:
        self._environ = environ or {}
        self._home = home
        self._places: dict[Home, Found] = {}
        self._keyring: dict[Home, Found] = {}
        # A keyring may take its time, for which nobody else has to wait.
        self._reading, self._asking = threading.Lock(), threading.Lock()

    def is_for(self, url: str) -> bool:
        """Whether this address may be given what is in it."""
        return same_origin(self._home_of(url).url, url)

    def found(self, url: str) -> Found:
        """What an address is sent, by what is known so far: the keyring outranks the
        places, since it is asked only where they were refused.
        """
        if not self.is_for(url):
            return Found()
        home = self._home_of(url)
        with self._reading:
            if home not in self._places:
                self._places[home] = find_credentials(
                    home.url,
                    self._environ,
                    index_name=home.name,
                    upload_url=home.upload_url,
                )
        places, asked = self._places[home], self._keyring.get(home, Found())
        if asked.credentials:
            return asked
        return replace(places, notes=(*places.notes, *asked.notes))

    def ask_keyring(self, url: str) -> None:
        """Ask the keyring, if it was not asked yet; to be called only after a 401."""
        if not self.is_for(url):
            return
        home = self._home_of(url)
        with self._asking:
            if home not in self._keyring:
                self._keyring[home] = ask_keyring(
                    home.url,
                    user=self.found(url).user,
                    upload_url=home.upload_url,
                    environ=self._environ,
                )

    def advice(self, url: str) -> str:
        """What somebody can do whom this address has refused (401, 403)."""
        home = self._home_of(url)
        return advice(home.url, self.found(url), index_name=home.name)

    def _home_of(self, url: str) -> Home:
        return self._home() if self._home else Home(url)


def find_credentials(
    url: str,
    environ: Mapping[str, str],
    *,
    index_name: str = "",
    upload_url: str = "",
) -> Found:
    """What the index at ``url``, a Simple API root, may be sent there, and nowhere
    else.

    ``index_name`` is the policy's name of it, and ``upload_url`` where it takes
    uploads; either may be empty. A file is read only where nothing before it says
    enough. Raises nothing.
    """
    if _refusal(url):
        return Found()
    asked = _Asked(url, environ, index_name, upload_url)
    notes: list[str] = []
    named: _Offer | None = None
    for told in _offers(asked):
        note = told if isinstance(told, str) else _unfit(told, named)
        if note or isinstance(told, str):
            notes.append(note)
        elif told.password:
            user = told.user or (named.user if named else "")
            credentials = Credentials(user, told.password, told.source)
            return Found(credentials, tuple(notes), user)
        elif told.user:
            named = named or told
            if not told.may_be_token:
                notes.append(f"{told.source}: names a user, and no password")
    if named is None:
        return Found(None, tuple(notes))
    alone = Credentials(named.user, "", named.source) if named.may_be_token else None
    return Found(alone, tuple(notes), named.user)


def ask_keyring(
    url: str,
    *,
    user: str = "",
    upload_url: str = "",
    environ: Mapping[str, str] | None = None,
    seconds: float = 10.0,
) -> Found:
    """What the system's keyring holds for the index at ``url``; to be asked only after
    a 401, since a keyring may take its time.

    ``user`` is ``Found.user``, ``environ`` that of this process where it is None. The
    keyring is asked for the URL and then for the host, as pip and uv do, and last for
    an upload URL of the same origin, under which twine's users store theirs. Raises
    nothing.
    """
    if _refusal(url):
        return Found()
    variables = os.environ if environ is None else environ
    services = _services(url, upload_url)
    try:
        entry = read_entry(services, variables, user=user, seconds=seconds)
    except SourceError as error:
        return Found(None, (error.message,), user)
    if entry is None:
        return Found(None, (), user)
    told = _Offer(entry.user or user, entry.password, "the keyring")
    note = _unfit(told, None)
    if note:
        return Found(None, (note,), user)
    return Found(Credentials(told.user, told.password, told.source), (), told.user)


def advice(url: str, found: Found, *, index_name: str = "") -> str:
    """What somebody can do whom the index at ``url`` has refused (401, 403): what was
    sent, what stood in the way, and where credentials are taken from.
    """
    refusal = _refusal(url)
    if refusal:
        return refusal
    sent = found.credentials
    first = f"it refuses what {sent.source} says" if sent else "nothing was sent to it"
    ways = ["a machine in .netrc", "https://user:password@... as its URL"]
    if index_name:
        variable = _uv_variable(index_name)
        ways.insert(0, f"{variable}_USERNAME and {variable}_PASSWORD")
    parts = (first, *found.notes, f"credentials are taken from {', '.join(ways)}")
    return "; ".join(parts)


# --- what may be sent -----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Offer:
    """What a place says. Without a password the user is the one whose password is
    looked for further on, and no other's is taken then where the place ``binds``.

    ``may_be_token`` says that a user alone may be sent, with an empty password: a token
    may stand so in a URL (pip's docs, *Authentication*).
    """

    user: str = field(repr=False)
    password: str = field(repr=False)
    source: str
    may_be_token: bool = False
    binds: bool = True


def _refusal(url: str) -> str:
    """Why nothing at all is sent to this address, empty where something may be."""
    if origin_of(url) is None:
        return "nothing is sent to an address that can be read in two ways"
    if is_public(url):
        return "nothing is sent to a public index, whose pages are public"
    return ""


def _unfit(told: _Offer, named: _Offer | None) -> str:
    """Why an offer is not taken, empty where it may be; ``named`` is the user whose
    password is looked for.
    """
    text = told.user + told.password
    if re.search(r"[\x00-\x1f\x7f-\x9f]", text):
        return (
            f"{told.source}: holds a line end or another control character "
            "(a secret that was pasted with its line end?)"
        )
    try:
        text.encode("latin-1")
    except UnicodeEncodeError:
        return f"{told.source}: holds characters beyond latin-1"
    if ":" in told.user:
        return f"{told.source}: the user's name holds a colon (RFC 7617)"
    if named and named.binds and told.user not in ("", named.user):
        return f"{told.source}: is of another user than {named.source} names"
    return ""


# --- where it stands ------------------------------------------------------------


@dataclass(frozen=True)
class _Asked:
    """An index, and all that may say something of it."""

    url: str = field(repr=False)
    environ: Mapping[str, str] = field(repr=False)
    name: str
    upload_url: str = field(repr=False)

    def variable(self, name: str) -> str:
        """A variable, empty where it is not set: tools do not tell that apart."""
        return self.environ.get(name, "")

    @cached_property
    def pypirc(self) -> Pypirc:
        """The file. Raises ``SourceError`` where it cannot be read."""
        return read_pypirc(self.environ)


#: What belongs to the index, or a note on why something does not.
_Offers = Iterator[_Offer | str]


def _offers(asked: _Asked) -> _Offers:
    yield from _user_info(asked.url, "the URL")
    yield from _of_the_named_index(asked)
    yield from _of_index_urls(asked)
    yield from _of_uploads(asked)
    yield from _of_pypirc(asked)
    yield from _of_netrc(asked)


def _user_info(url: str, source: str) -> _Offers:
    """What stands in front of the host; the last ``@`` ends it, as for pip and uv."""
    parts = urlsplit(url)
    if parts.username is None:
        return
    try:
        user = unquote(parts.username, errors="strict")
        password = unquote(parts.password or "", errors="strict")
    except UnicodeDecodeError:
        yield f"{source}: what stands before the @ is not UTF-8, percent-encoded"
        return
    yield _Offer(user, password, source, may_be_token=True)


def _uv_variable(index_name: str) -> str:
    """How uv's variables for an index begin: its name in upper case, with ``_`` for
    whatever is neither letter nor digit.
    """
    return f"UV_INDEX_{re.sub('[^A-Z0-9]', '_', index_name.upper())}"


def _of_the_named_index(asked: _Asked) -> _Offers:
    """uv: ``UV_INDEX_<NAME>_USERNAME`` and ``_PASSWORD``; either may be missing."""
    if not asked.name:
        return
    begin = _uv_variable(asked.name)
    user_variable, variable = f"{begin}_USERNAME", f"{begin}_PASSWORD"
    user, password = asked.variable(user_variable), asked.variable(variable)
    if user or password:
        yield _Offer(user, password, variable if password else user_variable)
    if variable in asked.environ and not password:
        yield f"{variable}: is empty (a secret that this run is not given?)"


#: Variables with URLs of indexes, several where there are blanks between them. uv puts
#: a name in front: ``internal=https://...``.
_INDEX_URLS = (
    *("PIP_INDEX_URL", "PIP_EXTRA_INDEX_URL", "UV_INDEX", "UV_DEFAULT_INDEX"),
    *("UV_INDEX_URL", "UV_EXTRA_INDEX_URL"),
)


def _of_index_urls(asked: _Asked) -> _Offers:
    """User info of an index of the same origin; the path that shares most with ours
    counts first, as for pip.
    """
    urls = [
        (re.sub(r"^[\w.-]+=", "", word, flags=re.ASCII), variable)
        for variable in _INDEX_URLS
        for word in asked.variable(variable).split()
    ]
    ours = [each for each in urls if same_origin(each[0], asked.url)]
    for url, variable in sorted(ours, key=lambda each: -_shared(each[0], asked.url)):
        yield from _user_info(url, variable)


def _shared(one: str, other: str) -> int:
    """How many segments two paths share at their beginning."""
    segments = (urlsplit(url).path.rstrip("/").split("/") for url in (one, other))
    pairs = zip(*segments, strict=False)
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], pairs))


# --- what is there for uploads --------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Uploader:
    """The variables of a program that uploads.

    ``by_url`` says where it uploads to, or else ``by_name``; ``token`` is a password
    without a user, empty where the program knows none.
    """

    by_url: str
    by_name: str
    user: str
    password: str
    token: str = ""


_UPLOADERS = (
    _Uploader(
        "TWINE_REPOSITORY_URL", "TWINE_REPOSITORY", "TWINE_USERNAME", "TWINE_PASSWORD"
    ),
    _Uploader(
        *("UV_PUBLISH_URL", "UV_PUBLISH_INDEX", "UV_PUBLISH_USERNAME"),
        *("UV_PUBLISH_PASSWORD", "UV_PUBLISH_TOKEN"),
    ),
)

#: What a token of the public indexes begins with. Where nobody says what it is for, it
#: is for one of them.
_PUBLIC_TOKEN = "pypi-"  # noqa: S105 - no password


def _of_uploads(asked: _Asked) -> _Offers:
    """What uploaders are given, where the index takes its uploads at the origin that it
    is read at.
    """
    for uploader in _UPLOADERS:
        token = asked.variable(uploader.token)
        password = token or asked.variable(uploader.password)
        if not password:
            continue
        source = uploader.token if token else uploader.password
        user = "__token__" if token else asked.variable(uploader.user)
        upload_url, is_said = _destination(asked, uploader)
        if not same_origin(upload_url, asked.url):
            yield f"{source}: is for uploads to another host, scheme or port"
        elif not is_said and password.startswith(_PUBLIC_TOKEN):
            yield f"{source}: is a token of a public index"
        elif not user:
            yield f"{source}: has no {uploader.user} beside it"
        else:
            yield _Offer(user, password, source)


def _destination(asked: _Asked, uploader: _Uploader) -> tuple[str, bool]:
    """Where an uploader's password is for, empty where that is not known, and whether
    its variables say so.
    """
    url, name = asked.variable(uploader.by_url), asked.variable(uploader.by_name)
    if url:
        return url, True
    if not name:
        return asked.upload_url, False
    if uploader.by_name == "TWINE_REPOSITORY":
        try:
            given = asked.pypirc.upload_url(name)
        except SourceError:
            # It is told where the file's turn comes.
            return "", True
        # What twine knows by this name is no index that a policy calls so, too.
        if given is not None or name in PUBLIC_INDEXES:
            return given or "", True
    return (asked.upload_url if name == asked.name else ""), True


def _of_pypirc(asked: _Asked) -> _Offers:
    """The section of an index whose uploads go to our origin. One without an upload
    URL, which twine can do nothing with, counts for the index of its name.
    """
    try:
        pypirc = asked.pypirc
    except SourceError as error:
        yield error.message
        return
    for section in _nearest_first(pypirc, asked):
        is_named = section.name == asked.name
        is_nowhere = section.repository is None and section.name not in PUBLIC_INDEXES
        user, password = section.username or "", section.password or ""
        # What is no plain name may be a URL, and hold a password.
        is_plain = re.fullmatch(r"[\w.-]{1,60}", section.name)
        source = f".pypirc [{section.name}]" if is_plain else ".pypirc"
        if same_origin(section.repository or "", asked.url) or (
            is_named and is_nowhere
        ):
            if password and not user:
                yield f"{source}: has a password, and no username"
            elif is_nowhere and password.startswith(_PUBLIC_TOKEN):
                yield f"{source}: is a token of a public index"
            else:
                yield _Offer(user, password, source, binds=False)
        elif is_named and password:
            yield f"{source}: is for uploads to another host, scheme or port"


def _nearest_first(pypirc: Pypirc, asked: _Asked) -> list[Section]:
    """The section of the index's name, then the one with its very upload URL, then
    those whose paths share most with ours.
    """

    def distance(section: Section) -> tuple[bool, bool, int]:
        url = section.repository or ""
        shared = _shared(url, asked.url) if same_origin(url, asked.url) else 0
        return section.name != asked.name, url != asked.upload_url, -shared

    return sorted(pypirc.sections, key=distance)


# --- what is there for a host ---------------------------------------------------


def _of_netrc(asked: _Asked) -> _Offers:
    """The login of the host, whatever the port, as for pip, uv and curl.

    The login for all other machines (``default``) is not taken: it would send a
    password to any host that a policy or an option names.
    """
    try:
        netrc = read_netrc(asked.environ)
    except SourceError as error:
        yield error.message
        return
    host = urlsplit(asked.url).hostname or ""
    login = netrc.logins.get(_machine(netrc, host))
    if login is not None:
        yield _Offer(login.user, login.password, ".netrc")
    elif any(re.search(rf"(^|[/@]){re.escape(host)}(:|/|$)", n) for n in netrc.logins):
        # pypa/pip#11185
        yield f".netrc: a machine goes by its name alone: machine {host}"
    elif netrc.has_default:
        yield f".netrc: its default is not sent to anybody: write machine {host}"


def _machine(netrc: Netrc, host: str) -> str:
    """The name of the machine: case counts in none."""
    return next((name for name in netrc.logins if name.lower() == host), "")


# --- what the keyring is asked for ----------------------------------------------


def _services(url: str, upload_url: str) -> tuple[str, ...]:
    """By which names an entry may stand in the keyring."""
    bare = without_user(url).rstrip("/")
    names = [f"{bare}/", bare, urlsplit(bare).netloc]
    if same_origin(upload_url, url):
        names.append(without_user(upload_url))
    return tuple(dict.fromkeys(names))

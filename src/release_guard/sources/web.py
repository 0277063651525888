"""HTTP, as a gate needs it: bounded in time and size, and nothing decided on the sly.

``requests`` would take credentials from a ``.netrc`` and follow redirects to any host;
neither is left to it. Proxies and CA bundles of the environment are honoured.
"""

from __future__ import annotations

import hashlib
import re
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar
from urllib.parse import urljoin, urlsplit

from release_guard import __version__
from release_guard.errors import IndexResponseError, IndexUnavailableError
from release_guard.layouts import (
    is_url,
    origin_of,
    without_credentials,
    without_user,
)
from release_guard.sources.content_encoding import (
    ACCEPT_ENCODING,
    PackingError,
    unpacked,
)
from release_guard.sources.credentials import Credentials, Wallet

if TYPE_CHECKING:
    import requests

__all__ = ["Answer", "Digest", "Web"]

T = TypeVar("T")

_CA_VARIABLES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE")
_CHUNK = 1 << 16
_REDIRECTS = 5
_ANSWERS = frozenset({HTTPStatus.OK, HTTPStatus.NOT_FOUND})
_REFUSALS = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN})
_TRANSIENT = frozenset({408, 425, 429, 500, 502, 503, 504})
#: An answer without a body has one of these (RFC 9112).
_FRAMES = frozenset({"content-length", "transfer-encoding"})
#: What caches on the way add to an answer (RFC 9111, RFC 9211, and the large CDNs).
_OF_CACHES = ("age", "via", "cache-status", "x-cache", "x-served-by", "cf-cache-status")
#: A file is what its bytes are, as installers download it: a server that packs on the
#: fly is asked not to.
_FILE = {"Accept": "*/*", "Accept-Encoding": "identity"}
_STRANGER = (
    "nothing was sent to it: credentials go to the index's own host, and not by way of "
    "another"
)
#: No server is waited for longer than a day, in seconds.
_LONGEST_PAUSE = 86_400.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said in the end.

    ``away`` is set where it redirected to another host, which was not followed;
    ``redirected`` where a redirect on the same host was. The names of ``headers`` are
    in lower case.
    """

    url: str
    status: int
    content_type: str
    body: bytes
    redirected: bool = False
    away: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)

    @property
    def is_cached(self) -> bool:
        """Whether it may come from one of several caches, by what they write."""
        control = self.headers.get("cache-control", "").lower()
        shared = re.search(r"public|s-maxage|max-age\s*=\s*0*[1-9]", control)
        return bool(shared) or any(name in self.headers for name in _OF_CACHES)


@dataclass(frozen=True, slots=True)
class Digest:
    """The size, in bytes, of what was served, and its hashes in hex: the sha256, and
    those of other algorithms that were asked for.
    """

    sha256: str
    size: int
    others: Mapping[str, str] = field(default_factory=dict)


class _RefusedError(IndexUnavailableError):
    """Who asks is refused (401, 403) by a server that may be told who it is."""


@dataclass(frozen=True, slots=True)
class Web:
    """A way to GET.

    ``environ`` names proxies and certificates, ``wallet`` has who asks. ``connect`` and
    ``read`` are the seconds until a silent server is given up, ``whole`` those for a
    whole answer, however it drips; ``largest`` is in bytes. The last two have their
    like for a distribution that is downloaded.
    """

    environ: Mapping[str, str]
    wallet: Wallet = field(default_factory=Wallet, repr=False, compare=False)
    connect: float = 10.0
    read: float = 30.0
    whole: float = 120.0
    largest: int = 64 << 20
    whole_file: float = 300.0
    largest_file: int = 8 << 30

    def within(self, seconds: float) -> Web:
        """The same, but no answer may take longer than this."""
        left = max(seconds, 0.0)
        return replace(
            self,
            whole=min(self.whole, left),
            whole_file=min(self.whole_file, left),
        )

    def get(
        self, url: str, *, accept: str, headers: Mapping[str, str] | None = None
    ) -> Answer:
        """One answer, after redirects on the same host; ``headers`` go along, and where
        they say who asks, nobody else is looked for.

        Raises ``IndexUnavailableError`` where there is none, or where the status is
        neither 200 nor 404.
        """
        _refuse_no_address(url, url)
        sent = {"Accept": accept, **(headers or {})}
        if "Authorization" in sent:
            return self._within(self.whole, url, lambda: self._get(url, sent, None))

        def attempt(who: Credentials | None) -> Answer:
            return self._get(url, sent, who)

        return self._within(self.whole, url, lambda: self._admitted(url, attempt))

    def digest(
        self,
        url: str,
        *,
        home: str,
        also: Collection[str] = (),
        into: BinaryIO | None = None,
    ) -> Digest:
        """Download a file and hash it, by sha256 and ``also`` by other algorithms that
        ``hashlib`` knows; ``home`` is the only origin that is given the credentials.
        Files may lie on any host. The bytes are kept nowhere, or go ``into`` a file;
        of one that is not downloaded whole, any number.
        """

        def download(who: Credentials | None) -> Digest:
            hasher, size = hashlib.sha256(), 0
            others = {name: _hasher(name) for name in also}
            with (
                self._session(who, self.whole_file) as session,
                self._file(session, url, home) as response,
            ):
                # As it lies there: a .tar.gz may be called gzip-encoded, and is not.
                raw = response.raw.stream(_CHUNK, decode_content=False)
                for chunk in _bounded(raw, url, self.largest_file):
                    for one in (hasher, *others.values()):
                        one.update(chunk)
                    if into is not None:
                        into.write(chunk)
                    size += len(chunk)
            told = {name: other.hexdigest() for name, other in others.items()}
            return Digest(hasher.hexdigest(), size, told)

        _refuse_no_address(url, url)
        return self._within(
            self.whole_file, url, lambda: self._admitted(home, download)
        )

    # --- who asks -----------------------------------------------------------------

    def _admitted(self, url: str, attempt: Callable[[Credentials | None], T]) -> T:
        """What an attempt gives with the credentials that are at hand; where the server
        asks for others, the keyring is asked, and it is tried once more.
        """
        wallet = self.wallet
        sent = wallet.found(url).credentials
        try:
            return attempt(sent)
        except _RefusedError as error:
            if error.status == HTTPStatus.UNAUTHORIZED:
                wallet.ask_keyring(url)
                if wallet.found(url).credentials != sent:
                    return self._admitted(url, attempt)
            raise IndexUnavailableError(
                error.message,
                hint=wallet.advice(url),
                transient=False,
                retry_after=error.retry_after,
                status=error.status,
            ) from None

    # --- requests -----------------------------------------------------------------

    def _get(
        self, url: str, headers: Mapping[str, str], who: Credentials | None
    ) -> Answer:
        with self._session(who, self.whole) as session:
            here, redirected = without_user(url), False
            for _ in range(_REDIRECTS + 1):
                with self._send(session, here, headers) as response:
                    if response.status_code in _ANSWERS:
                        return self._answer(response, here, redirected=redirected)
                    if not response.is_redirect:
                        knows_us = self.wallet.is_for(url)
                        raise _no_answer(response, here, knows_us=knows_us)
                    there = urljoin(here, response.headers["location"])
                    status = response.status_code
                if not _may_follow(here, there):
                    return Answer(here, status, "", b"", away=there)
                here, redirected = without_user(there), True
        raise IndexResponseError(f"{_shown(url)}: redirects without an end")

    def _answer(
        self, response: requests.Response, url: str, *, redirected: bool
    ) -> Answer:
        status = response.status_code
        headers = {name.lower(): value for name, value in response.headers.items()}
        raw = response.raw.stream(_CHUNK, decode_content=False)
        content = unpacked(raw, headers.get("content-encoding", ""))
        body = bytearray()
        for chunk in _bounded(content, url, self.largest):
            # Not a list of them: each may be of one byte.
            body += chunk
        if status == HTTPStatus.OK and not body and not headers.keys() & _FRAMES:
            # What is cut off in the head looks like an answer that says nothing.
            raise IndexUnavailableError(
                f"{_shown(url)}: is not reached: the connection ended before the "
                "answer did",
                transient=True,
            )
        content_type = headers.get("content-type", "")
        return Answer(url, status, content_type, bytes(body), redirected, "", headers)

    def _file(
        self, session: requests.Session, url: str, home: str
    ) -> requests.Response:
        here, knows_us = url, self.wallet.is_for(home)
        for _ in range(_REDIRECTS + 1):
            if not _may_follow(home, here):
                # Who was elsewhere does not get them back: another host may have chosen
                # where it goes on.
                session.auth, knows_us = None, False
            response = self._send(session, without_user(here), _FILE)
            if response.status_code == HTTPStatus.OK:
                return response
            with response:
                if not response.is_redirect:
                    raise _no_answer(response, here, knows_us=knows_us)
                there = urljoin(here, response.headers["location"])
                _refuse_no_address(there, url)
                here = there
        raise IndexResponseError(f"{_shown(url)}: redirects without an end")

    def _send(
        self, session: requests.Session, url: str, headers: Mapping[str, str]
    ) -> requests.Response:
        import requests  # noqa: PLC0415

        # A cached answer is an old answer; a query that busts caches is another URL
        # than the one that installers ask for.
        question = requests.Request(
            "GET", url, headers={"Cache-Control": "no-cache", **headers}
        )
        # Not by the session, which reads the body of a redirect to its end, however
        # long that is.
        return session.get_adapter(url).send(
            session.prepare_request(question),
            stream=True,
            timeout=(self.connect, self.read),
            verify=self._ca_bundle(),
            proxies=self._proxies(url),
        )

    def _session(self, who: Credentials | None, seconds: float) -> requests.Session:
        """For the requests of one answer, which has so many seconds."""
        import requests  # noqa: PLC0415 - slow to import, and not always needed

        from release_guard.sources.transport import Adapter  # noqa: PLC0415

        session = requests.Session()
        for scheme in ("http://", "https://"):
            session.mount(scheme, Adapter(seconds))
        session.trust_env = False
        session.headers["Accept-Encoding"] = ACCEPT_ENCODING
        session.headers["User-Agent"] = f"release-guard/{__version__}"
        if who is not None:
            session.auth = (who.user, who.password)
        return session

    def _proxies(self, url: str) -> dict[str, str]:
        """The proxies that the environment names, but for hosts of ``no_proxy``."""
        import urllib.request  # noqa: PLC0415 - slow to import, and not always needed

        parts = urlsplit(url)
        proxy = self._variable(f"{parts.scheme}_proxy") or self._variable("all_proxy")
        # typeshed does not know it
        bypassed = urllib.request.proxy_bypass_environment  # type: ignore[attr-defined]
        no_proxy = {"no": self._variable("no_proxy")}
        if not proxy or bypassed(parts.netloc, no_proxy):
            return {}
        address = proxy if "://" in proxy else f"http://{proxy}"
        if not is_url(address):
            # What is no address may hold a password, and would be told with it.
            raise IndexUnavailableError(
                f"the proxy that the environment names for {parts.scheme} is no "
                "http(s) address",
                hint=f"look at {parts.scheme}_proxy and all_proxy; in a password, "
                "write # / ? @ percent-encoded",
                transient=False,
            )
        return {parts.scheme: address}

    def _variable(self, name: str) -> str:
        return self.environ.get(name) or self.environ.get(name.upper(), "")

    def _ca_bundle(self) -> str | bool:
        for name in _CA_VARIABLES:
            path = self.environ.get(name, "")
            if path and not Path(path).exists():
                raise IndexUnavailableError(
                    f"{name} names {path}, and there is no such file here",
                    hint="a path of the host does not exist in a container; unset it",
                    transient=False,
                )
            if path:
                return path
        return True

    def _within(self, seconds: float, url: str, call: Callable[[], T]) -> T:
        """The call's result, or its error, in time: a server may send a byte every
        few seconds for ever, headers included, and no socket time-out sees that.
        """
        future: Future[T] = Future()

        def run() -> None:
            try:
                future.set_result(call())
            except BaseException as error:  # noqa: BLE001 - raised where it is taken
                future.set_exception(error)

        threading.Thread(target=run, daemon=True).start()
        started = time.monotonic()
        try:
            error = future.exception(timeout=seconds)
        except TimeoutError:
            elapsed = time.monotonic() - started
            raise IndexUnavailableError(
                f"{_shown(url)}: no whole answer in {elapsed:.0f} seconds",
                transient=True,
            ) from None
        if error is not None:
            raise _translated(error, url) from error
        return future.result()


def _no_answer(
    response: requests.Response, url: str, *, knows_us: bool
) -> IndexUnavailableError:
    """What a status means that is neither an answer nor a redirect. Only where the
    server ``knows_us`` may credentials be at fault.
    """
    status = response.status_code
    is_refusal = status in _REFUSALS
    kind = _RefusedError if is_refusal and knows_us else IndexUnavailableError
    return kind(
        f"{_shown(url)}: answers {status} {response.reason or ''}".rstrip(),
        hint=_STRANGER if is_refusal and not knows_us else "",
        transient=status in _TRANSIENT,
        retry_after=_retry_after(response),
        status=status,
    )


def _retry_after(response: requests.Response) -> float:
    """How long the server asks to be left alone, in seconds; 0 where it does not, or
    says nothing that can be understood (RFC 9110: seconds, or a date).
    """
    text = response.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdecimal():
        return min(float(text), _LONGEST_PAUSE)
    try:
        until = parsedate_to_datetime(text)
        seconds = (until - datetime.now(UTC)).total_seconds()
    except (ValueError, TypeError, OverflowError):
        return 0.0
    return min(max(seconds, 0.0), _LONGEST_PAUSE)


def _translated(error: BaseException, url: str) -> BaseException:
    """Foreign exceptions, as ours; ours and the interpreter's own go through."""
    import requests  # noqa: PLC0415
    import urllib3  # noqa: PLC0415

    if isinstance(error, requests.RequestException | urllib3.exceptions.HTTPError):
        reason = _reason(error)
        if isinstance(error, requests.exceptions.ProxyError):
            reason = f"by way of the proxy that the environment names: {reason}"
        return IndexUnavailableError(
            f"{_shown(url)}: is not reached: {reason}",
            transient=not isinstance(error, requests.exceptions.InvalidURL),
        )
    if isinstance(error, PackingError):
        return IndexUnavailableError(
            f"{_shown(url)}: is not reached: the answer {error}", transient=True
        )
    if isinstance(error, ValueError | OSError):
        return IndexResponseError(f"{_shown(url)}: {error}")
    return error


def _hasher(name: str) -> hashlib._Hash:
    """A hash by the name that an index gives it. Old ones are there on every machine
    (FIPS), as they prove nothing: they are compared with what is listed.
    """
    hasher = hashlib.new(name, usedforsecurity=False)
    if not hasher.digest_size:
        raise ValueError(f"{name}: is no hash of a fixed length")
    return hasher


def _bounded(chunks: Iterable[bytes], url: str, largest: int) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > largest:
            raise IndexResponseError(f"{_shown(url)}: sends more than {largest} bytes")
        yield chunk


def _refuse_no_address(url: str, asked: str) -> None:
    """Raise where no request can be sent to; ``asked`` is what errors name."""
    if not is_url(url):
        raise IndexUnavailableError(
            f"{_shown(asked)}: leads to no http address", transient=False
        )


def _reason(error: BaseException) -> str:
    """The innermost cause, in its own words: requests wraps it several times."""
    while (inner := error.__cause__ or error.__context__) is not None:
        error = inner
    text = str(error) or type(error).__name__
    return getattr(error, "strerror", None) or text


_shown = without_credentials


def _may_follow(here: str, there: str) -> bool:
    """Whether credentials, and who asks for a listing, may go on from here to there:
    the same origin, or the same host on its way from http to https.
    """
    one, other = origin_of(here), origin_of(there)
    if one is None or other is None:
        return False
    upgrade = ("http", one[1], 80), ("https", one[1], 443)
    return one == other or (one, other) == upgrade

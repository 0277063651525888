"""An index that gives on demand what no real server does, and a reader of its own that
says what it told.

``Index`` scripts a Simple API on a loopback port. ``Index.proves`` reads the bytes that
were written, with the standard library and none of release-guard's code: it is the
judge of whether a pass was deserved.
"""

from __future__ import annotations

import gzip
import hashlib
import html
import http.client
import io
import json
import re
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field, replace
from time import monotonic
from typing import Any
from urllib.parse import unquote, urljoin, urlsplit

from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version
from servers import Answer, Reply, Server, Told, Wire, raw, serving

from release_guard.facts import ExpectedFile, ExpectedRelease, Kind
from release_guard.jobs.common import Clock
from release_guard.manifest import Manifest

__all__ = [
    "BOTH",
    "HTML",
    "JSON",
    "OLD",
    "SDIST",
    "WHEEL",
    "File",
    "Index",
    "Page",
    "Script",
    "Time",
    "anchor",
    "begun",
    "chunked",
    "entry",
    "files_of",
    "http_answer",
    "huge_listing",
    "indexes",
    "manifest",
    "page",
    "page_of",
    "project_json",
    "release_json",
    "slowly",
    "stalling",
    "zipped",
]

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html"


# --- what is expected --------------------------------------------------------------


@dataclass(frozen=True)
class File:
    """A distribution as it was checked: its name and its bytes."""

    filename: str
    content: bytes
    requires_python: str = ">=3.11"

    @property
    def is_wheel(self) -> bool:
        """Whether there is a metadata file beside it (PEP 658)."""
        return self.filename.endswith(".whl")

    @property
    def sha256(self) -> str:
        """The hash of its bytes, in hex."""
        return hashlib.sha256(self.content).hexdigest()

    @property
    def metadata(self) -> bytes:
        """The core metadata."""
        return f"Metadata-Version: 2.1\nName: {self.filename}\n".encode()

    @property
    def metadata_sha256(self) -> str:
        """The hash of the core metadata, in hex."""
        return hashlib.sha256(self.metadata).hexdigest()

    def hashed(self, algorithm: str) -> str:
        """The hash of its bytes by any algorithm, in hex."""
        return hashlib.new(algorithm, self.content).hexdigest()

    @property
    def expected(self) -> ExpectedFile:
        """The file as a manifest holds it."""
        return ExpectedFile(
            self.filename,
            Kind.WHEEL if self.is_wheel else Kind.SDIST,
            len(self.content),
            self.sha256,
            requires_python=self.requires_python,
            metadata_sha256=self.metadata_sha256 if self.is_wheel else None,
        )


def files_of(project: str, version: str = "1.0") -> tuple[File, File]:
    """The wheel and the sdist of a release."""
    return (
        File(f"{project}-{version}-py3-none-any.whl", f"{project} {version}".encode()),
        File(f"{project}-{version}.tar.gz", f"{project} {version} in full".encode()),
    )


BOTH = WHEEL, SDIST = files_of("demo")
#: The file of an earlier release.
OLD = files_of("demo", "0.9")[0]


def manifest(
    *projects: str, before: Iterable[File] | None = None, url: str = "", index: str = ""
) -> Manifest:
    """The pair of each project in version 1.0, for the index of this name, or else at
    ``url``; ``before`` is what was listed of the first project, and of the others
    nothing.
    """
    releases = []
    for number, project in enumerate(projects or ("demo",)):
        there = before if number == 0 or before is None else ()
        releases.append(
            ExpectedRelease(
                canonicalize_name(project),
                Version("1.0"),
                tuple(file.expected for file in files_of(project)),
                None if there is None else {f.filename: f.sha256 for f in there},
            )
        )
    return Manifest(tuple(releases), index=index, url=url)


# --- time --------------------------------------------------------------------------


@dataclass
class Time:
    """Time that passes by sleeping, which takes none; where it ``runs``, what really
    passes is added. All in seconds.
    """

    runs: bool = False
    slept: list[float] = field(default_factory=list)
    began: float = field(default_factory=monotonic)

    @property
    def now(self) -> float:
        """The time since the beginning."""
        return sum(self.slept) + (self.passed if self.runs else 0.0)

    @property
    def passed(self) -> float:
        """The time that really passed."""
        return monotonic() - self.began

    @property
    def clock(self) -> Clock:
        """The clock of a job."""
        return Clock(now=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        """Let time pass; whoever sleeps without an end is stopped."""
        assert seconds >= 0, f"a sleep of {seconds} seconds"
        assert len(self.slept) < _MOST_SLEEPS, "there is no end of it"
        self.slept.append(seconds)


_MOST_SLEEPS = 400


# --- pages -------------------------------------------------------------------------


def entry(file: File, **said: object) -> dict[str, object]:
    """A file of a JSON page, as Warehouse lists it; ``...`` takes a key out."""
    whole = {
        "filename": file.filename,
        "url": f"/files/{file.filename}",
        "hashes": {"sha256": file.sha256},
        "requires-python": file.requires_python,
        "size": len(file.content),
        "upload-time": "2026-08-21T10:00:00.123456Z",
        "yanked": False,
        "core-metadata": {"sha256": file.metadata_sha256} if file.is_wheel else False,
        **{key.replace("_", "-"): value for key, value in said.items()},
    }
    return {key: value for key, value in whole.items() if value is not ...}


def anchor(
    file: File, fragment: str | None = None, *, href: str = "", more: str = ""
) -> str:
    """A file of an HTML page; the fragment is by default the sha256."""
    told = f"sha256={file.sha256}" if fragment is None else fragment
    mark = "#" if told else ""
    where = href or f"/files/{file.filename}"
    return f'<a href="{where}{mark}{told}" {more}>{file.filename}</a><br/>'


_Listed = File | Mapping[str, object] | str


def page(
    *listed: _Listed,
    serial: object = None,
    headers: Mapping[str, str] | None = None,
    project: str = "demo",
    api: str = "1.4",
    in_html: bool = False,
    **said: object,
) -> Reply:
    """A project's page: of anchors it is HTML, of entries or files JSON."""
    if in_html or any(isinstance(one, str) for one in listed):
        return _html_page(listed, project, serial, headers)
    meta: dict[str, object] = {"api-version": api}
    if serial is not None:
        meta["_last-serial"] = serial
    document = {
        "meta": meta,
        "name": project,
        "files": [entry(one) if isinstance(one, File) else one for one in listed],
        **{key.replace("_", "-"): value for key, value in said.items()},
    }
    told = {key: value for key, value in document.items() if value is not ...}
    return page_of(json.dumps(told), JSON, headers=headers)


def _html_page(
    listed: Sequence[_Listed],
    project: str,
    serial: object,
    headers: Mapping[str, str] | None,
) -> Reply:
    links = [anchor(one) if isinstance(one, File) else str(one) for one in listed]
    mark = "" if serial is None else f"<!--SERIAL {serial}-->"
    text = (
        f"<!DOCTYPE html>\n<html><head><title>Links for {project}</title></head>\n"
        f"<body><h1>Links for {project}</h1>\n" + "\n".join(links)
    )
    return page_of(f"{text}\n</body></html>\n{mark}", HTML, headers=headers)


def page_of(
    body: str | bytes,
    content_type: str = JSON,
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Any body, called a page."""
    content = body.encode() if isinstance(body, str) else body
    return Reply(content, status, {"Content-Type": content_type, **(headers or {})})


def http_answer(
    body: bytes = b"", *, first: str = "HTTP/1.1 200 OK", **headers: str | int | None
) -> bytes:
    """An answer byte by byte; ``Content_Type`` stands for ``Content-Type``, and is
    JSON's where nothing is said. The connection ends with it, and it says so.
    """
    told = {"Content_Type": JSON, "Connection": "close", **headers}
    lines = [f"{k.replace('_', '-')}: {v}" for k, v in told.items() if v is not None]
    return "\r\n".join([first, *lines, "", ""]).encode() + body


def _send(answer: Answer, wire: Wire) -> None:
    if isinstance(answer, Reply):
        wire.write(_written(answer))
    else:
        answer(wire)


def _written(reply: Reply) -> bytes:
    length = len(reply.body) if reply.claimed is None else reply.claimed
    sized = {"Content-Length": length} if reply.sized else {}
    headers = {"Content_Type": None, **reply.headers, **sized}
    first = f"HTTP/1.1 {reply.status} {http.client.responses.get(reply.status, 'No')}"
    return http_answer(reply.body, first=first, **headers)


def stalling(head: bytes = b"", piece: bytes = b"", *, pause: float = 0.02) -> Answer:
    """``head``, and then ``piece`` every now and then, or nothing, for two seconds:
    longer than anybody in a test waits, and it leaves no thread behind.
    """

    def send(wire: Wire) -> None:
        if head:
            wire.write(head)
        for _ in range(int(2 / pause)):
            if wire.closing.wait(pause):
                break
            if piece:
                wire.write(piece)

    return send


def slowly(seconds: float, answer: Answer) -> Answer:
    """An answer that begins after so many seconds, which really pass."""

    def send(wire: Wire) -> None:
        wire.closing.wait(seconds)
        _send(answer, wire)

    return send


# --- the index ---------------------------------------------------------------------


@dataclass
class Index:
    """A Simple API that is told what to answer, and remembers what it did."""

    server: Server
    time: Time = field(default_factory=Time)
    others: ExitStack = field(default_factory=ExitStack)

    def elsewhere(self) -> Index:
        """An index on another host."""
        return self.others.enter_context(indexes())

    @property
    def root(self) -> str:
        """The Simple API root."""
        return f"{self.server.url}/simple/"

    def says(self, *answers: Answer, project: str = "demo") -> None:
        """What is answered for a project's page, in turn; the last answer stays. A
        client that asks for no JSON is told the same.
        """
        path = f"/simple/{project}/"
        last = [answers[0]]

        def noting(answer: Answer) -> Answer:
            def send(wire: Wire) -> None:
                last[0] = answer
                _send(answer, wire)

            return send

        self.server.on(path, *map(noting, answers))
        self.server.html[path] = [lambda wire: _send(last[0], wire)]

    def says_in_html(self, *answers: Answer, project: str = "demo") -> None:
        """What is answered to a client that asks for no JSON."""
        self.server.html[f"/simple/{project}/"] = list(answers)

    def serves(self, *files: File) -> None:
        """Let files and their metadata be downloaded."""
        for file in files:
            path = f"/files/{file.filename}"
            self.server.on(path, Reply(file.content))
            self.server.on(f"{path}.metadata", Reply(file.metadata))

    def again(self, *, runs: bool = False) -> None:
        """Forget what was said and what was told; ``runs`` is as for ``Time``."""
        self.server.answers, self.server.html = {}, {}
        self.server.seen, self.server.told = [], []
        self.time = Time(runs=runs)

    def busy(self, longest: float) -> float:
        """For how long it was answering, in seconds; an answer that takes longer than
        anybody waits counts with what they wait.
        """
        spans = [
            (told.began, min(told.ended or told.began + longest, told.began + longest))
            for told in self.server.told
        ]
        busy, reached = 0.0, 0.0
        for began, ended in sorted(spans):
            busy += max(0.0, ended - max(began, reached))
            reached = max(reached, ended)
        return busy

    # what was told

    def pages(self, project: str = "demo") -> list[Page]:
        """What each answer to an installer's question said of a project."""
        return [
            _read(told) for told in list(self.server.told) if _is_page(told, project)
        ]

    def proves(self, made: Manifest, *, by_caches: bool = False) -> str:
        """Why a pass would be wrong after what was told; empty where it is right.

        The index listed, when it was last asked, exactly the expected files with the
        right bytes; not behind what it had said before; and where the answer may be a
        cache's (that of the public index always is), the listing before said the same.
        """
        for release in made.releases:
            project = str(release.project)
            pages = self.pages(project)
            if not pages:
                return f"nobody asked for {project}"
            if wrong := self._differs(pages[-1], release):
                return f"{project}: {wrong}"
            if wrong := _outdated(pages):
                return f"{project}: {wrong}"
            before = [told for told in pages[:-1] if told.is_listing]
            if pages[-1].cached and (not before or self._differs(before[-1], release)):
                return f"{project}: a cache said so once"
        return ""

    def _differs(self, told: Page, release: ExpectedRelease) -> str:
        """What a page says otherwise than a release; empty where it says the same."""
        if not told.is_listing:
            return "the last answer was no listing"
        expected = {file.filename: file for file in release.files}
        rest = {
            name: file.sha256
            for name, file in told.files.items()
            if name not in expected
        }
        if release.before is not None and rest != {
            name: sha256
            for name, sha256 in release.before.items()
            if name not in expected
        }:
            return "the rest of the project is not what it was"
        new = sorted(rest.keys() - (release.before or {}).keys())
        if extra := [name for name in new if _is_of(name, release)]:
            return f"it lists {extra}"
        wrong = (self._differs_in(told.files.get(n), f) for n, f in expected.items())
        return next(filter(None, wrong), "")

    def _differs_in(self, there: _Indexed | None, file: ExpectedFile) -> str:
        """What a page says otherwise of a file; empty where it says the same."""
        if there is None:
            return f"it does not list {file.filename}"
        sha256 = there.sha256 or self._downloaded(there.url)
        if sha256 != file.sha256 or there.size not in (None, file.size):
            return f"it lists {file.filename} with other bytes"
        return f"it lists {file.filename} as yanked" if there.yanked else ""

    def _downloaded(self, url: str) -> str:
        """The hash of what was last served under an address."""
        path = urlsplit(url).path
        for told in reversed(self.server.told):
            if unquote(told.request.path) == unquote(path):
                answer = _response(bytes(told.content))
                body = answer.body if answer and answer.status == 200 else b""
                return hashlib.sha256(body).hexdigest()
        return ""


@contextmanager
def indexes() -> Iterator[Index]:
    """An index that knows nothing yet."""
    with serving() as server, ExitStack() as others:
        yield Index(server, others=others)


# --- reading what was told ---------------------------------------------------------


@dataclass(frozen=True)
class _Indexed:
    """A file as a page tells it."""

    url: str
    sha256: str | None
    size: object = None
    yanked: bool = False


@dataclass(frozen=True)
class Page:
    """What an answer says of a project; ``is_listing`` is False where it is none."""

    is_listing: bool = False
    files: Mapping[str, _Indexed] = field(default_factory=dict)
    serial: int | None = None
    cached: bool = False


@dataclass(frozen=True)
class _Response:
    """An answer that arrived whole."""

    status: int
    headers: Mapping[str, str]
    body: bytes


_CACHES = ("age", "via", "x-cache", "x-served-by", "cache-status", "cf-cache-status")


def _is_page(told: Told, project: str) -> bool:
    """Whether it is a listing as installers of today ask for it."""
    request = told.request
    elsewhere = request.path.startswith(("/files/", "/pypi/", "/integrity/"))
    wants_json = JSON in request.headers.get("accept", "")
    return wants_json and not elsewhere and f"/{project}/" in f"{request.path}/"


def _is_of(name: str, release: ExpectedRelease) -> bool:
    """Whether a file's name may be of the release; a local version is another one."""
    found = re.search(rf"{release.project}[-_.](.*)", name, re.IGNORECASE | re.DOTALL)
    word = re.split(r"-|\.tar|\.zip|\.whl", found[1])[0] if found else ""
    try:
        return Version(word) == release.version
    except InvalidVersion:
        return word.startswith(str(release.version))


def _outdated(pages: Sequence[Page]) -> str:
    """Whether the last page is behind an earlier one."""
    highest = max((told.serial or 0 for told in pages), default=0)
    last = pages[-1].serial
    return f"its serial {last} is behind {highest}" if last and last < highest else ""


def _read(told: Told) -> Page:
    """A page from the bytes that were written."""
    if told.size > len(told.content):
        return Page()
    answer = _response(bytes(told.content))
    if answer is None:
        return Page()
    cached = any(name in answer.headers for name in _CACHES)
    if answer.status == 404:
        return Page(is_listing=True, cached=cached)
    if answer.status != 200:
        return Page()
    try:
        body = _decoded(answer)
        kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
        read = _read_json if kind == JSON else _read_html
        files, serial = read(body.decode("utf-8-sig"), told.request.path)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return Page()
    header = answer.headers.get("x-pypi-last-serial", "")
    if serial is None and header.isdecimal():
        serial = int(header)
    return Page(is_listing=True, files=files, serial=serial, cached=cached)


class _Written:
    """A socket that holds what was written."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def makefile(self, _mode: str) -> io.BytesIO:
        return io.BytesIO(self.content)


def _response(content: bytes) -> _Response | None:
    """The answer in these bytes, None where it is not whole."""
    response = http.client.HTTPResponse(_Written(content))  # type: ignore[arg-type]
    try:
        response.begin()
        body = response.read()
    except (http.client.HTTPException, ValueError, OSError):
        return None
    headers = {name.lower(): value for name, value in response.getheaders()}
    return _Response(response.status, headers, body)


_MOST = 8 << 20


def _decoded(answer: _Response) -> bytes:
    """The body as it is meant; raises ``ValueError``. A coding that nobody knows is
    none.
    """
    body = answer.body
    codings = answer.headers.get("content-encoding", "").replace(" ", "").split(",")
    for _ in range(codings.count("gzip")):
        inflater = zlib.decompressobj(31)
        try:
            body = inflater.decompress(body, _MOST)
        except zlib.error as error:
            raise ValueError("it is not compressed") from error
        if not inflater.eof:
            raise ValueError("it is not whole")
    return body


def _read_json(text: str, path: str) -> tuple[dict[str, _Indexed], int | None]:
    document = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number)
    if not re.match(r"1(\.|$)", str(document["meta"]["api-version"])):
        raise ValueError("of another time")
    files: dict[str, _Indexed] = {}
    for file in document["files"]:
        told = _Indexed(
            urljoin(path, file["url"]),
            _sha256(file["hashes"].get("sha256")),
            file.get("size"),
            bool(file.get("yanked")),
        )
        if files.setdefault(file["filename"], told) != told:
            raise ValueError("twice")
    serial = document["meta"].get("_last-serial")
    return files, serial if type(serial) is int else None


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    if len(dict(pairs)) != len(pairs):
        raise ValueError("a key twice")
    return dict(pairs)


def _no_number(text: str) -> None:
    raise ValueError(text)


def _sha256(text: object) -> str | None:
    """A sha256 in hex; None where it is none."""
    if not isinstance(text, str) or not re.fullmatch("[0-9a-fA-F]{64}", text):
        return None
    return text.lower()


def _read_html(text: str, path: str) -> tuple[dict[str, _Indexed], int | None]:
    serial = re.search(r"<!--SERIAL ([0-9]+)-->", text)
    text = re.sub("<!--.*?-->", "", text, flags=re.DOTALL)
    base = re.search(r'<base href="([^"]*)"', text)
    here = urljoin(path, base[1]) if base else path
    files: dict[str, _Indexed] = {}
    for attributes, _ in re.findall(r"<a\s([^<>]*)>([^<]*)</a>", text):
        found = re.search(r'href="([^"]*)"', attributes)
        url = urlsplit(urljoin(here, html.unescape(found[1]))) if found else None
        if url is None or not re.search(r"\.(whl|gz|zip|egg|exe)$", url.path):
            continue
        sha256 = re.match(r"(?:sha256[=-])?([0-9a-fA-F]{64})(?:&|$)", url.fragment)
        files[unquote(url.path.rpartition("/")[2])] = _Indexed(
            url._replace(fragment="").geturl(),
            sha256[1].lower() if sha256 else None,
            None,
            "data-yanked" in attributes,
        )
    return files, int(serial[1]) if serial else None


# --- answers of bytes --------------------------------------------------------------


def zipped(reply: Reply, *, coding: str = "gzip", cut: int = 0) -> Reply:
    """The same page, compressed; ``cut`` bytes of its end are not there."""
    body = gzip.compress(reply.body)
    headers = {**reply.headers, "Content-Encoding": coding}
    return replace(reply, body=body[: len(body) - cut], headers=headers)


def begun(text: str, content_type: str) -> Reply:
    """A compressed page of which only the beginning is there: all of the text, and
    then neither the mark of the end nor the checksum.
    """
    deflater = zlib.compressobj(wbits=31)
    body = deflater.compress(text.encode()) + deflater.flush(zlib.Z_FULL_FLUSH)
    return page_of(body, content_type, headers={"Content-Encoding": "gzip"})


def release_json(*files: File, serial: int = 7) -> Reply:
    """A release's own JSON page, as Warehouse has it beside the listing."""
    urls = [
        {
            "filename": file.filename,
            "digests": {"md5": file.hashed("md5"), "sha256": file.sha256},
            "size": len(file.content),
        }
        for file in files
    ]
    document = {"info": {}, "last_serial": serial, "urls": urls}
    return page_of(json.dumps(document), "application/json")


def project_json(**releases: list[object]) -> Reply:
    """A project's JSON page: its releases, and the files of each."""
    named = {name.replace("_", "."): files for name, files in releases.items()}
    document = {"info": {}, "last_serial": 7, "releases": named, "urls": []}
    return page_of(json.dumps(document), "application/json")


def chunked(*pieces: bytes, end: bytes = b"0\r\n\r\n") -> Answer:
    """An answer in chunks, each with its length, and the mark of the end."""
    body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return raw(http_answer(body + end, Transfer_Encoding="chunked"))


def huge_listing(size: int) -> Answer:
    """A sound listing of so many bytes, of files that nobody expects."""
    piece = b",".join(
        b'{"filename":"demo-0.%d.tar.gz","url":"/f","hashes":{}}' % number
        for number in range(10_000)
    )

    def send(wire: Wire) -> None:
        wire.write(http_answer(b'{"meta":{"api-version":"1.4"},"files":['))
        sent = 0
        while sent < size and not wire.closing.is_set():
            wire.write(piece + b",")
            sent += len(piece) + 1
        wire.write(b"{}]}")

    return send


#: What makes an index do what it does.
Script = Callable[[Index], object]

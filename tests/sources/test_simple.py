"""The Simple API as real indexes serve it, and all that must not pass for a listing."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from archives import within
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version
from servers import Answer as Scripted
from servers import Reply, Server, redirect, serving

from release_guard.errors import (
    IndexResponseError,
    IndexUnavailableError,
    OtherHostError,
)
from release_guard.facts import IndexedFile, Listing
from release_guard.layouts import public_repository_url, simple_url_of
from release_guard.sources.simple import (
    ACCEPT,
    ACCEPT_HTML,
    ACCEPT_JSON,
    parse_listing,
    project_url,
    read_listing,
)
from release_guard.sources.web import Answer, Web

JSON = "application/vnd.pypi.simple.v1+json"
HTML = "text/html"
DEMO = canonicalize_name("demo")
PAGE = "https://index.example/simple/demo/"
HASH = "0123456789abcdef" * 4
OTHER_HASH = "f" * 64
SDIST = "demo-1.0.tar.gz"
WHEEL = "demo-1.0-py3-none-any.whl"
V1 = Version("1.0")


def parsed(
    body: str | bytes, content_type: str, *, url: str = PAGE, project: str = "demo"
) -> Listing:
    content = body.encode() if isinstance(body, str) else body
    answer = Answer(url, 200, content_type, content)
    with within(10):
        return parse_listing(answer, NormalizedName(project))


def refused(body: str | bytes, content_type: str) -> str:
    """The message with which an answer is refused."""
    with pytest.raises(IndexResponseError) as raised:
        parsed(body, content_type)
    assert PAGE in raised.value.message
    return raised.value.message


# --- JSON ----------------------------------------------------------------------


def entry(**said: object) -> dict[str, object]:
    """A file of a JSON page; a value of ``...`` takes the key out."""
    whole = {
        "filename": SDIST,
        "url": f"https://files.index.example/ab/{SDIST}",
        "hashes": {"sha256": HASH},
        **{key.replace("_", "-"): value for key, value in said.items()},
    }
    return {key: value for key, value in whole.items() if value is not ...}


def page(*files: object, **said: object) -> str:
    """A JSON page; a value of ``...`` takes the key out."""
    whole = {
        "meta": {"api-version": "1.1"},
        "name": "demo",
        "files": list(files),
        **{key.replace("_", "-"): value for key, value in said.items()},
    }
    return json.dumps({key: value for key, value in whole.items() if value is not ...})


FILES_URL = f"https://files.index.example/ab/{SDIST}"
MD5 = "0" * 32
LONG_NAME = f"demo-{'1' * 243}.tar.gz"
LISTED = IndexedFile(SDIST, V1, HASH, url=FILES_URL)
DASHED = "a hash is written sha256-"
BARE = "a hash stands alone, without sha256="
NEWER = "its API version is 1.99, and 1.4 is known"


def listed(**facts: Any) -> IndexedFile:  # noqa: ANN401
    """The file of ``entry``, with other facts."""
    known = {name: getattr(LISTED, name) for name in LISTED.__slots__}
    return IndexedFile(**{**known, **facts})


WAREHOUSE = {
    "alternate-locations": [],
    "files": [
        {
            "core-metadata": {"sha256": OTHER_HASH},
            "data-dist-info-metadata": {"sha256": OTHER_HASH},
            "filename": WHEEL,
            "hashes": {"sha256": HASH},
            "provenance": None,
            "requires-python": ">=3.11",
            "size": 1234,
            "upload-time": "2026-08-21T10:00:00.123456Z",
            "url": f"https://files.index.example/packages/aa/bb/{WHEEL}",
            "yanked": False,
        },
        {
            "core-metadata": False,
            "data-dist-info-metadata": False,
            "filename": SDIST,
            "hashes": {"sha256": OTHER_HASH},
            "provenance": f"https://index.example/integrity/demo/1.0/{SDIST}/provenance",
            "requires-python": None,
            "size": 5678,
            "upload-time": "2026-08-21T10:00:01Z",
            "url": f"https://files.index.example/packages/cc/dd/{SDIST}",
            "yanked": "broken on Windows",
        },
    ],
    "meta": {"_last-serial": 30000000, "api-version": "1.4"},
    "name": "demo",
    "project-status": {"status": "active"},
    "versions": ["1.0"],
}


def test_a_page_of_warehouse_is_read_whole() -> None:
    assert parsed(json.dumps(WAREHOUSE), JSON) == Listing(
        DEMO,
        PAGE,
        (
            IndexedFile(
                WHEEL,
                V1,
                HASH,
                size=1234,
                yanked=False,
                requires_python=">=3.11",
                url=f"https://files.index.example/packages/aa/bb/{WHEEL}",
                uploaded=datetime(2026, 8, 21, 10, 0, 0, 123456, tzinfo=UTC),
                metadata_sha256=OTHER_HASH,
                provenance="",
            ),
            IndexedFile(
                SDIST,
                V1,
                OTHER_HASH,
                size=5678,
                yanked=True,
                yanked_reason="broken on Windows",
                requires_python="",
                url=f"https://files.index.example/packages/cc/dd/{SDIST}",
                uploaded=datetime(2026, 8, 21, 10, 0, 1, tzinfo=UTC),
                provenance=f"https://index.example/integrity/demo/1.0/{SDIST}/provenance",
            ),
        ),
        serial=30000000,
        is_json=True,
    )


DEVPI_JSON = (
    '{"meta":{"api-version":"1.0"},"name":"demo","files":['
    f'{{"filename":"{SDIST}","url":"../../+f/012/{SDIST}",'
    f'"hashes":{{"sha256":"{HASH}"}}}}]}}'
)


@dataclass(frozen=True)
class Sound:
    """A page, the files that it lists, and what is odd about it."""

    body: str | bytes
    files: tuple[IndexedFile, ...]
    content_type: str = JSON
    url: str = PAGE
    oddities: tuple[str, ...] = ()
    serial: int | None = None


BERLIN = timezone(timedelta(hours=2))
JSON_SOUND = {
    "devpi, with relative addresses": Sound(
        DEVPI_JSON,
        (IndexedFile(SDIST, V1, HASH, url=f"http://h/u/dev/+f/012/{SDIST}"),),
        url="http://h/u/dev/+simple/demo/",
    ),
    "GitLab, with the hash in the address as well": Sound(
        page(entry(url=f"{FILES_URL}#sha256={HASH}"), versions=...), (LISTED,)
    ),
    "the hash only in the address": Sound(
        page(entry(url=f"{FILES_URL}#sha256={HASH}", hashes={})), (LISTED,)
    ),
    "a hash in the address in capitals": Sound(
        page(entry(url=f"{FILES_URL}#SHA256={HASH.upper()}")), (LISTED,)
    ),
    "another algorithm's hash in the address": Sound(
        page(entry(url=f"{FILES_URL}#md5={MD5}")),
        (listed(other_hashes=(("md5", MD5),)),),
    ),
    "a hash in the address that is written sha256-": Sound(
        page(entry(url=f"{FILES_URL}#sha256-{HASH}")), (LISTED,), oddities=(DASHED,)
    ),
    "a server without hashes": Sound(page(entry(hashes={})), (listed(sha256=None),)),
    "only md5": Sound(
        page(entry(hashes={"md5": MD5})),
        (listed(sha256=None, other_hashes=(("md5", MD5),)),),
    ),
    "only sha512": Sound(
        page(entry(hashes={"sha512": HASH * 2})),
        (listed(sha256=None, other_hashes=(("sha512", HASH * 2),)),),
    ),
    "several hashes, of which some are none": Sound(
        page(entry(hashes={"md5": MD5, "sha256": HASH, "blake2b": "x", "sha1": 7})),
        (listed(other_hashes=(("md5", MD5),)),),
    ),
    "an algorithm that nobody knows": Sound(
        page(entry(hashes={"sha256": HASH, "crc32": "0" * 8, "": "x"})), (LISTED,)
    ),
    "an algorithm in capitals": Sound(
        page(entry(hashes={"SHA256": HASH, "sha256": HASH.upper()})), (LISTED,)
    ),
    "a hash that is null": Sound(
        page(entry(hashes={"sha256": None})), (listed(sha256=None),)
    ),
    "an upper-case hash": Sound(
        page(entry(hashes={"sha256": HASH.upper()})), (LISTED,)
    ),
    "no file": Sound(page(), ()),
    "no name": Sound(page(entry(), name=...), (LISTED,)),
    "a name spelled otherwise": Sound(page(entry(), name="Demo"), (LISTED,)),
    "unknown keys": Sound(page(entry(colour="red"), tracks=[]), (LISTED,)),
    "the newest minor version that is known": Sound(
        page(entry(), meta={"api-version": "1.4"}), (LISTED,)
    ),
    "a newer minor version": Sound(
        page(entry(), meta={"api-version": "1.99"}), (LISTED,), oddities=(NEWER,)
    ),
    "version 1 without a minor": Sound(
        page(entry(), meta={"api-version": "1"}), (LISTED,)
    ),
    "a charset behind the type": Sound(
        page(entry()), (LISTED,), content_type=f"{JSON}; charset=utf-8"
    ),
    "a type in capitals": Sound(page(entry()), (LISTED,), content_type=JSON.upper()),
    "a query in the address": Sound(
        page(entry(url=f"/f/{SDIST}?token=1")),
        (listed(url=f"https://index.example/f/{SDIST}?token=1"),),
    ),
    "an address without a scheme": Sound(
        page(entry(url=f"//cdn.example/{SDIST}")),
        (listed(url=f"https://cdn.example/{SDIST}"),),
    ),
    "an address that is quoted": Sound(
        page(entry(url="/f/demo%2D1.0.tar.gz")),
        (listed(url="https://index.example/f/demo%2D1.0.tar.gz"),),
    ),
    "a file of a legacy name": Sound(
        page(
            entry(filename="demo-latest.tar.gz", url="/f/demo-latest.tar.gz"),
        ),
        (
            listed(
                filename="demo-latest.tar.gz",
                version=None,
                url="https://index.example/f/demo-latest.tar.gz",
            ),
        ),
    ),
    "a file of a legacy kind": Sound(
        page(entry(filename="demo-1.0.exe", url="/f/demo-1.0.exe")),
        (
            listed(
                filename="demo-1.0.exe",
                version=None,
                url="https://index.example/f/demo-1.0.exe",
            ),
        ),
    ),
    "a file twice with one hash": Sound(page(entry(), entry()), (LISTED,)),
    "a size": Sound(page(entry(size=0)), (listed(size=0),)),
    "a size of many digits": Sound(page(entry(size=10**30)), (listed(size=10**30),)),
    "no size": Sound(page(entry(size=None)), (LISTED,)),
    "yanked": Sound(page(entry(yanked=True)), (listed(yanked=True),)),
    "yanked with a reason": Sound(
        page(entry(yanked="bad")), (listed(yanked=True, yanked_reason="bad"),)
    ),
    "not yanked": Sound(page(entry(yanked=False)), (listed(yanked=False),)),
    "yanked is null": Sound(page(entry(yanked=None)), (LISTED,)),
    "requires-python": Sound(
        page(entry(requires_python=">=3.11")), (listed(requires_python=">=3.11"),)
    ),
    "requires-python is null: there is none": Sound(
        page(entry(requires_python=None)), (listed(requires_python=""),)
    ),
    "requires-python is empty": Sound(
        page(entry(requires_python="")), (listed(requires_python=""),)
    ),
    "an upload time": Sound(
        page(entry(upload_time="2026-08-21T10:00:00.123456Z")),
        (listed(uploaded=datetime(2026, 8, 21, 10, 0, 0, 123456, tzinfo=UTC)),),
    ),
    "an upload time of another zone": Sound(
        page(entry(upload_time="2026-08-21T10:00:00+02:00")),
        (listed(uploaded=datetime(2026, 8, 21, 10, tzinfo=BERLIN)),),
    ),
    "an upload time without a zone": Sound(
        page(entry(upload_time="2026-08-21T10:00:00")),
        (listed(uploaded=datetime(2026, 8, 21, 10, tzinfo=UTC)),),
    ),
    "an upload time that is null": Sound(page(entry(upload_time=None)), (LISTED,)),
    "core-metadata with a hash": Sound(
        page(entry(core_metadata={"sha256": HASH.upper()})),
        (listed(metadata_sha256=HASH),),
    ),
    "core-metadata with another hash": Sound(
        page(entry(core_metadata={"md5": MD5})), (listed(metadata_sha256=""),)
    ),
    "core-metadata without a hash": Sound(
        page(entry(core_metadata={})), (listed(metadata_sha256=""),)
    ),
    "core-metadata is true": Sound(
        page(entry(core_metadata=True)), (listed(metadata_sha256=""),)
    ),
    "core-metadata is false": Sound(page(entry(core_metadata=False)), (LISTED,)),
    "core-metadata is null": Sound(page(entry(core_metadata=None)), (LISTED,)),
    "the metadata by the name of PEP 658": Sound(
        page(entry(dist_info_metadata={"sha256": HASH})),
        (listed(metadata_sha256=HASH),),
    ),
    "the metadata by the name that Warehouse gave it": Sound(
        page(entry(data_dist_info_metadata={"sha256": HASH})),
        (listed(metadata_sha256=HASH),),
    ),
    "the metadata by two names, of which the newer counts": Sound(
        page(
            entry(
                data_dist_info_metadata={"sha256": OTHER_HASH},
                core_metadata={"sha256": HASH},
            )
        ),
        (listed(metadata_sha256=HASH),),
    ),
    "the metadata by two names, of which the newer says no": Sound(
        page(entry(core_metadata=False, dist_info_metadata=True)), (LISTED,)
    ),
    "the metadata by two names, of which the newer says nothing": Sound(
        page(entry(core_metadata=None, dist_info_metadata={"sha256": HASH})),
        (listed(metadata_sha256=HASH),),
    ),
    "an address of attestations": Sound(
        page(entry(provenance="https://index.example/p")),
        (listed(provenance="https://index.example/p"),),
    ),
    "a relative address of attestations": Sound(
        page(entry(provenance=f"../../p/{SDIST}")),
        (listed(provenance=f"https://index.example/p/{SDIST}"),),
    ),
    "provenance is null: there is none": Sound(
        page(entry(provenance=None)), (listed(provenance=""),)
    ),
    "provenance is empty": Sound(page(entry(provenance="")), (listed(provenance=""),)),
    "a serial": Sound(
        page(entry(), meta={"api-version": "1.1", "_last-serial": 7}),
        (LISTED,),
        serial=7,
    ),
    "a serial of the server's own kind": Sound(
        page(entry(), meta={"api-version": "1.1", "_last-serial": "7-a"}), (LISTED,)
    ),
    "a serial that is null": Sound(
        page(entry(), meta={"api-version": "1.1", "_last-serial": None}), (LISTED,)
    ),
    "an address in capitals": Sound(
        page(entry(url=f"HTTPS://files.index.example/ab/{SDIST}")), (LISTED,)
    ),
    "an address with a port": Sound(
        page(entry(url=f"http://h:8080/{SDIST}")),
        (listed(url=f"http://h:8080/{SDIST}"),),
    ),
    "an address of an object without a name": Sound(
        page(entry(url="https://blobs.example/0f1e2d")),
        (listed(url="https://blobs.example/0f1e2d"),),
    ),
    "a name of 255 characters": Sound(
        page(entry(filename=LONG_NAME, url=f"/f/{LONG_NAME}")),
        (
            listed(
                filename=LONG_NAME,
                version=Version("1" * 243),
                url=f"https://index.example/f/{LONG_NAME}",
            ),
        ),
    ),
    "a file of another project beside it": Sound(
        page(entry(), entry(filename="other-2.tar.gz", url="/f/other-2.tar.gz")),
        (
            LISTED,
            listed(
                filename="other-2.tar.gz",
                version=None,
                url="https://index.example/f/other-2.tar.gz",
            ),
        ),
    ),
    "a number behind the version, which installers read as a post-release": Sound(
        page(entry(), entry(filename="demo-1.0-2.tar.gz", url="/f/demo-1.0-2.tar.gz")),
        (
            LISTED,
            listed(
                filename="demo-1.0-2.tar.gz",
                version=Version("1.0.post2"),
                url="https://index.example/f/demo-1.0-2.tar.gz",
            ),
        ),
    ),
    "a reason in any letters": Sound(
        page(entry(yanked="\u202e::error::\n")),
        (listed(yanked=True, yanked_reason="\u202e::error::\n"),),
    ),
}


def check(case: Sound) -> None:
    found = parsed(case.body, case.content_type, url=case.url)
    assert found == Listing(
        DEMO,
        case.url,
        case.files,
        serial=case.serial,
        is_json="json" in case.content_type.lower(),
        oddities=case.oddities,
    )


@pytest.mark.parametrize("case", JSON_SOUND.values(), ids=JSON_SOUND.keys())
def test_a_json_page_lists_its_files(case: Sound) -> None:
    check(case)


WRONG_TYPES: list[object] = [None, 5, 1.5, True, "text", [], ["x"], {}, {"x": 1}]


def wrong(*right: type) -> list[object]:
    """Values of any other type than the right ones, and none at all."""
    return [..., *(v for v in WRONG_TYPES if type(v) not in right)]


KEYS: dict[str, tuple[list[object], Callable[[object], str]]] = {
    "meta": (wrong(dict), lambda v: page(entry(), meta=v)),
    "api-version": (
        wrong(str),
        lambda v: page(entry(), meta={} if v is ... else {"api-version": v}),
    ),
    "name": ([None, 5, True, [], {}], lambda v: page(entry(), name=v)),
    "files": (wrong(list), lambda v: page(files=v)),
    "a file": ([None, 5, True, "text", []], page),
    "filename": (wrong(str), lambda v: page(entry(filename=v))),
    "url": (wrong(str), lambda v: page(entry(url=v))),
    "hashes": (wrong(dict), lambda v: page(entry(hashes=v))),
    "sha256": (
        [
            5,
            True,
            [],
            {},
            "",
            "x",
            HASH[:-1],
            HASH + "0",
            f"{HASH}\n",
            f"sha256={HASH}",
        ],
        lambda v: page(entry(hashes={"sha256": v})),
    ),
}
KEYS["upload-time"] = (
    [v for v in wrong(str) if v not in (None, ...)]
    + ["", "yesterday", "2026-13-01T00:00:00Z", "1787306400", "2026-08-21T25:00:00Z"],
    lambda v: page(entry(upload_time=v)),
)
for key, right in {
    "requires-python": (str,),
    "provenance": (str,),
    "size": (int,),
    "yanked": (bool, str),
    "core-metadata": (bool, dict),
    "dist-info-metadata": (bool, dict),
    "data-dist-info-metadata": (bool, dict),
}.items():
    KEYS[key] = (
        [v for v in wrong(*right) if v not in (None, ...)],
        lambda v, key=key: page(entry(**{key: v})),  # type: ignore[misc]
    )
KEYS["metadata's sha256"] = (
    [5, True, [], {}, "", "x", HASH[:-1]],
    lambda v: page(entry(core_metadata={"sha256": v})),
)
KEYS["api-version's form"] = (
    ["", "1.", "1.x", "1.1.1", "v1.1", " 1.1", "1.1\n", "1,1", "1." + "1" * 10],
    lambda v: page(entry(), meta={"api-version": v}),
)
KEYS["url's form"] = (
    [
        f"http://[x/{SDIST}",
        f"http:///{SDIST}",
        f"https://h:99999/{SDIST}",
        f"https://h:0/{SDIST}",
        f"https://h:x/{SDIST}",
        f"https://a b/{SDIST}",
        f"https://\u00fc.example/{SDIST}",
        f"ftp://h/{SDIST}",
        f"file:///{SDIST}",
        f"data:,{SDIST}",
        f"javascript:x/{SDIST}",
        f"https://h/{'a' * 16_384}/{SDIST}",
        f"{'../' * 6_000}{SDIST}",
    ],
    lambda v: page(entry(url=v)),
)
KEYS["url's name"] = (
    [
        f"https://h/{WHEEL}",
        f"https://h/{WHEEL}/",
        f"https://h/{WHEEL}?/{SDIST}",
        f"https://h/{WHEEL}#/{SDIST}",
        f"https://h/{WHEEL}%2F",
        f"https://h/a%2F{WHEEL}",
        "https://h/demo%2D1.0.zip",
        "/demo-1.0.tar.bz2",
    ],
    lambda v: page(entry(url=v)),
)
KEYS["a name that its address spells otherwise"] = (
    ["demo-1.%30.tar.gz", "demo-1.\n0.tar.gz", "demo-1.0.zip?demo-1.0.zip"],
    lambda v: page(entry(filename=v, url=f"https://h/{v}")),
)
MALFORMED = [
    pytest.param(make(value), id=f"{key}-{value!r:.20}")
    for key, (values, make) in KEYS.items()
    for value in values
]


@pytest.mark.parametrize("body", MALFORMED)
def test_a_json_page_with_a_key_of_the_wrong_type_is_none(body: str) -> None:
    assert refused(body, JSON)


@pytest.mark.parametrize("kind", [JSON, HTML])
@pytest.mark.parametrize("charset", ["latin-1", "UTF-16", '"utf-7"', "x" * 500])
def test_a_page_in_another_charset_is_none(charset: str, kind: str) -> None:
    message = refused(page(entry()), f"{kind}; charset={charset}")
    assert "its charset is" in message
    assert len(message) < 300


def test_a_page_full_of_tags_that_do_not_end_is_none() -> None:
    assert "do not end" in refused("<html>" + "<a " * 100_000, HTML)


JSON_BAD: dict[str, str | bytes] = {
    "nothing": "",
    "a space": " ",
    "half": page(entry())[:-10],
    "two pages": page(entry()) * 2,
    "text behind it": page(entry()) + "more",
    "HTML": "<html><body>Log in</body></html>",
    "a list": "[]",
    "a text": '"demo"',
    "null": "null",
    "a number": "7",
    "an error object": '{"message": "not found"}',
    "another version": page(entry(), meta={"api-version": "2.0"}),
    "version 0": page(entry(), meta={"api-version": "0.9"}),
    "version 10": page(entry(), meta={"api-version": "10.0"}),
    "a version of no number": page(entry(), meta={"api-version": "latest"}),
    "another project's page": page(entry(), name="other"),
    "a longer name": page(entry(), name="demo-project"),
    "an empty name": page(entry(), name=""),
    "a file twice with other hashes": page(
        entry(), entry(hashes={"sha256": OTHER_HASH})
    ),
    "a file twice, once without a hash": page(entry(), entry(hashes={})),
    "a file twice without a hash at two addresses": page(
        entry(hashes={}), entry(hashes={}, url=f"/other/{SDIST}")
    ),
    "a file name that is another than the address's": page(entry(url=f"/f/{WHEEL}")),
    "a file name with a folder": page(entry(filename=f"../{SDIST}", url=f"/f/{SDIST}")),
    "a size that is no number": page(entry()).replace('"url"', '"size": NaN, "url"'),
    "a size that is a truth": page(entry(size=True)),
    "a size in quotes": page(entry(size="7")),
    "a yank that is a table": page(entry(yanked={})),
    "a yank that is a number": page(entry(yanked=0)),
    "the files twice": page(entry()).replace('"files"', '"files": [], "files"'),
    "a file twice, once yanked": page(entry(), entry(yanked=True)),
    "a status that is a word": page(entry(), **{"project-status": "archived"}),
    "a status that is a list": page(entry(), **{"project-status": []}),
    "a status without its word": page(entry(), **{"project-status": {}}),
    "an empty file name": page(entry(filename="", url="/f/")),
    "another hash in the address": page(entry(url=f"{FILES_URL}#sha256={OTHER_HASH}")),
    "another hash in the address, written sha256-": page(
        entry(url=f"{FILES_URL}#sha256-{OTHER_HASH}")
    ),
    "another hash in the address, bare": page(entry(url=f"{FILES_URL}#{OTHER_HASH}")),
    "another md5 in the address": page(
        entry(url=f"{FILES_URL}#md5={'1' * 32}", hashes={"md5": MD5, "sha256": HASH})
    ),
    "two hashes in the address": page(
        entry(url=f"{FILES_URL}#sha256={HASH}&sha256={OTHER_HASH}", hashes={})
    ),
    "half a hash in the address": page(entry(url=f"{FILES_URL}#sha256={HASH[1:]}")),
    "an algorithm twice, in other letters": page(
        entry(hashes={"sha256": HASH, "SHA256": OTHER_HASH})
    ),
    "a name of 256 characters": page(
        entry(filename=f"1{LONG_NAME}", url=f"/f/1{LONG_NAME}")
    ),
    "an address of attestations that is none": page(entry(provenance="http://[x/")),
    "an address of attestations of many parts": page(entry(provenance="a/" * 99_999)),
    "more files than any project has": page(*[entry()] * 100_001),
    "a million lists": page(x=[[]] * 1_000_000),
    "a million objects": page(x=[{}] * 1_000_000),
    "more values than any listing has": page(x=["ab"] * 5_000_001),
    "lists 100,000 deep": "[" * 100_000,
    "objects 100,000 deep": '{"meta":' * 100_000,
    "lists 100,000 deep in a file": page(entry()).replace(
        '"url"', '"x": ' + "[" * 100_000 + ', "url"'
    ),
    "a number of 5,000 digits": page(entry()).replace(
        '"url"', f'"size": {"1" * 5000}, "url"'
    ),
    "not UTF-8": page(entry()).encode().replace(b"demo", b"d\xffmo"),
    "a byte order mark and no object": "\ufeff[]",
    "a compressed page": gzip.compress(page(entry()).encode()),
}


@pytest.mark.parametrize("body", JSON_BAD.values(), ids=JSON_BAD.keys())
def test_what_is_no_json_listing_is_refused(body: str | bytes) -> None:
    assert refused(body, JSON)


# --- HTML ----------------------------------------------------------------------

VERSION = '<meta name="pypi:repository-version" content="1.1">'


def link(href: str, text: str = SDIST, attributes: str = "") -> str:
    return f'<a href="{href}"{attributes}>{text}</a>'


def html(*parts: str, title: str = "Links for demo", meta: str = "") -> str:
    body = "<br/>\n".join(parts)
    return (
        f"<!DOCTYPE html>\n<html>\n<head>{meta}<title>{title}</title></head>\n"
        f"<body>\n<h1>{title}</h1>\n{body}\n</body>\n</html>\n"
    )


def in_html(**facts: Any) -> IndexedFile:  # noqa: ANN401
    """A file as HTML tells it: yanked is known, a size is not."""
    url = f"https://files.index.example/ab/{SDIST}"
    return listed(**{"yanked": False, "url": url, **facts})


HASHED = link(f"{FILES_URL}#sha256={HASH}")

WAREHOUSE_HTML = f"""<!DOCTYPE html>
<html>
  <head>
    <meta name="pypi:repository-version" content="1.4">
    <meta name="pypi:project-status" content="active">
    <title>Links for demo</title>
  </head>
  <body>
    <h1>Links for demo</h1>
<a href="https://files.index.example/packages/aa/bb/{WHEEL}#sha256={HASH}"\
 data-requires-python="&gt;=3.11" data-dist-info-metadata="sha256={OTHER_HASH}"\
 data-core-metadata="sha256={OTHER_HASH}">{WHEEL}</a><br />
<a href="https://files.index.example/packages/cc/dd/{SDIST}#sha256={OTHER_HASH}"\
 data-yanked="broken on &lt;Windows&gt; &amp; more">{SDIST}</a><br />
</body>
</html>
<!--SERIAL 30000000-->"""

PYPISERVER_HTML = f"""<!DOCTYPE html>
<html lang="en">
    <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>Links for demo</title>
    </head>
    <body>
        <h1>Links for demo</h1>
            <a href="/packages/{SDIST}#sha256={HASH}">{SDIST}</a><br>
    </body>
</html>
    """

DEVPI_HEAD = (
    '<!DOCTYPE html><html lang="en"><head><title>u/dev: links for demo</title></head>'
    "<body><h1>u/dev: links for demo</h1>\n"
)
DEVPI_HTML = (
    f'{DEVPI_HEAD}u/dev <a href="../../+f/012/{SDIST}#sha256={HASH}">{SDIST}</a><br>\n'
    "</body></html>"
)

GITEA_HTML = f"""<!DOCTYPE html>
<html>
\t<head>
\t\t<title>Links for demo</title>
\t</head>
\t<body>
\t\t<h1>Links for demo</h1>
\t\t\t<a href="https://git.example/api/packages/o/pypi/files/demo/1.0/{SDIST}#sha256-{HASH}"\
 data-requires-python="&gt;=3.11">{SDIST}</a><br>
\t</body>
</html>
"""

NGINX_HTML = f"""<html>
<head><title>Index of /simple/demo/</title></head>
<body>
<h1>Index of /simple/demo/</h1><hr><pre><a href="../">../</a>
<a href="{SDIST}">{SDIST[:12]}..&gt;</a>          21-Aug-2026 10:00       5678
</pre><hr></body>
</html>
"""

HTML_SOUND = {
    "Warehouse": Sound(
        WAREHOUSE_HTML,
        (
            in_html(
                filename=WHEEL,
                requires_python=">=3.11",
                url=f"https://files.index.example/packages/aa/bb/{WHEEL}",
                metadata_sha256=OTHER_HASH,
            ),
            in_html(
                sha256=OTHER_HASH,
                yanked=True,
                yanked_reason="broken on <Windows> & more",
                url=f"https://files.index.example/packages/cc/dd/{SDIST}",
            ),
        ),
        HTML,
        serial=30000000,
    ),
    "pypiserver": Sound(
        PYPISERVER_HTML,
        (in_html(url=f"http://h/packages/{SDIST}"),),
        "text/html; charset=UTF-8",
        "http://h/simple/demo/",
    ),
    "devpi": Sound(
        DEVPI_HTML,
        (in_html(url=f"http://h/u/dev/+f/012/{SDIST}"),),
        "text/html",
        "http://h/u/dev/+simple/demo/",
    ),
    "devpi's own type": Sound(
        DEVPI_HTML,
        (in_html(url=f"http://h/u/dev/+f/012/{SDIST}"),),
        "text_html",
        "http://h/u/dev/+simple/demo/",
    ),
    "Gitea, with its own form of a hash": Sound(
        GITEA_HTML,
        (
            in_html(
                requires_python=">=3.11",
                url=f"https://git.example/api/packages/o/pypi/files/demo/1.0/{SDIST}",
            ),
        ),
        HTML,
        oddities=(DASHED,),
    ),
    "a folder listing of nginx": Sound(
        NGINX_HTML,
        (in_html(sha256=None, url=f"{PAGE}{SDIST}"),),
        HTML,
    ),
    "the versioned type": Sound(
        html(HASHED, meta=VERSION),
        (in_html(),),
        "application/vnd.pypi.simple.v1+html",
    ),
    "a bare hash": Sound(
        html(link(f"{FILES_URL}#{HASH}")), (in_html(),), HTML, oddities=(BARE,)
    ),
    "a dash before an md5": Sound(
        html(link(f"{FILES_URL}#md5-{MD5}")),
        (in_html(sha256=None, other_hashes=(("md5", MD5),)),),
        HTML,
        oddities=("a hash is written md5-",),
    ),
    "many oddities of one kind, told once": Sound(
        html(link(f"{FILES_URL}#sha256-{HASH}"), link(f"{FILES_URL}#SHA256-{HASH}")),
        (in_html(),),
        HTML,
        oddities=(DASHED,),
    ),
    "a fragment that is none of a hash": Sound(
        html(link(f"{FILES_URL}#egg=demo-1.0&amp;sha256={HASH}&amp;top-of-page")),
        (in_html(),),
        HTML,
    ),
    "several hashes": Sound(
        html(link(f"{FILES_URL}#md5={MD5}&amp;sha256={HASH}")),
        (in_html(other_hashes=(("md5", MD5),)),),
        HTML,
    ),
    "a hash behind ten other things": Sound(
        html(link(f"{FILES_URL}#{'a=b&amp;' * 10}sha256={HASH}")),
        (in_html(sha256=None),),
        HTML,
    ),
    "a newer minor version": Sound(
        html(HASHED, meta=VERSION.replace("1.1", "1.99")),
        (in_html(),),
        HTML,
        oddities=(NEWER,),
    ),
    "version 1 without a minor": Sound(
        html(HASHED, meta=VERSION.replace("1.1", "1")), (in_html(),), HTML
    ),
    "a serial in a comment": Sound(
        html(HASHED, "<!-- SERIAL 7 -->"), (in_html(),), HTML, serial=7
    ),
    "a comment that is no serial": Sound(
        html(HASHED, "<!--SERIAL x-->", "<!--SERIAL 1 2-->", "<!--not SERIAL 3-->"),
        (in_html(),),
        HTML,
    ),
    "a serial of 19 digits": Sound(
        html(HASHED, f"<!--SERIAL {'1' * 19}-->"), (in_html(),), HTML
    ),
    "an upper-case hash": Sound(
        html(link(f"{FILES_URL}#sha256={HASH.upper()}")), (in_html(),), HTML
    ),
    "only md5": Sound(
        html(link(f"{FILES_URL}#md5={MD5}")),
        (in_html(sha256=None, other_hashes=(("md5", MD5),)),),
        HTML,
    ),
    "an md5 that is too short": Sound(
        html(link(f"{FILES_URL}#md5={MD5[:-1]}")), (in_html(sha256=None),), HTML
    ),
    "a bare hash that is too short": Sound(
        html(link(f"{FILES_URL}#{HASH[:-1]}")), (in_html(sha256=None),), HTML
    ),
    "no hash": Sound(html(link(FILES_URL)), (in_html(sha256=None),), HTML),
    "an empty fragment": Sound(
        html(link(f"{FILES_URL}#")), (in_html(sha256=None),), HTML
    ),
    "a query": Sound(
        html(link(f"{FILES_URL}?a=1&amp;b=2#sha256={HASH}")),
        (in_html(url=f"{FILES_URL}?a=1&b=2"),),
        HTML,
    ),
    "a relative address": Sound(
        html(link(f"../../f/{SDIST}#sha256={HASH}")),
        (in_html(url=f"https://index.example/f/{SDIST}"),),
        HTML,
    ),
    "an address without a scheme": Sound(
        html(link(f"//cdn.example/{SDIST}#sha256={HASH}")),
        (in_html(url=f"https://cdn.example/{SDIST}"),),
        HTML,
    ),
    "a base": Sound(
        html(
            link(f"{SDIST}#sha256={HASH}"),
            meta='<base href="https://cdn.example/files/">',
        ),
        (in_html(url=f"https://cdn.example/files/{SDIST}"),),
        HTML,
    ),
    "a relative base": Sound(
        html(link(f"{SDIST}#sha256={HASH}"), meta='<base href="/files/">'),
        (in_html(url=f"https://index.example/files/{SDIST}"),),
        HTML,
    ),
    "a quoted address": Sound(
        html(link("/f/demo%2D1.0.tar.gz")),
        (in_html(sha256=None, url="https://index.example/f/demo%2D1.0.tar.gz"),),
        HTML,
    ),
    "a quoted address with a folder": Sound(
        html(link("/f%2Fdemo%2D1.0.tar.gz%2F", "x")),
        (in_html(sha256=None, url="https://index.example/f%2Fdemo%2D1.0.tar.gz%2F"),),
        HTML,
    ),
    "an epoch": Sound(
        html(link("/f/demo-1%212.0.tar.gz", "demo-1!2.0.tar.gz")),
        (
            in_html(
                filename="demo-1!2.0.tar.gz",
                version=Version("1!2.0"),
                sha256=None,
                url="https://index.example/f/demo-1%212.0.tar.gz",
            ),
        ),
        HTML,
    ),
    "a local version": Sound(
        html(link("/f/demo-1.0%2Babc.tar.gz", "demo-1.0+abc.tar.gz")),
        (
            in_html(
                filename="demo-1.0+abc.tar.gz",
                version=Version("1.0+abc"),
                sha256=None,
                url="https://index.example/f/demo-1.0%2Babc.tar.gz",
            ),
        ),
        HTML,
    ),
    "yanked without a reason": Sound(
        html(link(FILES_URL, attributes=' data-yanked=""')),
        (in_html(sha256=None, yanked=True),),
        HTML,
    ),
    "yanked without a value": Sound(
        html(link(FILES_URL, attributes=" data-yanked")),
        (in_html(sha256=None, yanked=True),),
        HTML,
    ),
    "other links": Sound(
        html(link("https://demo.example/", "Homepage"), HASHED, link("../", "up")),
        (in_html(),),
        HTML,
    ),
    "an anchor that leads nowhere": Sound(
        html('<a name="top">top</a>', '<a href="">x</a>', HASHED), (in_html(),), HTML
    ),
    "a text that is no name": Sound(
        html(link(f"{FILES_URL}#sha256={HASH}", "download")), (in_html(),), HTML
    ),
    "a text in bold": Sound(
        html(link(f"{FILES_URL}#sha256={HASH}", f"<b>{SDIST}</b>\n")),
        (in_html(),),
        HTML,
    ),
    "a link in a comment": Sound(
        html(HASHED, f"<!-- {link('/f/demo-2.0.tar.gz', 'demo-2.0.tar.gz')} -->"),
        (in_html(),),
        HTML,
    ),
    "tags in capitals": Sound(
        html(f'<A HREF="{FILES_URL}#sha256={HASH}">{SDIST}</A>'), (in_html(),), HTML
    ),
    "single quotes and none": Sound(
        html(
            f"<a href='{FILES_URL}#sha256={HASH}'>{SDIST}</a>",
            f"<a href={FILES_URL}#sha256={HASH}>{SDIST}</a>",
        ),
        (in_html(),),
        HTML,
    ),
    "entities in the address": Sound(
        html(
            link(
                "https&#58;//files.index.example/ab/demo&#45;1.0.tar.gz"
                f"#sha256&equals;{HASH}"
            )
        ),
        (in_html(),),
        HTML,
    ),
    **{
        f"{name}{value}": Sound(
            html(link(f"{FILES_URL}#sha256={HASH}", attributes=f" {name}{value}")),
            (in_html(metadata_sha256=told),),
            HTML,
        )
        for name in ("data-core-metadata", "data-dist-info-metadata")
        for value, told in {
            f'="sha256={OTHER_HASH}"': OTHER_HASH,
            f'="sha256={OTHER_HASH.upper()}"': OTHER_HASH,
            f'="sha256-{OTHER_HASH}"': OTHER_HASH,
            f'="md5={MD5}"': "",
            '="true"': "",
            '="True"': "",
            '="false"': None,
            '="False"': None,
            '=""': None,
            "": None,
        }.items()
    },
    "the metadata by two names, of which the newer counts": Sound(
        html(
            link(
                f"{FILES_URL}#sha256={HASH}",
                attributes=f' data-dist-info-metadata="sha256={HASH}"'
                f' data-core-metadata="sha256={OTHER_HASH}"',
            )
        ),
        (in_html(metadata_sha256=OTHER_HASH),),
        HTML,
    ),
    **{
        f"requires-python{value}": Sound(
            html(
                link(
                    f"{FILES_URL}#sha256={HASH}",
                    attributes=f" data-requires-python{value}",
                )
            ),
            (in_html(requires_python=told),),
            HTML,
        )
        for value, told in {'="&gt;=3"': ">=3", '=""': "", "": ""}.items()
    },
    "a relative address of attestations": Sound(
        html(
            link(
                f"{FILES_URL}#sha256={HASH}",
                attributes=' data-provenance="/integrity/demo"',
            )
        ),
        (in_html(provenance="https://index.example/integrity/demo"),),
        HTML,
    ),
    "an empty address of attestations": Sound(
        html(link(f"{FILES_URL}#sha256={HASH}", attributes=' data-provenance=""')),
        (in_html(),),
        HTML,
    ),
    "a link to write to": Sound(
        html(link("mailto:a@b.example", "mail"), link("javascript:x()", "x"), HASHED),
        (in_html(),),
        HTML,
    ),
    "an attribute twice where it says nothing": Sound(
        html('<p class="a" class="b">', HASHED), (in_html(),), HTML
    ),
    "a text over two pieces of the page": Sound(
        html(f"{'x' * 131_000} &amp; {HASHED}" * 3), (in_html(),), HTML
    ),
    "a script of some length": Sound(
        html(f"<script>{'a<b;' * 30_000}</script>", HASHED), (in_html(),), HTML
    ),
    "a file twice with one hash": Sound(html(HASHED, HASHED), (in_html(),), HTML),
    "a type in capitals": Sound(html(HASHED), (in_html(),), "Text/HTML;charset=UTF-8"),
    "no title": Sound(html(HASHED, title=""), (in_html(),), HTML),
}


@pytest.mark.parametrize("case", HTML_SOUND.values(), ids=HTML_SOUND.keys())
def test_an_html_page_lists_its_files(case: Sound) -> None:
    check(case)


EMPTY = {
    "Warehouse": html(meta=VERSION),
    "pypiserver": PYPISERVER_HTML.replace(
        f'<a href="/packages/{SDIST}#sha256={HASH}">{SDIST}</a><br>', ""
    ),
    "devpi": f"{DEVPI_HEAD}</body></html>",
    "only a heading": "<html><body><h1>Links for demo</h1></body></html>",
    "only a version": f"<html><head>{VERSION}</head><body></body></html>",
    "another spelling": html(title="Links for Demo"),
}


@pytest.mark.parametrize("body", EMPTY.values(), ids=EMPTY.keys())
def test_an_empty_project_page_lists_nothing(body: str) -> None:
    assert parsed(body, HTML) == Listing(DEMO, PAGE, ())


@pytest.mark.parametrize(
    "filename",
    [
        "demo-1.0.tar.bz2",
        "demo-1.0.tgz",
        "demo-1.0.tar.xz",
        "demo-1.0-py3.11.egg",
        "demo-1.0.win-amd64.exe",
    ],
)
def test_a_file_of_a_legacy_kind_is_listed_as_json_lists_it(filename: str) -> None:
    found = parsed(html(HASHED, link(f"/f/{filename}#sha256={HASH}", filename)), HTML)
    assert [file.filename for file in found.files] == [SDIST, filename]


LOGIN = """<!DOCTYPE html><html><head><title>Sign in</title></head><body>
<form method="post"><input name="user"><input type="password" name="p"></form>
</body></html>"""

HTML_BAD: dict[str, str | bytes] = {
    "nothing": "",
    "text": "404 Not Found",
    "a login page": LOGIN,
    "a login page with a link to a file": LOGIN.replace("</form>", f"</form>{HASHED}"),
    "a login page in capitals": LOGIN.replace('type="password"', "TYPE=PASSWORD"),
    "a login page with a version": LOGIN.replace("<head>", f"<head>{VERSION}"),
    "a portal": html(link("https://portal.example/", "Continue"), title="Welcome"),
    "an error page": html("<p>502 Bad Gateway</p>", title="502 Bad Gateway"),
    "an empty page of no title": html(title=""),
    "an empty page of another project": html(title="Links for other"),
    "a page of another project": html(
        link(f"/f/other-1.0.tar.gz#sha256={HASH}", "other-1.0.tar.gz"),
        title="Links for other",
    ),
    "a page of a longer name": html(title="Links for demo-project"),
    "a page that only mentions the project": html(title="demo: search results"),
    "the root page": html(
        link("/simple/demo/", "demo"),
        link("/simple/other/", "other"),
        title="Simple index",
        meta=VERSION,
    ),
    "the root page of pypiserver": html(link("demo/", "demo"), title="Simple Index"),
    "another version": html(HASHED, meta=VERSION.replace("1.1", "2.0")),
    "an empty version": html(HASHED, meta=VERSION.replace("1.1", "")),
    "a version without a value": html(
        HASHED, meta='<meta name="pypi:repository-version">'
    ),
    "a link that leads to another file": html(link(f"/f/{WHEEL}#sha256={HASH}", SDIST)),
    "a link that leads to no file": html(link("/f/", SDIST), HASHED),
    "a file twice with other hashes": html(
        HASHED, link(f"{FILES_URL}#sha256={OTHER_HASH}")
    ),
    "a file twice, once without a hash": html(HASHED, link(FILES_URL)),
    "a file twice without a hash at two addresses": html(
        link(FILES_URL), link(f"/other/{SDIST}")
    ),
    "an address that is none": html(link("http://[x/demo-1.0.tar.gz")),
    "an address without a host": html(link("http:///demo-1.0.tar.gz")),
    "an address of another kind": html(link("ftp://h/demo-1.0.tar.gz")),
    "a link with two addresses": html(link(FILES_URL, attributes=' href="/x"')),
    "a link with two reasons of a yank": html(
        link(FILES_URL, attributes=" data-yanked data-yanked=no")
    ),
    "a version with two contents": html(
        HASHED, meta=VERSION.replace(">", ' content="1.0">')
    ),
    "an address of 16,385 characters": html(link(f"/{'a' * 16_384}"), HASHED),
    "a quoted name of another file": html(link("/f/demo%2D1.0.zip")),
    "a name of 256 characters": html(link(f"/f/1{LONG_NAME}", f"1{LONG_NAME}")),
    "a hash that is too short": html(link(f"{FILES_URL}#sha256={HASH[:-1]}")),
    "a hash that is no hash": html(link(f"{FILES_URL}#sha256={'g' * 64}")),
    "a hash without digits": html(link(f"{FILES_URL}#sha256")),
    "a short hash behind a dash": html(link(f"{FILES_URL}#sha256-{HASH[:-1]}")),
    "two hashes": html(link(f"{FILES_URL}#sha256={HASH}&amp;sha256={OTHER_HASH}")),
    "two hashes, of which one is bare": html(
        link(f"{FILES_URL}#sha256={HASH}&amp;{OTHER_HASH}")
    ),
    "a metadata hash that is none": html(
        link(FILES_URL, attributes=' data-core-metadata="sha256=x"')
    ),
    "an address of attestations that is none": html(
        link(FILES_URL, attributes=' data-provenance="http://[x/"')
    ),
    "more links than any project has": html('<a href="x">' * 100_001, HASHED),
    "more tags than any listing has": html("<b>" * 500_001, HASHED),
    "more entities than any listing has": html("&amp;" * 500_001, HASHED),
    "more attributes than any listing has": html(f"<b{' a' * 60_000}>" * 9, HASHED),
    "more than 32 MiB": html("x" * (32 << 20), HASHED),
    "a tag of 300,000 characters": html(f"<b x='{'a' * 300_000}'", HASHED),
    "two bases, of which readers take either": html(
        HASHED, meta='<base href=""><base href="https://b.example/">'
    ),
    "a link behind a comment that readers end elsewhere": html(HASHED).replace(
        "</body>", f"<!--> {HASHED} --></body>"
    ),
    "a link behind a comment with an odd end": html(HASHED).replace(
        "</body>", f"<!-- x --!> {HASHED} --></body>"
    ),
    "a link in a script": html(HASHED).replace(
        "</body>", f"<script>x</script x>{HASHED}</script></body>"
    ),
    "a section that HTML does not have": html(HASHED).replace(
        "</body>", f"<![CDATA[x>{HASHED}]]></body>"
    ),
    "an address that says another name than the file's": html(
        HASHED, link("/files/download/7#egg=demo-1.0", "source")
    ),
    "a comment without an end": html(HASHED).replace("</body>", "<!-- SERIAL 1"),
    "a script without an end": html(HASHED).replace("</html>", "<script>" + "x" * 9**6),
    "comments without an end": html(HASHED, "<!--x>" * 50_000),
    "ends before their tags": html(HASHED, ">" * 100_000 + "<a " * 100_000),
    "a base that is none": html(HASHED, meta='<base href="http://[x/">'),
    "not UTF-8": html(HASHED).encode() + b"\xff",
    "UTF-16": html(HASHED).encode("utf-16"),
    "cut behind a link": html(HASHED, HASHED).partition("</a>")[0] + "</a><br/>\n",
    "cut in the middle of a link": html(HASHED, HASHED)[:-150],
    "cut in the middle of a tag": html(HASHED, HASHED).rpartition("f=")[0],
    "cut in a comment": html(HASHED).partition("</body>")[0] + "<!-- SER",
    "JSON": page(entry()),
    "a compressed page": gzip.compress(html(HASHED).encode()),
}


@pytest.mark.parametrize("body", HTML_BAD.values(), ids=HTML_BAD.keys())
def test_what_is_no_html_listing_is_refused(body: str | bytes) -> None:
    assert refused(body, HTML)


ODD = {
    "nested 20,000 deep": "<b>" * 20_000 + "</b>" * 20_000,
    "a marked section": "<![unknown [x]]>",
    "half a marked section": "<![",
    "half a declaration": "<!ELEMENT [",
    "a processing instruction": "<?php echo 1 ?>",
    "half an entity": "&#x;&#99999999999;&nothing",
    "a script with a tag in it": "<script>var a = '<a href=\"/x\">'</script>",
    "an attribute twice": '<a href="/x" href="/y">x</a>',
    "a NUL": "\0",
}


@pytest.mark.parametrize("oddity", ODD.values(), ids=ODD.keys())
def test_an_odd_page_is_read_or_refused(oddity: str) -> None:
    try:
        found = parsed(html(HASHED, oddity), HTML)
    except IndexResponseError:
        return
    assert found.files == (in_html(),)


TYPES = [
    "",
    "text/plain",
    "application/json",
    "application/xml",
    "application/xhtml+xml",
    "application/octet-stream",
    "application/vnd.pypi.simple.v2+json",
    "application/vnd.pypi.simple.latest+json",
    "application/vnd.pypi.integrity.v1+json",
    "text/html+json",
    "text/html, application/json",
    ";text/html",
]


@pytest.mark.parametrize("content_type", TYPES)
@pytest.mark.parametrize("body", [page(entry()), html(HASHED)], ids=["json", "html"])
def test_an_answer_of_another_type_is_refused(body: str, content_type: str) -> None:
    assert "type" in refused(body, content_type)


def test_the_type_decides_and_not_the_body() -> None:
    assert refused(page(entry()), HTML)
    assert refused(html(HASHED), JSON)


# --- over HTTP -----------------------------------------------------------------


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture(name="other")
def _other() -> Iterator[Server]:
    with serving() as server:
        yield server


def reply(body: str, content_type: str = JSON, **more: Any) -> Reply:  # noqa: ANN401
    return Reply(body.encode(), headers={"Content-Type": content_type}, **more)


def read(root: str, project: str = "demo") -> Listing:
    with within(20):
        return read_listing(Web({}), root, NormalizedName(project))


@pytest.mark.parametrize("root", ["/simple", "/simple/", "/simple//"])
def test_the_page_is_asked_for_by_the_normalized_name(
    root: str, server: Server
) -> None:
    server.on("/simple/demo/", reply(page(entry())))
    found = read(server.url + root)
    here = f"{server.url}/simple/demo/"
    assert found == Listing(DEMO, here, (LISTED,), is_json=True)
    assert server.asked() == ["/simple/demo/"]
    assert server.sent("Accept") == [ACCEPT]


def test_a_page_s_address_ends_with_a_slash() -> None:
    assert project_url("https://index.example/simple", DEMO) == PAGE
    assert project_url("https://index.example/simple/", DEMO) == PAGE


def test_html_is_read_where_there_is_no_json(server: Server) -> None:
    server.on("/simple/demo/", reply(PYPISERVER_HTML, HTML))
    assert [file.filename for file in read(f"{server.url}/simple/").files] == [SDIST]


def test_a_listing_tells_no_credentials(server: Server) -> None:
    relative = entry(url=f"../../f/{SDIST}")
    server.on("/simple/demo/", reply(page(relative)))
    found = read(server.with_credentials("user:s3cr3t") + "/simple/")
    assert "s3cr3t" not in repr(found)
    assert found.files[0].url == f"{server.url}/f/{SDIST}"


def test_addresses_count_from_where_the_page_is_in_the_end(server: Server) -> None:
    server.on("/simple/demo/", redirect("/u/dev/+simple/demo/"))
    server.on("/u/dev/+simple/demo/", reply(DEVPI_JSON))
    found = read(f"{server.url}/simple/")
    assert found.files[0].url == f"{server.url}/u/dev/+f/012/{SDIST}"
    assert found.url == f"{server.url}/u/dev/+simple/demo/"


#: Where pypiserver and GitLab send those who ask for what they do not have.
PUBLIC = f"{simple_url_of(public_repository_url('pypi'))}demo/"
UNKNOWN: dict[str, Scripted] = {
    "404": Reply(b"404 Not Found", 404, {"Content-Type": "text/plain"}),
    "404 in HTML": Reply(b"<h1>Not found</h1>", 404, {"Content-Type": HTML}),
    "404 in JSON": Reply(b'{"message": "?"}', 404, {"Content-Type": JSON}),
    "404 without a body": Reply(b"", 404),
    "handed on to PyPI": redirect(PUBLIC, 303),
    "handed on without a slash": redirect(PUBLIC.rstrip("/")),
}


@pytest.mark.parametrize("answer", UNKNOWN.values(), ids=UNKNOWN.keys())
def test_a_project_that_the_index_does_not_have_is_unknown(
    answer: Scripted, server: Server
) -> None:
    server.on("/simple/demo/", answer)
    found = read(f"{server.url}/simple/")
    here = f"{server.url}/simple/demo/"
    away = found.elsewhere
    assert found == Listing(DEMO, here, (), known=False, elsewhere=away)
    assert away.rstrip("/") in ("", PUBLIC.rstrip("/"))
    assert bool(away) is (isinstance(answer, Reply) and "Location" in answer.headers)


NO_LISTING: dict[str, Scripted] = {
    "a sign-on on another host": redirect("https://login.example/?next=/simple/demo/"),
    "a sign-on with the project in its name": redirect("https://login.example/x-demo/"),
    "the front page of another host": redirect("https://www.example/"),
    "another project on another host": redirect("https://index.example/simple/other/"),
    "another project of PyPI": redirect(PUBLIC.replace("/demo/", "/other/")),
    "PyPI with credentials": redirect(PUBLIC.replace("://", "://user:pass@")),
    "a redirect to an address that is not there": redirect("/gone/demo/"),
    "text": Reply(b"hello", headers={"Content-Type": "text/plain"}),
    "no type": Reply(page(entry()).encode()),
    "a login page": reply(LOGIN, HTML),
    "half a page of JSON": reply(page(entry())[:-1]),
    "half a page of HTML without a length": reply(
        html(HASHED, HASHED)[:-150], HTML, sized=False
    ),
    "the root page": reply(
        html(link("demo/", "demo"), meta=VERSION, title="Simple index"), HTML
    ),
}


@pytest.mark.parametrize("answer", NO_LISTING.values(), ids=NO_LISTING.keys())
def test_what_is_no_listing_is_never_an_empty_one(
    answer: Scripted, server: Server
) -> None:
    server.on("/simple/demo/", answer)
    with pytest.raises(IndexResponseError):
        read(f"{server.url}/simple/")


@pytest.mark.parametrize("left_out", [1, 8, 20])
def test_half_a_page_of_html_compressed_is_an_answer_that_was_cut(
    left_out: int, server: Server
) -> None:
    whole = gzip.compress(html(*[HASHED] * 50).encode())
    headers = {"Content-Type": HTML, "Content-Encoding": "gzip"}
    server.on("/simple/demo/", Reply(whole[:-left_out], headers=headers))
    with pytest.raises(IndexUnavailableError, match="cut off") as raised:
        read(f"{server.url}/simple/")
    assert raised.value.transient


def test_a_login_page_behind_a_redirect_is_no_listing(server: Server) -> None:
    server.on("/simple/demo/", redirect("/login/"))
    server.on("/login/", reply(LOGIN, HTML))
    with pytest.raises(IndexResponseError, match="password"):
        read(f"{server.url}/simple/")


def test_a_redirect_to_another_host_is_told_without_credentials(
    server: Server, other: Server
) -> None:
    target = other.with_credentials("user:s3cr3t") + "/login/"
    server.on("/simple/demo/", redirect(target))
    with pytest.raises(IndexResponseError, match=other.host) as raised:
        read(f"{server.url}/simple/")
    assert "s3cr3t" not in raised.value.message
    assert other.seen == []


@pytest.mark.parametrize("status", [401, 403, 406, 429, 500, 503])
def test_a_refusal_is_no_listing(status: int, server: Server) -> None:
    body = page(entry()).encode()
    server.on("/simple/demo/", Reply(body, status, {"Content-Type": JSON}))
    with pytest.raises(IndexUnavailableError, match=str(status)):
        read(f"{server.url}/simple/")


def test_another_host_is_told_from_any_other_trouble(
    server: Server, other: Server
) -> None:
    server.on("/simple/demo/", redirect(f"{other.url}/simple/demo/"))
    with pytest.raises(OtherHostError, match="another host") as raised:
        read(f"{server.url}/simple/")
    assert "--index-url" in raised.value.hint


@pytest.mark.parametrize("accept", [ACCEPT, ACCEPT_JSON, ACCEPT_HTML])
def test_a_form_may_be_asked_for_alone(accept: str, server: Server) -> None:
    server.on("/simple/demo/", reply(html(HASHED), HTML))
    with within(20):
        found = read_listing(Web({}), f"{server.url}/simple/", DEMO, accept=accept)
    assert server.sent("Accept") == [accept]
    # By what the answer says it is, not by what was asked for.
    assert not found.is_json


SERIALS: dict[str, tuple[dict[str, str], int | None]] = {
    "Warehouse": ({"X-PyPI-Last-Serial": "7"}, 7),
    "devpi": ({"x-devpi-serial": "8"}, 8),
    "of both, the project's": ({"X-Devpi-Serial": "8", "X-PyPI-Last-Serial": "7"}, 7),
    "spaces around it": ({"X-PyPI-Last-Serial": " 7 "}, 7),
    "the first is none": ({"X-PyPI-Last-Serial": "x", "X-Devpi-Serial": "8"}, 8),
    "negative": ({"X-PyPI-Last-Serial": "-7"}, None),
    "a fraction": ({"X-PyPI-Last-Serial": "7.5"}, None),
    "other digits": ({"X-PyPI-Last-Serial": "\xb2"}, None),
    "18 digits": ({"X-PyPI-Last-Serial": "9" * 18}, 10**18 - 1),
    "19 digits": ({"X-PyPI-Last-Serial": "9" * 19}, None),
    "empty": ({"X-PyPI-Last-Serial": ""}, None),
    "none": ({}, None),
}


@pytest.mark.parametrize(
    ("headers", "serial"), SERIALS.values(), ids=list(SERIALS.keys())
)
@pytest.mark.parametrize("status", [200, 404])
def test_a_serial_may_stand_in_a_header(
    status: int, headers: dict[str, str], serial: int | None, server: Server
) -> None:
    said = {"Content-Type": JSON, **headers}
    server.on("/simple/demo/", Reply(page(entry()).encode(), status, said))
    assert read(f"{server.url}/simple/").serial == serial


def test_the_page_s_own_serial_goes_before_the_header(server: Server) -> None:
    body = page(entry(), meta={"api-version": "1.1", "_last-serial": 7})
    said = {"Content-Type": JSON, "X-PyPI-Last-Serial": "6"}
    server.on("/simple/demo/", Reply(body.encode(), headers=said))
    assert read(f"{server.url}/simple/").serial == 7


@pytest.mark.parametrize("status", [200, 404])
def test_a_listing_tells_that_a_cache_may_have_answered(
    status: int, server: Server
) -> None:
    said = {"Content-Type": JSON, "Age": "0"}
    server.on("/simple/demo/", Reply(page(entry()).encode(), status, said))
    assert read(f"{server.url}/simple/").is_cached
    del said["Age"]
    server.on("/simple/demo/", Reply(page(entry()).encode(), status, said))
    assert not read(f"{server.url}/simple/").is_cached


def test_each_look_is_a_new_one(server: Server) -> None:
    server.on("/simple/demo/", reply(page()), reply(page(entry())))
    root = f"{server.url}/simple/"
    assert [len(read(root).files) for _ in range(3)] == [0, 1, 1]


def test_the_versions_of_a_listing_are_told_apart() -> None:
    names = ["demo-1.0.tar.gz", "demo-1.0.0.zip", "demo-1.0.1.tar.gz", "demo-x.zip"]
    files = [
        entry(filename=n, url=f"/f/{n}", hashes={"sha256": f"{i:064}"})
        for i, n in enumerate(names)
    ]
    found = parsed(page(*files), JSON)
    assert [file.filename for file in found.of(V1)] == names[:2]
    assert list(found.by_name) == names


@pytest.mark.parametrize(
    "filename",
    ["demo-1.0.tgz", "demo-1.0.tar.bz2", "demo-1.0.tar.xz", "demo-1.0-py3.11.egg"],
)
@pytest.mark.parametrize("form", ["json", "html"])
def test_what_installers_take_as_well_belongs_to_its_version(
    form: str, filename: str
) -> None:
    found = (
        parsed(page(entry(filename=filename, url=f"/f/{filename}")), JSON)
        if form == "json"
        else parsed(html(link(f"/f/{filename}#sha256={HASH}", filename)), HTML)
    )
    assert [file.filename for file in found.of(V1)] == [filename]


def test_a_hostile_page_of_many_files_is_read() -> None:
    names = [f"demo-1.0.{n}.tar.gz" for n in range(5000)]
    body = page(*(entry(filename=n, url=f"/f/{n}") for n in names))
    assert len(parsed(body, JSON).files) == 5000

"""Pages as JSON, as real indexes serve them, and all that must not pass for one."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest
from packaging.version import Version
from simple_pages import (
    DASHED,
    DEMO,
    DEVPI_JSON,
    FILES_URL,
    HASH,
    JSON,
    LISTED,
    LONG_NAME,
    MD5,
    NEWER,
    OTHER_HASH,
    PAGE,
    SDIST,
    V1,
    WHEEL,
    Sound,
    check,
    entry,
    listed,
    page,
    parsed,
    refused,
)

from release_guard.facts import IndexedFile, Listing

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


def test_a_hostile_page_of_many_files_is_read() -> None:
    names = [f"demo-1.0.{n}.tar.gz" for n in range(5000)]
    body = page(*(entry(filename=n, url=f"/f/{n}") for n in names))
    assert len(parsed(body, JSON).files) == 5000

"""Pages of the Simple API, as JSON and as HTML, and what is read of them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from archives import within
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from release_guard.errors import IndexResponseError
from release_guard.facts import IndexedFile, Listing
from release_guard.sources.simple import parse_listing
from release_guard.sources.web import Answer

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


@dataclass(frozen=True)
class Sound:
    """A page, the files that it lists, and what is odd about it."""

    body: str | bytes
    files: tuple[IndexedFile, ...]
    content_type: str = JSON
    url: str = PAGE
    oddities: tuple[str, ...] = ()
    serial: int | None = None


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


DEVPI_JSON = (
    '{"meta":{"api-version":"1.0"},"name":"demo","files":['
    f'{{"filename":"{SDIST}","url":"../../+f/012/{SDIST}",'
    f'"hashes":{{"sha256":"{HASH}"}}}}]}}'
)


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

LOGIN = """<!DOCTYPE html><html><head><title>Sign in</title></head><body>
<form method="post"><input name="user"><input type="password" name="p"></form>
</body></html>"""

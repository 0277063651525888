"""Pages as HTML, as real indexes serve them, and all that must not pass for one."""

from __future__ import annotations

import gzip

import pytest
from packaging.version import Version
from simple_pages import (
    BARE,
    DASHED,
    DEMO,
    FILES_URL,
    HASH,
    HASHED,
    HTML,
    LOGIN,
    LONG_NAME,
    MD5,
    NEWER,
    OTHER_HASH,
    PAGE,
    PYPISERVER_HTML,
    SDIST,
    VERSION,
    WHEEL,
    Sound,
    check,
    entry,
    html,
    in_html,
    link,
    page,
    parsed,
    refused,
)

from release_guard.errors import IndexResponseError
from release_guard.facts import Listing

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


def test_a_page_full_of_tags_that_do_not_end_is_none() -> None:
    assert "do not end" in refused("<html>" + "<a " * 100_000, HTML)

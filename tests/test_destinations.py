"""Whether two upload URLs are one and the same, and what a look-alike has wrong."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from urllib3.util import parse_url

from release_guard.destinations import (
    Distance,
    differences,
    distance,
    is_upload_url,
)
from release_guard.layouts import (
    PUBLIC_INDEXES,
    is_url,
    public_repository_url,
    simple_url_of,
)

URL = "https://upload.index.example/legacy/"
WEB = "https://index.example/legacy/"
SIMPLE = "https://index.example/simple/"
NEAR, ALIKE = Distance.NEAR, Distance.ALIKE
SAME_PLACE, ELSEWHERE = Distance.SAME_PLACE, Distance.ELSEWHERE
NO_URL = "which is no URL"
WEB_HOST = "the web host in place of the upload host"


def _phrases(declared: str, said: str) -> tuple[str, ...]:
    return tuple(d.phrase for d in differences(declared, said, read_at=[SIMPLE]))


# --- the same ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        (URL, URL),
        (URL, "HTTPS://upload.index.example/legacy/"),
        (URL, "https://Upload.Index.EXAMPLE/legacy/"),
        ("http://[::1]:8080/", "http://[::1]:8080/"),
        ("http://[FE80::1]/", "http://[fe80::1]/"),
        ("https://user@index.example/", "https://user@INDEX.example/"),
        ("https://index.example/?a=B", "https://INDEX.example/?a=B"),
        # What is no URL is at least the same text.
        ("pypi", "pypi"),
    ],
)
def test_one_url_is_not_two(declared: str, said: str) -> None:
    assert differences(declared, said) == ()
    assert differences(said, declared) == ()
    assert distance(()) is Distance.SAME


@pytest.mark.parametrize("name", PUBLIC_INDEXES)
def test_a_public_index_is_itself_and_nothing_else(name: str) -> None:
    url = public_repository_url(name)
    others = {public_repository_url(n) for n in PUBLIC_INDEXES}
    others |= {url.replace("upload.", ""), url[:-1], str(simple_url_of(url))}

    assert is_upload_url(url)
    assert {other for other in others if not differences(url, other)} == {url}


# --- the table --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("said", "phrases", "how_far"),
    [
        # scheme
        ("http://upload.index.example/legacy/", ["http in place of https"], NEAR),
        # user
        (
            "https://user:pw@upload.index.example/legacy/",
            ["with a user in front of the host"],
            SAME_PLACE,
        ),
        (
            "https://@upload.index.example/legacy/",
            ["with a user in front of the host"],
            SAME_PLACE,
        ),
        # host
        (WEB, [WEB_HOST], NEAR),
        ("https://www.index.example/legacy/", [WEB_HOST], NEAR),
        (
            "https://upload.upload.index.example/legacy/",
            ["with upload. in front of the host"],
            NEAR,
        ),
        (
            "https://www.upload.index.example/legacy/",
            ["with www. in front of the host"],
            NEAR,
        ),
        *(
            (
                f"https://{host}/legacy/",
                ["on a host that only looks like it"],
                ALIKE,
            )
            for host in (
                "upload.index.exampl",
                "upload.index.example.",
                "uplaod.index.example",
                "upl0ad.index.examp1e",
                "uploads.index.examples",
                "upload-index.example",
                "upload.index.example.evil",
                "my.upload.index.example",
            )
        ),
        ("https://test.index.example/legacy/", ["on another host"], ELSEWHERE),
        ("https://example/legacy/", ["on another host"], ELSEWHERE),
        ("https://upload/legacy/", ["on another host"], ELSEWHERE),
        ("https://uplXXX.index.example/legacy/", ["on another host"], ELSEWHERE),
        (f"https://{'a' * 5000}/legacy/", ["on another host"], ELSEWHERE),
        # of another host nothing else is of interest
        ("http://other.example:81/a?b", ["on another host"], ELSEWHERE),
        (
            "https://upload.index.example@other.example/legacy/",
            ["with a user in front of the host", "on another host"],
            ELSEWHERE,
        ),
        # port
        (
            "https://upload.index.example:443/legacy/",
            ["with the port written otherwise"],
            SAME_PLACE,
        ),
        (
            "https://upload.index.example:/legacy/",
            ["with the port written otherwise"],
            SAME_PLACE,
        ),
        (
            "https://upload.index.example:0443/legacy/",
            ["with the port written otherwise"],
            SAME_PLACE,
        ),
        (
            "https://upload.index.example:80/legacy/",
            ["with another port"],
            ELSEWHERE,
        ),
        # path
        (URL[:-1], ["without the slash at the end"], NEAR),
        (f"{URL}/", ["with a doubled slash at the end"], NEAR),
        (f"{URL}//", ["with a doubled slash at the end"], NEAR),
        (
            "https://upload.index.example//legacy/",
            ["with a doubled slash in it"],
            NEAR,
        ),
        (
            "https://upload.index.example/Legacy/",
            ["with other upper and lower case in its path"],
            NEAR,
        ),
        ("https://upload.index.example", ["without a path"], NEAR),
        ("https://upload.index.example/", ["without a path"], NEAR),
        (
            "https://upload.index.example/project/demo/",
            ["a project's page"],
            NEAR,
        ),
        (
            "https://index.example/manage/project/demo/releases/",
            [WEB_HOST, "a project's page"],
            NEAR,
        ),
        (
            "https://upload.index.example/projects",
            ["with another path"],
            ELSEWHERE,
        ),
        (
            "https://upload.index.example/simple/",
            ["with another path"],
            ELSEWHERE,
        ),
        (
            "https://upload.index.example/legacy/demo",
            ["with another path"],
            ELSEWHERE,
        ),
        (
            "https://upload.index.example/%6cegacy/",
            ["with another path"],
            ELSEWHERE,
        ),
        # where it is read
        (SIMPLE, ["the Simple API root"], NEAR),
        (SIMPLE[:-1], ["the Simple API root"], NEAR),
        (f"{SIMPLE}demo/", ["a project's page"], NEAR),
        (
            "http://index.example/simple",
            ["http in place of https", "the Simple API root"],
            NEAR,
        ),
        (
            "https://index.example/simple2/",
            [WEB_HOST, "with another path"],
            ELSEWHERE,
        ),
        # tail
        (f"{URL}?a=b", ["with another query or fragment"], NEAR),
        (f"{URL}?", ["with another query or fragment"], NEAR),
        (f"{URL}#", ["with another query or fragment"], NEAR),
        # blanks
        (f" {URL}", ["with blanks around it"], NEAR),
        (f"{URL}\r\n", ["with blanks around it"], NEAR),
        (
            f"{WEB[:-1]}\n",
            ["with blanks around it", WEB_HOST, "without the slash at the end"],
            NEAR,
        ),
        # no URL
        ("", [NO_URL], ELSEWHERE),
        ("pypi", [NO_URL], ELSEWHERE),
        ("upload.index.example/legacy/", [NO_URL], ELSEWHERE),
        ("//upload.index.example/legacy/", [NO_URL], ELSEWHERE),
        ("https:/upload.index.example/legacy/", [NO_URL], ELSEWHERE),
        ("file:///legacy/", [NO_URL], ELSEWHERE),
        (f"{URL} {URL}", [NO_URL], ELSEWHERE),
        (f"{URL}\n{URL}", [NO_URL], ELSEWHERE),
        ("https://upload.index.example:0/legacy/", [NO_URL], ELSEWHERE),
        ("https://upload.index.example:65536/legacy/", [NO_URL], ELSEWHERE),
        ("https://uplo\u0430d.index.example/legacy/", [NO_URL], ELSEWHERE),
    ],
)
def test_what_a_look_alike_has_wrong_is_named(
    said: str, phrases: list[str], how_far: Distance
) -> None:
    told = differences(URL, said, read_at=[SIMPLE])

    assert [each.phrase for each in told] == phrases
    assert distance(told) is how_far
    assert all(each.fix for each in told)


@pytest.mark.parametrize(
    ("declared", "said", "phrases"),
    [
        (
            "http://index.example/",
            "https://index.example/",
            ("https in place of http",),
        ),
        (
            "http://index.example/",
            "http://index.example:80/",
            ("with the port written otherwise",),
        ),
        ("http://index.example:8080/", "http://index.example/", ("with another port",)),
        (
            "https://h.example:443/",
            "http://h.example:443/",
            ("http in place of https",),
        ),
        (
            "https://h.example/",
            "http://h.example:443/",
            ("http in place of https", "with another port"),
        ),
        (
            "https://u@index.example/",
            "https://index.example/",
            ("without the user in front of the host",),
        ),
        ("https://h.example/a", "https://h.example/a/", ("with a slash at the end",)),
        (
            "https://h.example/a",
            "https://h.example/a//",
            ("with a doubled slash at the end",),
        ),
        (
            "https://h.example",
            "https://h.example/",
            ("with the slash behind the host written otherwise",),
        ),
        (
            "https://h.example/",
            "https://h.example",
            ("with the slash behind the host written otherwise",),
        ),
        (
            "https://index.example/upload/",
            "https://upload.index.example/upload/",
            ("with upload. in front of the host",),
        ),
        # An index that takes uploads below its Simple API root.
        (SIMPLE, SIMPLE[:-1], ("without the slash at the end",)),
        (f"{SIMPLE}demo/", SIMPLE, ("with another path",)),
        # No host is as long as this, and to compare it would take long.
        (
            f"https://{'a' * 20_000}/",
            f"https://{'a' * 19_999}b/",
            ("on another host",),
        ),
        ("pypi", URL, (NO_URL,)),
    ],
)
def test_what_is_wrong_depends_on_what_is_declared(
    declared: str, said: str, phrases: tuple[str, ...]
) -> None:
    assert _phrases(declared, said) == phrases


def test_a_reading_url_that_is_none_is_passed_over() -> None:
    assert differences(URL, WEB, read_at=["", "simple"]) == differences(URL, WEB)


# --- for any URL ------------------------------------------------------------------

_LABEL = st.from_regex(r"[a-zA-Z0-9]([a-zA-Z0-9-]{0,5}[a-zA-Z0-9])?", fullmatch=True)
_SEGMENTS = st.lists(st.from_regex(r"[a-zA-Z0-9._~%:@-]{1,6}", fullmatch=True))


@st.composite
def _urls(draw: st.DrawFn) -> str:
    scheme = draw(st.sampled_from(["https", "http"]))
    host = ".".join(draw(st.lists(_LABEL, min_size=1, max_size=4)))
    port = draw(st.sampled_from(["", ":8080", ":443", ":80"]))
    path = "".join(f"/{segment}" for segment in draw(_SEGMENTS))
    slash = draw(st.sampled_from(["", "/"]))
    return f"{scheme}://{host}{port}{path}{slash}"


def _origin(url: str) -> int:
    """Where the path begins."""
    end = url.find("/", url.index("://") + 3)
    return len(url) if end < 0 else end


@settings(deadline=None)
@given(url=_urls())
def test_equal_urls_never_differ(url: str) -> None:
    end = _origin(url)

    assert is_upload_url(url)
    for origin in (url[:end].upper(), url[:end].lower(), url[:end].swapcase()):
        assert differences(url, origin + url[end:]) == ()


@settings(deadline=None, max_examples=500)
@given(
    url=_urls(),
    at=st.integers(0, 80),
    cut=st.integers(0, 1),
    put=st.one_of(
        st.just(""), st.sampled_from("/:@?#.%\\ \n\ta0A"), st.characters(codec=None)
    ),
)
@example(url=URL, at=8, cut=0, put="@")
@example(url=URL, at=28, cut=0, put=":")
@example(url=URL, at=len(URL), cut=0, put="#")
def test_any_single_character_that_is_changed_is_found(
    url: str, at: int, cut: int, put: str
) -> None:
    at = min(at, len(url))
    changed = url[:at] + put + url[at + cut :]
    end = _origin(url)
    is_same = (
        changed[:end].lower() == url[:end].lower()
        and changed[:end].isascii()
        and changed[end:] == url[end:]
    )

    assert (differences(url, changed) == ()) is is_same
    assert (differences(changed, url) == ()) is is_same


@settings(deadline=None, max_examples=500)
@given(
    rest=st.text(
        st.sampled_from("ab.@:/\\?#[]%;&-_~ \t\n'\"<>^`{|}é\u3002"), max_size=20
    )
)
@example(rest="a@b@c/")
@example(rest="a\\@b/")
@example(rest="a#@b/")
def test_every_program_takes_the_same_host_from_what_passes_as_a_url(rest: str) -> None:
    url = f"https://{rest}"
    if not is_upload_url(url):
        assert differences(URL, url) != ()
        return
    host = urlsplit(url).hostname

    assert is_url(url)
    assert parse_url(url).host == host
    assert url.count("@", 0, _origin(f"{url}/")) <= 1

"""The tags of a forge's API: all of them, or an error; and whom a token is sent to."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

import pytest
from servers import Reply, Server, raw, redirect, serving

from release_guard.errors import ReleaseGuardError, RepositoryError, UsageError
from release_guard.facts import GitTag
from release_guard.sources import forge
from release_guard.sources.forge import ForgeRepository, read_tags, repository_of
from release_guard.sources.web import Web

A, B, C = "a" * 40, "b" * 40, "c" * 64
SECRET = "ghs_S3cret.token-of_nobody"
GITHUB = ForgeRepository("github", "org/demo")
GITLAB = ForgeRepository("gitlab", "group/sub/demo")
_ON_GITHUB = "/repos/org/demo/tags?per_page=100&page="
_ON_GITLAB = "/projects/group%2Fsub%2Fdemo/repository/tags?per_page=100&page="
_JSON = {"Content-Type": "application/json; charset=utf-8"}
_NEXT, _LAST = '<x?page=2>; rel="next", <x>; rel="last"', '<x?page=1>; rel="first"'


@pytest.fixture(name="server")
def _server() -> Iterator[Server]:
    with serving() as server:
        yield server


def _says(content: object, **headers: str) -> Reply:
    return Reply(json.dumps(content).encode(), headers={**_JSON, **headers})


def _named(*tags: tuple[str, str]) -> list[dict[str, Any]]:
    """A page of tags, as GitHub writes it."""
    return [{"name": name, "commit": {"sha": sha, "url": "x"}} for name, sha in tags]


def _read(
    server: Server, repository: ForgeRepository = GITHUB, **environ: str
) -> list[GitTag]:
    api = {"GITHUB_API_URL": server.url, "CI_API_V4_URL": f"{server.url}/"}
    said = {**api, **environ}
    return list(read_tags(Web(said), repository, said))


def _refused(
    server: Server, repository: ForgeRepository = GITHUB, **environ: str
) -> ReleaseGuardError:
    with pytest.raises(ReleaseGuardError) as caught:
        _read(server, repository, **environ)
    assert SECRET not in f"{caught.value.message}{caught.value.hint}"
    return caught.value


# --- the tags ---------------------------------------------------------------------


def test_the_tags_of_github_are_peeled(server: Server) -> None:
    server.on(f"{_ON_GITHUB}1", _says(_named(("v1.0", A), ("pkg/v1.1", C))))
    server.on(f"{_ON_GITHUB}2", _says([]))

    assert _read(server) == [GitTag("v1.0", A), GitTag("pkg/v1.1", C)]
    assert server.sent("accept") == ["application/vnd.github+json"] * 2


def test_the_tags_of_gitlab_are_peeled_and_dated(server: Server) -> None:
    commit = {"id": A, "committed_date": "2026-01-31T23:00:00.000-02:00"}
    page = [
        {"name": "v1.0", "target": A, "commit": commit, "created_at": None},
        {
            "name": "v1.1",
            "target": B,
            "commit": commit,
            "created_at": "2026-02-03T12:30:00Z",
        },
        {"name": "v1.2", "target": A, "commit": {"id": A}, "created_at": "then"},
        {"name": "v1.3", "target": A, "commit": {"id": A}, "created_at": 7},
        {
            "name": "v1.4",
            "target": A,
            "commit": {"id": A},
            "created_at": "0001-01-01T00:00:00+14:00",
        },
        {"name": "a-tree", "target": B, "commit": None},
    ]
    server.on(f"{_ON_GITLAB}1", _says(page, Link=_LAST))

    first, second, *others = _read(server, GITLAB)

    made = datetime(2026, 2, 1, 1, tzinfo=UTC)
    assert first == GitTag("v1.0", A, made=made)
    made = datetime(2026, 2, 3, 12, 30, tzinfo=UTC)
    assert second == GitTag("v1.1", A, annotated=True, made=made)
    assert others == [GitTag(f"v1.{number}", A) for number in (2, 3, 4)]


@pytest.mark.parametrize(
    ("pages", "asked"),
    {
        "a page that says that there are more, and a last one": (
            [({"Link": _NEXT}, [("v1", A)]), ({"Link": _LAST}, [("v2", B)])],
            2,
        ),
        "pages without a word on others": ([({}, [("v1", A)]), ({}, [("v2", B)])], 3),
        **{
            f"a last page by {what}": (
                [
                    ({"Link": f"<x>; {link}"}, [("v1", A)]),
                    ({"Link": _LAST}, [("v2", B)]),
                ],
                2,
            )
            for what, link in {
                "two words": 'rel="last next"',
                "capitals": 'REL="NEXT", <x>; rel="last"',
                "single quotes": "rel='next', <x>; rel=\"last\"",
                "blanks": 'rel = next ; x="y", <x>; rel=last',
            }.items()
        },
        "a link that is none to a page": (
            [
                ({"Link": '<style.css>; rel="preload"'}, [("v1", A)]),
                ({"Link": _LAST}, [("v2", B)]),
            ],
            2,
        ),
        "a tag that slides to the next page": (
            [({"Link": _NEXT}, [("v1", A)]), ({}, [("v1", A), ("v2", B)])],
            3,
        ),
    }.values(),
)
def test_every_page_is_read(
    pages: list[tuple[Mapping[str, str], list[tuple[str, str]]]],
    asked: int,
    server: Server,
) -> None:
    for number in range(1, 5):
        server.on(f"{_ON_GITHUB}{number}", _says([]))
    for number, (headers, tags) in enumerate(pages, 1):
        server.on(f"{_ON_GITHUB}{number}", _says(_named(*tags), **headers))

    assert _read(server) == [GitTag("v1", A), GitTag("v2", B)]
    assert server.asked() == [f"{_ON_GITHUB}{n}" for n in range(1, asked + 1)]


def test_a_page_of_tags_that_lead_to_no_commit_is_not_the_last(server: Server) -> None:
    server.on(f"{_ON_GITLAB}1", _says([{"name": "a-tree", "commit": None}]))
    page = [{"name": "v1.0", "target": A, "commit": {"id": A}}]
    server.on(f"{_ON_GITLAB}2", _says(page, Link=_LAST))

    assert _read(server, GITLAB) == [GitTag("v1.0", A)]


def test_a_repository_without_tags_has_none(server: Server) -> None:
    server.on(f"{_ON_GITHUB}1", _says([]))

    assert _read(server) == []


def test_a_repository_that_was_renamed_is_followed(server: Server) -> None:
    server.on(f"{_ON_GITHUB}1", redirect("/repositories/7/tags?page=1", 301))
    server.on("/repositories/7/tags?page=1", _says(_named(("v1", A)), Link=_LAST))

    assert _read(server, GITHUB_TOKEN=SECRET) == [GitTag("v1", A)]
    assert server.sent("authorization") == [f"Bearer {SECRET}"] * 2


# --- what is no list of tags -------------------------------------------------------

_ONE = _named(("v1.0", A))


@pytest.mark.parametrize(
    ("answer", "said"),
    {
        "a login page": (
            Reply(b"<html>", headers={"Content-Type": "text/html"}),
            "no list of tags: its type is 'text/html'",
        ),
        "no type": (Reply(b"[]"), "its type is ''"),
        "half a document": (Reply(b'[{"name": "v1"', headers=_JSON), "no list of tags"),
        "half an answer": (
            Reply(b"[", headers=_JSON, claimed=100),
            r"is not reached|no list of tags",
        ),
        "another encoding": (Reply(b'["\xff"]', headers=_JSON), "no list of tags"),
        "an object": (_says({"message": "hello"}), "it is no list"),
        "nothing": (_says(None), "it is no list"),
        "a list of names": (_says(["v1.0"]), "what should be an object is none"),
        "a tag without a name": (_says([{"commit": {"sha": A}}]), "no 'name'"),
        "a tag of a number": (_says([{"name": 1, "commit": {"sha": A}}]), "no 'name'"),
        "an empty name": (_says([{"name": "", "commit": {"sha": A}}]), "no 'name'"),
        "a tag without a commit": (_says([{"name": "v1"}]), "should be an object"),
        "a tag with half a commit": (
            _says([{"name": "v1", "commit": {"sha": "abc"}}]),
            "leads to 'abc', which is no commit",
        ),
        "a key twice": (
            Reply(b'[{"name": "v1", "name": "v2"}]', headers=_JSON),
            "has a key twice",
        ),
        "nested without an end": (
            Reply(b"[" * 200_000, headers=_JSON),
            "it is nested too deep",
        ),
        "a redirect without an end": (
            redirect(f"{_ON_GITHUB}1"),
            "redirects without an end",
        ),
        "a connection that is cut": (raw(b""), "is not reached"),
    }.values(),
)
def test_another_answer_is_an_error(answer: Reply, said: str, server: Server) -> None:
    server.on(f"{_ON_GITHUB}1", answer)
    with pytest.raises(ReleaseGuardError, match=said) as caught:
        _read(server, GITHUB_TOKEN=SECRET)
    assert caught.value.exit_code == 3


def test_a_second_page_that_is_none_is_an_error(server: Server) -> None:
    server.on(f"{_ON_GITHUB}1", _says(_ONE, Link=_NEXT))

    assert "GitHub has no such repository" in _refused(server).message


def test_a_tag_that_changes_while_the_pages_are_read_is_an_error(
    server: Server,
) -> None:
    server.on(f"{_ON_GITHUB}1", _says(_ONE))
    server.on(f"{_ON_GITHUB}2", _says(_named(("v1.0", B))))
    server.on(f"{_ON_GITHUB}3", _says([]))

    assert "the tag 'v1.0' changed" in _refused(server).message


def test_pages_without_an_end_are_an_error(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(forge, "_MOST_PAGES", 3)
    for number in range(1, 5):
        page = _named((f"v{number}", A))
        server.on(f"{_ON_GITHUB}{number}", _says(page, Link=_NEXT))

    assert _refused(server).message.endswith("has more than 3 pages of tags")
    assert len(server.asked()) == 3


def test_a_server_that_knows_no_pages_is_not_asked_a_thousand_times(
    server: Server,
) -> None:
    for number in range(1, 4):
        server.on(f"{_ON_GITHUB}{number}", _says(_ONE, Link=_NEXT))

    assert "the same page of tags again and again" in _refused(server).message
    assert len(server.asked()) == 2


def test_all_pages_together_have_a_bound_in_time(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The clock is the test's: each look at it is four minutes later."""
    moments = iter(range(0, 60_000, 240))
    clock = SimpleNamespace(monotonic=lambda: next(moments))
    monkeypatch.setattr(forge, "time", clock)
    for number in range(1, 9):
        server.on(f"{_ON_GITHUB}{number}", _says(_named((f"v{number}", A))))

    error = _refused(server)

    assert isinstance(error, RepositoryError)
    assert error.message == "github:org/demo: the tags did not come in 600 seconds"
    assert len(server.asked()) == 2


# --- refusals ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "token", "said", "hint"),
    [
        (401, SECRET, "answers 401", "the token is not valid there; a token is taken"),
        (403, "", "answers 403", "the rate limit is reached, or nobody reads it with"),
        (403, SECRET, "answers 403", "the rate limit is reached, or the token may not"),
        (429, SECRET, "answers 429", "the rate limit is reached, which ends in 60 s, "),
        (404, "", "no such repository, or it is private and nobody", "compare the na"),
        (404, SECRET, "or it is private and the token may not", "compare the name; a"),
        (500, SECRET, "answers 500", "give the tags by --repo or --tags"),
    ],
)
def test_a_refusal_says_what_it_may_mean(
    status: int, token: str, said: str, hint: str, server: Server
) -> None:
    wait = {"Retry-After": "60"} if status == 429 else {}
    server.on(f"{_ON_GITHUB}1", Reply(b"", status, wait))

    error = _refused(server, GITHUB_TOKEN=token)

    assert isinstance(error, RepositoryError)
    assert error.message.startswith("github:org/demo: ")
    assert said in error.message
    assert error.hint.startswith(hint)


def test_a_forge_that_is_not_reached_is_an_error() -> None:
    with serving() as server:
        pass

    assert "is not reached" in _refused(server, GITHUB_TOKEN=SECRET).message


# --- the token ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("repository", "environ", "header", "sent"),
    [
        (GITHUB, {"GITHUB_TOKEN": SECRET}, "Authorization", f"Bearer {SECRET}"),
        (GITHUB, {"GH_TOKEN": f" {SECRET}\n"}, "Authorization", f"Bearer {SECRET}"),
        (
            GITHUB,
            {"GITHUB_TOKEN": SECRET, "GH_TOKEN": "x"},
            "Authorization",
            f"Bearer {SECRET}",
        ),
        (GITHUB, {"GITHUB_TOKEN": "", "GH_TOKEN": "x"}, "Authorization", "Bearer x"),
        (GITHUB, {"GITLAB_TOKEN": "x", "CI_JOB_TOKEN": "x"}, "Authorization", None),
        (GITLAB, {"GITLAB_TOKEN": SECRET}, "Authorization", f"Bearer {SECRET}"),
        (GITLAB, {"CI_JOB_TOKEN": SECRET}, "JOB-TOKEN", SECRET),
        (GITLAB, {"GITLAB_TOKEN": "x", "CI_JOB_TOKEN": "y"}, "JOB-TOKEN", None),
        (GITLAB, {"GITHUB_TOKEN": "x", "GH_TOKEN": "x"}, "Authorization", None),
    ],
)
def test_a_token_goes_along(
    repository: ForgeRepository,
    environ: Mapping[str, str],
    header: str,
    sent: str | None,
    server: Server,
) -> None:
    path = _ON_GITHUB if repository is GITHUB else _ON_GITLAB
    server.on(f"{path}1", _says([]))

    assert _read(server, repository, **environ) == []
    assert server.sent(header) == [sent]


def test_a_token_of_a_job_goes_to_its_own_server_only() -> None:
    """Without CI_API_V4_URL the API is the public one, which is none of the job's."""
    headers = forge._headers(
        forge._FORGES["gitlab"],
        "https://gitlab.example/api/v4",
        {"CI_JOB_TOKEN": SECRET},
    )

    assert headers == {}


def test_no_token_goes_to_another_origin(server: Server) -> None:
    with serving() as other:
        server.on(f"{_ON_GITHUB}1", redirect(f"{other.url}/tags"))

        error = _refused(server, GITHUB_TOKEN=SECRET)

        assert f"another host, {other.url}/tags, and no token" in error.message
        assert other.seen == []


@pytest.mark.parametrize("token", ["a\nb", "a b", "\u00fc", "a\0"])
def test_a_token_with_an_odd_character_is_not_told(token: str, server: Server) -> None:
    with pytest.raises(UsageError) as caught:
        _read(server, GITHUB_TOKEN=token)

    assert caught.value.message == "GITHUB_TOKEN: holds a character that no token has"
    assert server.seen == []


def test_a_token_is_not_sent_unencrypted() -> None:
    environ = {"GITHUB_API_URL": "http://forge.example", "GITHUB_TOKEN": SECRET}
    with pytest.raises(UsageError, match="is not encrypted") as caught:
        read_tags(Web(environ), GITHUB, environ)

    assert SECRET not in caught.value.message


@pytest.mark.parametrize(
    "root",
    [
        "forge.example",
        "ftp://forge.example",
        "https://user:hunter2@forge.example",
        "https://forge.example/?a=b",
        "https://forge.example/#a",
        "https://",
    ],
)
def test_an_api_at_an_odd_address_is_a_usage_error(root: str) -> None:
    environ = {"GITHUB_API_URL": root, "GITHUB_TOKEN": SECRET}
    with pytest.raises(UsageError, match="GITHUB_API_URL: expected a URL") as caught:
        read_tags(Web(environ), GITHUB, environ)

    assert "hunter2" not in caught.value.message
    assert SECRET not in caught.value.message


# --- the names of repositories ------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        "github:org/demo",
        "github:org-1/.github",
        "github:o/demo.py_1",
        "gitlab:group/demo",
        "gitlab:a/b/c/d",
    ],
)
def test_a_repository_is_written_as_it_is_read(text: str) -> None:
    assert str(repository_of(text)) == text


@pytest.mark.parametrize(
    "text",
    [
        "",
        "github",
        "github:",
        "github:demo",
        "github:org/demo/more",
        "github:org/..",
        "github:../demo",
        "github:org/a b",
        "github:org/demo?x",
        "github:org/demo\n",
        "github:org/d\u00e9mo",
        "gitlab:demo",
        "gitlab:/demo",
        "gitlab:group//demo",
        "bitbucket:org/demo",
        "https://forge.example/org/demo",
    ],
)
def test_another_text_is_no_repository(text: str) -> None:
    with pytest.raises(UsageError, match="expected github:owner/name or gitlab:"):
        repository_of(text)

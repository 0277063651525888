"""Credentials in members and in metadata: what is looked through, and how far."""

from __future__ import annotations

import base64
import random
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import archives
import planted
import pytest

from release_guard.credential_forms import is_random, search
from release_guard.facts import CoreMetadata, Credential
from release_guard.private_keys import KeyState, state_of_key
from release_guard.sources.secrets import (
    LARGEST,
    CredentialSearch,
    hide_credentials,
)

RNG = random.Random(6)


def github() -> str:
    return planted.CREDENTIALS["GitHub token", "personal"](RNG)


def looked_through(content: bytes, path: str = "demo/a.txt") -> CredentialSearch:
    """What one member holds, as an archive would show it."""
    observer = CredentialSearch()
    wanted = observer.wants(path, len(content))
    observer.see(path, content[:wanted], len(content))
    return observer


def kinds(content: bytes, path: str = "demo/a.txt") -> list[str]:
    return [item.kind for item in looked_through(content, path).found]


# --- members ------------------------------------------------------------------------


def test_a_credential_is_told_by_its_mark_its_length_and_its_place() -> None:
    content = f"# a\r\n# b\r\nTOKEN='{github()}'\r\n".encode()

    assert looked_through(content, "demo/.env").found == [
        Credential(
            "GitHub token",
            is_whole=True,
            mark="ghp_",
            length=40,
            member="demo/.env",
            line=3,
        )
    ]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", 1),
        ("utf-8-sig", 1),
        ("latin-1", 1),
        pytest.param("utf-16", 1, id="utf-16 with its mark, as PowerShell writes it"),
        pytest.param("utf-16-le", 0, id="utf-16 without its mark is not read"),
        pytest.param("utf-32", 0, id="utf-32 is not read"),
    ],
)
def test_text_is_read_in_the_encodings_that_it_comes_in(
    encoding: str, found: int
) -> None:
    assert len(kinds(f"key = {github()}\n".encode(encoding))) == found


def test_what_begins_like_a_program_is_no_text() -> None:
    token = github().encode()

    assert kinds(b"\x7fELF\0\0" + token) == []
    assert kinds(b"x" * 2_000 + b"\n\0\n" + token + b"\n") == ["GitHub token"]


def test_of_a_large_text_the_begin_is_looked_through_and_the_rest_is_told() -> None:
    token = github().encode()
    line = b"nothing at all\n"
    large = token + b"\n" + line * (LARGEST // len(line)) + token

    observer = looked_through(large, "demo/large.txt")

    assert [item.line for item in observer.found] == [1]
    assert observer.unsearched == ["demo/large.txt"]
    assert looked_through(large[:LARGEST]).unsearched == []


def test_a_large_program_is_no_text_that_was_not_looked_through() -> None:
    assert looked_through(b"\0" * (LARGEST + 1)).unsearched == []


def test_more_than_was_asked_for_is_no_more_than_that() -> None:
    observer = CredentialSearch()
    content = b"x" * LARGEST + b"\n" + github().encode()

    observer.see("demo/a.txt", content, len(content))

    assert observer.found == []
    assert observer.unsearched == ["demo/a.txt"]


def test_of_very_many_only_the_first_are_told_and_that_there_are_more() -> None:
    content = "\n".join(github() for _ in range(300)).encode()

    observer = looked_through(content)

    assert len(observer.found) == 200
    assert observer.unsearched == ["demo/a.txt"]


def test_no_number_of_members_makes_more_facts_than_a_thousand() -> None:
    observer = CredentialSearch()
    content = "\n".join(github() for _ in range(150)).encode()

    for number in range(10):
        observer.see(f"demo/{number}", content, len(content))

    assert len(observer.found) == 1_000
    assert observer.unsearched == [f"demo/{number}" for number in range(6, 10)]


def test_the_same_text_gives_each_member_its_own_fact() -> None:
    content = f"key = {github()}\n".encode()

    assert [looked_through(content, path).found[0].member for path in "ab"] == [
        "a",
        "b",
    ]


def test_texts_are_looked_through_by_many_threads_at_once() -> None:
    texts = [f"key = {github()}\n".encode() for _ in range(20)] * 10

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(kinds, texts))

    assert found == [["GitHub token"]] * 200


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", ""),
        ("'", "'"),
        ("token:", "\r\n"),
        ("https://x:", "@git.kite.dev"),
        ("\\n", "\\n"),
        ("\t", " # old"),
        ("(", ")"),
        ("=", "&x=1"),
    ],
)
def test_a_token_ends_where_its_letters_end(before: str, after: str) -> None:
    assert kinds(f"{before}{github()}{after}".encode()) == ["GitHub token"]


@pytest.mark.parametrize(
    ("before", "after"), [("x", ""), ("", "x"), ("_", ""), ("", "-x")]
)
def test_a_part_of_a_longer_word_is_no_token(before: str, after: str) -> None:
    assert kinds(f"{before}{github()}{after}".encode()) == []


def test_of_a_url_with_a_token_in_it_the_token_is_told() -> None:
    text = f"https://bot:{github()}@git.kite.dev/x".encode()

    assert kinds(text) == ["GitHub token"]


# --- files for passwords ------------------------------------------------------------

_HELD: Mapping[str, tuple[str, str]] = {
    ".pypirc": ("[pypi]\nusername = __token__\npassword = hQ2-old\n", ".pypirc"),
    "home/.netrc": ("machine a.dev login b password hQ2-old\n", ".netrc"),
    "_netrc": ("machine a.dev\n  login b\n  password hQ2-old\n", "_netrc"),
    ".git-credentials": ("https://me:hQ2-old@git.kite.dev\n", ".git-credentials"),
    ".npmrc": ("//npm.kite.dev/:_authToken=hQ2-old\n", ".npmrc"),
    ".git/config": ("[remote]\n\turl = https://me:hQ2-old@git.kite.dev/x\n", "git's"),
    "x/.git/config": (
        "[http]\n\textraheader = AUTHORIZATION: basic eC1hY2Nlc3M6aFEyLW9sZA==\n",
        "git's",
    ),
    ".docker/config.json": (
        '{"auths": {"a": {"auth": "bWU6aFEyLW9sZA=="}}}',
        "Docker's",
    ),
}


@pytest.mark.parametrize("path", _HELD)
def test_a_file_for_passwords_holds_one_whatever_it_looks_like(path: str) -> None:
    text, word = _HELD[path]

    (found,) = looked_through(text.encode(), f"demo-1.0/{path}").found

    assert word in found.kind
    assert found.is_whole
    assert found.mark == ""


@pytest.mark.parametrize("path", _HELD)
def test_the_same_text_in_another_file_is_none(path: str) -> None:
    assert kinds(_HELD[path][0].encode(), f"demo/{path}.txt") == []


@pytest.mark.parametrize(
    "password", ["<your-password>", "${PYPI_TOKEN}", "%(pass)s", "password", "changeme"]
)
def test_what_stands_for_a_password_is_none(password: str) -> None:
    assert kinds(f"[pypi]\npassword = {password}\n".encode(), ".pypirc") == []


def test_a_token_in_such_a_file_is_told_once_as_what_it_is() -> None:
    token = planted.macaroon(RNG, planted.PYPI)
    text = f"[pypi]\nusername = __token__\npassword = {token}\n"

    assert kinds(text.encode(), ".pypirc") == ["PyPI API token"]


# --- private keys -------------------------------------------------------------------


@pytest.mark.parametrize("form", ["RSA", "EC", "PKCS8", "OPENSSH"])
def test_a_key_is_told_in_every_way_of_writing_it(form: str) -> None:
    key = planted.key_pem(form)
    lines = key.strip().split("\n")
    ways = (
        key,
        key.replace("\n", "\r\n"),
        key.replace("\n", "\\n"),
        key.replace("\n", "\\r\\n"),
        "\n".join(f'    "{line}\\n"' for line in lines),
        "\n".join(f"    '{line}\\n' +" for line in lines),
        "\n".join(f"# {line}" for line in lines),
        "\n".join(f"        {line}" for line in lines),
    )

    assert [kinds(way.encode()) for way in ways] == [["private key"]] * len(ways)


@pytest.mark.parametrize("form", ["RSA", "PKCS8"])
def test_a_key_with_a_passphrase_is_weak(form: str) -> None:
    (found,) = looked_through(planted.key_pem(form, passphrase=b"x").encode()).found

    assert (found.kind, found.is_whole) == (
        "private key that a passphrase protects",
        False,
    )


@pytest.mark.parametrize(
    ("cipher", "state"),
    [(b"none", KeyState.BARE), (b"aes256-ctr", KeyState.ENCRYPTED)],
)
def test_a_key_of_openssh_says_its_cipher(cipher: bytes, state: KeyState) -> None:
    """openssh-key-v1: cipher, derivation, its options, how many, public, private."""
    strings = [cipher, b"bcrypt", b"salt", RNG.randbytes(51), RNG.randbytes(144)]
    packed = [len(text).to_bytes(4, "big") + text for text in strings]
    packed.insert(3, b"\0\0\0\1")
    data = b"openssh-key-v1\0" + b"".join(packed)

    assert state_of_key(b"OPENSSH", base64.b64encode(data)) is state
    assert state_of_key(b"OPENSSH", base64.b64encode(data[:-1])) is KeyState.NO_KEY


def test_an_openpgp_key_is_weak_where_a_passphrase_protects_it() -> None:
    assert kinds(planted.openpgp_key(RNG).encode()) == ["private key"]
    assert kinds(planted.openpgp_key(RNG, protected=True).encode()) == [
        "private key that a passphrase protects"
    ]


@pytest.mark.parametrize("form", ["RSA", "EC", "PKCS8", "OPENSSH"])
def test_a_key_that_is_cut_or_blotted_out_is_none(form: str) -> None:
    lines = planted.key_pem(form).strip().split("\n")
    cut = [lines[0], *lines[1:-2], lines[-1]]
    blotted = [lines[0], *("x" * len(line) for line in lines[1:-1]), lines[-1]]
    shortened = [lines[0], lines[1][:-4], *lines[2:]]

    assert [kinds("\n".join(way).encode()) for way in (cut, blotted, shortened)] == [
        [],
        [],
        [],
    ]


@pytest.mark.parametrize("label", [b"", b"RSA", b"EC", b"DSA", b"OPENSSH", b"PGP"])
def test_no_bytes_break_the_reader_of_keys(label: bytes) -> None:
    for size in (*range(40), 200, 5_000):
        block = base64.b64encode(RNG.randbytes(size))
        assert state_of_key(label, block) in KeyState
    for begin in (
        b"0\x82",
        b"0\x84\xff\xff\xff\xff",
        b"openssh-key-v1\0\xff\xff",
        b"\xc5",
    ):
        assert state_of_key(label, base64.b64encode(begin)) is KeyState.NO_KEY


def test_a_service_account_of_google_is_told_as_one() -> None:
    key = planted.key_pem("PKCS8").replace("\n", "\\n")
    text = f'{{"type": "service_account", "private_key": "{key}"}}'

    assert kinds(text.encode()) == ["Google service account key"]


# --- hostile text -------------------------------------------------------------------

_HOSTILE = {
    "marks of keys": b"-----BEGIN PRIVATE KEY-----" * 100_000,
    "keys without an end": b"-----BEGIN PRIVATE KEY-----\n" + b"A" * 4_000_000,
    "marks of tokens": b"ghp_" * 1_000_000,
    "a word without an end": b"_" + b"a" * 4_000_000,
    "words in a row": b"a" * 40 + b"-" + b"sk-" * 1_000_000,
    "half URLs": b"https://a:" * 400_000,
    "a URL without an end": b"https://" + b"a:" * 2_000_000,
    "URLs with passwords": b"https://a:b1c2d3e4@" * 200_000,
    "keys within a key": (
        b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n" * 200
        + (b"A" * 76 + b"\n") * 250
        + b"=AAAA\n-----END PGP PRIVATE KEY BLOCK-----\n"
    )
    * 50,
    "passwords behind many lines": b"\n" * (15 << 20) + b"password = f4Kq91zL\n" * 999,
    "runs behind dots": (b"." + b"a" * 24) * 300_000,
    "runs behind slashes": b"hooks.slack.com/services/" + (b"/" + b"a" * 24) * 300_000,
    "tokens of web sites": b".eyJ" * 1_000_000,
    "parts in a row": b"a" * 2_000 + b".eyJhbGciOiJ" * 300_000,
    "dots": b"." * 4_000_000,
    "bots": b".aaaaaa.aaaaaaaaaaaaaaaaaaaaaaaaaaa" * 100_000,
    "key ids": b"AKIA234567ABCDEFGHIJ " * 200_000,
    "key ids and secrets": b"AKIAQ3EGTV4XMB7ZK2WP secret" * 150_000,
    "accounts": b"AC" + b"0123456789abcdef" * 2 + b" token " * 600_000,
    "long runs": (b"dapi" + b"0" * 40 + b" ") * 90_000,
    "passwords": b"password " * 400_000,
}


@pytest.mark.parametrize(
    "path", ["a.txt", ".netrc", ".git/config", ".pypirc", ".npmrc"]
)
@pytest.mark.parametrize("name", _HOSTILE)
def test_no_text_takes_more_than_its_length(name: str, path: str) -> None:
    with archives.within(20):
        looked_through(_HOSTILE[name], path)


# --- metadata -----------------------------------------------------------------------


def test_metadata_without_credentials_stays_as_it_is() -> None:
    metadata = CoreMetadata(
        name="demo",
        home_page="https://git.kite.dev/demo",
        project_urls=(("Badge", "https://ci.kite.dev/badge?token=K2mXq81LzP"),),
        requires_dist=("other @ git+ssh://git@github.com/owner/other.git", "x>=1"),
        description="Use postgres://user:password@host.kite.dev/db or ${TOKEN}@host.",
        author_email="me@kite.dev",
    )

    assert hide_credentials(metadata) == (metadata, ())


@pytest.mark.parametrize(
    ("field", "place", "text", "hidden"),
    [
        ("home_page", "home-page", "https://me:hQ2old@a.dev/", "https://***@a.dev/"),
        ("download_url", "download-url", "ftp://me:p@ss1@a.dev", "ftp://***@a.dev"),
        (
            "home_page",
            "home-page",
            "https://q8Zk2LmX0vRt7YbN4cWd9@a.dev/x",
            "https://***@a.dev/x",
        ),
    ],
)
def test_user_info_with_a_password_is_told_and_hidden(
    field: str, place: str, text: str, hidden: str
) -> None:
    given: dict[str, Any] = {field: text}
    metadata, told = hide_credentials(CoreMetadata(**given))

    assert getattr(metadata, field) == hidden
    assert [(item.field, item.member) for item in told] == [(place, "")]


def test_a_requirement_with_a_token_is_told_and_can_still_be_read() -> None:
    """pypa/wheel#442."""
    text = f"other[x] @ git+https://ci:{github()}@github.com/o/o.git ; extra == 'y'"

    metadata, told = hide_credentials(CoreMetadata(requires_dist=(text,)))

    assert metadata.requires_dist == (
        "other[x] @ git+https://***@github.com/o/o.git ; extra == 'y'",
    )
    assert [item.field for item in told] == ["requires-dist"]


@pytest.mark.parametrize(
    ("text", "fields"),
    [
        ("Clone https://x-access-token:{token}@github.com/o/o.git.", ["description"]),
        ("Connect to redis://app:w9Xk27LmQv4z@cache.kite.dev/0.", ["description"]),
        ("Connect to redis://app:opensesame@cache.kite.dev/0.", []),
        ("Log in with {token}.", []),
    ],
)
def test_a_description_shows_urls_so_only_what_is_random_is_told(
    text: str, fields: list[str]
) -> None:
    token = github()

    metadata, told = hide_credentials(
        CoreMetadata(description=text.format(token=token))
    )

    assert [item.field for item in told] == fields
    assert token[4:] not in metadata.description
    assert metadata.description.endswith(".")


def test_in_the_members_of_metadata_urls_are_left_to_its_own_rule() -> None:
    text = b"Home-page: redis://app:w9Xk27LmQv4z@cache.kite.dev/0\n"

    assert kinds(text, "demo-1.0.dist-info/METADATA") == []
    assert kinds(text, "demo/config.ini") == ["password in a URL"]


# --- chance -------------------------------------------------------------------------


def test_what_chance_writes_is_random() -> None:
    for alphabet, size in ((planted.HEX, 32), (planted.ALNUM, 24), (planted.WORD, 22)):
        texts = [planted.chance(RNG, alphabet, size).encode() for _ in range(2_000)]
        assert sum(map(is_random, texts)) >= 1_998


@pytest.mark.parametrize(
    "text",
    [
        b"abcdefghijklmnopqrstuvwx",
        b"00000000000000000000000000000000",
        b"aaaabbbbccccddddaaaabbbb",
        b"example0Kq91Zx8fLm2TnV7",
        b"zyxwvutsrqponmlkjihgfe",
        b"deadbeefdeadbeefdeadbeefdeadbeef",
        b"",
    ],
)
def test_what_people_write_is_not(text: bytes) -> None:
    assert not is_random(text)


def test_nothing_is_found_in_nothing() -> None:
    assert search(b"") == ((), True)

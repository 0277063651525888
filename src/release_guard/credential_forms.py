"""The forms of credentials, provider by provider: how each begins, what it is made of,
and the digits by which it can be checked without asking anybody.

Nearly all have a long run of letters and digits: only where one stands, and a mark at
its place before it, a form is tried. Every pattern is bounded, so that no line, however
long, takes more than its length.

What is found is told by its place. The caller takes care that it stays there.
"""

from __future__ import annotations

import base64
import binascii
import json
import math
import re
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise

from release_guard.private_keys import KeyState, state_of_key

__all__ = [
    "FORMS",
    "MARKS",
    "URL",
    "Form",
    "Found",
    "is_placeholder",
    "is_random",
    "search",
]


@dataclass(frozen=True, slots=True)
class Form:
    """A kind of credential. ``is_whole`` says that nothing else looks like one: it has
    a mark of its own and what follows it, or check digits, or a structure that is read.
    """

    kind: str
    is_whole: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """Where a credential stands, and what of it is no secret: its mark. ``beside`` is
    where the other half of a pair stands.
    """

    form: Form
    start: int
    end: int
    mark: str
    beside: tuple[tuple[int, int], ...] = ()


#: Tries a form where its mark begins in a text.
_Try = Callable[[bytes, int], Found | None]
_Check = Callable[[bytes], bool]


# --- chance, and what only looks like it -------------------------------------------

#: What people write in place of a credential.
_PLACEHOLDERS = re.compile(
    rb"example|(?-i:xxxx|XXXX)|placeholder|change_?me|your|dummy|redacted|sample|fake|foobar|insert"
    rb"|secret|password|passwd|token|hunter2|qwerty|letmein|s3cr3t|not_?a_?real"
    rb"|(.)\1{5}|[<>{}$%*]|\.\.\.",
    re.IGNORECASE | re.DOTALL,
)
_RUN = 6
#: The share of the entropy that chance could give at most, below which it was none.
_LEAST_SHARE = 0.68


def is_placeholder(text: bytes) -> bool:
    """Whether a text says that it stands for a credential, or counts up."""
    if _PLACEHOLDERS.search(text):
        return True
    steps = [after - before for before, after in pairwise(text)]
    runs = zip(*(steps[offset:] for offset in range(_RUN - 1)), strict=False)
    return any(set(run) in ({1}, {-1}) for run in runs)


def is_random(text: bytes) -> bool:
    """Whether a text looks as if chance had written it."""
    if not text or is_placeholder(text):
        return False
    counts = Counter(text).values()
    size = len(text)
    entropy = -sum(n / size * math.log2(n / size) for n in counts)
    alphabet = 16 if _HEX.fullmatch(text) else 62
    return entropy >= _LEAST_SHARE * math.log2(min(size, alphabet))


_HEX = re.compile(rb"[0-9a-fA-F]+")


#: The sha256 of credentials that documentation shows: they open nothing. Whole ones
#: would be found here.
_DOCUMENTED = frozenset(
    (
        # Stripe's test keys
        "2cafc0970149a84f3b9e62eaf169f36f59907a3b3e31f7b82e68c69cd27f7326",
        "f2d6ca16515033e5dce14eba840b979d27b5cbae24bb3e5bf484339667f86397",
        "7e8de44ea9ecf6d53415c90f5b249a8591f7abafbf7d65a2c0d855afeca3ec09",
        "2d1f7723aabc5c7a51fcdc2463c99b5f3fdbc57cf3134db4ac12913c35976e6f",
        # GitHub's and npm's, in what announced their forms
        "976b57ee8acdfcf45f76bcc5e329a23655bd0e1e7eeffd8ec98bab6ca6cdd660",
        "59a272fc32b47dc451babe3b52943ce39eca19955816cf739fefb4abfdf1902f",
        # Telegram's
        "0b5dd075ccdd03c42f4edda8e299e6838e2a75d3486a2a8d86940ed1541e9178",
        "97663138e66699214db9caac00d9d29a9496b38ecf076e4c09284166a238a315",
        # The accounts of Azure's storage and database emulators
        "900e6c2bf8ce6c14dbfdcbd6d7402e8fadd53c5464b0ffae66dce9ac06c0e061",
        "a28c56ecb012bfd03019be85518c37d2cb03e55aec4e23ffa36b756dd89b149d",
        # Google's, for a map
        "ac9265e56c79b234607ec72c53753cfea9f88c99eb713790ddf9be5593bb4465",
    )
)


def _is_documented(token: bytes) -> bool:
    return sha256(token).hexdigest() in _DOCUMENTED


# --- check digits ------------------------------------------------------------------

_BASE62 = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_BASE36 = b"0123456789abcdefghijklmnopqrstuvwxyz"


def _digits(number: int, alphabet: bytes, size: int) -> bytes:
    """A number in the digits of an alphabet, filled up with zeros in front."""
    digits = bytearray()
    while number:
        number, rest = divmod(number, len(alphabet))
        digits.append(alphabet[rest])
    return bytes(reversed(digits)).rjust(size, alphabet[:1])


def _has_crc62(body: bytes) -> bool:
    """GitHub's and npm's: the last six are the CRC-32 of the others, in base 62."""
    said = _digits(zlib.crc32(body[:-6]), _BASE62, 6)
    return said == body[-6:] and is_random(body[:-6])


def _has_crc36(token: bytes) -> bool:
    """GitLab's routable tokens: the last seven are the CRC-32 of all before them."""
    said = _digits(zlib.crc32(token[:-7]), _BASE36, 7)
    return said == token[-7:] and is_random(token.partition(b".")[0])


def _has_grafana_crc(token: bytes) -> bool:
    """Grafana's: eight hex digits, the CRC-32 of all before them, lowest byte first."""
    head, _, said = token.rpartition(b"_")
    return zlib.crc32(head).to_bytes(4, "little").hex().encode() == said.lower()


_BECH32 = b"qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_BECH32_TERMS = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)


def _is_bech32(token: bytes) -> bool:
    """age's: a checksum over the words before the last ``1`` and what follows it."""
    human, _, data = token.lower().rpartition(b"1")
    values = [character >> 5 for character in human] + [0]
    values += [character & 31 for character in human]
    values += [_BECH32.index(character) for character in data]
    check = 1
    for value in values:
        top = check >> 25
        check = (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(_BECH32_TERMS):
            check ^= term if top >> bit & 1 else 0
    return check == 1


def _unpadded(text: bytes) -> bytes:
    """What base64url without its padding says, empty where it is none."""
    try:
        padded = text + b"=" * (-len(text) % 4)
        return base64.b64decode(padded, altchars=b"-_", validate=True)
    except binascii.Error:
        return b""


#: A packet of a macaroon: a field's type and length, which takes one byte or two.
_LOCATION, _IDENTIFIER, _VERIFIER, _SIGNATURE = 1, 2, 4, 6
_SIGNATURE_SIZE = 32


def _is_macaroon(body: bytes) -> bool:
    """PyPI's: version, location and identifier, caveats, signature, and no more
    (libmacaroons, version 2 of the binary format).
    """
    data = _unpadded(body)
    fields = list(_packets(data[1:]))
    types = [kind for kind, _ in fields]
    inner = {_LOCATION, _IDENTIFIER, _VERIFIER, 0}
    return (
        data[:1] == b"\x02"
        and types[:3] == [_LOCATION, _IDENTIFIER, 0]
        and types[-2:] == [0, _SIGNATURE]
        and set(types[3:-1]) <= inner
        and len(fields[-1][1]) == _SIGNATURE_SIZE
    )


def _packets(data: bytes) -> Iterator[tuple[int, bytes]]:
    at = 0
    while at < len(data):
        kind, at = data[at], at + 1
        if not kind:
            yield 0, b""
            continue
        length, at = int.from_bytes(data[at : at + 1], "big"), at + 1
        if length > _ONE_BYTE:
            length = (length & _ONE_BYTE) + (
                int.from_bytes(data[at : at + 1], "big") << 7
            )
            at += 1
        yield kind, data[at : at + length]
        at += length


_ONE_BYTE = 0x7F


def _has_account_key(body: bytes) -> bool:
    """Azure's: base64 of 64 bytes."""
    try:
        key = base64.b64decode(body, validate=True)
    except binascii.Error:
        return False
    return len(key) == _ACCOUNT_KEY_SIZE and is_random(body)


_ACCOUNT_KEY_SIZE = 64


def _last_is_random(body: bytes) -> bool:
    """Slack's: numbers, and at the end what is secret."""
    return is_random(re.split(rb"[-/]", body)[-1])


def _any(_: bytes) -> bool:
    return True


# --- tokens with a mark ------------------------------------------------------------

#: What stands in front of a token, and behind it: nothing that could belong to it.
_LEFT = rb"(?:(?<![A-Za-z0-9_\-])|(?<=\\[nrt]))"
_RIGHT = rb"(?![A-Za-z0-9_\-])"


@dataclass(frozen=True, slots=True)
class _Token:
    """A form with marks: what follows, as a pattern, and what it must be beyond that.
    ``check`` gets what follows the mark, or, where it is ``over_all``, the whole.
    """

    form: Form
    marks: tuple[bytes, ...]
    body: bytes
    check: _Check = is_random
    over_all: bool = False


_WORD = rb"[A-Za-z0-9_\-]"
_ALNUM = rb"[A-Za-z0-9]"
_LOWER_HEX = rb"[0-9a-f]"
#: GitHub's tokens of installations have a JWT inside since 2026.
_INNER_JWT = rb"(?:[0-9]{1,12}_)?eyJ%b{10,2000}\.eyJ%b{10,4000}\.%b{40,1000}" % (
    (_WORD,) * 3
)

_OPENAI = Form("OpenAI API key")
_DISCORD_HOOK = Form("Discord webhook")
_STRIPE_TEST = Form("Stripe test key", is_whole=False)

#: Each as its provider documents it, or, where that says nothing, as two of the public
#: scanners have it.
_TOKENS: tuple[_Token, ...] = (
    # PyPI: "pypi-" and a macaroon, whose location comes first; then TestPyPI's.
    _Token(
        Form("PyPI API token"),
        (b"pypi-AgEIcHlwaS5vcmc", b"pypi-AgENdGVzdC5weXBpLm9yZw"),
        rb"%b{60,4000}" % _WORD,
        lambda token: _is_macaroon(token[5:]),
        over_all=True,
    ),
    _Token(
        Form("GitHub token"),
        (b"ghp_", b"gho_", b"ghu_", b"ghs_", b"ghr_"),
        rb"%b{36}" % _ALNUM,
        _has_crc62,
    ),
    _Token(
        Form("GitHub token"),
        (b"ghs_",),
        _INNER_JWT,
        _any,
    ),
    # Over what its check digits are counted is not public.
    _Token(
        Form("GitHub fine-grained token"),
        (b"github_pat_",),
        rb"%b{22}_%b{59}" % (_ALNUM, _ALNUM),
    ),
    _Token(
        Form("GitLab token"),
        (b"glpat-", b"gldt-", b"glrt-", b"glsoat-"),
        rb"%b{20}(?!\.[0-9a-z])" % _WORD,
    ),
    _Token(
        Form("GitLab token"),
        (b"glpat-", b"gldt-", b"glrt-", b"glsoat-"),
        rb"%b{27,300}\.(?:[0-9a-z]{2}\.)?[0-9a-z]{9}" % _WORD,
        _has_crc36,
        over_all=True,
    ),
    _Token(Form("npm token"), (b"npm_",), rb"%b{36}" % _ALNUM, _has_crc62),
    _Token(Form("crates.io token"), (b"cio",), rb"%b{32}" % _ALNUM),
    _Token(Form("RubyGems API key"), (b"rubygems_",), rb"%b{48}" % _LOWER_HEX),
    _Token(Form("NuGet API key"), (b"oy2",), rb"[a-z0-9]{43}"),
    _Token(
        Form("Docker Hub token"),
        (b"dckr_pat_", b"dckr_oat_"),
        rb"%b{27,32}" % _WORD,
    ),
    _Token(
        Form("Slack token"),
        (b"xoxb-", b"xoxp-", b"xoxe-", b"xoxa-", b"xoxr-", b"xoxs-"),
        rb"(?:[0-9]{9,14}-){1,3}(?:%b{24}|%b{32})" % (_ALNUM, _LOWER_HEX),
        _last_is_random,
    ),
    _Token(
        Form("Slack app token"),
        (b"xapp-",),
        rb"[0-9]-[A-Z0-9]{8,14}-[0-9]{9,14}-%b{64}" % _LOWER_HEX,
        _last_is_random,
    ),
    _Token(
        Form("Slack webhook"),
        (b"hooks.slack.com/services/",),
        rb"T[A-Z0-9]{7,12}/B[A-Z0-9]{7,12}/%b{24}" % _ALNUM,
        _last_is_random,
    ),
    _Token(
        _DISCORD_HOOK,
        (b"discord.com/api/webhooks/", b"discordapp.com/api/webhooks/"),
        rb"[0-9]{17,20}/%b{60,80}" % _WORD,
        _last_is_random,
    ),
    _Token(
        Form("Stripe live key"), (b"sk_live_", b"rk_live_"), rb"%b{24,247}" % _ALNUM
    ),
    _Token(_STRIPE_TEST, (b"sk_test_", b"rk_test_"), rb"%b{24,247}" % _ALNUM),
    _Token(Form("SendGrid API key"), (b"SG.",), rb"%b{22}\.%b{43}" % (_WORD, _WORD)),
    _Token(
        Form("Mailgun API key", is_whole=False), (b"key-",), rb"%b{32}" % _LOWER_HEX
    ),
    _Token(
        _OPENAI,
        (b"sk-proj-", b"sk-svcacct-", b"sk-admin-"),
        rb"%b{58,74}T3BlbkFJ%b{58,74}" % (_WORD, _WORD),
    ),
    _Token(_OPENAI, (b"sk-",), rb"%b{20}T3BlbkFJ%b{20}" % (_ALNUM, _ALNUM)),
    _Token(
        Form("Anthropic API key"),
        (b"sk-ant-api03-", b"sk-ant-admin01-", b"sk-ant-oat01-"),
        rb"%b{93}AA" % _WORD,
    ),
    _Token(Form("Hugging Face token"), (b"hf_",), rb"%b{34}" % _ALNUM),
    _Token(Form("Groq API key"), (b"gsk_",), rb"%b{52}" % _ALNUM),
    _Token(Form("Replicate token"), (b"r8_",), rb"%b{37}" % _ALNUM),
    _Token(
        Form("DigitalOcean token"),
        (b"dop_v1_", b"doo_v1_", b"dor_v1_"),
        rb"%b{64}" % _LOWER_HEX,
    ),
    _Token(Form("Google API key", is_whole=False), (b"AIza",), rb"%b{35}" % _WORD),
    _Token(
        Form("Azure storage account key"),
        (b"AccountKey=",),
        rb"[A-Za-z0-9+/]{86}==",
        _has_account_key,
    ),
    _Token(
        Form("age secret key"),
        (b"AGE-SECRET-KEY-1",),
        rb"[QPZRY9X8GF2TVDW0S3JN54KHCE6MUA7L]{58}",
        _is_bech32,
        over_all=True,
    ),
    _Token(Form("Databricks token"), (b"dapi",), rb"%b{32}(?:-[0-9])?" % _LOWER_HEX),
    _Token(Form("HashiCorp Vault token"), (b"hvs.",), rb"%b{90,120}" % _WORD),
    _Token(Form("HashiCorp Vault token"), (b"hvb.",), rb"%b{138,300}" % _WORD),
    _Token(
        Form("Shopify token"),
        (b"shpat_", b"shpca_", b"shppa_", b"shpss_"),
        rb"[0-9a-fA-F]{32}",
    ),
    _Token(Form("Linear API key"), (b"lin_api_",), rb"%b{40}" % _ALNUM),
    _Token(
        Form("Grafana service account token"),
        (b"glsa_",),
        rb"%b{32}_[0-9a-fA-F]{8}" % _ALNUM,
        _has_grafana_crc,
        over_all=True,
    ),
    _Token(
        Form("Postman API key"),
        (b"PMAK-",),
        rb"%b{24}-%b{34}" % (_LOWER_HEX, _LOWER_HEX),
        _last_is_random,
    ),
    _Token(Form("Pulumi token"), (b"pul-",), rb"%b{40}" % _LOWER_HEX),
    _Token(Form("Sentry user token"), (b"sntryu_",), rb"%b{64}" % _LOWER_HEX),
    _Token(Form("Heroku API key"), (b"HRKU-AA",), rb"%b{58}" % _WORD),
    _Token(Form("Twilio API key", is_whole=False), (b"SK",), rb"%b{32}" % _LOWER_HEX),
)


def _try_token(token: _Token, mark: bytes) -> _Try:
    """What tries a form with a mark."""
    body = re.compile(rb"%b%b(%b)%b" % (_LEFT, re.escape(mark), token.body, _RIGHT))

    def attempt(text: bytes, start: int) -> Found | None:
        found = body.match(text, start)
        if found is None or _is_documented(found[0]):
            return None
        if not token.check(found[0] if token.over_all else found[1]):
            return None
        # The location of a macaroon belongs to its mark, and tells nobody anything.
        return Found(token.form, start, found.end(), mark.decode("ascii"))

    return attempt


# --- forms that are more than a mark and what follows -------------------------------

_AWS_PAIR = Form("AWS access key with its secret")
_AWS_ID = Form("AWS access key id", is_whole=False)
_AWS = re.compile(rb"%b(A[KS]IA)([A-Z2-7]{16})%b" % (_LEFT, _RIGHT))
#: How far from its id a secret is looked for, in bytes.
_NEAR = 400
_AWS_SECRET = re.compile(
    rb"secret[^\n\r]{0,60}?[\"'=: \t>]([A-Za-z0-9/+]{40})(?![A-Za-z0-9/+=])",
    re.IGNORECASE,
)


def _try_aws(text: bytes, start: int) -> Found | None:
    found = _AWS.match(text, start)
    if found is None or not is_random(found[2]):
        return None
    secrets = _near(_AWS_SECRET, text, found)
    form = _AWS_PAIR if secrets else _AWS_ID
    return Found(form, start, found.end(), found[1].decode("ascii"), secrets)


def _near(
    secret: re.Pattern[bytes], text: bytes, found: re.Match[bytes]
) -> tuple[tuple[int, int], ...]:
    """Where the secrets stand that are near to what opens nothing without one."""
    start, end = max(0, found.start() - _NEAR), found.end() + _NEAR
    hits = secret.finditer(text, start, end)
    return tuple(hit.span(1) for hit in hits if is_random(hit[1]))


_TWILIO_PAIR = Form("Twilio account with its token")
_TWILIO = re.compile(rb"%bAC%b{32}%b" % (_LEFT, _LOWER_HEX, _RIGHT))
_TWILIO_SECRET = re.compile(
    rb"(?:token|secret)[^\n\r]{0,40}?[\"'=: \t>]([0-9a-f]{32})(?![0-9A-Za-z])",
    re.IGNORECASE,
)


def _try_twilio(text: bytes, start: int) -> Found | None:
    """An account is no secret; its token, which has no mark, is."""
    found = _TWILIO.match(text, start)
    if found is None or not is_random(found[0][2:]):
        return None
    secrets = _near(_TWILIO_SECRET, text, found)
    if not secrets:
        return None
    return Found(_TWILIO_PAIR, start, found.end(), "AC", secrets)


_TELEGRAM_FORM = Form("Telegram bot token")
_TELEGRAM = re.compile(rb":(AA[A-Za-z0-9_\-]{33})%b" % _RIGHT)
_TELEGRAM_BOT = re.compile(rb"(?<![A-Za-z0-9_\-.])[0-9]{8,10}\Z")


def _try_telegram(text: bytes, start: int) -> Found | None:
    found = _TELEGRAM.match(text, start)
    bot = _TELEGRAM_BOT.search(text[max(0, start - 12) : start])
    if found is None or bot is None or not is_random(found[1]):
        return None
    start -= len(bot[0])
    if _is_documented(text[start : found.end()]):
        return None
    return Found(_TELEGRAM_FORM, start, found.end(), "")


_DISCORD_FORM = Form("Discord bot token")
_DISCORD = re.compile(rb"\.([A-Za-z0-9_\-]{6})\.([A-Za-z0-9_\-]{27,38})%b" % _RIGHT)
_DISCORD_BOT = re.compile(rb"[A-Za-z0-9_\-]{24,28}(?![A-Za-z0-9_\-.])")
_SNOWFLAKE = re.compile(rb"[0-9]{17,20}")


def _try_discord(text: bytes, start: int) -> Found | None:
    """The first of three parts says the number of the bot."""
    found = _DISCORD.match(text, start)
    bot = _DISCORD_BOT.match(text[max(0, start - 40) : start][::-1])
    if found is None or bot is None or not is_random(found[2]):
        return None
    if not _SNOWFLAKE.fullmatch(_unpadded(bot[0][::-1])):
        return None
    return Found(_DISCORD_FORM, start - len(bot[0]), found.end(), "")


_JWT_FORM = Form("signed JWT", is_whole=False)
_JWT = re.compile(rb"\.(eyJ%b{10,4000})\.(%b{43,1400})%b" % (_WORD, _WORD, _RIGHT))
_JWT_HEADER = re.compile(rb"[A-Za-z0-9_\-]{16,1000}+(?![A-Za-z0-9_\-.])")
#: What the payload of an example says, or of a key that is meant to be public.
_SHOWN_PAYLOAD = re.compile(
    rb'John Doe|"1234567890"|"joe"|"role" ?: ?"anon"|example\.', re.IGNORECASE
)
#: Claims that a token has which somebody is to trust (RFC 7519, section 4.1).
_CLAIMS = frozenset(("iss", "sub", "aud", "exp", "nbf", "iat", "jti"))


def _try_jwt(text: bytes, start: int) -> Found | None:
    found = _JWT.match(text, start)
    head = _JWT_HEADER.match(text[max(0, start - 1001) : start][::-1])
    if found is None or head is None or not is_random(found[2]):
        return None
    header, payload = _json(head[0][::-1]), _unpadded(found[1])
    algorithm = header.get("alg")
    if not isinstance(algorithm, str) or algorithm.lower() == "none":
        return None
    if not _CLAIMS & _json(found[1]).keys() or _SHOWN_PAYLOAD.search(payload):
        return None
    return Found(_JWT_FORM, start - len(head[0]), found.end(), "eyJ")


def _json(part: bytes) -> Mapping[str, object]:
    """The JSON object that a part of a JWT holds, empty where it holds none."""
    try:
        value = json.loads(_unpadded(part))
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


#: A password in a URL; weak, as most are shown and not used.
URL = Form("password in a URL", is_whole=False)
_URL = re.compile(
    rb"://([^\s/?#@:\"'<>`\\]{0,100}+):([^\s/?#@:\"'<>`\\]{8,200}+)@([A-Za-z0-9.\-]{4,253}+)"
)
_SCHEME = re.compile(rb"[A-Za-z][A-Za-z0-9+.\-]{1,20}\Z")
#: A host that everybody can reach has a dot, and no name that is set aside (RFC 6761).
_NO_HOST = re.compile(
    rb"[^.]*|.*\.(?:test|example|invalid|local|localhost|localdomain|internal)"
    rb"|(?:.*\.)?(?:example|domain|host|hostname|server|company|yourdomain|mydomain"
    rb"|my-?site|site|acme|corp|foo|bar|proxy|test|url|xyz|some-?host)\.[a-z]{2,6}"
    rb"|(?:0|10|127|169|172|192|1\.1|1\.2|8\.8)\.[0-9.]*",
    re.IGNORECASE,
)


def _try_url(text: bytes, start: int) -> Found | None:
    found = _URL.match(text, start)
    scheme = _SCHEME.search(text[max(0, start - 21) : start])
    if found is None or scheme is None or _NO_HOST.fullmatch(found[3]):
        return None
    password = found[2]
    kinds = (rb"[0-9]", rb"[A-Za-z]")
    is_mixed = all(re.search(kind, password) for kind in kinds)
    if not (is_mixed and is_random(password)):
        return None
    mark = f"{scheme[0].decode('ascii')}://"
    return Found(URL, start - len(scheme[0]), found.end(2), mark)


_KEY_FORM = Form("private key")
_ACCOUNT_FORM = Form("Google service account key")
_ENCRYPTED_FORM = Form("private key that a passphrase protects", is_whole=False)
_KEY = re.compile(
    rb"-----BEGIN ((?:(RSA|EC|DSA|OPENSSH|PGP|ENCRYPTED) )?PRIVATE KEY(?: BLOCK)?)-----"
)
_BEGIN_OF_KEY = b"-----BEGIN "
#: The largest keys, with comments, have some 12,000 bytes; in bytes.
_LONGEST_KEY = 32 << 10


def _try_key(text: bytes, start: int) -> Found | None:
    found = _KEY.match(text, start)
    if found is None:
        return None
    close = b"-----END %b-----" % found[1]
    end = text.find(close, found.end(), start + _LONGEST_KEY)
    # Of marks in a row the last one begins the key: each byte is decoded once.
    if end < 0 or text.find(_BEGIN_OF_KEY, found.end(), end) >= 0:
        return None
    state = state_of_key(found[2] or b"", text[found.end() : end])
    if state is KeyState.NO_KEY:
        return None
    form = _KEY_FORM if state is KeyState.BARE else _ENCRYPTED_FORM
    if (
        form is _KEY_FORM
        and b'"service_account"' in text[max(0, start - _NEAR) : start]
    ):
        form = _ACCOUNT_FORM
    mark = found[0].decode("ascii")
    return Found(form, start, end + len(close), mark)


@dataclass(frozen=True, slots=True)
class _Place:
    """A mark, and what to try where it stands."""

    mark: bytes
    attempt: _Try


_PLACES: tuple[_Place, ...] = (
    *(
        _Place(mark, _try_token(token, mark))
        for token in _TOKENS
        for mark in token.marks
    ),
    _Place(b"AC", _try_twilio),
)
#: The marks of tokens, each once.
MARKS: tuple[bytes, ...] = tuple(
    dict.fromkeys(mark for token in _TOKENS for mark in token.marks)
)
#: The forms there are, each once.
FORMS: tuple[Form, ...] = tuple(
    dict.fromkeys(
        (
            *(token.form for token in _TOKENS),
            *(_AWS_PAIR, _AWS_ID, _TWILIO_PAIR, _TELEGRAM_FORM, _DISCORD_FORM),
            *(_JWT_FORM, URL, _KEY_FORM, _ACCOUNT_FORM, _ENCRYPTED_FORM),
        )
    )
)


# --- where to look -----------------------------------------------------------------

#: What tokens are made of.
_OWN = frozenset(b"_-0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
_DRAWN = bytes(ord("w") if code in _OWN else ord(" ") for code in range(256))
#: Each token has a run of these that is so long, together with its mark where that is
#: made of them too; but for what is looked for ``_APART``.
_LONG_RUN = b"w" * 24
#: How many characters of a run tell whether a mark begins it.
_BEGIN = 3


def _by_begin() -> Mapping[bytes, tuple[_Place, ...]]:
    """The marks that can begin a run, by how they begin themselves."""
    table: dict[bytes, tuple[_Place, ...]] = {}
    for place in _PLACES:
        begin = place.mark[:_BEGIN]
        keys = [begin] if len(begin) == _BEGIN else [begin + bytes((c,)) for c in _OWN]
        for key in keys if _OWN.issuperset(place.mark) else ():
            table[key] = (*table.get(key, ()), place)
    return table


_BY_BEGIN = _by_begin()
_BY_MARK: Mapping[bytes, _Try] = {place.mark: place.attempt for place in _PLACES}

#: What is searched for alone. A pattern begins with one character, for which a machine
#: looks many times faster than for one of several.
_APART: tuple[tuple[re.Pattern[bytes], tuple[_Try, ...]], ...] = (
    (
        re.compile(rb"A(?:[KS]IA(?=[A-Z2-7]{16})|ccountKey=)"),
        (_try_aws, _BY_MARK[b"AccountKey="]),
    ),
    (re.compile(rb"://(?=[^\s/?#@:]{0,100}+:[^\s/?#@:]{8,200}+@)"), (_try_url,)),
    (re.compile(_BEGIN_OF_KEY), (_try_key,)),
)
#: How many places of a text are tried, for each way to find some.
_MOST_PLACES = 20_000
#: How many credentials of one text are told.
_MOST_FOUND = 200


def search(text: bytes) -> tuple[tuple[Found, ...], bool]:
    """The credentials in a text, in its order, and whether it was looked through to its
    end: of a text that is full of marks only the first are tried.

    Of two in one place the whole one is told, or the first.
    """
    found: list[Found] = []
    is_whole = True
    ways = [_in_runs(text)]
    # Most texts have none of these; to ask costs less than to begin.
    ways += [_apart(text, *way) for way in _APART if way[0].search(text)]
    for places in ways:
        for number, (attempt, start) in enumerate(places):
            if number == _MOST_PLACES:
                is_whole = False
                break
            item = attempt(text, start)
            if item is not None:
                found.append(item)
    found.sort(key=lambda item: (not item.form.is_whole, item.start))
    kept: list[Found] = []
    for item in found:
        if not any(
            item.start < k.end and k.start < item.end for k in kept[-_MOST_FOUND:]
        ):
            kept.append(item)
        if len(kept) > _MOST_FOUND:
            return tuple(kept[:_MOST_FOUND]), False
    return tuple(sorted(kept, key=lambda item: item.start)), is_whole


def _apart(
    text: bytes, pattern: re.Pattern[bytes], attempts: tuple[_Try, ...]
) -> Iterator[tuple[_Try, int]]:
    for hit in pattern.finditer(text):
        for attempt in attempts:
            yield attempt, hit.start()


_SIGNS, _ESCAPE = frozenset(b".:/"), ord("\\")


def _in_runs(text: bytes) -> Iterator[tuple[_Try, int]]:
    """What to try, and where: the marks that begin a long run, or stand before it."""
    drawn = text.translate(_DRAWN)
    start = drawn.find(_LONG_RUN)
    while start >= 0:
        before = text[start - 1] if start else 0
        if before in _SIGNS:
            yield from _before(text, drawn, start)
        elif before == _ESCAPE and text[start] in b"nrt":
            start += 1
        for place in _BY_BEGIN.get(text[start : start + _BEGIN], ()):
            if text.startswith(place.mark, start):
                yield place.attempt, start
        end = drawn.find(b" ", start)
        start = drawn.find(_LONG_RUN, end) if end >= 0 else -1


#: Between the dots of a token of Discord, and behind SendGrid's mark, in bytes.
_DISCORD_GAP, _SENDGRID_GAP = 6, 22
_WEBHOOKS = tuple(place for place in _PLACES if place.mark.endswith(b"/"))
#: How far from what is secret the address of a webhook may begin, in bytes.
_ADDRESS = 60


def _before(text: bytes, drawn: bytes, start: int) -> Iterator[tuple[_Try, int]]:
    """The marks that end with a sign, or whose token has one in its middle; ``start``
    is where the run behind the sign begins.
    """
    match text[start - 1 : start]:
        case b":" if text.startswith(b"AA", start):
            yield _try_telegram, start - 1
        case b"/":
            for place in _WEBHOOKS:
                at = text.rfind(place.mark, max(0, start - _ADDRESS), start)
                if at >= 0:
                    yield place.attempt, at
        case b".":
            mark = text[max(0, start - 4) : start]
            if mark in _BY_MARK:
                yield _BY_MARK[mark], start - 4
            at = start - 1 - _SENDGRID_GAP - len(_SENDGRID)
            if at >= 0 and text.startswith(_SENDGRID, at):
                yield _BY_MARK[_SENDGRID], at
            at = start - 2 - _DISCORD_GAP
            if at >= 0 and text.startswith(b".", at):
                yield _try_discord, at
            at = drawn.rfind(b" ", 0, start - 1)
            if text.startswith(b".eyJ", max(0, at)):
                yield _try_jwt, max(0, at)


_SENDGRID = b"SG."

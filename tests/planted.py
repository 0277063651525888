"""Credentials that open nothing: made by chance in the forms of their providers, when a
test runs, so that no file holds one. And what is nearest to them, and is none.
"""

from __future__ import annotations

import base64
import json
import random
import string
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping

from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

__all__ = [
    "ARMOURED",
    "CREDENTIALS",
    "MARKS",
    "WEAK",
    "bech32",
    "crc62",
    "key_pem",
    "macaroon",
    "near_misses",
    "openpgp_key",
]

Make = Callable[[random.Random], str]

ALNUM = string.ascii_letters + string.digits
WORD = ALNUM + "_-"
HEX = "0123456789abcdef"
_BASE62 = string.digits + string.ascii_uppercase + string.ascii_lowercase
_BASE36 = string.digits + string.ascii_lowercase


def chance(rng: random.Random, alphabet: str, size: int) -> str:
    """Random text that ends with no sign, which no editor would select with it."""
    body = "".join(rng.choices(alphabet, k=size - 1))
    return body + rng.choice([c for c in alphabet if c.isalnum()])


# --- check digits, told once more ---------------------------------------------------


def crc62(body: str) -> str:
    """GitHub's and npm's: six digits of base 62."""
    return _digits(zlib.crc32(body.encode()), _BASE62, 6)


def _digits(number: int, alphabet: str, size: int) -> str:
    text = ""
    for _ in range(size):
        number, digit = divmod(number, len(alphabet))
        text = alphabet[digit] + text
    return text


def _routable(rng: random.Random) -> str:
    """GitLab's, with 16 random bytes behind what routes it."""
    payload = b"o:1\nu:%d" % rng.randrange(10**6) + rng.randbytes(16) + b"\x10"
    text = base64.urlsafe_b64encode(payload).decode().rstrip("=")
    head = f"glpat-{text}.01.{_digits(len(text), _BASE36, 2)}"
    return head + _digits(zlib.crc32(head.encode()), _BASE36, 7)


def _grafana(rng: random.Random) -> str:
    head = f"glsa_{chance(rng, ALNUM, 32)}"
    return f"{head}_{zlib.crc32(head.encode()).to_bytes(4, 'little').hex()}"


_BECH32 = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"


def bech32(human: str, data: bytes) -> str:
    """BIP 173, in capitals, as age writes its keys."""
    bits = "".join(f"{byte:08b}" for byte in data)
    bits += "0" * (-len(bits) % 5)
    words = [int(bits[at : at + 5], 2) for at in range(0, len(bits), 5)]
    check = 1
    for value in [
        *(ord(c) >> 5 for c in human),
        0,
        *(ord(c) & 31 for c in human),
        *words,
        *[0] * 6,
    ]:
        top, check = check >> 25, (check & 0x1FFFFFF) << 5 ^ value
        for bit, term in enumerate(
            (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
        ):
            check ^= term if top >> bit & 1 else 0
    words += [(check ^ 1) >> 5 * (5 - place) & 31 for place in range(6)]
    return f"{human}1{''.join(_BECH32[word] for word in words)}".upper()


def macaroon(rng: random.Random, location: bytes, *, caveat: bytes = b"") -> str:
    """A token of a public index: version 2 of the binary form of macaroons."""

    def field(kind: int, data: bytes) -> bytes:
        size = bytes([len(data)])
        if len(data) > 0x7F:
            size = bytes([len(data) & 0x7F | 0x80, len(data) >> 7])
        return bytes([kind]) + size + data

    identifier = f"{rng.getrandbits(128):032x}".encode()
    data = b"\x02" + field(1, location) + field(2, identifier) + b"\0"
    if caveat:
        data += field(2, caveat) + b"\0"
    data += b"\0" + field(6, rng.randbytes(32))
    return "pypi-" + base64.urlsafe_b64encode(data).decode().rstrip("=")


#: Where the tokens of the two public indexes say that they are for.
PYPI, TESTPYPI = (
    base64.b64decode(text) for text in ("cHlwaS5vcmc=", "dGVzdC5weXBpLm9yZw==")
)


# --- keys --------------------------------------------------------------------------


def key_pem(form: str, *, passphrase: bytes = b"") -> str:
    """A private key in a form of PEM, fresh."""
    shape = {
        "RSA": serialization.PrivateFormat.TraditionalOpenSSL,
        "EC": serialization.PrivateFormat.TraditionalOpenSSL,
        "PKCS8": serialization.PrivateFormat.PKCS8,
        "OPENSSH": serialization.PrivateFormat.OpenSSH,
    }[form]
    key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey | ed25519.Ed25519PrivateKey
    if form == "RSA":
        key = rsa.generate_private_key(65537, 2048)
    elif form == "OPENSSH":
        key = ed25519.Ed25519PrivateKey.generate()
    else:
        key = ec.generate_private_key(ec.SECP256R1())
    how: serialization.KeySerializationEncryption = serialization.NoEncryption()
    if passphrase:
        how = serialization.BestAvailableEncryption(passphrase)
    return key.private_bytes(serialization.Encoding.PEM, shape, how).decode()


ARMOURED = (
    "-----BEGIN PGP PRIVATE KEY BLOCK-----",
    "-----END PGP PRIVATE KEY BLOCK-----",
)


def openpgp_key(rng: random.Random, *, protected: bool = False) -> str:
    """An OpenPGP key for signatures on Curve25519, in its armour (RFC 9580)."""
    curve = bytes.fromhex("2b06010401da470f01")
    point = b"\x40" + rng.randbytes(32)
    body = b"\x04" + struct.pack(">I", 1_700_000_000) + b"\x16"
    body += bytes([len(curve)]) + curve + struct.pack(">H", 263) + point
    body += b"\xfe" if protected else b"\0"
    body += struct.pack(">H", 256) + rng.randbytes(32) + b"\0\0"
    data = bytes([0xC5, len(body)]) + body
    crc = 0xB704CE
    for byte in data:
        crc ^= byte << 16
        for _ in range(8):
            crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
    text = base64.b64encode(data).decode()
    lines = [text[at : at + 64] for at in range(0, len(text), 64)]
    check = base64.b64encode((crc & 0xFFFFFF).to_bytes(3, "big")).decode()
    return "\n".join([ARMOURED[0], "", *lines, f"={check}", ARMOURED[1], ""])


# --- the kinds ----------------------------------------------------------------------


def _jwt(rng: random.Random) -> str:
    head = {"alg": "HS256", "typ": "JWT"}
    body = {"sub": str(rng.getrandbits(40)), "iat": rng.getrandbits(30)}
    parts = [json.dumps(part).encode() for part in (head, body)]
    encoded = [base64.urlsafe_b64encode(part).decode().rstrip("=") for part in parts]
    return ".".join([*encoded, chance(rng, WORD, 43)])


def _discord(rng: random.Random) -> str:
    bot = base64.b64encode(str(rng.randrange(10**17, 10**18)).encode()).decode()
    return f"{bot}.{chance(rng, WORD, 6)}.{chance(rng, WORD, 38)}"


def _marked(mark: str, alphabet: str, size: int) -> Make:
    return lambda rng: mark + chance(rng, alphabet, size)


def _checked(mark: str) -> Make:
    def make(rng: random.Random) -> str:
        body = chance(rng, ALNUM, 30)
        return mark + body + crc62(body)

    return make


#: By its kind as reports call it, and a word to tell two of one kind apart. A file that
#: is to hold an AWS or a Twilio pair has both halves.
CREDENTIALS: Mapping[tuple[str, str], Make] = {
    ("PyPI API token", "account"): lambda r: macaroon(r, PYPI),
    ("PyPI API token", "project"): lambda r: macaroon(r, PYPI, caveat=r.randbytes(150)),
    ("PyPI API token", "test"): lambda r: macaroon(r, TESTPYPI, caveat=b"[0,1]"),
    ("GitHub token", "personal"): _checked("ghp_"),
    ("GitHub token", "installation"): _checked("ghs_"),
    ("GitHub token", "stateless"): lambda r: f"ghs_{r.randrange(10**6)}_{_jwt(r)}",
    ("GitHub fine-grained token", ""): lambda r: (
        f"github_pat_{chance(r, ALNUM, 22)}_{chance(r, ALNUM, 59)}"
    ),
    ("GitLab token", "classic"): _marked("glpat-", WORD, 20),
    ("GitLab token", "routable"): _routable,
    ("npm token", ""): _checked("npm_"),
    ("crates.io token", ""): _marked("cio", ALNUM, 32),
    ("RubyGems API key", ""): _marked("rubygems_", HEX, 48),
    ("NuGet API key", ""): _marked("oy2", string.ascii_lowercase + string.digits, 43),
    ("Docker Hub token", ""): _marked("dckr_pat_", WORD, 27),
    ("AWS access key with its secret", ""): lambda r: (
        f'AKIA{chance(r, string.ascii_uppercase + "234567", 16)}", '
        f'aws_secret_access_key="{chance(r, ALNUM + "/+", 40)}'
    ),
    ("AWS access key id", ""): _marked("ASIA", string.ascii_uppercase + "234567", 16),
    ("Google API key", ""): _marked("AIza", WORD, 35),
    ("Azure storage account key", ""): lambda r: (
        "AccountKey=" + base64.b64encode(r.randbytes(64)).decode()
    ),
    ("Slack token", "bot"): lambda r: (
        f"xoxb-{r.randrange(10**11, 10**12)}-{r.randrange(10**12, 10**13)}-"
        + chance(r, ALNUM, 24)
    ),
    ("Slack token", "user"): lambda r: (
        "xoxp"
        + "".join(f"-{r.randrange(10**11, 10**12)}" for _ in range(3))
        + f"-{chance(r, HEX, 32)}"
    ),
    ("Slack app token", ""): lambda r: (
        f"xapp-1-A{chance(r, string.ascii_uppercase + string.digits, 10)}-"
        f"{r.randrange(10**12, 10**13)}-{chance(r, HEX, 64)}"
    ),
    ("Slack webhook", ""): lambda r: (
        "https://hooks.slack.com/services/T"
        f"{chance(r, string.ascii_uppercase + string.digits, 8)}/B"
        f"{chance(r, string.ascii_uppercase + string.digits, 10)}/"
        + chance(r, ALNUM, 24)
    ),
    ("Discord webhook", ""): lambda r: (
        f"https://discord.com/api/webhooks/{r.randrange(10**17, 10**18)}/"
        + chance(r, WORD, 68)
    ),
    ("Discord bot token", ""): _discord,
    ("Telegram bot token", ""): lambda r: (
        f"{r.randrange(10**9, 10**10)}:AA{chance(r, WORD, 33)}"
    ),
    ("Stripe live key", ""): _marked("sk_live_", ALNUM, 24),
    ("Stripe live key", "restricted"): _marked("rk_live_", ALNUM, 99),
    ("Stripe test key", ""): _marked("sk_test_", ALNUM, 24),
    ("Twilio API key", ""): _marked("SK", HEX, 32),
    ("Twilio account with its token", ""): lambda r: (
        f'AC{chance(r, HEX, 32)}", auth_token="{chance(r, HEX, 32)}'
    ),
    ("SendGrid API key", ""): lambda r: (
        f"SG.{chance(r, WORD, 22)}.{chance(r, WORD, 43)}"
    ),
    ("Mailgun API key", ""): _marked("key-", HEX, 32),
    ("OpenAI API key", "project"): lambda r: (
        f"sk-proj-{chance(r, WORD, 74)}T3BlbkFJ{chance(r, WORD, 74)}"
    ),
    ("OpenAI API key", "old"): lambda r: (
        f"sk-{chance(r, ALNUM, 20)}T3BlbkFJ{chance(r, ALNUM, 20)}"
    ),
    ("Anthropic API key", ""): lambda r: f"sk-ant-api03-{chance(r, WORD, 93)}AA",
    ("Hugging Face token", ""): _marked("hf_", string.ascii_letters, 34),
    ("Groq API key", ""): _marked("gsk_", ALNUM, 52),
    ("Replicate token", ""): _marked("r8_", ALNUM, 37),
    ("DigitalOcean token", ""): _marked("dop_v1_", HEX, 64),
    ("age secret key", ""): lambda r: bech32("age-secret-key-", r.randbytes(32)),
    ("Databricks token", ""): _marked("dapi", HEX, 32),
    ("HashiCorp Vault token", "service"): _marked("hvs.", WORD, 95),
    ("HashiCorp Vault token", "batch"): _marked("hvb.", WORD, 160),
    ("Shopify token", ""): _marked("shpat_", HEX, 32),
    ("Linear API key", ""): _marked("lin_api_", ALNUM, 40),
    ("Grafana service account token", ""): _grafana,
    ("Postman API key", ""): lambda r: (
        f"PMAK-{chance(r, HEX, 24)}-{chance(r, HEX, 34)}"
    ),
    ("Pulumi token", ""): _marked("pul-", HEX, 40),
    ("Sentry user token", ""): _marked("sntryu_", HEX, 64),
    ("Heroku API key", ""): _marked("HRKU-AA", WORD, 58),
    ("signed JWT", ""): _jwt,
    ("password in a URL", ""): lambda r: (
        f"postgres://admin:{chance(r, ALNUM, 20)}7@db.{chance(r, HEX, 8)}.net:5432/main"
    ),
    ("private key", "RSA"): lambda _: key_pem("RSA"),
    ("private key", "EC"): lambda _: key_pem("EC"),
    ("private key", "PKCS8"): lambda _: key_pem("PKCS8"),
    ("private key", "OPENSSH"): lambda _: key_pem("OPENSSH"),
    ("private key", "PGP"): openpgp_key,
}
#: The kinds that are none by themselves, or often none: warnings.
WEAK = frozenset(
    {
        *("AWS access key id", "Google API key", "Stripe test key", "Mailgun API key"),
        *("Twilio API key", "signed JWT", "password in a URL"),
    }
)
#: What all of a kind begin with, and everybody may see.
MARKS = ("AgEIcHlwaS5vcmc", "AgENdGVzdC5weXBpLm9yZw", "hooks.slack.com/services/")


# --- what is none ------------------------------------------------------------------


def near_misses(rng: random.Random) -> Iterator[tuple[str, str]]:
    """What looks like a credential and is none, and why."""
    for (kind, word), make in CREDENTIALS.items():
        label = f"{kind} {word}".strip()
        credential = make(rng)
        yield f"{label}, cut off", credential[: min(len(credential) // 2, 18)]
        yield f"{label}, blotted out", _blotted(credential)
        yield f"{label}, counting up", _counting(credential)
        if kind in ("PyPI API token", "GitHub token", "npm token", "age secret key"):
            last = "Q" if credential[-1] != "Q" else "P"
            if word == "stateless":
                continue
            yield f"{label}, one character short", credential[:-1]
            if kind != "PyPI API token":
                yield f"{label}, with a wrong check", credential[:-1] + last
    routable = _routable(rng)
    yield "GitLab token, with a wrong check", routable[:-1] + "!"
    for size in (8, 16, 20, 28, 32, 48, 64):
        yield f"{size} bytes in hex", chance(rng, HEX, 2 * size)
        yield f"{size} bytes in base64", base64.b64encode(rng.randbytes(size)).decode()
        yield f"{size} letters and digits", chance(rng, ALNUM, size)
        yield f"a hash of {size}", f"sha256={chance(rng, WORD, size)}"
    for _ in range(20):
        number = f"{rng.getrandbits(128):032x}"
        parts = (number[:8], number[8:12], number[12:16], number[16:20], number[20:])
        yield "a UUID", "-".join(parts)
        yield "a commit", f"{rng.getrandbits(160):040x}"
        yield "a file in a page", f"main.{chance(rng, HEX, 20)}.chunk.js"
    yield from _PUBLIC.items()


def _blotted(credential: str) -> str:
    """With x for all letters and digits behind the mark."""
    head = 12 if credential.startswith("-----") else 8
    return credential[:head] + "".join(
        "x" if character.isalnum() else character for character in credential[head:]
    )


def _counting(credential: str) -> str:
    """With abcdefgh... and so on, of the same length."""
    size = len(credential) - 8
    return credential[:8] + (string.ascii_lowercase * (size // 26 + 1))[:size]


def _whole(*parts: str) -> str:
    """A credential of somebody's documentation, which no file here holds whole."""
    return "".join(parts)


_PASSWORD = "pUp7Rmk9xQ2wLz"
_PUBLIC = {
    "AWS's own key id": _whole("AKIA", "IOSFODNN7EXAMPLE"),
    "AWS's own secret": _whole(
        "aws_secret_access_key = wJalrXUtnFEMI/", "K7MDENG/bPxRfiCYEXAMPLEKEY"
    ),
    "Stripe's own test key": _whole("sk_test_", "4eC39HqLyjWDarjtT1zdp7dc"),
    "GitHub's own token": _whole("ghp_", "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17"),
    "npm's own token": _whole("npm_", "qkJaB6MffYVzZXWqmcoF49yrUxP3wf0LsakP"),
    "Telegram's own token": _whole("110201543:", "AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"),
    "jwt.io's own token": _whole(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIiwi",
        "bmFtZSI6IkpvaG4gRG9lIiwiaWF0IjoxNTE2MjM5MDIyfQ.",
        "SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV_adQssw5c",
    ),
    "a JWT of nobody": _whole(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzb21lIjoicGF5bG9hZCJ9.",
        "Joh1R2dYzkRvDkqv3sygm5YyK8Gi4ShZqbhK2gxcs2U",
    ),
    "the key of Azure's emulator": _whole(
        "AccountKey=Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6",
        "IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==",
    ),
    "a variable in place of a password": "https://ci:${CI_JOB_TOKEN}@git.kite.dev/x",
    "a template in place of a password": "https://{user}:{password}@git.kite.dev/x",
    "the words user and password": "https://user:password@db.kite.dev/x",
    "a password for this machine": f"redis://:{_PASSWORD}@localhost:6379/0",
    "a password for a name in a network": f"mysql://root:{_PASSWORD}@database/x",
    "a password for an example": f"https://bot:{_PASSWORD}@www.example.org/x",
    "a user alone": "git+ssh://git@github.com/owner/name.git",
    "a port behind a host": "https://index.kite.dev:8443/simple/a@b",
    "a badge's token": "https://codecov.io/gh/a/b/badge.svg?token=K2mXq81LzP",
    "a key that is left out": "-----BEGIN RSA PRIVATE KEY-----\n...\n"
    "-----END RSA PRIVATE KEY-----",
    "the marks of a key": 'if "-----BEGIN PRIVATE KEY-----" in text and '
    '"-----END PRIVATE KEY-----" in text:',
    "a key for tests, by its label": "-----BEGIN RSA TESTING KEY-----\nMIIB\n"
    "-----END RSA TESTING KEY-----",
    "a certificate": "-----BEGIN CERTIFICATE-----\nMIIBszCCAVmgAwIBAgIUQ2t\n"
    "-----END CERTIFICATE-----",
    "a public key": "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAGb9ECWmEzf6FQbrBZ9w7"
    "lshQhqowtrbLDFw4rXAxZuE=\n-----END PUBLIC KEY-----",
    "a public key of SSH": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqV9pPcH0l0 me@here",
    "a public key of age": "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kudsxx9q",
    "a long name of a test": "test_hf_token_is_read_from_the_environment_when_set",
    "a variable of the name": "sk_live_key_from_environment_variable_of_the_job",
    "a name of the mark": "npm_config_registry_of_this_user_and_no_other_one",
    "a pattern for tokens": r"ghp_[A-Za-z0-9]{36}|github_pat_[0-9A-Za-z_]{82}",
    "a placeholder in brackets": "glpat-<your-token-of-20-chars>",
    "a publishable key": "pk_live_51HqLyjWDarjtT1zdp7dc",
    "a path of an API": "/v1/projects/T3BlbkFJ/keys/sk-proj-list",
}

"""Whether a block between BEGIN and END marks is a whole private key, and a bare one.

Nothing is decrypted and no key is loaded: the outer structure is read, as far as it
tells a key from a cut one, a placeholder, and one that a passphrase protects.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from enum import StrEnum

__all__ = ["KeyState", "state_of_key"]


class KeyState(StrEnum):
    """What a block is."""

    BARE = "bare"
    ENCRYPTED = "encrypted"
    NO_KEY = "no key"


def state_of_key(label: bytes, block: bytes) -> KeyState:
    r"""What stands between the marks; ``label`` is the word before PRIVATE KEY, such as
    ``RSA``, mostly none. The block may be a literal of a program: quoted line by line,
    with ``\n`` for its line ends.
    """
    text = block.replace(rb"\r", b"").replace(rb"\n", b"\n").replace(b"\r", b"\n")
    lines = [line for line in text.split(b"\n") if b": " not in line]
    data = _decoded(lines)
    if not data:
        return KeyState.NO_KEY
    if b"ENCRYPTED" in text:
        # Proc-Type: 4,ENCRYPTED (RFC 1421): no DER until it is decrypted.
        return KeyState.ENCRYPTED
    match label:
        case b"OPENSSH":
            return _openssh(data)
        case b"PGP":
            state = _openpgp(data)
            return state if _has_checksum(lines, data) else KeyState.NO_KEY
        case b"ENCRYPTED":
            inside = _tags(data)
            whole = inside[:2] == [_SEQUENCE, _OCTETS]
            return KeyState.ENCRYPTED if whole else KeyState.NO_KEY
    whole = _is_der_key(label, data)
    return KeyState.BARE if whole else KeyState.NO_KEY


#: Longer than words of a comment, and no shorter than a last line.
_BASE64 = re.compile(rb"(?<![A-Za-z0-9+/=])[A-Za-z0-9+/]{2,}+={0,2}(?![A-Za-z0-9+/=])")


def _decoded(lines: list[bytes]) -> bytes:
    """The bytes of a block, empty where it is no base64."""
    pieces = b"".join(b"".join(_BASE64.findall(line)) for line in lines)
    try:
        return base64.b64decode(pieces, validate=True)
    except binascii.Error:
        return b""


# --- DER (RFC 8017, 5915, 5958) ----------------------------------------------------

_INTEGER, _OCTETS, _SEQUENCE = 0x02, 0x04, 0x30
#: How many integers a key holds: RSA's version, modulus and so on; DSA's.
_INTEGERS = {b"RSA": 9, b"DSA": 6}


def _is_der_key(label: bytes, data: bytes) -> bool:
    tags = _tags(data)
    match label:
        case b"RSA" | b"DSA":
            return tags[: _INTEGERS[label]] == [_INTEGER] * _INTEGERS[label]
        case b"EC":
            return tags[:2] == [_INTEGER, _OCTETS]
        case b"":
            return tags[:3] == [_INTEGER, _SEQUENCE, _OCTETS]
    return False


def _tags(data: bytes) -> list[int]:
    """The tags inside the one SEQUENCE that the data is, none where it is not."""
    outer = list(_elements(data))
    if len(outer) != 1 or outer[0][0] != _SEQUENCE:
        return []
    return [tag for tag, _ in _elements(outer[0][1])]


def _elements(data: bytes) -> Iterator[tuple[int, bytes]]:
    """The elements one after the other; one that is cut off ends them with tag 0."""
    at = 0
    while at + 2 <= len(data):
        tag, length = data[at], data[at + 1]
        at += 2
        if length > _SHORT:
            size = length - _SHORT - 1
            length = int.from_bytes(data[at : at + size], "big")
            at += size
        if not length or at + length > len(data):
            break
        yield tag, data[at : at + length]
        at += length
    if at != len(data):
        yield 0, b""


#: The longest length that is written in one byte.
_SHORT = 0x7F


# --- OpenSSH (PROTOCOL.key) --------------------------------------------------------

_OPENSSH = b"openssh-key-v1\0"


def _openssh(data: bytes) -> KeyState:
    """Magic, cipher, derivation and its options, how many, public and private parts."""
    if not data.startswith(_OPENSSH):
        return KeyState.NO_KEY
    strings: list[bytes] = []
    at = len(_OPENSSH)
    # The number of keys stands between the third and the fourth string.
    for gap in (0, 0, 0, 4, 0):
        at += gap
        length = int.from_bytes(data[at : at + 4], "big")
        strings.append(data[at + 4 : at + 4 + length])
        at += 4 + length
    if at > len(data) or not strings[-1]:
        return KeyState.NO_KEY
    return KeyState.BARE if strings[0] == b"none" else KeyState.ENCRYPTED


# --- OpenPGP (RFC 9580) ------------------------------------------------------------

_SECRET_KEY = 5
#: How many numbers a public key has by its algorithm, before what is secret.
_PUBLIC_NUMBERS = {1: 2, 2: 2, 3: 2, 16: 3, 17: 4, 19: 1, 22: 1}
#: The algorithms whose numbers follow the name of a curve.
_CURVES = (19, 22)
_V4_HEADER = 6
#: The bits of a packet's first byte that say how its length is written.
_NEW_FORMAT = 0xC0


def _has_checksum(lines: list[bytes], data: bytes) -> bool:
    """Whether the armour's own check (CRC-24) is there and right."""
    said = [line.strip() for line in lines if line.strip().startswith(b"=")]
    # The check itself looks like base64 to the decoder only without its first sign.
    return len(said) == 1 and said[0][1:5] == base64.b64encode(_crc24(data))


def _crc24(data: bytes) -> bytes:
    crc = 0xB704CE
    for byte in data:
        crc = (crc << 8 & 0xFFFFFF) ^ _CRC24[crc >> 16 ^ byte]
    return crc.to_bytes(3, "big")


def _remainder(byte: int) -> int:
    crc = byte << 16
    for _ in range(8):
        crc = crc << 1 ^ (0x1864CFB if crc & 0x800000 else 0)
    return crc & 0xFFFFFF


_CRC24 = tuple(map(_remainder, range(256)))


def _openpgp(data: bytes) -> KeyState:
    body = _first_packet(data)
    if body is None:
        return KeyState.NO_KEY
    at = _V4_HEADER
    algorithm = body[_V4_HEADER - 1] if len(body) >= _V4_HEADER else 0
    if body[:1] != b"\x04" or algorithm not in _PUBLIC_NUMBERS:
        return KeyState.ENCRYPTED
    if algorithm in _CURVES:
        at += 1 + int.from_bytes(body[at : at + 1], "big")
    for _ in range(_PUBLIC_NUMBERS[algorithm]):
        at += 2 + (int.from_bytes(body[at : at + 2], "big") + 7) // 8
    if at >= len(body):
        return KeyState.NO_KEY
    return KeyState.BARE if body[at] == 0 else KeyState.ENCRYPTED


def _first_packet(data: bytes) -> bytes | None:
    """The body of the first packet, None where it is no secret key or is cut off."""
    first, rest = data[0], data[1:]
    if first >= _NEW_FORMAT:
        tag, size = first - _NEW_FORMAT, 1 if rest[:1] < b"\xc0" else 2
        length = int.from_bytes(rest[:size], "big")
        length = length if size == 1 else length - 0xC000 + 0xC0
    else:
        tag, size = first >> 2 & 0xF, 1 << (first & 3)
        length = int.from_bytes(rest[:size], "big")
    body = rest[size : size + length]
    return body if tag == _SECRET_KEY and length and len(body) == length else None

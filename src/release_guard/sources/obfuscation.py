"""Source code that nobody can read: the marks that obfuscators leave in it.

PyPI refuses them since 2026-03-02 (PyArmor) and 2026-04-24 (SourceDefender): its
scanner looks at ``.py`` and ``.pye`` files of up to 5 MiB.
"""

from __future__ import annotations

__all__ = ["bytes_to_scan", "obfuscator_of"]

_SUFFIXES = (".py", ".pye")
_LARGEST = 5 << 20

# Written in halves: a file that holds a whole mark is refused, and this one would be.
#: Any of these, by what they begin with.
_PYARMOR = b"__pyarmor"
_PYARMOR_MARKS = tuple(
    _PYARMOR + rest
    for rest in (
        b"__(__name__, __file__,",
        b"_enter__",
        b"_exit__",
        b"_assert__",
        b"_bcc__",
    )
)
#: All of these.
_SOURCEDEFENDER_MARKS = tuple(
    b"---" + part + b" PYE FILE---" for part in (b"BEGIN", b"END")
)


def bytes_to_scan(path: str) -> int:
    """How many bytes of a member are needed to tell, 0 for what is not looked at."""
    return _LARGEST + 1 if path.lower().endswith(_SUFFIXES) else 0


def obfuscator_of(path: str, content: bytes, size: int) -> str:
    """The tool that made this source code unreadable, empty where none did."""
    if not bytes_to_scan(path) or size > _LARGEST:
        return ""
    if _PYARMOR in content and any(mark in content for mark in _PYARMOR_MARKS):
        return "PyArmor"
    if all(mark in content for mark in _SOURCEDEFENDER_MARKS):
        return "SourceDefender"
    return ""

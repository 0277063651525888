"""Source code that nobody can read: the marks that obfuscators leave in it.

PyPI refuses them since 2026-03-02 (PyArmor) and 2026-04-24 (SourceDefender): its
scanner looks at ``.py`` and ``.pye`` files of up to 5 MiB.
"""

from __future__ import annotations

__all__ = ["hidden_by", "kept_of"]

_SUFFIXES = (".py", ".pye")
_LARGEST = 5 << 20

#: Any of these, by what both begin with.
_PYARMOR = b"__pyarmor_"
_PYARMOR_MARKS = (
    b"__pyarmor__(__name__, __file__,",
    b"__pyarmor_enter__",
    b"__pyarmor_exit__",
    b"__pyarmor_assert__",
    b"__pyarmor_bcc__",
)
#: All of these.
_SOURCEDEFENDER_MARKS = (b"---BEGIN PYE FILE---", b"---END PYE FILE---")


def kept_of(path: str) -> int:
    """How many bytes of a member are needed to tell, 0 for what is not looked at."""
    return _LARGEST + 1 if path.lower().endswith(_SUFFIXES) else 0


def hidden_by(path: str, content: bytes, size: int) -> str:
    """The tool that made this source code unreadable, empty where none did."""
    if not kept_of(path) or size > _LARGEST:
        return ""
    if _PYARMOR in content and any(mark in content for mark in _PYARMOR_MARKS):
        return "PyArmor"
    if all(mark in content for mark in _SOURCEDEFENDER_MARKS):
        return "SourceDefender"
    return ""

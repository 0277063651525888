"""What wheels a release must have, as the policy declares it: patterns of tags.

A pattern is one tag (PEP 425) with ``*`` for any characters in its parts; a wheel fits
it by any of the tags that its name stands for, in either spelling of a platform.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from fnmatch import fnmatchcase

from packaging.tags import Tag

from release_guard.platforms import spellings

__all__ = ["PATTERN_FORM", "PATTERN_PATTERN", "WheelPattern", "pattern_of"]

PATTERN_FORM = (
    "one tag in lower case as cp311-abi3-manylinux_*_x86_64, where * is any characters"
)
#: The longest real tag of a platform has some 30 characters.
_PART = r"[a-z0-9_*]{1,80}"
PATTERN_PATTERN = f"{_PART}-{_PART}-{_PART}"


@dataclass(frozen=True, slots=True, order=True)
class WheelPattern:
    """An interpreter, an ABI and a platform; ``*`` is any characters of each."""

    interpreter: str
    abi: str
    platform: str

    def __str__(self) -> str:
        """As the policy says it."""
        return f"{self.interpreter}-{self.abi}-{self.platform}"

    def fits(self, tags: Iterable[Tag]) -> bool:
        """Whether a wheel with these tags is one of those that are meant."""
        return any(
            fnmatchcase(tag.interpreter, self.interpreter)
            and fnmatchcase(tag.abi, self.abi)
            and fnmatchcase(platform, self.platform)
            for tag in tags
            for platform in spellings(tag.platform)
        )


def pattern_of(text: str) -> WheelPattern:
    """The pattern that a text is; ``ValueError`` where it is none.

    A compressed set (``py2.py3-none-any``) is two tags, and so two patterns: whether
    one of the two would do is not for us to guess.
    """
    if not re.fullmatch(PATTERN_PATTERN, text):
        raise ValueError(f"expected {PATTERN_FORM}")
    interpreter, abi, platform = text.split("-")
    return WheelPattern(interpreter, abi, platform)

"""Path configuration files: ``.pth`` at the top of ``site-packages``.

The ``site`` module reads them at each start of Python: a line that begins with
``import`` and a space or a tab is executed, any other one is a folder for the path.
"""

from __future__ import annotations

import re
from collections import Counter

from release_guard.facts import PathConfiguration
from release_guard.trees import in_site

__all__ = ["PathConfigurations"]

#: In bytes; real ones have some hundred, and a hostile one may hide its line.
_LARGEST = 4 << 20
#: ``site`` reads lines as text: they end wherever Python's universal newlines do.
_EXECUTED = re.compile(rb"(?:\A\xef\xbb\xbf|\A|[\r\n])(import[ \t][^\r\n]{0,1000})")
_MOST, _LONGEST_LINE = 100, 160
#: Where ``.data/data`` begins: at the prefix of the environment.
_IN_PREFIX = re.compile(
    r"[^/]+\.data/data/(?:lib(?:64)?/(?:python[\d.]+|pypy[\d.]+)|Lib)/site-packages/"
    r"([^/]+)",
    re.IGNORECASE,
)


class PathConfigurations:
    """Looks at the ``.pth`` files of a wheel that end at the top of ``site-packages``.

    ``found`` has them in the archive's order: each that is executed, up to ``_MOST``,
    and as many of the others.
    """

    def __init__(self) -> None:
        self.found: list[PathConfiguration] = []
        self._told = Counter[bool]()

    def wants(self, path: str, size: int) -> int:
        """All of a ``.pth`` at the top, or what can be kept of it."""
        is_one = path.endswith(".pth") and _at_top(path)
        return min(size, _LARGEST) or 1 if is_one else 0

    def see(self, path: str, content: bytes, size: int) -> None:
        """Look for a line that is executed."""
        found = _EXECUTED.search(content)
        line = found[1].decode("utf-8", "replace")[:_LONGEST_LINE] if found else ""
        if not found and size > len(content):
            line = f"{size} bytes, too many to look at"
        # A hundred that do nothing must not hide one that does.
        if self._told[bool(line)] < _MOST:
            self._told[bool(line)] += 1
            self.found.append(PathConfiguration(path, line))


def _at_top(path: str) -> bool:
    site = in_site(path)
    return (site is not None and "/" not in site) or bool(_IN_PREFIX.fullmatch(path))

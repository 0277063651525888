"""What runs at each start of Python, by the ``site`` module.

It reads path configuration files, ``.pth`` at the top of ``site-packages``: a line that
begins with ``import`` and a space or a tab is executed, any other one is a folder for
the path. And it imports the modules ``sitecustomize`` and ``usercustomize``.
"""

from __future__ import annotations

import re
from collections import Counter

from release_guard.facts import PathConfiguration
from release_guard.trees import in_prefix, in_site, module_name

__all__ = ["PathConfigurations"]

#: In bytes; real ones have some hundred, and a hostile one may hide its line.
_LARGEST = 4 << 20
#: ``site`` reads lines as text: they end wherever Python's universal newlines do.
_EXECUTED = re.compile(rb"(?:\A\xef\xbb\xbf|\A|[\r\n])(import[ \t][^\r\n]{0,1000})")
_MOST, _LONGEST_LINE = 100, 160
#: The prefix of an environment, which on Windows is read as ``site-packages`` is.
_PREFIX = re.compile(r"[^/]+\.data/data/([^/]+(?:/[^/]+)?)", re.DOTALL)
#: The folders of the standard library, where Debian has its own ``sitecustomize``.
_IN_LIBRARY = re.compile(
    r"[^/]+\.data/data/(?:local/)?lib[^/]*/(?:[^/]+/(?:lib-dynload/)?)?"
    r"((?:site|user)customize[./].+)",
    re.IGNORECASE | re.DOTALL,
)
#: What ``site`` imports, as a module or as a package.
_HOOKS = re.compile(r"((?:site|user)customize)(?:/__init__)?")


class PathConfigurations:
    """Looks at what ``site`` would find of a wheel, at the top of ``site-packages``.

    ``found`` has it in the archive's order: each that is executed, up to ``_MOST``,
    and as many of the others.
    """

    def __init__(self) -> None:
        self.found: list[PathConfiguration] = []
        self._told = Counter[bool]()

    def wants(self, path: str, size: int) -> int:
        """All of a ``.pth`` at the top, or what can be kept of it; of a module that is
        imported, its name says enough.
        """
        if _hook(path):
            return 1
        is_one = path.endswith(".pth") and any("/" not in top for top in _tops(path))
        return min(size, _LARGEST) or 1 if is_one else 0

    def see(self, path: str, content: bytes, size: int) -> None:
        """Look for a line that is executed."""
        line = f"import {hook}" if (hook := _hook(path)) else _executed(content, size)
        # A hundred that do nothing must not hide one that does.
        if self._told[bool(line)] < _MOST:
            self._told[bool(line)] += 1
            self.found.append(PathConfiguration(path, line))


def _executed(content: bytes, size: int) -> str:
    """The first line of a ``.pth`` that is executed; empty for none."""
    if found := _EXECUTED.search(content):
        return found[1].decode("utf-8", "replace")[:_LONGEST_LINE]
    return f"{size} bytes, too many to look at" if size > len(content) else ""


def _tops(path: str) -> list[str]:
    """Where a member may lie below a folder that ``site`` reads."""
    in_windows = _PREFIX.fullmatch(path)
    places = (in_site(path), in_prefix(path), in_windows and in_windows[1])
    return [place for place in places if place]


def _hook(path: str) -> str:
    """The module of ``site`` that a member is; empty for none."""
    if "customize" not in path:
        return ""
    in_library = _IN_LIBRARY.fullmatch(path)
    for place in (*_tops(path), *([in_library[1]] if in_library else [])):
        if found := _HOOKS.fullmatch(module_name(place) or ""):
            return found[1]
    return ""

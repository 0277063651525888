"""The modules that a wheel installs, known by the names of its members alone."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum

from release_guard.trees import in_site

__all__ = ["INIT", "TOO_MANY", "Inits", "ModuleTree", "Whereabouts", "makes_modules"]

INIT = "__init__"
#: In bytes, of all ``__init__`` that are kept, and of one.
_MOST_INITS, _LARGEST_INIT = 8 << 20, 1 << 20
#: By what a package gets modules that no archive shows: another path, an entry in
#: ``sys.modules`` that is not its own, a finder, a namespace that others share.
_MADE_MODULES = re.compile(
    rb"__path__[ \t]{0,8}(?:\[[^\]\n]{0,80}\][ \t]{0,8}=|[+:]|=(?!=))"
    rb"|__path__\.(?:append|insert|extend)"
    rb"|sys\.modules\[(?!__name__\])[^\n]{0,200}\][ \t]{0,8}=(?!=)"
    rb"|sys\.modules\.(?:update|setdefault)"
    rb"|meta_path|path_hooks|declare_namespace|extend_path|\bapipkg\b"
)
#: How many folders a module may lie in; each of them is kept.
_DEEPEST = 30
#: Of all folders that are kept, in characters; each takes some beside its name.
_MOST_FOLDERS, _OF_EACH = 16 << 20, 64
#: What is told where a tree is not whole.
TOO_MANY = "it has more folders than can be looked at"
#: What Python imports: source, bytecode without it, extension modules. What stands
#: between a name and ``.so`` or ``.pyd`` says for which Python it is.
_MODULE = re.compile(r"([^./]+)(?:\.py[cw]?|\.(?:[^/]*\.)?(?:so|pyd))")


class Whereabouts(Enum):
    """Whether a wheel has a module."""

    HERE = "here"
    #: The regular package that it would be in is there, and it is not.
    MISSING = "missing"
    #: Other distributions may have it.
    ELSEWHERE = "elsewhere"


class ModuleTree:
    """The modules of a wheel; each is a path without an extension (``demo/core``), a
    package that of its folder. Where there are too many folders to keep, it is not
    whole, and holds nothing.
    """

    def __init__(self, members: Iterable[str]) -> None:
        self._modules = set[str]()
        self._packages = set[str]()
        self._folders = set[str]()
        #: Whether a ``.pth`` may add folders that modules are looked up in.
        self.adds_folders = False
        self._room = _MOST_FOLDERS
        for member in members:
            site = in_site(member)
            if site and site.count("/") <= _DEEPEST:
                self._add(site)
            if self._room < 0:
                for kept in (self._modules, self._packages, self._folders):
                    kept.clear()
                break

    @property
    def is_whole(self) -> bool:
        """Whether all that lies not too deep is in it."""
        return self._room >= 0

    def _add(self, path: str) -> None:
        folder, _, name = path.rpartition("/")
        self.adds_folders |= not folder and name.endswith(".pth")
        found = _MODULE.fullmatch(name)
        if found and not folder.endswith("__pycache__"):
            if found[1] == INIT:
                self._packages.add(folder)
            # Some ask for a package by the name of its ``__init__``.
            if folder or found[1] != INIT:
                self._modules.add(f"{folder}/{found[1]}" if folder else found[1])
        while folder and folder not in self._folders:
            self._folders.add(folder)
            self._room -= len(folder) + _OF_EACH
            folder = folder.rpartition("/")[0]

    def tops(self) -> frozenset[str]:
        """The names at the top: modules, packages, and folders that hold some."""
        return frozenset(
            path.partition("/")[0] for path in self._modules | self._packages if path
        )

    def is_package(self, module: str) -> bool:
        """Whether it is a regular package: a folder with an ``__init__``."""
        return module in self._packages

    def has(self, module: str) -> bool:
        """Whether it can be imported; a folder can, without any ``__init__``."""
        return module in self._modules or module in self._folders

    def where(self, module: str) -> Whereabouts:
        """Whether the wheel has it; a part of a regular package is nowhere else."""
        if self.has(module):
            return Whereabouts.HERE
        while module:
            module = module.rpartition("/")[0]
            if module in self._packages and module:
                return Whereabouts.MISSING
            if self.has(module):
                break
        return Whereabouts.ELSEWHERE


class Inits:
    """Keeps what the regular packages of a wheel say, while it is read: few bytes."""

    def __init__(self, tree: ModuleTree) -> None:
        self._tree = tree
        self._contents: dict[str, bytes] = {}
        self._makes: dict[str, bool] = {}
        self._room = _MOST_INITS

    def wants(self, path: str, size: int) -> int:
        """All of an ``__init__`` that is not too large."""
        is_init = path.endswith("/__init__.py") and size <= _LARGEST_INIT
        # An empty one is told too: it makes nothing.
        return max(size, 1) if is_init and in_site(path) else 0

    def see(self, path: str, content: bytes, size: int) -> None:
        """Keep what a package says, as long as there is room."""
        site = in_site(path)
        if site and size == len(content) and size <= self._room:
            self._room -= size
            self._contents[site.rpartition("/")[0]] = content

    def get(self, package: str) -> bytes | None:
        """What a package says; None where it has no source, or it was not kept."""
        return self._contents.get(package)

    def may_make(self, module: str) -> bool:
        """Whether one of the regular packages around a module may make it while it
        runs; one that was not kept may.
        """
        while module := module.rpartition("/")[0]:
            if self._tree.is_package(module) and self._makes_modules(module):
                return True
        return False

    def _makes_modules(self, package: str) -> bool:
        """Whether a package may make modules; each is searched once."""
        if package not in self._makes:
            content = self._contents.get(package)
            self._makes[package] = content is None or makes_modules(content)
        return self._makes[package]


def makes_modules(content: bytes) -> bool:
    """Whether source may make modules that no archive shows."""
    return _MADE_MODULES.search(content) is not None

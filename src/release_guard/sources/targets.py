"""Where the entry points of a wheel lead: to a module that is there, and to a name
that the module binds.

What is asked is looked up by the names of members, and in the logical lines of the
one module that an entry point names. Where a module may bind names that nobody sees
(``import *``, ``__getattr__``, an extension module), it is believed.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from release_guard.facts import DanglingEntryPoint, EntryPoint, EntryPoints
from release_guard.sources.module_tree import (
    INIT,
    TOO_MANY,
    Inits,
    ModuleTree,
    Whereabouts,
)
from release_guard.sources.python_source import (
    UNREADABLE,
    bound_in,
    may_bind_unseen,
    module_lines,
)
from release_guard.trees import in_site

__all__ = ["OwnTargets", "module_of"]

#: In bytes, of a module that is cut into lines, and of all of them: tokens are large.
_LARGEST, _MOST = 512 << 10, 4 << 20
#: What an entry point names (the entry points specification), extras left out.
_REFERENCE = re.compile(
    r"\s{0,9}([\w.]{1,300})\s{0,9}(?::\s{0,9}([\w.]{0,300})\s{0,9})?(?:\[.{0,300}\])?\s{0,9}"
)


@dataclass(frozen=True, slots=True)
class _Target:
    entry: EntryPoint
    module: str
    attribute: str


class OwnTargets:
    """Looks at the modules that the entry points of a wheel name, as it is read."""

    def __init__(
        self, tree: ModuleTree, inits: Inits, entry_points: EntryPoints | None
    ) -> None:
        self._tree = tree
        self._inits = inits
        self._targets = list(_targets(entry_points))
        wanted: defaultdict[str, set[str]] = defaultdict(set)
        for target in self._targets:
            if target.attribute:
                wanted[target.module].add(target.attribute)
        self._wanted = dict(wanted)
        self._unbound = set[tuple[str, str]]()
        self._room = _MOST
        #: Why what could not be looked at was not.
        self.unread: list[str] = []

    def wants(self, path: str, size: int) -> int:
        """All of a module that an entry point names, if it is not too large."""
        is_module = path.endswith(".py")
        if not (is_module and _module(path) in self._wanted):
            return 0
        return min(max(size, 1), _LARGEST + 1)

    def see(self, path: str, content: bytes, size: int) -> None:
        """Look whether a module binds what it should."""
        module = _module(path)
        names = {
            name
            for name in self._wanted.get(module, ())
            # A module of a package is a name of it once somebody has loaded it.
            if not self._tree.has(f"{module}/{name}")
        }
        if not names or may_bind_unseen(content):
            return
        self._room -= size
        if size > _LARGEST or self._room < 0:
            self.unread.append(f"{path!r:.200} is too large to be looked at")
            return
        try:
            names -= set(_bound(content, names))
        except UNREADABLE as error:
            # Perhaps it is in the grammar of a newer Python.
            told = f"{path!r:.200} cannot be read as Python: {error!s:.100}"
            self.unread.append(told)
            return
        self._unbound |= {(module, name) for name in names}

    def dangling(self) -> Iterator[DanglingEntryPoint]:
        """What leads nowhere, once the wheel is read."""
        if not self._tree.is_whole:
            if self._targets:
                self.unread.append(TOO_MANY)
            return
        tops = self._tree.tops()
        for target in self._targets:
            entry, module = target.entry, target.module
            dotted = module.replace("/", ".")
            where = self._tree.where(module)
            if where is Whereabouts.ELSEWHERE:
                is_strange = module.partition("/")[0] not in tops
                if is_strange and not self._tree.adds_folders:
                    yield DanglingEntryPoint(
                        entry.group, entry.name, dotted, is_own=False
                    )
            elif where is Whereabouts.MISSING:
                if self._is_proof(target) and not self._inits.may_make(module):
                    yield DanglingEntryPoint(entry.group, entry.name, dotted)
            elif (module, target.attribute) in self._unbound:
                yield DanglingEntryPoint(
                    entry.group, entry.name, dotted, target.attribute
                )

    def _is_proof(self, target: _Target) -> bool:
        """Whether a module that is not there shows that nothing is: some plugins are
        named ``package.Class``, without a colon.
        """
        parent = target.module.rpartition("/")[0]
        return ":" in target.entry.value or not self._tree.has(parent)


def module_of(value: str) -> str:
    """The module that an entry point names, as a path; empty where it names none."""
    found = _REFERENCE.fullmatch(value)
    return found[1].strip(".").replace(".", "/") if found else ""


def _targets(entry_points: EntryPoints | None) -> Iterator[_Target]:
    for entry in entry_points.entries if entry_points else ():
        found = _REFERENCE.fullmatch(entry.value)
        if found and (module := module_of(entry.value)):
            # Of "App.run" it is App that the module binds.
            yield _Target(entry, module, (found[2] or "").partition(".")[0])


def _module(path: str) -> str:
    """The module that a member is, as a path; empty for what is none."""
    module = (in_site(path) or "").removesuffix(".py")
    return module.removesuffix(f"/{INIT}")


def _bound(content: bytes, names: set[str]) -> Iterator[str]:
    """Those of the names that a module may bind."""
    source = content.decode("utf-8-sig", "replace")
    for words, _, is_inside in module_lines(source, always=names):
        if not is_inside or "global" in words:
            yield from bound_in(words, names)

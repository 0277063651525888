"""What the modules of a wheel import of the wheel's own packages, and is not there.

Cheap first: while the wheel is read, only lines that begin with an import are looked
at, and resolved by the names of its members. What is not resolved so is looked at
closely once the wheel is read: whether it is a statement of the module itself, and no
line of a docstring, and whether the name may be made while the program runs.
"""

from __future__ import annotations

import codecs
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator

from release_guard.facts import UnresolvedImport
from release_guard.sources.module_tree import (
    INIT,
    TOO_MANY,
    Inits,
    ModuleTree,
    Whereabouts,
    makes_modules,
)
from release_guard.sources.python_source import (
    UNREADABLE,
    bound_in,
    may_bind_unseen,
    module_lines,
)
from release_guard.trees import in_site, is_aside, is_vendored

__all__ = ["OwnImports"]

#: In bytes.
_LARGEST = 5 << 20
#: Imports in question, and modules that are read again.
_MOST_ASKED, _MOST_AGAIN = 100_000, 50
#: Of the import lines of one module, in bytes; each takes some beside its text.
_MOST_LINES, _OF_EACH = 1 << 20, 64
#: Of all that imports in question name, in characters.
_MOST_NAMED = 4 << 20
#: How often modules load others, in all.
_MOST_LOADS = 500_000
#: In bytes, of a module that is cut into lines, and of all of them: tokens are large.
_LARGEST_AGAIN, _ALL_AGAIN = 512 << 10, 4 << 20
#: How many reasons are told.
_MOST_UNREAD = 10
#: A line that imports, from its begin; the names may be in parentheses.
_FROM = re.compile(
    rb"from[ \t]{1,8}(\.{0,20}[\w.]{0,300})[ \t]{0,8}import[ \t]{0,8}"
    rb"(?:\(([^)]{0,2000})|([^\n(#;]{1,2000}))"
)
_IMPORT = re.compile(rb"import[ \t]{1,8}([^\n(#;]{1,2000})")
#: By what a package loads modules that no line names: they become names of it.
_LOADS = re.compile(rb"import_module|__import__")
_WORD = re.compile(rb"\w+")
_MAIN = "__main__"
#: What every module has without binding it.
_INNATE = (
    *("__name__", "__doc__", "__package__", "__loader__", "__spec__", "__file__"),
    *("__path__", "__cached__", "__dict__", "__builtins__", "__annotations__"),
)

#: Who asks, for which module, and for which name in it, empty for the module itself.
_Asked = tuple[str, str, str]


class OwnImports:
    """Looks at the modules of a wheel, as it is read.

    Where a wheel is for every platform, each module counts. Others hold modules for
    other platforms: there only those count that are always loaded with the packages
    at the top, or with one of ``roots``.
    """

    def __init__(
        self, tree: ModuleTree, inits: Inits, *, is_pure: bool, roots: Iterable[str]
    ) -> None:
        self._tree = tree
        self._inits = inits
        self._tops = frozenset(top.encode() for top in tree.tops())
        self._is_pure = is_pure
        self._roots = {*tree.tops(), *roots}
        self._loads: defaultdict[str, set[str]] = defaultdict(set)
        self._left = _MOST_LOADS
        self._asked: dict[_Asked, str] = {}
        self._room = _MOST_NAMED
        self._words: dict[str, frozenset[bytes]] = {}
        #: Why what could not be looked at was not.
        self.unread: list[str] = [] if tree.is_whole else [TOO_MANY]

    def wants(self, path: str, size: int) -> int:
        """All of a module; of one that is too large, enough to see that it is."""
        is_module = path.endswith(".py") and self._tops and in_site(path)
        return min(size, _LARGEST + 1) if is_module else 0

    def see(self, path: str, content: bytes, size: int) -> None:
        """Look at the import lines of a module."""
        site = in_site(path)
        if site is None or _is_apart(site):
            return
        if size > _LARGEST:
            self._tell_of(path, f"is larger than {_LARGEST} bytes")
            return
        module = site.removesuffix(".py")
        folder, _, name = module.rpartition("/")
        module = folder if name == INIT else module
        # One that is run as a script may have prepared for it; what it asks for by
        # dots is of its own package, whatever it did.
        is_main = name == _MAIN
        for found in _import_lines(_with_plain_ends(content)):
            if not found:
                self._tell_of(path, "has more imports than can be looked at")
            elif not is_main or found[1].startswith(b"."):
                for target, names in _targets(found, folder):
                    if target.partition("/")[0].encode() in self._tops:
                        self._ask(path, module, target, names)

    def _ask(self, path: str, module: str, target: str, names: list[str]) -> None:
        """Note what is not resolved by the names of members."""
        where = self._tree.where(target)
        if where is Whereabouts.HERE:
            self._load(module, target)
            is_package = self._tree.is_package(target)
            for name in names if is_package else ():
                inner = f"{target}/{name}"
                if self._tree.has(inner):
                    self._load(module, inner)
                elif module == target or not self._says(target, name):
                    self._note((module, target, name), path)
        elif where is Whereabouts.MISSING:
            self._note((module, target, ""), path)

    def _load(self, module: str, loaded: str) -> None:
        """Note that a module loads another, where that is asked for later."""
        if self._is_pure or loaded in self._loads[module]:
            return
        if not self._left:
            self._tell(f"its modules load others more than {_MOST_LOADS} times")
            return
        self._left -= 1
        self._loads[module].add(loaded)

    def _note(self, asked: _Asked, path: str) -> None:
        if asked in self._asked:
            return
        self._room -= len(asked[1]) + len(asked[2])
        if self._room < 0 or len(self._asked) >= _MOST_ASKED:
            self._tell("it has more imports in question than can be looked at")
            return
        self._asked[asked] = path

    def _tell(self, reason: str) -> None:
        """Tell why something was not looked at, once."""
        if reason not in self.unread:
            self.unread.append(reason)

    def _tell_of(self, path: str, why: str) -> None:
        """Tell why a module was not looked at, or not to its end."""
        if len(self.unread) < _MOST_UNREAD:
            self.unread.append(f"{path!r:.200} {why}")

    def _says(self, package: str, name: str) -> bool:
        """Whether what a package says, as far as it was seen, holds a name at all."""
        words = self._words.get(package)
        if words is None:
            content = self._inits.get(package)
            if content is None:
                return False
            is_made = may_bind_unseen(content) or _LOADS.search(content)
            words = frozenset([b"*"] if is_made else _WORD.findall(content))
            self._words[package] = words
        return b"*" in words or name.encode() in words

    def unresolved(
        self, text: Callable[[str], bytes | None]
    ) -> Iterator[UnresolvedImport]:
        """What is imported and is not there, once the wheel is read; ``text`` gives a
        member once more.
        """
        left = [asked for asked in self._asked if self._is_left(*asked)]
        if left and not self._is_pure:
            loaded = self._always_loaded()
            left = [asked for asked in left if asked[0] in loaded]
        by_path: dict[str, list[_Asked]] = defaultdict(list)
        for asked in left:
            by_path[self._asked[asked]].append(asked)
        room = _ALL_AGAIN
        for number, (path, mine) in enumerate(by_path.items()):
            if number == _MOST_AGAIN or room <= 0:
                told = f"{len(by_path)} modules have imports in question, too many"
                self.unread.append(told)
                return
            content = text(path)
            if content is None or len(content) > _LARGEST_AGAIN:
                self.unread.append(f"{path!r:.200} is too large to be read again")
                continue
            room -= len(content)
            try:
                yield from _confirmed(path, content, mine)
            except UNREADABLE as error:
                # Perhaps it is in the grammar of a newer Python.
                told = f"{path!r:.200} cannot be read as Python: {error!s:.100}"
                self.unread.append(told)

    def _is_left(self, module: str, target: str, name: str) -> bool:
        if not name:
            return not self._inits.may_make(target)
        if self._inits.get(target) is None or self._inits.may_make(f"{target}/{name}"):
            return False
        # A package that imports a name from itself says it there, at least.
        is_said = self._says(target, name)
        return not is_said or (module == target and b"*" not in self._words[target])

    def _always_loaded(self) -> set[str]:
        """The modules that are loaded with the roots, whatever the platform."""
        loaded: set[str] = set()
        ahead = [root for root in self._roots if self._tree.has(root)]
        while ahead:
            module = ahead.pop()
            # To load a part is to load the packages around it.
            while module and module not in loaded:
                loaded.add(module)
                ahead += self._loads[module]
                module = module.rpartition("/")[0]
        return loaded


def _is_apart(site: str) -> bool:
    """Whether a module need not find its imports: it is no part of the program, or
    expects to lie elsewhere.
    """
    # The project itself may be called "testing".
    top, _, below = site.partition("/")
    is_strange = is_aside(below) or is_vendored(below) or top in ("tests", "test")
    return site.endswith("setup.py") or "{" in site or is_strange


def _with_plain_ends(content: bytes) -> bytes:
    """Source as Python reads it: without a byte order mark, each line ended alike."""
    content = content.removeprefix(codecs.BOM_UTF8)
    if content.count(b"\r") == content.count(b"\r\n"):
        return content
    return content.replace(b"\r\n", b"\n").replace(b"\r", b"\n")


def _import_lines(content: bytes) -> Iterator[re.Match[bytes] | None]:
    """The lines that begin with an import; at the end None, where there are too many to
    be looked at. They may be lines of a text.
    """
    left = _MOST_LINES
    for start, pattern in ((b"from ", _FROM), (b"import ", _IMPORT)):
        at = 0 if content.startswith(start) else content.find(b"\n" + start) + 1
        while content.startswith(start, at):
            if left <= 0:
                yield None
                return
            found = pattern.match(content, at)
            left -= _OF_EACH
            if found:
                left -= found.end() - at
                yield found
            at = content.find(b"\n" + start, at) + 1 or len(content)


def _targets(found: re.Match[bytes], folder: str) -> Iterator[tuple[str, list[str]]]:
    """What a line asks for, as paths, each with the names that it wants from there."""
    groups = [group.decode("utf-8", "replace") for group in found.groups() if group]
    if found.re is _IMPORT:
        yield from ((target, []) for target in _dotted(groups[0]))
    elif groups:
        target = _absolute(groups[0] if found[1] else "", folder)
        if target:
            yield target, _names(groups[-1] if len(groups) > 1 else "")


def _dotted(text: str) -> Iterator[str]:
    """The modules in ``a.b as c, d``."""
    for part in text.split(","):
        words = part.split()
        if words and re.fullmatch(r"\w[\w.]*", words[0]):
            yield words[0].strip(".").replace(".", "/")


def _names(text: str) -> list[str]:
    """The names in ``a as b, c``, over several lines, with comments."""
    plain = re.sub(r"#[^\n]*|\\", " ", text)
    words = (part.split() for part in plain.split(","))
    names = (word[0] for word in words if word)
    return [name for name in names if name.isidentifier() and name not in _INNATE]


def _absolute(dotted: str, folder: str) -> str:
    """The path of a module that may be given relative to a folder; empty for none."""
    name = dotted.lstrip(".")
    level = len(dotted) - len(name)
    if not level:
        return name.strip(".").replace(".", "/")
    base = folder.split("/") if folder else []
    if level > len(base):
        return ""
    inner = name.strip(".").split(".") if name else []
    return "/".join([*base[: len(base) - level + 1], *inner])


# --- a second look ---------------------------------------------------------------


def _confirmed(
    path: str, content: bytes, asked: list[_Asked]
) -> Iterator[UnresolvedImport]:
    """Those that a statement of the module itself imports, whatever is the case."""
    if makes_modules(content):
        return
    folder = (in_site(path) or path).rpartition("/")[0]
    source = content.decode("utf-8-sig", "replace")
    # What a package imports from itself it may bind otherwise.
    own = {name for module, target, name in asked if module == target and name}
    said, bound = set[tuple[str, str]](), set[str]()
    for words, level, is_inside in module_lines(source, always=own):
        imported = set(_imported(words, folder))
        if not level:
            said |= imported
        if not is_inside or "global" in words:
            bound |= bound_in(words, own) - {name for _, name in imported}
    for module, target, name in asked:
        is_bound = module == target and name in bound
        if (target, name) in said and not is_bound:
            dotted = f"{target}/{name}".strip("/").replace("/", ".")
            yield UnresolvedImport(path, dotted, is_name=bool(name))


def _imported(words: list[str], folder: str) -> Iterator[tuple[str, str]]:
    """What a logical line imports, each module, and each name with its module."""
    match words:
        case ["from", *rest] if "import" in rest:
            at = rest.index("import")
            target = _absolute("".join(rest[:at]), folder)
            yield target, ""
            names = " ".join(rest[at + 1 :]).strip("() ")
            yield from ((target, name) for name in _names(names))
        case ["import", *rest]:
            joined = "".join(f" {word} " if word == "as" else word for word in rest)
            yield from ((target, "") for target in _dotted(joined))

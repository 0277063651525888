"""The version that a project's own modules say: a static ``__version__``.

A module is cut into logical lines (``python_source``), and only short ones that name
``__version__`` are parsed.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterable, Iterator
from functools import lru_cache

from packaging.utils import NormalizedName, canonicalize_name

from release_guard.facts import StaticVersion
from release_guard.sources.python_source import (
    MOST_WORDS,
    UNREADABLE,
    logical_lines,
)

__all__ = ["OwnModules", "own_in_sdist", "own_in_wheel", "static_version"]

_NAME = "__version__"
#: In bytes: Python 3.11 may take 500 times as much memory. Of 490 modules with a static
#: version, from 431 projects, one is larger.
_LARGEST = 128 << 10
#: Of one logical line, in characters.
_LONGEST_LINE = 2_000
#: How many modules of one archive are read; few projects have two that are their own.
_MOST_MODULES = 8
#: How many other names of versions are told.
_MOST_OTHERS = 16
#: The modules that speak for the package that they are in.
_SPEAKERS = (
    "__init__.py",
    "__about__.py",
    "__version__.py",
    "_version.py",
    "about.py",
    "version.py",
)


class OwnModules:
    """What the modules that are ``is_own`` say while an archive is read.

    ``found`` has it in the archive's order.
    """

    def __init__(self, is_own: Callable[[str], bool]) -> None:
        self._is_own = is_own
        self._left = _MOST_MODULES
        self.found: list[StaticVersion] = []

    def wants(self, path: str, size: int) -> int:
        """All of a module that is not too large."""
        return size if path.endswith(".py") and size <= _LARGEST else 0

    def see(self, path: str, content: bytes, size: int) -> None:
        """Look at a module; one of another size than it was said to be is none."""
        if size != len(content) or not self._left:
            return
        if not (_may_say(content) and self._is_own(path)):
            return
        self._left -= 1
        said = static_version(path, content)
        if said is not None:
            self.found.append(said)


# --- which modules ---------------------------------------------------------------


def own_in_wheel(
    names: Iterable[str], project: NormalizedName | None
) -> Callable[[str], bool]:
    """Which members of a wheel speak for its project: those of the package that has the
    project's name, or of the only public one that there is.
    """
    tops = {top for name in names if (top := _top(name)) and top[0] != "_"}
    only = tops if len(tops) == 1 else frozenset[str]()

    def is_own(path: str) -> bool:
        package = _package(path)
        return package in only or _is_named(package, project)

    return is_own


def own_in_sdist(project: NormalizedName | None) -> Callable[[str], bool]:
    """Which members of an sdist speak for its project, below its top folder or ``src``:
    tests and tools are packages there too, so that only the name counts.
    """

    def is_own(path: str) -> bool:
        inside = path.partition("/")[2].removeprefix("src/")
        return _is_named(_package(inside), project)

    return is_own


def _top(path: str) -> str:
    """The package or module at the top that a member makes, empty where it makes none.

    A folder without ``__init__.py`` may be shared with other projects.
    """
    top, _, inside = path.partition("/")
    if inside:
        return top if inside == "__init__.py" else ""
    return top.removesuffix(".py") if top.endswith(".py") else ""


def _package(path: str) -> str:
    """The package, as a path, that a module speaks for: its folder, or, for a module
    that may be a whole project, itself. Empty for what is no module.
    """
    folder, _, name = path.rpartition("/")
    if name in _SPEAKERS:
        return folder
    return path.removesuffix(".py") if name.endswith(".py") else ""


def _is_named(package: str, project: NormalizedName | None) -> bool:
    """Whether a package has the project's name; ``a/b`` is what ``a-b`` shares."""
    return canonicalize_name(package.replace("/", "-")) == project


# --- what they say ---------------------------------------------------------------


#: A line without which nothing can be static; most modules only import the name.
_BINDING = re.compile(
    rb"^(?:\w+[ \t]*=[ \t]*)*" + _NAME.encode() + rb"[ \t]*[:=]", re.MULTILINE
)


def _may_say(content: bytes) -> bool:
    is_named = len(content) <= _LARGEST and _NAME.encode() in content
    return is_named and _BINDING.search(content) is not None


# A release has the same module in each of its wheels.
@lru_cache(maxsize=16)
def static_version(path: str, content: bytes) -> StaticVersion | None:
    """What a module binds ``__version__`` to, None where that is not static: it is
    where the name is bound once, at the module's own level, to one string literal.

    What binds it behind the parser's back is not seen (``globals()["__version__"]``,
    ``exec``), and what cannot be read is not static.
    """
    if not _may_say(content):
        return None
    bound: list[str | None] = []
    others: list[str] = []
    try:
        text = content.decode("utf-8-sig")
        for words, level in logical_lines(text, always=(_NAME,)):
            if _NAME in words:
                bound += _bound(_line(words), level)
            elif not level:
                others += _other(words)
    except UNREADABLE:
        return None
    if len(bound) != 1 or bound[0] is None:
        return None
    return StaticVersion(path, bound[0], tuple(others[:_MOST_OTHERS]))


def _line(words: list[str]) -> str:
    if len(words) > MOST_WORDS or sum(map(len, words)) > _LONGEST_LINE:
        raise SyntaxError("is too long a line to see what it does")
    return " ".join(words)


def _other(words: list[str]) -> Iterator[str]:
    """What another name for a version is bound to: ``VERSION = "1.0"``."""
    match words:
        case [name, "=", literal] if "version" in name.lower():
            if literal.startswith(("'", '"')):
                yield ast.literal_eval(literal)


def _bound(line: str, level: int) -> Iterator[str | None]:
    """What each binding in a logical line binds the name to, None if not statically."""
    for statement in _parsed(line).body:
        said = None if level else _said(statement)
        if said is not None:
            yield said
        elif not isinstance(statement, ast.AnnAssign) or statement.value is not None:
            # An annotation alone binds nothing; setuptools-scm writes one in front.
            yield from (None for node in ast.walk(statement) if _binds(node))


def _parsed(line: str) -> ast.Module:
    """A logical line by itself; the head of a block needs a body."""
    try:
        return ast.parse(line)
    except SyntaxError:
        return ast.parse(f"{line} pass")


def _said(statement: ast.stmt) -> str | None:
    match statement:
        case ast.Assign(targets=targets, value=ast.Constant(value=str(text))):
            return text if any(_is_name(target) for target in targets) else None
        case ast.AnnAssign(target=target, value=ast.Constant(value=str(text))):
            return text if _is_name(target) else None
    return None


def _is_name(node: ast.AST) -> bool:
    return isinstance(node, ast.Name) and node.id == _NAME


def _binds(node: ast.AST) -> bool:
    """Whether a node may bind the name, in whatever scope."""
    match node:
        case ast.Name(id=name, ctx=context) | ast.Attribute(attr=name, ctx=context):
            return name == _NAME and not isinstance(context, ast.Load)
        case ast.Constant() | ast.keyword():
            return False
        case ast.alias(name=name, asname=other):
            return (other or name) == _NAME
    # Functions, classes, arguments, handlers, patterns, global: a name, or a list.
    fields = (value for _, value in ast.iter_fields(node))
    return any(_NAME in (f if isinstance(f, list) else [f]) for f in fields)

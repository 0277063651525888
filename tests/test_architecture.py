"""The house: which part may import which, and what each part may touch."""

from __future__ import annotations

import ast
import dataclasses
import enum
import importlib
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

import pytest
from twine import utils as twine

import release_guard
from release_guard.sources.obfuscation import obfuscator_of

SOURCE = Path(release_guard.__file__).parent
ROOT = Path(__file__).parent.parent
PATHS = sorted(SOURCE.rglob("*.py"))
NAMES = [path.relative_to(SOURCE).with_suffix("").as_posix() for path in PATHS]

#: What each part of the package may import of the others. A part is a module, or a
#: folder with all its modules; ``version`` is the package's own ``__version__``.
MAY_IMPORT: dict[str, set[str]] = {
    "__init__": set(),
    # values and words: they know of nothing that is done with them
    "facts": set(),
    "errors": set(),
    "shapes": set(),
    "layouts": set(),
    "nearest": set(),
    "destinations": {"layouts"},
    "comparison": {"facts", "filenames"},
    "states": {"comparison", "facts"},
    "findings": {"comparison", "facts", "errors", "matrix", "rulebook", "states"},
    "rulebook": set(),
    "publishers": set(),
    "stdlib_names": set(),
    "filenames": {"facts"},
    "platforms": set(),
    "matrix": {"facts", "platforms", "succession"},
    "wheel_patterns": {"platforms"},
    "fallbacks": set(),
    "trees": set(),
    "succession": {"facts"},
    "private_keys": set(),
    "credential_forms": {"private_keys"},
    "concealment": {"credential_forms"},
    "requirements": set(),
    "backends": set(),
    "alterations": {"facts", "filenames", "backends"},
    "blobs": set(),
    "sourcing": {"facts", "backends", "blobs", "trees"},
    "pythons": set(),
    "changes": {"facts", "filenames", "platforms", "requirements"},
    "tags": {"facts", "filenames", "policy"},
    "policy": {
        "version",
        "errors",
        "findings",
        "layouts",
        "nearest",
        "publishers",
        "rulebook",
        "shapes",
        "wheel_patterns",
    },
    "manifest": {"version", "errors", "facts", "filenames", "findings", "shapes"},
    "next_steps": {
        "comparison",
        "facts",
        "findings",
        "layouts",
        "policy",
        "rulebook",
        "states",
    },
    "proposal": {
        "facts",
        "filenames",
        "layouts",
        "policy",
        "succession",
        "tags",
        "wheel_patterns",
    },
    # the pure core
    "rules": {
        "comparison",
        "destinations",
        "facts",
        "filenames",
        "findings",
        "layouts",
        "matrix",
        "platforms",
        "policy",
        "wheel_patterns",
        "changes",
        "pythons",
        "requirements",
        "rulebook",
        "stdlib_names",
        "fallbacks",
        "succession",
        "tags",
        "trees",
    },
    "judge": {"facts", "findings", "policy", "rules"},
    "derivation": {"facts", "findings", "policy", "tags"},
    # what reads the world, and what tells of it: neither knows the other
    "sources": {
        "version",
        "alterations",
        "blobs",
        "concealment",
        "credential_forms",
        "errors",
        "facts",
        "filenames",
        "layouts",
        "rulebook",
        "shapes",
        "trees",
    },
    "reports": {
        "comparison",
        "facts",
        "findings",
        "matrix",
        "platforms",
        "proposal",
        "rulebook",
        "rules",
        "states",
    },
    # what brings them together
    "jobs": {
        "alterations",
        "backends",
        "changes",
        "sourcing",
        "comparison",
        "derivation",
        "errors",
        "facts",
        "filenames",
        "findings",
        "judge",
        "layouts",
        "manifest",
        "matrix",
        "next_steps",
        "policy",
        "proposal",
        "rulebook",
        "requirements",
        "rules",
        "sources",
        "states",
        "succession",
        "tags",
        "trees",
    },
    "options": {"errors", "facts", "layouts"},
    "run": {
        "concealment",
        "errors",
        "facts",
        "findings",
        "jobs",
        "layouts",
        "manifest",
        "options",
        "policy",
        "reports",
        "rules",
        "sources",
    },
    # the edges
    "edge": {"errors", "reports"},
    "live": {"edge", "findings", "reports"},
    "cli": {
        "version",
        "edge",
        "errors",
        "init",
        "live",
        "nearest",
        "options",
        "reports",
        "rules",
        "run",
        "sources",
    },
    "action": {
        "edge",
        "errors",
        "findings",
        "live",
        "nearest",
        "options",
        "reports",
        "run",
        "sources",
    },
    "start": {"action", "errors"},
    "__main__": {"cli"},
    "init": {"concealment", "jobs", "options", "policy", "proposal", "reports"},
}
#: Who may bring what was gathered and what is told together.
JOINS = {"run", "init", "cli", "action"}
#: Imports that only a type checker follows, beyond the table.
ONLY_FOR_TYPES = {"reports": {"jobs"}}

#: The parts that touch nothing outside of their arguments.
PURE = {
    "alterations",
    "backends",
    "blobs",
    "sourcing",
    "facts",
    "errors",
    "shapes",
    "layouts",
    "nearest",
    "destinations",
    "rulebook",
    "publishers",
    "stdlib_names",
    "comparison",
    "states",
    "findings",
    "next_steps",
    "filenames",
    "platforms",
    "matrix",
    "wheel_patterns",
    "fallbacks",
    "succession",
    "private_keys",
    "concealment",
    "credential_forms",
    "requirements",
    "pythons",
    "changes",
    "tags",
    "trees",
    "policy",
    "proposal",
    "manifest",
    "rules",
    "judge",
    "derivation",
    "reports",
}
#: All that a pure part may import of other libraries.
HARMLESS = {
    "__future__",
    "ast",
    "configparser",
    "collections",
    "collections.abc",
    "base64",
    "bisect",
    "dataclasses",
    "datetime",
    "difflib",
    "email.utils",
    "email_validator",
    "enum",
    "fnmatch",
    "functools",
    "hashlib",
    "html",
    "inspect",
    "itertools",
    "json",
    "operator",
    "packaging.metadata",
    "packaging.requirements",
    "packaging.specifiers",
    "packaging.tags",
    "packaging.utils",
    "packaging.version",
    "posixpath",
    "re",
    "rfc3986",
    "rfc3986.exceptions",
    "string",
    "textwrap",
    "tomllib",
    "typing",
    "unicodedata",
    "urllib.parse",
}
#: The constants of the public indexes are twine's; a command that a person copies is
#: quoted; credentials have check digits.
BESIDES = {
    "layouts": {"twine"},
    "next_steps": {"shlex"},
    "credential_forms": {"base64", "binascii", "math", "zlib"},
    "private_keys": {"base64", "binascii"},
}
#: Built-in functions that reach outside, or run what they are given.
REACHING = {
    "__import__",
    "breakpoint",
    "delattr",
    "eval",
    "exec",
    "globals",
    "input",
    "open",
    "print",
    "setattr",
}
#: Names of modules that say nothing.
VAGUE = {"helper", "helpers", "misc", "util", "utils", "_utils", "common_utils"}


def _tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def _part(path: Path) -> str:
    return path.relative_to(SOURCE).parts[0].removesuffix(".py")


def _is_for_types(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"


def _imports(node: ast.AST, *, types: bool = False) -> Iterator[tuple[str, bool]]:
    """Each imported module, wherever in a module it stands, and whether only for
    types; of ``from package import name`` the module that it means.
    """
    match node:
        case ast.Import():
            yield from ((alias.name, types) for alias in node.names)
        case ast.ImportFrom():
            assert node.level == 0, "imports are absolute"
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                yield (inner if _is_module(inner) else str(node.module)), types
    for child in ast.iter_child_nodes(node):
        yield from _imports(child, types=types or _is_for_types(node))


def _is_module(name: str) -> bool:
    """Whether a dotted name is a module of ours; the package itself counts as one."""
    first, *rest = name.split(".")
    if first != "release_guard":
        return False
    path = SOURCE.joinpath(*rest)
    return path.is_dir() or path.with_suffix(".py").is_file()


def _own(path: Path, *, types: bool) -> set[str]:
    """The parts of the package that a module imports."""
    dotted = [
        name.split(".")[1:]
        for name, for_types in _imports(_tree(path))
        if name.split(".")[0] == "release_guard" and for_types == types
    ]
    return {rest[0] if rest else "version" for rest in dotted} - {_part(path)}


def _foreign(path: Path) -> set[str]:
    """The modules of others that a module imports."""
    return {
        name
        for name, _ in _imports(_tree(path))
        if name.split(".")[0] != "release_guard"
    }


def _modules() -> list[ModuleType]:
    dotted = (
        name.removesuffix("/__init__").replace("/", ".")
        for name in NAMES
        if name not in ("__init__", "__main__")
    )
    return [importlib.import_module(f"release_guard.{name}") for name in dotted]


# --- the table --------------------------------------------------------------------


def test_every_part_stands_in_the_table_and_no_other() -> None:
    assert set(MAY_IMPORT) == {_part(path) for path in PATHS}


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_a_module_imports_only_the_parts_that_it_may(path: Path) -> None:
    allowed = MAY_IMPORT[_part(path)]
    for_types = allowed | ONLY_FOR_TYPES.get(_part(path), set())

    assert _own(path, types=False) - allowed == set()
    assert _own(path, types=True) - for_types == set()


def test_the_table_holds_no_circle() -> None:
    left = {part: others - {"version"} for part, others in MAY_IMPORT.items()}
    while left:
        free = {part for part, others in left.items() if not others & left.keys()}
        assert free, f"a circle among {sorted(left)}"
        left = {part: others for part, others in left.items() if part not in free}


def test_only_the_edges_join_what_is_gathered_with_what_is_told() -> None:
    joining = {
        part
        for part, others in MAY_IMPORT.items()
        if {"reports"} & others and {"jobs", "run", "sources"} & others
    }

    assert joining == JOINS


@pytest.mark.parametrize(
    ("part", "never"),
    [
        ("facts", set(MAY_IMPORT)),
        ("rules", {"sources", "jobs", "reports", "judge", "manifest", "errors"}),
        ("judge", {"sources", "jobs", "reports", "manifest", "errors"}),
        ("sources", {"rules", "judge", "reports", "policy", "findings", "jobs"}),
        ("reports", {"sources", "jobs", "judge", "policy", "manifest"}),
        ("policy", {"rules", "sources"}),
        ("jobs", {"reports", "options", "run", "cli", "action"}),
    ],
)
def test_the_table_keeps_apart_what_must_not_meet(part: str, never: set[str]) -> None:
    assert MAY_IMPORT[part] & never == set()


def test_the_imports_of_a_module_are_seen_wherever_they_stand() -> None:
    text = """
import os.path as p
from release_guard import __version__, facts
if TYPE_CHECKING:
    from release_guard.jobs.verify import Look
def later():
    try:
        from release_guard.sources.web import Web
    except ImportError:
        import socket
"""
    assert list(_imports(ast.parse(text))) == [
        ("os.path", False),
        ("release_guard", False),
        ("release_guard.facts", False),
        ("release_guard.jobs.verify", True),
        ("release_guard.sources.web", False),
        ("socket", False),
    ]


# --- the pure parts ---------------------------------------------------------------

PURE_PATHS = [path for path in PATHS if _part(path) in PURE]
PURE_NAMES = [
    name for name, path in zip(NAMES, PATHS, strict=True) if path in PURE_PATHS
]


@pytest.mark.parametrize("path", PURE_PATHS, ids=PURE_NAMES)
def test_a_pure_module_imports_nothing_that_reaches_outside(path: Path) -> None:
    assert _foreign(path) - HARMLESS - BESIDES.get(_part(path), set()) == set()


@pytest.mark.parametrize("path", PURE_PATHS, ids=PURE_NAMES)
def test_a_pure_module_calls_nothing_that_reaches_outside(path: Path) -> None:
    called = [node.func for node in ast.walk(_tree(path)) if isinstance(node, ast.Call)]
    names = {func.id for func in called if isinstance(func, ast.Name)}
    clocks = {func.attr for func in called if isinstance(func, ast.Attribute)}

    assert names & REACHING == set()
    assert clocks & {"now", "today", "utcnow", "monotonic"} == set()


RULE_PATHS = [path for path in PATHS if _part(path) == "rules"]


@pytest.mark.parametrize("path", RULE_PATHS, ids=lambda path: path.stem)
def test_a_rule_module_keeps_nothing_between_two_calls(path: Path) -> None:
    tree = _tree(path)
    changing = (ast.Global, ast.Nonlocal)
    kept = [
        ast.unparse(node.targets[0])
        for node in tree.body
        if isinstance(node, ast.Assign)
        and isinstance(node.value, ast.List | ast.Dict | ast.Set | ast.ListComp)
    ]

    assert [node for node in ast.walk(tree) if isinstance(node, changing)] == []
    assert [name for name in kept if name != "__all__"] == []


_HEAVY = ("requests", "urllib3", "twine", "yaml", "rich", "http.client")


def test_judging_loads_nothing_heavy_and_nothing_that_reaches_the_network() -> None:
    script = (
        "import sys, release_guard.rules, release_guard.judge, release_guard.manifest;"
        f"print([name for name in {_HEAVY!r} if name in sys.modules])"
    )
    told = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, check=True, text=True
    )

    assert told.stdout.strip() == "[]"


# --- values -----------------------------------------------------------------------


@pytest.mark.parametrize("name", ["facts", "findings"])
def test_every_value_is_a_frozen_dataclass_of_values(name: str) -> None:
    module = importlib.import_module(f"release_guard.{name}")
    classes = [
        value
        for value in vars(module).values()
        if isinstance(value, type)
        and value.__module__ == module.__name__
        and not issubclass(value, enum.Enum)
    ]

    assert len(classes) > 5
    for made in classes:
        assert dataclasses.is_dataclass(made), made
        params: Any = vars(made)["__dataclass_params__"]
        assert params.frozen, made
        for field in dataclasses.fields(made):
            words = set(
                ast.unparse(ast.parse(str(field.type))).replace("[", " ").split()
            )
            assert not words & {"list", "dict", "set", "bytearray", "Any"}, field


# --- modules ----------------------------------------------------------------------


@pytest.mark.parametrize("path", PATHS, ids=NAMES)
def test_a_module_says_what_it_is_for_in_its_name_and_its_first_line(
    path: Path,
) -> None:
    docstring = ast.get_docstring(_tree(path))

    assert path.stem not in VAGUE
    assert docstring
    assert docstring.split("\n\n")[0].endswith((".", "?", "::"))


def test_what_a_module_offers_is_there_and_is_not_private() -> None:
    for module in _modules():
        offered = getattr(module, "__all__", [])
        assert len(set(offered)) == len(offered), module
        for name in offered:
            assert hasattr(module, name), (module, name)
            assert not name.startswith("_"), (module, name)


def test_nothing_private_is_taken_from_another_module() -> None:
    for path in PATHS:
        for node in ast.walk(_tree(path)):
            if isinstance(node, ast.ImportFrom):
                for alias in node.names:
                    private = alias.name.startswith("_")
                    assert not private or alias.name == "__version__", (path, alias)


def test_every_module_can_be_imported_alone() -> None:
    assert {module.__name__ for module in _modules()} <= sys.modules.keys()
    assert len(_modules()) == len(NAMES) - 2


# --- the public indexes go by name ------------------------------------------------


def _texts() -> Iterator[Path]:
    """The text files of the repository that people write or generate."""
    folders = ("src", "tests", "docs", "schema", "tools", "requirements", ".github")
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                yield path
    yield from (path for path in sorted(ROOT.iterdir()) if path.is_file())


def test_no_source_file_holds_a_whole_mark_of_an_obfuscator() -> None:
    """What would be refused as obfuscated were it uploaded: marks stand in halves."""
    paths = [
        path
        for folder in ("src", "tests", "tools")
        for path in sorted((ROOT / folder).rglob("*.py"))
    ]
    hidden = []
    for path in paths:
        content = path.read_bytes()
        if obfuscator_of(path.name, content, len(content)):
            hidden.append(str(path.relative_to(ROOT)))

    assert {path.relative_to(ROOT).parts[0] for path in paths} == {
        "src",
        "tests",
        "tools",
    }
    assert hidden == []


def test_no_file_names_the_host_of_a_public_index() -> None:
    urls = (twine.DEFAULT_REPOSITORY, twine.TEST_REPOSITORY)
    hosts = [str(urlsplit(url).hostname).encode() for url in urls]
    hosts += [host.removeprefix(b"upload.") for host in hosts]
    naming = [
        str(path.relative_to(ROOT))
        for path in _texts()
        if path.name != ".coverage" and any(h in path.read_bytes() for h in hosts)
    ]

    assert naming == []

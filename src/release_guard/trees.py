"""What a path tells: where it is installed, which module it is, and whether it is there
for the project's own developers.
"""

from __future__ import annotations

import re

__all__ = [
    "in_prefix",
    "in_site",
    "is_aside",
    "is_document",
    "is_of_repair",
    "is_of_tests",
    "is_optional",
    "is_vendored",
    "module_name",
    "top_in_source",
]

#: Folders, and modules, of tests and of what tests and readers are shown.
_TESTS = re.compile(
    r"_?(unit_?|integration_?|functional_?|regression_?)?(tests?|testing|specs?)_?"
    r"|_?tests?[_-].*|.*[_-]tests?|test_?(data|s?uite|cases?|files?|lib|utils?|support)"
    r"|_?fixtures?|conftest",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(
    r"_?(examples?|samples?|demos|docs?|documentation|tutorials?|(.*[_-])?bench(marks?)?"
    r"|cookbook|recipes|snippets|skeletons?|boilerplates?|project_template"
    r"|(.*_)?templates?|scaffold(s|ing)?|asv_bench)",
    re.IGNORECASE,
)
_VENDORED = re.compile(
    r"_?(vendor(s|ed|ing)?|extern(als?)?|third_?party|3rd_?party|bundled|site-packages)",
    re.IGNORECASE,
)


def in_site(path: str) -> str | None:
    """Where an installer puts a member of a wheel, below ``site-packages``; None for
    what goes elsewhere, and for what describes the wheel itself.
    """
    top, _, rest = path.partition("/")
    if top.endswith(".data") and rest:
        scheme, _, inner = rest.partition("/")
        return inner if inner and scheme in ("purelib", "platlib") else None
    return None if top.endswith(".dist-info") else path


def in_prefix(path: str) -> str | None:
    """Where a member of a wheel ends below ``site-packages`` by way of the prefix of an
    environment (``.data/data``), for some Python at least; None for all others.

    There is a folder for each kind and version of Python, and Debian's own is called
    ``dist-packages``.
    """
    found = _IN_PREFIX.fullmatch(path)
    return found[1] if found else None


_IN_PREFIX = re.compile(
    r"[^/]+\.data/data/(?:(?:local/)?lib[^/]*/(?:[^/]+/)?)?(?:site|dist)-packages/(.+)",
    re.IGNORECASE | re.DOTALL,
)


def top_in_source(path: str) -> str:
    """The name at the top of what is imported from a source tree, where a module lies
    at this path: packages lie beside ``setup.py``, or in a folder for the source.
    """
    inner = path.removeprefix("src/").removeprefix("lib/").removeprefix("python/")
    return inner.partition("/")[0].removesuffix(".py")


def module_name(path: str) -> str | None:
    """The module that Python finds in a file that lies here below ``site-packages``, as
    a path (``demo/core``, ``demo/__init__``); None for what it does not import.
    """
    folder, slash, name = path.rpartition("/")
    found = _MODULE.fullmatch(name)
    is_cached = folder == _CACHE or folder.endswith(f"/{_CACHE}")
    return f"{folder}{slash}{found[1]}" if found and not is_cached else None


#: Source, bytecode without it, extension modules. What stands between a name and
#: ``.so`` or ``.pyd`` says for which Python it is.
_MODULE = re.compile(r"([^./]+)(?:\.py[cw]?|\.(?:[^/]*\.)?(?:so|pyd))")
#: Bytecode in here is of a source beside it, and is looked up by that.
_CACHE = "__pycache__"


def is_of_repair(path: str) -> bool:
    """Whether a file lies among the libraries that auditwheel, delvewheel and delocate
    put into a wheel; a folder ends with a slash.
    """
    return any(folder.endswith((".libs", ".dylibs")) for folder in path.split("/")[:-1])


def is_of_tests(path: str) -> bool:
    """Whether a file lies among tests and their data."""
    return any(map(_TESTS.fullmatch, _parts(path)))


def is_aside(path: str) -> bool:
    """Whether a file lies among tests, examples, documentation or templates: it is
    there to be looked at, and need not be as it would be elsewhere.
    """
    return is_of_tests(path) or any(map(_EXAMPLES.fullmatch, _parts(path)))


def is_optional(path: str) -> bool:
    """Whether a file of a project is one that sdists leave out, or take along in part:
    a test, an example, documentation, a tool. Narrower than ``is_aside``: what looks
    like a template may be what the program works with.
    """
    *folders, name = path.split("/")
    return bool(_OPTIONAL & {*folders}) or _TEST.fullmatch(name) is not None


def is_document(path: str) -> bool:
    """Whether a file of a project is only read by people."""
    *folders, name = path.split("/")
    if folders:
        return bool(_DOCUMENTS & {*folders})
    return name.endswith((".rst", ".md", ".txt", ".adoc"))


_OPTIONAL = frozenset(
    {
        *("test", "tests", "_tests", "docs", "doc", "example", "examples", "samples"),
        *("bench", "benchmark", "benchmarks", "asv_bench", "tools", "scripts", "ci"),
        *("fuzz", "fuzzing", "tutorials", "notebooks"),
    }
)
_TEST = re.compile(r"(test_.*|.*_tests?|conftest)\.\w+")
_DOCUMENTS = frozenset({"doc", "docs"})


def is_vendored(path: str) -> bool:
    """Whether a file lies in a copy of another project."""
    return any(map(_VENDORED.fullmatch, _parts(path)))


def _parts(path: str) -> list[str]:
    """The folders that a file is in, and its name without its last extension."""
    *folders, name = path.split("/")
    return [*folders, name.rpartition(".")[0] or name]

"""What build backends put into a distribution beside what git tracks, as tables.

Paths are those inside the project, below an sdist's top folder. Whether a file that a
tool rewrites is rewritten as the tool does it, is seen in its bytes (``sourcing.py``);
here stands what is known by name.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator, Mapping
from fnmatch import fnmatchcase

__all__ = [
    "backend_of",
    "build_modules",
    "folders_of",
    "is_made_of",
    "is_named_for",
    "is_of_version",
    "rewrites",
]

#: What a backend writes into an sdist of its own, by patterns (``*`` takes slashes).
#: A backend is known by the begin of its entry point.
_WRITTEN: Mapping[str, tuple[str, ...]] = {
    "": (
        # The metadata of sdists, and what setuptools leaves where it has been called.
        "PKG-INFO",
        "*.egg-info/*",
    ),
    # AUTHORS and ChangeLog are pbr's, from the history.
    "setuptools": ("AUTHORS", "ChangeLog"),
    "pbr": ("AUTHORS", "ChangeLog"),
    # Written for installers before PEP 517: poetry-core < 2, flit < 3.5, pdm.
    "poetry": ("setup.py",),
    "flit": ("setup.py",),
    "pdm": ("setup.py",),
    # The manifests of a workspace, cut down to the project, and its lock.
    "maturin": ("Cargo.toml", "Cargo.lock", "*/Cargo.toml", "*/Cargo.lock"),
    # Wraps and packed dependencies that meson fetches.
    "mesonpy": ("subprojects/*",),
}

#: Tracked files that a backend replaces by its own version of them.
_REWRITTEN: Mapping[str, tuple[str, ...]] = {
    # pyproject.toml: pdm leaves out comments and puts in the version, maturin says
    # where the crate lies, projects take out what only a checkout needs (rapidfuzz).
    "": ("PKG-INFO", "*.egg-info/*", "setup.cfg", "MANIFEST.in", "pyproject.toml"),
    "maturin": ("*/pyproject.toml", "Cargo.toml", "Cargo.lock", "*/Cargo.toml"),
}

#: A file that a tool makes of a tracked one with the same name beside it: the end of
#: the name that is made, and those that it may be made of.
_MADE_OF: tuple[tuple[str, tuple[str, ...]], ...] = (
    # Cython, its headers, and mypyc
    (".c", (".pyx", ".py", ".pyx.in", ".y", ".l", ".rl", ".re", ".c.src", ".gperf")),
    (".cpp", (".pyx", ".py", ".pyx.in", ".y", ".l", ".rl", ".re", ".ypp")),
    (".cxx", (".pyx", ".py", ".pyx.in")),
    (".h", (".pyx", ".y", ".ypp", ".h.src")),
    ("_api.h", (".pyx",)),
    # gettext, Qt
    (".mo", (".po",)),
    (".qm", (".ts",)),
    ("_rc.py", (".qrc",)),
    # SWIG
    (".py", (".i",)),
    ("_wrap.c", (".i",)),
    ("_wrap.cpp", (".i",)),
    # protobuf, thrift, antlr
    ("_pb2.py", (".proto",)),
    ("_pb2.pyi", (".proto",)),
    ("_pb2_grpc.py", (".proto",)),
    ("Lexer.py", (".g4", "Lexer.g4")),
    ("Parser.py", (".g4", "Parser.g4")),
    # what browsers are given
    (".css", (".scss", ".sass", ".less", ".styl")),
    (".min.css", (".css", ".scss", ".sass", ".less")),
    (".js", (".ts", ".tsx", ".jsx", ".coffee")),
    (".min.js", (".js", ".ts")),
    # manual pages
    (".1", (".1.md", ".1.rst", ".rst", ".md", ".1.adoc", ".adoc")),
    # autotools
    ("configure", ("configure.ac", "configure.in")),
    ("Makefile.in", ("Makefile.am",)),
    # documentation
    (".html", (".rst", ".md", ".txt")),
)
#: What a template ends with, behind the name of the file that is made of it.
_TEMPLATES = (".in", ".tmpl", ".tpl", ".template", ".j2", ".jinja", ".jinja2", ".mako")
#: What autoconf adds to a tracked configure.ac in the same folder.
_AUTOTOOLS = frozenset(
    {
        *("aclocal.m4", "ar-lib", "compile", "config.guess", "config.sub", "depcomp"),
        *("config.h.in", "install-sh", "ltmain.sh", "missing", "test-driver", "ylwrap"),
    }
)
#: Cargo writes one beside each crate that is vendored.
_VENDORED = ".cargo-checksum.json"

_BACKEND = re.compile(r"""(?m)^[ \t]*build-backend[ \t]*=[ \t]*["']([\w.:-]+)["']""")


def backend_of(pyproject: str) -> str:
    """The build backend that a pyproject.toml names; empty where it names none, which
    stands for setuptools (PEP 517).
    """
    found = _BACKEND.search(pyproject)
    return found[1] if found else ""


def build_modules(setup: bytes) -> frozenset[str]:
    """The paths, beside a setup.py, of which it needs each that there is: modules that
    it imports at the begin of a line, where no ``try`` or ``if`` makes up for them.
    """
    modules: set[str] = set()
    for found in _IMPORTED.finditer(setup[:_LARGEST_SETUP]):
        of, names = (found[group] or b"" for group in ("of", "names"))
        begin = f"{of.decode()}." if of else ""
        modules |= {f"{begin}{name.decode()}" for name in _NAMES.findall(names)}
    words = (module.split(".") for module in modules)
    whole = {"/".join(some[:end]) for some in words for end in range(1, len(some) + 1)}
    return frozenset(f"{path}{end}" for path in whole for end in _MODULES)


#: In bytes.
_LARGEST_SETUP = 256 << 10
_IMPORTED = re.compile(
    rb"(?m)^(?:from[ \t]+(?P<of>\w[\w.]{0,200})[ \t]+)?import\b[ \t]*"
    rb"(?P<names>\([^)]{0,2000}\)|[^\n#;]{0,500})"
)
_NAMES = re.compile(rb"(?<![\w.])(?<!\bas )[A-Za-z_][\w.]{0,200}")
_MODULES = (".py", "/__init__.py")


def is_named_for(name: str, backend: str) -> bool:
    """Whether a build with this backend puts a file of its own under this name."""
    return any(fnmatchcase(name, pattern) for pattern in _rows(_WRITTEN, backend))


def rewrites(name: str, backend: str) -> bool:
    """Whether a build with this backend replaces a tracked file of this name."""
    return any(fnmatchcase(name, pattern) for pattern in _rows(_REWRITTEN, backend))


def is_of_version(name: str) -> bool:
    """Whether a file is called like those that a version tool replaces as a whole."""
    return _OF_VERSION.search(name.rpartition("/")[2]) is not None


_OF_VERSION = re.compile("version|about|release|commit", re.IGNORECASE)


def _rows(table: Mapping[str, tuple[str, ...]], backend: str) -> Iterator[str]:
    """The patterns of a backend. One that is not known (the project's own, which mostly
    wraps another) may do what any does.
    """
    known = [word for word in _KNOWN if backend.startswith(word)]
    is_foreign = backend != "" and not known
    for word, patterns in table.items():
        mine = word == "" or backend.startswith(word) or is_foreign
        if mine or (word == "setuptools" and backend == ""):
            yield from patterns


#: The backends of the tables, and those that write nothing of their own.
_KNOWN = (
    *("setuptools", "pbr", "poetry", "flit", "pdm", "maturin", "mesonpy"),
    *("hatchling", "scikit_build_core", "uv_build", "jupyter_packaging"),
)


def is_made_of(path: str, tracked: Container[str], present: Container[str]) -> bool:
    """Whether a tool is known to make a file of a tracked one beside it; ``present``
    are the paths of the distribution, in the same form.
    """
    folder, _, name = path.rpartition("/")
    beside = f"{folder}/" if folder else ""
    if any(f"{path}{end}" in tracked for end in _TEMPLATES):
        return True
    if name in _AUTOTOOLS and f"{beside}configure.ac" in tracked:
        return True
    if _is_vendored(path, present):
        return True
    for made, origins in _MADE_OF:
        if name.endswith(made):
            stem = path.removesuffix(made)
            # ``configure`` is a whole name, and so is what it is made of.
            ends = (f"{stem}{end}" for end in origins)
            if any(origin != path and origin in tracked for origin in ends):
                return True
    return False


def _is_vendored(path: str, present: Container[str]) -> bool:
    """Whether a crate that is vendored as a whole holds the file."""
    return any(f"{folder}/{_VENDORED}" in present for folder in folders_of(path))


def folders_of(path: str) -> Iterator[str]:
    """The folders that a path lies in, the nearest first."""
    at = path.rfind("/")
    while at > 0:
        yield path[:at]
        at = path.rfind("/", 0, at)

"""How a file differs from the one that the commit tracks, by the bytes of both.

Build tools rewrite some files, and version tools put the version into others: what they
do at every build is no difference. Nothing is run, and what is parsed is small.
"""

from __future__ import annotations

import ast
import configparser
import hashlib
import posixpath
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from itertools import islice

from packaging.version import Version

from release_guard.backends import is_of_version, rewrites
from release_guard.facts import Alteration
from release_guard.filenames import parse_version

__all__ = [
    "LARGEST_VERSION_FILE",
    "alteration",
    "is_bare_setup_cfg",
    "is_pointer",
    "is_version_file",
]

#: In bytes: what version tools write has a few hundred, and a parser may take 500 times
#: as much memory as it is given.
LARGEST_VERSION_FILE = 8 << 10
#: Of a git LFS pointer, in bytes.
_LARGEST_POINTER = 1 << 10


def alteration(
    name: str,
    found: bytes | None,
    tracked: bytes | None,
    *,
    version: Version | None,
    backend: str,
    checked_out: Mapping[str, str],
    is_script: bool = False,
) -> Alteration | None:
    """How a file differs from the tracked one, None where that is what build tools do,
    or what git does where it is ``checked_out`` by these attributes.

    Either content is None where it was not read; then it is another one, and no more
    is known, but for what git LFS keeps elsewhere.
    """
    weight = Alteration.REWRITTEN if rewrites(name, backend) else Alteration.CONTENT
    if tracked is not None and is_pointer(tracked):
        return _against_pointer(found, tracked)
    if found is None or tracked is None:
        return weight
    if _is_checked_out(found, tracked, checked_out):
        return None
    if _is_text(found) and _is_text(tracked):
        found, tracked = _unix(found), _unix(tracked)
        if found == tracked:
            return Alteration.LINE_ENDINGS
    is_made = (
        any(is_same(found, tracked) for is_same in _SUBSTITUTIONS)
        or (is_script and _SHEBANG.sub(b"", found) == _SHEBANG.sub(b"", tracked))
        or (version is not None and _has_version(name, found, tracked, version))
        or (rewrites(name, backend) and _is_same_manifest(name, found, tracked))
    )
    return None if is_made else weight


def _has_version(name: str, found: bytes, tracked: bytes, version: Version) -> bool:
    """Whether a version tool put only the version into a file, or wrote all of it."""
    if _differs_in_version(found, tracked, version):
        return True
    return is_of_version(name) and is_version_file(name, found, version)


#: Those that are no codec of something else than text.
_ENCODING = re.compile(
    r"utf-?(16|32)([bl]e)?|iso-?8859-\d+|windows-\d+|cp\d+|shift[-_]jis|euc-\w+|"
    r"gb\w+|big5|koi8-\w",
    re.IGNORECASE,
)


def _is_checked_out(
    found: bytes, tracked: bytes, attributes: Mapping[str, str]
) -> bool:
    """Whether a content is the tracked one in the encoding, and with the line endings,
    that git gives it in a checkout.
    """
    encoding = attributes.get("working-tree-encoding", "")
    if _ENCODING.fullmatch(encoding):
        try:
            ours = found.decode(encoding).replace("\r\n", "\n")
            return ours == tracked.decode("utf-8").replace("\r\n", "\n")
        except (UnicodeError, LookupError):
            return False
    is_dos = attributes.get("eol") == "crlf"
    return is_dos and found == _unix(tracked).replace(b"\n", b"\r\n")


#: The first line of a script is the installer's.
_SHEBANG = re.compile(rb"\A#![^\n]*python[^\n]*\n")


def _is_text(content: bytes) -> bool:
    """Git's own guess."""
    return b"\0" not in content[:8_000]


def _unix(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n")


_POINTER = re.compile(
    rb"version https://git-lfs\.github\.com/spec/v1\n(?:[^\n]*\n)*?"
    rb"oid sha256:([0-9a-f]{64})\n"
)


def is_pointer(content: bytes) -> bool:
    """Whether a tracked file only points to what git LFS keeps."""
    return len(content) <= _LARGEST_POINTER and _POINTER.match(content) is not None


def _against_pointer(found: bytes | None, tracked: bytes) -> Alteration | None:
    if found is None:
        return Alteration.UNREAD
    said = _POINTER.match(tracked)
    is_same = said and said[1].decode() == hashlib.sha256(found).hexdigest()
    return None if is_same else Alteration.CONTENT


#: ``git archive`` fills these in (export-subst), and so does a checkout ($Id$).
_EXPORTED = re.compile(rb"\$Format:[^$\n]*\$")
_IDENT = re.compile(rb"\$Id(:[^$\r\n]*)?\$")


def _is_exported(found: bytes, tracked: bytes) -> bool:
    """Whether only ``$Format:...$`` was filled in."""
    return _is_filled_in(found, _EXPORTED.split(tracked))


def _is_filled_in(found: bytes, pieces: Sequence[bytes]) -> bool:
    """Whether a content has these pieces in their order, and in between only what stays
    on a line and closes no string.
    """
    first, *others = pieces
    if not others or not found.startswith(first):
        return False
    at = len(first)
    for place, piece in enumerate(others, start=1):
        # The last piece must reach the end.
        end = len(found) - len(piece) if place == len(others) else found.find(piece, at)
        filled = found[at:end]
        if end < at or not found.startswith(piece, end) or _ENDS.search(filled):
            return False
        at = end + len(piece)
    return True


_ENDS = re.compile(rb"""[\r\n"'\\]""")


def _is_identified(found: bytes, tracked: bytes) -> bool:
    """Whether only ``$Id$`` differs."""
    return _IDENT.sub(b"", found) == _IDENT.sub(b"", tracked)


_SUBSTITUTIONS: tuple[Callable[[bytes, bytes], bool], ...] = (
    _is_exported,
    _is_identified,
)

#: What stands before a version in source, and the literal that gives it.
_ASSIGNED = re.compile(
    rb"""(?P<before>[^"'#(=:]*version[^"'#(=:]*(?::[^"'#(=]*)?[=:][ \t]*)
    (?P<value>"[^"\\\r]*"|'[^'\\\r]*'|\([\w \t.,'"+-]*\)|[\w.+!-]+)
    (?P<behind>[ \t]*[,;)}\]]*[ \t]*(?:\#[^\r]*)?)""",
    re.IGNORECASE | re.VERBOSE,
)
_MOST_VERSIONS, _LONGEST_LINE = 20, 1_000


def _differs_in_version(found: bytes, tracked: bytes, version: Version) -> bool:
    """Whether only lines differ that assign a version, to a literal, and one of them
    gives the release's: version tools put it in when they build.
    """
    ours, theirs = found.split(b"\n"), tracked.split(b"\n")
    if len(ours) != len(theirs):
        return False
    changed = [(a, b) for a, b in zip(ours, theirs, strict=True) if a != b]
    if not 0 < len(changed) <= _MOST_VERSIONS:
        return False
    if _says(found.decode("utf-8", "replace"), version):
        # A file that holds nothing else.
        return True
    values = []
    for new, old in changed:
        if max(len(new), len(old)) > _LONGEST_LINE:
            return False
        said, was = _ASSIGNED.fullmatch(new), _ASSIGNED.fullmatch(old)
        if said is None or was is None or said["before"] != was["before"]:
            return False
        values.append(said["value"].decode("utf-8", "replace").strip("\"'"))
    return any(_says(value, version) for value in values)


def _says(text: str, version: Version) -> bool:
    """Whether a text is the release's version, local segment or not."""
    said = parse_version(text.strip()) if len(text) <= _LONGEST_VERSION else None
    return said is not None and said.public == version.public


_LONGEST_VERSION = 200


# --- files that only say a version ------------------------------------------------


def is_version_file(name: str, content: bytes, version: Version) -> bool:
    """Whether a file holds nothing that could be run, and the release's version: one of
    those that version tools write, under whatever name.
    """
    if len(content) > LARGEST_VERSION_FILE:
        return False
    try:
        text = content.decode("utf-8-sig")
        if not name.endswith((".py", ".pyi")):
            return _says(text, version)
        tree = ast.parse(text)
        said = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
        texts = [value for value in said if isinstance(value, str)]
        return all(map(_is_data, tree.body)) and any(
            word and _says(word, version)
            for value in texts
            for word in islice(_WORDS.split(value), _MOST_WORDS)
        )
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return False


#: versioneer writes JSON in a string.
_WORDS = re.compile(r"""[\s"',]+""")
_MOST_WORDS = 200
_TYPES = ("typing", "typing_extensions", "__future__", "json", "datetime")
_PLAIN = (
    *(ast.Constant, ast.Name, ast.Tuple, ast.List, ast.Dict, ast.Load, ast.Store),
    *(ast.Subscript, ast.Attribute, ast.BinOp, ast.BitOr, ast.UnaryOp, ast.USub),
)


def _is_data(node: ast.stmt) -> bool:
    """Whether a statement only binds names to literals, or to types."""
    match node:
        case ast.Import() | ast.ImportFrom():
            return _is_of_types(node)
        case ast.If(test=test, body=body, orelse=others):
            return _is_plain(test) and all(map(_is_data, (*body, *others)))
        case ast.FunctionDef(decorator_list=[], args=args, body=body):
            # versioneer's get_versions().
            has_none = ast.unparse(args) == ""
            return has_none and all(map(_is_returned, body))
    return isinstance(node, _BINDINGS) and all(
        _is_plain(inner)
        for inner in ast.iter_child_nodes(node)
        if isinstance(inner, ast.expr)
    )


_BINDINGS = (ast.Assign, ast.AnnAssign, ast.Expr, ast.Pass)


def _is_of_types(node: ast.Import | ast.ImportFrom) -> bool:
    """Whether an import only gets types, or JSON."""
    if isinstance(node, ast.Import):
        return all(name.name in _TYPES for name in node.names)
    return node.level == 0 and node.module in _TYPES


def _is_plain(node: ast.expr) -> bool:
    return all(isinstance(inner, _PLAIN) for inner in ast.walk(node))


def _is_returned(node: ast.stmt) -> bool:
    """Whether a statement of a function is its docstring, or returns data."""
    match node:
        case ast.Expr(value=ast.Constant()):
            return True
        case ast.Return(value=ast.Call(func=called, args=[argument], keywords=[])):
            is_json = ast.unparse(called) == "json.loads"
            return is_json and isinstance(argument, ast.Name)
        case ast.Return(value=ast.expr() as value):
            return _is_plain(value)
    return False


# --- manifests --------------------------------------------------------------------


def is_bare_setup_cfg(name: str, content: bytes) -> bool:
    """Whether a file is the ``setup.cfg`` that setuptools puts into an sdist of a
    project that has none.
    """
    return name == "setup.cfg" and _sections(content) == {}


def _is_same_manifest(name: str, found: bytes, tracked: bytes) -> bool:
    """Whether a manifest says the same, but for what the tool that wrote it adds. One
    that parsers would take long for does not.
    """
    last = posixpath.basename(name)
    if any(map(_is_long, (found, tracked))):
        return False
    if last == "setup.cfg":
        ours, theirs = _sections(found), _sections(tracked)
        return ours is not None and ours == theirs
    if last in ("pyproject.toml", "Cargo.toml"):
        ours_, theirs_ = _tables(found), _tables(tracked)
        return ours_ is not None and ours_ == theirs_
    # What they list is made anew by each build.
    return last == "PKG-INFO" or ".egg-info/" in name


def _is_long(content: bytes) -> bool:
    """Whether parsing may take the square of a content's length: tomllib does so for a
    key of many parts, configparser for lines that are errors.
    """
    lines = content.split(b"\n")
    is_large = len(content) > _LARGEST_MANIFEST or len(lines) > _MOST_LINES
    return is_large or any(line.count(b".") > _MOST_DOTS for line in lines)


#: In bytes, in lines, and of one line.
_LARGEST_MANIFEST, _MOST_LINES, _MOST_DOTS = 64 << 10, 2_000, 200


def _sections(content: bytes) -> Mapping[str, Mapping[str, str]] | None:
    """A setup.cfg without what setuptools writes into each; None for what is none."""
    parser = configparser.RawConfigParser(strict=False)
    parser.optionxform = str  # type: ignore[assignment, method-assign]
    try:
        parser.read_string(content.decode("utf-8-sig"))
    except (configparser.Error, ValueError):
        return None
    said = {name: dict(parser.items(name)) for name in parser.sections()}
    egg = said.get("egg_info", {})
    for key in ("tag_build", "tag_date", "tag_svn_revision"):
        egg.pop(key, None)
    return {name: values for name, values in said.items() if values}


#: What backends write into a pyproject.toml or Cargo.toml, by its keys.
_WRITTEN = (
    # The version that was found: pdm, poetry-dynamic-versioning, which switches itself
    # off then.
    ("project", "version"),
    ("tool", "poetry", "version"),
    ("tool", "poetry-dynamic-versioning"),
    # What the lock file has: pdm-build-locked.
    ("project", "optional-dependencies", "locked"),
    ("project", "optional-dependencies", "all-locked"),
    # Where the crate lies, its readme, and the crates of the workspace: maturin.
    ("tool", "maturin"),
    ("package", "readme"),
    ("workspace",),
)


def _tables(content: bytes) -> Mapping[str, object] | None:
    """A pyproject.toml or Cargo.toml without what backends write into it; None for what
    is none.
    """
    try:
        said = tomllib.loads(content.decode("utf-8"))
    except (ValueError, RecursionError):
        return None
    for path in _WRITTEN:
        _drop(said, path)
    project = said.get("project")
    if isinstance(project, dict) and isinstance(project.get("dynamic"), list):
        project["dynamic"] = [name for name in project["dynamic"] if name != "version"]
    return said


def _drop(said: dict[str, object], path: Sequence[str]) -> None:
    """Take out what stands under a path of keys, if anything does."""
    first, *rest = path
    inner = said.get(first)
    if not rest:
        said.pop(first, None)
    elif isinstance(inner, dict):
        _drop(inner, rest)

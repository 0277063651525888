"""The files of a commit, and those of the checkout beside them.

All of it comes from git's objects by commands that only look: no filter, no text
conversion and no hook of the repository is run, nothing is fetched, and what the
checkout's own configuration and info folder say of ignored files and attributes does
not count. What the commit says of them is asked of git in an empty repository of our
own, which holds the commit's .gitignore and .gitattributes and nothing else.
"""

from __future__ import annotations

import os
import posixpath
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from release_guard.blobs import algorithm_of, blob_id, namer
from release_guard.errors import RepositoryError
from release_guard.facts import EntryKind, SourcedCheckout, SourceTree, TreeEntry
from release_guard.sources.git import Repository, ask

__all__ = [
    "conversions",
    "ignored",
    "left_out",
    "read_blobs",
    "read_checkout",
    "read_tree",
]

#: The largest repositories of Python projects track some 50,000 files.
_MOST_ENTRIES = 200_000
#: Of .gitignore and .gitattributes, and of one of them, in bytes.
_MOST_RULES, _LARGEST_RULES = 2_000, 256 << 10
#: Of what is read of blobs at a time, in bytes.
_MOST_CONTENT = 48 << 20
#: Of what is hashed of a checkout, in bytes.
_MOST_HASHED = 2 << 30
#: Up to which size a file's line endings are looked at, in bytes.
_LARGEST_TEXT = 16 << 20
_CHUNK = 1 << 20

_KINDS = {
    "100644": EntryKind.FILE,
    # Written by the first versions of git.
    "100664": EntryKind.FILE,
    "100755": EntryKind.EXECUTABLE,
    "120000": EntryKind.LINK,
    "160000": EntryKind.SUBMODULE,
}


def read_tree(repository: Repository, commit: str) -> SourceTree:
    """All that a commit tracks. No blob is read for it, so that a partial clone will
    do. Raises ``RepositoryError`` where its folders are not all there, and where it is
    too large.
    """
    told = ask(repository, "ls-tree", "-r", "-z", "--full-tree", commit)
    if told.count(b"\0") > _MOST_ENTRIES:
        raise RepositoryError(f"the commit tracks more than {_MOST_ENTRIES} files")
    return SourceTree(commit, tuple(map(_entry, _fields(told))))


def _entry(row: str) -> TreeEntry:
    """One row: mode, type and id, a tab, and the path."""
    said, tab, path = row.partition("\t")
    mode, _, rest = said.partition(" ")
    kind = _KINDS.get(mode)
    blob = rest.partition(" ")[2]
    if kind is None or not tab or not path or not blob:
        raise RepositoryError(f"git lists what is no tracked file: {row!r:.200}")
    return TreeEntry(path, kind, blob)


def _fields(told: bytes) -> list[str]:
    """What stands before each NUL. Names are bytes: no UTF-8 stays what it is."""
    return told.decode("utf-8", "surrogateescape").split("\0")[:-1]


def read_blobs(
    repository: Repository, ids: Iterable[str], *, largest: int
) -> Mapping[str, bytes]:
    """The contents of blobs by their ids; one of more than ``largest`` bytes is left
    out, and so are those past a bound over all. Raises ``RepositoryError`` where one is
    not there, as in a partial clone: none is fetched.
    """
    wanted = list(dict.fromkeys(ids))
    if not wanted:
        return {}
    form = "--batch-check=%(objectname) %(objecttype) %(objectsize)"
    try:
        asked = "".join(f"{blob}\n" for blob in wanted)
        told = ask(repository, "cat-file", form, asked=asked)
    except RepositoryError as error:
        # An older git does not say what is missing, but that it may not fetch it.
        raise RepositoryError(error.message, hint=_WHOLE) from None
    small, left = [], _MOST_CONTENT
    for row in told.decode().splitlines():
        blob, _, said = row.partition(" ")
        kind, _, size = said.partition(" ")
        if kind != "blob" or not size.isdecimal():
            raise RepositoryError(
                f"the checkout does not have the object {blob[:12]} of the commit",
                hint=_WHOLE,
            )
        if int(size) <= min(largest, left):
            left -= int(size)
            small.append((blob, int(size)))
    if not small:
        return {}
    asked = "".join(f"{blob}\n" for blob, _ in small)
    return _contents(ask(repository, "cat-file", "--batch", asked=asked), small)


_WHOLE = "check out without a filter: a partial clone lacks contents"


def _contents(told: bytes, expected: Sequence[tuple[str, int]]) -> Mapping[str, bytes]:
    """What ``cat-file --batch`` printed: a line of id, type and size, then the content
    and a line's end, for each.
    """
    found, at = {}, 0
    for blob, size in expected:
        head = f"{blob} blob {size}\n".encode()
        end = at + len(head) + size
        if told[at : at + len(head)] != head or told[end : end + 1] != b"\n":
            raise RepositoryError("git printed other contents than it was asked for")
        found[blob] = told[at + len(head) : end]
        at = end + 1
    return found


# --- what the commit says of paths ------------------------------------------------


def ignored(
    repository: Repository, tree: SourceTree, paths: Iterable[str]
) -> frozenset[str]:
    """Those of the paths that the commit's own .gitignore leaves out."""
    wanted = [path for path in dict.fromkeys(paths) if _is_plain(path)]
    if not wanted:
        return frozenset()
    with _rules_of(repository, tree) as own:
        told = ask(
            own,
            *("check-ignore", "--no-index", "-z", "--stdin"),
            asked="".join(f"{path}\0" for path in wanted),
            # 1: none of them is.
            sound=(0, 1),
        )
    return frozenset(_fields(told))


def left_out(
    repository: Repository, tree: SourceTree, paths: Iterable[str]
) -> frozenset[str]:
    """Those of the paths that the commit's own .gitattributes keeps out of archives:
    they, or a folder that they lie in.
    """
    wanted = [path for path in dict.fromkeys(paths) if _is_plain(path)]
    asked = [place for path in wanted for place in _places(path)]
    told = _attributes(repository, tree, asked, ("export-ignore",))
    kept_out = {place for place, said in told.items() if "set" in said.values()}
    return frozenset(path for path in wanted if kept_out & {*_places(path)})


def conversions(
    repository: Repository, tree: SourceTree, paths: Iterable[str]
) -> Mapping[str, Mapping[str, str]]:
    """How the commit's own .gitattributes has git change each file where it is checked
    out: ``eol`` and ``working-tree-encoding``, as far as they are set.
    """
    wanted = [path for path in dict.fromkeys(paths) if _is_plain(path)]
    told = _attributes(repository, tree, wanted, ("eol", "working-tree-encoding"))
    return {
        path: {name: value for name, value in said.items() if value not in _UNSET}
        for path, said in told.items()
    }


_UNSET = ("unspecified", "unset")


def _places(path: str) -> Iterator[str]:
    """A path, and the folders that it lies in; a pattern may ask for the slash."""
    yield path
    at = path.rfind("/")
    while at > 0:
        yield path[:at]
        yield path[: at + 1]
        at = path.rfind("/", 0, at)


def _attributes(
    repository: Repository,
    tree: SourceTree,
    paths: Iterable[str],
    names: Sequence[str],
) -> Mapping[str, Mapping[str, str]]:
    """What the commit's own .gitattributes says of each path, by the attribute."""
    wanted = list(dict.fromkeys(paths))
    if not wanted:
        return {}
    with _rules_of(repository, tree) as own:
        told = ask(
            own,
            *("check-attr", "-z", "--stdin", *names),
            asked="".join(f"{path}\0" for path in wanted),
        )
    fields, said = iter(_fields(told)), dict[str, dict[str, str]]()
    for path, name, value in zip(fields, fields, fields, strict=True):
        said.setdefault(path, {})[name] = value
    return said


@contextmanager
def _rules_of(repository: Repository, tree: SourceTree) -> Iterator[Repository]:
    """An empty repository with the .gitignore and .gitattributes of the commit."""
    rules = [
        entry
        for entry in tree.entries
        if posixpath.basename(entry.path) in (".gitignore", ".gitattributes")
        and entry.kind in (EntryKind.FILE, EntryKind.EXECUTABLE)
        and _is_plain(entry.path)
    ]
    if len(rules) > _MOST_RULES:
        raise RepositoryError(f"the commit has more than {_MOST_RULES} .gitignore")
    blobs = read_blobs(repository, (e.blob for e in rules), largest=_LARGEST_RULES)
    with tempfile.TemporaryDirectory() as name:
        own = Repository(Path(name), repository.program)
        ask(own, "init", "--quiet", "--template=")
        try:
            for entry in rules:
                place = own.folder / entry.path
                place.parent.mkdir(parents=True, exist_ok=True)
                place.write_bytes(blobs.get(entry.blob, b""))
        except (OSError, ValueError) as error:
            raise RepositoryError(
                f"the commit's .gitignore cannot be laid out: {error}"
            ) from None
        yield own


def _is_plain(path: str) -> bool:
    """Whether a path stays where it is put, out of git's own, and means nothing else:
    one that begins with a colon is a pattern to git.
    """
    odd = {"", ".", "..", ".git"} & {part.lower() for part in path.split("/")}
    is_foreign = any(char in path for char in _FOREIGN)
    return not odd and not is_foreign and not path.startswith(":")


#: What a name cannot hold on Windows, or what has another meaning there.
_FOREIGN = '\\:*?"<>|' if os.name == "nt" else ""


# --- the checkout -----------------------------------------------------------------


def read_checkout(
    repository: Repository, tree: SourceTree, *, most: int = _MOST_HASHED
) -> SourcedCheckout:
    """Which tracked files of the checkout are not those of the commit.

    Their bytes are hashed here: git itself would run what the repository's
    configuration says for it. Line endings that a checkout may have changed make no
    difference, what only a filter could compare is left out, and so is what a sparse
    checkout does not have. Raises ``RepositoryError`` where there is none, and where it
    has more than ``most`` bytes and no change in those that were read.
    """
    said = ask(repository, "rev-parse", "--show-toplevel")
    top = Path(os.fsdecode(said.removesuffix(b"\n")))
    if not (repository.folder.is_relative_to(top) and (top / ".git").exists()):
        # core.worktree may name any folder of this machine.
        raise RepositoryError("the files of the checkout lie elsewhere")
    listed = ask(Repository(top, repository.program), "ls-files", "-z", "-t")
    sparse = {row[2:] for row in _fields(listed) if row.startswith("S ")}
    working = _Working(top, most)
    changed, gone = [], []
    for entry in tree.entries:
        if entry.kind is EntryKind.SUBMODULE or not _is_plain(entry.path):
            continue
        match working.is_same(entry):
            case None if entry.path not in sparse:
                gone.append(entry.path)
            case False:
                changed.append(entry.path)
    if working.has_more and not changed and not gone:
        raise RepositoryError(f"the checkout has more than {most} bytes")
    names = ("filter", "ident", "working-tree-encoding")
    told = _attributes(repository, tree, changed, names)
    converted = {path for path, said in told.items() if {*said.values()} - {*_UNSET}}
    kept = tuple(path for path in changed if path not in converted)
    return SourcedCheckout(tree.commit, kept, tuple(gone))


@dataclass(slots=True)
class _Working:
    """The files of a checkout; at ``most`` so many bytes of them are read, and what is
    beyond is believed; then it ``has_more``.
    """

    top: Path
    most: int
    read: int = 0
    has_more: bool = False

    def is_same(self, entry: TreeEntry) -> bool | None:
        """Whether a file has the tracked bytes; None where there is none."""
        path = self.top / entry.path
        try:
            found = path.lstat()
            if stat.S_ISLNK(found.st_mode):
                # Path.readlink would drop a slash at the end.
                content = os.fsencode(os.readlink(path))  # noqa: PTH115
                return blob_id(content, algorithm_of(entry.blob)) == entry.blob
            if not stat.S_ISREG(found.st_mode):
                return False
            return self._has_bytes(path, found.st_size, entry.blob)
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError) as error:
            raise RepositoryError(f"{path}: cannot be read: {error}") from None

    def _has_bytes(self, path: Path, size: int, blob: str) -> bool:
        """Whether a file's content has this id, as it is or with git's line endings."""
        if self.read + size > self.most:
            self.has_more = True
            # What is not read must not hide what is.
            return True
        self.read += size
        kept, read = bytearray(), 0
        algorithm = algorithm_of(blob)
        hasher = namer(size, algorithm)
        # What was a file a moment ago may be a pipe, that nobody writes to, by now.
        flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
        with os.fdopen(os.open(path, flags), "rb") as file:
            while read <= size and (chunk := file.read(_CHUNK)):
                read += len(chunk)
                hasher.update(chunk)
                if read <= _LARGEST_TEXT:
                    kept += chunk
        if read == size and hasher.hexdigest() == blob:
            return True
        if read != len(kept) or b"\r\n" not in kept:
            return False
        return blob_id(bytes(kept).replace(b"\r\n", b"\n"), algorithm) == blob

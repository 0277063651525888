"""The files of a commit, and those of the checkout beside them.

All of it comes from git's objects by commands that only look: no filter, no text
conversion and no hook of the repository is run, nothing is fetched, and what the
checkout's own configuration and info folder say of ignored files and attributes does
not count. What the commit says of them is asked of git in an empty repository of our
own, which holds the commit's .gitignore and .gitattributes and nothing else.
"""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
import stat
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from release_guard.alterations import is_pointer
from release_guard.blobs import algorithm_of, blob_id, namer
from release_guard.errors import GitTimeoutError, RepositoryError
from release_guard.facts import EntryKind, SourcedCheckout, SourceTree, TreeEntry
from release_guard.sources.git import (
    Repository,
    ask,
    ask_patiently,
    configured_filters,
)

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
        told = _match(
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
        told = _match(
            own,
            *("check-attr", "-z", "--stdin", *names),
            asked="".join(f"{path}\0" for path in wanted),
        )
    fields, said = iter(_fields(told)), dict[str, dict[str, str]]()
    for path, name, value in zip(fields, fields, fields, strict=True):
        said.setdefault(path, {})[name] = value
    return said


def _match(
    own: Repository, *words: str, asked: str, sound: Sequence[int] = (0,)
) -> bytes:
    """What git says of paths by the commit's patterns, all calls of a run together
    within the repository's patience: six stars in one take git minutes.
    """
    try:
        return ask_patiently(own, *words, asked=asked, sound=sound)
    except GitTimeoutError as error:
        raise GitTimeoutError(
            "the commit's .gitignore and .gitattributes were not applied: "
            f"{error.message}",
            hint="look for a pattern with many stars in them",
        ) from None


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
        own = Repository(Path(name), repository.program, repository.patience)
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
    configuration says for it. Line endings and ``$Id$`` that a checkout may have
    changed make no difference, and what a sparse checkout does not have is not gone.
    At ``most`` so many bytes are read, the small files first; where the commit's
    patterns take git too long, its attributes excuse nothing. Raises
    ``RepositoryError`` where there is no checkout, or it cannot be read.
    """
    said = ask(repository, "rev-parse", "--show-toplevel")
    top = Path(os.fsdecode(said.removesuffix(b"\n")))
    if not (repository.folder.is_relative_to(top) and (top / ".git").exists()):
        # core.worktree may name any folder of this machine.
        raise RepositoryError("the files of the checkout lie elsewhere")
    at_top = Repository(top, repository.program, repository.patience)
    listed = ask(at_top, "ls-files", "-z", "-t")
    sparse = {row[2:] for row in _fields(listed) if row.startswith("S ")}
    working = _Working(top, most)
    for entry in tree.entries:
        if entry.kind is not EntryKind.SUBMODULE and _is_plain(entry.path):
            working.look_at(entry)
    sizes = _sizes(repository, working.large)
    working.compare(sizes)
    changed, converted = _unexcused(at_top, tree, working)
    return SourcedCheckout(
        commit=tree.commit,
        changed=changed,
        gone=tuple(path for path in working.gone if path not in sparse),
        converted=converted,
        unread=tuple(sorted(working.unread)),
    )


def _sizes(repository: Repository, entries: Sequence[TreeEntry]) -> Mapping[str, int]:
    """How many bytes the commit has of each, by the id; of none in a partial clone."""
    if not entries:
        return {}
    asked = "".join(f"{entry.blob}\n" for entry in entries)
    form = "--batch-check=%(objectname) %(objectsize)"
    try:
        told = ask(repository, "cat-file", form, asked=asked)
    except RepositoryError:
        return {}
    rows = (row.partition(" ")[::2] for row in told.decode().splitlines())
    return {blob: int(size) for blob, size in rows if size.isdecimal()}


def _unexcused(
    repository: Repository, tree: SourceTree, working: _Working
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Of what has other bytes, the paths that nothing explains, and those that only a
    filter or another encoding could compare.
    """
    other = sorted(working.other)
    names = ("filter", "ident", "working-tree-encoding")
    try:
        told = _attributes(repository, tree, other, names)
    except GitTimeoutError:
        # Whoever makes git slow must not hide a change by it.
        return tuple(other), ()
    named = {said["filter"] for said in told.values()} - {*_UNSET, _LFS}
    filters = configured_filters(repository) if named else frozenset[str]()
    excused = {path: _Excuse.of(said, filters) for path, said in told.items()}
    stored = [path for path, excuse in excused.items() if excuse.needs_blob]
    blobs = _blobs_if_there(repository, [tree.by_path[path].blob for path in stored])
    changed, converted = [], []
    for path in other:
        is_same = excused.get(path, _Excuse()).is_same(
            working, path, blobs.get(tree.by_path[path].blob)
        )
        if is_same is None:
            converted.append(path)
        elif not is_same:
            changed.append(path)
    return tuple(changed), tuple(converted)


def _blobs_if_there(repository: Repository, ids: Sequence[str]) -> Mapping[str, bytes]:
    """The contents, none of them where one is missing, as in a partial clone."""
    try:
        return read_blobs(repository, ids, largest=_LARGEST_TEXT)
    except RepositoryError:
        return {}


#: What git makes of $Id$ in a checkout, and back.
_IDENT = re.compile(rb"\$Id:[^$\n]*\$")
#: As a value it means the same as none.
_UTF_8 = ("utf-8", "utf8")
#: What it keeps is compared by the pointers that the commit has.
_LFS = "lfs"


@dataclass(frozen=True, slots=True)
class _Excuse:
    """What the attributes of a file say that git did where it checked it out."""

    is_stored: bool = False
    is_filtered: bool = False
    has_ident: bool = False

    @classmethod
    def of(cls, said: Mapping[str, str], filters: AbstractSet[str]) -> _Excuse:
        """What of the attributes has an effect, with the filters that there are."""
        encoding = said.get("working-tree-encoding", "unset")
        name = said.get("filter", "unset")
        return cls(
            is_stored=name == _LFS,
            is_filtered=name in filters - {_LFS}
            or encoding.lower() not in (*_UNSET, *_UTF_8),
            has_ident=said.get("ident") == "set",
        )

    @property
    def needs_blob(self) -> bool:
        """Whether the tracked bytes tell more than their id."""
        return not self.is_filtered and (self.is_stored or self.has_ident)

    def is_same(
        self, working: _Working, path: str, tracked: bytes | None
    ) -> bool | None:
        """Whether a file whose bytes are others is what git made of the tracked ones;
        None where that is not known.
        """
        size = working.size(path)
        if size is None:
            # What is no file is nothing that git made of one.
            return False
        if self.is_filtered or (self.needs_blob and tracked is None):
            return None
        if self.is_stored and tracked is not None and is_pointer(tracked):
            return _is_pointed_at(tracked, working, path, size)
        if not self.has_ident or tracked is None or size > _LARGEST_TEXT:
            return False
        found = working.text(path, size)
        return None if found is None else _collapsed(found) == _collapsed(tracked)


def _is_pointed_at(
    pointer: bytes, working: _Working, path: str, size: int
) -> bool | None:
    """Whether a file is what git LFS keeps for a pointer."""
    if b"\next-" in pointer:
        # Programs of its own change the content before it is named.
        return None
    if b"\nsize %d\n" % size not in pointer:
        return False
    sha256 = working.sha256(path, size)
    return None if sha256 is None else b"\noid sha256:%b\n" % sha256 in pointer


def _collapsed(content: bytes) -> bytes:
    return _IDENT.sub(b"$Id$", content.replace(b"\r\n", b"\n"))


@dataclass(slots=True)
class _Working:
    """The files of a checkout, and how they compare: at ``most`` so many of their bytes
    are read. ``other`` have other bytes than the tracked ones, ``unread`` are those of
    which that is not known.
    """

    top: Path
    most: int
    gone: list[str] = field(default_factory=list)
    other: list[str] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    _files: dict[str, tuple[int, TreeEntry]] = field(default_factory=dict)

    @property
    def large(self) -> Sequence[TreeEntry]:
        """The files of which no line endings are looked at: another size tells all."""
        return [entry for size, entry in self._files.values() if size > _LARGEST_TEXT]

    def look_at(self, entry: TreeEntry) -> None:
        """Note what a file is; none but a link is read."""
        path = self.top / entry.path
        try:
            found = path.lstat()
            if stat.S_ISREG(found.st_mode):
                self._files[entry.path] = (found.st_size, entry)
                return
            # Path.readlink would drop a slash at the end.
            is_same = (
                stat.S_ISLNK(found.st_mode)
                and entry.kind is EntryKind.LINK
                and _is_id_of(os.fsencode(os.readlink(path)), entry.blob)  # noqa: PTH115
            )
        except (FileNotFoundError, NotADirectoryError):
            self.gone.append(entry.path)
        except (OSError, ValueError) as error:
            raise RepositoryError(f"{path}: cannot be read: {error}") from None
        else:
            if not is_same:
                self.other.append(entry.path)

    def compare(self, sizes: Mapping[str, int]) -> None:
        """Compare the files that were looked at; of the large ones, those of another
        size than the commit has are not read.
        """
        for size, entry in sorted(self._files.values(), key=lambda item: item[0]):
            if size > _LARGEST_TEXT and sizes.get(entry.blob, size) != size:
                self.other.append(entry.path)
            elif not self._may_read(size):
                self.unread.append(entry.path)
            elif not self._has_bytes(self.top / entry.path, size, entry.blob):
                self.other.append(entry.path)

    def _may_read(self, size: int) -> bool:
        """Whether so many bytes may be read still; then they count."""
        if size > self.most:
            return False
        self.most -= size
        return True

    def _has_bytes(self, path: Path, size: int, blob: str) -> bool:
        """Whether a file's content has this id, as it is or with git's line endings."""
        kept = bytearray() if size <= _LARGEST_TEXT else None
        hasher, read = namer(size, algorithm_of(blob)), 0
        for chunk in _chunks(path, size):
            read += len(chunk)
            hasher.update(chunk)
            if kept is not None:
                kept += chunk
        if read == size and hasher.hexdigest() == blob:
            return True
        if kept is None or b"\r\n" not in kept:
            return False
        return _is_id_of(bytes(kept).replace(b"\r\n", b"\n"), blob)

    def size(self, path: str) -> int | None:
        """How many bytes a file had; None where there is something else."""
        return self._files[path][0] if path in self._files else None

    def sha256(self, path: str, size: int) -> bytes | None:
        """What git LFS names a file by, in hex; None where it is too much to read."""
        if not self._may_read(size):
            return None
        hasher = hashlib.sha256()
        for chunk in _chunks(self.top / path, size):
            hasher.update(chunk)
        return hasher.hexdigest().encode()

    def text(self, path: str, size: int) -> bytes | None:
        """The content of a file; None where it is too much to read."""
        may = self._may_read(size)
        return b"".join(_chunks(self.top / path, size)) if may else None


def _chunks(path: Path, size: int) -> Iterator[bytes]:
    """What a file holds, as far as one chunk beyond the size that it had."""
    # What was a file a moment ago may be a pipe, that nobody writes to, by now.
    flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
    read = 0
    try:
        with os.fdopen(os.open(path, flags), "rb") as file:
            while read <= size and (chunk := file.read(_CHUNK)):
                read += len(chunk)
                yield chunk
    except OSError as error:
        raise RepositoryError(f"{path}: cannot be read: {error}") from None


def _is_id_of(content: bytes, blob: str) -> bool:
    return blob_id(content, algorithm_of(blob)) == blob

"""The tree of a commit, and the checkout beside it, of real and of hostile ones."""

from __future__ import annotations

import functools
import hashlib
import os
import subprocess
import sys
from pathlib import Path

import checkouts
import forge
import pytest
from archives import within
from checkouts import LICENSE, Executable, Files, Link, opened

from release_guard.errors import GitTimeoutError, RepositoryError, SourceError
from release_guard.facts import (
    EntryKind,
    SourcedCheckout,
    SourcedDistribution,
    SourceTree,
    TreeEntry,
)
from release_guard.jobs import source_tree
from release_guard.jobs.gathered import Gathered
from release_guard.jobs.origin import Place
from release_guard.jobs.source_tree import add_sources
from release_guard.sources import dist
from release_guard.sources import git as source
from release_guard.sources import tree as trees
from release_guard.sources.git import commit_of
from release_guard.sources.members import read_members
from release_guard.sources.tree import (
    conversions,
    ignored,
    left_out,
    read_blobs,
    read_checkout,
    read_tree,
)

FILES: Files = {
    "LICENSE": LICENSE,
    "src/demo/__init__.py": "",
    "src/demo/core.py": "a = 1\n",
    "run.sh": Executable("#!/bin/sh\n"),
    "README.md": Link("docs/index.md"),
    "docs/index.md": "# demo\n",
}


@pytest.fixture(name="made")
def _made(tmp_path: Path) -> forge.Repository:
    return checkouts.repository(tmp_path / "checkout", FILES)


def head(made: forge.Repository) -> SourceTree:
    """The tree of the commit that is checked out."""
    repository = opened(made)
    commit = commit_of(repository, "HEAD")
    assert commit is not None
    return read_tree(repository, commit)


def blob(content: bytes) -> str:
    """Git's id of a content."""
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


# --- the tree -------------------------------------------------------------------------


def test_a_tree_has_every_tracked_file_with_its_kind_and_id(
    made: forge.Repository,
) -> None:
    tree = head(made)

    assert tree.commit == made.head("HEAD")
    assert tree.by_path == {
        entry.path: entry
        for entry in (
            TreeEntry("LICENSE", EntryKind.FILE, blob(LICENSE.encode())),
            TreeEntry("README.md", EntryKind.LINK, blob(b"docs/index.md")),
            TreeEntry("docs/index.md", EntryKind.FILE, blob(b"# demo\n")),
            TreeEntry("run.sh", EntryKind.EXECUTABLE, blob(b"#!/bin/sh\n")),
            TreeEntry("src/demo/__init__.py", EntryKind.FILE, blob(b"")),
            TreeEntry("src/demo/core.py", EntryKind.FILE, blob(b"a = 1\n")),
        )
    }


def test_a_tree_is_that_of_the_top_wherever_the_folder_lies(
    made: forge.Repository,
) -> None:
    below = source.Repository(made.folder / "src", opened(made).program)

    assert read_tree(below, made.head("HEAD")) == head(made)


def test_the_tree_of_an_older_commit_is_not_that_of_the_checkout(
    made: forge.Repository,
) -> None:
    before = made.head("HEAD")
    checkouts.commit(made, {"later.py": "b = 2\n"})

    assert "later.py" not in read_tree(opened(made), before).by_path
    assert "later.py" in head(made).by_path


@pytest.mark.parametrize(
    "name", ["a b.py", "é.py", 'quo"te.py', "tab\there.py", "new\nline.py", "*.py"]
)
def test_a_name_is_what_it_is(made: forge.Repository, name: str) -> None:
    checkouts.commit(made, {name: "odd = True\n"})

    tree = head(made)

    assert tree.by_path[name].blob == blob(b"odd = True\n")
    assert ignored(opened(made), tree, [name]) == frozenset()
    assert read_checkout(opened(made), tree) == SourcedCheckout(tree.commit)


@pytest.mark.skipif(sys.platform == "darwin", reason="names are UTF-8 there")
def test_a_name_that_is_no_utf_8_stays_what_it_is(made: forge.Repository) -> None:
    name = os.fsdecode(b"caf\xe9.py")
    checkouts.commit(made, {name: "odd = True\n"})

    tree = head(made)

    assert name in tree.by_path
    assert read_checkout(opened(made), tree).changed == ()


def test_a_submodule_is_an_entry_and_has_no_content(
    made: forge.Repository, tmp_path: Path
) -> None:
    other = checkouts.repository(tmp_path / "other", {"a.c": "int a;\n"})
    made.git(
        "-c", "protocol.file.allow=always", "submodule", "add", "--quiet",
        str(other.folder), "vendor/other",
    )  # fmt: skip
    made.commit("Add a submodule")

    tree = head(made)

    said = TreeEntry("vendor/other", EntryKind.SUBMODULE, other.head("HEAD"))
    assert tree.by_path["vendor/other"] == said
    assert said.blob not in tree.by_blob
    assert read_checkout(opened(made), tree) == SourcedCheckout(tree.commit)


def test_a_commit_that_is_not_there_is_an_error(made: forge.Repository) -> None:
    with pytest.raises(RepositoryError, match="cannot read the repository"):
        read_tree(opened(made), "1" * 40)


def test_the_tree_of_a_shallow_clone_is_whole(
    made: forge.Repository, tmp_path: Path
) -> None:
    checkouts.commit(made, {"later.py": "b = 2\n"})
    clone = _clone(made, tmp_path / "clone", "--depth=1")

    assert head(clone) == head(made)
    assert read_checkout(opened(clone), head(clone)).changed == ()


def _clone(made: forge.Repository, folder: Path, *words: str) -> forge.Repository:
    made.git("clone", "--quiet", *words, f"file://{made.folder}", str(folder))
    twin = object.__new__(forge.Repository)
    twin.folder, twin.name = folder, made.name
    return twin


def test_of_a_partial_clone_nothing_is_fetched(
    made: forge.Repository, tmp_path: Path
) -> None:
    made.git("config", "uploadpack.allowFilter", "true")
    made.git("config", "uploadpack.allowAnySHA1InWant", "true")
    options = ("--filter=blob:none", "--no-checkout")
    clone = _clone(made, tmp_path / "clone", *options)
    path = checkouts.sdist(tmp_path / "dist", {"LICENSE": LICENSE, "src/demo/a.py": ""})
    before = {*(clone.folder / ".git" / "objects").rglob("*")}

    tree = head(clone)
    with pytest.raises(RepositoryError, match=r"not have|fetch") as raised:
        read_blobs(opened(clone), [tree.by_path["LICENSE"].blob], largest=1 << 20)
    facts = checkouts.gathered(clone, path)

    assert tree == head(made)
    assert "partial clone" in raised.value.hint
    assert not [s for s in facts.subjects if isinstance(s, SourcedDistribution)]
    (missing,) = [m for m in facts.missing if m.subject is SourcedDistribution]
    assert not missing.needed
    assert {*(clone.folder / ".git" / "objects").rglob("*")} == before


def test_files_that_are_named_by_sha_256_are_not_compared(tmp_path: Path) -> None:
    folder = tmp_path / "checkout"
    folder.mkdir()
    made = object.__new__(forge.Repository)
    made.folder, made.name = folder, "org/demo"
    made.git("init", "--quiet", "--object-format=sha256")
    checkouts.commit(made, FILES)
    path = checkouts.sdist(tmp_path / "dist", {"LICENSE": LICENSE})

    facts = checkouts.gathered(made, path)

    reasons = {m.subject: m.reason for m in facts.missing}
    assert "by SHA-256, not by SHA-1" in reasons[SourcedDistribution]
    # The checkout is hashed here, by whichever it is.
    assert SourcedCheckout(made.head("HEAD")) in facts.subjects


def test_a_tree_that_lists_itself_without_end_is_given_up(
    made: forge.Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Ten folders, each ten times the one below: ten thousand million files."""
    entry = f"100644 blob {blob(b'')}\tf\n"
    tree = _mktree(made, entry)
    for _ in range(9):
        tree = _mktree(made, *(f"040000 tree {tree}\t{n}\n" for n in range(10)))
    commit = made.git("commit-tree", tree, "-m", "Bomb")
    monkeypatch.setattr(source, "_MOST", 1 << 20)

    with within(60), pytest.raises(RepositoryError, match="printed more than"):
        read_tree(opened(made), commit)


def _mktree(made: forge.Repository, *rows: str) -> str:
    return subprocess.run(
        ["git", "-C", str(made.folder), "mktree", "--missing"],
        input="".join(rows),
        capture_output=True,
        text=True,
        check=True,
    ).stdout.strip()


def test_a_tree_of_too_many_files_is_an_error(
    made: forge.Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "_MOST_ENTRIES", 5)

    with pytest.raises(RepositoryError, match="tracks more than 5 files"):
        head(made)


# --- contents ---------------------------------------------------------------------


def test_contents_come_by_their_ids_and_large_ones_are_left_out(
    made: forge.Repository,
) -> None:
    checkouts.commit(made, {"a": b"\0\r\n\xff", "b": "b" * 101, "c": ""})
    tree = head(made)
    ids = {name: tree.by_path[name].blob for name in "abc"}

    found = read_blobs(opened(made), [*ids.values(), ids["a"]], largest=100)

    assert found == {ids["a"]: b"\0\r\n\xff", ids["c"]: b""}


def test_contents_past_the_bound_over_all_are_left_out(
    made: forge.Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkouts.commit(made, {"a": "a" * 60, "b": "b" * 60})
    tree = head(made)
    monkeypatch.setattr(trees, "_MOST_CONTENT", 100)

    found = read_blobs(
        opened(made), [tree.by_path[name].blob for name in "ab"], largest=100
    )

    assert list(found.values()) == [b"a" * 60]


def test_nothing_is_asked_for_nothing(made: forge.Repository) -> None:
    gone = source.Repository(made.folder / "gone", "/gone")

    assert read_blobs(gone, [], largest=1) == {}
    assert ignored(gone, SourceTree("", ()), []) == frozenset()
    assert left_out(gone, SourceTree("", ()), []) == frozenset()
    assert conversions(gone, SourceTree("", ()), []) == {}


# --- what the commit says of paths ------------------------------------------------


@pytest.fixture(name="rules")
def _rules(tmp_path: Path) -> forge.Repository:
    return checkouts.repository(
        tmp_path / "checkout",
        {
            ".gitignore": "*.so\n/build/\n!kept.so\n",
            "src/.gitignore": "_version.py\n",
            ".gitattributes": "/tests export-ignore\n*.bat eol=crlf\n"
            "*.rc working-tree-encoding=UTF-16\n*.bin filter=lfs\n",
            "docs/.gitattributes": "drafts/ export-ignore\n",
        },
    )


def test_the_commits_own_gitignore_is_asked(rules: forge.Repository) -> None:
    # What lies in the checkout, and what its own folder says, does not count.
    (rules.folder / ".gitignore").write_text("*\n")
    (rules.folder / ".git" / "info").mkdir(exist_ok=True)
    (rules.folder / ".git" / "info" / "exclude").write_text("*\n")
    rules.git("config", "core.excludesFile", str(rules.folder / ".gitignore"))
    paths = ["a.so", "kept.so", "build/x.py", "src/build/x.py", "src/_version.py"]
    paths += ["_version.py", "../a.so", "/a.so", ":(glob)*.so", ".git/a.so", ""]

    found = ignored(opened(rules), head(rules), paths)

    assert found == {"a.so", "build/x.py", "src/_version.py"}


def test_what_is_kept_out_of_archives_is_told_with_all_below(
    rules: forge.Repository,
) -> None:
    paths = ["tests/a.py", "src/tests/a.py", "docs/drafts/x/a.md", "docs/a.md", "tests"]

    found = left_out(opened(rules), head(rules), paths)

    assert found == {"tests/a.py", "docs/drafts/x/a.md", "tests"}


def test_how_git_changes_a_file_is_told(rules: forge.Repository) -> None:
    paths = ["a.bat", "b.rc", "c.py"]

    found = conversions(opened(rules), head(rules), paths)

    assert found == {
        "a.bat": {"eol": "crlf"},
        "b.rc": {"working-tree-encoding": "UTF-16"},
        "c.py": {},
    }


def test_too_many_gitignores_are_an_error(
    rules: forge.Repository, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trees, "_MOST_RULES", 1)

    with pytest.raises(RepositoryError, match=r"more than 1 \.gitignore"):
        ignored(opened(rules), head(rules), ["a.so"])


def test_a_gitignore_that_cannot_be_laid_out_is_an_error(
    made: forge.Repository,
) -> None:
    """A tree may hold a file and a folder of one name."""
    rule, empty = blob(b"# demo\n"), _mktree(made)
    inner = _mktree(made, f"100644 blob {rule}\t.gitignore\n")
    rows = (f"100644 blob {rule}\t.gitignore\n", f"040000 tree {inner}\t.gitignore\n")
    tree = _mktree(made, *rows)
    commit = made.git("commit-tree", tree, "-m", "Odd")

    assert empty
    with pytest.raises(RepositoryError, match="cannot be laid out"):
        ignored(opened(made), read_tree(opened(made), commit), ["a"])


@pytest.mark.parametrize("name", ["..", ".", ".git", ".GIT"])
def test_a_gitignore_that_leads_out_of_its_place_is_passed_over(
    made: forge.Repository, name: str
) -> None:
    rule = blob(b"# demo\n")
    inner = _mktree(made, f"100644 blob {rule}\t.gitignore\n")
    raw = b"40000 " + name.encode() + b"\0" + bytes.fromhex(inner)
    tree = subprocess.run(
        ["git", "-C", str(made.folder), "hash-object", "-t", "tree", "-w", "--stdin",
         "--literally"],
        input=raw,
        capture_output=True,
        check=True,
    ).stdout.decode().strip()  # fmt: skip
    commit = made.git("commit-tree", tree, "-m", "Odd")
    found = read_tree(opened(made), commit)

    assert [entry.path for entry in found.entries] == [f"{name}/.gitignore"]
    assert ignored(opened(made), found, ["a", f"{name}/a"]) == frozenset()


# --- the checkout -----------------------------------------------------------------


def test_a_checkout_as_it_was_committed_has_no_change(made: forge.Repository) -> None:
    assert read_checkout(opened(made), head(made)) == SourcedCheckout(made.head("HEAD"))


def test_what_was_changed_and_what_is_gone_is_told(made: forge.Repository) -> None:
    checkouts.write(
        made.folder,
        {"src/demo/core.py": "a = 2\n", "LICENSE": Link("run.sh"), "README.md": "x"},
    )
    (made.folder / "docs" / "index.md").unlink()
    (made.folder / "run.sh").unlink()
    (made.folder / "run.sh").mkdir()
    (made.folder / "untracked.py").write_text("")

    found = read_checkout(opened(made), head(made))

    assert found.changed == ("LICENSE", "README.md", "run.sh", "src/demo/core.py")
    assert found.gone == ("docs/index.md",)


def test_a_pipe_where_a_file_was_is_a_change_and_nobody_waits(
    made: forge.Repository,
) -> None:
    (made.folder / "LICENSE").unlink()
    os.mkfifo(made.folder / "LICENSE")

    with within(20):
        assert read_checkout(opened(made), head(made)).changed == ("LICENSE",)


def test_line_endings_of_the_checkout_are_no_change(made: forge.Repository) -> None:
    (made.folder / "docs" / "index.md").write_bytes(b"# demo\r\n")

    assert read_checkout(opened(made), head(made)).changed == ()


def test_what_only_a_filter_could_compare_is_listed_and_none_is_run(
    made: forge.Repository, tmp_path: Path
) -> None:
    marker = tmp_path / "marker"
    checkouts.commit(
        made,
        {
            ".gitattributes": "*.bin filter=evil\n*.id ident\n*.py diff=evil\n"
            "*.rc working-tree-encoding=UTF-16\n",
            "a.bin": "a\n",
            "b.id": "$Id$\n",
            "d.rc": "d\n".encode("utf-16"),
            "c.txt": "c\n",
        },
    )
    for key in (
        "filter.evil.clean", "filter.evil.smudge", "filter.evil.process",
        "diff.evil.textconv", "diff.evil.command", "core.fsmonitor",
        "diff.external", "core.pager", "core.editor", "core.sshCommand",
        "uploadpack.packObjectsHook", "core.alternateRefsCommand",
    ):  # fmt: skip
        made.git("config", key, f"touch {marker}; cat")
    made.git("config", "alias.ls-tree", f"!touch {marker}")
    hook = made.folder / ".git" / "hooks" / "post-index-change"
    hook.parent.mkdir(exist_ok=True)
    hook.write_text(f"#!/bin/sh\ntouch {marker}\n")
    hook.chmod(0o755)
    for name, content in (("a.bin", "data"), ("b.id", "$Id: 1 $\n"), ("c.txt", "d")):
        (made.folder / name).write_text(content)
    path = checkouts.sdist(tmp_path / "dist", {**FILES, "a.bin": "x", "z.py": "z"})

    found = read_checkout(opened(made), head(made))
    facts = checkouts.gathered(made, path)

    assert found.changed == ("c.txt",)
    assert found.converted == ("a.bin", "d.rc")
    assert any(isinstance(s, SourcedDistribution) for s in facts.subjects)
    (missing,) = facts.missing
    assert "2 have what only a filter or an encoding could compare" in missing.reason
    assert missing.reason.endswith(": 'a.bin', 'd.rc'")
    assert not marker.exists()


def test_what_a_sparse_checkout_leaves_out_is_not_gone(
    made: forge.Repository, tmp_path: Path
) -> None:
    clone = _clone(made, tmp_path / "clone")
    clone.git("sparse-checkout", "set", "--no-cone", "/src/")
    assert not (clone.folder / "docs").exists()
    (clone.folder / "src" / "demo" / "core.py").unlink()

    found = read_checkout(opened(clone), head(clone))

    assert found == SourcedCheckout(clone.head("HEAD"), gone=("src/demo/core.py",))


def test_files_that_lie_elsewhere_are_not_read(
    made: forge.Repository, tmp_path: Path
) -> None:
    made.git("config", "core.worktree", str(tmp_path))

    with pytest.raises(RepositoryError, match="lie elsewhere"):
        read_checkout(opened(made), head(made))


def test_of_a_checkout_of_too_many_bytes_the_small_files_are_read(
    made: forge.Repository,
) -> None:
    (made.folder / "src/demo/core.py").write_text("b = 2\n")

    found = read_checkout(opened(made), head(made), most=10)

    assert found.changed == ("src/demo/core.py",)
    assert found.unread == ("LICENSE", "docs/index.md", "run.sh")


def test_a_file_of_another_size_is_a_change_without_being_read(
    made: forge.Repository,
) -> None:
    with (made.folder / "LICENSE").open("wb") as file:
        file.truncate(3 << 30)
    (made.folder / "src/demo/core.py").write_text("b = 2\n")

    with within(20):
        found = read_checkout(opened(made), head(made))

    assert found.changed == ("LICENSE", "src/demo/core.py")
    assert found.unread == ()


@pytest.mark.parametrize(
    "attributes",
    [
        "* ident\n",
        "* filter=none\n",
        "* filter\n",
        "* working-tree-encoding=UTF-8\n",
        "* filter=lfs\n",
        "*.py -filter -ident\n",
    ],
)
def test_attributes_that_do_nothing_hide_no_change(
    made: forge.Repository, attributes: str
) -> None:
    checkouts.commit(made, {".gitattributes": attributes})
    (made.folder / "src/demo/core.py").write_text("b = 2\n")

    found = read_checkout(opened(made), head(made))

    assert found == SourcedCheckout(made.head("HEAD"), ("src/demo/core.py",))


def test_a_filter_of_the_users_own_settings_is_one(
    made: forge.Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkouts.commit(made, {".gitattributes": "*.py filter=strip\n"})
    (made.folder / "src/demo/core.py").write_text("b = 2\n")
    (tmp_path / ".gitconfig").write_text('[filter "strip"]\n\tclean = cat\n')
    monkeypatch.setenv("HOME", str(tmp_path))

    found = read_checkout(opened(made), head(made))

    assert (found.changed, found.converted) == ((), ("src/demo/core.py",))


@pytest.mark.parametrize(
    ("content", "is_same"),
    [
        (b"$Id: 0123 $\na = 1\n", True),
        (b"$Id: 0123 $\r\na = 1\r\n", True),
        (b"$Id: 0123 $\na = 2\n", False),
        (b"$Id: 0123\nb = 2 $\na = 1\n", False),
    ],
    ids=["filled in", "filled in with CRLF", "changed beside it", "over two lines"],
)
def test_of_a_file_with_an_id_all_else_is_compared(
    made: forge.Repository, content: bytes, *, is_same: bool
) -> None:
    checkouts.commit(made, {".gitattributes": "*.py ident\n", "i.py": "$Id$\na = 1\n"})
    (made.folder / "i.py").write_bytes(content)

    found = read_checkout(opened(made), head(made))

    assert found.changed == (() if is_same else ("i.py",))


def test_what_git_lfs_keeps_is_compared_by_its_pointer(made: forge.Repository) -> None:
    name = hashlib.sha256(b"data").hexdigest()
    pointer = f"version https://git-lfs.github.com/spec/v1\noid sha256:{name}\nsize 4\n"
    files = {f"{letter}.bin": pointer for letter in "abcde"}
    checkouts.commit(made, {".gitattributes": "*.bin filter=lfs\n", **files})
    checkouts.write(made.folder, {"a.bin": "data", "b.bin": "evil", "c.bin": "longer"})
    (made.folder / "d.bin").unlink()
    os.mkfifo(made.folder / "d.bin")

    found = read_checkout(opened(made), head(made))

    assert found == SourcedCheckout(made.head("HEAD"), ("b.bin", "c.bin", "d.bin"))


def test_a_link_in_place_of_a_file_is_a_change(made: forge.Repository) -> None:
    checkouts.commit(made, {"plain": "run.sh"})
    checkouts.write(made.folder, {"plain": Link("run.sh")})

    assert read_checkout(opened(made), head(made)).changed == ("plain",)


# --- what takes git too long --------------------------------------------------------


#: A name and a pattern that git compares for years.
_LONG, _STARS = f"{'a' * 200}.py", f"{'*a' * 20}b"


def _commit_patterns(made: forge.Repository) -> None:
    """Commit them past git's own look at them, which would not end either."""
    rows = [f"{row}\n" for row in made.git("ls-tree", "HEAD").splitlines()]
    said = {".gitignore": _STARS, ".gitattributes": f"{_STARS} export-ignore ident"}
    for name, line in said.items():
        (made.folder / name).write_text(f"{line}\n")
        kept = made.git("hash-object", "-w", "--no-filters", name)
        rows.append(f"100644 blob {kept}\t{name}\n")
    commit = made.git("commit-tree", _mktree(made, *rows), "-p", "HEAD", "-m", "Slow")
    made.git("update-ref", "HEAD", commit)


def test_patterns_that_git_never_comes_to_an_end_of_excuse_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    files = {**FILES, f"src/demo/{_LONG}": "a = 1\n"}
    made = checkouts.repository(tmp_path / "checkout", files)
    _commit_patterns(made)
    (made.folder / "src/demo" / _LONG).write_text("a = 2\n")
    path = checkouts.sdist(tmp_path / "dist", {**FILES, f"src/demo/x{_LONG}": "evil"})
    place = checkouts.place_of(made)
    monkeypatch.setattr(source, "_SECONDS", 0.6)

    with within(60):
        facts = Gathered()
        facts.subjects.append(dist.read(path).layout)
        add_sources({path.name: path}, place, facts)

    (sourced,) = [s for s in facts.subjects if isinstance(s, SourcedDistribution)]
    (checkout,) = [s for s in facts.subjects if isinstance(s, SourcedCheckout)]
    (missing,) = facts.missing
    assert sourced.untracked == (f"demo-1.0/src/demo/x{_LONG}",)
    assert sourced.missing == (f"src/demo/{_LONG}",)
    assert checkout.changed == (f"src/demo/{_LONG}",)
    assert "no answer within 0.6 seconds" in missing.reason
    assert "many stars" in missing.hint
    assert not missing.needed


def test_git_has_one_time_for_all_patterns_of_a_run(tmp_path: Path) -> None:
    made = checkouts.repository(tmp_path / "checkout", FILES)
    _commit_patterns(made)
    repository, tree = opened(made), head(made)
    repository.patience.left = 0.5

    with within(10), pytest.raises(GitTimeoutError, match=r"no answer within 0\.5"):
        ignored(repository, tree, [_LONG])
    assert repository.patience.left <= 0
    with pytest.raises(GitTimeoutError, match="used up the time"):
        ignored(repository, tree, ["a.py"])
    assert commit_of(repository, "HEAD") == tree.commit


def test_a_checkout_at_another_commit_is_not_compared(
    made: forge.Repository, tmp_path: Path
) -> None:
    before = made.head("HEAD")
    checkouts.commit(made, {"later.py": "b = 2\n"})
    path = checkouts.sdist(tmp_path / "dist", FILES)
    facts = Gathered()
    facts.subjects.append(dist.read(path).layout)

    place = Place(opened(made), before, made.head("HEAD"))
    add_sources({path.name: path}, place, facts)

    (sourced,) = [s for s in facts.subjects if isinstance(s, SourcedDistribution)]
    (missing,) = facts.missing
    assert (sourced.commit, sourced.missing) == (before, ())
    assert missing.subject is SourcedCheckout
    assert "not at the built commit" in missing.reason


def test_a_tree_that_is_not_all_there_is_a_reason(
    made: forge.Repository, tmp_path: Path
) -> None:
    tree = made.git("rev-parse", "HEAD^{tree}")
    (made.folder / ".git" / "objects" / tree[:2] / tree[2:]).unlink()
    path = checkouts.sdist(tmp_path / "dist", FILES)

    facts = checkouts.gathered(made, path)

    assert {m.subject for m in facts.missing} == {SourcedDistribution, SourcedCheckout}
    assert not any(m.needed for m in facts.missing)
    assert all("cannot read the repository" in m.reason for m in facts.missing)


def test_a_checkout_that_cannot_be_hashed_leaves_the_distributions(
    made: forge.Repository, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = functools.partial(read_checkout, most=10)
    monkeypatch.setattr(source_tree, "read_checkout", few)

    facts = checkouts.gathered(made, checkouts.sdist(tmp_path / "dist", FILES))

    assert [m.subject for m in facts.missing] == [SourcedCheckout]
    assert any(isinstance(s, SourcedDistribution) for s in facts.subjects)


def test_without_an_sdist_or_a_pure_wheel_only_the_checkout_is_compared(
    made: forge.Repository,
) -> None:
    facts = checkouts.gathered(made)

    assert [m.subject for m in facts.missing] == [SourcedDistribution]
    assert facts.subjects == [SourcedCheckout(made.head("HEAD"))]


def test_a_compiled_wheel_is_not_compared(
    made: forge.Repository, tmp_path: Path
) -> None:
    pure = checkouts.wheel_of(tmp_path, {"demo/core.py": "changed\n"})
    path = pure.rename(tmp_path / "demo-1.0-cp312-cp312-linux_x86_64.whl")

    facts = checkouts.gathered(made, path)

    assert [m.subject for m in facts.missing] == [SourcedDistribution]


# --- members ------------------------------------------------------------------------


@pytest.mark.parametrize("is_wheel", [False, True], ids=["sdist", "wheel"])
def test_members_come_with_the_content_that_they_had(
    is_wheel: bool, tmp_path: Path
) -> None:
    files = {"demo/a.py": "a = 1\n", "demo/b.py": "b = 1\n"}
    make = checkouts.wheel_of if is_wheel else checkouts.sdist
    path, top = make(tmp_path, files), "" if is_wheel else "demo-1.0/"
    wanted = {
        f"{top}demo/a.py": blob(b"a = 1\n"),
        f"{top}demo/b.py": blob(b"b = 2\n"),
        f"{top}demo/c.py": blob(b""),
    }

    assert read_members(path, wanted) == {f"{top}demo/a.py": b"a = 1\n"}


def test_a_distribution_that_is_gone_by_now_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        read_members(tmp_path / "demo-1.0.tar.gz", {"a": ""})

"""The repository of a checkout: real ones of every form, damaged and hostile ones."""

from __future__ import annotations

import hashlib
import os
import pty
import shutil
import subprocess
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest
from archives import within

from release_guard.errors import GitTimeoutError, RepositoryError
from release_guard.facts import Branch, GitTag
from release_guard.sources import git as source
from release_guard.sources.git import (
    Repository,
    branches,
    commit_of,
    configured_filters,
    dated_tags,
    find_repository,
    is_shallow,
    tags,
)

#: Nothing of the machine's settings, and the same ids each time.
_ENVIRON = {
    "PATH": os.environ["PATH"],
    "LC_ALL": "C",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_TERMINAL_PROMPT": "0",
    **{
        f"GIT_{role}_{key}": value
        for role in ("AUTHOR", "COMMITTER")
        for key, value in {
            "NAME": "Test",
            "EMAIL": "test@index.example",
            "DATE": "2026-09-01T12:00:00Z",
        }.items()
    },
}
NOWHERE = "1" * 40


def git(folder: Path, *words: str) -> str:
    """What git prints in a folder."""
    done = _try(folder, *words)
    assert done.returncode == 0, done.stderr
    return os.fsdecode(done.stdout).strip()


def _try(folder: Path, *words: str, **said: str) -> subprocess.CompletedProcess[bytes]:
    return subprocess.run(
        ["git", "-C", str(folder), *words],
        env=_ENVIRON | said,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )


def made(folder: Path, *words: str) -> Path:
    """A repository with one commit on its branch main."""
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main", *words)
    (folder / "demo.py").write_text("answer = 42\n")
    git(folder, "add", "demo.py")
    git(folder, "commit", "--quiet", "--message", "Begin")
    return folder


def commit(folder: Path, message: str) -> str:
    """A new commit, and its id."""
    git(folder, "commit", "--quiet", "--allow-empty", "--message", message)
    return git(folder, "rev-parse", "HEAD")


def annotate(folder: Path, name: str, at: str) -> str:
    """An annotated tag, and the id of its object."""
    git(folder, "tag", "--annotate", "--message", name, name, at)
    return git(folder, "rev-parse", f"refs/tags/{name}")


def pack(folder: Path, *rows: str) -> None:
    """Add refs to those that are packed; without the first line they need no order."""
    path = folder / ".git" / "packed-refs"
    _, _, old = path.read_text().partition("\n")
    path.write_text(old + "".join(f"{row}\n" for row in rows))


def opened(folder: Path) -> Repository:
    found = find_repository(folder, {})
    assert found is not None
    return found


@dataclass(frozen=True)
class Facts:
    """All that can be asked of a repository."""

    head: str | None
    shallow: bool
    tags: tuple[GitTag, ...]
    branches: tuple[Branch, ...]


def facts(folder: Path, at: str = "HEAD", *patterns: str) -> Facts:
    """Ask everything; the branches are asked for ``at``."""
    repository = opened(folder)
    there = commit_of(repository, at)
    return Facts(
        commit_of(repository, "HEAD"),
        is_shallow(repository),
        tags(repository),
        branches(repository, there, patterns or ("main",)) if there else (),
    )


@dataclass(frozen=True)
class Origin:
    """A repository of three commits on its main branch, and one beside it."""

    folder: Path
    first: str
    tagged: str
    head: str
    side: str
    tag_object: str

    @property
    def tags(self) -> tuple[GitTag, ...]:
        """Its tags that lead to commits."""
        return (
            GitTag("nested", self.tagged, annotated=True),
            GitTag("v0.9", self.first),
            GitTag("v1.0", self.tagged, annotated=True),
        )

    @property
    def facts(self) -> Facts:
        """What is told of it, with the main branch asked for the tagged commit."""
        return Facts(self.head, False, self.tags, (Branch("main", True),))

    def copy(self, folder: Path) -> Path:
        """The same in another place, to be changed."""
        return Path(shutil.copytree(self.folder, folder, symlinks=True))


@pytest.fixture(name="origin", scope="module")
def _origin(tmp_path_factory: pytest.TempPathFactory) -> Origin:
    folder = made(tmp_path_factory.mktemp("forge") / "origin")
    first = git(folder, "rev-parse", "HEAD")
    git(folder, "tag", "v0.9")
    git(folder, "checkout", "--quiet", "-b", "side")
    side = commit(folder, "Beside")
    git(folder, "checkout", "--quiet", "main")
    tagged = commit(folder, "Release 1.0")
    tag_object = annotate(folder, "v1.0", "HEAD")
    git(folder, "branch", "stable/1.x")
    head = commit(folder, "Go on")
    annotate(folder, "nested", tag_object)
    git(folder, "tag", "tree", "HEAD^{tree}")
    git(folder, "tag", "blob", "HEAD:demo.py")
    annotate(folder, "signed-blob", "HEAD:demo.py")
    annotate(folder, "nested-blob", "signed-blob")
    git(folder, "branch", "v1.0", first)
    for setting in ("allowFilter", "allowAnySHA1InWant"):
        git(folder, "config", f"uploadpack.{setting}", "true")
    return Origin(folder, first, tagged, head, side, tag_object)


# --- every form -----------------------------------------------------------------


def _as_it_is(origin: Origin, folder: Path) -> Path:
    return origin.folder


def _below(origin: Origin, folder: Path) -> Path:
    below = origin.copy(folder) / "build" / "dist"
    below.mkdir(parents=True)
    return below


def _by_a_link(origin: Origin, folder: Path) -> Path:
    folder.symlink_to(origin.folder, target_is_directory=True)
    return folder


def _packed(origin: Origin, folder: Path) -> Path:
    origin.copy(folder)
    git(folder, "gc", "--quiet", "--prune=now")
    assert not (folder / ".git" / "refs" / "tags" / "v1.0").exists()
    return folder


def _with_tables(origin: Origin, folder: Path) -> Path:
    _packed(origin, folder)
    git(folder, "commit-graph", "write", "--reachable")
    git(folder, "multi-pack-index", "write")
    return folder


def _cloned(origin: Origin, folder: Path) -> Path:
    git(origin.folder, "clone", "--quiet", f"file://{origin.folder}", str(folder))
    return folder


def _with_objects_elsewhere(origin: Origin, folder: Path) -> Path:
    git(origin.folder, "clone", "--quiet", "--shared", ".", str(folder))
    return folder


def _with_its_folder_elsewhere(origin: Origin, folder: Path) -> Path:
    inner = f"--separate-git-dir={folder}.git"
    git(origin.folder, "clone", "--quiet", inner, ".", str(folder))
    assert (folder / ".git").is_file()
    return folder


def _worktree(origin: Origin, folder: Path) -> Path:
    main = origin.copy(folder.with_name("main"))
    git(main, "worktree", "add", "--quiet", "--detach", str(folder), "main")
    return folder


def _submodule(origin: Origin, folder: Path) -> Path:
    whole = made(folder.with_name("whole"))
    allowed = ("-c", "protocol.file.allow=always")
    git(whole, *allowed, "submodule", "--quiet", "add", str(origin.folder), "part")
    git(whole, "tag", "v9.9")
    return whole / "part"


def _detached(origin: Origin, folder: Path) -> Path:
    origin.copy(folder)
    git(folder, "checkout", "--quiet", "--detach", "main")
    return folder


def _without_trees(origin: Origin, folder: Path) -> Path:
    """A clone without trees, and its remote beside it; git makes none where a tag leads
    to a tree.
    """
    remote = origin.copy(folder.with_name("remote"))
    git(remote, "tag", "--delete", "tree", "blob", "signed-blob", "nested-blob")
    words = ("--filter=tree:0", "--no-checkout", f"file://{remote}")
    git(remote, "clone", "--quiet", *words, str(folder))
    return remote


def _partial(origin: Origin, folder: Path) -> Path:
    shutil.rmtree(_without_trees(origin, folder))
    assert _try(folder, "cat-file", "-e", "HEAD^{tree}").returncode != 0
    return folder


def _without_files(origin: Origin, folder: Path) -> Path:
    words = ("--filter=blob:none", "--no-checkout", f"file://{origin.folder}")
    git(origin.folder, "clone", "--quiet", *words, str(folder))
    return folder


def _of_somebody_else(origin: Origin, folder: Path) -> Path:
    if os.geteuid() != 0:
        pytest.skip("only root can give files away")
    origin.copy(folder)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 1001, 1001)
    refused = _try(folder, "status")
    assert b"dubious ownership" in refused.stderr
    return folder


def _reftable(origin: Origin, folder: Path) -> Path:
    words = ("--ref-format=reftable", f"file://{origin.folder}", str(folder))
    if _try(origin.folder, "clone", "--quiet", *words).returncode != 0:
        pytest.skip("this git knows no reftable")
    return folder


FORMS: Mapping[str, Callable[[Origin, Path], Path]] = {
    "as it is": _as_it_is,
    "from a folder below": _below,
    "by a link": _by_a_link,
    "packed": _packed,
    "packed, with a commit graph and an index of packs": _with_tables,
    "a clone": _cloned,
    "a clone with its objects elsewhere": _with_objects_elsewhere,
    "a clone with its folder elsewhere": _with_its_folder_elsewhere,
    "a worktree": _worktree,
    "a submodule": _submodule,
    "a detached HEAD": _detached,
    "a partial clone without trees, whose remote is gone": _partial,
    "a partial clone without files": _without_files,
    "of another user": _of_somebody_else,
    "reftable": _reftable,
}


@pytest.mark.parametrize("form", FORMS.values(), ids=list(FORMS))
def test_every_form_of_repository_says_the_same(
    form: Callable[[Origin, Path], Path], origin: Origin, tmp_path: Path
) -> None:
    folder = form(origin, tmp_path / "checkout")
    assert facts(folder, origin.tagged) == origin.facts


def test_a_repository_by_sha256_is_read(tmp_path: Path) -> None:
    folder = made(tmp_path / "sha256", "--object-format=sha256")
    head = git(folder, "rev-parse", "HEAD")
    annotate(folder, "v1.0", "HEAD")
    assert len(head) == 64
    tag = GitTag("v1.0", head, annotated=True)
    assert facts(folder, head) == Facts(head, False, (tag,), (Branch("main", True),))
    assert commit_of(opened(folder), "1" * 64) is None


def test_a_repository_without_a_commit_has_nothing(tmp_path: Path) -> None:
    folder = tmp_path / "empty"
    folder.mkdir()
    git(folder, "init", "--quiet")
    assert facts(folder) == Facts(None, False, (), ())


def test_a_folder_in_no_repository_is_none(tmp_path: Path) -> None:
    assert find_repository(tmp_path, {}) is None
    assert find_repository(tmp_path / "not" / "there", {}) is None


def test_a_bare_repository_is_no_checkout(origin: Origin, tmp_path: Path) -> None:
    git(origin.folder, "clone", "--quiet", "--bare", ".", str(tmp_path / "bare"))
    assert find_repository(tmp_path / "bare", {}) is None


def test_a_folder_that_looks_like_a_repository_is_not_asked_in_its_place(
    origin: Origin, tmp_path: Path
) -> None:
    """An artifact may hold HEAD, objects and refs, with any tag at any commit."""
    folder = origin.copy(tmp_path / "checkout")
    git(origin.folder, "clone", "--quiet", "--bare", ".", str(folder / "dist"))
    git(folder / "dist", "tag", "v6.6.6")
    assert git(folder / "dist", "tag", "--list", "v6*") == "v6.6.6"
    with pytest.raises(RepositoryError, match="bare"):
        find_repository(folder / "dist", {})
    assert facts(folder, origin.tagged) == origin.facts


def test_thousands_of_tags_are_read_at_once(origin: Origin, tmp_path: Path) -> None:
    folder = _packed(origin, tmp_path / "checkout")
    names = sorted(f"v2.{number}" for number in range(5_000))
    pack(folder, *(f"{origin.head} refs/tags/{name}" for name in names))
    with within(10):
        found = tags(opened(folder))
    assert [tag.name for tag in found if tag.commit == origin.head] == names


# --- a part of the history ------------------------------------------------------


def checked_out(origin: Origin, folder: Path, *refspecs: str) -> Path:
    """A clone of one commit, as actions/checkout makes it with fetch-depth: 1."""
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "remote", "add", "origin", f"file://{origin.folder}")
    git(folder, "fetch", "--quiet", "--no-tags", "--depth=1", "origin", *refspecs)
    return folder


def test_a_tag_says_when_it_was_made(tmp_path: Path) -> None:
    """An annotated one itself; of another it is when its commit was made."""
    folder = made(tmp_path / "demo")
    head = git(folder, "rev-parse", "HEAD")
    git(folder, "tag", "light")
    git(folder, "tag", "tree", "HEAD^{tree}")
    words = ("tag", "--annotate", "--message", "x", "annotated")
    _try(folder, *words, GIT_COMMITTER_DATE="2026-10-02T03:04:05+02:00")

    light = datetime(2026, 9, 1, 12, tzinfo=UTC)
    annotated = datetime(2026, 10, 2, 1, 4, 5, tzinfo=UTC)
    assert dated_tags(opened(folder)) == (
        GitTag("annotated", head, annotated=True, made=annotated),
        GitTag("light", head, made=light),
    )


@pytest.mark.parametrize(
    "tagger",
    [
        "tagger A <a@index.example> 9999999999999 +0000",
        "tagger A <a@index.example> 99999999999999999999 +0000",
        "tagger A <a@index.example> soon",
        "tagger",
        "",
    ],
)
def test_a_moment_that_can_be_none_is_none(tagger: str, tmp_path: Path) -> None:
    folder = made(tmp_path / "demo")
    head = git(folder, "rev-parse", "HEAD")
    lines = [f"object {head}", "type commit", "tag odd", *filter(None, [tagger])]
    (tmp_path / "tag").write_text("\n".join([*lines, "", "x", ""]))
    words = ("hash-object", "-t", "tag", "--literally", "-w", str(tmp_path / "tag"))
    git(folder, "update-ref", "refs/tags/odd", git(folder, *words))

    (tag,) = dated_tags(opened(folder))

    assert (tag.name, tag.commit, tag.annotated) == ("odd", head, True)
    assert tag.made is None


def test_a_shallow_clone_without_tags_says_so(origin: Origin, tmp_path: Path) -> None:
    words = ("--depth=1", "--no-tags", f"file://{origin.folder}")
    git(origin.folder, "clone", "--quiet", *words, str(tmp_path / "shallow"))
    found = facts(tmp_path / "shallow")
    assert found == Facts(origin.head, True, (), (Branch("main", True),))
    assert commit_of(opened(tmp_path / "shallow"), origin.tagged) is None


def test_a_shallow_clone_of_a_tag_has_this_tag(origin: Origin, tmp_path: Path) -> None:
    """actions/checkout writes the commit into the ref of an annotated tag
    (actions/checkout#290).
    """
    refspec = f"+{origin.tagged}:refs/tags/v1.0"
    folder = checked_out(origin, tmp_path / "shallow", refspec)
    git(folder, "checkout", "--quiet", "refs/tags/v1.0")
    found = facts(folder)
    assert found == Facts(origin.tagged, True, (GitTag("v1.0", origin.tagged),), ())


def test_what_is_cut_off_does_not_hold(origin: Origin, tmp_path: Path) -> None:
    folder = checked_out(
        origin,
        tmp_path / "shallow",
        f"+{origin.head}:refs/remotes/origin/main",
        f"+{origin.tagged}:refs/tags/v1.0",
    )
    repository = opened(folder)
    assert is_shallow(repository)
    assert branches(repository, origin.tagged, ["main"]) == (Branch("main", False),)
    assert branches(repository, origin.head, ["main"]) == (Branch("main", True),)


def test_nothing_is_fetched_into_a_partial_clone(
    origin: Origin, tmp_path: Path
) -> None:
    folder = tmp_path / "partial"
    later = commit(_without_trees(origin, folder), "Later")
    before = sorted((folder / ".git" / "objects").rglob("*"))

    assert facts(folder, origin.tagged) == origin.facts
    assert commit_of(opened(folder), later) is None

    assert sorted((folder / ".git" / "objects").rglob("*")) == before
    # The control: git itself would fetch it.
    git(folder, "cat-file", "-e", later)
    assert sorted((folder / ".git" / "objects").rglob("*")) != before


# --- commits --------------------------------------------------------------------


def test_a_commit_is_known_by_its_id_and_by_its_tags_id(origin: Origin) -> None:
    repository = opened(origin.folder)
    nested = git(origin.folder, "rev-parse", "refs/tags/nested")
    for object_id in (origin.tagged, origin.tag_object, nested):
        assert commit_of(repository, object_id) == origin.tagged
    assert commit_of(repository, "HEAD") == origin.head


@pytest.mark.parametrize("name", ["HEAD^{tree}", "HEAD:demo.py", "signed-blob"])
def test_what_is_no_commit_is_none(name: str, origin: Origin) -> None:
    object_id = git(origin.folder, "rev-parse", name)
    assert commit_of(opened(origin.folder), object_id) is None


def test_a_commit_that_is_not_there_is_none(origin: Origin) -> None:
    assert commit_of(opened(origin.folder), NOWHERE) is None


def test_no_ref_stands_for_a_commit_of_its_name(origin: Origin, tmp_path: Path) -> None:
    folder = origin.copy(tmp_path / "checkout")
    for kind in ("heads", "tags"):
        git(folder, "update-ref", f"refs/{kind}/{NOWHERE}", "HEAD")
    assert commit_of(opened(folder), NOWHERE) is None


# --- branches -------------------------------------------------------------------


@dataclass(frozen=True)
class Asked:
    """Branches that are asked for, and which of them hold which commit."""

    patterns: tuple[str, ...]
    first: tuple[Branch, ...] = ()
    tagged: tuple[Branch, ...] = ()


BOTH = (Branch("main", True), Branch("stable/1.x", True))
ASKED = {
    "one": Asked(("main",), (Branch("main", True),), (Branch("main", True),)),
    "one that does not hold it": Asked(
        ("side",), (Branch("side", True),), (Branch("side", False),)
    ),
    "one that is called like a tag": Asked(
        ("v1.0",), (Branch("v1.0", True),), (Branch("v1.0", False),)
    ),
    "several": Asked(("main", "stable/1.x"), BOTH, BOTH),
    "a pattern": Asked(("stable/*",), BOTH[1:], BOTH[1:]),
    "a pattern in the middle": Asked(("s*x",), BOTH[1:], BOTH[1:]),
    "every branch": Asked(
        ("*",),
        (BOTH[0], Branch("side", True), BOTH[1], Branch("v1.0", True)),
        (BOTH[0], Branch("side", False), BOTH[1], Branch("v1.0", False)),
    ),
    "a dot is a dot": Asked(("mai.", "stable/1.", "stable.1.x")),
    "a part of a name": Asked(("mai", "ain", "stable", "1.x")),
    "another case": Asked(("Main", "STABLE/*")),
    "a tag's name": Asked(("v0.9", "nested")),
    "a full ref": Asked(("refs/heads/main", "heads/main", "origin/main")),
    "no pattern of a shell": Asked(("m?in", "[m]ain", "(main|side)", "main$")),
}


@pytest.mark.parametrize("asked", ASKED.values(), ids=list(ASKED))
@pytest.mark.parametrize("kind", ["local", "remote"])
def test_the_branches_that_fit_are_told(
    asked: Asked, kind: str, origin: Origin, clone: Path
) -> None:
    repository = opened(origin.folder if kind == "local" else clone)
    assert branches(repository, origin.first, asked.patterns) == asked.first
    assert branches(repository, origin.tagged, asked.patterns) == asked.tagged


@pytest.fixture(name="clone", scope="module")
def _clone(origin: Origin, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A clone, where every branch but main is a remote's only."""
    folder = _cloned(origin, tmp_path_factory.mktemp("clone") / "checkout")
    git(folder, "remote", "set-head", "origin", "--delete")
    return folder


def test_a_remotes_branch_outranks_the_local_one(
    origin: Origin, tmp_path: Path
) -> None:
    folder = _cloned(origin, tmp_path / "clone")
    mine = commit(folder, "Not pushed")
    git(folder, "branch", "only-here")
    repository = opened(folder)
    assert branches(repository, mine, ["main"]) == (Branch("main", False),)
    assert branches(repository, mine, ["only-here"]) == ()
    # The same of a local branch that a remote one of the pattern stands beside.
    assert branches(repository, mine, ["main", "only-here"]) == (Branch("main", False),)
    # The control: without any branch of a remote it is all there is.
    git(folder, "remote", "remove", "origin")
    assert branches(opened(folder), mine, ["*"]) == (
        Branch("main", True),
        Branch("only-here", True),
    )


#: Of each remote, whether its branch ``main`` holds the commit; and what is told.
REMOTES: Mapping[str, tuple[Mapping[str, bool], tuple[bool, ...]]] = {
    "origin": ({"origin": True}, (True,)),
    "origin, which does not hold it": ({"origin": False}, (False,)),
    "origin beside another, which holds it": (
        {"origin": False, "stranger": True},
        (False,),
    ),
    "origin beside another, which does not hold it": (
        {"origin": True, "stranger": False},
        (True,),
    ),
    "upstream beside others, which hold it": (
        {"a": True, "upstream": False, "z": True},
        (False,),
    ),
    "upstream and origin, which is a fork": (
        {"origin": True, "upstream": False},
        (False,),
    ),
    "the only one, whatever it is called": ({"forge": True}, (True,)),
    "the only one, which does not hold it": ({"forge": False}, (False,)),
    "two of which nobody says whose they are": ({"forge": True, "stranger": True}, ()),
    "one that is called like origin": ({"Origin": True, "origin2": True}, ()),
    "none": ({}, (True,)),
}


@pytest.mark.parametrize(("remotes", "told"), REMOTES.values(), ids=list(REMOTES))
def test_only_the_branches_of_the_own_remote_count(
    remotes: Mapping[str, bool], told: tuple[bool, ...], origin: Origin, tmp_path: Path
) -> None:
    """Whoever adds a remote adds branches: a fork's main holds what ours does not."""
    folder = origin.copy(tmp_path / "checkout")
    git(folder, "checkout", "--quiet", "--detach", origin.side)
    git(folder, "branch", "--force", "main", origin.side)
    for remote, holds in remotes.items():
        at = origin.side if holds else origin.head
        git(folder, "update-ref", f"refs/remotes/{remote}/main", at)
    found = branches(opened(folder), origin.side, ["main"])
    assert found == tuple(Branch("main", holds) for holds in told)


def test_a_remote_that_has_only_other_branches_outranks_the_local_ones(
    origin: Origin, tmp_path: Path
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    assert branches(opened(folder), origin.head, ["main"]) == (Branch("main", True),)
    git(folder, "update-ref", "refs/remotes/origin/other", origin.head)
    assert branches(opened(folder), origin.head, ["main"]) == ()


def test_a_tag_that_is_called_like_a_branch_is_none(
    origin: Origin, tmp_path: Path
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    git(folder, "tag", "main", origin.side)
    git(folder, "tag", "release", origin.side)
    repository = opened(folder)
    assert branches(repository, origin.side, ["main"]) == (Branch("main", False),)
    assert branches(repository, origin.side, ["release"]) == ()


def test_branches_by_the_hundred_are_refused_with_what_to_do(
    origin: Origin, tmp_path: Path
) -> None:
    folder = _packed(origin, tmp_path / "checkout")
    pack(folder, *(f"{origin.head} refs/remotes/origin/b/{n:03}" for n in range(501)))
    repository = opened(folder)
    with pytest.raises(RepositoryError, match="501 branches fit b/") as raised:
        branches(repository, origin.head, ["b/*"])
    assert "at most 500" in raised.value.hint
    assert len(branches(repository, origin.head, ["b/4*"])) == 100


# --- what must not fool ---------------------------------------------------------


def _holds(folder: Path, commit_id: str) -> bool:
    """What git says without our settings."""
    words = ("for-each-ref", f"--contains={commit_id}", "refs/heads/main")
    return bool(git(folder, *words))


def test_a_replacement_of_a_commit_does_not_count(
    origin: Origin, tmp_path: Path
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    git(folder, "replace", "--graft", origin.head, origin.side)
    assert _holds(folder, origin.side)
    assert not _holds(folder, origin.tagged)
    repository = opened(folder)
    assert branches(repository, origin.side, ["main"]) == (Branch("main", False),)
    assert branches(repository, origin.tagged, ["main"]) == (Branch("main", True),)


def test_a_replacement_of_a_tag_does_not_count(origin: Origin, tmp_path: Path) -> None:
    folder = origin.copy(tmp_path / "checkout")
    other = annotate(folder, "other", origin.side)
    git(folder, "tag", "--delete", "other")
    git(folder, "replace", origin.tag_object, other)
    assert git(folder, "rev-parse", "v1.0^{commit}") == origin.side
    assert tags(opened(folder)) == origin.tags


def test_a_graft_does_not_count(origin: Origin, tmp_path: Path) -> None:
    folder = origin.copy(tmp_path / "checkout")
    grafts = folder / ".git" / "info" / "grafts"
    grafts.parent.mkdir(exist_ok=True)
    grafts.write_text(f"{origin.head} {origin.side}\n")
    assert _holds(folder, origin.side)
    repository = opened(folder)
    assert branches(repository, origin.side, ["main"]) == (Branch("main", False),)
    assert branches(repository, origin.tagged, ["main"]) == (Branch("main", True),)


def _lie_in_the_graph(origin: Origin, folder: Path) -> None:
    """Make the commit beside the main branch the parent of one on it: the graph's table
    of commits holds a tree's id and the places of two parents.
    """
    git(folder, "commit-graph", "write", "--reachable")
    path = folder / ".git" / "objects" / "info" / "commit-graph"
    graph = bytearray(path.read_bytes())
    chunks = {
        bytes(graph[at : at + 4]): int.from_bytes(graph[at + 4 : at + 12], "big")
        for at in range(8, 8 + 12 * graph[6], 12)
    }
    ids = sorted([origin.first, origin.tagged, origin.head, origin.side])
    parent = chunks[b"CDAT"] + 36 * ids.index(origin.tagged) + 20
    assert graph[parent : parent + 4] == ids.index(origin.first).to_bytes(4, "big")
    graph[parent : parent + 4] = ids.index(origin.side).to_bytes(4, "big")
    path.chmod(0o644)
    path.write_bytes(graph)


def test_a_graph_of_commits_that_lies_does_not_count(
    origin: Origin, tmp_path: Path
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    _lie_in_the_graph(origin, folder)
    assert _holds(folder, origin.side)
    repository = opened(folder)
    assert branches(repository, origin.side, ["main"]) == (Branch("main", False),)
    assert branches(repository, origin.tagged, ["main"]) == (Branch("main", True),)


def test_the_jobs_own_variables_lead_nowhere_else(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = made(tmp_path / "other")
    git(other, "tag", "v6.6.6")
    monkeypatch.setenv("GIT_DIR", str(other / ".git"))
    monkeypatch.setenv("GIT_WORK_TREE", str(other))
    monkeypatch.setenv("GIT_OBJECT_DIRECTORY", str(other / ".git" / "objects"))
    monkeypatch.setenv("GIT_NAMESPACE", "other")
    monkeypatch.setenv("GIT_CONFIG_PARAMETERS", "'core.bare=true'")
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(origin.folder.parent))
    assert facts(origin.folder, origin.tagged) == origin.facts


def test_nothing_is_written(origin: Origin, tmp_path: Path) -> None:
    folder = _packed(origin, tmp_path / "checkout")

    def state() -> dict[Path, tuple[int, int]]:
        found = {path: path.lstat() for path in folder.rglob("*")}
        return {path: (stat.st_mtime_ns, stat.st_size) for path, stat in found.items()}

    before = state()
    assert facts(folder, origin.tagged) == origin.facts
    assert state() == before


NAMES = (
    *("v1.0\u20282.0", "v1.0\u2029", "v1.0\x85", "v1.0\u3000", "ü", "v1.0\u202e"),
    *("\udcff", "v\udcfe", "v\udcff", "a;b", "$(touch marker)", "-n", "--help", "|"),
    *("'", '"', "`id`", "v1.0\u2028refs/heads/main", "%(refname)", "@", "refs/tags/x"),
)


@pytest.mark.parametrize("name", NAMES, ids=ascii)
def test_a_name_is_told_as_it_is(name: str, origin: Origin, tmp_path: Path) -> None:
    folder = origin.copy(tmp_path / "checkout")
    name = name.replace(" ", "")
    git(folder, "update-ref", f"refs/tags/{name}", origin.side)
    git(folder, "update-ref", f"refs/heads/{name}", origin.side)
    repository = opened(folder)

    mine = [tag for tag in tags(repository) if tag.commit == origin.side]
    assert mine == [GitTag(name, origin.side)]
    assert branches(repository, origin.side, [name]) == (Branch(name, True),)
    assert branches(repository, origin.side, ["main"]) == (Branch("main", False),)


def test_names_that_are_no_text_stay_apart(origin: Origin, tmp_path: Path) -> None:
    folder = origin.copy(tmp_path / "checkout")
    names = ["v\udcfe", "v\udcff", "v\ufffd"]
    for name in names:
        git(folder, "update-ref", f"refs/tags/{name}", origin.side)
    mine = [tag.name for tag in tags(opened(folder)) if tag.commit == origin.side]
    assert sorted(mine) == sorted(names)


@pytest.mark.parametrize(
    "target",
    ["refs/heads/side", "refs/tags/v1.0", "refs/remotes/origin/main", "refs/x/gone"],
)
def test_a_tag_that_only_stands_for_another_ref_is_left_out(
    target: str, origin: Origin, tmp_path: Path
) -> None:
    """It moves with the other one, and no server has such a tag."""
    folder = origin.copy(tmp_path / "checkout")
    git(folder, "update-ref", "refs/remotes/origin/main", origin.head)
    git(folder, "symbolic-ref", "refs/tags/v6.6.6", target)
    assert git(folder, "symbolic-ref", "refs/tags/v6.6.6") == target
    assert tags(opened(folder)) == origin.tags


def _write_tag(folder: Path, name: str, at: str, size: int) -> None:
    """An annotated tag with a message of so many bytes, which packs well."""
    head = f"object {at}\ntype commit\ntag {name}\ntagger T <t@t> 1 +0000\n\n".encode()
    piece = b"\n" * (1 << 20)
    parts = [b"tag %d\0" % (len(head) + size), head]
    parts += [piece] * (size // len(piece))
    digest, packer = hashlib.sha1(usedforsecurity=False), zlib.compressobj(1)
    packed = bytearray()
    for part in parts:
        digest.update(part)
        packed += packer.compress(part)
    object_id = digest.hexdigest()
    place = folder / ".git" / "objects" / object_id[:2] / object_id[2:]
    place.parent.mkdir(exist_ok=True)
    place.write_bytes(packed + packer.flush())
    _write(folder, f"refs/tags/{name}", f"{object_id}\n")


def test_a_tag_that_would_fill_the_memory_is_an_error(
    origin: Origin, tmp_path: Path
) -> None:
    """It is read whole to be peeled, and a small file may unpack to gigabytes."""
    folder = origin.copy(tmp_path / "checkout")
    _write_tag(folder, "v2.0", origin.head, 1 << 20)
    large = GitTag("v2.0", origin.head, annotated=True)
    assert tags(opened(folder)) == (*origin.tags, large)
    _write_tag(folder, "v3.0", origin.head, 300 << 20)
    with pytest.raises(RepositoryError, match="git cannot read the repository"):
        tags(opened(folder))
    # The control: git itself would take the memory.
    assert git(folder, "rev-parse", "v3.0^{commit}") == origin.head


# --- damage ---------------------------------------------------------------------


def _write(folder: Path, path: str, content: str) -> None:
    place = folder / ".git" / path
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(content)


def _object(folder: Path, name: str) -> Path:
    object_id = git(folder, "rev-parse", name)
    return folder / ".git" / "objects" / object_id[:2] / object_id[2:]


def _cut(path: Path, *, parts: int = 2) -> None:
    path.chmod(0o644)
    os.truncate(path, path.stat().st_size // parts)


def _cut_pack(folder: Path, suffix: str) -> None:
    git(folder, "gc", "--quiet", "--prune=now")
    (path,) = (folder / ".git" / "objects" / "pack").glob(f"*{suffix}")
    _cut(path)


def _spoil_pack(folder: Path) -> None:
    """Other bytes in every object, and a trailer and an index that still fit."""
    git(folder, "gc", "--quiet", "--prune=now")
    (path,) = (folder / ".git" / "objects" / "pack").glob("*.pack")
    path.chmod(0o644)
    content = path.read_bytes()
    path.write_bytes(content[:12] + b"\xff" * (len(content) - 32) + content[-20:])


def _empty_objects(folder: Path) -> None:
    for path in (folder / ".git" / "objects").glob("??/*"):
        _cut(path, parts=1 << 30)


def _lose_a_commit(folder: Path) -> None:
    """A commit between two others, which nothing else leads to."""
    for message in ("Lost", "Last"):
        commit(folder, message)
    _object(folder, "main~1").unlink()


def _replace_git(folder: Path, content: str | None) -> None:
    """A file in place of git's folder, or an empty folder."""
    shutil.rmtree(folder / ".git")
    if content is None:
        (folder / ".git").mkdir()
    else:
        (folder / ".git").write_text(content)


def _set(folder: Path, **settings: str) -> None:
    for name, value in settings.items():
        git(folder, "config", name.replace("_", "."), value)


DAMAGE: Mapping[str, Callable[[Path], object]] = {
    "a pack that is cut": lambda f: _cut_pack(f, ".pack"),
    "a pack's index that is cut": lambda f: _cut_pack(f, ".idx"),
    "a pack with other bytes": _spoil_pack,
    "objects that are empty": _empty_objects,
    "a tagged commit that is gone": lambda f: _object(f, "v1.0^{commit}").unlink(),
    "a tag's object that is gone": lambda f: _object(f, "v1.0").unlink(),
    "a tag's object that is cut": lambda f: _cut(_object(f, "v1.0")),
    "a branch's commit that is gone": lambda f: _object(f, "main").unlink(),
    "a commit between two that is gone": _lose_a_commit,
    "no objects": lambda f: shutil.rmtree(f / ".git" / "objects"),
    "a tag to nowhere": lambda f: _write(f, "refs/tags/v2.0", NOWHERE + "\n"),
    "a tag that is no id": lambda f: _write(f, "refs/tags/v2.0", "half an id\n"),
    "a tag that is empty": lambda f: _write(f, "refs/tags/v2.0", ""),
    "a tag whose name is none": lambda f: _write(f, "refs/tags/v2..0", NOWHERE),
    "a branch that is no id": lambda f: _write(f, "refs/remotes/origin/main", "x\n"),
    "packed refs that are none": lambda f: _write(f, "packed-refs", "x\n"),
    "a HEAD that is none": lambda f: _write(f, "HEAD", "x\n"),
    "no HEAD": lambda f: (f / ".git" / "HEAD").unlink(),
    "a configuration that is none": lambda f: _write(f, "config", "[core\n"),
    "a form of repository that is not known": lambda f: _set(
        f, core_repositoryFormatVersion="99"
    ),
    "an extension that is not known": lambda f: _set(
        f, core_repositoryFormatVersion="1", extensions_tomorrow="true"
    ),
    "a folder of git's that is empty": lambda f: _replace_git(f, None),
    "a file in its place that leads nowhere": lambda f: _replace_git(f, "gitdir: ../x"),
    "a file in its place that is empty": lambda f: _replace_git(f, ""),
}


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=list(DAMAGE))
def test_a_damaged_repository_is_an_error_and_no_guess(
    damage: Callable[[Path], object], origin: Origin, tmp_path: Path
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    damage(folder)
    with pytest.raises(RepositoryError) as raised:
        facts(folder, origin.tagged)
    assert "hint:" not in raised.value.message, "the reason, and no advice of git's"
    assert "check out the repository again" in raised.value.hint


def test_a_remotes_head_that_leads_nowhere_is_no_damage(
    origin: Origin, tmp_path: Path
) -> None:
    """The default branch was called otherwise, and the clone is older."""
    folder = _cloned(origin, tmp_path / "clone")
    ref = "refs/remotes/origin/HEAD"
    git(folder, "symbolic-ref", ref, "refs/remotes/origin/master")
    assert facts(folder, origin.tagged) == origin.facts


def test_a_folder_that_cannot_be_looked_into_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(RepositoryError, match="cannot be looked into"):
        find_repository(tmp_path / ("x" * 5000), {})


def test_a_working_folder_that_is_gone_is_an_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    monkeypatch.chdir(gone)
    gone.rmdir()
    with pytest.raises(RepositoryError, match="cannot be looked into"):
        find_repository(Path(), {})


def test_a_git_that_does_not_answer_is_an_error(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    os.mkfifo(tmp_path / "pipe")
    git(folder, "config", "include.path", str(tmp_path / "pipe"))
    monkeypatch.setattr(source, "_SECONDS", 0.2)
    with within(10), pytest.raises(GitTimeoutError, match=r"no answer within 0\.2"):
        find_repository(folder, {})


@pytest.mark.parametrize("name", ["packed-refs", "objects/info/alternates"])
def test_a_pipe_among_the_files_of_git_is_not_waited_for_long(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    repository = opened(folder)
    (folder / ".git" / name).unlink(missing_ok=True)
    os.mkfifo(folder / ".git" / name)
    monkeypatch.setattr(source, "_SECONDS", 0.5)
    with within(10), pytest.raises(GitTimeoutError, match=r"no answer within 0\.5"):
        tags(repository)


def test_what_only_looks_has_seconds_and_not_minutes() -> None:
    assert source._SECONDS <= 20 < source._WALK_SECONDS


def test_filters_are_those_of_the_repository_and_of_the_user(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    monkeypatch.setenv("HOME", str(tmp_path))
    before = configured_filters(opened(folder))
    git(folder, "config", "filter.a.b.clean", "cat")
    (tmp_path / ".gitconfig").write_text('[filter "Own"]\n\tsmudge = cat\n')

    assert configured_filters(opened(folder)) - before == {"a.b", "Own"}


def test_a_git_that_prints_too_much_is_an_error(
    origin: Origin, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = opened(origin.folder)
    monkeypatch.setattr(source, "_MOST", 100)
    with pytest.raises(RepositoryError, match="printed more than 100 bytes"):
        tags(repository)


# --- the program ----------------------------------------------------------------


@pytest.fixture(name="marker")
def _marker(tmp_path: Path) -> Path:
    """A file that is made by what must not run."""
    return tmp_path / "marker"


def script(path: Path, marker: Path) -> Path:
    """A program that leaves a mark."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f'#!/bin/sh\necho "$0 $*" >> {marker}\nexit 1\n')
    path.chmod(0o755)
    return path


def test_without_git_a_checkout_cannot_be_read(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(source, "_PLACES", str(tmp_path))
    for environ in ({}, {"PATH": ""}, {"PATH": str(tmp_path)}):
        with pytest.raises(RepositoryError, match="no git program") as raised:
            find_repository(origin.folder, environ)
        assert raised.value.hint == "install git"
        assert find_repository(tmp_path, environ) is None


def test_git_is_looked_for_in_path_where_the_system_has_none(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    assert real is not None
    monkeypatch.setattr(source, "_PLACES", str(tmp_path))
    found = find_repository(origin.folder, {"PATH": str(Path(real).parent)})
    assert found == Repository(origin.folder, real)
    assert tags(found) == origin.tags


@pytest.mark.parametrize("places", ["the system's", "none"])
def test_a_program_of_the_checkout_is_never_run(
    places: str,
    origin: Origin,
    tmp_path: Path,
    marker: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    for name in ("git", "bin/git", "git-for-each-ref", "bin/git-cat-file"):
        script(folder / name, marker)
    monkeypatch.chdir(folder)
    inside = [str(folder), str(folder / "bin")]
    path = os.pathsep.join(["", ".", "bin", "./bin", *inside])
    monkeypatch.setenv("PATH", path)
    if places == "none":
        monkeypatch.setattr(source, "_PLACES", str(tmp_path))
        with pytest.raises(RepositoryError, match="no git program"):
            find_repository(Path(), {"PATH": path})
    else:
        found = find_repository(Path(), {"PATH": path})
        assert found is not None
        assert tags(found) == origin.tags
    assert not marker.exists()
    # The control: by this PATH the checkout's own would be run.
    subprocess.run(["git"], check=False)
    assert marker.exists()


def test_a_program_of_the_checkout_is_not_run_by_a_link_either(
    origin: Origin, tmp_path: Path, marker: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    program = script(folder / "bin" / "git", marker)
    (tmp_path / "link").symlink_to(folder, target_is_directory=True)
    (tmp_path / "tools").mkdir()
    (tmp_path / "tools" / "git").symlink_to(program)
    monkeypatch.setattr(source, "_PLACES", str(tmp_path))
    # An absolute folder, in the checkout, and a link to the program in it.
    for place in (folder / "bin", tmp_path / "link" / "bin", tmp_path / "tools"):
        for start in (folder, tmp_path / "link", folder / ".git"):
            with pytest.raises(RepositoryError, match="no git program"):
                find_repository(start, {"PATH": str(place)})
    assert not marker.exists()


def test_a_folder_of_path_that_cannot_be_looked_into_has_no_program(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = shutil.which("git")
    assert real is not None
    (tmp_path / "circle").symlink_to(tmp_path / "circle")
    (tmp_path / "a-folder" / "git").mkdir(parents=True)
    (tmp_path / "no-program").mkdir()
    (tmp_path / "no-program" / "git").write_text("#!/bin/sh\n")
    names = ("circle", "a-folder", "no-program", "gone", "x" * 5000, "a\0b")
    places = [str(tmp_path / name) for name in names]
    monkeypatch.setattr(source, "_PLACES", os.pathsep.join(places))
    with pytest.raises(RepositoryError, match="no git program"):
        find_repository(origin.folder, {"PATH": os.pathsep.join(places)})
    path = os.pathsep.join([*places, str(Path(real).parent)])
    found = find_repository(origin.folder, {"PATH": path})
    assert found == Repository(origin.folder, real)


def test_the_systems_own_git_counts_wherever_the_checkout_begins(
    origin: Origin, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A machine whose root is a checkout, as etckeeper and dotfiles make them."""
    real = shutil.which("git")
    assert real is not None
    folder = origin.copy(tmp_path / "root")
    (folder / "usr").mkdir()
    (folder / "usr" / "git").symlink_to(real)
    monkeypatch.setattr(source, "_PLACES", str(folder / "usr"))
    found = find_repository(folder, {})
    assert found == Repository(folder, str(folder / "usr" / "git"))
    assert tags(found) == origin.tags


# --- a hostile configuration ----------------------------------------------------


@dataclass(frozen=True)
class Trap:
    """A configuration that starts ``{script}``, and a command of git that runs into it,
    as a control; ``files`` are written into the folder of git.
    """

    config: str
    command: tuple[str, ...]
    allow: str = ""
    files: Mapping[str, str] | None = None
    asked: bytes = b""


_ASKED = b"protocol=https\nhost=forge.example\n\n"
TRAPS = {
    "a file system monitor": Trap("[core] fsmonitor = {script}", ("status",)),
    "an ssh command": Trap(
        "[core] sshCommand = {script}", ("ls-remote", "ssh://forge.example/x"), "ssh"
    ),
    "a proxy": Trap(
        "[core] gitProxy = {script}", ("ls-remote", "git://forge.example/x"), "git"
    ),
    "a pager": Trap("[core] pager = {script}", ("--paginate", "for-each-ref")),
    "a pager of one command": Trap(
        "[pager] for-each-ref = {script}\ntag = {script}", ("tag", "--list")
    ),
    "an editor": Trap("[core] editor = {script}", ("tag", "--annotate", "new")),
    "hooks": Trap(
        "[core] hooksPath = {folder}/hooks", ("update-ref", "refs/tags/new", "HEAD")
    ),
    "hooks in their own place": Trap(
        "[core] bare = false", ("update-ref", "refs/tags/new", "HEAD")
    ),
    "aliases of our commands, and of another": Trap(
        "[alias] rev-parse = !{script}\nfor-each-ref = !{script}\n"
        "cat-file = !{script}\nx = !{script}",
        ("x",),
    ),
    "a helper for credentials": Trap(
        "[credential] helper = !{script}", ("credential", "fill"), asked=_ASKED
    ),
    "a program that asks for a password": Trap(
        "[core] askPass = {script}", ("credential", "fill"), asked=_ASKED
    ),
    "a program that signs": Trap(
        "[gpg] program = {script}\n[tag] gpgSign = true\n[log] showSignature = true",
        ("tag", "--sign", "--local-user=x", "--message=x", "new"),
    ),
    "a filter": Trap(
        '[filter "x"] clean = {script}\nsmudge = {script}\nrequired = true',
        ("hash-object", "--path=demo.py", "demo.py"),
        files={"info/attributes": "* filter=x\n"},
    ),
    "a filter that stays": Trap(
        '[filter "x"] process = {script}\nrequired = true',
        ("hash-object", "--path=demo.py", "demo.py"),
        files={"info/attributes": "* filter=x\n"},
    ),
    "a program that shows differences": Trap(
        "[diff] external = {script}", ("diff", "HEAD~1", "HEAD", "--ext-diff")
    ),
    "a program that serves": Trap(
        '[remote "origin"] url = {folder}\nuploadpack = {script}', ("fetch",), "file"
    ),
    "a list of refs elsewhere": Trap(
        "[core] alternateRefsCommand = {script}",
        ("rev-list", "--count", "HEAD", "--not", "--alternate-refs"),
        files={"objects/info/alternates": "{folder}/.git/objects\n"},
    ),
    "an included file": Trap("[include] path = {folder}/more", ("status",)),
    "an included file on a condition": Trap(
        '[includeIf "gitdir:**"] path = {folder}/more', ("status",)
    ),
    "a promise of another program": Trap(
        "[core] repositoryFormatVersion = 1\n[extensions] partialClone = origin\n"
        '[remote "origin"] url = ext::sh -c {script}\npromisor = true\n'
        '[protocol "ext"] allow = always',
        ("cat-file", "-e", NOWHERE),
        "ext",
    ),
    "a promise by another helper": Trap(
        "[core] repositoryFormatVersion = 1\n[extensions] partialClone = origin\n"
        '[remote "origin"] url = sh -c {script}\nvcs = ext\npromisor = true\n'
        "[protocol] allow = always",
        ("cat-file", "-e", NOWHERE),
        "ext",
    ),
    "a promise by ssh": Trap(
        "[core] repositoryFormatVersion = 1\nsshCommand = {script}\n"
        "[extensions] partialClone = origin\n"
        '[remote "origin"] url = ssh://forge.example/x\npromisor = true',
        ("cat-file", "-e", NOWHERE),
        "ssh",
    ),
}


@pytest.mark.parametrize("trap", TRAPS.values(), ids=list(TRAPS))
def test_no_configuration_starts_a_program(
    trap: Trap, origin: Origin, tmp_path: Path, marker: Path
) -> None:
    folder = origin.copy(tmp_path / "checkout")
    (folder / "demo.py").write_text("answer = 43\n")
    git(folder, "commit", "--quiet", "--all", "--message", "Change")
    program = script(tmp_path / "script", marker)
    elsewhere = origin.copy(tmp_path / "elsewhere")
    words = {"script": str(program), "folder": str(elsewhere)}
    (elsewhere / "more").write_text(f"[core] fsmonitor = {program}\n")
    for hooks in (elsewhere / "hooks", folder / ".git" / "hooks"):
        script(hooks / "reference-transaction", marker)
    for path, text in (trap.files or {}).items():
        _write(folder, path, text.format(**words))
    with (folder / ".git" / "config").open("a") as config:
        config.write(trap.config.format(**words) + "\n")
    head = (folder / ".git" / "refs" / "heads" / "main").read_text().strip()
    repository = opened(folder)

    assert commit_of(repository, "HEAD") == head
    assert commit_of(repository, NOWHERE) is None
    assert not is_shallow(repository)
    assert tags(repository) == origin.tags
    assert branches(repository, head, ["*"])

    assert not marker.exists()
    _run_into(trap, folder)
    assert marker.exists(), "the control: git itself runs into it"


def _run_into(trap: Trap, folder: Path) -> None:
    """Run git as a person at a terminal does."""
    leader, terminal = pty.openpty()
    try:
        subprocess.run(
            ["git", "-C", str(folder), *trap.command],
            env=_ENVIRON | {"GIT_ALLOW_PROTOCOL": trap.allow, "TERM": "xterm"},
            input=trap.asked,
            stdout=terminal,
            stderr=terminal,
            check=False,
            timeout=20,
        )
    finally:
        os.close(terminal)
        os.close(leader)

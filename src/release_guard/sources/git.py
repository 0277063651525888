"""The repository of a checkout: its tags, and which branches hold a commit.

Read by the git program, which knows every form of repository (packs, shallow and
partial clones, reftable, SHA-256), in a process with a bound on time and output. A
checkout is hostile: only commands that look are used, none that the repository's own
configuration could make start a program, and nothing is fetched.
"""

from __future__ import annotations

import os
import re
import subprocess
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from release_guard.errors import GitTimeoutError, NoGitError, RepositoryError
from release_guard.facts import Branch, GitTag

__all__ = [
    "Patience",
    "Repository",
    "ask",
    "ask_patiently",
    "branches",
    "commit_of",
    "configured_filters",
    "dated_tags",
    "find_repository",
    "is_shallow",
    "is_top",
    "tags",
]

#: For what only looks; a pipe that stands for a file of git's own is waited for.
_SECONDS = 20.0
#: For what walks the history, which may have a million commits.
_WALK_SECONDS = 120.0
#: Of what git prints, in bytes: a hundred thousand tags have some ten million.
_MOST = 64 << 20
#: Of what git complains of.
_LAST = 1 << 12
#: Where the program is looked for first: a job's PATH leaks into the action.
_PLACES = os.pathsep.join(("/usr/bin", "/usr/local/bin", "/bin"))
#: What the repository's own configuration must not decide.
_SETTINGS = (
    # Other users own the files of a runner; we run nothing that they could have set.
    "safe.directory=*",
    "core.fsmonitor=false",
    "core.hooksPath=/dev/null",
    "core.commitGraph=false",
    "core.pager=cat",
    "protocol.allow=never",
    # Said of GIT_GRAFT_FILE below, and it would hide what is said of the repository.
    "advice.graftFileDeprecated=false",
    # A folder that looks like a repository may have come with an artifact.
    "safe.bareRepository=explicit",
)
_ENVIRONMENT = {
    "PATH": _PLACES,
    "LC_ALL": "C",
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_ATTR_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    # Nothing stands in for another object, and none is fetched from anywhere.
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_GRAFT_FILE": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "",
    # A tag is read whole to be peeled, and seven megabytes of it may be some gigabytes.
    "GIT_ALLOC_LIMIT": "256m",
}


@dataclass(slots=True)
class Patience:
    """How long git may take, in seconds, for all that is asked with it together."""

    left: float = 60.0


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository that git can read; ``folder`` lies in its checkout. The ``patience``
    is for what the commit's own patterns are matched with.
    """

    folder: Path
    program: str
    patience: Patience = field(default_factory=Patience, compare=False, repr=False)


def find_repository(folder: Path, environ: Mapping[str, str]) -> Repository | None:
    """The repository that a folder lies in, None where it lies in none.

    Raises ``RepositoryError`` where there is one and it cannot be read: git is not
    here, or refuses it.
    """
    try:
        folder = folder.resolve()
        places = (folder, *folder.parents)
        tops = [place for place in places if (place / ".git").exists()]
    except OSError as error:
        raise RepositoryError(
            f"{folder}: cannot be looked into: {error.strerror or error}"
        ) from None
    if not tops:
        return None
    program = _program(environ, tops[-1])
    if program is None:
        raise NoGitError(
            f"{folder}: there is a checkout, and no git program to read it",
            hint="install git",
        )
    repository = Repository(folder, program)
    _run(repository, "rev-parse", "--git-dir")
    return repository


def _program(environ: Mapping[str, str], checkout: Path) -> str | None:
    """The git program: the system's own, else one of an absolute folder of PATH that
    does not lie in the checkout. On Windows ``shutil.which`` would look in the working
    folder first.
    """
    name = "git.exe" if os.name == "nt" else "git"
    systems = [Path(place, name) for place in _PLACES.split(os.pathsep)]
    named = [Path(place, name) for place in environ.get("PATH", "").split(os.pathsep)]
    for path in (*systems, *named):
        try:
            is_program = path.is_file() and os.access(path, os.X_OK)
            inside = path.resolve().is_relative_to(checkout.resolve())
        except (OSError, RuntimeError, ValueError):
            # A folder of PATH may be another user's, or no folder at all.
            continue
        if path.is_absolute() and is_program and (path in systems or not inside):
            return str(path)
    return None


def is_shallow(repository: Repository) -> bool:
    """Whether the history is cut off somewhere."""
    return _run(repository, "rev-parse", "--is-shallow-repository").strip() != "false"


def is_top(repository: Repository) -> bool:
    """Whether the folder is the top of the checkout, and does not only lie in it."""
    return not _run(repository, "rev-parse", "--show-prefix").strip()


def commit_of(repository: Repository, name: str) -> str | None:
    """The commit that a full commit id, the id of an annotated tag, or ``HEAD`` leads
    to; None where the repository does not have it.
    """
    ((commit, kind),) = _peeled(repository, [name])
    return commit if kind == "commit" else None


def tags(repository: Repository) -> tuple[GitTag, ...]:
    """Every tag that leads to a commit; annotated ones are peeled to the last.

    One that only stands for another ref, which no server has, goes wherever that goes:
    it is left out. Raises ``RepositoryError`` where a tag leads to an object that is
    not there.
    """
    form = "--format=%(symref) %(objectname) %(refname)"
    told = _run(repository, "for-each-ref", form, "refs/tags")
    rows = [row for row in (line.split(" ", 2) for line in _lines(told)) if not row[0]]
    peeled = _peeled(repository, [object_id for _, object_id, _ in rows])
    found = []
    for (_, object_id, ref), (commit, kind) in zip(rows, peeled, strict=True):
        name = ref.removeprefix("refs/tags/")
        if kind == "commit":
            found.append(GitTag(name, commit, annotated=commit != object_id))
        elif kind not in ("tree", "blob"):
            raise RepositoryError(
                f"{repository.folder}: the tag {name} leads to an object that git "
                "cannot find",
                hint=_AGAIN,
            )
    return tuple(found)


def dated_tags(repository: Repository) -> tuple[GitTag, ...]:
    """Every tag, as ``tags`` reads it, and when it was made: an annotated one says so
    itself, of another it is when its commit was made.
    """
    found = tags(repository)
    form = "--format=%(creatordate:unix) %(refname)"
    told = _run(repository, "for-each-ref", form, "refs/tags")
    rows = (line.partition(" ")[::2] for line in _lines(told))
    made = {ref.removeprefix("refs/tags/"): _moment(seconds) for seconds, ref in rows}
    return tuple(replace(tag, made=made.get(tag.name)) for tag in found)


def _moment(seconds: str) -> datetime | None:
    """A moment as git prints it; None for what can be none, as anybody may write. Of
    what git cannot read it says the beginning of its time.
    """
    try:
        return datetime.fromtimestamp(int(seconds), UTC) if seconds != "0" else None
    except (ValueError, OverflowError, OSError):
        return None


def branches(
    repository: Repository, commit: str, patterns: Sequence[str]
) -> tuple[Branch, ...]:
    """The branches whose names fit one of the patterns, and whether each holds the
    commit. ``*`` stands for any characters.

    They are those of the remote (``upstream``, else ``origin``, else the only one there
    is): a local one may hold what nobody else has, and counts only where no remote has
    a branch.
    """
    # Whoever asks for the type is told of a commit that is gone; --contains is not.
    form = "--format=%(objecttype) %(refname)"
    told = _run(repository, "for-each-ref", form, "refs/remotes", "refs/heads")
    refs = [line.partition(" ")[2].split("/", 3) for line in _lines(told)]
    remotes = {parts[2] for parts in refs if parts[1] == "remotes"}
    named = [name for name in ("upstream", "origin") if name in remotes][:1]
    trusted = named or (remotes if len(remotes) == 1 else ())
    names = {
        "/".join(parts): parts[3] if remotes else "/".join(parts[2:])
        for parts in refs
        if (parts[1] == "heads" if not remotes else parts[2] in trusted)
        and (len(parts) > _IN_REMOTE or not remotes)
    }
    fits = re.compile("|".join(map(_expression, patterns)))
    chosen = {ref: name for ref, name in names.items() if fits.fullmatch(name)}
    if not chosen:
        return ()
    if len(chosen) > _MOST_BRANCHES:
        raise RepositoryError(
            f"{len(chosen)} branches fit {', '.join(patterns)}",
            hint=f"name at most {_MOST_BRANCHES} under 'branches' in the policy",
        )
    holding = _run(
        repository, "for-each-ref", "--format=%(refname)", f"--contains={commit}",
        *chosen, seconds=_WALK_SECONDS,
    )  # fmt: skip
    holds = set(_lines(holding))
    return tuple(Branch(name, ref in holds) for ref, name in chosen.items())


#: refs, remotes, the remote, and then the branch.
_IN_REMOTE = 3
#: They go on a command line, and each is walked.
_MOST_BRANCHES = 500


def _expression(pattern: str) -> str:
    return ".*".join(map(re.escape, pattern.split("*")))


def _peeled(repository: Repository, names: Sequence[str]) -> list[tuple[str, str]]:
    """The object behind each name, tags followed to their end, and its type: that is
    another word where there is no such object.
    """
    asked = "".join(f"{name}^{{}}\n" for name in names)
    told = _run(
        repository, "cat-file", "--batch-check=%(objectname) %(objecttype)", asked=asked
    )
    rows = [line.partition(" ")[::2] for line in _lines(told)]
    if len(rows) != len(names):
        raise RepositoryError("git answered another number of objects than was asked")
    return rows


def _lines(told: str) -> list[str]:
    """The lines that git printed; a name may hold what else ends a line in Python."""
    return told.split("\n")[:-1]


def configured_filters(repository: Repository) -> frozenset[str]:
    """The filters that the configuration has: the repository's, the user's and the
    machine's, which git checked the files out with. None is run.
    """
    told = ask(
        repository,
        *("config", "--includes", "-z", "--name-only", "--get-regexp", r"^filter\."),
        # 1: there are none.
        sound=(0, 1),
        environment=_OF_USER | _present(_HOMES),
    )
    keys = told.decode("utf-8", "surrogateescape").split("\0")[:-1]
    return frozenset(key.partition(".")[2].rpartition(".")[0] for key in keys)


#: With the settings of the user and of the machine, and where those lie.
_OF_USER = {
    name: value
    for name, value in _ENVIRONMENT.items()
    if name not in ("GIT_CONFIG_NOSYSTEM", "GIT_CONFIG_GLOBAL")
}
_HOMES = ("HOME", "XDG_CONFIG_HOME", "USERPROFILE", "HOMEDRIVE", "HOMEPATH")


def _run(
    repository: Repository, *words: str, asked: str = "", seconds: float | None = None
) -> str:
    """What git prints, as text: see ``ask``."""
    told = ask(repository, *words, asked=asked, seconds=seconds)
    # Names are bytes; what is no UTF-8 must stay different from what is.
    return told.decode("utf-8", "surrogateescape")


def ask(
    repository: Repository,
    *words: str,
    asked: str = "",
    sound: Sequence[int] = (0,),
    seconds: float | None = None,
    environment: Mapping[str, str] | None = None,
) -> bytes:
    """What git prints, given ``asked``, within so many ``seconds``; raises
    ``RepositoryError`` with its last line where it fails: where its exit code is none
    of the ``sound`` ones; ``GitTimeoutError`` where it takes too long. For commands
    that only look, and that the repository's configuration cannot make start a program.
    """
    settings = [word for setting in _SETTINGS for word in ("-c", setting)]
    command = [repository.program, "--no-pager", *settings, *words]
    limit = _SECONDS if seconds is None else seconds
    try:
        with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as told:
            given.write(asked.encode("utf-8", "surrogateescape"))
            given.seek(0)
            with subprocess.Popen(  # noqa: S603 - git itself, and words of ours
                command,
                cwd=repository.folder,
                env={**(environment or _ENVIRONMENT), **_present(["SYSTEMROOT"])},
                stdin=given,
                stdout=subprocess.PIPE,
                stderr=told,
            ) as process:
                content, in_time = _bounded(process, limit)
            told.seek(max(0, told.seek(0, os.SEEK_END) - _LAST))
            complaint = told.read()
    except OSError as error:
        raise RepositoryError(f"git was not run: {error.strerror or error}") from None
    if not in_time:
        raise GitTimeoutError(f"git gave no answer within {limit:.3g} seconds")
    if len(content) > _MOST:
        raise RepositoryError(f"git printed more than {_MOST} bytes")
    if process.returncode not in sound or _TROUBLE.search(complaint):
        last = complaint.decode("utf-8", "replace").strip().splitlines()[-1:]
        reason = "".join(last) or f"exit code {process.returncode}"
        raise RepositoryError(
            f"{repository.folder}: git cannot read the repository: {reason:.300}",
            hint=_AGAIN,
        )
    return content


def ask_patiently(
    repository: Repository, *words: str, asked: str = "", sound: Sequence[int] = (0,)
) -> bytes:
    """As ``ask``, within what is left of the repository's patience: for what takes as
    long as somebody's patterns make it.
    """
    patience = repository.patience
    if patience.left <= 0:
        raise GitTimeoutError("git has used up the time for it")
    began = time.monotonic()
    try:
        seconds = min(_SECONDS, patience.left)
        return ask(repository, *words, asked=asked, sound=sound, seconds=seconds)
    finally:
        patience.left -= time.monotonic() - began


def _bounded(process: subprocess.Popen[bytes], seconds: float) -> tuple[bytes, bool]:
    """What a process prints, as far as anybody asks, and whether it was in time. It is
    ended then: a tree of a few hundred bytes can list more than any disk holds.
    """
    late = threading.Event()

    def end() -> None:
        late.set()
        process.kill()

    clock = threading.Timer(seconds, end)
    clock.start()
    try:
        content = process.stdout.read(_MOST + 1) if process.stdout else b""
        if len(content) > _MOST:
            process.kill()
        process.wait()
    finally:
        clock.cancel()
    return content, not late.is_set()


#: What git says of what it cannot read, leaves out, and calls no failure.
_TROUBLE = re.compile(
    rb"^(error: |warning: ignoring (broken ref |ref with broken name ))", re.MULTILINE
)
_AGAIN = "check out the repository again, with a git that can read it"


def _present(names: Sequence[str]) -> dict[str, str]:
    """Those of the variables that are set; Windows starts no program without one."""
    return {name: os.environ[name] for name in names if name in os.environ}

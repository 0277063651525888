"""What was on the developer's disk, and should not have come along."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping

from release_guard.facts import Archive, Kind, MemberKind
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy
from release_guard.rules.base import rule
from release_guard.trees import is_aside

__all__ = ["bytecode", "junk_file"]


@rule(Archive, severity=Severity.WARNING)
def bytecode(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """The archive holds compiled bytecode.

    **What it means:** there are `.pyc` or `.pyo` files in a `__pycache__` folder, or
    beside the source that they were made from. Bytecode that lies where a module would,
    without its source, is left alone: it is how some are shipped on purpose.

    **Why it matters:** it is made anew by each installer, holds paths of the machine
    that built it, and, where it is stale, runs in place of the source.

    **How it happens:** the build takes whole folders, after the tests ran in them.

    **Fix:** exclude `__pycache__` and `*.pyc` (`global-exclude *.py[co]`), and build
    from a clean checkout.

    **Source:** GitPython 2.0.1 (gitpython-developers/GitPython 419); also
    spyder-ide/qtpy 129.
    """
    paths = {m.path for m in archive.members if m.kind is not MemberKind.FOLDER}
    found = sorted(path for path in paths if _is_bytecode(path, paths))
    if found:
        yield Violation(
            f"holds {len(found)} file(s) of bytecode: {_few(found)}",
            fix="exclude __pycache__ and *.pyc, and build from a clean checkout",
        )


def _is_bytecode(path: str, paths: set[str]) -> bool:
    if not path.endswith((".pyc", ".pyo")):
        return False
    folder, _, name = path.rpartition("/")
    if folder.rpartition("/")[2] == "__pycache__":
        source = f"{folder.rpartition('/')[0]}/{name.partition('.')[0]}.py"
        # A test may need some, and then has no source beside it.
        return source.lstrip("/") in paths or not is_aside(path)
    return f"{path[:-1]}" in paths


@rule(Archive, severity=Severity.ERROR)
def junk_file(archive: Archive, policy: Policy) -> Iterator[Violation]:
    """The archive holds what only the developer's machine needs.

    **What it means:** there is a virtual environment or a `.git` folder (in a test tree
    a warning), or `node_modules` at the top. A warning: `.env` and `.envrc`, also by a
    longer name (`.env.local`, but not `.env.example` and its like), what editors, tools
    and operating systems leave behind (`.DS_Store`, `*.swp`, `.coverage`, `.mypy_cache`
    and the like), and `node_modules` further down. Fixtures are left alone: of a test
    tree, or an example, only the first two are told.

    **Why it matters:** it makes the file large, shows the names, paths and sometimes
    the passwords of a machine, and cannot be taken back.

    **How it happens:** the backend takes what lies in the folder, and the build ran
    where people work.

    **Fix:** exclude it, and build from a clean checkout.

    **Source:** pytest-freezer 0.4.6: an sdist of 8 MB with `.venv`, `.idea` and
    `.coverage` (pytest-dev/pytest-freezer 9).
    """
    found: Counter[str] = Counter()
    leftovers: list[str] = []
    homes = _homes(archive)
    for member in archive.members:
        if member.kind is MemberKind.FOLDER:
            continue
        path = _inside(archive, member.path)
        if folder := _junk_folder(path, homes):
            found[folder] += 1
        elif _FILES.fullmatch(path.rpartition("/")[2]) and not is_aside(path):
            leftovers.append(path)
    fix = "exclude it, and build from a clean checkout"
    for folder, count in found.items():
        what, severity = _weighed(folder, homes)
        told = f"holds {folder!r:.200} ({count} file(s)): {what}"
        yield Violation(told, fix=fix, severity=severity)
    if leftovers:
        told = f"holds {len(leftovers)} leftover(s): {_few(sorted(leftovers))}"
        yield Violation(told, fix=fix, severity=Severity.WARNING)


def _inside(archive: Archive, path: str) -> str:
    """A path below an sdist's top folder."""
    return path.partition("/")[2] if archive.kind is Kind.SDIST else path


_VENV = "a virtual environment"
_PACKAGES = re.compile(r"((?:[^/]*/)*?node_modules/)(?:@[^/]+/)?[^/]+/package\.json")


def _homes(archive: Archive) -> Mapping[str, str]:
    """The folders that are known by what is in them, each with a slash at its end."""
    homes: dict[str, str] = {}
    for member in archive.members:
        path = _inside(archive, member.path)
        if path.endswith("/pyvenv.cfg"):
            homes[path.removesuffix("pyvenv.cfg")] = _VENV
        elif path.endswith("/package.json") and (found := _PACKAGES.match(path)):
            homes[found[1]] = "packages for Node.js"
    return homes


#: What is known by the name of a folder.
_FOLDERS: Mapping[str, str] = {
    ".git": "a git repository",
    ".hg": "a Mercurial repository",
    ".svn": "a Subversion checkout",
    ".idea": "settings of an editor",
    ".vs": "settings of an editor",
    ".ropeproject": "settings of an editor",
    ".spyproject": "settings of an editor",
    ".spyderproject": "settings of an editor",
    ".ipynb_checkpoints": "copies of notebooks",
    ".tox": "environments of tox",
    ".nox": "environments of nox",
    ".eggs": "packages for a build",
    ".mypy_cache": "a cache",
    ".pytest_cache": "a cache",
    ".ruff_cache": "a cache",
    ".hypothesis": "a cache",
    ".pytype": "a cache",
    "__MACOSX": "what macOS adds to a zip",
}
_REPOSITORIES = (".git", ".hg", ".svn")
#: What follows on ``.env`` in one that is there to be copied.
_SHOWN = "(?i:examples?|samples?|templates?|tmpl|tpl|dist|defaults?)"
#: Leftovers of editors, systems, coverage and patches; settings of one machine.
_FILES = re.compile(
    rf"\.env(?:rc|(?:\.(?!{_SHOWN}(?:\.|\Z))[^.]+)*)|\.DS_Store|\._.+|Thumbs\.db|ehthumbs\.db|desktop\.ini|.+\.sw[op]|.+~|#.+#"
    r"|\.coverage(?:\..+\.\d+\..+)?|.+\.rej|.+\.py\.orig|nohup\.out|npm-debug\.log"
)


def _junk_folder(path: str, homes: Mapping[str, str]) -> str:
    """The outermost folder on a path that should not be there; empty for none."""
    above = ""
    for folder in path.split("/")[:-1]:
        whole = f"{above}{folder}/"
        is_heavy = folder in _REPOSITORIES or homes.get(whole) == _VENV
        if is_heavy or ((folder in _FOLDERS or whole in homes) and not is_aside(above)):
            return whole
        above = whole
    return ""


def _weighed(folder: str, homes: Mapping[str, str]) -> tuple[str, Severity | None]:
    """What a folder is, and what it weighs where that is not as much as the rule."""
    above, _, name = folder.rstrip("/").rpartition("/")
    what = homes.get(folder) or _FOLDERS[name]
    is_heavy = what == _VENV or name in _REPOSITORIES
    if is_heavy:
        return what, Severity.WARNING if is_aside(above) else None
    return what, None if name == "node_modules" and not above else Severity.WARNING


def _few(paths: list[str]) -> str:
    return some([repr(path)[:200] for path in paths], 3)

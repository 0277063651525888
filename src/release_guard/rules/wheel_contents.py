"""What is in a wheel by the names of its files, alone and beside the sdist."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping

from packaging.utils import NormalizedName, canonicalize_name

from release_guard.facts import (
    DescribedArchive,
    Inventory,
    Kind,
    MemberKind,
    Release,
)
from release_guard.filenames import kind_of
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy
from release_guard.rules.base import rule
from release_guard.trees import in_site, is_aside, is_vendored, top_in_source

__all__ = [
    "path_configuration",
    "py_typed_missing",
    "top_level_unexpected",
    "wheel_empty",
    "wheel_sdist_content",
]


# --- one wheel -------------------------------------------------------------------


@rule(DescribedArchive, severity=Severity.ERROR)
def wheel_empty(file: DescribedArchive, policy: Policy) -> Iterator[Violation]:
    """The wheel holds nothing to install.

    **What it means:** beside the `.dist-info` folder there is no module, no package, no
    data and no script, but perhaps a README or a licence. A warning where the wheel
    declares dependencies: then it may be a meta package.

    **Why it matters:** it installs without a word, and nothing can be imported.

    **How it happens:** the backend looks for the package under another name than it
    has, or in another folder.

    **Fix:** tell the backend where the package is, and look into what it builds:
    `unzip -l`.

    **Source:** deepmerge 1.0.0 (toumorokoshi/deepmerge 14), pyuff 2.4.1 (ladisk/pyuff
    86); also RosettaCommons/atomworks 60, fdw/rofi-rbw 112, b3yc0d3/rule34Py 21.
    """
    if file.archive.kind is not Kind.WHEEL:
        return
    paths = (m.path for m in file.archive.members if m.kind is not MemberKind.FOLDER)
    if any(_is_content(path) for path in paths):
        return
    dependencies = len(file.metadata.requires_dist)
    told = "no module, package, data or script is in it"
    if dependencies:
        told += f"; is it a meta package of its {dependencies} dependencies?"
    yield Violation(
        told,
        fix="tell the build backend where the package is, and look into the wheel: "
        "unzip -l",
        severity=Severity.WARNING if dependencies else None,
    )


def _is_content(path: str) -> bool:
    top, slash, _ = path.partition("/")
    if top.endswith(".dist-info"):
        return False
    return bool(slash) or not _DOCUMENTS.fullmatch(path)


#: Files at the top that are there to be read.
_DOCUMENTS = re.compile(
    r"(?:readme|(?:un)?licen[cs]e|copying|copyright|notice|change(?:s|log)|history|news"
    r"|authors|contributors|contributing|code_of_conduct|security|todo|thanks)"
    r"(?:[._-][\w.-]*)?",
    re.IGNORECASE,
)


@rule(DescribedArchive, severity=Severity.WARNING)
def py_typed_missing(file: DescribedArchive, policy: Policy) -> Iterator[Violation]:
    """The wheel says that it is typed, and lacks the marker.

    **What it means:** the metadata has the classifier `Typing :: Typed`, and no package
    of the wheel has a `py.typed`. Packages of stubs need none, and a module alone
    cannot have one.

    **Why it matters:** type checkers ignore the annotations of a package without it.

    **How it happens:** `py.typed` is in the repository, and not in the package data.

    **Fix:** add an empty `py.typed` to the package, and to the package data.

    **Source:** PEP 561; locust 2.14.1 lost its marker (locustio/locust 2282); also
    jazzband/django-model-utils 586.
    """
    said = {classifier.text for classifier in file.metadata.classifiers}
    if file.archive.kind is not Kind.WHEEL or _TYPED not in said:
        return
    sites = [site for m in file.archive.members if (site := in_site(m.path))]
    has_package = any(site.endswith("/__init__.py") for site in sites)
    tops = {site.partition("/")[0] for site in sites}
    is_stubs = any(top.endswith("-stubs") for top in tops)
    if has_package and not is_stubs and not any(map(_is_marker, sites)):
        yield Violation(
            f"has the classifier {_TYPED!r}, and no py.typed",
            fix="add an empty py.typed to the package, and to its package data",
        )


_TYPED = "Typing :: Typed"


def _is_marker(site: str) -> bool:
    return site.endswith("/py.typed")


# --- the wheels of a release ------------------------------------------------------


@rule(Release, severity=Severity.WARNING)
def path_configuration(release: Release, policy: Policy) -> Iterator[Violation]:
    """The wheel runs code whenever Python starts.

    **What it means:** a `.pth` file at the top of `site-packages` has a line that
    begins with `import`, which Python executes at each start; or there is a module or
    package `sitecustomize` or `usercustomize`, which Python imports at each start. It
    counts wherever a wheel may put it, also by `.data`, and for any kind of Python. An
    error where no wheel of the last release had one, as far as that is known.

    **Why it matters:** the code runs in every program of the environment, whether it
    uses the project or not; it is how stolen uploads took hold.

    **How it happens:** coverage, setuptools and a few others need it; in other projects
    it is an editable install that was packed, or an attack.

    **Fix:** remove it, or waive it with the reason.

    **Source:** litellm 1.82.8 came with `litellm_init.pth` (BerriAI/litellm 24512).
    """
    for inventory in release.inventories:
        for found in inventory.path_configurations:
            if found.executes:
                is_new = release.had_startup is False
                since = "; the last release had none" if is_new else ""
                yield Violation(
                    f"{found.member!r:.200} runs at each start of Python{since}: "
                    f"{found.executes!r:.160}",
                    fix="remove it, or waive it with the reason why it must be there",
                    where=inventory.filename,
                    severity=Severity.ERROR if is_new else None,
                    evidence={"member": found.member, "line": found.executes},
                )


@rule(Release, severity=Severity.ERROR)
def top_level_unexpected(release: Release, policy: Policy) -> Iterator[Violation]:
    """The wheel installs something beside the project's own packages.

    **What it means:** at the top of the wheel is `tests`, `test`, `docs`, `build` or
    `.venv` (an error), or something else that is not for users: examples, scripts, a
    licence, a `setup.py` or an `__init__.py` (a warning), unless the project has that
    name. Also a warning: nothing at the top is like the project's name, though the
    sdist has a package of that name, or though none of it was in the last release, as
    far as its wheel was read, nor is in the sdist. Without either that is not judged:
    there are many projects whose package has another name. Nor is a wheel with nothing
    at the top.

    **Why it matters:** all projects share one folder: what two of them call `tests` is
    one package, and each overwrites the other's.

    **How it happens:** the packages are looked for without excluding the tests; a
    pattern takes files at the top; the search for packages begins in the wrong folder.

    **Fix:** name the packages, or exclude the rest (`exclude = ["tests*"]`).

    **Source:** Flask-AppBuilder 4.3.4 (dpgaspar/Flask-AppBuilder 2087); also
    miguelgrinberg/python-engineio 151, hardbyte/python-can 738, PyCQA/isort 1285;
    Flask_DebugToolbar 0.12.1 held `panels` in place of its package. Measured on 184
    well-kept projects: no alarm.
    """
    sdists = _read(release, Kind.SDIST)
    for inventory in _read(release, Kind.WHEEL):
        if all(map(_DOCUMENTS.fullmatch, inventory.tops)):
            # That nothing is in it, another rule says.
            continue
        yield from _strange_tops(inventory, release.project)
        if not inventory.is_whole:
            yield Violation(
                f"holds too many names; of those at the top {len(inventory.tops)} were "
                "judged",
                fix="look whether all of this is meant to be installed",
                where=inventory.filename,
                severity=Severity.WARNING,
            )
        tops = _modules(inventory.tops)
        if lacked := _lacked(tops, release, sdists[:1]):
            yield Violation(
                f"has {_few(tops) or 'no module'} at the top, and nothing like "
                f"{lacked}",
                fix="tell the build backend where the package is; check its folder",
                where=inventory.filename,
                severity=Severity.WARNING,
            )


def _read(release: Release, kind: Kind) -> list[Inventory]:
    """What is in the files of a kind, without those of which nothing is known."""
    return [
        inventory
        for inventory in release.inventories
        if kind_of(inventory.filename) is kind
        if inventory.is_whole or inventory.tops
    ]


#: What is never meant to be installed, and what is hardly ever.
_NEVER = frozenset({"tests", "test", "docs", "build", ".venv"})
_HARDLY = frozenset(
    {
        *("example", "examples", "doc", "sample", "samples", "benchmark", "benchmarks"),
        *("script", "scripts", "ci", "dist", "venv", "env", "testing", "tools", "src"),
        *("node_modules", ".github", ".git", "notebooks", "tutorials", "demos"),
        *("setup.py", "conftest.py", "noxfile.py", "tasks.py", "fabfile.py"),
        "__init__.py",
        *("versioneer.py", "conf.py", "pyproject.toml", "setup.cfg", "tox.ini"),
        *("manifest.in", "makefile", "dockerfile", "requirements.txt"),
    }
)


def _strange_tops(inventory: Inventory, project: NormalizedName) -> Iterator[Violation]:
    fix = (
        "name the packages in the build backend's configuration, or exclude the rest; "
        "then build again"
    )
    for weights, severity in ((_NEVER, None), (_HARDLY, Severity.WARNING)):
        found = [
            top
            for top in inventory.tops
            if (_bare(top) in weights or top.lower() in weights)
            and canonicalize_name(_bare(top)) != project
        ]
        if severity:
            found += [top for top in inventory.tops if _DOCUMENTS.fullmatch(top)]
        if found:
            yield Violation(
                f"installs {_few(found)} beside the packages of all other projects",
                fix=fix,
                where=inventory.filename,
                severity=severity,
                evidence={"tops": tuple(found)},
            )


def _bare(top: str) -> str:
    """A name at the top as Python would import it."""
    return top.rstrip("/").removesuffix(".py").lower()


def _modules(tops: Iterable[str]) -> set[str]:
    """What Python may import of names at the top."""
    found = (_MODULE.fullmatch(top) for top in tops)
    return {match[1].lower() for match in found if match}


#: Folders, but for those of libraries, source and extension modules.
_MODULE = re.compile(r"([^./]+)(?:/|\.py|\.(?:[^/]*\.)?(?:so|pyd))")


def _lacked(tops: set[str], release: Release, sdists: Iterable[Inventory]) -> str:
    """What a wheel with these modules should have something like; empty for nothing."""
    if any(_resembles(top, release.project) for top in tops):
        return ""
    last = _modules(release.last_tops) - _NEVER - _HARDLY
    if tops & last:
        return ""
    sources = {top_in_source(path): None for i in sdists for path in i.sources}
    name = _letters(release.project)
    for source in sources:
        if name and _letters(source) == name:
            return f"{source!r:.100} of the sdist"
    if last and not tops & {source.lower() for source in sources}:
        return f"{_few(last)} of the last release"
    return ""


def _letters(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _resembles(top: str, project: NormalizedName) -> bool:
    """Whether a name may be that of the project, or of a part of it."""
    one, other = _letters(top), _letters(project)
    words = {word for word in project.split("-") if len(word) > 1}
    return one in other or other in one or any(word in one for word in words)


# --- wheels and sdist -------------------------------------------------------------


@rule(Release, severity=Severity.WARNING)
def wheel_sdist_content(release: Release, policy: Policy) -> Iterator[Violation]:
    """The wheel and the sdist do not hold the same package.

    **What it means:** in a package that both hold, a pure wheel lacks a module, a stub
    or `py.typed` that the sdist has, or has one that the sdist lacks; or one of them
    has a licence, or entry points, that the other lacks. Left out: tests, examples,
    templates, vendored copies, what is made by the build (version files, compiled
    protocols), scripts that build, and packages that lie so differently that
    they cannot be compared.

    **Why it matters:** users of the wheel and of the sdist get different programs; the
    wheel may have been built from a stale folder.

    **How it happens:** the list of packages lacks one; `build/` still holds a file that
    was deleted; a marker is not in the package data.

    **Fix:** let the backend find the packages, remove `build/`, and build the wheel
    from the sdist (`python -m build` does).

    **Source:** readme_renderer 34.0 lacks `py.typed`; friendly-traceback 0.4.2 has
    three deleted modules (friendly-traceback/friendly-traceback 24); also
    feincms/feincms 586, google/openhtf 416. Measured on 177 releases of well-kept
    projects with both: four warnings, each right (three lack a licence).
    """
    sdists = _read(release, Kind.SDIST)
    tags = {d.filename: d.name.tags for d in release.distributions if d.name}
    for inventory in _read(release, Kind.WHEEL) if len(sdists) == 1 else ():
        if not (inventory.is_whole and sdists[0].is_whole):
            yield Violation(
                "holds too many names to be compared with the sdist",
                fix="compare the two by hand",
                where=inventory.filename,
                severity=Severity.NOTICE,
            )
            continue
        is_pure = all(t.platform == "any" for t in tags.get(inventory.filename, ()))
        for told, fix in _differences(inventory, sdists[0], is_pure=is_pure):
            yield Violation(told, fix=fix, where=inventory.filename)


_PACK = "add it to what the build backend packs, remove build/, and build again"
_REMOVE = "remove build/, and build the wheel from the sdist: python -m build"


def _differences(
    wheel: Inventory, sdist: Inventory, *, is_pure: bool
) -> Iterator[tuple[str, str]]:
    """What one holds and the other does not, and what to do about it."""
    lost, strange = _compared(wheel.sources, sdist.sources)
    if not is_pure:
        # What is compiled, and for which system, is not seen by names.
        lost, strange = [path for path in lost if _is_of_types(path)], []
    if lost:
        yield f"lacks {_few(lost)} of the sdist", _PACK
    if strange:
        yield f"has {_few(strange)}, which the sdist lacks", _REMOVE
    if sdist.licenses and not wheel.licenses:
        yield "lacks the licence that the sdist has", "name it under license-files"
    if wheel.licenses and not sdist.licenses:
        yield "has a licence that the sdist lacks", "add it to the sdist"
    theirs, ours = _entries(sdist), _entries(wheel)
    if is_pure and theirs is not None and ours is not None:
        fix = "build all files from one commit"
        if theirs - ours:
            yield f"lacks the entry point(s) {_few(theirs - ours)} of the sdist", fix
        if ours - theirs:
            yield f"has the entry point(s) {_few(ours - theirs)}, not in the sdist", fix


def _is_of_types(path: str) -> bool:
    return path.endswith((".pyi", "/py.typed"))


def _entries(inventory: Inventory) -> set[str] | None:
    """The entry points, but for those that are named by the Python that builds."""
    if inventory.entry_points is None:
        return None
    names = inventory.entry_points
    return {name for name in names if not re.search(r"\d\.?\d*$", name)}


def _compared(
    wheel: Iterable[str], sdist: Iterable[str]
) -> tuple[list[str], list[str]]:
    """What the packages that both have hold in the one alone, and in the other."""
    lost: set[str] = set()
    strange: set[str] = set()
    packages: defaultdict[str, set[str]] = defaultdict(set)
    for path in wheel:
        packages[path.partition("/")[0]].add(path)
    homes = _homes(packages, sdist)
    elsewhere = _ends(sdist)
    for top, mine in packages.items():
        theirs = _closest(mine, homes.get(top, {}))
        if theirs is not None:
            folders = {path.rpartition("/")[0] for path in mine}
            ends = _ends(mine)
            lost |= {
                path
                for path in theirs - mine
                if _is_lost(path, folders, theirs) and _below(path) not in ends
            }
            strange |= {
                path
                for path in mine - theirs
                if _is_ours(path) and _below(path) not in elsewhere
            }
    return _telling(lost), _telling(strange)


def _below(path: str) -> str:
    """A path below the name at the top; empty for what lies right there."""
    inner = path.partition("/")[2]
    return inner if "/" in inner else ""


def _ends(paths: Iterable[str]) -> set[str]:
    """The ends of paths, from the second folder on: where they may lie instead."""
    ends = set[str]()
    for path in paths:
        parts = path.split("/")
        last = min(len(parts) - 1, _DEEPEST + 1)
        ends |= {"/".join(parts[begin:]) for begin in range(1, last)}
    return ends


def _telling(paths: set[str]) -> list[str]:
    """Those that tell something: an ``__init__`` alone may be there for a folder of
    data, and may be left out of a folder that is shared.
    """
    others = {path.rpartition("/")[0] for path in paths if not _is_init(path)}
    above = {folder[:end] for folder in others for end in _ends_of_parents(folder)}
    return sorted(p for p in paths if not _is_init(p) or p.rpartition("/")[0] in above)


def _ends_of_parents(folder: str) -> list[int]:
    return [*(place for place, char in enumerate(folder) if char == "/"), len(folder)]


def _is_init(path: str) -> bool:
    return path.endswith(("/__init__.py", "/__init__.pyi"))


def _homes(
    tops: Iterable[str], sdist: Iterable[str]
) -> Mapping[str, Mapping[str, set[str]]]:
    """Where in an sdist there are folders of these names: for each name the folders
    that it lies in, and what is there below it, as installed.
    """
    known = set(tops)
    homes: defaultdict[str, defaultdict[str, set[str]]] = defaultdict(
        lambda: defaultdict(set)
    )
    for path in sdist:
        parts = path.split("/")[:_DEEPEST]
        for depth, part in enumerate(parts):
            if part in known:
                above = "/".join(parts[:depth])
                homes[part][above].add(path[len(above) :].lstrip("/"))
    return homes


#: How many folders a package may lie in, and how many it may have inside.
_DEEPEST, _DEEPEST_MODULE = 6, 30
#: Which share of a package's files must be where the sdist has them, to be compared.
_SHARE = 0.5


def _closest(mine: set[str], homes: Mapping[str, set[str]]) -> set[str] | None:
    """What the sdist has of a package, in the folder that has most of it."""
    best = max(homes.values(), key=lambda theirs: len(theirs & mine), default=set())
    return best if len(best & mine) >= _SHARE * len(mine) else None


def _is_lost(path: str, folders: set[str], theirs: set[str]) -> bool:
    """Whether a file of the sdist should be in the wheel."""
    folder, _, name = path.rpartition("/")
    if not _is_ours(path) or _BUILDS.fullmatch(name):
        return False
    # A folder that is no package holds scripts, or data.
    chain = [folder[:end] for end in _ends_of_parents(folder)]
    return folder in folders or all(f"{f}/__init__.py" in theirs for f in chain)


def _is_ours(path: str) -> bool:
    """Whether a file belongs to the program, and is not made by its build."""
    name = path.rpartition("/")[2]
    if path.count("/") > _DEEPEST_MODULE:
        return False
    # The project itself may be called "testing".
    below = path.partition("/")[2]
    return not (is_aside(below) or is_vendored(below) or _MADE.fullmatch(name))


#: Scripts that build a package, and lie in it.
_BUILDS = re.compile(
    r"setup\.py|_?(?:build|compile|generate|gen|make|update)(?:_\w+)?\.py|\w+_build\.py"
    r"|noxfile\.py|conf\.py|hatch_build\.py|_?cffi_\w+\.py"
)
#: What a build makes.
_MADE = re.compile(
    r"_?_?(?:version|about|build|git|revision|commit|scm)\w*\.pyi?|\w+_pb2(?:_grpc)?\.pyi?"
    r"|\w*(?:parse|lex|yacc)tab\.py|_generated\w*\.py|__config__\.py|\w+_rc\.py"
)


def _few(names: Iterable[str]) -> str:
    return some([repr(name)[:200] for name in sorted(names)], 4)

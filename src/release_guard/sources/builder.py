"""Builds wheels from sdists, installs wheels and imports their modules, with pip.

This is the only place that runs code of a distribution, and only because the user asked
for it (``rehearse --build``, ``rehearse --install``). It all happens in a ``Workshop``.
"""

from __future__ import annotations

import hashlib
import json
import keyword
import shutil
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import unquote

from packaging.requirements import Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.tags import sys_tags
from packaging.utils import NormalizedName, canonicalize_name
from packaging.version import Version

from release_guard.errors import ProgramError, SourceError
from release_guard.facts import ExpectedFile, Kind, Member, TriedImport
from release_guard.filenames import distribution as named
from release_guard.sources import archive, dist
from release_guard.sources.files import read_small, write_whole
from release_guard.sources.pip_output import (
    is_of_requirements,
    is_unresolved,
    trouble_here,
)
from release_guard.sources.supervisor import Ran
from release_guard.sources.workshop import Workshop, python_of
from release_guard.trees import in_site, module_name

__all__ = [
    "Attempt",
    "Needs",
    "Pinned",
    "build_wheel",
    "fitting",
    "importable",
    "install",
    "needs_of",
    "runs_here",
    "this_machine",
    "try_import",
]


@dataclass(frozen=True, slots=True)
class Attempt:
    """What came of a build or an installation.

    ``problem`` says why there is nothing, or is empty; ``said`` are the last lines of
    the output, and ``made`` is the wheel, or the environment.
    """

    made: Path | None = None
    problem: str = ""
    said: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Pinned:
    """A wheel that is to be installed, by its exact version, and what it requires."""

    filename: str
    project: NormalizedName
    version: Version
    requires_dist: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Needs:
    """What an installation of a wheel takes: itself and others of the set, and what all
    of them require of other projects.
    """

    own: tuple[Pinned, ...]
    others: tuple[str, ...] = ()


# --- which wheels ------------------------------------------------------------------


def this_machine() -> str:
    """This interpreter on this machine, as its most specific tag says it."""
    return str(next(iter(sys_tags())))


def fitting(files: Iterable[ExpectedFile]) -> tuple[ExpectedFile, ...]:
    """The wheels among files that fit this interpreter on this machine, in the order in
    which installers take them: by tag, then by the highest build.
    """
    rank = {tag: number for number, tag in enumerate(sys_tags())}
    found = []
    for file in files:
        name = named(file.filename, size=file.size, sha256=file.sha256).name
        fits = [rank[tag] for tag in name.tags if tag in rank] if name else []
        if name and file.kind is Kind.WHEEL and fits and runs_here(file):
            found.append(((-min(fits), name.build, file.filename), file))
    return tuple(file for _, file in sorted(found, key=lambda f: f[0], reverse=True))


def runs_here(file: ExpectedFile) -> bool:
    """Whether a file's Requires-Python takes this interpreter; where it says none, or
    nothing that can be read, it does, as for installers.
    """
    try:
        wanted = SpecifierSet(file.requires_python or "")
    except InvalidSpecifier:
        return True
    version = ".".join(map(str, sys.version_info[:3]))
    return wanted.contains(version, prereleases=True)


# --- building ----------------------------------------------------------------------


def build_wheel(shop: Workshop, sdist: Path, file: ExpectedFile) -> Attempt:
    """Build a wheel from an sdist as pip does for whoever finds no wheel that fits: the
    build requirements come from where pip is configured to look, into an environment of
    their own.

    Raises ``ProgramError`` where nobody can say whether the sdist is to blame.
    """
    place, seconds = shop.place(), shop.limits.build
    copy, out = place / sdist.name, place / "wheels"
    _copy(sdist, copy, file)
    arguments = ["wheel", "--no-deps", "--wheel-dir", str(out), str(copy)]
    ran = shop.run_pip(arguments, seconds=seconds, network=True)
    said = shop.last_lines(ran.output)
    what = f"{file.filename}: its build"
    _refuse_unended(ran, what, seconds)
    if ran.code != 0 and is_of_requirements(ran.output):
        if not _is_refused(shop, ran.output):
            raise ProgramError(
                f"{what} requirements could not be had: {_last(said)}",
                hint="see that pip reaches an index that has them, and try again",
            )
        return Attempt(
            problem=f"what its build requires {_GONE}: {_last(said)}", said=said
        )
    if ran.code != 0:
        _refuse_trouble(shop, ran, what)
        return Attempt(problem=_last(said) or f"pip ended with {ran.code}", said=said)
    made = sorted(out.glob("*.whl"))
    if len(made) != 1:
        problem = f"the build ended well, and left {len(made)} wheels"
        return Attempt(problem=problem, said=said)
    return Attempt(made[0])


_GONE = "cannot be had from the index"


def _copy(path: Path, to: Path, file: ExpectedFile) -> None:
    """Copy a file, and make sure that it is the one that was checked."""
    try:
        shutil.copyfile(path, to)
    except OSError as error:
        raise SourceError(f"{path}: {error.strerror or error}") from error
    if dist.identify(to).sha256 != file.sha256:
        raise SourceError(f"{path}: changed since it was checked")


# --- installing --------------------------------------------------------------------


def needs_of(wanted: Pinned, pinned: Mapping[NormalizedName, Pinned]) -> Needs:
    """What a wheel of the set takes, with the extras that one asks of another: no index
    has those of the set yet.
    """
    extras = {wanted.project: {""}}
    left, others = [(wanted.project, "")], dict[str, None]()
    while left:
        project, extra = left.pop()
        for requirement in _holding(pinned[project].requires_dist, extra):
            name = canonicalize_name(requirement.name)
            if name not in pinned or not _takes(requirement, pinned[name].version):
                others[str(requirement)] = None
                continue
            asked = {"", *map(canonicalize_name, requirement.extras)}
            known = extras.setdefault(name, set())
            left += [(name, one) for one in sorted(asked - known)]
            known |= asked
    return Needs(tuple(pinned[name] for name in extras), tuple(others))


def install(shop: Workshop, needs: Needs, url: str) -> Attempt:
    """Install wheels of the set into a new environment.

    They come from the index at ``url`` and from nowhere else, by their exact version:
    another index may have a project of that name. What else they require comes from
    where pip is configured to look, and only then.

    Raises ``ProgramError`` where nobody can say whether the wheel is to blame.
    """
    environment = shop.place() / "environment"
    command = [sys.executable, "-I", "-m", "venv", "--without-pip", str(environment)]
    ran = shop.run(command, seconds=shop.limits.setup)
    if ran.code != 0:
        raise ProgramError(
            f"no environment was made: {_last(shop.last_lines(ran.output))}"
        )
    return (
        _install_own(shop, environment, needs.own, url)
        or _install_others(shop, environment, needs)
        or Attempt(environment)
    )


def _install_own(
    shop: Workshop, environment: Path, own: Sequence[Pinned], url: str
) -> Attempt | None:
    """Install the wheels of the set; what is wrong, None where all went well."""
    wanted = own[0].filename
    report = environment.parent / "report.json"
    options = ["--no-deps", "--only-binary", ":all:", "--index-url", f"{url}simple/"]
    exact = [f"{one.project}=={one.version}" for one in own]
    arguments = [*options, "--report", str(report), *exact]
    ran = _install(shop, environment, arguments, network=False)
    said = shop.last_lines(ran.output)
    what = f"{wanted}: its installation"
    _refuse_unended(ran, what, shop.limits.install)
    if ran.code != 0:
        _refuse_trouble(shop, ran, what)
        return Attempt(problem=_last(said) or f"pip ended with {ran.code}", said=said)
    taken = _taken(report)
    if wanted not in taken:
        raise ProgramError(f"pip took {', '.join(taken)[:300]} in place of {wanted}")
    return None


def _install_others(shop: Workshop, environment: Path, needs: Needs) -> Attempt | None:
    """Install what the wheels of the set require of other projects."""
    wanted = needs.own[0].filename
    if not needs.others:
        return None
    pins = environment.parent / "constraints.txt"
    write_whole(pins, "".join(f"{one.project}=={one.version}\n" for one in needs.own))
    arguments = ["--constraint", str(pins), "--", *needs.others]
    ran = _install(shop, environment, arguments, network=True)
    said = shop.last_lines(ran.output)
    what = f"{wanted}: the installation of its dependencies"
    _refuse_unended(ran, what, shop.limits.install)
    if ran.code == 0:
        return None
    if not _is_refused(shop, ran.output):
        raise ProgramError(
            f"{wanted}: its dependencies could not be installed: {_last(said)}",
            hint="see that pip reaches an index that has them, and try again",
        )
    return Attempt(problem=f"what it requires {_GONE}: {_last(said)}", said=said)


def _install(
    shop: Workshop, environment: Path, options: Sequence[str], *, network: bool
) -> Ran:
    target = ["--python", str(python_of(environment)), "install"]
    arguments = [*target, "--no-warn-script-location", *options]
    return shop.run_pip(arguments, seconds=shop.limits.install, network=network)


def _taken(report: Path) -> tuple[str, ...]:
    """The names of the files that pip says it installed (its installation report)."""
    try:
        told = json.loads(read_small(report, ProgramError))
        urls = [str(item["download_info"]["url"]) for item in told["install"]]
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ProgramError("pip's report of what it installed is none") from None
    # An epoch and a local version are quoted there.
    return tuple(unquote(url.rpartition("/")[2].partition("#")[0]) for url in urls)


def _takes(requirement: Requirement, version: Version) -> bool:
    specifier = requirement.specifier
    return not requirement.url and specifier.contains(version, prereleases=True)


def _holding(requires_dist: Iterable[str], extra: str) -> Iterator[Requirement]:
    """The requirements whose markers hold here, where this extra is asked for; without
    the markers.
    """
    for text in requires_dist:
        try:
            requirement = Requirement(text)
            marker, requirement.marker = requirement.marker, None
            holds = not marker or marker.evaluate({"extra": extra})
        except (ValueError, RecursionError):
            raise SourceError(f"{text!r:.120} is no requirement") from None
        if holds:
            yield requirement


# --- importing ---------------------------------------------------------------------

#: Imports one module, and writes down what came of it, apart from all that the module
#: may print. It ends at once: threads of the module may go on for ever.
_IMPORT = """\
import importlib.util, json, os, sys, sysconfig
module, result = sys.argv[1:]
told = {"error": "", "message": "", "about": "", "found": "", "site": ""}
roots = [os.path.realpath(sysconfig.get_path(kind)) for kind in ("purelib", "platlib")]
try:
    spec = importlib.util.find_spec(module)
    told["found"] = str(spec and spec.origin or "")
    for root in roots:
        if os.path.realpath(told["found"]).startswith(root + os.sep):
            told["site"] = os.path.realpath(told["found"])[len(root) + 1:]
except BaseException:
    pass
try:
    importlib.import_module(module)
except BaseException as error:
    told["error"] = type(error).__name__
    about = getattr(error, "name", None) if isinstance(error, ImportError) else None
    if isinstance(error, SyntaxError):
        told["error"] = "SyntaxError"
        where = os.path.realpath(str(error.filename))
        for root in roots:
            if where.startswith(root + os.sep):
                about = where[len(root) + 1:].rpartition(".")[0].replace(os.sep, ".")
    told["about"] = str(about or "")
    try:
        told["message"] = str(error)
    except BaseException:
        pass
with open(result, "w", encoding="utf-8") as file:
    json.dump(told, file)
os._exit(0)
"""
#: What is kept of a message, in characters.
_LONGEST = 300


def importable(paths: Iterable[str]) -> tuple[str, ...]:
    """The modules at the top of a wheel, by the paths of its members; of a folder that
    is no package, which projects may share, those in it.
    """
    modules: set[tuple[str, ...]] = set()
    packages: set[tuple[str, ...]] = set()
    for path in paths:
        # Windows alone imports .pyw, and this is none.
        module = None if path.endswith(".pyw") else module_name(in_site(path) or "")
        *parents, stem = (module or "").split("/")
        if not all(map(_is_name, (*parents, stem))):
            continue
        if stem == "__init__":
            packages.add(tuple(parents))
        elif stem != "__main__":
            modules.add((*parents, stem))
    tops = {_top(module, packages) for module in modules | packages} - {()}
    return tuple(sorted(map(".".join, tops)))


def _top(module: tuple[str, ...], packages: set[tuple[str, ...]]) -> tuple[str, ...]:
    """The outermost package that a module is in, or itself."""
    outer = (module[:end] for end in range(1, len(module)))
    return next((package for package in outer if package in packages), module)


def _is_name(word: str) -> bool:
    return word.isidentifier() and not keyword.iskeyword(word)


def try_import(
    shop: Workshop, environment: Path, module: str, files: Mapping[str, Member]
) -> TriedImport:
    """Import a module in a process of its own; what it prints is nobody's business.
    ``files`` are those of the wheel, by where they are installed.

    Raises ``ProgramError`` where nobody can say what came of it.
    """
    seconds, result = shop.limits.module, shop.place() / "result.json"
    command = [str(python_of(environment)), "-I", "-c", _IMPORT, module, str(result)]
    ran = shop.run(command, seconds=seconds)
    if ran.code is None:
        raise ProgramError(f"the import of {module} did not end in {seconds:.0f} s")
    if ran.code != 0 or not result.is_file():
        how = f"signal {-ran.code}" if ran.code < 0 else f"exit code {ran.code}"
        return TriedImport(module, how, _last(shop.last_lines(ran.output)))
    try:
        told = json.loads(read_small(result, ProgramError))
        error, message, *where = (str(told[key]) for key in _TOLD)
    except (ValueError, TypeError, KeyError, RecursionError):
        raise ProgramError(f"{module}: what came of its import is unknown") from None
    about, found, site = where
    return TriedImport(
        module,
        error[:_LONGEST],
        "".join(message.strip().splitlines()[-1:])[:_LONGEST],
        about[:_LONGEST],
        _answered_by(found, site, files),
    )


_TOLD = ("error", "message", "about", "found", "site")


def _answered_by(found: str, site: str, files: Mapping[str, Member]) -> str:
    """What Python finds in place of a file of the wheel; empty where it finds that, and
    where nobody knows. ``found`` is where it looks, ``site`` the same below
    ``site-packages``.
    """
    member = files.get(site)
    if not found or member is None:
        return f"{site or found!r:.200} is found in its place" if found else ""
    algorithm = member.digest.partition("=")[0]
    try:
        with Path(found).open("rb") as file:
            content = file.read(_LARGEST_MODULE)
        digest = archive.record_digest(
            algorithm, hashlib.new(algorithm, content).digest()
        )
    except (OSError, ValueError):
        return ""
    if digest == member.digest or len(content) == _LARGEST_MODULE:
        return ""
    # Each project of a namespace has that file.
    is_shared = b"extend_path" in content or b"declare_namespace" in content
    return "" if is_shared else f"what it requires has overwritten {site!r:.200}"


#: Of a module whose bytes are looked at again.
_LARGEST_MODULE = 64 << 20


# --- who is to blame ---------------------------------------------------------------


def _last(said: Sequence[str]) -> str:
    return "".join(said[-1:]).strip()


def _is_refused(shop: Workshop, output: str) -> bool:
    """Whether an index was there to be asked, and has not what is needed: a folder of
    wheels may well lack it.
    """
    no_index = shop.network.get("PIP_NO_INDEX", "").lower()
    asks = no_index in ("", "0", "f", "false", "n", "no", "off")
    return asks and is_unresolved(output)


def _refuse_unended(ran: Ran, what: str, seconds: float) -> None:
    """Raise where a program was ended before it came to an end."""
    if ran.code is None:
        raise ProgramError(f"{what} did not end in {seconds:.0f} s")
    if ran.code < 0:
        raise ProgramError(f"{what} was ended by signal {-ran.code}")


def _refuse_trouble(shop: Workshop, ran: Ran, what: str) -> None:
    """Raise where this machine seems to lack what it takes, or pip itself is gone: what
    ran before may have removed it.
    """
    last = _last(shop.last_lines(ran.output))
    if lacking := trouble_here(ran.output):
        raise ProgramError(
            f"{what} failed, as it seems for lack of {lacking}: {last}",
            hint=f"try it where there is {lacking}",
        )
    asked = shop.run_pip(["--version"], seconds=shop.limits.setup, network=False)
    if asked.code != 0:
        raise ProgramError(f"{what} failed, and pip is not there any more: {last}")

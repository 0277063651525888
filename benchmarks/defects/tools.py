"""The tools, and how each is run: as its documentation says for CI, at its strictest.

Each gives its findings by the names that it has for them, so that what it says of the
sound twin can be told from what it says of the defect. A tool that takes none of the
files gives None: it was not run.
"""

from __future__ import annotations

import json
import os
import re
import resource
import subprocess
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from defects.laid import Laid
from defects.model import Aspect, Step

__all__ = [
    "OURS",
    "PEERS",
    "TOOLS",
    "Answer",
    "Tool",
    "at",
    "environment",
    "our_commands",
    "our_findings",
]

#: No tool may take longer for one of its commands, in seconds.
_LONGEST = 300.0


@dataclass(frozen=True)
class Done:
    """How a program ended."""

    code: int
    told: str
    out: str


@dataclass(frozen=True)
class Answer:
    """What a tool found, or None where it took none of the files; the processor's time
    in seconds.
    """

    findings: tuple[str, ...] | None
    seconds: float


#: Runs a program of the tool's environment, with words, in a folder.
Run = Callable[[Sequence[str], Path], Done]


@dataclass(frozen=True)
class Tool:
    """A tool.

    ``package`` has its version; ``commands`` are what is run, as a reader would type
    it, and ``because`` says who says so. ``scope`` are the aspects that it sets out to
    look at, in ``says`` words. ``claims`` are its checks by the names of its findings,
    and ``unseen`` those that no defect here can show, each with the reason. ``sees``
    tells what beside the files it is given.
    """

    name: str
    package: str
    commands: tuple[str, ...]
    because: str
    says: str
    scope: frozenset[Aspect]
    claims: tuple[str, ...]
    look: Callable[[Laid, Run], set[str] | None]
    unseen: Mapping[str, str] = field(default_factory=dict)
    sees: frozenset[str] = frozenset()


def environment(laid: Laid) -> dict[str, str]:
    """What the job of a CI system sets, and nothing of whoever runs the benchmark."""
    return {
        "PATH": os.defpath + ":/usr/local/bin",
        "HOME": str(laid.scratch),
        "LANG": "C.UTF-8",
        "NO_COLOR": "1",
        "COLUMNS": "400",
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        **laid.environ,
    }


def at(tool: Tool, laid: Laid, programs: Path) -> Answer:
    """Run a tool; ``programs`` is the folder of its environment's programs."""
    environ = environment(laid)
    environ["PATH"] = f"{programs}:{environ['PATH']}"

    def run(words: Sequence[str], folder: Path) -> Done:
        return _run([str(programs / words[0]), *words[1:]], folder, environ)

    before = _spent()
    found = tool.look(laid, run)
    findings = None if found is None else tuple(sorted(found))
    return Answer(findings, _spent() - before)


def _spent() -> float:
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _run(words: Sequence[str], folder: Path, environ: Mapping[str, str]) -> Done:
    done = subprocess.run(  # noqa: S603 - the tools that are compared
        words,
        cwd=folder,
        env=environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
        timeout=_LONGEST,
    )
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return Done(done.returncode, f"{out}\n{err}", out)


def _named(done: Done, names: Iterable[tuple[str, str]], *, other: str) -> set[str]:
    """The findings of a program by what it says, each name with its pattern; whatever
    ended it else is ``other``.
    """
    if done.code == 0:
        return set()
    text = re.sub(r"\s+", " ", done.told)
    found = {name for name, pattern in names if re.search(pattern, text)}
    return found or {other}


# --- twine -----------------------------------------------------------------------

_TWINE = (
    ("description-broken", "has syntax errors in markup"),
    ("description-type-missing", "long_description_content_type. missing"),
    ("description-missing", "long_description. missing"),
    ("metadata-invalid", "Invalid distribution metadata"),
    ("metadata-absent", "No (METADATA|PKG-INFO) in archive"),
    ("several-folders", "Too many top-level members"),
)


def _twine(laid: Laid, run: Run) -> set[str] | None:
    if not (laid.wheels or laid.sdists):
        return None
    files = [str(path) for path in laid.files]
    done = run(["twine", "check", "--strict", *files], laid.folder)
    return _named(done, _TWINE, other="stops")


# --- check-wheel-contents --------------------------------------------------------


def _wheel_contents(laid: Laid, run: Run) -> set[str] | None:
    if not laid.wheels:
        return None
    files = [str(path) for path in laid.wheels]
    # No checkout has what a compiler makes.
    pure = [str(path) for path in laid.wheels if path.stem.endswith("-any")]
    source = ["--src-dir", str(laid.checkout / "src"), *pure]
    program = ["check-wheel-contents", "--no-config"]
    found: set[str] = set()
    runs = [files]
    if not laid.real:
        runs += [["--toplevel", "demo", *files], *([source] if pure else [])]
    for words in runs:
        done = run([*program, *words], laid.folder)
        named = set(re.findall(r"\b(W\d{3}):", done.told))
        if "invalid wheel" in done.told:
            named.add("invalid-wheel")
        if "invalid filename" in done.told:
            named.add("invalid-filename")
        found |= named if named or done.code == 0 else {"stops"}
    return found


# --- pydistcheck -----------------------------------------------------------------


def _pydistcheck(laid: Laid, run: Run) -> set[str] | None:
    files = [str(path) for path in (*laid.wheels, *laid.sdists)]
    if not files:
        return None
    found: set[str] = set()
    only = ["--select", "expected-files", "--expected-files", "*/LICENSE"]
    for options in ([],) if laid.real else ([], only):
        done = run(["pydistcheck", *options, *files], laid.folder)
        named = set(re.findall(r"\[([a-z-]+)\]", done.told))
        found |= named if named or done.code == 0 else {"stops"}
    return found


# --- pyroma ----------------------------------------------------------------------

_PYROMA = (
    ("Summary", "had no Summary|Summary should be longer"),
    ("Description", "Description is quite short"),
    ("Classifiers", "does not have classifier data"),
    ("ClassifierVerification", "not standard classifiers"),
    ("PythonClassifierVersion", "classifiers should specify"),
    ("PythonRequiresVersion", "Requires-Python"),
    ("Keywords", "does not have keywords data"),
    ("Author", "does not have author data"),
    ("AuthorEmail", "does not have author-email data"),
    ("Url", "should have a 'url' field"),
    ("Licensing", "license field nor|License-Expression|licen[cs]e .* specified"),
    ("DevStatusClassifier", "development status"),
    ("ValidREST", "not valid ReST"),
    ("MissingPyProjectToml", "does not have a pyproject.toml"),
    ("MissingBuildSystem", "neither have a setup.py|no pyproject.toml or setup.py"),
)


def _pyroma(laid: Laid, run: Run) -> set[str] | None:
    if not laid.sdists:
        return None
    found: set[str] = set()
    for path in laid.sdists:
        done = run(["pyroma", "--min", "10", str(path)], laid.folder)
        found |= _named(done, _PYROMA, other="stops")
    return found


# --- abi3audit -------------------------------------------------------------------


def _abi3audit(laid: Laid, run: Run) -> set[str] | None:
    stable = [path for path in laid.wheels if "-abi3-" in path.name]
    if not stable:
        return None
    found: set[str] = set()
    for path in stable:
        done = run(["abi3audit", "--strict", "--report", str(path)], laid.folder)
        if done.code == 0:
            continue
        named = set()
        report = re.search(r'\{"specs".*\}', done.out)
        for spec in json.loads(report[0])["specs"].values() if report else ():
            for told in spec["wheel"]:
                if not told["result"]["is_abi3"]:
                    named.add("not-abi3")
                if not told["result"]["is_abi3_baseline_compatible"]:
                    named.add("version-mismatch")
        found |= named or {"stops"}
    return found


# --- auditwheel ------------------------------------------------------------------


def _auditwheel(laid: Laid, run: Run) -> set[str] | None:
    wheels = [p for p in laid.wheels if "linux" in p.name or p.stem.endswith("-any")]
    if not wheels:
        return None
    found: set[str] = set()
    for path in wheels:
        words = ["auditwheel", "show", "--json"]
        words += ["--allow-pure-python-wheel", str(path)]
        done = run(words, laid.folder)
        try:
            told = json.loads(done.out)
        except ValueError:
            told = {}
        if done.code != 0 or not told:
            found.add("machine" if "error" in told else "stops")
        elif not told["pure"]:
            found |= _lower(path, told)
    return found


def _lower(path: Path, told: Mapping[str, object]) -> set[str]:
    """The reasons why a wheel may not have the tag that it has."""
    if path.stem.endswith("-any"):
        return {"binary-in-pure"}
    said = _glibc(path.stem)
    if _glibc(str(told["overall_tag"])) <= said:
        return set()
    named = set()
    if _glibc(str(told["sym_tag"])) > said:
        named.add("symbol-versions")
    if told["pyfpe"]:
        named.add("fpectl")
    if told["unsupported_isa"]:
        named.add("machine-level")
    upgrades = json.dumps(told["policy_upgrades"])
    if "blacklisted_symbols" in upgrades:
        named.add("forbidden-symbols")
    if "libs_to_eliminate" in upgrades:
        named.add("outside-libraries")
    return named or {"tag"}


def _glibc(tag: str) -> tuple[int, ...]:
    """The version of glibc in a platform tag; plain Linux is newer than any."""
    match = re.search(r"manylinux_(\d+)_(\d+)", tag)
    return (int(match[1]), int(match[2])) if match else (99,)


# --- wheel, pip, uv, pypi-attestations -------------------------------------------

_WHEEL = (
    ("hash-differs", "Hash mismatch"),
    ("not-in-record", "No hash found"),
    ("record-missing", "Missing .*RECORD"),
    ("filename", "Bad wheel filename"),
)


def _wheel(laid: Laid, run: Run) -> set[str] | None:
    if not laid.wheels:
        return None
    found: set[str] = set()
    for number, path in enumerate(laid.wheels):
        target = laid.scratch / f"unpacked-{number}"
        done = run(["wheel", "unpack", "--dest", str(target), str(path)], laid.folder)
        found |= _named(done, _WHEEL, other="stops")
    return found


def _pip(laid: Laid, run: Run) -> set[str] | None:
    found: set[str] = set()
    was_run = False
    for number, path in enumerate((*laid.wheels, *laid.sdists)):
        target = laid.scratch / f"installed-{number}"
        words = ["pip", "install", "--quiet", "--no-deps", "--no-build-isolation"]
        done = run([*words, "--target", str(target), str(path)], laid.folder)
        if "is not a supported wheel on this platform" in done.told:
            continue
        was_run = True
        if done.code != 0:
            found.add("not-installed")
            continue
        code = f"import sys; sys.path.insert(0, {str(target)!r}); import demo"
        if run(["python", "-I", "-c", code], laid.folder).code != 0:
            found.add("not-imported")
    return found if was_run else None


_UV = (
    ("file-exists", "Local file and index file do not match"),
    ("metadata", "[Mm]etadata"),
    ("filename", "filename"),
)


def _uv(laid: Laid, run: Run) -> set[str] | None:
    files = [str(path) for path in (*laid.wheels, *laid.sdists)]
    if not files:
        return None
    words = ["uv", "publish", "--no-config", "--no-cache", "--dry-run"]
    words += ["--trusted-publishing", "never", "--token", "none"]
    words += ["--publish-url", laid.before.replace("/simple/", "/legacy/")]
    done = run([*words, "--check-url", laid.before, *files], laid.folder)
    return _named(done, _UV, other="stops")


def _attestations(laid: Laid, run: Run) -> set[str] | None:
    beside = [path for path in laid.files if path.name.endswith(".attestation")]
    if not beside:
        return None
    names = {path.name.removesuffix(".publish.attestation") for path in beside}
    files = [path for path in laid.files if path.name in names]
    if not files:
        return set()
    words = ["pypi-attestations", "verify", "attestation", "--offline"]
    words += ["--identity", "https://github.com/org/demo"]
    done = run([*words, *map(str, files)], laid.folder)
    return _named(done, (), other="not-verified")


# --- release-guard ---------------------------------------------------------------


def our_commands(laid: Laid) -> list[list[str]]:
    """What the job runs before the upload, after it, or any day."""
    index = ["--index", "pypi", "--index-url"]
    report = ["--format", "json", "--no-progress", "--strict", "--output"]
    told = str(laid.scratch / "report.json")
    if laid.real:
        policy = laid.scratch / "policy.json"
        policy.write_text('{"expect": {"sdist": "optional"}}', encoding="utf-8")
        alone = ["check", str(laid.dist), "--offline", "--policy", str(policy)]
        return [[*alone, *report, told]]
    manifest = str(laid.scratch / "manifest.json")
    check = ["check", str(laid.dist), *index, laid.before, "--manifest", manifest]
    step = laid.release.step
    if step is Step.AUDIT:
        return [["audit", "demo", *index, laid.after, *report, told]]
    if step is Step.VERIFY:
        verify = ["verify", manifest, *index, laid.after, "--timeout", "0"]
        return [[*check, *report, told], [*verify, *report, told]]
    return [[*check, *report, told]]


def our_findings(laid: Laid, code: int) -> set[str]:
    """What the last report tells, by rule; a warning is marked."""
    if code == 0:
        return set()
    told = json.loads((laid.scratch / "report.json").read_text(encoding="utf-8"))
    marks = {"error": "", "warning": " (warning)"}
    found = {
        f"{finding['rule']}{marks[finding['severity']]}"
        for finding in told["findings"]
        if finding["severity"] in marks
    }
    return found or {f"exit {code}"}


def _ours(laid: Laid, run: Run) -> set[str] | None:
    done = Done(0, "", "")
    for words in our_commands(laid):
        done = run([sys.executable, "-m", "release_guard", *words], laid.checkout)
    return our_findings(laid, done.code)


_EVERY = frozenset(Aspect)

OURS = Tool(
    "release-guard",
    "release-guard",
    (
        "release-guard check dist/ --strict",
        "release-guard verify --strict, release-guard audit --strict",
    ),
    "README.md; --strict, as the others are run at their strictest",
    "all of it: nothing here is out of its scope",
    _EVERY,
    (),
    _ours,
    sees=frozenset({"checkout", "index", "event"}),
)

PEERS = (
    Tool(
        "twine check",
        "twine",
        ("twine check --strict dist/*",),
        "the packaging user guide, and twine's own page",
        "the description, and whether the metadata is valid",
        frozenset({Aspect.DESCRIPTION, Aspect.METADATA}),
        (
            *("description-broken", "description-missing"),
            *("description-type-missing", "metadata-invalid"),
        ),
        _twine,
    ),
    Tool(
        "check-wheel-contents",
        "check-wheel-contents",
        (
            "check-wheel-contents dist/*.whl",
            "check-wheel-contents --toplevel demo dist/*.whl",
            "check-wheel-contents --src-dir src dist/*-any.whl",
        ),
        "its README; the three together, as an option turns other checks off",
        "what a wheel installs, and the checkout beside it",
        frozenset({Aspect.WHEEL_CONTENTS, Aspect.SOURCE}),
        (
            *(f"W0{number:02}" for number in range(1, 11)),
            *("W101", "W102", "W201", "W202"),
        ),
        _wheel_contents,
        sees=frozenset({"checkout"}),
    ),
    Tool(
        "pydistcheck",
        "pydistcheck",
        (
            "pydistcheck dist/*",
            "pydistcheck --select expected-files --expected-files '*/LICENSE' dist/*",
        ),
        "its documentation; all checks are on, and expected files are named",
        "paths, sizes, debug symbols, and files that should not have come along",
        frozenset({Aspect.PATHS, Aspect.LEFTOVERS, Aspect.DEBUG}),
        (
            *("compiled-objects-have-debug-symbols", "distro-too-large-compressed"),
            *("distro-too-large-uncompressed", "expected-files", "too-many-files"),
            *("files-only-differ-by-case", "mixed-file-extensions"),
            *("path-contains-non-ascii-characters", "path-contains-spaces"),
            *("path-too-long", "unexpected-files"),
        ),
        _pydistcheck,
    ),
    Tool(
        "pyroma",
        "pyroma",
        ("pyroma --min 10 dist/*.tar.gz",),
        "its README; with the highest mark, so that each of its tests counts",
        "how much the metadata tells, and how well",
        frozenset({Aspect.PROJECT}),
        tuple(name for name, _ in _PYROMA),
        _pyroma,
        unseen={
            "Name, Version, VersionIsString": "no build backend leaves them out",
            "PEPVersion": "setuptools builds no such version; pyroma ends there",
            "SDist, BusFactor": "they ask PyPI of a project that is there",
            "CheckManifest": "it needs a project folder, not a distribution",
        },
    ),
    Tool(
        "abi3audit",
        "abi3audit",
        ("abi3audit --strict --report dist/*abi3*.whl",),
        "its README, and cibuildwheel's example",
        "which symbols a wheel of the stable ABI uses",
        frozenset({Aspect.ABI3}),
        ("not-abi3", "version-mismatch"),
        _abi3audit,
    ),
    Tool(
        "auditwheel show",
        "auditwheel",
        ("auditwheel show --json --allow-pure-python-wheel dist/*linux*.whl",),
        "its README; found is a tag below the one in the file name",
        "what a wheel for Linux needs of its system",
        frozenset({Aspect.MANYLINUX}),
        (
            *("symbol-versions", "outside-libraries", "machine-level"),
            *("fpectl", "forbidden-symbols", "machine", "binary-in-pure"),
        ),
        _auditwheel,
        unseen={"narrow Unicode": "there is none since Python 3.3"},
    ),
    Tool(
        "wheel unpack",
        "wheel",
        ("wheel unpack dist/*.whl",),
        "no page says so for CI: it compares RECORD's hashes as it unpacks",
        "whether each member of a wheel is the one in RECORD",
        frozenset({Aspect.WHEEL_WHOLE, Aspect.RECORD}),
        ("hash-differs", "not-in-record", "record-missing", "filename"),
        _wheel,
    ),
    Tool(
        "pip install, import",
        "pip",
        (
            "pip install --no-deps --no-build-isolation FILE, for each file",
            "python -c 'import demo'",
        ),
        "what many projects do in place of a check",
        "whether it installs, and can be imported",
        frozenset({Aspect.WHEEL_WHOLE, Aspect.SDIST_WHOLE, Aspect.CODE}),
        ("not-installed", "not-imported"),
        _pip,
    ),
    Tool(
        "uv publish --dry-run",
        "uv",
        ("uv publish --dry-run --check-url INDEX dist/*",),
        "its guide to publishing",
        "whether the index has the files already, with other bytes",
        frozenset({Aspect.LISTED}),
        ("file-exists",),
        _uv,
        sees=frozenset({"index"}),
    ),
    Tool(
        "pypi-attestations",
        "pypi-attestations",
        ("pypi-attestations verify attestation --offline --identity ID FILE",),
        "its README",
        "attestations beside the files",
        frozenset({Aspect.ATTESTATION}),
        ("not-verified",),
        _attestations,
    ),
)
TOOLS = (OURS, *PEERS)

"""``rehearse --build`` and ``--install``: real builds, installations and imports.

The projects here build themselves, by a backend in their own tree, so that nothing is
fetched. Each incident stands beside its sound sibling.
"""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import archives
import projects
import pytest
import requests
from packaging.utils import canonicalize_name
from packaging.version import Version
from servers import Reply, Server, closed_port, serving

from release_guard.cli import main
from release_guard.errors import IndexUnavailableError, ProgramError, SourceError
from release_guard.facts import (
    DescribedDistribution,
    ExpectedFile,
    ExpectedRelease,
    InstalledWheel,
    RebuiltSdist,
)
from release_guard.filenames import kind_of
from release_guard.findings import Report
from release_guard.jobs.common import Job, expected_releases, report_on, simple_url
from release_guard.jobs.trial import TRIAL_SCOPE, Trial, Tried, try_in
from release_guard.policy import IndexPolicy, Policy
from release_guard.sources import builder, dist
from release_guard.sources.local_index import local_index, upload
from release_guard.sources.simple import read_listing
from release_guard.sources.web import Web
from release_guard.sources.workshop import Limits, Workshop, workshop

pytestmark = pytest.mark.skipif(os.name != "posix", reason="code is only run on POSIX")

#: A backend that packs ``src``; what it requires stands in requirements.txt.
_BACKEND = """\
import base64, hashlib, pathlib, zipfile

NAME, VERSION, TAG = {name!r}, {version!r}, {tag!r}
{extra}

def requirements():
    path = pathlib.Path("requirements.txt")
    return {requirements}

def build_wheel(folder, settings=None, metadata=None):
    info = f"{{NAME}}-{{VERSION}}.dist-info"
    source = pathlib.Path("src")
    paths = sorted(path for path in source.rglob("*") if path.is_file())
    files = {{str(path.relative_to(source)): path.read_bytes() for path in paths}}
    needs = "".join(f"Requires-Dist: {{line}}\\n" for line in requirements())
    files[f"{{info}}/METADATA"] = (
        f"Metadata-Version: 2.1\\nName: {{NAME}}\\nVersion: {{VERSION}}\\n"
        f"Requires-Python: >=3.8\\n{{needs}}"
        "Description-Content-Type: text/markdown\\n\\n"
        "A project of the tests.\\n"
    ).encode()
    files[f"{{info}}/WHEEL"] = (
        f"Wheel-Version: 1.0\\nGenerator: x\\nRoot-Is-Purelib: true\\nTag: {{TAG}}\\n"
    ).encode()
    rows = ""
    for path, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=")
        rows += f"{{path}},sha256={{digest.decode()}},{{len(data)}}\\n"
    files[f"{{info}}/RECORD"] = f"{{rows}}{{info}}/RECORD,,\\n".encode()
    name = f"{{NAME}}-{{VERSION}}-{{TAG}}.whl"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as archive:
        for path, data in files.items():
            archive.writestr(path, data)
    return name
"""
_OPTIONAL = "path.read_text().split() if path.exists() else []"
_NEEDED = "path.read_text().split()"


@dataclass(frozen=True)
class Project:
    """A project's checkout, and which of its files the sdist leaves out."""

    files: Mapping[str, str]
    name: str = "demo"
    version: str = "1.0"
    tag: str = "py3-none-any"
    requirements: str = _OPTIONAL
    extra: str = ""
    requires: str = "[]"
    left_out: tuple[str, ...] = ()
    sdist_only: str = ""

    def release(self, folder: Path) -> list[Path]:
        """The wheel, built from the checkout, and the sdist, as two commands would."""
        words = vars_of(self)
        system = f'[build-system]\nrequires = {self.requires}\nbuild-backend = "own"\n'
        contents = {
            "own.py": _BACKEND.format(**words),
            "pyproject.toml": f'{system}backend-path = ["."]\n',
            **self.files,
        }
        checkout, built = folder / "checkout", folder / "dist"
        built.mkdir(parents=True, exist_ok=True)
        for path, text in contents.items():
            target = checkout / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(text)
        script = f"import own; own.build_wheel({str(built)!r})"
        subprocess.run([sys.executable, "-c", script], cwd=checkout, check=True)
        wheel = built / f"{self.name}-{self.version}-{self.tag}.whl"
        return [wheel, self._sdist(built, contents)]

    def _sdist(self, folder: Path, contents: Mapping[str, str]) -> Path:
        top = f"{self.name}-{self.version}"
        said = f"Name: {self.name}\nVersion: {self.version}\nRequires-Python: >=3.8\n"
        said += "Description-Content-Type: text/markdown\n"
        info = {"PKG-INFO": f"Metadata-Version: 2.1\n{said}\nA project of the tests.\n"}
        path = folder / f"{top}.tar.gz"
        with tarfile.open(path, "w:gz") as archive:
            for name, text in {**contents, **info}.items():
                if name not in self.left_out:
                    more = self.sdist_only if name == "own.py" else ""
                    data = (text + more).encode()
                    member = tarfile.TarInfo(f"{top}/{name}")
                    member.size = len(data)
                    archive.addfile(member, io.BytesIO(data))
        return path


def vars_of(project: Project) -> dict[str, str]:
    """What the backend is told."""
    names = ("name", "version", "tag", "requirements", "extra")
    return {name: getattr(project, name) for name in names}


_SOURCE = {"src/demo/__init__.py": "from demo import core\n", "src/demo/core.py": ""}
SOUND = Project(_SOURCE)


# --- the place, and what happens in it ---------------------------------------------


def _environ(**more: str) -> dict[str, str]:
    """An environment in which pip asks nobody but an index on this machine."""
    closed = f"http://127.0.0.1:{closed_port()}/simple/"
    said = {"PIP_CONFIG_FILE": os.devnull, "PIP_INDEX_URL": closed, "PIP_RETRIES": "0"}
    return {"PATH": os.environ["PATH"], **said, **more}


@pytest.fixture(scope="module", name="shop")
def _shop() -> Iterator[Workshop]:
    """One workshop for all that does not steer pip: it takes seconds to make."""
    with workshop(_environ()) as made:
        yield made


@pytest.fixture(scope="module", name="url")
def _url() -> Iterator[str]:
    """One local index for all: each of its projects is another one."""
    with local_index() as url:
        yield url


@pytest.fixture(name="index")
def _index() -> Iterator[Server]:
    """An index that knows no project."""
    with serving() as server:
        yield server


@dataclass(frozen=True)
class Bench:
    """A workshop whose pip asks ``other``, and the index of the set itself."""

    shop: Workshop
    own: str
    other: Server


@pytest.fixture(name="bench")
def _bench(shop: Workshop, url: str, index: Server) -> Bench:
    network = {"PIP_INDEX_URL": f"{index.url}/simple/", "PIP_RETRIES": "0"}
    return Bench(replace(shop, network=network), url, index)


def _page(project: str, tags: str = "1.0-9-py3-none-any") -> Reply:
    """A page of an index that lists one wheel of a project."""
    name = f"{project.replace('-', '_')}-{tags}.whl"
    link = f"<!DOCTYPE html><a href='{name}'>{name}</a>".encode()
    return Reply(link, headers={"Content-Type": "text/html"})


def _within(shop: Workshop, **seconds: float) -> Workshop:
    return replace(shop, limits=Limits(**seconds))


def _expected(paths: list[Path]) -> tuple[ExpectedRelease, ...]:
    contents = [dist.read(path) for path in paths]
    described = [
        DescribedDistribution(c.distribution, c.metadata)
        for c in contents
        if c.metadata is not None
    ]
    return expected_releases([c.distribution for c in contents], {}, described)


def _try(
    shop: Workshop, paths: list[Path], url: str = "", *, build: bool = True
) -> tuple[Tried, Report]:
    """Build the sdists, or install the wheels, of these files, and judge it."""
    trial = Trial(build=build, install=not build)
    by_name = {path.name: path for path in paths}
    tried = try_in(shop, trial, by_name, _expected(paths), url)
    job = Job(Policy())
    report = report_on(
        "rehearse",
        job,
        tried.facts.subjects,
        scope=TRIAL_SCOPE,
        missing=tried.facts.missing,
        started=job.clock.now(),
    )
    return tried, report


def _told(report: Report) -> list[str]:
    return [f"{f.severity} {f.rule}: {f.message}" for f in report.findings]


def _open(report: Report) -> set[str]:
    """The reasons for which there is no verdict."""
    return {item.reason for item in report.not_run if item.needed}


def _expected_sdist(path: Path) -> ExpectedFile:
    file = dist.identify(path)
    return ExpectedFile(file.filename, file.kind, file.size, file.sha256)


# --- the incidents: the sdist ------------------------------------------------------

_REQUIREMENTS = {**_SOURCE, "requirements.txt": "requests>=2\n"}
_WITH_PACKAGES = {
    **_SOURCE,
    "src/demo/extern/__init__.py": "",
    "src/demo/extern/packaging.py": "",
}

BUILDS = [
    pytest.param(SOUND, "", id="a sound sdist builds its wheel"),
    pytest.param(
        Project(_REQUIREMENTS, requirements=_NEEDED),
        "",
        id="a build that reads requirements.txt, which the sdist has",
    ),
    pytest.param(
        Project(_REQUIREMENTS, requirements=_NEEDED, left_out=("requirements.txt",)),
        "error sdist-unbuildable: no wheel can be built from it: "
        "FileNotFoundError: [Errno 2] No such file or directory: 'requirements.txt'",
        id="requirements.txt is missing (101Loop/drf-user#6, drf-user 0.0.8)",
    ),
    pytest.param(
        Project(
            _REQUIREMENTS,
            extra="lines = open('requirements.txt').read()",
            left_out=("requirements.txt",),
        ),
        "error sdist-unbuildable: no wheel can be built from it: "
        "FileNotFoundError: [Errno 2] No such file or directory: 'requirements.txt'",
        id="requirements.txt is missing before any hook "
        "(bryanyang0528/ksql-python#49, ksql)",
    ),
    pytest.param(
        Project(_REQUIREMENTS),
        "",
        id="dependencies of a file that the sdist has",
    ),
    pytest.param(
        Project(_REQUIREMENTS, left_out=("requirements.txt",)),
        "error sdist-builds-other: builds a wheel whose Requires-Dist has nothing; "
        "demo-1.0-py3-none-any.whl has 'requests>=2'",
        id="the wheel by way of the sdist has no dependencies "
        "(pypa/build#530, Flexget)",
    ),
    pytest.param(Project(_WITH_PACKAGES), "", id="a package with a vendored one"),
    pytest.param(
        Project(
            _WITH_PACKAGES,
            left_out=("src/demo/extern/__init__.py", "src/demo/extern/packaging.py"),
        ),
        "error sdist-builds-other: builds a wheel without modules of "
        "demo-1.0-py3-none-any.whl: demo/extern/__init__.py, demo/extern/packaging.py",
        id="the sdist misses files (pypa/setuptools#1016, setuptools 35.0.0)",
    ),
    pytest.param(
        Project(
            _SOURCE,
            extra="import pathlib; pathlib.Path('src/demo/core.py').read_text()",
            left_out=("src/demo/core.py",),
        ),
        "error sdist-unbuildable: no wheel can be built from it: "
        "FileNotFoundError: [Errno 2] No such file or directory: 'src/demo/core.py'",
        id='"Bad build, missing files, will not install" (colorama 0.4.2, its reason '
        "for the yank; astral-sh/uv test suite)",
    ),
    pytest.param(
        Project(_SOURCE, left_out=("own.py",)),
        "error sdist-unbuildable: no wheel can be built from it: …own…",
        id="the backend of the tree is not in the sdist",
    ),
]


@pytest.mark.builds
@pytest.mark.parametrize(("project", "expected"), BUILDS)
def test_what_an_sdist_builds_is_compared_with_the_wheel(
    project: Project, expected: str, shop: Workshop, tmp_path: Path
) -> None:
    tried, report = _try(shop, project.release(tmp_path))

    assert _fits(_told(report), expected)
    assert _open(report) == set()
    assert [step.says for step in tried.ran] == [
        "demo-1.0.tar.gz was built on this machine (--build)"
    ]


def _fits(told: list[str], expected: str) -> bool:
    """Whether just this was told, or nothing; an ellipsis stands for any text."""
    parts = ".*".join(map(re.escape, expected.split("…")))
    return re.fullmatch(parts, "; ".join(told), re.DOTALL) is not None


@pytest.mark.builds
def test_the_last_lines_of_the_build_are_told_without_its_folders(
    shop: Workshop, tmp_path: Path
) -> None:
    project = replace(SOUND, sdist_only="\nprint('\\x1b[2J'); raise OSError('no')\n")

    _, report = _try(shop, project.release(tmp_path))

    (found,) = report.findings
    source = found.evidence["source"]
    assert isinstance(source, tuple)
    assert found.message == "no wheel can be built from it: OSError: no"
    assert source[-1] == "OSError: no"
    assert 1 < len(source) <= 8
    assert str(shop.folder) not in "".join(source)


_NO_ZIP = """
def build_wheel(folder, *_):
    open(folder + '/demo-1.0-py3-none-any.whl', 'wb').write(b'PK')
    return 'demo-1.0-py3-none-any.whl'
"""


@pytest.mark.parametrize(
    "ending",
    [
        "\ndef build_wheel(*_): return 'demo-1.0-py3-none-any.whl'\n",
        _NO_ZIP,
        "\nimport os; os._exit(0)\n",
    ],
    ids=["no file", "no zip", "an early end"],
)
def test_what_is_no_wheel_is_no_build(
    ending: str, shop: Workshop, tmp_path: Path
) -> None:
    paths = replace(SOUND, sdist_only=ending).release(tmp_path)

    _, report = _try(shop, paths)

    assert [finding.rule for finding in report.findings] == ["sdist-unbuildable"]


@pytest.mark.builds
def test_an_sdist_that_changed_since_the_check_is_not_built(
    shop: Workshop, tmp_path: Path
) -> None:
    _, sdist = SOUND.release(tmp_path)
    file = _expected_sdist(sdist)
    sdist.write_bytes(sdist.read_bytes() + b"\0")

    with pytest.raises(SourceError, match="changed since it was checked"):
        builder.build_wheel(shop, sdist, file)


@pytest.mark.builds
def test_a_wheel_that_changed_since_the_check_is_not_compared(
    shop: Workshop, tmp_path: Path
) -> None:
    paths = SOUND.release(tmp_path)
    releases = _expected(paths)
    (tmp_path / "other").mkdir()
    other = archives.wheel(tmp_path / "other")
    places = {path.name: path for path in paths} | {other.name: other}

    tried = try_in(shop, Trial(build=True), places, releases, "")

    (reason,) = (m.reason for m in tried.facts.missing if m.needed)
    assert reason.endswith("demo-1.0-py3-none-any.whl: changed since it was checked")


# --- what cannot be decided --------------------------------------------------------


def test_a_set_without_an_sdist_is_no_pass(shop: Workshop, tmp_path: Path) -> None:
    wheel, _ = SOUND.release(tmp_path)

    tried, report = _try(shop, [wheel])

    assert _open(report) == {"demo 1.0: has no sdist that could be built"}
    assert tried.ran == []


def test_a_set_whose_wheels_are_for_other_machines_is_no_pass(
    shop: Workshop, tmp_path: Path
) -> None:
    project = replace(SOUND, tag="cp38-cp38-win32")

    _, report = _try(shop, project.release(tmp_path))

    (reason,) = _open(report)
    assert reason.startswith("demo 1.0: none of 1 wheel(s) is for this machine (cp")
    _, report = _try(shop, project.release(tmp_path / "b"), build=False)
    (reason,) = _open(report)
    assert reason.startswith("demo 1.0: none of 1 wheel(s) is for this machine (cp")


@pytest.mark.builds
def test_an_sdist_alone_has_only_to_build(shop: Workshop, tmp_path: Path) -> None:
    _, sdist = SOUND.release(tmp_path)

    _, report = _try(shop, [sdist])

    assert (_told(report), _open(report)) == ([], set())
    _, report = _try(shop, [sdist], build=False)
    assert _open(report) == {"demo 1.0: has no wheel that could be installed"}


@pytest.mark.builds
@pytest.mark.parametrize(
    ("more", "says"),
    [
        ("VERSION = '0.0.0'", "Version has '0'; its own name has '1'"),
        ("NAME = 'other'", "Name has 'other'; its own name has 'demo'"),
    ],
)
def test_an_sdist_alone_builds_what_it_is_called(
    more: str, says: str, shop: Workshop, tmp_path: Path
) -> None:
    """A version that is read from git is 0.0.0 in an sdist (pypa/setuptools-scm)."""
    _, sdist = replace(SOUND, sdist_only=f"\n{more}\n").release(tmp_path)

    _, report = _try(shop, [sdist])

    assert _told(report) == [f"error sdist-builds-other: builds a wheel whose {says}"]


def test_an_sdist_for_another_python_is_no_pass(shop: Workshop, tmp_path: Path) -> None:
    paths = SOUND.release(tmp_path)
    (release,) = _expected(paths)
    files = tuple(replace(file, requires_python=">=3.99") for file in release.files)
    places = {path.name: path for path in paths}

    tried = try_in(shop, Trial(True, True), places, [replace(release, files=files)], "")

    reasons = [m.reason for m in tried.facts.missing if m.needed]
    assert reasons[0].startswith(
        "demo-1.0.tar.gz: is for Python >=3.99, and this is 3."
    )
    assert reasons[1].startswith("demo 1.0: none of 1 wheel(s) is for this machine")
    assert tried.ran == []


_NEEDS = replace(SOUND, requires='["no-such-backend>=3"]')


@pytest.mark.builds
def test_build_requirements_without_an_index_are_no_finding(
    shop: Workshop, tmp_path: Path
) -> None:
    _, report = _try(shop, _NEEDS.release(tmp_path))

    (reason,) = _open(report)
    assert _told(report) == []
    assert reason.startswith("demo-1.0.tar.gz: its build requirements could not be had")


@pytest.mark.builds
def test_build_requirements_that_the_index_has_not_are_a_finding(
    bench: Bench, tmp_path: Path
) -> None:
    bench.other.on("/simple/no-such-backend/", _page("no-such-backend"))

    _, report = _try(bench.shop, _NEEDS.release(tmp_path))

    assert _fits(
        _told(report),
        "error sdist-unbuildable: no wheel can be built from it: what its build "
        "requires cannot be had from the index: ERROR: No matching distribution found "
        "for no-such-backend>=3",
    )


@pytest.mark.builds
def test_a_pip_that_asks_no_index_leaves_it_open(
    shop: Workshop, tmp_path: Path
) -> None:
    offline = replace(shop, network={"PIP_NO_INDEX": "1"})

    _, report = _try(offline, _NEEDS.release(tmp_path))

    assert len(_open(report)) == 1
    assert _told(report) == []


@pytest.mark.builds
def test_a_build_that_lacks_a_compiler_is_no_finding(
    shop: Workshop, tmp_path: Path
) -> None:
    said = "error: command 'gcc' failed: No such file or directory"
    project = replace(SOUND, sdist_only=f'\nraise SystemExit("{said}")\n')

    _, report = _try(shop, project.release(tmp_path))

    assert _open(report) == {
        "demo-1.0.tar.gz: its build failed, as it seems for lack of a program: " + said
    }


# --- the incidents: the wheel ------------------------------------------------------


def _wheel(name: str, files: Mapping[str, str], *needs: str) -> Project:
    """A project of another name, as an index knows a file by its name alone."""
    required = {"requirements.txt": "\n".join(needs)} if needs else {}
    return Project({**files, **required}, name=name)


_NO_REGEX = ("regex>=2021.99",)
INSTALLS = [
    pytest.param(
        _wheel("whole", {"src/whole/__init__.py": "", "src/one.py": ""}),
        "",
        id="a sound wheel is installed and imported",
    ),
    pytest.param(
        _wheel(
            "tenacity_sound",
            {
                "src/tenacity_sound/__init__.py": "import tenacity_sound.asyncio",
                "src/tenacity_sound/asyncio/__init__.py": "",
            },
        ),
        "",
        id="a package with the subpackage that it imports",
    ),
    pytest.param(
        _wheel("tenacity", {"src/tenacity/__init__.py": "import tenacity.asyncio"}),
        "error module-unimportable: tenacity cannot be imported where only this "
        "wheel and what it requires is installed: ModuleNotFoundError: No module "
        "named 'tenacity.asyncio'",
        id="a package without the subpackage that it imports "
        "(jd/tenacity#471, tenacity 8.4.0)",
    ),
    pytest.param(
        _wheel(
            "names",
            {
                "src/names/__init__.py": "from names.core import x",
                "src/names/core.py": "y = 1",
            },
        ),
        "error module-unimportable: …cannot import name 'x' from 'names.core'…",
        id="a name that a module of its own has not",
    ),
    pytest.param(
        _wheel(
            "future",
            {
                "src/future1/__init__.py": "import future1.new",
                "src/future1/new.py": "def f(:\n",
            },
        ),
        "error module-unimportable: future1 …SyntaxError: …",
        id="a module that is no Python",
    ),
    pytest.param(
        _wheel("black_sound", {"src/black_sound.py": ""}, "regex>=1;os_name=='none'"),
        "",
        id="a requirement that does not hold here",
    ),
    pytest.param(
        _wheel("black", {"src/black.py": "import regex"}, *_NO_REGEX),
        "error wheel-uninstallable: cannot be installed: what it requires cannot "
        "be had from the index: ERROR: No matching distribution found for "
        "regex>=2021.99",
        id='"Broken regex dependency" (black 21.11b0, its reason for the yank; '
        "python-poetry test suite)",
    ),
    pytest.param(
        _wheel(
            "transformers",
            {"src/transformers/__init__.py": ""},
            "regex>=2020",
            "regex<2019",
        ),
        "error wheel-uninstallable: cannot be installed: what it requires…",
        id='"Error in the setup causing installation issues" (transformers 4.57.0, its '
        "reason for the yank)",
    ),
    pytest.param(
        _wheel("undeclared", {"src/undeclared.py": "import yaml"}),
        "warning module-unimportable: undeclared …No module named 'yaml'",
        id="a dependency that is not declared may be an extra's",
    ),
    pytest.param(
        _wheel("crashes", {"src/crashes.py": "import os; os.kill(os.getpid(), 11)"}),
        "warning module-unimportable: crashes …: signal 11",
        id="a module that ends the interpreter",
    ),
    pytest.param(
        _wheel("exits", {"src/exits.py": "raise SystemExit(0)"}),
        "warning module-unimportable: exits …: SystemExit: 0",
        id="a module that exits in peace",
    ),
    pytest.param(
        _wheel("leaves", {"src/leaves.py": "import os; os._exit(0)"}),
        "warning module-unimportable: leaves …: exit code 0",
        id="a module that ends in peace before it is imported",
    ),
    pytest.param(
        _wheel(
            "threads",
            {
                "src/threads.py": "import threading, time\n"
                "threading.Thread(target=time.sleep, args=(9999,)).start()"
            },
        ),
        "",
        id="a module that leaves a thread behind",
    ),
]


@pytest.mark.builds
@pytest.mark.parametrize(("project", "expected"), INSTALLS)
def test_a_wheel_is_installed_and_imported(
    project: Project, expected: str, bench: Bench, tmp_path: Path
) -> None:
    bench.other.on("/simple/regex/", _page("regex"))
    wheel, _ = project.release(tmp_path)
    upload([wheel], bench.own)

    tried, report = _try(bench.shop, [wheel], bench.own, build=False)

    assert _fits(_told(report), expected), _told(report)
    assert _open(report) == set()
    assert [step.says for step in tried.ran] == [
        f"{wheel.name} was installed and imported (--install)"
    ]
    assert project.name not in " ".join(bench.other.asked())


@pytest.mark.builds
def test_dependencies_without_an_index_are_no_finding(
    shop: Workshop, url: str, tmp_path: Path
) -> None:
    project = _wheel("lonely", {"src/lonely.py": ""}, "regex>=1")
    wheel, _ = project.release(tmp_path)
    upload([wheel], url)

    _, report = _try(shop, [wheel], url, build=False)

    (reason,) = _open(report)
    assert _told(report) == []
    assert "its dependencies could not be installed" in reason


@pytest.mark.builds
def test_what_a_set_requires_of_itself_comes_from_the_set(
    bench: Bench, tmp_path: Path
) -> None:
    """cryptography requires cryptography_vectors of its own version, which no index has
    before the release.
    """
    vectors = _wheel("demo_vectors", {"src/demo_vectors.py": ""})
    tests = _wheel("demo_main", {"src/demo_main.py": "import demo_vectors"},
                   "Demo.Vectors==1.0")  # fmt: skip
    paths = [p.release(tmp_path / p.name)[0] for p in (vectors, tests)]
    upload(paths, bench.own)

    _, report = _try(bench.shop, paths, bench.own, build=False)

    assert (_told(report), _open(report)) == ([], set())
    assert bench.other.seen == []


def _pin(name: str, *needs: str) -> builder.Pinned:
    project = canonicalize_name(name)
    return builder.Pinned(
        f"{name}-1.0-py3-none-any.whl", project, Version("1.0"), needs
    )


@pytest.mark.parametrize(
    ("needs", "own", "others"),
    [
        pytest.param((), ["demo"], (), id="nothing"),
        pytest.param(("x>1",), ["demo"], ("x>1",), id="another project"),
        pytest.param(("x; extra=='a'",), ["demo"], (), id="what an extra requires"),
        pytest.param(("x; os_name=='none'",), ["demo"], (), id="what does not hold"),
        pytest.param(("core",), ["demo", "core"], ("z",), id="one of the set"),
        pytest.param(("core>=2",), ["demo"], ("core>=2",), id="another version of it"),
        pytest.param(
            ("Core[FAST]==1",),
            ["demo", "core", "data"],
            ("z", "helper"),
            id="its extra",
        ),
        pytest.param(
            ("demo[a]", "x>1; extra=='a'"), ["demo"], ("x>1",), id="its own extra"
        ),
        pytest.param(("core[none]",), ["demo", "core"], ("z",), id="an unknown extra"),
    ],
)
def test_what_an_installation_takes_is_known_with_extras(
    needs: tuple[str, ...], own: list[str], others: tuple[str, ...]
) -> None:
    core = _pin("core", "z", "helper; extra=='fast'", "data; extra=='fast'", "demo")
    pins = [_pin("demo", *needs), core, _pin("data")]

    found = builder.needs_of(pins[0], {pin.project: pin for pin in pins})

    assert [pin.project for pin in found.own] == own
    assert found.others == others


@pytest.mark.builds
@pytest.mark.parametrize("version", ["1!2.0", "1.0+abc"])
def test_a_version_that_an_address_quotes_is_installed(
    version: str, bench: Bench, tmp_path: Path
) -> None:
    name = "quoted_epoch" if "!" in version else "quoted_local"
    project = replace(_wheel(name, {f"src/{name}.py": ""}), version=version)
    wheel, _ = project.release(tmp_path)
    upload([wheel], bench.own)

    _, report = _try(bench.shop, [wheel], bench.own, build=False)

    assert (_told(report), _open(report)) == ([], set())


@pytest.mark.builds
def test_a_module_that_another_file_answers_for_is_told(
    bench: Bench, tmp_path: Path
) -> None:
    """The standard library comes first, and a dependency may overwrite a file."""
    links = tmp_path / "links"
    other = _wheel("overwriting", {"src/shadowed.py": "a = 1\n"}).release(links)[0]
    broken = {"src/queue.py": "nonsense", "src/shadowed.py": "nonsense"}
    wheel, _ = _wheel("shadowed", broken, "overwriting").release(tmp_path / "own")
    upload([wheel], bench.own)
    network = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(other.parent)}

    _, report = _try(
        replace(bench.shop, network=network), [wheel], bench.own, build=False
    )

    assert _fits(
        "; ".join(_told(report)).split("; "),
        "warning module-unimportable: queue is not the wheel's where it is installed: "
        "'…queue.py' is found in its place; warning module-unimportable: shadowed is "
        "not the wheel's where it is installed: what it requires has overwritten "
        "'shadowed.py'",
    ), _told(report)


@pytest.mark.builds
def test_a_wheel_without_modules_is_installed_and_says_so(
    bench: Bench, tmp_path: Path
) -> None:
    wheel, _ = _wheel("stubs", {"src/stubs-stubs/__init__.pyi": ""}).release(tmp_path)
    upload([wheel], bench.own)

    tried, report = _try(bench.shop, [wheel], bench.own, build=False)

    assert [step.says for step in tried.ran] == [
        f"{wheel.name} was installed (--install)"
    ]
    assert (_told(report), _open(report)) == ([], set())
    assert {item.reason for item in report.not_run} >= {
        f"{wheel.name}: has no module at its top that could be imported"
    }


@pytest.mark.builds
def test_the_project_never_comes_from_another_index(
    bench: Bench, tmp_path: Path
) -> None:
    """A project of the same name, and a higher build, on the index of dependencies."""
    wheel, _ = _wheel("confused", {"src/confused.py": ""}).release(tmp_path)
    upload([wheel], bench.own)
    bench.other.on("/simple/confused/", _page("confused"))

    _, report = _try(bench.shop, [wheel], bench.own, build=False)

    assert (_told(report), _open(report)) == ([], set())
    assert bench.other.seen == []


@pytest.mark.builds
def test_a_wheel_that_the_index_has_not_is_not_installed(
    shop: Workshop, url: str, tmp_path: Path
) -> None:
    wheel, _ = _wheel("absent", {"src/absent.py": ""}).release(tmp_path)

    _, report = _try(shop, [wheel], url, build=False)

    assert [finding.rule for finding in report.findings] == ["wheel-uninstallable"]


@pytest.mark.builds
def test_a_module_that_does_not_end_is_ended(
    shop: Workshop, url: str, tmp_path: Path
) -> None:
    files = {"src/sleepy.py": "import time; time.sleep(10_000)"}
    wheel, _ = _wheel("sleepy", files).release(tmp_path)
    upload([wheel], url)

    _, report = _try(_within(shop, module=1.0), [wheel], url, build=False)

    assert _told(report) == []
    assert _open(report) == {f"{wheel.name}: the import of sleepy did not end in 1 s"}


# --- which wheel, and which modules ------------------------------------------------


def _files(*names: str, requires: str = "") -> list[ExpectedFile]:
    kinds = [kind_of(name) for name in names]
    return [
        ExpectedFile(name, kind, 1, "0" * 64, requires_python=requires)
        for name, kind in zip(names, kinds, strict=True)
        if kind is not None
    ]


def test_the_wheel_that_installers_take_comes_first() -> None:
    here = builder.this_machine()
    pure, own = "demo-1.0-py3-none-any.whl", f"demo-1.0-{here}.whl"
    built = f"demo-1.0-2-{here}.whl"
    names = ["demo-1.0.tar.gz", pure, own, built, "demo-1.0-cp27-cp27m-win32.whl"]

    found = builder.fitting(_files(*names, "x.whl"))

    assert [file.filename for file in found] == [built, own, pure]


@pytest.mark.parametrize(
    ("requires", "expected"),
    [("", 1), (">=3.8", 1), ("nonsense", 1), (">=3.99", 0), ("<3.11", 0)],
)
def test_a_wheel_fits_the_pythons_that_it_requires(
    requires: str, expected: int
) -> None:
    files = _files("demo-1.0-py3-none-any.whl", requires=requires)

    assert len(builder.fitting(files)) == expected


@pytest.mark.parametrize(
    ("paths", "expected"),
    [
        ([], ()),
        (["demo/__init__.py", "demo/a.py", "one.py"], ("demo", "one")),
        (["demo/__init__.cpython-311-x86_64-linux-gnu.so"], ("demo",)),
        (["_c.abi3.so", "_d.pyd", "_e.so", "lib.so.1"], ("_c", "_d", "_e")),
        (["ns/demo/__init__.py", "ns/demo/a/__init__.py"], ("ns.demo",)),
        (["ns/one.py", "ns/sub/two.py", "ns/py.typed"], ("ns.one", "ns.sub.two")),
        (["demo-1.0.data/purelib/demo/__init__.py"], ("demo",)),
        (["demo-1.0.data/scripts/run.py", "demo-1.0.dist-info/x.py"], ()),
        (["demo-stubs/__init__.py", "demo/x-y.py", "class.py", "a.pyi"], ()),
        (["__main__.py", "__init__.py", "ns/__main__.py"], ()),
        (
            ["one.pyc", "gui.pyw", "a/__pycache__/b.pyc", "two.cp311-win.pyd"],
            ("one", "two"),
        ),
    ],
)
def test_the_modules_at_the_top_are_those_that_are_imported(
    paths: list[str], expected: tuple[str, ...]
) -> None:
    assert builder.importable(paths) == expected


# --- hostile builds ----------------------------------------------------------------


def _build(shop: Workshop, project: Project, folder: Path) -> builder.Attempt:
    _, sdist = project.release(folder)
    return builder.build_wheel(shop, sdist, _expected_sdist(sdist))


def _hostile(code: str) -> Project:
    return replace(SOUND, sdist_only=f"\nimport os, time, shutil\n{code}\n")


@pytest.mark.builds
def test_a_build_without_an_end_is_ended(shop: Workshop, tmp_path: Path) -> None:
    hostile = _hostile("time.sleep(10_000)")

    with pytest.raises(ProgramError, match="its build did not end in 4 s"):
        _build(_within(shop, build=4.0), hostile, tmp_path)


@pytest.mark.builds
def test_a_build_that_prints_without_measure_is_cut(
    shop: Workshop, tmp_path: Path
) -> None:
    hostile = _hostile("for _ in range(64): print('x' * (1 << 20))\nraise OSError('a')")

    attempt = _build(shop, hostile, tmp_path)

    assert attempt.problem == "OSError: a"
    assert sum(map(len, attempt.said)) <= 8 * 300


_DAEMON = """
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        {close}
        open({told!r} + ".", "w").write(str(os.getpid()))
        os.rename({told!r} + ".", {told!r})
        time.sleep(10_000)
    os._exit(0)
while not os.path.exists({told!r}):
    time.sleep(0.01)
"""


@pytest.mark.builds
@pytest.mark.skipif(sys.platform != "linux", reason="a daemon is only seen on Linux")
@pytest.mark.parametrize("close", ["os.closerange(0, 99)", "pass"])
def test_a_daemon_of_a_build_is_ended(
    close: str, shop: Workshop, tmp_path: Path
) -> None:
    """One that keeps the build's output open keeps pip waiting, until time is up."""
    told = tmp_path / "process"
    hostile = _hostile(_DAEMON.format(close=close, told=str(told)))

    if close == "pass":
        with pytest.raises(ProgramError, match="its build did not end"):
            _build(_within(shop, build=10.0), hostile, tmp_path)
    else:
        assert _build(shop, hostile, tmp_path).made is not None

    with pytest.raises(ProcessLookupError):
        os.kill(int(told.read_text()), 0)


@pytest.mark.builds
def test_a_build_that_removes_all_around_it_spoils_only_its_own_folder(
    shop: Workshop, tmp_path: Path
) -> None:
    hostile = _hostile(
        "for up in ('.', '..', '../..'): shutil.rmtree(up, ignore_errors=True)\n"
        "shutil.rmtree(os.environ['HOME'], ignore_errors=True)"
    )

    attempt = _build(shop, hostile, tmp_path)

    assert attempt.made is None
    assert attempt.problem
    # The next one is none the worse.
    assert _build(shop, SOUND, tmp_path / "next").made is not None


@pytest.mark.builds
def test_a_build_that_removes_the_workshop_is_no_pass(tmp_path: Path) -> None:
    hostile = _hostile("shutil.rmtree(os.environ['HOME'] + '/../..')")
    with workshop(_environ()) as shop:
        paths = hostile.release(tmp_path)
        by_name = {path.name: path for path in paths}
        both = Trial(build=True, install=True)
        tried = try_in(shop, both, by_name, _expected(paths), "")

    assert tried.facts.subjects == []
    lacking = [missing.subject for missing in tried.facts.missing if missing.needed]
    assert lacking == [RebuiltSdist, InstalledWheel]
    assert not shop.folder.exists()


@pytest.mark.builds
def test_what_a_build_writes_to_its_home_is_gone(
    shop: Workshop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    home.mkdir()
    monkeypatch.setenv("HOME", str(home))
    hostile = _hostile(
        "import pathlib, tempfile\nhome = pathlib.Path.home()\n"
        "(home / 'pip.conf').write_text('x'); pathlib.Path('here').write_text('x')\n"
        "assert 'release-guard-' in str(home) and 'release-guard-' in os.getcwd()\n"
        "assert 'release-guard-' in tempfile.gettempdir()"
    )
    before = set(tmp_path.rglob("*"))

    attempt = _build(shop, hostile, tmp_path)

    assert attempt.made is not None, attempt
    after = {p for p in set(tmp_path.rglob("*")) - before if "checkout" not in p.parts}
    assert {path.name for path in after} == {
        *("dist", "demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl")
    }


@pytest.mark.builds
def test_a_build_sees_no_secret_of_this_environment(tmp_path: Path) -> None:
    hostile = _hostile("print(sorted(os.environ.items())); raise OSError('end')")
    told = {"GITHUB_TOKEN": "ghs_x", "TWINE_PASSWORD": "pypi-x", "PYTHONPATH": "/x"}
    user = {"PIP_INDEX_URL": f"http://me:geheim@127.0.0.1:{closed_port()}/simple/"}
    with workshop({**_environ(**told), **user, "PATH": "bin::/usr/bin"}) as shop:
        attempt = _build(shop, hostile, tmp_path)
        said = "".join(shop.last_lines(attempt.said[0] if attempt.said else ""))
        ran = shop.run_pip(["config", "list"], seconds=60, network=True)

    assert attempt.problem == "OSError: end"
    assert shop.base["PATH"] == "/usr/bin"
    assert not set(told) & {*shop.base, *shop.network}
    assert "geheim" in shop.network["PIP_INDEX_URL"]
    assert "geheim" not in said + "".join(shop.last_lines(ran.output))


@pytest.mark.builds
def test_a_workshop_is_gone_at_its_end_whatever_its_modes(tmp_path: Path) -> None:
    def spoil() -> None:
        with workshop(_environ()) as shop:
            closed = shop.folder / "a" / "b"
            closed.mkdir(parents=True)
            (closed / "c").write_text("x")
            (shop.folder / "link").symlink_to(tmp_path)
            closed.chmod(0)
            closed.parent.chmod(0o500)
            folders.append(shop.folder)
            raise KeyboardInterrupt

    folders: list[Path] = []
    with pytest.raises(KeyboardInterrupt):
        spoil()

    assert not folders[0].exists()
    assert tmp_path.exists()


@pytest.mark.builds
@pytest.mark.parametrize("how", ["removed", "a link", "closed"])
def test_the_end_of_a_workshop_touches_nothing_beside_it(
    how: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    around, elsewhere = tmp_path / "around", tmp_path / "elsewhere"
    (elsewhere / "kept").mkdir(parents=True)
    around.mkdir()
    around.chmod(0o755)
    (elsewhere / "kept").chmod(0o751)
    monkeypatch.setattr(tempfile, "tempdir", str(around))

    with workshop(_environ()) as shop:
        if how == "closed":
            shop.folder.chmod(0)
        else:
            shutil.rmtree(shop.folder)
        if how == "a link":
            shop.folder.symlink_to(elsewhere)

    assert list(around.iterdir()) == []
    assert around.stat().st_mode & 0o777 == 0o755
    assert (elsewhere / "kept").stat().st_mode & 0o777 == 0o751


def test_a_python_that_makes_no_environment_is_no_pass(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    python = tmp_path / "python"
    python.write_text("#!/bin/sh\necho 'ensurepip is not available'\nexit 1\n")
    python.chmod(0o755)
    monkeypatch.setattr("release_guard.sources.workshop.sys.executable", str(python))

    with pytest.raises(ProgramError), workshop(_environ()):
        pass

    assert [path.name for path in tmp_path.iterdir()] == ["python"]


# --- the command -------------------------------------------------------------------


def _no_index(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in _environ().items():
        monkeypatch.setenv(name, value)


def test_a_rehearsal_builds_and_installs_and_says_so(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_index(monkeypatch)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    dist_folder = SOUND.release(tmp_path)[0].parent
    before = {*tmp_path.iterdir()}

    code = main(["rehearse", "--build", "--install", str(dist_folder)])

    out = capsys.readouterr().out
    assert code == 0, out
    assert "its code ran  demo-1.0.tar.gz was built on this machine (--build)" in out
    assert "demo-1.0-py3-none-any.whl was installed and imported (--install)" in out
    assert {*tmp_path.iterdir()} == before


@pytest.mark.builds
def test_a_rehearsal_that_fails_is_told_with_the_last_lines(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_index(monkeypatch)
    project = replace(SOUND, sdist_only="\nraise OSError('\\x1b[2J::error::x')\n")
    dist_folder = project.release(tmp_path)[0].parent

    code = main(["rehearse", "--build", str(dist_folder)])

    out = capsys.readouterr().out
    assert code == 1, out
    assert "error: sdist-unbuildable" in out
    assert "      | OSError: \\x1b[2J::error::x" in out
    assert "\x1b" not in out
    assert "no wheel was installed: --install does it" in out


def test_no_code_runs_of_a_set_that_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_index(monkeypatch)
    project = replace(
        SOUND, version="1.0.dev1", sdist_only=f"\nopen({str(tmp_path / 'ran')!r}, 'w')"
    )
    dist_folder = project.release(tmp_path)[0].parent

    code = main(["rehearse", "--build", "--install", str(dist_folder)])

    out = capsys.readouterr().out
    assert code == 1
    assert "the check did not pass: nothing of it was run" in out
    assert "its code ran" not in out
    assert not (tmp_path / "ran").exists()


def test_no_code_runs_where_nobody_asks_for_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_index(monkeypatch)
    project = replace(SOUND, sdist_only=f"\nopen({str(tmp_path / 'ran')!r}, 'w')")
    dist_folder = project.release(tmp_path)[0].parent

    code = main(["rehearse", "--verbose", str(dist_folder)])

    out = capsys.readouterr().out
    assert code == 0, out
    assert "no sdist was built: --build does it, and runs code of the sdist" in out
    assert "its code ran" not in out
    assert not (tmp_path / "ran").exists()


@pytest.mark.builds
def test_a_question_that_stays_open_is_no_pass(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    _no_index(monkeypatch)
    dist_folder = _NEEDS.release(tmp_path)[0].parent

    code = main(["rehearse", "--build", str(dist_folder)])

    out = capsys.readouterr().out
    assert code == 3, out
    assert "its build requirements could not be had" in out
    assert "(needed for a verdict)" in out


def test_the_help_says_that_code_is_run(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["rehearse", "--help"]) == 0

    out = " ".join(capsys.readouterr().out.split())
    assert "this runs code of the sdist" in out
    assert "this runs code of the wheel and of what it requires" in out


@pytest.mark.public
@pytest.mark.parametrize("backend", ["hatchling", "flit", "setuptools"])
def test_what_a_real_backend_builds_in_isolation_is_the_same(
    backend: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = projects.build(projects.BACKENDS[backend], tmp_path)

    code = main(["rehearse", "--build", "--install", str(folder)])

    out = capsys.readouterr().out
    assert code == 0, out
    assert "error:" not in out
    assert "warning:" not in out


#: Releases that were bad, and can still be had: by name, version and sha256.
BAD = [
    pytest.param(
        "colorama",
        "colorama-0.4.2.tar.gz",
        "3e0d36a97e86c019317b4896075b38a72438df68abdde0518a6ca12c88448a4b",
        "sdist-unbuildable",
        "README.rst'",
        id="colorama 0.4.2: Bad build, missing files, will not install",
    ),
    pytest.param(
        "drf-user",
        "drf_user-0.0.8.tar.gz",
        "ffb9a87bbd9e38c2db6c7d487842d0e7fcbec841333a13a7799ef7d060c4bbeb",
        "sdist-unbuildable",
        "No such file or directory: 'requirements.txt'",
        id="drf-user 0.0.8: 101Loop/drf-user#6",
    ),
    pytest.param(
        "tenacity",
        "tenacity-8.4.0-py3-none-any.whl",
        "6c72aeb4d300b9858be0d52f1894ee952f0b391ec583cdc19c2523030efcc4eb",
        "module-unimportable",
        "No module named 'tenacity.asyncio'",
        id="tenacity 8.4.0: jd/tenacity#471",
    ),
]


@pytest.mark.public
@pytest.mark.parametrize(("project", "name", "sha256", "rule", "said"), BAD)
def test_a_real_bad_release_is_named_by_its_rule(  # noqa: PLR0917 - a row of a table
    project: str,
    name: str,
    sha256: str,
    rule: str,
    said: str,
    ca_bundle: dict[str, str],
    tmp_path: Path,
) -> None:
    path = tmp_path / name
    path.write_bytes(_fetched(project, name, sha256, ca_bundle))
    with workshop({**os.environ, **ca_bundle}) as shop, local_index() as url:
        upload([path], url)
        is_sdist = name.endswith(".gz")
        _, report = _try(shop, [path], url, build=is_sdist)

    (found,) = report.findings
    assert (found.rule, found.message.endswith(said)) == (rule, True), found


def _fetched(project: str, name: str, sha256: str, ca_bundle: dict[str, str]) -> bytes:
    """A file of the public index, as it was when it was found to be bad."""
    web = Web(ca_bundle, whole=600.0)
    try:
        root = simple_url(IndexPolicy("pypi"))
        listing = read_listing(web, root, canonicalize_name(project))
    except IndexUnavailableError as error:
        pytest.skip(f"the public index is not reached: {error.message}")
    (file,) = (file for file in listing.files if file.filename == name)
    content = requests.get(file.url, timeout=60).content
    assert hashlib.sha256(content).hexdigest() == sha256
    return content

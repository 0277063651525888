"""Sets that went wrong, each beside the same set put right.

Every row is an incident of the classes B (the wheel), C (the sdist), D (the set, and
what its tags say) and E (what it asks for), and a few of F that were in the files. It
carries its citation, is rebuilt as real files with the names that it had, goes through
the whole check, and names exactly the rules that tell it: errors as ``refused``,
warnings as ``warned``. What a source leaves open (a version, a module's name) is the
plainest that fits.

These stay out:

- a fact that no file and no index holds: huggingface/transformers 4.46.0 and 4.57.0,
  psf/black 21.11b0 and colorama 0.4.2 could only have been told by trying them out;
  pypa/auditwheel 1.6 (the content is that of 1.4) by unpacking all that was released;
- data files of the wheel, which may be left out on purpose: json-spec 0.9.15,
  django-clone 0.1.0, safety-db 2018.4.19, setuptools 29.0.0 (its launchers), httpx
  0.12.0 (files too many); google/openhtf 416;
- tests, certificates and documents of the sdist, which may be left out as well:
  requests 2.32.0, sunpy;
- tags that no installer takes, and no rule knows: delta-io/delta-rs 972
  (macosx_10_9_arm64), python-greenlet/greenlet 369 (the ABI "universal2"), jaxlib's
  cudnn88;
- a module that only setup.py needs: Haikson/sitemap-generator 15, jpype-project/jpype
  367, nipreps/sdcflows 24, zeromq/pyzmq 169. A build tells, as for pyamg below;
- bounds that name a pre-release and pin none: frictionlessdata/datapackage-py 148;
- what happens behind the check: the uploads of setuptools 21.2.0, bandersnatch 1.10.0,
  CoolProp 5.0.0, pydantic-core 2.14.4 and frozenlist 1.6.1 broke off; ``verify`` is
  tested elsewhere.
"""

from __future__ import annotations

import json
import random
import re
import struct
import zlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import machine_code
import pytest
import sound
from forge import Repository
from packaging.requirements import Requirement
from sets import (
    Content,
    Dist,
    Members,
    Says,
    build,
    modules,
    pair,
    sdist,
    tell,
    wheel,
)

from release_guard.cli import main
from release_guard.rules import RULE_IDS

# --- what a row is made of -------------------------------------------------------


@dataclass(frozen=True)
class Scene:
    """What the check is given: the set, and what lies beside it.

    ``listed`` is what the index has, of this project and of others; without any it is
    not asked. ``tree`` is what the release's tag holds; without one there is no
    checkout. ``dirty`` is what lies in it changed.
    """

    files: tuple[Dist, ...]
    listed: tuple[Dist, ...] = ()
    yanked: frozenset[str] = frozenset()
    tree: Members = field(default_factory=dict)
    tree_scripts: tuple[str, ...] = ()
    dirty: Members = field(default_factory=dict)
    policy: str = ""
    command: tuple[str, ...] = ("check", "dist")


@dataclass(frozen=True)
class Incident:
    """A scene that went wrong: all errors and all warnings that it has.

    ``says`` are words of what the rules say. ``right`` is what is put right in the
    scene; ``mild`` are the warnings that remain then. ``noted`` are notices that are
    there, and not where it is right.
    """

    cite: str
    what: str
    scene: Scene
    right: Mapping[str, Any]
    refused: tuple[str, ...] = ()
    warned: tuple[str, ...] = ()
    noted: tuple[str, ...] = ()
    says: tuple[str, ...] = ()
    mild: tuple[str, ...] = ()

    def tells(
        self,
        *,
        refused: tuple[str, ...] = (),
        warned: tuple[str, ...] = (),
        says: tuple[str, ...] = (),
        mild: tuple[str, ...] = (),
    ) -> Incident:
        """The same, with the rules that tell it."""
        return replace(self, refused=refused, warned=warned, says=says, mild=mild)

    @property
    def rules(self) -> set[str]:
        """All that tell it."""
        return {*self.refused, *self.warned, *self.noted}

    @property
    def put_right(self) -> Scene:
        return replace(self.scene, **self.right)


LINUX = "manylinux_2_17_x86_64.manylinux2014_x86_64"
MUSL = "musllinux_1_2_x86_64"
INTEL = "macosx_10_12_x86_64"
ARM = "macosx_11_0_arm64"
WINDOWS = "win_amd64"


def without(members: Members, *gone: str) -> Members:
    """The members but those in a folder, or of a name, that are gone."""
    return {p: c for p, c in members.items() if not p.startswith(gone)}


def lacking(cite: str, what: str, name: str, members: Members, *gone: str) -> Incident:
    """A wheel that lacks something that the sdist has."""
    bad = wheel(name, without(members, *gone)), sdist(name, members)
    return Incident(cite, what, Scene(bad), {"files": pair(name, members)})


def carrying(
    cite: str,
    what: str,
    name: str,
    members: Members,
    extra: Members,
    *,
    in_source: bool = True,
) -> Incident:
    """A wheel that carries something it should not; the sdist may have it too."""
    source = sdist(name, {**members, **(extra if in_source else {})})
    bad = wheel(name, {**members, **extra}), source
    good = wheel(name, members), source
    return Incident(cite, what, Scene(bad), {"files": good})


def littered(
    cite: str, what: str, name: str, members: Members, extra: Members
) -> Incident:
    """An sdist that carries something that it should not."""
    bad = wheel(name, members), sdist(name, {**members, **extra})
    return Incident(cite, what, Scene(bad), {"files": pair(name, members)})


# --- B1: something is missing from the wheel -------------------------------------

TENACITY: Members = modules(
    "tenacity/_asyncio.py",
    "tenacity/_utils.py",
    "tenacity/retry.py",
    "tenacity/asyncio/retry.py",
    "tenacity/py.typed",
) | {
    "tenacity/__init__.py": "from .retry import retry_all\n"
    "from tenacity.asyncio import AsyncRetrying\n",
    "tenacity/asyncio/__init__.py": "class AsyncRetrying:\n    pass\n",
    "tenacity/retry.py": "def retry_all():\n    pass\n",
}
PYSUBS2: Members = modules(
    "pysubs2/common.py",
    "pysubs2/exceptions.py",
    "pysubs2/time.py",
    "pysubs2/formats/base.py",
    "pysubs2/formats/microdvd.py",
) | {
    "pysubs2/__init__.py": "from .ssafile import SSAFile\n",
    "pysubs2/ssafile.py": "from .formats import autodetect_format\n"
    "class SSAFile:\n    pass\n",
    "pysubs2/formats/__init__.py": "def autodetect_format():\n    pass\n",
}
DJXML = modules("djxml/__init__.py", "djxml/xmlmodels/__init__.py") | modules(
    "djxml/xmlmodels/base.py", "djxml/xmlmodels/fields/__init__.py"
)


def untyped(cite: str, what: str, name: str, package: str) -> Incident:
    """A package with inline types, whose marker did not come into the wheel."""
    members = modules(f"{package}/__init__.py", f"{package}/core.py") | {
        f"{package}/py.typed": ""
    }
    return lacking(
        cite,
        what,
        name,
        members,
        f"{package}/py.typed",
    ).tells(
        warned=("wheel-sdist-content",),
        says=("py.typed",),
    )


def scripted(
    cite: str,
    what: str,
    name: str,
    members: Members,
    *,
    entry: str,
    gone: tuple[str, ...],
) -> Incident:
    """A wheel whose commands are of a module that it lacks."""
    info = f"{sdist(name, {}).stem}.dist-info/entry_points.txt"
    points = {info: f"[console_scripts]\nrun = {entry}\n"}
    source = sdist(name, members)
    bad = wheel(name, {**without(members, *gone), **points}), source
    good = wheel(name, {**members, **points}), source
    return Incident(cite, what, Scene(bad), {"files": good})


LOCUST = modules("locust/__init__.py", "locust/env.py", "locust/py.typed")
MLX = modules("mlx/__init__.py", "mlx/py.typed")


def mlx(version: str, *stubs: str) -> Dist:
    """A compiled package with a marker, and with stubs or without."""
    native = {"mlx/core.cpython-312-x86_64-linux-gnu.so": machine_code.elf("x86_64")}
    members = MLX | native | modules(*(f"mlx/{stub}" for stub in stubs))
    return wheel(f"mlx {version}", members, tag=f"cp312-cp312-{LINUX}")


B1 = (
    lacking(
        "jd/tenacity#471",
        "8.4.0 without its subpackage: import fails everywhere",
        "tenacity 8.4.0",
        TENACITY,
        "tenacity/asyncio/",
    ).tells(
        warned=("import-unresolved", "wheel-sdist-content"),
        says=("tenacity.asyncio",),
    ),
    Incident(
        "tkarabela/pysubs2#92",
        "neither wheel nor sdist has the formats",
        Scene(pair("pysubs2 1.7.0", without(PYSUBS2, "pysubs2/formats/"))),
        {"files": pair("pysubs2 1.7.0", PYSUBS2)},
        warned=("import-unresolved",),
        says=("pysubs2.formats",),
    ),
    lacking(
        "theatlantic/django-xml#18",
        "only __init__.py is in the wheel",
        "django-xml 4.0.0",
        DJXML,
        "djxml/xmlmodels/",
    ).tells(
        warned=("wheel-sdist-content",),
        says=("djxml/xmlmodels/base.py",),
    ),
    lacking(
        "BodenmillerGroup/steinbock#128",
        "folders of Python files are missing",
        "steinbock 0.14.0",
        modules("steinbock/__init__.py", "steinbock/io.py")
        | modules("steinbock/measurement/__init__.py", "steinbock/measurement/data.py")
        | {"steinbock/cli.py": "from .measurement import data\n"},
        "steinbock/measurement/",
    ).tells(
        warned=("import-unresolved", "wheel-sdist-content"),
        says=("steinbock.measurement",),
    ),
    lacking(
        "France-Travail/words_n_fun#10",
        "a fixed list of packages, and a new one",
        "words-n-fun 1.5.2",
        modules("words_n_fun/__init__.py", "words_n_fun/utils.py")
        | modules("words_n_fun/preprocessing/__init__.py")
        | modules("words_n_fun/preprocessing/basic.py"),
        "words_n_fun/preprocessing/",
    ).tells(
        warned=("wheel-sdist-content",),
    ),
    untyped(
        "pypa/readme_renderer#227",
        "the marker is in the sdist alone",
        "readme-renderer 34.0",
        "readme_renderer",
    ),
    untyped(
        "jazzband/django-model-utils#586",
        "the marker is not in the wheel",
        "django-model-utils 4.3.1",
        "model_utils",
    ),
    untyped(
        "buildkite/buildkite-sdk#60",
        "the marker does not come into the wheel",
        "buildkite-sdk 0.2.3",
        "buildkite_sdk",
    ),
    untyped(
        "pylint-dev/pylint#8406",
        "the code has the marker, the wheel has not",
        "pylint 2.17.0",
        "pylint",
    ),
    untyped(
        "cdgriffith/puremagic#89",
        "it was not added to package_data",
        "puremagic 1.25",
        "puremagic",
    ),
    untyped(
        "icgood/proxy-protocol#51",
        "the wheel lacks the marker",
        "proxy-protocol 0.9.1",
        "proxyprotocol",
    ),
    Incident(
        "locustio/locust#2282",
        "2.14.0 was typed, 2.14.1 is not, wheel and sdist alike",
        Scene(
            pair("locust 2.14.1", modules("locust/__init__.py", "locust/env.py")),
            listed=pair("locust 2.14.0", LOCUST),
        ),
        {"files": pair("locust 2.14.1", LOCUST)},
        warned=("typing-lost",),
        says=("locust/py.typed", "2.14.0"),
    ),
    Incident(
        "ml-explore/mlx#3916",
        "0.31.2 had eight stubs, 0.32.0 has the marker alone",
        Scene(
            (mlx("0.32.0"), sdist("mlx 0.32.0", MLX)),
            listed=(mlx("0.31.2", "core.pyi", "fft.pyi"), sdist("mlx 0.31.2", MLX)),
        ),
        {"files": (mlx("0.32.0", "core.pyi", "fft.pyi"), sdist("mlx 0.32.0", MLX))},
        warned=("typing-lost",),
        says=("mlx", "0.31.2"),
    ),
    Incident(
        "akamhy/waybackpy#199",
        "the wheel is typed, and what is built from the sdist is not",
        Scene(
            (
                wheel(
                    "waybackpy 3.0.6",
                    modules("waybackpy/__init__.py", "waybackpy/py.typed"),
                ),
                sdist("waybackpy 3.0.6", modules("waybackpy/__init__.py")),
            )
        ),
        {
            "files": pair(
                "waybackpy 3.0.6",
                modules("waybackpy/__init__.py", "waybackpy/py.typed"),
            )
        },
        warned=("wheel-sdist-content",),
        says=("py.typed",),
    ),
    Incident(
        "nucypher/atxm@81a3e0b",
        "0.2.0 says that it is typed, and has no marker",
        Scene(
            pair(
                "atxm 0.2.0",
                modules("atxm/__init__.py", "atxm/machine.py"),
                {"Classifier": "Typing :: Typed"},
            )
        ),
        {
            "files": pair(
                "atxm 0.2.0",
                modules("atxm/__init__.py", "atxm/machine.py", "atxm/py.typed"),
                {"Classifier": "Typing :: Typed"},
            )
        },
        warned=("py-typed-missing",),
    ),
    scripted(
        "williballenthin/python-evtx#94",
        "ten commands of a folder that is not in",
        "python-evtx 0.8.1",
        modules("Evtx/__init__.py", "Evtx/Evtx.py", "scripts/__init__.py")
        | {"scripts/evtx_dump.py": "def main():\n    pass\n"},
        entry="scripts.evtx_dump:main",
        gone=("scripts/",),
    ).tells(
        refused=("entry-point-dangling",),
        says=("scripts.evtx_dump",),
        mild=("top-level-unexpected",),
    ),
    scripted(
        "simoninireland/epyc#7",
        "a module that is not in setup.py",
        "epyc 1.6.1",
        modules("epyc/__init__.py", "epyc/lab.py")
        | modules("epyc/scripts/__init__.py")
        | {"epyc/scripts/epyc.py": "def cli():\n    pass\n"},
        entry="epyc.scripts.epyc:cli",
        gone=("epyc/scripts/",),
    ).tells(
        refused=("entry-point-dangling",),
        warned=("wheel-sdist-content",),
        says=("epyc.scripts.epyc",),
    ),
    scripted(
        "c0dejump/HExHTTP#43",
        "the command's module lies beside the packages",
        "hexhttp 2.0",
        modules("utils/__init__.py", "hexhttp_static/__init__.py")
        | {"hexhttp.py": "def main():\n    pass\n"},
        entry="hexhttp:main",
        gone=("hexhttp.py",),
    ).tells(refused=("entry-point-dangling",), says=("hexhttp",)),
    scripted(
        "IBM/AssetOpsBench#278",
        "commands of a top-level package that is left out",
        "assetopsbench-mcp 0.1.0",
        modules("agent/__init__.py", "llm/__init__.py", "servers/__init__.py")
        | modules("servers/iot/__init__.py")
        | {"servers/iot/main.py": "def main():\n    pass\n"},
        entry="servers.iot.main:main",
        gone=("servers/",),
    ).tells(refused=("entry-point-dangling",), says=("servers.iot.main",)),
)

# --- B2: nothing is in the wheel -------------------------------------------------


def empty(
    cite: str, what: str, name: str, package: str, says: Says | None = None
) -> Incident:
    """A wheel of nothing but its metadata."""
    members = modules(f"{package}/__init__.py", f"{package}/core.py")
    bad = wheel(name, {}, says), sdist(name, members, says)
    depends = says is not None and "Requires-Dist" in says
    told = ("wheel-empty",)
    return Incident(
        cite,
        what,
        Scene(bad),
        {"files": pair(name, members, says)},
        refused=() if depends else told,
        warned=told if depends else (),
    )


B2 = (
    empty(
        "toumorokoshi/deepmerge#14",
        "the module is not shipped; yanked",
        "deepmerge 1.0.0",
        "deepmerge",
    ),
    empty(
        "ladisk/pyuff#86",
        "no code at all; yanked",
        "pyuff 2.4.1",
        "pyuff",
        {"Requires-Dist": "numpy"},
    ),
    empty(
        "b3yc0d3/rule34Py#21",
        "metadata alone",
        "rule34Py 2.0.0",
        "rule34Py",
        {"Requires-Dist": "requests"},
    ),
    empty(
        "pypa/pip@db1953367",
        "enum34 1.1.8 without the backported module",
        "enum34 1.1.8",
        "enum",
    ),
)

# --- B3: the wrong names at the top ----------------------------------------------


def with_tests(cite: str, what: str, name: str, package: str, *extra: str) -> Incident:
    """A wheel whose tests, or the like, other projects' would overwrite."""
    sound = modules(f"{package}/__init__.py", f"{package}/core.py")
    return carrying(cite, what, name, sound, modules(*extra)).tells(
        refused=("top-level-unexpected",),
        says=(extra[0].partition("/")[0],),
    )


B3 = (
    with_tests(
        "dpgaspar/Flask-AppBuilder#2087",
        "tests are installed",
        "Flask-AppBuilder 4.3.4",
        "flask_appbuilder",
        "tests/__init__.py",
        "tests/test_api.py",
        "tests/security/__init__.py",
    ),
    with_tests(
        "PyCQA/isort#1285",
        "tests and docs, bundled by poetry",
        "isort 5.0.4",
        "isort",
        "tests/__init__.py",
        "tests/test_isort.py",
        "docs/warning.md",
        "CHANGELOG.md",
    ).tells(
        refused=("top-level-unexpected",),
        warned=("top-level-unexpected",),
        says=("tests", "docs", "CHANGELOG.md"),
    ),
    with_tests(
        "miguelgrinberg/python-engineio#151",
        "it might destroy other packages",
        "python-engineio 3.10.0",
        "engineio",
        "tests/asyncio/__init__.py",
        "tests/asyncio/test_async_tornado.py",
        "tests/common/__init__.py",
    ),
    with_tests(
        "hardbyte/python-can#738",
        "the same",
        "python-can 3.3.2",
        "can",
        "test/__init__.py",
        "test/back2back_test.py",
    ),
    with_tests(
        "meeb/whoisit#46",
        "tests as a package of their own",
        "whoisit 3.0.1",
        "whoisit",
        "tests/__init__.py",
        "tests/test_parser.py",
    ),
    with_tests(
        "nelfin/pylint-protobuf#60",
        "find_packages() without exclude",
        "pylint-protobuf 0.22.0",
        "pylint_protobuf",
        "tests/__init__.py",
    ),
    with_tests(
        "pypa/trove-classifiers#38",
        "tests, and their library",
        "trove-classifiers 2020.6.20",
        "trove_classifiers",
        "tests/__init__.py",
        "tests/test_classifiers.py",
        "tests/lib/__init__.py",
    ),
    with_tests(
        "DataDog/sketches-py#51",
        "it breaks others' tests",
        "ddsketch 2.0.1",
        "ddsketch",
        "tests/__init__.py",
        "tests/datasets.py",
    ),
    with_tests(
        "lasp/cdflib#273",
        "benchmarks and tests",
        "cdflib 1.3.1",
        "cdflib",
        "tests/__init__.py",
        "benchmarks/__init__.py",
    ).tells(
        refused=("top-level-unexpected",),
        warned=("top-level-unexpected",),
        says=("tests", "benchmarks"),
    ),
    with_tests(
        "ashvardanian/StringZilla#338",
        "the only package that is left is test",
        "stringzilla 5.1.2",
        "stringzilla",
        "test/__init__.py",
    ),
    with_tests(
        "python-constraint/python-constraint#85",
        "tests do not belong in a wheel",
        "python-constraint2 2.0.0",
        "constraint",
        "tests/__init__.py",
    ),
    with_tests(
        "aws/chalice#1814",
        "a separate tests package",
        "chalice 1.26.1",
        "chalice",
        "tests/__init__.py",
        "tests/conftest.py",
    ),
    Incident(
        "flask-debugtoolbar 0.12.1, yanked",
        "its panels at the top, and the package itself is not there",
        Scene(
            (
                wheel(
                    "Flask-DebugToolbar 0.12.1",
                    modules("panels/__init__.py", "panels/headers.py"),
                ),
                sdist(
                    "Flask-DebugToolbar 0.12.1",
                    modules("flask_debugtoolbar/__init__.py")
                    | modules("flask_debugtoolbar/panels/__init__.py"),
                ),
            )
        ),
        {
            "files": pair(
                "Flask-DebugToolbar 0.12.1",
                modules("flask_debugtoolbar/__init__.py")
                | modules("flask_debugtoolbar/panels/__init__.py"),
            )
        },
        warned=("top-level-unexpected", "wheel-sdist-content"),
        says=("panels",),
    ),
    Incident(
        "CORE-GATECH-GROUP/serpent-tools#506",
        "each subpackage by itself, and no serpentTools",
        Scene(
            (
                wheel(
                    "serpentTools 0.10.0",
                    modules("data/__init__.py", "io/__init__.py")
                    | modules("objects/__init__.py", "parsers/__init__.py"),
                ),
                sdist(
                    "serpentTools 0.10.0",
                    modules("serpentTools/__init__.py", "serpentTools/data/__init__.py")
                    | modules("serpentTools/parsers/__init__.py"),
                ),
            )
        ),
        {
            "files": pair(
                "serpentTools 0.10.0",
                modules("serpentTools/__init__.py", "serpentTools/data/__init__.py"),
            )
        },
        warned=("top-level-unexpected",),
    ),
)

# --- B4: secrets and junk --------------------------------------------------------


def github_token() -> str:
    """A personal access token that nobody has: its check digits are right."""
    letters = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    body = "Xq8vT2mLr0Zc5bWd7Kp1Hn4Gs9Jf3y"
    check, digits = zlib.crc32(body.encode()), ""
    for _ in range(6):
        check, digit = divmod(check, len(letters))
        digits = letters[digit] + digits
    return f"ghp_{body}{digits}"


def bytecode(cite: str, what: str, name: str, package: str, *compiled: str) -> Incident:
    """A wheel with bytecode."""
    sources = (re.sub(r"__pycache__/|\.cpython.*|\.pyc$", "", c) for c in compiled)
    sound = modules(f"{package}/__init__.py", *(f"{path}.py" for path in sources))
    extra: Members = dict.fromkeys(compiled, b"\x42\x0d\x0d\x0a" + bytes(12))
    return carrying(
        cite,
        what,
        name,
        sound,
        extra,
        in_source=False,
    ).tells(
        warned=("bytecode",),
    )


def ds_store(cite: str, what: str, name: str, package: str, *where: str) -> Incident:
    """A wheel with what the Finder leaves."""
    sound = modules(f"{package}/__init__.py", f"{package}/core.py")
    extra: Members = dict.fromkeys(where, b"\0\0\0\1Bud1" + bytes(8))
    return carrying(
        cite,
        what,
        name,
        sound,
        extra,
        in_source=False,
    ).tells(
        warned=("junk-file",),
        says=(".DS_Store",),
    )


def venv(cite: str, what: str, name: str, package: str, *folders: str) -> Incident:
    """An sdist with a virtual environment."""
    extra: dict[str, Content] = {}
    for folder in folders:
        extra |= {
            f"{folder}/pyvenv.cfg": "home = /usr/bin\nversion = 3.8.10\n",
            f"{folder}/bin/activate": "# activate\n",
            f"{folder}/lib/python3.8/site-packages/six.py": '"""Six."""\n',
        }
    return littered(
        cite,
        what,
        name,
        modules(f"{package}/__init__.py"),
        extra,
    ).tells(
        refused=("junk-file",),
        says=(folders[0],),
    )


B4 = (
    littered(
        "CorporateSmalltalkConsultingLtd/ClaudeSmalltalk#22",
        "the registry's tokens, as its tool keeps them; yanked",
        "ClaudeSmalltalk 1.2.0",
        modules("claudesmalltalk/__init__.py"),
        {".mcpregistry_github_token": f"{github_token()}\n"},
    ).tells(
        refused=("secret",),
        says=(".mcpregistry_github_token",),
    ),
    littered(
        "astral-sh/uv#10556",
        "a token in an untracked file beside the project",
        "expasy-chat 0.1.0",
        modules("expasy_chat/__init__.py"),
        {"token.txt": f"export GITHUB_TOKEN={github_token()}\n"},
    ).tells(
        refused=("secret",),
    ),
    littered(
        "PyO3/maturin-action#193",
        "the command line, password and all, is a script in the sdist",
        "ncollpyde 1.0.0",
        modules("ncollpyde/__init__.py"),
        {
            "run-maturin-action.sh": "#!/bin/bash\nmaturin publish -u x "
            f"-p {github_token()}\n"
        },
    ).tells(
        refused=("secret",),
        says=("run-maturin-action.sh",),
    ),
    littered(
        "pytest-dev/pytest-freezer#9",
        "a virtual environment, an editor's folder and a cache",
        "pytest-freezer 0.4.6",
        modules("pytest_freezer.py"),
        {
            ".venv/pyvenv.cfg": "home = /usr/bin\n",
            ".venv/bin/activate": "# activate\n",
            ".idea/workspace.xml": "<project/>\n",
            ".coverage": b"SQLite format 3\0",
        },
    ).tells(
        refused=("junk-file",),
        warned=("junk-file",),
        says=(".venv", ".idea"),
    ),
    venv(
        "ApeWorX/eth-account#150",
        "three virtual environments: 43 MB",
        "eth-account 0.6.1",
        "eth_account",
        "venv-056",
        "venv-ea-060",
        "venv-ea-eabi",
    ),
    venv(
        "ApeWorX/hexbytes#17",
        "two virtual environments: 52 MB",
        "hexbytes 0.2.2",
        "hexbytes",
        "venv",
        "venv-py3.8",
    ),
    venv(
        "overhangio/tutor#1296",
        "a virtual environment that hatchling took",
        "tutor 19.0.3",
        "tutor",
        "venv",
    ),
    venv(
        "testing-cabal/fixtures#97",
        "a Python 3.8, which git does not track",
        "fixtures 4.2.3",
        "fixtures",
        "venv",
    ),
    venv(
        "manzt/anywidget#273",
        "what only the user's own gitignore names",
        "anywidget 0.6.5",
        "anywidget",
        ".venv",
    ),
    littered(
        "bluesky/tiled#569",
        "node_modules, ignored by a .gitignore that hatchling does not read",
        "tiled 0.1.0a105",
        modules("tiled/__init__.py"),
        {
            "web-frontend/node_modules/acorn/package.json": "{}\n",
            "web-frontend/node_modules/acorn/dist/acorn.js": "0;\n",
        },
    ).tells(
        warned=("junk-file",),
        says=("node_modules",),
    ),
    littered(
        "rsalesc/rbx#741",
        "the editor extension's node_modules: nine tenths of the sdist",
        "rbx.cp 1.2.0",
        modules("rbx/__init__.py"),
        {
            "vscode/node_modules/esbuild/package.json": "{}\n",
            "vscode/node_modules/@esbuild/darwin-arm64/bin/esbuild": (
                machine_code.macho("arm64")
            ),
        },
    ).tells(
        warned=("junk-file",),
        says=("node_modules",),
    ),
    littered(
        "wkentaro/git-hunk#16",
        "another repository, git folder and all, below tmp",
        "git-hunk 0.4.0",
        modules("git_hunk/__init__.py"),
        {
            "tmp/agent-browser/.git/HEAD": "ref: refs/heads/main\n",
            "tmp/agent-browser/.git/config": "[core]\n",
            "tmp/agent-browser/README.md": "# Agent\n",
        },
    ).tells(
        refused=("junk-file",),
        says=(".git",),
    ),
    littered(
        "gitpython-developers/GitPython#419",
        "bytecode in the sdist",
        "GitPython 2.0.1",
        modules("git/__init__.py", "git/cmd.py"),
        {"git/cmd.pyc": bytes(16), "git/test/__init__.pyc": bytes(16)},
    ).tells(
        warned=("bytecode",),
    ),
    littered(
        "spyder-ide/qtpy#129",
        "cache files in the sdist",
        "QtPy 1.3.0",
        modules("qtpy/__init__.py", "qtpy/QtCore.py"),
        {"qtpy/__pycache__/QtCore.cpython-36.pyc": bytes(16)},
    ).tells(
        warned=("bytecode",),
    ),
    bytecode(
        "cackharot/suds-py3#88",
        "all caches of a Python 3.8",
        "suds-py3 1.4.5.0",
        "suds",
        "suds/__pycache__/__init__.cpython-38.opt-1.pyc",
    ),
    bytecode(
        "jupyter/jupyter_core#120",
        "caches of the tests",
        "jupyter-core 4.4.0",
        "jupyter_core",
        "jupyter_core/tests/__pycache__/__init__.cpython-36.pyc",
    ),
    bytecode(
        "CamDavidsonPilon/tdigest#49",
        "bytecode of a Python 2.7",
        "tdigest 0.5.2.1",
        "tdigest",
        "tdigest/tdigest.pyc",
        "tdigest/__init__.pyc",
    ),
    bytecode(
        "python-poetry/poetry#10160",
        "poetry-core's own wheel",
        "poetry-core 2.0.1",
        "poetry",
        "poetry/core/__pycache__/factory.cpython-310.pyc",
    ),
    bytecode(
        "mjs/imapclient#643",
        "stale bytecode from a dirty tree",
        "IMAPClient 3.1.0",
        "imapclient",
        "imapclient/__pycache__/imap4.cpython-37.pyc",
    ),
    bytecode(
        "iMerica/dj-rest-auth#753",
        "an installer skips it, and says so each time",
        "dj-rest-auth 7.1.0",
        "dj_rest_auth",
        "dj_rest_auth/tests/__pycache__/utils.cpython-314.pyc",
    ),
    bytecode(
        "numpy/numpy#31397",
        "bytecode that the build left",
        "numpy 2.4.0",
        "numpy",
        "numpy/distutils/__pycache__/conv_template.cpython-311.pyc",
    ),
    bytecode(
        "triton-lang/triton#9505",
        "many folders of it",
        "triton 3.6.0",
        "triton",
        "triton/__pycache__/core.cpython-313.pyc",
    ),
    ds_store(
        "pypa/wheel#297",
        "a file system refuses the name",
        "foobar 3.1",
        "foobar",
        ".DS_Store",
    ),
    ds_store(
        "byashimov/django-controlcenter#36",
        "in every folder",
        "django-controlcenter 0.2.7",
        "controlcenter",
        "controlcenter/.DS_Store",
        "controlcenter/static/.DS_Store",
    ),
    ds_store(
        "syrusakbary/snapshottest#59",
        "in the package",
        "snapshottest 0.5.0",
        "snapshottest",
        "snapshottest/.DS_Store",
    ),
    ds_store(
        "sehmaschine/django-grappelli#340",
        "59 of them",
        "django-grappelli 2.4.4",
        "grappelli",
        "grappelli/static/.DS_Store",
    ),
    littered(
        "pallets/click#480",
        "in the sdist",
        "click 6.2",
        modules("click/__init__.py"),
        {"artwork/.DS_Store": bytes(8), "examples/.DS_Store": bytes(8)},
    ).tells(
        warned=("junk-file",),
        says=(".DS_Store",),
    ),
)

# --- B5: a stale build folder ----------------------------------------------------


def stale(cite: str, what: str, name: str, members: Members, *old: str) -> Incident:
    """A wheel with modules that the source no longer has."""
    row = carrying(cite, what, name, members, modules(*old), in_source=False)
    return row.tells(warned=("wheel-sdist-content",), says=(old[-1],))


B5 = (
    stale(
        "friendly-traceback/friendly-traceback#24",
        "three modules of before",
        "friendly-traceback 0.4.2",
        modules("friendly_traceback/__init__.py", "friendly_traceback/core.py")
        | modules("friendly_traceback/config.py", "friendly_traceback/debug_helper.py")
        | modules("friendly_traceback/source_cache.py"),
        "friendly_traceback/console.py",
        "friendly_traceback/formatters.py",
        "friendly_traceback/my_gettext.py",
    ),
    stale(
        "feincms/feincms#586",
        "a module that was deleted",
        "FeinCMS 1.11.0",
        modules("feincms/__init__.py", "feincms/management/__init__.py"),
        "feincms/management/checker.py",
    ),
    stale(
        "NatLabRockies/hive#170",
        "the package's name of six months ago",
        "nrel.hive 1.2.2",
        modules("nrel/__init__.py", "nrel/hive/__init__.py"),
        "hive/__init__.py",
        "hive/app.py",
    ),
    stale(
        "DataDog/integrations-core#7052",
        "a check under its old name",
        "datadog-checks-dev 3.13.0",
        modules("datadog_checks/dev/__init__.py", "datadog_checks/dev/check_abc.py"),
        "datadog_checks/dev/check.py",
    ),
    stale(
        "dalibo/temboard#857",
        "migrations that the source no longer has",
        "temboard 6.1",
        modules("temboardui/__init__.py", "temboardui/model/__init__.py"),
        "temboardui/model/alembic_0001.py",
    ),
)

# --- B6: damaged archives --------------------------------------------------------


def inflate_error(content: bytes) -> bytes:
    """The first member's compressed bytes overwritten, as a bad disk would."""
    length, more = struct.unpack("<HH", content[26:30])
    start = 30 + length + more
    return content[:start] + b"\xff" * 8 + content[start + 8 :]


def wrong_crc(content: bytes) -> bytes:
    """Another checksum of the last member in both headers."""
    at = content.rindex(b"PK\3\4") + 14
    row = content.rindex(b"PK\1\2") + 16
    other = bytes(byte ^ 0xFF for byte in content[at : at + 4])
    content = content[:at] + other + content[at + 4 :]
    return content[:row] + other + content[row + 4 :]


def bad_header(content: bytes) -> bytes:
    """No local header where the directory says that one is."""
    at = content.index(b"PK\3\4", 4)
    return content[:at] + b"\0\0\0\0" + content[at + 4 :]


def cut(content: bytes) -> bytes:
    """An upload, or a copy, that broke off."""
    return content[: len(content) // 2]


def damaged(
    cite: str,
    what: str,
    name: str,
    tag: str,
    damage: Callable[[bytes], bytes],
    *also: str,
) -> Incident:
    """A wheel that was whole when it was built."""
    package = wheel(name, {}).stem.partition("-")[0]
    good = wheel(name, modules(f"{package}/__init__.py", f"{package}/core.py"), tag=tag)
    source = sdist(name, modules(f"{package}/__init__.py", f"{package}/core.py"))
    return Incident(
        cite,
        what,
        Scene((replace(good, damage=damage), source)),
        {"files": (good, source)},
        refused=("archive-unreadable", *also),
    )


B6 = (
    damaged(
        "pydantic/pydantic#12395",
        "a module does not inflate; yanked",
        "pydantic-core 2.41.3",
        f"cp310-cp310-{LINUX}",
        inflate_error,
    ),
    damaged(
        "PyO3/maturin#2499",
        "the checksum is wrong, though it was right at build",
        "qcs-sdk-python 0.21.13",
        f"cp310-cp310-{LINUX}",
        wrong_crc,
    ),
    damaged(
        "jrenaud90/CyRK#62",
        "where a member should begin there is none",
        "CyRK 0.10.1",
        "cp310-cp310-win_amd64",
        bad_header,
        "archive-ambiguous",
    ),
    damaged(
        "VirusTotal/yara-x#149",
        "it fails while pip installs it",
        "yara-x 0.5.0",
        "cp310-cp310-win_amd64",
        cut,
    ),
)

# --- B7: bytes and modes that differ from the source -----------------------------


def from_tree(
    cite: str,
    what: str,
    name: str,
    tree: Members,
    changed: Members,
    *gone: str,
) -> Incident:
    """A set of an sdist and a wheel whose sdist is not what the release's tag holds:
    some files are others, or more, or gone.
    """
    source = {"pyproject.toml": PYPROJECT, **tree}
    bad = sdist(name, {**without(source, *gone), **changed})
    good = sdist(name, source)
    return Incident(cite, what, Scene((bad,), tree=source), {"files": (good,)}).tells()


def dos(content: str) -> str:
    """With the line ends of Windows."""
    return content.replace("\n", "\r\n")


PYPROJECT = '[build-system]\nrequires = ["setuptools>=77"]\n'
SCRIPT = "#!/usr/bin/env python\nimport sys\n\nprint(sys.argv)\n"


def converted(cite: str, what: str, name: str, *paths: str) -> Incident:
    """Files that git has with the line ends of Unix, and the sdist with Windows'."""
    tree: Members = {path: f"# {path}\n{SCRIPT}" for path in paths}
    changed = {path: dos(f"# {path}\n{SCRIPT}") for path in paths}
    row = from_tree(cite, what, name, tree, changed)
    return row.tells(warned=("source-mode",), says=(paths[0],))


B7 = (
    converted(
        "pypa/pip#9638",
        "21.0.1 was made on Windows, and every module is",
        "pip 21.0.1",
        "pip/__init__.py",
        "pip/__main__.py",
    ),
    converted(
        "pyinstaller/pyinstaller#5759",
        "distributions' patches no longer fit",
        "pyinstaller 4.3",
        "bootloader/wscript",
        "PyInstaller/__init__.py",
    ),
    converted(
        "pdfminer/pdfminer.six#104",
        "the shebang is python\\r",
        "pdfminer.six 20170720",
        "tools/pdf2txt.py",
        "pdfminer/__init__.py",
    ),
    converted(
        "inorton/junit2html#33",
        "version 12 came from Windows; on the forge it is fine",
        "junit2html 12",
        "junit2htmlreport/__init__.py",
        "junit2html",
    ),
    converted(
        "pytest-dev/py#144",
        "a packager asks whether it is meant",
        "py 1.4.34",
        "py/__init__.py",
    ),
    converted(
        "craftr-build/craftr#106",
        "from the repository it works",
        "craftr-build 1.0.3",
        "craftr/__init__.py",
        "craftr/__main__.py",
    ),
)

GPUSTACK: Members = {
    "pyproject.toml": PYPROJECT,
    "gpustack/__init__.py": "backends = ()\n",
    "gpustack/assets/backends.yaml": "backends: []\n",
}
FUNANNOTATE: Members = {
    "pyproject.toml": PYPROJECT,
    "funannotate/__init__.py": "",
    "funannotate/aux_scripts/phobius-multiproc.py": SCRIPT,
}
HELPER = ("funannotate/aux_scripts/phobius-multiproc.py",)
MODES = (
    Incident(
        "nextgenusfs/funannotate#1176",
        "a script that is started by its shebang has no execute bit",
        Scene(
            (sdist("funannotate 1.8.17", FUNANNOTATE),),
            tree=FUNANNOTATE,
            tree_scripts=HELPER,
        ),
        {"files": (replace(sdist("funannotate 1.8.17", FUNANNOTATE), scripts=HELPER),)},
        warned=("source-mode",),
        says=HELPER,
    ),
    Incident(
        "gpustack/gpustack#5143",
        "the build itself changes a file that git tracks",
        Scene(
            (sdist("gpustack 2.1.2", GPUSTACK),),
            tree=GPUSTACK,
            dirty={"gpustack/assets/backends.yaml": "backends: [vllm]\n"},
        ),
        {"dirty": {}},
        warned=("tree-dirty",),
        says=("gpustack/assets/backends.yaml",),
    ),
)

# --- C: the sdist is not what the tag holds, or not there ------------------------


def differing(
    cite: str, what: str, name: str, path: str, *, tagged: str, shipped: str
) -> Incident:
    """A module with other code than the tag's."""
    tree = modules(f"{path.rpartition('/')[0]}/__init__.py") | {path: tagged}
    row = from_tree(cite, what, name, tree, {path: shipped})
    return row.tells(refused=("source-differs",), says=(path,))


def untracked(cite: str, what: str, name: str, tree: Members, *extra: str) -> Incident:
    """Files that lay about where the sdist was made."""
    row = from_tree(cite, what, name, tree, modules(*extra))
    return row.tells(warned=("source-untracked",), says=(extra[0],))


def left_out(cite: str, what: str, name: str, package: str, *gone: str) -> Incident:
    """Modules that the build needs, and that the sdist lacks."""
    tree = modules("setup.py", f"{package}/__init__.py", f"{package}/core.py", *gone)
    row = from_tree(cite, what, name, tree, {}, *gone)
    return row.tells(warned=("source-missing",), says=(gone[0],))


def wheels_alone(cite: str, what: str, name: str, package: str) -> Incident:
    """A release that was meant to have an sdist."""
    good = pair(name, modules(f"{package}/__init__.py"))
    return Incident(
        cite,
        what,
        Scene(good[:1]),
        {"files": good},
        refused=("missing-sdist",),
    )


C = (
    differing(
        "privacyidea/privacyidea#2921",
        "how a token is resynchronised",
        "privacyIDEA 3.6.3",
        "privacyidea/lib/tokens/totptoken.py",
        tagged='info["timeShift"] = shift\n',
        shipped='self.add_tokeninfo("timeShift", shift)\n',
    ),
    differing(
        "pazz/alot#1681",
        "0.11 is much different from its tag",
        "alot 0.11",
        "alot/__main__.py",
        tagged="# This file is released under the GNU GPL\n",
        shipped="# Copyright (C) Patrick Totzke\n",
    ),
    differing(
        "PyCQA/pydocstyle#251",
        "tag and index are both called 2.0.0",
        "pydocstyle 2.0.0",
        "pydocstyle/checker.py",
        tagged="def check():\n    return True\n",
        shipped="def check():\n    return False\n",
    ),
    differing(
        "pypa/setuptools v23.2.1",
        "23.2.0 lacks the commits that were meant for it",
        "setuptools 23.2.0",
        "setuptools/package_index.py",
        tagged="attempts = 3\n",
        shipped="attempts = 1\n",
    ),
    differing(
        "ultralytics/ultralytics#18027",
        "the build's cache was poisoned, the repository was not",
        "ultralytics 8.3.41",
        "ultralytics/models/yolo/model.py",
        tagged="class YOLO:\n    pass\n",
        shipped="class YOLO:\n    pass\n\n\ndef safe_run(path):\n    return path\n",
    ),
    differing(
        "aiocpa 0.1.13, in the index's blog of 2024-11-25",
        "code that was never on the forge",
        "aiocpa 0.1.13",
        "cryptopay/utils/sync.py",
        tagged="def sync():\n    pass\n",
        shipped="def sync():\n    pass\n\n\ninit = None\n",
    ),
    untracked(
        "yaroslaff/evalidate#15",
        "scratch files of the author",
        "evalidate 2.0.4",
        modules("evalidate/__init__.py", "evalidate/security.py"),
        "x.py",
        "xx.py",
        "y.py",
        "ev.py",
    ),
    untracked(
        "trungdong/prov#106",
        "a folder of one's own, and half of a new serializer",
        "prov 1.5.0",
        modules("prov/__init__.py", "prov/serializers/__init__.py"),
        "dev/debug_jsons.py",
        "prov/serializers/jsonld_streaming.py",
    ),
    untracked(
        "jjjake/internetarchive#271",
        "a command that the tag does not have",
        "internetarchive 1.8.1",
        modules("internetarchive/__init__.py", "internetarchive/cli/__init__.py"),
        "internetarchive/cli/ia_dark.py",
    ),
    left_out(
        "cython/cython 3.0.1, CHANGES",
        "3.0.0 lacks the stubs of its own module",
        "Cython 3.0.0",
        "Cython",
        "Cython/Shadow.pyi",
    ),
    left_out(
        "cython/cython#5199",
        "the configuration of its tools is missing",
        "Cython 3.0.0a11",
        "Cython",
        "setup.cfg",
    ),
    left_out(
        "pikepdf/pikepdf#490",
        "the sdist lost sources",
        "pikepdf 8.0.0",
        "pikepdf",
        "pikepdf/_core.pyi",
        "pikepdf/models.py",
    ),
    left_out(
        "piskvorky/gensim#2194",
        "content is missing in the tarball",
        "gensim 3.6.0",
        "gensim",
        "gensim/_matutils.pyx",
    ),
    wheels_alone(
        "pypmc/pypmc#68",
        "pip falls back to an older release",
        "pypmc 1.1.4",
        "pypmc",
    ),
    wheels_alone(
        "deepseek-ai/deepseek-recipe#1",
        "one platform, and no sdist for the others",
        "deepseek-recipe 0.1.0",
        "deepseek_recipe",
    ),
    wheels_alone(
        "python/typing#945",
        "the wrong twine command",
        "typing-extensions 4.0.0",
        "typing_extensions",
    ),
    wheels_alone(
        "pymc-devs/pytensor#293",
        "a shallow clone, and an sdist that the index does not take",
        "pytensor 2.11.2",
        "pytensor",
    ),
)

#: A backend in the sdist itself, which needs nothing else to build a wheel.
BACKEND = """\
import pathlib
import zipfile

import version_tools

requires = pathlib.Path("requirements.txt").read_text().split()
stem = next(pathlib.Path().glob("*.stem")).stem


def build_wheel(folder, config_settings=None, metadata_directory=None):
    name = f"{stem}-py3-none-any.whl"
    info = f"{stem}.dist-info"
    with zipfile.ZipFile(pathlib.Path(folder, name), "w") as wheel:
        for module in pathlib.Path().glob("*/*.py"):
            wheel.write(module)
        wheel.write("PKG-INFO", f"{info}/METADATA")
        wheel.writestr(
            f"{info}/WHEEL",
            "Wheel-Version: 1.0\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n",
        )
        wheel.writestr(f"{info}/RECORD", "")
    return name
"""
OF_ITSELF = """\
[build-system]
requires = []
build-backend = "backend"
backend-path = ["."]
"""


def unbuilt(
    cite: str, what: str, name: str, members: Members, *gone: str, rule: str
) -> Incident:
    """An sdist that lacks what its build reads, or should take."""
    built = wheel(name, members)
    whole: Members = {
        **members,
        "pyproject.toml": OF_ITSELF,
        "backend.py": BACKEND,
        "requirements.txt": "",
        "version_tools.py": "",
        f"{built.stem}.stem": "",
    }
    command = "rehearse", "dist", "--build", "--no-progress"
    return Incident(
        cite,
        what,
        Scene((built, sdist(name, without(whole, *gone))), command=command),
        {"files": (built, sdist(name, whole))},
        refused=(rule,),
        says=tuple(path.partition(".")[0] for path in gone),
    )


BUILDS = (
    unbuilt(
        "pyamg/pyamg#192",
        "its build imports a module that lies beside it, and is not there",
        "pyamg 3.2.0",
        modules("pyamg/__init__.py", "pyamg/multilevel.py"),
        "version_tools.py",
        rule="sdist-unbuildable",
    ),
    unbuilt(
        "101Loop/drf-user#6",
        "its build reads requirements.txt, which is not there",
        "drf-user 0.0.8",
        modules("drf_user/__init__.py", "drf_user/models.py"),
        "requirements.txt",
        rule="sdist-unbuildable",
    ),
    unbuilt(
        "pypa/setuptools#1016",
        "what is installed from the sdist lacks files",
        "setuptools 35.0.0",
        modules("setuptools/__init__.py", "setuptools/dist.py")
        | modules("pkg_resources/__init__.py"),
        "pkg_resources",
        rule="sdist-builds-other",
    ),
)

# --- D1, D2: wheels that are missing ---------------------------------------------

SUFFIXES = {
    LINUX: ("cpython-{0}-x86_64-linux-gnu.so", machine_code.elf("x86_64")),
    MUSL: (
        "cpython-{0}-x86_64-linux-musl.so",
        machine_code.elf("x86_64", libc=machine_code.MUSL),
    ),
    INTEL: ("cpython-{0}-darwin.so", machine_code.macho("x86_64")),
    ARM: ("cpython-{0}-darwin.so", machine_code.macho("arm64")),
    WINDOWS: ("cp{0}-win_amd64.pyd", machine_code.pe("win_amd64")),
}


def native(name: str, package: str, platform: str, python: str = "312") -> Dist:
    """A wheel with a module for one Python on one platform."""
    suffix, content = SUFFIXES[platform]
    members = modules(f"{package}/__init__.py") | {
        f"{package}/_core.{suffix.format(python)}": content
    }
    return wheel(name, members, tag=f"cp{python}-cp{python}-{platform}")


def fewer(
    cite: str,
    what: str,
    name: str,
    *,
    before: str,
    had: tuple[str, ...],
    left: tuple[str, ...],
    says: tuple[str, ...],
) -> Incident:
    """A release without wheels that the one before had."""
    project, _ = name.split()
    package = sdist(name, {}).stem.rpartition("-")[0]
    source = sdist(name, modules(f"{package}/__init__.py"))
    last = tuple(native(f"{project} {before}", package, p) for p in had)
    older = sdist(f"{project} {before}", modules(f"{package}/__init__.py"))
    every = tuple(native(name, package, p) for p in had)
    built = tuple(native(name, package, p) for p in left)
    return Incident(
        cite,
        what,
        Scene((source, *built), listed=(older, *last)),
        {"files": (source, *every)},
        warned=("missing-wheel",),
        says=says,
    )


FOUR = (LINUX, INTEL, ARM, WINDOWS)
D1 = (
    fewer(
        "matplotlib/matplotlib#13554",
        "the sdist is up, Windows' wheels come hours later",
        "matplotlib 3.0.3",
        before="3.0.2",
        had=(LINUX, INTEL, WINDOWS),
        left=(LINUX, INTEL),
        says=("Windows",),
    ),
    fewer(
        "scipy/scipy#8077",
        "announced, and none for Linux",
        "scipy 1.0.0",
        before="0.19.1",
        had=(LINUX, INTEL),
        left=(INTEL,),
        says=("Linux",),
    ),
    fewer(
        "supermihi/pytaglib#203",
        "the step that publishes the wheels failed silently",
        "pytaglib 3.2.0",
        before="3.1.0",
        had=FOUR,
        left=(),
        says=("no wheels at all",),
    ),
    fewer(
        "nucleic/kiwi#65",
        "the sdist first, and every build in the world compiles it",
        "kiwisolver 1.1.0",
        before="1.0.1",
        had=(LINUX, WINDOWS),
        left=(),
        says=("no wheels at all",),
    ),
    fewer(
        "j178/prek#1320",
        "no macOS arm64, and no sdist helps there",
        "prek 0.2.26",
        before="0.2.25",
        had=FOUR,
        left=(LINUX, INTEL, WINDOWS),
        says=("macOS arm64",),
    ),
    fewer(
        "brentp/cyvcf2#297",
        "two releases without arm64",
        "cyvcf2 0.30.26",
        before="0.30.22",
        had=(LINUX, INTEL, ARM),
        left=(LINUX, INTEL),
        says=("macOS arm64",),
    ),
    fewer(
        "opencv/opencv-python#994",
        "they were added six hours later",
        "opencv-python 4.10.0.82",
        before="4.9.0.80",
        had=FOUR,
        left=(LINUX, INTEL, WINDOWS),
        says=("macOS arm64",),
    ),
    fewer(
        "aiplan4eu/up-fast-downward#32",
        "built, and not collected where it is published",
        "up-fast-downward 0.5.0",
        before="0.4.1",
        had=FOUR,
        left=(LINUX, INTEL, WINDOWS),
        says=("macOS arm64",),
    ),
    fewer(
        "darnstrom/daqp#90",
        "macos-latest became another machine",
        "daqp 0.7.2",
        before="0.7.1",
        had=FOUR,
        left=(LINUX, ARM, WINDOWS),
        says=("macOS x86_64",),
    ),
    fewer(
        "rushter/selectolax#178",
        "a new build tool, told to skip musllinux",
        "selectolax 0.3.30",
        before="0.3.29",
        had=(LINUX, MUSL, WINDOWS),
        left=(LINUX, WINDOWS),
        says=("musl",),
    ),
    fewer(
        "adamchainz/time-machine#355",
        "what CI had built was not uploaded",
        "time-machine 2.10.0",
        before="2.9.0",
        had=FOUR,
        left=(INTEL, ARM),
        says=(
            "Linux",
            "Windows",
        ),
    ),
    fewer(
        "pymupdf/PyMuPDF#518",
        "Windows seems to go missing more often",
        "PyMuPDF 1.17.0",
        before="1.16.18",
        had=(LINUX, INTEL, WINDOWS),
        left=(LINUX, INTEL),
        says=("Windows",),
    ),
    fewer(
        "jelmer/dulwich#807",
        "two releases without Linux",
        "dulwich 0.20.8",
        before="0.20.6",
        had=(LINUX, INTEL, WINDOWS),
        left=(INTEL, WINDOWS),
        says=("Linux",),
    ),
    fewer(
        "PyWavelets/pywt#656",
        "the build was cancelled, and the upload ran: an sdist and two wheels",
        "PyWavelets 1.4.0",
        before="1.3.0",
        had=(*FOUR, MUSL),
        left=(LINUX, WINDOWS),
        says=(
            "macOS",
            "musl",
        ),
    ),
)

MSPRIME = (
    native("msprime 1.1.1", "msprime", LINUX, "312"),
    native("msprime 1.1.1", "msprime", LINUX, "311"),
    native("msprime 1.1.1", "msprime", INTEL, "312"),
    native("msprime 1.1.1", "msprime", INTEL, "311"),
    sdist("msprime 1.1.1", modules("msprime/__init__.py")),
)
FASTTEXT = (
    native("fasttext-wheel 0.9.2", "fasttext_wheel", LINUX, "311"),
    native("fasttext-wheel 0.9.2", "fasttext_wheel", ARM, "311"),
    sdist("fasttext-wheel 0.9.2", modules("fasttext_wheel/__init__.py")),
)


def again(files: tuple[Dist, ...], version: str) -> tuple[Dist, ...]:
    """The same files of another version."""
    return tuple(replace(file, version=version) for file in files)


D2 = (
    Incident(
        "tskit-dev/msprime#2057",
        "one Python alone on Linux; the test had installed the last release",
        Scene(
            again((MSPRIME[0], *MSPRIME[2:]), "1.2.0"),
            listed=MSPRIME,
        ),
        {"files": again(MSPRIME, "1.2.0")},
        warned=("missing-wheel",),
        says=("cp311",),
    ),
    Incident(
        "messense/fasttext-wheel#9",
        "a new Python everywhere but on macOS arm64",
        Scene(
            (
                *again(FASTTEXT, "0.9.3"),
                native("fasttext-wheel 0.9.3", "fasttext_wheel", LINUX),
            ),
            listed=FASTTEXT,
        ),
        {
            "files": (
                *again(FASTTEXT, "0.9.3"),
                native("fasttext-wheel 0.9.3", "fasttext_wheel", LINUX),
                native("fasttext-wheel 0.9.3", "fasttext_wheel", ARM),
            )
        },
        noted=("missing-wheel",),
        says=("cp312", "macOS arm64"),
    ),
)

# --- D3: tags that are not what is inside ----------------------------------------


def mistagged(
    cite: str,
    what: str,
    name: str,
    tag: str,
    *,
    bad: Members,
    good: Members,
    rule: str,
) -> Incident:
    """A wheel whose binaries are not what its tag says."""
    package = sdist(name, {}).stem.rpartition("-")[0]
    plain, says = modules(f"{package}/__init__.py"), {"Requires-Python": ">=2.7"}
    source = sdist(name, plain, says)
    files = wheel(name, {**plain, **bad}, says, tag=tag), source
    right = wheel(name, {**plain, **good}, says, tag=tag), source
    is_error = rule in ("binary-tag-mismatch", "native-in-pure")
    return Incident(
        cite,
        what,
        Scene(files),
        {"files": right},
        refused=(rule,) if is_error else (),
        warned=() if is_error else (rule,),
    )


MISMATCH = "binary-tag-mismatch"
DECORD = modules("decord/__init__.py") | {
    "decord/libdecord.so": machine_code.elf("x86_64")
}
RETAGGED = """\
Wheel-Version: 1.0
Generator: bdist_wheel (0.36.2)
Root-Is-Purelib: false
Tag: cp36-cp36m-manylinux2010_x86_64
"""
D3 = (
    mistagged(
        "psf/black#3312",
        "tagged for Intel, and compiled for arm64",
        "black 22.10.0",
        f"cp310-cp310-{ARM.replace('arm64', 'x86_64')}",
        bad={"black/linegen.cpython-310-darwin.so": machine_code.macho("arm64")},
        good={"black/linegen.cpython-310-darwin.so": machine_code.macho("x86_64")},
        rule=MISMATCH,
    ),
    mistagged(
        "eclipse-zenoh/zenoh-python#60",
        "tagged for arm64, and compiled for Intel",
        "eclipse-zenoh 0.5.0b9",
        f"cp36-abi3-{ARM}",
        bad={"zenoh.abi3.so": machine_code.macho("x86_64")},
        good={"zenoh.abi3.so": machine_code.macho("arm64")},
        rule=MISMATCH,
    ),
    mistagged(
        "louisabraham/pydivsufsort#47",
        "the module is for arm64, the libraries that it loads are not",
        "pydivsufsort 0.0.12",
        f"cp312-cp312-{ARM}",
        bad={
            "pydivsufsort/stringalg.cpython-312-darwin.so": machine_code.macho("arm64"),
            "pydivsufsort/libdivsufsort.3.0.1.dylib": machine_code.macho("x86_64"),
        },
        good={
            "pydivsufsort/stringalg.cpython-312-darwin.so": machine_code.macho("arm64"),
            "pydivsufsort/libdivsufsort.3.0.1.dylib": machine_code.macho("arm64"),
        },
        rule=MISMATCH,
    ).tells(warned=(MISMATCH,), says=("libdivsufsort",)),
    mistagged(
        "openPMD/openPMD-api#1232",
        "Intel's code for an M1",
        "openPMD-api 0.14.4",
        f"cp39-cp39-{ARM}",
        bad={"openpmd_api_cxx.cpython-39-darwin.so": machine_code.macho("x86_64")},
        good={"openpmd_api_cxx.cpython-39-darwin.so": machine_code.macho("arm64")},
        rule=MISMATCH,
    ),
    mistagged(
        "manugarg/pacparser#199",
        "universal2 with one half",
        "pacparser 1.4.3",
        "cp311-cp311-macosx_10_9_universal2",
        bad={
            "pacparser/_pacparser.cpython-311-darwin.so": machine_code.macho("x86_64")
        },
        good={
            "pacparser/_pacparser.cpython-311-darwin.so": machine_code.fat(
                "x86_64", "arm64"
            )
        },
        rule=MISMATCH,
    ),
    mistagged(
        "dqrobotics/python#56",
        "the runner is Intel's, and the tag says universal2",
        "dqrobotics 23.4.0a21",
        "cp311-cp311-macosx_10_15_universal2",
        bad={"dqrobotics/_dq.cpython-311-darwin.so": machine_code.fat("x86_64")},
        good={
            "dqrobotics/_dq.cpython-311-darwin.so": machine_code.fat("x86_64", "arm64")
        },
        rule=MISMATCH,
    ),
    mistagged(
        "pypa/cibuildwheel#2395",
        "pychomp2 for Python 3.12 with a module for 3.13; yanked",
        "pychomp2 1.0.5",
        "cp312-cp312-macosx_10_13_x86_64",
        bad={"pychomp/_chomp.cpython-313-darwin.so": machine_code.macho("x86_64")},
        good={"pychomp/_chomp.cpython-312-darwin.so": machine_code.macho("x86_64")},
        rule=MISMATCH,
    ),
    mistagged(
        "Farama-Foundation/Arcade-Learning-Environment#535",
        "every Linux wheel has a module for Python 3.7",
        "ale-py 0.9.0",
        f"cp38-cp38-{LINUX}",
        bad={
            "ale_py/_ale_py.cpython-37m-x86_64-linux-gnu.so": machine_code.elf("x86_64")
        },
        good={
            "ale_py/_ale_py.cpython-38-x86_64-linux-gnu.so": machine_code.elf("x86_64")
        },
        rule=MISMATCH,
    ),
    mistagged(
        "tuxu/python-samplerate#34",
        "the build found another Python",
        "samplerate 0.2.3",
        f"cp311-cp311-{LINUX}",
        bad={"samplerate.cpython-314-x86_64-linux-gnu.so": machine_code.elf("x86_64")},
        good={"samplerate.cpython-311-x86_64-linux-gnu.so": machine_code.elf("x86_64")},
        rule=MISMATCH,
    ),
    mistagged(
        "tohtsky/irspack#116",
        "abi3 by name, with a module for one Python",
        "irspack 0.5.0",
        f"cp312-abi3-{LINUX}",
        bad={
            "irspack/_core_evaluator.cpython-312-x86_64-linux-gnu.so": (
                machine_code.elf("x86_64")
            )
        },
        good={"irspack/_core_evaluator.abi3.so": machine_code.elf("x86_64")},
        rule="abi3-violation",
    ),
    mistagged(
        "OpenMined/PyDP#119",
        "for every system, with a module for one",
        "python-dp 0.1.0",
        "py2.py3-none-any",
        bad={"pydp/pydp.so": machine_code.elf("x86_64", init="pydp")},
        good={},
        rule="native-in-pure",
    ),
    mistagged(
        "ludo-technologies/pyscn#760",
        "built on the runner, and named by hand",
        "pyscn 1.31.1",
        "py3-none-manylinux_2_17_x86_64",
        bad={
            "pyscn/bin/pyscn-linux-amd64": machine_code.elf(
                "x86_64", glibc=("2.2.5", "2.17", "2.32", "2.34")
            )
        },
        good={
            "pyscn/bin/pyscn-linux-amd64": machine_code.elf(
                "x86_64", glibc=("2.2.5", "2.17")
            )
        },
        rule="glibc-floor",
    ),
    mistagged(
        "lightgbm-org/LightGBM#4788",
        "manylinux1 with a function of glibc 2.14",
        "lightgbm 3.3.1",
        "py3-none-manylinux1_x86_64",
        bad={
            "lightgbm/lib_lightgbm.so": machine_code.elf(
                "x86_64", glibc=("2.2.5", "2.4", "2.14")
            )
        },
        good={"lightgbm/lib_lightgbm.so": machine_code.elf("x86_64", glibc=("2.2.5",))},
        rule="glibc-floor",
    ),
    mistagged(
        "generaltranslation/gt#1282",
        "a bundled program that needs glibc 2.25",
        "gt-cli 2.14.0",
        "py3-none-manylinux_2_17_aarch64",
        bad={
            "gt_cli/gt-linux-arm64": machine_code.elf(
                "aarch64", glibc=("2.17", "2.18", "2.25")
            )
        },
        good={"gt_cli/gt-linux-arm64": machine_code.elf("aarch64", glibc=("2.17",))},
        rule="glibc-floor",
    ),
    Incident(
        "dmlc/decord#356",
        "WHEEL says another Python than the name, and it is installed again each time",
        Scene(
            (
                wheel(
                    "decord 0.6.0",
                    DECORD | {"decord-0.6.0.dist-info/WHEEL": RETAGGED},
                    tag="py3-none-manylinux2010_x86_64",
                ),
                sdist("decord 0.6.0", modules("decord/__init__.py")),
            )
        ),
        {
            "files": (
                wheel("decord 0.6.0", DECORD, tag="py3-none-manylinux2010_x86_64"),
                sdist("decord 0.6.0", modules("decord/__init__.py")),
            )
        },
        refused=("wheel-tag-mismatch",),
        says=("cp36-cp36m",),
    ),
    Incident(
        "piwheels/packages#220",
        "pyinstaller 4.3 for every system, without its bootloaders",
        Scene(
            (
                wheel("pyinstaller 4.3", modules("PyInstaller/__init__.py")),
                sdist("pyinstaller 4.3", modules("PyInstaller/__init__.py")),
            ),
            policy='expect: {wheels: ["py3-none-manylinux2014_x86_64"]}\n',
        ),
        {
            "files": (
                wheel(
                    "pyinstaller 4.3",
                    modules("PyInstaller/__init__.py")
                    | {"PyInstaller/bootloader/run": machine_code.elf("x86_64")},
                    tag="py3-none-manylinux2014_x86_64",
                ),
                sdist("pyinstaller 4.3", modules("PyInstaller/__init__.py")),
            )
        },
        refused=("unexpected-wheel", "missing-wheel"),
    ),
    Incident(
        "jhavl/spatialgeometry#9",
        "a glob took a wheel for the browser, which ended the upload",
        Scene(
            (
                native("spatialgeometry 1.2.0", "spatialgeometry", LINUX),
                wheel(
                    "spatialgeometry 1.2.0",
                    modules("spatialgeometry/__init__.py"),
                    tag="cp312-cp312-pyodide_2024_0_wasm32",
                ),
                sdist("spatialgeometry 1.2.0", modules("spatialgeometry/__init__.py")),
            ),
            policy='expect: {wheels: ["cp312-cp312-manylinux*"]}\n',
        ),
        {
            "files": (
                native("spatialgeometry 1.2.0", "spatialgeometry", LINUX),
                sdist("spatialgeometry 1.2.0", modules("spatialgeometry/__init__.py")),
            )
        },
        refused=("unexpected-wheel", "platform-tag-refused"),
    ),
)

# --- E1: which Pythons -----------------------------------------------------------


def python(*versions: str) -> tuple[str, ...]:
    """Classifiers."""
    return tuple(f"Programming Language :: Python :: {v}" for v in versions)


def requiring(
    cite: str, what: str, name: str, package: str, *, bad: Says, good: Says, rule: str
) -> Incident:
    """Metadata that let a Python have what it cannot run."""
    members = modules(f"{package}/__init__.py")
    return Incident(
        cite,
        what,
        Scene(pair(name, members, bad)),
        {"files": pair(name, members, good)},
        warned=(rule,),
    )


def forgotten(
    cite: str,
    what: str,
    name: str,
    package: str,
    *,
    before: str,
    pythons: tuple[str, ...],
) -> Incident:
    """The lowest of these Pythons is dropped, but for Requires-Python."""
    own, _ = name.split()
    members = modules(f"{package}/__init__.py")
    first, *rest = pythons
    old: Says = {"Requires-Python": f">={first}", "Classifier": python(*pythons)}
    bad: Says = {"Requires-Python": f">={first}", "Classifier": python(*rest)}
    good: Says = {"Requires-Python": f">={rest[0]}", "Classifier": python(*rest)}
    return Incident(
        cite,
        what,
        Scene(
            pair(name, members, bad),
            listed=pair(f"{own} {before}", members, old),
        ),
        {"files": pair(name, members, good)},
        warned=("requires-python-stale",),
        noted=("requires-python-disagrees",),
        says=(first,),
    )


def unbounded(
    cite: str, what: str, name: str, package: str, good: str, *classifiers: str
) -> Incident:
    """No Requires-Python at all."""
    says: Says = {"Classifier": python(*classifiers)}
    return requiring(
        cite,
        what,
        name,
        package,
        bad={**says, "Requires-Python": None},
        good={**says, "Requires-Python": good},
        rule="requires-python-missing",
    )


def dropped(
    cite: str, what: str, name: str, *, before: str, was: str | None, now: str | None
) -> Incident:
    """A Python that the last release had, lost in a small step."""
    project, _ = name.split()
    package = sdist(name, {}).stem.rpartition("-")[0]
    members = modules(f"{package}/__init__.py")
    last = pair(f"{project} {before}", members, {"Requires-Python": was})
    return Incident(
        cite,
        what,
        Scene(pair(name, members, {"Requires-Python": now}), listed=last),
        {"files": pair(name, members, {"Requires-Python": was})},
        warned=(
            "requires-python-dropped",
            *(("requires-python-missing",) if now is None else ()),
        ),
        says=(was or "", before),
    )


E1 = (
    forgotten(
        "JoshData/python-email-validator#118",
        "Python 3.7 was dropped everywhere but here; yanked",
        "email-validator 2.1.0",
        "email_validator",
        before="2.0.0",
        pythons=("3.7", "3.8", "3.9", "3.10"),
    ),
    forgotten(
        "ronaldoussoren/pyobjc 12.0, yanked",
        "python_requires erroneously claims support for Python 3.9",
        "pyobjc-core 12.0",
        "objc",
        before="11.1",
        pythons=("3.9", "3.10", "3.11", "3.12"),
    ),
    Incident(
        "google/yapf#1154",
        "0.33.0 is tagged for Python 2, whose pip takes it; yanked",
        Scene(
            (
                wheel(
                    "yapf 0.33.0",
                    modules("yapf/__init__.py"),
                    {
                        "Requires-Python": None,
                        "Classifier": python("3.7", "3.8", "3.9"),
                    },
                    tag="py2.py3-none-any",
                ),
                sdist(
                    "yapf 0.33.0",
                    modules("yapf/__init__.py"),
                    {
                        "Requires-Python": None,
                        "Classifier": python("3.7", "3.8", "3.9"),
                    },
                ),
            )
        ),
        {
            "files": pair(
                "yapf 0.33.0",
                modules("yapf/__init__.py"),
                {"Requires-Python": ">=3.7", "Classifier": python("3.7", "3.8", "3.9")},
            )
        },
        warned=("requires-python-missing",),
    ),
    unbounded(
        "protocolbuffers/protobuf#10076",
        "4.21.0 is for Python 3.7 by its tag alone; yanked",
        "protobuf 4.21.0",
        "google",
        ">=3.7",
    ),
    unbounded(
        "alecthomas/voluptuous#494",
        "no constraint, and Python 2 installs it; yanked",
        "voluptuous 0.14.0",
        "voluptuous",
        ">=3.7",
    ),
    unbounded(
        "scikit-build/scikit-build#788",
        "0.16.0 breaks Python 2 and 3.5; yanked",
        "scikit-build 0.16.0",
        "skbuild",
        ">=3.6",
    ),
    unbounded(
        "glyph/automat#158",
        "24.8.0 is for Python 3 alone; yanked",
        "Automat 24.8.0",
        "automat",
        ">=3.8",
    ),
    unbounded(
        "wjakob/nanobind#1424",
        "3.0.0 refuses Python 3.9 when it is imported",
        "nanobind 3.0.0",
        "nanobind",
        ">=3.10",
    ),
    unbounded(
        "Kozea/pygal#525",
        "3.0.0 drops old Pythons without a word to pip",
        "pygal 3.0.0",
        "pygal",
        ">=3.6",
    ),
    unbounded(
        "MagicStack/uvloop#411",
        "Python 3.6 takes 0.15.1 and fails; yanked",
        "uvloop 0.15.1",
        "uvloop",
        ">=3.7",
    ),
    unbounded(
        "jamielennox/requests-mock#254",
        "1.12.0 breaks the pipelines of Python 2",
        "requests-mock 1.12.0",
        "requests_mock",
        ">=3.5",
    ),
    unbounded(
        "python-validators/validators#162",
        "three releases that Python 2 installs",
        "validators 0.16.0",
        "validators",
        ">=3.4",
    ),
    unbounded(
        "sphinx-contrib/spelling#48",
        "the classifiers say it, and no installer reads them",
        "sphinxcontrib-spelling 5.1.0",
        "sphinxcontrib",
        ">=3.5",
    ),
    unbounded(
        "webpy/webpy#665",
        "forgotten; yanked",
        "web.py 0.60",
        "web",
        ">=3.5",
    ),
    dropped(
        "dask/distributed 2.0.1 (#2807)",
        "python_requires is forgotten in 2.0.0; the files were removed",
        "distributed 2.0.0",
        before="1.28.1",
        was=">=2.7",
        now=None,
    ),
    dropped(
        "jupyter/terminado#139",
        "a new build backend, and the field is gone",
        "terminado 0.13.0",
        before="0.12.1",
        was=">=3.6",
        now=None,
    ),
    dropped(
        "etianen/django-reversion#824",
        "Python 3.5 is lost between 3.0.5 and 3.0.6",
        "django-reversion 3.0.6",
        before="3.0.5",
        was=">=3.5",
        now=">=3.6",
    ),
    dropped(
        "tox-dev/filelock#131",
        "Python 3.6 is lost in a patch release",
        "filelock 3.4.2",
        before="3.4.1",
        was=">=3.6",
        now=">=3.7",
    ),
)

# --- E2: what it depends on ------------------------------------------------------


def depending(
    cite: str, what: str, name: str, package: str, *, bad: str, good: str, rule: str
) -> Incident:
    """A dependency that it should not have."""
    members = modules(f"{package}/__init__.py")
    is_error = rule == "dependency-url"
    return Incident(
        cite,
        what,
        Scene(pair(name, members, {"Requires-Dist": bad})),
        {"files": pair(name, members, {"Requires-Dist": good})},
        refused=(rule,) if is_error else (),
        warned=() if is_error else (rule,),
        says=(Requirement(bad).name,),
    )


def pinned(
    cite: str, what: str, name: str, package: str, *, bad: str, good: str, before: str
) -> Incident:
    """A pin on a version that the index has yanked, or no longer has at all."""
    members = modules(f"{package}/__init__.py")
    project, _, version = good.partition("==")
    _, _, gone = bad.partition("==")
    own, _ = name.split()
    last = pair(f"{own} {before}", members)
    theirs = modules(f"{project}/__init__.py")
    listed = (
        *last,
        sdist(f"{project} {version}", theirs),
        sdist(f"{project} {gone}", theirs),
    )
    return Incident(
        cite,
        what,
        Scene(
            pair(name, members, {"Requires-Dist": bad}),
            listed=listed,
            yanked=frozenset({gone}),
        ),
        {"files": pair(name, members, {"Requires-Dist": good})},
        refused=("dependency-unavailable",),
        says=(bad,),
    )


URL, PIN = "dependency-url", "dependency-pin"
E2 = (
    depending(
        "nucypher/atxm@d81d9dc",
        "a development version of cryptography, which was deleted",
        "atxm 0.2.1",
        "atxm",
        bad="cryptography==43.0.0.dev1",
        good="cryptography==42.0.2",
        rule=PIN,
    ),
    depending(
        "MarcusJellinghaus/mcp-workspace#196",
        "a direct reference, which the index refuses",
        "mcp-workspace 0.1.11",
        "mcp_workspace",
        bad="mcp-coder-utils @ git+https://forge.example/mcp-coder-utils.git",
        good="mcp-coder-utils>=0.1",
        rule=URL,
    ),
    depending(
        "getsentry/sentry#21390",
        "a fork, in an extra",
        "sentry 20.10.0",
        "sentry",
        bad="symbolic @ git+https://forge.example/symbolic.git ; extra == 'dev'",
        good="symbolic>=7.3 ; extra == 'dev'",
        rule=URL,
    ),
    depending(
        "PrefectHQ/fastmcp#366",
        "a commit of the library it extends",
        "fastmcp 2.3.0rc2",
        "fastmcp",
        bad="mcp @ git+https://forge.example/python-sdk.git@a027d75f",
        good="mcp>=1.8",
        rule=URL,
    ),
    depending(
        "astropy/astroquery#2066",
        "the release had to be rolled back",
        "astroquery 0.4.2",
        "astroquery",
        bad="vamdclib @ git+https://forge.example/vamdclib-1.git ; extra == 'all'",
        good="vamdclib ; extra == 'all'",
        rule=URL,
    ),
    depending(
        "crate/cratedb-toolkit#222",
        "a tag and a release on the forge, and nothing on the index",
        "cratedb-toolkit 0.0.16",
        "cratedb_toolkit",
        bad="lorrystream @ git+https://forge.example/lorrystream.git@55cf456f",
        good="lorrystream>=0.0.3",
        rule=URL,
    ),
    depending(
        "Qiskit/qiskit-addon-sqd#342",
        "0.13.0 did not reach the index",
        "qiskit-addon-sqd 0.13.0",
        "qiskit_addon_sqd",
        bad="fulqrum @ git+https://forge.example/fulqrum.git@dafb4091 ; extra == 'dev'",
        good="fulqrum>=0.1 ; extra == 'dev'",
        rule=URL,
    ),
    pinned(
        "pyasi/pybuildkite#102",
        "requests 2.32.0, which is yanked",
        "pybuildkite 1.2.5",
        "pybuildkite",
        bad="requests==2.32.0",
        good="requests==2.32.3",
        before="1.2.4",
    ),
    pinned(
        "Aider-AI/aider#3699",
        "aiohttp 3.11.14, which was yanked meanwhile",
        "aider-chat 0.80.0",
        "aider",
        bad="aiohttp==3.11.14",
        good="aiohttp==3.11.12",
        before="0.79.2",
    ),
    Incident(
        "nateshmbhat/pyttsx3#89",
        "the wheel asks for what the machine needed that built it",
        Scene(
            (
                wheel(
                    "pyttsx3 2.80",
                    modules("pyttsx3/__init__.py"),
                    {"Metadata-Version": "2.2", "Requires-Dist": "pyobjc>=2.4"},
                ),
                sdist(
                    "pyttsx3 2.80",
                    modules("pyttsx3/__init__.py"),
                    {
                        "Metadata-Version": "2.2",
                        "Requires-Dist": "pyobjc>=2.4 ; sys_platform == 'darwin'",
                    },
                ),
            )
        ),
        {
            "files": pair(
                "pyttsx3 2.80",
                modules("pyttsx3/__init__.py"),
                {
                    "Metadata-Version": "2.2",
                    "Requires-Dist": "pyobjc>=2.4 ; sys_platform == 'darwin'",
                },
            )
        },
        refused=("metadata-disagrees",),
        says=("pyobjc",),
    ),
    Incident(
        "pypa/build#530",
        "Flexget's wheel, built through an sdist without requirements.txt",
        Scene(
            (
                wheel(
                    "FlexGet 3.5.0",
                    modules("flexget/__init__.py"),
                    {"Metadata-Version": "2.2"},
                ),
                sdist(
                    "FlexGet 3.5.0",
                    modules("flexget/__init__.py"),
                    {"Metadata-Version": "2.2", "Requires-Dist": "feedparser>=6"},
                ),
            )
        ),
        {
            "files": pair(
                "FlexGet 3.5.0",
                modules("flexget/__init__.py"),
                {"Metadata-Version": "2.2", "Requires-Dist": "feedparser>=6"},
            )
        },
        refused=("metadata-disagrees",),
        says=("feedparser",),
    ),
)

# --- what a release changes, and nobody had meant --------------------------------


def changing(
    cite: str,
    what: str,
    name: str,
    package: str,
    *,
    before: str,
    had: tuple[str, ...],
    has: tuple[str, ...],
) -> Incident:
    """Dependencies that came in, or were tightened, unseen."""
    own, _ = name.split()
    members = modules(f"{package}/__init__.py")
    last = pair(f"{own} {before}", members, {"Requires-Dist": had})
    return Incident(
        cite,
        what,
        Scene(
            pair(name, members, {"Requires-Dist": has}),
            listed=last,
            policy="indexes: {pypi: {accept: [final, post, pre, dev]}}\n",
        ),
        {"files": pair(name, members, {"Requires-Dist": had})},
        noted=("release-changes",),
        says=(next(iter(set(has) - set(had))),),
    )


def grown(cite: str, what: str, name: str, before: str, members: Members) -> Incident:
    """An sdist that is many times as large as the last one."""
    own, _ = name.split()
    plain = modules(f"{own.replace('-', '_')}.py")
    good = pair(name, plain)
    return Incident(
        cite,
        what,
        Scene(
            (good[0], sdist(name, {**plain, **members})),
            listed=pair(f"{own} {before}", plain),
        ),
        {"files": good},
        warned=("size-jump",),
        says=("times",),
    )


#: What does not compress.
BULK = random.Random(0).randbytes(1_500_000)

CHANGES = (
    changing(
        "autogen-agentchat 0.4.0.dev11, yanked",
        "accidentally included an unintentional GPL dependency",
        "autogen-agentchat 0.4.0.dev11",
        "autogen_agentchat",
        before="0.4.0.dev10",
        had=("autogen-core>=0.4",),
        has=("autogen-core>=0.4", "aioconsole>=0.8"),
    ),
    changing(
        "langchain-community 0.2.14, yanked",
        "overly restrictive langchain-core dependency",
        "langchain-community 0.2.14",
        "langchain_community",
        before="0.2.13",
        had=("langchain-core<0.3.0,>=0.2.30",),
        has=("langchain-core<0.2.36,>=0.2.35",),
    ),
    changing(
        "torchaudio 2.0.0, yanked",
        "contains an incorrect torch dependency",
        "torchaudio 2.0.0",
        "torchaudio",
        before="0.13.1",
        had=("torch>=1.13",),
        has=("torch>=2.1",),
    ),
    grown(
        "dmux/minilake#6",
        "a web interface, and all that builds it: 308 MB",
        "minilake 1.7.0",
        "1.6.2",
        {"ui/bundle.js": BULK},
    ),
    grown(
        "jonnymaserati/welleng#246",
        "data files in the sdist for the first time",
        "welleng 0.17.1",
        "0.16.9",
        {"welleng_data/catalog.json": BULK},
    ),
)

# --- F: what came with an attack, and was in the files ---------------------------

LITELLM: Members = modules("litellm/__init__.py", "litellm/main.py")
STARTUP = {"litellm_init.pth": "import os; exec('pass')\n"}
LIGHTNING: Members = modules("lightning/__init__.py", "lightning/fabric.py")
F = (
    Incident(
        "BerriAI/litellm#24512",
        "code that runs whenever Python starts",
        Scene(
            (
                wheel("litellm 1.82.8", {**LITELLM, **STARTUP}),
                sdist("litellm 1.82.8", LITELLM),
            ),
            listed=pair("litellm 1.82.6", LITELLM),
        ),
        {"files": pair("litellm 1.82.8", LITELLM)},
        refused=("path-configuration",),
        says=("litellm_init.pth",),
    ),
    Incident(
        "Lightning-AI/pytorch-lightning#21691",
        "a hidden folder with a script of 11 MB",
        Scene(
            (
                wheel(
                    "lightning 2.6.2", {**LIGHTNING, "lightning/_runtime/x.js": BULK}
                ),
                sdist("lightning 2.6.2", LIGHTNING),
            ),
            listed=pair("lightning 2.6.1", LIGHTNING),
        ),
        {"files": pair("lightning 2.6.2", LIGHTNING)},
        warned=("size-jump",),
        says=("times",),
    ),
)

INCIDENTS: tuple[Incident, ...] = (
    *(*B1, *B2, *B3, *B4, *B5, *B6, *B7),
    *(*MODES, *C, *BUILDS, *D1, *D2, *D3, *E1, *E2, *CHANGES, *F),
)


# --- the stage -------------------------------------------------------------------


@pytest.fixture(name="index", scope="module")
def _index() -> Iterator[sound.Index]:
    with sound.serving() as index:
        yield index


Play = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture(name="play")
def _play(
    index: sound.Index,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Play:
    """Sets a scene and runs the check on it: the exit code, and the report."""

    def play(scene: Scene, *words: str) -> tuple[int, dict[str, Any]]:
        folder = tmp_path / "work"
        if scene.tree:
            environ = _checkout(scene, folder)
            for name, value in environ.items():
                monkeypatch.setenv(name, value)
        dist = folder / "dist"
        dist.mkdir(parents=True)
        for file in scene.files:
            build(file, dist)
        monkeypatch.chdir(folder)
        given = [*scene.command, *words, "--format", "json"]
        if scene.policy:
            (tmp_path / "policy.yml").write_text(scene.policy)
            given += ["--policy", str(tmp_path / "policy.yml")]
        if scene.listed:
            index.replies.clear()
            tell(index, scene.listed, tmp_path / "listed", yanked=scene.yanked)
            given += ["--index", "pypi", "--index-url", index.root]
        elif scene.command[0] == "check":
            given.append("--offline")
        code = main(given)
        return code, json.loads(capsys.readouterr().out)

    return play


def _checkout(scene: Scene, folder: Path) -> Mapping[str, str]:
    """A repository that holds the tree under the release's tag, whose push is run."""
    repository = Repository(folder)
    for path, content in scene.tree.items():
        place = folder / path
        place.parent.mkdir(parents=True, exist_ok=True)
        stored = content.encode() if isinstance(content, str) else content
        place.write_bytes(stored)
        place.chmod(0o755 if path in scene.tree_scripts else 0o644)
    repository.git("add", "--all")
    repository.commit("Release")
    tag = scene.files[0].version
    repository.tag(tag)
    for path, content in scene.dirty.items():
        (folder / path).write_text(str(content))
    return repository.push(f"refs/tags/{tag}").environ


def _rules(report: Mapping[str, Any], severity: str) -> set[str]:
    return {f["rule"] for f in report["findings"] if f["severity"] == severity}


# --- the tests -------------------------------------------------------------------


def _marks(incident: Incident) -> list[pytest.MarkDecorator]:
    """Those that are built take some seconds each."""
    is_built = "--build" in incident.scene.command
    return [pytest.mark.builds] if is_built else []


CITED = [pytest.param(i, id=f"{i.cite}: {i.what}", marks=_marks(i)) for i in INCIDENTS]
WARNED = [
    pytest.param(i, id=f"{i.cite}: {i.what}")
    for i in INCIDENTS
    if i.warned and not i.refused
]


@pytest.mark.parametrize("incident", CITED)
def test_an_incident_is_told_by_the_rules_named(incident: Incident, play: Play) -> None:
    code, report = play(incident.scene)

    assert _rules(report, "error") == set(incident.refused)
    assert _rules(report, "warning") == set(incident.warned)
    assert set(incident.noted) <= _rules(report, "notice")
    assert code == (1 if incident.refused else 0)
    found = (f for f in report["findings"] if f["rule"] in incident.rules)
    told = [f"{f['subject']} {f['message']} {f['evidence']}" for f in found]
    for words in incident.says:
        assert any(words in text for text in told), told


@pytest.mark.parametrize("incident", WARNED)
def test_what_is_only_a_warning_is_refused_where_the_project_is_strict(
    incident: Incident, play: Play
) -> None:
    code, report = play(incident.scene, "--strict")

    assert (code, report["verdict"]) == (1, "fail")


@pytest.mark.parametrize("incident", CITED)
def test_the_same_set_put_right_passes(incident: Incident, play: Play) -> None:
    code, report = play(incident.put_right)

    assert _rules(report, "error") == set()
    assert _rules(report, "warning") == set(incident.mild)
    assert _rules(report, "notice") & set(incident.noted) == set()
    assert (code, report["verdict"]) == (0, "pass")


def test_there_are_enough_incidents_and_each_stands_here_once() -> None:
    cites = {incident.cite for incident in INCIDENTS}

    assert len(cites) == len(INCIDENTS) >= 80


def test_the_rules_of_sets_and_contents_have_an_incident_each() -> None:
    named = set().union(*(incident.rules for incident in INCIDENTS))

    assert named - set(RULE_IDS) == set()
    assert named >= {
        *("missing-wheel", "unexpected-wheel", "missing-sdist", "metadata-disagrees"),
        *("wheel-empty", "top-level-unexpected", "bytecode", "junk-file", "secret"),
        *("path-configuration", "py-typed-missing", "typing-lost"),
        *("wheel-sdist-content", "import-unresolved", "entry-point-dangling"),
        *("binary-tag-mismatch", "native-in-pure", "glibc-floor", "abi3-violation"),
        *("requires-python-missing", "requires-python-disagrees"),
        *("requires-python-dropped", "requires-python-stale"),
        *("dependency-url", "dependency-pin", "dependency-unavailable"),
        *("release-changes", "size-jump", "archive-unreadable"),
        *("source-differs", "source-untracked", "source-missing", "source-mode"),
        *("tree-dirty", "sdist-unbuildable", "sdist-builds-other"),
    }

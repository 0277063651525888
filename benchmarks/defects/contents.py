"""What a wheel installs, and what came along that should not."""

from __future__ import annotations

import zlib

from defects.model import (
    MODULES,
    README,
    Aspect,
    Class,
    Defect,
    Listed,
    Members,
    Release,
    Says,
    built,
    pair,
    sdist,
    tree,
    wheel,
)

__all__ = ["CONTENTS"]

_CLASH = "who installs it: it shares a name with others, which overwrite each other"
_BROKEN = "who imports it"
_LEAK = "the maintainer: who downloads it has the secret"
_LITTER = "who downloads it: litter, and what it tells of a machine"
_SOME = "who installs it on a system that does not like the path"
_CLEAN = "who counts on what the tag says"

_INSTALLED = (Aspect.WHEEL_CONTENTS,)
_WHOLE = (Aspect.CODE,)
_LEFT = (Aspect.LEFTOVERS,)
_SOURCE = (Aspect.SOURCE,)
_PATHS = (Aspect.PATHS,)


def _row(
    name: str,
    what: str,
    who: str,
    source: str,
    aspects: tuple[Aspect, ...],
    bad: Release,
    sound: Release | None = None,
) -> Defect:
    made = Release() if sound is None else sound
    return Defect(name, what, who, source, Class.CONTENTS, aspects, bad, made)


def _both(more: Members, says: Says | None = None) -> Release:
    """More in the checkout, and so in both files."""
    return built(members={**MODULES, **more}, says=says)


def _in_wheel(more: Members, members: Members = MODULES) -> Release:
    """More in the wheel alone."""
    return built(wheel(members={**members, **more}), sdist())


def _in_sdist(more: dict[str, bytes | None], *, tracked: bool = False) -> Release:
    """More in the sdist, beside its modules; in the checkout as well if ``tracked``."""
    also = {path: data for path, data in more.items() if data is not None}
    checkout = tree(also=also if tracked else None)
    return built(wheel(), sdist(info=more), checkout=checkout)


def _base62(number: int, length: int) -> str:
    digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    made = ""
    for _ in range(length):
        number, digit = divmod(number, 62)
        made = digits[digit] + made
    return made


def _token() -> bytes:
    """A GitHub token with the right check digits, that nobody was ever given."""
    body = "m8Kq2VxT5rYbN3wLc7HdJ0pZsG4aEf"
    made = f"ghp_{body}{_base62(zlib.crc32(body.encode()), 6)}"
    return made.encode()


_KEY = (
    b"-----BEGIN EC PRIVATE " + b"KEY-----\n"
    b"MHcCAQEEIIrYSSNQFaA2Hwf1duRSxKtLYX5CB04fSeQ6tF1aY/PuoAoGCCqGSM49\n"
    b"AwEHoUQDQgAEPR3tU2Fta9ktY+6P9G0cWO+0kETA6SFs38GecTyudlHz6xvCdz8q\n"
    b"EKTcWGekdmdDPsHloRNtsiCa697B2O9IFA==\n"
    b"-----END EC PRIVATE " + b"KEY-----\n"
)
_EMPTY: Members = {}
_SCRIPT: Members = {"demo-1.0.data/scripts/demo": b"#!python\nprint(42)\n"}
_WITH_SCRIPT = sdist(info={"scripts/demo": b"#!python\nprint(42)\n"})
_SCRIPTED = tree(also={"scripts/demo": b"#!python\nprint(42)\n"})
_TESTS: dict[str, bytes] = {"tests/__init__.py": b"", "tests/test_demo.py": b"A = 1\n"}
_WITH_TESTS, _TESTED = sdist(info=_TESTS), tree(also=_TESTS)
_COMMAND = b"[console_scripts]\ndemo = demo.%s\n"
_VENV: dict[str, bytes | None] = {
    ".venv/pyvenv.cfg": b"home = /usr/bin\nversion = 3.11.9\n",
    ".venv/lib/python3.11/site-packages/six.py": b"PY3 = True\n",
}
_TYPED = ("Typing :: Typed", "Programming Language :: Python :: 3.11")
_TYPING: Says = {"Classifier": (*_TYPED, "Development Status :: 4 - Beta")}
_MANY = {f"demo/tables/t{number}.py": b"T = %d\n" % number for number in range(2001)}
_MANY_BEFORE = tuple(
    Listed(dist) for dist in pair(members={**MODULES, **_MANY}, says={"Version": "0.9"})
)
_ARMOR = (
    b"from pyarmor_runtime import __pyarmor__\n"
    b"__pyarmor__(__name__, __file__, b'PY000000')\n"
)

CONTENTS = (
    _row(
        "wheel-empty",
        "a wheel holds nothing but its metadata",
        _BROKEN,
        "deepmerge 1.0.0, toumorokoshi/deepmerge#14; W008",
        _INSTALLED,
        built(wheel(members=_EMPTY), sdist()),
    ),
    _row(
        "wheel-no-library",
        "a wheel installs a script, and not the library that the sdist has",
        _BROKEN,
        "atomworks 2.0.0, RosettaCommons/atomworks#60; W007",
        _INSTALLED,
        built(wheel(members=_SCRIPT), _WITH_SCRIPT, checkout=_SCRIPTED),
        built(wheel(members={**MODULES, **_SCRIPT}), _WITH_SCRIPT, checkout=_SCRIPTED),
    ),
    _row(
        "top-tests",
        "the tests are installed as a package of their own",
        _CLASH,
        "Flask-AppBuilder 4.3.4, dpgaspar/Flask-AppBuilder#2087; W005",
        _INSTALLED,
        built(wheel(members={**MODULES, **_TESTS}), _WITH_TESTS, checkout=_TESTED),
        built(wheel(), _WITH_TESTS, checkout=_TESTED),
    ),
    _row(
        "top-build",
        "a stale build folder is installed",
        "who installs it: modules that were deleted are back",
        "the mistake behind FeinCMS 1.11.0, feincms/feincms#586; W005",
        _INSTALLED,
        _in_wheel({f"build/lib/{path}": data for path, data in MODULES.items()}),
    ),
    _row(
        "top-other",
        "instead of the package, a part of it lies at the top",
        _BROKEN,
        "Flask-DebugToolbar 0.12.1 (yanked): its top level is panels; W201",
        _INSTALLED,
        built(wheel(members={"panels/__init__.py": b"P = 1\n"}), sdist()),
    ),
    _row(
        "top-two",
        "a package that nobody declared is installed beside the other",
        _CLASH,
        "W009 and W202",
        _INSTALLED,
        _both({"scratch/__init__.py": b"S = 1\n"}),
    ),
    _row(
        "top-readme",
        "a README is installed into site-packages",
        _CLASH,
        "httpx 0.12.0 (additional files); W003",
        _INSTALLED,
        _in_wheel({"README.md": README}),
    ),
    _row(
        "top-init",
        "an __init__.py is installed into site-packages itself",
        _CLASH,
        "W006",
        _INSTALLED,
        _both({"__init__.py": b""}),
    ),
    _row(
        "top-no-code",
        "a folder without any module is installed into site-packages",
        _CLASH,
        "W010",
        _INSTALLED,
        _both({"assets/logo.svg": b"<svg/>\n"}),
    ),
    _row(
        "module-unreachable",
        "a module lies in a folder whose name cannot be imported",
        _BROKEN,
        "W004",
        _INSTALLED,
        _both(
            {"demo/sub-tools/__init__.py": b"", "demo/sub-tools/tool.py": b"T = 1\n"}
        ),
    ),
    _row(
        "files-twice",
        "a module is there twice, under another name",
        "who downloads it, and who mends the wrong one of them",
        "W002",
        _INSTALLED,
        _both({"demo/core_copy.py": MODULES["demo/core.py"]}),
    ),
    _row(
        "bytecode-wheel",
        "bytecode is in the wheel",
        _LITTER,
        "qtpy 1.3.0, spyder-ide/qtpy#129; W001",
        (*_INSTALLED, *_LEFT),
        _in_wheel({"demo/__pycache__/core.cpython-311.pyc": b"\xa7\r\r\n" + bytes(12)}),
    ),
    _row(
        "bytecode-sdist",
        "bytecode is in the sdist",
        _LITTER,
        "GitPython 2.0.1, gitpython-developers/GitPython#419",
        _LEFT,
        _in_sdist(
            {"src/demo/__pycache__/core.cpython-311.pyc": b"\xa7\r\r\n" + bytes(12)}
        ),
    ),
    _row(
        "venv",
        "a virtual environment is in the sdist",
        _LITTER,
        "pytest-freezer 0.4.6, pytest-dev/pytest-freezer#9",
        _LEFT,
        _in_sdist(_VENV),
    ),
    _row(
        "git-folder",
        "the .git folder is in the sdist, with the address it was cloned from",
        _LEAK,
        "pydistcheck unexpected-files",
        _LEFT,
        _in_sdist({".git/HEAD": b"ref: refs/heads/main\n", ".git/config": b"[core]\n"}),
    ),
    _row(
        "os-leftover",
        ".DS_Store and a swap file are in the sdist",
        _LITTER,
        "pydistcheck unexpected-files",
        _LEFT,
        _in_sdist(
            {"src/demo/.DS_Store": b"\0\0\0\1Bud1", "src/demo/.core.py.swp": b"b"}
        ),
    ),
    _row(
        "ci-files",
        "the configuration of a CI service is in the sdist",
        "who downloads it: what they never need",
        "pydistcheck unexpected-files",
        _LEFT,
        _in_sdist({".travis.yml": b"language: python\n"}, tracked=True),
    ),
    _row(
        "env-file",
        "a .env with a password is in the sdist",
        _LEAK,
        "astral-sh/uv#10556 (an untracked file)",
        (*_LEFT, Aspect.SECRETS),
        _in_sdist({".env": b"DATABASE_PASSWORD=tr0ub4dor-and-3-horses\n"}),
    ),
    _row(
        "token",
        "a token is in a module of both files",
        _LEAK,
        "ClaudeSmalltalk 1.2.0, CorporateSmalltalkConsultingLtd/ClaudeSmalltalk#22",
        (Aspect.SECRETS,),
        _both({"demo/settings.py": b'TOKEN = "' + _token() + b'"\n'}),
        _both({"demo/settings.py": b'TOKEN = ""\n'}),
    ),
    _row(
        "private-key",
        "a private key is in the package",
        _LEAK,
        "the same, with a key",
        (Aspect.SECRETS,),
        _both({"demo/server.key": _KEY}),
    ),
    _row(
        "pth-code",
        "a .pth runs code whenever Python starts",
        "who installs it",
        "litellm 1.82.8, BerriAI/litellm#24512",
        _INSTALLED,
        _in_wheel({"demo_init.pth": b"import os; os.getpid()\n"}),
    ),
    _row(
        "obfuscated",
        "a module is obfuscated with PyArmor",
        "who reviews it, and the maintainer: the upload is refused",
        "upload rule 89",
        (Aspect.REVIEW,),
        _both({"demo/hidden.py": _ARMOR}),
    ),
    _row(
        "import-missing",
        "a module imports a subpackage that the build left out",
        _BROKEN,
        "tenacity 8.4.0, jd/tenacity#471",
        _WHOLE,
        built(
            members={
                **MODULES,
                "demo/__init__.py": b"from demo.aio import run\n\n__all__ = ['run']\n",
            }
        ),
    ),
    _row(
        "command-dangling",
        "a command calls a function that the module has not",
        "who runs the command",
        "rofi-rbw 1.5.0, fdw/rofi-rbw#112",
        _WHOLE,
        built(wheel(info={"entry_points.txt": _COMMAND % b"core:main"}), sdist()),
        built(wheel(info={"entry_points.txt": _COMMAND % b"core:answer"}), sdist()),
    ),
    _row(
        "typing-unmarked",
        "Typing :: Typed without py.typed",
        "who checks types",
        "PEP 561; mlx 0.32.0, ml-explore/mlx#3916",
        _INSTALLED,
        _both({}, says=_TYPING),
        _both({"demo/py.typed": b""}, says=_TYPING),
    ),
    _row(
        "module-version",
        "__version__ is still that of the last release",
        "who reads the version from the module",
        "trycycler 0.5.2, rrwick/Trycycler#27",
        (Aspect.SENSE,),
        _both({"demo/__init__.py": b'__version__ = "0.9"\n'}),
        _both({"demo/__init__.py": b'__version__ = "1.0"\n'}),
    ),
    _row(
        "source-data-missing",
        "a data file of the checkout's package is in neither file",
        "who uses what reads it",
        "openhtf, google/openhtf#416; W101",
        _SOURCE,
        built(checkout=tree({**MODULES, "demo/data.json": b"{}\n"})),
        _both({"demo/data.json": b"{}\n"}),
    ),
    _row(
        "source-module-missing",
        "a module of the checkout is in neither file",
        _BROKEN,
        "requests 2.32.0 and cython 3.0.0 (files of the sdist); W101",
        _SOURCE,
        built(checkout=tree({**MODULES, "demo/late.py": b"LATE = 1\n"})),
        _both({"demo/late.py": b"LATE = 1\n"}),
    ),
    _row(
        "source-stale",
        "both files hold a module that the checkout no longer has",
        _CLEAN,
        "friendly-traceback 0.4.2, friendly-traceback/friendly-traceback#24; W102",
        _SOURCE,
        built(
            wheel(members={**MODULES, "demo/old.py": b"OLD = 1\n"}),
            sdist(members={**MODULES, "demo/old.py": b"OLD = 1\n"}),
        ),
    ),
    _row(
        "source-differs",
        "a module of both files has other code than the tag's",
        _CLEAN,
        "ultralytics 8.3.41, ultralytics/ultralytics#18027; aiocpa 0.1.13",
        _SOURCE,
        built(
            wheel(
                members={**MODULES, "demo/core.py": b"def answer():\n    return 0\n"}
            ),
            sdist(
                members={**MODULES, "demo/core.py": b"def answer():\n    return 0\n"}
            ),
        ),
    ),
    _row(
        "source-untracked",
        "a scratch file that git does not track is in the sdist",
        _LITTER,
        "evalidate before 2.0.5, yaroslaff/evalidate#15",
        _SOURCE,
        _in_sdist({"xx.py": b"print('try')\n"}),
    ),
    _row(
        "path-case",
        "two files differ only in case",
        "who unpacks it on Windows or macOS: one of them is gone",
        "pydistcheck files-only-differ-by-case",
        _PATHS,
        _both({"demo/Core.py": b"CORE = 1\n"}),
    ),
    _row(
        "path-space",
        "a path has a space in it",
        _SOME,
        "pydistcheck path-contains-spaces",
        _PATHS,
        _both({"demo/my notes.txt": b"notes\n"}),
    ),
    _row(
        "path-not-ascii",
        "a path has a letter that is not ASCII",
        _SOME,
        "pydistcheck path-contains-non-ascii-characters",
        _PATHS,
        _both({"demo/größe.txt": b"notes\n"}),
    ),
    _row(
        "path-long",
        "a path has more than 200 characters",
        "who installs it on Windows",
        "pydistcheck path-too-long",
        _PATHS,
        _both({f"demo/{'table_' * 34}.txt": b"notes\n"}),
    ),
    _row(
        "extensions-mixed",
        "the same kind of file has two extensions",
        "who searches for them",
        "pydistcheck mixed-file-extensions",
        _PATHS,
        _both({"demo/a.yml": b"a: 1\n", "demo/b.yaml": b"b: 1\n"}),
    ),
    _row(
        "files-too-many",
        "there are more than 2000 files",
        "who installs it: it takes its time",
        "pydistcheck too-many-files",
        _PATHS,
        built(members={**MODULES, **_MANY}, before=_MANY_BEFORE),
    ),
    _row(
        "file-too-large",
        "a wheel has 105 MiB",
        "the maintainer: refused, and the files behind it are missing",
        "pydantic-core 2.14.4, pydantic/pydantic-core#1082; upload rule 64; "
        "pydistcheck distro-too-large-compressed",
        _PATHS,
        built(
            wheel(large=lambda: {"demo/data.bin": bytes(105 << 20)}),
            sdist(),
        ),
    ),
)

"""A distribution beside a tree: where it lies, what is explained, what it lacks."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping

import pytest
from archives import within
from packaging.utils import canonicalize_name

from release_guard.backends import backend_of, build_modules
from release_guard.facts import (
    Alteration,
    Archive,
    EntryKind,
    Kind,
    Member,
    MemberKind,
    SourceTree,
    TreeEntry,
)
from release_guard.sourcing import (
    Comparison,
    compare,
    declares,
    leaves_open,
    manifests,
    place,
)

SETUPTOOLS = "setuptools.build_meta"


def blob(content: str) -> str:
    """Git's id of a content."""
    raw = content.encode("utf-8", "surrogateescape")
    return hashlib.sha1(b"blob %d\0" % len(raw) + raw).hexdigest()


def tree(files: Mapping[str, str | TreeEntry]) -> SourceTree:
    """A tree of these files; what is an entry stands as it is."""
    return SourceTree(
        "1" * 40,
        tuple(
            said
            if isinstance(said, TreeEntry)
            else TreeEntry(path, EntryKind.FILE, blob(said))
            for path, said in files.items()
        ),
    )


def link(path: str, target: str) -> TreeEntry:
    return TreeEntry(path, EntryKind.LINK, blob(target))


def submodule(path: str) -> TreeEntry:
    return TreeEntry(path, EntryKind.SUBMODULE, "2" * 40)


def archive(files: Mapping[str, str | Member], *, is_wheel: bool = False) -> Archive:
    """An sdist or a wheel with these files."""
    top = "" if is_wheel else "demo-1.0/"
    members = tuple(
        said
        if isinstance(said, Member)
        else Member(top + name, MemberKind.FILE, len(said), blob=blob(said))
        for name, said in files.items()
    )
    kind = Kind.WHEEL if is_wheel else Kind.SDIST
    return Archive("demo-1.0.tar.gz", kind, 100, members, (), complete=True)


def compared(
    built: Archive,
    tracked: SourceTree,
    *,
    backend: str = SETUPTOOLS,
    links: Mapping[str, str] | None = None,
    has_modes: bool = True,
) -> Comparison:
    return compare(
        place(built, tracked),
        tracked,
        backend=backend,
        links=links or {},
        has_modes=has_modes,
    )


def strangers(built: Archive, tracked: SourceTree, backend: str = "") -> list[str]:
    """The names of files that nothing explains."""
    found = compared(built, tracked, backend=backend).strangers
    return [file.name for file in found]


PACKAGE = {"demo/__init__.py": "a\n", "demo/core.py": "b\n", "demo/data.txt": "c\n"}


# --- where it lies ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("folder", "is_wheel", "inside"),
    [
        pytest.param("", False, "", id="an sdist of the top"),
        pytest.param("libs/demo/", False, "", id="an sdist of a folder of a monorepo"),
        pytest.param("", True, "", id="a wheel of a flat layout"),
        pytest.param("src/", True, "", id="a wheel of the src layout"),
        pytest.param("libs/demo/python/", True, "", id="a wheel of a folder"),
    ],
)
def test_a_distribution_is_found_where_it_lies(
    folder: str, is_wheel: bool, inside: str
) -> None:
    other = {"other/demo/__init__.py": "x\n", "other/demo/core.py": "y\n"}
    tracked = tree({**{folder + n: text for n, text in PACKAGE.items()}, **other})

    found = place(archive(PACKAGE, is_wheel=is_wheel), tracked)

    assert found.folder == folder + inside
    assert found.is_of_tree
    assert [file.path for file in found.files] == [folder + name for name in PACKAGE]
    assert compared(archive(PACKAGE, is_wheel=is_wheel), tracked).compared == 3


def test_what_is_changed_everywhere_is_found_by_its_names() -> None:
    """A Windows checkout changes every line ending; a licence is everywhere."""
    files = {f"libs/demo/{name}": f"{text}LF" for name, text in PACKAGE.items()}
    tracked = tree({**files, "LICENSE": "mit", "demo/__init__.py": "other"})

    found = place(archive({**PACKAGE, "LICENSE": "mit"}), tracked)

    assert found.folder == "libs/demo/"
    assert len(compared(archive(PACKAGE), tracked).pairs) == 3


def test_each_top_level_name_of_a_wheel_has_a_place_of_its_own() -> None:
    tracked = tree({"src/a/__init__.py": "1", "lib/b/__init__.py": "2", "c.py": "3"})
    built = {"a/__init__.py": "1", "b/__init__.py": "2", "c.py": "3"}

    found = place(archive(built, is_wheel=True), tracked)

    assert [file.path for file in found.files] == list(tracked.by_path)


def test_the_schemes_of_a_wheel_are_taken_off_and_its_metadata_is_left_out() -> None:
    tracked = tree({"src/a/__init__.py": "1", "etc/a.conf": "2"})
    built = {
        "demo-1.0.data/purelib/a/__init__.py": "1",
        "demo-1.0.data/data/etc/a.conf": "2",
        "demo-1.0.data/platlib/evil.py": "3",
        "demo-1.0.dist-info/METADATA": "4",
    }

    found = place(archive(built, is_wheel=True), tracked)

    assert [file.path for file in found.files] == [
        "src/a/__init__.py",
        "etc/a.conf",
        "evil.py",
    ]
    assert strangers(archive(built, is_wheel=True), tracked) == ["evil.py"]


@pytest.mark.parametrize(
    ("known", "others", "is_of_tree"),
    [(0, 1, False), (1, 3, True), (1, 4, False), (25, 75, True)],
)
def test_a_quarter_of_the_files_must_be_known(
    known: int, others: int, is_of_tree: bool
) -> None:
    mine = {f"demo/m{number}.py": f"{number}" for number in range(known)}
    rest = {f"else/m{number}.py": f"-{number}" for number in range(others)}

    found = place(archive({**mine, **rest}), tree({"LICENSE": "mit", **mine}))

    assert found.is_of_tree is is_of_tree


@pytest.mark.parametrize(("same", "is_of_tree"), [(7, False), (8, True)])
def test_files_that_were_added_do_not_hide_the_others(
    same: int, is_of_tree: bool
) -> None:
    mine = {f"demo/m{number}.py": f"{number}" for number in range(same)}
    rest = {f"else/m{number}.py": f"-{number}" for number in range(1_000)}

    found = place(archive({**mine, **rest}), tree(mine))

    assert found.is_of_tree is is_of_tree


def test_a_wheel_of_very_many_top_level_names_takes_no_time() -> None:
    built = {f"m{number}/a.py": f"{number}" for number in range(20_000)}
    tracked = {f"src/{name}": text for name, text in built.items()}

    with within(30):
        found = place(archive(built, is_wheel=True), tree(tracked))

    assert found.folder == "src/"
    assert found.known == 20_000


def test_an_archive_and_a_tree_without_files_have_nothing_in_common() -> None:
    assert not place(archive({}), tree(PACKAGE)).is_of_tree
    assert not place(archive(PACKAGE), tree({})).is_of_tree


@pytest.mark.parametrize(
    ("content", "is_declared"),
    [
        (b'[project]\nname = "Demo_Pkg"\n', True),
        (b"[metadata]\nname = demo.pkg\n", True),
        (b"setup(\n    name='demo-pkg',\n)\n", True),
        (b'[project]\nname = "demo"\n', False),
        (b'authors = [{ name = "demo-pkg" }]\n', False),
        (b"\xff\xfe", False),
    ],
)
def test_a_manifest_declares_its_project(content: bytes, is_declared: bool) -> None:
    assert declares(content, canonicalize_name("demo-pkg")) is is_declared


def test_the_manifests_of_a_tree_are_those_of_all_its_projects() -> None:
    tracked = tree({"a/setup.py": "", "pyproject.toml": "", "b.toml": ""})

    assert [e.path for e in manifests(tracked)] == ["a/setup.py", "pyproject.toml"]


# --- what explains an untracked file --------------------------------------------------


@pytest.mark.parametrize(
    ("name", "backend", "is_explained"),
    [
        ("PKG-INFO", SETUPTOOLS, True),
        ("src/demo.egg-info/SOURCES.txt", SETUPTOOLS, True),
        ("src/demo.egg-info/SOURCES.txt", "hatchling.build", True),
        ("AUTHORS", SETUPTOOLS, True),
        ("AUTHORS", "", True),
        ("AUTHORS", "hatchling.build", False),
        ("setup.py", "poetry.core.masonry.api", True),
        ("setup.py", "flit_core.buildapi", True),
        ("setup.py", "pdm.backend", True),
        ("setup.py", SETUPTOOLS, False),
        ("setup.py", "hatchling.build", False),
        ("setup.py", "own_backend", True),
        ("Cargo.lock", "maturin", True),
        ("crates/a/Cargo.toml", "maturin", True),
        ("Cargo.lock", SETUPTOOLS, False),
        ("subprojects/zlib/a.c", "mesonpy", True),
        ("demo/PKG-INFO", SETUPTOOLS, False),
    ],
)
def test_what_a_backend_writes(name: str, backend: str, is_explained: bool) -> None:
    found = strangers(archive({**PACKAGE, name: "new"}), tree(PACKAGE), backend)

    assert found == ([] if is_explained else [name])


@pytest.mark.parametrize(
    ("name", "tracked"),
    [
        ("demo/fast.c", "demo/fast.pyx"),
        ("demo/fast.cpp", "demo/fast.pyx"),
        ("demo/fast.c", "demo/fast.py"),
        ("demo/fast_api.h", "demo/fast.pyx"),
        ("demo/de/demo.mo", "demo/de/demo.po"),
        ("demo/a_pb2.py", "demo/a.proto"),
        ("demo/a_pb2_grpc.py", "demo/a.proto"),
        ("demo/static/a.css", "demo/static/a.scss"),
        ("demo/static/a.min.js", "demo/static/a.js"),
        ("demo/config.h", "demo/config.h.in"),
        ("configure", "configure.ac"),
        ("config.guess", "configure.ac"),
        ("src/Makefile.in", "src/Makefile.am"),
    ],
)
def test_what_is_made_of_a_tracked_file_beside_it(name: str, tracked: str) -> None:
    files = {**PACKAGE, tracked: "origin"}
    built = archive({**files, name: "made"})

    assert strangers(built, tree(files)) == []
    assert strangers(built, tree(PACKAGE)) == [tracked, name]


def test_a_vendored_crate_is_known_by_cargos_checksums() -> None:
    built = {
        **PACKAGE,
        "vendor/a/src/lib.rs": "x",
        "vendor/a/.cargo-checksum.json": "y",
    }

    assert strangers(archive(built), tree(PACKAGE)) == []
    del built["vendor/a/.cargo-checksum.json"]
    assert strangers(archive(built), tree(PACKAGE)) == ["vendor/a/src/lib.rs"]


def test_a_content_that_is_tracked_elsewhere_is_no_stranger() -> None:
    tracked = tree({**PACKAGE, "legal/LICENSE": "mit"})

    assert strangers(archive({**PACKAGE, "LICENSE": "mit"}), tracked) == []
    assert strangers(archive({**PACKAGE, "LICENSE": "gpl"}), tracked) == ["LICENSE"]


def test_of_a_submodule_the_tree_says_nothing() -> None:
    tracked = tree({**PACKAGE, "vendor/z": submodule("vendor/z")})

    assert strangers(archive({**PACKAGE, "vendor/z/a/b.c": "x"}), tracked) == []
    assert strangers(archive({**PACKAGE, "vendor/zz.c": "x"}), tracked) == [
        "vendor/zz.c"
    ]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param("a/" * 100_000 + "b.c", id="without end"),
        pytest.param("/etc/b.c", id="absolute"),
        pytest.param("//", id="of slashes alone"),
    ],
)
def test_an_odd_path_takes_no_time(name: str) -> None:
    tracked = tree({**PACKAGE, "vendor/z": submodule("vendor/z")})

    with within(20):
        assert strangers(archive({**PACKAGE, name: "x"}), tracked) == [name]
        odd = Member(name, MemberKind.FILE, 1, blob=blob("x"))
        built = archive({**PACKAGE, "odd": odd}, is_wheel=True)
        assert strangers(built, tracked) == [name]


# --- links and modes ------------------------------------------------------------------


def _link(name: str, target: str) -> Member:
    return Member(f"demo-1.0/{name}", MemberKind.LINK, 0, target=target)


@pytest.mark.parametrize(
    ("tracked", "built", "how"),
    [
        pytest.param("docs/a.md", "# a\n", None, id="the target's content"),
        pytest.param("docs/a.md", _link("A", "docs/a.md"), None, id="the same link"),
        pytest.param(
            "docs/a.md", _link("A", "b"), Alteration.CONTENT, id="another link"
        ),
        pytest.param("docs/a.md", "docs/a.md", Alteration.LINK, id="its name as text"),
    ],
)
def test_a_tracked_link(
    tracked: str, built: str | Member, how: Alteration | None
) -> None:
    files = {**PACKAGE, "docs/a.md": "# a\n"}
    found = compared(
        archive({**files, "A": built}),
        tree({**files, "A": link("A", tracked)}),
        links={"A": tracked},
    )

    assert [d.how for d in found.certain] == ([how] if how else [])
    assert (found.pairs, found.strangers) == ((), ())


def test_another_content_than_a_links_target_is_compared_with_the_target() -> None:
    files = {**PACKAGE, "docs/a.md": "# a\n"}
    tracked = tree({**files, "A": link("A", "B"), "B": link("B", "docs/../docs/a.md")})

    (pair,) = compared(
        archive({**files, "A": "changed"}),
        tracked,
        links={"A": "B", "B": "docs/../docs/a.md"},
    ).pairs

    assert (pair.file.name, pair.entry.path) == ("A", "docs/a.md")


@pytest.mark.parametrize(
    ("target", "told"),
    [("vendor/z/a", []), ("../outside", ["A"]), ("/etc/passwd", ["A"]), ("A", [])],
)
def test_a_link_that_leads_out_of_the_tree(target: str, told: list[str]) -> None:
    links = {"A": link("A", target), "vendor/z": submodule("vendor/z")}
    tracked = tree({**PACKAGE, **links})

    found = compared(archive({**PACKAGE, "A": "x"}), tracked, links={"A": target})

    assert [file.name for file in found.strangers] == told
    # One that leads to itself is compared with itself, and differs.
    assert len(found.pairs) == (target == "A")


def test_a_link_where_a_file_is_tracked_must_lead_to_its_bytes() -> None:
    files = {**PACKAGE, "a.txt": "same", "b.txt": "same"}

    same = compared(archive({**files, "a.txt": _link("a.txt", "b.txt")}), tree(files))
    other = compared(
        archive({**files, "a.txt": _link("a.txt", "demo/core.py")}), tree(files)
    )

    assert same.certain == ()
    assert [d.how for d in other.certain] == [Alteration.CONTENT]


def test_a_hard_link_has_the_content_of_its_target() -> None:
    files = {**PACKAGE, "a.txt": "same", "b.txt": "same"}
    target = "demo-1.0/b.txt"
    hard = Member("demo-1.0/a.txt", MemberKind.HARD_LINK, 0, target=target)

    found = compared(archive({**files, "a.txt": hard}), tree(files))

    assert (found.pairs, found.certain, found.compared) == ((), (), 5)


@pytest.mark.parametrize(
    ("kind", "executable", "how"),
    [
        (EntryKind.FILE, False, None),
        (EntryKind.EXECUTABLE, True, None),
        (EntryKind.FILE, True, Alteration.EXECUTABLE),
        (EntryKind.EXECUTABLE, False, Alteration.NOT_EXECUTABLE),
    ],
)
def test_the_execute_bit(
    kind: EntryKind, executable: bool, how: Alteration | None
) -> None:
    run = Member(
        "demo-1.0/run.sh", MemberKind.FILE, 1, blob=blob("x"), executable=executable
    )
    built = archive({**PACKAGE, "run.sh": run})
    tracked = tree({**PACKAGE, "run.sh": TreeEntry("run.sh", kind, blob("x"))})

    found = compared(built, tracked)

    assert [d.how for d in found.certain] == ([how] if how else [])
    assert compared(built, tracked, has_modes=False).certain == ()


# --- what is missing ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "is_missing"),
    [
        ("demo/other.py", True),
        ("demo/other.pyi", True),
        ("demo/py.typed", True),
        ("demo/fast.pyx", True),
        ("demo/readme.txt", False),
        ("demo/test_core.py", False),
        ("demo/conftest.py", False),
        ("demo/tests/other.py", False),
        ("docs/conf.py", False),
        ("tools/other.py", False),
        ("noxfile.py", False),
        ("other/__init__.py", False),
        ("src/b.c", True),
        ("src/b.h", True),
        ("src/b.txt", False),
        ("lib/b.c", False),
        ("pyproject.toml", True),
        ("setup.py", True),
        ("setup.cfg", True),
        ("demo/vendor", False),
    ],
)
def test_what_an_sdist_lacks(path: str, is_missing: bool) -> None:
    files = {
        **PACKAGE,
        "src/a.c": "1",
        "demo/tests/__init__.py": "2",
        "demo/tests/test_a.py": "3",
        "docs/__init__.py": "4",
        "tools/__init__.py": "5",
    }
    entry = submodule(path) if path == "demo/vendor" else "new"

    found = compared(archive(files), tree({**files, path: entry}))

    assert found.missing == ((path,) if is_missing else ())


def test_only_setuptools_needs_a_setup_cfg() -> None:
    tracked = tree({**PACKAGE, "setup.cfg": "[flake8]"})

    assert compared(archive(PACKAGE), tracked).missing == ("setup.cfg",)
    assert compared(archive(PACKAGE), tracked, backend="hatchling.build").missing == ()


def test_nothing_is_missing_in_a_wheel_or_outside_of_the_projects_folder() -> None:
    files = {f"libs/demo/{name}": text for name, text in PACKAGE.items()}
    tracked = tree({**files, "libs/demo/demo/b.py": "x", "libs/other/setup.py": "y"})

    assert compared(archive(PACKAGE, is_wheel=True), tracked).missing == ()
    assert compared(archive(PACKAGE), tracked).missing == ("libs/demo/demo/b.py",)


@pytest.mark.parametrize(
    ("text", "backend"),
    [
        ('[build-system]\nbuild-backend = "hatchling.build"\n', "hatchling.build"),
        ("build-backend='flit_core.buildapi'", "flit_core.buildapi"),
        ('build-backend = "__own__:api"', "__own__:api"),
        ('[build-system]\nrequires = ["setuptools"]\n', ""),
        ("# build-backend = 'a'\n", ""),
        ("", ""),
    ],
)
def test_a_build_backend_is_read(text: str, backend: str) -> None:
    assert backend_of(text) == backend


@pytest.mark.parametrize(
    ("setup", "paths"),
    [
        ("import versioneer", {"versioneer.py"}),
        ("import os, buildutils as b", {"buildutils/__init__.py"}),
        ("from buildutils.misc import (a,\n  b as c)", {"buildutils/misc.py"}),
        ("from buildutils import tool  # x", {"buildutils/tool.py"}),
        ("import setup_ext; import b", {"setup_ext.py"}),
        ("print 'Python 2'\nfrom demo import version", {"demo/version.py"}),
    ],
)
def test_what_a_setup_imports_it_needs(setup: str, paths: set[str]) -> None:
    assert paths <= build_modules(setup.encode())


@pytest.mark.parametrize(
    "setup",
    [
        "try:\n    import versioneer\nexcept ImportError: pass\n",
        "if WINDOWS:\n    from versioneer import a\n",
        "# import versioneer\n",
        "x = 'import versioneer'\n",
        "from . import versioneer\n",
        "importversioneer\n",
        "",
    ],
)
def test_what_a_setup_imports_only_sometimes_it_does_not_need(setup: str) -> None:
    assert "versioneer.py" not in build_modules(setup.encode())


@pytest.mark.parametrize(
    ("contents", "expected"),
    [
        ({"setup.py": b"import cfg\nsetup(name=cfg.NAME)\n"}, True),
        ({"setup.py": b"setup(**found)\n", "setup.cfg": b"[flake8]\n"}, True),
        ({"setup.py": b"setup(name='other')\n"}, False),
        ({"setup.py": b"setup(**{'name': 'other'})\n"}, False),
        ({"setup.py": b"setup()\n", "setup.cfg": b"[metadata]\nname = o\n"}, False),
        ({"setup.py": b"setup()", "pyproject.toml": b"[project]\nname='o'\n"}, False),
        ({"setup.py": b"import sys\n"}, False),
        ({"pyproject.toml": b"[tool.x]\n"}, False),
        ({}, False),
    ],
)
def test_a_name_that_setup_py_finds_out_is_left_open(
    contents: Mapping[str, bytes], expected: bool
) -> None:
    assert leaves_open(contents) == expected

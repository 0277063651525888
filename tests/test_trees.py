"""Which tree a path lies in, by its name."""

from __future__ import annotations

import pytest

from release_guard.trees import (
    in_prefix,
    in_site,
    is_aside,
    is_document,
    is_of_repair,
    is_of_tests,
    is_optional,
    is_vendored,
    module_name,
    top_in_source,
)


@pytest.mark.parametrize(
    ("path", "site"),
    [
        ("demo/core.py", "demo/core.py"),
        ("demo.py", "demo.py"),
        ("demo-1.0.data/purelib/demo.py", "demo.py"),
        ("demo-1.0.data/platlib/demo/a.so", "demo/a.so"),
        ("demo-1.0.data/purelib/", None),
        ("demo-1.0.data/data/demo.py", None),
        ("demo-1.0.data/scripts/demo", None),
        ("demo-1.0.dist-info/METADATA", None),
        ("demo/x.dist-info/METADATA", "demo/x.dist-info/METADATA"),
    ],
)
def test_an_installer_puts_a_member_there(path: str, site: str | None) -> None:
    assert in_site(path) == site


@pytest.mark.parametrize(
    ("path", "site"),
    [
        ("a-1.data/data/lib/python3.11/site-packages/demo/a.py", "demo/a.py"),
        ("a-1.data/data/lib64/python3.13t/site-packages/a.pth", "a.pth"),
        ("a-1.data/data/lib/pypy3.10/site-packages/a.pth", "a.pth"),
        ("a-1.data/data/lib/python3/dist-packages/a.pth", "a.pth"),
        ("a-1.data/data/local/lib/python3.12/dist-packages/a.pth", "a.pth"),
        ("a-1.data/data/Lib/site-packages/a.pth", "a.pth"),
        ("a-1.data/data/site-packages/a.pth", "a.pth"),
        ("a-1.data/data/lib/python3.11/site-packages/", None),
        ("a-1.data/data/lib/python3.11/a.py", None),
        ("a-1.data/data/share/demo/site-packages/a.py", None),
        ("a-1.data/purelib/lib/python3.11/site-packages/a.py", None),
        ("lib/python3.11/site-packages/a.py", None),
        ("demo/core.py", None),
    ],
)
def test_a_member_ends_there_by_the_prefix(path: str, site: str | None) -> None:
    assert in_prefix(path) == site


@pytest.mark.parametrize(
    ("path", "top"),
    [
        ("demo/core.py", "demo"),
        ("src/demo/core.py", "demo"),
        ("python/demo/__init__.py", "demo"),
        ("lib/demo.py", "demo"),
        ("setup.py", "setup"),
    ],
)
def test_a_module_of_a_source_tree_is_imported_by_that_name(
    path: str, top: str
) -> None:
    assert top_in_source(path) == top


@pytest.mark.parametrize(
    "path",
    [
        "tests/a.py",
        "demo/test/a.py",
        "demo/test_core.py",
        "demo/core_test.py",
        "demo/_test_client.py",
        "demo/conftest.py",
        "demo/_testing/a.py",
        "Tests/fixtures/x.json",
        "integration_tests/a.py",
    ],
)
def test_a_path_among_tests_is_known(path: str) -> None:
    assert is_of_tests(path)
    assert is_aside(path)


@pytest.mark.parametrize(
    "path",
    [
        "docs/conf.py",
        "demo/examples/a.py",
        "benchmarks/a.py",
        "demo/json_benchmark.py",
        "demo/app_template/a.py",
    ],
)
def test_a_path_among_what_is_shown_is_known(path: str) -> None:
    assert is_aside(path)
    assert not is_of_tests(path)


@pytest.mark.parametrize(
    "path", ["demo/core.py", "demo/contest.py", "demo/attest.py", "latest/a.py"]
)
def test_a_path_of_the_program_is_none_of_these(path: str) -> None:
    assert not is_aside(path)
    assert not is_vendored(path)


@pytest.mark.parametrize(
    "path", ["demo/_vendor/a.py", "demo/extern/a.py", "third_party/a.py"]
)
def test_a_copy_of_another_project_is_known(path: str) -> None:
    assert is_vendored(path)


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("demo.py", "demo"),
        ("demo/__init__.py", "demo/__init__"),
        ("demo/core.pyc", "demo/core"),
        ("demo/gui.pyw", "demo/gui"),
        ("_c.abi3.so", "_c"),
        ("demo/_c.cpython-311-x86_64-linux-gnu.so", "demo/_c"),
        ("demo/_c.cp311-win_amd64.pyd", "demo/_c"),
        ("demo/__pycache__/core.pyc", None),
        ("__pycache__/core.pyc", None),
        ("demo/core.pyi", None),
        ("demo/lib.so.1", None),
        ("demo/py.typed", None),
        ("demo/a.b.py", None),
        (".py", None),
    ],
)
def test_a_file_is_the_module_that_python_finds_in_it(
    path: str, module: str | None
) -> None:
    assert module_name(path) == module


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("demo.libs/libz-1a2b.so.1", True),
        ("demo/.dylibs/libz.dylib", True),
        ("demo.libs/", True),
        ("demo/libs/a.py", False),
        ("demo.libs", False),
    ],
)
def test_what_a_repair_adds_is_known(path: str, expected: bool) -> None:
    assert is_of_repair(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("demo/tests/a.py", True),
        ("tools/a.py", True),
        ("demo/test_a.py", True),
        ("demo/conftest.py", True),
        ("demo/templates/a.py", False),
        ("demo/core.py", False),
    ],
)
def test_what_an_sdist_may_lack_is_known(path: str, expected: bool) -> None:
    assert is_optional(path) == expected


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("README.md", True),
        ("docs/conf.py", True),
        ("demo/doc/a.py", True),
        ("demo/README.md", False),
        ("setup.py", False),
    ],
)
def test_what_people_read_is_known(path: str, expected: bool) -> None:
    assert is_document(path) == expected

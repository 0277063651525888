"""Which tree a path lies in, by its name."""

from __future__ import annotations

import pytest

from release_guard.trees import in_site, is_aside, is_of_tests, is_vendored


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
    "path",
    [
        "tests/a.py",
        "demo/test/a.py",
        "demo/test_core.py",
        "demo/core_test.py",
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

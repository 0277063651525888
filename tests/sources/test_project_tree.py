"""What the files of a repository say of its projects, and git of its remote."""

from __future__ import annotations

import os
from pathlib import Path

import forge
import pytest
from checkouts import Link, opened, write
from packaging.utils import NormalizedName

from release_guard.sources.project_tree import (
    Address,
    ProjectFile,
    Uploader,
    default_branch,
    project_files,
    remote_address,
    uploaders,
)

DEMO = NormalizedName("demo")


def _project(name: str = "demo", **said: str) -> str:
    lines = [f'name = "{name}"', *(f"{key} = {value}" for key, value in said.items())]
    return "[project]\n" + "\n".join(lines) + "\n"


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        pytest.param(
            {"pyproject.toml": _project("De.Mo")},
            [ProjectFile(NormalizedName("de-mo"), "")],
            id="a name is normalized",
        ),
        pytest.param({}, [], id="nothing there"),
        pytest.param(
            {"pyproject.toml": "[tool.black]\n"}, [], id="a pyproject without a project"
        ),
        pytest.param(
            {"pyproject.toml": '[tool.poetry]\nname = "demo"\n'},
            [ProjectFile(DEMO, "")],
            id="poetry's own table",
        ),
        pytest.param(
            {"setup.cfg": "[metadata]\nname = demo\nversion = attr: demo.x\n"},
            [ProjectFile(DEMO, "")],
            id="a setup.cfg",
        ),
        pytest.param(
            {"setup.cfg": "[flake8]\nmax-line-length = 88\n"},
            [],
            id="a setup.cfg that names none",
        ),
        pytest.param(
            {
                "pyproject.toml": "[build-system]\nrequires = ['setuptools']\n",
                "setup.cfg": "[metadata]\nname = demo\n",
            },
            [ProjectFile(DEMO, "")],
            id="a pyproject that leaves the name to setup.cfg",
        ),
        pytest.param(
            {
                "pyproject.toml": _project()
                + "[build-system]\nrequires = ['hatchling', 'Hatch_VCS>=0.4']\n"
            },
            [ProjectFile(DEMO, "", "hatch-vcs")],
            id="a version from the tags",
        ),
        pytest.param(
            {
                "pyproject.toml": _project(version='"1.0"')
                + "[build-system]\nrequires = ['setuptools-scm']\n"
            },
            [ProjectFile(DEMO, "")],
            id="a static version beside a tool for versions",
        ),
        pytest.param(
            {
                "pyproject.toml": _project()
                + "[tool.pdm.version]\nsource = 'scm'\n[tool.cibuildwheel]\n"
            },
            [ProjectFile(DEMO, "", "pdm", configures_wheels=True)],
            id="pdm's version, and cibuildwheel",
        ),
        pytest.param(
            {"pyproject.toml": _project() + "[build-system]\nrequires = [1, '<']\n"},
            [ProjectFile(DEMO, "")],
            id="requirements that are none",
        ),
        pytest.param(
            {
                "pyproject.toml": "[tool.uv.workspace]\n",
                "packages/b/pyproject.toml": _project("b"),
                "packages/a/pyproject.toml": _project("a"),
            },
            [
                ProjectFile(NormalizedName("a"), "packages/a"),
                ProjectFile(NormalizedName("b"), "packages/b"),
            ],
            id="several packages below the top",
        ),
        pytest.param(
            {
                f"{folder}/x/pyproject.toml": _project("other")
                for folder in (
                    "tests",
                    "examples",
                    ".hidden",
                    "build",
                    "vendor",
                    "docs",
                )
            },
            [],
            id="tests, examples and copies are no projects of the repository",
        ),
        pytest.param(
            {"a/b/c/d/pyproject.toml": _project()}, [], id="too deep to be looked for"
        ),
    ],
)
def test_projects_are_those_that_their_files_name(
    files: dict[str, str], expected: list[ProjectFile], tmp_path: Path
) -> None:
    write(tmp_path, files)

    found = project_files(tmp_path)

    assert found.found == tuple(expected)
    assert found.unread == ()


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"pyproject.toml": "[project\n"}, "pyproject.toml: is no TOML"),
        ({"pyproject.toml": b"\xff\xfe"}, "pyproject.toml: is no TOML"),
        ({"pyproject.toml": "a = " + "[" * 5000}, "pyproject.toml: is no TOML"),
        ({"pyproject.toml": _project("-")}, "pyproject.toml: '-' is no project's name"),
        ({"pyproject.toml": "x = '" + "y" * (1 << 20) + "'"}, "is larger than"),
        ({"pyproject.toml": Link("gone")}, "pyproject.toml: is not there"),
        ({"pyproject.toml/x": ""}, "pyproject.toml: is a folder"),
        ({"setup.cfg": "name = demo\n"}, "setup.cfg: is no setup.cfg"),
        ({"setup.cfg": b"[metadata]\nname = \xff\n"}, "setup.cfg: is no setup.cfg"),
        ({"setup.cfg": "[metadata]\nname = a b\n"}, "'a b' is no project's name"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(
    files: dict[str, str | bytes | Link], told: str, tmp_path: Path
) -> None:
    write(tmp_path, files)

    found = project_files(tmp_path)

    assert found.found == ()
    assert len(found.unread) == 1
    assert told in found.unread[0]


def test_a_folder_that_links_elsewhere_is_not_followed(tmp_path: Path) -> None:
    write(tmp_path / "other", {"pyproject.toml": _project()})
    write(tmp_path / "top", {"link": Link("../other")})

    assert project_files(tmp_path / "top").found == ()


# --- what uploads already ----------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("- uses: pypa/gh-action-pypi-publish@release/v1", None),
        ("- run: twine  upload dist/*", "twine upload"),
        ("- run: |\n    uv publish", "uv publish"),
        ("- run: poetry publish --build", "poetry publish"),
        ("- run: python setup.py sdist upload", "setup.py sdist upload"),
        ("# - run: twine upload dist/*", ""),
        ("- run: twine check dist/*", ""),
        ("- run: echo 'my-twine upload'", "twine upload"),
    ],
)
def test_what_uploads_is_known_by_its_words(
    text: str, word: str | None, tmp_path: Path
) -> None:
    path = ".github/workflows/release.yaml"
    write(tmp_path, {path: f"jobs:\n  {text}\n", ".github/workflows/x.txt": text})

    found = uploaders(tmp_path)

    wanted = "pypa/gh-action-pypi-publish" if word is None else word
    assert found.found == ((Uploader(path, wanted),) if wanted else ())
    assert found.unread == ()


def test_a_workflow_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    write(tmp_path, {".github/workflows/a.yml": Link("gone")})

    assert "a.yml: is not there" in uploaders(tmp_path).unread[0]


def test_a_file_in_place_of_the_workflows_is_told(tmp_path: Path) -> None:
    write(tmp_path, {".github/workflows": ""})

    assert "workflows" in uploaders(tmp_path).unread[0]


def test_more_workflows_than_are_read_are_told(tmp_path: Path) -> None:
    write(tmp_path, {f".github/workflows/{n}.yml": "" for n in range(301)})

    assert "only the first 300" in uploaders(tmp_path).unread[0]


# --- the remote ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://github.com/org/demo.git", ("github.com", "org/demo")),
        ("https://user:hunter2@github.com/org/demo", ("github.com", "org/demo")),
        ("git@github.com:org/demo.git", ("github.com", "org/demo")),
        ("ssh://git@GitHub.com:22/org/demo/", ("github.com", "org/demo")),
        ("https://gitlab.example/a/b/c.git", ("gitlab.example", "a/b/c")),
        ("/srv/git/demo.git", ("", "")),
        ("file:///srv/git/demo.git", ("", "")),
        ("../demo", ("", "")),
        ("https://github.com/demo", ("", "")),
        ("https://github.com/", ("", "")),
        ("https://[/org/demo", ("", "")),
        ("ext::sh -c touch% /tmp/x", ("", "")),
        ("host:org/a b", ("", "")),
    ],
)
def test_remote_is_its_host_and_repository(
    url: str, expected: tuple[str, str], tmp_path: Path
) -> None:
    made = forge.Repository(tmp_path / "work")
    made.git("config", "remote.origin.url", url)

    assert remote_address(opened(made)) == Address("origin", *expected)


@pytest.mark.parametrize(
    ("remotes", "expected"),
    [
        ((), None),
        (("mine",), "mine"),
        (("mine", "origin"), "origin"),
        (("origin", "upstream"), "upstream"),
        (("mine", "yours"), None),
    ],
)
def test_remote_is_the_one_that_everybody_means(
    remotes: tuple[str, ...], expected: str | None, tmp_path: Path
) -> None:
    made = forge.Repository(tmp_path / "work")
    for name in remotes:
        made.git("remote", "add", name, f"https://github.com/{name}/demo")

    found = remote_address(opened(made))

    assert (found and found.remote) == expected


def test_branch_is_the_one_that_the_remote_shows_first(tmp_path: Path) -> None:
    made = forge.Repository(tmp_path / "work")
    for ref in ("origin/trunk", "origin/other"):
        made.git("update-ref", f"refs/remotes/{ref}", "HEAD")
    made.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/trunk")

    assert default_branch(opened(made), "origin") == "trunk"


@pytest.mark.parametrize(
    ("refs", "remote", "expected"),
    [
        pytest.param((), "", "main", id="the only branch there is"),
        pytest.param(("heads/x",), "", "", id="two branches, and nobody to ask"),
        pytest.param((), "origin", "main", id="a remote that nothing came from"),
        pytest.param(
            ("remotes/origin/dev", "heads/x"), "origin", "dev", id="the remote's only"
        ),
        pytest.param(
            ("remotes/origin/a", "remotes/origin/b"), "origin", "", id="two of a remote"
        ),
    ],
)
def test_branch_is_not_guessed(
    refs: tuple[str, ...], remote: str, expected: str, tmp_path: Path
) -> None:
    made = forge.Repository(tmp_path / "work")
    for ref in refs:
        made.git("update-ref", f"refs/{ref}", "HEAD")

    assert default_branch(opened(made), remote) == expected


def test_no_setting_of_the_user_is_taken_for_the_repositorys(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = forge.Repository(tmp_path / "work")
    config = tmp_path / "config"
    config.write_text('[remote "origin"]\n\turl = https://github.com/me/other\n')
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", os.fspath(config))

    assert remote_address(opened(made)) is None

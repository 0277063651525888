"""``release-guard init`` as a user runs it: in a real repository, from a real index."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import forge
import pytest
import sound
import yaml
from checkouts import Link, commit, write

from release_guard.cli import main
from release_guard.layouts import public_repository_url
from release_guard.sources.project_tree import project_files, uploaders

POLICY = ".github/release-guard.yml"
WORKFLOW = ".github/workflows/publish.yml"
_PYPROJECT = '[project]\nname = "demo"\nversion = "1.0"\n'


@dataclass(frozen=True)
class Said:
    """An exit code, and what was told on both streams."""

    code: int
    out: str
    err: str


#: ``init`` with these words.
Init = Callable[..., Said]


@pytest.fixture(name="work")
def _work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> forge.Repository:
    """A repository with a package of one commit, which is the working folder."""
    made = forge.Repository(tmp_path / "work")
    commit(made, {"pyproject.toml": _PYPROJECT, "demo.py": "answer = 42\n"})
    monkeypatch.chdir(made.folder)
    return made


@pytest.fixture(name="init")
def _init(capsys: pytest.CaptureFixture[str]) -> Init:
    def init(*words: str) -> Said:
        code = main(["init", *words])
        told = capsys.readouterr()
        return Said(code, told.out, told.err)

    return init


@pytest.fixture(name="index")
def _index() -> Iterator[sound.Index]:
    with sound.serving() as index:
        yield index


def _released(index: sound.Index, folder: Path) -> None:
    """What the index has of the project: a sound release, 0.9."""
    paths = sound.pair(folder, "0.9")
    index.serves(*paths)
    index.says(sound.listing(*paths))


def _there(folder: Path) -> list[str]:
    found = (folder / ".github").rglob("*")
    return sorted(p.relative_to(folder).as_posix() for p in found if p.is_file())


def _text(path: str) -> str:
    return Path(path).read_text(encoding="utf-8")


# --- what is written ----------------------------------------------------------


def test_policy_and_workflow_are_written(work: forge.Repository, init: Init) -> None:
    work.tag("v1.0")

    said = init("--offline")

    assert (said.code, said.err) == (0, "")
    assert _there(work.folder) == [POLICY, WORKFLOW]
    assert "projects: demo\n" in _text(POLICY)
    assert '\ntag-templates: ["v{version}"]\n' in _text(POLICY)
    assert "\nbranches: [main]\n" in _text(POLICY)
    assert '    tags: ["v[0-9]*"]\n' in _text(WORKFLOW)


def test_the_last_release_on_the_index_tells_the_wheels(
    work: forge.Repository, init: Init, index: sound.Index
) -> None:
    _released(index, work.folder.parent / "released")

    said = init("--index", "pypi", "--index-url", index.root)

    assert said.code == 0
    assert "not told" not in said.out
    assert "  # The wheels of demo 0.9 on the index:" in _text(POLICY)
    assert "    - py3-none-any\n" in _text(POLICY)


def test_a_project_that_the_index_does_not_know_is_told(
    work: forge.Repository, init: Init, index: sound.Index
) -> None:
    said = init("--index-url", index.root)

    assert said.code == 0
    assert "the index does not know demo yet" in said.out
    assert "the index does not know demo yet" in _text(POLICY)
    assert work.folder.is_dir()


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param(sound.Reply(b"oops", 500), id="a server error"),
        pytest.param(sound.Reply(b"<html>log in</html>"), id="a page that is none"),
        pytest.param(sound.Reply(b"no", 403), id="a refusal"),
    ],
)
def test_an_index_that_does_not_answer_is_told_and_nothing_is_guessed(
    reply: sound.Reply, work: forge.Repository, init: Init, index: sound.Index
) -> None:
    index.says(reply)

    said = init("--index-url", index.root)

    assert said.code == 0
    assert "the last release was not read" in said.out
    assert "the last release was not read" in " ".join(
        line.lstrip("# ") for line in _text(POLICY).splitlines()
    )
    assert "\n#   wheels: previous\n" in _text(POLICY)
    assert work.folder.is_dir()


def test_an_index_that_is_not_reached_is_told(
    work: forge.Repository, init: Init
) -> None:
    url = f"http://127.0.0.1:{sound.closed_port()}/simple/"
    said = init("--index", "pypi", "--index-url", url)

    assert said.code == 0
    assert "the last release was not read" in said.out
    assert _there(work.folder) == [POLICY, WORKFLOW]


def test_an_index_that_is_not_asked_is_told(work: forge.Repository, init: Init) -> None:
    assert "the index was not asked (--offline)" in init("--offline").out
    assert work.folder.is_dir()


def test_a_url_alone_gets_no_workflow_that_publishes_to_pypi(
    work: forge.Repository, init: Init, index: sound.Index
) -> None:
    said = init("--index-url", index.root)

    assert said.code == 0
    assert _there(work.folder) == [POLICY]
    assert "no workflow is written, as it would publish to PyPI" in said.out
    assert "\npublisher:" not in _text(POLICY)


def test_the_index_that_is_named_is_published_to(
    work: forge.Repository, init: Init
) -> None:
    said = init("--index", "testpypi", "--offline")

    assert said.code == 0
    assert "\nindex: testpypi\n" in _text(POLICY)
    url = public_repository_url("testpypi")
    steps = yaml.safe_load(_text(WORKFLOW))["jobs"]["publish"]["steps"]
    assert steps[-1]["with"] == {"repository-url": url}
    assert work.folder.is_dir()


def test_the_projects_last_state_passes_the_gate_that_is_written(
    work: forge.Repository,
    init: Init,
    index: sound.Index,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _released(index, work.folder.parent / "released")
    work.tag("v0.9")
    work.git("remote", "add", "origin", "git@github.com:org/demo.git")
    assert init("--index-url", index.root).code == 0
    write(work.folder, {".gitignore": "dist/\nrelease-manifest.json\n"})
    commit(work, {"pyproject.toml": _PYPROJECT})
    sound.pair(work.folder / "dist", "1.0")
    work.tag("v1.0")
    work.git("update-ref", "refs/remotes/origin/main", "HEAD")
    for name, value in work.push("refs/tags/v1.0").environ.items():
        monkeypatch.setenv(name, value)

    code = main(["check", "--index", "pypi", "--index-url", index.root])

    told = capsys.readouterr()
    assert code == 0, told.out + told.err
    assert " PASS " in told.out


def test_what_is_there_word_for_word_is_no_conflict(
    work: forge.Repository, init: Init
) -> None:
    init("--offline")
    before = Path(POLICY).stat().st_mtime_ns

    said = init("--offline")

    assert said.code == 0
    assert f"{POLICY} is so already\n" in said.out
    assert f"{WORKFLOW} is so already\n" in said.out
    assert "round the guard" not in said.out
    assert Path(POLICY).stat().st_mtime_ns == before
    assert work.folder.is_dir()


# --- nothing is written over --------------------------------------------------


@pytest.mark.parametrize("path", [POLICY, WORKFLOW])
def test_a_file_that_differs_holds_everything_back(
    path: str, work: forge.Repository, init: Init
) -> None:
    write(work.folder, {path: "edition: 2026\n"})

    said = init("--offline")

    assert said.code == 2
    assert f"not written: {path} is there, and differs:" in said.out
    assert "\n  -edition: 2026\n" in said.out
    assert "not written either: " in said.out
    assert _there(work.folder) == [path]
    assert _text(path) == "edition: 2026\n"


def test_force_writes_over_files_and_says_so(
    work: forge.Repository, init: Init
) -> None:
    write(work.folder, {POLICY: "edition: 2026\n"})

    said = init("--offline", "--force")

    assert said.code == 0
    assert f"wrote {POLICY}, over the file that was there:\n" in said.out
    assert "projects: demo\n" in _text(POLICY)


def test_force_tells_what_is_no_longer_in_force(
    work: forge.Repository, init: Init
) -> None:
    work.tag("v1.0")
    before = {
        "edition": 2026,
        "projects": "demo",
        "provenance": "required",
        "branches": ["stable/*"],
        "expect": {"sdist": "forbidden"},
        "rules": {"readme": "error"},
        "tag-templates": ["v{version}"],
    }
    write(work.folder, {POLICY: yaml.safe_dump(before)})
    lines = "".join(
        f"  - {line}\n"
        for line in (
            *("branches (has another value now)", "expect.sdist"),
            *("provenance", "rules"),
        )
    )

    kept, written = init("--offline"), init("--offline", "--force")

    head = "what the policy that was there says, and"
    assert (kept.code, written.code) == (2, 0)
    assert f"{head} would not be in force:\n{lines}\n" in kept.out
    assert f"{head} is no longer in force:\n{lines}\n" in written.out


@pytest.mark.parametrize("text", ["a: [\n", "- edition\n", "edition\n"])
def test_a_broken_policy_is_not_written_over(
    text: str, work: forge.Repository, init: Init
) -> None:
    write(work.folder, {POLICY: text})

    said = init("--offline", "--force")

    assert said.code == 2
    assert "mend it, or remove it" in said.err
    assert _text(POLICY) == text


def test_other_line_ends_are_no_other_text(work: forge.Repository, init: Init) -> None:
    init("--offline")
    for path in map(Path, (POLICY, WORKFLOW)):
        path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))

    said = init("--offline")

    assert said.code == 0
    assert f"{POLICY} is so already\n" in said.out
    assert f"{WORKFLOW} is so already\n" in said.out
    assert work.folder.is_dir()


def test_a_wide_line_is_shown_in_part(work: forge.Repository, init: Init) -> None:
    write(work.folder, {POLICY: f"edition: 2026 # {'x' * 9_000}\n"})

    assert max(map(len, init("--offline").out.splitlines())) < 300


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_without_the_workflow_there_is_no_policy(
    work: forge.Repository, init: Init
) -> None:
    folder = work.folder / ".github" / "workflows"
    folder.mkdir(parents=True)
    folder.chmod(0o555)
    try:
        said = init("--offline")
    finally:
        folder.chmod(0o755)

    assert said.code == 3
    assert f"{WORKFLOW}: Permission denied" in said.err
    assert _there(work.folder) == []


@pytest.mark.parametrize("before", [None, "edition: 2026\n"])
def test_where_one_file_cannot_be_written_none_is(
    before: str | None, work: forge.Repository, init: Init
) -> None:
    """A name that no file system takes: the workflow of a project with a long one."""
    name = "x" * 250
    text = f'[project]\nname = "{name}"\n'
    files = {"other/pyproject.toml": text, **({POLICY: before} if before else {})}
    write(work.folder, files)
    work.tag("demo-1.0")
    work.tag("other-1.0")
    there = sorted(p for p in work.folder.rglob("*") if ".git" not in p.parts)

    said = init("--offline", "--force", "demo", name)

    assert said.code == 3
    assert "File name too long" in said.err
    after = sorted(p for p in work.folder.rglob("*") if ".git" not in p.parts)
    assert after == there
    assert not before or _text(POLICY) == before


@pytest.mark.parametrize(
    ("files", "words", "told"),
    [
        ({".gitignore": "dist/\nrelease-manifest.json\n"}, ("--force",), ""),
        (
            {".gitignore": "*.json\n"},
            (),
            "let git ignore dist/: put them into .gitignore",
        ),
        ({}, (), "let git ignore dist/ and release-manifest.json"),
    ],
)
def test_what_a_release_leaves_is_to_be_ignored(
    files: dict[str, str | Link],
    words: tuple[str, ...],
    told: str,
    work: forge.Repository,
    init: Init,
) -> None:
    write(work.folder, files)

    said = init("--offline", *words)

    assert told in said.out
    assert ("let git ignore" in said.out) == bool(told)


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({".github": "a file\n"}, ".github: is no folder of this repository"),
        ({".github": Link("../elsewhere")}, ".github: is no folder of this repository"),
        (
            {".github/workflows": Link("../../elsewhere")},
            ".github/workflows: is no folder of this repository",
        ),
        ({WORKFLOW: Link("../../../elsewhere")}, f"{WORKFLOW}: is no regular file"),
        ({f"{WORKFLOW}/x": ""}, f"{WORKFLOW}: is no regular file"),
        (
            {".github/release-guard.yaml": "edition: 2026\n"},
            ".github/release-guard.yaml: there is a policy already",
        ),
        (
            {"pyproject.toml": _PYPROJECT + "[tool.release-guard]\nedition = 2026\n"},
            "pyproject.toml: tool.release-guard: there is a policy already",
        ),
        (
            {"release-guard.yml": "edition: 2026\n"},
            "release-guard.yml: is no place that a policy is read from",
        ),
        ({POLICY: "a: [\n"}, f"{POLICY}: is no YAML"),
    ],
)
def test_an_odd_place_is_told_even_with_force(
    files: dict[str, str | Link], told: str, work: forge.Repository, init: Init
) -> None:
    (work.folder.parent / "elsewhere").mkdir()
    write(work.folder, files)

    said = init("--offline", "--force")

    assert said.code == 2
    assert told in said.err
    assert said.out == ""
    assert list((work.folder.parent / "elsewhere").iterdir()) == []
    assert not (work.folder / WORKFLOW).is_file()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_cannot_be_written_is_undecided(
    work: forge.Repository, init: Init
) -> None:
    work.folder.chmod(0o555)
    try:
        assert init("--offline").code == 3
    finally:
        work.folder.chmod(0o755)


# --- what the project is called -----------------------------------------------


@pytest.mark.parametrize(
    ("files", "words", "name"),
    [
        pytest.param({}, (), "demo", id="the file at the top"),
        pytest.param({}, ("Other",), "other", id="what was named"),
        pytest.param(
            {"dist/other-1.0.tar.gz": ""}, (), "demo", id="the top outranks dist"
        ),
        pytest.param(
            {"pyproject.toml": "", "dist/other-1.0.tar.gz": ""},
            (),
            "other",
            id="what lies in dist",
        ),
        pytest.param(
            {"pyproject.toml": "", "py/pyproject.toml": _PYPROJECT},
            (),
            "demo",
            id="the only one below the top",
        ),
        pytest.param(
            {
                "pyproject.toml": "",
                "a/pyproject.toml": _PYPROJECT,
                "b/pyproject.toml": _PYPROJECT.replace("demo", "other"),
                "dist/other-1.0.tar.gz": "",
            },
            (),
            "other",
            id="of several the one that was built",
        ),
    ],
)
def test_the_project_is_the_one_that_is_meant(
    files: dict[str, str],
    words: tuple[str, ...],
    name: str,
    work: forge.Repository,
    init: Init,
) -> None:
    write(work.folder, files)

    said = init("--offline", *words)

    assert said.code == 0, said.err
    assert said.out.startswith(f"release-guard init: {name}\n")


@pytest.mark.parametrize(
    ("files", "words", "expected"),
    [
        pytest.param(
            {"pyproject.toml": ""},
            (),
            (2, "no file here says what"),
            id="no name at all",
        ),
        pytest.param(
            {"pyproject.toml": "", "setup.py": "import setuptools\n"},
            (),
            (2, "setup.py may, but it is a program, and is not run"),
            id="a name that a program computes",
        ),
        pytest.param(
            {"pyproject.toml": "[project\n"},
            (),
            (3, "cannot be read: pyproject.toml: is no TOML"),
            id="the file that would say it is broken",
        ),
        pytest.param(
            {"pyproject.toml": "[project\n", "py/pyproject.toml": _PYPROJECT},
            (),
            (3, "cannot be read: pyproject.toml: is no TOML"),
            id="another one does not stand in for a broken one",
        ),
        pytest.param(
            {
                "pyproject.toml": "",
                "a/pyproject.toml": _PYPROJECT,
                "b/pyproject.toml": _PYPROJECT.replace("demo", "other"),
            },
            (),
            (2, "there are several projects: demo, other"),
            id="several, and nobody says which",
        ),
        pytest.param(
            {"pyproject.toml": "[project\n"},
            ("demo",),
            (2, "pyproject.toml: is no TOML"),
            id="a broken file may hold another policy, whoever names the project",
        ),
        pytest.param({}, ("a b",), (2, "found 'a b'"), id="what is no name"),
        pytest.param({}, ("${{x}}",), (2, "found '${{x}}'"), id="an expression"),
        pytest.param(
            {"pyproject.toml": "", "a $(x)/pyproject.toml": _PYPROJECT},
            (),
            (2, "the folder of demo cannot be written into a workflow: 'a $(x)'"),
            id="a folder that means something to a shell",
        ),
        pytest.param(
            {}, ("--index", "nowhere"), (2, "no index is named"), id="no index"
        ),
    ],
)
def test_what_nobody_can_tell_is_not_guessed(
    files: dict[str, str],
    words: tuple[str, ...],
    expected: tuple[int, str],
    work: forge.Repository,
    init: Init,
) -> None:
    write(work.folder, files)

    said = init("--offline", *words)

    code, told = expected
    assert (said.code, said.out) == (code, "")
    assert told in said.err
    assert _there(work.folder) == []


def test_several_projects_may_be_named(work: forge.Repository, init: Init) -> None:
    write(work.folder, {"cli/pyproject.toml": _PYPROJECT.replace("demo", "cli")})
    work.tag("v1.0")
    work.tag("cli-2.0")

    said = init("--offline", "demo", "cli", "cli")

    assert said.code == 0
    assert _there(work.folder) == [
        POLICY,
        ".github/workflows/publish-cli.yml",
        ".github/workflows/publish-demo.yml",
    ]


@pytest.mark.parametrize(
    ("files", "words", "told"),
    [
        (
            {"cli/pyproject.toml": _PYPROJECT.replace("demo", "cli")},
            (),
            "not taken: cli; to release them as well, name all: release-guard init ",
        ),
        ({}, ("other",), "no file here is of other, which was named; there is demo"),
        ({"dist/x.txt": "", "dist/.gitignore": "*"}, (), ""),
        ({"dist/demo.whl": ""}, (), "demo.whl: is no valid name of a distribution"),
        ({"dist": ""}, (), ""),
        ({"a/setup.cfg": "broken"}, (), "a/setup.cfg: is no setup.cfg"),
        (
            {".github/workflows/a.yml": Link("gone")},
            (),
            ".github/workflows/a.yml: is not there",
        ),
        (
            {".github/workflows/a.yml": "jobs: # x\n- run: uv publish\n"},
            (),
            "go round the guard:\n  - .github/workflows/a.yml (uv publish)",
        ),
        (
            {".github/workflows/my release.yml": "jobs: # x\n- run: uv publish\n"},
            (),
            "take the upload out of .github/workflows/my release.yml: it goes round",
        ),
    ],
)
def test_what_was_not_understood_is_told(
    files: dict[str, str | Link],
    words: tuple[str, ...],
    told: str,
    work: forge.Repository,
    init: Init,
) -> None:
    write(work.folder, files)

    said = init("--offline", *words)

    assert said.code == 0, said.err
    assert told in said.out


_STEP = "jobs: {a: {steps: [{run: %s}]}}\n"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (_STEP % "poetry -n publish", "poetry -n publish"),
        (_STEP % "twine --no-color upload dist/*", "twine --no-color upload"),
        (_STEP % "uv --directory a publish", "uv --directory a publish"),
        (_STEP % "uvx twine==6.1 upload x", "twine==6.1 upload"),
        (_STEP % "rye publish", "rye publish"),
        (_STEP % "python setup.py sdist upload", "setup.py sdist upload"),
        pytest.param("a: >-\n  twine\n  upload x\n", "twine upload", id="folded"),
        pytest.param("a: |\n  twine \\\n    upload x\n", "twine upload", id="goes on"),
        pytest.param(
            'a: |\n  echo "step #1"; twine upload x\n', "twine upload", id="a quoted #"
        ),
        pytest.param(
            "a:\n- uses: PyO3/maturin-action@v1\n  with: {command: upload}\n",
            "maturin upload",
            id="an action's input",
        ),
        pytest.param("a: [\n# twine upload\n", "twine upload", id="no YAML"),
        pytest.param(
            f"# {'x' * 70_000}\na: uv publish\n", "uv publish", id="a large file"
        ),
        pytest.param("uses: me/publish-pypi@v1", "me/publish-pypi@", id="by its name"),
    ],
)
@pytest.mark.parametrize(
    "path", [".github/workflows/a.yml", ".github/actions/a/action.yml"]
)
def test_an_upload_is_seen_however_it_is_written(
    text: str, told: str, path: str, work: forge.Repository, init: Init
) -> None:
    write(work.folder, {path: text})

    assert f"go round the guard:\n  - {path} ({told})\n" in init("--offline").out


@pytest.mark.parametrize(
    "text",
    [
        "a: b # twine upload\n",
        _STEP % "pip install twine; upload",
        _STEP % "twine check dist/*",
        "a: &a [*a]\n",
        "a: {with: {command: upload}, uses: other/action@v1}\n",
        "[]\n",
        "",
    ],
)
def test_what_uploads_nothing_is_not_taken_for_it(
    text: str, work: forge.Repository, init: Init
) -> None:
    write(work.folder, {".github/workflows/a.yml": text})

    said = init("--offline")

    assert "round the guard" not in said.out


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("permissions: {id-token: write}\n", "id-token: write"),
        ("jobs: {a: {permissions: {id-token: write}}}\n", "id-token: write"),
        ("permissions: write-all\n", "permissions: write-all"),
        ("jobs: {a: {environment: PyPI}}\n", "environment: PyPI"),
        ("jobs: {a: {environment: {name: testpypi}}}\n", "environment: testpypi"),
        ("jobs: [\n id-token: write\n", "id-token: write"),
    ],
)
def test_what_may_upload_is_told(
    text: str, word: str, work: forge.Repository, init: Init
) -> None:
    path = ".github/workflows/a.yml"
    write(work.folder, {path: text})

    said = init("--offline")

    assert f"{path} may upload, and would go round the guard: {word}" in said.out
    assert "take the upload out" not in said.out


def test_a_workflow_nested_without_end_is_searched_all_the_same(
    work: forge.Repository, init: Init
) -> None:
    text = "a: " + "[" * 20_000 + "\n# uv publish\n"
    write(work.folder, {".github/workflows/a.yml": text})

    assert "a.yml (uv publish)" in init("--offline").out


def test_what_git_cannot_say_of_a_link_is_told(
    work: forge.Repository, init: Init
) -> None:
    write(work.folder, {"dist": Link("elsewhere")})
    (work.folder / "elsewhere").mkdir()

    said = init("--offline")

    assert said.code == 0
    assert "'dist/' is beyond a symbolic link" in said.out


def test_more_folders_than_are_searched_are_told(
    work: forge.Repository, init: Init
) -> None:
    for number in range(2_001):
        (work.folder / f"f{number}").mkdir()

    assert "only the first 2000 folders were searched" in init("--offline").out


def test_a_folder_that_cannot_be_listed_is_told(tmp_path: Path) -> None:
    read = project_files(tmp_path / "gone")

    assert read.found == ()
    assert read.unread == (f"{tmp_path / 'gone'}: No such file or directory",)


def test_more_actions_than_are_read_are_told(tmp_path: Path) -> None:
    for number in range(301):
        write(tmp_path, {f".github/actions/a{number}/action.yml": "uv publish\n"})

    read = uploaders(tmp_path)

    assert len(read.found) == 300
    assert [text.rpartition(": ")[2] for text in read.unread] == [
        "only the first 300 files were read"
    ]


def test_a_folder_of_actions_that_is_none_is_told(tmp_path: Path) -> None:
    write(tmp_path, {".github/actions": "a file\n", ".github/workflows": "a file\n"})

    assert [text.rpartition(": ")[2] for text in uploaders(tmp_path).unread] == [
        "Not a directory",
        "Not a directory",
    ]


def test_an_empty_dist_is_told(work: forge.Repository, init: Init) -> None:
    (work.folder / "dist").mkdir()

    assert "dist: the folder is empty" in init("--offline").out


# --- the repository -----------------------------------------------------------


def test_a_folder_without_a_repository_is_told(
    tmp_path: Path, init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(tmp_path / "bare", {"pyproject.toml": _PYPROJECT})
    monkeypatch.chdir(tmp_path / "bare")

    said = init("--offline")

    assert said.code == 0
    assert "there is no git repository here: no tag was read" in said.out


def test_a_folder_below_the_top_is_no_place_for_it(
    work: forge.Repository, init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(work.folder, {"below/pyproject.toml": _PYPROJECT})
    monkeypatch.chdir(work.folder / "below")

    said = init("--offline")

    assert said.code == 2
    assert "this is not the top of the checkout" in said.err
    assert not Path(".github").exists()


def test_a_repository_that_git_cannot_read_is_told(
    work: forge.Repository, init: Init
) -> None:
    work.tag("v1.0")
    write(work.folder, {".git/refs/tags/v2.0": "0" * 39 + "1\n"})

    said = init("--offline")

    assert said.code == 0
    assert "the tag v2.0 leads to an object that git cannot find" in said.out
    assert "# tag-templates:" in _text(POLICY)
    assert "\ntag-templates:" not in _text(POLICY)


def test_a_damaged_repository_is_told(work: forge.Repository, init: Init) -> None:
    write(work.folder, {".git/HEAD": "nonsense\n"})

    said = init("--offline")

    assert said.code == 0
    assert "no tag was read" in said.out


def test_a_shallow_checkout_is_told(
    work: forge.Repository, init: Init, monkeypatch: pytest.MonkeyPatch
) -> None:
    shallow = work.folder.parent / "shallow"
    work.git("clone", "--quiet", "--depth=1", work.folder.as_uri(), str(shallow))
    monkeypatch.chdir(shallow)

    assert "the checkout is shallow: it may lack tags" in init("--offline").out


def test_release_tags_beside_the_default_branch_leave_branches_out(
    work: forge.Repository, init: Init
) -> None:
    work.tag("v1.0")
    work.git("checkout", "--quiet", "-b", "stable")
    work.commit("Fix")
    work.tag("v1.1")
    work.git("checkout", "--quiet", "main")
    work.git("update-ref", "refs/remotes/origin/main", "main")
    work.git("update-ref", "refs/remotes/origin/stable", "stable")
    work.git("remote", "add", "origin", "https://github.com/org/demo")
    work.git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")

    assert init("--offline").code == 0

    assert "these tags lie beside main: v1.1." in _text(POLICY)
    assert '\n# branches: ["main", "stable/*"]\n' in _text(POLICY)


def test_a_branch_with_an_odd_name_is_left_out_and_told(
    work: forge.Repository, init: Init
) -> None:
    work.git("branch", "--move", "main", "a$(x)${{y}}")
    work.tag("v1.0")

    said = init("--offline")

    assert said.code == 0
    assert "the branch 'a$(x)${{y}}' has an odd name: left out" in said.out
    assert "branches: [a" not in _text(POLICY)


def test_no_password_in_the_remote_is_written_or_told(
    work: forge.Repository, init: Init
) -> None:
    work.git("config", "remote.origin.url", "https://me:hunter2@github.com/org/demo")

    said = init("--offline")

    assert "hunter2" not in said.out + said.err + _text(POLICY) + _text(WORKFLOW)
    assert "\nrepositories: [org/demo]\n" in _text(POLICY)


@pytest.mark.parametrize(
    "words", [["--version"], ["rules"], ["check", "--offline", "dist"]]
)
def test_no_other_command_loads_what_init_needs(
    words: list[str], work: forge.Repository
) -> None:
    sound.pair(work.folder / "dist", "1.0")
    script = (
        "import sys; from release_guard.cli import main; main(sys.argv[1:]);"
        " print(sorted(n for n in sys.modules if 'init_' in n or 'proposal' in n"
        " or n in ('release_guard.init', 'release_guard.jobs.init',"
        " 'release_guard.sources.project_tree')), file=sys.stderr)"
    )
    done = subprocess.run(
        [sys.executable, "-I", "-c", script, *words],
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stderr.splitlines()[-1] == "[]"


def test_the_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["init", "--help"]) == 0

    told = capsys.readouterr().out
    for option in ("PROJECT", "--index", "--index-url", "--offline", "--force"):
        assert option in told

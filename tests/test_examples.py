"""What people paste from here is right, and does what it says: each example is checked
by its schema and by zizmor, and played with a project of its own.
"""

from __future__ import annotations

import itertools
import json
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import forge
import indexes
import projects
import pytest
import sets
import yaml
from runner.walk import Settings, Use, Walked, walk
from separation import mixed

from release_guard.cli import parse
from release_guard.policy import Overrides, read_policy, resolve
from release_guard.rules import RULE_IDS

ROOT = Path(__file__).parent.parent
EXAMPLES = ROOT / "examples"
WORKFLOWS = sorted(EXAMPLES.glob("*.yml"))
PIPELINE = EXAMPLES / "gitlab" / "gitlab-ci.yml"
POLICIES = sorted((EXAMPLES / "policies").glob("*.yml"))
PAGES = sorted([ROOT / "README.md", *(ROOT / "docs").rglob("*.md")])
_BIN = Path(sys.executable).parent


def _tool(*words: str | Path) -> str:
    """What a tool that is installed beside Python says; it must end well."""
    name, *rest = map(str, words)
    done = subprocess.run(
        [str(_BIN / name), *rest], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
    return done.stdout


def _schema(name: str, *files: Path) -> None:
    assert files
    _tool("check-jsonschema", "--builtin-schema", f"vendor.{name}", *files)


# --- what is written ----------------------------------------------------------------


@dataclass(frozen=True)
class Block:
    """A block of code in a page."""

    page: Path
    language: str
    text: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - YAML
        """What it says, of YAML; None of what is none."""
        try:
            return yaml.safe_load(self.text) if self.language == "yaml" else None
        except yaml.YAMLError:
            return None


def _blocks() -> Iterator[Block]:
    for page in PAGES:
        text = page.read_text(encoding="utf-8")
        for language, block in re.findall(
            r"^```(\w+)\n(.*?)^```$", text, flags=re.DOTALL | re.MULTILINE
        ):
            yield Block(page, language, block)


def _is_workflow(document: object) -> bool:
    # YAML 1.1 takes the word "on" for true.
    return isinstance(document, dict) and "jobs" in document and True in document


def test_every_workflow_is_what_github_takes() -> None:
    _schema("github-workflows", *WORKFLOWS)


def test_the_pipeline_is_what_gitlab_takes() -> None:
    _schema("gitlab-ci", PIPELINE)


def test_zizmor_has_nothing_to_say_of_any_workflow(tmp_path: Path) -> None:
    """Those of the pages too: a page may show one that is no file of ours."""
    shown = [b for b in _blocks() if _is_workflow(b.document)]
    assert shown
    folder = tmp_path / ".github" / "workflows"
    folder.mkdir(parents=True)
    written = []
    for number, block in enumerate(shown):
        path = folder / f"{block.page.stem}-{number}.yml"
        path.write_text(block.text, encoding="utf-8")
        written.append(path)
    _schema("github-workflows", *written)

    _tool(
        *("zizmor", "--offline", "--quiet", "--persona", "auditor"),
        *("--config", ROOT / ".github" / "zizmor.yml"),
        *(*WORKFLOWS, *written),
    )


def test_every_list_of_steps_in_a_page_is_what_github_takes(tmp_path: Path) -> None:
    paths = []
    for number, block in enumerate(_blocks()):
        steps = block.document
        if not (isinstance(steps, list) and steps and isinstance(steps[0], dict)):
            continue
        if not {"uses", "run"} & set(steps[0]):
            continue
        job = {"runs-on": "ubuntu-latest", "steps": steps}
        path = tmp_path / f"{block.page.stem}-{number}.yml"
        path.write_text(yaml.safe_dump({"on": "push", "jobs": {"job": job}}))
        paths.append(path)
    _schema("github-workflows", *paths)


def test_every_suppression_says_why() -> None:
    """A line that zizmor is to pass over has a comment of its own above it."""
    for path in WORKFLOWS:
        lines = path.read_text(encoding="utf-8").splitlines()
        for above, line in itertools.pairwise(lines):
            if "zizmor: ignore" in line:
                assert above.strip().startswith("# "), f"{path.name}: {line}"


_PIN = re.compile(r"uses: ([\w./-]+)@([0-9a-f]{40}) # (v[\d.]+)$", flags=re.MULTILINE)


def test_every_action_is_pinned_alike_everywhere() -> None:
    """What Dependabot raises in one place is raised in the others, too."""
    files = [*WORKFLOWS, *PAGES, *(ROOT / ".github" / "workflows").glob("*.y*ml")]
    pins: dict[str, set[tuple[str, str]]] = {}
    for file in files:
        for action, commit, version in _PIN.findall(file.read_text(encoding="utf-8")):
            pins.setdefault(action, set()).add((commit, version))

    assert {action: found for action, found in pins.items() if len(found) > 1} == {}
    assert "pypa/gh-action-pypi-publish" in pins


#: Where it is meant so: nothing is published from there, and no manifest kept.
_MEANT = {
    # A trial of the release, of which nothing is handed on.
    ("rehearse-on-pull-request.yml", "rehearse"),
    # Our own: whether the image works. The guard of publish.yml judges again.
    ("release.yml", "try"),
}


def test_no_job_judges_where_the_build_has_run() -> None:
    """What a build writes to GITHUB_ENV would be loaded with the action."""
    files = [*WORKFLOWS, *(ROOT / ".github" / "workflows").glob("*.y*ml")]
    found = {
        (path.name, job) for path in files for job in mixed(yaml.safe_load(_text(path)))
    }
    shown = {
        job for b in _blocks() if _is_workflow(b.document) for job in mixed(b.document)
    }

    assert found == _MEANT
    assert shown <= {"rehearse"}


def _text(path: Path) -> str:
    return path.read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("steps", "is_mixed"),
    [
        ([{"run": "make"}, {"uses": "org/release-guard@v1"}], True),
        ([{"uses": "pypa/cibuildwheel@v4"}, {"uses": "./"}], True),
        ([{"run": "make"}, {"run": "pipx run release-guard check dist/"}], True),
        ([{"uses": "actions/checkout@v7"}, {"uses": "org/release-guard@v1"}], False),
        ([{"uses": "org/release-guard@v1"}, {"run": "make"}], False),
        ([{"run": "make"}], False),
    ],
    ids=[
        *("a build before", "a build's action before", "by the command line"),
        *("a checkout before", "a script after", "a build alone"),
    ],
)
def test_a_job_that_builds_and_judges_is_found(
    steps: list[object], is_mixed: bool
) -> None:
    assert mixed({"jobs": {"job": {"steps": steps}}}) == ["job"] * is_mixed


def test_no_job_of_the_pipeline_judges_where_it_builds_but_the_rehearsal() -> None:
    jobs = {
        name: " ".join([*job.get("before_script", []), *job["script"]])
        for name, job in yaml.safe_load(_text(PIPELINE)).items()
        if isinstance(job, dict) and "script" in job
    }
    judges = {n for n, script in jobs.items() if "release-guard " in script}

    assert judges == {"guard", "rehearse", "publish", "verify"}
    assert {n for n, script in jobs.items() if "-m build" in script} == {"build"}


_DISTRIBUTIONS = {"dist", "dist-*", "dist-${{ matrix.built }}"}


@pytest.mark.parametrize(
    "path",
    [*WORKFLOWS, ROOT / ".github" / "workflows" / "publish.yml"],
    ids=lambda path: f"{path.parent.name}: {path.stem}",
)
def test_only_distributions_are_fetched_by_a_name(path: Path) -> None:
    """A job that builds can put an artifact of any name there, but none of an id; the
    distributions are compared with the manifest, byte by byte.
    """
    jobs = yaml.safe_load(_text(path))["jobs"]
    fetched = [
        step["with"]
        for job in jobs.values()
        for step in job["steps"]
        if "actions/download-artifact@" in step.get("uses", "")
    ]
    by_name = {said.get("name") or said.get("pattern") for said in fetched} - {None}
    by_id = [said["artifact-ids"] for said in fetched if "artifact-ids" in said]

    assert all(said.keys() & {"name", "pattern", "artifact-ids"} for said in fetched)
    assert by_name <= _DISTRIBUTIONS
    assert all(re.fullmatch(r"(\$\{\{ needs\.[\w.-]+ \}\},? ?)+", ids) for ids in by_id)
    assert bool(by_id) == ("against:" in _text(path))


@pytest.mark.parametrize("path", POLICIES, ids=lambda path: path.stem)
def test_every_policy_is_read_and_belongs_to_a_workflow(path: Path) -> None:
    policy = read_policy(
        yaml.safe_load(path.read_text(encoding="utf-8")),
        where=path.name,
        rule_ids=RULE_IDS,
    )

    assert resolve(policy, Overrides()).edition == 2026
    workflow = (EXAMPLES / path.name).read_text(encoding="utf-8")
    assert f"policies/{path.name}" in " ".join(workflow.split())
    _tool("check-jsonschema", "--schemafile", ROOT / "schema" / "policy.json", path)


#: What each page shows in whole: files of ours, which other tests run.
_SHOWN = {
    "tutorials/pure-package.md": ("publish.yml",),
    "tutorials/cibuildwheel.md": ("cibuildwheel.yml", "policies/cibuildwheel.yml"),
    "tutorials/monorepo.md": ("monorepo.yml", "policies/monorepo.yml"),
    "tutorials/private-index.md": ("private-index.yml", "policies/private-index.yml"),
    "tutorials/gitlab-ci.md": ("gitlab/gitlab-ci.yml",),
    "tutorials/before-the-tag.md": (
        "rehearse-on-pull-request.yml",
        "testpypi-then-pypi.yml",
    ),
    "recipes.md": ("noxfile.py", "tox.ini", "release.mk", "pre-commit-config.yaml"),
}


@pytest.mark.parametrize("page", _SHOWN)
def test_a_page_shows_the_files_that_are_tested(page: str) -> None:
    """Where this fails, copy the file into the page."""
    shown = [block.text for block in _blocks() if block.page == ROOT / "docs" / page]

    for name in _SHOWN[page]:
        file = (EXAMPLES / name).read_text(encoding="utf-8")
        # What says where to save it stands in the page's own words there.
        body = re.sub(r"\A(#.*\n)+", "", file)
        assert file in shown or body in shown, name


def _of_my_pages() -> list[Block]:
    pages = {ROOT / "docs" / page for page in _SHOWN}
    return [block for block in _blocks() if block.page in pages]


#: What the YAML of these pages is, where it is no policy.
_OTHER_KEYS = {"jobs", "stages", "repos"}


@pytest.mark.parametrize(
    "block",
    [
        block
        for block in _of_my_pages()
        if isinstance(block.document, dict) and not _OTHER_KEYS & set(block.document)
    ],
    ids=lambda block: f"{block.page.stem}: {block.text.split()[0]}",
)
def test_a_policy_in_a_page_is_read(block: Block) -> None:
    read_policy(block.document, where=block.page.name, rule_ids=RULE_IDS)


def test_the_commands_in_the_pages_are_ours() -> None:
    told = [
        line.removeprefix("$ release-guard ")
        for block in _of_my_pages()
        for line in block.text.splitlines()
        if line.startswith("$ release-guard ")
    ]
    assert told
    for words in told:
        parse(shlex.split(words))


def test_every_example_is_shown_in_a_page() -> None:
    shown = {name for names in _SHOWN.values() for name in names} | {"audit.yml"}
    there = {
        str(path.relative_to(EXAMPLES))
        for path in EXAMPLES.rglob("*")
        if path.is_file()
    }

    assert {name for name in there if "__pycache__" not in name} == shown


# --- what happens -------------------------------------------------------------------


def _policy(at: forge.Repository, text: str) -> None:
    path = at.folder / ".github" / "release-guard.yml"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")
    at.git("add", "--all")
    at.commit("Policy")


@pytest.fixture(name="at")
def _at(tmp_path: Path) -> forge.Repository:
    return forge.Repository(tmp_path / "repository")


@pytest.fixture(name="served")
def _served(tmp_path: Path) -> Path:
    """The files that the index holds."""
    folder = tmp_path / "served"
    folder.mkdir()
    return folder


@pytest.fixture(name="index")
def _index(served: Path) -> Iterator[str]:
    with indexes.pypiserver(served) as url:
        yield url


def _names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def _failed(steps: list[Walked]) -> list[str]:
    return [f"{s.job}: {s.name}" for s in steps if s.outcome == "failure"]


def _guards(steps: list[Walked]) -> list[tuple[str, str]]:
    """Where release-guard ran, and the verdicts."""
    ours = [step for step in steps if step.uses.startswith("org/release-guard")]
    return [(step.job, step.outputs.get("verdict", step.outcome)) for step in ours]


def _told(steps: list[Walked]) -> str:
    """For the message of an assertion."""
    return "\n".join(f"--- {s.job}: {s.name}: {s.outcome}\n{s.log}" for s in steps)


@pytest.mark.workflows
@pytest.mark.parametrize(
    ("version", "failed"),
    [("1.0.0", []), ("1.0.1", ["guard: org/release-guard@v1"])],
    ids=["the version of the tag is published", "another version is not"],
)
def test_a_pure_package(
    at: forge.Repository, index: str, served: Path, version: str, failed: list[str]
) -> None:
    projects.commit(at, version)
    at.tag("v1.0.0")
    event = at.push("refs/tags/v1.0.0")

    steps = walk(EXAMPLES / "publish.yml", at.folder, event, index)

    assert _failed(steps) == failed, _told(steps)
    assert len(_names(served)) == (0 if failed else 2)


def _monorepo(at: forge.Repository) -> None:
    projects.commit(at, "1.2.0", name="demo-core", folder="packages/demo-core")
    projects.commit(at, "0.4.1", name="demo-cli", folder="packages/demo-cli")
    _policy(at, (EXAMPLES / "policies" / "monorepo.yml").read_text("utf-8"))


@pytest.mark.workflows
def test_a_monorepo_publishes_the_package_that_the_tag_names(
    at: forge.Repository, index: str, served: Path
) -> None:
    _monorepo(at)
    at.tag("demo-cli/v0.4.1")
    event = at.push("refs/tags/demo-cli/v0.4.1")

    steps = walk(EXAMPLES / "monorepo.yml", at.folder, event, index)

    assert _failed(steps) == [], _told(steps)
    assert _guards(steps) == [
        ("guard", "pass"),
        ("publish", "pass"),
        ("verify", "pass"),
    ]
    assert _names(served) == [
        "demo_cli-0.4.1-py3-none-any.whl",
        "demo_cli-0.4.1.tar.gz",
    ]


@pytest.mark.workflows
def test_a_monorepo_refuses_a_version_that_the_tag_does_not_name(
    at: forge.Repository, index: str, served: Path
) -> None:
    _monorepo(at)
    at.tag("demo-core/v1.3.0")
    event = at.push("refs/tags/demo-core/v1.3.0")

    steps = walk(EXAMPLES / "monorepo.yml", at.folder, event, index)

    assert _failed(steps) == ["guard: org/release-guard@v1"], _told(steps)
    assert "tag-version-mismatch" in _told(steps)
    assert _names(served) == []


#: What each job of the matrix of cibuildwheel.yml builds, in its order.
_BUILT = (
    ("manylinux_2_17_x86_64", "musllinux_1_2_x86_64"),
    ("manylinux_2_17_aarch64", "musllinux_1_2_aarch64"),
    ("macosx_11_0_arm64",),
    ("win_amd64",),
)
#: As the sdist of the same project says it.
_SAYS: sets.Says = {
    "Metadata-Version": "2.4",
    "Requires-Python": ">=3.11",
    "License-Expression": "MIT",
    "License-File": "LICENSE",
}
_MEMBERS: sets.Members = {
    "demo/__init__.py": '"""A project of the tests."""\n',
    "demo-1.0.0.dist-info/licenses/LICENSE": "MIT License\n",
}


def _cibuildwheel(but: str = "") -> Settings:
    """A stand-in that leaves what each of the jobs would, of no platform ``but``."""
    jobs = iter(_BUILT)

    def build(use: Use) -> Mapping[str, str]:
        folder = use.workspace / "wheelhouse"
        folder.mkdir()
        for platform in next(jobs):
            if platform != but:
                tag = f"cp313-cp313-{platform}"
                wheel = sets.wheel("demo 1.0.0", _MEMBERS, _SAYS, tag=tag)
                sets.build(wheel, folder)
        return {}

    return Settings(actions={"pypa/cibuildwheel": build})


@pytest.mark.workflows
def test_wheels_of_a_matrix_are_judged_in_parts_and_published_together(
    at: forge.Repository, index: str, served: Path
) -> None:
    projects.commit(at, "1.0.0")
    _policy(at, (EXAMPLES / "policies" / "cibuildwheel.yml").read_text("utf-8"))
    at.tag("v1.0.0")
    event = at.push("refs/tags/v1.0.0")

    steps = walk(
        EXAMPLES / "cibuildwheel.yml", at.folder, event, index, _cibuildwheel()
    )

    assert _failed(steps) == [], _told(steps)
    assert len(_names(served)) == 7
    assert [verdict for _, verdict in _guards(steps)] == ["pass"] * 8


@pytest.mark.workflows
def test_a_matrix_that_lost_a_platform_is_refused_by_the_join(
    at: forge.Repository, index: str, served: Path
) -> None:
    projects.commit(at, "1.0.0")
    _policy(at, (EXAMPLES / "policies" / "cibuildwheel.yml").read_text("utf-8"))
    at.tag("v1.0.0")
    event = at.push("refs/tags/v1.0.0")
    lost = _cibuildwheel(but="musllinux_1_2_aarch64")

    steps = walk(EXAMPLES / "cibuildwheel.yml", at.folder, event, index, lost)

    assert _failed(steps) == ["guard: org/release-guard@v1"], _told(steps)
    assert "missing-wheel" in _told(steps)
    assert _names(served) == []


@pytest.mark.workflows
def test_a_build_that_was_forgotten_among_the_parts_is_refused_before_the_upload(
    at: forge.Repository, index: str, served: Path, tmp_path: Path
) -> None:
    """The policy knows nothing of its wheels either."""
    policy = (EXAMPLES / "policies" / "cibuildwheel.yml").read_text("utf-8")
    workflow = (EXAMPLES / "cibuildwheel.yml").read_text("utf-8")
    lists, forgotten = "          - windows-latest\n", "    - cp3*-cp3*-win_amd64\n"
    built, judged = workflow.rpartition(lists)[::2]
    path = tmp_path / "publish.yml"
    path.write_text(built + judged, encoding="utf-8")
    projects.commit(at, "1.0.0")
    _policy(at, policy.replace(forgotten, ""))
    at.tag("v1.0.0")
    event = at.push("refs/tags/v1.0.0")

    steps = walk(path, at.folder, event, index, _cibuildwheel())

    assert _failed(steps) == ["publish: org/release-guard@v1"], _told(steps)
    assert "set-changed" in _told(steps)
    assert _names(served) == []


_SECRETS = {
    "INDEX_USERNAME": "publisher",
    "INDEX_READ_PASSWORD": "reads-only-7",
    "INDEX_UPLOAD_PASSWORD": "reads-only-7",
}


@pytest.fixture(name="private")
def _private(tmp_path: Path, served: Path) -> Iterator[str]:
    """A pypiserver that wants a password for everything."""
    passwords = indexes.htpasswd(
        tmp_path / "htpasswd", "publisher", _SECRETS["INDEX_READ_PASSWORD"]
    )
    wants = ("-P", str(passwords), "-a", "update,download,list")
    with indexes.pypiserver(served, *wants) as url:
        yield url


def _play_private(
    at: forge.Repository, url: str, secrets: Mapping[str, str]
) -> list[Walked]:
    policy = (EXAMPLES / "policies" / "private-index.yml").read_text("utf-8")
    projects.commit(at, "1.0.0")
    _policy(at, policy.replace("https://index.example/", url))
    at.tag("v1.0.0")
    settings = Settings(secrets=secrets, variables={"INDEX_UPLOAD_URL": url})
    event = at.push("refs/tags/v1.0.0")
    return walk(EXAMPLES / "private-index.yml", at.folder, event, url, settings)


@pytest.mark.workflows
def test_a_private_index_gets_the_release_once(
    at: forge.Repository, private: str, served: Path
) -> None:
    steps = _play_private(at, private, _SECRETS)

    assert _failed(steps) == [], _told(steps)
    assert _guards(steps) == [("release", "pass"), ("release", "pass")]
    assert len(_names(served)) == 2
    assert all(s not in _told(steps) for s in [_SECRETS["INDEX_READ_PASSWORD"]])


@pytest.mark.workflows
def test_a_second_run_for_a_private_index_uploads_nothing(
    at: forge.Repository, private: str, served: Path
) -> None:
    first = _play_private(at, private, _SECRETS)
    assert _failed(first) == [], _told(first)
    settings = Settings(secrets=_SECRETS, variables={"INDEX_UPLOAD_URL": private})
    event = at.push("refs/tags/v1.0.0")

    steps = walk(EXAMPLES / "private-index.yml", at.folder, event, private, settings)

    assert _failed(steps) == [], _told(steps)
    (upload,) = [step for step in steps if step.uses.startswith("pypa/")]
    assert upload.outcome == "skipped"


@pytest.mark.workflows
def test_a_private_index_that_refuses_the_password_is_no_pass(
    at: forge.Repository, private: str, served: Path
) -> None:
    steps = _play_private(at, private, {**_SECRETS, "INDEX_READ_PASSWORD": "wrong-7"})

    assert _failed(steps) == ["release: org/release-guard@v1"], _told(steps)
    assert _guards(steps)[0] == ("release", "undecided")
    assert _names(served) == []


#: What `pipx run` would fetch is here already.
_PIPX = """\
here=$(dirname "$REAL")
case "$*" in
  "run build") exec "$REAL" -m build --no-isolation ;;
  "run --spec release-guard[rehearse]"*" release-guard "*)
    shift 4; exec "$here/release-guard" "$@" ;;
esac
echo "pipx $*: is not known here" >&2
exit 97
"""


@pytest.mark.workflows
@pytest.mark.parametrize(
    ("more", "code"),
    [("", 0), ('classifiers = ["Private :: Do Not Upload"]', 1)],
    ids=["a dev version is fine", "what no index would take is told before the tag"],
)
def test_a_pull_request_rehearses_the_release(
    at: forge.Repository, index: str, more: str, code: int
) -> None:
    projects.commit(at, "1.0.1.dev3", more=more)
    path = EXAMPLES / "rehearse-on-pull-request.yml"
    settings = Settings(programs={"pipx": _PIPX})

    steps = walk(path, at.folder, at.pull_request(), index, settings)

    assert [step.code for step in steps] == [0, 0, code], _told(steps)


@pytest.mark.workflows
def test_testpypi_first(at: forge.Repository, tmp_path: Path) -> None:
    projects.commit(at, "1.0.0")
    at.tag("v1.0.0")
    event = at.push("refs/tags/v1.0.0")
    pypi, test = tmp_path / "pypi", tmp_path / "test"
    with indexes.pypiserver(pypi) as url, indexes.pypiserver(test) as test_url:
        settings = Settings(
            testpypi_url=test_url, variables={"TESTPYPI_UPLOAD_URL": test_url}
        )
        path = EXAMPLES / "testpypi-then-pypi.yml"

        steps = walk(path, at.folder, event, url, settings)

    assert _failed(steps) == [], _told(steps)
    assert _names(pypi) == _names(test)
    assert len(_names(pypi)) == 2
    assert json.dumps(_guards(steps)).count("pass") == 6

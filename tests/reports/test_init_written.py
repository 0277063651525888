"""The files that ``init`` writes: read back as they are meant, whatever was seen."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml as pyyaml
from hostile import texts
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import NormalizedName
from separation import mixed

from release_guard.facts import GitTag
from release_guard.init import drafts_of
from release_guard.policy import (
    EDITIONS,
    Overrides,
    Policy,
    PolicyFile,
    read_policy,
    resolve,
)
from release_guard.proposal.actions import ACTIONS, PUBLISHER
from release_guard.proposal.proposing import Proposal, propose
from release_guard.proposal.seen import Publishing, Remote, Seen, SeenProject
from release_guard.proposal.written import Draft, Fate, Outcome, Placed, lost
from release_guard.publishers import publisher_of
from release_guard.reports import init_policy, init_told, init_workflow
from release_guard.reports.escape import yaml, yaml_comment
from release_guard.rules import RULE_IDS

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "publish.yml"
DEMO = NormalizedName("demo")
_NATIVE = (
    "demo-1.0.tar.gz",
    *(
        f"demo-1.0-{tags}.whl"
        for tags in (
            "cp312-cp312-manylinux_2_17_x86_64.manylinux2014_x86_64",
            "cp313-cp313-manylinux_2_17_x86_64.manylinux2014_x86_64",
            "pp311-pypy311_pp73-macosx_11_0_arm64",
            "cp312-cp312-manylinux2014_s390x",
            "cp312-cp312-win_amd64",
        )
    ),
)


def _tagged(*names: str) -> tuple[GitTag, ...]:
    return tuple(GitTag(name, "c0ffee") for name in names)


def _native(name: str = "demo", **said: Any) -> SeenProject:  # noqa: ANN401
    from release_guard.facts import IndexedFile, Listing
    from release_guard.filenames import version_of

    project = NormalizedName(name)
    files = tuple(
        IndexedFile(
            file.replace("demo", name),
            version_of(file.replace("demo", name), project),
            None,
        )
        for file in _NATIVE
    )
    return SeenProject(project, listing=Listing(project, "", files), **said)


#: What people have, by what it is.
SHAPES = {
    "nothing but a name": Seen((SeenProject(DEMO),)),
    "a pure project that tells all": Seen(
        (SeenProject(DEMO, files=("demo-1.0.tar.gz", "demo-1.0-py3-none-any.whl")),),
        tags=_tagged("v1.0", "v1.1"),
        remote=Remote("origin", "github.com", "org/demo"),
        branch="main",
        on_branch=("v1.1", "v1.0"),
    ),
    "a version from the tags": Seen((SeenProject(DEMO, versioned_by="hatch-vcs"),)),
    "wheels for some platforms": Seen((_native(),), tags=_tagged("1.0")),
    "wheels that the project configures": Seen((_native(configures_wheels=True),)),
    "wheels in a folder": Seen(
        (_native(folder="packages/demo"),), tags=_tagged("packages/demo/v1.0")
    ),
    "several projects, each with its tags": Seen(
        (_native("a", folder="a"), _native("b"), SeenProject(DEMO, "c")),
        tags=_tagged("a-1.0", "v1.0", "c/2.0"),
    ),
    "several projects with one tag": Seen(
        (_native("a", folder="a"), _native("b"), SeenProject(DEMO, "c")),
        tags=_tagged("v1.0"),
    ),
    "odd forms of tags": Seen(
        (SeenProject(DEMO),), tags=_tagged("rel+1.0", "rel+1.1", "rel+1.2")
    ),
    "wheels of a first release": Seen((SeenProject(DEMO, files=_NATIVE),)),
    "another forge": Seen(
        (SeenProject(DEMO),), remote=Remote("origin", "gitlab.example", "g/demo")
    ),
    "another index": Seen((SeenProject(DEMO),), index="testpypi"),
    "an index without a name": Seen((SeenProject(DEMO),), index=""),
    "names that YAML takes for something else": Seen(
        (SeenProject(NormalizedName("on")),),
        remote=Remote("origin", "github.com", "null/yes"),
        branch="1e3",
        on_branch=("true",),
    ),
}


def _files(seen: Seen) -> dict[str, str]:
    return {draft.path: draft.text for draft in drafts_of(propose(seen))}


def _policy(seen: Seen) -> str:
    return _files(seen)[".github/release-guard.yml"]


def _read(text: str) -> PolicyFile:
    read = read_policy(pyyaml.safe_load(text), where="policy", rule_ids=RULE_IDS)
    resolve(read, Overrides())
    return read


# --- the policy ----------------------------------------------------------------------


@pytest.mark.parametrize("name", SHAPES)
def test_policy_is_read_as_it_was_meant(name: str) -> None:
    seen = SHAPES[name]
    proposal = propose(seen)

    policy = pyyaml.safe_load(_policy(seen))

    _read(_policy(seen))
    expected: dict[str, Any] = {"edition": EDITIONS[-1]}
    for setting in proposal.settings:
        if setting.in_force:
            place = expected
            *tables, key = setting.key.split(".")
            for table in tables:
                place = place.setdefault(table, {})
            place[key] = _plain(setting.value)
    assert policy == expected


@pytest.mark.parametrize("name", SHAPES)
def test_a_policy_keeps_all_that_it_says_itself(name: str) -> None:
    seen = SHAPES[name]

    assert list(lost(pyyaml.safe_load(_policy(seen)), propose(seen).settings)) == []


@pytest.mark.parametrize(
    ("before", "told"),
    [
        ({"edition": 2020}, []),
        ({"projects": ["demo"]}, []),
        ({"projects": "other"}, ["projects (has another value now)"]),
        ({"projects": {"demo": {}}}, ["projects (has another value now)"]),
        ({"provenance": "required"}, ["provenance"]),
        ({"expect": {"wheels": ["py3-none-any"]}}, ["expect.wheels"]),
        ({"expect": "all"}, ["expect"]),
        ({"waivers": None}, ["waivers"]),
        pytest.param({"x" * 999: 1}, ["x" * 80], id="a long key"),
    ],
)
def test_what_a_policy_said_and_does_not_is_named(
    before: dict[str, object], told: list[str]
) -> None:
    assert list(lost(before, propose(SHAPES["nothing but a name"]).settings)) == told


def _plain(value: object) -> object:
    if isinstance(value, dict):
        return {key: _plain(inner) for key, inner in value.items()}
    return list(value) if isinstance(value, tuple) else value


@pytest.mark.parametrize("name", SHAPES)
def test_each_suggestion_can_be_put_in_force(name: str) -> None:
    """Who takes the mark before a suggestion away has a valid policy."""
    text = _policy(SHAPES[name])
    blocks = re.split(r"\n(?=\n)", text)
    suggestions = [
        b for b in blocks if re.search(r"^#\s{1,3}[a-z-]+:", b, re.MULTILINE)
    ]

    assert suggestions
    for block in suggestions:
        keys = [
            line.removeprefix("# ")
            for line in block.splitlines()
            if re.match(r"#  *[a-z-]+:( |$)|#  +- ", line) and not line.endswith(".")
        ]
        _read("\n".join(keys))


@settings(deadline=None)
@given(st.data())
def test_no_name_from_outside_changes_the_policy(data: st.DataObject) -> None:
    seen = _hostile(data)

    said = _read(_policy(seen))

    assert said.edition == EDITIONS[-1]
    assert not said.waivers
    assert not said.rules
    assert not said.indexes


def _hostile(data: st.DataObject) -> Seen:
    """What was seen, hostile text wherever somebody outside may have put it; the name
    of a project, its folder and a branch are refused before that where they are odd.
    """

    def text() -> str:
        return data.draw(texts)

    return Seen(
        (SeenProject(DEMO, files=(text(), f"demo-1.0-{text()}.whl")),),
        tags=_tagged(text(), f"v{text()}", f"{text()}1.0", "v1.0"),
        remote=Remote(text(), text(), text()),
        branch="main",
        on_branch=(text(), text()),
        publishing=(Publishing(text(), text()),),
        unclear=(text(), text()),
    )


@settings(deadline=None)
@given(st.data())
def test_no_name_from_outside_changes_the_workflow(data: st.DataObject) -> None:
    """The jobs are those of a project of which only the tags are known."""
    seen = _hostile(data)

    for draft in list(drafts_of(propose(seen)))[1:]:
        plain = Seen((SeenProject(DEMO, files=seen.projects[0].files),))
        (expected,) = propose(plain).workflows
        read = pyyaml.safe_load(draft.text)
        assert read["jobs"] == pyyaml.safe_load(init_workflow.render(expected))["jobs"]
        for tag in read[True]["push"]["tags"]:
            assert re.fullmatch(r"([A-Za-z0-9._/@=-]|\\\+)*\[0-9\]\*", tag)


@settings(deadline=None)
@given(texts)
def test_a_scalar_is_read_as_the_text(text: str) -> None:
    assert pyyaml.safe_load(f"key: {yaml(text)}\n") == {"key": text}


@pytest.mark.parametrize(
    "text", ["yes", "No", "null", "~", "1.0", "1e3", "0x1", "", "="]
)
def test_a_scalar_is_read_as_a_text(text: str) -> None:
    assert pyyaml.safe_load(yaml(text)) == text


@settings(deadline=None)
@given(texts)
def test_a_comment_is_nothing_but_a_comment(text: str) -> None:
    assert pyyaml.safe_load(f"a: 1\n{yaml_comment(text)}b: 2\n") == {"a": 1, "b": 2}


# --- the workflows -------------------------------------------------------------------


def _workflows() -> Iterator[tuple[str, str]]:
    for number, seen in enumerate(SHAPES.values()):
        for path, text in _files(seen).items():
            if "workflows" in path:
                yield f"{number}-{Path(path).name}", text


@pytest.fixture(name="written", scope="module")
def _written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("repository") / ".github" / "workflows"
    folder.mkdir(parents=True)
    for name, text in _workflows():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def _run(program: str, *words: str) -> str:
    """What a program says that finds nothing; fails where it finds something."""
    done = subprocess.run(
        [str(Path(sys.executable).parent / program), *words],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_workflows_hold_to_the_schema(written: Path) -> None:
    files = sorted(map(str, written.iterdir()))
    assert len(files) >= len(SHAPES)

    _run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files)


def test_zizmor_finds_nothing_in_the_workflows_at_its_strictest(written: Path) -> None:
    config = str(ROOT / ".github" / "zizmor.yml")
    words = ["--offline", "--quiet", "--persona", "auditor", "--config", config]

    assert "No findings to report" in _run("zizmor", *words, str(written.parent.parent))


@pytest.mark.parametrize(("name", "text"), list(_workflows()))
def test_no_path_to_the_index_goes_round_the_guard(name: str, text: str) -> None:
    read = pyyaml.safe_load(text)
    jobs = read["jobs"]

    def above(job: str) -> set[str]:
        needs = jobs[job].get("needs", [])
        direct = {needs} if isinstance(needs, str) else set(needs)
        return direct.union(*map(above, direct))

    uploading = [
        job
        for job, said in jobs.items()
        if "id-token" in said["permissions"] or "pypi-publish" in str(said)
    ]
    assert name
    assert read["permissions"] == {}
    assert uploading == ["publish"]
    assert jobs["publish"]["environment"] == "pypi"
    builds = jobs.keys() - {"guard", "publish", "verify"}
    assert builds
    assert above("publish") == {"guard", *builds}
    assert above("verify") == {"publish", "guard", *builds}
    steps = [s.get("with", {}).get("against") for s in jobs["publish"]["steps"]]
    uploads = [s for s in jobs["publish"]["steps"] if "pypi-publish" in str(s)]
    assert jobs["publish"]["steps"].index(uploads[0]) > steps.index(
        "checked/release-manifest.json"
    )
    assert mixed(read) == []
    assert "run" not in str([s.keys() for s in jobs["publish"]["steps"]])
    for said in jobs.values():
        for step in said["steps"]:
            if "checkout@" in step.get("uses", ""):
                assert step["with"]["persist-credentials"] is False


def test_every_action_of_others_is_pinned_by_its_commit() -> None:
    for name, action in ACTIONS.items():
        if name != "guard":
            assert re.fullmatch(
                r"[\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+", action.uses
            )


def _uses() -> Iterator[tuple[str, Path]]:
    """What the steps of our own workflows and of the examples use, and where."""
    for folder in (".github/workflows", "examples"):
        for path in sorted((ROOT / folder).rglob("*.yml")):
            for said in re.findall(
                r"(?m)^ *(?:- )?uses: *(\S.*?) *$", path.read_text("utf-8")
            ):
                yield said, path.relative_to(ROOT)


#: What our own workflows have no use for; nobody proposes a newer one by itself.
_ONLY_PROPOSED = {"qemu"}


@pytest.mark.parametrize("name", ACTIONS)
def test_pin_is_the_one_of_our_own_workflows_and_examples(name: str) -> None:
    action = ACTIONS[name]
    used = [(said, p) for said, p in _uses() if said.startswith(f"{action.name}@")]
    other = [f"{path}: {said}" for said, path in used if said != action.uses]

    assert bool(used) == (name not in _ONLY_PROPOSED)
    assert other == [], (
        f"init proposes {action.uses}: put the newer of the two into ACTIONS "
        "(release_guard/proposal/actions.py), .github/workflows, examples and "
        "docs/tutorials, and then: make docs transcript"
    )


def test_policy_names_the_publisher_of_the_workflow() -> None:
    (publisher,) = [
        str(setting.value)
        for setting in propose(SHAPES["nothing but a name"]).settings
        if setting.key == "publisher"
    ]

    assert publisher == PUBLISHER
    assert publisher_of(publisher).signs


def test_defaults_that_the_policy_tells_are_the_defaults() -> None:
    """Taken into force word for word, they change nothing."""
    text = _policy(SHAPES["nothing but a name"])
    told = text.partition("# The defaults of the rest:\n")[2].partition("\n\n")[0]
    said = _read("".join(f"{line[2:]}\n" for line in told.splitlines()))

    assert list(said.indexes) == ["pypi", "testpypi"]
    for name in said.indexes:
        index = Overrides(index=name)
        assert resolve(said, index).index == resolve(PolicyFile(), index).index
    assert resolve(said, Overrides()).index == Policy().index


def test_example_is_what_a_pure_project_gets() -> None:
    written = _files(SHAPES["nothing but a name"])[".github/workflows/publish.yml"]

    assert written == EXAMPLE.read_text(encoding="utf-8")


def test_what_more_is_known_changes_only_the_tags_of_a_pure_project() -> None:
    told = _files(SHAPES["a pure project that tells all"])
    written = told[".github/workflows/publish.yml"]

    assert written == EXAMPLE.read_text(encoding="utf-8").replace(
        'tags: ["[0-9]*", "v[0-9]*"]', 'tags: ["v[0-9]*"]'
    )


def test_a_version_from_the_tags_needs_the_tags_where_it_is_built() -> None:
    told = _files(SHAPES["a version from the tags"])
    jobs = pyyaml.safe_load(told[".github/workflows/publish.yml"])["jobs"]

    depths = {
        name: [
            step["with"].get("fetch-depth")
            for step in job["steps"]
            if "checkout@" in step.get("uses", "")
        ]
        for name, job in jobs.items()
    }
    assert depths == {"build": [0], "guard": [0], "publish": [None], "verify": [None]}


def test_wheels_are_built_by_a_matrix_and_put_together_for_the_guard() -> None:
    told = _files(SHAPES["wheels for some platforms"])
    jobs = pyyaml.safe_load(told[".github/workflows/publish.yml"])["jobs"]

    assert jobs["wheels"]["strategy"]["matrix"]["include"] == [
        {
            "runner": "ubuntu-latest",
            "machine": "x86_64",
            "build": "{cp312,cp313}-manylinux_x86_64",
        },
        {
            "runner": "ubuntu-latest",
            "machine": "s390x",
            "build": "cp312-manylinux_s390x",
        },
        {
            "runner": "macos-latest",
            "machine": "arm64",
            "build": "pp311-macosx_arm64",
        },
        {
            "runner": "windows-latest",
            "machine": "AMD64",
            "build": "cp312-win_amd64",
        },
    ]
    downloads = [
        step["with"]
        for job in ("guard", "publish")
        for step in jobs[job]["steps"]
        if "download-artifact@" in step.get("uses", "") and "pattern" in step["with"]
    ]
    one = {"pattern": "dist-*", "merge-multiple": True, "path": "dist"}
    assert downloads == [one, one]
    assert "setup-qemu" in str(jobs["wheels"])
    assert "CIBW_ENABLE" in str(jobs["wheels"])


def test_a_folder_is_where_its_project_is_built() -> None:
    told = _files(SHAPES["wheels in a folder"])
    (text,) = [text for path, text in told.items() if "workflows" in path]

    assert "run: pipx run build --sdist --outdir dist packages/demo\n" in text
    assert "package-dir: packages/demo\n" in text


# --- what is told --------------------------------------------------------------------


def _told(seen: Seen, *fates: Fate, before: str = "") -> str:
    proposal = propose(seen)
    drafts = list(drafts_of(proposal))
    files = [
        Placed(draft, fate, before)
        for draft, fate in zip(
            drafts, fates or [Fate.WRITTEN] * len(drafts), strict=True
        )
    ]
    return init_told.render(Outcome(proposal, tuple(files)))


@pytest.mark.parametrize("name", SHAPES)
def test_what_is_written_and_in_force_is_told(name: str) -> None:
    seen = SHAPES[name]
    told = _told(seen)

    for path in _files(seen):
        assert f"wrote {path}\n" in told
    for setting in propose(seen).settings:
        assert (f"({setting.reason})" in told) == setting.in_force


def test_the_next_steps_are_told_in_their_order() -> None:
    told = _told(SHAPES["nothing but a name"]).partition("next:\n")[2]

    assert re.findall(r"^  (\d)\. (\w+)", told, re.MULTILINE) == [
        ("1", "read"),
        ("2", "protect"),
        ("3", "register"),
        ("4", "try"),
        ("5", "push"),
    ]


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("old.yml", "old.yml"),
        pytest.param("my release.yml", "my release.yml", id="a space in the name"),
        pytest.param("a (b).yml", "a (b).yml", id="a bracket in the name"),
        pytest.param("a\nwrote b.yml", r"a\nwrote b.yml", id="a line end in the name"),
    ],
)
def test_an_upload_that_goes_round_is_a_step_of_its_own(name: str, shown: str) -> None:
    found = Publishing(f".github/workflows/{name}", "twine upload")
    told = _told(Seen((SeenProject(DEMO),), publishing=(found,)))
    path = f".github/workflows/{shown}"

    assert f"go round the guard:\n  - {path} (twine upload)\n" in told
    assert f"  2. take the upload out of {path}: it goes round the guard\n" in told


def test_a_line_end_in_a_name_begins_no_line() -> None:
    told = _told(Seen((SeenProject(DEMO),), unclear=("a\nwrote b: is no TOML",)))

    assert "  - a\\nwrote b: is no TOML\n" in told


def test_without_a_workflow_the_commands_are_told() -> None:
    told = _told(SHAPES["another forge"])

    assert "2. call release-guard check before your upload" in told


def test_a_file_that_is_kept_is_told_with_what_differs() -> None:
    told = _told(
        SHAPES["nothing but a name"], Fate.KEPT, Fate.HELD, before="edition: 2025\n"
    )

    assert "not written: .github/release-guard.yml is there, and differs:\n" in told
    assert "\n  -edition: 2025\n" in told
    assert "not written either: .github/workflows/publish.yml\n" in told
    assert told.endswith("to write over them: release-guard init --force\n")


def test_a_long_difference_is_cut() -> None:
    before = "".join(f"line {n}\n" for n in range(500))
    told = _told(SHAPES["nothing but a name"], Fate.REPLACED, Fate.SAME, before=before)

    assert "over the file that was there:\n" in told
    assert "\n  ...\n" in told
    assert "line 300" not in told
    assert ".github/workflows/publish.yml is so already\n" in told


@settings(deadline=None)
@given(st.data())
def test_what_is_told_holds_no_command_and_no_control_character(
    data: st.DataObject,
) -> None:
    told = _told(_hostile(data)) if data.draw(st.booleans()) else _told_over(data)

    for line in told.split("\n"):
        assert line.isprintable() or not line
        assert not line.lstrip().startswith("::")
        assert "##[" not in line


def _told_over(data: st.DataObject) -> str:
    proposal = propose(_hostile(data))
    draft = Draft(".github/release-guard.yml", "edition: 2026\n")
    placed = Placed(draft, Fate.KEPT, data.draw(texts))
    return init_told.render(Outcome(proposal, (placed,)))


def test_a_proposal_without_settings_in_force_has_a_policy() -> None:
    bare = Proposal((DEMO,), (), ())

    assert _read(init_policy.render(bare, EDITIONS[-1])).edition == EDITIONS[-1]

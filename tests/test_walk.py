"""A workflow file played on this machine: the order, what is handed on, what is
refused, and a whole release.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import indexes
import projects
import pytest
from forge import Repository, Run
from runner import artifacts, events
from runner.standin import standing_in
from runner.walk import Settings, Use, UseError, Walked, WalkError, walk

from release_guard.sources.web import Web

#: The public index of a walk that asks none.
_NO_INDEX = "http://127.0.0.1:9/"
Play = Callable[..., list[Walked]]


@pytest.fixture(name="repository", scope="module")
def _repository(tmp_path_factory: pytest.TempPathFactory) -> Repository:
    """A project, which is tagged."""
    folder = tmp_path_factory.mktemp("walk")
    made = Repository(folder / "demo")
    projects.write(projects.BACKENDS["flit"], made.folder)
    made.git("add", "--all")
    made.commit("Add")
    made.tag("v1.2.0", annotated=True)
    return made


@pytest.fixture(name="play")
def _play(tmp_path: Path, repository: Repository) -> Play:
    """Play a text as a workflow; by default for the push of the tag."""

    def play(
        jobs: str, on: str = "push", event: Run | None = None, **settings: object
    ) -> list[Walked]:
        path = tmp_path / "publish.yml"
        path.write_text(f"on: {on}\njobs:\n{jobs}")
        event = event or repository.push("refs/tags/v1.2.0")
        how = Settings(folder=tmp_path / "walk", **settings)  # type: ignore[arg-type]
        return walk(path, repository.folder, event, _NO_INDEX, how)

    return play


def _job(name: str, *steps: str, **said: str) -> str:
    lines = [f"  {name}:", "    runs-on: ubuntu-latest"]
    lines += [f"    {key}: {value}" for key, value in said.items()]
    return "\n".join([*lines, "    steps:", *(f"    - {step}" for step in steps), ""])


@pytest.mark.parametrize(
    "runs_on",
    ["windows-latest", "[macos-14]", "'${{ matrix.os }}'", "{labels: [Windows-2022]}"],
)
@pytest.mark.parametrize(
    "uses", ["org/release-guard@v1", "pypa/gh-action-pypi-publish@v1"]
)
def test_a_container_action_runs_on_linux_alone(
    play: Play, uses: str, runs_on: str
) -> None:
    job = _job("a", f"uses: {uses}", strategy="{matrix: {os: [windows-2025]}}")
    job = job.replace("runs-on: ubuntu-latest", f"runs-on: {runs_on}")
    with pytest.raises(WalkError, match="only supported on Linux"):
        play(job)


def test_a_job_says_where_it_runs(play: Play) -> None:
    job = _job("a", "run: echo").replace("    runs-on: ubuntu-latest\n", "")
    with pytest.raises(WalkError, match="a: runs-on is missing"):
        play(job)


# --- order, conditions, what is handed on -----------------------------------------


def test_jobs_run_as_they_need_each_other(play: Play) -> None:
    jobs = _job("c", "run: echo c", needs="[a, b]") + _job(
        "b", "run: echo b", needs="a"
    )
    jobs += _job("a", "run: echo a")
    assert [step.job for step in play(jobs)] == ["a", "b", "c"]


def test_outputs_go_from_step_to_step_and_from_job_to_job(play: Play) -> None:
    jobs = _job(
        "a",
        "{id: one, run: 'echo x=1 >> $GITHUB_OUTPUT'}",
        "run: echo ${{ steps.one.outputs.x }}",
        outputs="{y: '${{ steps.one.outputs.x }}'}",
    )
    jobs += _job("b", "run: echo got ${{ needs.a.outputs.y }}", needs="a")
    first, second, third = play(jobs)
    assert first.outputs == {"x": "1"}
    assert second.log == "1\n"
    assert third.log == "got 1\n"


def test_the_environment_has_its_order(play: Play) -> None:
    jobs = _job(
        "a",
        "run: 'echo A=file >> \"$GITHUB_ENV\"; echo $A $B'",
        "{run: 'echo $A $B', env: {B: step}}",
        env="{A: job, B: job}",
    )
    first, second = play(jobs)
    assert first.log == "job job\n"
    assert second.log == "file step\n"


def test_a_failure_ends_a_job_and_those_that_need_it(play: Play) -> None:
    jobs = _job(
        "a",
        "run: exit 3",
        "run: echo not",
        "{run: echo always, if: always()}",
    )
    jobs += _job("b", "run: echo not", needs="a")
    jobs += _job("c", "run: echo told", needs="b", **{"if": "always()"})
    bad, not_run, always, skipped, told = play(jobs)
    assert (bad.outcome, bad.code) == ("failure", 3)
    assert not_run.outcome == "skipped"
    assert always.log == "always\n"
    assert (skipped.job, skipped.name, skipped.outcome) == ("b", "", "skipped")
    assert told.outcome == "success"


def test_a_step_that_may_fail_ends_nothing(play: Play) -> None:
    jobs = _job(
        "a",
        "{id: x, run: exit 3, continue-on-error: true}",
        "run: echo ${{ steps.x.outcome }} ${{ steps.x.conclusion }}",
    )
    first, second = play(jobs)
    assert (first.outcome, first.conclusion) == ("failure", "success")
    assert second.log == "failure success\n"


def test_a_matrix_is_a_job_for_each_row(play: Play) -> None:
    matrix = "{matrix: {os: [a, b], v: [1, 2], exclude: [{os: b, v: 1}], "
    matrix += "include: [{os: a, more: x}, {os: c}]}}"
    said = "run: echo ${{ matrix.os }}${{ matrix.v }}${{ matrix.more }}"
    steps = play(_job("m", said, strategy=matrix))
    assert [step.log.strip() for step in steps] == ["a1x", "a2x", "b2", "c"]
    assert steps[0].job == "m (a, 1, x)"


def test_a_row_that_fails_ends_the_others(play: Play) -> None:
    steps = play(
        _job("m", "run: exit ${{ matrix.v }}", strategy="{matrix: {v: [1, 0]}}")
    )
    assert [step.outcome for step in steps] == ["failure", "cancelled"]


def test_permissions_and_environment_are_shown(play: Play) -> None:
    said = {"permissions": "{id-token: write}", "environment": "{name: pypi}"}
    (step,) = play(_job("a", "run: 'true'", **said))
    assert step.permissions == {"id-token": "write"}
    assert step.environment == "pypi"


def test_a_secret_is_masked(play: Play) -> None:
    jobs = _job("a", "run: echo ${{ secrets.TOKEN }} ${{ github.token }}")
    (step,) = play(jobs, secrets={"TOKEN": "hush-hush"})
    assert step.log == "*** ***\n"


# --- checkout and artifacts -------------------------------------------------------

_CHECKOUT = "uses: actions/checkout@v7"
_LOOK = "run: 'git log --oneline --all | wc -l; git tag; git status --short --branch'"


def test_a_checkout_is_one_commit_and_the_tag_that_was_pushed(
    play: Play, repository: Repository
) -> None:
    shallow = play(_job("a", _CHECKOUT, _LOOK))[1]
    assert shallow.log.split() == ["1", "v1.2.0", "##", "HEAD", "(no", "branch)"]
    branch = repository.push("refs/heads/main")
    log = play(_job("a", _CHECKOUT, _LOOK), event=branch)[1].log
    assert log.split() == ["1", "##", "main...origin/main"]


def test_the_whole_history_is_there_where_it_is_asked_for(play: Play) -> None:
    whole = "{uses: actions/checkout@v7, with: {fetch-depth: 0}}"
    log = play(_job("a", whole, _LOOK))[1].log
    assert log.split()[:2] == ["2", "v1.2.0"]


def test_each_job_begins_with_nothing(play: Play) -> None:
    jobs = _job("a", _CHECKOUT, "run: ls -A") + _job("b", "run: ls -A", needs="a")
    steps = play(jobs)
    assert "pyproject.toml" in steps[1].log
    assert steps[2].log == ""


def test_artifacts_go_from_job_to_job_with_the_paths_they_have_in_common(
    play: Play,
) -> None:
    make = "run: mkdir -p d/e .h; echo 1 > d/e/f; echo 2 > m; echo 3 > .h/x"
    up = "{uses: actions/upload-artifact@v7, with: {name: %s, path: %s}}"
    down = "{uses: actions/download-artifact@v8, with: {%s}}"
    jobs = _job(
        "a",
        make,
        up % ("one", '"d/\\nm"'),
        up % ("two", "d/"),
        up % ("three", "d/e/*"),
        up % ("four", "m"),
        up % ("five", "."),
    )
    find = "run: find . -type f | sort"
    for name in ("one", "two", "three", "four", "five"):
        jobs += _job(f"of-{name}", down % f"name: {name}", find, needs="a")
    logs = {
        step.job: step.log.split() for step in play(jobs) if step.name.endswith("sort")
    }
    assert logs == {
        "of-one": ["./d/e/f", "./m"],
        "of-two": ["./e/f"],
        "of-three": ["./f"],
        "of-four": ["./m"],
        # What is hidden is left out.
        "of-five": ["./d/e/f", "./m"],
    }


def test_a_name_of_an_artifact_is_given_once(play: Play) -> None:
    up = "{uses: actions/upload-artifact@v7, with: {name: x, path: m}}"
    steps = play(_job("a", "run: echo 1 > m", up, up))
    assert [step.outcome for step in steps] == ["success", "success", "failure"]
    assert "409" in steps[2].log


def test_an_artifact_is_fetched_by_its_id_and_an_overwritten_one_is_gone(
    tmp_path: Path,
) -> None:
    kept = artifacts.Artifacts(tmp_path / "kept")
    (tmp_path / "m").write_text("first")
    artifacts.upload(kept, tmp_path, "x", "m")
    first = kept.ids["x"]

    artifacts.download(kept, tmp_path / "by-id", ids=f" {first} ")
    assert (tmp_path / "by-id" / "m").read_text() == "first"

    (tmp_path / "m").write_text("second")
    artifacts.upload(kept, tmp_path, "x", "m", overwrite=True)
    artifacts.upload(kept, tmp_path, "y", "m")
    artifacts.download(kept, tmp_path / "both", ids=f"{kept.ids['x']}, {kept.ids['y']}")
    assert sorted(p.name for p in (tmp_path / "both").iterdir()) == ["x", "y"]
    for ids in (first, f"{first},{kept.ids['y']}", ","):
        with pytest.raises(artifacts.ArtifactError, match="not found for the ids"):
            artifacts.download(kept, tmp_path / "none", ids=ids)
    with pytest.raises(artifacts.ArtifactError, match="cannot be used together"):
        artifacts.download(kept, tmp_path / "none", name="x", ids=kept.ids["x"])


def test_the_id_of_an_upload_is_an_output(play: Play) -> None:
    up = "{id: up, uses: actions/upload-artifact@v7, with: {name: x, path: m}}"
    say = "run: echo '${{ steps.up.outputs.artifact-id }}'"

    assert play(_job("a", "run: echo 1 > m", up, say))[2].log.strip() == "1001"


@pytest.mark.parametrize(
    ("said", "outcome"),
    [("path: none", "success"), ("path: none, if-no-files-found: error", "failure")],
)
def test_no_files_are_no_error_unless_it_is_asked_for(
    play: Play, said: str, outcome: str
) -> None:
    up = f"{{uses: actions/upload-artifact@v7, with: {{name: x, {said}}}}}"
    (step,) = play(_job("a", up))
    assert step.outcome == outcome
    assert "No files were found" in step.log


def test_several_artifacts_are_merged_where_it_is_asked_for(tmp_path: Path) -> None:
    kept = artifacts.Artifacts(tmp_path / "kept")
    for name in ("part-a", "part-b", "other"):
        (tmp_path / name).write_text(name)
        artifacts.upload(kept, tmp_path, name, name)
    target = tmp_path / "target"
    artifacts.download(kept, target, pattern="part-*", merge=True)
    assert sorted(path.name for path in target.iterdir()) == ["part-a", "part-b"]
    artifacts.download(kept, target / "all")
    assert (target / "all" / "other" / "other").is_file()
    with pytest.raises(artifacts.ArtifactError, match="not found"):
        artifacts.download(kept, target, name="none")


# --- what is refused --------------------------------------------------------------


@pytest.mark.parametrize(
    ("jobs", "message"),
    [
        (_job("a", "uses: docker/build-push-action@v6"), "docker/build-push-action@v6"),
        (_job("a", "uses: ./.github/actions/x"), "is no action in this checkout"),
        (_job("a", "uses: actions/checkout"), "is not known here"),
        (
            _job("a", "{uses: actions/checkout@v7, with: {submodules: true}}"),
            "the input submodules",
        ),
        (_job("a", "{run: x, background: true}"), "'background'"),
        (_job("a", "{run: x, shell: pwsh}"), "the shell 'pwsh'"),
        (_job("a", "{name: x}"), "uses an action or runs a script"),
        (_job("a", "run: x", container="x"), "'container'"),
        (_job("a", "run: x", services="{x: {image: x}}"), "'services'"),
        (_job("a", "run: x", needs="none"), "wait for each other"),
        (_job("a", "run: x", needs="a"), "wait for each other"),
        (_job("a", "{run: x, if: hashFiles('x')}"), "hashFiles"),
        (_job("a", "run: x", **{"if": "nothing.x"}), "there is no context"),
        (_job("a"), "has no steps"),
        ("  a: {uses: org/x/.github/workflows/y.yml@v1}\n", "'uses'"),
    ],
)
def test_what_is_not_known_is_refused(play: Play, jobs: str, message: str) -> None:
    with pytest.raises(WalkError) as caught:
        play(jobs)
    assert message in str(caught.value)


@pytest.mark.parametrize(
    ("on", "starts"),
    [
        ("push", True),
        ("[pull_request, push]", True),
        ("{push: {tags: ['v*']}}", True),
        ("{push: {tags: ['v*', '!v1.*']}}", False),
        ("{push: {tags: ['v1.[0-9]+.[0-9]?']}}", True),
        ("{push: {tags: ['1*']}}", False),
        ("{push: {tags: ['*/v*']}}", False),
        ("{push: {branches: [main]}}", False),
        ("{push: {branches: [main], tags: ['**']}}", True),
        ("{push: {tags-ignore: ['v*']}}", False),
        ("{push: {branches-ignore: [main]}}", False),
        ("{release: {types: [published]}}", False),
        ("workflow_dispatch", False),
    ],
)
def test_a_workflow_runs_for_its_events_alone(
    play: Play, on: str, starts: bool
) -> None:
    jobs = _job("a", "run: 'true'")
    if starts:
        assert len(play(jobs, on)) == 1
        return
    with pytest.raises(WalkError, match="does not start this workflow"):
        play(jobs, on)


def test_a_filter_of_other_things_is_refused(play: Play) -> None:
    with pytest.raises(WalkError, match="'paths'"):
        play(_job("a", "run: x"), "{push: {paths: [x]}}")


def test_a_run_after_another_counts_by_its_name_and_branch(
    play: Play, repository: Repository
) -> None:
    jobs = _job("a", "run: 'true'")
    after = repository.workflow_run("v1.2.0", repository.head("HEAD"))
    named = "workflows: [Wheel Builder]"
    assert play(jobs, f"{{workflow_run: {{{named}, branches: ['v*']}}}}", after)
    for said in ("workflows: [Other]", f"{named}, branches: [main]"):
        with pytest.raises(WalkError, match="does not start this workflow"):
            play(jobs, f"{{workflow_run: {{{said}}}}}", after)
    pull = repository.pull_request()
    with pytest.raises(WalkError, match="a filter of refs"):
        play(jobs, "{pull_request: {branches: [main]}}", pull)


def test_a_release_counts_by_what_became_of_it(
    play: Play, repository: Repository
) -> None:
    on = "{release: {types: [published]}}"
    jobs = _job("a", "run: echo ${{ github.event.release.tag_name }}")
    (step,) = play(jobs, on, events.release(repository, "v1.2.0"))
    assert step.log == "v1.2.0\n"
    with pytest.raises(WalkError, match="the action edited"):
        play(jobs, on, events.release(repository, "v1.2.0", action="edited"))


def test_programs_that_would_fetch_are_stopped(play: Play) -> None:
    for script in ("pipx run cowsay", "uv publish", "uvx cowsay", "pipx install x"):
        (step,) = play(_job("a", f"run: {script}"))
        assert step.code == 97, script
        assert "is not known here" in step.log


def test_other_actions_and_programs_may_be_given(play: Play) -> None:
    def act(use: Use) -> Mapping[str, str]:
        if use.inputs["x"] == "bad":
            raise UseError("no good")
        (use.workspace / "made").touch()
        return {"y": use.inputs["x"]}

    steps = play(
        _job(
            "a",
            "{id: x, uses: some/action@v1, with: {x: 1}}",
            "run: ls; hello ${{ steps.x.outputs.y }}",
            "{uses: some/action@v1, with: {x: bad}}",
        ),
        actions={"some/action": act},
        programs={"hello": 'echo "hello $1"\n'},
    )
    assert steps[1].log == "made\nhello 1\n"
    assert steps[2].outcome == "failure"
    assert "no good" in steps[2].log


# --- publishing -------------------------------------------------------------------

_BUILD = (
    *(_CHECKOUT, "run: pipx run build"),
    "{id: guard, uses: org/release-guard@v1, with: {command: check}}",
)
_PUBLISH = "uses: pypa/gh-action-pypi-publish@v1"


@pytest.fixture(name="index", scope="module")
def _index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with indexes.pypiserver(tmp_path_factory.mktemp("packages")) as url:
        yield url


def _workflow(tmp_path: Path, permissions: str, *more: str) -> Path:
    path = tmp_path / "publish.yml"
    verify = "{uses: org/release-guard@v1, with: {command: verify, timeout: 0}}"
    steps = _job("p", *_BUILD, *more, _PUBLISH, verify, permissions=permissions)
    path.write_text(f"on: {{push: {{tags: ['v*']}}}}\njobs:\n{steps}")
    return path


@pytest.mark.workflows
def test_a_release_is_checked_published_and_verified(
    tmp_path: Path, repository: Repository, index: str
) -> None:
    """A job without the token publishes nothing; one with it does, and the public index
    that the workflow means without naming it is the one on this machine.
    """
    run = repository.push("refs/tags/v1.2.0")
    without = walk(_workflow(tmp_path, "{}"), repository.folder, run, index)
    assert [step.outcome for step in without[-2:]] == ["failure", "skipped"]
    assert "id-token: write" in without[-2].log

    path = _workflow(tmp_path, "{id-token: write}")
    steps = walk(path, repository.folder, run, index)
    assert [step.outcome for step in steps] == ["success"] * 5
    assert steps[2].outputs["verdict"] == steps[4].outputs["verdict"] == "pass"
    assert steps[2].outputs["to-upload"].splitlines() == [
        "demo_flit-1.2.0-py3-none-any.whl",
        "demo_flit-1.2.0.tar.gz",
    ]
    assert steps[4].summary.startswith("## release-guard verify")

    # The second time the gate has nothing to upload, and the index takes nothing.
    again = walk(path, repository.folder, run, index)
    assert again[2].outputs["to-upload"] == ""


def test_a_gate_that_says_no_keeps_the_publisher_from_running(
    tmp_path: Path, repository: Repository
) -> None:
    repository.tag("v3.0")
    run = repository.push("refs/tags/v3.0")
    path = _workflow(tmp_path, "{id-token: write}")
    with indexes.pypiserver(tmp_path / "packages") as url:
        steps = walk(path, repository.folder, run, url)
    assert [step.outcome for step in steps[2:]] == ["failure", "skipped", "skipped"]
    assert steps[2].outputs["verdict"] == "fail"
    assert [*(tmp_path / "packages").iterdir()] == []


def test_the_stand_in_leads_to_the_index_and_nowhere_else(
    tmp_path: Path, index: str
) -> None:
    with standing_in(tmp_path / "names", {"pypi": index}) as public:
        web = Web(public.environ())
        host = public.hosts[0]
        assert web.get(f"https://{host}/simple/", accept="*/*").status == 200
        with pytest.raises(Exception, match="proxy"):
            web.get("https://index.example/simple/", accept="*/*")
    assert public.asked[-1] == "CONNECT index.example:443"


def test_only_a_public_index_has_a_name(tmp_path: Path) -> None:
    with (
        pytest.raises(ValueError, match="is no public index"),
        standing_in(tmp_path, {"internal": _NO_INDEX}),
    ):
        pass

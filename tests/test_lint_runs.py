"""What shellcheck is shown of a workflow is what the runner would start."""

from __future__ import annotations

import re
from pathlib import Path

import lint_runs
import pytest
import yaml

ROOT = Path(__file__).parent.parent
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.y*ml"))

_WORKFLOW = """
env: {ALL: a}
defaults: {run: {shell: bash}}
jobs:
  one:
    env: {OF_JOB: b}
    steps:
      - uses: actions/checkout@v7
      - env: {OF_STEP: c}
        run: |
          echo "$ALL $OF_JOB $OF_STEP $GITHUB_SHA ${{ matrix.python }}"
      - shell: sh
        run: echo "$ALL"
  two:
    defaults: {run: {shell: sh}}
    steps:
      - run: echo "$ALL"
"""


def _steps(text: str) -> list[lint_runs.Step]:
    return list(lint_runs.steps(yaml.safe_load(text), "a.yml"))


def test_a_step_has_the_shell_and_the_variables_of_all_levels() -> None:
    steps = _steps(_WORKFLOW)

    assert [(step.place, step.shell, step.given) for step in steps] == [
        ("a.yml: one: step 2", "bash", ("ALL", "OF_JOB", "OF_STEP")),
        ("a.yml: one: step 3", "sh", ("ALL", "OF_JOB")),
        ("a.yml: two: step 1", "sh", ("ALL",)),
    ]
    assert [lint_runs.problems(step) for step in steps] == ["", "", ""]


def test_the_steps_of_a_composite_action_are_read() -> None:
    action = "runs: {using: composite, steps: [{shell: bash, run: echo $X}]}"

    (step,) = _steps(action)

    assert "SC2086" in lint_runs.problems(step)


@pytest.mark.parametrize(
    ("script", "code"),
    [
        pytest.param("rm -r $GITHUB_WORKSPACE", "SC2086", id="words are split"),
        pytest.param('echo "$DIGSET"', "SC2154", id="a variable that nobody gives"),
        pytest.param("cd x", "", id="-e ends it"),
        pytest.param('if [ "$A" = ]; then :; fi', "SC1", id="a syntax error"),
    ],
)
def test_a_mistake_is_told(script: str, code: str) -> None:
    told = lint_runs.problems(lint_runs.Step("here", "", script, ("A",)))

    assert code in told
    assert bool(told) == bool(code)


def test_a_shell_that_cannot_be_read_is_told() -> None:
    step = lint_runs.Step("here", "pwsh", "Get-Date", ())

    assert "'pwsh' is no shell" in lint_runs.problems(step)


def test_our_own_workflows_have_scripts_and_no_mistake(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert lint_runs.main([str(path) for path in WORKFLOWS]) == 0
    assert f"scripts of {len(WORKFLOWS)} files" in capsys.readouterr().out


def test_a_mistake_ends_with_one_and_nothing_read_with_three(tmp_path: Path) -> None:
    wrong, empty = tmp_path / "wrong.yml", tmp_path / "empty.yml"
    wrong.write_text("jobs: {a: {steps: [{run: echo $B}]}}")
    empty.write_text("jobs: {a: {steps: [{uses: a/b@v1}]}}")

    assert lint_runs.main([str(wrong)]) == 1
    assert lint_runs.main([str(empty)]) == 3
    assert lint_runs.main([]) == 3


# --- what every workflow of ours holds to ---------------------------------------------


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.name)
def test_a_workflow_grants_nothing_that_a_job_does_not_ask_for(path: Path) -> None:
    workflow = yaml.safe_load(path.read_text(encoding="utf-8"))

    assert workflow["permissions"] == {}
    assert "group" in workflow["concurrency"]
    for name, job in workflow["jobs"].items():
        assert job["permissions"], name
        assert 0 < job["timeout-minutes"] <= 60, name
        for step in job["steps"]:
            if step.get("uses", "").startswith("actions/checkout@"):
                assert step["with"]["persist-credentials"] is False


def test_one_job_alone_may_speak_to_the_index_and_needs_the_guard() -> None:
    workflow = yaml.safe_load(
        (ROOT / ".github" / "workflows" / "publish.yml").read_text(encoding="utf-8")
    )
    jobs = workflow["jobs"]

    speakers = [name for name, job in jobs.items() if "id-token" in job["permissions"]]
    assert speakers == ["publish"]
    assert jobs["publish"]["environment"] == "pypi"
    needs = {name: job.get("needs") for name, job in jobs.items()}
    assert needs == {
        "tag": None,
        "build": "tag",
        "guard": "build",
        "publish": "guard",
        "verify": ["guard", "publish"],
        "release": ["tag", "guard", "verify"],
        "major": "release",
    }
    # What the tag's action is, is asked before anything of the tag runs.
    assert "./" not in str(jobs["tag"]["steps"])
    # None goes on after a failure.
    assert not any("if" in job for job in jobs.values())
    assert "continue-on-error" not in str(workflow)


def test_no_workflow_names_a_registry() -> None:
    release = (ROOT / ".github" / "workflows" / "release.yml").read_text("utf-8")

    assert "IMAGE: ${{ vars.IMAGE }}" in release
    assert not [path for path in WORKFLOWS if "cr.io" in path.read_text("utf-8")]


def test_a_workflow_of_either_ending_is_linted() -> None:
    """GitHub runs ``.yaml`` as it runs ``.yml``."""
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    named = re.findall(r"workflows/(\*\S*)", makefile)

    assert len(named) >= 2
    assert set(named) == {"*.y*ml"}


@pytest.mark.parametrize("place", [".ci/run", ".github/workflows/ci.yml"])
def test_an_image_that_cannot_be_tried_is_no_pass_of_ci(place: str) -> None:
    """Without CI, which sudo drops, the tests in the container are skipped."""
    lines = (ROOT / place).read_text(encoding="utf-8").splitlines()
    runs = [line for line in lines if re.search(r"make .*\btest-container\b", line)]

    assert runs
    assert all(re.search(r"\bCI=true .*make ", line) for line in runs)

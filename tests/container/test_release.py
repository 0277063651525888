"""A whole release by the workflow that people copy, with the action in its image."""

from __future__ import annotations

from pathlib import Path

import indexes
import projects
from container.engines import ROOT, Engine
from container.stage import RUNNER
from forge import Repository
from runner.launch import Container
from runner.walk import Settings, walk


def test_the_workflow_of_the_examples_releases_a_package(
    engine: Engine, tmp_path: Path
) -> None:
    repository = Repository(tmp_path / "demo")
    projects.write(projects.BACKENDS["hatchling"], repository.folder)
    repository.git("add", "--all")
    repository.commit("Add")
    repository.tag("v1.2.0", annotated=True)
    launcher = Container(
        (engine.program,), engine.image, engine.environ, options=engine.options
    )

    with indexes.pypiserver(tmp_path / "packages") as index:
        steps = walk(
            ROOT / "examples" / "publish.yml",
            repository.folder,
            repository.push("refs/tags/v1.2.0"),
            index,
            Settings(launcher=launcher, owner=RUNNER),
        )

    for step in steps:
        assert step.outcome == "success", f"{step.job}: {step.name}\n{step.log}"
    guards = [step for step in steps if step.uses.startswith("org/release-guard@")]
    assert [step.outputs["verdict"] for step in guards] == ["pass"] * len(guards)
    assert {step.job for step in guards} >= {"publish", "verify"}
    names = sorted(path.name for path in (tmp_path / "packages").iterdir())
    assert names == ["demo_hatch-1.2.0-py3-none-any.whl", "demo_hatch-1.2.0.tar.gz"]

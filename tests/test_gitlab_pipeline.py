"""The pipeline for GitLab CI, played: its script lines in a shell, with GitLab's own
variables, in the order of its stages; only ``pip install`` is not done, as it is here.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import forge
import indexes
import projects
import pytest
import yaml
from runner.standin import StandIn, standing_in

PIPELINE = Path(__file__).parent.parent / "examples" / "gitlab" / "gitlab-ci.yml"
#: What GitLab has at the top that is no job.
_GLOBAL = {"stages", "workflow", "default", "variables", "include"}
_JOB = {
    *("stage", "rules", "before_script", "script", "artifacts", "environment"),
    "id_tokens",
}


@dataclass(frozen=True)
class Played:
    """A job that ran: how it ended, what it said, and what it left as reports."""

    name: str
    code: int
    log: str
    reports: Mapping[str, Path]


# --- rules: https://docs.gitlab.com/ci/yaml/#rules -----------------------------------

_COMPARED = re.compile(r"\$(\w+)(?:\s*==\s*(?:\"([^\"]*)\"|\$(\w+)))?")


def _holds(said: str, variables: Mapping[str, str]) -> bool:
    """Whether a condition holds: ``$A``, ``$A == "x"`` or ``$A == $B``, no other."""
    compared = _COMPARED.fullmatch(said)
    assert compared, f"{said}: is not known here"
    name, text, other = compared.groups()
    value = variables.get(name)
    if text is None and other is None:
        return bool(value)
    return value == (text if text is not None else variables.get(other))


def _runs(rules: list[Mapping[str, str]], variables: Mapping[str, str]) -> bool:
    """The first rule that holds decides; where none does, nothing runs."""
    for rule in rules:
        assert {"if", "when"} >= set(rule), rule
        if "if" not in rule or _holds(rule["if"], variables):
            when = rule.get("when", "on_success")
            assert when in ("on_success", "never")
            return when == "on_success"
    return False


@pytest.mark.parametrize(
    ("said", "holds"),
    [
        ("$A", True),
        ("$C", False),
        ('$A == "x"', True),
        ('$A == "y"', False),
        ("$A == $B", False),
        ("$B == $B", True),
    ],
)
def test_a_condition_holds_as_in_gitlab(said: str, *, holds: bool) -> None:
    assert _holds(said, {"A": "x", "B": "y"}) is holds


# --- the pipeline -------------------------------------------------------------------


@dataclass
class Pipeline:
    """A pipeline in a project's folder, which stands for the artifacts as well: GitLab
    hands those of earlier stages on.
    """

    at: forge.Repository
    folder: Path
    index: StandIn
    password: str = "minted"

    def play(self, **variables: str) -> list[Played]:
        """The jobs that ran, up to the first stage in which one failed."""
        document: dict[str, Any] = yaml.safe_load(PIPELINE.read_text("utf-8"))
        given = {
            "CI": "true",
            "GITLAB_CI": "true",
            "CI_PROJECT_PATH": self.at.name,
            "CI_PROJECT_ID": "7",
            "CI_DEFAULT_BRANCH": "main",
            "CI_COMMIT_SHA": self.at.head("HEAD"),
            **variables,
        }
        if not _runs(document["workflow"]["rules"], given):
            return []
        # As GitLab checks out: a commit, and no branch.
        self.at.git("checkout", "--quiet", "--detach", "HEAD")
        jobs = {n: job for n, job in document.items() if n not in _GLOBAL}
        played: list[Played] = []
        for stage in document["stages"]:
            for name, job in jobs.items():
                assert set(job) <= _JOB, f"{name}: {set(job) - _JOB} is not known here"
                rules = job.get("rules", [{"when": "on_success"}])
                if job["stage"] == stage and _runs(rules, given):
                    played.append(self._job(name, job, given))
            if any(job.code for job in played):
                break
        return played

    def _job(
        self, name: str, job: Mapping[str, Any], variables: Mapping[str, str]
    ) -> Played:
        for line in job.get("before_script", ()):
            _is_an_installation_of_pins(line)
        environ = {
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), os.defpath)),
            "HOME": str(self.folder),
            **self.index.environ(),
            **variables,
        }
        if "id_tokens" in job:
            # What twine would get for the token; there is no forge here to sign one.
            assert job["id_tokens"] == {"PYPI_ID_TOKEN": {"aud": "pypi"}}
            environ |= {"TWINE_USERNAME": "__token__", "TWINE_PASSWORD": self.password}
        script = "\n".join(map(_without_isolation, job["script"]))
        done = subprocess.run(
            ["bash", "-eo", "pipefail", "-c", script],
            cwd=self.at.folder,
            env=environ,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        artifacts = job.get("artifacts", {})
        reports = {
            kind: self.at.folder / path
            for kind, path in artifacts.get("reports", {}).items()
        }
        if reports:
            assert artifacts["when"] == "always", f"{name}: a refusal has a report too"
        for path in [*artifacts.get("paths", ()), *reports.values()]:
            there = (self.at.folder / path).exists()
            assert there or done.returncode, f"{name}: left no {path}"
        return Played(name, done.returncode, done.stdout, reports)


def _is_an_installation_of_pins(line: str) -> None:
    pip, install, *wanted = shlex.split(line)
    assert (pip, install) == ("pip", "install")
    for one in wanted:
        assert one == "--quiet" or re.fullmatch(r"[\w-]+(\[\w+\])?==[\d.]+", one), line


def _without_isolation(line: str) -> str:
    """The environment of a build would be fetched; its backend is here."""
    return line.replace("python -m build", "python -m build --no-isolation")


@pytest.fixture(name="served")
def _served(tmp_path: Path) -> Path:
    """The files that the index holds."""
    folder = tmp_path / "served"
    folder.mkdir()
    return folder


@pytest.fixture(name="pipeline")
def _pipeline(tmp_path: Path, served: Path) -> Iterator[Pipeline]:
    at = forge.Repository(tmp_path / "repository")
    with (
        indexes.pypiserver(served) as url,
        standing_in(tmp_path / "index", {"pypi": url}) as index,
    ):
        yield Pipeline(at, tmp_path, index)


def _project(at: forge.Repository, version: str) -> None:
    projects.commit(at, version)
    shutil.rmtree(at.folder / "dist", ignore_errors=True)


def _tagged(tag: str) -> dict[str, str]:
    return {
        "CI_COMMIT_TAG": tag,
        "CI_COMMIT_REF_NAME": tag,
        "CI_PIPELINE_SOURCE": "push",
    }


def _logs(played: list[Played]) -> str:
    return "\n".join(f"--- {job.name}: {job.code}\n{job.log}" for job in played)


@pytest.mark.workflows
def test_a_tag_is_built_guarded_published_and_verified(
    pipeline: Pipeline, served: Path
) -> None:
    _project(pipeline.at, "1.0.0")
    pipeline.at.tag("v1.0.0")

    played = pipeline.play(**_tagged("v1.0.0"))

    told = [(job.name, job.code) for job in played]
    expected = [("build", 0), ("guard", 0), ("publish", 0), ("verify", 0)]
    assert told == expected, _logs(played)
    assert sorted(path.name for path in served.iterdir()) == [
        "demo-1.0.0-py3-none-any.whl",
        "demo-1.0.0.tar.gz",
    ]
    for job in (played[1], played[3]):
        assert "PASS" in job.log, "the log has the report as text"
        suite = ET.parse(job.reports["junit"]).getroot()[0]
        assert (suite.get("failures"), suite.get("errors")) == ("0", "0")


@pytest.mark.workflows
def test_a_tag_of_another_version_is_refused_and_the_report_says_why(
    pipeline: Pipeline, served: Path
) -> None:
    _project(pipeline.at, "1.0.1.dev0")
    pipeline.at.tag("v1.0.0")

    played = pipeline.play(**_tagged("v1.0.0"))

    told = [(job.name, job.code) for job in played]
    assert told == [("build", 0), ("guard", 1)], _logs(played)
    assert list(served.iterdir()) == []
    failed = ET.parse(played[1].reports["junit"]).findall(".//testcase/failure/..")
    names = {case.get("name") for case in failed}
    assert {"verdict", "tag-version-mismatch", "version-kind"} <= names
    assert "FAIL" in played[1].log


@pytest.mark.workflows
def test_an_index_that_is_not_reached_stops_the_pipeline_with_an_error(
    pipeline: Pipeline, served: Path
) -> None:
    _project(pipeline.at, "1.0.0")
    pipeline.at.tag("v1.0.0")
    closed = f"http://127.0.0.1:{indexes.free_port()}"
    pipeline.index = replace(pipeline.index, proxy=closed)

    played = pipeline.play(**_tagged("v1.0.0"))

    told = [(job.name, job.code) for job in played]
    assert told == [("build", 0), ("guard", 3)], _logs(played)
    suite = ET.parse(played[1].reports["junit"]).getroot()[0]
    assert suite.get("failures") == "0"
    assert int(suite.get("errors", "0")) > 0


@pytest.mark.workflows
@pytest.mark.parametrize(
    "variables",
    [
        {"CI_PIPELINE_SOURCE": "merge_request_event"},
        {"CI_PIPELINE_SOURCE": "push", "CI_COMMIT_BRANCH": "main"},
    ],
    ids=["a merge request", "the default branch"],
)
def test_between_releases_the_release_is_rehearsed_and_nothing_is_published(
    pipeline: Pipeline, served: Path, variables: Mapping[str, str]
) -> None:
    _project(pipeline.at, "1.0.1.dev0")

    played = pipeline.play(**variables)

    told = [(job.name, job.code) for job in played]
    assert told == [("build", 0), ("rehearse", 0)], _logs(played)
    entries = json.loads(played[1].reports["codequality"].read_bytes())
    assert not [entry for entry in entries if entry["severity"] == "blocker"]
    assert list(served.iterdir()) == []


@pytest.mark.workflows
def test_another_branch_starts_nothing(pipeline: Pipeline) -> None:
    _project(pipeline.at, "1.0.0")

    assert pipeline.play(CI_PIPELINE_SOURCE="push", CI_COMMIT_BRANCH="topic") == []

"""What holds here holds on the forge: its workflows run what .ci/run runs."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import yaml

ROOT = Path(__file__).parent.parent
_RUN = ROOT / ".ci" / "run"
_WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))

#: What .ci/run alone runs, and why.
_NOT_THERE = {
    "corpus": "downloads real releases; how they are judged is tested without them",
    "bounds": "measures time and memory, which a shared machine does not give twice",
    "bench": "compares times with those that were measured on one machine",
    "bench-image": "the same, of containers",
    "defects": "compares the answers of other tools, which change by a lock alone",
    "fuzz": "a few seconds find nothing; it is run for hours before a release",
}


def _made(script: str) -> set[str]:
    """The targets that a shell script makes."""
    targets: set[str] = set()
    for line in script.splitlines():
        called = re.search(r"(?:^|\s)make (.*)", line.strip())
        if called and not line.lstrip().startswith("#"):
            words = shlex.split(called[1], comments=True)
            targets |= {word for word in words if re.fullmatch(r"[a-z-]+", word)}
    return targets


def _made_in(workflow: Path) -> set[str]:
    jobs = yaml.safe_load(workflow.read_text(encoding="utf-8"))["jobs"]
    scripts = [step.get("run", "") for job in jobs.values() for step in job["steps"]]
    return set().union(*map(_made, scripts))


def test_a_target_is_a_word_behind_make() -> None:
    script = """\
        # make nothing
        make lint docs-check
        sudo env "PATH=$PATH" make test-container
        make corpus SELECT='-k "pure] or few-"' # make more
        step "what we make"; cmake all
    """

    assert _made(script) == {"lint", "docs-check", "test-container", "corpus"}


def test_the_workflows_run_what_the_house_runs() -> None:
    here = _made(_RUN.read_text(encoding="utf-8"))
    there = set().union(*map(_made_in, _WORKFLOWS))
    assert {"test", "test-workflows", "corpus"} <= here

    assert here - there == set(_NOT_THERE)


def test_what_is_made_is_a_target() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z-]+):.*## ", makefile, flags=re.MULTILINE))
    there = set().union(*map(_made_in, _WORKFLOWS))

    assert (_made(_RUN.read_text(encoding="utf-8")) | there) - targets == set()

"""Have shellcheck read the ``run`` steps of workflows and actions, as the runner starts
them: by bash, with the variables that they are given, every expression replaced.

``python tools/lint_runs.py FILE ...``; ends with 1 where there is something to say, and
with 3 where nothing was read.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import yaml

#: What the runner puts in before the shell sees it: some word.
_EXPRESSION = re.compile(r"\$\{\{.*?\}\}", re.DOTALL)
_WORD = "EXPRESSION"
#: How each ``shell`` starts: without one it is bash with -e alone.
_STARTS = {"": "set -e", "bash": "set -eo pipefail", "sh": "set -e"}
#: What every step may read (GitHub's default environment variables).
_RUNNERS = (
    *("GITHUB_ACTOR", "GITHUB_ENV", "GITHUB_EVENT_NAME", "GITHUB_EVENT_PATH"),
    *("GITHUB_OUTPUT", "GITHUB_PATH", "GITHUB_REF", "GITHUB_REF_NAME"),
    *("GITHUB_REF_TYPE", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_SERVER_URL"),
    *("GITHUB_SHA", "GITHUB_STEP_SUMMARY", "GITHUB_WORKFLOW", "GITHUB_WORKSPACE"),
    *("RUNNER_ARCH", "RUNNER_OS", "RUNNER_TEMP"),
)
#: Not asked: SC2250, braces around every variable; SC2292, ``[[`` in place of ``[``;
#: SC2312, the exit code of what stands in ``$(...)`` within another command.
_NOT_ASKED = "SC2250,SC2292,SC2312"


@dataclass(frozen=True)
class Step:
    """A step's script: where it stands, what runs it, and what it is given."""

    place: str
    shell: str
    script: str
    given: tuple[str, ...]


def steps(workflow: Mapping[str, object], name: str) -> Iterator[Step]:
    """The steps with a script of a workflow, or of a composite action."""
    jobs = _mapping(workflow, "jobs") or {"runs": _mapping(workflow, "runs")}
    for job_name, job in jobs.items():
        listed = job.get("steps", []) if isinstance(job, Mapping) else []
        for number, step in enumerate(listed, 1):
            if "run" not in step:
                continue
            levels = (workflow, job, step)
            given = [name for level in levels for name in _mapping(level, "env")]
            shells = (step.get("shell"), _shell(job), _shell(workflow), "")
            shell = next(shell for shell in shells if shell is not None)
            place = f"{name}: {job_name}: step {number}"
            yield Step(place, str(shell), str(step["run"]), tuple(given))


def problems(step: Step) -> str:
    """What shellcheck says of a step, empty where it is nothing."""
    if step.shell not in _STARTS:
        return f"{step.shell!r} is no shell that shellcheck reads\n"
    # Read, and not set: of what a variable holds nothing is known.
    names = " ".join((*_RUNNERS, *step.given))
    start = f"{_STARTS[step.shell]}; read -r {names}; export {names}"
    script = _EXPRESSION.sub(_WORD, step.script)
    program = Path(sys.executable).with_name("shellcheck")
    done = subprocess.run(  # noqa: S603
        [
            *(program, "--norc", "--enable=all", f"--exclude={_NOT_ASKED}"),
            *(f"--shell={step.shell or 'bash'}", "-"),
        ],
        input=f"{start}\n{script}",
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{step.place}: shellcheck: {done.stderr}")
    return done.stdout


def main(paths: Sequence[str]) -> int:
    """Check every script of these files."""
    found = [
        step
        for path in paths
        for step in steps(yaml.safe_load(Path(path).read_text(encoding="utf-8")), path)
    ]
    told = {step.place: text for step in found if (text := problems(step))}
    for place, text in told.items():
        print(f"{place} (line 2 is its first)\n{text}")
    print(f"shellcheck: {len(found)} scripts of {len(paths)} files")
    if not found:
        return 3
    return 1 if told else 0


def _mapping(of: object, key: str) -> Mapping[str, object]:
    """A mapping within one; empty where there is none."""
    found = of.get(key) if isinstance(of, Mapping) else None
    return found if isinstance(found, Mapping) else {}


def _shell(of: object) -> object:
    """The shell that a workflow or a job says for its steps, None where none."""
    return _mapping(_mapping(of, "defaults"), "run").get("shell")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""A workflow file played on this machine, job by job as they need each other.

``walk(workflow, checkout, event, index_url)`` gives a result for each step. The file is
read as it is, and what is not known here raises ``WalkError``: nothing is passed over.

- ``uses: org/release-guard@...`` (or ``./`` in release-guard's own checkout) runs the
  real action, as a process, or in its image by way of ``Settings.launcher``.
- ``actions/checkout``, ``upload-artifact`` and ``download-artifact`` are copies on this
  machine, ``setup-python`` is nothing, ``pypa/gh-action-pypi-publish`` is twine, and
  asks for the permission that trusted publishing needs. ``Settings.actions`` has more.
- ``run:`` runs, with ``pipx run build``, ``python -m build`` and ``uv build`` without
  an isolated environment, as that would be fetched.
- The index is ``index_url``, an upload URL on loopback like pypiserver's. A workflow
  names the public index, or none, so that its hosts lead there (``standin.py``): by a
  proxy and a CA bundle, not by the policy or an input, which stay what is tested.
"""

from __future__ import annotations

import contextlib
import os
import re
import shlex
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from forge import Run

from runner import artifacts, events, file_commands, metadata
from runner.actions import ACTIONS, Action, Use, UseError
from runner.environment import Facts, contexts
from runner.expressions import Context, ExpressionError, condition, filled, whole
from runner.folders import Folders, Owner, snapshot
from runner.job import Job, Step
from runner.launch import Ended, Launcher, Process, run
from runner.log import Annotation
from runner.standin import StandIn, standing_in
from runner.workflow import (
    WalkError,
    needs_of,
    permissions_of,
    read,
    refuse,
    refuse_unstarted,
    rows_of,
)

__all__ = ["Settings", "Use", "UseError", "WalkError", "Walked", "walk"]

ROOT = Path(__file__).parents[2]
_OURS = re.compile(r"org/release-guard@.+")


@dataclass(frozen=True)
class Walked:
    """A step and how it went.

    ``outcome`` is success, failure or skipped, and so is ``conclusion``, in which
    ``continue-on-error`` counts. ``outputs``, ``summary`` and ``annotations`` are what
    the runner has of it, ``permissions`` and ``environment`` are the job's.
    """

    job: str
    name: str
    outcome: str
    conclusion: str
    code: int = 0
    log: str = ""
    outputs: Mapping[str, str] = field(default_factory=dict)
    summary: str = ""
    annotations: tuple[Annotation, ...] = ()
    permissions: Mapping[str, str] = field(default_factory=dict)
    environment: str = ""
    uses: str = ""


@dataclass(frozen=True)
class Settings:
    """How a workflow is played.

    ``actions`` stand for others, by ``owner/name``; ``programs`` are scripts that
    ``run:`` finds; ``environ`` is what the runner has; ``folder`` is where all is kept,
    else it is gone afterwards; ``testpypi_url`` where TestPyPI is another server.
    """

    launcher: Launcher = field(default_factory=Process)
    actions: Mapping[str, Action] = field(default_factory=dict)
    programs: Mapping[str, str] = field(default_factory=dict)
    variables: Mapping[str, str] = field(default_factory=dict)
    secrets: Mapping[str, str] = field(default_factory=dict)
    environ: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    owner: Owner | None = None
    testpypi_url: str = ""


def walk(
    workflow: Path,
    checkout: Path,
    event: Run,
    index_url: str,
    settings: Settings | None = None,
) -> list[Walked]:
    """Play a workflow for an event (``forge.Repository`` makes them) in a repository
    whose ``checkout`` is at hand; a result for each step of each job, in their order.
    A job that does not run has one result, of no step, that is ``skipped``.
    """
    settings = settings or Settings()
    document = read(workflow)
    refuse_unstarted(document, event)
    with contextlib.ExitStack() as stack:
        folder = settings.folder
        if folder is None:
            temporary = tempfile.TemporaryDirectory(prefix="walk-")
            folder = Path(stack.enter_context(temporary))
        servers = {"pypi": index_url, "testpypi": settings.testpypi_url or index_url}
        index = stack.enter_context(standing_in(folder / "index", servers))
        kept = artifacts.Artifacts(folder / "artifacts")
        kept.folder.mkdir(parents=True, exist_ok=True)
        walker = _Walk(
            workflow, document, checkout, event, settings, folder, index, kept
        )
        try:
            return list(walker.jobs())
        except ExpressionError as error:
            raise WalkError(f"{workflow.name}: {error}") from error


#: What ``github.token`` is: masked, as the runner masks it.
_TOKEN = "ghs_" + "0" * 36

# --- jobs -------------------------------------------------------------------------


@dataclass
class _Walk:
    workflow: Path
    document: Mapping[str, Any]
    checkout: Path
    event: Run
    settings: Settings
    folder: Path
    index: StandIn
    artifacts: artifacts.Artifacts
    #: What is known of the jobs that ended: the needs context.
    ended: dict[str, dict[str, Any]] = field(default_factory=dict)

    def jobs(self) -> Iterator[Walked]:
        """The steps of all jobs, each job after those that it needs."""
        waiting = dict(self.document["jobs"])
        while waiting:
            ready = [
                n for n, job in waiting.items() if {*needs_of(job)} <= {*self.ended}
            ]
            if not ready:
                refuse(f"these jobs wait for each other or none: {sorted(waiting)}")
            for name in ready:
                yield from self.job(name, waiting.pop(name))

    def job(self, name: str, job: Mapping[str, Any]) -> Iterator[Walked]:
        """A job, once for each row of its matrix."""
        needs = {need: self.ended[need] for need in needs_of(job)}
        results = [need["result"] for need in self._above(name)]
        context = Context(
            {**self.names(), "needs": needs},
            failed="failure" in results,
            cancelled="cancelled" in results,
            skipped="skipped" in results,
        )
        permissions = permissions_of(
            job.get("permissions", self.document.get("permissions"))
        )
        if not condition(str(job.get("if", "")), context):
            self.ended[name] = {"result": "skipped", "outputs": {}}
            yield Walked(name, "", "skipped", "skipped", permissions=permissions)
            return
        strategy = job.get("strategy", {})
        rows = list(rows_of(strategy.get("matrix"), context))
        outputs: dict[str, str] = {}
        result = "success"
        for number, row in enumerate(rows):
            names = {**context.names, "matrix": row, "strategy": {"job-index": number}}
            label = name + (f" ({', '.join(map(str, row.values()))})" if row else "")
            if result == "failure" and strategy.get("fail-fast", True):
                yield Walked(
                    label, "", "cancelled", "cancelled", permissions=permissions
                )
                continue
            one = _Job(
                self,
                name,
                label=label,
                said=job,
                context=replace(context, names=names),
                permissions=permissions,
            )
            yield from one.steps()
            # An empty output is none (JobExtension): another row may have said it.
            outputs |= {name: said for name, said in one.outputs.items() if said}
            if one.failed and not job.get("continue-on-error"):
                result = "failure"
        self.ended[name] = {"result": result, "outputs": outputs}

    def _above(self, name: str) -> Iterator[Mapping[str, Any]]:
        for need in needs_of(self.document["jobs"][name]):
            yield self.ended[need]
            yield from self._above(need)

    def names(self) -> dict[str, Any]:
        """The contexts that every expression may name."""
        environ = self.event.environ
        repository = environ["GITHUB_REPOSITORY"]
        return {
            "github": {
                "actor": "octocat",
                "api_url": "https://api.github.com",
                "event": dict(self.event.payload),
                "event_name": environ["GITHUB_EVENT_NAME"],
                "ref": environ["GITHUB_REF"],
                "ref_name": environ["GITHUB_REF_NAME"],
                "ref_type": environ["GITHUB_REF_TYPE"],
                "repository": repository,
                "repository_owner": repository.partition("/")[0],
                "run_attempt": "1",
                "run_id": "11111111111",
                "run_number": "7",
                "server_url": "https://github.com",
                "sha": environ["GITHUB_SHA"],
                "token": _TOKEN,
                "workflow": self.document.get("name", self.workflow.name),
            },
            "vars": dict(self.settings.variables),
            "secrets": {"GITHUB_TOKEN": _TOKEN, **self.settings.secrets},
            "inputs": dict(self.event.payload.get("inputs") or {}),
            "matrix": {},
            "strategy": {},
        }


# --- steps ------------------------------------------------------------------------


class _Job:
    """One job, in folders of its own."""

    def __init__(
        self,
        walk: _Walk,
        name: str,
        *,
        label: str,
        said: Mapping[str, Any],
        context: Context,
        permissions: Mapping[str, str],
    ) -> None:
        self.walk, self.label, self.said = walk, label, said
        self.permissions = permissions
        self.failed = False
        self.outputs: dict[str, str] = {}
        self.told: dict[str, dict[str, Any]] = {}
        repository = walk.event.environ["GITHUB_REPOSITORY"]
        place = walk.folder / re.sub(r"[^\w.-]+", "-", label)
        self.folders = Folders(place, repository, walk.settings.owner)
        self.folders.make()
        self.folders.file(self.folders.event, events.text(walk.event))
        bundle = self.folders.file(
            self.folders.temp / "ca.pem", walk.index.bundle.read_bytes()
        )
        self.context = context
        environ = dict(walk.settings.environ) | walk.index.environ(str(bundle))
        for level in (walk.document, said):
            environ |= self.filled(level.get("env"), environ)
        self.environment = self._environment()
        facts = Facts(
            walk.event.environ,
            workflow=walk.document.get("name", walk.workflow.name),
            path=f".github/workflows/{walk.workflow.name}",
            job=name,
            may_ask_id_token=self.may("id-token"),
        )
        secrets = [_TOKEN, *filter(None, walk.settings.secrets.values())]
        self.job = Job(self.folders, facts, environ, secrets=secrets)
        self.shims = _shims(self.folders.root / "shims", walk.settings.programs)

    def may(self, permission: str) -> bool:
        """Whether the job's token may write this."""
        said = {self.permissions.get(key) for key in (permission, "all")}
        return "write" in said

    def _environment(self) -> str:
        said = self.said.get("environment", "")
        name = said.get("name", "") if isinstance(said, dict) else said
        return filled(str(name), self.context)

    def now(self, environ: Mapping[str, str]) -> Context:
        """What an expression of a step may name."""
        here = self.folders
        names = {
            **self.context.names,
            "env": dict(environ),
            "steps": self.told,
            "job": {"status": "failure" if self.failed else "success"},
            "runner": {
                "os": "Linux",
                "arch": "X64",
                "temp": str(here.temp),
                "tool_cache": str(here.tools),
            },
        }
        github = {**names["github"], "workspace": str(here.workspace)}
        return Context({**names, "github": github}, failed=self.failed)

    def filled(self, said: Any, environ: Mapping[str, str]) -> dict[str, str]:  # noqa: ANN401
        """A mapping of a step with its expressions evaluated."""
        context = self.now(environ)
        return {
            str(name): filled(metadata.text(value), context)
            for name, value in (said or {}).items()
        }

    def steps(self) -> Iterator[Walked]:
        """The steps in turn, and then the job's outputs."""
        if not self.said.get("steps"):
            refuse(f"{self.label}: has no steps")
        for number, step in enumerate(self.said["steps"]):
            try:
                yield self.step(number, step)
            except ExpressionError as error:
                raise WalkError(f"{self.label}: {step}: {error}") from error
        outputs = self.filled(self.said.get("outputs"), self.job.environ)
        # The server drops an output that holds a secret.
        self.outputs = {
            name: value
            for name, value in outputs.items()
            if not any(secret in value for secret in self.job.secrets)
        }

    def step(self, number: int, step: Mapping[str, Any]) -> Walked:
        """One step, where its condition holds."""
        environ = self.job.environ | self.filled(step.get("env"), self.job.environ)
        context = self.now(environ)
        what = str(step.get("uses") or step["run"].strip().splitlines()[0])
        result = Walked(
            self.label,
            filled(str(step.get("name", what)), context),
            "skipped",
            "skipped",
            permissions=self.permissions,
            environment=self.environment,
            uses=str(step.get("uses", "")),
        )
        if condition(str(step.get("if", "")), context):
            result = self._ran(result, step, environ, context)
        goes_on = whole(str(step.get("continue-on-error", "false")), context)
        is_forgiven = str(goes_on).lower() == "true"
        if result.outcome == "failure":
            forgiven = "success" if is_forgiven else "failure"
            result = replace(result, conclusion=forgiven)
            self.failed = self.failed or not is_forgiven
        self.told[str(step.get("id", f"__{number}"))] = {
            "outputs": dict(result.outputs),
            "outcome": result.outcome,
            "conclusion": result.conclusion,
        }
        return result

    def _ran(
        self,
        result: Walked,
        step: Mapping[str, Any],
        environ: Mapping[str, str],
        context: Context,
    ) -> Walked:
        own = {n: v for n, v in environ.items() if self.job.environ.get(n) != v}
        if "run" in step:
            ran = self._script(step, environ, context)
        else:
            ran = self._used(str(step["uses"]), step.get("with") or {}, own, context)
        self.folders.give(self.folders.workspace)
        outcome = "failure" if ran.failed else "success"
        return replace(
            result,
            outcome=outcome,
            conclusion=outcome,
            code=ran.code,
            log=ran.log.text,
            outputs=ran.outputs,
            summary=ran.summary,
            annotations=tuple(ran.kept),
        )

    def _used(
        self,
        uses: str,
        said: Mapping[str, Any],
        env: Mapping[str, str],
        context: Context,
    ) -> Step:
        ours = self._own_action(uses)
        if ours is not None or uses.startswith("pypa/gh-action-pypi-publish@"):
            self._refuse_other_than_linux()
        if ours is not None:
            launcher = self.walk.settings.launcher
            return self.job.act(ours, said, launcher, env, context)
        name, _, version = uses.partition("@")
        actions = {**ACTIONS, **self.walk.settings.actions}
        if name not in actions or not version:
            refuse(f"{self.label}: the action {uses} is not known here")
        inputs = {str(k): filled(metadata.text(v), context) for k, v in said.items()}
        files = self.folders.files(file_commands.KINDS)
        before = snapshot(self.folders.workspace)
        use = Use(
            uses,
            inputs,
            self.folders.workspace,
            self.walk.artifacts,
            self.walk.checkout,
            self.walk.event,
            self.permissions,
            {**self.job.environ, **env},
            [],
        )
        code = 0
        try:
            outputs = actions[name](use)
        except (UseError, artifacts.ArtifactError) as error:
            code, outputs = 1, {}
            use.log.append(f"::error::{str(error).replace('%', '%25')}")
        ran = self.job.ended(
            Ended(code, "".join(f"{line}\n" for line in use.log), ""), files, before
        )
        return replace(ran, outputs=outputs)

    def _refuse_other_than_linux(self) -> None:
        """A container action runs nowhere else, and the runner says so at once."""
        said = self.said.get("runs-on", "")
        labels = said.get("labels", "") if isinstance(said, dict) else said
        for each in [labels] if isinstance(labels, str) else labels:
            label = filled(str(each), self.context).lower()
            if label.startswith(("windows", "macos")):
                refuse(
                    f"{self.label}: Container action is only supported on Linux, "
                    f"and the job runs on {label}"
                )

    def _own_action(self, uses: str) -> metadata.Action | None:
        """Our own action, also by its path where the checkout is release-guard's."""
        if _OURS.fullmatch(uses):
            return metadata.read(ROOT / "action.yml")
        if uses.startswith("./"):
            path = self.folders.workspace / uses / "action.yml"
            if path.is_file() and "name: release-guard\n" in path.read_text("utf-8"):
                return metadata.read(path)
            refuse(f"{self.label}: {uses} is no action in this checkout")
        return None

    def _script(
        self, step: Mapping[str, Any], environ: Mapping[str, str], context: Context
    ) -> Step:
        defaults = {
            **(self.walk.document.get("defaults", {}).get("run") or {}),
            **(self.said.get("defaults", {}).get("run") or {}),
        }
        shell = str(step.get("shell", defaults.get("shell", "")))
        if shell not in _SHELLS:
            refuse(f"{self.label}: the shell {shell!r} is not known here")
        folder = step.get("working-directory", defaults.get("working-directory", "."))
        files = self.folders.files(file_commands.KINDS)
        told = contexts(self.job.facts, self.folders, files)
        script = self.folders.file(
            self.folders.temp / "script", filled(step["run"], context) + "\n"
        )
        path = [str(self.shims), *reversed(self.job.path), *_PROGRAMS]
        given = {
            "HOME": str(self.folders.root),
            "LANG": "C.UTF-8",
            "CI": "true",
            "GITHUB_ACTIONS": "true",
            # What is asked for is here, and nothing else is to be had.
            "PIP_NO_INDEX": "1",
            "PIP_DRY_RUN": "1",
            "PIP_DISABLE_PIP_VERSION_CHECK": "1",
            **environ,
            **told,
            "PATH": os.pathsep.join(path),
        }
        before = snapshot(self.folders.workspace)
        where = self.folders.workspace / filled(str(folder), context)
        ended = run([*_SHELLS[shell], str(script)], where, given)
        return self.job.ended(ended, files, before)


_SHELLS: Mapping[str, Sequence[str]] = {
    "": ("bash", "-e"),
    "bash": ("bash", "--noprofile", "--norc", "-eo", "pipefail"),
    "sh": ("sh", "-e"),
    "python": (sys.executable,),
}
_PROGRAMS = (str(Path(sys.executable).parent), *os.environ["PATH"].split(os.pathsep))


def _shims(folder: Path, programs: Mapping[str, str]) -> Path:
    """Programs that would fetch what is here already."""
    folder.mkdir(parents=True, exist_ok=True)
    real = shlex.quote(sys.executable)
    for name, script in {**_SHIMS, **programs}.items():
        path = folder / name
        path.write_text(f"#!/bin/bash\nREAL={real}\n{script}", encoding="utf-8")
        path.chmod(0o755)
    return folder


_PYTHON = """\
if [ "$1 $2" = "-m build" ]; then
  shift 2
  exec "$REAL" -m build --no-isolation "$@"
fi
exec "$REAL" "$@"
"""
_RUNNER = """\
here=$(dirname "$REAL")
case "$1" in
  build) shift; exec "$REAL" -m build --no-isolation "$@" ;;
  twine|release-guard) exec "$here/$1" "${@:2}" ;;
  'release-guard[rehearse]'|'release-guard[provenance]')
    exec "$here/release-guard" "${@:2}" ;;
esac
"""
_UNKNOWN = 'echo "$(basename "$0") $*: is not known here" >&2\nexit 97\n'
_SHIMS: Mapping[str, str] = {
    "python": _PYTHON,
    "python3": _PYTHON,
    "pyproject-build": 'exec "$REAL" -m build --no-isolation "$@"\n',
    "pipx": '[ "$1" = run ] && { shift\n' + _RUNNER + "}\n" + _UNKNOWN,
    "uvx": _RUNNER + _UNKNOWN,
    "uv": (
        '[ "$1" = build ] && { shift; exec "$REAL" -m build --no-isolation "$@"; }\n'
        + _UNKNOWN
    ),
}

"""A job, step after step: what each is given, what it said, and what it left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from runner import file_commands, metadata
from runner.environment import Facts, Layers, contexts, of_container, services
from runner.expressions import Context
from runner.folders import Change, Folders, changes, snapshot
from runner.launch import Ended, Launch, Launcher
from runner.log import Annotation, Log, masked

__all__ = ["Job", "Step"]


@dataclass(frozen=True)
class Step:
    """What the runner has after a step.

    ``code`` is the program's, ``failed`` the runner's word: a command or a file that it
    did not take fails a step too. ``out`` and ``err`` are the pipes as they came.
    """

    code: int
    failed: bool
    out: str
    err: str
    log: Log
    outputs: Mapping[str, str]
    summary: str
    changed: Mapping[str, Change]

    @property
    def kept(self) -> list[Annotation]:
        """The annotations that are shown."""
        return self.log.kept

    @property
    def dropped(self) -> list[Annotation]:
        """Those that are only in the log."""
        return self.log.dropped


@dataclass
class Job:
    """A job's folders and what its steps leave for later ones.

    ``environ`` is the env context: the workflow's, the job's, and what steps wrote to
    GITHUB_ENV. ``state`` is the path and the masks of the job.
    """

    folders: Folders
    facts: Facts
    environ: dict[str, str] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    #: Variables of the step's files that it is not told of.
    withheld: tuple[str, ...] = ()

    def act(
        self,
        action: metadata.Action,
        said: Mapping[str, Any],
        launcher: Launcher,
        env: Mapping[str, str] | None = None,
        context: Context | None = None,
    ) -> Step:
        """A step that uses a container action: ``said`` is its ``with:``, ``env`` its
        own environment.
        """
        given = metadata.given(action, said, context or Context())
        files = self.folders.files(file_commands.KINDS)
        told = contexts(self.facts, self.folders, files)
        layers = Layers(
            job={**self.environ, **(env or {})},
            inputs=given.environ,
            runs=metadata.environ_of(action, given.inputs),
            contexts={n: v for n, v in told.items() if n not in self.withheld},
            services=services(self.facts),
        )
        environ = of_container(layers, self.folders)
        before = snapshot(self.folders.workspace)
        ended = launcher(Launch(self.folders, environ, given.entrypoint, given.args))
        return self.ended(ended, files, before, given.warnings)

    def ended(
        self,
        ended: Ended,
        files: Mapping[str, Path],
        before: Mapping[str, Any],
        warnings: tuple[str, ...] = (),
    ) -> Step:
        """Read what a step said: its pipes, and then its files, after a failure too."""
        log = Log(
            self.folders.relative,
            allows_unsecure=self._allows_unsecure(),
            debug=self.facts.debug,
            secrets=self.secrets,
        )
        for warning in warnings:
            log.issue("warning", warning)
        log.read(ended.out)
        log.read(ended.err)
        outputs = dict(log.outputs)
        failed = self._read_files(files, log, outputs)
        failed = failed or log.failed or ended.code != 0
        if ended.code != 0:
            log.issue("error", f"Docker run failed with exit code {ended.code}")
        shown = file_commands.summary(_content(files["GITHUB_STEP_SUMMARY"]))
        if shown.error:
            log.issue("error", shown.error)
        summary = "\n".join(
            masked(line, self.secrets) for line in shown.text.split("\n")
        )
        changed = changes(before, snapshot(self.folders.workspace))
        out, err = ended.out, ended.err
        return Step(ended.code, failed, out, err, log, outputs, summary, changed)

    def _allows_unsecure(self) -> bool:
        said = self.environ.get("ACTIONS_ALLOW_UNSECURE_COMMANDS", "")
        return said.lower() == "true"

    def _read_files(
        self, files: Mapping[str, Path], log: Log, outputs: dict[str, str]
    ) -> bool:
        """Apply the files; whether one of them fails the step."""
        failed = False
        # Nothing reads the state again: it is for the post step, and we have none.
        state = dict(log.state)
        for variable, kind, into in (
            ("GITHUB_ENV", "env", self.environ),
            ("GITHUB_OUTPUT", "output", outputs),
            ("GITHUB_STATE", "state", state),
        ):
            read = file_commands.read_outputs
            if variable == "GITHUB_ENV":
                read = file_commands.read_environment
            try:
                if files[variable].is_dir():
                    denied = f"Access to the path '{files[variable]}' is denied."
                    raise file_commands.FileCommandError(denied)
                content = _content(files[variable]).decode("utf-8-sig", "replace")
                read(content, into)
            except file_commands.FileCommandError as error:
                log.issue(
                    "error",
                    f"Unable to process file command '{kind}' successfully.",
                )
                log.issue("error", str(error))
                failed = True
        self.environ |= log.environ
        added = _content(files["GITHUB_PATH"]).decode("utf-8", "replace")
        self.path += [line for line in added.split("\n") if line.strip()] + log.path
        return failed


def _content(file: Path) -> bytes:
    """What a step left in a file; one that it removed says nothing, and fails nothing
    (``FileCommandManager`` asks whether it exists).
    """
    return file.read_bytes() if file.is_file() else b""

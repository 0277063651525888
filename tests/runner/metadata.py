"""An action's metadata as the runner takes it (``ActionManifestManager``).

Inputs do not mind their case, one that is not given has its default, one that is
required is not asked for, and one that is not declared only warns.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml

from runner.expressions import Context, filled

__all__ = [
    "Action",
    "Given",
    "MetadataError",
    "NotSupportedError",
    "environ_of",
    "given",
    "read",
]

_DOCKERFILE = re.compile(r"(.*/)?(Dockerfile\..+|.*Dockerfile)", re.IGNORECASE)
#: What a container action takes besides its own inputs.
_HIDDEN = ("entrypoint", "args")


class MetadataError(ValueError):
    """An action.yml that the runner does not take."""


class NotSupportedError(MetadataError):
    """What the runner knows and refuses for a container action."""


@dataclass(frozen=True)
class Action:
    """A container action: its inputs' defaults by name, its image, and its folder."""

    folder: Path
    image: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    entrypoint: str = ""
    args: tuple[str, ...] | None = None
    environ: Mapping[str, str] = field(default_factory=dict)
    #: For people only: the runner takes any output.
    outputs: frozenset[str] = frozenset()

    @property
    def is_built(self) -> bool:
        """Whether the runner builds the image in each job, not pulls it."""
        return not self.image.startswith("docker://")

    @property
    def dockerfile(self) -> Path:
        """What is built, in its own folder, which is all that it may copy from."""
        return self.folder / self.image


@dataclass(frozen=True)
class Given:
    """What a step gives an action: every declared input, and what was undeclared."""

    inputs: Mapping[str, str]
    entrypoint: str = ""
    args: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    @property
    def environ(self) -> dict[str, str]:
        """The variables: spaces become underscores, dashes stay."""
        return {
            f"INPUT_{name.replace(' ', '_').upper()}": value
            for name, value in self.inputs.items()
        }


def read(path: Path) -> Action:
    """An action.yml; raises where the runner would not run it as a container."""
    document = yaml.safe_load(path.read_text(encoding="utf-8"))
    if not isinstance(document, dict) or not isinstance(document.get("runs"), dict):
        raise MetadataError(f"{path}: has no runs")
    runs = document["runs"]
    if runs.get("using") != "docker":
        raise NotSupportedError(f"{path}: using is {runs.get('using')!r}")
    image = runs.get("image", "")
    if not isinstance(image, str) or not image:
        raise MetadataError(f"{path}: You are using a Container Action but no image")
    if not image.startswith("docker://") and not _DOCKERFILE.fullmatch(image):
        raise NotSupportedError(
            f"'{image}' should be either '[path]/Dockerfile' or 'docker://image[:tag]'."
        )
    inputs = document.get("inputs") or {}
    args = runs.get("args")
    # Ours has none, and what would run there is not played here.
    for hook in ("pre-entrypoint", "post-entrypoint"):
        if runs.get(hook):
            raise NotSupportedError(f"{path}: {hook} is not known here")
    for name, said in inputs.items():
        if isinstance((said or {}).get("default"), (list, dict)):
            raise MetadataError(f"{path}: A scalar value was expected: {name}")
    return Action(
        path.parent,
        image,
        {name: text((said or {}).get("default")) for name, said in inputs.items()},
        text(runs.get("entrypoint")),
        None if args is None else tuple(map(text, args)),
        {name: text(value) for name, value in (runs.get("env") or {}).items()},
        frozenset(document.get("outputs") or {}),
    )


def given(action: Action, said: Mapping[str, Any], context: Context) -> Given:
    """The inputs of a step's ``with:``, the defaults of the others, and warnings."""
    by_name = {name.lower(): filled(text(v), context) for name, v in said.items()}
    declared = {name.lower(): name for name in action.inputs}
    inputs = {
        name: by_name[name.lower()]
        if name.lower() in by_name
        else filled(default, _of_defaults(context))
        for name, default in action.inputs.items()
    }
    hidden = {name: by_name[name] for name in _HIDDEN if name in by_name}
    strangers = {
        name: value
        for name, value in by_name.items()
        if name not in declared and name not in _HIDDEN
    }
    known = ", ".join(f"'{name}'" for name in [*_HIDDEN, *action.inputs])
    warnings: tuple[str, ...] = ()
    if strangers:
        names = ", ".join(f"'{name}'" for name in strangers)
        warnings = (f"Unexpected input(s) {names}, valid inputs are [{known}]",)
    return Given(
        # What is not declared is given all the same; and so are the hidden ones.
        inputs | strangers | hidden,
        action.entrypoint or hidden.get("entrypoint", ""),
        _args(action, hidden.get("args", "")),
        warnings,
    )


#: What a default may name: no secret, no variable, no output of a step.
_DEFAULTS_MAY = {"github", "strategy", "matrix", "job", "runner"}


def _of_defaults(context: Context) -> Context:
    names = {n: v for n, v in context.names.items() if n in _DEFAULTS_MAY}
    return replace(context, names=names)


def environ_of(action: Action, inputs: Mapping[str, str]) -> dict[str, str]:
    """``runs.env``, whose expressions may name the inputs and nothing else."""
    context = Context({"inputs": dict(inputs)})
    return {name: filled(said, context) for name, said in action.environ.items()}


def _args(action: Action, said: str) -> tuple[str, ...]:
    """``runs.args``, or what ``with.args`` gives, which is split as a command line."""
    if action.args is not None:
        return action.args
    found = re.findall(r'"((?:[^"\\]|\\.)*)"|(\S+)', said)
    return tuple(quoted or plain for quoted, plain in found)


def text(value: object) -> str:
    """A scalar of YAML as the runner writes it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    return str(value)

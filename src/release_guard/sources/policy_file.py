"""The policy file as plain values: YAML, or a table of ``pyproject.toml``.

YAML is read without what would make it ambiguous: a key given twice, of which every
parser keeps another, and aliases, which can blow a small file up.
"""

from __future__ import annotations

import os
import tomllib
from dataclasses import dataclass
from pathlib import Path

import yaml

from release_guard.errors import PolicyError
from release_guard.sources.files import read_small

__all__ = ["RawPolicy", "read_policy_file"]

_LARGEST = 256 << 10
_FILES = (".github/release-guard.yml", ".github/release-guard.yaml")
_PYPROJECT = "pyproject.toml"
#: Where people put it by mistake, and where it would be passed over in silence.
_ELSEWHERE = (
    *("release-guard.yml", "release-guard.yaml"),
    *(".release-guard.yml", ".release-guard.yaml"),
)
_TABLE, _MISSPELT = "release-guard", "release_guard"


@dataclass(frozen=True, slots=True)
class RawPolicy:
    """A policy as plain values, and what errors call the place it came from."""

    value: object
    where: str


def read_policy_file(given: Path | None, folder: Path) -> RawPolicy | None:
    """The policy: the given file, or the one in ``folder``, or None for the defaults.

    Two of them are an error, as nobody could say which one holds.
    """
    if given is not None:
        if not given.is_file():
            raise PolicyError(f"{given}: there is no such policy file")
        policy = _read(given)
        if policy is None:
            raise PolicyError(f"{given}: has no table tool.release-guard")
        return policy
    for name in _ELSEWHERE:
        if os.path.lexists(folder / name):
            raise PolicyError(
                f"{folder / name}: is no place that a policy is read from",
                hint=f"move it to {_FILES[0]}, or give it: --policy",
            )
    candidates = [*(folder / name for name in _FILES), folder / _PYPROJECT]
    found = [policy for path in candidates if (policy := _read(path)) is not None]
    if len(found) > 1:
        both = " and ".join(policy.where for policy in found)
        raise PolicyError(f"there are two policies: {both}", hint="keep one of them")
    return found[0] if found else None


def _read(path: Path) -> RawPolicy | None:
    """The policy in one file; None without the file, or without our table in it."""
    text = _text(path)
    if text is None:
        return None
    if path.suffix == ".toml":
        return _from_toml(text, path)
    try:
        return RawPolicy(yaml.load(text, _StrictLoader), str(path))  # noqa: S506
    except Exception as error:  # noqa: BLE001 - PyYAML lets Python's own ones through
        raise PolicyError(f"{path}: is no YAML: {_one_line(error)}") from None


def _text(path: Path) -> str | None:
    # A link that leads nowhere is there: somebody meant a policy by it.
    if not os.path.lexists(path):
        return None
    content = read_small(path, PolicyError, largest=_LARGEST)
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError:
        raise PolicyError(f"{path}: is not in UTF-8") from None


def _from_toml(text: str, path: Path) -> RawPolicy | None:
    try:
        tool = tomllib.loads(text).get("tool", {})
    except (ValueError, RecursionError) as error:
        raise PolicyError(f"{path}: is no TOML: {_one_line(error)}") from None
    if isinstance(tool, dict) and _MISSPELT in tool:
        raise PolicyError(f"{path}: tool.{_MISSPELT}: the table is tool.{_TABLE}")
    if not isinstance(tool, dict) or _TABLE not in tool:
        return None
    return RawPolicy(tool[_TABLE], f"{path}: tool.{_TABLE}")


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split()) or type(error).__name__


class _StrictLoader(yaml.SafeLoader):
    """Plain values only; no key twice, no alias."""

    def compose_node(self, parent: yaml.Node | None, index: int) -> yaml.Node | None:
        if self.check_event(yaml.AliasEvent):
            raise yaml.YAMLError("an alias (*name) is not read here")
        return super().compose_node(parent, index)

    def construct_mapping(
        self,
        node: yaml.MappingNode,
        deep: bool = False,  # noqa: FBT001, FBT002 - PyYAML's signature
    ) -> dict[object, object]:
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if not isinstance(key, str | int | float | bool | None):
                problem = "a key that is no text"
                raise yaml.MarkedYAMLError(
                    problem=problem, problem_mark=key_node.start_mark
                )
            if key in seen:
                problem = f"the key {key!r} stands there twice"
                raise yaml.MarkedYAMLError(
                    problem=problem, problem_mark=key_node.start_mark
                )
            seen.add(key)
        return super().construct_mapping(node, deep)

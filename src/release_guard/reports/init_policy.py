"""The policy file that ``init`` proposes: each value beside its reason."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace

from release_guard.proposal.proposing import Proposal, Scalar, Setting, Value
from release_guard.reports.escape import yaml, yaml_comment

__all__ = ["render"]

_HEAD = (
    "Written by release-guard init from what the repository, dist/ and the index say. "
    "What is in force begins a line; what stands behind a # is a default or a "
    "suggestion. All keys: https://github.com/org/release-guard/blob/v1/docs/policy.md"
)
_WAIVERS = """\
# A finding that may pass has a reason, and should have an end:
# waivers:
#   - rule: missing-sdist
#     match: "demo *"
#     reason: the source is not public
#     until: 2027-06-01
"""
#: A list of more than this is written a line each.
_WIDEST = 88


def render(proposal: Proposal, edition: int) -> str:
    """The policy file, in YAML."""
    who = ", ".join(proposal.projects)
    blocks = [
        yaml_comment(f"What a release of {who} must be.") + yaml_comment(_HEAD),
        f"edition: {edition} # rules that come later only warn until this is raised\n",
        *(_block(setting) for setting in proposal.settings if _is_top(setting)),
        _table([s for s in proposal.settings if not _is_top(s)]),
        _defaults(proposal.defaults),
        _WAIVERS,
    ]
    if proposal.unclear:
        told = "".join(yaml_comment(f"- {text}") for text in proposal.unclear)
        blocks.append(yaml_comment("Not told by what was seen:") + told)
    return "\n".join(blocks)


def _is_top(setting: Setting) -> bool:
    return "." not in setting.key


def _block(setting: Setting, indent: int = 0) -> str:
    """A key, and above it the reason for its value."""
    key = setting.key.rpartition(".")[2]
    lines = _lines(key, setting.value)
    mark = "" if setting.in_force else "# "
    said = "".join(f"{' ' * indent}{mark}{line}\n" for line in lines)
    return yaml_comment(_sentence(setting.reason), indent=indent) + said


def _table(settings: Iterable[Setting]) -> str:
    """The keys of ``expect``; where none of them is in force, it is a comment too."""
    inner = list(settings)
    in_force = any(setting.in_force for setting in inner)
    if in_force:
        return "expect:\n" + "".join(_block(setting, 2) for setting in inner)
    blocks = (_block(replace(setting, in_force=True), 2) for setting in inner)
    lines = ["expect:", *"".join(blocks).splitlines()]
    return "".join(f"# {line}\n" for line in lines)


def _defaults(defaults: Mapping[str, Value]) -> str:
    """What holds without being said."""
    said = (line for key, value in defaults.items() for line in _lines(key, value))
    return "".join(f"# {line}\n" for line in ("The defaults of the rest:", *said))


def _sentence(reason: str) -> str:
    return f"{reason[:1].upper()}{reason[1:]}."


def _lines(key: str, value: Value) -> list[str]:
    """A key and its value, as lines of YAML."""
    if isinstance(value, str):
        return [f"{key}: {yaml(value)}"]
    if isinstance(value, Mapping):
        return [
            f"{key}:",
            *(f"  {yaml(name)}: {_flow(said)}" for name, said in value.items()),
        ]
    flow = f"{key}: {_list(value)}"
    # Patterns of wheels are read one below the other.
    if len(flow) <= _WIDEST and key != "wheels":
        return [flow]
    return [f"{key}:", *(f"  - {item}" for item in _items(value))]


def _list(value: tuple[str, ...]) -> str:
    return f"[{', '.join(_items(value))}]"


def _items(value: tuple[str, ...]) -> list[str]:
    """The items of a list, all of them in quotes where one needs them."""
    items = [yaml(item) for item in value]
    if any(item.startswith('"') for item in items):
        return [item if item.startswith('"') else f'"{item}"' for item in items]
    return items


def _flow(said: Mapping[str, Scalar]) -> str:
    """The table of a project or an index in one line, as it is short."""
    inner = ", ".join(f"{key}: {_scalar(value)}" for key, value in said.items())
    return f"{{ {inner} }}" if inner else "{}"


def _scalar(value: Scalar) -> str:
    match value:
        case bool():
            return str(value).lower()
        case str():
            return yaml(value)
    return _list(value)

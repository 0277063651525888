"""What a path tells of the tree that it lies in: what is installed, and what is there
for the project's own developers.
"""

from __future__ import annotations

import re

__all__ = ["in_site", "is_aside", "is_of_tests", "is_vendored"]

#: Folders, and modules, of tests and of what tests and readers are shown.
_TESTS = re.compile(
    r"_?(unit_?|integration_?|functional_?|regression_?)?(tests?|testing|specs?)_?"
    r"|tests?[_-].*|.*[_-]tests?|test_?(data|s?uite|cases?|files?|lib|utils?|support)"
    r"|_?fixtures?|conftest",
    re.IGNORECASE,
)
_EXAMPLES = re.compile(
    r"_?(examples?|samples?|demos|docs?|documentation|tutorials?|(.*[_-])?bench(marks?)?"
    r"|cookbook|recipes|snippets|skeletons?|boilerplates?|project_template"
    r"|(.*_)?templates?|scaffold(s|ing)?|asv_bench)",
    re.IGNORECASE,
)
_VENDORED = re.compile(
    r"_?(vendor(s|ed|ing)?|extern(als?)?|third_?party|3rd_?party|bundled|site-packages)",
    re.IGNORECASE,
)


def in_site(path: str) -> str | None:
    """Where an installer puts a member of a wheel, below ``site-packages``; None for
    what goes elsewhere, and for what describes the wheel itself.
    """
    top, _, rest = path.partition("/")
    if top.endswith(".data") and rest:
        scheme, _, inner = rest.partition("/")
        return inner if inner and scheme in ("purelib", "platlib") else None
    return None if top.endswith(".dist-info") else path


def is_of_tests(path: str) -> bool:
    """Whether a file lies among tests and their data."""
    return any(map(_TESTS.fullmatch, _parts(path)))


def is_aside(path: str) -> bool:
    """Whether a file lies among tests, examples, documentation or templates: it is
    there to be looked at, and need not be as it would be elsewhere.
    """
    return is_of_tests(path) or any(map(_EXAMPLES.fullmatch, _parts(path)))


def is_vendored(path: str) -> bool:
    """Whether a file lies in a copy of another project."""
    return any(map(_VENDORED.fullmatch, _parts(path)))


def _parts(path: str) -> list[str]:
    """The folders that a file is in, and its name without its last extension."""
    *folders, name = path.split("/")
    return [*folders, name.rpartition(".")[0] or name]

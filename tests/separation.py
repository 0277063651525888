"""Which jobs of a workflow judge where other code has run before: it could have written
what release-guard reads, and, by ``GITHUB_ENV``, what is loaded with it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

__all__ = ["mixed"]

#: Ours, as a step uses it or runs it.
_USES = re.compile(r"org/release-guard@.+|\./")
_RUNS = re.compile(r"release-guard\S* +(check|verify|rehearse|audit)\b")
#: What may stand before it: they run nothing of the project, nor of its build.
_INERT = {
    "actions/checkout",
    "actions/download-artifact",
    "actions/upload-artifact",
    "pypa/gh-action-pypi-publish",
}


def mixed(workflow: Mapping[Any, Any]) -> list[str]:
    """The jobs of a workflow of GitHub's in which a step that is not known to be inert
    stands before one that judges.
    """
    return [name for name, job in workflow["jobs"].items() if _is_mixed(job)]


def _is_mixed(job: Mapping[str, Any]) -> bool:
    others = False
    for step in job.get("steps", []):
        uses, run = str(step.get("uses", "")), str(step.get("run", ""))
        if _USES.fullmatch(uses) or _RUNS.search(run):
            if others:
                return True
        elif uses.partition("@")[0] not in _INERT:
            others = True
    return False

"""The actions that a proposed workflow uses: the one table of their pins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ACTIONS", "PUBLISHER", "Action"]


@dataclass(frozen=True, slots=True)
class Action:
    """An action, its release, and the commit of that: tags can be moved. Without a
    commit it is one's own choice when to pin it, as ``init`` tells.
    """

    name: str
    version: str
    commit: str = ""

    @property
    def uses(self) -> str:
        """What a step says."""
        if not self.commit:
            return f"{self.name}@{self.version}"
        return f"{self.name}@{self.commit} # {self.version}"


#: By what they are for. A test compares them with .github/workflows and examples/.
ACTIONS: Mapping[str, Action] = {
    "checkout": Action(
        "actions/checkout", "v7.0.1", "3d3c42e5aac5ba805825da76410c181273ba90b1"
    ),
    "upload": Action(
        "actions/upload-artifact", "v7.0.1", "043fb46d1a93c77aae656e7c1c64a875d1fc6a0a"
    ),
    "download": Action(
        "actions/download-artifact",
        "v8.0.1",
        "3e5f45b2cfb9172054b4087a40e8e0b5a5461e7c",
    ),
    "cibuildwheel": Action(
        "pypa/cibuildwheel", "v4.2.0", "1828c10ab37f080699c7b81cea34097c684a7074"
    ),
    "qemu": Action(
        "docker/setup-qemu-action",
        "v4.2.0",
        "96fe6ef7f33517b61c61be40b68a1882f3264fb8",
    ),
    "publish": Action(
        "pypa/gh-action-pypi-publish",
        "v1.14.2",
        "dc37677b2e1c63e2034f94d8a5b11f265b73ba33",
    ),
    "guard": Action("org/release-guard", "v1"),
}
#: What the workflow uploads with, as the policy names it.
PUBLISHER = f"{ACTIONS['publish'].name}@{ACTIONS['publish'].version}"

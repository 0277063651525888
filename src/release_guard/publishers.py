"""Uploaders, and what they refuse although the index takes it.

Two validators read one file: the uploader's library and the index's. Which metadata an
uploader knows follows from its release, and from the library that it was built with.
The table was measured on the day ``AS_OF`` with the dependencies of each release's day;
the action's rows follow from the releases that it carries.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from packaging.version import Version

__all__ = [
    "AS_OF",
    "PUBLISHER_FORMS",
    "PUBLISHER_PATTERN",
    "Publisher",
    "publisher_of",
]

AS_OF = date(2026, 11, 22)


@dataclass(frozen=True, slots=True)
class Publisher:
    """An uploader in one version.

    ``newest_metadata`` is the newest metadata version that it knows, empty where it
    does not look. ``sends_all`` says that it leaves nothing out: not the License-File
    that setuptools wrote for years below metadata 2.4, which twine does.
    """

    name: str
    newest_metadata: str = ""
    refuses_unknown_fields: bool = False
    sends_all: bool = False

    def knows(self, metadata_version: str) -> bool:
        """Whether it takes a file of this metadata version."""
        if not self.newest_metadata:
            return True
        return Version(metadata_version) <= Version(self.newest_metadata)

    @property
    def signs(self) -> bool:
        """Whether it signs what it uploads (PEP 740), unless it is told not to."""
        name, _, spelled = self.name.partition("@")
        if name != _SIGNER:
            return False
        return spelled in _NEWEST or _version(spelled) >= _SIGNS_SINCE


#: From which release on it knows which metadata, and refuses what is no field.
_RELEASES: dict[str, tuple[tuple[Version, str, bool], ...]] = {
    "twine": (
        (Version("0"), "2.2", False),
        (Version("5.0"), "2.3", False),
        (Version("6.0"), "2.4", False),
        # It reads metadata with packaging, but by a list of versions of its own.
        (Version("6.1"), "2.4", True),
        (Version("7.0"), "2.5", True),
    ),
    "pypa/gh-action-pypi-publish": (
        (Version("0"), "2.2", False),
        (Version("1.8.13"), "2.3", False),
        (Version("1.12.3"), "2.4", False),
        (Version("1.12.4"), "2.4", True),
        (Version("1.14.2"), "2.5", True),
    ),
}
#: They send what they are given.
_WITHOUT_LOOKING = ("uv", "hatch", "poetry")

#: The branch and the tag of the action that move with its releases.
_NEWEST = ("release/v1", "v1")
#: The action signs by default from this release on.
_SIGNER, _SIGNS_SINCE = "pypa/gh-action-pypi-publish", Version("1.11.0")

PUBLISHER_FORMS = (
    "twine==7.0, pypa/gh-action-pypi-publish@v1.14.2 (a version, where the workflow "
    "pins a commit), "
    + " or ".join([", ".join(_WITHOUT_LOOKING[:-1]), _WITHOUT_LOOKING[-1]])
)


_NUMBER = r"[0-9]{1,9}(\.[0-9]{1,9})*((a|b|rc|\.post)[0-9]{1,9})?"
#: What a policy may say, as one pattern; that a release is known, the table says.
PUBLISHER_PATTERN = (
    f"({'|'.join(_WITHOUT_LOOKING)})(=={_NUMBER})?"
    f"|({'|'.join(name for name in _RELEASES if '/' not in name)})=={_NUMBER}"
    f"|({'|'.join(name for name in _RELEASES if '/' in name)})"
    f"@({'|'.join(_NEWEST)}|v?{_NUMBER})"
)


def publisher_of(text: str) -> Publisher:
    """The publisher that a text names; ``ValueError`` for one that is not known."""
    name, pin, spelled = next(
        (text.partition(pin) for pin in ("==", "@") if pin in text), (text, "", "")
    )
    if name in _WITHOUT_LOOKING and pin != "@":
        spelled = f"{name}=={_version(spelled)}" if pin else name
        return Publisher(spelled, sends_all=True)
    if name not in _RELEASES or (pin == "@") != ("/" in name):
        raise ValueError(f"{text!r:.80} is no publisher that is known")
    rows = _RELEASES[name]
    if spelled not in _NEWEST or pin == "==":
        version = _version(spelled)
        rows = tuple(row for row in rows if row[0] <= version)
    if not rows:
        raise ValueError(f"{spelled!r:.80} is no version that is known")
    _, newest, refuses = rows[-1]
    return Publisher(text, newest, refuses)


def _version(spelled: str) -> Version:
    """The version of a release, from 0.0 on; a commit is none."""
    number = spelled.removeprefix("v")
    if not re.fullmatch(_NUMBER, number):
        raise ValueError(f"{spelled!r:.80} is no version of it")
    return Version(number)

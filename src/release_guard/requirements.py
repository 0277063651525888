"""What a release requires of other projects (PEP 508), in one spelling.

Pure: texts of core metadata in, values out. What is no requirement stays the text that
it is: somebody else says that it is none.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from packaging.requirements import Requirement
from packaging.specifiers import Specifier, SpecifierSet
from packaging.utils import NormalizedName, canonicalize_name, canonicalize_version
from packaging.version import Version

__all__ = ["Wanted", "spelled_requirements", "spelled_specifiers", "wanted_of"]


@dataclass(frozen=True, slots=True, order=True)
class Wanted:
    """A requirement: a project, and what of it is wanted.

    ``specifiers`` are clauses such as ``>=1.2``, sorted and each in one spelling,
    ``marker`` is as ``packaging`` writes it, and ``url`` set for a direct reference.
    ``text`` is the whole, with versions as they were written, for people.
    """

    name: NormalizedName
    extras: tuple[str, ...] = ()
    specifiers: tuple[str, ...] = ()
    marker: str = ""
    url: str = ""
    text: str = field(default="", compare=False)

    @property
    def what(self) -> str:
        """The project, with the extras of it: ``demo[cli]``."""
        return f"{self.name}[{','.join(self.extras)}]" if self.extras else self.name

    @property
    def clauses(self) -> tuple[tuple[str, str], ...]:
        """The clauses in two parts: the operator, and its version, as ``1.2.*``."""
        found = (_CLAUSE.fullmatch(clause) for clause in self.specifiers)
        return tuple((parts[1], parts[2]) for parts in found if parts)

    @property
    def is_pin(self) -> bool:
        """Whether it takes one version and no other (but for local parts)."""
        return any(
            operator.startswith("==") and not version.endswith(".*")
            for operator, version in self.clauses
        )

    def fitting(self, versions: Iterable[Version]) -> Iterator[Version]:
        """The versions that it takes. Where nothing else is there, installers take
        pre-releases.
        """
        specifiers = SpecifierSet(",".join(self.specifiers))
        return specifiers.filter(versions, prereleases=True)

    def __str__(self) -> str:
        wanted = f" @ {self.url}" if self.url else ",".join(self.specifiers)
        marker = f"; {self.marker}" if self.marker else ""
        return f"{self.what}{wanted}{marker}"


_CLAUSE = re.compile(r"([<>=!~]+)(.*)")


def wanted_of(text: str) -> Wanted | None:
    """The requirement that a text is, None where it is none."""
    try:
        requirement = Requirement(text)
        return Wanted(
            canonicalize_name(requirement.name),
            tuple(sorted(map(canonicalize_name, requirement.extras))),
            tuple(sorted(map(_spelled, requirement.specifier))),
            str(requirement.marker or ""),
            requirement.url or "",
            str(requirement),
        )
    except (ValueError, RecursionError):
        return None


def spelled_requirements(texts: Iterable[str]) -> frozenset[str]:
    """Requirements in one spelling; what is none stays as it is written."""
    wanted = ((text, wanted_of(text)) for text in texts)
    return frozenset(str(one) if one else text for text, one in wanted)


def spelled_specifiers(text: str) -> frozenset[str]:
    """The clauses of a version specifier, each in one spelling (PEP 440); what is none
    stays as it is written.
    """
    try:
        return frozenset(map(_spelled, SpecifierSet(text)))
    except ValueError:
        return frozenset({text})


def _spelled(specifier: Specifier) -> str:
    if specifier.operator == "===":
        return str(specifier)
    # Raises what a version of 5,000 digits would raise later, where it is compared.
    Version(specifier.version.removesuffix(".*"))
    strip = specifier.operator != "~="
    version = canonicalize_version(specifier.version, strip_trailing_zero=strip)
    return f"{specifier.operator}{version}"

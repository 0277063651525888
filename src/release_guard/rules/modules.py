"""The project's own modules: what they say of the release that they are in."""

from __future__ import annotations

from collections.abc import Iterator

from packaging.version import Version

from release_guard.facts import StaticVersion, VersionedModules
from release_guard.fallbacks import fallback_of
from release_guard.filenames import parse_version
from release_guard.findings import Severity, Violation
from release_guard.policy import Policy
from release_guard.rules.base import rule

__all__ = ["module_version_mismatch"]


@rule(VersionedModules, severity=Severity.WARNING)
def module_version_mismatch(
    modules: VersionedModules, policy: Policy
) -> Iterator[Violation]:
    """A static `__version__` is not the version in the metadata.

    **What it means:** a module of the project binds `__version__` once, to a string,
    and PEP 440 does not take it for the metadata's `Version`: it is another version, or
    none. A local segment (`+cu118`) makes no difference. Looked at are `X.py` and, in
    `X`, `__init__.py`, `__about__.py`, `__version__.py`, `_version.py`, `about.py` and
    `version.py`, where `X` is the package with the project's name or, in a wheel, the
    only public one. What is computed is not judged, nor a module that gives the
    metadata's version under another name (`VERSION = "1.0"`).

    **Why it matters:** users, bug reports and programs that ask `__version__` get
    another release than the one that is installed.

    **How it happens:** the version stands in two places, and only one was raised; a
    version tool that found no tag wrote the file.

    **Fix:** keep the version in one place: let the build backend read it from the
    module, or the module ask `importlib.metadata.version`.

    **Source:** trycycler 0.5.2 said 0.5.1 (rrwick/Trycycler 27); also
    G-Node/python-odml 349, jundot/omlx 2861, piskvorky/gensim 2796.
    """
    release = parse_version(modules.version)
    if release is None:
        # metadata-invalid speaks of it.
        return
    for static in modules.static_versions:
        said = {_public(text) for text in (static.text, *static.others)}
        if _public(modules.version) not in said:
            yield _mismatch(static, release)


def _public(text: str) -> Version | None:
    """A version without its local segment, None for what is no version."""
    version = parse_version(text)
    return Version(version.public) if version else None


def _mismatch(static: StaticVersion, release: Version) -> Violation:
    found = parse_version(static.text)
    fallback = fallback_of(found) if found else None
    why = " (which is no version)" if found is None else ""
    if fallback:
        why = f" ({fallback.cause})"
    fix = f"set it to {release.public} in {static.member!r:.200}, and build again"
    return Violation(
        f"{static.member!r:.200} says __version__ = {static.text!r:.80}{why}; the "
        f"metadata says {release}",
        fix=fallback.fix if fallback else fix,
        evidence={
            "member": static.member,
            "expected": str(release),
            "found": static.text,
        },
    )

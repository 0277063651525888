"""Against the last release: what changes, and what of it users should not meet in
passing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from packaging.version import Version

from release_guard.changes import (
    Changes,
    ContentsChanges,
    DependencyChange,
    Moved,
    Way,
    changes_of,
    likeness,
    lost_typing,
)
from release_guard.facts import (
    IndexedFile,
    Kind,
    SizedRelease,
    Successor,
    SupportedPythons,
)
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy
from release_guard.pythons import has_ended, pythons_of, told
from release_guard.rules.base import rule

__all__ = [
    "release_changes",
    "requires_python_dropped",
    "size_jump",
    "typing_lost",
]


@rule(Successor, severity=Severity.NOTICE)
def release_changes(successor: Successor, policy: Policy) -> Iterator[Violation]:
    """What this release changes for its users.

    **What it means:** the files, wheel families, Requires-Python, dependencies, extras,
    entry points and names to import that the last release had and this one has not,
    and the other way round; and the size. Of the last release the index's small
    metadata file is read, and one wheel where it is small.

    **Why it matters:** what was lost by accident, or came in unseen, stands in one
    place, before it is public.

    **How it happens:** every release changes something; a lost extra or a new
    dependency is easily overlooked in a diff of code.

    **Fix:** read it. If something is not meant, do not release.

    **Source:** langchain-community 0.2.14 was yanked ("Overly restrictive
    langchain-core dependency"): `<0.3,>=0.2.35` had become `==0.2.36`.
    """
    changes = changes_of(successor)
    lines = tuple(_lines(changes))
    if not changes and not _is_resized(changes):
        return
    number = len(lines)
    yield Violation(
        f"{number} thing{'s' if number > 1 else ''} changed since "
        f"{successor.last.version}, as far as it was read",
        fix="read it: what is not meant can be taken back only before the upload",
        evidence={"previous": str(successor.last.version), "changes": lines},
    )


def _is_resized(changes: Changes) -> bool:
    """Whether the size changed so much that it is worth a word."""
    return any(
        abs(now - before) * _SMALL_PART > before
        for before, now in changes.sizes.values()
    )


#: A size that changes by no more than a tenth says nothing by itself.
_SMALL_PART = 10
#: Of many alike, so many are named.
_MOST = 12


def _lines(changes: Changes) -> Iterator[str]:
    """The changes in words, a line for each."""
    for kind, (before, now) in changes.counts.items():
        if before != now:
            yield f"{kind}s: {now}, before {before}"
    yield from _told("wheels for", changes.families)
    if changes.requires_python:
        before_text, now_text = (text or "none" for text in changes.requires_python)
        yield f"Requires-Python: {now_text}, before {before_text}"
    if changes.metadata:
        yield from _dependency_lines(changes.metadata.dependencies)
        yield from _told("extras", changes.metadata.extras)
    if changes.contents:
        yield from _contents_lines(changes.contents)
    for kind, (before, now) in changes.sizes.items():
        if before != now:
            yield f"size of the {kind}s: {now:,} bytes, before {before:,}"


def _dependency_lines(changes: Iterable[DependencyChange]) -> Iterator[str]:
    by_way = {way: [c for c in changes if c.way is way] for way in Way}
    for way, mine in by_way.items():
        for change in mine[:_MOST]:
            is_both = change.before and change.after
            was = f", before {change.before}" if is_both else ""
            yield f"dependency {way}: {change.after or change.before}{was}"
        if len(mine) > _MOST:
            yield f"dependencies {way}: {len(mine) - _MOST} more"


def _contents_lines(changes: ContentsChanges) -> Iterator[str]:
    yield from _told("names to import", changes.top_level)
    yield from _told("entry points", changes.entry_points or Moved())
    yield from _told("path configuration files", changes.path_files)
    if changes.typing:
        yield f"typing lost: {some(changes.typing, _MOST)}"


def _told(what: str, moved: Moved) -> Iterator[str]:
    if moved.gained:
        yield f"{what} gained: {some(moved.gained, _MOST)}"
    if moved.lost:
        yield f"{what} lost: {some(moved.lost, _MOST)}"


@rule(Successor, severity=Severity.WARNING)
def typing_lost(successor: Successor, policy: Policy) -> Iterator[Violation]:
    """Type checkers find less than in the last release.

    **What it means:** a package that had the marker `py.typed` (PEP 561) has it no
    longer, or a compiled package has lost all its stubs (`.pyi`). One wheel of each
    release is compared, where the last one's is small enough to be read.

    **Why it matters:** type checkers take the package for untyped: every project that
    checks its types against it breaks, or checks nothing.

    **How it happens:** package data is declared anew, another build backend is taken,
    or the step that generates the stubs fails silently.

    **Fix:** include the files, and build again; if types are given up, say so.

    **Source:** locustio/locust 2.14.1 (py.typed), ml-explore/mlx 3916 (stubs).
    """
    before, now = successor.last.inventory, successor.inventory
    lost = lost_typing(before, now) if before and now else ()
    if now and lost:
        yield Violation(
            f"lacks what type checkers found in {successor.last.version}: "
            f"{some(lost, 3)}",
            fix="include the files, and build again",
            where=now.filename,
            evidence={"lost": lost[:_MOST], "previous": str(successor.last.version)},
        )


@rule(SupportedPythons, severity=Severity.WARNING)
def requires_python_dropped(
    supported: SupportedPythons, policy: Policy
) -> Iterator[Violation]:
    """A Python that the last release supported is not supported any more.

    **What it means:** Requires-Python excludes a minor version of Python that the last
    release allowed, and the first number of the version is the same; or the last
    release had a Requires-Python, and this one has none. It is a notice where all that
    is lost had reached the end of its life, and only the last numbers stay the same.

    **Why it matters:** users of that Python stay, without a word, at the last release;
    without Requires-Python they are given one that does not run.

    **How it happens:** a minimum is raised while a patch is made; a build configuration
    is rewritten, and the field is forgotten.

    **Fix:** bring it back, or raise the first or second number and say it in the notes.

    **Source:** huggingface/transformers 4.46.0 ("does not work with 3.8 but we did not
    drop the support yet", yanked), protocolbuffers/protobuf 10053.
    """
    last = supported.last
    if not last:
        return
    bare = [label for label, text in supported.said if not text]
    if bare:
        yield Violation(
            f"has no Requires-Python, and {supported.last_version} had {last!r:.80}",
            fix="declare requires-python in pyproject.toml, and build again",
            where=bare[0] if len(bare) == 1 else "",
            evidence={"previous": last, "files": tuple(bare)},
        )
    before = frozenset(pythons_of(last) or ())
    for text in sorted({text for _, text in supported.said if text}):
        allowed = pythons_of(text)
        lost = before - frozenset(before if allowed is None else allowed)
        if not lost or _is_major(supported.last_version, supported.version):
            continue
        yield Violation(
            f"has the Requires-Python {text!r:.80}, which excludes Python "
            f"{told(lost)}; {supported.last_version} had {last!r:.80}",
            fix="allow it again, or raise the first number of the version, and say so",
            severity=_weight(supported, lost, policy.today),
            evidence={"previous": last, "lost": tuple(sorted(lost))},
        )


def _is_major(before: Version, now: Version) -> bool:
    return (before.epoch, before.major) != (now.epoch, now.major)


def _weight(
    supported: SupportedPythons, lost: frozenset[str], today: date
) -> Severity | None:
    """A minor release may leave behind what its makers have left behind."""
    is_minor = supported.last_version.minor != supported.version.minor
    is_over = all(has_ended(minor, today) for minor in lost)
    return Severity.NOTICE if is_minor and is_over else None


@rule(SizedRelease, severity=Severity.WARNING)
def size_jump(release: SizedRelease, policy: Policy) -> Iterator[Violation]:
    """A file is much larger than in the last release, or than the policy allows.

    **What it means:** a file has at least twice the bytes of the last release's file of
    the same kind (an sdist, a wheel for the same systems and Pythons), and a megabyte
    more; or it is larger than `expect.size` in the policy.

    **Why it matters:** something came in that was not meant: test data, a build folder,
    debug symbols, somebody else's program. Every download pays for it.

    **How it happens:** a new folder matches a pattern of package data; a binary is no
    longer stripped; a build machine was taken over.

    **Fix:** look at the largest members (`unzip -lv`, `tar -tvf`), and leave out what
    does not belong there.

    **Source:** Lightning-AI/pytorch-lightning 21691 (an 11 MB script in `_runtime`),
    pytest-dev/pytest-freezer 9 (an sdist with its virtual environment).
    """
    last = release.last
    sizes = _sizes(last.files) if last else {}
    for kind in Kind if last else ():
        grown = [
            (file, before)
            for file in release.distributions
            if file.kind is kind
            and _is_jump(before := sizes.get(likeness(file.filename), 0), file.size)
        ]
        if last and grown:
            file, before = max(grown, key=lambda pair: pair[0].size / pair[1])
            others = f", and {len(grown) - 1} more {kind}(s)" if len(grown) > 1 else ""
            yield Violation(
                f"has {file.size:,} bytes, {file.size / before:.1f} times the "
                f"{before:,} of the like file of {last.version}{others}",
                fix="look at its largest members, and leave out what does not belong "
                "there",
                where=file.filename,
                evidence={"before": before, "now": file.size},
            )
    for file in release.distributions if policy.largest else ():
        if policy.largest and file.size > policy.largest:
            yield Violation(
                f"has {file.size:,} bytes, expected at most {policy.largest:,} "
                "(expect.size in the policy)",
                fix="make it smaller, or raise expect.size in the policy",
                where=file.filename,
                evidence={"size": file.size, "limit": policy.largest},
            )


def _sizes(files: Iterable[IndexedFile]) -> Mapping[object, int]:
    """The size of the largest file of each likeness, where the index says sizes."""
    sizes: dict[object, int] = {}
    for file in files:
        alike = likeness(file.filename)
        sizes[alike] = max(file.size or 0, sizes.get(alike, 0))
    return sizes


def _is_jump(before: int, now: int) -> bool:
    return 0 < _TIMES * before <= now and now - before >= _LEAST_GROWTH


_TIMES = 2
#: In bytes; a small project may well double.
_LEAST_GROWTH = 1_000_000

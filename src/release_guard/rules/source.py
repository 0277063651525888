"""The tree of the commit: what an sdist, a pure wheel and the checkout owe to it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from release_guard.facts import (
    Alteration,
    Kind,
    SourcedCheckout,
    SourcedDistribution,
    SourceDifference,
)
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy
from release_guard.rules.base import rule
from release_guard.trees import is_document

__all__ = [
    "source_differs",
    "source_missing",
    "source_mode",
    "source_untracked",
    "tree_dirty",
]

#: How many paths the evidence holds.
_MOST = 100


@rule(SourcedDistribution, severity=Severity.ERROR)
def source_differs(sourced: SourcedDistribution, policy: Policy) -> Iterator[Violation]:
    """A file has other bytes than the commit that was built.

    **What it means:** the commit tracks a file of an sdist, or one of a pure wheel,
    under the same path, with another content. A warning where it is documentation, a
    file that build tools rewrite (`setup.cfg`, `pyproject.toml`, Cargo's), or one that
    git LFS keeps and that is too large to compare. What a tool does at each build is no
    difference: a version that is put in, what `git archive` fills in, the line endings
    and the encoding that `.gitattributes` asks for, the sections that setuptools adds.
    An sdist that has no file of the commit, where the commit has this project, is an
    error as well.

    **Why it matters:** users get code that nobody can read in the repository, that no
    review has seen and that no later release will have.

    **How it happens:** the release was built from a working folder with changes, or
    from another commit than the tag's; the tag was moved; the build machine, or its
    cache, was tampered with.

    **Fix:** build again from a clean checkout of the commit. Where the change is meant,
    commit it before the tag.

    **Source:** ultralytics 8.3.41, built from a poisoned cache (ultralytics 18027);
    also aiocpa 0.1.13, PyCQA/pydocstyle 251, aschn/drf-tracking 64, setuptools 23.2.0.
    Of the 37 releases in `docs/source.md`, none has an error.
    """
    if not sourced.compared and sourced.distribution.kind is Kind.SDIST:
        yield Violation(
            f"has no file of the commit {sourced.commit[:12]}, which has this project: "
            "it was built from something else",
            fix=_REBUILD,
            evidence={"commit": sourced.commit},
        )
        return
    other = [d for d in sourced.differences if d.how is Alteration.CONTENT]
    said = "other bytes than the commit"
    for is_light, severity in ((False, None), (True, Severity.WARNING)):
        mine = [d for d in other if _is_light(d.tracked, sourced.folder) == is_light]
        yield from _differing(sourced, mine, said, severity)
    for how, said in _LIGHTER.items():
        light = [d for d in sourced.differences if d.how is how]
        yield from _differing(sourced, light, said, Severity.WARNING)


_REBUILD = "build from a clean checkout of the commit; commit what is meant to change"
_LIGHTER: Mapping[Alteration, str] = {
    Alteration.REWRITTEN: "more changed than a build tool is known to change since the "
    "commit",
    Alteration.UNREAD: "too many bytes to be compared with what git LFS keeps for the "
    "commit",
}


def _differing(
    sourced: SourcedDistribution,
    differences: Sequence[SourceDifference],
    said: str,
    severity: Severity | None = None,
) -> Iterator[Violation]:
    if differences:
        members = [difference.member for difference in differences]
        yield Violation(
            f"{_files(members)} {'has' if len(members) == 1 else 'have'} {said} "
            f"{sourced.commit[:12]}: {_told(members)}",
            fix=_REBUILD,
            severity=severity,
            evidence=_evidence(sourced.commit, members),
        )


def _is_light(path: str, folder: str) -> bool:
    """Whether a tracked file of the project in this folder is only read by people."""
    return is_document(path.removeprefix(f"{folder}/") if folder else path)


@rule(SourcedDistribution, severity=Severity.WARNING)
def source_untracked(
    sourced: SourcedDistribution, policy: Policy
) -> Iterator[Violation]:
    """A file is not in the commit, and no build tool is known to make it.

    **What it means:** an sdist or a pure wheel holds a file that the built commit does
    not track, neither under this path nor with this content elsewhere. Not told is what
    build backends write (`PKG-INFO`, `*.egg-info`, `setup.cfg`, `setup.py` by poetry,
    flit and pdm, `Cargo.lock` by maturin), a file that holds nothing but the release's
    version, what is made of a tracked file beside it (`.c` of `.pyx`, `.mo` of `.po`),
    and what lies in a submodule. Only a notice where the commit's own `.gitignore`
    leaves the file out: then it was made by a build, and mostly on purpose.

    **Why it matters:** backends that take along whatever lies in the folder publish
    scratch files, virtual environments and tokens; and code that nobody can find in the
    repository is what a stolen account adds.

    **How it happens:** the build ran in a folder where somebody works; an old `build/`
    folder still had a deleted module; a file was never committed.

    **Fix:** build from a fresh clone. Commit the file, or leave it out (`.gitignore`,
    the backend's `exclude`). Revoke a token that was published.

    **Source:** evalidate before 2.0.5 (yaroslaff/evalidate 15); also
    CorporateSmalltalkConsultingLtd/ClaudeSmalltalk 22, astral-sh/uv 10556,
    pytest-dev/pytest-freezer 9, feincms/feincms 586, aiocpa 0.1.13, and the hidden
    folder of Lightning-AI/pytorch-lightning 21691. Of the 37 releases in
    `docs/source.md`, one has a warning: setuptools' own `.pth`.
    """
    if not sourced.compared and sourced.distribution.kind is Kind.SDIST:
        # source-differs speaks of it.
        return
    if sourced.untracked:
        yield _strange(sourced, sourced.untracked, "")
    if sourced.ignored:
        why = ", and its .gitignore leaves out"
        yield _strange(sourced, sourced.ignored, why, Severity.NOTICE)


def _strange(
    sourced: SourcedDistribution,
    members: Sequence[str],
    why: str,
    severity: Severity | None = None,
) -> Violation:
    return Violation(
        f"holds {_files(members)} that the commit {sourced.commit[:12]} does not "
        f"track{why}: {_told(members)}",
        fix="build from a fresh clone; commit what belongs to the release, leave out "
        "the rest",
        severity=severity,
        evidence=_evidence(sourced.commit, members),
    )


@rule(SourcedDistribution, severity=Severity.WARNING)
def source_missing(sourced: SourcedDistribution, policy: Policy) -> Iterator[Violation]:
    """An sdist lacks a module or a source that the commit tracks beside others.

    **What it means:** a tracked module (`.py`, `.pyi`, `.pyx`, `py.typed`) lies in a
    package of which the sdist has other modules, or a tracked source (C, C++, Rust) in
    a folder of which it has other sources, and the sdist lacks it; or it lacks the
    `pyproject.toml`, and of a setuptools project the `setup.py` or `setup.cfg`; or a
    module beside `setup.py` that this imports at the begin of a line. Tests,
    documentation, examples, benchmarks and tools are not asked for, nor what
    `.gitattributes` keeps out of archives (`export-ignore`).

    **Why it matters:** a wheel that is built from the sdist lacks it too, or cannot be
    built: by users on other platforms, and by distributors.

    **How it happens:** a `MANIFEST.in`, or an `include` of the backend, names suffixes
    and folders one by one, and a new file fits none of them.

    **Fix:** name the file in `MANIFEST.in` or in the backend's `include`; a version
    tool that lists what git tracks (setuptools-scm, hatch-vcs) needs no list.

    **Source:** Cython 3.0.0 lacked `Shadow.pyi`, and 3.0.0a its `setup.cfg`
    (cython/cython 5199); also pikepdf/pikepdf 490, sunpy and gensim 2194; pyamg 192 and
    zeromq/pyzmq 169 lacked what their `setup.py` imports. Of the 37
    releases in `docs/source.md`, two have a warning, and both are right.
    """
    if sourced.missing and sourced.compared:
        paths = sourced.missing
        told = "one file" if len(paths) == 1 else f"{len(paths)} files"
        yield Violation(
            f"lacks {told} of the commit {sourced.commit[:12]}: {_told(paths)}",
            fix="name what is missing in MANIFEST.in, or in the backend's include",
            evidence=_evidence(sourced.commit, paths),
        )


#: What is told of files that differ only in these.
_MODES: Mapping[Alteration, str] = {
    Alteration.LINE_ENDINGS: "other line endings than in the commit",
    Alteration.NOT_EXECUTABLE: "no execute bit, as opposed to the commit",
    Alteration.EXECUTABLE: "an execute bit, as opposed to the commit",
    Alteration.LINK: "only the target's name in it, where it is a link in the commit",
}


@rule(SourcedDistribution, severity=Severity.WARNING)
def source_mode(sourced: SourcedDistribution, policy: Policy) -> Iterator[Violation]:
    """A file differs from the commit in its line endings or its execute bit only.

    **What it means:** the content is the tracked one but for CRLF instead of LF, or the
    reverse, and `.gitattributes` does not ask for that; or a file of an sdist may be
    executed in one of both places only; or a link became a text file with the target's
    name in it.

    **Why it matters:** a shell script with CRLF, or without its execute bit, does not
    run; patches of distributors do not apply; hashes that others took do not fit.

    **How it happens:** the release was built on Windows, where git changes line endings
    (`core.autocrlf`), knows no execute bits, and writes links as text.

    **Fix:** build the sdist on Linux or macOS, or set `* text=auto eol=lf` in
    `.gitattributes`; `git update-index --chmod=+x` gives a tracked file its bit.

    **Source:** git's own documentation of `core.autocrlf`, `core.fileMode` and
    `core.symlinks`. None of the 37 releases in `docs/source.md` has a warning.
    """
    for how, said in _MODES.items():
        members = [d.member for d in sourced.differences if d.how is how]
        if members:
            yield Violation(
                f"{_files(members)} {'has' if len(members) == 1 else 'have'} {said} "
                f"{sourced.commit[:12]}: {_told(members)}",
                fix="build the sdist on Linux or macOS, from a fresh clone",
                evidence=_evidence(sourced.commit, members),
            )


@rule(SourcedCheckout, severity=Severity.WARNING)
def tree_dirty(checkout: SourcedCheckout, policy: Policy) -> Iterator[Violation]:
    """A tracked file of the checkout is not the one of the commit.

    **What it means:** the checkout is at the built commit, and a file in it has another
    content than the commit tracks, or is gone. Line endings and `$Id$` make no
    difference, what git LFS keeps is compared by its pointer, and what a sparse
    checkout does not have is not asked for. Files that only another filter of git's
    configuration or another encoding could compare, and those past two gigabytes in
    all, are listed as not judged. No program is run for it.

    **Why it matters:** what is built here is not what the tag says, and a version tool
    may call it a development version (`1.0+d20260101`).

    **How it happens:** a step of the job changed tracked files before the build: a
    version written by `sed`, a lock file that was renewed, a code generator, a hook.

    **Fix:** commit the change before the tag, or let the build backend make it. In a
    job, check out again before the build.

    **Source:** setuptools-scm's and versioneer's dirty versions;
    "Re-release of v23.2.0, which was missing the intended commits" (setuptools NEWS).
    """
    commit = checkout.commit[:12]
    for paths, said in (
        (checkout.changed, f"not what the commit {commit} has"),
        (checkout.gone, f"gone that the commit {commit} has"),
    ):
        if paths:
            told = "one is" if len(paths) == 1 else f"{len(paths)} are"
            yield Violation(
                f"of the tracked files, {told} {said}: {_told(paths)}",
                fix="see git status and git diff; build from a fresh clone",
                evidence=_evidence(checkout.commit, paths),
            )


# --- words ----------------------------------------------------------------------------


def _files(paths: Sequence[str]) -> str:
    return "one file" if len(paths) == 1 else f"{len(paths)} files"


def _told(paths: Sequence[str]) -> str:
    return some([f"{path!r:.200}" for path in paths])


def _evidence(
    commit: str, paths: Sequence[str]
) -> dict[str, str | int | tuple[str, ...] | None]:
    return {"commit": commit, "count": len(paths), "paths": tuple(paths[:_MOST])}

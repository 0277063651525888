"""The rules of tag and trigger, case by case."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

import pytest
from builders import (
    COMMIT,
    INTERNAL,
    PYPI,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    distribution,
    policy,
    release,
    tagged,
    trigger,
)
from packaging.utils import canonicalize_name

from release_guard.facts import (
    Attestation,
    Branch,
    BranchedCommit,
    BuildSource,
    BuiltDistribution,
    Checkout,
    GitTag,
    LocatedTag,
    TaggedRelease,
)
from release_guard.findings import Severity
from release_guard.policy import Policy, ProjectPolicy
from release_guard.rules.tag import (
    prerelease_flag,
    provenance_commit_mismatch,
    tag_ambiguous,
    tag_commit_mismatch,
    tag_missing,
    tag_off_branch,
    tag_unrecognized,
    tag_version_mismatch,
    trigger_refused,
)


def _templates(*templates: str) -> Policy:
    return policy(tag_templates=templates)


def _own(*templates: str) -> Policy:
    """A policy that gives the project ``demo`` its own templates."""
    return _projects(demo=ProjectPolicy(templates))


def _projects(**projects: ProjectPolicy) -> Policy:
    """A policy that names these projects."""
    names = {name.replace("_", "-"): said for name, said in projects.items()}
    return policy(projects={canonicalize_name(name): names[name] for name in names})


def _on_no_ci(subject: TaggedRelease) -> TaggedRelease:
    """The same release, on a machine that is no CI."""
    return TaggedRelease(subject.release, replace(subject.ref, trigger=None))


_COMMON = "{version}, v{version}"
_MANY_DIGITS = "9" * 5000
_MAIN = "refs/heads/main"
_BY_HAND = trigger("workflow_dispatch", _MAIN)
_BEHIND_A_RUN = trigger("workflow_run", _MAIN, upstream="push")
_SHORT = COMMIT[:12]
_OTHER = "dead" * 10

# --- is there a tag ---------------------------------------------------------------

MISSING = [
    Case(tag_missing, "there is a tag", tagged("v1.0")),
    Case(tag_missing, "a tag that is none is left to tag-unrecognized", tagged("x")),
    Case(tag_missing, "a tag that is named, and has no name", tagged("")),
    Case(
        tag_missing,
        "an index that takes any run",
        tagged(None, by=_BY_HAND),
        policy(TESTPYPI),
    ),
    Case(
        tag_missing,
        "an index that the policy says needs no tag",
        tagged(None, by=_BY_HAND),
        policy(replace(PYPI, require_tag=False)),
    ),
    Case(tag_missing, "no CI", _on_no_ci(tagged(None))),
    Case(
        tag_missing,
        "a run by hand, and a release tag at the commit",
        tagged(None, by=_BY_HAND, at_commit=("v1.0",)),
    ),
    Case(
        tag_missing,
        "a run behind another one, and a release tag of another version there",
        tagged(None, by=_BEHIND_A_RUN, at_commit=("nightly", "v2.0")),
    ),
    Case(
        tag_missing,
        "a run by hand on a branch",
        tagged(None, by=_BY_HAND),
        policy(INTERNAL),
        (
            Says(
                f"the event workflow_dispatch on {_MAIN} names no tag, and the built "
                f"commit {_SHORT} has no release tag; internal takes releases from tags"
            ),
        ),
    ),
    Case(
        tag_missing,
        "astral-sh/uv#1652: a run behind another one, of the main branch",
        tagged(None, "demo-43.0.0.dev1.tar.gz", by=trigger("workflow_run")),
        says=(
            Says(
                "the event workflow_run names no tag, and the built commit "
                f"{_SHORT} has no release tag; pypi takes releases from tags"
            ),
        ),
    ),
    Case(
        tag_missing,
        "only tags that fit no template are at the commit",
        tagged(None, by=_BY_HAND, at_commit=("nightly", "2026-07-22")),
        says=(Says("… has no release tag (but nightly, 2026-07-22); pypi takes …"),),
    ),
    Case(
        tag_missing,
        "very many tags that fit no template are told in part",
        tagged(None, by=_BY_HAND, at_commit=map("run-{}".format, range(1000))),
        says=(
            Says(
                "… (but run-0, run-1, run-2, run-3, run-4 and 995 more); pypi takes …"
            ),
        ),
    ),
    Case(
        tag_missing,
        "only the tag of another project of the repository is at the commit",
        tagged(None, by=_BY_HAND, at_commit=("other-v1.0",)),
        _templates("{name}-v{version}"),
        (Says("… has no release tag (but other-v1.0); pypi takes …"),),
    ),
]


@pytest.mark.parametrize(
    ("checkout", "told"),
    [
        (None, False),
        (Checkout(), False),
        (Checkout(is_shallow=True), True),
    ],
    ids=["no checkout", "a whole one", "a shallow one"],
)
def test_a_shallow_checkout_is_named_where_no_tag_is_found(
    *, checkout: Checkout | None, told: bool
) -> None:
    subject = tagged(None, by=_BY_HAND, checkout=checkout)

    (finding,) = tag_missing.findings(subject, policy())

    assert ("fetch-depth: 0" in finding.fix) is told
    assert finding.evidence == {
        "event": "workflow_dispatch",
        "ref": _MAIN,
        "commit": COMMIT,
        "tags": (),
        "templates": ("{version}", "v{version}"),
    }


# --- is it a release tag ----------------------------------------------------------

UNRECOGNIZED = [
    Case(tag_unrecognized, "no tag is left to tag-missing", tagged(None)),
    Case(
        tag_unrecognized,
        "tags that nobody names, and that are none, are left to tag-missing",
        tagged(None, at_commit=("nightly",)),
    ),
    Case(
        tag_unrecognized,
        "a tag with two readings is left to tag-ambiguous",
        tagged("1!2.0"),
        _templates("1!{version}", "{version}"),
    ),
    *(
        Case(tag_unrecognized, f"the tag {tag} by the common templates", tagged(tag))
        for tag in ("1.0", "v1.0", "v1.0.0-rc.1", "1!2.0", "v2026.11.22", "1.0+local")
    ),
    *(
        Case(
            tag_unrecognized,
            f"the tag {tag!a:.30} fits no common template",
            tagged(tag),
            says=(Says(f"the tag {tag!r} fits no tag template ({_COMMON})"),),
        )
        for tag in (
            "",
            "v",
            "nightly",
            "release-1.0",
            "demo-1.0",
            "2026-07-22",
            # A naive reader takes the last number for the version.
            "collective-2026-07-22",
            "v1.0/evil",
            "v1.0\nv1.0",
            "v1.0\n",
            " v1.0",
            "v 1.0",
            "V1.0.x",
            "v\N{FULLWIDTH DIGIT ONE}.0",
            "v\N{ARABIC-INDIC DIGIT ONE}.0",
            _MANY_DIGITS,
        )
    ),
    Case(
        tag_unrecognized,
        "a tag that fits only the common templates, not the project's own",
        tagged("v1.0"),
        _own("demo-{version}"),
        (Says("the tag 'v1.0' fits no tag template (demo-{version})"),),
    ),
    Case(
        tag_unrecognized,
        "a tag that fits the project's own template",
        tagged("demo-1.0"),
        _own("demo-{version}"),
    ),
    Case(
        tag_unrecognized,
        "a project without templates of its own has the common ones",
        tagged("v1.0"),
        _own(),
    ),
    *(
        Case(
            tag_unrecognized,
            f"the tag {tag} by the template {{name}}-{{version}}",
            tagged(tag, *files),
            _templates("{name}-{version}"),
        )
        for tag, files in (
            ("demo-1.0", ()),
            ("Demo-1.0", ()),
            ("demo-v1.0", ()),
            ("demo_pkg-1.0", ("demo_pkg-1.0.tar.gz",)),
            ("demo-pkg-1.0", ("demo_pkg-1.0.tar.gz",)),
            ("Demo.._Pkg-1.0", ("demo_pkg-1.0.tar.gz",)),
            # Hyphens within the version do not make the name longer.
            ("demo-1.0-rc1", ("demo-1.0rc1.tar.gz",)),
            ("demo-pkg-1.0-1", ("demo_pkg-1.0.post1.tar.gz",)),
        )
    ),
    *(
        Case(
            tag_unrecognized,
            f"the tag {tag} is of another project",
            tagged(tag),
            _templates("{name}-{version}", "{name}/v{version}"),
            (
                Says(
                    f"the tag {tag!r} fits no tag template ({{name}}-{{version}}, "
                    "{name}/v{version})"
                ),
            ),
        )
        for tag in ("demo-vectors-1.0", "vectors/v1.0", "1.0", "-1.0", "demo-")
    ),
    Case(
        tag_unrecognized,
        "a letter that only looks like one of the name",
        tagged("\N{KELVIN SIGN}elvin-1.0", "kelvin-1.0.tar.gz"),
        _templates("{name}-{version}"),
        (Says("the tag … fits no tag template ({name}-{version})"),),
    ),
    Case(
        tag_unrecognized,
        "the project's folder before the version",
        tagged("packages/demo/v1.0"),
        _projects(demo=ProjectPolicy(("{path}/v{version}",), "packages/demo")),
    ),
    *(
        Case(
            tag_unrecognized,
            f"{tag} is not in the project's folder",
            tagged(tag),
            _projects(demo=ProjectPolicy(("{path}/v{version}",), "packages/d.mo")),
            (Says(f"the tag {tag!r} fits no tag template ({{path}}/v{{version}})"),),
        )
        for tag in ("packages/demo/v1.0", "v1.0", "/v1.0", "x/packages/d.mo/v1.0")
    ),
    Case(
        tag_unrecognized,
        "what a template holds besides its places is plain text",
        tagged("v1x0"),
        _templates("v1.{version}", "v(.*){version}"),
        (
            Says(
                "the tag 'v1x0' fits no tag template (v1.{version}, v(.*){version})",
            ),
        ),
    ),
]

# --- does it say one version ------------------------------------------------------

_ADAPTERS = _projects(
    demo=ProjectPolicy(("{name}-v{version}",)),
    demo_v1=ProjectPolicy(("{name}-v{version}",)),
)
_OVERLAP = _projects(
    demo=ProjectPolicy(("{name}-{version}",)),
    demo_1=ProjectPolicy(("{name}-{version}",)),
)

AMBIGUOUS = [
    Case(tag_ambiguous, "one tag", tagged("v1.0")),
    Case(tag_ambiguous, "no tag", tagged(None)),
    Case(tag_ambiguous, "a tag that is none", tagged("nightly")),
    Case(
        tag_ambiguous,
        "two tags of one version at the commit",
        tagged(None, by=_BY_HAND, at_commit=("1.0", "v1.0", "v1.0.0")),
    ),
    Case(
        tag_ambiguous,
        "a release tag beside other tags at the commit",
        tagged(None, by=_BY_HAND, at_commit=("latest", "v1", "stable")),
    ),
    Case(
        tag_ambiguous,
        "a moving major tag beside the release's: two versions by PEP 440",
        tagged(None, by=_BY_HAND, at_commit=("v1", "v1.4.2")),
        says=(
            Says("may be 1 ('v1' by 'v{version}') or 1.4.2 ('v1.4.2' by 'v{version}')"),
        ),
    ),
    Case(
        tag_ambiguous,
        "the event names its tag, whatever else is at the commit",
        tagged("v1.0", at_commit=("v1.0", "v1.0rc2")),
    ),
    Case(
        tag_ambiguous,
        "a candidate and the final version at one commit",
        tagged(None, by=_BY_HAND, at_commit=("v1.0", "v1.0rc2")),
        says=(
            Says(
                "may be 1.0rc2 ('v1.0rc2' by 'v{version}') or 1.0 "
                "('v1.0' by 'v{version}')"
            ),
        ),
    ),
    Case(
        tag_ambiguous,
        "each version is told with the first of its tags",
        tagged(None, by=_BY_HAND, at_commit=("v1.0", "1.0", "v1.0.0", "2.0", "v2.0")),
        says=(
            Says("may be 1.0 ('v1.0' by 'v{version}') or 2.0 ('2.0' by '{version}')"),
        ),
    ),
    Case(
        tag_ambiguous,
        "very many versions at one commit are told in part",
        tagged(None, by=_BY_HAND, at_commit=map("v{}".format, range(1000))),
        says=(
            Says(
                "may be 0 ('v0' by 'v{version}') or … or 4 ('v4' by 'v{version}') and "
                "995 more"
            ),
        ),
    ),
    Case(
        tag_ambiguous,
        "two templates that read two versions",
        tagged("v1.1"),
        _templates("{version}", "v{version}.1"),
        (
            Says(
                "the tag can be read as 1 ('v1.1' by 'v{version}.1') or 1.1 "
                "('v1.1' by '{version}')"
            ),
        ),
    ),
    Case(
        tag_ambiguous,
        "two templates that read another epoch",
        tagged("1!2.0"),
        _templates("1!{version}", "{version}"),
        (
            Says(
                "the tag can be read as 2.0 ('1!2.0' by '1!{version}') or 1!2.0 "
                "('1!2.0' by '{version}')"
            ),
        ),
    ),
    Case(
        tag_ambiguous,
        "two spellings of one version",
        tagged("1.0.0"),
        _templates("{version}", "{version}.0"),
    ),
    Case(
        tag_ambiguous,
        "a tag that says the same of every project",
        tagged("v1.0"),
        _projects(demo=ProjectPolicy(), other=ProjectPolicy()),
    ),
    Case(
        tag_ambiguous,
        "a tag of two readings, of which another project has one",
        tagged("v1.1"),
        _projects(
            demo=ProjectPolicy(("{version}", "v{version}.1")),
            other=ProjectPolicy(("v{version}.1",)),
        ),
        (Says("the tag can be read as 1 ('v1.1' by 'v{version}.1') or 1.1 …"),),
    ),
    Case(
        tag_ambiguous,
        "a tag that only this project reads",
        tagged("demo-v1.0"),
        _ADAPTERS,
    ),
    Case(
        tag_ambiguous,
        "aws/aws-durable-execution-sdk-python#716: each project's tag at one commit",
        tagged(None, by=_BY_HAND, at_commit=("demo-v1.0", "demo-v1-v2.0")),
        _ADAPTERS,
    ),
    Case(
        tag_ambiguous,
        "a tag that is another version of another project",
        tagged("demo-1-2", "demo-1.post2.tar.gz"),
        _OVERLAP,
        (
            Says(
                "the tag 'demo-1-2' says 1.post2 of this project, and 2 of demo-1 (by "
                "'{name}-{version}')"
            ),
        ),
    ),
    Case(
        tag_ambiguous,
        "the same, seen from the other project",
        tagged("demo-1-2", "demo_1-2.tar.gz"),
        _OVERLAP,
        (
            Says(
                "the tag 'demo-1-2' says 2 of this project, and 1.post2 of demo (by "
                "'{name}-{version}')"
            ),
        ),
    ),
    Case(
        tag_ambiguous,
        "one of the tags at the commit is another version of another project",
        tagged(None, at_commit=("demo-1-2", "demo-1.post2"), by=_BY_HAND),
        _OVERLAP,
        (Says("the tag 'demo-1-2' says 1.post2 of this project, and 2 of demo-1 …"),),
    ),
]

# --- is it the files' version -----------------------------------------------------


def _released(tag: str, version: str, files: Iterable[str] = ()) -> TaggedRelease:
    """A release of one version under a tag."""
    return tagged(tag, *(files or (f"demo-{version}.tar.gz",)))


_NOT_BUMPED = {
    "katelouie/stellium#59": ("v0.21.0", "0.20.0"),
    "max-sixty/pytest-accept#250": ("0.2.0", "0.1.13"),
    "lab-v2/pyreason#128": ("v3.3.0", "3.2.0"),
    "rycus86/prometheus_flask_exporter#77": ("0.16.4", "0.16.1"),
    "camelot-dev/camelot#596": ("v1.0.2", "1.0.3.dev0+g1a2b3c4d5.d20250809"),
    "awslabs/llm-evaluation-system#57": ("v0.3.5", "0.3.6.dev0+g1a2b3c4d5"),
    "cognizant-ai-lab/neuro-san#1079": ("0.5.1", "0.1.dev1+g0795801"),
    "encode/httpx#916": ("0.13.0.dev1", "0.13.dev0"),
    "pypa/packaging-problems#74": ("v1.2", "1.3.dev0"),
}

MISMATCH = [
    Case(tag_version_mismatch, "the tag's version", tagged("v1.0")),
    Case(tag_version_mismatch, "no tag is left to tag-missing", tagged(None)),
    Case(
        tag_version_mismatch,
        "a tag that is none is left to tag-unrecognized",
        tagged("nightly"),
    ),
    Case(
        tag_version_mismatch,
        "a tag with two readings is left to tag-ambiguous",
        tagged("1!2.0"),
        _templates("1!{version}", "{version}"),
    ),
    Case(
        tag_version_mismatch,
        "tags of two versions at the commit are left to tag-ambiguous",
        tagged(None, at_commit=("v1.1", "v1.2")),
    ),
    Case(
        tag_version_mismatch,
        "the version of the tag at the commit",
        tagged(None, at_commit=("latest", "v1.0")),
    ),
    Case(
        tag_version_mismatch,
        "another version than that of the tag at the commit",
        tagged(None, SDIST, at_commit=("latest", "v1.1")),
        says=(Says("has the version 1.0, the tag 'v1.1' says 1.1", SDIST),),
    ),
    Case(
        tag_version_mismatch,
        "every file has another version",
        tagged("v1.1"),
        says=(
            Says("has the version 1.0, the tag 'v1.1' says 1.1", SDIST),
            Says("has the version 1.0, the tag 'v1.1' says 1.1", WHEEL),
        ),
    ),
    *(
        Case(
            tag_version_mismatch,
            f"{incident}: {tag} and {version}",
            _released(tag, version),
            says=(
                Says(
                    f"has the version {version}, the tag {tag!r} says "
                    f"{tag.removeprefix('v')}",
                    f"demo-{version}.tar.gz",
                ),
            ),
        )
        for incident, (tag, version) in _NOT_BUMPED.items()
    ),
    Case(
        tag_version_mismatch,
        "zeromq/pyzmq#1304: one stale file",
        tagged("v1.0", SDIST, "demo-0.9-py3-none-any.whl"),
        says=(
            Says(
                "has the version 0.9, the tag 'v1.0' says 1.0",
                "demo-0.9-py3-none-any.whl",
            ),
        ),
    ),
    Case(
        tag_version_mismatch,
        "a development version behind the tag",
        tagged("v43.0.0", "demo-43.0.0.dev1.tar.gz"),
        policy(TESTPYPI),
        (
            Says(
                "has the version 43.0.0.dev1, the tag 'v43.0.0' says 43.0.0",
                "demo-43.0.0.dev1.tar.gz",
            ),
        ),
    ),
    Case(
        tag_version_mismatch,
        "an epoch that the tag does not have",
        tagged("v1.0", "demo-1!1.0.tar.gz"),
        says=(
            Says("has the version 1!1.0, the tag 'v1.0' says 1.0", "demo-1!1.0.tar.gz"),
        ),
    ),
    Case(
        tag_version_mismatch,
        "a local version that the tag does not have",
        tagged("v1.0", "demo-1.0+cpu-py3-none-any.whl"),
        says=(
            Says(
                "has the version 1.0+cpu, the tag 'v1.0' says 1.0",
                "demo-1.0+cpu-py3-none-any.whl",
            ),
        ),
    ),
    Case(
        tag_version_mismatch,
        "only the metadata says another version",
        tagged("v1.0", of=release(metadata_versions={WHEEL: "1.1"})),
        says=(Says("has the version 1.1, the tag 'v1.0' says 1.0", WHEEL),),
    ),
    Case(
        tag_version_mismatch,
        "the version behind a name with hyphens",
        tagged("demo-1.0-rc2", "demo-1.0rc1.tar.gz"),
        _templates("{name}-{version}"),
        (
            Says(
                "has the version 1.0rc1, the tag 'demo-1.0-rc2' says 1.0rc2",
                "demo-1.0rc1.tar.gz",
            ),
        ),
    ),
    Case(
        tag_version_mismatch,
        "Fortran-FOSS-Programmers/ford#367: a typo in tag and files is no mismatch",
        _released("v6.15", "6.15"),
    ),
    *(
        Case(tag_version_mismatch, f"{tag} for {version}", _released(tag, version))
        for tag, version in (
            ("1.0", "1.0"),
            ("v1.0.post1", "1.0.post1"),
            ("1!2.0", "1!2.0"),
            ("v2026.1.0", "2026.1.0"),
            ("v2.0rc1", "2.0rc1"),
        )
    ),
    *(
        Case(
            tag_version_mismatch,
            f"{tag} and {version} are one version in two spellings",
            _released(tag, version),
            says=(
                Says(
                    f"the tag {tag!r} and the files mean one version, and spell it "
                    f"{spelled} and {version}",
                    severity=Severity.NOTICE,
                ),
            ),
        )
        for tag, version, spelled in (
            ("v1.0.0", "1.0", "1.0.0"),
            ("v1.0-rc.1", "1.0rc1", "1.0-rc.1"),
            ("1.0.POST1", "1.0.post1", "1.0.POST1"),
            ("v1.0-1", "1.0.post1", "1.0-1"),
            ("V1.0", "1.0", "V1.0"),
            ("v2026.01.05", "2026.1.5", "2026.01.05"),
            ("1.0+Cpu-1", "1.0+cpu.1", "1.0+Cpu-1"),
        )
    ),
    Case(
        tag_version_mismatch,
        "a v in front is no other spelling, whatever the template",
        tagged("v1.0"),
        _templates("{version}"),
    ),
    Case(
        tag_version_mismatch,
        "one of the tags at the commit is spelled as the files are",
        tagged(None, at_commit=("v1.0.0", "v1.0")),
    ),
    Case(
        tag_version_mismatch,
        "one of the files is spelled as the tag is",
        tagged("v1.0.0", SDIST, "demo-1.0.0-py3-none-any.whl"),
    ),
    Case(
        tag_version_mismatch,
        "a difference in spelling is nothing beside one of versions",
        tagged("v1.0.0", SDIST, "demo-1.1-py3-none-any.whl"),
        says=(
            Says(
                "has the version 1.1, the tag 'v1.0.0' says 1.0.0",
                "demo-1.1-py3-none-any.whl",
            ),
        ),
    ),
]


def test_a_difference_in_spelling_stays_a_notice_whatever_the_rule_weighs() -> None:
    heavy = policy(severities={"tag-version-mismatch": Severity.ERROR})

    (finding,) = tag_version_mismatch.findings(tagged("v1.0.0"), heavy)

    assert finding.severity is Severity.NOTICE
    assert finding.evidence == {"tag": "v1.0.0", "version": "1.0"}


# --- is it at the commit, and the commit on a branch --------------------------------


def _located(commit: str, of: str = COMMIT, commit_from: str = "") -> LocatedTag:
    return LocatedTag(GitTag("v1.0", commit), of, commit_from)


def _branched(**holds: bool) -> BranchedCommit:
    """The commit, and the branches that hold it or do not; ``__`` is a slash."""
    named = {name.replace("__", "/"): it_does for name, it_does in holds.items()}
    return BranchedCommit(COMMIT, tuple(Branch(*pair) for pair in named.items()))


PLACE = [
    Case(tag_commit_mismatch, "the tag is at the built commit", _located(COMMIT)),
    Case(
        tag_commit_mismatch,
        "an annotated tag, peeled, is at the built commit",
        LocatedTag(GitTag("v1.0", COMMIT, annotated=True), COMMIT, "GITHUB_SHA"),
    ),
    Case(
        tag_commit_mismatch,
        "invoke-ai/InvokeAI#4869: main was built, and given a tag",
        _located(_OTHER, commit_from="--commit"),
        says=(Says(f"is at {_OTHER[:12]}, and {_SHORT} was built (--commit)"),),
    ),
    Case(
        tag_commit_mismatch,
        "PyCQA/pydocstyle#251: the tag is at other code, nobody says who named it",
        _located(_OTHER),
        says=(Says(f"is at {_OTHER[:12]}, and {_SHORT} was built"),),
    ),
    Case(
        tag_commit_mismatch,
        "a commit of which the tag's is the beginning",
        _located("c" * 40, "c" * 64),
        says=(Says("is at cccccccccccc, and cccccccccccc was built"),),
    ),
    Case(tag_off_branch, "the commit is on the branch", _branched(main=True)),
    Case(
        tag_off_branch,
        "the commit is on one of the branches",
        _branched(main=False, stable__42=True),
    ),
    Case(
        tag_off_branch,
        "alexpfau/calendar-card-pro#447: the commit is on none of the branches",
        _branched(main=False, stable__42=False),
        says=(Says("is on none of the branches main, stable/42"),),
    ),
    Case(
        tag_off_branch,
        "sderev/lmtoolbox#8: a branch that two remotes have is told once",
        BranchedCommit(COMMIT, (Branch("main", holds=False),) * 2),
        says=(Says("is on none of the branches main"),),
    ),
    Case(
        tag_off_branch,
        "very many branches are told in part",
        _branched(**{f"stable__{n}": False for n in range(9)}),
        says=(
            Says(
                "is on none of the branches stable/0, stable/1, stable/2, stable/3, "
                "stable/4 and 4 more"
            ),
        ),
    ),
]


def test_the_subjects_are_called_by_what_they_are() -> None:
    assert tagged().label == "demo 1.0"
    assert _located(COMMIT).label == "the tag v1.0"
    assert _branched().label == f"the commit {_SHORT}"
    assert trigger().label == "the run"
    assert _built().label == WHEEL


# --- what started the run ----------------------------------------------------------

_ALLOWED = "push, release, workflow_dispatch, workflow_run"
_ANY_EVENT = policy(replace(PYPI, events=()))


def _only(
    *, events: tuple[str, ...] = PYPI.events, repositories: tuple[str, ...] = ()
) -> Policy:
    """The policy for PyPI, with what may lead there."""
    return policy(replace(PYPI, events=events, repositories=repositories))


TRIGGER = [
    *(
        Case(trigger_refused, f"the event {event}", trigger(event))
        for event in ("push", "release", "workflow_dispatch", "workflow_run")
    ),
    *(
        Case(
            trigger_refused,
            f"the event {event or 'that nobody names'}",
            trigger(event),
            says=(
                Says(f"the event {event!r} must not lead to pypi; allowed: {_ALLOWED}"),
            ),
        )
        for event in (
            "pull_request",
            "pull_request_target",
            "schedule",
            "delete",
            "merge_group",
            "repository_dispatch",
            "workflow_call",
            "Push",
            "",
        )
    ),
    Case(
        trigger_refused,
        "an index that takes any run",
        trigger("pull_request", fork="stranger/demo", unfit="it is a draft"),
        policy(TESTPYPI),
    ),
    Case(
        trigger_refused,
        "a release index of which the policy allows any event",
        trigger("schedule"),
        _ANY_EVENT,
    ),
    Case(
        trigger_refused,
        "an event that the policy allows",
        trigger("schedule"),
        _only(events=("schedule",)),
    ),
    Case(
        trigger_refused,
        "PaloAltoNetworks/pan-os-upgrade-assurance#65: an event that it does not allow",
        trigger("push"),
        _only(events=("release",)),
        (Says("the event 'push' must not lead to pypi; allowed: release"),),
    ),
    Case(
        trigger_refused,
        "an index for tests of which the policy names the events",
        trigger("pull_request"),
        policy(replace(TESTPYPI, events=("push",))),
        (Says("the event 'pull_request' must not lead to testpypi; allowed: push"),),
    ),
    Case(
        trigger_refused,
        "a run behind a run on a push",
        trigger("workflow_run", upstream="push"),
    ),
    Case(
        trigger_refused,
        "a run behind a run on a pull request",
        trigger("workflow_run", upstream="pull_request"),
        says=(
            Says(
                "the run before, on the event 'pull_request' must not lead to pypi; "
                f"allowed: {_ALLOWED}"
            ),
        ),
    ),
    Case(
        trigger_refused,
        "a run behind a run, where neither event is allowed",
        trigger("workflow_run", upstream="workflow_run"),
        _only(events=("release",)),
        (
            Says("the event 'workflow_run' must not lead to pypi; allowed: release"),
            Says(
                "the run before, on the event 'workflow_run' must not lead to pypi; "
                "allowed: release"
            ),
        ),
    ),
    *(
        Case(
            trigger_refused,
            f"the repository {repository} where {known} is allowed",
            trigger(repository=repository),
            _only(repositories=(known,)),
        )
        for repository, known in (
            ("org/demo", "org/demo"),
            ("Org/Demo", "org/demo"),
            ("org/demo", "Org/Demo"),
            ("group/sub/demo", "group/sub/demo"),
        )
    ),
    *(
        Case(
            trigger_refused,
            f"the repository {repository or 'that nobody names'}",
            trigger(repository=repository),
            policy(replace(TESTPYPI, repositories=("org/demo", "org/other"))),
            (
                Says(
                    f"the repository {repository!r} must not lead to testpypi; "
                    "allowed: org/demo, org/other"
                ),
            ),
        )
        for repository in ("stranger/demo", "org/demo2", "demo", "")
    ),
    Case(
        trigger_refused,
        "a run that built the code of a fork",
        trigger("workflow_run", fork="stranger/demo", upstream="push"),
        says=(
            Says(
                "the event 'workflow_run' built the code of the fork 'stranger/demo', "
                "which must not lead to pypi"
            ),
        ),
    ),
    Case(
        trigger_refused,
        "a fork's code by whatever event",
        trigger("pull_request", fork="stranger/demo"),
        _ANY_EVENT,
        (Says("the event 'pull_request' built the code of the fork …"),),
    ),
    Case(
        trigger_refused,
        "a release that is a draft",
        trigger("release", "refs/tags/v1.0", unfit="it was created, not published"),
        says=(
            Says(
                "the event 'release' must not lead to pypi: it was created, not "
                "published"
            ),
        ),
    ),
    Case(
        trigger_refused,
        "a push that deleted the tag",
        trigger(ref="refs/tags/v1.0", deleted=True),
        policy(INTERNAL),
        (
            Says(
                "the event 'push' deleted 'refs/tags/v1.0', which must not lead to "
                "internal"
            ),
        ),
    ),
    Case(
        trigger_refused,
        "an index that needs no tag, and takes no development version, is for releases",
        trigger("workflow_run", fork="stranger/demo"),
        policy(replace(PYPI, require_tag=False)),
        (Says("the event 'workflow_run' built the code of the fork …"),),
    ),
    Case(
        trigger_refused,
        "everything at once",
        trigger(
            "delete", repository="stranger/demo", fork="a/b", unfit="x", deleted=True
        ),
        _only(repositories=("org/demo",)),
        (
            Says("the event 'delete' must not lead to pypi; allowed: …"),
            Says("the repository 'stranger/demo' must not lead to pypi; allowed: …"),
            Says("the event 'delete' built the code of the fork 'a/b', which …"),
            Says("the event 'delete' must not lead to pypi: x"),
            Says("the event 'delete' deleted '', which must not lead to pypi"),
        ),
    ),
]

# --- where the files were built ------------------------------------------------------

_SLSA = f"{WHEEL}.slsa.attestation"


def _built(
    *sources: tuple[str, str],
    repository: str = "org/demo",
    commit: str = COMMIT,
    more: tuple[Attestation, ...] = (),
) -> BuiltDistribution:
    """A wheel, and what an attestation says that it was built from."""
    said = tuple(BuildSource(*source) for source in sources)
    attestation = Attestation(_SLSA, WHEEL, sources=said)
    return BuiltDistribution(
        distribution(WHEEL), (attestation, *more), repository, commit
    )


_HERE = ("org/demo", COMMIT)
_THERE = ("stranger/demo", _OTHER)

PROVENANCE = [
    Case(provenance_commit_mismatch, "built here", _built(_HERE)),
    Case(provenance_commit_mismatch, "an attestation that says nothing", _built()),
    Case(provenance_commit_mismatch, "only the commit", _built(("", COMMIT))),
    Case(provenance_commit_mismatch, "only the repository", _built(("org/demo", ""))),
    Case(
        provenance_commit_mismatch,
        "the repository in another case",
        _built(("Org/Demo", COMMIT)),
    ),
    Case(
        provenance_commit_mismatch,
        "built here, with a submodule",
        _built(("org/vectors", _OTHER), _HERE),
    ),
    Case(
        provenance_commit_mismatch,
        "nobody knows what this run is of",
        _built(_THERE, repository="", commit=""),
    ),
    Case(
        provenance_commit_mismatch,
        "built from another commit",
        _built(("org/demo", _OTHER)),
        says=(
            Says(
                f"was built from {_OTHER[:12]}, as {_SLSA} says; this run is of "
                f"{_SHORT}"
            ),
        ),
    ),
    Case(
        provenance_commit_mismatch,
        "built in another repository",
        _built(("stranger/demo", COMMIT)),
        says=(
            Says(
                f"was built in stranger/demo, as {_SLSA} says; this run is of org/demo"
            ),
        ),
    ),
    Case(
        provenance_commit_mismatch,
        "built in another repository, of this commit nobody knows",
        _built(_THERE, commit=""),
        says=(Says("was built in stranger/demo, as …"),),
    ),
    Case(
        provenance_commit_mismatch,
        "built elsewhere altogether, from several sources",
        _built(_THERE, ("a/b", "beef" * 10)),
        says=(
            Says(f"was built from beefbeefbeef and {_OTHER[:12]}, as …"),
            Says("was built in a/b, stranger/demo, as …"),
        ),
    ),
    Case(
        provenance_commit_mismatch,
        "of two attestations one says another commit",
        _built(
            _HERE,
            more=(Attestation("b", WHEEL, sources=(BuildSource("", _OTHER),)),),
        ),
        says=(Says(f"was built from {_OTHER[:12]}, as b says; …"),),
    ),
]

# --- how the release is marked -------------------------------------------------------


def _marked(version: str, mark: bool | None) -> TaggedRelease:
    """A release of one version, and the mark of the forge's release."""
    tag = f"v{version}"
    by = trigger("release", f"refs/tags/{tag}", tag=tag, prerelease=mark)
    return tagged(tag, f"demo-{version}.tar.gz", by=by)


FLAG = [
    *(
        Case(
            prerelease_flag,
            f"{version}, {'marked' if mark else 'not marked'} as a pre-release",
            _marked(version, mark),
        )
        for version, mark in (
            ("1.0", False),
            ("1.0.post1", False),
            ("1.0rc1", True),
            ("1.0a1.post2", True),
            ("1.0.dev1", True),
        )
    ),
    Case(prerelease_flag, "an event that is no release", _marked("1.0rc1", None)),
    Case(prerelease_flag, "no CI", _on_no_ci(_marked("1.0rc1", mark=False))),
    Case(
        prerelease_flag,
        "vuetifyjs/0#665: a pre-release that is not marked as one",
        _marked("1.0rc1", mark=False),
        says=(
            Says(
                "1.0rc1 is a pre-release, and the release 'v1.0rc1' is marked as none"
            ),
        ),
    ),
    Case(
        prerelease_flag,
        "a candidate's release, and --tag and files of the final version",
        tagged("v1.0", by=trigger("release", tag="v1.0rc1", prerelease=True)),
        says=(Says("1.0 is no pre-release, and the release 'v1.0rc1' is marked …"),),
    ),
    Case(
        prerelease_flag,
        "a final version that is marked as a pre-release",
        _marked("1.0", mark=True),
        says=(
            Says(
                "1.0 is no pre-release, and the release 'v1.0' is marked as "
                "a pre-release"
            ),
        ),
    ),
]

CASES = [
    *MISSING,
    *UNRECOGNIZED,
    *AMBIGUOUS,
    *MISMATCH,
    *PLACE,
    *TRIGGER,
    *PROVENANCE,
    *FLAG,
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    assert case.found() == case.wanted()

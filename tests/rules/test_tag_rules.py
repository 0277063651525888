"""The rules of tag and trigger, case by case."""

from __future__ import annotations

import re
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
    RecheckedRun,
    Signer,
    TaggedRelease,
)
from release_guard.findings import Severity
from release_guard.policy import Policy, ProjectPolicy
from release_guard.rules.tag import (
    manifest_mismatch,
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
_ELSEWHERE = GitTag("v0.9", _OTHER)
_NO_TAG = policy(replace(PYPI, require_tag=False))

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
    Case(
        tag_missing,
        "no CI, and no tag yet: it is only mentioned",
        _on_no_ci(tagged(None)),
        says=(
            Says(
                f"the commit {_SHORT} has no release tag; in CI pypi takes releases "
                "from tags",
                severity=Severity.NOTICE,
            ),
        ),
    ),
    Case(
        tag_missing,
        "no CI, and only a tag that is none: it is only mentioned",
        _on_no_ci(tagged(None, at_commit=("nightly",))),
        says=(Says("the commit … has no release tag; …", severity=Severity.NOTICE),),
    ),
    Case(
        tag_missing,
        "no CI, and a release tag at the commit",
        _on_no_ci(tagged(None, at_commit=("v1.0",))),
    ),
    Case(tag_missing, "no CI, and a tag is given", _on_no_ci(tagged("nightly"))),
    Case(
        tag_missing,
        "no CI, and an index that needs no tag",
        _on_no_ci(tagged(None)),
        policy(TESTPYPI),
    ),
]


@pytest.mark.parametrize(
    ("checkout", "told"),
    [
        (None, ""),
        (Checkout(COMMIT, (_ELSEWHERE,)), ""),
        (
            Checkout(COMMIT, (_ELSEWHERE,), is_shallow=True),
            "the checkout is shallow: fetch all tags (fetch-depth: 0)",
        ),
        (
            Checkout(COMMIT),
            "the checkout has no tags at all: fetch them if there are any",
        ),
        (
            Checkout(COMMIT, is_shallow=True),
            "the checkout is shallow: fetch all tags (fetch-depth: 0)",
        ),
        # The run is of another commit than the one that is checked out.
        (Checkout("beef" * 10, (_ELSEWHERE,)), ""),
        (Checkout("", (_ELSEWHERE,)), ""),
        (
            Checkout(_OTHER, (_ELSEWHERE, GitTag("latest", _OTHER))),
            "the checkout is at v0.9, latest: if that was built, give --commit "
            + _OTHER,
        ),
        (
            Checkout(_OTHER, (_ELSEWHERE,), has_commit=False, is_shallow=True),
            (
                "the checkout is shallow: fetch all tags (fetch-depth: 0); the "
                f"checkout is at v0.9: if that was built, give --commit {_OTHER}"
            ),
        ),
        # The tags at the built commit are none: the message has them.
        (Checkout(COMMIT, (GitTag("nightly", COMMIT),)), ""),
    ],
    ids=[
        "no checkout",
        "a whole one, of the commit",
        "a shallow one",
        "one without tags",
        "a shallow one without tags",
        "one at another commit, without a tag",
        "one without a commit",
        "one at another commit, with tags",
        "a shallow one at another commit, with a tag",
        "one at the commit, with a tag",
    ],
)
def test_what_else_may_be_the_matter_is_told_where_no_tag_is_found(
    checkout: Checkout | None, told: str
) -> None:
    subject = tagged(None, by=_BY_HAND, checkout=checkout)

    (finding,) = tag_missing.findings(subject, policy())

    first, *others = finding.fix.split("; ", 1)
    assert re.fullmatch(
        r"tag the commit( \(v1\.0\))? and start the workflow from the tag", first
    )
    assert "".join(others) == told
    assert finding.evidence == {
        "event": "workflow_dispatch",
        "ref": _MAIN,
        "commit": COMMIT,
        "tags": (),
        "templates": ("{version}", "v{version}"),
    }


def _beside(tag: str, *files: str) -> TaggedRelease:
    """A release without a tag, in a checkout that has the tag of an earlier one."""
    checkout = Checkout(COMMIT, (GitTag(tag, _OTHER),))
    return tagged(None, *files, checkout=checkout)


@pytest.mark.parametrize(
    ("subject", "terms", "told"),
    [
        (_beside("v0.9", "demo-2.0rc1.tar.gz"), policy(), " (v2.0rc1)"),
        (_beside("0.9"), policy(), " (1.0)"),
        (_beside("demo@0.9"), _own("{name}@{version}"), " (demo@1.0)"),
        (
            _beside("pkg/demo/v0.9"),
            _projects(demo=ProjectPolicy(("{path}/v{version}",), "pkg/demo")),
            " (pkg/demo/v1.0)",
        ),
        (_beside("v0.9", SDIST, "demo-2.0.tar.gz"), policy(), ""),
        (_beside("v0.9", "demo-1.0.dev1.tar.gz"), policy(), ""),
        (_beside("nightly"), policy(), ""),
        (tagged(None), policy(), ""),
    ],
    ids=[
        *("as the last one", "bare", "by name", "by path", "two versions"),
        *("a development version", "no other release tag", "no checkout"),
    ],
)
def test_the_tag_that_is_missing_is_told_as_the_others_are_written(
    subject: TaggedRelease, terms: Policy, told: str
) -> None:
    (finding,) = tag_missing.findings(subject, terms)

    first = finding.fix.partition("; ")[0]
    assert first == f"tag the commit{told} and start the workflow from the tag"


# --- is it a release tag ----------------------------------------------------------

UNRECOGNIZED = [
    Case(tag_unrecognized, "no tag is left to tag-missing", tagged(None)),
    Case(
        tag_unrecognized,
        "an index for tests, to which any tag may lead",
        tagged("nightly"),
        policy(TESTPYPI),
    ),
    Case(
        tag_unrecognized,
        "a release index that the policy says needs no tag",
        tagged("nightly"),
        _NO_TAG,
    ),
    Case(
        tag_unrecognized,
        "a tag that is given and is none, on no CI",
        _on_no_ci(tagged("nightly")),
        says=(Says(f"the tag 'nightly' fits no tag template ({_COMMON})"),),
    ),
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
            says=(Says(f"the tag {tag!r:.80} fits no tag template ({_COMMON})"),),
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
        "moving tags beside the release's, as actions have them",
        tagged(None, by=_BY_HAND, at_commit=("v1", "v1.4", "v1.4.2")),
    ),
    Case(
        tag_ambiguous,
        "moving tags beside one that is written longer than its version",
        tagged(None, by=_BY_HAND, at_commit=("v1", "v1.0", "v1.0.0")),
    ),
    Case(
        tag_ambiguous,
        "a moving tag beside a post-release and its candidate: these are left",
        tagged(None, by=_BY_HAND, at_commit=("v1", "v1.4.post1", "v1.4rc1")),
        says=(
            Says(
                "may be 1.4rc1 ('v1.4rc1' by 'v{version}') or 1.4.post1 "
                "('v1.4.post1' by 'v{version}')"
            ),
        ),
    ),
    *(
        Case(
            tag_ambiguous,
            f"{one} and {other} at one commit: neither moves",
            tagged(None, by=_BY_HAND, at_commit=(one, other)),
            says=(
                Says(
                    f"may be {one[1:]} ({one!r} by 'v{{version}}') or {other[1:]} "
                    f"({other!r} by 'v{{version}}')"
                ),
            ),
        )
        for one, other in (
            ("v1", "v2.4.2"),
            ("v1.3", "v1.4.2"),
            ("v1.4.2", "v1.4.2.1"),
            ("v1.4rc1", "v1.4.2"),
            ("v1.dev1", "v1.4.2"),
            # A candidate that became the release, written in short.
            ("v1.0rc2", "v1"),
            ("v1", "v1.0.post1"),
            ("v2.4.2", "v1!2"),
        )
    ),
    Case(
        tag_ambiguous,
        "a tag that is named counts, although it moves",
        tagged("v1", at_commit=("v1", "v1.4.2")),
    ),
    Case(
        tag_ambiguous,
        "a tag with two readings, of which one begins the other, does not move",
        tagged(None, by=_BY_HAND, at_commit=("v1.4.2",)),
        _templates("v{version}", "v{version}.2"),
        (
            Says(
                "may be 1.4 ('v1.4.2' by 'v{version}.2') or 1.4.2 "
                "('v1.4.2' by 'v{version}')"
            ),
        ),
    ),
    *(
        Case(
            tag_ambiguous,
            f"a candidate and the final version at one commit, {where}: a warning",
            subject,
            terms,
            (Says("may be 1.0rc2 (…) or 1.0 (…)", severity=Severity.WARNING),),
        )
        for where, subject, terms in (
            (
                "on no CI",
                _on_no_ci(tagged(None, at_commit=("v1.0", "v1.0rc2"))),
                policy(),
            ),
            (
                "for an index that needs no tag",
                tagged(None, by=_BY_HAND, at_commit=("v1.0", "v1.0rc2")),
                _NO_TAG,
            ),
        )
    ),
    Case(
        tag_ambiguous,
        "two templates that read two versions, for an index that needs no tag",
        tagged("v1.1"),
        replace(_NO_TAG, tag_templates=("{version}", "v{version}.1")),
        (Says("the tag can be read as 1 (…) or 1.1 (…)", severity=Severity.WARNING),),
    ),
    Case(
        tag_ambiguous,
        "two templates that read two versions, on no CI, of a tag that is given",
        _on_no_ci(tagged("v1.1")),
        _templates("{version}", "v{version}.1"),
        (Says("the tag can be read as 1 (…) or 1.1 (…)"),),
    ),
    Case(
        tag_ambiguous,
        "a tag that is another version of another project, and is not needed",
        tagged("demo-1-2", "demo-1.post2.tar.gz"),
        replace(_OVERLAP, index=TESTPYPI),
        (
            Says(
                "the tag 'demo-1-2' says 1.post2 of this project, and 2 of demo-1 …",
                severity=Severity.WARNING,
            ),
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
        "a tag with two readings, and files of neither",
        tagged("1!2.0", SDIST),
        _templates("1!{version}", "{version}"),
        (Says("has the version 1.0, the tag '1!2.0' says 2.0 or 1!2.0", SDIST),),
    ),
    *(
        Case(
            tag_version_mismatch,
            f"a tag with two readings, and files of {version}, which is one of them",
            tagged("1!2.0", f"demo-{version}.tar.gz"),
            _templates("1!{version}", "{version}"),
        )
        for version in ("2.0", "1!2.0")
    ),
    Case(
        tag_version_mismatch,
        "tags of two versions at the commit, and files of neither",
        tagged(None, SDIST, at_commit=("v1.1", "v1.2", "1.2")),
        says=(
            Says(
                "has the version 1.0, the tags 'v1.1', 'v1.2', '1.2' say 1.1 or 1.2",
                SDIST,
            ),
        ),
    ),
    Case(
        tag_version_mismatch,
        "tags of two versions at the commit, and files of both and of a third",
        tagged(None, SDIST, "demo-1.1.tar.gz", WHEEL, at_commit=("v1.0", "v1.2")),
        says=(
            Says(
                "has the version 1.1, the tags 'v1.0', 'v1.2' say 1.0 or 1.2",
                "demo-1.1.tar.gz",
            ),
        ),
    ),
    Case(
        tag_version_mismatch,
        "very many versions at the commit are told in part",
        tagged(None, SDIST, at_commit=(f"v2.{n}" for n in range(1000))),
        says=(Says("… 'v2.4' and 995 more say 2.0 or … or 2.4 and 995 more", SDIST),),
    ),
    Case(
        tag_version_mismatch,
        "two tags of one version, and another one in the files",
        tagged(None, SDIST, at_commit=("v1.1", "1.1.0")),
        says=(Says("has the version 1.0, the tag 'v1.1' says 1.1", SDIST),),
    ),
    Case(
        tag_version_mismatch,
        "the version of the tag beside one that moves",
        tagged(None, at_commit=("v0", "v0.9", "v0.9.1", "v1", "v1.0")),
    ),
    Case(
        tag_version_mismatch,
        "a tag that moves says nothing of the version",
        tagged(None, "demo-1.tar.gz", at_commit=("v1", "v1.4.2")),
        says=(Says("has the version 1, the tag 'v1.4.2' says 1.4.2", "demo-1.tar.gz"),),
    ),
    Case(
        tag_version_mismatch,
        "files that were built behind the tag, on no CI: a warning",
        _on_no_ci(tagged(None, "demo-1.1.dev1.tar.gz", at_commit=("v1.0",))),
        says=(
            Says(
                "has the version 1.1.dev1, the tag 'v1.0' says 1.0",
                "demo-1.1.dev1.tar.gz",
                Severity.WARNING,
            ),
        ),
    ),
    Case(
        tag_version_mismatch,
        "another version than that of the tag that is given, on no CI",
        _on_no_ci(tagged("v1.0", "demo-1.1.tar.gz")),
        says=(Says("has the version 1.1, …", "demo-1.1.tar.gz"),),
    ),
    *(
        Case(
            tag_version_mismatch,
            f"another version than the tag's, for an index that needs none, {where}",
            subject,
            _NO_TAG,
            (Says("has the version 1.1, …", "demo-1.1.tar.gz", Severity.WARNING),),
        )
        for where, subject in (
            ("named", tagged("v1.0", "demo-1.1.tar.gz")),
            ("found", tagged(None, "demo-1.1.tar.gz", at_commit=("v1.0",))),
            ("given on no CI", _on_no_ci(tagged("v1.0", "demo-1.1.tar.gz"))),
        )
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
        "a development version behind the tag, for an index for tests",
        tagged("v43.0.0", "demo-43.0.0.dev1.tar.gz"),
        policy(TESTPYPI),
        (
            Says(
                "has the version 43.0.0.dev1, the tag 'v43.0.0' says 43.0.0",
                "demo-43.0.0.dev1.tar.gz",
                Severity.WARNING,
            ),
        ),
    ),
    Case(
        tag_version_mismatch,
        "a development version behind the tag",
        tagged("v43.0.0", "demo-43.0.0.dev1.tar.gz"),
        policy(INTERNAL),
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


def _located(
    commit: str, of: str = COMMIT, commit_from: str = "", head: str = ""
) -> LocatedTag:
    return LocatedTag(GitTag("v1.0", commit), of, commit_from, head)


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
    assert _rechecked().label == "the manifest"


@pytest.mark.parametrize(
    ("head", "told"),
    [
        (_OTHER, f"; it is checked out: if it was built, give --commit {_OTHER}"),
        (COMMIT, ""),
        ("beef" * 10, ""),
        ("", ""),
    ],
    ids=["at the tag", "at the built commit", "elsewhere", "nowhere"],
)
def test_a_tag_that_is_checked_out_may_be_what_was_built(head: str, told: str) -> None:
    """actions/checkout with a ``ref`` of its own: the event's commit was not built."""
    subject = _located(_OTHER, head=head)

    (finding,) = tag_commit_mismatch.findings(subject, policy())

    assert finding.fix == f"build from the tag, or tag the commit that was built{told}"
    assert finding.evidence == {"expected": _OTHER, "found": COMMIT}


# --- what started the run ----------------------------------------------------------

_ALLOWED = "push, release, workflow_dispatch, workflow_run"
#: Of the run before: what started the one before that, nobody says.
_BEFORE = _ALLOWED.removesuffix(", workflow_run")
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
                f"allowed: {_BEFORE}"
            ),
        ),
    ),
    *(
        Case(
            trigger_refused,
            f"a run behind a run on {event}, which may lead there",
            trigger("workflow_run", upstream=event),
        )
        for event in ("release", "workflow_dispatch")
    ),
    Case(
        trigger_refused,
        "a run behind a run behind another: what started that, nobody says",
        trigger("workflow_run", upstream="workflow_run"),
        says=(
            Says(
                "the run before, on the event 'workflow_run' must not lead to pypi; "
                f"allowed: {_BEFORE}"
            ),
        ),
    ),
    Case(
        trigger_refused,
        "a run behind a run behind another, and nothing else is allowed",
        trigger("workflow_run", upstream="workflow_run"),
        _only(events=("workflow_run",)),
        (
            Says(
                "the run before, on the event 'workflow_run' must not lead to pypi; "
                "allowed: none"
            ),
        ),
    ),
    Case(
        trigger_refused,
        "a run behind a run behind another, where any event may lead there",
        trigger("workflow_run", upstream="workflow_run"),
        _ANY_EVENT,
    ),
    Case(
        trigger_refused,
        "a run behind a run behind another, on an index that takes any run",
        trigger("workflow_run", upstream="workflow_run"),
        policy(TESTPYPI),
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
_UNVERIFIED = f"{_SLSA} says (its signature was not verified)"


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


def _signer(repository: str = "org/demo", commit: str = COMMIT) -> Signer:
    return Signer(repository, ".github/workflows/release.yml", commit)


def _signed(
    signer: Signer | None,
    *,
    sources: tuple[tuple[str, str], ...] = (),
    repository: str = "org/demo",
    commit: str = COMMIT,
    run_commit: str = "",
) -> BuiltDistribution:
    """A wheel, and an attestation by this signer; None is a signature that does not
    hold.
    """
    said = tuple(BuildSource(*source) for source in sources)
    verified = signer is not None
    attestation = Attestation(
        _SLSA, WHEEL, sources=said, verified=verified, signer=signer
    )
    return BuiltDistribution(
        distribution(WHEEL), (attestation,), repository, commit, run_commit
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
                f"was built from {_OTHER[:12]}, as {_UNVERIFIED}; this run is of "
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
                f"was built in stranger/demo, as {_UNVERIFIED}; this run is of org/demo"
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
        says=(Says(f"was built from {_OTHER[:12]}, as b says (…); …"),),
    ),
    Case(
        provenance_commit_mismatch,
        "a verified attestation says another commit",
        _signed(_signer(), sources=(("org/demo", _OTHER),)),
        says=(
            Says(
                f"was built from {_OTHER[:12]}, as {_SLSA} says; this run is of "
                f"{_SHORT}"
            ),
        ),
    ),
    Case(
        provenance_commit_mismatch,
        "an attestation that does not hold says another commit",
        _signed(None, sources=(("org/demo", _OTHER),)),
        says=(
            Says(
                f"was built from {_OTHER[:12]}, as {_SLSA} says (its signature does "
                f"not hold); this run is of {_SHORT}"
            ),
        ),
    ),
    Case(provenance_commit_mismatch, "signed here", _signed(_signer())),
    Case(
        provenance_commit_mismatch,
        "signed here, the names in another case",
        _signed(_signer("Org/Demo")),
    ),
    Case(
        provenance_commit_mismatch,
        "signed at the commit of the workflow of a workflow_run",
        _signed(_signer(commit=_OTHER), run_commit=_OTHER),
    ),
    Case(
        provenance_commit_mismatch,
        "signed at somebody's desk, which another rule tells",
        _signed(Signer(identity="somebody@mail.example")),
    ),
    Case(
        provenance_commit_mismatch,
        "signed elsewhere, and nobody knows what this run is of",
        _signed(_signer("a/b", _OTHER), repository="", commit=""),
    ),
    Case(
        provenance_commit_mismatch,
        "signed in another repository that the policy names, at a commit of its own",
        _signed(_signer("org/builds", _OTHER)),
        _only(repositories=("Org/Builds",)),
    ),
    Case(
        provenance_commit_mismatch,
        "signed at another commit",
        _signed(_signer(commit=_OTHER)),
        says=(
            Says(
                f"was signed in a run of {_OTHER[:12]}, as the certificate of {_SLSA} "
                f"says; this run is of {_SHORT}"
            ),
        ),
    ),
    Case(
        provenance_commit_mismatch,
        "signed at neither commit of a workflow_run",
        _signed(_signer(commit=_OTHER), run_commit="beef" * 10),
        says=(Says("…; this run is of beefbeefbeef and c0ffee000000"),),
    ),
    Case(
        provenance_commit_mismatch,
        "signed in another repository",
        _signed(_signer("stranger/demo")),
        says=(
            Says(
                f"was signed in stranger/demo, as the certificate of {_SLSA} says; "
                "this run is of org/demo"
            ),
        ),
    ),
]

# --- is the manifest of this run ------------------------------------------------------


def _rechecked(
    tag: str = "v1.0",
    commit: str = COMMIT,
    *,
    releases: int = 1,
    run_tag: str | None = "v1.0",
    run_commit: str = COMMIT,
) -> RecheckedRun:
    """A manifest of this tag and commit, in a run of the tag v1.0."""
    return RecheckedRun(tag, commit, releases, run_tag, run_commit)


_OF_OTHER = f"is of the commit {_OTHER[:12]}, this run is of {_SHORT}"
_NO_TAG_SAID = "names no tag, and pypi takes releases from tags"

MANIFEST = [
    Case(manifest_mismatch, "of the tag and the commit of the run", _rechecked()),
    Case(
        manifest_mismatch,
        "a run behind another names no tag, and is of the commit",
        _rechecked(run_tag=None),
    ),
    Case(
        manifest_mismatch,
        "a run of which nobody says the commit",
        _rechecked(run_commit=""),
    ),
    Case(
        manifest_mismatch,
        "a run of which nobody says anything",
        _rechecked(run_tag=None, run_commit=""),
    ),
    Case(
        manifest_mismatch,
        "several projects, each with a tag of its own",
        _rechecked("", releases=2),
    ),
    *(
        Case(
            manifest_mismatch,
            f"neither tag nor commit, for {index.label} that needs no tag",
            _rechecked("", ""),
            policy(index),
        )
        for index in (TESTPYPI, replace(PYPI, require_tag=False))
    ),
    Case(
        manifest_mismatch,
        "astral-sh/uv#1652: the files of another run, which names no tag",
        _rechecked(""),
        says=(Says(_NO_TAG_SAID),),
    ),
    Case(
        manifest_mismatch,
        "no tag, in a run by hand that names none either",
        _rechecked("", run_tag=None),
        policy(INTERNAL),
        (Says("names no tag, and internal takes releases from tags"),),
    ),
    Case(
        manifest_mismatch,
        "no commit: of an earlier release in a run that names no tag nobody could tell",
        _rechecked("v0.9", "", run_tag=None),
        says=(Says("names no commit, and pypi takes releases from tags"),),
    ),
    Case(
        manifest_mismatch,
        "several projects, and no commit",
        _rechecked("", "", releases=2),
        says=(Says("names no commit, and pypi takes releases from tags"),),
    ),
    Case(
        manifest_mismatch,
        "neither tag nor commit",
        _rechecked("", ""),
        says=(Says(_NO_TAG_SAID), Says("names no commit, and pypi takes …")),
    ),
    Case(
        manifest_mismatch,
        "of another tag, at the same commit",
        _rechecked("v1.0rc1"),
        says=(Says("is of the tag 'v1.0rc1', this run is of 'v1.0'"),),
    ),
    Case(
        manifest_mismatch,
        "of another spelling of the tag, which is another tag",
        _rechecked("1.0"),
        says=(Says("is of the tag '1.0', this run is of 'v1.0'"),),
    ),
    Case(
        manifest_mismatch,
        "of the tag, in a run of a tag without a name",
        _rechecked(run_tag=""),
        says=(Says("is of the tag 'v1.0', this run is of ''"),),
    ),
    Case(
        manifest_mismatch,
        "of a very long tag",
        _rechecked("v" * 1000),
        says=(Says(f"is of the tag '{'v' * 79}, this run is of 'v1.0'"),),
    ),
    Case(
        manifest_mismatch,
        "of another commit: the tag was moved",
        _rechecked(commit=_OTHER),
        says=(Says(_OF_OTHER),),
    ),
    Case(
        manifest_mismatch,
        "astral-sh/uv#1652: an earlier release, in a run behind another",
        _rechecked("v0.9", _OTHER, run_tag=None),
        says=(Says(_OF_OTHER),),
    ),
    Case(
        manifest_mismatch,
        "an earlier release, of another tag and commit",
        _rechecked("v0.9", _OTHER),
        says=(
            Says("is of the tag 'v0.9', this run is of 'v1.0'"),
            Says(_OF_OTHER),
        ),
    ),
    Case(
        manifest_mismatch,
        "of another commit, and of no tag",
        _rechecked("", _OTHER),
        says=(Says(_NO_TAG_SAID), Says(_OF_OTHER)),
    ),
    Case(
        manifest_mismatch,
        "of another commit, several projects",
        _rechecked("", _OTHER, releases=2),
        says=(Says(_OF_OTHER),),
    ),
    Case(
        manifest_mismatch,
        "of another tag and commit, for an index that needs no tag",
        _rechecked("v0.9", _OTHER),
        policy(TESTPYPI),
        (Says("is of the tag 'v0.9', this run is of 'v1.0'"), Says(_OF_OTHER)),
    ),
    Case(
        manifest_mismatch,
        "of a commit of which the run's is the beginning",
        _rechecked(commit=COMMIT + "0" * 24),
        says=(Says(f"is of the commit {_SHORT}, this run is of {_SHORT}"),),
    ),
]


def test_what_another_manifest_names_is_told_in_full() -> None:
    tag, commit = manifest_mismatch.findings(_rechecked("v0.9", _OTHER), policy())

    assert tag.evidence == {"expected": "v1.0", "found": "v0.9"}
    assert commit.evidence == {"expected": COMMIT, "found": _OTHER}


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
    *MANIFEST,
    *FLAG,
]

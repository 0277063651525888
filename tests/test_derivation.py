"""The derivation: how event, commit and tags led to a version, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import hostile
import pytest
from builders import (
    COMMIT,
    INTERNAL,
    PYPI,
    SDIST,
    TESTPYPI,
    WHEEL,
    policy,
    release,
    tagged,
    trigger,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from packaging.utils import canonicalize_name

from release_guard.derivation import derive
from release_guard.facts import Checkout, GitTag, Ref, Release, Trigger
from release_guard.policy import IndexPolicy, Policy, ProjectPolicy, VersionKind

_TAG = GitTag("v1.0", COMMIT)
_DEV = "demo-43.0.0.dev1-py3-none-any.whl"
_EVENTS = "on push, release, workflow_dispatch, workflow_run"


def _steps(
    ref: Ref, *releases: Release, policy: Policy | None = None
) -> list[tuple[str, str]]:
    derived = derive(ref, releases, policy or Policy())
    return [(step.what, step.says) for step in derived]


def _says(ref: Ref, what: str, policy: Policy | None = None) -> str:
    return dict(_steps(ref, release(), policy=policy))[what]


def _ref(tag: str | None = "v1.0", **changes: Any) -> Ref:  # noqa: ANN401
    return replace(tagged(tag).ref, **changes)


def test_a_release_from_a_tag_is_told_from_the_event_to_the_index() -> None:
    by = trigger("push", "refs/tags/v1.0")
    ref = tagged("v1.0", by=by, checkout=Checkout(COMMIT, (_TAG,))).ref

    assert _steps(ref, release()) == [
        ("event", "push on refs/tags/v1.0 of org/demo (GitHub)"),
        ("commit", f"{COMMIT} (GITHUB_SHA)"),
        ("checkout", "at c0ffee000000; 1 tag(s)"),
        ("tag", "v1.0, named by the event"),
        ("demo 1.0", "final; 2 file(s); v1.0 says 1.0 by v{version}"),
        ("index", f"pypi takes final, post, pre; from a tag; {_EVENTS}"),
    ]


def test_a_development_build_of_the_main_branch_is_told_as_one() -> None:
    """astral-sh/uv#1652: nothing but the version and the tag was wrong."""
    main = "refs/heads/main"
    by = trigger("workflow_run", main, upstream="push")
    there = Checkout("beef" * 10, (_TAG,), is_shallow=True)
    ref = tagged(None, by=by, checkout=there).ref

    assert _steps(ref, release(_DEV))[:-1] == [
        ("event", f"workflow_run on {main} of org/demo (GitHub), after a run on push"),
        ("commit", f"{COMMIT} (GITHUB_SHA)"),
        ("checkout", "at beefbeefbeef, shallow; 1 tag(s)"),
        ("tag", "none named"),
        ("demo 43.0.0.dev1", "dev; 1 file(s)"),
    ]


def test_what_nobody_knows_has_no_step() -> None:
    assert _steps(Ref(None), release())[:-1] == [
        ("event", "none that is known"),
        ("tag", "none named"),
        ("demo 1.0", "final; 2 file(s)"),
    ]


@pytest.mark.parametrize(
    ("by", "told"),
    [
        (trigger("schedule", repository=""), "schedule (GitHub)"),
        (Trigger("GitLab", "push", "refs/tags/v1"), "push on refs/tags/v1 (GitLab)"),
        (trigger("release"), "release of org/demo (GitHub)"),
    ],
)
def test_the_event_is_told_with_what_is_known_of_it(by: Trigger, told: str) -> None:
    assert _says(_ref(trigger=by), "event") == told


@pytest.mark.parametrize(
    ("checkout", "told"),
    [
        (Checkout(), "without a commit; 0 tag(s)"),
        (Checkout(COMMIT), "at c0ffee000000; 0 tag(s)"),
        (Checkout("1" * 64, (_TAG,) * 3), "at 111111111111; 3 tag(s)"),
        (Checkout(COMMIT, is_shallow=True), "at c0ffee000000, shallow; 0 tag(s)"),
        (
            Checkout("beef" * 10, (_TAG,), has_commit=False),
            "at beefbeefbeef, without the built commit; 1 tag(s)",
        ),
        (
            Checkout("beef" * 10, has_commit=False, is_shallow=True),
            "at beefbeefbeef, shallow, without the built commit; 0 tag(s)",
        ),
    ],
)
def test_the_checkout_is_told_with_what_it_lacks(checkout: Checkout, told: str) -> None:
    assert _says(_ref(checkout=checkout), "checkout") == told


def test_a_tag_is_told_with_who_names_it_and_how_it_is_read() -> None:
    named = _ref("v1.0.0", tag_from="--tag")
    found = _ref(None, at_commit=("latest", "v1.0"))
    files = "final; 2 file(s)"

    assert _says(named, "tag") == "v1.0.0, named by --tag"
    assert _says(named, "demo 1.0") == f"{files}; v1.0.0 says 1.0.0 by v{{version}}"
    assert _says(found, "tag") == "latest, v1.0, at the commit"
    assert _says(found, "demo 1.0") == f"{files}; v1.0 says 1.0 by v{{version}}"
    for tags in (_ref("nightly"), _ref(None, at_commit=("nightly",))):
        assert (
            _says(tags, "demo 1.0") == f"{files}; no tag fits {{version}}, v{{version}}"
        )


def test_an_annotated_tag_is_told_as_one() -> None:
    there = Checkout(COMMIT, (replace(_TAG, annotated=True), GitTag("v1", COMMIT)))

    assert _says(_ref(checkout=there), "tag") == "v1.0 (annotated), named by the event"
    assert _says(_ref("v1", checkout=there), "tag") == "v1, named by the event"
    assert _says(_ref("v2.0", checkout=there), "tag") == "v2.0, named by the event"
    found = _ref(None, at_commit=("v1", "v1.0"), checkout=there)
    assert _says(found, "tag") == "v1, v1.0 (annotated), at the commit"


def test_a_very_long_tag_is_told_in_short() -> None:
    assert _says(_ref("v" * 5000), "tag") == f"{'v' * 100}, named by the event"


def test_a_tag_that_moves_is_told_as_seen_and_not_as_read() -> None:
    found = _ref(None, at_commit=("v1", "v1.0.1"))

    assert _says(found, "tag") == "v1, v1.0.1, at the commit"
    assert _says(found, "demo 1.0").endswith("; v1.0.1 says 1.0.1 by v{version}")


def test_two_readings_of_a_tag_are_both_told() -> None:
    terms = policy(tag_templates=("{version}", "v{version}.1"))

    assert _says(_ref("v1.1"), "demo 1.0", terms).endswith(
        "; v1.1 says 1.1 by {version}, v1.1 says 1 by v{version}.1"
    )


def test_very_many_tags_are_told_in_part() -> None:
    ref = _ref(None, at_commit=tuple(f"v{n}" for n in range(1000)))

    assert _says(ref, "tag").endswith("v8, v9 and 990 more, at the commit")
    assert _says(ref, "demo 1.0").endswith("v9 says 9 by v{version} and 990 more")


def test_each_release_has_its_step_by_its_own_templates() -> None:
    other = release("other-2.0rc1.tar.gz")
    own = {canonicalize_name("other"): ProjectPolicy(("{name}@{version}",))}
    ref = _ref(None, at_commit=("v1.0", "other@2.0rc1"))

    steps = _steps(ref, release(SDIST), other, policy=policy(projects=own))

    assert steps[3:5] == [
        ("demo 1.0", "final; 1 file(s); v1.0 says 1.0 by v{version}"),
        (
            "other 2.0rc1",
            "pre; 1 file(s); other@2.0rc1 says 2.0rc1 by {name}@{version}",
        ),
    ]


def test_several_versions_are_told_with_the_number_of_their_files() -> None:
    made = release(SDIST, WHEEL, _DEV, "demo-1.0rc1.post2.dev3+l.zip", "demo.whl")

    assert _steps(Ref(None), made)[2:-1] == [
        ("demo 1.0rc1.post2.dev3+l", "post and pre and dev and local; 1 file(s)"),
        ("demo 1.0", "final; 2 file(s)"),
        ("demo 43.0.0.dev1", "dev; 1 file(s)"),
    ]


@pytest.mark.parametrize(
    ("index", "told"),
    [
        (TESTPYPI, "testpypi takes final, post, pre, dev; with or without a tag"),
        (INTERNAL, f"internal takes final, post, pre; from a tag; {_EVENTS}"),
        (replace(PYPI, events=()), "pypi takes final, post, pre; from a tag"),
        (
            replace(
                PYPI,
                events=("release",),
                branches=("main", "stable/*"),
                repositories=("org/demo",),
            ),
            (
                "pypi takes final, post, pre; from a tag; on release; of the branches "
                "main, stable/*; from org/demo"
            ),
        ),
        (
            IndexPolicy(accept=frozenset(VersionKind), require_tag=False, events=()),
            (
                "an unnamed index takes final, post, pre, dev, local; with or without "
                "a tag"
            ),
        ),
    ],
    ids=["testpypi", "internal", "any event", "every limit", "anything"],
)
def test_the_index_is_told_with_what_it_takes(index: IndexPolicy, told: str) -> None:
    """Local versions never go where PyPI's upload rules apply: version-kind says so."""
    assert _says(_ref(), "index", policy(index)) == told


@settings(deadline=None, max_examples=100)
@given(texts=st.lists(hostile.texts, min_size=5, max_size=5), known=st.booleans())
def test_any_text_is_told_and_decides_nothing(
    texts: Sequence[str], *, known: bool
) -> None:
    tag, event, ref, repository, at = texts
    by = Trigger("GitHub", event, ref, repository=repository)
    led = Ref(tag if known else None, at_commit=(at, tag), trigger=by)

    steps = derive(led, [release()], Policy())

    assert [step.what for step in steps] == ["event", "tag", "demo 1.0", "index"]
    assert all(step.says for step in steps)

"""The rules of tag and trigger, case by case."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from builders import (
    INTERNAL,
    SDIST,
    TESTPYPI,
    WHEEL,
    Case,
    Says,
    policy,
    release,
    tagged,
)
from packaging.utils import canonicalize_name

from release_guard.errors import EventError
from release_guard.facts import TaggedRelease
from release_guard.policy import Policy
from release_guard.rules.tag import (
    tag_missing,
    tag_unrecognized,
    tag_version_mismatch,
    trigger_refused,
)
from release_guard.sources.ci import read_ref


def _templates(*templates: str) -> Policy:
    return policy(tag_templates=templates)


def _own(*templates: str) -> Policy:
    """A policy that gives the project ``demo`` its own templates."""
    return policy(projects={canonicalize_name("demo"): templates})


_COMMON = "{version}, v{version}"
_MANY_DIGITS = "9" * 5000

CASES = [
    # tag-missing
    Case(tag_missing, "there is a tag", tagged("v1.0")),
    Case(
        tag_missing,
        "an index that takes any run",
        tagged(None),
        policy(TESTPYPI),
    ),
    Case(
        tag_missing,
        "a run by hand on a branch",
        tagged(None, event="workflow_dispatch", ref="refs/heads/main"),
        policy(INTERNAL),
        (
            Says(
                "the event workflow_dispatch on refs/heads/main names no tag, and "
                "internal takes releases from tags"
            ),
        ),
    ),
    Case(
        tag_missing,
        "an event without a ref",
        tagged(None, event="workflow_run"),
        says=(
            Says(
                "the event workflow_run names no tag, and pypi takes releases from tags"
            ),
        ),
    ),
    Case(
        tag_missing,
        "no event",
        tagged(None, event=""),
        says=(Says("this run names no tag, and pypi takes releases from tags"),),
    ),
    # tag-unrecognized
    Case(tag_unrecognized, "no tag is left to tag-missing", tagged(None)),
    *(
        Case(tag_unrecognized, f"the tag {tag} by the common templates", tagged(tag))
        for tag in ("1.0", "v1.0", "v1.0.0-rc.1", "1!2.0", "v2026.11.22", "1.0+local")
    ),
    *(
        Case(
            tag_unrecognized,
            f"the tag {tag:.30} fits no common template",
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
            "collective-2026-07-22",
            "v1.0/evil",
            "v1.0\nv1.0",
            "V1.0.x",
            "v\N{FULLWIDTH DIGIT ONE}.0",
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
        "what a template holds besides its places is plain text",
        tagged("v1x0"),
        _templates("v1.{version}", "v(.*){version}"),
        (
            Says(
                "the tag 'v1x0' fits no tag template (v1.{version}, v(.*){version})",
            ),
        ),
    ),
    Case(
        tag_unrecognized,
        "two templates that read two versions",
        tagged("v1.1"),
        _templates("{version}", "v{version}.1"),
        (
            Says(
                "the tag 'v1.1' can be read as 1 or 1.1 by the templates "
                "({version}, v{version}.1)"
            ),
        ),
    ),
    Case(
        tag_unrecognized,
        "two templates that read another epoch",
        tagged("1!2.0"),
        _templates("1!{version}", "{version}"),
        (
            Says(
                "the tag '1!2.0' can be read as 2.0 or 1!2.0 by the templates "
                "(1!{version}, {version})"
            ),
        ),
    ),
    Case(
        tag_unrecognized,
        "two spellings of one version",
        tagged("1.0.0"),
        _templates("{version}", "{version}.0"),
    ),
    # tag-version-mismatch
    Case(tag_version_mismatch, "the tag's version", tagged("v1.0")),
    Case(tag_version_mismatch, "spelled otherwise", tagged("v1.0.0")),
    Case(tag_version_mismatch, "no tag is left to tag-missing", tagged(None)),
    Case(
        tag_version_mismatch,
        "a tag that is none is left to tag-unrecognized",
        tagged("nightly"),
    ),
    Case(
        tag_version_mismatch,
        "a tag with two readings is left to tag-unrecognized",
        tagged("1!2.0"),
        _templates("1!{version}", "{version}"),
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
    Case(
        tag_version_mismatch,
        "one stale file",
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
    # trigger-refused
    *(
        Case(trigger_refused, f"the event {event or 'of no CI'}", tagged(event=event))
        for event in ("push", "release", "workflow_dispatch", "workflow_run", "")
    ),
    *(
        Case(
            trigger_refused,
            f"the event {event}",
            tagged(event=event),
            says=(
                Says(
                    f"the event {event!r} must not lead to pypi; allowed: push, "
                    "release, workflow_dispatch, workflow_run"
                ),
            ),
        )
        for event in ("pull_request", "pull_request_target", "schedule", "delete", "x")
    ),
    Case(
        trigger_refused,
        "an index that takes any run",
        tagged(event="pull_request"),
        policy(TESTPYPI),
    ),
    Case(
        trigger_refused,
        "an event that the policy allows",
        tagged(event="schedule"),
        policy(events=("schedule",)),
    ),
    Case(
        trigger_refused,
        "an event that the policy no longer allows",
        tagged(event="push"),
        policy(events=("release",)),
        (Says("the event 'push' must not lead to pypi; allowed: release"),),
    ),
    Case(
        trigger_refused,
        "a run that built the code of a fork",
        tagged(event="workflow_run", fork="stranger/demo"),
        says=(
            Says(
                "the event 'workflow_run' built the code of the fork 'stranger/demo', "
                "which must not lead to pypi"
            ),
        ),
    ),
    Case(
        trigger_refused,
        "a push that deleted the tag",
        tagged(ref="refs/tags/v1.0", deleted=True),
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
        "an index that takes any run takes a fork's too",
        tagged(event="workflow_run", fork="stranger/demo", deleted=True),
        policy(TESTPYPI),
    ),
]


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_rule_says_exactly_this(case: Case) -> None:
    assert case.found() == case.wanted()


_COMMIT = "c0ffee" * 6 + "cafe"
_FORK: dict[str, object] = {
    "workflow_run": {
        "head_sha": _COMMIT,
        "head_branch": "v1.0",
        "event": "pull_request",
        "head_repository": {"full_name": "stranger/demo", "fork": True},
        "repository": {"full_name": "org/demo"},
    },
    "repository": {"full_name": "org/demo"},
}
#: A fork that was deleted is no longer named.
_GONE: dict[str, object] = {
    "workflow_run": {
        "head_sha": _COMMIT,
        "head_branch": "v1.0",
        "event": "pull_request",
        "head_repository": None,
        "repository": {"full_name": "org/demo"},
    },
    "repository": {"full_name": "org/demo"},
}
_DELETED: dict[str, object] = {
    "ref": "refs/tags/v1.0",
    "deleted": True,
    "after": "0" * 40,
}


@pytest.mark.parametrize(
    ("event", "payload", "ref", "tag"),
    [
        pytest.param("workflow_run", _FORK, "refs/heads/main", "v1.0", id="a fork"),
        pytest.param(
            "workflow_run", _GONE, "refs/heads/main", "v1.0", id="a fork that is gone"
        ),
        pytest.param("push", _DELETED, "refs/tags/v1.0", "", id="a deleted tag"),
    ],
)
def test_an_event_that_must_not_lead_to_a_release_is_refused(
    event: str, payload: dict[str, object], ref: str, tag: str, tmp_path: Path
) -> None:
    path = tmp_path / "event.json"
    path.write_text(json.dumps(payload), encoding="utf-8")
    environ = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_EVENT_NAME": event,
        "GITHUB_EVENT_PATH": str(path),
        "GITHUB_REF": ref,
        "GITHUB_REPOSITORY": "org/demo",
        "GITHUB_SHA": _COMMIT,
    }

    assert _refusals(environ, tag)


def _refusals(environ: dict[str, str], tag: str) -> list[str]:
    """Why the run may not release: findings, or an event that cannot be."""
    try:
        led = read_ref(environ, tag=tag)
    except EventError as error:
        return [error.message]
    assert led is not None
    found = trigger_refused.findings(TaggedRelease(release(), led), policy())
    return [finding.message for finding in found]


def test_the_subject_is_called_by_the_release() -> None:
    assert tagged().label == "demo 1.0"

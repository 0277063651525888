"""The derivation: how event, commit and tags led to a version, step by step.

It decides nothing: the rules judge the same facts. It is what a person wants to see
when the answer is a surprise.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from release_guard.facts import Checkout, Ref, Release, Trigger
from release_guard.findings import Step, some
from release_guard.policy import (
    IndexPolicy,
    Policy,
    VersionKind,
    kinds_of,
)
from release_guard.tags import read_ref, templates_of

__all__ = ["derive"]

_MOST = 10


def derive(ref: Ref, releases: Iterable[Release], policy: Policy) -> tuple[Step, ...]:
    """The steps from what started the run to what may go to the index; what is not
    known has none.
    """
    steps = (
        Step("event", _event(ref.trigger)),
        Step("commit", f"{ref.commit} ({ref.commit_from})" if ref.commit else ""),
        Step("checkout", _checkout(ref.checkout)),
        Step("tag", _tag(ref)),
        *(step for release in releases for step in _release(release, ref, policy)),
        Step("index", _index(policy.index)),
    )
    return tuple(step for step in steps if step.says)


def _event(trigger: Trigger | None) -> str:
    if trigger is None:
        return "none that is known"
    on = f" on {trigger.ref}" if trigger.ref else ""
    of = f" of {trigger.repository}" if trigger.repository else ""
    after = f", after a run on {trigger.upstream}" if trigger.upstream else ""
    return f"{trigger.event}{on}{of} ({trigger.system}){after}"


def _checkout(checkout: Checkout | None) -> str:
    if checkout is None:
        return ""
    words = [f"at {checkout.head[:12]}" if checkout.head else "without a commit"]
    words += ["shallow"] if checkout.is_shallow else []
    words += [] if checkout.has_commit else ["without the built commit"]
    return f"{', '.join(words)}; {len(checkout.tags)} tag(s)"


def _tag(ref: Ref) -> str:
    names = ref.at_commit if ref.tag is None else (ref.tag,)
    tags = ref.checkout.tags if ref.checkout else ()
    annotated = {tag.name for tag in tags if tag.annotated}
    told = some(
        tuple(f"{n:.100}{' (annotated)' * (n in annotated)}" for n in names), _MOST
    )
    if ref.tag is not None:
        return f"{told}, named by {ref.tag_from}"
    return f"{told}, at the commit" if told else "none named"


def _release(release: Release, ref: Ref, policy: Policy) -> Iterator[Step]:
    """What the files of a release are, and what the tags say of it."""
    project = release.project
    read = read_ref(ref, project, policy)
    said = some(tuple(f"{r.tag} says {r.version} by {r.template}" for r in read), _MOST)
    if (ref.tag or ref.at_commit) and not read:
        said = f"no tag fits {', '.join(templates_of(project, policy))}"
    for version in release.versions:
        kinds = " and ".join(kind for kind in VersionKind if kind in kinds_of(version))
        names = (file.name for file in release.distributions)
        count = sum(name is not None and name.version == version for name in names)
        words = [kinds, f"{count} file(s)", *([said] if said else [])]
        yield Step(f"{project} {version}", "; ".join(words))


def _index(index: IndexPolicy) -> str:
    words = [f"{index.label} takes {', '.join(index.takes) or 'nothing'}"]
    words.append("from a tag" if index.require_tag else "with or without a tag")
    limits = {
        "on": index.events,
        "of the branches": index.branches,
        "from": index.repositories,
    }
    words += [f"{word} {', '.join(some)}" for word, some in limits.items() if some]
    return "; ".join(words)

"""Where the upload will go: to the index that the set was judged for, or elsewhere?"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from release_guard.destinations import (
    Difference,
    Distance,
    differences,
    distance,
    is_upload_url,
)
from release_guard.facts import Destination
from release_guard.findings import Severity, Violation
from release_guard.layouts import (
    PUBLIC_INDEXES,
    public_repository_url,
    simple_url_of,
    without_credentials,
)
from release_guard.policy import Policy
from release_guard.rules.base import rule

__all__ = ["index_mismatch"]


@rule(Destination, severity=Severity.ERROR)
def index_mismatch(destination: Destination, policy: Policy) -> Iterator[Violation]:
    """The upload URL is not the one of the declared index.

    **What it means:** `--repository-url`, `TWINE_REPOSITORY_URL`, `UV_PUBLISH_URL`, or
    what `TWINE_REPOSITORY` and `~/.pypirc` say, is another URL than that of the index
    that the policy, or `--index`, names; or two of them differ. Upper and lower case of
    the host does not count; a user or a port that is only written otherwise is a
    warning. An index that has no name must not resemble one that has.

    **Why it matters:** the set was judged for one index and goes to another. A URL that
    is nearly right is refused by the server after the job has done everything else, or
    taken by a server that nobody meant.

    **How it happens:** the web host is written in place of the upload host; the slash
    at the end is missing; the URL of the test index, or of the Simple API, is left in a
    workflow; a variable or a `.pypirc` from an earlier setup is still there.

    **Fix:** give the declared URL in all these places, or name the index that is meant:
    `--index`. Where the URL is right and new, declare it in the policy (`indexes`).

    **Source:** pyca/cryptography 11574 and 11798: the web host in place of the upload
    host cost a day and a version; pydicom/pydicom 1807: what was meant for the test
    index went to the live one.
    """
    if not destination.said:
        return
    known = _known_uploads(policy)
    index = policy.index
    reference = ""
    for said in _said(destination):
        if not is_upload_url(said.url.strip()):
            yield _no_url(said, known)
            continue
        nearest = _nearest(said.url, policy, known)
        if nearest is not None and nearest.name == index.name:
            yield _differs(said, nearest, policy)
        elif nearest is not None:
            yield _goes_elsewhere(said, nearest, policy, known)
        elif index.name not in known and reference:
            yield from _contradicts(said, reference)
        reference = reference or said.url


# --- what is compared ----------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Said:
    """An upload URL, and the places that say it."""

    url: str
    places: tuple[str, ...]

    @property
    def place(self) -> str:
        """The places, as a message names them."""
        return " and ".join(self.places)

    @property
    def shown(self) -> str:
        """The URL as it may be printed."""
        return _shown(self.url)


@dataclass(frozen=True, slots=True)
class _Nearest:
    """The index that a URL comes nearest to, its upload URL, and what differs."""

    name: str
    url: str
    told: tuple[Difference, ...]

    @property
    def phrase(self) -> str:
        """What differs, as a message says it."""
        return ", ".join(each.phrase for each in self.told)

    @property
    def fix(self) -> str:
        """What to do about it."""
        return "; ".join(dict.fromkeys(each.fix for each in self.told))


def _said(destination: Destination) -> Iterator[_Said]:
    """Each URL once, in the order in which they were said."""
    places: dict[str, tuple[str, ...]] = {}
    for said in destination.said:
        places[said.url] = (*places.get(said.url, ()), said.place)
    for url, mine in places.items():
        yield _Said(url, mine)


def _known_uploads(policy: Policy) -> dict[str, str]:
    """The upload URLs of all indexes that have a name, and first that of the index that
    is judged, which may have none.
    """
    known = {name: public_repository_url(name) for name in PUBLIC_INDEXES}
    known |= policy.known_uploads
    index = policy.index
    return ({index.name: index.upload_url} if index.upload_url else {}) | known


def _nearest(url: str, policy: Policy, known: Mapping[str, str]) -> _Nearest | None:
    """The index that a URL is nearest to, where that is a finding.

    It is none where the URL is that of the judged index, and where nothing is declared
    and the URL resembles no other. An index without a name is held to its own URL, and
    may besides not resemble one that has a name.
    """
    index = policy.index
    found = []
    for name, upload_url in known.items():
        roots = {simple_url_of(upload_url) or ""}
        if name == index.name:
            roots.add(index.simple_url)
        told = differences(upload_url, url, read_at=sorted(roots))
        if name == index.name and not told:
            if name:
                return None
            continue
        is_told = name == index.name or distance(told) < Distance.ELSEWHERE
        found += [_Nearest(name, upload_url, told)] if is_told else []
    # The judged index comes first among equals.
    return min(found, key=lambda nearest: distance(nearest.told), default=None)


# --- what is said --------------------------------------------------------------


def _differs(said: _Said, nearest: _Nearest, policy: Policy) -> Violation:
    """A URL that is not that of the judged index, and of no other."""
    expected = _shown(nearest.url)
    return Violation(
        f"the upload goes to {said.shown} ({said.place}), {nearest.phrase}; "
        f"{policy.index.label} is at {expected}",
        fix=nearest.fix,
        severity=_weight(nearest.told),
        evidence={"expected": expected, "found": said.shown, "said": said.places},
    )


def _goes_elsewhere(
    said: _Said, nearest: _Nearest, policy: Policy, known: Mapping[str, str]
) -> Violation:
    """A URL of an index that was not judged, or one like it."""
    index, other = policy.index, nearest.name
    is_other = distance(nearest.told) <= Distance.SAME_PLACE
    if is_other:
        goes = f"the upload goes to {other} ({said.place}: {said.shown})"
        fix = f"name the index that is meant: --index {other}"
    else:
        goes = (
            f"the upload goes to {said.shown} ({said.place}), which resembles {other}"
        )
        goes = f"{goes}: {nearest.phrase}"
        fix = f"{nearest.fix}; or declare this index in the policy"
    if index.name in known and index.name:
        fix = f"give {_shown(known[index.name])}, or judge for --index {other}"
    return Violation(
        f"{goes}; {index.label} was judged",
        fix=fix,
        evidence={
            "expected": index.label,
            "found": other,
            "url": said.shown,
            "said": said.places,
        },
    )


def _contradicts(said: _Said, reference: str) -> Iterator[Violation]:
    """Two URLs, where nothing says which of them is right."""
    told = differences(reference, said.url)
    expected = _shown(reference)
    if told:
        yield Violation(
            f"the upload goes to {said.shown} ({said.place}), and to {expected}",
            fix="say one URL in all places",
            severity=_weight(told),
            evidence={"expected": expected, "found": said.shown, "said": said.places},
        )


def _weight(told: Iterable[Difference]) -> Severity | None:
    """What leads to the same place is only a warning."""
    return Severity.WARNING if distance(told) is Distance.SAME_PLACE else None


def _no_url(said: _Said, known: Mapping[str, str]) -> Violation:
    """A text that is not printed: it may be a password in the wrong place."""
    text = said.url.strip()
    is_name = text in known and text != ""
    return Violation(
        f"{said.place}: is no URL that an upload can be sent to"
        + (f", but the name {text}" if is_name else ""),
        fix=(
            "give its upload URL; twine takes names in TWINE_REPOSITORY"
            if is_name
            else "give a URL that begins with https://"
        ),
        evidence={"said": said.places},
    )


def _shown(url: str) -> str:
    return f"{without_credentials(url.strip()):.200}"

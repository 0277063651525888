"""The index after the upload: exactly the expected files, and nothing else moved."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from release_guard.comparison import (
    Change,
    Difference,
    Lag,
    altered,
    described_otherwise,
    lag_of,
    missing,
    moved,
    other_bytes,
    served_otherwise,
    strangers,
    there_before,
    unexpected,
    yanked,
    yanked_elsewhere,
)
from release_guard.facts import (
    ACTIVE,
    ARCHIVED,
    QUARANTINED,
    Endpoints,
    Publication,
    Served,
    Surroundings,
    View,
)
from release_guard.findings import Severity, Violation, some
from release_guard.layouts import without_credentials
from release_guard.policy import Policy
from release_guard.rules.base import rule

__all__ = [
    "index_inconsistent",
    "index_nonstandard",
    "published_altered",
    "published_contradicted",
    "published_elsewhere",
    "published_metadata",
    "published_missing",
    "published_status",
    "published_undownloadable",
    "published_unexpected",
    "published_yanked",
]


@rule(Publication, severity=Severity.ERROR)
def published_missing(publication: Publication, policy: Policy) -> Iterator[Violation]:
    """The index does not list an expected file.

    **What it means:** the file was expected and was not listed when the time was up.
    Where another answer of the same index lists it, it is late, not missing: one of the
    index's caches is old. Neither passes.

    **Why it matters:** users of that platform, or those who build from source, get
    nothing, or an older version.

    **How it happens:** the upload broke off; the index refused a file; a cache of the
    index is late, which may take longer than the time that was given.

    **Fix:** look into the upload's log. If it says that all went well, verify again
    later; else upload the missing files. PyPI takes them for 14 days.

    **Source:** anthropics/claude-agent-sdk-python 687; 3aKHP/prts-mcp 157;
    SocketDev/socket-python-cli 290 (late for more than ten minutes).
    """
    after, waited = publication.after, publication.waited
    known = "" if after.known else ", which does not know the project"
    for file in missing(publication.release, after):
        by = publication.seen.get(file.filename)
        if by is None:
            told = f"is not listed by {after.url}{known}, after {waited:.0f} seconds"
            fix = "see the upload's log: upload it, or verify again if it went out"
        else:
            told = (
                f"is late: listed by {by}, and not by the last answer of {after.url}, "
                f"after {waited:.0f} seconds"
            )
            fix = "a cache of the index is old: verify again later"
        yield Violation(
            told,
            fix=fix,
            where=file.filename,
            evidence={"url": after.url, "seen": by},
        )


@rule(Publication, severity=Severity.ERROR)
def published_unexpected(
    publication: Publication, policy: Policy
) -> Iterator[Violation]:
    """The index lists a file of this version that nobody expected.

    **What it means:** the file is no part of the manifest, and was not there before.
    One that was is a warning: a release may be uploaded in stages.

    **Why it matters:** somebody else uploaded it, or a left-over of another build went
    along.

    **How it happens:** two jobs upload to one version; a stale file in `dist/`; a
    stolen token.

    **Fix:** find out who uploaded it. If nobody knows, yank the release and revoke the
    tokens.

    **Source:** psf/requests 7013.
    """
    for listed in unexpected(publication):
        came = f" since {listed.uploaded:%Y-%m-%d %H:%M} UTC" if listed.uploaded else ""
        yield Violation(
            f"is listed by {publication.after.url}{came}, and is none of the expected "
            "files",
            fix="find out who uploaded it; yank the release if nobody knows",
            where=listed.filename,
            evidence={"sha256": listed.sha256},
        )
    for name in there_before(publication.release, publication.after):
        yield Violation(
            f"is a file of {publication.release.version} as well: the index listed it "
            "before the check, and nobody compared it with this set",
            fix="check the whole release together, or look at that file by hand",
            where=name,
            severity=Severity.WARNING,
        )


@rule(Publication, severity=Severity.ERROR)
def published_altered(publication: Publication, policy: Policy) -> Iterator[Violation]:
    """The index lists a file with other bytes than those that were checked.

    **What it means:** the sha256 or the size differs. This never waits: bytes do not
    get right by themselves.

    **Why it matters:** users install something that nobody checked.

    **How it happens:** a second build of the same version went out first; an index
    that lets files be replaced; an attack.

    **Fix:** yank the release, find out which bytes these are, and release anew.

    **Source:** psf/requests 7013.
    """
    for difference in altered(publication.release, publication.after):
        yield Violation(
            f"is listed with {_told(difference)}",
            fix="yank the release, and find out where these bytes come from",
            where=difference.filename,
            evidence={"expected": difference.expected, "found": difference.found},
        )


def _told(difference: Difference) -> str:
    """What was found, and what was expected."""
    what, expected, found = difference.what, difference.expected, difference.found
    unit = " bytes" if what == "size" else ""
    had = f"no {what}" if found in (None, "") else f"the {what} {found!s:.200}{unit}"
    wanted = "none" if expected == "" else f"{expected!s:.200}{unit}"
    return f"{had}, expected {wanted}"


@rule(Publication, severity=Severity.ERROR)
def published_yanked(publication: Publication, policy: Policy) -> Iterator[Violation]:
    """An expected file is listed, but yanked.

    **What it means:** the index marks the file as withdrawn (PEP 592).

    **Why it matters:** installers leave it out unless it is pinned.

    **How it happens:** somebody withdrew the release, or half of it.

    **Fix:** ask who yanked it and why; a yank can be taken back.

    **Source:** PEP 592.
    """
    for listed in yanked(publication.release, publication.after):
        reason = f": {listed.yanked_reason:.200}" if listed.yanked_reason else ""
        yield Violation(
            f"is listed as yanked{reason}",
            fix="ask who yanked it and why; a yank can be taken back",
            where=listed.filename,
        )


@rule(Publication, severity=Severity.ERROR)
def published_status(publication: Publication, policy: Policy) -> Iterator[Violation]:
    """The index holds the project back.

    **What it means:** the index marks the project as quarantined: it offers none of its
    files to anybody. A project that is archived, or marked otherwise, is a warning: its
    files can still be installed.

    **Why it matters:** nobody can install the release, and nothing is left to compare.

    **How it happens:** the index suspects the project of malware;
    somebody archived the project.

    **Fix:** ask the index's administrators, and do not upload again; what the owners
    have set, they can take back.

    **Source:** PEP 792.
    """
    status, url = publication.after.status, publication.after.url
    fix = "take that back, if it was not meant"
    severity = Severity.ERROR if status == ARCHIVED else Severity.WARNING
    if status == QUARANTINED:
        fix = "ask the index's administrators; do not upload again"
        severity = Severity.ERROR
    if status != ACTIVE:
        yield Violation(
            f"{url} marks the project as {status!r:.80}, expected {ACTIVE}",
            fix=fix,
            severity=severity,
            evidence={"status": f"{status:.80}"},
        )


@rule(Publication, severity=Severity.NOTICE)
def index_nonstandard(publication: Publication, policy: Policy) -> Iterator[Violation]:
    """The index writes something as no standard has it.

    **What it means:** the listing was read all the same: a hash in another form than
    `sha256=...`, or a newer version of the API than this program knows.

    **Why it matters:** not every installer reads it so; one that finds no hash installs
    what it gets.

    **How it happens:** an old release of the index's server (Gitea wrote `sha256-`).

    **Fix:** update the index's server, or release-guard.

    **Source:** PEP 503, PEP 629; astral-sh/uv 3017.
    """
    for oddity in publication.after.oddities:
        yield Violation(
            f"{publication.after.url}: {oddity}",
            fix="update the index's server, or release-guard",
        )


@rule(Publication, severity=Severity.WARNING)
def published_metadata(publication: Publication, policy: Policy) -> Iterator[Violation]:
    """The index says something else of a file than the file does.

    **What it means:** Requires-Python, or the hash of the core metadata that the index
    serves beside the file (PEP 658), is not what the file itself has.

    **Why it matters:** installers choose by what the index says and never open the
    file: it is taken where it does not run, or left out where it does.

    **How it happens:** the index takes what the first upload of a release said for all
    of its files; it was read by an uploader that left a field out; a mirror that
    rewrites.

    **Fix:** compare the two; on an index of your own, let it read the files anew.

    **Source:** PEP 503, PEP 658, PEP 714.
    """
    for difference in described_otherwise(publication.release, publication.after):
        yield Violation(
            f"is listed with {_told(difference)}",
            fix="look at what the first upload of this release said",
            where=difference.filename,
            evidence={"expected": difference.expected, "found": difference.found},
        )


@rule(Surroundings, severity=Severity.ERROR)
def published_elsewhere(
    surroundings: Surroundings, policy: Policy
) -> Iterator[Violation]:
    """Another version of the project changed meanwhile.

    **What it means:** between check and verify a file outside this release appeared,
    vanished, or changed its bytes.

    **Why it matters:** this upload has nothing to do with it, so somebody, or
    something, else has.

    **How it happens:** two releases at the same time; a file is deleted; a stolen
    token.

    **Fix:** find out who did it. If it was a release of your own, verify again with a
    manifest that was made after it.

    **Source:** the uploads of cryptography 43.0.0.dev1 that nobody could place
    (astral-sh/uv 1652).
    """
    for move in moved(surroundings):
        hashes = f"the sha256 {move.before} and now has {move.after or 'none'}"
        told = {
            Change.ADDED: "was not listed before and is now",
            Change.GONE: "was listed before and is gone",
            Change.ALTERED: f"was listed with {hashes}",
        }
        yield Violation(
            told[move.change],
            fix="find out who did it; this release has nothing to do with it",
            where=move.filename,
            evidence={"expected": move.before, "found": move.after},
        )


@rule(Served, severity=Severity.ERROR)
def published_undownloadable(file: Served, policy: Policy) -> Iterator[Violation]:
    """The index serves other bytes than it lists, or none.

    **What it means:** the file, or the metadata beside it (PEP 658), was fetched, and
    its size or one of its hashes is not the expected one, or not the one that the index
    gives; or it could not be had.

    **Why it matters:** installers refuse a file whose hash is not the listed one; where
    the listing gives none, they install these bytes.

    **How it happens:** the files lie on another host than the listing, and one of them
    is late or broken; a proxy that changes what it hands on; an attack.

    **Fix:** download the file by hand and compare; then ask the index's administrators.

    **Source:** PEP 503, PEP 658.
    """
    for difference in served_otherwise(file):
        yield Violation(
            f"is served with {_told(difference)}",
            fix="download it by hand and compare; ask the index's administrators",
            evidence={"expected": difference.expected, "found": difference.found},
        )
    if file.served.problem:
        yield Violation(
            f"is listed, and cannot be had: {file.served.problem}",
            fix="download it by hand; ask the index's administrators",
            evidence={"url": without_credentials(file.listed.url)},
        )


@rule(Endpoints, severity=Severity.WARNING)
def index_inconsistent(endpoints: Endpoints, policy: Policy) -> Iterator[Violation]:
    """The index's endpoints do not tell the same of the release.

    **What it means:** the listing as JSON, which installers ask for, the same as HTML,
    and the release's own JSON page differ. The message says in what, and which one
    lags behind.

    **Why it matters:** who asks the other endpoint (an older installer, a mirror, a
    bot) does not see the release, or sees half of it.

    **How it happens:** each is cached by itself, and not all are renewed at once.

    **Fix:** wait and verify again; if it stays, tell the index's administrators.

    **Source:** SocketDev/socket-python-cli 290; pypi/warehouse 9572.
    """
    first, *others = endpoints.views
    wrong = {*strangers(endpoints), *other_bytes(endpoints)}
    for view in others:
        lag = lag_of(first, view)
        # Of what is wrong, and not old, published-contradicted speaks.
        if lag and not wrong.intersection((*lag.has, *lag.other)):
            yield Violation(
                f"{view.name} {'; '.join(_disagreements(lag, view))}: "
                f"{first.name} lists {len(first.files)} file(s)",
                fix="wait, and verify again; tell the administrators if it stays",
                evidence={"url": view.url, "serial": view.serial},
            )


@rule(Endpoints, severity=Severity.ERROR)
def published_contradicted(endpoints: Endpoints, policy: Policy) -> Iterator[Violation]:
    """Another endpoint of the index lists what should not be there.

    **What it means:** the listing that installers ask for is as expected, and another
    endpoint of the same index (the listing as HTML, the release's own JSON page) has a
    file of this release that nobody expects, other bytes of an expected one, or marks
    it as yanked.

    **Why it matters:** each endpoint is cached by itself, so that the listing may be
    the old one, and the stranger real.

    **How it happens:** somebody else uploaded after the listing was cached; an index
    that lets files be replaced.

    **Fix:** find out who uploaded it; yank the release if nobody knows.

    **Source:** pypi/warehouse 9572 (endpoints that are cached apart).
    """
    expected = {file.filename: file.sha256 for file in endpoints.release.files}
    for name in strangers(endpoints):
        yield _contradiction(endpoints, name, "lists it", lambda v, n: n in v.files)
    for name in other_bytes(endpoints):
        yield _contradiction(
            endpoints,
            name,
            "lists other bytes of it",
            lambda v, n: v.files.get(n) not in (None, expected[n]),
        )
    for name in yanked_elsewhere(endpoints):
        yield _contradiction(
            endpoints, name, "lists it as yanked", lambda v, n: n in v.yanked
        )


def _contradiction(
    endpoints: Endpoints, name: str, what: str, says: Callable[[View, str], bool]
) -> Violation:
    """What some endpoints say of a file, and the first does not."""
    views = [view for view in endpoints.views if says(view, name)]
    return Violation(
        f"{views[0].name} {what}, and {endpoints.views[0].name} does not",
        fix="find out who did it; yank the release if nobody knows",
        where=name,
        evidence={"urls": tuple(view.url for view in views)},
    )


def _disagreements(lag: Lag, view: View) -> Iterator[str]:
    """What an endpoint says otherwise."""
    if not view.known:
        yield "lags behind, and does not know the release"
        return
    if lag.lacks:
        yield f"lags behind, and lacks {some(lag.lacks, 3)}"
    if lag.has:
        yield f"also lists {some(lag.has, 3)}"
    if lag.other:
        yield f"has other hashes for {some(lag.other, 3)}"

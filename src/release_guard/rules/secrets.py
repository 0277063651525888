"""Credentials in what is about to be published."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from packaging.utils import canonicalize_name

from release_guard.facts import Credential, Kind, SearchedDistribution
from release_guard.findings import Severity, Violation, some
from release_guard.policy import Policy
from release_guard.rules.base import rule
from release_guard.trees import is_aside

__all__ = ["metadata_credential", "secret"]


@rule(SearchedDistribution, severity=Severity.ERROR)
def secret(file: SearchedDistribution, policy: Policy) -> Iterator[Violation]:
    """A file holds a credential.

    **What it means:** a text member holds a token in its provider's form, check digits
    included where the form has some (PyPI, GitHub, GitLab, npm and some forty more); a
    whole private key; or the password of a `.pypirc`, `.netrc`, `.git-credentials`,
    `.npmrc` or of Docker's configuration. Among tests, examples and documentation it is
    a warning. So is what is no credential by itself, or often none, elsewhere: an AWS
    key id without its secret, a random password in a URL, a signed JWT, a key that a
    passphrase protects. Stand-ins, and what providers document, are not told. The
    credential is not printed, only its mark and its length. What is not looked through,
    such as all but the first 16 MiB of a text, is a notice. `docs/secrets.md` has the
    forms, and what is not found.

    **Why it matters:** who downloads the file has the credential. A released file can
    be deleted, but mirrors keep it, and scanners find it within minutes.

    **How it happens:** `.env`, a local configuration or a script with a token lies in
    the project's folder; git ignores it, and the build backend does not.

    **Fix:** revoke the credential first. Then remove it, leave the file out of the
    distribution, and build again.

    **Source:** CorporateSmalltalkConsultingLtd/ClaudeSmalltalk 22 (registry tokens in
    an sdist), astral-sh/uv 10556 and PyO3/maturin-action 193 (PyPI tokens in files that
    tools had left), TIGER-AI-Lab/ClawBench 351 (`.env` in wheel and sdist). In the
    227 files of the corpus no error; in 146 files of 74 more projects four, all of them
    whole keys outside tests.
    """
    mine = [credential for credential in file.credentials if not credential.field]
    samples = [item for item in mine if _is_sample(item.member, file)]
    for credential in mine:
        if credential not in samples:
            yield _violation(credential)
    yield from _samples([item for item in samples if item.is_whole])
    if file.unsearched:
        members = some([f"{member!r:.200}" for member in file.unsearched])
        yield Violation(
            f"not looked through to the end for credentials: {members}",
            fix="look at the rest yourself",
            severity=Severity.NOTICE,
            evidence={"members": file.unsearched[:_MOST_NAMED]},
        )


#: How many members are named as evidence.
_MOST_NAMED = 100


def _violation(credential: Credential) -> Violation:
    is_whole, where = credential.is_whole, f"line {credential.line}"
    verb = "has" if is_whole else "has what looks like"
    fix = "revoke it, then remove it from the project and build again"
    return Violation(
        f"{credential.member!r:.200}, {where}: {verb} {_told(credential)}",
        fix=fix if is_whole else f"if it opens anything, {fix}",
        severity=None if is_whole else Severity.WARNING,
        evidence={
            "member": credential.member,
            "line": credential.line,
            "credential": credential.kind,
            "mark": credential.mark,
            "length": credential.length,
        },
    )


def _told(credential: Credential) -> str:
    article = "an" if credential.kind[0] in "AEIOaeiou" else "a"
    mark = f"{credential.mark}…, " if credential.mark else ""
    return f"{article} {credential.kind} ({mark}{credential.length} characters)"


def _samples(credentials: Sequence[Credential]) -> Iterator[Violation]:
    """One warning for all that tests and examples hold: most have many, or none."""
    if not credentials:
        return
    members = tuple(dict.fromkeys(item.member for item in credentials))
    kinds = dict.fromkeys(item.kind for item in credentials)
    yield Violation(
        f"has {len(credentials)} of these among tests, examples or documentation: "
        f"{some([*kinds])}; in {some([f'{member!r:.200}' for member in members])}",
        fix="make sure that they open nothing, or leave them out",
        severity=Severity.WARNING,
        evidence={
            "members": members[:_MOST_NAMED],
            "credentials": tuple(kinds),
            "count": len(credentials),
        },
    )


#: Folders whose names say the same of what is in them: ``cryptography_vectors``, which
#: is nothing else; ``dummyserver``; ``t``, as the tests of celery and its kin.
_VECTORS = re.compile(r"(?:.*[_-])?(?:test)?vectors?", re.IGNORECASE)
_FOR_SHOW = re.compile(r"t|.*(?:dummy|mock|fake|stub|snake_?oil).*", re.IGNORECASE)


def _is_sample(member: str, file: SearchedDistribution) -> bool:
    """Whether a member lies among tests, examples or documentation. The folder that has
    the project's own name is none of these, however it is called.
    """
    inside = member.split("/")
    if file.distribution.kind is Kind.SDIST:
        inside = inside[1:]
    if inside[:1] == ["src"]:
        inside = inside[1:]
    if any(map(_VECTORS.fullmatch, inside[:-1])):
        return True
    if inside and _is_own(inside[0].removesuffix(".py"), file):
        inside = inside[1:]
    if any(map(_FOR_SHOW.fullmatch, inside[:-1])):
        return True
    return bool(inside) and is_aside("/".join(inside))


def _is_own(folder: str, file: SearchedDistribution) -> bool:
    name = file.distribution.name
    return name is not None and canonicalize_name(folder) == name.project


@rule(SearchedDistribution, severity=Severity.ERROR)
def metadata_credential(
    file: SearchedDistribution, policy: Policy
) -> Iterator[Violation]:
    """A URL of the core metadata holds a password or a token.

    **What it means:** `Home-page`, `Download-URL`, a `Project-URL`, or the URL of a
    `Requires-Dist` has user info with a password, or with a token in place of the user;
    or a URL in the description has a random password or a known token there. A stand-in
    (`user:password@`, `${TOKEN}@`), a user alone (`git@`), and the token in a badge's
    query, which is meant to be seen, are none. It is not printed, and neither are the
    credentials elsewhere in the metadata.

    **Why it matters:** metadata is what the index shows to everybody, and it stays in
    the index's own files when the distribution is deleted.

    **How it happens:** a private dependency was given by the address that the
    developer's own machine or CI uses; a tool filled
    the home page from the address of a CI checkout.

    **Fix:** revoke the credential first. Then write the address without user info.

    **Source:** pypa/wheel 442 (user and token of a private dependency in METADATA).
    """
    for credential in file.credentials:
        if credential.field:
            yield Violation(
                f"the field {credential.field!r:.40} holds a URL with a password or a "
                f"token ({credential.length} characters)",
                fix="revoke it, then write the URL without user info and build again",
                evidence={"field": credential.field, "length": credential.length},
            )

"""Whether an attestation's signature holds, and who signed (PEP 740, sigstore).

The only module that loads ``pypi-attestations`` and ``sigstore``, and only where there
is an attestation beside a file, or an index is asked for some: they take half a second.
Nothing is asked of the network for it, and nothing is taken from the user's folders:
the trust root is the one that sigstore ships. Its own offline mode takes, unverified,
what lies in the user's cache, where any earlier step of a job may have written.
"""

from __future__ import annotations

import hashlib
import json
import threading
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from http import HTTPStatus
from pathlib import Path
from typing import TYPE_CHECKING

from release_guard.errors import IndexResponseError, SourceError
from release_guard.facts import Attestation, IndexedFile, Signer
from release_guard.layouts import FORGES, same_origin, without_credentials
from release_guard.shapes import strict_json
from release_guard.sources.attestation import Verify, member, parse_attestation

if TYPE_CHECKING:
    import pypi_attestations
    from cryptography.x509 import Certificate

    from release_guard.sources.web import Web

__all__ = [
    "ACCEPT",
    "LARGEST",
    "Verifier",
    "fetch_provenance",
    "load_verifier",
    "read_provenance",
    "signer_of",
]

#: What an index answers with (PyPI's Integrity API), or calls plain JSON.
ACCEPT = "application/vnd.pypi.integrity.v1+json, application/json;q=0.5"
#: A provenance object, in bytes: the largest that are published have some ten thousand.
LARGEST = 2 << 20
#: In one provenance object; PyPI takes two for a file.
_MOST = 20


# --- the signature ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Signature:
    """Who signed, or why the signature does not hold."""

    refuted: str = ""
    signer: Signer | None = None


class Verifier:
    """Verifies attestations by one trust root, each distinct one once."""

    def __init__(self, trust_root: Path) -> None:
        from pypi_attestations import Attestation as Signed  # noqa: PLC0415 - slow
        from sigstore.models import TrustedRoot  # noqa: PLC0415
        from sigstore.verify import Verifier as Sigstore  # noqa: PLC0415

        self._read = Signed.model_validate_json
        logs = json.loads(trust_root.read_bytes())["tlogs"]
        self._logs = frozenset(log["logId"]["keyId"] for log in logs)
        self._sigstore = Sigstore(trusted_root=TrustedRoot.from_file(str(trust_root)))
        self._known: dict[str, _Signature] = {}
        self._lock = threading.Lock()

    def verify(self, content: bytes, attestation: Attestation) -> Attestation:
        """What was read of ``content``, with whether its signature holds, and who
        signed. Whether its statement is of the file at hand is not looked at. Several
        threads may ask, and do so in turn.
        """
        key = hashlib.sha256(content).hexdigest()
        # How warnings are shown is one setting of the whole process.
        with self._lock:
            if key not in self._known:
                self._known[key] = self._signature(content)
        signature = self._known[key]
        return replace(
            attestation,
            verified=signature.signer is not None,
            refuted=signature.refuted,
            signer=signature.signer,
        )

    def _signature(self, content: bytes) -> _Signature:
        # Foreign code reads hostile bytes here; whatever it makes of them, if it is not
        # a verified signature it is none.
        try:
            with warnings.catch_warnings():
                # They would go to standard error: of odd serial numbers, and the like.
                warnings.simplefilter("ignore")
                return self._look(content)
        except Exception as error:  # noqa: BLE001
            return _Signature(_reason(error))

    def _look(self, content: bytes) -> _Signature:
        signed = self._read(content)
        if not self._is_logged(signed):
            return _Signature(_OTHER_LOG)
        bundle = signed.to_bundle()
        self._sigstore.verify_dsse(bundle, _Anybody())
        identity = _identity(bundle.signing_certificate)
        return _Signature(signer=signer_of(signed.certificate_claims, identity))

    def _is_logged(self, signed: pypi_attestations.Attestation) -> bool:
        """Whether it says that it stands in a log of the trust root; that it does is
        for the library to verify, which looks at the first entry as well.
        """
        log = signed.verification_material.transparency_entries[0].get("logId")
        return isinstance(log, dict) and log.get("keyId") in self._logs


_OTHER_LOG = (
    "it stands in a transparency log that is not known here: one for staging, or one "
    "that came after this release of release-guard"
)


class _Anybody:
    """Lets every signer pass: who it must be is for a rule to judge."""

    def verify(self, cert: Certificate) -> None:
        """Refuse nobody."""


@lru_cache
def load_verifier() -> Verifier:
    """What verifies by the trust root that sigstore ships; raises ``SourceError`` where
    the libraries are not installed, or are not as they are known here.
    """
    try:
        return Verifier(_shipped_trust_root())
    except ImportError as error:
        raise SourceError(
            f"signatures are not verified: {error.name or 'pypi-attestations'} is not "
            "installed, or not as it should be",
            hint="install release-guard[provenance]",
        ) from None
    except Exception as error:
        raise SourceError(
            f"signatures are not verified: no trust root: {_reason(error)}",
            hint="install the versions of release-guard's lock",
        ) from error


#: The folder of the public instance in sigstore's package: its address, quoted.
_INSTANCE = "https%3A%2F%2Ftuf-repo-cdn.sigstore.dev"


def _shipped_trust_root() -> Path:
    """The certificates and keys that came with the package that was installed."""
    from importlib.resources import files  # noqa: PLC0415 - slow to import

    root = files("sigstore") / "_store" / _INSTANCE / "trusted_root.json"
    return Path(str(root))


def _reason(error: Exception) -> str:
    """A foreign error in one short line."""
    return " ".join(str(error).split())[:_LONGEST] or type(error).__name__


_LONGEST = 200


# --- the signer -------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Forge:
    """A forge whose word on its repositories counts, and how it writes of them: the
    address of all, and what stands between a repository and a file in it.
    """

    name: str
    address: str
    between: str


_GITHUB = _Forge("GitHub", FORGES["GitHub"], "/")
_GITLAB = _Forge("GitLab", FORGES["GitLab"], "//")
#: By who issued the token that the certificate was made for. Sigstore takes tokens of
#: others as well, and what they call a repository is theirs to choose.
_FORGES: Mapping[str, _Forge] = {
    "https://token.actions.githubusercontent.com": _GITHUB,
    _GITLAB.address: _GITLAB,
}
#: The certificate's claims (fulcio's oid-info.md). The older ones, .1 to .6, which
#: nobody encoded as text, are not read, as the index does not read them.
_CLAIMS = "1.3.6.1.4.1.57264.1."
_ISSUER, _REPOSITORY, _COMMIT, _REF = "8", "12", "13", "14"
_REPOSITORY_ID, _WORKFLOW = "15", "18"


def signer_of(claims: Mapping[str, str], identity: str) -> Signer:
    """Who a certificate names, by its claims (OID to text) and its subject.

    The workflow is the one that was started (build config), which may call others
    (build signer, and the subject): the former is what PyPI's trusted publishers name.
    It is empty where it is not one of the repository itself, at the commit or the ref
    of the run.
    """
    said = {oid.removeprefix(_CLAIMS): text for oid, text in claims.items()}
    forge = _FORGES.get(said.get(_ISSUER, ""))
    if forge is None:
        return Signer(identity=identity)
    address = said.get(_REPOSITORY, "")
    repository = _within(address, f"{forge.address}/", "")
    commit, ref = said.get(_COMMIT, ""), said.get(_REF, "")
    config = said.get(_WORKFLOW, "")
    told = (
        _within(config, f"{address}{forge.between}", f"@{at}")
        for at in (commit, ref)
        if at and repository
    )
    return Signer(
        repository=repository,
        workflow=next(filter(None, told), ""),
        commit=commit,
        ref=ref,
        identity=identity,
        forge=forge.name,
        repository_id=said.get(_REPOSITORY_ID, ""),
    )


def _within(text: str, before: str, after: str) -> str:
    """What stands between two texts; empty where they do not stand there."""
    is_so = len(text) > len(before + after)
    if not (is_so and text.startswith(before) and text.endswith(after)):
        return ""
    return text[len(before) : len(text) - len(after)]


def _identity(certificate: Certificate) -> str:
    """The subject of a certificate: the address of a workflow, or of a mailbox."""
    from cryptography import x509  # noqa: PLC0415 - slow to import

    names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName)
    return next((str(name.value) for name in names.value), "")


# --- what an index has of a file --------------------------------------------------


def fetch_provenance(
    web: Web, file: IndexedFile, listing_url: str, verify: Verify
) -> tuple[Attestation, ...] | None:
    """The attestations that the index has of a file that it lists there; None where it
    has none: it lists no address of them, or nothing is at that address.

    Raises ``IndexResponseError`` for an answer that holds no provenance, or that is not
    the index's own, and ``IndexUnavailableError`` where there is none.
    """
    if not file.provenance:
        return None
    where = without_credentials(file.provenance)
    if not same_origin(file.provenance, listing_url):
        raise IndexResponseError(
            f"{without_credentials(listing_url)}: says that the attestations of "
            f"{file.filename} are elsewhere, at {where}",
            hint=_ONLY_THERE,
        )
    answer = replace(web, largest=LARGEST).get(file.provenance, accept=ACCEPT)
    where = without_credentials(answer.url)
    if answer.away:
        raise IndexResponseError(
            f"{where}: redirects to another host, {without_credentials(answer.away)}",
            hint=_ONLY_THERE,
        )
    if answer.status == HTTPStatus.NOT_FOUND:
        if answer.redirected:
            raise IndexResponseError(
                f"{where}: redirects to an address that is not there"
            )
        return None
    return read_provenance(
        answer.body, beside=file.filename, where=where, verify=verify
    )


_ONLY_THERE = "only the index itself is asked for attestations"


def read_provenance(
    content: bytes, *, beside: str, where: str, verify: Verify | None = None
) -> tuple[Attestation, ...]:
    """The attestations of the file ``beside`` in a provenance object of PEP 740;
    ``where`` names it in errors.

    Raises ``IndexResponseError`` for whatever is none. An attestation in it that is
    none says so itself. The object's ``publisher`` is the index's word and not looked
    at: the certificates say who signed.
    """
    try:
        if len(content) > LARGEST:
            raise ValueError(f"it has more than {LARGEST} bytes")
        document = strict_json(content)
        if member(document, "version", int) != 1:
            raise ValueError("its version is not 1")
        found = [
            attestation
            for bundle in member(document, "attestation_bundles", list)
            for attestation in member(bundle, "attestations", list)
        ]
        if len(found) > _MOST:
            raise ValueError(f"it holds {len(found)} attestations, {_MOST} are read")
        return tuple(
            parse_attestation(
                json.dumps(attestation).encode(),
                filename=f"attestation {number} of {len(found)}",
                beside=beside,
                verify=verify,
            )
            for number, attestation in enumerate(found, 1)
        )
    except (ValueError, RecursionError) as error:
        is_deep = isinstance(error, RecursionError)
        reason = "it is nested too deep" if is_deep else str(error)
        raise IndexResponseError(
            f"{where}: the answer is no provenance (PEP 740): {reason}"
        ) from None

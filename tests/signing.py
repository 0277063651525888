"""A sigstore of the tests' own: what it signs verifies, by its own trust root.

A certificate authority, a log of certificates and a log of signatures, each with a key
that is made here, so that any signer can sign, and real verification decides.
"""

from __future__ import annotations

import base64
import hashlib
import json
import struct
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from release_guard.facts import Signer
from release_guard.layouts import predicate_types
from release_guard.sources import provenance

__all__ = [
    "BUILD",
    "COMMIT",
    "OURS",
    "PUBLISH",
    "TAG",
    "USUAL",
    "Sigstore",
    "github",
    "gitlab",
    "provenance_of",
    "statement_of",
    "trust_ours",
]

PUBLISH, BUILD = predicate_types()
COMMIT = "c0ffee" + "0" * 34
TAG = "refs/tags/v1.0"
#: When everything is signed.
_NOW = datetime(2026, 9, 1, 12, tzinfo=UTC)

Json = dict[str, Any]


# --- who signs --------------------------------------------------------------------


def github(
    repository: str = "org/demo",
    workflow: str = "release.yml",
    *,
    commit: str = COMMIT,
    ref: str = TAG,
    **said: str,
) -> dict[str, str]:
    """The claims of a run of GitHub Actions; ``said`` replaces one, by its number as
    ``c18``, and an empty one is left out.
    """
    address = f"https://github.com/{repository}"
    config = f"{address}/.github/workflows/{workflow}@{ref}"
    claims = {
        "8": "https://token.actions.githubusercontent.com",
        "9": config,
        "10": commit,
        "12": address,
        "13": commit,
        "14": ref,
        "15": "4711",
        "18": config,
        "19": commit,
    }
    return _with(claims, said)


def gitlab(
    repository: str = "org/demo", path: str = ".gitlab-ci.yml", **said: str
) -> dict[str, str]:
    """The claims of a job of GitLab CI."""
    address = f"https://gitlab.com/{repository}"
    config = f"{address}//{path}@{TAG}"
    claims = {
        "8": "https://gitlab.com",
        "9": config,
        "12": address,
        "13": COMMIT,
        "14": TAG,
        "15": "4711",
        "18": config,
    }
    return _with(claims, said)


def _with(claims: Mapping[str, str], said: Mapping[str, str]) -> dict[str, str]:
    replaced = {name.removeprefix("c"): text for name, text in said.items()}
    every = {**claims, **replaced}
    return {number: text for number, text in every.items() if text}


# --- who makes it count -----------------------------------------------------------


def _key() -> ec.EllipticCurvePrivateKey:
    return ec.generate_private_key(ec.SECP256R1())


def _sign(key: ec.EllipticCurvePrivateKey, data: bytes) -> bytes:
    return key.sign(data, ec.ECDSA(hashes.SHA256()))


def _public(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.public_key().public_bytes(
        serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    )


def _text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def _der(tag: int, content: bytes) -> bytes:
    """A value of ASN.1, shorter than 64 KiB."""
    size = len(content)
    short = bytes([size]) if size < 128 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + short + content


@dataclass
class Sigstore:
    """One instance: it certifies and logs whatever it is asked to."""

    authority: ec.EllipticCurvePrivateKey = field(default_factory=_key)
    certificates: ec.EllipticCurvePrivateKey = field(default_factory=_key)
    log: ec.EllipticCurvePrivateKey = field(default_factory=_key)

    def __post_init__(self) -> None:
        self.root = self._certificate_of_authority()

    def sign(
        self,
        filename: str,
        sha256: str,
        *,
        claims: Mapping[str, str] | None = None,
        predicate: str = PUBLISH,
        says: object = None,
        identity: str = "",
        subjects: list[Json] | None = None,
    ) -> Json:
        """An attestation of a file: by default that the release workflow of org/demo
        published it. ``says`` is the predicate itself.
        """
        claims = github() if claims is None else claims
        subject = {"name": filename, "digest": {"sha256": sha256}}
        statement = json.dumps(
            {
                "_type": "https://in-toto.io/Statement/v1",
                "subject": [subject] if subjects is None else subjects,
                "predicateType": predicate,
                "predicate": says,
            }
        ).encode()
        key = _key()
        certificate = self._certificate(key, claims, identity or claims.get("9", "x"))
        signature = _sign(key, _envelope(statement))
        der = certificate.public_bytes(serialization.Encoding.DER)
        return {
            "version": 1,
            "verification_material": {
                "certificate": _text(der),
                "transparency_entries": [
                    self._entry(certificate, statement, signature)
                ],
            },
            "envelope": {"statement": _text(statement), "signature": _text(signature)},
        }

    @cached_property
    def verifier(self) -> provenance.Verifier:
        """What verifies what this instance signed, and nothing else."""
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "trusted_root.json"
            path.write_text(self.trust_root(), encoding="utf-8")
            return provenance.Verifier(path)

    def trust_root(self) -> str:
        """What makes all of this count, as sigstore writes it."""
        since = {"start": "2021-01-01T00:00:00Z"}
        der = self.root.public_bytes(serialization.Encoding.DER)
        authority = {
            "subject": {"organization": "tests", "commonName": "tests"},
            "uri": "https://fulcio.example",
            "certChain": {"certificates": [{"rawBytes": _text(der)}]},
            "validFor": since,
        }
        return json.dumps(
            {
                "mediaType": "application/vnd.dev.sigstore.trustedroot+json;"
                "version=0.1",
                "tlogs": [_log("https://rekor.example", self.log, since)],
                "ctlogs": [_log("https://ctfe.example", self.certificates, since)],
                "certificateAuthorities": [authority],
                "timestampAuthorities": [],
            }
        )

    # --- certificates ---------------------------------------------------------------

    def _certificate_of_authority(self) -> x509.Certificate:
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
        key = self.authority.public_key()
        return (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key)
            .serial_number(1)
            .not_valid_before(_NOW - timedelta(days=999))
            .not_valid_after(_NOW + timedelta(days=999))
            .add_extension(x509.BasicConstraints(ca=True, path_length=1), critical=True)
            .add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
            .add_extension(
                x509.SubjectKeyIdentifier.from_public_key(key), critical=False
            )
            .sign(self.authority, hashes.SHA256())
        )

    def _certificate(
        self, key: ec.EllipticCurvePrivateKey, claims: Mapping[str, str], identity: str
    ) -> x509.Certificate:
        """A certificate for ten minutes, which says that it stands in the log."""
        name: x509.GeneralName = x509.UniformResourceIdentifier(identity)
        if "@" in identity and "://" not in identity:
            name = x509.RFC822Name(identity)
        code_signing = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CODE_SIGNING])
        authority = x509.AuthorityKeyIdentifier.from_issuer_public_key(
            self.authority.public_key()
        )
        builder = (
            x509.CertificateBuilder()
            .subject_name(x509.Name([]))
            .issuer_name(self.root.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(_NOW)
            .not_valid_after(_NOW + timedelta(minutes=10))
            .add_extension(_usage("digital_signature"), critical=True)
            .add_extension(code_signing, critical=False)
            .add_extension(authority, critical=False)
            .add_extension(x509.SubjectAlternativeName([name]), critical=True)
        )
        for number, text in claims.items():
            oid = x509.ObjectIdentifier(f"1.3.6.1.4.1.57264.1.{number}")
            value = _der(0x0C, text.encode())
            builder = builder.add_extension(
                x509.UnrecognizedExtension(oid, value), critical=False
            )
        logged = x509.UnrecognizedExtension(
            x509.ObjectIdentifier("1.3.6.1.4.1.11129.2.4.2"),
            self._timestamps(builder.sign(self.authority, hashes.SHA256())),
        )
        return builder.add_extension(logged, critical=False).sign(
            self.authority, hashes.SHA256()
        )

    def _timestamps(self, certificate: x509.Certificate) -> bytes:
        """What the log of certificates promises (RFC 6962, 3.2 and 3.3)."""
        milliseconds = int(_NOW.timestamp() * 1000)
        issuer = hashlib.sha256(_public(self.authority)).digest()
        tbs = certificate.tbs_certificate_bytes
        entry = issuer + len(tbs).to_bytes(3, "big") + tbs
        signed = struct.pack("!BBQH", 0, 0, milliseconds, 1) + entry + b"\0\0"
        signature = _sign(self.certificates, signed)
        log = hashlib.sha256(_public(self.certificates)).digest()
        promise = b"\0" + log + struct.pack("!QH", milliseconds, 0)
        promise += b"\x04\x03" + len(signature).to_bytes(2, "big") + signature
        one = len(promise).to_bytes(2, "big") + promise
        return _der(0x04, len(one).to_bytes(2, "big") + one)

    # --- the log of signatures --------------------------------------------------------

    def _entry(
        self, certificate: x509.Certificate, statement: bytes, signature: bytes
    ) -> Json:
        """The only entry of a log, and the proof that it is there."""
        pem = certificate.public_bytes(serialization.Encoding.PEM)
        body = _canonical(
            {
                "apiVersion": "0.0.1",
                "kind": "dsse",
                "spec": {
                    "envelopeHash": {"algorithm": "sha256", "value": "0" * 64},
                    "payloadHash": {
                        "algorithm": "sha256",
                        "value": hashlib.sha256(statement).hexdigest(),
                    },
                    "signatures": [
                        {"signature": _text(signature), "verifier": _text(pem)}
                    ],
                },
            }
        )
        log = hashlib.sha256(_public(self.log)).digest()
        at = int((_NOW + timedelta(minutes=1)).timestamp())
        promise = {
            "body": _text(body),
            "integratedTime": at,
            "logID": log.hex(),
            "logIndex": 0,
        }
        root = hashlib.sha256(b"\0" + body).digest()
        note = f"rekor.example - 1\n1\n{_text(root)}\n"
        seal = _text(log[:4] + _sign(self.log, note.encode()))
        return {
            "logIndex": "0",
            "logId": {"keyId": _text(log)},
            "kindVersion": {"kind": "dsse", "version": "0.0.1"},
            "integratedTime": str(at),
            "inclusionPromise": {
                "signedEntryTimestamp": _text(_sign(self.log, _canonical(promise)))
            },
            "inclusionProof": {
                "logIndex": "0",
                "treeSize": "1",
                "rootHash": _text(root),
                "hashes": [],
                "checkpoint": {"envelope": f"{note}\n\u2014 rekor.example {seal}\n"},
            },
            "canonicalizedBody": _text(body),
        }


def _log(url: str, key: ec.EllipticCurvePrivateKey, since: Json) -> Json:
    der = _public(key)
    return {
        "baseUrl": url,
        "hashAlgorithm": "SHA2_256",
        "publicKey": {
            "rawBytes": _text(der),
            "keyDetails": "PKIX_ECDSA_P256_SHA_256",
            "validFor": since,
        },
        "logId": {"keyId": _text(hashlib.sha256(der).digest())},
    }


def _canonical(value: Json) -> bytes:
    """JSON with its keys in order and no spaces, which of plain texts is RFC 8785."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _envelope(statement: bytes) -> bytes:
    """What is signed of a statement (DSSE's pre-authentication encoding)."""
    kind = b"application/vnd.in-toto+json"
    return b"DSSEv1 %d %b %d %b" % (len(kind), kind, len(statement), statement)


def _usage(*used: str) -> x509.KeyUsage:
    every = (
        *("digital_signature", "content_commitment", "key_encipherment"),
        *("data_encipherment", "key_agreement", "key_cert_sign", "crl_sign"),
        *("encipher_only", "decipher_only"),
    )
    return x509.KeyUsage(**{name: name in used for name in every})


# --- for the tests ----------------------------------------------------------------


#: The instance whose signatures are as good as any.
OURS = Sigstore()


def trust_ours(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make ``OURS`` the one that counts, in place of the public one."""
    for module in ("release_guard.jobs.files", "release_guard.jobs.provenance"):
        monkeypatch.setattr(f"{module}.load_verifier", lambda: OURS.verifier)


def provenance_of(*attestations: object) -> bytes:
    """What an index has of a file (PEP 740), by one publisher."""
    publisher = {"kind": "GitHub", "repository": "nobody/looks", "workflow": "x.yml"}
    bundle = {"publisher": publisher, "attestations": list(attestations)}
    return json.dumps({"version": 1, "attestation_bundles": [bundle]}).encode()


def statement_of(attestation: Json) -> Json:
    """What an attestation says."""
    content = base64.b64decode(attestation["envelope"]["statement"])
    statement: Json = json.loads(content)
    return statement


#: Who signs where nothing else is said.
USUAL = Signer(
    repository="org/demo",
    workflow=".github/workflows/release.yml",
    commit=COMMIT,
    ref=TAG,
    identity=f"https://github.com/org/demo/.github/workflows/release.yml@{TAG}",
    forge="GitHub",
    repository_id="4711",
)

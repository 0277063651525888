"""A public index by its own name, on this machine.

A workflow is played unchanged, so it asks the index that it names. Its hosts lead here:
the runner has a proxy and a CA bundle, as runners behind a company's wall do, and the
proxy hands what is asked of the index's hosts to a server on loopback. It connects to
nothing else, so nothing leaves this machine. Host names come from twine's constants.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import http.client
import ssl
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from release_guard.layouts import PUBLIC_INDEXES, public_repository_url

__all__ = ["StandIn", "standing_in"]

_UPLOAD = "/legacy/"
_HOP_BY_HOP = {"connection", "keep-alive", "transfer-encoding", "proxy-connection"}


@dataclass(frozen=True)
class StandIn:
    """What a step's environment needs for it: a proxy, and a bundle of certificates.

    ``asked`` has each request as ``METHOD host path``, those to other hosts, which were
    refused, included.
    """

    proxy: str
    bundle: Path
    hosts: tuple[str, ...]
    asked: list[str] = field(default_factory=list)

    def environ(self, bundle: str = "") -> dict[str, str]:
        """The variables; ``bundle`` is the path of a copy that the step can read."""
        path = bundle or str(self.bundle)
        proxies = ("HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy")
        own = {"NO_PROXY": "127.0.0.1,localhost", "no_proxy": "127.0.0.1,localhost"}
        bundles = ("REQUESTS_CA_BUNDLE", "SSL_CERT_FILE", "CURL_CA_BUNDLE", "PIP_CERT")
        return {
            **dict.fromkeys(proxies, self.proxy),
            **own,
            **dict.fromkeys(bundles, path),
        }


@contextlib.contextmanager
def standing_in(folder: Path, servers: Mapping[str, str]) -> Iterator[StandIn]:
    """Let public indexes stand on this machine; ``servers`` has the upload URL of a
    server like pypiserver for each by its name. ``folder`` gets the certificates.
    """
    folder.mkdir(parents=True, exist_ok=True)
    hosts: dict[str, str] = {}
    for name, url in servers.items():
        if name not in PUBLIC_INDEXES:
            raise ValueError(f"{name} is no public index")
        upload = urlsplit(public_repository_url(name)).hostname or ""
        hosts |= dict.fromkeys((upload, upload.removeprefix("upload.")), url)
    bundle, certificate = _certificates(folder, sorted(hosts))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    server = _Proxy(("127.0.0.1", 0), _Handler)
    server.hosts, server.context, server.asked = hosts, context, []
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    try:
        url = f"http://127.0.0.1:{server.server_port}"
        yield StandIn(url, bundle, tuple(hosts), server.asked)
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class _Proxy(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    hosts: Mapping[str, str]
    context: ssl.SSLContext
    asked: list[str]

    def handle_error(self, request: object, client_address: object) -> None:
        """A client that went away is no matter."""


class _Handler(BaseHTTPRequestHandler):
    server: _Proxy
    protocol_version = "HTTP/1.1"
    host = ""

    def do_CONNECT(self) -> None:
        """A tunnel to a host: to ours it ends here."""
        host, _, port = self.path.rpartition(":")
        if host not in self.server.hosts or port != "443":
            self.server.asked.append(f"CONNECT {self.path}")
            self.send_error(403, "this host is not reached from here")
            return
        self.send_response(200, "Connection established")
        self.end_headers()
        self.host = host
        self.connection = self.server.context.wrap_socket(
            self.connection, server_side=True
        )
        self.rfile = self.connection.makefile("rb")
        self.wfile = self.connection.makefile("wb", 0)
        self.close_connection = False

    def finish(self) -> None:
        """End a tunnel too, which the server knows nothing of."""
        super().finish()
        if self.host:
            self.rfile.close()
            self.wfile.close()
            self.connection.close()

    def do_GET(self) -> None:
        """What is asked of the index itself."""
        if not self.host:
            self.server.asked.append(f"{self.command} {self.path}")
            self.send_error(403, "this host is not reached from here")
            return
        self.server.asked.append(f"{self.command} {self.host} {self.path}")
        length = int(self.headers.get("Content-Length", "0"))
        body = self.rfile.read(length)
        there = urlsplit(self.server.hosts[self.host])
        # Its uploads go to a path of their own; the server here has them at its root.
        path = "/" if self.path == _UPLOAD else self.path
        asking = http.client.HTTPConnection(there.hostname or "", there.port)
        with contextlib.closing(asking):
            sent = {
                n: v for n, v in self.headers.items() if n.lower() not in _HOP_BY_HOP
            }
            # The server writes its links with the name that it is asked by.
            asking.request(self.command, path, body, sent | {"Host": self.host})
            answer = asking.getresponse()
            content = answer.read()
        self.send_response_only(answer.status, answer.reason)
        for name, value in answer.getheaders():
            if name.lower() not in {*_HOP_BY_HOP, "content-length", "location"}:
                self.send_header(name, value)
            if name.lower() == "location":
                secure = value.replace(f"http://{self.host}", f"https://{self.host}", 1)
                self.send_header(name, secure)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def do_POST(self) -> None:
        """An upload."""
        self.do_GET()

    def do_HEAD(self) -> None:
        """As GET, without the body."""
        self.do_GET()

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        """No line for each request."""


def _certificates(folder: Path, hosts: list[str]) -> tuple[Path, Path]:
    """A bundle with an authority, and a certificate of it with its key."""
    ca_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    ca_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "tests")])
    ca = _builder(ca_name, ca_name, ca_key.public_key()).add_extension(
        x509.BasicConstraints(ca=True, path_length=0), critical=True
    )
    usage = x509.KeyUsage(
        digital_signature=True,
        key_cert_sign=True,
        crl_sign=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )
    identifier = x509.SubjectKeyIdentifier.from_public_key(ca_key.public_key())
    ca = ca.add_extension(usage, critical=True)
    signed_ca = ca.add_extension(identifier, critical=False).sign(
        ca_key, hashes.SHA256()
    )
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "index")])
    names = x509.SubjectAlternativeName([x509.DNSName(host) for host in hosts])
    authority = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(
        identifier
    )
    signed = (
        _builder(name, ca_name, key.public_key())
        .add_extension(names, critical=False)
        .add_extension(authority, critical=False)
        .sign(ca_key, hashes.SHA256())
    )
    bundle, chain = folder / "ca.pem", folder / "index.pem"
    pem = serialization.Encoding.PEM
    bundle.write_bytes(signed_ca.public_bytes(pem))
    bundle.chmod(0o644)
    secret = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    chain.write_bytes(secret + signed.public_bytes(pem))
    return bundle, chain


def _builder(
    name: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=2))
    )

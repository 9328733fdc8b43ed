"""One process, two listeners on loopback: http, and https under a certificate authority of its own."""

from __future__ import annotations

import ipaddress
import os
import threading
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cheroot import wsgi
from cheroot.ssl.builtin import BuiltinSSLAdapter
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from app.sandbox.http import Request, Response, handle, routes
from app.sandbox.org import Org

HOST = "127.0.0.1"
THREADS = 24
_REASONS = {
    200: "OK", 201: "Created", 202: "Accepted", 204: "No Content", 300: "Multiple Choices", 302: "Found",
    304: "Not Modified", 400: "Bad Request", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
    405: "Method Not Allowed", 406: "Not Acceptable", 409: "Conflict", 410: "Gone",
    412: "Precondition Failed", 413: "Content Too Large", 414: "URI Too Long", 415: "Unsupported Media Type",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error", 502: "Bad Gateway", 503: "Service Unavailable", 504: "Gateway Timeout",
}  # fmt: skip

StartResponse = Callable[[str, list[tuple[str, str]]], Any]


def application(org: Org) -> Callable[[dict[str, Any], StartResponse], Iterable[bytes]]:
    """The org as a WSGI application."""

    def serve(environ: dict[str, Any], start_response: StartResponse) -> Iterable[bytes]:
        response = handle(org, _request(environ))
        status = f"{response.status} {_REASONS.get(response.status, 'Unknown')}"
        headers = list(response.headers.items())
        if isinstance(response.body, bytes):
            if response.status not in (204, 304):
                headers.append(("Content-Length", str(len(response.body))))
            start_response(status, headers)
            return [] if environ["REQUEST_METHOD"] == "HEAD" or not response.body else [response.body]
        start_response(status, headers)
        return _streamed(response)

    return serve


def _streamed(response: Response) -> Iterator[bytes]:
    for piece in response.body:
        assert isinstance(piece, bytes)
        if piece:
            yield piece


def _request(environ: dict[str, Any]) -> Request:
    headers = {
        name[5:].replace("_", "-"): value for name, value in environ.items() if name.startswith("HTTP_")
    }
    if environ.get("CONTENT_TYPE"):
        headers["content-type"] = environ["CONTENT_TYPE"]
    target = environ.get("REQUEST_URI") or environ["PATH_INFO"]
    if target.startswith(("http://", "https://")):
        target = "/" + target.split("/", 3)[3]
    host = environ.get("HTTP_HOST") or f"{environ['SERVER_NAME']}:{environ['SERVER_PORT']}"
    empty = environ.get("CONTENT_LENGTH") in (None, "", "0") and "HTTP_TRANSFER_ENCODING" not in environ
    return Request(
        environ["REQUEST_METHOD"],
        target,
        headers,
        b"" if empty else environ["wsgi.input"],
        base_url=f"{environ['wsgi.url_scheme']}://{host}",
        client_address=environ.get("REMOTE_ADDR", HOST),
    )


class Server:
    """The two listeners of one org. `start` returns when both accept connections."""

    def __init__(self, org: Org, *, port: int = 0, https_port: int = 0) -> None:
        """Port 0 takes a free one. Raises OSError where a port is taken or the directory is read-only."""
        self.org = org
        self.ca_file, certificate, key = certificates(org.directory)
        app = application(org)
        self._http = wsgi.Server((HOST, port), app, numthreads=THREADS, request_queue_size=128)
        self._https = wsgi.Server((HOST, https_port), app, numthreads=THREADS, request_queue_size=128)
        self._https.ssl_adapter = BuiltinSSLAdapter(str(certificate), str(key))
        self._threads: list[threading.Thread] = []
        for server in (self._http, self._https):
            server.shutdown_timeout = 1
            server.timeout = 120
        self._http.prepare()
        try:
            self._https.prepare()
        except BaseException:
            self._http.stop()
            raise
        org.http_url = f"http://{HOST}:{self._http.bind_addr[1]}"
        org.https_url = f"https://localhost:{self._https.bind_addr[1]}"

    def start(self) -> None:
        """Serve in threads of their own."""
        for server in (self._http, self._https):
            thread = threading.Thread(target=server.serve, name="sandbox listener", daemon=True)
            thread.start()
            self._threads.append(thread)
        # every room is imported now, so that the first request does not wait for it
        threading.Thread(target=routes, name="sandbox routes", daemon=True).start()

    def stop(self) -> None:
        """Stop listening and finish what is being answered."""
        for server in (self._http, self._https):
            server.stop()
        for thread in self._threads:
            thread.join(timeout=5)


def certificates(directory: Path) -> tuple[Path, Path, Path]:
    """ca.pem, server.crt and server.key (0600) in `directory`; made once, kept over restarts."""
    paths = tuple(directory / name for name in ("ca.pem", "server.crt", "server.key"))
    if all(path.exists() for path in paths):
        return paths[0], paths[1], paths[2]
    authority = ec.generate_private_key(ec.SECP256R1())
    server = ec.generate_private_key(ec.SECP256R1())
    issuer = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Sandbox org CA")])
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    names = x509.SubjectAlternativeName(
        [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address(HOST))]
    )
    own_id = x509.SubjectKeyIdentifier.from_public_key(authority.public_key())
    ca = (
        _certificate(issuer, issuer, authority.public_key())
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(own_id, critical=False)
        .add_extension(_usage(signs_certificates=True), critical=True)
        .sign(authority, hashes.SHA256())
    )
    leaf = (
        _certificate(subject, issuer, server.public_key())
        .add_extension(names, critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own_id), critical=False)
        .add_extension(_usage(signs_certificates=False), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(authority, hashes.SHA256())
    )
    paths[0].write_bytes(ca.public_bytes(serialization.Encoding.PEM))
    paths[1].write_bytes(leaf.public_bytes(serialization.Encoding.PEM))
    handle_ = os.open(paths[2], os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle_, "wb") as file:
        file.write(
            server.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
    return paths[0], paths[1], paths[2]


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey
) -> x509.CertificateBuilder:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=820))
    )


def _usage(*, signs_certificates: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=True,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=signs_certificates,
        crl_sign=signs_certificates,
        encipher_only=False,
        decipher_only=False,
    )

"""Key pairs in files: a private key that only its owner reads, and its self-signed certificate."""

from __future__ import annotations

import os
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

_MAKING = threading.Lock()


@dataclass(frozen=True, slots=True)
class KeyPair:
    """A private key with its certificate, and the files that hold them."""

    private: rsa.RSAPrivateKey
    certificate: str
    key_file: Path
    certificate_file: Path


def public_key(certificate: str) -> rsa.RSAPublicKey:
    """The RSA key of a PEM certificate or PEM public key. Raises ValueError for anything else."""
    pem = certificate.encode()
    is_certificate = b"BEGIN CERTIFICATE" in pem
    key: object = (
        x509.load_pem_x509_certificate(pem).public_key()
        if is_certificate
        else serialization.load_pem_public_key(pem)
    )
    if not isinstance(key, rsa.RSAPublicKey):
        raise ValueError("the certificate holds no RSA key")
    return key


def key_pair(directory: Path, name: str, subject: str) -> KeyPair:
    """The pair `{name}.key` and `{name}.crt` in a directory, made at the first call.

    The key file is readable by its owner only. Raises OSError if the directory cannot be written.
    """
    with _MAKING:
        return _key_pair(directory, name, subject)


def _key_pair(directory: Path, name: str, subject: str) -> KeyPair:
    key_file, certificate_file = directory / f"{name}.key", directory / f"{name}.crt"
    if key_file.exists() and certificate_file.exists():
        private = serialization.load_pem_private_key(key_file.read_bytes(), password=None)
        if not isinstance(private, rsa.RSAPrivateKey):
            raise ValueError(f"{key_file} holds no RSA key")
        return KeyPair(private, certificate_file.read_text(), key_file, certificate_file)
    private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    certificate = _self_signed(private, subject)
    _write(certificate_file, certificate, 0o644)
    _write(
        key_file,
        private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        ),
        0o600,
    )
    return KeyPair(private, certificate.decode(), key_file, certificate_file)


def _self_signed(key: rsa.RSAPrivateKey, subject: str) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, subject)])
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM)


def _write(path: Path, content: bytes, mode: int) -> None:
    """The whole file or none of it."""
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
    part.replace(path)

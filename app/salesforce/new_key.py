"""A new private key and its certificate, for an app that Tandem signs in to."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from app.kernel.errors import Conflict
from app.salesforce.connection import write_private

_VALID = timedelta(days=730)

#: What an admin does in the org, once, with the certificate.
STEPS = (
    "In the org open Setup → External Client App Manager → New External Client App, enable OAuth, and take "
    "the scopes “api” and “refresh_token”.",
    "Under Flow Enablement choose “Enable JWT Bearer Flow” and upload the certificate.",
    "Under Policies set Permitted Users to “Admin approved users are pre-authorized”, and add the permission "
    "set or profile of the user Tandem works as.",
    "Copy the Consumer Key from Settings → OAuth Settings; a new app needs ten minutes to become known.",
)


def make_key(path: Path) -> tuple[Path, datetime]:
    """Write an RSA key to `path` (0600) and its certificate beside it, ending in .crt.

    Returns the certificate's path and the end of its validity (UTC). Raises Conflict when either file
    exists: a key in use is never overwritten.
    """
    certificate_path = path.with_suffix(".crt")
    for existing in (path, certificate_path):
        if existing.exists():
            raise Conflict(
                "the file exists, and Tandem does not overwrite a key.",
                where=str(existing),
                remedy="Give another name, or use this key with --key-file.",
            )
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tandem")])
    start = datetime.now(UTC).replace(microsecond=0)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(start - timedelta(minutes=5))
        .not_valid_after(start + _VALID)
        .sign(key, hashes.SHA256())
    )
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(path, private)
    write_private(certificate_path, certificate.public_bytes(serialization.Encoding.PEM))
    return certificate_path, start + _VALID

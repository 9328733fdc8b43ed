"""What makes a JWT bearer assertion believable. Pure: keys, claims and the time come in."""

from __future__ import annotations

import hashlib
import json
import re
from base64 import urlsafe_b64decode
from binascii import Error as NotBase64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.x509 import load_pem_x509_certificate
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from app.kernel.ids import eighteen

#: Salesforce signs with these. Nothing else is accepted: not `none`, not a shared-secret algorithm.
ALGORITHMS = ("RS256", "RS512")
#: An assertion lives five minutes at most; Salesforce's live two.
LONGEST_SECONDS = 300
#: An external credential of Salesforce gives its assertions no `jti` and dates them to the second: calls that
#: need their first token at the same time bring the same assertion. So long after the first it is no replay.
SAME_MOMENT_SECONDS = 10
#: Clocks of two machines differ by so much.
SKEW_SECONDS = 30
LONGEST_TEXT = 16_384


class Refused(Exception):
    """The assertion is not believed; the text says why, for the log only."""


@dataclass(frozen=True, slots=True)
class Assertion:
    """A believed assertion: whose user speaks, and until when it could be used.

    mark: what tells it from every other. again: it may come again within SAME_MOMENT_SECONDS.
    """

    issuer: str
    subject: str
    mark: str
    again: bool
    expires_at: datetime


def full_id(text: str) -> str:
    """An id of Salesforce with its 18 characters, which formulas shorten to 15; any other text as it is."""
    return (eighteen(text) or text) if len(text) == 15 else text


def issuer_of(text: str) -> str:
    """Who claims to have written it; nothing is verified yet. Raises Refused."""
    if len(text) > LONGEST_TEXT:
        raise Refused("the assertion is too long")
    parts = text.split(".")
    if len(parts) != 3:
        raise Refused("the assertion is not a signed JWT")
    try:
        claims = json.loads(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, NotBase64):
        raise Refused("the assertion cannot be read") from None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    if not isinstance(issuer, str) or not issuer:
        raise Refused("the assertion names no issuer")
    return issuer


def public_key(certificate: str) -> RSAKey:
    """The key in a PEM certificate. Raises ValueError when it is no certificate of an RSA key."""
    key = load_pem_x509_certificate(certificate.encode()).public_key()
    if not isinstance(key, RSAPublicKey) or key.key_size < 2048:
        raise ValueError("the certificate must hold an RSA key of 2048 bits or more")
    return RSAKey.import_key(_pem(key))


def verify(text: str, certificate: str, *, issuer: str, audience: str, now: float) -> Assertion:
    """Check signature and claims. issuer: an org's id with 18 characters, or as it was registered.
    now: epoch seconds. Raises Refused with the reason.
    """
    try:
        claims = jwt.decode(text, public_key(certificate), algorithms=list(ALGORITHMS)).claims
    except (JoseError, ValueError) as error:
        raise Refused(f"the signature does not hold ({type(error).__name__})") from None
    if full_id(str(claims.get("iss"))) != issuer:
        raise Refused("it was written by another issuer")
    aud = claims.get("aud")
    if aud != audience and aud != [audience]:
        raise Refused("it is meant for another audience")
    expires = _moment(claims, "exp", required=True)
    assert expires is not None
    if expires <= now - SKEW_SECONDS:
        raise Refused("it has expired")
    if expires > now + LONGEST_SECONDS + SKEW_SECONDS:
        raise Refused("it is good for longer than five minutes")
    for name in ("iat", "nbf"):
        moment = _moment(claims, name)
        if moment is not None and moment > now + SKEW_SECONDS:
            raise Refused(f"its {name} lies in the future")
    subject, jti = claims.get("sub"), claims.get("jti")
    if not isinstance(subject, str) or not subject:
        raise Refused("it names no user")
    mark = _mark(text, jti)
    return Assertion(issuer, full_id(subject), mark, jti is None, datetime.fromtimestamp(expires, UTC))


def _mark(text: str, jti: Any) -> str:
    if jti is None:
        # Of the signed part: base64 allows the signature itself to be written in several ways.
        return "sha256:" + hashlib.sha256(text.rpartition(".")[0].encode()).hexdigest()
    if not isinstance(jti, str) or not 8 <= len(jti) <= 200 or jti.startswith("sha256:"):
        raise Refused("it has no usable jti, so a replay could not be seen")
    return jti


def _moment(claims: dict[str, Any], name: str, *, required: bool = False) -> float | None:
    value = claims.get(name)
    if value is None and not required:
        return None
    # A claim that is a formula may arrive as text.
    if isinstance(value, str) and re.fullmatch(r"[0-9]{1,12}", value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 < value < 2**40:
        raise Refused(f"its {name} is missing or not a moment")
    return float(value)


def _pem(key: RSAPublicKey) -> str:
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

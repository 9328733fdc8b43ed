"""Signed assertions: RS256 and nothing else."""

from __future__ import annotations

import base64
import binascii
from typing import Any

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa


class BadToken(Exception):
    """The text is no token, or nobody we know signed it."""


def encode(value: bytes) -> str:
    """URL-safe base64 without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decode(text: str) -> bytes:
    """The bytes behind URL-safe base64, padded or not. Raises BadToken."""
    try:
        return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as error:
        raise BadToken("not base64url") from error


def sign(claims: dict[str, Any], key: rsa.RSAPrivateKey, *, key_id: str | None = None) -> str:
    """The claims as a compact JWS, signed with RS256."""
    header = {"alg": "RS256", "typ": "JWT"} | ({"kid": key_id} if key_id else {})
    signed = f"{encode(orjson.dumps(header))}.{encode(orjson.dumps(claims))}"
    signature = key.sign(signed.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signed}.{encode(signature)}"


def claims_of(token: str) -> dict[str, Any]:
    """What a token claims, before anybody has checked it. Raises BadToken."""
    parts = token.split(".")
    if len(parts) != 3:
        raise BadToken("not three parts")
    try:
        claims = orjson.loads(decode(parts[1]))
    except orjson.JSONDecodeError as error:
        raise BadToken("the claims are not JSON") from error
    if not isinstance(claims, dict):
        raise BadToken("the claims are no object")
    return claims


def verify(token: str, key: rsa.RSAPublicKey) -> dict[str, Any]:
    """The claims of a token that this key signed with RS256. Raises BadToken for any other."""
    claims = claims_of(token)
    head, _, rest = token.partition(".")
    try:
        header = orjson.loads(decode(head))
    except orjson.JSONDecodeError as error:
        raise BadToken("the header is not JSON") from error
    if not isinstance(header, dict) or header.get("alg") != "RS256":
        raise BadToken("not signed with RS256")
    body, _, signature = rest.rpartition(".")
    try:
        key.verify(decode(signature), f"{head}.{body}".encode(), padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature as error:
        raise BadToken("the signature does not match") from error
    return claims

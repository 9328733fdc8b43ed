"""One sign-in at Salesforce's token endpoint: JWT bearer, client credentials or a refresh token."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import requests
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from app.kernel.errors import Misconfigured
from app.salesforce.connection import Connection
from app.salesforce.errors import AuthError, ErrorKind, SalesforceUnavailable
from app.salesforce.explain_signin import explain_network, explain_oauth
from app.salesforce.wire import parse_http_date

JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
#: Salesforce takes an assertion that expires within five minutes; three leave room for a slow clock.
ASSERTION_SECONDS = 170
#: A clock further away than this from Salesforce's is worth a second try on Salesforce's clock.
SKEW_SECONDS = 60


def http_session(connection: Connection) -> requests.Session:
    """A session that trusts the connection's CA and takes no proxies, passwords or CAs from the
    environment, where they override the session's own without a word.
    """
    session = requests.Session()
    session.trust_env = False
    session.verify = connection.verify
    return session


def load_key(path: str | Path) -> RSAPrivateKey:
    """The RSA private key in a PEM file. Raises Misconfigured with the reason when it is unusable."""
    where = str(path) or "key file"
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        raise Misconfigured(
            f"the private key cannot be read: {error.strerror or error}.",
            where=where,
            remedy="Give the path of the PEM file that belongs to the app's certificate.",
            code="key_unreadable",
        ) from error
    try:
        key = load_pem_private_key(content, password=None)
    except TypeError as error:
        raise Misconfigured(
            "the private key is protected by a passphrase.",
            where=where,
            remedy="Write it without one: `openssl pkey -in old.pem -out new.pem`, mode 0600.",
            code="key_encrypted",
        ) from error
    except (ValueError, UnsupportedAlgorithm) as error:
        raise Misconfigured(
            "this is not a private key in PEM form.",
            where=where,
            remedy="Give the file that starts with “-----BEGIN PRIVATE KEY-----”, not the certificate.",
            code="key_not_pem",
        ) from error
    if not isinstance(key, RSAPrivateKey):
        raise Misconfigured(
            "the private key is not an RSA key, which the JWT bearer flow needs.",
            where=where,
            remedy="Make one: `openssl req -x509 -newkey rsa:2048 -nodes -days 730 -keyout key.pem "
            "-out cert.pem`, and upload cert.pem to the app.",
            code="key_not_rsa",
        )
    return key


def assertion(connection: Connection, now: float) -> str:
    """The signed JWT (RS256) for `connection`, valid for less than three minutes from `now` (epoch)."""
    claims = {
        "iss": connection.client_id,
        "sub": connection.username,
        "aud": connection.audience or connection.login_url,
        "exp": int(now) + ASSERTION_SECONDS,
    }
    signed = b".".join(_part(orjson.dumps(part)) for part in ({"alg": "RS256", "typ": "JWT"}, claims))
    signature = load_key(connection.key_file).sign(signed, PKCS1v15(), hashes.SHA256())
    return b".".join((signed, _part(signature))).decode()


def _part(content: bytes) -> bytes:
    return base64.urlsafe_b64encode(content).rstrip(b"=")


def login(connection: Connection, *, refresh_token: str = "", timeout: float = 30.0) -> dict[str, Any]:
    """Sign in and return the token endpoint's answer.

    refresh_token: the newest one known, for the grant of that name. Raises AuthError with a sentence for
    each OAuth error, SalesforceUnavailable when there was no answer, Misconfigured for a bad key.
    """
    with http_session(connection) as session:
        now = time.time()
        answer = _post(session, connection, _form(connection, refresh_token, now), timeout)
        if answer.status_code == 400 and connection.grant == "jwt":
            server = parse_http_date(answer.headers.get("Date"))
            if server is not None and abs(server.timestamp() - now) > SKEW_SECONDS:
                # Our clock is wrong, or theirs: an assertion on their clock shows whether that was all.
                form = _form(connection, refresh_token, server.timestamp())
                answer = _post(session, connection, form, timeout)
    body = _body(answer)
    if answer.status_code == 200 and body.get("access_token") and body.get("instance_url"):
        return body
    if answer.status_code >= 500 or "error" not in body:
        raise SalesforceUnavailable(
            f"the sign-in got HTTP status {answer.status_code} without an explanation.",
            kind=ErrorKind.TRANSIENT,
            http_status=answer.status_code,
            where=connection.token_url,
            remedy="Try again in a minute; if it stays, check the login address.",
        )
    error, description = str(body["error"]), str(body.get("error_description", ""))
    what, remedy = explain_oauth(error, description, connection.username, connection.grant)
    raise AuthError(
        what,
        salesforce_code=error,
        http_status=answer.status_code,
        message=description,
        where=connection.login_url,
        remedy=remedy,
    )


def _form(connection: Connection, refresh_token: str, now: float) -> dict[str, str]:
    if connection.grant == "jwt":
        return {"grant_type": JWT_BEARER, "assertion": assertion(connection, now)}
    form = {"client_id": connection.client_id}
    if connection.client_secret:
        form["client_secret"] = connection.client_secret
    if connection.grant == "client_credentials":
        return form | {"grant_type": "client_credentials"}
    return form | {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token or connection.refresh_token,
    }


def _post(
    session: requests.Session, connection: Connection, form: dict[str, str], timeout: float
) -> requests.Response:
    try:
        # A redirect would carry the assertion to another host.
        return session.post(
            connection.token_url, data=form, timeout=(min(10.0, timeout), timeout), allow_redirects=False
        )
    except (requests.RequestException, OSError) as error:
        what, remedy = explain_network(error, connection.ca_file)
        raise SalesforceUnavailable(
            what, kind=ErrorKind.TRANSIENT, where=connection.login_url, remedy=remedy
        ) from error


def _body(answer: requests.Response) -> dict[str, Any]:
    try:
        body = orjson.loads(answer.content)
    except orjson.JSONDecodeError:
        return {}
    return body if isinstance(body, dict) else {}


def clock_difference(answer_date: str | None) -> float | None:
    """Seconds by which Salesforce's clock is ahead of ours, from a Date header; None without one."""
    server = parse_http_date(answer_date)
    return None if server is None else (server - datetime.now(UTC)).total_seconds()

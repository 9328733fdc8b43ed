"""The token endpoint: what it believes, and everything it does not."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import requests
import structlog
from click.testing import CliRunner
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from cryptography.x509.oid import NameOID
from joserfc import jws
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from app.cli import tandem
from app.kernel.actor import SYSTEM
from app.services import ServiceUrls
from app.web import identity
from tests.fixtures.web import Caller, Company

ISSUER = "00D000000000001EAA"
OTHER = "00D000000000002EAA"
AUDIENCE = "http://127.0.0.1:8000/oauth/token"
GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


class Signer:
    """An org's key and certificate."""

    def __init__(self) -> None:
        self.private = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "callouts")])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(self.private.public_key())
            .serial_number(1)
            .not_valid_before(now)
            .not_valid_after(now + timedelta(days=1))
            .sign(self.private, hashes.SHA256())
        )
        self.certificate = certificate.public_bytes(Encoding.PEM).decode()

    def sign(self, subject: str, *, algorithm: str = "RS256", **changes: Any) -> str:
        pem = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        return _signed(RSAKey.import_key(pem), algorithm, _claims(subject, **changes))

    def public_pem(self) -> bytes:
        return self.private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _claims(subject: str, **changes: Any) -> dict[str, Any]:
    now = int(time.time())
    claims = {"iss": ISSUER, "sub": subject, "aud": AUDIENCE, "iat": now, "nbf": now, "exp": now + 180}
    claims |= {"jti": secrets.token_hex(16)} | changes
    return {name: value for name, value in claims.items() if value is not None}


def _signed(key: Any, algorithm: str, claims: dict[str, Any]) -> str:
    return jws.serialize_compact(
        {"alg": algorithm, "typ": "JWT"}, json.dumps(claims).encode(), key, algorithms=[algorithm]
    )


@pytest.fixture(scope="module")
def signer() -> Signer:
    return Signer()


@pytest.fixture(scope="module")
def stranger() -> Signer:
    return Signer()


@pytest.fixture
def anna(company: Company, signer: Signer) -> str:
    """A partner's user of a trusted org; her user name."""
    trust(company, ISSUER, signer)
    partner = company.partner("Rhein Automation")
    company.insert(
        "crm_user", username="anna@rhein.example", first_name="Anna", last_name="Weiss",
        user_type="PowerPartner", account_id=partner,
    )  # fmt: skip
    come_from(company, ISSUER)
    return "anna@rhein.example"


def come_from(company: Company, org: str) -> None:
    """Those of whom no org is known yet came from this one."""
    company.sql(
        "INSERT INTO user_org (user_id, org_id) SELECT id, :org FROM crm_user ON CONFLICT DO NOTHING", org=org
    )


def trust(company: Company, org: str, signer: Signer) -> None:
    with company.database.session(SYSTEM) as session:
        identity.trust(session, identity.TrustedOrg(org, org, "https://login.example", signer.certificate))


def exchange(company: Company, assertion: str) -> TestResponse:
    return company.app.test_client().post("/oauth/token", data={"grant_type": GRANT, "assertion": assertion})


def refused(company: Company, assertion: str) -> str:
    """Exchange what must not be believed; the reason in the log."""
    with structlog.testing.capture_logs() as lines:
        answer = exchange(company, assertion)
    assert answer.status_code == 400
    assert answer.get_json() == {
        "error": "invalid_grant",
        "error_description": "The assertion was not accepted.",
    }
    [line] = [one for one in lines if one["event"] == "assertion refused"]
    return str(line["reason"])


def test_an_assertion_becomes_a_token_for_fifteen_minutes(
    company: Company, signer: Signer, anna: str
) -> None:
    answer = exchange(company, signer.sign(anna))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    token = answer.get_json()
    assert (token["token_type"], token["expires_in"], token["scope"]) == ("Bearer", 900, "partner")
    me = Caller(company.app.test_client(), token["access_token"]).get("/api/me").get_json()
    assert (me["username"], me["name"], me["company"]) == (anna, "Anna Weiss", "Rhein Automation")
    stored = company.sql("SELECT * FROM access_token")
    assert token["access_token"] not in repr(stored)


def test_rs512_and_a_salesforce_id_as_the_subject_are_accepted(
    company: Company, signer: Signer, anna: str
) -> None:
    [user] = company.sql("SELECT id FROM crm_user")
    company.sql(
        "INSERT INTO sync_link (local_id, table_name, sobject, sf_id) "
        "VALUES (:id, 'crm_user', 'User', '005000000000001AAA')",
        id=user["id"],
    )
    assert exchange(company, signer.sign("005000000000001AAA", algorithm="RS512")).status_code == 200


def test_an_assertion_is_good_once(company: Company, signer: Signer, anna: str) -> None:
    assertion = signer.sign(anna)
    assert exchange(company, assertion).status_code == 200
    assert refused(company, assertion) == "it was used before"


def test_pages_that_open_at_the_same_moment_may_bring_the_same_assertion(
    company: Company, signer: Signer, anna: str
) -> None:
    # What an external credential sends: no jti, moments as whole seconds, perhaps as text.
    assertion = signer.sign(anna, jti=None, exp=str(int(time.time()) + 120))
    tokens = {exchange(company, assertion).get_json()["access_token"] for _ in range(3)}
    assert len(tokens) == 3
    [seen] = company.sql("SELECT issuer, jti FROM assertion_seen")
    assert seen["issuer"] == ISSUER
    assert seen["jti"].startswith("sha256:")

    company.sql("UPDATE assertion_seen SET seen_at = seen_at - interval '11 seconds'")
    assert refused(company, assertion) == "it was used before"
    # The same signature, written otherwise: the last character carries four bits that mean nothing.
    head, _, signature = assertion.rpartition(".")
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
    other = letters[letters.index(signature[-1]) ^ 1]
    assert refused(company, f"{head}.{signature[:-1]}{other}") in (
        "it was used before",
        "the signature does not hold (BadSignatureError)",
    )
    assert exchange(company, signer.sign(anna, jti=None)).status_code == 200


def test_ids_may_come_with_fifteen_characters_as_formulas_give_them(
    company: Company, signer: Signer, anna: str
) -> None:
    [user] = company.sql("SELECT id FROM crm_user")
    company.sql(
        "INSERT INTO sync_link (local_id, table_name, sobject, sf_id) "
        "VALUES (:id, 'crm_user', 'User', '005Ab0000012xYzIAI')",
        id=user["id"],
    )
    assert exchange(company, signer.sign("005Ab0000012xYz", iss=ISSUER[:15])).status_code == 200
    assert refused(company, signer.sign("005AB0000012xYz", iss=ISSUER[:15])) == "there is no such user here"
    other_case = signer.sign(anna, iss=ISSUER[:15].lower())
    assert refused(company, other_case) == "its issuer is not registered or no longer trusted"
    once = signer.sign(anna, jti="the-same-jti")
    assert exchange(company, once).status_code == 200
    assert refused(company, signer.sign(anna, jti="the-same-jti", iss=ISSUER[:15])) == "it was used before"


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"aud": "https://elsewhere.example/oauth/token"}, "it is meant for another audience"),
        ({"aud": [AUDIENCE, "https://elsewhere.example"]}, "it is meant for another audience"),
        ({"aud": None}, "it is meant for another audience"),
        ({"exp": 1_700_000_000}, "it has expired"),
        ({"exp": None}, "its exp is missing or not a moment"),
        ({"exp": "soon"}, "its exp is missing or not a moment"),
        ({"exp": True}, "its exp is missing or not a moment"),
        ({"exp": 4_000_000_000}, "it is good for longer than five minutes"),
        ({"nbf": 4_000_000_000}, "its nbf lies in the future"),
        ({"iat": 4_000_000_000}, "its iat lies in the future"),
        ({"jti": "short"}, "it has no usable jti, so a replay could not be seen"),
        ({"jti": 12345678}, "it has no usable jti, so a replay could not be seen"),
        ({"jti": "sha256:" + "0" * 64}, "it has no usable jti, so a replay could not be seen"),
        ({"sub": None}, "it names no user"),
        ({"iss": "00D000000000009EAA"}, "its issuer is not registered or no longer trusted"),
        ({"iss": None}, "the assertion names no issuer"),
    ],
)
def test_a_claim_that_does_not_fit_is_refused(
    company: Company, signer: Signer, anna: str, changes: dict[str, Any], reason: str
) -> None:
    assert refused(company, signer.sign(anna, **changes)) == reason
    assert company.sql("SELECT * FROM access_token") == []


def test_another_orgs_key_is_refused(company: Company, signer: Signer, stranger: Signer, anna: str) -> None:
    assert refused(company, stranger.sign(anna)) == "the signature does not hold (BadSignatureError)"
    trust(company, OTHER, stranger)
    assert refused(company, stranger.sign(anna)) == "the signature does not hold (BadSignatureError)"
    assert exchange(company, signer.sign(anna)).status_code == 200


def test_an_org_speaks_only_for_users_that_came_from_it(
    company: Company, signer: Signer, stranger: Signer, anna: str
) -> None:
    trust(company, OTHER, stranger)
    [user] = company.sql("SELECT id FROM crm_user")
    company.sql(
        "INSERT INTO sync_link (local_id, table_name, sobject, sf_id) "
        "VALUES (:id, 'crm_user', 'User', '005Ab0000012xYzIAI')",
        id=user["id"],
    )
    for subject in (anna, anna.upper(), "005Ab0000012xYzIAI", "005Ab0000012xYz"):
        assert refused(company, stranger.sign(subject, iss=OTHER)) == "the user came from another org"
        assert refused(company, stranger.sign(subject, iss=OTHER[:15])) == "the user came from another org"
    assert company.sql("SELECT * FROM access_token") == []
    assert exchange(company, signer.sign(anna)).status_code == 200
    assert exchange(company, signer.sign("005Ab0000012xYzIAI")).status_code == 200


def test_of_two_users_with_one_name_each_org_speaks_for_its_own(
    company: Company, signer: Signer, stranger: Signer, anna: str
) -> None:
    trust(company, OTHER, stranger)
    company.insert("crm_user", username=anna, first_name="Another", last_name="Anna", user_type="Standard")
    assert exchange(company, signer.sign(anna)).get_json()["scope"] == "partner"
    come_from(company, OTHER)
    assert exchange(company, signer.sign(anna)).get_json()["scope"] == "partner"
    assert exchange(company, stranger.sign(anna, iss=OTHER)).get_json()["scope"] == "staff"


def test_nobody_speaks_for_a_user_who_came_from_no_known_org(
    company: Company, signer: Signer, anna: str
) -> None:
    company.sql("DELETE FROM user_org")
    assert refused(company, signer.sign(anna)) == "it is not known from which org the user came"


def test_over_the_wire_each_refusal_has_its_own_reason_in_the_log_and_one_sentence_for_the_user(
    company: Company, signer: Signer, stranger: Signer, anna: str
) -> None:
    trust(company, OTHER, stranger)
    company.insert(
        "crm_user", username="gone@rhein.example", last_name="Gone", user_type="PowerPartner", is_active=False
    )
    come_from(company, ISSUER)
    spent = signer.sign(anna)
    late = int(time.time()) - 60
    cases = {
        stranger.sign(anna): "the signature does not hold (BadSignatureError)",
        signer.sign(anna, aud="https://tandem.example/oauth/token"): "it is meant for another audience",
        signer.sign(anna, iat=late - 120, nbf=late - 120, exp=late): "it has expired",
        spent: "it was used before",
        signer.sign(anna, iss=OTHER): "the signature does not hold (BadSignatureError)",
        stranger.sign(anna, iss=OTHER): "the user came from another org",
        stranger.sign(anna, iss="00D000000000003EAA"): "its issuer is not registered or no longer trusted",
        signer.sign("gone@rhein.example"): "the user is not active",
    }
    server = make_server("127.0.0.1", 0, company.app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    web = requests.Session()
    web.trust_env = False

    def send(assertion: str) -> requests.Response:
        form = {"grant_type": GRANT, "assertion": assertion}
        return web.post(f"http://127.0.0.1:{server.server_port}/oauth/token", data=form, timeout=30)

    try:
        assert send(spent).status_code == 200
        given = company.sql("SELECT count(*) AS tokens FROM access_token")
        with structlog.testing.capture_logs() as lines:
            answers = [send(assertion) for assertion in cases]
    finally:
        server.shutdown()
        web.close()
    assert [line["reason"] for line in lines if line["event"] == "assertion refused"] == list(cases.values())
    # Salesforce puts these words into its exception, where Apex looks for `invalid_grant`.
    sentence = {"error": "invalid_grant", "error_description": "The assertion was not accepted."}
    assert [(answer.status_code, answer.json()) for answer in answers] == [(400, sentence)] * len(cases)
    assert company.sql("SELECT count(*) AS tokens FROM access_token") == given


def test_an_unsigned_assertion_is_refused(company: Company, signer: Signer, anna: str) -> None:
    def part(value: dict[str, Any]) -> str:
        return urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")

    for alg in ("none", "None", "NONE"):
        unsigned = f"{part({'alg': alg, 'typ': 'JWT'})}.{part(_claims(anna))}."
        assert refused(company, unsigned).startswith("the signature does not hold")
    stolen = signer.sign(anna).rpartition(".")[0] + "."
    assert refused(company, stolen).startswith("the signature does not hold")


def test_the_public_key_is_no_shared_secret(company: Company, signer: Signer, anna: str) -> None:
    def b64(raw: bytes) -> str:
        return urlsafe_b64encode(raw).decode().rstrip("=")

    for secret in (signer.public_pem(), signer.certificate.encode()):
        body = f"{b64(json.dumps({'alg': 'HS256'}).encode())}.{b64(json.dumps(_claims(anna)).encode())}"
        forged = f"{body}.{b64(hmac.new(secret, body.encode(), hashlib.sha256).digest())}"
        assert refused(company, forged).startswith("the signature does not hold")


@pytest.mark.parametrize("rubbish", ["", "x", "a.b.c", "....", "e30.e30.e30", "é.é.é", "x" * 20_000])
def test_rubbish_is_refused_and_never_an_error_of_ours(company: Company, anna: str, rubbish: str) -> None:
    answer = exchange(company, rubbish)
    assert answer.status_code == 400
    assert answer.get_json()["error"] in ("invalid_grant", "invalid_request")


def test_another_grant_is_refused(company: Company, anna: str) -> None:
    answer = company.app.test_client().post("/oauth/token", data={"grant_type": "password", "username": anna})
    assert (answer.status_code, answer.get_json()["error"]) == (400, "unsupported_grant_type")


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ("is_active = false", "the user is not active"),
        ("deleted_at = now()", "the user is not active"),
        ("user_type = 'Guest'", "users of the type Guest may not call"),
        ("account_id = NULL", "the partner user belongs to no account that is known here"),
        ("username = 'somebody@else.example'", "there is no such user here"),
    ],
)
def test_who_may_not_sign_in_gets_no_token_and_loses_the_one_they_have(
    company: Company, signer: Signer, anna: str, change: str, reason: str
) -> None:
    token = exchange(company, signer.sign(anna)).get_json()["access_token"]
    caller = Caller(company.app.test_client(), token)
    assert caller.get("/api/me").status_code == 200
    company.sql(f"UPDATE crm_user SET {change}")
    assert refused(company, signer.sign(anna)) == reason
    # The token is the user's, whatever the name is by now.
    assert caller.get("/api/me").status_code == (200 if change.startswith("username") else 401)


def test_a_user_moved_to_another_partner_is_out_at_once(company: Company, signer: Signer, anna: str) -> None:
    token = exchange(company, signer.sign(anna)).get_json()["access_token"]
    caller = Caller(company.app.test_client(), token)
    company.sql("UPDATE crm_user SET account_id = :other", other=company.partner("Polderland"))
    assert caller.get("/api/deals").status_code == 401
    company.sql("UPDATE crm_user SET user_type = 'Standard', account_id = NULL")
    assert caller.get("/api/deals").status_code == 401


def test_a_partner_whose_account_was_deleted_is_out_at_once(
    company: Company, signer: Signer, anna: str
) -> None:
    token = exchange(company, signer.sign(anna)).get_json()["access_token"]
    company.sql("UPDATE account SET deleted_at = now()")
    assert Caller(company.app.test_client(), token).get("/api/me").status_code == 401
    assert refused(company, signer.sign(anna)) == "the partner's account was deleted"


def test_a_revoked_and_an_expired_token_are_good_for_nothing(
    company: Company, signer: Signer, anna: str
) -> None:
    one, two = (exchange(company, signer.sign(anna)).get_json()["access_token"] for _ in range(2))
    client = company.app.test_client()
    assert client.post("/oauth/revoke", data={"token": one}).status_code == 200
    assert client.post("/oauth/revoke", data={"token": "never given"}).status_code == 200
    assert Caller(client, one).get("/api/me").status_code == 401
    assert Caller(client, two).get("/api/me").status_code == 200
    company.sql("UPDATE access_token SET expires_at = now() - interval '1 second'")
    answer = Caller(client, two).get("/api/me")
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == 'Bearer realm="tandem"'


def test_an_org_that_is_no_longer_trusted_ends_every_token(
    company: Company, signer: Signer, anna: str
) -> None:
    token = exchange(company, signer.sign(anna)).get_json()["access_token"]
    with company.database.session(SYSTEM) as session:
        identity.distrust(session, ISSUER)
    assert Caller(company.app.test_client(), token).get("/api/me").status_code == 401
    assert refused(company, signer.sign(anna)) == "its issuer is not registered or no longer trusted"


def test_an_org_is_trusted_and_distrusted_on_the_command_line(
    company: Company, signer: Signer, database_urls: ServiceUrls, redis_url: str, tmp_path: Path
) -> None:
    rep = company.rep()
    come_from(company, ISSUER)
    [user] = company.sql("SELECT username FROM crm_user WHERE id = :id", id=rep.user_id)
    pem = tmp_path / "org.pem"
    pem.write_text(signer.certificate)
    run = CliRunner(env={"DATABASE_URL": database_urls.database, "REDIS_URL": redis_url}).invoke
    assert run(tandem, ["trust", "--org", ISSUER, "--certificate", str(pem)]).exit_code == 0
    assert exchange(company, signer.sign(user["username"])).get_json()["scope"] == "staff"
    assert run(tandem, ["trust", "--org", ISSUER, "--remove"]).exit_code == 0
    assert refused(company, signer.sign(user["username"])).startswith("its issuer is not registered")
    assert rep.get("/api/me").status_code == 401


def test_a_right_taken_away_is_gone_at_once(company: Company) -> None:
    rep = company.rep(rights=("requests.manage",))
    assert rep.get("/api/me").get_json()["rights"] == ["requests.manage"]
    [user] = company.sql("SELECT username FROM crm_user WHERE id = :id", id=rep.user_id)
    with company.database.session(SYSTEM) as session:
        identity.withdraw(session, user["username"], "requests.manage")
    assert rep.get("/api/me").get_json()["rights"] == []
    assert rep.post(f"/api/requests/{UUID(int=1)}/void").status_code == 403

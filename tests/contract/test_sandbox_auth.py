"""Tokens as a real org issues and refuses them."""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey
from simple_salesforce import Salesforce

from tests.fixtures.org import OrgProcess

VERIFIER = "a-verifier-that-is-long-enough-for-the-rule-of-43-characters"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()
CALLBACK = "http://127.0.0.1:9321/callback"


class Door:
    """A client at the token endpoint, over https with the org's own authority."""

    def __init__(self, org: OrgProcess) -> None:
        self.org = org
        self.session = requests.Session()
        self.session.trust_env = False
        self.session.verify = org.ca
        self.secret = org.client_secret

    def token(self, **form: str) -> requests.Response:
        return self.session.post(f"{self.org.https}/services/oauth2/token", data=form, timeout=30)

    def assertion(self, key: bytes | None = None, **claims: Any) -> str:
        pem = key or self.org.key_file.read_bytes()
        body = {
            "iss": self.org.client_id,
            "sub": self.org.username,
            "aud": "https://login.salesforce.com",
            "exp": int(time.time()) + 180,
        } | claims
        return jwt.encode({"alg": "RS256"}, body, RSAKey.import_key(pem))

    def bearer(self, **claims: Any) -> requests.Response:
        return self.token(
            grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=self.assertion(**claims)
        )

    def get(self, path: str, token: str = "") -> requests.Response:
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        return self.session.get(self.org.https + path, headers=headers, timeout=30)

    def works(self, token: str) -> bool:
        answer = self.get("/services/data/v67.0/query?q=SELECT+Id+FROM+User+LIMIT+1", token)
        if answer.status_code == 401:
            assert answer.json() == [
                {"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}
            ]
        return answer.status_code == 200

    def code(self, **more: str) -> str:
        """An authorization code for the integration user, through the sign-in page."""
        form = self.asked() | {"username": self.org.username, "decision": "allow"} | more
        answer = self.session.post(
            f"{self.org.https}/services/oauth2/authorize", data=form, allow_redirects=False, timeout=30
        )
        assert answer.status_code == 302, answer.text
        return parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]

    def asked(self) -> dict[str, str]:
        return {
            "response_type": "code",
            "client_id": self.org.client_id,
            "redirect_uri": CALLBACK,
            "state": "s-1",
            "scope": "api refresh_token openid",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }

    def exchange(self, code: str, **more: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code",
            "client_id": self.org.client_id,
            "client_secret": self.secret,
            "code": code,
            "redirect_uri": CALLBACK,
            "code_verifier": VERIFIER,
        } | more
        return self.token(**form)

    def refresh(self, token: str) -> requests.Response:
        return self.token(
            grant_type="refresh_token",
            client_id=self.org.client_id,
            client_secret=self.secret,
            refresh_token=token,
        )


@pytest.fixture
def door(org: OrgProcess) -> Iterator[Door]:
    made = Door(org)
    yield made
    made.session.close()


def refused(answer: requests.Response) -> tuple[str, str]:
    assert answer.status_code == 400, answer.text
    body = answer.json()
    assert set(body) == {"error", "error_description"}
    return body["error"], body["error_description"]


def test_a_signed_assertion_buys_a_session_at_the_address_that_was_asked(door: Door, org: OrgProcess) -> None:
    answer = door.bearer()
    body = answer.json()
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-cache, no-store"
    assert re.fullmatch(r"00D\w{12}![\w.]{90,}", body["access_token"])
    assert body["instance_url"] == org.https
    assert body["id"] == f"{org.https}/id/{body['id'].split('/')[-2]}/{body['id'].split('/')[-1]}"
    assert body["token_type"] == "Bearer"
    assert "refresh_token" not in body
    assert door.works(body["access_token"])


def test_an_assertion_signed_by_another_key_buys_nothing(door: Door) -> None:
    stranger = rsa.generate_private_key(public_exponent=65537, key_size=2048).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    assert refused(door.bearer(key=stranger)) == ("invalid_grant", "invalid assertion")


@pytest.mark.parametrize(
    ("claims", "expected"),
    [
        ({"exp": 1}, ("invalid_grant", "expired authorization code")),
        ({"exp": 2**40}, ("invalid_grant", "invalid assertion")),
        ({"aud": "https://example.com"}, ("invalid_grant", "audience is invalid")),
        ({"sub": "nobody@example.com"}, ("invalid_grant", "user hasn't approved this consumer")),
        ({"iss": "3MVG9nobody"}, ("invalid_client_id", "client identifier invalid")),
    ],
)
def test_a_wrong_claim_is_refused_in_the_words_of_a_real_org(
    door: Door, claims: dict[str, Any], expected: tuple[str, str]
) -> None:
    assert refused(door.bearer(**claims)) == expected


def test_an_unsigned_assertion_is_refused(door: Door) -> None:
    header, body, _ = door.assertion().split(".")
    unsigned = base64.urlsafe_b64encode(b'{"alg":"none"}').rstrip(b"=").decode()
    for forged in (f"{unsigned}.{body}.", f"{header}.{body}.AAAA", "no-jwt-at-all"):
        answer = door.token(grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=forged)
        assert refused(answer) == ("invalid_grant", "invalid assertion")


def test_an_inactive_user_and_one_without_approval_cannot_sign_in(door: Door, org: OrgProcess) -> None:
    org.admin("app", permitted=["somebody@else.example"])
    assert refused(door.bearer()) == ("invalid_grant", "user hasn't approved this consumer")
    org.admin("app", permitted=None)
    org.admin("user", username=org.username, active=False)
    assert refused(door.bearer()) == ("invalid_grant", "inactive user")


def test_deactivating_a_user_ends_its_sessions(door: Door, org: OrgProcess) -> None:
    token = door.bearer().json()["access_token"]
    org.admin("user", username=org.username, active=False)
    assert not door.works(token)


def test_a_user_whose_profile_has_no_api_signs_in_and_reads_nothing(door: Door, org: OrgProcess) -> None:
    profile = org.query("SELECT Id FROM Profile WHERE Name = 'Partner Community User'")[0]["Id"]
    admin = org.query("SELECT Username FROM User WHERE Username LIKE 'admin@%'")[0]["Username"]
    token = org.token(admin)
    assert door.works(token)
    org.admin("user", username=admin, ProfileId=profile)
    answer = door.get("/services/data/v67.0/limits", token)
    assert answer.status_code == 403
    assert answer.json()[0]["errorCode"] == "API_DISABLED_FOR_ORG"
    assert door.get("/services/oauth2/userinfo", token).status_code == 200


def test_client_credentials_run_as_the_integration_user(door: Door, org: OrgProcess) -> None:
    form = {"grant_type": "client_credentials", "client_id": org.client_id, "client_secret": door.secret}
    token = door.token(**form).json()["access_token"]
    assert door.get("/services/oauth2/userinfo", token).json()["preferred_username"] == org.username
    assert refused(door.token(**(form | {"client_secret": "wrong"}))) == (
        "invalid_client",
        "invalid client credentials",
    )
    org.admin("app", run_as="")
    assert refused(door.token(**form)) == ("invalid_grant", "no client credentials user enabled")


def test_credentials_may_stand_in_a_basic_header(door: Door, org: OrgProcess) -> None:
    answer = door.session.post(
        f"{org.https}/services/oauth2/token",
        data={"grant_type": "client_credentials"},
        auth=(org.client_id, door.secret),
        timeout=30,
    )
    assert answer.status_code == 200


def test_simple_salesforce_signs_in_by_assertion_and_by_client_credentials(
    door: Door, org: OrgProcess
) -> None:
    domain = f"{org.https.removeprefix('https://')}/my"
    by_key = Salesforce(
        username=org.username,
        consumer_key=org.client_id,
        privatekey_file=str(org.key_file),
        domain=domain,
        session=door.session,
    )
    by_secret = Salesforce(
        consumer_key=org.client_id, consumer_secret=door.secret, domain=domain, session=door.session
    )
    for client in (by_key, by_secret):
        assert client.query("SELECT count() FROM Account")["totalSize"] == 0


def test_password_and_unknown_grants_are_refused(door: Door, org: OrgProcess) -> None:
    form = {
        "grant_type": "password",
        "client_id": org.client_id,
        "client_secret": door.secret,
        "username": org.username,
        "password": "secret",
    }
    org.admin("user", username=org.username, password="secret")
    assert refused(door.token(**form)) == ("invalid_grant", "authentication failure")
    org.admin("settings", password_flow=True)
    assert door.token(**form).status_code == 200
    assert refused(door.token(**(form | {"password": "wrong"}))) == (
        "invalid_grant",
        "authentication failure",
    )
    assert refused(door.token(grant_type="magic")) == ("unsupported_grant_type", "grant type not supported")


def test_the_sign_in_page_offers_users_and_leads_back_with_a_code(door: Door, org: OrgProcess) -> None:
    page = door.session.get(f"{org.https}/services/oauth2/authorize", params=door.asked(), timeout=30)
    assert page.status_code == 200
    assert f'<option value="{org.username}"' in page.text
    body = door.exchange(door.code()).json()
    assert door.works(body["access_token"])
    assert body["scope"] == "api refresh_token openid"
    keys = door.get("/id/keys").json()["keys"]
    claims = jwt.decode(body["id_token"], RSAKey.import_key(keys[0])).claims
    assert claims["sub"] == body["id"]
    assert claims["aud"] == org.client_id


def test_a_user_who_refuses_sends_back_an_error(door: Door, org: OrgProcess) -> None:
    answer = door.session.post(
        f"{org.https}/services/oauth2/authorize",
        data=door.asked() | {"username": org.username, "decision": "deny"},
        allow_redirects=False,
        timeout=30,
    )
    query = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert query["error"] == ["access_denied"]
    assert query["state"] == ["s-1"]
    assert "code" not in query


def test_an_app_may_approve_without_a_page(door: Door, org: OrgProcess) -> None:
    org.admin("app", auto_approve=org.username)
    answer = door.session.get(
        f"{org.https}/services/oauth2/authorize", params=door.asked(), allow_redirects=False, timeout=30
    )
    code = parse_qs(urlsplit(answer.headers["Location"]).query)["code"][0]
    assert door.exchange(code).status_code == 200


def test_a_code_works_once_and_only_with_its_verifier_and_address(door: Door) -> None:
    code = door.code()
    assert door.exchange(code).status_code == 200
    assert refused(door.exchange(code)) == ("invalid_grant", "invalid authorization code")
    assert refused(door.exchange(door.code(), code_verifier="x" * 43)) == (
        "invalid_grant",
        "invalid code verifier",
    )
    assert refused(door.exchange(door.code(), redirect_uri="http://127.0.0.1:1/callback")) == (
        "invalid_grant",
        "redirect_uri must match configuration",
    )


@pytest.mark.parametrize(
    "changes", [{"code_challenge": ""}, {"code_challenge_method": "plain"}, {"code_challenge": "short"}]
)
def test_the_web_flow_insists_on_pkce(door: Door, org: OrgProcess, changes: dict[str, str]) -> None:
    answer = door.session.get(
        f"{org.https}/services/oauth2/authorize",
        params=door.asked() | changes,
        allow_redirects=False,
        timeout=30,
    )
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == ["invalid_request"]


def test_nobody_is_led_to_an_address_that_was_not_registered(door: Door, org: OrgProcess) -> None:
    answer = door.session.get(
        f"{org.https}/services/oauth2/authorize",
        params=door.asked() | {"redirect_uri": "https://evil.example/callback"},
        allow_redirects=False,
        timeout=30,
    )
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "redirect_uri_mismatch" in answer.text


def test_a_refresh_token_works_again_and_again_unless_the_app_rotates(door: Door, org: OrgProcess) -> None:
    first = door.exchange(door.code()).json()["refresh_token"]
    for _ in range(2):
        body = door.refresh(first).json()
        assert door.works(body["access_token"])
        assert "refresh_token" not in body
    org.admin("app", rotate_refresh_tokens=True)
    second = door.refresh(first).json()["refresh_token"]
    assert second != first
    assert refused(door.refresh(first)) == ("invalid_grant", "expired access/refresh token")
    assert door.refresh(second).status_code == 200


def test_two_workers_with_one_rotating_token_strand_each_other(door: Door, org: OrgProcess) -> None:
    org.admin("app", rotate_refresh_tokens=True)
    token = door.exchange(door.code()).json()["refresh_token"]
    org.fault("refresh_race")
    assert refused(door.refresh(token)) == ("invalid_grant", "expired access/refresh token")


def test_signing_in_twice_gives_the_same_session_and_revoking_it_ends_both(door: Door) -> None:
    first, second = door.bearer().json()["access_token"], door.bearer().json()["access_token"]
    assert first == second
    door.session.post(f"{door.org.https}/services/oauth2/revoke", data={"token": first}, timeout=30)
    assert not door.works(second)
    assert door.works(door.bearer().json()["access_token"])


def test_revoking_a_refresh_token_ends_the_sessions_that_came_from_it(door: Door) -> None:
    body = door.exchange(door.code()).json()
    answer = door.session.post(
        f"{door.org.https}/services/oauth2/revoke", data={"token": body["refresh_token"]}, timeout=30
    )
    assert (answer.status_code, answer.content) == (200, b"")
    assert not door.works(body["access_token"])
    assert refused(door.refresh(body["refresh_token"])) == ("invalid_grant", "expired access/refresh token")


def test_what_is_no_token_cannot_be_revoked(door: Door) -> None:
    def revoke(**headers: str) -> requests.Response:
        return door.session.post(
            f"{door.org.https}/services/oauth2/revoke", data={"token": "nobody"}, headers=headers, timeout=30
        )

    assert refused(revoke()) == ("unsupported_token_type", "this token type is not supported")
    assert refused(revoke(Authorization="Basic ???")) == ("invalid_client", "invalid client credentials")


def test_a_session_ends_when_it_is_not_used_and_lives_on_when_it_is(door: Door, org: OrgProcess) -> None:
    token = door.bearer().json()["access_token"]
    for _ in range(3):
        org.advance(7000)
        assert door.works(token)
    org.advance(7300)
    assert not door.works(token)


def test_an_admin_ends_the_sessions_of_one_user(door: Door, org: OrgProcess) -> None:
    mine = door.bearer().json()["access_token"]
    other = org.token(
        org.act("query", soql="SELECT Username FROM User WHERE Username LIKE 'admin@%'")["records"][0][
            "Username"
        ]
    )
    org.expire_sessions(org.username)
    assert not door.works(mine)
    assert door.works(other)


def test_introspection_tells_an_app_about_its_tokens_only(door: Door, org: OrgProcess) -> None:
    def introspect(token: str, secret: str) -> requests.Response:
        return door.session.post(
            f"{org.https}/services/oauth2/introspect",
            data={"token": token},
            auth=(org.client_id, secret),
            timeout=30,
        )

    token = door.bearer().json()["access_token"]
    body = introspect(token, door.secret).json()
    assert (body["active"], body["username"], body["client_id"]) == (True, org.username, org.client_id)
    assert body["exp"] - body["iat"] == 7200
    assert introspect("unknown", door.secret).json() == {"active": False}
    assert introspect(token, "wrong").status_code == 401


def test_identity_is_shown_to_a_session_of_this_org_only(door: Door, org: OrgProcess) -> None:
    body = door.bearer().json()
    path = urlsplit(body["id"]).path
    shown = door.get(path, body["access_token"]).json()
    assert shown["username"] == org.username
    assert shown["organization_id"] == path.split("/")[2]
    assert door.get(path).text == "Missing_OAuth_Token"
    assert door.get(path, "wrong").text == "Bad_OAuth_Token"
    foreign = door.get(f"/id/00D000000000001/{path.split('/')[3]}", body["access_token"])
    assert (foreign.status_code, foreign.text) == (403, "Wrong_Org")
    assert door.get("/services/oauth2/userinfo", "wrong").status_code == 403


def test_discovery_names_the_addresses_of_this_org(door: Door, org: OrgProcess) -> None:
    found = door.get("/.well-known/openid-configuration").json()
    assert found["issuer"] == org.https
    assert found["token_endpoint"] == f"{org.https}/services/oauth2/token"
    assert found["code_challenge_methods_supported"] == ["S256"]


def test_the_org_signs_for_a_user_who_calls_out(org: OrgProcess, door: Door) -> None:
    assertion = org.jwt(org.username, "https://tandem.example", issuer="acme", claims={"partner": "p-1"})
    key = RSAKey.import_key(org.certificate())
    claims = jwt.decode(assertion, key).claims
    assert (claims["iss"], claims["sub"], claims["aud"]) == ("acme", org.username, "https://tandem.example")
    assert claims["partner"] == "p-1"
    assert claims["exp"] - claims["iat"] == 120
    assert "jti" not in claims, "an external credential gives none"
    published = {k["n"] for k in door.get("/id/keys").json()["keys"]}
    assert key.as_dict(private=False)["n"] not in published


def test_two_orgs_do_not_trust_one_another(org: OrgProcess, second_org: OrgProcess, door: Door) -> None:
    other = Door(second_org)
    try:
        assert org.client_id != second_org.client_id
        assert org.certificate() != second_org.certificate()
        assert refused(
            other.token(grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", assertion=door.assertion())
        ) == ("invalid_client_id", "client identifier invalid")
        assert not other.works(door.bearer().json()["access_token"])
        assert org.access_token[:15] != second_org.access_token[:15]
    finally:
        other.session.close()


def test_tokens_and_policies_outlive_a_restart(org: OrgProcess, door: Door) -> None:
    org.admin("app", rotate_refresh_tokens=True)
    body = door.exchange(door.code()).json()
    org.kill()
    org.restart()
    assert door.works(body["access_token"])
    following = door.refresh(body["refresh_token"]).json()["refresh_token"]
    assert following != body["refresh_token"]
    assert oct(org.key_file.stat().st_mode & 0o777) == "0o600"

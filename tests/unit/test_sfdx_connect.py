"""How org and Tandem sign in to one another: the metadata, and an endpoint that accepts what it makes."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID
from joserfc import jwt
from joserfc.jwk import RSAKey

from app.web.assertions import LONGEST_SECONDS, full_id, verify
from app.web.identity import TOKEN_LIFE
from app.web.oauth import TOKEN_PATH

SFDX = Path(__file__).resolve().parents[2] / "sfdx"
CONNECT = SFDX / "force-app" / "main" / "connect"
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
ADDRESS = "https://tandem.example.com"
NOW = 1_900_000_000
#: What an external credential's formulas give, as Salesforce evaluates them: ids with 15 characters, texts.
FORMULAS = {
    "{!$Organization.Id}": "00Dxx0000001gER",
    "{!$User.Username}": "anna@rhein.example",
    '{!Text(FLOOR((NOW() - DATETIMEVALUE( "1970-01-01 00:00:00" )) * 86400 + 120))}': str(NOW + 120),
}


def root(name: str) -> ET.Element:
    [path] = CONNECT.glob(f"*/{name}-meta.xml")
    return ET.parse(path).getroot()  # noqa: S314 the project's own files


def parameters(name: str, kind: str) -> list[dict[str, str]]:
    found = []
    for element in root(name):
        given = {child.tag.removeprefix(SPACE): child.text or "" for child in element}
        if given.get("parameterType") == kind:
            found.append(given)
    return found


def claims() -> dict[str, str]:
    return {
        one["parameterName"]: one["parameterValue"]
        for one in parameters("Tandem.externalCredential", "JwtBodyClaim")
    }


def test_tandem_accepts_the_assertion_that_the_external_credential_makes() -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Tandem")])
    certificate = (
        x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
        .serial_number(1).not_valid_before(datetime(2026, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2028, 1, 1, tzinfo=UTC)).sign(key, hashes.SHA256())
    )  # fmt: skip
    pem = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    sent = {claim: FORMULAS.get(value, value) for claim, value in claims().items()} | {"iat": NOW, "nbf": NOW}
    text = jwt.encode({"alg": "RS256", "typ": "JWT", "kid": "Tandem"}, sent, RSAKey.import_key(pem))

    believed = verify(
        text,
        certificate.public_bytes(Encoding.PEM).decode(),
        issuer=full_id("00Dxx0000001gER"),
        audience=ADDRESS + TOKEN_PATH,
        now=NOW + 1,
    )

    assert believed.issuer == "00Dxx0000001gEREAY"
    assert believed.subject == "anna@rhein.example"
    assert believed.again, "without a jti, calls of one moment may bring the same assertion"
    assert believed.expires_at == datetime.fromtimestamp(NOW, UTC) + timedelta(seconds=120)
    assert LONGEST_SECONDS > 120


def test_the_credential_is_a_jwt_bearer_of_the_user_who_is_signed_in() -> None:
    assert claims().keys() == {"iss", "sub", "aud", "exp"}
    assert set(claims().values()) - FORMULAS.keys() == {ADDRESS + TOKEN_PATH}
    [flow] = parameters("Tandem.externalCredential", "AuthProtocolVariant")
    assert flow["parameterValue"] == "JwtBearer"
    [endpoint] = parameters("Tandem.externalCredential", "AuthProviderUrl")
    assert endpoint["parameterValue"] == ADDRESS + TOKEN_PATH
    [certificate] = parameters("Tandem.externalCredential", "SigningCertificate")
    assert certificate["certificate"] == "Tandem"
    [principal] = parameters("Tandem.externalCredential", "PerUserPrincipal")
    assert parameters("Tandem.externalCredential", "NamedPrincipal") == []
    text = root("Tandem.externalCredential").findtext(SPACE + "description") or ""
    assert f"{TOKEN_LIFE.seconds // 60} minutes" in text
    for audience in ("Partner", "Rep", "Approver", "Admin"):
        [path] = SFDX.glob(f"force-app/main/*/permissionsets/Tandem_{audience}.permissionset-meta.xml")
        granted = ET.parse(path).getroot()  # noqa: S314 the project's own files
        [access] = granted.findall(SPACE + "externalCredentialPrincipalAccesses")
        assert (
            access.findtext(SPACE + "externalCredentialPrincipal") == f"Tandem-{principal['parameterName']}"
        )
        assert access.findtext(SPACE + "enabled") == "true"


def test_apex_calls_through_the_named_credential_over_tls_and_writes_no_token_itself() -> None:
    [address] = parameters("Tandem.namedCredential", "Url")
    assert address["parameterValue"] == ADDRESS
    [how] = parameters("Tandem.namedCredential", "Authentication")
    assert how["externalCredential"] == "Tandem"
    credential = root("Tandem.namedCredential")
    assert credential.findtext(SPACE + "generateAuthorizationHeader") == "true"
    assert credential.findtext(SPACE + "allowMergeFieldsInBody") == "false", "what users type is no formula"
    assert credential.findtext(SPACE + "allowMergeFieldsInHeader") == "false"
    gateway = (SFDX / "force-app/main/shared/classes/Tandem.cls").read_text()
    assert re.findall(r"'(callout:\w+)'", gateway) == ["callout:Tandem"]


def test_tandem_signs_in_with_its_key_as_the_integration_user_alone() -> None:
    policy = root("Tandem_oauthPlcy.ecaOauthPlcy")
    assert policy.findtext(SPACE + "permittedUsersPolicyType") == "AdminApprovedPreAuthorized"
    assert policy.findtext(SPACE + "commaSeparatedPermissionSet") == "Tandem_Integration"
    flows = root("Tandem_glbloauth.ecaGlblOauth")
    for flow in ("ClientCredentialsFlow", "CodeCredFlow", "DeviceFlow", "TokenExchange"):
        assert flows.findtext(f"{SPACE}is{flow}Enabled") == "false"
    assert flows.findtext(SPACE + "isPkceRequired") == "true"
    assert root("Tandem_oauth.ecaOauth").findtext(SPACE + "commaSeparatedOauthScopes") == "Api, RefreshToken"
    for part in ("Tandem_oauth.ecaOauth", "Tandem_plcy.ecaPlcy", "Tandem_glbloauth.ecaGlblOauth"):
        assert root(part).findtext(SPACE + "externalClientApplication") == "Tandem"


@pytest.mark.parametrize(
    "variable", ["TANDEM_URL", "TANDEM_CERTIFICATE", "TANDEM_CONTACT", "TANDEM_SITE_SENDER"]
)
def test_what_differs_from_company_to_company_comes_from_the_environment(variable: str) -> None:
    replaced = json.loads((SFDX / "sfdx-project.json").read_text())["replacements"]
    mine = [one for one in replaced if one["replaceWithEnv"] == variable]
    assert mine
    for one in mine:
        paths = list(SFDX.glob(one.get("glob") or one["filename"]))
        assert paths
        for path in paths:
            assert one["stringToReplace"] in path.read_text(), path.name
    files = [*CONNECT.rglob("*-meta.xml"), *SFDX.rglob("*.network-meta.xml")]
    left = {path: path.read_text() for path in files}
    for one in replaced:
        for path in SFDX.glob(one.get("glob") or one["filename"]):
            left[path] = left[path].replace(one["stringToReplace"], "")
    assert not any(re.search(r"example\.com|%\w+%", rest) for rest in left.values())

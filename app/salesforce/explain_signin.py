"""Why a sign-in or a connection failed, in plain words, and where in Setup to mend it."""

from __future__ import annotations

import requests

_Said = tuple[str, str]
_APP = "Setup → External Client App Manager → your app"

#: What Salesforce looks at, in its order, and what to say of a stage that has been passed.
SIGN_IN_STAGES = {
    "App": "Salesforce knows the app and allows it this way of signing in.",
    "Certificate": "the key belongs to the app's certificate.",
    "Audience": "the login address is this org's.",
    "User": "the user is active and pre-authorised for the app.",
}


def sign_in_stage(error: str, description: str) -> str:
    """The stage of SIGN_IN_STAGES at which an OAuth error stopped the sign-in; empty when unknown."""
    text = description.lower()
    if error in {"invalid_client_id", "invalid_client", "unsupported_grant_type"} or "flow" in text:
        return "App"
    if "invalid assertion" in text or "signature" in text or "expired authorization code" in text:
        return "Certificate"
    if "audience" in text:
        return "Audience"
    if "user" in text or error in {"invalid_app_access", "app_not_approved"}:
        return "User"
    return ""


def explain_oauth(error: str, description: str, username: str = "", grant: str = "jwt") -> _Said:
    """What a token endpoint's refusal means and where in Setup to mend it."""
    text = description.lower()
    user = username or "this user"
    if error == "invalid_client_id":
        return (
            "Salesforce does not know this client id.",
            f"Copy the Consumer Key from {_APP} → Settings → OAuth Settings; a new app needs ten minutes to "
            "become known.",
        )
    if error == "invalid_client":
        return (
            "Salesforce does not accept the app's client id with this secret.",
            f"Copy both from {_APP} → Settings → OAuth Settings → Consumer Key and Secret.",
        )
    if error == "unsupported_grant_type" or "flow" in text:
        flow = {"jwt": "JWT bearer", "client_credentials": "client credentials"}.get(grant, "refresh token")
        return (
            f"the app does not allow the {flow} flow.",
            f"Enable it in {_APP} → Settings → Flow Enablement.",
        )
    if "invalid assertion" in text or "signature" in text:
        return (
            "the private key does not belong to the certificate in the app.",
            f"Upload the certificate that was made with this key: {_APP} → Settings → Flow Enablement → "
            "JWT Bearer Flow.",
        )
    if "audience" in text:
        return (
            "the login address is not the one this org expects.",
            "Use https://login.salesforce.com, https://test.salesforce.com for a sandbox, or the My Domain "
            "address from Setup → My Domain.",
        )
    if "inactive user" in text:
        return (f"the user {user} is inactive or frozen.", "Activate it in Setup → Users.")
    if "client credentials user" in text or "run-as" in text:
        return (
            "the app has no user to run as.",
            f"Choose one in {_APP} → Policies → Client Credentials Flow.",
        )
    if error in {"invalid_app_access", "app_not_approved"} or "hasn't approved" in text:
        return (
            f"the app is not pre-authorised for {user}, or the org has no such user.",
            f"{_APP} → Policies: set Permitted Users to “Admin approved users are pre-authorized” and add "
            "the user's permission set or profile; compare the username in Setup → Users.",
        )
    if "expired" in text and grant == "jwt":
        return (
            "the assertion was out of date when it arrived: this machine's clock may be wrong.",
            "Set the clock by NTP and try again.",
        )
    if "expired" in text or (error == "invalid_grant" and "token" in text):
        return ("the sign-in has expired or was revoked.", "Run `tandem connect` again.")
    if "ip restricted" in text:
        return (
            "Salesforce does not allow this user to sign in from this address.",
            f"{_APP} → Policies → IP Relaxation, or add the address in Setup → Network Access.",
        )
    said = f"{error}: {description}" if description else error
    return (f"Salesforce refused the sign-in: “{said}”.", f"Compare the settings with {_APP}.")


def explain_network(error: BaseException, ca_file: str = "") -> _Said:
    """What a connection that failed means: host, port, certificate, time."""
    text = str(error).lower()
    if "could not find a suitable tls ca certificate bundle" in text or "invalid path" in text:
        return (f"the CA file {ca_file} is missing.", "Give the path of the org's CA certificate (PEM).")
    if isinstance(error, requests.exceptions.SSLError) or "certificate" in text:
        return _certificate(error, text, ca_file)
    if any(sign in text for sign in ("name or service not known", "nodename nor", "resolve", "gaierror")):
        return ("there is no host of this name.", "Check the address for a typing error, and the DNS.")
    if "refused" in text:
        return ("nothing answers at this address.", "Check host and port, and whether the org is running.")
    if "timed out" in text or "timeout" in text:
        return ("the server did not answer in time.", "Check the network or firewall, then try again.")
    if "no route" in text or "unreachable" in text:
        return ("the network has no way to this address.", "Check the network or firewall.")
    return (f"the connection broke: {_innermost(error)}.", "Try again; Tandem does so by itself.")


def _certificate(error: BaseException, text: str, ca_file: str) -> _Said:
    if "certificate has expired" in text:
        return ("the server's certificate has expired.", "Renew it, or check this machine's clock.")
    if "hostname mismatch" in text or "doesn't match" in text or "not valid for" in text:
        return (
            "the server's certificate was made for another address.",
            "Check the address for a typing error.",
        )
    if "no certificate or crl found" in text or "pem lib" in text or "[x509" in text:
        return (f"the CA file {ca_file} holds no certificate.", "Give a certificate in PEM form.")
    if "verify failed" in text:
        return (
            "the server's certificate comes from an authority this machine does not trust.",
            "Check the address; for a local sandbox give its CA file with --ca-file.",
        )
    return (f"no secure connection is possible: {_innermost(error)}.", "Is this an https address?")


def _innermost(error: BaseException) -> str:
    """The reason at the bottom of a chain of wrapped errors, on one short line."""
    seen = error
    while True:
        inner = seen.__cause__ or seen.__context__
        if inner is None:
            break
        seen = inner
    text = " ".join(str(seen).split()) or type(seen).__name__
    return text if len(text) <= 160 else f"{text[:157]}…"

"""Why a sign-in or a connection failed, in plain words, and where in Setup to mend it."""

from __future__ import annotations

import requests

_Said = tuple[str, str]


def explain_oauth(error: str, description: str, username: str) -> _Said:
    """What a token endpoint's refusal means and where in Setup to mend it."""
    app = "Setup → External Client App Manager → your app"
    text = description.lower()
    if error in {"invalid_client_id", "invalid_client"} and "secret" not in text:
        if "credentials" in text:
            return (
                "Salesforce does not accept the app's client id and secret.",
                f"Compare them with {app} → Settings → OAuth Settings → Consumer Key and Secret.",
            )
        return (
            "Salesforce does not know this client id.",
            f"Copy the Consumer Key from {app} → Settings → OAuth Settings; a new app needs ten minutes "
            "to become known.",
        )
    if error == "invalid_client":
        return (
            "the client secret is wrong.",
            f"Copy the Consumer Secret from {app} → Settings → OAuth Settings.",
        )
    if error in {"invalid_app_access", "app_not_approved"} or "hasn't approved" in text:
        return (
            f"the app is not pre-authorised for {username or 'this user'}.",
            f"{app} → Policies: set Permitted Users to “Admin approved users are pre-authorized”, and add "
            "the permission set or profile of this user.",
        )
    if "audience" in text:
        return (
            "the login address is not the one this org expects.",
            "Use https://login.salesforce.com, https://test.salesforce.com for a sandbox, or the My Domain "
            "address from Setup → My Domain.",
        )
    if "invalid assertion" in text or "signature" in text:
        return (
            "the private key does not belong to the certificate in the app.",
            f"Upload the certificate that was made with this key: {app} → Settings → OAuth Settings → Use "
            "digital signatures.",
        )
    if "inactive user" in text:
        return (f"the user {username} is inactive or frozen.", "Activate it in Setup → Users.")
    if "expired authorization code" in text or "expired access/refresh token" in text:
        return (
            "the sign-in has expired or was revoked.",
            "Run `tandem connect` again.",
        )
    if "expired" in text or "not yet valid" in text:
        return (
            "the assertion was out of date when it arrived: this machine's clock may be wrong.",
            "Set the clock by NTP and try again.",
        )
    if "ip restricted" in text:
        return (
            "Salesforce does not allow this user to sign in from this address.",
            f"{app} → Policies → IP Relaxation, or add the address to Setup → Network Access.",
        )
    if error == "unsupported_grant_type" or "grant type not supported" in text:
        return (
            "the app does not allow this way of signing in.",
            f"Enable the JWT bearer flow (or the client credentials flow) in {app} → Settings → Flow "
            "Enablement.",
        )
    if "no client credentials user" in text or "no run-as user" in text:
        return (
            "the app has no user to run as.",
            f"{app} → Policies → Client Credentials Flow: choose the user.",
        )
    if error == "invalid_grant" and ("user" in text or not text):
        return (
            f"Salesforce does not know {username or 'the user'}, or it may not use this app.",
            "Check the username in Setup → Users: it is not always the email address.",
        )
    said = f"{error}: {description}" if description else error
    return (f"Salesforce refused the sign-in: “{said}”.", f"Compare the settings with {app}.")


def explain_network(error: BaseException, ca_file: str = "") -> _Said:
    """What a connection that failed means: host, port, certificate, time."""
    text = str(error).lower()
    if "could not find a suitable tls ca certificate bundle" in text or "invalid path" in text:
        return (
            f"the CA file {ca_file} is missing.",
            "Give the path of the org's CA certificate in PEM form.",
        )
    if isinstance(error, requests.exceptions.SSLError) or "certificate" in text:
        if "expired" in text:
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
    if any(sign in text for sign in ("name or service not known", "nodename nor", "resolve", "gaierror")):
        return ("there is no host of this name.", "Check the address for a typing error, and the DNS.")
    if "refused" in text:
        return ("nothing answers at this address.", "Check host and port, and whether the org is running.")
    if "timed out" in text or "timeout" in text:
        return ("the server did not answer in time.", "Check the network or firewall, then try again.")
    if "no route" in text or "unreachable" in text:
        return ("the network has no way to this address.", "Check the network or firewall.")
    return (f"the connection broke: {_innermost(error)}.", "Try again; Tandem does so by itself.")


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

"""Tandem's API as a Lightning page uses it: the org vouches for its user, Tandem gives a token."""

from __future__ import annotations

import secrets
from dataclasses import dataclass, field
from typing import Any

import requests

from app.demo.crm import SECONDS, Crm
from app.kernel.errors import Conflict, NotFound, Unavailable

GRANT = "urn:ietf:params:oauth:grant-type:jwt-bearer"


@dataclass
class Person:
    """Somebody who is signed in. me: what `/api/me` says of them."""

    web: str
    username: str
    token: str
    me: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def sign_in(cls, web: str, crm: Crm, username: str) -> Person:
        """Exchange the org's assertion for a token, as Apex does through a Named Credential.

        Raises Unavailable when Tandem refuses.
        """
        endpoint = f"{web}/oauth/token"
        form = {"grant_type": GRANT, "assertion": crm.assertion(username, endpoint)}
        with _session() as session:
            answer = session.post(endpoint, data=form, timeout=SECONDS)
        body = _body(answer)
        if "access_token" not in body:
            raise Unavailable(
                f"{username} got no token: {body.get('error_description', answer.status_code)}",
                where=endpoint,
            )
        person = cls(web, username, body["access_token"])
        person.me = person.get("/api/me")
        return person

    @property
    def name(self) -> str:
        """First and last name."""
        return str(self.me["name"])

    @property
    def company(self) -> str:
        """The partner this person sells for; empty for the manufacturer's own people."""
        return str(self.me["company"])

    def get(self, path: str) -> dict[str, Any]:
        """Read. Raises what `call` raises."""
        return self.call("GET", path)

    def post(self, path: str, **body: Any) -> dict[str, Any]:
        """Do something once, however often the line breaks. Raises what `call` raises."""
        return self.call("POST", path, body)

    def call(self, method: str, path: str, body: Any = None) -> dict[str, Any]:
        """One call with this person's token.

        Raises NotFound (nothing there that this person may see), Conflict and Unavailable with the API's
        own sentence.
        """
        # The story is told in English, whatever its people read.
        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": "en-GB"}
        if method == "POST":
            headers["Idempotency-Key"] = secrets.token_hex(16)
        with _session() as session:
            answer = session.request(method, f"{self.web}{path}", json=body, headers=headers, timeout=SECONDS)
        answered = _body(answer)
        if answer.ok:
            return answered
        kind = {404: NotFound, 409: Conflict}.get(answer.status_code, Unavailable)
        fields = "; ".join(f"{name}: {said}" for name, said in (answered.get("fields") or {}).items())
        raise kind(
            " ".join(filter(None, [str(answered.get("detail") or answer.status_code), fields])),
            where=f"{method} {path}",
        )


def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    return session


def _body(answer: requests.Response) -> dict[str, Any]:
    try:
        body = answer.json()
    except ValueError:
        body = {}
    return body if isinstance(body, dict) else {}

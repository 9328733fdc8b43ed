"""The org, as the people in it use it: asked over its REST API, changed by a rep.

What an admin of a real org would do in a browser goes through the sandbox's control plane.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests

from app.kernel.errors import Misconfigured, Unavailable

DOMAIN = "arden-industrial.example"
ADMIN = f"admin@{DOMAIN}"
REP = f"rep@{DOMAIN}"
CHANNEL_MANAGER = f"channel.manager@{DOMAIN}"
CHANNEL_DIRECTOR = f"channel.director@{DOMAIN}"
FINANCE = f"finance@{DOMAIN}"
#: What the org calls a partner's account.
PARTNER_TYPE = "Channel Partner / Reseller"
SECONDS = 30
API = "/services/data/v67.0"


@dataclass
class Crm:
    """A running sandbox org. http, https: its addresses; ca: the file with its certificate authority."""

    http: str
    https: str
    ca: str
    document: dict[str, str]
    _session: requests.Session = field(default_factory=requests.Session)
    _tokens: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._session.trust_env = False

    @classmethod
    def read(cls, directory: Path) -> Crm:
        """The org that runs in this directory. Raises Misconfigured when none does."""
        path = directory / "org.json"
        try:
            document = orjson.loads(path.read_bytes())
        except (OSError, orjson.JSONDecodeError):
            raise Misconfigured(
                "No sandbox org runs here.", where=str(directory), remedy="Start the demo with `make demo`."
            ) from None
        return cls(document["http"], document["https"], document["ca"], document)

    # --- asking ---------------------------------------------------------------------------------

    def query(self, soql: str, username: str = ADMIN, **bound: str) -> list[dict[str, Any]]:
        """Every record of a query, as that user sees it; `:name` stands for a bound text, as in Apex.

        Raises Unavailable with the org's sentence.
        """
        text = re.sub(r":(\w+)", lambda found: _literal(bound[found[1]]), soql)
        answer = self._rest("GET", f"{API}/query", username, params={"q": text})
        records: list[dict[str, Any]] = list(answer["records"])
        while not answer["done"]:
            answer = self._rest("GET", answer["nextRecordsUrl"], username)
            records += answer["records"]
        return records

    def count(self, sobject: str, condition: str | None = None) -> int:
        """How many records there are."""
        soql = " ".join(["SELECT COUNT() FROM", sobject, *(["WHERE", condition] if condition else [])])
        answer = self._rest("GET", f"{API}/query", ADMIN, params={"q": soql})
        return int(answer["totalSize"])

    def record_address(self, sobject: str, record_id: str) -> str:
        """Where the org shows one record."""
        return f"{self.https}{API}/sobjects/{sobject}/{record_id}"

    # --- changing -------------------------------------------------------------------------------

    def update(self, sobject: str, record_id: str, username: str = REP, **fields: Any) -> None:
        """Change one record as that user, as the user's page in the org would."""
        self._rest("PATCH", f"{API}/sobjects/{sobject}/{record_id}", username, json=fields)

    # --- what Setup and a Named Credential do ---------------------------------------------------

    def organization(self) -> str:
        """The org's 18-character id."""
        found: str = self.control("GET", "")["org_id"]
        return found

    def certificate(self) -> str:
        """The certificate (PEM) of the key with which the org signs for its users."""
        answer = self._session.get(f"{self.http}/__sandbox/certificate", timeout=SECONDS)
        _raise_for(answer)
        return answer.text

    def assertion(self, username: str, audience: str) -> str:
        """What Apex sends through a Named Credential for the user who calls out."""
        body = {"username": username, "audience": audience}
        made: str = self.control("POST", "jwt", body)["assertion"]
        return made

    def control(self, method: str, resource: str, body: Any = None) -> Any:
        """Call the control plane."""
        answer = self._session.request(
            method, f"{self.http}/__sandbox/{resource}".rstrip("/"), json=body, timeout=SECONDS
        )
        _raise_for(answer)
        return answer.json()

    def answers(self) -> bool:
        """Whether the org can be reached."""
        try:
            return self._session.get(f"{self.http}/__sandbox", timeout=2).ok
        except requests.RequestException:
            return False

    def close(self) -> None:
        """Close every connection."""
        self._session.close()

    def _rest(self, method: str, path: str, username: str, **options: Any) -> Any:
        if username not in self._tokens:
            self._tokens[username] = self.control("POST", "sessions", {"username": username})["access_token"]
        answer = self._session.request(
            method,
            f"{self.https}{path}",
            headers={"Authorization": f"Bearer {self._tokens[username]}"},
            verify=self.ca,
            timeout=SECONDS,
            **options,
        )
        _raise_for(answer)
        return answer.json() if answer.content else None


def _literal(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _raise_for(answer: requests.Response) -> None:
    if answer.ok:
        return
    try:
        said = answer.json()[0]["message"]
    except (ValueError, LookupError, TypeError):
        said = answer.text[:200]
    # A fault in SOQL is shown over several lines; the last one says what it is.
    last = (said.strip().splitlines() or [""])[-1]
    raise Unavailable(
        f"The org refused with status {answer.status_code}: {last}", where=urlsplit(answer.url).path
    )

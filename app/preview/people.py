"""The people of the sandbox org, and the token that Tandem gives for its word."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import requests

from app.demo.api import GRANT
from app.demo.crm import CHANNEL_MANAGER, REP, SECONDS, Crm
from app.demo.dealing import FIRST_PARTNER, SECOND_PARTNER
from app.demo.joining import NO_PARTNER_YET
from app.kernel.errors import NotAllowed, NotFound, Unavailable
from app.words import say

PARTNER_TYPE = "PowerPartner"
_FIELDS = (
    "Id, Name, Username, Title, UserType, LanguageLocaleKey, LocaleSidKey, TimeZoneSidKey, "
    "DefaultCurrencyIsoCode, Account.Name"
)


@dataclass(frozen=True, slots=True)
class User:
    """A user of the org, as Lightning knows whoever is signed in. company: the partner's, or empty."""

    id: str
    name: str
    username: str
    title: str
    partner: bool
    company: str
    language: str
    locale: str
    time_zone: str
    currency: str

    def document(self) -> dict[str, Any]:
        """As the pages read it."""
        return {
            "id": self.id,
            "name": self.name,
            "username": self.username,
            "title": self.title,
            "partner": self.partner,
            "company": self.company,
            "language": self.language,
            "locale": self.locale.replace("_", "-"),
            "timeZone": self.time_zone,
            "currency": self.currency,
        }


class People:
    """Asks the org, which takes one call at a time here. tandem: the address of the API."""

    def __init__(self, crm: Crm, tandem: str) -> None:
        self.crm, self.tandem = crm, tandem.rstrip("/")
        self._one_at_a_time = threading.Lock()

    def everybody(self) -> list[dict[str, Any]]:
        """Who may be chosen, with the people of the demo's story marked. Raises Unavailable."""
        users = self._ask("WHERE IsActive = true AND UserType IN ('Standard', 'PowerPartner') ORDER BY Name")
        story = _story(users)
        return [user.document() | {"featured": user.username in story} for user in users]

    def user(self, username: str) -> User:
        """One of them. Raises NotFound and Unavailable."""
        found = self._ask("WHERE IsActive = true AND Username = :wanted", wanted=username)
        if not found:
            raise NotFound(say("The org has no such active user."), remedy=say("Choose another person."))
        return found[0]

    def token(self, username: str) -> str:
        """A token for this user, by the org's word: what a Named Credential does.

        Raises NotAllowed when Tandem refuses, Unavailable when one of the two does not answer.
        """
        endpoint = f"{self.tandem}/oauth/token"
        try:
            with self._one_at_a_time:
                assertion = self.crm.assertion(username, endpoint)
            with requests.Session() as session:
                session.trust_env = False
                form = {"grant_type": GRANT, "assertion": assertion}
                answer = session.post(endpoint, data=form, timeout=SECONDS)
        except requests.RequestException:
            raise away() from None
        if answer.status_code >= 500:
            raise away()
        if not answer.ok:
            raise NotAllowed(
                say("Tandem does not accept this user at present."),
                remedy=say("The user may be inactive, or has not been synced yet; ask an administrator."),
                code="user_refused",
            )
        return str(answer.json()["access_token"])

    def _ask(self, condition: str, **bound: str) -> list[User]:
        try:
            with self._one_at_a_time:
                rows = self.crm.query(f"SELECT {_FIELDS} FROM User {condition}", **bound)  # noqa: S608
        except requests.RequestException:
            raise Unavailable(
                say("The sandbox org does not answer."), remedy=say("Start it again, then try once more.")
            ) from None
        return [_user(row) for row in rows]


def away() -> Unavailable:
    """Tandem cannot be reached. The pages have a sentence of their own for it, in the reader's language."""
    return Unavailable("", code="unavailable")


def _user(row: dict[str, Any]) -> User:
    return User(
        id=row["Id"],
        name=row["Name"],
        username=row["Username"],
        title=row["Title"] or "",
        partner=row["UserType"] == PARTNER_TYPE,
        company=(row.get("Account") or {}).get("Name") or "",
        language=row["LanguageLocaleKey"] or "en_US",
        locale=row["LocaleSidKey"] or "en_US",
        time_zone=row["TimeZoneSidKey"] or "UTC",
        currency=row.get("DefaultCurrencyIsoCode") or "USD",
    )


def _story(users: Sequence[User]) -> set[str]:
    """A rep, who decides, one seller of each of two partners, and somebody who may apply to become one."""
    found = {user.username for user in users if user.username in (REP, CHANNEL_MANAGER)}
    for company in (FIRST_PARTNER, SECOND_PARTNER, NO_PARTNER_YET):
        sellers = sorted(user.username for user in users if user.company == company)
        found.update(sellers[:1])
    return found

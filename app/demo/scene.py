"""What every chapter of the story has at hand: the org, the API, people who sign in, and patience."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NoReturn, TypeVar

from sqlalchemy import text

from app.db import Database
from app.demo.api import Person
from app.demo.crm import Crm
from app.demo.opening import Opening
from app.demo.telling import shown
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Unavailable
from app.queues import Queues
from app.sync.engine import alone

Found = TypeVar("Found")

#: How long a step waits for the worker; the schedule alone makes up for a lost hint in this time.
PATIENCE_SECONDS = 90.0
HINT_SECONDS = 3.0


@dataclass
class Scene:
    """Where the story happens."""

    opening: Opening

    @property
    def crm(self) -> Crm:
        return self.opening.crm

    @property
    def web(self) -> str:
        return self.opening.house.web

    @property
    def database(self) -> Database:
        return self.opening.database

    def sign_in(self, username: str) -> Person:
        """Sign somebody in through the org, as its Lightning pages do."""
        return Person.sign_in(self.web, self.crm, username)

    def seller(self, company: str) -> Person:
        """Sign a partner's seller in: the org vouches for its user, and Tandem asks nobody for a password."""
        person = self.sign_in(partner_user(self.crm, company))
        if (person.me["scope"], person.company) != ("partner", company):
            fail(f"{person.username} became {person.me['scope']} of {person.company or 'no company'}.")
        return person

    def local_id(self, sf_id: str) -> Any:
        """The id here of a record of the org."""
        with self.database.session(SYSTEM) as session:
            return session.execute(
                text("SELECT local_id FROM sync_link WHERE sf_id = :sf_id"), {"sf_id": sf_id}
            ).scalar_one()

    def while_no_sync(self, action: Callable[[], None]) -> None:
        """Do it between two syncs."""

        def hold() -> None:
            with alone(self.database):
                action()

        self.while_free(hold)

    def while_free(self, action: Callable[[], Found]) -> Found:
        """Do what needs the sync's lock as soon as no sync runs."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                return action()
            except Unavailable as error:
                if error.error_code != "sync_busy" or time.monotonic() > end:
                    raise
            self.opening.house.rest(0.2)

    def until(self, ask: Callable[[], Found | None], otherwise: str) -> Found:
        """Ask for a sync, and ask again until there is an answer; fails with `otherwise`."""
        queues = Queues(self.opening.house.urls.redis)
        try:
            end = time.monotonic() + PATIENCE_SECONDS
            hint_at = 0.0
            while (found := ask()) is None:
                if time.monotonic() > end:
                    fail(f"After {PATIENCE_SECONDS:.0f} s {otherwise} See {shown(self.opening.house.logs)}.")
                if time.monotonic() >= hint_at:
                    queues.enqueue_hint("sync.cycle")
                    hint_at = time.monotonic() + HINT_SECONDS
                self.opening.house.rest(0.2)
            return found
        finally:
            queues.close()


def partner_user(crm: Crm, company: str) -> str:
    """The user name of one of the partner's sellers. Raises Conflict when the org has none."""
    users = crm.query(
        "SELECT Username FROM User WHERE IsActive = true AND UserType = 'PowerPartner' "
        "AND Account.Name = :company ORDER BY Username LIMIT 1",
        company=company,
    )
    if not users:
        fail(f"the org has no active partner user of {company}.")
    return str(users[0]["Username"])


def fail(sentence: str) -> NoReturn:
    """End the step with this sentence. Raises Conflict."""
    raise Conflict(f"{sentence[:1].upper()}{sentence[1:]}")

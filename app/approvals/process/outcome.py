"""What the end of a run in the org does to the request: it is decided, or Tandem asks its own approvers."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.approvals.effects import Door, Word
from app.approvals.process import rows
from app.approvals.process.instances import Instance
from app.approvals.process.rows import Step
from app.db import Database
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from app.web import identity
from app.words import say

#: Answers of the org to which there is no other than to decide the step here.
_DECISIONS: Mapping[str, Word] = {"Approved": "approve", "Rejected": "reject"}

log = logging.getLogger(__name__)


class Approvals(Protocol):
    """What is needed of the engine of requests."""

    def decide(
        self,
        session: Session,
        actor: Actor,
        request_id: UUID,
        decision: Word,
        reason: str = "",
        *,
        step: str | None = None,
        door: Door = "api",
    ) -> Any: ...

    def bring_back(self, session: Session, request_id: UUID, step: str, sentence: str) -> None: ...


@dataclass(slots=True)
class Report:
    """What one run did, in steps."""

    submitted: int = 0
    decided: int = 0
    recalled: int = 0
    returned: int = 0

    @property
    def changes(self) -> int:
        """All of them; when there are any, the sync has something to send."""
        return self.submitted + self.decided + self.recalled + self.returned


class Outcomes:
    """Takes over what became of steps in Salesforce, and counts it in `report`."""

    def __init__(self, database: Database, approvals: Approvals, report: Report) -> None:
        self.database, self.approvals, self.report = database, approvals, report

    def ended(self, step: Step, instance: Instance) -> None:
        """Decide the step as it was decided there, or ask the own approvers where that does not count."""
        if instance.status not in (*_DECISIONS, "Removed"):
            return
        try:
            with self.database.session(SYSTEM) as session:
                actor = self._actor(session, instance.actor)
                if instance.status == "Removed":
                    who = actor.name if actor else say("somebody")
                    self._return(session, step, say("{who} recalled the approval in Salesforce.", who=who))
                elif actor is None:
                    sentence = say("Tandem does not know the user who decided in Salesforce.")
                    self._return(session, step, sentence)
                else:
                    self._decide(session, step, actor, instance)
        except (BadInput, Conflict, NotAllowed, NotFound) as error:
            # The outcome does not count here, and it is final there: whoever may decide is asked.
            self.give_back(
                step,
                say(
                    "The decision made in Salesforce does not count: {what} {remedy}",
                    what=error.what,
                    remedy=error.remedy,
                ),
            )
        rows.unlock(self.database, instance.record_id)

    def _decide(self, session: Session, step: Step, actor: Actor, instance: Instance) -> None:
        reason = instance.reason
        if instance.status == "Rejected" and not reason:
            reason = say("Rejected in Salesforce, where no comment was left.")
        decision = _DECISIONS[instance.status]
        self.approvals.decide(
            session, actor, step.request_id, decision, reason, step=step.key, door="process"
        )
        rows.end(session, step, "decided", f"{instance.status} by {actor.name}.")
        self.report.decided += 1

    @staticmethod
    def _actor(session: Session, sf_user: str) -> Actor | None:
        try:
            return identity.person(session, subject=sf_user).actor if sf_user else None
        except identity.Unknown:
            return None

    def recalled(self, step: Step, note: str = "") -> None:
        """A step was taken back; note: why an admin may have to do something about it there."""
        with self.database.session(SYSTEM) as session:
            rows.end(session, step, "recalled", note)
        if note:
            log.warning("%s: %s", step.number, note)
        self.report.recalled += 1

    def give_back(self, step: Step, sentence: str) -> None:
        """Let Tandem's own approvers decide the step."""
        with self.database.session(SYSTEM) as session:
            self._return(session, step, sentence)

    def _return(self, session: Session, step: Step, sentence: str) -> None:
        rows.end(session, step, "returned", sentence)
        self.approvals.bring_back(session, step.request_id, step.key, sentence)
        self.report.returned += 1

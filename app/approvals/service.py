"""What can be done to a request. Everything works inside the caller's transaction.

`Approvals` is built once, in app/listeners.py, with the effects that other rooms bring.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.approvals import deciding
from app.approvals.calculation import later
from app.approvals.core import impossible, may_start, moment
from app.approvals.effects import Door, Effect, Happened, Word
from app.approvals.lifecycle import Action, State
from app.approvals.models import Request
from app.approvals.requesting import Requesting, seen
from app.approvals.steps import Round
from app.approvals.timeline import audit, note, tell
from app.db import as_system
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import BadInput, NotAllowed
from app.words import say

__all__ = ["Approvals", "Door", "Effect", "Happened", "Word", "impossible", "may_start", "moment", "seen"]


class Approvals(Requesting):
    """The engine: what the side that asks can do, and what the company's side decides."""

    def decide(
        self,
        session: Session,
        actor: Actor,
        request_id: UUID,
        decision: Word,
        reason: str = "",
        *,
        step: str | None = None,
        round: int | None = None,
        door: Door = "api",
        extra: Mapping[str, Any] | None = None,
    ) -> Request:
        """Approve, reject, or ask for information, in the step that the actor may decide.

        step: its key; needed where the actor may decide several. round: the one that the actor has read.
        The same decision said again changes nothing. Raises NotAllowed for whoever is not asked, for the
        requester and the last editor; Conflict where somebody decided otherwise before, with who and what.
        """
        request = self.get(session, actor, request_id, lock=True)
        if actor.scope != "staff" or actor.user_id is None:
            raise NotAllowed(say("The company's people decide."), remedy=say("You are told when they have."))
        with as_system(session):
            now = moment(session)
            present = self._round(session, request, now)
            place = deciding.place(present, actor, decision, reason, step=step, round=round, door=door)
            if place is None:
                return request  # the same was said before
            effect = self._effect(present.workflow)
            if effect is not None:
                effect.before(session, request, decision, dict(extra or {}))
            if decision == "request_info":
                self._ask_back(session, request, present, actor, reason, place, door, now)
                return request
            sentence = deciding.keep(present, actor, decision, reason, place, door)
            found = present.go_on()
            if found.outcome == "approved":
                self._approve(session, request, actor, sentence, reason, door)
            elif found.outcome == "rejected":
                present.end()
                self._move(
                    session, request, State.REJECTED, actor, "rejected", sentence,
                    reason=reason, door=door, step=place.step,
                )  # fmt: skip
                tell(
                    session, request, [request.requester_id], "rejected",
                    say(
                        "{number} was rejected: {reason}",
                        number=request.number, reason=reason,
                    ),
                    occasion="rejected",
                )  # fmt: skip
                self._tell_others(session, request, "rejected", None, actor, reason)
            else:
                note(
                    session, request, actor, "step_approved" if decision == "approve" else "step_rejected",
                    sentence, step=place.step, reason=reason, door=door,
                )  # fmt: skip
                audit(
                    session, request, actor, decision, reason=reason,
                    after={"step": place.step, "state": request.state, "door": door},
                )  # fmt: skip
                self._tell_others(session, request, "step_approved", None, actor, reason)
        return request

    def take(self, session: Session, actor: Actor, request_id: UUID, *, step: str | None = None) -> Request:
        """Take a queue's task: until it is released, nobody else of the queue decides it."""
        return self._hold(session, actor, request_id, step, taking=True)

    def release(
        self, session: Session, actor: Actor, request_id: UUID, *, step: str | None = None
    ) -> Request:
        """Give a queue's task back to the queue."""
        return self._hold(session, actor, request_id, step, taking=False)

    def bring_back(self, session: Session, request_id: UUID, step: str, reason: str) -> None:
        """Let those whom the route names decide a step that the org's own approval process does not decide.

        reason: why not; a sentence. A step that is not open any more stays as it is.
        """
        request = self.get(session, SYSTEM, request_id, lock=True)
        with as_system(session):
            present = self._round(session, request, moment(session))
            row = next((one for one in present.rows() if one.key == step), None)
            if row is None or row.door == "tandem" or row.state not in ("open", "paused"):
                return
            row.door = "tandem"
            note(
                session, request, SYSTEM, "brought_back",
                say(
                    "{reason} It is decided in Tandem.",
                    reason=reason,
                ),
                step=step, visible="company",
            )  # fmt: skip
            audit(session, request, SYSTEM, "bring_back", reason=reason, after={"step": step})
            present.ask_approvers(row)
            if row.state == "paused":
                present.pause()
            self.tell_observers(session, request, "brought_back", None, SYSTEM, reason)

    def void(self, session: Session, actor: Actor, request_id: UUID, reason: str) -> Request:
        """Take an approval back: its authorization is void from now on. Raises BadInput without a reason."""
        request = self.get(session, actor, request_id, lock=True)
        self._possible(request, Action.VOID)
        if not reason.strip():
            raise BadInput(
                say("A reason is needed."), fields={"reason": say("Say why; the requester reads it.")}
            )
        with as_system(session):
            self._stop(
                session,
                request,
                State.VOIDED,
                actor,
                "voided",
                say("{who} took the approval back.", who=actor.name),
                reason,
            )
            tell(
                session, request, [request.requester_id], "voided",
                say(
                    "The approval of {number} was taken back: {reason}",
                    number=request.number, reason=reason,
                ),
                occasion="voided",
            )  # fmt: skip
        return request

    def expire(self, session: Session, request: Request) -> None:
        """End a request whose question nobody answered in time. The caller has locked it."""
        with as_system(session):
            self._stop(
                session, request, State.EXPIRED, SYSTEM, "expired",
                say("The question was not answered in time, so the request has expired."), "",
            )  # fmt: skip
            tell(
                session, request, [request.requester_id], "expired",
                say(
                    "{number} has expired: the question was not answered in time.",
                    number=request.number,
                ),
                occasion="expired",
            )  # fmt: skip

    def _ask_back(
        self,
        session: Session,
        request: Request,
        present: Round,
        actor: Actor,
        question: str,
        place: deciding.Place,
        door: str,
        now: datetime,
    ) -> None:
        self._move(
            session, request, State.INFO_NEEDED, actor, "info_needed",
            say("{who} asked for information.", who=actor.name), reason=question, door=door, step=place.step,
            asked_at=now, answer_due_at=later(now, present.workflow.expire, self.zone),
        )  # fmt: skip
        present.pause()
        tell(
            session, request, [request.requester_id], "info_needed",
            say(
                "{number}: {who} asks: {question}",
                number=request.number, who=actor.name, question=question,
            ),
            occasion=f"asked/{now.isoformat()}",
        )  # fmt: skip
        self._tell_others(session, request, "info_needed", None, actor, question)

    def _hold(
        self, session: Session, actor: Actor, request_id: UUID, step: str | None, *, taking: bool
    ) -> Request:
        request = self.get(session, actor, request_id, lock=True)
        if request.state != State.SUBMITTED:
            raise impossible(request)
        with as_system(session):
            present = self._round(session, request, moment(session))
            row = deciding.hold(present, actor, step, taking=taking)
            sentence = (
                say("{who} took the task.", who=actor.name)
                if taking
                else say("{who} gave the task back to the queue.", who=actor.name)
            )
            note(
                session, request, actor, "taken" if taking else "released", sentence,
                step=row.step_key, visible="company",
            )  # fmt: skip
            self.tell_observers(session, request, "taken" if taking else "released", None, actor, "")
        return request

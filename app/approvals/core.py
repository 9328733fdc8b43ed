"""What every deed to a request needs: finding it, moving it, telling of it, a round on its way."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from typing import Any, Self
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.approvals import deciding, lifecycle, people, route, store
from app.approvals.authorizations import issue, void
from app.approvals.document.shape import Workflow
from app.approvals.effects import Effect, Happened
from app.approvals.lifecycle import Action, State
from app.approvals.models import Authorization, Request
from app.approvals.steps import Round
from app.approvals.timeline import audit, note, tell
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Conflict, NotAllowed, NotFound
from app.partners import service as partners
from app.words import Inside, possible_now, say


@dataclass(frozen=True)
class Core:
    """effects: by the name that a document's `effect` has; observers: told of every request."""

    effects: Mapping[str, Effect] = field(default_factory=dict)
    observers: tuple[Happened, ...] = ()
    zone: tzinfo = ZoneInfo("UTC")  # noqa: RUF009  # a constant

    def in_zone(self, zone: tzinfo) -> Self:
        """The same engine where the company's calendar day begins elsewhere."""
        return replace(self, zone=zone)

    def get(self, session: Session, actor: Actor, request_id: UUID, *, lock: bool = False) -> Request:
        """One request that this actor may see. Raises NotFound for every other."""
        query = select(Request).where(Request.id == request_id)
        if actor.scope == "partner":
            query = query.where(Request.partner_account_id == actor.partner_id, Request.visible == "both")
        query = query.execution_options(populate_existing=True)
        found = session.scalars(query.with_for_update() if lock else query).first()
        if found is None or (
            actor.scope == "staff"
            and found.state in (State.DRAFT, State.CANCELLED)
            and found.round == 0
            and found.requester_id != actor.user_id
        ):
            raise NotFound(say("There is no such request."), remedy=say("Look for it in the list."))
        return found

    def workflow(self, session: Session, request: Request) -> Workflow:
        """The workflow that a request began with. In the system's name."""
        return store.get(session, request.workflow_key, request.workflow_version).workflow()

    def _round(self, session: Session, request: Request, now: datetime) -> Round:
        return Round(session, request, self.workflow(session, request), now, self.zone)

    def _effect(self, workflow: Workflow) -> Effect | None:
        return self.effects.get(workflow.effect) if workflow.effect else None

    def _tell_others(
        self,
        session: Session,
        request: Request,
        event: str,
        authorization: Authorization | None,
        actor: Actor,
        reason: str,
    ) -> None:
        self._tell_effect(session, request, event, authorization, actor, reason)
        self.tell_observers(session, request, event, authorization, actor, reason)

    def _tell_effect(
        self,
        session: Session,
        request: Request,
        event: str,
        authorization: Authorization | None,
        actor: Actor,
        reason: str,
    ) -> None:
        session.flush()
        effect = self._effect(self.workflow(session, request))
        if effect is not None:
            effect.happened(session, request, event, authorization, actor, reason)
            session.flush()

    def tell_observers(
        self,
        session: Session,
        request: Request,
        event: str,
        authorization: Authorization | None,
        actor: Actor,
        reason: str,
    ) -> None:
        """Tell everybody who follows all requests."""
        session.flush()
        for observer in self.observers:
            observer(session, request, event, authorization, actor, reason)
        session.flush()

    def _own(
        self,
        session: Session,
        actor: Actor,
        request_id: UUID,
        action: Action,
        *,
        company: bool = False,
    ) -> Request:
        """A request that is the actor's own side's, locked, and to which this can be done now."""
        request = self.get(session, actor, request_id, lock=True)
        if actor.scope == "staff" and request.requester_id != actor.user_id and not company:
            raise NotAllowed(
                say("This is somebody else's request."),
                remedy=say("{requester_name} can do this.", requester_name=request.requester_name),
            )
        self._possible(request, action)
        return request

    def _possible(self, request: Request, action: Action) -> None:
        state = State(request.state)
        if lifecycle.after(state, action) is None:
            raise impossible(request)

    def _begin(self, session: Session, request: Request, actor: Actor, event: str) -> None:
        """A new round on its way: the facts of this moment, the limits, the first step."""
        workflow = self.workflow(session, request)
        request.facts = facts_of(session, request, actor)
        session.flush()
        if route.holds(workflow.auto_approve, request.facts) and self._inside_limits(
            session, request, workflow
        ):
            deciding.by_limits(session, request)
            self._approve(
                session,
                request,
                SYSTEM,
                say("It lies inside the limits, so it was approved by itself."),
                "",
                "limits",
            )
            return
        self._round(session, request, moment(session)).begin()
        self.tell_observers(session, request, event, None, actor, "")

    def _inside_limits(self, session: Session, request: Request, workflow: Workflow) -> bool:
        effect = self._effect(workflow)
        if effect is None:
            return True
        try:
            with session.begin_nested():
                effect.before(session, request, "approve", {"by_limits": True})
        except Conflict:
            return False  # somebody has to look at it
        return True

    def _approve(
        self, session: Session, request: Request, actor: Actor, sentence: str, reason: str, door: str
    ) -> None:
        workflow = self.workflow(session, request)
        self._move(session, request, State.APPROVED, actor, "approved", sentence, reason=reason, door=door)
        number = f"{workflow.number}-A-{next_number(session, 'approval_authorization_number')}"
        authorization = issue(session, request, number)
        note(
            session,
            request,
            SYSTEM,
            "authorized",
            say("Authorization {number} was issued.", number=authorization.number),
        )
        tell(
            session, request, [request.requester_id], "approved",
            say(
                "{number} was approved: authorization {authorization}.",
                number=request.number, authorization=authorization.number,
            ),
            occasion="approved",
        )  # fmt: skip
        self._tell_others(session, request, "approved", authorization, actor, reason)

    def _stop(
        self,
        session: Session,
        request: Request,
        state: State,
        actor: Actor,
        event: str,
        sentence: str,
        reason: str,
    ) -> None:
        authorization = self._take_back(session, request, actor, reason or sentence)
        self._end_round(session, request)
        self._move(session, request, state, actor, event, sentence, reason=reason)
        self._tell_others(session, request, event, authorization, actor, reason)

    def _end_round(self, session: Session, request: Request) -> None:
        if request.round:
            self._round(session, request, moment(session)).end()

    def _take_back(
        self, session: Session, request: Request, actor: Actor, reason: str
    ) -> Authorization | None:
        """Void the authorization that is in force, if there is one; which one that was."""
        authorization = void(session, request, actor, reason)
        if authorization is not None:
            note(
                session, request, actor, "authorization_voided",
                say("Authorization {number} is void.", number=authorization.number), reason=reason,
            )  # fmt: skip
        return authorization

    def _move(
        self,
        session: Session,
        request: Request,
        state: State,
        actor: Actor,
        event: str,
        sentence: str,
        *,
        reason: str = "",
        door: str = "",
        step: str = "",
        before: Mapping[str, Any] | None = None,
        asked_at: datetime | None = None,
        answer_due_at: datetime | None = None,
    ) -> None:
        was, now = State(request.state), moment(session)
        request.state, request.state_since = state.value, now
        request.asked_at, request.answer_due_at = asked_at, answer_due_at
        request.asked_by = actor.user_id if asked_at else None
        request.question = reason if asked_at else ""
        session.flush()
        note(
            session, request, actor, event, sentence,
            step=step, reason=reason, door=door, states=(was, state),
        )  # fmt: skip
        audit(
            session, request, actor, event, reason=reason,
            before={"state": was.value, **(before or {})},
            after={"state": state.value, "values": request.values, "door": door, "step": step},
        )  # fmt: skip


def impossible(request: Request, **facts: Any) -> Conflict:
    """The refusal of what the state of a request does not allow, with what it allows."""
    state = State(request.state)
    allowed = lifecycle.possible(state, lifecycle.REQUESTERS | lifecycle.APPROVERS | lifecycle.COMPANY)
    return Conflict(
        say(
            "{number} is {state}: this is not possible now.",
            number=request.number,
            state=Inside(lifecycle.WORDS[state]),
        ),
        remedy=possible_now(allowed),
        facts={"allowed": allowed, "state": state.value, **facts},
    )


def may_start(session: Session, actor: Actor, workflow: Workflow) -> bool:
    """Whether this actor may start this workflow. In the system's name."""
    return bool(people.starts_as(session, actor) & set(workflow.initiators))


def facts_of(session: Session, request: Request, actor: Actor) -> dict[str, Any]:
    """What conditions may ask: the values, `user.…` of whoever hands it in, `partner.…`."""
    found: dict[str, Any] = _jsonable(
        {
            **request.values,
            "user": people.user_facts(session, actor),
            "partner": partners.facts(session, request.partner_account_id),
        }
    )
    return found


def moment(session: Session) -> datetime:
    """Now, by the database's clock."""
    now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now


def next_number(session: Session, sequence: str) -> int:
    """The next number of a sequence; numbers of deeds that failed stay unused."""
    number: int = session.execute(
        text("SELECT nextval(CAST(:name AS regclass))"), {"name": sequence}
    ).scalar_one()
    return number


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(one) for one in value]
    return value if isinstance(value, str | int | bool | None) else str(value)

"""What can be done to a request. Everything works inside the caller's transaction.

`Approvals` is built once, in app/listeners.py, with the effects that other rooms bring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Literal, Protocol
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.approvals import deciding, lifecycle, people, route, store
from app.approvals import values as content
from app.approvals.authorizations import issue, void
from app.approvals.calculation import later
from app.approvals.document import Workflow
from app.approvals.lifecycle import Action, State
from app.approvals.models import Authorization, Request
from app.approvals.steps import Round
from app.approvals.timeline import audit, note, tell
from app.db import as_system
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from app.partners import service as partners

Word = Literal["approve", "reject", "request_info"]
Door = Literal["api", "crm", "process"]


class Happened(Protocol):
    """Told of what happened to a request, in its transaction and in the system's name.

    event: opened, submitted, step_approved, info_needed, answered, approved, rejected, recalled, voided,
    expired, edited, cancelled, escalated, taken, released. authorization: the one in force, or with `voided`,
    `edited` and `recalled` the one that was taken back.
    """

    def __call__(
        self,
        session: Session,
        request: Request,
        event: str,
        authorization: Authorization | None,
        actor: Actor,
        reason: str,
    ) -> None: ...


class Effect(Protocol):
    """What a workflow does beside issuing an authorization. Both run in the system's name."""

    def before(self, session: Session, request: Request, decision: str, extra: Mapping[str, Any]) -> None:
        """May refuse (Conflict, BadInput) a decision, or with `submit` the submission."""

    def happened(
        self,
        session: Session,
        request: Request,
        event: str,
        authorization: Authorization | None,
        actor: Actor,
        reason: str,
    ) -> None:
        """Do what follows."""


@dataclass(frozen=True)
class Approvals:
    """The engine. effects: by the name that a document's `effect` has; observers: told of every request."""

    effects: Mapping[str, Effect] = field(default_factory=dict)
    observers: tuple[Happened, ...] = ()
    zone: tzinfo = ZoneInfo("UTC")  # noqa: RUF009  # a constant

    def in_zone(self, zone: tzinfo) -> Approvals:
        """The same engine where the company's calendar day begins elsewhere."""
        return replace(self, zone=zone)

    # -- the requester's side ----------------------------------------------------------------------------

    def open(
        self,
        session: Session,
        actor: Actor,
        workflow_key: str,
        *,
        values: Mapping[str, Any],
        title: str = "",
        partner_account_id: UUID | None = None,
        subject: tuple[str, UUID] | None = None,
        refs: Mapping[str, UUID | None] | None = None,
    ) -> Request:
        """A draft. A partner asks for itself. Raises NotAllowed to whom the workflow is closed, BadInput."""
        if actor.user_id is None:
            raise NotAllowed("A request belongs to a person.", remedy="Sign in as the person who asks.")
        if actor.scope == "partner":
            if partner_account_id not in (None, actor.partner_id):
                raise BadInput(
                    "You ask for your own company.",
                    fields={"partner_account_id": "Leave this out: a request is your own company's."},
                )
            partner_account_id = actor.partner_id
        kept = content.clean(values)
        with as_system(session):
            version = store.active(session, workflow_key)
            workflow = version.workflow()
            if not may_start(session, actor, workflow):
                raise NotAllowed(
                    f"You cannot start “{workflow.name()}”.",
                    remedy="The list of workflows says what you can start.",
                )
            _active(session, actor, workflow)
            if partner_account_id is not None and not _account(session, partner_account_id):
                raise BadInput(
                    "There is no such partner.", fields={"partner_account_id": "Choose a partner."}
                )
            request = Request(
                id=uuid4(),
                number=f"{workflow.number}-{_next(session, 'approval_request_number')}",
                workflow_key=version.key,
                workflow_version=version.version,
                title=title.strip() or workflow.name(),
                partner_account_id=partner_account_id,
                visible=workflow.visible,
                requester_id=actor.user_id,
                requester_name=actor.name,
                last_editor_id=actor.user_id,
                last_editor_name=actor.name,
                subject_kind=subject[0] if subject else "none",
                subject_id=subject[1] if subject else None,
                **{name: (refs or {}).get(name) for name in ("lead_id", "opportunity_id", "account_id")},
            )
            _take(request, kept)
            session.add(request)
            session.flush()
            note(session, request, actor, "opened", f"{actor.name} began the request.")
            self._tell_others(session, request, "opened", None, actor, "")
        session.refresh(request)
        return request

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
            raise NotFound("There is no such request.", remedy="Look for it in the list.")
        return found

    def edit(
        self,
        session: Session,
        actor: Actor,
        request_id: UUID,
        values: Mapping[str, Any],
        *,
        title: str | None = None,
        as_company: bool = False,
    ) -> Request:
        """Change what a request says; fields that are left out stay. What was approved so far is void.

        as_company: by somebody of the company who may edit others' requests. A request that was handed in
        begins its route again in a new round; the same content again changes nothing.
        """
        request = self._own(session, actor, request_id, Action.EDIT, company=as_company)
        changed = {**request.values, **content.clean(values)}
        if changed == request.values and title in (None, request.title):
            return request
        with as_system(session):
            before, state = dict(request.values), State(request.state)
            handed_in = state in (State.SUBMITTED, State.INFO_NEEDED, State.APPROVED)
            authorization = self._take_back(session, request, actor, "The request was changed.")
            assert actor.user_id is not None
            request.last_editor_id, request.last_editor_name = actor.user_id, actor.name
            if title is not None:
                request.title = title.strip() or request.title
            if handed_in:
                self._end_round(session, request)
                request.round += 1
            _take(request, changed)
            session.flush()
            after = lifecycle.after(state, Action.EDIT)
            assert after is not None
            sentence = f"{actor.name} changed the request."
            if handed_in:
                sentence += " What was approved before no longer counts."
                self._move(session, request, after, actor, "edited", sentence, before={"values": before})
                self._tell_effect(session, request, "edited", authorization, actor, "")
                self._begin(session, request, actor, "edited")
            else:
                note(session, request, actor, "edited", sentence)
                audit(session, request, actor, "edit", before={"values": before}, after={"values": changed})
                self._tell_others(session, request, "edited", None, actor, "")
        return request

    def submit(self, session: Session, actor: Actor, request_id: UUID) -> Request:
        """Hand a draft in: inside the limits it is approved at once, else somebody is asked."""
        request = self._own(session, actor, request_id, Action.SUBMIT)
        with as_system(session):
            request.round = 1
            self._hand_in(session, request, actor, f"{actor.name} handed the request in.")
        return request

    def resubmit(
        self, session: Session, actor: Actor, request_id: UUID, values: Mapping[str, Any] | None = None
    ) -> Request:
        """Hand in again what was rejected, recalled, taken back or has expired: a new round."""
        request = self._own(session, actor, request_id, Action.RESUBMIT)
        if values:
            request = self.edit(session, actor, request_id, values)
        with as_system(session):
            request.round += 1
            self._hand_in(session, request, actor, f"{actor.name} handed the request in again.")
        return request

    def answer(self, session: Session, actor: Actor, request_id: UUID, words: str) -> Request:
        """Answer what was asked. The request keeps its place and the steps that are done."""
        request = self._own(session, actor, request_id, Action.ANSWER)
        if not words.strip():
            raise BadInput("An answer is needed.", fields={"reason": "Write your answer."})
        with as_system(session):
            asked_at, asked_by = request.asked_at, request.asked_by
            assert asked_at is not None
            self._move(
                session, request, State.SUBMITTED, actor, "answered", f"{actor.name} answered.", reason=words
            )
            now = moment(session)
            self._round(session, request, now).resume(now - asked_at)
            tell(
                session, request, [asked_by], "answered", f"{request.number}: {actor.name} answered.",
                occasion=f"answered/{asked_at.isoformat()}",
            )  # fmt: skip
            self._tell_others(session, request, "answered", None, actor, words)
        return request

    def recall(self, session: Session, actor: Actor, request_id: UUID, reason: str = "") -> Request:
        """Take a request back; an authorization that it has is void."""
        request = self._own(session, actor, request_id, Action.RECALL)
        with as_system(session):
            self._stop(
                session,
                request,
                State.RECALLED,
                actor,
                "recalled",
                f"{actor.name} took the request back.",
                reason,
            )
        return request

    def cancel(
        self,
        session: Session,
        actor: Actor,
        request_id: UUID,
        reason: str = "",
        *,
        as_company: bool = False,
    ) -> Request:
        """Give a request up for good: one's own draft; as the company or the system, whatever is open."""
        request = self.get(session, actor, request_id, lock=True)
        self._possible(request, Action.CANCEL)
        own = actor.scope == "partner" or request.requester_id == actor.user_id
        if actor.scope != "system" and not as_company and (not own or request.state in lifecycle.OPEN):
            raise NotAllowed(
                "This request is not yours to cancel.",
                remedy="Whoever began it can take it back; an administrator can end it.",
            )
        with as_system(session):
            self._stop(
                session,
                request,
                State.CANCELLED,
                actor,
                "cancelled",
                f"{actor.name} cancelled the request.",
                reason,
            )
        return request

    def comment(
        self, session: Session, actor: Actor, request_id: UUID, words: str, *, visible: str = "both"
    ) -> Request:
        """Say something about a request. visible: `both`, or `company`: partners never see it."""
        request = self.get(session, actor, request_id)
        if not words.strip():
            raise BadInput("A comment needs words.", fields={"text": "Write something."})
        if visible not in ("both", "company") or (visible == "company" and actor.scope == "partner"):
            raise BadInput("This cannot be.", fields={"visible": "Choose both."})
        with as_system(session):
            sentence = f"{actor.name} wrote a comment."
            note(session, request, actor, "comment", sentence, reason=words, visible=visible)
            others = self._asked(session, request)
            if visible == "both":
                others.add(request.requester_id)
            others.discard(actor.user_id)
            tell(session, request, others, "comment", f"{request.number}: {sentence}", occasion=uuid4().hex)
        return request

    # -- the company's side ------------------------------------------------------------------------------

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
            raise NotAllowed("The company's people decide.", remedy="You are told when they have.")
        with as_system(session):
            now = moment(session)
            present = self._round(session, request, now)
            place = deciding.place(present, actor, decision, reason, step=step, round=round)
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
                    f"{request.number} was rejected: {reason}", occasion="rejected",
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

    def void(self, session: Session, actor: Actor, request_id: UUID, reason: str) -> Request:
        """Take an approval back: its authorization is void from now on. Raises BadInput without a reason."""
        request = self.get(session, actor, request_id, lock=True)
        self._possible(request, Action.VOID)
        if not reason.strip():
            raise BadInput("A reason is needed.", fields={"reason": "Say why; the requester reads it."})
        with as_system(session):
            self._stop(
                session,
                request,
                State.VOIDED,
                actor,
                "voided",
                f"{actor.name} took the approval back.",
                reason,
            )
            tell(
                session, request, [request.requester_id], "voided",
                f"The approval of {request.number} was taken back: {reason}", occasion="voided",
            )  # fmt: skip
        return request

    def expire(self, session: Session, request: Request) -> None:
        """End a request whose question nobody answered in time. The caller has locked it."""
        with as_system(session):
            self._stop(
                session, request, State.EXPIRED, SYSTEM, "expired",
                "The question was not answered in time, so the request has expired.", "",
            )  # fmt: skip
            tell(
                session, request, [request.requester_id], "expired",
                f"{request.number} has expired: the question was not answered in time.", occasion="expired",
            )  # fmt: skip

    def _asked(self, session: Session, request: Request) -> set[UUID | None]:
        """Everybody who is asked to decide a request now."""
        if request.state not in lifecycle.OPEN:
            return set()
        present = self._round(session, request, moment(session))
        return {
            one.id
            for task in present.tasks()
            if task.state != "closed"
            for one in present.directory.asked(task.assignee, request.workflow_key, without=request.excluded)
        }

    # -- what happens inside -----------------------------------------------------------------------------

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
        self._tell_observers(session, request, event, authorization, actor, reason)

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

    def _tell_observers(
        self,
        session: Session,
        request: Request,
        event: str,
        authorization: Authorization | None,
        actor: Actor,
        reason: str,
    ) -> None:
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
                "This is somebody else's request.", remedy=f"{request.requester_name} can do this."
            )
        self._possible(request, action)
        return request

    def _possible(self, request: Request, action: Action) -> None:
        state = State(request.state)
        if lifecycle.after(state, action) is None:
            raise impossible(request)

    def _hand_in(self, session: Session, request: Request, actor: Actor, sentence: str) -> None:
        workflow = self.workflow(session, request)
        effect = self._effect(workflow)
        if effect is not None:
            effect.before(session, request, "submit", {})
        _active(session, actor, workflow)
        request.submitted_at = moment(session)
        self._move(session, request, State.SUBMITTED, actor, "submitted", sentence)
        self._tell_effect(session, request, "submitted", None, actor, "")
        self._begin(session, request, actor, "submitted")

    def _begin(self, session: Session, request: Request, actor: Actor, event: str) -> None:
        """A new round on its way: the facts of this moment, the limits, the first step."""
        workflow = self.workflow(session, request)
        request.facts = _jsonable(
            {
                **request.values,
                "user": people.user_facts(session, actor),
                "partner": partners.facts(session, request.partner_account_id),
            }
        )
        session.flush()
        if route.holds(workflow.auto_approve, request.facts) and self._inside_limits(
            session, request, workflow
        ):
            deciding.by_limits(session, request)
            self._approve(
                session,
                request,
                SYSTEM,
                "It lies inside the limits, so it was approved by itself.",
                "",
                "limits",
            )
            return
        self._round(session, request, moment(session)).begin()
        self._tell_observers(session, request, event, None, actor, "")

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
        number = f"{workflow.number}-A-{_next(session, 'approval_authorization_number')}"
        authorization = issue(session, request, number)
        note(session, request, SYSTEM, "authorized", f"Authorization {authorization.number} was issued.")
        tell(
            session, request, [request.requester_id], "approved",
            f"{request.number} was approved: authorization {authorization.number}.", occasion="approved",
        )  # fmt: skip
        self._tell_others(session, request, "approved", authorization, actor, reason)

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
            f"{actor.name} asked for information.", reason=question, door=door, step=place.step,
            asked_at=now, answer_due_at=later(now, present.workflow.expire, self.zone),
        )  # fmt: skip
        present.pause()
        tell(
            session, request, [request.requester_id], "info_needed",
            f"{request.number}: {actor.name} asks: {question}", occasion=f"asked/{now.isoformat()}",
        )  # fmt: skip
        self._tell_others(session, request, "info_needed", None, actor, question)

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
                f"Authorization {authorization.number} is void.", reason=reason,
            )  # fmt: skip
        return authorization

    def _hold(
        self, session: Session, actor: Actor, request_id: UUID, step: str | None, *, taking: bool
    ) -> Request:
        request = self.get(session, actor, request_id, lock=True)
        if request.state != State.SUBMITTED:
            raise impossible(request)
        with as_system(session):
            present = self._round(session, request, moment(session))
            row = deciding.hold(present, actor, step, taking=taking)
            word = "took the task" if taking else "gave the task back to the queue"
            note(
                session, request, actor, "taken" if taking else "released", f"{actor.name} {word}.",
                step=row.step_key, visible="company",
            )  # fmt: skip
            self._tell_others(session, request, "taken" if taking else "released", None, actor, "")
        return request

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
        f"{request.number} is {lifecycle.WORDS[state].lower()}: this is not possible now.",
        remedy=f"Possible now: {', '.join(allowed)}." if allowed else "Nothing can be done to it any more.",
        facts={"allowed": allowed, "state": state.value, **facts},
    )


def may_start(session: Session, actor: Actor, workflow: Workflow) -> bool:
    """Whether this actor may start this workflow. In the system's name."""
    return bool(people.starts_as(session, actor) & set(workflow.initiators))


def moment(session: Session) -> datetime:
    """Now, by the database's clock."""
    now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now


def _next(session: Session, sequence: str) -> int:
    number: int = session.execute(
        text("SELECT nextval(CAST(:name AS regclass))"), {"name": sequence}
    ).scalar_one()
    return number


def _active(session: Session, actor: Actor, workflow: Workflow) -> None:
    """Let a partner start and hand in only while it is active; a prospect starts what is for prospects."""
    if actor.partner_id is not None and people.PROSPECT not in workflow.initiators:
        partners.require_active(session, actor.partner_id)


_TABLES = {"lead_id": "lead", "opportunity_id": "opportunity", "account_id": "account"}


def seen(session: Session, refs: Mapping[str, UUID | None]) -> Mapping[str, UUID | None]:
    """The records a caller names, if whoever the transaction belongs to can see them. Raises BadInput."""
    for name, record_id in refs.items():
        query = f"SELECT EXISTS (SELECT FROM {_TABLES[name]} WHERE id = :id AND deleted_at IS NULL)"  # noqa: S608  # own constants
        if record_id is not None and not session.execute(text(query), {"id": record_id}).scalar_one():
            raise BadInput("There is no such record.", fields={f"refs.{name}": "Choose one that is there."})
    return refs


def _account(session: Session, account_id: UUID) -> bool:
    query = text("SELECT EXISTS (SELECT FROM account WHERE id = :id AND deleted_at IS NULL)")
    return bool(session.execute(query, {"id": account_id}).scalar_one())


def _take(request: Request, values: dict[str, Any]) -> None:
    """Put values into a request; amount and currency stand beside them, for lists."""
    request.values = values
    currency = values.get("currency")
    request.currency = currency if isinstance(currency, str) and len(currency) == 3 else ""
    try:
        amount = Decimal(str(values.get("amount")))
        request.amount = round(amount, 2) if amount.is_finite() and abs(amount) < Decimal(10) ** 16 else None
    except InvalidOperation:
        request.amount = None


def _jsonable(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _jsonable(one) for key, one in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [_jsonable(one) for one in value]
    return value if isinstance(value, str | int | bool | None) else str(value)

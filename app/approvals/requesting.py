"""The side that asks: open, edit, submit, answer, recall, resubmit, cancel, comment."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Any
from uuid import UUID, uuid4

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals import lifecycle, people, smart_forms, store
from app.approvals import values as content
from app.approvals.core import Core, may_start, moment, next_number
from app.approvals.document.shape import Workflow
from app.approvals.lifecycle import Action, State
from app.approvals.models import Request
from app.approvals.smart_forms import Reader
from app.approvals.timeline import audit, note, tell
from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.conditions import number
from app.kernel.errors import BadInput, NotAllowed
from app.partners import service as partners
from app.words import Titles, say


class Requesting(Core):
    """What the side that asks can do."""

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
            raise NotAllowed(
                say("A request belongs to a person."), remedy=say("Sign in as the person who asks.")
            )
        if actor.scope == "partner":
            if partner_account_id not in (None, actor.partner_id):
                raise BadInput(
                    say("You ask for your own company."),
                    fields={"partner_account_id": say("Leave this out: a request is your own company's.")},
                )
            partner_account_id = actor.partner_id
        typed = content.clean(values)
        with as_system(session):
            version = store.active(session, workflow_key)
            workflow = version.workflow()
            if not may_start(session, actor, workflow):
                raise NotAllowed(
                    say("You cannot start “{workflow}”.", workflow=Titles(workflow.title)),
                    remedy=say("The list of workflows says what you can start."),
                )
            _active(session, actor, workflow)
            if partner_account_id is not None and not _account(session, partner_account_id):
                raise BadInput(
                    say("There is no such partner."), fields={"partner_account_id": say("Choose a partner.")}
                )
        kept = smart_forms.kept(session, self._reader(session, actor, partner_account_id), workflow, typed)
        with as_system(session):
            request = Request(
                id=uuid4(),
                number=f"{workflow.number}-{next_number(session, 'approval_request_number')}",
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
            note(session, request, actor, "opened", say("{who} began the request.", who=actor.name))
            self._tell_others(session, request, "opened", None, actor, "")
        session.refresh(request)
        return request

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
        state = State(request.state)
        handed_in = state in (State.SUBMITTED, State.INFO_NEEDED, State.APPROVED)
        changed = self._filled(session, actor, request, content.clean(values), complete=handed_in)
        if changed == request.values and title in (None, request.title):
            return request
        with as_system(session):
            before = dict(request.values)
            authorization = self._take_back(session, request, actor, say("The request was changed."))
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
            sentence = say("{who} changed the request.", who=actor.name)
            if handed_in:
                sentence = say(
                    "{who} changed the request. What was approved before no longer counts.", who=actor.name
                )
                self._move(session, request, after, actor, "edited", sentence, before={"values": before})
                self._tell_effect(session, request, "edited", authorization, actor, "")
                self._begin(session, request, actor, "edited")
            else:
                note(session, request, actor, "edited", sentence)
                audit(session, request, actor, "edit", before={"values": before}, after={"values": changed})
                self._tell_effect(session, request, "drafted", None, actor, "")
                self.tell_observers(session, request, "edited", None, actor, "")
        return request

    def submit(self, session: Session, actor: Actor, request_id: UUID) -> Request:
        """Hand a draft in: inside the limits it is approved at once, else somebody is asked."""
        request = self._own(session, actor, request_id, Action.SUBMIT)
        values = self._filled(session, actor, request, request.values, complete=True)
        with as_system(session):
            _take(request, values)
            request.round = 1
            self._hand_in(session, request, actor, say("{who} handed the request in.", who=actor.name))
        return request

    def resubmit(
        self, session: Session, actor: Actor, request_id: UUID, values: Mapping[str, Any] | None = None
    ) -> Request:
        """Hand in again what was rejected, recalled, taken back or has expired: a new round."""
        request = self._own(session, actor, request_id, Action.RESUBMIT)
        if values:
            request = self.edit(session, actor, request_id, values)
        complete = self._filled(session, actor, request, request.values, complete=True)
        with as_system(session):
            _take(request, complete)
            request.round += 1
            self._hand_in(session, request, actor, say("{who} handed the request in again.", who=actor.name))
        return request

    def answer(self, session: Session, actor: Actor, request_id: UUID, words: str) -> Request:
        """Answer what was asked. The request keeps its place and the steps that are done."""
        request = self._own(session, actor, request_id, Action.ANSWER)
        if not words.strip():
            raise BadInput(say("An answer is needed."), fields={"reason": say("Write your answer.")})
        with as_system(session):
            asked_at, asked_by = request.asked_at, request.asked_by
            assert asked_at is not None
            self._move(
                session,
                request,
                State.SUBMITTED,
                actor,
                "answered",
                say("{who} answered.", who=actor.name),
                reason=words,
            )
            now = moment(session)
            self._round(session, request, now).resume(now - asked_at)
            tell(
                session, request, [asked_by], "answered",
                say(
                    "{number}: {who} answered.",
                    number=request.number, who=actor.name,
                ),
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
                say("{who} took the request back.", who=actor.name),
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
                say("This request is not yours to cancel."),
                remedy=say("Whoever began it can take it back; an administrator can end it."),
            )
        with as_system(session):
            self._stop(
                session,
                request,
                State.CANCELLED,
                actor,
                "cancelled",
                say("{who} cancelled the request.", who=actor.name),
                reason,
            )
        return request

    def comment(
        self, session: Session, actor: Actor, request_id: UUID, words: str, *, visible: str = "both"
    ) -> Request:
        """Say something about a request. visible: `both`, or `company`: partners never see it."""
        request = self.get(session, actor, request_id)
        if not words.strip():
            raise BadInput(say("A comment needs words."), fields={"text": say("Write something.")})
        if visible not in ("both", "company") or (visible == "company" and actor.scope == "partner"):
            raise BadInput(say("This cannot be."), fields={"visible": say("Choose both.")})
        with as_system(session):
            sentence = say("{who} wrote a comment.", who=actor.name)
            note(session, request, actor, "comment", sentence, reason=words, visible=visible)
            others = self._asked(session, request)
            if visible == "both":
                others.add(request.requester_id)
            others.discard(actor.user_id)
            tell(
                session,
                request,
                others,
                "comment",
                say("{number}: {sentence}", number=request.number, sentence=sentence),
                occasion=uuid4().hex,
            )
        return request

    def _reader(
        self, session: Session, actor: Actor, partner_account_id: UUID | None, request_id: UUID | None = None
    ) -> Reader:
        today = moment(session).astimezone(self.zone).date()
        return Reader(actor, today, partner_account_id, request_id)

    def _filled(
        self, session: Session, actor: Actor, request: Request, values: Mapping[str, Any], *, complete: bool
    ) -> dict[str, Any]:
        """The request's values with these, as its form takes them from this actor. Raises BadInput."""
        with as_system(session):
            workflow = self.workflow(session, request)
        take = smart_forms.accepted if complete else smart_forms.kept
        reader = self._reader(session, actor, request.partner_account_id, request.id)
        return take(session, reader, workflow, values, request.values)

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
            raise BadInput(
                say("There is no such record."), fields={f"refs.{name}": say("Choose one that is there.")}
            )
    return refs


def _account(session: Session, account_id: UUID) -> bool:
    query = text("SELECT EXISTS (SELECT FROM account WHERE id = :id AND deleted_at IS NULL)")
    return bool(session.execute(query, {"id": account_id}).scalar_one())


def _take(request: Request, values: dict[str, Any]) -> None:
    """Put values into a request; amount and currency stand beside them, for lists."""
    request.values = values
    currency = values.get("currency")
    request.currency = currency if isinstance(currency, str) and len(currency) == 3 else ""
    amount = number(values.get("amount"))
    fits = amount is not None and abs(amount) < Decimal(10) ** 16
    request.amount = amount.quantize(Decimal("0.01"), ROUND_HALF_UP) if amount is not None and fits else None

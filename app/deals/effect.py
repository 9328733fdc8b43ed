"""What the request of a registration does to it: the effect of the workflow `deal_registration`.

The engine calls it in its own transaction and in the system's name. The request says who decides and until
when; the registration holds its place, overlaps with others, is protected, and reaches the CRM.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.approvals.models import Authorization, Request
from app.deals import conflicts, crm, customers, fields, lifecycle
from app.deals.calculation import protected_until
from app.deals.lifecycle import Action, State
from app.deals.models import DealRegistration
from app.deals.terms import Terms
from app.deals.timeline import move, note
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import BadInput, Conflict
from app.partners import service as partners
from app.web.fields import Reason
from app.words import Inside, Names, possible_now, say

#: The workflow and what its requests are about.
WORKFLOW = "deal_registration"
SUBJECT = "deal_registration"

_FIXED = say(
    "The customer and the product family stay as they were handed in: others were compared with them."
)


class Extra(BaseModel):
    """What an approver may say beside the decision; only the company reads it."""

    override_reason: Reason = ""


class DealRegistrations:
    """The effect. terms: what the company has decided about protection, as of now."""

    def __init__(self, terms: Callable[[], Terms]) -> None:
        self._terms = terms

    # -- what is asked before ----------------------------------------------------------------------------

    def before(self, session: Session, request: Request, decision: str, extra: Mapping[str, Any]) -> None:
        """Refuse an incomplete submission, and an approval that overlaps another deal without a reason.

        extra: `override_reason`, why it is approved although it overlaps.
        """
        if decision == "submit":
            registration = _of(session, request)
            _require_active(session, registration)
            # The form may have filled in what was left out.
            fields.take(session, registration, request.values, fixed=_fixed(registration))
            fields.complete(registration)
            # Looking through a million accounts takes its time: not while others wait for the lock.
            customers.recognise(session, registration)
            request.account_id = registration.customer_account_id
        elif decision == "approve":
            registration = _of(session, request)
            possible(registration, Action.APPROVE)
            _require_active(session, registration)
            self._no_overlap(session, registration, Extra.model_validate(extra).override_reason)

    def _no_overlap(self, session: Session, registration: DealRegistration, reason: str) -> None:
        """Raises Conflict where it overlaps, and neither this nor an earlier approver gave a reason."""
        conflicts.lock(session, registration.product_family)
        customers.recognise(session, registration)
        overlaps = conflicts.find(session, registration, self._today(session))
        fresh = conflicts.keep(session, registration, overlaps)
        for overlap in fresh:
            note(session, registration, SYSTEM, "conflict", overlap.sentence())
        if not overlaps:
            registration.override_reason = None
        elif reason:
            registration.override_reason = reason
        elif fresh or not registration.override_reason:
            raise Conflict(
                say("{number} overlaps {others}.", number=registration.number, others=_named(overlaps)),
                remedy=say("Reject it, or approve it with a reason for the exception (override_reason)."),
                code="deal_conflict",
                facts={"allowed": ["approve with override_reason", "reject", "request_info"]},
            )

    # -- what follows ------------------------------------------------------------------------------------

    def happened(
        self,
        session: Session,
        request: Request,
        event: str,
        authorization: Authorization | None,
        actor: Actor,
        reason: str,
    ) -> None:
        """Let the registration follow its request. Raises Conflict where the deal has gone on meanwhile."""
        if event == "opened":
            self._opened(session, request, actor)
        elif event in ("submitted", "drafted", "edited", "approved"):
            registration = _of(session, request)
            if event == "submitted":
                self._submitted(session, registration, actor)
            elif event == "drafted":
                _drafted(session, request, registration)
            elif event == "edited":
                self._edited(session, request, registration, actor)
            else:
                assert authorization is not None
                self._approved(session, request, registration, authorization, actor)
        elif event in ("info_needed", "answered"):
            action = Action.REQUEST_INFO if event == "info_needed" else Action.ANSWER
            _go(session, _of(session, request), action, actor, reason)
        elif event in ("rejected", "recalled", "voided", "cancelled", "expired"):
            _closed(session, request, event, actor, reason)

    def _opened(self, session: Session, request: Request, actor: Actor) -> None:
        """A request without a registration makes one; a draft from before there were requests has one."""
        if request.subject_id is not None:
            return
        partner = request.partner_account_id
        if partner is None or not customers.is_partner(session, partner):
            raise BadInput(
                say("This is not a partner."),
                fields={"partner_account_id": say("Choose the partner for which you register the deal.")},
            )
        registration = DealRegistration(
            partner_account_id=partner, submitted_by=request.requester_id, request_id=request.id
        )
        _require_active(session, registration)
        fields.take(session, registration, request.values)
        session.add(registration)
        session.flush()
        session.refresh(registration)
        request.subject_kind, request.subject_id = SUBJECT, registration.id
        request.title = fields.title(registration) or request.title

    def _submitted(self, session: Session, registration: DealRegistration, actor: Actor) -> None:
        """From now on it holds its place. What it overlaps with is written down, and it still stands."""
        action = Action.SUBMIT if registration.state == State.DRAFT else Action.RESUBMIT
        possible(registration, action)
        conflicts.lock(session, registration.product_family)
        now, submission = session.execute(text("SELECT clock_timestamp(), nextval('deal_submission')")).one()
        registration.submitted_at, registration.submission = now, submission
        registration.decided_by = registration.decided_at = registration.decision_reason = None
        registration.override_reason = registration.authorization_number = None
        registration.protected_until = None
        move(session, registration, action, actor)
        self._compare(session, registration)
        crm.show(session, registration)

    def _edited(
        self, session: Session, request: Request, registration: DealRegistration, actor: Actor
    ) -> None:
        """A change after it was handed in: the place stays, an approval does not."""
        possible(registration, Action.CHANGE)
        fields.take(session, registration, request.values, fixed=_FIXED)
        fields.complete(registration)
        request.title = fields.title(registration)
        registration.authorization_number = registration.override_reason = None
        _go(session, registration, Action.CHANGE, actor)
        self._compare(session, registration)
        crm.show(session, registration)

    def _approved(
        self,
        session: Session,
        request: Request,
        registration: DealRegistration,
        authorization: Authorization,
        actor: Actor,
    ) -> None:
        """Protect the deal, and put customer, lead and opportunity into the CRM in the same transaction.

        A deal that was approved before keeps its protection and its records: a change makes neither longer.
        """
        conflicts.lock(session, registration.product_family)
        registration.decided_by, registration.decided_at = actor.user_id, _now(session)
        registration.authorization_number = authorization.number
        if registration.protected_until is None:
            days = self._terms().protection_days
            registration.protected_until = protected_until(self._today(session), days)
        _go(session, registration, Action.APPROVE, actor)
        sentence = say("The deal is protected until {day}.", day=registration.protected_until)
        if registration.override_reason:
            # The reason for an exception may speak of the other partner: it stays with the company.
            sentence = say(
                "The deal is protected until {day}, as an exception although it overlaps another deal.",
                day=registration.protected_until,
            )
        note(session, registration, SYSTEM, "protected", sentence)
        if registration.opportunity_id is None:
            customers.recognise(session, registration)
            if registration.customer_account_id is None:
                customers.lock(session, registration)
                customers.recognise(session, registration)
            crm.bring(session, registration)
        else:
            crm.renew(session, registration)
        request.lead_id, request.opportunity_id = registration.lead_id, registration.opportunity_id
        request.account_id = registration.customer_account_id

    # -- how ---------------------------------------------------------------------------------------------

    def _compare(self, session: Session, registration: DealRegistration) -> None:
        overlaps = conflicts.find(session, registration, self._today(session))
        for overlap in conflicts.keep(session, registration, overlaps):
            note(session, registration, SYSTEM, "conflict", overlap.sentence())

    def _today(self, session: Session) -> date:
        return self._terms().business_date(_now(session))


def _drafted(session: Session, request: Request, registration: DealRegistration) -> None:
    """A change of what was not handed in, or of what will be handed in again."""
    fields.take(session, registration, request.values, fixed=_fixed(registration))
    request.title = fields.title(registration) or request.title


def _closed(session: Session, request: Request, event: str, actor: Actor, reason: str) -> None:
    """The registration gives its place up: its own side wanted that, the company, or the calendar."""
    registration = _of(session, request)
    own = actor.scope == "partner" or actor.user_id in request.excluded
    action = {
        "rejected": Action.REJECT,
        "recalled": Action.WITHDRAW,
        "voided": Action.WITHDRAW if own else Action.REVOKE,
        "cancelled": Action.WITHDRAW if own or registration.state == State.DRAFT else Action.REJECT,
        "expired": Action.LAPSE,
    }[event]
    possible(registration, action)
    if action in (Action.REJECT, Action.REVOKE):
        registration.decided_by, registration.decided_at = actor.user_id, _now(session)
        registration.decision_reason = reason.strip() or say("The company ended the request.")
    registration.authorization_number = None
    _go(session, registration, action, actor, reason)
    crm.show(session, registration)


def _fixed(registration: DealRegistration) -> str:
    """Why customer and product family stay before it is handed in again; empty where they need not."""
    return _FIXED if registration.opportunity_id is not None else ""


def _of(session: Session, request: Request) -> DealRegistration:
    """The registration of a request, locked. Raises BadInput where a request has none."""
    found = session.scalars(
        select(DealRegistration)
        .where(DealRegistration.id == request.subject_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).first()
    if found is None or request.subject_kind != SUBJECT:
        raise BadInput(say("This request has no registration."), remedy=say("Register the deal anew."))
    return found


def possible(registration: DealRegistration, action: Action) -> None:
    """Raises Conflict, with what is possible instead, where the state does not allow the action."""
    state = State(registration.state)
    if lifecycle.after(state, action) is None:
        allowed = lifecycle.possible(state, lifecycle.PARTNERS)
        raise Conflict(
            say(
                "{number} is {state}: this is not possible now.",
                number=registration.number,
                state=Inside(lifecycle.WORDS[state]),
            ),
            remedy=possible_now(allowed),
            facts={"allowed": allowed, "state": state.value},
        )


def _go(
    session: Session, registration: DealRegistration, action: Action, actor: Actor, reason: str = ""
) -> None:
    possible(registration, action)
    move(session, registration, action, actor, reason=reason)


def _require_active(session: Session, registration: DealRegistration) -> None:
    if not partners.is_active(session, registration.partner_account_id):
        raise Conflict(
            say("The partner is not active, so no deal can be registered for it."),
            remedy=say("The partner's page says what is missing."),
            code="partner_not_active",
            facts={"allowed": []},
        )


def _now(session: Session) -> datetime:
    now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return now


def _named(overlaps: list[conflicts.Overlap]) -> Names:
    return Names(
        tuple(
            one.number or say("the opportunity “{name}”", name=one.evidence["opportunity"])
            for one in overlaps
        )
    )

"""What can be done to a registration. Every function works inside the caller's transaction.

A registration is carried by a request: the engine of requests keeps its values, asks who has to decide, and
calls `effect`, which moves the registration. Here is what a registration's own address offers of that.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.approvals.lifecycle import State as RequestState
from app.approvals.models import Authorization, Request
from app.approvals.service import Approvals
from app.db import as_system
from app.deals import crm, effect, fields, lifecycle, records
from app.deals.effect import SUBJECT, WORKFLOW
from app.deals.following import crm_changed
from app.deals.lifecycle import Action, State
from app.deals.models import DealRegistration
from app.deals.terms import Terms
from app.deals.timeline import move
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import BadInput, Conflict, NotFound
from app.words import say

__all__ = [
    "Terms", "create", "crm_changed", "edit", "expire", "get", "request_changed", "submit", "withdraw",
]  # fmt: skip


def create(session: Session, engine: Approvals, actor: Actor, values: Mapping[str, Any]) -> UUID:
    """A new draft; its id. A partner registers for itself; the company names the partner. Raises BadInput.

    values: as JSON has them.
    """
    given = dict(values)
    partner = given.pop("partner_account_id", None)
    if actor.scope == "partner" and partner not in (None, str(actor.partner_id)):
        raise BadInput(
            say("You register deals for your own company."),
            fields={"partner_account_id": say("Leave this out: a registration is your own company's.")},
        )
    partner_id = actor.partner_id or (UUID(partner) if partner else None)
    values = fields.as_values(session, given)
    request = engine.open(session, actor, WORKFLOW, values=values, partner_account_id=partner_id)
    assert request.subject_id is not None
    return request.subject_id


def get(session: Session, actor: Actor, registration_id: UUID, *, lock: bool = False) -> DealRegistration:
    """One registration that this actor may see. Raises NotFound for every other."""
    query = select(DealRegistration).where(DealRegistration.id == registration_id)
    if actor.scope == "partner":
        query = query.where(DealRegistration.partner_account_id == actor.partner_id)
    query = query.execution_options(populate_existing=True)
    found = session.scalars(query.with_for_update() if lock else query).first()
    if found is None or (
        actor.scope == "staff" and found.state == State.DRAFT and found.submitted_by != actor.user_id
    ):
        raise NotFound(say("There is no such registration."), remedy=say("Look for it in the list."))
    return found


def edit(
    session: Session, engine: Approvals, actor: Actor, registration_id: UUID, values: Mapping[str, Any]
) -> None:
    """Change what it says. What was handed in is decided anew; customer and product family stay.

    values: as JSON has them. Raises Conflict, BadInput, NotFound.
    """
    registration = get(session, actor, registration_id)
    if "partner_account_id" in values:
        raise BadInput(
            say("The partner stays."),
            fields={"partner_account_id": say("Register anew for another partner.")},
        )
    if registration.state not in (State.DRAFT, State.REJECTED, State.WITHDRAWN):
        effect.possible(registration, Action.CHANGE)
    request_id = _request(session, engine, actor, registration)
    engine.edit(session, actor, request_id, fields.as_values(session, values))


def submit(session: Session, engine: Approvals, actor: Actor, registration_id: UUID) -> None:
    """Hand in: from now on it holds its place. What it overlaps with is written down, and it still stands.

    Raises BadInput with a sentence for each field that is missing, Conflict, NotFound.
    """
    registration = get(session, actor, registration_id)
    effect.possible(registration, Action.SUBMIT)
    engine.submit(session, actor, _request(session, engine, actor, registration))


def withdraw(session: Session, engine: Approvals, actor: Actor, registration_id: UUID, reason: str) -> None:
    """Give the place up; an authorization is void. Raises Conflict, NotFound."""
    registration = get(session, actor, registration_id)
    effect.possible(registration, Action.WITHDRAW)
    if registration.request_id is None:
        _withdraw_alone(session, actor, registration_id, reason)
        return
    request = engine.get(session, actor, registration.request_id)
    if request.state == RequestState.DRAFT:
        engine.cancel(session, actor, request.id, reason)
    else:
        engine.recall(session, actor, request.id, reason)


def expire(session: Session, terms: Terms, *, at_most: int = 500) -> int:
    """End protections whose last day is over, in the system's name; how many."""
    now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    over = session.scalars(
        select(DealRegistration)
        .where(
            DealRegistration.state == State.APPROVED.value,
            DealRegistration.protected_until < terms.business_date(now),
        )
        .order_by(DealRegistration.protected_until, DealRegistration.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    ).all()
    for registration in over:
        ended = registration.protected_until
        move(
            session, registration, Action.EXPIRE, SYSTEM, say("The protection ended on {ended}.", ended=ended)
        )
        crm.show(session, registration)
        records.show(session, registration)
    return len(over)


def request_changed(
    session: Session,
    request: Request,
    event: str,
    authorization: Authorization | None,
    actor: Actor,
    reason: str,
) -> None:
    """Let the record of a request's registration say how it stands; an observer of requests."""
    if request.subject_kind == SUBJECT and request.subject_id is not None:
        registration = session.get(DealRegistration, request.subject_id)
        if registration is not None:
            records.show(session, registration)


def _request(session: Session, engine: Approvals, actor: Actor, registration: DealRegistration) -> UUID:
    """Its request. A draft from before there were requests gets one now."""
    if registration.request_id is not None:
        return registration.request_id
    registration = get(session, actor, registration.id, lock=True)
    if registration.request_id is None:
        if registration.state != State.DRAFT:
            raise Conflict(
                say(
                    "{number} was decided before there were requests; it stays as it is.",
                    number=registration.number,
                ),
                remedy=say("Withdraw it and register anew."),
                facts={"allowed": lifecycle.possible(State(registration.state), lifecycle.PARTNERS)},
            )
        request: Request = engine.open(
            session,
            actor,
            WORKFLOW,
            values=fields.written(session, registration),
            title=fields.title(registration),
            partner_account_id=registration.partner_account_id,
            subject=(SUBJECT, registration.id),
        )
        registration.request_id = request.id
        session.flush()
    return registration.request_id


def _withdraw_alone(session: Session, actor: Actor, registration_id: UUID, reason: str) -> None:
    registration = get(session, actor, registration_id, lock=True)
    with as_system(session):
        sentence = say("{who} withdrew the registration.", who=actor.name)
        if not move(session, registration, Action.WITHDRAW, actor, sentence, reason):
            effect.possible(registration, Action.WITHDRAW)
        crm.show(session, registration)
        records.show(session, registration)

"""What can be done to a registration. Every function works inside the caller's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.config import Settings
from app.db import become
from app.deals import conflicts, crm, customers, lifecycle, matching
from app.deals.calculation import business_date, protected_until
from app.deals.crm import crm_changed
from app.deals.lifecycle import Action, State
from app.deals.models import DealRegistration
from app.deals.timeline import move, note
from app.deals.words import day
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import BadInput, Conflict, NotAllowed, NotFound

__all__ = [
    "Terms", "answer", "approve", "create", "crm_changed", "edit", "expire", "get", "reject", "request_info",
    "submit", "withdraw",
]  # fmt: skip

#: What a complete registration has: eight fields. The rest helps and is never demanded.
REQUIRED: Mapping[str, str] = {
    "customer_name": "Name the end customer.",
    "customer_country": "Choose the end customer's country.",
    "contact_last_name": "Name the person you speak with at the end customer.",
    "contact_email": "Give the mail address of the person you speak with.",
    "product_family": "Choose the product family.",
    "amount": "Give the amount you expect.",
    "currency": "Choose the currency of the amount.",
    "close_date": "Give the day on which you expect the order.",
}


@dataclass(frozen=True, slots=True)
class Terms:
    """What the company has decided about protection."""

    protection_days: int = 90
    zone: ZoneInfo = ZoneInfo("UTC")  # noqa: RUF009  # a constant

    @classmethod
    def of(cls, settings: Settings) -> Terms:
        return cls(settings.deal_protection_days, settings.business_time_zone)


def create(session: Session, actor: Actor, values: Mapping[str, Any]) -> DealRegistration:
    """A new draft. A partner registers for itself; the company names the partner. Raises BadInput."""
    given = dict(values)
    partner = given.pop("partner_account_id", None)
    if actor.scope == "partner":
        if partner not in (None, actor.partner_id):
            raise BadInput(
                "You register deals for your own company.",
                fields={"partner_account_id": "Leave this out: a registration is your own company's."},
            )
        partner = actor.partner_id
    elif partner is None or not customers.is_partner(session, partner):
        raise BadInput(
            "This is not a partner.",
            fields={"partner_account_id": "Choose the partner for which you register the deal."},
        )
    assert actor.user_id is not None
    registration = DealRegistration(partner_account_id=partner, submitted_by=actor.user_id)
    _take(session, registration, given)
    session.add(registration)
    session.flush()
    session.refresh(registration)
    note(session, registration, actor, "created", f"{actor.name} began the registration.")
    return registration


def get(session: Session, actor: Actor, registration_id: UUID, *, lock: bool = False) -> DealRegistration:
    """One registration that this actor may see. Raises NotFound for every other."""
    query = select(DealRegistration).where(DealRegistration.id == registration_id)
    if actor.scope == "partner":
        query = query.where(DealRegistration.partner_account_id == actor.partner_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = session.scalars(query).first()
    if found is None or (
        actor.scope == "staff" and found.state == State.DRAFT and found.submitted_by != actor.user_id
    ):
        raise NotFound("There is no such registration.", remedy="Look for it in the list.")
    return found


def edit(
    session: Session, actor: Actor, registration_id: UUID, values: Mapping[str, Any]
) -> DealRegistration:
    """Change a draft. Raises Conflict once it was submitted: what others were compared with stays."""
    registration = get(session, actor, registration_id, lock=True)
    if registration.state != State.DRAFT:
        raise Conflict(
            f"{registration.number} was submitted and can no longer be changed.",
            remedy="Withdraw it and register anew, or add what is missing in an answer.",
            facts={"allowed": lifecycle.possible(State(registration.state), lifecycle.PARTNERS)},
        )
    if "partner_account_id" in values:
        raise BadInput(
            "The partner stays.", fields={"partner_account_id": "Register anew for another partner."}
        )
    _take(session, registration, values)
    session.flush()
    return registration


def submit(session: Session, actor: Actor, registration_id: UUID, terms: Terms) -> DealRegistration:
    """Hand in: from now on it holds its place. What it overlaps with is written down, and it still stands.

    Raises BadInput with a sentence for each field that is missing, Conflict, NotFound.
    """
    registration = get(session, actor, registration_id, lock=True)
    _possible(registration, Action.SUBMIT)
    missing = {
        name: sentence for name, sentence in REQUIRED.items() if getattr(registration, name) in (None, "")
    }
    if missing:
        count = "One field is" if len(missing) == 1 else f"{len(missing)} fields are"
        raise BadInput(f"{count} missing.", fields=missing, remedy="Fill in and submit again.")
    with system(session, actor):
        # Looking through a million accounts takes its time: not while others wait for the lock.
        _recognise(session, registration)
        conflicts.lock(session, registration.product_family)
        now, submission = session.execute(text("SELECT clock_timestamp(), nextval('deal_submission')")).one()
        if registration.close_date is not None and registration.close_date < _today(now, terms):
            raise BadInput(
                "The expected order lies in the past.", fields={"close_date": "Give a day from today on."}
            )
        registration.submitted_at, registration.submission = now, submission
        move(session, registration, Action.SUBMIT, actor, f"{actor.name} submitted the registration.")
        overlaps = conflicts.find(session, registration, _today(now, terms))
        for overlap in conflicts.keep(session, registration, overlaps):
            note(session, registration, SYSTEM, "conflict", overlap.sentence())
    return registration


def withdraw(session: Session, actor: Actor, registration_id: UUID, reason: str) -> DealRegistration:
    """Give the place up. Raises Conflict, NotFound."""
    registration = get(session, actor, registration_id, lock=True)
    _possible(registration, Action.WITHDRAW)
    with system(session, actor):
        move(
            session, registration, Action.WITHDRAW, actor, f"{actor.name} withdrew the registration.", reason
        )
        crm.show(session, registration)
    return registration


def approve(
    session: Session, actor: Actor, registration_id: UUID, terms: Terms, *, override_reason: str = ""
) -> DealRegistration:
    """Protect the deal, and put customer, lead and opportunity into the CRM in the same transaction.

    Raises NotAllowed for the person who registered it, Conflict where it overlaps and no reason is given.
    """
    registration = _to_decide(session, actor, registration_id, Action.APPROVE)
    with system(session, actor):
        conflicts.lock(session, registration.product_family)
        now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
        today = _today(now, terms)
        _recognise(session, registration)
        overlaps = conflicts.find(session, registration, today)
        for overlap in conflicts.keep(session, registration, overlaps):
            note(session, registration, SYSTEM, "conflict", overlap.sentence())
        if overlaps and not override_reason:
            raise Conflict(
                f"{registration.number} overlaps {_named(overlaps)}.",
                remedy="Reject it, or approve it with a reason for the exception (override_reason).",
                code="deal_conflict",
                facts={"allowed": ["approve with override_reason", "reject", "request-info"]},
            )
        registration.decided_by, registration.decided_at = actor.user_id, now
        registration.override_reason = (override_reason or None) if overlaps else None
        registration.protected_until = protected_until(today, terms.protection_days)
        until = day(registration.protected_until)
        sentence = f"{actor.name} approved it; the deal is protected until {until}."
        if registration.override_reason:
            sentence = (
                f"{actor.name} approved it as an exception although it overlaps another deal; the deal is "
                f"protected until {until}."
            )
        # The reason for an exception may speak of the other partner: it stays with the company.
        move(session, registration, Action.APPROVE, actor, sentence)
        crm.bring(session, registration)
    return registration


def reject(session: Session, actor: Actor, registration_id: UUID, reason: str) -> DealRegistration:
    """Say no, with the reason the partner reads. Raises BadInput without one."""
    registration = _to_decide(session, actor, registration_id, Action.REJECT)
    if not reason.strip():
        raise BadInput("A rejection needs a reason.", fields={"reason": "Say why; the partner reads it."})
    registration.decided_by, registration.decision_reason = actor.user_id, reason
    registration.decided_at = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    move(session, registration, Action.REJECT, actor, f"{actor.name} rejected it.", reason)
    return registration


def request_info(session: Session, actor: Actor, registration_id: UUID, question: str) -> DealRegistration:
    """Ask the partner something; the registration keeps its place. Raises BadInput without a question."""
    registration = _to_decide(session, actor, registration_id, Action.REQUEST_INFO)
    if not question.strip():
        raise BadInput("A question is needed.", fields={"reason": "Say what you need to know."})
    move(session, registration, Action.REQUEST_INFO, actor, f"{actor.name} asked for information.", question)
    return registration


def answer(session: Session, actor: Actor, registration_id: UUID, words: str) -> DealRegistration:
    """Answer what was asked; it is the company's turn again. Raises BadInput without an answer."""
    registration = get(session, actor, registration_id, lock=True)
    _possible(registration, Action.ANSWER)
    if not words.strip():
        raise BadInput("An answer is needed.", fields={"reason": "Write your answer."})
    move(session, registration, Action.ANSWER, actor, f"{actor.name} answered.", words)
    return registration


def expire(session: Session, terms: Terms, *, at_most: int = 500) -> int:
    """End protections whose last day is over, in the system's name; how many."""
    now: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    over = session.scalars(
        select(DealRegistration)
        .where(
            DealRegistration.state == State.APPROVED.value,
            DealRegistration.protected_until < _today(now, terms),
        )
        .order_by(DealRegistration.protected_until, DealRegistration.id)
        .limit(at_most)
        .with_for_update(skip_locked=True)
    ).all()
    for registration in over:
        ended = day(registration.protected_until)
        move(session, registration, Action.EXPIRE, SYSTEM, f"The protection ended on {ended}.")
        crm.show(session, registration)
    return len(over)


@contextmanager
def system(session: Session, actor: Actor) -> Iterator[None]:
    """A stretch of the transaction in the system's name: it compares with what the actor may not see."""
    session.flush()
    become(session, SYSTEM)
    try:
        yield
        session.flush()
    except SQLAlchemyError:
        raise  # the transaction is over; there is nobody left to become
    except BaseException:
        become(session, actor)
        raise
    become(session, actor)


def _today(now: datetime, terms: Terms) -> date:
    return business_date(now, terms.zone)


def _possible(registration: DealRegistration, action: Action) -> None:
    state = State(registration.state)
    if lifecycle.after(state, action) is None:
        allowed = lifecycle.possible(state, lifecycle.PARTNERS | lifecycle.DECIDERS)
        raise Conflict(
            f"{registration.number} is {lifecycle.WORDS[state].lower()}: this is not possible now.",
            remedy=f"Possible now: {', '.join(allowed)}." if allowed else "Nothing can be done to it now.",
            facts={"allowed": allowed, "state": state.value},
        )


def _to_decide(session: Session, actor: Actor, registration_id: UUID, action: Action) -> DealRegistration:
    registration = get(session, actor, registration_id, lock=True)
    _possible(registration, action)
    if registration.submitted_by == actor.user_id:
        raise NotAllowed(
            "You registered this deal yourself.", remedy="Somebody else must decide.", code="two_people"
        )
    return registration


def _take(session: Session, registration: DealRegistration, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        setattr(registration, name, value)
    family = values.get("product_family")
    if family:
        known = customers.families(session)
        match = {one.casefold(): one for one in known}.get(family.strip().casefold())
        if known and match is None:
            raise BadInput(
                "The catalogue has no such product family.",
                fields={"product_family": f"Choose one of {', '.join(known)}."},
            )
        registration.product_family = match or family.strip()


def _recognise(session: Session, registration: DealRegistration) -> None:
    """Find out who the end customer is, as far as the CRM knows."""
    who = matching.customer(
        registration.customer_name,
        registration.customer_country,
        postal_code=registration.customer_postal_code,
        website=registration.customer_website,
        email=registration.contact_email,
    )
    if not customers.is_there(session, registration.customer_account_id):
        found = customers.find(
            session,
            who,
            postal_code=registration.customer_postal_code,
            except_for=registration.partner_account_id,
        )
        registration.customer_account_id = found.account_id if found else None
    registration.customer_domain, registration.customer_name_key = who.domain, who.name_key
    registration.customer_key = replace(who, account_id=registration.customer_account_id).key


def _named(overlaps: list[conflicts.Overlap]) -> str:
    named = [one.number or f"the opportunity “{one.evidence['opportunity']}”" for one in overlaps]
    return " and ".join(named) if len(named) < 3 else f"{', '.join(named[:-1])} and {named[-1]}"

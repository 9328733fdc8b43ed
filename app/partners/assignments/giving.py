"""Giving records to partners: by hand, automatically, by a registration, in Salesforce; and taking them off.

The record's own `partner_account_id` says who has it, and the sync shows it to the CRM. A row of the history
says since when, by whom, and why; the CRM may assign as well, and then the row says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict
from app.partners import calculation, service
from app.partners.assignments import candidates, history
from app.partners.assignments.candidates import Subject
from app.partners.assignments.history import Manner
from app.partners.assignments.subjects import SUBJECTS, WORDS, assignable, need_of, record_of
from app.partners.calculation import Choice
from app.partners.lifecycle import Status
from app.partners.timeline import note
from app.words import Names, say, to_facts

_WRITE = {
    subject: text(
        f"UPDATE {subject} SET partner_account_id = :partner WHERE id = :id "  # noqa: S608  # own constant
        "AND partner_account_id IS DISTINCT FROM :partner"
    )
    for subject in SUBJECTS
}


def assign(
    session: Session,
    actor: Actor,
    subject: Subject,
    record_id: UUID,
    partner_id: UUID,
    *,
    reason: str,
    over_capacity: bool = False,
) -> None:
    """Give a record to a partner by hand; giving it again to the same one changes nothing.

    over_capacity: although the partner has no capacity left. Raises NotFound, BadInput without a reason,
    Conflict for a partner that is not active, has no capacity, or for a record that is closed or registered.
    """
    record = record_of(session, subject, record_id)
    partner = service.get(session, actor, partner_id)
    if record.partner_account_id == partner_id and history.open_row(session, record_id) is not None:
        return
    if partner.status != Status.ACTIVE:
        raise Conflict(
            say("Only an active partner can be assigned to something."),
            code="partner_not_active",
            facts={"allowed": [], "status": partner.status},
        )
    if not reason.strip():
        raise BadInput(say("A reason is needed."), fields={"reason": say("Say why this partner.")})
    assignable(record, subject)
    taken, capacity = candidates.load_of(session, subject, partner_id)
    if capacity is not None and taken >= capacity and not over_capacity:
        raise Conflict(
            say(
                "The partner has no capacity left: {taken} of {capacity} taken.",
                taken=taken,
                capacity=capacity,
            ),
            remedy=say("Choose another one, or assign it over the capacity (over_capacity)."),
            code="no_capacity",
            facts={"allowed": ["assign with over_capacity"]},
        )
    _put(session, actor, subject, record_id, partner_id, record, "hand", reason, [])


def propose(session: Session, subject: Subject, record_id: UUID, *, today: date, family: str = "") -> Choice:
    """Whom the automatic assignment would choose, and why; nothing is written. Raises NotFound."""
    need = need_of(session, subject, record_id, family)
    given_back = {
        row.partner_account_id
        for row in history.rows(session, subject, record_id)
        if row.ended_at is not None and row.manner == "automatic"
    }
    found = candidates.candidates(session, subject, today)
    return calculation.choose(need, [one for one in found if one.id not in given_back])


def assign_automatically(
    session: Session, actor: Actor, subject: Subject, record_id: UUID, *, today: date, family: str = ""
) -> Choice:
    """Give a record to the partner that the rules choose. Raises Conflict where nobody can have it.

    Whoever had the record by the same way before and gave it back is not asked again.
    """
    record = record_of(session, subject, record_id)
    assignable(record, subject)
    if record.partner_account_id is not None:
        raise Conflict(
            say("This {what} has a partner already.", what=WORDS[subject]),
            remedy=say("Take it off that partner first, or assign it by hand."),
            facts={"allowed": ["assign by hand", "take off"]},
        )
    # Two at once would both see the capacity that is left.
    session.execute(text("SELECT pg_advisory_xact_lock(hashtext('tandem.assign'))"))
    choice = propose(session, subject, record_id, today=today, family=family)
    if choice.chosen is None:
        first = choice.others[:20]
        why = (
            say(
                "{reasons}",
                reasons=Names(tuple(say("{name}: {why}", name=one.name, why=one.why) for one in first), ","),
            )
            if first
            else say("there is no partner yet")
        )
        raise Conflict(
            say("No partner can have it."),
            remedy=say("Assign it by hand, or mend what keeps the partners from it."),
            code="nobody_eligible",
            facts={"allowed": ["assign by hand"], "because": why},
        )
    _put(
        session, actor, subject, record_id, choice.chosen.id, record, "automatic", choice.chosen.why,
        [
            {"partner": str(one.id), "name": one.name, "why_not": one.why, "words": to_facts(one.why)}
            for one in choice.others
        ],
    )  # fmt: skip
    return choice


def take_off(session: Session, actor: Actor, subject: Subject, record_id: UUID, reason: str) -> None:
    """Take a record off its partner. Raises NotFound, Conflict where it has none, BadInput for no reason."""
    record = record_of(session, subject, record_id)
    if record.partner_account_id is None:
        raise Conflict(
            say("This {what} has no partner.", what=WORDS[subject]),
            facts={"allowed": ["assign"]},
            remedy=say("Assign one."),
        )
    if not reason.strip():
        raise BadInput(say("A reason is needed."), fields={"reason": say("Say why; the partner reads it.")})
    assignable(record, subject)
    history.end(session, actor, record_id, reason)
    session.execute(_WRITE[subject], {"id": record_id, "partner": None})
    sentence = say(
        "{who} took the {what} “{called}” off the partner.",
        who=actor.name,
        what=WORDS[subject],
        called=record.called,
    )
    note(
        session, record.partner_account_id, actor, "taken_off", sentence, reason=reason,
        before={"subject": subject, "id": record_id},
    )  # fmt: skip


def registered(session: Session, actor: Actor, subject: Subject, record_id: UUID, number: str) -> None:
    """Write down that a record has its partner by a deal registration. Does nothing the second time."""
    record = record_of(session, subject, record_id)
    partner_id, held = record.partner_account_id, history.open_row(session, record_id)
    if partner_id is None or (held is not None and held.partner_account_id == partner_id):
        return
    history.end(session, actor, record_id, say("Registered: {number}.", number=number))
    why = say("It registered the deal: {number}.", number=number)
    history.begin(session, actor, subject, record_id, partner_id, "registration", why, [])


def followed(session: Session, actor: Actor, subject: Subject, record_id: UUID) -> None:
    """Write down who has a record now, after the CRM changed it. Does nothing where the history says so."""
    record = record_of(session, subject, record_id, missing_ok=True)
    if record is None:
        return
    open_row = history.open_row(session, record_id)
    held = open_row.partner_account_id if open_row is not None else None
    if held == record.partner_account_id:
        return
    if held is not None:
        history.end(session, actor, record_id, say("Changed in Salesforce."))
        sentence = say(
            "The {what} “{called}” was taken off in Salesforce.", what=WORDS[subject], called=record.called
        )
        note(session, held, actor, "taken_off", sentence, before={"subject": subject, "id": record_id})
    partner_id = record.partner_account_id
    if partner_id is None or service.find(session, partner_id) is None:
        return
    history.begin(session, actor, subject, record_id, partner_id, "crm", say("Assigned in Salesforce."), [])
    sentence = say(
        "The {what} “{called}” was assigned in Salesforce.", what=WORDS[subject], called=record.called
    )
    note(session, partner_id, actor, "assigned", sentence, after={"subject": subject, "id": record_id})


def _put(
    session: Session,
    actor: Actor,
    subject: Subject,
    record_id: UUID,
    partner_id: UUID,
    record: Any,
    manner: Manner,
    because: str,
    considered: Sequence[dict[str, Any]],
) -> None:
    if record.partner_account_id is not None and record.partner_account_id != partner_id:
        sentence = say(
            "{who} gave the {what} “{called}” to another partner.",
            who=actor.name,
            what=WORDS[subject],
            called=record.called,
        )
        note(
            session, record.partner_account_id, actor, "taken_off", sentence,
            before={"subject": subject, "id": record_id},
        )  # fmt: skip
    history.end(session, actor, record_id, history.ANEW)
    history.begin(session, actor, subject, record_id, partner_id, manner, because, considered)
    session.execute(_WRITE[subject], {"id": record_id, "partner": partner_id})
    if manner == "hand":
        sentence = say(
            "The {what} “{called}” was assigned to the partner by {who}.",
            what=WORDS[subject],
            called=record.called,
            who=actor.name,
        )
    else:
        sentence = say(
            "The {what} “{called}” was assigned automatically to the partner by {who}.",
            what=WORDS[subject],
            called=record.called,
            who=actor.name,
        )
    note(
        session, partner_id, actor, "assigned",
        sentence,
        reason=because, after={"subject": subject, "id": record_id, "manner": manner},
    )  # fmt: skip

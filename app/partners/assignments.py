"""Leads, opportunities and orders of a partner: assigned by hand or automatically, with their history.

The record's own `partner_account_id` says who has it, and the sync shows it to the CRM. A row here says since
when, by whom, and why; the CRM may assign as well, and then the row says so.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.crm.countries import country_code
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict, NotFound
from app.partners import calculation, candidates, service
from app.partners.calculation import Choice, Need
from app.partners.candidates import Subject
from app.partners.lifecycle import Status
from app.partners.timeline import note
from app.words import Names, json_of, say, to_facts

Manner = Literal["hand", "automatic", "crm", "registration"]
SUBJECTS: tuple[Subject, ...] = ("lead", "opportunity", "sales_order")
WORDS: dict[Subject, str] = {
    "lead": say("lead"),
    "opportunity": say("opportunity"),
    "sales_order": say("order"),
}
#: How the time of a partner ends whose record another one gets.
ANEW = say("Assigned anew.")
#: What an order is called, and where the customer is, differs from table to table.
_READ: dict[Subject, str] = {
    "lead": (
        "SELECT company AS called, partner_account_id, owner_id, country, NULL AS registration, "
        "is_converted AS closed, '' AS family FROM lead WHERE id = :id AND deleted_at IS NULL"
    ),
    "opportunity": (
        "SELECT o.name AS called, o.partner_account_id, o.owner_id, a.billing_country AS country, "
        "o.registration_number AS registration, o.is_closed AS closed, '' AS family "
        "FROM opportunity o LEFT JOIN account a ON a.id = o.account_id "
        "WHERE o.id = :id AND o.deleted_at IS NULL"
    ),
    "sales_order": (
        "SELECT coalesce(s.number, '') AS called, s.partner_account_id, s.owner_id, "
        "a.billing_country AS country, "
        "NULL AS registration, false AS closed, '' AS family "
        "FROM sales_order s LEFT JOIN account a ON a.id = s.account_id "
        "WHERE s.id = :id AND s.deleted_at IS NULL"
    ),
}
_LOCK: dict[Subject, str] = {"lead": "", "opportunity": " OF o", "sales_order": " OF s"}
_RECORD = {
    (subject, locked): text(query + (f" FOR UPDATE{_LOCK[subject]}" if locked else ""))
    for subject, query in _READ.items()
    for locked in (False, True)
}
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
    if record.partner_account_id == partner_id and _open(session, record_id) is not None:
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


def need_of(session: Session, subject: Subject, record_id: UUID, family: str = "") -> Need:
    """What a record asks of its partner. Raises NotFound."""
    record = record_of(session, subject, record_id, lock=False)
    family = family or record.family
    return Need(
        record=record_id,
        country=country_code(record.country or ""),
        family=family,
        certified=bool(family) and candidates.asks_for_certificate(session, family),
    )


def propose(session: Session, subject: Subject, record_id: UUID, *, today: date, family: str = "") -> Choice:
    """Whom the automatic assignment would choose, and why; nothing is written. Raises NotFound."""
    need = need_of(session, subject, record_id, family)
    given_back = {
        row.partner_account_id
        for row in history(session, subject, record_id)
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
    _end(session, actor, record_id, reason)
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
    partner_id, held = record.partner_account_id, _open(session, record_id)
    if partner_id is None or (held is not None and held.partner_account_id == partner_id):
        return
    _end(session, actor, record_id, say("Registered: {number}.", number=number))
    why = say("It registered the deal: {number}.", number=number)
    _row(session, actor, subject, record_id, partner_id, "registration", why, [])


def followed(session: Session, actor: Actor, subject: Subject, record_id: UUID) -> None:
    """Write down who has a record now, after the CRM changed it. Does nothing where the history says so."""
    record = record_of(session, subject, record_id, missing_ok=True)
    if record is None:
        return
    open_row = _open(session, record_id)
    held = open_row.partner_account_id if open_row is not None else None
    if held == record.partner_account_id:
        return
    if held is not None:
        _end(session, actor, record_id, say("Changed in Salesforce."))
        sentence = say(
            "The {what} “{called}” was taken off in Salesforce.", what=WORDS[subject], called=record.called
        )
        note(session, held, actor, "taken_off", sentence, before={"subject": subject, "id": record_id})
    partner_id = record.partner_account_id
    if partner_id is None or service.find(session, partner_id) is None:
        return
    _row(session, actor, subject, record_id, partner_id, "crm", say("Assigned in Salesforce."), [])
    sentence = say(
        "The {what} “{called}” was assigned in Salesforce.", what=WORDS[subject], called=record.called
    )
    note(session, partner_id, actor, "assigned", sentence, after={"subject": subject, "id": record_id})


_HISTORY = text(
    "SELECT s.partner_account_id, a.name AS partner, s.manner, s.because, s.words, s.considered, "
    "s.assigned_by_name, s.assigned_at, s.ended_at, s.ended_by_name, s.end_reason FROM partner_assignment s "
    "LEFT JOIN account a ON a.id = s.partner_account_id "
    "WHERE s.subject = :subject AND s.subject_id = :id ORDER BY s.assigned_at DESC, s.id"
)


def history(session: Session, subject: Subject, record_id: UUID) -> list[Any]:
    """Who had the record, the latest first."""
    return list(session.execute(_HISTORY, {"subject": subject, "id": record_id}))


def record_of(
    session: Session, subject: Subject, record_id: UUID, *, missing_ok: bool = False, lock: bool = True
) -> Any:
    """The record: called, partner, owner, country, registration, closed. Raises NotFound."""
    row = session.execute(_RECORD[subject, lock], {"id": record_id}).first()
    if row is None and not missing_ok:
        raise NotFound(say("There is no such {what}.", what=WORDS[subject]))
    return row


def assignable(record: Any, subject: Subject) -> None:
    """Raises Conflict where a record's partner cannot change: it is closed, or its deal is registered."""
    if record.closed:
        raise Conflict(
            say("This {what} is closed.", what=WORDS[subject]),
            remedy=say("Nothing changes its partner now."),
            facts={"allowed": []},
        )
    if record.registration:
        raise Conflict(
            say("The deal is registered: {registration}.", registration=record.registration),
            remedy=say("Its partner follows the registration; decide that first."),
            facts={"allowed": []},
        )


def _open(session: Session, record_id: UUID) -> Any:
    return session.execute(
        text(
            "SELECT id, partner_account_id FROM partner_assignment "
            "WHERE subject_id = :id AND ended_at IS NULL"
        ),
        {"id": record_id},
    ).first()


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
    _end(session, actor, record_id, ANEW)
    _row(session, actor, subject, record_id, partner_id, manner, because, considered)
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


def _row(
    session: Session,
    actor: Actor,
    subject: Subject,
    record_id: UUID,
    partner_id: UUID,
    manner: Manner,
    because: str,
    considered: Sequence[dict[str, Any]],
) -> None:
    session.execute(
        text(
            "INSERT INTO partner_assignment (subject, subject_id, partner_account_id, manner, because, "
            "words, considered, assigned_by, assigned_by_name) VALUES (:subject, :record, :partner, :manner, "
            ":because, CAST(:words AS jsonb), CAST(:considered AS jsonb), :by, :by_name)"
        ),
        {
            "subject": subject, "record": record_id, "partner": partner_id, "manner": manner,
            "because": because, "words": json_of(because), "considered": json.dumps(list(considered)),
            "by": actor.user_id, "by_name": actor.name,
        },
    )  # fmt: skip


def _end(session: Session, actor: Actor, record_id: UUID, reason: str) -> None:
    session.execute(
        text(
            "UPDATE partner_assignment SET ended_at = clock_timestamp(), ended_by_name = :by, "
            "end_reason = :reason WHERE subject_id = :id AND ended_at IS NULL"
        ),
        {"id": record_id, "by": actor.name, "reason": reason},
    )

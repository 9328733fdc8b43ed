"""Certifications: what the company knows of, which partner holds one, and until when."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

from psycopg.types.range import Range
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.audit import record
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict, NotFound
from app.partners import people
from app.partners.models import Partner
from app.partners.periods import months_later
from app.partners.timeline import note
from app.words import one_of, say

#: So long before the end the partner is reminded.
REMIND_DAYS = 30
_CALENDAR = Actor("system", "Tandem")


def kinds(session: Session) -> list[Any]:
    """Every kind of certification."""
    return list(
        session.execute(
            text("SELECT key, name, product_family, valid_months FROM certification ORDER BY name, key")
        )
    )


def define(
    session: Session, actor: Actor, key: str, *, name: str, family: str, valid_months: int | None
) -> None:
    """Make or change a kind of certification. Raises BadInput for a key or a name that cannot be."""
    faults = {}
    if not key.isascii() or not key.isidentifier() or key != key.lower() or not key[0].isalpha():
        faults["key"] = say("Write a key of small letters, digits and underscores, such as servo_expert.")
    if not name.strip():
        faults["name"] = say("Give it a name.")
    if faults:
        raise BadInput(say("This certification cannot be kept."), fields=faults)
    session.execute(
        text(
            "INSERT INTO certification (key, name, product_family, valid_months) "
            "VALUES (:key, :name, :family, :months) ON CONFLICT (key) DO UPDATE SET name = EXCLUDED.name, "
            "product_family = EXCLUDED.product_family, valid_months = EXCLUDED.valid_months"
        ),
        {"key": key, "name": name.strip(), "family": family.strip(), "months": valid_months},
    )
    record(
        session, actor, "certification.define", subject=("certification", key),
        after={"name": name, "product_family": family, "valid_months": valid_months},
    )  # fmt: skip


def of(session: Session, partner_id: UUID) -> list[Any]:
    """The partner's certifications with those that have ended, the latest end first."""
    return list(
        session.execute(
            text(
                "SELECT p.id, p.certification, c.name, c.product_family, p.contact_id, "
                "trim(concat_ws(' ', k.first_name, k.last_name)) AS person, p.reference, "
                "lower(p.during) AS start, upper(p.during) AS until, p.revoked_at, p.revoke_reason "
                "FROM partner_certification p JOIN certification c ON c.key = p.certification "
                "LEFT JOIN contact k ON k.id = p.contact_id WHERE p.partner_account_id = :id "
                "ORDER BY upper(p.during) DESC NULLS FIRST, c.name, p.id"
            ),
            {"id": partner_id},
        )
    )


def add(
    session: Session,
    actor: Actor,
    partner: Partner,
    key: str,
    *,
    start: date,
    last_day: date | None = None,
    contact_id: UUID | None = None,
    reference: str = "",
) -> UUID:
    """Note that the partner, or one of its people, is certified from that day; the certification's id.

    last_day: the last one on which it holds; without it as long as its kind lasts. Raises BadInput.
    """
    known = {row.key: row for row in kinds(session)}
    if key not in known:
        raise BadInput(
            say("There is no such certification."),
            fields={"certification": one_of(known)},
        )
    latest = date(start.year, 1, 1) if last_day is None else last_day
    if not 1970 <= start.year <= latest.year <= 2200:
        raise BadInput(
            say("These days cannot be."),
            fields={"start": say("Give a first day, and a last one after it, between 1970 and 2200.")},
        )
    months = known[key].valid_months
    end = last_day + timedelta(days=1) if last_day else months_later(start, months) if months else None
    if end is not None and end <= start:
        raise BadInput(
            say("It ends before it begins."), fields={"last_day": say("Give a day on or after its first.")}
        )
    if contact_id is not None and contact_id not in {
        one["contact_id"] for one in people.people(session, partner.account_id)
    }:
        raise BadInput(
            say("This is not one of the partner's people."),
            fields={"contact_id": say("Choose one of the partner's people.")},
        )
    made: UUID = session.execute(
        text(
            "INSERT INTO partner_certification (partner_account_id, certification, contact_id, reference, "
            "during, added_by_name) VALUES (:partner, :key, :contact, :reference, :during, :by) RETURNING id"
        ),
        {
            "partner": partner.account_id, "key": key, "contact": contact_id, "reference": reference,
            "during": Range(start, end, "[)"), "by": actor.name,
        },
    ).scalar_one()  # fmt: skip
    sentence = (
        say(
            "Certified for {name} from {day} until {last}.",
            name=known[key].name,
            day=start,
            last=end - timedelta(days=1),
        )
        if end
        else say("Certified for {name} from {day}.", name=known[key].name, day=start)
    )
    note(
        session, partner.account_id, actor, "certified", sentence,
        after={"certification": key, "from": start, "until": end},
    )  # fmt: skip
    return made


def revoke(session: Session, actor: Actor, partner: Partner, certification_id: UUID, reason: str) -> None:
    """End a certification at once. Raises NotFound, BadInput without a reason, Conflict the second time."""
    if not reason.strip():
        raise BadInput(say("A reason is needed."), fields={"reason": say("Say why; the partner reads it.")})
    row = next((one for one in of(session, partner.account_id) if one.id == certification_id), None)
    if row is None:
        raise NotFound(say("The partner has no such certification."))
    if row.revoked_at is not None:
        raise Conflict(say("It was revoked before."), facts={"allowed": []})
    session.execute(
        text(
            "UPDATE partner_certification SET revoked_at = clock_timestamp(), revoke_reason = :reason "
            "WHERE id = :id"
        ),
        {"id": certification_id, "reason": reason},
    )
    sentence = say("{who} revoked the certification {name}.", who=actor.name, name=row.name)
    note(
        session, partner.account_id, actor, "certification_revoked", sentence, reason=reason,
        before={"certification": row.certification},
    )  # fmt: skip


def remind(session: Session, day: date) -> int:
    """Tell of certifications that end soon, once each; how many."""
    rows = session.execute(
        text(
            "UPDATE partner_certification p SET reminded_on = :day FROM certification c "
            "WHERE c.key = p.certification AND p.revoked_at IS NULL AND p.expired_at IS NULL "
            "AND p.reminded_on IS NULL AND upper(p.during) > CAST(:day AS date) "
            "AND upper(p.during) <= CAST(:soon AS date) "
            "RETURNING p.partner_account_id, c.name, upper(p.during) AS until"
        ),
        {"day": day, "soon": day + timedelta(days=REMIND_DAYS + 1)},
    ).all()
    for row in rows:
        last = row.until - timedelta(days=1)
        sentence = say("The certification {name} ends on {last}. Renew it before.", name=row.name, last=last)
        note(session, row.partner_account_id, _CALENDAR, "certification_ends", sentence, audited=False)
    return len(rows)


def expire(session: Session, day: date) -> int:
    """Write into the timeline which certifications have ended, once each; how many."""
    rows = session.execute(
        text(
            "UPDATE partner_certification p SET expired_at = clock_timestamp() FROM certification c "
            "WHERE c.key = p.certification AND p.revoked_at IS NULL AND p.expired_at IS NULL "
            "AND upper(p.during) <= CAST(:day AS date) "
            "RETURNING p.partner_account_id, c.name, upper(p.during) AS until"
        ),
        {"day": day},
    ).all()
    for row in rows:
        last = row.until - timedelta(days=1)
        sentence = say("The certification {name} ended on {last}.", name=row.name, last=last)
        note(session, row.partner_account_id, _CALENDAR, "certification_ended", sentence, audited=False)
    return len(rows)

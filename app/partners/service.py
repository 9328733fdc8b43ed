"""A partnership: begin it, find it, move it; what others ask about it.

Every function works inside the caller's transaction. What a partner's person causes is written in the
system's name: partners read the tables of this room and write none.
"""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.config import business_time_zone
from app.crm.countries import country_code
from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import Conflict, NotFound
from app.partners import crm, lifecycle
from app.partners.lifecycle import WORDS, Kind, Move, Status
from app.partners.models import Partner
from app.partners.timeline import note
from app.words import Inside, possible_now, say


def now(session: Session) -> datetime:
    """The database's clock."""
    found: datetime = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    return found


def today(session: Session, zone: ZoneInfo | None = None) -> date:
    """The calendar day where the business is: in that zone, or in the company's as the environment has it."""
    return now(session).astimezone(zone or business_time_zone()).date()


def get(session: Session, actor: Actor, partner_id: UUID, *, lock: bool = False) -> Partner:
    """A partner that this actor may see. Raises NotFound for every other."""
    query = select(Partner).where(Partner.account_id == partner_id)
    if lock:
        query = query.with_for_update().execution_options(populate_existing=True)
    found = None
    if actor.scope != "partner" or actor.partner_id == partner_id:
        with as_system(session):
            found = session.scalars(query).first()
    if found is None:
        raise NotFound(say("There is no such partner."), remedy=say("Look for it in the list of partners."))
    return found


def find(session: Session, partner_id: UUID) -> Partner | None:
    """The partner of that account, if it is one and the transaction's actor may see it."""
    return session.get(Partner, partner_id, populate_existing=True)


def begin(
    session: Session,
    actor: Actor,
    partner_id: UUID,
    kind: Kind,
    *,
    status: Status,
    sentence: str,
    since: date | None = None,
    reason: str = "",
) -> Partner:
    """Make an account a partner in that status, with the region of its country. Raises NotFound."""
    account = session.execute(
        text("SELECT name, billing_country FROM account WHERE id = :id AND deleted_at IS NULL FOR UPDATE"),
        {"id": partner_id},
    ).first()
    if account is None:
        raise NotFound(say("There is no such account."), remedy=say("Choose an account that the CRM has."))
    partner = Partner(
        account_id=partner_id,
        kind=kind,
        status=status.value,
        status_reason=reason,
        since=since,
        region=region_of(session, country_code(account.billing_country or "")),
        countries=[],
    )
    session.add(partner)
    session.flush()
    session.refresh(partner)
    note(
        session, partner_id, actor, "began", sentence, reason=reason,
        after={"status": partner.status, "kind": kind, "region": partner.region, "since": since},
    )  # fmt: skip
    return partner


def region_of(session: Session, country: str) -> str | None:
    """The key of the region to which a country belongs, by its ISO code."""
    found: str | None = session.execute(
        text("SELECT key FROM region WHERE :country = ANY(countries) ORDER BY key LIMIT 1"),
        {"country": country},
    ).scalar_one_or_none()
    return found


def move(
    session: Session,
    partner: Partner,
    step: Move,
    actor: Actor,
    sentence: str,
    *,
    day: date,
    reason: str = "",
    accepted: bool = True,
) -> None:
    """Take a step, add its line, and show it to the CRM. Raises Conflict with what is possible instead.

    day: the business day on which it happens. accepted: whether the partner ever accepted an agreement.
    """
    before = Status(partner.status)
    after = lifecycle.after(before, step, accepted=accepted)
    if after is None:
        allowed = lifecycle.possible(before)
        raise Conflict(
            say("The partnership is {state}: this is not possible now.", state=Inside(WORDS[before])),
            remedy=possible_now(allowed),
            facts={"allowed": allowed, "status": before.value},
        )
    moment = now(session)
    partner.status, partner.status_reason = after.value, reason
    if after is not before:
        partner.status_since = moment
    partner.before_suspension = before.value if after is Status.SUSPENDED else None
    partner.ended_on = day if after is Status.ENDED else None
    if step is Move.APPLY and before is Status.ENDED:
        partner.since = None  # a new partnership begins on a day of its own
    if after is Status.ACTIVE and partner.since is None:
        partner.since = day
    session.flush()
    note(
        session, partner.account_id, actor, step.value, sentence, reason=reason,
        before={"status": before.value}, after={"status": after.value, "since": partner.since},
    )  # fmt: skip
    crm.show(session, partner.account_id, day)


_FACTS = text("""
    SELECT p.kind, p.status, p.region, a.billing_country, l.key AS level, v.key AS activation,
        coalesce(p.weight, b.weight, 0) AS weight
    FROM account a
    LEFT JOIN partner p ON p.account_id = a.id
    LEFT JOIN partner_period l ON l.partner_account_id = a.id AND l.about = 'level'
        AND l.superseded_at IS NULL AND l.during @> CAST(:today AS date)
    LEFT JOIN partner_level b ON b.key = l.key
    LEFT JOIN partner_period v ON v.partner_account_id = a.id AND v.about = 'activation'
        AND v.superseded_at IS NULL AND v.during @> CAST(:today AS date)
    WHERE a.id = :id
""")


def facts(session: Session, partner_id: UUID | None, zone: ZoneInfo | None = None) -> dict[str, Any]:
    """What conditions may ask about a partner, as `partner.…`: kind, status, level, level_weight, …

    An account that never applied has the kind and the status `prospect`. Without a partner every fact is
    empty. Works for the transaction's actor: a partner learns its own.
    """
    row = session.execute(_FACTS, {"id": partner_id, "today": today(session, zone)}).first()
    if row is None:
        return {
            "kind": "", "status": "", "level": "", "level_weight": Decimal(0), "activation": "",
            "region": "", "country": "",
        }  # fmt: skip
    return {
        "kind": row.kind or "prospect",
        "status": row.status or "prospect",
        "level": row.level or "",
        "level_weight": row.weight,
        "activation": row.activation or "",
        "region": row.region or "",
        "country": country_code(row.billing_country or ""),
    }


def is_active(session: Session, partner_id: UUID) -> bool:
    """Whether this partner may start things now."""
    partner = find(session, partner_id)
    return partner is not None and partner.status == Status.ACTIVE


def require_active(session: Session, partner_id: UUID) -> None:
    """Let only an active partner start something. Raises Conflict that says why not, and what to do."""
    partner = find(session, partner_id)
    if partner is not None and partner.status == Status.ACTIVE:
        return
    status = Status(partner.status) if partner is not None else None
    what, remedy = {
        None: (say("Your company is not a partner yet."), say("Apply for the partnership first.")),
        Status.APPLICANT: (
            say("Your company's application is not decided yet."),
            say("Wait for the decision; the application shows who has it."),
        ),
        Status.APPROVED: (
            say("Your company has not accepted the partner agreement yet."),
            say("An administrator of your company reads and accepts it."),
        ),
        Status.SUSPENDED: (
            say("The partnership is suspended, so nothing new can be started."),
            say("Everything can still be read. Your channel manager can lift the suspension."),
        ),
        Status.ENDED: (say("The partnership has ended."), say("Apply anew, or ask the channel manager.")),
    }[status]
    raise Conflict(
        what,
        remedy=remedy,
        code="partner_not_active",
        facts={"status": status.value if status else "prospect", "allowed": []},
    )

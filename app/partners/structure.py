"""How companies belong together: parent and branches, distributors and their resellers; where they sell.

Parent and branches are the CRM's account tree. Who serves whom is kept here, with its days.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from psycopg.types.range import Range
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.crm.countries import country_code
from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict, NotFound
from app.partners import service
from app.partners.models import Partner
from app.partners.timeline import note
from app.words import say

_RELATED = text("""
    SELECT 'parent' AS how, b.id, b.name, NULL::date AS since
    FROM account a JOIN account b ON b.id = a.parent_id AND b.deleted_at IS NULL WHERE a.id = :id
    UNION ALL
    SELECT 'branches', b.id, b.name, NULL FROM account b WHERE b.parent_id = :id AND b.deleted_at IS NULL
    UNION ALL
    SELECT 'distributors', b.id, b.name, lower(s.during)
    FROM partner_supply s JOIN account b ON b.id = s.distributor_account_id
    WHERE s.reseller_account_id = :id AND s.during @> CAST(:day AS date)
    UNION ALL
    SELECT 'resellers', b.id, b.name, lower(s.during)
    FROM partner_supply s JOIN account b ON b.id = s.reseller_account_id
    WHERE s.distributor_account_id = :id AND s.during @> CAST(:day AS date)
    ORDER BY 1, 3, 2
""")


def of(session: Session, partner_id: UUID, day: date) -> dict[str, Any]:
    """Whom the company belongs to on that day: parent, branches, distributors, resellers."""
    found: dict[str, Any] = {"parent": None, "branches": [], "distributors": [], "resellers": []}
    for row in session.execute(_RELATED, {"id": partner_id, "day": day}):
        one = {"id": row.id, "name": row.name, "since": row.since}
        if row.how == "parent":
            found["parent"] = one
        else:
            found[row.how].append(one)
    return found


def sells_in(session: Session, partner: Partner) -> frozenset[str]:
    """ISO codes of the countries where the partner sells: its own list, or those of its region."""
    if partner.countries:
        return frozenset(partner.countries)
    listed = session.execute(
        text("SELECT countries FROM region WHERE key = :key"), {"key": partner.region}
    ).scalar_one_or_none()
    if listed:
        return frozenset(listed)
    home = session.execute(
        text("SELECT billing_country FROM account WHERE id = :id"), {"id": partner.account_id}
    ).scalar_one_or_none()
    code = country_code(home or "")
    return frozenset([code] if code else [])


def serve(session: Session, actor: Actor, distributor: Partner, reseller_id: UUID, *, start: date) -> None:
    """From that day on the distributor serves the reseller; saying it again changes nothing.

    Raises BadInput where one of them is of the wrong kind, NotFound for a reseller nobody knows.
    """
    if distributor.kind != "distributor":
        raise BadInput(
            say("Only a distributor serves resellers."),
            fields={"reseller_id": say("Choose a distributor first.")},
        )
    reseller = service.get(session, actor, reseller_id)
    if reseller.kind != "reseller":
        raise BadInput(say("This is not a reseller."), fields={"reseller_id": say("Choose a reseller.")})
    with as_system(session):
        now = session.execute(
            text(
                "SELECT 1 FROM partner_supply WHERE distributor_account_id = :distributor "
                "AND reseller_account_id = :reseller AND during @> CAST(:day AS date)"
            ),
            {"distributor": distributor.account_id, "reseller": reseller_id, "day": start},
        ).first()
        if now is not None:
            return
        try:
            with session.begin_nested():
                session.execute(
                    text(
                        "INSERT INTO partner_supply (distributor_account_id, reseller_account_id, during, "
                        "set_by_name) VALUES (:distributor, :reseller, :during, :by)"
                    ),
                    {
                        "distributor": distributor.account_id, "reseller": reseller_id,
                        "during": Range(start, None, "[)"), "by": actor.name,
                    },
                )  # fmt: skip
        except IntegrityError:
            raise Conflict(
                say("The distributor already serves this reseller from a later day."),
                remedy=say("End that first, or give a later day."),
                facts={"allowed": []},
            ) from None
        names = _names(session, distributor.account_id, reseller_id)
        sentence = say(
            "{distributor} serves {reseller} from {day}, says {who}.",
            distributor=names[distributor.account_id],
            reseller=names[reseller_id],
            day=start,
            who=actor.name,
        )
        for partner_id in (distributor.account_id, reseller_id):
            note(session, partner_id, actor, "supply", sentence)


def serve_no_more(
    session: Session, actor: Actor, distributor: Partner, reseller_id: UUID, *, end: date
) -> None:
    """Until the day before `end` the distributor serves the reseller. Raises NotFound where it does not."""
    with as_system(session):
        row = session.execute(
            text(
                "SELECT id, lower(during) AS start FROM partner_supply "
                "WHERE distributor_account_id = :distributor "
                "AND reseller_account_id = :reseller AND upper_inf(during) FOR UPDATE"
            ),
            {"distributor": distributor.account_id, "reseller": reseller_id},
        ).first()
        if row is None:
            raise NotFound(say("The distributor does not serve this reseller."))
        if row.start >= end:  # it never came to anything
            session.execute(text("DELETE FROM partner_supply WHERE id = :id"), {"id": row.id})
        else:
            session.execute(
                text("UPDATE partner_supply SET during = daterange(lower(during), :end) WHERE id = :id"),
                {"id": row.id, "end": end},
            )
        names = _names(session, distributor.account_id, reseller_id)
        sentence = say(
            "{distributor} serves {reseller} no longer from {day} on, says {who}.",
            distributor=names[distributor.account_id],
            reseller=names[reseller_id],
            day=end,
            who=actor.name,
        )
        for partner_id in (distributor.account_id, reseller_id):
            note(session, partner_id, actor, "supply_ended", sentence)


def _names(session: Session, *ids: UUID) -> dict[UUID, str]:
    rows = session.execute(text("SELECT id, name FROM account WHERE id = ANY(:ids)"), {"ids": list(ids)})
    return {row.id: row.name for row in rows}

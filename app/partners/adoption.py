"""Takes over the partners that the CRM already has. Safe to repeat: who is a partner here stays as it is.

An account counts when the CRM marks it as a partner or gives it a partner's type; prospects do not. It
becomes an active partner. Whether it is a distributor or a reseller is known, in this order: named in the
call, from the category of its channel program, from the word in its type; else it is a reseller.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.partners import crm, levels, people, service
from app.partners.lifecycle import Kind, Status
from app.words import say

#: Types of accounts in Salesforce that partners have.
TYPES = (
    "Channel Partner / Reseller",
    "Distributor",
    "Reseller",
    "Installation Partner",
    "Technology Partner",
)
REASON = say("Taken over from the CRM.")


@dataclass(slots=True)
class Adopted:
    """What came of it: names of those taken over, how many were partners already, and who was left out.

    strange: levels of the CRM's programs that are none here; their partners got the initial level.
    """

    taken: list[str] = field(default_factory=list)
    already: int = 0
    left: list[str] = field(default_factory=list)
    strange: set[str] = field(default_factory=set)


_CANDIDATES = text("""
    SELECT a.id, a.name, a.type, a.created_at, p.account_id IS NOT NULL AS known,
        coalesce(a.type, '') ILIKE '%prospect%' AS prospect,
        (SELECT g.category FROM channel_program_member m JOIN channel_program g ON g.id = m.program_id
         WHERE m.partner_account_id = a.id AND m.deleted_at IS NULL
         ORDER BY m.created_at LIMIT 1) AS category,
        (SELECT l.name FROM channel_program_member m JOIN channel_program_level l ON l.id = m.level_id
         WHERE m.partner_account_id = a.id AND m.deleted_at IS NULL
         ORDER BY l.rank DESC NULLS LAST LIMIT 1) AS level
    FROM account a LEFT JOIN partner p ON p.account_id = a.id
    WHERE a.deleted_at IS NULL AND (a.is_partner OR a.type = ANY(:types))
      AND (CAST(:only AS uuid[]) IS NULL OR a.id = ANY(:only))
    ORDER BY lower(a.name), a.id
""")


def adopt(
    session: Session,
    actor: Actor,
    *,
    today: date,
    types: Collection[str] = TYPES,
    distributors: Collection[str] = (),
    only: Collection[UUID] | None = None,
) -> Adopted:
    """Make the CRM's partners partners here.

    types: account types that count beside the CRM's own mark. distributors: names of those that are, in
    whatever letter case. only: these accounts and no others.
    """
    named = {name.casefold() for name in distributors}
    known_levels = {one.name.casefold(): one.key for one in levels.levels(session)}
    initial = next((one.key for one in levels.levels(session) if one.initial), None)
    stage = next(iter(reversed([one.key for one in levels.stages(session)])), None)
    done = Adopted()
    rows = session.execute(
        _CANDIDATES, {"types": list(types), "only": list(only) if only is not None else None}
    ).all()
    for row in rows:
        if row.known:
            done.already += 1
            continue
        if row.prospect:
            done.left.append(row.name)
            continue
        partner = service.begin(
            session, actor, row.id, _kind(row, named), status=Status.ACTIVE,
            sentence=
            say(
                "{name} was taken over from the CRM as an active partner.",
                name=row.name,
            ),
            since=today,
        )  # fmt: skip
        level = known_levels.get((row.level or "").casefold(), initial)
        if row.level and row.level.casefold() not in known_levels:
            done.strange.add(row.level)
        if level is not None:
            levels.set_level(session, actor, partner, level, today=today, reason=REASON)
        if stage is not None:
            levels.set_activation(session, actor, partner, stage, today=today, reason=REASON)
        people.first_roles(session, actor, row.id)
        crm.show(session, row.id, today)
        done.taken.append(row.name)
    return done


def _kind(row: Any, named: Collection[str]) -> Kind:
    words = f"{row.category or ''} {row.type if row.category is None else ''}".casefold()
    if row.name.casefold() in named or "distribut" in words:
        return "distributor"
    return "reseller"

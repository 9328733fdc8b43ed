"""Levels and activations of a partner: dated, with reasons, and never erased.

Both are periods of half-open days. A level brings its default plan unless another one is named; a fall to a
lower level takes effect after the grace of the level that is left behind, unless a day is named.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from psycopg.types.range import Range
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict
from app.partners import crm, periods
from app.partners.lifecycle import Status
from app.partners.models import Partner
from app.partners.periods import Period
from app.partners.timeline import note
from app.words import one_of, say

About = Literal["level", "activation"]


@dataclass(frozen=True, slots=True)
class Level:
    """A level as the company made it. weight: ranks it; plan: the commission plan it brings."""

    key: str
    name: str
    weight: Decimal
    plan: str
    grace_days: int
    benefits: Sequence[str]
    requirements: Sequence[dict[str, Any]]
    initial: bool


@dataclass(frozen=True, slots=True)
class Stage:
    """A stage of onboarding. position: its place in the order."""

    key: str
    name: str
    position: int
    requirements: Sequence[dict[str, Any]]


def levels(session: Session) -> list[Level]:
    """Every level in use, the lightest first."""
    rows = session.execute(
        text(
            "SELECT key, name, weight, default_plan AS plan, grace_days, benefits, requirements, initial "
            "FROM partner_level WHERE NOT retired ORDER BY weight, name"
        )
    )
    return [Level(**row) for row in rows.mappings()]


def stages(session: Session) -> list[Stage]:
    """Every stage of onboarding, in order."""
    rows = session.execute(
        text("SELECT key, name, position, requirements FROM partner_activation ORDER BY position")
    )
    return [Stage(**row) for row in rows.mappings()]


_PERIODS = text("""
    SELECT id, key, plan, lower(during) AS start, upper(during) AS until, reason, set_by_name, set_at,
        superseded_at
    FROM partner_period WHERE partner_account_id = :partner AND about = :about
    ORDER BY set_at DESC, id
""")


def history(session: Session, partner_id: UUID, about: About) -> list[Any]:
    """Every period that was ever set, the latest first; `superseded_at` marks those that others replaced."""
    return list(session.execute(_PERIODS, {"partner": partner_id, "about": about}))


def periods_of(session: Session, partner_id: UUID, about: About) -> list[Period]:
    """The periods that hold, in the order of their days."""
    rows = [row for row in history(session, partner_id, about) if row.superseded_at is None]
    return sorted((Period(row.id, row.key, row.start, row.until) for row in rows), key=lambda one: one.start)


def set_level(
    session: Session,
    actor: Actor,
    partner: Partner,
    key: str,
    *,
    today: date,
    reason: str,
    start: date | None = None,
    plan: str | None = None,
) -> date:
    """Give the partner a level; the day from which it holds.

    start: that day; without it today, or after the grace where it is a fall. plan: instead of the level's
    default. Raises BadInput for an unknown level, a day before the partnership, or a missing reason.
    """
    known = {one.key: one for one in levels(session)}
    if key not in known:
        raise BadInput(
            say("There is no such level."),
            fields={"level": one_of(known)},
        )
    chosen = known[key]
    now = periods.at(periods_of(session, partner.account_id, "level"), today)
    held = known.get(now.key) if now else None
    falls = held is not None and chosen.weight < held.weight
    begins = start or periods.takes_effect(today, falls=falls, grace_days=held.grace_days if held else 0)
    _set(
        session, actor, partner, "level", key, start=begins, today=today, reason=reason,
        plan=chosen.plan if plan is None else plan,
    )  # fmt: skip
    sentence = say("{who} set the level {name}, from {day}.", who=actor.name, name=chosen.name, day=begins)
    if held and held.key != key:
        sentence = say(
            "{who} set the level {name} after {former}, from {day}.",
            who=actor.name,
            name=chosen.name,
            former=held.name,
            day=begins,
        )
    if falls and start is None and held is not None and held.grace_days:
        sentence = say(
            "{who} set the level {name}: it follows {former} on {day}, after {grace_days} days of grace.",
            who=actor.name,
            name=chosen.name,
            former=held.name,
            day=begins,
            grace_days=held.grace_days,
        )
    note(
        session, partner.account_id, actor, "level", sentence, reason=reason,
        before={"level": held.key if held else None},
        after={"level": key, "from": begins, "plan": chosen.plan if plan is None else plan},
    )  # fmt: skip
    crm.show(session, partner.account_id, today)
    return begins


def set_activation(
    session: Session,
    actor: Actor,
    partner: Partner,
    key: str,
    *,
    today: date,
    reason: str,
    start: date | None = None,
) -> date:
    """Move the partner to a stage of onboarding, forward or back; the day from which it holds.

    Raises BadInput as `set_level` does. The level stays as it is.
    """
    known = {one.key: one for one in stages(session)}
    if key not in known:
        raise BadInput(
            say("There is no such stage."),
            fields={"activation": one_of(known)},
        )
    begins = start or today
    now = periods.at(periods_of(session, partner.account_id, "activation"), today)
    _set(session, actor, partner, "activation", key, start=begins, today=today, reason=reason)
    sentence = say(
        "{who} set the onboarding to {name}, from {day}.", who=actor.name, name=known[key].name, day=begins
    )
    note(
        session, partner.account_id, actor, "activation", sentence, reason=reason,
        before={"activation": now.key if now else None}, after={"activation": key, "from": begins},
    )  # fmt: skip
    crm.show(session, partner.account_id, today)
    return begins


def undo(session: Session, actor: Actor, partner: Partner, about: About, *, today: date, reason: str) -> date:
    """Take the latest change back: what held before it holds again from today, as a period of its own.

    A change that has not taken effect yet simply never does. Raises Conflict where nothing came before.
    """
    told = history(session, partner.account_id, about)
    valid = [row for row in told if row.superseded_at is None]
    latest = max(valid, key=lambda row: row.start, default=None)
    before = _before(told, latest)
    if latest is None or before is None:
        raise Conflict(say("There is nothing to take back."), facts={"allowed": []})
    begins = max(today, partner.since or today)
    if latest.start > today:
        current = periods.at(periods_of(session, partner.account_id, about), today)
        begins = latest.start if current is not None else begins
    _set(
        session, actor, partner, about, before.key, start=begins, today=today, reason=reason,
        plan=before.plan,
    )  # fmt: skip
    names = {one.key: one.name for one in (levels(session) if about == "level" else stages(session))}
    sentence = say(
        "{who} took the change to {former} back: {present} holds from {day}.",
        who=actor.name,
        former=names.get(latest.key, latest.key),
        present=names.get(before.key, before.key),
        day=begins,
    )
    note(
        session, partner.account_id, actor, f"{about}_undone", sentence, reason=reason,
        before={about: latest.key}, after={about: before.key, "from": begins},
    )  # fmt: skip
    crm.show(session, partner.account_id, today)
    return begins


def _before(told: Sequence[Any], latest: Any) -> Any:
    """The period that the latest one followed or replaced; the rows come the last set first."""
    if latest is None:
        return None
    older = [row for row in told if row.set_at < latest.set_at and row.key != latest.key]
    return max(older, key=lambda row: row.set_at, default=None)


def _set(
    session: Session,
    actor: Actor,
    partner: Partner,
    about: About,
    key: str,
    *,
    start: date,
    today: date,
    reason: str,
    plan: str = "",
) -> None:
    if partner.status == Status.ENDED:
        raise Conflict(
            say("The partnership has ended."),
            remedy=say("Reinstate it first."),
            facts={"allowed": ["reinstate"]},
        )
    if not reason.strip():
        raise BadInput(say("A reason is needed."), fields={"reason": say("Say why; the partner reads it.")})
    if partner.since is not None and start < partner.since:
        raise BadInput(
            say("The partnership began later."),
            fields={"start": say("Give a day from {day} on.", day=partner.since)},
        )
    if start > today + timedelta(days=3660):
        raise BadInput(
            say("This day lies too far ahead."), fields={"start": say("Give a day within ten years.")}
        )
    with as_system(session):
        session.execute(
            text("SELECT FROM partner WHERE account_id = :id FOR UPDATE"), {"id": partner.account_id}
        )
        plan_of = periods.begin(periods_of(session, partner.account_id, about), start)
        for period_id, end in plan_of.ends.items():
            session.execute(
                text("UPDATE partner_period SET during = daterange(lower(during), :end) WHERE id = :id"),
                {"id": period_id, "end": end},
            )
        if plan_of.replaced:
            session.execute(
                text("UPDATE partner_period SET superseded_at = clock_timestamp() WHERE id = ANY(:ids)"),
                {"ids": list(plan_of.replaced)},
            )
        session.execute(
            text(
                "INSERT INTO partner_period (partner_account_id, about, key, plan, during, reason, set_by, "
                "set_by_name) VALUES (:partner, :about, :key, :plan, :during, :reason, :by, :by_name)"
            ),
            {
                "partner": partner.account_id,
                "about": about,
                "key": key,
                "plan": plan,
                "during": Range(start, None, "[)"),
                "reason": reason,
                "by": actor.user_id,
                "by_name": actor.name,
            },
        )

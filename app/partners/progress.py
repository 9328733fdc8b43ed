"""What a partner has of what the next level and the next stage of onboarding ask for."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, NotFound
from app.partners import levels, periods, requirements, service
from app.partners.models import Partner
from app.partners.requirements import Item, Metrics
from app.partners.timeline import note
from app.words import one_of, say


@dataclass(frozen=True, slots=True)
class Ahead:
    """The next level or stage, and how far each of its requirements is."""

    key: str
    name: str
    items: Sequence[Item]

    @property
    def missing(self) -> list[str]:
        return requirements.missing(self.items)


_COUNTS = text("""
    SELECT
        (SELECT count(*) FROM opportunity o WHERE o.partner_account_id = :id AND o.is_won
            AND o.deleted_at IS NULL) AS won_deals,
        (SELECT count(*) FROM opportunity o WHERE o.partner_account_id = :id AND NOT o.is_closed
            AND o.deleted_at IS NULL) AS open_deals,
        (SELECT count(*) FROM crm_user u LEFT JOIN contact c ON c.id = u.contact_id
            WHERE coalesce(u.account_id, c.account_id) = :id AND u.is_active AND u.deleted_at IS NULL
              AND u.user_type = 'PowerPartner') AS people
""")

_CERTIFIED = text(
    "SELECT DISTINCT certification FROM partner_certification WHERE partner_account_id = :id "
    "AND revoked_at IS NULL AND during @> CAST(:day AS date)"
)


def metrics(session: Session, partner: Partner, day: date) -> Metrics:
    """What is known of a partner on that day."""
    counts = dict(session.execute(_COUNTS, {"id": partner.account_id}).mappings().one())
    certified = frozenset(session.scalars(_CERTIFIED, {"id": partner.account_id, "day": day}))
    stage = periods.at(levels.periods_of(session, partner.account_id, "activation"), day)
    stages = levels.stages(session)
    position = next((one.position for one in stages if stage and one.key == stage.key), 0)
    tasks = session.scalars(
        text("SELECT key FROM partner_task WHERE partner_account_id = :id"), {"id": partner.account_id}
    )
    accepted = session.execute(
        text("SELECT EXISTS (SELECT FROM agreement_acceptance WHERE partner_account_id = :id)"),
        {"id": partner.account_id},
    ).scalar_one()
    return Metrics(
        counts={
            **counts,
            "certifications": len(certified),
            "partner_days": max((day - partner.since).days, 0) if partner.since else 0,
        },
        certifications=certified,
        tasks=frozenset(tasks),
        stages=frozenset(one.key for one in stages if one.position <= position),
        agreement=bool(accepted),
    )


def next_level(session: Session, partner: Partner, day: date, known: Metrics | None = None) -> Ahead | None:
    """The next heavier level and what is missing; None at the top."""
    all_levels = levels.levels(session)
    now = periods.at(levels.periods_of(session, partner.account_id, "level"), day)
    weight = next((one.weight for one in all_levels if now and one.key == now.key), None)
    ahead = next((one for one in all_levels if weight is None or one.weight > weight), None)
    if ahead is None:
        return None
    items = requirements.progress(
        ahead.requirements, known or metrics(session, partner, day), _names(session)
    )
    return Ahead(ahead.key, ahead.name, items)


def next_stage(session: Session, partner: Partner, day: date, known: Metrics | None = None) -> Ahead | None:
    """The next stage of onboarding and what is missing; None at the last."""
    all_stages = levels.stages(session)
    now = periods.at(levels.periods_of(session, partner.account_id, "activation"), day)
    position = next((one.position for one in all_stages if now and one.key == now.key), None)
    ahead = next((one for one in all_stages if position is None or one.position > position), None)
    if ahead is None:
        return None
    items = requirements.progress(
        ahead.requirements, known or metrics(session, partner, day), _names(session)
    )
    return Ahead(ahead.key, ahead.name, items)


def tick(session: Session, actor: Actor, partner: Partner, key: str, *, done: bool, remark: str = "") -> None:
    """Tick an item of a checklist off, or take the tick back. Raises BadInput for an item nobody asks for."""
    asked = {
        str(one["key"]): str(one["title"])
        for asks in _everything_asked(session)
        for one in asks
        if one["kind"] == "task"
    }
    if key not in asked:
        raise BadInput(
            say("No checklist has this item."),
            fields={"task": one_of(sorted(asked))},
        )
    with as_system(session):
        service.get(session, actor, partner.account_id, lock=True)
        if done:
            changed = session.execute(
                text(
                    "INSERT INTO partner_task (partner_account_id, key, done_by, done_by_name, note) "
                    "VALUES (:partner, :key, :by, :name, :note) ON CONFLICT DO NOTHING RETURNING key"
                ),
                {
                    "partner": partner.account_id, "key": key, "by": actor.user_id, "name": actor.name,
                    "note": remark,
                },
            ).first()  # fmt: skip
            sentence = say("{who} ticked off “{task}”.", who=actor.name, task=asked[key])
        else:
            changed = session.execute(
                text(
                    "DELETE FROM partner_task WHERE partner_account_id = :partner AND key = :key "
                    "RETURNING key"
                ),
                {"partner": partner.account_id, "key": key},
            ).first()
            if changed is None:
                raise NotFound(say("This item was not ticked off."))
            sentence = say("{who} took the tick at “{task}” back.", who=actor.name, task=asked[key])
        if changed is not None:
            note(session, partner.account_id, actor, "task", sentence, reason=remark)


def _everything_asked(session: Session) -> list[Sequence[dict[str, Any]]]:
    return [
        *(one.requirements for one in levels.levels(session)),
        *(one.requirements for one in levels.stages(session)),
    ]


def _names(session: Session) -> dict[str, str]:
    named = {f"activation.{one.key}": one.name for one in levels.stages(session)}
    for row in session.execute(text("SELECT key, name FROM certification")):
        named[f"certification.{row.key}"] = row.name
    return named

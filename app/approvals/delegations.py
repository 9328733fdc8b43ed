"""Who stands in for whom, and from when to when; absences."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals import store
from app.approvals.people import Directory, user_named
from app.audit import record
from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from app.words import json_of, say


@dataclass(frozen=True, slots=True)
class Wish:
    """A delegation as it is wished for. delegate, person: user names; no person means oneself.

    away: the delegate is asked instead of the person, not beside; without a delegate nobody is.
    """

    delegate: str = ""
    person: str = ""
    workflow: str | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    away: bool = False
    reason: str = ""


_INSERT = text("""
    INSERT INTO approval_delegation (user_id, delegate_id, workflow_key, starts_at, ends_at, away, reason,
        created_by)
    VALUES (:user_id, :delegate_id, :workflow, :starts_at, :ends_at, :away, :reason, :created_by)
    RETURNING id
""")


def create(session: Session, actor: Actor, wish: Wish, now: datetime, *, for_others: bool = False) -> UUID:
    """Write a delegation down. Raises BadInput, and NotAllowed for somebody else's without that right."""
    assert actor.user_id is not None
    with as_system(session):
        person = _user(session, wish.person, now, "person") if wish.person else actor.user_id
        if person != actor.user_id and not for_others:
            raise NotAllowed(
                say("You give your own tasks only."),
                remedy=say("An administrator can do it for somebody else."),
            )
        delegate = _user(session, wish.delegate, now, "delegate") if wish.delegate else None
        starts_at = wish.starts_at or now
        faults = _faults(wish, person, delegate, starts_at, now)
        if faults:
            raise BadInput(say("This delegation cannot be."), fields=faults)
        if wish.workflow is not None:
            store.active(session, wish.workflow)
        made: UUID = session.execute(
            _INSERT,
            {
                "user_id": person,
                "delegate_id": delegate,
                "workflow": wish.workflow,
                "starts_at": starts_at,
                "ends_at": wish.ends_at,
                "away": wish.away,
                "reason": wish.reason,
                "created_by": actor.user_id,
            },
        ).scalar_one()
        name = Directory(session, now).name(person)
        if delegate is not None:
            begins, ends = starts_at.date(), wish.ends_at.date() if wish.ends_at else None
            sentence = (
                say(
                    "You stand in for {name} from {begins} until {ends}.", name=name, begins=begins, ends=ends
                )
                if ends
                else say("You stand in for {name} from {begins}.", name=name, begins=begins)
            )
            session.execute(
                text(
                    "INSERT INTO approval_notice (user_id, kind, occasion, sentence, words) "
                    "VALUES (:user_id, 'delegation', :occasion, :sentence, CAST(:words AS jsonb))"
                ),
                {
                    "user_id": delegate,
                    "occasion": str(made),
                    "sentence": sentence,
                    "words": json_of(sentence),
                },
            )
        record(
            session, actor, "delegation.create", subject=("delegation", made), reason=wish.reason,
            after={
                "person": name, "delegate": wish.delegate, "workflow": wish.workflow, "away": wish.away,
                "starts_at": starts_at, "ends_at": wish.ends_at,
            },
        )  # fmt: skip
    return made


def revoke(
    session: Session, actor: Actor, delegation_id: UUID, now: datetime, *, for_others: bool = False
) -> None:
    """End a delegation at once; ended before, nothing changes. Raises NotFound, NotAllowed, Conflict."""
    with as_system(session):
        row = session.execute(
            text("SELECT * FROM approval_delegation WHERE id = :id FOR UPDATE"), {"id": delegation_id}
        ).first()
        if row is None or (actor.user_id not in (row.user_id, row.delegate_id) and not for_others):
            raise NotFound(say("There is no such delegation."))
        if row.user_id != actor.user_id and not for_others:
            raise NotAllowed(
                say("Whoever gave it takes it back."), remedy=say("Ask them, or an administrator.")
            )
        if row.revoked_at is not None:
            return
        if row.ends_at is not None and row.ends_at <= now:
            raise Conflict(say("This delegation is over already."), facts={"allowed": []})
        session.execute(
            text("UPDATE approval_delegation SET revoked_at = :now WHERE id = :id"),
            {"id": delegation_id, "now": now},
        )
        record(
            session, actor, "delegation.revoke", subject=("delegation", delegation_id),
            before={"user_id": row.user_id, "delegate_id": row.delegate_id, "ends_at": row.ends_at},
        )  # fmt: skip


_LIST = text("""
    SELECT d.id, d.workflow_key AS workflow, d.starts_at, d.ends_at, d.away, d.reason, d.revoked_at,
        d.created_at,
        coalesce(nullif(trim(concat_ws(' ', p.first_name, p.last_name)), ''), p.username, '') AS person,
        coalesce(nullif(trim(concat_ws(' ', s.first_name, s.last_name)), ''), s.username, '') AS delegate,
        d.user_id = :me AS own,
        d.revoked_at IS NULL AND d.starts_at <= :now AND (d.ends_at IS NULL OR d.ends_at > :now) AS in_force
    FROM approval_delegation d
    LEFT JOIN crm_user p ON p.id = d.user_id
    LEFT JOIN crm_user s ON s.id = d.delegate_id
    WHERE :all OR d.user_id = :me OR d.delegate_id = :me
    ORDER BY d.starts_at DESC, d.id LIMIT 500
""")


def listed(session: Session, actor: Actor, now: datetime, *, everybody: bool = False) -> list[dict[str, Any]]:
    """The delegations that somebody gave or was given, newest first; or everybody's."""
    with as_system(session):
        rows = session.execute(_LIST, {"me": actor.user_id, "now": now, "all": everybody})
        return [dict(row) for row in rows.mappings()]


def _faults(
    wish: Wish, person: UUID, delegate: UUID | None, starts_at: datetime, now: datetime
) -> dict[str, str]:
    faults: dict[str, str] = {}
    if delegate is None and not wish.away:
        faults["delegate"] = say("Name who stands in.")
    if delegate == person:
        faults["delegate"] = say("Name somebody else.")
    for name, moment in (("starts_at", wish.starts_at), ("ends_at", wish.ends_at)):
        if moment is not None and moment.tzinfo is None:
            faults[name] = say("Write the time with its zone, such as 2027-03-14T09:00:00Z.")
        elif moment is not None and not 2000 <= moment.year <= 2200:
            faults[name] = say("Choose a day of this century or the next.")
    if not faults and wish.ends_at is not None and wish.ends_at <= max(starts_at, now):
        faults["ends_at"] = say("It must end after it begins, and after now.")
    return faults


def _user(session: Session, username: str, now: datetime, field: str) -> UUID:
    found = user_named(session, username)
    if found is None or not Directory(session, now).holders(f"user:{found}"):
        raise BadInput(
            say("This is not somebody of the company."),
            fields={field: say("Write the user name of a colleague.")},
        )
    return found

"""What comes back from the CRM: levels set in a channel program, assignments, merges, new people.

Called in the transaction that applies the changes of Salesforce. What is answered here is our own change and
goes out, although the sync is applying.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.crm.editors import editor
from app.kernel.actor import SYSTEM
from app.partners import crm, levels, people, periods, service
from app.partners.assignments import giving, subjects
from app.partners.assignments.candidates import Subject
from app.partners.lifecycle import Status
from app.partners.timeline import note
from app.sync.engine import Applied
from app.words import say

#: Tables that say who a record's partner is.
_ASSIGNED: tuple[Subject, ...] = subjects.SUBJECTS


def crm_changed(session: Session, applied: Sequence[Applied]) -> None:
    """Follow what happened in Salesforce; a batch of thousands that concerns no partner costs a few looks."""
    changes: dict[str, list[Applied]] = defaultdict(list)
    for change in applied:
        changes[change.table].append(change)
    members = _ids(changes["channel_program_member"], "level_id")
    merged = {one.local_id: one.merged_into for one in changes["account"] if one.merged_into is not None}
    contacts = {one.local_id: one.merged_into for one in changes["contact"] if one.merged_into is not None}
    assigned = {subject: _moved(session, subject, changes[subject]) for subject in _ASSIGNED}
    companies = _without_admin(session, [one.local_id for one in changes["crm_user"]])
    if not (members or merged or contacts or companies or any(assigned.values())):
        return
    with _our_own(session):
        for loser, winner in merged.items():
            _merge(session, loser, winner)
        for loser, winner in contacts.items():
            _merge_person(session, loser, winner)
        for member in members:
            _level(session, member)
        for subject, records in assigned.items():
            for record_id in records:
                giving.followed(session, editor(session, record_id), subject, record_id)
        for company in companies:
            people.first_roles(session, SYSTEM, company)


@contextmanager
def _our_own(session: Session) -> Iterator[None]:
    session.execute(text("SELECT set_config('tandem.applying', 'off', true)"))
    yield
    session.flush()
    session.execute(text("SELECT set_config('tandem.applying', 'on', true)"))


def _ids(changes: Iterable[Applied], column: str) -> list[UUID]:
    return sorted({one.local_id for one in changes if column in one.columns and one.kind != "deleted"})


def _moved(session: Session, subject: Subject, changes: Collection[Applied]) -> list[UUID]:
    """Those records whose partner is another than the history says."""
    ids = _ids(changes, "partner_account_id")
    if not ids:
        return []
    rows = session.scalars(
        text(
            f"SELECT r.id FROM {subject} r "  # noqa: S608  # own constant
            "LEFT JOIN partner_assignment s ON s.subject_id = r.id AND s.ended_at IS NULL "
            "WHERE r.id = ANY(:ids) AND s.partner_account_id IS DISTINCT FROM r.partner_account_id "
            "AND (s.id IS NOT NULL "
            "OR EXISTS (SELECT FROM partner p WHERE p.account_id = r.partner_account_id))"
        ),
        {"ids": ids},
    )
    return sorted(rows)


def _level(session: Session, member_id: UUID) -> None:
    """A level set in a channel program becomes the partner's level from today."""
    row = session.execute(
        text(
            "SELECT m.partner_account_id, b.key, b.name, g.name AS program FROM channel_program_member m "
            "JOIN channel_program_level l ON l.id = m.level_id "
            "LEFT JOIN channel_program g ON g.id = m.program_id "
            "JOIN partner_level b ON lower(b.name) = lower(l.name) AND NOT b.retired WHERE m.id = :id"
        ),
        {"id": member_id},
    ).first()
    partner = service.find(session, row.partner_account_id) if row and row.partner_account_id else None
    if row is None or partner is None or partner.status == Status.ENDED:
        return
    day = service.today(session)
    now = periods.at(levels.periods_of(session, partner.account_id, "level"), day)
    if now is not None and now.key == row.key:
        return
    who = editor(session, member_id)
    why = (
        say("Set in Salesforce, in the channel program {program}.", program=row.program)
        if row.program
        else say("Set in Salesforce.")
    )
    start = max(day, partner.since or day)
    levels.set_level(session, who, partner, row.key, today=day, reason=why, start=start)


def _merge(session: Session, loser: UUID, winner: UUID) -> None:
    """The partner goes where its account went; where both were partners, the one that was lost ends."""
    lost, kept = service.find(session, loser), service.find(session, winner)
    if lost is None:
        return
    who = editor(session, winner)
    name = session.execute(text("SELECT name FROM account WHERE id = :id"), {"id": loser}).scalar_one()
    if kept is not None:
        if lost.status != Status.ENDED:
            day = service.today(session)
            session.execute(
                text(
                    "UPDATE partner SET status = 'ended', status_since = clock_timestamp(), "
                    "before_suspension = NULL, ended_on = :day, status_reason = :why WHERE account_id = :id"
                ),
                {
                    "id": loser,
                    "day": day,
                    "why": say("Its account was merged into another partner's."),
                },
            )
        for table in ("partner_person", "partner_task"):
            statement = f"DELETE FROM {table} WHERE partner_account_id = :id"  # noqa: S608  # own constant
            session.execute(text(statement), {"id": loser})
    else:
        for table in ("partner_period", "partner_person", "partner_task", "partner_certification"):
            session.execute(
                text(
                    f"UPDATE {table} SET partner_account_id = :winner WHERE partner_account_id = :loser"  # noqa: S608
                ),
                {"winner": winner, "loser": loser},
            )
        session.execute(
            text("UPDATE partner SET account_id = :winner WHERE account_id = :loser"),
            {"winner": winner, "loser": loser},
        )
    session.execute(
        text(
            "UPDATE partner_assignment SET partner_account_id = :winner WHERE partner_account_id = :loser "
            "AND ended_at IS NULL"
        ),
        {"winner": winner, "loser": loser},
    )
    for column in ("distributor_account_id", "reseller_account_id"):
        session.execute(
            text(
                f"UPDATE partner_supply s SET {column} = :winner WHERE {column} = :loser "  # noqa: S608
                "AND :winner NOT IN (distributor_account_id, reseller_account_id) "
                "AND NOT EXISTS (SELECT FROM partner_supply o WHERE o.id <> s.id AND o.during && s.during "
                f"AND o.{column} = :winner AND (o.distributor_account_id = s.distributor_account_id "
                "OR o.reseller_account_id = s.reseller_account_id))"
            ),
            {"winner": winner, "loser": loser},
        )
    session.expire_all()
    crm.show(session, winner, service.today(session))
    sentence = say("The account {name} was merged into this one in Salesforce.", name=name)
    note(session, winner, who, "account_merged", sentence)


def _merge_person(session: Session, loser: UUID, winner: UUID) -> None:
    session.execute(
        text(
            "UPDATE partner_person p SET person_id = :winner WHERE person_id = :loser AND NOT EXISTS ("
            "SELECT FROM partner_person o WHERE o.person_id = :winner AND o.role = p.role "
            "AND o.partner_account_id = p.partner_account_id AND o.withdrawn_at IS NULL)"
        ),
        {"winner": winner, "loser": loser},
    )


def _without_admin(session: Session, users: Sequence[UUID]) -> list[UUID]:
    """Partners of those users that nobody administers."""
    if not users:
        return []
    rows = session.scalars(
        text(
            "SELECT DISTINCT p.account_id FROM crm_user u LEFT JOIN contact c ON c.id = u.contact_id "
            "JOIN partner p ON p.account_id = coalesce(u.account_id, c.account_id) "
            "WHERE u.id = ANY(:ids) AND u.user_type = 'PowerPartner' AND u.is_active "
            "AND p.status <> 'ended' AND NOT EXISTS (SELECT FROM partner_person r "
            "JOIN crm_user a ON a.id = r.person_id AND a.is_active AND a.deleted_at IS NULL "
            "WHERE r.partner_account_id = p.account_id AND r.role = 'admin' AND r.withdrawn_at IS NULL)"
        ),
        {"ids": list(users)},
    )
    return sorted(rows)

"""Who is who: roles, managers, owners, who stands in for whom, and what conditions may ask of a person.

Runs in the system's name: a partner sees no users but its own.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals import calculation
from app.approvals.calculation import Standing, Way
from app.approvals.document.shape import Approver
from app.approvals.models import Request
from app.kernel.actor import Actor
from app.partners import people as partner_people
from app.partners import service as partners
from app.words import Names, say

#: What a user of the company is who holds none of the roles that may start something.
PLAIN = "rep"
#: As what the people of a company start something that is no partner yet.
PROSPECT = "prospect"
#: Roles that say what somebody is when starting a request; the others say what they decide.
INITIATORS = ("rep", "external_rep", "regional_manager")

_NAME = "coalesce(nullif(trim(concat_ws(' ', u.first_name, u.last_name)), ''), u.username)"
_ACTIVE = "u.is_active AND u.deleted_at IS NULL AND u.user_type = 'Standard'"


@dataclass(frozen=True, slots=True)
class Someone:
    """A user of the company who is there."""

    id: UUID
    name: str


@dataclass
class Directory:
    """Who holds what, as of one moment; what was looked up once is kept."""

    session: Session
    now: datetime
    _holders: dict[str, list[Someone]] = field(default_factory=dict)
    _standings: list[Standing] | None = None

    def holders(self, assignee: str) -> list[Someone]:
        """The active people behind `role:finance` or `user:<id>`, by name."""
        if assignee not in self._holders:
            kind, _, name = assignee.partition(":")
            query = _USER if kind == "user" else _ROLE
            rows = self.session.execute(query, {"name": name})
            self._holders[assignee] = [Someone(row.id, row.name) for row in rows]
        return self._holders[assignee]

    @property
    def standings(self) -> list[Standing]:
        """Every delegation and absence that is in force now."""
        if self._standings is None:
            rows = self.session.execute(_STANDINGS, {"now": self.now})
            self._standings = [
                Standing(row.user_id, row.delegate_id, row.workflow_key, row.away) for row in rows
            ]
        return self._standings

    def asked(self, assignee: str, workflow: str, *, without: Collection[UUID] = ()) -> list[Someone]:
        """Who is asked for that assignee now: its holders, and who stands in for those away."""
        found: dict[UUID, Someone] = {}
        for one in self.holders(assignee):
            for person in calculation.asked(one.id, self.standings, workflow, without=without):
                for somebody in [one] if person == one.id else self.holders(f"user:{person}"):
                    found.setdefault(somebody.id, somebody)
        return list(found.values())

    def ways(self, me: UUID, *, without: Collection[UUID] = ()) -> list[Way]:
        """In whose place this person may decide, themselves first."""
        return calculation.ways(me, self.standings, without=without)

    def keys(self, person: UUID) -> list[str]:
        """The assignees that this person is: themselves and their roles."""
        found = [f"user:{person}"]
        for role in roles(self.session, person):
            found += [f"role:{role}", f"queue:{role}"]
        return found

    def name(self, person: UUID | None) -> str:
        """A user's name, active or not; empty when unknown."""
        row = self.session.execute(
            text(f"SELECT {_NAME} AS name FROM crm_user u WHERE u.id = :id"),  # noqa: S608  # own constant
            {"id": person},
        ).first()
        return str(row.name) if row else ""


_ROLE = text(
    f"SELECT u.id, {_NAME} AS name FROM user_role r JOIN crm_user u ON u.id = r.user_id "  # noqa: S608  # own constants
    f"WHERE r.role = :name AND {_ACTIVE} ORDER BY 2, 1"
)
_USER = text(
    f"SELECT u.id, {_NAME} AS name FROM crm_user u WHERE u.id = CAST(:name AS uuid) AND {_ACTIVE}"  # noqa: S608  # own constants
)
_STANDINGS = text(
    "SELECT user_id, delegate_id, workflow_key, away FROM approval_delegation "
    "WHERE revoked_at IS NULL AND starts_at <= :now AND (ends_at IS NULL OR ends_at > :now) "
    "ORDER BY created_at, id"
)


def roles(session: Session, user_id: UUID) -> list[str]:
    """The roles that were granted to a user, in alphabetical order."""
    rows = session.execute(
        text("SELECT role FROM user_role WHERE user_id = :id ORDER BY role"), {"id": user_id}
    )
    return list(rows.scalars())


def starts_as(session: Session, actor: Actor) -> frozenset[str]:
    """As what somebody starts a request: a partner's kind, or the roles of the company's person."""
    if actor.user_id is None:
        return frozenset()
    if actor.scope == "partner":
        return frozenset({str(partners.facts(session, actor.partner_id).get("kind", ""))})
    held = frozenset(roles(session, actor.user_id))
    return held or frozenset({PLAIN})


def user_facts(session: Session, actor: Actor) -> dict[str, Any]:
    """What conditions may ask of whoever hands a request in, as `user.…`."""
    row = session.execute(text("SELECT language FROM crm_user WHERE id = :id"), {"id": actor.user_id}).first()
    partner = partners.facts(session, actor.partner_id)
    kinds = starts_as(session, actor)
    kind = next((one for one in (*INITIATORS, *sorted(kinds)) if one in kinds), "")
    return {
        "scope": actor.scope,
        "kind": kind,
        "roles": sorted(kinds | partner_people.roles_of(session, actor)),
        "language": (row.language or "") if row else "",
        "country": partner.get("country", ""),
    }


def resolve(session: Session, request: Request, approver: Approver) -> str | None:
    """The assignee that an approver of the route stands for in this request; None where there is none."""
    if approver.role or approver.queue:
        return f"role:{approver.role}" if approver.role else f"queue:{approver.queue}"
    person: UUID | None
    if approver.user:
        person = user_named(session, approver.user)
    elif approver.partner_manager:
        person = _partner_manager(session, request)
    elif approver.record_owner:
        person = _record_owner(session, request)
    else:
        of: UUID | None = request.requester_id
        if approver.manager_of == "partner_manager":
            of = _partner_manager(session, request)
        elif approver.manager_of == "record_owner":
            of = _record_owner(session, request)
        person = _scalar(session, "SELECT manager_id FROM crm_user WHERE id = :id", of)
    return f"user:{person}" if person else None


def user_named(session: Session, username: str) -> UUID | None:
    """The user of that name, whatever its letters' case."""
    found: UUID | None = session.execute(
        text(
            "SELECT id FROM crm_user WHERE lower(username) = lower(:name) AND deleted_at IS NULL "
            "ORDER BY is_active DESC, id LIMIT 1"
        ),
        {"name": username},
    ).scalar_one_or_none()
    return found


def _partner_manager(session: Session, request: Request) -> UUID | None:
    return _scalar(session, "SELECT owner_id FROM account WHERE id = :id", request.partner_account_id)


def _record_owner(session: Session, request: Request) -> UUID | None:
    places: Sequence[tuple[str, UUID | None]] = (
        ("opportunity", request.opportunity_id),
        ("lead", request.lead_id),
        ("account", request.account_id or request.partner_account_id),
    )
    for table, record_id in places:
        owner = _scalar(
            session,
            f"SELECT owner_id FROM {table} WHERE id = :id AND deleted_at IS NULL",  # noqa: S608  # own constants
            record_id,
        )
        if owner is not None:
            return owner
    return None


def _scalar(session: Session, statement: str, record_id: UUID | None) -> UUID | None:
    if record_id is None:
        return None
    found: UUID | None = session.execute(text(statement), {"id": record_id}).scalar_one_or_none()
    return found


def named(people: Iterable[Someone], *, most: int = 3) -> str:
    """`Ann Lee`, `Ann Lee or Robin Berg`; of more than so many people the first and how many others."""
    names = tuple(one.name for one in people)
    if len(names) > most:
        return say("{names} or {more} others", names=Names(names[:most], ","), more=len(names) - most)
    return say("{names}", names=Names(names, "or")) if names else ""

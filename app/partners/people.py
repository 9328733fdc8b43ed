"""The people of a partner and their roles: seller, admin, finance.

Everybody who signs in for a partner sells for it; the other roles are given. A partner's admin gives and
takes roles of its own company's people, and the last admin stays one.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from app.partners import service
from app.partners.models import PartnerPerson
from app.partners.timeline import note
from app.words import Sentence, say

Role = Literal["seller", "admin", "finance"]
ROLES: tuple[Role, ...] = ("seller", "admin", "finance")
WORDS: dict[str, str] = {"seller": say("seller"), "admin": say("administrator"), "finance": say("finance")}

_PEOPLE = text("""
    SELECT u.id AS user_id, u.contact_id, u.email, c.title, u.is_active,
        coalesce(nullif(trim(concat_ws(' ', u.first_name, u.last_name)), ''), u.username) AS name
    FROM crm_user u LEFT JOIN contact c ON c.id = u.contact_id
    WHERE coalesce(u.account_id, c.account_id) = :partner AND u.deleted_at IS NULL
      AND u.user_type = 'PowerPartner'
    UNION ALL
    SELECT NULL, c.id, c.email, c.title, true, trim(concat_ws(' ', c.first_name, c.last_name))
    FROM contact c
    WHERE c.account_id = :partner AND c.deleted_at IS NULL
      AND NOT EXISTS (SELECT FROM crm_user u WHERE u.contact_id = c.id AND u.deleted_at IS NULL)
    ORDER BY name, email
""")


def people(session: Session, partner_id: UUID) -> list[dict[str, Any]]:
    """Users and contacts of the partner with their roles; who signs in is a seller at least."""
    held: dict[UUID | None, list[str]] = {}
    for one in _roles(session, partner_id):
        held.setdefault(one.person_id, []).append(one.role)
    found = []
    for row in session.execute(_PEOPLE, {"partner": partner_id}).mappings():
        # What a contact was given stays with the person who signs in later.
        roles = {role for who in (row["user_id"], row["contact_id"]) for role in held.get(who, ())}
        if row["user_id"] is not None and row["is_active"]:
            roles.add("seller")
        found.append(
            {
                **row,
                "title": row["title"] or "",
                "email": row["email"] or "",
                "signs_in": row["user_id"] is not None and row["is_active"],
                "roles": sorted(roles),
            }
        )
    return found


def roles_of(session: Session, actor: Actor) -> frozenset[str]:
    """The roles of a partner's person, for `user.roles`; nothing for anybody else."""
    if actor.scope != "partner" or actor.partner_id is None:
        return frozenset()
    rows = session.scalars(
        text(
            "SELECT p.role FROM partner_person p WHERE p.partner_account_id = :partner "
            "AND p.withdrawn_at IS NULL AND p.person_id IN (:user, "
            "(SELECT u.contact_id FROM crm_user u WHERE u.id = :user))"
        ),
        {"partner": actor.partner_id, "user": actor.user_id},
    )
    return frozenset({*rows, "seller"})


def is_admin(session: Session, actor: Actor) -> bool:
    """Whether this person administers the own company."""
    return "admin" in roles_of(session, actor)


def require_role(session: Session, actor: Actor, role: Role) -> None:
    """Let only a partner's people with that role go on. Raises NotAllowed."""
    if role not in roles_of(session, actor):
        raise NotAllowed(
            say("This needs the role {what} in your company.", what=WORDS[role]),
            remedy=say("An administrator of your company can give it to you."),
        )


def give(session: Session, actor: Actor, partner_id: UUID, role: Role, person_id: UUID) -> None:
    """Give one of the partner's people a role; giving it again changes nothing.

    person_id: of a user, or of a contact who does not sign in. Raises NotFound, NotAllowed, BadInput.
    """
    who = _person(session, actor, partner_id, person_id)
    if role == "admin" and not who["signs_in"]:
        raise BadInput(
            say("An administrator has to sign in."), fields={"person_id": say("Choose a person with access.")}
        )
    with as_system(session):
        service.get(session, actor, partner_id, lock=True)
        if _held(session, partner_id, role, {person_id}):
            return
        session.add(
            PartnerPerson(
                partner_account_id=partner_id, person_id=person_id, role=role, granted_by=actor.user_id,
            )
        )  # fmt: skip
        note(
            session, partner_id, actor, "role_given",
            say(
                "{who} made {name} {role}.",
                who=actor.name, name=who["name"], role=_as(role),
            ),
            after={"person": person_id, "name": who["name"], "role": role},
        )  # fmt: skip


def take(session: Session, actor: Actor, partner_id: UUID, role: Role, person_id: UUID) -> None:
    """Take a role away. Raises Conflict for the last administrator, NotFound for a role nobody has."""
    if actor.scope == "partner":
        require_role(session, actor, "admin")
    with as_system(session):
        service.get(session, actor, partner_id, lock=True)
        one = next((one for one in people(session, partner_id) if person_id in _ids(one)), None)
        ids = {person_id} | ({one["contact_id"]} if one is not None else set())
        held = _held(session, partner_id, role, ids)
        if not held:
            raise NotFound(say("This person does not have the role."))
        if role == "admin" and _admins(session, partner_id) <= {person_id}:
            raise Conflict(
                say("This is the last administrator of the company."),
                remedy=say("Make somebody else an administrator first."),
                code="last_admin",
                facts={"allowed": ["give admin to another person"]},
            )
        for each in held:
            each.withdrawn_at, each.withdrawn_by = service.now(session), actor.user_id
        session.flush()
        name = one["name"] if one is not None else "Somebody"
        sentence = say("{name} is no longer {role}, says {who}.", name=name, role=_as(role), who=actor.name)
        note(
            session, partner_id, actor, "role_taken", sentence,
            before={"person": person_id, "name": name, "role": role},
        )  # fmt: skip


def first_roles(session: Session, actor: Actor, partner_id: UUID, admin: UUID | None = None) -> None:
    """Give a company without an administrator one: that user, or who came first to the CRM of its users."""
    if _admins(session, partner_id):
        return
    first = (
        admin
        or session.execute(
            text(
                "SELECT u.id FROM crm_user u LEFT JOIN contact c ON c.id = u.contact_id "
                "LEFT JOIN sync_link l ON l.local_id = u.id "
                "WHERE coalesce(u.account_id, c.account_id) = :partner AND u.is_active "
                "AND u.deleted_at IS NULL AND u.user_type = 'PowerPartner' "
                "ORDER BY l.sf_id NULLS LAST, u.username LIMIT 1"
            ),
            {"partner": partner_id},
        ).scalar_one_or_none()
    )
    if first is not None:
        give(session, actor, partner_id, "admin", first)


def _person(session: Session, actor: Actor, partner_id: UUID, person_id: UUID) -> dict[str, Any]:
    service.get(session, actor, partner_id)
    if actor.scope == "partner":
        require_role(session, actor, "admin")
    with as_system(session):
        for one in people(session, partner_id):
            if person_id in _ids(one):
                return one
    raise NotFound(
        say("There is no such person in this company."), remedy=say("Choose one of the company's people.")
    )


def _ids(one: dict[str, Any]) -> tuple[Any, ...]:
    return (one["user_id"],) if one["user_id"] is not None else (one["contact_id"],)


def _roles(session: Session, partner_id: UUID) -> Sequence[PartnerPerson]:
    return session.scalars(
        select(PartnerPerson).where(
            PartnerPerson.partner_account_id == partner_id, PartnerPerson.withdrawn_at.is_(None)
        )
    ).all()


def _held(session: Session, partner_id: UUID, role: str, ids: Collection[UUID | None]) -> list[PartnerPerson]:
    return [one for one in _roles(session, partner_id) if one.role == role and one.person_id in ids]


def _admins(session: Session, partner_id: UUID) -> set[UUID]:
    """Users who are administrators and can sign in."""
    rows = session.execute(
        text(
            "SELECT p.person_id FROM partner_person p JOIN crm_user u ON u.id = p.person_id "
            "WHERE p.partner_account_id = :partner AND p.role = 'admin' AND p.withdrawn_at IS NULL "
            "AND u.is_active AND u.deleted_at IS NULL"
        ),
        {"partner": partner_id},
    )
    return {row.person_id for row in rows}


def _as(role: str) -> Sentence:
    return {
        "seller": say("a seller"),
        "admin": say("an administrator"),
        "finance": say("responsible for finance"),
    }[role]

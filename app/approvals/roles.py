"""Roles of the company's people: who holds which, given and taken with a row in the audit trail."""

from __future__ import annotations

import re
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals.people import Directory, user_named
from app.audit import record
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, NotFound

_ROLE = re.compile(r"[a-z][a-z0-9_]{0,39}")


def grant(session: Session, actor: Actor, role: str, username: str) -> bool:
    """Give a role; False where the person has it. Raises BadInput, NotFound."""
    if not _ROLE.fullmatch(role):
        raise BadInput(
            "This is no role's name.", where=role, remedy="Use small letters, digits and _, such as finance."
        )
    user_id = _user(session, username)
    made = session.execute(
        text(
            "INSERT INTO user_role (user_id, role, granted_by) VALUES (:user_id, :role, :by) "
            "ON CONFLICT DO NOTHING RETURNING role"
        ),
        {"user_id": user_id, "role": role, "by": actor.name},
    ).first()
    if made is not None:
        record(session, actor, "role.grant", subject=("user", username), after={"role": role})
    return made is not None


def withdraw(session: Session, actor: Actor, role: str, username: str) -> bool:
    """Take a role away, at once; False where the person does not have it. Raises NotFound."""
    user_id = user_named(session, username)
    if user_id is None:
        raise NotFound(f"There is no user {username}.", remedy="Check the user name.")
    gone = session.execute(
        text("DELETE FROM user_role WHERE user_id = :user_id AND role = :role RETURNING role"),
        {"user_id": user_id, "role": role},
    ).first()
    if gone is not None:
        record(session, actor, "role.withdraw", subject=("user", username), before={"role": role})
    return gone is not None


def listed(session: Session) -> list[tuple[str, str, str, bool]]:
    """Every role with its holders: role, user name, name, whether the person is active."""
    rows = session.execute(
        text(
            "SELECT r.role, u.username, trim(concat_ws(' ', u.first_name, u.last_name)) AS name, "
            "u.is_active AND u.deleted_at IS NULL AS active "
            "FROM user_role r JOIN crm_user u ON u.id = r.user_id ORDER BY r.role, u.username"
        )
    )
    return [(row.role, row.username, row.name, row.active) for row in rows]


def _user(session: Session, username: str) -> UUID:
    found = user_named(session, username)
    if found is None:
        raise NotFound(
            f"There is no user {username}.", remedy="Check the user name, and run `tandem sync run` once."
        )
    now = session.execute(text("SELECT clock_timestamp()")).scalar_one()
    if not Directory(session, now).holders(f"user:{found}"):
        raise BadInput(
            f"{username} is not an active user of the company.",
            remedy="Roles are for the company's own people.",
        )
    return found

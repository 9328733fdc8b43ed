"""The org's users, as sign-in and identity see them."""

from __future__ import annotations

import sqlite3
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from app.sandbox.org import Org

User = dict[str, Any]


def _one(org: Org, condition: str, *values: str) -> User | None:
    cursor = org.store.read().execute(
        f'SELECT * FROM "User" WHERE IsDeleted = 0 AND {condition} ORDER BY Id LIMIT 1',
        values,
    )
    return next(iter(_users(cursor)), None)


def _users(cursor: sqlite3.Cursor) -> list[User]:
    """Rows by field name; `Name`, which no table stores, is put together."""
    names = [c[0] for c in cursor.description]
    found = [dict(zip(names, row, strict=True)) for row in cursor]
    for user in found:
        user["Name"] = " ".join(p for p in (user.get("FirstName"), user.get("LastName")) if p)
    return found


def by_username(org: Org, username: str) -> User | None:
    """The user with that username, in any letter case; raw column values by field name."""
    return _one(org, "Username = ? COLLATE NOCASE", username)


def by_id(org: Org, user_id: str) -> User | None:
    """The user with that 15- or 18-character id."""
    return _one(org, "substr(Id, 1, 15) = ?", user_id[:15])


def integration_user(org: Org) -> User | None:
    """The user that integrations run as: the first active one whose username starts with `integration@`."""
    return _one(org, "IsActive = 1 AND Username LIKE 'integration@%'")


def may_use_api(org: Org, user_id: str) -> bool | None:
    """Whether the user's profile or a permission set allows the API; None for a user who is not active."""
    row = (
        org.store.read()
        .execute(
            'SELECT u.IsActive, p.PermissionsApiEnabled FROM "User" u '
            "LEFT JOIN Profile p ON p.Id = u.ProfileId WHERE u.Id = ? AND u.IsDeleted = 0",
            (user_id,),
        )
        .fetchone()
    )
    if row is None or not row[0]:
        return None
    if row[1]:
        return True
    return (
        org.store.read()
        .execute(
            "SELECT 1 FROM PermissionSetAssignment a JOIN PermissionSet s ON s.Id = a.PermissionSetId "
            "WHERE a.AssigneeId = ? AND s.PermissionsApiEnabled = 1 AND a.IsDeleted = 0",
            (user_id,),
        )
        .fetchone()
        is not None
    )


def active_users(org: Org) -> list[User]:
    """Every user who may sign in, by name."""
    return _users(
        org.store.read().execute(
            'SELECT * FROM "User" WHERE IsDeleted = 0 AND IsActive = 1 ORDER BY LastName, FirstName, Id'
        )
    )

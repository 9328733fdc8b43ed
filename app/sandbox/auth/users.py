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


def active_users(org: Org) -> list[User]:
    """Every user who may sign in, by name."""
    return _users(
        org.store.read().execute(
            'SELECT * FROM "User" WHERE IsDeleted = 0 AND IsActive = 1 ORDER BY LastName, FirstName, Id'
        )
    )

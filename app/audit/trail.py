"""Add a row to the trail, in the transaction of the deed itself; and read rows back."""

from __future__ import annotations

import getpass
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import Actor


def operator() -> Actor:
    """Whoever sits at the command line: the system, under the name of the machine's user."""
    try:
        name = getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as containers have
        name = "somebody"
    return Actor("system", f"{name} at the command line")


def record(
    session: Session,
    actor: Actor,
    action: str,
    *,
    subject: tuple[str, object],
    reason: str = "",
    before: Mapping[str, Any] | None = None,
    after: Mapping[str, Any] | None = None,
    partner_account_id: UUID | None = None,
) -> None:
    """Write down what is done in this transaction; without the deed there is no row, and without it no deed.

    action: `room.verb`, such as `deal.approve`; subject: its kind and its id or number; before, after: the
    values that changed, amounts as Decimal; partner_account_id: whose business it is, the actor's own
    partner by default. A session bound to a partner may write of that partner alone.
    """
    kind, subject_id = subject
    session.execute(
        _RECORD,
        {
            "actor_id": actor.user_id,
            "actor_scope": actor.scope,
            "actor_name": actor.name,
            "action": action,
            "subject_kind": kind,
            "subject_id": str(subject_id),
            "partner_account_id": partner_account_id or actor.partner_id,
            "reason": reason,
            "before": _json(before),
            "after": _json(after),
        },
    )


_RECORD = text("""
    INSERT INTO audit_entry (actor_id, actor_scope, actor_name, action, subject_kind, subject_id,
        partner_account_id, reason, before, after)
    VALUES (:actor_id, :actor_scope, :actor_name, :action, :subject_kind, :subject_id,
        :partner_account_id, :reason, CAST(:before AS jsonb), CAST(:after AS jsonb))
""")


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows: each thing given narrows them. action: the whole, or its beginning up to a dot."""

    subject_kind: str | None = None
    subject_id: str | None = None
    actor_id: UUID | None = None
    action: str | None = None
    partner_account_id: UUID | None = None
    since: datetime | None = None
    until: datetime | None = None


def read(
    session: Session, wanted: Wanted, *, limit: int, after: tuple[datetime, UUID] | None = None
) -> list[dict[str, Any]]:
    """Rows of the trail, newest first. after: time and id of the row that the page begins after.

    since is part of the period, until is not.
    """
    at, row_id = after or (None, None)
    found = session.execute(
        _READ,
        {
            "subject_kind": wanted.subject_kind,
            "subject_id": wanted.subject_id,
            "actor_id": wanted.actor_id,
            "action": wanted.action,
            "partner": wanted.partner_account_id,
            "since": wanted.since,
            "until": wanted.until,
            "at": at,
            "after": row_id,
            "limit": limit,
        },
    )
    return [dict(row) for row in found.mappings()]


_READ = text("""
    SELECT e.id, l.seq AS number, e.at, e.actor_id, e.actor_scope, e.actor_name, e.action, e.subject_kind,
        e.subject_id, e.partner_account_id, e.reason, e.before, e.after, encode(l.hash, 'hex') AS hash
    FROM audit_entry e JOIN audit_link l ON l.entry_id = e.id
    WHERE (CAST(:subject_kind AS text) IS NULL OR e.subject_kind = :subject_kind)
      AND (CAST(:subject_id AS text) IS NULL OR e.subject_id = :subject_id)
      AND (CAST(:actor_id AS uuid) IS NULL OR e.actor_id = :actor_id)
      AND (CAST(:action AS text) IS NULL OR e.action = :action
           OR starts_with(e.action, CAST(:action AS text) || '.'))
      AND (CAST(:partner AS uuid) IS NULL OR e.partner_account_id = :partner)
      AND (CAST(:since AS timestamptz) IS NULL OR e.at >= :since)
      AND (CAST(:until AS timestamptz) IS NULL OR e.at < :until)
      AND (CAST(:at AS timestamptz) IS NULL OR (e.at, e.id) < (:at, CAST(:after AS uuid)))
    ORDER BY e.at DESC, e.id DESC LIMIT :limit
""")


def _json(values: Mapping[str, Any] | None) -> str | None:
    return None if values is None else json.dumps(_plain(values), ensure_ascii=False)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, set | frozenset):
        return sorted(_plain(one) for one in value)
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, Decimal | UUID):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, str | int):
        return value
    raise TypeError(f"an audit row cannot hold a {type(value).__name__}")

"""A call that its caller may repeat: the header `Idempotency-Key`.

The answer is stored in the transaction of the call itself, so it is there exactly when the effect is. A
second call with the same key waits for the first, then gets its answer; with another body it is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from flask import Response, request
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict

HEADER = "Idempotency-Key"
KEEP = timedelta(days=7)


@dataclass(slots=True)
class Key:
    """A key in use. answer: what the first call was told, if this is not the first."""

    user_id: UUID
    route: str
    key: str
    answer: Response | None = None


def begin(session: Session, actor: Actor) -> Key | None:
    """Take the call's key, if it has one. Raises BadInput (no possible key), Conflict (another body)."""
    given = request.headers.get(HEADER)
    if given is None or request.method not in ("POST", "PATCH") or actor.user_id is None:
        return None
    if not 1 <= len(given) <= 200 or not given.isprintable():
        raise BadInput(f"{HEADER} must be 1 to 200 printable characters.", code="bad_idempotency_key")
    key = Key(actor.user_id, f"{request.method} {request.path}", given)
    body_hash = hashlib.sha256(request.get_data()).digest()
    place = {"user_id": key.user_id, "route": key.route, "key": key.key}
    taken = session.execute(
        text(
            "INSERT INTO idempotency_key (user_id, route, key, body_hash) "
            "VALUES (:user_id, :route, :key, :hash) ON CONFLICT DO NOTHING RETURNING key"
        ),
        place | {"hash": body_hash},
    ).first()
    if taken is not None:
        return key
    row = session.execute(
        text(
            "SELECT body_hash, status, body FROM idempotency_key "
            "WHERE user_id = :user_id AND route = :route AND key = :key"
        ),
        place,
    ).one()
    if bytes(row.body_hash) != body_hash:
        raise Conflict(
            "This key was used for another request.",
            remedy=f"Send a new {HEADER} with a new request.",
            code="idempotency_key_reused",
        )
    key.answer = Response(bytes(row.body), status=row.status, mimetype="application/json")
    key.answer.headers["Idempotency-Replayed"] = "true"
    return key


def keep(session: Session, key: Key, status: int, body: bytes) -> None:
    """Store the answer with the effect."""
    session.execute(
        text(
            "UPDATE idempotency_key SET status = :status, body = :body "
            "WHERE user_id = :user_id AND route = :route AND key = :key"
        ),
        {"status": status, "body": body, "user_id": key.user_id, "route": key.route, "key": key.key},
    )


def forget(session: Session) -> int:
    """Remove keys older than a week; how many there were."""
    gone = session.execute(
        text("DELETE FROM idempotency_key WHERE created_at < now() - :age RETURNING key"), {"age": KEEP}
    )
    return len(gone.all())

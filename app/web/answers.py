"""Answers kept for callers who repeat a call: rows, without a web server.

An answer is stored in the transaction of the call itself, so it is there exactly when the effect is.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.errors import Conflict
from app.words import say

KEEP = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an answer is kept: whose call, of what, under which key."""

    user_id: UUID
    route: str
    key: str

    def params(self) -> dict[str, Any]:
        """The place as SQL parameters."""
        return {"user_id": self.user_id, "route": self.route, "key": self.key}


@dataclass(frozen=True, slots=True)
class Answer:
    """What the first call was told."""

    status: int
    body: bytes


def take(session: Session, place: Place, body_hash: bytes) -> Answer | None:
    """Take the place for a first call: None. For a repeated one: waits for the first, gives its answer.

    Raises Conflict when the key was used for another body.
    """
    taken = session.execute(
        text(
            "INSERT INTO idempotency_key (user_id, route, key, body_hash) "
            "VALUES (:user_id, :route, :key, :hash) ON CONFLICT DO NOTHING RETURNING key"
        ),
        place.params() | {"hash": body_hash},
    ).first()
    if taken is not None:
        return None
    row = session.execute(
        text(
            "SELECT body_hash, status, body FROM idempotency_key "
            "WHERE user_id = :user_id AND route = :route AND key = :key"
        ),
        place.params(),
    ).one()
    if bytes(row.body_hash) != body_hash:
        raise Conflict(
            say("This key was used for another request."),
            remedy=say("Send a new Idempotency-Key with a new request."),
            code="idempotency_key_reused",
        )
    return Answer(row.status, bytes(row.body))


def keep(session: Session, place: Place, answer: Answer) -> None:
    """Store the answer with the effect."""
    session.execute(
        text(
            "UPDATE idempotency_key SET status = :status, body = :body "
            "WHERE user_id = :user_id AND route = :route AND key = :key"
        ),
        place.params() | {"status": answer.status, "body": answer.body},
    )


def forget(session: Session) -> int:
    """Remove keys older than a week; how many there were."""
    gone = session.execute(
        text("DELETE FROM idempotency_key WHERE created_at < now() - :age RETURNING key"), {"age": KEEP}
    )
    return len(gone.all())

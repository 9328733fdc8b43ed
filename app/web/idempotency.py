"""A call that its caller may repeat: the header `Idempotency-Key`.

A second call with the same key waits for the first, then gets its answer; with another body it is refused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from flask import Response, request
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.kernel.errors import BadInput
from app.web import answers
from app.web.answers import Answer, Place
from app.words import say

HEADER = "Idempotency-Key"


@dataclass(slots=True)
class Key:
    """A key in use. answer: what the first call was told, if this is not the first."""

    place: Place
    answer: Response | None = None


def begin(session: Session, actor: Actor) -> Key | None:
    """Take the call's key, if it has one. Raises BadInput (no possible key), Conflict (another body)."""
    given = request.headers.get(HEADER)
    if given is None or request.method not in ("POST", "PATCH") or actor.user_id is None:
        return None
    if not 1 <= len(given) <= 200 or not given.isprintable():
        raise BadInput(
            say("{header} must be 1 to 200 printable characters.", header=HEADER),
            code="bad_idempotency_key",
        )
    place = Place(actor.user_id, f"{request.method} {request.path}", given)
    first = answers.take(session, place, hashlib.sha256(request.get_data()).digest())
    if first is None:
        return Key(place)
    answer = Response(first.body, status=first.status, mimetype="application/json")
    answer.headers["Idempotency-Replayed"] = "true"
    return Key(place, answer)


def keep(session: Session, key: Key, status: int, body: bytes) -> None:
    """Store the answer with the effect."""
    answers.keep(session, key.place, Answer(status, body))

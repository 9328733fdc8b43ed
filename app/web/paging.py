"""Keyset pages: the cursor says after which row the next page begins; rows that come move nothing."""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import datetime
from uuid import UUID

from app.kernel.errors import BadInput
from app.words import say

LARGEST_PAGE = 200


def encode(at: datetime, row_id: UUID) -> str:
    """The cursor after a row that is ordered by a moment and an id."""
    return urlsafe_b64encode(json.dumps([at.isoformat(), str(row_id)]).encode()).decode().rstrip("=")


def decode(cursor: str) -> tuple[datetime, UUID]:
    """The row a cursor stands for. Raises BadInput."""
    try:
        at, row_id = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        moment = datetime.fromisoformat(at)
        if moment.tzinfo is None:
            raise ValueError("no time zone")
        return moment, UUID(row_id)
    except (ValueError, TypeError, AttributeError, NotBase64):
        raise strange() from None


def encode_text(value: str, row_id: UUID) -> str:
    """The cursor after a row that is ordered by a text and an id."""
    return urlsafe_b64encode(json.dumps(["t", value, str(row_id)]).encode()).decode().rstrip("=")


def decode_text(cursor: str) -> tuple[str, UUID]:
    """The row that such a cursor stands for. Raises BadInput."""
    try:
        mark, value, row_id = json.loads(urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        if mark != "t" or not isinstance(value, str) or "\x00" in value:
            raise ValueError("no such cursor")
        return value, UUID(row_id)
    except (ValueError, TypeError, AttributeError, NotBase64):
        raise strange() from None


def strange() -> BadInput:
    """The error for a cursor that this list did not give."""
    return BadInput(
        say("The cursor is not one of ours."),
        fields={"cursor": say("Use the value of `next` of the page before, unchanged.")},
    )

"""Ids of records: 15 characters that tell capital from small letters, or those with three that say which."""

from __future__ import annotations

import re

_ID = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?")
_SIGNS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


def eighteen(value: str) -> str | None:
    """The 18-character form of an id; None for what is no id, or one whose last three do not fit the rest."""
    if not _ID.fullmatch(value):
        return None
    short = value[:15]
    signs = "".join(
        _SIGNS[sum(1 << place for place, letter in enumerate(short[at : at + 5]) if letter.isupper())]
        for at in (0, 5, 10)
    )
    if len(value) == 18 and value[15:].upper() != signs:
        return None
    return short + signs

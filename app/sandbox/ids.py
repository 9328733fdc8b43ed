"""Record ids: 3 characters of type, 3 of the org's home, 9 of a counter in base 62, 3 of checksum."""

from __future__ import annotations

import hashlib
import re
import sqlite3

from app.sandbox.errors import ApiError

DIGITS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_CHECK = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
_SHAPE = re.compile(r"[0-9A-Za-z]{15}(?:[0-9A-Za-z]{3})?\Z")


def checksum(id15: str) -> str:
    """The three characters that make a case-sensitive 15-character id safe to compare without case."""
    out = ""
    for start in (0, 5, 10):
        bits = 0
        for place, letter in enumerate(id15[start : start + 5]):
            if "A" <= letter <= "Z":
                bits |= 1 << place
        out += _CHECK[bits]
    return out


def normalize(value: object) -> str | None:
    """The 18-character form of a 15- or 18-character id, or None where it is no id.

    A checksum that does not fit the letter case of the first 15 characters makes it none.
    """
    if not isinstance(value, str) or not _SHAPE.match(value):
        return None
    if len(value) == 15:
        return value + checksum(value)
    return value if checksum(value[:15]) == value[15:] else None


def to18(value: object, *, label: str = "", field: str = "") -> str:
    """The 18-character form; refuses with MALFORMED_ID as the org does."""
    found = normalize(value)
    if found is None:
        start = f"{label}: " if label else ""
        raise ApiError(
            "MALFORMED_ID", f"{start}id value of incorrect type: {value}", fields=[field] if field else None
        )
    return found


def base62(number: int, width: int) -> str:
    """`number` in base 62, left-padded with zeros to `width`."""
    out = []
    for _ in range(width):
        number, digit = divmod(number, 62)
        out.append(DIGITS[digit])
    return "".join(reversed(out))


class IdSource:
    """Hands out ids, one rising sequence per key prefix. The same seed hands out the same ids."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        digest = hashlib.sha256(f"pod {seed}".encode()).digest()
        self.pod = DIGITS[digest[0] % 62] + DIGITS[digest[1] % 62] + "0"

    def start(self, prefix: str) -> int:
        """Where the sequence of a prefix begins."""
        digest = hashlib.sha256(f"{self.seed} {prefix}".encode()).digest()
        return 62**4 + int.from_bytes(digest[:4], "big") % 62**5

    def at(self, prefix: str, number: int) -> str:
        """The id with that number, whether handed out or not."""
        id15 = prefix + self.pod + base62(number, 9)
        return id15 + checksum(id15)

    def take(self, connection: sqlite3.Connection, prefix: str, count: int = 1) -> list[str]:
        """The next `count` ids, inside the caller's write transaction (a rollback gives them back)."""
        row = connection.execute("SELECT next FROM _sequence WHERE name = ?", (prefix,)).fetchone()
        first = row[0] if row else self.start(prefix)
        connection.execute(
            "INSERT INTO _sequence (name, next) VALUES (?, ?) "
            "ON CONFLICT (name) DO UPDATE SET next = excluded.next",
            (prefix, first + count),
        )
        return [self.at(prefix, first + n) for n in range(count)]

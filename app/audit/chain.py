"""What a link of the chain seals, and whether a chain holds. Pure.

Written independently of the database's functions (revision 0007_audit), which say the same in SQL.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

#: Names the way a link is computed, so that another way can follow it.
FORM = "tandem-audit-1"
#: What the first link is tied to.
NOTHING = hashlib.sha256(b"").digest()

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Entry:
    """What was done. before, after: the JSON as the database writes it."""

    id: UUID
    at: datetime
    actor_id: UUID | None
    actor_scope: str
    actor_name: str
    action: str
    subject_kind: str
    subject_id: str
    partner_account_id: UUID | None
    reason: str
    before: str | None
    after: str | None
    salt: UUID
    words_hash: bytes

    @property
    def sentence(self) -> str:
        """Who did what to what, and when."""
        return (
            f"{self.action} of {self.subject_kind} {self.subject_id} by {self.actor_name} "
            f"at {self.at.astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"
        )


@dataclass(frozen=True, slots=True)
class Link:
    """One link. entry is None where the row that it seals is gone."""

    seq: int
    linked_at: datetime
    previous: bytes
    hash: bytes
    entry: Entry | None


@dataclass(frozen=True, slots=True)
class Breach:
    """Where a trail first fails to hold. seq: the row's number, None where it has none."""

    seq: int | None
    sentence: str


def joined(*parts: str | None) -> bytes:
    """The parts as bytes, each with its length before it: no two lists of parts look the same."""
    written = []
    for part in parts:
        encoded = None if part is None else part.encode()
        written.append(b"-" if encoded is None else b"%d:%s" % (len(encoded), encoded))
    return b"".join(written)


def words_hash(entry: Entry) -> bytes:
    """The seal over what people wrote and what the values were."""
    return hashlib.sha256(
        joined(str(entry.salt), entry.actor_name, entry.reason, entry.before, entry.after)
    ).digest()


def link_hash(chain: UUID, seq: int, linked_at: datetime, previous: bytes, entry: Entry) -> bytes:
    """The seal over an entry and the link before it."""
    return hashlib.sha256(
        joined(
            FORM,
            str(chain),
            str(seq),
            _micros(linked_at),
            previous.hex(),
            str(entry.id),
            _micros(entry.at),
            _text(entry.actor_id),
            entry.actor_scope,
            entry.action,
            entry.subject_kind,
            entry.subject_id,
            _text(entry.partner_account_id),
            entry.words_hash.hex(),
        )
    ).digest()


def breaches(chain: UUID, links: Iterable[Link]) -> Iterator[Breach | Link]:
    """Each link that holds, in order; after the first one that does not, the breach, and nothing more."""
    expected, previous = 1, NOTHING
    for link in links:
        found = _breach(chain, link, expected, previous)
        if found is not None:
            yield found
            return
        yield link
        expected, previous = expected + 1, link.hash


def _breach(chain: UUID, link: Link, expected: int, previous: bytes) -> Breach | None:
    if link.seq != expected:
        rows = f"row {expected} is" if link.seq == expected + 1 else f"rows {expected} to {link.seq - 1} are"
        return Breach(expected, f"{rows} missing from the chain")
    if link.entry is None:
        return Breach(link.seq, f"row {link.seq} was deleted")
    if words_hash(link.entry) != link.entry.words_hash:
        return Breach(link.seq, f"row {link.seq} was changed after it was written ({link.entry.sentence})")
    if link.previous != previous:
        return Breach(link.seq, f"row {link.seq} does not follow the row before it ({link.entry.sentence})")
    if link.hash != link_hash(chain, link.seq, link.linked_at, link.previous, link.entry):
        return Breach(
            link.seq, f"row {link.seq} was changed or moved after it was written ({link.entry.sentence})"
        )
    return None


def _micros(moment: datetime) -> str:
    return str((moment - _EPOCH) // timedelta(microseconds=1))


def _text(value: UUID | None) -> str | None:
    return None if value is None else str(value)

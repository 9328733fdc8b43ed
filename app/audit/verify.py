"""The whole trail, read once and computed again: against its chain, its head and the anchors."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.audit import anchors
from app.audit.anchors import Anchor
from app.audit.chain import NOTHING, Breach, Entry, Link, breaches
from app.db import Database, become
from app.kernel.actor import SYSTEM

#: Rows in memory at once.
BATCH = 2_000


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of the check. rows: how many hold, from the first one on; breach: None where all do."""

    rows: int
    head: Anchor
    anchors: int
    first_at: datetime | None
    last_at: datetime | None
    breach: Breach | None

    @property
    def sentence(self) -> str:
        """The verdict for a person."""
        if self.breach is not None:
            held = {0: "no row before it holds", 1: "the row before it holds"}
            held_words = held.get(self.rows, f"the first {self.rows:,} rows hold")
            return f"The audit trail is broken: {self.breach.sentence}; {held_words}."
        if self.first_at is None or self.last_at is None:
            return "The audit trail holds: it has no row yet."
        rows = "1 row" if self.rows == 1 else f"{self.rows:,} rows"
        agree = {0: "no anchor is kept here", 1: "1 anchor agrees"}
        agree_words = agree.get(self.anchors, f"{self.anchors:,} anchors agree")
        return (
            f"The audit trail holds: {rows} from {self.first_at:%Y-%m-%d %H:%M} to "
            f"{self.last_at:%Y-%m-%d %H:%M} UTC, {agree_words}."
        )


def verify(database: Database, kept: Sequence[Anchor]) -> Verdict:
    """Compute every seal anew. kept: the anchors, read before this call, so that none can be ahead."""
    engine = database.engine.execution_options(isolation_level="REPEATABLE READ")
    with Session(engine) as session, session.begin():
        become(session, SYSTEM)
        session.execute(text("SET LOCAL timezone = 'UTC'"))
        # Policies make the planner expect a handful of rows; all of them are read, in one pass.
        session.execute(text("SET LOCAL enable_nestloop = off"))
        session.execute(text("SET LOCAL cursor_tuple_fraction = 1"))
        return _verify(session, kept)


def _verify(session: Session, kept: Sequence[Anchor]) -> Verdict:
    head = anchors.head(session)
    breach = _foreign(kept, head)
    if breach is not None:
        return Verdict(0, head, 0, None, None, breach)
    known = {anchor.seq: anchor.hash for anchor in kept if anchor.chain == head.chain}
    agreed, first, last, breach = 0, None, None, None
    with session.execute(_LINKS, execution_options={"yield_per": BATCH}) as rows:
        for found in breaches(head.chain, _links(rows)):
            breach = found if isinstance(found, Breach) else _not_anchored(found, known)
            if breach is not None or isinstance(found, Breach):
                break
            agreed += found.seq in known
            first, last = first or found, found
    breach = breach or _tail(session, head, last, max(known, default=0))
    return Verdict(
        last.seq if last else 0,
        head,
        agreed,
        first.linked_at if first else None,
        last.linked_at if last else None,
        breach,
    )


def _foreign(kept: Sequence[Anchor], head: Anchor) -> Breach | None:
    if not kept or kept[-1].chain == head.chain:
        return None
    return Breach(
        None,
        "the anchors kept here belong to another trail. If this database is a new one on purpose, start new "
        "anchors with `tandem audit anchor --new`",
    )


def _not_anchored(link: Link, known: Mapping[int, str]) -> Breach | None:
    if known.get(link.seq, link.hash.hex()) == link.hash.hex():
        return None
    return Breach(link.seq, f"row {link.seq} is not the row that was anchored; the chain was written anew")


def _tail(session: Session, head: Anchor, last: Link | None, furthest: int) -> Breach | None:
    rows = last.seq if last else 0
    if furthest > rows:
        return Breach(rows + 1, f"the trail ends at row {rows}, and row {furthest} was anchored: it was cut")
    if head.seq > rows:
        return Breach(rows + 1, f"the trail ends at row {rows}, and its head is row {head.seq}: it was cut")
    if head.seq < rows or head.hash != (last.hash if last else NOTHING).hex():
        return Breach(rows, f"the head says row {head.seq}, and the trail ends at row {rows}")
    loose = session.execute(_LOOSE).first()
    if loose is not None:
        return Breach(None, f"a row was put in beside the chain ({loose.action} by {loose.actor_name})")
    return None


def _links(rows: Iterable[Any]) -> Iterator[Link]:
    for seq, linked_at, previous, sealed, *entry in rows:
        yield Link(seq, linked_at, previous, sealed, None if entry[0] is None else Entry(*entry))


_LINKS = text("""
    SELECT l.seq, l.linked_at, l.previous, l.hash,
        e.id, e.at, e.actor_id, e.actor_scope, e.actor_name, e.action, e.subject_kind, e.subject_id,
        e.partner_account_id, e.reason, CAST(e.before AS text), CAST(e.after AS text), e.salt, e.words_hash
    FROM audit_link l LEFT JOIN audit_entry e ON e.id = l.entry_id
    ORDER BY l.seq
""")
_LOOSE = text("""
    SELECT e.action, e.actor_name FROM audit_entry e
    WHERE NOT EXISTS (SELECT FROM audit_link l WHERE l.entry_id = e.id) ORDER BY e.at LIMIT 1
""")

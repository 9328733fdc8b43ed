"""How one record is doing: last agreed, what waits, what both sides changed, why it cannot sync."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.errors import Unavailable
from app.salesforce import ErrorKind
from app.sync import outbox
from app.sync.engine import LOCK, OUR_USER, Applied, Observer
from app.sync.mapping import MappingSet
from app.sync.tx import Tx
from app.words import from_facts, say

#: `unknown`: not read yet, or left out by the mapping's filter. `refused`: theirs fits not into our table.
Standing = Literal["synced", "pending", "conflict", "stuck", "refused", "deleted", "unknown"]


#: Why an entry of the outbox is put aside whose fields somebody is asked about.
ASKED = "ask"


#: What a record's reader is told of a call that failed as a whole, by its kind; `error` says it in detail,
#: for an admin.
_OF_A_CALL = {
    ErrorKind.TRANSIENT: say(
        "Salesforce cannot be reached just now. Nothing is lost; Tandem tries again by itself."
    ),
    ErrorKind.QUOTA: say(
        "The calls that Tandem may make to Salesforce are used up for now. Nothing is lost; Tandem goes on "
        "by itself."
    ),
    ErrorKind.AUTH: say(
        "Salesforce does not let Tandem in just now, and an admin has to look: `tandem connect --check`. "
        "Nothing is lost."
    ),
}


@dataclass(frozen=True, slots=True)
class Waiting:
    """A field whose change waits to go out, and since when. Empty name: the whole record is new there."""

    field: str
    since: datetime | None


@dataclass(frozen=True, slots=True)
class Question:
    """A field that both sides changed: what it was, what it is here and there. Values as JSON."""

    id: int
    field: str
    base: Any
    ours: Any
    theirs: Any
    found_at: datetime


@dataclass(slots=True)
class RecordSync:
    """One record at one moment; times are UTC.

    agreed_at: when Salesforce was last asked what changed in such records. changed_there: the last change
    that Salesforce reported. problem: why it cannot sync, as a sentence with what to do; next_try: when it
    is tried again by itself.
    """

    standing: Standing
    agreed_at: datetime | None = None
    changed_there: datetime | None = None
    waiting: list[Waiting] = field(default_factory=list)
    waiting_since: datetime | None = None
    questions: list[Question] = field(default_factory=list)
    problem: str = ""
    attempts: int = 0
    next_try: datetime | None = None


def standing(tx: Tx, mappings: MappingSet, sobject: str, sf_id: str, local_id: UUID | None) -> RecordSync:
    """How the record is doing. local_id: our row, where there is one."""
    found = RecordSync("unknown" if local_id is None else "synced")
    polled = tx.row("SELECT polled_at FROM sync_cursor WHERE sobject = %s", sobject)
    found.agreed_at = polled[0] if polled else None
    refused = tx.row("SELECT error, words FROM sync_refusal WHERE sf_id = %s", sf_id)
    if local_id is not None:
        _ours(tx, mappings, sobject, local_id, found)
    if refused is not None and found.standing != "stuck":
        found.standing, found.problem = "refused", from_facts(refused[1], refused[0])
    return found


def _ours(tx: Tx, mappings: MappingSet, sobject: str, local_id: UUID, found: RecordSync) -> None:
    link = tx.row("SELECT state, sf_modified FROM sync_link WHERE local_id = %s", local_id)
    if link is not None:
        found.changed_there = link[1]
        if link[0] in ("deleted", "merged"):
            found.standing = "deleted"
    found.questions = [
        Question(*row)
        for row in tx.rows(
            "SELECT id, field, base, ours, theirs, found_at FROM sync_conflict "
            "WHERE local_id = %s AND resolved_at IS NULL ORDER BY id",
            local_id,
        )
    ]
    entry = outbox.of(tx, [local_id]).get(local_id)
    if entry is not None:
        row = tx.row(
            "SELECT first_at, error, next_at, state, error_kind, words FROM sync_outbox WHERE local_id = %s",
            local_id,
        )
        assert row is not None
        asked = {question.field for question in found.questions}
        found.waiting = [one for one in _waiting(mappings, sobject, entry, row[0]) if one.field not in asked]
        found.attempts = entry.attempts
        # That a question is open is no trouble of its own.
        if row[1] and row[4] != ASKED:
            found.problem = from_facts(row[5], _OF_A_CALL.get(row[4], row[1]))
        if row[3] == "held" and row[4] != ASKED:
            found.standing = "stuck"
        elif not found.questions:
            found.standing, found.waiting_since, found.next_try = "pending", row[0], row[2]
    if found.questions and found.standing != "stuck":
        found.standing = "conflict"


def _waiting(mappings: MappingSet, sobject: str, entry: outbox.Entry, since: datetime) -> list[Waiting]:
    if sobject not in mappings:
        return []
    mapping = mappings.by_sobject(sobject)
    if not entry.columns:
        return [Waiting("", since)]
    return [Waiting(name, since) for name in sorted(outbox.touched(mapping, entry) & mapping.outbound)]


@dataclass(frozen=True, slots=True)
class Deciding:
    """What answering a conflict takes where no org is at hand: the mappings, and who is told of changes."""

    mappings: MappingSet
    observers: Sequence[Observer] = ()

    def tell(self, tx: Tx, changes: Sequence[Applied]) -> None:
        """Let the rooms above know, inside the transaction. Nobody of the org made this change."""
        tx.session.info.pop(OUR_USER, None)
        for observer in self.observers:
            observer(tx.session, changes)


def begin_deciding(session: Session) -> Tx:
    """Keep the sync out until this transaction ends; what is written here does not go out again by itself.

    Raises Unavailable while a sync runs.
    """
    tx = Tx(session)
    got = tx.row("SELECT pg_try_advisory_xact_lock(%s)", LOCK)
    if not got or not got[0]:
        raise Unavailable(
            say("A sync is running just now."), remedy=say("Try again in a few seconds."), code="sync_busy"
        )
    tx.run("SELECT set_config('tandem.applying', 'on', true)")
    return tx

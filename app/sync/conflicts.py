"""Open questions: fields with the owner `ask` that both sides changed. Both keep their value until asked."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Literal, Protocol
from uuid import UUID

import orjson

from app.kernel.errors import Conflict, NotFound
from app.sync import links, outbox
from app.sync.engine import Applied
from app.sync.mapping import FieldMapping, MappingSet, ObjectMapping
from app.sync.plan import Merge
from app.sync.tx import Tx
from app.words import say


class Sides(Protocol):
    """What answering takes of the engine."""

    @property
    def mappings(self) -> MappingSet:
        """The mappings in force."""

    def tell(self, tx: Tx, changes: Sequence[Applied]) -> None:
        """Let the rooms above know what was written here."""


def open_fields(tx: Tx, local_ids: Sequence[UUID]) -> dict[UUID, frozenset[str]]:
    """The fields with an open question, by row."""
    if not local_ids:
        return {}
    found: dict[UUID, set[str]] = defaultdict(set)
    for local_id, name in tx.rows(
        "SELECT local_id, field FROM sync_conflict WHERE resolved_at IS NULL AND local_id = ANY(%s)",
        list(local_ids),
    ):
        found[local_id].add(name)
    return {local_id: frozenset(names) for local_id, names in found.items()}


def asked_about(tx: Tx, sobject: str) -> set[UUID]:
    """The rows of one object with an open question."""
    rows = tx.rows("SELECT local_id FROM sync_conflict WHERE resolved_at IS NULL AND sobject = %s", sobject)
    return {row[0] for row in rows}


def record(tx: Tx, mapping: ObjectMapping, local_id: UUID, merged: Merge, asked: frozenset[str]) -> None:
    """Write down new questions, renew open ones, close those that answered themselves."""
    for clash in merged.clashes:
        tx.run(
            "INSERT INTO sync_conflict (sobject, local_id, field, base, ours, theirs) "
            "VALUES (%s, %s, %s, %s::jsonb, %s::jsonb, %s::jsonb) "
            "ON CONFLICT (local_id, field) WHERE resolved_at IS NULL "
            "DO UPDATE SET ours = EXCLUDED.ours, theirs = EXCLUDED.theirs",
            mapping.sobject,
            local_id,
            clash.field,
            *(orjson.dumps(value).decode() for value in (clash.base, clash.ours, clash.theirs)),
        )
    answered = list(asked & merged.settled)
    if answered:
        tx.run(
            "UPDATE sync_conflict SET resolved_at = now(), resolution = 'agreed' "
            "WHERE resolved_at IS NULL AND local_id = %s AND field = ANY(%s)",
            local_id,
            answered,
        )
        outbox.release(tx, local_id)


def listing(tx: Tx) -> list[dict[str, Any]]:
    """Every open question, oldest first."""
    rows = tx.rows(
        "SELECT c.id, c.sobject, l.sf_id, c.local_id, c.field, c.base, c.ours, c.theirs, c.found_at "
        "FROM sync_conflict c LEFT JOIN sync_link l USING (local_id) "
        "WHERE c.resolved_at IS NULL ORDER BY c.id"
    )
    names = ("id", "sobject", "sf_id", "local_id", "field", "base", "ours", "theirs", "found_at")
    return [dict(zip(names, row, strict=True)) for row in rows]


def resolve(
    engine: Sides, tx: Tx, conflict_id: int, take: Literal["tandem", "salesforce"], *, by: str
) -> None:
    """Answer one question: `salesforce` writes their value here, `tandem` sends ours.

    Fields that travel together are answered together: an amount means nothing without its currency.
    Raises NotFound or Conflict (answered already).
    """
    found = tx.row(
        "SELECT sobject, local_id, field, resolved_at FROM sync_conflict WHERE id = %s FOR UPDATE",
        conflict_id,
    )
    if found is None:
        raise NotFound(
            say("There is no conflict {number}.", number=str(conflict_id)),
            remedy=say("`tandem sync conflicts` lists them."),
        )
    sobject, local_id, name, resolved_at = found
    if resolved_at is not None:
        raise Conflict(
            say(
                "The conflict {number} was answered on {moment}.",
                number=str(conflict_id),
                moment=resolved_at.astimezone(UTC),
            )
        )
    mapping = engine.mappings.by_sobject(sobject) if sobject in engine.mappings else None
    if mapping is None or name not in mapping.by_sf:
        raise Conflict(
            say("{field} is not synced any more, so there is nothing to decide.", field=f"{sobject}.{name}"),
            remedy=say("Map the field again, or leave the question."),
        )
    questions = tx.rows(
        "SELECT field, theirs::text FROM sync_conflict "
        "WHERE resolved_at IS NULL AND local_id = %s AND field = ANY(%s) FOR UPDATE",
        local_id,
        list(mapping.with_companions({name})),
    )
    for asked, theirs in questions:
        _answer(engine, tx, mapping, local_id, asked, theirs, take)
    tx.run(
        "UPDATE sync_conflict SET resolved_at = now(), resolved_by = %s, resolution = %s "
        "WHERE resolved_at IS NULL AND local_id = %s AND field = ANY(%s)",
        by,
        take,
        local_id,
        [asked for asked, _ in questions],
    )


def _answer(
    engine: Sides,
    tx: Tx,
    mapping: ObjectMapping,
    local_id: UUID,
    name: str,
    theirs: str,
    take: Literal["tandem", "salesforce"],
) -> None:
    """Carry out the answer for one field. theirs: their value as JSON."""
    part = mapping.by_sf[name]
    value = orjson.loads(theirs)
    tx.run(
        "UPDATE sync_link SET base = base || jsonb_build_object(%s::text, %s::jsonb) WHERE local_id = %s",
        name,
        theirs,
        local_id,
    )
    column = part.local.split(".")[0]
    if take == "tandem":
        outbox.add(tx, mapping.table, [(local_id, {column: datetime.now(UTC).isoformat()})])
        return
    if isinstance(part, FieldMapping):
        columns = mapping.read({name: value})
    else:
        columns = {part.local: links.local_ids(tx, [value]).get(value) if value else None}
    tx.update(mapping.table, "id", list(columns), [(local_id, *columns.values())])
    engine.tell(tx, [Applied(mapping.table, local_id, "updated", columns)])
    outbox.release(tx, local_id)

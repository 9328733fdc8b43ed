"""Writes put together: which go in which order, in which call, and how a call carries them."""

from __future__ import annotations

from collections.abc import Sequence

from app.salesforce import CollectionBatch, ConditionalChange, write_headers
from app.sync.mapping import ObjectMapping
from app.sync.outward import push_bulk
from app.sync.outward.outgoing import Outgoing

ROWS_A_BATCH, BATCHES_A_CALL, GUARDED_A_CALL = 200, 5, 25


def groups(writes: Sequence[Outgoing]) -> list[list[Outgoing]]:
    """Writes in the order in which they go: creates parents first, then updates, deletes children first.

    A group that is larger than its mapping's threshold stands alone and goes as a Bulk job.
    """
    ordered: list[list[Outgoing]] = []
    for kind in ("create", "update", "delete"):
        by_object: dict[str, list[Outgoing]] = {}
        for write in writes:
            if write.kind == kind:
                by_object.setdefault(write.mapping.sobject, []).append(write)
        objects = list(by_object.values())
        ordered += objects[::-1] if kind == "delete" else objects
    found: list[list[Outgoing]] = [[]]
    for batch in ordered:
        batch.sort(key=Outgoing.parent)
        bulk = [w for w in batch if push_bulk.fits(w)]
        if len(bulk) > batch[0].mapping.bulk_threshold:
            found += [bulk, []]
            batch = [w for w in batch if not push_bulk.fits(w)]
        found[-1] += batch
    return [group for group in found if group]


def calls(writes: Sequence[Outgoing]) -> list[list[list[Outgoing]]]:
    """Batches of one object and kind, up to five of them a call."""
    batches: list[list[Outgoing]] = []
    for write in writes:
        last = batches[-1] if batches else None
        if (
            last
            and last[0].mapping is write.mapping
            and last[0].kind == write.kind
            and len(last) < ROWS_A_BATCH
        ):
            last.append(write)
        else:
            batches.append([write])
    return [batches[i : i + BATCHES_A_CALL] for i in range(0, len(batches), BATCHES_A_CALL)]


def collection(writes: Sequence[Outgoing]) -> CollectionBatch:
    """Writes of one object and kind as one part of a composite call."""
    mapping, kind = writes[0].mapping, writes[0].kind
    if kind == "create":
        key = mapping.external_id
        records = [{key: str(w.entry.local_id), **w.payload()} for w in writes]
        return CollectionBatch("upsert", mapping.sobject, records, key, headers=_headers(mapping))
    if kind == "update":
        records = [{"Id": w.sf_id, **w.payload()} for w in writes]
        return CollectionBatch("update", mapping.sobject, records, headers=_headers(mapping))
    return CollectionBatch("delete", mapping.sobject, [{"Id": w.sf_id} for w in writes])


def _headers(mapping: ObjectMapping) -> dict[str, str]:
    allow = mapping.duplicate_rule == "allow"
    return write_headers(auto_assign=mapping.auto_assign, allow_duplicates=allow)


def condition(write: Outgoing) -> ConditionalChange:
    """A write that must not cover a change made after its record was read."""
    assert write.unmodified_since is not None
    assert write.sf_id is not None
    mapping, headers = write.mapping, _headers(write.mapping)
    return ConditionalChange(
        mapping.sobject, write.sf_id, write.payload(), write.unmodified_since, headers=headers
    )

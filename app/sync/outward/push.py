"""From Tandem to Salesforce: as few calls as the API allows, each attempt written down before it is made.

Up to a thousand records go in one composite call; a group larger than the mapping's threshold goes as a
Bulk 2.0 job. Creates are upserts on our own id, updates carry absolute values: a lost answer does no harm.
A handful of writes that could cover somebody's fresh change in Salesforce go with a condition.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import Any

from app.salesforce import (
    CollectionBatch,
    ConditionalChange,
    ErrorKind,
    QueryPage,
    QuotaExceeded,
    RowError,
    RowResult,
    SalesforceError,
    SoqlQuery,
    explain,
    write_headers,
)
from app.sync import links, outbox
from app.sync.engine import Engine
from app.sync.inward import cursors, inbound, queries
from app.sync.mapping import ObjectMapping
from app.sync.outward import outgoing, push_bulk
from app.sync.outward.outgoing import AskTheOrg, Outgoing
from app.sync.tx import Tx

#: An approval in Salesforce holds the record for as long as people take.
LOCKED_BY_APPROVAL = "ENTITY_IS_LOCKED"
#: How often a record that is "not there" is looked up before its change is put aside.
_IDENTITY_TRIES = 3
ROWS_A_BATCH, BATCHES_A_CALL, GUARDED_A_CALL = 200, 5, 25
#: Entries planned in one transaction.
LIMIT = 20_000


@dataclass(slots=True)
class Report:
    """What became of a push. `soon`: some rows may succeed within seconds; `missing`: ids to look up."""

    created: int = 0
    updated: int = 0
    deleted: int = 0
    held: int = 0
    waiting: int = 0
    soon: bool = False
    missing: dict[str, set[str]] = field(default_factory=lambda: defaultdict(set))

    def done(self, kind: str) -> None:
        """Count a success."""
        if kind == "create":
            self.created += 1
        elif kind == "update":
            self.updated += 1
        else:
            self.deleted += 1

    def add(self, other: Report) -> None:
        """Sum up."""
        self.created += other.created
        self.updated += other.updated
        self.deleted += other.deleted
        self.held += other.held
        self.waiting += other.waiting
        self.soon = self.soon or other.soon
        for sobject, ids in other.missing.items():
            self.missing[sobject] |= ids

    @property
    def sent(self) -> int:
        """All successes."""
        return self.created + self.updated + self.deleted


def push(engine: Engine, report: Report | None = None) -> Report:
    """Send everything that is due, parents first. Raises SalesforceError when Salesforce cannot be reached
    or refuses as a whole; what was not sent, or whose outcome is unknown, stays in the outbox.

    report: an earlier one of the same cycle, to be added to.
    """
    report = report or Report()
    push_bulk.finish_open_jobs(engine)
    with engine.transaction() as tx:
        outbox.recover(tx)
        covered = {mapping.table for mapping in engine.mappings.objects}
        left_out = {mapping.table for mapping in engine.applied.objects} - covered
        outbox.hold_unmapped(tx, sorted(covered), sorted(left_out))
    seen: set[tuple[Any, int]] = set()
    while writes := [w for w in _planned(engine) if (w.entry.local_id, w.entry.version) not in seen]:
        seen.update((w.entry.local_id, w.entry.version) for w in writes)
        for group in _groups(writes):
            _send(engine, group, report)
        if len(writes) < LIMIT:
            break
    return report


def _planned(engine: Engine) -> list[Outgoing]:
    try:
        return _plan(engine)
    except AskTheOrg:
        engine.probe()
        with engine.transaction() as tx:
            outbox.retry(tx, outbox.MENDED_BY_AN_ADMIN)
        engine.asked = False
        return _plan(engine)


def _plan(engine: Engine) -> list[Outgoing]:
    return engine.transact(partial(_plan_in, engine))


def _plan_in(engine: Engine, tx: Tx) -> list[Outgoing]:
    writes: list[Outgoing] = []
    settled = {}
    for mapping in engine.mappings.objects:
        made = outgoing.plan_table(engine, tx, mapping, LIMIT)
        settled[mapping.sobject] = cursors.load(tx, mapping.sobject).server_at
        writes += made
    guarded = [w for w in writes if w.unmodified_since is not None]
    if len(guarded) > GUARDED_A_CALL:
        # So many go unconditionally, right after the poll that this cycle began with: a call for
        # every 25 rows would cost the org forty times the calls.
        for write in guarded:
            if write.mapping.sobject in engine.just_read:
                write.unmodified_since = None
    unsettled = {
        id(w)
        for w in guarded
        if w.unmodified_since is not None and not _settled(w, settled[w.mapping.sobject])
    }
    writes = [w for w in writes if id(w) not in unsettled]
    outbox.mark_sending(tx, [(w.entry.local_id, w.agreed(), w.entry.version) for w in writes])
    return writes


def _settled(write: Outgoing, server_at: datetime | None) -> bool:
    """Whether the last poll came after the second in which the record was last changed.

    A change within that same second would pass the condition unseen; the next poll will show it.
    """
    assert write.unmodified_since is not None
    return server_at is not None and server_at > write.unmodified_since


def _groups(writes: Sequence[Outgoing]) -> list[list[Outgoing]]:
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
    groups: list[list[Outgoing]] = [[]]
    for batch in ordered:
        batch.sort(key=Outgoing.parent)
        bulk = [w for w in batch if push_bulk.fits(w)]
        if len(bulk) > batch[0].mapping.bulk_threshold:
            groups += [bulk, []]
            batch = [w for w in batch if not push_bulk.fits(w)]
        groups[-1] += batch
    return [group for group in groups if group]


def _send(engine: Engine, group: list[Outgoing], report: Report) -> None:
    mapping = group[0].mapping
    try:
        if len(group) > mapping.bulk_threshold and all(
            w.mapping is mapping and w.kind == group[0].kind and push_bulk.fits(w) for w in group
        ):
            for writes, results in push_bulk.send(engine, group):
                stopped = settle_but_warned(engine, writes, results, report)
                for call in _calls(stopped):
                    _send_call(engine, call, report)
            return
        plain = [w for w in group if w.unmodified_since is None]
        for call in _calls(plain):
            _send_call(engine, call, report)
        guarded = [w for w in group if w.unmodified_since is not None]
        for start in range(0, len(guarded), GUARDED_A_CALL):
            part = guarded[start : start + GUARDED_A_CALL]
            settle(engine, part, engine.gateway.update_if_unmodified([_condition(w) for w in part]), report)
    except SalesforceError as error:
        _nothing_known(engine, group, error)
        raise


def settle_but_warned(
    engine: Engine, writes: Sequence[Outgoing], results: Sequence[RowResult], report: Report
) -> list[Outgoing]:
    """Write down a Bulk job's outcomes, all but those that only a warning of a duplicate rule stopped though
    the mapping passes it: Bulk has no way to say so. Those are given back, to go again as they should.
    """
    warned = [
        write.mapping.duplicate_rule == "allow"
        and result.error is not None
        and result.error.code == "DUPLICATES_DETECTED"
        for write, result in zip(writes, results, strict=True)
    ]
    rest = [pair for pair, again in zip(zip(writes, results, strict=True), warned, strict=True) if not again]
    settle(engine, [w for w, _ in rest], [r for _, r in rest], report)
    return [write for write, again in zip(writes, warned, strict=True) if again]


def _send_call(engine: Engine, call: Sequence[list[Outgoing]], report: Report) -> None:
    """One composite call; where it has room, what Salesforce made of the records is read in the same call."""
    looks = _looks(engine, call)
    answers, pages = engine.gateway.write([_batch(part) for part in call], [query for _, query in looks])
    read_at = engine.gateway.server_time or datetime.now(UTC)
    for part, results in zip(call, answers, strict=True):
        settle(engine, part, results, report)
    for (mapping, _), page in zip(looks, pages, strict=True):
        if isinstance(page, QueryPage):  # a refused look costs nothing: the next poll shows the same
            inbound.take_in(engine, mapping, page.records, read_at)


def _looks(engine: Engine, call: Sequence[list[Outgoing]]) -> list[tuple[ObjectMapping, SoqlQuery]]:
    looks = []
    for part in call:
        mapping, kind = part[0].mapping, part[0].kind
        if kind == "create":
            keys = [str(w.entry.local_id) for w in part]
            looks.append((mapping, queries.by_ids(mapping, engine.org, keys, key=mapping.external_id)))
        elif kind == "update":
            looks.append((mapping, queries.by_ids(mapping, engine.org, [str(w.sf_id) for w in part])))
    if len(call) + len(looks) > BATCHES_A_CALL:
        return []
    return [(mapping, SoqlQuery(soql)) for mapping, soql in looks]


def _calls(writes: Sequence[Outgoing]) -> list[list[list[Outgoing]]]:
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


def _batch(writes: Sequence[Outgoing]) -> CollectionBatch:
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


def _condition(write: Outgoing) -> ConditionalChange:
    assert write.unmodified_since is not None
    assert write.sf_id is not None
    mapping, headers = write.mapping, _headers(write.mapping)
    return ConditionalChange(
        mapping.sobject, write.sf_id, write.payload(), write.unmodified_since, headers=headers
    )


def _nothing_known(engine: Engine, group: Iterable[Outgoing], error: SalesforceError) -> None:
    """A call failed as a whole: what it carried stays, with what it was sending, for the next attempt."""
    not_before = error.retry_at if isinstance(error, QuotaExceeded) else None
    with engine.transaction() as tx:
        waiting = outbox.of(tx, [w.entry.local_id for w in group])
        for entry in waiting.values():
            if entry.state == "sending":
                outbox.later(
                    tx, entry.local_id, entry.attempts,
                    kind=error.kind, code=error.salesforce_code, sentence=error.sentence(),
                    not_before=not_before,
                )  # fmt: skip


def settle(engine: Engine, writes: Sequence[Outgoing], results: Sequence[RowResult], report: Report) -> None:
    """Write down the outcomes: agreed values into the base, successes out of the outbox, failures kept."""

    def work(tx: Tx) -> Report:
        part = Report()
        _agree(tx, [(w, r) for w, r in zip(writes, results, strict=True) if r.success])
        for write, result in zip(writes, results, strict=True):
            if result.success:
                part.done(write.kind)
            else:
                _failed(engine, tx, write, result.error, part)
        return part

    report.add(engine.transact(work))


def _agree(tx: Tx, good: Sequence[tuple[Outgoing, RowResult]]) -> None:
    created = [(w, r) for w, r in good if w.kind == "create"]
    for mapping in {w.mapping.sobject: w.mapping for w, _ in created}.values():
        rows = [
            (w.entry.local_id, r.id, "linked", w.agreed(), None, None, None, None, None)
            for w, r in created
            if w.mapping is mapping
        ]
        links.insert(tx, mapping, rows)
    links.agree(tx, [(w.entry.local_id, w.agreed()) for w, _ in good if w.kind == "update"])
    gone = [w.entry.local_id for w, _ in good if w.kind == "delete"]
    if gone:
        tx.run("UPDATE sync_link SET state = 'deleted' WHERE local_id = ANY(%s)", gone)
    outbox.done(tx, [(w.entry.local_id, w.entry.version) for w, _ in good])
    now = datetime.now(UTC).isoformat()
    for write, _ in good:
        if write.deferred:
            columns = {write.mapping.by_sf[name].local: now for name in write.deferred}
            outbox.add(tx, write.mapping.table, [(write.entry.local_id, columns)])


def _failed(engine: Engine, tx: Tx, write: Outgoing, error: RowError | None, report: Report) -> None:
    assert error is not None
    entry, sobject = write.entry, write.mapping.sobject
    sentence = explain(error, sobject)
    if write.kind == "delete" and error.kind is ErrorKind.IDENTITY:
        tx.run("UPDATE sync_link SET state = 'deleted' WHERE local_id = %s", entry.local_id)
        outbox.done(tx, [(entry.local_id, entry.version)])
        return
    if error.kind in (ErrorKind.TRANSIENT, ErrorKind.LOCK, ErrorKind.QUOTA, ErrorKind.AUTH):
        outbox.later(tx, entry.local_id, entry.attempts, kind=error.kind, code=error.code, sentence=sentence)
        report.waiting += 1
        report.soon = True
        return
    if error.code == LOCKED_BY_APPROVAL:
        outbox.later(tx, entry.local_id, entry.attempts, kind="waits", code=error.code, sentence=sentence)
        report.waiting += 1
        return
    identity = error.kind is ErrorKind.IDENTITY and write.sf_id and entry.attempts < _IDENTITY_TRIES
    if error.kind is ErrorKind.MODIFIED or identity:
        # Somebody changed the record, or what it is, after we read it: read it again, merge, decide anew.
        report.missing[sobject].add(str(write.sf_id))
        outbox.again(tx, entry.local_id)
        report.waiting += 1
        report.soon = True
        return
    outbox.hold(tx, entry.local_id, entry.version, kind=error.kind, code=error.code, sentence=sentence)
    report.held += 1

"""What became of writes: agreed values go into the base, successes leave the outbox, failures stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from app.salesforce import ErrorKind, QuotaExceeded, RowError, RowResult, SalesforceError, explain
from app.sync import links, outbox
from app.sync.engine import Engine
from app.sync.outward.outgoing import Outgoing
from app.sync.tx import Tx

#: An approval in Salesforce holds the record for as long as people take.
LOCKED_BY_APPROVAL = "ENTITY_IS_LOCKED"
#: How often a record that is "not there" is looked up before its change is put aside.
_IDENTITY_TRIES = 3


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

    report.add(engine.transact(work, may_be_lost=True))


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


def nothing_known(engine: Engine, group: Iterable[Outgoing], error: SalesforceError) -> None:
    """A call failed as a whole: what it carried stays, with what it was sending, for the next attempt."""
    not_before = error.retry_at if isinstance(error, QuotaExceeded) else None
    with engine.transaction() as tx:
        waiting = outbox.of(tx, [w.entry.local_id for w in group])
        for entry in waiting.values():
            if entry.state == "sending":
                outbox.later(
                    tx, entry.local_id, entry.attempts,
                    kind=error.kind, code=error.salesforce_code, sentence=explain(error),
                    not_before=not_before,
                )  # fmt: skip

"""From Tandem to Salesforce: as few calls as the API allows, each attempt written down before it is made.

Up to a thousand records go in one composite call; a group larger than the mapping's threshold goes as a
Bulk 2.0 job. Creates are upserts on our own id, updates carry absolute values: a lost answer does no harm.
A handful of writes that could cover somebody's fresh change in Salesforce go with a condition.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import partial
from typing import Any

from app.salesforce import (
    QueryPage,
    SalesforceError,
    SoqlQuery,
)
from app.sync import outbox
from app.sync.engine import Engine
from app.sync.inward import cursors, inbound, queries
from app.sync.mapping import ObjectMapping
from app.sync.outward import batches, outgoing, push_bulk, settling
from app.sync.outward.outgoing import AskTheOrg, Outgoing
from app.sync.outward.settling import Report
from app.sync.tx import Tx

#: Entries planned in one transaction.
LIMIT = 20_000


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
        for group in batches.groups(writes):
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
    if len(guarded) > batches.GUARDED_A_CALL:
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


def _send(engine: Engine, group: list[Outgoing], report: Report) -> None:
    mapping = group[0].mapping
    try:
        if len(group) > mapping.bulk_threshold and all(
            w.mapping is mapping and w.kind == group[0].kind and push_bulk.fits(w) for w in group
        ):
            for writes, results in push_bulk.send(engine, group):
                stopped = settling.settle_but_warned(engine, writes, results, report)
                for call in batches.calls(stopped):
                    _send_call(engine, call, report)
            return
        plain = [w for w in group if w.unmodified_since is None]
        for call in batches.calls(plain):
            _send_call(engine, call, report)
        guarded = [w for w in group if w.unmodified_since is not None]
        for start in range(0, len(guarded), batches.GUARDED_A_CALL):
            part = guarded[start : start + batches.GUARDED_A_CALL]
            results = engine.gateway.update_if_unmodified([batches.condition(w) for w in part])
            settling.settle(engine, part, results, report)
    except SalesforceError as error:
        settling.nothing_known(engine, group, error)
        raise


def _send_call(engine: Engine, call: Sequence[list[Outgoing]], report: Report) -> None:
    """One composite call; where it has room, what Salesforce made of the records is read in the same call."""
    looks = _looks(engine, call)
    parts = [batches.collection(part) for part in call]
    answers, pages = engine.gateway.write(parts, [query for _, query in looks])
    read_at = engine.gateway.server_time or datetime.now(UTC)
    for part, results in zip(call, answers, strict=True):
        settling.settle(engine, part, results, report)
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
    if len(call) + len(looks) > batches.BATCHES_A_CALL:
        return []
    return [(mapping, SoqlQuery(soql)) for mapping, soql in looks]

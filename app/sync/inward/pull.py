"""From Salesforce to Tandem: poll five objects in one call, follow their pages, move the cursors on."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Protocol

from app.salesforce import (
    AuthError,
    QueryPage,
    QueryTimeout,
    QuotaExceeded,
    SalesforceError,
    SalesforceUnavailable,
    SchemaError,
    SoqlQuery,
)
from app.sync import links, outbox
from app.sync.engine import Applied, Engine
from app.sync.inward import backfill, cursors, inbound, origins, pages, queries, reread, schema_watch
from app.sync.inward.cursors import Cursor
from app.sync.inward.inbound import Report
from app.sync.inward.pages import Asked, Poll
from app.sync.mapping import ObjectMapping
from app.sync.tx import Tx

#: Rows beyond which the first sync of an object is a Bulk query.
BULK_FROM = 10_000
_NARROWEST = timedelta(minutes=1)


class Sender(Protocol):
    """Whoever may send rows as soon as it is known which records have changed."""

    def expect(self, first: Mapping[str, QueryPage]) -> bool:
        """The first pages of these objects have come; whether anything waits for the rest."""

    def send(self, read: Mapping[str, Collection[str]]) -> None:
        """These objects were read to the end: SObject → ids of the records that have changed."""


def pull(
    engine: Engine,
    *,
    only: Iterable[str] | None = None,
    due_only: bool = False,
    sender: Sender | None = None,
) -> dict[str, Report | SalesforceError]:
    """Read and apply everything that changed, object by object, parents first.

    only: these SObjects. due_only: leave out objects whose own beat (`every`) has not come. sender: told
    what was read before it is applied. An object that Salesforce refuses is reported as its error; the
    others go on.
    """
    polls = _begin(engine, only, due_only)
    for poll in polls:
        _backfill(engine, poll)
    todo = [poll for poll in polls if poll.error is None]
    while todo:
        group, todo = todo[: pages.PER_CALL], todo[pages.PER_CALL :]
        _follow(engine, group, _first_pages(engine, group), sender)
        again = [poll for poll in group if poll.error is None and not poll.done]
        todo = again + todo
    _resolve_waiting(engine, polls)
    reread.refresh_formulas(engine)
    return {p.mapping.sobject: p.error or p.report for p in polls}


def _begin(engine: Engine, only: Iterable[str] | None, due_only: bool) -> list[Poll]:
    wanted = set(only) if only is not None else None
    now = datetime.now(UTC)
    polls = []
    engine.just_read.clear()
    with engine.transaction() as tx:
        waiting = {table for (table,) in tx.rows("SELECT DISTINCT table_name FROM sync_outbox")}
        if engine.asked:
            outbox.retry(tx, outbox.MENDED_BY_AN_ADMIN)
        for mapping in engine.mappings.objects:
            if wanted is not None and mapping.sobject not in wanted:
                continue
            cursor = cursors.load(tx, mapping.sobject)
            if origins.to_read_anew(mapping, cursor, engine.org_id):
                cursor.begin_anew()
            beat = timedelta(seconds=mapping.every - 5)
            if (
                due_only
                and cursor.polled_at is not None
                and mapping.every > 60
                and timedelta(0) <= now - cursor.polled_at < beat  # a clock that went back stops nothing
                # What goes out is merged with what is there now, if anything of that comes in.
                and (mapping.only_out or mapping.table not in waiting)
            ):
                continue
            schema_watch.compare(engine, tx, mapping, cursor)
            polls.append(Poll(mapping, cursor))
    engine.asked = False
    return polls


def _first_pages(engine: Engine, group: list[Poll]) -> list[tuple[Poll, QueryPage]]:
    """The first page of each object, all in one call; gives those that are still to be applied."""
    asked = [
        SoqlQuery(
            queries.changes(
                poll.mapping,
                engine.org,
                poll.cursor.since(),
                cursors.soql_time(poll.until) if poll.until else None,
            ),
            all_rows=True,
        )
        for poll in group
    ]
    sent_at = datetime.now(UTC)
    answers = engine.gateway.composite_queries(asked)
    server_at = engine.gateway.server_time or sent_at
    engine.clock_offset = server_at - sent_at
    first: list[tuple[Poll, QueryPage]] = []
    for poll, page in zip(group, answers, strict=True):
        poll.server_at = server_at
        poll.expected = 0
        poll.waiting = []
        if isinstance(page, QueryPage):
            if poll.cursor.stamp is None and page.total_size > BULK_FROM and poll.until is None:
                while first:  # parents before a million children
                    _apply(engine, *first.pop(0))
                _backfill(engine, poll, begin=True)
                continue
            if page.next_url:
                poll.waiting = queries.later_pages(page.next_url, len(page.records), page.total_size)
            first.append((poll, page))
        else:
            while first:
                _apply(engine, *first.pop(0))
            _refused(engine, poll, page)
    return first


def _follow(
    engine: Engine, group: list[Poll], first: Sequence[tuple[Poll, QueryPage]], sender: Sender | None
) -> None:
    """All pages of all objects, five a call after the first; the next call runs while the last is applied."""
    with ThreadPoolExecutor(2, thread_name_prefix="pull") as pool:
        ahead = pages.ask(engine, pool, group)
        told = pool.submit(_tell, sender, first, ahead) if sender is not None else None
        for poll, page in first:
            _apply(engine, poll, page)
        if told is not None:
            told.result()  # what was read later is applied once nothing of it is about to be sent
        while ahead is not None:
            taken, future = ahead
            answers = future.result()
            ahead = pages.ask(engine, pool, group)
            for place, poll, answer in pages.joined(taken, answers):
                if isinstance(answer, QueryPage):
                    _apply(engine, poll, answer)
                    coming = pages.coming(poll, taken[place + 1 :], ahead)
                    if answer.next_url and queries.offset(answer.next_url) != coming:
                        poll.waiting = [answer.next_url]
                else:
                    _refused(engine, poll, answer)
            if ahead is None:
                ahead = pages.ask(engine, pool, group)


def _tell(sender: Sender, first: Sequence[tuple[Poll, QueryPage]], ahead: Asked | None) -> None:
    """The first pages, and what was read once the call that is under way has ended."""
    if sender.expect({poll.mapping.sobject: page for poll, page in first}):
        sender.send(pages.read_to_the_end(first, ahead))


def _apply(engine: Engine, poll: Poll, page: QueryPage) -> None:
    """Apply a page in cursor order and move the cursor in the same transaction."""
    assert poll.server_at is not None
    last = page.next_url is None
    server_at, until = poll.server_at, poll.until

    def work(tx: Tx) -> tuple[Report, Cursor]:
        report = inbound.apply(
            engine, tx, poll.mapping, page.records, read_at=server_at, clock_offset=engine.clock_offset
        )
        cursor = replace(poll.cursor)
        # What the overlap showed again is no late arrival; what was new in it is.
        if cursor.server_at is not None:
            cursor.learn(report.oldest_new)
        if page.records:
            cursor.advance(inbound.stamp(page.records[-1]["SystemModstamp"]), server_at)
        if last and until is None:
            cursor.finish(server_at, datetime.now(UTC), engine.org_id)
        elif last and until is not None:
            cursor.stamp = until
        cursors.save(tx, cursor)
        return report, cursor

    report, poll.cursor = engine.transact(work, may_be_lost=True)
    engine.news[poll.mapping.sobject] |= report.news
    poll.report.add(report)
    poll.expected += len(page.records)
    if last:
        poll.done = poll.until is None
        poll.until = None
    if poll.done:
        engine.just_read.add(poll.mapping.sobject)


def _backfill(engine: Engine, poll: Poll, *, begin: bool = False) -> None:
    """Go on with a first sync in bulk until it is complete, or begin one. What changed meanwhile is polled
    next. A job that failed is this object's error and stops no other."""
    try:
        if begin:
            assert poll.server_at is not None
            backfill.start(engine, poll.mapping, poll.cursor, poll.server_at)
        backfill.resume(engine, poll.mapping, poll.cursor, poll.report)
    except (SalesforceUnavailable, QuotaExceeded, AuthError):
        raise
    except SalesforceError as error:
        poll.error = error


def _refused(engine: Engine, poll: Poll, error: SalesforceError) -> None:
    """A query that Salesforce refused: shrink the window, or learn what the org has now, and ask again."""
    poll.waiting = []
    if isinstance(error, QueryTimeout):
        assert poll.server_at is not None
        if poll.cursor.stamp is None:
            _backfill(engine, poll, begin=True)
            return
        start, end = poll.cursor.stamp, poll.until or poll.server_at
        # Not past the horizon: what lies behind a window's end counts as read.
        horizon = poll.server_at - timedelta(seconds=poll.cursor.lag_seconds)
        until = min(start + (end - start) / 2, horizon)
        if until - start >= _NARROWEST:
            poll.until = until
            return
    elif isinstance(error, SchemaError) and not poll.probed:
        engine.probe()
        poll.probed = True
        if poll.mapping.sobject in engine.mappings:
            poll.mapping = engine.mappings.by_sobject(poll.mapping.sobject)
            with engine.transaction() as tx:
                schema_watch.compare(engine, tx, poll.mapping, poll.cursor)
            return
    elif error.salesforce_code == "INVALID_QUERY_LOCATOR":
        return  # its two days are over: ask anew from the cursor, which kept what was applied
    poll.error = error


def _resolve_waiting(engine: Engine, polls: Iterable[Poll]) -> None:
    for poll in polls:
        engine.transact(partial(_resolve, engine, poll.mapping))


def _resolve(engine: Engine, mapping: ObjectMapping, tx: Tx) -> None:
    filled = links.resolve_waiting(tx, mapping)
    engine.tell(tx, [Applied(mapping.table, row, "updated", columns) for row, columns in filled.items()])

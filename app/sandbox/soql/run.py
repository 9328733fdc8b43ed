"""Runs a compiled query: rows out of SQLite, records as REST shows them."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import orjson

from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.soql.environment import Environment
from app.sandbox.soql.parser import parse
from app.sandbox.soql.plan import Plan
from app.sandbox.soql.select import compile_query
from app.sandbox.soql.shape import Page

#: rows that one answer holds at most
PAGE = 2000
#: turns the child records beyond one page into (nextRecordsUrl): takes the records and the total
Overflow = Callable[[list[Any], int], str]


class Execution:
    """A query of one user, ready to run on any connection of the org's store."""

    def __init__(self, ctx: Context, text: str, *, all_rows: bool = False) -> None:
        self.ctx = ctx
        self.text = text
        self.env = Environment.of(ctx)
        self.plan = compile_query(self.env, parse(text), text, all_rows=all_rows)

    def count(self, connection: sqlite3.Connection) -> int:
        """How many records there are in all."""
        return int(connection.execute(self.plan.count_sql).fetchone()[0])

    def rows(self, connection: sqlite3.Connection) -> sqlite3.Cursor:
        """The raw rows, to be read page by page."""
        return connection.execute(self.plan.sql())

    def records(
        self, connection: sqlite3.Connection, rows: Sequence[Sequence[Any]], overflow: Overflow
    ) -> list[dict[str, Any]]:
        """JSON-shaped records of raw rows. `overflow` keeps child records that do not fit the page."""
        return _records(connection, self.plan, rows, self.ctx.version, overflow)

    def mark_viewed(self) -> None:
        """FOR VIEW and FOR REFERENCE note when the running user last looked at the records."""
        names = {"VIEW": ("LastViewedDate", "LastReferencedDate"), "REFERENCE": ("LastReferencedDate",)}.get(
            self.plan.query.purpose, ()
        )
        sobject = self.plan.sobject
        columns = [f.name for name in names if (f := sobject.field_named(name)) and f.stored]
        if not columns:
            return
        ids = self.plan.sql().replace(
            f"SELECT {', '.join(self.plan.columns)}", f"SELECT {self.plan.columns[0]}", 1
        )
        changes = ", ".join(f"{name} = {self.env.now}" for name in columns)
        with self.ctx.org.store.write() as tx:
            tx.execute(f'UPDATE "{sobject.name}" SET {changes} WHERE Id IN ({ids})')


def _records(
    connection: sqlite3.Connection,
    plan: Plan,
    rows: Sequence[Sequence[Any]],
    version: str,
    overflow: Overflow,
) -> list[dict[str, Any]]:
    if not rows or plan.shape is None:
        return []
    page = Page(list(zip(*rows, strict=True)), version)
    for number, child in enumerate(plan.children):
        page.children[number] = _children(connection, child, page.columns[0], version, overflow)
    return list(plan.shape.values(page))


def _children(
    connection: sqlite3.Connection, plan: Plan, parents: Sequence[str], version: str, overflow: Overflow
) -> dict[str, dict[str, Any]]:
    """Parent id → QueryResult of its children, from one statement for the whole page."""
    rows = connection.execute(plan.sql(limited=False), (orjson.dumps(list(parents)).decode(),)).fetchall()
    by_parent: dict[str, list[Any]] = {}
    records = _records(connection, plan, rows, version, overflow)
    limit = plan.query.limit
    for row, record in zip(rows, records, strict=True):
        mine = by_parent.setdefault(row[plan.parent_index], [])
        if limit is None or len(mine) < limit:
            mine.append(record)
    results: dict[str, dict[str, Any]] = {}
    for parent, mine in by_parent.items():
        if not mine:
            continue
        result: dict[str, Any] = {"totalSize": len(mine), "done": len(mine) <= PAGE}
        if len(mine) > PAGE:
            result["nextRecordsUrl"] = overflow(mine, len(mine))
        results[parent] = result | {"records": mine[:PAGE]}
    return results


def _no_overflow(records: list[Any], total: int) -> str:
    raise ApiError("EXCEEDED_ID_LIMIT", f"A record has {total} child records; at most {PAGE} fit here.")


def records(ctx: Context, text: str, *, all_rows: bool = False) -> Iterator[dict[str, Any]]:
    """Every record of a query, JSON-shaped, page after page but without locators.

    Sees the writes of an open transaction of this thread. The query is checked at once: raises ApiError as
    the query resource would.
    """
    return _all(Execution(ctx, text, all_rows=all_rows))


def _all(execution: Execution) -> Iterator[dict[str, Any]]:
    connection = execution.ctx.org.store.read()
    cursor = execution.rows(connection)
    while rows := cursor.fetchmany(PAGE):
        yield from execution.records(connection, rows, _no_overflow)

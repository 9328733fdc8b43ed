"""Query locators: the rest of a large result, as it was when the query ran."""

from __future__ import annotations

import marshal
import sqlite3
import tempfile
import threading
import weakref
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from typing import Any

import orjson

from app.sandbox import ids
from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.org import Org
from app.sandbox.soql.functions import register
from app.sandbox.soql.run import PAGE, Execution, Overflow

#: how long a locator lives, seconds of the org's clock
LIFETIME = 2 * 24 * 3600
#: locators one org keeps open; the oldest gives way
MOST = 50


def invalid_locator() -> ApiError:
    """A locator that never was, has expired, or whose place gave way to newer ones."""
    return ApiError("INVALID_QUERY_LOCATOR", "invalid query locator")


class Locator:
    """One result. Blocks of records are rendered as they are first asked for, and kept in a file."""

    def __init__(self, total: int, size: int, made: int, user_id: str, blocks: Iterator[list[bytes]]) -> None:
        self.total = total
        self.size = size
        self.made = made
        self.user_id = user_id
        self.query = ""
        self._blocks = blocks
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 lives as long as the locator
        self._starts: list[tuple[int, int]] = []
        self._have = 0
        self._lock = threading.Lock()

    def slice(self, offset: int, count: int) -> list[bytes]:
        """The records from `offset` on, each as JSON text."""
        with self._lock:
            if self._file.closed:
                raise invalid_locator()
            while self._have < min(offset + count, self.total):
                block = next(self._blocks, None)
                if block is None:
                    break
                self._starts.append((self._have, self._file.seek(0, 2)))
                self._file.write(marshal.dumps(block))
                self._have += len(block)
            if self._have >= self.total:
                self._release()
            found: list[bytes] = []
            for first, place in self._starts:
                if first + PAGE <= offset or first >= offset + count:
                    continue
                self._file.seek(place)
                block = marshal.load(self._file)  # noqa: S302 our own temporary file
                found.extend(block[max(0, offset - first) : offset + count - first])
            return found

    def close(self) -> None:
        """Give back the file and the snapshot."""
        with self._lock:
            self._file.close()
            self._release()

    def _release(self) -> None:
        """End the snapshot: nothing more is read from it."""
        close = getattr(self._blocks, "close", None)
        if close:
            close()


class Locators:
    """All locators of one org."""

    def __init__(self, org: Org) -> None:
        self._org = weakref.ref(org)
        self._open: OrderedDict[str, Locator] = OrderedDict()
        self._lock = threading.Lock()
        self._made = 0

    def add(self, locator: Locator) -> str:
        """Keep a locator; returns its id."""
        with self._lock:
            self._made += 1
            number, text = self._made, ""
            while number:
                number, digit = divmod(number, 62)
                text = ids.DIGITS[digit] + text
            locator_id = "01g" + "RO0" + text.rjust(9, "0")
            locator_id += ids.checksum(locator_id)
            self._open[locator_id] = locator
            gone = [self._open.popitem(last=False)[1] for _ in range(len(self._open) - MOST)]
        for old in gone:
            old.close()
        return locator_id

    def get(self, locator_id: str, user_id: str) -> Locator:
        """The locator, if it lives and belongs to the user; else INVALID_QUERY_LOCATOR."""
        org = self._org()
        with self._lock:
            locator = self._open.get(locator_id)
            expired = locator is not None and org is not None and org.clock.now() - locator.made > LIFETIME
            if locator is not None and expired:
                del self._open[locator_id]
        if locator is None or expired or locator.user_id != user_id:
            if locator is not None and expired:
                locator.close()
            raise invalid_locator()
        return locator

    def clear(self) -> None:
        """Forget all of them, as when the org begins anew."""
        with self._lock:
            gone = list(self._open.values())
            self._open.clear()
        for locator in gone:
            locator.close()


_all: weakref.WeakKeyDictionary[Org, Locators] = weakref.WeakKeyDictionary()
_all_lock = threading.Lock()


def locators(org: Org) -> Locators:
    """The org's locators."""
    with _all_lock:
        if org not in _all:
            _all[org] = Locators(org)
        return _all[org]


def snapshot(ctx: Context) -> sqlite3.Connection:
    """A connection of its own that goes on seeing the org as it is now, whatever is written later."""
    connection = sqlite3.connect(
        ctx.org.store.path, timeout=30, isolation_level=None, check_same_thread=False
    )
    register(connection)
    connection.execute("BEGIN")
    return connection


def open_locator(ctx: Context, execution: Execution, size: int) -> tuple[str, Locator]:
    """A locator over the whole result of a query.

    Inside an open write transaction the result is read at once, since no other connection sees its rows.
    """
    store = ctx.org.store
    overflow = child_pages(ctx, size)
    writing = store.writing
    connection = store.read() if writing else snapshot(ctx)
    total = execution.count(connection)
    blocks = _blocks(execution, connection, overflow, close=not writing)
    if writing:
        blocks = iter(list(blocks))
    locator = Locator(total, size, ctx.org.clock.now(), ctx.user_id, blocks)
    locator.query = execution.text
    return locators(ctx.org).add(locator), locator


def _blocks(
    execution: Execution, connection: sqlite3.Connection, overflow: Overflow, *, close: bool
) -> Iterator[list[bytes]]:
    try:
        cursor = execution.rows(connection)
        while rows := cursor.fetchmany(PAGE):
            yield [orjson.dumps(record) for record in execution.records(connection, rows, overflow)]
    finally:
        if close:
            connection.close()


def child_pages(ctx: Context, size: int) -> Overflow:
    """What keeps the children beyond one page; they are asked for through a locator of their own."""

    def keep(records: Sequence[Any], total: int) -> str:
        dumped = [orjson.dumps(record) for record in records]
        blocks = iter([dumped[n : n + PAGE] for n in range(0, len(dumped), PAGE)])
        locator = Locator(total, size, ctx.org.clock.now(), ctx.user_id, blocks)
        return next_url(ctx.version, locators(ctx.org).add(locator), PAGE)

    return keep


def next_url(version: str, locator_id: str, offset: int) -> str:
    """Where the records from `offset` on are."""
    return f"/services/data/v{version}/query/{locator_id}-{offset}"

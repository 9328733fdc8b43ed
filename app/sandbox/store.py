"""The org's SQLite file: many readers, one serialised writer, savepoints, snapshots."""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

_SYSTEM_TABLES = """
CREATE TABLE IF NOT EXISTS _meta (key TEXT PRIMARY KEY, value BLOB);
CREATE TABLE IF NOT EXISTS _sequence (name TEXT PRIMARY KEY, next INTEGER NOT NULL);
CREATE TABLE IF NOT EXISTS _recycle (
    record_id TEXT PRIMARY KEY, sobject TEXT NOT NULL, deleted_at INTEGER NOT NULL,
    batch INTEGER NOT NULL, purged INTEGER NOT NULL DEFAULT 0);
CREATE INDEX IF NOT EXISTS _recycle_by_time ON _recycle (sobject, deleted_at);
CREATE INDEX IF NOT EXISTS _recycle_by_batch ON _recycle (batch);
CREATE TABLE IF NOT EXISTS _unlinked (
    batch INTEGER NOT NULL, sobject TEXT NOT NULL, field TEXT NOT NULL,
    child_id TEXT NOT NULL, parent_id TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS _unlinked_by_batch ON _unlinked (batch);
CREATE TABLE IF NOT EXISTS _lock (record_id TEXT NOT NULL, kind TEXT NOT NULL, until INTEGER,
    PRIMARY KEY (record_id, kind));
"""


def quoted(name: str) -> str:
    """A table or column name, safe inside SQL."""
    return '"' + name.replace('"', '""') + '"'


class Tx:
    """The one open write transaction."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.connection = connection
        self.depth = 0
        self._savepoints = 0
        self._after: list[Callable[[], None]] = []

    def execute(self, sql: str, parameters: Sequence[Any] | dict[str, Any] = ()) -> sqlite3.Cursor:
        """Run one statement."""
        return self.connection.execute(sql, parameters)

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]]) -> sqlite3.Cursor:
        """Run one statement for many rows."""
        return self.connection.executemany(sql, rows)

    @contextmanager
    def savepoint(self) -> Iterator[None]:
        """Undo what happens inside when an exception leaves the block, and let the exception go on."""
        self._savepoints += 1
        name = f"s{self._savepoints}"
        waiting = len(self._after)
        self.connection.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            del self._after[waiting:]
            self.connection.execute(f"ROLLBACK TO {name}")
            self.connection.execute(f"RELEASE {name}")
            raise
        self.connection.execute(f"RELEASE {name}")

    def after_commit(self, action: Callable[[], None]) -> None:
        """Run `action` once the transaction is committed; forgotten on a rollback."""
        self._after.append(action)


class Store:
    """One SQLite file in WAL mode. Commits survive the death of the process (not of the machine)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._local = threading.local()
        self._setup: list[Callable[[sqlite3.Connection], None]] = []
        self._readers: list[sqlite3.Connection] = []
        self._readers_lock = threading.Lock()
        self._tx: Tx | None = None
        self._owner: int | None = None
        self._writer = self._connect()
        self._writer.execute("PRAGMA cache_size = -65536")
        self._writer.executescript(_SYSTEM_TABLES)

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            self.path, timeout=30, isolation_level=None, check_same_thread=False, cached_statements=512
        )
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        # small, because every thread has a connection of its own; the file system caches the rest
        connection.execute("PRAGMA cache_size = -4096")
        connection.execute("PRAGMA temp_store = MEMORY")
        for setup in self._setup:
            setup(connection)
        return connection

    def on_connect(self, setup: Callable[[sqlite3.Connection], None]) -> None:
        """Call `setup` for every connection, those already open included: register functions there."""
        with self._lock, self._readers_lock:
            self._setup.append(setup)
            for connection in (self._writer, *self._readers):
                setup(connection)

    def read(self) -> sqlite3.Connection:
        """This thread's connection for reading. Inside `write()` it is the writer: it sees its own rows."""
        if self._owner == threading.get_ident():
            return self._writer
        connection: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if connection is None:
            connection = self._connect()
            self._local.connection = connection
            with self._readers_lock:
                self._readers.append(connection)
        return connection

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """The write transaction: one at a time in the whole process, committed when the block ends well.

        Inside an open transaction of the same thread it becomes a savepoint of that transaction.
        """
        with self._lock:
            if self._tx is not None:
                with self._tx.savepoint():
                    yield self._tx
                return
            self._writer.execute("BEGIN IMMEDIATE")
            tx = self._tx = Tx(self._writer)
            self._owner = threading.get_ident()
            try:
                yield tx
            except BaseException:
                self._writer.execute("ROLLBACK")
                raise
            else:
                self._writer.execute("COMMIT")
            finally:
                self._tx, self._owner = None, None
        for action in tx._after:
            action()

    @property
    def writing(self) -> bool:
        """Whether this thread has the write transaction open."""
        return self._owner == threading.get_ident()

    def get_meta(self, key: str) -> bytes | None:
        """A value kept beside the tables."""
        row = self.read().execute("SELECT value FROM _meta WHERE key = ?", (key,)).fetchone()
        if row is None:
            return None
        return row[0].encode() if isinstance(row[0], str) else bytes(row[0])

    def set_meta(self, key: str, value: bytes) -> None:
        """Keep a value beside the tables."""
        with self.write() as tx:
            tx.execute("INSERT OR REPLACE INTO _meta (key, value) VALUES (?, ?)", (key, value))

    def snapshot(self, path: Path) -> None:
        """Copy the whole org into a file of its own."""
        target = path.with_suffix(".part")
        target.unlink(missing_ok=True)
        with self._lock:
            copy = sqlite3.connect(target)
            try:
                self._writer.backup(copy)
            finally:
                copy.close()
        target.replace(path)

    def restore(self, path: Path) -> None:
        """Make the org what the snapshot says."""
        with self._lock:
            source = sqlite3.connect(path)
            try:
                source.backup(self._writer)
            finally:
                source.close()
            self._writer.execute("PRAGMA journal_mode = WAL")

    def close(self) -> None:
        """Close every connection; the store cannot be used afterwards."""
        with self._lock, self._readers_lock:
            for connection in (*self._readers, self._writer):
                connection.close()
            self._readers.clear()

"""Sets of rows in one transaction: plain SQL and COPY on the session's own connection.

The engine moves thousands of rows at a time; an ORM object for each would cost more than the work itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, LiteralString
from uuid import UUID

import orjson
from psycopg import Cursor, sql
from psycopg.adapt import Dumper
from psycopg.types.json import set_json_loads
from sqlalchemy.orm import Session


class _JsonDumper(Dumper):
    """A dict or list on its way into a jsonb column."""

    def dump(self, obj: Any) -> bytes:
        return orjson.dumps(obj)


class Tx:
    """The raw side of a session's running transaction. `%s` marks parameters; tables come as names."""

    def __init__(self, session: Session) -> None:
        self.session = session
        connection = session.connection().connection.driver_connection
        if connection is None:
            raise RuntimeError("the session has no open connection")
        self._cursor: Cursor[Any] = connection.cursor()
        set_json_loads(orjson.loads, self._cursor)
        self._copier: Cursor[Any] = connection.cursor()
        for kind in (dict, list):
            self._copier.adapters.register_dumper(kind, _JsonDumper)

    def run(self, statement: LiteralString, *params: Any, **names: str) -> int:
        """Execute; `{name}` in the statement is replaced by a quoted identifier. Gives the row count."""
        self._cursor.execute(_compose(statement, names), _packed(params))
        return self._cursor.rowcount

    def rows(self, statement: LiteralString, *params: Any, **names: str) -> list[tuple[Any, ...]]:
        """Execute and fetch everything."""
        self._cursor.execute(_compose(statement, names), _packed(params))
        return self._cursor.fetchall()

    def row(self, statement: LiteralString, *params: Any, **names: str) -> tuple[Any, ...] | None:
        """Execute and fetch the first row, or None."""
        self._cursor.execute(_compose(statement, names), _packed(params))
        row: tuple[Any, ...] | None = self._cursor.fetchone()
        return row

    def select(self, table: str, columns: Sequence[str], ids: Sequence[UUID]) -> list[tuple[Any, ...]]:
        """Those columns of the rows with those ids."""
        self._cursor.execute(
            sql.SQL("SELECT {} FROM {} WHERE id = ANY(%s)").format(
                sql.SQL(", ").join(map(sql.Identifier, columns)), sql.Identifier(table)
            ),
            _packed([list(ids)]),
        )
        return self._cursor.fetchall()

    def select_linked(
        self, table: str, fields: Sequence[str], columns: Sequence[str], ids: Sequence[UUID]
    ) -> list[tuple[Any, ...]]:
        """The id, the record's id, the base of those fields as JSON texts (None where it has none), and
        those columns of the rows that are linked."""
        self._cursor.execute(
            sql.SQL(
                "SELECT t.id, l.sf_id{}{} FROM {} t JOIN sync_link l ON l.local_id = t.id "
                "WHERE l.local_id = ANY(%s) AND l.state = 'linked'"
            ).format(
                sql.SQL("").join(sql.SQL(", (l.base -> {})::text").format(sql.Literal(f)) for f in fields),
                sql.SQL("").join(sql.SQL(", t.{}").format(sql.Identifier(c)) for c in columns),
                sql.Identifier(table),
            ),
            _packed([list(ids)]),
        )
        return self._cursor.fetchall()

    def stage(
        self, name: str, like: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
    ) -> sql.Composed:
        """A temporary table with those columns of `like`, filled by COPY. Gives the column list.

        Dicts and lists become jsonb. The table goes with the transaction.
        """
        listed = sql.SQL(", ").join(map(sql.Identifier, columns))
        self._cursor.execute(sql.SQL("DROP TABLE IF EXISTS pg_temp.{}").format(sql.Identifier(name)))
        self._cursor.execute(
            sql.SQL("CREATE TEMP TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA").format(
                sql.Identifier(name), listed, sql.Identifier(like)
            )
        )
        statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), listed)
        with self._copier.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)
        return listed

    def insert(self, table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
        """Insert many rows (row-level security forbids COPY into the table itself)."""
        if not rows:
            return
        listed = self.stage("stage_insert", table, columns, rows)
        self._cursor.execute(
            sql.SQL("INSERT INTO {} ({}) SELECT {} FROM stage_insert").format(
                sql.Identifier(table), listed, listed
            )
        )

    def update(
        self,
        table: str,
        key: str,
        columns: Sequence[str],
        rows: Sequence[Sequence[Any]],
        merge: str = "extra",
    ) -> None:
        """Update many rows by key: each row is (key, value, …) in the order (key, *columns).

        The column named `merge`, a JSON object, is merged into what is there; every other one is set.
        """
        if not rows:
            return
        keyed = ((k.hex if type(k) is UUID else k, *values) for k, *values in rows)
        self.stage("stage_update", table, [key, *columns], keyed)
        target, own = sql.Identifier(table), sql.Identifier(key)
        sets = sql.SQL(", ").join(
            sql.SQL("{0} = t.{0} || s.{0}" if c == merge else "{0} = s.{0}").format(sql.Identifier(c))
            for c in columns
        )
        self._cursor.execute(
            sql.SQL("UPDATE {} t SET {} FROM stage_update s WHERE t.{} = s.{}").format(target, sets, own, own)
        )


def _packed(params: Sequence[Any]) -> list[Any] | None:
    """The parameters; a list of ids as one array literal, far cheaper to make than its adaptation."""
    if not params:
        return None
    return [_literal(p) if isinstance(p, list) and p else p for p in params]


def _literal(values: list[Any]) -> Any:
    if isinstance(values[0], str):
        joined = "".join(values)
        if len(joined) != 18 * len(values) or not joined.isalnum():
            return values  # other texts than record ids may need quotes
        return "{" + ",".join(values) + "}"
    if isinstance(values[0], UUID):
        return "{" + ",".join([value.hex for value in values]) + "}"
    return values


def _compose(statement: LiteralString, names: dict[str, str]) -> sql.Composed | sql.SQL:
    composed = sql.SQL(statement)
    if not names:
        return composed
    return composed.format(**{name: sql.Identifier(value) for name, value in names.items()})


def uuids(values: Iterable[str | UUID]) -> list[UUID]:
    """UUID objects for a query parameter."""
    return [v if isinstance(v, UUID) else UUID(v) for v in values]

"""Results for Bulk queries: rows of CSV texts, in bounded memory, however many there are."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.schema import NUMERIC, Field
from app.sandbox.soql import ast
from app.sandbox.soql.locators import snapshot
from app.sandbox.soql.run import Execution
from app.sandbox.values import csv_text

_BLOCK = 2000
#: types whose stored value is not the text that Bulk shows
_CONVERTED = NUMERIC | {"boolean", "datetime"}


def _refused(message: str) -> ApiError:
    return ApiError("FUNCTIONALITY_NOT_ENABLED", message)


def stream(ctx: Context, text: str, all_rows: bool = False) -> tuple[list[str], Iterator[tuple[str, ...]]]:
    """Column names and the rows of a query, each value as Bulk writes it in CSV (null is empty).

    The query is checked at once and reads one snapshot of the org while the rows are fetched. Raises
    ApiError FUNCTIONALITY_NOT_ENABLED for compound fields, child subqueries, aggregates, GROUP BY, OFFSET
    and TYPEOF, and the query's own errors. Close the iterator, or read it to the end.
    """
    execution = Execution(ctx, text, all_rows=all_rows)
    plan, query = execution.plan, execution.plan.query
    if any(isinstance(item.expr, ast.Typeof) for item in query.select):
        raise _refused("TYPEOF clause not supported in Bulk Query")
    if plan.children:
        raise _refused("Nested queries not supported in Bulk Query")
    if plan.compounds:
        raise _refused("Selecting compound data not supported in Bulk Query")
    if plan.kind != "records":
        raise _refused("Aggregate Relationships not supported in Bulk Query")
    if query.offset is not None:
        raise _refused("OFFSET clause not supported in Bulk Query")
    columns = [".".join(output.path) for output in plan.outputs]
    return columns, _rows(ctx, execution)


def _texts(field: Field) -> Callable[[Sequence[Any]], Iterable[str]]:
    """From the stored values of a column to their texts, in bulk: most columns hold texts already."""
    if field.formula is None and field.type not in _CONVERTED:
        return lambda column: ["" if raw is None else raw for raw in column]
    text = partial(csv_text, field)
    return lambda column: map(text, column)


def _rows(ctx: Context, execution: Execution) -> Iterator[tuple[str, ...]]:
    outputs = execution.plan.outputs
    texts = [(output.index, _texts(output.field)) for output in outputs]
    writing = ctx.org.store.writing
    connection = ctx.org.store.read() if writing else snapshot(ctx)
    try:
        cursor = execution.rows(connection)
        while rows := cursor.fetchmany(_BLOCK):
            columns: Sequence[Sequence[Any]] = list(zip(*rows, strict=True))
            yield from zip(*(texts_of(columns[index]) for index, texts_of in texts), strict=True)
    finally:
        if not writing:
            connection.close()

"""Roll-up summaries and the totals of opportunity lines: system touches, so SystemModstamp alone moves."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from app.sandbox.context import Context
from app.sandbox.dml.rows import IN_LIST, Row, id_list
from app.sandbox.schema import Field, Schema, SObject
from app.sandbox.store import Tx, quoted


def recompute(ctx: Context, tx: Tx, child: SObject, rows: Sequence[Row]) -> None:
    """Renew every summary over these rows on their parents, old and new."""
    schema = ctx.org.schema
    for parent, field in summaries(schema, child):
        assert field.rollup is not None
        link = field.rollup[3]
        parents = {
            value
            for row in rows
            for state in (row.old, row.new)
            if state and (value := state.get(link)) is not None
        }
        renew(ctx, tx, parent, field, parents)
    if child.name == "OpportunityLineItem":
        changed = {s["OpportunityId"] for row in rows for s in (row.old, row.new) if s}
        total_opportunities(ctx, tx, changed)


def summaries(schema: Schema, child: SObject) -> list[tuple[SObject, Field]]:
    """(parent type, summary field) over a child type."""
    return [
        (parent, field)
        for parent in schema
        for field in parent.fields.values()
        if field.rollup is not None and field.rollup[1].lower() == child.name.lower()
    ]


def renew(ctx: Context, tx: Tx, parent: SObject, field: Field, parents: Iterable[str]) -> None:
    """Recompute one summary on these parents; rows whose figure stays are not touched."""
    ids = [p for p in parents if p]
    if not ids or field.rollup is None:
        return
    operation, child_name, child_field_name, link = field.rollup
    child = ctx.org.schema.get(child_name)
    source = child.field_named(child_field_name) if child_field_name else None
    if operation.upper() == "COUNT":
        figure = f"COUNT(*) * {10**field.scale}"
    elif source is not None:
        figure = f"{operation.upper()}({_value(ctx, parent, child, source)})"
        if source.scale != field.scale and field.type in ("double", "currency", "percent", "int"):
            figure = f"CAST(ROUND({figure} * 1.0 * {10**field.scale} / {10**source.scale}) AS INTEGER)"
        if operation.upper() == "SUM":
            figure = f"COALESCE({figure}, 0)"
    else:
        return
    select = (
        f"(SELECT {figure} FROM {quoted(child.name)} c WHERE c.{quoted(link)} = p.Id AND c.IsDeleted = 0)"
    )
    _assign(tx, parent, field.name, select, ids, ctx.now())


def _value(ctx: Context, parent: SObject, child: SObject, source: Field) -> str:
    """The summed-up column; an amount in the child's currency is converted into the parent's."""
    column = f"c.{quoted(source.name)}"
    both = all(kind.field_named("CurrencyIsoCode") for kind in (parent, child))
    if source.type != "currency" or not both or ctx.org.schema.find("CurrencyType") is None:
        return column
    rate = "(SELECT ConversionRate FROM CurrencyType WHERE IsoCode = {}.CurrencyIsoCode AND IsDeleted = 0)"
    into, out_of = rate.format("p"), rate.format("c")
    return (
        f"(CASE WHEN c.CurrencyIsoCode = p.CurrencyIsoCode THEN {column} "
        f"ELSE CAST(ROUND({column} * 1.0 * {into} / {out_of}) AS INTEGER) END)"
    )


def reconvert(ctx: Context, tx: Tx, sobject: SObject, rows: Sequence[Row]) -> None:
    """Renew the summaries of records that got another currency."""
    if sobject.field_named("CurrencyIsoCode") is None:
        return
    moved = [r.id for r in rows if r.old is not None and r.old["CurrencyIsoCode"] != r.new["CurrencyIsoCode"]]
    for field in sobject.fields.values() if moved else ():
        if field.rollup is not None:
            renew(ctx, tx, sobject, field, moved)


def _assign(tx: Tx, parent: SObject, name: str, select: str, ids: Sequence[str], now: int) -> None:
    found = tx.execute(
        f"SELECT p.Id, {select}, p.{quoted(name)} FROM {quoted(parent.name)} p WHERE p.Id {IN_LIST}",
        (id_list(ids),),
    ).fetchall()
    changes: list[tuple[Any, int, str]] = [(new, now, i) for i, new, old in found if new != old]
    tx.executemany(
        f"UPDATE {quoted(parent.name)} SET {quoted(name)} = ?, SystemModstamp = ? WHERE Id = ?", changes
    )


def total_opportunities(ctx: Context, tx: Tx, ids: Iterable[str | None]) -> None:
    """An opportunity with lines has their sum as its amount."""
    opportunity = ctx.org.schema.find("Opportunity")
    wanted = [i for i in ids if i]
    if opportunity is None or not wanted:
        return
    lines = "FROM OpportunityLineItem c WHERE c.OpportunityId = p.Id AND c.IsDeleted = 0"
    now = ctx.now()
    if "hasopportunitylineitem" in opportunity.fields:
        select = f"(SELECT EXISTS (SELECT 1 {lines}))"
        _assign(tx, opportunity, "HasOpportunityLineItem", select, wanted, now)
    amount = f"(SELECT COALESCE(SUM(c.TotalPrice), p.Amount) {lines})"
    _assign(tx, opportunity, "Amount", amount, wanted, now)

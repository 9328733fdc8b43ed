"""The history of opportunities: one row for each save that changes stage, amount, date or probability."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from app.sandbox import tables
from app.sandbox.context import Context
from app.sandbox.dml.rows import Row, insert_rows
from app.sandbox.store import Tx

_WATCHED = ("StageName", "Amount", "CloseDate", "Probability")
#: forecast category by the name that users see
_CATEGORY = {
    "Omitted": "Omitted",
    "Pipeline": "Pipeline",
    "Best Case": "BestCase",
    "Commit": "Forecast",
    "Closed": "Closed",
}


def record(ctx: Context, tx: Tx, rows: Sequence[Row]) -> None:
    """Write the history of these saved opportunities."""
    kind = ctx.org.schema.find("OpportunityHistory")
    changed = [
        row
        for row in rows
        if row.old is None or any(row.old.get(name) != row.new.get(name) for name in _WATCHED)
    ]
    if kind is None or not changed:
        return
    columns = set(tables.columns(kind))
    made = ctx.org.ids.take(tx.connection, kind.key_prefix, len(changed))
    now = ctx.now()
    history = []
    for index, (row, record_id) in enumerate(zip(changed, made, strict=True)):
        values = {name: row.new.get(name) for name in (*_WATCHED, "CurrencyIsoCode")} | {
            "Id": record_id,
            "IsDeleted": 0,
            "OpportunityId": row.id,
            "CreatedById": ctx.user_id or None,
            "CreatedDate": now,
            "SystemModstamp": now,
            "ForecastCategory": _CATEGORY.get(row.new.get("ForecastCategoryName") or ""),
            "ExpectedRevenue": _expected(row),
        }
        history.append(Row(index, {}, record_id, new={k: v for k, v in values.items() if k in columns}))
    insert_rows(tx.connection, kind, history)


def _expected(row: Row) -> int | None:
    """Amount × probability, in the amount's units (the probability is stored in whole percent)."""
    amount, probability = row.new.get("Amount"), row.new.get("Probability")
    if amount is None or probability is None:
        return None
    return int((Decimal(amount) * probability / 100).quantize(Decimal(1), ROUND_HALF_UP))

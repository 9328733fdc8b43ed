"""The currency of an opportunity and of its lines: always one and the same."""

from __future__ import annotations

from collections.abc import Sequence

from app.sandbox.context import Context
from app.sandbox.dml.rows import IN_LIST, Row, id_list
from app.sandbox.schema import SObject
from app.sandbox.store import Tx

_FIELD = "CurrencyIsoCode"
_MISMATCH = (
    "field integrity exception: PricebookEntryId "
    "(pricebook entry currency ISO code does not match opportunity currency ISO code)"
)


def of(tx: Tx, opportunity_id: str | None) -> str | None:
    """The currency of an opportunity; None where there is no such opportunity."""
    found = tx.execute("SELECT CurrencyIsoCode FROM Opportunity WHERE Id = ?", (opportunity_id,)).fetchone()
    return found[0] if found else None


def _changed(ctx: Context, sobject: SObject, rows: Sequence[Row]) -> list[Row]:
    line = ctx.org.schema.find("OpportunityLineItem")
    if _FIELD.lower() not in sobject.fields or line is None or line.field_named(_FIELD) is None:
        return []
    return [row for row in rows if row.old is not None and row.old[_FIELD] != row.new[_FIELD]]


def check_change(ctx: Context, tx: Tx, sobject: SObject, rows: Sequence[Row]) -> None:
    """Refuse a new currency for an opportunity whose lines are priced in another one."""
    for row in _changed(ctx, sobject, rows):
        priced = tx.execute(
            "SELECT 1 FROM OpportunityLineItem l JOIN PricebookEntry e ON e.Id = l.PricebookEntryId "
            "WHERE l.OpportunityId = ? AND l.IsDeleted = 0 AND e.CurrencyIsoCode <> ? LIMIT 1",
            (row.id, row.new[_FIELD]),
        ).fetchone()
        if priced is not None:
            row.fail("FIELD_INTEGRITY_EXCEPTION", _MISMATCH, _FIELD)


def pass_on(ctx: Context, tx: Tx, sobject: SObject, rows: Sequence[Row]) -> None:
    """Give lines without a price-book entry the new currency of their opportunity, as the system does."""
    for row in _changed(ctx, sobject, rows):
        tx.execute(
            "UPDATE OpportunityLineItem SET CurrencyIsoCode = ?, SystemModstamp = ? "
            "WHERE OpportunityId = ? AND IsDeleted = 0",
            (row.new[_FIELD], ctx.now(), row.id),
        )


def check_lines(tx: Tx, rows: Sequence[Row]) -> None:
    """Refuse lines whose price-book entry is in another currency than their opportunity."""
    wanted = {entry for row in rows if (entry := row.new.get("PricebookEntryId"))}
    if not wanted:
        return
    currencies = dict(
        tx.execute(
            f"SELECT Id, CurrencyIsoCode FROM PricebookEntry WHERE Id {IN_LIST}", (id_list(wanted),)
        ).fetchall()
    )
    for row in rows:
        found = currencies.get(row.new.get("PricebookEntryId"))
        if found is not None and row.new[_FIELD] is not None and found != row.new[_FIELD]:
            row.fail("FIELD_INTEGRITY_EXCEPTION", _MISMATCH, "PricebookEntryId")

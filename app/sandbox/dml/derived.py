"""What the org itself fills in around a save: stages, owners, addresses, line prices, person accounts."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from app.sandbox.context import Context
from app.sandbox.dml import addresses, currency, history, people
from app.sandbox.dml.plan import Plan
from app.sandbox.dml.rows import IN_LIST, Row, id_list
from app.sandbox.schema import SObject
from app.sandbox.store import Tx, quoted


def before(ctx: Context, tx: Tx, plan: Plan, rows: Sequence[Row]) -> None:
    """Before a record is checked: defaults that depend on other values, and what must not be changed."""
    name = plan.sobject.name
    if name == "Lead":
        _refuse_converted(ctx, rows)
    elif name == "Opportunity":
        _stage(ctx, tx, plan.sobject, rows)
        currency.check_change(ctx, tx, plan.sobject, rows)
    elif name in ("OpportunityLineItem", "OrderItem"):
        _line(ctx, tx, plan.sobject, rows)
    elif name in ("Account", "Contact"):
        people.before(ctx, tx, plan.sobject, rows)
    if plan.operation == "insert":
        _assign(ctx, plan.sobject, rows)
    addresses.check(ctx, plan.sobject, rows)


def after(ctx: Context, tx: Tx, plan: Plan, rows: Sequence[Row]) -> None:
    """Once a record is saved: the records that follow from it."""
    if plan.sobject.name == "Account":
        people.after(ctx, tx, plan.sobject, rows)
    elif plan.sobject.name == "Opportunity":
        history.record(ctx, tx, rows)
        currency.pass_on(ctx, tx, plan.sobject, rows)
    elif plan.sobject.name == "User":
        _partner_user(ctx, tx, rows)
    elif plan.sobject.name == "PermissionSetAssignment" and rows:
        tx.after_commit(ctx.org.permissions.reassigned)


def _set(row: Row, name: str, value: Any) -> None:
    if row.new.get(name) != value:
        row.new[name] = value
        row.extra.add(name)


def _refuse_converted(ctx: Context, rows: Sequence[Row]) -> None:
    if ctx.org.settings.edit_converted_leads:
        return
    for row in rows:
        if row.old is not None and row.old.get("IsConverted"):
            row.fail("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")


def _stage(ctx: Context, tx: Tx, sobject: SObject, rows: Sequence[Row]) -> None:
    """A new stage brings its probability and forecast category unless the save names them itself.

    The amount of an opportunity with lines is their total: writing it is passed over without a word.
    """
    for row in rows:
        if row.old is not None and row.old.get("HasOpportunityLineItem") and "Amount" in row.values:
            row.new["Amount"] = row.old["Amount"]
    moved = [row for row in rows if row.old is None or row.old.get("StageName") != row.new.get("StageName")]
    if not moved:
        return
    stages: dict[str, tuple[Any, Any]] = {}
    if ctx.org.schema.find("OpportunityStage"):
        stages = {
            label: (probability, category)
            for label, probability, category in tx.execute(
                "SELECT MasterLabel, DefaultProbability, ForecastCategoryName FROM OpportunityStage"
            )
        }
    for row in moved:
        probability, category = stages.get(row.new.get("StageName") or "", (None, None))
        if "probability" in sobject.fields and "Probability" not in row.values and probability is not None:
            _set(row, "Probability", probability)
        if "forecastcategoryname" in sobject.fields and "ForecastCategoryName" not in row.values and category:
            _set(row, "ForecastCategoryName", category)
        if "laststagechangedate" in sobject.fields and row.old is not None:
            _set(row, "LastStageChangeDate", ctx.now())


def _line(ctx: Context, tx: Tx, sobject: SObject, rows: Sequence[Row]) -> None:
    """Product, prices and currency of a line; the total is quantity × price less discount."""
    if "currencyisocode" in sobject.fields and sobject.name == "OpportunityLineItem":
        for row in rows:
            _set(row, "CurrencyIsoCode", currency.of(tx, row.new.get("OpportunityId")))
        currency.check_lines(tx, rows)
    entries: dict[str, tuple[Any, Any]] = {}
    wanted = {e for row in rows if (e := row.new.get("PricebookEntryId"))}
    if wanted and ctx.org.schema.find("PricebookEntry"):
        entries = {
            found[0]: (found[1], found[2])
            for found in tx.execute(
                f"SELECT Id, Product2Id, UnitPrice FROM PricebookEntry WHERE Id {IN_LIST}", (id_list(wanted),)
            )
        }
    for row in rows:
        product, list_price = entries.get(row.new.get("PricebookEntryId") or "", (None, None))
        if product and not row.new.get("Product2Id") and "product2id" in sobject.fields:
            _set(row, "Product2Id", product)
        total_given = "TotalPrice" in row.values and "UnitPrice" not in row.values
        if row.new.get("UnitPrice") is None and not total_given and list_price is not None:
            _set(row, "UnitPrice", list_price)
        quantity = row.new.get("Quantity")
        if not quantity or "totalprice" not in sobject.fields:
            continue
        # units: quantity 10**-2, prices 10**-2, discount 10**-2 percent
        if total_given and row.new.get("TotalPrice") is not None:
            _set(row, "UnitPrice", _rounded(Decimal(row.new["TotalPrice"]) * 100 / quantity))
        elif row.new.get("UnitPrice") is not None:
            share = 1 - Decimal(row.new.get("Discount") or 0) / 10_000
            _set(row, "TotalPrice", _rounded(Decimal(row.new["UnitPrice"]) * quantity / 100 * share))


def _rounded(value: Decimal) -> int:
    return int(value.quantize(Decimal(1), ROUND_HALF_UP))


def _assign(ctx: Context, sobject: SObject, rows: Sequence[Row]) -> None:
    """Assignment rules own new records, unless the caller's header switches them off."""
    if not ctx.auto_assign or not ctx.org.settings.assignment_rules:
        return
    for rule in ctx.org.settings.assignment:
        if str(rule["object"]).lower() != sobject.name.lower():
            continue
        when = rule.get("when", {})
        for row in rows:
            if "OwnerId" in row.extra:
                continue
            if all(row.new.get(name) == value for name, value in when.items()):
                row.new["OwnerId"] = rule["owner_id"]
                row.extra.add("OwnerId")


def _partner_user(ctx: Context, tx: Tx, rows: Sequence[Row]) -> None:
    """A user with a contact belongs to the contact's account."""
    for row in rows:
        contact = row.new.get("ContactId")
        if contact and "ContactId" in row.values:
            tx.execute(
                f"UPDATE {quoted('User')} SET AccountId = (SELECT AccountId FROM Contact WHERE Id = ?), "
                "UserType = 'PowerPartner' WHERE Id = ?",
                (contact, row.id),
            )

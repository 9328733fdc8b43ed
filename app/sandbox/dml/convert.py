"""Lead conversion: one transaction makes or completes an account, a contact and an opportunity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from app.sandbox import ids as identity
from app.sandbox import values
from app.sandbox.context import Context
from app.sandbox.dml.rows import Row, fetch, update_rows
from app.sandbox.dml.save import save
from app.sandbox.dml.types import ConvertRequest, ConvertResult
from app.sandbox.errors import ApiError
from app.sandbox.schema import SObject
from app.sandbox.store import Tx

_ADDRESS = ("Street", "City", "State", "PostalCode", "Country", "StateCode", "CountryCode")
#: lead field → field of the target, as a fresh org maps them
ACCOUNT = {
    "Company": "Name",
    "Phone": "Phone",
    "Fax": "Fax",
    "Website": "Website",
    "Industry": "Industry",
    "AnnualRevenue": "AnnualRevenue",
    "NumberOfEmployees": "NumberOfEmployees",
    "Rating": "Rating",
    "LeadSource": "AccountSource",
    "CurrencyIsoCode": "CurrencyIsoCode",
} | {part: f"Billing{part}" for part in _ADDRESS}
CONTACT = {
    name: name
    for name in (
        "LastName",
        "FirstName",
        "Salutation",
        "Title",
        "Phone",
        "MobilePhone",
        "Fax",
        "Email",
        "LeadSource",
        "Description",
        "HasOptedOutOfEmail",
        "DoNotCall",
        "CurrencyIsoCode",
    )
} | {part: f"Mailing{part}" for part in _ADDRESS}
OPPORTUNITY = {"LeadSource": "LeadSource", "CurrencyIsoCode": "CurrencyIsoCode", "CampaignId": "CampaignId"}


def convert(ctx: Context, tx: Tx, request: ConvertRequest) -> ConvertResult:
    """Convert one lead. Raises ApiError when it is refused."""
    lead_kind = ctx.org.schema.get("Lead")
    lead_id = identity.to18(request.lead_id)
    lead = fetch(tx.connection, lead_kind, [lead_id]).get(lead_id)
    if lead is None:
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])
    if lead["IsDeleted"]:
        raise ApiError("ENTITY_IS_DELETED", "entity is deleted", fields=[])
    if lead["IsConverted"]:
        raise ApiError("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", fields=[])
    row_fault = ctx.org.faults.row_check("convert", "Lead")
    refused = row_fault({"Id": lead_id}) if row_fault else None
    if refused is not None:
        raise refused
    _check_status(ctx, tx, request.converted_status)
    owner = identity.to18(request.owner_id) if request.owner_id else lead["OwnerId"]
    if owner is None or not owner.startswith("005"):
        raise ApiError(
            "REQUIRED_FIELD_MISSING", "A lead owned by a queue needs an owner to convert.", fields=["OwnerId"]
        )
    system = ctx.nested()
    account_id = _account(system, tx, lead_kind, lead, request, owner)
    contact_id = _target(
        system, tx, "Contact", CONTACT, lead, request.contact_id, {"AccountId": account_id, "OwnerId": owner},
        overwrite_source=request.overwrite_lead_source,
    )  # fmt: skip
    opportunity_id = None
    if request.opportunity_id or not request.do_not_create_opportunity:
        opportunity_id = _opportunity(system, tx, lead, request, account_id, contact_id, owner)
    _close(system, tx, lead_kind, lead, request, account_id, contact_id, opportunity_id)
    return ConvertResult(lead_id, True, account_id, contact_id, opportunity_id)


def _check_status(ctx: Context, tx: Tx, status: str) -> None:
    if ctx.org.schema.find("LeadStatus") is None:
        return
    found = tx.execute("SELECT IsConverted FROM LeadStatus WHERE MasterLabel = ?", (status,)).fetchone()
    known = tx.execute("SELECT 1 FROM LeadStatus LIMIT 1").fetchone()
    if known and (found is None or not found[0]):
        raise ApiError("INVALID_STATUS", f"invalid convertedStatus: {status}", fields=[])


def _mapped(
    ctx: Context, target: SObject, mapping: Mapping[str, str], lead: Mapping[str, Any]
) -> dict[str, Any]:
    """JSON values for the target: the standard mapping, and the one an admin has set."""
    lead_kind = ctx.org.schema.get("Lead")
    custom = {m["from"]: m["to"] for m in ctx.org.settings.lead_mapping if m["object"] == target.name}
    found: dict[str, Any] = {}
    for source, destination in {**mapping, **custom}.items():
        field = lead_kind.field_named(source)
        into = target.field_named(destination)
        if field is None or into is None or not into.stored or lead.get(field.name) is None:
            continue
        found[into.name] = values.render(field, lead[field.name])
    return found


def _target(
    ctx: Context,
    tx: Tx,
    name: str,
    mapping: Mapping[str, str],
    lead: Mapping[str, Any],
    existing: str,
    fixed: Mapping[str, Any],
    *,
    overwrite_source: bool = False,
) -> str:
    """Create the target, or fill the empty fields of the existing one."""
    kind = ctx.org.schema.get(name)
    mapped = _mapped(ctx, kind, mapping, lead)
    if not existing:
        result = save(ctx, tx, kind, "insert", [{**mapped, **fixed}])[0]
    else:
        record_id = identity.to18(existing)
        row = fetch(tx.connection, kind, [record_id]).get(record_id)
        if row is None:
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[])
        empty = {n: v for n, v in mapped.items() if row.get(n) is None}
        if overwrite_source and "LeadSource" in mapped:
            empty["LeadSource"] = mapped["LeadSource"]
        if name == "Contact" and row.get("AccountId") is None:
            empty["AccountId"] = fixed["AccountId"]
        result = save(ctx, tx, kind, "update", [{**empty, "Id": record_id}])[0]
    if not result.success or result.id is None:
        raise result.errors[0]
    return result.id


def _account(
    ctx: Context, tx: Tx, lead_kind: SObject, lead: Mapping[str, Any], request: ConvertRequest, owner: str
) -> str:
    existing = request.account_id
    if not existing and request.contact_id:
        contact_id = identity.to18(request.contact_id)
        found = tx.execute("SELECT AccountId FROM Contact WHERE Id = ?", (contact_id,)).fetchone()
        existing = found[0] if found and found[0] else ""
    return _target(ctx, tx, "Account", ACCOUNT, lead, existing, {"OwnerId": owner})


def _opportunity(
    ctx: Context,
    tx: Tx,
    lead: Mapping[str, Any],
    request: ConvertRequest,
    account_id: str,
    contact_id: str,
    owner: str,
) -> str:
    kind = ctx.org.schema.get("Opportunity")
    today = datetime.fromtimestamp(ctx.now(), UTC).date()
    stage = kind.field_named("StageName")
    stages = [v.value for v in stage.picklist if v.active] if stage else []
    name = request.opportunity_name or lead.get("Company") or lead.get("LastName")
    fixed: dict[str, Any] = {
        "Name": f"{name}-" if not request.opportunity_name else name,
        "AccountId": account_id,
        "OwnerId": owner,
        "CloseDate": _quarter_end(today).isoformat(),
        "StageName": stages[0] if stages else "Prospecting",
    }
    if kind.field_named("ContactId"):
        fixed["ContactId"] = contact_id
    made = _target(ctx, tx, "Opportunity", OPPORTUNITY, lead, request.opportunity_id, fixed)
    role = ctx.org.schema.find("OpportunityContactRole")
    if role is not None and not request.opportunity_id:
        link = {"OpportunityId": made, "ContactId": contact_id, "IsPrimary": True}
        result = save(ctx, tx, role, "insert", [link])[0]
        if not result.success:
            raise result.errors[0]
    return made


def _quarter_end(day: Any) -> Any:
    first_of_next = day.replace(day=1, month=(day.month - 1) // 3 * 3 + 1) + timedelta(days=93)
    return first_of_next.replace(day=1) - timedelta(days=1)


def _close(
    ctx: Context,
    tx: Tx,
    lead_kind: SObject,
    lead: dict[str, Any],
    request: ConvertRequest,
    account_id: str,
    contact_id: str,
    opportunity_id: str | None,
) -> None:
    """Mark the lead as converted; from here on it is read-only."""
    now = ctx.now()
    changes = {
        "IsConverted": 1,
        "Status": request.converted_status,
        "ConvertedDate": datetime.fromtimestamp(now, UTC).date().isoformat(),
        "ConvertedAccountId": account_id,
        "ConvertedContactId": contact_id,
        "ConvertedOpportunityId": opportunity_id,
        "LastModifiedDate": now,
        "LastModifiedById": ctx.user_id,
        "SystemModstamp": now,
    }
    changes = {name: value for name, value in changes.items() if name in lead}
    row = Row(0, changes, id=lead["Id"], old=lead, new={**lead, **changes})
    update_rows(tx.connection, lead_kind, [row], ())

"""Lists of records by their partner, and the highlights of one."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.records import finding
from app.records.shapes import FieldOut, RecordItem, RecordOut, RecordPage, RecordQuery, RecordRef
from app.web import paging
from app.words import Names, say

_NAME = "coalesce(nullif(trim(concat_ws(' ', u.first_name, u.last_name)), ''), u.username, '')"
_OF_ITS_OWN = """
    coalesce((SELECT jsonb_agg(jsonb_build_object('id', p.id, 'name', p.name)) FROM account p
        WHERE p.id = d.partner_account_id), '[]')
"""
#: An account's partners are those that have a lead or an opportunity there.
_OF_ITS_DEALS = """
    coalesce((SELECT jsonb_agg(DISTINCT jsonb_build_object('id', p.id, 'name', p.name))
        FROM opportunity o JOIN account p ON p.id = o.partner_account_id
        WHERE o.account_id = d.id AND o.deleted_at IS NULL), '[]')
"""
_ROWS = {
    "Account": f"""
        SELECT d.id, d.name, concat_ws(', ', d.billing_city, d.billing_country) AS detail,
            coalesce(d.type, '') AS state, d.owner_id, {_OF_ITS_DEALS} AS partners,
            NULL::numeric AS amount, '' AS currency, NULL::date AS day, false AS closed,
            '' AS registration_number, '' AS approval_status, d.updated_at AS changed_at
        FROM account d WHERE d.deleted_at IS NULL
    """,  # noqa: S608
    "Lead": f"""
        SELECT d.id, d.company AS name, concat_ws(' ', d.first_name, d.last_name) AS detail,
            coalesce(d.status, '') AS state, d.owner_id, {_OF_ITS_OWN} AS partners,
            NULL::numeric AS amount, '' AS currency, NULL::date AS day, false AS closed,
            coalesce(d.registration_number, '') AS registration_number,
            coalesce(d.approval_status, '') AS approval_status, d.updated_at AS changed_at
        FROM lead d WHERE d.deleted_at IS NULL AND NOT d.is_converted
    """,  # noqa: S608
    "Opportunity": f"""
        SELECT d.id, d.name, coalesce(c.name, '') AS detail, d.stage_name AS state, d.owner_id,
            {_OF_ITS_OWN} AS partners, d.amount, coalesce(d.currency_code, '') AS currency,
            d.close_date AS day, d.is_closed AS closed,
            coalesce(d.registration_number, '') AS registration_number,
            coalesce(d.approval_status, '') AS approval_status, d.updated_at AS changed_at
        FROM opportunity d LEFT JOIN account c ON c.id = d.account_id WHERE d.deleted_at IS NULL
    """,  # noqa: S608
}  # own names
_SORTED = """
    CASE CAST(:sort AS text)
        WHEN 'changed' THEN to_char(f.changed_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
        WHEN 'day' THEN coalesce(to_char(f.day, 'YYYY-MM-DD'), '')
        ELSE lower(f.name)
    END COLLATE "C"
"""
_WANTED = """
    (CAST(:q AS text) = '' OR f.name ILIKE :pattern OR f.detail ILIKE :pattern
        OR f.registration_number ILIKE :pattern)
    AND (NOT CAST(:mine AS boolean) OR f.owner_id = :user)
    AND (NOT CAST(:open AS boolean) OR NOT f.closed)
    AND (CAST(:called AS text) = '' OR EXISTS (SELECT FROM jsonb_array_elements(f.partners) p
        WHERE p ->> 'name' ILIKE :calling))
    AND (CAST(:partner AS text) IS NULL OR f.partners @> jsonb_build_array(
        jsonb_build_object('id', CAST(:partner AS text))))
"""
_ASSIGNED = "(CAST(:assigned AS boolean) IS NULL OR (f.partners <> '[]') = :assigned)"


def _page(sobject: str, descending: bool) -> Any:
    way, after = ("DESC", "<") if descending else ("ASC", ">")
    return text(f"""
        SELECT s.*, {_NAME} AS owner, coalesce(l.sf_id, '') AS sf_id FROM (
            SELECT f.*, {_SORTED} AS sorted FROM ({_ROWS[sobject]}) f WHERE {_WANTED} AND {_ASSIGNED}
        ) s
        LEFT JOIN crm_user u ON u.id = s.owner_id
        LEFT JOIN sync_link l ON l.local_id = s.id AND l.state = 'linked'
        WHERE CAST(:at AS text) IS NULL
            OR (s.sorted, s.id) {after} (CAST(:at AS text) COLLATE "C", CAST(:after AS uuid))
        ORDER BY s.sorted {way}, s.id {way} LIMIT :limit
    """)  # noqa: S608  # our own constants


_PAGES = {(name, way): _page(name, way) for name in _ROWS for way in (False, True)}
_COUNTS = {
    name: text(
        f"SELECT f.partners <> '[]' AS assigned, count(*) FROM ({rows}) f WHERE {_WANTED} GROUP BY 1"  # noqa: S608
    )
    for name, rows in _ROWS.items()
}


def page(session: Session, actor: Actor, sobject: str, query: RecordQuery) -> RecordPage:
    """Records as the company's people find them. Raises NotFound for an object that has no list here."""
    if sobject not in _ROWS:
        raise NotFound(
            say("There is no list of these."),
            remedy=say("There are lists of {objects}.", objects=Names(tuple(_ROWS))),
        )
    at, after = paging.decode_text(query.cursor) if query.cursor else (None, None)
    seen = {
        "q": query.q, "pattern": _containing(query.q), "called": query.partner,
        "calling": _containing(query.partner), "mine": query.mine, "open": query.open,
        "user": actor.user_id, "partner": str(query.partner_id) if query.partner_id else None,
        "sort": query.sort.removeprefix("-"),
    }  # fmt: skip
    rows = session.execute(
        _PAGES[sobject, query.sort.startswith("-")],
        seen | {"assigned": query.assigned, "at": at, "after": after, "limit": query.limit + 1},
    ).all()
    counted = {row[0]: row[1] for row in session.execute(_COUNTS[sobject], seen)}
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    wanted = (True, False) if query.assigned is None else (query.assigned,)
    return RecordPage(
        items=[
            RecordItem(object=sobject, **{
                name: getattr(row, name) for name in RecordItem.model_fields if name != "object"
            })
            for row in rows[: query.limit]
        ],
        next=paging.encode_text(last.sorted, last.id) if last else None,
        total=sum(counted.get(one, 0) for one in wanted),
        counts={"assigned": counted.get(True, 0), "unassigned": counted.get(False, 0)},
    )  # fmt: skip


def _containing(words: str) -> str:
    escaped = words.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{escaped}%"


#: What the highlights of each object show, in their order.
_FIELDS = {
    "Account": ("type", "industry", "phone", "website", "billing_city", "billing_country", "owner",
                "partner_kind", "partner_status", "partner_level"),
    "Lead": ("person", "status", "email", "phone", "country", "owner", "partner", "registration_number",
             "registration_status", "protected_until", "approval_status", "authorization_number"),
    "Opportunity": ("account", "stage_name", "amount", "close_date", "owner", "partner",
                    "registration_number", "registration_status", "protected_until", "approval_status",
                    "authorization_number"),
    "Approval_Request__c": ("state", "holder", "held_since", "due", "step", "amount", "partner", "account",
                            "opportunity", "lead", "owner", "authorization_number"),
}  # fmt: skip
_OWNER = f"(SELECT {_NAME} FROM crm_user u WHERE u.id = d.owner_id) AS owner"  # noqa: S608
_ONE = {
    "Account": text(f"SELECT d.*, d.name AS called, {_OWNER} FROM account d WHERE d.id = :id"),  # noqa: S608
    "Lead": text(
        f"SELECT d.*, d.company AS called, concat_ws(' ', d.first_name, d.last_name) AS person, {_OWNER} "  # noqa: S608
        "FROM lead d WHERE d.id = :id"
    ),
    "Opportunity": text(f"SELECT d.*, d.name AS called, {_OWNER} FROM opportunity d WHERE d.id = :id"),  # noqa: S608
    "Approval_Request__c": text(
        f"SELECT d.*, d.name AS called, (SELECT {_NAME} FROM crm_user u WHERE u.id = d.requester_id) "  # noqa: S608
        "AS owner FROM crm_approval_request d WHERE d.id = :id"
    ),
}
#: Field → the column with the id of the record that it names, that record's table and object.
_LEADS_TO = {
    "partner": ("partner_account_id", "account", "Account"),
    "account": ("account_id", "account", "Account"),
    "opportunity": ("opportunity_id", "opportunity", "Opportunity"),
    "lead": ("lead_id", "lead", "Lead"),
}


def highlights(session: Session, sobject: str, sf_id: str) -> RecordOut:
    """What a record's page shows above everything else, as Tandem has it. Raises NotFound."""
    record, local_id = finding.get(session, sobject, sf_id)
    row = session.execute(_ONE[sobject], {"id": local_id}).mappings().one()
    fields = [_field(session, row, key) for key in _FIELDS[sobject]]
    return RecordOut(
        object=sobject,
        sf_id=record.sf_id,
        id=local_id,
        name=row["called"],
        fields=[one for one in fields if one.value],
        request_id=local_id if sobject == "Approval_Request__c" else None,
    )


def _field(session: Session, row: Any, key: str) -> FieldOut:
    if key in _LEADS_TO and _LEADS_TO[key][0] in row:
        column, _, sobject = _LEADS_TO[key]
        found = reference(session, sobject, row[column]) if row[column] is not None else None
        return FieldOut(key=key, kind="record", value=found.name if found else "", record=found)
    value = row[key]
    if isinstance(value, Decimal):
        return FieldOut(key=key, kind="money", value=str(value), currency=row["currency_code"] or "")
    if isinstance(value, datetime):
        return FieldOut(key=key, kind="moment", value=value.isoformat())
    if isinstance(value, date):
        return FieldOut(key=key, kind="date", value=value.isoformat())
    return FieldOut(key=key, value="" if value is None else str(value))


def reference(session: Session, sobject: str, local_id: UUID) -> RecordRef | None:
    """A record by our id, with its name; None where there is none."""
    called = "company" if sobject == "Lead" else "name"
    row = session.execute(
        text(
            f"SELECT d.{called} AS name, coalesce(l.sf_id, '') AS sf_id FROM {finding.TABLES[sobject]} d "  # noqa: S608
            "LEFT JOIN sync_link l ON l.local_id = d.id AND l.state IN ('linked', 'converted') "
            "WHERE d.id = :id"
        ),
        {"id": local_id},
    ).first()
    return RecordRef(object=sobject, sf_id=row.sf_id, name=row.name) if row else None

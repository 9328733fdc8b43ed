"""What waits for somebody of the company, counted, each number with the first of what it counts."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals.reading import inbox
from app.approvals.reading.inbox import Due
from app.kernel.actor import Actor
from app.records import finding
from app.records.shapes import HomeOut, RecordRef, Tile, TileItem
from app.words import from_facts

#: A protection that ends so soon is worth a word with the partner.
EXPIRING_DAYS = 14
SHOWN = 5
_OBJECTS = {table: sobject for sobject, table in finding.TABLES.items()}


def home(session: Session, actor: Actor, language: str, zone: str, today: date) -> HomeOut:
    """The tiles, the most pressing first. zone: the reader's, which says when a day ends; today: a business
    date."""
    return HomeOut(
        tiles=[
            _tasks(session, actor, language, zone, "overdue"),
            _tasks(session, actor, language, zone, "today"),
            _expiring(session, today),
            _overlaps(session),
            _conflicts(session),
            _stuck(session),
        ],
        expiring_within_days=EXPIRING_DAYS,
    )


def _tasks(session: Session, actor: Actor, language: str, zone: str, due: Due) -> Tile:
    page = inbox.page(session, actor, language, limit=SHOWN, due=due, zone=zone)
    return Tile(
        key=due,
        count=page.total,
        at_least=page.total_is_least,
        items=[
            TileItem(
                title=f"{one.request.number} · {one.request.title or one.request.workflow_title}",
                note=one.request.partner_name, at=one.due, request_id=one.request.id,
            )
            for one in page.items
        ],
    )  # fmt: skip


_EXPIRING = """
    FROM deal_registration r LEFT JOIN account p ON p.id = r.partner_account_id
    WHERE r.state = 'approved' AND r.protected_until BETWEEN :today AND :until
"""
_OVERLAPS = """
    FROM deal_registration r LEFT JOIN account p ON p.id = r.partner_account_id
    WHERE r.state IN ('submitted', 'info_needed')
      AND EXISTS (SELECT FROM deal_conflict c WHERE c.registration_id = r.id)
"""


def _expiring(session: Session, today: date) -> Tile:
    asked = {"today": today, "until": today + timedelta(days=EXPIRING_DAYS)}
    return Tile(key="expiring", **_deals(session, _EXPIRING, "r.protected_until, r.id", asked))


def _overlaps(session: Session) -> Tile:
    return Tile(key="overlaps", **_deals(session, _OVERLAPS, "r.submitted_at, r.id", {}))


def _deals(session: Session, which: str, order: str, asked: dict[str, Any]) -> dict[str, Any]:
    count = session.execute(text(f"SELECT count(*) {which}"), asked).scalar_one()
    rows = session.execute(
        text(
            "SELECT r.id, r.number, r.customer_name, r.protected_until, coalesce(p.name, '') AS partner "
            f"{which} ORDER BY {order} LIMIT {SHOWN}"
        ),
        asked,
    )
    return {
        "count": count,
        "items": [
            TileItem(
                title=f"{row.number} · {row.customer_name}", note=row.partner, day=row.protected_until,
                deal_id=row.id,
            )
            for row in rows
        ],
    }  # fmt: skip


_NAMES = {
    "account": "SELECT name FROM account WHERE id = :id",
    "lead": "SELECT company FROM lead WHERE id = :id",
    "opportunity": "SELECT name FROM opportunity WHERE id = :id",
    "crm_approval_request": "SELECT name FROM crm_approval_request WHERE id = :id",
}
_CONFLICTS = text(f"""
    SELECT c.local_id, c.sobject, string_agg(c.field, ', ' ORDER BY c.id) AS what, min(c.found_at) AS at,
        coalesce(l.sf_id, '') AS sf_id, NULL AS words
    FROM sync_conflict c LEFT JOIN sync_link l USING (local_id) WHERE c.resolved_at IS NULL
    GROUP BY 1, 2, 5 ORDER BY min(c.id) LIMIT {SHOWN}
""")  # noqa: S608  # our own constant
#: What a mapping leaves out on purpose waits without a sentence, and nobody has to do anything about it. Open
#: questions have a tile of their own.
_OUT = "FROM sync_outbox o WHERE o.state = 'held' AND o.error IS NOT NULL AND o.error_kind <> 'ask'"
_STUCK = text(f"""
    SELECT * FROM (
        SELECT o.local_id, o.table_name, o.error AS what, o.words, o.first_at AS at,
            coalesce(l.sf_id, '') AS sf_id, coalesce(l.sobject, '') AS sobject
        {_OUT.replace("WHERE", "LEFT JOIN sync_link l USING (local_id) WHERE")}
        UNION ALL
        SELECT NULL, '', f.error, f.words, f.found_at, f.sf_id, f.sobject FROM sync_refusal f
    ) s ORDER BY s.at LIMIT {SHOWN}
""")  # noqa: S608  # our own constant


def _conflicts(session: Session) -> Tile:
    count = session.execute(
        text("SELECT count(DISTINCT local_id) FROM sync_conflict WHERE resolved_at IS NULL")
    ).scalar_one()
    return Tile(
        key="conflicts",
        count=count,
        items=[
            _record(session, row, finding.TABLES.get(row.sobject, "")) for row in session.execute(_CONFLICTS)
        ],
    )


def _stuck(session: Session) -> Tile:
    count = session.execute(
        text(f"SELECT (SELECT count(*) {_OUT}) + (SELECT count(*) FROM sync_refusal)")  # noqa: S608
    ).scalar_one()
    rows = session.execute(_STUCK)
    return Tile(key="stuck", count=count, items=[_record(session, row, row.table_name) for row in rows])


def _record(session: Session, row: Any, table: str) -> TileItem:
    name = None
    if row.local_id is not None and table in _NAMES:
        name = session.execute(text(_NAMES[table]), {"id": row.local_id}).scalar()
    sobject = row.sobject or _OBJECTS.get(table, table)
    title = name or f"{sobject} {row.sf_id or row.local_id}"
    linked = bool(row.sf_id) and sobject in finding.TABLES
    return TileItem(
        title=title, note=from_facts(row.words, row.what), at=row.at,
        record=RecordRef(object=sobject, sf_id=row.sf_id, name=title) if linked else None,
    )  # fmt: skip

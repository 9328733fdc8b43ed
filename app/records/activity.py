"""What partners did, and what was done about their work, around one customer, lead, deal or partner."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.partners.lifecycle import REASONS
from app.records import finding
from app.records.shapes import ActivityItem, ActivityPage, ActivityQuery, Group
from app.web import paging
from app.words import from_facts, recognised

GROUPS: tuple[Group, ...] = ("registration", "request", "decision", "assignment")

#: The records around one: a customer's deals and leads, a lead's deal, a deal's leads.
_AROUND = {
    "account": """
        SELECT ARRAY[CAST(:id AS uuid)] AS accounts,
            ARRAY(SELECT id FROM opportunity WHERE account_id = :id) AS opportunities,
            ARRAY(SELECT id FROM lead WHERE converted_account_id = :id) AS leads
    """,
    "opportunity": """
        SELECT ARRAY[]::uuid[] AS accounts, ARRAY[CAST(:id AS uuid)] AS opportunities,
            ARRAY(SELECT id FROM lead WHERE converted_opportunity_id = :id
                  UNION SELECT lead_id FROM deal_registration
                  WHERE opportunity_id = :id AND lead_id IS NOT NULL) AS leads
    """,
    "lead": """
        SELECT ARRAY[]::uuid[] AS accounts,
            ARRAY(SELECT converted_opportunity_id FROM lead
                  WHERE id = :id AND converted_opportunity_id IS NOT NULL) AS opportunities,
            ARRAY[CAST(:id AS uuid)] AS leads
    """,
}
#: What nobody has handed in is the partner's own business; what the company says to itself is shown to it.
# Each OR is of columns of one table and arrays, so that every arm of it has its index.
_EVENTS = """
    WITH around AS MATERIALIZED (
        SELECT CAST(:accounts AS uuid[]) AS accounts, CAST(:opportunities AS uuid[]) AS opportunities,
            CAST(:leads AS uuid[]) AS leads
    ),
    deals AS MATERIALIZED (
        SELECT r.id, r.number, r.request_id, r.customer_name,
            coalesce((SELECT p.name FROM account p WHERE p.id = r.partner_account_id), '') AS partner
        FROM around, deal_registration r
        WHERE r.state <> 'draft' AND (r.opportunity_id = ANY(opportunities) OR r.lead_id = ANY(leads)
            OR r.customer_account_id = ANY(accounts) OR r.partner_account_id = ANY(accounts))
    ),
    requests AS MATERIALIZED (
        SELECT q.id, coalesce(d.number, q.number) AS number, coalesce(d.customer_name, q.title) AS title,
            d.id AS deal_id,
            coalesce((SELECT p.name FROM account p WHERE p.id = q.partner_account_id), '') AS partner
        FROM around, approval_request q LEFT JOIN deals d ON d.request_id = q.id
        WHERE q.round > 0 AND (q.id = ANY(ARRAY(SELECT request_id FROM deals))
            OR q.opportunity_id = ANY(opportunities) OR q.lead_id = ANY(leads)
            OR q.account_id = ANY(accounts) OR q.partner_account_id = ANY(accounts))
    ),
    given AS MATERIALIZED (
        SELECT s.id, s.subject, s.because, s.words, s.assigned_by_name, s.assigned_at,
            s.ended_at, s.ended_by_name, s.end_reason,
            coalesce((SELECT p.name FROM account p WHERE p.id = s.partner_account_id), '') AS partner,
            coalesce((SELECT o.name FROM opportunity o WHERE o.id = s.subject_id),
                     (SELECT l.company FROM lead l WHERE l.id = s.subject_id), '') AS title
        FROM around, partner_assignment s
        WHERE s.subject IN ('lead', 'opportunity') AND (s.subject_id = ANY(opportunities)
            OR s.subject_id = ANY(leads) OR s.partner_account_id = ANY(accounts))
    ),
    happened AS (
        SELECT md5('deal' || e.id)::uuid AS key, 'registration' AS grouped, e.at, e.actor_name AS by, e.kind,
            e.sentence, e.words, e.reason, d.partner, d.number, d.customer_name AS title, d.request_id,
            d.id AS deal_id
        FROM deals d JOIN deal_event e ON e.registration_id = d.id
        UNION ALL
        SELECT md5('request' || e.id)::uuid,
            CASE WHEN e.kind = ANY(:decisions) THEN 'decision'
                 WHEN r.deal_id IS NOT NULL THEN 'registration' ELSE 'request' END,
            e.at, e.actor_name, e.kind, e.sentence, e.words, e.reason, r.partner, r.number, r.title, r.id,
            r.deal_id
        FROM requests r JOIN approval_event e ON e.request_id = r.id
        UNION ALL
        SELECT md5('given' || g.id)::uuid, 'assignment', g.assigned_at, g.assigned_by_name, 'assigned',
            '', g.words, g.because, g.partner, '', g.title, NULL, NULL
        FROM given g
        UNION ALL
        SELECT md5('ended' || g.id)::uuid, 'assignment', g.ended_at, g.ended_by_name, 'taken_off',
            '', NULL, g.end_reason, g.partner, '', g.title, NULL, NULL
        FROM given g WHERE g.ended_at IS NOT NULL
    )
"""
DECISIONS = ["approved", "rejected", "step_approved", "step_rejected", "info_needed"]
_PAGE = text(f"""{_EVENTS}
    SELECT * FROM happened h
    WHERE (CAST(:group AS text) IS NULL OR h.grouped = :group)
      AND (CAST(:at AS timestamptz) IS NULL OR (h.at, h.key) < (:at, CAST(:after AS uuid)))
    ORDER BY h.at DESC, h.key DESC LIMIT :limit
""")  # noqa: S608  # our own constants
_COUNTS = text(f"{_EVENTS} SELECT grouped, count(*) FROM happened GROUP BY 1")  # noqa: S608


def page(session: Session, sobject: str, sf_id: str, query: ActivityQuery) -> ActivityPage:
    """The activity around a record, the newest first. Raises NotFound."""
    around = records_around(session, sobject, sf_id)
    at, after = paging.decode(query.cursor) if query.cursor else (None, None)
    asked = around | {"decisions": DECISIONS}
    rows = session.execute(
        _PAGE, asked | {"group": query.group, "at": at, "after": after, "limit": query.limit + 1}
    ).all()
    counts: dict[Group, int] = dict.fromkeys(GROUPS, 0)
    counts |= {row[0]: row[1] for row in session.execute(_COUNTS, asked)}
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    return ActivityPage(
        items=[_item(row) for row in rows[: query.limit]],
        next=paging.encode(last.at, last.key) if last else None,
        total=counts[query.group] if query.group else sum(counts.values()),
        counts=counts,
    )


def records_around(session: Session, sobject: str, sf_id: str) -> dict[str, list[UUID]]:
    """The ids of the accounts, opportunities and leads that a record's page is about. Raises NotFound."""
    record, local_id = finding.get(session, sobject, sf_id)
    if record.table in _AROUND:
        row = session.execute(text(_AROUND[record.table]), {"id": local_id}).mappings().one()
        return {name: list(row[name]) for name in ("accounts", "opportunities", "leads")}
    found = session.execute(
        text("SELECT opportunity_id, lead_id FROM approval_request WHERE id = :id"), {"id": local_id}
    ).first()
    return {
        "accounts": [],
        "opportunities": [found.opportunity_id] if found and found.opportunity_id else [],
        "leads": [found.lead_id] if found and found.lead_id else [],
    }


def _item(row: Any) -> ActivityItem:
    # Of an assignment the page makes a sentence; its reason is a person's or the rules'.
    given = row.grouped == "assignment"
    return ActivityItem(
        key=str(row.key), group=row.grouped, at=row.at, by=row.by, kind=row.kind,
        sentence="" if given else from_facts(row.words, row.sentence),
        reason=from_facts(row.words, recognised(row.reason, REASONS)) if given else row.reason,
        partner=row.partner, number=row.number, title=row.title,
        request_id=row.request_id, deal_id=row.deal_id,
    )  # fmt: skip

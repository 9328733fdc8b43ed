"""Lists, counts, and one partner with all that belongs to it."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.crm.countries import country_code, country_name
from app.db import as_system
from app.kernel.actor import Actor
from app.partners import (
    certificates,
    levels,
    lifecycle,
    parts,
    people,
    progress,
    service,
    structure,
)
from app.partners.forms import (
    PartnerItem,
    PartnerOut,
    PartnerPage,
    PartnerQuery,
    PeriodOut,
    TimelineLine,
)
from app.partners.lifecycle import BY_HAND, REASONS, WORDS, Status
from app.partners.models import Partner
from app.web import paging
from app.web.export import PAGE, Table
from app.words import line_of, recognised

MANAGE = "partners.manage"

_ITEM = """
    SELECT a.id, a.name, p.kind, p.status, p.status_since, p.since, a.billing_country AS country,
        coalesce(lp.key, '') AS level, coalesce(l.name, '') AS level_name,
        coalesce(p.weight, l.weight, 0) AS weight,
        coalesce(vp.key, '') AS activation, coalesce(v.name, '') AS activation_name,
        coalesce(p.region, '') AS region, coalesce(r.name, '') AS region_name,
        coalesce(nullif(trim(concat_ws(' ', u.first_name, u.last_name)), ''), u.username, '') AS manager,
        (SELECT count(*) FROM lead d WHERE d.partner_account_id = a.id AND NOT d.is_converted
            AND d.deleted_at IS NULL) AS assigned_leads,
        (SELECT count(*) FROM opportunity o WHERE o.partner_account_id = a.id AND NOT o.is_closed
            AND o.deleted_at IS NULL) AS assigned_opportunities,
        CASE CAST(:sort AS text)
            WHEN 'rank' THEN to_char(coalesce(l.weight, 0), 'FM000000.00')
            WHEN 'since' THEN coalesce(to_char(p.since, 'YYYY-MM-DD'), '')
            WHEN 'changed' THEN to_char(p.status_since AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI:SS.US')
            ELSE lower(a.name)
        END COLLATE "C" AS sorted
    FROM partner p
    JOIN account a ON a.id = p.account_id
    LEFT JOIN crm_user u ON u.id = a.owner_id
    LEFT JOIN region r ON r.key = p.region
    LEFT JOIN partner_period lp ON lp.partner_account_id = a.id AND lp.about = 'level'
        AND lp.superseded_at IS NULL AND lp.during @> CAST(:today AS date)
    LEFT JOIN partner_level l ON l.key = lp.key
    LEFT JOIN partner_period vp ON vp.partner_account_id = a.id AND vp.about = 'activation'
        AND vp.superseded_at IS NULL AND vp.during @> CAST(:today AS date)
    LEFT JOIN partner_activation v ON v.key = vp.key
"""

_FOUND = f"""
    SELECT * FROM ({_ITEM}
        WHERE a.deleted_at IS NULL
          AND (CAST(:kind AS text) IS NULL OR p.kind = :kind)
          AND (CAST(:level AS text) = '' OR lp.key = :level)
          AND (CAST(:activation AS text) = '' OR vp.key = :activation)
          AND (CAST(:region AS text) = '' OR p.region = :region)
          AND (NOT CAST(:mine AS boolean) OR a.owner_id = :user)
          AND (CAST(:countries AS text[]) IS NULL OR lower(a.billing_country) = ANY(:countries))
          AND (CAST(:q AS text) = '' OR a.name ILIKE :pattern OR a.billing_city ILIKE :pattern
               OR a.account_number ILIKE :pattern)
    ) f
    WHERE CAST(:assigned AS boolean) IS NULL OR :assigned = (f.assigned_leads + f.assigned_opportunities > 0)
"""  # noqa: S608  # our own constant


def _page(descending: bool) -> Any:
    way, after = ("DESC", "<") if descending else ("ASC", ">")
    return text(f"""
        SELECT * FROM ({_FOUND}) s
        WHERE (CAST(:status AS text) IS NULL OR s.status = :status)
          AND (CAST(:at AS text) IS NULL
               OR (s.sorted, s.id) {after} (CAST(:at AS text) COLLATE "C", CAST(:after AS uuid)))
        ORDER BY s.sorted {way}, s.id {way} LIMIT :limit
    """)  # noqa: S608  # our own constants


_PAGES = {False: _page(False), True: _page(True)}

_EXPORTED = (
    "name", "kind", "status", "status_since", "since", "level_name", "weight", "activation_name",
    "region_name", "country", "manager", "assigned_leads", "assigned_opportunities",
)  # fmt: skip
_TABLE = text(f"""
    SELECT {", ".join(f"s.{name}" for name in _EXPORTED)} FROM ({_FOUND}) s
    WHERE CAST(:status AS text) IS NULL OR s.status = :status ORDER BY s.sorted, s.id
""")  # noqa: S608  # our own constants
_COUNTS = text(f"SELECT c.status, count(*) FROM ({_FOUND}) c GROUP BY 1")  # noqa: S608  # our own constant


def page(session: Session, actor: Actor, query: PartnerQuery, today: date) -> PartnerPage:
    """Partners as the company's people find them. Raises BadInput for a strange cursor."""
    at, after = paging.decode_text(query.cursor) if query.cursor else (None, None)
    seen = _search(actor, query, today)
    rows = session.execute(
        _PAGES[query.sort.startswith("-")],
        seen | {"status": query.status, "at": at, "after": after, "limit": query.limit + 1},
    ).all()
    counts: dict[str, int] = {one.value: 0 for one in Status}
    counts |= {row[0]: row[1] for row in session.execute(_COUNTS, seen)}
    last = rows[query.limit - 1] if len(rows) > query.limit else None
    return PartnerPage(
        items=[PartnerItem(**_item(row)) for row in rows[: query.limit]],
        next=paging.encode_text(last.sorted, last.id) if last else None,
        total=counts[query.status] if query.status else sum(counts.values()),
        counts=counts,
    )


def table(session: Session, actor: Actor, query: PartnerQuery, today: date) -> Table:
    """The same list, whole, for a file."""
    rows = session.execute(
        _TABLE, _search(actor, query, today) | {"status": query.status},
        execution_options={"yield_per": PAGE},
    )  # fmt: skip
    filters = query.model_dump(mode="json", exclude={"limit", "cursor", "bom", "separator"})
    return Table("partners", _EXPORTED, rows, filters)


def _search(actor: Actor, query: PartnerQuery, today: date) -> dict[str, Any]:
    escaped = query.q.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    countries = None
    if query.country:
        code = country_code(query.country)
        countries = sorted({query.country.lower(), code.lower(), country_name(code).lower()} - {""})
    return {
        "kind": query.kind, "level": query.level, "activation": query.activation, "region": query.region,
        "mine": query.mine, "user": actor.user_id, "countries": countries, "assigned": query.assigned,
        "q": query.q, "pattern": f"%{escaped}%", "sort": query.sort.removeprefix("-"), "today": today,
    }  # fmt: skip


def _item(row: Any) -> dict[str, Any]:
    return {
        **{name: getattr(row, name) for name in PartnerItem.model_fields if hasattr(row, name)},
        "status_words": WORDS[Status(row.status)],
        "country": country_code(row.country or "") or (row.country or ""),
    }


_ONE = text(f"{_ITEM} WHERE a.id = :id")


def detail(
    session: Session, actor: Actor, partner_id: UUID, rights: frozenset[str], zone: ZoneInfo
) -> PartnerOut:
    """One partner with its periods, people, structure and timeline. Raises NotFound."""
    partner = service.get(session, actor, partner_id)
    today = service.today(session, zone)
    company = actor.scope != "partner"
    # A partner's manager, distributors and branches lie outside of what it may see row by row.
    with as_system(session):
        row = session.execute(_ONE, {"id": partner_id, "today": today, "sort": "name"}).one()
        known = progress.metrics(session, partner, today)
        related = structure.of(session, partner_id, today)
        own_levels = {one.key: one for one in levels.levels(session)}
        level = own_levels.get(row.level)
        held = next((p for p in _periods(session, partner_id, "level") if _now(p, today)), None)
        return PartnerOut(
            **_item(row),
            status_reason=recognised(partner.status_reason, REASONS),
            plan=held.plan if held else "",
            countries=sorted(structure.sells_in(session, partner)),
            benefits=list(level.benefits) if level else [],
            lead_capacity=partner.lead_capacity,
            deal_capacity=partner.deal_capacity,
            open_leads=row.assigned_leads,
            open_deals=row.assigned_opportunities,
            levels=_periods(session, partner_id, "level"),
            activations=_periods(session, partner_id, "activation"),
            next_level=parts.ahead(progress.next_level(session, partner, today, known)),
            next_activation=parts.ahead(progress.next_stage(session, partner, today, known)),
            people=[parts.person(one) for one in people.people(session, partner_id)],
            **{name: parts.related(found) for name, found in related.items()},
            certifications=[parts.certificate(one, today) for one in certificates.of(session, partner_id)],
            agreements=parts.agreed(session, partner, today),
            timeline=timeline(session, partner_id, company=company),
            actions=_actions(partner, rights),
            row_version=partner.row_version,
        )


def _actions(partner: Partner, rights: frozenset[str]) -> list[str]:
    if MANAGE not in rights:
        return []
    return lifecycle.possible(Status(partner.status), BY_HAND)


def _now(one: PeriodOut, day: date) -> bool:
    return not one.superseded and one.start <= day and (one.until is None or day < one.until)


def _periods(session: Session, partner_id: UUID, about: levels.About) -> list[PeriodOut]:
    table = "partner_level" if about == "level" else "partner_activation"
    names = {row[0]: row[1] for row in session.execute(text(f"SELECT key, name FROM {table}"))}  # noqa: S608
    return [
        PeriodOut(
            key=row.key, name=names.get(row.key, row.key), plan=row.plan, start=row.start, until=row.until,
            reason=recognised(row.reason, REASONS), set_by=row.set_by_name, set_at=row.set_at,
            superseded=row.superseded_at is not None,
        )
        for row in levels.history(session, partner_id, about)
    ]  # fmt: skip


_TIMELINE = text(
    "SELECT at, actor_name, kind, sentence, words, reason, visible FROM partner_event "
    "WHERE partner_account_id IN (SELECT a.id FROM account a WHERE a.id = :id OR a.merged_into_id = :id) "
    "AND (:company OR visible = 'both') ORDER BY id DESC LIMIT 500"
)


def timeline(session: Session, partner_id: UUID, *, company: bool) -> list[TimelineLine]:
    """The latest 500 lines, the newest first. company: also those that only the company reads."""
    return [
        TimelineLine(
            at=row["at"], by=row["actor_name"], kind=row["kind"], internal=row["visible"] == "company",
            sentence=row["sentence"], reason=row["reason"],
        )
        for row in map(
            line_of, session.execute(_TIMELINE, {"id": partner_id, "company": company}).mappings()
        )
    ]  # fmt: skip

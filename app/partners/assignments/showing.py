"""Who has a record, who had it and who could have it, as the API answers it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.partners import calculation, people
from app.partners.assignments import candidates, deciding
from app.partners.assignments import history as kept
from app.partners.assignments.candidates import Subject
from app.partners.assignments.subjects import need_of, record_of
from app.partners.calculation import Choice, Ranked, Verdict
from app.partners.lifecycle import REASONS, WORDS, Status
from app.partners.shapes import (
    AssignedOut,
    AssignedPerson,
    AssignmentOut,
    AssignmentsOut,
    CandidateOut,
    CandidatePage,
    CandidateQuery,
    ChoiceOut,
    ReasonOut,
    VerdictOut,
)
from app.words import from_facts, recognised


def choice(found: Choice) -> ChoiceOut:
    """Whom the rules choose, as the API has it."""
    return ChoiceOut(
        chosen=_verdict(found.chosen) if found.chosen else None,
        others=[_verdict(one) for one in found.others],
    )


def _considered(one: Mapping[str, Any]) -> dict[str, str]:
    return {
        "partner": one["partner"],
        "name": one["name"],
        "why_not": from_facts(one.get("words"), one["why_not"]),
    }


def _verdict(one: Verdict) -> VerdictOut:
    return VerdictOut(partner_id=one.id, name=one.name, why=one.why)


def history(
    session: Session,
    actor: Actor,
    rights: Collection[str],
    subject: Subject,
    record_id: UUID,
    today: date,
) -> AssignmentsOut:
    """Who has the record, who had it, and what this person can do about it. Raises NotFound."""
    record = record_of(session, subject, record_id, lock=False)
    possible, locked = deciding.actions(session, actor, rights, subject, record_id)
    held = record.partner_account_id
    return AssignmentsOut(
        items=[
            AssignmentOut(
                partner_id=row.partner_account_id, partner=row.partner or "", manner=row.manner,
                because=from_facts(row.words, recognised(row.because, REASONS)),
                others=[_considered(one) for one in row.considered], assigned_by=row.assigned_by_name,
                assigned_at=row.assigned_at, ended_at=row.ended_at, ended_by=row.ended_by_name,
                end_reason=recognised(row.end_reason or "", REASONS),
            )
            for row in kept.rows(session, subject, record_id)
        ],
        assigned=_assigned(session, held, today) if held is not None else None,
        actions=possible,
        locked=locked.what if locked else "",
        locked_remedy=locked.remedy if locked else "",
    )  # fmt: skip


_PARTNER = text("""
    SELECT a.id, a.name, coalesce(s.sf_id, '') AS sf_id, p.status, coalesce(l.name, '') AS level,
        coalesce(g.name, '') AS region, coalesce(v.name, '') AS activation
    FROM account a
    LEFT JOIN partner p ON p.account_id = a.id
    LEFT JOIN sync_link s ON s.local_id = a.id AND s.state = 'linked'
    LEFT JOIN region g ON g.key = p.region
    LEFT JOIN partner_period lp ON lp.partner_account_id = a.id AND lp.about = 'level'
        AND lp.superseded_at IS NULL AND lp.during @> CAST(:today AS date)
    LEFT JOIN partner_level l ON l.key = lp.key
    LEFT JOIN partner_period vp ON vp.partner_account_id = a.id AND vp.about = 'activation'
        AND vp.superseded_at IS NULL AND vp.during @> CAST(:today AS date)
    LEFT JOIN partner_activation v ON v.key = vp.key
    WHERE a.id = :id
""")


def _assigned(session: Session, partner_id: UUID, today: date) -> AssignedOut | None:
    row = session.execute(_PARTNER, {"id": partner_id, "today": today}).first()
    if row is None:
        return None
    return AssignedOut(
        partner_id=row.id, partner=row.name, sf_id=row.sf_id,
        status=WORDS[Status(row.status)] if row.status else "",
        level=row.level, region=row.region, activation=row.activation,
        people=[
            AssignedPerson(name=one["name"], email=one["email"], title=one["title"], roles=one["roles"])
            for one in people.people(session, partner_id)
            if one["roles"]
        ],
    )  # fmt: skip


def candidate_page(session: Session, query: CandidateQuery, record_id: UUID, today: date) -> CandidatePage:
    """Who could have the record, the best ones first, with all that speaks for and against each."""
    need = need_of(session, query.subject, record_id, query.family)
    found = calculation.ranked(need, candidates.candidates(session, query.subject, today))
    wanted = query.q.casefold()
    matching = [one for one in found if wanted in one.candidate.name.casefold()]
    return CandidatePage(items=[_candidate(one) for one in matching[: query.limit]], total=len(matching))


def _candidate(one: Ranked) -> CandidateOut:
    seen = one.candidate
    return CandidateOut(
        partner_id=seen.id, name=seen.name, eligible=one.eligible, recommended=one.recommended,
        level=seen.level, region=seen.region, activation=seen.activation, certified=sorted(seen.families),
        open=seen.open, capacity=seen.capacity,
        reasons=[ReasonOut(code=code, values=list(values)) for code, values in one.reasons],
    )  # fmt: skip

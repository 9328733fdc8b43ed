"""What a registration overlaps with. Runs in the system's name, under the lock of the product family."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.deals import customers, matching
from app.deals.lifecycle import State
from app.deals.matching import Customer, Why
from app.deals.models import DealRegistration
from app.words import json_of, say

#: First half of the advisory lock's number; the second is the family's hash.
_LOCK_CLASS = 7_226


@dataclass(frozen=True, slots=True)
class Overlap:
    """One thing a registration overlaps with. `evidence` is for the company only."""

    kind: str  # registration | opportunity
    other_id: UUID
    why: Why
    number: str = ""
    until: date | None = None
    evidence: dict[str, Any] = field(default_factory=dict)

    def sentence(self) -> str:
        """What the partner may know: a number and a date, no name, no price."""
        if self.kind == "opportunity":
            return say(
                "This deal overlaps an open opportunity of the manufacturer's own sales team (same "
                "customer). You can add evidence or withdraw."
            )
        state = say("open until {day}", day=self.until) if self.until else say("waiting for a decision")
        return say(
            "This deal overlaps {number} of another partner (same customer, same product family, "
            "{state}). You can add evidence or withdraw.",
            number=self.number,
            state=state,
        )


def lock(session: Session, family: str) -> None:
    """One submission or approval at a time for a product family, until the transaction ends.

    Two registrations overlap only where they share a family, so nothing that could overlap runs beside.
    """
    session.execute(
        text("SELECT pg_advisory_xact_lock(:class, hashtext(:family))"),
        {"class": _LOCK_CLASS, "family": family.strip().casefold()},
    )


def customer_of(row: Any) -> Customer:
    """The end customer of a registration's row, as it was recognised."""
    return Customer(
        name_key=row.customer_name_key,
        country=row.customer_country,
        postal_code=matching.postal_key(row.customer_postal_code),
        domain=row.customer_domain,
        account_id=row.customer_account_id,
    )


def find(session: Session, registration: DealRegistration, today: date) -> list[Overlap]:
    """Earlier or protected registrations of other partners, then direct open opportunities."""
    # The group as it stands now: accounts get other parents, and are merged, all the time.
    account = registration.customer_account_id
    tree = customers.tree_of(session, customers.root_of(session, account)) if account else []
    return [
        *_registrations(session, registration, frozenset(tree), today),
        *_opportunities(session, registration, tree),
    ]


_OPEN = text("""
    SELECT r.id, r.number, r.state, r.protected_until, r.submitted_at, r.partner_account_id,
        r.customer_name, r.customer_name_key, r.customer_country, r.customer_postal_code, r.customer_domain,
        r.customer_account_id, a.name AS partner_name
    FROM deal_registration r LEFT JOIN account a ON a.id = r.partner_account_id
    WHERE r.state IN ('submitted', 'info_needed', 'approved')
      AND r.id <> :id AND r.partner_account_id <> :partner
      AND lower(trim(r.product_family)) = lower(trim(:family))
      AND (r.state <> 'approved' OR r.protected_until >= :today)
      AND (r.state = 'approved' OR r.submission < :submission)
    ORDER BY r.submission
""")


def _registrations(
    session: Session, registration: DealRegistration, tree: frozenset[UUID], today: date
) -> list[Overlap]:
    ours = customer_of(registration)
    rows = session.execute(
        _OPEN,
        {
            "id": registration.id,
            "partner": registration.partner_account_id,
            "family": registration.product_family,
            "today": today,
            "submission": registration.submission,
        },
    )
    found = []
    for row in rows:
        theirs = customer_of(row)
        why = matching.same(ours, theirs, tree=tree)
        if why is not None:
            found.append(
                Overlap(
                    "registration",
                    row.id,
                    why,
                    number=row.number,
                    until=row.protected_until if row.state == State.APPROVED else None,
                    evidence={
                        "partner": row.partner_name,
                        "customer": row.customer_name,
                        "state": row.state,
                        "submitted_at": row.submitted_at.isoformat(),
                        "likeness": round(matching.alike(ours.name_key, theirs.name_key), 1),
                    },
                )
            )
    return found


_DIRECT = text("""
    SELECT o.id, o.name, o.stage_name, o.close_date, a.name AS account, o.account_id
    FROM opportunity o JOIN account a ON a.id = o.account_id
    WHERE o.account_id = ANY(:accounts) AND o.partner_account_id IS NULL AND o.registration_number IS NULL
      AND NOT o.is_closed AND o.deleted_at IS NULL
      AND (NOT o.extra ? 'product_family' OR lower(o.extra ->> 'product_family') = lower(:family))
    ORDER BY o.created_at, o.id
    LIMIT 20
""")


def _opportunities(session: Session, registration: DealRegistration, tree: Sequence[UUID]) -> list[Overlap]:
    rows = session.execute(_DIRECT, {"accounts": list(tree), "family": registration.product_family})
    return [
        Overlap(
            "opportunity",
            row.id,
            "account",
            evidence={
                "opportunity": row.name,
                "account": row.account,
                "stage": row.stage_name,
                "close_date": row.close_date.isoformat(),
            },
        )
        for row in rows
    ]


def keep(session: Session, registration: DealRegistration, overlaps: Sequence[Overlap]) -> list[Overlap]:
    """Write down what is not written down yet, each with its evidence apart; gives what was new."""
    known = set(
        session.execute(
            text(
                "SELECT e.other_id FROM deal_conflict c "
                "JOIN deal_conflict_evidence e ON e.conflict_id = c.id WHERE c.registration_id = :id"
            ),
            {"id": registration.id},
        ).scalars()
    )
    fresh = [overlap for overlap in overlaps if overlap.other_id not in known]
    for overlap in fresh:
        conflict_id = session.execute(
            text(
                "INSERT INTO deal_conflict (registration_id, kind, other_number, other_until, sentence, "
                "words) VALUES (:id, :kind, :number, :until, :sentence, CAST(:words AS jsonb)) RETURNING id"
            ),
            {
                "id": registration.id,
                "kind": overlap.kind,
                "number": overlap.number,
                "until": overlap.until,
                "sentence": overlap.sentence(),
                "words": json_of(overlap.sentence()),
            },
        ).scalar_one()
        session.execute(
            text(
                "INSERT INTO deal_conflict_evidence (conflict_id, other_id, why, evidence) "
                "VALUES (:conflict, :other, :why, CAST(:evidence AS jsonb))"
            ),
            {
                "conflict": conflict_id,
                "other": overlap.other_id,
                "why": overlap.why,
                "evidence": orjson.dumps(overlap.evidence).decode(),
            },
        )
    return fresh

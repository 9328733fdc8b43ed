"""What belongs to one partner, as the API answers it."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from sqlalchemy.orm import Session

from app.partners import agreements
from app.partners.forms import (
    AcceptedOut,
    AgreementsOut,
    CertificateOut,
    Need,
    NextStep,
    PersonOut,
    Related,
    WaitingOut,
)
from app.partners.models import Partner
from app.partners.progress import Ahead


def ahead(found: Ahead | None) -> NextStep | None:
    """The next level or stage, as the API has it."""
    if found is None:
        return None
    items = [
        Need(sentence=one.sentence, met=one.met, have=one.have, need=one.need, task=one.task)
        for one in found.items
    ]
    return NextStep(key=found.key, name=found.name, missing=found.missing, items=items)


def related(found: Any) -> Any:
    """A company, or several, to which a partner belongs, as the API has them."""
    if isinstance(found, list):
        return [related(one) for one in found]
    return Related(**found) if found is not None else None


def person(one: dict[str, Any]) -> PersonOut:
    """One of the partner's people, as the API has it."""
    return PersonOut(
        id=one["user_id"] or one["contact_id"], name=one["name"], email=one["email"], title=one["title"],
        signs_in=one["signs_in"], roles=one["roles"],
    )  # fmt: skip


def certificate(row: Any, day: date) -> CertificateOut:
    """A certification, and how it stands on that day."""
    state: Literal["valid", "planned", "expired", "revoked"] = "valid"
    if row.revoked_at is not None:
        state = "revoked"
    elif row.until is not None and row.until <= day:
        state = "expired"
    elif row.start > day:
        state = "planned"
    return CertificateOut(
        id=row.id, certification=row.certification, name=row.name, product_family=row.product_family,
        person=row.person or "", reference=row.reference, start=row.start, until=row.until, state=state,
        revoke_reason=row.revoke_reason,
    )  # fmt: skip


def agreed(session: Session, partner: Partner, day: date) -> AgreementsOut:
    """What waits for acceptance, and what was accepted."""
    names = AcceptedOut.model_fields
    return AgreementsOut(
        waiting=[
            WaitingOut(
                version_id=one.version_id, agreement=one.agreement, title=one.title, version=one.version,
                languages=list(one.languages), effective_on=one.effective_on, due_on=one.due_on,
                overdue=one.due_on < day,
            )
            for one in agreements.waiting(session, partner)
        ],
        accepted=[
            AcceptedOut(**{name: getattr(row, name) for name in names})
            for row in agreements.acceptances(session, partner.account_id)
        ],
    )  # fmt: skip

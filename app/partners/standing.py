"""Suspend, end and reinstate a partner; before that, say what happens to everything open.

What other rooms have open they say themselves: each registers an observer (see `app/listeners`). A suspended
partner's people sign in and read, and start nothing; after the end nobody signs in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import Actor
from app.kernel.errors import BadInput, Conflict
from app.partners import lifecycle, service
from app.partners.lifecycle import BY_HAND, WORDS, Move, Status
from app.partners.models import Partner
from app.words import Inside, counted, possible_now, say

Step = Literal["suspend", "reinstate", "end"]


@dataclass(frozen=True, slots=True)
class OpenWork:
    """Something open of a partner.

    kind: what it is, for a program; count: how many; sentence: what they are and what happens to them.
    """

    kind: str
    count: int
    sentence: str


class PartnerObserver(Protocol):
    """A room that has something open of partners. All in the caller's transaction."""

    def open_work(self, session: Session, partner_id: UUID, step: Step) -> Sequence[OpenWork]:
        """What is open, and what that step would do to it. Changes nothing."""

    def moved(self, session: Session, partner_id: UUID, step: Step, actor: Actor, reason: str) -> None:
        """Do it. Called after the partner has moved; called twice, it does the same as called once."""


_COUNTS = text("""
    SELECT
        (SELECT count(*) FROM crm_user u LEFT JOIN contact c ON c.id = u.contact_id
            WHERE coalesce(u.account_id, c.account_id) = :id AND u.is_active AND u.deleted_at IS NULL
              AND u.user_type = 'PowerPartner') AS people,
        (SELECT count(*) FROM lead l WHERE l.partner_account_id = :id AND NOT l.is_converted
            AND l.deleted_at IS NULL) AS leads,
        (SELECT count(*) FROM opportunity o WHERE o.partner_account_id = :id AND NOT o.is_closed
            AND o.deleted_at IS NULL) AS opportunities,
        (SELECT count(*) FROM partner_supply s
            WHERE :id IN (s.distributor_account_id, s.reseller_account_id)
              AND (upper_inf(s.during) OR upper(s.during) > CAST(:day AS date))) AS supplies
""")


def preview(
    session: Session,
    actor: Actor,
    partner_id: UUID,
    step: Step,
    observers: Sequence[PartnerObserver],
    day: date,
) -> list[OpenWork]:
    """What that step would do to everything open. Raises NotFound, and Conflict where it is not possible."""
    _possible(service.get(session, actor, partner_id), step)
    found = _own(session, partner_id, step, day)
    for observer in observers:
        found += observer.open_work(session, partner_id, step)
    return [one for one in found if one.count]


def take(
    session: Session,
    actor: Actor,
    partner_id: UUID,
    step: Step,
    reason: str,
    observers: Sequence[PartnerObserver],
    day: date,
) -> Partner:
    """Suspend, reinstate or end. Raises BadInput without a reason, Conflict with what is possible instead."""
    partner = service.get(session, actor, partner_id, lock=True)
    _possible(partner, step)
    if not reason.strip():
        raise BadInput(say("A reason is needed."), fields={"reason": say("Say why; the partner reads it.")})
    accepted = partner.since is not None
    sentence = {
        "suspend": say("{who} suspended the partnership.", who=actor.name),
        "reinstate": say("{who} reinstated the partnership.", who=actor.name),
        "end": say("{who} ended the partnership.", who=actor.name),
    }[step]
    service.move(
        session, partner, Move(step), actor, sentence, day=day,
        reason=reason, accepted=accepted,
    )  # fmt: skip
    if step == "end":
        _end(session, partner_id, actor, reason, day)
    for observer in observers:
        observer.moved(session, partner_id, step, actor, reason)
    session.flush()
    return partner


def _possible(partner: Partner, step: Step) -> None:
    status = Status(partner.status)
    if lifecycle.after(status, Move(step)) is None:
        allowed = lifecycle.possible(status, BY_HAND)
        raise Conflict(
            say("The partnership is {state}: this is not possible now.", state=Inside(WORDS[status])),
            remedy=possible_now(allowed),
            facts={"allowed": allowed, "status": status.value},
        )


def _own(session: Session, partner_id: UUID, step: Step, day: date) -> list[OpenWork]:
    row: Any = session.execute(_COUNTS, {"id": partner_id, "day": day}).one()
    people, leads, deals = row.people, row.leads, row.opportunities
    sentences: tuple[str, ...] = {
        "suspend": (
            counted(
                "1 person with access: can go on reading, and start nothing.",
                "{count} people with access: can go on reading, and start nothing.",
                count=people,
            ),
            counted(
                "1 open lead: with the partner as before; no new ones are assigned.",
                "{count} open leads: with the partner as before; no new ones are assigned.",
                count=leads,
            ),
            counted(
                "1 open opportunity: with the partner as before; no new ones are assigned.",
                "{count} open opportunities: with the partner as before; no new ones are assigned.",
                count=deals,
            ),
            "",
        ),
        "end": (
            counted(
                "1 person with access: signed out at once, and not let in again.",
                "{count} people with access: signed out at once, and not let in again.",
                count=people,
            ),
            counted(
                "1 open lead: given back to the company.",
                "{count} open leads: given back to the company.",
                count=leads,
            ),
            counted(
                "1 open opportunity: with the partner's name until somebody assigns it anew.",
                "{count} open opportunities: with the partner's name until somebody assigns them anew.",
                count=deals,
            ),
            counted(
                "1 link between distributor and reseller: ended today.",
                "{count} links between distributor and reseller: ended today.",
                count=row.supplies,
            ),
        ),
        "reinstate": (
            counted(
                "1 person with access: can start things again.",
                "{count} people with access: can start things again.",
                count=people,
            ),
            "",
            "",
            "",
        ),
    }[step]
    counts = (row.people, row.leads, row.opportunities, row.supplies)
    kinds = ("people", "leads", "opportunities", "supplies")
    return [
        OpenWork(kind, count, sentence)
        for kind, count, sentence in zip(kinds, counts, sentences, strict=True)
        if sentence
    ]


def _end(session: Session, partner_id: UUID, actor: Actor, reason: str, day: date) -> None:
    session.execute(
        text("UPDATE access_token SET revoked_at = now() WHERE partner_id = :id AND revoked_at IS NULL"),
        {"id": partner_id},
    )
    session.execute(
        text(
            "UPDATE partner_assignment SET ended_at = clock_timestamp(), ended_by_name = :by, "
            "end_reason = :reason WHERE partner_account_id = :id AND subject = 'lead' AND ended_at IS NULL"
        ),
        {"id": partner_id, "by": actor.name, "reason": say("The partnership ended: {reason}", reason=reason)},
    )
    session.execute(
        text(
            "UPDATE lead SET partner_account_id = NULL "
            "WHERE partner_account_id = :id AND NOT is_converted AND deleted_at IS NULL"
        ),
        {"id": partner_id},
    )
    session.execute(
        text(
            "DELETE FROM partner_supply WHERE :id IN (distributor_account_id, reseller_account_id) "
            "AND lower(during) >= CAST(:day AS date)"
        ),
        {"id": partner_id, "day": day},
    )
    session.execute(
        text(
            "UPDATE partner_supply SET during = daterange(lower(during), CAST(:day AS date)) "
            "WHERE :id IN (distributor_account_id, reseller_account_id) "
            "AND (upper_inf(during) OR upper(during) > CAST(:day AS date))"
        ),
        {"id": partner_id, "day": day},
    )

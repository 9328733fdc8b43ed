"""The steps that the org decides, and what has become of them: one row each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.db import Database
from app.kernel.actor import SYSTEM

#: Steps looked at in one run; more follow a minute later.
MOST = 1000


@dataclass(slots=True)
class Step:
    """One row, with the records it may be submitted with: (SObject, record id or None), best first."""

    id: int
    request_id: UUID
    round: int
    key: str
    state: str
    number: str
    title: str
    record_id: str | None
    instance_id: str | None
    attempts: int
    #: nobody decides until the requester has answered a question
    paused: bool
    targets: list[tuple[str, str | None]] = field(default_factory=list)

    @property
    def token(self) -> str:
        """How a submission of this step begins its comment."""
        return f"{self.number}, round {self.round}, step {self.key}."


def waiting(database: Database) -> bool:
    """Whether any step is, was or should be in the org's hands. One look at the rows; no call."""
    with database.session(SYSTEM) as session:
        follow(session)
        found: bool = session.execute(
            text("SELECT EXISTS (SELECT FROM crm_approval_process WHERE ended_at IS NULL)")
        ).scalar_one()
    return found


def follow(session: Session) -> None:
    """Make a row for each step that the org has to decide, and take back those that it need not decide."""
    session.execute(_BEGIN)
    session.execute(_TAKE_BACK)


_OPEN = """
    SELECT FROM approval_request r
    JOIN approval_step s ON s.request_id = r.id AND s.round = r.round
    WHERE s.door = 'salesforce' AND s.state IN ('open', 'paused')
"""
_BEGIN = text("""
    INSERT INTO crm_approval_process (request_id, round, step)
    SELECT s.request_id, s.round, s.key
    FROM approval_step s JOIN approval_request r ON r.id = s.request_id AND r.round = s.round
    WHERE s.door = 'salesforce' AND s.state = 'open' AND r.state = 'submitted'
    ORDER BY r.submitted_at, s.position
    ON CONFLICT DO NOTHING
""")
# A first submission may have arrived although its answer did not: that is looked for before it is over.
_TAKE_BACK = text(f"""
    UPDATE crm_approval_process p
    SET state = CASE WHEN p.state = 'waiting' AND p.attempts = 0 THEN 'recalled' ELSE 'recalling' END,
        ended_at = CASE WHEN p.state = 'waiting' AND p.attempts = 0 THEN clock_timestamp() END,
        next_at = clock_timestamp()
    WHERE p.state IN ('waiting', 'submitted')
      AND NOT EXISTS ({_OPEN} AND s.request_id = p.request_id AND s.round = p.round AND s.key = p.step)
""")  # noqa: S608  # our own constant


# A record may not be there yet, be kept from going there, or be gone again.
_DUE = text("""
    SELECT p.id, p.request_id, p.round, p.step AS key, p.state, r.number, r.title, p.record_id,
        p.instance_id, p.attempts, s.state = 'paused' AS paused,
        r.opportunity_id IS NOT NULL AS about_one,
        opportunity.sf_id AS opportunity, record.sf_id AS record,
        coalesce(opportunity.state, 'linked') <> 'linked' OR EXISTS (SELECT FROM sync_outbox o
            WHERE o.local_id = r.opportunity_id AND o.state = 'held' AND opportunity.sf_id IS NULL)
            AS no_opportunity,
        coalesce(record.state, 'linked') <> 'linked' OR EXISTS (SELECT FROM sync_outbox o
            WHERE o.local_id = r.id AND o.state = 'held' AND record.sf_id IS NULL) AS no_record
    FROM crm_approval_process p
    JOIN approval_request r ON r.id = p.request_id
    JOIN approval_step s ON s.request_id = p.request_id AND s.round = p.round AND s.key = p.step
    LEFT JOIN sync_link opportunity ON opportunity.local_id = r.opportunity_id
    LEFT JOIN sync_link record ON record.local_id = r.id
    WHERE p.ended_at IS NULL AND p.next_at <= clock_timestamp()
    ORDER BY p.next_at, p.id
    LIMIT :limit
""")
# Those that were not looked at come first the next time.
_SEEN = text("UPDATE crm_approval_process SET next_at = now() WHERE id = ANY(:ids)")


def due(session: Session) -> list[Step]:
    """The steps to look at now, those first that were not looked at for the longest time."""
    found = []
    rows = session.execute(_DUE, {"limit": MOST}).all()
    session.execute(_SEEN, {"ids": [row.id for row in rows]})
    for row in rows:
        targets: list[tuple[str, str | None]] = []
        if row.about_one and not row.no_opportunity:
            targets.append(("Opportunity", row.opportunity))
        if not row.no_record:
            targets.append(("Approval_Request__c", row.record))
        found.append(
            Step(
                row.id, row.request_id, row.round, row.key, row.state, row.number, row.title, row.record_id,
                row.instance_id, row.attempts, row.paused, targets,
            )
        )  # fmt: skip
    return found


def attempted(database: Database, steps: Sequence[Step]) -> None:
    """Write down that these are about to be submitted, before they are."""
    with database.session(SYSTEM) as session:
        session.execute(
            text("UPDATE crm_approval_process SET attempts = attempts + 1 WHERE id = ANY(:ids)"),
            {"ids": [one.id for one in steps]},
        )


def sent(database: Database, step: Step, record: str, instance: str) -> None:
    """Write down with which record a step was submitted, and the run that this began."""
    state = "submitted" if step.state == "waiting" else step.state
    with database.session(SYSTEM) as session:
        session.execute(
            text(
                "UPDATE crm_approval_process SET state = :state, record_id = :record, "
                "instance_id = :instance, submitted_at = clock_timestamp(), note = '', "
                "next_at = clock_timestamp() WHERE id = :id"
            ),
            {"id": step.id, "state": state, "record": record, "instance": instance},
        )
    step.state, step.record_id, step.instance_id = state, record, instance


def later(database: Database, step: Step, note: str) -> None:
    """Leave a step for the next run, and say why."""
    with database.session(SYSTEM) as session:
        session.execute(
            text("UPDATE crm_approval_process SET note = :note WHERE id = :id"),
            {"id": step.id, "note": note},
        )


def end(session: Session, step: Step, state: str, note: str) -> None:
    """Write down how a step ended: `decided`, `recalled` or `returned`. Does nothing the second time."""
    session.execute(
        text(
            "UPDATE crm_approval_process SET state = :state, note = :note, ended_at = clock_timestamp() "
            "WHERE id = :id AND ended_at IS NULL"
        ),
        {"id": step.id, "state": state, "note": note},
    )
    step.state = state


def unlock(database: Database, record_id: str) -> None:
    """Let changes of a record that waited for the end of its approval go now."""
    with database.session(SYSTEM) as session:
        session.execute(
            text(
                "UPDATE sync_outbox o SET next_at = clock_timestamp() FROM sync_link l "
                "WHERE l.local_id = o.local_id AND l.sf_id = :record AND o.state = 'pending' "
                "AND o.error_code = 'ENTITY_IS_LOCKED'"
            ),
            {"record": record_id},
        )

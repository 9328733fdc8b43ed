"""Steps that an approval process in Salesforce decides: submitted there, watched, taken back.

The rows of the open steps say what has to happen, so a worker may end anywhere: the next run looks first
whether a record was submitted already, by the comment that names request, round and step. An org that has no
process for a step gives it back, and Tandem asks its own approvers.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals.effects import Door, Word
from app.db import Database
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import BadInput, Conflict, NotAllowed, NotFound
from app.salesforce import (
    ErrorKind,
    Gateway,
    ProcessRequest,
    ProcessResult,
    QueryPage,
    SalesforceError,
    SoqlQuery,
    explain,
)
from app.salesforce.errors import RETRYABLE
from app.salesforce.processes import MAX_REQUESTS
from app.web import identity
from app.words import say

#: Ids of one query, and queries of one call.
_IDS, _QUERIES = 200, 5
#: Steps looked at in one run; more follow a minute later.
_STEPS = _IDS * _QUERIES
#: Answers of the org to which there is no other than to decide the step here.
_DECISIONS: Mapping[str, Word] = {"Approved": "approve", "Rejected": "reject"}

log = logging.getLogger(__name__)


class Approvals(Protocol):
    """What this door needs of the room's service."""

    def decide(
        self,
        session: Session,
        actor: Actor,
        request_id: UUID,
        decision: Word,
        reason: str = "",
        *,
        step: str | None = None,
        door: Door = "api",
    ) -> Any: ...

    def bring_back(self, session: Session, request_id: UUID, step: str, sentence: str) -> None: ...


@dataclass(slots=True)
class Report:
    """What one run did, in steps."""

    submitted: int = 0
    decided: int = 0
    recalled: int = 0
    returned: int = 0

    @property
    def changes(self) -> int:
        """All of them; when there are any, the sync has something to send."""
        return self.submitted + self.decided + self.recalled + self.returned


@dataclass(slots=True)
class _Step:
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


@dataclass(frozen=True, slots=True)
class _Instance:
    """What Salesforce says of one run of a process."""

    id: str
    record_id: str
    status: str
    actor: str
    comments: str
    reason: str
    workitem: str


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


def run(database: Database, gateway: Gateway, approvals: Approvals) -> Report:
    """Submit what waits, take over what was decided, take back what is not needed. Safe to repeat.

    One call asks for the state of up to a thousand steps; submissions go a hundred a call. Raises
    SalesforceError when Salesforce cannot be reached; nothing is lost by then.
    """
    report = Report()
    with database.session(SYSTEM) as session:
        follow(session)
        steps = _steps(session)
    if not steps:
        return report
    door = _Door(database, gateway, approvals, report)
    door.look(steps)
    door.submit([one for one in steps if one.state == "waiting"])
    door.recall([one for one in steps if one.state == "recalling"])
    return report


# A record may not be there yet, be kept from going there, or be gone again.
_STEPS_DUE = text("""
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


def _steps(session: Session) -> list[_Step]:
    found = []
    rows = session.execute(_STEPS_DUE, {"limit": _STEPS}).all()
    session.execute(_SEEN, {"ids": [row.id for row in rows]})
    for row in rows:
        targets: list[tuple[str, str | None]] = []
        if row.about_one and not row.no_opportunity:
            targets.append(("Opportunity", row.opportunity))
        if not row.no_record:
            targets.append(("Approval_Request__c", row.record))
        found.append(
            _Step(
                row.id, row.request_id, row.round, row.key, row.state, row.number, row.title, row.record_id,
                row.instance_id, row.attempts, row.paused, targets,
            )
        )  # fmt: skip
    return found


class _Door:
    """One run."""

    def __init__(self, database: Database, gateway: Gateway, approvals: Approvals, report: Report) -> None:
        self.database, self.gateway, self.approvals, self.report = database, gateway, approvals, report
        self.pending: dict[str, _Instance] = {}

    # -- looking -------------------------------------------------------------------------------------------

    def look(self, steps: Sequence[_Step]) -> None:
        """Ask how all of them stand, and take over what has ended."""
        records = {record for one in steps for _, record in one.targets if record}
        records |= {one.record_id for one in steps if one.record_id}
        if not records:
            return
        found = self._instances(sorted(records))
        self.pending = {one.record_id: one for one in found if one.status == "Pending"}
        by_id = {one.id: one for one in found}
        for step in steps:
            instance = by_id.get(step.instance_id or "") or self._ours(step, found)
            if instance is not None and step.instance_id is None:
                self._sent(step, instance.record_id, instance.id)
            if step.state == "submitted" and not step.paused:
                if instance is None:
                    self._give_back(step, say("The record or its approval was deleted in Salesforce."))
                elif instance.status != "Pending":
                    self._ended(step, instance)

    def _instances(self, records: Sequence[str]) -> list[_Instance]:
        chunks = [records[start : start + _IDS] for start in range(0, len(records), _IDS)]
        found = []
        for start in range(0, len(chunks), _QUERIES):
            asked = [SoqlQuery(_soql(chunk)) for chunk in chunks[start : start + _QUERIES]]
            for page in self.gateway.composite_queries(asked):
                if isinstance(page, SalesforceError):
                    raise page
                found += [_instance(one) for one in self._all(page)]
        return found

    def _all(self, page: QueryPage) -> list[dict[str, Any]]:
        records = list(page.records)
        while page.next_url:
            page = self.gateway.query_more(page.next_url)
            records += page.records
        return records

    @staticmethod
    def _ours(step: _Step, found: Iterable[_Instance]) -> _Instance | None:
        """The submission of this step whose answer was lost."""
        if step.instance_id is not None or step.attempts == 0:
            return None
        return next((one for one in found if one.comments.startswith(step.token)), None)

    # -- submitting ----------------------------------------------------------------------------------------

    def submit(self, steps: Sequence[_Step]) -> None:
        """Submit them with the first of their records that has a process in the org."""
        if not steps:
            return
        known = self._processes()
        ready: list[_Step] = []
        for step in steps:
            if not step.targets:
                self._give_back(step, say("Its record is not in Salesforce and cannot go there now."))
                continue
            step.targets = [target for target in step.targets if target[0] in known]
            if step.targets:
                ready.append(step)
            else:
                self._give_back(step, say("Salesforce has no approval process for it."))
        while ready:
            ready = self._submit(ready)

    def _processes(self) -> Mapping[str, Any]:
        try:
            return self.gateway.processes()
        except SalesforceError as error:
            if error.kind in (ErrorKind.IDENTITY, ErrorKind.SCHEMA, ErrorKind.ADMIN_FIXABLE):
                return {}  # the org has no approvals, or hides them from Tandem's user
            raise

    def _submit(self, steps: Sequence[_Step]) -> list[_Step]:
        """Submit each with its best record; gives those that have to be tried with another one."""
        todo: list[_Step] = []
        for step in steps:
            record = step.targets[0][1]
            if record is None:
                self._later(step, "The record has not reached Salesforce yet; it is submitted when it has.")
            elif record in self.pending:
                self._later(step, "The record is in another approval in Salesforce, which has to end first.")
            elif any(record == other.targets[0][1] for other in todo):
                self._later(step, "Another request about the same record is decided in Salesforce first.")
            else:
                todo.append(step)
        again: list[_Step] = []
        for start in range(0, len(todo), MAX_REQUESTS):
            part = todo[start : start + MAX_REQUESTS]
            self._write_down_attempts(part)
            asked = [ProcessRequest("Submit", str(one.targets[0][1]), _comment(one)) for one in part]
            for step, result in zip(part, self.gateway.process(asked), strict=True):
                if self._submitted(step, result):
                    again.append(step)
        return again

    def _submitted(self, step: _Step, result: ProcessResult) -> bool:
        """Write down what became of a submission; True when another record may be tried."""
        record, error = str(step.targets[0][1]), result.error
        if result.success:
            self._sent(step, record, result.instance_id)
            self.report.submitted += 1
            return False
        assert error is not None
        if error.code == "ALREADY_IN_PROCESS" or error.kind in RETRYABLE:
            self._later(step, explain(error))
            return False
        del step.targets[0]
        if step.targets:
            return True
        if error.code == "NO_APPLICABLE_PROCESS":
            self._give_back(step, say("No approval process in Salesforce takes this record."))
        else:
            self._give_back(
                step,
                say("Salesforce did not take the record into an approval process: {why}", why=explain(error)),
            )
        return False

    def _write_down_attempts(self, steps: Sequence[_Step]) -> None:
        with self.database.session(SYSTEM) as session:
            session.execute(
                text("UPDATE crm_approval_process SET attempts = attempts + 1 WHERE id = ANY(:ids)"),
                {"ids": [one.id for one in steps]},
            )

    def _sent(self, step: _Step, record: str, instance: str) -> None:
        state = "submitted" if step.state == "waiting" else step.state
        with self.database.session(SYSTEM) as session:
            session.execute(
                text(
                    "UPDATE crm_approval_process SET state = :state, record_id = :record, "
                    "instance_id = :instance, submitted_at = clock_timestamp(), note = '', "
                    "next_at = clock_timestamp() WHERE id = :id"
                ),
                {"id": step.id, "state": state, "record": record, "instance": instance},
            )
        step.state, step.record_id, step.instance_id = state, record, instance

    # -- what was decided ----------------------------------------------------------------------------------

    def _ended(self, step: _Step, instance: _Instance) -> None:
        if instance.status not in (*_DECISIONS, "Removed"):
            return
        try:
            with self.database.session(SYSTEM) as session:
                actor = self._actor(session, instance.actor)
                if instance.status == "Removed":
                    who = actor.name if actor else say("somebody")
                    self._return(session, step, say("{who} recalled the approval in Salesforce.", who=who))
                elif actor is None:
                    sentence = say("Tandem does not know the user who decided in Salesforce.")
                    self._return(session, step, sentence)
                else:
                    self._decide(session, step, actor, instance)
        except (BadInput, Conflict, NotAllowed, NotFound) as error:
            # The outcome does not count here, and it is final there: whoever may decide is asked.
            self._give_back(
                step,
                say(
                    "The decision made in Salesforce does not count: {what} {remedy}",
                    what=error.what,
                    remedy=error.remedy,
                ),
            )
        self._unlock(instance.record_id)

    def _decide(self, session: Session, step: _Step, actor: Actor, instance: _Instance) -> None:
        reason = instance.reason
        if instance.status == "Rejected" and not reason:
            reason = say("Rejected in Salesforce, where no comment was left.")
        decision = _DECISIONS[instance.status]
        self.approvals.decide(
            session, actor, step.request_id, decision, reason, step=step.key, door="process"
        )
        self._end(session, step, "decided", f"{instance.status} by {actor.name}.")
        self.report.decided += 1

    @staticmethod
    def _actor(session: Session, sf_user: str) -> Actor | None:
        try:
            return identity.person(session, subject=sf_user).actor if sf_user else None
        except identity.Unknown:
            return None

    def _unlock(self, record_id: str) -> None:
        """Let changes that waited for the end of the approval go now."""
        with self.database.session(SYSTEM) as session:
            session.execute(
                text(
                    "UPDATE sync_outbox o SET next_at = clock_timestamp() FROM sync_link l "
                    "WHERE l.local_id = o.local_id AND l.sf_id = :record AND o.state = 'pending' "
                    "AND o.error_code = 'ENTITY_IS_LOCKED'"
                ),
                {"record": record_id},
            )

    # -- taking back ---------------------------------------------------------------------------------------

    def recall(self, steps: Sequence[_Step]) -> None:
        """Recall what is pending there; the rest is over already."""
        todo: list[tuple[_Step, _Instance]] = []
        for step in steps:
            instance = self.pending.get(step.record_id or "")
            if instance is not None and instance.id == step.instance_id and instance.workitem:
                todo.append((step, instance))
            else:
                self._recalled(step, "")
        for start in range(0, len(todo), MAX_REQUESTS):
            part = todo[start : start + MAX_REQUESTS]
            asked = [
                ProcessRequest("Removed", one.workitem, f"{step.token} Not needed any more.")
                for step, one in part
            ]
            for (step, instance), result in zip(part, self.gateway.process(asked), strict=True):
                if result.error is not None and result.error.kind in RETRYABLE:
                    self._later(step, explain(result.error))
                elif result.error is not None:
                    self._recalled(
                        step,
                        f"It could not be recalled: {explain(result.error)} An admin may recall it there.",
                    )
                else:
                    self._recalled(step, "")
                    self._unlock(instance.record_id)

    def _recalled(self, step: _Step, note: str) -> None:
        with self.database.session(SYSTEM) as session:
            self._end(session, step, "recalled", note)
        if note:
            log.warning("%s: %s", step.number, note)
        self.report.recalled += 1

    # -- rows ----------------------------------------------------------------------------------------------

    def _give_back(self, step: _Step, sentence: str) -> None:
        with self.database.session(SYSTEM) as session:
            self._return(session, step, sentence)

    def _return(self, session: Session, step: _Step, sentence: str) -> None:
        """Let Tandem's own approvers decide the step."""
        self._end(session, step, "returned", sentence)
        self.approvals.bring_back(session, step.request_id, step.key, sentence)
        self.report.returned += 1

    @staticmethod
    def _end(session: Session, step: _Step, state: str, note: str) -> None:
        session.execute(
            text(
                "UPDATE crm_approval_process SET state = :state, note = :note, ended_at = clock_timestamp() "
                "WHERE id = :id AND ended_at IS NULL"
            ),
            {"id": step.id, "state": state, "note": note},
        )
        step.state = state

    def _later(self, step: _Step, note: str) -> None:
        with self.database.session(SYSTEM) as session:
            session.execute(
                text("UPDATE crm_approval_process SET note = :note WHERE id = :id"),
                {"id": step.id, "note": note},
            )


def _soql(records: Sequence[str]) -> str:
    listed = ", ".join(f"'{one}'" for one in records)
    return (
        "SELECT Id, TargetObjectId, Status, LastActorId, "  # noqa: S608  # ids that Salesforce gave
        "(SELECT StepStatus, ActorId, Comments FROM Steps ORDER BY CreatedDate DESC, Id DESC), "
        "(SELECT Id FROM Workitems) "
        f"FROM ProcessInstance WHERE TargetObjectId IN ({listed}) ORDER BY CreatedDate DESC, Id DESC"
    )


def _instance(record: Mapping[str, Any]) -> _Instance:
    steps = record.get("Steps") or []
    nothing: Mapping[str, Any] = {}
    last = next((one for one in steps if one["StepStatus"] == record["Status"]), nothing)
    first = next((one for one in steps if one["StepStatus"] == "Started"), nothing)
    items = record.get("Workitems") or []
    return _Instance(
        record["Id"],
        record["TargetObjectId"],
        record["Status"],
        last.get("ActorId") or record.get("LastActorId") or "",
        first.get("Comments") or "",
        (last.get("Comments") or "").strip(),
        items[0]["Id"] if items else "",
    )


def _comment(step: _Step) -> str:
    return f"{step.token} {step.title}"[:4000]

"""One run: how the steps stand in the org, what waits is submitted, what is not needed is taken back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from app.approvals.process import rows
from app.approvals.process.instances import Instance, instances, ours
from app.approvals.process.outcome import Approvals, Outcomes, Report
from app.approvals.process.rows import Step
from app.db import Database
from app.kernel.actor import SYSTEM
from app.salesforce import ErrorKind, Gateway, ProcessRequest, ProcessResult, SalesforceError, explain
from app.salesforce.errors import RETRYABLE
from app.salesforce.processes import MAX_REQUESTS
from app.words import say


def run(database: Database, gateway: Gateway, approvals: Approvals) -> Report:
    """Submit what waits, take over what was decided, take back what is not needed. Safe to repeat.

    One call asks for the state of up to a thousand steps; submissions go a hundred a call. Raises
    SalesforceError when Salesforce cannot be reached; nothing is lost by then.
    """
    report = Report()
    with database.session(SYSTEM) as session:
        rows.follow(session)
        steps = rows.due(session)
    if not steps:
        return report
    this = _Run(database, gateway, Outcomes(database, approvals, report))
    this.look(steps)
    this.submit([step for step in steps if step.state == "waiting"])
    this.recall([step for step in steps if step.state == "recalling"])
    return report


class _Run:
    def __init__(self, database: Database, gateway: Gateway, outcomes: Outcomes) -> None:
        self.database, self.gateway, self.outcomes = database, gateway, outcomes
        self.pending: dict[str, Instance] = {}

    def look(self, steps: Sequence[Step]) -> None:
        """Ask how all of them stand, and take over what has ended."""
        records = {record for one in steps for _, record in one.targets if record}
        records |= {one.record_id for one in steps if one.record_id}
        if not records:
            return
        found = instances(self.gateway, sorted(records))
        self.pending = {one.record_id: one for one in found if one.status == "Pending"}
        by_id = {one.id: one for one in found}
        for step in steps:
            instance = by_id.get(step.instance_id or "") or ours(step, found)
            if instance is not None and step.instance_id is None:
                rows.sent(self.database, step, instance.record_id, instance.id)
            if step.state == "submitted" and not step.paused:
                if instance is None:
                    self.outcomes.give_back(
                        step, say("The record or its approval was deleted in Salesforce.")
                    )
                elif instance.status != "Pending":
                    self.outcomes.ended(step, instance)

    def submit(self, steps: Sequence[Step]) -> None:
        """Submit them with the first of their records that has a process in the org."""
        if not steps:
            return
        known = self._processes()
        ready: list[Step] = []
        for step in steps:
            if not step.targets:
                self.outcomes.give_back(step, say("Its record is not in Salesforce and cannot go there now."))
                continue
            step.targets = [target for target in step.targets if target[0] in known]
            if step.targets:
                ready.append(step)
            else:
                self.outcomes.give_back(step, say("Salesforce has no approval process for it."))
        while ready:
            ready = self._submit(ready)

    def _processes(self) -> Mapping[str, Any]:
        try:
            return self.gateway.processes()
        except SalesforceError as error:
            if error.kind in (ErrorKind.IDENTITY, ErrorKind.SCHEMA, ErrorKind.ADMIN_FIXABLE):
                return {}  # the org has no approvals, or hides them from Tandem's user
            raise

    def _submit(self, steps: Sequence[Step]) -> list[Step]:
        """Submit each with its best record; gives those that have to be tried with another one."""
        todo: list[Step] = []
        for step in steps:
            record = step.targets[0][1]
            if record is None:
                why = "The record has not reached Salesforce yet; it is submitted when it has."
            elif record in self.pending:
                why = "The record is in another approval in Salesforce, which has to end first."
            elif any(record == other.targets[0][1] for other in todo):
                why = "Another request about the same record is decided in Salesforce first."
            else:
                todo.append(step)
                continue
            rows.later(self.database, step, why)
        again: list[Step] = []
        for start in range(0, len(todo), MAX_REQUESTS):
            part = todo[start : start + MAX_REQUESTS]
            rows.attempted(self.database, part)
            asked = [ProcessRequest("Submit", str(one.targets[0][1]), _comment(one)) for one in part]
            for step, result in zip(part, self.gateway.process(asked), strict=True):
                if self._submitted(step, result):
                    again.append(step)
        return again

    def _submitted(self, step: Step, result: ProcessResult) -> bool:
        """Write down what became of a submission; True when another record may be tried."""
        record, error = str(step.targets[0][1]), result.error
        if result.success:
            rows.sent(self.database, step, record, result.instance_id)
            self.outcomes.report.submitted += 1
            return False
        assert error is not None
        if error.code == "ALREADY_IN_PROCESS" or error.kind in RETRYABLE:
            rows.later(self.database, step, explain(error))
            return False
        del step.targets[0]
        if step.targets:
            return True
        if error.code == "NO_APPLICABLE_PROCESS":
            self.outcomes.give_back(step, say("No approval process in Salesforce takes this record."))
        else:
            self.outcomes.give_back(
                step,
                say("Salesforce did not take the record into an approval process: {why}", why=explain(error)),
            )
        return False

    def recall(self, steps: Sequence[Step]) -> None:
        """Recall what is pending there; the rest is over already."""
        todo: list[tuple[Step, Instance]] = []
        for step in steps:
            instance = self.pending.get(step.record_id or "")
            if instance is not None and instance.id == step.instance_id and instance.workitem:
                todo.append((step, instance))
            else:
                self.outcomes.recalled(step)
        for start in range(0, len(todo), MAX_REQUESTS):
            part = todo[start : start + MAX_REQUESTS]
            asked = [
                ProcessRequest("Removed", one.workitem, f"{step.token} Not needed any more.")
                for step, one in part
            ]
            for (step, instance), result in zip(part, self.gateway.process(asked), strict=True):
                if result.error is not None and result.error.kind in RETRYABLE:
                    rows.later(self.database, step, explain(result.error))
                elif result.error is not None:
                    self.outcomes.recalled(
                        step,
                        f"It could not be recalled: {explain(result.error)} An admin may recall it there.",
                    )
                else:
                    self.outcomes.recalled(step)
                    rows.unlock(self.database, instance.record_id)


def _comment(step: Step) -> str:
    return f"{step.token} {step.title}"[:4000]

"""Every job there is, and when it runs. The one place to look, and the one place to change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from app.kernel.errors import Misconfigured
from app.queues import queue_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """One kind of job.

    name: `room.action`; the room is also the queue.
    function: where the code is, `module:function`; called with the settings and the run's arguments.
    every: how often it runs by itself; None for a job that runs only when asked for. Slots are counted
        from midnight UTC of 1 January 2000.
    after: how long into its slot it runs; None for at once, also right after the very first start.
    lease: how long a worker may stay silent before another takes the run over.
    attempts: how often a run is tried before it counts as failed.
    """

    name: str
    function: str
    description: str
    every: timedelta | None = None
    after: timedelta | None = None
    lease: timedelta = timedelta(seconds=30)
    attempts: int = 5

    @property
    def queue(self) -> str:
        return queue_of(self.name)


SCHEDULE: tuple[Job, ...] = (
    Job(
        name="sync.cycle",
        function="jobs.sync:sync_cycle",
        every=timedelta(seconds=60),
        description="Bring changes in from Salesforce, and send waiting ones out.",
    ),
    Job(
        name="sync.reconcile",
        function="jobs.sync:reconcile",
        every=timedelta(hours=24),
        after=timedelta(hours=2),
        description="Compare both sides record by record, and settle what differs.",
        lease=timedelta(minutes=2),
        attempts=10,
    ),
    Job(
        name="deals.expire",
        function="jobs.deals:expire",
        every=timedelta(hours=1),
        description="End the protection of deals whose last protected day is over.",
    ),
    Job(
        name="deals.records",
        function="jobs.deals:bring_records",
        every=timedelta(hours=1),
        description="Make the records of deals that the CRM lacks, and name who holds the others now.",
    ),
    Job(
        name="approvals.deadlines",
        function="jobs.approvals:deadlines",
        every=timedelta(minutes=1),
        description="Remind of requests, escalate them, and end questions that nobody answered.",
    ),
    Job(
        name="approvals.mail",
        function="jobs.approvals:mail",
        every=timedelta(minutes=1),
        description="Send notices that wait to go out by mail.",
    ),
    Job(
        name="approvals.scan",
        function="jobs.attachments:scan",
        every=timedelta(minutes=1),
        description="Ask the virus scanner about files that it could not answer for before.",
    ),
    Job(
        name="audit.anchor",
        function="jobs.audit:anchor",
        every=timedelta(minutes=5),
        description="Keep the head of the audit trail in a file outside the database.",
    ),
    Job(
        name="approvals.process",
        function="jobs.approvals_crm:decide_there",
        every=timedelta(seconds=60),
        description="Submit steps to the org's own approval processes, and take over what was decided there.",
    ),
    Job(
        name="partners.day",
        function="jobs.partners:turn_of_the_day",
        every=timedelta(hours=1),
        description="Let levels begin and end on their day; remind of certifications and agreements.",
    ),
    Job(
        name="upkeep.answers",
        function="jobs.upkeep:forget_old_answers",
        every=timedelta(hours=24),
        description="Remove answers kept for repeated calls, after a week.",
        attempts=3,
    ),
    Job(
        name="upkeep.runs",
        function="jobs.upkeep:forget_old_runs",
        every=timedelta(hours=24),
        after=timedelta(hours=3),
        description="Remove the rows of runs that ended a month ago.",
        attempts=3,
    ),
)

#: Functions of rooms that know their own waiting work: `pending_work(database) -> names of jobs to run`.
PENDING: tuple[str, ...] = ("app.sync.service:pending_work",)


def job(name: str) -> Job:
    """The job of that name. Raises Misconfigured when there is none."""
    for one in SCHEDULE:
        if one.name == name:
            return one
    raise Misconfigured(
        f'There is no job "{name}".',
        where="jobs/schedule.py",
        remedy=f"Known jobs: {', '.join(one.name for one in SCHEDULE)}.",
    )


def queues() -> list[str]:
    """Every queue, in the order of the schedule: a worker empties the first one first."""
    return list(dict.fromkeys(one.queue for one in SCHEDULE))

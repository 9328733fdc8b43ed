"""The API of records as Lightning's pages name them, and of the company's home. For the company's people."""

from __future__ import annotations

from datetime import date
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from flask import Blueprint, current_app

from app.kernel.errors import NotFound
from app.partners import service as partners
from app.partners.assignments import deciding, giving, showing
from app.records import activity as around
from app.records import finding, health, listing
from app.records import home as tiles
from app.records import requests as asked
from app.records.shapes import (
    ActivityPage,
    ActivityQuery,
    EmptyIn,
    HomeOut,
    RecordAssignIn,
    RecordAssignment,
    RecordOut,
    RecordPage,
    RecordQuery,
    RecordRequests,
    SyncOut,
    TakeIn,
)
from app.web.operation import actor, after_commit, caller, operation, services, session
from app.words import say

records = Blueprint("records", __name__, url_prefix="/api")
TAGS = ("Records",)
Assignable = Literal["lead", "opportunity"]


def _sync_soon() -> None:
    after_commit(lambda: services().queues.enqueue_hint("sync.cycle"))


@records.get("/home")
@operation("staff", answer=HomeOut, tags=TAGS)
def home() -> HomeOut:
    """What waits for the caller and for the company: deadlines, ending protections, overlaps, the sync."""
    business: ZoneInfo = services().settings.business_time_zone
    today = partners.today(session(), business)
    return tiles.home(session(), actor(), caller().language, caller().time_zone or business.key, today)


@records.get("/records/<string:sobject>")
@operation("staff", answer=RecordPage, tags=TAGS)
def search(sobject: str, query: RecordQuery) -> RecordPage:
    """Accounts, leads or opportunities, by their partner and the rest."""
    return listing.page(session(), actor(), sobject, query)


@records.get("/records/<string:sobject>/<string:sf_id>")
@operation("staff", answer=RecordOut, tags=TAGS)
def show(sobject: str, sf_id: str) -> RecordOut:
    """The highlights of a record, as Tandem has it."""
    return listing.highlights(session(), sobject, sf_id)


@records.get("/records/<string:sobject>/<string:sf_id>/assignment")
@operation("staff", answer=RecordAssignment, tags=TAGS)
def assignment(sobject: str, sf_id: str) -> RecordAssignment:
    """Which partner has a lead or an opportunity, who had it, and what the caller can do about it."""
    return _assignment(*_assignable(sobject, sf_id))


@records.post("/records/<string:sobject>/<string:sf_id>/assignment")
@operation("staff", answer=RecordAssignment, tags=TAGS)
def assign(sobject: str, sf_id: str, json: RecordAssignIn) -> RecordAssignment:
    """Give a lead or an opportunity to a partner, both by their ids in Salesforce, or as the rules choose."""
    subject, local_id = _assignable(sobject, sf_id)
    deciding.authorize(session(), actor(), caller().rights, subject, local_id)
    if json.account_id:
        _, partner_id = finding.get(session(), "Account", json.account_id)
        giving.assign(
            session(), actor(), subject, local_id, partner_id, reason=json.reason,
            over_capacity=json.over_capacity,
        )  # fmt: skip
    else:
        giving.assign_automatically(session(), actor(), subject, local_id, today=_today(), family="")
    _sync_soon()
    return _assignment(subject, local_id)


def _assignable(sobject: str, sf_id: str) -> tuple[Assignable, UUID]:
    record, local_id = finding.get(session(), sobject, sf_id)
    if record.table not in ("lead", "opportunity"):
        raise NotFound(say("Only leads and opportunities have a partner."), remedy=say("Open one of these."))
    return ("lead" if record.table == "lead" else "opportunity"), local_id


def _assignment(subject: Assignable, local_id: UUID) -> RecordAssignment:
    found = showing.history(session(), actor(), caller().rights, subject, local_id, _today())
    return RecordAssignment(subject=subject, record_id=local_id, assignment=found)


def _today() -> date:
    return partners.today(session(), services().settings.business_time_zone)


@records.get("/records/<string:sobject>/<string:sf_id>/activity")
@operation("staff", answer=ActivityPage, tags=TAGS)
def activity(sobject: str, sf_id: str, query: ActivityQuery) -> ActivityPage:
    """All that partners did around a record, and what was done about it, the newest first."""
    return around.page(session(), sobject, sf_id, query)


@records.get("/records/<string:sobject>/<string:sf_id>/requests")
@operation("staff", answer=RecordRequests, tags=TAGS)
def requests(sobject: str, sf_id: str) -> RecordRequests:
    """The requests about a record, those that wait first."""
    return asked.about(session(), sobject, sf_id, caller().language)


@records.get("/records/<string:sobject>/<string:sf_id>/sync")
@operation("staff", answer=SyncOut, tags=TAGS)
def sync(sobject: str, sf_id: str) -> SyncOut:
    """Whether both sides hold the same; if not, what waits, what has to be decided, and why it cannot go."""
    return health.state(session(), actor(), caller().rights, sobject, sf_id)


@records.post("/records/<string:sobject>/<string:sf_id>/sync/retry")
@operation("staff", answer=SyncOut, tags=TAGS)
def retry(sobject: str, sf_id: str, json: EmptyIn) -> SyncOut:
    """Let a record that was put aside go with the next cycle."""
    health.retry(session(), actor(), sobject, sf_id)
    _sync_soon()
    return health.state(session(), actor(), caller().rights, sobject, sf_id)


@records.post("/records/<string:sobject>/<string:sf_id>/sync/conflicts/<int:conflict_id>")
@operation("staff", answer=SyncOut, tags=TAGS)
def decide(sobject: str, sf_id: str, conflict_id: int, json: TakeIn) -> SyncOut:
    """Say whose value of a field stays; fields that travel together are answered together."""
    health.decide(
        session(), actor(), caller().rights, sobject, sf_id, conflict_id, json.take,
        current_app.extensions["sync_observers"],
    )  # fmt: skip
    _sync_soon()
    return health.state(session(), actor(), caller().rights, sobject, sf_id)

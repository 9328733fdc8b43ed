"""The API of assignments: who gets a lead, an opportunity or an order, and why."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from app.kernel.errors import BadInput
from app.partners import assignments, showing
from app.partners.routes import MANAGE, sync_soon, today
from app.partners.shapes import (
    AssignAutomaticallyIn,
    AssignIn,
    AssignmentsOut,
    ChoiceOut,
    SubjectQuery,
    TakeOffIn,
)
from app.web.operation import actor, operation, session
from app.words import say

assigning = Blueprint("assignments", __name__, url_prefix="/api/assignments")
TAGS = ("Assignments",)


def _given(record_id: UUID | None) -> UUID:
    if record_id is None:
        raise BadInput(say("A record is needed."), fields={"record_id": say("Name the record by its id.")})
    return record_id


@assigning.get("")
@operation("staff", answer=AssignmentsOut, tags=TAGS)
def history(query: SubjectQuery) -> AssignmentsOut:
    """Who has and had a record, since when, and why."""
    return showing.history(session(), query.subject, _given(query.record_id))


@assigning.get("/proposal")
@operation("staff", answer=ChoiceOut, tags=TAGS)
def proposal(query: SubjectQuery) -> ChoiceOut:
    """Whom the automatic assignment would choose, and why not the others. Changes nothing."""
    record_id = _given(query.record_id)
    found = assignments.propose(session(), query.subject, record_id, today=today(), family=query.family)
    return showing.choice(found)


@assigning.post("")
@operation("staff", answer=AssignmentsOut, right=MANAGE, tags=TAGS)
def assign(json: AssignIn) -> AssignmentsOut:
    """Give a record to a partner by hand."""
    record_id = _given(json.record_id)
    if json.partner_id is None:
        raise BadInput(say("A partner is needed."), fields={"partner_id": say("Choose a partner.")})
    assignments.assign(
        session(), actor(), json.subject, record_id, json.partner_id, reason=json.reason,
        over_capacity=json.over_capacity,
    )  # fmt: skip
    sync_soon()
    return showing.history(session(), json.subject, record_id)


@assigning.post("/automatic")
@operation("staff", answer=AssignmentsOut, right=MANAGE, tags=TAGS)
def assign_automatically(json: AssignAutomaticallyIn) -> AssignmentsOut:
    """Give a record to the partner that the rules choose."""
    record_id = _given(json.record_id)
    assignments.assign_automatically(
        session(), actor(), json.subject, record_id, today=today(), family=json.family
    )
    sync_soon()
    return showing.history(session(), json.subject, record_id)


@assigning.post("/take-off")
@operation("staff", answer=AssignmentsOut, right=MANAGE, tags=TAGS)
def take_off(json: TakeOffIn) -> AssignmentsOut:
    """Take a record off its partner."""
    record_id = _given(json.record_id)
    assignments.take_off(session(), actor(), json.subject, record_id, json.reason)
    sync_soon()
    return showing.history(session(), json.subject, record_id)

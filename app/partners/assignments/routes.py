"""The API of assignments: who gets a lead, an opportunity or an order, and why."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from app.kernel.errors import BadInput
from app.partners.assignments import deciding, giving, showing
from app.partners.assignments.candidates import Subject
from app.partners.routes import sync_soon, today
from app.partners.shapes import (
    AssignAutomaticallyIn,
    AssignIn,
    AssignmentsOut,
    CandidatePage,
    CandidateQuery,
    ChoiceOut,
    SubjectQuery,
    TakeOffIn,
)
from app.web.operation import actor, caller, operation, session
from app.words import say

assigning = Blueprint("assignments", __name__, url_prefix="/api/assignments")
TAGS = ("Assignments",)


def _given(record_id: UUID | None) -> UUID:
    if record_id is None:
        raise BadInput(say("A record is needed."), fields={"record_id": say("Name the record by its id.")})
    return record_id


def _shown(subject: Subject, record_id: UUID) -> AssignmentsOut:
    return showing.history(session(), actor(), caller().rights, subject, record_id, today())


def _authorized(subject: Subject, record_id: UUID | None) -> UUID:
    """The record, if the caller may choose its partner: its owner, or who may for all. Else NotAllowed."""
    given = _given(record_id)
    deciding.authorize(session(), actor(), caller().rights, subject, given)
    return given


@assigning.get("")
@operation("staff", answer=AssignmentsOut, tags=TAGS)
def history(query: SubjectQuery) -> AssignmentsOut:
    """Who has and had a record, since when, and why."""
    return _shown(query.subject, _given(query.record_id))


@assigning.get("/proposal")
@operation("staff", answer=ChoiceOut, tags=TAGS)
def proposal(query: SubjectQuery) -> ChoiceOut:
    """Whom the automatic assignment would choose, and why not the others. Changes nothing."""
    record_id = _given(query.record_id)
    found = giving.propose(session(), query.subject, record_id, today=today(), family=query.family)
    return showing.choice(found)


@assigning.get("/candidates")
@operation("staff", answer=CandidatePage, tags=TAGS)
def candidates(query: CandidateQuery) -> CandidatePage:
    """Who could have a record, the best ones first, and what speaks for and against each."""
    return showing.candidate_page(session(), query, _given(query.record_id), today())


@assigning.post("")
@operation("staff", answer=AssignmentsOut, tags=TAGS)
def assign(json: AssignIn) -> AssignmentsOut:
    """Give a record to a partner by hand."""
    record_id = _authorized(json.subject, json.record_id)
    if json.partner_id is None:
        raise BadInput(say("A partner is needed."), fields={"partner_id": say("Choose a partner.")})
    giving.assign(
        session(), actor(), json.subject, record_id, json.partner_id, reason=json.reason,
        over_capacity=json.over_capacity,
    )  # fmt: skip
    sync_soon()
    return _shown(json.subject, record_id)


@assigning.post("/automatic")
@operation("staff", answer=AssignmentsOut, tags=TAGS)
def assign_automatically(json: AssignAutomaticallyIn) -> AssignmentsOut:
    """Give a record to the partner that the rules choose."""
    record_id = _authorized(json.subject, json.record_id)
    giving.assign_automatically(
        session(), actor(), json.subject, record_id, today=today(), family=json.family
    )
    sync_soon()
    return _shown(json.subject, record_id)


@assigning.post("/take-off")
@operation("staff", answer=AssignmentsOut, tags=TAGS)
def take_off(json: TakeOffIn) -> AssignmentsOut:
    """Take a record off its partner."""
    record_id = _authorized(json.subject, json.record_id)
    giving.take_off(session(), actor(), json.subject, record_id, json.reason)
    sync_soon()
    return _shown(json.subject, record_id)


@assigning.post("/undo")
@operation("staff", answer=AssignmentsOut, tags=TAGS)
def undo(json: TakeOffIn) -> AssignmentsOut:
    """Take the last change of a record's partner back."""
    record_id = _authorized(json.subject, json.record_id)
    deciding.undo(session(), actor(), json.subject, record_id, json.reason)
    sync_soon()
    return _shown(json.subject, record_id)

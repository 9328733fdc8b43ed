"""The API of requests. Of another partner's request it says what it says of none: 404."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, current_app

from app.approvals.bodies import (
    CommentIn,
    DecisionIn,
    EmptyIn,
    ExportQuery,
    InboxQuery,
    ReasonIn,
    RequestIn,
    RequestPatch,
    RequestQuery,
    ResubmitIn,
    StepIn,
)
from app.approvals.reading import authorizations, lists
from app.approvals.reading import inbox as waiting
from app.approvals.reading.detail import detail
from app.approvals.service import Approvals, seen
from app.approvals.shapes import AuthorizationOut, InboxPage, RequestOut, RequestPage
from app.web.export import Table, export
from app.web.operation import actor, after_commit, caller, operation, services, session

approvals = Blueprint("approvals", __name__, url_prefix="/api")
TAGS = ("Requests",)
#: May edit, cancel and take back what others asked for.
MANAGE = "requests.manage"


def engine() -> Approvals:
    """The app's engine."""
    found: Approvals = current_app.extensions["approvals"]
    return found


def _shown(request_id: UUID) -> RequestOut:
    return detail(session(), engine(), actor(), request_id, caller().language, caller().rights)


def _sync_soon() -> None:
    after_commit(lambda: services().queues.enqueue_hint("sync.cycle"))


@approvals.post("/requests")
@operation("partner", "staff", answer=RequestOut, status=201, tags=TAGS)
def open_request(json: RequestIn) -> RequestOut:
    """Begin a request: as a draft, or handed in at once."""
    made = engine().open(
        session(), actor(), json.workflow,
        values=json.values, title=json.title, partner_account_id=json.partner_account_id,
        refs=seen(session(), json.refs.model_dump()),
    )  # fmt: skip
    if json.submit:
        engine().submit(session(), actor(), made.id)
        _sync_soon()
    return _shown(made.id)


@approvals.get("/requests")
@operation("partner", "staff", answer=RequestPage, tags=TAGS)
def search(query: RequestQuery) -> RequestPage:
    """Requests, newest first where no order is asked for."""
    return lists.page(
        session(), actor(), caller().language,
        state=query.state, workflow=query.workflow, partner=query.partner_account_id, q=query.q,
        mine=query.mine, sort=query.sort, limit=query.limit, cursor=query.cursor,
    )  # fmt: skip


@approvals.get("/requests/export")
@export("partner", "staff", tags=TAGS)
def export_requests(query: ExportQuery) -> Table:
    """Requests as a CSV file, newest first: a partner's own, or all for who may export them."""
    return lists.table(
        session(), actor(), caller().language, state=query.state, workflow=query.workflow, q=query.q
    )


@approvals.get("/requests/inbox")
@operation("staff", answer=InboxPage, tags=TAGS)
def inbox(query: InboxQuery) -> InboxPage:
    """What the caller may decide, the nearest deadline first. A day ends where the caller is."""
    zone = caller().time_zone or services().settings.business_time_zone.key
    return waiting.page(session(), actor(), caller().language, zone=zone, **query.model_dump())


@approvals.get("/requests/<uuid:request_id>")
@operation("partner", "staff", answer=RequestOut, tags=TAGS)
def show(request_id: UUID) -> RequestOut:
    """One request: its state, who holds it until when, its route, its timeline."""
    return _shown(request_id)


@approvals.patch("/requests/<uuid:request_id>")
@operation("partner", "staff", answer=RequestOut, tags=TAGS)
def edit(request_id: UUID, json: RequestPatch) -> RequestOut:
    """Change a request. What was approved so far is void, and its route begins again."""
    engine().edit(
        session(), actor(), request_id, json.values, title=json.title, as_company=MANAGE in caller().rights
    )
    _sync_soon()
    return _shown(request_id)


@approvals.post("/requests/<uuid:request_id>/submit")
@operation("partner", "staff", answer=RequestOut, tags=TAGS)
def submit(request_id: UUID, json: EmptyIn) -> RequestOut:
    """Hand a draft in. Inside the limits it is approved at once."""
    engine().submit(session(), actor(), request_id)
    _sync_soon()
    return _shown(request_id)


@approvals.post("/requests/<uuid:request_id>/decide")
@operation("staff", answer=RequestOut, tags=TAGS)
def decide(request_id: UUID, json: DecisionIn) -> RequestOut:
    """Approve, reject, or ask for information. Said twice, it counts once."""
    engine().decide(
        session(), actor(), request_id, json.decision, json.reason,
        step=json.step, round=json.round, extra=json.extra,
    )  # fmt: skip
    _sync_soon()
    return _shown(request_id)


@approvals.post("/requests/<uuid:request_id>/answer")
@operation("partner", "staff", answer=RequestOut, tags=TAGS)
def answer(request_id: UUID, json: ReasonIn) -> RequestOut:
    """Answer what was asked. The request keeps its place."""
    engine().answer(session(), actor(), request_id, json.reason)
    _sync_soon()
    return _shown(request_id)


@approvals.post("/requests/<uuid:request_id>/recall")
@operation("partner", "staff", answer=RequestOut, tags=TAGS)
def recall(request_id: UUID, json: ReasonIn) -> RequestOut:
    """Take a request back; an authorization that it has is void."""
    engine().recall(session(), actor(), request_id, json.reason)
    _sync_soon()
    return _shown(request_id)


@approvals.post("/requests/<uuid:request_id>/resubmit")
@operation("partner", "staff", answer=RequestOut, tags=TAGS)
def resubmit(request_id: UUID, json: ResubmitIn) -> RequestOut:
    """Hand in again what was rejected, recalled, taken back or has expired."""
    engine().resubmit(session(), actor(), request_id, json.values)
    _sync_soon()
    return _shown(request_id)


@approvals.post("/requests/<uuid:request_id>/cancel")
@operation("partner", "staff", answer=RequestOut, tags=TAGS)
def cancel(request_id: UUID, json: ReasonIn) -> RequestOut:
    """Give a request up for good."""
    engine().cancel(session(), actor(), request_id, json.reason, as_company=MANAGE in caller().rights)
    _sync_soon()
    return _shown(request_id)


@approvals.post("/requests/<uuid:request_id>/void")
@operation("staff", answer=RequestOut, right=MANAGE, tags=TAGS)
def void(request_id: UUID, json: ReasonIn) -> RequestOut:
    """Take an approval back: its authorization is void."""
    engine().void(session(), actor(), request_id, json.reason)
    _sync_soon()
    return _shown(request_id)


@approvals.post("/requests/<uuid:request_id>/comments")
@operation("partner", "staff", answer=RequestOut, status=201, tags=TAGS)
def comment(request_id: UUID, json: CommentIn) -> RequestOut:
    """Say something about a request, to both sides or to the company alone."""
    engine().comment(session(), actor(), request_id, json.text, visible=json.visible)
    return _shown(request_id)


@approvals.post("/requests/<uuid:request_id>/take")
@operation("staff", answer=RequestOut, tags=TAGS)
def take(request_id: UUID, json: StepIn) -> RequestOut:
    """Take a queue's task."""
    engine().take(session(), actor(), request_id, step=json.step)
    return _shown(request_id)


@approvals.post("/requests/<uuid:request_id>/release")
@operation("staff", answer=RequestOut, tags=TAGS)
def release(request_id: UUID, json: StepIn) -> RequestOut:
    """Give a queue's task back to the queue."""
    engine().release(session(), actor(), request_id, step=json.step)
    return _shown(request_id)


@approvals.get("/authorizations/<string:number>")
@operation("partner", "staff", answer=AuthorizationOut, tags=TAGS)
def authorization(number: str) -> AuthorizationOut:
    """What was approved under a number, as it was then."""
    return authorizations.by_number(session(), actor(), number)

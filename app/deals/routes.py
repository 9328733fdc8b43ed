"""The API of deal registrations. Of another partner's registration it says what it says of none: 404."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from app.deals import reading, service
from app.deals.forms import (
    ApproveIn,
    DealExportQuery,
    DealIn,
    DealOut,
    DealPage,
    DealPatch,
    DealQuery,
    EmptyIn,
    InboxQuery,
    ReasonIn,
)
from app.deals.service import Terms
from app.web.export import Table, export
from app.web.operation import actor, after_commit, caller, operation, services, session

deals = Blueprint("deals", __name__, url_prefix="/api/deals")
TAGS = ("Deal registrations",)
DECIDE = "deals.decide"


def _terms() -> Terms:
    return Terms.of(services().settings)


def _shown(registration_id: UUID) -> DealOut:
    return reading.detail(session(), actor(), registration_id, caller().rights)


def _sync_soon() -> None:
    after_commit(lambda: services().queues.enqueue_hint("sync.cycle"))


@deals.post("")
@operation("partner", "staff", answer=DealOut, status=201, tags=TAGS)
def register(json: DealIn) -> DealOut:
    """Register a deal: as a draft, or handed in at once."""
    values = json.model_dump(exclude={"submit"}, exclude_unset=True)
    made = service.create(session(), actor(), values)
    if json.submit:
        service.submit(session(), actor(), made.id, _terms())
    return _shown(made.id)


@deals.get("")
@operation("partner", "staff", answer=DealPage, tags=TAGS)
def search(query: DealQuery) -> DealPage:
    """Registrations, newest first."""
    return reading.page(
        session(), actor(), state=query.state, q=query.q, limit=query.limit, cursor=query.cursor
    )


@deals.get("/export")
@export("partner", "staff", tags=TAGS)
def export_deals(query: DealExportQuery) -> Table:
    """Registrations as a CSV file, newest first: a partner's own, or all for who may export them."""
    return reading.table(session(), actor(), state=query.state, q=query.q)


@deals.get("/inbox")
@operation("staff", answer=DealPage, tags=TAGS)
def inbox(query: InboxQuery) -> DealPage:
    """What waits for a decision of the company, the longest waiting first."""
    return reading.inbox(session(), limit=query.limit, cursor=query.cursor)


@deals.get("/<uuid:deal_id>")
@operation("partner", "staff", answer=DealOut, tags=TAGS)
def show(deal_id: UUID) -> DealOut:
    """One registration: its state, whose turn it is, what it overlaps with, its timeline."""
    return _shown(deal_id)


@deals.patch("/<uuid:deal_id>")
@operation("partner", "staff", answer=DealOut, tags=TAGS)
def edit(deal_id: UUID, json: DealPatch) -> DealOut:
    """Change a draft."""
    service.edit(session(), actor(), deal_id, json.model_dump(exclude_unset=True))
    return _shown(deal_id)


@deals.post("/<uuid:deal_id>/submit")
@operation("partner", "staff", answer=DealOut, tags=TAGS)
def submit(deal_id: UUID, json: EmptyIn) -> DealOut:
    """Hand a draft in. From now on it holds its place."""
    service.submit(session(), actor(), deal_id, _terms())
    return _shown(deal_id)


@deals.post("/<uuid:deal_id>/withdraw")
@operation("partner", "staff", answer=DealOut, tags=TAGS)
def withdraw(deal_id: UUID, json: ReasonIn) -> DealOut:
    """Give the place up."""
    service.withdraw(session(), actor(), deal_id, json.reason)
    _sync_soon()
    return _shown(deal_id)


@deals.post("/<uuid:deal_id>/answer")
@operation("partner", "staff", answer=DealOut, tags=TAGS)
def answer(deal_id: UUID, json: ReasonIn) -> DealOut:
    """Answer what the company asked."""
    service.answer(session(), actor(), deal_id, json.reason)
    return _shown(deal_id)


@deals.post("/<uuid:deal_id>/approve")
@operation("staff", answer=DealOut, right=DECIDE, tags=TAGS)
def approve(deal_id: UUID, json: ApproveIn) -> DealOut:
    """Protect the deal. Lead and opportunity follow in the CRM."""
    service.approve(session(), actor(), deal_id, _terms(), override_reason=json.override_reason)
    _sync_soon()
    return _shown(deal_id)


@deals.post("/<uuid:deal_id>/reject")
@operation("staff", answer=DealOut, right=DECIDE, tags=TAGS)
def reject(deal_id: UUID, json: ReasonIn) -> DealOut:
    """Say no, with a reason."""
    service.reject(session(), actor(), deal_id, json.reason)
    return _shown(deal_id)


@deals.post("/<uuid:deal_id>/request-info")
@operation("staff", answer=DealOut, right=DECIDE, tags=TAGS)
def request_info(deal_id: UUID, json: ReasonIn) -> DealOut:
    """Ask the partner something."""
    service.request_info(session(), actor(), deal_id, json.reason)
    return _shown(deal_id)

"""The API of deal registrations. Of another partner's registration it says what it says of none: 404.

Decisions, answers, comments and files belong to the request of a registration: see `app.approvals.routes`.
"""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from app.approvals.routes import engine
from app.deals import opportunities, reading, service
from app.deals.forms import (
    DealExportQuery,
    DealIn,
    DealOut,
    DealPage,
    DealPatch,
    DealQuery,
    EmptyIn,
    OpportunityPage,
    OpportunityQuery,
    ReasonIn,
)
from app.web.export import Table, export
from app.web.operation import actor, after_commit, caller, operation, services, session

deals = Blueprint("deals", __name__, url_prefix="/api/deals")
TAGS = ("Deal registrations",)


def _shown(registration_id: UUID) -> DealOut:
    return reading.detail(
        session(), engine(), actor(), registration_id, language=caller().language, rights=caller().rights
    )


def _sync_soon() -> None:
    after_commit(lambda: services().queues.enqueue_hint("sync.cycle"))


@deals.post("")
@operation("partner", "staff", answer=DealOut, status=201, tags=TAGS)
def register(json: DealIn) -> DealOut:
    """Register a deal: as a draft, or handed in at once."""
    values = json.model_dump(mode="json", exclude={"submit"}, exclude_unset=True)
    made = service.create(session(), engine(), actor(), values)
    if json.submit:
        service.submit(session(), engine(), actor(), made)
        _sync_soon()
    return _shown(made)


@deals.get("")
@operation("partner", "staff", answer=DealPage, tags=TAGS)
def search(query: DealQuery) -> DealPage:
    """Registrations, newest first where no order is asked for."""
    return reading.page(session(), actor(), query)


@deals.get("/opportunities")
@operation("partner", answer=OpportunityPage, tags=TAGS)
def own_opportunities(query: OpportunityQuery) -> OpportunityPage:
    """The opportunities that are the own company's, from a registration or assigned by the company."""
    return opportunities.page(session(), actor(), query)


@deals.get("/export")
@export("partner", "staff", tags=TAGS)
def export_deals(query: DealExportQuery) -> Table:
    """Registrations as a CSV file, newest first: a partner's own, or all for who may export them."""
    return reading.table(session(), actor(), state=query.state, q=query.q)


@deals.get("/<uuid:deal_id>")
@operation("partner", "staff", answer=DealOut, tags=TAGS)
def show(deal_id: UUID) -> DealOut:
    """One registration: its state, who holds it until when, what it overlaps with, its timeline."""
    return _shown(deal_id)


@deals.patch("/<uuid:deal_id>")
@operation("partner", "staff", answer=DealOut, tags=TAGS)
def edit(deal_id: UUID, json: DealPatch) -> DealOut:
    """Change what it says. What was handed in is decided anew, and keeps its place."""
    values = json.model_dump(mode="json", exclude_unset=True)
    service.edit(session(), engine(), actor(), deal_id, values)
    _sync_soon()
    return _shown(deal_id)


@deals.post("/<uuid:deal_id>/submit")
@operation("partner", "staff", answer=DealOut, tags=TAGS)
def submit(deal_id: UUID, json: EmptyIn) -> DealOut:
    """Hand a draft in. From now on it holds its place; inside the limits it is approved at once."""
    service.submit(session(), engine(), actor(), deal_id)
    _sync_soon()
    return _shown(deal_id)


@deals.post("/<uuid:deal_id>/withdraw")
@operation("partner", "staff", answer=DealOut, tags=TAGS)
def withdraw(deal_id: UUID, json: ReasonIn) -> DealOut:
    """Give the place up. An authorization is void."""
    service.withdraw(session(), engine(), actor(), deal_id, json.reason)
    _sync_soon()
    return _shown(deal_id)

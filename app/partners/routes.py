"""The API of partners for the company's people. Partners have their own: see `portal`."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from flask import Blueprint

from app.partners import levels, reading, service
from app.partners.forms import (
    ActivationChange,
    Because,
    Catalogue,
    LevelChange,
    PartnerOut,
    PartnerPage,
    PartnerQuery,
)
from app.partners.models import Partner
from app.web.operation import actor, after_commit, caller, operation, services, session

partners = Blueprint("partners", __name__, url_prefix="/api/partners")
TAGS = ("Partners",)
MANAGE = reading.MANAGE


def today() -> date:
    """The company's calendar day."""
    return service.today(session(), services().settings.business_time_zone)


def locked(partner_id: UUID) -> Partner:
    """A partner that is about to change."""
    return service.get(session(), actor(), partner_id, lock=True)


def shown(partner_id: UUID) -> PartnerOut:
    """The partner as its reader sees it now."""
    zone = services().settings.business_time_zone
    return reading.detail(session(), actor(), partner_id, caller().rights, zone)


def sync_soon() -> None:
    """The CRM should see it without waiting for the next minute."""
    after_commit(lambda: services().queues.enqueue_hint("sync.cycle"))


@partners.get("")
@operation("staff", answer=PartnerPage, tags=TAGS)
def search(query: PartnerQuery) -> PartnerPage:
    """Partners by status, kind, level, activation, region, country, and whether something is assigned."""
    return reading.page(session(), actor(), query, today())


@partners.get("/catalogue")
@operation("partner", "staff", answer=Catalogue, tags=TAGS)
def catalogue() -> Catalogue:
    """The levels and the stages of onboarding."""
    return reading.catalogue(session(), today())


@partners.get("/<uuid:partner_id>")
@operation("staff", answer=PartnerOut, tags=TAGS)
def show(partner_id: UUID) -> PartnerOut:
    """One partner: status, periods of level and onboarding, people, structure, timeline."""
    return shown(partner_id)


@partners.post("/<uuid:partner_id>/level")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def set_level(partner_id: UUID, json: LevelChange) -> PartnerOut:
    """Give the partner a level from a day on."""
    levels.set_level(
        session(), actor(), locked(partner_id), json.level, today=today(), reason=json.reason,
        start=json.start, plan=json.plan,
    )  # fmt: skip
    sync_soon()
    return shown(partner_id)


@partners.post("/<uuid:partner_id>/level/undo")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def undo_level(partner_id: UUID, json: Because) -> PartnerOut:
    """Take the latest change of the level back; the history keeps both."""
    levels.undo(session(), actor(), locked(partner_id), "level", today=today(), reason=json.reason)
    sync_soon()
    return shown(partner_id)


@partners.post("/<uuid:partner_id>/activation")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def set_activation(partner_id: UUID, json: ActivationChange) -> PartnerOut:
    """Move the partner to a stage of onboarding from a day on."""
    levels.set_activation(
        session(), actor(), locked(partner_id), json.activation, today=today(), reason=json.reason,
        start=json.start,
    )  # fmt: skip
    sync_soon()
    return shown(partner_id)


@partners.post("/<uuid:partner_id>/activation/undo")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def undo_activation(partner_id: UUID, json: Because) -> PartnerOut:
    """Take the latest change of the stage back; the history keeps both."""
    levels.undo(session(), actor(), locked(partner_id), "activation", today=today(), reason=json.reason)
    sync_soon()
    return shown(partner_id)

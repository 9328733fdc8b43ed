"""The API of partners for the company's people. Partners have their own: see `portal`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from flask import Blueprint, current_app

from app.kernel.errors import BadInput
from app.partners import (
    certificates,
    levels,
    people,
    progress,
    reading,
    service,
    standing,
    structure,
    terms,
)
from app.partners.forms import (
    CSV,
    ActivationChange,
    Because,
    CertificateIn,
    LevelChange,
    OpenOut,
    OpenWorkOut,
    PartnerExportQuery,
    PartnerOut,
    PartnerPage,
    PartnerQuery,
    RoleChange,
    StepQuery,
    SupplyChange,
    Terms,
    Tick,
)
from app.partners.models import Partner
from app.web.export import Table, export
from app.web.operation import actor, after_commit, caller, operation, services, session
from app.words import say

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


@partners.get("/export")
@export("staff", tags=TAGS)
def export_partners(query: PartnerExportQuery) -> Table:
    """The same partners as a CSV file."""
    return reading.table(session(), actor(), PartnerQuery(**query.model_dump(exclude=CSV)), today())


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


@partners.patch("/<uuid:partner_id>")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def change(partner_id: UUID, json: Terms) -> PartnerOut:
    """Change kind, region, countries, weight or capacity."""
    changes = json.model_dump(exclude_unset=True)
    terms.change(session(), actor(), locked(partner_id), changes, today())
    sync_soon()
    return shown(partner_id)


@partners.get("/<uuid:partner_id>/open-work")
@operation("staff", answer=OpenWorkOut, right=MANAGE, tags=TAGS)
def open_work(partner_id: UUID, query: StepQuery) -> OpenWorkOut:
    """What suspending, ending or reinstating would do to everything open. Changes nothing."""
    found = standing.preview(session(), actor(), partner_id, query.step, _observers(), today())
    items = [OpenOut(kind=one.kind, count=one.count, sentence=one.sentence) for one in found]
    return OpenWorkOut(step=query.step, items=items)


@partners.post("/<uuid:partner_id>/suspend")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def suspend(partner_id: UUID, json: Because) -> PartnerOut:
    """Let the partner's people read and start nothing, until it is reinstated."""
    return _step(partner_id, "suspend", json.reason)


@partners.post("/<uuid:partner_id>/reinstate")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def reinstate(partner_id: UUID, json: Because) -> PartnerOut:
    """Lift a suspension, or take an end back."""
    return _step(partner_id, "reinstate", json.reason)


@partners.post("/<uuid:partner_id>/end")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def end(partner_id: UUID, json: Because) -> PartnerOut:
    """End the partnership: its people lose access at once."""
    return _step(partner_id, "end", json.reason)


def _step(partner_id: UUID, step: standing.Step, reason: str) -> PartnerOut:
    standing.take(session(), actor(), partner_id, step, reason, _observers(), today())
    sync_soon()
    return shown(partner_id)


def _observers() -> Sequence[standing.PartnerObserver]:
    found: Sequence[standing.PartnerObserver] = current_app.extensions["partner_observers"]
    return found


@partners.post("/<uuid:partner_id>/people")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def change_role(partner_id: UUID, json: RoleChange) -> PartnerOut:
    """Give one of the partner's people a role, or take it."""
    locked(partner_id)
    role_changed(partner_id, json)
    return shown(partner_id)


def role_changed(partner_id: UUID, json: RoleChange) -> None:
    """Give or take a role. Raises BadInput for a role or a person left out."""
    if json.role == "" or json.person_id is None:
        faults = {"role": say("Choose seller, admin or finance.")} if json.role == "" else {}
        faults |= {"person_id": say("Choose one of the company's people.")} if json.person_id is None else {}
        raise BadInput(say("Something is missing."), fields=faults)
    (people.take if json.take else people.give)(session(), actor(), partner_id, json.role, json.person_id)


@partners.post("/<uuid:partner_id>/resellers")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def serve(partner_id: UUID, json: SupplyChange) -> PartnerOut:
    """Say that a distributor serves a reseller from a day on, or no longer does."""
    if json.reseller_id is None:
        raise BadInput(say("A reseller is needed."), fields={"reseller_id": say("Choose a reseller.")})
    if json.ends is not None:
        structure.serve_no_more(session(), actor(), locked(partner_id), json.reseller_id, end=json.ends)
    else:
        start = json.start or today()
        structure.serve(session(), actor(), locked(partner_id), json.reseller_id, start=start)
    return shown(partner_id)


@partners.post("/<uuid:partner_id>/tasks")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def tick(partner_id: UUID, json: Tick) -> PartnerOut:
    """Tick an item of a checklist off, or take the tick back."""
    progress.tick(session(), actor(), locked(partner_id), json.task, done=json.done, remark=json.remark)
    return shown(partner_id)


@partners.post("/<uuid:partner_id>/certifications")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def certify(partner_id: UUID, json: CertificateIn) -> PartnerOut:
    """Note a certification of the partner or of one of its people."""
    certificates.add(
        session(), actor(), locked(partner_id), json.certification, start=json.start or today(),
        last_day=json.last_day, contact_id=json.contact_id, reference=json.reference,
    )  # fmt: skip
    return shown(partner_id)


@partners.post("/<uuid:partner_id>/certifications/<uuid:certification_id>/revoke")
@operation("staff", answer=PartnerOut, right=MANAGE, tags=TAGS)
def revoke(partner_id: UUID, certification_id: UUID, json: Because) -> PartnerOut:
    """End a certification at once."""
    certificates.revoke(session(), actor(), locked(partner_id), certification_id, json.reason)
    return shown(partner_id)

"""The API of the own company for a partner's people."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint, request

from app.partners import agreements
from app.partners.agreements import Signature
from app.partners.forms import PartnerOut, RoleChange
from app.partners.routes import role_changed, shown, sync_soon, today
from app.partners.shapes import AcceptIn
from app.web.operation import actor, operation, session

portal = Blueprint("partner_portal", __name__, url_prefix="/api/partner")
TAGS = ("Own company",)


def _own() -> UUID:
    partner_id = actor().partner_id
    assert partner_id is not None
    return partner_id


@portal.get("")
@operation("partner", answer=PartnerOut, tags=TAGS)
def own() -> PartnerOut:
    """The own company: status, level and what is missing for the next one, people, agreements, timeline."""
    return shown(_own())


@portal.post("/people")
@operation("partner", answer=PartnerOut, tags=TAGS)
def change_role(json: RoleChange) -> PartnerOut:
    """Give one of the own people a role, or take it; for administrators of the company."""
    role_changed(_own(), json)
    return shown(_own())


@portal.post("/agreements/<uuid:version_id>/accept")
@operation("partner", answer=PartnerOut, tags=TAGS)
def accept(version_id: UUID, json: AcceptIn) -> PartnerOut:
    """Accept a version of an agreement for the own company; for its administrators."""
    signature = Signature(
        json.language, json.sha256, json.name_typed, request.user_agent.string, request.remote_addr or ""
    )
    agreements.accept(session(), actor(), version_id, signature, today())
    sync_soon()
    return shown(_own())

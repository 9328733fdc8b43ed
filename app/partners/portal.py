"""The API of the own company for a partner's people."""

from __future__ import annotations

from flask import Blueprint

from app.partners.forms import PartnerOut
from app.partners.routes import shown
from app.web.operation import actor, operation

portal = Blueprint("partner_portal", __name__, url_prefix="/api/partner")
TAGS = ("Own company",)


@portal.get("")
@operation("partner", answer=PartnerOut, tags=TAGS)
def own() -> PartnerOut:
    """The own company: status, level and what is missing for the next one, people, timeline."""
    partner_id = actor().partner_id
    assert partner_id is not None
    return shown(partner_id)

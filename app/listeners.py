"""Who is told of what: wiring without a web server, for jobs and the command line, which never load Flask.

SYNC_OBSERVERS: of changes from Salesforce, in the transaction that applies them. APPROVALS: the engine of
requests, with what other rooms do when one is decided. PARTNER_OBSERVERS: rooms in which partners have
something open.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.approvals import crm as requests_in_the_crm
from app.approvals.following import CrmChanges
from app.approvals.partnership import RequestsOfPartners
from app.approvals.service import Approvals, Effect, Happened
from app.config import Settings
from app.deals.effect import DealRegistrations
from app.deals.service import Terms
from app.deals.service import crm_changed as deals_follow
from app.deals.service import request_changed as deals_in_the_crm
from app.deals.standing import DealsOfPartners
from app.partners.application import PartnerApplication
from app.partners.following import crm_changed as partners_follow
from app.partners.standing import PartnerObserver
from app.sync.engine import Observer

#: By the name that a workflow's document has under `effect`.
EFFECTS: Mapping[str, Effect] = {
    "deal_registration": DealRegistrations(lambda: Terms.of(Settings.from_env())),
    "partner_application": PartnerApplication(),
}
#: Told of every request. The record of a deal points to that of its request.
REQUEST_OBSERVERS: tuple[Happened, ...] = (requests_in_the_crm.show, deals_in_the_crm)

APPROVALS = Approvals(EFFECTS, REQUEST_OBSERVERS)

#: Asked what is open of a partner, and told when one is suspended, reinstated or ended.
PARTNER_OBSERVERS: tuple[PartnerObserver, ...] = (
    DealsOfPartners(APPROVALS),
    RequestsOfPartners(APPROVALS),
)

# A request is locked before its registration, here as everywhere.
SYNC_OBSERVERS: tuple[Observer, ...] = (
    partners_follow,
    CrmChanges(APPROVALS),
    deals_follow,
)

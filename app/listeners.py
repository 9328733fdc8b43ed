"""Who is told of what: wiring without a web server, for jobs and the command line, which never load Flask.

SYNC_OBSERVERS: of changes from Salesforce, in the transaction that applies them. APPROVALS: the engine of
requests, with what other rooms do when one is decided.
"""

from __future__ import annotations

from collections.abc import Mapping

from app.approvals import crm as requests_in_the_crm
from app.approvals.service import Approvals, Effect, Happened
from app.deals.service import crm_changed
from app.sync.engine import Observer

#: By the name that a workflow's document has under `effect`.
EFFECTS: Mapping[str, Effect] = {}
#: Told of every request.
REQUEST_OBSERVERS: tuple[Happened, ...] = (requests_in_the_crm.show,)

APPROVALS = Approvals(EFFECTS, REQUEST_OBSERVERS)

SYNC_OBSERVERS: tuple[Observer, ...] = (crm_changed, requests_in_the_crm.Door(APPROVALS))

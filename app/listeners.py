"""Who is told of changes from Salesforce, in the transaction that applies them.

Wiring without a web server: jobs and the command line sync through it, and never load Flask.
"""

from __future__ import annotations

from app.deals.service import crm_changed
from app.sync.engine import Observer

SYNC_OBSERVERS: tuple[Observer, ...] = (crm_changed,)

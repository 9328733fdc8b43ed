"""Who may speak to the org: keys, apps, sessions, and the OAuth endpoints.

org.sessions = Sessions(org); org.sessions.load()      # after the store and the clock are there
org.sessions.resolve(token) -> Session | None          # whose `user_id` speaks
org.sessions.apps.integration                          # the app behind integration.key
ready(org) -> {client_id, username, access_token}      # for the line that says the org is up
"""

from app.sandbox.auth.routes import ROUTES
from app.sandbox.auth.sessions import Session, Sessions
from app.sandbox.auth.start import ready

__all__ = ["ROUTES", "Session", "Sessions", "ready"]

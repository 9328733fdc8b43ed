"""What a client needs in order to begin."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.sandbox.auth.users import integration_user

if TYPE_CHECKING:
    from app.sandbox.org import Org


def ready(org: Org) -> dict[str, str]:
    """`client_id`, `username` and a fresh `access_token` of the integration user.

    The last two are empty in an org that has no active user `integration@…`.
    """
    app = org.sessions.apps.integration
    user = integration_user(org)
    if user is None:
        return {"client_id": app.client_id, "username": "", "access_token": ""}
    session = org.sessions.open(str(user["Id"]), app, scope="api web id")
    return {
        "client_id": app.client_id,
        "username": str(user["Username"]),
        "access_token": session.token,
    }

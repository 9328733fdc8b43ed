"""Is it alive, is it ready, who am I, and what can be called."""

from __future__ import annotations

from uuid import UUID

import structlog
from flask import Blueprint, Response, jsonify
from pydantic import BaseModel
from redis import RedisError
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.actor import SYSTEM
from app.kernel.errors import Unavailable
from app.web.operation import api, caller, operation, public, services
from app.words import say

health = Blueprint("health", __name__)
log = structlog.get_logger(__name__)


class Me(BaseModel):
    """Who the token speaks for. `partner_id` and `company` only for people of a partner.

    `partner_status`: applicant, approved, active or suspended; empty before their company applies.
    """

    user_id: UUID
    username: str
    name: str
    scope: str
    partner_id: UUID | None
    company: str
    partner_status: str
    rights: list[str]


@health.get("/healthz")
@public
def alive() -> Response:
    """This process answers."""
    return jsonify(status="alive")


@health.get("/readyz")
@public
def ready() -> Response:
    """The database answers. Redis may be away: its jobs are only hints."""
    try:
        with services().database.session(SYSTEM) as session:
            session.execute(text("SELECT 1"))
    except SQLAlchemyError:
        raise Unavailable(
            say("The database does not answer."), remedy=say("Try again in a moment.")
        ) from None
    try:
        services().queues.connection.ping()
    except RedisError as error:
        log.warning("Redis does not answer", error=type(error).__name__)
        return jsonify(status="ready", redis="away")
    return jsonify(status="ready", redis="ready")


@health.get("/openapi.json")
@public
def openapi() -> Response:
    """Every route, its input and its answers."""
    return jsonify(api.spec)


@health.get("/api/me")
@operation("partner", "staff", answer=Me, tags=("Identity",))
def me() -> Me:
    """Who this token speaks for, and what they may do."""
    person = caller()
    assert person.actor.user_id is not None
    return Me(
        user_id=person.actor.user_id,
        username=person.username,
        name=person.actor.name,
        scope=person.actor.scope,
        partner_id=person.actor.partner_id,
        company=person.company,
        partner_status=person.partner_status,
        rights=sorted(person.rights),
    )

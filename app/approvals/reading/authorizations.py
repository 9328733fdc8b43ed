"""Authorizations as their readers see them: by number, and those of a request."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals import lifecycle, smart_forms, store
from app.approvals.shapes import AuthorizationItem, AuthorizationOut
from app.approvals.smart_forms import Reader
from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import NotFound
from app.words import recognised, say

_NUMBER = re.compile(r"[A-Z0-9-]{1,40}")

_AUTHORIZATION = """
    SELECT a.number, a.round, a.issued_at, v.number IS NOT NULL AS void, v.at AS voided_at,
        coalesce(v.reason, '') AS void_reason, a.request_id, r.number AS request_number,
        a.partner_account_id, coalesce(p.name, '') AS partner_name, a.workflow_key AS workflow,
        a.workflow_version, a.content_hash, a.snapshot, a.snapshot_hash
    FROM approval_authorization a
    JOIN approval_request r ON r.id = a.request_id
    LEFT JOIN account p ON p.id = a.partner_account_id
    LEFT JOIN approval_authorization_void v ON v.number = a.number
"""


def of(session: Session, request_id: UUID) -> list[AuthorizationItem]:
    """Those of a request, round by round."""
    rows = session.execute(
        text(f"{_AUTHORIZATION} WHERE a.request_id = :id ORDER BY a.round"), {"id": request_id}
    ).mappings()
    return [AuthorizationItem(**_values_of(row, AuthorizationItem)) for row in rows]


def by_number(session: Session, actor: Actor, number: str) -> AuthorizationOut:
    """An authorization by its number. Raises NotFound."""
    if not _NUMBER.fullmatch(number):
        raise NotFound(say("There is no such authorization."), remedy=say("Check its number."))
    row = (
        session.execute(
            text(
                f"{_AUTHORIZATION} WHERE a.number = :number AND (CAST(:partner AS uuid) IS NULL "
                "OR (r.partner_account_id = :partner AND r.visible = 'both'))"
            ),
            {"number": number, "partner": actor.partner_id},
        )
        .mappings()
        .first()
    )
    if row is None:
        raise NotFound(say("There is no such authorization."), remedy=say("Check its number."))
    found = AuthorizationOut(**_values_of(row, AuthorizationOut))
    with as_system(session):
        workflow = store.get(session, found.workflow, found.workflow_version).workflow()
    reader = Reader(actor, found.issued_at.date(), found.partner_account_id, found.request_id)
    found.snapshot["values"] = smart_forms.visible(session, reader, workflow, found.snapshot["values"])
    return found


def _values_of(row: Mapping[Any, Any], shape: type[AuthorizationItem]) -> dict[str, Any]:
    values = {name: row[name] for name in shape.model_fields}
    return {**values, "void_reason": recognised(values["void_reason"], lifecycle.REASONS)}

"""Forms in the service: from a workflow, a person and a record to what is shown, kept and accepted.

A workflow without a form takes any values. Everything is read in the reader's own name, except who the reader
is; so nothing that the reader may not see can stand in a form or be pointed to.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.approvals import people, prefill, references
from app.approvals.document.shape import Workflow
from app.approvals.forms import Form, Record, ResolvedForm, check, draft, read_form, resolve
from app.approvals.forms.settle import settle
from app.db import as_system
from app.kernel.actor import Actor
from app.partners import service as partners


@lru_cache(maxsize=256)
def _read(document: str) -> Form:
    return read_form(json.loads(document))


def form_of(workflow: Workflow) -> Form | None:
    """The form of a workflow, if it has one. Raises BadInput for one with faults."""
    return _read(json.dumps(workflow.form)) if workflow.form else None


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads which record: the person, the partner it is about, the request if there is one."""

    actor: Actor
    today: date
    partner_account_id: UUID | None = None
    request_id: UUID | None = None
    language: str | None = None


def resolved(
    session: Session,
    reader: Reader,
    workflow: Workflow,
    values: Mapping[str, Any],
    stored: Mapping[str, Any] | None = None,
    *,
    read_only: bool = False,
) -> ResolvedForm | None:
    """The form as this reader meets it with these values; None where the workflow has none."""
    form = form_of(workflow)
    if form is None:
        return None
    record, language = _record(session, reader, workflow, values, stored)
    return resolve(form, record, reader.language or language, read_only=read_only)


def kept(
    session: Session,
    reader: Reader,
    workflow: Workflow,
    values: Mapping[str, Any],
    stored: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """What a draft keeps of what was typed, on top of what is stored. Raises BadInput for what may not be."""
    form = form_of(workflow)
    if form is None:
        return {**(stored or {}), **values}
    record, language = _record(session, reader, workflow, values, stored)
    return draft(form, record, reader.language or language)


def accepted(
    session: Session,
    reader: Reader,
    workflow: Workflow,
    values: Mapping[str, Any],
    stored: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """The values of a complete request, cleaned. Raises BadInput with a sentence for each field."""
    form = form_of(workflow)
    if form is None:
        return {**(stored or {}), **values}
    record, language = _record(session, reader, workflow, values, stored)
    return check(form, record, reader.language or language)


def visible(
    session: Session, reader: Reader, workflow: Workflow, values: Mapping[str, Any]
) -> dict[str, Any]:
    """Those of the stored values that this reader may see."""
    form = form_of(workflow)
    if form is None:
        return dict(values)
    record, _ = _record(session, reader, workflow, values, values)
    settled = settle(form, record)
    return {key: value for key, value in values.items() if key in settled and not settled[key].secret}


_FILES = text(
    "SELECT field, id::text AS id FROM attachment "
    "WHERE request_id = :id AND field <> '' AND state <> 'refused' ORDER BY created_at, id"
)


def _record(
    session: Session,
    reader: Reader,
    workflow: Workflow,
    values: Mapping[str, Any],
    stored: Mapping[str, Any] | None,
) -> tuple[Record, str]:
    with as_system(session):
        user = people.user_facts(session, reader.actor)
        partner = partners.facts(session, reader.partner_account_id)
    files: dict[str, list[str]] = {}
    if reader.request_id is not None:
        for row in session.execute(_FILES, {"id": reader.request_id}):
            files.setdefault(row.field, []).append(row.id)
    record = Record(
        facts={"user": user, "partner": partner, "workflow": {"key": workflow.key}},
        values=values,
        stored=stored or {},
        files=files,
        known=prefill.known(session, reader.actor.user_id, reader.partner_account_id, partner),
        exists=references.exists(session, reader.actor),
        today=reader.today,
    )
    return record, str(user.get("language") or "en")

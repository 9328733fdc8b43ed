"""The API of forms: what a workflow asks of the caller, and what a field can point to."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from flask import Blueprint, current_app
from pydantic import BaseModel, Field

from app.approvals import references, smart_forms, store
from app.approvals import values as content
from app.approvals.document.shape import Workflow
from app.approvals.forms import ResolvedForm
from app.approvals.forms.schema import schema_of
from app.approvals.models import Request
from app.approvals.service import Approvals, may_start, moment
from app.approvals.smart_forms import Reader
from app.db import as_system
from app.kernel.errors import BadInput, NotFound
from app.web.fields import Strict, Text20, Text80
from app.web.operation import actor, caller, operation, services, session
from app.words import say

forms = Blueprint("forms", __name__, url_prefix="/api")
TAGS = ("Forms",)


class FormIn(Strict):
    """What has been filled in so far. `request_id`: of the request that it belongs to, if there is one.

    `partner_account_id` is for people of the company who ask for a partner. `language`: en, de, es or ja;
    without it, the caller's own.
    """

    values: Annotated[dict[str, Any], Field(max_length=400)] = {}
    request_id: UUID | None = None
    partner_account_id: UUID | None = None
    language: Text20 = ""


class FormOut(BaseModel):
    """The form as the caller meets it with these values, and the JSON Schema (2020-12) of what it takes."""

    workflow: str
    title: str
    version: int
    form: ResolvedForm | None
    json_schema: dict[str, Any] | None


class ReferenceQuery(Strict):
    """What somebody typed."""

    q: Text80 = ""
    language: Text20 = ""


class ReferenceItem(BaseModel):
    """Something a field can point to; `note` tells it from others of the same name."""

    value: str
    label: str
    note: str


class ReferenceList(BaseModel):
    """The first ones by name. Where there are more, type more."""

    items: list[ReferenceItem]


@forms.post("/workflows/<string:key>/form")
@operation("partner", "staff", answer=FormOut, tags=TAGS)
def form(json: FormIn, key: str) -> FormOut:
    """The form of a workflow for the caller and these values; ask anew when a field that `drives` changes."""
    typed = content.clean(json.values)
    request = _request(json.request_id, key)
    with as_system(session()):
        if request is None:
            version = store.active(session(), key)
        else:
            version = store.get(session(), key, request.workflow_version)
        workflow = version.workflow()
        if request is None and not may_start(session(), actor(), workflow):
            raise NotFound(
                say('There is no workflow "{key}".', key=key),
                remedy=say("Look for it in the list of workflows."),
            )
    partner = request.partner_account_id if request else json.partner_account_id
    if actor().scope == "partner":
        if json.partner_account_id not in (None, actor().partner_id):
            raise BadInput(
                say("You ask for your own company."),
                fields={"partner_account_id": say("Leave this out: a request is your own company's.")},
            )
        partner = actor().partner_id
    language = json.language or caller().language
    stored = request.values if request else {}
    shown = smart_forms.resolved(
        session(), _reader(partner, json.request_id, language), workflow, {**stored, **typed}, stored
    )
    return _out(workflow, version.version, language, shown)


def _request(request_id: UUID | None, key: str) -> Request | None:
    if request_id is None:
        return None
    engine: Approvals = current_app.extensions["approvals"]
    found = engine.get(session(), actor(), request_id)
    if found.workflow_key != key:
        raise NotFound(say("There is no such request."), remedy=say("Look for it in the list."))
    return found


def _reader(partner: UUID | None, request_id: UUID | None, language: str) -> Reader:
    zone = services().settings.business_time_zone
    today = moment(session()).astimezone(zone).date()
    return Reader(actor(), today, partner, request_id, language)


def _out(workflow: Workflow, version: int, language: str, shown: ResolvedForm | None) -> FormOut:
    return FormOut(
        workflow=workflow.key,
        title=workflow.name(language),
        version=version,
        form=shown,
        json_schema=schema_of(shown) if shown else None,
    )


@forms.get("/references/<string:kind>")
@operation("partner", "staff", answer=ReferenceList, tags=TAGS)
def find(query: ReferenceQuery, kind: str) -> ReferenceList:
    """What a field of that kind can point to, by a part of its name."""
    found = references.search(session(), actor(), kind, query.q, query.language or caller().language)
    return ReferenceList(
        items=[ReferenceItem(value=one.value, label=one.label, note=one.note) for one in found]
    )

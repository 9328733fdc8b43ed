"""The API of a request's files. Of another partner's request it says what it says of none: 404."""

from __future__ import annotations

from datetime import datetime
from typing import Literal
from uuid import UUID

from flask import Blueprint, current_app
from pydantic import BaseModel

from app.approvals import smart_forms
from app.approvals.attachments import service
from app.approvals.attachments.rules import LARGEST, rules_of
from app.approvals.attachments.scanning import Scanner
from app.approvals.attachments.service import Attachment
from app.approvals.models import Request
from app.approvals.service import Approvals, moment
from app.approvals.smart_forms import Reader
from app.db import as_system
from app.web.fields import Line, Strict, Text80
from app.web.files import File, download, received
from app.web.operation import actor, caller, operation, services, session

attachments = Blueprint("attachments", __name__, url_prefix="/api/requests/<uuid:request_id>/attachments")
TAGS = ("Attachments",)
#: A form around the file takes some room as well.
BODY = LARGEST + 10_000


class AttachQuery(Strict):
    """Where a file belongs: to a field of the form, or to the request. `name` names a file sent by itself.

    `visible`: for both sides, or for the company alone.
    """

    field: Text80 = ""
    name: Line = ""
    visible: Literal["both", "company"] = "both"


class AttachmentOut(BaseModel):
    """A file of a request. It can be fetched when it is `clean`; `finding` says why it was refused."""

    id: UUID
    field: str
    visible: str
    name: str
    media_type: str
    size: int
    state: Literal["quarantine", "clean", "refused"]
    finding: str
    uploaded_by: str
    created_at: datetime


class AttachmentList(BaseModel):
    """The files of a request, the oldest first. `actions`: what the reader can do now, attach or detach."""

    items: list[AttachmentOut]
    actions: list[str]


def _engine() -> Approvals:
    found: Approvals = current_app.extensions["approvals"]
    return found


def _scanner() -> Scanner:
    found: Scanner = current_app.extensions["scanner"]
    return found


def _shown(one: Attachment) -> AttachmentOut:
    return AttachmentOut(
        id=one.id, field=one.field, visible=one.visible, name=one.name, media_type=one.media_type,
        size=one.size, state=one.state, finding=one.finding, uploaded_by=one.uploaded_by_name,
        created_at=one.created_at,
    )  # fmt: skip


def _all(request: Request) -> AttachmentList:
    return AttachmentList(
        items=[_shown(one) for one in service.listed(session(), request.id)],
        actions=service.possible(actor(), request),
    )


@attachments.post("")
@operation("partner", "staff", answer=AttachmentOut, status=201, upload=BODY, tags=TAGS)
def attach(query: AttachQuery, request_id: UUID) -> AttachmentOut:
    """Attach a file: as the body, with its name in the query, or as the part `file` of a form.

    The same content in the same field is kept once.
    """
    request = _engine().get(session(), actor(), request_id, lock=True)
    file = received(query.name)
    visible = query.visible if actor().scope == "staff" else "both"
    form = None
    if query.field:
        with as_system(session()):
            workflow = _engine().workflow(session(), request)
        zone = services().settings.business_time_zone
        reader = Reader(
            actor(), moment(session()).astimezone(zone).date(), request.partner_account_id, request.id,
            caller().language,
        )  # fmt: skip
        form = smart_forms.resolved(session(), reader, workflow, request.values, request.values)
    made = service.attach(
        session(), actor(), request,
        field=query.field, name=file.name, content=file.content, visible=visible,
        rules=rules_of(form, query.field), scanner=_scanner(),
    )  # fmt: skip
    return _shown(made)


@attachments.get("")
@operation("partner", "staff", answer=AttachmentList, tags=TAGS)
def files(request_id: UUID) -> AttachmentList:
    """The files of a request."""
    return _all(_engine().get(session(), actor(), request_id))


@attachments.get("/<uuid:attachment_id>")
@download("partner", "staff", tags=TAGS)
def fetch(request_id: UUID, attachment_id: UUID) -> File:
    """A clean file, to be saved."""
    _engine().get(session(), actor(), request_id)
    found, content = service.fetch(session(), request_id, attachment_id)
    return File(found.name, content, found.media_type)


@attachments.delete("/<uuid:attachment_id>")
@operation("partner", "staff", answer=AttachmentList, tags=TAGS)
def remove(request_id: UUID, attachment_id: UUID) -> AttachmentList:
    """Remove a file while the request is being prepared."""
    request = _engine().get(session(), actor(), request_id, lock=True)
    service.remove(session(), actor(), request, attachment_id)
    return _all(request)

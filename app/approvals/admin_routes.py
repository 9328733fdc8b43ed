"""The API of workflows as data, delegations and notices."""

from __future__ import annotations

from uuid import UUID

from flask import Blueprint

from app.approvals import delegations, notices, rehearsal, store
from app.approvals.admin_shapes import (
    DelegationIn,
    DelegationList,
    DelegationOut,
    NoticePage,
    NoticeQuery,
    ReadIn,
    RehearsalOut,
    RehearseIn,
    RevertIn,
    StepRehearsed,
    VersionOut,
    WorkflowIn,
    WorkflowOut,
)
from app.approvals.bodies import EmptyIn, PageQuery
from app.approvals.core import moment
from app.approvals.delegations import Wish
from app.approvals.document.reading import Document, read
from app.approvals.document.text import write
from app.approvals.reading.workflows import startable
from app.approvals.routes import MANAGE, engine
from app.approvals.shapes import WorkflowList
from app.db import as_system
from app.kernel.actor import Actor
from app.kernel.errors import BadInput, NotFound
from app.web import identity
from app.web.operation import actor, caller, operation, session
from app.words import say

approvals_admin = Blueprint("approvals_admin", __name__, url_prefix="/api")
WORKFLOWS = ("Workflows",)
PUBLISH = "workflows.manage"


@approvals_admin.get("/workflows")
@operation("partner", "staff", answer=WorkflowList, tags=WORKFLOWS)
def workflows() -> WorkflowList:
    """What the caller may start."""
    return startable(session(), actor(), caller().language)


@approvals_admin.get("/workflows/<string:key>")
@operation("staff", answer=WorkflowOut, right=PUBLISH, tags=WORKFLOWS)
def show(key: str) -> WorkflowOut:
    """A workflow's document with its versions."""
    return _workflow(key)


@approvals_admin.put("/workflows/<string:key>")
@operation("staff", answer=WorkflowOut, right=PUBLISH, tags=WORKFLOWS)
def publish(key: str, json: WorkflowIn) -> WorkflowOut:
    """Publish a version: new requests follow it, running ones keep theirs."""
    document = _document(json)
    if document.workflow.key != key:
        raise BadInput(
            say("The document is another workflow's."),
            fields={"document.key": say('Write "{key}", or use its address.', key=key)},
        )
    store.publish(session(), document, actor(), note=json.note)
    return _workflow(key)


@approvals_admin.post("/workflows/<string:key>/revert")
@operation("staff", answer=WorkflowOut, right=PUBLISH, tags=WORKFLOWS)
def revert(key: str, json: RevertIn) -> WorkflowOut:
    """Make an older version active again, as a new one."""
    store.revert(session(), key, actor(), json.version)
    return _workflow(key)


@approvals_admin.post("/workflows/<string:key>/rehearse")
@operation("staff", answer=RehearsalOut, right=PUBLISH, tags=WORKFLOWS)
def rehearse(key: str, json: RehearseIn) -> RehearsalOut:
    """Say who would be asked, and until when, for sample values. Nothing is written."""
    with as_system(session()):
        if json.document is not None or json.source is not None:
            workflow = _document(json).workflow
        else:
            workflow = store.active(session(), key).workflow()
        found = rehearsal.rehearse(
            session(), workflow, _requester(json.as_user), json.values,
            partner_account_id=json.partner_account_id, now=moment(session()), zone=engine().zone,
            language=caller().language,
        )  # fmt: skip
    return RehearsalOut(
        may_start=found.may_start,
        by_limits=found.by_limits,
        steps=[
            StepRehearsed(**{name: getattr(step, name) for name in StepRehearsed.model_fields})
            for step in found.steps
        ],
    )


def _requester(username: str) -> Actor:
    if not username:
        return actor()
    try:
        return identity.person(session(), subject=username).actor
    except identity.Unknown as error:
        raise BadInput(
            say("There is no such user."),
            fields={"as_user": say("Write another user name: {error}.", error=error)},
        ) from None


def _document(body: WorkflowIn | RehearseIn) -> Document:
    if (body.document is None) == (body.source is None):
        raise BadInput(
            say("One document is needed."),
            fields={"document": say("Send either `document`, or `source` as YAML.")},
        )
    return read(body.source if body.source is not None else write(body.document or {}))


def _workflow(key: str) -> WorkflowOut:
    found = store.versions(session(), key)
    now = next((one for one in found if one.active), None)
    if now is None:
        raise NotFound(
            say('There is no workflow "{key}".', key=key), remedy=say("Publish one under this address.")
        )
    return WorkflowOut(
        key=key,
        title=now.workflow().name(caller().language),
        version=now.version,
        source=now.source,
        document=read(now.source).content,
        versions=[
            VersionOut(**{name: getattr(one, name) for name in VersionOut.model_fields}) for one in found
        ],
    )


# -- delegations ---------------------------------------------------------------------------------------------


@approvals_admin.get("/delegations")
@operation("staff", answer=DelegationList, tags=("Delegations",))
def list_delegations(query: PageQuery) -> DelegationList:
    """Who stands in for the caller, and for whom the caller stands in."""
    return _delegations(query.limit)


@approvals_admin.post("/delegations")
@operation("staff", answer=DelegationList, status=201, tags=("Delegations",))
def delegate(json: DelegationIn) -> DelegationList:
    """Let a colleague stand in, or say that one is out of office."""
    wish = Wish(**json.model_dump())
    delegations.create(session(), actor(), wish, moment(session()), for_others=MANAGE in caller().rights)
    return _delegations()


@approvals_admin.post("/delegations/<uuid:delegation_id>/revoke")
@operation("staff", answer=DelegationList, tags=("Delegations",))
def revoke(delegation_id: UUID, json: EmptyIn) -> DelegationList:
    """End a delegation at once."""
    delegations.revoke(
        session(), actor(), delegation_id, moment(session()), for_others=MANAGE in caller().rights
    )
    return _delegations()


def _delegations(limit: int = 200) -> DelegationList:
    rows = delegations.listed(session(), actor(), moment(session()))
    return DelegationList(items=[DelegationOut(**row) for row in rows[:limit]])


# -- notices -------------------------------------------------------------------------------------------------


@approvals_admin.get("/notices")
@operation("partner", "staff", answer=NoticePage, tags=("Notices",))
def list_notices(query: NoticeQuery) -> NoticePage:
    """What the caller was told, newest first."""
    return notices.page(session(), actor(), unread=query.unread, limit=query.limit, cursor=query.cursor)


@approvals_admin.post("/notices/read")
@operation("partner", "staff", answer=NoticePage, tags=("Notices",))
def read_notices(json: ReadIn) -> NoticePage:
    """Mark notices as read: those named, or all of them."""
    notices.mark(session(), actor(), json.ids, all_of_them=json.all)
    return notices.page(session(), actor(), unread=True, limit=50, cursor="")

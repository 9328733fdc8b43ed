"""What comes in and goes out about workflows, delegations and notices."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from pydantic import BaseModel, Field

from app.approvals.bodies import Limit
from app.approvals.document.text import LONGEST
from app.web.fields import Line, Prose, Strict, Text40
from app.words import Said

Source = Annotated[str, Field(max_length=LONGEST)]


class WorkflowIn(Strict):
    """A workflow's document, as data or as YAML text; why it changes."""

    document: dict[str, Any] | None = None
    source: Source | None = None
    note: Line = ""


class RevertIn(Strict):
    """Which version; without one, the version before."""

    version: int | None = None


class RehearseIn(Strict):
    """Sample values, and who would hand them in. With a document, that one is rehearsed."""

    values: dict[str, Any] = {}
    partner_account_id: UUID | None = None
    as_user: Line = ""
    document: dict[str, Any] | None = None
    source: Source | None = None


class VersionOut(BaseModel):
    """One version of a workflow."""

    version: int
    active: bool
    note: str
    published_at: datetime
    published_by: str
    hash: str


class WorkflowOut(BaseModel):
    """A workflow: its active document, as written and as data, and its versions, newest first."""

    key: str
    title: str
    version: int
    source: str
    document: dict[str, Any]
    versions: list[VersionOut]


class StepRehearsed(BaseModel):
    """A step as it would be. `asked`: its condition holds."""

    key: str
    title: str
    asked: bool
    who: str
    names: list[str]
    quorum: str
    begins: datetime | None
    due: datetime | None
    remarks: list[str]


class RehearsalOut(BaseModel):
    """What would happen. `by_limits`: it would be approved by itself."""

    may_start: bool
    by_limits: bool
    steps: list[StepRehearsed]


class DelegationIn(Strict):
    """Who stands in, by user name, from when to when. `away`: the delegate is asked instead of the person.

    `person` is for administrators who set it up for somebody else.
    """

    delegate: Line = ""
    person: Line = ""
    workflow: Text40 | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    away: bool = False
    reason: Prose = ""


class DelegationOut(BaseModel):
    """A delegation. `own`: the reader gave it."""

    id: UUID
    person: str
    delegate: str
    workflow: str | None
    starts_at: datetime
    ends_at: datetime | None
    away: bool
    reason: str
    own: bool
    in_force: bool
    revoked_at: datetime | None
    created_at: datetime


class DelegationList(BaseModel):
    """Those that the reader gave or was given, newest first."""

    items: list[DelegationOut]


class NoticeQuery(Strict):
    """Which notices, and which page of them."""

    unread: bool = False
    limit: Limit = 50
    cursor: Line = ""


class ReadIn(Strict):
    """The notices that were read, or all of them."""

    ids: Annotated[list[UUID], Field(max_length=500)] = []
    all: bool = False


class NoticeOut(BaseModel):
    """Something that the reader was told. `request_id`: what it is about."""

    id: UUID
    kind: str
    sentence: Said
    request_id: UUID | None
    request_number: str
    at: datetime
    read_at: datetime | None


class NoticePage(BaseModel):
    """A page, newest first. `unread` counts all that are not read yet."""

    items: list[NoticeOut]
    next: str | None
    unread: int

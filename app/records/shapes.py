"""What comes in and goes out. `object` and `sf_id` name a record as Salesforce does; `sf_id` may be empty."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.approvals.shapes import RequestItem
from app.partners.shapes import AssignmentsOut
from app.web.fields import Line, Reason, Strict, Text40, Text80
from app.web.paging import LARGEST_PAGE
from app.words import Said

Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE)]
Sort = Literal["name", "-name", "changed", "-changed", "day", "-day"]
Group = Literal["registration", "request", "decision", "assignment"]


class RecordQuery(Strict):
    """Which records, and which page of them.

    `partner_id`: with this partner; `partner`: with one whose name contains this; `assigned`: with any, or
    with none; `mine`: those that the caller owns. `day`: by the day they are to close.
    """

    q: Text80 = ""
    partner_id: UUID | None = None
    partner: Text80 = ""
    assigned: bool | None = None
    mine: bool = False
    open: bool = False
    sort: Sort = "name"
    limit: Limit = 50
    cursor: Annotated[str, Field(max_length=1000)] = ""


class PartnerRef(BaseModel):
    """A partner that a record has."""

    id: UUID
    name: str


class RecordItem(BaseModel):
    """A record in a list. `detail`: what tells it from others of its name; `state`: stage, status or type."""

    object: str
    id: UUID
    sf_id: str
    name: str
    detail: str
    state: str
    owner: str
    partners: list[PartnerRef]
    amount: Decimal | None
    currency: str
    day: date | None
    closed: bool
    registration_number: str
    approval_status: str
    changed_at: datetime


class RecordPage(BaseModel):
    """A page. `counts`: with a partner and without, for the same search."""

    items: list[RecordItem]
    next: str | None
    total: int
    counts: dict[Literal["assigned", "unassigned"], int]


class RecordRef(BaseModel):
    """A record that another one names."""

    object: str
    sf_id: str
    name: str


class FieldOut(BaseModel):
    """A field of the highlights. `kind` says how `value` is read; `record`: what it leads to."""

    key: str
    kind: Literal["text", "money", "date", "moment", "record"] = "text"
    value: str
    currency: str = ""
    record: RecordRef | None = None


class RecordOut(BaseModel):
    """The highlights of a record as Tandem has it. `request_id`: of the request that it stands for."""

    object: str
    sf_id: str
    id: UUID
    name: str
    fields: list[FieldOut]
    request_id: UUID | None


class WaitingOut(BaseModel):
    """A field whose change waits to go to Salesforce. Empty `field`: the whole record is new there."""

    field: str
    since: datetime | None


class QuestionOut(BaseModel):
    """A field that both sides changed: `base` is what it was, `ours` what it is here, `theirs` there."""

    id: int
    field: str
    base: Any
    ours: Any
    theirs: Any
    found_at: datetime


class SyncOut(BaseModel):
    """How a record's sync is doing. `problem`: why not, in a sentence. `actions`: what the caller can do."""

    standing: Literal["synced", "pending", "conflict", "stuck", "refused", "deleted", "unknown"]
    agreed_at: datetime | None
    changed_there: datetime | None
    waiting: list[WaitingOut]
    waiting_since: datetime | None
    questions: list[QuestionOut]
    problem: Said
    attempts: int
    next_try: datetime | None
    actions: list[Literal["retry", "decide"]]


class TakeIn(Strict):
    """Whose value stays."""

    take: Literal["tandem", "salesforce"]


class RecordAssignIn(Strict):
    """Which partner gets a record: the id of its account in Salesforce; without one the rules choose.

    `over_capacity`: although the partner has none left.
    """

    account_id: Text40 = ""
    reason: Reason = ""
    over_capacity: bool = False


class EmptyIn(Strict):
    """Nothing."""


class ActivityQuery(Strict):
    """Which part of the activity."""

    group: Group | None = None
    limit: Limit = 20
    cursor: Line = ""


class ActivityItem(BaseModel):
    """Something that a partner did, or that was done about its work.

    `number`: of the registration or request; `title`: of the record that was assigned. `request_id`,
    `deal_id`: where to go on.
    """

    key: str
    group: Group
    at: datetime
    by: str
    kind: str
    sentence: Said
    reason: Said
    partner: str
    number: str
    title: str
    request_id: UUID | None
    deal_id: UUID | None


class ActivityPage(BaseModel):
    """A page, the newest first. `counts`: of each group, whatever the filter says."""

    items: list[ActivityItem]
    next: str | None
    total: int
    counts: dict[Group, int]


class RecordRequest(BaseModel):
    """A request about a record. `deal_id`: of the registration that it carries."""

    request: RequestItem
    deal_id: UUID | None


class RecordAssignment(BaseModel):
    """Who has a lead or an opportunity; `subject` and `record_id` name it where its partner is changed."""

    subject: Literal["lead", "opportunity"]
    record_id: UUID
    assignment: AssignmentsOut


class RecordRequests(BaseModel):
    """The requests about a record, those that wait before those that do not, each the newest first."""

    items: list[RecordRequest]
    total: int


class TileItem(BaseModel):
    """What a tile leads to: a record, a request or a registration."""

    title: str
    note: Said
    at: datetime | None = None
    day: date | None = None
    request_id: UUID | None = None
    deal_id: UUID | None = None
    record: RecordRef | None = None


class Tile(BaseModel):
    """A number that asks for something, with the first of what it counts."""

    key: Literal["overdue", "today", "expiring", "overlaps", "conflicts", "stuck"]
    count: int
    #: there are at least so many
    at_least: bool = False
    items: list[TileItem]


class HomeOut(BaseModel):
    """What waits for somebody of the company, the most pressing first."""

    tiles: list[Tile]
    expiring_within_days: int

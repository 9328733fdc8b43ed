"""What goes out. Amounts and dates are text in JSON: `"1250.00"`, `"2027-03-14"`."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from typing import Any, Literal
from uuid import UUID

from pydantic import BaseModel

from app.approvals.forms import ResolvedForm
from app.approvals.lifecycle import State
from app.words import Said


class Holder(BaseModel):
    """Whose turn it is: `requester`, `company`, or nobody's; who that is, since when, until when."""

    side: Literal["requester", "company", ""]
    who: Said
    people: list[str]
    since: datetime | None
    due: datetime | None
    overdue: bool


class RequestItem(BaseModel):
    """A request in a list."""

    id: UUID
    number: str
    workflow: str
    workflow_title: str
    title: str
    state: State
    state_words: Said
    state_since: datetime
    holder: Holder
    round: int
    partner_account_id: UUID | None
    partner_name: str
    requester: str
    subject_kind: str
    subject_id: UUID | None
    amount: Decimal | None
    currency: str
    submitted_at: datetime | None
    authorization: str | None
    created_at: datetime


class RequestPage(BaseModel):
    """A page. `next` is the cursor of the following one, or null. `counts`: by state, for the same search."""

    items: list[RequestItem]
    next: str | None
    total: int
    counts: dict[str, int]


class InboxItem(BaseModel):
    """Something that the reader may decide. `on_behalf_of`: whom they stand in for; empty for themselves."""

    request: RequestItem
    step: str
    step_title: str
    since: datetime
    due: datetime | None
    overdue: bool
    on_behalf_of: str
    queue: str
    taken_by: str


class InboxPage(BaseModel):
    """A page, the nearest deadline first. `total` counts what the reader may decide, up to a thousand;
    `total_is_least`: there is more.
    """

    items: list[InboxItem]
    next: str | None
    total: int
    total_is_least: bool


class DecisionOut(BaseModel):
    """What somebody said in a step. `door`: api, crm, process, or limits for what approved itself."""

    round: int
    step: str
    by: str
    on_behalf_of: str
    decision: Literal["approve", "reject"]
    reason: Said
    door: str
    at: datetime


class StepOut(BaseModel):
    """A step of the present round. `needed`: how many people approve, or `all` of those asked."""

    key: str
    title: str
    state: str
    needed: str
    door: str
    stage: int
    asked: list[str]
    opened_at: datetime | None
    due_at: datetime | None
    closed_at: datetime | None
    escalated: int
    decisions: list[DecisionOut]


class Event(BaseModel):
    """A line of the timeline; a comment is one of the kind `comment`, with its text in `reason`."""

    at: datetime
    by: str
    kind: str
    round: int
    step: str
    from_state: str | None
    to_state: str | None
    visible: str
    door: str
    reason: Said
    sentence: Said


class Decidable(BaseModel):
    """A step that the reader may decide now."""

    step: str
    title: str
    on_behalf_of: str
    queue: str
    taken_by: str


class RequestOut(RequestItem):
    """A request with everything its reader may see. `decide`: where the reader's decision is asked."""

    #: what this reader may see of them
    values: dict[str, Any]
    #: the workflow's form for this reader, with what still lacks; null where it has none
    form: ResolvedForm | None
    question: str
    lead_id: UUID | None
    opportunity_id: UUID | None
    account_id: UUID | None
    last_editor: str
    workflow_version: int
    #: what this reader can do now
    actions: list[str]
    decide: list[Decidable]
    steps: list[StepOut]
    decisions: list[DecisionOut]
    authorizations: list[AuthorizationItem]
    timeline: list[Event]


class AuthorizationItem(BaseModel):
    """An authorization of a request. `void`: it no longer holds, since when and why."""

    number: str
    round: int
    issued_at: datetime
    void: bool
    voided_at: datetime | None
    void_reason: Said


class AuthorizationOut(AuthorizationItem):
    """What was approved, as it was then, whatever became of the request."""

    request_id: UUID
    request_number: str
    partner_account_id: UUID | None
    partner_name: str
    workflow: str
    workflow_version: int
    content_hash: str
    snapshot: dict[str, Any]
    snapshot_hash: str


class WorkflowItem(BaseModel):
    """A workflow that the caller may start."""

    key: str
    title: str
    version: int


class WorkflowList(BaseModel):
    """All of them, by title."""

    items: list[WorkflowItem]


RequestOut.model_rebuild()

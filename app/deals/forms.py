"""What comes in and what goes out. Amounts and dates are text in JSON: `"1250.00"`, `"2027-03-14"`."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, Field

from app.approvals.shapes import StepOut
from app.deals.fields import DealFields
from app.deals.lifecycle import State
from app.web.export import CsvOptions
from app.web.fields import Reason, Strict, Text40, Text80
from app.web.paging import LARGEST_PAGE
from app.words import Said

Further = Annotated[dict[Text40, Any], Field(max_length=100)]


class DealIn(DealFields):
    """A new registration. `submit` hands it in at once; without it, it is a draft.

    `partner_account_id` is for people of the company who register for a partner. `further`: what the form
    of the workflow asks beside these fields.
    """

    partner_account_id: UUID | None = None
    further: Further = {}
    submit: bool = False


class DealPatch(DealFields):
    """Fields to change; what is left out stays. After it was handed in, the company decides anew."""

    further: Further = {}


class ReasonIn(Strict):
    """Why, in the writer's own words; the other side reads it."""

    reason: Reason = ""


class EmptyIn(Strict):
    """Nothing."""


DealSort = Literal[
    "created", "-created", "changed", "-changed", "customer", "-customer", "amount", "-amount",
    "close", "-close", "protected", "-protected",
]  # fmt: skip


class DealQuery(Strict):
    """Which registrations, in which order, and which page of them. A minus turns the order round."""

    state: State | None = None
    q: Text80 = ""
    sort: DealSort = "-created"
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50
    cursor: Annotated[str, Field(max_length=2000)] = ""


OpportunityState = Literal["open", "won", "lost"]
OpportunitySort = Literal["created", "-created", "close", "-close", "amount", "-amount", "name", "-name"]


class OpportunityQuery(Strict):
    """Which opportunities of the own company, in which order, and which page of them."""

    state: OpportunityState | None = None
    q: Text80 = ""
    sort: OpportunitySort = "-created"
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50
    cursor: Annotated[str, Field(max_length=2000)] = ""


class OpportunityItem(BaseModel):
    """An opportunity that is the partner's. `deal_id`: the registration it came from, if it came from one."""

    id: UUID
    name: str
    stage: str
    state: OpportunityState
    amount: Decimal | None
    currency: str
    close_date: date
    deal_id: UUID | None
    registration_number: str
    protected_until: date | None
    authorization_number: str
    created_at: datetime


class OpportunityPage(BaseModel):
    """A page. `next` is the cursor of the following one, or null. `counts`: by state, for the same search."""

    items: list[OpportunityItem]
    next: str | None
    total: int
    counts: dict[str, int]


class DealExportQuery(CsvOptions):
    """Which registrations, and how the file is written."""

    state: State | None = None
    q: Text80 = ""


class DealItem(BaseModel):
    """A registration in a list."""

    id: UUID
    number: str
    state: State
    state_words: Said
    state_since: datetime
    #: whose turn it is: partner, company, or nobody's
    holder: Literal["partner", "company", ""]
    #: who that is, by name; since when, and until when
    held_by: Said
    held_since: datetime | None
    due: datetime | None
    overdue: bool
    #: the request that carries it: decisions, answers, comments and files go there
    request_id: UUID | None
    authorization_number: str | None
    partner_account_id: UUID
    partner_name: str
    customer_name: str
    customer_country: str
    product_family: str
    amount: Decimal | None
    currency: str
    close_date: date | None
    submitted_at: datetime | None
    protected_until: date | None
    stage: str
    overlaps: bool
    created_at: datetime


class DealPage(BaseModel):
    """A page. `next` is the cursor of the following one, or null. `counts`: by state, for the same search."""

    items: list[DealItem]
    next: str | None
    total: int
    counts: dict[str, int]


class Event(BaseModel):
    """A line of the timeline: of the deal, or of its request. `step`, `door`: of a decision."""

    at: datetime
    by: str
    kind: str
    step: str = ""
    door: str = ""
    from_state: str | None
    to_state: str | None
    reason: Said
    sentence: Said


class Overlap(BaseModel):
    """What it overlaps with. `evidence` is there for the company only."""

    kind: Literal["registration", "opportunity"]
    number: str
    until: date | None
    sentence: Said
    found_at: datetime
    evidence: dict[str, Any] | None = None


class DealOut(DealItem):
    """A registration with everything its reader may see."""

    customer_postal_code: str
    customer_city: str
    customer_website: str
    contact_first_name: str
    contact_last_name: str
    contact_email: str
    contact_phone: str
    products: list[str]
    description: str
    submitted_by: str
    decided_by: str
    decided_at: datetime | None
    decision_reason: Said
    lead_id: UUID | None
    opportunity_id: UUID | None
    customer_account_id: UUID | None
    request_number: str
    #: what the company asked and nobody has answered yet
    question: str
    #: the steps of the request's present round
    route: list[StepOut]
    #: what this reader can do now, here (submit, edit, withdraw) or with the request
    actions: list[str]
    conflicts: list[Overlap]
    timeline: list[Event]
    #: for the company only
    override_reason: str | None = None
    customer_key: str | None = None

"""What comes in and what goes out. Amounts and dates are text in JSON: `"1250.00"`, `"2027-03-14"`."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, BeforeValidator, Field

from app.deals.customers import country_code
from app.deals.lifecycle import State
from app.web.export import CsvOptions
from app.web.fields import Line, Money, Prose, Reason, Strict, Text20, Text40, Text80, no_float
from app.web.paging import LARGEST_PAGE

_MAIL = re.compile(r"[^@\s<>\"']+@[^@\s<>\"'.]+(\.[^@\s<>\"'.]+)+")


def _country(text: str) -> str:
    code = country_code(text) if text else ""
    if text and not code:
        raise ValueError("Write a country's two-letter code, such as DE.")
    return code


def _mail(text: str) -> str:
    if text and not _MAIL.fullmatch(text):
        raise ValueError("Write a mail address, such as name@company.com.")
    return text.lower()


def _currency(text: str) -> str:
    if text and not re.fullmatch(r"[A-Za-z]{3}", text):
        raise ValueError("Write a currency's three-letter code, such as EUR.")
    return text.upper()


class DealFields(Strict):
    """What a registration says. Nothing is required before it is submitted."""

    customer_name: Line = ""
    customer_country: Annotated[Text80, AfterValidator(_country)] = ""
    customer_postal_code: Text20 = ""
    customer_city: Text40 = ""
    customer_website: Line = ""
    contact_first_name: Text40 = ""
    contact_last_name: Text80 = ""
    contact_email: Annotated[Text80, AfterValidator(_mail)] = ""
    contact_phone: Text40 = ""
    product_family: Text80 = ""
    products: Annotated[list[Text80], Field(max_length=50)] = []
    amount: Annotated[Money | None, BeforeValidator(no_float)] = None
    currency: Annotated[Text20, AfterValidator(_currency)] = ""
    close_date: date | None = None
    description: Prose = ""


class DealIn(DealFields):
    """A new registration. `submit` hands it in at once; without it, it is a draft.

    `partner_account_id` is for people of the company who register for a partner.
    """

    partner_account_id: UUID | None = None
    submit: bool = False


class DealPatch(DealFields):
    """Fields of a draft to change; what is left out stays."""


class ReasonIn(Strict):
    """Why, in the writer's own words; the other side reads it."""

    reason: Reason = ""


class ApproveIn(Strict):
    """`override_reason`: why it is approved although it overlaps another deal; only the company reads it."""

    override_reason: Reason = ""


class EmptyIn(Strict):
    """Nothing."""


class DealQuery(Strict):
    """Which registrations, and which page of them."""

    state: State | None = None
    q: Text80 = ""
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50
    cursor: Line = ""


class DealExportQuery(CsvOptions):
    """Which registrations, and how the file is written."""

    state: State | None = None
    q: Text80 = ""


class InboxQuery(Strict):
    """Which page of what waits for a decision."""

    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50
    cursor: Line = ""


class DealItem(BaseModel):
    """A registration in a list."""

    id: UUID
    number: str
    state: State
    state_words: str
    state_since: datetime
    #: whose turn it is: partner, company, or nobody's
    holder: Literal["partner", "company", ""]
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
    """A line of the timeline."""

    at: datetime
    by: str
    kind: str
    from_state: str | None
    to_state: str | None
    reason: str
    sentence: str


class Overlap(BaseModel):
    """What it overlaps with. `evidence` is there for the company only."""

    kind: Literal["registration", "opportunity"]
    number: str
    until: date | None
    sentence: str
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
    decision_reason: str
    lead_id: UUID | None
    opportunity_id: UUID | None
    customer_account_id: UUID | None
    #: what this reader can do now
    actions: list[str]
    conflicts: list[Overlap]
    timeline: list[Event]
    #: for the company only
    override_reason: str | None = None
    customer_key: str | None = None

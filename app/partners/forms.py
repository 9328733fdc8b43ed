"""What comes in and what goes out. Amounts, weights and dates are text in JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from app.web.fields import Line, Reason, Strict, Text40, Text80, no_float
from app.web.paging import LARGEST_PAGE

Kind = Literal["distributor", "reseller"]
StatusKey = Literal["applicant", "approved", "active", "suspended", "ended"]
Sort = Literal["name", "-name", "rank", "-rank", "since", "-since", "changed", "-changed"]
Weight = Annotated[Decimal, Field(ge=0, max_digits=8, decimal_places=2)]


class PartnerQuery(Strict):
    """Which partners, in which order, and which page. `rank` orders by the level's weight."""

    status: StatusKey | None = None
    kind: Kind | None = None
    level: Text80 = ""
    activation: Text80 = ""
    region: Text80 = ""
    country: Text40 = ""
    #: whether it has leads, opportunities or orders assigned now
    assigned: bool | None = None
    #: whether I look after it in the CRM
    mine: bool = False
    q: Text80 = ""
    sort: Sort = "name"
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 50
    cursor: Annotated[str, Field(max_length=1000)] = ""


class PartnerItem(BaseModel):
    """A partner in a list. `manager`: who looks after it in the CRM."""

    id: UUID
    name: str
    kind: Kind
    status: StatusKey
    status_words: str
    status_since: datetime
    since: date | None
    level: str
    level_name: str
    weight: Decimal
    activation: str
    activation_name: str
    region: str
    region_name: str
    country: str
    manager: str
    assigned_leads: int
    assigned_opportunities: int


class PartnerPage(BaseModel):
    """A page. `next`: the cursor of the following one, or null. `counts`: by status, for the same search."""

    items: list[PartnerItem]
    next: str | None
    total: int
    counts: dict[str, int]


class PeriodOut(BaseModel):
    """Days of a level or an activation: from `start` up to the day before `until`."""

    key: str
    name: str
    plan: str
    start: date
    until: date | None
    reason: str
    set_by: str
    set_at: datetime
    #: replaced by a later decision before it ended
    superseded: bool


class TimelineLine(BaseModel):
    """A line of the timeline."""

    at: datetime
    by: str
    kind: str
    sentence: str
    reason: str
    #: the company alone reads it
    internal: bool


class Need(BaseModel):
    """Something a level or a stage asks for. `task`: the key by which somebody ticks it off."""

    sentence: str
    met: bool
    have: int
    need: int
    task: str


class NextStep(BaseModel):
    """The next level or stage, and what is missing for it."""

    key: str
    name: str
    missing: list[str]
    items: list[Need]


class PersonOut(BaseModel):
    """One of the partner's people. `id` is a user's, or a contact's who does not sign in."""

    id: UUID
    name: str
    email: str
    title: str
    signs_in: bool
    roles: list[str]


class Related(BaseModel):
    """Another company this one belongs to, supplies, or is supplied by."""

    id: UUID
    name: str
    since: date | None = None


class PartnerOut(PartnerItem):
    """A partner with everything its reader may see."""

    status_reason: str
    plan: str
    countries: list[str]
    benefits: list[str]
    lead_capacity: int | None
    deal_capacity: int | None
    open_leads: int
    open_deals: int
    levels: list[PeriodOut]
    activations: list[PeriodOut]
    next_level: NextStep | None
    next_activation: NextStep | None
    people: list[PersonOut]
    parent: Related | None
    branches: list[Related]
    distributors: list[Related]
    resellers: list[Related]
    timeline: list[TimelineLine]
    #: what this reader can do now
    actions: list[str]
    row_version: int


class LevelChange(Strict):
    """A level from a day on. Without `start`: today, or after the grace where it is a fall."""

    level: Text80 = ""
    start: date | None = None
    #: instead of the level's default commission plan
    plan: Text80 | None = None
    reason: Reason = ""


class ActivationChange(Strict):
    """A stage of onboarding from a day on; without `start` from today."""

    activation: Text80 = ""
    start: date | None = None
    reason: Reason = ""


class Because(Strict):
    """Why."""

    reason: Reason = ""


class LevelIn(Strict):
    """A level. `weight` ranks it and weights the automatic assignment."""

    name: Text80 | None = None
    weight: Annotated[Weight | None, BeforeValidator(no_float)] = None
    default_plan: Text80 | None = None
    benefits: Annotated[list[Line], Field(max_length=50)] | None = None
    requirements: Annotated[list[dict[str, Any]], Field(max_length=50)] | None = None
    grace_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    retired: bool | None = None


class LevelOut(BaseModel):
    """A level of the company. `partners`: how many hold it today."""

    key: str
    name: str
    weight: Decimal
    default_plan: str
    benefits: list[str]
    requirements: list[dict[str, Any]]
    grace_days: int
    initial: bool
    partners: int


class StageOut(BaseModel):
    """A stage of onboarding."""

    key: str
    name: str
    position: int
    requirements: list[dict[str, Any]]
    partners: int


class Catalogue(BaseModel):
    """The levels, the lightest first, and the stages of onboarding in their order."""

    levels: list[LevelOut]
    activations: list[StageOut]

"""What comes in and what goes out. Amounts, weights and dates are text in JSON."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from app.web.export import CsvOptions
from app.web.fields import Line, Reason, Strict, Text40, Text80, no_float
from app.web.paging import LARGEST_PAGE
from app.words import Said

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


class PartnerExportQuery(CsvOptions):
    """Which partners, and how the file is written."""

    status: StatusKey | None = None
    kind: Kind | None = None
    level: Text80 = ""
    activation: Text80 = ""
    region: Text80 = ""
    country: Text40 = ""
    assigned: bool | None = None
    mine: bool = False
    q: Text80 = ""


#: What is about the file and not about the partners.
CSV = set(CsvOptions.model_fields)


class PartnerItem(BaseModel):
    """A partner in a list. `manager`: who looks after it in the CRM."""

    id: UUID
    name: str
    kind: Kind
    status: StatusKey
    status_words: Said
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
    reason: Said
    set_by: str
    set_at: datetime
    #: replaced by a later decision before it ended
    superseded: bool


class TimelineLine(BaseModel):
    """A line of the timeline."""

    at: datetime
    by: str
    kind: str
    sentence: Said
    reason: Said
    #: the company alone reads it
    internal: bool


class Need(BaseModel):
    """Something a level or a stage asks for. `task`: the key by which somebody ticks it off."""

    sentence: Said
    met: bool
    have: int
    need: int
    task: str


class NextStep(BaseModel):
    """The next level or stage, and what is missing for it."""

    key: str
    name: str
    missing: list[Said]
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


class Terms(Strict):
    """What is agreed with a partner; what is left out stays. `weight` null: the level's."""

    kind: Kind | None = None
    region: Text80 | None = None
    countries: Annotated[list[Text40], Field(max_length=250)] = []
    weight: Annotated[Weight | None, BeforeValidator(no_float)] = None
    lead_capacity: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    deal_capacity: Annotated[int | None, Field(ge=0, le=1_000_000)] = None


class StepQuery(Strict):
    """Which step to look ahead at."""

    step: Literal["suspend", "reinstate", "end"] = "suspend"


class OpenOut(BaseModel):
    """Something open, how many, and in a sentence what happens to it."""

    kind: str
    count: int
    sentence: Said


class OpenWorkOut(BaseModel):
    """What a step would do to everything open; empty: to nothing."""

    step: str
    items: list[OpenOut]


class RoleChange(Strict):
    """A role of one of the partner's people, given or taken (`take`)."""

    person_id: UUID | None = None
    role: Literal["", "seller", "admin", "finance"] = ""
    take: bool = False


class SupplyChange(Strict):
    """From `start` on the distributor serves the reseller; with `ends` it serves it until the day before."""

    reseller_id: UUID | None = None
    start: date | None = None
    ends: date | None = None


class Tick(Strict):
    """An item of a checklist, ticked off or (`done` false) not."""

    task: Text80 = ""
    done: bool = True
    remark: Reason = ""


class CertificateIn(Strict):
    """A certification of the partner, or of one of its people. Without `last_day` as long as its kind."""

    certification: Text80 = ""
    start: date | None = None
    last_day: date | None = None
    contact_id: UUID | None = None
    reference: Line = ""


class CertificateOut(BaseModel):
    """A certification: from `start` up to the day before `until`."""

    id: UUID
    certification: str
    name: str
    product_family: str
    person: str
    reference: str
    start: date
    until: date | None
    state: Literal["valid", "planned", "expired", "revoked"]
    revoke_reason: str


class WaitingOut(BaseModel):
    """A version that waits for acceptance until the end of `due_on`."""

    version_id: UUID
    agreement: str
    title: str
    version: int
    languages: list[str]
    effective_on: date
    due_on: date
    overdue: bool


class AcceptedOut(BaseModel):
    """A version that was accepted: by whom, when, and which exact text."""

    version_id: UUID
    agreement: str
    title: str
    version: int
    language: str
    sha256: str
    user_name: str
    name_typed: str
    accepted_at: datetime


class AgreementsOut(BaseModel):
    """What waits for acceptance, and what was accepted."""

    waiting: list[WaitingOut]
    accepted: list[AcceptedOut]


class PartnerOut(PartnerItem):
    """A partner with everything its reader may see."""

    status_reason: Said
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
    certifications: list[CertificateOut]
    agreements: AgreementsOut
    timeline: list[TimelineLine]
    #: what this reader can do now
    actions: list[str]
    row_version: int

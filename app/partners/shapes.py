"""What comes in and goes out beside one partner: levels, stages, regions, agreements, assignments."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BaseModel, BeforeValidator, Field

from app.partners.forms import Weight
from app.web.fields import Line, Reason, Strict, Text40, Text80, no_float
from app.web.paging import LARGEST_PAGE
from app.words import Said


class LevelPatch(Strict):
    """A level; what is left out stays. `weight` ranks it and weights the automatic assignment."""

    name: Text80 | None = None
    weight: Annotated[Weight | None, BeforeValidator(no_float)] = None
    default_plan: Text80 | None = None
    benefits: Annotated[list[Line], Field(max_length=50)] | None = None
    requirements: Annotated[list[dict[str, Any]], Field(max_length=50)] | None = None
    grace_days: Annotated[int, Field(ge=0, le=3650)] | None = None
    initial: bool | None = None
    retired: bool | None = None


class LevelIn(LevelPatch):
    """A new level."""

    key: Text40 = ""


class StagePatch(Strict):
    """A stage of onboarding; what is left out stays."""

    name: Text80 | None = None
    requirements: Annotated[list[dict[str, Any]], Field(max_length=50)] | None = None


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


class RegionIn(Strict):
    """A region, made or changed. A country belongs to one region."""

    key: Text40 = ""
    name: Text80 = ""
    countries: Annotated[list[Text40], Field(max_length=250)] = []


class RegionOut(BaseModel):
    """A region."""

    key: str
    name: str
    countries: list[str]


class CertificationIn(Strict):
    """A kind of certification, made or changed. `valid_months` null: without an end."""

    key: Text40 = ""
    name: Text80 = ""
    product_family: Text80 = ""
    valid_months: Annotated[int | None, Field(ge=1, le=600)] = None


class CertificationOut(BaseModel):
    """A kind of certification."""

    key: str
    name: str
    product_family: str
    valid_months: int | None


class Catalogue(BaseModel):
    """The levels, the lightest first; the stages of onboarding in order; certifications and regions."""

    levels: list[LevelOut]
    activations: list[StageOut]
    certifications: list[CertificationOut]
    regions: list[RegionOut]


class PublishIn(Strict):
    """A new version of an agreement: the whole text by language code."""

    agreement: Text40 = "partner_agreement"
    texts: Annotated[dict[Text40, Annotated[str, Field(max_length=500_000)]], Field(max_length=40)] = {}
    effective_on: date | None = None
    accept_within_days: Annotated[int, Field(ge=1, le=3650)] = 30


class VersionOut(BaseModel):
    """A version in one language; `sha256` is to be sent back with the acceptance."""

    version_id: UUID
    agreement: str
    title: str
    version: int
    language: str
    languages: list[str]
    text: str
    sha256: str
    effective_on: date
    published_at: datetime


class VersionItem(BaseModel):
    """A version in a list. `accepted`: by how many partners; `asked`: of how many it is asked now."""

    version_id: UUID
    agreement: str
    title: str
    version: int
    languages: list[str]
    effective_on: date
    published_at: datetime
    published_by: str
    latest: bool
    accepted: int
    asked: int


class VersionList(BaseModel):
    """Every version of every agreement, the latest first."""

    items: list[VersionItem]


class VersionQuery(Strict):
    """The language to read; without it the reader's own where there is one."""

    language: Text40 = ""


class AcceptIn(Strict):
    """What was read, by its language and its SHA-256, and the own name, typed."""

    language: Text40 = ""
    sha256: Annotated[str, Field(max_length=64)] = ""
    name_typed: Text80 = ""


SubjectKey = Literal["lead", "opportunity", "sales_order"]


class SubjectQuery(Strict):
    """Which record. `family`: the product family it is about, where that matters."""

    subject: SubjectKey = "lead"
    record_id: UUID | None = None
    family: Text80 = ""


class AssignIn(Strict):
    """Give a record to a partner. `over_capacity`: although it has none left."""

    subject: SubjectKey = "lead"
    record_id: UUID | None = None
    partner_id: UUID | None = None
    reason: Reason = ""
    over_capacity: bool = False


class AssignAutomaticallyIn(Strict):
    """Give a record to the partner that the rules choose."""

    subject: SubjectKey = "lead"
    record_id: UUID | None = None
    family: Text80 = ""


class TakeOffIn(Strict):
    """Take a record off its partner."""

    subject: SubjectKey = "lead"
    record_id: UUID | None = None
    reason: Reason = ""


class VerdictOut(BaseModel):
    """A partner, and why it or why not."""

    partner_id: UUID
    name: str
    why: Said


class ChoiceOut(BaseModel):
    """Whom the rules choose, and what they say of the others."""

    chosen: VerdictOut | None
    others: list[VerdictOut]


class AssignmentOut(BaseModel):
    """Who has or had the record."""

    partner_id: UUID
    partner: str
    manner: Literal["hand", "automatic", "crm", "registration"]
    because: Said
    others: list[dict[str, Said]]
    assigned_by: str
    assigned_at: datetime
    ended_at: datetime | None
    ended_by: str
    end_reason: Said


class AssignedPerson(BaseModel):
    """One of the people of the partner that has the record. roles: what they do for the partner."""

    name: str
    email: str
    title: str
    roles: list[str]


class AssignedOut(BaseModel):
    """The partner that has the record now. sf_id: of its account in Salesforce; empty before it is there."""

    partner_id: UUID
    partner: str
    sf_id: str
    status: Said
    level: str
    region: str
    activation: str
    people: list[AssignedPerson]


class AssignmentsOut(BaseModel):
    """The history of a record's partners, the latest first.

    assigned: who has it now. actions: what the caller can do about it; locked: why nobody can
    do anything; locked_remedy: what to do first.
    """

    items: list[AssignmentOut]
    assigned: AssignedOut | None
    actions: list[Literal["assign", "change", "take_off", "undo"]]
    locked: Said
    locked_remedy: Said


class CandidateQuery(SubjectQuery):
    """Candidates for a record; `q`: a part of the partner's name."""

    q: Text80 = ""
    limit: Annotated[int, Field(ge=1, le=LARGEST_PAGE)] = 20


class ReasonOut(BaseModel):
    """Why, or why not, as a code with what belongs to it: `sells_in` and `DE`."""

    code: str
    values: list[str]


class CandidateOut(BaseModel):
    """A partner that could have the record. recommended: by the rules. capacity: null for any number."""

    partner_id: UUID
    name: str
    eligible: bool
    recommended: bool
    level: str
    region: str
    activation: str
    certified: list[str]
    open: int
    capacity: int | None
    reasons: list[ReasonOut]


class CandidatePage(BaseModel):
    """The first candidates, the best ones first. total: how many partners the search found."""

    items: list[CandidateOut]
    total: int

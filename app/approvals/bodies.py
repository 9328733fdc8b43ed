"""What comes in, validated: bodies and queries. Amounts and dates are text: `"1250.00"`, `"2027-03-14"`."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

from app.approvals.lifecycle import State
from app.web.export import CsvOptions
from app.web.paging import LARGEST_PAGE
from app.words import say

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")


def _line(text: str) -> str:
    if _CONTROL.search(text) or "\n" in text or "\r" in text:
        raise ValueError(say("Write one line without control characters."))
    return text


def _prose(text: str) -> str:
    if _CONTROL.search(text):
        raise ValueError(say("Write text without control characters."))
    return text.replace("\r\n", "\n").replace("\r", "\n")


Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=255), AfterValidator(_line)]
Name = Annotated[str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(_line)]
Reason = Annotated[str, StringConstraints(strip_whitespace=True, max_length=4000), AfterValidator(_prose)]
Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE)]


class Strict(BaseModel):
    """A body in which nothing unknown is accepted."""

    model_config = ConfigDict(extra="forbid")


class Refs(Strict):
    """The records of the CRM that a request is about."""

    lead_id: UUID | None = None
    opportunity_id: UUID | None = None
    account_id: UUID | None = None


class RequestIn(Strict):
    """A new request. `submit` hands it in at once; without it, it is a draft.

    `partner_account_id` is for people of the company who ask for a partner.
    """

    workflow: Name
    title: Line = ""
    values: dict[str, Any] = {}
    partner_account_id: UUID | None = None
    refs: Refs = Refs()
    submit: bool = False


class RequestPatch(Strict):
    """Values to change; what is left out stays."""

    title: Line | None = None
    values: dict[str, Any] = {}


class ResubmitIn(Strict):
    """Values to change before it is handed in again."""

    values: dict[str, Any] = {}


class DecisionIn(Strict):
    """A decision. `step` and `round` as the request showed them; `extra` is for the workflow's own needs."""

    decision: Literal["approve", "reject", "request_info"]
    reason: Reason = ""
    step: Name | None = None
    round: int | None = None
    extra: dict[str, Any] = {}


class ReasonIn(Strict):
    """Why, in the writer's own words; the other side reads it."""

    reason: Reason = ""


class CommentIn(Strict):
    """A comment. `visible`: `both` sides read it, or the `company` alone."""

    text: Reason
    visible: Literal["both", "company"] = "both"


class StepIn(Strict):
    """Which step's task; without it the only one there is."""

    step: Name | None = None


class EmptyIn(Strict):
    """Nothing."""


RequestSort = Literal["created", "-created", "changed", "-changed", "amount", "-amount", "title", "-title"]


class RequestQuery(Strict):
    """Which requests, in which order, and which page of them. `mine`: those that the caller began.

    A minus turns the order round.
    """

    state: State | None = None
    workflow: Name = ""
    partner_account_id: UUID | None = None
    q: Line = ""
    mine: bool = False
    sort: RequestSort = "-created"
    limit: Limit = 50
    cursor: Annotated[str, Field(max_length=2000)] = ""


class ExportQuery(CsvOptions):
    """Which requests."""

    state: State | None = None
    workflow: Name = ""
    q: Line = ""


class PageQuery(Strict):
    """Which page."""

    limit: Limit = 50
    cursor: Line = ""


class InboxQuery(PageQuery):
    """Which tasks. `due`: `overdue`, `today` (and not yet overdue), or within a `week`, whatever is overdue
    among them."""

    due: Literal["overdue", "today", "week"] | None = None
    workflow: Name = ""
    q: Line = ""
    sort: Literal["due", "newest"] = "due"

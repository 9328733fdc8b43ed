"""What comes in, validated: bodies and queries. Amounts and dates are text: `"1250.00"`, `"2027-03-14"`."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import Field

from app.approvals.lifecycle import State
from app.web.export import CsvOptions
from app.web.fields import Line, Prose, Strict, Text40
from app.web.paging import LARGEST_PAGE

Limit = Annotated[int, Field(ge=1, le=LARGEST_PAGE)]


class Refs(Strict):
    """The records of the CRM that a request is about."""

    lead_id: UUID | None = None
    opportunity_id: UUID | None = None
    account_id: UUID | None = None


class RequestIn(Strict):
    """A new request. `submit` hands it in at once; without it, it is a draft.

    `partner_account_id` is for people of the company who ask for a partner.
    """

    workflow: Text40
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
    reason: Prose = ""
    step: Text40 | None = None
    round: int | None = None
    extra: dict[str, Any] = {}


class ReasonIn(Strict):
    """Why, in the writer's own words; the other side reads it."""

    reason: Prose = ""


class CommentIn(Strict):
    """A comment. `visible`: `both` sides read it, or the `company` alone."""

    text: Prose
    visible: Literal["both", "company"] = "both"


class StepIn(Strict):
    """Which step's task; without it the only one there is."""

    step: Text40 | None = None


class EmptyIn(Strict):
    """Nothing."""


RequestSort = Literal["created", "-created", "changed", "-changed", "amount", "-amount", "title", "-title"]


class RequestQuery(Strict):
    """Which requests, in which order, and which page of them. `mine`: those that the caller began.

    A minus turns the order round.
    """

    state: State | None = None
    workflow: Text40 = ""
    partner_account_id: UUID | None = None
    q: Line = ""
    mine: bool = False
    sort: RequestSort = "-created"
    limit: Limit = 50
    cursor: Annotated[str, Field(max_length=2000)] = ""


class ExportQuery(CsvOptions):
    """Which requests."""

    state: State | None = None
    workflow: Text40 = ""
    q: Line = ""


class PageQuery(Strict):
    """Which page."""

    limit: Limit = 50
    cursor: Line = ""


class InboxQuery(PageQuery):
    """Which tasks. `due`: `overdue`, `today` (and not yet overdue), or within a `week`, whatever is overdue
    among them."""

    due: Literal["overdue", "today", "week"] | None = None
    workflow: Text40 = ""
    q: Line = ""
    sort: Literal["due", "newest"] = "due"

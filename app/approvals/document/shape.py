"""The parts of a workflow document, and what each can hold."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Discriminator, Field, StringConstraints, Tag, model_validator

#: Steps of one route; a person reads them all.
MOST_STEPS = 40

Key = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Titles = Annotated[dict[str, Annotated[str, StringConstraints(min_length=1, max_length=200)]], Field()]
ConditionPart = dict[str, Any]


class Part(BaseModel):
    """What all parts share: no unknown keys, no silent conversions."""

    model_config = ConfigDict(extra="forbid", strict=True, populate_by_name=True, frozen=True)


def _exactly_one(part: BaseModel) -> None:
    given = [name for name in type(part).model_fields if getattr(part, name) not in (None, False)]
    if len(given) != 1:
        names = ", ".join(type(part).model_fields)
        raise ValueError(f"Write exactly one of {names}.")


class Duration(Part):
    """A length of time. Days and business days are the company's; weekends are no business days."""

    hours: Annotated[int, Field(ge=1, le=24 * 365)] | None = None
    days: Annotated[int, Field(ge=1, le=3650)] | None = None
    business_days: Annotated[int, Field(ge=1, le=1000)] | None = None

    @model_validator(mode="after")
    def _one(self) -> Duration:
        _exactly_one(self)
        return self

    def at_least_hours(self) -> int:
        """How long it is at least, to compare two of them."""
        return self.hours or 24 * (self.days or self.business_days or 0)


class Approver(Part):
    """Who is asked.

    role, queue: whoever holds the role of that name; a queue's task is taken by one of them first.
    user: a user name. partner_manager: the owner of the partner's account. manager_of: the manager of that
    person. record_owner: the owner of the opportunity, else of the lead, else of the account.
    """

    role: Key | None = None
    user: Annotated[str, StringConstraints(min_length=3, max_length=255)] | None = None
    queue: Key | None = None
    partner_manager: Literal[True] | None = None
    manager_of: Literal["requester", "partner_manager", "record_owner"] | None = None
    record_owner: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Approver:
        _exactly_one(self)
        return self

    def words(self) -> str:
        """As a person says it."""
        if self.role or self.queue:
            return str(self.role or f"queue {self.queue}").replace("_", " ")
        if self.user:
            return self.user
        if self.manager_of:
            return f"manager of the {self.manager_of.replace('_', ' ')}"
        return "the partner's manager" if self.partner_manager else "the record's owner"


Quorum: TypeAlias = Literal["all"] | Annotated[int, Field(ge=1, le=20)]


class Escalation(Part):
    """Who decides as well once the deadline has passed; `after`: so much later than the level before."""

    to: Approver
    after: Duration | None = None


class Step(Part):
    """One thing to decide.

    quorum: how many different people approve, or `all`: one for each of the approvers. A rejection rejects.
    remind: so long after the step has begun. escalate: one level, or several in turn; whoever is asked
    then decides the step alone. in: the org's own approval process decides.
    """

    key: Key
    title: Titles = {}
    when: ConditionPart | None = None
    approvers: Annotated[list[Approver], Field(min_length=1, max_length=20)]
    quorum: Quorum = 1
    deadline: Duration | None = None
    remind: Duration | None = None
    escalate: Escalation | Annotated[list[Escalation], Field(min_length=1, max_length=5)] | None = None
    in_: Literal["salesforce"] | None = Field(None, alias="in")

    @property
    def levels(self) -> Sequence[Escalation]:
        """The levels of escalation, in their order."""
        if self.escalate is None:
            return ()
        return self.escalate if isinstance(self.escalate, list) else (self.escalate,)


class Parallel(Part):
    """Steps that are open at the same time; `quorum` of them are enough, by default all."""

    key: Key | None = None
    title: Titles = {}
    when: ConditionPart | None = None
    parallel: Annotated[list[Step], Field(min_length=1, max_length=20)]
    quorum: Quorum = "all"


def _kind(value: Any) -> str:
    parallel = "parallel" in value if isinstance(value, dict) else isinstance(value, Parallel)
    return "Parallel" if parallel else "Step"


Stage = Annotated[Annotated[Step, Tag("Step")] | Annotated[Parallel, Tag("Parallel")], Discriminator(_kind)]


class Workflow(Part):
    """A workflow: who may start it, its form, its limits, its route, its effect."""

    key: Key
    title: Titles
    number: Annotated[str, StringConstraints(pattern=r"^[A-Z][A-Z0-9]{0,7}$")]
    initiators: Annotated[list[Key], Field(min_length=1)]
    effect: Key | None = None
    subject: Key = "none"
    visible: Literal["both", "company"] = "both"
    form: dict[str, Any] = {}
    auto_approve: ConditionPart | None = None
    route: Annotated[list[Stage], Field(min_length=1, max_length=MOST_STEPS)]
    expire: Duration = Duration(days=30)

    def name(self, language: str = "en") -> str:
        """The title in that language, else in English."""
        return in_language(self.title, language) or self.key

    def steps(self) -> Iterator[tuple[str, Step]]:
        """Every step with its path in the document."""
        for index, stage in enumerate(self.route):
            if isinstance(stage, Step):
                yield f"route[{index}]", stage
            else:
                for inner, step in enumerate(stage.parallel):
                    yield f"route[{index}].parallel[{inner}]", step


def in_language(titles: Mapping[str, str], language: str) -> str:
    """The text in that language (`de` or `de_AT`), else in English; empty where there is none."""
    return titles.get(language) or titles.get(language[:2]) or titles.get("en", "")


#: The step that stands in for a route of which no condition holds: nothing is approved because of a gap.
UNROUTED = "unrouted"
#: Who is asked when nobody is left, the first of them that somebody holds.
LAST_RESORT = ("channel_manager", "admin")
UNROUTED_STEP = Step(
    key=UNROUTED,
    title={
        "en": "Channel manager",
        "de": "Channel Manager",
        "es": "Responsable de canal",
        "ja": "チャネルマネージャー",
    },
    approvers=[Approver(role=LAST_RESORT[0])],
    deadline=Duration(business_days=2),
    remind=Duration(business_days=1),
)

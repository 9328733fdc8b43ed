"""The workflow document: its shape, what it means, and every fault with its place and remedy. Pure.

A document is YAML or JSON. Written by a person: no aliases, no key twice, and a number with a fraction
stands in quotes, so that money is exact.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias

import yaml
from pydantic import (
    BaseModel,
    ConfigDict,
    Discriminator,
    Field,
    StringConstraints,
    Tag,
    ValidationError,
    model_validator,
)

from app.approvals.forms import read_form
from app.kernel.conditions import compile_condition, fields_of
from app.kernel.errors import BadInput

LONGEST = 300_000
#: Levels of lists and mappings, one inside the other. The deepest condition that a field can have fits.
DEEPEST = 64
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


@dataclass(frozen=True, slots=True, order=True)
class Fault:
    """What is wrong, at which path of the document, and what to do."""

    path: str
    what: str
    remedy: str = ""

    def sentence(self) -> str:
        """`route[1].quorum: what remedy`."""
        return f"{self.path or 'document'}: {self.what} {self.remedy}".strip()


class WorkflowFaults(BadInput):
    """A document cannot be used; `faults` has every fault of it."""

    code = "workflow_faults"
    title = "The workflow has faults"

    def __init__(self, faults: Sequence[Fault], *, where: str = "") -> None:
        self.faults = tuple(sorted(set(faults)))
        count = len(self.faults)
        lines = "\n".join(fault.sentence() for fault in self.faults)
        super().__init__(
            f"{'One fault' if count == 1 else f'{count} faults'} in the workflow:\n{lines}",
            where=where,
            fields={
                fault.path or "document": f"{fault.what} {fault.remedy}".strip() for fault in self.faults
            },
        )


_TOO_DEEP = Fault("", "It is nested too deeply.", "Write it more plainly.")


def _form_faults(form: Mapping[str, Any]) -> list[Fault]:
    """Every fault of a workflow's form; none where it has no form."""
    if form:
        try:
            read_form(dict(form))
        except BadInput as error:
            return [Fault(path, words) for path, words in error.fields.items()]
    return []


@dataclass(frozen=True, slots=True)
class Document:
    """A checked document. source: as it was written; hash: of its content, whatever its spelling."""

    workflow: Workflow
    source: str
    content: dict[str, Any]
    hash: str


def read(source: str, *, where: str = "") -> Document:
    """The document in that YAML (or JSON) text. Raises WorkflowFaults."""
    content = _content(source, where)
    try:
        workflow = Workflow.model_validate(content)
    except ValidationError as error:
        raise WorkflowFaults(_shape(error), where=where) from None
    faults = [*_meaning(workflow), *_form_faults(workflow.form)]
    if faults:
        raise WorkflowFaults(faults, where=where)
    digest = hashlib.sha256(json.dumps(content, ensure_ascii=True).encode()).hexdigest()
    return Document(workflow, source, content, digest)


def write(content: Mapping[str, Any]) -> str:
    """A document that came as data, as YAML; the order of keys stays. Raises WorkflowFaults."""
    if _deeper(content, DEEPEST):
        raise WorkflowFaults([_TOO_DEEP])
    text: str = yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True, width=100)
    return text


def _deeper(value: Any, levels: int) -> bool:
    """Whether it has more levels than that."""
    if not isinstance(value, Mapping | list):
        return False
    inner = value.values() if isinstance(value, Mapping) else value
    return levels == 0 or any(_deeper(one, levels - 1) for one in inner)


def hints(workflow: Workflow) -> list[str]:
    """What is allowed and may surprise, one sentence each."""
    found = []
    if all(stage.when is not None for stage in workflow.route):
        found.append("Every step has a condition. Where none holds, a channel manager is asked.")
    for path, step in workflow.steps():
        if step.deadline is None:
            found.append(f"{path}: The step {step.key} has no deadline, so nobody is reminded.")
    return found


class _Loader(yaml.SafeLoader):
    """YAML without dates and without yes and no: text stays text."""


_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith((":timestamp", ":bool"))]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(true|false)$"), list("tf"))


def _content(source: str, where: str) -> dict[str, Any]:
    def refuse(what: str, remedy: str, path: str = "") -> WorkflowFaults:
        return WorkflowFaults([Fault(path, what, remedy)], where=where)

    if len(source) > LONGEST:
        raise refuse(f"It is longer than {LONGEST:,} characters.", "Shorten it.")
    try:
        _look_over(source, where)
        loader = _Loader(source)
        node = loader.get_single_node()
        faults: list[Fault] = []
        content = _plain(loader, node, "", faults) if node is not None else None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        line = f"line {mark.line + 1}" if mark else ""
        raise refuse(f"It is not YAML: {error.problem}.", "Correct it there.", line) from None
    except yaml.YAMLError:
        raise refuse("It is not YAML.", "Leave out control characters.") from None
    if faults:
        raise WorkflowFaults(faults, where=where)
    if not isinstance(content, dict):
        raise refuse("It is no mapping.", "Begin with `key:`, `title:`, `number:`.")
    return content


def _look_over(source: str, where: str) -> None:
    """Refuse aliases, and depth where it begins: PyYAML's time grows with the square of the depth."""
    depth = 0
    for event in yaml.parse(source, _Loader):
        if isinstance(event, yaml.AliasEvent):
            raise WorkflowFaults(
                [Fault("", "It uses YAML aliases (*name).", "Write the value out.")], where=where
            )
        depth += isinstance(event, yaml.CollectionStartEvent)
        depth -= isinstance(event, yaml.CollectionEndEvent)
        if depth > DEEPEST:
            raise WorkflowFaults([_TOO_DEEP], where=where)


def _plain(loader: yaml.SafeLoader, node: yaml.Node, path: str, faults: list[Fault]) -> Any:
    if isinstance(node, yaml.MappingNode):
        found: dict[str, Any] = {}
        for key_node, value in node.value:
            key = str(getattr(key_node, "value", ""))
            inner = f"{path}.{key}" if path else key
            if not isinstance(key_node, yaml.ScalarNode) or key in found:
                faults.append(Fault(inner, "This key stands here twice.", "Keep one of them."))
            found[key] = _plain(loader, value, inner, faults)
        return found
    if isinstance(node, yaml.SequenceNode):
        return [_plain(loader, one, f"{path}[{index}]", faults) for index, one in enumerate(node.value)]
    try:
        value = loader.construct_object(node)
    except (yaml.YAMLError, ValueError):
        faults.append(Fault(path, "This value cannot be read.", "Put it in quotes."))
        return None
    if isinstance(value, float):
        faults.append(
            Fault(path, "A number with a fraction is not exact.", f'Write "{node.value}" in quotes.')
        )
    elif not isinstance(value, str | int | bool | None):
        faults.append(Fault(path, "This value has a type that documents do not use.", "Put it in quotes."))
    elif isinstance(value, str) and ("\x00" in value or any("\ud800" <= sign <= "\udfff" for sign in value)):
        faults.append(Fault(path, "The text has a character that cannot be kept.", "Leave it out."))
    return value


_SENTENCES = {
    "missing": ("This is missing.", "Add it."),
    "extra_forbidden": ("There is no such key here.", "Correct its spelling, or leave it out."),
    "string_type": ("This is not text.", "Write text, in quotes if it looks like something else."),
    "string_pattern_mismatch": ("This name has signs that it cannot have.", "It must fit {pattern}."),
    "literal_error": ("This value is not possible.", "Write {expected}."),
    "too_short": ("This is empty.", "Write at least {min_length}."),
    "too_long": ("There is too much.", "Write at most {max_length}."),
    "dict_type": ("This is no mapping.", "Write keys and values."),
    "list_type": ("This is no list.", "Begin each entry with a dash."),
    "int_type": ("This is not a whole number.", "Write a whole number."),
    "bool_type": ("This is neither true nor false.", "Write true or false."),
    "greater_than_equal": ("The number is too small.", "Write {ge} or more."),
    "less_than_equal": ("The number is too large.", "Write {le} or less."),
}


def _shape(error: ValidationError) -> list[Fault]:
    faults = []
    for one in error.errors(include_url=False):
        path = _path(one["loc"])
        context = one.get("ctx") or {}
        if one["type"] == "value_error":
            faults.append(Fault(path, str(context.get("error", "")), ""))
            continue
        what, remedy = _SENTENCES.get(one["type"], ("This is not possible here.", "Look at the manual."))
        try:
            faults.append(Fault(path, what, remedy.format(**context)))
        except (KeyError, IndexError):
            faults.append(Fault(path, what, ""))
    return faults


_VARIANTS = ("Step", "Parallel", "Escalation", "literal['all']")


def _path(places: Sequence[str | int]) -> str:
    path = ""
    for place in places:
        if isinstance(place, int):
            path += f"[{place}]"
        elif place in _VARIANTS or place.startswith(("constrained-", "list[", "function-")):
            continue
        else:
            path += f".{place}" if path else place
    return path


def _meaning(workflow: Workflow) -> list[Fault]:
    faults: list[Fault] = []
    sections = workflow.form.get("sections")
    known = {
        str(field.get("key"))
        for section in (sections if isinstance(sections, list) else ())
        for field in (section.get("fields") or () if isinstance(section, dict) else ())
        if isinstance(field, dict)
    }
    known |= {"user", "partner"} if known else set()

    def condition(path: str, part: ConditionPart | None) -> None:
        if part is None:
            return
        try:
            compile_condition(part, path)
        except BadInput as error:
            faults.append(Fault(error.where or path, error.what, error.remedy))
            return
        # A name that nothing has makes a comparison false, and a step would be passed over in silence.
        for name in sorted(fields_of(part)) if known else ():
            if name.split(".")[0] not in known:
                remedy = "Correct the name, or add the field to the form."
                faults.append(Fault(path, f"The condition asks for {name}, which the form has not.", remedy))

    if "en" not in workflow.title:
        faults.append(Fault("title.en", "The English title is missing.", "Add it: it stands in for others."))
    condition("auto_approve", workflow.auto_approve)
    seen: dict[str, str] = {}
    for path, step in workflow.steps():
        if step.key in seen:
            faults.append(
                Fault(f"{path}.key", f"{seen[step.key]} has this key too.", "Give each step its own.")
            )
        seen.setdefault(step.key, path)
        condition(f"{path}.when", step.when)
        faults += _times(path, step)
        if (
            isinstance(step.quorum, int)
            and step.quorum > len(step.approvers)
            and not any(one.role or one.queue for one in step.approvers)
        ):
            faults.append(
                Fault(
                    f"{path}.quorum", "So many people are not asked.", "Add approvers, or lower the quorum."
                )
            )
    for index, stage in enumerate(workflow.route):
        if isinstance(stage, Parallel):
            condition(f"route[{index}].when", stage.when)
            if isinstance(stage.quorum, int) and stage.quorum > len(stage.parallel):
                faults.append(
                    Fault(f"route[{index}].quorum", "There are fewer steps than that.", "Lower the quorum.")
                )
    if UNROUTED in seen:
        faults.append(Fault(f"{seen[UNROUTED]}.key", "This key is taken.", "Choose another one."))
    if len(seen) > MOST_STEPS:
        faults.append(Fault("route", f"There are more than {MOST_STEPS} steps.", "Split the workflow."))
    return faults


def _times(path: str, step: Step) -> list[Fault]:
    if step.deadline is None:
        return (
            [Fault(f"{path}.escalate", "Without a deadline nothing is escalated.", "Add a deadline.")]
            if step.escalate is not None
            else []
        )
    if step.remind is not None and step.remind.at_least_hours() >= step.deadline.at_least_hours():
        return [Fault(f"{path}.remind", "The reminder comes after the deadline.", "Make it shorter.")]
    return []


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

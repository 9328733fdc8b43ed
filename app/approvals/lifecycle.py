"""The states of a request, and what may follow. Pure."""

from __future__ import annotations

from enum import StrEnum

from app.words import say


class State(StrEnum):
    """Where a request stands."""

    #: only its own side sees it
    DRAFT = "draft"
    #: somebody is asked to decide
    SUBMITTED = "submitted"
    #: an approver asked something; the request keeps its place and the steps that are done
    INFO_NEEDED = "info_needed"
    #: it has an authorization
    APPROVED = "approved"
    REJECTED = "rejected"
    #: its requester took it back
    RECALLED = "recalled"
    #: the company took the approval back
    VOIDED = "voided"
    #: a question was not answered in time
    EXPIRED = "expired"
    #: given up for good
    CANCELLED = "cancelled"


class Action(StrEnum):
    """What somebody does to a request."""

    SUBMIT = "submit"
    EDIT = "edit"
    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_INFO = "request_info"
    ANSWER = "answer"
    RECALL = "recall"
    RESUBMIT = "resubmit"
    CANCEL = "cancel"
    #: take an approval back
    VOID = "void"
    #: by the clock
    EXPIRE = "expire"


#: An approval leads here only with the last step of the route; before, the request stays where it is.
NEXT: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.EDIT): State.DRAFT,
    (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Action.CANCEL): State.CANCELLED,
    (State.SUBMITTED, Action.APPROVE): State.APPROVED,
    (State.SUBMITTED, Action.REJECT): State.REJECTED,
    (State.SUBMITTED, Action.REQUEST_INFO): State.INFO_NEEDED,
    (State.SUBMITTED, Action.EDIT): State.SUBMITTED,
    (State.SUBMITTED, Action.RECALL): State.RECALLED,
    (State.SUBMITTED, Action.CANCEL): State.CANCELLED,
    (State.INFO_NEEDED, Action.ANSWER): State.SUBMITTED,
    (State.INFO_NEEDED, Action.REJECT): State.REJECTED,
    (State.INFO_NEEDED, Action.EDIT): State.SUBMITTED,
    (State.INFO_NEEDED, Action.RECALL): State.RECALLED,
    (State.INFO_NEEDED, Action.CANCEL): State.CANCELLED,
    (State.INFO_NEEDED, Action.EXPIRE): State.EXPIRED,
    (State.APPROVED, Action.EDIT): State.SUBMITTED,
    (State.APPROVED, Action.RECALL): State.RECALLED,
    (State.APPROVED, Action.VOID): State.VOIDED,
    (State.REJECTED, Action.EDIT): State.REJECTED,
    (State.REJECTED, Action.RESUBMIT): State.SUBMITTED,
    (State.RECALLED, Action.EDIT): State.RECALLED,
    (State.RECALLED, Action.RESUBMIT): State.SUBMITTED,
    (State.RECALLED, Action.CANCEL): State.CANCELLED,
    (State.VOIDED, Action.EDIT): State.VOIDED,
    (State.VOIDED, Action.RESUBMIT): State.SUBMITTED,
    (State.EXPIRED, Action.EDIT): State.EXPIRED,
    (State.EXPIRED, Action.RESUBMIT): State.SUBMITTED,
}

#: Somebody has to do something before a request in one of these states goes on.
OPEN = (State.SUBMITTED, State.INFO_NEEDED)

#: Who does what; the clock does the rest.
REQUESTERS = frozenset(
    {Action.SUBMIT, Action.EDIT, Action.ANSWER, Action.RECALL, Action.RESUBMIT, Action.CANCEL}
)
APPROVERS = frozenset({Action.APPROVE, Action.REJECT, Action.REQUEST_INFO})
#: The company, beside its approvers.
COMPANY = frozenset({Action.VOID, Action.CANCEL})

#: As a person reads it, and as the CRM's picklist has it.
WORDS: dict[State, str] = {
    State.DRAFT: say("Draft"),
    State.SUBMITTED: say("Waiting for a decision"),
    State.INFO_NEEDED: say("Information needed"),
    State.APPROVED: say("Approved"),
    State.REJECTED: say("Rejected"),
    State.RECALLED: say("Recalled"),
    State.VOIDED: say("Approval withdrawn"),
    State.EXPIRED: say("Expired"),
    State.CANCELLED: say("Cancelled"),
}

#: Reasons that the service itself gives.
REASONS = (
    say("It lies inside the limits, so it was approved by itself."),
    say("The request was changed."),
    say("The question was not answered in time, so the request has expired."),
    say("{who} took the request back."),
    say("{who} took the approval back."),
    say("Rejected in Salesforce, where no comment was left."),
)


def after(state: State, action: Action) -> State | None:
    """The state that follows, or None where the action is not possible."""
    return NEXT.get((state, action))


def possible(state: State, by: frozenset[Action]) -> list[str]:
    """What somebody with those actions can do in that state, in alphabetical order."""
    return sorted(action.value for (at, action) in NEXT if at is state and action in by)


def holder(state: State) -> str:
    """Whose turn it is: the `requester`'s, the `company`'s, or nobody's (empty)."""
    if state in (State.DRAFT, State.INFO_NEEDED):
        return "requester"
    if state is State.SUBMITTED:
        return "company"
    return ""

"""The states of a registration, and what may follow. Pure."""

from __future__ import annotations

from enum import StrEnum

from app.words import say


class State(StrEnum):
    """Where a registration stands."""

    #: only its partner sees it; it holds no place
    DRAFT = "draft"
    #: it holds its place by the time it came; the company decides
    SUBMITTED = "submitted"
    #: the company asked something; it keeps its place
    INFO_NEEDED = "info_needed"
    #: protected until a date
    APPROVED = "approved"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    #: the protection is over, and the deal may still be won; or a question was not answered in time
    EXPIRED = "expired"
    WON = "won"
    LOST = "lost"


class Action(StrEnum):
    """What somebody does to a registration."""

    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    APPROVE = "approve"
    REJECT = "reject"
    REQUEST_INFO = "request-info"
    ANSWER = "answer"
    #: say something else after it was handed in: the company decides anew, the place stays
    CHANGE = "change"
    #: hand in again what was closed: with a new place, behind whoever came meanwhile
    RESUBMIT = "resubmit"
    #: take an approval back
    REVOKE = "revoke"
    #: by the calendar
    EXPIRE = "expire"
    LAPSE = "lapse"
    #: by the opportunity
    WIN = "win"
    LOSE = "lose"
    REOPEN = "reopen"


NEXT: dict[tuple[State, Action], State] = {
    (State.DRAFT, Action.SUBMIT): State.SUBMITTED,
    (State.DRAFT, Action.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Action.APPROVE): State.APPROVED,
    (State.SUBMITTED, Action.REJECT): State.REJECTED,
    (State.SUBMITTED, Action.REQUEST_INFO): State.INFO_NEEDED,
    (State.SUBMITTED, Action.WITHDRAW): State.WITHDRAWN,
    (State.SUBMITTED, Action.CHANGE): State.SUBMITTED,
    (State.INFO_NEEDED, Action.CHANGE): State.SUBMITTED,
    (State.APPROVED, Action.CHANGE): State.SUBMITTED,
    (State.INFO_NEEDED, Action.ANSWER): State.SUBMITTED,
    (State.INFO_NEEDED, Action.REJECT): State.REJECTED,
    (State.INFO_NEEDED, Action.WITHDRAW): State.WITHDRAWN,
    (State.INFO_NEEDED, Action.LAPSE): State.EXPIRED,
    (State.REJECTED, Action.RESUBMIT): State.SUBMITTED,
    (State.WITHDRAWN, Action.RESUBMIT): State.SUBMITTED,
    (State.EXPIRED, Action.RESUBMIT): State.SUBMITTED,
    (State.APPROVED, Action.REVOKE): State.REJECTED,
    (State.APPROVED, Action.WITHDRAW): State.WITHDRAWN,
    (State.APPROVED, Action.EXPIRE): State.EXPIRED,
    (State.APPROVED, Action.WIN): State.WON,
    (State.APPROVED, Action.LOSE): State.LOST,
    (State.EXPIRED, Action.WIN): State.WON,
    (State.EXPIRED, Action.LOSE): State.LOST,
    (State.WON, Action.REOPEN): State.APPROVED,
    (State.WON, Action.LOSE): State.LOST,
    (State.LOST, Action.REOPEN): State.APPROVED,
    (State.LOST, Action.WIN): State.WON,
}

#: In these states a registration holds its place against those of other partners.
OPEN = (State.SUBMITTED, State.INFO_NEEDED, State.APPROVED)

#: What whoever registered it does; the company decides on its request, the calendar and the CRM do the rest.
PARTNERS = frozenset({Action.SUBMIT, Action.WITHDRAW, Action.ANSWER, Action.CHANGE})

#: As a person reads it, and as the CRM's picklist `Registration Status` has it.
WORDS: dict[State, str] = {
    State.DRAFT: say("Draft"),
    State.SUBMITTED: say("Submitted"),
    State.INFO_NEEDED: say("Information needed"),
    State.APPROVED: say("Approved"),
    State.REJECTED: say("Rejected"),
    State.WITHDRAWN: say("Withdrawn"),
    State.EXPIRED: say("Expired"),
    State.WON: say("Won"),
    State.LOST: say("Lost"),
}


def after(state: State, action: Action) -> State | None:
    """The state that follows, or None where the action is not possible."""
    return NEXT.get((state, action))


def possible(state: State, by: frozenset[Action]) -> list[str]:
    """What somebody with those actions can do in that state, in alphabetical order."""
    return sorted(action.value for (at, action) in NEXT if at is state and action in by)


def holder(state: State) -> str:
    """Whose turn it is: `partner`, `company` or nobody's (empty)."""
    if state in (State.DRAFT, State.INFO_NEEDED):
        return "partner"
    if state is State.SUBMITTED:
        return "company"
    return ""

"""Phrases that several rooms say."""

from __future__ import annotations

from collections.abc import Iterable

from app.words.sentences import Names, Sentence, say

#: What can be done, as a person reads it; a program reads the names.
ACTIONS: dict[str, Sentence] = {
    "answer": say("answer"),
    "approve": say("approve"),
    "cancel": say("cancel"),
    "change": say("change"),
    "comment": say("comment"),
    "edit": say("edit"),
    "end": say("end"),
    "expire": say("expire"),
    "recall": say("recall"),
    "reinstate": say("reinstate"),
    "reject": say("reject"),
    "request-info": say("request information"),
    "request_info": say("request information"),
    "resubmit": say("hand in again"),
    "submit": say("hand in"),
    "suspend": say("suspend"),
    "void": say("take the approval back"),
    "withdraw": say("withdraw"),
}


def together(first: str, *more: str) -> str:
    """Texts one after the other, as one sentence; empty ones are left out."""
    said = first
    for text in more:
        if text:
            said = say("{one} {another}", one=said, another=text) if said else text
    return said


def one_of(offered: Iterable[str]) -> Sentence:
    """What to choose from."""
    known = tuple(offered)
    return (
        say("Choose one of {choices}.", choices=Names(known, ","))
        if known
        else say("There is nothing to choose from yet.")
    )


def possible_now(allowed: Iterable[str]) -> Sentence:
    """What can be done instead, by the names of actions."""
    known = tuple(ACTIONS.get(one, one) for one in allowed)
    return (
        say("Possible now: {choices}.", choices=Names(known, ","))
        if known
        else say("Nothing can be done to it now.")
    )

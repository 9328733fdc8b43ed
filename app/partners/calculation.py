"""Which partner gets a lead, an opportunity or an order, and why. Pure.

Among the partners that may have it, the draw is weighted by level and settled by the record itself: the same
record and the same partners always give the same one, whoever asks and however often. Rendezvous hashing:
when a partner drops out, only what it would have had goes to others.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from app.partners.lifecycle import WORDS, Status
from app.words import Inside, Names, say


@dataclass(frozen=True, slots=True)
class Need:
    """What is to be assigned.

    record: its id, which settles the draw. country: ISO code, empty where nobody knows. family: product
    family, empty where none is known. certified: whether that family asks for a certification.
    """

    record: UUID
    country: str
    family: str = ""
    certified: bool = False


@dataclass(frozen=True, slots=True)
class Candidate:
    """A partner as the choice sees it. capacity: None for any number. countries: ISO codes where it sells.

    level, region, activation: by name, for a person who chooses; empty where there is none.
    """

    id: UUID
    name: str
    status: Status
    countries: frozenset[str]
    families: frozenset[str]
    open: int
    capacity: int | None
    weight: Decimal
    level: str = ""
    region: str = ""
    activation: str = ""


#: Why, or why not, as a code and what belongs to it: (`sells_in`, (`DE`,)).
Reason = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Ranked:
    """A candidate as a person chooses among them. recommended: the rules would choose it."""

    candidate: Candidate
    eligible: bool
    recommended: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of a candidate, in a sentence that begins with `because` in the reader's mind."""

    id: UUID
    name: str
    why: str


@dataclass(frozen=True, slots=True)
class Choice:
    """The partner chosen, if any, and what is said of the others."""

    chosen: Verdict | None
    others: tuple[Verdict, ...]


def why_not(need: Need, candidate: Candidate) -> str:
    """The first reason for which this partner cannot have it; empty when it can."""
    if candidate.status is not Status.ACTIVE:
        return say("not active: {state}", state=Inside(WORDS[candidate.status]))
    if need.country and need.country not in candidate.countries:
        return say("does not sell in {country}", country=need.country)
    if need.certified and need.family not in candidate.families:
        return say("not certified for {family}", family=need.family)
    if candidate.capacity is not None and candidate.open >= candidate.capacity:
        return say(
            "no capacity left: {open} of {capacity} taken", open=candidate.open, capacity=candidate.capacity
        )
    if candidate.weight <= 0:
        return say("its weight is 0, so it gets nothing by itself")
    return ""


def ranked(need: Need, candidates: Sequence[Candidate]) -> list[Ranked]:
    """The candidates in the order in which a person looks at them: whom the rules would choose, who can have
    it by weight and open work, who cannot."""
    chosen = choose(need, candidates).chosen
    found = [
        Ranked(one, not why_not(need, one), chosen is not None and one.id == chosen.id, _reasons(need, one))
        for one in candidates
    ]
    return sorted(
        found,
        key=lambda one: (
            not one.recommended, not one.eligible, -one.candidate.weight, one.candidate.open,
            one.candidate.name.casefold(), str(one.candidate.id),
        ),
    )  # fmt: skip


def _reasons(need: Need, one: Candidate) -> tuple[Reason, ...]:
    """All that speaks for and against it, as `why_not` and `_because` weigh it."""
    found: list[Reason] = []
    if one.status is not Status.ACTIVE:
        found.append(("not_active", (one.status.value,)))
    if need.country:
        sells = need.country in one.countries
        found.append(("sells_in" if sells else "sells_elsewhere", (need.country,)))
    if need.certified:
        certified = need.family in one.families
        found.append(("certified" if certified else "not_certified", (need.family,)))
    if one.capacity is None:
        found.append(("open", (str(one.open),)))
    else:
        full = one.open >= one.capacity
        found.append(("full" if full else "room", (str(one.open), str(one.capacity))))
    if one.weight <= 0:
        found.append(("no_weight", ()))
    return tuple(found)


def choose(need: Need, candidates: Sequence[Candidate]) -> Choice:
    """Choose one partner. The order of the candidates makes no difference."""
    ordered = sorted(candidates, key=lambda one: (one.name.casefold(), str(one.id)))
    refused = {one.id: why for one in ordered if (why := why_not(need, one))}
    eligible = [one for one in ordered if one.id not in refused]
    if not eligible:
        return Choice(None, tuple(Verdict(one.id, one.name, refused[one.id]) for one in ordered))
    best = max(eligible, key=lambda one: (_rank(need.record, one), str(one.id)))
    whole = sum((one.weight for one in eligible), Decimal(0))
    return Choice(
        Verdict(best.id, best.name, _because(need, best, whole, len(eligible))),
        tuple(
            Verdict(
                one.id,
                one.name,
                refused.get(one.id)
                or say(
                    "could have had it; its weight is {weight} of {whole}",
                    weight=_plain(one.weight),
                    whole=_plain(whole),
                ),
            )
            for one in ordered
            if one.id != best.id
        ),
    )


def _because(need: Need, one: Candidate, whole: Decimal, eligible: int) -> str:
    reasons = [say("active")]
    if need.country:
        reasons.append(say("sells in {country}", country=need.country))
    if need.certified:
        reasons.append(say("certified for {family}", family=need.family))
    if one.capacity is not None:
        reasons.append(say("{open} of {capacity} taken", open=one.open, capacity=one.capacity))
    drawn = (
        say("the only one that can have it")
        if eligible == 1
        else say(
            "drawn by weight {weight} of {whole} among {eligible} partners",
            weight=_plain(one.weight),
            whole=_plain(whole),
            eligible=eligible,
        )
    )
    return say("{choices}; {drawn}", choices=Names(tuple(reasons), ","), drawn=drawn)


def _rank(record: UUID, one: Candidate) -> float:
    """Greater is better; over many records each partner comes first as often as its weight says."""
    digest = hashlib.sha256(record.bytes + one.id.bytes).digest()
    between_0_and_1 = (int.from_bytes(digest[:6]) + 0.5) / 2**48
    return float(one.weight) / -math.log(between_0_and_1)


def _plain(weight: Decimal) -> str:
    return f"{weight.normalize():f}"

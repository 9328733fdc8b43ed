"""Where a request stands on its route: the same votes give the same answer, in whatever order they came."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.approvals import lifecycle
from app.approvals.document.shape import Workflow
from app.approvals.lifecycle import Action, State
from app.approvals.route import Asked, Vote, progress


def workflow(*route: dict[str, Any]) -> Workflow:
    return Workflow.model_validate(
        {"key": "x", "title": {"en": "X"}, "number": "X", "initiators": ["rep"], "route": list(route)}
    )


def step(key: str, **more: Any) -> dict[str, Any]:
    return {"key": key, "approvers": [{"role": key}], **more}


def yes(key: str, person: str = "ann", asked: Asked | None = None) -> Vote:
    return Vote(key, person, True, asked or Asked(f"role:{key}"))


def no(key: str, person: str = "ann") -> Vote:
    return Vote(key, person, False, Asked(f"role:{key}"))


def test_one_step_after_the_other() -> None:
    chain = workflow(step("a"), step("b"))
    assert progress(chain, {}).states == {"a": "open", "b": "waiting"}
    assert progress(chain, {}, [yes("a")]).states == {"a": "approved", "b": "open"}
    assert progress(chain, {}, [yes("a"), yes("b")]).outcome == "approved"
    rejected = progress(chain, {}, [no("a")])
    assert (rejected.outcome, rejected.states) == ("rejected", {"a": "rejected", "b": "not_needed"})


def test_a_vote_for_a_step_that_waits_counts_when_it_opens() -> None:
    assert progress(workflow(step("a"), step("b")), {}, [yes("b")]).states == {"a": "open", "b": "waiting"}


def test_a_condition_that_does_not_hold_skips_its_step() -> None:
    chain = workflow(step("a"), step("b", when={"field": "amount", "op": "gt", "value": 9}))
    assert progress(chain, {"amount": 9}, [yes("a")]).outcome == "approved"
    assert progress(chain, {"amount": 10}, [yes("a")]).states == {"a": "approved", "b": "open"}


def test_a_route_of_which_nothing_applies_is_not_approved() -> None:
    nothing = workflow(step("a", when={"field": "amount", "op": "present"}))
    found = progress(nothing, {})
    assert (found.outcome, found.states) == ("open", {"a": "skipped", "unrouted": "open"})


@pytest.mark.parametrize(
    ("votes", "outcome"),
    [
        ([], "open"),
        ([yes("a")], "open"),
        ([no("a")], "open"),
        ([no("a"), yes("b")], "open"),
        ([no("a"), no("b")], "rejected"),
        ([yes("a"), yes("b")], "approved"),
        ([no("a"), yes("b"), yes("c")], "approved"),
    ],
)
def test_two_of_three_parallel_steps(votes: list[Vote], outcome: str) -> None:
    route = workflow({"quorum": 2, "parallel": [step("a"), step("b"), step("c")]})
    assert progress(route, {}, votes).outcome == outcome


def test_a_quorum_never_asks_for_more_steps_than_apply() -> None:
    skipped = {"field": "amount", "op": "present"}
    route = workflow({"quorum": 2, "parallel": [step("a"), step("b", when=skipped), step("c", when=skipped)]})
    assert progress(route, {}, [yes("a")]).outcome == "approved"


def test_a_quorum_counts_people_and_not_votes() -> None:
    two = workflow(step("a", quorum=2))
    assert progress(two, {}, [yes("a"), yes("a")]).outcome == "open"
    assert progress(two, {}, [yes("a"), yes("a", "bob")]).outcome == "approved"


def test_all_waits_for_everybody_who_was_asked() -> None:
    route = workflow(step("a", quorum="all"))
    legal, finance, boss = Asked("role:legal"), Asked("role:finance"), Asked("role:boss", "above")
    asked = {"a": [legal, finance, boss]}
    assert progress(route, {}, [yes("a", "ann", legal)], asked).outcome == "open"
    assert (
        progress(route, {}, [yes("a", "ann", legal), yes("a", "bob", finance)], asked).outcome == "approved"
    )
    assert progress(route, {}, [yes("a", "eve", boss)], asked).outcome == "approved"


ROUTE = workflow(
    step("a", quorum=2),
    {"quorum": 2, "parallel": [step("b"), step("c"), step("d", when={"field": "x", "op": "present"})]},
    step("e"),
)
VOTES = st.lists(
    st.builds(
        Vote,
        st.sampled_from("abcde"),
        st.sampled_from(["ann", "bob", "cyd"]),
        st.booleans(),
        st.just(Asked("role:any")),
    ),
    max_size=10,
    unique_by=lambda vote: (vote.step, vote.person),
)


@given(VOTES, st.randoms(use_true_random=False), st.sampled_from([{}, {"x": "1"}]))
def test_the_order_of_votes_does_not_matter(votes: list[Vote], random: Any, facts: dict[str, str]) -> None:
    shuffled = random.sample(votes, len(votes))
    assert progress(ROUTE, facts, votes) == progress(ROUTE, facts, shuffled)


@given(VOTES, st.sampled_from([{}, {"x": "1"}]))
def test_a_route_never_goes_back_and_never_stands_still_undecided(
    votes: list[Vote], facts: dict[str, str]
) -> None:
    said: list[Vote] = []
    found = progress(ROUTE, facts)
    for vote in votes:
        before = found
        if vote.step not in found.open:
            continue  # nobody is asked there
        said.append(vote)
        found = progress(ROUTE, facts, said)
        assert before.outcome == "open"
        done = {key: state for key, state in before.states.items() if state not in ("open", "waiting")}
        assert {key: found.states[key] for key in done} == done
        assert (found.outcome == "open") == bool(found.open)


def test_every_state_can_be_left_or_is_the_end_and_every_action_has_a_place() -> None:
    ends = {state for state in State if not any(at is state for at, _ in lifecycle.NEXT)}
    assert ends == {State.CANCELLED}
    assert {action for _, action in lifecycle.NEXT} == set(Action)
    assert set(lifecycle.WORDS) == set(State)


def test_only_an_approval_or_the_limits_lead_to_approved() -> None:
    assert [key for key, after in lifecycle.NEXT.items() if after is State.APPROVED] == [
        (State.SUBMITTED, Action.APPROVE)
    ]
    assert lifecycle.possible(State.INFO_NEEDED, lifecycle.APPROVERS) == ["reject"]
    assert [lifecycle.holder(state) for state in State] == [
        "requester", "company", "requester", "", "", "", "", "", "",
    ]  # fmt: skip

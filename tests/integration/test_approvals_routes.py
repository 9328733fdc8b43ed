"""Requests on their routes: chains, conditions, parallel steps, and what comes of a decision."""

from __future__ import annotations

from typing import Any

import pytest

from tests.fixtures.approvals import Desk, chain
from tests.fixtures.web import Caller


@pytest.fixture
def anna(desk: Desk) -> Caller:
    return desk.partner_user()


def kinds(request: dict[str, Any]) -> list[str]:
    return [event["kind"] for event in request["timeline"]]


# -- chains ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 4])
def test_a_chain_asks_one_after_the_other_and_ends_with_an_authorization(
    desk: Desk, anna: Caller, length: int
) -> None:
    roles = ["channel_manager", "channel_director", "finance", "legal"][:length]
    desk.publish(chain(*roles))
    people = [desk.person(f"Approver{n} Berg", role) for n, role in enumerate(roles)]
    request = desk.ask(anna, amount="120.50", currency="EUR")
    assert (request["state"], request["number"]) == ("submitted", "PX-1001")
    for place, person in enumerate(people):
        assert [bool(desk.inbox(other)) for other in people] == [n == place for n in range(length)]
        shown = desk.shown(anna, request)
        assert shown["holder"]["who"] == f"Approver{place} Berg"
        assert shown["authorization"] is None
        request = desk.decide(person, request, "approve", f"fine {place}")
    assert (request["state"], request["authorization"]) == ("approved", "PX-A-1001")
    assert [one["reason"] for one in request["decisions"]] == [f"fine {n}" for n in range(length)]
    assert kinds(request) == [
        "opened", "submitted", *["step_approved"] * (length - 1), "approved", "authorized",
    ]  # fmt: skip
    assert all(desk.inbox(person) == [] for person in people)
    assert desk.shown(anna, request)["holder"] == {
        "side": "", "who": "", "people": [], "since": None, "due": None, "overdue": False,
    }  # fmt: skip


def test_a_rejection_ends_the_chain_and_never_has_an_authorization(desk: Desk, anna: Caller) -> None:
    desk.publish(chain("channel_manager", "finance"))
    manager, finance = desk.person("Mia Kern", "channel_manager"), desk.person("Fay Ross", "finance")
    request = desk.ask(anna)
    refused = desk.do(manager, request, "decide", status=400, decision="reject")
    assert refused["fields"] == {"reason": "Say why; the requester reads it."}
    request = desk.decide(manager, request, "reject", "Too low a price")
    assert (request["state"], request["authorization"]) == ("rejected", None)
    assert [step["state"] for step in request["steps"]] == ["rejected", "not_needed"]
    assert desk.inbox(finance) == []
    assert desk.rows("SELECT * FROM approval_authorization") == []
    assert "Too low a price" in [event["reason"] for event in desk.shown(anna, request)["timeline"]]


# -- conditions and limits -----------------------------------------------------------------------------------

LIMITS = """
key: discount
title: {en: Discount}
number: DI
initiators: [reseller, rep]
auto_approve: {field: amount, op: at_most, value: {EUR: "1000.00", USD: "1100.00"}}
route:
  - key: manager
    title: {en: Channel manager}
    approvers: [{role: channel_manager}]
  - key: director
    title: {en: Director}
    when: {field: amount, op: above, value: {EUR: "50000.00"}}
    approvers: [{role: channel_director}]
"""


@pytest.mark.parametrize(
    ("amount", "currency", "state", "steps"),
    [
        ("1000.00", "EUR", "approved", []),
        ("1000.01", "EUR", "submitted", ["open", "skipped"]),
        ("1100.00", "USD", "approved", []),
        ("1.00", "JPY", "submitted", ["open", "waiting"]),
        ("50000.00", "EUR", "submitted", ["open", "skipped"]),
        ("50000.01", "EUR", "submitted", ["open", "waiting"]),
        (1000.01, "EUR", "submitted", ["open", "skipped"]),
    ],
)
def test_inside_the_limits_it_approves_itself_and_one_cent_above_somebody_is_asked(
    desk: Desk, anna: Caller, amount: Any, currency: str, state: str, steps: list[str]
) -> None:
    desk.publish(LIMITS)
    desk.person("Mia Kern", "channel_manager")
    request = desk.ask(anna, "discount", amount=amount, currency=currency)
    assert (request["state"], [step["state"] for step in request["steps"]]) == (state, steps)
    assert bool(request["authorization"]) == (state == "approved")
    if state == "approved":
        [decision] = request["decisions"]
        assert (decision["door"], decision["by"]) == ("limits", "Limits")
        assert "inside the limits" in str(request["timeline"])
    assert request["amount"] == str(amount)


def test_conditions_are_those_of_the_submission_even_if_the_world_changes(desk: Desk, anna: Caller) -> None:
    desk.publish(LIMITS)
    manager = desk.person("Mia Kern", "channel_manager")
    request = desk.ask(anna, "discount", amount="60000", currency="EUR")
    desk.publish(LIMITS.replace('"50000.00"', '"90000.00"'))
    request = desk.decide(manager, request, "approve")
    assert [(step["key"], step["state"]) for step in request["steps"]] == [
        ("manager", "approved"), ("director", "open"),
    ]  # fmt: skip
    assert request["workflow_version"] == 1
    assert desk.ask(anna, "discount", amount="60000", currency="EUR")["steps"][1]["state"] == "skipped"


def test_a_route_without_a_condition_that_holds_asks_a_channel_manager(desk: Desk, anna: Caller) -> None:
    desk.publish(
        LIMITS.replace(
            "  - key: manager\n", "  - key: manager\n    when: {field: amount, op: gt, value: 9}\n"
        )
    )
    manager = desk.person("Mia Kern", "channel_manager")
    request = desk.ask(anna, "discount", currency="EUR")
    assert [(step["key"], step["state"]) for step in request["steps"]] == [
        ("manager", "skipped"), ("director", "skipped"), ("unrouted", "open"),
    ]  # fmt: skip
    assert desk.decide(manager, request, "approve")["state"] == "approved"


# -- parallel steps and quorums ------------------------------------------------------------------------------

PARALLEL = """
key: contract
title: {en: Contract}
number: CO
initiators: [reseller]
route:
  - key: review
    quorum: QUORUM
    parallel:
      - {key: legal, title: {en: Legal}, approvers: [{role: legal}]}
      - {key: finance, title: {en: Finance}, approvers: [{role: finance}]}
      - {key: security, title: {en: Security}, approvers: [{role: security}]}
  - key: last
    title: {en: Director}
    approvers: [{role: channel_director}]
"""


@pytest.fixture
def board(desk: Desk) -> dict[str, Caller]:
    names = {"legal": "Lea Roth", "finance": "Fay Ross", "security": "Sam Hill", "channel_director": "Dan Wu"}
    return {role: desk.person(name, role) for role, name in names.items()}


def test_two_of_three_parallel_steps_are_enough(desk: Desk, anna: Caller, board: dict[str, Caller]) -> None:
    desk.publish(PARALLEL.replace("QUORUM", "2"))
    request = desk.ask(anna, "contract")
    assert request["holder"]["people"] == ["Lea Roth", "Fay Ross", "Sam Hill"]
    desk.decide(board["finance"], request, "reject", "too long a term")
    request = desk.decide(board["legal"], request, "approve")
    assert request["state"] == "submitted"
    assert desk.inbox(board["channel_director"]) == []
    request = desk.decide(board["security"], request, "approve")
    assert [step["state"] for step in request["steps"]] == ["approved", "rejected", "approved", "open"]
    assert desk.decide(board["channel_director"], request, "approve")["state"] == "approved"


def test_two_rejections_of_three_leave_no_quorum(desk: Desk, anna: Caller, board: dict[str, Caller]) -> None:
    desk.publish(PARALLEL.replace("QUORUM", "2"))
    request = desk.ask(anna, "contract")
    desk.decide(board["finance"], request, "reject", "too long a term")
    request = desk.decide(board["legal"], request, "reject", "not our law")
    assert (request["state"], [step["state"] for step in request["steps"]]) == (
        "rejected", ["rejected", "rejected", "not_needed", "not_needed"],
    )  # fmt: skip
    assert desk.inbox(board["security"]) == []


def test_what_the_quorum_does_not_need_leaves_the_inbox(
    desk: Desk, anna: Caller, board: dict[str, Caller]
) -> None:
    desk.publish(PARALLEL.replace("QUORUM", "1"))
    request = desk.ask(anna, "contract")
    assert desk.inbox(board["security"]) == [request["number"]]
    desk.decide(board["legal"], request, "approve")
    assert desk.inbox(board["security"]) == []
    assert [step["state"] for step in desk.shown(anna, request)["steps"]] == [
        "approved", "not_needed", "not_needed", "open",
    ]  # fmt: skip


def test_all_of_the_parallel_steps_are_needed_unless_the_route_says_less(
    desk: Desk, anna: Caller, board: dict[str, Caller]
) -> None:
    desk.publish(PARALLEL.replace("    quorum: QUORUM\n", ""))
    request = desk.ask(anna, "contract")
    desk.decide(board["legal"], request, "approve")
    assert desk.decide(board["finance"], request, "reject", "no budget")["state"] == "rejected"


QUORUM = """
key: waiver
title: {en: Waiver}
number: WA
initiators: [reseller, rep]
route:
  - key: committee
    title: {en: Committee}
    approvers: [{role: committee}]
    quorum: 2
"""


def test_a_quorum_of_two_needs_two_different_people(desk: Desk, anna: Caller) -> None:
    desk.publish(QUORUM)
    ann, bob = desk.person("Ann Lee", "committee"), desk.person("Bob Lee", "committee")
    request = desk.ask(anna, "waiver")
    assert desk.decide(ann, request, "approve")["state"] == "submitted"
    again = desk.decide(ann, request, "approve")
    assert (again["state"], len(again["decisions"])) == ("submitted", 1)
    assert desk.inbox(ann) == []
    assert desk.decide(bob, request, "approve")["state"] == "approved"


def test_of_everybody_named_each_has_to_approve(desk: Desk, anna: Caller) -> None:
    desk.publish(
        QUORUM.replace("[{role: committee}]", "[{role: committee}, {role: finance}]").replace(
            "m: 2", "m: all"
        )
    )
    ann, bob = desk.person("Ann Lee", "committee"), desk.person("Bob Lee", "committee")
    fay = desk.person("Fay Ross", "finance")
    request = desk.ask(anna, "waiver")
    desk.decide(ann, request, "approve")
    desk.decide(bob, request, "approve")
    assert desk.shown(anna, request)["state"] == "submitted"
    assert desk.decide(fay, request, "approve")["state"] == "approved"


# -- data alone ----------------------------------------------------------------------------------------------


def test_a_new_workflow_with_three_steps_is_added_by_data_alone_and_completes(
    desk: Desk, anna: Caller
) -> None:
    admin = desk.person("Ada Min", rights=("workflows.manage",))
    document = {
        "key": "demo_unit",
        "title": {"en": "Demonstration unit", "ja": "デモ機"},
        "number": "DU",
        "initiators": ["reseller"],
        "route": [
            {"key": "one", "approvers": [{"role": "channel_manager"}]},
            {"key": "two", "approvers": [{"queue": "logistics"}], "deadline": {"business_days": 2}},
            {"key": "three", "approvers": [{"role": "finance"}]},
        ],
    }
    assert anna.post("/api/requests", workflow="demo_unit").status_code == 404
    published = admin.call("PUT", "/api/workflows/demo_unit", json={"document": document, "note": "New"})
    assert published.status_code == 200, published.get_json()
    assert published.get_json()["versions"][0]["published_by"] == "Ada Min"
    people = [
        desk.person("Mia Kern", "channel_manager"), desk.person("Lou Gist", "logistics"),
        desk.person("Fay Ross", "finance"),
    ]  # fmt: skip
    request = desk.ask(anna, "demo_unit")
    for person in people:
        request = desk.decide(person, request, "approve")
    assert (request["state"], request["authorization"]) == ("approved", "DU-A-1001")
    assert {"key": "demo_unit", "title": "Demonstration unit", "version": 1} in (
        anna.get("/api/workflows").get_json()["items"]
    )


def test_a_workflow_with_faults_is_refused_whole_with_place_and_remedy(desk: Desk) -> None:
    admin = desk.person("Ada Min", rights=("workflows.manage",))
    document = {"key": "bad", "title": {"de": "x"}, "number": "B", "initiators": ["rep"],
                "route": [{"key": "one", "approvers": [{"role": "a", "user": "b@c.de"}]},
                          {"key": "one", "approvers": [{"user": "b@c.de"}], "quorum": 2}]}  # fmt: skip
    answer = admin.call("PUT", "/api/workflows/bad", json={"document": document})
    assert answer.status_code == 400
    assert list(answer.get_json()["fields"]) == ["route[0].approvers[0]"]
    document["route"][0] = {"key": "one", "approvers": [{"role": "a"}]}
    answer = admin.call("PUT", "/api/workflows/bad", json={"document": document})
    assert answer.get_json()["fields"] == {
        "route[1].key": "route[0] has this key too. Give each step its own.",
        "route[1].quorum": "So many people are not asked. Add approvers, or lower the quorum.",
        "title.en": "The English title is missing. Add it: it stands in for others.",
    }
    assert desk.rows("SELECT * FROM approval_workflow WHERE key = 'bad'") == []
    plain = desk.person("Pia Lane")
    assert plain.call("PUT", "/api/workflows/bad", json={"document": document}).status_code == 403


def test_a_version_can_be_reverted_and_is_never_changed(desk: Desk, anna: Caller) -> None:
    admin = desk.person("Ada Min", rights=("workflows.manage",))
    desk.publish(chain("channel_manager"))
    desk.publish(chain("channel_manager", "finance"))
    assert len(desk.ask(anna)["steps"]) == 2
    reverted = admin.post("/api/workflows/price_exception/revert")
    assert [(one["version"], one["active"], one["note"]) for one in reverted.get_json()["versions"]] == [
        (3, True, "Back to version 1"), (2, False, ""), (1, False, ""),
    ]  # fmt: skip
    assert len(desk.ask(anna)["steps"]) == 1
    actions = desk.rows("SELECT action, actor_name FROM audit_entry WHERE action = 'workflow.publish'")
    assert [row["actor_name"] for row in actions if row["actor_name"] == "Ada Min"] == ["Ada Min"]


def test_a_rehearsal_says_who_would_be_asked_until_when_and_writes_nothing(desk: Desk) -> None:
    admin = desk.person("Ada Min", rights=("workflows.manage",))
    desk.publish(LIMITS.replace("  - key: director\n", "  - key: director\n    deadline: {hours: 24}\n"))
    desk.person("Mia Kern", "channel_manager")
    body = {"values": {"amount": "60000", "currency": "EUR"}}
    told = admin.post("/api/workflows/discount/rehearse", **body).get_json()
    assert told["by_limits"] is False
    assert [(one["key"], one["asked"], one["names"]) for one in told["steps"]] == [
        ("manager", True, ["Mia Kern"]), ("director", True, []),
    ]  # fmt: skip
    assert told["steps"][1]["remarks"] == ["Nobody can decide for channel director; Mia Kern would be asked."]
    assert told["steps"][1]["due"] > told["steps"][1]["begins"]
    inside = admin.post("/api/workflows/discount/rehearse", values={"amount": "5", "currency": "EUR"})
    assert (inside.get_json()["by_limits"], inside.get_json()["steps"]) == (True, [])
    assert desk.rows("SELECT * FROM approval_request") == []
    assert desk.rows("SELECT * FROM approval_notice") == []

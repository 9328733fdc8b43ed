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

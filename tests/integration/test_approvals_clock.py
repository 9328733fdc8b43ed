"""What the clock does, and who stands in for whom: reminders, escalation, expiry, delegation, absence."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from app.approvals import deadlines
from app.kernel.actor import SYSTEM
from jobs import approvals as jobs
from tests.fixtures.approvals import Desk, chain
from tests.fixtures.web import Caller

ESCALATING = """
key: price_exception
title: {en: Price exception}
number: PX
initiators: [reseller, rep]
route:
  - key: manager
    title: {en: Channel manager}
    approvers: [{role: channel_manager}]
    deadline: {hours: 48}
    remind: {hours: 24}
    escalate:
      - {to: {role: channel_director}}
      - {to: {role: vice_president}, after: {hours: 12}}
expire: {days: 30}
"""


@pytest.fixture
def anna(desk: Desk) -> Caller:
    return desk.partner_user()


@pytest.fixture
def mia(desk: Desk) -> Caller:
    return desk.person("Mia Kern", "channel_manager")


def after(desk: Desk, **length: int) -> int:
    """Let the clock's job run at a later time, twice; how many requests it did something to."""
    now = datetime.now(UTC) + timedelta(**length)
    with desk.company.database.session(SYSTEM) as session:
        done = deadlines.run(desk.engine, session, now)
    with desk.company.database.session(SYSTEM) as session:
        assert deadlines.run(desk.engine, session, now) == 0
    return done


def kinds(caller: Caller) -> list[str]:
    return [one["kind"] for one in caller.get("/api/notices").get_json()["items"]]


def username(desk: Desk, caller: Caller) -> str:
    [row] = desk.rows("SELECT username FROM crm_user WHERE id = :id", id=caller.user_id)
    return str(row["username"])


def delegate(desk: Desk, giver: Caller, taker: Caller | None, **more: Any) -> dict[str, Any]:
    body = {"delegate": username(desk, taker)} if taker else {}
    answer = giver.post("/api/delegations", **body, **more)
    assert answer.status_code == 201, answer.get_json()
    found: dict[str, Any] = answer.get_json()["items"][0]
    return found


# -- the clock -----------------------------------------------------------------------------------------------


def test_a_reminder_goes_out_once(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(ESCALATING)
    request = desk.ask(anna)
    assert after(desk, hours=23) == 0
    assert after(desk, hours=25) == 1
    assert kinds(mia) == ["reminder", "task"]
    assert after(desk, hours=26) == 0
    reminded = [event for event in desk.shown(anna, request)["timeline"] if event["kind"] == "reminded"]
    assert [event["sentence"] for event in reminded] == [
        "Mia Kern was reminded of the step “Channel manager”."
    ]


def test_what_nobody_decides_goes_up_level_by_level(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(ESCALATING)
    director = desk.person("Dan Wu", "channel_director")
    president = desk.person("Vic Pratt", "vice_president")
    request = desk.ask(anna)
    assert after(desk, hours=47, minutes=59) == 1  # the reminder
    assert desk.inbox(director) == []
    assert after(desk, hours=49) == 1
    assert desk.inbox(director) == desk.inbox(mia) == [request["number"]]
    assert desk.inbox(president) == []
    assert after(desk, hours=62) == 1
    assert desk.inbox(president) == [request["number"]]
    assert after(desk, days=20) == 0
    shown = desk.shown(anna, request)
    assert shown["holder"]["people"] == ["Mia Kern", "Dan Wu", "Vic Pratt"]
    assert shown["steps"][0]["escalated"] == 2
    assert "Dan Wu may decide it now as well" in str(shown["timeline"])
    assert desk.decide(president, request, "approve")["state"] == "approved"


def test_whoever_it_was_escalated_to_decides_a_quorum_alone(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(ESCALATING.replace("    deadline:", "    quorum: 2\n    deadline:"))
    desk.person("Lin Ode", "channel_manager")
    director = desk.person("Dan Wu", "channel_director")
    request = desk.ask(anna)
    desk.decide(mia, request, "approve")
    after(desk, hours=49)
    assert desk.decide(director, request, "approve")["state"] == "approved"


def test_a_deadline_without_a_next_level_is_told_once(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna)
    assert after(desk, hours=49) == 1
    assert kinds(mia) == ["overdue", "task"]
    shown = desk.shown(anna, request)
    assert "The deadline of the step “Channel manager” has passed." in str(shown["timeline"])


def test_a_question_that_nobody_answers_ends_the_request(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(ESCALATING)
    request = desk.decide(mia, desk.ask(anna), "request_info", "Which volume?")
    assert after(desk, days=29) == 0  # its approver is neither reminded nor passed over meanwhile
    assert after(desk, days=31) == 1
    expired = desk.shown(anna, request)
    assert (expired["state"], expired["actions"]) == ("expired", ["edit", "resubmit", "comment"])
    assert desk.do(anna, request, "resubmit")["state"] == "submitted"


def test_the_minutes_job_does_it_for_all(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(ESCALATING)
    for _ in range(3):
        desk.ask(anna)
    desk.company.sql("UPDATE approval_step SET remind_at = now() - interval '1 minute'")
    for _ in range(2):
        jobs.deadlines(desk.company.app.extensions["tandem"].settings)
    assert kinds(mia).count("reminder") == 3


# -- nobody left ---------------------------------------------------------------------------------------------


def test_where_nobody_holds_the_role_a_channel_manager_is_asked_instead(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("finance"))
    request = desk.ask(anna)
    assert desk.inbox(mia) == [request["number"]]
    said = "Of finance nobody is left who may decide; Mia Kern is asked instead."
    assert said in str(desk.shown(mia, request)["timeline"])
    assert said not in str(desk.shown(anna, request)["timeline"])
    assert desk.decide(mia, request, "approve")["state"] == "approved"


def test_where_only_the_requester_holds_the_role_somebody_else_is_asked(desk: Desk, mia: Caller) -> None:
    desk.publish(chain("channel_manager").replace("[reseller,", "[channel_manager, reseller,"))
    admin = desk.person("Ada Min", "admin")
    request = desk.ask(mia)
    assert desk.inbox(admin) == [request["number"]]
    assert desk.decide(admin, request, "approve")["state"] == "approved"


def test_nothing_hangs_for_ever_when_there_is_nobody_at_all(desk: Desk, anna: Caller) -> None:
    desk.publish(chain("finance"))
    request = desk.ask(anna)
    rep = desk.person("Rob Plain")
    shown = desk.shown(rep, request)
    assert (shown["state"], shown["holder"]["who"]) == ("submitted", "nobody yet")
    assert 'Grant the role "channel_manager" or "admin" to somebody.' in str(shown["timeline"])
    admin = desk.person("Ada Min", "admin")
    assert desk.inbox(admin) == [request["number"]]


def test_when_the_last_one_loses_the_role_the_next_minute_finds_somebody(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("finance"))
    fay = desk.person("Fay Ross", "finance")
    request = desk.ask(anna)
    desk.company.sql("DELETE FROM user_role WHERE role = 'finance'")
    assert desk.inbox(fay) == []
    assert desk.do(fay, request, "decide", status=403, decision="approve")["code"] == "not_asked"
    jobs.deadlines(desk.company.app.extensions["tandem"].settings)
    assert desk.inbox(mia) == [request["number"]]


def test_a_person_who_left_the_company_decides_nothing(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("finance"))
    fay = desk.person("Fay Ross", "finance")
    request = desk.ask(anna)
    desk.company.sql("UPDATE crm_user SET is_active = false WHERE id = :id", id=fay.user_id)
    path = f"/api/requests/{request['id']}/decide"
    assert fay.post(path, decision="approve").status_code == 401
    jobs.deadlines(desk.company.app.extensions["tandem"].settings)
    assert desk.inbox(mia) == [request["number"]]


# -- delegation ----------------------------------------------------------------------------------------------


def test_a_delegate_decides_beside_and_both_names_are_kept(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    sam = desk.person("Sam Tand")
    request = desk.ask(anna)
    assert desk.inbox(sam) == []
    delegate(desk, mia, sam, reason="A busy week")
    assert desk.inbox(sam) == desk.inbox(mia) == [request["number"]]
    assert sam.get("/api/requests/inbox").get_json()["items"][0]["on_behalf_of"] == "Mia Kern"
    done = desk.decide(sam, request, "approve")
    [decision] = done["decisions"]
    assert (decision["by"], decision["on_behalf_of"]) == ("Sam Tand", "Mia Kern")
    assert "Sam Tand (for Mia Kern) approved it" in str(done["timeline"])
    assert kinds(sam) == ["delegation"]


def test_a_delegation_begins_ends_and_is_taken_back_by_the_clock(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    desk.publish(chain("channel_manager", key="other"))
    sam = desk.person("Sam Tand")
    one, other = desk.ask(anna), desk.ask(anna, "other")
    now = datetime.now(UTC)
    delegate(desk, mia, sam, starts_at=(now + timedelta(days=1)).isoformat())
    assert desk.inbox(sam) == []
    made = delegate(
        desk, mia, sam, workflow="other", starts_at=(now - timedelta(hours=1)).isoformat(),
        ends_at=(now + timedelta(hours=1)).isoformat(),
    )  # fmt: skip
    items = mia.get("/api/delegations").get_json()["items"]
    made = next(item for item in items if item["workflow"] == "other")
    assert (made["in_force"], made["own"]) == (True, True)
    assert desk.inbox(sam) == [other["number"]]
    assert desk.do(sam, one, "decide", status=403, decision="approve")["code"] == "not_asked"
    assert sam.post(f"/api/delegations/{made['id']}/revoke").status_code == 403
    assert mia.post(f"/api/delegations/{made['id']}/revoke").status_code == 200
    assert mia.post(f"/api/delegations/{made['id']}/revoke").status_code == 200
    assert desk.inbox(sam) == []


def test_out_of_office_the_delegate_holds_the_request(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    sam, kim = desk.person("Sam Tand"), desk.person("Kim Wood")
    delegate(desk, mia, sam, away=True)
    delegate(desk, sam, kim, away=True)
    request = desk.ask(anna)
    assert desk.shown(anna, request)["holder"]["who"] == "Kim Wood"
    assert kinds(kim) == ["task", "delegation"]
    assert "task" not in kinds(mia)
    done = desk.decide(kim, request, "approve")
    assert done["decisions"][0]["on_behalf_of"] == "Mia Kern"


def test_all_away_in_a_circle_asks_the_administrator(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    sam, admin = desk.person("Sam Tand"), desk.person("Ada Min", "admin")
    delegate(desk, mia, sam, away=True)
    delegate(desk, sam, mia, away=True)
    request = desk.ask(anna)
    assert desk.inbox(admin) == [request["number"]]


def test_away_without_a_delegate_the_others_of_the_role_are_asked(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    desk.person("Lin Ode", "channel_manager")
    delegate(desk, mia, None, away=True)
    assert desk.ask(anna)["holder"]["who"] == "Lin Ode"


def test_one_person_for_two_is_one_of_a_quorum(desk: Desk, anna: Caller) -> None:
    desk.publish(chain("committee").replace("    deadline:", "    quorum: 2\n    deadline:"))
    ann, bob = desk.person("Ann Lee", "committee"), desk.person("Bob Lee", "committee")
    delegate(desk, bob, ann)
    request = desk.ask(anna)
    assert desk.decide(ann, request, "approve")["state"] == "submitted"
    assert desk.inbox(ann) == []
    assert desk.decide(bob, request, "approve")["state"] == "approved"


def test_nothing_is_delegated_through_the_requester(desk: Desk, mia: Caller) -> None:
    desk.publish(chain("channel_manager").replace("[reseller,", "[rep, reseller,"))
    desk.person("Lin Ode", "channel_manager")
    rob, pal = desk.person("Rob Plain"), desk.person("Pal Friend")
    delegate(desk, mia, rob)
    delegate(desk, rob, pal)
    request = desk.ask(rob)
    assert desk.inbox(pal) == desk.inbox(rob) == []
    assert desk.do(pal, request, "decide", status=403, decision="approve")["code"] == "not_asked"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "delegate"),
        ({"delegate": "nobody@company.example"}, "delegate"),
        ({"delegate": "SELF"}, "delegate"),
        ({"delegate": "PARTNER"}, "delegate"),
        ({"away": True, "ends_at": "2020-01-01T00:00:00Z"}, "ends_at"),
        ({"away": True, "ends_at": "2099-01-01T00:00:00"}, "ends_at"),
    ],
)
def test_a_delegation_that_cannot_be_is_refused_by_name(
    desk: Desk, anna: Caller, mia: Caller, body: dict[str, Any], field: str
) -> None:
    names = {"SELF": username(desk, mia), "PARTNER": username(desk, anna)}
    body = {key: names.get(str(value), value) for key, value in body.items()}
    answer = mia.post("/api/delegations", **body)
    assert (answer.status_code, list(answer.get_json()["fields"])) == (400, [field])


def test_an_administrator_sets_up_an_absence_for_somebody(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    sam, rob = desk.person("Sam Tand"), desk.person("Rob Plain")
    admin = desk.person("Ada Min", rights=("requests.manage",))
    body = {"person": username(desk, mia), "delegate": username(desk, sam), "away": True}
    assert rob.post("/api/delegations", **body).status_code == 403
    assert admin.post("/api/delegations", **body).status_code == 201
    assert desk.ask(anna)["holder"]["who"] == "Sam Tand"

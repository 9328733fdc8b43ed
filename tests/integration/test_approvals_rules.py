"""The rules around a request: who starts, who decides, what an edit voids, what both sides see."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from psycopg.errors import CheckViolation, RestrictViolation
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.kernel.actor import SYSTEM
from tests.fixtures.approvals import Desk, chain
from tests.fixtures.web import Caller


@pytest.fixture
def anna(desk: Desk) -> Caller:
    return desk.partner_user()


@pytest.fixture
def mia(desk: Desk) -> Caller:
    return desk.person("Mia Kern", "channel_manager")


def refused_by_the_database(desk: Desk, statement: str, kind: type[Exception], **params: Any) -> str:
    with pytest.raises(DBAPIError) as caught, desk.company.database.session(SYSTEM) as session:
        session.execute(text(statement), params)
    assert isinstance(caught.value.orig, kind)
    return str(caught.value.orig)


# -- who starts ----------------------------------------------------------------------------------------------

INITIATORS = ("distributor", "reseller", "rep", "external_rep", "regional_manager")


def test_each_of_the_five_roles_starts_what_is_allowed_to_it_and_nothing_else(desk: Desk) -> None:
    for role in INITIATORS:
        desk.publish(chain("channel_manager", key=f"for_{role}").replace(
            "[reseller, distributor, rep]", f"[{role}]"))  # fmt: skip
    callers = {
        "reseller": desk.partner_user("Rhein Automation"),
        "distributor": desk.partner_user("Großhandel Nord"),
        "rep": desk.person("Rob Plain"),
        "external_rep": desk.person("Eva Stern", "external_rep"),
        "regional_manager": desk.person("Rea Gion", "regional_manager"),
    }
    [partner] = desk.rows("SELECT account_id FROM crm_user WHERE id = :id", id=callers["distributor"].user_id)
    desk.company.sql(
        "UPDATE partner SET kind = 'distributor' WHERE account_id = :id", id=partner["account_id"]
    )
    for role, caller in callers.items():
        mine = [one["key"] for one in caller.get("/api/workflows").get_json()["items"]]
        assert [key for key in mine if key.startswith("for_")] == [f"for_{role}"]
        for other in INITIATORS:
            answer = caller.post("/api/requests", workflow=f"for_{other}", submit=True)
            assert answer.status_code == (201 if other == role else 403), (role, other, answer.get_json())
    assert len(desk.rows("SELECT * FROM approval_request")) == 5


def test_a_partner_that_is_suspended_starts_nothing(desk: Desk, anna: Caller) -> None:
    desk.publish(chain("channel_manager"))
    desk.company.sql("UPDATE partner SET status = 'suspended', before_suspension = status")
    answer = anna.post("/api/requests", workflow="price_exception")
    assert (answer.status_code, answer.get_json()["code"]) == (409, "partner_not_active")


def test_a_partner_asks_for_itself_only(desk: Desk, anna: Caller) -> None:
    desk.publish(chain("channel_manager"))
    other = desk.company.partner("Polderland Besturing")
    answer = anna.post("/api/requests", workflow="price_exception", partner_account_id=str(other))
    assert (answer.status_code, list(answer.get_json()["fields"])) == (400, ["partner_account_id"])


# -- two people ----------------------------------------------------------------------------------------------


def test_a_requester_never_decides_even_with_the_role(desk: Desk, mia: Caller) -> None:
    desk.publish(chain("channel_manager").replace("[reseller,", "[channel_manager, reseller,"))
    lin = desk.person("Lin Ode", "channel_manager")
    request = desk.ask(mia)
    assert desk.inbox(mia) == []
    assert request["decide"] == []
    refused = desk.do(mia, request, "decide", status=403, decision="approve")
    assert (refused["code"], refused["detail"]) == (
        "two_people", "You cannot decide your own request. Somebody else must decide.",
    )  # fmt: skip
    assert desk.inbox(lin) == [request["number"]]
    assert desk.decide(lin, request, "approve")["state"] == "approved"


def test_the_last_editor_never_decides(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    editor = desk.person("Edi Tor", "channel_manager", rights=("requests.manage",))
    request = desk.ask(anna, amount="10")
    request = desk.do(editor, request, "edit", values={"amount": "12"})
    assert (request["round"], request["last_editor"]) == (2, "Edi Tor")
    assert desk.do(editor, request, "decide", status=403, decision="approve")["code"] == "two_people"
    assert desk.inbox(editor) == []
    assert desk.decide(mia, request, "approve")["state"] == "approved"


def test_the_database_knows_that_requester_editor_and_approver_are_different_people(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna)
    statement = (
        "INSERT INTO approval_decision (request_id, round, step_key, actor_id, actor_name, on_behalf_of, "
        "decision, door, content_hash) SELECT id, round, 'channel_manager', :actor, 'x', :behalf, 'approve', "
        "'api', content_hash FROM approval_request WHERE id = :id"
    )
    for actor, behalf in ((anna.user_id, None), (mia.user_id, anna.user_id)):
        said = refused_by_the_database(
            desk, statement, CheckViolation, id=request["id"], actor=actor, behalf=behalf
        )
        assert "requester, last editor and approver are different people" in said
    stale = statement.replace("content_hash FROM", "'another' FROM")
    said = refused_by_the_database(
        desk, stale, CheckViolation, id=request["id"], actor=mia.user_id, behalf=None
    )
    assert "a decision belongs to the content that was read" in said


def test_a_delegate_of_the_requester_gets_nothing_from_the_requester(desk: Desk, mia: Caller) -> None:
    desk.publish(chain("channel_manager").replace("[reseller,", "[channel_manager, reseller,"))
    friend = desk.person("Fred Riend")
    desk.person("Lin Ode", "channel_manager")
    username = username_of(desk, friend)
    assert mia.post("/api/delegations", delegate=username).status_code == 201
    request = desk.ask(mia)
    assert desk.inbox(friend) == []
    assert desk.do(friend, request, "decide", status=403, decision="approve")["code"] == "not_asked"


def username_of(desk: Desk, caller: Caller) -> str:
    [row] = desk.rows("SELECT username FROM crm_user WHERE id = :id", id=caller.user_id)
    return str(row["username"])


# -- a decision counts once ----------------------------------------------------------------------------------


def test_a_decision_said_twice_counts_once_and_does_not_reach_the_next_step(desk: Desk, anna: Caller) -> None:
    desk.publish(chain("channel_manager", "channel_director"))
    both = desk.person("Bo Both", "channel_manager", "channel_director")
    request = desk.ask(anna)
    first = desk.decide(both, request, "approve")
    again = desk.decide(both, request, "approve")
    assert [len(one["decisions"]) for one in (first, again)] == [1, 1]
    assert again["state"] == "submitted"
    unclear = desk.do(both, request, "decide", status=400, decision="reject", reason="no")
    assert unclear["fields"] == {"step": "Say which: channel_director."}
    assert desk.decide(both, request, "approve", step="channel_director")["state"] == "approved"
    assert len(desk.rows("SELECT * FROM approval_authorization")) == 1


def test_a_late_different_decision_is_told_what_was_decided_by_whom(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    lin = desk.person("Lin Ode", "channel_manager")
    request = desk.ask(anna)
    desk.decide(mia, request, "approve")
    late = desk.do(lin, request, "decide", status=409, decision="reject", reason="no")
    assert (late["code"], late["decided"]["by"], late["decided"]["decision"]) == (
        "decided_already", "Mia Kern", "approve",
    )  # fmt: skip
    assert late["detail"].startswith(f"Mia Kern approved {request['number']} in the step “Channel manager”")
    assert late["allowed"] == ["edit", "recall", "void"]
    same = desk.decide(lin, request, "approve")
    assert (same["state"], len(same["decisions"])) == ("approved", 1)
    mine = desk.do(mia, request, "decide", status=409, decision="reject", reason="no")
    assert mine["code"] == "decided_already"


def test_a_decision_about_what_was_changed_meanwhile_is_refused(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna, amount="10")
    desk.do(anna, request, "edit", values={"amount": "10000"})
    stale = desk.do(mia, request, "decide", status=409, decision="approve", round=request["round"])
    assert (stale["code"], stale["round"]) == ("changed_meanwhile", 2)
    assert desk.shown(mia, request)["state"] == "submitted"


def test_of_eight_who_decide_at_once_one_has_effect(desk: Desk, anna: Caller) -> None:
    desk.publish(chain("channel_manager"))
    people = [desk.person(f"Approver{n} Berg", "channel_manager") for n in range(8)]
    request = desk.ask(anna)

    def decide(place: int) -> int:
        word = "approve" if place % 2 else "reject"
        path = f"/api/requests/{request['id']}/decide"
        return people[place].post(path, decision=word, reason="because").status_code

    with ThreadPoolExecutor(8) as pool:
        codes = list(pool.map(decide, range(8)))
    assert sorted(codes) == [200] * 4 + [409] * 4
    shown = desk.shown(anna, request)
    assert len(shown["decisions"]) == 1
    approved = shown["state"] == "approved"
    assert len(desk.rows("SELECT * FROM approval_authorization")) == approved
    kinds = [event["kind"] for event in shown["timeline"]]
    assert kinds.count("approved") + kinds.count("rejected") == 1


def test_the_same_person_eight_times_at_once_decides_once(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager", "finance"))
    desk.person("Fay Ross", "finance")
    request = desk.ask(anna)
    callers = [Caller(mia.client.application.test_client(), mia.token) for _ in range(8)]
    path = f"/api/requests/{request['id']}/decide"
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda one: one.post(path, decision="approve"), callers))
    assert {answer.status_code for answer in answers} == {200}
    assert len(desk.shown(anna, request)["decisions"]) == 1


# -- edits, authorizations -----------------------------------------------------------------------------------


def test_an_edit_after_approval_voids_it_and_begins_the_route_again(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna, amount="100.00", currency="EUR")
    request = desk.decide(mia, request, "approve", "good price")
    number = request["authorization"]
    changed = desk.do(anna, request, "edit", values={"amount": "900.00"})
    assert (changed["state"], changed["round"], changed["authorization"]) == ("submitted", 2, None)
    assert [(one["number"], one["void"]) for one in changed["authorizations"]] == [(number, True)]
    assert desk.inbox(mia) == [request["number"]]
    changed = desk.decide(mia, changed, "approve")
    assert changed["authorization"] == "PX-A-1002"
    first = anna.get(f"/api/authorizations/{number}").get_json()
    assert (first["void"], first["snapshot"]["values"]["amount"]) == (True, "100.00")
    assert first["snapshot"]["decisions"][0]["reason"] == "good price"
    second = anna.get("/api/authorizations/PX-A-1002").get_json()
    assert (second["void"], second["snapshot"]["values"]["amount"]) == (False, "900.00")


def test_an_edit_that_changes_nothing_voids_nothing(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.decide(mia, desk.ask(anna, amount="100.00"), "approve")
    same = desk.do(anna, request, "edit", values={"amount": "100.00"})
    assert (same["state"], same["authorization"], same["round"]) == ("approved", "PX-A-1001", 1)


def test_an_authorization_is_unique_immutable_and_never_a_rejected_requests(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    approved = desk.decide(mia, desk.ask(anna, amount="5"), "approve")
    rejected = desk.decide(mia, desk.ask(anna, amount="6"), "reject", "no")
    for change in (
        "UPDATE approval_authorization SET snapshot = '{}'", "DELETE FROM approval_authorization",
        "UPDATE approval_decision SET reason = 'x'", "DELETE FROM approval_event",
    ):  # fmt: skip
        assert "never changed or removed" in refused_by_the_database(desk, change, RestrictViolation)
    forged = (
        "INSERT INTO approval_authorization (number, request_id, round, workflow_key, workflow_version, "
        "content_hash, snapshot) SELECT 'PX-A-9', id, round, workflow_key, workflow_version, content_hash, "
        "'{}' FROM approval_request WHERE id = :id"
    )
    one_that_holds = "one authorization of the content that was approved"
    assert one_that_holds in refused_by_the_database(desk, forged, CheckViolation, id=rejected["id"])
    for change, which in (
        ("UPDATE approval_request SET state = 'approved' WHERE id = :id", rejected),
        ("UPDATE approval_request SET state = 'rejected' WHERE id = :id", approved),
        (
            "INSERT INTO approval_authorization_void (number, actor_name) SELECT number, 'x' "
            "FROM approval_authorization WHERE request_id = :id",
            approved,
        ),
    ):
        assert one_that_holds in refused_by_the_database(desk, change, CheckViolation, id=which["id"])
    content = 'UPDATE approval_request SET values = \'{"amount": "7"}\' WHERE id = :id'
    assert "in a new round only" in refused_by_the_database(
        desk, content, RestrictViolation, id=approved["id"]
    )


def test_only_the_company_takes_an_approval_back(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    admin = desk.person("Ada Min", rights=("requests.manage",))
    request = desk.decide(mia, desk.ask(anna), "approve")
    assert desk.do(anna, request, "void", status=403, reason="x")["code"] == "not_allowed"
    assert desk.do(mia, request, "void", status=403, reason="x")["code"] == "not_allowed"
    assert desk.do(admin, request, "void", status=400)["fields"] == {
        "reason": "Say why; the requester reads it."
    }
    voided = desk.do(admin, request, "void", reason="The program has ended")
    assert (voided["state"], voided["authorization"]) == ("voided", None)
    assert voided["authorizations"][0]["void_reason"] == "The program has ended"
    again = desk.do(anna, request, "resubmit")
    assert (again["state"], again["round"]) == ("submitted", 2)


# -- information, recall, resubmission -----------------------------------------------------------------------


def test_a_question_keeps_the_place_and_the_steps_that_are_done(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager", "finance"))
    fay = desk.person("Fay Ross", "finance")
    request = desk.ask(anna)
    later = desk.ask(anna)
    for one in (request, later):
        desk.decide(mia, one, "approve")
    before = fay.get("/api/requests/inbox").get_json()["items"][0]
    assert desk.do(fay, request, "decide", status=400, decision="request_info")["fields"] == {
        "reason": "Say what you need to know."
    }
    asked = desk.decide(fay, request, "request_info", "Which volume?")
    assert (asked["state"], asked["question"]) == ("info_needed", "Which volume?")
    assert (asked["holder"]["side"], asked["holder"]["who"]) == ("requester", "Anna Weiss")
    assert asked["holder"]["due"] is not None
    assert desk.inbox(fay) == [later["number"]]
    assert desk.do(fay, request, "decide", status=409, decision="approve")["allowed"] == [
        "answer", "cancel", "edit", "recall", "reject",
    ]  # fmt: skip
    assert desk.do(anna, request, "answer", status=400)["fields"] == {"reason": "Write your answer."}
    answered = desk.do(anna, request, "answer", reason="200 a year")
    assert [step["state"] for step in answered["steps"]] == ["approved", "open"]
    assert desk.inbox(fay) == [request["number"], later["number"]]
    after = fay.get("/api/requests/inbox").get_json()["items"][0]
    assert after["since"] == before["since"]
    assert after["due"] > before["due"]
    assert desk.decide(fay, request, "approve")["state"] == "approved"


def test_while_a_question_is_open_the_approver_may_still_reject(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.decide(mia, desk.ask(anna), "request_info", "Which volume?")
    assert request["actions"] == ["reject", "comment"]
    rejected = desk.decide(mia, request, "reject", "Nobody answers")
    assert (rejected["state"], rejected["question"]) == ("rejected", "")


def test_a_recalled_request_leaves_every_inbox_and_can_be_handed_in_again(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna, amount="5")
    recalled = desk.do(anna, request, "recall", reason="typing error")
    assert (recalled["state"], desk.inbox(mia)) == ("recalled", [])
    late = desk.do(mia, request, "decide", status=409, decision="approve")
    assert late["allowed"] == ["cancel", "edit", "resubmit"]
    again = desk.do(anna, request, "resubmit", values={"amount": "6"})
    assert (again["state"], again["round"], again["values"]) == ("submitted", 2, {"amount": "6"})
    assert desk.decide(mia, again, "approve")["state"] == "approved"


def test_a_rejected_request_is_handed_in_again_with_its_history(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.decide(mia, desk.ask(anna), "reject", "Say more")
    again = desk.do(anna, request, "resubmit", values={"why": "A competitor offers less"})
    assert [(one["round"], one["decision"]) for one in again["decisions"]] == [(1, "reject")]
    done = desk.decide(mia, again, "approve")
    assert [(one["round"], one["decision"]) for one in done["decisions"]] == [(1, "reject"), (2, "approve")]
    snapshot = anna.get(f"/api/authorizations/{done['authorization']}").get_json()["snapshot"]
    assert [one["decision"] for one in snapshot["decisions"]] == ["approve"]


def test_a_recall_after_approval_voids_the_authorization(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.decide(mia, desk.ask(anna), "approve")
    recalled = desk.do(anna, request, "recall")
    assert (recalled["state"], recalled["authorization"]) == ("recalled", None)
    assert recalled["authorizations"][0]["void"] is True


# -- queues --------------------------------------------------------------------------------------------------


def test_a_queues_task_is_taken_by_one_and_given_back(desk: Desk, anna: Caller) -> None:
    desk.publish(chain("deal_desk").replace("{role: deal_desk}", "{queue: deal_desk}"))
    ann, bob = desk.person("Ann Lee", "deal_desk"), desk.person("Bob Lee", "deal_desk")
    request = desk.ask(anna)
    assert desk.inbox(ann) == desk.inbox(bob) == [request["number"]]
    assert desk.shown(anna, request)["holder"]["who"] == "Ann Lee or Bob Lee"
    taken = desk.do(ann, request, "take")
    assert "release" in taken["actions"]
    assert desk.shown(anna, request)["holder"]["who"] == "Ann Lee"
    refused = desk.do(bob, request, "decide", status=409, decision="approve")
    assert (refused["code"], refused["taken_by"]) == ("taken", "Ann Lee")
    assert desk.do(bob, request, "take", status=409)["code"] == "taken"
    desk.do(ann, request, "release")
    assert desk.decide(bob, request, "approve")["state"] == "approved"
    assert "took the task" not in str(desk.shown(anna, request)["timeline"])
    assert "took the task" in str(desk.shown(ann, request)["timeline"])


# -- comments and notices ------------------------------------------------------------------------------------


def test_both_sides_talk_in_one_place_and_the_company_also_among_itself(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna)
    desk.do(anna, request, "comments", status=201, text="We need it by May")
    desk.do(mia, request, "comments", status=201, text="I ask the factory")
    desk.do(mia, request, "comments", status=201, text="Their margin is fine", visible="company")
    said = [event["reason"] for event in desk.shown(mia, request)["timeline"] if event["kind"] == "comment"]
    assert said == ["We need it by May", "I ask the factory", "Their margin is fine"]
    theirs = desk.shown(anna, request)
    assert [event["reason"] for event in theirs["timeline"] if event["kind"] == "comment"] == said[:2]
    assert "margin" not in str(anna.get("/api/notices").get_json())
    secret = desk.do(anna, request, "comments", status=400, text="x", visible="company")
    assert secret["fields"] == {"visible": "Choose both."}


def test_people_are_told_of_tasks_and_outcomes_once_and_mark_them_as_read(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna)
    told = mia.get("/api/notices", unread=True).get_json()
    assert (told["unread"], [one["kind"] for one in told["items"]]) == (1, ["task"])
    assert told["items"][0]["sentence"] == f"{request['number']} waits for your decision: Price exception."
    read = mia.post("/api/notices/read", ids=[told["items"][0]["id"]]).get_json()
    assert (read["unread"], read["items"]) == (0, [])
    desk.decide(mia, request, "approve")
    [outcome] = anna.get("/api/notices").get_json()["items"]
    assert outcome["sentence"] == f"{request['number']} was approved: authorization PX-A-1001."
    assert anna.post("/api/notices/read", all=True).get_json()["unread"] == 0
    assert mia.post("/api/notices/read", ids=[outcome["id"]]).status_code == 200
    assert mia.get("/api/notices").get_json()["items"][0]["id"] == told["items"][0]["id"]


# -- the partner's side --------------------------------------------------------------------------------------


def test_another_partner_sees_nothing_of_a_request(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    piet = desk.partner_user("Polderland Besturing")
    request = desk.decide(mia, desk.ask(anna), "approve", "canary")
    for path in (f"/api/requests/{request['id']}", f"/api/authorizations/{request['authorization']}"):
        assert piet.get(path).status_code == 404
    page = piet.get("/api/requests", q="PX-").get_json()
    assert (page["total"], page["items"]) == (0, [])
    assert anna.get("/api/requests", q="PX-A-1001").get_json()["total"] == 1


def test_what_a_workflow_keeps_within_the_company_no_partner_sees(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager").replace("number: PX", "number: PX\nvisible: company"))
    [partner] = desk.rows("SELECT account_id AS id FROM crm_user WHERE id = :id", id=anna.user_id)
    rep = desk.person("Rob Plain")
    made = rep.post(
        "/api/requests", workflow="price_exception", partner_account_id=str(partner["id"]), submit=True
    ).get_json()
    assert anna.get(f"/api/requests/{made['id']}").status_code == 404
    assert anna.get("/api/requests").get_json()["total"] == 0
    assert desk.inbox(mia) == [made["number"]]


def test_a_draft_is_seen_by_its_own_side_only(desk: Desk, anna: Caller, mia: Caller) -> None:
    desk.publish(chain("channel_manager"))
    draft = desk.ask(anna, submit=False)
    assert mia.get(f"/api/requests/{draft['id']}").status_code == 404
    assert mia.get("/api/requests").get_json()["total"] == 0
    gone = desk.do(anna, draft, "cancel")
    assert (gone["state"], gone["actions"]) == ("cancelled", ["comment"])


def test_every_decision_is_in_the_audit_trail_with_before_and_after(
    desk: Desk, anna: Caller, mia: Caller
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.decide(mia, desk.ask(anna, amount="5"), "approve", "fair")
    rows = desk.rows(
        "SELECT action, actor_name, reason, before, after FROM audit_entry "
        "WHERE subject_id = :id ORDER BY at", id=request["id"],
    )  # fmt: skip
    [approved] = [row for row in rows if row["action"] == "request.approved"]
    assert (approved["actor_name"], approved["reason"]) == ("Mia Kern", "fair")
    assert approved["before"] == {"state": "submitted"}
    assert approved["after"]["values"] == {"amount": "5"}
    assert "request.authorize" in [row["action"] for row in rows]


# -- what cannot be kept -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"values": {"note": "nul\x00"}}, "note"),
        ({"values": {"deep": [[[[[[[[[["x"]]]]]]]]]]}}, "deep[0][0][0][0][0][0][0][0]"),
        ({"values": {"count": 10**30}}, "count"),
        ({"title": "two\nlines"}, "title"),
        ({"refs": {"lead_id": "00000000-0000-4000-8000-000000000001"}}, "refs.lead_id"),
    ],
)
def test_what_cannot_be_kept_is_refused_by_name(
    desk: Desk, anna: Caller, body: dict[str, Any], field: str
) -> None:
    desk.publish(chain("channel_manager"))
    answer = anna.post("/api/requests", workflow="price_exception", **body)
    assert (answer.status_code, list(answer.get_json()["fields"])) == (400, [field])
    assert desk.rows("SELECT * FROM approval_request") == []


def test_a_number_that_is_none_is_refused(desk: Desk, anna: Caller) -> None:
    desk.publish(chain("channel_manager"))
    answer = anna.call(
        "POST", "/api/requests", data='{"workflow": "price_exception", "values": {"amount": NaN}}',
        content_type="application/json",
    )  # fmt: skip
    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("amount", "shown"),
    [("1e9999999999", None), ("1e400", None), ("a lot", None), ([1], None), ("-0.005", "-0.01"), (7, "7.00")],
)
def test_an_amount_that_is_no_number_is_kept_as_it_is_and_not_shown_as_one(
    desk: Desk, anna: Caller, amount: Any, shown: str | None
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna, amount=amount)
    assert (request["amount"], request["values"]) == (shown, {"amount": amount})


@pytest.mark.parametrize("path", ["authorizations/%00", "workflows/%00", "authorizations/PX-A-'1"])
def test_a_name_that_nothing_can_have_is_not_found(desk: Desk, path: str) -> None:
    admin = desk.person("Ada Min", rights=("workflows.manage",))
    assert admin.get(f"/api/{path}").status_code == 404

"""Identity, duplicates, owners, permissions, sessions and limits: what an org puts in a sync's way."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from app.kernel.errors import TandemError
from app.salesforce import Budget, Gateway, QuotaExceeded
from app.salesforce.gateway import BUDGET_FILE
from tests.fixtures.sync import BothSides, assert_equal_sides

PLAIN = "SELECT COUNT(Id) n FROM "


def count(sides: BothSides, sobject: str) -> int:
    [row] = sides.org.query(PLAIN + sobject)
    return int(row["n"])


def go_again(sides: BothSides) -> None:
    """The pause before the next try is over."""
    sides.sql("UPDATE sync_outbox SET next_at = clock_timestamp() WHERE state = 'pending'")


def sentence(sides: BothSides) -> str:
    """Why the one waiting row cannot go."""
    [entry] = sides.outbox()
    assert entry["state"] == "held"
    return str(entry["error"])


# -- T16: converted leads ------------------------------------------------------------------------------------


def lead_here_and_there(sides: BothSides) -> str:
    lead = sides.org.insert("Lead", Company="Acme", LastName="Weiss")
    sides.cycle()
    return lead


@pytest.mark.parametrize("editable", [False, True], ids=["locked by the org", "editable in the org"])
def test_a_lead_converted_while_our_change_waits_hands_it_to_its_opportunity(
    sides: BothSides, editable: bool
) -> None:
    """T16"""
    sides.org.admin("settings", edit_converted_leads=editable)
    lead = lead_here_and_there(sides)
    sides.change("lead", sides.row("lead", lead)["id"], registration_number="REG-7")
    opportunity = sides.org.convert(lead)["opportunity_id"]
    sides.settle()
    assert sides.row("opportunity", opportunity)["registration_number"] == "REG-7"
    there = sides.org.get("Opportunity", opportunity, "Registration_Number__c")
    assert there == {"Registration_Number__c": "REG-7"}
    assert sides.org.get("Lead", lead, "Registration_Number__c") == {"Registration_Number__c": None}
    assert sides.row("lead", lead)["is_converted"] is True
    assert sides.outbox() == []


def test_a_lead_converted_between_our_read_and_our_write_loses_nothing(sides: BothSides) -> None:
    """T16"""
    lead = lead_here_and_there(sides)
    sides.change("lead", sides.row("lead", lead)["id"], registration_number="REG-7")
    convert = {"action": "convert", "lead": lead}
    sides.org.fault("interleave", path="/composite$", nth=3, do=[convert])
    sides.cycle()
    go_again(sides)
    sides.settle()
    [opportunity] = sides.org.query("SELECT Registration_Number__c FROM Opportunity")
    assert opportunity["Registration_Number__c"] == "REG-7"
    assert sides.outbox() == []


def test_what_was_agreed_on_a_lead_long_ago_reaches_its_opportunity_too(sides: BothSides) -> None:
    """T16"""
    lead = lead_here_and_there(sides)
    sides.change("lead", sides.row("lead", lead)["id"], registration_number="REG-7")
    sides.settle()
    opportunity = sides.org.convert(lead)["opportunity_id"]
    sides.settle()
    there = sides.org.get("Opportunity", opportunity, "Registration_Number__c")
    assert there == {"Registration_Number__c": "REG-7"}
    assert_equal_sides(sides)


@pytest.mark.parametrize("editable", [False, True], ids=["locked by the org", "editable in the org"])
def test_a_change_that_only_a_lead_can_take_is_put_aside_with_a_reason(
    sides: BothSides, editable: bool
) -> None:
    """T16"""
    sides.org.admin("settings", edit_converted_leads=editable)
    lead = lead_here_and_there(sides)
    sides.change("lead", sides.row("lead", lead)["id"], rating="Hot")
    sides.org.convert(lead)
    sides.settle()
    assert sides.org.get("Lead", lead, "Rating") == {"Rating": None}, "nothing is written onto a dead lead"
    assert sentence(sides) == (
        f"Lead {lead} was converted in Salesforce, so its rating can no longer change there. Make the change "
        "on the account, contact or opportunity it became."
    )


# -- T17: duplicate rules ------------------------------------------------------------------------------------


def test_a_duplicate_rule_that_only_warns_lets_our_record_pass(sides: BothSides) -> None:
    """T17"""
    sides.org.admin("duplicate_rule", object="Account", fields=["Name"], rule_action="alert")
    sides.org.insert("Account", Name="Acme")
    sides.cycle()
    sides.insert("account", name="Acme")
    sides.settle()
    assert count(sides, "Account") == 2
    assert_equal_sides(sides)


def test_the_header_that_passes_a_warning_survives_a_renewed_session(sides: BothSides) -> None:
    """T17"""
    sides.org.admin("duplicate_rule", object="Account", fields=["Name"], rule_action="alert")
    sides.org.insert("Account", Name="Acme")
    sides.cycle()
    sides.insert("account", name="Acme")
    sides.org.fault("unauthorized", path="/composite$", nth=3)
    sides.settle()
    assert count(sides, "Account") == 2
    assert_equal_sides(sides)


def test_a_warning_stops_nothing_in_bulk_either(sides: BothSides) -> None:
    """T17"""
    sides.edit_mapping("Account", "order: 20", "order: 20\nbatch: {bulk_threshold: 3}")
    sides.org.admin("duplicate_rule", object="Account", fields=["Name"], rule_action="alert")
    sides.org.insert("Account", Name="Acme 1")
    sides.cycle()
    for number in range(5):
        sides.insert("account", name=f"Acme {number}")
    sides.settle()
    assert sides.org.calls()["bulk2"] > 0
    assert count(sides, "Account") == 6
    assert_equal_sides(sides)


def test_a_blocking_duplicate_rule_stops_one_record_with_a_reason_and_no_other(sides: BothSides) -> None:
    """T17"""
    sides.org.admin("duplicate_rule", object="Account", fields=["Name"], rule_action="block")
    sides.org.insert("Account", Name="Acme")
    sides.cycle()
    twin = sides.insert("account", name="Acme")
    sides.insert("account", name="Bosch GmbH")
    sides.settle()
    assert count(sides, "Account") == 2
    assert "duplicate" in sentence(sides)
    assert_equal_sides(sides)

    sides.change("account", twin, name="Acme Holding")
    sides.settle()
    assert count(sides, "Account") == 3
    assert_equal_sides(sides)


def test_a_mapping_may_stop_at_a_warning(sides: BothSides) -> None:
    """T17"""
    sides.edit_mapping("Account", "order: 20", "order: 20\nduplicate_rule: block")
    sides.org.admin("duplicate_rule", object="Account", fields=["Name"], rule_action="alert")
    sides.org.insert("Account", Name="Acme")
    sides.cycle()
    sides.insert("account", name="Acme")
    sides.settle()
    assert count(sides, "Account") == 1
    assert "duplicate" in sentence(sides)


# -- T18: owners ---------------------------------------------------------------------------------------------


def another_user(sides: BothSides) -> str:
    profile = sides.org.query("SELECT ProfileId FROM User WHERE ProfileId != null LIMIT 1")[0]["ProfileId"]
    return sides.org.insert(
        "User", Username="rita@rep.example", LastName="Rep", Email="rita@rep.example", Alias="rita",
        CommunityNickname="rita",
        ProfileId=profile, TimeZoneSidKey="Europe/Berlin", LocaleSidKey="de_DE", EmailEncodingKey="UTF-8",
        LanguageLocaleKey="de",
    )  # fmt: skip


def test_assignment_rules_do_not_take_our_leads_from_the_owner_we_gave_them(sides: BothSides) -> None:
    """T18"""
    robot, rita = sides.gateway.user_id, another_user(sides)
    rule = {"object": "Lead", "owner_id": robot, "when": {}}
    sides.org.admin("settings", assignment_rules=True, assignment=[rule])
    sides.cycle()
    owner = sides.row("crm_user", rita)["id"]
    lead = sides.insert("lead", company="Acme", last_name="Weiss", owner_id=owner)
    sides.settle()
    assert sides.org.get("Lead", sides.sf_id(lead), "OwnerId") == {"OwnerId": rita}
    assert_equal_sides(sides)


def test_an_owner_who_left_is_explained_and_the_next_choice_goes(sides: BothSides) -> None:
    """T18"""
    rita = another_user(sides)
    lead = lead_here_and_there(sides)
    first = sides.row("lead", lead)
    owner = sides.row("crm_user", rita)["id"]
    sides.org.admin("user", username="rita@rep.example", active=False)
    sides.change("lead", first["id"], owner_id=owner)
    sides.settle()
    assert "OwnerId" in sentence(sides) or "owner" in sentence(sides)
    assert sides.org.get("Lead", lead, "OwnerId")["OwnerId"] != rita

    sides.change("lead", first["id"], owner_id=first["owner_id"])
    sides.settle()
    assert_equal_sides(sides)
    assert sides.outbox() == []


def test_a_lead_in_a_queue_stays_there_when_we_change_something_else(sides: BothSides) -> None:
    """T18"""
    queue = sides.org.insert("Group", Name="Inbound", DeveloperName="Inbound", Type="Queue")
    sides.org.insert("QueueSobject", QueueId=queue, SobjectType="Lead")
    lead = sides.org.insert("Lead", Company="Acme", LastName="Weiss", OwnerId=queue)
    sides.cycle()
    assert sides.row("lead", lead)["owner_id"] is None
    sides.change("lead", sides.row("lead", lead)["id"], phone="+49 1")
    sides.settle()
    assert sides.org.get("Lead", lead, "Phone", "OwnerId") == {"Phone": "+49 1", "OwnerId": queue}
    assert_equal_sides(sides)


# -- T19: hidden fields --------------------------------------------------------------------------------------


def test_a_field_hidden_from_us_keeps_its_values_here_and_says_so(sides: BothSides) -> None:
    """T19"""
    account = sides.org.insert("Account", Name="Acme", Phone="1")
    sides.cycle()
    sides.org.admin("revoke_field", object="Account", field="Phone")
    sides.org.update("Account", account, Industry="Energy", Phone="2")
    sides.settle()
    row = sides.row("account", account)
    assert (row["phone"], row["industry"]) == ("1", "Energy")
    [event] = sides.events("field_hidden")
    assert event.startswith("Account.Phone is not there, or Tandem's user may not see it.")
    sides.org.advance(7_200)  # the cursor moves on, far past what was hidden
    sides.cycle()

    sides.org.admin("grant_field", object="Account", field="Phone")
    sides.engine.probe()
    sides.settle()
    assert sides.row("account", account)["phone"] == "2"
    assert_equal_sides(sides)


def test_a_field_hidden_between_two_pages_empties_nothing(sides: BothSides) -> None:
    """T19"""
    names = [{"Name": f"Acme {n}", "Phone": str(n)} for n in range(6)]
    ids = sides.org.insert_many("Account", names)
    sides.cycle()
    sides.org.act("update_many", object="Account", records=[{"Id": i, "Industry": "Energy"} for i in ids])
    sides.org.fault("short_page", rows=2, times=9)
    revoke = {"action": "revoke_field", "object": "Account", "field": "Phone"}
    sides.org.fault("interleave", path="/composite$", nth=3, do=[revoke])
    sides.cycle()
    sides.org.clear_faults()
    sides.settle()
    rows = sides.sql("SELECT phone, industry FROM account ORDER BY phone")
    assert [(r["phone"], r["industry"]) for r in rows] == [(str(n), "Energy") for n in range(6)]
    sides.org.admin("grant_field", object="Account", field="Phone")
    sides.engine.probe()
    sides.settle()
    assert_equal_sides(sides)


def test_a_field_hidden_just_before_our_write_is_explained_and_goes_when_granted(sides: BothSides) -> None:
    """T19"""
    account = sides.org.insert("Account", Name="Acme", Phone="1")
    sides.cycle()
    sides.change("account", sides.row("account", account)["id"], phone="2")
    revoke = {"action": "revoke_field", "object": "Account", "field": "Phone"}
    sides.org.fault("interleave", path="/composite$", nth=3, do=[revoke])
    sides.cycle()
    go_again(sides)
    sides.settle()
    assert sides.row("account", account)["phone"] == "2"
    assert "Phone" in sentence(sides)
    sides.org.admin("grant_field", object="Account", field="Phone")
    sides.engine.probe()
    sides.settle()
    assert sides.org.get("Account", account, "Phone") == {"Phone": "2"}
    assert_equal_sides(sides)


# -- T20: sessions that end ----------------------------------------------------------------------------------


@pytest.mark.parametrize("nth", range(1, 9))
def test_a_session_that_ends_at_any_call_of_a_bulk_push_costs_nothing(sides: BothSides, nth: int) -> None:
    """T20"""
    sides.edit_mapping("Account", "order: 20", "order: 20\nbatch: {bulk_threshold: 3}")
    sides.cycle()
    for number in range(5):
        sides.insert("account", name=f"Acme {number}")
    sides.org.fault("interleave", path="/services/data", nth=nth, do=[{"action": "expire_sessions"}])
    sides.settle()
    assert sides.org.calls()["bulk2"] > 0
    assert count(sides, "Account") == 5
    assert_equal_sides(sides)


def test_sessions_that_end_at_every_other_call_stop_no_cycle(sides: BothSides) -> None:
    """T20"""
    sides.org.insert_many("Account", [{"Name": f"Acme {n}"} for n in range(7)])
    sides.cycle()
    sides.sql("UPDATE account SET phone = '1'")
    sides.org.fault("short_page", rows=2, times=None)
    for nth in range(1, 20, 2):
        sides.org.fault("interleave", path="/services/data", nth=nth, do=[{"action": "expire_sessions"}])
    sides.settle()
    sides.org.clear_faults()
    assert_equal_sides(sides)


# -- T21: shared sessions ------------------------------------------------------------------------------------


def test_workers_whose_session_is_revoked_again_and_again_share_one_new_login(sides: BothSides) -> None:
    """T21"""
    others = [Gateway.open(sides.settings) for _ in range(4)]
    for gateway in others:
        gateway.query("SELECT Id FROM User LIMIT 1")
    stop = threading.Event()

    def work(gateway: Gateway) -> int:
        done = 0
        while not stop.is_set():
            gateway.query("SELECT Id FROM User LIMIT 1")
            done += 1
        return done

    with ThreadPoolExecutor(len(others)) as pool:
        running = [pool.submit(work, gateway) for gateway in others]
        sides.cycle()
        for number in range(3):
            sides.insert("account", name=f"Acme {number}")
            sides.org.expire_sessions()
            sides.cycle()
            time.sleep(0.1)
        stop.set()
        assert all(one.result(timeout=20) > 3 for one in running)
    for gateway in others:
        gateway.close()
    sides.settle()
    assert count(sides, "Account") == 3
    assert_equal_sides(sides)


# -- T22: limits ---------------------------------------------------------------------------------------------


def later(sides: BothSides, pause: timedelta) -> None:
    """A new process, so much later."""
    sides.restart()
    sides.gateway.close()
    settings = sides.settings
    budget = Budget(
        share=settings.salesforce_api_share,
        reserve=settings.salesforce_api_reserve,
        path=settings.data_dir / BUDGET_FILE,
        clock=lambda: time.time() + pause.total_seconds(),
    )
    sides.gateway = Gateway.open(settings, budget=budget)
    go_again(sides)


def test_an_org_without_calls_left_is_not_called_again_and_nothing_is_lost(sides: BothSides) -> None:
    """T22"""
    account = sides.org.insert("Account", Name="Acme", Phone="1")
    sides.cycle()
    sides.change("account", sides.row("account", account)["id"], website="https://acme.example")
    sides.org.update("Account", account, Phone="2")
    sides.org.fault("quota")
    for _ in range(2):
        with pytest.raises(QuotaExceeded):
            sides.cycle()
    assert [fault["fired"] for fault in sides.org.faults()] == [1], "an org without calls is left alone"

    sides.org.clear_faults()
    later(sides, timedelta(minutes=11))
    sides.settle()
    assert sides.org.get("Account", account, "Phone", "Website") == {
        "Phone": "2",
        "Website": "https://acme.example",
    }
    assert_equal_sides(sides)


def test_calls_that_run_out_between_read_and_write_keep_our_change(sides: BothSides) -> None:
    """T22"""
    sides.cycle()
    sides.insert("account", name="Acme")
    sides.org.fault("quota", path="/composite$", nth=3)
    with pytest.raises(QuotaExceeded):
        sides.cycle()
    [entry] = sides.outbox()
    assert (entry["state"], entry["error_kind"]) == ("pending", "quota")
    sides.org.clear_faults()
    later(sides, timedelta(minutes=11))
    sides.settle()
    assert count(sides, "Account") == 1
    assert_equal_sides(sides)


def test_the_last_tenth_of_the_orgs_calls_is_left_to_others(sides: BothSides) -> None:
    """T22"""
    sides.cycle()
    sides.insert("account", name="Acme")
    sides.org.fault("limit_info_jump", calls=140_000, times=1)
    sides.org.reset_calls()
    with pytest.raises(QuotaExceeded):
        sides.cycle()  # learns from its first answer
    spent = sides.org.calls()["total"]
    with pytest.raises(QuotaExceeded):
        sides.cycle()
    assert sides.org.calls()["total"] == spent
    [entry] = sides.outbox()
    assert entry["state"] == "pending"

    sides.org.reset_calls()  # the others' day is over
    later(sides, timedelta(minutes=11))
    sides.settle()
    assert count(sides, "Account") == 1
    assert_equal_sides(sides)


def test_we_stop_at_our_own_share_of_the_orgs_calls(sides: BothSides) -> None:
    """T22"""
    sides.org.admin("settings", daily_api_requests=300)
    sides.cycle()

    def work_all_day() -> None:
        for number in range(30):
            sides.insert("account", name=f"Acme {number}")
            sides.cycle()

    with pytest.raises(QuotaExceeded, match="may make 30"):
        work_all_day()
    sides.org.admin("settings", daily_api_requests=150_000)
    later(sides, timedelta(hours=25))
    sides.settle()
    assert count(sides, "Account") == len(sides.sql("SELECT id FROM account"))
    assert_equal_sides(sides)


def test_too_many_long_calls_at_once_are_over_in_seconds_not_in_a_day(sides: BothSides) -> None:
    """T22"""
    sides.cycle()
    sides.insert("account", name="Acme")
    sides.org.fault("quota", limit="ConcurrentPerOrgLongTxn", times=2)
    try:
        sides.cycle()
    except TandemError as error:
        pytest.fail(error.sentence())
    go_again(sides)
    sides.settle()
    assert count(sides, "Account") == 1
    assert_equal_sides(sides)

"""What an admin sees and does with `tandem sync`."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import Any

import pytest
from click.testing import CliRunner, Result

from app.cli import tandem
from app.config import PROJECT
from tests.fixtures.sync import BothSides


class Console:
    """The command line, connected to both sides of a test."""

    def __init__(self, sides: BothSides, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sides = sides
        settings = sides.settings
        for name, value in {
            "DATABASE_URL": settings.database_url,
            "REDIS_URL": settings.redis_url,
            "TANDEM_DATA_DIR": settings.data_dir,
            "SALESFORCE_LOGIN_URL": settings.salesforce_login_url,
            "SALESFORCE_CLIENT_ID": settings.salesforce_client_id,
            "SALESFORCE_USERNAME": settings.salesforce_username,
            "SALESFORCE_KEY_FILE": settings.salesforce_key_file,
            "SALESFORCE_CA_FILE": settings.salesforce_ca_file,
        }.items():
            monkeypatch.setenv(name, str(value))

    def __call__(self, *arguments: str) -> Result:
        self.sides.org.advance(2)
        return CliRunner().invoke(tandem, ["sync", *arguments])

    def json(self, *arguments: str) -> Any:
        result = self(*arguments, "--json")
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return json.loads(result.stdout)


@pytest.fixture
def console(sides: BothSides, monkeypatch: pytest.MonkeyPatch) -> Console:
    return Console(sides, monkeypatch)


def opportunity(sides: BothSides) -> tuple[str, Any]:
    sf_id = sides.org.insert(
        "Opportunity", Name="Pumps", StageName="Prospecting", CloseDate="2027-01-31", Amount=100
    )
    sides.cycle()
    return sf_id, sides.row("opportunity", sf_id)["id"]


def disagree(sides: BothSides) -> tuple[str, Any]:
    """Both sides change the amount, which nobody owns."""
    sf_id, local_id = opportunity(sides)
    sides.change("opportunity", local_id, amount=Decimal("110.00"))
    sides.org.update("Opportunity", sf_id, Amount=120)
    sides.cycle()
    return sf_id, local_id


def test_run_says_what_it_moved_and_then_that_both_sides_are_equal(console: Console) -> None:
    console.sides.org.insert("Account", Name="Bosch GmbH")
    first = console("run")
    assert "Account: 1 created, 0 updated, 0 deleted here" in first.stdout
    assert "Nothing to do: both sides are equal." in console("run").stdout


def test_pull_brings_in_and_sends_nothing(console: Console) -> None:
    console.sides.cycle()
    console.sides.org.insert("Account", Name="Bosch GmbH")
    console.sides.insert("account", name="Siemens AG")
    assert console.json("pull", "--only", "Account")["in"]["Account"]["created"] == 1
    assert [r["Name"] for r in console.sides.org.query("SELECT Name FROM Account")] == ["Bosch GmbH"]
    assert console.json("push")["out"]["created"] == 1


def test_an_unknown_object_is_named_with_those_there_are(console: Console) -> None:
    result = console("pull", "--only", "Invoice")
    assert "No mapping for Invoice. Mapped: " in str(result.exception)


def test_a_field_that_nobody_owns_waits_for_an_answer_and_both_sides_keep_theirs(console: Console) -> None:
    sf_id, local_id = disagree(console.sides)
    [asked] = console.json("conflicts")
    assert (asked["field"], asked["base"], asked["ours"], asked["theirs"]) == (
        "Amount",
        "100.00",
        "110.00",
        "120.00",
    )
    assert console.sides.org.get("Opportunity", sf_id, "Amount") == {"Amount": 120.0}
    assert console.sides.row("opportunity", sf_id)["amount"] == Decimal("110.00")
    [status] = [o for o in console.json("status")["objects"] if o["sobject"] == "Opportunity"]
    assert status["conflicts"] == 1
    assert local_id


@pytest.mark.parametrize(("take", "amount"), [("tandem", "110.00"), ("salesforce", "120.00")])
def test_the_answer_to_a_conflict_reaches_both_sides(console: Console, take: str, amount: str) -> None:
    sf_id, _ = disagree(console.sides)
    [asked] = console.json("conflicts")
    assert console("resolve", str(asked["id"]), "--take", take).exit_code == 0
    console.sides.settle()
    assert console.sides.row("opportunity", sf_id)["amount"] == Decimal(amount)
    assert console.sides.org.get("Opportunity", sf_id, "Amount") == {"Amount": float(amount)}
    assert console.json("conflicts") == []
    again = console("resolve", str(asked["id"]), "--take", take)
    assert "was answered on" in str(again.exception)


def test_other_fields_of_a_record_in_conflict_go_on_syncing(console: Console) -> None:
    sf_id, local_id = disagree(console.sides)
    console.sides.change("opportunity", local_id, next_step="Call")
    console.sides.cycle()
    assert console.sides.org.get("Opportunity", sf_id, "NextStep", "Amount") == {
        "NextStep": "Call",
        "Amount": 120.0,
    }


def test_a_record_that_cannot_go_is_named_with_its_reason_and_goes_after_it_was_mended(
    console: Console,
) -> None:
    sf_id, local_id = opportunity(console.sides)
    console.sides.change("opportunity", local_id, stage_name="Daydreaming")
    console.sides.cycle()
    [stuck] = console.json("status")["stuck"]
    assert stuck["sobject"] == "Opportunity"
    assert "StageName does not offer 'Daydreaming'" in stuck["sentence"]
    console.sides.change("opportunity", local_id, stage_name="Negotiation/Review")
    console.sides.settle()
    assert console.sides.org.get("Opportunity", sf_id, "StageName") == {"StageName": "Negotiation/Review"}
    assert console.json("status")["stuck"] == []


def test_reconcile_finds_drift_that_no_change_announced_and_settles_it(console: Console) -> None:
    sf_id, local_id = opportunity(console.sides)
    with console.sides.engine.transaction() as tx:  # behind the triggers' back
        tx.run("UPDATE opportunity SET name = 'Drifted' WHERE id = %s", local_id)
    result = console("reconcile", "--only", "Opportunity")
    assert result.exit_code == 1
    assert f"Opportunity {sf_id}: Name is 'Drifted' here and 'Pumps' in Salesforce." in result.stdout
    assert console("reconcile", "--only", "Opportunity", "--fix").exit_code == 0
    console.sides.settle()
    assert console.sides.row("opportunity", sf_id)["name"] == "Pumps"
    assert console("reconcile", "--only", "Opportunity").exit_code == 0


def test_status_before_the_first_sync_says_never(console: Console) -> None:
    result = console("status")
    assert result.exit_code == 0
    assert result.stdout.count("never") == len(list((PROJECT / "mappings").glob("*.yaml")))


def test_what_a_rep_enters_where_only_tandem_writes_and_has_nothing_to_say_is_no_drift(
    console: Console,
) -> None:
    lead = console.sides.org.insert(
        "Lead", LastName="Weiss", Company="Siemens AG", Protected_Until__c="2027-03-31"
    )
    console.sides.settle()
    assert console("reconcile", "--only", "Lead", "--fix").exit_code == 0
    console.sides.settle()
    assert console.sides.org.get("Lead", lead, "Protected_Until__c") == {"Protected_Until__c": "2027-03-31"}

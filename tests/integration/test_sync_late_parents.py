"""Parents that arrive after their children, or turn out to be another record."""

from __future__ import annotations

from tests.fixtures.sync import BothSides, assert_equal_sides


def a_contact_without_its_account(sides: BothSides) -> tuple[str, str]:
    """A contact that is here while its account is not: only customers are synced."""
    sides.edit_mapping("Account", "\nfields:", "\nfilter: Type = 'Customer'\nfields:")
    account = sides.org.insert("Account", Name="Bosch GmbH")
    contact = sides.org.insert("Contact", LastName="Weiss", AccountId=account)
    sides.cycle()
    assert sides.row("contact", contact)["account_id"] is None
    return account, contact


def test_a_child_that_changes_before_its_parent_arrives_still_finds_it(sides: BothSides) -> None:
    account, contact = a_contact_without_its_account(sides)
    sides.org.update("Contact", contact, Title="Buyer")
    sides.cycle()
    sides.org.update("Account", account, Type="Customer")
    sides.settle()
    assert sides.row("contact", contact)["title"] == "Buyer"
    assert sides.row("contact", contact)["account_id"] == sides.row("account", account)["id"]


def test_a_parent_that_we_chose_is_not_replaced_by_the_one_that_arrives_late(sides: BothSides) -> None:
    account, contact = a_contact_without_its_account(sides)
    ours = sides.insert("account", name="Siemens AG", type="Customer")
    sides.change("contact", sides.row("contact", contact)["id"], account_id=ours)
    sides.org.update("Account", account, Type="Customer")
    sides.settle()
    assert sides.row("contact", contact)["account_id"] == ours
    assert sides.org.get("Contact", contact, "AccountId")["AccountId"] == sides.sf_id(ours)
    assert_equal_sides(sides)


def test_a_parent_that_was_taken_away_again_does_not_come_back_when_it_arrives(sides: BothSides) -> None:
    account, contact = a_contact_without_its_account(sides)
    sides.org.update("Contact", contact, AccountId=None)
    sides.cycle()
    sides.org.update("Account", account, Type="Customer")
    sides.settle()
    assert sides.row("contact", contact)["account_id"] is None
    assert sides.org.get("Contact", contact, "AccountId")["AccountId"] is None


def test_a_child_moved_here_to_a_parent_that_was_merged_away_goes_to_the_survivor(sides: BothSides) -> None:
    winner = sides.org.insert("Account", Name="Bosch GmbH")
    loser = sides.org.insert("Account", Name="Robert Bosch GmbH")
    contact = sides.org.insert("Contact", LastName="Weiss")
    sides.cycle()
    stale = sides.row("account", loser)["id"]
    sides.org.merge("Account", winner, loser)
    sides.cycle()
    sides.change("contact", sides.row("contact", contact)["id"], account_id=stale)
    sides.settle()
    assert sides.org.get("Contact", contact, "AccountId")["AccountId"] == winner
    assert sides.outbox() == []


def test_a_new_child_of_a_merged_away_parent_goes_to_the_survivor(sides: BothSides) -> None:
    winner = sides.org.insert("Account", Name="Bosch GmbH")
    loser = sides.org.insert("Account", Name="Robert Bosch GmbH")
    sides.cycle()
    stale = sides.row("account", loser)["id"]
    sides.org.merge("Account", winner, loser)
    sides.cycle()
    contact = sides.insert("contact", last_name="Weiss", account_id=stale)
    sides.settle()
    assert sides.org.get("Contact", sides.sf_id(contact), "AccountId")["AccountId"] == winner


def test_a_child_follows_at_once_when_its_new_parent_had_to_be_sent_twice(sides: BothSides) -> None:
    sides.cycle()
    account = sides.insert("account", name="Siemens AG")
    contact = sides.insert("contact", last_name="Weiss", account_id=account)
    sides.org.fault("lock_row", object="Account", times=1)
    sides.settle()
    assert sides.org.get("Contact", sides.sf_id(contact), "AccountId")["AccountId"] == sides.sf_id(account)
    assert sides.outbox() == []


def test_a_survivor_that_comes_after_the_record_merged_into_it_still_takes_its_place(
    sides: BothSides,
) -> None:
    loser = sides.org.insert("Account", Name="Robert Bosch GmbH")
    sides.cycle()
    local_id = sides.row("account", loser)["id"]
    winner = sides.org.insert("Account", Name="Bosch GmbH")
    sides.org.merge("Account", winner, loser)
    sides.change("account", local_id, phone="+49 711 400")
    sides.org.fault("short_page", rows=1, times=9)
    sides.settle(3)  # deleted, merged, and then the change can go
    assert sides.row("account", loser)["merged_into_id"] == sides.row("account", winner)["id"]
    assert sides.org.get("Account", winner, "Phone")["Phone"] == "+49 711 400"
    assert sides.outbox() == []

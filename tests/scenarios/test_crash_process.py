"""kill -9 of the syncing process at each step of a push, and at random moments."""

from __future__ import annotations

import random
import time
from itertools import count

import pytest

from tests.fixtures.crash import go_again, killed_at, start_writer, syncing, unlocked
from tests.fixtures.sync import BothSides, assert_equal_sides

KINDS = ("timeout", "timeout_after_commit")


class Workday:
    """Work on both sides, round by round, and what both sides must hold in the end."""

    def __init__(self, sides: BothSides) -> None:
        self.sides = sides
        self.ours = sides.org.insert("Account", Name="ours")
        self.theirs = sides.org.insert("Account", Name="theirs")
        self.lead = sides.org.insert("Lead", Company="Acme", LastName="Weiss")
        self.accounts = ["ours", "theirs"]
        self.contacts: list[str] = []
        self.round = 0
        sides.cycle()
        self.our_id = sides.row("account", self.ours)["id"]
        self.our_lead = sides.row("lead", self.lead)["id"]

    def go_on(self, creates: int = 2) -> None:
        """Creates with a child, a write with a condition, one without; and a rep's create and edit."""
        self.round += 1
        for number in range(creates):
            name = f"Account {self.round}-{number}"
            account = self.sides.insert("account", name=name)
            self.accounts.append(name)
        self.sides.insert("contact", last_name=f"Contact {self.round}", account_id=account)
        self.contacts.append(f"Contact {self.round}")
        self.sides.change("account", self.our_id, phone=str(self.round))
        self.sides.change("lead", self.our_lead, registration_number=f"REG-{self.round}")
        self.sides.org.advance(2)
        self.sides.org.insert("Account", Name=f"Rep {self.round}")
        self.accounts.append(f"Rep {self.round}")
        self.sides.org.update(
            "Account", self.theirs, Industry="Energy", Website=f"https://{self.round}.example"
        )

    def check(self) -> None:
        """Both sides come together: nothing lost, nothing twice."""
        go_again(self.sides)
        self.sides.settle()
        assert self.sides.outbox() == []
        org = self.sides.org
        names = [row["Name"] for row in org.query("SELECT Name FROM Account")]
        assert sorted(names) == sorted(self.accounts)
        people = org.query("SELECT LastName, Account.Name FROM Contact")
        assert sorted(row["LastName"] for row in people) == sorted(self.contacts)
        assert all(row["Account"]["Name"].startswith("Account ") for row in people)
        assert org.get("Account", self.ours, "Phone") == {"Phone": str(self.round)}
        registered = org.get("Lead", self.lead, "Registration_Number__c")
        assert registered == {"Registration_Number__c": f"REG-{self.round}"}
        assert self.sides.row("account", self.theirs)["website"] == f"https://{self.round}.example"
        assert len(self.sides.sql("SELECT id FROM account")) == len(self.accounts)
        assert_equal_sides(self.sides)


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kind", KINDS, ids=["before the org works", "after the org worked"])
def test_a_process_killed_at_any_call_of_a_push_loses_nothing_and_repeats_nothing(
    sides: BothSides, kind: str
) -> None:
    work = Workday(sides)
    for step in count(1):
        work.go_on()
        hit = killed_at(sides, kind, step)
        work.check()
        if not hit:
            break
    assert step > 4, "two polls, a write, and a write with a condition"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kind", KINDS, ids=["before the org works", "after the org worked"])
def test_a_process_killed_at_any_call_of_a_bulk_push_loses_nothing_and_repeats_nothing(
    sides: BothSides, kind: str
) -> None:
    sides.edit_mapping("Account", "order: 20", "order: 20\nbatch: {bulk_threshold: 3}")
    work = Workday(sides)
    for step in count(1):
        work.go_on(creates=4)
        hit = killed_at(sides, kind, step)
        work.check()
        if not hit:
            break
    assert step > 8, "two polls, five calls of the job, two writes"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("kind", KINDS, ids=["before the org works", "after the org worked"])
def test_a_process_killed_at_any_call_of_an_early_bulk_push_loses_nothing_and_repeats_nothing(
    sides: BothSides, kind: str
) -> None:
    sides.edit_mapping("Account", "order: 20", "order: 20\nbatch: {bulk_threshold: 3}")
    sf_ids = sides.org.insert_many("Account", [{"Name": f"Account {n}"} for n in range(40)])
    sides.cycle()
    local_ids = [sides.row("account", sf_id)["id"] for sf_id in sf_ids]
    for step in count(1):
        sides.org.advance(600)  # what is older than the poll's overlap is not read again
        sides.cycle()
        sides.org.update("Account", sf_ids[0], Website=f"https://{step}.example")
        for local_id in local_ids:
            sides.change("account", local_id, phone=str(step), name=f"Name {step}")
        hit = killed_at(sides, kind, step)
        go_again(sides)
        sides.settle()
        assert sides.outbox() == []
        found = sides.org.query("SELECT Name, Phone FROM Account")
        assert [(row["Name"], row["Phone"]) for row in found] == [(f"Name {step}", str(step))] * 40
        assert sides.row("account", sf_ids[0])["website"] == f"https://{step}.example"
        assert_equal_sides(sides)
        if not hit:
            break
    assert step > 7, "two polls, five calls of the job"


@pytest.mark.timeout(180)
def test_a_process_killed_at_random_moments_loses_nothing_and_repeats_nothing(sides: BothSides) -> None:
    work, chance = Workday(sides), random.Random(11)
    for _ in range(12):
        work.go_on()
        for _ in range(2):
            child = syncing(sides.settings)
            time.sleep(chance.uniform(0.05, 0.45))
            child.kill()
            child.join()
            unlocked(sides)
            go_again(sides)
        work.check()


@pytest.mark.parametrize("commit", [False, True], ids=["before its commit", "after its commit"])
def test_a_request_killed_in_the_middle_leaves_all_or_nothing(sides: BothSides, commit: bool) -> None:
    sides.cycle()
    assert sides.settings.database_url is not None
    child, pipe = start_writer(sides.settings.database_url, "Acme", commit=commit)
    assert pipe.recv() == ("committed" if commit else "written")
    child.kill()
    child.join()
    expected = 1 if commit else 0
    assert len(sides.outbox()) == expected
    sides.settle()
    assert [row["Name"] for row in sides.org.query("SELECT Name FROM Account")] == ["Acme"] * expected
    assert_equal_sides(sides)

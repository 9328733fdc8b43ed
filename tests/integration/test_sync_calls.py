"""What a sync costs the org, in API calls."""

from __future__ import annotations

from tests.fixtures.sync import BothSides


def calls(sides: BothSides, **options: object) -> int:
    sides.org.reset_calls()
    sides.cycle(**options)
    return sides.org.calls()["total"]


def test_an_idle_poll_of_five_objects_is_one_call(sides: BothSides) -> None:
    sides.cycle()
    assert calls(sides, due_only=True) == 1


def test_a_poll_of_all_objects_of_a_plain_org_is_two_calls(sides: BothSides) -> None:
    sides.cycle()
    assert calls(sides) == 2


def test_a_thousand_changes_each_way_are_two_calls(sides: BothSides) -> None:
    ids = sides.org.insert_many("Account", [{"Name": f"Account {n}"} for n in range(1000)])
    sides.cycle()
    sides.org.act("update_many", object="Account", records=[{"Id": i, "Industry": "Energy"} for i in ids])
    sides.sql("UPDATE account SET phone = '1'")
    assert len(sides.outbox()) == 1000
    assert calls(sides, due_only=True) == 2
    assert sides.outbox() == []
    [there] = sides.org.query("SELECT COUNT(Id) n FROM Account WHERE Phone = '1' AND Industry = 'Energy'")
    assert there["n"] == 1000
    [here] = sides.sql("SELECT count(*) n FROM account WHERE phone = '1' AND industry = 'Energy'")
    assert here["n"] == 1000
    sides.settle(1)


def test_ten_thousand_changes_each_way_are_at_most_twelve_calls_with_their_echo(sides: BothSides) -> None:
    records = [{"Name": f"Account {n}", "AccountNumber": str(n)} for n in range(10_000)]
    ids = sides.org.insert_many("Account", records)
    sides.cycle()
    sides.org.act("update_many", object="Account", records=[{"Id": i, "Industry": "Energy"} for i in ids])
    sides.sql("UPDATE account SET phone = '1'")
    spent = calls(sides, due_only=True)
    echo = sides.cycle(due_only=True)
    assert echo.writes == 0
    assert spent + echo.calls <= 12
    [there] = sides.org.query("SELECT COUNT(Id) n FROM Account WHERE Phone = '1' AND Industry = 'Energy'")
    assert there["n"] == 10_000

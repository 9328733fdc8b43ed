"""People edit rows while a cycle runs, hold locks, start a second sync: nothing is lost and nobody hangs."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from uuid import UUID

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.actor import SYSTEM
from app.kernel.errors import Unavailable
from app.services.state import ServiceUrls
from app.sync import service
from app.sync.engine import Applied
from tests.fixtures.services import as_admin
from tests.fixtures.sync import BothSides, assert_equal_sides


def accounts(sides: BothSides, number: int) -> list[tuple[str, UUID]]:
    """Accounts on both sides, in the order of our ids."""
    made = sides.org.insert_many("Account", [{"Name": f"Account {n}"} for n in range(number)])
    sides.cycle()
    return sorted(((sf_id, sides.row("account", sf_id)["id"]) for sf_id in made), key=lambda pair: pair[1])


def test_rows_edited_again_and_again_while_cycles_run_end_with_their_last_values(sides: BothSides) -> None:
    pairs = accounts(sides, 8)
    over = threading.Event()
    last: dict[UUID, str] = {}
    trouble: list[BaseException] = []

    def edit(mine: Sequence[tuple[str, UUID]], who: str) -> None:
        turn = 0
        try:
            while not over.is_set():
                turn += 1
                for _, local_id in mine:
                    value = f"{who} {turn}"
                    sides.change("account", local_id, account_number=value)
                    last[local_id] = value
                time.sleep(0.01)
        except BaseException as error:
            trouble.append(error)

    editors = [
        threading.Thread(target=edit, args=(pairs[:4], "a")),
        threading.Thread(target=edit, args=(pairs[4:], "b")),
    ]
    for editor in editors:
        editor.start()
    for number in range(6):
        for sf_id, _ in pairs:
            sides.org.update("Account", sf_id, Phone=str(number))
        sides.cycle()
    over.set()
    for editor in editors:
        editor.join()
    assert trouble == []
    sides.settle()
    for sf_id, local_id in pairs:
        found = sides.org.get("Account", sf_id, "AccountNumber", "Phone")
        assert found == {"AccountNumber": last[local_id], "Phone": "5"}
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_a_deadlock_with_somebodys_edits_is_tried_again_and_loses_neither_side(
    sides: BothSides, database_urls: ServiceUrls
) -> None:
    (first_sf, first), (second_sf, second) = accounts(sides, 2)
    sides.org.update("Account", first_sf, Phone="1")
    sides.org.update("Account", second_sf, Phone="2")
    holding = threading.Event()
    edit = "UPDATE account SET account_number = 'edited' WHERE id = %s"

    def in_the_other_order() -> None:
        with as_admin(database_urls) as admin, admin.transaction():
            # It is the sync that looks for the deadlock, and is ended, however slow this machine is.
            admin.execute("SET LOCAL deadlock_timeout = '1min'")
            admin.execute("SELECT set_config('tandem.scope', 'system', true)")
            admin.execute(edit, (second,))
            holding.set()
            _wait_until_blocked(sides)
            admin.execute(edit, (first,))

    editor = threading.Thread(target=in_the_other_order)
    editor.start()
    holding.wait()
    sides.cycle()
    editor.join()
    sides.settle()
    for sf_id, phone in ((first_sf, "1"), (second_sf, "2")):
        row = sides.row("account", sf_id)
        assert (row["phone"], row["account_number"]) == (phone, "edited")
    assert_equal_sides(sides)


def _set(session: Session, local_id: UUID, value: str) -> None:
    session.execute(
        text("UPDATE account SET account_number = :value WHERE id = :id"), {"value": value, "id": local_id}
    )


def _wait_until_blocked(sides: BothSides) -> None:
    """Until some transaction waits for another one's row."""
    for _ in range(200):
        if sides.sql(
            "SELECT 1 FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE NOT l.granted "
            "AND l.locktype IN ('transactionid', 'tuple') AND a.datname = current_database()"
        ):
            return
        time.sleep(0.02)
    raise AssertionError("nobody waits")


def test_a_row_that_somebody_keeps_locked_ends_in_a_sentence_and_not_in_a_hanging_sync(
    sides: BothSides, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.sync.engine.LONGEST_WAIT_FOR_A_ROW", "200ms")
    [(sf_id, local_id)] = accounts(sides, 1)
    sides.org.update("Account", sf_id, Phone="1")
    with sides.database.session(SYSTEM) as session:
        _set(session, local_id, "edited")
        with pytest.raises(Unavailable, match="locked"):
            sides.cycle()
    sides.settle()
    row = sides.row("account", sf_id)
    assert (row["phone"], row["account_number"]) == ("1", "edited")
    assert_equal_sides(sides)


def test_a_sync_that_lost_its_lock_writes_nothing_more(sides: BothSides) -> None:
    [(sf_id, local_id)] = accounts(sides, 1)
    sides.org.update("Account", sf_id, Phone="1")
    engine = sides.engine

    def while_it_sleeps() -> None:
        sides.sql(
            "SELECT pg_terminate_backend(l.pid) FROM pg_locks l JOIN pg_stat_activity a USING (pid) "
            "WHERE l.locktype = 'advisory' AND l.granted AND a.datname = current_database()"
        )

    seen: list[str] = []
    engine.observers = (_once(lambda: (seen.append("applied"), while_it_sleeps())),)
    sides.change("account", local_id, account_number="ours")
    with pytest.raises(Unavailable, match="lock"):
        service.cycle(engine)
    assert seen == ["applied"]
    assert sides.org.get("Account", sf_id, "AccountNumber")["AccountNumber"] is None
    engine.observers = ()
    sides.settle()
    assert sides.org.get("Account", sf_id, "AccountNumber")["AccountNumber"] == "ours"
    assert_equal_sides(sides)


def _once(action: Callable[[], object]) -> Callable[[Session, Sequence[Applied]], None]:
    done: list[bool] = []

    def observe(session: Session, changes: Sequence[Applied]) -> None:
        if not done:
            done.append(True)
            action()

    return observe

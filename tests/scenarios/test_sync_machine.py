"""Anybody does anything on either side while the network and the org misbehave: nothing gets lost.

The oracle knows every edit of both sides since they were last equal. What a field holds in the end is the
last edit, or what the field's owner says; never anything else.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import text

from app.db import Database
from app.kernel.errors import TandemError
from app.services import ServiceUrls
from app.sync import reconcile
from app.sync.mapping import parse
from app.sync.mapping_store import read_files
from tests.fixtures.org import OrgProcess
from tests.fixtures.sync import BothSides, both_sides

#: Salesforce field → our column, with the owner that the shipped mapping gives it.
FIELDS = {"Name": "name", "Phone": "phone", "Website": "website", "Description": "description"}
VALUES = ["alpha", "beta", "gamma", "delta", "ÄÖÜ 横浜 😀", "NA"]
FAULTS: list[dict[str, Any]] = [
    {"kind": "drop_after_commit", "method": "POST", "path": "/composite"},
    {"kind": "drop_before_commit", "method": "POST", "path": "/composite"},
    {"kind": "html", "status": 503},
    {"kind": "error", "path": "/composite"},
    {"kind": "unauthorized"},
    {"kind": "truncated", "path": "/composite"},
    {"kind": "lock_row", "probability": 0.5, "times": 2},
    {"kind": "row_error", "probability": 0.5, "times": 2},
    {"kind": "short_page", "rows": 1, "times": 3},
]
EMPTY = (
    "TRUNCATE account, contact, crm_user, user_org, product, lead, opportunity, sync_link, sync_alias, "
    "sync_outbox, sync_cursor, sync_conflict, sync_refusal, sync_event, sync_bulk_job, sync_run"
)


@dataclass
class Known:
    """One record under test and the edits of each side since both were equal."""

    sf_id: str | None = None
    local_id: UUID | None = None
    base: dict[str, str | None] = field(default_factory=dict)
    edits: list[tuple[str, str, str | None]] = field(default_factory=list)
    deleted: bool = False
    winner: Known | None = None

    def allowed(self, name: str, owner: str) -> set[str | None]:
        """What the field may hold after both sides were brought together."""
        mine = [(side, value) for side, edited, value in self.edits if edited == name]
        if not mine:
            return {self.base.get(name)}
        last = dict(mine)
        ends = {mine[-1][1]}
        if len(last) == 2 and owner == "salesforce":
            ends.add(last["salesforce"])
        if len(last) == 2 and owner == "tandem":
            ends.add(last["tandem"])
        if len(last) == 2 and owner == "newest":
            ends |= set(last.values())  # changes within one second have no order
        return ends


class Machine(RuleBasedStateMachine):
    """Accounts on both sides."""

    sides: BothSides
    owner: Database
    owners: dict[str, str]

    def __init__(self) -> None:
        super().__init__()
        self.records: list[Known] = []
        self.disturbed = False

    @initialize()
    def fresh(self) -> None:
        self.sides.org.reset()
        with self.owner.engine.begin() as connection:
            connection.execute(text(EMPTY))
        self.sides.restart()
        self.sides.cycle()

    def alive(self) -> list[Known]:
        return [r for r in self.records if not r.deleted and r.winner is None]

    def pick(self, number: int) -> Known:
        return self.alive()[number % len(self.alive())]

    # -- Salesforce -------------------------------------------------------------------------------

    @rule(name=st.sampled_from(VALUES))
    def a_rep_creates_an_account(self, name: str) -> None:
        self.sides.org.advance(2)
        sf_id = self.sides.org.insert("Account", Name=name)
        self.records.append(Known(sf_id=sf_id, base={"Name": name}))

    @precondition(lambda self: any(r.sf_id for r in self.alive()))
    @rule(number=st.integers(0, 20), name=st.sampled_from(list(FIELDS)), value=st.sampled_from(VALUES))
    def a_rep_edits(self, number: int, name: str, value: str) -> None:
        self.sides.org.advance(2)
        record = self.pick(number)
        if record.sf_id is not None:
            self.sides.org.update("Account", record.sf_id, **{name: value})
            record.edits.append(("salesforce", name, value))

    @precondition(lambda self: len([r for r in self.alive() if r.sf_id]) > 2)
    @rule(number=st.integers(0, 20))
    def a_rep_deletes_an_account_that_nobody_edited(self, number: int) -> None:
        self.sides.org.advance(2)
        record = self.pick(number)
        if record.sf_id is not None and not any(side == "tandem" for side, *_ in record.edits):
            self.sides.org.delete("Account", record.sf_id)
            record.deleted = True

    @precondition(lambda self: any(r.deleted for r in self.records))
    @rule()
    def a_rep_restores_the_account_deleted_last(self) -> None:
        self.sides.org.advance(2)
        record = [r for r in self.records if r.deleted][-1]
        assert record.sf_id is not None
        self.sides.org.undelete(record.sf_id)
        record.deleted = False

    @precondition(lambda self: len([r for r in self.alive() if r.sf_id]) > 2)
    @rule(a=st.integers(0, 20), b=st.integers(0, 20))
    def a_rep_merges_two_accounts(self, a: int, b: int) -> None:
        self.sides.org.advance(2)
        winner, loser = self.pick(a), self.pick(b)
        if winner is loser or not winner.sf_id or not loser.sf_id:
            return
        if any(side == "tandem" for side, *_ in (*loser.edits, *winner.edits)):
            return
        self.sides.org.merge("Account", winner.sf_id, loser.sf_id)
        loser.winner = winner
        kept = self.sides.org.get("Account", winner.sf_id, *FIELDS)
        winner.edits += [("salesforce", name, kept[name]) for name in FIELDS]

    # -- Tandem -----------------------------------------------------------------------------------

    @rule(name=st.sampled_from(VALUES))
    def we_create_an_account(self, name: str) -> None:
        local_id = self.sides.insert("account", name=name)
        self.records.append(Known(local_id=local_id, base={"Name": name}))

    @precondition(lambda self: bool(self.alive()))
    @rule(number=st.integers(0, 20), name=st.sampled_from(list(FIELDS)), value=st.sampled_from(VALUES))
    def we_edit(self, number: int, name: str, value: str) -> None:
        record = self.pick(number)
        if self.find_here(record):
            self.edit_here(record, name, value)

    def find_here(self, record: Known) -> bool:
        if record.local_id is None:
            rows = self.sides.sql("SELECT local_id FROM sync_link WHERE sf_id = :id", id=record.sf_id)
            record.local_id = UUID(str(rows[0]["local_id"])) if rows else None
        return record.local_id is not None

    # -- trouble ----------------------------------------------------------------------------------

    @rule(number=st.integers(0, len(FAULTS) - 1), seed=st.integers(0, 99), nth=st.integers(1, 2))
    def something_will_go_wrong(self, number: int, seed: int, nth: int) -> None:
        self.sides.org.fault(**{**FAULTS[number], "seed": seed, "nth": nth})
        self.disturbed = True

    @precondition(lambda self: any(r.sf_id for r in self.alive()))
    @rule(
        number=st.integers(0, 20),
        name=st.sampled_from(list(FIELDS)),
        ours=st.sampled_from(VALUES[:3]),
        theirs=st.sampled_from(VALUES[3:]),
    )
    def a_rep_edits_between_our_read_and_our_write(
        self, number: int, name: str, ours: str, theirs: str
    ) -> None:
        record = self.pick(number)
        if record.sf_id is None or not self.find_here(record):
            return
        self.cycle()
        self.edit_here(record, name, ours)
        edit = {"action": "update", "object": "Account", "id": record.sf_id, "fields": {name: theirs}}
        self.sides.org.fault("interleave", path="/composite", nth=3, do=[edit])
        self.cycle()
        if self.fired():
            record.edits.append(("salesforce", name, theirs))
            self.disturbed = True
        self.sides.org.clear_faults()

    @precondition(lambda self: any(r.sf_id for r in self.alive()))
    @rule(
        number=st.integers(0, 20),
        name=st.sampled_from(list(FIELDS)),
        first=st.sampled_from(VALUES[:3]),
        second=st.sampled_from(VALUES[3:]),
    )
    def we_edit_again_after_an_answer_was_lost(self, number: int, name: str, first: str, second: str) -> None:
        record = self.pick(number)
        if not self.find_here(record):
            return
        self.edit_here(record, name, first)
        self.sides.org.fault("drop_after_commit", method="POST", path="/composite", nth=3, times=5)
        self.cycle()
        self.sides.org.clear_faults()
        self.edit_here(record, name, second)
        self.disturbed = True

    def edit_here(self, record: Known, name: str, value: str) -> None:
        self.sides.change("account", record.local_id, **{FIELDS[name]: value})  # type: ignore[arg-type]
        record.edits.append(("tandem", name, value))

    def fired(self) -> int:
        return sum(f["fired"] for f in self.sides.org.faults() if f["kind"] == "interleave")

    @rule()
    def the_process_is_replaced(self) -> None:
        self.sides.restart()

    @rule()
    def cycle(self) -> None:
        failed = self.disturbed
        with suppress(TandemError):
            self.sides.cycle()
            if not failed:
                return
        self.disturbed = True

    @rule()
    def both_sides_come_together(self) -> None:
        """Two cycles without trouble; then everything is as the owners say, and a third writes nothing."""
        self.sides.org.clear_faults()
        self.disturbed = False
        self.sides.sql("UPDATE sync_outbox SET next_at = clock_timestamp() WHERE state = 'pending'")
        self.sides.settle(2)
        assert self.sides.outbox() == []
        for record in self.records:
            self.check(record)

    def check(self, record: Known) -> None:
        if record.winner is not None or record.deleted:
            self.follow(record)
            return
        assert self.find_here(record)
        if record.sf_id is None:
            record.sf_id = self.sides.sf_id(record.local_id)  # type: ignore[arg-type]
        here = self.sides.row("account", record.sf_id)
        there = self.sides.org.get("Account", record.sf_id, *FIELDS)
        assert here["deleted_at"] is None
        for name, column in FIELDS.items():
            assert here[column] == there[name], (name, here[column], there[name])
            assert there[name] in record.allowed(name, self.owners[name]), (name, there[name], record.edits)
        record.base = {name: there[name] for name in FIELDS}
        record.edits.clear()

    def follow(self, record: Known) -> None:
        rows = self.sides.sql("SELECT state FROM sync_link WHERE sf_id = :id", id=record.sf_id)
        if rows:
            # A survivor that was deleted before it was ever read leaves nothing to lead to.
            survivor_gone = record.winner is not None and record.winner.deleted
            expected = {"merged" if record.winner else "deleted"} | ({"deleted"} if survivor_gone else set())
            assert rows[0]["state"] in expected

    def teardown(self) -> None:
        if self.records:
            self.both_sides_come_together()
            for mapping in self.sides.engine.mappings.objects:
                assert reconcile.compare(self.sides.engine, mapping).drift == []


@pytest.fixture
def machine_sides(org: OrgProcess, database_urls: ServiceUrls, tmp_path: Path) -> Iterator[BothSides]:
    with both_sides(org, database_urls, tmp_path / "data") as connected:
        yield connected


@pytest.mark.timeout(600)
def test_whatever_happens_both_sides_converge_in_two_cycles(
    machine_sides: BothSides, owner_database: Database
) -> None:
    random.seed(7)
    mapping = parse(read_files(machine_sides.settings.mappings_dir)).by_sobject("Account")
    Machine.sides, Machine.owner = machine_sides, owner_database
    Machine.owners = {name: mapping.by_sf[name].owner for name in FIELDS}
    run_state_machine_as_test(
        Machine,
        settings=settings(
            max_examples=15,
            stateful_step_count=25,
            deadline=None,
            derandomize=True,
            phases=(Phase.explicit, Phase.generate),  # to shrink takes minutes; the steps are printed
            suppress_health_check=list(HealthCheck),
        ),
    )

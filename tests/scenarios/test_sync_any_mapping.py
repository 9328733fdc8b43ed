"""Whatever a mapping says, field by field: both sides end as its policies have it, and then rest."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from app.db import Database
from app.services import ServiceUrls
from app.sync import reconcile
from app.sync.engine import Engine
from app.sync.mapping import parse
from tests.fixtures.org import OrgProcess
from tests.fixtures.sync import BothSides, both_sides
from tests.scenarios.test_sync_machine import EMPTY

#: Salesforce field → our column, its type in the mapping, and values as both sides write them.
FIELDS: dict[str, tuple[str, str, list[Any]]] = {
    "Phone": ("phone", "string", ["1", "0002", "NA", None]),
    "Website": ("website", "string", ["a.example", "b.example", None]),
    "AnnualRevenue": (
        "annual_revenue",
        "decimal(0)",
        [Decimal(0), Decimal(12), Decimal(7_000_000_000), None],
    ),
    "Description": ("description", "string", ["#N/A", "zwei\nZeilen", "Ä 😀", None]),
}
RECORDS = 3


@dataclass(frozen=True)
class Policy:
    """What a mapping says about one field."""

    direction: str
    owner: str
    null: str

    def line(self, name: str) -> str:
        local, kind, _ = FIELDS[name]
        owner = f", owner: {self.owner}" if self.direction == "both" else ""
        return (
            f"  - {{sf: {name}, local: {local}, type: {kind}, direction: {self.direction}, "
            f"null: {self.null}{owner}}}"
        )


#: For each record and field: what it becomes here and there, by its place in the pool; None: no edit.
Edits = dict[tuple[int, str], tuple[int | None, int | None]]


def drawn(seed: int) -> tuple[dict[str, Policy], Edits]:
    """Policies and edits for one run. Drawn by plain dice, so that many fields are
    edited on both sides."""
    dice = random.Random(seed)
    chosen = {
        name: Policy(
            dice.choice(["both", "both", "both", "in", "out"]),
            dice.choice(["salesforce", "tandem", "newest", "ask"]),
            dice.choice(["clear", "ignore"]),
        )
        for name in FIELDS
    }
    places = [None, 0, 1, 1, 2, 2, 3, 3]
    return chosen, {
        (n, name): (dice.choice(places), dice.choice(places)) for n in range(RECORDS) for name in FIELDS
    }


@pytest.fixture
def mapped(org: OrgProcess, database_urls: ServiceUrls, tmp_path: Path) -> Iterator[BothSides]:
    with both_sides(org, database_urls, tmp_path / "data") as connected:
        yield connected


@pytest.mark.timeout(300)
def test_every_policy_of_every_field_holds_and_then_nothing_moves(
    mapped: BothSides, owner_database: Database
) -> None:
    for seed in range(15):
        chosen, done = drawn(seed)
        _start(mapped, owner_database, chosen)
        _act(mapped, chosen, done)


def _start(sides: BothSides, owner: Database, chosen: dict[str, Policy]) -> None:
    sides.org.reset()
    with owner.engine.begin() as connection:
        connection.execute(text(EMPTY))
    sides.restart()
    lines = "\n".join(policy.line(name) for name, policy in chosen.items())
    document = (
        "object: Account\ntable: account\nexternal_id: Tandem_Id__c\nowner: salesforce\n"
        f"delete: {{in: status, out: ignore}}\nfields:\n  - {{sf: Name, local: name}}\n{lines}\n"
    )
    sides._engine = Engine(
        sides.database, sides.gateway, parse({"Account.yaml": document}), sides.settings.data_dir
    )


def _act(sides: BothSides, chosen: dict[str, Policy], done: Edits) -> None:
    start = {name: pool[0] for name, (_, _, pool) in FIELDS.items()}
    there = {name: _as_json(value) for name, value in start.items()}
    ids = sides.org.insert_many("Account", [{"Name": f"Account {n}", **there} for n in range(RECORDS - 1)])
    sides.insert("account", name="Ours", **{FIELDS[name][0]: value for name, value in start.items()})
    sides.settle(1)
    ids.append(sides.org.query("SELECT Id FROM Account WHERE Name = 'Ours'")[0]["Id"])
    local = [sides.row("account", sf_id)["id"] for sf_id in ids]
    last: dict[tuple[int, str], dict[str, Any]] = {}
    for (record, name), places in done.items():
        column, _, pool = FIELDS[name]
        seen = last.setdefault((record, name), {})
        for side, place in zip(("ours", "theirs"), places, strict=True):
            if place is not None:
                seen[side] = pool[place % len(pool)]
        if "ours" in seen:
            sides.change("account", local[record], **{column: seen["ours"]})
        if "theirs" in seen:
            sides.org.update("Account", ids[record], **{name: _as_json(seen["theirs"])})
    sides.settle(2)
    held = [entry for entry in sides.outbox() if not (entry["state"] == "held" and entry["error"])]
    assert held == []
    [found] = [reconcile.compare(sides.engine, m) for m in sides.engine.mappings.objects]
    drift = [d for d in found.drift if not _by_policy(chosen[d.field], d)]
    assert drift == [], [d.sentence() for d in drift]
    for (record, name), seen in last.items():
        here = sides.row("account", ids[record])[FIELDS[name][0]]
        there = sides.org.get("Account", ids[record], name)[name]
        there = Decimal(str(there)) if isinstance(here, Decimal) and there is not None else there
        _judge(chosen[name], name, seen, here, there)


def _as_json(value: Any) -> Any:
    return int(value) if isinstance(value, Decimal) else value


def _by_policy(policy: Policy, drift: reconcile.Drift) -> bool:
    """A difference that the mapping itself allows: in a field that goes one way only."""
    return policy.direction != "both"


def _judge(policy: Policy, name: str, seen: dict[str, Any], here: Any, there: Any) -> None:
    start = FIELDS[name][2][0]
    said = {
        side: value
        for side, value in seen.items()
        if value != start and (value is not None or policy.null == "clear")
    }
    context = (name, policy, seen, here, there)
    if policy.direction == "in":
        if "theirs" in seen:
            assert there == seen["theirs"], context
        if "theirs" in said and "ours" not in seen:
            assert here == said["theirs"], context
    elif policy.direction == "out":
        if "ours" in said:
            assert (here, there) == (said["ours"], said["ours"]), context
    elif policy.owner == "ask" and len(seen) == 2 and None in seen.values() and policy.null == "ignore":
        assert None in (here, there) or here == there, context  # a question, or the value that is one
    elif len(said) == 1:
        [value] = said.values()
        assert (here, there) == (value, value), context
    elif len(said) == 2 and policy.owner == "ask" and said["ours"] != said["theirs"]:
        assert (here, there) == (said["ours"], said["theirs"]), context
    elif len(said) == 2:
        winners = {"salesforce": {said["theirs"]}, "tandem": {said["ours"]}}
        assert here == there, context
        assert here in winners.get(policy.owner, set(said.values())), context

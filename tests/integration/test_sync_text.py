"""Texts as people and machines leave them: they arrive, or are put aside with a reason, and stop nobody."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from app.sync.inward import inbound
from app.sync.mapping.values import canonical
from tests.fixtures.sync import BothSides, assert_equal_sides

AWKWARD = [
    "NA",
    "#N/A",
    "None",
    "null",
    "00123",
    "1e5",
    'a,b;"c"',
    "erste\r\nzweite\nletzte",
    "Größe 横浜 😀 e\u0301",
    "=1+1",
    "'quoted'",
    "back\\slash \\N \\x00",
    "tab\there",
    "x" * 32_000,
]


@pytest.mark.parametrize("bulk", [False, True], ids=["collections", "bulk"])
def test_awkward_texts_go_out_and_come_back_as_they_are(sides: BothSides, bulk: bool) -> None:
    if bulk:
        sides.edit_mapping("Account", "\nfields:", "\nbatch: {bulk_threshold: 1}\nfields:")
    sides.cycle()
    ids = [sides.insert("account", name=f"Account {n}", description=text) for n, text in enumerate(AWKWARD)]
    sides.settle()
    for local_id, text in zip(ids, AWKWARD, strict=True):
        found = sides.org.get("Account", sides.sf_id(local_id), "Description")["Description"]
        assert canonical(found, "string") == canonical(text, "string")
    assert sides.outbox() == []
    assert_equal_sides(sides)


def test_awkward_texts_come_in_as_they_are(sides: BothSides) -> None:
    records = [{"Name": f"Account {n}", "Description": text} for n, text in enumerate(AWKWARD)]
    made = sides.org.insert_many("Account", records)
    sides.settle()
    for sf_id, text in zip(made, AWKWARD, strict=True):
        assert sides.row("account", sf_id)["description"] == canonical(text, "string")
    assert_equal_sides(sides)


@pytest.mark.parametrize("bad", ["\x00", "\ud83d"], ids=["a zero byte", "half an emoji"])
def test_a_sign_that_no_database_holds_costs_nothing_but_itself(sides: BothSides, bad: str) -> None:
    sides.cycle()
    record = {
        "Id": "001000000000001AAA", "Name": f"Bosch{bad} GmbH", "Phone": "1", "SystemModstamp": "2026-01-01",
    }  # fmt: skip
    take(sides, record)
    assert sides.sql("SELECT phone FROM account")[0]["phone"] == "1"
    assert sides.sql("SELECT name FROM account")[0]["name"].startswith("Bosch")


def test_a_record_that_is_put_aside_is_kept_with_whatever_signs_it_has(sides: BothSides) -> None:
    sides.cycle()
    good = {"Id": "001000000000001AAA", "Name": "Good", "SystemModstamp": "2026-01-01"}
    bad = {
        "Id": "001000000000002AAA",
        "Name": "Bad",
        "NumberOfEmployees": "\x00\ud83d",
        "SystemModstamp": "2026-01-01",
    }
    take(sides, good, bad)
    assert [row["name"] for row in sides.sql("SELECT name FROM account")] == ["Good"]
    [refused] = sides.sql("SELECT sf_id, error FROM sync_refusal")
    assert refused["sf_id"] == bad["Id"]


def take(sides: BothSides, *records: dict[str, str]) -> None:
    """Apply records as an answer would bring them."""
    engine = sides.engine
    parsed = json.loads(json.dumps(records))
    inbound.take_in(engine, engine.mappings.by_sobject("Account"), parsed, datetime.now(UTC))

"""Whatever is deleted, restored, merged and purged in whatever order: no live record points at a dead one."""

from __future__ import annotations

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.sandbox.dml import Dml
from app.sandbox.store import quoted
from tests.fixtures.engine import Engine, fresh

KINDS = ("Account", "Contact", "Lead", "Opportunity")
ACTIONS = [
    "account",
    "account",
    "contact",
    "contact",
    "lead",
    "opportunity",
    "delete",
    "delete",
    "undelete",
    "undelete",
    "merge",
    "hard",
    "wait",
    "move",
]
STEP = st.tuples(st.sampled_from(ACTIONS), st.integers(0, 5), st.integers(0, 5))


def ids(engine: Engine, kind: str, *, deleted: bool = False) -> list[str]:
    rows = engine.org.store.read().execute(
        f"SELECT Id FROM {quoted(kind)} WHERE IsDeleted = ? ORDER BY Id", (int(deleted),)
    )
    return [record_id for (record_id,) in rows]


def pick(found: list[str], number: int) -> str | None:
    return found[number % len(found)] if found else None


def perform(engine: Engine, action: str, a: int, b: int) -> None:
    """One step; a step that the org refuses changes nothing, which the invariants check as well."""
    accounts = ids(engine, "Account")
    live = [record_id for kind in KINDS for record_id in ids(engine, kind)]
    dml = Dml(engine.ctx())
    parent = pick(accounts, a)
    match action:
        case "account":
            engine.insert("Account", Name=f"A{b}", ParentId=parent)
        case "contact":
            engine.insert("Contact", LastName=f"C{b}", AccountId=parent)
        case "lead":
            engine.insert("Lead", LastName=f"L{b}", Company="C", Partner__c=parent)
        case "opportunity":
            engine.insert(
                "Opportunity", Name="O", StageName="Prospecting", CloseDate="2026-06-01", AccountId=parent
            )
        case "delete" | "hard":
            if victim := pick(live, b):
                dml.delete([victim], hard=action == "hard")
        case "undelete":
            dead = [record_id for kind in KINDS for record_id in ids(engine, kind, deleted=True)]
            if back := pick(dead, b):
                dml.undelete([back])
        case "merge":
            winner, loser = pick(accounts, a), pick(accounts, b)
            if winner and loser and winner != loser:
                dml.merge(winner, [loser])
        case "move":
            contact = pick(ids(engine, "Contact"), b)
            if contact and parent:
                engine.update(contact, AccountId=parent)
        case "wait":
            engine.org.clock.advance(5 * 86_400)
            engine.org.settle()


def dangling(engine: Engine) -> list[tuple[str, str, str]]:
    """(object, field, id) of live records whose reference names no live record."""
    found = []
    connection = engine.org.store.read()
    for kind in KINDS:
        for field in engine.org.schema.get(kind).fields.values():
            targets = [t for t in field.reference_to if t in KINDS]
            if not targets or not field.stored or field.name == "MasterRecordId":
                continue
            alive = " UNION ALL ".join(f"SELECT Id FROM {quoted(t)} WHERE IsDeleted = 0" for t in targets)
            rows = connection.execute(
                f"SELECT Id FROM {quoted(kind)} WHERE IsDeleted = 0 AND {quoted(field.name)} IS NOT NULL "
                f"AND {quoted(field.name)} NOT IN ({alive})"
            )
            found += [(kind, field.name, record_id) for (record_id,) in rows]
    return found


def binned(engine: Engine) -> tuple[set[str], set[str]]:
    """The records marked as deleted, and the records the recycle bin knows."""
    marked = {
        record_id for kind in (*KINDS, "OpportunityHistory") for record_id in ids(engine, kind, deleted=True)
    }
    rows = engine.org.store.read().execute("SELECT record_id FROM _recycle WHERE purged = 0")
    return marked, {record_id for (record_id,) in rows}


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEP, min_size=25, max_size=50))
def test_references_hold_and_the_bin_knows_what_is_deleted(
    engine: Engine, steps: list[tuple[str, int, int]]
) -> None:
    engine = fresh(engine.org)
    for action, a, b in steps:
        perform(engine, action, a, b)
        assert dangling(engine) == []
        marked, known = binned(engine)
        assert marked == known


def test_a_contact_restored_before_its_account_finds_it_again_when_it_returns(engine: Engine) -> None:
    account = engine.insert("Account", Name="A")
    contact = engine.insert("Contact", LastName="L", AccountId=account)
    dml = Dml(engine.ctx())
    dml.delete([contact])
    dml.delete([account])
    assert dml.undelete([contact])[0].success
    assert engine.one("SELECT AccountId FROM Contact") == {"AccountId": None}
    assert dml.undelete([account])[0].success
    assert engine.one("SELECT AccountId FROM Contact") == {"AccountId": account}

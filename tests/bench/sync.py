"""The sync's figures: API calls, records per second beside named peers, memory of a large first sync."""

from __future__ import annotations

from collections.abc import Iterator

from tests.bench import backfill, peers
from tests.bench.harness import Benchmark, Figure, World, at_most
from tests.fixtures.sync import BothSides


def _spent(sides: BothSides) -> int:
    """API calls of one cycle, as the org counts them."""
    sides.org.reset_calls()
    sides.cycle(due_only=True)
    return sides.org.calls()["total"]


def idle_poll(world: World) -> Iterator[Figure]:
    """Accounts, contacts, leads, opportunities and one more object, when nothing has changed."""
    with world.org("--empty") as org, world.sides(org) as sides:
        sides.cycle()
        yield at_most("sync.idle_poll_calls", _spent(sides), 1, "calls per 5 objects")


def _both_ways(sides: BothSides, count: int) -> tuple[int, int]:
    """API calls of a cycle that brings `count` changes each way, and of the one that sees the echo."""
    records = [{"Name": f"Account {n}", "AccountNumber": str(n)} for n in range(count)]
    ids = sides.org.insert_many("Account", records)
    sides.cycle()
    sides.org.act("update_many", object="Account", records=[{"Id": i, "Industry": "Energy"} for i in ids])
    sides.sql("UPDATE account SET phone = '+1 555 0100'")
    both = _spent(sides)
    sides.org.reset_calls()
    echo = sides.cycle(due_only=True)
    assert echo.writes == 0, f"the echo made {echo.writes} writes"
    echoed = sides.org.calls()["total"]
    there = "SELECT COUNT(Id) n FROM Account WHERE Phone = '+1 555 0100' AND Industry = 'Energy'"
    assert sides.org.query(there)[0]["n"] == count
    here = "SELECT count(*) n FROM account WHERE phone = '+1 555 0100' AND industry = 'Energy'"
    assert sides.sql(here)[0]["n"] == count
    return both, echoed


def calls(world: World) -> Iterator[Figure]:
    """Changes each way, conflict check included; at 10,000 the recognition of the echo as well."""
    with world.org("--empty") as org, world.sides(org) as sides:
        both, _ = _both_ways(sides, 1_000)
        yield at_most("sync.calls_1k", both, 2, "calls")
    with world.org("--empty") as org, world.sides(org) as sides:
        both, echoed = _both_ways(sides, 10_000)
        yield at_most("sync.calls_10k", both + echoed, 12, "calls with the echo")


BENCHMARKS = (
    Benchmark(("sync.idle_poll_calls",), idle_poll),
    Benchmark(("sync.calls_1k", "sync.calls_10k"), calls),
    Benchmark(
        ("sync.records_vs_bulk", "sync.records_vs_loop", "sync.records_vs_floor", "sync.peers"), peers.compare
    ),
    Benchmark(("sync.backfill_peak_mb", "sync.backfill_seconds"), backfill.measure),
)

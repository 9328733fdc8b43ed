"""Records per second beside named peers, against the same org with 50 ms added to each call.

10,000 accounts changed in the org and 10,000 others changed in Tandem's database. Each contestant reads the
former and writes the latter; the same fields are read by all, in a process each. The rounds alternate, so
that whatever else the machine does hits everybody; medians count.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import Any

from app.config import PROJECT
from app.sync.inward import cursors, queries
from tests.bench.contestants import CONTESTANTS, SAMPLE
from tests.bench.harness import Figure, World, at_least, beside, environment
from tests.fixtures.sync import BothSides

COUNT = 10_000
LATENCY = 0.05
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "5"))
_INDUSTRIES = ("Energy", "Banking", "Chemicals", "Retail")


#: Our rows for records.
_IN = "SELECT local_id FROM sync_link WHERE sf_id = ANY(:ids)"


@dataclass(frozen=True, slots=True)
class Lap:
    """What one contestant did in one round."""

    seconds: float
    records: int
    calls: int
    peak_mb: float

    @property
    def speed(self) -> float:
        """Records per second."""
        return self.records / self.seconds


def compare(world: World) -> Iterator[Figure]:
    """Run everybody; Tandem's records per second beside each, calls and memory of all."""
    laps: dict[str, list[Lap]] = {name: [] for name in CONTESTANTS}
    with world.org("--empty") as org, world.sides(org) as sides:
        ids = _prepare(sides)
        echoes = []
        with world.progress("records each way", ROUNDS * len(CONTESTANTS)) as shown:
            for number in range(ROUNDS):
                names = list(CONTESTANTS)
                for place, name in enumerate(names[number % len(names) :] + names[: number % len(names)]):
                    lap = _lap(world, sides, name, ids, number * len(names) + place)
                    laps[name].append(lap)
                    world.say(f"{name}: {lap.speed:,.0f} records/s, {lap.calls} calls, {lap.peak_mb:.0f} MB")
                    if name == "tandem":
                        echoes.append(_echo(sides))
                    shown(number * len(names) + place + 1)
    speeds = {name: median(lap.speed for lap in done) for name, done in laps.items()}
    for name, goal in (("bulk", 0.9), ("loop", 400.0), ("floor", 0.7)):
        yield at_least(f"sync.records_vs_{name}", speeds["tandem"], speeds[name], "records/s", goal)
    yield beside("sync.peers.bulk2_records", speeds["bulk2"], "records/s")
    for name, done in laps.items():
        scale = 2 * COUNT / (2 * SAMPLE) if name == "loop" else 1
        yield beside(f"sync.peers.{name}_seconds", median(x.seconds for x in done) * scale, "seconds")
        yield beside(f"sync.peers.{name}_calls", median(x.calls for x in done) * scale, "calls")
        yield beside(f"sync.peers.{name}_peak_mb", max(x.peak_mb for x in done), "MB")
    yield beside("sync.peers.tandem_echo_calls", median(echoes), "calls")


def _prepare(sides: BothSides) -> list[str]:
    """Accounts on both sides, equal, with the values a real account has; their ids."""
    ids: list[str] = []
    for start in range(0, 2 * COUNT, 5_000):
        ids += sides.org.insert_many("Account", [_account(n) for n in range(start, start + 5_000)])
    sides.cycle()
    return ids


def _account(number: int) -> dict[str, Any]:
    return {
        "Name": f"Meridian Controls {number}",
        "AccountNumber": f"A-{number:06}",
        "Type": "Customer - Channel",
        "Industry": "Machinery",
        "Phone": "+1 555 0100",
        "Website": f"https://meridian-{number}.example",
        "BillingStreet": f"{number} Harbor Street",
        "BillingCity": "Portland",
        "BillingPostalCode": "97201",
        "AnnualRevenue": 1_000_000 + number,
        "NumberOfEmployees": 10 + number % 500,
        "Description": "Buys pumps and valves for three plants.\nPays within thirty days.",
    }


def _lap(world: World, sides: BothSides, name: str, ids: list[str], number: int) -> Lap:
    """Bring both sides to rest, change 10,000 accounts on each, and let the contestant have them."""
    org = sides.org
    theirs, ours = ids[:COUNT], ids[COUNT:]
    _rest(sides)
    since = cursors.soql_time(datetime.fromtimestamp(org.now(), UTC))
    industry, phone = _INDUSTRIES[number % len(_INDUSTRIES)], f"+1 555 {number:04}"
    org.act("update_many", object="Account", records=[{"Id": i, "Industry": industry} for i in theirs])
    if name == "tandem":
        sides.sql(f"UPDATE account SET phone = :phone WHERE id IN ({_IN})", phone=phone, ids=ours)
    mapping = sides.engine.mappings.by_sobject("Account")
    task = {
        "https": org.https,
        "ca": org.ca,
        "token": org.token(),
        "soql": queries.changes(mapping, sides.engine.org, since, order=name == "tandem"),
        "theirs": theirs,
        "ours": ours,
        "phone": phone,
        "environment": environment(sides.settings),
    }
    org.advance(2)
    result, calls = _run(world.directory / "task.json", sides, name, task)
    lap = Lap(result["seconds"], result["records"], calls, result["peak_kb"] / 1024)
    expected = 2 * (SAMPLE if name == "loop" else COUNT)
    assert lap.records == expected, f"{name} moved {lap.records} records, not {expected}"
    if name != "loop":
        [there] = org.query(f"SELECT COUNT(Id) n FROM Account WHERE Phone = '{phone}'")
        assert there["n"] == COUNT, f"{name} left {COUNT - there['n']} accounts unwritten"
    if name == "tandem":
        [here] = sides.sql("SELECT count(*) n FROM account WHERE industry = :i", i=industry)
        assert here["n"] == COUNT
    return lap


def _run(file: Path, sides: BothSides, name: str, task: dict[str, Any]) -> tuple[dict[str, Any], int]:
    org = sides.org
    file.write_text(json.dumps(task))
    command = [sys.executable, "-m", "tests.bench.contestants", name, str(file)]
    with subprocess.Popen(
        command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        assert process.stdin is not None
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{name} did not get ready")
        fault = org.fault("latency", seconds=LATENCY)
        org.reset_calls()
        out, _ = process.communicate("go\n", timeout=300)
        calls = org.calls()["total"]
        org.control("DELETE", f"faults/{fault}")
        if process.returncode:
            raise RuntimeError(f"{name} ended with {process.returncode}")
    result: dict[str, Any] = json.loads(out)
    return result, calls


def _rest(sides: BothSides) -> None:
    """Both sides equal, and Tandem's cursor past everything that happened."""
    # Tokens of earlier laps may have grown old on the org's clock; the contestant takes this one.
    sides.gateway.tokens.sign_in()
    sides.cycle()
    for _ in range(2):
        sides.org.advance(300)
        rested = sides.cycle()
    assert rested.writes == 0, rested.counts()


def _echo(sides: BothSides) -> int:
    """API calls of the cycle that reads our own writes back and recognises them."""
    sides.org.reset_calls()
    echo = sides.cycle(due_only=True)
    assert echo.writes == 0, echo.counts()
    return sides.org.calls()["total"]

"""A million accounts for the first time: bounded memory, killed at random moments, complete in the end.

`python -m tests.bench.backfill` is the process that syncs; it tells its progress line by line.
"""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from app.config import PROJECT
from tests.bench.harness import Figure, World, at_most, beside, environment
from tests.fixtures.sync import BothSides

ACCOUNTS = int(os.environ.get("BENCH_ACCOUNTS", "1000000"))
KILLS = 10
LIMIT_MB = 500


def measure(world: World) -> Iterator[Figure]:
    """Peak memory of the syncing process, over all its lives."""
    world.say(f"making an org with {ACCOUNTS:,} accounts")
    with world.org("--empty", "--scale", str(ACCOUNTS)) as org, world.sides(org) as sides:
        sides.cycle(only=["User"], outward=False)
        began = time.perf_counter()
        peak = 0.0
        with world.progress("backfill", ACCOUNTS) as shown:
            random = Random()
            moments = sorted(random.randrange(ACCOUNTS) for _ in range(KILLS))
            for moment in [*moments, None]:
                # A moment within the work that follows the announced row, not only right after a commit.
                delay = random.uniform(0, 0.6)
                peak = max(peak, _live(sides, world.directory, moment, delay, shown))
        seconds = time.perf_counter() - began
        _check(sides)
        yield at_most("sync.backfill_peak_mb", peak, LIMIT_MB, "MB")
        yield beside("sync.backfill_seconds", seconds, f"seconds, {KILLS} kills")


def _live(
    sides: BothSides, directory: Path, until: int | None, delay: float, shown: Callable[[float], None]
) -> float:
    """One life of the syncing process; its peak in MB. until: kill it once so many rows are there."""
    peak = 0.0
    with subprocess.Popen(
        [sys.executable, "-m", "tests.bench.backfill"],
        cwd=PROJECT,
        env={**os.environ, **environment(sides.settings)},
        stdout=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            told = json.loads(line)
            peak = max(peak, told["peak_kb"] / 1024)
            shown(told["rows"])
            if until is not None and told["rows"] >= until:
                time.sleep(delay)
                process.send_signal(signal.SIGKILL)
                break
    if until is None and process.returncode:
        raise RuntimeError(f"the backfill ended with {process.returncode}")
    return peak


def _check(sides: BothSides) -> None:
    """Complete, each record once, nothing put aside, nothing to send."""
    [there] = sides.org.query("SELECT COUNT(Id) n FROM Account")
    counts = sides.sql(
        "SELECT (SELECT count(*) FROM account) AS rows, (SELECT count(DISTINCT sf_id) FROM sync_link "
        "WHERE sobject = 'Account') AS ids, (SELECT count(*) FROM account a JOIN sync_link l "
        "ON l.local_id = a.id) AS linked, (SELECT count(*) FROM sync_refusal) AS refused, "
        "(SELECT count(*) FROM sync_outbox) AS outgoing"
    )
    found = dict(counts[0])
    wanted = {"rows": there["n"], "ids": there["n"], "linked": there["n"], "refused": 0, "outgoing": 0}
    assert found == wanted, f"the backfill left {found}, not {wanted}"
    assert there["n"] >= ACCOUNTS


def main() -> None:
    """Sync accounts, telling after each part how many there are and the most memory held so far."""
    from app.config import Settings
    from app.sync import service
    from tests.bench.contestants import peak_kb

    def tell(sobject: str, rows: int, total: int) -> None:
        sys.stdout.write(json.dumps({"rows": rows, "peak_kb": peak_kb()}) + "\n")
        sys.stdout.flush()

    tell("Account", 0, 0)
    with service.opened(Settings.from_env(), progress=tell) as engine:
        service.cycle(engine, only=["Account"], outward=False)
    tell("Account", ACCOUNTS, ACCOUNTS)


if __name__ == "__main__":
    main()

"""One contestant in a process of its own: `python -m tests.bench.contestants NAME FILE`.

FILE is JSON: https, ca, token, soql, theirs and ours (record ids), phone (the change
to bring to the org), and for Tandem the
environment of its settings. The process prints `ready`, waits for a line on stdin, works, and prints
{"seconds", "records", "peak_kb"}. Signing in and imports come before `ready`, for everybody.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

import requests

#: Records that the loop handles; its time is scaled up.
SAMPLE = 100
#: Seconds between two looks of the hand-written floor at its job.
FLOOR_WAIT = 0.1

Work = Callable[[], int]


def main() -> None:
    """Get ready, wait for the word, work, report."""
    name, file = sys.argv[1:3]
    task: dict[str, Any] = json.loads(Path(file).read_text())
    work = CONTESTANTS[name](task)
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    if not sys.stdin.readline():
        return
    began = time.perf_counter()
    records = work()
    seconds = time.perf_counter() - began
    json.dump({"seconds": seconds, "records": records, "peak_kb": peak_kb()}, sys.stdout)


def peak_kb() -> int:
    """The most memory this process ever held (VmHWM)."""
    found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    assert found is not None
    return int(found[1])


def _session(task: dict[str, Any]) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.verify = task["ca"]
    # A connection is open before the clock runs, as it is after a sign-in.
    session.get(f"{task['https']}/services/data/").raise_for_status()
    return session


def _simple(task: dict[str, Any]) -> Any:
    from simple_salesforce.api import Salesforce

    host = urlsplit(task["https"]).netloc
    return Salesforce(session_id=task["token"], instance=host, session=_session(task), version="67.0")


def _changes(task: dict[str, Any]) -> list[dict[str, str]]:
    return [{"Id": record_id, "Phone": task["phone"]} for record_id in task["ours"]]


def tandem(task: dict[str, Any]) -> Work:
    """One cycle: poll, merge into the database, push what changed there."""
    os.environ.update(task["environment"])
    from app.config import Settings
    from app.sync import service

    opened = service.opened(Settings.from_env())
    engine = opened.__enter__()

    def work() -> int:
        done = service.cycle(engine, due_only=True)
        received = sum(report.updated for report in done.pulled.values())
        return received + done.pushed.updated

    return work


def loop(task: dict[str, Any]) -> Work:
    """simple-salesforce, record by record: get and update."""
    sf = _simple(task)

    def work() -> int:
        for record_id in task["theirs"][:SAMPLE]:
            sf.Account.get(record_id)
        for change in _changes(task)[:SAMPLE]:
            sf.Account.update(change["Id"], {"Phone": change["Phone"]})
        return 2 * SAMPLE

    return work


def bulk(task: dict[str, Any]) -> Work:
    """simple-salesforce's `bulk`, without the five seconds it sleeps between two looks at a job.

    Its public methods offer no shorter wait; the method behind them does.
    """
    sf = _simple(task)

    def work() -> int:
        table = sf.bulk.Account
        read = [row for part in table._bulk_operation("query", task["soql"], wait=0) for row in part]
        written = table._bulk_operation("update", _changes(task), wait=0)
        return len(read) + sum(1 for result in written if result["success"])

    return work


def bulk2(task: dict[str, Any]) -> Work:
    """simple-salesforce's `bulk2` with no wait before its first look at a job; then it sets its own pace."""
    sf = _simple(task)

    def work() -> int:
        table = sf.bulk2.Account
        read = 0
        for page in table.query(task["soql"], wait=0):
            read += sum(1 for _ in csv.DictReader(io.StringIO(page)))
        results = table.update(records=_changes(task), wait=0)
        written = table.get_successful_records(results[0]["job_id"])
        return read + sum(1 for _ in csv.DictReader(io.StringIO(written)))

    return work


def floor(task: dict[str, Any]) -> Work:
    """Nothing but the bytes, in the fewest calls: two to read five pages, five and the looks to write."""
    session = _session(task)
    session.headers["Authorization"] = f"Bearer {task['token']}"
    root = f"{task['https']}/services/data/v67.0"

    def call(method: str, url: str, **options: Any) -> requests.Response:
        answer = session.request(method, url, **options)
        answer.raise_for_status()
        return answer

    def read() -> int:
        first = call("GET", f"{root}/query?q={quote(task['soql'])}").content
        head = first[:400]
        total, following = (
            re.search(rb'"totalSize":\s*(\d+)', head),
            re.search(rb'"nextRecordsUrl":\s*"([^"]+)-(\d+)"', first),
        )
        assert total is not None
        assert following is not None
        stem, step = following[1].decode(), int(following[2])
        parts = [
            {"method": "GET", "url": f"{stem}-{at}", "referenceId": f"page{at}"}
            for at in range(step, int(total[1]), step)
        ]
        assert len(parts) <= 5
        rest = call("POST", f"{root}/composite", json={"compositeRequest": parts}).content
        return first.count(b'"attributes"') + rest.count(b'"attributes"')

    def write() -> int:
        data = "Id,Phone\n" + "".join(f"{c['Id']},{c['Phone']}\n" for c in _changes(task))
        spec = {"object": "Account", "operation": "update", "lineEnding": "LF"}
        job = f"{root}/jobs/ingest/{call('POST', f'{root}/jobs/ingest', json=spec).json()['id']}"
        call("PUT", f"{job}/batches", data=data.encode(), headers={"Content-Type": "text/csv"})
        call("PATCH", job, json={"state": "UploadComplete"})
        while call("GET", job).json()["state"] not in ("JobComplete", "Failed"):
            time.sleep(FLOOR_WAIT)
        return call("GET", f"{job}/successfulResults/").content.count(b"\n") - 1

    return lambda: read() + write()


CONTESTANTS: dict[str, Callable[[dict[str, Any]], Work]] = {
    "tandem": tandem,
    "floor": floor,
    "bulk": bulk,
    "bulk2": bulk2,
    "loop": loop,
}

if __name__ == "__main__":
    main()

"""Bulk jobs on disk: one folder a job, kept for seven days, worked off by threads of the org's own."""

from __future__ import annotations

import logging
import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary, proxy

import orjson

from app.sandbox.errors import ApiError

if TYPE_CHECKING:
    from app.sandbox.org import Org

KEPT_SECONDS = 7 * 86_400
ENDED = frozenset({"JobComplete", "Failed", "Aborted"})
log = logging.getLogger(__name__)
_ALL: WeakKeyDictionary[Org, Jobs] = WeakKeyDictionary()
_ALL_LOCK = threading.Lock()


@dataclass(slots=True)
class Job:
    """One bulk job. `type` is V2Ingest, V2Query or Classic; times are epoch seconds of the org's clock."""

    id: str
    type: str
    operation: str
    object: str
    user_id: str
    created: int
    modified: int
    state: str
    api_version: str = "67.0"
    content_type: str = "CSV"
    concurrency: str = "Parallel"
    client: str | None = None
    auto_assign: bool = True
    delimiter: str = "COMMA"
    line_ending: str = "LF"
    external_id_field: str | None = None
    query: str | None = None
    uploaded: bool = False
    processed: int = 0
    failed: int = 0
    retries: int = 0
    total_ms: int = 0
    active_ms: int = 0
    error: str | None = None
    #: rows whose outcome is on disk; the rest of an ended job are its unprocessed records
    settled: int = 0
    #: the batches of an older Bulk API job, in the order they came
    batches: list[dict[str, Any]] = field(default_factory=list)


def jobs_of(org: Org) -> Jobs:
    """The bulk jobs of an org, kept in its directory."""
    with _ALL_LOCK:
        found = _ALL.get(org)
        if found is None:
            # the work imports this module
            from app.sandbox.bulk2.recovery import go_on

            found = _ALL[org] = Jobs(org, org.directory / "bulk")
            go_on(org, found)
        return found


def stamp(moment: int) -> str:
    """A time as bulk resources show it."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


class Jobs:
    """The bulk jobs of one org. Safe under many threads."""

    def __init__(self, org: Org, folder: Path) -> None:
        # the registry keeps this object as long as the org lives, so it must not keep the org
        self._org: Org = proxy(org)
        self._folder = folder
        self._lock = threading.RLock()
        self._jobs: dict[str, Job] = {}
        #: held by a lane's thread while it works
        self._at_work: dict[str, threading.Lock] = {}
        self._lanes: dict[str, queue.SimpleQueue[tuple[int, Callable[[], None]]]] = {}
        #: jobs that a fault holds in InProgress: until when, and what goes on then in which lane
        self._held: dict[str, list[tuple[int, str, Callable[[Job], None]]]] = {}
        self._generation = 0
        #: what the org was doing when it went down
        self.interrupted: list[Job] = []
        self._load()

    def _load(self) -> None:
        for file in sorted(self._folder.glob("750*/job.json")):
            job = Job(**orjson.loads(file.read_bytes()))
            if job.state in ("UploadComplete", "InProgress") and job.type != "Classic":
                self.interrupted.append(job)
            if any(batch["state"] in ("Queued", "InProgress") for batch in job.batches):
                for batch in job.batches:
                    if batch["state"] in ("Queued", "InProgress"):
                        batch.update(
                            state="Failed", message="InternalServerError : The batch was interrupted."
                        )
                self._write(job)
            self._jobs[job.id] = job

    # --- the shelf ------------------------------------------------------------------------------

    def add(self, job: Job) -> Job:
        """Keep a new job."""
        with self._lock:
            self._forget_old()
            self.folder(job).mkdir(parents=True, exist_ok=True)
            self._jobs[job.id] = job
            self._write(job)
        return job

    def find(self, job_id: str, *types: str) -> Job | None:
        """The job with that id (15 or 18 characters), if it is of one of the types."""
        with self._lock:
            self._forget_old()
            found = next((j for key, j in self._jobs.items() if key[:15] == job_id[:15]), None)
            if found is None or found.type not in types:
                return None
            if found.id in self._held:
                self._release(found)
            return found

    def _release(self, job: Job) -> None:
        now = self._org.clock.now()
        held = self._held.pop(job.id)
        for until, lane, work in held:
            if until <= now:
                self.submit(lane, job, work)
        self._held[job.id] = [one for one in held if one[0] > now]

    def all(self) -> list[Job]:
        """Every job, oldest first."""
        with self._lock:
            self._forget_old()
            return sorted(self._jobs.values(), key=lambda j: (j.created, j.id))

    def change(self, job: Job, *, only_from: tuple[str, ...] = (), **values: Any) -> bool:
        """Set members of a job and write it down. With `only_from`, False if its state is none of them."""
        with self._lock:
            if only_from and job.state not in only_from:
                return False
            for name, value in values.items():
                setattr(job, name, value)
            job.modified = self._org.clock.now()
            if self._jobs.get(job.id) is job:
                self._write(job)
            return True

    def remove(self, job: Job) -> None:
        """Forget a job and its files."""
        with self._lock:
            self._jobs.pop(job.id, None)
            self._held.pop(job.id, None)
            shutil.rmtree(self.folder(job), ignore_errors=True)

    def clear(self) -> None:
        """Forget every job, and wait until none is at work any more: the org is about to be as new."""
        with self._lock:
            self._generation += 1
            for job in list(self._jobs.values()):
                job.state = "Aborted"
                for batch in job.batches:
                    batch["state"] = "NotProcessed"
                self.remove(job)
            at_work = list(self._at_work.values())
        for lane in at_work:
            with lane:
                pass

    def now(self) -> int:
        """The org's clock, epoch seconds."""
        return self._org.clock.now()

    def folder(self, job: Job) -> Path:
        """Where the job's files lie."""
        return self._folder / job.id

    def _write(self, job: Job) -> None:
        target = self.folder(job) / "job.json"
        fresh = target.with_suffix(".new")
        fresh.write_bytes(orjson.dumps(asdict(job)))
        fresh.replace(target)

    def _forget_old(self) -> None:
        limit = self._org.clock.now() - KEPT_SECONDS
        for job in [j for j in self._jobs.values() if j.modified < limit]:
            self.remove(job)

    # --- the work -------------------------------------------------------------------------------

    def submit(self, lane: str, job: Job, work: Callable[[Job], None]) -> None:
        """Let the lane's thread do `work` on the job, after what it was given before.

        An ApiError fails the job with its message; any other error fails it too and is logged.
        """
        with self._lock:
            tasks = self._lanes.get(lane)
            if tasks is None:
                tasks = self._lanes[lane] = queue.SimpleQueue()
                busy = self._at_work[lane] = threading.Lock()
                threading.Thread(
                    target=self._work, args=(tasks, busy), name=f"bulk-{lane}", daemon=True
                ).start()
            tasks.put((self._generation, lambda: self._guarded(job, work)))

    def stuck(self, job: Job, lane: str, work: Callable[[Job], None]) -> bool:
        """Whether a fault holds the job up now. `work` goes on when the fault's seconds are over, if ever."""
        fault = self._org.faults.match("bulk_stuck", object=job.object)
        if fault is None:
            return False
        if fault["seconds"] is not None:
            until = self._org.clock.now() + int(fault["seconds"])
            with self._lock:
                self._held.setdefault(job.id, []).append((until, lane, work))
        return True

    def _work(self, tasks: queue.SimpleQueue[tuple[int, Callable[[], None]]], busy: threading.Lock) -> None:
        while True:
            generation, task = tasks.get()
            with busy:
                if generation == self._generation:
                    task()

    def _guarded(self, job: Job, work: Callable[[Job], None]) -> None:
        try:
            work(job)
        except ApiError as refused:
            self.change(job, state="Failed", error=f"{refused.code}: {refused.message}")
        except Exception:
            if job.state == "Aborted":
                return
            log.exception("bulk job %s broke", job.id)
            self.change(job, state="Failed", error="InternalServerError : An internal error occurred.")


def file_chunks(path: Path, start: int = 0, end: int | None = None) -> Iterator[bytes]:
    """The bytes of a file from `start` to `end`, in pieces."""
    with path.open("rb") as source:
        source.seek(start)
        left = (path.stat().st_size if end is None else end) - start
        while left > 0 and (piece := source.read(min(left, 1 << 18))):
            left -= len(piece)
            yield piece

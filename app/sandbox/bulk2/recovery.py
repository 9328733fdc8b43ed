"""After the org went down: jobs go on where they were, and no row is written twice."""

from __future__ import annotations

from app.sandbox.bulk2.extract import extract
from app.sandbox.bulk2.jobs import Jobs
from app.sandbox.bulk2.loading import load, recall
from app.sandbox.org import Org


def go_on(org: Org, jobs: Jobs) -> None:
    """Put every interrupted job back into its queue."""
    for job in jobs.interrupted:
        if job.type == "V2Ingest":
            recall(org, jobs, job)
        jobs.change(job, state="UploadComplete")
        if job.type == "V2Ingest":
            jobs.submit("ingest", job, load(org))
        else:
            jobs.submit("query", job, extract(org))
    jobs.interrupted.clear()

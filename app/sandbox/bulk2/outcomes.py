"""Result files that nobody wrote: the header of an empty one, and the rows that were never tried."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from app.sandbox.bulk2.csvdata import DELIMITERS, LINE_ENDINGS, BadFile, Rows, line
from app.sandbox.bulk2.jobs import Job


def results_header(folder: Path, job: Job, name: str) -> bytes:
    """The header line of results that have no rows."""
    second = "sf__Created" if name == "successfulresults" else "sf__Error"
    header = _header(folder, job)
    return line(
        ["sf__Id", second, *header], DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
    ).encode()


def _header(folder: Path, job: Job) -> list[str]:
    data = folder / "data.csv"
    if not data.exists():
        return []
    with data.open("rb") as raw:
        try:
            return Rows(raw, DELIMITERS[job.delimiter], None).header
        except BadFile:
            return []


def unprocessed(folder: Path, job: Job) -> Iterator[bytes]:
    """The rows of an ended job that were never tried, as they were uploaded, in pieces."""
    delimiter, ending = DELIMITERS[job.delimiter], LINE_ENDINGS[job.line_ending]
    data = folder / "data.csv"
    if not data.exists():
        return
    with data.open("rb") as raw:
        try:
            rows = Rows(raw, delimiter, None)
            yield line(rows.header, delimiter, ending).encode()
            source = islice(rows, job.settled, None)
            while piece := "".join(line(row, delimiter, ending) for row in islice(source, 1000)):
                yield piece.encode()
        except BadFile:
            # the rest of the file cannot be read as rows: it is handed back no further
            return

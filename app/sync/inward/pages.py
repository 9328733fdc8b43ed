"""The pages of polls that share their calls: which to ask for next, and whether they follow one another."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime

from app.salesforce import QueryPage, SalesforceError, SoqlQuery
from app.sync.engine import Engine
from app.sync.inward import queries
from app.sync.inward.cursors import Cursor
from app.sync.inward.inbound import Report
from app.sync.mapping import ObjectMapping

#: Queries, or later pages of some, in one call.
PER_CALL = 5


@dataclass(slots=True)
class Poll:
    """One object's running poll. `expected`: the offset at which its next page must start."""

    mapping: ObjectMapping
    cursor: Cursor
    until: datetime | None = None
    server_at: datetime | None = None
    expected: int = 0
    waiting: list[str] = field(default_factory=list)
    report: Report = field(default_factory=Report)
    error: SalesforceError | None = None
    probed: bool = False
    done: bool = False


#: What a call asks for, page by page, and its answers to come.
Asked = tuple[list[tuple[Poll, str]], "Future[list[QueryPage | SalesforceError]]"]


def read_to_the_end(first: Sequence[tuple[Poll, QueryPage]], ahead: Asked | None) -> dict[str, set[str]]:
    """The objects whose pages have all come with one or two calls, and the ids of their records."""
    pages = {id(poll): [page] for poll, page in first if poll.until is None and not poll.waiting}
    if ahead is not None:
        taken, future = ahead
        answers = [] if future.exception() else future.result()
        for (poll, _), page in zip(taken, answers, strict=False):
            if isinstance(page, QueryPage) and id(poll) in pages:
                pages[id(poll)].append(page)
    found = {}
    for poll, page in first:
        read = pages.get(id(poll))
        if read and read[-1].next_url is None and sum(len(p.records) for p in read) == page.total_size:
            found[poll.mapping.sobject] = {record["Id"] for p in read for record in p.records}
    return found


def joined(
    taken: Sequence[tuple[Poll, str]], pages: Sequence[QueryPage | SalesforceError]
) -> list[tuple[int, Poll, QueryPage | SalesforceError]]:
    """The answers with their polls; neighbouring pages of one poll as one page, at the place of the last."""
    found: list[tuple[int, Poll, QueryPage | SalesforceError]] = []
    reached: dict[str, int] = {}
    for place, ((poll, url), page) in enumerate(zip(taken, pages, strict=True)):
        if poll.done or poll.error is not None:
            continue
        if isinstance(page, QueryPage):
            expected = reached.get(poll.mapping.sobject, poll.expected)
            if queries.offset(url) not in (None, expected):
                continue  # an earlier page was shorter than the first: ask for the gap
            reached[poll.mapping.sobject] = expected + len(page.records)
            if found and found[-1][1] is poll and isinstance(before := found[-1][2], QueryPage):
                found.pop()
                page = replace(page, records=[*before.records, *page.records])
        found.append((place, poll, page))
    return found


def ask(engine: Engine, pool: ThreadPoolExecutor, group: list[Poll]) -> Asked | None:
    """Ask for the next pages that wait, five at most; None when none does. The call runs in the pool."""
    taken: list[tuple[Poll, str]] = []
    for poll in group:
        while poll.waiting and len(taken) < PER_CALL:
            taken.append((poll, poll.waiting.pop(0)))
    if not taken:
        return None
    asked = [SoqlQuery(next_url=url) for _, url in taken]
    return taken, pool.submit(engine.gateway.composite_queries, asked)


def coming(poll: Poll, answered: Sequence[tuple[Poll, str]], ahead: Asked | None) -> int | None:
    """The offset of the poll's next page, if it is here already, asked for, or about to be."""
    line = [*answered, *(ahead[0] if ahead else ()), *((poll, url) for url in poll.waiting)]
    return next((queries.offset(url) for other, url in line if other is poll), None)

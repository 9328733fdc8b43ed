"""REST: query, queryAll, further pages, and the search resources."""

from __future__ import annotations

import re
from typing import Any

import orjson

from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Request, Response, Route
from app.sandbox.soql import search as sosl
from app.sandbox.soql.locators import (
    Locator,
    child_pages,
    invalid_locator,
    locators,
    next_url,
    open_locator,
)
from app.sandbox.soql.metadata import column_metadata
from app.sandbox.soql.positions import malformed
from app.sandbox.soql.run import PAGE, Execution

_LOCATOR = re.compile(r"(01g\w{12}(?:\w{3})?)-(\d+)\Z")
_BATCH = re.compile(r"batchSize\s*=\s*(\d+)", re.IGNORECASE)


def batch_size(ctx: Context) -> int:
    """`Sforce-Query-Options: batchSize=N`, between 200 and 2000; 2000 where nothing is said."""
    match = _BATCH.search(ctx.headers.get("sforce-query-options", ""))
    return min(max(int(match[1]), 200), PAGE) if match else PAGE


def run_query(ctx: Context, text: str, *, all_rows: bool = False, columns: bool = False) -> Response:
    """The answer of the query resource: a QueryResult, its first page."""
    ctx.org.faults.query(text)
    execution = Execution(ctx, text, all_rows=all_rows)
    plan = execution.plan
    if plan.query.all_rows:
        place = text.upper().rindex("ALL")
        raise malformed(text, place, "ALL ROWS not allowed in this context")
    connection = ctx.org.store.read()
    extra = column_metadata(plan) if columns else {}
    if plan.kind == "count":
        total = execution.count(connection)
        return Response.of(extra | {"totalSize": total, "done": True, "records": []})
    size = ctx.org.faults.page_size(batch_size(ctx), text)
    cursor = execution.rows(connection)
    rows = cursor.fetchmany(size + 1)
    cursor.close()
    if len(rows) <= size:
        found = execution.records(connection, rows, child_pages(ctx, size))
        execution.mark_viewed()
        return Response.of(extra | {"totalSize": len(found), "done": True, "records": found})
    if plan.kind == "groups":
        raise ApiError(
            "EXCEEDED_ID_LIMIT",
            "Aggregate query does not support queryMore(), "
            "use LIMIT to restrict the results to a single batch",
        )
    locator_id, locator = open_locator(ctx, execution, batch_size(ctx))
    execution.mark_viewed()
    return _page(ctx, locator_id, locator, 0, size, extra)


def _page(
    ctx: Context, locator_id: str, locator: Locator, offset: int, size: int, extra: dict[str, Any]
) -> Response:
    found = locator.slice(offset, size)
    end = offset + len(found)
    done = end >= locator.total
    head: dict[str, Any] = extra | {"totalSize": locator.total, "done": done}
    if not done:
        head["nextRecordsUrl"] = next_url(ctx.version, locator_id, end)
    start = orjson.dumps(head)[:-1]
    return Response(200, b"".join((start, b',"records":[', b",".join(found), b"]}")))


def _text(request: Request) -> str:
    if request.parameter("explain") is not None:
        raise ApiError("FUNCTIONALITY_NOT_ENABLED", "This org does not explain query plans.")
    text = request.parameter("q")
    if text is None:
        raise ApiError("MALFORMED_QUERY", "A query string has to be specified")
    return text


def _columns(request: Request) -> bool:
    return (request.parameter("columns") or "").lower() == "true"


def query(ctx: Context, request: Request, version: str) -> Response:
    """GET /query?q=…"""
    return run_query(ctx, _text(request), columns=_columns(request))


def query_all(ctx: Context, request: Request, version: str) -> Response:
    """GET /queryAll?q=…: deleted and merged records too, while they are in the recycle bin."""
    return run_query(ctx, _text(request), all_rows=True, columns=_columns(request))


def more(ctx: Context, request: Request, version: str, locator: str) -> Response:
    """GET /query/01g…-2000: the records from that place on."""
    match = _LOCATOR.match(locator)
    if match is None:
        raise invalid_locator()
    if ctx.org.faults.match("locator_expired"):
        raise invalid_locator()
    found = locators(ctx.org).get(match[1], ctx.user_id)
    offset = int(match[2])
    if offset >= found.total:
        raise invalid_locator()
    return _page(ctx, match[1], found, offset, ctx.org.faults.page_size(found.size, found.query), {})


def search(ctx: Context, request: Request, version: str) -> Response:
    """GET /search?q=FIND {…} …"""
    text = request.parameter("q")
    if not text:
        raise sosl.malformed("A search string has to be specified")
    return Response.of({"searchRecords": sosl.search(ctx, text)})


def parameterized_search(ctx: Context, request: Request, version: str) -> Response:
    """GET /parameterizedSearch?q=words&sobject=Account&Account.fields=Id,Name&in=NAME&overallLimit=n"""
    names = [name for key, found in request.query.items() if key.lower() == "sobject" for name in found]
    if not names:
        raise sosl.malformed(
            "Name at least one sobject: searches of all objects are not supported by this org"
        )
    wanted = [
        sosl.wanted(ctx, name, request.parameter(f"{name}.fields") or request.parameter("fields") or "Id")
        for name in names
    ]
    group = (request.parameter("in") or "ALL").upper()
    limit = request.parameter("overallLimit") or str(sosl.MOST)
    if group not in ("ALL", "NAME", "EMAIL", "PHONE") or not limit.isdigit():
        raise sosl.malformed("in is ALL, NAME, EMAIL or PHONE, and overallLimit a number")
    found = sosl.find(ctx, request.parameter("q") or "", group, wanted, int(limit))
    return Response.of({"searchRecords": found})


ROUTES = [
    Route("GET", "/services/data/<version>/query", query),
    Route("GET", "/services/data/<version>/queryAll", query_all),
    Route("GET", "/services/data/<version>/query/<locator>", more),
    Route("GET", "/services/data/<version>/queryAll/<locator>", more),
    Route("GET", "/services/data/<version>/search", search),
    Route("GET", "/services/data/<version>/parameterizedSearch", parameterized_search),
]

"""Lists as CSV files: safe to open in a spreadsheet, made page by page, and written into the audit trail.

    @deals.get("/export")
    @export("partner", "staff", tags=("Deals",))
    def export_deals(query: ExportQuery) -> Table: ...

A partner exports its own rows. The company's people need the right `data.export`: whoever takes a whole list
along takes it out of reach of everything that protects it here.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import wraps
from io import TextIOWrapper
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Literal, get_type_hints

from flask import Response, g, request
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Result
from werkzeug.wsgi import wrap_file

from app.audit import record
from app.kernel.actor import Scope
from app.kernel.errors import BadInput, NotAllowed
from app.web.language import tongue
from app.web.operation import Answers, Security, actor, api, caller, services
from app.words import ENGLISH, Tongue, say

#: The right that the company's people need.
RIGHT = "data.export"
#: Larger lists are narrowed first.
MOST_ROWS = 250_000
#: Rows taken from the database at once.
PAGE = 1_000
#: Larger files lie on disk while they are made.
IN_MEMORY = 1_000_000

#: What makes a spreadsheet compute a text; some look past spaces, and some read the wide forms as well.
_FORMULA = re.compile(r"\s*[=+\-@|%＝＋－＠]|[\t\r\n\0]")
_NUMBER = re.compile(r"[+-]?\d+([.,]\d+)?")


class CsvOptions(BaseModel):
    """How the file is written. bom: a mark at its beginning, without which Excel reads no UTF-8."""

    model_config = ConfigDict(extra="forbid")

    bom: bool = False
    separator: Literal[",", ";"] = ","


@dataclass(frozen=True, slots=True)
class Table:
    """What to export. name: of the list, in the file's name and the audit trail; rows: one value a column;
    filters: what narrowed the list, for the audit trail."""

    name: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    filters: Mapping[str, Any] = field(default_factory=dict)


def cell(value: Any) -> Any:
    """A value as a spreadsheet may read it: text never becomes a formula, and a number stays a number.

    Amounts are written as they are, also negative ones; times as ISO 8601 in UTC.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list | tuple):
        return cell("; ".join(map(str, value)))
    text = str(value)
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


def write(table: Table, into: IO[str], separator: str = ",", tongue: Tongue = ENGLISH) -> int:
    """Write heading and rows, as the reader has them; how many rows. Raises BadInput for more than fit."""
    # Everything is quoted: a reader that expects another separator finds none inside a value.
    lines = csv.writer(into, delimiter=separator, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerow(table.columns)
    written = 0
    for row in table.rows:
        if written == MOST_ROWS:
            raise BadInput(
                say("There are more than {most} rows.", most=MOST_ROWS),
                remedy=say("Narrow the list, then export again."),
            )
        lines.writerow(cell(tongue.says(one) if isinstance(one, str) else one) for one in row)
        written += 1
    return written


def export(
    *scopes: Scope, right: str | None = None, tags: tuple[str, ...] = ()
) -> Callable[[Callable[..., Table]], Callable[..., Any]]:
    """A route that answers with a CSV file. `query`, if the view takes one, is a kind of CsvOptions.

    right: what its caller needs beside the right to export.
    """

    def declare(view: Callable[..., Table]) -> Callable[..., Any]:
        model: type[CsvOptions] = get_type_hints(view).get("query", CsvOptions)
        documented = api.validate(
            query=model,
            resp=Answers(200, None, media_type="text/csv"),
            tags=list(tags),
            security={"bearer": []},
        )(view)

        # spectree would read the whole file into memory, so only its description is used.
        @wraps(documented)
        def as_a_file(*args: Any, **kwargs: Any) -> Response:
            query = model.model_validate(request.args.to_dict())
            for needed in (right, RIGHT if actor().scope == "staff" else None):
                if needed is not None and needed not in caller().rights:
                    raise NotAllowed(
                        say("You lack the right for this."),
                        remedy=say('An administrator can grant "{needed}" to you.', needed=needed),
                    )
            if "query" in get_type_hints(view):
                kwargs["query"] = query
            return _answer(lambda: view(*args, **kwargs), query)

        as_a_file.__security__ = Security(scopes, right, export=True)  # type: ignore[attr-defined]
        return as_a_file

    return declare


def _answer(make: Callable[[], Table], query: CsvOptions) -> Response:
    file = SpooledTemporaryFile(IN_MEMORY)  # noqa: SIM115  # it is closed when it has been sent
    try:
        with services().database.session(actor()) as g.session, ExitStack() as held:
            table = make()
            if isinstance(table.rows, Result):
                held.enter_context(closing(table.rows))
            text = TextIOWrapper(file, "utf-8-sig" if query.bom else "utf-8", newline="")
            rows = write(table, text, query.separator, tongue())
            text.detach()
            _audit(table, rows)
    except BaseException:
        file.close()
        raise
    size = file.tell()
    file.seek(0)
    name = f"{table.name}-{datetime.now(UTC):%Y-%m-%d}.csv"
    answer = Response(
        wrap_file(request.environ, file),
        mimetype="text/csv",
        headers={"Content-Disposition": f'attachment; filename="{name}"', "Content-Length": str(size)},
        direct_passthrough=True,
    )
    answer.call_on_close(file.close)
    return answer


def _audit(table: Table, rows: int) -> None:
    narrowed = {name: value for name, value in table.filters.items() if value not in (None, "", [])}
    record(
        g.session,
        actor(),
        f"{table.name}.export",
        subject=("export", table.name),
        after={"rows": rows, "filter": narrowed, "columns": list(table.columns)},
    )

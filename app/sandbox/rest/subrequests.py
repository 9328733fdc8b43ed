"""The subrequests of composite and graph calls: in order, with references, together or one by one."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from app.sandbox.context import Context
from app.sandbox.errors import ApiError
from app.sandbox.http import Response, dispatch, error_response
from app.sandbox.rest.bodies import only
from app.sandbox.rest.references import reference_names, resolve, resolve_url

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
#: these belong to the call as a whole
OUTER_HEADERS = frozenset({"accept", "authorization", "content-type"})
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_]*\Z")
_ROLLED_BACK = ApiError(
    "PROCESSING_HALTED",
    "The transaction was rolled back since another operation in the same transaction failed.",
)


@dataclass(slots=True)
class Subrequest:
    """One step of a composite call."""

    reference_id: str
    method: str
    url: str
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)

    @property
    def path(self) -> str:
        """The address below the version, lower case, without its query: `sobjects/account/001…`."""
        path = self.url.partition("?")[0].lower()
        return re.sub(r"^/services/data/v\d+\.\d/?", "", path).strip("/")

    @property
    def writes_collection(self) -> bool:
        """Whether it changes several records at once."""
        return self.method != "GET" and (self.path + "/").startswith("composite/sobjects/")

    def depends_on(self) -> set[str]:
        """The reference ids that this step uses."""
        return reference_names([self.url, self.body, self.headers])


def parse_subrequests(listed: Any, *, member: str = "compositeRequest") -> list[Subrequest]:
    """The steps that a request body lists. Raises ApiError when the call as a whole is malformed."""
    if not isinstance(listed, list) or not listed:
        raise ApiError("INVALID_REQUEST", f"The request body must contain a non-empty {member} array.")
    seen: set[str] = set()
    steps = []
    for item in listed:
        step = _parse(item)
        if step.reference_id in seen:
            raise ApiError(
                "INVALID_REQUEST", f"Duplicate referenceId '{step.reference_id}' in the composite request."
            )
        seen.add(step.reference_id)
        steps.append(step)
    return steps


def _parse(item: Any) -> Subrequest:
    only(item, "body", "httpHeaders", "method", "referenceId", "url")
    for name in ("method", "referenceId", "url"):
        if not isinstance(item.get(name), str) or not item[name]:
            raise ApiError("REQUIRED_FIELD_MISSING", f"Required field missing in a subrequest: {name}")
    name = item["referenceId"]
    if not _NAME.match(name):
        raise ApiError(
            "INVALID_REQUEST",
            f"Provided referenceId ('{name}') must start with a letter or a number, "
            "and it can contain only letters, numbers and underscores ('_').",
        )
    if item["method"] not in METHODS:
        raise ApiError("INVALID_REQUEST", f"Invalid HTTP method '{item['method']}' in subrequest '{name}'.")
    headers = item.get("httpHeaders") or {}
    if not isinstance(headers, dict):
        raise ApiError("JSON_PARSER_ERROR", f"httpHeaders of subrequest '{name}' must be a JSON object.")
    for header in headers:
        if header.lower() in OUTER_HEADERS:
            raise ApiError("INVALID_REQUEST", f"The {header} header isn't allowed in subrequest '{name}'.")
    return Subrequest(name, item["method"], item["url"], item.get("body"), headers)


class _RollBack(Exception):
    """Leaves a savepoint so that it is undone."""


def execute(
    ctx: Context, steps: Sequence[Subrequest], *, all_or_none: bool
) -> tuple[list[dict[str, Any]], bool]:
    """Run the steps in order: their `compositeResponse` entries, and whether all succeeded.

    all_or_none: one failure undoes everything, and every other step answers PROCESSING_HALTED.
    """
    answers: list[Response] = []
    try:
        if all_or_none and any(step.method != "GET" for step in steps):
            with ctx.org.store.write() as tx, tx.savepoint():
                _run(ctx, steps, answers, halt=True)
        else:
            _run(ctx, steps, answers, halt=all_or_none)
    except _RollBack:
        culprit = len(answers) - 1
        halted = error_response(_ROLLED_BACK)
        answers = [answers[n] if n == culprit else halted for n in range(len(steps))]
    return (
        [_entry(step, answer) for step, answer in zip(steps, answers, strict=True)],
        all(answer.status < 400 for answer in answers),
    )


def _run(ctx: Context, steps: Sequence[Subrequest], answers: list[Response], *, halt: bool) -> None:
    wanted: set[str] = set().union(*(step.depends_on() for step in steps))
    bodies: dict[str, Any] = {}
    for step in steps:
        answer = _answer(ctx, step, bodies, all_or_none=halt)
        answers.append(answer)
        if halt and _failed(step, answer):
            raise _RollBack
        if answer.status < 400 and step.reference_id in wanted:
            content = answer.content()
            bodies[step.reference_id] = orjson.loads(content) if content else None


def _failed(step: Subrequest, answer: Response) -> bool:
    """Whether the step failed; a collection has failed when one of its records has."""
    if answer.status >= 400:
        return True
    if not step.writes_collection:
        return False
    items = orjson.loads(answer.content())
    return any(isinstance(item, dict) and item.get("success") is False for item in items)


def _answer(ctx: Context, step: Subrequest, bodies: dict[str, Any], *, all_or_none: bool) -> Response:
    try:
        url = resolve_url(step.url, bodies)
        headers = {name.lower(): str(value) for name, value in resolve(step.headers, bodies).items()}
        content = resolve(step.body, bodies)
    except ApiError as missing:
        return error_response(missing)
    if all_or_none and step.writes_collection:
        # the outer flag overrides the collection's own
        if step.method == "DELETE":
            url = re.sub(r"([?&])allOrNone=[^&]*", r"\1", url, flags=re.IGNORECASE) + "&allOrNone=true"
        elif isinstance(content, dict):
            content = content | {"allOrNone": True}
    body = b"" if content is None else orjson.dumps(content)
    if "sforce-call-options" not in headers and "sforce-call-options" in ctx.headers:
        headers["sforce-call-options"] = ctx.headers["sforce-call-options"]
    return dispatch(ctx.org, step.method, url, headers, body, ctx=ctx)


def _entry(step: Subrequest, answer: Response) -> dict[str, Any]:
    content = answer.content()
    return {
        "body": orjson.Fragment(content) if content else None,
        "httpHeaders": answer.headers,
        "httpStatusCode": answer.status,
        "referenceId": step.reference_id,
    }

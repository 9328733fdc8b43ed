"""How a route is declared: who may call it, what goes in and out, one transaction a call.

    @deals.post("/api/deals")
    @operation("partner", "staff", answer=DealOut, status=201, tags=("Deals",))
    def register(json: DealIn) -> DealOut: ...

A route without `operation` or `public` is never served, and a test finds it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, get_type_hints

from flask import Response as FlaskResponse
from flask import current_app, g, request
from psycopg.errors import DeadlockDetected, SerializationFailure
from pydantic import BaseModel
from spectree import Response, SecurityScheme, SpecTree
from spectree.models import SecureType, SecuritySchemeData
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.config import Settings
from app.db import Database
from app.kernel.actor import Actor, Scope
from app.kernel.errors import NotAllowed, TandemError
from app.queues import Queues
from app.web import idempotency
from app.web.identity import Person
from app.web.language import tongue
from app.web.problems import bad_input
from app.web.rate import Rates
from app.words import say

#: What PostgreSQL ends one of two transactions with, so that the other can go on; all of it was undone.
_COLLISIONS = (DeadlockDetected, SerializationFailure)
#: How often a call is begun.
_ATTEMPTS = 3

View = TypeVar("View", bound=Callable[..., Any])


@dataclass
class Services:
    """What an app rests on."""

    settings: Settings
    database: Database
    queues: Queues
    rates: Rates


@dataclass(frozen=True, slots=True)
class Security:
    """Who may call a route: nobody in particular (no scopes), or holders of a token of one of them."""

    scopes: tuple[Scope, ...] = ()
    right: str | None = None
    #: it hands out a whole list, for which the company's people need a right as well
    export: bool = False
    #: it takes a file of at most so many bytes, instead of JSON
    upload: int | None = None


class Problem(BaseModel):
    """An error (RFC 9457). `fields` maps the name of a field to what is wrong with it."""

    type: str
    title: str
    status: int
    detail: str
    code: str
    request_id: str
    fields: dict[str, str] | None = None


#: The body of a route that takes a file: the file itself, or the part `file` of a form.
FILE_BODY: dict[str, Any] = {
    "required": True,
    "content": {
        "application/octet-stream": {"schema": {"type": "string", "format": "binary"}},
        "multipart/form-data": {
            "schema": {
                "type": "object",
                "properties": {"file": {"type": "string", "format": "binary"}},
                "required": ["file"],
            }
        },
    },
}
#: What any route may answer beside what it is for.
PROBLEMS = (400, 401, 403, 404, 409, 413, 415, 429, 503)


class Answers(Response):
    """What a route answers: a model or a file, or a problem; each under the media type it really has."""

    def __init__(
        self, status: int, model: type[BaseModel] | None, media_type: str = "application/json"
    ) -> None:
        self.status, self.media_type = str(status), media_type
        problems = {f"HTTP_{code}": Problem for code in PROBLEMS}
        if model is None:
            super().__init__(f"HTTP_{status}", **problems)
        else:
            super().__init__(**{f"HTTP_{status}": model}, **problems)

    def generate_spec(self, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """The description of each answer, by status."""
        described: dict[str, Any] = super().generate_spec(*args, **kwargs)
        for status, answer in described.items():
            content = answer.pop("content", {})
            if status == self.status:
                schema = content.get("application/json", {"schema": {"type": "string"}})
                answer["content"] = {self.media_type: schema}
            else:
                answer["content"] = {"application/problem+json": content["application/json"]}
        return described


def _before(_request: Any, _response: Any, error: Any, *_: Any) -> None:
    if error is not None:
        raise bad_input(error.errors())


def _after(_request: Any, _response: Any, error: Any, *_: Any) -> None:
    if error is not None:
        places = [".".join(map(str, one["loc"])) for one in error.errors()]
        raise TandemError(
            "The answer could not be put together.", where=request.path, facts={"fields": places}
        )


_models: dict[str, type[BaseModel]] = {}


def _named(model: type[BaseModel]) -> str:
    """A model's name in the description; with its room where another room has one of that name."""
    name = model.__name__
    if _models.setdefault(name, model) is model:
        return name
    return f"{model.__module__.split('.')[1]}.{name}"


api = SpecTree(
    "flask",
    title="Tandem",
    version="1",
    description=(
        "Deal registrations of partners, and what becomes of them in the CRM. Sentences come in the language "
        "that the call accepts (Accept-Language: en, de, es or ja), else in that of its user in the CRM."
    ),
    mode="strict",
    path="apidoc",
    page_templates={},
    annotations=False,
    naming_strategy=_named,
    # Two rooms may use one word for different things, such as an event: each is described where it stands.
    nested_naming_strategy=lambda parent, child: f"{parent}.{child}",
    before=_before,
    after=_after,
    validation_error_status=400,
    validation_error_model=Problem,
    security_schemes=[
        SecurityScheme(name="bearer", data=SecuritySchemeData(type=SecureType.HTTP, scheme="bearer"))
    ],
)


def services() -> Services:
    """The present app's database, queues and settings."""
    found: Services = current_app.extensions["tandem"]
    return found


def caller() -> Person:
    """Who calls. Only inside a route with scopes."""
    found: Person = g.person
    return found


def actor() -> Actor:
    """In whose name this call acts."""
    return caller().actor


def session() -> Session:
    """The call's transaction: committed when the route returns, rolled back when it raises."""
    found: Session = g.session
    return found


def after_commit(action: Callable[[], Any]) -> None:
    """Do this once the call's transaction has been committed."""
    g.after_commit.append(action)


def public(view: View) -> View:
    """A route that needs no token."""
    view.__security__ = Security()  # type: ignore[attr-defined]
    return view


def _answered(view: Callable[[], BaseModel], status: int, *, attempts: int) -> FlaskResponse:
    """What the view answers, in one transaction; anew where that and another one waited for each other."""
    for attempt in range(1, attempts + 1):
        g.after_commit = []
        try:
            with services().database.session(actor()) as g.session:
                key = idempotency.begin(g.session, actor())
                if key is not None and key.answer is not None:
                    return key.answer
                body = view().model_dump_json(context={"tongue": tongue()}).encode()
                if key is not None:
                    idempotency.keep(g.session, key, status, body)
            break
        except OperationalError as error:
            if attempt == attempts or not isinstance(error.orig, _COLLISIONS):
                raise
    for action in g.after_commit:
        action()
    return FlaskResponse(body, status=status, mimetype="application/json")


def operation(
    *scopes: Scope,
    answer: type[BaseModel],
    status: int = 200,
    right: str | None = None,
    upload: int | None = None,
    tags: tuple[str, ...] = (),
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """A route for holders of a token of one of those scopes, and with that right.

    The view takes what it needs by name, `json` and `query` as pydantic models, and returns a model.
    upload: the most bytes of a file that it takes instead of JSON; see `files.received`.
    """

    def declare(view: Callable[..., Any]) -> Callable[..., Any]:
        hints = get_type_hints(view)
        models = {name: hints[name] for name in ("json", "query") if name in hints}

        @wraps(view)
        def in_a_transaction(*args: Any, **kwargs: Any) -> Any:
            checked = getattr(request, "context", None)
            kwargs |= {name: getattr(checked, name) for name in models}
            if right is not None and right not in caller().rights:
                raise NotAllowed(
                    say("You lack the right for this."),
                    remedy=say('An administrator can grant "{right}" to you.', right=right),
                )
            once = upload is not None  # the file has been read
            return _answered(lambda: view(*args, **kwargs), status, attempts=1 if once else _ATTEMPTS)

        documented: Callable[..., Any] = api.validate(
            **models,
            resp=Answers(status, answer),
            tags=list(tags),
            security={"bearer": []},
        )(in_a_transaction)
        if upload is not None:
            # spectree knows bodies of JSON and of fields only.
            vars(api.get_function_metadata(documented))["parse_request"] = lambda: FILE_BODY
        documented.__security__ = Security(scopes, right, upload=upload)  # type: ignore[attr-defined]
        return documented

    return declare

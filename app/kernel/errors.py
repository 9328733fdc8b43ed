"""The one error table. Every error says what happened, where, and what to do next.

Sorted by what the catcher can do:

    TandemError
    ├── BadInput          400  the sender mends the request
    ├── NotAuthenticated  401  the sender signs in
    ├── NotAllowed        403  the sender asks somebody for a permission
    ├── NotFound          404  nothing there, or nothing the reader may see
    ├── Conflict          409  the state of the record forbids it now
    ├── TooMany           429  the sender waits, then goes on more slowly
    ├── Misconfigured     500  an admin mends a setting, a mapping or the machine
    └── Unavailable       503  try again later; nothing was lost
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from app.words import say


class TandemError(Exception):
    """An error that a person reads.

    what: one sentence, without blame or internals. What a reader of the pages can meet is made by `say`.
    where: the file, field, record or address it concerns; empty where there is only one place.
    remedy: one sentence that says what to do next.
    facts: values a program may read (become members of the problem+json document).
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    title: ClassVar[str] = say("Something went wrong")

    def __init__(
        self,
        what: str,
        *,
        where: str = "",
        remedy: str = "",
        code: str | None = None,
        facts: Mapping[str, Any] | None = None,
    ) -> None:
        self.what = what
        self.where = where
        self.remedy = remedy
        self.error_code = code or self.code
        self.facts: dict[str, Any] = dict(facts or {})
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """The whole message on one line: `where: what remedy`."""
        start = f"{self.where}: {self.what}" if self.where else self.what
        return f"{start} {self.remedy}".strip()


class BadInput(TandemError):
    """The request or the file is wrong. `fields` maps a field's name to its sentence."""

    code = "bad_input"
    status = 400
    title: ClassVar[str] = say("Please check what you entered")

    def __init__(self, what: str, *, fields: Mapping[str, str] | None = None, **rest: Any) -> None:
        self.fields = dict(fields or {})
        super().__init__(what, **rest)


class NotAuthenticated(TandemError):
    """Nobody is signed in, or the sign-in has ended."""

    code = "not_authenticated"
    status = 401
    title: ClassVar[str] = say("Please sign in")


class NotAllowed(TandemError):
    """The reader is known and lacks a permission. Never used where it would reveal a record."""

    code = "not_allowed"
    status = 403
    title: ClassVar[str] = say("You may not do this")


class NotFound(TandemError):
    """Nothing there, or nothing that this reader may see: the two are told apart nowhere."""

    code = "not_found"
    status = 404
    title: ClassVar[str] = say("Not found")


class Conflict(TandemError):
    """The record's state forbids the action now. `facts["allowed"]` lists what is possible."""

    code = "conflict"
    status = 409
    title: ClassVar[str] = say("This is not possible now")


class TooMany(TandemError):
    """More calls than are allowed. `facts["retry_after"]` is how many seconds to wait."""

    code = "too_many_calls"
    status = 429
    title: ClassVar[str] = say("Too many calls")


class Misconfigured(TandemError):
    """A setting, a mapping, a certificate or the machine is wrong; an admin mends it."""

    code = "misconfigured"
    status = 500
    title: ClassVar[str] = say("Tandem is not set up for this")


class Unavailable(TandemError):
    """Something Tandem needs does not answer now. Nothing was lost; try again later."""

    code = "unavailable"
    status = 503
    title: ClassVar[str] = say("Not available right now")

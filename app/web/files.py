"""Files that come in and go out.

@attachments.post("")
@operation("partner", "staff", answer=AttachmentOut, status=201, upload=25_000_000)
def attach(query: AttachQuery) -> AttachmentOut: ... received(query.name) ...

@attachments.get("/<uuid:attachment_id>")
@download("partner", "staff")
def fetch(attachment_id: UUID) -> File: ...
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any
from urllib.parse import quote

from flask import Response, g, request

from app.kernel.actor import Scope
from app.kernel.errors import BadInput
from app.web.operation import Answers, Security, actor, api, services
from app.words import say

#: The part of a form that holds the file.
PART = "file"


@dataclass(frozen=True, slots=True)
class File:
    """A file with its name and content; media_type is ours, never the sender's."""

    name: str
    content: bytes
    media_type: str = "application/octet-stream"


def received(name: str = "") -> File:
    """The file of this call: the body itself, named by `name`, or the part `file` of a form.

    Raises BadInput where there is none.
    """
    if request.mimetype == "multipart/form-data":
        parts = request.files.getlist(PART)
        if len(parts) != 1:
            raise BadInput(
                say("Exactly one file is needed."),
                fields={PART: say("Send one part with the name {part}.", part=PART)},
            )
        return File(name or parts[0].filename or "", parts[0].read())
    content = request.get_data()
    if not content:
        raise BadInput(
            say("There is no file."), fields={PART: say("Send the file as the body of the request.")}
        )
    return File(name, content)


def download(
    *scopes: Scope, tags: tuple[str, ...] = ()
) -> Callable[[Callable[..., File]], Callable[..., Any]]:
    """A route that answers with a file: always to be saved, never shown by the browser itself."""

    def declare(view: Callable[..., File]) -> Callable[..., Any]:
        documented = api.validate(
            resp=Answers(200, None, media_type="*/*"),
            tags=list(tags),
            security={"bearer": []},
        )(view)

        # spectree looks into what it answers, so only its description is used.
        @wraps(documented)
        def as_a_file(*args: Any, **kwargs: Any) -> Response:
            with services().database.session(actor()) as g.session:
                file = view(*args, **kwargs)
            return Response(
                file.content,
                mimetype=file.media_type,
                headers={"Content-Disposition": disposition(file.name)},
            )

        as_a_file.__security__ = Security(scopes)  # type: ignore[attr-defined]
        return as_a_file

    return declare


def disposition(name: str) -> str:
    """`attachment` with the name, in plain letters for old readers and in full for others (RFC 6266)."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = "".join(sign for sign in plain if sign.isprintable() and sign not in '"\\') or "file"
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"

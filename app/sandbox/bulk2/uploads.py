"""How the data of a job comes in: one body spooled to disk, or a part of a multipart request."""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from app.sandbox.errors import ApiError
from app.sandbox.http import Request

#: where a real org says no
MAX_UPLOAD = 150 * 1024 * 1024
_PIECE = 1 << 18


def parts(request: Request) -> tuple[bytes, bytes]:
    """The job description and the data of a multipart request."""
    boundary = re.search(r'boundary="?([^";]+)"?', request.headers["content-type"], re.IGNORECASE)
    found: dict[str, bytes] = {}
    if boundary:
        for part in request.body.split(b"--" + boundary.group(1).encode())[1:-1]:
            head, _, content = part.lstrip(b"\r\n").partition(b"\r\n\r\n")
            name = re.search(rb'name="?([^";\r\n]+)"?', head)
            if name:
                found[name.group(1).decode()] = content[:-2] if content.endswith(b"\r\n") else content
    if "job" not in found or "content" not in found:
        raise ApiError("INVALIDJOB", "A multipart request must have the parts 'job' and 'content'.")
    return found["job"], found["content"]


def spool(request: Request, target: Path) -> None:
    """Write the body to `target`, in bounded memory. Raises ApiError when it is too large or not gzip."""
    size = 0
    part = target.with_suffix(".part")
    with part.open("wb") as out:
        for piece in _decoded(request.stream, request.headers.get("content-encoding", "").lower()):
            size += len(piece)
            if size > MAX_UPLOAD:
                part.unlink()
                raise ApiError(
                    "CLIENTINPUTERROR", "The uploaded data is larger than the maximum of 150 MB.", status=413
                )
            out.write(piece)
    part.replace(target)


def _decoded(source: BinaryIO, encoding: str) -> Iterator[bytes]:
    if encoding != "gzip":
        while piece := source.read(_PIECE):
            yield piece
        return
    unzip = zlib.decompressobj(31)
    try:
        while piece := source.read(_PIECE):
            # never more than a piece at a time, however well it was packed
            while out := unzip.decompress(piece, _PIECE):
                yield out
                piece = unzip.unconsumed_tail
        yield unzip.flush()
    except zlib.error as broken:
        raise ApiError("CLIENTINPUTERROR", f"The uploaded data is not valid gzip: {broken}") from broken

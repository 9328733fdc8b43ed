"""Whether a file is clean. What comes with Tandem finds known patterns; a virus scanner can stand beside it.

A scanner takes name and content, and gives a sentence where it found something, empty where it did not. It
raises Unavailable when it cannot say: then the file stays in quarantine and is tried again.
"""

from __future__ import annotations

import socket
import struct
import zipfile
from collections.abc import Callable
from io import BytesIO

from app.kernel.errors import Unavailable
from app.words import say

Scanner = Callable[[str, bytes], str]

#: What every virus scanner finds, made to test them. In two pieces, or this file would be one.
EICAR = b"X5O!P%@AP[4\\PZX54(P^)7CC)7}" + b"$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"
#: What makes a PDF run something or carry other files.
_ACTIVE_PDF = (b"/JavaScript", b"/Launch", b"/EmbeddedFile", b"/RichMedia")
#: An archive that would become larger than this, or that grows so many times, is a bomb.
MOST_UNPACKED = 200_000_000
MOST_GROWTH = 200
PIECE = 1_000_000
SECONDS = 30


def patterns(_name: str, content: bytes) -> str:
    """The scanner that comes with Tandem: a test virus, active PDFs, archives that burst."""
    if EICAR in content:
        return say("It is the test file of virus scanners.")
    if content.startswith(b"%PDF-") and any(sign in content for sign in _ACTIVE_PDF):
        return say("The PDF runs a program or carries other files.")
    if content.startswith(b"PK"):
        return _archive(content)
    return ""


def _archive(content: bytes) -> str:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            parts = archive.infolist()
            unpacked = sum(part.file_size for part in parts)
            if unpacked > MOST_UNPACKED or unpacked > MOST_GROWTH * len(content):
                return say("It would become far too large when it is opened.")
            for part in parts:
                with archive.open(part) as opened:
                    if EICAR in opened.read(MOST_UNPACKED):
                        return say("It holds the test file of virus scanners.")
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError, ValueError):
        return say("It cannot be opened, or it is encrypted.")
    return ""


def clamd(host: str, port: int) -> Scanner:
    """A ClamAV daemon beside the patterns that come with Tandem."""

    def scan(name: str, content: bytes) -> str:
        found = patterns(name, content)
        return found or _verdict(_ask(host, port, content), f"{host}:{port}")

    return scan


def scanner_at(address: str | None) -> Scanner:
    """The scanner at `host:port`; without an address, what comes with Tandem."""
    if address is None:
        return patterns
    host, _, port = address.rpartition(":")
    return clamd(host, int(port))


def _ask(host: str, port: int, content: bytes) -> str:
    try:
        with socket.create_connection((host, port), timeout=SECONDS) as line:
            line.sendall(b"zINSTREAM\0")
            for start in range(0, len(content), PIECE):
                piece = content[start : start + PIECE]
                line.sendall(struct.pack("!I", len(piece)) + piece)
            line.sendall(struct.pack("!I", 0))
            answer = b""
            while not answer.endswith(b"\0") and (piece := line.recv(4096)):
                answer += piece
    except OSError as error:
        raise Unavailable(
            f"The virus scanner does not answer ({error.strerror or 'timeout'}).", where=f"{host}:{port}"
        ) from None
    return answer.rstrip(b"\0").decode("utf-8", "replace").strip()


def _verdict(answer: str, where: str) -> str:
    if answer.endswith(": OK"):
        return ""
    if answer.endswith(" FOUND"):
        return say("A virus scanner found {found}.", found=answer.removesuffix(" FOUND").partition(": ")[2])
    raise Unavailable(f"The virus scanner could not say ({answer[:100] or 'no answer'}).", where=where)

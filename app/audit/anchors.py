"""The head of the chain, kept in a file outside the database: what was true then cannot be unsaid.

One JSON object a line, oldest first. Lines are only ever added. Keep copies where the database's admins
cannot write.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from uuid import UUID

from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel.errors import BadInput, Misconfigured

FILE = "audit.anchors"


@dataclass(frozen=True, slots=True)
class Anchor:
    """So far the chain had come, and this was its hash (hex)."""

    chain: UUID
    seq: int
    hash: str

    def __str__(self) -> str:
        return f"{self.seq}:{self.hash}"


def head(session: Session) -> Anchor:
    """The chain's last link now."""
    row = session.execute(text("SELECT chain, seq, encode(hash, 'hex') FROM audit_head")).one()
    return Anchor(*row)


def path(data_dir: Path) -> Path:
    """Where the anchors of an installation lie."""
    return data_dir / FILE


def read(file: Path) -> list[Anchor]:
    """The anchors kept so far, oldest first; none without a file. Raises Misconfigured for a spoilt one."""
    try:
        # A line that a crash cut short says nothing: it has no line break.
        lines = [line for line in file.read_text("utf-8").splitlines(keepends=True) if line.endswith("\n")]
    except FileNotFoundError:
        return []
    try:
        said = [json.loads(line) for line in lines]
        return [Anchor(UUID(one["chain"]), int(one["seq"]), str(one["hash"])) for one in said]
    except (ValueError, KeyError, TypeError):
        raise Misconfigured(
            "A line of the file is no anchor.",
            where=str(file),
            remedy="Put back a copy of it, or start a new one with `tandem audit anchor --new`.",
        ) from None


def keep(file: Path, anchor: Anchor) -> bool:
    """Add an anchor, safely on disk when this returns. False where it is there already."""
    kept = read(file)
    if anchor in kept[-1:]:
        return False
    line = {"chain": str(anchor.chain), "seq": anchor.seq, "hash": anchor.hash}
    line |= {"at": datetime.now(UTC).isoformat(timespec="seconds")}
    file.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600), "r+b") as written:
        # What a crash cut short was never kept: the new line takes its place.
        written.truncate(written.read().rfind(b"\n") + 1)
        written.seek(0, os.SEEK_END)
        written.write(json.dumps(line).encode() + b"\n")
        written.flush()
        os.fsync(written.fileno())
    return True


def put_aside(file: Path) -> Path | None:
    """Keep the file under another name, so that a new one begins; where it is now."""
    if not file.exists():
        return None
    aside = file.with_name(f"{file.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%f}")
    file.rename(aside)
    return aside


def parse(words: str, chain: UUID) -> Anchor:
    """An anchor that an admin kept elsewhere, `1042:ab12…`. Raises BadInput."""
    seq, _, digest = words.partition(":")
    if not seq.isdecimal() or len(digest) != 64 or set(digest) - set("0123456789abcdef"):
        raise BadInput(
            "This is no anchor.",
            where=words,
            remedy="Give it as `tandem audit verify` prints it: a number, a colon and 64 hexadecimal digits.",
        )
    return Anchor(chain, int(seq), digest)

"""What one HTTP call is made of: its body, its bounds and its answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, Literal, Protocol

Expect = Literal["json", "text", "file"]


class Body(Protocol):
    """A request's body that can be sent more than once."""

    def open(self) -> bytes | IO[bytes]:
        """The bytes, or a fresh reader from the start."""


@dataclass(frozen=True, slots=True)
class Bytes:
    """A body in memory."""

    content: bytes

    def open(self) -> bytes:
        """The bytes."""
        return self.content


@dataclass(frozen=True, slots=True)
class File:
    """A body on disk, sent without being read into memory."""

    path: Path

    def open(self) -> IO[bytes]:
        """A fresh reader from the start."""
        return self.path.open("rb")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: parsed JSON, text, or (for a file) None, with the status and the headers."""

    status: int
    headers: Mapping[str, str]
    body: Any


@dataclass(frozen=True, slots=True)
class Limits:
    """Bounds of one call. Seconds, except attempts.

    connect, read: for the connection, and between two bytes. total: for all attempts together.
    pause, longest_pause: the first and the longest mean wait between attempts.
    """

    connect: float = 10.0
    read: float = 130.0
    total: float = 300.0
    attempts: int = 4
    pause: float = 0.5
    longest_pause: float = 20.0

"""What the demo says: a line a step while it goes on, and a table at the end."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

import requests
from psycopg import Error as PsycopgError
from redis import RedisError
from rich.console import Console
from rich.markup import escape
from rich.progress import (
    BarColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.table import Table
from rich.text import Text
from sqlalchemy.exc import SQLAlchemyError

from app.kernel.errors import TandemError

#: Width of the picture that `--picture` writes.
PICTURE_COLUMNS = 118


@dataclass(frozen=True, slots=True)
class Told:
    """What a step has to say: what happened, in words, and where it can be seen."""

    sentence: str
    address: str = ""


@dataclass(slots=True)
class Line:
    """A step that is over. `result`: ok, failed or not run. `sentence` says what happened, or why not."""

    title: str
    result: str
    seconds: float
    sentence: str


@dataclass
class Teller:
    """Runs steps and tells about them on a terminal, or in plain lines where there is none."""

    console: Console
    picture: Console | None = None
    lines: list[Line] = field(default_factory=list)
    _bars: Progress | None = None
    _tasks: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def on_terminal(cls, *, picture: bool) -> Teller:
        """Tell on standard output; with `picture`, remember it all for a picture."""
        recorder = None
        if picture:
            # Only what is recorded counts: the terminal has its own console.
            recorder = Console(record=True, width=PICTURE_COLUMNS, file=StringIO())
        return cls(Console(highlight=False, soft_wrap=True), recorder)

    def say(self, text: str = "") -> None:
        """A line in rich's markup."""
        self.console.print(text)
        if self.picture is not None:
            self.picture.print(text, highlight=False)

    def note(self, text: str) -> None:
        """A line from a program under supervision, as it is."""
        self.console.print(text, style="dim", markup=False)

    def step(self, title: str, action: Callable[[], Told]) -> bool:
        """Run one step and tell how it went. False when it failed, with the reason in words."""
        began = time.monotonic()
        with self._working(title):
            try:
                told, failure = action(), ""
            except TandemError as error:
                told, failure = Told(""), error.sentence()
            except requests.RequestException as error:
                told, failure = Told(""), f"No answer: {error}."
            except (SQLAlchemyError, PsycopgError, RedisError) as error:
                told, failure = Told(""), str(error).strip().splitlines()[0]
        seconds = time.monotonic() - began
        self.lines.append(Line(title, "failed" if failure else "ok", seconds, failure or told.sentence))
        mark = "[red]✗[/red]" if failure else "[green]✓[/green]"
        self.say(f"{mark} [bold]{escape(title)}[/bold] [dim]{seconds:.1f} s[/dim]")
        if failure or told.sentence:
            self.say(f"  {escape(failure or told.sentence)}")
        if told.address:
            self.say(f"  [cyan]{escape(told.address)}[/cyan]")
        return not failure

    def skip(self, title: str) -> None:
        """A step that could not be tried."""
        self.lines.append(Line(title, "not run", 0.0, ""))

    def show(self, name: str, done: int, total: int) -> None:
        """How far something long has come; `total` is 0 where nobody knows."""
        if self._bars is None:
            return
        if name not in self._tasks:
            self._tasks[name] = self._bars.add_task(f"  {name}", total=total or None, counts=True)
        self._bars.update(self._tasks[name], completed=done, total=total or None)

    def table(self) -> None:
        """The steps: `step · result · seconds`."""
        table = Table(box=None, header_style="bold", pad_edge=False)
        table.add_column("step")
        table.add_column("result")
        table.add_column("seconds", justify="right")
        colours = {"ok": "green", "failed": "red", "not run": "yellow"}
        for line in self.lines:
            table.add_row(
                escape(line.title), f"[{colours[line.result]}]{line.result}[/]", f"{line.seconds:.1f}"
            )
        for console in (self.console, self.picture):
            if console is not None:
                console.print()
                console.print(table)

    @property
    def failed(self) -> bool:
        """Whether any step failed or could not be tried."""
        return any(line.result != "ok" for line in self.lines)

    def save_picture(self, path: Path) -> None:
        """Write what was told as an SVG."""
        assert self.picture is not None
        path.parent.mkdir(parents=True, exist_ok=True)
        drawn = self.picture.export_svg(title="make demo ONCE=1")
        # The picture fetches nothing: the reader's own monospaced font will do.
        path.write_text(re.sub(r"@font-face \{.*?\}", "", drawn, flags=re.DOTALL), encoding="utf-8")

    @contextmanager
    def _working(self, title: str) -> Iterator[None]:
        if not self.console.is_terminal:
            yield
            return
        self._tasks.clear()
        columns = (SpinnerColumn(), TextColumn("{task.description}"), _Bar(), _Count(), TimeElapsedColumn())
        with Progress(*columns, console=self.console, transient=True) as bars:
            # The title shows that work goes on; a bar of its own only where something counts.
            bars.add_task(title, total=None, counts=False)
            self._bars = bars
            try:
                yield
            finally:
                self._bars = None


def shown(path: Path) -> str:
    """A path as a person at this prompt would type it: below the present directory without its name."""
    here = Path.cwd()
    return str(path.relative_to(here)) if path.is_relative_to(here) else str(path)


class _Bar(BarColumn):
    """A bar, where something is counted."""

    def render(self, task: Task) -> Any:
        return super().render(task) if task.fields["counts"] else Text()


class _Count(ProgressColumn):
    """How many of how many."""

    def render(self, task: Task) -> Text:
        if not task.fields["counts"]:
            return Text()
        whole = f" of {task.total:,.0f}" if task.total else ""
        return Text(f"{task.completed:,.0f}{whole}")

"""What every benchmark needs: a figure and its line, servers and orgs of its own, progress on stderr."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from functools import cached_property
from os import getpid
from pathlib import Path
from secrets import token_hex
from types import TracebackType
from typing import Any, Self

import psycopg
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from app.config import PROJECT, Settings
from app.services import ServiceUrls, locate
from app.services.commands import detach, halt
from app.services.embedded import Options
from app.services.postgres import create_database
from app.services.upgrade import upgrade
from tests.fixtures.org import OrgProcess, start_org
from tests.fixtures.services import in_database
from tests.fixtures.sync import BothSides, both_sides

REPORT = PROJECT / "build" / "bench.json"


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the report.

    ours, other: what Tandem needed or did, and the peer's value or the limit; in `unit`. ratio: ours to
    other. goal: `>= 0.9` or `<= 1`, which `ratio` must fulfil; None: printed for comparison only.
    """

    name: str
    ours: float
    other: float | None
    unit: str
    ratio: float | None = None
    goal: str | None = None
    holds: bool | None = None

    def line(self) -> str:
        """The figure as one line for a person."""
        other = "" if self.other is None else f"{self.other:,.10g}"
        ratio = "" if self.ratio is None else f"{self.ratio:.3g}"
        verdict = {True: "holds", False: "DOES NOT HOLD", None: ""}[self.holds]
        return (
            f"{self.name:<32} {self.ours:>12,.10g} {other:>12} {self.unit:<22} "
            f"{ratio:>8} {self.goal or '':>8}  {verdict}"
        ).rstrip()


HEADING = f"{'name':<32} {'ours':>12} {'other':>12} {'unit':<22} {'ratio':>8} {'goal':>8}"


def at_least(name: str, ours: float, other: float, unit: str, goal: float) -> Figure:
    """A figure that holds when ours is at least `goal` times the other."""
    ratio = ours / other
    return Figure(name, round(ours, 1), round(other, 1), unit, round(ratio, 3), f">= {goal:g}", ratio >= goal)


def at_most(name: str, ours: float, limit: float, unit: str) -> Figure:
    """A figure that holds when ours is not above the limit."""
    ratio = ours / limit
    return Figure(name, round(ours, 1), limit, unit, round(ratio, 3), "<= 1", ours <= limit)


def beside(name: str, value: float, unit: str) -> Figure:
    """A figure that is printed beside the others and has no goal."""
    return Figure(name, round(value, 1), None, unit)


@dataclass(frozen=True, slots=True)
class Benchmark:
    """One measurement and the figures it gives."""

    figures: tuple[str, ...]
    run: Callable[[World], Iterable[Figure]]

    def wanted(self, only: str | None) -> bool:
        """Whether any of its figures is the one asked for, or lies in the part asked for."""
        return only is None or any(f == only or f.startswith(f"{only}.") for f in self.figures)


class World:
    """Servers of the run's own; everything ends and is removed with it."""

    def __init__(self) -> None:
        self.console = Console(stderr=True)
        self._stack = ExitStack()
        self.directory = Path(tempfile.mkdtemp(prefix="tandem-bench-"))
        # PostgreSQL runs as another user when we are root.
        self.directory.chmod(0o755)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stack.close()
        shutil.rmtree(self.directory, ignore_errors=True)

    def say(self, text: str) -> None:
        """Tell the person what is going on."""
        self.console.print(text, style="dim", highlight=False)

    @contextmanager
    def progress(self, title: str, total: int | None = None) -> Iterator[Callable[[float], None]]:
        """A bar on stderr; call what it gives with how much is done."""
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self.console) as shown:
            task = shown.add_task(title, total=total)
            yield lambda done: shown.update(task, completed=done)

    @cached_property
    def services(self) -> ServiceUrls:
        """PostgreSQL and Valkey with the settings they have in production: commits reach the disk."""
        directory = self.directory / "services"
        directory.mkdir()
        settings = Settings(
            TANDEM_DATA_DIR=directory, DATABASE_URL=None, DATABASE_OWNER_URL=None, REDIS_URL=None
        )
        self.say("starting PostgreSQL and Valkey")
        detach(directory, Options(while_pid=getpid()))
        self._stack.callback(halt, directory)
        return locate(settings)

    def database(self) -> ServiceUrls:
        """A fresh, migrated database."""
        name = f"bench_{token_hex(4)}"
        assert self.services.database_admin is not None
        with psycopg.connect(self.services.database_admin, autocommit=True) as admin:
            create_database(admin, name)
        urls = in_database(self.services, name)
        upgrade(urls)
        return urls

    @contextmanager
    def org(self, *arguments: str) -> Iterator[OrgProcess]:
        """A sandbox org of one's own."""
        with start_org(self.directory / f"org-{token_hex(4)}", *arguments) as process:
            yield process

    @contextmanager
    def sides(self, org: OrgProcess) -> Iterator[BothSides]:
        """An org with a fresh database and the engine between them."""
        with both_sides(org, self.database(), self.directory / f"data-{token_hex(4)}") as connected:
            yield connected


def environment(settings: Settings) -> dict[str, str]:
    """The environment that gives a child process the same settings."""
    return {
        "DATABASE_URL": str(settings.database_url),
        "DATABASE_OWNER_URL": str(settings.database_owner_url),
        "REDIS_URL": str(settings.redis_url),
        "TANDEM_DATA_DIR": str(settings.data_dir),
        "TANDEM_MAPPINGS_DIR": str(settings.mappings_dir),
        "SALESFORCE_LOGIN_URL": str(settings.salesforce_login_url),
        "SALESFORCE_CLIENT_ID": str(settings.salesforce_client_id),
        "SALESFORCE_USERNAME": str(settings.salesforce_username),
        "SALESFORCE_KEY_FILE": str(settings.salesforce_key_file),
        "SALESFORCE_CA_FILE": str(settings.salesforce_ca_file),
    }


def write_report(figures: list[Figure]) -> None:
    """Renew the figures in build/bench.json; those of other parts stay."""
    fresh = {figure.name for figure in figures}
    kept: list[dict[str, Any]] = []
    if REPORT.exists():
        kept = [entry for entry in json.loads(REPORT.read_text()) if entry["name"] not in fresh]
    REPORT.parent.mkdir(exist_ok=True)
    draft = REPORT.with_suffix(".new")
    draft.write_text(json.dumps(kept + [asdict(figure) for figure in figures], indent=1) + "\n")
    draft.replace(REPORT)

"""Everything that the demo runs, under one supervisor: services, org, web, worker, scheduler."""

from __future__ import annotations

import fcntl
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import orjson
import requests

from app.config import PROJECT, Settings
from app.demo.crm import Crm
from app.kernel.errors import Conflict, Misconfigured
from app.salesforce.connection import FILE_NAME, Connection, write_private
from app.services import ServiceUrls
from app.services.binaries import Choice
from app.services.embedded import Options, prepare, serving
from app.services.ports import HOST, choose
from app.services.supervisor import Program, ProgramFailed, Stopped, Supervisor

STATE = "demo.json"
LOCK = "demo.lock"
WEB_PORT = 8000
PAGES_PORT = 8080
PORT_ATTEMPTS = 3
#: What `tandem web` says when it listens, and when it cannot.
WEB_LISTENS = b"Tandem answers at"
#: What `tandem preview` says when it listens. The first time it installs and builds before.
PAGES_ANSWER = b"The pages answer at"
PAGES_SECONDS = 600
PORT_TAKEN = "cannot be used"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
_OWN_ENV = (
    "SALESFORCE_LOGIN_URL",
    "SALESFORCE_CLIENT_ID",
    "SALESFORCE_USERNAME",
    "SALESFORCE_KEY_FILE",
    "SALESFORCE_CA_FILE",
)


@dataclass(frozen=True, slots=True)
class Ports:
    """Ports on 127.0.0.1, the same from run to run where nobody else took them."""

    org_http: int
    org_https: int
    web: int
    pages: int


@dataclass
class House:
    """The running programs. settings: those of the demo, which never speak of a real org."""

    settings: Settings
    supervisor: Supervisor
    urls: ServiceUrls
    ports: Ports

    @property
    def web(self) -> str:
        """The address of the API."""
        return f"http://{HOST}:{self.ports.web}"

    @property
    def pages(self) -> str:
        """The address of the Lightning pages."""
        return f"http://{HOST}:{self.ports.pages}"

    @property
    def org_directory(self) -> Path:
        return self.settings.data_dir / "org"

    @property
    def logs(self) -> Path:
        return self.settings.data_dir / "logs"

    def start_org(self) -> Crm:
        """Start the sandbox org with its world; the first time it is built. Raises ProgramFailed, Stopped."""
        running = self.org_directory / "org.json"

        def ready() -> bool:
            if not running.exists():
                return False
            crm = Crm.read(self.org_directory)
            try:
                return crm.answers()
            finally:
                crm.close()

        ports = ("--port", str(self.ports.org_http), "--https-port", str(self.ports.org_https))
        command = ("sandbox", "org", "--data", str(self.org_directory), *ports, "--die-with-parent")
        # What a killed org left behind would pass for a running one.
        self._start("org", command, ready=ready, before=lambda: running.unlink(missing_ok=True))
        return Crm.read(self.org_directory)

    def start_web(self) -> None:
        """Start the API and wait until it is ready; on another port when somebody was faster."""
        for attempt in range(1, PORT_ATTEMPTS + 1):
            command = ("web", "--host", HOST, "--port", str(self.ports.web))
            ready = self._listens("web", WEB_LISTENS, f"{self.web}/readyz")
            try:
                self._start("web", command, ready=ready)
            except ProgramFailed as error:
                if PORT_TAKEN not in error.reason or attempt == PORT_ATTEMPTS:
                    raise
                self.use(replace(self.ports, web=choose(None, None, "the API", "")))
            else:
                return

    def start_pages(self) -> None:
        """Start the server of the pages, which builds them first; on another port if need be."""
        for attempt in range(1, PORT_ATTEMPTS + 1):
            command = ("preview", "--host", HOST, "--port", str(self.ports.pages))
            ready = self._listens("preview", PAGES_ANSWER, self.pages)
            try:
                self._start("preview", command, ready=ready, ready_seconds=PAGES_SECONDS)
            except ProgramFailed as error:
                if PORT_TAKEN not in error.reason or attempt == PORT_ATTEMPTS:
                    raise
                self.use(replace(self.ports, pages=choose(None, None, "the pages", "")))
            else:
                return

    def _listens(self, name: str, word: bytes, url: str) -> Callable[[], bool]:
        """Whether the program has said its word since now, and answers. Its own word comes first: whoever
        else has the port would answer as well."""
        log = self.logs / f"{name}.log"
        begin = log.stat().st_size if log.exists() else 0

        def ready() -> bool:
            with log.open("rb") as file:
                file.seek(begin)
                if word not in file.read():
                    return False
            try:
                with requests.Session() as session:
                    session.trust_env = False
                    return session.get(url, timeout=2).ok
            except requests.RequestException:
                return False

        return ready

    def use(self, ports: Ports) -> None:
        """Take these ports, and tell whoever asks."""
        self.ports = ports
        self.settings = self.settings.model_copy(update={"public_url": self.web})
        write_private(self.settings.data_dir / STATE, orjson.dumps(asdict(ports) | {"process": os.getpid()}))

    def start_worker_and_scheduler(self) -> None:
        """Start what works through jobs, and what finds them."""
        self._start("worker", ("worker",))
        self._start("scheduler", ("scheduler",))

    def rest(self, seconds: float) -> None:
        """Let time pass, and tend the programs meanwhile. Raises Stopped when a stop was asked for."""
        end = time.monotonic() + seconds
        self.supervisor.watch(until=lambda: time.monotonic() >= end)
        self.check()

    def check(self) -> None:
        """Raise Stopped when a stop was asked for."""
        if self.supervisor.stop_requested:
            raise Stopped

    def _start(
        self,
        name: str,
        command: tuple[str, ...],
        *,
        ready: Callable[[], bool] | None = None,
        ready_seconds: float = 180,
        before: Callable[[], None] | None = None,
    ) -> None:
        env = dict.fromkeys(_OWN_ENV, "") | {
            "TANDEM_DATA_DIR": str(self.settings.data_dir),
            "TANDEM_PUBLIC_URL": self.web,
            "PYTHONUNBUFFERED": "1",
        }
        self.supervisor.start(
            Program(
                name=name,
                command=[sys.executable, "-m", "app.cli", *command],
                env=env,
                cwd=PROJECT,
                ready=ready,
                ready_seconds=ready_seconds,
                before=before,
                log=self.logs / f"{name}.log",
            )
        )


@contextmanager
def opened(settings: Settings, programs: Choice, echo: Callable[[str], None]) -> Iterator[House]:
    """PostgreSQL and Valkey run inside; what is started further stops at the end, and they do.

    programs: the machine's own servers, the wheels' or the first that is there.

    Raises Conflict when the demo runs already or when the data directory belongs to a real org, what
    `app.services.embedded.serving` raises, and Stopped.
    """
    data_dir = prepare(settings.data_dir)
    _keep_off_a_real_org(data_dir)
    with _alone(data_dir):
        last = read_state(data_dir)
        ports = Ports(
            org_http=choose(None, last.get("org_http"), "the org", ""),
            org_https=choose(None, last.get("org_https"), "the org", ""),
            web=choose(None, last.get("web", WEB_PORT), "the API", ""),
            pages=choose(None, last.get("pages", PAGES_PORT), "the pages", ""),
        )
        own = dict.fromkeys((name.lower() for name in _OWN_ENV), None)
        mine = settings.model_copy(update={**own, "data_dir": data_dir})
        with serving(mine, Options(choice=programs), echo, join=True) as started:
            house = House(mine, started.supervisor, started.urls, ports)
            house.logs.mkdir(exist_ok=True)
            house.use(ports)
            yield house


def read_state(data_dir: Path) -> dict[str, Any]:
    """Ports and process of the last demo in this data directory; empty when there was none."""
    try:
        found = orjson.loads((data_dir / STATE).read_bytes())
    except (FileNotFoundError, orjson.JSONDecodeError):
        return {}
    return found if isinstance(found, dict) else {}


def running_web(data_dir: Path) -> str:
    """The address of the running demo's API. Raises Misconfigured when no demo runs."""
    try:
        with (data_dir / LOCK).open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return f"http://{HOST}:{read_state(data_dir)['web']}"
    except FileNotFoundError:
        pass
    raise Misconfigured("The demo does not run.", where=str(data_dir), remedy="Start it with `make demo`.")


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    with (data_dir / LOCK).open("ab") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            state = read_state(data_dir)
            raise Conflict(
                f"The demo runs already (process {state.get('process', 'unknown')}).",
                where=str(data_dir),
                remedy="Use it, stop it with Ctrl-C there, or set TANDEM_DATA_DIR to another directory.",
            ) from None
        yield


def _keep_off_a_real_org(data_dir: Path) -> None:
    path = data_dir / FILE_NAME
    if not path.exists():
        return
    try:
        host = urlsplit(Connection(**orjson.loads(path.read_bytes())).login_url).hostname
    except (orjson.JSONDecodeError, TypeError, Misconfigured):
        return
    if host not in LOOPBACK:
        raise Conflict(
            f"This data directory is connected to {host}, and the demo would write into it.",
            where=str(path),
            remedy="Set TANDEM_DATA_DIR to an empty directory for the demo.",
        )

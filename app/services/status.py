"""What runs, for people and for programs."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis

from app.config import Settings
from app.services import postgres, state, valkey


def describe(settings: Settings) -> dict[str, Any]:
    """`{"data_dir", "supervisor", "servers": {name: {"answers", "address", "version", "bytes", …}}}`.

    Passwords are not in it. `bytes` is the size of the data on disk, of an embedded server only.
    """
    running = state.running(settings.data_dir)
    known = state.read(settings.data_dir) if running else {}
    urls = known.get("urls", {})
    servers = {
        "postgres": _postgres(settings.database_url or urls.get("DATABASE_URL")),
        "valkey": _valkey(settings.redis_url or urls.get("REDIS_URL")),
    }
    for name, server in servers.items():
        if details := known.get("servers", {}).get(name):
            server |= {key: details[key] for key in ("port", "origin", "programs", "data")}
            server["bytes"] = _size(Path(details["data"]))
    return {
        "data_dir": str(settings.data_dir),
        "supervisor": known.get("supervisor"),
        "servers": servers,
    }


def _postgres(url: str | None) -> dict[str, Any]:
    if url is None:
        return {"answers": False, "why": "not started; run `tandem services start`"}
    scheme, _, rest = url.partition("://")
    address = {"address": _address(url)}
    try:
        with psycopg.connect(f"{scheme.partition('+')[0]}://{rest}", connect_timeout=5) as connection:
            number = connection.info.server_version
    except psycopg.OperationalError as error:
        return address | {"answers": False, "why": postgres.why(error)}
    return address | {"answers": True, "version": f"{number // 10000}.{number % 10000}"}


def _valkey(url: str | None) -> dict[str, Any]:
    if url is None:
        return {"answers": False, "why": "not started; run `tandem services start`"}
    address = {"address": _address(url)}
    client = valkey.client(url, 5)
    try:
        details: Any = client.info("server")
    except redis.RedisError as error:
        return address | {"answers": False, "why": str(error)}
    finally:
        client.close()
    version = details.get("valkey_version") or details["redis_version"]
    return address | {"answers": True, "version": version}


def _address(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.hostname}:{parts.port}" if parts.port else f"{parts.hostname}"


def _size(directory: Path) -> int:
    total = 0
    for path in directory.rglob("*"):
        try:
            if path.is_file():
                total += path.stat().st_size
        except FileNotFoundError:
            continue  # a running server removes files while we look
    return total

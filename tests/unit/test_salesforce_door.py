"""The gateway is the only door to an org."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module


def test_only_the_transport_knows_simple_salesforce() -> None:
    users = {
        str(path.relative_to(ROOT))
        for room in ("app", "jobs")
        for path in (ROOT / room).rglob("*.py")
        if any(name.split(".")[0] == "simple_salesforce" for name in imports(path))
    }
    assert users == {"app/salesforce/transport.py"}

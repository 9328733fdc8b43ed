"""Salesforce Code Analyzer over the sources: nothing of severity 1 to 3, by every rule that is on.

What turns one off stands in `code-analyzer.yml`, with its reason beside it.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from sfdx.checks.findings import Finding
from sfdx.checks.sources import Project
from sfdx.checks.tools import HERE, java, node, run

CONFIGURATION = HERE / "code-analyzer.yml"
SELECTORS = ("AppExchange", "Security", "Recommended")
#: The npm packages of engines: code-analyzer-pmd-engine is pmd and cpd, and so on.
ENGINES = ("pmd", "eslint", "regex", "retirejs", "flow")
#: Follows every way from a page to where records are read or written: half a minute, in vain where Apex does
#: neither.
GRAPH = "sfge"
_RECORDS = re.compile(
    r"\[\s*(?:SELECT|FIND)\b|\bSearch\s*\.|\bDatabase\s*\.\s*(?!AllowsCallouts\b|Stateful\b)"
    r"|\b(?:insert|update|upsert|delete|undelete|merge)\s+\w",
    re.IGNORECASE,
)
#: 1 critical, 2 high, 3 moderate, 4 low, 5 info.
WORST_ALLOWED = 4


@dataclass(frozen=True, slots=True)
class Violation:
    """One place that a rule names. severity: from 1, critical, to 5, info."""

    file: str
    line: int
    severity: int
    engine: str
    rule: str
    message: str


def check(project: Path) -> list[Finding]:
    """What the analyzer holds against the sources, from moderate upwards."""
    return [
        Finding(
            found.file,
            found.line,
            f"{found.engine} {found.rule} (severity {found.severity}): {' '.join(found.message.split())}",
            "Change the code, or write into sfdx/checks/code-analyzer.yml why the rule does not fit here.",
        )
        for found in violations(project)
        if found.severity < WORST_ALLOWED
    ]


def violations(project: Path) -> list[Violation]:
    """Everything that the engines find under `project`/force-app, of any severity."""
    said = run(
        [*node().run, str(HERE / "analyzer.mjs"), *SELECTORS],
        given=json.dumps(
            {
                "root": str(project),
                "home": str(HERE),
                "configuration": configuration(),
                "engines": [*ENGINES, *([GRAPH] if touches_records(project) else [])],
            }
        ),
    )
    return [
        Violation(**{**found, "file": _relative(found["file"], project)})
        for found in json.loads(said)["violations"]
    ]


def touches_records(project: Path) -> bool:
    """Whether any class reads or writes records, or can have others do it by a query in a text."""
    return any(_RECORDS.search(found.bare) for found in Project(project).classes if not found.is_test)


def configuration() -> dict[str, Any]:
    """`code-analyzer.yml`, with the programs of this machine."""
    loaded: dict[str, Any] = yaml.safe_load(CONFIGURATION.read_text())
    engines = loaded.setdefault("engines", {})
    for name in ("pmd", "cpd", "sfge"):
        engines.setdefault(name, {})["java_command"] = java()
    engines.setdefault("flow", {})["python_command"] = sys.executable
    return loaded


def _relative(file: str | None, project: Path) -> str:
    if file is None:
        return "force-app"
    path = Path(file)
    return path.relative_to(project).as_posix() if path.is_relative_to(project) else file

"""Apex in the shape that prettier gives it, by the project's `.prettierrc.json`."""

from __future__ import annotations

from pathlib import Path

from sfdx.checks.findings import Finding
from sfdx.checks.sources import Project
from sfdx.checks.tools import HERE, PACKAGES, node, run

#: How prettier ends when a file is not in shape.
DIFFERENT = 1
_PROGRAM = PACKAGES / "prettier" / "bin" / "prettier.cjs"
_APEX = PACKAGES / "prettier-plugin-apex" / "dist" / "src" / "index.js"


def check(project: Path) -> list[Finding]:
    """The classes that are not in shape. Raises Misconfigured where prettier cannot read one."""
    sources = Project(project)
    said = _prettier(sources, "--list-different")
    return [
        Finding(
            sources.name((HERE / line).resolve()),
            1,
            "The class is not in prettier's shape.",
            "Run `make format`.",
        )
        for line in said.splitlines()
        if line.endswith((".cls", ".trigger"))
    ]


def write(project: Path) -> None:
    """Put every class in shape. Raises Misconfigured where prettier cannot read one."""
    _prettier(Project(project), "--write")


def _prettier(sources: Project, how: str) -> str:
    paths = [*sources.files(".cls"), *sources.files(".trigger")]
    if not paths:
        return ""
    configuration = HERE.parent / ".prettierrc.json"
    return run(
        [
            *node().run, str(_PROGRAM), how, "--config", str(configuration),
            "--plugin", str(_APEX), *map(str, paths),
        ],
        may_end_with=lambda code: code == 0 or (code == DIFFERENT and how == "--list-different"),
        # The plugin calls its program by a path relative to this, and quotes no blanks.
        where=HERE,
    )  # fmt: skip

"""Apex's types, by apex-ls: unknown types, methods, fields and labels, wrong arguments, missing returns.

It is a third party's compiler, not Salesforce's. Columns inside `[SELECT …]` escape it: see `soql`.
"""

from __future__ import annotations

import json
from pathlib import Path

from sfdx.checks.findings import Finding
from sfdx.checks.tools import JARS, java, node, run

#: How the program ends when it has found something.
ISSUES = 4


def check(project: Path) -> list[Finding]:
    """What does not compile in the project with this `sfdx-project.json`."""
    node()  # the jars come with the npm packages
    said = run(
        [
            java(), "-cp", f"{JARS}/*", "io.github.apexdevtools.apexls.CheckForIssues",
            "--nocache", "--format", "json", "--workspace", str(project),
        ],
        may_end_with=lambda code: code in (0, ISSUES),
    )  # fmt: skip
    return [
        Finding(
            Path(file["path"]).relative_to(project).as_posix(),
            message["start"]["line"],
            f"{message['category']}: {message['message'].rstrip('.')}.",
            "Correct the name or the type, or add what is missing.",
        )
        for file in (json.loads(said)["files"] if said.strip() else [])
        for message in file["messages"]
    ]

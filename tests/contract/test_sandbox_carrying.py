"""The seeded world as files: what `sf data import tree` reads, another org takes whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from click.testing import CliRunner

from app.sandbox.commands import sandbox
from tests.fixtures.org import OrgProcess
from tests.fixtures.rest import Rest


def resolved(record: dict[str, Any], ids: dict[str, str]) -> dict[str, Any]:
    """`@AccountRef1` → the id that the org gave, as the CLI puts it in."""
    return {
        name: ids[value[1:]] if isinstance(value, str) and value.startswith("@") else value
        for name, value in record.items()
    }


def test_the_world_goes_into_another_org_file_by_file_in_the_plans_order(
    org: OrgProcess, api: Rest, tmp_path: Path
) -> None:
    said = CliRunner().invoke(sandbox, ["tree", str(tmp_path)], catch_exceptions=False)
    assert said.exit_code == 0, said.output
    ids: dict[str, str] = {}
    counts: dict[str, int] = {}
    for step in json.loads((tmp_path / "plan.json").read_text()):
        for name in step["files"]:
            records = json.loads((tmp_path / name).read_text())["records"]
            assert 0 < len(records) <= 200, "Salesforce takes 200 records of a tree at once"
            answer = api.post(
                f"composite/tree/{step['sobject']}", {"records": [resolved(one, ids) for one in records]}
            )
            assert answer["hasErrors"] is False, answer
            ids |= {one["referenceId"]: one["id"] for one in answer["results"]}
            counts[step["sobject"]] = counts.get(step["sobject"], 0) + len(records)

    assert list(counts) == ["Product2", "Account", "Contact", "Lead", "Opportunity"]
    assert all(f"{count} {sobject}" in said.output for sobject, count in counts.items())
    there = {sobject: len(org.query(f"SELECT Id FROM {sobject}")) for sobject in counts}
    assert there == counts
    assert org.query("SELECT Id FROM Opportunity WHERE AccountId = null") == []

    # An org's duplicate rules would refuse a company or a person a second time.
    names = [one["Name"].lower() for one in org.query("SELECT Name FROM Account")]
    emails = [one["Email"] for one in org.query("SELECT Email FROM Contact WHERE Email != null")]
    assert len(names) == len(set(names))
    assert len(emails) == len(set(emails))

    # Who signs in is a contact of a partner that came along, those of the story first.
    people = [line.split("|") for line in (tmp_path / "partners.txt").read_text().splitlines()]
    assert {len(person) for person in people} == {7}
    assert [person[0] for person in people[:2]] == [
        "Lone Star Controls LLC",
        "Harbor Systems Integration Inc.",
    ]
    for account, email, *_ in people[:2]:
        [contact] = org.query(f"SELECT Account.Name FROM Contact WHERE Email = '{email}'")
        assert contact["Account"]["Name"] == account


def test_the_org_has_the_permission_sets_that_the_project_deploys(org: OrgProcess) -> None:
    source = Path(__file__).resolve().parents[2] / "sfdx" / "force-app"
    ours = {path.name.split(".")[0] for path in source.rglob("*.permissionset-meta.xml")}
    assert {one["Name"] for one in org.query("SELECT Name FROM PermissionSet")} >= ours

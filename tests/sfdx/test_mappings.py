"""Mappings and metadata agree: in the project, and not in one in which a field or a right was changed."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sfdx.checks import mappings

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "sfdx"
SET = "access/permissionsets/Tandem_Integration.permissionset-meta.xml"
AMOUNT = "approvals/objects/Approval_Request__c/fields/Amount__c.field-meta.xml"
PROTECTED = "deals/objects/Lead/fields/Protected_Until__c.field-meta.xml"
ID = "sync/objects/Lead/fields/Tandem_Id__c.field-meta.xml"


def test_what_a_mapping_reads_and_writes_is_there_fits_and_is_granted() -> None:
    assert [str(finding) for finding in mappings.check(PROJECT)] == []


@pytest.fixture(scope="module")
def sources(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The objects and permission sets of the project, without the rest."""
    kept = ("objects", "permissionsets")
    copy = tmp_path_factory.mktemp("sources")
    for folder in sorted((PROJECT / "force-app" / "main").iterdir()):
        for part in kept:
            if (folder / part).is_dir():
                shutil.copytree(folder / part, copy / "force-app" / "main" / folder.name / part)
    return copy


@pytest.mark.parametrize(
    ("file", "old", "new", "what"),
    [
        (
            SET, "<allowCreate>true", "<allowCreate>false",
            "Tandem_Integration lacks allowCreate for Account, which a mapping needs.",
        ),
        (
            SET, "<editable>true</editable>\n        <field>Lead.Protected_Until__c",
            "<editable>false</editable>\n        <field>Lead.Protected_Until__c",
            "Lead.Protected_Until__c cannot be set when a record is created or changed afterwards by"
            " Tandem's user.",
        ),
        (
            SET, "<field>Lead.Protected_Until__c", "<field>Lead.Registration_Number__c",
            "The org has no field Lead.Protected_Until__c, or Tandem's user may not see it.",
        ),
        (
            SET, "<field>Account.Industry", "<field>Account.Website",
            "The org has no field Account.Industry, or Tandem's user may not see it.",
        ),
        (
            PROTECTED, "<type>Date</type>", "<type>DateTime</type>",
            "Lead.Protected_Until__c is datetime in the org and date here.",
        ),
        (
            PROTECTED, "Protected_Until__c</fullName>", "Protected_To__c</fullName>",
            "The org has no field Lead.Protected_Until__c, or Tandem's user may not see it.",
        ),
        (
            PROTECTED, "<required>false", "<required>true",
            "Lead.Protected_Until__c is required or a system field, and Salesforce refuses to have it"
            " granted.",
        ),
        (
            AMOUNT, "<precision>18", "<precision>12",
            "Approval_Request__c.Amount__c holds 10 digits before the point, and the column amount holds"
            " 16.",
        ),
        (
            AMOUNT, "<scale>2", "<scale>0",
            "Approval_Request__c.Amount__c keeps 0 decimals in the org and 2 here, so figures would change"
            " on the way.",
        ),
        (ID, "<length>36", "<length>18", "Lead.Tandem_Id__c holds 18 characters; Tandem's ids have 36."),
        (
            ID, "<unique>true", "<unique>false",
            "Lead.Tandem_Id__c is not both External ID and Unique, so a repeated create could make a second"
            " record.",
        ),
    ],
)  # fmt: skip
def test_a_field_or_a_right_that_a_mapping_needs_is_missed(
    sources: Path, file: str, old: str, new: str, what: str
) -> None:
    path = sources / "force-app" / "main" / file
    before = path.read_text()
    assert old in before
    try:
        path.write_text(before.replace(old, new, 1))
        found = mappings.check(sources, ROOT / "mappings")
    finally:
        path.write_text(before)

    assert what in [finding.what for finding in found]


def test_a_finding_names_the_line_of_the_mapping(sources: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mappings"
    shutil.copytree(ROOT / "mappings", folder)
    text = (folder / "Lead.yaml").read_text()
    (folder / "Lead.yaml").write_text(text.replace("{sf: Phone,", "{sf: Fone,"))

    [found] = mappings.check(sources, folder)

    assert (found.file, found.line) == (
        "../mappings/Lead.yaml",
        text[: text.index("{sf: Phone,")].count("\n") + 1,
    )

"""Metadata files beside the Metadata API's types: in the project, and with faults."""

from __future__ import annotations

from pathlib import Path

import pytest

from sfdx.checks import metadata
from tests.sfdx import planted

PROJECT = Path(__file__).resolve().parents[2] / "sfdx"
FIELD = f"""<?xml version="1.0"?>
<CustomField {planted.SPACE}>
    <fullName>Day__c</fullName>
    <label>Day</label>
    <required>false</required>
    <type>Date</type>
</CustomField>
"""
LAYOUT = f"""<?xml version="1.0"?>
<Layout {planted.SPACE}>
    <layoutSections>
        <detailHeading>true</detailHeading>
        <layoutColumns>
            <layoutItems>
                <behavior>Edit</behavior>
                <field>Day__c</field>
            </layoutItems>
        </layoutColumns>
        <style>OneColumn</style>
    </layoutSections>
</Layout>
"""
FIELDS = "objects/Account/fields/Day__c.field-meta.xml"
LAYOUTS = "layouts/Account-Day Layout.layout-meta.xml"


def test_every_file_fits_the_types_of_the_metadata_api() -> None:
    assert [str(finding) for finding in metadata.check(PROJECT)] == []


def test_nothing_is_let_pass_that_the_types_would_let_pass_anyway(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metadata, "KNOWN", {})
    said = {finding.what for finding in metadata.check(PROJECT)}
    assert said == {
        "LightningComponentBundle.targetConfigs takes a plain value, not elements.",
        "DigitalExperienceConfig is no type of metadata.",
        "CustomSite has no element allowGuestPaymentsApi.",
        "CustomSite.siteType takes one of Siteforce, Visualforce, not 'ChatterNetwork'.",
    }


@pytest.mark.parametrize(
    ("file", "text", "old", "new", "line", "what"),
    [
        (FIELDS, FIELD, "label>", "lable>", 4, "CustomField has no element lable."),
        (FIELDS, FIELD, ">false<", ">no<", 5, "CustomField.required takes true or false, not 'no'."),
        (FIELDS, FIELD, "    <required>", "    <length>ten</length>\n    <required>", 5,
         "CustomField.length takes a number, not 'ten'."),
        (FIELDS, FIELD, ">Day<", "><b>Day</b><", 4, "CustomField.label takes a plain value, not elements."),
        (FIELDS, FIELD, "    <type>", "    <label>Date</label>\n    <type>", 6,
         "label stands twice, and CustomField takes one."),
        (FIELDS, FIELD, ">Date<", ">Datum<", 6, "CustomField.type takes one of "),
        (FIELDS, FIELD, "CustomField", "CustomFeld", 2, "CustomFeld is no type of metadata."),
        (LAYOUTS, LAYOUT, ">Edit<", ">Write<", 7, "LayoutItem.behavior takes one of Edit, "),
        (LAYOUTS, LAYOUT, "<style>OneColumn</style>", "", 3, "LayoutSection needs the element style."),
        (LAYOUTS, LAYOUT, "</layoutItems>", "</layoutItem>", 1,
         "The XML is not well formed: line 9: mismatched tag."),
    ],
)  # fmt: skip
def test_a_file_that_the_api_would_refuse_is_named_with_its_line(
    tmp_path: Path, file: str, text: str, old: str, new: str, line: int, what: str
) -> None:
    assert metadata.check(planted.project(tmp_path / "sound", {file: text})) == []

    [found] = metadata.check(planted.project(tmp_path / "faulty", {file: text.replace(old, new)}))

    assert (found.file, found.line) == (f"force-app/main/{file}", line)
    assert found.what.startswith(what)

"""A project's source becomes objects, fields, record types and rules of the org."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.sandbox import admin, metadata, tables
from app.sandbox.dml import Dml
from app.sandbox.schema import Schema
from app.sandbox.stock import load
from tests.fixtures.engine import Engine

_XML = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<{0} xmlns="http://soap.sforce.com/2006/04/metadata">{1}</{0}>\n'
)


def write(project: Path, path: str, kind: str, body: str) -> None:
    file = project / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(_XML.format(kind, body))


def field(project: Path, sobject: str, name: str, kind: str, body: str = "") -> None:
    write(
        project,
        f"objects/{sobject}/fields/{name}.field-meta.xml",
        "CustomField",
        f"<fullName>{name}</fullName><label>{name.removesuffix('__c')}</label><type>{kind}</type>{body}",
    )


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """Claims with lines: master and detail, a summary, an auto-number, a record type, a rule."""
    write(
        tmp_path,
        "objects/Claim__c/Claim__c.object-meta.xml",
        "CustomObject",
        "<label>Claim</label><pluralLabel>Claims</pluralLabel>"
        "<nameField><label>Claim Number</label><type>AutoNumber</type>"
        "<displayFormat>CL-{0000}</displayFormat></nameField>",
    )
    write(
        tmp_path,
        "objects/Claim_Line__c/Claim_Line__c.object-meta.xml",
        "CustomObject",
        "<label>Claim Line</label><pluralLabel>Claim Lines</pluralLabel>"
        "<nameField><label>Name</label><type>Text</type></nameField>",
    )
    field(
        tmp_path,
        "Claim_Line__c",
        "Claim__c",
        "MasterDetail",
        "<referenceTo>Claim__c</referenceTo><relationshipName>Lines</relationshipName>",
    )
    field(tmp_path, "Claim_Line__c", "Amount__c", "Currency", "<precision>12</precision><scale>2</scale>")
    field(
        tmp_path,
        "Claim__c",
        "Total__c",
        "Summary",
        "<summarizedField>Claim_Line__c.Amount__c</summarizedField>"
        "<summaryForeignKey>Claim_Line__c.Claim__c</summaryForeignKey>"
        "<summaryOperation>sum</summaryOperation>",
    )
    field(tmp_path, "Claim__c", "Open__c", "Checkbox", "<defaultValue>true</defaultValue>")
    field(
        tmp_path,
        "Claim__c",
        "Kind__c",
        "Picklist",
        "<valueSet><restricted>true</restricted><valueSetDefinition>"
        "<value><fullName>MDF</fullName><default>true</default><label>MDF</label></value>"
        "<value><fullName>SPA</fullName><default>false</default><label>SPA</label></value>"
        "</valueSetDefinition></valueSet>",
    )
    write(
        tmp_path,
        "objects/Claim__c/recordTypes/Marketing.recordType-meta.xml",
        "RecordType",
        "<fullName>Marketing</fullName><active>true</active><label>Marketing</label>"
        "<picklistValues><picklist>Kind__c</picklist>"
        "<values><fullName>MDF</fullName></values></picklistValues>",
    )
    write(
        tmp_path,
        "objects/Claim_Line__c/validationRules/Positive.validationRule-meta.xml",
        "ValidationRule",
        "<fullName>Positive</fullName><active>true</active>"
        "<errorConditionFormula>Amount__c &lt; 0</errorConditionFormula>"
        "<errorDisplayField>Amount__c</errorDisplayField><errorMessage>Not below nought.</errorMessage>",
    )
    return tmp_path


def deployed(engine: Engine, project: Path) -> None:
    """Deploy the project into the running org."""
    org = engine.org
    metadata.deploy(org.schema, project)
    with org.store.write() as tx:
        tables.create_all(tx.connection, org.schema)
        admin.save_schema(org)


def test_a_detail_record_lives_and_dies_with_its_master(engine: Engine, project: Path) -> None:
    deployed(engine, project)
    claim = engine.insert("Claim__c")
    assert engine.one("SELECT Name, Open__c, Kind__c, Total__c FROM Claim__c") == {
        "Name": "CL-0001",
        "Open__c": True,
        "Kind__c": "MDF",
        "Total__c": None,
    }
    engine.insert("Claim_Line__c", Name="1", Claim__c=claim, Amount__c=12.34)
    engine.insert("Claim_Line__c", Name="2", Claim__c=claim, Amount__c=0.66)
    assert engine.one("SELECT Total__c FROM Claim__c") == {"Total__c": 13.0}
    Dml(engine.ctx()).delete([claim])
    assert engine.query("SELECT Id FROM Claim_Line__c") == []
    Dml(engine.ctx()).undelete([claim])
    assert len(engine.query("SELECT Id, Claim__r.Name FROM Claim_Line__c WHERE Claim__r.Open__c = true")) == 2


def test_a_detail_record_needs_a_master_and_keeps_it(engine: Engine, project: Path) -> None:
    deployed(engine, project)
    error = engine.refusal(engine.try_insert("Claim_Line__c", Name="1"))
    assert error.message == "Required fields are missing: [Claim__c]"
    first, second = engine.insert("Claim__c"), engine.insert("Claim__c")
    line = engine.insert("Claim_Line__c", Name="1", Claim__c=first)
    error = engine.refusal(engine.try_update(line, Claim__c=second))
    assert (error.code, error.fields) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["Claim__c"])


def test_rules_and_record_types_come_along(engine: Engine, project: Path) -> None:
    deployed(engine, project)
    claim = engine.insert("Claim__c")
    error = engine.refusal(engine.try_insert("Claim_Line__c", Name="1", Claim__c=claim, Amount__c=-1))
    assert (error.message, error.fields) == ("Not below nought.", ["Amount__c"])
    error = engine.refusal(engine.try_insert("Claim__c", Kind__c="SPA"))
    assert error.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_the_same_project_gives_the_same_ids_and_prefixes(project: Path) -> None:
    schemas = []
    for _ in range(2):
        schema = load()
        metadata.deploy(schema, project)
        schemas.append(schema)
    for name in ("Claim__c", "Claim_Line__c"):
        first, second = (schema.get(name) for schema in schemas)
        assert first.key_prefix == second.key_prefix
        assert [r.id for r in first.record_types] == [r.id for r in second.record_types]
    assert schemas[0].get("Claim__c").key_prefix != schemas[0].get("Claim_Line__c").key_prefix


def test_what_the_org_cannot_do_is_refused_with_the_files_name(tmp_path: Path) -> None:
    field(tmp_path, "Account", "Odd__c", "Hologram")
    with pytest.raises(ValueError, match=r"Odd__c\.field-meta\.xml: fields of type 'Hologram' are not known"):
        metadata.deploy(load(), tmp_path)


def test_a_field_of_an_object_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    field(tmp_path, "Nope__c", "X__c", "Text", "<length>5</length>")
    with pytest.raises(ValueError, match="there is no object Nope__c in this org"):
        metadata.deploy(Schema(), tmp_path)

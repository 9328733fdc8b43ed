"""The metadata that an admin deploys: complete, consistent, and what sandbox and mappings build on."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
import yaml

from app.sandbox import metadata, stock
from app.sandbox.schema import Schema, SObject

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "sfdx"
SOURCE = PROJECT / "force-app"
SPACE = "{http://soap.sforce.com/2006/04/metadata}"
FILES = sorted(SOURCE.rglob("*-meta.xml"))
FIELDS = sorted(SOURCE.rglob("*.field-meta.xml"))
OBJECTS = sorted(SOURCE.rglob("*.object-meta.xml"))
PERMISSION_SETS = sorted(SOURCE.rglob("*.permissionset-meta.xml"))
KINDS = {
    "app": "CustomApplication",
    "compactLayout": "CompactLayout",
    "field": "CustomField",
    "fieldTranslation": "CustomFieldTranslation",
    "flexipage": "FlexiPage",
    "layout": "Layout",
    "listView": "ListView",
    "permissionset": "PermissionSet",
    "permissionsetgroup": "PermissionSetGroup",
    "digitalExperience": "DigitalExperienceBundle",
    "digitalExperienceConfig": "DigitalExperienceConfig",
    "network": "Network",
    "site": "CustomSite",
    "tab": "CustomTab",
    "LeadConvertSetting": "LeadConvertSettings",
    "object": "CustomObject",
    "objectTranslation": "CustomObjectTranslation",
    "recordType": "RecordType",
    "resource": "StaticResource",
    "validationRule": "ValidationRule",
    "js": "LightningComponentBundle",
    "labels": "CustomLabels",
    "translation": "Translations",
    "cls": "ApexClass",
    "eca": "ExternalClientApplication",
    "ecaGlblOauth": "ExtlClntAppGlobalOauthSettings",
    "ecaOauth": "ExtlClntAppOauthSettings",
    "ecaOauthPlcy": "ExtlClntAppOauthConfigurablePolicies",
    "ecaPlcy": "ExtlClntAppConfigurablePolicies",
    "externalCredential": "ExternalCredential",
    "namedCredential": "NamedCredential",
}
# Where the platform keeps each user's token for calls of Tandem; the sandbox org has no such object.
TOKENS = "UserExternalCredential"
# What lies in an object's folder is named after it: Account.Tandem_Id__c.
PARTS_OF_OBJECTS = ("compactLayout", "field", "listView", "recordType", "validationRule")


class Switches:
    multi_currency = True
    person_accounts = True
    state_country_picklists = True


@pytest.fixture(scope="module")
def schema() -> Schema:
    made = stock.load("prm", Switches())
    metadata.deploy(made, SOURCE, multi_currency=True)
    return made


def name_of(path: Path) -> str:
    return path.relative_to(SOURCE).as_posix()


def root(path: Path) -> ET.Element:
    return ET.parse(path).getroot()  # noqa: S314 the project's own files


def text(element: ET.Element, name: str) -> str:
    return (element.findtext(SPACE + name) or "").strip()


@pytest.mark.parametrize("path", FILES, ids=name_of)
def test_a_file_is_well_formed_and_of_the_kind_that_its_name_says(path: Path) -> None:
    kind = path.name.split(".")[-2].removesuffix("-meta")
    assert root(path).tag == SPACE + KINDS[kind]


@pytest.mark.parametrize("path", FIELDS, ids=name_of)
def test_a_field_tells_admins_and_users_what_it_is_for(path: Path) -> None:
    field = root(path)
    assert text(field, "fullName") + ".field-meta.xml" == path.name
    assert len(text(field, "label")) in range(1, 41)
    assert text(field, "description").endswith(".")
    assert 10 < len(text(field, "inlineHelpText")) <= 510
    assert text(field, "required") == "false", "a required field would break records made by others"


@pytest.mark.parametrize("path", FIELDS, ids=name_of)
def test_a_field_has_every_element_that_its_type_needs(path: Path) -> None:
    needs = {
        "Text": {"length", "externalId", "unique"},
        "LongTextArea": {"length", "visibleLines"},
        "Currency": {"precision", "scale"},
        "Date": set(),
        "DateTime": set(),
        "Lookup": {"referenceTo", "relationshipName", "relationshipLabel", "deleteConstraint"},
        "Picklist": {"valueSet"},
    }
    field = root(path)
    present = {child.tag.removeprefix(SPACE) for child in field}
    wanted = {"externalId", "unique"} if "formula" in present else needs[text(field, "type")]
    assert wanted <= present


def test_elements_stand_in_the_order_in_which_the_cli_retrieves_them() -> None:
    for path in FIELDS:
        names = [child.tag for child in root(path)][1:]
        assert names == sorted(names), path
        assert root(path)[0].tag == SPACE + "fullName"


@pytest.mark.parametrize(
    "sobject",
    ["Account", "Approval_Request__c", "Contact", "Deal_Registration__c", "Lead", "Opportunity", "Product2"],
)
def test_the_external_id_is_unique_in_any_letter_case_and_as_long_as_a_uuid(
    schema: Schema, sobject: str
) -> None:
    field = schema.get(sobject).fields["tandem_id__c"]
    assert (field.type, field.length) == ("string", 36)
    assert (field.external_id, field.unique, field.case_sensitive) == (True, True, False)


@pytest.mark.parametrize("sobject", ["Lead", "Opportunity"])
def test_a_registration_number_may_stand_on_the_lead_and_on_what_became_of_it(
    schema: Schema, sobject: str
) -> None:
    field = schema.get(sobject).fields["registration_number__c"]
    assert (field.external_id, field.unique, field.length) == (True, False, 40)


def test_lead_and_opportunity_hold_the_same_statuses_and_take_no_other(schema: Schema) -> None:
    for sobject in ("Lead", "Opportunity"):
        status = schema.get(sobject).fields["registration_status__c"]
        assert status.restricted
        assert [value.value for value in status.picklist] == [
            "Submitted", "Approved", "Rejected", "Expired", "Withdrawn", "Won", "Lost",
        ]  # fmt: skip
        assert status.default is None


def test_a_request_and_what_it_is_about_hold_the_same_states(schema: Schema) -> None:
    for sobject, name in (
        ("Approval_Request__c", "state__c"),
        ("Lead", "approval_status__c"),
        ("Opportunity", "approval_status__c"),
    ):
        state = schema.get(sobject).fields[name]
        assert state.restricted
        assert [value.value for value in state.picklist] == [
            "Waiting for a decision", "Information needed", "Approved", "Rejected", "Recalled",
            "Approval withdrawn", "Expired", "Cancelled",
        ]  # fmt: skip
        assert state.default is None


def test_a_request_names_whom_and_what_it_concerns(schema: Schema) -> None:
    request = schema.get("Approval_Request__c")
    assert (request.label, request.label_plural) == ("Approval Request", "Approval Requests")
    assert not request.fields["name"].auto_number
    points_to = {
        name: request.fields[f"{name.lower()}__c"].reference_to[0]
        for name in ("Partner", "Account", "Opportunity", "Lead", "Requester")
    }
    assert points_to == {
        "Partner": "Account", "Account": "Account", "Opportunity": "Opportunity", "Lead": "Lead",
        "Requester": "User",
    }  # fmt: skip
    assert [value.value for value in request.fields["decision__c"].picklist] == [
        "Approve", "Reject", "Request information",
    ]  # fmt: skip
    number = request.fields["number__c"]
    assert (number.external_id, number.unique) == (True, True)


def test_who_decides_in_salesforce_edits_the_decision_and_nothing_else() -> None:
    path = next(p for p in PERMISSION_SETS if p.name.startswith("Tandem_Approver"))
    entries = list(root(path).iter(SPACE + "fieldPermissions"))
    editable = {text(entry, "field") for entry in entries if text(entry, "editable") == "true"}
    assert editable == {"Approval_Request__c.Decision__c", "Approval_Request__c.Decision_Reason__c"}
    [rights] = [
        entry
        for entry in root(path).iter(SPACE + "objectPermissions")
        if text(entry, "allowEdit") == "true" and text(entry, "object") != TOKENS
    ]
    assert text(rights, "object") == "Approval_Request__c"
    assert [text(rights, right) for right in ("allowEdit", "allowCreate", "allowDelete")] == [
        "true", "false", "false",
    ]  # fmt: skip
    others = [p for p in PERMISSION_SETS if not p.name.startswith(("Tandem_Approver", "Tandem_Integration"))]
    for other in others:
        assert not any(
            text(entry, "editable") == "true"
            for entry in root(other).iter(SPACE + "fieldPermissions")
            if text(entry, "field").startswith("Approval_Request__c.")
        )


def test_partners_see_nothing_of_the_requests_themselves() -> None:
    path = next(p for p in PERMISSION_SETS if p.name.startswith("Tandem_Partner"))
    assert "Approval_Request__c" not in path.read_text()


def test_a_registration_has_every_state_after_a_draft_and_points_to_what_it_concerns(schema: Schema) -> None:
    record = schema.get("Deal_Registration__c")
    assert (record.label, record.label_plural) == ("Deal Registration", "Deal Registrations")
    assert not record.fields["name"].auto_number
    state = record.fields["state__c"]
    assert state.restricted
    assert [value.value for value in state.picklist] == [
        "Submitted", "Information needed", "Approved", "Rejected", "Withdrawn", "Expired", "Won", "Lost",
    ]  # fmt: skip
    assert {
        field.name: field.reference_to[0]
        for field in record.fields.values()
        if field.custom and field.reference_to
    } == {
        "Approval_Request__c": "Approval_Request__c", "Customer__c": "Account", "Lead__c": "Lead",
        "Opportunity__c": "Opportunity", "Partner__c": "Account",
    }  # fmt: skip


@pytest.mark.parametrize("name", ["Tandem_Admin", "Tandem_Approver", "Tandem_Rep"])
def test_the_company_reads_every_registration_and_changes_none(name: str) -> None:
    path = next(p for p in PERMISSION_SETS if p.name.startswith(name))
    [rights] = [
        entry
        for entry in root(path).iter(SPACE + "objectPermissions")
        if text(entry, "object") == "Deal_Registration__c"
    ]
    assert [text(rights, right) for right in ("allowRead", "viewAllRecords", "allowEdit", "allowCreate")] == [
        "true", "true", "false", "false",
    ]  # fmt: skip
    granted = {
        text(entry, "field"): text(entry, "editable")
        for entry in root(path).iter(SPACE + "fieldPermissions")
        if text(entry, "field").startswith("Deal_Registration__c.")
    }
    fields = {f"Deal_Registration__c.{f.name.split('.')[0]}" for f in FIELDS if "Deal_Reg" in str(f)}
    assert granted == dict.fromkeys(fields, "false")


def test_partners_have_their_deals_in_the_portal_and_no_access_to_the_records(schema: Schema) -> None:
    path = next(p for p in PERMISSION_SETS if p.name.startswith("Tandem_Partner"))
    assert "Deal_Registration__c" not in path.read_text()
    [record] = [root(p) for p in OBJECTS if p.name.startswith("Deal_Registration__c")]
    assert (text(record, "sharingModel"), text(record, "externalSharingModel")) == ("Private", "Private")


def test_the_partner_is_reached_both_ways_and_a_deleted_one_leaves_the_deal(schema: Schema) -> None:
    for sobject, children in (("Lead", "Partner_Leads__r"), ("Opportunity", "Partner_Opportunities__r")):
        partner = schema.get(sobject).fields["partner__c"]
        assert partner.reference_to == ("Account",)
        assert (partner.relationship, partner.child_relationship) == ("Partner__r", children)
        assert partner.on_parent_delete == "null"


def test_the_partners_name_on_an_opportunity_is_computed_across_the_lookup(schema: Schema) -> None:
    name = schema.get("Opportunity").fields["registration_partner_name__c"]
    assert name.formula == "Partner__r.Name"
    assert not name.createable
    assert not name.updateable


@pytest.mark.parametrize("path", PERMISSION_SETS, ids=name_of)
def test_a_permission_set_grants_only_what_is_there_and_can_be_granted(path: Path, schema: Schema) -> None:
    compound = {"Account.BillingAddress", "Account.ShippingAddress", "Contact.MailingAddress", "Lead.Address"}
    granted = [
        (text(entry, "field"), text(entry, "editable"))
        for entry in root(path).iter(SPACE + "fieldPermissions")
    ]
    assert [name for name, _ in granted] == sorted({name for name, _ in granted})
    for name, editable in granted:
        sobject, _, field_name = name.partition(".")
        field = schema.get(sobject).field_named(field_name)
        assert field is not None, name
        assert field.permissionable, f"{name} cannot be granted: everybody has it"
        assert editable == "false" or field.updateable or name in compound, f"{name} cannot be edited"
    for entry in root(path).iter(SPACE + "objectPermissions"):
        assert text(entry, "object") == TOKENS or schema.find(text(entry, "object")) is not None
        rights = {right: text(entry, right) == "true" for right in (
            "allowRead", "allowCreate", "allowEdit", "allowDelete", "viewAllRecords", "modifyAllRecords",
        )}  # fmt: skip
        assert rights["allowRead"]
        assert not rights["allowDelete"] or rights["allowEdit"]
        assert not rights["modifyAllRecords"] or all(rights.values())


def test_the_integration_user_reads_and_writes_every_field_that_tandem_brings(schema: Schema) -> None:
    path = next(p for p in PERMISSION_SETS if p.name.startswith("Tandem_Integration"))
    granted = {text(e, "field"): text(e, "editable") for e in root(path).iter(SPACE + "fieldPermissions")}
    for sobject in schema:
        for field in sobject.fields.values():
            if field.custom:
                expected = "false" if field.formula else "true"
                assert granted[f"{sobject.name}.{field.name}"] == expected


def test_partners_see_their_registration_and_never_tandems_ids() -> None:
    path = next(p for p in PERMISSION_SETS if p.name.startswith("Tandem_Partner"))
    entries = list(root(path).iter(SPACE + "fieldPermissions"))
    assert {text(entry, "editable") for entry in entries} == {"false"}
    assert not any("Tandem_Id__c" in text(entry, "field") for entry in entries)
    assert "Lead.Registration_Status__c" in {text(entry, "field") for entry in entries}


def test_a_converted_lead_takes_its_registration_along(schema: Schema) -> None:
    mapping = metadata.deploy(stock.load(), SOURCE)
    assert {(pair["from"], pair["object"], pair["to"]) for pair in mapping} == {
        (name, "Opportunity", name)
        for name in (
            "Approval_Status__c",
            "Authorization_Number__c",
            "Partner__c",
            "Protected_Until__c",
            "Registration_Number__c",
            "Registration_Status__c",
        )
    }
    for pair in mapping:
        source, target = (
            schema.get("Lead").field_named(pair["from"]),
            schema.get(pair["object"]).field_named(pair["to"]),
        )
        assert source is not None
        assert target is not None
        assert source.type == target.type


def test_the_manifest_lists_exactly_what_is_there() -> None:
    manifest = root(PROJECT / "manifest" / "package.xml")
    listed = {
        text(types, "name"): [member.text for member in types.iterfind(SPACE + "members")]
        for types in manifest.iterfind(SPACE + "types")
    }
    there: dict[str, set[str]] = {}
    for path in FILES:
        stem, kind = path.name.removesuffix("-meta.xml").rsplit(".", 1)
        if kind == "fieldTranslation":  # goes with its object's
            continue
        name = f"{path.parents[1].name}.{stem}" if kind in PARTS_OF_OBJECTS else stem
        if kind == "digitalExperience":
            name = f"site/{stem}"
            there["DigitalExperience"] = {
                f"{name}.{part.parents[1].name}/{part.parent.name}"
                for part in path.parent.rglob("_meta.json")
            }
        there.setdefault(KINDS[kind], set()).add(name)
    assert listed == {kind: sorted(names) for kind, names in there.items()}


def test_project_and_manifest_name_one_api_version_the_sandboxs() -> None:
    from app.sandbox.org import Org

    project = json.loads((PROJECT / "sfdx-project.json").read_text())
    manifest = root(PROJECT / "manifest" / "package.xml")
    assert project["sourceApiVersion"] == text(manifest, "version") == Org.api_version
    assert (PROJECT / project["packageDirectories"][0]["path"]).is_dir()


def test_every_field_that_a_mapping_names_exists_once_the_metadata_is_deployed(schema: Schema) -> None:
    missing = []
    for path in sorted((ROOT / "mappings").glob("*.yaml")):
        mapping = yaml.safe_load(path.read_text())
        sobject = schema.get(mapping["object"])
        names = [entry["sf"] for entry in (*mapping["fields"], *mapping.get("lookups", ()))]
        names += [mapping["external_id"]] if mapping.get("external_id") else []
        missing += [f"{path.name}: {name}" for name in names if not reaches(schema, sobject, name)]
    assert missing == []


def reaches(schema: Schema, sobject: SObject, path: str) -> bool:
    """Whether `Name` or `UserRole.Name` leads to a field."""
    *parents, name = path.split(".")
    for relationship in parents:
        link = sobject.by_relationship(relationship)
        if link is None:
            return False
        sobject = schema.get(link.reference_to[0])
    return sobject.field_named(name) is not None


def test_a_field_that_nobody_deployed_is_unknown_to_the_org() -> None:
    assert stock.load("prm").get("Account").field_named("Tandem_Id__c") is None


def test_a_broken_file_is_named_in_one_sentence(tmp_path: Path) -> None:
    broken = tmp_path / "main" / "sync" / "objects" / "Account" / "fields" / "Bad__c.field-meta.xml"
    broken.parent.mkdir(parents=True)
    broken.write_text("<CustomField><fullName>Bad__c</fullName>")
    with pytest.raises(ValueError, match=re.escape(str(broken))):
        metadata.deploy(stock.load(), tmp_path)

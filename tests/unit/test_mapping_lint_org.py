"""Faults that show beside the org's own description."""

from __future__ import annotations

from typing import Any

import pytest

from app.salesforce.capabilities import OrgCapabilities
from app.salesforce.describe import ObjectDescribe
from app.sync.admin.lint import LocalColumn, check
from app.sync.admin.lint_org import check_org
from app.sync.org_capabilities import capabilities

MAPPING = """\
object: Account
table: account
external_id: Tandem_Id__c
fields:
  - {sf: Name, local: name}
"""

TABLES = {
    "account": {
        "name": LocalColumn("text", required=True),
        "parent_id": LocalColumn("uuid"),
        "extra": LocalColumn("json"),
    }
}


def described_field(kind: str, **settings: Any) -> dict[str, Any]:
    """A field as describe shows it, writable and optional unless said otherwise."""
    usual = {"createable": True, "updateable": True, "nillable": True, "filterable": True, "scale": 0}
    return {"type": kind, "length": 0, **usual, **settings}


FIELDS = {
    "Id": described_field("id", createable=False, updateable=False, nillable=False),
    "Name": described_field("string", length=255, nillable=False),
    "Tandem_Id__c": described_field("string", externalId=True, unique=True),
    "Industry": described_field("picklist"),
    "Level__c": described_field(
        "picklist",
        restrictedPicklist=True,
        picklistValues=[
            {"value": "Gold", "active": True},
            {"value": "Silver", "active": True},
            {"value": "Bronze", "active": False},
        ],
    ),
    "Revenue__c": described_field("currency", scale=2),
    "Total__c": described_field("double", scale=2, calculated=True, createable=False, updateable=False),
    "Locked__c": described_field("string", updateable=False),
    "BillingAddress": described_field("address", createable=False, updateable=False),
    "Body__c": described_field("textarea", length=32000, filterable=False),
    "ParentId": described_field("reference", referenceTo=["Account"], relationshipName="Parent"),
    "OwnerId": described_field("reference", referenceTo=["User"], relationshipName="Owner", nillable=False),
}


def org(**more: dict[str, Any] | None) -> OrgCapabilities:
    """An org whose Account has FIELDS, changed by `more` (None takes one away)."""
    fields = {**FIELDS, **more}
    shown = {name: {"name": name, **f} for name, f in fields.items() if f is not None}
    raw = {"createable": True, "updateable": True, "deletable": True, "recordTypeInfos": []}
    account = ObjectDescribe("Account", raw, shown)
    return OrgCapabilities(
        org_id="00D000000000001AAA",
        name="Acme",
        edition="Enterprise Edition",
        is_sandbox=False,
        api_version="67.0",
        names=frozenset({"Account", "User"}),
        objects={"Account": account},
        multi_currency=False,
        person_accounts=False,
        state_country_picklists=False,
        approvals=False,
    )


def said(text: str, of: OrgCapabilities | None = None) -> list[str]:
    """What the check of one mapping against an org says."""
    offline = check({"A.yaml": text}, TABLES)
    assert offline.faults == []
    return [fault.sentence() for fault in check_org(offline, of or org()).faults]


def field(line: str) -> str:
    return f"{MAPPING}  - {line}\n"


def test_a_sound_mapping_has_no_fault():
    assert said(MAPPING) == []


@pytest.mark.parametrize(
    ("line", "says"),
    [
        (
            "{sf: Gone__c, local: extra.g}",
            "A.yaml:6:6: The org has no field Account.Gone__c, or Tandem's user may not see it. Deploy sfdx/"
            "force-app and assign the permission set Tandem_Integration, or write `optional: true` here.",
        ),
        (
            "{sf: industry, local: extra.i, type: picklist}",
            "A.yaml:6:6: The org spells Account.industry as Industry. Use its spelling.",
        ),
        (
            "{sf: Industry, local: extra.i}",
            "Account.Industry is picklist in the org and string here. Write `type: picklist`.",
        ),
        (
            "{sf: Revenue__c, local: extra.r, type: int}",
            "Account.Revenue__c is currency in the org and int here. Write `type: decimal(2)`.",
        ),
        (
            "{sf: Revenue__c, local: extra.r, type: decimal(0)}",
            "keeps 2 decimals in the org and 0 here, so figures would change on the way. Write `type: "
            "decimal(2)`.",
        ),
        ("{sf: Revenue__c, local: extra.r, type: decimal(4)}", "keeps 2 decimals in the org and 4 here"),
        (
            "{sf: Total__c, local: extra.t, type: decimal(2)}",
            "Account.Total__c is a formula and cannot be written. Write `direction: in`.",
        ),
        (
            "{sf: Locked__c, local: extra.l}",
            "Account.Locked__c cannot be changed afterwards by Tandem's user.",
        ),
        (
            "{sf: BillingAddress, local: extra.a, direction: in}",
            "Account.BillingAddress is a compound field. Map its parts, one field each.",
        ),
        (
            "{sf: Industry, local: extra.i, type: picklist, direction: in, refresh: true}",
            "Account.Industry is no formula. Take `refresh: true` out.",
        ),
        (
            "{sf: Level__c, local: extra.l, type: picklist, values: {Bronze: b}}",
            "Account.Level__c does not offer 'Bronze' in the org. It offers Gold, Silver.",
        ),
        (
            "{sf: Level__c, local: extra.l, type: picklist, on_picklist_miss: default, picklist_default: X}",
            "Account.Level__c does not offer 'X' in the org.",
        ),
        (
            "{sf: Level__c, local: extra.l, type: picklist, on_picklist_miss: {map: {old: Bronze}}}",
            "Account.Level__c does not offer 'Bronze' in the org.",
        ),
    ],
)
def test_a_field_that_the_org_has_otherwise_is_a_fault(line, says):
    found = said(field(line))
    assert len(found) == 1
    assert says in found[0]


@pytest.mark.parametrize(
    "line",
    [
        "{sf: Revenue__c, local: extra.r, type: decimal(4), direction: in}",
        "{sf: Total__c, local: extra.t, type: decimal(2), direction: in, refresh: true}",
        "{sf: Gone__c, local: extra.g, optional: true}",
        "{sf: Owner.Name, local: extra.o, direction: in}",
        "{sf: Industry, local: extra.i, type: picklist, values: {Anything: x}}",
    ],
)
def test_a_field_that_fits_is_no_fault(line):
    assert said(field(line)) == []


def test_a_guarded_part_is_skipped_with_a_note():
    report = check_org(check({"A.yaml": field("{sf: G__c, local: extra.g, optional: true}")}, TABLES), org())
    assert report.notes == ["Account.G__c: Skipped unless the org has the field Account.G__c."]


def test_an_external_id_that_is_not_unique_could_make_doubles():
    plain = described_field("string", externalId=True, unique=False)
    assert "not both External ID and Unique" in said(MAPPING, org(Tandem_Id__c=plain))[0]
    assert "A.yaml:3:1: The org has no field Account.Tandem_Id__c" in said(MAPPING, org(Tandem_Id__c=None))[0]


def test_a_field_that_new_records_need_must_be_written():
    needed = org(Region__c=described_field("string", nillable=False))
    assert said(MAPPING, needed) == [
        "A.yaml:4:1: New Account records need Region__c, and no field writes it. Map Region__c, or write "
        "`create: in`."
    ]
    assert said(MAPPING + "create: in\n", needed) == []
    defaulted = org(Region__c=described_field("string", nillable=False, defaultedOnCreate=True))
    assert said(MAPPING, defaulted) == []


@pytest.mark.parametrize(
    ("lookup", "says"),
    [
        ("{sf: ParentId, local: parent_id, object: Account, after: true}", None),
        (
            "{sf: OwnerId, local: parent_id, object: Account, after: true}",
            "Account.OwnerId points to User, not to Account.",
        ),
        ("{sf: Name2, local: parent_id, object: Account, after: true}", "The org has no field Account.Name2"),
        (
            "{sf: ParentId, local: parent_id, object: Account, after: true, relationship: Mother}",
            "The relationship of Account.ParentId is Parent in the org. Write `relationship: Parent`.",
        ),
    ],
)
def test_a_lookup_points_where_the_org_says(lookup, says):
    found = said(f"{MAPPING}lookups:\n  - {lookup}\n")
    assert [says in sentence for sentence in found] == ([True] if says else [])


@pytest.mark.parametrize(
    ("soql", "says"),
    [
        (
            "Industry != null AND Owner.IsActive = TRUE AND CreatedDate2 > LAST_N_DAYS:30",
            "names CreatedDate2",
        ),
        ("Body__c = 'x'", "Salesforce cannot filter by Account.Body__c."),
        ("Industry IN ('Gone__c', 'x') AND Name LIKE 'y%'", None),
    ],
)
def test_a_filter_names_fields_that_the_org_has(soql, says):
    found = said(f'{MAPPING}filter: "{soql}"\n')
    assert [says in sentence for sentence in found] == ([True] if says else [])


def test_an_object_that_the_user_may_not_see_is_a_fault():
    hidden = OrgCapabilities(
        **{**{n: getattr(org(), n) for n in OrgCapabilities.__dataclass_fields__}, "objects": {}}
    )
    assert "The org has no object Account, or Tandem's user may not see it." in said(MAPPING, hidden)[0]


def test_a_record_type_must_be_one_that_the_user_may_use():
    assert "Account has no record type Reseller" in said(MAPPING + "record_types: [Reseller]\n")[0]


def test_the_probe_tells_which_values_and_lengths_the_org_takes():
    able = capabilities(org())
    assert able.picklists == {("Account", "Level__c"): frozenset({"Gold", "Silver"})}
    assert able.lengths == {("Account", "Name"): 255, ("Account", "Body__c"): 32000}
    assert able.has_field("Account", "Owner.Name")
    assert not able.has_field("User", "Name")

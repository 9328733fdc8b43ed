"""The mappings that come with the product."""

from __future__ import annotations

import pytest

import app.crm.models  # noqa: F401  # its tables are what the mappings name
from app.config import PROJECT
from app.db import Base
from app.sync.admin.lint import check, local_tables
from app.sync.admin.mapping_commands import schema_text
from app.sync.mapping import MappingSet, parse
from app.sync.mapping_store import read_files

DIRECTORY = PROJECT / "mappings"


@pytest.fixture(scope="module")
def shipped() -> MappingSet:
    return parse(read_files(DIRECTORY))


def test_they_have_no_fault_beside_the_tables():
    report = check(read_files(DIRECTORY), local_tables(Base.metadata))
    assert [fault.sentence() for fault in report.faults] == []


def test_parents_come_first(shipped):
    assert [o.sobject for o in shipped.objects] == [
        "User",
        "Account",
        "Product2",
        "ChannelProgram",
        "ChannelProgramLevel",
        "ChannelProgramMember",
        "Contact",
        "Lead",
        "Opportunity",
        "Order",
        "Approval_Request__c",
        "Deal_Registration__c",
    ]


def test_the_schema_for_editors_is_current_and_every_file_names_it():
    assert (DIRECTORY / "mapping.schema.json").read_text() == schema_text()
    for name, text in read_files(DIRECTORY).items():
        assert text.startswith("# yaml-language-server: $schema=mapping.schema.json\n"), name


def test_users_are_never_written(shipped):
    user = shipped.by_sobject("User")
    assert (user.outbound, user.create, user.update, user.delete_out) == (frozenset(), "in", "in", "ignore")


def test_a_registration_belongs_to_tandem_and_the_stage_to_the_sales_team(shipped):
    for name in ("Lead", "Opportunity"):
        fields = shipped.by_sobject(name).by_sf
        for field in ("Registration_Number__c", "Registration_Status__c", "Protected_Until__c", "Partner__c"):
            assert fields[field].owner == "tandem", field
    assert shipped.by_sobject("Opportunity").by_sf["StageName"].owner == "salesforce"


def test_a_plain_org_needs_no_partner_or_currency_fields(shipped):
    required = shipped.required()
    assert "IsPartner" not in required["Account"]
    assert all("CurrencyIsoCode" not in fields for fields in required.values())
    assert "Tandem_Id__c" in required["Opportunity"]


def test_deleting_here_never_deletes_in_salesforce(shipped):
    assert {o.delete_out for o in shipped.objects} == {"ignore"}


def test_of_an_approval_request_only_the_decision_comes_in(shipped):
    request = shipped.by_sobject("Approval_Request__c")
    inwards = {name: part.owner for name, part in request.by_sf.items() if part.inbound}
    assert inwards == {"Decision__c": "salesforce", "Decision_Reason__c": "salesforce"}
    assert (request.create, request.guarded) == ("out", True)


def test_of_a_deal_registration_nothing_comes_in_and_so_it_costs_no_poll_a_minute(shipped):
    record = shipped.by_sobject("Deal_Registration__c")
    assert record.only_out
    assert (record.create, record.every) == ("out", 300)
    assert [one.sobject for one in shipped.objects if one.only_out] == ["Deal_Registration__c"]
    assert "Deal_Registration__c" not in shipped.required()


def test_an_org_without_approval_requests_is_synced_as_before(shipped):
    assert "Approval_Request__c" not in shipped.required()
    for name in ("Lead", "Opportunity"):
        required = shipped.required()[name]
        assert not {"Approval_Status__c", "Authorization_Number__c"} & set(required)

"""The standard objects that an org has before anybody deploys anything."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from app.sandbox import stock
from app.sandbox.context import Context
from app.sandbox.formula import compile_formula
from app.sandbox.org import Org
from app.sandbox.schema import COMPOUND, NUMERIC, Schema

TYPES = NUMERIC | COMPOUND | {
    "id", "reference", "string", "textarea", "picklist", "combobox", "email", "phone", "url", "boolean",
    "date", "datetime",
}  # fmt: skip
PARTNER_OBJECTS = {
    "ChannelProgram", "ChannelProgramLevel", "ChannelProgramMember", "PartnerFundAllocation",
    "PartnerFundClaim", "PartnerFundRequest", "PartnerMarketingBudget", "Scorecard", "ScorecardAssociation",
    "ScorecardMetric",
}  # fmt: skip


@dataclass
class Switches:
    multi_currency: bool = False
    person_accounts: bool = False
    state_country_picklists: bool = False


EVERYTHING = Switches(multi_currency=True, person_accounts=True, state_country_picklists=True)


@pytest.fixture(params=[("stock-enterprise", Switches()), ("prm", EVERYTHING)], ids=["plain", "everything"])
def schema(request: pytest.FixtureRequest) -> Schema:
    profile, switches = request.param
    return stock.load(profile, switches)


@pytest.fixture
def org(tmp_path: Path, schema: Schema) -> Iterator[Org]:
    made = Org(tmp_path, profile="prm", seed=1)
    made.schema = schema
    yield made
    made.close()


def test_every_reference_leads_to_an_object_of_the_org(schema: Schema) -> None:
    dangling = [
        (sobject.name, field.name)
        for sobject in schema
        for field in sobject.fields.values()
        if field.type == "reference"
        and (not field.reference_to or any(schema.find(target) is None for target in field.reference_to))
    ]
    assert dangling == []


def test_a_key_prefix_belongs_to_one_object_and_the_known_ones_are_salesforces_own(schema: Schema) -> None:
    prefixes = Counter(sobject.key_prefix for sobject in schema)
    assert [prefix for prefix, count in prefixes.items() if count > 1 or len(prefix) != 3] == []
    known = {
        "Account": "001", "Contact": "003", "Lead": "00Q", "Opportunity": "006", "User": "005",
        "Product2": "01t", "Pricebook2": "01s", "PricebookEntry": "01u", "Group": "00G", "UserRole": "00E",
        "Profile": "00e", "PermissionSet": "0PS", "RecordType": "012", "Campaign": "701",
        "CampaignMember": "00v", "OpportunityLineItem": "00k", "OpportunityContactRole": "00K",
        "Task": "00T", "Event": "00U",
        "Organization": "00D", "Case": "500", "Order": "801", "ProcessInstanceWorkitem": "04i",
    }  # fmt: skip
    assert {name: schema.get(name).key_prefix for name in known} == known


def test_every_field_has_a_type_and_a_size_that_fit_each_other(schema: Schema) -> None:
    for sobject in schema:
        for field in sobject.fields.values():
            where = f"{sobject.name}.{field.name}"
            assert field.type in TYPES, where
            assert field.label, where
            if field.type in NUMERIC:
                assert 0 < field.precision <= 18, where
                assert 0 <= field.scale <= 15, where
            elif field.type in ("string", "textarea", "picklist", "email", "phone", "url"):
                assert 0 < field.length <= 32_000, where
            if field.compound:
                assert field.compound.lower() in sobject.fields, where
            if field.controller:
                assert field.controller.lower() in sobject.fields, where
            if field.restricted:
                assert field.picklist, where


def test_a_parent_reaches_each_kind_of_children_under_one_name(schema: Schema) -> None:
    names = Counter(
        (parent, field.child_relationship)
        for sobject in schema
        for field in sobject.fields.values()
        for parent in field.reference_to
        if field.child_relationship
    )
    assert [pair for pair, count in names.items() if count > 1] == []
    contact = schema.get("Contact").fields["accountid"]
    assert (contact.relationship, contact.child_relationship, contact.on_parent_delete) == (
        "Account",
        "Contacts",
        "cascade",
    )


def test_every_formula_of_a_standard_field_is_one_that_the_org_can_compute(org: Org) -> None:
    ctx = Context(org, system=True)
    compiled = [
        compile_formula(ctx, sobject, field.formula)
        for sobject in org.schema
        for field in sobject.fields.values()
        if field.formula
    ]
    assert len(compiled) > 20


def test_what_a_person_must_enter_is_what_salesforce_asks_for() -> None:
    schema = stock.load()
    required = {
        name: {field.name for field in schema.get(name).fields.values() if field.required}
        for name in ("Account", "Contact", "Lead", "Opportunity", "Product2", "OpportunityLineItem")
    }
    assert required == {
        "Account": {"Name"},
        "Contact": {"LastName"},
        "Lead": {"LastName", "Company"},
        "Opportunity": {"Name", "StageName", "CloseDate"},
        "Product2": {"Name"},
        "OpportunityLineItem": {"OpportunityId", "Quantity"},
    }


def test_partner_objects_exist_only_where_partner_management_is_licensed() -> None:
    plain, prm = stock.load("stock-enterprise"), stock.load("prm")
    assert {sobject.name for sobject in prm} - {sobject.name for sobject in plain} == PARTNER_OBJECTS
    assert plain.get("Account").field_named("IsPartner") is None
    assert plain.get("Lead").field_named("PartnerAccountId") is None
    assert prm.get("Account").fields["ispartner"].updateable is False
    assert prm.get("Opportunity").fields["partneraccountid"].createable is False


def test_one_currency_means_no_currency_fields() -> None:
    single, multi = stock.load(), stock.load("stock-enterprise", Switches(multi_currency=True))
    assert single.find("CurrencyType") is None
    assert single.get("Account").field_named("CurrencyIsoCode") is None
    currency = multi.get("Account").fields["currencyisocode"]
    assert (currency.restricted, currency.default) == (True, "$Currency")
    assert {"USD", "EUR", "JPY"} <= {value.value for value in currency.picklist}


def test_a_state_is_offered_only_for_its_country() -> None:
    state = stock.load("prm", EVERYTHING).get("Lead").fields["statecode"]
    assert state.controller == "CountryCode"
    offered = {value.value: value.valid_for for value in state.picklist}
    assert offered["TX"] == ("US",)
    assert offered["ON"] == ("CA",)


def test_partner_rows_can_be_made_and_deleted_but_never_changed() -> None:
    schema = stock.load()
    for name in ("Partner", "AccountPartner", "OpportunityPartner"):
        sobject = schema.get(name)
        assert (sobject.createable, sobject.updateable, sobject.deletable) == (True, False, True)
    assert schema.get("Partner").replicateable
    assert not schema.get("AccountPartner").replicateable


def test_two_orgs_share_nothing() -> None:
    first, second = stock.load(), stock.load()
    del first.get("Account").fields["fax"]
    first.get("Lead").fields["status"].picklist[0].active = False
    assert second.get("Account").field_named("Fax") is not None
    assert second.get("Lead").fields["status"].picklist[0].active


def test_an_unknown_profile_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match="No org profile 'gold'; there are developer, prm, stock-enterprise"):
        stock.load("gold")


def test_reading_every_object_takes_a_fraction_of_a_second() -> None:
    stock._specs.cache_clear()
    stock._shared.cache_clear()
    started = time.process_time()
    stock.load("prm", EVERYTHING)
    assert time.process_time() - started < 0.15

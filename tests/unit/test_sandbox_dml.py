"""How the sandbox org saves, changes, deletes and restores records."""

from __future__ import annotations

import pytest

from app.sandbox import admin
from app.sandbox.dml import Dml
from app.sandbox.errors import ApiError
from app.sandbox.hooks import Trigger
from app.sandbox.schema import Field, ValidationRule
from tests.fixtures.engine import Engine, fresh

NOON = "2026-03-02T12:00:00.000+0000"
LATER = "2026-03-02T12:01:00.000+0000"


def stamps(engine: Engine, sobject: str, record_id: str) -> tuple[str, str, str]:
    """CreatedDate, LastModifiedDate and SystemModstamp of a record, deleted or not."""
    row = engine.one(
        f"SELECT CreatedDate, LastModifiedDate, SystemModstamp FROM {sobject} WHERE Id = '{record_id}'",
        all_rows=True,
    )
    return row["CreatedDate"], row["LastModifiedDate"], row["SystemModstamp"]


# --- insert and update ---------------------------------------------------------------------------


def test_a_new_record_has_an_owner_and_one_stamp(engine: Engine) -> None:
    account = engine.insert("Account", Name="  Acme  ", Phone="")
    assert stamps(engine, "Account", account) == (NOON, NOON, NOON)
    row = engine.one("SELECT Name, Phone, OwnerId, CreatedById, IsDeleted FROM Account")
    assert row == {
        "Name": "Acme",
        "Phone": None,
        "OwnerId": engine.user_id,
        "CreatedById": engine.user_id,
        "IsDeleted": False,
    }


def test_a_change_moves_both_stamps_and_leaves_the_other_fields(engine: Engine) -> None:
    account = engine.insert("Account", Name="Acme", Phone="1")
    engine.org.clock.advance(60)
    engine.update(account, Phone="2")
    assert stamps(engine, "Account", account) == (NOON, LATER, LATER)
    assert engine.one("SELECT Name, Phone FROM Account") == {"Name": "Acme", "Phone": "2"}


def test_saving_without_a_change_still_moves_both_stamps(engine: Engine) -> None:
    account = engine.insert("Account", Name="Acme")
    engine.org.clock.advance(60)
    engine.update(account)
    assert stamps(engine, "Account", account) == (NOON, LATER, LATER)


def test_a_formula_that_changes_moves_no_stamp(engine: Engine) -> None:
    partner = engine.insert("Account", Name="Partner")
    deal = engine.insert(
        "Opportunity", Name="D", StageName="Prospecting", CloseDate="2026-06-01", Partner__c=partner
    )
    engine.org.clock.advance(60)
    engine.update(partner, Name="Partner AG")
    assert engine.one("SELECT Registration_Partner_Name__c FROM Opportunity") == {
        "Registration_Partner_Name__c": "Partner AG"
    }
    assert stamps(engine, "Opportunity", deal) == (NOON, NOON, NOON)


def test_every_missing_field_is_named_at_once(engine: Engine) -> None:
    error = engine.refusal(engine.try_insert("Opportunity", Name="D"))
    assert error.code == "REQUIRED_FIELD_MISSING"
    assert error.message == "Required fields are missing: [StageName, CloseDate]"
    assert error.fields == ["StageName", "CloseDate"]


def test_a_required_field_cannot_be_emptied(engine: Engine) -> None:
    account = engine.insert("Account", Name="Acme")
    assert engine.refusal(engine.try_update(account, Name=" ")).code == "REQUIRED_FIELD_MISSING"
    assert engine.one("SELECT Name FROM Account") == {"Name": "Acme"}


@pytest.mark.parametrize(
    ("fields", "code", "message"),
    [
        ({"Foo": 1}, "INVALID_FIELD", "No such column 'Foo' on sobject of type Account"),
        (
            {"CreatedDate": NOON},
            "INVALID_FIELD_FOR_INSERT_UPDATE",
            "Unable to create/update fields: CreatedDate. Please check the security settings of this field "
            "and verify that it is read/write for your profile or permission set.",
        ),
        (
            {"ParentId": "003000000000000AAA"},
            "FIELD_INTEGRITY_EXCEPTION",
            "Parent Account ID: id value of incorrect type: 003000000000000AAA",
        ),
        (
            {"ParentId": "001000000000000AAA"},
            "INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY",
            "insufficient access rights on cross-reference id: 001000000000000AAA",
        ),
        ({"ParentId": "xyz"}, "MALFORMED_ID", "Parent Account ID: id value of incorrect type: xyz"),
        ({"OwnerId": "005000000000000AAA"}, "INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id"),
    ],
)
def test_what_is_refused_changes_nothing(
    engine: Engine, fields: dict[str, object], code: str, message: str
) -> None:
    account = engine.insert("Account", Name="Acme")
    engine.org.clock.advance(60)
    error = engine.refusal(engine.try_update(account, Name="Other", **fields))
    assert (error.code, error.message) == (code, message)
    assert engine.one("SELECT Name FROM Account") == {"Name": "Acme"}
    assert stamps(engine, "Account", account) == (NOON, NOON, NOON)


def test_one_bad_record_does_not_stop_the_others(engine: Engine) -> None:
    account = engine.org.schema.get("Account")
    results = Dml(engine.ctx()).insert(account, [{"Name": "A"}, {"Name": None}, {"Name": "C"}])
    assert [r.success for r in results] == [True, False, True]
    assert [r["Name"] for r in engine.query("SELECT Name FROM Account ORDER BY Name")] == ["A", "C"]


def test_all_or_none_takes_the_good_ones_back(engine: Engine) -> None:
    account = engine.org.schema.get("Account")
    results = Dml(engine.ctx()).insert(account, [{"Name": "A"}, {"Name": None}], all_or_none=True)
    assert [r.errors[0].code for r in results] == [
        "ALL_OR_NONE_OPERATION_ROLLED_BACK",
        "REQUIRED_FIELD_MISSING",
    ]
    assert engine.query("SELECT Id FROM Account") == []


def test_an_inactive_user_cannot_own_a_record(engine: Engine) -> None:
    other = engine.one("SELECT Id FROM User WHERE Username LIKE 'admin@%'")["Id"]
    engine.org.store.read().execute("UPDATE User SET IsActive = 0 WHERE Id = ?", (other,))
    error = engine.refusal(engine.try_insert("Account", Name="A", OwnerId=other))
    assert error.code == "INACTIVE_OWNER_OR_USER"
    assert error.fields == ["OwnerId"]


def test_a_lookup_by_external_id_finds_the_parent_in_any_case(engine: Engine) -> None:
    account = engine.insert("Account", Name="A", Tandem_Id__c="Abc")
    engine.insert("Contact", LastName="L", Account={"Tandem_Id__c": "ABC"})
    assert engine.one("SELECT AccountId FROM Contact") == {"AccountId": account}


def test_a_lookup_by_an_external_id_that_nobody_has_is_refused(engine: Engine) -> None:
    error = engine.refusal(engine.try_insert("Contact", LastName="L", Account={"Tandem_Id__c": "x"}))
    assert error.code == "INVALID_FIELD"
    assert error.message == "Foreign key external ID: x not found for field Tandem_Id__c in entity Account"
    assert engine.query("SELECT Id FROM Contact") == []


# --- external ids --------------------------------------------------------------------------------


def test_a_unique_field_is_unique_without_case(engine: Engine) -> None:
    first = engine.insert("Account", Name="A", Tandem_Id__c="abc")
    error = engine.refusal(engine.try_insert("Account", Name="B", Tandem_Id__c="ABC"))
    assert error.code == "DUPLICATE_VALUE"
    assert error.message == (
        f"duplicate value found: Tandem_Id__c duplicates value on record with id: {first}"
    )


def test_a_deleted_record_does_not_hold_its_external_id(engine: Engine) -> None:
    first = engine.insert("Account", Name="A", Tandem_Id__c="abc")
    Dml(engine.ctx()).delete([first])
    assert engine.insert("Account", Name="B", Tandem_Id__c="abc") != first


def test_an_upsert_creates_once_and_changes_afterwards(engine: Engine) -> None:
    account = engine.org.schema.get("Account")
    dml = Dml(engine.ctx())
    made = dml.upsert(account, "Tandem_Id__c", [{"Tandem_Id__c": "k1", "Name": "A"}])[0]
    again = dml.upsert(account, "Tandem_Id__c", [{"Tandem_Id__c": "K1", "Name": "B"}])[0]
    assert (made.created, again.created) == (True, False)
    assert made.id == again.id
    assert engine.query("SELECT Name, Tandem_Id__c FROM Account") == [{"Name": "B", "Tandem_Id__c": "k1"}]


def test_the_same_key_twice_in_one_upsert_counts_once(engine: Engine) -> None:
    account = engine.org.schema.get("Account")
    rows = [{"Tandem_Id__c": "k", "Name": "A"}, {"Tandem_Id__c": "K", "Name": "B"}]
    first, second = Dml(engine.ctx()).upsert(account, "Tandem_Id__c", rows)
    assert first.created is True
    assert second.errors[0].code == "DUPLICATE_VALUE"
    assert second.errors[0].message == "Duplicate external id specified: K"
    assert engine.query("SELECT Name FROM Account") == [{"Name": "A"}]


def test_a_key_that_two_records_share_is_ambiguous(engine: Engine) -> None:
    lead = {"LastName": "L", "Company": "C", "Registration_Number__c": "R1"}
    kind = engine.org.schema.get("Lead")
    Dml(engine.ctx()).insert(kind, [lead, lead])
    result = Dml(engine.ctx()).upsert(kind, "Registration_Number__c", [lead])[0]
    assert engine.refusal(result).code == "DUPLICATE_EXTERNAL_ID"
    assert len(engine.query("SELECT Id FROM Lead")) == 2


def test_update_only_creates_nothing(engine: Engine) -> None:
    account = engine.org.schema.get("Account")
    row = {"Tandem_Id__c": "k", "Name": "A"}
    result = Dml(engine.ctx()).upsert(account, "Tandem_Id__c", [row], update_only=True)[0]
    assert engine.refusal(result).code == "NOT_FOUND"
    assert engine.query("SELECT Id FROM Account") == []


# --- deleting and coming back --------------------------------------------------------------------


def test_a_deleted_parent_takes_its_contacts_along_and_brings_them_back(engine: Engine) -> None:
    account = engine.insert("Account", Name="A")
    engine.insert("Contact", LastName="L", AccountId=account)
    engine.org.clock.advance(60)
    assert Dml(engine.ctx()).delete([account])[0].success
    assert engine.query("SELECT Id FROM Contact") == []
    gone = engine.one("SELECT IsDeleted, LastModifiedDate, SystemModstamp FROM Contact", all_rows=True)
    assert gone == {"IsDeleted": True, "LastModifiedDate": NOON, "SystemModstamp": LATER}
    assert Dml(engine.ctx()).undelete([account])[0].success
    assert engine.one("SELECT AccountId FROM Contact") == {"AccountId": account}


def test_a_contact_deleted_before_its_account_stays_deleted_when_the_account_returns(engine: Engine) -> None:
    account = engine.insert("Account", Name="A")
    contact = engine.insert("Contact", LastName="L", AccountId=account)
    Dml(engine.ctx()).delete([contact])
    Dml(engine.ctx()).delete([account])
    Dml(engine.ctx()).undelete([account])
    assert engine.query("SELECT Id FROM Contact") == []


def test_an_optional_lookup_is_emptied_and_restored(engine: Engine) -> None:
    partner = engine.insert("Account", Name="Partner")
    lead = engine.insert("Lead", LastName="L", Company="C", Partner__c=partner)
    engine.org.clock.advance(60)
    Dml(engine.ctx()).delete([partner])
    assert engine.one("SELECT Partner__c FROM Lead") == {"Partner__c": None}
    assert stamps(engine, "Lead", lead) == (NOON, NOON, LATER)
    Dml(engine.ctx()).undelete([partner])
    assert engine.one("SELECT Partner__c FROM Lead") == {"Partner__c": partner}


def test_a_deleted_record_cannot_be_changed_or_deleted_again(engine: Engine) -> None:
    account = engine.insert("Account", Name="A")
    Dml(engine.ctx()).delete([account])
    assert engine.refusal(engine.try_update(account, Name="B")).code == "ENTITY_IS_DELETED"
    assert engine.refusal(Dml(engine.ctx()).delete([account])[0]).code == "ENTITY_IS_DELETED"
    error = engine.refusal(engine.try_insert("Contact", LastName="L", AccountId=account))
    assert error.code == "ENTITY_IS_DELETED"


def test_the_recycle_bin_keeps_fifteen_days(engine: Engine) -> None:
    account = engine.insert("Account", Name="A")
    Dml(engine.ctx()).delete([account])
    engine.org.clock.advance(15 * 86_400)
    engine.org.settle()
    assert engine.query("SELECT Id FROM Account", all_rows=True) == []
    assert engine.refusal(Dml(engine.ctx()).undelete([account])[0]).code == "UNDELETE_FAILED"


def test_a_hard_delete_leaves_nothing_to_restore(engine: Engine) -> None:
    account = engine.insert("Account", Name="A")
    assert Dml(engine.ctx()).delete([account], hard=True)[0].success
    assert engine.query("SELECT Id FROM Account", all_rows=True) == []
    assert engine.refusal(Dml(engine.ctx()).undelete([account])[0]).code == "UNDELETE_FAILED"


# --- merge and convert ---------------------------------------------------------------------------


def test_a_merge_moves_children_and_leaves_an_alias(engine: Engine) -> None:
    winner = engine.insert("Account", Name="Winner")
    loser = engine.insert("Account", Name="Loser")
    contact = engine.insert("Contact", LastName="L", AccountId=loser)
    engine.org.clock.advance(60)
    assert Dml(engine.ctx()).merge(winner, [loser], {"Phone": "1"}).success
    assert engine.one("SELECT Id, Phone FROM Account") == {"Id": winner, "Phone": "1"}
    assert engine.one("SELECT AccountId FROM Contact") == {"AccountId": winner}
    assert stamps(engine, "Contact", contact) == (NOON, NOON, LATER)
    gone = engine.one("SELECT MasterRecordId FROM Account WHERE IsDeleted = true", all_rows=True)
    assert gone == {"MasterRecordId": winner}
    assert engine.refusal(engine.try_update(loser, Name="X")).code == "ENTITY_IS_DELETED"


def test_a_merge_with_a_bad_field_changes_nothing(engine: Engine) -> None:
    winner = engine.insert("Account", Name="Winner")
    loser = engine.insert("Account", Name="Loser")
    result = Dml(engine.ctx()).merge(winner, [loser], {"Name": None})
    assert engine.refusal(result).code == "REQUIRED_FIELD_MISSING"
    assert len(engine.query("SELECT Id FROM Account")) == 2


def convert(engine: Engine, lead: str, **options: object) -> tuple[str | None, str | None, str | None]:
    from app.sandbox.dml import ConvertRequest

    request = ConvertRequest(lead, "Closed - Converted", **options)  # type: ignore[arg-type]
    result = Dml(engine.ctx()).convert_lead(request)
    if not result.success:
        raise result.errors[0]
    return result.account_id, result.contact_id, result.opportunity_id


def test_a_converted_lead_becomes_an_account_a_contact_and_an_opportunity(engine: Engine) -> None:
    partner = engine.insert("Account", Name="Partner")
    lead = engine.insert(
        "Lead", FirstName="Ann", LastName="Lee", Company="Acme", Email="a@b.example", City="Berlin",
        Partner__c=partner, Registration_Number__c="R1", Tandem_Id__c="lead-1",
    )  # fmt: skip
    account, contact, opportunity = convert(engine, lead)
    assert engine.one(f"SELECT Name, BillingCity, Tandem_Id__c FROM Account WHERE Id = '{account}'") == {
        "Name": "Acme",
        "BillingCity": "Berlin",
        "Tandem_Id__c": None,
    }
    assert engine.one("SELECT Id, Name, Email, AccountId FROM Contact") == {
        "Id": contact,
        "Name": "Ann Lee",
        "Email": "a@b.example",
        "AccountId": account,
    }
    assert engine.one(
        "SELECT Id, AccountId, CloseDate, Partner__c, Registration_Number__c FROM Opportunity"
    ) == {
        "Id": opportunity,
        "AccountId": account,
        "CloseDate": "2026-03-31",
        "Partner__c": partner,
        "Registration_Number__c": "R1",
    }
    assert engine.one("SELECT IsConverted, ConvertedDate, ConvertedAccountId, Status FROM Lead") == {
        "IsConverted": True,
        "ConvertedDate": "2026-03-02",
        "ConvertedAccountId": account,
        "Status": "Closed - Converted",
    }


def test_a_converted_lead_is_read_only(engine: Engine) -> None:
    lead = engine.insert("Lead", LastName="L", Company="C")
    convert(engine, lead, do_not_create_opportunity=True)
    assert engine.query("SELECT Id FROM Opportunity") == []
    error = engine.refusal(engine.try_update(lead, Title="T"))
    assert (error.code, error.message) == ("CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead")
    with pytest.raises(ApiError, match="CANNOT_UPDATE_CONVERTED_LEAD"):
        convert(engine, lead)


def test_an_existing_account_gets_only_what_it_lacks(engine: Engine) -> None:
    account = engine.insert("Account", Name="Acme AG", Phone="1")
    lead = engine.insert("Lead", LastName="L", Company="Acme", Phone="2", Website="acme.example")
    converted, _, _ = convert(engine, lead, account_id=account, do_not_create_opportunity=True)
    assert converted == account
    assert engine.one("SELECT Name, Phone, Website FROM Account") == {
        "Name": "Acme AG",
        "Phone": "1",
        "Website": "acme.example",
    }


def test_a_conversion_that_fails_leaves_nothing_behind(engine: Engine) -> None:
    kind = engine.org.schema.get("Opportunity")
    rule = ValidationRule("No_Deals", "true", "No deals today.", "")
    admin.set_validation_rule(engine.org, kind, rule)
    lead = engine.insert("Lead", LastName="L", Company="C")
    with pytest.raises(ApiError, match="No deals today"):
        convert(engine, lead)
    assert engine.query("SELECT Id FROM Account") == []
    assert engine.one("SELECT IsConverted FROM Lead") == {"IsConverted": False}


# --- rules, triggers, locks ----------------------------------------------------------------------


def test_a_validation_rule_refuses_in_its_own_words(engine: Engine) -> None:
    rule = ValidationRule("Phone_Needed", "ISBLANK(Phone)", "Every account has a phone.", "Phone")
    admin.set_validation_rule(engine.org, engine.org.schema.get("Account"), rule)
    error = engine.refusal(engine.try_insert("Account", Name="A"))
    assert error.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert (error.message, error.fields) == ("Every account has a phone.", ["Phone"])
    assert engine.query("SELECT Id FROM Account") == []
    account = engine.insert("Account", Name="A", Phone="1")
    assert not engine.try_update(account, Phone=None).success
    assert engine.one("SELECT Phone FROM Account") == {"Phone": "1"}


def test_only_the_records_that_break_a_rule_fail(engine: Engine) -> None:
    rule = ValidationRule("Phone_Needed", "ISBLANK(Phone)", "Every account has a phone.", "")
    admin.set_validation_rule(engine.org, engine.org.schema.get("Account"), rule)
    kind = engine.org.schema.get("Account")
    results = Dml(engine.ctx()).insert(kind, [{"Name": "A"}, {"Name": "B", "Phone": "1"}])
    assert [r.success for r in results] == [False, True]
    assert results[0].id is None
    assert engine.query("SELECT Name FROM Account") == [{"Name": "B"}]


def test_a_before_trigger_changes_what_is_saved(engine: Engine) -> None:
    @engine.org.hooks.trigger("Account", "before insert")
    def shout(trigger: Trigger) -> None:
        for new, old in trigger:
            assert old is None
            new["Name"] = new["Name"].upper()

    engine.insert("Account", Name="acme")
    assert engine.one("SELECT Name FROM Account") == {"Name": "ACME"}


def test_a_trigger_that_raises_stops_only_the_record_it_raises_for(engine: Engine) -> None:
    @engine.org.hooks.trigger("Account", "after insert")
    def picky(trigger: Trigger) -> None:
        for new, _ in trigger:
            if new["Name"] == "bad":
                raise RuntimeError("no thanks")

    kind = engine.org.schema.get("Account")
    results = Dml(engine.ctx()).insert(kind, [{"Name": "a"}, {"Name": "bad"}, {"Name": "c"}])
    assert [r.success for r in results] == [True, False, True]
    error = engine.refusal(results[1])
    assert error.code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    assert "no thanks" in error.message
    assert [r["Name"] for r in engine.query("SELECT Name FROM Account ORDER BY Name")] == ["a", "c"]


def test_triggers_that_set_each_other_off_end_after_sixteen(engine: Engine) -> None:
    @engine.org.hooks.trigger("Account", "after update")
    def again(trigger: Trigger) -> None:
        for new, _ in trigger:
            result = Dml(trigger.ctx).update(trigger.sobject, [{"Id": new["Id"], "Phone": "x"}])[0]
            if not result.success:
                raise result.errors[0]

    account = engine.insert("Account", Name="A")
    error = engine.refusal(engine.try_update(account, Name="B"))
    assert error.code == "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY"
    assert "maximum trigger depth exceeded" in error.message
    assert engine.one("SELECT Name FROM Account") == {"Name": "A"}


def test_a_held_row_refuses_itself_and_its_new_children(engine: Engine) -> None:
    account = engine.insert("Account", Name="A")
    other = engine.insert("Account", Name="B")
    with engine.org.store.write() as tx:
        tx.execute("INSERT INTO _lock VALUES (?, 'row', ?)", (account, engine.org.clock.now() + 60))
    for result in (
        engine.try_update(account, Name="X"),
        engine.try_insert("Contact", LastName="L", AccountId=account),
    ):
        error = engine.refusal(result)
        assert error.code == "UNABLE_TO_LOCK_ROW"
        assert error.message == (f"unable to obtain exclusive access to this record or 1 records: {account}")
    engine.update(other, Name="free")
    engine.org.clock.advance(60)
    engine.update(account, Name="X")


def test_a_record_in_approval_is_locked(engine: Engine) -> None:
    account = engine.insert("Account", Name="A")
    with engine.org.store.write() as tx:
        tx.execute("INSERT INTO _lock VALUES (?, 'approval', NULL)", (account,))
    assert engine.refusal(engine.try_update(account, Name="X")).code == "ENTITY_IS_LOCKED"


# --- duplicate rules, permissions, picklists -----------------------------------------------------


def test_a_blocking_duplicate_rule_names_the_match(engine: Engine) -> None:
    engine.org.settings.duplicate_rules = [{"object": "Account", "fields": ["Name"], "action": "block"}]
    first = engine.insert("Account", Name="Acme")
    error = engine.refusal(engine.try_insert("Account", Name="ACME"))
    assert error.code == "DUPLICATES_DETECTED"
    match = error.item()["duplicateResut"]["matchResults"][0]["matchRecords"][0]["record"]
    assert match == {"attributes": {"type": "Account"}, "Id": first}
    assert len(engine.query("SELECT Id FROM Account")) == 1


def test_an_alerting_duplicate_rule_gives_way_to_the_header(engine: Engine) -> None:
    engine.org.settings.duplicate_rules = [{"object": "Account", "fields": ["Name"], "action": "alert"}]
    engine.insert("Account", Name="Acme")
    kind = engine.org.schema.get("Account")
    assert engine.refusal(engine.try_insert("Account", Name="Acme")).code == "DUPLICATES_DETECTED"
    assert Dml(engine.ctx(allow_duplicates=True)).insert(kind, [{"Name": "Acme"}])[0].success


def test_a_hidden_field_does_not_exist_for_the_user(engine: Engine) -> None:
    account = engine.insert("Account", Name="A", Phone="1")
    engine.org.permissions.revoke("Account", "Phone", user_id=engine.user_id)
    error = engine.refusal(engine.try_update(account, Phone="2"))
    assert error.message == "No such column 'Phone' on sobject of type Account"
    engine.org.permissions.grant("Account", "Phone")
    engine.update(account, Phone="2")


def test_a_read_only_field_cannot_be_written(engine: Engine) -> None:
    engine.org.permissions.revoke("Account", "Phone", read=False)
    error = engine.refusal(engine.try_insert("Account", Name="A", Phone="2"))
    assert (error.code, error.fields) == ("INVALID_FIELD_FOR_INSERT_UPDATE", ["Phone"])


def test_without_the_right_to_create_nothing_is_created(engine: Engine) -> None:
    engine.org.permissions.revoke_object("Account", "create")
    assert engine.refusal(engine.try_insert("Account", Name="A")).code == "INSUFFICIENT_ACCESS_OR_READONLY"
    assert engine.query("SELECT Id FROM Account") == []


def test_a_record_type_narrows_a_picklist(engine: Engine) -> None:
    kind = engine.org.schema.get("Opportunity")
    direct = admin.set_record_type(
        engine.org, kind, "Direct", default=True, picklists={"StageName": ["Prospecting"]}
    )
    deal = {"Name": "D", "CloseDate": "2026-06-01"}
    error = engine.refusal(engine.try_insert("Opportunity", **deal, StageName="Closed Won"))
    assert error.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"
    engine.insert("Opportunity", **deal, StageName="Prospecting")
    assert engine.one("SELECT RecordTypeId FROM Opportunity") == {"RecordTypeId": direct.id}
    error = engine.refusal(
        engine.try_insert("Opportunity", **deal, StageName="Prospecting", RecordTypeId="012000000000001AAA")
    )
    assert error.code == "INVALID_CROSS_REFERENCE_KEY"


def test_a_stage_brings_its_probability_unless_one_is_given(engine: Engine) -> None:
    deal = engine.insert("Opportunity", Name="D", CloseDate="2026-06-01", StageName="Prospecting")
    assert engine.one("SELECT Probability FROM Opportunity") == {"Probability": 10.0}
    engine.update(deal, StageName="Closed Won")
    assert engine.one("SELECT Probability, IsWon FROM Opportunity") == {"Probability": 100.0, "IsWon": True}
    engine.update(deal, StageName="Qualification", Probability=33)
    assert engine.one("SELECT Probability FROM Opportunity") == {"Probability": 33.0}


# --- roll-ups and totals -------------------------------------------------------------------------


def test_a_summary_follows_its_children_and_moves_only_the_system_stamp(engine: Engine) -> None:
    kind = engine.org.schema.get("Account")
    total = Field(
        "Deal_Total__c", "Deal Total", "currency", precision=18, scale=2, createable=False, updateable=False,
        rollup=("SUM", "Opportunity", "Amount", "AccountId"),
    )  # fmt: skip
    admin.add_field(engine.org, kind, total)
    account = engine.insert("Account", Name="A")
    engine.org.clock.advance(60)
    deal = {"CloseDate": "2026-06-01", "StageName": "Prospecting", "AccountId": account}
    first = engine.insert("Opportunity", Name="1", Amount=10.5, **deal)
    engine.insert("Opportunity", Name="2", Amount=2, **deal)
    assert engine.one("SELECT Deal_Total__c FROM Account") == {"Deal_Total__c": 12.5}
    assert stamps(engine, "Account", account) == (NOON, NOON, LATER)
    Dml(engine.ctx()).delete([first])
    assert engine.one("SELECT Deal_Total__c FROM Account") == {"Deal_Total__c": 2.0}
    Dml(engine.ctx()).undelete([first])
    assert engine.one("SELECT Deal_Total__c FROM Account") == {"Deal_Total__c": 12.5}


# --- long transactions ---------------------------------------------------------------------------


def test_a_long_transaction_is_stamped_when_it_was_made_and_seen_when_it_commits(engine: Engine) -> None:
    engine.org.faults.add({"kind": "long_txn", "object": "Account", "seconds": 90})
    made = engine.insert("Account", Name="Late")
    assert engine.query("SELECT Id FROM Account") == []
    engine.org.clock.advance(60)
    other = engine.insert("Account", Name="Early")
    assert other != made
    engine.org.clock.advance(30)
    engine.org.settle()
    assert engine.query("SELECT Id, SystemModstamp FROM Account WHERE Name = 'Late'") == [
        {"Id": made, "SystemModstamp": NOON}
    ]
    assert engine.one("SELECT SystemModstamp FROM Account WHERE Name = 'Early'") == {"SystemModstamp": LATER}


# --- switches ------------------------------------------------------------------------------------


def test_with_state_and_country_picklists_codes_and_names_go_together(engine: Engine) -> None:
    engine = fresh(engine.org, state_country_picklists=True)
    engine.insert("Account", Name="A", BillingCountryCode="US", BillingState="california")
    assert engine.one("SELECT BillingCountry, BillingState, BillingStateCode FROM Account") == {
        "BillingCountry": "United States",
        "BillingState": "California",
        "BillingStateCode": "CA",
    }
    for fields, field in (
        ({"BillingState": "California"}, "BillingState"),
        ({"BillingCountry": "Atlantis"}, "BillingCountry"),
        ({"BillingCountryCode": "DE", "BillingStateCode": "CA"}, "BillingState"),
    ):
        error = engine.refusal(engine.try_insert("Account", Name="B", **fields))
        assert (error.code, error.fields) == ("FIELD_INTEGRITY_EXCEPTION", [field])


def test_with_several_currencies_a_record_takes_its_users(engine: Engine) -> None:
    engine = fresh(engine.org, multi_currency=True)
    engine.insert("Account", Name="A")
    engine.insert("Account", Name="B", CurrencyIsoCode="EUR")
    assert engine.query("SELECT Name, CurrencyIsoCode FROM Account ORDER BY Name") == [
        {"Name": "A", "CurrencyIsoCode": "USD"},
        {"Name": "B", "CurrencyIsoCode": "EUR"},
    ]
    error = engine.refusal(engine.try_insert("Account", Name="C", CurrencyIsoCode="XXX"))
    assert error.code == "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST"


def test_a_person_account_has_a_name_of_its_parts_and_a_contact(engine: Engine) -> None:
    engine = fresh(engine.org, person_accounts=True)
    person = engine.insert("Account", FirstName="Ann", LastName="Lee", PersonEmail="a@b.example")
    business = engine.insert("Account", Name="Acme")
    row = engine.one(f"SELECT Name, IsPersonAccount, PersonContactId FROM Account WHERE Id = '{person}'")
    contact = engine.one("SELECT Id, Email, AccountId FROM Contact")
    assert (row["Name"], row["IsPersonAccount"]) == ("Ann Lee", True)
    assert contact == {"Id": row["PersonContactId"], "Email": "a@b.example", "AccountId": person}
    assert engine.refusal(engine.try_update(person, Name="X")).code == "INVALID_FIELD_FOR_INSERT_UPDATE"
    assert engine.refusal(engine.try_update(business, PersonEmail="x@y.example")).fields == ["PersonEmail"]
    engine.update(person, LastName="Ray")
    assert engine.one("SELECT LastName FROM Contact") == {"LastName": "Ray"}


def test_an_assignment_rule_owns_new_leads_unless_switched_off(engine: Engine) -> None:
    other = engine.one("SELECT Id FROM User WHERE Username LIKE 'admin@%'")["Id"]
    engine.org.settings.assignment_rules = True
    engine.org.settings.assignment = [{"object": "Lead", "owner_id": other, "when": {"Company": "C"}}]
    kind = engine.org.schema.get("Lead")
    lead = {"LastName": "L", "Company": "C"}
    Dml(engine.ctx(auto_assign=True)).insert(kind, [lead])
    Dml(engine.ctx(auto_assign=False)).insert(kind, [lead])
    owners = [r["OwnerId"] for r in engine.query("SELECT OwnerId FROM Lead ORDER BY Id")]
    assert owners == [other, engine.user_id]


def test_a_feature_switched_on_later_brings_its_fields(engine: Engine) -> None:
    engine.insert("Account", Name="Before")
    engine.org.settings.multi_currency = True
    engine.org.save_settings()
    engine.insert("Account", Name="After", CurrencyIsoCode="EUR")
    assert engine.query("SELECT Name, CurrencyIsoCode FROM Account ORDER BY Name DESC") == [
        {"Name": "Before", "CurrencyIsoCode": "USD"},
        {"Name": "After", "CurrencyIsoCode": "EUR"},
    ]


def test_a_queue_owns_only_the_records_it_is_made_for(engine: Engine) -> None:
    system = Dml(engine.org.context(engine.user_id))
    group = engine.org.schema.get("Group")
    queue, public = (
        r.id
        for r in system.insert(
            group,
            [
                {"Name": "Leads", "DeveloperName": "Leads", "Type": "Queue"},
                {"Name": "Leads", "DeveloperName": "Everyone", "Type": "Regular"},
            ],
        )
    )
    assert queue is not None
    link = {"QueueId": queue, "SobjectType": "Lead"}
    assert system.insert(engine.org.schema.get("QueueSobject"), [link])[0].success
    engine.insert("Lead", LastName="L", Company="C", OwnerId=queue)
    error = engine.refusal(engine.try_insert("Lead", LastName="L", Company="C", OwnerId=public))
    assert (error.code, error.message) == (
        "INVALID_OPERATION",
        "Queue not associated with this SObject type",
    )
    error = engine.refusal(engine.try_insert("Account", Name="A", OwnerId=queue))
    assert (error.code, error.fields) == ("FIELD_INTEGRITY_EXCEPTION", ["OwnerId"])


def test_a_queues_lead_needs_an_owner_to_convert(engine: Engine) -> None:
    system = Dml(engine.org.context(engine.user_id))
    queue = system.insert(
        engine.org.schema.get("Group"), [{"Name": "Q", "DeveloperName": "Q", "Type": "Queue"}]
    )[0].id
    assert queue is not None
    system.insert(engine.org.schema.get("QueueSobject"), [{"QueueId": queue, "SobjectType": "Lead"}])
    lead = engine.insert("Lead", LastName="L", Company="C", OwnerId=queue)
    with pytest.raises(ApiError, match="needs an owner"):
        convert(engine, lead)
    account, _, _ = convert(engine, lead, owner_id=engine.user_id)
    assert engine.one(f"SELECT OwnerId FROM Account WHERE Id = '{account}'") == {"OwnerId": engine.user_id}


def test_a_long_transaction_keeps_its_ids_even_when_a_record_in_it_fails(engine: Engine) -> None:
    rule = ValidationRule("Phone_Needed", "ISBLANK(Phone)", "Every account has a phone.", "")
    kind = engine.org.schema.get("Account")
    admin.set_validation_rule(engine.org, kind, rule)
    known = engine.insert("Account", Name="Known", Phone="0", Tandem_Id__c="k")
    engine.org.faults.add({"kind": "long_txn", "object": "Account", "seconds": 90})
    rows = [
        {"Tandem_Id__c": "a", "Name": "A"},
        {"Tandem_Id__c": "b", "Name": "B", "Phone": "1"},
        {"Tandem_Id__c": "k", "Name": "Changed"},
    ]
    results = Dml(engine.ctx()).upsert(kind, "Tandem_Id__c", rows)
    assert [(r.success, r.created) for r in results] == [(False, False), (True, True), (True, False)]
    between = engine.insert("Account", Name="C", Phone="2")
    assert between != results[1].id
    assert len(engine.query("SELECT Id FROM Account")) == 2
    engine.org.clock.advance(90)
    engine.org.settle()
    assert engine.query("SELECT Id, Name FROM Account ORDER BY Name") == [
        {"Id": results[1].id, "Name": "B"},
        {"Id": between, "Name": "C"},
        {"Id": known, "Name": "Changed"},
    ]


def test_a_long_transaction_in_which_all_fails_leaves_nothing_to_commit(engine: Engine) -> None:
    engine.org.faults.add({"kind": "long_txn", "object": "Account", "seconds": 90})
    results = Dml(engine.ctx()).insert(
        engine.org.schema.get("Account"), [{"Name": "A"}, {"Name": None}], all_or_none=True
    )
    assert [r.success for r in results] == [False, False]
    assert engine.org.pending == []


def test_who_may_not_read_a_record_cannot_be_given_it(engine: Engine) -> None:
    other = engine.one("SELECT Id FROM User WHERE Username LIKE 'admin@%'")["Id"]
    engine.org.permissions.revoke_object("Account", "read", user_id=other)
    error = engine.refusal(engine.try_insert("Account", Name="A", OwnerId=other))
    assert (error.code, error.fields) == ("TRANSFER_REQUIRES_READ", ["OwnerId"])


def test_a_refused_record_does_not_hold_its_key_against_the_next(engine: Engine) -> None:
    kind = engine.org.schema.get("Account")
    rule = ValidationRule("Phone_Needed", "ISBLANK(Phone)", "Every account has a phone.", "")
    admin.set_validation_rule(engine.org, kind, rule)
    rows = [{"Name": "A", "Tandem_Id__c": "k"}, {"Name": "B", "Tandem_Id__c": "k", "Phone": "1"}]
    results = Dml(engine.ctx()).insert(kind, rows)
    assert [r.success for r in results] == [False, True]
    assert engine.query("SELECT Name, Tandem_Id__c FROM Account") == [{"Name": "B", "Tandem_Id__c": "k"}]


def test_two_records_may_swap_their_keys_but_not_if_one_of_them_fails(engine: Engine) -> None:
    kind = engine.org.schema.get("Account")
    first = engine.insert("Account", Name="1", Tandem_Id__c="x")
    second = engine.insert("Account", Name="2", Tandem_Id__c="y")
    swap = [{"Id": first, "Tandem_Id__c": "y"}, {"Id": second, "Tandem_Id__c": "x"}]
    assert all(r.success for r in Dml(engine.ctx()).update(kind, swap))
    third = engine.insert("Account", Name="3", Tandem_Id__c="z")
    # the first cannot have z, so it keeps y, so the second cannot have y
    chain = [{"Id": first, "Tandem_Id__c": "z"}, {"Id": second, "Tandem_Id__c": "y"}]
    results = Dml(engine.ctx()).update(kind, chain)
    assert [r.errors[0].code for r in results] == ["DUPLICATE_VALUE", "DUPLICATE_VALUE"]
    assert engine.query("SELECT Id, Tandem_Id__c FROM Account ORDER BY Name") == [
        {"Id": first, "Tandem_Id__c": "y"},
        {"Id": second, "Tandem_Id__c": "x"},
        {"Id": third, "Tandem_Id__c": "z"},
    ]


def test_records_of_one_call_are_no_duplicates_of_each_other(engine: Engine) -> None:
    engine.org.settings.duplicate_rules = [{"object": "Account", "fields": ["Name"], "action": "block"}]
    kind = engine.org.schema.get("Account")
    assert all(r.success for r in Dml(engine.ctx()).insert(kind, [{"Name": "A"}, {"Name": "A"}]))
    assert engine.refusal(engine.try_insert("Account", Name="A")).code == "DUPLICATES_DETECTED"


def test_a_record_that_is_refused_has_no_id(engine: Engine) -> None:
    assert engine.try_insert("Account", Name=None).id is None
    engine.insert("Account", Name="A", Tandem_Id__c="k")
    assert engine.try_insert("Account", Name="B", Tandem_Id__c="k").id is None

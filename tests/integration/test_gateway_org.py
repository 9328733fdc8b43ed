"""The gateway against a real org over https: queries, writes, and what each costs."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from uuid import uuid4

import pytest

from app.salesforce import (
    AuthError,
    Budget,
    CollectionBatch,
    ConditionalChange,
    Connection,
    ErrorKind,
    Gateway,
    Limits,
    QueryPage,
    QuotaExceeded,
    SalesforceError,
    SchemaError,
    SoqlQuery,
    Subrequest,
    TokenCache,
)
from tests.fixtures.org import OrgProcess

FAST = Limits(pause=0.01, longest_pause=0.02)


def connection_to(org: OrgProcess) -> Connection:
    return Connection(org.https, org.client_id, org.username, str(org.key_file), org.ca)


@pytest.fixture
def gateway(org: OrgProcess) -> Iterator[Gateway]:
    with Gateway(connection_to(org), limits=FAST, budget=Budget(share=1.0, reserve=0.0)) as gateway:
        gateway.tokens.token()
        org.reset_calls()
        yield gateway


def test_records_written_are_read_back_with_every_digit(org: OrgProcess, gateway: Gateway) -> None:
    account = org.insert("Account", Name="Acme")
    row = {
        "Name": "Big deal",
        "StageName": "Prospecting",
        "CloseDate": "2027-01-31",
        "Amount": Decimal("12345678901234.56"),
        "AccountId": account,
    }
    (created,) = gateway.collections("insert", "Opportunity", [row])
    assert (created.success, created.created, created.errors) == (True, True, ())
    page = gateway.query("SELECT Id, Amount, Account.Name FROM Opportunity")
    assert page.records == [
        {"Id": created.id, "Amount": Decimal("12345678901234.56"), "Account": {"Name": "Acme"}}
    ]
    assert (page.total_size, page.done, page.next_url) == (1, True, None)
    assert org.calls()["total"] == 2


def test_five_batches_of_two_hundred_upserts_are_one_call(org: OrgProcess, gateway: Gateway) -> None:
    batches = [
        CollectionBatch(
            "upsert",
            "Account",
            [{"Tandem_Id__c": str(uuid4()), "Name": f"Account {batch}-{n}"} for n in range(200)],
            external_id="Tandem_Id__c",
        )
        for batch in range(5)
    ]
    results = gateway.collections_composite(batches)
    assert [len(rows) for rows in results] == [200] * 5
    assert all(row.success and row.created for rows in results for row in rows)
    assert org.calls()["total"] == 1
    again = gateway.collections_composite(batches)
    assert [row.id for rows in again for row in rows] == [row.id for rows in results for row in rows]
    assert not any(row.created for rows in again for row in rows)
    assert len(org.query("SELECT Id FROM Account")) == 1000


def test_results_keep_the_order_of_the_records_and_one_refusal_stops_no_other(
    org: OrgProcess, gateway: Gateway
) -> None:
    rows = [{"Name": "One"}, {"Industry": "Energy"}, {"Name": "Three"}]
    first, second, third = gateway.collections("insert", "Account", rows)
    assert (first.success, second.success, third.success) == (True, False, True)
    assert second.error is not None
    assert second.error.kind is ErrorKind.USER_FIXABLE
    assert second.error.code == "REQUIRED_FIELD_MISSING"
    names = {row["Name"] for row in org.query("SELECT Name FROM Account")}
    assert names == {"One", "Three"}


def test_a_write_and_the_look_at_what_it_caused_are_one_call(org: OrgProcess, gateway: Gateway) -> None:
    ids = [org.insert("Account", Name=name) for name in ("a", "b")]
    batch = CollectionBatch("update", "Account", [{"Id": ids[0], "Name": "A"}, {"Id": ids[1], "Name": "B"}])
    look = SoqlQuery(f"SELECT Id, Name, SystemModstamp FROM Account WHERE Id IN ('{ids[0]}','{ids[1]}')")
    rows, (page,) = gateway.write([batch], [look])
    assert [row.success for row in rows[0]] == [True, True]
    assert isinstance(page, QueryPage)
    assert {row["Name"] for row in page.records} == {"A", "B"}
    assert org.calls()["total"] == 1


def test_five_objects_are_polled_in_one_call_and_a_bad_query_spoils_only_itself(
    org: OrgProcess, gateway: Gateway
) -> None:
    org.insert("Account", Name="Acme")
    queries = [
        SoqlQuery("SELECT Id, Name FROM Account"),
        SoqlQuery("SELECT Id FROM Contact"),
        SoqlQuery("SELECT Nonsense__c FROM Lead"),
        SoqlQuery("SELECT Id FROM Opportunity", all_rows=True),
        SoqlQuery("SELECT Id FROM Product2"),
    ]
    answers = gateway.composite_queries(queries)
    assert org.calls()["total"] == 1
    bad = answers.pop(2)
    assert isinstance(bad, SchemaError)
    assert bad.salesforce_code == "INVALID_FIELD"
    assert all(isinstance(page, QueryPage) for page in answers)


def test_long_results_come_in_pages_that_can_be_fetched_together(org: OrgProcess, gateway: Gateway) -> None:
    org.insert_many("Account", [{"Name": f"Account {n:04}"} for n in range(4500)])
    pages = list(gateway.query_pages("SELECT Id, Name FROM Account ORDER BY Name"))
    assert [len(page.records) for page in pages] == [2000, 2000, 500]
    assert org.calls()["total"] == 3
    again, other = gateway.composite_queries(
        [SoqlQuery(next_url=pages[0].next_url), SoqlQuery(next_url=pages[1].next_url)]
    )
    assert isinstance(again, QueryPage)
    assert isinstance(other, QueryPage)
    assert again.records == pages[1].records
    assert other.records == pages[2].records


def test_deleted_records_show_only_when_asked_for(org: OrgProcess, gateway: Gateway) -> None:
    account = org.insert("Account", Name="Gone")
    (deleted,) = gateway.collections("delete", "Account", [{"Id": account}])
    assert deleted.success
    assert gateway.query("SELECT Id FROM Account").records == []
    (row,) = gateway.query("SELECT Id, IsDeleted FROM Account", all_rows=True).records
    assert row == {"Id": account, "IsDeleted": True}
    (again,) = gateway.collections("delete", "Account", [{"Id": account}])
    assert again.error is not None
    assert again.error.kind is ErrorKind.IDENTITY


def test_a_change_made_by_a_rep_in_the_meantime_is_not_overwritten(org: OrgProcess, gateway: Gateway) -> None:
    stale, fresh = org.insert("Account", Name="Stale"), org.insert("Account", Name="Fresh")
    read_at = datetime.fromtimestamp(org.now(), UTC)
    org.advance(60)
    org.update("Account", stale, Name="Changed by a rep")
    org.reset_calls()
    results = gateway.update_if_unmodified(
        [
            ConditionalChange("Account", stale, {"Name": "Ours"}, read_at + timedelta(seconds=1)),
            ConditionalChange("Account", fresh, {"Name": "Ours too"}, read_at + timedelta(seconds=1)),
        ]
    )
    assert [row.success for row in results] == [False, True]
    assert results[0].error is not None
    assert results[0].error.kind is ErrorKind.MODIFIED
    assert org.get("Account", stale, "Name") == {"Name": "Changed by a rep"}
    assert org.get("Account", fresh, "Name") == {"Name": "Ours too"}
    assert org.calls()["total"] == 1


def test_parts_of_a_composite_use_what_earlier_parts_made(org: OrgProcess, gateway: Gateway) -> None:
    contact = {"LastName": "Doe", "AccountId": "@{account.id}"}
    answers = gateway.composite(
        [
            Subrequest("POST", "sobjects/Account", "account", {"Name": "Acme"}),
            Subrequest("POST", "sobjects/Contact", "contact", contact),
        ],
        all_or_none=True,
    )
    assert [answer.status for answer in answers] == [201, 201]
    (made,) = org.query("SELECT Account.Name FROM Contact")
    assert made["Account"]["Name"] == "Acme"


def test_an_expired_session_is_renewed_without_losing_a_write(org: OrgProcess, gateway: Gateway) -> None:
    org.expire_sessions()
    (created,) = gateway.collections("insert", "Account", [{"Name": "Acme"}])
    assert created.success
    assert len(org.query("SELECT Id FROM Account")) == 1


def test_an_upsert_whose_answer_is_lost_after_the_commit_makes_one_record(
    org: OrgProcess, gateway: Gateway
) -> None:
    org.fault("drop_after_commit", method="PATCH", path="/composite/sobjects", times=1)
    row = {"Tandem_Id__c": str(uuid4()), "Name": "Acme"}
    (result,) = gateway.collections("upsert", "Account", [row], external_id="Tandem_Id__c")
    assert result.success
    assert result.created is False
    assert len(org.query("SELECT Id FROM Account")) == 1


def test_the_budget_stops_tandem_before_the_org_is_out_of_calls(org: OrgProcess, tmp_path: Path) -> None:
    budget = Budget(share=1.0, reserve=0.5, path=tmp_path / "calls.json")
    with Gateway(connection_to(org), budget=budget) as gateway:
        gateway.limits()
        usage = budget.usage()
        assert usage.org_limit is not None
        budget.observe(f"api-usage={usage.org_limit // 2 + 1}/{usage.org_limit}")
        before = org.calls()["total"]
        with pytest.raises(QuotaExceeded, match="leaves the last"):
            gateway.query("SELECT Id FROM Account")
        assert org.calls()["total"] == before


def test_two_gateways_share_one_session_through_the_data_directory(org: OrgProcess, tmp_path: Path) -> None:
    connection = connection_to(org)
    path = tmp_path / "token.json"
    with (
        Gateway(connection, token_cache=TokenCache(connection, path)) as one,
        Gateway(connection, token_cache=TokenCache(connection, path)) as other,
    ):
        assert one.tokens.token().access_token == other.tokens.token().access_token
        org.expire_sessions()
        one.query("SELECT Id FROM Account")
        other.query("SELECT Id FROM Account")
        assert one.tokens.token().access_token == other.tokens.token().access_token


def test_an_unchanged_description_is_not_sent_twice(org: OrgProcess, gateway: Gateway) -> None:
    first = gateway.describe("Account")
    assert gateway.describe("Account").raw is first.raw
    assert first.field("name") is not None
    assert first.field("Nonsense__c") is None
    with pytest.raises(SalesforceError):
        gateway.describe("Nonsense__c")


def test_a_probe_tells_what_the_org_has_and_what_is_missing(org: OrgProcess, gateway: Gateway) -> None:
    found = gateway.probe(["Account", "Opportunity", "ChannelProgram"])
    assert found.org_id.startswith("00D")
    assert found.partner_objects is False
    assert found.multi_currency is False
    assert set(found.objects) == {"Account", "Opportunity", "User"}
    required = {"Account": {"Name", "Owner.Name", "Nonsense__c"}, "ChannelProgram": {"Name"}}
    assert found.missing(required) == {"Account": {"Nonsense__c"}, "ChannelProgram": {"Name"}}
    org.reset(profile="prm")
    assert gateway.probe(["ChannelProgram"]).partner_objects is True


def test_a_field_hidden_from_the_user_counts_as_missing(org: OrgProcess, gateway: Gateway) -> None:
    org.admin("revoke_field", object="Account", field="Industry")
    found = gateway.probe(["Account"])
    assert found.missing({"Account": {"Name", "Industry"}}) == {"Account": {"Industry"}}


def test_the_gateways_clock_is_the_orgs(org: OrgProcess, gateway: Gateway) -> None:
    org.advance(86_400)
    gateway.query("SELECT Id FROM Account")
    assert gateway.server_time is not None
    assert abs(gateway.server_time.timestamp() - org.now()) <= 2


def test_an_org_whose_clock_is_ten_minutes_off_lets_tandem_in(org: OrgProcess) -> None:
    org.fault("clock_skew", seconds=600, assertions=True)
    with Gateway(connection_to(org), limits=FAST) as gateway:
        gateway.query("SELECT Id FROM Account")
        assert gateway.server_time is not None
        assert abs((gateway.server_time - datetime.now(UTC)).total_seconds() - 600) < 60


def test_an_app_with_a_secret_works_as_the_user_it_names(org: OrgProcess) -> None:
    org.admin("app", flows=["client_credentials"], secret="hush", run_as=org.username)
    connection = Connection(
        org.https, org.client_id, ca_file=org.ca, grant="client_credentials", client_secret="hush"
    )
    with Gateway(connection, limits=FAST) as gateway:
        (user,) = gateway.query(f"SELECT Username FROM User WHERE Id = '{gateway.user_id}'").records
        assert user == {"Username": org.username}
    wrong = Connection(
        org.https, org.client_id, ca_file=org.ca, grant="client_credentials", client_secret="x"
    )
    with Gateway(wrong, limits=FAST) as gateway, pytest.raises(AuthError, match="with this secret"):
        gateway.query("SELECT Id FROM Account")


def test_another_integration_that_eats_the_orgs_calls_stops_tandem(org: OrgProcess) -> None:
    with Gateway(connection_to(org), limits=FAST, budget=Budget(share=0.5, reserve=0.10)) as gateway:
        gateway.query("SELECT Id FROM Account")
        limit = gateway.budget.usage().org_limit
        assert limit is not None
        org.fault("limit_info_jump", calls=int(limit * 0.95))
        gateway.query("SELECT Id FROM Account")
        org.reset_calls()
        with pytest.raises(QuotaExceeded, match="leaves the last"):
            gateway.query("SELECT Id FROM Account")
        assert org.calls()["total"] == 0


def test_children_of_a_locked_parent_come_back_as_lock_and_the_others_go_through(
    org: OrgProcess, gateway: Gateway
) -> None:
    org.fault("lock_row", object="Contact", nth=2, times=1)
    rows = [{"LastName": name} for name in ("One", "Two", "Three")]
    results = gateway.collections("insert", "Contact", rows)
    assert [result.success for result in results] == [True, False, True]
    assert results[1].error is not None
    assert results[1].error.kind is ErrorKind.LOCK
    assert results[1].error.retryable

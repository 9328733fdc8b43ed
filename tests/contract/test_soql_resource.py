"""The query and search resources, over real HTTP."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
import requests

from tests.fixtures.org import OrgProcess

Ask = Callable[..., requests.Response]


@pytest.fixture
def ask(org: OrgProcess) -> Ask:
    """GET a path below /services/data/v67.0, or a whole path, as the integration user."""

    def get(path: str, **options: Any) -> requests.Response:
        start = "" if path.startswith("/services") else "/services/data/v67.0/"
        headers = {"Authorization": f"Bearer {org.access_token}", **options.pop("headers", {})}
        return requests.get(f"{org.http}{start}{path}", headers=headers, timeout=60, **options)

    return get


def soql(ask: Ask, text: str, **options: Any) -> Any:
    answer = ask("query", params={"q": text}, **options)
    assert answer.status_code == 200, answer.text
    return answer.json()


def refusal(answer: requests.Response) -> tuple[int, str, str]:
    body = answer.json()
    assert isinstance(body, list)
    return answer.status_code, body[0]["errorCode"], body[0]["message"]


@pytest.fixture
def many(org: OrgProcess) -> OrgProcess:
    org.insert_many("Account", [{"Name": f"Account {n:04}"} for n in range(2500)])
    return org


def test_a_small_result_is_done_at_once(org: OrgProcess, ask: Ask) -> None:
    account = org.insert("Account", Name="Acme")
    assert soql(ask, "SELECT Name FROM Account") == {
        "totalSize": 1,
        "done": True,
        "records": [
            {
                "attributes": {"type": "Account", "url": f"/services/data/v67.0/sobjects/Account/{account}"},
                "Name": "Acme",
            }
        ],
    }
    assert soql(ask, "SELECT COUNT() FROM Account") == {"totalSize": 1, "done": True, "records": []}
    assert soql(ask, "SELECT COUNT() FROM Account LIMIT 0")["totalSize"] == 0


def test_a_large_result_comes_in_pages_of_two_thousand(many: OrgProcess, ask: Ask) -> None:
    first = soql(ask, "SELECT Name FROM Account ORDER BY Name")
    assert (first["totalSize"], first["done"], len(first["records"])) == (2500, False, 2000)
    assert first["nextRecordsUrl"].startswith("/services/data/v67.0/query/01g")
    assert first["nextRecordsUrl"].endswith("-2000")
    last = ask(first["nextRecordsUrl"]).json()
    assert (last["totalSize"], last["done"], len(last["records"])) == (2500, True, 500)
    assert "nextRecordsUrl" not in last
    assert last["records"][0]["Name"] == "Account 2000"
    assert ask(first["nextRecordsUrl"]).json() == last


def test_pages_may_be_asked_for_in_any_order_and_at_once(many: OrgProcess, ask: Ask) -> None:
    first = soql(ask, "SELECT Name FROM Account ORDER BY Name",
                 headers={"Sforce-Query-Options": "batchSize=500"})  # fmt: skip
    assert len(first["records"]) == 500
    start = first["nextRecordsUrl"].removesuffix("500")
    with ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda offset: ask(f"{start}{offset}").json(), [2000, 500, 1500, 1000]))
    assert [page["records"][0]["Name"] for page in pages] == [
        "Account 2000", "Account 0500", "Account 1500", "Account 1000"
    ]  # fmt: skip
    assert [page["done"] for page in pages] == [True, False, False, False]


@pytest.mark.parametrize(("asked", "given"), [(1, 200), (700, 700), (9999, 2000)])
def test_the_batch_size_lies_between_200_and_2000(many: OrgProcess, ask: Ask, asked: int, given: int) -> None:
    page = soql(ask, "SELECT Id FROM Account", headers={"Sforce-Query-Options": f"batchSize={asked}"})
    assert len(page["records"]) == given


def test_later_pages_show_the_org_as_it_was(many: OrgProcess, ask: Ask) -> None:
    first = soql(ask, "SELECT Id, Name FROM Account ORDER BY Name")
    last = many.query("SELECT Id FROM Account ORDER BY Name DESC LIMIT 1")[0]["Id"]
    many.update("Account", last, Name="Changed")
    many.insert("Account", Name="Account 1999 and a half")
    rest = ask(first["nextRecordsUrl"]).json()
    assert rest["totalSize"] == 2500
    assert rest["records"][-1]["Name"] == "Account 2499"
    assert len({r["Id"] for r in first["records"] + rest["records"]}) == 2500


def test_a_locator_lives_two_days(many: OrgProcess, ask: Ask) -> None:
    first = soql(ask, "SELECT Id FROM Account")
    many.advance(2 * 24 * 3600 - 60)
    many.access_token = many.token()
    assert ask(first["nextRecordsUrl"]).status_code == 200
    many.advance(120)
    many.access_token = many.token()
    assert refusal(ask(first["nextRecordsUrl"])) == (400, "INVALID_QUERY_LOCATOR", "invalid query locator")


@pytest.mark.parametrize("place", ["01gRO0000000009YAA-2000", "nonsense", "01gRO0000000009YAA-"])
def test_a_locator_nobody_gave_out_is_invalid(ask: Ask, place: str) -> None:
    assert refusal(ask(f"query/{place}"))[:2] == (400, "INVALID_QUERY_LOCATOR")


def test_an_org_may_give_fewer_rows_than_asked_for(many: OrgProcess, ask: Ask) -> None:
    many.fault("short_page", rows=700)
    page = soql(ask, "SELECT Name FROM Account ORDER BY Name")
    found = list(page["records"])
    while not page["done"]:
        page = ask(page["nextRecordsUrl"]).json()
        found += page["records"]
    assert [row["Name"] for row in found] == [f"Account {n:04}" for n in range(2500)]


def test_children_beyond_a_page_have_a_locator_of_their_own(org: OrgProcess, ask: Ask) -> None:
    account = org.insert("Account", Name="Acme")
    org.insert_many("Contact", [{"LastName": f"C{n:04}", "AccountId": account} for n in range(2100)])
    found = soql(ask, "SELECT (SELECT LastName FROM Contacts ORDER BY LastName) FROM Account")
    children = found["records"][0]["Contacts"]
    assert (children["totalSize"], children["done"], len(children["records"])) == (2100, False, 2000)
    rest = ask(children["nextRecordsUrl"]).json()
    assert (rest["done"], rest["records"][0]["LastName"], len(rest["records"])) == (True, "C2000", 100)


def test_deleted_records_come_from_query_all_alone(org: OrgProcess, ask: Ask) -> None:
    account = org.insert("Account", Name="Acme")
    org.delete("Account", account)
    assert soql(ask, "SELECT Id FROM Account")["records"] == []
    found = ask("queryAll", params={"q": "SELECT Id, IsDeleted FROM Account"}).json()
    assert [(row["Id"], row["IsDeleted"]) for row in found["records"]] == [(account, True)]
    answer = ask("query", params={"q": "SELECT Id FROM Account ALL ROWS"})
    assert refusal(answer)[1] == "MALFORMED_QUERY"
    assert refusal(answer)[2].endswith("ALL ROWS not allowed in this context")


def test_a_mistake_is_answered_with_its_place(ask: Ask) -> None:
    assert refusal(ask("query", params={"q": "SELECT Id FROM Account WHERE"})) == (
        400,
        "MALFORMED_QUERY",
        "\nFROM Account WHERE\n                  ^\nERROR at Row:1:Column:29\nunexpected token: '<EOF>'",
    )
    assert refusal(ask("query"))[:2] == (400, "MALFORMED_QUERY")
    assert (
        refusal(ask("query", params={"explain": "SELECT Id FROM Account"}))[1] == "FUNCTIONALITY_NOT_ENABLED"
    )


def test_a_field_that_was_taken_away_is_gone_at_once(org: OrgProcess, ask: Ask) -> None:
    org.insert("Account", Name="Acme", Phone="1")
    text = "SELECT Phone FROM Account WHERE Phone = '1'"
    assert soql(ask, text)["totalSize"] == 1
    org.admin("revoke_field", object="Account", field="Phone")
    status, code, message = refusal(ask("query", params={"q": text}))
    assert (status, code) == (400, "INVALID_FIELD")
    assert "No such column 'Phone' on entity 'Account'" in message


def test_columns_are_described_when_asked_for(org: OrgProcess, ask: Ask) -> None:
    org.insert("Account", Name="Acme")
    answer = ask(
        "query", params={"q": "SELECT Id, AnnualRevenue, Owner.Name FROM Account", "columns": "true"}
    ).json()
    assert (answer["entityName"], answer["keyPrefix"], answer["idSelected"]) == ("Account", "001", True)
    assert [(c["columnName"], c["apexType"]) for c in answer["columnMetadata"]] == [
        ("Id", "Id"), ("AnnualRevenue", "Double"), ("Owner", None)
    ]  # fmt: skip
    assert answer["columnMetadata"][2]["joinColumns"][0]["columnName"] == "Name"


def test_words_are_found_in_names_and_mails(org: OrgProcess, ask: Ask) -> None:
    account = org.insert("Account", Name="Acme Robotics")
    org.insert("Account", Name="Other")
    org.insert("Contact", LastName="Meyer", Email="meyer@acme.test")
    found = ask(
        "search", params={"q": "FIND {acme} IN ALL FIELDS RETURNING Account(Id, Name), Contact(LastName)"}
    )
    assert [{k: v for k, v in r.items() if k != "attributes"} for r in found.json()["searchRecords"]] == [
        {"Id": account, "Name": "Acme Robotics"},
        {"LastName": "Meyer"},
    ]
    by_name = ask(
        "parameterizedSearch",
        params={"q": "robo*", "sobject": "Account", "Account.fields": "Name", "in": "NAME"},
    )
    assert [r["Name"] for r in by_name.json()["searchRecords"]] == ["Acme Robotics"]
    assert refusal(ask("search", params={"q": "FIND {a OR b} RETURNING Account"}))[1] == "MALFORMED_SEARCH"
    assert refusal(ask("search", params={"q": "LOOK FOR acme"}))[1] == "MALFORMED_SEARCH"


def test_looking_at_a_record_is_noted_when_the_query_says_so(org: OrgProcess, ask: Ask) -> None:
    org.insert("Account", Name="Acme")
    before = soql(ask, "SELECT LastViewedDate, SystemModstamp FROM Account FOR REFERENCE")["records"][0]
    assert before["LastViewedDate"] is None
    soql(ask, "SELECT Id FROM Account WHERE Name = 'Acme' FOR VIEW")
    after = soql(ask, "SELECT LastViewedDate, LastReferencedDate, SystemModstamp FROM Account")["records"][0]
    assert after["LastViewedDate"] is not None
    assert after["LastReferencedDate"] == after["LastViewedDate"]
    assert after["SystemModstamp"] == before["SystemModstamp"]


def test_a_locator_belongs_to_its_user(many: OrgProcess, ask: Ask) -> None:
    first = soql(ask, "SELECT Id FROM Account")
    rep = many.query("SELECT Username FROM User WHERE Username LIKE 'rep@%'")[0]["Username"]
    many.access_token = many.token(rep)
    assert refusal(ask(first["nextRecordsUrl"]))[1] == "INVALID_QUERY_LOCATOR"


def test_several_pages_may_come_in_one_composite_call(many: OrgProcess, ask: Ask) -> None:
    first = soql(ask, "SELECT Name FROM Account ORDER BY Name",
                 headers={"Sforce-Query-Options": "batchSize=500"})  # fmt: skip
    start = first["nextRecordsUrl"].removesuffix("500")
    answer = requests.post(
        f"{many.http}/services/data/v67.0/composite",
        headers={"Authorization": f"Bearer {many.access_token}"},
        json={
            "compositeRequest": [
                {"method": "GET", "url": f"{start}{offset}", "referenceId": f"p{offset}"}
                for offset in (1500, 500, 2000)
            ]
        },
        timeout=60,
    ).json()
    assert [sub["body"]["records"][0]["Name"] for sub in answer["compositeResponse"]] == [
        "Account 1500", "Account 0500", "Account 2000"
    ]  # fmt: skip

"""SOAP as far as REST has no answer: merge, convert, undelete, timestamps, and the clients' first calls."""

from __future__ import annotations

from xml.etree import ElementTree

import pytest
import requests

from tests.fixtures.org import OrgProcess

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"


class Soap:
    """Calls operations of the partner or enterprise API with raw envelopes."""

    def __init__(self, org: OrgProcess, token: str = "", api: str = "u") -> None:
        self.org = org
        self.token = token or org.access_token
        self.api = api

    def send(self, body: str | bytes) -> requests.Response:
        with requests.Session() as session:
            session.trust_env = False
            return session.post(
                f"{self.org.http}/services/Soap/{self.api}/67.0",
                data=body,
                headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'},
                timeout=30,
            )

    def raw(self, operation: str, inner: str = "", headers: str = "") -> requests.Response:
        kind = {"u": "partner", "c": "enterprise"}[self.api]
        return self.send(
            f'<?xml version="1.0" encoding="UTF-8"?><e:Envelope xmlns:e="{SOAP}" '
            f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xmlns:u="urn:{kind}.soap.sforce.com" xmlns:s="urn:sobject.{kind}.soap.sforce.com">'
            f"<e:Header><u:SessionHeader><u:sessionId>{self.token}</u:sessionId></u:SessionHeader>"
            f"{headers}</e:Header><e:Body><u:{operation}>{inner}</u:{operation}></e:Body></e:Envelope>"
        )

    def call(self, operation: str, inner: str = "", headers: str = "") -> list[ElementTree.Element]:
        """The `result` elements of a successful call."""
        answer = self.raw(operation, inner, headers)
        assert answer.status_code == 200, answer.text
        assert answer.headers["Content-Type"] == "text/xml;charset=UTF-8"
        root = ElementTree.fromstring(answer.content)  # noqa: S314 our own org wrote it
        found = root.find(f"{{{SOAP}}}Body/*")
        assert found is not None
        assert found.tag.endswith(f"{operation}Response")
        return list(found)

    def fault(self, answer: requests.Response) -> tuple[str, str]:
        """faultcode and faultstring."""
        assert answer.status_code == 500, answer.text
        root = ElementTree.fromstring(answer.content)  # noqa: S314 our own org wrote it
        return root.findtext(".//faultcode") or "", root.findtext(".//faultstring") or ""


def text(element: ElementTree.Element, name: str) -> str | None:
    return next((child.text for child in element if child.tag.rpartition("}")[2] == name), None)


@pytest.fixture
def soap(org: OrgProcess) -> Soap:
    return Soap(org)


def test_the_servers_time_is_the_orgs_clock(org: OrgProcess, soap: Soap) -> None:
    org.freeze("2031-02-03T04:05:06+00:00")
    fresh = Soap(org, org.token())
    assert text(fresh.call("getServerTimestamp")[0], "timestamp") == "2031-02-03T04:05:06.000Z"
    assert org.calls() == {"total": 1, "soap": 1}


def test_user_info_names_the_user_of_the_session(org: OrgProcess, soap: Soap) -> None:
    shown = soap.call("getUserInfo")[0]
    user = org.query(f"SELECT Id, ProfileId FROM User WHERE Username = '{org.username}'")[0]
    assert text(shown, "userName") == org.username
    assert text(shown, "userId") == user["Id"]
    assert text(shown, "profileId") == user["ProfileId"]
    assert (text(shown, "organizationId") or "")[:15] == org.access_token[:15]


def test_a_merge_takes_fields_and_children_to_the_winner(org: OrgProcess, soap: Soap) -> None:
    winner, loser = org.insert_many("Account", [{"Name": "Acme", "Phone": "1"}, {"Name": "Acme & Co."}])
    contact = org.insert("Contact", LastName="Ann", AccountId=loser)
    result = soap.call(
        "merge",
        f"<u:request><u:masterRecord><s:type>Account</s:type><s:Id>{winner}</s:Id>"
        "<s:Name>Acme &amp; Co.</s:Name><s:fieldsToNull>Phone</s:fieldsToNull></u:masterRecord>"
        f"<u:recordToMergeIds>{loser}</u:recordToMergeIds></u:request>",
    )[0]
    assert (text(result, "success"), text(result, "id")) == ("true", winner)
    assert text(result, "mergedRecordIds") == loser
    assert org.get("Account", winner, "Name", "Phone") == {"Name": "Acme & Co.", "Phone": None}
    assert org.get("Account", loser, "MasterRecordId") == {"MasterRecordId": winner}
    assert org.get("Contact", contact, "AccountId") == {"AccountId": winner}


def test_a_merge_that_cannot_be_done_is_a_result_with_errors(org: OrgProcess, soap: Soap) -> None:
    winner = org.insert("Account", Name="Acme")
    result = soap.call(
        "merge",
        f"<u:request><u:masterRecord><s:type>Account</s:type><s:Id>{winner}</s:Id></u:masterRecord>"
        f"<u:recordToMergeIds>{winner}</u:recordToMergeIds></u:request>",
    )[0]
    assert text(result, "success") == "false"
    errors = next(child for child in result if child.tag.endswith("errors"))
    assert text(errors, "statusCode")
    assert org.get("Account", winner, "IsDeleted") == {"IsDeleted": False}


def test_a_lead_becomes_an_account_a_contact_and_an_opportunity(org: OrgProcess, soap: Soap) -> None:
    lead = org.insert("Lead", LastName="Grace", Company="Hopper Ltd", Email="grace@hopper.example")
    status = org.query("SELECT MasterLabel FROM LeadStatus WHERE IsConverted = TRUE")[0]["MasterLabel"]
    result = soap.call(
        "convertLead",
        f"<u:leadConverts><u:convertedStatus>{status}</u:convertedStatus>"
        "<u:doNotCreateOpportunity>false</u:doNotCreateOpportunity>"
        f"<u:leadId>{lead}</u:leadId><u:opportunityName>Compiler</u:opportunityName>"
        "<u:overwriteLeadSource>false</u:overwriteLeadSource></u:leadConverts>",
    )[0]
    assert (text(result, "success"), text(result, "leadId")) == ("true", lead)
    shown = org.get("Lead", lead, "IsConverted", "ConvertedAccountId", "ConvertedContactId")
    assert shown == {
        "IsConverted": True,
        "ConvertedAccountId": text(result, "accountId"),
        "ConvertedContactId": text(result, "contactId"),
    }
    opportunity = text(result, "opportunityId") or ""
    assert org.get("Opportunity", opportunity, "Name") == {"Name": "Compiler"}
    again = soap.call(
        "convertLead",
        f"<u:leadConverts><u:convertedStatus>{status}</u:convertedStatus><u:leadId>{lead}</u:leadId>"
        "</u:leadConverts>",
    )[0]
    assert text(again, "success") == "false"


def test_a_deleted_record_comes_back(org: OrgProcess, soap: Soap) -> None:
    record_id = org.insert("Account", Name="Acme")
    org.delete("Account", record_id)
    assert text(soap.call("undelete", f"<u:ids>{record_id}</u:ids>")[0], "success") == "true"
    assert org.get("Account", record_id, "IsDeleted") == {"IsDeleted": False}
    assert text(soap.call("undelete", f"<u:ids>{record_id}</u:ids>")[0], "success") == "false"


def test_query_all_shows_the_bin_parents_and_children(org: OrgProcess, soap: Soap) -> None:
    account = org.insert("Account", Name="A <&> B")
    org.insert("Contact", LastName="Ann", AccountId=account)
    gone = org.insert("Account", Name="Gone")
    org.delete("Account", gone)
    result = soap.call(
        "queryAll",
        "<u:queryString>SELECT Name, IsDeleted, Phone, Owner.Username, (SELECT LastName FROM Contacts) "
        "FROM Account ORDER BY Name</u:queryString>",
    )[0]
    assert (text(result, "size"), text(result, "done")) == ("2", "true")
    first, second = (child for child in result if child.tag.endswith("records"))
    assert [text(r, "Name") for r in (first, second)] == ["A <&> B", "Gone"]
    assert [text(r, "IsDeleted") for r in (first, second)] == ["false", "true"]
    owner = next(child for child in first if child.tag.endswith("Owner"))
    assert "@" in (text(owner, "Username") or "")
    contacts = next(child for child in first if child.tag.endswith("Contacts"))
    assert text(contacts, "size") == "1"


def test_pages_are_fetched_by_locator(org: OrgProcess, soap: Soap) -> None:
    org.insert_many("Account", [{"Name": f"A{n:04}"} for n in range(2100)])
    first = soap.call("query", "<u:queryString>SELECT Name FROM Account ORDER BY Name</u:queryString>")[0]
    assert text(first, "done") == "false"
    locator = text(first, "queryLocator")
    rest = soap.call("queryMore", f"<u:queryLocator>{locator}</u:queryLocator>")[0]
    records = [text(r, "Name") for r in rest if r.tag.endswith("records")]
    assert (text(rest, "done"), len(records), records[-1]) == ("true", 100, "A2099")


def test_headers_name_the_client_and_switch_off_duplicate_alerts(org: OrgProcess, soap: Soap) -> None:
    record_id = org.insert("Account", Name="Acme", Phone="1")
    org.delete("Account", record_id)
    org.admin("automation", object="Account", event="after undelete", set={"Phone": "9"}, client="sync")
    headers = "<u:CallOptions><u:client>sync</u:client></u:CallOptions>"
    soap.call("undelete", f"<u:ids>{record_id}</u:ids>", headers)
    assert org.get("Account", record_id, "Phone") == {"Phone": "9"}


def test_a_wrong_session_is_a_fault(org: OrgProcess) -> None:
    stranger = Soap(org, token="nobody")
    code, sentence = stranger.fault(stranger.raw("getUserInfo"))
    assert code == "sf:INVALID_SESSION_ID"
    assert sentence.startswith("INVALID_SESSION_ID: Invalid Session ID found in SessionHeader")


def test_login_is_switched_off_unless_an_admin_allows_it(org: OrgProcess, soap: Soap) -> None:
    inner = f"<u:username>{org.username}</u:username><u:password>secret</u:password>"
    assert soap.fault(soap.raw("login", inner)) == (
        "sf:INVALID_OPERATION",
        "INVALID_OPERATION: SOAP login disabled",
    )
    org.admin("settings", soap_login=True)
    assert soap.fault(soap.raw("login", inner))[0] == "sf:INVALID_LOGIN"
    org.admin("user", username=org.username, password="secret")
    session = text(soap.call("login", inner)[0], "sessionId") or ""
    assert text(Soap(org, session).call("getUserInfo")[0], "userName") == org.username


def test_logout_ends_the_session(org: OrgProcess) -> None:
    mine = Soap(org, org.token())
    mine.call("logout")
    assert mine.fault(mine.raw("getUserInfo"))[0] == "sf:INVALID_SESSION_ID"


def test_the_enterprise_address_answers_in_its_own_namespace(org: OrgProcess) -> None:
    answer = Soap(org, api="c").raw("getServerTimestamp")
    assert 'xmlns="urn:enterprise.soap.sforce.com"' in answer.text


def test_an_unknown_operation_is_a_fault(soap: Soap) -> None:
    code, sentence = soap.fault(soap.raw("explode"))
    assert code == "soapenv:Client"
    assert sentence == "No operation available for request {urn:partner.soap.sforce.com}explode"


LAUGHS = (
    '<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY lol "lol">'
    + "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' if n else '<!ENTITY l0 "lol">' for n in range(9))
    + "]><lolz>&l8;</lolz>"
)
STEALING = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'


@pytest.mark.parametrize(
    "body",
    [LAUGHS, STEALING, LAUGHS.encode("utf-16"), "<not-closed>", "", "<x/>", "{}"],
    ids=["laughs", "stealing", "utf-16", "broken", "empty", "no envelope", "json"],
)
def test_foreign_xml_is_refused_without_expanding_anything(soap: Soap, body: str | bytes) -> None:
    code, sentence = soap.fault(soap.send(body))
    assert code == "soapenv:Client"
    assert "root:" not in sentence
    assert "lollol" not in sentence


def test_faults_wear_a_soap_envelope_too(org: OrgProcess, soap: Soap) -> None:
    org.fault("quota", times=1)
    assert soap.fault(soap.raw("getUserInfo"))[0] == "sf:REQUEST_LIMIT_EXCEEDED"

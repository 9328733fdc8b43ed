"""What this org has, seen as Tandem's user: objects, fields, features."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.salesforce.describe import ObjectDescribe
from app.salesforce.errors import ErrorKind, SalesforceError

if TYPE_CHECKING:
    from app.salesforce.gateway import Gateway

#: Objects whose presence is a feature of the org.
PARTNER_OBJECTS = ("ChannelProgram", "ChannelProgramLevel", "ChannelProgramMember")
FUND_OBJECTS = ("PartnerFundAllocation", "PartnerFundRequest", "PartnerFundClaim", "PartnerMarketingBudget")


@dataclass(frozen=True, slots=True)
class OrgCapabilities:
    """The answers to a probe. A field that the user may not see counts as missing.

    objects: descriptions of those asked for that exist. names: every object the user may see.
    """

    org_id: str
    name: str
    edition: str
    is_sandbox: bool
    api_version: str
    names: frozenset[str]
    objects: Mapping[str, ObjectDescribe]
    multi_currency: bool
    person_accounts: bool
    state_country_picklists: bool
    approvals: bool

    @property
    def partner_objects(self) -> bool:
        """Whether channel programs, levels and members exist."""
        return self.names.issuperset(PARTNER_OBJECTS)

    @property
    def fund_objects(self) -> bool:
        """Whether partner budgets, allocations, requests and claims exist."""
        return self.names.issuperset(FUND_OBJECTS)

    def features(self) -> dict[str, bool]:
        """Every feature by the name a mapping's `when:` uses."""
        return {
            "partner_objects": self.partner_objects,
            "fund_objects": self.fund_objects,
            "multi_currency": self.multi_currency,
            "person_accounts": self.person_accounts,
            "state_country_picklists": self.state_country_picklists,
            "approvals": self.approvals,
        }

    def missing(self, required: Mapping[str, set[str]]) -> dict[str, set[str]]:
        """Objects and fields of `required` that are not there; an absent object with all its fields.

        A field may be a path such as `Owner.Name`: only its first step is looked at.
        """
        lacking: dict[str, set[str]] = {}
        for sobject, names in required.items():
            described = self.objects.get(sobject)
            if described is None:
                lacking[sobject] = set(names)
                continue
            absent = {name for name in names if not _has(described, name)}
            if absent:
                lacking[sobject] = absent
        return lacking


def _has(described: ObjectDescribe, path: str) -> bool:
    first, dot, _ = path.partition(".")
    if not dot:
        return described.field(first) is not None
    wanted = first.lower()
    return any((field.get("relationshipName") or "").lower() == wanted for field in described.fields.values())


def probe(gateway: Gateway, sobjects: Sequence[str]) -> OrgCapabilities:
    """Ask the org. Three calls, and one more for each 25 objects beyond the first."""
    names = frozenset(item["name"] for item in gateway.describe_global(fresh=True))
    by_lower = {name.lower(): name for name in names}
    wanted = dict.fromkeys([*sobjects, "Account", "User"])
    objects = gateway.describe_many([name for name in wanted if name.lower() in by_lower])
    page = gateway.query("SELECT Id, Name, OrganizationType, IsSandbox FROM Organization")
    org = page.records[0]
    account = objects.get("Account")
    return OrgCapabilities(
        org_id=org["Id"],
        name=org["Name"],
        edition=org["OrganizationType"] or "",
        is_sandbox=bool(org["IsSandbox"]),
        api_version=gateway.connection.api_version,
        names=names,
        objects=objects,
        multi_currency="CurrencyType" in names,
        person_accounts=account is not None and account.field("IsPersonAccount") is not None,
        state_country_picklists=account is not None and account.field("BillingStateCode") is not None,
        approvals="ProcessInstance" in names and _answers(gateway, "process/approvals"),
    )


def _answers(gateway: Gateway, url: str) -> bool:
    """Whether the org has this resource for this user."""
    try:
        gateway.get(url, kind="describe")
    except SalesforceError as error:
        if error.kind in {ErrorKind.IDENTITY, ErrorKind.SCHEMA, ErrorKind.ADMIN_FIXABLE}:
            return False
        raise
    return True

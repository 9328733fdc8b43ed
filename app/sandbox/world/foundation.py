"""What every org has before anybody enters a record: organization, profiles, two users, picklists."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.sandbox.world.rows import Rows

#: the manufacturer whose org it is, and the domain of its people
COMPANY = "Arden Industrial Networks"
DOMAIN = "arden-industrial.example"
INTEGRATION_USERNAME = f"integration@{DOMAIN}"
ADMIN_USERNAME = f"admin@{DOMAIN}"

#: corporate currency first: ISO code → (units of it for one corporate unit, decimal places)
CURRENCIES = {
    "USD": ("1", 2), "EUR": ("0.92", 2), "GBP": ("0.79", 2), "JPY": ("151.5", 0), "CAD": ("1.37", 2),
    "CHF": ("0.88", 2), "SEK": ("10.6", 2), "DKK": ("6.87", 2), "NOK": ("10.9", 2), "PLN": ("3.95", 2),
    "CZK": ("23.2", 2),
}  # fmt: skip
#: stage → (probability, forecast category)
STAGES = {
    "Prospecting": (10, "Pipeline"),
    "Qualification": (10, "Pipeline"),
    "Needs Analysis": (20, "Pipeline"),
    "Value Proposition": (50, "Pipeline"),
    "Id. Decision Makers": (60, "Pipeline"),
    "Perception Analysis": (70, "Best Case"),
    "Proposal/Price Quote": (75, "Best Case"),
    "Negotiation/Review": (90, "Commit"),
    "Closed Won": (100, "Closed"),
    "Closed Lost": (0, "Omitted"),
}
_CATEGORY = {"Best Case": "BestCase", "Commit": "Forecast"}
_ROLES = {
    "Distributor": "Supplier",
    "VAR/Reseller": "Supplier",
    "System Integrator": "Supplier",
    "Supplier": "Distributor",
}
#: profile → (licence, user type, rights)
_PROFILES: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "System Administrator": (
        "Salesforce",
        "Standard",
        ("PermissionsApiEnabled", "PermissionsModifyAllData", "PermissionsViewAllData"),
    ),
    "Standard User": ("Salesforce", "Standard", ("PermissionsApiEnabled", "PermissionsConvertLeads")),
    "Read Only": ("Salesforce", "Standard", ("PermissionsApiEnabled",)),
    "Minimum Access - API Only Integrations": (
        "Salesforce Integration",
        "Standard",
        ("PermissionsApiEnabled",),
    ),
    "Partner Community User": ("Partner Community", "PowerPartner", ()),
}
#: permission set of the deployed metadata → (label, description)
_PERMISSION_SETS = {
    "Tandem_Integration": ("Tandem Integration", "For the one user that Tandem signs in as."),
    "Tandem_Rep": ("Tandem Rep", "For sales representatives."),
    "Tandem_Approver": ("Tandem Approver", "For people of the company who decide."),
    "Tandem_Partner": ("Tandem Partner", "For partner users."),
    "Tandem_Admin": ("Tandem Admin", "For whoever looks after Tandem in the org."),
}
_AGE = 1500


@dataclass(slots=True)
class Foundation:
    """Ids of what every org has, by name."""

    admin_id: str
    integration_id: str
    pricebook_id: str
    profiles: dict[str, str] = field(default_factory=dict)
    permission_sets: dict[str, str] = field(default_factory=dict)


def lay(rows: Rows) -> Foundation:
    """Write the foundation; the rows' actor becomes the administrator."""
    found = Foundation(
        admin_id=rows.id("User"), integration_id=rows.id("User"), pricebook_id=rows.id("Pricebook2")
    )
    rows.actor = found.admin_id
    _organization(rows)
    licences = {
        name: rows.add(
            "UserLicense",
            {
                "Name": name,
                "MasterLabel": name,
                "LicenseDefinitionKey": key,
                "TotalLicenses": total,
                "UsedLicenses": 0,
                "Status": "Active",
            },
            days_ago=_AGE,
        )
        for name, key, total in (
            ("Salesforce", "SFDC", 60),
            ("Salesforce Integration", "PID_Salesforce_Integration", 5),
            ("Partner Community", "PID_Partner_Community", 200),
        )
    }
    for name, (licence, user_type, rights) in _PROFILES.items():
        found.profiles[name] = rows.add(
            "Profile",
            {"Name": name, "UserLicenseId": licences[licence], "UserType": user_type}
            | dict.fromkeys(rights, True),
            days_ago=_AGE,
        )
    add_user(
        rows, found.admin_id, found, ADMIN_USERNAME, "Robin", "Ellery", "System Administrator", title="IT"
    )
    add_user(
        rows,
        found.integration_id,
        found,
        INTEGRATION_USERNAME,
        "",
        "Tandem Integration",
        "Minimum Access - API Only Integrations",
        TimeZoneSidKey="GMT",
    )
    _permission_sets(rows, found, licences)
    rows.add(
        "Pricebook2",
        {"Name": "Standard Price Book", "IsActive": True, "IsStandard": True},
        days_ago=_AGE,
        record_id=found.pricebook_id,
    )
    _picklist_tables(rows)
    if rows.has("CurrencyType"):
        _currencies(rows)
    return found


def add_user(
    rows: Rows,
    record_id: str,
    found: Foundation,
    username: str,
    first: str,
    last: str,
    profile: str,
    **fields: Any,
) -> str:
    """A user with everything a user must have; `title` and any field of User may be added."""
    local = username.partition("@")[0]
    values: dict[str, Any] = {
        "Username": username,
        "Email": username,
        "FirstName": first,
        "LastName": last,
        "Alias": local.replace(".", "").replace("-", "")[:8],
        "CommunityNickname": local[:32] + record_id[12:15],
        "ProfileId": found.profiles[profile],
        "UserType": _PROFILES[profile][1],
        "CompanyName": COMPANY,
        "TimeZoneSidKey": "America/New_York",
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        "EmailEncodingKey": "UTF-8",
        "Title": fields.pop("title", ""),
        "CurrencyIsoCode": "USD",
        "DefaultCurrencyIsoCode": "USD",
    }
    return rows.add("User", values | fields, days_ago=1400, record_id=record_id)


def assign(rows: Rows, found: Foundation, permission_set: str, user_id: str) -> None:
    """Give a user a permission set, where it is deployed."""
    if permission_set in found.permission_sets:
        rows.add(
            "PermissionSetAssignment",
            {"PermissionSetId": found.permission_sets[permission_set], "AssigneeId": user_id},
            days_ago=90,
        )


def _organization(rows: Rows) -> None:
    org = rows.org
    rows.add(
        "Organization",
        {
            "Name": COMPANY,
            "Street": "1200 Foundry Road",
            "City": "Milwaukee",
            "State": "WI",
            "PostalCode": "53202",
            "Country": "United States",
            "CountryCode": "US",
            "StateCode": "WI",
            "Phone": "(414) 555-0100",
            "PrimaryContact": "Robin Ellery",
            "DefaultLocaleSidKey": "en_US",
            "LanguageLocaleKey": "en_US",
            "TimeZoneSidKey": org.settings.time_zone,
            "FiscalYearStartMonth": org.settings.fiscal_year_start_month,
            "DefaultAccountAccess": "Edit",
            "DefaultContactAccess": "ControlledByParent",
            "DefaultOpportunityAccess": "Read",
            "DefaultLeadAccess": "ReadEditTransfer",
            "OrganizationType": "Developer Edition" if org.profile == "developer" else "Enterprise Edition",
            "InstanceName": "LOC1",
            "IsSandbox": True,
        },
        days_ago=_AGE,
        record_id=org.org_id,
    )


def _permission_sets(rows: Rows, found: Foundation, licences: dict[str, str]) -> None:
    if not rows.has("Account", "Tandem_Id__c"):
        return
    for name, (label, description) in _PERMISSION_SETS.items():
        found.permission_sets[name] = rows.add(
            "PermissionSet",
            {
                "Name": name,
                "Label": label,
                "Description": description,
                "PermissionsApiEnabled": name == "Tandem_Integration",
                "PermissionsConvertLeads": name == "Tandem_Integration",
                "LicenseId": licences["Partner Community"] if name == "Tandem_Partner" else "",
            },
            days_ago=90,
        )
    assign(rows, found, "Tandem_Integration", found.integration_id)


def _picklist_tables(rows: Rows) -> None:
    for order, (stage, (probability, category)) in enumerate(STAGES.items(), 1):
        rows.add(
            "OpportunityStage",
            {
                "MasterLabel": stage,
                "ApiName": stage,
                "IsActive": True,
                "SortOrder": order,
                "IsClosed": stage.startswith("Closed"),
                "IsWon": stage == "Closed Won",
                "ForecastCategory": _CATEGORY.get(category, category),
                "ForecastCategoryName": category,
                "DefaultProbability": probability,
            },
            days_ago=_AGE,
        )
    for sobject, source in (("LeadStatus", "Lead"), ("TaskStatus", "Task")):
        picklist = rows.org.schema.get(source).fields["status"].picklist
        for order, entry in enumerate(picklist, 1):
            mark = (
                {"IsConverted": entry.value == "Closed - Converted"}
                if source == "Lead"
                else {"IsClosed": entry.value == "Completed"}
            )
            rows.add(
                sobject,
                {
                    "MasterLabel": entry.label,
                    "ApiName": entry.value,
                    "SortOrder": order,
                    "IsDefault": entry.default,
                }
                | mark,
                days_ago=_AGE,
            )
    for order, (role, reverse) in enumerate(_ROLES.items(), 1):
        rows.add(
            "PartnerRole",
            {"MasterLabel": role, "ApiName": role, "SortOrder": order, "ReverseRole": reverse},
            days_ago=_AGE,
        )


def _currencies(rows: Rows) -> None:
    for code, (rate, places) in CURRENCIES.items():
        rows.add(
            "CurrencyType",
            {
                "IsoCode": code,
                "ConversionRate": rate,
                "DecimalPlaces": places,
                "IsActive": True,
                "IsCorporate": code == rows.org.settings.currency,
            },
            days_ago=_AGE,
        )
        rows.add(
            "DatedConversionRate",
            {
                "IsoCode": code,
                "StartDate": "2020-01-01",
                "ConversionRate": rate,
            },
            days_ago=_AGE,
        )

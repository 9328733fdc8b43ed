"""Leads in every status, opportunities in every stage, and what hangs on them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from app.sandbox.world import people, places
from app.sandbox.world.catalog import Catalog, local_price
from app.sandbox.world.customers import Account, Customers, address, bare, variant
from app.sandbox.world.foundation import STAGES, Foundation
from app.sandbox.world.places import MARKETS
from app.sandbox.world.rows import Rows
from app.sandbox.world.staff import Staff

OPPORTUNITIES = 250
LEADS = 250
#: how often each stage occurs among 50
_STAGE_WEIGHTS = (6, 5, 5, 4, 4, 3, 5, 4, 8, 6)
#: status → how many of 250 leads
_LEADS = {
    "Open - Not Contacted": 92,
    "Working - Contacted": 78,
    "Closed - Not Converted": 40,
    "Closed - Converted": 40,
}
_NEEDS = (
    "line retrofit", "plant network", "new hall", "safety upgrade", "remote access", "spare parts frame",
    "condition monitoring", "warehouse automation", "substation refresh", "wireless coverage",
)  # fmt: skip
_TYPES = ("New Customer", "Existing Customer - Upgrade", "Existing Customer - Replacement", "")
_NEXT = (
    "Send revised quote",
    "Site visit",
    "Demo with operations",
    "Await budget approval",
    "Legal review",
    "",
)
_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
_ROLES = ("Decision Maker", "Technical Buyer", "Evaluator", "Influencer", "Business User")
_TITLES = ("Plant Manager", "Buyer", "Automation Engineer", "IT Manager", "Managing Director", "")


def fill(
    rows: Rows, random: Random, found: Foundation, staff: Staff, customers: Customers, catalog: Catalog
) -> None:
    """Write campaigns, opportunities with products and contact roles, leads and activities."""
    campaigns = _campaigns(rows, staff)
    won = [
        _opportunity(rows, random, found, customers, catalog, campaigns, number)
        for number in range(OPPORTUNITIES)
    ]
    convertible = [entry for entry in won if entry is not None]
    for status, count in _LEADS.items():
        for number in range(count):
            if status == "Closed - Converted":
                _converted_lead(rows, random, *convertible[number])
            else:
                _lead(rows, random, staff, customers, campaigns, status, number)


def day(rows: Rows, offset: float) -> str:
    """The date `offset` days from the day of the world, as ISO text."""
    return (datetime.fromtimestamp(rows.today, UTC) + timedelta(days=int(offset))).date().isoformat()


def _campaigns(rows: Rows, staff: Staff) -> list[str]:
    owner = staff.by_role["Marketing"][0]
    plan = (
        ("Safety Webinar Series", "Webinar", "Completed", -220, -160),
        ("Industrial Network Roadshow", "Trade Show", "In Progress", -40, 30),
        ("Partner Referral Drive", "Referral Program", "In Progress", -90, 90),
        ("Drives Replacement Mailing", "Direct Mail", "Planned", 20, 60),
    )
    return [
        rows.add(
            "Campaign",
            {
                "Name": name,
                "Type": kind,
                "Status": status,
                "StartDate": day(rows, start),
                "EndDate": day(rows, end),
                "IsActive": status == "In Progress",
                "BudgetedCost": "20000",
                "OwnerId": owner,
            },
            days_ago=250,
            by=owner,
        )
        for name, kind, status, start, end in plan
    ]


def _opportunity(
    rows: Rows,
    random: Random,
    found: Foundation,
    customers: Customers,
    catalog: Catalog,
    campaigns: list[str],
    number: int,
) -> tuple[Account, str, float] | None:
    """One opportunity. Returns (account, opportunity, its age in days) where a lead may have led to it."""
    account = random.choice(customers.accounts)
    # the first rounds go through the stages in order, so that none is ever missing
    stages = list(STAGES)
    stage = stages[number % 10] if number < 20 else random.choices(stages, _STAGE_WEIGHTS)[0]
    probability, category = STAGES[stage]
    family = random.choice(list(catalog.products))
    age = random.uniform(3, min(account.age, 420))
    closed = stage.startswith("Closed")
    closing = -random.uniform(0, age) if closed else random.uniform(-20, 200)
    currency = MARKETS[account.country][0]
    if currency not in catalog.currencies:
        currency = catalog.currencies[0]
    lines = _lines(random, catalog, family, currency) if random.random() < 0.6 else []
    amount = (
        sum((quantity * price for _, _, quantity, price in lines), Decimal(0))
        or local_price(Decimal(random.randint(40, 4000)) * 100, currency)
    )  # fmt: skip
    record = rows.add(
        "Opportunity",
        {
            "Name": f"{bare(account.name)[:70]} - {random.choice(_NEEDS)}, {family.lower()}",
            "AccountId": account.id,
            "StageName": stage,
            "Probability": probability,
            "ForecastCategoryName": category,
            "Amount": str(amount),
            "CloseDate": day(rows, closing),
            "Type": random.choice(_TYPES),
            "LeadSource": random.choice(_SOURCES),
            "NextStep": "" if closed else random.choice(_NEXT),
            "CampaignId": random.choice(campaigns) if random.random() < 0.25 else "",
            "HasOpportunityLineItem": bool(lines),
            "Pricebook2Id": found.pricebook_id if lines else "",
            "LastStageChangeDate": rows.today - int(random.uniform(0, age) * 86_400),
            "CurrencyIsoCode": currency,
            "OwnerId": account.owner,
        },
        days_ago=age,
        changed_days_ago=min(age, random.uniform(0, 40)) if not closed else max(0.0, -closing),
        by=account.owner,
    )
    for entry, product, quantity, price in lines:
        rows.add(
            "OpportunityLineItem",
            {
                "OpportunityId": record,
                "PricebookEntryId": entry,
                "Product2Id": product,
                "Quantity": str(quantity),
                "UnitPrice": str(price),
                "TotalPrice": str(quantity * price),
                "CurrencyIsoCode": currency,
            },
            days_ago=age,
            by=account.owner,
        )
    if account.contacts:
        rows.add(
            "OpportunityContactRole",
            {
                "OpportunityId": record,
                "ContactId": account.contacts[0][0],
                "Role": random.choice(_ROLES),
                "IsPrimary": True,
                "CurrencyIsoCode": currency,
            },
            days_ago=age,
            by=account.owner,
        )
    if random.random() < 0.3:
        _activity(rows, random, account, record, closed)
    return (account, record, age) if account.contacts else None


def _lines(
    random: Random, catalog: Catalog, family: str, currency: str
) -> list[tuple[str, str, Decimal, Decimal]]:
    """(price book entry, product, quantity, sales price) of one to three products of a family."""
    products = catalog.products[family]
    lines = []
    for product in random.sample(products, random.randint(1, min(3, len(products)))):
        entry, listed = catalog.entries[product, currency]
        rebate = Decimal(random.choice((100, 100, 95, 90, 85))) / 100
        places_ = -int(listed.as_tuple().exponent)
        price = (listed * rebate).quantize(Decimal(1).scaleb(-places_))
        lines.append((entry, product, Decimal(random.choice((1, 2, 4, 5, 10, 20, 40))), price))
    return lines


def _activity(rows: Rows, random: Random, account: Account, opportunity: str, closed: bool) -> None:
    who = account.contacts[0][0] if account.contacts else ""
    rows.add(
        "Task",
        {
            "Subject": random.choice(("Call", "Send Quote", "Send Letter")),
            "Status": "Completed" if closed else random.choice(("Not Started", "In Progress")),
            "Priority": random.choice(("Normal", "Normal", "High")),
            "ActivityDate": day(rows, random.uniform(-30, 30)),
            "WhatId": opportunity,
            "WhoId": who,
            "AccountId": account.id,
            "OwnerId": account.owner,
            "CurrencyIsoCode": MARKETS[account.country][0],
        },
        days_ago=random.uniform(0, 30),
        by=account.owner,
    )


def _lead(
    rows: Rows,
    random: Random,
    staff: Staff,
    customers: Customers,
    campaigns: list[str],
    status: str,
    number: int,
) -> None:
    company = random.choice(customers.prospects)
    name, country, industry = company.name, company.country, company.industry
    if number % 8 == 0:
        known = random.choice(customers.accounts)
        name, country, industry = variant(random, known.name, known.country), known.country, ""
    human = people.person(random, country)
    age = random.uniform(0.5, 240)
    owner = staff.rep(random, country)
    if status == "Open - Not Contacted" and number % 3 == 0:
        owner = staff.queues["Partner Leads" if number % 2 else "Unassigned Leads"]
    domain = f"{people.slug(bare(name))[:40].strip('-')}.example"
    fields: dict[str, Any] = {
        "FirstName": human.first if number % 9 else "",
        "LastName": human.last,
        "Company": name,
        "Title": random.choice(_TITLES),
        "Status": status,
        "LeadSource": random.choice(_SOURCES),
        "Industry": industry,
        "Rating": random.choice(("Hot", "Warm", "Cold", "")),
        "Email": human.email(domain) if number % 7 else "",
        "Phone": people.phone(random, country),
        "Website": company.website if number % 8 else "",
        "NumberOfEmployees": company.employees or None,
        "CurrencyIsoCode": MARKETS[country][0],
        "OwnerId": owner,
        "IsUnreadByOwner": status == "Open - Not Contacted",
    } | address("", random, places.somewhere(random, country), exact=False)
    by = staff.by_role["Marketing"][0]
    record = rows.add("Lead", fields, days_ago=age, changed_days_ago=random.uniform(0, age), by=by)
    if number % 4 == 0:
        rows.add(
            "CampaignMember",
            {
                "CampaignId": random.choice(campaigns),
                "LeadId": record,
                "LeadOrContactId": record,
                "Status": random.choice(("Sent", "Responded")),
                "CurrencyIsoCode": "USD",
            },
            days_ago=age,
            by=by,
        )


def _converted_lead(rows: Rows, random: Random, account: Account, opportunity: str, age: float) -> None:
    contact, human = account.contacts[0]
    rows.add(
        "Lead",
        {
            "FirstName": human.first,
            "LastName": human.last,
            "Company": account.name,
            "Status": "Closed - Converted",
            "LeadSource": random.choice(_SOURCES),
            "Email": human.email(account.domain),
            "Country": places.country_name(account.country),
            "CountryCode": account.country,
            "CurrencyIsoCode": MARKETS[account.country][0],
            "OwnerId": account.owner,
            "IsConverted": True,
            "IsUnreadByOwner": False,
            "ConvertedDate": day(rows, -age),
            "ConvertedAccountId": account.id,
            "ConvertedContactId": contact,
            "ConvertedOpportunityId": opportunity,
        },
        days_ago=age + random.uniform(1, 40),
        changed_days_ago=age,
        by=account.owner,
    )

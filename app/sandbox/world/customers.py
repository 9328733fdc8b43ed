"""End customers and their people, some of them entered twice."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from random import Random
from typing import Any

from app.sandbox.world import companies, people, places
from app.sandbox.world.companies import Company
from app.sandbox.world.places import MARKETS, Place
from app.sandbox.world.rows import Rows
from app.sandbox.world.staff import Staff

#: ways in which different people write the legal form of one company
LEGAL_FORMS = {
    "US": ("Inc", "Inc.", "Incorporated", "Corp.", "Corporation"),
    "CA": ("Inc.", "Ltd."),
    "DE": ("AG", "A.G.", "GmbH", "G.m.b.H.", "Aktiengesellschaft", "SE & Co. KGaA"),
    "GB": ("plc", "PLC", "Ltd", "Limited"),
    "FR": ("SA", "S.A.", "SAS"),
    "JP": ("K.K.", "Co., Ltd.", "Kabushiki Kaisha", "Corporation"),
    "CH": ("AG", "A.G.", "SA"),
    "SE": ("AB", "AB (publ)"),
    "NL": ("N.V.", "NV", "B.V."),
    "ES": ("S.A.", "SA", "S.L."),
    "FI": ("Oyj", "Oy"),
}
_FORM = re.compile(
    r"[ ,]+(inc\.?|incorporated|corp\.?|corporation|company|co\.?|ltd\.?|limited|plc|llc|ag|a\.g\.|se|gmbh|"
    r"sas?|s\.a\.|s\.l\.|b\.v\.|nv|n\.v\.|ab|oyj|k\.k\.|holdings?|group)$",
    re.I,
)
_TITLES = (
    "Plant Manager", "Head of Procurement", "Maintenance Lead", "Automation Engineer", "Network Architect",
    "Chief Information Officer", "OT Security Manager", "Purchasing Manager", "Project Engineer",
    "Director of Operations", "Electrical Engineer", "Supply Chain Manager", "Head of Engineering",
)  # fmt: skip
_DEPARTMENTS = ("Operations", "Procurement", "Engineering", "IT", "Maintenance", "Supply Chain")
_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
_CONTACTS = 350
_DUPLICATES = 20
_PLANTS = 12


@dataclass(slots=True)
class Account:
    """An account of the world, with the contacts it has."""

    id: str
    name: str
    country: str
    owner: str
    domain: str
    age: float
    contacts: list[tuple[str, people.Person]] = field(default_factory=list)


@dataclass(slots=True)
class Customers:
    """End customers, and companies that are not customers yet."""

    accounts: list[Account] = field(default_factory=list)
    prospects: list[Company] = field(default_factory=list)


def settle(rows: Rows, random: Random, staff: Staff) -> Customers:
    """Write end customers and their contacts, the dirty ones included."""
    chosen, prospects = companies.choose(random)
    customers = Customers(prospects=prospects)
    for company in chosen:
        customers.accounts.append(_customer(rows, random, staff, company))
    _plants(rows, random, customers.accounts)
    duplicates = _duplicates(rows, random, staff, chosen)
    _contacts(rows, random, customers.accounts + duplicates)
    return customers


def bare(name: str) -> str:
    """A company's name without its legal form."""
    previous = ""
    while previous != name:
        previous, name = name, _FORM.sub("", name).strip(" ,")
    return name or previous


def misspelt(random: Random, name: str) -> str:
    """The name with two neighbouring letters swapped, as quick fingers do."""
    spots = [
        n for n in range(1, len(name) - 1)
        if name[n].isalpha() and name[n + 1].isalpha() and name[n].lower() != name[n + 1].lower()
    ]  # fmt: skip
    if not spots:
        return name
    at = random.choice(spots)
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def variant(random: Random, name: str, country: str) -> str:
    """The company's name as somebody else would have typed it: never exactly as it is."""
    kind = random.randrange(5)
    stem = bare(name)
    if kind == 0:
        changed = misspelt(random, name)
    elif kind == 1:
        changed = people.plain(stem).upper()
    elif kind == 2 and " " in name:
        changed = name.replace(" ", "  ", 1)
    else:
        changed = f"{stem} {random.choice(LEGAL_FORMS.get(country, LEGAL_FORMS['US']))}"
    return changed if changed != name else f"{name} ({places.country_name(country)})"


def address(prefix: str, random: Random, place: Place, *, exact: bool = True) -> dict[str, Any]:
    """The address fields that start with `prefix`; `exact` adds the geocode."""
    fields: dict[str, Any] = {
        f"{prefix}Street": places.street(random, place.country),
        f"{prefix}City": place.city,
        f"{prefix}State": place.state_text,
        f"{prefix}PostalCode": places.postal_code(random, place.country),
        f"{prefix}Country": place.country_name,
        f"{prefix}StateCode": place.state_text,
        f"{prefix}CountryCode": place.country,
    }
    if exact:
        fields[f"{prefix}Latitude"] = place.latitude
        fields[f"{prefix}Longitude"] = place.longitude
        fields[f"{prefix}GeocodeAccuracy"] = "City"
    return fields


def _customer(rows: Rows, random: Random, staff: Staff, company: Company) -> Account:
    place = company.place or places.somewhere(random, company.country)
    owner = staff.rep(random, company.country)
    age = random.uniform(60, 1300)
    record = rows.add(
        "Account",
        {
            "Name": company.name,
            "Type": random.choice(
                ("Customer - Channel", "Customer - Channel", "Customer - Direct", "Prospect")
            ),
            "Industry": company.industry,
            "Website": company.website,
            "TickerSymbol": company.ticker,
            "NumberOfEmployees": company.employees or None,
            "AnnualRevenue": company.revenue or None,
            "Ownership": "Public",
            "Phone": people.phone(random, company.country),
            "AccountNumber": f"C{random.randint(100_000, 999_999)}",
            "AccountSource": random.choice(_SOURCES),
            "Rating": random.choice(("Hot", "Warm", "Cold", "")),
            "CurrencyIsoCode": MARKETS[company.country][0],
            "OwnerId": owner,
        }
        | address("Billing", random, place),
        days_ago=age,
        changed_days_ago=random.uniform(0, age),
        by=owner,
    )
    domain = f"{people.slug(bare(company.name))[:40].strip('-')}.example"
    return Account(record, company.name, company.country, owner, domain, age)


def _plants(rows: Rows, random: Random, accounts: list[Account]) -> None:
    """Sites of large customers, as accounts of their own below the customer."""
    for parent in random.sample(accounts, _PLANTS):
        place = places.somewhere(random, parent.country)
        rows.add(
            "Account",
            {
                "Name": parent.name,
                "Site": f"Plant {place.city}",
                "ParentId": parent.id,
                "Type": "Customer - Channel",
                "Industry": "Manufacturing",
                "Ownership": "Subsidiary",
                "CurrencyIsoCode": MARKETS[parent.country][0],
                "OwnerId": parent.owner,
            }
            | address("Billing", random, place),
            days_ago=parent.age - random.uniform(1, 50),
            by=parent.owner,
        )


def _duplicates(rows: Rows, random: Random, staff: Staff, chosen: list[Company]) -> list[Account]:
    """Customers entered a second time under another spelling, by somebody who did not search."""
    made: list[Account] = []
    for company in random.sample(chosen, _DUPLICATES):
        name = variant(random, company.name, company.country)
        owner = staff.rep(random, company.country)
        age = random.uniform(5, 55)
        place = company.place or places.somewhere(random, company.country)
        record = rows.add(
            "Account",
            {
                "Name": name,
                "Type": "Prospect",
                "Website": company.website.replace("https://", "http://"),
                "BillingCity": people.plain(place.city),
                "BillingCountry": place.country_name,
                "BillingCountryCode": place.country,
                "CurrencyIsoCode": MARKETS[company.country][0],
                "OwnerId": owner,
            },
            days_ago=age,
            by=owner,
        )
        domain = f"{people.slug(bare(company.name))[:40].strip('-')}.example"
        made.append(Account(record, name, company.country, owner, domain, age))
    return made


def _contacts(rows: Rows, random: Random, accounts: list[Account]) -> None:
    """At least one contact for most accounts; a few people are there twice."""
    taken: dict[str, int] = {}
    for number in range(_CONTACTS):
        account = accounts[number] if number < len(accounts) * 0.8 else random.choice(accounts)
        human = people.person(random, account.country)
        email = human.email(account.domain)
        taken[email] = taken.get(email, 0) + 1
        add_contact(rows, random, account, human, human.email(account.domain, taken[email]))
    known = [account for account in accounts if account.contacts]
    for account in random.sample(known, 10):
        _, human = account.contacts[0]
        twin = people.Person(people.plain(human.first)[:1] + ".", people.plain(human.last), human.country)
        add_contact(rows, random, account, twin, human.email(account.domain), complete=False)


def add_contact(
    rows: Rows,
    random: Random,
    account: Account,
    human: people.Person,
    email: str,
    *,
    complete: bool = True,
) -> str:
    """A contact of the account; not `complete` is one that somebody typed in a hurry."""
    fields: dict[str, Any] = {
        "AccountId": account.id,
        "FirstName": human.first,
        "LastName": human.last,
        "Email": email,
        "Phone": people.phone(random, human.country),
        "OwnerId": account.owner,
        "CurrencyIsoCode": MARKETS[account.country][0],
    }
    if complete:
        fields |= address("Mailing", random, places.somewhere(random, human.country), exact=False)
        fields |= {
            "Salutation": random.choice(("Mr.", "Ms.", "Dr.", "")),
            "Title": random.choice(_TITLES),
            "Department": random.choice(_DEPARTMENTS),
            "MobilePhone": people.phone(random, human.country) if random.random() < 0.5 else "",
            "LeadSource": random.choice(_SOURCES),
            "HasOptedOutOfEmail": random.random() < 0.06,
        }
        if account.contacts and random.random() < 0.4:
            fields["ReportsToId"] = account.contacts[0][0]
    age = random.uniform(0.5, account.age)
    record = rows.add(
        "Contact", fields, days_ago=age, changed_days_ago=random.uniform(0, age), by=account.owner
    )
    account.contacts.append((record, human))
    return record

"""The channel: distributors and resellers, their people, and who of them signs in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from app.sandbox.world import people, places
from app.sandbox.world.customers import Account, add_contact, address, bare
from app.sandbox.world.foundation import Foundation, add_user, assign
from app.sandbox.world.places import MARKETS
from app.sandbox.world.rows import Rows
from app.sandbox.world.staff import Staff

#: (name, country, tier, level)
PARTNERS = (
    ("Great Lakes Automation Supply Inc.", "US", "Distributor", "Gold"),
    ("Cascade Electrical Distribution Corp.", "US", "Distributor", "Silver"),
    ("Rheinland Technikhandel GmbH", "DE", "Distributor", "Gold"),
    ("Albion Controls Distribution Ltd", "GB", "Distributor", "Silver"),
    ("Tōkai Denki Shōkai K.K.", "JP", "Distributor", "Gold"),
    ("Lone Star Controls LLC", "US", "Reseller", "Gold"),
    ("Harbor Systems Integration Inc.", "US", "Reseller", "Silver"),
    ("Prairie Process Technologies LLC", "US", "Reseller", "Bronze"),
    ("Northern Loop Networks Inc.", "CA", "Reseller", "Silver"),
    ("Kessler & Brandt Systemhaus GmbH", "DE", "Reseller", "Gold"),
    ("Seeland Automation AG", "CH", "Reseller", "Bronze"),
    ("Atelier Réseaux Industriels SAS", "FR", "Reseller", "Silver"),
    ("Nordvik Industriteknik AB", "SE", "Reseller", "Bronze"),
    ("Polderland Besturingstechniek B.V.", "NL", "Reseller", "Bronze"),
    ("Iberia Control Integral S.L.", "ES", "Reseller", "Bronze"),
    ("Kansai Network Engineering K.K.", "JP", "Reseller", "Silver"),
)


#: companies whose person signs in and which are no partners yet. The first one applies in the demo's story,
#: the second one is there for whoever wants to apply by hand. (name, country)
APPLICANTS = (("Ostsee Automationstechnik GmbH", "DE"), ("Delta Valley Controls Inc.", "US"))


@dataclass(frozen=True, slots=True)
class Partner:
    """A partner. tier: Distributor or Reseller. level: Bronze, Silver or Gold."""

    account: Account
    tier: str
    level: str


def sign_up(rows: Rows, random: Random, found: Foundation, staff: Staff) -> list[Partner]:
    """Write partner accounts, their contacts and their users."""
    partners = [
        Partner(_account(rows, random, staff, name, country, tier, level), tier, level)
        for name, country, tier, level in PARTNERS
    ]
    _people(rows, random, found, partners)
    return partners


def apply(rows: Rows, random: Random, found: Foundation, staff: Staff) -> None:
    """Write the account, the contact and the user of each company that is about to apply."""
    for name, country in APPLICANTS:
        account = _account(rows, random, staff, name, country, "Prospect", "")
        human = people.person(random, country)
        email = human.email(account.domain)
        contact = add_contact(rows, random, account, human, email)
        _user(rows, found, account, human, email, contact, lead=True)


def _account(
    rows: Rows, random: Random, staff: Staff, name: str, country: str, tier: str, level: str
) -> Account:
    owner = staff.channel_manager(country)
    domain = f"{people.slug(bare(name))}.example"
    record = rows.add(
        "Account",
        {
            "Name": name,
            "Type": "Prospect" if tier == "Prospect" else "Channel Partner / Reseller",
            "Industry": "Technology" if tier == "Reseller" else "Electronics",
            "IsPartner": True,
            "Website": f"https://www.{domain}",
            "Ownership": "Private",
            "AccountNumber": f"P{random.randint(10_000, 99_999)}",
            "NumberOfEmployees": random.randint(12, 900),
            "Phone": people.phone(random, country),
            "Description": f"{tier}, {level} level." if level else "Asked how to become a reseller.",
            "CurrencyIsoCode": MARKETS[country][0],
            "OwnerId": owner,
        }
        | address("Billing", random, places.somewhere(random, country)),
        days_ago=1000,
        changed_days_ago=random.uniform(10, 300),
        by=owner,
    )
    return Account(record, name, country, owner, domain, 900)


def _people(rows: Rows, random: Random, found: Foundation, partners: Sequence[Partner]) -> None:
    """Three contacts a partner; two of them sign in."""
    for partner in partners:
        account = partner.account
        emails: set[str] = set()
        for number in range(3):
            human = people.person(random, account.country)
            while human.email(account.domain) in emails:
                human = people.person(random, account.country)
            email = human.email(account.domain)
            emails.add(email)
            contact = add_contact(rows, random, account, human, email)
            if number < 2:
                _user(rows, found, account, human, email, contact, lead=number == 0)


def _user(
    rows: Rows,
    found: Foundation,
    account: Account,
    human: people.Person,
    email: str,
    contact: str,
    *,
    lead: bool,
) -> None:
    currency, zone, locale = MARKETS[account.country]
    user = add_user(
        rows,
        rows.id("User"),
        found,
        email,
        human.first,
        human.last,
        "Partner Community User",
        title="Partner Sales Manager" if lead else "Partner Sales",
        ContactId=contact,
        AccountId=account.id,
        CompanyName=account.name[:80],
        TimeZoneSidKey=zone,
        LocaleSidKey=locale,
        CurrencyIsoCode=currency,
        DefaultCurrencyIsoCode=currency,
        IsPortalEnabled=True,
        PortalRole="Manager" if lead else "Worker",
    )
    assign(rows, found, "Tandem_Partner", user)

"""The seeded world as files for `sf data import tree`, so that a scratch org tells the same story.

    write(org, directory)    plan.json and its files, and partners.txt: who of the partners signs in

Only what every Salesforce org takes goes along: standard fields, the org's own currency, people and companies
once each (an org's duplicate rules would refuse the world's deliberate duplicates). The same world gives the
same files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from app.sandbox.context import Context
from app.sandbox.org import Org
from app.sandbox.soql import records

#: Salesforce takes so many records of a tree at once.
FILE_RECORDS = 200
PLAN = "plan.json"
PARTNERS = "partners.txt"

Record = dict[str, Any]


def write(org: Org, directory: Path) -> dict[str, int]:
    """Write the files; returns how many records of each object type. Raises OSError.

    A line of partners.txt is `account|email|first name|last name|time zone|locale|language`, the partners of
    the demo's story first.
    """
    directory.mkdir(parents=True, exist_ok=True)
    context = Context(org, system=True)
    kept: dict[str, str] = {}  # id in this org → reference in the files
    plan: list[dict[str, Any]] = []
    counts: dict[str, int] = {}
    for sobject, number, batch in _batches(context, kept):
        name = f"{sobject}-{number}.json"
        (directory / name).write_bytes(orjson.dumps({"records": batch}, option=orjson.OPT_INDENT_2) + b"\n")
        if not plan or plan[-1]["sobject"] != sobject:
            plan.append({"sobject": sobject, "files": []})
        plan[-1]["files"].append(name)
        counts[sobject] = counts.get(sobject, 0) + len(batch)
    (directory / PLAN).write_bytes(orjson.dumps(plan, option=orjson.OPT_INDENT_2) + b"\n")
    (directory / PARTNERS).write_text("".join(f"{line}\n" for line in _partners(context)), encoding="utf-8")
    return counts


def _batches(context: Context, kept: dict[str, str]) -> Iterator[tuple[str, int, list[Record]]]:
    """(object type, number of the file, records), each after everything that it refers to."""
    currency = context.org.settings.currency
    own_money = f" AND CurrencyIsoCode = '{currency}'" if context.org.settings.multi_currency else ""
    product = "Name, ProductCode, Family, Description, IsActive"
    account = (
        "Name, AccountNumber, Type, Industry, Phone, Website, NumberOfEmployees, BillingStreet, BillingCity, "
        "BillingState, BillingPostalCode, BillingCountry, Description"
    )
    once = _Once()
    steps: tuple[tuple[str, str, Callable[[Record], bool]], ...] = (
        ("Product2", f"SELECT Id, {product} FROM Product2", once.by("ProductCode")),
        ("Account", f"SELECT Id, {account} FROM Account WHERE ParentId = null", once.by("Name", "Website")),
        (
            "Contact",
            "SELECT Id, FirstName, LastName, Email, Phone, Title, Department, AccountId FROM Contact "
            "WHERE AccountId != null",
            once.by("Email"),
        ),
        (
            "Lead",
            "SELECT Id, FirstName, LastName, Company, Title, Email, Phone, Street, City, State, PostalCode, "
            "Country, Status, LeadSource, Rating, Description FROM Lead WHERE IsConverted = false",
            once.by("Email"),
        ),
        (
            "Opportunity",
            "SELECT Id, Name, StageName, CloseDate, Amount, Type, LeadSource, NextStep, Description, "
            f"AccountId FROM Opportunity WHERE AccountId != null{own_money}",
            once.by("Name"),
        ),
    )  # fmt: skip
    files: dict[str, int] = {}
    for sobject, soql, wanted in steps:
        rows = records(context, f"{soql} ORDER BY Id")
        chosen = (row for row in rows if wanted(row))
        carried = iter([one for one in (_carried(sobject, row, kept) for row in chosen) if one])
        while batch := list(islice(carried, FILE_RECORDS)):
            files[sobject] = files.get(sobject, 0) + 1
            yield sobject, files[sobject], batch


def _carried(sobject: str, row: Mapping[str, Any], kept: dict[str, str]) -> Record | None:
    """A record as the tree wants it; None where what it belongs to was left behind."""
    record: Record = {}
    for name, value in row.items():
        if name in ("attributes", "Id") or value is None or value == "":
            continue
        if name == "AccountId":
            if value not in kept:
                return None
            value = f"@{kept[value]}"
        record[name] = value
    reference = kept[row["Id"]] = f"{sobject}Ref{sum(key.startswith(sobject) for key in kept.values()) + 1}"
    return {"attributes": {"type": sobject, "referenceId": reference}, **record}


class _Once:
    """Lets a company or a person through once, by name, address in the web or mail."""

    def __init__(self) -> None:
        self._seen: set[tuple[str, str]] = set()

    def by(self, *fields: str) -> Callable[[Record], bool]:
        def wanted(row: Record) -> bool:
            signs = {(name, re.sub(r"\W+", "", str(row[name])).lower()) for name in fields if row[name]}
            known = bool(signs & self._seen)
            self._seen |= signs
            return not known

        return wanted


def _partners(context: Context) -> Iterable[str]:
    soql = (
        "SELECT Account.Name, Contact.Email, FirstName, LastName, TimeZoneSidKey, LocaleSidKey, "
        "LanguageLocaleKey, Title FROM User WHERE UserType = 'PowerPartner' AND IsActive = true ORDER BY Id"
    )  # fmt: skip
    people = [row for row in records(context, soql) if row["Account"] and row["Contact"]]
    # Resellers register deals; of each partner the one who leads its sales.
    people.sort(
        key=lambda row: (row["Title"] != "Partner Sales Manager", row["Account"]["Name"] not in _STORY)
    )
    for row in people:
        words = (
            row["Account"]["Name"], row["Contact"]["Email"], row["FirstName"], row["LastName"],
            row["TimeZoneSidKey"], row["LocaleSidKey"], row["LanguageLocaleKey"],
        )  # fmt: skip
        yield "|".join(words)


#: Partners that the demo tells of.
_STORY = ("Lone Star Controls LLC", "Harbor Systems Integration Inc.")

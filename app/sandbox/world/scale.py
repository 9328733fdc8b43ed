"""Accounts by the million, for tests of size: varied, plausible, and as fast as SQLite takes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from random import Random
from typing import Any

from app.sandbox import tables
from app.sandbox.ids import DIGITS, checksum
from app.sandbox.org import Org
from app.sandbox.store import quoted
from app.sandbox.world import people, places
from app.sandbox.world.companies import LISTED_INDUSTRIES
from app.sandbox.world.customers import LEGAL_FORMS
from app.sandbox.world.places import MARKETS

_BATCH = 20_000
_PAIRS = [a + b for a in DIGITS for b in DIGITS]
_STEMS_TEXT = (
    "Alder Anvil Apex Atlas Beacon Birch Bolt Bridge Cedar Cobalt Copper Crown Delta Dynamo Eagle "
    "Ember Falcon Flint Forge Frontier Garnet Glacier Granite Harbor Hawthorn Helix Horizon Indigo "
    "Iron Jade Juniper Kiln Lantern Linden Lumen Maple Meridian Mill Nickel Nimbus North Oak Onyx "
    "Orchard Osprey Pilot Pine Prism Quarry Quartz Raven Ridge River Rowan Sable Slate Sterling "
    "Summit Tempo Timber Titan Union Vector Willow Zenith Zephyr"
)
_TRADES_TEXT = (
    "Machining Plastics Castings Packaging Controls Logistics Foods Energy Water Paper Bearings "
    "Hydraulics Electronics Optics Textiles Ceramics Chemicals Instruments Rail Automation Robotics "
    "Coatings Fasteners Pumps Valves Cables Semiconductors Pharma"
)
_STEMS = tuple(_STEMS_TEXT.split())
_TRADES = tuple(_TRADES_TEXT.split())
_TYPES = ("Prospect", "Customer - Direct", "Customer - Channel", "Other")
_RATINGS = ("Hot", "Warm", "Cold", None)


def scale(org: Org, count: int, seed: int, progress: Callable[[int], None] | None = None) -> None:
    """Add `count` accounts, owned by the users of the org who sell, in one transaction.

    Memory stays the same for any count. `progress` is called with the number of accounts written so far.
    """
    if count <= 0:
        return
    account = org.schema.get("Account")
    random = Random(f"scale {seed}")
    with org.store.write() as tx:
        owners = [
            row[0]
            for row in tx.execute(
                "SELECT Id FROM User WHERE IsActive = 1 AND Title = 'Account Executive' ORDER BY Id"
            )
        ] or [row[0] for row in tx.execute("SELECT Id FROM User ORDER BY Id LIMIT 1")]
        first = _reserve(org, tx.connection, account.key_prefix, count)
        names = tables.columns(account)
        rows = _rows(org, random, owners, first, count)
        blank = dict.fromkeys(names)
        blank |= {f.name: 0 for f in account.fields.values() if f.type == "boolean"}
        fixed = {name: value for name, value in blank.items() if value is not None}
        made = [name for name in _COLUMNS if name in blank]
        keep = [n for n, name in enumerate(_COLUMNS) if name in blank]
        constants = {name: value for name, value in fixed.items() if name not in made}
        listed = ", ".join(quoted(name) for name in (*made, *constants))
        marks = ", ".join(["?"] * len(made) + [str(value) for value in constants.values()])
        sql = f"INSERT INTO {quoted(account.name)} ({listed}) VALUES ({marks})"
        tables.drop_indexes(tx.connection, account)
        whole = len(keep) == len(_COLUMNS)
        done = 0
        while done < count:
            batch = [row if whole else tuple(row[n] for n in keep) for row in _take(rows, _BATCH)]
            tx.executemany(sql, batch)
            done += len(batch)
            if progress is not None:
                progress(done)
        tables.create_indexes(tx.connection, account)


def _take(rows: Iterator[tuple[Any, ...]], count: int) -> Iterator[tuple[Any, ...]]:
    for _, row in zip(range(count), rows, strict=False):
        yield row


def _reserve(org: Org, connection: Any, prefix: str, count: int) -> int:
    """The number of the first of `count` ids, taken out of the org's sequence."""
    found = connection.execute("SELECT next FROM _sequence WHERE name = ?", (prefix,)).fetchone()
    first = int(found[0]) if found else org.ids.start(prefix)
    connection.execute("INSERT OR REPLACE INTO _sequence (name, next) VALUES (?, ?)", (prefix, first + count))
    return first


def _ids(org: Org, prefix: str, first: int, count: int) -> Iterator[str]:
    """The ids `first` … `first + count - 1`. The slow part of a checksum is done once for 3,844 ids."""
    number, end = first, first + count
    while number < end:
        block, offset = divmod(number, 62 * 62)
        head = org.ids.at(prefix, block * 62 * 62)[:13]
        sums = checksum(head + "00")[:2]
        stop = min(62 * 62, offset + end - number)
        for pair in _PAIRS[offset:stop]:
            yield head + pair + sums + checksum("0000000000" + head[10:13] + pair)[2]
        number += stop - offset


_COLUMNS = (
    "Id", "Name", "Type", "Industry", "Phone", "Website", "AccountNumber", "BillingStreet", "BillingCity",
    "BillingState", "BillingPostalCode", "BillingCountry", "NumberOfEmployees", "AnnualRevenue", "Rating",
    "CurrencyIsoCode", "OwnerId", "CreatedDate", "CreatedById", "LastModifiedDate", "LastModifiedById",
    "SystemModstamp", "IsDeleted",
)  # fmt: skip


def _rows(org: Org, random: Random, owners: list[str], first: int, count: int) -> Iterator[tuple[Any, ...]]:
    """Rows in the order of `_COLUMNS`; their stamps rise with the id, up to the org's now."""
    addresses = _addresses(random)
    bits = random.getrandbits
    width = len(addresses)
    now = org.clock.now()
    span = min(count, 2 * 365 * 86_400)
    stems, trades, industries = len(_STEMS), len(_TRADES), len(LISTED_INDUSTRIES)
    for n, record in enumerate(_ids(org, "001", first, count)):
        chance = bits(60)
        currency, forms, street, city, state, code, country_name, phone = addresses[chance % width]
        name = f"{_STEMS[n % stems]} {_TRADES[n // stems % trades]} {city} {n // (stems * trades) + 1}"
        owner = owners[chance % len(owners)]
        stamp = now - span + n * span // count
        yield (
            record,
            f"{name} {forms[(chance >> 8) % len(forms)]}",
            _TYPES[(chance >> 12) % 4],
            LISTED_INDUSTRIES[(chance >> 16) % industries],
            phone,
            f"https://www.{_STEMS[n % stems].lower()}-{n}.example",
            f"A{n:08d}",
            street,
            city,
            state,
            code,
            country_name,
            5 + (chance >> 20) % 4000,
            (1 + (chance >> 24) % 90_000) * 10_000,
            _RATINGS[(chance >> 40) % 4],
            currency,
            owner,
            stamp,
            owner,
            stamp,
            owner,
            stamp,
            0,
        )


def _addresses(random: Random) -> list[tuple[Any, ...]]:
    """A few thousand addresses to draw from, more of them where more is sold."""
    weights = {"US": 12, "DE": 4, "JP": 4, "GB": 2, "FR": 2}
    drawn = random.choices(list(MARKETS), [weights.get(code, 1) for code in MARKETS], k=4096)
    found = []
    for country in drawn:
        place = places.somewhere(random, country)
        found.append(
            (
                MARKETS[country][0],
                LEGAL_FORMS.get(country, LEGAL_FORMS["GB"]),
                places.street(random, country),
                place.city,
                place.state_text or None,
                places.postal_code(random, country),
                place.country_name,
                people.phone(random, country),
            )
        )
    return found

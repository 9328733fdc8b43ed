"""What the manufacturer sells: products in families, with list prices in several currencies."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from random import Random

from app.sandbox.world.foundation import CURRENCIES, Foundation
from app.sandbox.world.rows import Rows

#: family → (code, unit, [(product, list price in USD)])
_FAMILIES: dict[str, tuple[str, str, tuple[tuple[str, str], ...]]] = {
    "Drives & Motion": (
        "DRV",
        "Each",
        (
            ("Torrent 200 Variable Frequency Drive 0.75 kW", "412"),
            ("Torrent 200 Variable Frequency Drive 2.2 kW", "598"),
            ("Torrent 400 Variable Frequency Drive 7.5 kW", "1340"),
            ("Torrent 400 Variable Frequency Drive 22 kW", "2890"),
            ("Torrent 800 Regenerative Drive 75 kW", "11250"),
            ("Pivot S1 Servo Drive, single axis", "985"),
            ("Pivot S3 Servo Drive, three axes", "2410"),
            ("Pivot Brushless Servo Motor 1.5 kW", "1120"),
        ),
    ),
    "Sensors": (
        "SNS",
        "Each",
        (
            ("Clarion Inductive Proximity Sensor M12", "38.50"),
            ("Clarion Inductive Proximity Sensor M18", "44.90"),
            ("Clarion Photoelectric Sensor, diffuse", "96"),
            ("Clarion Laser Distance Sensor 10 m", "640"),
            ("Clarion Pressure Transmitter 0-40 bar, IO-Link", "285"),
            ("Clarion Temperature Transmitter Pt100", "164"),
            ("Clarion Vibration Monitor VM-2", "720"),
        ),
    ),
    "Safety": (
        "SAF",
        "Each",
        (
            ("Bastion Safety Relay, dual channel", "210"),
            ("Bastion Safety Controller SC-16", "1480"),
            ("Bastion Light Curtain Type 4, 900 mm", "1260"),
            ("Bastion Interlock Switch, guard locking", "318"),
            ("Bastion Emergency Stop Station", "74.50"),
            ("Bastion Safety Laser Scanner 5.5 m", "4350"),
        ),
    ),
    "Industrial Switches": (
        "SWI",
        "Each",
        (
            ("Trellis 5-port Unmanaged DIN-Rail Switch", "149"),
            ("Trellis 8-port Managed Switch", "620"),
            ("Trellis 16-port Managed Switch, PoE+", "1390"),
            ("Trellis 24-port Layer 3 Rack Switch", "3280"),
            ("Trellis Ring Redundancy Module", "410"),
            ("Trellis 10G Uplink Module SFP+", "265"),
            ("Trellis TSN Switch 12-port", "2150"),
        ),
    ),
    "Routers & Gateways": (
        "RTR",
        "Each",
        (
            ("Causeway Edge Router, dual WAN", "890"),
            ("Causeway 5G Industrial Router", "1240"),
            ("Causeway OPC UA Gateway", "760"),
            ("Causeway Modbus-PROFINET Gateway", "540"),
            ("Causeway Secure Remote Access Appliance", "1820"),
            ("Causeway Data Diode", "6900"),
        ),
    ),
    "Wireless": (
        "WLS",
        "Each",
        (
            ("Halo Industrial Access Point, IP67", "1080"),
            ("Halo Access Point Controller, 50 nodes", "4250"),
            ("Halo Leaky Feeder Antenna 50 m", "930"),
            ("Halo WirelessHART Gateway", "2360"),
            ("Halo Private 5G Small Cell", "8750"),
        ),
    ),
    "Power Supplies": (
        "PWR",
        "Each",
        (
            ("Keystone DIN-Rail Power Supply 24 V 5 A", "118"),
            ("Keystone DIN-Rail Power Supply 24 V 20 A", "296"),
            ("Keystone DC-UPS with Buffer Module", "482"),
            ("Keystone Redundancy Module 40 A", "176"),
            ("Keystone Electronic Circuit Breaker, 8 channels", "233"),
            ("Keystone Medium-Voltage Soft Starter", "14800"),
        ),
    ),
    "Software": (
        "SFT",
        "Licence",
        (
            ("Atlas Network Manager, 50 devices", "2400"),
            ("Atlas Network Manager, 500 devices", "14500"),
            ("Atlas Historian, 5,000 tags", "8900"),
            ("Atlas Edge Runtime, per node", "380"),
            ("Atlas Asset Performance, per site", "21500"),
            ("Atlas Vulnerability Monitor, per site", "9600"),
        ),
    ),
    "Services": (
        "SVC",
        "Hour",
        (
            ("Commissioning Engineer", "185"),
            ("Network Assessment, one site", "6800"),
            ("Functional Safety Consulting", "240"),
            ("Extended Warranty, three years", "450"),
            ("24/7 Support, per site and year", "5200"),
            ("Operator Training, one day", "1950"),
            ("Spare Parts Stocking Agreement", "3600"),
        ),
    ),
}
PRICE_CURRENCIES = ("USD", "EUR", "GBP", "JPY", "CAD")
_PARTNER_SHARE = Decimal("0.72")


@dataclass(slots=True)
class Catalog:
    """Products by family; price book entries by (product id, currency) with their prices."""

    products: dict[str, list[str]] = field(default_factory=dict)
    entries: dict[tuple[str, str], tuple[str, Decimal]] = field(default_factory=dict)
    currencies: tuple[str, ...] = ("USD",)


def stock_up(rows: Rows, random: Random, found: Foundation) -> Catalog:
    """Write products, the partner price book and every price."""
    multi = rows.has("PricebookEntry", "CurrencyIsoCode")
    catalog = Catalog(currencies=PRICE_CURRENCIES if multi else (rows.org.settings.currency,))
    partner_book = rows.add(
        "Pricebook2",
        {
            "Name": "Partner Price Book",
            "IsActive": True,
            "Description": "What distributors pay before programs.",
        },
        days_ago=1000,
    )
    for family, (code, unit, products) in _FAMILIES.items():
        for number, (name, price) in enumerate(products, 1):
            age = random.uniform(200, 900)
            active = not (family == "Wireless" and number == 3)
            product = rows.add(
                "Product2",
                {
                    "Name": name,
                    "ProductCode": f"{code}-{number * 10:04d}",
                    "StockKeepingUnit": f"AIN{code}{random.randint(10_000, 99_999)}",
                    "Family": family,
                    "QuantityUnitOfMeasure": unit,
                    "IsActive": active,
                    "Description": f"{name}. {'In production.' if active else 'Discontinued.'}",
                },
                days_ago=age,
                changed_days_ago=age - random.uniform(0, 150),
            )
            if active:
                catalog.products.setdefault(family, []).append(product)
            for currency in catalog.currencies:
                listed = local_price(Decimal(price), currency)
                values = {"Product2Id": product, "CurrencyIsoCode": currency, "IsActive": active}
                entry = rows.add(
                    "PricebookEntry",
                    values | {"Pricebook2Id": found.pricebook_id, "UnitPrice": str(listed)},
                    days_ago=age,
                )
                catalog.entries[product, currency] = (entry, listed)
                net = local_price(Decimal(price) * _PARTNER_SHARE, currency)
                rows.add(
                    "PricebookEntry",
                    values | {"Pricebook2Id": partner_book, "UnitPrice": str(net)},
                    days_ago=age,
                )
    return catalog


def local_price(dollars: Decimal, currency: str) -> Decimal:
    """A dollar price in another currency, at the org's rate and rounded to what the currency can pay."""
    rate, places = CURRENCIES[currency]
    return (dollars * Decimal(rate)).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)

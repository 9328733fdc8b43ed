"""The channel program of an org that has partner management: levels, members, funds."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from app.sandbox.store import Tx
from app.sandbox.world.catalog import local_price
from app.sandbox.world.foundation import CURRENCIES
from app.sandbox.world.partners import Partner
from app.sandbox.world.pipeline import day
from app.sandbox.world.places import MARKETS
from app.sandbox.world.rows import Rows
from app.sandbox.world.staff import Staff

LEVELS = {"Bronze": 1, "Silver": 2, "Gold": 3}
_FUNDS = {"Gold": "40000", "Silver": "15000", "Bronze": "5000"}


def enrol(rows: Rows, tx: Tx, staff: Staff, partners: Sequence[Partner]) -> None:
    """Write programs, levels, members, budgets and allocations; nothing where the org lacks the objects."""
    if not rows.has("ChannelProgram"):
        return
    owner = staff.by_role["VP Channel"][0]
    levels: dict[tuple[str, str], tuple[str, str]] = {}
    for tier, category in (("Distributor", "Distribution"), ("Reseller", "Reseller")):
        program = rows.add(
            "ChannelProgram",
            {
                "Name": f"Arden {tier} Program",
                "Category": category,
                "IsActive": True,
                "OwnerId": owner,
                "CurrencyIsoCode": "USD",
            },
            days_ago=900,
            by=owner,
        )
        for level, rank in LEVELS.items():
            levels[tier, level] = (
                program,
                rows.add(
                    "ChannelProgramLevel",
                    {"Name": level, "Rank": rank, "ProgramId": program, "CurrencyIsoCode": "USD"},
                    days_ago=900,
                    by=owner,
                ),
            )
    for number, partner in enumerate(partners, 1):
        account, tier, level = partner.account, partner.tier, partner.level
        program, level_id = levels[tier, level]
        home = MARKETS[account.country][0]
        currency = home if home in CURRENCIES and rows.has("Account", "CurrencyIsoCode") else "USD"
        rows.add(
            "ChannelProgramMember",
            {
                "Name": f"CPM-{number:08d}",
                "ProgramId": program,
                "PartnerId": account.id,
                "LevelId": level_id,
                "CurrencyIsoCode": currency,
            },
            days_ago=850,
            by=owner,
        )
        amount = str(local_price(Decimal(_FUNDS[level]), currency))
        budget = rows.add(
            "PartnerMarketingBudget",
            {
                "Title": f"{account.name} marketing funds"[:255],
                "ChannelPartnerId": account.id,
                "Type": "Marketing Funds" if tier == "Reseller" else "Co-Op",
                "Amount": amount,
                "AllocatedAmount": amount,
                "UnallocatedAmount": "0",
                "StartDate": day(rows, -120),
                "EndDate": day(rows, 245),
                "OwnerId": account.owner,
                "CurrencyIsoCode": currency,
            },
            days_ago=120,
            by=owner,
        )
        rows.add(
            "PartnerFundAllocation",
            {
                "Title": f"{account.name} allocation"[:255],
                "BudgetId": budget,
                "ChannelPartnerId": account.id,
                "Amount": amount,
                "OwnerId": account.owner,
                "CurrencyIsoCode": currency,
            },
            days_ago=118,
            by=owner,
        )
    tx.execute(
        "INSERT OR REPLACE INTO _sequence (name, next) VALUES ('ChannelProgramMember.Name', ?)",
        (len(partners) + 1,),
    )

"""The seeded world: one manufacturer of industrial and network equipment and everybody it sells to.

    lay_foundation(org)          what every org has: organization, profiles, a few users, picklist tables
    seed(org, seed)              the foundation and the whole world on top of it
    scale(org, count, seed)      many more accounts, for tests of size

The same seed, org profile and day give the same rows. End customers are real companies; every person,
every partner and every figure about a deal is made up.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

from app.sandbox.org import Org
from app.sandbox.world import catalog, channel, customers, foundation, partners, pipeline, staff
from app.sandbox.world.foundation import ADMIN_USERNAME, COMPANY, DOMAIN, INTEGRATION_USERNAME
from app.sandbox.world.rows import DAY, Rows
from app.sandbox.world.scale import scale

__all__ = [
    "ADMIN_USERNAME",
    "COMPANY",
    "DOMAIN",
    "INTEGRATION_USERNAME",
    "World",
    "lay_foundation",
    "scale",
    "seed",
]


@dataclass(frozen=True, slots=True)
class World:
    """The two users that every org has, and the standard price book."""

    admin_id: str
    integration_id: str
    pricebook_id: str


def lay_foundation(org: Org) -> World:
    """Fill an org that has tables and no rows with what every org has, in one transaction.

    Users, all `…@` DOMAIN: admin, integration, rep, channel.manager, and former.rep, who is inactive.
    """
    with org.store.write() as tx:
        rows = Rows(org, tx, _midnight(org))
        found = foundation.lay(rows)
        staff.hire(rows, Random("users"), found, core=True)
        rows.flush()
    return World(found.admin_id, found.integration_id, found.pricebook_id)


def seed(org: Org, seed: int) -> World:
    """Fill an org that has tables and no rows with the whole world, in one transaction.

    Stamps and dates lie around the org's today. Fields that the org lacks are left out.
    """
    random = Random(f"world {seed}")
    with org.store.write() as tx:
        rows = Rows(org, tx, _midnight(org))
        found = foundation.lay(rows)
        people = staff.hire(rows, random, found)
        products = catalog.stock_up(rows, random, found)
        buyers = customers.settle(rows, random, people)
        sellers = partners.sign_up(rows, random, found, people)
        pipeline.fill(rows, random, found, people, buyers, products)
        channel.enrol(rows, tx, people, sellers)
        partners.apply(rows, Random(f"applicant {seed}"), found, people)
        rows.flush()
    return World(found.admin_id, found.integration_id, found.pricebook_id)


def _midnight(org: Org) -> int:
    now = org.clock.now()
    return now - now % DAY

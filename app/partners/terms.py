"""What is agreed with one partner beside its level: kind, region, countries, weight, capacity."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from app.crm.countries import country_code
from app.kernel.actor import Actor
from app.kernel.errors import BadInput
from app.partners import catalogue, crm
from app.partners.models import Partner
from app.partners.timeline import note
from app.words import Names, one_of, say

#: Column → what it is called in the timeline.
WORDS = {
    "kind": say("the kind"),
    "region": say("the region"),
    "countries": say("the countries"),
    "weight": say("the weight"),
    "lead_capacity": say("the capacity for leads"),
    "deal_capacity": say("the capacity for deals"),
}


def change(session: Session, actor: Actor, partner: Partner, changes: Mapping[str, Any], day: date) -> None:
    """Change what is agreed; what is left out stays. Raises BadInput for a region or country nobody knows."""
    wanted = dict(changes)
    if wanted.get("region") == "":
        wanted["region"] = None
    region = wanted.get("region")
    known = {one.key for one in catalogue.regions(session)}
    if region is not None and region not in known:
        raise BadInput(
            say("There is no such region."),
            fields={"region": one_of(sorted(known))},
        )
    if "countries" in wanted:
        codes = [country_code(one) for one in wanted["countries"]]
        if not all(codes):
            raise BadInput(
                say("One of the countries is not known."),
                fields={
                    "countries": say("Write two-letter codes, such as DE; leave it empty for the region's.")
                },
            )
        wanted["countries"] = sorted(set(codes))
    if wanted.get("kind", partner.kind) is None:
        raise BadInput(say("A partner has a kind."), fields={"kind": say("Choose distributor or reseller.")})
    before = {
        name: getattr(partner, name) for name, value in wanted.items() if getattr(partner, name) != value
    }
    if not before:
        return
    for name in before:
        setattr(partner, name, wanted[name])
    session.flush()
    what = Names(tuple(WORDS[name] for name in before), ",")
    note(
        session, partner.account_id, actor, "terms", say("{who} changed {what}.", who=actor.name, what=what),
        before=before, after={name: wanted[name] for name in before},
    )  # fmt: skip
    crm.show(session, partner.account_id, day)

"""One account in two hands, and the quiet afterwards."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text, update

from app.crm.models import Account
from app.demo.crm import PARTNER_TYPE, REP
from app.demo.scene import Scene, fail
from app.demo.telling import Told
from app.kernel.actor import SYSTEM, Actor
from app.sync import reconcile, service


class Sharing:
    """The last chapter: both sides write, both keep what they wrote, and nothing is left over."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def both_sides(self) -> Told:
        """One account, changed here and there between two syncs: each side's field survives."""
        [record] = self._scene.crm.query(
            "SELECT Id, Name FROM Account WHERE Type != :partner AND BillingCountry = 'United States' "
            "ORDER BY Name LIMIT 1",
            partner=PARTNER_TYPE,
        )
        now = datetime.now(UTC)
        phone = f"+1 512 555 {now.second:02}{now.microsecond // 10_000:02}"
        note = f"Prefers deliveries before noon (noted {now:%Y-%m-%d %H:%M:%S} UTC)."
        local_id = self._scene.local_id(record["Id"])
        self._scene.while_no_sync(lambda: self._change_both(record["Id"], phone, local_id, note))

        def equal() -> bool | None:
            [there] = self._scene.crm.query(
                "SELECT Phone, Description FROM Account WHERE Id = :id", id=record["Id"]
            )
            with self._scene.database.session(SYSTEM) as session:
                here = session.execute(
                    select(Account.phone, Account.description).where(Account.id == local_id)
                ).one()
            both = (phone, note)
            return ((there["Phone"], there["Description"]) == both and tuple(here) == both) or None

        self._scene.until(equal, "the two sides are not equal yet.")
        return Told(
            f"{record['Name']}: a rep changed the phone in the org while channel operations wrote a note "
            "here; both sides have both.",
            self._scene.crm.record_address("Account", record["Id"]),
        )

    def quiet(self) -> Told:
        """Nothing is left to write, and a comparison of every record finds no difference."""

        def settled() -> bool | None:
            with self._scene.database.session(SYSTEM) as session:
                waits = session.execute(text("SELECT EXISTS (SELECT FROM sync_outbox)")).scalar_one()
            return None if waits else True

        self._scene.until(settled, "changes still wait to go out.")
        with service.opened(self._scene.opening.house.settings) as engine:
            cycle = self._scene.while_free(lambda: service.cycle(engine))
            if cycle.writes:
                fail(f"the next cycle wrote {cycle.writes} rows: {cycle.counts()}.")
            compared = [reconcile.compare(engine, mapping) for mapping in engine.mappings.objects]
        drift = [difference.sentence() for one in compared for difference in one.drift]
        if drift:
            fail(f"{len(drift)} records differ; the first: {drift[0]}")
        return Told(
            f"The next cycle finds nothing to write, in {cycle.calls} API calls; "
            f"{sum(one.compared for one in compared):,} records compared, no difference."
        )

    def _change_both(self, sf_id: str, phone: str, local_id: Any, note: str) -> None:
        self._scene.crm.update("Account", sf_id, REP, Phone=phone)
        with self._scene.database.session(Actor("staff", "Channel operations")) as session:
            session.execute(update(Account).where(Account.id == local_id).values(description=note))

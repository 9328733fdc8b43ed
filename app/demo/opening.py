"""From an empty machine to two systems that hold the same: what has to stand before the story begins."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from app.approvals import roles
from app.config import Settings
from app.crm import models  # noqa: F401 - the tables that mappings name
from app.db import Database
from app.demo import house as houses
from app.demo.crm import CHANNEL_DIRECTOR, CHANNEL_MANAGER, FINANCE, Crm
from app.demo.house import House
from app.demo.telling import Told, shown
from app.kernel.actor import SYSTEM
from app.kernel.errors import Conflict, Misconfigured
from app.listeners import SYNC_OBSERVERS
from app.partners import adoption
from app.partners import service as partners
from app.salesforce.connect import check_connection
from app.services.binaries import Choice
from app.services.status import describe
from app.services.upgrade import upgrade
from app.sync import service
from app.sync.admin.connect_command import mapping_needs, sandbox_connection
from app.sync.mapping import parse
from app.web import identity
from app.web.commands import org_of

#: Who approves what, by role.
ROLES = {"channel_manager": CHANNEL_MANAGER, "channel_director": CHANNEL_DIRECTOR, "finance": FINANCE}

#: What the demo calls the objects.
WORDS = {
    "User": "users",
    "Product2": "products",
    "Account": "accounts",
    "Contact": "contacts",
    "Lead": "leads",
    "Opportunity": "opportunities",
    "Order": "orders",
    "Approval_Request__c": "approval requests",
    "Deal_Registration__c": "deal registrations",
}


@dataclass
class Opening:
    """Makes everything run. Each method is one step; later ones use what earlier ones made.

    servers: which servers may be embedded. stack: closed at the end of the demo, so that everything stops.
    note: what the supervisor says once everything runs. show: how far the first sync has come (object,
    records, records in all).
    """

    settings: Settings
    servers: Choice
    stack: ExitStack
    note: Callable[[str], None]
    show: Callable[[str, int, int], None]
    _house: House | None = None
    _crm: Crm | None = None
    _database: Database | None = None
    _again: bool = False

    @property
    def house(self) -> House:
        assert self._house is not None, "the services come first"
        return self._house

    @property
    def crm(self) -> Crm:
        assert self._crm is not None, "the org comes first"
        return self._crm

    @property
    def database(self) -> Database:
        assert self._database is not None, "the services come first"
        return self._database

    @property
    def started(self) -> bool:
        """Whether there is anything to stop."""
        return self._house is not None

    # --- the steps ------------------------------------------------------------------------------

    def services(self) -> Told:
        """PostgreSQL and Valkey, the ones of the environment or embedded ones."""
        self._again = bool(houses.read_state(self.settings.data_dir))
        self._house = self.stack.enter_context(houses.opened(self.settings, self.servers, self._echo))
        self._database = Database(self.house.urls.database)
        self.stack.callback(self._database.dispose)
        report = describe(self.house.settings)["servers"]
        for name, server in report.items():
            if not server["answers"]:
                raise Misconfigured(f"{name} does not answer: {server.get('why', '')}.")
        postgres, valkey = report["postgres"], report["valkey"]
        return Told(
            f"PostgreSQL {postgres['version']} listens on {postgres['address']}, "
            f"Valkey {valkey['version']} on {valkey['address']}; their data stay in "
            f"{shown(self.house.settings.data_dir)}.",
        )

    def upgrade(self) -> Told:
        """The newest tables."""
        applied = upgrade(self.house.urls)
        if not self._again and self.settings.database_url:
            self._refuse_foreign_rows()
        done = f"{len(applied)} migrations applied" if applied else "nothing to apply"
        return Told(f"The database has every table: {done}.")

    def org(self) -> Told:
        """The manufacturer's Salesforce."""
        built = not (self.house.org_directory / "org.key").exists() and not self._again
        self._crm = self.house.start_org()
        self.stack.callback(self._crm.close)
        counts = {name: self._crm.count(name) for name in ("Account", "Contact", "Opportunity")}
        return Told(
            f"Arden Industrial Networks' org {'was built' if built else 'is back'}: {counts['Account']:,} "
            f"accounts, {counts['Contact']:,} contacts, {counts['Opportunity']:,} opportunities.",
            self._crm.https,
        )

    def connect(self) -> Told:
        """Every check that `tandem connect` makes; the connection is kept when all pass."""
        mappings = parse(
            {p.name: p.read_text(encoding="utf-8") for p in sorted(self.settings.mappings_dir.glob("*.yaml"))}
        )
        connection = sandbox_connection(self.crm.document)
        checks = list(check_connection(connection, mapping_needs(mappings)))
        for check in checks:
            if not check.ok:
                raise Misconfigured(f"{check.name}: {check.detail}", remedy=check.remedy)
        path = connection.save(self.house.settings.data_dir)
        return Told(
            f"{len(checks)} checks passed, from the certificate to the last mapped field, "
            f"for {connection.username}.",
            shown(path),
        )

    def first_sync(self) -> Told:
        """Everything the org has comes here; every later run brings only what changed."""

        def show(sobject: str, done: int, total: int) -> None:
            self.house.check()
            self.show(WORDS.get(sobject, sobject), done, total)

        with service.opened(self.house.settings, observers=SYNC_OBSERVERS, progress=show) as engine:
            total = sum(
                self.crm.count(mapping.sobject, mapping.filter) for mapping in engine.mappings.objects
            )
            with self._counting(total):
                cycle = service.cycle(engine)
        for error in cycle.refused.values():
            raise error
        read = sum(report.created + report.updated for report in cycle.pulled.values())
        return Told(
            f"{read:,} records came in {cycle.calls} API calls."
            if read
            else f"Nothing new since the last time; asking took {cycle.calls} API calls."
        )

    def same_counts(self) -> Told:
        """The org is asked how many records it has; as many must be here."""
        counted: list[str] = []
        with service.opened(self.house.settings) as engine:
            for mapping in engine.mappings.objects:
                there = self.crm.count(mapping.sobject, mapping.filter)
                with engine.transaction() as tx:
                    row = tx.row(
                        "SELECT count(*) FROM {table} t JOIN sync_link l ON l.local_id = t.id "
                        "WHERE l.state IN ('linked', 'converted') AND t.deleted_at IS NULL",
                        table=mapping.table,
                    )
                here = int(row[0]) if row else 0
                word = WORDS.get(mapping.sobject, mapping.sobject)
                if here != there:
                    raise Conflict(
                        f"The org has {there:,} {word}, and {here:,} are here.",
                        remedy="`tandem sync status` says which records cannot sync, and why.",
                    )
                counted.append(f"{here:,} {word}")
        return Told(
            f"For everybody at Arden: {', '.join(counted[:-1])} and {counted[-1]}, here as in the org."
        )

    def trust(self) -> Told:
        """Believe the org's word for its users, say who approves what, and take over the CRM's partners."""
        org_id = self.crm.organization()
        with self.database.session(SYSTEM) as session:
            identity.trust(
                session,
                org_of(org_id, issuer=org_id, login_url=self.crm.https, certificate=self.crm.certificate()),
            )
            for role, username in ROLES.items():
                roles.grant(session, SYSTEM, role, username)
            adopted = adoption.adopt(session, SYSTEM, today=partners.today(session))
        return Told(
            f"The org {org_id} vouches for its users; {CHANNEL_MANAGER} is channel manager, others decide on "
            f"large deals; {len(adopted.taken) + adopted.already:,} partners of the CRM are partners here."
        )

    def programs(self) -> Told:
        """The API, a worker and the scheduler, each a process of its own."""
        self.house.start_web()
        self.house.start_worker_and_scheduler()
        return Told(
            f"The API answers, a worker and the scheduler run; logs in {shown(self.house.logs)}.",
            f"{self.house.web}/openapi.json",
        )

    def pages(self) -> Told:
        """The Lightning pages, for whom one chooses to be."""
        self.house.start_pages()
        return Told(
            "The Lightning pages answer without an org: sign in as a rep, a channel manager or a partner.",
            self.house.pages,
        )

    # --- the rest -------------------------------------------------------------------------------

    def _echo(self, line: str) -> None:
        # What it says while the services start is told as a step.
        if self.started:
            self.note(line)

    @contextmanager
    def _counting(self, total: int) -> Iterator[None]:
        """Show how many of the org's records have arrived, from a thread of its own."""
        over = threading.Event()

        def count() -> None:
            # The sync itself says what is wrong when the database does not answer.
            with suppress(SQLAlchemyError):
                while not over.wait(0.1):
                    with self.database.session(SYSTEM) as session:
                        done = session.execute(text("SELECT count(*) FROM sync_link")).scalar_one()
                    self.show("records", min(done, total), total)

        thread = threading.Thread(target=count, name="progress", daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join()

    def _refuse_foreign_rows(self) -> None:
        with self.database.session(SYSTEM) as session:
            used = session.execute(text("SELECT EXISTS (SELECT FROM sync_link)")).scalar_one()
        if used:
            raise Conflict(
                "This database already holds records of an org, and the demo would mix its own into them.",
                where="DATABASE_URL",
                remedy="Unset DATABASE_URL, or point it to an empty database.",
            )

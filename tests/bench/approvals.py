"""The figures of requests: what an approver's inbox and a decision take when very many requests are open."""

from __future__ import annotations

import gc
import logging
import statistics
import time
from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid4

import structlog
from sqlalchemy import text

from app.approvals import store
from app.approvals.document.reading import read
from app.config import Settings
from app.db import Database
from app.factory import create_app
from app.kernel.actor import SYSTEM, Actor
from app.web import identity
from tests.bench.harness import Benchmark, Figure, World, at_most, beside
from tests.fixtures.web import Caller

FEW, MANY = 100, 10_000
#: An approver's inbox and one decision, so many times; the median counts.
ROUNDS = 60

WORKFLOW = """
key: growth
title: {en: Price exception}
number: GR
initiators: [rep]
route:
  - key: manager
    title: {en: Channel manager}
    approvers: [{role: channel_manager}, {user: boss@company.example}]
    deadline: {hours: 48}
  - key: director
    title: {en: Director}
    approvers: [{role: channel_director}]
"""

#: Open requests as the engine leaves them, made in bulk; a few real ones beside them are decided.
_FILL = """
    WITH made AS (
        INSERT INTO approval_request (number, workflow_key, workflow_version, title, partner_account_id,
            requester_id, requester_name, last_editor_id, values, state, round, submitted_at, facts)
        SELECT 'GX-' || n, 'growth', 1, 'Request ' || n, :partner, :rep, 'Rob Plain', :rep,
            jsonb_build_object('amount', n), 'submitted', 1, now() - n * interval '1 minute',
            jsonb_build_object('amount', n)
        FROM generate_series(CAST(:first AS int), CAST(:last AS int)) n RETURNING id, number
    ), steps AS (
        INSERT INTO approval_step (request_id, round, key, position, stage, title, state, opened_at, due_at)
        SELECT id, 1, key, position, position, '{"en": "Step"}', state,
            CASE state WHEN 'open' THEN now() END, CASE state WHEN 'open' THEN now() + interval '2 days' END
        FROM made, (VALUES ('manager', 0, 'open'), ('director', 1, 'waiting')) AS s (key, position, state)
        RETURNING request_id, key
    )
    SELECT count(*) FROM steps
"""
_TASKS = """
    INSERT INTO approval_task (request_id, round, step_key, workflow_key, assignee, voice, requester_id,
        editor_id, since, due_at, rank_at)
    SELECT s.request_id, 1, 'manager', 'growth', a.assignee, 'own', r.requester_id, r.last_editor_id,
        s.opened_at, s.due_at, s.due_at + substr(r.number, 4)::int * interval '1 second'
    FROM approval_step s JOIN approval_request r ON r.id = s.request_id,
        (VALUES ('role:channel_manager'), ('user:' || :boss)) AS a (assignee)
    WHERE r.number LIKE 'GX-%' AND s.key = 'manager' ON CONFLICT DO NOTHING
"""


class Office:
    """The application over a database with so many open requests."""

    def __init__(self, world: World, count: int) -> None:
        urls = world.database()
        settings = Settings(
            DATABASE_URL=urls.database, DATABASE_OWNER_URL=urls.database_owner, REDIS_URL=urls.redis,
            TANDEM_RATE_PER_USER=1_000_000, TANDEM_RATE_PER_ADDRESS=1_000_000,
        )  # fmt: skip
        self.database = Database(urls.database)
        self.app = create_app(settings)
        with self.database.session(SYSTEM) as session:
            store.publish(session, read(WORKFLOW), SYSTEM)
        self.partner = self._insert("account", name="Rhein Automation", is_partner=True)
        self.rep = self._person("rob@company.example", "Rob", "rep")
        self.manager = self._person("mia@company.example", "Mia", "channel_manager")
        self.boss = self._person("boss@company.example", "Bea")
        self._person("dan@company.example", "Dan", "channel_director")
        self._fill(count)
        with (
            Database(urls.database_owner)
            .engine.connect()
            .execution_options(isolation_level="AUTOCOMMIT") as owner
        ):
            owner.execute(text("VACUUM ANALYZE"))
        self.waiting = [self._ask() for _ in range(ROUNDS + 5)]

    def _insert(self, table: str, **columns: Any) -> UUID:
        names, marks = ", ".join(columns), ", ".join(f":{name}" for name in columns)
        with self.database.session(SYSTEM) as session:
            session.execute(text("SELECT set_config('tandem.applying', 'on', true)"))
            made = session.execute(
                text(f"INSERT INTO {table} ({names}) VALUES ({marks}) RETURNING id"), columns
            )
            return UUID(str(made.scalar_one()))

    def _person(self, username: str, first: str, *roles: str) -> Caller:
        user = self._insert(
            "crm_user", username=username, first_name=first, last_name="Berg", user_type="Standard"
        )
        token = identity.new_token()
        with self.database.session(SYSTEM) as session:
            identity.keep_token(session, token, Actor("staff", f"{first} Berg", user))
            for role in roles:
                session.execute(
                    text("INSERT INTO user_role (user_id, role) VALUES (:id, :role)"),
                    {"id": user, "role": role},
                )
        return Caller(self.app.test_client(), token, user)

    def _fill(self, count: int) -> None:
        for first in range(1, count + 1, 1000):
            last = min(first + 999, count)
            known = {"partner": self.partner, "rep": self.rep.user_id, "first": first, "last": last}
            with self.database.session(SYSTEM) as session:
                session.execute(text(_FILL), known)
                session.execute(text(_TASKS), {"boss": str(self.boss.user_id)})

    def _ask(self) -> str:
        body = {"workflow": "growth", "values": {"amount": uuid4().int % 1000}, "submit": True}
        answer = self.rep.post("/api/requests", **body)
        assert answer.status_code == 201, answer.get_json()
        return str(answer.get_json()["id"])

    def once(self) -> tuple[float, float]:
        """Seconds of an approver's inbox, and of a decision."""
        request = self.waiting.pop()
        began = time.perf_counter()
        inbox = self.manager.get("/api/requests/inbox")
        between = time.perf_counter()
        path = f"/api/requests/{request}/decide"
        decided = self.manager.post(path, decision="approve", step="manager")
        ended = time.perf_counter()
        assert inbox.status_code == decided.status_code == 200, decided.get_json()
        assert len(inbox.get_json()["items"]) == 50
        return between - began, ended - between

    def close(self) -> None:
        """End every connection."""
        self.app.extensions["tandem"].database.dispose()
        self.app.extensions["tandem"].queues.close()
        self.database.dispose()


def inbox_growth(world: World) -> Iterator[Figure]:
    """The same person's inbox and decision among a hundred and among ten thousand open requests, in turn."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    world.say(f"making {FEW} and {MANY:,} open requests")
    few, many = Office(world, FEW), Office(world, MANY)
    try:
        for _ in range(5):
            few.once(), many.once()
        gc.collect()
        gc.disable()
        # In turn, so that whatever else the machine does disturbs both alike.
        seconds = [(few.once(), many.once()) for _ in range(ROUNDS)]
    finally:
        gc.enable()
        few.close()
        many.close()
    inbox, decision = (
        [statistics.median(pair[office][deed] for pair in seconds) * 1000 for office in (0, 1)]
        for deed in (0, 1)
    )
    yield beside("approvals.inbox_ms", inbox[1], f"ms, {inbox[0]:.1f} with {FEW}")
    yield beside("approvals.decision_ms", decision[1], f"ms, {decision[0]:.1f} with {FEW}")
    worst = max(inbox[1] / inbox[0], decision[1] / decision[0])
    yield at_most("approvals.inbox_growth", worst, 2, f"times, {FEW} to {MANY:,}")


BENCHMARKS = (
    Benchmark(("approvals.inbox_growth", "approvals.inbox_ms", "approvals.decision_ms"), inbox_growth),
)

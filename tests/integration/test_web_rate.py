"""How many calls a minute: a limit for each user and each address, counted together by every process."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from redis import Redis

from app.config import Settings
from app.db import Database
from app.factory import create_app
from app.kernel.errors import TooMany
from app.services import ServiceUrls
from app.web.rate import Rates
from tests.fixtures.web import Caller, Company


@pytest.fixture
def company(database: Database, database_urls: ServiceUrls, redis_url: str) -> Iterator[Company]:
    settings = Settings(
        DATABASE_URL=database_urls.database, DATABASE_OWNER_URL=database_urls.database_owner,
        REDIS_URL=redis_url, TANDEM_RATE_PER_USER=5, TANDEM_RATE_PER_ADDRESS=3,
    )  # fmt: skip
    app = create_app(settings)
    yield Company(app, database)
    close(app)


def close(app: Flask) -> None:
    app.extensions["tandem"].database.dispose()
    app.extensions["tandem"].queues.close()


@pytest.fixture
def anna(company: Company) -> Caller:
    return company.partner_user(company.partner("Rhein Automation"))


def statuses(caller: Caller, path: str, times: int) -> list[int]:
    return [caller.get(path).status_code for _ in range(times)]


def test_a_user_beyond_the_limit_is_told_how_long_to_wait(company: Company, anna: Caller) -> None:
    assert statuses(anna, "/api/me", 6) == [200] * 5 + [429]
    refused = anna.post("/api/deals", customer_name="X")
    assert (refused.status_code, refused.mimetype) == (429, "application/problem+json")
    wait = int(refused.headers["Retry-After"])
    assert 1 <= wait <= 12
    problem = refused.get_json()
    assert (problem["code"], problem["title"], problem["retry_after"]) == (
        "too_many_calls", "Too many calls", wait,
    )  # fmt: skip
    assert problem["detail"].startswith("You sent more than 5 calls within a minute. Wait ")
    assert company.sql("SELECT 1 FROM deal_registration") == []


def test_a_second_token_brings_no_second_allowance_and_another_user_has_its_own(
    company: Company, anna: Caller
) -> None:
    from app.kernel.actor import Actor

    assert anna.user_id is not None
    [row] = company.sql("SELECT account_id FROM crm_user WHERE id = :id", id=anna.user_id)
    again = company._signed_in(Actor("partner", "Anna Weiss", anna.user_id, row["account_id"]))
    assert statuses(anna, "/api/me", 3) + statuses(again, "/api/me", 3) == [200] * 5 + [429]
    assert company.rep().get("/api/me").status_code == 200


def test_calls_without_a_good_token_count_for_their_address(company: Company, anna: Caller) -> None:
    guesser = Caller(company.app.test_client(), "made-up")
    assert statuses(guesser, "/api/me", 2) == [401, 401]
    assert company.nobody.get("/nowhere").status_code == 404
    assert statuses(guesser, "/api/me", 1) == [429]
    assert company.nobody.call("POST", "/oauth/token").status_code == 429
    assert company.nobody.get("/nowhere").status_code == 429
    # Whoever has a good token is not locked out by a neighbour, and a balancer may always ask.
    assert anna.get("/api/me").status_code == 200
    assert statuses(company.nobody, "/healthz", 5) + statuses(company.nobody, "/readyz", 5) == [200] * 10


def test_an_address_is_not_believed_from_the_caller_but_from_the_companys_own_proxy(
    company: Company, database: Database, redis_url: str
) -> None:
    def ask(app: Flask, address: str) -> int:
        headers = {"X-Forwarded-For": address}
        return Caller(app.test_client(), None).call("GET", "/api/me", headers=headers).status_code

    assert [ask(company.app, f"198.51.100.{n}") for n in range(4)] == [401, 401, 401, 429]
    settings = company.app.extensions["tandem"].settings
    behind = create_app(settings.model_copy(update={"proxies": 1}))
    assert [ask(behind, f"203.0.113.{n}") for n in range(5)] == [401] * 5
    assert [ask(behind, "203.0.113.9, 203.0.113.1") for _ in range(3)] == [401, 401, 429]
    close(behind)


def test_many_at_once_get_the_allowance_and_no_more(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    processes = [Rates(redis), Rates(redis)]
    granted = threading.Semaphore(0)

    def call(number: int) -> bool:
        try:
            processes[number % 2].take("user", "anna", 20)
        except TooMany:
            return False
        granted.release()
        return True

    with ThreadPoolExecutor(8) as pool:
        passed = sum(pool.map(call, range(60)))
    # A call more for each three seconds that the machine took for them.
    assert 20 <= passed < 60
    assert 0 < redis.pttl("tandem:rate:user:anna") <= 60_001
    redis.close()


def test_the_allowance_comes_back_with_time(redis_url: str) -> None:
    redis = Redis.from_url(redis_url)
    rates = Rates(redis)
    for _ in range(3):
        rates.take("user", "anna", 3)
    with pytest.raises(TooMany) as caught:
        rates.take("user", "anna", 3)
    assert 1 <= caught.value.facts["retry_after"] <= 20
    # As if twenty seconds had passed: one call's worth.
    redis.set("tandem:rate:user:anna", int(redis.get("tandem:rate:user:anna")) - 20_000_000)  # type: ignore[arg-type]
    rates.take("user", "anna", 3)
    with pytest.raises(TooMany):
        rates.take("user", "anna", 3)
    redis.close()


def test_while_redis_is_away_a_process_counts_for_itself_and_refuses_nobody_for_it() -> None:
    redis = Redis.from_url("redis://127.0.0.1:1/0", socket_connect_timeout=0.2)
    rates = Rates(redis)
    for _ in range(5):
        rates.take("user", "anna", 5)
    with pytest.raises(TooMany):
        rates.take("user", "anna", 5)
    rates.take("user", "piet", 5)
    rates.take("user", "anna", 0)
    redis.close()

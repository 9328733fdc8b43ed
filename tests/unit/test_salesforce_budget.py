"""Tandem never takes the org's calls from the people who work there."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path

import pytest

from app.kernel.errors import Misconfigured
from app.salesforce import Budget, QuotaExceeded

START = datetime(2026, 11, 21, 10, 30, tzinfo=UTC).timestamp()


class Clock:
    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> float:
        return self.now


def test_the_call_beyond_the_share_is_refused_until_the_oldest_hour_is_a_day_old() -> None:
    clock = Clock()
    budget = Budget(share=0.10, reserve=0.0, clock=clock)
    budget.observe("api-usage=18/100")
    for _ in range(10):
        budget.spend("query")
    with pytest.raises(QuotaExceeded, match="has made 10 calls in 24 hours and may make 10") as caught:
        budget.spend("query")
    assert caught.value.retry_at == datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
    assert caught.value.refused is True
    clock.now = caught.value.retry_at.timestamp()
    budget.spend("query")
    assert budget.usage().by_kind == {"query": 1}


def test_a_refused_call_is_not_counted() -> None:
    budget = Budget(share=0.01, reserve=0.0, clock=Clock())
    budget.observe("api-usage=0/100")
    budget.spend("write")
    for _ in range(5):
        with pytest.raises(QuotaExceeded):
            budget.spend("write")
    assert budget.usage().ours == 1


def test_the_last_tenth_of_the_org_is_left_to_others_even_when_tandem_used_nothing() -> None:
    clock = Clock()
    budget = Budget(share=0.5, reserve=0.10, recheck=600, clock=clock)
    budget.observe("api-usage=899/1000")
    budget.spend("query")
    budget.observe("api-usage=900/1000")
    with pytest.raises(QuotaExceeded, match="100 of its 1000 calls left") as caught:
        budget.spend("query")
    assert caught.value.retry_at == datetime(2026, 11, 21, 10, 40, tzinfo=UTC)


def test_one_call_looks_again_after_ten_minutes_and_opens_the_way_for_all() -> None:
    clock = Clock()
    budget = Budget(share=0.5, reserve=0.10, recheck=600, clock=clock)
    budget.observe("api-usage=1000/1000")
    clock.now += 600
    budget.spend("query")
    with pytest.raises(QuotaExceeded):
        budget.spend("query")
    budget.observe("api-usage=10/1000")
    budget.spend("query")


def test_the_org_saying_no_stops_every_process_at_once(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    clock = Clock()
    one, other = Budget(path=path, clock=clock), Budget(path=path, clock=clock)
    one.observe("api-usage=10/15000; per-app-api-usage=3/250(appName=Tandem)")
    other.spend("query")
    error = one.exhausted()
    assert error.retry_at == datetime(2026, 11, 21, 10, 40, tzinfo=UTC)
    with pytest.raises(QuotaExceeded):
        other.spend("query")


def test_a_refusal_counts_even_when_the_limit_is_not_known_yet() -> None:
    clock = Clock()
    budget = Budget(recheck=600, clock=clock)
    budget.exhausted()
    with pytest.raises(QuotaExceeded, match="has used up its API calls"):
        budget.spend("query")
    clock.now += 600
    budget.spend("query")
    with pytest.raises(QuotaExceeded):
        budget.spend("query")
    budget.observe("api-usage=10/15000")
    budget.spend("query")


def test_processes_count_together_and_lose_none(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    budgets = [Budget(path=path) for _ in range(4)]

    def work(budget: Budget) -> None:
        for _ in range(50):
            budget.spend("write")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(work, budgets))
    assert Budget(path=path).usage().by_kind == {"write": 200}


def test_usage_says_what_was_spent_on_what_and_what_is_left() -> None:
    budget = Budget(share=0.10, reserve=0.20, clock=Clock())
    for kind in ("query", "query", "write", "bulk"):
        budget.spend(kind)
    budget.observe("api-usage=120/15000")
    usage = budget.usage()
    assert usage.by_kind == {"query": 2, "write": 1, "bulk": 1}
    assert (usage.ours, usage.org_used, usage.org_limit) == (4, 120, 15000)
    assert (usage.ceiling, usage.reserve) == (1500, 3000)


def test_a_count_cut_short_by_a_full_disk_starts_again(tmp_path: Path) -> None:
    path = tmp_path / "calls.json"
    path.write_text('{"hours": {"49')
    budget = Budget(path=path)
    budget.spend("query")
    assert budget.usage().ours == 1


def test_a_budget_that_leaves_no_calls_is_refused() -> None:
    with pytest.raises(Misconfigured, match="leaves no calls"):
        Budget(share=0)


def test_a_clock_that_went_back_a_day_does_not_stop_the_calls() -> None:
    clock = Clock()
    budget = Budget(share=0.10, reserve=0.10, recheck=600, clock=clock)
    budget.observe("api-usage=950/1000")
    budget.exhausted()
    clock.now -= 86_400
    budget.spend("query")
    budget.observe("api-usage=5/1000")
    for _ in range(99):
        budget.spend("query")
    with pytest.raises(QuotaExceeded):
        budget.spend("query")


def test_what_a_clock_running_ahead_has_counted_is_forgotten_once_it_is_right() -> None:
    clock = Clock()
    budget = Budget(share=0.10, reserve=0.0, clock=clock)
    budget.observe("api-usage=5/1000")
    clock.now += 7 * 86_400
    for _ in range(100):
        budget.spend("query")
    clock.now -= 7 * 86_400
    budget.spend("query")
    assert budget.usage().ours == 1

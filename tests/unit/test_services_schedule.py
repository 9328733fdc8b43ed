"""The schedule is data: it can be checked without running it."""

from __future__ import annotations

import importlib
import inspect

import pytest

from app.kernel.errors import Misconfigured
from jobs import schedule


@pytest.mark.parametrize("job", schedule.SCHEDULE, ids=lambda job: job.name)
def test_every_job_names_a_function_that_takes_the_settings(job: schedule.Job) -> None:
    module, _, name = job.function.partition(":")
    function = getattr(importlib.import_module(module), name)
    assert next(iter(inspect.signature(function).parameters)) == "settings"
    assert job.description.endswith(".")


def test_every_job_has_a_name_of_its_own_and_waits_in_its_rooms_queue() -> None:
    names = [job.name for job in schedule.SCHEDULE]
    assert len(set(names)) == len(names)
    assert schedule.job("sync.cycle").queue == "sync"
    assert schedule.queues()[0] == "sync"


def test_an_unknown_job_is_told_with_the_known_ones() -> None:
    with pytest.raises(Misconfigured, match=r'There is no job "sync.cylce".* Known jobs: sync.cycle'):
        schedule.job("sync.cylce")

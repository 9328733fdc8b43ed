"""Whatever anybody sends, the API answers as it says it does, and never with an error of its own.

The requests come from the API's own description, with values that fit it and values that do not. The seed is
fixed: the same description is tried with the same values each time.
"""

from __future__ import annotations

import random
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import FailureGroup
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from tests.fixtures.isolation import IDS, WORDS, World
from tests.fixtures.web import Caller, Company

#: What every answer keeps to.
CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
)
#: Requests for each operation that fit its description, and as many that do not.
EXAMPLES = 3


@pytest.fixture
def world(company: Company) -> World:
    return World(company)


def somebody(world: World, who: str) -> Caller:
    return {
        "nobody": world.company.nobody,
        "seller": world.a.seller,
        "rep": world.plain,
        "boss": world.boss,
    }[who]


def read_whole(app: Any) -> Any:
    """The app behind a server that reads and closes every answer, as servers do."""

    def server(environ: Any, start_response: Any) -> list[bytes]:
        answer = app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            answer.close()

    return server


@pytest.mark.parametrize("who", ["nobody", "seller", "rep", "boss"])
def test_no_request_makes_the_api_fail_or_answer_otherwise_than_it_says(world: World, who: str) -> None:
    schema = schemathesis.openapi.from_wsgi("/openapi.json", read_whole(world.company.app))
    token = somebody(world, who).token
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    chosen = random.Random(7)
    samples: dict[str, Any] = {name: str(sample(world, world.a)) for name, sample in IDS.items()}
    samples |= {name: words(world)[0] for name, words in WORDS.items()}
    tried, failures = 0, []
    for found in schema.get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):

            @settings(
                max_examples=EXAMPLES if who != "nobody" else 2,
                derandomize=True,
                database=None,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            )
            @given(case=operation.as_strategy(generation_mode=mode), real=st.booleans())
            def attempt(case: Any, real: bool) -> None:
                nonlocal tried
                # Ids made up at random are never there, so every other call is about a record that is.
                if real or chosen.random() < 0.3:
                    case.path_parameters = {
                        name: samples.get(name, value) for name, value in (case.path_parameters or {}).items()
                    }
                answer = case.call(headers=headers)
                case.validate_response(answer, checks=CHECKS, headers=headers)
                tried += 1

            try:
                attempt()
            except (Exception, FailureGroup) as error:  # all of them are told at once
                failures.append(f"{operation.label} as {who}: {str(error)[:1500]}")
    assert tried >= 2 * len(IDS)
    assert failures == [], "\n\n".join(failures)

"""Workflows and roles on the command line, exports, and what other rooms do when a request is decided."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy.orm import Session

from app.approvals.models import Authorization, Request
from app.approvals.service import Approvals
from app.cli import tandem
from app.kernel.actor import Actor
from app.kernel.errors import Conflict
from app.services import ServiceUrls
from tests.fixtures.approvals import Desk, chain
from tests.fixtures.web import Caller

Run = Callable[..., Result]


@pytest.fixture
def anna(desk: Desk) -> Caller:
    return desk.partner_user()


@pytest.fixture
def run(database_urls: ServiceUrls, redis_url: str) -> Run:
    environment = {"DATABASE_URL": database_urls.database, "REDIS_URL": redis_url}

    def invoke(*words: str) -> Result:
        return CliRunner(env=environment).invoke(tandem, [*words])

    return invoke


def out(result: Result) -> str:
    assert result.exit_code == 0, result.exception
    return result.output


def username(desk: Desk, caller: Caller) -> str:
    [row] = desk.rows("SELECT username FROM crm_user WHERE id = :id", id=caller.user_id)
    return str(row["username"])


# -- workflows -----------------------------------------------------------------------------------------------


def test_a_workflow_is_checked_previewed_published_exported_and_reverted(
    desk: Desk, run: Run, tmp_path: Path
) -> None:
    file = tmp_path / "price_exception.yaml"
    file.write_text(chain("channel_manager"))
    assert "price_exception: 1 steps, no faults." in out(run("workflows", "lint", str(file)))
    assert "+key: price_exception" in out(run("workflows", "plan", str(file)))
    assert desk.rows("SELECT * FROM approval_workflow WHERE key = 'price_exception'") == []
    applied = "price_exception: version 1 is active; new requests follow it.\n"
    assert out(run("workflows", "apply", str(file), "--note", "First")) == applied
    assert out(run("workflows", "apply", str(file))) == "price_exception: version 1 says this already.\n"
    file.write_text(chain("channel_manager", "finance"))
    planned = out(run("workflows", "plan", str(file)))
    assert "+  - key: finance" in planned
    assert "-  - key: channel_manager" not in planned
    out(run("workflows", "apply", str(file)))
    assert "  - key: finance" in out(run("workflows", "show", "price_exception"))
    assert "  - key: finance" not in out(run("workflows", "show", "price_exception", "--version", "1"))
    assert out(run("workflows", "revert", "price_exception")) == (
        "price_exception: version 3 is active. Back to version 1.\n"
    )
    listed = [line.split()[:2] for line in out(run("workflows", "versions", "price_exception")).splitlines()]
    assert listed == [["*", "3"], ["2", listed[1][1]], ["1", listed[2][1]]]
    out(run("workflows", "export", "price_exception", str(tmp_path / "out")))
    assert (tmp_path / "out" / "price_exception.yaml").read_text() == chain("channel_manager")


def test_every_fault_of_every_file_is_told_and_nothing_is_published(
    desk: Desk, run: Run, tmp_path: Path
) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(chain("channel_manager"))
    bad.write_text(chain("channel_manager").replace("number: PX", "number: px"))
    refused = run("workflows", "apply", str(good), str(bad))
    assert refused.exit_code == 1
    assert "bad.yaml: One fault in the workflow:\nnumber: This name has signs" in str(refused.exception)
    assert desk.rows("SELECT * FROM approval_workflow WHERE key = 'price_exception'") == []


def test_the_shipped_workflows_are_there_without_doing_anything(desk: Desk, anna: Caller, run: Run) -> None:
    keys = [one["key"] for one in anna.get("/api/workflows").get_json()["items"]]
    assert "deal_registration" in keys
    assert "deal_registration: version 1 says this already." in out(run("workflows", "apply", "--shipped"))
    assert run("workflows", "apply").exit_code == 2
    assert "deal_registration  version 1  Deal registration: channel, direction" in out(
        run("workflows", "show")
    )


def test_a_workflow_that_is_not_there_is_one_sentence(desk: Desk, run: Run) -> None:
    for words in (("show", "nothing"), ("versions", "nothing"), ("revert", "nothing")):
        assert 'There is no workflow "nothing".' in str(run("workflows", *words).exception)


# -- roles ---------------------------------------------------------------------------------------------------


def test_roles_are_granted_and_withdrawn_at_once_with_a_trail(desk: Desk, anna: Caller, run: Run) -> None:
    desk.publish(chain("finance"))
    fay = desk.person("Fay Ross")
    name = username(desk, fay)
    assert out(run("roles", "grant", "finance", name)) == f"{name} now has the role finance.\n"
    assert out(run("roles", "grant", "finance", name)) == f"{name} has the role finance already.\n"
    request = desk.ask(anna)
    assert desk.inbox(fay) == [request["number"]]
    assert out(run("roles", "list")) == f"finance  {name}  Fay Ross\n"
    assert out(run("roles", "withdraw", "finance", name)) == f"{name} no longer has the role finance.\n"
    assert desk.inbox(fay) == []
    actions = desk.rows("SELECT action FROM audit_entry WHERE subject_id = :name ORDER BY at", name=name)
    assert [row["action"] for row in actions] == ["role.grant", "role.withdraw"]


@pytest.mark.parametrize(
    ("role", "who", "words"),
    [
        ("finance", "nobody@company.example", "There is no user nobody@company.example."),
        ("Finance!", "REP", "This is no role's name."),
        ("finance", "PARTNER", "is not an active user of the company."),
    ],
)
def test_a_role_goes_to_the_companys_own_people(
    desk: Desk, anna: Caller, run: Run, role: str, who: str, words: str
) -> None:
    names = {"REP": username(desk, desk.person("Rob Plain")), "PARTNER": username(desk, anna)}
    refused = run("roles", "grant", role, names.get(who, who))
    assert refused.exit_code == 1
    assert words in str(refused.exception)


# -- export --------------------------------------------------------------------------------------------------


def test_requests_are_exported_as_a_file_by_those_who_may(desk: Desk, anna: Caller) -> None:
    desk.publish(chain("channel_manager"))
    mia = desk.person("Mia Kern", "channel_manager", rights=("data.export",))
    piet = desk.partner_user("Polderland Besturing")
    first = desk.ask(anna, amount="-5.00", currency="EUR")
    second = desk.decide(mia, desk.ask(piet), "approve")
    lines = list(csv.DictReader(io.StringIO(mia.get("/api/requests/export").get_data(as_text=True))))
    assert [(line["number"], line["held_by"], line["authorization"]) for line in lines] == [
        (second["number"], "", second["authorization"]), (first["number"], "Mia Kern", ""),
    ]  # fmt: skip
    assert lines[1]["amount"] == "-5.00"
    own = list(csv.DictReader(io.StringIO(anna.get("/api/requests/export").get_data(as_text=True))))
    assert [line["number"] for line in own] == [first["number"]]
    assert desk.person("Rob Plain").get("/api/requests/export").status_code == 403
    exports = desk.rows("SELECT actor_name FROM audit_entry WHERE action LIKE '%export%' ORDER BY at")
    assert [row["actor_name"] for row in exports] == ["Mia Kern", "Anna Weiss"]


# -- effects -------------------------------------------------------------------------------------------------


class Shelf:
    """An effect that remembers what it was told, and may refuse."""

    def __init__(self) -> None:
        self.told: list[tuple[str, str | None, str]] = []
        self.refuses = ""

    def before(self, session: Session, request: Request, decision: str, extra: Mapping[str, Any]) -> None:
        if decision == self.refuses and not extra.get("anyway"):
            raise Conflict("The shelf is full.", facts={"allowed": ["reject"]})

    def happened(
        self,
        session: Session,
        request: Request,
        event: str,
        authorization: Authorization | None,
        actor: Actor,
        reason: str,
    ) -> None:
        self.told.append((event, authorization.number if authorization else None, actor.name))


@pytest.fixture
def shelf(desk: Desk) -> Shelf:
    effect = Shelf()
    desk.company.app.extensions["approvals"] = Approvals({"shelf": effect})
    desk.publish(chain("channel_manager").replace("number: PX", "number: PX\neffect: shelf"))
    return effect


def test_an_effect_follows_a_request_from_its_submission_to_its_end(
    desk: Desk, anna: Caller, shelf: Shelf
) -> None:
    mia = desk.person("Mia Kern", "channel_manager")
    request = desk.ask(anna, amount="1", submit=False)
    desk.do(anna, request, "edit", values={"amount": "2"})
    desk.do(anna, request, "submit")
    desk.decide(mia, request, "request_info", "Why?")
    desk.do(anna, request, "answer", reason="So")
    desk.decide(mia, request, "approve")
    desk.do(anna, request, "edit", values={"amount": "3"})
    desk.decide(mia, request, "approve")
    desk.do(anna, request, "recall")
    assert shelf.told == [
        ("opened", None, "Anna Weiss"),
        ("drafted", None, "Anna Weiss"),
        ("submitted", None, "Anna Weiss"),
        ("info_needed", None, "Mia Kern"),
        ("answered", None, "Anna Weiss"),
        ("approved", "PX-A-1001", "Mia Kern"),
        ("edited", "PX-A-1001", "Anna Weiss"),
        ("approved", "PX-A-1002", "Mia Kern"),
        ("recalled", "PX-A-1002", "Anna Weiss"),
    ]


def test_a_decision_that_an_effect_refuses_leaves_everything_as_it_was(
    desk: Desk, anna: Caller, shelf: Shelf
) -> None:
    mia = desk.person("Mia Kern", "channel_manager")
    request = desk.ask(anna)
    shelf.refuses = "approve"
    refused = desk.do(mia, request, "decide", status=409, decision="approve")
    assert refused["detail"] == "The shelf is full."
    assert desk.shown(anna, request)["decisions"] == []
    assert desk.decide(mia, request, "approve", extra={"anyway": True})["state"] == "approved"


def test_what_an_effect_refuses_is_not_approved_by_the_limits_but_asked(
    desk: Desk, anna: Caller, shelf: Shelf
) -> None:
    desk.person("Mia Kern", "channel_manager")
    limits = "number: PX\neffect: shelf\nauto_approve: {field: amount, op: lte, value: 10}"
    desk.publish(chain("channel_manager").replace("number: PX", limits))
    assert desk.ask(anna, amount=10)["state"] == "approved"
    shelf.refuses = "approve"
    routed = desk.ask(anna, amount=10)
    assert (routed["state"], routed["holder"]["who"]) == ("submitted", "Mia Kern")
    assert [event for event, _, _ in shelf.told] == [
        "opened", "submitted", "approved", "opened", "submitted",
    ]  # fmt: skip

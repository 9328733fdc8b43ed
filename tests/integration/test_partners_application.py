"""From the application to an active partner: approval, agreement, its versions; and what undoes it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from click.testing import CliRunner
from sqlalchemy import text

from app.cli import tandem
from app.config import Settings
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import BadInput, Conflict, NotAllowed
from app.listeners import APPROVALS
from app.partners import agreements, application, levels, service
from app.partners.agreements import Signature, sha256
from app.services import ServiceUrls
from jobs.partners import turn_of_the_day
from tests.fixtures.web import Caller, Company

ENGLISH = "Both sides act fairly. Version one."


class Applying:
    """An application, as the workflow engine hands it over."""

    def __init__(self, company: UUID, person: UUID, **values: Any) -> None:
        self.number = "PA-1001"
        self.partner_account_id: UUID | None = company
        self.requester_id = person
        self.values = {"kind": "distributor"} | values


class Approved:
    number = "AUTH-1"


@pytest.fixture
def manager(company: Company) -> Caller:
    return company.rep("Cem", "Aydin", rights=("partners.manage", "levels.manage"))


class Applicant:
    """A company that is no partner yet, with one person who signs in."""

    def __init__(self, company: Company) -> None:
        self.company = company
        self.id = company.partner("Wouldbe Ltd", adopted=False, billing_country="Germany", type="Prospect")
        self.nina = company.partner_user(self.id, "Nina", "Vogt")
        assert self.nina.user_id is not None
        self.actor = Actor("partner", "Nina Vogt", self.nina.user_id, self.id)
        self.application = Applying(self.id, self.nina.user_id)
        self.effect = application.PartnerApplication()

    def tell(self, event: str, reason: str = "", by: Actor = SYSTEM) -> None:
        with self.company.database.session(SYSTEM) as session:
            authorization = Approved() if event == "approved" else None
            self.effect.happened(session, self.application, event, authorization, by, reason)

    def seen(self) -> dict[str, Any]:
        found: dict[str, Any] = self.nina.get("/api/partner").get_json()
        return found

    def in_crm(self) -> dict[str, Any]:
        [row] = self.company.sql(
            "SELECT partner_kind, partner_status, partner_level, partner_activation, partner_since "
            "FROM account WHERE id = :id", id=self.id,
        )  # fmt: skip
        return row


@pytest.fixture
def applicant(company: Company) -> Applicant:
    return Applicant(company)


def publish(manager: Caller, words: str = ENGLISH, **more: Any) -> dict[str, Any]:
    answer = manager.post("/api/agreements", texts={"en": words, "de": f"DE {words}"}, **more)
    assert answer.status_code == 201, answer.get_json()
    made: dict[str, Any] = answer.get_json()
    return made


def accept(caller: Caller, shown: dict[str, Any], **changes: str) -> Any:
    body = {"language": shown["language"], "sha256": shown["sha256"], "name_typed": "Nina Vogt"} | changes
    return caller.post(f"/api/partner/agreements/{shown['version_id']}/accept", **body)


def test_a_company_that_never_applied_is_a_prospect_and_starts_nothing(applicant: Applicant) -> None:
    with applicant.company.database.session(applicant.actor) as session:
        facts = service.facts(session, applicant.id)
        assert (facts["kind"], facts["status"], facts["country"]) == ("prospect", "prospect", "DE")
        with pytest.raises(Conflict) as caught:
            service.require_active(session, applicant.id)
    assert caught.value.what == "Your company is not a partner yet."
    assert applicant.nina.get("/api/partner").status_code == 404
    assert applicant.nina.get("/api/me").get_json()["partner_status"] == ""


def test_application_approval_agreement_and_then_active_with_level_and_stage_in_the_crm(
    applicant: Applicant, manager: Caller
) -> None:
    made = publish(manager)
    applicant.tell("submitted")
    assert (applicant.seen()["status"], applicant.in_crm()["partner_status"]) == ("applicant", None)
    assert applicant.nina.get("/api/me").get_json()["partner_status"] == "applicant"
    assert manager.get("/api/me").get_json()["partner_status"] == ""
    applicant.tell("approved")
    seen = applicant.seen()
    assert (seen["status_words"], seen["kind"], seen["level"], seen["activation"], seen["since"]) == (
        "Approved, agreement pending", "distributor", "bronze", "first_contact", None,
    )  # fmt: skip
    assert {p["name"]: p["roles"] for p in seen["people"]} == {"Nina Vogt": ["admin", "seller"]}
    [waiting] = seen["agreements"]["waiting"]
    assert (waiting["title"], waiting["version"], waiting["overdue"]) == ("Partner agreement", 1, False)
    assert waiting["due_on"] == (datetime.now(UTC).date() + timedelta(days=30)).isoformat()
    shown = applicant.nina.get(f"/api/agreements/{waiting['version_id']}", language="de").get_json()
    assert (shown["text"], shown["sha256"]) == (f"DE {ENGLISH}", sha256(f"DE {ENGLISH}"))
    assert shown["version_id"] == made["version_id"]
    active = accept(applicant.nina, shown).get_json()
    assert (active["status"], active["since"]) == ("active", datetime.now(UTC).date().isoformat())
    [kept] = active["agreements"]["accepted"]
    assert (kept["language"], kept["sha256"], kept["name_typed"], kept["user_name"]) == (
        "de", sha256(f"DE {ENGLISH}"), "Nina Vogt", "Nina Vogt",
    )  # fmt: skip
    assert applicant.in_crm() == {
        "partner_kind": "Distributor", "partner_status": "Active", "partner_level": "Bronze",
        "partner_activation": "First contact", "partner_since": datetime.now(UTC).date(),
    }  # fmt: skip
    assert [line["kind"] for line in active["timeline"]][:2] == ["activate", "agreement_accepted"]


def test_accepting_twice_is_the_same_as_once(applicant: Applicant, manager: Caller) -> None:
    shown = publish(manager)
    applicant.tell("submitted")
    applicant.tell("approved")
    for _ in range(2):
        assert accept(applicant.nina, shown).status_code == 200
    assert applicant.company.sql("SELECT count(*) AS n FROM agreement_acceptance") == [{"n": 1}]


def test_what_was_not_read_is_not_accepted(applicant: Applicant, manager: Caller) -> None:
    shown = publish(manager)
    applicant.tell("submitted")
    applicant.tell("approved")
    for changes, field in (
        ({"sha256": sha256("something else")}, "sha256"),
        ({"language": "fr"}, "language"),
        ({"name_typed": " "}, "name_typed"),
    ):
        answer = accept(applicant.nina, shown, **changes)
        assert (answer.status_code, list(answer.get_json()["fields"])) == (400, [field])
    ben = applicant.company.partner_user(applicant.id, "Ben", "Roth")
    assert accept(ben, shown).status_code == 403
    assert applicant.seen()["status"] == "approved"


def test_a_new_version_asks_anew_with_a_deadline_and_the_old_one_is_no_longer_accepted(
    applicant: Applicant, manager: Caller
) -> None:
    first = publish(manager)
    applicant.tell("submitted")
    applicant.tell("approved")
    accept(applicant.nina, first)
    again = publish(manager)
    assert again["version"] == 1  # the same text is no new version
    second = publish(manager, "Version two.", effective_on="2031-01-01", accept_within_days=14)
    seen = applicant.seen()
    assert seen["status"] == "active"
    assert [(w["version"], w["due_on"]) for w in seen["agreements"]["waiting"]] == [(2, "2031-01-15")]
    with applicant.company.database.session(SYSTEM) as session:
        assert agreements.overdue(session, date(2031, 1, 15)) == 0
        assert agreements.overdue(session, date(2031, 1, 16)) == 1
        assert agreements.overdue(session, date(2031, 1, 17)) == 0
    assert applicant.seen()["timeline"][0]["sentence"] == (
        "Partner agreement, version 2, was to be accepted by 15 January 2031 and is not."
    )
    [latest, older] = manager.get("/api/agreements").get_json()["items"]
    assert [(v["version"], v["latest"], v["accepted"], v["asked"]) for v in (latest, older)] == [
        (2, True, 0, 1), (1, False, 1, 0),
    ]  # fmt: skip
    publish(manager, "Version three.")
    old = accept(applicant.nina, second)
    assert (old.status_code, old.get_json()["code"]) == (409, "agreement_replaced")


@pytest.mark.parametrize("table", ["agreement_version", "agreement_acceptance", "partner_event"])
def test_what_was_agreed_and_told_is_never_changed(applicant: Applicant, manager: Caller, table: str) -> None:
    shown = publish(manager)
    applicant.tell("submitted")
    applicant.tell("approved")
    accept(applicant.nina, shown)
    for statement in (f"DELETE FROM {table}", f"UPDATE {table} SET id = id"):
        with (
            pytest.raises(Exception, match=r"never changed or removed|can only be updated to DEFAULT"),
            applicant.company.database.session(SYSTEM) as session,
        ):
            session.execute(text(statement))


def test_where_no_agreement_is_published_the_approval_makes_it_active(applicant: Applicant) -> None:
    applicant.tell("submitted")
    applicant.tell("approved")
    assert applicant.seen()["status"] == "active"


def test_a_rejected_company_may_apply_again(applicant: Applicant) -> None:
    applicant.tell("submitted")
    applicant.tell("rejected", "We know you too little")
    seen = applicant.seen()
    assert (seen["status"], seen["status_reason"]) == ("applicant", "We know you too little")
    applicant.tell("submitted")
    assert applicant.seen()["status_reason"] == ""


def test_an_approval_that_is_taken_back_before_the_agreement_makes_an_applicant_again(
    applicant: Applicant, manager: Caller
) -> None:
    publish(manager)
    applicant.tell("submitted")
    applicant.tell("approved")
    applicant.tell("voided", "Edited")
    assert applicant.seen()["status"] == "applicant"


def test_an_active_partner_stays_one_when_its_old_application_is_changed_and_the_company_is_told(
    applicant: Applicant, manager: Caller
) -> None:
    applicant.tell("submitted")
    applicant.tell("approved")
    applicant.tell("edited")
    assert applicant.seen()["status"] == "active"
    company_sees = manager.get(f"/api/partners/{applicant.id}").get_json()["timeline"][0]
    assert (company_sees["kind"], company_sees["internal"]) == ("application_changed", True)
    assert "application_changed" not in {line["kind"] for line in applicant.seen()["timeline"]}


def test_who_is_a_partner_already_cannot_apply(applicant: Applicant) -> None:
    applicant.tell("submitted")
    applicant.tell("approved")
    with applicant.company.database.session(SYSTEM) as session, pytest.raises(Conflict) as caught:
        applicant.effect.before(session, applicant.application, "submit", {})
    assert caught.value.error_code == "partner_already"
    applicant.application.partner_account_id = None
    with applicant.company.database.session(SYSTEM) as session, pytest.raises(BadInput):
        applicant.effect.before(session, applicant.application, "submit", {})


def test_a_person_without_the_role_is_told_who_can_give_it(applicant: Applicant) -> None:
    applicant.tell("submitted")
    applicant.tell("approved")
    ben = applicant.company.partner_user(applicant.id, "Ben", "Roth")
    actor = Actor("partner", "Ben Roth", ben.user_id, applicant.id)
    with (
        applicant.company.database.session(actor) as session,
        pytest.raises(NotAllowed, match="administrator of your company"),
    ):
        agreements.accept(session, actor, applicant.id, Signature("en", "x", "y"), date(2027, 1, 1))


def test_the_engine_calls_this_room_for_the_shipped_workflow() -> None:
    assert isinstance(APPROVALS.effects["partner_application"], application.PartnerApplication)


def test_the_command_publishes_a_version_once_and_lists_it(
    applicant: Applicant, database_urls: ServiceUrls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DATABASE_URL", database_urls.database)
    monkeypatch.setenv("REDIS_URL", database_urls.redis)
    (tmp_path / "agreement.txt").write_text(ENGLISH)

    def run(*arguments: str) -> str:
        result = CliRunner().invoke(tandem, arguments)
        assert result.exit_code == 0, result.output
        return result.output

    for _ in range(2):
        said = run("agreements", "publish", f"en={tmp_path / 'agreement.txt'}", "--from", "2027-01-01")
        assert said == "partner_agreement, version 1, from 2027-01-01.\n"
    assert run("agreements", "list") == "partner_agreement 1 · en · from 2027-01-01 · 0 accepted\n"
    assert run("partners", "adopt") == (
        "0 taken over, 0 were partners already, 1 left out.\nleft out, a prospect: Wouldbe Ltd\n"
    )
    applicant.tell("submitted")
    applicant.tell("approved")
    assert run("partners", "list") == "Wouldbe Ltd · distributor · approved · Bronze\n"


def test_the_turn_of_the_day_shows_a_level_that_begins(
    applicant: Applicant, manager: Caller, database_urls: ServiceUrls, redis_url: str
) -> None:
    applicant.tell("submitted")
    applicant.tell("approved")
    with applicant.company.database.session(SYSTEM) as session:
        partner = service.get(session, SYSTEM, applicant.id)
        day = service.today(session)
        levels.set_level(
            session, SYSTEM, partner, "gold", today=day - timedelta(days=1), reason="x", start=day
        )
    assert applicant.in_crm()["partner_level"] is None  # as yesterday had it
    turn_of_the_day(Settings(DATABASE_URL=database_urls.database, REDIS_URL=redis_url))
    assert applicant.in_crm()["partner_level"] == "Gold"

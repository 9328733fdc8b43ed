"""Notices by mail: who is asked, who is told, once each; and what happens while the server is away."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from app.approvals.mail import Post, send
from app.kernel.errors import Unavailable
from tests.fixtures.approvals import Desk, chain
from tests.fixtures.mail import Mailbox
from tests.fixtures.web import Caller

PAGES = "https://partners.arden.example"


@pytest.fixture
def anna(desk: Desk) -> Caller:
    caller = desk.partner_user()
    desk.company.sql("UPDATE crm_user SET email = 'anna@rhein.example' WHERE id = :id", id=caller.user_id)
    return caller


@pytest.fixture
def mia(desk: Desk) -> Caller:
    caller = desk.person("Mia Kern", "channel_manager")
    desk.company.sql("UPDATE crm_user SET email = 'mia@arden.example' WHERE id = :id", id=caller.user_id)
    return caller


def post(desk: Desk, mailbox: Mailbox, **later: int) -> int:
    office = Post(mailbox.url, "tandem@arden.example", PAGES)
    return send(desk.company.database, office, datetime.now(UTC) + timedelta(seconds=5, **later))


def test_the_approver_is_asked_and_the_requester_reads_the_authorization_number(
    desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna)
    assert post(desk, mailbox) == 1
    approved = desk.decide(mia, request, "approve")
    assert post(desk, mailbox) == 1
    asked, told = mailbox.letters
    assert (asked["To"], asked["From"]) == ("mia@arden.example", "tandem@arden.example")
    assert asked["Subject"] == f"{request['number']}: waits for your decision"
    assert f"{request['number']} waits for your decision" in asked.get_content()
    assert told["To"] == "anna@rhein.example"
    number = approved["authorization"]
    assert told.get_content().replace("\r\n", "\n") == (
        f"{request['number']} was approved: authorization {number}.\n\nOpen Tandem to see it: {PAGES}\n"
    )


def test_each_reads_the_mail_in_the_language_that_the_crm_has_for_them(
    desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox
) -> None:
    for caller, language in ((anna, "de"), (mia, "ja")):
        desk.company.sql(
            "UPDATE crm_user SET language = :language WHERE id = :id", language=language, id=caller.user_id
        )
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna)
    post(desk, mailbox)
    approved = desk.decide(mia, request, "approve")
    post(desk, mailbox)
    asked, told = mailbox.letters
    assert (asked["Subject"], asked["Content-Language"]) == (
        f"{request['number']}: 判断をお待ちしています", "ja",
    )  # fmt: skip
    assert f"{request['number']} があなたの判断を待っています" in asked.get_content()
    assert told["Subject"] == f"{request['number']}: genehmigt"
    assert told.get_content().replace("\r\n", "\n") == (
        f"{request['number']} wurde genehmigt: Autorisierung {approved['authorization']}.\n\n"
        f"Ansehen in Tandem: {PAGES}\n"
    )


def test_a_rejected_request_has_no_authorization_in_its_mail(
    desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox
) -> None:
    desk.publish(chain("channel_manager"))
    request = desk.ask(anna)
    desk.decide(mia, request, "reject", "Too low.")
    post(desk, mailbox)
    told = mailbox.letters[-1]
    assert told["To"] == "anna@rhein.example"
    assert f"{request['number']} was rejected: Too low." in told.get_content()
    assert "uthorization" not in told.get_content()


def test_nobody_is_written_to_twice(desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox) -> None:
    desk.publish(chain("channel_manager"))
    desk.ask(anna)
    assert [post(desk, mailbox), post(desk, mailbox), len(mailbox.letters)] == [1, 0, 1]


def test_what_was_read_in_the_pages_needs_no_mail(
    desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox
) -> None:
    desk.publish(chain("channel_manager"))
    desk.ask(anna)
    assert mia.post("/api/notices/read", all=True).status_code == 200
    assert post(desk, mailbox) == 0


def test_people_without_an_address_and_people_who_left_get_none(
    desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox
) -> None:
    desk.person("Otto Lang", "channel_manager")
    desk.publish(chain("channel_manager"))
    desk.ask(anna)
    desk.company.sql("UPDATE crm_user SET is_active = false WHERE id = :id", id=mia.user_id)
    assert post(desk, mailbox) == 0
    assert {row["mail_error"] for row in desk.rows("SELECT mail_error FROM approval_notice")} == {
        "the person has no address that mail can go to"
    }


def test_old_news_stays_in_the_pages(desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox) -> None:
    desk.publish(chain("channel_manager"))
    desk.ask(anna)
    assert post(desk, mailbox, hours=25) == 0
    assert mailbox.letters == []


def test_a_refused_address_is_tried_again_and_holds_nobody_up(
    desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox
) -> None:
    kim = desk.person("Kim Roe", "channel_manager")
    desk.company.sql("UPDATE crm_user SET email = 'kim@arden.example' WHERE id = :id", id=kim.user_id)
    desk.publish(chain("channel_manager"))
    desk.ask(anna)
    mailbox.refuses.add("kim@arden.example")
    assert post(desk, mailbox) == 1
    mailbox.refuses.clear()
    assert [post(desk, mailbox), post(desk, mailbox, minutes=2)] == [0, 1]
    assert [one["To"] for one in mailbox.letters] == ["mia@arden.example", "kim@arden.example"]


def test_an_address_that_is_always_refused_is_given_up(
    desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox
) -> None:
    desk.publish(chain("channel_manager"))
    desk.ask(anna)
    mailbox.refuses.add("mia@arden.example")
    for minutes in (0, 2, 13, 80, 500, 900):
        assert post(desk, mailbox, minutes=minutes) == 0
    [row] = desk.rows(
        "SELECT mail_due_at, mailed_at, mail_attempts, mail_error FROM approval_notice "
        "WHERE user_id = :id", id=mia.user_id,
    )  # fmt: skip
    assert (row["mail_due_at"], row["mailed_at"], row["mail_attempts"]) == (None, None, 4)
    assert "no such mailbox" in row["mail_error"]


def test_a_server_that_is_away_keeps_every_notice_waiting(
    desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox
) -> None:
    desk.publish(chain("channel_manager"))
    desk.ask(anna)
    away = Post("smtp://127.0.0.1:9", "tandem@arden.example", PAGES)
    with pytest.raises(Unavailable, match="mail server cannot be used now"):
        send(desk.company.database, away, datetime.now(UTC) + timedelta(seconds=5))
    assert post(desk, mailbox) == 1


@pytest.mark.parametrize(
    "address",
    [
        "mia@arden.example\r\nBcc: all@arden.example",
        "mia@arden.example, all@arden.example",
        "Mia <mia@arden.example>",
        "mia",
    ],
)
def test_what_is_not_one_address_gets_no_mail(
    desk: Desk, anna: Caller, mia: Caller, mailbox: Mailbox, address: str
) -> None:
    desk.company.sql("UPDATE crm_user SET email = :mail WHERE id = :id", mail=address, id=mia.user_id)
    desk.publish(chain("channel_manager"))
    desk.ask(anna)
    assert (post(desk, mailbox), mailbox.letters) == (0, [])
    [row] = desk.rows(
        "SELECT mail_due_at, mail_error FROM approval_notice WHERE user_id = :id", id=mia.user_id
    )
    assert row == {"mail_due_at": None, "mail_error": "the person has no address that mail can go to"}

"""The audit trail: nobody forgets a row, nobody changes one unseen, and everybody concerned is told."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID, uuid4

import psycopg
import pytest
from click.testing import CliRunner, Result
from psycopg.errors import InsufficientPrivilege, RestrictViolation
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.audit import anchors, operator, record
from app.audit.anchors import Anchor
from app.audit.verify import Verdict, verify
from app.cli import tandem
from app.config import PROJECT, Settings
from app.db import Database
from app.kernel.actor import SYSTEM, Actor
from app.services import ServiceUrls
from app.services.upgrade import upgrade
from app.sync import mapping_store
from jobs import audit as job
from tests.fixtures.services import in_database
from tests.fixtures.web import Caller, Company

RITA = Actor("staff", "Rita Berg", user_id=UUID(int=7))
PARTNER = UUID(int=8)


def write(database: Database, count: int = 1, start: int = 1) -> None:
    """So many decisions, each in a transaction of its own."""
    for number in range(start, start + count):
        with database.session(RITA) as session:
            record(
                session, RITA, "claim.approve", subject=("claim", f"C-{number}"), reason="Checked.",
                before={"state": "submitted"}, after={"state": "approved", "amount": Decimal("1250.00")},
                partner_account_id=PARTNER,
            )  # fmt: skip


def head(database: Database) -> Anchor:
    with database.session(SYSTEM) as session:
        return anchors.head(session)


@pytest.fixture
def tamper(database_urls: ServiceUrls) -> Any:
    """SQL of somebody with the server's highest rights, past every trigger and policy."""
    assert database_urls.database_admin is not None
    name = urlsplit(database_urls.database).path[1:]
    admin = in_database(
        ServiceUrls(database_urls.database_admin, database_urls.database_admin, ""), name
    ).database

    def run(*statements: str) -> None:
        with psycopg.connect(admin) as connection:
            connection.execute("SET session_replication_role = replica")
            for statement in statements:
                connection.execute(statement)

    return run


def breach(database: Database, *kept: Anchor) -> tuple[int | None, str]:
    verdict = verify(database, kept)
    assert verdict.breach is not None
    return verdict.breach.seq, verdict.sentence


# -- what is written -----------------------------------------------------------------------------------


def test_a_row_says_who_did_what_why_and_what_it_was_before(database: Database) -> None:
    write(database)
    with database.session(SYSTEM) as session:
        [row] = session.execute(text("SELECT * FROM audit_entry")).mappings()
        [link] = session.execute(text("SELECT * FROM audit_link")).mappings()
    said = {name: row[name] for name in row if name not in ("id", "at", "salt", "words_hash")}
    assert said == {
        "actor_id": UUID(int=7), "actor_scope": "staff", "actor_name": "Rita Berg",
        "action": "claim.approve", "subject_kind": "claim", "subject_id": "C-1",
        "partner_account_id": PARTNER, "reason": "Checked.", "before": {"state": "submitted"},
        "after": {"state": "approved", "amount": "1250.00"},
    }  # fmt: skip
    assert (link["seq"], link["entry_id"], link["hash"].hex()) == (1, row["id"], head(database).hash)
    assert link["linked_at"] >= row["at"]


def test_a_deed_that_is_rolled_back_leaves_no_row_and_no_gap(database: Database) -> None:
    write(database)
    with database.session(RITA) as session:
        record(session, RITA, "claim.approve", subject=("claim", "C-2"))
        session.rollback()
    with database.session(RITA) as session:
        savepoint = session.begin_nested()
        record(session, RITA, "claim.approve", subject=("claim", "C-3"))
        savepoint.rollback()
        record(session, RITA, "claim.reject", subject=("claim", "C-3"))
    assert verify(database, []).rows == 2
    assert head(database).seq == 2


def test_decisions_of_many_at_once_make_one_chain(database: Database) -> None:
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: write(database, 5, start=n * 100), range(8)))
    verdict = verify(database, [])
    assert (verdict.rows, verdict.breach) == (40, None)


def test_two_who_decide_in_opposite_order_do_not_wait_for_each_other_for_ever(database: Database) -> None:
    """The head is locked at the commit alone, so a row that both touch cannot make them wait in a ring."""
    with database.session(SYSTEM) as session:
        session.execute(text("INSERT INTO job_run (name) VALUES ('one.job')"))

    def decide(number: int) -> None:
        with database.session(SYSTEM) as session:
            if number % 2:
                record(session, RITA, "claim.approve", subject=("claim", number))
            session.execute(text("UPDATE job_run SET attempts = attempts + 1"))
            record(session, RITA, "claim.approve", subject=("claim", number))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(decide, range(20)))
    assert verify(database, []).rows == 30


def test_values_of_any_kind_verify(database: Database) -> None:
    odd = {"name": 'Ünïcødé \U0001f600 \\ " \n', "none": None, "list": [1, True, "1"], "big": Decimal("1e20")}
    with database.session(SYSTEM) as session:
        record(session, SYSTEM, "thing.change", subject=("thing", "1:2-3"), before=odd, after={})
        record(session, SYSTEM, "thing.change", subject=("thing", "x"), reason="-1:a", before=None)
    assert verify(database, []).breach is None
    with database.session(SYSTEM) as session:
        [row] = session.execute(text("SELECT before FROM audit_entry WHERE before IS NOT NULL")).scalars()
    assert row == odd | {"big": "1E+20"}


def test_an_amount_as_a_float_is_kept_out(database: Database) -> None:
    with pytest.raises(TypeError, match="float"), database.session(SYSTEM) as session:
        record(session, SYSTEM, "thing.change", subject=("thing", "1"), after={"amount": 0.1})


# -- what nobody can do --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET reason = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry CASCADE",
        "UPDATE audit_link SET hash = previous",
        "DELETE FROM audit_link",
        "INSERT INTO audit_link (seq, entry_id, linked_at, previous, hash) "
        "SELECT 2, id, now(), words_hash, words_hash FROM audit_entry",
        "UPDATE audit_head SET seq = 0",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
        "INSERT INTO audit_entry (actor_scope, actor_name, action, subject_kind, subject_id, at) "
        "VALUES ('staff', 'x', 'x', 'x', 'x', '2001-01-01')",
        "ALTER TABLE audit_entry DISABLE TRIGGER link",
        "SET session_replication_role = replica",
    ],
)
def test_the_service_can_add_rows_and_nothing_else(database: Database, statement: str) -> None:
    write(database)
    with pytest.raises(DBAPIError) as caught, database.session(SYSTEM) as session:
        session.execute(text(statement))
    assert isinstance(caught.value.orig, InsufficientPrivilege)
    assert verify(database, []).breach is None


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET reason = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry CASCADE",
        "UPDATE audit_link SET hash = previous",
        "INSERT INTO audit_link (seq, entry_id, linked_at, previous, hash) "
        "SELECT 2, id, now(), words_hash, words_hash FROM audit_entry",
        "UPDATE audit_head SET seq = 0",
        "DELETE FROM audit_head",
        "TRUNCATE audit_head",
    ],
)
def test_the_owner_of_the_tables_is_refused_too(
    database: Database, owner_database: Database, statement: str
) -> None:
    write(database)
    with pytest.raises(DBAPIError) as caught, owner_database.session(SYSTEM) as session:
        session.execute(text(statement))
    assert isinstance(caught.value.orig, RestrictViolation)
    assert verify(database, []).breach is None


def test_one_role_for_everything_writes_a_chain_as_well(empty_database_urls: ServiceUrls) -> None:
    owner = empty_database_urls.database_owner
    upgrade(ServiceUrls(owner, owner, empty_database_urls.redis))
    database = Database(owner)
    write(database, 3)
    assert verify(database, []).rows == 3
    database.dispose()


def test_time_and_seal_are_the_databases_own(database: Database, owner_database: Database) -> None:
    with owner_database.session(SYSTEM) as session:
        session.execute(
            text(
                "INSERT INTO audit_entry (actor_scope, actor_name, action, subject_kind, subject_id, at, "
                "words_hash) VALUES ('staff', 'x', 'x', 'x', 'x', '2001-01-01', 'forged')"
            )
        )
    with database.session(SYSTEM) as session:
        late = text("SELECT count(*) FROM audit_entry WHERE at > now() - interval '1 hour'")
        assert session.execute(late).scalar_one() == 1
    assert verify(database, []).rows == 1


def test_a_partners_transaction_adds_its_own_deeds_and_reads_none(database: Database) -> None:
    write(database)
    anna = Actor("partner", "Anna", user_id=uuid4(), partner_id=PARTNER)
    with database.session(anna) as session:
        record(session, anna, "deal.answer", subject=("deal_registration", "1"))
        for table in ("audit_entry", "audit_link", "audit_head"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
    for actor, partner in ((anna, uuid4()), (RITA, PARTNER), (SYSTEM, PARTNER)):
        with pytest.raises(DBAPIError) as caught, database.session(anna) as session:
            record(session, actor, "x.y", subject=("x", "1"), partner_account_id=partner)
        assert isinstance(caught.value.orig, InsufficientPrivilege)
    assert verify(database, []).rows == 2


# -- what verify finds ---------------------------------------------------------------------------------


def test_a_trail_that_holds_says_so(database: Database) -> None:
    assert verify(database, []).sentence == "The audit trail holds: it has no row yet."
    write(database, 3)
    verdict = verify(database, [head(database)])
    assert (verdict.rows, verdict.anchors, verdict.breach) == (3, 1, None)
    assert verdict.sentence.startswith("The audit trail holds: 3 rows from ")
    assert verdict.sentence.endswith(" UTC, 1 anchor agrees.")


@pytest.mark.parametrize(
    "change",
    ["reason = 'Never seen.'", "actor_name = 'Somebody'", """after = '{"amount": "9.00"}'""",
     "before = NULL", "salt = gen_random_uuid()"],
)  # fmt: skip
def test_an_edited_row_is_found(database: Database, tamper: Any, change: str) -> None:
    write(database, 5)
    tamper(f"UPDATE audit_entry SET {change} WHERE subject_id = 'C-3'")
    seq, sentence = breach(database)
    assert seq == 3
    assert sentence.startswith(
        "The audit trail is broken: row 3 was changed after it was written (claim.approve of claim C-3 by "
    )
    assert sentence.endswith("; the first 2 rows hold.")


@pytest.mark.parametrize(
    "change",
    ["action = 'claim.reject'", "at = at - interval '1 microsecond'", "actor_id = NULL",
     "actor_scope = 'system'", "partner_account_id = NULL", "subject_kind = 'claim2'"],
)  # fmt: skip
def test_an_edit_of_who_what_and_when_is_found(database: Database, tamper: Any, change: str) -> None:
    write(database, 4)
    tamper(f"UPDATE audit_entry SET {change} WHERE subject_id = 'C-2'")
    seq, sentence = breach(database)
    assert seq == 2
    assert "row 2 was changed or moved" in sentence


def test_words_changed_with_their_hash_are_found_by_the_chain(database: Database, tamper: Any) -> None:
    write(database, 3)
    tamper(
        "UPDATE audit_entry SET reason = 'x' WHERE subject_id = 'C-2'",
        "UPDATE audit_entry SET words_hash = sha256(tandem_audit_bytes(salt::text, actor_name, reason, "
        "before::text, after::text))",
    )
    assert breach(database)[0] == 2


def test_a_deleted_row_is_found(database: Database, tamper: Any) -> None:
    write(database, 4)
    tamper("DELETE FROM audit_entry WHERE subject_id = 'C-2'")
    assert breach(database) == (
        2, "The audit trail is broken: row 2 was deleted; the row before it holds.",
    )  # fmt: skip
    tamper("DELETE FROM audit_link WHERE seq = 2")
    assert breach(database) == (
        2, "The audit trail is broken: row 2 is missing from the chain; the row before it holds.",
    )  # fmt: skip


def test_rows_in_another_order_are_found(database: Database, tamper: Any) -> None:
    write(database, 4)
    tamper(
        "ALTER TABLE audit_link DROP CONSTRAINT uq_audit_link_entry",
        "UPDATE audit_link a SET entry_id = b.entry_id FROM audit_link b "
        "WHERE (a.seq, b.seq) IN ((2, 3), (3, 2))",
    )
    seq, sentence = breach(database)
    assert seq == 2
    assert "row 2 was changed or moved" in sentence


def test_a_cut_tail_is_found_by_the_head(database: Database, tamper: Any) -> None:
    write(database, 4)
    tamper("DELETE FROM audit_entry WHERE subject_id = 'C-4'", "DELETE FROM audit_link WHERE seq = 4")
    assert breach(database)[1] == (
        "The audit trail is broken: the trail ends at row 3, and its head is row 4: it was cut; "
        "the first 3 rows hold."
    )


def test_a_tail_cut_with_its_head_is_found_by_the_anchor(database: Database, tamper: Any) -> None:
    write(database, 4)
    kept = head(database)
    tamper(
        "DELETE FROM audit_entry WHERE subject_id = 'C-4'", "DELETE FROM audit_link WHERE seq = 4",
        "UPDATE audit_head SET seq = 3, hash = (SELECT hash FROM audit_link WHERE seq = 3)",
    )  # fmt: skip
    assert verify(database, []).breach is None
    assert breach(database, kept) == (
        4,
        "The audit trail is broken: the trail ends at row 3, and row 4 was anchored: it was cut; "
        "the first 3 rows hold.",
    )


def test_a_chain_written_anew_from_end_to_end_is_found_by_the_anchor(database: Database, tamper: Any) -> None:
    write(database, 4)
    kept = head(database)
    # With the triggers off nothing seals; so copy, empty everything, and let them write it again.
    tamper(
        "CREATE TEMPORARY TABLE kept AS SELECT * FROM audit_entry ORDER BY at",
        "UPDATE kept SET reason = 'Never seen.' WHERE subject_id = 'C-2'",
        "DELETE FROM audit_link", "DELETE FROM audit_entry",
        "UPDATE audit_head SET seq = 0, hash = sha256('')",
        "SET session_replication_role = origin",
        "INSERT INTO audit_entry SELECT * FROM kept",
    )  # fmt: skip
    assert verify(database, []).breach is None
    seq, sentence = breach(database, kept)
    assert seq == 4
    assert "row 4 is not the row that was anchored; the chain was written anew" in sentence


def test_a_row_put_in_beside_the_chain_is_found(database: Database, tamper: Any) -> None:
    write(database, 2)
    tamper("INSERT INTO audit_entry SELECT (jsonb_populate_record(e, jsonb_build_object("
           "'id', gen_random_uuid(), 'action', 'claim.pay'))).* FROM audit_entry e LIMIT 1")  # fmt: skip
    assert breach(database) == (
        None,
        "The audit trail is broken: a row was put in beside the chain (claim.pay by Rita Berg); "
        "the first 2 rows hold.",
    )


# -- the commands and the job --------------------------------------------------------------------------


@pytest.fixture
def settings(database_urls: ServiceUrls, redis_url: str, tmp_path: Path) -> Settings:
    return Settings(
        DATABASE_URL=database_urls.database, DATABASE_OWNER_URL=database_urls.database_owner,
        REDIS_URL=redis_url, TANDEM_DATA_DIR=tmp_path,
    )  # fmt: skip


def run(settings: Settings, *words: str) -> Result:
    environment = {
        "DATABASE_URL": settings.database_url,
        "REDIS_URL": settings.redis_url,
        "TANDEM_DATA_DIR": str(settings.data_dir),
    }
    return CliRunner(env=environment).invoke(tandem, ["audit", *words])


def test_the_job_anchors_the_head_outside_the_database(
    database: Database, settings: Settings, tamper: Any
) -> None:
    file = settings.data_dir / "audit.anchors"
    write(database, 2)
    job.anchor(settings)
    job.anchor(settings)
    write(database, 1, start=3)
    job.anchor(settings)
    assert [one["seq"] for one in map(json.loads, file.read_text().splitlines())] == [2, 3]
    assert file.stat().st_mode & 0o777 == 0o600
    held = run(settings, "verify")
    assert (held.exit_code, held.output.count("2 anchors agree")) == (0, 1)
    assert held.output.endswith(f"Head, to keep elsewhere: {head(database)}\n")

    tamper(
        "DELETE FROM audit_entry WHERE subject_id = 'C-3'", "DELETE FROM audit_link WHERE seq = 3",
        "UPDATE audit_head SET seq = 2, hash = (SELECT hash FROM audit_link WHERE seq = 2)",
    )  # fmt: skip
    broken = run(settings, "verify")
    assert broken.exit_code == 1
    assert broken.stdout == (
        "The audit trail is broken: the trail ends at row 2, and row 3 was anchored: it was cut; "
        "the first 2 rows hold.\n"
    )


def test_a_head_kept_elsewhere_is_compared_too(database: Database, settings: Settings) -> None:
    write(database, 2)
    kept = str(head(database))
    assert run(settings, "verify", "--anchor", kept).exit_code == 0
    wrong = run(settings, "verify", "--anchor", f"1:{'0' * 64}")
    assert (wrong.exit_code, "row 1 is not the row that was anchored" in wrong.stdout) == (1, True)
    assert "This is no anchor" in str(run(settings, "verify", "--anchor", "1042").exception)


def test_another_database_under_the_same_anchors_is_noticed_until_an_admin_says_so(
    database: Database, settings: Settings
) -> None:
    write(database)
    other = Anchor(uuid4(), 7, "ab" * 32)
    anchors.keep(anchors.path(settings.data_dir), other)
    broken = run(settings, "verify")
    assert (broken.exit_code, "belong to another trail" in broken.stdout) == (1, True)
    renewed = run(settings, "anchor", "--new")
    assert renewed.exit_code == 0
    assert run(settings, "verify").exit_code == 0
    assert len(list(settings.data_dir.glob("audit.anchors.*"))) == 1


def test_an_anchor_that_a_crash_cut_short_is_written_again(database: Database, settings: Settings) -> None:
    file = anchors.path(settings.data_dir)
    write(database)
    job.anchor(settings)
    whole = file.read_text()
    write(database, start=2)
    file.write_text(whole + '{"chain": "')
    assert run(settings, "verify").exit_code == 0
    job.anchor(settings)
    assert [anchor.seq for anchor in anchors.read(file)] == [1, 2]
    file.write_text("{}\n")
    assert "A line of the file is no anchor" in str(run(settings, "verify").exception)


def test_rows_are_shown_by_subject_and_one_row_is_one_line(database: Database, settings: Settings) -> None:
    write(database, 2)
    with database.session(SYSTEM) as session:
        record(session, operator(), "right.grant", subject=("user", "x@y"), reason="first\n     2  forged")
    shown = run(settings, "show", "--subject", "claim:C-2")
    [line] = shown.output.splitlines()
    assert "claim.approve" in line
    assert 'by Rita Berg  “Checked.”  before={"state": "submitted"}' in line
    assert len(run(settings, "show", "--action", "claim").output.splitlines()) == 2
    assert len(run(settings, "show").output.splitlines()) == 3
    assert run(settings, "show", "--actor", str(uuid4())).stdout == ""
    [row] = map(json.loads, run(settings, "show", "--subject", "user", "--json").output.splitlines())
    assert (row["action"], row["number"], row["reason"]) == ("right.grant", 3, "first\n     2  forged")


# -- what the service writes, and who reads it -----------------------------------------------------------


def actions(reader: Caller, **query: Any) -> list[str]:
    answer = reader.get("/api/audit", **query)
    assert answer.status_code == 200, answer.get_json()
    return [row["action"] for row in answer.get_json()["items"]]


def test_a_deals_way_is_in_the_trail_with_states_reason_and_amount(company: Company) -> None:
    anna = company.partner_user(company.partner("Rhein Automation"))
    rep, reader = company.rep(), company.rep("Ada", "Audit", rights=("audit.read",))
    deal = anna.register()
    rep.decide(deal, "request_info", "Which plant?")
    assert anna.on_request(deal, "answer", reason="Lohr.").status_code == 200
    rep.decide(deal, "approve")
    subject = {"subject_kind": "deal_registration", "subject_id": deal["id"]}
    rows = reader.get("/api/audit", **subject).get_json()["items"]
    assert [(row["action"], row["actor_name"], row["reason"]) for row in rows] == [
        ("deal.approve", "Robin Berg", ""),
        ("deal.answer", "Anna Weiss", "Lohr."),
        ("deal.request-info", "Robin Berg", "Which plant?"),
        ("deal.submit", "Anna Weiss", ""),
    ]
    assert rows[0]["before"] == {"state": "submitted"}
    assert (rows[0]["after"]["state"], rows[0]["after"]["amount"]) == ("approved", "48600.00")
    assert {row["partner_account_id"] for row in rows} == {deal["partner_account_id"]}
    asked = {"subject_kind": "approval_request", "subject_id": deal["request_id"]}
    rows = reader.get("/api/audit", **asked).get_json()["items"]
    assert [row["action"] for row in rows] == [
        "request.authorize", "request.approved", "request.answered", "request.info_needed",
        "request.submitted",
    ]  # fmt: skip
    assert verify(company.database, []).breach is None


def test_the_trail_is_paged_and_filtered_by_actor_and_time(company: Company) -> None:
    reader = company.rep("Ada", "Audit", rights=("audit.read",))
    write(company.database, 7)
    with company.database.session(SYSTEM) as session:
        record(session, SYSTEM, "partner.end", subject=("partner", PARTNER))
    seen, cursor = [], ""
    while True:
        page = reader.get("/api/audit", limit=3, cursor=cursor, action="claim").get_json()
        seen += [row["number"] for row in page["items"]]
        write(company.database, 1, start=100)
        if (cursor := page["next"]) is None:
            break
    assert seen == [7, 6, 5, 4, 3, 2, 1]
    assert set(actions(reader, actor_id=str(RITA.user_id))) == {"claim.approve"}
    assert actions(reader, action="partner") == ["partner.end"]
    assert actions(reader, action="part") == []
    [at] = company.sql("SELECT at FROM audit_entry WHERE action = 'partner.end'")
    assert actions(reader, since=at["at"].isoformat(), action="partner.end") == ["partner.end"]
    assert actions(reader, until=at["at"].isoformat(), action="partner.end") == []
    refused = reader.get("/api/audit", since="2026-01-01T00:00:00")
    assert (refused.status_code, list(refused.get_json()["fields"])) == (400, ["since"])


def test_the_trail_is_read_with_the_right_for_it_alone(company: Company) -> None:
    rep, anna = company.rep(), company.partner_user(company.partner("Rhein Automation"))
    assert rep.get("/api/audit").status_code == 403
    assert anna.get("/api/audit").status_code == 403
    assert company.nobody.get("/api/audit").status_code == 401


def test_rights_given_on_the_command_line_are_in_the_trail(company: Company, settings: Settings) -> None:
    rep = company.rep(decides=False)
    [user] = company.sql("SELECT username FROM crm_user WHERE id = :id", id=rep.user_id)
    environment = {"DATABASE_URL": settings.database_url, "REDIS_URL": settings.redis_url}
    for verb in ("grant", "withdraw"):
        words = ["rights", verb, "requests.manage", user["username"]]
        assert CliRunner(env=environment).invoke(tandem, words).exit_code == 0
    rows = company.sql("SELECT action, subject_id, actor_name, before, after FROM audit_entry ORDER BY at")
    assert [(row["action"], row["before"], row["after"]) for row in rows] == [
        ("right.grant", None, {"right": "requests.manage"}),
        ("right.withdraw", {"right": "requests.manage"}, None),
    ]
    assert {row["subject_id"] for row in rows} == {user["username"]}
    assert rows[0]["actor_name"].endswith(" at the command line")


def test_a_change_of_the_mappings_is_in_the_trail(company: Company) -> None:
    documents = mapping_store.read_files(PROJECT / "mappings")
    with company.database.session(SYSTEM) as session:
        mapping_store.apply(session, documents, by="Ada", note="As shipped")
        mapping_store.apply(session, documents, by="Ada", note="The same again")
    [row] = company.sql("SELECT actor_name, reason, before, after FROM audit_entry")
    assert (row["actor_name"], row["reason"], row["before"]) == ("Ada", "As shipped", None)
    assert row["after"]["version"] == 1


def test_a_verdict_on_one_row_speaks_of_one(database: Database) -> None:
    write(database)
    verdict: Verdict = verify(database, [])
    assert verdict.sentence.startswith("The audit trail holds: 1 row from ")
    assert verdict.sentence.endswith("UTC, no anchor is kept here.")

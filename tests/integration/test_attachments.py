"""Files of requests: what is taken, who gets it, and what a scanner has to say."""

from __future__ import annotations

import io
import socketserver
import struct
import threading
import zipfile
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from psycopg.errors import InsufficientPrivilege, RestrictViolation
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from app.approvals.attachments import service
from app.approvals.attachments.scanning import EICAR, clamd
from app.kernel.actor import SYSTEM, Actor
from app.kernel.errors import Unavailable
from jobs.attachments import scan
from tests.fixtures.approvals import Desk, chain
from tests.fixtures.web import Caller

PDF = b"%PDF-1.7\n1 0 obj << /Type /Catalog >> endobj\n%%EOF\n"
PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
FORM = """
form:
  sections:
    - key: all
      title: All
      fields:
        - {key: amount, type: text, label: Amount}
        - {key: proof, type: file, label: Proof, accept: [pdf], max_mb: 1, max_count: 2}
        - {key: notes, type: file, label: Notes, visible: {field: user.scope, op: eq, value: staff}}
"""


def office(**parts: bytes) -> bytes:
    """An Office document with these parts beside those that each has."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", b"<Types/>")
        archive.writestr("word/document.xml", b"<document/>")
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


@pytest.fixture
def anna(desk: Desk) -> Caller:
    desk.publish(chain("channel_manager") + FORM)
    return desk.partner_user()


@pytest.fixture
def draft(desk: Desk, anna: Caller) -> dict[str, Any]:
    return desk.ask(anna, submit=False)


def attach(
    caller: Caller, request: dict[str, Any], content: bytes = PDF, name: str = "offer.pdf", **query: str
) -> Any:
    return caller.call(
        "POST", f"/api/requests/{request['id']}/attachments",
        data=content, query_string={"name": name, **query}, content_type="application/octet-stream",
    )  # fmt: skip


def kept(caller: Caller, request: dict[str, Any]) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = caller.get(f"/api/requests/{request['id']}/attachments").get_json()["items"]
    return items


def test_a_file_comes_back_as_it_was_sent_and_is_never_shown_by_the_browser(
    anna: Caller, draft: dict[str, Any]
) -> None:
    content = PDF + bytes(range(256)) * 3000
    made = attach(anna, draft, content, "Angebot Größe 5.pdf", field="proof")
    assert made.status_code == 201, made.get_json()
    file = made.get_json()
    assert (file["name"], file["size"], file["state"]) == ("Angebot Größe 5.pdf", len(content), "clean")
    assert (file["field"], file["media_type"], file["uploaded_by"]) == (
        "proof",
        "application/pdf",
        "Anna Weiss",
    )
    answer = anna.get(f"/api/requests/{draft['id']}/attachments/{file['id']}")
    assert (answer.status_code, answer.data) == (200, content)
    assert answer.headers["Content-Disposition"] == (
        "attachment; filename=\"Angebot Groe 5.pdf\"; filename*=UTF-8''Angebot%20Gr%C3%B6%C3%9Fe%205.pdf"
    )
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/pdf"


def test_a_form_with_a_file_does_as_well(anna: Caller, draft: dict[str, Any]) -> None:
    answer = anna.call(
        "POST", f"/api/requests/{draft['id']}/attachments",
        data={"file": (io.BytesIO(PNG), "../../etc/plan.png")}, content_type="multipart/form-data",
    )  # fmt: skip
    assert (answer.status_code, answer.get_json()["name"]) == (201, "plan.png")
    nothing = anna.call(
        "POST", f"/api/requests/{draft['id']}/attachments", data={}, content_type="multipart/form-data"
    )
    assert (nothing.status_code, nothing.get_json()["fields"]["file"]) == (
        400, "Send one part with the name file.",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("offer.exe", b"MZ" + b"\0" * 60, "offer.exe is of a type that is not taken here. Send one of these"),
        ("offer", PDF, "offer is of a type that is not taken here."),
        ("offer.pdf", PNG, "offer.pdf does not hold what its name says (pdf). Save it anew in the right"),
        ("offer.pdf.exe", PDF, "offer.pdf.exe is of a type that is not taken here."),
        ("page.txt", b"<html><script>alert(1)</script>", "page.txt does not hold what its name says (txt)."),
        ("offer.docx", b"PK\x03\x04" + b"\0" * 30, "offer.docx does not hold what its name says (docx)."),
        ("macro.docx", office(**{"word/vbaProject.bin": b"x"}), "macro.docx does not hold what its name"),
        ("sheet.xlsx", office(), "sheet.xlsx does not hold what its name says (xlsx)."),
        ("virus.txt", EICAR, "It is the test file of virus scanners. Send a file without it."),
        ("virus.docx", office(evil=EICAR), "It holds the test file of virus scanners."),
        ("bomb.docx", office(bomb=b"\0" * 30_000_000), "It would become far too large when it is opened."),
        ("runs.pdf", PDF + b"/OpenAction << /S /JavaScript >>", "The PDF runs a program or carries other"),
    ],
)
def test_what_cannot_be_trusted_is_refused_in_words_and_not_kept(
    anna: Caller, draft: dict[str, Any], name: str, content: bytes, sentence: str
) -> None:
    answer = attach(anna, draft, content, name)
    assert (answer.status_code, answer.get_json()["code"]) == (400, "file_refused")
    assert sentence in answer.get_json()["fields"]["file"]
    assert kept(anna, draft) == []


def test_nothing_at_all_and_too_much_are_refused(anna: Caller, draft: dict[str, Any]) -> None:
    empty = attach(anna, draft, b"")
    assert empty.get_json()["fields"] == {"file": "Send the file as the body of the request."}
    large = attach(anna, draft, PDF + b"\0" * 1_000_000, field="proof")
    assert large.get_json()["fields"]["file"] == (
        "offer.pdf is larger than 1 MB. Send a file of at most 1 MB."
    )
    huge = attach(anna, draft, PDF + b"\0" * 26_000_000)
    assert huge.status_code == 413
    other = anna.call("POST", "/api/deals", data=b"x" * 1_000_001, content_type="application/json")
    assert other.status_code == 413


def test_a_field_takes_its_own_types_and_so_many(anna: Caller, draft: dict[str, Any]) -> None:
    wrong = attach(anna, draft, PNG, "plan.png", field="proof")
    assert wrong.get_json()["fields"]["file"] == (
        "plan.png is of a type that is not taken here. Send one of these types: pdf."
    )
    for number in range(2):
        assert attach(anna, draft, PDF + b"%d" % number, field="proof").status_code == 201
    third = attach(anna, draft, PDF + b"3", field="proof")
    assert third.get_json()["fields"]["file"] == (
        "“Proof” has 2 files already. Remove one before you add another."
    )
    for field in ("amount", "notes", "nothing"):
        assert attach(anna, draft, field=field).get_json()["fields"] == {
            "field": "Name a field of the form that takes files, or leave it out."
        }


def test_a_request_holds_so_much_and_no_more(
    anna: Caller, draft: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_BYTES", 2 * len(PDF))
    assert attach(anna, draft, PDF).status_code == 201
    assert attach(anna, draft, PDF[:-1]).status_code == 201
    over = attach(anna, draft, PDF[:-2])
    assert over.status_code == 400
    assert "The request would hold more than 50 files" in over.get_json()["fields"]["file"]


def test_all_requests_of_a_partner_hold_so_much_and_no_more(
    desk: Desk, anna: Caller, draft: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_OF_PARTNER", 2 * len(PDF))
    other = desk.ask(anna, submit=False)
    assert [attach(anna, request).status_code for request in (draft, other)] == [201, 201]
    over = attach(anna, other, PDF + b"1")
    assert over.status_code == 400
    assert "The files of all requests of this partner" in over.get_json()["fields"]["file"]
    piet = desk.partner_user("Polderland Besturing")
    assert attach(piet, desk.ask(piet, submit=False)).status_code == 201


def test_the_same_content_is_kept_once(anna: Caller, draft: dict[str, Any]) -> None:
    first, second = attach(anna, draft).get_json(), attach(anna, draft, name="again.pdf").get_json()
    assert first["id"] == second["id"]
    assert attach(anna, draft, field="proof").get_json()["id"] != first["id"]
    assert len(kept(anna, draft)) == 2


def test_a_file_can_go_until_somebody_decides_on_it(desk: Desk, anna: Caller, draft: dict[str, Any]) -> None:
    manager = desk.person("Mia Kern", "channel_manager")
    one, two = attach(anna, draft).get_json(), attach(anna, draft, PDF + b"2").get_json()
    path = f"/api/requests/{draft['id']}/attachments"
    gone = anna.call("DELETE", f"{path}/{one['id']}")
    assert [item["id"] for item in gone.get_json()["items"]] == [two["id"]]
    assert gone.get_json()["actions"] == ["attach", "detach"]
    assert anna.call("DELETE", f"{path}/{one['id']}").status_code == 404
    assert desk.rows("SELECT * FROM attachment_piece WHERE attachment_id = :id", id=one["id"]) == []
    desk.do(anna, draft, "submit")
    refused = anna.call("DELETE", f"{path}/{two['id']}")
    assert (refused.status_code, refused.get_json()["state"]) == (409, "submitted")
    late = attach(anna, draft, PDF + b"3")
    assert (late.status_code, late.get_json()["state"]) == (409, "submitted")
    assert [who.get(path).get_json()["actions"] for who in (anna, manager)] == [[], ["attach"]]
    desk.decide(manager, draft, "request_info", "Send the quotation.")
    assert anna.get(path).get_json()["actions"] == ["attach"]
    assert attach(anna, draft, PDF + b"4").status_code == 201
    actions = desk.rows("SELECT action FROM audit_entry WHERE action LIKE 'attachment.%' ORDER BY at")
    assert [row["action"] for row in actions] == [
        "attachment.add", "attachment.add", "attachment.remove", "attachment.add",
    ]  # fmt: skip


def test_the_api_says_that_it_takes_a_file(desk: Desk) -> None:
    paths = desk.company.nobody.get("/openapi.json").get_json()["paths"]
    described = paths["/api/requests/{request_id}/attachments"]["post"]
    assert set(described["requestBody"]["content"]) == {"application/octet-stream", "multipart/form-data"}
    assert {one["name"] for one in described["parameters"]} == {"request_id", "field", "name", "visible"}


# -- the scanner ---------------------------------------------------------------------------------------


def silent(_name: str, _content: bytes) -> str:
    raise Unavailable("The virus scanner does not answer.")


def test_while_the_scanner_is_silent_a_file_waits_in_quarantine(
    desk: Desk, anna: Caller, draft: dict[str, Any]
) -> None:
    desk.company.app.extensions["scanner"] = silent
    file = attach(anna, draft).get_json()
    bad = attach(anna, draft, b"hello " + EICAR, "note.txt").get_json()
    assert (file["state"], bad["state"]) == ("quarantine", "quarantine")
    path = f"/api/requests/{draft['id']}/attachments"
    early = anna.get(f"{path}/{file['id']}")
    assert (early.status_code, early.get_json()["detail"]) == (
        409, "offer.pdf has not been checked yet. Try again in a few minutes.",
    )  # fmt: skip
    with desk.company.database.session(SYSTEM) as session:
        assert service.scan_waiting(session, silent) == 0
    with desk.company.database.session(SYSTEM) as session:
        assert service.waiting(session) == 2
    scan(desk.company.app.extensions["tandem"].settings)
    scan(desk.company.app.extensions["tandem"].settings)
    with desk.company.database.session(SYSTEM) as session:
        assert service.waiting(session) == 0
    assert anna.get(f"{path}/{file['id']}").data == PDF
    refused = anna.get(f"{path}/{bad['id']}")
    assert refused.get_json()["detail"] == (
        "note.txt was refused and is gone. It is the test file of virus scanners. Ask for the file again."
    )
    assert desk.rows("SELECT * FROM attachment_piece WHERE attachment_id = :id", id=bad["id"]) == []


class Clamd(socketserver.StreamRequestHandler):
    """Speaks as ClamAV's daemon does; finds what begins with VIRUS."""

    def handle(self) -> None:
        assert self.rfile.read(10) == b"zINSTREAM\0"
        content = b""
        while size := struct.unpack("!I", self.rfile.read(4))[0]:
            content += self.rfile.read(size)
        verdict = b"stream: Test.Virus FOUND" if content.startswith(b"VIRUS") else b"stream: OK"
        self.wfile.write(
            (b"INSTREAM size limit exceeded. ERROR" if len(content) > 3_000_000 else verdict) + b"\0"
        )


@pytest.fixture
def daemon() -> Iterator[tuple[str, int]]:
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Clamd) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield server.server_address[0], server.server_address[1]
        server.shutdown()


def test_a_virus_scanner_beside_it_is_asked(daemon: tuple[str, int]) -> None:
    scan = clamd(*daemon)
    assert scan("a.txt", b"hello" * 400_000) == ""
    assert scan("a.txt", b"VIRUS inside") == "A virus scanner found Test.Virus."
    assert scan("a.txt", EICAR) == "It is the test file of virus scanners."
    with pytest.raises(Unavailable, match="could not say"):
        scan("a.txt", b"x" * 3_000_001)
    with pytest.raises(Unavailable, match="does not answer"):
        clamd("127.0.0.1", 1)("a.txt", b"hello")


# -- who gets it ---------------------------------------------------------------------------------------


def test_another_partner_learns_nothing_of_a_file(desk: Desk, anna: Caller, draft: dict[str, Any]) -> None:
    file = attach(anna, draft).get_json()
    piet = desk.partner_user("Polderland Besturing")
    path = f"/api/requests/{draft['id']}/attachments"
    none = f"/api/requests/{uuid4()}/attachments"
    for method, theirs, nothing in (
        ("GET", path, none), ("GET", f"{path}/{file['id']}", f"{none}/{file['id']}"),
        ("DELETE", f"{path}/{file['id']}", f"{none}/{file['id']}"), ("POST", path, none),
    ):  # fmt: skip
        one, two = piet.call(method, theirs), piet.call(method, nothing)
        assert (one.status_code, two.status_code) == (404, 404)
        assert one.get_json() | {"request_id": ""} == two.get_json() | {"request_id": ""}
    own = desk.ask(piet, submit=False)
    assert piet.get(f"/api/requests/{own['id']}/attachments/{file['id']}").status_code == 404


def test_what_is_for_the_company_alone_stays_there(desk: Desk, anna: Caller, draft: dict[str, Any]) -> None:
    manager = desk.person("Mia Kern", "channel_manager")
    desk.do(anna, draft, "submit")
    inner = attach(manager, draft, PDF + b"internal", "margin.pdf", visible="company")
    assert (inner.status_code, inner.get_json()["visible"]) == (201, "company")
    assert [item["name"] for item in kept(manager, draft)] == ["margin.pdf"]
    assert kept(anna, draft) == []
    path = f"/api/requests/{draft['id']}/attachments/{inner.get_json()['id']}"
    assert anna.get(path).status_code == 404


def test_the_database_itself_keeps_files_apart_and_unchanged(
    desk: Desk, anna: Caller, draft: dict[str, Any]
) -> None:
    file = attach(anna, draft).get_json()
    other = Actor("partner", "Piet", partner_id=desk.company.partner("Polderland"))
    with desk.company.database.session(other) as session:
        for table in ("attachment", "attachment_piece"):
            assert session.execute(text(f"SELECT count(*) FROM {table}")).scalar_one() == 0
    with pytest.raises(DBAPIError) as caught, desk.company.database.session(other) as session:
        session.execute(text("INSERT INTO attachment_piece VALUES (:id, 9, 'x')"), {"id": file["id"]})
    assert isinstance(caught.value.orig, InsufficientPrivilege)
    with pytest.raises(DBAPIError) as caught, desk.company.database.session(SYSTEM) as session:
        session.execute(text("UPDATE attachment SET name = 'x' WHERE id = :id"), {"id": file["id"]})
    assert isinstance(caught.value.orig, RestrictViolation)

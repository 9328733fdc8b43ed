"""What a file is, by its content and by its name."""

from __future__ import annotations

import io
import re
import zipfile

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.approvals.forms.filetypes import EXTENSIONS, LONGEST_NAME, extension_of, safe_name, type_of
from app.web.files import disposition


def office(part: str, *more: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in ("[Content_Types].xml", part, *more):
            archive.writestr(name, b"<x/>")
    return file.getvalue()


#: A smallest file of each type.
SAMPLES = {
    "pdf": b"%PDF-1.7\n", "png": b"\x89PNG\r\n\x1a\n\0", "jpg": b"\xff\xd8\xff\xe0",
    "jpeg": b"\xff\xd8\xff\xe1",
    "gif": b"GIF89a..", "webp": b"RIFF\x04\0\0\0WEBPVP8 ", "docx": office("word/document.xml"),
    "xlsx": office("xl/workbook.xml"), "pptx": office("ppt/presentation.xml"),
    "csv": "Größe;Menge\r\n5;1\r\n".encode("cp1252"), "txt": "見積書\n".encode(),
}  # fmt: skip
ALIKE = {"jpg": {"jpg", "jpeg"}, "jpeg": {"jpg", "jpeg"}, "csv": {"csv", "txt"}, "txt": {"csv", "txt"}}


def test_a_file_is_what_content_and_name_agree_on() -> None:
    assert set(SAMPLES) == set(EXTENSIONS)
    for kind, content in SAMPLES.items():
        taken = {extension for extension in EXTENSIONS if type_of(f"a.{extension}", content)}
        assert taken == ALIKE.get(kind, {kind}), kind
        assert type_of(f"A.{kind.upper()}", content) is EXTENSIONS[kind]


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.txt", b"MZ\x90\0"), ("a.txt", b"#!/bin/sh\nrm"), ("a.csv", b"  <!DOCTYPE html>"),
        ("a.csv", b"<script>x</script>"), ("a.txt", b"%PDF-1.7"), ("a.txt", b"a\0b"), ("a.svg", b"<svg/>"),
        ("a.html", b"<html>"), ("a.docm", office("word/document.xml")), ("a", SAMPLES["pdf"]),
        ("pdf", SAMPLES["pdf"]), (".pdf", SAMPLES["pdf"]), ("a.pdf ", SAMPLES["pdf"]),
        ("a.docx", office("word/document.xml", "word/vbaProject.bin")), ("a.docx", b"PK\x03\x04rubbish"),
        ("a.zip", office("x")), ("a.pdf", b" " + SAMPLES["pdf"]),
    ],
)  # fmt: skip
def test_what_is_none_of_ours_is_not_taken(name: str, content: bytes) -> None:
    assert type_of(name, content) is None


def test_text_is_taken_in_the_alphabets_of_offices() -> None:
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "cp1252"):
        assert type_of("a.csv", "Größe;5 €\r\n".encode(encoding)), encoding


@pytest.mark.parametrize(
    ("given_name", "safe"),
    [
        ("offer.pdf", "offer.pdf"), ("Angebot Größe 5.pdf", "Angebot Größe 5.pdf"),
        ("見積書.pdf", "見積書.pdf"),
        ("../../etc/passwd", "passwd"), ("C:\\Users\\x\\offer.pdf", "offer.pdf"), ("..", "file"),
        ("", "file"),
        ("CON.pdf", "_CON.pdf"), ("nul", "_nul"), ("a\u202efdp.exe", "a_fdp.exe"), ("a\r\nb.pdf", "a__b.pdf"),
        ("<a>:?.pdf", "_a___.pdf"), ("x" * 300 + ".pdf", "x" * 116 + ".pdf"), (" .pdf. ", "pdf"),
    ],
)  # fmt: skip
def test_a_name_is_made_harmless(given_name: str, safe: str) -> None:
    assert safe_name(given_name) == safe


@given(st.text(max_size=300) | st.from_regex(r"[./\\a-zA-Z:\x00-\x1f]{0,200}\.[a-z]{0,12}"))
def test_any_name_is_made_harmless_and_stays_so(name: str) -> None:
    safe = safe_name(name)
    assert 0 < len(safe) <= LONGEST_NAME
    assert not re.search(r"[/\\\x00-\x1f\x7f\u202a-\u202e]", safe)
    assert not safe.startswith(".")
    assert safe_name(safe) == safe
    header = disposition(safe)
    assert "\n" not in header
    assert header.isascii()


@given(st.binary(max_size=200), st.sampled_from(sorted(EXTENSIONS)))
def test_any_content_is_recognised_or_not(content: bytes, extension: str) -> None:
    for whole in (content, SAMPLES[extension] + content, SAMPLES[extension][:6] + content):
        found = type_of(f"a.{extension}", whole)
        assert found is None or found.media_type
    assert extension_of(f"a.b.{extension}") == extension

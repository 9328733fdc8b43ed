"""Which files are accepted, and how their first bytes tell what they are.

A closed list: what cannot be recognised by its content is refused, whatever its name says. Of several types
in one container (Office documents are zip archives) a part inside tells which it is.
"""

from __future__ import annotations

import re
import unicodedata
import zipfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from io import BytesIO


@dataclass(frozen=True, slots=True)
class FileType:
    """A type of file: its media type, and whether content is of it."""

    media_type: str
    fits: Callable[[bytes], bool]


def _begins(*signs: bytes) -> Callable[[bytes], bool]:
    return lambda content: content.startswith(signs)


def _webp(content: bytes) -> bool:
    return content[:4] == b"RIFF" and content[8:12] == b"WEBP"


def _office(part: str) -> Callable[[bytes], bool]:
    """An Office document with that part, without macros; only the archive's directory is read."""

    def fits(content: bytes) -> bool:
        if not content.startswith(b"PK\x03\x04"):
            return False
        try:
            with zipfile.ZipFile(BytesIO(content)) as archive:
                names = archive.namelist()
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            return False
        macros = any(name.lower().endswith("vbaproject.bin") for name in names)
        return "[Content_Types].xml" in names and part in names and not macros

    return fits


def _text(content: bytes) -> bool:
    """Text in UTF-8, UTF-16 with its mark, or Windows' Western alphabet; no markup, no program."""
    if content.startswith(_BINARY):
        return False
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return _is_text(content.decode("utf-16"))
        except UnicodeDecodeError:
            return False
    try:
        return _is_text(content.decode("utf-8-sig"))
    except UnicodeDecodeError:
        # Almost any bytes are letters of that alphabet; a text has mostly plain ones.
        foreign = sum(byte > 0x7F for byte in content)
        try:
            return foreign * 3 < len(content) and _is_text(content.decode("cp1252"))
        except UnicodeDecodeError:
            return False


_BINARY = (
    b"\xff\xd8\xff",
    b"\x89PNG",
    b"GIF8",
    b"RIFF",
    b"PK",
    b"MZ",
    b"\x7fELF",
    b"%PDF",
    b"\xca\xfe\xba\xbe",
)
_MARKUP = re.compile(r"\s*(<[!?a-z]|%PDF|#!|MZ)", re.IGNORECASE)


def _is_text(text: str) -> bool:
    return not re.search(r"[\x00-\x08\x0e-\x1f\x7f]", text) and not _MARKUP.match(text)


_OPEN_XML = "application/vnd.openxmlformats-officedocument."
#: By extension. No archives, no programs, no documents that run code (svg, html, docm).
EXTENSIONS: Mapping[str, FileType] = {
    "pdf": FileType("application/pdf", _begins(b"%PDF-")),
    "png": FileType("image/png", _begins(b"\x89PNG\r\n\x1a\n")),
    "jpg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    "jpeg": FileType("image/jpeg", _begins(b"\xff\xd8\xff")),
    "gif": FileType("image/gif", _begins(b"GIF87a", b"GIF89a")),
    "webp": FileType("image/webp", _webp),
    "docx": FileType(_OPEN_XML + "wordprocessingml.document", _office("word/document.xml")),
    "xlsx": FileType(_OPEN_XML + "spreadsheetml.sheet", _office("xl/workbook.xml")),
    "pptx": FileType(_OPEN_XML + "presentationml.presentation", _office("ppt/presentation.xml")),
    "csv": FileType("text/csv", _text),
    "txt": FileType("text/plain", _text),
}
#: What a field of files takes where the form does not say.
USUAL = ("pdf", "png", "jpg", "jpeg", "docx", "xlsx", "pptx", "csv", "txt")
_STRANGE = re.compile(r"[\x00-\x1f\x7f<>:\"/\\|?*\ud800-\udfff\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_DEVICES = re.compile(r"(con|prn|aux|nul|com[0-9]|lpt[0-9])(\..*)?", re.IGNORECASE)
LONGEST_NAME = 120


def extension_of(name: str) -> str:
    """The extension in small letters, without the dot; empty where there is none."""
    stem, dot, extension = name.rpartition(".")
    return extension.lower() if dot and stem else ""


def type_of(name: str, content: bytes) -> FileType | None:
    """The type that both the name and the content tell; None where they disagree or it is none of ours."""
    found = EXTENSIONS.get(extension_of(name))
    return found if found is not None and found.fits(content) else None


def safe_name(name: str) -> str:
    """A name to show and to save under: no path, no control or direction characters, not too long."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    clean = _STRANGE.sub("_", last).strip(" .")
    if _DEVICES.fullmatch(clean):
        clean = f"_{clean}"
    extension = extension_of(clean)
    stem = clean[: -len(extension) - 1] if extension else clean
    if len(clean) > LONGEST_NAME:
        stem = stem[: LONGEST_NAME - len(extension) - 1].rstrip(" .")
    stem = stem or "file"
    return f"{stem}.{extension}" if extension else stem

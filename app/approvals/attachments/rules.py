"""What files a field takes, and the refusals of others."""

from __future__ import annotations

from dataclasses import dataclass

from app.approvals.forms import ResolvedForm
from app.approvals.forms.document import LARGEST_FILE_MB, MEGABYTE
from app.approvals.forms.filetypes import EXTENSIONS, USUAL, extension_of, safe_name, type_of
from app.kernel.errors import BadInput
from app.words import Names, say

LARGEST = LARGEST_FILE_MB * MEGABYTE
#: Of one field that has no rules, and of no field.
USUAL_FILES, USUAL_BYTES = 10, 10 * MEGABYTE


@dataclass(frozen=True, slots=True)
class Rules:
    """What a field takes."""

    label: str = ""
    extensions: tuple[str, ...] = USUAL
    max_bytes: int = USUAL_BYTES
    max_count: int = USUAL_FILES


def rules_of(form: ResolvedForm | None, field: str) -> Rules:
    """What a field of the form takes from this reader. Raises BadInput where it takes no files."""
    if not field:
        return Rules()
    for section in form.sections if form else ():
        for one in section.fields:
            if one.name == field and one.accepts is not None and one.visible and not one.read_only:
                found = one.accepts
                return Rules(one.label, tuple(found.extensions), found.max_bytes, found.max_count)
    raise BadInput(
        say("The form takes no file there."),
        fields={"field": say("Name a field of the form that takes files, or leave it out.")},
    )


def fitting(name: str, content: bytes, rules: Rules) -> str:
    """The name under which a file is kept. Raises BadInput for one that the field does not take."""
    clean = safe_name(name)
    extension = extension_of(clean)
    if not content:
        raise refusal(say("{clean} is empty.", clean=clean), say("Choose a file that holds something."))
    if len(content) > rules.max_bytes:
        most = rules.max_bytes // MEGABYTE
        raise refusal(
            say("{clean} is larger than {most} MB.", clean=clean, most=most),
            say("Send a file of at most {most} MB.", most=most),
        )
    if extension not in rules.extensions or extension not in EXTENSIONS:
        raise refusal(
            say("{clean} is of a type that is not taken here.", clean=clean),
            say("Send one of these types: {choices}.", choices=Names(tuple(rules.extensions), ",")),
        )
    if type_of(clean, content) is None:
        raise refusal(
            say("{clean} does not hold what its name says ({extension}).", clean=clean, extension=extension),
            say("Save it anew in the right format, or correct its name."),
        )
    return clean


def refusal(what: str, remedy: str) -> BadInput:
    """The error for a file that is not taken."""
    return BadInput(what, fields={"file": f"{what} {remedy}"}, remedy=remedy, code="file_refused")

"""A refusal in plain words: what Salesforce did not like, and who can mend it where."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from app.salesforce.errors import (
    AuthError,
    ErrorKind,
    QueryTimeout,
    QuotaExceeded,
    RecordRefused,
    SalesforceError,
    SalesforceUnavailable,
    SchemaError,
    classify,
)
from app.words import Sentence, places, say, together

if TYPE_CHECKING:
    from app.salesforce.records import RowError

_PICKLIST = re.compile(r"^(?P<field>.*?): bad value for restricted picklist field: (?P<value>.*)$", re.S)
_REQUIRED = re.compile(r"\[(?P<fields>[^\]]*)\]")
_TOO_LONG = re.compile(r"^(?P<field>[^:]*): data value too large: .*\(max length=(?P<length>\d+)\)", re.S)
_DUPLICATE = re.compile(
    r"duplicate value found: (?P<field>\S+) duplicates value on record with id: (?P<id>\w+)"
)
_NO_COLUMN = re.compile(
    r"No such column '(?P<field>[^']+)' on (?:entity|sobject of type) '?(?P<sobject>\w+)'?", re.S
)
_LOCKED = re.compile(r"(?P<ids>\b[0-9a-zA-Z]{15,18}(?:\s*,\s*[0-9a-zA-Z]{15,18})*)\s*$")

_Said = tuple[str, str]


_CLASS_OF: dict[ErrorKind, type[SalesforceError]] = {
    ErrorKind.TRANSIENT: SalesforceUnavailable,
    ErrorKind.LOCK: SalesforceUnavailable,
    ErrorKind.QUOTA: QuotaExceeded,
    ErrorKind.AUTH: AuthError,
    ErrorKind.SCHEMA: SchemaError,
}


def refusal(
    code: str, message: str, status: int, *, fields: Sequence[str] = (), where: str = ""
) -> SalesforceError:
    """The exception for a refusal that Salesforce answered with."""
    kind = classify(code, status, message)
    cls = _CLASS_OF.get(kind, RecordRefused)
    if code.upper() == "QUERY_TIMEOUT":
        cls = QueryTimeout
    what, remedy = explain_code(kind, code, message, fields)
    return cls(
        what,
        kind=kind,
        salesforce_code=code,
        http_status=status,
        message=message,
        fields=fields,
        refused=300 <= status < 500 and bool(code),
        where=where,
        remedy=remedy,
    )


def explain(error: RowError | SalesforceError, sobject: str = "") -> str:
    """One or two sentences for a person: what was refused, and what to do. sobject names the mapping."""
    if isinstance(error, SalesforceError):
        if not isinstance(error.what, Sentence):
            return error.sentence()
        said = together(error.what, error.remedy)
        return say("{field}: {why}", field=error.where, why=said) if error.where else said
    return together(*explain_code(error.kind, error.code, error.message, error.fields, sobject))


def explain_code(
    kind: ErrorKind, code: str, message: str, fields: Sequence[str] = (), sobject: str = ""
) -> _Said:
    """What happened, and the remedy, for an error code and message of Salesforce."""
    mapping = f"mappings/{sobject}.yaml" if sobject else say("the mapping")
    special = _SPECIAL.get(code.upper())
    if special is not None:
        return special(message, fields, mapping)
    what, remedy = _GENERAL[kind]
    if fields:
        what = _NAMED.get(kind, what)
    values = {"said": _quoted(message, code), "fields": ", ".join(fields), "mapping": mapping}
    return _filled(what, values), _filled(remedy, values)


_AGAIN = say("Tandem tries again by itself.")
_MERGE = say("Merge the two records or correct the one that is wrong.")
_GENERAL: dict[ErrorKind, tuple[Sentence, Sentence]] = {
    ErrorKind.TRANSIENT: (say("Salesforce could not do it just now: {said}."), _AGAIN),
    ErrorKind.LOCK: (say("The record is locked: {said}."), _AGAIN),
    ErrorKind.QUOTA: (
        say("A limit of the org is reached: {said}."),
        say("Tandem waits and goes on by itself; Setup → Company Information shows the usage."),
    ),
    ErrorKind.AUTH: (
        say("Salesforce does not let Tandem in: {said}."),
        say("Run `tandem connect --check` to see which part of the connection is wrong."),
    ),
    ErrorKind.SCHEMA: (
        say("The org does not know what Tandem asked for: {said}."),
        say("Run `tandem connect --check`, then correct {mapping} or deploy what is missing."),
    ),
    ErrorKind.USER_FIXABLE: (
        say("Salesforce does not accept the record: {said}."),
        say("Correct the value and save the record again."),
    ),
    ErrorKind.ADMIN_FIXABLE: (
        say("The org refuses the record: {said}."),
        say("Ask a Salesforce admin to allow it for Tandem's user, or change {mapping}."),
    ),
    ErrorKind.IDENTITY: (
        say("The record is no longer there as Tandem knew it: {said}."),
        say("Tandem looks where it went with the next pull."),
    ),
    ErrorKind.DUPLICATE: (say("Salesforce already has such a record: {said}."), _MERGE),
    ErrorKind.MODIFIED: (
        say("Somebody changed the record in Salesforce after Tandem read it."),
        say("Tandem reads it again and decides by the owner of each field."),
    ),
}
#: What is said instead where Salesforce names the fields.
_NAMED = {
    ErrorKind.USER_FIXABLE: say("Salesforce does not accept the record ({fields}): {said}."),
    ErrorKind.ADMIN_FIXABLE: say("The org refuses the record ({fields}): {said}."),
}
_A_FIELD = say("a field")


def _filled(template: Sentence, values: Mapping[str, str]) -> Sentence:
    return template.given(**{name: values[name] for name in places(template.message)})


def _quoted(message: str, code: str) -> str:
    text = " ".join(message.split()).rstrip(".")
    if text and code:
        return say("“{text}” ({code})", text=text, code=code)
    return say("“{text}”", text=text) if text else (code or say("it gave no reason"))


def _named(fields: Sequence[str]) -> str:
    return ", ".join(fields) or _A_FIELD


def _picklist(message: str, fields: Sequence[str], mapping: str) -> _Said:
    match = _PICKLIST.match(message)
    if match:
        what = say(
            "Salesforce does not accept “{value}” as {field}: the picklist is restricted.",
            value=match["value"],
            field=match["field"],
        )
    else:
        what = say(
            "Salesforce does not accept the value of {field}: the picklist is restricted.",
            field=_named(fields),
        )
    return what, say(
        "Ask an admin to add the value (also to the record type), or map it in {mapping}.", mapping=mapping
    )


def _required(message: str, fields: Sequence[str], mapping: str) -> _Said:
    match = _REQUIRED.search(message)
    return (
        say("Salesforce needs a value for {fields}.", fields=match["fields"] if match else _named(fields)),
        say("Fill it in and save again, or give it a default in {mapping}.", mapping=mapping),
    )


def _too_long(message: str, fields: Sequence[str], mapping: str) -> _Said:
    match = _TOO_LONG.match(message)
    if match:
        what = say(
            "The text in {field} is too long: Salesforce holds {length} characters.",
            field=match["field"],
            length=int(match["length"]),
        )
    else:
        what = say("The text in {field} is too long.", field=_named(fields))
    return what, say("Shorten it, or let {mapping} cut it.", mapping=mapping)


def _rule(message: str, fields: Sequence[str], _: str) -> _Said:
    what = say("A validation rule of the org refuses the record: “{text}”.", text=message.strip())
    if fields:
        what = say(
            "A validation rule of the org refuses the record: “{text}” Fields: {fields}.",
            text=message.strip(),
            fields=", ".join(fields),
        )
    return what, say("Correct the record, or ask a Salesforce admin about the rule.")


def _duplicate_value(message: str, fields: Sequence[str], _: str) -> _Said:
    match = _DUPLICATE.search(message)
    if match:
        what = say(
            "Record {id} already has this value in {field}, which is unique.",
            id=match["id"],
            field=match["field"],
        )
    else:
        what = say("Another record already has this value in {field}, which is unique.", field=_named(fields))
    return what, _MERGE


def _duplicate_rule(message: str, _fields: Sequence[str], mapping: str) -> _Said:
    return (
        say("A duplicate rule of the org refuses the record: “{text}”.", text=message.strip()),
        say(
            "Merge it with the record that is there, or set `duplicates: allow` in {mapping}.",
            mapping=mapping,
        ),
    )


def _hidden(message: str, fields: Sequence[str], mapping: str) -> _Said:
    names = ", ".join(fields) or message.partition("fields:")[2].partition(".")[0].strip() or _A_FIELD
    return (
        say("Tandem's user may not write {fields}.", fields=names),
        say(
            "Give its permission set edit access to the field in Setup → Permission Sets, or make the field "
            "inbound only in {mapping}.",
            mapping=mapping,
        ),
    )


def _no_field(message: str, fields: Sequence[str], mapping: str) -> _Said:
    match = _NO_COLUMN.search(message)
    name = f"{match['sobject']}.{match['field']}" if match else _named(fields)
    return (
        say("The org has no field {field}, or Tandem's user may not see it.", field=name),
        say(
            "Deploy the field, grant it in the permission set, or take it out of {mapping}.", mapping=mapping
        ),
    )


def _inactive_owner(_message: str, _fields: Sequence[str], mapping: str) -> _Said:
    return (
        say("The owner is not an active user of the org."),
        say("Choose another owner, or name a substitute for inactive owners in {mapping}.", mapping=mapping),
    )


def _deleted(_message: str, _fields: Sequence[str], _: str) -> _Said:
    return (
        say("The record was deleted or merged into another in Salesforce."),
        say("Tandem follows it to the record that remains, or marks it as deleted, with the next pull."),
    )


def _converted(_message: str, _fields: Sequence[str], _: str) -> _Said:
    return (
        say("The lead has been converted, and a converted lead cannot be changed."),
        say("Tandem takes the change to the account, contact and opportunity that came of it."),
    )


def _locked(message: str, _fields: Sequence[str], _: str) -> _Said:
    match = _LOCKED.search(message)
    if match:
        what = say("Another change holds the record or its parent ({ids}) at this moment.", ids=match["ids"])
    else:
        what = say("Another change holds the record or its parent at this moment.")
    return what, _AGAIN


def _approval(_message: str, _fields: Sequence[str], _: str) -> _Said:
    return (
        say("The record is locked by an approval in Salesforce."),
        say("Tandem tries again by itself once the approval is finished or recalled."),
    )


_SPECIAL: dict[str, Callable[[str, Sequence[str], str], _Said]] = {
    "INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST": _picklist,
    "REQUIRED_FIELD_MISSING": _required,
    "STRING_TOO_LONG": _too_long,
    "FIELD_CUSTOM_VALIDATION_EXCEPTION": _rule,
    "DUPLICATE_VALUE": _duplicate_value,
    "DUPLICATES_DETECTED": _duplicate_rule,
    "INVALID_FIELD_FOR_INSERT_UPDATE": _hidden,
    "INVALID_FIELD": _no_field,
    "INACTIVE_OWNER_OR_USER": _inactive_owner,
    "ENTITY_IS_DELETED": _deleted,
    "CANNOT_UPDATE_CONVERTED_LEAD": _converted,
    "UNABLE_TO_LOCK_ROW": _locked,
    "ENTITY_IS_LOCKED": _approval,
}

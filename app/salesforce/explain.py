"""A refusal in plain words: what Salesforce did not like, and who can mend it where."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
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
        return error.sentence()
    what, remedy = explain_code(error.kind, error.code, error.message, error.fields, sobject)
    return f"{what} {remedy}".strip()


def explain_code(
    kind: ErrorKind, code: str, message: str, fields: Sequence[str] = (), sobject: str = ""
) -> _Said:
    """What happened, and the remedy, for an error code and message of Salesforce."""
    mapping = f"mappings/{sobject}.yaml" if sobject else "the mapping"
    special = _SPECIAL.get(code.upper())
    if special is not None:
        return special(message, fields, mapping)
    said = _quoted(message, code)
    named = f" ({', '.join(fields)})" if fields else ""
    return {
        ErrorKind.TRANSIENT: (
            f"Salesforce could not do it just now: {said}.",
            "Tandem tries again by itself.",
        ),
        ErrorKind.LOCK: (f"the record is locked: {said}.", "Tandem tries again by itself."),
        ErrorKind.QUOTA: (
            f"a limit of the org is reached: {said}.",
            "Tandem waits and goes on by itself; Setup → Company Information shows the usage.",
        ),
        ErrorKind.AUTH: (
            f"Salesforce does not let Tandem in: {said}.",
            "Run `tandem connect --check` to see which part of the connection is wrong.",
        ),
        ErrorKind.SCHEMA: (
            f"the org does not know what Tandem asked for: {said}.",
            f"Run `tandem connect --check`, then correct {mapping} or deploy what is missing.",
        ),
        ErrorKind.USER_FIXABLE: (
            f"Salesforce does not accept the record{named}: {said}.",
            "Correct the value and save the record again.",
        ),
        ErrorKind.ADMIN_FIXABLE: (
            f"the org refuses the record{named}: {said}.",
            f"Ask a Salesforce admin to allow it for Tandem's user, or change {mapping}.",
        ),
        ErrorKind.IDENTITY: (
            f"the record is no longer there as Tandem knew it: {said}.",
            "Tandem looks where it went with the next pull.",
        ),
        ErrorKind.DUPLICATE: (
            f"Salesforce already has such a record: {said}.",
            "Merge the two records or correct the one that is wrong.",
        ),
        ErrorKind.MODIFIED: (
            "somebody changed the record in Salesforce after Tandem read it.",
            "Tandem reads it again and decides by the owner of each field.",
        ),
    }[kind]


def _quoted(message: str, code: str) -> str:
    text = " ".join(message.split()).rstrip(".")
    if text and code:
        return f"“{text}” ({code})"
    return f"“{text}”" if text else (code or "it gave no reason")


def _picklist(message: str, fields: Sequence[str], mapping: str) -> _Said:
    match = _PICKLIST.match(message)
    field = match["field"] if match else ", ".join(fields) or "the field"
    value = match["value"] if match else "the value"
    return (
        f"Salesforce does not accept “{value}” as {field}: the picklist is restricted.",
        f"Ask an admin to add the value (also to the record type), or map it in {mapping}.",
    )


def _required(message: str, fields: Sequence[str], mapping: str) -> _Said:
    match = _REQUIRED.search(message)
    names = match["fields"] if match else ", ".join(fields) or "a required field"
    return (
        f"Salesforce needs a value for {names}.",
        f"Fill it in and save again, or give it a default in {mapping}.",
    )


def _too_long(message: str, fields: Sequence[str], mapping: str) -> _Said:
    match = _TOO_LONG.match(message)
    field = match["field"] if match else ", ".join(fields) or "a field"
    limit = f": Salesforce holds {match['length']} characters" if match else ""
    return (f"the text in {field} is too long{limit}.", f"Shorten it, or let {mapping} cut it.")


def _rule(message: str, fields: Sequence[str], _: str) -> _Said:
    named = f" Fields: {', '.join(fields)}." if fields else ""
    return (
        f"a validation rule of the org refuses the record: “{message.strip()}”{named or '.'}",
        "Correct the record, or ask a Salesforce admin about the rule.",
    )


def _duplicate_value(message: str, fields: Sequence[str], _: str) -> _Said:
    match = _DUPLICATE.search(message)
    field = match["field"] if match else ", ".join(fields) or "a unique field"
    other = f"record {match['id']}" if match else "another record"
    return (
        f"{other} already has this value in {field}, which is unique.",
        "Merge the two records or correct the one that is wrong.",
    )


def _duplicate_rule(message: str, _fields: Sequence[str], mapping: str) -> _Said:
    return (
        f"a duplicate rule of the org refuses the record: “{message.strip()}”.",
        f"Merge it with the record that is there, or set `duplicates: allow` in {mapping}.",
    )


def _hidden(message: str, fields: Sequence[str], mapping: str) -> _Said:
    names = ", ".join(fields)
    if not names:
        names = message.partition("fields:")[2].partition(".")[0].strip() or "a field"
    return (
        f"Tandem's user may not write {names}.",
        f"Give its permission set edit access to the field in Setup → Permission Sets, or make the field "
        f"inbound only in {mapping}.",
    )


def _no_field(message: str, fields: Sequence[str], mapping: str) -> _Said:
    match = _NO_COLUMN.search(message)
    name = f"{match['sobject']}.{match['field']}" if match else ", ".join(fields) or "a field"
    return (
        f"the org has no field {name}, or Tandem's user may not see it.",
        f"Deploy the field, grant it in the permission set, or take it out of {mapping}.",
    )


def _inactive_owner(_message: str, _fields: Sequence[str], mapping: str) -> _Said:
    return (
        "the owner is not an active user of the org.",
        f"Choose another owner, or name a substitute for inactive owners in {mapping}.",
    )


def _deleted(_message: str, _fields: Sequence[str], _: str) -> _Said:
    return (
        "the record was deleted or merged into another in Salesforce.",
        "Tandem follows it to the record that remains, or marks it as deleted, with the next pull.",
    )


def _converted(_message: str, _fields: Sequence[str], _: str) -> _Said:
    return (
        "the lead has been converted, and a converted lead cannot be changed.",
        "Tandem takes the change to the account, contact and opportunity that came of it.",
    )


def _locked(message: str, _fields: Sequence[str], _: str) -> _Said:
    match = _LOCKED.search(message)
    which = f" ({match['ids']})" if match else ""
    return (
        f"another change holds the record or its parent{which} at this moment.",
        "Tandem tries again by itself.",
    )


def _approval(_message: str, _fields: Sequence[str], _: str) -> _Said:
    return (
        "the record is locked by an approval in Salesforce.",
        "Tandem tries again by itself once the approval is finished or recalled.",
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

"""What Salesforce refuses, sorted by what the catcher can do.

Every refusal has a kind, found in one table by its error code, else by its HTTP status:

    transient       nothing wrong with the request; try again later
    lock            another transaction holds the row or its parent; again, one parent's children together
    quota           the org's or Tandem's share of API calls is used up; wait
    auth            the session or the app; an admin mends the connection when one renewal did not
    schema          an object or field is missing, hidden or of another type
    user_fixable    the record's own values; whoever edits the record mends it
    admin_fixable   the org's rules, permissions or picklists, or the mapping
    identity        the record was merged, converted or deleted
    duplicate       a unique value or a duplicate rule
    modified        somebody changed the record since it was read

    SalesforceError
    ├── SalesforceUnavailable  (Unavailable)    transient, lock
    │   └── QueryTimeout                        ask for a smaller window
    ├── QuotaExceeded          (Unavailable)    wait until `retry_at`
    ├── AuthError              (Misconfigured)  mend the connection
    ├── SchemaError            (Misconfigured)  mend the mapping, or deploy metadata
    └── RecordRefused          (Conflict)       one record: the other kinds
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import Any

from app.kernel.errors import Conflict, Misconfigured, TandemError, Unavailable


class ErrorKind(StrEnum):
    """What the catcher of a refusal can do about it."""

    TRANSIENT = "transient"
    LOCK = "lock"
    QUOTA = "quota"
    AUTH = "auth"
    SCHEMA = "schema"
    USER_FIXABLE = "user_fixable"
    ADMIN_FIXABLE = "admin_fixable"
    IDENTITY = "identity"
    DUPLICATE = "duplicate"
    MODIFIED = "modified"


#: Kinds that may pass without anybody's doing.
RETRYABLE = frozenset({ErrorKind.TRANSIENT, ErrorKind.LOCK, ErrorKind.QUOTA, ErrorKind.AUTH})

_CODES: dict[ErrorKind, str] = {
    ErrorKind.TRANSIENT: """
        SERVER_UNAVAILABLE UNKNOWN_EXCEPTION INTERNAL_SERVER_ERROR QUERY_TIMEOUT REQUEST_RUNNING_TOO_LONG
        INVALID_QUERY_LOCATOR PROCESSING_HALTED ALL_OR_NONE_OPERATION_ROLLED_BACK
        BATCH_PROCESSING_HALTED TXN_SECURITY_RUNTIME_ERROR INVALID_REPLICATION_DATE UNPROCESSED
        CONCURRENT_REQUEST_LIMIT_EXCEEDED""",
    ErrorKind.LOCK: "UNABLE_TO_LOCK_ROW",
    ErrorKind.QUOTA: """
        REQUEST_LIMIT_EXCEEDED LIMIT_EXCEEDED EXCEEDED_QUOTA EXCEEDEDQUOTA API_LIMIT_EXCEEDED
        MAX_BATCHES_EXCEEDED""",
    ErrorKind.AUTH: """
        INVALID_SESSION_ID INVALIDSESSIONID INVALID_AUTH_HEADER INVALID_LOGIN API_DISABLED_FOR_ORG
        API_CURRENTLY_DISABLED API_CLIENT_BLOCKED LOGIN_MUST_USE_SECURITY_TOKEN PASSWORD_LOCKOUT""",
    ErrorKind.SCHEMA: """
        INVALID_FIELD INVALID_TYPE INVALID_FIELD_FOR_INSERT_UPDATE MALFORMED_QUERY
        INVALID_QUERY_FILTER_OPERATOR INVALID_QUERY_SCOPE INVALID_TYPE_FOR_OPERATION JSON_PARSER_ERROR
        INVALID_BATCH INVALIDBATCH INVALID_SOAP_HEADER EXCEEDED_ID_LIMIT EXTERNALIDFIELDNAME_INVALID
        METHOD_NOT_ALLOWED INVALIDJOB INVALIDENTITY FUNCTIONALITY_NOT_ENABLED FEATURE_NOT_ENABLED
        UNSUPPORTED_API_VERSION URL_NOT_RESET""",
    ErrorKind.USER_FIXABLE: """
        REQUIRED_FIELD_MISSING STRING_TOO_LONG FIELD_CUSTOM_VALIDATION_EXCEPTION INVALID_EMAIL_ADDRESS
        NUMBER_OUTSIDE_VALID_RANGE FIELD_INTEGRITY_EXCEPTION FIELD_FILTER_VALIDATION_EXCEPTION
        INVALID_URL INVALID_PHONE ENTITY_IS_LOCKED MALFORMED_ID INVALID_DATE NUM_OUTSIDE_VALID_RANGE""",
    ErrorKind.ADMIN_FIXABLE: """
        INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST INACTIVE_OWNER_OR_USER INSUFFICIENT_ACCESS_OR_READONLY
        INSUFFICIENT_ACCESS INSUFFICIENT_ACCESS_ON_CROSS_REFERENCE_ENTITY TRANSFER_REQUIRES_READ
        OP_WITH_INVALID_USER_TYPE_EXCEPTION CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY
        CANNOT_EXECUTE_FLOW_TRIGGER DELETE_FAILED STORAGE_LIMIT_EXCEEDED CANNOT_REPARENT_RECORD
        INVALID_CURRENCY_ISO CASE_CONVERSION_FAILED APEX_ERROR INVALID_ASSIGNEE_TYPE
        SELF_REFERENCE_FROM_TRIGGER INVALID_STATUS DEPENDENCY_EXISTS CIRCULAR_DEPENDENCY""",
    ErrorKind.IDENTITY: """
        ENTITY_IS_DELETED CANNOT_UPDATE_CONVERTED_LEAD INVALID_CROSS_REFERENCE_KEY NOT_FOUND
        MERGED_RECORD UNDELETE_FAILED""",
    ErrorKind.DUPLICATE: """
        DUPLICATE_VALUE DUPLICATES_DETECTED DUPLICATE_EXTERNAL_ID DUPLICATE_MATCHES_FOUND
        MULTIPLE_CHOICES""",
    ErrorKind.MODIFIED: """
        PRECONDITION_FAILED ENTITY_MODIFIED ENTITY_FAILED_IFLASTMODIFIED_ON_UPDATE""",
}
_KIND_OF: dict[str, ErrorKind] = {code: kind for kind, codes in _CODES.items() for code in codes.split()}

#: Statuses that say "not now" when they come without an error code: proxies, HTML pages, empty bodies.
_TRANSIENT_STATUSES = frozenset({0, 406, 408, 420, 425, 429})


def classify(code: str, status: int = 400, message: str = "") -> ErrorKind:
    """The kind of a refusal, from its error code, its HTTP status and, where one code means two things,
    its message. A code nobody knows is transient on a 5xx status and an admin's business otherwise:
    trying it again for ever would hide it.
    """
    code = code.upper()
    if code == "REQUEST_LIMIT_EXCEEDED" and message.startswith("Concurrent"):
        return ErrorKind.TRANSIENT  # too many long calls at this moment: gone in seconds, not in a day
    if code == "NOT_FOUND" and "external ID field does not exist" in message:
        return ErrorKind.SCHEMA
    if code == "INVALID_FIELD" and message.startswith("Foreign key external ID"):
        return ErrorKind.TRANSIENT  # the parent is not there yet; it may have been refused a moment ago
    if code == "FIELD_INTEGRITY_EXCEPTION" and "wrong type" in message:
        return ErrorKind.ADMIN_FIXABLE
    known = _KIND_OF.get(code)
    if known is not None:
        return known
    if status >= 500 or status in _TRANSIENT_STATUSES:
        return ErrorKind.TRANSIENT
    return {
        300: ErrorKind.DUPLICATE,
        401: ErrorKind.AUTH,
        404: ErrorKind.IDENTITY,
        412: ErrorKind.MODIFIED,
    }.get(status, ErrorKind.ADMIN_FIXABLE)


class SalesforceError(TandemError):
    """A call that Salesforce refused or did not answer.

    kind: what the catcher can do. salesforce_code: Salesforce's own error code, empty when there was none.
    http_status: 0 when no answer came. fields: API names at fault. refused: True when Salesforce said no,
    so nothing was written; False when the outcome is unknown.
    """

    code = "salesforce_error"

    def __init__(
        self,
        what: str,
        *,
        kind: ErrorKind,
        salesforce_code: str = "",
        http_status: int = 0,
        message: str = "",
        fields: Sequence[str] = (),
        refused: bool = False,
        **rest: Any,
    ) -> None:
        self.kind = kind
        self.salesforce_code = salesforce_code
        self.http_status = http_status
        self.message = message or what
        self.fields = tuple(fields)
        self.refused = refused
        super().__init__(what, **rest)

    @property
    def retryable(self) -> bool:
        """Whether the same call may succeed later without anybody's doing."""
        return self.kind in RETRYABLE


class SalesforceUnavailable(SalesforceError, Unavailable):
    """No answer, half an answer, an error page, or a lock. Try again later; see `refused`."""

    code = "salesforce_unavailable"
    status = 503
    title = "Salesforce does not answer right now"


class QueryTimeout(SalesforceUnavailable):
    """The query ran for 120 seconds. Ask for a smaller window."""

    code = "salesforce_query_timeout"


class QuotaExceeded(SalesforceError, Unavailable):
    """The org's calls, or Tandem's share of them, are used up. `retry_at` is a time in UTC."""

    code = "salesforce_quota"
    status = 503
    title = "The API calls are used up"

    def __init__(self, what: str, *, retry_at: datetime | None = None, **rest: Any) -> None:
        self.retry_at = retry_at
        rest.setdefault("kind", ErrorKind.QUOTA)
        super().__init__(what, **rest)


class AuthError(SalesforceError, Misconfigured):
    """Salesforce does not let Tandem in. `salesforce_code` is the OAuth error or the REST error code."""

    code = "salesforce_auth"
    status = 500
    title = "Tandem cannot sign in to Salesforce"

    def __init__(self, what: str, **rest: Any) -> None:
        rest.setdefault("kind", ErrorKind.AUTH)
        rest.setdefault("refused", True)
        super().__init__(what, **rest)


class SchemaError(SalesforceError, Misconfigured):
    """An object or field is missing, hidden from Tandem's user, or of another type."""

    code = "salesforce_schema"
    status = 500
    title = "The org has no such object or field"


class RecordRefused(SalesforceError, Conflict):
    """One record was refused: see `kind`."""

    code = "salesforce_record_refused"
    status = 409
    title = "Salesforce refused the record"

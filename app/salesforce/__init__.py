"""The gateway to a Salesforce org: the only room that speaks its REST API.

connection    where the org is and how Tandem signs in; kept in connection.json
tokens        access tokens shared by every thread and process on the machine
budget        how many calls Tandem may make, and when it stops for the sake of the org
call          what one HTTP call is made of
transport     one HTTP call: timeouts, bounded retries, one renewal of the session
errors        Salesforce's refusals, sorted by what the catcher can do
explain       a refusal in one sentence that says what to do; explain_signin the same for signing in
login         one sign-in at the token endpoint
records       what goes in and comes out: results, pages, subrequests
gateway       every call that Tandem makes of an org
composite     a call of up to 25 parts, and its answers
querying      queries, alone or as such parts, and their pages
collection    batches of up to 200 records
conditional   updates only if nobody modified the record since
processes     the org's own approval processes: what is asked of them, and what they answer
describe      what an org says about its objects, asked again only for changes
bulk          Bulk 2.0 jobs in steps that a caller can store between
capabilities  what this org has: objects, fields as this user sees them, features
new_key       a private key and its certificate, for an org that has no app for Tandem yet
connect       the checks that lead an admin to a working connection
"""

from app.salesforce.budget import Budget, Usage
from app.salesforce.bulk import BulkJob, BulkPage, BulkRow
from app.salesforce.call import Limits
from app.salesforce.capabilities import OrgCapabilities
from app.salesforce.connection import Connection
from app.salesforce.describe import ObjectDescribe
from app.salesforce.errors import (
    AuthError,
    ErrorKind,
    QueryTimeout,
    QuotaExceeded,
    RecordRefused,
    SalesforceError,
    SalesforceUnavailable,
    SchemaError,
)
from app.salesforce.explain import explain
from app.salesforce.gateway import Gateway
from app.salesforce.processes import ProcessRequest, ProcessResult
from app.salesforce.records import (
    CollectionBatch,
    ConditionalChange,
    QueryPage,
    RowError,
    RowResult,
    SoqlQuery,
    Subrequest,
    SubResponse,
    write_headers,
)
from app.salesforce.tokens import TokenCache

__all__ = [
    "AuthError",
    "Budget",
    "BulkJob",
    "BulkPage",
    "BulkRow",
    "CollectionBatch",
    "ConditionalChange",
    "Connection",
    "ErrorKind",
    "Gateway",
    "Limits",
    "ObjectDescribe",
    "OrgCapabilities",
    "ProcessRequest",
    "ProcessResult",
    "QueryPage",
    "QueryTimeout",
    "QuotaExceeded",
    "RecordRefused",
    "RowError",
    "RowResult",
    "SalesforceError",
    "SalesforceUnavailable",
    "SchemaError",
    "SoqlQuery",
    "SubResponse",
    "Subrequest",
    "TokenCache",
    "Usage",
    "explain",
    "write_headers",
]

"""The gateway: everything Tandem asks of an org, in as few calls as the API allows.

Thread-safe. Every method says how many API calls it makes; a composite call counts as one, whatever it
carries. Whole-call failures are raised as SalesforceError; failures of one record or one query are returned
beside the successes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import quote

from app.config import Settings
from app.salesforce import collection, composite, conditional, processes, querying
from app.salesforce.budget import Budget
from app.salesforce.bulk import Bulk
from app.salesforce.call import Bytes, Limits
from app.salesforce.capabilities import OrgCapabilities, probe
from app.salesforce.connection import Connection
from app.salesforce.describe import Describes, ObjectDescribe
from app.salesforce.errors import SalesforceError
from app.salesforce.processes import ProcessRequest, ProcessResult
from app.salesforce.records import (
    CollectionBatch,
    ConditionalChange,
    Operation,
    QueryPage,
    Record,
    RowResult,
    SoqlQuery,
    Subrequest,
    SubResponse,
    query_page,
    row_result,
)
from app.salesforce.tokens import TokenCache
from app.salesforce.transport import Transport
from app.salesforce.wire import dumps

MAX_HEAVY = 5
TOKEN_FILE = "salesforce-token.json"  # noqa: S105 - the name of a file
BUDGET_FILE = "salesforce-calls.json"


class Gateway:
    """One org, from any number of threads.

    client_name: what Salesforce records as the origin of our writes. auto_assign: let the org's assignment
    rules choose owners. allow_duplicates: let records pass duplicate rules that may be overridden.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        token_cache: TokenCache | None = None,
        budget: Budget | None = None,
        client_name: str = "tandem-sync",
        auto_assign: bool = False,
        allow_duplicates: bool = False,
        limits: Limits | None = None,
    ) -> None:
        self.connection = connection
        self.budget = budget or Budget()
        self.tokens = token_cache or TokenCache(connection)
        # A composite's parts inherit none of these from the outer request, so they are sent with both.
        self._write_headers = {"Sforce-Call-Options": f"client={client_name}"}
        self._write_headers["Sforce-Auto-Assign"] = "TRUE" if auto_assign else "FALSE"
        if allow_duplicates:
            self._write_headers["Sforce-Duplicate-Rule-Header"] = "allowSave=true"
        self._transport = Transport(
            connection,
            self.tokens,
            self.budget,
            headers={"Accept": "application/json", "User-Agent": "tandem", **self._write_headers},
            limits=limits,
        )
        self._root = f"/services/data/v{connection.api_version}/"
        self._describes = Describes(self._transport)
        self.bulk = Bulk(self._transport)

    @classmethod
    def open(cls, settings: Settings, **options: Any) -> Gateway:
        """The gateway for the settings' connection, sharing token and call counts through the data
        directory. options: those of the constructor.

        Raises Misconfigured when Tandem is not connected yet.
        """
        connection = Connection.load(settings)
        budget = Budget(
            share=settings.salesforce_api_share,
            reserve=settings.salesforce_api_reserve,
            path=settings.data_dir / BUDGET_FILE,
        )
        options.setdefault("token_cache", TokenCache(connection, settings.data_dir / TOKEN_FILE))
        options.setdefault("budget", budget)
        return cls(connection, **options)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the network connections; the session in Salesforce stays, others use it."""
        self._transport.close()

    @property
    def server_time(self) -> datetime | None:
        """The org's clock in UTC at the last answer to this thread, else to any; None before the first."""
        return self._transport.server_time

    @property
    def user_id(self) -> str:
        """The 18-character id of the user Tandem works as. Signs in if it has not."""
        return self.tokens.token().user_id

    @property
    def org_id(self) -> str:
        """The 18-character id of the org; empty where the sign-in did not tell. Signs in if it has not."""
        return self.tokens.token().org_id

    # Composite

    def composite(
        self,
        subrequests: Sequence[Subrequest],
        *,
        all_or_none: bool = False,
        safe_to_repeat: bool = False,
        kind: str = "composite",
    ) -> list[SubResponse]:
        """Up to 25 parts, at most five of them queries or collections, in one call; answers in order.

        Parts may refer to earlier ones by `@{reference.path}`. safe_to_repeat: the writes among them are
        such that sending all again after a lost answer changes nothing.
        """
        if not subrequests:
            return []
        reading = all(part.method == "GET" for part in subrequests)
        answer = self._transport.call(
            "POST",
            "composite",
            kind=kind,
            body=composite.body(
                subrequests, root=self._root, write_headers=self._write_headers, all_or_none=all_or_none
            ),
            safe_to_repeat=safe_to_repeat or reading,
        )
        return composite.answers(subrequests, answer.body)

    # Queries

    def query(self, soql: str, *, all_rows: bool = False) -> QueryPage:
        """The first page of a query, up to 2,000 rows; all_rows includes deleted records. One call."""
        url = querying.url(SoqlQuery(soql, all_rows))
        if len(url) > querying.LONGEST_URL:
            page = self.composite_queries([SoqlQuery(soql, all_rows)])[0]
            if isinstance(page, SalesforceError):
                raise page
            return page
        return query_page(self._transport.call("GET", url, kind="query").body)

    def query_more(self, next_url: str) -> QueryPage:
        """The page at `next_url` of an earlier page. One call."""
        return query_page(self._transport.call("GET", next_url, kind="query").body)

    def query_pages(self, soql: str, *, all_rows: bool = False) -> Iterator[QueryPage]:
        """All pages of a query, one call each, fetched as they are asked for."""
        page = self.query(soql, all_rows=all_rows)
        yield page
        while page.next_url:
            page = self.query_more(page.next_url)
            yield page

    def composite_queries(self, queries: Sequence[SoqlQuery]) -> list[QueryPage | SalesforceError]:
        """Up to five queries or next pages in one call. A refused one comes back as its error."""
        if len(queries) > MAX_HEAVY:
            raise ValueError(f"a composite call takes {MAX_HEAVY} queries, not {len(queries)}")
        answers = self.composite(querying.subrequests(queries), kind="query")
        return [querying.page(answer) for answer in answers]

    # Collections

    def collections(
        self,
        operation: Operation,
        sobject: str,
        records: Sequence[Record],
        *,
        external_id: str | None = None,
        all_or_none: bool = False,
        safe_to_repeat: bool | None = None,
    ) -> list[RowResult]:
        """Up to 200 records in one call; results in the order of the records.

        See `write` for safe_to_repeat.
        """
        batch = CollectionBatch(operation, sobject, records, external_id, all_or_none)
        if not records:
            return []
        part = collection.subrequest(batch, "batch")
        answer = self._transport.call(
            part.method,
            part.url,
            kind="write",
            body=None if part.body is None else Bytes(dumps(part.body)),
            safe_to_repeat=collection.repeatable([batch]) if safe_to_repeat is None else safe_to_repeat,
        )
        return [row_result(item, operation) for item in answer.body]

    def collections_composite(
        self, batches: Sequence[CollectionBatch], *, safe_to_repeat: bool | None = None
    ) -> list[list[RowResult]]:
        """Up to five batches, so up to 1,000 records, in one call, in order. See `write`."""
        return self.write(batches, safe_to_repeat=safe_to_repeat)[0]

    def write(
        self,
        batches: Sequence[CollectionBatch],
        queries: Sequence[SoqlQuery] = (),
        *,
        safe_to_repeat: bool | None = None,
    ) -> tuple[list[list[RowResult]], list[QueryPage | SalesforceError]]:
        """Batches, and then queries that see what the batches wrote, in one call; five of both together.

        A batch refused as a whole gives each of its records that error. safe_to_repeat: whether the call may
        be sent again when its answer was lost; by default yes, if every batch is an update, a delete or an
        upsert on an external id. An insert may have happened and is never sent again.
        """
        if len(batches) + len(queries) > MAX_HEAVY:
            raise ValueError(f"a composite call takes {MAX_HEAVY} batches and queries together")
        filled = [(index, batch) for index, batch in enumerate(batches) if batch.records]
        parts = [collection.subrequest(batch, f"batch{index}") for index, batch in filled]
        parts += querying.subrequests(queries)
        answers = self.composite(
            parts,
            safe_to_repeat=collection.repeatable(batches) if safe_to_repeat is None else safe_to_repeat,
            kind="write" if filled else "query",
        )
        rows: list[list[RowResult]] = [[] for _ in batches]
        for (index, batch), answer in zip(filled, answers, strict=False):
            rows[index] = collection.results(batch, answer)
        return rows, [querying.page(answer) for answer in answers[len(filled) :]]

    def update_if_unmodified(self, changes: Sequence[ConditionalChange]) -> list[RowResult]:
        """Up to 25 updates in one call, each only if nobody modified its record since; the others come back
        with an error of kind `modified`. Never sent twice: the repetition would meet its own change.
        """
        parts = [conditional.subrequest(change, f"change{index}") for index, change in enumerate(changes)]
        answers = self.composite(parts, kind="write")
        return [conditional.result(*one) for one in zip(changes, answers, strict=True)]

    # Approval processes

    def processes(self) -> dict[str, list[Record]]:
        """The org's active approval processes by SObject, in the order in which they are tried. One call.

        Raises SalesforceError where the org has none to show to this user.
        """
        return dict(self.get("process/approvals", kind="process")["approvals"])

    def process(self, requests: Sequence[ProcessRequest]) -> list[ProcessResult]:
        """Submit, decide or recall up to 100 records in one call; results in order, each by itself.

        Never sent twice: whether a lost answer's requests were done is seen at the records.
        """
        if not requests:
            return []
        answer = self._transport.call(
            "POST",
            "process/approvals",
            kind="process",
            body=processes.body(requests),
            allow=frozenset({400}),
        )
        return processes.results(answer.body, answer.status)

    # The org

    def describe_global(self, *, fresh: bool = False) -> list[Record]:
        """Every object this user may see, one dict each. One call; none of its body when unchanged.

        fresh: do not trust "unchanged", which overlooks changes of the user's permissions.
        """
        return self._describes.all(fresh=fresh)

    def describe(self, sobject: str, *, fresh: bool = False) -> ObjectDescribe:
        """The object's fields as this user sees them. One call; none of its body when unchanged.

        fresh: do not trust "unchanged", which overlooks changes of the user's permissions.
        """
        return self._describes.one(sobject, fresh=fresh)

    def describe_many(self, sobjects: Sequence[str]) -> dict[str, ObjectDescribe]:
        """Fresh descriptions of those objects that exist, 25 a call."""
        return self._describes.many(sobjects)

    def probe(self, sobjects: Sequence[str]) -> OrgCapabilities:
        """What the org has, of these objects and as features. A handful of calls."""
        return probe(self, sobjects)

    def limits(self) -> Mapping[str, Mapping[str, int]]:
        """The org's limits: name → {"Max", "Remaining"}. One call."""
        limits: Mapping[str, Mapping[str, int]] = self._transport.call("GET", "limits", kind="limits").body
        return limits

    def get(self, url: str, *, kind: str = "read") -> Any:
        """The parsed answer of any GET resource, such as `tooling/query?q=…`. One call."""
        return self._transport.call("GET", url, kind=kind).body

    def updated_ids(self, sobject: str, start: datetime, end: datetime) -> list[str]:
        """Ids of records changed between the two times (UTC), by getUpdated. One call."""
        return list(self._replication(sobject, "updated", start, end)["ids"])

    def deleted_ids(self, sobject: str, start: datetime, end: datetime) -> list[str]:
        """Ids of records deleted between the two times (UTC), by getDeleted. One call."""
        body = self._replication(sobject, "deleted", start, end)
        return [item["id"] for item in body["deletedRecords"]]

    def _replication(self, sobject: str, what: str, start: datetime, end: datetime) -> Any:
        window = "&".join(
            f"{name}={quote(moment.isoformat(timespec='seconds'), safe='')}"
            for name, moment in (("start", start), ("end", end))
        )
        return self.get(f"sobjects/{sobject}/{what}/?{window}", kind="query")

"""Queries: their addresses, alone or as parts of a composite call, and the pages of their answers."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from app.salesforce.errors import SalesforceError
from app.salesforce.records import QueryPage, SoqlQuery, Subrequest, SubResponse, query_page

#: Longer queries go in the body of a composite call: proxies and Salesforce bound an address at 16 KB.
LONGEST_URL = 8_000


def url(query: SoqlQuery) -> str:
    """Where its page is."""
    if query.next_url:
        return query.next_url
    resource = "queryAll" if query.all_rows else "query"
    return f"{resource}?q={quote(query.soql, safe='')}"


def subrequests(queries: Sequence[SoqlQuery]) -> list[Subrequest]:
    """The queries as parts of a composite call."""
    return [Subrequest("GET", url(query), f"query{index}") for index, query in enumerate(queries)]


def page(answer: SubResponse) -> QueryPage | SalesforceError:
    """The page in the answer to such a part, or the error that refused it."""
    error = answer.exception(where="query")
    return query_page(answer.body) if error is None else error

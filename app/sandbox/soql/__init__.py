"""SOQL: text to a plain query, a query to SQL, rows to the answer a Salesforce org gives.

    parse(text)                         the query as data (`ast.Query`), or MALFORMED_QUERY with the place
    records(ctx, text, all_rows=False)  every record, JSON-shaped
    stream(ctx, text, all_rows)         column names and rows of CSV texts, for Bulk queries

Pages and locators are in `locators`, the REST resources in `app.sandbox.rest.query`.
"""

from app.sandbox.soql.bulk import stream
from app.sandbox.soql.parser import parse
from app.sandbox.soql.run import records

__all__ = ["parse", "records", "stream"]

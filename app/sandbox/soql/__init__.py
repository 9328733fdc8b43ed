"""SOQL: text to a plain query, a query to SQL, rows to the answer a Salesforce org gives."""

from app.sandbox.soql.parser import parse

__all__ = ["parse"]

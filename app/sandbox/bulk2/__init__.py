"""Bulk API 2.0: ingest and query jobs over CSV."""

from app.sandbox.bulk2 import extract, ingest

ROUTES = [*ingest.ROUTES, *extract.ROUTES]

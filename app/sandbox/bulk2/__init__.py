"""Bulk API 2.0: ingest and query jobs over CSV."""

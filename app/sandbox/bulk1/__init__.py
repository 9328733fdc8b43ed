"""The older Bulk API (`/services/async`): jobs and batches in CSV, JSON and XML."""

from app.sandbox.bulk1.resources import ROUTES

__all__ = ["ROUTES"]

"""The older Bulk API (`/services/async`): jobs and batches in CSV, JSON and XML."""

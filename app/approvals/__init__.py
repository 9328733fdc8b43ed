"""Requests and their approval: routes, steps, tasks, forms, attachments, authorizations."""

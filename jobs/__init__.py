"""Thin RQ jobs: open a session, call a service, nothing else; one declarative schedule."""

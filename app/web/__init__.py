"""The web's groundwork, for every room that answers HTTP.

operation    declares a route: who may call it, what goes in and out; one transaction a call
problems     one error → problem+json table (RFC 9457)
rate         calls a minute, by user and by address
shield       request ids, security headers, log lines, and the door that fails closed
oauth        the token endpoint: JWT bearer assertions in, short-lived tokens out
assertions   what makes an assertion believable
identity     trusted orgs, users, tokens, rights
export       lists as CSV files
audit        GET /api/audit
paging       keyset cursors
idempotency  a repeated call gets the first one's answer
health       /healthz, /readyz, /openapi.json
commands     `tandem trust` and `tandem rights`
"""

"""Tandem, room by room, from the highest to the lowest. A room may only import what stands below it.

cli         the `tandem` command; jobs (a top-level package) stands beside it
demo        the story that `make demo` tells and verifies
factory     the composition root: the web application, wired from the rooms below
listeners   who is told of changes from Salesforce; for jobs and commands, without Flask
console     the admin's web pages
deals       deal registration: protection, conflicts, decision
crm         the local copies of accounts, contacts, users, products, leads and opportunities
sync        mapping and merge plan (pure), engine, outbox, links, cursors, conflicts
salesforce  the gateway to an org; sole user of simple_salesforce
web         resource server, token endpoint, one error → problem+json table, paging, idempotency
services    PostgreSQL and Valkey under one supervisor, for a machine that has neither
db          engine, sessions, the actor whose rows a session may see
queues      RQ over Redis or Valkey: hints only, never the truth
config      settings from the environment
kernel      pure: errors, actors, names, decimals, times
sandbox     an independent peer: a local Salesforce org over real HTTP. Imports nothing else of app
"""

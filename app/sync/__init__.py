"""Two-way sync between Salesforce and Tandem. It knows objects and fields, and no incentive.

mapping         PURE: what corresponds to what, which way it goes, who owns it; values and transforms
plan            PURE: the three-way merge of one record
engine          what every part shares: both sides, the mappings, who listens; the sync's lock
links, outbox   which row is which record, with the base; which rows have changes to send
inward          poll, pages, identity events, first sync in bulk, fields that come and go
outward         what to write, in as few calls as possible, and what became of it
conflicts       fields that both sides changed and nobody owns
service         a cycle, as jobs and commands call it
status, reconcile   how it stands; both sides compared
admin           what an admin does: check, preview, apply and revert mappings, connect, `tandem sync`
"""

"""Thin RQ jobs: open a session, call a service, nothing else; one declarative schedule.

schedule    what runs, how often, in which queue
runs        the rows behind the jobs: due, lease, attempts, outcome
work        what a worker does with a hint
scheduler   makes due rows, finds lost ones, hints at them
sync        the sync's jobs
approvals   deadlines of requests
partners    the turn of the day
audit       the anchor of the audit trail
commands    `tandem worker`, `tandem scheduler`
"""

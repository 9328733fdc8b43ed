"""Indexes for what a record's page asks: who had the record, and what was requested about it or around it."""

from alembic import op

revision = "0023_record_pages"
down_revision = "0022_sync_words"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_partner_assignment_subject": "partner_assignment (subject_id)",
    "ix_approval_request_account": "approval_request (account_id) WHERE account_id IS NOT NULL",
    "ix_lead_converted_account": "lead (converted_account_id) WHERE converted_account_id IS NOT NULL",
    "ix_lead_converted_opportunity": (
        "lead (converted_opportunity_id) WHERE converted_opportunity_id IS NOT NULL"
    ),
}


def upgrade() -> None:
    for name, what in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {what}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")

"""Timelines, notices and overlaps keep what their sentences are made of, so that each reader has them in the
own language. What was written before stays as it was written, in English."""

from alembic import op

revision = "0016_words"
down_revision = "0015_signs_when_needed"
branch_labels = None
depends_on = None

TABLES = ("approval_event", "approval_notice", "deal_event", "deal_conflict", "partner_event")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN words jsonb")
        op.execute(
            f"COMMENT ON COLUMN {table}.words IS "
            "'the sentence as a message and its values; null for what was written before there were any'"
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN words")

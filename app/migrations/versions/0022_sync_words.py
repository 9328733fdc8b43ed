"""Why a record cannot sync is kept also as a message and its values, so that each reader has it in the own
language, as timelines do."""

from alembic import op

revision = "0022_sync_words"
down_revision = "0021_user_org"
branch_labels = None
depends_on = None

TABLES = ("sync_outbox", "sync_refusal")


def upgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ADD COLUMN words jsonb")
        op.execute(
            f"COMMENT ON COLUMN {table}.words IS 'the error as a message and its values, where there is one'"
        )


def downgrade() -> None:
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} DROP COLUMN words")

"""When an assertion came for the first time."""

from alembic import op

revision = "0017_assertion_seen_at"
down_revision = "0016_words"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""
        ALTER TABLE assertion_seen ADD COLUMN seen_at timestamptz NOT NULL DEFAULT clock_timestamp();
        COMMENT ON COLUMN assertion_seen.jti IS
            'what tells it from others: its jti, or the SHA-256 of its signed part where it has none';
    """)


def downgrade() -> None:
    op.execute("COMMENT ON COLUMN assertion_seen.jti IS NULL; ALTER TABLE assertion_seen DROP COLUMN seen_at")

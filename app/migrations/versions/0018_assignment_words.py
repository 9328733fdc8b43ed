"""Assignments keep what their reasons are made of, as timelines do."""

from alembic import op

revision = "0018_assignment_words"
down_revision = "0017_assertion_seen_at"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("ALTER TABLE partner_assignment ADD COLUMN words jsonb")
    op.execute(
        "COMMENT ON COLUMN partner_assignment.words IS "
        "'the reason as a message and its values, where the rules gave it'"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE partner_assignment DROP COLUMN words")

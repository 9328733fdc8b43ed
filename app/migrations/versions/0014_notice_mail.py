"""Notices go out by mail as well."""

from alembic import op

revision = "0014_notice_mail"
down_revision = "0013_shared_rows"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE approval_notice
    ADD COLUMN mail_due_at timestamptz,
    ADD COLUMN mail_attempts smallint NOT NULL DEFAULT 0 CHECK (mail_attempts >= 0),
    ADD COLUMN mailed_at timestamptz,
    ADD COLUMN mail_error text NOT NULL DEFAULT '';
-- What was told before stays where it is.
ALTER TABLE approval_notice ALTER COLUMN mail_due_at SET DEFAULT clock_timestamp();
CREATE INDEX ix_approval_notice_mail ON approval_notice (mail_due_at) WHERE mail_due_at IS NOT NULL;
COMMENT ON COLUMN approval_notice.mail_due_at IS 
'when a mail is tried next; null when it went out or never will';
"""


def upgrade() -> None:
    op.execute(COLUMNS)


def downgrade() -> None:
    op.execute("""
        ALTER TABLE approval_notice DROP COLUMN mail_due_at, DROP COLUMN mail_attempts,
            DROP COLUMN mailed_at, DROP COLUMN mail_error
    """)

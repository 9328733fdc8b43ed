"""Attachments of requests."""

revision = "0010_forms"
down_revision = "0009_approvals"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

"""Requests, routes, tasks, decisions and authorizations."""

revision = "0009_approvals"
down_revision = "0008_partners"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

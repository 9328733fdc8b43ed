"""Deal registrations go through requests."""

revision = "0011_deal_requests"
down_revision = "0010_forms"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

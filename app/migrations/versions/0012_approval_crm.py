"""What the CRM sees of a request, and what is decided there."""

revision = "0012_approval_crm"
down_revision = "0011_deal_requests"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

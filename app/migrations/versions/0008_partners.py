"""Partners, their levels, people, agreements and assignments."""

revision = "0008_partners"
down_revision = "0007_audit"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

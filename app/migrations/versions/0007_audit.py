"""The audit trail."""

revision = "0007_audit"
down_revision = "0006_account_signs"
branch_labels = None
depends_on = None


def upgrade() -> None:
    pass


def downgrade() -> None:
    pass

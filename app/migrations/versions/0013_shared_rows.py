"""The catalogue of products is read by every partner and written by none."""

from alembic import op

revision = "0013_shared_rows"
down_revision = "0012_approval_crm"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("SELECT tandem_readable('product', 'is_active AND deleted_at IS NULL')")


def downgrade() -> None:
    op.execute("DROP POLICY tandem_partner_reads ON product")
    op.execute("SELECT tandem_protect('product', 'is_active AND deleted_at IS NULL')")

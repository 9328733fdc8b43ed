"""Indexes for the orders in which lists are read, and for a partner's opportunities."""

from alembic import op

revision = "0020_list_orders"
down_revision = "0019_deal_crm"
branch_labels = None
depends_on = None

INDEXES = {
    "ix_deal_registration_changed": "deal_registration (state_since, id)",
    "ix_deal_registration_close": "deal_registration (coalesce(close_date, DATE '9999-12-31'), id)",
    "ix_deal_registration_customer_name": 'deal_registration (lower(customer_name) COLLATE "C", id)',
    "ix_deal_registration_amount": "deal_registration (currency, coalesce(amount, 0), id)",
    "ix_deal_registration_until": "deal_registration (coalesce(protected_until, DATE '9999-12-31'), id)",
    "ix_approval_request_changed": "approval_request (state_since, id)",
    "ix_approval_request_amount": "approval_request (currency, coalesce(amount, 0), id)",
    "ix_approval_request_title": 'approval_request (lower(title) COLLATE "C", id)',
    "ix_opportunity_partner": (
        "opportunity (partner_account_id, close_date) WHERE partner_account_id IS NOT NULL"
    ),
}


def upgrade() -> None:
    for name, what in INDEXES.items():
        op.execute(f"CREATE INDEX {name} ON {what}")


def downgrade() -> None:
    for name in INDEXES:
        op.execute(f"DROP INDEX {name}")

"""What the CRM sees of a deal registration.

Registrations from before get their records from the job `deals.records`, which names who holds them as well.
"""

from alembic import op

revision = "0019_deal_crm"
down_revision = "0018_assignment_words"
branch_labels = None
depends_on = None

# No foreign keys, as with everything that Salesforce has too. The id is the registration's: one row each.
RECORD = """
CREATE TABLE crm_deal_registration (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    number text NOT NULL,
    state text NOT NULL,
    partner_account_id uuid,
    registered_by text,
    customer_account_id uuid,
    customer_name text,
    customer_country text,
    product_family text,
    amount numeric(18, 2),
    currency_code text,
    close_date date,
    holder text,
    held_since timestamptz,
    due timestamptz,
    protected_until date,
    conflict_with text,
    conflict_reason text,
    exception_reason text,
    submitted_at timestamptz,
    decided_at timestamptz,
    decided_by text,
    decision_reason text,
    authorization_number text,
    lead_id uuid,
    opportunity_id uuid,
    approval_request_id uuid,
    extra jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    row_version bigint NOT NULL DEFAULT 1
);
COMMENT ON TABLE crm_deal_registration IS
'the registrations as the CRM shows them to the company, from the moment they are handed in';
SELECT tandem_protect('crm_deal_registration', 'false');
CALL tandem_watch('crm_deal_registration');
"""


def upgrade() -> None:
    op.execute(RECORD)


def downgrade() -> None:
    op.execute("DROP TABLE crm_deal_registration")

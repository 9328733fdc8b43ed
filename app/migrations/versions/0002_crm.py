"""The local copies of Salesforce's accounts, contacts, users, products, leads and opportunities.

No foreign keys between them: Salesforce guards those references, and a child may arrive before its
parent. What a partner may see is said here, table by table.
"""

from alembic import op

revision = "0002_crm"
down_revision = "0001_foundation"
branch_labels = None
depends_on = None

COMMON = """
    extra jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    row_version bigint NOT NULL DEFAULT 1
"""

TABLES = {
    "account": """
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL,
        account_number text,
        type text,
        industry text,
        phone text,
        website text,
        billing_street text,
        billing_city text,
        billing_state text,
        billing_postal_code text,
        billing_country text,
        annual_revenue numeric(18, 2),
        currency_code text,
        parent_id uuid,
        owner_id uuid,
        description text,
        is_partner boolean NOT NULL DEFAULT false,
        merged_into_id uuid,
    """,
    "contact": """
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        account_id uuid,
        first_name text,
        last_name text NOT NULL,
        email text,
        phone text,
        mobile_phone text,
        title text,
        mailing_street text,
        mailing_city text,
        mailing_state text,
        mailing_postal_code text,
        mailing_country text,
        owner_id uuid,
        merged_into_id uuid,
    """,
    "crm_user": """
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        username text NOT NULL,
        email text,
        first_name text,
        last_name text,
        is_active boolean NOT NULL DEFAULT true,
        user_type text,
        contact_id uuid,
        account_id uuid,
        manager_id uuid,
        time_zone text,
        locale text,
        language text,
    """,
    "product": """
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL,
        product_code text,
        family text,
        description text,
        is_active boolean NOT NULL DEFAULT true,
    """,
    "lead": """
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        company text NOT NULL,
        first_name text,
        last_name text NOT NULL,
        email text,
        phone text,
        title text,
        street text,
        city text,
        state text,
        postal_code text,
        country text,
        status text,
        lead_source text,
        rating text,
        annual_revenue numeric(18, 2),
        owner_id uuid,
        is_converted boolean NOT NULL DEFAULT false,
        converted_account_id uuid,
        converted_contact_id uuid,
        converted_opportunity_id uuid,
        partner_account_id uuid,
        registration_number text,
        registration_status text,
        protected_until date,
        description text,
        merged_into_id uuid,
    """,
    "opportunity": """
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL,
        account_id uuid,
        stage_name text NOT NULL,
        amount numeric(18, 2),
        currency_code text,
        close_date date NOT NULL,
        probability numeric(5, 2),
        type text,
        lead_source text,
        next_step text,
        description text,
        is_closed boolean NOT NULL DEFAULT false,
        is_won boolean NOT NULL DEFAULT false,
        owner_id uuid,
        partner_account_id uuid,
        registration_number text,
        registration_status text,
        protected_until date,
    """,
}

#: What a partner sees: its own company and people, the catalogue, and what is assigned to it.
PARTNER_SEES = {
    "account": "id = (SELECT tandem_partner())",
    "contact": "account_id = (SELECT tandem_partner())",
    "crm_user": "account_id = (SELECT tandem_partner())",
    "product": "is_active AND deleted_at IS NULL",
    "lead": "partner_account_id = (SELECT tandem_partner())",
    "opportunity": "partner_account_id = (SELECT tandem_partner())",
}

INDEXES = {
    "account": ["parent_id", "owner_id", "lower(name)"],
    "contact": ["account_id", "lower(email)"],
    "crm_user": ["lower(username)", "account_id", "contact_id"],
    "product": ["product_code", "family"],
    "lead": ["partner_account_id", "registration_number", "lower(email)"],
    "opportunity": ["account_id", "partner_account_id", "registration_number"],
}


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns}{COMMON})")
        for number, expression in enumerate(INDEXES[table], 1):
            op.execute(f"CREATE INDEX ix_{table}_{number} ON {table} ({expression})")
        op.execute(f"SELECT tandem_protect('{table}', $${PARTNER_SEES[table]}$$)")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")

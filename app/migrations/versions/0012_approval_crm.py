"""What the CRM sees of a request, what is decided there, and the org's own approval processes."""

from alembic import op

revision = "0012_approval_crm"
down_revision = "0011_deal_requests"
branch_labels = None
depends_on = None

# No foreign keys, as with everything that Salesforce has too. The id is the request's: one row each.
RECORD = """
CREATE TABLE crm_approval_request (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL,
    number text NOT NULL,
    workflow text NOT NULL,
    title text NOT NULL,
    state text NOT NULL,
    holder text,
    held_since timestamptz,
    due timestamptz,
    step text,
    amount numeric(18, 2),
    currency_code text,
    partner_account_id uuid,
    account_id uuid,
    opportunity_id uuid,
    lead_id uuid,
    requester_id uuid,
    authorization_number text,
    decision text,
    decision_reason text,
    decision_note text,
    last_decision text,
    extra jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    row_version bigint NOT NULL DEFAULT 1
);
CREATE INDEX ix_crm_approval_request_partner ON crm_approval_request (partner_account_id);
CREATE INDEX ix_crm_approval_request_account ON crm_approval_request (account_id)
    WHERE account_id IS NOT NULL;
CREATE INDEX ix_crm_approval_request_opportunity ON crm_approval_request (opportunity_id)
    WHERE opportunity_id IS NOT NULL;
CREATE INDEX ix_crm_approval_request_lead ON crm_approval_request (lead_id) WHERE lead_id IS NOT NULL;
COMMENT ON TABLE crm_approval_request IS 'the requests as the CRM shows them, and decisions made there';
SELECT tandem_protect('crm_approval_request', 'false');
CALL tandem_watch('crm_approval_request');
"""

# A row that the sync held while its request changed: to be brought up to date.
MISSED = """
CREATE TABLE crm_approval_missed (
    request_id uuid CONSTRAINT pk_crm_approval_missed PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT clock_timestamp()
);
SELECT tandem_protect('crm_approval_missed', 'false');
"""

# One row for each step that the org decides: what must happen is a row, whatever becomes of a worker.
PROCESS = """
CREATE TABLE crm_approval_process (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_crm_approval_process PRIMARY KEY,
    request_id uuid NOT NULL,
    round integer NOT NULL,
    step text NOT NULL,
    state text NOT NULL DEFAULT 'waiting'
        CHECK (state IN ('waiting', 'submitted', 'recalling', 'decided', 'recalled', 'returned')),
    record_id text COLLATE "C" CHECK (length(record_id) = 18),
    instance_id text COLLATE "C" CHECK (length(instance_id) = 18),
    attempts integer NOT NULL DEFAULT 0,
    next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    note text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    submitted_at timestamptz,
    ended_at timestamptz,
    CONSTRAINT uq_crm_approval_process_step UNIQUE (request_id, round, step),
    CONSTRAINT ck_crm_approval_process_submitted
        CHECK (state NOT IN ('submitted', 'decided') OR instance_id IS NOT NULL),
    CONSTRAINT ck_crm_approval_process_ended
        CHECK ((ended_at IS NOT NULL) = (state IN ('decided', 'recalled', 'returned')))
);
CREATE INDEX ix_crm_approval_process_open ON crm_approval_process (next_at)
    WHERE state IN ('waiting', 'submitted', 'recalling');
COMMENT ON TABLE crm_approval_process IS 'steps that an approval process in Salesforce decides';
COMMENT ON COLUMN crm_approval_process.state IS
'returned: the org has no process for it, or its outcome does not count here, and Tandem decides the step';
SELECT tandem_protect('crm_approval_process', 'false');
"""

COLUMNS = ("approval_status", "authorization_number")


def upgrade() -> None:
    op.execute(RECORD)
    op.execute(MISSED)
    op.execute(PROCESS)
    for table in ("lead", "opportunity"):
        for column in COLUMNS:
            op.execute(f"ALTER TABLE {table} ADD COLUMN {column} text")


def downgrade() -> None:
    for table in ("lead", "opportunity"):
        for column in COLUMNS:
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
    op.execute("DROP TABLE crm_approval_process")
    op.execute("DROP TABLE crm_approval_missed")
    op.execute("DROP TABLE crm_approval_request")

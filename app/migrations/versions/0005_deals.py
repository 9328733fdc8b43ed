"""Deal registrations, their timeline, and what they overlap with."""

from alembic import op

revision = "0005_deals"
down_revision = "0004_identity"
branch_labels = None
depends_on = None

TABLES = """
CREATE SEQUENCE deal_number START 1001;
CREATE SEQUENCE deal_submission;

CREATE TABLE deal_registration (
    id uuid CONSTRAINT pk_deal_registration PRIMARY KEY DEFAULT gen_random_uuid(),
    number text NOT NULL DEFAULT 'DR-' || nextval('deal_number')
        CONSTRAINT uq_deal_registration_number UNIQUE,
    partner_account_id uuid NOT NULL,
    submitted_by uuid NOT NULL,
    customer_name text NOT NULL DEFAULT '',
    customer_country text NOT NULL DEFAULT '' CHECK (customer_country ~ '^([A-Z]{2})?$'),
    customer_postal_code text NOT NULL DEFAULT '',
    customer_city text NOT NULL DEFAULT '',
    customer_website text NOT NULL DEFAULT '',
    contact_first_name text NOT NULL DEFAULT '',
    contact_last_name text NOT NULL DEFAULT '',
    contact_email text NOT NULL DEFAULT '',
    contact_phone text NOT NULL DEFAULT '',
    product_family text NOT NULL DEFAULT '',
    products text[] NOT NULL DEFAULT '{}',
    amount numeric(18, 2) CHECK (amount > 0),
    currency text NOT NULL DEFAULT '' CHECK (currency ~ '^([A-Z]{3})?$'),
    close_date date,
    description text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'info_needed', 'approved',
        'rejected', 'withdrawn', 'expired', 'won', 'lost')),
    state_since timestamptz NOT NULL DEFAULT now(),
    submitted_at timestamptz,
    submission bigint CONSTRAINT uq_deal_registration_submission UNIQUE,
    protected_until date,
    decided_by uuid,
    decided_at timestamptz,
    decision_reason text,
    override_reason text,
    customer_account_id uuid,
    customer_domain text NOT NULL DEFAULT '',
    customer_name_key text NOT NULL DEFAULT '',
    customer_key text NOT NULL DEFAULT '',
    lead_id uuid,
    opportunity_id uuid,
    opportunity_stage text NOT NULL DEFAULT '',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    row_version bigint NOT NULL DEFAULT 1,
    CONSTRAINT ck_deal_registration_two_people CHECK (decided_by <> submitted_by),
    CONSTRAINT ck_deal_registration_submitted
        CHECK ((submitted_at IS NULL) = (submission IS NULL)
               AND (state IN ('draft', 'withdrawn') OR submission IS NOT NULL)),
    CONSTRAINT ck_deal_registration_approved
        CHECK (state NOT IN ('approved', 'expired', 'won', 'lost')
               OR (decided_by IS NOT NULL AND decided_at IS NOT NULL AND protected_until IS NOT NULL)),
    CONSTRAINT ck_deal_registration_rejected
        CHECK (state <> 'rejected' OR (decided_by IS NOT NULL AND decision_reason <> ''))
);
CREATE INDEX ix_deal_registration_partner ON deal_registration (partner_account_id, created_at DESC);
CREATE INDEX ix_deal_registration_state ON deal_registration (state, submission);
CREATE INDEX ix_deal_registration_created ON deal_registration (created_at DESC, id DESC);
CREATE INDEX ix_deal_registration_open ON deal_registration (submission)
    WHERE state IN ('submitted', 'info_needed', 'approved');
CREATE INDEX ix_deal_registration_protected ON deal_registration (protected_until) WHERE state = 'approved';
CREATE INDEX ix_deal_registration_opportunity ON deal_registration (opportunity_id);
CREATE INDEX ix_deal_registration_lead ON deal_registration (lead_id);
CREATE INDEX ix_deal_registration_customer ON deal_registration (customer_account_id);
COMMENT ON COLUMN deal_registration.submission IS
'order of the first complete submissions; the earlier one has the better right';

CREATE TABLE deal_event (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_deal_event PRIMARY KEY,
    registration_id uuid NOT NULL REFERENCES deal_registration,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id uuid,
    actor_name text NOT NULL,
    kind text NOT NULL,
    from_state text,
    to_state text,
    reason text NOT NULL DEFAULT '',
    sentence text NOT NULL
);
CREATE INDEX ix_deal_event_registration ON deal_event (registration_id, id);
COMMENT ON TABLE deal_event IS 'the timeline both sides read; rows are never changed or removed';

CREATE TABLE deal_conflict (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_deal_conflict PRIMARY KEY,
    registration_id uuid NOT NULL REFERENCES deal_registration,
    kind text NOT NULL CHECK (kind IN ('registration', 'opportunity')),
    other_number text NOT NULL DEFAULT '',
    other_until date,
    sentence text NOT NULL,
    found_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_deal_conflict_registration ON deal_conflict (registration_id);
COMMENT ON TABLE deal_conflict IS 
'what the partner may know of an overlap: a number and a date, no names, no prices';

CREATE TABLE deal_conflict_evidence (
    conflict_id bigint CONSTRAINT pk_deal_conflict_evidence PRIMARY KEY REFERENCES deal_conflict,
    other_id uuid NOT NULL,
    why text NOT NULL CHECK (why IN ('account', 'domain', 'name')),
    evidence jsonb NOT NULL
);
COMMENT ON TABLE deal_conflict_evidence IS 'the other side of an overlap, for the company only';
"""

APPEND_ONLY = """
CREATE FUNCTION tandem_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'rows of % are never changed or removed', TG_TABLE_NAME
        USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON deal_event
    FOR EACH ROW EXECUTE FUNCTION tandem_append_only();
CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON deal_event
    FOR EACH STATEMENT EXECUTE FUNCTION tandem_append_only();

CREATE FUNCTION tandem_deal_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.submission IS NOT NULL AND (NEW.submission, NEW.submitted_at, NEW.number)
            IS DISTINCT FROM (OLD.submission, OLD.submitted_at, OLD.number) THEN
        RAISE EXCEPTION 'when a registration was submitted is never changed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.updated_at := clock_timestamp();
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER touch BEFORE UPDATE ON deal_registration
    FOR EACH ROW EXECUTE FUNCTION tandem_deal_touch();
"""

OWN = "partner_account_id = (SELECT tandem_partner())"
# Row-level security holds inside as well: what belongs to a registration is seen by whoever sees that.
OF_ITS_REGISTRATION = "EXISTS (SELECT FROM deal_registration r WHERE r.id = registration_id)"


def upgrade() -> None:
    op.execute(TABLES)
    op.execute(APPEND_ONLY)
    op.execute(f"SELECT tandem_protect('deal_registration', $${OWN}$$)")
    for table in ("deal_event", "deal_conflict"):
        op.execute(f"SELECT tandem_protect('{table}', $${OF_ITS_REGISTRATION}$$)")
    op.execute("SELECT tandem_protect('deal_conflict_evidence', 'false')")
    op.execute("CREATE INDEX ix_account_website_trgm ON account USING gin (lower(website) gin_trgm_ops)")


def downgrade() -> None:
    op.execute("DROP INDEX ix_account_website_trgm")
    for table in ("deal_conflict_evidence", "deal_conflict", "deal_event", "deal_registration"):
        op.execute(f"DROP TABLE {table}")
    op.execute("DROP FUNCTION tandem_append_only, tandem_deal_touch")
    op.execute("DROP SEQUENCE deal_number, deal_submission")

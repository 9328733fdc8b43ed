"""Partners, their levels, people, agreements and assignments.

Whatever a partner's person changes here is written in the system's name by the service, so partners only
read: `tandem_readable` gives them their own rows and no way to write.
"""

from alembic import op

revision = "0008_partners"
down_revision = "0007_audit"
branch_labels = None
depends_on = None

READABLE = """
CREATE FUNCTION tandem_readable(target regclass, partner_expression text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    PERFORM tandem_protect(target, 'false');
    EXECUTE format('DROP POLICY tandem_partner ON %s', target);
    EXECUTE format('CREATE POLICY tandem_partner ON %s FOR INSERT WITH CHECK (false)', target);
    EXECUTE format(
        'CREATE POLICY tandem_partner_reads ON %s FOR SELECT '
        'USING ((SELECT tandem_scope()) = ''partner'' AND (%s))',
        target, partner_expression);
END
$$;
COMMENT ON FUNCTION tandem_readable(regclass, text) IS
'rows of a table: all for the company; a partner reads those where the expression holds and writes none';
"""

CATALOGUE = """
CREATE TABLE region (
    key text CONSTRAINT pk_region PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    name text NOT NULL CHECK (name <> ''),
    countries text[] NOT NULL DEFAULT '{}'
);
COMMENT ON TABLE region IS 'where partners sell: ISO country codes; a country belongs to one region';

CREATE TABLE partner_level (
    key text CONSTRAINT pk_partner_level PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    name text NOT NULL CONSTRAINT uq_partner_level_name UNIQUE CHECK (name <> ''),
    weight numeric(8, 2) NOT NULL CHECK (weight >= 0),
    default_plan text NOT NULL DEFAULT '',
    benefits text[] NOT NULL DEFAULT '{}',
    requirements jsonb NOT NULL DEFAULT '[]',
    grace_days integer NOT NULL DEFAULT 0 CHECK (grace_days BETWEEN 0 AND 3650),
    initial boolean NOT NULL DEFAULT false,
    retired boolean NOT NULL DEFAULT false,
    row_version bigint NOT NULL DEFAULT 1
);
CREATE UNIQUE INDEX uq_partner_level_initial ON partner_level (initial) WHERE initial;
COMMENT ON COLUMN partner_level.weight IS
'ranks the levels, and weights the automatic assignment; 0: gets nothing by itself';
COMMENT ON COLUMN partner_level.grace_days IS
'how long a partner keeps this level before it falls to a lower one';

CREATE TABLE partner_activation (
    key text CONSTRAINT pk_partner_activation PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    name text NOT NULL CONSTRAINT uq_partner_activation_name UNIQUE CHECK (name <> ''),
    position integer NOT NULL CONSTRAINT uq_partner_activation_position UNIQUE,
    requirements jsonb NOT NULL DEFAULT '[]'
);
COMMENT ON TABLE partner_activation IS 'the stages of onboarding, in order; independent of the level';

CREATE TABLE certification (
    key text CONSTRAINT pk_certification PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    name text NOT NULL CHECK (name <> ''),
    product_family text NOT NULL DEFAULT '',
    valid_months integer CHECK (valid_months > 0)
);
COMMENT ON COLUMN certification.product_family IS 'what it entitles to sell; empty: no family';
"""

SEED = """
INSERT INTO region (key, name, countries) VALUES
    ('north_america', 'North America', '{US,CA,MX}'),
    ('latin_america', 'Latin America', '{AR,BO,BR,CL,CO,CR,DO,EC,GT,HN,NI,PA,PE,PR,PY,SV,UY,VE}'),
    ('europe', 'Europe', '{AD,AL,AT,BA,BE,BG,CH,CY,CZ,DE,DK,EE,ES,FI,FR,GB,GR,HR,HU,IE,IS,IT,LI,LT,LU,LV,MC,'
        'MD,ME,MK,MT,NL,NO,PL,PT,RO,RS,SE,SI,SK,SM,UA,XK}'),
    ('middle_east_africa', 'Middle East and Africa',
        '{AE,BH,DZ,EG,ET,GH,IL,IQ,JO,KE,KW,LB,MA,NG,OM,QA,SA,TN,TR,TZ,UG,ZA}'),
    ('asia_pacific', 'Asia Pacific', '{AU,BD,CN,HK,ID,IN,JP,KR,LK,MY,NZ,PH,PK,SG,TH,TW,VN}');

INSERT INTO partner_level (key, name, weight, default_plan, benefits, requirements, grace_days, initial)
VALUES
    ('bronze', 'Bronze', 1, 'standard', '{Deal registration,Partner portal}', '[]', 0, true),
    ('silver', 'Silver', 2, 'silver', '{Deal registration,Partner portal,Shared leads}',
     '[{"kind": "activation", "value": "operational"}, {"kind": "certifications", "count": 1},
       {"kind": "won_deals", "count": 2}]', 90, false),
    ('gold', 'Gold', 4, 'gold', '{Deal registration,Partner portal,Shared leads,Marketing funds}',
     '[{"kind": "activation", "value": "operational"}, {"kind": "certifications", "count": 2},
       {"kind": "won_deals", "count": 5}, {"kind": "partner_days", "count": 365}]', 90, false);

INSERT INTO partner_activation (key, name, position, requirements) VALUES
    ('first_contact', 'First contact', 1, '[]'),
    ('ramp_up', 'Ramp-up', 2,
     '[{"kind": "agreement"}, {"kind": "task", "key": "kick_off", "title": "Kick-off call held"},
       {"kind": "people", "count": 1}]'),
    ('operational', 'Fully operational', 3,
     '[{"kind": "task", "key": "sales_training", "title": "Sales training completed"},
       {"kind": "people", "count": 2}]');
"""

PARTNER = """
CREATE TABLE partner (
    account_id uuid CONSTRAINT pk_partner PRIMARY KEY,
    kind text NOT NULL CHECK (kind IN ('distributor', 'reseller')),
    status text NOT NULL CHECK (status IN ('applicant', 'approved', 'active', 'suspended', 'ended')),
    status_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    status_reason text NOT NULL DEFAULT '',
    before_suspension text CHECK (before_suspension IN ('approved', 'active')),
    since date,
    ended_on date,
    region text REFERENCES region,
    countries text[] NOT NULL DEFAULT '{}',
    weight numeric(8, 2) CHECK (weight >= 0),
    lead_capacity integer CHECK (lead_capacity >= 0),
    deal_capacity integer CHECK (deal_capacity >= 0),
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    row_version bigint NOT NULL DEFAULT 1,
    CONSTRAINT ck_partner_since CHECK (status NOT IN ('active', 'suspended') OR since IS NOT NULL
                                       OR before_suspension = 'approved'),
    CONSTRAINT ck_partner_suspended CHECK ((status = 'suspended') = (before_suspension IS NOT NULL)),
    CONSTRAINT ck_partner_ended CHECK ((status = 'ended') = (ended_on IS NOT NULL))
);
CREATE INDEX ix_partner_status ON partner (status);
COMMENT ON TABLE partner IS 'a company of the channel; its name and manager are those of the account';
COMMENT ON COLUMN partner.countries IS 'where it may sell; empty: the countries of its region';
COMMENT ON COLUMN partner.weight IS 'instead of the level''s weight; null: the level''s';
COMMENT ON COLUMN partner.lead_capacity IS 'open leads it can take at a time; null: any number';

CREATE FUNCTION tandem_count_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER touch BEFORE UPDATE ON partner FOR EACH ROW EXECUTE FUNCTION tandem_count_version();
CREATE TRIGGER touch BEFORE UPDATE ON partner_level FOR EACH ROW EXECUTE FUNCTION tandem_count_version();

CREATE TABLE partner_event (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_partner_event PRIMARY KEY,
    partner_account_id uuid NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id uuid,
    actor_name text NOT NULL,
    kind text NOT NULL,
    sentence text NOT NULL,
    reason text NOT NULL DEFAULT '',
    visible text NOT NULL DEFAULT 'both' CHECK (visible IN ('both', 'company'))
);
CREATE INDEX ix_partner_event_partner ON partner_event (partner_account_id, id DESC);
COMMENT ON TABLE partner_event IS 'the timeline of a partner; rows are never changed or removed';

CREATE TABLE partner_period (
    id uuid CONSTRAINT pk_partner_period PRIMARY KEY DEFAULT gen_random_uuid(),
    partner_account_id uuid NOT NULL,
    about text NOT NULL CHECK (about IN ('level', 'activation')),
    key text NOT NULL,
    plan text NOT NULL DEFAULT '',
    during daterange NOT NULL CHECK (NOT isempty(during) AND lower_inc(during) AND NOT lower_inf(during)),
    reason text NOT NULL DEFAULT '',
    set_by uuid,
    set_by_name text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    superseded_at timestamptz,
    -- Half-open days without overlap; what was replaced as a whole stays to be read.
    CONSTRAINT ex_partner_period EXCLUDE USING gist (
        partner_account_id WITH =, about WITH =, during WITH &&) WHERE (superseded_at IS NULL)
);
CREATE INDEX ix_partner_period_partner ON partner_period (partner_account_id, about, set_at);
COMMENT ON COLUMN partner_period.plan IS 'the commission plan of the period; by default the level''s';

CREATE TABLE partner_task (
    partner_account_id uuid NOT NULL,
    key text NOT NULL,
    done_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    done_by uuid,
    done_by_name text NOT NULL,
    note text NOT NULL DEFAULT '',
    CONSTRAINT pk_partner_task PRIMARY KEY (partner_account_id, key)
);
COMMENT ON TABLE partner_task IS 'what somebody ticked off in the checklist of a level or an activation';

CREATE TABLE partner_person (
    id uuid CONSTRAINT pk_partner_person PRIMARY KEY DEFAULT gen_random_uuid(),
    partner_account_id uuid NOT NULL,
    person_id uuid NOT NULL,
    role text NOT NULL CHECK (role IN ('seller', 'admin', 'finance')),
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    granted_by uuid,
    withdrawn_at timestamptz,
    withdrawn_by uuid
);
CREATE UNIQUE INDEX uq_partner_person ON partner_person (
    partner_account_id, role, person_id) WHERE withdrawn_at IS NULL;
COMMENT ON COLUMN partner_person.person_id IS 'a user, or a contact who does not sign in';

CREATE TABLE partner_supply (
    id uuid CONSTRAINT pk_partner_supply PRIMARY KEY DEFAULT gen_random_uuid(),
    distributor_account_id uuid NOT NULL,
    reseller_account_id uuid NOT NULL,
    during daterange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during)),
    set_by_name text NOT NULL,
    set_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT ck_partner_supply_two CHECK (distributor_account_id <> reseller_account_id),
    CONSTRAINT ex_partner_supply EXCLUDE USING gist (
        distributor_account_id WITH =, reseller_account_id WITH =, during WITH &&)
);
CREATE INDEX ix_partner_supply_reseller ON partner_supply (reseller_account_id);
COMMENT ON TABLE partner_supply IS 'which reseller a distributor serves, and when';

CREATE TABLE partner_certification (
    id uuid CONSTRAINT pk_partner_certification PRIMARY KEY DEFAULT gen_random_uuid(),
    partner_account_id uuid NOT NULL,
    certification text NOT NULL REFERENCES certification,
    contact_id uuid,
    reference text NOT NULL DEFAULT '',
    during daterange NOT NULL CHECK (NOT isempty(during) AND NOT lower_inf(during)),
    reminded_on date,
    expired_at timestamptz,
    revoked_at timestamptz,
    revoke_reason text NOT NULL DEFAULT '',
    added_by_name text NOT NULL,
    added_at timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ix_partner_certification_partner ON partner_certification (partner_account_id);
CREATE INDEX ix_partner_certification_end ON partner_certification (upper(during))
    WHERE expired_at IS NULL AND revoked_at IS NULL;
COMMENT ON COLUMN partner_certification.during IS 'half-open: the first day after its last day ends it';
"""

AGREEMENTS = """
CREATE TABLE agreement (
    key text CONSTRAINT pk_agreement PRIMARY KEY CHECK (key ~ '^[a-z][a-z0-9_]*$'),
    title text NOT NULL CHECK (title <> ''),
    kinds text[] NOT NULL DEFAULT '{distributor,reseller}',
    retired boolean NOT NULL DEFAULT false
);
CREATE TABLE agreement_version (
    id uuid CONSTRAINT pk_agreement_version PRIMARY KEY DEFAULT gen_random_uuid(),
    agreement text NOT NULL REFERENCES agreement,
    version integer NOT NULL CHECK (version > 0),
    texts jsonb NOT NULL,
    hashes jsonb NOT NULL,
    effective_on date NOT NULL,
    accept_within_days integer NOT NULL DEFAULT 30 CHECK (accept_within_days BETWEEN 1 AND 3650),
    published_by_name text NOT NULL,
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT uq_agreement_version UNIQUE (agreement, version)
);
COMMENT ON COLUMN agreement_version.texts IS 'language → the whole text; hashes: language → its SHA-256, hex';
CREATE TABLE agreement_acceptance (
    id uuid CONSTRAINT pk_agreement_acceptance PRIMARY KEY DEFAULT gen_random_uuid(),
    partner_account_id uuid NOT NULL,
    version_id uuid NOT NULL REFERENCES agreement_version,
    language text NOT NULL,
    sha256 text NOT NULL CHECK (length(sha256) = 64),
    user_id uuid NOT NULL,
    user_name text NOT NULL,
    name_typed text NOT NULL CHECK (name_typed <> ''),
    user_agent text NOT NULL DEFAULT '',
    remote_address text NOT NULL DEFAULT '',
    accepted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT uq_agreement_acceptance UNIQUE (partner_account_id, version_id)
);
COMMENT ON TABLE agreement_acceptance IS 'who accepted which exact text, when; never changed or removed';

INSERT INTO agreement (key, title) VALUES ('partner_agreement', 'Partner agreement');
"""

ASSIGNMENTS = """
CREATE TABLE partner_assignment (
    id uuid CONSTRAINT pk_partner_assignment PRIMARY KEY DEFAULT gen_random_uuid(),
    subject text NOT NULL CHECK (subject IN ('lead', 'opportunity', 'sales_order')),
    subject_id uuid NOT NULL,
    partner_account_id uuid NOT NULL,
    manner text NOT NULL CHECK (manner IN ('hand', 'automatic', 'crm', 'registration')),
    because text NOT NULL DEFAULT '',
    considered jsonb NOT NULL DEFAULT '[]',
    assigned_by uuid,
    assigned_by_name text NOT NULL,
    assigned_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at timestamptz,
    ended_by_name text NOT NULL DEFAULT '',
    end_reason text NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX uq_partner_assignment_open ON partner_assignment (subject_id) WHERE ended_at IS NULL;
CREATE INDEX ix_partner_assignment_partner ON partner_assignment (partner_account_id, assigned_at);
COMMENT ON COLUMN partner_assignment.considered IS 'the others, and why not; for the company only';
"""

COMMON = """
    extra jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz,
    row_version bigint NOT NULL DEFAULT 1
"""

SYNCED = {
    "channel_program": """
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL,
        category text,
        description text,
        is_active boolean NOT NULL DEFAULT true,
    """,
    "channel_program_level": """
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        name text NOT NULL,
        program_id uuid,
        rank integer,
        description text,
    """,
    "channel_program_member": """
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        program_id uuid,
        partner_account_id uuid,
        level_id uuid,
    """,
    "sales_order": """
        id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
        number text,
        account_id uuid,
        opportunity_id uuid,
        status text,
        effective_date date,
        total_amount numeric(18, 2),
        currency_code text,
        owner_id uuid,
        partner_account_id uuid,
    """,
}

PARTNER_SEES = {
    "channel_program": "false",
    "channel_program_level": "false",
    "channel_program_member": "partner_account_id = (SELECT tandem_partner())",
    "sales_order": "partner_account_id = (SELECT tandem_partner())",
}

INDEXES = {
    "channel_program": [],
    "channel_program_level": ["program_id"],
    "channel_program_member": ["partner_account_id"],
    "sales_order": ["account_id", "opportunity_id", "partner_account_id"],
}

OWN = "partner_account_id = (SELECT tandem_partner())"

READ = {
    "region": "true",
    "partner_level": "true",
    "partner_activation": "true",
    "certification": "true",
    "partner": "account_id = (SELECT tandem_partner())",
    "partner_event": f"visible = 'both' AND {OWN}",
    "partner_period": OWN,
    "partner_task": OWN,
    "partner_person": OWN,
    "partner_supply": "(SELECT tandem_partner()) IN (distributor_account_id, reseller_account_id)",
    "partner_certification": OWN,
    "agreement": "true",
    "agreement_version": "true",
    "agreement_acceptance": OWN,
    # What the company weighed is in its rows: partners read their assignments through lead and opportunity.
    "partner_assignment": "false",
}

APPEND_ONLY = ("partner_event", "agreement_version", "agreement_acceptance")


def upgrade() -> None:
    op.execute(READABLE)
    for part in (CATALOGUE, PARTNER, AGREEMENTS, ASSIGNMENTS):
        op.execute(part)
    # Not op.execute: it would take the colons of the documents for parameters.
    op.get_bind().exec_driver_sql(SEED)
    for table in APPEND_ONLY:
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION tandem_append_only();
            CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION tandem_append_only();
        """)
    for table, expression in READ.items():
        op.execute(f"SELECT tandem_readable('{table}', $${expression}$$)")
    for table, columns in SYNCED.items():
        op.execute(f"CREATE TABLE {table} ({columns}{COMMON})")
        for number, expression in enumerate(INDEXES[table], 1):
            op.execute(f"CREATE INDEX ix_{table}_{number} ON {table} ({expression})")
        op.execute(f"SELECT tandem_protect('{table}', $${PARTNER_SEES[table]}$$)")
        op.execute(f"CALL tandem_watch('{table}')")
    op.execute("""
        ALTER TABLE account
            ADD COLUMN partner_kind text,
            ADD COLUMN partner_status text,
            ADD COLUMN partner_level text,
            ADD COLUMN partner_activation text,
            ADD COLUMN partner_since date
    """)
    op.execute("CREATE INDEX ix_lead_owner_partner ON lead (partner_account_id) WHERE NOT is_converted")


def downgrade() -> None:
    op.execute("DROP INDEX ix_lead_owner_partner")
    op.execute("""
        ALTER TABLE account DROP COLUMN partner_kind, DROP COLUMN partner_status,
            DROP COLUMN partner_level, DROP COLUMN partner_activation, DROP COLUMN partner_since
    """)
    for table in [*reversed(SYNCED), *(t for t in reversed(READ) if t not in ("region", "certification"))]:
        op.execute(f"DROP TABLE {table} CASCADE")
    op.execute("DROP TABLE certification, region")
    op.execute("DROP FUNCTION tandem_count_version")
    op.execute("DROP FUNCTION tandem_readable")

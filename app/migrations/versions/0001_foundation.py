"""Scopes, row-level security for every later table, and the rows behind the jobs."""

from alembic import context, op

revision = "0001_foundation"
down_revision = None
branch_labels = None
depends_on = None

SCOPES = """
CREATE FUNCTION tandem_scope() RETURNS text LANGUAGE sql STABLE PARALLEL SAFE
RETURN coalesce(current_setting('tandem.scope', true), '');

CREATE FUNCTION tandem_partner() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
RETURN nullif(current_setting('tandem.partner_id', true), '')::uuid;

COMMENT ON FUNCTION tandem_scope() IS
'system, staff or partner, as the transaction says; empty where it says nothing, and then no row is visible';
COMMENT ON FUNCTION tandem_partner() IS
'the partner account that the transaction is bound to; null for everybody else';
"""

PROTECT = """
CREATE FUNCTION tandem_protect(target regclass, partner_expression text) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format('DROP POLICY IF EXISTS tandem_company ON %s', target);
    EXECUTE format('DROP POLICY IF EXISTS tandem_partner ON %s', target);
    EXECUTE format(
        'CREATE POLICY tandem_company ON %s '
        'USING ((SELECT tandem_scope()) IN (''system'', ''staff'')) '
        'WITH CHECK ((SELECT tandem_scope()) IN (''system'', ''staff''))',
        target);
    EXECUTE format(
        'CREATE POLICY tandem_partner ON %s '
        'USING ((SELECT tandem_scope()) = ''partner'' AND (%s)) '
        'WITH CHECK ((SELECT tandem_scope()) = ''partner'' AND (%s))',
        target, partner_expression, partner_expression);
END
$$;

COMMENT ON FUNCTION tandem_protect(regclass, text) IS
'rows of a table: all for the company, for a partner those where the expression holds, none for anybody else';
"""

JOB_RUN = """
CREATE TABLE job_run (
    id uuid CONSTRAINT pk_job_run PRIMARY KEY DEFAULT gen_random_uuid(),
    name text NOT NULL CONSTRAINT ck_job_run_name CHECK (name <> ''),
    slot timestamptz,
    arguments jsonb NOT NULL DEFAULT '{}',
    due_at timestamptz NOT NULL DEFAULT now(),
    hinted_at timestamptz,
    started_at timestamptz,
    lease_until timestamptz,
    finished_at timestamptz,
    attempts integer NOT NULL DEFAULT 0 CONSTRAINT ck_job_run_attempts CHECK (attempts >= 0),
    outcome text CONSTRAINT ck_job_run_outcome CHECK (outcome IN ('done', 'failed', 'skipped')),
    error text,
    CONSTRAINT ck_job_run_finished CHECK ((finished_at IS NULL) = (outcome IS NULL)),
    CONSTRAINT uq_job_run_slot UNIQUE (name, slot)
);
CREATE INDEX ix_job_run_open ON job_run (due_at) WHERE finished_at IS NULL;
CREATE INDEX ix_job_run_finished ON job_run (finished_at) WHERE finished_at IS NOT NULL;
-- One run waits for each name and arguments; asking again while it waits adds nothing.
CREATE UNIQUE INDEX uq_job_run_waiting ON job_run (name, arguments)
    WHERE finished_at IS NULL AND started_at IS NULL;
COMMENT ON TABLE job_run IS 'every job that must happen; Redis only hints at these rows';
COMMENT ON COLUMN job_run.slot IS 'the moment of the schedule this run stands for; null when asked for';
COMMENT ON COLUMN job_run.attempts IS 'also the fencing token: only the newest attempt may finish';
SELECT tandem_protect('job_run', 'false');
"""


def upgrade() -> None:
    # All three are trusted: whoever may create in the database may create them.
    for extension in ("pg_trgm", "btree_gist", "unaccent"):
        op.execute(f"CREATE EXTENSION IF NOT EXISTS {extension}")
    op.execute(SCOPES)
    op.execute(PROTECT)
    role = op.get_bind().dialect.identifier_preparer.quote(context.config.attributes["app_role"])
    op.execute(f"""
        GRANT USAGE ON SCHEMA public TO {role};
        GRANT SELECT ON alembic_version TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA public
            GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
        ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT USAGE, SELECT ON SEQUENCES TO {role};
    """)
    op.execute(JOB_RUN)


def downgrade() -> None:
    raise NotImplementedError("Tandem's revisions go forward only; restore a backup to go back.")

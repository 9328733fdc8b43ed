"""What the sync keeps: links with their base, the outbox and its triggers, cursors, conflicts, runs.

The outbox is written by triggers, in the transaction that makes the change, whoever makes it and by
whatever statement. While the sync applies what came from Salesforce it sets `tandem.applying`, and the
triggers stay silent.
"""

from alembic import op

revision = "0003_sync"
down_revision = "0002_crm"
branch_labels = None
depends_on = None

SYNCED = ("account", "contact", "crm_user", "product", "lead", "opportunity")

TABLES = {
    "sync_link": """
        local_id uuid PRIMARY KEY,
        table_name text NOT NULL,
        sobject text NOT NULL,
        sf_id text COLLATE "C" UNIQUE CHECK (length(sf_id) = 18),
        state text NOT NULL DEFAULT 'linked' CHECK (state IN ('linked', 'deleted', 'merged', 'converted')),
        base jsonb NOT NULL DEFAULT '{}',
        unresolved jsonb,
        base_stamp timestamptz,
        sf_modified timestamptz,
        sf_modified_by text COLLATE "C",
        read_at timestamptz
    """,
    "sync_alias": """
        sf_id text COLLATE "C" PRIMARY KEY CHECK (length(sf_id) = 18),
        sobject text NOT NULL,
        local_id uuid NOT NULL,
        reason text NOT NULL CHECK (reason IN ('merge', 'convert', 'relink')),
        noted_at timestamptz NOT NULL DEFAULT now()
    """,
    "sync_outbox": """
        local_id uuid PRIMARY KEY,
        table_name text NOT NULL,
        op text NOT NULL CHECK (op IN ('upsert', 'delete')),
        columns jsonb NOT NULL DEFAULT '{}',
        version bigint NOT NULL DEFAULT 1,
        first_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        state text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'held')),
        sent jsonb,
        sent_version bigint,
        attempts integer NOT NULL DEFAULT 0,
        next_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        error_kind text,
        error_code text,
        error text
    """,
    "sync_cursor": """
        sobject text PRIMARY KEY,
        stamp timestamptz,
        backfill jsonb,
        gaps jsonb NOT NULL DEFAULT '{}',
        polled_at timestamptz,
        server_at timestamptz,
        lag_seconds integer NOT NULL DEFAULT 120
    """,
    "sync_conflict": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        sobject text NOT NULL,
        local_id uuid NOT NULL,
        field text NOT NULL,
        base jsonb,
        ours jsonb,
        theirs jsonb,
        found_at timestamptz NOT NULL DEFAULT now(),
        resolved_at timestamptz,
        resolved_by text,
        resolution text CHECK (resolution IN ('tandem', 'salesforce', 'agreed', 'gone'))
    """,
    "sync_refusal": """
        sf_id text COLLATE "C" PRIMARY KEY,
        sobject text NOT NULL,
        record jsonb NOT NULL,
        error text NOT NULL,
        found_at timestamptz NOT NULL DEFAULT now()
    """,
    "sync_event": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        at timestamptz NOT NULL DEFAULT now(),
        sobject text NOT NULL,
        local_id uuid,
        kind text NOT NULL,
        sentence text NOT NULL
    """,
    "sync_bulk_job": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        sobject text NOT NULL,
        job jsonb NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
    """,
    "sync_run": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        kind text NOT NULL,
        started_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        finished_at timestamptz,
        counts jsonb NOT NULL DEFAULT '{}',
        api_calls integer NOT NULL DEFAULT 0,
        error text
    """,
    "mapping_version": """
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        hash text NOT NULL,
        documents jsonb NOT NULL,
        note text NOT NULL DEFAULT '',
        applied_at timestamptz NOT NULL DEFAULT now(),
        applied_by text NOT NULL,
        active boolean NOT NULL DEFAULT false
    """,
}

INDEXES = [
    "CREATE INDEX ix_sync_link_table_name ON sync_link (table_name)",
    "CREATE INDEX ix_sync_link_unresolved ON sync_link (sobject) WHERE unresolved IS NOT NULL",
    # not limited to some states: a change of state would have to touch it
    "CREATE INDEX ix_sync_outbox_due ON sync_outbox (table_name, next_at)",
    "CREATE UNIQUE INDEX uq_sync_conflict_open ON sync_conflict (local_id, field) WHERE resolved_at IS NULL",
    "CREATE UNIQUE INDEX uq_mapping_version_active ON mapping_version (active) WHERE active",
    "CREATE INDEX ix_sync_event_at ON sync_event (at)",
    "CREATE INDEX ix_sync_bulk_job_open ON sync_bulk_job (id) WHERE finished_at IS NULL",
]

# The outbox belongs to the system, so the functions act as the system while they write it.
# One statement an event, set-based: ten thousand changed rows cost one INSERT … SELECT. `columns` keeps
# when each column was last changed here, which is what the owner `newest` compares. A change to a held
# row makes it pending again: somebody may just have mended it.
REMEMBER = """
    ON CONFLICT (local_id) DO UPDATE SET
        op = EXCLUDED.op,
        columns = sync_outbox.columns || EXCLUDED.columns,
        version = sync_outbox.version + 1,
        state = CASE WHEN sync_outbox.state = 'held' THEN 'pending' ELSE sync_outbox.state END,
        attempts = 0,
        next_at = clock_timestamp(),
        error_kind = NULL, error_code = NULL, error = NULL
"""

FUNCTIONS = """
CREATE FUNCTION tandem_outbox_insert() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('tandem.scope', true), '');
BEGIN
    IF current_setting('tandem.applying', true) = 'on' THEN RETURN NULL; END IF;
    PERFORM set_config('tandem.scope', 'system', true);
    INSERT INTO sync_outbox (local_id, table_name, op, columns)
    SELECT n.id, TG_TABLE_NAME, 'upsert', '{}' FROM new_rows n
    <remember>;
    PERFORM set_config('tandem.scope', before, true);
    RETURN NULL;
END $$;

CREATE FUNCTION tandem_outbox_update() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('tandem.scope', true), '');
BEGIN
    IF current_setting('tandem.applying', true) = 'on' THEN RETURN NULL; END IF;
    PERFORM set_config('tandem.scope', 'system', true);
    INSERT INTO sync_outbox (local_id, table_name, op, columns)
    SELECT d.id, TG_TABLE_NAME, 'upsert', d.columns
    FROM (
        SELECT n.id, (
            SELECT jsonb_object_agg(e.key, to_jsonb(clock_timestamp()))
            FROM jsonb_each(to_jsonb(n)) e
            WHERE e.value IS DISTINCT FROM to_jsonb(o) -> e.key
              AND e.key NOT IN ('created_at', 'updated_at', 'row_version')
        ) AS columns
        FROM new_rows n JOIN old_rows o ON o.id = n.id
    ) d
    WHERE d.columns IS NOT NULL
    <remember>;
    PERFORM set_config('tandem.scope', before, true);
    RETURN NULL;
END $$;

CREATE FUNCTION tandem_outbox_delete() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    before text := coalesce(current_setting('tandem.scope', true), '');
BEGIN
    IF current_setting('tandem.applying', true) = 'on' THEN RETURN NULL; END IF;
    PERFORM set_config('tandem.scope', 'system', true);
    INSERT INTO sync_outbox (local_id, table_name, op)
    SELECT o.id, TG_TABLE_NAME, 'delete' FROM old_rows o
    <remember>;
    PERFORM set_config('tandem.scope', before, true);
    RETURN NULL;
END $$;

CREATE FUNCTION tandem_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := clock_timestamp();
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;
""".replace("<remember>", REMEMBER)

# Any table may be synced: this is all it takes beside an `id uuid` and the common columns.
# A sync rewrites whole pages of rows at once. With room for both versions of each row on its page no index
# is touched (a heap-only update): five times faster for accounts, which carry a trigram index.
WATCH = """
CREATE PROCEDURE tandem_watch(target regclass) LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('CREATE TRIGGER outbox_insert AFTER INSERT ON %s REFERENCING NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION tandem_outbox_insert()', target);
    EXECUTE format('CREATE TRIGGER outbox_update AFTER UPDATE ON %s '
                   'REFERENCING OLD TABLE AS old_rows NEW TABLE AS new_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION tandem_outbox_update()', target);
    EXECUTE format('CREATE TRIGGER outbox_delete AFTER DELETE ON %s REFERENCING OLD TABLE AS old_rows '
                   'FOR EACH STATEMENT EXECUTE FUNCTION tandem_outbox_delete()', target);
    EXECUTE format('CREATE TRIGGER touch BEFORE UPDATE ON %s FOR EACH ROW '
                   'EXECUTE FUNCTION tandem_touch()', target);
    EXECUTE format('ALTER TABLE %s SET (fillfactor = 50)', target);
END $$;
"""


def upgrade() -> None:
    for table, columns in TABLES.items():
        op.execute(f"CREATE TABLE {table} ({columns})")
    for table in ("sync_link", "sync_outbox"):
        op.execute(f"ALTER TABLE {table} SET (fillfactor = 50)")
    for statement in INDEXES:
        op.execute(statement)
    for table in TABLES:
        op.execute(f"SELECT tandem_protect('{table}', 'false')")
    op.execute(FUNCTIONS)
    op.execute(WATCH)
    for table in SYNCED:
        op.execute(f"CALL tandem_watch('{table}')")


def downgrade() -> None:
    for table in SYNCED:
        for trigger in ("outbox_insert", "outbox_update", "outbox_delete", "touch"):
            op.execute(f"DROP TRIGGER {trigger} ON {table}")
    op.execute("DROP PROCEDURE tandem_watch")
    for function in ("tandem_outbox_insert", "tandem_outbox_update", "tandem_outbox_delete", "tandem_touch"):
        op.execute(f"DROP FUNCTION {function}")
    for table in reversed(TABLES):
        op.execute(f"DROP TABLE {table}")

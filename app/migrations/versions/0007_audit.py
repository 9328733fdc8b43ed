"""The audit trail: who decided or changed what, sealed row by row into a chain by the database itself."""

from alembic import context, op

revision = "0007_audit"
down_revision = "0006_account_signs"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE audit_entry (
    id uuid CONSTRAINT pk_audit_entry PRIMARY KEY DEFAULT gen_random_uuid(),
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id uuid,
    actor_scope text NOT NULL CHECK (actor_scope IN ('system', 'staff', 'partner')),
    actor_name text NOT NULL,
    action text NOT NULL CHECK (action <> ''),
    subject_kind text NOT NULL CHECK (subject_kind <> ''),
    subject_id text NOT NULL CHECK (subject_id <> ''),
    partner_account_id uuid,
    reason text NOT NULL DEFAULT '',
    before jsonb,
    after jsonb,
    salt uuid NOT NULL DEFAULT gen_random_uuid(),
    words_hash bytea NOT NULL DEFAULT ''
);
CREATE INDEX ix_audit_entry_at ON audit_entry (at DESC, id DESC);
CREATE INDEX ix_audit_entry_subject ON audit_entry (subject_kind, subject_id, at DESC, id DESC);
CREATE INDEX ix_audit_entry_actor ON audit_entry (actor_id, at DESC, id DESC);
CREATE INDEX ix_audit_entry_partner ON audit_entry (partner_account_id, at DESC, id DESC);
COMMENT ON TABLE audit_entry IS 'who did what, to what, why, and what changed; rows are never changed';
COMMENT ON COLUMN audit_entry.words_hash IS
'SHA-256 over salt, actor_name, reason, before and after. The chain rests on this hash, not on the words: '
'a person''s words may be erased together with the salt, and the chain still holds';

CREATE TABLE audit_link (
    seq bigint CONSTRAINT pk_audit_link PRIMARY KEY CHECK (seq > 0),
    entry_id uuid NOT NULL CONSTRAINT uq_audit_link_entry UNIQUE REFERENCES audit_entry,
    linked_at timestamptz NOT NULL,
    previous bytea NOT NULL CHECK (octet_length(previous) = 32),
    hash bytea NOT NULL CHECK (octet_length(hash) = 32)
);
COMMENT ON TABLE audit_link IS 'the chain: each link seals one entry and the link before it, without a gap';

CREATE TABLE audit_head (
    id smallint CONSTRAINT pk_audit_head PRIMARY KEY DEFAULT 1 CHECK (id = 1),
    chain uuid NOT NULL DEFAULT gen_random_uuid(),
    seq bigint NOT NULL DEFAULT 0,
    hash bytea NOT NULL DEFAULT sha256('')
);
COMMENT ON TABLE audit_head IS 'the last link; whoever adds one locks this row until the transaction ends';
COMMENT ON COLUMN audit_head.chain IS 'tells this trail from that of another database';
"""

# Every value with its length before it: no two rows have the same text. app.audit.chain says it in Python.
TEXT = """
CREATE FUNCTION tandem_audit_bytes(VARIADIC parts text[]) RETURNS bytea
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT string_agg(coalesce(
        convert_to(octet_length(convert_to(part, 'UTF8')) || ':', 'UTF8') || convert_to(part, 'UTF8'),
        convert_to('-', 'UTF8')), '' ORDER BY n)
    FROM unnest(parts) WITH ORDINALITY AS p (part, n)
$$;

CREATE FUNCTION tandem_audit_time(moment timestamptz) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS $$
    SELECT ((extract(epoch FROM moment) * 1000000)::bigint)::text
$$;
"""

SEAL = """
CREATE FUNCTION tandem_audit_seal() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    NEW.id := gen_random_uuid();
    NEW.at := clock_timestamp();
    NEW.salt := gen_random_uuid();
    NEW.words_hash := sha256(public.tandem_audit_bytes(
        NEW.salt::text, NEW.actor_name, NEW.reason, NEW.before::text, NEW.after::text));
    RETURN NEW;
END $$;
CREATE TRIGGER seal BEFORE INSERT ON audit_entry FOR EACH ROW EXECUTE FUNCTION tandem_audit_seal();
"""

# The link is made when the transaction commits: by then it holds every other lock it needs, so nobody waits
# for the head longer than one commit takes, and no two transactions can wait for each other.
LINK = """
CREATE FUNCTION tandem_audit_link() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = pg_catalog, pg_temp AS $$
DECLARE
    before text := coalesce(current_setting('tandem.scope', true), '');
    head public.audit_head;
    linked timestamptz;
    sealed bytea;
BEGIN
    PERFORM set_config('tandem.scope', 'system', true);
    SELECT * INTO STRICT head FROM public.audit_head WHERE id = 1 FOR UPDATE;
    linked := clock_timestamp();
    sealed := sha256(public.tandem_audit_bytes(
        'tandem-audit-1', head.chain::text, (head.seq + 1)::text, public.tandem_audit_time(linked),
        encode(head.hash, 'hex'), NEW.id::text, public.tandem_audit_time(NEW.at), NEW.actor_id::text,
        NEW.actor_scope, NEW.action, NEW.subject_kind, NEW.subject_id, NEW.partner_account_id::text,
        encode(NEW.words_hash, 'hex')));
    INSERT INTO public.audit_link (seq, entry_id, linked_at, previous, hash)
    VALUES (head.seq + 1, NEW.id, linked, head.hash, sealed);
    UPDATE public.audit_head SET seq = head.seq + 1, hash = sealed WHERE id = 1;
    PERFORM set_config('tandem.scope', before, true);
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER link AFTER INSERT ON audit_entry DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION tandem_audit_link();
"""

# Where one role owns the tables and serves as well, grants bind nobody: these triggers still do.
GUARDS = """
CREATE FUNCTION tandem_audit_only_by_the_chain() RETURNS trigger LANGUAGE plpgsql
SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    IF pg_trigger_depth() < 2 OR TG_OP IN ('DELETE', 'TRUNCATE') THEN
        RAISE EXCEPTION 'rows of % are written by the chain alone', TG_TABLE_NAME
            USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER only_by_the_chain BEFORE INSERT ON audit_link
    FOR EACH ROW EXECUTE FUNCTION tandem_audit_only_by_the_chain();
CREATE TRIGGER only_by_the_chain BEFORE INSERT OR UPDATE OR DELETE ON audit_head
    FOR EACH ROW EXECUTE FUNCTION tandem_audit_only_by_the_chain();
CREATE TRIGGER only_by_the_chain_truncate BEFORE TRUNCATE ON audit_head
    FOR EACH STATEMENT EXECUTE FUNCTION tandem_audit_only_by_the_chain();
"""

# A partner's transaction may add what its own people do, and read nothing: reasons and values may be the
# company's own.
PARTNER = """
DROP POLICY tandem_partner ON audit_entry;
CREATE POLICY tandem_partner ON audit_entry FOR INSERT
    WITH CHECK ((SELECT tandem_scope()) = 'partner' AND actor_scope = 'partner'
                AND partner_account_id = (SELECT tandem_partner()));
"""

WRITTEN = (
    "actor_id, actor_scope, actor_name, action, subject_kind, subject_id, partner_account_id, reason, "
    "before, after"
)


def upgrade() -> None:
    op.execute(TABLES)
    op.execute("INSERT INTO audit_head DEFAULT VALUES")
    # Not op.execute: it would take the colons of the texts for parameters.
    for statements in (TEXT, SEAL, LINK):
        op.get_bind().exec_driver_sql(statements)
    op.execute(GUARDS)
    for table in ("audit_entry", "audit_link"):
        op.execute(f"""
            CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table}
                FOR EACH ROW EXECUTE FUNCTION tandem_append_only();
            CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table}
                FOR EACH STATEMENT EXECUTE FUNCTION tandem_append_only();
        """)
    for table in ("audit_entry", "audit_link", "audit_head"):
        op.execute(f"SELECT tandem_protect('{table}', 'false')")
    op.execute(PARTNER)
    _grant(context.config.attributes["app_role"])


def _grant(app_role: str) -> None:
    connection = op.get_bind()
    if connection.exec_driver_sql("SELECT current_user").scalar_one() == app_role:
        return  # what the owner is not granted, the functions that run as the owner could not do either
    role = connection.dialect.identifier_preparer.quote(app_role)
    op.execute(f"""
        REVOKE ALL ON audit_entry, audit_link, audit_head FROM {role};
        GRANT SELECT ON audit_entry, audit_link, audit_head TO {role};
        GRANT INSERT ({WRITTEN}) ON audit_entry TO {role};
    """)


def downgrade() -> None:
    raise NotImplementedError("An audit trail is not taken back; restore a backup to go back.")

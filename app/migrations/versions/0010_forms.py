"""Attachments of requests.

The bytes lie in PostgreSQL, in pieces: web processes keep nothing on disk, a file and the row that speaks of
it are there together or not at all, row-level security holds for the bytes, and one backup has everything.
"""

from alembic import op

revision = "0010_forms"
down_revision = "0009_approvals"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE attachment (
    id uuid CONSTRAINT pk_attachment PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id uuid NOT NULL REFERENCES approval_request,
    field text NOT NULL DEFAULT '',
    visible text NOT NULL DEFAULT 'both' CHECK (visible IN ('both', 'company')),
    name text NOT NULL CHECK (name <> ''),
    media_type text NOT NULL,
    size integer NOT NULL CHECK (size > 0),
    sha256 bytea NOT NULL CHECK (octet_length(sha256) = 32),
    state text NOT NULL CHECK (state IN ('quarantine', 'clean', 'refused')),
    finding text NOT NULL DEFAULT '',
    scanned_at timestamptz,
    uploaded_by uuid NOT NULL,
    uploaded_by_name text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT ck_attachment_scanned CHECK (state = 'quarantine' OR scanned_at IS NOT NULL)
);
CREATE UNIQUE INDEX uq_attachment_content ON attachment (request_id, field, visible, sha256)
    WHERE state <> 'refused';
CREATE INDEX ix_attachment_request ON attachment (request_id, created_at);
CREATE INDEX ix_attachment_quarantine ON attachment (created_at) WHERE state = 'quarantine';
COMMENT ON TABLE attachment IS 'files of a request; field: of its form, empty where it belongs to none';
COMMENT ON COLUMN attachment.state IS
'quarantine until a scanner has called it clean; of a refused one the bytes are gone';

CREATE TABLE attachment_piece (
    attachment_id uuid NOT NULL REFERENCES attachment ON DELETE CASCADE,
    position integer NOT NULL CHECK (position >= 0),
    content bytea NOT NULL,
    CONSTRAINT pk_attachment_piece PRIMARY KEY (attachment_id, position)
);
-- Files are compressed by themselves; trying again costs time and gains nothing.
ALTER TABLE attachment_piece ALTER COLUMN content SET STORAGE EXTERNAL;

CREATE FUNCTION tandem_attachment_kept() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.id, NEW.request_id, NEW.field, NEW.visible, NEW.name, NEW.media_type, NEW.size, NEW.sha256,
            NEW.uploaded_by, NEW.created_at)
            IS DISTINCT FROM (OLD.id, OLD.request_id, OLD.field, OLD.visible, OLD.name, OLD.media_type,
                OLD.size, OLD.sha256, OLD.uploaded_by, OLD.created_at) THEN
        RAISE EXCEPTION 'an attachment is replaced, never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER kept BEFORE UPDATE ON attachment FOR EACH ROW EXECUTE FUNCTION tandem_attachment_kept();
"""

# Row-level security holds inside as well: what belongs to a request is seen by whoever sees that.
OF_ITS_REQUEST = "visible = 'both' AND EXISTS (SELECT FROM approval_request r WHERE r.id = request_id)"
OF_ITS_ATTACHMENT = "EXISTS (SELECT FROM attachment a WHERE a.id = attachment_id)"


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
    op.execute(f"SELECT tandem_protect('attachment', $${OF_ITS_REQUEST}$$)")
    op.execute(f"SELECT tandem_protect('attachment_piece', $${OF_ITS_ATTACHMENT}$$)")


def downgrade() -> None:
    op.execute("DROP TABLE attachment_piece, attachment")
    op.execute("DROP FUNCTION tandem_attachment_kept")

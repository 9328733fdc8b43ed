"""Which org a user came from, so that no other one can speak for that user.

Where one org alone is trusted, it spoke for all users so far, and does on; with several, the next sync reads
the users anew and says whose they are.
"""

from alembic import op

revision = "0021_user_org"
down_revision = "0020_list_orders"
branch_labels = None
depends_on = None

TABLE = """
CREATE TABLE user_org (
    user_id uuid CONSTRAINT pk_user_org PRIMARY KEY
        CONSTRAINT fk_user_org_user REFERENCES crm_user ON DELETE CASCADE,
    org_id text COLLATE "C" NOT NULL
);
COMMENT ON TABLE user_org IS 'the org that a user came from; no other one speaks for that user';
"""
KNOWN = """
INSERT INTO user_org (user_id, org_id)
SELECT l.local_id, (SELECT org_id FROM trusted_org)
FROM sync_link l JOIN crm_user u ON u.id = l.local_id
WHERE l.table_name = 'crm_user' AND (SELECT count(*) FROM trusted_org) = 1
"""


def upgrade() -> None:
    op.execute("ALTER TABLE sync_cursor ADD COLUMN org_id text")
    op.execute(TABLE)
    op.execute(KNOWN)
    op.execute("SELECT tandem_protect('user_org', 'false')")


def downgrade() -> None:
    op.execute("DROP TABLE user_org")
    op.execute("ALTER TABLE sync_cursor DROP COLUMN org_id")

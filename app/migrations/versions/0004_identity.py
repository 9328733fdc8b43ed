"""Who may call: trusted orgs, used assertions, access tokens, rights; and answers kept for repeated calls."""

from alembic import op

revision = "0004_identity"
down_revision = "0003_sync"
branch_labels = None
depends_on = None

TABLES = """
CREATE TABLE trusted_org (
    org_id text COLLATE "C" CONSTRAINT pk_trusted_org PRIMARY KEY,
    issuer text NOT NULL CONSTRAINT uq_trusted_org_issuer UNIQUE,
    login_url text NOT NULL,
    certificate text NOT NULL,
    active boolean NOT NULL DEFAULT true,
    registered_at timestamptz NOT NULL DEFAULT now()
);
COMMENT ON TABLE trusted_org IS 'orgs whose assertions are believed, with the certificates that sign them';

CREATE TABLE assertion_seen (
    issuer text NOT NULL,
    jti text NOT NULL,
    expires_at timestamptz NOT NULL,
    CONSTRAINT pk_assertion_seen PRIMARY KEY (issuer, jti)
);
CREATE INDEX ix_assertion_seen_expires_at ON assertion_seen (expires_at);
COMMENT ON TABLE assertion_seen IS 'an assertion is good once; a row may go when the assertion has expired';

CREATE TABLE access_token (
    token_hash bytea CONSTRAINT pk_access_token PRIMARY KEY,
    user_id uuid NOT NULL,
    partner_id uuid,
    issued_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz NOT NULL,
    revoked_at timestamptz
);
CREATE INDEX ix_access_token_expires_at ON access_token (expires_at);
COMMENT ON COLUMN access_token.partner_id IS 'the partner it is bound to; null for the company''s people';
COMMENT ON COLUMN access_token.token_hash IS 'SHA-256 of the token; the token itself is never stored';

CREATE TABLE user_right (
    user_id uuid NOT NULL,
    name text NOT NULL CHECK (name <> ''),
    granted_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_user_right PRIMARY KEY (user_id, name)
);
COMMENT ON TABLE user_right IS 'what a user of the company may do beside reading, such as deals.decide';

CREATE TABLE idempotency_key (
    user_id uuid NOT NULL,
    route text NOT NULL,
    key text NOT NULL CHECK (length(key) BETWEEN 1 AND 200),
    body_hash bytea NOT NULL,
    status integer,
    body bytea,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT pk_idempotency_key PRIMARY KEY (user_id, route, key)
);
CREATE INDEX ix_idempotency_key_created_at ON idempotency_key (created_at);
COMMENT ON TABLE idempotency_key IS 'the answer to a call that its caller may repeat';
"""

OF_THE_CALLER = "user_id = nullif(current_setting('tandem.user_id', true), '')::uuid"


def upgrade() -> None:
    op.execute(TABLES)
    for table in ("trusted_org", "assertion_seen", "access_token", "user_right"):
        op.execute(f"SELECT tandem_protect('{table}', 'false')")
    op.execute(f"SELECT tandem_protect('idempotency_key', $${OF_THE_CALLER}$$)")


def downgrade() -> None:
    for table in ("idempotency_key", "user_right", "access_token", "assertion_seen", "trusted_org"):
        op.execute(f"DROP TABLE {table}")

"""An account's signs are computed when its name or website is set, not at every update.

PostgreSQL computes generated columns anew at each UPDATE of a table that has a BEFORE UPDATE trigger, and
every synced table has one: three patterns over ten thousand accounts cost more than all the rest of a page.
"""

from importlib import import_module

from alembic import op

revision = "0015_signs_when_needed"
down_revision = "0014_notice_mail"
branch_labels = None
depends_on = None

_before = import_module("app.migrations.versions.0006_account_signs")
WORD, HOST = _before.WORD, _before.HOST

SIGNS = f"""
CREATE FUNCTION tandem_sign_word(name text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN {WORD};
CREATE FUNCTION tandem_host(website text) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN {HOST};
CREATE FUNCTION tandem_account_signs() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    host text := tandem_host(NEW.website);
BEGIN
    NEW.sign_word := tandem_sign_word(NEW.name);
    NEW.sign_two := substring(host from '[^.]+[.][^.]+$');
    NEW.sign_three := substring(host from '[^.]+[.][^.]+[.][^.]+$');
    RETURN NEW;
END $$;
ALTER TABLE account
    ALTER COLUMN sign_word DROP EXPRESSION,
    ALTER COLUMN sign_two DROP EXPRESSION,
    ALTER COLUMN sign_three DROP EXPRESSION;
CREATE TRIGGER signs_of_new BEFORE INSERT ON account
FOR EACH ROW EXECUTE FUNCTION tandem_account_signs();
-- The signs themselves stand here too: whoever sets one gets what the name and the website say.
CREATE TRIGGER signs BEFORE UPDATE OF name, website, sign_word, sign_two, sign_three ON account
FOR EACH ROW EXECUTE FUNCTION tandem_account_signs();
"""


def upgrade() -> None:
    # Not op.execute: it would take the colons of the patterns for parameters.
    op.get_bind().exec_driver_sql(SIGNS)


def downgrade() -> None:
    op.execute("""
        DROP TRIGGER signs ON account;
        DROP TRIGGER signs_of_new ON account;
        DROP FUNCTION tandem_account_signs;
        DROP FUNCTION tandem_host;
        DROP FUNCTION tandem_sign_word;
        ALTER TABLE account DROP COLUMN sign_word, DROP COLUMN sign_two, DROP COLUMN sign_three;
        CREATE INDEX ix_account_website_trgm ON account USING gin (lower(website) gin_trgm_ops);
        DROP INDEX ix_account_postal_code
    """)
    _before.upgrade()

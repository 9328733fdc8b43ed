"""By what an account is found among a million: plain columns, compared for equality.

Row-level security lets an index be used only by comparisons that give nothing away, and equality of plain
columns is one: LIKE, trigrams and lower() are not. So the signs are columns that the database computes.
"""

from alembic import op

revision = "0006_account_signs"
down_revision = "0005_deals"
branch_labels = None
depends_on = None

HOST = r"substring(lower(website) from '^(?:[a-z]+://)?(?:[^/@]*@)?([^/:?#\s]+)')"
#: The first word of the name, without accents and the dots of initials.
LETTERS = (
    "replace(replace(replace(replace("
    "lower(regexp_replace(name, '株式会社|有限会社|合同会社|[.''’]', '', 'g')), "
    "'ß', 'ss'), 'æ', 'ae'), 'œ', 'oe'), 'þ', 'th')"
)
WORD = (
    f"substring(translate({LETTERS}, 'äáàâãåāöóòôõőøüúùûűéèêëēíìîïñńçćčšśžźżłđý', "
    r"'aaaaaaaooooooouuuuueeeeeiiiinncccsszzzldy') from '^\s*(?:the\s+)?\W*([\w&]+)')"
)


def upgrade() -> None:
    op.execute("DROP INDEX ix_account_website_trgm")
    # Not op.execute: it would take the colons of the patterns for parameters.
    op.get_bind().exec_driver_sql(f"""
        ALTER TABLE account
            ADD COLUMN sign_word text GENERATED ALWAYS AS ({WORD}) STORED,
            ADD COLUMN sign_two text GENERATED ALWAYS AS
                (substring({HOST} from '[^.]+[.][^.]+$')) STORED,
            ADD COLUMN sign_three text GENERATED ALWAYS AS
                (substring({HOST} from '[^.]+[.][^.]+[.][^.]+$')) STORED
    """)
    op.execute("CREATE INDEX ix_account_sign_word ON account (sign_word)")
    op.execute("CREATE INDEX ix_account_sign_two ON account (sign_two) WHERE sign_two IS NOT NULL")
    op.execute("CREATE INDEX ix_account_sign_three ON account (sign_three) WHERE sign_three IS NOT NULL")
    op.execute("CREATE INDEX ix_account_postal_code ON account (billing_postal_code)")


def downgrade() -> None:
    op.execute("ALTER TABLE account DROP COLUMN sign_word, DROP COLUMN sign_two, DROP COLUMN sign_three")
    op.execute("DROP INDEX ix_account_postal_code")
    op.execute("CREATE INDEX ix_account_website_trgm ON account USING gin (lower(website) gin_trgm_ops)")

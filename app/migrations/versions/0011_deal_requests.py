"""Deal registrations go through requests.

What waits for a decision gets a request with one step, as it was promised when it was handed in; who could
decide by the right `deals.decide` is a channel manager from now on. What was decided before keeps no request.
"""

import hashlib
import json

from alembic import op
from sqlalchemy import text

revision = "0011_deal_requests"
down_revision = "0010_forms"
branch_labels = None
depends_on = None

COLUMNS = """
ALTER TABLE deal_registration
    ADD COLUMN request_id uuid CONSTRAINT fk_deal_registration_request REFERENCES approval_request,
    ADD COLUMN authorization_number text
        CONSTRAINT fk_deal_registration_authorization REFERENCES approval_authorization,
    DROP CONSTRAINT ck_deal_registration_approved,
    DROP CONSTRAINT ck_deal_registration_rejected,
    ADD CONSTRAINT ck_deal_registration_approved
        CHECK (state NOT IN ('approved', 'won', 'lost')
               OR (decided_at IS NOT NULL AND protected_until IS NOT NULL
                   AND (decided_by IS NOT NULL OR authorization_number IS NOT NULL))),
    ADD CONSTRAINT ck_deal_registration_rejected
        CHECK (state <> 'rejected' OR (decided_at IS NOT NULL AND decision_reason <> '')),
    ADD CONSTRAINT ck_deal_registration_authorized
        CHECK (state <> 'approved' OR request_id IS NULL OR authorization_number IS NOT NULL);
CREATE UNIQUE INDEX uq_deal_registration_request ON deal_registration (request_id)
    WHERE request_id IS NOT NULL;
COMMENT ON COLUMN deal_registration.request_id IS
'the request that carries it; null for what was decided before there were requests';
COMMENT ON COLUMN deal_registration.authorization_number IS 'the one in force';
COMMENT ON COLUMN deal_registration.submission IS
'order of complete submissions; the earlier one has the better right, and whoever comes back stands last';
"""

RULES = """
CREATE OR REPLACE FUNCTION tandem_deal_touch() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.number IS DISTINCT FROM OLD.number OR OLD.submission IS NOT NULL
            AND (NEW.submission, NEW.submitted_at) IS DISTINCT FROM (OLD.submission, OLD.submitted_at)
            AND NOT (OLD.state IN ('rejected', 'withdrawn', 'expired') AND NEW.state = 'submitted'
                     AND NEW.submission > OLD.submission AND NEW.submitted_at > OLD.submitted_at) THEN
        RAISE EXCEPTION 'when a registration was submitted is never changed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.updated_at := clock_timestamp();
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;

-- Whoever registered a deal, asked for it or changed it last decides in neither table.
CREATE FUNCTION tandem_deal_decision() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    registered_by uuid;
BEGIN
    SELECT r.submitted_by INTO registered_by
        FROM approval_request q JOIN deal_registration r ON r.id = q.subject_id
        WHERE q.id = NEW.request_id AND q.subject_kind = 'deal_registration';
    IF registered_by IN (NEW.actor_id, NEW.on_behalf_of) THEN
        RAISE EXCEPTION 'nobody decides on a deal that they registered'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_approval_decision_two_people';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER two_people_of_the_deal BEFORE INSERT ON approval_decision
    FOR EACH ROW EXECUTE FUNCTION tandem_deal_decision();

CREATE FUNCTION tandem_deal_decided() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    request approval_request;
BEGIN
    SELECT * INTO request FROM approval_request WHERE id = NEW.request_id;
    IF NEW.decided_by IN (request.requester_id, request.last_editor_id) THEN
        RAISE EXCEPTION 'requester, last editor and approver are different people'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_deal_registration_two_people';
    END IF;
    IF NEW.authorization_number IS NOT NULL AND NOT EXISTS (SELECT FROM approval_authorization a
            WHERE a.number = NEW.authorization_number AND a.request_id = NEW.request_id) THEN
        RAISE EXCEPTION 'an authorization belongs to the request of its registration'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_deal_registration_authorized';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER decided BEFORE UPDATE ON deal_registration FOR EACH ROW
    WHEN (NEW.request_id IS NOT NULL AND NEW.state IN ('approved', 'rejected')
        AND (OLD.state, OLD.decided_by, OLD.authorization_number)
            IS DISTINCT FROM (NEW.state, NEW.decided_by, NEW.authorization_number))
    EXECUTE FUNCTION tandem_deal_decided();
"""

#: What open registrations were promised: one person of the company decides. Nobody can start it.
BEFORE = {
    "key": "deal_registration_before",
    "title": {
        "en": "Deal registration",
        "de": "Deal-Registrierung",
        "es": "Registro de oportunidad",
        "ja": "案件登録",
    },
    "number": "DEAL",
    "initiators": ["nobody"],
    "effect": "deal_registration",
    "subject": "deal_registration",
    "route": [
        {
            "key": "channel",
            "title": {
                "en": "Channel manager",
                "de": "Channel-Manager",
                "es": "Responsable de canal",
                "ja": "チャネルマネージャー",
            },
            "approvers": [{"role": "channel_manager"}],
            "deadline": {"business_days": 2},
        }
    ],
}

WORKFLOW = """
INSERT INTO approval_workflow (key, version, source, document, hash, active, note, published_by)
SELECT :key, 1, CAST(:source AS text), CAST(CAST(:source AS text) AS jsonb), :hash, false,
    'For deals registered before', 'Tandem'
WHERE EXISTS (SELECT FROM deal_registration WHERE state IN ('submitted', 'info_needed'))
"""

ROLES = """
INSERT INTO user_role (user_id, role, granted_by)
SELECT user_id, 'channel_manager', 'Tandem' FROM user_right WHERE name = 'deals.decide'
ON CONFLICT DO NOTHING;
DELETE FROM user_right WHERE name = 'deals.decide';
"""

REQUESTS = """
WITH waiting AS (
    SELECT r.*, 'DEAL-' || nextval('approval_request_number') AS request_number,
        coalesce(nullif(trim(concat_ws(' ', u.first_name, u.last_name)), ''), u.username, '') AS person
    FROM (SELECT * FROM deal_registration WHERE state IN ('submitted', 'info_needed')
          ORDER BY submission) r
    LEFT JOIN crm_user u ON u.id = r.submitted_by
)
INSERT INTO approval_request (number, workflow_key, workflow_version, title, partner_account_id,
    requester_id, requester_name, last_editor_id, last_editor_name, subject_kind, subject_id, account_id,
    values, amount, currency, state, state_since, round, submitted_at,
    question, asked_at, asked_by, answer_due_at)
SELECT w.request_number, 'deal_registration_before', 1, w.customer_name || ' – ' || w.product_family,
    w.partner_account_id, w.submitted_by, w.person, w.submitted_by, w.person,
    'deal_registration', w.id, w.customer_account_id,
    jsonb_strip_nulls(jsonb_build_object(
        'customer_name', w.customer_name, 'customer_country', w.customer_country,
        'customer_postal_code', w.customer_postal_code, 'customer_city', w.customer_city,
        'customer_website', w.customer_website, 'contact_first_name', w.contact_first_name,
        'contact_last_name', w.contact_last_name, 'contact_email', w.contact_email,
        'contact_phone', w.contact_phone, 'product_family', w.product_family,
        'products', to_jsonb(w.products), 'amount', w.amount::text, 'currency', w.currency,
        'close_date', to_char(w.close_date, 'YYYY-MM-DD'), 'description', w.description)),
    w.amount, w.currency, w.state, w.state_since, 1, w.submitted_at,
    CASE w.state WHEN 'info_needed' THEN coalesce(asked.reason, '') ELSE '' END,
    CASE w.state WHEN 'info_needed' THEN coalesce(asked.at, w.state_since) END,
    CASE w.state WHEN 'info_needed' THEN asked.actor_id END,
    CASE w.state WHEN 'info_needed' THEN clock_timestamp() + interval '30 days' END
FROM waiting w
LEFT JOIN LATERAL (
    SELECT e.reason, e.at, e.actor_id FROM deal_event e
    WHERE e.registration_id = w.id AND e.kind = 'request-info' ORDER BY e.id DESC LIMIT 1
) asked ON true;

UPDATE deal_registration r SET request_id = q.id
FROM approval_request q WHERE q.subject_id = r.id AND q.workflow_key = 'deal_registration_before';

INSERT INTO approval_step (request_id, round, key, position, stage, title, state, opened_at, due_at)
SELECT q.id, 1, 'channel', 0, 0, w.document #> '{route,0,title}',
    CASE q.state WHEN 'submitted' THEN 'open' ELSE 'paused' END, q.state_since,
    clock_timestamp() + interval '4 days'
FROM approval_request q JOIN approval_workflow w ON (w.key, w.version) = (q.workflow_key, q.workflow_version)
WHERE q.workflow_key = 'deal_registration_before';

INSERT INTO approval_task (request_id, round, step_key, workflow_key, assignee, voice, requester_id,
    editor_id, since, due_at, rank_at, state)
SELECT s.request_id, 1, s.key, q.workflow_key, 'role:channel_manager', 'own', q.requester_id,
    q.last_editor_id, s.opened_at, s.due_at, s.due_at, s.state
FROM approval_step s JOIN approval_request q ON q.id = s.request_id
WHERE q.workflow_key = 'deal_registration_before';
"""


def upgrade() -> None:
    connection = op.get_bind()
    connection.exec_driver_sql(COLUMNS)
    connection.exec_driver_sql(RULES)
    # The rows are protected against the tables' owner too.
    connection.exec_driver_sql("SELECT set_config('tandem.scope', 'system', true)")
    source = json.dumps(BEFORE)
    connection.execute(
        text(WORKFLOW),
        {"key": BEFORE["key"], "source": source, "hash": hashlib.sha256(source.encode()).hexdigest()},
    )
    connection.exec_driver_sql(ROLES)
    connection.exec_driver_sql(REQUESTS)
    # Constraints that wait for the end of the transaction look at rows too.
    connection.exec_driver_sql("SET CONSTRAINTS ALL IMMEDIATE")
    connection.exec_driver_sql("SELECT set_config('tandem.scope', '', true)")


def downgrade() -> None:
    for name, table in (
        ("decided", "deal_registration"),
        ("two_people_of_the_deal", "approval_decision"),
    ):
        op.execute(f"DROP TRIGGER {name} ON {table}")
    op.execute("DROP FUNCTION tandem_deal_decided, tandem_deal_decision")
    op.execute("ALTER TABLE deal_registration DROP COLUMN request_id, DROP COLUMN authorization_number")
    # Not valid: what approved itself has nobody who decided.
    op.execute("""
        ALTER TABLE deal_registration
            DROP CONSTRAINT ck_deal_registration_rejected,
            ADD CONSTRAINT ck_deal_registration_approved
                CHECK (state NOT IN ('approved', 'expired', 'won', 'lost') OR (decided_by IS NOT NULL
                       AND decided_at IS NOT NULL AND protected_until IS NOT NULL)) NOT VALID,
            ADD CONSTRAINT ck_deal_registration_rejected
                CHECK (state <> 'rejected' OR (decided_by IS NOT NULL AND decision_reason <> '')) NOT VALID
    """)

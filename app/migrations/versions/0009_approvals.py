"""Workflows, roles, requests, steps, tasks, decisions, authorizations, delegations and notices.

The database says the rules again that money rests on: requester, last editor and approver are different
people; a decision belongs to the content that was read; an approved request has exactly one authorization
that holds, and no other request has one.
"""

from alembic import op

revision = "0009_approvals"
down_revision = "0008_partners"
branch_labels = None
depends_on = None

TABLES = """
CREATE SEQUENCE approval_request_number START 1001;
CREATE SEQUENCE approval_authorization_number START 1001;

CREATE TABLE approval_workflow (
    key text NOT NULL CHECK (key <> ''),
    version integer NOT NULL CHECK (version > 0),
    source text NOT NULL,
    document jsonb NOT NULL,
    hash text NOT NULL,
    active boolean NOT NULL,
    note text NOT NULL DEFAULT '',
    published_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_by text NOT NULL,
    CONSTRAINT pk_approval_workflow PRIMARY KEY (key, version)
);
CREATE UNIQUE INDEX uq_approval_workflow_active ON approval_workflow (key) WHERE active;
COMMENT ON TABLE approval_workflow IS 'every version ever published; requests keep the one they began with';
COMMENT ON COLUMN approval_workflow.source IS 'as it was written: the order of keys is the order of fields';

CREATE TABLE user_role (
    user_id uuid NOT NULL,
    role text NOT NULL CHECK (role <> ''),
    granted_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    granted_by text NOT NULL DEFAULT '',
    CONSTRAINT pk_user_role PRIMARY KEY (user_id, role)
);
CREATE INDEX ix_user_role_role ON user_role (role);
COMMENT ON TABLE user_role IS 'what a user of the company is; a queue''s members hold the role of its name';

CREATE TABLE approval_request (
    id uuid CONSTRAINT pk_approval_request PRIMARY KEY DEFAULT gen_random_uuid(),
    number text NOT NULL CONSTRAINT uq_approval_request_number UNIQUE,
    workflow_key text NOT NULL,
    workflow_version integer NOT NULL,
    title text NOT NULL DEFAULT '',
    partner_account_id uuid,
    visible text NOT NULL DEFAULT 'both' CHECK (visible IN ('both', 'company')),
    requester_id uuid NOT NULL,
    requester_name text NOT NULL DEFAULT '',
    last_editor_id uuid NOT NULL,
    last_editor_name text NOT NULL DEFAULT '',
    subject_kind text NOT NULL DEFAULT 'none',
    subject_id uuid,
    lead_id uuid,
    opportunity_id uuid,
    account_id uuid,
    values jsonb NOT NULL DEFAULT '{}',
    facts jsonb NOT NULL DEFAULT '{}',
    content_hash text NOT NULL DEFAULT '',
    amount numeric(18, 2),
    currency text NOT NULL DEFAULT '',
    state text NOT NULL DEFAULT 'draft' CHECK (state IN ('draft', 'submitted', 'info_needed', 'approved',
        'rejected', 'recalled', 'voided', 'expired', 'cancelled')),
    state_since timestamptz NOT NULL DEFAULT clock_timestamp(),
    round integer NOT NULL DEFAULT 0 CHECK (round >= 0),
    submitted_at timestamptz,
    question text NOT NULL DEFAULT '',
    asked_at timestamptz,
    asked_by uuid,
    answer_due_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    updated_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    row_version bigint NOT NULL DEFAULT 1,
    CONSTRAINT fk_approval_request_workflow FOREIGN KEY (workflow_key, workflow_version)
        REFERENCES approval_workflow,
    CONSTRAINT ck_approval_request_handed_in CHECK (state IN ('draft', 'cancelled') OR round > 0),
    CONSTRAINT ck_approval_request_asked
        CHECK ((state = 'info_needed') = (asked_at IS NOT NULL AND answer_due_at IS NOT NULL))
);
CREATE INDEX ix_approval_request_partner ON approval_request (partner_account_id, created_at DESC, id DESC);
CREATE INDEX ix_approval_request_created ON approval_request (created_at DESC, id DESC);
CREATE INDEX ix_approval_request_state ON approval_request (state, created_at DESC, id DESC);
CREATE INDEX ix_approval_request_subject ON approval_request (subject_id) WHERE subject_id IS NOT NULL;
CREATE INDEX ix_approval_request_opportunity ON approval_request (opportunity_id)
    WHERE opportunity_id IS NOT NULL;
CREATE INDEX ix_approval_request_lead ON approval_request (lead_id) WHERE lead_id IS NOT NULL;
CREATE INDEX ix_approval_request_answer ON approval_request (answer_due_at) WHERE state = 'info_needed';
COMMENT ON COLUMN approval_request.facts IS 'what conditions looked at, as of the submission of this round';
COMMENT ON COLUMN approval_request.content_hash IS
'of workflow, version and values; computed by the database, and every decision names it';

CREATE TABLE approval_step (
    request_id uuid NOT NULL REFERENCES approval_request,
    round integer NOT NULL,
    key text NOT NULL,
    position integer NOT NULL,
    stage integer NOT NULL,
    title jsonb NOT NULL DEFAULT '{}',
    state text NOT NULL CHECK (state IN ('waiting', 'open', 'paused', 'approved', 'rejected', 'skipped',
        'not_needed', 'closed')),
    needed text NOT NULL DEFAULT '1',
    door text NOT NULL DEFAULT 'tandem' CHECK (door IN ('tandem', 'salesforce')),
    opened_at timestamptz,
    due_at timestamptz,
    remind_at timestamptz,
    escalate_at timestamptz,
    escalations integer NOT NULL DEFAULT 0,
    closed_at timestamptz,
    CONSTRAINT pk_approval_step PRIMARY KEY (request_id, round, key)
);
CREATE INDEX ix_approval_step_remind ON approval_step (remind_at)
    WHERE state = 'open' AND remind_at IS NOT NULL;
CREATE INDEX ix_approval_step_escalate ON approval_step (escalate_at)
    WHERE state = 'open' AND escalate_at IS NOT NULL;
CREATE INDEX ix_approval_step_org ON approval_step (request_id) WHERE state = 'open' AND door = 'salesforce';
COMMENT ON COLUMN approval_step.remind_at IS 'null once the reminder has gone out';
COMMENT ON COLUMN approval_step.escalate_at IS
'when the next level is asked, or the delay told; null once that is done';

CREATE TABLE approval_task (
    id uuid CONSTRAINT pk_approval_task PRIMARY KEY DEFAULT gen_random_uuid(),
    request_id uuid NOT NULL,
    round integer NOT NULL,
    step_key text NOT NULL,
    workflow_key text NOT NULL,
    assignee text NOT NULL CHECK (assignee ~ '^(user|role|queue):.'),
    voice text NOT NULL CHECK (voice IN ('own', 'instead', 'above', 'replaced')),
    requester_id uuid NOT NULL,
    editor_id uuid NOT NULL,
    needed smallint NOT NULL DEFAULT 1,
    since timestamptz NOT NULL,
    due_at timestamptz,
    rank_at timestamptz NOT NULL,
    state text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'paused', 'closed')),
    taken_by uuid,
    taken_at timestamptz,
    CONSTRAINT fk_approval_task_step FOREIGN KEY (request_id, round, step_key) REFERENCES approval_step,
    CONSTRAINT uq_approval_task_assignee UNIQUE (request_id, round, step_key, assignee),
    CONSTRAINT ck_approval_task_taken CHECK ((taken_by IS NULL) = (taken_at IS NULL))
);
CREATE INDEX ix_approval_task_inbox ON approval_task (assignee, rank_at, id)
    WHERE state = 'open';
COMMENT ON COLUMN approval_task.assignee IS
'user:<id>, role:<name> or queue:<name>: whoever is that now, and whoever stands in for them';
COMMENT ON COLUMN approval_task.rank_at IS 'the deadline; without one, ten years after it came';
COMMENT ON COLUMN approval_task.voice IS
'own: as the route says; instead: nobody else was left, and replaced says of whom; above: it escalated';

CREATE TABLE approval_decision (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_approval_decision PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES approval_request,
    round integer NOT NULL,
    step_key text NOT NULL,
    task_id uuid REFERENCES approval_task,
    voice text NOT NULL DEFAULT 'own' CHECK (voice IN ('own', 'instead', 'above')),
    actor_id uuid,
    actor_name text NOT NULL,
    on_behalf_of uuid,
    on_behalf_of_name text NOT NULL DEFAULT '',
    decision text NOT NULL CHECK (decision IN ('approve', 'reject')),
    reason text NOT NULL DEFAULT '',
    door text NOT NULL CHECK (door IN ('api', 'crm', 'process', 'limits')),
    content_hash text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT uq_approval_decision_person UNIQUE (request_id, round, step_key, actor_id),
    CONSTRAINT ck_approval_decision_somebody CHECK ((actor_id IS NULL) = (door = 'limits')),
    CONSTRAINT ck_approval_decision_reason CHECK (decision = 'approve' OR reason <> '')
);
CREATE UNIQUE INDEX uq_approval_decision_limits ON approval_decision (request_id, round)
    WHERE actor_id IS NULL;
COMMENT ON TABLE approval_decision IS 'rows are never changed or removed';

CREATE TABLE approval_authorization (
    number text CONSTRAINT pk_approval_authorization PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES approval_request,
    round integer NOT NULL,
    partner_account_id uuid,
    workflow_key text NOT NULL,
    workflow_version integer NOT NULL,
    content_hash text NOT NULL,
    snapshot jsonb NOT NULL,
    snapshot_hash text NOT NULL DEFAULT '',
    issued_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT uq_approval_authorization_round UNIQUE (request_id, round)
);
COMMENT ON TABLE approval_authorization IS 'what was approved, as it was then; never changed or removed';

CREATE TABLE approval_authorization_void (
    number text CONSTRAINT pk_approval_authorization_void PRIMARY KEY REFERENCES approval_authorization,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id uuid,
    actor_name text NOT NULL,
    reason text NOT NULL DEFAULT ''
);

CREATE TABLE approval_event (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT pk_approval_event PRIMARY KEY,
    request_id uuid NOT NULL REFERENCES approval_request,
    round integer NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    actor_id uuid,
    actor_name text NOT NULL,
    kind text NOT NULL,
    step_key text NOT NULL DEFAULT '',
    from_state text,
    to_state text,
    visible text NOT NULL DEFAULT 'both' CHECK (visible IN ('both', 'company')),
    door text NOT NULL DEFAULT '',
    reason text NOT NULL DEFAULT '',
    sentence text NOT NULL
);
CREATE INDEX ix_approval_event_request ON approval_event (request_id, id);
COMMENT ON TABLE approval_event IS 'the timeline and its comments; rows are never changed or removed';

CREATE TABLE approval_delegation (
    id uuid CONSTRAINT pk_approval_delegation PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    delegate_id uuid,
    workflow_key text,
    starts_at timestamptz NOT NULL,
    ends_at timestamptz,
    away boolean NOT NULL,
    reason text NOT NULL DEFAULT '',
    created_by uuid,
    created_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    revoked_at timestamptz,
    CONSTRAINT ck_approval_delegation_other CHECK (delegate_id <> user_id),
    CONSTRAINT ck_approval_delegation_somebody CHECK (away OR delegate_id IS NOT NULL),
    CONSTRAINT ck_approval_delegation_period CHECK (ends_at > starts_at)
);
CREATE INDEX ix_approval_delegation_active ON approval_delegation (ends_at) WHERE revoked_at IS NULL;
CREATE INDEX ix_approval_delegation_user ON approval_delegation (user_id, starts_at);
COMMENT ON COLUMN approval_delegation.away IS
'out of office: the delegate is asked instead; without one, nobody is asked in this person''s place';

CREATE TABLE approval_notice (
    id uuid CONSTRAINT pk_approval_notice PRIMARY KEY DEFAULT gen_random_uuid(),
    user_id uuid NOT NULL,
    request_id uuid REFERENCES approval_request,
    kind text NOT NULL,
    occasion text NOT NULL,
    sentence text NOT NULL,
    at timestamptz NOT NULL DEFAULT clock_timestamp(),
    read_at timestamptz,
    CONSTRAINT uq_approval_notice_occasion UNIQUE (user_id, request_id, kind, occasion)
);
CREATE INDEX ix_approval_notice_user ON approval_notice (user_id, at DESC, id DESC);
CREATE INDEX ix_approval_notice_unread ON approval_notice (user_id) WHERE read_at IS NULL;
COMMENT ON COLUMN approval_notice.occasion IS 'what it is about; the same is told once';
"""

RULES = """
CREATE FUNCTION tandem_workflow_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (NEW.key, NEW.version, NEW.source, NEW.document, NEW.hash, NEW.published_at, NEW.published_by)
            IS DISTINCT FROM (OLD.key, OLD.version, OLD.source, OLD.document, OLD.hash, OLD.published_at,
                OLD.published_by) THEN
        RAISE EXCEPTION 'a published version is never changed' USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER unchanged BEFORE UPDATE ON approval_workflow
    FOR EACH ROW EXECUTE FUNCTION tandem_workflow_version();
CREATE TRIGGER kept BEFORE DELETE ON approval_workflow
    FOR EACH ROW EXECUTE FUNCTION tandem_append_only();

CREATE FUNCTION tandem_request_content() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.content_hash := encode(sha256(convert_to(
        NEW.workflow_key || '/' || NEW.workflow_version || chr(10) || NEW.values::text, 'UTF8')), 'hex');
    IF TG_OP = 'INSERT' THEN
        RETURN NEW;
    END IF;
    IF (NEW.number, NEW.requester_id, NEW.created_at)
            IS DISTINCT FROM (OLD.number, OLD.requester_id, OLD.created_at) OR NEW.round < OLD.round THEN
        RAISE EXCEPTION 'number, requester and past rounds of a request are never changed'
            USING ERRCODE = 'restrict_violation';
    END IF;
    IF NEW.content_hash <> OLD.content_hash AND NEW.round = OLD.round
            AND OLD.state IN ('submitted', 'info_needed', 'approved') THEN
        RAISE EXCEPTION 'the content of a request that was handed in changes in a new round only'
            USING ERRCODE = 'restrict_violation';
    END IF;
    NEW.updated_at := clock_timestamp();
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;
CREATE TRIGGER content BEFORE INSERT OR UPDATE ON approval_request
    FOR EACH ROW EXECUTE FUNCTION tandem_request_content();

CREATE FUNCTION tandem_two_people() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    request approval_request;
BEGIN
    SELECT * INTO request FROM approval_request WHERE id = NEW.request_id;
    IF NEW.actor_id IN (request.requester_id, request.last_editor_id)
            OR NEW.on_behalf_of IN (request.requester_id, request.last_editor_id) THEN
        RAISE EXCEPTION 'requester, last editor and approver are different people'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_approval_decision_two_people';
    END IF;
    IF NEW.round IS DISTINCT FROM request.round OR NEW.content_hash IS DISTINCT FROM request.content_hash THEN
        RAISE EXCEPTION 'a decision belongs to the content that was read'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_approval_decision_content';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER two_people BEFORE INSERT ON approval_decision
    FOR EACH ROW EXECUTE FUNCTION tandem_two_people();

CREATE FUNCTION tandem_authorization_hash() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.snapshot_hash := encode(sha256(convert_to(NEW.snapshot::text, 'UTF8')), 'hex');
    RETURN NEW;
END $$;
CREATE TRIGGER hash BEFORE INSERT ON approval_authorization
    FOR EACH ROW EXECUTE FUNCTION tandem_authorization_hash();

-- Looked at when the transaction ends: by then a request is approved with an authorization, or neither.
CREATE FUNCTION tandem_authorized() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    request approval_request;
    named uuid;
    held integer;
    fitting integer;
BEGIN
    IF TG_TABLE_NAME = 'approval_request' THEN
        named := NEW.id;
    ELSIF TG_TABLE_NAME = 'approval_authorization' THEN
        named := NEW.request_id;
    ELSE
        SELECT a.request_id INTO named FROM approval_authorization a WHERE a.number = NEW.number;
    END IF;
    SELECT * INTO request FROM approval_request WHERE id = named;
    SELECT count(*), count(*) FILTER (WHERE a.round = request.round
            AND a.content_hash = request.content_hash AND request.state = 'approved')
        INTO held, fitting
        FROM approval_authorization a
        WHERE a.request_id = named
          AND NOT EXISTS (SELECT FROM approval_authorization_void v WHERE v.number = a.number);
    IF held <> fitting OR (request.state = 'approved') <> (fitting = 1) THEN
        RAISE EXCEPTION 'an approved request has one authorization of the content that was approved, '
            'and no other request has any' USING ERRCODE = 'check_violation',
            CONSTRAINT = 'ck_approval_request_authorized';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER authorized_insert AFTER INSERT ON approval_request DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.state = 'approved') EXECUTE FUNCTION tandem_authorized();
CREATE CONSTRAINT TRIGGER authorized_update AFTER UPDATE ON approval_request DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN ((OLD.state = 'approved' OR NEW.state = 'approved') AND
        (OLD.state, OLD.round, OLD.content_hash) IS DISTINCT FROM (NEW.state, NEW.round, NEW.content_hash))
    EXECUTE FUNCTION tandem_authorized();
CREATE CONSTRAINT TRIGGER authorized AFTER INSERT ON approval_authorization DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION tandem_authorized();
CREATE CONSTRAINT TRIGGER authorized AFTER INSERT ON approval_authorization_void
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION tandem_authorized();
"""

APPEND_ONLY = (
    "approval_decision",
    "approval_authorization",
    "approval_authorization_void",
    "approval_event",
)

OWN = "partner_account_id = (SELECT tandem_partner()) AND visible = 'both'"
# Row-level security holds inside as well: what belongs to a request is seen by whoever sees that.
OF_ITS_REQUEST = "EXISTS (SELECT FROM approval_request r WHERE r.id = request_id)"
OF_ITS_AUTHORIZATION = (
    "EXISTS (SELECT FROM approval_authorization a WHERE a.number = approval_authorization_void.number)"
)
OF_THE_CALLER = "user_id = nullif(current_setting('tandem.user_id', true), '')::uuid"

COMPANY = "((SELECT tandem_scope() IN ('system', 'staff')))"

PROTECTED = {
    "approval_workflow": "false",
    "user_role": "false",
    "approval_request": OWN,
    "approval_step": OF_ITS_REQUEST,
    "approval_task": "false",
    "approval_decision": OF_ITS_REQUEST,
    "approval_authorization": OF_ITS_REQUEST,
    "approval_authorization_void": OF_ITS_AUTHORIZATION,
    "approval_event": f"visible = 'both' AND {OF_ITS_REQUEST}",
    "approval_delegation": "false",
    "approval_notice": OF_THE_CALLER,
}


def upgrade() -> None:
    op.get_bind().exec_driver_sql(TABLES)
    op.get_bind().exec_driver_sql(RULES)
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} "
            "FOR EACH ROW EXECUTE FUNCTION tandem_append_only()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION tandem_append_only()"
        )
    for table, seen in PROTECTED.items():
        op.execute(f"SELECT tandem_protect('{table}', $${seen}$$)")
        # The same rule as one truth value: of the usual comparison the planner believes that it leaves one
        # row in a hundred, and then reads ten thousand tasks to show the first fifty.
        op.execute(f"ALTER POLICY tandem_company ON {table} USING {COMPANY} WITH CHECK {COMPANY}")


def downgrade() -> None:
    for table in reversed(PROTECTED):
        op.execute(f"DROP TABLE {table} CASCADE")
    op.execute(
        "DROP FUNCTION tandem_workflow_version, tandem_request_content, tandem_two_people, "
        "tandem_authorization_hash, tandem_authorized"
    )
    op.execute("DROP SEQUENCE approval_request_number, approval_authorization_number")

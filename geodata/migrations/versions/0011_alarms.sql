-- Alarms, as the eleventh version knew them. Frozen. See docs/alarms.md.

-- What the rules read: every batch once, however late it came (services/alarms/engine).

ALTER TABLE settled_batch ADD COLUMN received_at TIMESTAMPTZ;

COMMENT ON COLUMN settled_batch.received_at IS 'as its observations say it; its state changes say settled_at';

CREATE INDEX observation_received ON observation USING brin (received_at) WITH (pages_per_range = 16, autosummarize = on);

CREATE INDEX state_change_received ON state_change USING brin (received_at) WITH (pages_per_range = 16, autosummarize = on);

-- Rules ------------------------------------------------------------------------------------------------------------

CREATE TABLE alarm_rule (
    id SERIAL NOT NULL,
    key TEXT NOT NULL,
    domain TEXT NOT NULL,
    asset_type TEXT NOT NULL,
    made_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (key)
);

COMMENT ON TABLE alarm_rule IS 'classes of alarm; what a rule says stands in its versions';

COMMENT ON COLUMN alarm_rule.key IS 'the alarm class, such as control_cabinet.breaker_tripped';

CREATE TABLE alarm_rule_version (
    rule_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    declaration JSONB NOT NULL,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    backtest JSONB,
    backtested_at TIMESTAMPTZ,
    on_at TIMESTAMPTZ,
    on_by TEXT,
    off_at TIMESTAMPTZ,
    off_by TEXT,
    off_why TEXT,
    PRIMARY KEY (rule_id, version),
    FOREIGN KEY (rule_id) REFERENCES alarm_rule (id),
    CHECK (off_at >= on_at)
);

COMMENT ON TABLE alarm_rule_version IS 'what a rule said and when it was in force; never changed, only switched on and off';

COMMENT ON COLUMN alarm_rule_version.declaration IS 'model/alarm_rules.py: Rule';

COMMENT ON COLUMN alarm_rule_version.backtest IS 'what it would have raised, tried against history before it was switched on';

CREATE UNIQUE INDEX alarm_rule_version_in_force ON alarm_rule_version (rule_id)
WHERE on_at IS NOT NULL AND off_at IS NULL;

-- Alarms -----------------------------------------------------------------------------------------------------------

CREATE TABLE alarm (
    id BIGSERIAL NOT NULL,
    rule_id INTEGER NOT NULL,
    rule_version INTEGER NOT NULL,
    alarm_class TEXT NOT NULL,
    asset_id BIGINT,
    area_id INTEGER,
    commune_id INTEGER,
    district_id INTEGER,
    domain TEXT NOT NULL,
    asset_type TEXT NOT NULL,
    priority SMALLINT NOT NULL,
    severity SMALLINT NOT NULL,
    state SMALLINT,
    value FLOAT,
    raised_at TIMESTAMPTZ NOT NULL,
    noticed_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    annunciated_at TIMESTAMPTZ,
    last_raised_at TIMESTAMPTZ NOT NULL,
    activations INTEGER DEFAULT 1 NOT NULL,
    returned_at TIMESTAMPTZ,
    return_noticed_at TIMESTAMPTZ,
    latching BOOLEAN DEFAULT false NOT NULL,
    reset_at TIMESTAMPTZ,
    reset_by TEXT,
    acknowledged_at TIMESTAMPTZ,
    acknowledged_by TEXT,
    acknowledged_by_id BIGINT,
    confirmed_at TIMESTAMPTZ,
    confirmed_by TEXT,
    confirmed_action TEXT,
    assigned_to TEXT,
    assigned_to_id BIGINT,
    assigned_at TIMESTAMPTZ,
    escalation SMALLINT DEFAULT 0 NOT NULL,
    escalated_at TIMESTAMPTZ,
    re_alarms SMALLINT DEFAULT 0 NOT NULL,
    cause_id BIGINT,
    cause_since TIMESTAMPTZ,
    grouped_by TEXT,
    uncertain BOOLEAN DEFAULT false NOT NULL,
    closed_at TIMESTAMPTZ,
    PRIMARY KEY (id),
    FOREIGN KEY (rule_id, rule_version) REFERENCES alarm_rule_version (rule_id, version),
    FOREIGN KEY (asset_id) REFERENCES asset (id),
    FOREIGN KEY (area_id) REFERENCES area (id),
    FOREIGN KEY (cause_id) REFERENCES alarm (id),
    CHECK (asset_id IS NOT NULL OR area_id IS NOT NULL),
    CHECK (priority BETWEEN 1 AND 4),
    CHECK (severity BETWEEN 1 AND 5),
    CHECK (cause_id <> id)
);

COMMENT ON TABLE alarm IS 'abnormal conditions that need an answer in time: one open alarm for one thing and class';

COMMENT ON COLUMN alarm.area_id IS 'of an alarm of a whole area, which has no asset';

COMMENT ON COLUMN alarm.commune_id IS 'where it lies; who may see it is decided by this, the district and the domain';

COMMENT ON COLUMN alarm.priority IS 'how soon to respond: 1 critical to 4 low';

COMMENT ON COLUMN alarm.severity IS 'how bad the effect: 1 informational to 5 critical';

COMMENT ON COLUMN alarm.state IS 'the asset type''s own state code when it was raised';

COMMENT ON COLUMN alarm.raised_at IS 'when the condition began, by the clock of what told it';

COMMENT ON COLUMN alarm.noticed_at IS 'when the city knew';

COMMENT ON COLUMN alarm.annunciated_at IS 'when it was first put before an operator; null: never, it was explained or hidden before';

COMMENT ON COLUMN alarm.returned_at IS 'when the condition ended; null: it lasts';

COMMENT ON COLUMN alarm.return_noticed_at IS 'when the city knew that it ended';

COMMENT ON COLUMN alarm.cause_id IS 'the alarm that explains this one: suppressed by design while it stands';

COMMENT ON COLUMN alarm.grouped_by IS 'who put it under its cause by hand; null: the network did';

COMMENT ON COLUMN alarm.uncertain IS 'contact was lost since it was raised: it may be over';

COMMENT ON COLUMN alarm.closed_at IS 'when it left the list: over and dealt with';

CREATE UNIQUE INDEX alarm_open_asset ON alarm (asset_id, rule_id) WHERE closed_at IS NULL AND asset_id IS NOT NULL;

CREATE UNIQUE INDEX alarm_open_area ON alarm (area_id, rule_id) WHERE closed_at IS NULL AND asset_id IS NULL;

CREATE INDEX alarm_open ON alarm (priority, raised_at) WHERE closed_at IS NULL;

CREATE INDEX alarm_cause ON alarm (cause_id) WHERE cause_id IS NOT NULL;

CREATE INDEX alarm_noticed ON alarm (noticed_at);

CREATE INDEX alarm_annunciated ON alarm (annunciated_at) WHERE annunciated_at IS NOT NULL;

CREATE INDEX alarm_closed ON alarm (closed_at);

CREATE INDEX alarm_asset ON alarm (asset_id, raised_at);

-- What stood at an instant of the past, and what had happened by then but was not known yet.
CREATE INDEX alarm_stood ON alarm
USING gist (tstzrange(noticed_at, greatest(noticed_at, coalesce(closed_at, 'infinity'::timestamptz))));

CREATE INDEX alarm_learnt ON alarm USING gist (tstzrange(least(raised_at, noticed_at), noticed_at));

CREATE FUNCTION alarm_closes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- In one place, since the engine ends conditions while people acknowledge them, at the same moment.
    IF NEW.closed_at IS NULL AND NEW.returned_at IS NOT NULL
       AND (NEW.acknowledged_at IS NOT NULL OR NEW.annunciated_at IS NULL OR NEW.cause_id IS NOT NULL)
       AND (NOT NEW.latching OR NEW.reset_at IS NOT NULL) THEN
        NEW.closed_at := now();
    END IF;
    RETURN NEW;
END
$$;

COMMENT ON FUNCTION alarm_closes IS 'an alarm leaves the list once it is over and was acknowledged, or never was put before anybody';

CREATE TRIGGER alarm_closes BEFORE UPDATE ON alarm FOR EACH ROW EXECUTE FUNCTION alarm_closes();

CREATE TABLE alarm_event (
    id BIGSERIAL NOT NULL,
    alarm_id BIGINT NOT NULL,
    at TIMESTAMPTZ DEFAULT now() NOT NULL,
    kind TEXT NOT NULL,
    actor_id BIGINT,
    actor TEXT DEFAULT '' NOT NULL,
    role TEXT DEFAULT '' NOT NULL,
    text TEXT DEFAULT '' NOT NULL,
    details JSONB DEFAULT '{}' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (alarm_id) REFERENCES alarm (id)
);

COMMENT ON TABLE alarm_event IS 'everything that happened to an alarm, by the system and by people, in one thread; never changed';

COMMENT ON COLUMN alarm_event.at IS 'when the city knew it';

COMMENT ON COLUMN alarm_event.kind IS 'model/alarms.py: Happening';

COMMENT ON COLUMN alarm_event.actor IS 'her name; empty: the system';

CREATE INDEX alarm_event_alarm ON alarm_event (alarm_id, id);

CREATE INDEX alarm_event_at ON alarm_event (at);

CREATE FUNCTION alarm_event_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what happened to an alarm is not changed';
END
$$;

CREATE TRIGGER alarm_event_stays BEFORE UPDATE ON alarm_event FOR EACH ROW EXECUTE FUNCTION alarm_event_stays();

-- What is hidden now -------------------------------------------------------------------------------------------------

CREATE TABLE alarm_hiding (
    id BIGSERIAL NOT NULL,
    kind TEXT NOT NULL,
    rule_id INTEGER,
    asset_id BIGINT,
    with_children BOOLEAN DEFAULT false NOT NULL,
    area_id INTEGER,
    domain TEXT,
    alarm_id BIGINT,
    reason TEXT NOT NULL,
    reference TEXT DEFAULT '' NOT NULL,
    annotation_id BIGINT,
    ends_when TEXT DEFAULT '' NOT NULL,
    from_at TIMESTAMPTZ NOT NULL,
    until TIMESTAMPTZ NOT NULL,
    made_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    made_by_id BIGINT,
    seconded_at TIMESTAMPTZ,
    seconded_by TEXT,
    seconded_by_id BIGINT,
    began_at TIMESTAMPTZ,
    ended_at TIMESTAMPTZ,
    ended_by TEXT,
    ended_why TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY (rule_id) REFERENCES alarm_rule (id),
    FOREIGN KEY (asset_id) REFERENCES asset (id),
    FOREIGN KEY (area_id) REFERENCES area (id),
    FOREIGN KEY (alarm_id) REFERENCES alarm (id),
    FOREIGN KEY (annotation_id) REFERENCES annotation (id),
    CHECK (kind IN ('shelved', 'out_of_service', 'disabled')),
    CHECK (until > from_at),
    CHECK (asset_id IS NOT NULL OR area_id IS NOT NULL OR rule_id IS NOT NULL),
    CHECK (seconded_by_id IS DISTINCT FROM made_by_id OR seconded_by_id IS NULL)
);

COMMENT ON TABLE alarm_hiding IS 'alarms kept from the list on purpose: by whom, why, until when; recorded all the same';

COMMENT ON COLUMN alarm_hiding.rule_id IS 'the class hidden; null: all of the asset or area';

COMMENT ON COLUMN alarm_hiding.with_children IS 'what the asset feeds is hidden too';

COMMENT ON COLUMN alarm_hiding.reference IS 'work order or decision';

COMMENT ON COLUMN alarm_hiding.annotation_id IS 'the planned works it comes from';

COMMENT ON COLUMN alarm_hiding.ends_when IS 'severity: ends by itself when the alarm gets worse; empty: by its time';

COMMENT ON COLUMN alarm_hiding.seconded_at IS 'disabling takes two persons: nothing is disabled before the second';

COMMENT ON COLUMN alarm_hiding.began_at IS 'when the engine saw it begin';

COMMENT ON COLUMN alarm_hiding.ended_why IS 'expired, lifted, worse or withdrawn';

CREATE INDEX alarm_hiding_now ON alarm_hiding (until) WHERE ended_at IS NULL;

CREATE INDEX alarm_hiding_asset ON alarm_hiding (asset_id);

CREATE FUNCTION alarm_hidden(at timestamptz) RETURNS TABLE (alarm_id bigint, hiding_id bigint, kind text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- As the owner: an alarm is hidden for everybody alike, also for those who do not see all of what hides it.
    WITH RECURSIVE hiding AS MATERIALIZED (
        SELECT h.id, h.kind, h.rule_id, h.asset_id, h.with_children, h.area_id, h.domain, h.until
        FROM alarm_hiding h
        WHERE h.ended_at IS NULL AND h.from_at <= alarm_hidden.at AND h.until > alarm_hidden.at
              AND (h.kind <> 'disabled' OR h.seconded_at IS NOT NULL)
    ), fed (hiding_id, asset_id) AS (
        SELECT h.id, h.asset_id FROM hiding h WHERE h.asset_id IS NOT NULL
        UNION
        SELECT f.hiding_id, s.id FROM fed f JOIN hiding h ON h.id = f.hiding_id AND h.with_children
        JOIN asset s ON s.parent_id = f.asset_id
    ), place (hiding_id, area_id) AS (
        SELECT h.id, h.area_id FROM hiding h WHERE h.area_id IS NOT NULL
        UNION
        SELECT p.hiding_id, r.id FROM place p JOIN area r ON r.parent_id = p.area_id
    ), hit AS (
        SELECT a.id AS alarm_id, h.id AS hiding_id, h.kind, h.until
        FROM fed f JOIN alarm a ON a.asset_id = f.asset_id AND a.closed_at IS NULL
        JOIN hiding h ON h.id = f.hiding_id
        WHERE (h.rule_id IS NULL OR h.rule_id = a.rule_id) AND (h.domain IS NULL OR h.domain = a.domain)
        UNION ALL
        SELECT a.id, h.id, h.kind, h.until
        FROM hiding h JOIN alarm a ON a.closed_at IS NULL
        WHERE h.asset_id IS NULL AND (h.rule_id IS NULL OR h.rule_id = a.rule_id)
              AND (h.domain IS NULL OR h.domain = a.domain)
              AND (h.area_id IS NULL OR EXISTS (
                  SELECT FROM place p WHERE p.hiding_id = h.id
                  AND p.area_id IN (a.commune_id, a.district_id, a.area_id)))
    )
    SELECT DISTINCT ON (hit.alarm_id) hit.alarm_id, hit.hiding_id, hit.kind FROM hit
    ORDER BY hit.alarm_id, hit.kind, hit.until DESC
$$;

COMMENT ON FUNCTION alarm_hidden IS 'the open alarms somebody keeps from the list at an instant, each with what hides it: disabled before out of service before shelved';

CREATE FUNCTION alarm_hidden_then(at timestamptz) RETURNS TABLE (alarm_id bigint, hiding_id bigint, kind text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    WITH RECURSIVE hiding AS MATERIALIZED (
        SELECT h.id, h.kind, h.rule_id, h.asset_id, h.with_children, h.area_id, h.domain, h.until
        FROM alarm_hiding h
        WHERE h.made_at <= alarm_hidden_then.at AND h.from_at <= alarm_hidden_then.at
              AND h.until > alarm_hidden_then.at
              AND (h.ended_at IS NULL OR h.ended_at > alarm_hidden_then.at)
              AND (h.kind <> 'disabled' OR h.seconded_at <= alarm_hidden_then.at)
    ), fed (hiding_id, asset_id) AS (
        SELECT h.id, h.asset_id FROM hiding h WHERE h.asset_id IS NOT NULL
        UNION
        SELECT f.hiding_id, s.id FROM fed f JOIN hiding h ON h.id = f.hiding_id AND h.with_children
        JOIN asset s ON s.parent_id = f.asset_id
    ), place (hiding_id, area_id) AS (
        SELECT h.id, h.area_id FROM hiding h WHERE h.area_id IS NOT NULL
        UNION
        SELECT p.hiding_id, r.id FROM place p JOIN area r ON r.parent_id = p.area_id
    ), stood AS MATERIALIZED (
        SELECT a.id, a.rule_id, a.asset_id, a.area_id, a.commune_id, a.district_id, a.domain FROM alarm a
        WHERE EXISTS (SELECT FROM hiding)
              AND tstzrange(a.noticed_at, greatest(a.noticed_at, coalesce(a.closed_at, 'infinity'::timestamptz)))
                  @> alarm_hidden_then.at
    ), hit AS (
        SELECT a.id AS alarm_id, h.id AS hiding_id, h.kind, h.until
        FROM fed f JOIN stood a ON a.asset_id = f.asset_id JOIN hiding h ON h.id = f.hiding_id
        WHERE (h.rule_id IS NULL OR h.rule_id = a.rule_id) AND (h.domain IS NULL OR h.domain = a.domain)
        UNION ALL
        SELECT a.id, h.id, h.kind, h.until
        FROM hiding h JOIN stood a ON true
        WHERE h.asset_id IS NULL AND (h.rule_id IS NULL OR h.rule_id = a.rule_id)
              AND (h.domain IS NULL OR h.domain = a.domain)
              AND (h.area_id IS NULL OR EXISTS (
                  SELECT FROM place p WHERE p.hiding_id = h.id
                  AND p.area_id IN (a.commune_id, a.district_id, a.area_id)))
    )
    SELECT DISTINCT ON (hit.alarm_id) hit.alarm_id, hit.hiding_id, hit.kind FROM hit
    ORDER BY hit.alarm_id, hit.kind, hit.until DESC
$$;

COMMENT ON FUNCTION alarm_hidden_then IS 'as alarm_hidden, at an instant of the past: by what was in force and known then';

-- How good the alarms are --------------------------------------------------------------------------------------------

CREATE TABLE alarm_rating (
    alarm_id BIGINT NOT NULL,
    person_id BIGINT NOT NULL,
    useless BOOLEAN NOT NULL,
    text TEXT DEFAULT '' NOT NULL,
    at TIMESTAMPTZ DEFAULT now() NOT NULL,
    PRIMARY KEY (alarm_id, person_id),
    FOREIGN KEY (alarm_id) REFERENCES alarm (id),
    FOREIGN KEY (person_id) REFERENCES person (id)
);

COMMENT ON TABLE alarm_rating IS 'whether an alarm was of use to who answered it';

CREATE TABLE alarm_review (
    id BIGSERIAL NOT NULL,
    rule_id INTEGER NOT NULL,
    opened_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    opened_why TEXT NOT NULL,
    proposed_version INTEGER,
    decided_at TIMESTAMPTZ,
    decided_by TEXT,
    decision TEXT,
    decision_why TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY (rule_id) REFERENCES alarm_rule (id),
    FOREIGN KEY (rule_id, proposed_version) REFERENCES alarm_rule_version (rule_id, version),
    CHECK (decision IN ('changed', 'kept'))
);

COMMENT ON TABLE alarm_review IS 'rules somebody must look at again, with the change that is proposed';

CREATE UNIQUE INDEX alarm_review_open ON alarm_review (rule_id) WHERE decided_at IS NULL;

-- The engine's own memory, and each person's view --------------------------------------------------------------------

CREATE TABLE alarm_engine (
    id SMALLINT NOT NULL,
    settled_at TIMESTAMPTZ NOT NULL,
    looked_at TIMESTAMPTZ NOT NULL,
    layout BIGINT NOT NULL,
    started_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id),
    CHECK (id = 1)
);

COMMENT ON TABLE alarm_engine IS 'up to where the rules have seen: settled batches, and the clock';

CREATE TABLE alarm_watch (
    id BIGSERIAL NOT NULL,
    began_at TIMESTAMPTZ NOT NULL,
    ended_at TIMESTAMPTZ NOT NULL,
    PRIMARY KEY (id)
);

COMMENT ON TABLE alarm_watch IS 'spans in which alarms were watched: what was outside them is found later, or never';

CREATE TABLE alarm_view (
    person_id BIGINT NOT NULL,
    view JSONB NOT NULL,
    at TIMESTAMPTZ DEFAULT now() NOT NULL,
    PRIMARY KEY (person_id),
    FOREIGN KEY (person_id) REFERENCES person (id)
);

COMMENT ON TABLE alarm_view IS 'the filters of the list each person left';

-- Outward --------------------------------------------------------------------------------------------------------------

CREATE TABLE alarm_route (
    id SERIAL NOT NULL,
    name TEXT NOT NULL,
    channel TEXT NOT NULL,
    classes TEXT[],
    domains TEXT[],
    priorities SMALLINT[] NOT NULL,
    areas INTEGER[],
    moments TEXT[] NOT NULL,
    enabled BOOLEAN DEFAULT false NOT NULL,
    made_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    changed_at TIMESTAMPTZ,
    changed_by TEXT,
    removed_at TIMESTAMPTZ,
    removed_by TEXT,
    PRIMARY KEY (id)
);

COMMENT ON TABLE alarm_route IS 'which alarms are told to whom outside the room';

COMMENT ON COLUMN alarm_route.channel IS 'a channel of the setting VIGIE_CHANNELS; addresses and secrets are not kept here';

COMMENT ON COLUMN alarm_route.moments IS 'raised, escalated, returned';

CREATE UNIQUE INDEX alarm_route_name ON alarm_route (name) WHERE removed_at IS NULL;

CREATE TABLE alarm_channel (
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    place TEXT NOT NULL,
    fault TEXT DEFAULT '' NOT NULL,
    seen_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    PRIMARY KEY (name)
);

COMMENT ON TABLE alarm_channel IS 'the channels the engine was started with: their names, for who makes routes';

COMMENT ON COLUMN alarm_channel.place IS 'the host it goes to; never a password, a key or a path';

COMMENT ON COLUMN alarm_channel.fault IS 'why it cannot be used; empty: it can';

CREATE TABLE alarm_notice (
    id BIGSERIAL NOT NULL,
    route_id INTEGER NOT NULL,
    alarm_id BIGINT,
    moment TEXT NOT NULL,
    turn INTEGER DEFAULT 0 NOT NULL,
    made_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    asked_by TEXT,
    next_try_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    tries INTEGER DEFAULT 0 NOT NULL,
    sent_at TIMESTAMPTZ,
    given_up_at TIMESTAMPTZ,
    error TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY (route_id) REFERENCES alarm_route (id),
    FOREIGN KEY (alarm_id) REFERENCES alarm (id),
    UNIQUE (route_id, alarm_id, moment, turn)
);

COMMENT ON TABLE alarm_notice IS 'what was told outside, each once: written with what it tells of, then sent';

COMMENT ON COLUMN alarm_notice.turn IS 'the activation or escalation step it tells of';

COMMENT ON COLUMN alarm_notice.asked_by IS 'who asked for a test; null: an alarm did';

CREATE INDEX alarm_notice_waiting ON alarm_notice (next_try_at) WHERE sent_at IS NULL AND given_up_at IS NULL;

-- Who is told of changes at once ----------------------------------------------------------------------------------------

CREATE FUNCTION alarms_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vigie_alarms', TG_TABLE_NAME);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION alarms_changed IS 'tells every web process, and the engine, at once';

CREATE TRIGGER alarms_changed AFTER INSERT OR UPDATE ON alarm FOR EACH STATEMENT EXECUTE FUNCTION alarms_changed();

CREATE TRIGGER alarms_changed AFTER INSERT ON alarm_event FOR EACH STATEMENT EXECUTE FUNCTION alarms_changed();

CREATE TRIGGER alarms_changed AFTER INSERT OR UPDATE ON alarm_hiding FOR EACH STATEMENT EXECUTE FUNCTION alarms_changed();

CREATE TRIGGER alarms_changed AFTER INSERT OR UPDATE ON alarm_rule_version FOR EACH STATEMENT EXECUTE FUNCTION alarms_changed();

INSERT INTO retention_rule (class, keep, basis, decided_by) VALUES (
    'alarms', '3 years', 'Règle proposée : trois ans, comme le journal des modifications', 'Vigie'
);

-- Who may what ------------------------------------------------------------------------------------------------------------

CREATE FUNCTION pg_temp.may_alarms(who text, rights text, names text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
    counter text;
BEGIN
    FOREACH name IN ARRAY string_to_array(names, ' ') LOOP
        EXECUTE format('REVOKE ALL ON %I FROM PUBLIC', name);
        EXECUTE format('GRANT %s ON %I TO %I', rights, name, who);
        CONTINUE WHEN rights !~ 'INSERT';
        FOR counter IN
            SELECT pg_get_serial_sequence(format('%I', name), attname) FROM pg_attribute
            WHERE attrelid = format('%I', name)::regclass AND attnum > 0 AND NOT attisdropped
        LOOP
            CONTINUE WHEN counter IS NULL;
            EXECUTE format('GRANT USAGE ON SEQUENCE %s TO %I', counter, who);
        END LOOP;
    END LOOP;
END
$$;

SELECT pg_temp.may_alarms('vigie_room', 'SELECT', 'alarm_engine alarm_watch alarm_channel');

SELECT pg_temp.may_alarms('vigie_room', 'SELECT, UPDATE', 'alarm');

SELECT pg_temp.may_alarms('vigie_room', 'SELECT, INSERT', 'alarm_event');

SELECT pg_temp.may_alarms('vigie_room', 'SELECT, INSERT, UPDATE',
    'alarm_rule alarm_rule_version alarm_hiding alarm_rating alarm_review alarm_view alarm_route alarm_notice');

SELECT pg_temp.may_alarms('vigie_scoped', 'SELECT', 'alarm_engine alarm_watch alarm_rule alarm_rule_version');

SELECT pg_temp.may_alarms('vigie_scoped', 'SELECT, UPDATE', 'alarm');

SELECT pg_temp.may_alarms('vigie_scoped', 'SELECT, INSERT', 'alarm_event');

SELECT pg_temp.may_alarms('vigie_scoped', 'SELECT, INSERT, UPDATE', 'alarm_hiding alarm_rating');

SELECT pg_temp.may_alarms('vigie_recorder', 'SELECT, INSERT, UPDATE, DELETE',
    'alarm alarm_event alarm_hiding alarm_rating alarm_review alarm_rule alarm_rule_version alarm_engine alarm_watch '
    'alarm_notice alarm_channel');

SELECT pg_temp.may_alarms('vigie_recorder', 'SELECT', 'alarm_route annotation rollup_hour');

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY string_to_array('alarm alarm_event alarm_hiding alarm_rating', ' ') LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY whole ON %I TO vigie_room, vigie_reader USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

CREATE POLICY scoped ON alarm TO vigie_scoped USING (
    ((SELECT scope_everywhere()) OR commune_id = ANY ((SELECT scope_areas())::integer[])
     OR district_id = ANY ((SELECT scope_areas())::integer[]))
    AND ((SELECT scope_every_domain()) OR domain = ANY ((SELECT scope_domains())::text[]))
);

CREATE POLICY scoped ON alarm_event TO vigie_scoped
USING (EXISTS (SELECT FROM alarm a WHERE a.id = alarm_id))
WITH CHECK (EXISTS (SELECT FROM alarm a WHERE a.id = alarm_id));

CREATE POLICY scoped ON alarm_rating TO vigie_scoped
USING (EXISTS (SELECT FROM alarm a WHERE a.id = alarm_id))
WITH CHECK (EXISTS (SELECT FROM alarm a WHERE a.id = alarm_id));

-- What hides alarms is seen by all whose alarms it hides, and ended by who sees all of what it hides.
CREATE POLICY scoped_reading ON alarm_hiding FOR SELECT TO vigie_scoped USING (
    CASE WHEN asset_id IS NOT NULL THEN (SELECT scope_cells())[(SELECT asset_cells())[asset_id]]
         ELSE ((SELECT scope_everywhere()) OR area_id IS NULL
               OR area_id = ANY ((SELECT scope_surroundings())::integer[]))
              AND ((SELECT scope_every_domain())
                   OR (domain IS NULL OR domain = ANY ((SELECT scope_domains())::text[]))
                   AND (rule_id IS NULL OR EXISTS (
                       SELECT FROM alarm_rule r
                       WHERE r.id = rule_id AND r.domain = ANY ((SELECT scope_domains())::text[])))) END
);

CREATE FUNCTION pg_temp.all_of_hiding() RETURNS text LANGUAGE sql AS $$
    SELECT 'CASE WHEN asset_id IS NOT NULL THEN (SELECT scope_cells())[(SELECT asset_cells())[asset_id]]
         ELSE ((SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_places())::integer[]))
              AND ((SELECT scope_every_domain()) OR domain = ANY ((SELECT scope_domains())::text[])) END'
$$;

DO $$
BEGIN
    EXECUTE format('CREATE POLICY scoped_adding ON alarm_hiding FOR INSERT TO vigie_scoped WITH CHECK (%s)',
                   pg_temp.all_of_hiding());
    EXECUTE format('CREATE POLICY scoped_changing ON alarm_hiding FOR UPDATE TO vigie_scoped USING (%s)',
                   pg_temp.all_of_hiding());
END
$$;

GRANT EXECUTE ON FUNCTION alarm_hidden, alarm_hidden_then TO vigie_room, vigie_scoped, vigie_recorder;

-- The engine keeps what moves out of every area, as the policies do.
GRANT EXECUTE ON FUNCTION moving_types TO vigie_recorder;

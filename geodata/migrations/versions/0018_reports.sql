-- Monthly reports, as the eighteenth version knew them. Frozen. See docs/reports.md.

CREATE TABLE report_archive (
    id BIGSERIAL NOT NULL,
    area_id INTEGER NOT NULL,
    area_name TEXT NOT NULL,
    month DATE NOT NULL,
    language TEXT NOT NULL,
    format TEXT NOT NULL,
    version INTEGER NOT NULL,
    figures TEXT NOT NULL,
    inputs TEXT NOT NULL,
    computed_at TIMESTAMPTZ,
    made_at TIMESTAMPTZ NOT NULL,
    made_by TEXT NOT NULL,
    reason TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    body BYTEA NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (area_id, month, language, format, version),
    CHECK (language IN ('fr', 'en')),
    CHECK (format IN ('html', 'pdf', 'pptx')),
    CHECK (version > 0)
);

COMMENT ON TABLE report_archive IS 'monthly reports as they were made; never changed, every version kept';

COMMENT ON COLUMN report_archive.area_id IS 'of area; 0: the whole city';

COMMENT ON COLUMN report_archive.area_name IS 'as it was called then';

COMMENT ON COLUMN report_archive.month IS 'its first day';

COMMENT ON COLUMN report_archive.version IS 'from 1; anew when figures changed or on request';

COMMENT ON COLUMN report_archive.figures IS 'SHA-256 of the figures as shown';

COMMENT ON COLUMN report_archive.inputs IS 'identifies the rows the figures were made from';

COMMENT ON COLUMN report_archive.computed_at IS 'when the newest of its figures was computed';

COMMENT ON COLUMN report_archive.reason IS 'why it was made anew; empty: it was due';

COMMENT ON COLUMN report_archive.sha256 IS 'of body';

CREATE FUNCTION report_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a report that was made is not changed; make another version';
END
$$;

COMMENT ON FUNCTION report_stays IS 'reports are added to, never changed nor removed, by the owner neither';

CREATE TRIGGER report_stays BEFORE UPDATE OR DELETE ON report_archive FOR EACH ROW EXECUTE FUNCTION report_stays();

CREATE TRIGGER report_stays_whole BEFORE TRUNCATE ON report_archive EXECUTE FUNCTION report_stays();

CREATE TABLE report_wish (
    id BIGSERIAL NOT NULL,
    area_id INTEGER NOT NULL,
    month DATE NOT NULL,
    reason TEXT NOT NULL,
    asked_by TEXT NOT NULL,
    asked_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    done_at TIMESTAMPTZ,
    error TEXT,
    PRIMARY KEY (id),
    CHECK (reason <> '')
);

COMMENT ON TABLE report_wish IS 'reports asked for anew, and why';

COMMENT ON COLUMN report_wish.area_id IS 'of area; 0: the whole city';

COMMENT ON COLUMN report_wish.error IS 'why it could not be made; null: it was, or it waits';

CREATE INDEX report_wish_open ON report_wish (id) WHERE done_at IS NULL;

CREATE TABLE report_subscriber (
    id BIGSERIAL NOT NULL,
    email TEXT NOT NULL,
    name TEXT NOT NULL,
    language TEXT NOT NULL,
    area_id INTEGER NOT NULL,
    added_by TEXT NOT NULL,
    added_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    token TEXT NOT NULL,
    ended_at TIMESTAMPTZ,
    ended_by TEXT,
    PRIMARY KEY (id),
    UNIQUE (token),
    CHECK (language IN ('fr', 'en')),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);

COMMENT ON TABLE report_subscriber IS 'who is sent the monthly report of which place, in which language; personal data';

COMMENT ON COLUMN report_subscriber.email IS 'emptied some time after the end';

COMMENT ON COLUMN report_subscriber.name IS 'emptied with the address';

COMMENT ON COLUMN report_subscriber.area_id IS 'of area; 0: the whole city';

COMMENT ON COLUMN report_subscriber.token IS 'what ends it from a letter';

COMMENT ON COLUMN report_subscriber.ended_by IS 'who ended it; empty: the reader herself';

CREATE UNIQUE INDEX report_subscriber_once ON report_subscriber (lower(email), area_id, language)
WHERE ended_at IS NULL;

CREATE TABLE report_delivery (
    id BIGSERIAL NOT NULL,
    subscriber_id BIGINT NOT NULL,
    month DATE NOT NULL,
    version INTEGER NOT NULL,
    queued_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    tries INTEGER DEFAULT 0 NOT NULL,
    next_try_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    sent_at TIMESTAMPTZ,
    given_up_at TIMESTAMPTZ,
    error TEXT,
    PRIMARY KEY (id),
    UNIQUE (subscriber_id, month, version),
    FOREIGN KEY (subscriber_id) REFERENCES report_subscriber (id)
);

COMMENT ON TABLE report_delivery IS 'which version was sent to whom, once; what could not be sent and why';

COMMENT ON COLUMN report_delivery.error IS 'a code of why it was not taken, the last time';

CREATE INDEX report_delivery_waiting ON report_delivery (next_try_at) WHERE sent_at IS NULL AND given_up_at IS NULL;

-- Personal data does not outlive its use -----------------------------------------------------------------------------

CREATE FUNCTION report_subscriber_forget() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    gone bigint;
BEGIN
    UPDATE report_subscriber SET email = '', name = '' WHERE (email, name) <> ('', '') AND ended_at < (
        SELECT now() - keep FROM retention_rule WHERE class = 'report_subscriber');
    GET DIAGNOSTICS gone = ROW_COUNT;
    RETURN gone;
END
$$;

COMMENT ON FUNCTION report_subscriber_forget IS 'empties name and address of who was taken off the list long enough ago; how many';

INSERT INTO retention_rule (class, keep, basis, decided_by) VALUES (
    'report_subscriber', '1 month', 'Règle proposée : un mois après la fin de l’envoi, pour répondre d’une erreur', 'Vigie'
);

-- Who may what -------------------------------------------------------------------------------------------------------

REVOKE ALL ON report_archive, report_wish, report_subscriber, report_delivery FROM PUBLIC;

REVOKE ALL ON FUNCTION report_stays, report_subscriber_forget FROM PUBLIC;

GRANT SELECT ON report_archive, report_wish, report_subscriber, report_delivery
TO vigie_room, vigie_scoped, vigie_recorder;

GRANT INSERT ON report_wish, report_subscriber TO vigie_room, vigie_scoped;

GRANT UPDATE (ended_at, ended_by) ON report_subscriber TO vigie_room, vigie_scoped;

GRANT USAGE ON SEQUENCE report_wish_id_seq, report_subscriber_id_seq TO vigie_room, vigie_scoped;

GRANT INSERT ON report_archive, report_delivery TO vigie_recorder;

GRANT UPDATE ON report_wish, report_delivery TO vigie_recorder;

GRANT USAGE ON SEQUENCE report_archive_id_seq, report_delivery_id_seq TO vigie_recorder;

GRANT EXECUTE ON FUNCTION report_subscriber_forget TO vigie_recorder;

ALTER TABLE report_archive ENABLE ROW LEVEL SECURITY;

ALTER TABLE report_wish ENABLE ROW LEVEL SECURITY;

ALTER TABLE report_subscriber ENABLE ROW LEVEL SECURITY;

ALTER TABLE report_delivery ENABLE ROW LEVEL SECURITY;

CREATE POLICY whole ON report_archive TO vigie_room USING (true) WITH CHECK (true);

CREATE POLICY whole ON report_wish TO vigie_room USING (true) WITH CHECK (true);

CREATE POLICY whole ON report_subscriber TO vigie_room USING (true) WITH CHECK (true);

CREATE POLICY whole ON report_delivery TO vigie_room USING (true) WITH CHECK (true);

-- A report tells of every domain: who may not see them all is shown none, and the city's is for who sees all of it.
CREATE POLICY scoped ON report_archive FOR SELECT TO vigie_scoped USING (
    (SELECT scope_every_domain())
    AND ((SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_areas())::integer[]))
);

CREATE POLICY scoped ON report_wish TO vigie_scoped USING (
    (SELECT scope_every_domain())
    AND ((SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_areas())::integer[]))
) WITH CHECK (
    (SELECT scope_every_domain())
    AND ((SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_areas())::integer[]))
);

CREATE POLICY scoped ON report_subscriber TO vigie_scoped USING (
    (SELECT scope_every_domain())
    AND ((SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_areas())::integer[]))
) WITH CHECK (
    (SELECT scope_every_domain())
    AND ((SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_areas())::integer[]))
);

CREATE POLICY scoped ON report_delivery FOR SELECT TO vigie_scoped
USING (EXISTS (SELECT FROM report_subscriber s WHERE s.id = subscriber_id));

-- Promises and programmes, as the seventeenth version knew them. Frozen. See docs/promises-and-programmes.md.

CREATE TABLE commitment (
    id SERIAL NOT NULL,
    key TEXT NOT NULL,
    domain TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    CHECK (key ~ '^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$'),
    UNIQUE (key)
);

COMMENT ON TABLE commitment IS 'what the city has promised; what a commitment says stands in its versions';

COMMENT ON COLUMN commitment.key IS 'its name in the city profile and in addresses';

CREATE TABLE commitment_version (
    commitment_id INTEGER NOT NULL,
    version INTEGER NOT NULL,
    title_fr TEXT NOT NULL,
    title_en TEXT NOT NULL,
    measure TEXT NOT NULL,
    target_share FLOAT NOT NULL,
    target_on DATE NOT NULL,
    contract TEXT NOT NULL,
    owner TEXT NOT NULL,
    baseline TEXT NOT NULL,
    baseline_from DATE,
    baseline_to DATE,
    baseline_document TEXT NOT NULL,
    baseline_dated DATE,
    baseline_kwh FLOAT,
    baseline_coverage FLOAT,
    baseline_points FLOAT,
    baseline_hours FLOAT,
    baseline_degree_days FLOAT,
    weather_share FLOAT,
    withdrawn BOOLEAN DEFAULT 'false' NOT NULL,
    reason TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (commitment_id, version),
    CHECK (measure IN ('lighting_energy', 'building_energy')),
    CHECK (target_share > 0 AND target_share < 1),
    CHECK (baseline IN ('documented', 'measured', 'none')),
    CHECK (baseline_to >= baseline_from),
    CHECK (baseline = 'none' OR baseline_from IS NOT NULL AND baseline_to IS NOT NULL),
    FOREIGN KEY(commitment_id) REFERENCES commitment (id)
);

COMMENT ON TABLE commitment_version IS 'what a commitment said, from when, and who wrote it; never changed';

COMMENT ON COLUMN commitment_version.version IS '1 is the first; the highest is in force';

COMMENT ON COLUMN commitment_version.measure IS 'lighting_energy or building_energy';

COMMENT ON COLUMN commitment_version.target_share IS 'promised saving, 0 to 1 of the adjusted baseline';

COMMENT ON COLUMN commitment_version.target_on IS 'last day of the twelve months it is promised for';

COMMENT ON COLUMN commitment_version.contract IS 'the contract or decision that promises it';

COMMENT ON COLUMN commitment_version.baseline IS 'documented, measured, or none';

COMMENT ON COLUMN commitment_version.baseline_dated IS 'the date of the document';

COMMENT ON COLUMN commitment_version.baseline_kwh IS 'documented: kWh of the whole period';

COMMENT ON COLUMN commitment_version.baseline_coverage IS 'documented: share of the points metered or billed, 0 to 1';

COMMENT ON COLUMN commitment_version.baseline_points IS 'documented: light points, or meters';

COMMENT ON COLUMN commitment_version.baseline_hours IS 'documented, lighting: burning hours of a point in the period';

COMMENT ON COLUMN commitment_version.baseline_degree_days IS 'documented, buildings: degree days of the period';

COMMENT ON COLUMN commitment_version.weather_share IS 'buildings: share of the baseline that follows degree days';

COMMENT ON COLUMN commitment_version.reason IS 'why this version was written';

CREATE TABLE programme (
    id SERIAL NOT NULL,
    key TEXT NOT NULL,
    kind TEXT NOT NULL,
    domain TEXT NOT NULL,
    title_fr TEXT NOT NULL,
    title_en TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    PRIMARY KEY (id),
    CHECK (kind IN ('led', 'junction')),
    CHECK (key ~ '^[a-z0-9]([a-z0-9_-]{0,62}[a-z0-9])?$'),
    UNIQUE (key)
);

COMMENT ON TABLE programme IS 'renovations the city carries out: works by asset or area';

COMMENT ON COLUMN programme.kind IS 'led or junction';

CREATE TABLE programme_step (
    id BIGSERIAL NOT NULL,
    programme_id INTEGER NOT NULL,
    asset_id BIGINT,
    area_id INTEGER,
    done_on DATE,
    kind TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE NULLS NOT DISTINCT (programme_id, asset_id, area_id, kind),
    CHECK (num_nonnulls(asset_id, area_id) = 1),
    FOREIGN KEY(programme_id) REFERENCES programme (id),
    FOREIGN KEY(asset_id) REFERENCES asset (id),
    FOREIGN KEY(area_id) REFERENCES area (id)
);

COMMENT ON TABLE programme_step IS 'works of a programme, each at one asset or one area';

COMMENT ON COLUMN programme_step.asset_id IS 'null: works of a whole area';

COMMENT ON COLUMN programme_step.area_id IS 'null: works on one asset';

COMMENT ON COLUMN programme_step.done_on IS 'the day the works were finished; null: planned';

COMMENT ON COLUMN programme_step.kind IS 'what is done, in the city''s words';

CREATE FUNCTION commitment_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a commitment is changed by its next version, never by rewriting one';
END
$$;

COMMENT ON FUNCTION commitment_stays IS 'refuses every change of a commitment and of its versions';

REVOKE ALL ON FUNCTION commitment_stays FROM PUBLIC;

CREATE TRIGGER commitment_stays BEFORE UPDATE OR DELETE ON commitment
FOR EACH ROW EXECUTE FUNCTION commitment_stays();

CREATE TRIGGER commitment_stays BEFORE UPDATE OR DELETE ON commitment_version
FOR EACH ROW EXECUTE FUNCTION commitment_stays();

-- Who may what: the room reads and writes; a scope reads its domains, and of the works what lies in its areas. -------

REVOKE ALL ON commitment, commitment_version, programme, programme_step FROM PUBLIC;

GRANT SELECT, INSERT ON commitment, commitment_version, programme TO vigie_room, vigie_scoped;

GRANT SELECT, INSERT, UPDATE (done_on, made_at, made_by) ON programme_step TO vigie_room, vigie_scoped;

GRANT USAGE ON SEQUENCE commitment_id_seq, programme_id_seq, programme_step_id_seq TO vigie_room, vigie_scoped;

GRANT SELECT ON commitment, commitment_version, programme, programme_step TO vigie_reader;

ALTER TABLE commitment ENABLE ROW LEVEL SECURITY;

ALTER TABLE commitment_version ENABLE ROW LEVEL SECURITY;

ALTER TABLE programme ENABLE ROW LEVEL SECURITY;

ALTER TABLE programme_step ENABLE ROW LEVEL SECURITY;

CREATE POLICY whole ON commitment TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

CREATE POLICY whole ON commitment_version TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

CREATE POLICY whole ON programme TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

CREATE POLICY whole ON programme_step TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

-- A promise is of the whole city: it is written by whoever sees all of its domain, in every commune.
CREATE POLICY scoped_read ON commitment FOR SELECT TO vigie_scoped USING (
    (SELECT scope_every_domain()) OR domain = ANY ((SELECT scope_domains())::text[])
);

CREATE POLICY scoped_write ON commitment FOR INSERT TO vigie_scoped WITH CHECK (
    (SELECT scope_everywhere())
    AND ((SELECT scope_every_domain()) OR domain = ANY ((SELECT scope_domains())::text[]))
);

CREATE POLICY scoped_read ON commitment_version FOR SELECT TO vigie_scoped
USING (EXISTS (SELECT FROM commitment c WHERE c.id = commitment_id));

CREATE POLICY scoped_write ON commitment_version FOR INSERT TO vigie_scoped
WITH CHECK ((SELECT scope_everywhere()) AND EXISTS (SELECT FROM commitment c WHERE c.id = commitment_id));

CREATE POLICY scoped_read ON programme FOR SELECT TO vigie_scoped USING (
    (SELECT scope_every_domain()) OR domain = ANY ((SELECT scope_domains())::text[])
);

CREATE POLICY scoped_write ON programme FOR INSERT TO vigie_scoped WITH CHECK (
    (SELECT scope_everywhere())
    AND ((SELECT scope_every_domain()) OR domain = ANY ((SELECT scope_domains())::text[]))
);

CREATE POLICY scoped ON programme_step TO vigie_scoped USING (
    EXISTS (SELECT FROM programme p WHERE p.id = programme_id)
    AND ((asset_id IS NOT NULL AND EXISTS (SELECT FROM asset a WHERE a.id = asset_id))
         OR (SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_places())::integer[]))
);

-- Key figures, as the sixteenth version knew them. Frozen. See docs/figures.md.

CREATE TABLE kpi (
    key TEXT NOT NULL,
    domain TEXT NOT NULL,
    measure TEXT NOT NULL,
    scale FLOAT NOT NULL,
    floor FLOAT NOT NULL,
    fewest INTEGER NOT NULL,
    definition TEXT NOT NULL,
    until DATE,
    PRIMARY KEY (key),
    CHECK (measure IN ('ratio', 'complement', 'total', 'median'))
);

COMMENT ON TABLE kpi IS 'the catalogue (services/boards/catalogue) as the engine last computed by it';

COMMENT ON COLUMN kpi.definition IS 'identifies the declaration and the question its days were computed by';

COMMENT ON COLUMN kpi.until IS 'the last local day computed; null: none yet';

CREATE TABLE kpi_day (
    kpi TEXT NOT NULL,
    day DATE NOT NULL,
    area_id INTEGER NOT NULL,
    top FLOAT,
    bottom FLOAT NOT NULL,
    weight FLOAT NOT NULL,
    coverage FLOAT NOT NULL,
    n BIGINT NOT NULL,
    cases FLOAT[],
    computed_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    PRIMARY KEY (kpi, day, area_id)
);

COMMENT ON TABLE kpi_day IS 'quantities under the key figures, by local day of the city';

COMMENT ON COLUMN kpi_day.area_id IS '0: the whole city; -1: what lies outside every area';

COMMENT ON COLUMN kpi_day.top IS 'null: no tariff was in force';

COMMENT ON COLUMN kpi_day.weight IS 'what it weighs in a coverage of several: the values or hours expected';

COMMENT ON COLUMN kpi_day.coverage IS 'share of what was expected that was received, 0 to 1';

COMMENT ON COLUMN kpi_day.cases IS 'of a median: every case of the day';

CREATE TABLE kpi_value (
    kpi TEXT NOT NULL,
    period TEXT NOT NULL,
    start DATE NOT NULL,
    area_id INTEGER NOT NULL,
    top FLOAT,
    bottom FLOAT NOT NULL,
    value FLOAT,
    weight FLOAT NOT NULL,
    coverage FLOAT NOT NULL,
    n BIGINT NOT NULL,
    withheld TEXT,
    inputs TEXT NOT NULL,
    computed_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    PRIMARY KEY (kpi, period, start, area_id),
    CHECK (period IN ('month', 'year'))
);

COMMENT ON TABLE kpi_value IS 'key figures of whole months and of the twelve months that end with one';

COMMENT ON COLUMN kpi_value.start IS 'the first day of the month, or of the last of the twelve';

COMMENT ON COLUMN kpi_value.area_id IS '0: the whole city; -1: what lies outside every area';

COMMENT ON COLUMN kpi_value.value IS 'null: withheld, and withheld says why';

COMMENT ON COLUMN kpi_value.inputs IS 'identifies the state of the days it was made of';

CREATE TABLE kpi_dirty (
    id BIGSERIAL NOT NULL,
    source TEXT NOT NULL,
    day DATE,
    at TIMESTAMPTZ,
    PRIMARY KEY (id)
);

COMMENT ON TABLE kpi_dirty IS 'what key figures are made of changed: of a local day, at an instant, or (neither) for all time';

COMMENT ON COLUMN kpi_dirty.source IS 'an asset type whose figures changed, or state_change, asset, area';

-- What a figure says, in one place: of days, months, years, and of several areas together ----------------------------

CREATE FUNCTION kpi_withheld(
    measure text, floor float, fewest integer, top float, bottom float, coverage float, n bigint
) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN n = 0 OR bottom = 0 AND measure <> 'total' THEN 'nothing'
                WHEN top IS NULL THEN 'no_tariff'
                -- A share that rounding left a hair under its floor is at it.
                WHEN coverage IS NULL OR coverage < floor - 1e-9 THEN 'coverage'
                WHEN n < fewest THEN 'few' END
$$;

COMMENT ON FUNCTION kpi_withheld IS 'why a figure has no value; null: it has one';

CREATE FUNCTION kpi_told(measure text, scale float, why text, top float, bottom float, median float)
RETURNS float LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN why IS NOT NULL THEN NULL
                WHEN measure = 'ratio' THEN scale * top / bottom
                WHEN measure = 'complement' THEN scale * (1 - top / bottom)
                WHEN measure = 'total' THEN scale * top
                ELSE scale * median END
$$;

COMMENT ON FUNCTION kpi_told IS 'the value of a figure from its quantities; null where it is withheld';

-- Who changes what figures are made of says so, whatever the way: rolling up, correcting, importing -------------------

CREATE FUNCTION kpi_days_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO kpi_dirty (source, day) SELECT DISTINCT asset_type, day FROM changed;
    RETURN NULL;
END
$$;

CREATE FUNCTION kpi_states_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- An hour of old that is packed for the first time tells nothing new.
    INSERT INTO kpi_dirty (source, at)
    SELECT 'state_change', hour FROM changed WHERE TG_OP = 'UPDATE' OR hour > now() - interval '2 days';
    RETURN NULL;
END
$$;

CREATE FUNCTION kpi_assets_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- Compared as sets: joined row by row, the rows of a whole city would take minutes, for want of an index.
        INSERT INTO kpi_dirty (source)
        SELECT 'asset' WHERE EXISTS (
            SELECT id, asset_type, commune_id, district_id, parent_id, installed_at, removed_at, attributes FROM changed
            EXCEPT
            SELECT id, asset_type, commune_id, district_id, parent_id, installed_at, removed_at, attributes FROM was);
    ELSE
        INSERT INTO kpi_dirty (source) SELECT 'asset' WHERE EXISTS (SELECT FROM changed);
    END IF;
    RETURN NULL;
END
$$;

CREATE FUNCTION kpi_areas_changed() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    INSERT INTO kpi_dirty (source) SELECT 'area' WHERE EXISTS (SELECT FROM changed);
    RETURN NULL;
END
$$;

CREATE TRIGGER kpi_added AFTER INSERT ON area_day REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION kpi_days_changed();

CREATE TRIGGER kpi_changed AFTER UPDATE ON area_day REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION kpi_days_changed();

CREATE TRIGGER kpi_gone AFTER DELETE ON area_day REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION kpi_days_changed();

CREATE TRIGGER kpi_added AFTER INSERT ON change_hour REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION kpi_states_changed();

CREATE TRIGGER kpi_changed AFTER UPDATE ON change_hour REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION kpi_states_changed();

CREATE TRIGGER kpi_added AFTER INSERT ON asset REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION kpi_assets_changed();

CREATE TRIGGER kpi_changed AFTER UPDATE ON asset REFERENCING OLD TABLE AS was NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION kpi_assets_changed();

CREATE TRIGGER kpi_gone AFTER DELETE ON asset REFERENCING OLD TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION kpi_assets_changed();

CREATE TRIGGER kpi_added AFTER INSERT ON area REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION kpi_areas_changed();

CREATE TRIGGER kpi_changed AFTER UPDATE ON area REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION kpi_areas_changed();

-- Who may what ---------------------------------------------------------------------------------------------------

CREATE FUNCTION scope_kpis() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(array_agg(key), '{}') FROM kpi WHERE domain = ANY (scope_domains())
$$;

COMMENT ON FUNCTION scope_kpis IS 'the key figures of the domains of the scope';

REVOKE ALL ON kpi, kpi_day, kpi_value, kpi_dirty FROM PUBLIC;

REVOKE ALL ON FUNCTION kpi_withheld, kpi_told, scope_kpis, kpi_days_changed, kpi_states_changed, kpi_assets_changed,
    kpi_areas_changed FROM PUBLIC;

GRANT SELECT ON kpi, kpi_day, kpi_value TO vigie_room, vigie_scoped, vigie_reader;

GRANT SELECT, INSERT, UPDATE, DELETE ON kpi, kpi_day, kpi_value, kpi_dirty TO vigie_recorder;

GRANT USAGE ON SEQUENCE kpi_dirty_id_seq TO vigie_recorder;

GRANT EXECUTE ON FUNCTION kpi_withheld, kpi_told TO vigie_room, vigie_scoped, vigie_reader, vigie_recorder;

GRANT EXECUTE ON FUNCTION scope_kpis TO vigie_scoped;

-- The recorder computes: when letters came and were answered, and what was published when; no word of any.
GRANT SELECT (id, kind, domain, received_at) ON citizen_letter TO vigie_recorder;

GRANT SELECT (letter_id, kind, at) ON citizen_letter_act TO vigie_recorder;

GRANT SELECT (name, dataset) ON publication TO vigie_recorder;

GRANT SELECT (name, version, proposed_at, valid_until) ON publication_version TO vigie_recorder;

GRANT SELECT (id, name, version, at, act) ON publication_act TO vigie_recorder;

ALTER TABLE kpi_day ENABLE ROW LEVEL SECURITY;

ALTER TABLE kpi_value ENABLE ROW LEVEL SECURITY;

CREATE POLICY whole ON kpi_day TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

CREATE POLICY whole ON kpi_value TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

-- The whole city and what lies outside every area belong to no part of it.
CREATE POLICY scoped ON kpi_day FOR SELECT TO vigie_scoped USING (
    ((SELECT scope_everywhere()) OR area_id > 0 AND area_id = ANY ((SELECT scope_places())::integer[]))
    AND ((SELECT scope_every_domain()) OR kpi = ANY ((SELECT scope_kpis())::text[]))
);

CREATE POLICY scoped ON kpi_value FOR SELECT TO vigie_scoped USING (
    ((SELECT scope_everywhere()) OR area_id > 0 AND area_id = ANY ((SELECT scope_places())::integer[]))
    AND ((SELECT scope_every_domain()) OR kpi = ANY ((SELECT scope_kpis())::text[]))
);

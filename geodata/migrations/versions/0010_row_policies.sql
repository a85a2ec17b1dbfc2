-- The second wall, as the tenth version knew it. Frozen. See docs/database-roles.md.
--
-- Roles belong to the server, not to this database: another city's migration may make them at the same moment.
-- An advisory lock would not help (it is one database's own); whoever comes second finds them there.

CREATE FUNCTION pg_temp.make_role(name text, attributes text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) THEN
        EXECUTE format('CREATE ROLE %I %s', name, attributes);
    END IF;
EXCEPTION WHEN duplicate_object OR unique_violation THEN
    RAISE NOTICE 'role % was made meanwhile', name;
END
$$;

CREATE FUNCTION pg_temp.make_member(name text, member text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    IF NOT pg_has_role(member, name, 'MEMBER') THEN
        EXECUTE format('GRANT %I TO %I', name, member);
    END IF;
EXCEPTION WHEN unique_violation OR internal_error THEN
    -- Granted by somebody else in this moment; if it was not, that is an error.
    IF NOT pg_has_role(member, name, 'MEMBER') THEN
        RAISE;
    END IF;
END
$$;

SELECT pg_temp.make_role('vigie_scoped', 'NOLOGIN NOINHERIT');

SELECT pg_temp.make_role('vigie_room', 'LOGIN NOINHERIT');

-- COPY FROM is refused to whoever is under row policies, and history is written by COPY.
SELECT pg_temp.make_role('vigie_recorder', 'LOGIN NOINHERIT BYPASSRLS');

SELECT pg_temp.make_role('vigie_reader', 'LOGIN NOINHERIT');

SELECT pg_temp.make_role('vigie_public', 'LOGIN NOINHERIT');

SELECT pg_temp.make_member('vigie_scoped', 'vigie_room');

-- So that whatever runs as the owner may narrow itself too; a superuser may anyway.
SELECT pg_temp.make_member('vigie_scoped', current_user::text);

-- Nobody by default ----------------------------------------------------------------------------------------------

REVOKE ALL ON SCHEMA public FROM PUBLIC;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

GRANT USAGE ON SCHEMA public TO vigie_scoped, vigie_room, vigie_recorder, vigie_reader;

GRANT SELECT ON spatial_ref_sys TO vigie_scoped, vigie_room, vigie_recorder, vigie_reader;

DO $$
DECLARE
    part regprocedure;
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO vigie_room, vigie_recorder, vigie_reader, vigie_public',
                   current_database());
    -- Batches are laid out in tables of the connection before they are stored.
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO vigie_recorder', current_database());
    -- PostGIS and pg_trgm are for all who ask about the city; functions of ours are granted one by one.
    FOR part IN
        SELECT p.oid FROM pg_proc p JOIN pg_depend d ON d.objid = p.oid AND d.classid = 'pg_proc'::regclass
        WHERE d.deptype = 'e' AND p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'a', 'w')
    LOOP
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO vigie_scoped, vigie_room, vigie_recorder, vigie_reader',
                       part);
    END LOOP;
END
$$;

CREATE SCHEMA pub;

COMMENT ON SCHEMA pub IS 'what is published on purpose: all the public door may ever read';

GRANT USAGE ON SCHEMA pub TO vigie_public;

-- Who may what, table by table ------------------------------------------------------------------------------------

CREATE FUNCTION pg_temp.may(who text, rights text, names text) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    name text;
    counter text;
BEGIN
    FOREACH name IN ARRAY string_to_array(names, ' ') LOOP
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

-- The control room reads the city, keeps notes and corrections, and asks for replays; it writes no history.
SELECT pg_temp.may('vigie_room', 'SELECT',
    'area asset street layout transit_line datastream observation reading state_change state_keyframe '
    'change_hour dirty_change_hour rollup_hour rollup_day area_hour area_day position archived_day dirty_batch '
    'feed_minute feed_status dead_letter reject retention_rule');

SELECT pg_temp.may('vigie_room', 'SELECT, INSERT, UPDATE (withdrawn_at, withdrawn_by)', 'annotation correction');

SELECT pg_temp.may('vigie_room', 'SELECT, INSERT, DELETE', 'bookmark');

SELECT pg_temp.may('vigie_room', 'INSERT', 'dirty_batch');

SELECT pg_temp.may('vigie_room', 'UPDATE (replay_asked_at, replay_asked_by, replayed_at, outcome)', 'dead_letter');

-- It keeps people, rights and sessions; it adds to the audit by audit_write alone.
SELECT pg_temp.may('vigie_room', 'SELECT, INSERT, UPDATE',
    'person access_grant video_right session enrolment agreement api_key api_use');

SELECT pg_temp.may('vigie_room', 'SELECT, INSERT, UPDATE, DELETE', 'known_browser');

SELECT pg_temp.may('vigie_room', 'SELECT, INSERT', 'look_purpose');

SELECT pg_temp.may('vigie_room', 'SELECT', 'audit_entry audit_purge');

SELECT pg_temp.may('vigie_room', 'SELECT, INSERT, UPDATE', 'audit_check');

GRANT EXECUTE ON FUNCTION audit_write, audit_text TO vigie_room;

-- A person of a scope: what the row policies below let through, and nothing about access.
SELECT pg_temp.may('vigie_scoped', 'SELECT',
    'area asset street layout transit_line datastream observation reading state_change state_keyframe '
    'change_hour dirty_change_hour rollup_hour rollup_day area_hour area_day position archived_day '
    'feed_minute feed_status dead_letter reject');

SELECT pg_temp.may('vigie_scoped', 'SELECT, INSERT, UPDATE (withdrawn_at, withdrawn_by)', 'annotation correction');

SELECT pg_temp.may('vigie_scoped', 'SELECT, INSERT, DELETE', 'bookmark');

SELECT pg_temp.may('vigie_scoped', 'INSERT', 'dirty_batch');

SELECT pg_temp.may('vigie_scoped', 'UPDATE (replay_asked_at, replay_asked_by, replayed_at, outcome)', 'dead_letter');

GRANT EXECUTE ON FUNCTION audit_write TO vigie_scoped;

-- Ingest and record: they write history, and know nobody.
SELECT pg_temp.may('vigie_recorder', 'SELECT', 'area asset street layout transit_line correction reading');

SELECT pg_temp.may('vigie_recorder', 'SELECT, INSERT', 'datastream');

SELECT pg_temp.may('vigie_recorder', 'SELECT, INSERT, UPDATE', 'retention_rule');

SELECT pg_temp.may('vigie_recorder', 'SELECT, INSERT, UPDATE, DELETE',
    'observation state_change position state_keyframe change_hour dirty_change_hour rollup_hour rollup_day '
    'area_hour area_day dirty_batch archived_day feed_minute feed_status dead_letter settled_batch ingest_lease '
    'reject');

GRANT USAGE ON SEQUENCE change_hour_revision_seq TO vigie_recorder;

-- Its upkeep verifies the audit, and has what is past its retention forgotten: how long is not its to say.
SELECT pg_temp.may('vigie_recorder', 'SELECT', 'audit_entry audit_purge');

SELECT pg_temp.may('vigie_recorder', 'SELECT, INSERT, UPDATE', 'audit_check');

GRANT EXECUTE ON FUNCTION audit_text, audit_forget TO vigie_recorder;

DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN
        SELECT inhrelid FROM pg_inherits
        WHERE inhparent IN ('observation'::regclass, 'state_change'::regclass, 'position'::regclass)
    LOOP
        EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON %s TO vigie_recorder', part);
    END LOOP;
END
$$;

-- The publisher and the simulated senders.
SELECT pg_temp.may('vigie_reader', 'SELECT',
    'area asset layout transit_line state_change state_keyframe area_hour area_day');

-- Partitions, which the recorder makes and drops without owning the history ----------------------------------------

CREATE FUNCTION make_partition(parent text, name text, first timestamptz, until timestamptz) RETURNS boolean
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF parent NOT IN ('observation', 'state_change', 'position')
       OR name !~ format('^%s_[0-9]{4}_[0-9]{2}(_[0-9]{2})?$', parent) THEN
        RAISE EXCEPTION '% is no partition of the history', name;
    END IF;
    IF to_regclass('public.' || name) IS NOT NULL THEN
        RETURN false;
    END IF;
    EXECUTE format('CREATE TABLE IF NOT EXISTS public.%I PARTITION OF public.%I FOR VALUES FROM (%L) TO (%L)',
                   name, parent, first, until);
    EXECUTE format('GRANT SELECT, INSERT, UPDATE, DELETE ON public.%I TO vigie_recorder', name);
    RETURN true;
END
$$;

COMMENT ON FUNCTION make_partition IS 'makes a partition of the history; false where it was there';

CREATE FUNCTION drop_partition(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF name !~ '^(observation|state_change|position)_[0-9]{4}_[0-9]{2}(_[0-9]{2})?$' THEN
        RAISE EXCEPTION '% is no partition of the history', name;
    END IF;
    EXECUTE format('DROP TABLE public.%I', name);
END
$$;

COMMENT ON FUNCTION drop_partition IS 'drops a partition of the history that was archived, or whose time is over';

CREATE FUNCTION detach_partition(name text) RETURNS void
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    IF name !~ '^observation_[0-9]{4}_[0-9]{2}$' THEN
        RAISE EXCEPTION '% is no month of observations', name;
    END IF;
    EXECUTE format('ALTER TABLE public.observation DETACH PARTITION public.%I', name);
END
$$;

COMMENT ON FUNCTION detach_partition IS 'takes a month of observations out, to be cut into days';

GRANT EXECUTE ON FUNCTION make_partition, drop_partition, detach_partition TO vigie_recorder;

-- What a scope says, asked once a question -------------------------------------------------------------------------

CREATE FUNCTION scope_everywhere() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('vigie.areas', true) = '*', false)
$$;

CREATE FUNCTION scope_areas() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN told ~ '^[0-9]+(,[0-9]+)*$' THEN string_to_array(told, ',')::integer[] ELSE '{}' END
    FROM current_setting('vigie.areas', true) AS told
$$;

COMMENT ON FUNCTION scope_areas IS 'the areas of the scope, as told; a setting that is missing or empty names none';

CREATE FUNCTION scope_every_domain() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('vigie.domains', true) = '*', false)
$$;

CREATE FUNCTION scope_domains() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_to_array(nullif(current_setting('vigie.domains', true), '*'), ','), '{}')
$$;

CREATE FUNCTION scope_places() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT ARRAY(SELECT id FROM area WHERE id = ANY (scope_areas())
                 UNION SELECT id FROM area WHERE kind = 'district' AND parent_id = ANY (scope_areas()))
$$;

COMMENT ON FUNCTION scope_places IS 'the areas of the scope, and the districts of its communes';

CREATE FUNCTION scope_surroundings() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    WITH RECURSIVE around AS (
        SELECT id, parent_id FROM area WHERE id = ANY (scope_places())
        UNION SELECT a.id, a.parent_id FROM area a JOIN around b ON a.id = b.parent_id
    ) SELECT array_agg(id) FROM around
$$;

COMMENT ON FUNCTION scope_surroundings IS 'scope_places and the areas they lie in: what is noted of those is true here';

CREATE INDEX asset_domain_type ON asset (domain, asset_type);

CREATE FUNCTION scope_types() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- Hopped to by the index, never by reading all assets.
    WITH RECURSIVE found (domain, asset_type) AS (
        SELECT d.domain, (SELECT min(a.asset_type) FROM asset a WHERE a.domain = d.domain)
        FROM unnest(scope_domains()) AS d (domain)
        UNION ALL
        SELECT f.domain, (SELECT min(a.asset_type) FROM asset a
                          WHERE a.domain = f.domain AND a.asset_type > f.asset_type)
        FROM found f WHERE f.asset_type IS NOT NULL
    ) SELECT coalesce(array_agg(asset_type), '{}') FROM found WHERE asset_type IS NOT NULL
$$;

COMMENT ON FUNCTION scope_types IS 'the asset types of the domains of the scope: figures of areas are kept by type';

CREATE FUNCTION moving_types() RETURNS text[] LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$ SELECT ARRAY['bus'] $$;

COMMENT ON FUNCTION moving_types IS 'asset types that move: they lie in no area, wherever their depot is';

CREATE FUNCTION scope_kept_areas() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(scope_areas(), '{}')
$$;

CREATE FUNCTION scope_kept_domains() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT nullif(scope_domains(), '{}')
$$;

GRANT EXECUTE ON FUNCTION scope_everywhere, scope_areas, scope_every_domain, scope_domains, scope_places,
    scope_surroundings, scope_types, scope_kept_areas, scope_kept_domains, moving_types TO vigie_scoped;

GRANT EXECUTE ON FUNCTION scope_areas, scope_domains, scope_kept_areas, scope_kept_domains TO vigie_room;

ALTER TABLE bookmark ADD COLUMN areas INTEGER[] DEFAULT scope_kept_areas(),
    ADD COLUMN domains TEXT[] DEFAULT scope_kept_domains();

COMMENT ON COLUMN bookmark.areas IS 'area ids of the scope it was kept in; null: all. It is seen where that is seen';

COMMENT ON COLUMN bookmark.domains IS 'domains of the scope it was kept in; null: all';

-- Where rows of the history belong ---------------------------------------------------------------------------------
--
-- A row of the history names an asset or a datastream and nothing else. Looking each up anew, in every partition,
-- made a question of months several times slower; so it is kept, always exact, in which cell (commune, district and
-- domain together; a city has some hundreds) an asset lies. A policy then takes two steps in an array a row.

CREATE TABLE scope_cell (
    id INTEGER NOT NULL,
    commune_id INTEGER NOT NULL,
    district_id INTEGER NOT NULL,
    domain TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (commune_id, district_id, domain)
);

COMMENT ON TABLE scope_cell IS 'commune, district and domain together, numbered without a gap: what a scope is made of';

COMMENT ON COLUMN scope_cell.commune_id IS '-1: in no commune';

COMMENT ON COLUMN scope_cell.district_id IS '-1: in no district';

CREATE TABLE scope_index (
    name TEXT NOT NULL,
    places INTEGER[] NOT NULL,
    PRIMARY KEY (name)
);

ALTER TABLE scope_index ALTER COLUMN places SET STORAGE EXTERNAL;

COMMENT ON TABLE scope_index IS 'kept by triggers: asset: the cell of each asset id; stream: the asset of each datastream id; 0: none';

INSERT INTO scope_index VALUES ('asset', '{}'), ('stream', '{}');

CREATE FUNCTION index_assets() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    cells integer[];
    most integer;
    one record;
BEGIN
    -- One at a time: who comes second waits here, and then sees what the first one wrote.
    SELECT places INTO cells FROM scope_index WHERE name = 'asset' FOR UPDATE;
    IF TG_OP = 'TRUNCATE' THEN
        cells := '{}';
    ELSIF TG_OP = 'DELETE' THEN
        FOR one IN SELECT id FROM gone LOOP
            cells[one.id] := 0;
        END LOOP;
    ELSE
        INSERT INTO scope_cell
        SELECT (SELECT count(*) FROM scope_cell) + row_number() OVER (), fresh.* FROM (
            SELECT CASE WHEN moving THEN -1 ELSE coalesce(commune_id, -1) END,
                   CASE WHEN moving THEN -1 ELSE coalesce(district_id, -1) END, domain
            FROM changed CROSS JOIN LATERAL (SELECT asset_type = ANY (moving_types()) AS moving) m
            EXCEPT SELECT commune_id, district_id, domain FROM scope_cell
        ) fresh;
        SELECT max(id) INTO most FROM changed;
        IF most > cardinality(cells) THEN
            -- Never a null within: an array with nulls is searched from its beginning.
            cells := cells || array_fill(0, ARRAY[most - cardinality(cells)]);
        END IF;
        FOR one IN
            SELECT a.id, c.id AS cell FROM changed a
            CROSS JOIN LATERAL (SELECT a.asset_type = ANY (moving_types()) AS moving) m
            JOIN scope_cell c ON c.domain = a.domain
               AND c.commune_id = CASE WHEN moving THEN -1 ELSE coalesce(a.commune_id, -1) END
               AND c.district_id = CASE WHEN moving THEN -1 ELSE coalesce(a.district_id, -1) END
        LOOP
            cells[one.id] := one.cell;
        END LOOP;
    END IF;
    UPDATE scope_index SET places = cells WHERE name = 'asset';
    RETURN NULL;
END
$$;

CREATE FUNCTION index_streams() RETURNS trigger LANGUAGE plpgsql
SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    assets integer[];
    most integer;
    one record;
BEGIN
    SELECT places INTO assets FROM scope_index WHERE name = 'stream' FOR UPDATE;
    IF TG_OP = 'TRUNCATE' THEN
        assets := '{}';
    ELSIF TG_OP = 'DELETE' THEN
        FOR one IN SELECT id FROM gone LOOP
            assets[one.id] := 0;
        END LOOP;
    ELSE
        SELECT max(id) INTO most FROM changed;
        IF most > cardinality(assets) THEN
            assets := assets || array_fill(0, ARRAY[most - cardinality(assets)]);
        END IF;
        FOR one IN SELECT id, asset_id FROM changed LOOP
            assets[one.id] := one.asset_id;
        END LOOP;
    END IF;
    UPDATE scope_index SET places = assets WHERE name = 'stream';
    RETURN NULL;
END
$$;

CREATE TRIGGER index_added AFTER INSERT ON asset REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION index_assets();

CREATE TRIGGER index_changed AFTER UPDATE ON asset REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION index_assets();

CREATE TRIGGER index_gone AFTER DELETE ON asset REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION index_assets();

CREATE TRIGGER index_emptied AFTER TRUNCATE ON asset EXECUTE FUNCTION index_assets();

CREATE TRIGGER index_added AFTER INSERT ON datastream REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION index_streams();

CREATE TRIGGER index_changed AFTER UPDATE ON datastream REFERENCING NEW TABLE AS changed
FOR EACH STATEMENT EXECUTE FUNCTION index_streams();

CREATE TRIGGER index_gone AFTER DELETE ON datastream REFERENCING OLD TABLE AS gone
FOR EACH STATEMENT EXECUTE FUNCTION index_streams();

CREATE TRIGGER index_emptied AFTER TRUNCATE ON datastream EXECUTE FUNCTION index_streams();

-- What there is already.
INSERT INTO scope_cell
SELECT row_number() OVER (), there.* FROM (
    SELECT DISTINCT CASE WHEN moving THEN -1 ELSE coalesce(commune_id, -1) END,
                    CASE WHEN moving THEN -1 ELSE coalesce(district_id, -1) END, domain
    FROM asset CROSS JOIN LATERAL (SELECT asset_type = ANY (moving_types()) AS moving) m
) there;

UPDATE scope_index SET places = ARRAY(
    SELECT coalesce(c.id, 0) FROM generate_series(1, (SELECT max(id) FROM asset)) AS n (id)
    LEFT JOIN asset a ON a.id = n.id
    CROSS JOIN LATERAL (SELECT a.asset_type = ANY (moving_types()) AS moving) m
    LEFT JOIN scope_cell c ON c.domain = a.domain
        AND c.commune_id = CASE WHEN moving THEN -1 ELSE coalesce(a.commune_id, -1) END
        AND c.district_id = CASE WHEN moving THEN -1 ELSE coalesce(a.district_id, -1) END
    ORDER BY n.id
) WHERE name = 'asset';

UPDATE scope_index SET places = ARRAY(
    SELECT coalesce(d.asset_id, 0) FROM generate_series(1, (SELECT max(id) FROM datastream)) AS n (id)
    LEFT JOIN datastream d ON d.id = n.id ORDER BY n.id
) WHERE name = 'stream';

CREATE FUNCTION scope_cells() RETURNS boolean[] LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT array_agg(
        (told.everywhere OR c.commune_id = ANY (told.areas) OR c.district_id = ANY (told.areas))
        AND (told.every_domain OR c.domain = ANY (told.domains)) ORDER BY c.id)
    FROM scope_cell c CROSS JOIN (
        SELECT scope_everywhere() AS everywhere, scope_areas() AS areas, scope_every_domain() AS every_domain,
               scope_domains() AS domains OFFSET 0
    ) told
$$;

COMMENT ON FUNCTION scope_cells IS 'whether each cell lies in the scope';

CREATE FUNCTION asset_cells() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    -- [:] makes it one piece of memory; as it is stored it would be fetched anew for each row.
    SELECT places[:] FROM scope_index WHERE name = 'asset'
$$;

CREATE FUNCTION stream_assets() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE
SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT places[:] FROM scope_index WHERE name = 'stream'
$$;

GRANT EXECUTE ON FUNCTION scope_cells, asset_cells, stream_assets TO vigie_scoped;

-- Row policies -----------------------------------------------------------------------------------------------------

ALTER VIEW reading SET (security_invoker = true);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY string_to_array(
        'asset datastream observation state_change position rollup_hour rollup_day area_hour area_day correction '
        'annotation bookmark dirty_batch feed_minute feed_status dead_letter reject transit_line', ' ')
    LOOP
        EXECUTE format('ALTER TABLE %I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('CREATE POLICY whole ON %I TO vigie_room, vigie_reader USING (true) WITH CHECK (true)', name);
    END LOOP;
END
$$;

-- Settings are asked in sub-selects of their own, which makes them one question a query and not one a row.
CREATE POLICY scoped ON asset FOR SELECT TO vigie_scoped USING (
    ((SELECT scope_everywhere()) OR (commune_id = ANY ((SELECT scope_areas())::integer[])
     OR district_id = ANY ((SELECT scope_areas())::integer[])) AND asset_type <> ALL ((SELECT moving_types())::text[]))
    AND ((SELECT scope_every_domain()) OR domain = ANY ((SELECT scope_domains())::text[]))
);

CREATE POLICY scoped ON datastream FOR SELECT TO vigie_scoped USING (
    (SELECT scope_cells())[(SELECT asset_cells())[asset_id]]
);

CREATE POLICY scoped ON state_change FOR SELECT TO vigie_scoped USING (
    (SELECT scope_cells())[(SELECT asset_cells())[asset_id]]
);

CREATE POLICY scoped ON position FOR SELECT TO vigie_scoped USING (
    (SELECT scope_cells())[(SELECT asset_cells())[asset_id]]
);

CREATE POLICY scoped ON observation FOR SELECT TO vigie_scoped USING (
    (SELECT scope_cells())[(SELECT asset_cells())[(SELECT stream_assets())[datastream_id]]]
);

CREATE POLICY scoped ON rollup_hour FOR SELECT TO vigie_scoped USING (
    (SELECT scope_cells())[(SELECT asset_cells())[(SELECT stream_assets())[datastream_id]]]
);

CREATE POLICY scoped ON rollup_day FOR SELECT TO vigie_scoped USING (
    (SELECT scope_cells())[(SELECT asset_cells())[(SELECT stream_assets())[datastream_id]]]
);

CREATE POLICY scoped ON correction TO vigie_scoped
USING ((SELECT scope_cells())[(SELECT asset_cells())[(SELECT stream_assets())[datastream_id]]])
WITH CHECK ((SELECT scope_cells())[(SELECT asset_cells())[(SELECT stream_assets())[datastream_id]]]);

CREATE POLICY scoped ON area_hour FOR SELECT TO vigie_scoped USING (
    ((SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_places())::integer[])
     AND asset_type <> ALL ((SELECT moving_types())::text[]))
    AND ((SELECT scope_every_domain()) OR asset_type = ANY ((SELECT scope_types())::text[]))
);

CREATE POLICY scoped ON area_day FOR SELECT TO vigie_scoped USING (
    ((SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_places())::integer[])
     AND asset_type <> ALL ((SELECT moving_types())::text[]))
    AND ((SELECT scope_every_domain()) OR asset_type = ANY ((SELECT scope_types())::text[]))
);

-- What is noted of the whole city, or of the areas around, is read by all in it; written by those it belongs to.
CREATE POLICY scoped_reading ON annotation FOR SELECT TO vigie_scoped USING (
    CASE WHEN asset_id IS NOT NULL THEN (SELECT scope_cells())[(SELECT asset_cells())[asset_id]]
         WHEN area_id IS NOT NULL THEN (SELECT scope_everywhere())
                                       OR area_id = ANY ((SELECT scope_surroundings())::integer[])
         ELSE (SELECT scope_everywhere()) OR (SELECT cardinality(scope_areas()) > 0) END
);

CREATE POLICY scoped_adding ON annotation FOR INSERT TO vigie_scoped WITH CHECK (
    CASE WHEN asset_id IS NOT NULL THEN (SELECT scope_cells())[(SELECT asset_cells())[asset_id]]
         ELSE (SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_places())::integer[]) END
);

CREATE POLICY scoped_changing ON annotation FOR UPDATE TO vigie_scoped USING (
    CASE WHEN asset_id IS NOT NULL THEN (SELECT scope_cells())[(SELECT asset_cells())[asset_id]]
         ELSE (SELECT scope_everywhere()) OR area_id = ANY ((SELECT scope_places())::integer[]) END
);

CREATE POLICY scoped ON bookmark TO vigie_scoped USING (
    ((SELECT scope_everywhere()) OR areas <@ (SELECT scope_places()))
    AND ((SELECT scope_every_domain()) OR domains <@ (SELECT scope_domains()))
);

CREATE POLICY scoped ON dirty_batch FOR INSERT TO vigie_scoped WITH CHECK (
    NOT EXISTS (SELECT FROM unnest(streams) AS s (id) WHERE NOT EXISTS (SELECT FROM datastream d WHERE d.id = s.id))
);

-- Of what could not be taken, what is of an asset of the scope. Feeds bring the whole city: their counts and
-- their last refused item are for those who see it whole, so there is no policy for them here.
CREATE POLICY scoped ON dead_letter TO vigie_scoped USING (
    EXISTS (SELECT FROM asset a WHERE a.external_id = dead_letter.asset)
);

CREATE POLICY scoped ON transit_line FOR SELECT TO vigie_scoped USING (
    (SELECT scope_every_domain()) OR 'transport' = ANY ((SELECT scope_domains())::text[])
);

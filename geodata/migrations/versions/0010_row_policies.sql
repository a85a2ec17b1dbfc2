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
    -- Somebody granted it in this moment; if not, the next line says so.
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

-- Nobody by default ----------------------------------------------------------------------------------------------

REVOKE ALL ON SCHEMA public FROM PUBLIC;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM PUBLIC;

REVOKE ALL ON ALL FUNCTIONS IN SCHEMA public FROM PUBLIC;

ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

DO $$
BEGIN
    EXECUTE format('REVOKE ALL ON DATABASE %I FROM PUBLIC', current_database());
    EXECUTE format('GRANT CONNECT ON DATABASE %I TO vigie_room, vigie_recorder, vigie_reader, vigie_public',
                   current_database());
    -- Batches are laid out in tables of the connection before they are stored.
    EXECUTE format('GRANT TEMPORARY ON DATABASE %I TO vigie_recorder', current_database());
END
$$;

GRANT USAGE ON SCHEMA public TO vigie_scoped, vigie_room, vigie_recorder, vigie_reader;

GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA public TO vigie_scoped, vigie_room, vigie_recorder, vigie_reader;

GRANT SELECT ON spatial_ref_sys TO vigie_scoped, vigie_room, vigie_recorder, vigie_reader;

REVOKE EXECUTE ON FUNCTION audit_write, audit_text, audit_stays, access_changed
FROM vigie_scoped, vigie_room, vigie_recorder, vigie_reader;

CREATE SCHEMA pub;

COMMENT ON SCHEMA pub IS 'what is published on purpose: all the public door may ever read';

GRANT USAGE ON SCHEMA pub TO vigie_public;

-- What a scope says, asked once a question ------------------------------------------------------------------------

CREATE FUNCTION scope_everywhere() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('vigie.areas', true) = '*', false)
$$;

CREATE FUNCTION scope_areas() RETURNS integer[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT CASE WHEN told ~ '^[0-9]+(,[0-9]+)*$' THEN string_to_array(told, ',')::integer[] ELSE '{}' END
    FROM current_setting('vigie.areas', true) AS told
$$;

CREATE FUNCTION scope_every_domain() RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(current_setting('vigie.domains', true) = '*', false)
$$;

CREATE FUNCTION scope_domains() RETURNS text[] LANGUAGE sql STABLE PARALLEL SAFE AS $$
    SELECT coalesce(string_to_array(nullif(current_setting('vigie.domains', true), '*'), ','), '{}')
$$;

COMMENT ON FUNCTION scope_areas IS 'the areas of the scope, as told; a setting that is missing or empty names none';

GRANT EXECUTE ON FUNCTION scope_everywhere, scope_areas, scope_every_domain, scope_domains TO vigie_scoped;

ALTER TABLE asset ENABLE ROW LEVEL SECURITY;

CREATE POLICY whole ON asset TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

CREATE POLICY scoped ON asset FOR SELECT TO vigie_scoped USING (
    ((SELECT scope_everywhere()) OR commune_id = ANY ((SELECT scope_areas())::integer[])
     OR district_id = ANY ((SELECT scope_areas())::integer[]))
    AND ((SELECT scope_every_domain()) OR domain = ANY ((SELECT scope_domains())::text[]))
);

ALTER TABLE datastream ENABLE ROW LEVEL SECURITY;

CREATE POLICY whole ON datastream TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

CREATE POLICY scoped ON datastream FOR SELECT TO vigie_scoped USING (
    EXISTS (SELECT FROM asset a WHERE a.id = datastream.asset_id)
);

GRANT SELECT ON area, asset, datastream, street, layout TO vigie_scoped;

-- Publications, as the thirteenth version knew them. Frozen. See docs/publications.md.

CREATE TABLE publication (
    name TEXT NOT NULL,
    dataset TEXT NOT NULL,
    made_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    PRIMARY KEY (name),
    CHECK (name ~ '^[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?$')
);

COMMENT ON TABLE publication IS 'what may be let out of a dataset; what it says stands in its versions';

COMMENT ON COLUMN publication.name IS 'its address for ever';

COMMENT ON COLUMN publication.dataset IS 'of the register (model/datasets)';

CREATE TABLE publication_version (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    columns TEXT[] NOT NULL,
    areas INTEGER[],
    place TEXT NOT NULL,
    span TEXT NOT NULL,
    delay_s INTEGER NOT NULL,
    cadence_s INTEGER NOT NULL,
    licence TEXT NOT NULL,
    why TEXT NOT NULL,
    valid_until TIMESTAMPTZ NOT NULL,
    proposed_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    proposed_by TEXT NOT NULL,
    PRIMARY KEY (name, version),
    FOREIGN KEY (name) REFERENCES publication (name),
    CHECK (place IN ('asset', 'area', 'city')),
    CHECK (span IN ('now', 'hour', 'day', 'month', 'none')),
    CHECK (delay_s >= 0 AND cadence_s > 0),
    CHECK (valid_until > proposed_at)
);

COMMENT ON TABLE publication_version IS 'what a publication was proposed to let out; never changed';

COMMENT ON COLUMN publication_version.areas IS 'area ids; null: the whole city';

COMMENT ON COLUMN publication_version.place IS 'asset, area or city: the finest it tells';

COMMENT ON COLUMN publication_version.span IS 'now, hour, day, month or none';

COMMENT ON COLUMN publication_version.delay_s IS 'how old data is when it leaves';

COMMENT ON COLUMN publication_version.cadence_s IS 'how often it is made';

COMMENT ON COLUMN publication_version.why IS 'public';

CREATE TABLE publication_act (
    id BIGSERIAL NOT NULL,
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    at TIMESTAMPTZ DEFAULT now() NOT NULL,
    act TEXT NOT NULL,
    actor_id BIGINT,
    actor TEXT NOT NULL,
    role TEXT DEFAULT '' NOT NULL,
    why TEXT DEFAULT '' NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (name, version) REFERENCES publication_version (name, version),
    CHECK (act IN ('proposed', 'approved', 'cleared', 'refused', 'replaced', 'revoked'))
);

COMMENT ON TABLE publication_act IS 'what was done with a version, by whom and why; its public history, never changed';

COMMENT ON COLUMN publication_act.actor_id IS 'person; null: the system';

COMMENT ON COLUMN publication_act.why IS 'public';

CREATE INDEX publication_act_of ON publication_act (name, version, id);

CREATE FUNCTION publication_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'what was published, and what was done with it, is not changed';
END
$$;

COMMENT ON FUNCTION publication_stays IS 'publications are added to, never changed nor removed, by the owner neither';

CREATE TRIGGER publication_stays BEFORE UPDATE OR DELETE ON publication
FOR EACH ROW EXECUTE FUNCTION publication_stays();

CREATE TRIGGER publication_stays BEFORE UPDATE OR DELETE ON publication_version
FOR EACH ROW EXECUTE FUNCTION publication_stays();

CREATE TRIGGER publication_stays BEFORE UPDATE OR DELETE ON publication_act
FOR EACH ROW EXECUTE FUNCTION publication_stays();

-- Who may what: the room proposes and decides, the publisher reads. It is no secret, so no row policy hides any of it
-- from them; a scope does not read it at all, and the public role nothing. --------------------------------------------

REVOKE ALL ON publication, publication_version, publication_act FROM PUBLIC;

REVOKE ALL ON FUNCTION publication_stays FROM PUBLIC;

GRANT SELECT, INSERT ON publication, publication_version, publication_act TO vigie_room;

GRANT USAGE ON SEQUENCE publication_act_id_seq TO vigie_room;

GRANT SELECT ON publication, publication_version, publication_act TO vigie_reader;

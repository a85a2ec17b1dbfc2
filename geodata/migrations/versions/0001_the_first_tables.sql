-- The schema as the first version knew it. Frozen: later changes are migrations of their own.

CREATE TABLE area (
    id SERIAL NOT NULL,
    kind TEXT NOT NULL,
    code TEXT NOT NULL,
    name TEXT NOT NULL,
    parent_id INTEGER,
    population INTEGER,
    geometry geometry(MULTIPOLYGON,4326),
    source TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (kind, code),
    FOREIGN KEY(parent_id) REFERENCES area (id)
);

CREATE INDEX area_geometry ON area USING gist (geometry);

COMMENT ON COLUMN area.kind IS 'metropolis, commune or district';

COMMENT ON COLUMN area.code IS 'INSEE code or the city''s own';

CREATE TABLE street (
    id BIGSERIAL NOT NULL,
    external_id TEXT NOT NULL,
    source TEXT NOT NULL,
    name TEXT DEFAULT '' NOT NULL,
    rank SMALLINT DEFAULT '3' NOT NULL,
    geometry geometry(MULTILINESTRING,4326),
    content_hash BYTEA,
    removed_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (id),
    UNIQUE (source, external_id)
);

CREATE INDEX street_geometry ON street USING gist (geometry);

COMMENT ON COLUMN street.rank IS '1 main, 2 middle, 3 local';

CREATE TABLE layout (
    id SMALLSERIAL NOT NULL,
    version BIGINT NOT NULL,
    PRIMARY KEY (id)
);

COMMENT ON TABLE layout IS 'the version of the map''s columns; live indices are dense ranks of asset.id within it';

COMMENT ON COLUMN layout.id IS 'always 1';

COMMENT ON COLUMN layout.version IS 'raised whenever assets, areas or streets change';

CREATE TABLE observation (
    datastream_id INTEGER NOT NULL,
    phenomenon_time TIMESTAMP WITH TIME ZONE NOT NULL,
    result FLOAT NOT NULL,
    quality SMALLINT DEFAULT '0' NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (datastream_id, phenomenon_time)
)
 PARTITION BY RANGE (phenomenon_time);

CREATE INDEX observation_time ON observation USING brin (phenomenon_time);

CREATE TABLE state_change (
    asset_id BIGINT NOT NULL,
    phenomenon_time TIMESTAMP WITH TIME ZONE NOT NULL,
    status SMALLINT NOT NULL,
    state SMALLINT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (asset_id, phenomenon_time)
)
 PARTITION BY RANGE (phenomenon_time);

CREATE INDEX state_change_time ON state_change (phenomenon_time);

COMMENT ON COLUMN state_change.state IS 'the asset type''s own state code';

CREATE TABLE state_keyframe (
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    asset_ids BYTEA NOT NULL,
    records BYTEA NOT NULL,
    PRIMARY KEY (at)
);

COMMENT ON COLUMN state_keyframe.asset_ids IS 'zlib of little-endian u4, ascending';

COMMENT ON COLUMN state_keyframe.records IS 'zlib of model.states.RECORD, same order';

CREATE TABLE rollup_hour (
    datastream_id INTEGER NOT NULL,
    bucket TIMESTAMP WITH TIME ZONE NOT NULL,
    n INTEGER NOT NULL,
    sum FLOAT NOT NULL,
    min FLOAT NOT NULL,
    max FLOAT NOT NULL,
    coverage FLOAT NOT NULL,
    PRIMARY KEY (datastream_id, bucket)
);

COMMENT ON COLUMN rollup_hour.coverage IS 'share of the expected values received, 0 to 1';

CREATE TABLE rollup_day (
    datastream_id INTEGER NOT NULL,
    day DATE NOT NULL,
    n INTEGER NOT NULL,
    sum FLOAT NOT NULL,
    min FLOAT NOT NULL,
    max FLOAT NOT NULL,
    coverage FLOAT NOT NULL,
    PRIMARY KEY (datastream_id, day)
);

COMMENT ON COLUMN rollup_day.day IS 'the city''s local day';

COMMENT ON COLUMN rollup_day.coverage IS 'share of the expected values received, 0 to 1';

CREATE TABLE area_hour (
    area_id INTEGER NOT NULL,
    asset_type TEXT NOT NULL,
    observed_property TEXT NOT NULL,
    bucket TIMESTAMP WITH TIME ZONE NOT NULL,
    n INTEGER NOT NULL,
    sum FLOAT NOT NULL,
    min FLOAT NOT NULL,
    max FLOAT NOT NULL,
    coverage FLOAT NOT NULL,
    PRIMARY KEY (area_id, asset_type, observed_property, bucket)
);

CREATE INDEX area_hour_bucket ON area_hour USING brin (bucket);

COMMENT ON TABLE area_hour IS 'hourly figures by commune and asset type';

COMMENT ON COLUMN area_hour.coverage IS 'share of the expected values received, 0 to 1';

CREATE TABLE dirty_hour (
    datastream_id INTEGER NOT NULL,
    bucket TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (datastream_id, bucket)
);

COMMENT ON TABLE dirty_hour IS 'hours whose observations changed since their rollup was computed; whole hours are recomputed';

CREATE TABLE reject (
    source TEXT NOT NULL,
    reason TEXT NOT NULL,
    count BIGINT NOT NULL,
    excerpt TEXT NOT NULL,
    first_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    last_seen TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (source, reason)
);

COMMENT ON COLUMN reject.excerpt IS 'the last refused item, cut to 2,000 characters';

CREATE TABLE import_run (
    id SERIAL NOT NULL,
    profile TEXT NOT NULL,
    file TEXT NOT NULL,
    started_at TIMESTAMP WITH TIME ZONE NOT NULL,
    finished_at TIMESTAMP WITH TIME ZONE,
    report JSONB NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE asset (
    id BIGSERIAL NOT NULL,
    external_id TEXT NOT NULL,
    source TEXT NOT NULL,
    domain TEXT NOT NULL,
    asset_type TEXT NOT NULL,
    name TEXT NOT NULL,
    street TEXT,
    geometry geometry(GEOMETRY,4326),
    commune_id INTEGER,
    district_id INTEGER,
    parent_id BIGINT,
    attributes JSONB DEFAULT '{}' NOT NULL,
    content_hash BYTEA,
    installed_at TIMESTAMP WITH TIME ZONE,
    removed_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (external_id),
    FOREIGN KEY(commune_id) REFERENCES area (id),
    FOREIGN KEY(district_id) REFERENCES area (id),
    FOREIGN KEY(parent_id) REFERENCES asset (id)
);

CREATE INDEX asset_parent ON asset (parent_id);

CREATE INDEX asset_commune_type ON asset (commune_id, asset_type);

CREATE INDEX asset_geometry ON asset USING gist (geometry);

CREATE INDEX asset_source ON asset (source);

COMMENT ON COLUMN asset.external_id IS 'what feeds call it; one per city';

COMMENT ON COLUMN asset.source IS 'the import profile or generator it came from';

COMMENT ON COLUMN asset.commune_id IS 'null: outside every commune, kept and reported';

COMMENT ON COLUMN asset.parent_id IS 'the cabinet, controller, building that feeds it';

COMMENT ON COLUMN asset.content_hash IS 'of the imported row: equal means unchanged';

COMMENT ON COLUMN asset.removed_at IS 'gone from its source; kept for its history';

CREATE TABLE datastream (
    id SERIAL NOT NULL,
    asset_id BIGINT NOT NULL,
    observed_property TEXT NOT NULL,
    unit TEXT NOT NULL,
    period_s INTEGER NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (asset_id, observed_property),
    FOREIGN KEY(asset_id) REFERENCES asset (id)
);


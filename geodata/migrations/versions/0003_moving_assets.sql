-- Moving assets and retention rules, as the third version knew them. Frozen.

CREATE TABLE transit_line (
    id SERIAL NOT NULL,
    name TEXT NOT NULL,
    title TEXT NOT NULL,
    headway_s INTEGER NOT NULL,
    geometry geometry(LINESTRING,4326),
    source TEXT NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (name)
);

COMMENT ON TABLE transit_line IS 'lines of public transport, run there and back';

COMMENT ON COLUMN transit_line.headway_s IS 'planned seconds between two vehicles of one direction';

CREATE TABLE position (
    asset_id BIGINT NOT NULL,
    phenomenon_time TIMESTAMP WITH TIME ZONE NOT NULL,
    lon FLOAT NOT NULL,
    lat FLOAT NOT NULL,
    bearing REAL,
    speed REAL,
    line TEXT NOT NULL,
    PRIMARY KEY (asset_id, phenomenon_time)
) PARTITION BY RANGE (phenomenon_time);

CREATE INDEX position_time ON position (phenomenon_time);

COMMENT ON TABLE position IS 'where moving assets were while on duty; by day, dropped as its retention rule says';

COMMENT ON COLUMN position.bearing IS 'degrees from north';

COMMENT ON COLUMN position.speed IS 'km/h';

CREATE TABLE retention_rule (
    class TEXT NOT NULL,
    keep INTERVAL NOT NULL,
    basis TEXT NOT NULL,
    decided_by TEXT NOT NULL,
    decided_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (class)
);

COMMENT ON TABLE retention_rule IS 'how long a class of data is kept, and why';

COMMENT ON COLUMN retention_rule.basis IS 'the legal or other ground, with its source';

INSERT INTO retention_rule (class, keep, basis, decided_by) VALUES (
    'vehicle_positions', '2 months',
    'CNIL, géolocalisation des véhicules des salariés : deux mois en principe, à confirmer par le délégué',
    'Vigie'
);

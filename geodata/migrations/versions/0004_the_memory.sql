-- Corrections, daily figures of areas and the record of what was archived, as the fourth version knew them. Frozen.

CREATE TABLE correction (
    id BIGSERIAL NOT NULL,
    datastream_id INTEGER NOT NULL,
    phenomenon_time TIMESTAMP WITH TIME ZONE NOT NULL,
    result FLOAT,
    author TEXT NOT NULL,
    reason TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_by TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(datastream_id) REFERENCES datastream (id)
);

CREATE UNIQUE INDEX correction_in_force ON correction (datastream_id, phenomenon_time) WHERE withdrawn_at IS NULL;

COMMENT ON TABLE correction IS 'readings known to be wrong; the observation itself is never overwritten';

COMMENT ON COLUMN correction.result IS 'what the reading should have been; null: it says nothing';

CREATE VIEW reading AS
SELECT o.datastream_id, o.phenomenon_time,
       CASE WHEN c.id IS NULL THEN o.result ELSE c.result END AS result,
       CASE WHEN c.id IS NULL THEN o.quality WHEN c.result IS NULL THEN 2::smallint ELSE 0::smallint END AS quality,
       o.received_at, c.id AS correction_id
FROM observation o
LEFT JOIN correction c ON c.datastream_id = o.datastream_id AND c.phenomenon_time = o.phenomenon_time
                      AND c.withdrawn_at IS NULL;

COMMENT ON VIEW reading IS 'observations with the corrections in force: what every figure is made from';

CREATE TABLE area_day (
    area_id INTEGER NOT NULL,
    asset_type TEXT NOT NULL,
    observed_property TEXT NOT NULL,
    day DATE NOT NULL,
    n INTEGER NOT NULL,
    sum FLOAT NOT NULL,
    min FLOAT NOT NULL,
    max FLOAT NOT NULL,
    coverage FLOAT NOT NULL,
    PRIMARY KEY (area_id, asset_type, observed_property, day)
);

COMMENT ON TABLE area_day IS 'daily figures by commune and asset type';

COMMENT ON COLUMN area_day.day IS 'the city''s local day';

COMMENT ON COLUMN area_day.coverage IS 'share of the expected values received, 0 to 1';

CREATE TABLE archived_day (
    day DATE NOT NULL,
    path TEXT NOT NULL,
    count BIGINT NOT NULL,
    checksum TEXT NOT NULL,
    bytes BIGINT NOT NULL,
    written_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    verified_at TIMESTAMP WITH TIME ZONE,
    dropped_at TIMESTAMP WITH TIME ZONE,
    PRIMARY KEY (day)
);

COMMENT ON TABLE archived_day IS 'closed days of observations in Parquet: one file a UTC day';

COMMENT ON COLUMN archived_day.path IS 'below the archive''s folder';

COMMENT ON COLUMN archived_day.checksum IS 'of the rows, the same for a table and for a file of equal rows';

COMMENT ON COLUMN archived_day.dropped_at IS 'when the rows left the database; null: they are in both';

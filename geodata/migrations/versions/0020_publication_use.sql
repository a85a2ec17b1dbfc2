-- What the publisher holds back, and how often what is public was asked for. Frozen. See docs/open-data.md.

CREATE TABLE publication_held_back (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    since TIMESTAMPTZ NOT NULL,
    findings JSONB NOT NULL,
    PRIMARY KEY (name),
    FOREIGN KEY (name) REFERENCES publication (name)
);

COMMENT ON TABLE publication_held_back IS 'publications in force whose table may not leave now; the last files stay out meanwhile';

COMMENT ON COLUMN publication_held_back.findings IS 'what speaks against it; no value of the data';

CREATE TABLE dataset_use (
    day DATE NOT NULL,
    name TEXT NOT NULL,
    kind TEXT NOT NULL,
    counted BIGINT NOT NULL,
    PRIMARY KEY (day, name, kind),
    CHECK (kind IN ('view', 'download', 'query')),
    CHECK (counted > 0)
);

COMMENT ON TABLE dataset_use IS 'how often what is published was asked for; of who asked nothing was ever kept';

COMMENT ON COLUMN dataset_use.day IS 'UTC';

COMMENT ON COLUMN dataset_use.name IS 'the publication';

-- Who may what: the publisher keeps both, the room reads why something is held back, nobody else sees either. ---------

REVOKE ALL ON publication_held_back, dataset_use FROM PUBLIC;

GRANT SELECT, INSERT, UPDATE, DELETE ON publication_held_back TO vigie_reader;

GRANT SELECT, INSERT, UPDATE ON dataset_use TO vigie_reader;

GRANT SELECT ON publication_held_back TO vigie_room;

-- Annotations of the timeline and bookmarks of instants, as the fifth version knew them. Frozen.

CREATE TABLE annotation (
    id BIGSERIAL NOT NULL,
    kind TEXT NOT NULL,
    title TEXT NOT NULL,
    body TEXT DEFAULT '' NOT NULL,
    t0 TIMESTAMP WITH TIME ZONE NOT NULL,
    t1 TIMESTAMP WITH TIME ZONE NOT NULL,
    area_id INTEGER,
    asset_id BIGINT,
    author TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    withdrawn_by TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(area_id) REFERENCES area (id),
    FOREIGN KEY(asset_id) REFERENCES asset (id),
    CHECK (t1 >= t0)
);

CREATE INDEX annotation_time ON annotation (t0, t1) WHERE withdrawn_at IS NULL;

COMMENT ON TABLE annotation IS 'works, storms and events, noted where and when they were; neither place: the whole city';

COMMENT ON COLUMN annotation.kind IS 'works, storm, event, outage or note';

CREATE TABLE bookmark (
    id BIGSERIAL NOT NULL,
    title TEXT NOT NULL,
    address TEXT NOT NULL,
    author TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id)
);

COMMENT ON COLUMN bookmark.address IS 'path and query of the page that shows it';

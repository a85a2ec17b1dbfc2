-- What the pipeline keeps of itself, as the second version knew it. Frozen.

ALTER TABLE observation ADD COLUMN raw FLOAT, ADD COLUMN raw_unit TEXT;

COMMENT ON COLUMN observation.quality IS 'low three bits the quality, above them the doubts (model/observations.py)';

COMMENT ON COLUMN observation.raw IS 'what was sent, where the door converted it';

CREATE TABLE feed_minute (
    feed TEXT NOT NULL,
    minute TIMESTAMP WITH TIME ZONE NOT NULL,
    messages BIGINT NOT NULL,
    received BIGINT NOT NULL,
    stored BIGINT NOT NULL,
    duplicate BIGINT NOT NULL,
    dead BIGINT NOT NULL,
    lag_sum FLOAT NOT NULL,
    lag_max FLOAT NOT NULL,
    PRIMARY KEY (feed, minute)
);

COMMENT ON TABLE feed_minute IS 'items by feed and minute of receipt: received = stored + duplicate + dead';

COMMENT ON COLUMN feed_minute.lag_sum IS 'seconds from phenomenon_time to receipt, summed over the stored items';

CREATE TABLE feed_status (
    feed TEXT NOT NULL,
    adapter TEXT NOT NULL,
    transport TEXT NOT NULL,
    period_s INTEGER NOT NULL,
    state TEXT NOT NULL,
    detail TEXT NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    state_since TIMESTAMP WITH TIME ZONE NOT NULL,
    last_received_at TIMESTAMP WITH TIME ZONE,
    last_phenomenon_time TIMESTAMP WITH TIME ZONE,
    skew_s FLOAT,
    live INTEGER DEFAULT '0' NOT NULL,
    late INTEGER DEFAULT '0' NOT NULL,
    stale INTEGER DEFAULT '0' NOT NULL,
    never INTEGER DEFAULT '0' NOT NULL,
    spooled BIGINT DEFAULT '0' NOT NULL,
    dropped BIGINT DEFAULT '0' NOT NULL,
    PRIMARY KEY (feed)
);

COMMENT ON TABLE feed_status IS 'one row a feed, written by the ingest every few seconds';

COMMENT ON COLUMN feed_status.state IS 'starting, ok, away, refused';

COMMENT ON COLUMN feed_status.live IS 'datastreams it delivers, by freshness';

COMMENT ON COLUMN feed_status.dropped IS 'items the spool had to let go, for age or want of room';

CREATE TABLE dead_letter (
    id BIGSERIAL NOT NULL,
    feed TEXT NOT NULL,
    reason TEXT NOT NULL,
    detail TEXT NOT NULL,
    asset TEXT DEFAULT '' NOT NULL,
    item BYTEA NOT NULL,
    form TEXT NOT NULL,
    trace TEXT NOT NULL,
    received_at TIMESTAMP WITH TIME ZONE NOT NULL,
    replay_asked_at TIMESTAMP WITH TIME ZONE,
    replay_asked_by TEXT,
    replayed_at TIMESTAMP WITH TIME ZONE,
    outcome TEXT,
    PRIMARY KEY (id)
);

CREATE INDEX dead_letter_feed ON dead_letter (feed, reason, id);

CREATE INDEX dead_letter_asset ON dead_letter (asset) WHERE reason = 'unknown_asset' AND replayed_at IS NULL;

CREATE INDEX dead_letter_asked ON dead_letter (id) WHERE replay_asked_at IS NOT NULL AND replayed_at IS NULL;

COMMENT ON TABLE dead_letter IS 'items that could not be taken, each as it came (64 kB at most)';

COMMENT ON COLUMN dead_letter.form IS 'observation (Vigie''s JSON of one), position, or payload (as the feed sent it)';

COMMENT ON COLUMN dead_letter.outcome IS 'what became of the replay: stored, duplicate, or a reason';

CREATE TABLE settled_batch (
    id TEXT NOT NULL,
    settled_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (id)
);

CREATE INDEX settled_batch_time ON settled_batch (settled_at);

COMMENT ON TABLE settled_batch IS 'batches stored and accounted for, so that one tried again is not counted twice';

CREATE TABLE dirty_batch (
    id BIGSERIAL NOT NULL,
    bucket TIMESTAMP WITH TIME ZONE NOT NULL,
    streams INTEGER[] NOT NULL,
    PRIMARY KEY (id)
);

COMMENT ON TABLE dirty_batch IS 'datastreams whose observations of an hour changed since its rollup; one row a batch and hour';

INSERT INTO dirty_batch (bucket, streams) SELECT bucket, array_agg(datastream_id) FROM dirty_hour GROUP BY bucket;

DROP TABLE dirty_hour;

CREATE TABLE ingest_lease (
    domain TEXT NOT NULL,
    holder TEXT NOT NULL,
    token BIGINT NOT NULL,
    until TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (domain)
);

COMMENT ON TABLE ingest_lease IS 'which ingest process writes a domain; its token rises with each take-over and fences the last';

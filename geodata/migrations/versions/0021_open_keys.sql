-- Keys for higher rates of open data, which needs none. Frozen.

CREATE TABLE open_key (
    id BIGSERIAL NOT NULL,
    holder TEXT NOT NULL,
    contact TEXT NOT NULL,
    prefix TEXT NOT NULL,
    key_hash BYTEA NOT NULL,
    rate_per_minute INTEGER NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT,
    PRIMARY KEY (id),
    UNIQUE (key_hash),
    CHECK (rate_per_minute BETWEEN 3000 AND 60000)
);

COMMENT ON TABLE open_key IS 'keys to ask open data more often; it is open without one';

COMMENT ON COLUMN open_key.prefix IS 'its first characters, to tell keys apart';

COMMENT ON COLUMN open_key.key_hash IS 'SHA-256: the key is random';

CREATE VIEW told_open_key AS
SELECT key_hash, rate_per_minute, valid_until FROM open_key WHERE revoked_at IS NULL;

COMMENT ON VIEW told_open_key IS 'keys as the public door is told of them: no holder, no contact';

REVOKE ALL ON open_key, told_open_key FROM PUBLIC;

GRANT SELECT, INSERT, UPDATE (revoked_at, revoked_by) ON open_key TO vigie_room;

GRANT USAGE ON SEQUENCE open_key_id_seq TO vigie_room;

GRANT SELECT ON told_open_key TO vigie_reader;

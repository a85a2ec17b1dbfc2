-- Finished hours of state changes, each in one row: packed to be replayed, counted for the timeline. Frozen.

CREATE TABLE change_hour (
    hour TIMESTAMP WITH TIME ZONE NOT NULL,
    revision BIGSERIAL NOT NULL,
    count INTEGER NOT NULL,
    first FLOAT,
    last FLOAT,
    tally BYTEA NOT NULL,
    packed BYTEA NOT NULL,
    PRIMARY KEY (hour)
);

ALTER TABLE change_hour ALTER COLUMN packed SET STORAGE EXTERNAL;

COMMENT ON TABLE change_hour IS 'state changes of finished hours, packed; an hour without its row is read from state_change';

COMMENT ON COLUMN change_hour.first IS 'epoch seconds of its first change; null: nothing changed';

COMMENT ON COLUMN change_hour.tally IS 'little-endian u4 (6, 4): changes by ten minutes into fault, degraded, comms_lost, others';

COMMENT ON COLUMN change_hour.packed IS 'zlib of columns in order of time: u4 microseconds since the one before, u4 asset id, u1 status, u1 state';

ALTER TABLE state_keyframe ADD COLUMN heard BOOLEAN DEFAULT true NOT NULL;

COMMENT ON COLUMN state_keyframe.heard IS 'whether its times tell who was still heard; false: made while nobody could tell';

CREATE TABLE dirty_change_hour (
    id BIGSERIAL NOT NULL,
    hour TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id)
);

COMMENT ON TABLE dirty_change_hour IS 'hours whose changes may differ from their packed row: read from state_change until packed anew';

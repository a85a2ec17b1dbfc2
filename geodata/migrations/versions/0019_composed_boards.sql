-- Boards that people compose, as the nineteenth version knew them. Frozen. See docs/compose-a-board.md.

CREATE TABLE composed_board (
    id BIGSERIAL NOT NULL,
    owner_id BIGINT NOT NULL,
    owner TEXT NOT NULL,
    made_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    deleted_at TIMESTAMPTZ,
    deleted_by TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY (owner_id) REFERENCES person (id)
);

COMMENT ON TABLE composed_board IS 'boards that people put together; what one holds stands in its versions';

COMMENT ON COLUMN composed_board.deleted_at IS 'null: it is there';

CREATE TABLE composed_version (
    board_id BIGINT NOT NULL,
    version INTEGER NOT NULL,
    title TEXT NOT NULL,
    tiles JSONB NOT NULL,
    saved_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    saved_by_id BIGINT NOT NULL,
    saved_by TEXT NOT NULL,
    PRIMARY KEY (board_id, version),
    FOREIGN KEY (board_id) REFERENCES composed_board (id),
    CHECK (version > 0),
    CHECK (jsonb_typeof(tiles) = 'array')
);

COMMENT ON TABLE composed_version IS 'what a board held each time it was saved; never changed';

COMMENT ON COLUMN composed_version.tiles IS 'keys of figures, places, widths and texts, in order; no value';

CREATE TABLE composed_share (
    id BIGSERIAL NOT NULL,
    board_id BIGINT NOT NULL,
    sees TEXT NOT NULL,
    people BIGINT[] NOT NULL,
    role TEXT NOT NULL,
    edits BOOLEAN NOT NULL,
    at TIMESTAMPTZ DEFAULT now() NOT NULL,
    by TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (board_id) REFERENCES composed_board (id),
    CHECK (sees IN ('owner', 'people', 'role', 'readers')),
    CHECK ((sees = 'people') = (cardinality(people) > 0)),
    CHECK ((sees = 'role') = (role <> '')),
    CHECK (NOT edits OR sees = 'people')
);

COMMENT ON TABLE composed_share IS 'who may see a board beside its owner; the newest row holds';

COMMENT ON COLUMN composed_share.sees IS 'owner, people, role or readers';

COMMENT ON COLUMN composed_share.edits IS 'whether the named people may also change it';

CREATE INDEX composed_share_of ON composed_share (board_id, id);

CREATE TABLE composed_release (
    name TEXT NOT NULL,
    version INTEGER NOT NULL,
    board_id BIGINT NOT NULL,
    board_version INTEGER NOT NULL,
    PRIMARY KEY (name, version),
    FOREIGN KEY (name, version) REFERENCES publication_version (name, version),
    FOREIGN KEY (board_id, board_version) REFERENCES composed_version (board_id, version)
);

COMMENT ON TABLE composed_release IS 'which version of which board a publication was proposed to show';

COMMENT ON COLUMN composed_release.version IS 'of the publication';

CREATE INDEX composed_release_of ON composed_release (board_id);

CREATE FUNCTION composed_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'versions of boards, shares and what was proposed are added to, never changed';
END
$$;

COMMENT ON FUNCTION composed_stays IS 'refuses every change of what a board held and of who was shown it';

CREATE TRIGGER composed_stays BEFORE UPDATE OR DELETE ON composed_version
FOR EACH ROW EXECUTE FUNCTION composed_stays();

CREATE TRIGGER composed_stays BEFORE UPDATE OR DELETE ON composed_share
FOR EACH ROW EXECUTE FUNCTION composed_stays();

CREATE TRIGGER composed_stays BEFORE UPDATE OR DELETE ON composed_release
FOR EACH ROW EXECUTE FUNCTION composed_stays();

-- Who may what ------------------------------------------------------------------------------------------------------
--
-- A board names figures and places; it holds no value of the city: those are read as whoever looks may see them. So
-- no scope hides rows here; whose board it is, the service asks of the viewer. The publisher reads what was approved.

REVOKE ALL ON composed_board, composed_version, composed_share, composed_release FROM PUBLIC;

REVOKE ALL ON FUNCTION composed_stays FROM PUBLIC;

GRANT SELECT, INSERT, UPDATE (deleted_at, deleted_by) ON composed_board TO vigie_room;

GRANT SELECT, INSERT ON composed_version, composed_share, composed_release TO vigie_room;

GRANT USAGE ON SEQUENCE composed_board_id_seq, composed_share_id_seq TO vigie_room;

GRANT SELECT ON composed_version, composed_release TO vigie_reader;

-- Letters of citizens, as the fifteenth version knew them. Frozen. See docs/voices.md.

CREATE TABLE citizen_letter (
    id BIGSERIAL NOT NULL,
    reference TEXT NOT NULL,
    kind TEXT NOT NULL,
    subject TEXT NOT NULL,
    domain TEXT,
    language TEXT NOT NULL,
    words TEXT NOT NULL,
    use TEXT NOT NULL,
    received_at TIMESTAMPTZ DEFAULT now() NOT NULL,
    PRIMARY KEY (id),
    UNIQUE (reference),
    CHECK (kind IN ('wrong', 'missing', 'other', 'request')),
    CHECK (language IN ('fr', 'en'))
);

COMMENT ON TABLE citizen_letter IS 'feedback and requests for data, as somebody outside typed them; never changed';

COMMENT ON COLUMN citizen_letter.reference IS 'what the sender looks it up by';

COMMENT ON COLUMN citizen_letter.subject IS 'dataset:name or panel:name; empty: the site';

COMMENT ON COLUMN citizen_letter.domain IS 'whose steward it is for; null: nobody''s in particular';

COMMENT ON COLUMN citizen_letter.use IS 'what requested data is for';

CREATE INDEX citizen_letter_received ON citizen_letter (received_at);

CREATE TABLE citizen_contact (
    letter_id BIGINT NOT NULL,
    name TEXT NOT NULL,
    email TEXT NOT NULL,
    PRIMARY KEY (letter_id),
    FOREIGN KEY (letter_id) REFERENCES citizen_letter (id)
);

COMMENT ON TABLE citizen_contact IS 'who may be written to about a letter: kept apart, never published, erased after closing';

CREATE TABLE citizen_letter_act (
    id BIGSERIAL NOT NULL,
    letter_id BIGINT NOT NULL,
    kind TEXT NOT NULL,
    at TIMESTAMPTZ DEFAULT now() NOT NULL,
    by TEXT,
    reason TEXT NOT NULL,
    words TEXT NOT NULL,
    appeal TEXT NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY (letter_id) REFERENCES citizen_letter (id),
    CHECK (kind IN ('received', 'published', 'hidden', 'answered', 'refused', 'extended')),
    CHECK (kind NOT IN ('hidden', 'refused') OR reason <> ''),
    CHECK (kind NOT IN ('answered', 'refused', 'extended') OR words <> ''),
    CHECK (kind <> 'refused' OR appeal <> '')
);

COMMENT ON TABLE citizen_letter_act IS 'append-only: what was done about a letter, in the order it was';

COMMENT ON COLUMN citizen_letter_act.by IS 'who did it; null: the sender';

COMMENT ON COLUMN citizen_letter_act.reason IS 'a code of model/voices.py: why hidden or refused';

COMMENT ON COLUMN citizen_letter_act.words IS 'the public answer, or why refused or extended';

COMMENT ON COLUMN citizen_letter_act.appeal IS 'of a refusal: where and by when it may be contested, as it was told';

CREATE INDEX citizen_letter_act_of ON citizen_letter_act (letter_id);

CREATE UNIQUE INDEX citizen_letter_act_received ON citizen_letter_act (letter_id) WHERE kind = 'received';

CREATE UNIQUE INDEX citizen_letter_act_extended ON citizen_letter_act (letter_id) WHERE kind = 'extended';

CREATE UNIQUE INDEX citizen_letter_act_closed ON citizen_letter_act (letter_id) WHERE kind IN ('answered', 'refused');

CREATE FUNCTION citizen_letter_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only the retention may take the words of a hidden letter away, and it says so.
    IF TG_TABLE_NAME = 'citizen_letter' AND TG_OP = 'UPDATE'
       AND current_setting('vigie.citizen_forget', true) = 'yes' THEN
        RETURN NEW;
    END IF;
    RAISE EXCEPTION 'letters and what was done about them are append-only';
END
$$;

COMMENT ON FUNCTION citizen_letter_stays IS 'refuses every change of a letter and of its acts';

CREATE TRIGGER citizen_letter_stays BEFORE UPDATE OR DELETE ON citizen_letter
FOR EACH ROW EXECUTE FUNCTION citizen_letter_stays();

CREATE TRIGGER citizen_letter_stays_whole BEFORE TRUNCATE ON citizen_letter EXECUTE FUNCTION citizen_letter_stays();

CREATE TRIGGER citizen_letter_act_stays BEFORE UPDATE OR DELETE ON citizen_letter_act
FOR EACH ROW EXECUTE FUNCTION citizen_letter_stays();

CREATE TRIGGER citizen_letter_act_stays_whole BEFORE TRUNCATE ON citizen_letter_act
EXECUTE FUNCTION citizen_letter_stays();

-- The devices' door may put a letter in and read none ---------------------------------------------------------------

CREATE FUNCTION citizen_letter_receive(
    new_reference text, new_kind text, new_subject text, new_domain text, new_language text, new_words text,
    new_use text, new_name text, new_email text
) RETURNS text LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    made bigint;
    known text;
BEGIN
    -- The same letter sent again, by a browser or by somebody who was not sure, is the same letter.
    PERFORM pg_advisory_xact_lock(hashtext('vigie.letter'), hashtext(new_words));
    SELECT l.reference INTO known FROM citizen_letter l LEFT JOIN citizen_contact c ON c.letter_id = l.id
    WHERE l.received_at > now() - interval '1 hour' AND l.words = new_words AND l.use = new_use
      AND l.kind = new_kind AND l.subject = new_subject AND l.language = new_language
      AND coalesce(c.email, '') = new_email AND coalesce(c.name, '') = new_name
    ORDER BY l.id DESC LIMIT 1;
    IF FOUND THEN
        RETURN known;
    END IF;
    INSERT INTO citizen_letter (reference, kind, subject, domain, language, words, use)
    VALUES (new_reference, new_kind, new_subject, new_domain, new_language, new_words, new_use) RETURNING id INTO made;
    IF new_name <> '' OR new_email <> '' THEN
        INSERT INTO citizen_contact (letter_id, name, email) VALUES (made, new_name, new_email);
    END IF;
    INSERT INTO citizen_letter_act (letter_id, kind, reason, words, appeal) VALUES (made, 'received', '', '', '');
    RETURN new_reference;
END
$$;

COMMENT ON FUNCTION citizen_letter_receive IS 'keeps a letter with its contact, apart; its reference, or that of the same letter of the last hour';

-- A letter is over once answered or refused; feedback also once it was hidden.
CREATE FUNCTION citizen_contact_forget() RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    due timestamptz;
    over bigint[];
    gone bigint;
BEGIN
    SELECT now() - keep INTO due FROM retention_rule WHERE class = 'citizen_contact';
    IF due IS NULL THEN
        RETURN 0;
    END IF;
    SELECT array_agg(DISTINCT l.id) INTO over FROM citizen_letter l JOIN citizen_letter_act a ON a.letter_id = l.id
    WHERE a.at < due AND (a.kind IN ('answered', 'refused') OR a.kind = 'hidden' AND l.kind <> 'request' AND NOT EXISTS (
        SELECT FROM citizen_letter_act later
        WHERE later.letter_id = l.id AND later.id > a.id AND later.kind IN ('published', 'hidden')));
    DELETE FROM citizen_contact WHERE letter_id = ANY (over);
    GET DIAGNOSTICS gone = ROW_COUNT;
    -- A hidden letter is often hidden for the names in it: its words go with the contact.
    PERFORM set_config('vigie.citizen_forget', 'yes', true);
    UPDATE citizen_letter l SET words = '', use = '' WHERE l.id = ANY (over) AND l.words <> '' AND 'hidden' = (
        SELECT a.kind FROM citizen_letter_act a
        WHERE a.letter_id = l.id AND a.kind IN ('published', 'hidden') ORDER BY a.id DESC LIMIT 1);
    PERFORM set_config('vigie.citizen_forget', '', true);
    RETURN gone;
END
$$;

COMMENT ON FUNCTION citizen_contact_forget IS 'erases the contacts, and the words of hidden letters, of what was closed long enough ago; how many contacts';

INSERT INTO retention_rule (class, keep, basis, decided_by) VALUES (
    'citizen_contact', '2 months',
    'Règle proposée : deux mois après la clôture, le délai de saisine de la CADA', 'Vigie'
);

-- What the publisher is told: no contact, no name, and no words before somebody let them out -------------------------

CREATE VIEW told_letter AS
SELECT l.reference, l.kind, l.subject, l.language, l.received_at, m.kind AS moderated,
       CASE WHEN m.kind = 'published' THEN l.words ELSE '' END AS words,
       CASE WHEN m.kind = 'published' THEN l.use ELSE '' END AS use
FROM citizen_letter l LEFT JOIN LATERAL (
    SELECT a.kind FROM citizen_letter_act a
    WHERE a.letter_id = l.id AND a.kind IN ('published', 'hidden') ORDER BY a.id DESC LIMIT 1
) m ON true;

COMMENT ON VIEW told_letter IS 'letters as the public is told of them: words only where published';

CREATE VIEW told_letter_act AS
SELECT l.reference, a.id, a.kind, a.at, a.reason, a.words, a.appeal
FROM citizen_letter_act a JOIN citizen_letter l ON l.id = a.letter_id;

COMMENT ON VIEW told_letter_act IS 'what was done about letters, without who did it';

-- Who may what ------------------------------------------------------------------------------------------------------

REVOKE ALL ON citizen_letter, citizen_contact, citizen_letter_act, told_letter, told_letter_act FROM PUBLIC;

GRANT SELECT ON citizen_letter, citizen_contact, citizen_letter_act TO vigie_room, vigie_scoped;

GRANT INSERT ON citizen_letter_act TO vigie_room, vigie_scoped;

GRANT USAGE ON SEQUENCE citizen_letter_act_id_seq TO vigie_room, vigie_scoped;

GRANT SELECT ON told_letter, told_letter_act TO vigie_reader;

GRANT EXECUTE ON FUNCTION citizen_letter_receive, citizen_contact_forget TO vigie_recorder;

ALTER TABLE citizen_letter ENABLE ROW LEVEL SECURITY;

ALTER TABLE citizen_contact ENABLE ROW LEVEL SECURITY;

ALTER TABLE citizen_letter_act ENABLE ROW LEVEL SECURITY;

CREATE POLICY whole ON citizen_letter TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

CREATE POLICY whole ON citizen_contact TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

CREATE POLICY whole ON citizen_letter_act TO vigie_room, vigie_reader USING (true) WITH CHECK (true);

CREATE POLICY scoped ON citizen_letter FOR SELECT TO vigie_scoped USING (
    (SELECT scope_every_domain()) OR domain = ANY ((SELECT scope_domains())::text[])
);

CREATE POLICY scoped ON citizen_contact FOR SELECT TO vigie_scoped
USING (EXISTS (SELECT FROM citizen_letter l WHERE l.id = letter_id));

CREATE POLICY scoped ON citizen_letter_act TO vigie_scoped
USING (EXISTS (SELECT FROM citizen_letter l WHERE l.id = letter_id))
WITH CHECK (EXISTS (SELECT FROM citizen_letter l WHERE l.id = letter_id));

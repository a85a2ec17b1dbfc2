-- People, grants, sessions, agreements and the audit. Frozen.

CREATE TABLE person (
    id BIGSERIAL NOT NULL,
    login TEXT NOT NULL,
    name TEXT NOT NULL,
    kind TEXT DEFAULT 'person' NOT NULL,
    email TEXT,
    password_hash TEXT,
    password_set_at TIMESTAMP WITH TIME ZONE,
    must_change BOOLEAN DEFAULT 'false' NOT NULL,
    totp_secret BYTEA,
    totp_confirmed_at TIMESTAMP WITH TIME ZONE,
    totp_step BIGINT,
    oidc_issuer TEXT,
    oidc_subject TEXT,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    disabled_at TIMESTAMP WITH TIME ZONE,
    disabled_by TEXT,
    PRIMARY KEY (id),
    CHECK (kind IN ('person', 'device')),
    CHECK (login = lower(login)),
    UNIQUE (oidc_issuer, oidc_subject),
    UNIQUE (login)
);

COMMENT ON COLUMN person.login IS 'lower case; for a device, its name';

COMMENT ON COLUMN person.name IS 'as signed under what she does';

COMMENT ON COLUMN person.kind IS 'person or device';

COMMENT ON COLUMN person.password_hash IS 'argon2id; null: signs in elsewhere, or not yet';

COMMENT ON COLUMN person.must_change IS 'at her next sign-in';

COMMENT ON COLUMN person.totp_secret IS 'encrypted with a key made of VIGIE_SECRET';

COMMENT ON COLUMN person.totp_step IS 'the last time step used: a code is taken once';

CREATE TABLE access_grant (
    id BIGSERIAL NOT NULL,
    person_id BIGINT NOT NULL,
    role TEXT NOT NULL,
    areas INTEGER[],
    domains TEXT[],
    reason TEXT DEFAULT '' NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT,
    PRIMARY KEY (id),
    CHECK (valid_until > valid_from),
    FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX ix_access_grant_person_id ON access_grant (person_id);

COMMENT ON TABLE access_grant IS 'who may do what, where and until when (access_grant in field.md (c))';

COMMENT ON COLUMN access_grant.areas IS 'area ids; null: the whole city';

COMMENT ON COLUMN access_grant.domains IS 'domain names; null: all';

COMMENT ON COLUMN access_grant.valid_until IS 'null: until revoked';

CREATE TABLE video_right (
    id BIGSERIAL NOT NULL,
    person_id BIGINT NOT NULL,
    authority TEXT NOT NULL,
    decided_on DATE NOT NULL,
    areas INTEGER[],
    valid_until TIMESTAMP WITH TIME ZONE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(person_id) REFERENCES person (id)
);

CREATE INDEX ix_video_right_person_id ON video_right (person_id);

COMMENT ON TABLE video_right IS 'persons named and cleared for records of cameras on public roads (CSI R253-3)';

COMMENT ON COLUMN video_right.authority IS 'who named and cleared her';

COMMENT ON COLUMN video_right.areas IS 'area ids; null: all of her scope';

CREATE TABLE session (
    id BIGSERIAL NOT NULL,
    token_hash BYTEA NOT NULL,
    person_id BIGINT NOT NULL,
    grant_id BIGINT NOT NULL,
    csrf TEXT NOT NULL,
    method TEXT NOT NULL,
    address TEXT DEFAULT '' NOT NULL,
    agent TEXT DEFAULT '' NOT NULL,
    began_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    seen_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    expires_at TIMESTAMP WITH TIME ZONE NOT NULL,
    idle_s INTEGER NOT NULL,
    ended_at TIMESTAMP WITH TIME ZONE,
    ended_by TEXT,
    ended_why TEXT,
    PRIMARY KEY (id),
    UNIQUE (token_hash),
    FOREIGN KEY(person_id) REFERENCES person (id),
    FOREIGN KEY(grant_id) REFERENCES access_grant (id)
);

CREATE INDEX ix_session_person_id ON session (person_id);

CREATE INDEX session_open ON session (expires_at) WHERE ended_at IS NULL;

COMMENT ON COLUMN session.token_hash IS 'SHA-256 of the cookie';

COMMENT ON COLUMN session.method IS 'local, oidc, demo or device';

COMMENT ON COLUMN session.agent IS 'what browser, in words';

COMMENT ON COLUMN session.idle_s IS 'seconds unseen after which it ends';

COMMENT ON COLUMN session.ended_why IS 'signed_out, revoked, expired, idle, disabled or replaced';

CREATE TABLE known_browser (
    token_hash BYTEA NOT NULL,
    person_id BIGINT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (token_hash, person_id),
    FOREIGN KEY(person_id) REFERENCES person (id) ON DELETE CASCADE
);

COMMENT ON TABLE known_browser IS 'browsers a person signed in with before: guesses from elsewhere do not lock them out';

CREATE TABLE enrolment (
    code_hash BYTEA NOT NULL,
    person_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE NOT NULL,
    used_at TIMESTAMP WITH TIME ZONE,
    made_by TEXT NOT NULL,
    PRIMARY KEY (code_hash),
    FOREIGN KEY(person_id) REFERENCES person (id)
);

COMMENT ON TABLE enrolment IS 'codes to be used once: a wall''s browser becomes its device, a person sets her password';

COMMENT ON COLUMN enrolment.purpose IS 'device: shows a wall; password: sets one';

CREATE TABLE look_purpose (
    id BIGSERIAL NOT NULL,
    session_id BIGINT NOT NULL,
    asset_id BIGINT NOT NULL,
    purpose TEXT NOT NULL,
    reference TEXT DEFAULT '' NOT NULL,
    stated_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (id),
    FOREIGN KEY(session_id) REFERENCES session (id),
    FOREIGN KEY(asset_id) REFERENCES asset (id)
);

CREATE INDEX look_purpose_asset ON look_purpose (session_id, asset_id);

COMMENT ON TABLE look_purpose IS 'why somebody looks at a record the law protects, said before it is shown';

CREATE TABLE agreement (
    id BIGSERIAL NOT NULL,
    partner TEXT NOT NULL,
    kind TEXT NOT NULL,
    purpose TEXT NOT NULL,
    contact TEXT DEFAULT '' NOT NULL,
    datasets TEXT[] NOT NULL,
    fields TEXT[] NOT NULL,
    areas INTEGER[],
    rate_per_minute INTEGER NOT NULL,
    processor_terms BOOLEAN NOT NULL,
    valid_from TIMESTAMP WITH TIME ZONE NOT NULL,
    valid_until TIMESTAMP WITH TIME ZONE NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT,
    PRIMARY KEY (id),
    CHECK (kind IN ('public', 'private', 'association')),
    CHECK (valid_until > valid_from),
    CHECK (rate_per_minute BETWEEN 1 AND 6000)
);

COMMENT ON TABLE agreement IS 'sharing agreements with partners (field.md (g))';

COMMENT ON COLUMN agreement.kind IS 'public, private or association';

COMMENT ON COLUMN agreement.areas IS 'area ids; null: the whole city';

COMMENT ON COLUMN agreement.processor_terms IS 'GDPR article 28 terms are signed';

CREATE TABLE api_key (
    id BIGSERIAL NOT NULL,
    agreement_id BIGINT NOT NULL,
    label TEXT NOT NULL,
    prefix TEXT NOT NULL,
    key_hash BYTEA NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    made_by TEXT NOT NULL,
    revoked_at TIMESTAMP WITH TIME ZONE,
    revoked_by TEXT,
    PRIMARY KEY (id),
    FOREIGN KEY(agreement_id) REFERENCES agreement (id),
    UNIQUE (key_hash)
);

CREATE INDEX ix_api_key_agreement_id ON api_key (agreement_id);

COMMENT ON COLUMN api_key.prefix IS 'its first characters, to tell keys apart';

COMMENT ON COLUMN api_key.key_hash IS 'SHA-256: the key is random';

CREATE TABLE api_use (
    key_id BIGINT NOT NULL,
    day DATE NOT NULL,
    dataset TEXT NOT NULL,
    answered INTEGER DEFAULT '0' NOT NULL,
    refused INTEGER DEFAULT '0' NOT NULL,
    last_at TIMESTAMP WITH TIME ZONE NOT NULL,
    PRIMARY KEY (key_id, day, dataset),
    FOREIGN KEY(key_id) REFERENCES api_key (id)
);

COMMENT ON TABLE api_use IS 'what keys were used for, by day';

CREATE TABLE audit_entry (
    book TEXT NOT NULL,
    number BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    actor_id BIGINT,
    actor TEXT NOT NULL,
    role TEXT DEFAULT '' NOT NULL,
    session_id BIGINT,
    address TEXT DEFAULT '' NOT NULL,
    action TEXT NOT NULL,
    kind TEXT DEFAULT '' NOT NULL,
    object TEXT DEFAULT '' NOT NULL,
    asset_id BIGINT,
    purpose TEXT DEFAULT '' NOT NULL,
    outcome TEXT DEFAULT 'done' NOT NULL,
    details JSONB DEFAULT '{}' NOT NULL,
    previous BYTEA NOT NULL,
    hash BYTEA NOT NULL,
    PRIMARY KEY (book, number),
    CHECK (book IN ('security', 'looks', 'changes'))
);

CREATE INDEX audit_entry_actor ON audit_entry (actor_id, at);

CREATE INDEX audit_entry_asset ON audit_entry (asset_id, at);

CREATE INDEX audit_entry_at ON audit_entry (at);

COMMENT ON TABLE audit_entry IS 'append-only and chained: who did what, when, why';

COMMENT ON COLUMN audit_entry.book IS 'security, looks or changes: each kept for its time';

COMMENT ON COLUMN audit_entry.number IS 'without a gap from 1 on';

COMMENT ON COLUMN audit_entry.actor_id IS 'person; null: the system, or nobody known';

COMMENT ON COLUMN audit_entry.kind IS 'what was acted on: asset, person, ...';

COMMENT ON COLUMN audit_entry.object IS 'its name or id';

COMMENT ON COLUMN audit_entry.asset_id IS 'where the object is an asset';

COMMENT ON COLUMN audit_entry.outcome IS 'done or refused';

COMMENT ON COLUMN audit_entry.details IS 'before and after, filters, counts';

COMMENT ON COLUMN audit_entry.hash IS 'SHA-256 of previous and this entry';

CREATE TABLE audit_purge (
    book TEXT NOT NULL,
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    count BIGINT NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    PRIMARY KEY (book, number)
);

COMMENT ON TABLE audit_purge IS 'entries that reached the end of their retention, with the proof of what they were';

COMMENT ON COLUMN audit_purge.number IS 'the last entry that went';

COMMENT ON COLUMN audit_purge.hash IS 'its hash: the chain goes on from there';

CREATE TABLE audit_check (
    book TEXT NOT NULL,
    number BIGINT NOT NULL,
    hash BYTEA NOT NULL,
    at TIMESTAMP WITH TIME ZONE DEFAULT now() NOT NULL,
    fault TEXT DEFAULT '' NOT NULL,
    fault_number BIGINT,
    PRIMARY KEY (book)
);

COMMENT ON TABLE audit_check IS 'how far each book was last verified, and what was found';

COMMENT ON COLUMN audit_check.number IS 'the last entry that was as it was written';

COMMENT ON COLUMN audit_check.hash IS 'its hash, to find a cut tail or a rebuilt chain';

COMMENT ON COLUMN audit_check.fault IS 'what is wrong after it; empty: none';

CREATE FUNCTION audit_text(entry audit_entry) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT jsonb_build_array(
        entry.book, entry.number, (extract(epoch FROM entry.at) * 1000000)::bigint, entry.actor_id, entry.actor,
        entry.role, entry.session_id, entry.address, entry.action, entry.kind, entry.object, entry.asset_id,
        entry.purpose, entry.outcome, entry.details
    )::text
$$;

COMMENT ON FUNCTION audit_text IS 'an entry as it is hashed: the same text for the same entry, in any time zone';

CREATE FUNCTION audit_write(entry audit_entry) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
BEGIN
    -- One writer a book until its transaction ends: the chain has no fork and no gap.
    PERFORM pg_advisory_xact_lock(hashtext('vigie.audit'), hashtext(entry.book));
    SELECT number, hash INTO entry.number, entry.previous FROM audit_entry
    WHERE book = entry.book ORDER BY number DESC LIMIT 1;
    IF NOT FOUND THEN
        SELECT number, hash INTO entry.number, entry.previous FROM audit_purge
        WHERE book = entry.book ORDER BY number DESC LIMIT 1;
    END IF;
    entry.number := coalesce(entry.number, 0) + 1;
    entry.previous := coalesce(entry.previous, '');
    entry.at := clock_timestamp();
    entry.details := coalesce(entry.details, '{}');
    entry.hash := sha256(entry.previous || convert_to(audit_text(entry), 'UTF8'));
    INSERT INTO audit_entry SELECT (entry).*;
    RETURN entry.number;
END
$$;

COMMENT ON FUNCTION audit_write IS 'adds an entry to the chain of its book, in the transaction of what it records';

CREATE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Only the purge of what reached the end of its retention may take entries away, and it says so.
    IF TG_OP = 'DELETE' AND current_setting('vigie.audit_purge', true) = 'yes' THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'the audit is append-only';
END
$$;

CREATE TRIGGER audit_stays BEFORE UPDATE OR DELETE ON audit_entry FOR EACH ROW EXECUTE FUNCTION audit_stays();

CREATE TRIGGER audit_stays_whole BEFORE TRUNCATE ON audit_entry EXECUTE FUNCTION audit_stays();

CREATE FUNCTION audit_forget(which text) RETURNS bigint
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
    due timestamptz;
    last audit_entry;
    before bigint;
    gone bigint;
    said audit_entry;
BEGIN
    -- How long is the rule's to say, not the caller's; of security at least six months (CNIL 2021).
    SELECT now() - CASE WHEN which = 'security' THEN greatest(keep, interval '6 months') ELSE keep END INTO due
    FROM retention_rule WHERE class = 'audit_' || which;
    IF due IS NULL THEN
        RETURN 0;
    END IF;
    -- In the order in which a change that ends a session takes them, so that neither waits for the other.
    PERFORM pg_advisory_xact_lock(hashtext('vigie.audit'), hashtext('changes'));
    PERFORM pg_advisory_xact_lock(hashtext('vigie.audit'), hashtext(which));
    -- A stretch from the beginning and nothing else: the chain goes on from the last that goes.
    SELECT * INTO last FROM audit_entry WHERE book = which AND number < coalesce(
        (SELECT min(number) FROM audit_entry WHERE book = which AND at >= due), 9223372036854775807
    ) ORDER BY number DESC LIMIT 1;
    IF NOT FOUND THEN
        RETURN 0;
    END IF;
    SELECT coalesce(max(number), 0) INTO before FROM audit_purge WHERE book = which;
    PERFORM set_config('vigie.audit_purge', 'yes', true);
    DELETE FROM audit_entry WHERE book = which AND number <= last.number;
    GET DIAGNOSTICS gone = ROW_COUNT;
    PERFORM set_config('vigie.audit_purge', '', true);
    IF gone <> last.number - before THEN
        RAISE EXCEPTION USING MESSAGE = 'the audit has gaps in ' || which || ': verify it';
    END IF;
    INSERT INTO audit_purge (book, number, hash, count) VALUES (which, last.number, last.hash, gone);
    said := ROW('changes', 0, now(), NULL, '', '', NULL, '', 'audit_purged', 'book', which, NULL, '', 'done',
        jsonb_build_object('number', last.number, 'hash', encode(last.hash, 'hex'), 'count', gone,
                           'before', to_char(due AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"')), '', '');
    PERFORM audit_write(said);
    RETURN gone;
END
$$;

COMMENT ON FUNCTION audit_forget IS 'takes away what reached the end of its retention, and keeps the proof';

INSERT INTO retention_rule (class, keep, basis, decided_by) VALUES (
    'audit_security', '12 months',
    'CNIL, recommandation sur la journalisation (octobre 2021) : de six mois à un an',
    'Vigie'
), (
    'audit_looks', '3 years',
    'Registre des consultations de vidéoprotection : trois ans, par analogie (durée à fixer par la collectivité)',
    'Vigie'
), (
    'audit_changes', '3 years',
    'Règle proposée : trois ans, comme les consultations',
    'Vigie'
);

CREATE FUNCTION access_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('vigie_access', TG_TABLE_NAME);
    RETURN NULL;
END
$$;

COMMENT ON FUNCTION access_changed IS 'tells every web process at once that who may do what has changed';

CREATE TRIGGER access_changed AFTER UPDATE OR DELETE ON person FOR EACH STATEMENT EXECUTE FUNCTION access_changed();

CREATE TRIGGER access_changed AFTER UPDATE OR DELETE ON access_grant FOR EACH STATEMENT EXECUTE FUNCTION access_changed();

CREATE TRIGGER access_changed AFTER INSERT OR UPDATE OR DELETE ON video_right FOR EACH STATEMENT EXECUTE FUNCTION access_changed();

CREATE TRIGGER access_changed AFTER UPDATE OF ended_at ON session FOR EACH STATEMENT EXECUTE FUNCTION access_changed();

CREATE TRIGGER access_changed AFTER UPDATE OR DELETE ON agreement FOR EACH STATEMENT EXECUTE FUNCTION access_changed();

CREATE TRIGGER access_changed AFTER UPDATE OR DELETE ON api_key FOR EACH STATEMENT EXECUTE FUNCTION access_changed();

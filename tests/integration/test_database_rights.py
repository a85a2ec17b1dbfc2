"""Who may what in the database: every table, view, sequence, column and function, for every role, against one
declaration. What a new migration adds is nobody's until it is declared here."""

from collections.abc import Iterator

import psycopg
import pytest
from psycopg import errors
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import Engine, make_url, text

from geodata.database import migrate, open_engine, plain_url
from geodata.database_roles import PUBLIC, READER, RECORDER, ROOM
from geodata.scoping import ROLE as SCOPED
from model.domains import MOVING, TYPE_ORDER
from tests.conftest import Servers

pytestmark = pytest.mark.servers

ROLES = (ROOM, SCOPED, RECORDER, READER, PUBLIC)
PARTITIONED = ("observation", "state_change", "position")

READ = frozenset({"SELECT"})
ADD = frozenset({"SELECT", "INSERT"})
KEEP = ADD | {"UPDATE"}
ALL = KEEP | {"DELETE"}

CITY = [
    "area", "asset", "street", "layout", "transit_line", "datastream", "observation", "reading",
    "state_change", "state_keyframe", "change_hour", "dirty_change_hour", "rollup_hour", "rollup_day",
    "area_hour", "area_day", "position", "archived_day", "feed_minute", "feed_status", "dead_letter",
    "reject", "spatial_ref_sys", "kpi", "kpi_day", "kpi_value",
]  # fmt: skip
ACCESS = [
    "person", "access_grant", "video_right", "session", "enrolment", "agreement", "api_key", "api_use",
    "audit_check",
]  # fmt: skip
HISTORY = [
    "observation", "state_change", "position", "state_keyframe", "change_hour", "dirty_change_hour",
    "rollup_hour", "rollup_day", "area_hour", "area_day", "dirty_batch", "archived_day", "feed_minute",
    "feed_status", "dead_letter", "settled_batch", "ingest_lease", "reject",
]  # fmt: skip

FIGURES = ["kpi", "kpi_day", "kpi_value"]
ALARM_LEDGER = ["alarm_engine", "alarm_watch"]
ALARM_BOOK = [
    "alarm_rule", "alarm_rule_version", "alarm_hiding", "alarm_rating", "alarm_review", "alarm_view",
    "alarm_route", "alarm_notice",
]  # fmt: skip

PUBLICATIONS = ["publication", "publication_version", "publication_act"]
PROMISES = ["commitment", "commitment_version", "programme", "programme_step"]
BOARDS = ["composed_board", "composed_version", "composed_share", "composed_release"]

TABLES: dict[str, dict[str, frozenset[str]]] = {
    ROOM: {
        **dict.fromkeys([*CITY, "retention_rule", "audit_entry", "audit_purge"], READ),
        **dict.fromkeys(ACCESS, KEEP),
        **dict.fromkeys(["annotation", "correction", "dirty_batch", "look_purpose"], ADD),
        "bookmark": ADD | {"DELETE"},
        "known_browser": ALL,
        **dict.fromkeys([*ALARM_LEDGER, "alarm_channel"], READ),
        **dict.fromkeys(ALARM_BOOK, KEEP),
        "alarm": READ | {"UPDATE"},
        "alarm_event": ADD,
        **dict.fromkeys([*PUBLICATIONS, *PROMISES, *BOARDS], ADD),
        "publication_held_back": READ,
        **dict.fromkeys(["citizen_letter", "citizen_contact"], READ),
        "citizen_letter_act": ADD,
        "open_key": ADD,
        **dict.fromkeys(["report_archive", "report_delivery"], READ),
        **dict.fromkeys(["report_wish", "report_subscriber"], ADD),
    },
    SCOPED: {
        **dict.fromkeys(CITY, READ),
        **dict.fromkeys(["annotation", "correction"], ADD),
        "bookmark": ADD | {"DELETE"},
        "dirty_batch": frozenset({"INSERT"}),
        **dict.fromkeys([*ALARM_LEDGER, "alarm_rule", "alarm_rule_version", "alarm_review"], READ),
        **dict.fromkeys(["alarm_hiding", "alarm_rating"], KEEP),
        "alarm": READ | {"UPDATE"},
        "alarm_event": ADD,
        **dict.fromkeys(["citizen_letter", "citizen_contact"], READ),
        **dict.fromkeys(["citizen_letter_act", *PROMISES], ADD),
        **dict.fromkeys(["report_archive", "report_delivery"], READ),
        **dict.fromkeys(["report_wish", "report_subscriber"], ADD),
    },
    RECORDER: {
        **dict.fromkeys(["area", "asset", "street", "layout", "transit_line", "correction", "reading"], READ),
        **dict.fromkeys(["spatial_ref_sys", "audit_entry", "audit_purge"], READ),
        **dict.fromkeys([*HISTORY, *FIGURES, "kpi_dirty"], ALL),
        "datastream": ADD,
        "retention_rule": KEEP,
        "audit_check": KEEP,
        **dict.fromkeys([*ALARM_LEDGER, "alarm", "alarm_event", "alarm_channel"], ALL),
        **dict.fromkeys([n for n in ALARM_BOOK if n not in ("alarm_view", "alarm_route")], ALL),
        **dict.fromkeys(["alarm_route", "annotation"], READ),
        "report_archive": ADD,
        "report_wish": READ | {"UPDATE"},
        "report_subscriber": READ,
        "report_delivery": KEEP,
    },
    READER: {"publication_held_back": ALL, "dataset_use": KEEP} | dict.fromkeys(
        ["area", "asset", "layout", "transit_line", "state_change", "state_keyframe", "area_hour", "area_day",
         "spatial_ref_sys", "retention_rule", "told_agreement", "datastream", "observation", "correction",
         "reading", "rollup_hour", "rollup_day", "change_hour", "dirty_change_hour", "told_letter",
         "told_letter_act", "told_open_key", "composed_version", "composed_release",
         *PUBLICATIONS, *PROMISES, *FIGURES],
        READ,
    ),
    PUBLIC: {},
}  # fmt: skip
"""What each role may do with whole tables and views. What is not named it may not touch."""

_REPLAY = {"replay_asked_at", "replay_asked_by", "replayed_at", "outcome"}
_WITHDRAW = {"withdrawn_at", "withdrawn_by"}
_DONE = {"done_on", "made_at", "made_by"}
COLUMNS = {
    (role, table, column)
    for role in (ROOM, SCOPED)
    for table, columns in (
        ("annotation", _WITHDRAW),
        ("correction", _WITHDRAW),
        ("dead_letter", _REPLAY),
        ("programme_step", _DONE),
        ("report_subscriber", {"ended_at", "ended_by"}),
    )
    for column in columns
} | {
    *((ROOM, "open_key", column) for column in ("revoked_at", "revoked_by")),
    *((ROOM, "composed_board", column) for column in ("deleted_at", "deleted_by")),
    *(
        (RECORDER, table, column)
        for table, columns in (
            ("citizen_letter", {"id", "kind", "domain", "received_at"}),
            ("citizen_letter_act", {"letter_id", "kind", "at"}),
            ("publication", {"name", "dataset"}),
            ("publication_version", {"name", "version", "proposed_at", "valid_until"}),
            ("publication_act", {"id", "name", "version", "at", "act"}),
        )
        for column in columns
    ),
}
"""Columns a role may change in tables that it may not change otherwise; and what the recorder
computes key figures from: when letters came and were answered, never a word of them."""

SCOPE_FUNCTIONS = [
    "scope_everywhere", "scope_areas", "scope_every_domain", "scope_domains", "scope_places",
    "scope_surroundings", "scope_types", "scope_cells", "asset_cells", "stream_assets",
    "scope_kept_areas", "scope_kept_domains", "moving_types", "scope_kpis",
]  # fmt: skip
TOLD = {"kpi_withheld", "kpi_told"}
FUNCTIONS: dict[str, set[str]] = {
    ROOM: {*TOLD, "audit_write", "audit_text", "alarm_hidden", "alarm_hidden_then"}
    | {"scope_areas", "scope_domains", "scope_kept_areas", "scope_kept_domains"},
    SCOPED: {*TOLD, "audit_write", "alarm_hidden", "alarm_hidden_then", *SCOPE_FUNCTIONS},
    RECORDER: {*TOLD, "make_partition", "drop_partition", "detach_partition", "audit_text", "audit_forget"}
    | {"alarm_hidden", "alarm_hidden_then", "moving_types"}
    | {"citizen_letter_receive", "citizen_contact_forget", "report_subscriber_forget"},
    READER: TOLD,
    PUBLIC: set(),
}
"""Our own functions each role may call; PostGIS and pg_trgm are for all but the public."""

OURS = "left(n.nspname, 3) <> 'pg_' AND n.nspname <> 'information_schema'"


@pytest.fixture
def owner(database_url: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(plain_url(database_url), autocommit=True) as connection:
        connection.execute(
            "SELECT make_partition('observation', 'observation_2026_03_01', '2026-03-01Z', '2026-03-02Z'), "
            "make_partition('state_change', 'state_change_2026_03', '2026-03-01Z', '2026-04-01Z'), "
            "make_partition('position', 'position_2026_03_01', '2026-03-01Z', '2026-03-02Z')"
        )
        yield connection


def as_role(url: str, role: str) -> psycopg.Connection:
    return psycopg.connect(plain_url(str(make_url(url).set(username=role))), autocommit=True)


def relations(owner: psycopg.Connection) -> list[tuple[str, str, str]]:
    """(name, kind, the partitioned table it is a part of or '') of every relation but the system's."""
    question = f"""
        SELECT c.relname, c.relkind::text, coalesce(p.relname, '')
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_inherits i ON i.inhrelid = c.oid LEFT JOIN pg_class p ON p.oid = i.inhparent
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {OURS} ORDER BY 1
    """
    return [tuple(row) for row in owner.execute(question).fetchall()]  # type: ignore[misc, arg-type]


def rights_on(owner: psycopg.Connection, role: str, name: str) -> frozenset[str]:
    question = """
        SELECT wanted FROM unnest(
            ARRAY['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER']
        ) AS wanted WHERE has_table_privilege(%s, format('public.%%I', %s::text)::regclass, wanted)
    """
    return frozenset(row[0] for row in owner.execute(question, (role, name)).fetchall())


def declared(role: str, name: str, parent: str) -> frozenset[str]:
    if parent:
        return ALL if role == RECORDER else frozenset()
    return TABLES[role].get(name, frozenset())


@pytest.mark.parametrize("role", ROLES)
def test_every_table_is_as_declared(owner: psycopg.Connection, role: str) -> None:
    everything = relations(owner)
    assert len(everything) > 45
    assert {parent for _, _, parent in everything if parent} == set(PARTITIONED)
    held = {name: rights_on(owner, role, name) for name, _, _ in everything}
    wanted = {name: declared(role, name, parent) for name, _, parent in everything}
    assert {n: (held[n], wanted[n]) for n in held if held[n] != wanted[n]} == {}
    unknown = set(TABLES[role]) - set(wanted)
    assert unknown == set(), "declared, and not there"


@pytest.mark.parametrize("role", ROLES)
def test_single_columns_are_as_declared(owner: psycopg.Connection, role: str) -> None:
    """A right on a column beyond those on its table."""
    question = f"""
        SELECT c.relname, a.attname FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        CROSS JOIN unnest(ARRAY['SELECT', 'INSERT', 'UPDATE', 'REFERENCES']) AS wanted (name)
        WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND {OURS}
          AND has_column_privilege(%(role)s, c.oid, a.attnum, wanted.name)
          AND NOT has_table_privilege(%(role)s, c.oid, wanted.name)
    """
    found = {(role, *row) for row in owner.execute(question, {"role": role}).fetchall()}  # type: ignore[arg-type]
    assert found == {one for one in COLUMNS if one[0] == role}


@pytest.mark.parametrize("role", ROLES)
def test_sequences_follow_what_may_be_added(owner: psycopg.Connection, role: str) -> None:
    question = f"""
        SELECT c.relname, coalesce(t.relname, ''), right_.name FROM pg_class c
        JOIN pg_namespace n ON n.oid = c.relnamespace
        LEFT JOIN pg_depend d ON d.objid = c.oid AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0
        LEFT JOIN pg_class t ON t.oid = d.refobjid
        CROSS JOIN unnest(ARRAY['USAGE', 'SELECT', 'UPDATE']) AS right_ (name)
        WHERE c.relkind = 'S' AND {OURS} AND has_sequence_privilege(%s, c.oid, right_.name)
    """
    for name, table, right in owner.execute(question, (role,)).fetchall():  # type: ignore[arg-type]
        own = (name, role) == ("change_hour_revision_seq", RECORDER)
        assert own or "INSERT" in TABLES[role].get(table, set()), (role, name)
        assert right == "USAGE"


@pytest.mark.parametrize("role", ROLES)
def test_every_function_is_as_declared(owner: psycopg.Connection, role: str) -> None:
    question = f"""
        SELECT p.proname, EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e'
                                  AND d.classid = 'pg_proc'::regclass),
               has_function_privilege(%s, p.oid, 'EXECUTE')
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace WHERE {OURS}
    """
    rows = owner.execute(question, (role,)).fetchall()  # type: ignore[arg-type]
    assert len([name for name, extension, _ in rows if extension]) > 500
    ours = {name for name, extension, allowed in rows if allowed and not extension}
    assert ours == FUNCTIONS[role]
    lent = {allowed for _, extension, allowed in rows if extension}
    assert lent == {role != PUBLIC}


def test_nobody_but_the_owner_touches_the_audit(owner: psycopg.Connection) -> None:
    for role in ROLES:
        for right in ("INSERT", "UPDATE", "DELETE", "TRUNCATE"):
            question = "SELECT has_table_privilege(%s, 'audit_entry', %s)"
            assert owner.execute(question, (role, right)).fetchone() == (False,), (role, right)


def test_roles_are_no_more_than_they_must_be(owner: psycopg.Connection) -> None:
    question = """
        SELECT rolname, rolsuper, rolcreaterole, rolcreatedb, rolreplication, rolinherit, rolcanlogin,
               rolbypassrls
        FROM pg_roles WHERE rolname LIKE 'vigie\\_%'
    """
    found = {row[0]: row[1:] for row in owner.execute(question).fetchall()}
    assert set(found) == set(ROLES)
    for role, (*powers, inherits, signs_in, past_policies) in found.items():
        assert not any(powers), role
        assert not inherits, role
        assert signs_in is (role != SCOPED)
        assert past_policies is (role == RECORDER)
    members = owner.execute(
        "SELECT m.roleid::regrole::text, m.member::regrole::text FROM pg_auth_members m "
        "WHERE m.member::regrole::text LIKE 'vigie\\_%'"
    ).fetchall()
    assert members == [(SCOPED, ROOM)]


def test_nobody_makes_anything(owner: psycopg.Connection, servers: Servers) -> None:
    for role in ROLES:
        for schema in ("public", "pub"):
            may = "SELECT has_schema_privilege(%s, %s, %s)"
            assert owner.execute(may, (role, schema, "CREATE")).fetchone() == (False,)
            used = (role == PUBLIC) is (schema == "pub")
            assert owner.execute(may, (role, schema, "USAGE")).fetchone() == (used,), (role, schema)
    # A database made from another has none of its rights: asked of the one that was migrated.
    migrated = str(psycopg.conninfo.conninfo_to_dict(plain_url(servers.postgres.url))["dbname"])
    for role in ROLES:
        for right, holders in (
            ("CREATE", ()),
            ("TEMPORARY", (RECORDER,)),
            ("CONNECT", (ROOM, RECORDER, READER, PUBLIC)),
        ):
            asked = "SELECT has_database_privilege(%s, %s, %s)"
            held = owner.execute(asked, (role, migrated, right)).fetchone()
            assert held == (role in holders,), (role, right)


# The public role, by trying ----------------------------------------------------------------------


def test_the_public_role_is_refused_every_table_and_every_write(
    owner: psycopg.Connection, database_url: str
) -> None:
    tried = 0
    with as_role(database_url, PUBLIC) as public:
        for name, _, _ in relations(owner):
            table = SQL(".").join(map(Identifier, ("public", name)))
            for attempt in (
                SQL("SELECT * FROM {} LIMIT 1"),
                SQL("INSERT INTO {} DEFAULT VALUES"),
                SQL("DELETE FROM {}"),
                SQL("TRUNCATE {}"),
                SQL("UPDATE {} SET ctid = ctid"),
                SQL("COPY {} TO STDOUT"),
            ):
                with pytest.raises((errors.InsufficientPrivilege, errors.WrongObjectType)):
                    public.execute(attempt.format(table))
                tried += 1
    assert tried > 250


def test_the_public_role_is_refused_every_function(owner: psycopg.Connection, database_url: str) -> None:
    question = f"""
        SELECT n.nspname, p.proname, ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) AS t)
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE {OURS} AND p.prokind = 'f'
          AND 'internal'::regtype <> ALL (p.proargtypes)
    """
    functions = owner.execute(question).fetchall()  # type: ignore[arg-type]
    assert len(functions) > 500
    with as_role(database_url, PUBLIC) as public:
        for schema, name, arguments in functions:
            called = SQL("SELECT {}.{}({})").format(
                Identifier(schema), Identifier(name), SQL(", ").join([SQL("NULL")] * len(arguments))
            )
            with pytest.raises(errors.InsufficientPrivilege):
                public.execute(called)


@pytest.mark.parametrize(
    "attempt",
    [
        "CREATE TABLE public.mine (a int)",
        "CREATE TABLE pub.mine (a int)",
        "CREATE SCHEMA mine",
        "SET ROLE vigie_room",
        "SET ROLE vigie_scoped",
        "SET ROLE vigie",
        "SELECT pg_read_file('postgresql.conf')",
        "SELECT pg_ls_dir('.')",
        "COPY (SELECT 1) TO PROGRAM 'true'",
        "ALTER ROLE vigie_public SUPERUSER",
        "SELECT * FROM pg_authid",
    ],
)
def test_the_public_role_reaches_nothing_around(database_url: str, attempt: str) -> None:
    with as_role(database_url, PUBLIC) as public, pytest.raises(errors.InsufficientPrivilege):
        public.execute(attempt)  # type: ignore[arg-type]


# What functions that run as the owner let through ------------------------------------------------


@pytest.mark.parametrize(
    ("attempt", "given"),
    [
        ("SELECT drop_partition(%s)", "person"),
        ("SELECT drop_partition(%s)", "observation"),
        ("SELECT drop_partition(%s)", "observation_2026_03; DROP TABLE person"),
        ("SELECT drop_partition(%s)", "pub.observation_2026_03"),
        ("SELECT detach_partition(%s)", "state_change_2026_03"),
        ("SELECT make_partition(%s, 'person_2026_03', '2026-03-01Z', '2026-04-01Z')", "person"),
        ("SELECT make_partition('observation', %s, '2026-03-01Z', '2026-04-01Z')", "audit_entry"),
        ("SELECT make_partition('observation', %s, '2026-03-01Z', '2026-04-01Z')", "position_2026_03"),
        ("SELECT make_partition('position', %s, '2026-03-01Z', '2026-04-01Z')", "position_2026_03\nx"),
    ],
)
def test_partition_functions_know_the_history_alone(
    owner: psycopg.Connection, database_url: str, attempt: str, given: str
) -> None:
    before = relations(owner)
    with as_role(database_url, RECORDER) as recorder, pytest.raises(errors.RaiseException):
        recorder.execute(attempt, (given,))  # type: ignore[arg-type]
    assert relations(owner) == before


def test_every_function_that_runs_as_the_owner_names_where_it_looks(owner: psycopg.Connection) -> None:
    """Otherwise whoever calls it could put a table or an operator of her own before ours."""
    question = f"""
        SELECT p.proname FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE p.prosecdef AND {OURS}
          AND NOT coalesce(array_to_string(p.proconfig, ',') LIKE 'search_path=%pg_temp', false)
          AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')
    """
    assert owner.execute(question).fetchall() == []  # type: ignore[arg-type]


def test_every_table_with_rows_of_the_city_has_policies_for_all_who_read_it(engine: Engine) -> None:
    packed = {"state_keyframe", "change_hour", "dirty_change_hour", "archived_day"}
    everybody = {
        "area",
        "street",
        "layout",
        "spatial_ref_sys",
        *ALARM_LEDGER,
        "alarm_rule",
        "alarm_rule_version",
        "alarm_review",
        "kpi",
    }
    with engine.connect() as connection:
        under = set(connection.scalars(text("SELECT relname FROM pg_class WHERE relrowsecurity")))
        views = set(
            connection.scalars(
                text("SELECT relname FROM pg_class WHERE reloptions @> '{security_invoker=true}'")
            )
        )
        policies = connection.execute(text("SELECT tablename, unnest(roles)::text FROM pg_policies")).all()
    assert set(TABLES[SCOPED]) == under | views | packed | everybody
    for table in under:
        readers = {ROOM, *({READER} if table in TABLES[READER] else ())}
        assert readers <= {role for name, role in policies if name == table}, table
    scoped = {name for name, role in policies if role == SCOPED}
    assert under - scoped == {"feed_minute", "feed_status", "reject"}, "seen by nobody in a scope"


def test_the_types_that_move_are_those_of_the_model(engine: Engine) -> None:
    with engine.connect() as connection:
        found = connection.scalar(text("SELECT moving_types()"))
    assert sorted(found or []) == sorted(TYPE_ORDER[code] for code in MOVING)


def test_a_password_is_never_sent_in_the_clear(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from geodata import database_roles

    sent: list[str] = []
    plain = psycopg.Connection.execute

    def noting(self: psycopg.Connection, query: object, *rest: object, **more: object) -> object:
        sent.append(query.as_string(self) if hasattr(query, "as_string") else str(query))
        return plain(self, query, *rest, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(psycopg.Connection, "execute", noting)
    database_roles.set_passwords(database_url, {PUBLIC: "a-password-of-some-length"})
    assert any("SCRAM-SHA-256$" in statement for statement in sent)
    assert not any("a-password" in statement for statement in sent)
    with psycopg.connect(plain_url(database_url), autocommit=True) as connection:
        held = connection.execute(
            "SELECT rolpassword FROM pg_authid WHERE rolname = %s", (PUBLIC,)
        ).fetchone()
        connection.execute(SQL("ALTER ROLE {} PASSWORD {}").format(Identifier(PUBLIC), Literal(None)))
    assert held is not None
    assert str(held[0]).startswith("SCRAM-SHA-256$")


# A server of somebody else's, whose owner of the database is no superuser -----------------------------


@pytest.fixture
def plain_owner(servers: Servers) -> Iterator[str]:
    """A database owned by an ordinary account, as docs/database-roles.md has it set up; its address."""
    with psycopg.connect(servers.postgres.url, dbname="postgres", autocommit=True) as admin:
        admin.execute("CREATE ROLE vigie_owner_of_a_test LOGIN CREATEROLE")
        admin.execute("CREATE DATABASE owned OWNER vigie_owner_of_a_test")
    url = servers.postgres.url.replace("/template_vigie?", "/owned?")
    with psycopg.connect(plain_url(url), autocommit=True) as admin:
        admin.execute("CREATE EXTENSION postgis")
        admin.execute("CREATE EXTENSION pg_trgm")
    try:
        yield url
    finally:
        with psycopg.connect(servers.postgres.url, dbname="postgres", autocommit=True) as admin:
            admin.execute("DROP DATABASE owned WITH (FORCE)")
            admin.execute("REVOKE vigie_scoped FROM vigie_owner_of_a_test")
            admin.execute("DROP OWNED BY vigie_owner_of_a_test")
            admin.execute("DROP ROLE vigie_owner_of_a_test")


def test_an_owner_who_is_no_superuser_migrates_and_narrows_herself(plain_owner: str) -> None:
    # The private server lets no other account in, so the whole session takes the owner's name instead.
    url = f"{plain_owner}&options=-crole%3Dvigie_owner_of_a_test"
    migrate(url)
    engine = open_engine(plain_owner)
    with engine.connect() as connection:
        owners = set(
            connection.scalars(
                text(
                    "SELECT DISTINCT relowner::regrole::text FROM pg_class WHERE relname IN "
                    "('asset', 'observation', 'audit_entry', 'scope_index')"
                )
            )
        )
        asked = text("SELECT has_table_privilege('vigie_public', 'asset', 'SELECT')")
        assert connection.scalar(asked) is False
        asked = text("SELECT has_schema_privilege('vigie_public', 'public', 'USAGE')")
        assert connection.scalar(asked) is False
        asked = text("SELECT pg_has_role('vigie_owner_of_a_test', 'vigie_scoped', 'MEMBER')")
        assert connection.scalar(asked) is True
    engine.dispose()
    assert owners == {"vigie_owner_of_a_test"}
    with as_role(plain_owner, RECORDER) as recorder:
        recorder.execute(
            "SELECT make_partition('observation', 'observation_2026_03_01', '2026-03-01Z', '2026-03-02Z')"
        )
        recorder.execute(
            "INSERT INTO observation (datastream_id, phenomenon_time, result) "
            "VALUES (1, '2026-03-01T12:00Z', 1)"
        )
    with as_role(plain_owner, ROOM) as room:
        assert room.execute("SELECT count(*) FROM observation").fetchone() == (1,)
        assert room.execute("SELECT st_x(st_makepoint(1, 2))").fetchone() == (1.0,)

"""The audit's chain: what is changed, removed, put in, moved or cut off is found, and a purge is not."""

import hashlib
import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, Engine, text

from model.audit import Action
from model.auditing import FaultKind, Head, Verdict
from services.access import record, verify_books
from services.access.keeping import keep_once, purge_books
from services.access.verifying import heads
from tests.somebody import somebody

pytestmark = pytest.mark.servers
ADA = somebody("Ada")


def write(engine: Engine, count: int, action: Action = Action.LOOKED) -> None:
    with engine.begin() as connection:
        for number in range(count):
            details = {"n": number, "wörds": "é\u202f«»", "nested": {"list": [1, None, True, 0.25]}}
            record(connection, ADA, action, kind="asset", object=f"CAM-{number}", details=details)


def by_hand(engine: Engine, *statements: str) -> None:
    """What somebody with the owner's password could do, past every trigger."""
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE audit_entry DISABLE TRIGGER USER"))
        for statement in statements:
            connection.execute(text(statement))
        connection.execute(text("ALTER TABLE audit_entry ENABLE TRIGGER USER"))


def fault(verdict: Verdict, book: str = "looks") -> tuple[FaultKind, int] | None:
    found = next(one.fault for one in verdict.books if one.book == book)
    return (found.kind, found.number) if found else None


def test_an_untouched_chain_is_sound_and_its_hashes_are_those_of_any_sha256(engine: Engine) -> None:
    write(engine, 20)
    write(engine, 5, Action.NOTE_MADE)
    verdict = verify_books(engine)
    assert verdict.sound
    assert [(one.book, one.count) for one in verdict.books] == [
        ("security", 0),
        ("looks", 20),
        ("changes", 5),
    ]
    with engine.connect() as connection:
        rows = connection.execute(
            text(
                "SELECT previous, audit_text(e.*), hash FROM audit_entry e WHERE book='looks' ORDER BY number"
            )
        ).all()
    previous = b""
    for before, told, own in rows:
        assert bytes(before) == previous
        previous = hashlib.sha256(previous + told.encode()).digest()
        assert bytes(own) == previous


def test_the_same_entry_reads_the_same_in_every_time_zone(engine: Engine) -> None:
    write(engine, 1)
    told = set()
    with engine.connect() as connection:
        for zone in ("UTC", "Europe/Paris", "Pacific/Auckland"):
            connection.execute(text(f"SET TIME ZONE '{zone}'"))
            told.add(connection.scalar(text("SELECT audit_text(e.*) FROM audit_entry e")))
    assert len(told) == 1


@pytest.mark.parametrize(
    ("tamper", "kind", "number"),
    [
        (["UPDATE audit_entry SET actor = 'Eve' WHERE number = 7"], FaultKind.CHANGED, 7),
        (["UPDATE audit_entry SET details = '{}' WHERE number = 1"], FaultKind.CHANGED, 1),
        (["UPDATE audit_entry SET at = at + interval '1 us' WHERE number = 10"], FaultKind.CHANGED, 10),
        (["UPDATE audit_entry SET purpose = 'x' WHERE number = 10"], FaultKind.CHANGED, 10),
        (["DELETE FROM audit_entry WHERE number = 4"], FaultKind.MISSING, 4),
        (["DELETE FROM audit_entry WHERE number = 1"], FaultKind.MISSING, 1),
        (
            ["DELETE FROM audit_entry WHERE number = 4",
             "UPDATE audit_entry SET number = number - 1 WHERE number = 5",
             "UPDATE audit_entry SET number = number - 1 WHERE number = 6"],
            FaultKind.CHANGED, 4,
        ),
        (
            ["UPDATE audit_entry SET number = 1000 WHERE number = 3",
             "UPDATE audit_entry SET number = 3 WHERE number = 4",
             "UPDATE audit_entry SET number = 4 WHERE number = 1000"],
            FaultKind.CHANGED, 3,
        ),
        (
            # Put in, with a hash that fits its own text: what follows does not follow it.
            ["UPDATE audit_entry SET number = number + 1000 WHERE number >= 5",
             "INSERT INTO audit_entry SELECT (jsonb_populate_record(e, '{\"number\": 5}')).* "
             "FROM audit_entry e WHERE number = 4",
             "UPDATE audit_entry SET previous = (SELECT hash FROM audit_entry WHERE number = 4) "
             "WHERE number = 5",
             "UPDATE audit_entry e SET hash = sha256(previous || convert_to(audit_text(e.*), 'UTF8')) "
             "WHERE number = 5",
             "UPDATE audit_entry SET number = number - 999 WHERE number >= 1000"],
            FaultKind.CHANGED, 6,
        ),
        (
            # Written anew with a hash of its own: the next one knows another.
            ["UPDATE audit_entry SET actor = 'Eve' WHERE number = 7",
             "UPDATE audit_entry e SET hash = sha256(previous || convert_to(audit_text(e.*), 'UTF8')) "
             "WHERE number = 7"],
            FaultKind.BROKEN, 8,
        ),
    ],
)  # fmt: skip
def test_what_was_tampered_with_is_named(
    engine: Engine, tamper: list[str], kind: FaultKind, number: int
) -> None:
    write(engine, 12)
    by_hand(engine, *tamper)
    assert fault(verify_books(engine)) == (kind, number)


REBUILD = """
    DO $$ DECLARE e audit_entry; before bytea := ''; BEGIN
        FOR e IN SELECT * FROM audit_entry WHERE book = 'looks' ORDER BY number LOOP
            e.previous := before;
            before := sha256(before || convert_to(audit_text(e), 'UTF8'));
            UPDATE audit_entry SET previous = e.previous, hash = before
            WHERE book = e.book AND number = e.number;
        END LOOP;
    END $$
"""


@pytest.mark.parametrize(
    ("tamper", "kind", "number"),
    [
        (["DELETE FROM audit_entry WHERE number > 9"], FaultKind.CUT, 10),
        (["UPDATE audit_entry SET actor = 'Eve' WHERE number = 3", REBUILD], FaultKind.REBUILT, 12),
    ],
)
def test_a_cut_tail_and_a_chain_made_anew_are_found_by_kept_heads(
    engine: Engine, tamper: list[str], kind: FaultKind, number: int
) -> None:
    write(engine, 12)
    kept = heads(engine)
    by_hand(engine, *tamper)
    assert fault(verify_books(engine)) is None, "the chain alone cannot show it"
    assert fault(verify_books(engine, kept)) == (kind, number)
    assert fault(verify_books(engine, [Head("changes", 5, b"x")])) is None, "a head speaks of its own book"


def test_what_was_verified_once_is_remembered_and_the_fault_stays_said(engine: Engine) -> None:
    write(engine, 12)
    assert verify_books(engine).sound
    by_hand(engine, "DELETE FROM audit_entry WHERE number > 9")
    for _ in range(2):
        assert fault(verify_books(engine)) == (FaultKind.CUT, 10)
    write(engine, 5)
    assert fault(verify_books(engine)) == (FaultKind.REBUILT, 12)


def test_the_table_itself_takes_nothing_back(engine: Engine) -> None:
    write(engine, 2)
    for statement in (
        "UPDATE audit_entry SET actor = 'x'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry",
    ):
        with pytest.raises(Exception, match="append-only"), engine.begin() as connection:
            connection.execute(text(statement))


def test_many_writers_at_once_leave_no_gap_and_no_fork(engine: Engine) -> None:
    together = threading.Barrier(8)

    def writer(number: int) -> None:
        together.wait()
        for turn in range(12):
            with engine.connect() as connection:
                record(connection, ADA, Action.LOOKED, object=f"{number}.{turn}")
                # Every third change comes to nothing, and so does its entry.
                (connection.rollback if turn % 3 == 2 else connection.commit)()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(writer, range(8)))
    verdict = verify_books(engine)
    assert verdict.sound
    assert next(one.count for one in verdict.books if one.book == "looks") == 8 * 8


# --- retention -------------------------------------------------------------------------------------------


def aged(engine: Engine, count: int, age: timedelta, action: Action = Action.LOOKED) -> None:
    """Entries as they would have been written ``age`` ago, in their chain."""
    write(engine, count, action)
    book = "security" if action is Action.SIGNED_IN else "looks"
    then = datetime.now(UTC) - age
    by_hand(
        engine,
        f"UPDATE audit_entry SET at = '{then.isoformat()}' "
        f"WHERE book = '{book}' AND at > now() - interval '1 h'",
        REBUILD.replace("'looks'", f"'{book}'"),
    )


def entries(connection: Connection, book: str) -> list[int]:
    found = connection.scalars(
        text("SELECT number FROM audit_entry WHERE book = :book ORDER BY number"), {"book": book}
    )
    return list(found)


def test_a_purge_takes_what_is_due_keeps_the_proof_and_says_so(engine: Engine) -> None:
    aged(engine, 5, timedelta(days=3 * 365 + 10))
    write(engine, 4)
    assert verify_books(engine).sound
    assert purge_books(engine) == {"security": 0, "looks": 5, "changes": 0}
    with engine.connect() as connection:
        assert entries(connection, "looks") == [6, 7, 8, 9]
        assert connection.execute(text("SELECT book, number, count FROM audit_purge")).all() == [
            ("looks", 5, 5)
        ]
        said = connection.execute(
            text("SELECT action, object, details FROM audit_entry WHERE book='changes'")
        ).one()
    assert (said[0], said[1], said[2]["count"], said[2]["number"]) == ("audit_purged", "looks", 5, 5)
    verdict = verify_books(engine)
    assert verdict.sound
    assert [(one.first, one.count, one.purged) for one in verdict.books if one.book == "looks"] == [(6, 4, 5)]
    write(engine, 1)
    assert verify_books(engine).sound
    assert purge_books(engine) == {"security": 0, "looks": 0, "changes": 0}


def test_a_book_purged_to_its_end_goes_on_from_there(engine: Engine) -> None:
    aged(engine, 3, timedelta(days=1200))
    assert purge_books(engine)["looks"] == 3
    assert verify_books(engine).sound
    write(engine, 2)
    with engine.connect() as connection:
        assert entries(connection, "looks") == [4, 5]
    assert verify_books(engine).sound


@pytest.mark.parametrize(
    ("keep", "age", "gone"),
    [("12 months", 300, 0), ("12 months", 400, 3), ("1 month", 100, 0), ("1 month", 200, 3)],
)
def test_security_is_kept_as_long_as_its_rule_and_never_less_than_six_months(
    engine: Engine, keep: str, age: int, gone: int
) -> None:
    aged(engine, 3, timedelta(days=age), Action.SIGNED_IN)
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE retention_rule SET keep = CAST(:keep AS interval) WHERE class = 'audit_security'"),
            {"keep": keep},
        )
    assert purge_books(engine)["security"] == gone


@pytest.mark.parametrize(
    "tamper",
    [
        # The oldest entries taken away, and a purge made up that nothing else knows of.
        ["INSERT INTO audit_purge SELECT book, number, hash, 3, now() FROM audit_entry WHERE number = 3",
         "DELETE FROM audit_entry WHERE number <= 3"],
        ["INSERT INTO audit_purge SELECT book, number, hash, 2, now() FROM audit_entry WHERE number = 3",
         "DELETE FROM audit_entry WHERE number <= 3"],
    ],
)  # fmt: skip
def test_a_purge_that_nothing_accounts_for_is_found(engine: Engine, tamper: list[str]) -> None:
    write(engine, 1, Action.NOTE_MADE)
    write(engine, 8)
    by_hand(engine, *(line.replace("WHERE number", "WHERE book = 'looks' AND number") for line in tamper))
    assert fault(verify_books(engine)) == (FaultKind.PURGE, 3)


def test_the_upkeep_purges_verifies_and_says_what_is_wrong(
    engine: Engine, caplog: pytest.LogCaptureFixture
) -> None:
    aged(engine, 2, timedelta(days=1200))
    write(engine, 3)
    assert keep_once(engine).sound
    by_hand(engine, "UPDATE audit_entry SET actor = 'Eve' WHERE book = 'looks' AND number = 4")
    assert not keep_once(engine).sound
    assert "book looks is changed at entry 4" in caplog.text

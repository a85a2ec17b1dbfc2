"""The spool on a real disk: order, caps, a full disk, and one process at a time."""

import errno
import shutil
import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from model.errors import Unavailable
from services.live.spool import ROOM, Spool


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    one = Spool(tmp_path / "spool" / "city.sqlite")
    yield one
    one.close()


def test_what_was_put_in_comes_out_in_order(spool: Spool) -> None:
    for number in range(3):
        spool.put(1_000.0 + number, 10, b"plan %d" % number)
    assert spool.items == 30
    found = []
    while (first := spool.first()) is not None:
        found.append(first.plan)
        spool.drop(first.seq)
    assert found == [b"plan 0", b"plan 1", b"plan 2"]
    assert spool.items == 0


def test_it_is_all_there_after_the_process_ended(tmp_path: Path) -> None:
    file = tmp_path / "city.sqlite"
    first = Spool(file)
    first.put(1.0, 7, b"kept")
    name = first.holder
    first.close()
    second = Spool(file)
    waiting = second.first()
    assert waiting is not None
    assert (waiting.plan, second.items, second.holder) == (b"kept", 7, name)
    second.close()


def test_past_its_size_nothing_more_is_accepted(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "city.sqlite", size_most=25)
    spool.put(1.0, 1, b"x" * 20)
    with pytest.raises(Unavailable, match="full"):
        spool.put(2.0, 1, b"x" * 6)
    first = spool.first()
    assert first is not None
    spool.drop(first.seq)
    spool.put(3.0, 1, b"x" * 20)
    spool.close()


def test_what_is_too_old_is_counted_by_feed_when_it_goes(tmp_path: Path) -> None:
    spool = Spool(tmp_path / "city.sqlite", age_most_s=100)
    spool.put(1_000.0, 5, b"old")
    assert spool.too_old(1_099.0) is None
    old = spool.too_old(1_101.0)
    assert old is not None
    spool.count_dropped(old.seq, {"mqtt": 4, "ngsi": 1}, 1_101.0)
    assert (spool.items, spool.dropped(1_000.0), spool.dropped(1_102.0)) == (0, {"mqtt": 4, "ngsi": 1}, {})
    spool.close()


def test_two_processes_never_share_one(spool: Spool, tmp_path: Path) -> None:
    spool.put(1.0, 1, b"mine")
    other = Spool(tmp_path / "spool" / "city.sqlite")
    with pytest.raises(Unavailable, match="another process"):
        other.put(2.0, 1, b"theirs")


def test_a_full_disk_refuses_and_recovers_without_damage(tmp_path: Path) -> None:
    """SQLite's own page limit answers as a full disk does: at every size of what is there already."""
    for pages in range(8, 40, 4):
        file = tmp_path / f"{pages}.sqlite"
        spool = Spool(file)
        spool.put(0.0, 1, b"first")
        connection = spool._opened()
        connection.execute(f"PRAGMA max_page_count = {pages}")
        taken = 1
        with pytest.raises(Unavailable, match="full"):
            for number in range(10_000):
                spool.put(float(number), 1, bytes(3_000))
                taken += 1
        assert spool.items == taken
        first = spool.first()
        assert first is not None
        assert first.plan == b"first"
        connection.execute("PRAGMA max_page_count = 100000")
        spool.put(1.0, 1, b"again")
        assert spool.items == taken + 1
        spool.close()
        checked = sqlite3.connect(file)
        assert checked.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        checked.close()


def test_small_things_are_kept_beside_the_batches(spool: Spool) -> None:
    assert spool.kept("watch") is None
    spool.keep("watch", b"1")
    spool.keep("watch", b"2")
    assert spool.kept("watch") == b"2"


def test_it_leaves_the_disk_the_room_it_needs_to_forget(
    spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    spool.put(1.0, 1, b"x" * 50_000)
    usage = shutil.disk_usage("/")._replace(free=ROOM + 60_000)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(Unavailable, match="disk of the spool is full"):
        spool.put(2.0, 1, b"x" * 50_000)
    spool.put(3.0, 1, b"x" * 10_000)
    assert spool.items == 2


def test_a_name_that_could_not_be_written_is_no_name(spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "replace", full)
        with pytest.raises(Unavailable, match="No space left"):
            _ = spool.holder
    assert len(spool.holder) > 16

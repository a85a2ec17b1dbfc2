"""Ten feeds as the ingest would keep their accounts: most well, and one of each that is not."""

import json
import math
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Engine, insert

from geodata.tables import dead_letter, feed_minute, feed_status, reject

MINUTE = timedelta(minutes=1)

# name, adapter, transport, period, items a minute, datastreams live/late/stale/never
WELL: tuple[tuple[str, str, str, int, int, tuple[int, int, int, int]], ...] = (
    ("access-mqtt", "mqtt", "mqtt", 60, 190, (190, 0, 0, 0)),
    ("lighting-mqtt", "mqtt", "mqtt", 60, 30_437, (30_215, 214, 6, 2)),
    ("parking-push", "http_push", "http", 120, 24, (24, 0, 0, 0)),
    ("traffic-poll", "rennes_traffic", "poll", 60, 1_350, (1_333, 15, 2, 0)),
    ("bus-gtfs", "gtfs_realtime", "poll", 30, 412, (206, 0, 0, 11)),
    ("energy-ngsi", "ngsi_ld", "http", 900, 19, (286, 0, 2, 0)),
)
SILENT, AWAY, REFUSED, DROPPING = "noise-push", "roadworks-datex", "weather-poll", "air-push"
REASONS = (("unknown_asset", 137), ("unknown_unit", 41), ("malformed", 3))


def status(name: str, now: datetime, **given: Any) -> dict[str, Any]:
    """A row of ``feed_status`` that is well but for what is ``given``."""
    return {
        "feed": name, "adapter": "mqtt", "transport": "mqtt", "period_s": 60, "state": "ok", "detail": "",
        "updated_at": now - timedelta(seconds=2), "state_since": now - timedelta(hours=7),
        "last_received_at": now - timedelta(seconds=4), "last_phenomenon_time": now - timedelta(seconds=5),
        "skew_s": 0.2, "live": 10, "late": 0, "stale": 0, "never": 0, "spooled": 0, "dropped": 0, **given,
    }  # fmt: skip


def minute(name: str, at: datetime, received: int, **given: Any) -> dict[str, Any]:
    """A row of ``feed_minute``: all ``received`` items stored after 1.2 s, but for what is ``given``."""
    row = {
        "feed": name, "minute": at.replace(second=0, microsecond=0), "messages": max(1, received // 50),
        "received": received, "duplicate": 0, "dead": 0, **given,
    }  # fmt: skip
    row.setdefault("stored", received - row["duplicate"] - row["dead"])
    row.setdefault("lag_sum", 1.2 * row["stored"])
    row.setdefault("lag_max", 4.5)
    return row


def hour_of(
    name: str, now: datetime, a_minute: int, period_s: int, first: int = 0, back: int = 180
) -> Iterator[dict[str, Any]]:
    """``back`` minutes of accounts, up to ``first`` minutes ago, with the waves of a real day."""
    every = max(1, period_s // 60)
    for ago in range(back, first - 1, -1):
        if ago % every == 0:
            wave = 1 + 0.12 * math.sin(ago / 5) + 0.05 * math.sin(ago * 1.7)
            received = max(1, int(a_minute * wave))
            yield minute(name, now - ago * MINUTE, received, duplicate=received // 60)


def letter(name: str, reason: str, at: datetime, item: bytes, **given: Any) -> dict[str, Any]:
    """A row of ``dead_letter``."""
    return {
        "feed": name, "reason": reason, "detail": "", "asset": "", "item": item, "form": "observation",
        "trace": f"{abs(hash((name, at))) % 16**12:012x}", "received_at": at, **given,
    }  # fmt: skip


def observation_item(asset: str, value: float, at: datetime) -> bytes:
    """One observation as Vigie's JSON."""
    seen = {"asset": asset, "property": "power", "value": value, "phenomenon_time": at.isoformat()}
    return json.dumps(seen, ensure_ascii=False).encode()


def _letters(name: str, now: datetime) -> Iterator[dict[str, Any]]:
    for n in range(137):
        at, asset = now - n * 25 * timedelta(seconds=1), f"EP-{9000 + n}"
        yield letter(name, "unknown_asset", at, observation_item(asset, 61.5, at), asset=asset, detail=asset)
    for n in range(41):
        at, asset = now - n * 70 * timedelta(seconds=1), f"EP-{100 + n}"
        item = observation_item(asset, -9000.0 - n, at)
        yield letter(name, "unknown_unit", at, item, asset=asset, detail=f"{asset} power: {-9000.0 - n}")
    for n, item in enumerate(
        (b"\x00\x9f\x92\x96" * 40, '{"asset": "Écluse", "val'.encode(), b"\xff\xfe\x01")
    ):
        yield letter(name, "malformed", now - n * MINUTE, item, form="payload", detail="byte 0")


def lay_out_feeds(engine: Engine, now: datetime) -> None:
    """Ten feeds at ``now``: six well, one silent, one unreachable, one refused, one that drops.

    ``lighting-mqtt`` has rejects of three REASONS, the oldest first.
    """
    statuses = [
        status(
            name, now, adapter=adapter, transport=transport, period_s=period,
            **dict(zip(("live", "late", "stale", "never"), fresh, strict=True)),
        )
        for name, adapter, transport, period, _, fresh in WELL
    ]  # fmt: skip
    statuses += [
        status(
            SILENT, now, adapter="http_push", transport="http", live=0, stale=38,
            last_received_at=now - timedelta(minutes=14), last_phenomenon_time=now - timedelta(minutes=14),
        ),
        status(
            AWAY, now, adapter="datex2", transport="poll", period_s=300, state="away", live=0, stale=61,
            detail="the host did not answer within 10 s", state_since=now - timedelta(minutes=31),
            last_received_at=now - timedelta(minutes=31), last_phenomenon_time=now - timedelta(minutes=32),
        ),
        status(
            REFUSED, now, adapter="csv", transport="poll", period_s=600, state="refused", live=0, never=12,
            detail="401: the key is not accepted", state_since=now - timedelta(hours=2), skew_s=None,
            last_received_at=None, last_phenomenon_time=None,
        ),
        status(
            DROPPING, now, adapter="http_push", transport="http", skew_s=41.0, live=9, late=5, stale=0,
            spooled=1_204, dropped=17,
        ),
    ]  # fmt: skip
    minutes = [row for name, *_, period, a_minute, _ in WELL for row in hour_of(name, now, a_minute, period)]
    minutes += [*hour_of(SILENT, now, 38, 60, 14), *hour_of(AWAY, now, 61, 300, 31)]
    minutes += hour_of(DROPPING, now, 14, 60)
    for row in minutes:
        if row["feed"] == "lighting-mqtt" and int(row["minute"].timestamp() // 60) % 3 == 0:
            row["dead"], row["stored"] = 7, row["stored"] - 7
    with engine.begin() as connection:
        connection.execute(insert(feed_status), statuses)
        connection.execute(insert(feed_minute), minutes)
        connection.execute(insert(dead_letter), list(_letters("lighting-mqtt", now))[::-1])
        connection.execute(
            insert(reject),
            [
                {
                    "source": "lighting-mqtt", "reason": reason, "count": 10 * count,
                    "excerpt": observation_item("EP-9000", 61.5, now).decode(),
                    "first_seen": now - timedelta(days=3), "last_seen": now - timedelta(seconds=20),
                }
                for reason, count in REASONS
            ],
        )  # fmt: skip

"""The judge and the watch: what is refused, what is doubted, and that nothing else is touched."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from geodata.assets import Columns
from model.domains import ASSET_TYPES, TYPE_ORDER
from model.observations import QUALITY_MASK, Doubt, Observation, Quality
from services.live.judge import SLOTS, Judge
from services.live.quality import STATE_SLOT
from services.live.watch import Watch

NOW = datetime(2026, 11, 6, 18, 42, tzinfo=UTC)
KINDS = ("streetlight", "meter", "detector", "building")


def columns() -> Columns:
    count = len(KINDS)
    types = np.array([TYPE_ORDER.index(kind) for kind in KINDS], "u1")
    names = np.array([f"X-{kind}" for kind in KINDS], "O")
    return Columns(
        version=1,
        ids=np.arange(1, count + 1),
        external_ids=names,
        names=names,
        streets=names,
        lon=np.zeros(count),
        lat=np.zeros(count),
        types=types,
        parents=np.full(count, -1, "i4"),
        areas=np.zeros(count, "i4"),
        periods=np.array([ASSET_TYPES[kind].period_s for kind in KINDS], "f8"),
    )


def seen(kind: str, what: str, value: float | str, seconds: float = 0, **more: object) -> Observation:
    return Observation(f"X-{kind}", what, value, NOW + timedelta(seconds=seconds), **more)  # type: ignore[arg-type]


def judged(*observations: Observation, domains: frozenset[str] | None = None) -> tuple[list[int], list[str]]:
    accepted, rejects = Judge(columns(), domains).judge(list(observations), NOW.timestamp())
    return accepted["quality"].tolist(), [reject.reason for reject in rejects]


def test_a_value_outside_its_range_is_kept_as_bad_and_says_why() -> None:
    qualities, reasons = judged(seen("streetlight", "power", 601.0), seen("streetlight", "power", 600.0))
    assert reasons == []
    assert qualities == [Quality.BAD | Doubt.RANGE, Quality.GOOD]


def test_a_clock_ahead_is_doubted_and_far_ahead_is_held_back() -> None:
    qualities, reasons = judged(
        seen("meter", "power", 3.0, 30), seen("meter", "power", 3.0, 301), seen("meter", "power", 3.0, 4)
    )
    assert qualities == [Quality.UNCERTAIN | Doubt.CLOCK_SKEW, Quality.GOOD]
    assert reasons == ["in_the_future"]


def test_what_the_source_doubts_stays_doubted() -> None:
    imputed = seen("meter", "power", 3.0, quality="estimated", doubts=int(Doubt.IMPUTED))
    few = seen("meter", "power", 3.0, quality="uncertain", doubts=int(Doubt.LOW_SAMPLE))
    qualities, _ = judged(imputed, few)
    assert qualities == [Quality.ESTIMATED | Doubt.IMPUTED, Quality.UNCERTAIN | Doubt.LOW_SAMPLE]


@pytest.mark.parametrize(
    ("what", "value", "reason"),
    [
        ("state", "glorious", "unknown_state"),
        ("state", 3.5, "unknown_state"),
        ("state", -1.0, "unknown_state"),
        ("state", 1e300, "unknown_state"),
        ("state", float("nan"), "unknown_state"),
        ("power", "12", "not_a_number"),
        ("power", "on", "not_a_number"),
        ("power", float("inf"), "not_finite"),
        ("charm", 1.0, "unknown_property"),
    ],
)
def test_each_wrong_has_its_reason(what: str, value: float | str, reason: str) -> None:
    assert judged(seen("streetlight", what, value)) == ([], [reason])


def test_a_huge_integer_is_no_crash() -> None:
    assert judged(seen("streetlight", "power", 10**400))[1] == ["not_finite"]


def test_another_process_takes_the_other_domains() -> None:
    both = (seen("streetlight", "power", 1.0), seen("meter", "power", 1.0))
    accepted, reasons = judged(*both, domains=frozenset({"energy"}))
    assert (len(accepted), reasons) == (1, ["other_door"])


class TestWatch:
    """Doubts that only the past can raise."""

    def watched(self, *observations: Observation) -> list[int]:
        """The qualities of ``observations``, each judged and watched after the one before."""
        whole, watch = columns(), Watch(len(KINDS))
        found = []
        for one in observations:
            accepted, _ = Judge(whole).judge([one], one.phenomenon_time.timestamp())
            watch.doubt(accepted, whole.types[accepted["index"]])
            watch.take(accepted, np.zeros(1, "u1"))
            found += accepted["quality"].tolist()
        return found

    def test_too_fast_a_change_is_doubted(self) -> None:
        qualities = self.watched(
            seen("building", "indoor_temperature", 20.0),
            seen("building", "indoor_temperature", 20.5, 60),
            seen("building", "indoor_temperature", 40.0, 120),
        )
        assert qualities == [0, 0, Quality.UNCERTAIN | Doubt.RATE]

    def test_no_change_for_too_long_is_doubted_but_zero_may_last(self) -> None:
        for value, expected in ((420.0, Quality.UNCERTAIN | Doubt.STUCK), (0.0, 0)):
            qualities = self.watched(
                seen("detector", "flow", value),
                seen("detector", "flow", value, 3 * 3_600),
                seen("detector", "flow", value, 7 * 3_600),
            )
            assert qualities == [0, 0, expected]

    def test_within_one_batch_it_sees_the_value_before(self) -> None:
        whole, watch = columns(), Watch(len(KINDS))
        batch = [
            seen("building", "indoor_temperature", 40.0, 60),
            seen("building", "indoor_temperature", 20.0),
        ]
        accepted, _ = Judge(whole).judge(batch, NOW.timestamp() + 60)
        watch.doubt(accepted, whole.types[accepted["index"]])
        assert [q & ~QUALITY_MASK for q in accepted["quality"].tolist()] == [Doubt.RATE, 0]

    def test_it_counts_datastreams_by_feed_and_freshness(self) -> None:
        whole, watch = columns(), Watch(len(KINDS))
        old, new = seen("meter", "power", 1.0, -4_000), seen("streetlight", "state", "on", -10)
        accepted, _ = Judge(whole).judge([old, new], NOW.timestamp())
        watch.take(accepted, np.array([0, 1], "u1"))
        periods = np.repeat(whole.periods[:, None], SLOTS + 1, axis=1)
        counts, newest = watch.freshness(2, periods, NOW.timestamp())
        assert counts.tolist() == [[0, 0, 1, 0], [1, 0, 0, 0]]
        assert newest.tolist() == [NOW.timestamp() - 4_000, NOW.timestamp() - 10]
        assert accepted["slot"].tolist() == [0, STATE_SLOT]

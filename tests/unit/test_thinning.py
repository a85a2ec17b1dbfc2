"""Thinning keeps what shapes a line: ends, extremes of every column, order, and the number asked for."""

import numpy as np
import pytest

from services.history.thinning import thinned, thinned_with_gaps


@pytest.mark.parametrize("seed", range(12))
def test_what_shapes_the_line_stays(seed: int) -> None:
    random = np.random.default_rng(seed)
    count, points = int(random.integers(50, 5_000)), int(random.integers(8, 400))
    times = np.cumsum(random.exponential(60, count))
    values = random.normal(0, 10, count).round(1)
    kept_times, kept_values = thinned(times, values, points)
    assert len(kept_times) <= max(points, 4)
    assert (kept_times[0], kept_times[-1]) == (times[0], times[-1])
    assert (kept_values.min(), kept_values.max()) == (values.min(), values.max())
    assert np.all(np.diff(kept_times) > 0)
    pairs = set(zip(times.tolist(), values.tolist(), strict=True))
    assert set(zip(kept_times.tolist(), kept_values.tolist(), strict=True)) <= pairs


@pytest.mark.parametrize("seed", range(6))
def test_every_column_keeps_its_extremes(seed: int) -> None:
    random = np.random.default_rng(seed)
    times, values = np.arange(4_000.0) * 60, random.normal(0, 10, 4_000)
    points = 200
    kept_times, kept_values = thinned(times, values, points)
    edges = np.linspace(times[0], times[-1], points // 4 + 1)[1:-1]
    column, kept_column = np.searchsorted(edges, times, "right"), np.searchsorted(edges, kept_times, "right")
    for one in range(points // 4):
        there = kept_values[kept_column == one]
        assert (there.min(), there.max()) == (values[column == one].min(), values[column == one].max())


def test_a_short_series_is_left_alone_and_a_silence_shows() -> None:
    times, values = np.arange(10.0) * 60, np.arange(10.0)
    assert thinned(times, values, 10)[0] is times
    times = np.concatenate([np.arange(1_000.0), 5_000 + np.arange(1_000.0)]) * 60
    kept_times, kept_values = thinned_with_gaps(times, np.sin(times), 60, 100)
    assert len(kept_times) <= 100
    gap = kept_times[np.isnan(kept_values)]
    assert len(gap) == 1
    assert 1_000 * 60 < gap[0] < 5_000 * 60

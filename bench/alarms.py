"""What alarms cost, how soon they are seen, how soon a rule is tried. ``QUICK=1`` ends within 45 s.

``throughput_vs_no_rules`` (goal 0.7): ``bench/alarms_throughput.py``; ``flood_on_screen_s`` (goal 2) and
``input_p95_ms`` (goal 200): ``bench/alarm_screen.py``; ``backtest_s`` (goal 10):
``bench/alarms_backtest.py``. Quick sizes are small: 10,000 assets or fewer, half the flood, two days of past.
Their figures say that it works, not what it can do. The last line is one JSON object.
"""

import json
import tempfile
from pathlib import Path

from bench import alarm_screen, alarms_backtest, alarms_throughput
from bench.alarms_throughput import end_with_finally

PARTS = (alarms_throughput.measure, alarms_backtest.measure, alarm_screen.measure)
"""Each measures in a folder of its own and gives figures by name."""


def main() -> None:
    """Run every part and say what came out."""
    end_with_finally()
    found: dict[str, float] = {}
    for part in PARTS:
        with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir="/var/tmp") as folder:
            Path(folder).chmod(0o755)
            found |= part(Path(folder))
    print(json.dumps({name: round(value, 3) for name, value in found.items()}))


if __name__ == "__main__":
    main()

"""What alarms cost, how soon they are seen, how soon a rule is tried. ``QUICK=1`` ends within 45 s.

``flood_on_screen_s`` (goal 2) and ``input_p95_ms`` (goal 200): ``bench/alarm_screen.py``; ``backtest_s``
(goal 10): ``bench/alarms_backtest.py``. The last line is one JSON object.
"""

import json
import tempfile
from pathlib import Path

from bench import alarm_screen, alarms_backtest

PARTS = (alarms_backtest.measure, alarm_screen.measure)
"""Each measures in a folder of its own and gives figures by name."""


def main() -> None:
    """Run every part and say what came out."""
    found: dict[str, float] = {}
    for part in PARTS:
        with tempfile.TemporaryDirectory(prefix="vigie-bench-", dir="/var/tmp") as folder:
            Path(folder).chmod(0o755)
            found |= part(Path(folder))
    print(json.dumps({name: round(value, 3) for name, value in found.items()}))


if __name__ == "__main__":
    main()

"""Alarms: every figure of theirs in one run.

    python -m bench.alarms               # QUICK=1 ends within 45 s

Each part is a bench of its own and may be run alone. The last line is one JSON object.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime

from bench import alarms_backtest

PARTS: tuple[Callable[[], dict[str, float]], ...] = (alarms_backtest.measure,)


def main() -> None:
    """Run every part and print."""
    found: dict[str, object] = {}
    for part in PARTS:
        found |= part()
    print(json.dumps(found | {"at": datetime.now(UTC).date().isoformat()}))


if __name__ == "__main__":
    main()

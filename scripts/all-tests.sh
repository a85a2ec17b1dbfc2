#!/usr/bin/env bash
# Everything that must hold, quickest first; pytest's summary closes it.
set -euo pipefail
bash scripts/lint.sh
.venv/bin/python scripts/dependency_audit.py
.venv/bin/pytest --cov --cov-report=term:skip-covered --durations=10

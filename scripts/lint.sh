#!/usr/bin/env bash
# Format, lint, types and import directions: what a reviewer would say first.
set -euo pipefail
bin=.venv/bin
$bin/ruff format --check .
$bin/ruff check .
$bin/mypy
$bin/lint-imports

#!/usr/bin/env bash
# Makes .venv and installs the pinned packages into it, once per version of the lists.
# usage: python-packages.sh PYTHON REQUIREMENTS MARK
set -euo pipefail
python=$1 list=$2 mark=$3
"$python" - <<'PY'
import sys
if sys.version_info < (3, 11):
    sys.exit(f"Vigie needs Python 3.11 or newer; this is {sys.version.split()[0]}: make PYTHON=python3.12 …")
PY
if [ ! -x .venv/bin/python ]; then
  echo "Python: making .venv"
  "$python" -m venv .venv
fi
echo "Python: installing the pinned packages of $list"
lists=(-r requirements.txt)
[ "$list" = requirements.txt ] || lists+=(-r "$list")
.venv/bin/python -m pip install --quiet --disable-pip-version-check "${lists[@]}"
touch "$mark"

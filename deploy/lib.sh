# What deploy/run and deploy/test share: phases of one line each, the packages, the build.
# Sourced by bash, from scripts that `set -u` and stand in the project's root.
# shellcheck shell=bash

export LC_ALL=C.UTF-8
# What was compiled in another clone is as good here.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
# So ccache sees through precompiled headers: none of them holds a date or a macro that is set outside.
export CCACHE_SLOPPINESS=pch_defines,time_macros
LOGS=run/log
NOTE=  # A phase's function leaves here what its line says.

# A person at the terminal sees which phase is at work; a log file gets one line a phase.
if [ -t 1 ]; then WORKING='  %-11s ...\r'; else WORKING=; fi

# phase NAME FUNCTION [ARGUMENT...]: runs it, its output into a log, and prints one line when it is done.
# When it fails: the end of its log, and this script ends.
phase() {
  local name=$1 started=$EPOCHREALTIME log=$LOGS/$1.log
  shift
  mkdir -p "$LOGS"
  NOTE=
  # shellcheck disable=SC2059
  [ -z "$WORKING" ] || printf "$WORKING" "$name"
  if "$@" >"$log" 2>&1; then
    printf '  %-11s %-42s %6s s\n' "$name" "$NOTE" "$(seconds_since "$started")"
    return 0
  fi
  printf '  %-11s FAILED %-35s %6s s\n\n' "$name" "$NOTE" "$(seconds_since "$started")"
  tail -n 60 "$log" | sed 's/^/    /'
  printf '\nThe whole log: %s\n' "$log"
  exit 1
}

seconds_since() {
  awk -v now="$EPOCHREALTIME" -v then="$1" 'BEGIN { printf "%.1f", now - then }'
}

# plural COUNT NOUN
plural() {
  if [ "$1" -eq 1 ]; then printf '1 %s' "$2"; else printf '%s %ss' "$1" "$2"; fi
}

# --- Packages ------------------------------------------------------------------------------------

# wanted_packages SECTION...: the names under those headings of packages.txt.
wanted_packages() {
  awk -v sections=" $* " '
    /^#/ || NF == 0 { next }
    /^\[/ { inside = index(sections, " " substr($1, 2, length($1) - 2) " "); next }
    inside { print $1 }' deploy/packages.txt
}

missing_packages() {
  local package
  for package in $(wanted_packages "$@"); do
    [ "$(dpkg-query -W -f='${db:Status-Status}' "$package" 2>/dev/null)" = installed ] ||
      printf '%s\n' "$package"
  done
}

# as_root COMMAND...: through sudo where this is not root already.
as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo "$@"; fi
}

# install_packages SECTION...
install_packages() {
  local missing
  missing=$(missing_packages "$@" | xargs)
  if [ -z "$missing" ]; then
    NOTE='already installed'
    return 0
  fi
  if ! command -v apt-get >/dev/null; then
    echo "This is not a Debian system. Install what matches: $missing"
    return 1
  fi
  if [ "$(id -u)" -ne 0 ] && ! sudo -n true 2>/dev/null; then
    echo "Packages are missing and this is not root. Install them once, then run this again:"
    echo
    echo "  sudo apt-get install --no-install-recommends $missing"
    return 1
  fi
  # shellcheck disable=SC2086
  as_root deploy/install-quietly $missing && NOTE="$(plural "$(wc -w <<<"$missing")" package) installed"
}

# --- Build ---------------------------------------------------------------------------------------

# As many compilers as there are cores, and as memory holds: some of ours take 1.5 GB.
build_jobs() {
  awk -v cores="$(nproc)" '
    /^MemAvailable:/ { fit = int($2 / 1572864); jobs = fit < cores ? fit : cores }
    END { print jobs < 1 ? 1 : jobs }' /proc/meminfo
}

# build PRESET [TARGET...]: everything without targets.
build() {
  local preset=$1 steps changed
  shift
  cmake --preset "$preset" || return 1
  steps=$(ninja -C "build/$preset" -t commands "$@" | wc -l) || return 1
  NINJA_STATUS='[%f/%t] ' ninja -C "build/$preset" -j "$(build_jobs)" "$@" | tee "$LOGS/steps"
  [ "${PIPESTATUS[0]}" -eq 0 ] || return 1
  changed=$(sed -n 's|^\[[0-9]*/\([0-9]*\)\].*|\1|p' "$LOGS/steps" | tail -n 1)
  NOTE="$preset, $(plural "$steps" step), ${changed:-0} changed"
}

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Runs Tandem's main job from nothing: installs what is missing, builds, serves, imports real regions and a
# synthetic round, loads the matching plugins, runs a match and shows the pairings. Then it kills a plugin in the
# middle of a run and shows that nothing else noticed.
#
#   deploy/demo.sh          leaves the server running at the end, until Ctrl-C
#   deploy/demo.sh --once   ends by itself
#
# Everything it writes lies in build/ and in one temporary folder.
set -euo pipefail

usage() { sed -n '3,11p' "$0" | sed 's/^# \{0,1\}//'; }
once=false
for argument in "$@"; do
  case "$argument" in
    --once) once=true ;;
    -h | --help) usage; exit 0 ;;
    *) echo "demo.sh: unknown argument '$argument'" >&2; usage >&2; exit 2 ;;
  esac
done

top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$top"
bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR:-}" ]; then bold=$'\033[1m' plain=$'\033[0m'; fi
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }

say "1. Packages 软件包"
deploy/install_deps.sh --demo
say "2. Build 构建"
mkdir -p build
cmake -S . -B build -G Ninja -DTANDEM_BUILD_TESTS=OFF >build/configure.log 2>&1 || { cat build/configure.log >&2; exit 1; }
cmake --build build --target demo

bin=$top/build/bin
work=$(mktemp -d "${TMPDIR:-/tmp}/tandem-demo.XXXXXX")
server=
cleanup() {
  if [ -n "$server" ]; then kill -TERM "$server" 2>/dev/null || true; wait "$server" 2>/dev/null || true; fi
  rm -rf "$work"
}
trap cleanup EXIT
trap 'exit 130' INT TERM

say "3. Serve 启动"
"$bin/tandemd" --data-dir "$work/data" --listen 127.0.0.1:0 --admin-socket "$work/admin.sock" \
  --port-file "$work/port" --plugin-dir "$top/build/bundles" --allow-unsigned-plugins \
  2>"$work/log" >"$work/ready" &
server=$!
# The port file appears once the server answers.
for _ in $(seq 600); do
  [ -s "$work/port" ] && break
  kill -0 "$server" 2>/dev/null || { echo "tandemd did not start:" >&2; cat "$work/log" >&2; exit 1; }
  sleep 0.1
done
TANDEM_SERVER=127.0.0.1:$(cat "$work/port")
export TANDEM_SERVER TANDEM_ADMIN_SOCKET=$work/admin.sock
tandem() { "$bin/tandem" "$@"; }
field() { /usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin).get(sys.argv[1], ""))' "$1"; }
echo "tandemd answers on $TANDEM_SERVER"

say "4. Import 导入: real regions, synthetic agencies, one round"
"$bin/tandem-sample" --data deploy/sample/data --out "$work/sample" >/dev/null
cp deploy/sample/data/synonyms.ndjson "$work/sample/"
declare -A created
import() {
  local summary
  summary=$(tandem "$1" import "$work/sample/$2.ndjson" -o json --quiet)
  printf '  %-10s%s\n' "$1" "$summary"
  created[$1]=$(field created <<<"$summary")
}
import region regions
import category categories
import synonyms synonyms
import agency agencies
import profile profiles
import round rounds
tandem region index --rule-id gdp-per-head-2019 --kind economic --level province --term gdp_per_head_cny --year 2019 --quiet
# No count of social workers by province is public: the sector index of the sample is the same rule, and its name says so.
tandem region index --rule-id sector-proxy-gdp-per-head-2019 --kind sector --level province --term gdp_per_head_cny \
  --year 2019 --quiet
tandem round open 2026-1 >/dev/null
import offer offers
import need needs
import pairing pairings
# Thousands are parted by commas in every locale.
sed -E ':next; s/([0-9])([0-9]{3})\b/\1,\2/; t next' <<<"Imported 导入       ${created[region]} regions · \
${created[category]} categories · ${created[agency]} agencies · ${created[offer]} offers · ${created[need]} needs · \
${created[pairing]} pairings"

say "5. Plugins 插件: one process each"
for plugin in category-fit capability localisation continuity mutual-preference other-terms min-cost-flow; do
  tandem plugin load "$plugin" >/dev/null
  tandem plugin enable "$plugin" >/dev/null
done
tandem plugin list
tandem round freeze 2026-1 >/dev/null

say "6. Match 运算"
tandem match run --round 2026-1 --id r-01 --threads 2 --wait --quiet >/dev/null
tandem match get r-01

say "7. Fault 故障: the solver's process is killed in the middle of a run"
host=$(tandem plugin describe min-cost-flow -o json | field processId)
# Stopped first, so that the run is surely waiting for it when it dies.
kill -STOP "$host"
tandem match run --round 2026-1 --id r-02 --quiet >/dev/null
calls=0
failed=0
for _ in $(seq 600); do
  calls=$((calls + 1))
  state=$(tandem match get r-02 -o json) || failed=$((failed + 1))
  stage=$(/usr/bin/python3 -c 'import json,sys; print(json.load(sys.stdin).get("progress",{}).get("stage",""))' <<<"$state")
  [ "$stage" = assign ] && break
done
kill -KILL "$host"
tandem match run --round 2026-1 --id r-03 --threads 1 --wait --quiet >/dev/null
for _ in $(seq 600); do
  calls=$((calls + 1))
  state=$(tandem match get r-02 -o json) || failed=$((failed + 1))
  if [ "$(field 'done' <<<"$state")" = True ]; then break; fi
done
degraded=$(field degraded <<<"$state")
first=$(tandem match get r-01 -o json | field digest)
again=$(tandem match get r-03 -o json | field digest)
printf 'Fault 故障          solver killed mid-run → %s · %d of %d calls failed\n' \
  "$([ "$degraded" = True ] && echo 'degraded, not publishable 降级,不可公布' || echo 'NOT MARKED')" "$failed" "$calls"
printf '                    run again on 1 thread 单线程重算 → digest 摘要 %s…%s %s\n' \
  "${again:0:4}" "${again: -4}" "$([ "$first" = "$again" ] && echo ✓ || echo DIFFERENT)"
if [ "$degraded" != True ] || [ "$failed" != 0 ] || [ -z "$first" ] || [ "$first" != "$again" ]; then
  echo "demo.sh: the fault was not contained as promised" >&2
  tail -5 "$work/log" >&2
  exit 1
fi

if $once; then
  say "Done. 完成"
else
  say "The server keeps running on $TANDEM_SERVER; Ctrl-C ends it."
  echo "  build/bin/tandem --server $TANDEM_SERVER agency list --filter 'assessment.grade = ASSESSMENT_GRADE_5A'"
  wait "$server"
fi

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Measures the figures the README quotes. Everything runs on this machine's loopback and ends by itself.
#
#   tests/bench/run.sh [--json] [--small] [ROW…]
#
#   ROW      get list search-zh2 search-zh4 search-en2 flat create update watch import start memory plugin match;
#            all of them when none is named
#   --json   one JSON object a line and nothing else on standard output
#   --small  10,000 records instead of 100,000 and 1,000,000, one round: to try the harness, not to quote
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
"$top/deploy/install_deps.sh" --bench
mkdir -p "$top/build"
cmake -S "$top" -B "$top/build" -G Ninja -DTANDEM_BUILD_TESTS=ON >"$top/build/configure.log" 2>&1 ||
  { cat "$top/build/configure.log" >&2; exit 1; }
cmake --build "$top/build" --target demo bench_programs >&2
exec /usr/bin/python3 "$top/tests/bench/run.py" --build "$top/build" "$@"

#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# The one door to every check: installs what is missing, formats and lints, builds, tests.
#
#   tests/run.sh                        everything a change must pass, in build/
#   tests/run.sh --lint                 formats, shell scripts, protos and the include table only; no build
#   tests/run.sh --tidy changed|all     clang-tidy over the files last changed (default), or over all
#   tests/run.sh --thread-safety        lock annotations of server/, checked by clang
#   tests/run.sh --sanitize LIST        build and test under address,undefined or thread, in build-<LIST>/
#   tests/run.sh --long                 the suites labelled long: crash cycles, large rounds
#   tests/run.sh --fuzz [SECONDS]       each fuzzer of tests/fuzz for so long (60), with clang, in build-fuzz/
#
# ctest's own summary closes every run that has tests. Exit code: 0 all passed, 1 something failed, 2 wrong usage.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

# Not part of a plain run: they take minutes (long, thread-safety), measure (bench) or search (fuzz).
readonly slow_suites='^(long|bench|fuzz|thread-safety)$'
# How many of the files last changed `--tidy changed` reads; each takes about 15 s of a core.
readonly tidy_files=${TANDEM_TIDY_FILES:-24}
jobs=$(nproc)
readonly jobs

usage() {
  sed -n 's/^# \{0,1\}//; 4,14p' "$0"
}

wrong_usage() {
  echo "run.sh: $1" >&2
  usage >&2
  exit 2
}

# step WHAT COMMAND…: runs the command under a heading and tells how long it took; ends the run if it fails.
step() {
  local what=$1 started=$SECONDS
  shift
  echo "== $what"
  if ! "$@"; then
    echo "run.sh: $what: failed" >&2
    exit 1
  fi
  echo "   $((SECONDS - started)) s"
}

# files PATTERN…: files of the tree that match, tracked or new, without what git ignores.
files() {
  git ls-files --cached --others --exclude-standard -- "$@" | sort -u |
    while read -r file; do if [[ -f $file ]]; then echo "$file"; fi; done
}

check_format() {
  local wrong
  wrong=$(files '*.cc' '*.h' '*.hpp' '*.c' |
    xargs -r -P "$jobs" -n 40 clang-format-14 --dry-run 2>&1 |
    sed -n 's/^\([^:]*\):[0-9]*:[0-9]*: .*\[-Wclang-format-violations\]$/\1/p' | sort -u)
  [[ -z $wrong ]] || {
    printf '%s\n' "$wrong" "mend with: clang-format-14 -i FILE…" >&2
    return 1
  }
}

check_scripts() {
  files '*.sh' .ci/run | xargs -r shellcheck
}

# install_buf: buf as pinned by tests/api/package-lock.json, once.
install_buf() {
  local pinned
  pinned=$(sed -n 's/.*"@bufbuild\/buf": "\(.*\)".*/\1/p' tests/api/package.json)
  if [[ $("$buf" --version 2>/dev/null) != "$pinned" ]]; then
    npm ci --prefix tests/api --no-audit --no-fund --loglevel=error
  fi
  [[ $("$buf" --version) == "$pinned" ]]
}
readonly buf=tests/api/node_modules/.bin/buf

# The linter reads a descriptor set, as one import (google/rpc/status.proto) lies outside buf's reach.
check_protos() {
  "$buf" format --diff --exit-code proto || {
    echo "mend with: $buf format -w proto" >&2
    return 1
  }
  mkdir -p build || return 1
  local protos
  mapfile -t protos < <(cd proto && find tandem -name '*.proto' | sort)
  protoc -Iproto -I"${TANDEM_GOOGLEAPIS_DIR:-/usr/share/gocode/src/github.com/gogo/googleapis}" \
    --include_imports --include_source_info --descriptor_set_out=build/lint.protoset "${protos[@]}" &&
    "$buf" lint "build/lint.protoset#format=binpb" --config proto/buf.yaml --path tandem
}

check_includes() {
  python3 -B tests/layers/check_includes.py
}

lint() {
  step "clang-format" check_format
  step "shellcheck" check_scripts
  step "buf, from npm" install_buf
  step "buf format and lint" check_protos
  step "include table" check_includes
}

# configure DIR ARGS…: cmake's own words are shown only when it fails. The demo leaves a cache without tests.
configure() {
  local dir=$1
  shift
  mkdir -p "$dir" || return 1
  cmake -S . -B "$dir" -G Ninja -DTANDEM_BUILD_TESTS=ON "$@" >"$dir/configure.log" 2>&1 || {
    tail -n 40 "$dir/configure.log" >&2
    return 1
  }
}

# build DIR TARGET…: a line that moves for people, only what fails for a log.
build() {
  local dir=$1 quiet=(--quiet)
  shift
  if [[ -t 1 ]]; then quiet=(); fi
  ninja -C "$dir" -j "$jobs" "${quiet[@]}" "$@"
}

# tests WHAT DIR ARGS…: like step, but ctest's summary stays the last that is printed.
tests() {
  local what=$1 dir=$2
  shift 2
  echo "== $what"
  if ! ctest --test-dir "$dir" --parallel 2 --output-on-failure --no-tests=error "$@"; then
    echo "run.sh: $what: failed" >&2
    exit 1
  fi
}

# The .cc files that differ from the last commit, then those changed by the latest commits.
changed_sources() {
  {
    git status --porcelain --untracked-files=all -- '*.cc' | cut -c 4-
    git log --format= --name-only --diff-filter=AM -n 300 -- '*.cc'
  } | awk '!seen[$0]++'
}

# tidy DIR changed|all COUNT: clang-tidy over files that the build compiles.
tidy() {
  local dir=$1 scope=$2 count=$3 sources
  local compiled
  compiled=$(mktemp)
  sed -n 's/^ *"file": "\(.*\)".*/\1/p' "$dir/compile_commands.json" | sed "s|^$PWD/||" | sort -u >"$compiled"
  if [[ $scope == all ]]; then
    mapfile -t sources < <(files '*.cc' | grep -Fxf "$compiled")
  else
    mapfile -t sources < <(changed_sources | grep -Fxf "$compiled" | head -n "$count")
  fi
  rm -f "$compiled"
  if [[ ${#sources[@]} -eq 0 ]]; then
    echo "no source to read" >&2
    return 1
  fi
  echo "   ${#sources[@]} files"
  # Each finding in a header once, not once a file; the counts of what is not shown, never.
  printf '%s\n' "${sources[@]}" |
    xargs -P "$jobs" -n 1 clang-tidy-14 -p "$dir" --quiet 2> >(grep -v ' warnings\? generated\.$' >&2) |
    awk '/: (error|warning): /{show = !seen[$0]++} show'
}

suite=default
argument=
while [[ $# -gt 0 ]]; do
  case $1 in
    --lint | --long | --thread-safety) suite=${1#--} ;;
    --tidy)
      suite=tidy
      argument=changed
      if [[ ${2:-} == changed || ${2:-} == all ]]; then
        argument=$2
        shift
      fi
      ;;
    --sanitize)
      suite=sanitize
      argument=${2:-}
      case $argument in
        address,undefined | thread) shift ;;
        *) wrong_usage "--sanitize takes address,undefined or thread" ;;
      esac
      ;;
    --fuzz)
      suite=fuzz
      argument=60
      if [[ ${2:-} =~ ^[1-9][0-9]*$ ]]; then
        argument=$2
        shift
      fi
      ;;
    -h | --help) usage; exit 0 ;;
    *) wrong_usage "unknown argument: $1" ;;
  esac
  shift
done

step "Debian packages" deploy/install_deps.sh
case $suite in
  default)
    lint
    step "configure" configure build
    step "build" build build
    tests "tests" build --label-exclude "$slow_suites"
    ;;
  lint) lint ;;
  tidy)
    step "configure" configure build
    step "generated headers" build build tandem_generated_headers
    step "clang-tidy, $argument" tidy build "$argument" "$tidy_files"
    ;;
  thread-safety)
    step "configure" configure build
    step "generated headers" build build tandem_generated_headers
    tests "lock annotations" build --label-regex '^thread-safety$'
    ;;
  sanitize)
    dir=build-${argument/,/-}
    step "configure" configure "$dir" "-DTANDEM_SANITIZE=$argument"
    step "build" build "$dir"
    export ASAN_OPTIONS=detect_leaks=1:abort_on_error=1:detect_stack_use_after_return=1
    export LSAN_OPTIONS=suppressions=$PWD/tests/lsan.supp:print_suppressions=0
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:suppressions=$PWD/tests/tsan.supp
    tests "tests under $argument" "$dir" --label-exclude '^(long|bench|fuzz|thread-safety|layers)$'
    ;;
  fuzz)
    step "configure" configure build-fuzz -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 \
      -DTANDEM_FUZZ=ON "-DTANDEM_FUZZ_SECONDS=$argument" -DTANDEM_SANITIZE=address,undefined
    step "build" build build-fuzz tandem_fuzzers
    tests "fuzzers, $argument s each" build-fuzz --label-regex '^fuzz$'
    ;;
  long)
    step "configure" configure build
    step "build" build build
    tests "long tests" build --label-regex '^long$'
    ;;
esac

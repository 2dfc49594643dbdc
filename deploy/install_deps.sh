#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# Installs every Debian package Tandem needs; the one list that people, the demo and CI share.
# Says nothing and changes nothing when all of them are there. Uses sudo only when not root.
#
#   deploy/install_deps.sh           everything: build, tests, formats and linters
#   deploy/install_deps.sh --demo    only what building and running the server and the tool needs
#   deploy/install_deps.sh --bench   everything, and the peers the benchmarks measure beside
#   deploy/install_deps.sh --list    print the list, install nothing
set -euo pipefail

build_packages=(
  # compiler and build
  g++ cmake ninja-build ccache pkg-config python3
  # gRPC and protobuf
  libgrpc++-dev libprotobuf-dev protobuf-compiler protobuf-compiler-grpc libabsl-dev
  # .proto files that no C++ package ships: google/rpc, and grpc/health with grpc/reflection
  golang-github-gogo-googleapis-dev grpc-proto
  # storage, text, patterns, bitmaps, geography, hashes, the flow solver
  librocksdb-dev libicu-dev unicode-data libre2-dev libroaring-dev libs2-dev libxxhash-dev libssl-dev liblemon-dev
  # the server's allocator
  libjemalloc-dev
  # command line, configuration, logs, JSON, line differences, joins on disk
  libcli11-dev libyaml-cpp-dev libfmt-dev nlohmann-json3-dev libdtl-dev libsqlite3-dev
  # worksheets, for tandem-xlsx
  python3-openpyxl python3-lxml
)
test_packages=(
  libgtest-dev libgmock-dev libbenchmark-dev libprotoc-dev
  # formats, linters, lock annotations, fuzzing
  clang-14 clang-format-14 clang-tidy-14 libclang-rt-14-dev shellcheck
  # the generated Python client, and what tests in Python use
  python3-grpcio python3-protobuf
  # lints the manual pages
  mandoc
)

bench_packages=(postgresql libpq-dev etcd-server)

usage() {
  sed -n 's/^# \{0,1\}//; 4,10p' "$0"
}

# Node is often installed without Debian's packages, which would then refuse to go beside it.
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  test_packages+=(nodejs npm)
fi

action=install
wanted=("${build_packages[@]}" "${test_packages[@]}")
for option in "$@"; do
  case $option in
    --demo) wanted=("${build_packages[@]}") ;;
    --bench) wanted+=("${bench_packages[@]}") ;;
    --list) action=list ;;
    -h | --help) usage; exit 0 ;;
    *) echo "install_deps.sh: unknown option: $option" >&2; usage >&2; exit 2 ;;
  esac
done
if [[ $action == list ]]; then
  printf '%s\n' "${wanted[@]}"
  exit 0
fi

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  echo "install_deps.sh: this is not a Debian system; Tandem is built and tested on Debian 12." >&2
  echo "Install the counterparts of these yourself: ${wanted[*]}" >&2
  exit 1
fi

declare -A installed=()
while read -r status package; do
  if [[ $status == installed ]]; then installed[$package]=1; fi
done < <(dpkg-query -W -f '${db:Status-Status} ${Package}\n' "${wanted[@]}" 2>/dev/null || true)
missing=()
for package in "${wanted[@]}"; do
  [[ -n ${installed[$package]:-} ]] || missing+=("$package")
done
[[ ${#missing[@]} -eq 0 ]] && exit 0

as_root=()
if [[ $EUID -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "install_deps.sh: ${#missing[@]} packages are missing and this user can't install them" \
      "(not root, no sudo). Run as root: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
log=$(mktemp)
trap 'rm -f "$log"' EXIT

# run_apt WHAT ARGS…: apt-get, quiet unless it fails; then its own last words.
run_apt() {
  local what=$1
  shift
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -y -q \
    -o DPkg::Lock::Timeout=300 "$@" >"$log" 2>&1 </dev/null; then
    tail -n 20 "$log" >&2
    echo "install_deps.sh: $what failed; apt's last lines are above. Tandem needs Debian 12" \
      "(bookworm) with its main section, and a reachable mirror." >&2
    exit 1
  fi
}
run_apt "refreshing the package lists" update
run_apt "installing ${missing[*]}" install --no-install-recommends "${missing[@]}"

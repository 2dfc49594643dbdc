#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Who may include whom, as data, and the check that every #include keeps to it.

A rule no machine checks is a wish. Reads the #include lines of all C and C++ files under a source
root and prints one line a broken rule; exit code 1 if there is any.

    check_includes.py [ROOT]     default: the checkout this file lies in
"""
import os
import re
import sys

# The layers of server/, lowest first, each with the layers it may include besides itself.
LAYERS = {
    "model": [],
    "store": ["model"],
    "catalog": ["model", "store"],
    "query": ["model", "catalog"],
    "plugin": ["model", "store"],
    "match": ["model", "store", "catalog", "query", "plugin"],
    "service": ["model", "store", "catalog", "query", "plugin", "match"],
    "gateway": ["service"],
    "main": ["model", "store", "catalog", "query", "plugin", "match", "service", "gateway"],
}

# Programs outside server/ that share some layers with it, and why that is no breach.
PROGRAMS = {
    # Runs one plugin as the server would, so it must be the server's own code that does it.
    "plugins/run/": ["model", "plugin"],
}

# Third-party headers: the pattern of the header's name, what it is, and its homes: file name
# prefixes relative to the root. A test may include what the code it tests may.
HOMES = [
    (r"rocksdb/", "RocksDB", ["server/store/"]),
    (r"roaring/", "CRoaring", ["server/catalog/", "server/query/"]),
    (r"s2/", "S2", ["server/catalog/"]),
    (r"unicode/", "ICU", ["server/model/", "server/catalog/text_", "clients/cli/"]),
    (r"lemon/", "LEMON", ["plugins/min_cost_flow/"]),
    (r"(grpcpp|grpc)/", "gRPC", ["server/service/", "server/main/", "clients/"]),
    (r".*\.grpc\.pb\.h$", "gRPC stubs", ["server/service/", "server/main/", "clients/"]),
    (r"httplib\.h$", "the HTTP server", ["server/gateway/"]),
    (r"CLI/", "CLI11", ["server/main/", "clients/cli/", "plugins/", "deploy/sample/"]),
    (r"yaml-cpp/", "yaml-cpp", ["server/main/", "clients/cli/"]),
]

# The same for what starts, ends, loads and confines processes. Tests may do that anywhere.
PROCESS_HOMES = [
    (r"(dlfcn|spawn|link)\.h$", "starting processes and loading code",
     ["server/plugin/", "plugins/host/", "plugins/run/", "clients/cli/"]),
    (r"sys/(prctl|wait|ptrace)\.h$", "process control",
     ["server/plugin/", "plugins/host/", "plugins/run/", "clients/cli/"]),
    (r"linux/(seccomp|landlock|filter)\.h$", "sandboxes", ["server/plugin/", "plugins/host/"]),
]

# Layers that write what lies on disk or in sealed tokens (tandem.storage): it never reaches the served side.
STORED_BY = ["store", "catalog", "query", "plugin", "match"]

# Parts of plugins/ that are programs of ours and no plugins: they may use more than the SDK header.
PLUGIN_PROGRAMS = ("plugins/host/", "plugins/run/", "plugins/check/")

SOURCES = (".h", ".hpp", ".cc", ".c")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')


def sources(root):
    """Every C and C++ file under root's code folders, as a path relative to root."""
    for top in ("server", "plugins", "clients", "deploy", "tests"):
        for folder, folders, files in os.walk(os.path.join(root, top)):
            folders[:] = sorted(f for f in folders if f not in ("node_modules", "build"))
            for name in sorted(files):
                if name.endswith(SOURCES):
                    yield os.path.relpath(os.path.join(folder, name), root)


def is_test(path):
    return path.startswith("tests/")


def tested_path(path):
    """The path whose rules hold for path: a unit test of server/store counts as server/store."""
    if path.startswith("tests/unit/") and path.split("/")[2] in LAYERS:
        return "server/" + path[len("tests/unit/"):]
    return path


def layer_of(path):
    parts = tested_path(path).split("/")
    return parts[1] if parts[0] == "server" and len(parts) > 2 else None


def wrong(root, path, header):
    """Why path may not include header; None when it may."""
    top = header.split("/")[0]
    layer = layer_of(path)
    if "/" in header and top in LAYERS and os.path.exists(os.path.join(root, "server", header)):
        shared = [layers for folder, layers in PROGRAMS.items() if path.startswith(folder)]
        if layer is None:
            # Tests of several layers (end to end, crash, measurements) may look anywhere.
            if not is_test(path) and not (shared and top in shared[0]):
                return "only server/ and its tests see server code"
        elif top != layer and top not in LAYERS.get(layer, []):
            allowed = ", ".join(LAYERS.get(layer, [])) or "no other layer"
            return f"layer {layer} may include: {allowed}"
    if header.startswith(("../", "./")):
        return "name headers from the include root, not relative to the file"
    if path.startswith("plugins/") and not path.startswith(PLUGIN_PROGRAMS):
        if header.startswith(("tandem/", "google/", "absl/", "grpc")):
            return "a plugin sees the SDK header only"
    if header.startswith("tandem/storage/") and not is_test(path) and layer not in STORED_BY:
        return f"what lies on disk is known to: {', '.join(STORED_BY)}"
    if is_test(path) and layer is None:
        return None
    for pattern, what, homes in HOMES if is_test(path) else HOMES + PROCESS_HOMES:
        if re.match(pattern, header) and not tested_path(path).startswith(tuple(homes)):
            return f"{what} has its home in {', '.join(homes)}"
    return None


def findings(root):
    """Every broken rule under root as `path:line: #include header: why`, and the files read."""
    found, read = [], 0
    for path in sources(root):
        read += 1
        layer = layer_of(path)
        if layer is not None and layer not in LAYERS:
            found.append(f"{path}:1: layer {layer} is not in the table of {os.path.basename(__file__)}")
        with open(os.path.join(root, path), encoding="utf-8") as lines:
            for number, line in enumerate(lines, 1):
                match = INCLUDE.match(line)
                if not match:
                    continue
                reason = wrong(root, path, match.group(2))
                if reason:
                    found.append(f"{path}:{number}: #include {match.group(2)}: {reason}")
    return found, read


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.abspath(sys.argv[1]) if len(sys.argv) > 1 else os.path.dirname(os.path.dirname(here))
    found, read = findings(root)
    for line in found:
        print(line)
    if read == 0:
        print(f"no source file under {root}")
        return 1
    print(f"{read} files read, {len(found)} wrong includes")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

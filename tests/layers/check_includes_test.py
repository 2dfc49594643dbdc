#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Tests of check_includes.py: it finds a wrong include planted in a tree, and leaves right ones alone."""
import os
import subprocess
import sys
import tempfile
import unittest

import check_includes

# (file, header it includes, a piece of the expected finding; None when the include is right)
CASES = [
    ("server/store/log.h", "model/error.h", None),
    ("server/store/log.h", "rocksdb/db.h", None),
    ("server/store/log.h", "catalog/view.h", "layer store may include: model"),
    ("server/model/error.h", "store/log.h", "layer model may include: no other layer"),
    ("server/query/plan.cc", "plugin/registry.h", "layer query may include"),
    ("server/gateway/http.cc", "match/run.h", "layer gateway may include: service"),
    ("server/main/main.cc", "match/run.h", None),
    ("server/catalog/view.cc", "rocksdb/db.h", "RocksDB has its home in server/store/"),
    ("server/query/plan.cc", "roaring/roaring.hh", None),
    ("server/match/run.cc", "roaring/roaring.hh", "CRoaring has its home"),
    ("server/catalog/text_words.cc", "unicode/brkiter.h", None),
    ("server/catalog/column.cc", "unicode/brkiter.h", "ICU has its home"),
    ("server/match/run.cc", "lemon/network_simplex.h", "LEMON has its home"),
    ("plugins/min_cost_flow/flow.cc", "lemon/network_simplex.h", None),
    ("server/match/run.cc", "grpcpp/server.h", "gRPC has its home"),
    ("server/match/run.cc", "tandem/v1/agency_service.grpc.pb.h", "gRPC stubs has its home"),
    ("clients/cli/main.cc", "tandem/v1/agency_service.grpc.pb.h", None),
    ("clients/cli/main.cc", "model/error.h", "only server/ and its tests see server code"),
    ("plugins/capability/capability.cc", "model/error.h", "only server/ and its tests"),
    ("plugins/capability/capability.cc", "tandem/v1/agency.pb.h", "a plugin sees the SDK header only"),
    ("plugins/capability/capability.cc", "tandem_plugin.hpp", None),
    ("plugins/run/run_main.cc", "plugin/registry.h", None),
    ("plugins/run/run_main.cc", "match/run.h", "only server/ and its tests"),
    ("plugins/host/main.cc", "plugin/registry.h", "only server/ and its tests"),
    ("plugins/host/main.cc", "dlfcn.h", None),
    ("server/service/reload.cc", "dlfcn.h", "has its home in server/plugin/"),
    ("server/plugin/host_process.cc", "spawn.h", None),
    ("server/match/run.cc", "sys/wait.h", "process control has its home"),
    ("server/service/get.cc", "tandem/storage/v1/log_entry.pb.h", "what lies on disk is known to"),
    ("server/plugin/manifest.cc", "tandem/storage/v1/plugin_manifest.pb.h", None),
    ("server/service/get.cc", "../model/error.h", "from the include root"),
    ("server/attic/old.cc", "string", "layer attic is not in the table"),
    ("tests/unit/store/log_test.cc", "rocksdb/db.h", None),
    ("tests/unit/store/log_test.cc", "sys/wait.h", None),
    ("tests/unit/store/log_test.cc", "catalog/view.h", "layer store may include: model"),
    ("tests/unit/match/run_test.cc", "rocksdb/db.h", "RocksDB has its home"),
    ("tests/e2e/server_test.cc", "match/run.h", None),
    ("tests/bench/get.cc", "rocksdb/db.h", None),
]
# Headers that exist, so that their names mean server code.
HEADERS = ["model/error.h", "store/log.h", "catalog/view.h", "plugin/registry.h", "match/run.h"]


def plant(root, path, text):
    path = os.path.join(root, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "a", encoding="utf-8") as file:
        file.write(text)


class CheckIncludesTest(unittest.TestCase):
    def test_each_include_is_judged(self):
        for path, header, expected in CASES:
            with self.subTest(path=path, header=header), tempfile.TemporaryDirectory() as root:
                for existing in HEADERS:
                    plant(root, "server/" + existing, "#pragma once\n")
                plant(root, path, f"#include <{header}>\n")
                found, _ = check_includes.findings(root)
                if expected is None:
                    self.assertEqual(found, [])
                else:
                    self.assertEqual(len(found), 1, found)
                    self.assertIn(expected, found[0])
                    self.assertTrue(found[0].startswith(path + ":"), found[0])

    def test_a_wrong_include_fails_the_program_with_its_line(self):
        with tempfile.TemporaryDirectory() as root:
            plant(root, "server/store/log.h", "#pragma once\n")
            plant(root, "server/model/error.cc", '#include <string>\n\n#include "store/log.h"\n')
            done = subprocess.run([sys.executable, check_includes.__file__, root],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn("server/model/error.cc:3: #include store/log.h", done.stdout)

    def test_a_tree_without_sources_is_no_success(self):
        with tempfile.TemporaryDirectory() as root:
            done = subprocess.run([sys.executable, check_includes.__file__, root],
                                  capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)

    def test_no_layer_may_include_a_higher_one(self):
        order = list(check_includes.LAYERS)
        for layer, allowed in check_includes.LAYERS.items():
            for other in allowed:
                self.assertLess(order.index(other), order.index(layer), f"{layer} includes {other}")


if __name__ == "__main__":
    unittest.main()

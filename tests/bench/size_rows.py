# SPDX-License-Identifier: Apache-2.0
"""Rows of size: how long a start takes and what the directory takes in memory."""

import statistics

from harness import absolute


def start(bench):
    for records in bench.sizes():
        seconds = [bench.restarted(records).ready_seconds for _ in range(bench.rounds)]
        yield absolute("start", records, statistics.median(seconds), "s", 5.0 if records == 1_000_000 else 0.5, "lower")


def memory(bench):
    empty = bench.start(bench.path("data-empty"))
    base = empty.resident_bytes()
    empty.stop()
    for records in bench.sizes():
        used = bench.restarted(records).resident_bytes() - base
        yield absolute("memory", records, used / records, "bytes_per_agency", 600, "lower",
                       "target; resident after start minus an empty server's, regions included")

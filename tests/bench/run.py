# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmark rows; see run.sh."""

import argparse
import json

import change_rows
import match_rows
import read_rows
import size_rows
import write_rows
from harness import Bench

ROWS = {
    "get": read_rows.get,
    "list": read_rows.list_row,
    "search-zh2": read_rows.search_zh2,
    "search-zh4": read_rows.search_zh4,
    "search-en2": read_rows.search_en2,
    "flat": read_rows.flat,
    "create": write_rows.create,
    "update": write_rows.update,
    "watch": change_rows.watch,
    "import": write_rows.import_row,
    "start": size_rows.start,
    "memory": size_rows.memory,
    "plugin": match_rows.plugin,
    "match": match_rows.match,
}


def line(figure):
    size = f"{figure.get('records', figure.get('pairs', 0)):,}"
    flight = f" at {figure['in_flight']}" if "in_flight" in figure else ""
    met = figure["ratio"] <= figure["target"] if figure["better"] == "lower" else figure["ratio"] >= figure["target"]
    return (f"{'ok  ' if met else 'MISS'} {figure['row']:16} {size:>10}{flight:6} {figure['value']:>10} "
            f"{figure['unit']:16} {figure['ratio']:>6} x {figure['beside_what']} ({figure['beside']}); target "
            f"{figure['target']} x")


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run.sh")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    arguments = parser.parse_args()
    for row in arguments.rows:
        if row not in ROWS:
            parser.error(f"no row '{row}'; there are {', '.join(ROWS)}")
    bench = Bench(arguments.build, arguments.small)
    try:
        for row in arguments.rows or ROWS:
            for figure in ROWS[row](bench):
                print(json.dumps(figure, ensure_ascii=False) if arguments.json else line(figure), flush=True)
    finally:
        bench.close()


if __name__ == "__main__":
    main()

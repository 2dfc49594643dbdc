# SPDX-License-Identifier: Apache-2.0
"""Checks failure_matrix.txt: every row names tests that exist, or says why there is none yet; no plugin that
breaks a rule is left without a row.

    failure_matrix_test.py SOURCE
"""

import glob
import os
import re
import sys

ROW = re.compile(r"^(?P<failure>[^|]+?)\s*\|\s*(?P<tests>.+)$")
NAME = re.compile(r"^(\w+)\.(\w+)(?: \[([\w-]+)\])?$")


def sources(root):
    for folder in ("tests/plugins", "tests/unit/plugin"):
        for path in glob.glob(os.path.join(root, folder, "*_test.cc")):
            with open(path, encoding="utf-8") as file:
                yield file.read()


def problems(root, text):
    tests = {}
    for source in sources(root):
        for suite, name in re.findall(r"\bTEST(?:_F|_P)?\(\s*(\w+),\s*(\w+)\)", source):
            tests[suite, name] = source
    seen = set()
    covered = set()
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip() or line.startswith("#"):
            continue
        row = ROW.match(line)
        if not row:
            yield f"line {number} is no row: {line}"
            continue
        if row["failure"] in seen:
            yield f"line {number}: {row['failure']} stands there twice"
        seen.add(row["failure"])
        if re.match(r"later: \S", row["tests"]):
            continue
        for test in row["tests"].split(", "):
            name = NAME.match(test)
            if not name or name.group(1, 2) not in tests:
                yield f"line {number}: there is no test {test}"
            elif name[3] and f'"{name[3]}"' not in tests[name.group(1, 2)]:
                yield f"line {number}: no case {name[3]} of {test}"
            elif name[3]:
                covered.add(name[3])
            else:
                covered.update(re.findall(r'"(broken-[\w-]+)"', tests[name.group(1, 2)]))
    for path in glob.glob(os.path.join(root, "tests/plugins/broken/*.c*")):
        bundle = "broken-" + os.path.splitext(os.path.basename(path))[0].replace("_", "-")
        if bundle not in covered:
            yield f"no row tests {bundle}"


def main():
    root = sys.argv[1]
    with open(os.path.join(root, "tests/plugins/failure_matrix.txt"), encoding="utf-8") as file:
        text = file.read()
    found = list(problems(root, text))
    # The check itself must be able to fail.
    planted = list(problems(root, "a failure | NoSuite.NoTest\nanother\nthird | later:\n"))
    if len([line for line in planted if line.startswith("line")]) < 3:
        found.append("planted faults were not found")
    print("\n".join(found) or f"{text.count('|')} rows")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())

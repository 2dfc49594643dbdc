#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Every reason of server/model/error_reason.h is produced by the server and named by a test.

A reason that nothing produces is a promise nobody keeps; one that no test names may change its
meaning unseen. What is promised before it is built stands in RESERVED, which may only shrink.

    error_reasons_test.py [ROOT]     default: the checkout this file lies in
"""
import os
import re
import sys
import unittest

# Reasons of the API that nothing produces yet: name and what will.
RESERVED = {}

ROW = re.compile(r'\bX\((k\w+),\s*"([A-Z_]+)",\s*k\w+,')
CODE = (".cc", ".h", ".c")
TESTS = CODE + (".py", ".txt", ".ts", ".json", ".sh")
SKIPPED = ("node_modules", "__pycache__")


def texts(root, folders, endings):
    """(path, text) of every file below the folders of root with one of the endings."""
    for top in folders:
        for folder, below, files in os.walk(os.path.join(root, top)):
            below[:] = sorted(name for name in below if name not in SKIPPED)
            for name in sorted(files):
                path = os.path.join(folder, name)
                if name.endswith(endings):
                    with open(path, encoding="utf-8") as file:
                        yield os.path.relpath(path, root), file.read()


def rows(root):
    """{enumerator: name} of the table."""
    with open(os.path.join(root, "server/model/error_reason.h"), encoding="utf-8") as file:
        return dict(ROW.findall(file.read()))


def without_comments(text):
    return re.sub(r"//[^\n]*", "", text)


def produced(text):
    """The enumerators that code names otherwise than to compare an error with them."""
    found = set()
    for match in re.finditer(r"\b(?:\w+::)*Reason::(k\w+)", text):
        before = text[:match.start()].rstrip()[-6:]
        after = text[match.end():match.end() + 4].lstrip()
        compared = before.endswith(("==", "!=", "case")) or after.startswith(("==", "!="))
        if not compared:
            found.add(match.group(1))
    return found


def named(path, text, table):
    """The enumerators whose reason a test names: in code by enumerator or quoted, in data at all."""
    found = {match for match in re.findall(r"\bReason::(k\w+)", text)}
    quoted = r"[\"'`]([A-Z_]+)[\"'`]" if not path.endswith(".txt") else r"\b([A-Z_]+)\b"
    words = set(re.findall(quoted, text))
    return found | {key for key, name in table.items() if name in words}


class ErrorReasonsTest(unittest.TestCase):
    root = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

    @classmethod
    def setUpClass(cls):
        cls.table = rows(cls.root)
        cls.produced, cls.named = set(), set()
        for path, text in texts(cls.root, ("server", "plugins"), CODE):
            if path != "server/model/error_reason.h":
                cls.produced |= produced(without_comments(text))
        own = os.path.relpath(os.path.abspath(__file__), cls.root)
        for path, text in texts(cls.root, ("tests",), TESTS):
            # What tests share asserts nothing by itself.
            if path != own and not path.startswith("tests/support/"):
                cls.named |= named(path, text, cls.table)

    def names(self, keys):
        return sorted(self.table[key] for key in keys)

    def test_the_table_was_read(self):
        self.assertGreater(len(self.table), 30)
        self.assertIn("kFieldInvalid", self.table)

    def test_every_reason_is_produced(self):
        missing = [n for n in self.names(set(self.table) - self.produced) if n not in RESERVED]
        self.assertEqual(missing, [], "nothing in server/ or plugins/ produces these reasons")

    def test_every_reason_is_named_by_a_test(self):
        missing = [n for n in self.names(set(self.table) - self.named) if n not in RESERVED]
        self.assertEqual(missing, [], "no test names these reasons")

    def test_reserved_reasons_wait(self):
        made = [n for n in self.names(self.produced & set(self.table)) if n in RESERVED]
        self.assertEqual(made, [], "these are produced now: take them out of RESERVED")
        self.assertEqual(sorted(set(RESERVED) - set(self.table.values())), [], "no such reasons")


class FaultsAreFoundTest(unittest.TestCase):
    """The checks above see what they are for."""

    def test_a_comparison_produces_nothing(self):
        for text in ("if (reason == Reason::kEtagMismatch)", "case Reason::kEtagMismatch:",
                     "if (model::ErrorReason(s) !=\n      model::Reason::kEtagMismatch)",
                     "return Reason::kEtagMismatch == reason;"):
            self.assertEqual(produced(text), set(), text)
        self.assertEqual(produced("MakeError(model::Reason::kEtagMismatch, x)"), {"kEtagMismatch"})
        self.assertEqual(produced(without_comments("// Reason::kInternal")), set())

    def test_a_code_of_grpc_is_no_reason(self):
        table = {"kCancelled": "CANCELLED"}
        self.assertEqual(named("a.py", "grpc.StatusCode.CANCELLED", table), set())
        self.assertEqual(named("a.py", "self.refused('CANCELLED')", table), {"kCancelled"})
        self.assertEqual(named("a.cc", 'EXPECT_EQ(reason, "CANCELLED")', table), {"kCancelled"})
        self.assertEqual(named("a.txt", "-> CANCELLED", table), {"kCancelled"})


if __name__ == "__main__":
    if len(sys.argv) > 1 and not sys.argv[1].startswith("-"):
        ErrorReasonsTest.root = os.path.abspath(sys.argv.pop(1))
    unittest.main()

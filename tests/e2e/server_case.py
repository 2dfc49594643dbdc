# SPDX-License-Identifier: Apache-2.0
"""Test cases with servers: each test has a temporary folder, and every server ends with its test."""

import os
import shutil
import sys
import tempfile
import unittest

from tandem_process import Tandemd


class ServerCase(unittest.TestCase):
    """Gives each test an empty folder; `self.start()` starts a server there."""

    # The whole of a wrong text is what helps.
    maxDiff = None

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="tandem-e2e-")
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def path(self, *parts: str) -> str:
        return os.path.join(self.folder, *parts)

    def write(self, name: str, text) -> str:
        """Writes a file into the folder; its path."""
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
        return path

    def server(self, name: str = "", **more) -> Tandemd:
        """A server that is not started yet, in the folder or one below it."""
        folder = self.path(name)
        os.makedirs(folder, exist_ok=True)
        made = Tandemd(folder, **more)
        self.addCleanup(made.kill)
        return made

    def start(self, name: str = "", **more) -> Tandemd:
        return self.server(name, **more).start()


class SharedServerCase(unittest.TestCase):
    """One server for all tests of a class: for tests that keep out of each other's way."""

    maxDiff = None
    options = ()

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="tandem-e2e-")
        cls.addClassCleanup(shutil.rmtree, cls.folder, ignore_errors=True)
        cls.shared = Tandemd(cls.folder, options=cls.options)
        cls.addClassCleanup(cls.shared.kill)
        cls.shared.start()

    def path(self, *parts: str) -> str:
        return os.path.join(self.folder, *parts)

    def write(self, name: str, text) -> str:
        path = self.path(name)
        with open(path, "wb") as file:
            file.write(text.encode() if isinstance(text, str) else text)
        return path


def main():
    """Runs the tests of the calling file, quietly and in a fixed order."""
    unittest.main(argv=[sys.argv[0], *sys.argv[1:]], verbosity=1)

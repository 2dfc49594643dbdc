# SPDX-License-Identifier: Apache-2.0
"""How `tandem` ends and what it says when something is wrong: exit codes, remedies, colours."""

import os
import pty
import socket
import subprocess

import server_case
from tandem_process import clean_environment, program, tandem

DONE, FAILED, USAGE, NOT_FOUND, UNAVAILABLE, TIMED_OUT = 0, 1, 2, 3, 5, 6


def on_terminal(*arguments, environment):
    """Runs `tandem` with a terminal for output and errors; what appeared there."""
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [program("tandem"), *arguments], stdin=subprocess.DEVNULL, stdout=theirs, stderr=theirs,
        env=clean_environment(environment),
    )  # fmt: skip
    os.close(theirs)
    seen = b""
    try:
        while chunk := os.read(ours, 65536):
            seen += chunk
    except OSError:
        # The other side is closed: how a terminal says end.
        pass
    process.wait(60)
    os.close(ours)
    return seen.decode()


class CliUsageTest(server_case.SharedServerCase):
    def test_exit_codes(self):
        self.shared.run("region", "create", "-f", "-", text="name: regions/1\ndisplayName: 省\ncode: '1'\n")
        for code, arguments in (
            (DONE, ["region", "get", "1"]),
            (DONE, ["--help"]),
            (DONE, ["region", "import", "--help"]),
            (DONE, ["version"]),
            (FAILED, ["region", "list", "--filter", "no_such_field = 1"]),
            (USAGE, []),
            (USAGE, ["region"]),
            (USAGE, ["region", "get"]),
            (USAGE, ["region", "list", "--page-size", "0"]),
            (USAGE, ["region", "list", "-o", "xml"]),
            (USAGE, ["region", "list", "--all", "--limit", "3"]),
            (USAGE, ["match", "why-not", "r"]),
            (NOT_FOUND, ["region", "get", "none"]),
            (NOT_FOUND, ["region", "delete", "none"]),
            (NOT_FOUND, ["match", "get", "none"]),
        ):
            with self.subTest(arguments):
                done = self.shared.tandem(*arguments)
                self.assertEqual(done.code, code, done.err)
                self.assertEqual(done.err == "", code == DONE, done.err)
                if code != DONE:
                    self.assertTrue(done.err.startswith("tandem: "), done.err)
                    self.assertEqual(done.out, "")

    def test_a_wrong_word_names_the_nearest_right_one(self):
        for arguments, meant in (
            (["regoin", "list"], "did you mean region?"),
            (["region", "lsit"], "did you mean list?"),
            (["region", "list", "--fliter", "x"], "did you mean --filter?"),
            (["match", "why-nto", "r"], "did you mean why-not?"),
            (["get", "regoin", "x"], "did you mean region?"),
            (["completion", "bsh"], "did you mean bash?"),
            (["search", "--in", "agencis", "x"], "did you mean agencies?"),
            (["region", "list", "-o", "jsn"], "did you mean json?"),
        ):
            done = self.shared.tandem(*arguments)
            self.assertEqual(done.code, USAGE)
            self.assertIn(meant, done.err)
        done = self.shared.tandem("region", "list", "--filter", 'levle = "x"')
        self.assertEqual(done.code, FAILED)
        self.assertIn("did you mean level?", done.err)
        done = self.shared.tandem("region", "list", "--order-by", "displayname")
        self.assertIn("did you mean display_name?", done.err)
        done = self.shared.tandem("category", "create", "-f", "-", text="displayName: a\ntaxonmy: t\n")
        self.assertEqual(done.code, FAILED)
        self.assertIn("standard input:2:1", done.err)
        self.assertIn("did you mean taxonomy?", done.err)

    def test_every_wrong_field_is_told_at_once(self):
        wrong = "displayName: ''\ntaxonomy: t\nparentCategory: nowhere/1\n"
        done = self.shared.tandem("category", "create", "-f", "-", text=wrong)
        self.assertEqual(done.code, FAILED)
        self.assertIn("display_name: is required", done.err)
        self.assertIn("parent_category", done.err)

    def test_no_server_there(self):
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            address = "127.0.0.1:%d" % taken.getsockname()[1]
            done = tandem("region", "list", "--server", address)
        self.assertEqual(done.code, UNAVAILABLE)
        self.assertIn(f"is a server running at {address}?", done.err)
        done = tandem("plugin", "list", "--admin-socket", self.path("none.sock"))
        self.assertEqual(done.code, UNAVAILABLE)
        self.assertIn(self.path("none.sock"), done.err)
        done = tandem("plugin", "list")
        self.assertEqual(done.code, USAGE)
        self.assertIn("--admin-socket", done.err)

    def test_a_server_that_says_nothing(self):
        with socket.socket() as silent:
            silent.bind(("127.0.0.1", 0))
            silent.listen()
            address = "127.0.0.1:%d" % silent.getsockname()[1]
            done = tandem("region", "list", "--server", address, "--timeout", "300ms")
        self.assertEqual(done.code, TIMED_OUT)
        self.assertIn("--timeout", done.err)

    def test_colours_on_a_terminal_only_and_not_when_unwanted(self):
        environment = {"TANDEM_SERVER": self.shared.address}
        self.assertIn("\x1b[1m", on_terminal("region", "list", environment=environment))
        self.assertIn("\x1b[31m", on_terminal("region", "get", "none", environment=environment))
        for arguments, more in ((["--no-color"], {}), ([], {"NO_COLOR": "1"})):
            shown = on_terminal("region", "list", *arguments, environment={**environment, **more})
            self.assertIn("NAME", shown)
            self.assertNotIn("\x1b", shown)
        # An empty NO_COLOR is none: https://no-color.org.
        self.assertIn("\x1b", on_terminal("region", "list", environment={**environment, "NO_COLOR": ""}))

    def test_a_reader_that_goes_away_ends_it_quietly(self):
        lines = "".join(f'{{"name":"serviceCategories/m-{i}","displayName":"n","taxonomy":"t"}}\n' for i in range(3000))
        self.shared.run("category", "import", "-", "--quiet", text=lines)
        first = subprocess.Popen(
            [program("tandem"), "category", "list", "--all", "-o", "json"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=clean_environment({"TANDEM_SERVER": self.shared.address}),
        )  # fmt: skip
        self.assertTrue(first.stdout.readline())
        first.stdout.close()
        self.assertIn(first.wait(60), (DONE, FAILED))
        self.assertNotIn("terminate", first.stderr.read().decode())
        first.stderr.close()


if __name__ == "__main__":
    server_case.main()

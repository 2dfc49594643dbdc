# SPDX-License-Identifier: Apache-2.0
"""`tandem context` and `whoami`: which server a command talks to, and why."""

import os
import stat

import server_case
from tandem_process import tandem

DONE, FAILED, USAGE, UNAVAILABLE = 0, 1, 2, 5
NOWHERE = "unix:/nonexistent/tandem.sock"


class CliContextTest(server_case.SharedServerCase):
    def setUp(self):
        self.config = self.path("config-" + self.id().rsplit(".", 1)[1])
        os.makedirs(self.config)

    def tandem(self, *arguments, **environment):
        return tandem(*arguments, environment={"XDG_CONFIG_HOME": self.config, **environment})

    def run_tandem(self, *arguments, **environment):
        done = self.tandem(*arguments, **environment)
        self.assertEqual(done.code, DONE, done.err)
        return done.out

    def config_file(self):
        return os.path.join(self.config, "tandem", "config.yaml")

    def test_set_use_list_show_delete(self):
        self.assertEqual(
            self.run_tandem("context", "set", "here", "--server", self.shared.address), "context here created, in use\n"
        )
        self.assertEqual(stat.S_IMODE(os.stat(self.config_file()).st_mode), 0o600)
        self.assertEqual(
            self.run_tandem("context", "set", "there", "--server", NOWHERE, "--timeout", "300ms", "-o", "json"),
            "context there created\n",
        )
        self.assertEqual(self.run_tandem("region", "list", "-o", "name"), "")
        self.assertEqual(self.tandem("region", "list", "--context", "there").code, UNAVAILABLE)
        self.assertEqual(self.run_tandem("context", "use", "there"), "context there in use\n")
        self.assertEqual(self.tandem("region", "list").code, UNAVAILABLE)
        self.assertEqual(self.run_tandem("region", "list", "-o", "name", "--context", "here"), "")
        listed = self.run_tandem("context", "list", "-o", "table").splitlines()
        self.assertEqual(listed[1].split()[0], "here")
        self.assertEqual(listed[2].split()[:2], ["*", "there"])
        self.assertEqual(self.run_tandem("context", "list", "-o", "name"), "here\nthere\n")
        self.assertEqual(self.run_tandem("context", "delete", "there"), "context there deleted; none is in use now\n")
        self.assertEqual(self.run_tandem("context", "list", "-o", "name"), "here\n")

    def test_flag_before_environment_before_context_before_default(self):
        self.run_tandem("context", "set", "c", "--server", "context:1", "--timeout", "7s")

        def shown(*arguments, **environment):
            out = self.run_tandem("context", "show", "--no-headers", *arguments, **environment)
            rows = [line.split(maxsplit=1) for line in out.splitlines()]
            return {row[0]: " ".join(row[1].split()) for row in rows if len(row) > 1}

        self.assertEqual(shown()["server"], "context:1 context c")
        self.assertEqual(shown()["timeout"], "7s context c")
        self.assertEqual(shown()["output"], "table default")
        self.assertEqual(shown(TANDEM_SERVER="environment:1")["server"], "environment:1 TANDEM_SERVER")
        self.assertEqual(shown("--server", "flag:1", TANDEM_SERVER="environment:1")["server"], "flag:1 flag")
        self.assertEqual(shown(TANDEM_CONTEXT="c")["context"], "c")
        self.run_tandem("context", "set", "d", "--server", "other:1")
        self.assertEqual(shown(TANDEM_CONTEXT="d")["server"], "other:1 context d")
        self.assertEqual(shown("--context", "c", TANDEM_CONTEXT="d")["server"], "context:1 context c")

    def test_wrong_names_and_values(self):
        self.run_tandem("context", "set", "production", "--server", self.shared.address)
        for arguments, message in (
            (["context", "use", "prodution"], "no context prodution, did you mean production?"),
            (["context", "delete", "x"], "no context x"),
            (["region", "list", "--context", "prodution"], "did you mean production?"),
            (["context", "set", "a b"], "must not hold blanks"),
            (["context", "set", "a", "--timeout", "soon"], "soon is no time"),
            (["context", "set", "a", "-o", "jsn"], "did you mean json?"),
            (["region", "list", "-o", "jsn"], "did you mean json?"),
        ):
            done = self.tandem(*arguments)
            self.assertEqual(done.code, USAGE, arguments)
            self.assertIn(message, done.err)

    def test_a_damaged_file_is_told_with_its_line_and_stops_only_what_needs_it(self):
        os.makedirs(os.path.dirname(self.config_file()))
        with open(self.config_file(), "w", encoding="utf-8") as file:
            file.write("current: a\ncontexts:\n- name: a\n  servr: x\n")
        done = self.tandem("region", "list")
        self.assertEqual(done.code, FAILED)
        self.assertIn(self.config_file() + ":4:3: unknown key servr, did you mean server?", done.err)
        self.assertEqual(self.tandem("version").code, DONE)
        self.assertEqual(self.tandem("completion", "bash").code, DONE)
        self.assertEqual(self.tandem("context", "list").code, FAILED)

    def test_whoami(self):
        self.run_tandem("context", "set", "here", "--server", self.shared.address)
        told = self.run_tandem("whoami")
        self.assertTrue(told.startswith("local (no authentication yet"), told)
        self.assertIn(self.shared.address, told)
        self.assertEqual(self.run_tandem("whoami", "-o", "name"), "local\n")
        self.assertEqual(self.tandem("whoami", "--server", NOWHERE, "--timeout", "300ms").code, UNAVAILABLE)


if __name__ == "__main__":
    server_case.main()

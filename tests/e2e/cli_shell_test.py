# SPDX-License-Identifier: Apache-2.0
"""`tandem completion` in real shells, and the manual pages of the build."""

import os
import shutil
import subprocess
import unittest

import server_case
from tandem_process import BUILD, clean_environment, program


class CliShellTest(server_case.SharedServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        lines = "".join(
            f"---\nname: serviceCategories/{name}\ndisplayName: 类 {name}\ntaxonomy: t\n"
            for name in ("syn-1", "syn-2", "other")
        )
        cls.shared.run("apply", "-f", "-", text=lines)

    def shell(self, command, script, **more):
        """Runs a script in a shell that finds `tandem` on its path; what it prints."""
        environment = clean_environment({
            "TANDEM_SERVER": self.shared.address,
            "PATH": os.path.dirname(program("tandem")) + os.pathsep + os.environ["PATH"],
            **more,
        })  # fmt: skip
        done = subprocess.run(
            command, input=script.encode(), capture_output=True, timeout=60, check=False, env=environment, cwd=self.folder
        )
        self.assertEqual(done.stderr.decode(), "")
        self.assertEqual(done.returncode, 0)
        return done.stdout.decode().split("\n")[:-1]

    def complete_in_bash(self, *words, **more):
        """What bash would offer for the last of `words`, asked as readline asks."""
        quoted = " ".join(f"'{word}'" for word in words)
        script = (
            "source <(tandem completion bash)\n"
            f"COMP_WORDS=(tandem {quoted}); COMP_CWORD={len(words)}\n"
            "$(complete -p tandem | sed 's/.*-F \\([^ ]*\\).*/\\1/') tandem 2>/dev/null\n"
            "[ ${#COMPREPLY[@]} -eq 0 ] || printf '%s\\n' \"${COMPREPLY[@]}\"\n"
        )
        return self.shell(["bash", "--norc"], script, **more)

    def test_bash_completes_words_options_values_and_live_names(self):
        for words, expected in (
            (["cat"], ["category"]),
            (["category", "desc"], ["describe"]),
            (["category", "list", "--ord"], ["--order-by"]),
            (["category", "list", "-o", "n"], ["name"]),
            (["category", "list", "--output", "=", "j"], ["json"]),
            (["category", "get", "syn"], ["syn-1", "syn-2"]),
            (["category", "get", "serviceCategories/o"], ["serviceCategories/other"]),
            (["describe", "category", "ot"], ["other"]),
            (["describe", "category/ot"], ["category/other"]),
            (["call", "AgencyService/Del"], ["AgencyService/DeleteAgency"]),
            (["explain", "agency.assessment.po"], ["agency.assessment.points"]),
            (["category", "get", "nothing-begins-so"], []),
            (["category", "get", '"*'], []),
        ):
            with self.subTest(words):
                self.assertEqual(self.complete_in_bash(*words), expected)

    def test_bash_completes_files(self):
        self.write("records.yaml", "")
        self.assertEqual(self.complete_in_bash("apply", "-f", "rec"), ["records.yaml"])

    def test_a_server_on_the_line_is_the_one_asked(self):
        host, port = self.shared.address.split(":")
        words = ["--server", host, ":", port, "category", "get", "oth"]
        self.assertEqual(self.complete_in_bash(*words, TANDEM_SERVER="127.0.0.1:1"), ["other"])

    def test_no_server_is_no_noise(self):
        self.assertEqual(self.complete_in_bash("category", "get", "syn", TANDEM_SERVER="127.0.0.1:1"), [])
        self.assertEqual(self.complete_in_bash("category", "ge", TANDEM_SERVER="127.0.0.1:1"), ["get"])

    def test_scripts_are_well_formed(self):
        for shell in ("bash", "zsh", "fish"):
            with self.subTest(shell):
                script = "\n".join(self.shell([program("tandem"), "completion", shell], ""))
                if shutil.which(shell) is None:
                    self.skipTest(f"no {shell} here")
                self.assertEqual(self.shell([shell, "-n"], script), [])

    @unittest.skipIf(shutil.which("fish") is None, "no fish here")
    def test_fish_completes_live_names(self):
        script = "tandem completion fish | source\ncomplete -C 'tandem category get syn'\n"
        offered = self.shell(["fish", "--no-config"], script, HOME=self.folder)
        self.assertEqual(offered, ["syn-1\t类 syn-1", "syn-2\t类 syn-2"])


class ManPagesTest(unittest.TestCase):
    pages = os.path.join(BUILD, "share", "man", "man1")

    def test_a_page_a_command(self):
        names = os.listdir(self.pages)
        for name in ("tandem.1", "tandem-agency.1", "tandem-apply.1", "tandem-context.1", "tandem-explain.1"):
            self.assertIn(name, names)
        with open(os.path.join(self.pages, "tandem-agency.1"), encoding="utf-8") as file:
            page = file.read()
        self.assertIn('.SS "tandem agency describe"', page)
        self.assertIn("\\-\\-related", page)

    @unittest.skipIf(shutil.which("mandoc") is None, "no mandoc here")
    def test_mandoc_finds_nothing_to_warn_of(self):
        paths = [os.path.join(self.pages, name) for name in sorted(os.listdir(self.pages))]
        done = subprocess.run(
            ["mandoc", "-T", "lint", "-W", "warning", *paths], capture_output=True, check=False, timeout=60
        )
        # Pages without a date are the same in every build.
        lines = [line for line in done.stdout.decode().splitlines() if "missing date" not in line]
        self.assertEqual(lines, [])


if __name__ == "__main__":
    server_case.main()

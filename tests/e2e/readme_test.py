# SPDX-License-Identifier: Apache-2.0
"""What README.md shows is what the programs print: its commands are run in their order and their output is compared."""

import os
import re
import subprocess

import server_case
from tandem_process import BUILD, BUNDLES, SOURCE

SERVER_LINE = re.compile(r"^build/bin/tandemd .*--plugin-dir build/bundles --allow-unsigned-plugins &$", re.M)
EXPORT_LINE = re.compile(r"^export TANDEM_SERVER=\S+ TANDEM_ADMIN_SOCKET=\S+$", re.M)


def section(title):
    """The text of README.md below a heading of the second level."""
    with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
        text = file.read()
    found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", text, re.M | re.S)
    assert found, f"README.md has no section {title}"
    return found.group(1)


def blocks(text):
    """(language, content) of each fenced block."""
    return re.findall(r"^```(\w*)\n(.*?)^```$", text, re.M | re.S)


def plain(text):
    """Without what differs from run to run: seconds, sealed tokens, and spaces at the ends of lines."""
    for pattern, instead in ((r"in \d+\.\d s:", "in 0.0 s:"), (r"--page-token \S+", "--page-token …"), (r" +$", "")):
        text = re.sub(pattern, instead, text, flags=re.M)
    return text.strip()


class ReadmeTest(server_case.ServerCase):
    def test_by_hand(self):
        found = blocks(section("By hand"))
        server = self.start(options=("--plugin-dir", BUNDLES, "--allow-unsigned-plugins"))
        environment = {**os.environ, "TANDEM_SERVER": f"127.0.0.1:{server.port}",
                       "TANDEM_ADMIN_SOCKET": server.admin_socket, "LC_ALL": "C.UTF-8", "NO_COLOR": "1"}  # fmt: skip
        compared = 0
        for index, (language, commands) in enumerate(found):
            if language != "sh":
                continue
            if index == 0:
                # The server of the test stands for the one a reader starts.
                commands, servers = SERVER_LINE.subn("", commands)
                commands, exports = EXPORT_LINE.subn("", commands)
                self.assertEqual((servers, exports), (1, 1), "the first block starts a server and says where it is")
            commands = commands.replace("build/bin/", BUILD + "/bin/")
            commands = commands.replace("deploy/", os.path.join(SOURCE, "deploy") + "/")
            ran = subprocess.run(["bash", "-c", commands], cwd=self.folder, env=environment, stdout=subprocess.PIPE,
                                 stderr=subprocess.STDOUT, timeout=120, check=False)  # fmt: skip
            printed = ran.stdout.decode()
            if index + 1 < len(found) and found[index + 1][0] == "":
                with self.subTest(block=index):
                    self.assertEqual(plain(printed), plain(found[index + 1][1]), commands)
                compared += 1
            else:
                self.assertEqual(ran.returncode, 0, printed)
        self.assertGreaterEqual(compared, 3)

    def test_every_folder_of_the_table_is_there(self):
        folders = re.findall(r"^\| `([a-z]+)/` \|", section("What is where"), re.M)
        self.assertGreaterEqual(len(folders), 6)
        for folder in folders:
            self.assertTrue(os.path.isdir(os.path.join(SOURCE, folder)), folder)

    def test_links_lead_somewhere(self):
        with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
            links = re.findall(r"\]\(([^)#]+)\)", file.read())
        self.assertTrue(links)
        for link in links:
            if "://" not in link:
                self.assertTrue(os.path.exists(os.path.join(SOURCE, link)), link)


if __name__ == "__main__":
    server_case.main()

# SPDX-License-Identifier: Apache-2.0
"""The Python client goes through its scenario against a real server."""

import os
import subprocess
import sys

import server_case
from tandem_process import BUNDLES, SOURCE

SCENARIO = os.path.join(SOURCE, "tests", "e2e", "client_scenario.py")


class PythonClientTest(server_case.ServerCase):
    def test_every_step_of_the_scenario(self):
        server = self.start(options=["--plugin-dir", BUNDLES, "--allow-unsigned-plugins"])
        done = subprocess.run(
            [sys.executable, "-B", SCENARIO, server.address, server.admin_socket],
            capture_output=True, timeout=120, check=False,
        )  # fmt: skip
        told = done.stdout.decode() + done.stderr.decode()
        self.assertEqual(done.returncode, 0, told)
        self.assertIn("all steps as they should be", told)
        self.assertNotIn("WRONG", told)


if __name__ == "__main__":
    server_case.main()

# SPDX-License-Identifier: Apache-2.0
"""Match runs and plugin processes when something ends in their middle: a plugin, the server, a patience."""

import os
import signal

import server_case
import tandem
from google.rpc import error_details_pb2
from small_round import SmallRound, make_directory
from tandem.v1 import match_run_pb2, match_service_pb2
from tandem_process import BUNDLES, wait_until

SUCCEEDED, FAILED = match_run_pb2.MATCH_RUN_STATE_SUCCEEDED, match_run_pb2.MATCH_RUN_STATE_FAILED


def process_runs(pid):
    """Whether a process is there and no zombie."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in ("Z", "X")
    except FileNotFoundError:
        return False


class MatchLifeTest(server_case.ServerCase):
    def setUp(self):
        super().setUp()
        self.shared = self.start(options=["--plugin-dir", BUNDLES, "--allow-unsigned-plugins", "--drain-seconds", "5"])
        for plugin in ("category-fit", "min-cost-flow"):
            self.shared.run("plugin", "load", plugin)
            self.shared.run("plugin", "enable", plugin)
        with tandem.connect(self.shared.address) as client:
            make_directory(client)
            small = SmallRound(client, "r")
            for number in range(4):
                small.offer(f"o-{number}", level=number + 1)
                small.need(f"n-{number}")
            self.first = small.run()
            self.assertEqual(self.first.state, SUCCEEDED, self.first)

    def host(self, plugin="min-cost-flow"):
        """The process of an enabled plugin, once there is one."""
        def pid():
            described = self.shared.run("plugin", "describe", plugin, "-o", "json").json()
            return described["state"] == "PLUGIN_STATE_ENABLED" and int(described.get("processId", 0))

        return wait_until(pid, f"the process of {plugin}")

    def get(self, client, name):
        return client.matches.GetMatchRun(match_service_pb2.GetMatchRunRequest(name=name))

    def run_stuck_in_the_solver(self, client, run_id):
        """A run that waits for a stopped solver; the solver's process."""
        host = self.host()
        os.kill(host, signal.SIGSTOP)
        client.matches.CreateMatchRun(
            match_service_pb2.CreateMatchRunRequest(
                match_run_id=run_id, match_run=match_run_pb2.MatchRun(round="rounds/r")
            )
        )
        wait_until(lambda: self.get(client, f"matchRuns/{run_id}").progress.stage == "assign", "the assign stage")
        return host

    def assert_same_as_first(self, client, run_id):
        client.matches.CreateMatchRun(
            match_service_pb2.CreateMatchRunRequest(
                match_run_id=run_id, match_run=match_run_pb2.MatchRun(round="rounds/r")
            )
        )
        run = tandem.wait_for_run(client, f"matchRuns/{run_id}", 60)
        self.assertEqual((run.state, run.degraded), (SUCCEEDED, False), run)
        self.assertEqual(run.digest, self.first.digest)

    def test_a_solver_that_dies_degrades_that_run_only(self):
        with tandem.connect(self.shared.address) as client:
            host = self.run_stuck_in_the_solver(client, "broken")
            self.assertEqual(self.get(client, "matchRuns/r"), self.first)
            os.kill(host, signal.SIGKILL)
            run = tandem.wait_for_run(client, "matchRuns/broken", 60)
            self.assertEqual(run.state, SUCCEEDED, run)
            self.assertTrue(run.degraded)
            self.assertTrue(run.verification.verified, run.verification)
            step = next(step for step in run.steps if step.stage == "assign")
            self.assertNotEqual(step.outcome, "ok")
            self.assertIn("ended", step.error.message)
            self.assertNotEqual(self.host(), host)
            self.assert_same_as_first(client, "again")

    def test_a_run_can_be_cancelled(self):
        with tandem.connect(self.shared.address) as client:
            host = self.run_stuck_in_the_solver(client, "cancelled")
            self.addCleanup(lambda: process_runs(host) and os.kill(host, signal.SIGCONT))
            client.matches.CancelMatchRun(match_service_pb2.CancelMatchRunRequest(name="matchRuns/cancelled"))
            os.kill(host, signal.SIGCONT)
            run = tandem.wait_for_run(client, "matchRuns/cancelled", 60)
            self.assertEqual(run.state, match_run_pb2.MATCH_RUN_STATE_CANCELLED, run)
            self.assert_same_as_first(client, "again")

    def test_a_server_that_dies_in_a_run_says_so_afterwards_and_leaves_no_process(self):
        with tandem.connect(self.shared.address) as client:
            hosts = [self.host("category-fit"), self.run_stuck_in_the_solver(client, "interrupted")]
        self.shared.kill()
        for host in hosts:
            wait_until(lambda host=host: not process_runs(host), f"plugin process {host} ends with the server")
        self.shared.start()
        self.host()
        with tandem.connect(self.shared.address) as client:
            run = self.get(client, "matchRuns/interrupted")
            self.assertTrue(run.done)
            self.assertEqual(run.state, FAILED)
            self.assertIn("the server stopped while", run.error.message)
            info = error_details_pb2.ErrorInfo()
            self.assertTrue(run.error.details[0].Unpack(info))
            self.assertEqual(info.reason, "RUN_INTERRUPTED")
            self.assertEqual(self.get(client, "matchRuns/r"), self.first)
            self.assert_same_as_first(client, "again")

    def test_sigterm_in_a_run_ends_in_time(self):
        with tandem.connect(self.shared.address) as client:
            hosts = [self.host("category-fit"), self.run_stuck_in_the_solver(client, "stopped")]
        self.shared.signal(signal.SIGTERM)
        self.assertEqual(self.shared.wait(30), 0)
        for host in hosts:
            wait_until(lambda host=host: not process_runs(host), f"plugin process {host} ends with the server")
        self.shared.start()
        with tandem.connect(self.shared.address) as client:
            run = self.get(client, "matchRuns/stopped")
            self.assertTrue(run.done)
            self.assertIn(run.state, (FAILED, match_run_pb2.MATCH_RUN_STATE_CANCELLED))


if __name__ == "__main__":
    server_case.main()

# SPDX-License-Identifier: Apache-2.0
"""A server whose disk fails one sync: it acknowledges nothing after that, says so, ends with its own exit
code, and the next start has every write that was acknowledged.

    failing_sync_test.py LIBRARY     LIBRARY is failing_sync.c, built
"""

import sys
import time

from server_case import ServerCase, main
from tandem_process import Tandemd

LIBRARY = sys.argv.pop(1)
EXIT_STORAGE_FAILED = 5
# From the failed sync to the end of the process, on a machine that is busy with other tests.
END_SECONDS = 30


class FailingServer(Tandemd):
    """tandemd on a disk that fails its n-th sync of a log file."""

    failing_sync = 0

    def command(self):
        words = super().command()
        at = words.index("--") + 1
        preload = [f"LD_PRELOAD={LIBRARY}", f"TANDEM_FAILING_SYNC={self.failing_sync}"]
        return [*words[:at], "env", *preload, *words[at:]]


class FailingSyncTest(ServerCase):
    def create(self, server, number):
        region = f'{{"code": "{110000 + number}", "displayName": "r{number}"}}'
        return server.tandem("regions", "create", "-f", "-", "--id", str(110000 + number), text=region)

    def fail_at(self, nth):
        folder = f"sync-{nth}"
        # Makes the store, so that the syncs of that are behind it.
        self.assertEqual(self.start(folder).stop(), 0)
        server = FailingServer(self.path(folder))
        self.addCleanup(server.kill)
        server.failing_sync = nth
        server.start()
        acknowledged = []
        for number in range(nth + 20):
            done = self.create(server, number)
            if done.code != 0:
                break
            acknowledged.append(number)
        self.assertLess(len(acknowledged), nth, "a write after the failed sync was acknowledged")
        # The tool tries again, and by then the server may be gone: its last word counts for nothing.
        self.assertIn("UNAVAILABLE", done.err)
        started = time.monotonic()
        self.assertNotEqual(self.create(server, 9999).code, 0)
        self.assertEqual(server.wait(END_SECONDS), EXIT_STORAGE_FAILED)
        print(f"sync {nth}: {len(acknowledged)} acknowledged, ended {time.monotonic() - started:.1f} s later")
        self.assertTrue(server.events("storage_failed"))

        again = self.start(folder)
        for number in acknowledged:
            self.assertEqual(again.tandem("regions", "get", str(110000 + number)).code, 0, number)
        self.assertEqual(self.create(again, 9998).code, 0)
        self.assertEqual(again.stop(), 0)
        return len(acknowledged)

    def test_no_write_is_acknowledged_after_a_failed_sync(self):
        counts = [self.fail_at(nth) for nth in (1, 2, 7)]
        self.assertGreater(max(counts), 2, "the sync failed before anything was acknowledged")


if __name__ == "__main__":
    main()

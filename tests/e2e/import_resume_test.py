# SPDX-License-Identifier: Apache-2.0
"""An import that is killed goes on from its checkpoint: the same end, the same counts, nothing twice."""

import json
import os
import re
import subprocess

import server_case
from tandem_process import clean_environment, program, wait_until

PARTIAL = 7
COUNT = 40000


def line(i):
    """Every hundredth is refused by the server, every 150th before it is sent."""
    if i % 150 == 7:
        return '{"broken %d' % i
    title = "" if i % 100 == 3 else f"题{i}"
    return json.dumps({"name": f"serviceCategories/n-{i}", "displayName": title, "taxonomy": "t",
                       "definition": "词" * 200}, ensure_ascii=False)  # fmt: skip


BROKEN = [line(i) for i in range(COUNT) if i % 150 == 7]
REFUSED = [line(i) for i in range(COUNT) if i % 150 != 7 and i % 100 == 3]
GOOD = COUNT - len(BROKEN) - len(REFUSED)
SUMS = {"created": GOOD, "updated": 0, "unchanged": 0, "skipped": 0, "failed": len(BROKEN) + len(REFUSED)}


class ImportResumeTest(server_case.ServerCase):
    def setUp(self):
        super().setUp()
        self.shared = self.start()
        self.file = self.write("in.ndjson", "".join(line(i) + "\n" for i in range(COUNT)))
        self.checkpoint = self.file + ".checkpoint"
        self.rejects = self.path("rejects.ndjson")
        self.command = ["category", "import", self.file, "-o", "json", "--reject", self.rejects]

    def kill_midway(self):
        """Starts an import and kills it once a checkpoint lies there; the checkpoint."""
        process = subprocess.Popen(
            [program("tandem"), *self.command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            env=clean_environment({"TANDEM_SERVER": self.shared.address}),
        )  # fmt: skip
        self.addCleanup(process.kill)
        wait_until(lambda: os.path.exists(self.checkpoint), "the checkpoint")
        self.assertIsNone(process.poll(), "it was over before it was killed")
        process.kill()
        process.wait(30)
        with open(self.checkpoint, encoding="utf-8") as file:
            return json.load(file)

    def stored(self):
        return self.shared.run("category", "list", "--all", "-o", "name").out.split()

    def test_killed_and_resumed_it_ends_as_if_it_had_not_been(self):
        before = self.kill_midway()
        self.assertGreater(before["number"], 0)
        self.assertGreater(before["offset"], 0)
        done = self.shared.tandem(*self.command, "--resume")
        self.assertEqual(done.code, PARTIAL, done.err)
        self.assertEqual(json.loads(done.out), SUMS)
        self.assertEqual(len(self.stored()), GOOD)
        self.assertFalse(os.path.exists(self.checkpoint), "a whole import leaves none")
        with open(self.rejects, encoding="utf-8") as file:
            kept = file.read().splitlines()
        self.assertEqual(len(kept), len(set(kept)), "nothing is kept twice")
        self.assertEqual(sorted(k for k in kept if "broken" in k), sorted(BROKEN))
        untold = re.search(r"(\d+) of the refused records were refused before the break", done.err)
        missing = int(untold.group(1)) if untold else 0
        self.assertEqual(len(kept), len(BROKEN) + len(REFUSED) - missing, "what is missing is said")

    def test_a_changed_file_or_way_is_refused(self):
        self.kill_midway()
        for change, options in (
            ("the file changed", ()),
            ("in another way", ("--on-conflict", "skip")),
        ):
            with self.subTest(change):
                if not options:
                    with open(self.file, "r+b") as file:
                        file.write(b' {"name"')
                done = self.shared.tandem(*self.command, *options, "--resume")
                self.assertEqual(done.code, 1)
                self.assertIn("CHECKPOINT_MISMATCH", done.err)
        with open(self.checkpoint, "w", encoding="utf-8") as file:
            file.write("{}")
        self.assertIn("is no checkpoint", self.shared.tandem(*self.command, "--resume").err)
        os.unlink(self.checkpoint)
        self.assertEqual(self.shared.tandem(*self.command, "--resume").code, 3)

    def test_memory_does_not_grow_with_the_file(self):
        def peak(path):
            script = "import resource,subprocess,sys; subprocess.run(sys.argv[1:], check=True, stdout=2); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
            done = subprocess.run(
                ["/usr/bin/python3", "-c", script, program("tandem"), "category", "import", path, "--on-conflict", "skip"],
                capture_output=True, check=True, env=clean_environment({"TANDEM_SERVER": self.shared.address}),
            )  # fmt: skip
            return int(done.stdout)

        good = [line(i) + "\n" for i in range(COUNT) if i % 150 != 7 and i % 100 != 3]
        small = peak(self.write("small.ndjson", "".join(good[: COUNT // 10])))
        large = peak(self.write("large.ndjson", "".join(good)))
        self.assertLess(large, small + 16 * 1024, "KiB at most: ten times the records")


if __name__ == "__main__":
    server_case.main()

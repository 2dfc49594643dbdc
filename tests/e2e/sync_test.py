# SPDX-License-Identifier: Apache-2.0
"""`tandem sync`, `tandem source`, `tandem conflict`: nights of a directory that several sources keep true."""

import json
import re
import signal
import subprocess

import server_case
from tandem_process import clean_environment, program, wait_until

PARTIAL, INTERRUPTED = 7, 130


def row(number, **more):
    return json.dumps(
        {"name": f"agencies/syn-{number}", "displayName": f"合成-{number}",
         "identifiers": [{"scheme": "synthetic", "value": f"S{number}", "verified": True}], **more},
        ensure_ascii=False,
    )  # fmt: skip


def rows(numbers, **more):
    return "".join(row(n, **more) + "\n" for n in numbers)


def sums(**counts):
    words = ("created", "updated", "unchanged", "skipped", "conflicted", "missing", "failed")
    return {word: counts.get(word, 0) for word in words}


class SyncTest(server_case.ServerCase):
    def setUp(self):
        super().setUp()
        self.shared = self.start()

    def source(self, name, kind, **more):
        record = {"name": f"sources/{name}", "displayName": name, "kind": f"SOURCE_KIND_{kind}", **more}
        self.shared.run("source", "create", "-f", self.write("source.json", json.dumps(record)))

    def sync(self, source, path, *options):
        """The exit code, the sums, what was said."""
        done = self.shared.tandem("sync", "--source", source, path, "-o", "json", *options)
        return done.code, json.loads(done.out.splitlines()[-1]), done.err

    def agency(self, number):
        return self.shared.run("agency", "get", f"syn-{number}", "-o", "json").json()

    def revision(self):
        return self.shared.run("agency", "list", "--limit", "1", "-o", "json").json()["revision"]

    def missing(self):
        listed = self.shared.run("agency", "list", "--all", "-o", "name", "--filter",
                                 'source_ids.not_seen_since_date:"2*"')  # fmt: skip
        return len(listed.out.split())

    def test_nights_of_two_sources(self):
        self.source("mca", "REGISTRY")
        self.source("self", "SELF")
        full = self.write("full.ndjson", rows(range(200), staff={"total": 10}))
        self.assertEqual(self.sync("mca", full, "--full", "--dry-run")[:2], (0, sums(created=200)))
        self.assertEqual(self.sync("mca", full, "--full")[:2], (0, sums(created=200)))
        own = self.write("own.ndjson", rows(range(2), staff={"total": 12}, whatWeDo="访") + row(2) + "\n")
        self.assertEqual(self.sync("self", own)[:2], (0, sums(conflicted=2, updated=1)))
        self.assertEqual(self.agency(0)["staff"], {"total": 10})
        self.assertEqual(self.agency(0)["whatWeDo"], "访")

        listed = self.shared.run("conflict", "list", "--filter", 'agency = "agencies/syn-1"', "-o", "json").json()
        held = listed["fieldConflicts"][0]
        self.assertEqual((held["fieldGroup"], held["source"], held["state"]),
                         ("staff", "sources/self", "FIELD_CONFLICT_STATE_OPEN"))  # fmt: skip
        self.shared.run("conflict", "resolve", held["name"], "--keep", "self", "--until", "2999-12-31")
        self.assertEqual(self.agency(1)["staff"], {"total": 12})
        self.assertEqual(self.sync("mca", full, "--full")[:2], (0, sums(unchanged=200)))
        self.assertEqual(self.agency(1)["staff"], {"total": 12})
        wrong = self.shared.tandem("conflict", "resolve", held["name"], "--keep", "nobody")
        self.assertEqual(wrong.code, 1)
        self.assertIn("STATE_WRONG: sources/nobody has said nothing about staff of agencies/syn-1", wrong.err)

        # A person's correction stands.
        patch = self.write("patch.json", json.dumps({"name": "agencies/syn-5", "staff": {"total": 11}}))
        self.shared.run("agency", "update", "-f", patch)
        self.assertEqual(self.sync("mca", full, "--full")[:2], (0, sums(unchanged=200)))
        self.assertEqual(self.agency(5)["staff"], {"total": 11})

    def test_a_source_that_goes_silent(self):
        self.source("mca", "REGISTRY")
        self.sync("mca", self.write("full.ndjson", rows(range(1000))), "--full")
        before = self.revision()
        for left in (600, 0, 949):
            code, counts, told = self.sync("mca", self.write("some.ndjson", rows(range(left))), "--full")
            self.assertEqual((code, counts), (PARTIAL, sums(unchanged=left)))
            self.assertIn(f"{1000 - left:,} of the 1,000 records of sources/mca are missing", told)
            self.assertEqual((self.missing(), self.revision()), (0, before))
        some = self.write("some.ndjson", rows(range(950)))
        self.assertEqual(self.sync("mca", some, "--full")[:2], (0, sums(unchanged=950, missing=50)))
        self.assertEqual(self.missing(), 50)
        few = self.write("few.ndjson", rows(range(10)))
        self.assertEqual(self.sync("mca", few, "--full", "--force")[:2], (0, sums(unchanged=10, missing=940)))
        everything = self.shared.run("agency", "list", "--all", "-o", "name").out.split()
        self.assertEqual(len(everything), 1000)

    def test_a_file_that_can_not_be_read_whole(self):
        self.source("mca", "REGISTRY")
        self.sync("mca", self.write("full.ndjson", rows(range(100))), "--full")
        code, counts, told = self.sync("mca", self.write("x.ndjson", rows(range(99)) + '{"broken'), "--full")
        self.assertEqual((code, counts), (PARTIAL, sums(unchanged=99, failed=1)))
        self.assertIn("none was marked", told)
        self.assertEqual(self.missing(), 0)

    def test_twenty_thousand_twice(self):
        self.source("mca", "REGISTRY", assuranceDays=365)
        path = self.write("full.ndjson", rows(range(20_000), staff={"total": 10}))
        self.assertEqual(self.sync("mca", path, "--full")[:2], (0, sums(created=20_000)))
        before = self.revision()
        self.assertEqual(self.sync("mca", path, "--full")[:2], (0, sums(unchanged=20_000)))
        self.assertEqual(self.revision(), before, "a sync of the same made an event")

    def begin(self, path, *options):
        process = subprocess.Popen(
            [program("tandem"), "sync", "--source", "mca", "--full", path, "-o", "json", *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=clean_environment({"TANDEM_SERVER": self.shared.address}),
        )  # fmt: skip
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        return process

    def test_ctrl_c_and_kill_come_to_the_same_end(self):
        self.source("mca", "REGISTRY", protectionPermille=1000)
        self.sync("mca", self.write("old.ndjson", rows(range(5000))), "--full")
        path = self.write("new.ndjson", rows(range(4000, 30_000), whatWeDo="词" * 300))
        again = ["--request-id", "6d8f6a4e-8f5d-4e3c-9c57-0123456789ab"]
        process = self.begin(path, *again)
        wait_until(lambda: self.shared.tandem("agency", "get", "syn-5100").code == 0, "the first new record")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED, err.decode())
        self.assertLess(json.loads(out)["created"], 25_000, "it was over before the signal came")
        self.assertRegex(err.decode(), "stopped before the end, nothing was marked; go on with: --request-id 6d8f")
        self.assertEqual(self.missing(), 0)

        # Both sides die, one after the other.
        process = self.begin(path, *again)
        process.kill()
        process.wait()
        process = self.begin(path, *again, "--timeout", "60s")
        wait_until(lambda: self.shared.tandem("agency", "get", "syn-12000").code == 0, "more records")
        self.shared.kill()
        self.shared.listen = self.shared.address
        self.shared.start()
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, err.decode())
        self.assertEqual(json.loads(out), sums(created=25_000, updated=1000, missing=4000))
        self.assertEqual(self.missing(), 4000)
        self.assertEqual(self.sync("mca", path, "--full")[:2], (0, sums(unchanged=26_000)))

    def test_people_read_it(self):
        self.source("mca", "REGISTRY")
        path = self.write("full.ndjson", rows(range(3)))
        done = self.shared.run("sync", "--source", "sources/mca", "--full", path)
        told = "3 created, 0 updated, 0 unchanged, 0 skipped, 0 conflicted, 0 missing, 0 failed"
        self.assertTrue(re.fullmatch(rf"3 records in [0-9.]+ s: {told}\n", done.out), done.out)
        self.assertEqual(self.shared.tandem("sync", "--full", path).code, 2)
        self.assertEqual(self.shared.tandem("sync", "--source", "mca", "--force", path).code, 2)
        none = self.shared.tandem("sync", "--source", "none", path)
        self.assertEqual(none.code, 3)
        self.assertIn("there is no sources/none", none.err)
        self.assertIn("REGISTRY", self.shared.run("source", "list").out)
        deleted = self.shared.tandem("source", "delete", "mca")
        self.assertIn("RESOURCE_IN_USE", deleted.err)


if __name__ == "__main__":
    server_case.main()

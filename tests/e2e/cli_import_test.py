# SPDX-License-Identifier: Apache-2.0
"""`tandem … import`: broken lines by place, field and reason; sums that add up; conflicts, dry runs, Ctrl-C."""

import json
import re
import signal
import subprocess

import server_case
from tandem_process import clean_environment, program, tandem, wait_until

PARTIAL, INTERRUPTED = 7, 130


def line(name, title="题", **more):
    return json.dumps(
        {"name": f"serviceCategories/{name}", "displayName": title, "taxonomy": "t", **more}, ensure_ascii=False
    )


def sums(created=0, updated=0, unchanged=0, skipped=0, failed=0):
    return {"created": created, "updated": updated, "unchanged": unchanged, "skipped": skipped, "failed": failed}


class CliImportTest(server_case.ServerCase):
    def setUp(self):
        super().setUp()
        self.shared = self.start()

    def load(self, path, *options):
        """Imports categories; the exit code, the final sums, the complaints."""
        done = self.shared.tandem("category", "import", path, "-o", "json", *options)
        return done.code, json.loads(done.out.splitlines()[-1]), done.err.replace(path, "FILE").splitlines()

    def names(self):
        return [n.split("/")[1] for n in self.shared.run("category", "list", "--all", "-o", "name").out.split()]

    def test_ndjson_with_broken_lines(self):
        text = "\n".join([
            line("a"),
            '{"name": "serviceCategories/b", "displayName":',
            '  {"name": "serviceCategories/c", "displayNam": "丙", "taxonomy": "t"}',
            "",
            '{"name": "serviceCategories/d", "taxonomy": "t", "displayName": ""}',
            '{"name": "serviceCategories/e", "displayName": "戊", "taxonomy": "t", "state": "WRONG"}',
            line("f", parentCategory="serviceCategories/none"),
            line("a", "again"),
            '[1]',
            line("g"),
        ])  # fmt: skip
        code, counts, told = self.load(self.write("x.ndjson", text))
        self.assertEqual(code, PARTIAL)
        self.assertEqual(counts, sums(created=2, failed=7))
        self.assertEqual(sum(counts.values()), 9, "every line that is not empty counts once")
        self.assertEqual(self.names(), ["a", "g"])
        told = {int(t.split(":")[1]): t for t in told}
        self.assertEqual(sorted(told), [2, 3, 5, 6, 7, 8, 9])
        for number, column, field, reason in (
            (2, 47, "display_?[nN]ame", "TEXT_INVALID"),
            (3, 35, "displayNam", "FIELD_UNKNOWN"),
            (5, 50, "display_name", "FIELD_INVALID"),
            (6, 79, "state", "FIELD_INVALID"),
            (7, None, "parent_category", "REFERENCE_MISSING|FIELD_INVALID"),
            (8, 1, None, "RESOURCE_EXISTS"),
            (9, 1, None, "TEXT_INVALID|FIELD_INVALID"),
        ):
            with self.subTest(told[number]):
                self.assertRegex(told[number], rf"^FILE:{number}:{column or '[0-9]+'}: ({reason}): ")
                if field:
                    self.assertRegex(told[number], field)

    def test_a_file_that_is_no_utf8(self):
        broken = line("b").encode().replace(b"b", b"\xff\xfe")
        path = self.write("x.ndjson", line("a").encode() + b"\n" + broken + b"\n")
        code, counts, told = self.load(path)
        self.assertEqual((code, counts), (PARTIAL, sums(created=1, failed=1)))
        self.assertRegex(told[0], "^FILE:2:[0-9]+: TEXT_INVALID: .*UTF-8")

    def test_csv_by_its_header(self):
        text = ('name,display_name,taxonomy,labels.k\r\n'
                'serviceCategories/a,"甲, ""quoted""",t,v\r\n'
                'serviceCategories/b,,t,\r\n'
                'serviceCategories/c,丙,t\r\n'
                '"serviceCategories/d",丁,t,w\r\n')  # fmt: skip
        code, counts, told = self.load(self.write("x.csv", text))
        self.assertEqual((code, counts), (PARTIAL, sums(created=2, failed=2)))
        told = {int(t.split(":")[1]): t for t in told}
        self.assertRegex(told[3], "^FILE:3:21: FIELD_INVALID: display_name: is required")
        self.assertRegex(told[4], "^FILE:4:1: TEXT_INVALID: 3 fields, but the header names 4")
        found = self.shared.run("category", "get", "a", "-o", "json").json()
        self.assertEqual((found["displayName"], found["labels"]), ('甲, "quoted"', {"k": "v"}))

    def test_csv_with_a_mapping_file(self):
        mapping = self.write("map.yaml", "delimiter: ;\nfields:\n  name: {column: 编号, prefix: serviceCategories/}\n"
                                         "  display_name: 名称\n  taxonomy: {constant: t}\n"
                                         "  state: {column: 状态, values: {公布: CATEGORY_STATE_PUBLISHED}}\n")  # fmt: skip
        path = self.write("x.csv", "编号;名称;状态\na;甲;公布\nb;乙;未知\n")
        code, counts, told = self.load(path, "--mapping", mapping)
        self.assertEqual((code, counts), (PARTIAL, sums(created=1, failed=1)))
        self.assertRegex(told[0], "^FILE:3:5: FIELD_INVALID: state: ")
        self.assertEqual(
            self.shared.run("category", "get", "a", "-o", "json").json()["state"], "CATEGORY_STATE_PUBLISHED"
        )
        wrong = self.write("wrong.yaml", "fields:\n  naem: 编号\n")
        done = self.shared.tandem("category", "import", path, "--mapping", wrong)
        self.assertEqual(done.code, 1)
        self.assertRegex(done.err, r"wrong\.yaml:2:3: .*did you mean name\?")

    def test_conflict_rules_and_dry_runs(self):
        path = self.write("x.ndjson", line("a") + "\n" + line("b") + "\n")
        changed = self.write("y.ndjson", line("a") + "\n" + line("b", "新") + "\n" + line("c") + "\n")
        self.assertEqual(self.load(path, "--dry-run")[:2], (0, sums(created=2)))
        self.assertEqual(self.names(), [])
        self.assertEqual(self.load(path)[:2], (0, sums(created=2)))
        self.assertEqual(self.load(path)[:2], (PARTIAL, sums(failed=2)))
        self.assertEqual(self.load(changed, "--on-conflict", "skip", "--dry-run")[1], sums(created=1, skipped=2))
        dry = self.load(changed, "--on-conflict", "replace", "--dry-run")
        self.assertEqual(dry[:2], (0, sums(created=1, updated=1, unchanged=1)))
        self.assertEqual(self.names(), ["a", "b"])
        before = self.shared.run("category", "get", "a", "-o", "json").out
        self.assertEqual(self.load(changed, "--on-conflict", "replace")[1], sums(created=1, updated=1, unchanged=1))
        self.assertEqual(self.shared.run("category", "get", "a", "-o", "json").out, before)
        self.assertEqual(self.load(changed, "--on-conflict", "replace")[1], sums(unchanged=3))

    def test_refused_lines_can_be_mended_and_imported_again(self):
        rejects = self.path("rejects.ndjson")
        text = "\n".join([line("a"), line("b", ""), '{"broken', line("c")])
        self.load(self.write("x.ndjson", text), "--reject", rejects)
        with open(rejects, encoding="utf-8") as file:
            kept = file.read()
        self.assertEqual(sorted(kept.splitlines()), sorted([line("b", ""), '{"broken']))
        mended = kept.replace(line("b", ""), line("b", "乙")).replace('{"broken', line("d"))
        self.assertEqual(self.load(self.write("y.ndjson", mended))[:2], (0, sums(created=2)))

    def test_the_same_request_id_imports_once(self):
        path = self.write("x.ndjson", "".join(line(f"n-{i}") + "\n" for i in range(2500)))
        again = ["--request-id", "6d8f6a4e-8f5d-4e3c-9c57-0123456789ab"]
        first = self.load(path, *again)
        self.assertEqual(first[:2], (0, sums(created=2500)))
        self.assertEqual(self.load(path, *again)[:2], first[:2])

    def test_files_that_are_not_there_and_servers_that_are_not_there(self):
        self.assertEqual(self.shared.tandem("category", "import", self.path("none.ndjson")).code, 1)
        done = tandem("category", "import", self.write("x.ndjson", line("a")), "--server", "127.0.0.1:1",
                      "--timeout", "2s")  # fmt: skip
        self.assertEqual(done.code, 5)
        self.assertIn("is a server running at 127.0.0.1:1?", done.err)

    def test_ctrl_c_stops_in_order_and_tells_how_to_go_on(self):
        count = 40000
        path = self.write("x.ndjson", "".join(line(f"n-{i}", definition="词" * 300) + "\n" for i in range(count)))
        command = [program("tandem"), "category", "import", path, "-o", "json"]
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            env=clean_environment({"TANDEM_SERVER": self.shared.address}),
        )  # fmt: skip
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        wait_until(lambda: self.shared.tandem("category", "get", "n-0").code == 0, "the first record")
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, INTERRUPTED, err.decode())
        counts = json.loads(out)
        self.assertGreater(counts["created"], 0)
        self.assertLess(counts["created"], count, "it was over before the signal came")
        told = re.search(r"stopped after record (\d+); go on with: (--request-id) (\S+)", err.decode())
        self.assertEqual(int(told.group(1)), counts["created"])
        # What was counted is there, and the rest comes with the request id.
        self.assertEqual(len(self.names()), counts["created"])
        self.assertEqual(self.load(path, told.group(2), told.group(3))[:2], (0, sums(created=count)))
        self.assertEqual(len(self.names()), count)

    def test_a_server_that_dies_and_comes_back_gets_the_rest(self):
        count = 30000
        path = self.write("x.ndjson", "".join(line(f"n-{i}", definition="词" * 300) + "\n" for i in range(count)))
        process = subprocess.Popen(
            [program("tandem"), "category", "import", path, "-o", "json", "--timeout", "60s"], stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, env=clean_environment({"TANDEM_SERVER": self.shared.address}),
        )  # fmt: skip
        self.addCleanup(process.stderr.close)
        self.addCleanup(process.stdout.close)
        self.addCleanup(process.kill)
        wait_until(lambda: self.shared.tandem("category", "get", "n-0").code == 0, "the first record")
        self.shared.kill()
        self.assertIsNone(process.poll(), "it was over before the server died")
        self.shared.listen = self.shared.address
        self.shared.start()
        out, err = process.communicate(timeout=120)
        self.assertEqual(process.returncode, 0, err.decode())
        self.assertRegex(err.decode(), r"connection lost \(.*\), going on after record \d+")
        self.assertEqual(json.loads(out), sums(created=count))
        self.assertEqual(len(self.names()), count)

    def test_progress_is_for_terminals(self):
        path = self.write("x.ndjson", "".join(line(f"n-{i}") + "\n" for i in range(2000)))
        done = self.shared.run("category", "import", path)
        self.assertEqual(done.err, "")
        told = "2,000 created, 0 updated, 0 unchanged, 0 skipped, 0 failed"
        self.assertRegex(done.out, rf"^2,000 records in [0-9.]+ s: {told}\n$")


if __name__ == "__main__":
    server_case.main()

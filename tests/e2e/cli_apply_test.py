# SPDX-License-Identifier: Apache-2.0
"""`tandem apply`, `diff` and `edit` against a server: files of mixed records in, what changed out."""

import os
import stat

import server_case
from tandem_process import program

DONE, FAILED, USAGE, PARTIAL, NOT_COMPARED = 0, 1, 2, 7, 8

# Referenced records stand last: the order of the file is not the order of the writes.
MIXED = """
name: agencies/{0}
displayName: 机构 {0}
homeRegion: regions/{0}-county
categories:
- category: serviceCategories/{0}-field
  level: 3
---
name: regions/{0}-county
displayName: 县
code: {0}-county
parentRegion: regions/{0}-province
---
name: regions/{0}-province
displayName: 省
code: {0}-province
---
name: serviceCategories/{0}-field
displayName: 领域
taxonomy: t
"""


class CliApplyTest(server_case.SharedServerCase):
    def outcomes(self, *arguments, **more):
        """What apply said of each record, by name."""
        done = self.shared.run("apply", *arguments, **more)
        return dict(line.rsplit(" ", 1) for line in done.out.splitlines())

    def test_created_then_unchanged_then_configured(self):
        path = self.write("mixed.yaml", MIXED.format("a"))
        names = ["agencies/a", "regions/a-county", "regions/a-province", "serviceCategories/a-field"]
        self.assertEqual(self.outcomes("-f", path), dict.fromkeys(names, "created"))
        before = self.shared.run("agency", "get", "a", "-o", "json").json()
        self.assertEqual(self.outcomes("-f", path), dict.fromkeys(names, "unchanged"))
        self.assertEqual(self.shared.run("agency", "get", "a", "-o", "json").json(), before, "not even the etag")
        changed = MIXED.format("a").replace("level: 3", "level: 5")
        self.assertEqual(
            self.outcomes("-f", "-", text=changed),
            {**dict.fromkeys(names, "unchanged"), "agencies/a": "configured"},
        )

    def test_fields_a_file_leaves_out_stay_unless_replaced(self):
        self.shared.run("apply", "-f", "-", text="name: serviceCategories/keep\ndisplayName: x\ntaxonomy: t\ndefinition: d\n")
        short = "name: serviceCategories/keep\ndisplayName: y\ntaxonomy: t\n"
        self.shared.run("apply", "-f", "-", text=short)
        kept = self.shared.run("category", "get", "keep", "-o", "json").json()
        self.assertEqual((kept["displayName"], kept["definition"]), ("y", "d"))
        self.shared.run("apply", "--replace", "-f", "-", text=short)
        self.assertNotIn("definition", self.shared.run("category", "get", "keep", "-o", "json").json())

    def test_a_dry_run_tells_the_same_and_writes_nothing(self):
        outcomes = self.outcomes("-f", "-", "--dry-run", text=MIXED.format("dry"))
        self.assertEqual(set(outcomes.values()), {"created"})
        self.assertEqual(self.shared.tandem("agency", "get", "dry").code, 3)
        self.assertEqual(self.shared.tandem("region", "get", "dry-province").code, 3)

    def test_what_list_prints_is_what_apply_reads(self):
        self.shared.run("apply", "-f", "-", text=MIXED.format("round"))
        for form in ("json", "yaml"):
            printed = self.shared.run("agency", "list", "--filter", 'name = "agencies/round"', "-o", form).out
            self.assertEqual(self.outcomes("-f", "-", text=printed), {"agencies/round": "unchanged"})

    def test_one_refused_record_does_not_stop_the_others(self):
        text = (
            '{"name": "serviceCategories/p1", "displayName": "x", "taxonomy": "t"}\n'
            '{"name": "serviceCategories/p2", "displayName": "x"}\n'
            '{"name": "serviceCategories/p3", "displayName": "x", "taxonomy": "t"}\n'
        )
        done = self.shared.tandem("apply", "-f", "-", text=text)
        self.assertEqual(done.code, PARTIAL)
        self.assertEqual(
            done.out, "serviceCategories/p1 created\nserviceCategories/p2 failed\nserviceCategories/p3 created\n"
        )
        self.assertIn("standard input:2: serviceCategories/p2", done.err)
        self.assertIn("taxonomy", done.err)
        done = self.shared.tandem("apply", "-f", "-", "-o", "json", text=text)
        self.assertEqual(done.code, PARTIAL)
        told = done.json()
        self.assertEqual((told["created"], told["unchanged"], told["failed"]), (0, 2, 1))
        self.assertEqual(told["results"][1]["reason"], "FIELD_INVALID")
        only = self.shared.tandem("apply", "-f", "-", text=text.splitlines()[1])
        self.assertEqual(only.code, FAILED)

    def test_several_files_and_folders(self):
        os.makedirs(self.path("folder", "deep"), exist_ok=True)
        one = self.write("folder/one.yaml", "name: serviceCategories/f1\ndisplayName: x\ntaxonomy: t\n")
        two = self.write("folder/deep/two.json", '{"name": "serviceCategories/f2", "displayName": "x", "taxonomy": "t"}')
        self.assertEqual(len(self.outcomes("-f", one, "-f", two, "--dry-run")), 2)
        self.assertEqual(len(self.outcomes("-f", self.path("folder"), "--dry-run")), 1)
        self.assertEqual(len(self.outcomes("-f", self.path("folder"), "-R")), 2)
        done = self.shared.tandem("apply", "-f", one, "-f", one)
        self.assertEqual(done.code, FAILED)
        self.assertIn("stands at", done.err)

    def test_a_wrong_file_writes_nothing_at_all(self):
        text = "name: serviceCategories/w1\ndisplayName: x\ntaxonomy: t\n---\nname: serviceCategories/w2\ntaxonmy: t\n"
        done = self.shared.tandem("apply", "-f", "-", text=text)
        self.assertEqual(done.code, FAILED)
        self.assertIn("standard input:6:1", done.err)
        self.assertIn("did you mean taxonomy?", done.err)
        self.assertEqual(self.shared.tandem("category", "get", "w1").code, 3)
        self.assertEqual(self.shared.tandem("apply").code, USAGE)
        self.assertEqual(self.shared.tandem("apply", "-f", self.path("none")).code, FAILED)

    def test_an_old_etag_is_refused(self):
        self.shared.run("apply", "-f", "-", text="name: serviceCategories/et\ndisplayName: x\ntaxonomy: t\n")
        printed = self.shared.run("category", "get", "et", "-o", "yaml").out
        self.shared.run("category", "update", "et", "-f", "-", text="displayName: y\n")
        done = self.shared.tandem("apply", "-f", "-", text=printed)
        self.assertEqual(done.code, FAILED)
        self.assertIn("ETAG_MISMATCH", done.err)

    def test_diff_shows_what_apply_would_do(self):
        text = MIXED.format("diff")
        done = self.shared.tandem("diff", "-f", "-", text=text)
        self.assertEqual(done.code, 1, done.err)
        self.assertIn("--- /dev/null\n+++ agencies/diff standard input:2\n", done.out)
        self.assertIn("\n+homeRegion: regions/diff-county\n", done.out)
        self.shared.run("apply", "-f", "-", text=text)
        done = self.shared.tandem("diff", "-f", "-", text=text)
        self.assertEqual((done.code, done.out), (DONE, ""), done.err)
        done = self.shared.tandem("diff", "-f", "-", text=text.replace("displayName: 县", "displayName: 新县"))
        self.assertEqual(done.code, 1)
        self.assertIn("\n-displayName: 县\n+displayName: 新县\n", done.out)
        self.assertNotIn("agencies/diff", done.out)
        self.assertNotIn("etag", done.out)
        done = self.shared.tandem("diff", "-f", "-", text="name: serviceCategories/bad\ndisplayName: x\n")
        self.assertEqual(done.code, NOT_COMPARED)
        self.assertIn("taxonomy", done.err)


class CliEditTest(server_case.SharedServerCase):
    """The editor is a script that changes the file it is given."""

    def setUp(self):
        self.tmp = self.path("tmp-" + self.id().rsplit(".", 1)[1])
        os.makedirs(self.tmp)

    def edit(self, name, script, **more):
        path = os.path.join(self.tmp, "editor.sh")
        with open(path, "w", encoding="utf-8") as file:
            file.write("#!/bin/sh\nset -e\n" + script)
        os.chmod(path, stat.S_IRWXU)
        environment = {"EDITOR": path, "VISUAL": "", "TMPDIR": self.tmp}
        return self.shared.tandem("category", "edit", name, environment=environment, **more)

    def create(self, name):
        self.shared.run(
            "category", "create", "-f", "-", text=f"name: {name}\ndisplayName: 旧\ntaxonomy: t\ndefinition: d\n"
        )

    def left_over(self):
        return [name for name in os.listdir(self.tmp) if name.startswith("tandem-edit-")]

    def test_a_change_is_sent(self):
        self.create("e1")
        done = self.edit("e1", 'sed -i -e "s/旧/新/" -e "/^definition/d" "$1"\n')
        self.assertEqual((done.code, done.out), (DONE, "serviceCategories/e1 edited\n"), done.err)
        edited = self.shared.run("category", "get", "e1", "-o", "json").json()
        self.assertEqual(edited["displayName"], "新")
        self.assertNotIn("definition", edited)
        self.assertEqual(self.left_over(), [])

    def test_no_change_is_no_call(self):
        self.create("e2")
        before = self.shared.run("category", "get", "e2", "-o", "json").json()
        for script in (":\n", 'echo "# a remark" >> "$1"\n', ': > "$1"\n'):
            done = self.edit("e2", script)
            self.assertEqual((done.code, done.out, done.err), (DONE, "", "nothing changed\n"))
        self.assertEqual(self.shared.run("category", "get", "e2", "-o", "json").json(), before)
        self.assertEqual(self.left_over(), [])

    def test_a_refused_text_is_opened_again_with_the_reason(self):
        self.create("e3")
        script = (
            'if grep -q "no such field" "$1"; then sed -i "s/^taxonmy/taxonomy/" "$1";\n'
            'else sed -i "s/^taxonomy: t/taxonmy: u/" "$1"; fi\n'
        )
        done = self.edit("e3", script)
        self.assertEqual(done.code, DONE, done.err)
        self.assertEqual(self.shared.run("category", "get", "e3", "-o", "json").json()["taxonomy"], "u")

    def test_who_gives_up_keeps_the_text(self):
        self.create("e4")
        done = self.edit("e4", 'sed -i "s/^displayName: .*/displayName: \'\'/" "$1"\n')
        self.assertEqual(done.code, FAILED)
        self.assertIn("display_name", done.err)
        (kept,) = self.left_over()
        self.assertIn(os.path.join(self.tmp, kept), done.err)
        with open(os.path.join(self.tmp, kept), encoding="utf-8") as file:
            self.assertIn("displayName: ''", file.read())
        self.assertEqual(stat.S_IMODE(os.stat(os.path.join(self.tmp, kept)).st_mode), 0o600)

    def test_a_conflict_keeps_the_text(self):
        self.create("e5")
        other = f'{program("tandem")} category update e5 -f - <<E\ndefinition: faster\nE\n'
        done = self.edit("e5", other + 'sed -i "s/旧/mine/" "$1"\n')
        self.assertEqual(done.code, FAILED)
        self.assertIn("ETAG_MISMATCH", done.err)
        (kept,) = self.left_over()
        with open(os.path.join(self.tmp, kept), encoding="utf-8") as file:
            self.assertIn("mine", file.read())
        self.assertEqual(self.shared.run("category", "get", "e5", "-o", "json").json()["displayName"], "旧")

    def test_an_editor_that_fails_changes_nothing(self):
        self.create("e6")
        done = self.edit("e6", 'sed -i "s/旧/新/" "$1"\nexit 3\n')
        self.assertEqual(done.code, FAILED)
        self.assertIn("EDITOR", done.err)
        self.assertEqual(self.shared.run("category", "get", "e6", "-o", "json").json()["displayName"], "旧")

    def test_the_name_can_not_be_edited(self):
        self.create("e7")
        done = self.edit("e7", 'sed -i "s/e7/e8/" "$1"\n')
        self.assertEqual(done.code, FAILED)
        self.assertIn("must stay serviceCategories/e7", done.err)


if __name__ == "__main__":
    server_case.main()

# SPDX-License-Identifier: Apache-2.0
"""`tandem export`: what goes out as NDJSON, CSV or XLSX comes back as the same records, or is told as lost."""

import json
import os
from random import Random

import server_case

REGIONS = """{"name":"regions/630000","code":"630000","displayName":"青海省"}
{"name":"regions/632323","code":"632323","displayName":"泽库县","parentRegion":"regions/630000","altitudeM":0}
"""
AGENCIES = [
    {"name": "agencies/a", "displayName": '甲, "一"', "homeRegion": "regions/632323",
     "assessment": {"grade": "ASSESSMENT_GRADE_5A", "points": 0, "awardedDate": "2026-01-05"},
     "formerNames": ["旧, 一", "[旧二"], "labels": {"a": "b", "k.x": "=1+1"}, "whatWeDo": "一\n二\t三",
     "contracts": [{"buyer": "街道", "amountFen": "9007199254740993"}], "staff": {"total": 0}},
    {"name": "agencies/b", "displayName": "=HYPERLINK(1)", "labels": {"source": "list"}},
    {"name": "agencies/c", "displayName": "００７", "identifiers": [{"scheme": "synthetic", "value": "007"}]},
]  # fmt: skip
MAPPING = """
fields:
  name: {column: 编号, prefix: agencies/}
  display_name: 名称
  home_region: {columns: [省, 县], region: name}
  assessment.awarded_date: {column: 日期, date: "%d.%m.%Y"}
"""


def kept(record):
    return {k: v for k, v in record.items() if k not in ("uid", "etag", "createTime", "updateTime")}


def random_text(random, most, lines=False):
    """Text as a record may hold it: scripts, quotes, separators, what a spreadsheet takes for a formula."""
    pieces = ["=1+1", "杭州", "བོད", '"', ",", ";", "'", "a b", "é", "🙂", "７", "#N/A", "1e5", "00", "/", "[", "{", "TRUE"]
    text = "".join(random.choice(pieces + ["\n", "\t"] * lines) for _ in range(random.randint(1, most))).strip()
    return text or "x"


def random_agency(random, i):
    """About half of the fields; a record the directory takes."""
    def maybe(value):
        return value if random.random() < 0.5 else None

    made = {
        "name": f"agencies/r{i}", "displayName": random_text(random, 8),
        "homeRegion": maybe("regions/632323"), "status": maybe("AGENCY_STATUS_ACTIVE"),
        "whatWeDo": maybe(random_text(random, 40, True)), "howWeDoIt": maybe(random_text(random, 40, True)),
        "labels": maybe({f"k{j}": random_text(random, 4) for j in range(random.randint(1, 3))}),
        "formerNames": maybe(sorted({random_text(random, 3) for _ in range(3)})),
        "categories": maybe([{"category": f"serviceCategories/c{j}", "level": random.randint(1, 5)} for j in range(3)]),
        "staff": maybe({"total": random.randint(0, 99), "volunteers": 0}),
        "retentionPermille": maybe(random.randint(0, 1000)),
        "location": maybe({"latitudeE7": random.randint(-9 * 10**8, 9 * 10**8), "longitudeE7": random.randint(-9, 9)}),
        "languages": maybe(["zh-Hans", "bo"]),
        "identifiers": maybe([{"scheme": "synthetic", "value": f"{random.randint(0, 10**6):018}"}]),
        "contracts": maybe([{"buyer": random_text(random, 3), "amountFen": str(random.randint(0, 2**62))}]),
        "assessment": maybe({"grade": "ASSESSMENT_GRADE_3A", "points": random.randint(0, 1000), "body": random_text(random, 2)}),
    }  # fmt: skip
    return {key: value for key, value in made.items() if value is not None}


class ExportTest(server_case.ServerCase):
    def setUp(self):
        super().setUp()
        self.shared = self.fill("shared")
        self.shared.run("agency", "import",
                        self.write("agencies.ndjson", "".join(json.dumps(a) + "\n" for a in AGENCIES)))  # fmt: skip

    def fill(self, folder):
        server = self.start(folder)
        server.run("region", "import", self.write("regions.ndjson", REGIONS))
        return server

    def agencies(self, server):
        listed = server.run("agency", "list", "--all", "-o", "json").json()
        return [kept(record) for record in listed["agencies"]]

    def test_out_and_in_again(self):
        for form in ("ndjson", "csv", "xlsx"):
            with self.subTest(form):
                out, loss = self.path(f"out.{form}"), self.path("loss.json")
                self.shared.run("export", "agencies", "-o", form, "--out", out, "--loss", loss)
                with open(loss, encoding="utf-8") as file:
                    report = json.load(file)
                self.assertEqual(report["lost"], [])
                self.assertEqual(report["records"], [{"kind": "agency", "in": 3, "outcomes": {"written": 3}}])
                other = self.fill(f"other-{form}")
                other.run("agency", "import", out)
                self.assertEqual(self.agencies(other), self.agencies(self.shared))
                self.assertFalse(os.path.exists(out + ".part"))

    def test_random_agencies_come_back_from_every_form(self):
        random = Random(20260105)
        self.shared.run("category", "import", self.write("c.ndjson", "".join(
            json.dumps({"name": f"serviceCategories/c{i}", "displayName": f"类{i}", "taxonomy": "t"}) + "\n"
            for i in range(5))))  # fmt: skip
        agencies = [random_agency(random, i) for i in range(300)]
        path = self.write("random.ndjson", "".join(json.dumps(a, ensure_ascii=False) + "\n" for a in agencies))
        self.shared.run("agency", "import", path)
        mine = self.agencies(self.shared)
        for form, command in (("csv", ["agency", "import"]), ("xlsx", ["agency", "import"]),
                              ("hsds-ndjson", ["hsds", "import"])):  # fmt: skip
            with self.subTest(form):
                out, loss = self.path(f"random.{form}"), self.path("loss.json")
                self.shared.run("export", "agency", "-o", form, "--out", out, "--loss", loss)
                with open(loss, encoding="utf-8") as file:
                    self.assertEqual(json.load(file)["lost"], [])
                other = self.fill(f"random-{form}")
                if form != "hsds-ndjson":
                    other.run("category", "import", self.path("c.ndjson"))
                other.run(*command, out)
                self.assertEqual(self.agencies(other), mine)

    def test_a_mapping_is_inverted_and_what_it_leaves_is_told(self):
        mapping = self.write("m.yaml", MAPPING)
        done = self.shared.run("export", "agency", "-o", "csv", "--mapping", mapping)
        self.assertEqual(done.out.splitlines(), [
            "编号,名称,省,县,日期", 'a,"甲, ""一""",青海省,泽库县,05.01.2026', "b,=HYPERLINK(1),,,", "c,００７,,,",
        ])  # fmt: skip
        for path in ("agency.assessment.points", "agency.contracts", "agency.labels", "agency.identifiers"):
            self.assertIn(path, done.err)

    def test_filters_folders_and_marks(self):
        done = self.shared.run("export", "agency", "--filter", 'assessment.grade = "ASSESSMENT_GRADE_5A"')
        self.assertEqual([json.loads(line)["name"] for line in done.out.splitlines()], ["agencies/a"])
        listed = self.shared.run("agency", "list", "-o", "json").json()
        self.assertIn(f"agencies as of revision {listed['revision']}", done.err)
        folder = self.path("all")
        self.shared.run("export", "region", "agency", "-o", "csv", "--out", folder, "--mark")
        self.assertEqual(sorted(os.listdir(folder)), ["agencies.csv", "regions.csv"])
        with open(os.path.join(folder, "regions.csv"), "rb") as file:
            self.assertTrue(file.read().startswith(b"\xef\xbb\xbfname,"))

    def test_wrong_words(self):
        for arguments, said in (
            (("agncy",), "did you mean agency"),
            (("agency", "-o", "xlsx"), "needs --out"),
            (("agency", "-o", "pdf"), "pdf"),
            (("region", "-o", "hsds-json"), "HSDS has agencies and categories"),
            (("agency", "region"), "--out FOLDER"),
            (("contact",), "contacts are personal data"),
            (("agency", "--mapping", "x"), "goes with csv and xlsx"),
        ):  # fmt: skip
            with self.subTest(arguments):
                done = self.shared.tandem("export", *arguments)
                self.assertEqual(done.code, 2)
                self.assertIn(said, done.err)
        done = self.shared.tandem("export", "agency", "--filter", "nothing = 1")
        self.assertEqual(done.code, 1)
        out = self.path("none", "x.csv")
        self.assertEqual(self.shared.tandem("export", "agency", "-o", "csv", "--out", out).code, 1)


if __name__ == "__main__":
    server_case.main()

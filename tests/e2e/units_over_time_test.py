# SPDX-License-Identifier: Apache-2.0
"""Regions and categories over time from the command line: a second code list that disagrees beside
the first, what became of codes, counts over successors, references to what has ended."""

import json

import server_case

# Synthetic: a small list, and one that disagrees with it.
OURS = [
    {"code": "100", "displayName": "甲省", "level": "REGION_LEVEL_PROVINCE"},
    {"code": "110", "displayName": "甲市", "level": "REGION_LEVEL_PREFECTURE", "parentRegion": "regions/ours-100"},
    {"code": "111", "displayName": "东县", "level": "REGION_LEVEL_COUNTY", "parentRegion": "regions/ours-110"},
    {"code": "112", "displayName": "西县", "level": "REGION_LEVEL_COUNTY", "parentRegion": "regions/ours-110"},
    {"code": "113", "displayName": "南县", "level": "REGION_LEVEL_COUNTY", "parentRegion": "regions/ours-110"},
]
THEIRS = [
    {"code": "100", "displayName": "甲省", "level": "REGION_LEVEL_PROVINCE"},
    {"code": "110", "displayName": "甲市", "level": "REGION_LEVEL_PREFECTURE", "parentRegion": "regions/theirs-100"},
    {"code": "111", "displayName": "东区", "level": "REGION_LEVEL_COUNTY", "parentRegion": "regions/theirs-110"},
    {"code": "212", "displayName": "西县", "level": "REGION_LEVEL_COUNTY", "parentRegion": "regions/theirs-100",
     "sameAs": ["regions/ours-112"]},
    {"code": "114", "displayName": "北县", "level": "REGION_LEVEL_COUNTY", "parentRegion": "regions/theirs-110"},
]  # fmt: skip


class UnitsOverTimeTest(server_case.SharedServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for scheme, units in (("ours", OURS), ("theirs", THEIRS)):
            lines = [
                json.dumps({**unit, "name": f"regions/{scheme}-{unit['code']}", "codeScheme": scheme}) for unit in units
            ]
            path = f"{cls.folder}/{scheme}.ndjson"
            with open(path, "w", encoding="utf-8") as file:
                file.write("\n".join(lines) + "\n")
            cls.shared.run("region", "import", path, "--quiet")

    def apply(self, *arguments, text):
        return self.shared.run(*arguments, "-f", "-", "-o", "json", text=text).json()

    def test_two_code_lists_are_compared(self):
        compared = self.shared.run("region", "compare", "--scheme", "ours", "--scheme", "theirs", "-o", "json").json()
        self.assertEqual(compared["same"], 2)
        self.assertEqual(
            [(d["code"], d["kind"], d["left"], d["right"]) for d in compared["differences"]],
            [
                ("111", "name", "东县", "东区"),
                ("112", "code", "112 西县", "212 西县"),
                ("112", "parent", "110", "100"),
                ("113", "only", "113 南县", ""),
                ("114", "only", "", "114 北县"),
            ],
        )
        table = self.shared.run("region", "compare", "--scheme", "ours", "--scheme", "theirs", "--names-only").out
        self.assertIn("2 the same, 4 differences", table)
        self.assertNotIn("parent", table)
        one = self.shared.tandem("region", "compare", "--scheme", "ours")
        self.assertEqual(one.code, 2)
        self.assertIn("two different lists", one.err)
        none = self.shared.tandem("region", "compare", "--scheme", "ours", "--scheme", "nobody")
        self.assertEqual(none.code, 2)
        self.assertIn("no region has the code scheme nobody", none.err)

    def test_a_county_that_is_split(self):
        for name in ("p", "e", "w", "whole"):
            text = f"name: regions/{name}\ndisplayName: {name}\ncode: {name}\ncodeScheme: split\n"
            if name != "p":
                text += "parentRegion: regions/p\nlevel: REGION_LEVEL_COUNTY\n"
            self.apply("region", "create", text=text)
        for number in range(3):
            self.apply("agency", "create", "--id", f"s{number}", text="displayName: 机构\nhomeRegion: regions/whole\n")
        self.apply(
            "region", "update", "whole",
            text="validToDate: '2020-12-31'\nsuccessors:\n"
                 "- {region: regions/e, sharePermille: 667, kind: SUCCESSION_KIND_SPLIT}\n"
                 "- {region: regions/w, sharePermille: 333, kind: SUCCESSION_KIND_SPLIT}\n",
        )  # fmt: skip
        # Days on reads.
        listed = ("region", "list", "--filter", 'code_scheme = "split"', "-o", "name")
        self.assertEqual(self.shared.run(*listed).out.split(), ["regions/e", "regions/p", "regions/w", "regions/whole"])
        now = self.shared.run(*listed, "--as-of", "2021-01-01").out.split()
        self.assertEqual(now, ["regions/e", "regions/p", "regions/w"])
        self.shared.run("region", "get", "whole", "--as-of", "2020-12-31")
        gone = self.shared.tandem("region", "get", "whole", "--as-of", "2021-01-01")
        self.assertEqual(gone.code, 3)
        self.assertIn("regions/whole was not valid on 2021-01-01: it is from … to 2020-12-31", gone.err)
        # What became of it.
        resolved = self.shared.run("region", "resolve", "whole", "--scheme", "split").out.splitlines()
        self.assertEqual(resolved[1].split(maxsplit=2), ["whole", "regions/whole", "regions/e 667 ‰, regions/w 333 ‰"])
        then = self.shared.run("region", "resolve", "regions/whole", "--as-of", "2020-01-01", "-o", "name").out
        self.assertEqual(then, "regions/whole\n")
        # Counts.
        counted = self.shared.run(
            "region", "count", "agencies", "--filter", 'home_region = "regions/whole"'
        ).out.splitlines()
        self.assertEqual([line.split() for line in counted[1:3]], [["regions/e", "2", "2"], ["regions/w", "1", "1"]])
        self.assertEqual(counted[3], "3 in all, 3 carried from ended units, 0 without a place")
        # The report, and its end.
        stale = self.shared.run("region", "stale", "-o", "json").json()["references"]
        self.assertEqual([s["record"] for s in stale], ["agencies/s0", "agencies/s1", "agencies/s2"])
        self.assertEqual(stale[0]["endedDate"], "2020-12-31")
        self.apply("agency", "update", "s0", text="displayName: 新\n")
        refused = self.shared.tandem("agency", "create", "-f", "-", text="displayName: 新\nhomeRegion: regions/whole\n")
        self.assertEqual(refused.code, 1)
        self.assertIn("use regions/e (667 ‰), regions/w (333 ‰)", refused.err)
        for number in range(3):
            self.apply("agency", "update", f"s{number}", text="homeRegion: regions/e\n")
        left = self.shared.run("region", "stale")
        self.assertIn("0 references to ended regions", left.err)

    def test_a_category_that_is_superseded(self):
        self.apply("category", "create", text="name: serviceCategories/new\ndisplayName: 新\ntaxonomy: t\n")
        self.apply("category", "create", text="name: serviceCategories/old\ndisplayName: 旧\ntaxonomy: t\ncode: '7'\n")
        self.apply(
            "agency", "create", "--id", "c",
            text="displayName: 机构\ncategories: [{category: serviceCategories/old, level: 1}]\n",
        )  # fmt: skip
        self.apply(
            "category", "update", "old", text="state: CATEGORY_STATE_SUPERSEDED\nreplacedBy: [serviceCategories/new]\n"
        )
        stale = self.shared.run("category", "stale").out.splitlines()
        self.assertEqual(
            stale[1].split(), ["agencies/c", "categories.category", "serviceCategories/old", "–", "serviceCategories/new"]
        )
        resolved = self.shared.run("category", "resolve", "7", "--taxonomy", "t", "-o", "name").out
        self.assertEqual(resolved, "serviceCategories/new\n")
        counted = self.shared.run("category", "count", "agencies", "-o", "json").json()
        self.assertEqual(counted["counts"], [
            {"unit": "serviceCategories/new", "recordCount": "1", "carriedCount": "1"}
        ])  # fmt: skip

    def test_suggestions_of_regions(self):
        done = self.shared.run("suggest", "南", "--in", "regions")
        self.assertEqual(done.out, "南县\n")


if __name__ == "__main__":
    server_case.main()

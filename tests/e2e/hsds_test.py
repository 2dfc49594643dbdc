# SPDX-License-Identifier: Apache-2.0
"""`tandem hsds import` over whole directories: every record accounted for, every value carried or told; and back."""

import csv
import glob
import json
import os

import server_case
from tandem_process import SOURCE

DATA = os.path.join(SOURCE, "tests", "data", "directories")


def rows(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


class HsdsTest(server_case.ServerCase):
    def setUp(self):
        super().setUp()
        self.shared = self.start()

    def load(self, *arguments):
        done = self.shared.tandem("hsds", "import", *arguments, "-o", "json")
        self.assertIn(done.code, (0, 7), done.err)
        report = done.json()
        for kind in report["records"]:
            self.assertEqual(sum(kind["outcomes"].values()), kind["in"], kind)
        return {kind["kind"]: kind for kind in report["records"]}, {l["path"]: l for l in report["lost"]}, done

    def records(self, noun):
        listed = self.shared.run(noun, "list", "--all", "-o", "json").json()
        return next(value for value in listed.values() if isinstance(value, list))

    def test_ohana(self):
        folder = os.path.join(DATA, "ohana")
        kinds, lost, done = self.load(folder, "--id-prefix", "ohana-")
        self.assertEqual(done.code, 0, done.err)
        count = {name: len(rows(os.path.join(folder, name + ".csv"))) for name in (
            "organizations", "locations", "services", "taxonomy", "phones", "contacts", "programs")}  # fmt: skip
        for kind, table in (("organization", "organizations"), ("location", "locations"), ("service", "services"),
                            ("taxonomy_term", "taxonomy"), ("phone", "phones"), ("contact", "contacts"),
                            ("program", "programs")):  # fmt: skip
            self.assertEqual(kinds[kind]["in"], count[table], kind)
        self.assertEqual(kinds["organization"]["outcomes"], {"created": count["organizations"]})
        self.assertEqual(kinds["taxonomy_term"]["outcomes"], {"created": count["taxonomy"]})
        self.assertEqual(kinds["service"]["outcomes"],
                         {"merged into its agency": 21, "skipped: is not active": 2})  # fmt: skip
        # Postal and other addresses count from 1 each; so do the two kinds of schedules.
        self.assertEqual((kinds["address"]["in"], kinds["schedule"]["in"]), (42, 15))
        self.assertNotIn("came again", done.out)
        self.assertEqual(len(self.records("category")), count["taxonomy"])
        agencies = {agency["displayName"]: agency for agency in self.records("agency")}
        self.assertEqual(len(agencies), count["organizations"])
        self.assertIn("categories", max(agencies.values(), key=lambda a: len(a.get("categories", []))))
        # What belongs to people lies in contacts only; neither an agency nor the report tells it.
        contacts = self.shared.run("contact", "list", "--agency", "agencies/-", "--all", "-o", "json").json()["contacts"]
        self.assertEqual(kinds["contact"]["outcomes"], {"created": count["contacts"]})
        self.assertEqual(len(contacts), count["contacts"])
        everything = json.dumps(list(agencies.values())) + done.out
        for contact in contacts:
            self.assertNotIn(contact["displayName"], everything)
            self.assertNotIn(contact.get("email", "@@@"), everything)
        with_number = sum("phoneNumber" in contact for contact in contacts)
        self.assertEqual(kinds["phone"]["outcomes"].get("merged into its contact", 0), with_number)
        self.assertEqual(lost["phone.number"]["count"], count["phones"] - with_number)
        again, _, _ = self.load(folder, "--id-prefix", "ohana-", "--on-conflict", "replace", "--no-contacts")
        self.assertEqual(again["organization"]["outcomes"], {"unchanged": count["organizations"]})
        self.assertNotIn("created", again["contact"]["outcomes"])

    def test_hsds3_examples(self):
        folder = os.path.join(DATA, "hsds3-examples")
        kinds, lost, done = self.load(folder)
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(kinds["base"]["in"], 1)
        self.assertEqual(kinds["organization"]["outcomes"]["created"], len(self.records("agency")))
        self.assertGreater(kinds["organization"]["outcomes"]["merged: came again under the same id"], 0)
        agency = self.shared.run("agency", "get", "d9d5e0f5-d3ce-4f73-9a2f-4dd0ecc6c610", "-o", "json").json()
        self.assertEqual(agency["displayName"], "Example Organization Inc.")
        self.assertIn("Community Counselling", agency["howWeDoIt"])
        self.assertEqual(agency["labels"]["hsds-website"], "http://example.com")
        self.assertNotIn("location", agency, "a latitude of 100 degrees is none")
        self.assertIn("location.latitude", lost)
        # Each file by itself, too.
        for path in sorted(glob.glob(os.path.join(folder, "*.json"))):
            with self.subTest(path):
                self.load(path, "--on-conflict", "replace")

    def test_florida_with_its_own_mapping(self):
        folder = os.path.join(DATA, "florida")
        kinds, lost, done = self.load(folder, "--mapping", os.path.join(folder, "florida_mapping.yaml"))
        self.assertEqual(done.code, 0, done.err)
        self.assertEqual(kinds["organization"], {"kind": "organization", "in": 20, "outcomes": {"created": 20}})
        self.assertEqual((kinds["location"]["in"], kinds["service"]["in"]), (378, 135))
        self.assertEqual(kinds["service"]["outcomes"], {"merged into its agency": 135})
        self.assertIn("service.service_immigration_status", lost, "columns that the mapping does not name are told")
        self.assertNotIn("@", json.dumps([a.get("labels") for a in self.records("agency")]))

    def test_a_directory_goes_out_and_comes_back(self):
        self.load(os.path.join(DATA, "ohana"), "--id-prefix", "ohana-")
        self.shared.run("agency", "import", self.write("more.ndjson", json.dumps({
            "name": "agencies/full", "displayName": "全机构", "status": "AGENCY_STATUS_ACTIVE",
            "assessment": {"grade": "ASSESSMENT_GRADE_5A", "points": 0}, "staff": {"total": 3},
            "categories": [{"category": "serviceCategories/ohana-101", "level": 3}],
            "labels": {"k": "v"}, "location": {"latitudeE7": 300000001, "longitudeE7": -5},
            "identifiers": [{"scheme": "synthetic", "value": "1", "verified": True}],
            "names": [{"language": "en", "text": "Full"}], "whatWeDo": "a\nb",
        }) + "\n"))  # fmt: skip

        def kept(record):
            return {k: v for k, v in record.items() if k not in ("uid", "etag", "createTime", "updateTime")}

        for number, form in enumerate(("hsds-json", "hsds-ndjson", "hsds-tabular")):
            with self.subTest(form):
                out = self.path(f"out-{form}" + {"hsds-json": ".json", "hsds-ndjson": ".ndjson"}.get(form, ""))
                loss = self.path("loss.json")
                self.shared.run("export", "agency", "category", "-o", form, "--out", out, "--loss", loss)
                with open(loss, encoding="utf-8") as file:
                    self.assertEqual(json.load(file)["lost"], [])
                other = self.start(f"other{number}")
                done = other.run("hsds", "import", out, "-o", "json")
                self.assertEqual(done.code, 0, done.err)
                for noun in ("agency", "category"):
                    mine = self.shared.run(noun, "list", "--all", "-o", "json").json()
                    theirs = other.run(noun, "list", "--all", "-o", "json").json()
                    key = next(k for k, v in mine.items() if isinstance(v, list))
                    self.assertEqual([kept(r) for r in theirs[key]], [kept(r) for r in mine[key]])

    def test_what_is_no_hsds_is_told(self):
        for name, text, said in (
            ("x.json", "[1, 2]", "0"), ("x.ndjson", "{}\n{", "x.ndjson:2"), ("x.csv", 'a,b\n"', "x.csv"),
        ):  # fmt: skip
            done = self.shared.tandem("hsds", "import", self.write(name, text))
            if done.code == 0:
                self.assertIn("skipped: is no object", done.out)
            else:
                self.assertIn(said, done.err)
        self.assertEqual(self.shared.tandem("hsds", "import", self.path("none")).code, 1)
        self.assertEqual(self.records("agency") if self.shared.run("agency", "list", "-o", "name").out else [], [])


if __name__ == "__main__":
    server_case.main()

# SPDX-License-Identifier: Apache-2.0
"""A round of the generated sample, run through all bundled plugins and checked from its records alone."""

import collections
import json
import os
import subprocess

import server_case
from tandem_process import BUNDLES, SOURCE, program

SCORERS = ("category-fit", "capability", "localisation", "continuity", "mutual-preference", "other-terms")
CHECKS = {"slots", "corridors", "reserves", "fixed", "objective", "certificate", "rules", "digests"}


class MatchSampleTest(server_case.SharedServerCase):
    options = ("--plugin-dir", BUNDLES, "--allow-unsigned-plugins")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        sample, run = os.path.join(cls.folder, "sample"), cls.shared.run
        data = os.path.join(SOURCE, "deploy", "sample", "data")
        make = [program("tandem-sample"), "--data", data, "--out", sample]
        subprocess.run(make, check=True, stdout=subprocess.DEVNULL)

        def load(noun, name):
            counts = run(noun, "import", os.path.join(sample, name + ".ndjson"), "-o", "json").json()
            assert counts["failed"] == 0 and counts["created"] > 0, counts

        for noun, name in (("region", "regions"), ("category", "categories"), ("agency", "agencies"),
                           ("profile", "profiles"), ("round", "rounds")):  # fmt: skip
            load(noun, name)
        for kind, rule in (("economic", "gdp-per-head-2019"), ("sector", "sector-proxy-gdp-per-head-2019")):
            run("region", "index", "--rule-id", rule, "--kind", kind, "--level", "province",
                "--term", "gdp_per_head_cny", "--year", "2019")  # fmt: skip
        run("round", "open", "2026-1")
        for noun, name in (("offer", "offers"), ("need", "needs"), ("pairing", "pairings")):
            load(noun, name)
        for plugin in (*SCORERS, "min-cost-flow"):
            run("plugin", "load", plugin)
            run("plugin", "enable", plugin)
        run("round", "freeze", "2026-1")
        cls.runs = [
            run("match", "run", "--round", "2026-1", "--id", f"r-{threads}", "--threads", str(threads), "--wait",
                "-o", "json").json()
            for threads in (1, 2)
        ]  # fmt: skip
        cls.record = cls.runs[0]
        cls.matches = run("match", "matches", "r-1", "--all", "-o", "json").json()["matches"]

    def records(self, noun, field):
        listed = self.shared.run(noun, "list", "--all", "-o", "json").json()[field]
        return {record["name"]: record for record in listed}

    def test_the_readme_shows_this_plan(self):
        with open(os.path.join(SOURCE, "README.md"), encoding="utf-8") as file:
            quoted = file.read().split("\nCorridors 通道 ")[1].split("\nFault 故障 ")[0].split("\n")[1:]
        printed = self.shared.run("match", "get", "r-1").out.split("\n")
        self.assertGreater(len(quoted), 10)
        for line in quoted:
            self.assertIn(line, [each.rstrip() for each in printed])

    def test_one_and_two_threads_give_the_same_digest_at_every_stage(self):
        one, two = self.runs
        self.assertTrue(one["digest"])
        self.assertEqual(one["digest"], two["digest"])
        self.assertEqual(one["stageDigests"], two["stageDigests"])
        self.assertEqual(len(one["stageDigests"]), 6)
        pairs = [[(m["need"], m["offer"], m["slots"], m["score"]) for m in
                  self.shared.run("match", "matches", name, "--all", "-o", "json").json()["matches"]]
                 for name in ("r-1", "r-2")]  # fmt: skip
        self.assertEqual(pairs[0], pairs[1])

    def test_a_restart_keeps_runs_and_another_run_has_the_same_digest(self):
        self.assertEqual(self.shared.stop(), 0)
        self.shared.start()
        self.assertEqual(self.shared.run("match", "get", "r-1", "-o", "json").json(), self.record)
        again = self.shared.run("match", "run", "--round", "2026-1", "--wait", "-o", "json").json()
        self.assertEqual(again["digest"], self.record["digest"])
        self.assertEqual(again["counts"], self.record["counts"])

    def test_nothing_was_degraded_and_every_check_holds(self):
        self.assertEqual(self.record["state"], "MATCH_RUN_STATE_SUCCEEDED")
        self.assertNotIn("degraded", self.record)
        self.assertEqual([step["outcome"] for step in self.record["steps"]], ["ok"] * 7)
        done = self.shared.run("match", "verify", "r-1", "-o", "json").json()
        self.assertTrue(done["verified"])
        self.assertEqual({check["check"] for check in done["checks"] if check["holds"]}, CHECKS)

    def test_the_plan_fits_rooms_and_corridors(self):
        offers, needs = self.records("offer", "offers"), self.records("need", "needs")
        used, met, flows = collections.Counter(), collections.Counter(), collections.Counter()
        for match in self.matches:
            slots = int(match["slots"])
            used[match["offer"]] += slots
            met[match["need"]] += slots
            flows[offers[match["offer"]]["corridor"]] += slots
        for name, slots in used.items():
            self.assertLessEqual(slots, int(offers[name]["slots"]), name)
        for name, slots in met.items():
            self.assertLessEqual(slots, int(needs[name]["slots"]), name)
        round_ = self.shared.run("round", "get", "2026-1", "-o", "json").json()
        bound = 0
        for corridor in round_["corridors"]:
            slots = flows[corridor["corridorId"]]
            least, most = int(corridor.get("minSlots", 0)), int(corridor["maxSlots"])
            self.assertTrue(least <= slots <= most, (corridor, slots))
            bound += slots in (least, most)
        self.assertGreater(bound, 0, "no quota binds: the sample tests nothing")
        self.assertEqual(sum(flows.values()), int(self.record["counts"]["matchedSlots"]))

    def test_running_pairings_are_kept(self):
        pairings = self.records("pairing", "pairings").values()
        running = {(p["need"], p["offer"]) for p in pairings if p.get("round") and p["state"] == "PAIRING_STATE_AGREED"}
        self.assertEqual(len(running), 5)
        self.assertEqual({(m["need"], m["offer"]) for m in self.matches if m.get("fixed")}, running)

    def test_everybody_without_has_a_reason_and_the_sums_add_up(self):
        counts = self.record["counts"]
        for side, count, sums in (
            ("needs", counts["unmatchedNeeds"], self.record["unmatchedReasons"]),
            ("offers", counts["unusedOffers"], self.record["unusedReasons"]),
        ):
            listed = self.shared.run(
                "match", "outcomes", "r-1", "--side", side, "--unmatched-only", "--all", "-o", "json"
            ).json()["outcomes"]
            # Needs left short count; of offers only those in no pair.
            if side == "offers":
                listed = [outcome for outcome in listed if int(outcome.get("matchedSlots", 0)) == 0]
            self.assertEqual(len(listed), int(count))
            found = collections.Counter(outcome["mainReason"]["reason"] for outcome in listed)
            self.assertEqual(found, {reason["reason"]: int(reason["count"]) for reason in sums})
            for reason in sums:
                self.assertTrue(reason["textZh"] and reason["textEn"], reason)

    def test_explain_and_why_not_agree_with_the_plan(self):
        best = self.matches[0]
        told = self.shared.run("match", "explain", best["name"], "-o", "json").json()["match"]
        weights = sum(part["weight"] for part in told["parts"])
        total = sum(int(part.get("score", 0)) * part["weight"] for part in told["parts"])
        self.assertAlmostEqual(total / weights, int(told["score"]), delta=1)
        screen = self.shared.run("match", "explain", best["name"]).out
        self.assertIn(best["agency"], screen)
        pair = ["--need", best["need"], "--offer", best["offer"]]
        paired = self.shared.run("match", "why-not", "r-1", *pair, "-o", "json").json()
        self.assertTrue(paired["matched"])
        outcome = self.shared.run(
            "match", "outcomes", "r-1", "--unmatched-only", "-o", "json"
        ).json()["outcomes"][0]
        alone = self.shared.run("match", "why-not", "r-1", "--need", outcome["subject"], "-o", "json").json()
        self.assertEqual(alone["needOutcome"]["mainReason"]["reason"], outcome["mainReason"]["reason"])
        self.assertTrue(alone["textZh"] and alone["textEn"])
        self.assertNotIn("reasons", alone, "reasons are a pair's")

    def test_why_not_tells_what_became_of_both_sides_of_a_candidate(self):
        outcomes = self.shared.run("match", "outcomes", "r-1", "--all", "-o", "json").json()["outcomes"]
        missed = [each for each in outcomes if each["subject"].startswith("needs/") and each.get("bestLost")]
        self.assertGreater(len(missed), 20)
        losses = 0
        for outcome in missed[:20]:
            pair = ["--need", outcome["subject"], "--offer", outcome["bestLost"]]
            told = self.shared.run("match", "why-not", "r-1", *pair, "-o", "json").json()
            self.assertTrue(told["candidate"])
            self.assertNotIn("matched", told)
            self.assertNotIn("reasons", told)
            for side in ("needOutcome", "offerOutcome"):
                got = told[side]
                self.assertIn(f"{got.get('matchedSlots', 0)}/{got['slots']}", told["textEn"])
                self.assertIn(f"{got.get('matchedSlots', 0)}/{got['slots']}", told["textZh"])
                if "mainReason" in got:
                    self.assertIn(got["mainReason"]["textEn"], told["textEn"])
                    self.assertIn(got["mainReason"]["textZh"], told["textZh"])
                else:
                    self.assertEqual(got["matchedSlots"], got["slots"])
                    self.assertIn("all went to other", told["textEn"])
            losses += "off the plan's total" in told["textEn"]
        self.assertGreater(losses, 0)

    def test_the_plan_screen_and_its_sums(self):
        screen = self.shared.run("match", "get", "r-1").out
        self.assertIn(f"= {self.record['counts']['unmatchedNeeds']} ✓", screen)
        self.assertIn(f"= {self.record['counts']['unusedOffers']} ✓", screen)
        self.assertIn("SYNTHETIC", screen)
        for word in ("Corridors", "Fairness", "Unmatched", "Unused", "Verified"):
            self.assertIn(word, screen)

    def test_a_frozen_round_takes_nothing_more(self):
        name = self.matches[0]["offer"]
        done = self.shared.tandem("offer", "update", name, "-f", "-", text=json.dumps({"slots": "9"}))
        self.assertEqual(done.code, 1)
        self.assertIn("ROUND_FROZEN", done.err)


if __name__ == "__main__":
    server_case.main()

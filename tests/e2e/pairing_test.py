# SPDX-License-Identifier: Apache-2.0
"""The life of a pairing from the command line: verbs, follow-ups, activities of a phone that was offline."""

import json

import server_case


class PairingTest(server_case.SharedServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for agency in ("east", "west"):
            cls.shared.run("agency", "create", "-f", "-", text=f"name: agencies/{agency}\ndisplayName: 机构\n")
        cls.shared.run("round", "create", "-f", "-", text="name: rounds/r\ndisplayName: 批次\n")
        cls.shared.run("round", "open", "r")
        offer = "name: offers/o\nround: rounds/r\nagency: agencies/east\nslots: 3\n"
        cls.shared.run("offer", "create", "-f", "-", text=offer)

    def propose(self, name, slots=2, offer=""):
        text = f"name: pairings/{name}\nagency: agencies/east\nreceivingAgency: agencies/west\nslots: {slots}\n"
        if offer:
            text += f"round: rounds/r\noffer: offers/{offer}\n"
        self.shared.run("pairing", "create", "-f", "-", text=text)

    def say(self, verb, name, *flags):
        return self.shared.run("pairing", verb, name, *flags, "-o", "json").json()

    def test_a_life(self):
        self.propose("life", offer="o")
        accepted = self.say("accept", "life", "--by", "agency", "--slots", "1")
        self.assertEqual(
            [accepted[f] for f in ("state", "slots", "proposedSlots")], ["PAIRING_STATE_AGENCY_ACCEPTED", "1", "2"]
        )
        agreed = self.say("agree", "life", "--by", "county", "--reference", "协议 7", "--date", "2026-03-01")
        self.assertEqual(agreed["agreement"], {"agreementDate": "2026-03-01", "reference": "协议 7"})
        self.assertEqual(self.say("activate", "life", "--date", "2026-03-10")["startDate"], "2026-03-10")
        self.assertEqual(self.say("pause", "life", "--reason", "大雪")["pauseReason"], "大雪")
        self.assertNotIn("pauseReason", self.say("resume", "life"))
        looked = self.shared.run("pairing", "follow-up", "life", "--day", "30", "--finding", "进展顺利").out
        self.assertIn("FINDING 回访情况", looked)
        self.assertIn("进展顺利", looked)
        done = self.shared.run("pairing", "complete", "life", "--by", "agency", "--date", "2027-03-09").out
        self.assertIn("STATE 状态", done)
        self.assertIn("COMPLETED", done)
        got = self.shared.run("pairing", "get", "life", "-o", "json").json()
        self.assertEqual([got["endDate"], got["endedBy"]], ["2027-03-09", "PAIRING_ACTOR_AGENCY"])

    def test_what_is_not_allowed_says_what_is(self):
        self.propose("stuck")
        early = self.shared.tandem("pairing", "activate", "stuck")
        self.assertEqual(early.code, 1)
        self.assertIn("STATE_WRONG", early.err)
        self.assertIn("accept, decline, withdraw, supersede", early.err)
        self.say("accept", "stuck", "--by", "agency")
        again = self.shared.tandem("pairing", "accept", "stuck", "--by", "agency")
        self.assertEqual(again.code, 4)
        self.assertIn("that is for the county", again.err)
        nobody = self.shared.tandem("pairing", "accept", "stuck")
        self.assertEqual(nobody.code, 1)
        self.assertIn("actor", nobody.err)
        silent = self.shared.tandem("pairing", "decline", "stuck", "--by", "county")
        self.assertIn("reason", silent.err)
        declined = self.say("decline", "stuck", "--by", "county", "--reason", "另有安排")
        self.assertEqual(declined["endedReason"], "另有安排")
        self.assertEqual(self.shared.tandem("pairing", "accept", "stuck", "--by", "somebody").code, 2)

    def test_an_acceptance_that_does_not_fit_says_what_is_left(self):
        offer = "name: offers/small\nround: rounds/r\nagency: agencies/east\nslots: 3\n"
        self.shared.run("offer", "create", "-f", "-", text=offer)
        for name in ("first", "second"):
            self.propose(name, offer="small")
        self.say("accept", "first", "--by", "agency")
        full = self.shared.tandem("pairing", "accept", "second", "--by", "county")
        self.assertEqual(full.code, 1)
        self.assertIn("offers/small has 1 of 3 slots left", full.err)
        self.assertEqual(self.say("accept", "second", "--by", "county", "--slots", "1")["slots"], "1")

    def test_progress_beside_targets(self):
        self.shared.run("pairing", "create", "-f", "-", text=(
            "name: pairings/figures\nagency: agencies/east\nslots: 1\n"
            "targets:\n- {measure: people_trained, value: 200}\n- {measure: projects, value: 2}\n"
            "actuals:\n- {measure: people_trained, value: 50}\n- {measure: people_served, value: 1200}\n"
        ))  # fmt: skip
        table = self.shared.run("pairing", "progress", "figures").out.splitlines()
        self.assertEqual([line.split() for line in table[1:]],
                         [["people_served", "1,200"], ["people_trained", "200", "50", "25", "%"], ["projects", "2"]])
        measures = self.shared.run("pairing", "progress", "figures", "-o", "json").json()["measures"]
        self.assertEqual(measures[1], {"measure": "people_trained", "target": 200, "actual": 50, "reached": "25 %"})

    def activities(self, name, count):
        lines = (
            json.dumps({"name": f"a-{i}", "kind": "training", "participants": i, "note": "下乡培训",
                        "occurredTime": f"2026-05-{i % 28 + 1:02}T02:00:00Z"}, ensure_ascii=False)
            for i in range(count)
        )  # fmt: skip
        return self.write(name, "".join(line + "\n" for line in lines))

    def test_two_hundred_activities_sent_twice_are_two_hundred(self):
        self.propose("phone")
        # More than one call takes.
        path = self.activities("twice.ndjson", 700)
        first = self.shared.run("pairing", "log", "-f", path, "--pairing", "phone")
        self.assertEqual(first.out, "700 activities: 700 stored, 0 stored already, 0 refused\n")
        second = self.shared.run("pairing", "log", path, "--pairing", "pairings/phone")
        self.assertEqual(second.out, "700 activities: 0 stored, 700 stored already, 0 refused\n")
        names = self.shared.run("activity", "list", "--pairing", "phone", "--all", "-o", "name").out.splitlines()
        self.assertEqual(len(set(names)), 700)
        table = self.shared.run("activity", "list", "--pairing", "phone", "--limit", "1").out
        self.assertIn("PARTICIPANTS 参与人数", table)
        self.assertIn("下乡培训", table)

    def test_bad_lines_keep_no_other_back_and_are_code_seven(self):
        self.propose("mixed")
        full = "pairings/mixed/activities/"
        lines = [
            {"name": full + "good", "kind": "training"},
            {"name": full + "minus", "participants": -1},
            {"name": "pairings/nowhere/activities/x"},
            {"name": full + "good", "kind": "case_work"},
            {"kind": "nameless"},
        ]
        text = "".join(json.dumps(line) + "\n" for line in lines) + '{"name": \n'
        done = self.shared.tandem("pairing", "log", "-f", "-", "-o", "json", text=text)
        self.assertEqual(done.code, 7, done.err)
        answer = json.loads(done.out)
        self.assertEqual([answer[k] for k in ("stored", "alreadyStored", "refused")], [1, 0, 5])
        for line, words in ((2, "participants"), (3, "RESOURCE_NOT_FOUND"), (4, "RESOURCE_EXISTS"), (5, "name"),
                            (6, "TEXT_INVALID")):  # fmt: skip
            told = [each for each in done.err.splitlines() if each.startswith(f"standard input:{line}:")]
            self.assertEqual(len(told), 1, done.err)
            self.assertIn(words, told[0])
        stored = self.shared.run("activity", "list", "--pairing", "mixed", "-o", "name").out
        self.assertEqual(stored, full + "good\n")


if __name__ == "__main__":
    server_case.main()

# SPDX-License-Identifier: Apache-2.0
"""Small rounds whose right answer is known: quotas that can and can't be met, pairings that run, nothing at all."""

import server_case
import tandem
from small_round import SmallRound, make_directory
from tandem.v1 import match_run_pb2, match_service_pb2, pairing_pb2
from tandem_process import BUNDLES

SUCCEEDED, FAILED = match_run_pb2.MATCH_RUN_STATE_SUCCEEDED, match_run_pb2.MATCH_RUN_STATE_FAILED


class MatchRoundTest(server_case.SharedServerCase):
    options = ("--plugin-dir", BUNDLES, "--allow-unsigned-plugins")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        for plugin in ("category-fit", "min-cost-flow"):
            cls.shared.run("plugin", "load", plugin)
            cls.shared.run("plugin", "enable", plugin)
        cls.client = tandem.connect(cls.shared.address)
        cls.addClassCleanup(cls.client.close)
        make_directory(cls.client)

    def assert_sound(self, run):
        self.assertEqual(run.state, SUCCEEDED, run)
        self.assertFalse(run.degraded)
        self.assertTrue(run.verification.verified, run.verification)
        report = self.client.matches.VerifyMatchRun(match_service_pb2.VerifyMatchRunRequest(name=run.name))
        self.assertTrue(report.verified, report)
        self.assertTrue(all(check.holds for check in report.checks), report)
        self.assertEqual(self.shared.run("match", "verify", run.name).code, 0)

    def test_the_better_offer_wins(self):
        small = SmallRound(self.client, "better")
        need = small.need("n")
        small.offer("weak", level=1)
        strong = small.offer("strong", level=5)
        self.assert_sound(small.run())
        self.assertEqual(small.plan()[0], {(strong, need): 1})

    def two_corridors(self, round_id, least):
        """One need, a strong offer on one corridor and a weak one on the other, which has a minimum."""
        corridors = (("strong", "east", "west", 0, None), ("weak", "south", "west", least, None))
        small = SmallRound(self.client, round_id, corridors)
        need = small.need("n")
        strong = small.offer("s", corridor="strong", level=5)
        weak = small.offer("w", corridor="weak", home="south", level=1)
        return small, need, strong, weak

    def test_a_minimum_is_met_where_a_better_total_would_not(self):
        small, need, strong, _ = self.two_corridors("free", 0)
        self.assert_sound(small.run())
        self.assertEqual(small.plan()[0], {(strong, need): 1})
        small, need, strong, weak = self.two_corridors("bound", 1)
        run = small.run()
        self.assert_sound(run)
        self.assertEqual(small.plan()[0], {(weak, need): 1})
        use = {corridor.corridor_id: (corridor.slots, corridor.min_slots) for corridor in run.corridors}
        self.assertEqual(use, {"strong": (0, 0), "weak": (1, 1)})
        self.assertIn(strong, small.reasons(match_service_pb2.MATCH_SIDE_OFFERS))

    def test_a_maximum_holds_and_is_the_reason(self):
        small = SmallRound(self.client, "most", (("c", "east", "west", 0, 2),))
        for number in range(3):
            small.offer(f"o-{number}", slots=2)
            small.need(f"n-{number}", slots=2)
        run = small.run()
        self.assert_sound(run)
        self.assertEqual(sum(small.plan()[0].values()), 2)
        self.assertEqual(set(small.reasons().values()), {"CORRIDOR_FULL"})

    def test_an_infeasible_round_names_the_corridor_and_the_slots_short(self):
        corridors = (("easy", "east", "west", 1, None), ("hard", "south", "west", 5, None))
        small = SmallRound(self.client, "infeasible", corridors)
        small.need("n", slots=9)
        small.offer("e", corridor="easy", slots=2)
        small.offer("h", corridor="hard", home="south", slots=2)
        run = small.run()
        self.assertEqual(run.state, FAILED, run)
        self.assertIn("hard", run.error.message)
        self.assertNotIn("easy", run.error.message)
        self.assertRegex(run.error.message, r"\b3\b", "the slots short")
        with self.assertRaises(tandem.PreconditionError) as nothing:
            small.plan()
        self.assertEqual(nothing.exception.reason, "STATE_WRONG")
        done = self.shared.tandem("match", "run", "--round", "infeasible", "--wait")
        self.assertEqual(done.code, 1)
        self.assertIn("RUN_INFEASIBLE", done.err)
        self.assertIn("remedy: lower the named minimum or add offers", done.err)

    def test_minima_that_can_be_met_apart_but_not_together(self):
        # Both corridors end at one need with one slot.
        corridors = (("a", "east", "west", 1, None), ("b", "south", "west", 1, None))
        small = SmallRound(self.client, "together", corridors)
        small.need("n", slots=1)
        small.offer("a", corridor="a")
        small.offer("b", corridor="b", home="south")
        run = small.run()
        self.assertEqual(run.state, FAILED, run)
        self.assertRegex(run.error.message, r"\b1\b")

    def test_running_pairings_are_kept_against_a_better_total(self):
        small = SmallRound(self.client, "kept")
        need = small.need("n", slots=1)
        weak = small.offer("weak", level=1)
        small.offer("strong", level=5)
        small.pairing(need, weak)
        run = small.run()
        self.assert_sound(run)
        plan, fixed = small.plan()
        self.assertEqual(plan, {(weak, need): 1})
        self.assertEqual(fixed, {(weak, need)})
        self.assertEqual(run.counts.fixed_pairs, 1)

    def test_what_is_left_beside_a_running_pairing_is_given(self):
        small = SmallRound(self.client, "beside")
        need = small.need("n", slots=3)
        kept = small.offer("kept", slots=2, level=1)
        other = small.offer("other", slots=1, level=5)
        small.pairing(need, kept, state=pairing_pb2.PAIRING_STATE_ACTIVE)
        self.assert_sound(small.run())
        plan, fixed = small.plan()
        self.assertEqual(plan, {(kept, need): 2, (other, need): 1})
        self.assertEqual(fixed, {(kept, need)})

    def test_a_pairing_that_is_over_keeps_nothing(self):
        small = SmallRound(self.client, "over")
        need = small.need("n")
        weak = small.offer("weak", level=1)
        strong = small.offer("strong", level=5)
        small.pairing(need, weak, state=pairing_pb2.PAIRING_STATE_DECLINED)
        self.assert_sound(small.run())
        self.assertEqual(small.plan()[0], {(strong, need): 1})

    def test_nothing_feasible_gives_everybody_a_reason(self):
        small = SmallRound(self.client, "nothing")
        needs = [small.need(f"n-{number}", category="children") for number in range(3)]
        offers = [small.offer(f"o-{number}", category="elderly") for number in range(2)]
        run = small.run()
        self.assert_sound(run)
        self.assertEqual(small.plan()[0], {})
        self.assertEqual(run.counts.candidates, 0)
        self.assertEqual(small.reasons(), dict.fromkeys(needs, "CATEGORY_MISMATCH"))
        self.assertEqual(
            small.reasons(match_service_pb2.MATCH_SIDE_OFFERS), dict.fromkeys(offers, "CATEGORY_MISMATCH")
        )
        self.assertEqual(sum(r.count for r in run.unmatched_reasons), 3)
        self.assertEqual(sum(r.count for r in run.unused_reasons), 2)

    def test_a_round_with_nobody_in_it(self):
        run = SmallRound(self.client, "empty").run()
        self.assert_sound(run)
        self.assertEqual((run.counts.needs, run.counts.offers, run.counts.matches), (0, 0, 0))

    def test_a_run_of_a_round_that_is_not_there(self):
        done = self.shared.tandem("match", "run", "--round", "none", "--wait")
        self.assertIn(done.code, (1, 3))
        self.assertIn("rounds/none", done.err)


if __name__ == "__main__":
    server_case.main()

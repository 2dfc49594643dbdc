# SPDX-License-Identifier: Apache-2.0

"""tandem-plugin-run from the outside: answers, errors, exit statuses."""

import itertools
import json
import os
import random
import subprocess
import sys
import tempfile
import unittest

PROGRAMS, BUNDLES, BROKEN = sys.argv[1:4]
SOLVER = os.path.join(BUNDLES, "min-cost-flow-1.0.0", "lib", "plugin.so")


def run(problem, *options, plugin=SOLVER, output="json"):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        file.write(problem if isinstance(problem, str) else json.dumps(problem))
        file.flush()
        return subprocess.run(
            [os.path.join(PROGRAMS, "tandem-plugin-run"), "--plugin", plugin, "--problem", file.name,
             "-o", output, *options],
            text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)


def solve(problem):
    answer = run(problem)
    assert answer.returncode == 0, answer.stderr
    return json.loads(answer.stdout)


def best_objective(problem):
    """The optimum by trying everything; None when nothing is feasible."""
    pairs, best = problem["pairs"], None
    limit = [min(problem["needs"][p["need"]]["units"], problem["offers"][p["offer"]]["units"]) for p in pairs]
    fixed = {(f["need"], f["offer"]): f["units"] for f in problem.get("fixed", [])}
    for units in itertools.product(*[range(n + 1) for n in limit]):
        need = [0] * len(problem["needs"])
        offer = [0] * len(problem["offers"])
        for pair, count in zip(pairs, units):
            need[pair["need"]] += count
            offer[pair["offer"]] += count
        if any(have > row["units"] for have, row in zip(need, problem["needs"])):
            continue
        if any(have > row["units"] for have, row in zip(offer, problem["offers"])):
            continue
        if any(count < fixed.get((pair["need"], pair["offer"]), 0) for pair, count in zip(pairs, units)):
            continue
        sums = [sum((need if g["side"] == "needs" else offer)[m] for m in g["members"])
                for g in problem.get("groups", [])]
        if any(not g["min_units"] <= have <= g["max_units"] for g, have in zip(problem.get("groups", []), sums)):
            continue
        total = sum(pair["score"] * count for pair, count in zip(pairs, units))
        best = total if best is None else max(best, total)
    return best


class SolverTest(unittest.TestCase):

    def test_the_smallest_problem(self):
        answer = solve({"needs": [{"units": 1}], "offers": [{"units": 3}],
                        "pairs": [{"need": 0, "offer": 0, "score": 812}], "groups": [], "fixed": []})
        self.assertEqual(answer["status"], "OK")
        self.assertEqual(answer["objective"], 812)
        self.assertEqual(answer["assignment"], [{"need": 0, "offer": 0, "units": 1}])

    def test_random_problems_have_the_optimum_of_brute_force(self):
        source = random.Random(5)
        infeasible = 0
        for _ in range(40):
            needs, offers = source.randint(1, 3), source.randint(1, 3)
            problem = {
                "needs": [{"units": source.randint(0, 2)} for _ in range(needs)],
                "offers": [{"units": source.randint(0, 2)} for _ in range(offers)],
                "pairs": [{"need": n, "offer": o, "score": source.choice([0, 1, 7, 10**6, 10**15])}
                          for n in range(needs) for o in range(offers) if source.random() < 0.7],
                "groups": [{"side": "offers", "members": sorted(source.sample(range(offers), source.randint(1, offers))),
                            "min_units": source.randint(0, 2), "max_units": source.randint(2, 4)}],
            }
            expected = best_objective(problem)
            answer = solve(problem)
            if expected is None:
                infeasible += 1
                self.assertEqual(answer["status"], "INFEASIBLE", problem)
                self.assertGreaterEqual(answer["short"], 1)
                self.assertEqual(answer["group"], 0)
            else:
                self.assertEqual(answer["status"], "OK", problem)
                self.assertEqual(answer["objective"], expected, problem)
        self.assertGreater(infeasible, 0)

    def test_the_largest_score_is_exact(self):
        top = 2**63 - 1
        problem = {"needs": [{"units": 1}], "offers": [{"units": 1}], "pairs": [{"need": 0, "offer": 0, "score": top}]}
        self.assertEqual(solve(problem)["objective"], top)

    def test_an_objective_beyond_64_bits_is_refused(self):
        problem = {"needs": [{"units": 2}], "offers": [{"units": 2}],
                   "pairs": [{"need": 0, "offer": 0, "score": 2**63 - 1}]}
        answer = run(problem)
        self.assertEqual(answer.returncode, 1)
        self.assertIn("64 bits", answer.stderr)
        self.assertEqual(answer.stdout, "")

    def test_nothing_to_assign_is_an_answer(self):
        self.assertEqual(solve({})["assignment"], [])
        self.assertEqual(solve({"needs": [{}], "offers": [{}]})["objective"], 0)


class ProblemTest(unittest.TestCase):

    def test_wrong_problems_name_the_place(self):
        one = '"needs":[{"units":1}],"offers":[{"units":1}]'
        for problem, text in [
                ("{", "is not JSON"), ("[]", "must be an object"),
                ('{"neds":[]}', "unknown field 'neds'"),
                ('{"needs":[{"units":-1}]}', "needs[0].units"),
                ('{"needs":[{"units":1.5}]}', "needs[0].units"),
                ("{" + one + ',"pairs":[{"need":0,"offer":1}]}', "there is no offer 1"),
                ("{" + one + ',"pairs":[{"offer":0}]}', "pairs[0].need"),
                ("{" + one + ',"pairs":[{"need":0,"offer":0,"score":9223372036854775808}]}', "pairs[0].score"),
                ("{" + one + ',"pairs":[{"need":0,"offer":0,"score":-1}]}', "pairs[0].score"),
                ("{" + one + ',"pairs":[{"need":0,"offer":0},{"need":0,"offer":0}]}', "twice"),
                ("{" + one + ',"groups":[{"members":[0]}]}', "groups[0].side"),
                ("{" + one + ',"groups":[{"side":"needs","members":[7]}]}', "groups[0].members"),
                ("{" + one + ',"groups":[{"side":"needs","members":[0],"min_units":2,"max_units":1}]}', "groups[0]"),
                ("{" + one + ',"fixed":[{"need":0,"offer":0,"units":1}]}', "are not a pair"),
                ('{"needs":[{"columns":{"x":1}},{"columns":{"x":"a"}}]}', "needs column x"),
        ]:
            answer = run(problem)
            self.assertEqual(answer.returncode, 2, problem + answer.stderr)
            self.assertIn(text, answer.stderr)
            self.assertEqual(answer.stdout, "")

    def test_broken_plugins_fail_with_their_reason(self):
        problem = {"needs": [{}], "offers": [{}, {}, {}], "pairs": [{"need": 0, "offer": o} for o in range(3)]}
        for name, reason in [("crash", "PLUGIN_CRASHED"), ("exit", "PLUGIN_CRASHED"), ("nan", "PLUGIN_BAD_OUTPUT"),
                             ("no-note", "PLUGIN_ABI"), ("throws", "PLUGIN_FAILED"), ("hang", "PLUGIN_TIMEOUT")]:
            library = os.path.join(BROKEN, f"broken-{name}-1.0.0", "lib", "plugin.so")
            answer = run(problem, "--timeout", "0.3", plugin=library)
            if name != "hang" and "PLUGIN_TIMEOUT" in answer.stderr:
                answer = run(problem, plugin=library)
            self.assertEqual(answer.returncode, 1, name)
            self.assertIn(reason, answer.stderr)
        self.assertEqual(run(problem, plugin=os.path.join(BROKEN, "none")).returncode, 1)


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])

# SPDX-License-Identifier: Apache-2.0
"""Rows of matching: what calling a plugin in its own process costs, and whole match runs beside the solver alone."""

import json
import os
import statistics
import subprocess
import time

from harness import log


def plugin(bench):
    program = os.path.join(bench.build, "bin", "plugin_call_bench")
    out = subprocess.run([program], check=True, stdout=subprocess.PIPE, env={**os.environ, "TANDEM_BUILD": bench.build})
    for line in out.stdout.decode().splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def match(bench):
    shapes = [(1_000, 300, 200, 3.0)] if bench.small else [(10_000, 3_000, 200, 3.0), (100_000, 3_000, 1_700, 1.5)]
    for offers, needs, kept, target in shapes:
        yield match_shape(bench, offers, needs, kept, target)


def match_shape(bench, offers, needs, kept, target):
    sample = bench.sample(offers + offers // 2, offers, needs)
    data_dir = os.path.join(bench.work, f"match-{offers}")
    server = bench.start(data_dir, plugins=True)
    environment = {**os.environ, "TANDEM_SERVER": server.target, "TANDEM_ADMIN_SOCKET": data_dir + ".admin"}

    def tandem(*arguments):
        done = subprocess.run([bench.program("tandem"), *arguments], env=environment, stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE)
        if done.returncode != 0:
            raise SystemExit("tandem " + " ".join(arguments) + ": " + done.stderr.decode())
        return done.stdout.decode()

    try:
        for service, collection, name in [("RegionService", "Regions", "regions"),
                                          ("ServiceCategoryService", "ServiceCategories", "categories"),
                                          ("AgencyService", "Agencies", "agencies"),
                                          ("MatchProfileService", "MatchProfiles", "profiles"),
                                          ("RoundService", "Rounds", "rounds")]:
            bench.run_import(server, service, collection, f"{sample}/{name}.chunks")
        for kind, rule in (("economic", "gdp-per-head-2019"), ("sector", "sector-proxy-gdp-per-head-2019")):
            tandem("region", "index", "--rule-id", rule, "--kind", kind, "--level", "province", "--term",
                   "gdp_per_head_cny", "--year", "2019")
        tandem("round", "open", "2026-1")
        for service, collection, name in [("OfferService", "Offers", "offers"), ("NeedService", "Needs", "needs"),
                                          ("PairingService", "Pairings", "pairings")]:
            bench.run_import(server, service, collection, f"{sample}/{name}.chunks")
        profile = json.loads(tandem("profile", "get", "default", "-o", "json"))
        profile["candidatesPerNeed"] = kept
        path = os.path.join(bench.work, "profile.json")
        with open(path, "w") as out:
            json.dump(profile, out)
        tandem("profile", "update", "-f", path, "--mask", "candidates_per_need")
        for plugin in ("category-fit", "capability", "localisation", "continuity", "mutual-preference",
                       "other-terms", "min-cost-flow"):
            tandem("plugin", "load", plugin)
            tandem("plugin", "enable", plugin)
        ours, bare, ratios = [], [], []
        candidates = 0
        for round_number in range(bench.rounds):
            name = f"bench-{round_number}"
            tandem("--timeout", "600", "match", "run", "--round", "2026-1", "--id", name, "--wait", "--quiet")
            run = json.loads(tandem("match", "get", name, "-o", "json"))
            if run.get("state") != "MATCH_RUN_STATE_SUCCEEDED":
                raise SystemExit("the run failed: " + json.dumps(run.get("error")))
            candidates = int(run["counts"]["candidates"])
            ours.append(seconds_between(run["startTime"], run["endTime"]))
            alone = subprocess.run([bench.program("lemon_alone"), str(offers), str(needs),
                                    str(max(1, candidates // offers))], check=True, stdout=subprocess.PIPE)
            bare.append(float(alone.stdout))
            ratios.append(ours[-1] / bare[-1])
            log(f"match {offers} x {needs}: {candidates} candidates, " +
                ", ".join(f"{s['stage']} {int(s.get('wallUs', 0)) / 1000:.0f} ms" for s in run["steps"]))
        return {"row": "match", "records": candidates, "value": round(statistics.median(ours), 3), "unit": "s",
                "beside": round(statistics.median(bare), 3),
                "beside_what": "LEMON alone on a random graph of as many edges",
                "ratio": round(statistics.median(ratios), 2), "target": target, "better": "lower"}
    finally:
        server.stop()


def seconds_between(start, end):
    def parse(text):
        whole, _, fraction = text.rstrip("Z").partition(".")
        return time.mktime(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) + float("0." + (fraction or "0"))
    return parse(end) - parse(start)

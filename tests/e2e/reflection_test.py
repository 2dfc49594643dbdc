# SPDX-License-Identifier: Apache-2.0
"""Every method of every service, called by a stock tool that knows nothing but server reflection.

What is called is compared with what reflection lists: a method without a case here fails the test.
"""

import glob
import json
import os
import subprocess
import unittest

import server_case
from tandem_process import BUNDLES, SOURCE, wait_until

# The program itself; what npm links to it starts an interpreter for every call.
BUF = sorted(glob.glob(os.path.join(SOURCE, "tests/api/node_modules/@bufbuild/buf-*/bin/buf")))
REFLECTION = {"grpc.reflection.v1.ServerReflection", "grpc.reflection.v1alpha.ServerReflection"}
NOT_FOUND = 5
# End with the server only; tests/e2e/life_test.py and watch_test.py watch.
ENDLESS = {"grpc.health.v1.Health/Watch", "tandem.v1.ChangeService/Watch"}

REGION = {"displayName": "省", "code": "1", "level": "REGION_LEVEL_PROVINCE"}
INDICATOR = {"indicatorId": "gdp", "year": 2019, "valueMilli": "5000"}
CONSENT = {"givenBy": "合成 synthetic", "consentTime": "2026-01-05T00:00:00Z"}
SCORER = {"plugin": "plugins/category-fit", "weight": 1, "pairTerm": True}
CORRIDOR = {"corridorId": "c", "supportingRegion": "regions/x-1", "receivingRegion": "regions/x-2"}

# Message, plural, collection with what stands before it, and a record. Later ones refer to "x-1" and "x-2" of
# earlier ones.
RESOURCES = (
    ("Region", "Regions", "regions", {**REGION, "indicators": [INDICATOR]}),
    ("ServiceCategory", "ServiceCategories", "serviceCategories", {"displayName": "老年", "taxonomy": "t"}),
    (
        "Agency",
        "Agencies",
        "agencies",
        {
            "displayName": "机构",
            "homeRegion": "regions/x-1",
            "categories": [{"category": "serviceCategories/x-1", "level": 3}],
        },
    ),
    ("Contact", "Contacts", "agencies/x-1/contacts", {"displayName": "联系人", "phoneNumber": "+86 10 1234"}),
    (
        "MatchProfile",
        "MatchProfiles",
        "matchProfiles",
        {"displayName": "规则", "scorers": [SCORER], "solver": {"plugin": "plugins/min-cost-flow"}},
    ),
    (
        "Round",
        "Rounds",
        "rounds",
        {"displayName": "批次", "matchProfile": "matchProfiles/x-1", "corridors": [CORRIDOR]},
    ),
    (
        "Offer",
        "Offers",
        "offers",
        {"round": "rounds/x-1", "agency": "agencies/x-1", "slots": "1", "corridor": "c",
         "state": "OFFER_STATE_SUBMITTED", "consent": CONSENT},
    ),
    (
        "Need",
        "Needs",
        "needs",
        {"round": "rounds/x-1", "region": "regions/x-2", "category": "serviceCategories/x-1", "slots": "1",
         "state": "NEED_STATE_SUBMITTED"},
    ),
    ("Pairing", "Pairings", "pairings", {"agency": "agencies/x-1", "slots": "1"}),
    ("Source", "Sources", "sources", {"displayName": "来源", "kind": "SOURCE_KIND_ASSOCIATION"}),
    ("SynonymSet", "SynonymSets", "synonymSets", {"displayName": "老", "words": ["敬老", "养老"]}),
    ("Activity", "Activities", "pairings/x-1/activities", {"kind": "training", "participants": 12}),
)  # fmt: skip


def lower(word):
    return word[0].lower() + word[1:]


def snake(word):
    return "".join("_" + c.lower() if c.isupper() else c for c in lower(word))


@unittest.skipUnless(BUF, "buf is not installed: npm ci --prefix tests/api, as tests/run.sh does")
class ReflectionTest(server_case.SharedServerCase):
    options = ("--plugin-dir", BUNDLES, "--allow-unsigned-plugins")

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.called = set()

    def curl(self, *arguments, admin=False):
        """Runs buf curl in an empty folder; code, output, errors."""
        if admin:
            target = ["--unix-socket", self.shared.admin_socket, "http://localhost"]
        else:
            target = [f"http://{self.shared.address}"]
        if arguments and not arguments[0].startswith("-"):
            target[-1] += "/" + arguments[0]
            arguments = arguments[1:]
        done = subprocess.run(
            [BUF[-1], "curl", "--protocol", "grpc", "--http2-prior-knowledge", *target, *arguments],
            capture_output=True, cwd=self.folder, timeout=60, check=False,
            env={**os.environ, "BUF_CACHE_DIR": self.folder, "HOME": self.folder},
        )  # fmt: skip
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def call(self, method, *requests, admin=False):
        """Calls a method that must succeed; the last message it answers."""
        data = "".join(json.dumps(request) for request in requests)
        code, out, err = self.curl(method, "-d", data, admin=admin)
        self.assertEqual(code, 0, f"{method} {data}: {err}")
        self.called.add(method)
        answers, rest = [], out.strip()
        while rest:
            answer, end = json.JSONDecoder().raw_decode(rest)
            answers.append(answer)
            rest = rest[end:].strip()
        return answers[-1]

    def listed(self, what, *arguments, **more):
        code, out, err = self.curl(what, *arguments, **more)
        self.assertEqual(code, 0, err)
        return set(out.split())

    def test_services_and_both_protocols_of_reflection(self):
        public = {f"tandem.v1.{message}Service" for message, _, _, _ in RESOURCES}
        public |= {"tandem.v1.FieldConflictService", "tandem.v1.MatchService", "tandem.v1.ChangeService",
                   "grpc.health.v1.Health"} | REFLECTION  # fmt: skip
        for protocol in ("grpc-v1", "grpc-v1alpha"):
            self.assertEqual(self.listed("--list-services", "--reflect-protocol", protocol), public)
        self.assertEqual(self.listed("--list-services", admin=True), public | {"tandem.v1.PluginService"})

    def test_health_of_each_service(self):
        for admin in (False, True):
            for service in sorted(self.listed("--list-services", admin=admin) - REFLECTION) + [""]:
                if service == "grpc.health.v1.Health":
                    continue
                with self.subTest(service=service, admin=admin):
                    answer = self.call("grpc.health.v1.Health/Check", {"service": service}, admin=admin)
                    self.assertEqual(answer, {"status": "SERVING"})
        code, _, err = self.curl("grpc.health.v1.Health/Check", "-d", '{"service": "tandem.v1.PluginService"}')
        # buf's exit code is eight times gRPC's.
        self.assertEqual(code, 8 * NOT_FOUND, err)

    def test_errors_carry_details(self):
        code, _, err = self.curl("tandem.v1.RegionService/GetRegion", "-d", '{"name": "regions/none"}')
        self.assertEqual(code, 8 * NOT_FOUND)
        details = [detail["type"] for detail in json.loads(err)["details"]]
        self.assertEqual(details, ["google.rpc.ErrorInfo", "google.rpc.ResourceInfo"])

    def test_every_method_is_called(self):
        self.call_plugins_up()
        for resource in RESOURCES:
            if resource[0] == "Offer":
                self.assertEqual(
                    self.call("tandem.v1.RoundService/OpenRound", {"name": "rounds/x-1"})["state"], "ROUND_STATE_OPEN"
                )
            self.call_standard_methods(*resource)
        self.call_conflicts()
        self.call_pairings()
        self.call_index()
        self.call_searches()
        self.call_identity()
        self.call_over_time()
        frozen = self.call("tandem.v1.RoundService/FreezeRound", {"name": "rounds/x-1"})
        self.assertEqual(frozen["state"], "ROUND_STATE_FROZEN")
        self.call_matching()
        self.call_changes()
        self.call_plugins_down()
        self.call("grpc.health.v1.Health/Check", {})
        methods = self.listed("--list-methods", admin=True) | self.listed("--list-methods")
        methods = {method for method in methods if method.split("/")[0] not in REFLECTION}
        self.assertEqual(methods - ENDLESS - self.called, set(), "methods without a case")
        self.assertEqual(self.called - methods, set(), "cases without a method")

    def call_standard_methods(self, message, plural, collection, record):
        service = f"tandem.v1.{message}Service/"
        parent = {"parent": collection.rpartition("/")[0]}
        for number in (1, 2, 3):
            request = {f"{snake(message)}_id": f"x-{number}", lower(message): record, **parent}
            created = self.call(service + f"Create{message}", request)
            self.assertEqual(created["name"], f"{collection}/x-{number}")
        name = {"name": f"{collection}/x-3"}
        self.assertEqual(self.call(service + f"Get{message}", name), created)
        renamed = {**name, "labels": {"k": "v"}}
        updated = self.call(service + f"Update{message}", {lower(message): renamed, "updateMask": "labels"})
        self.assertEqual(updated, {**created, "labels": {"k": "v"}, **{f: updated[f] for f in ("etag", "updateTime")}})
        self.assertNotEqual(updated["etag"], created["etag"])
        deleted = self.call(service + f"Delete{message}", {**name, "etag": updated["etag"]})
        self.assertIn("purgeTime", deleted)
        page = self.call(service + f"List{plural}", {"pageSize": 2, **parent})
        self.assertEqual([r["name"] for r in page[lower(plural)]], [f"{collection}/x-1", f"{collection}/x-2"])
        self.assertNotIn("deleteTime", self.call(service + f"Undelete{message}", name))
        imported = self.call(
            service + f"Import{plural}",
            {"options": {"onConflict": "IMPORT_CONFLICT_RULE_SKIP"}},
            {"firstNumber": "1", lower(plural): [{**record, "name": f"{collection}/x-{n}"} for n in (3, 4)]},
        )
        self.assertEqual(imported["counts"], {"created": "1", "skipped": "1"})
        self.call_batches(service, message, plural, collection, record)
        self.call_looks_back(service, message, plural, name)

    def call_batches(self, service, message, plural, collection, record):
        names = [f"{collection}/y-{number}" for number in (1, 2)]
        requests = [
            {f"{snake(message)}_id": name.rpartition("/")[2], lower(message): record,
             "parent": collection.rpartition("/")[0]}
            for name in names
        ]  # fmt: skip
        created = self.call(service + f"BatchCreate{plural}", {"requests": requests})[lower(plural)]
        self.assertEqual([r["name"] for r in created], names)
        self.assertEqual(self.call(service + f"BatchGet{plural}", {"names": names})[lower(plural)], created)
        requests = [{lower(message): {"name": name, "owner": "me"}, "updateMask": "owner"} for name in names]
        updated = self.call(service + f"BatchUpdate{plural}", {"requests": requests})[lower(plural)]
        self.assertEqual([r["owner"] for r in updated], ["me", "me"])
        self.assertEqual(len({r["etag"] for r in updated}), 1)
        requests = [{"name": name} for name in names]
        deleted = self.call(service + f"BatchDelete{plural}", {"requests": requests})[lower(plural)]
        self.assertTrue(all("deleteTime" in r for r in deleted))
        if message == "Activity":
            # Their ids outlast them.
            self.assertNotIn(service + "PurgeActivity", self.listed("--list-methods"))
            return
        for name in names:
            self.assertEqual(self.call(service + f"Purge{message}", {"name": name})["purgedCount"], "1")

    def call_looks_back(self, service, message, plural, name):
        history = self.call(service + f"List{message}Revisions", {"parent": name["name"], "includeRecords": True})
        kinds = [revision["info"]["kind"].removeprefix("CHANGE_KIND_") for revision in history["revisions"]]
        self.assertEqual(kinds, ["UNDELETED", "DELETED", "UPDATED", "CREATED"])
        self.assertEqual(history["revisions"][2]["info"]["changedPaths"], ["labels.k"])
        old = {**name, "readRevision": history["revisions"][3]["info"]["revision"]}
        self.assertEqual(self.call(service + f"Get{message}", old), history["revisions"][3][lower(message)])
        if message == "Contact":
            self.assertNotIn(service + "ExportContacts", self.listed("--list-methods"))
            return
        last = self.call(service + f"Export{plural}", {"parent": "pairings/-"} if message == "Activity" else {})
        self.assertEqual([r["name"].rpartition("/")[2] for r in last[lower(plural)]], ["x-1", "x-2", "x-3", "x-4"])
        self.assertNotIn("resumeToken", last)

    def call_conflicts(self):
        for source, total in (("x-1", 3), ("x-2", 4)):
            row = {"name": "agencies/x-4", "displayName": "机构", "staff": {"total": total}}
            answer = self.call(
                "tandem.v1.AgencyService/ImportAgencies",
                {"options": {"sync": {"source": f"sources/{source}", "full": True}}},
                {"firstNumber": "1", "agencies": [row]},
                {"syncEnd": {"recordCount": "1"}},
            )
            self.assertEqual(answer["counts"], {"updated": "1"})
            self.assertEqual(answer["syncResult"]["outcome"], "SYNC_OUTCOME_MARKED")
        service = "tandem.v1.FieldConflictService/"
        held = self.call(service + "ListFieldConflicts", {"filter": 'source = "sources/x-1"'})["fieldConflicts"]
        self.assertEqual([(c["agency"], c["value"]) for c in held], [("agencies/x-4", {"staff": {"total": 3}})])
        name = {"name": held[0]["name"]}
        self.assertEqual(self.call(service + "GetFieldConflict", name), held[0])
        resolved = self.call(service + "ResolveFieldConflict", {**name, "source": "sources/x-1"})
        self.assertEqual(resolved["state"], "FIELD_CONFLICT_STATE_RESOLVED")
        batch = self.call(service + "BatchGetFieldConflicts", {"names": [held[0]["name"]]})
        self.assertEqual(batch["fieldConflicts"], [resolved])
        history = self.call(service + "ListFieldConflictRevisions", {"parent": held[0]["name"]})["revisions"]
        self.assertEqual([r["info"]["kind"] for r in history], ["CHANGE_KIND_UPDATED", "CHANGE_KIND_CREATED"])
        exported = self.call(service + "ExportFieldConflicts", {"filter": 'source = "sources/x-1"'})
        self.assertEqual(exported.get("fieldConflicts", [resolved]), [resolved])

    def call_pairings(self):
        def say(method, pairing, **fields):
            answer = self.call("tandem.v1.PairingService/" + method, {"name": f"pairings/{pairing}", **fields})
            return answer["state"].removeprefix("PAIRING_STATE_")

        agency, county = {"actor": "PAIRING_ACTOR_AGENCY"}, {"actor": "PAIRING_ACTOR_COUNTY"}
        for pairing in ("x-1", "x-2"):
            self.assertEqual(say("AcceptPairing", pairing, **agency), "AGENCY_ACCEPTED")
            self.assertEqual(say("AgreePairing", pairing, **county, agreement={"reference": "1"}), "AGREED")
            self.assertEqual(say("ActivatePairing", pairing), "ACTIVE")
        self.assertEqual(say("RecordFollowUp", "x-1", followUp={"day": 30, "finding": "好"}), "ACTIVE")
        self.assertEqual(say("PausePairing", "x-1"), "PAUSED")
        self.assertEqual(say("ResumePairing", "x-1"), "ACTIVE")
        self.assertEqual(say("CompletePairing", "x-1"), "COMPLETED")
        self.assertEqual(say("FailPairing", "x-2", reason="synthetic"), "FAILED")
        self.assertEqual(say("DeclinePairing", "x-3", **county, reason="synthetic"), "DECLINED")
        self.assertEqual(say("WithdrawPairing", "x-4", reason="synthetic"), "WITHDRAWN")
        proposal = {"agency": "agencies/x-1", "slots": "1"}
        self.call("tandem.v1.PairingService/CreatePairing", {"pairingId": "x-5", "pairing": proposal})
        self.assertEqual(say("SupersedePairing", "x-5", supersededBy="pairings/x-1"), "SUPERSEDED")

        activities = [{"name": f"pairings/{pairing}/activities/a"} for pairing in ("x-1", "x-5", "none")]
        answer = self.call("tandem.v1.PairingService/BatchLogActivities", {"activities": activities})
        self.assertEqual((answer["storedCount"], answer["refusedCount"]), (2, 1))

    def call_index(self):
        rule = {"ruleId": "r", "kind": "INDEX_KIND_ECONOMIC", "level": "REGION_LEVEL_PROVINCE", "year": 2019,
                "terms": [{"indicatorId": "gdp", "weight": 1}]}  # fmt: skip
        answer = self.call("tandem.v1.RegionService/IndexRegions", {"rule": rule})
        self.assertEqual((answer["ownCount"], answer["changedCount"]), ("4", "4"))

    def call_searches(self):
        for service, method, field, text, results in (
            ("RegionService", "SearchRegions", "region", "省", 4),
            ("ServiceCategoryService", "SearchServiceCategories", "serviceCategory", "老年", 4),
            ("AgencyService", "SearchAgencies", "agency", "机构", 4),
        ):
            answer = self.call(f"tandem.v1.{service}/{method}", {"text": text, "pageSize": 2})
            self.assertEqual([len(answer["results"]), bool(answer["nextPageToken"])], [2, True])
            rest = self.call(f"tandem.v1.{service}/{method}", {"text": text, "pageToken": answer["nextPageToken"]})
            names = {result[field]["name"] for result in answer["results"] + rest["results"]}
            self.assertEqual(len(names), results)
        for service, method, typed, name in (
            ("AgencyService", "SuggestAgencies", "jig", "机构"),
            ("RegionService", "SuggestRegions", "sh", "省"),
            ("ServiceCategoryService", "SuggestServiceCategories", "laon", "老年"),
        ):
            suggested = self.call(f"tandem.v1.{service}/{method}", {"text": typed})
            self.assertEqual([s["text"] for s in suggested["suggestions"]], [name])

    def call_over_time(self):
        for service, methods, unit in (
            ("RegionService", ("ResolveRegions", "CountRegionRecords", "ListStaleRegionReferences"), "regions/x-1"),
            ("ServiceCategoryService",
             ("ResolveServiceCategories", "CountServiceCategoryRecords", "ListStaleServiceCategoryReferences"),
             "serviceCategories/x-1"),
        ):  # fmt: skip
            resolve, count, stale = (f"tandem.v1.{service}/{method}" for method in methods)
            key = "region" if service == "RegionService" else "serviceCategory"
            results = self.call(resolve, {"keys": [{key: unit}]})["results"]
            self.assertEqual(results, [{"unit": unit, "shares": [{"unit": unit, "sharePermille": 1000}]}])
            counted = self.call(count, {"collection": "agencies"})
            self.assertEqual(counted["counts"], [{"unit": unit, "recordCount": counted["totalCount"]}])
            self.assertNotIn("references", self.call(stale, {}))

    def call_identity(self):
        service = "tandem.v1.AgencyService/"
        found = self.call(service + "FindDuplicates", {"name": "agencies/x-1"})
        self.assertEqual([c["agency"] for c in found["candidates"]], [f"agencies/x-{n}" for n in (2, 3, 4)])
        self.assertEqual({c["weightPermille"] for c in found["candidates"]}, {650})
        self.assertEqual(len(self.call(service + "ListDuplicates", {})["pairs"]), 6)
        merge = {"survivor": "agencies/x-3", "merged": ["agencies/x-4"], "validateOnly": True}
        self.assertEqual(self.call(service + "MergeAgencies", merge)["name"], "agencies/x-3")
        self.assertEqual(set(self.call(service + "LookupAgency", {"scheme": "tax", "value": "1"})), {"revision"})

    def call_matching(self):
        service = "tandem.v1.MatchService/"
        self.call(service + "CreateMatchRun", {"matchRunId": "m", "matchRun": {"round": "rounds/x-1"}})
        name = {"name": "matchRuns/m"}
        run = wait_until(lambda: (r := self.call(service + "GetMatchRun", name)).get("done") and r, "the run's end", 60)
        self.assertEqual(run["state"], "MATCH_RUN_STATE_SUCCEEDED", run)
        self.assertEqual([r["name"] for r in self.call(service + "ListMatchRuns", {})["matchRuns"]], ["matchRuns/m"])
        self.assertEqual(self.call(service + "CancelMatchRun", name)["state"], "MATCH_RUN_STATE_SUCCEEDED")
        matches = self.call(service + "ListMatches", {"parent": "matchRuns/m"})["matches"]
        self.assertGreater(len(matches), 0)
        explained = self.call(service + "ExplainMatch", {"name": matches[0]["name"]})
        self.assertEqual(explained["match"]["offer"], matches[0]["offer"])
        outcomes = self.call(service + "ListMatchOutcomes", {"parent": "matchRuns/m", "side": "MATCH_SIDE_OFFERS"})
        self.assertEqual(len(outcomes["outcomes"]), 4)
        why = self.call(service + "WhyNotMatch", {**name, "need": matches[0]["need"], "offer": matches[0]["offer"]})
        self.assertTrue(why["matched"])
        self.assertTrue(self.call(service + "VerifyMatchRun", name)["verified"])

    def call_changes(self):
        service = "tandem.v1.ChangeService/"
        page = self.call(service + "ListChanges", {"collections": ["pairings"], "pageSize": 2})
        self.assertEqual([c["kind"] for c in page["changes"]], ["CHANGE_KIND_CREATED"] * 2)
        self.assertEqual(page["changes"][0]["record"]["pairing"]["name"], page["changes"][0]["name"])
        self.assertTrue(page["nextPageToken"])

    def call_plugins_up(self):
        service = "tandem.v1.PluginService/"
        listed = self.call(service + "ListPlugins", {}, admin=True)["plugins"]
        self.assertIn("plugins/capability", [plugin["name"] for plugin in listed])
        for plugin in ("capability", "category-fit", "min-cost-flow"):
            name = {"name": f"plugins/{plugin}"}
            self.assertEqual(self.call(service + "LoadPlugin", name, admin=True)["state"], "PLUGIN_STATE_LOADED")
            self.assertEqual(self.call(service + "EnablePlugin", name, admin=True)["state"], "PLUGIN_STATE_ENABLED")

    def call_plugins_down(self):
        service = "tandem.v1.PluginService/"
        name = {"name": "plugins/capability"}
        self.assertEqual(self.call(service + "DisablePlugin", name, admin=True)["state"], "PLUGIN_STATE_LOADED")
        self.assertEqual(self.call(service + "UnloadPlugin", name, admin=True)["state"], "PLUGIN_STATE_INSTALLED")
        self.assertEqual(self.call(service + "DescribePlugin", name, admin=True)["state"], "PLUGIN_STATE_INSTALLED")
        code, _, err = self.curl(service + "ListPlugins", "-d", "{}")
        self.assertNotEqual(code, 0, "plugins are steered on the admin socket only")
        self.assertIn("unimplemented", err)


if __name__ == "__main__":
    server_case.main()

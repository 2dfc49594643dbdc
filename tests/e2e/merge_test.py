# SPDX-License-Identifier: Apache-2.0
"""Merging agencies from outside: a registry's real list of old and new numbers, and a match run that names merged ones."""

import csv
import json
import os

import server_case
import tandem
from small_round import SmallRound, make_directory
from tandem.v1 import agency_identity_pb2, agency_service_pb2, match_run_pb2, match_service_pb2
from tandem_process import BUNDLES, SOURCE

LIST = os.path.join(SOURCE, "tests/data/charity_reregistrations/reregistrations.csv")
SCHEME = "gb-chc"
COLUMNS = ("--from-column", "Old charity number", "--to-column", "New charity number")


def read_list():
    """The first new number of each old one that differs, and every number of the file."""
    first, numbers = {}, set()
    with open(LIST, encoding="utf-8", newline="") as file:
        for row in list(csv.reader(file))[1:]:
            numbers.update(row)
            if row[0] != row[1]:
                first.setdefault(*row)
    return first, numbers


def survivor_of(number, first):
    """Where a number leads; itself when it is in a cycle or leads nowhere."""
    seen = [number]
    while seen[-1] in first:
        step = first[seen[-1]]
        if step in seen:
            # What leads into a cycle stops at its first member.
            return step if seen.index(step) > 0 else number
        seen.append(step)
    return seen[-1]


class RegistryListTest(server_case.ServerCase):
    def test_every_old_number_leads_to_its_survivor_for_ever(self):
        first, numbers = read_list()
        self.assertGreater(len(first), 1900)
        server = self.start()
        records = [
            {
                "name": f"agencies/gb-{number}", "displayName": f"合成 synthetic {number}",
                "identifiers": [{"scheme": SCHEME, "value": number, "verified": True}],
            }
            for number in sorted(numbers)
        ]  # fmt: skip
        path = self.write("agencies.ndjson", "".join(json.dumps(record) + "\n" for record in records))
        server.run("agency", "import", path)
        merge = ("merge", "--file", LIST, *COLUMNS, "--scheme", SCHEME, "-o", "json")

        dry = server.tandem(*merge, "--dry-run")
        self.assertEqual(server.run("agency", "lookup", SCHEME, "306072", "-o", "name").out, "agencies/gb-306072\n")
        done = server.tandem(*merge, seconds=300)
        self.assertEqual(done.code, 7, "the list holds cycles, which are reported and left alone")
        report = done.json()
        self.assertEqual(report["lines"], 1931)
        self.assertEqual(report["counts"], {"contradiction": 1, "cycle": 4, "repeated": 12, "self": 1})
        self.assertEqual(dry.json()["counts"], report["counts"])
        survivors = {number: survivor_of(number, first) for number in numbers}
        merged = sum(number != survivor for number, survivor in survivors.items())
        self.assertEqual(report["merged"], merged)
        cycles = [finding["text"] for finding in report["findings"] if finding["kind"] == "cycle"]
        self.assertEqual(sorted(cycles), [
            "1175148 -> 268048 -> 1175148", "1194592 -> 240354 -> 1194592",
            "240354 -> 1194592 -> 240354", "268048 -> 1175148 -> 268048",
        ])  # fmt: skip

        again = server.tandem(*merge).json()
        self.assertEqual([again["merged"], again["mergedBefore"]], [0, merged])
        self.check_names(server, survivors)
        with tandem.connect(server.address) as client:
            for number, survivor in survivors.items():
                lookup = agency_identity_pb2.LookupAgencyRequest(scheme=SCHEME, value=number)
                self.assertEqual(client.agencies.LookupAgency(lookup).agency.name, f"agencies/gb-{survivor}", number)
        # A restart makes the catalog anew.
        server.stop()
        server.start()
        self.check_names(server, survivors)

    def check_names(self, server, survivors):
        """Every name answers the survivor; the list holds survivors only."""
        with tandem.connect(server.address) as client:
            for number, survivor in survivors.items():
                request = agency_service_pb2.GetAgencyRequest(name=f"agencies/gb-{number}")
                self.assertEqual(client.agencies.GetAgency(request).name, f"agencies/gb-{survivor}", number)
        listed = server.run("agency", "list", "--all", "-o", "name").out.split()
        self.assertEqual(listed, sorted({f"agencies/gb-{survivor}" for survivor in survivors.values()}))

    def test_a_list_that_can_not_be_done_says_why_by_line(self):
        server = self.start()
        for name in ("a", "b", "c"):
            server.run("agency", "create", "-f", "-", text=f"name: agencies/{name}\ndisplayName: {name}\n")
        path = self.write("list.csv", "from,to\na,b\nx,c\nb,none\n,c\n")
        done = server.tandem("merge", "--file", path)
        self.assertEqual(done.code, 7)
        said = done.err.splitlines()
        self.assertTrue(any(f"{path}:3: unknown: " in line and "agencies/x" in line for line in said), said)
        self.assertTrue(any(f"{path}:5: empty: " in line for line in said), said)
        self.assertTrue(any(f"{path}:2: chain: a -> b -> none" in line for line in said), said)
        self.assertTrue(any(f"{path}:4: unknown: " in line and "agencies/none" in line for line in said), said)
        # Its end is unknown, so nothing of the chain was merged.
        self.assertEqual(len(server.run("agency", "list", "-o", "name").out.split()), 3)
        wrong = server.tandem("merge", "--file", path, "--from-column", "old")
        self.assertEqual(wrong.code, 1)
        self.assertIn('no column "old"', wrong.err)
        self.assertEqual(server.tandem("merge", "--file", self.path("none.csv")).code, 1)


class MergeCommandsTest(server_case.SharedServerCase):
    options = ("--plugin-dir", BUNDLES, "--allow-unsigned-plugins")

    def create(self, name, text):
        self.shared.run("agency", "create", "-f", "-", text=f"name: agencies/{name}\n{text}\n")

    def test_lookup_duplicates_and_merge(self):
        number = "identifiers: [{scheme: tax, value: '%s', verified: true}]"
        self.create("one", "displayName: 春风助老服务中心\n" + number % "11")
        self.create("two", "displayName: 春风助老服务中心\nwhatWeDo: 助老")
        self.assertEqual(self.shared.run("agency", "lookup", "tax", "１１", "-o", "name").out, "agencies/one\n")
        self.assertEqual(self.shared.tandem("agency", "lookup", "tax", "12").code, 3)
        found = self.shared.run("agency", "duplicates", "one")
        self.assertRegex(found.out, r"500\s+agencies/two\s+春风助老服务中心\s+SAME_NAME 500")
        self.assertEqual(self.shared.run("agency", "duplicates", "--all", "-o", "name").out, "agencies/one agencies/two\n")
        draft = self.write("draft.yaml", "displayName: 春风，助老服务中心\n")
        drafted = self.shared.run("agency", "duplicates", "-f", draft, "-o", "name").out.split()
        self.assertEqual(drafted, ["agencies/one", "agencies/two"])
        self.assertEqual(self.shared.tandem("agency", "duplicates").code, 2)
        merged = self.shared.run("agency", "merge", "one", "two", "--fill-empty", "-o", "json").json()
        self.assertEqual(merged["whatWeDo"], "助老")
        self.assertEqual(self.shared.run("agency", "get", "two", "-o", "json").json(), merged)
        refused = self.shared.tandem("agency", "merge", "two", "one")
        self.assertIn("MERGE_CYCLE", refused.err)
        self.assertIn("RESOURCE_MERGED", self.shared.tandem("agency", "delete", "two").err)

    def test_a_registry_import_keeps_a_wrong_code_and_warns(self):
        wrong = {"scheme": "uscc", "value": "91350100M000100Y44", "verified": True}
        record = {"name": "agencies/wrong-code", "displayName": "错码", "identifiers": [wrong]}
        path = self.write("registry.ndjson", json.dumps(record) + "\n")
        refused = self.shared.tandem("agency", "import", path)
        self.assertEqual(refused.code, 7)
        self.assertIn("ends in the check character 4", refused.err)
        kept = self.shared.run("agency", "import", path, "--keep-unverified-identifiers")
        self.assertIn(f"{path}:1: warning: identifiers[0].value: ends in the check character 4", kept.err)
        stored = self.shared.run("agency", "get", "wrong-code", "-o", "json").json()
        self.assertNotIn("verified", stored["identifiers"][0])

    def test_a_run_takes_a_merged_agency_for_its_survivor(self):
        for plugin in ("category-fit", "min-cost-flow"):
            self.shared.run("plugin", "load", plugin)
            self.shared.run("plugin", "enable", plugin)
        client = tandem.connect(self.shared.address)
        self.addCleanup(client.close)
        make_directory(client)
        small = SmallRound(client, "merged")
        weak = small.offer("weak", level=1)
        small.offer("strong", level=5)
        # The offer stays under the old name; the agency behind it is the strong one now.
        name = "agencies/" + weak.split("/")[1]
        need = small.need("n", slots=2, refused_agencies=[])
        refusing = small.need("refusing", refused_agencies=[name])
        request = agency_identity_pb2.MergeAgenciesRequest(survivor="agencies/merged-strong", merged=[name])
        client.agencies.MergeAgencies(request)
        run = small.run()
        self.assertEqual(run.state, match_run_pb2.MATCH_RUN_STATE_SUCCEEDED, run)
        matches = client.matches.ListMatches(match_service_pb2.ListMatchesRequest(parent=run.name)).matches
        self.assertEqual({match.need for match in matches}, {need})
        self.assertEqual({match.agency for match in matches}, {"agencies/merged-strong"})
        self.assertEqual(len({match.offer for match in matches}), 2)
        self.assertEqual(small.reasons()[refusing], "AGENCY_REFUSED")
        # Judged on the versions that the run read, of which the merge is one.
        report = client.matches.VerifyMatchRun(match_service_pb2.VerifyMatchRunRequest(name=run.name))
        self.assertTrue(report.verified, report)


if __name__ == "__main__":
    server_case.main()

# SPDX-License-Identifier: Apache-2.0
"""Runs the benchmark rows; see run.sh. Each figure stands beside another measured in the same run, in turn
A B A B A B, and the ratio is the median of the rounds' ratios: these machines drift, ratios drift less."""

import argparse
import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

import postgres_peer
from postgres_peer import PostgresPeer

ROWS = ["get", "list", "import", "start", "memory", "plugin", "match"]
LIST_SQL = ("SELECT a.body FROM place p JOIN agency a ON a.id = p.id WHERE p.region = $1 AND p.category = $2 "
            "ORDER BY p.points DESC, p.id LIMIT 50")
GET_SQL = "SELECT body FROM agency WHERE id = $1"


def log(text):
    print(text, file=sys.stderr, flush=True)


def field(number, value):
    """One length-delimited or varint protobuf field."""
    if isinstance(value, int):
        return bytes([number << 3]) + varint(value)
    data = value.encode()
    return bytes([number << 3 | 2]) + varint(len(data)) + data


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def write_requests(path, messages):
    with open(path, "wb") as out:
        for message in messages:
            out.write(struct.pack("<I", len(message)) + message)


class Process:
    """A server started for the bench and ended with it."""

    def __init__(self, argv, port_file, wait_seconds=120):
        if os.path.exists(port_file):
            os.unlink(port_file)
        begin = time.monotonic()
        self.log_path = port_file + ".log"
        self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=open(self.log_path, "w"))
        while not os.path.exists(port_file) or os.path.getsize(port_file) == 0:
            if self.process.poll() is not None:
                raise SystemExit(f"{argv[0]} ended at once:\n{open(self.log_path).read()[-2000:]}")
            if time.monotonic() - begin > wait_seconds:
                self.stop()
                raise SystemExit(f"{argv[0]} was not ready in {wait_seconds} s")
            time.sleep(0.002)
        self.ready_seconds = time.monotonic() - begin
        self.target = "127.0.0.1:" + open(port_file).read().strip()

    @property
    def pid(self):
        return str(self.process.pid)

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/status") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=120)


class Bench:
    def __init__(self, build, small):
        self.build = build
        self.small = small
        self.rounds = 1 if small else 3
        self.seconds = "0.5" if small else "2"
        self.work = tempfile.mkdtemp(prefix="tandem-bench.")
        self.samples = {}
        self.servers = {}
        self.imports = {}
        self.postgres = None

    def close(self):
        if self.postgres:
            self.postgres.stop()
        for server in self.servers.values():
            server.stop()
        shutil.rmtree(self.work, ignore_errors=True)

    def program(self, name):
        return os.path.join(self.build, "bin", name)

    def sizes(self):
        return [10_000] if self.small else [100_000, 1_000_000]

    def sample(self, agencies, offers=118, needs=160):
        key = (agencies, offers, needs)
        if key not in self.samples:
            out = os.path.join(self.work, "sample-%d-%d-%d" % key)
            data = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../deploy/sample/data")
            subprocess.run([self.program("tandem-sample"), "--data", data, "--out", out, "--agencies", str(agencies),
                            "--offers", str(offers), "--needs", str(needs), "--format", "chunks"], check=True,
                           stdout=subprocess.DEVNULL)
            self.samples[key] = out
        return self.samples[key]

    def start(self, data_dir, plugins=False):
        argv = [self.program("tandemd"), "--data-dir", data_dir, "--listen", "127.0.0.1:0", "--port-file",
                data_dir + ".port", "--admin-socket", data_dir + ".admin"]
        if plugins:
            argv += ["--plugin-dir", os.path.join(self.build, "bundles"), "--allow-unsigned-plugins"]
        return Process(argv, data_dir + ".port")

    def run_import(self, server, service, collection, path):
        out = subprocess.run([self.program("import_client"), server.target,
                              f"/tandem.v1.{service}/Import{collection}", path], check=True, stdout=subprocess.PIPE)
        return json.loads(out.stdout)

    def filled(self, agencies):
        """A running server with that many agencies; the import's figures are kept."""
        if agencies not in self.servers:
            sample = self.sample(agencies)
            server = self.start(os.path.join(self.work, f"data-{agencies}"))
            self.run_import(server, "RegionService", "Regions", sample + "/regions.chunks")
            self.run_import(server, "ServiceCategoryService", "ServiceCategories", sample + "/categories.chunks")
            self.imports[agencies] = self.run_import(server, "AgencyService", "Agencies", sample + "/agencies.chunks")
            self.servers[agencies] = server
        return self.servers[agencies]

    def load(self, server, method, requests, in_flight):
        out = subprocess.run([self.program("load_client"), server.target, "/tandem.v1.AgencyService/" + method,
                              requests, str(in_flight), self.seconds, server.pid], stdout=subprocess.PIPE)
        if out.returncode != 0:
            raise SystemExit("load_client failed: " + out.stdout.decode())
        return json.loads(out.stdout)

    def beside_echo(self, row, records, method, requests, in_flight, target):
        server = self.filled(records)
        reply = int(self.load(server, method, requests, in_flight)["reply_bytes"])
        port_file = os.path.join(self.work, "echo.port")
        echo = Process([self.program("echo_server"), str(reply), port_file], port_file)
        try:
            ours, bare, ratios = [], [], []
            for _ in range(self.rounds):
                ours.append(self.load(server, method, requests, in_flight)["cpu_us"])
                bare.append(self.load(echo, method, requests, in_flight)["cpu_us"])
                ratios.append(ours[-1] / bare[-1])
        finally:
            echo.stop()
        yield {"row": row, "records": records, "in_flight": in_flight, "value": round(statistics.median(ours), 1),
               "unit": "us_cpu", "beside": round(statistics.median(bare), 1),
               "beside_what": f"raw echo of {reply} bytes", "ratio": round(statistics.median(ratios), 2),
               "target": target, "better": "lower"}

    def beside_postgres(self, row, records, method, requests, sql, parameters, in_flight, target):
        server = self.filled(records)
        ours, peer, ratios, rows = [], [], [], 0
        for _ in range(self.rounds):
            ours.append(self.load(server, method, requests, in_flight)["cpu_us"])
            theirs = self.peer(records).load(sql, parameters, in_flight, self.seconds)
            peer.append(theirs["cpu_us"])
            rows = theirs["rows"]
            ratios.append(ours[-1] / peer[-1])
        yield {"row": row, "records": records, "in_flight": in_flight, "value": round(statistics.median(ours), 1),
               "unit": "us_cpu", "beside": round(statistics.median(peer), 1),
               "beside_what": f"PostgreSQL 15, its best index, {rows} rows an answer",
               "ratio": round(statistics.median(ratios), 2), "target": target, "better": "lower"}

    def peer(self, records):
        """PostgreSQL with the agencies of filled(records)."""
        if self.postgres is None:
            sys.path.insert(0, os.path.join(self.build, "python"))
            from tandem.v1 import agency_pb2, service_category_pb2  # pylint: disable=import-outside-toplevel
            sample = self.sample(records)
            parent_of = {}
            for request in postgres_peer.prepared_requests(sample + "/categories.chunks"):
                for number, value in postgres_peer.fields(request):
                    if number == 3:
                        category = service_category_pb2.ServiceCategory.FromString(value)
                        parent_of[category.name] = category.parent_category
            self.postgres = PostgresPeer(os.path.join(self.work, "postgres"), self.program("postgres_load"),
                                         agency_pb2.Agency)
            self.postgres.fill(sample + "/agencies.chunks", parent_of)
        return self.postgres

    @staticmethod
    def absolute(row, records, value, unit, target, better, what="target"):
        return {"row": row, "records": records, "value": value, "unit": unit, "beside": target, "beside_what": what,
                "ratio": round(value / target, 2), "target": 1.0, "better": better}

    def get(self):
        records = self.sizes()[0]
        requests = os.path.join(self.work, "get.requests")
        # A stride prime to the count visits every record in no useful order.
        names = ["agencies/syn-%04d" % (1 + i * 7919 % records) for i in range(min(records, 20_000))]
        write_requests(requests, [field(1, name) for name in names])
        for in_flight in (1, 8, 64):
            yield from self.beside_echo("get", records, "GetAgency", requests, in_flight, 1.25)
        parameters = os.path.join(self.work, "get.parameters")
        with open(parameters, "w") as out:
            out.writelines(name + "\n" for name in names)
        yield from self.beside_postgres("get", records, "GetAgency", requests, GET_SQL, parameters, 64, 0.5)

    def list(self):
        """Places and fields drawn from the agencies themselves, counties and prefectures in turn, best rated first."""
        records = self.sizes()[0]
        pairs = []
        for i, agency in enumerate(self.peer(records).agencies(self.sample(records) + "/agencies.chunks")):
            if i % (records // 1000) == 0 and agency.categories:
                code = agency.home_region.removeprefix("regions/")
                pairs.append(("regions/" + (code if len(pairs) % 2 else code[:4] + "00"), agency.categories[0].category))
        requests, parameters = os.path.join(self.work, "list.requests"), os.path.join(self.work, "list.parameters")
        write_requests(requests, [
            field(2, 50) + field(4, f'within("{region}") AND offers("{category}")') +
            field(5, "assessment.points desc") for region, category in pairs])
        with open(parameters, "w") as out:
            out.writelines(f"{region}\t{category}\n" for region, category in pairs)
        for in_flight in (1, 8, 64):
            yield from self.beside_postgres("list", records, "ListAgencies", requests, LIST_SQL, parameters, in_flight, 0.5)

    # `import` is a keyword.
    def import_row(self):
        for records in self.sizes():
            self.filled(records)
            yield self.absolute("import", records, self.imports[records]["rate"], "records_per_s", 60_000, "higher",
                                "3 x 20,000/s, PostgreSQL 15's COPY with indexes as measured before on such a machine")

    def restarted(self, records):
        server = self.filled(records)
        server.stop()
        self.servers[records] = self.start(os.path.join(self.work, f"data-{records}"))
        return self.servers[records]

    def start_row(self):
        for records in self.sizes():
            seconds = [self.restarted(records).ready_seconds for _ in range(self.rounds)]
            target = 5.0 if records == 1_000_000 else 0.5
            yield self.absolute("start", records, round(statistics.median(seconds), 3), "s", target, "lower")

    def memory(self):
        empty = self.start(os.path.join(self.work, "data-empty"))
        base = empty.resident_bytes()
        empty.stop()
        for records in self.sizes():
            used = self.restarted(records).resident_bytes() - base
            yield self.absolute("memory", records, round(used / records), "bytes_per_agency", 600, "lower",
                                "target; resident after start minus an empty server's, regions included")

    def plugin(self):
        program = os.path.join(self.build, "bin", "plugin_call_bench")
        out = subprocess.run([program], check=True, stdout=subprocess.PIPE, env={**os.environ, "TANDEM_BUILD": self.build})
        for line in out.stdout.decode().splitlines():
            if line.startswith("{"):
                yield json.loads(line)

    def match(self):
        shapes = [(1_000, 300, 200, 3.0)] if self.small else [(10_000, 3_000, 200, 3.0), (100_000, 3_000, 1_700, 1.5)]
        for offers, needs, kept, target in shapes:
            yield self.match_shape(offers, needs, kept, target)

    def match_shape(self, offers, needs, kept, target):
        sample = self.sample(offers + offers // 2, offers, needs)
        data_dir = os.path.join(self.work, f"match-{offers}")
        server = self.start(data_dir, plugins=True)
        environment = {**os.environ, "TANDEM_SERVER": server.target, "TANDEM_ADMIN_SOCKET": data_dir + ".admin"}

        def tandem(*arguments):
            done = subprocess.run([self.program("tandem"), *arguments], env=environment, stdout=subprocess.PIPE,
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
                self.run_import(server, service, collection, f"{sample}/{name}.chunks")
            for kind, rule in (("economic", "gdp-per-head-2019"), ("sector", "sector-proxy-gdp-per-head-2019")):
                tandem("region", "index", "--rule-id", rule, "--kind", kind, "--level", "province", "--term",
                       "gdp_per_head_cny", "--year", "2019")
            tandem("round", "open", "2026-1")
            for service, collection, name in [("OfferService", "Offers", "offers"), ("NeedService", "Needs", "needs"),
                                              ("PairingService", "Pairings", "pairings")]:
                self.run_import(server, service, collection, f"{sample}/{name}.chunks")
            profile = json.loads(tandem("profile", "get", "default", "-o", "json"))
            profile["candidatesPerNeed"] = kept
            path = os.path.join(self.work, "profile.json")
            with open(path, "w") as out:
                json.dump(profile, out)
            tandem("profile", "update", "-f", path, "--mask", "candidates_per_need")
            for plugin in ("category-fit", "capability", "localisation", "continuity", "mutual-preference",
                           "other-terms", "min-cost-flow"):
                tandem("plugin", "load", plugin)
                tandem("plugin", "enable", plugin)
            ours, bare, ratios = [], [], []
            candidates = 0
            for round_number in range(self.rounds):
                name = f"bench-{round_number}"
                tandem("--timeout", "600", "match", "run", "--round", "2026-1", "--id", name, "--wait", "--quiet")
                run = json.loads(tandem("match", "get", name, "-o", "json"))
                if run.get("state") != "MATCH_RUN_STATE_SUCCEEDED":
                    raise SystemExit("the run failed: " + json.dumps(run.get("error")))
                candidates = int(run["counts"]["candidates"])
                ours.append(seconds_between(run["startTime"], run["endTime"]))
                alone = subprocess.run([self.program("lemon_alone"), str(offers), str(needs),
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


def main():
    parser = argparse.ArgumentParser(prog="tests/bench/run.sh")
    parser.add_argument("--build", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--small", action="store_true")
    parser.add_argument("rows", nargs="*", metavar="ROW")
    arguments = parser.parse_args()
    for row in arguments.rows:
        if row not in ROWS:
            parser.error(f"no row '{row}'; there are {', '.join(ROWS)}")
    bench = Bench(arguments.build, arguments.small)
    try:
        for row in arguments.rows or ROWS:
            method = getattr(bench, {"import": "import_row", "start": "start_row"}.get(row, row))
            for figure in method():
                if arguments.json:
                    print(json.dumps(figure, ensure_ascii=False), flush=True)
                else:
                    size = f"{figure.get('records', figure.get('pairs', 0)):,}"
                    flight = f" at {figure['in_flight']}" if "in_flight" in figure else ""
                    mark = "ok  " if (figure["ratio"] <= figure["target"]) == (figure["better"] == "lower") else "MISS"
                    print(f"{mark} {figure['row']:7} {size:>10}{flight:6} {figure['value']:>10} {figure['unit']:16} "
                          f"{figure['ratio']:>6} x {figure['beside_what']} ({figure['beside']}); target "
                          f"{figure['target']} x", flush=True)
    finally:
        bench.close()


if __name__ == "__main__":
    main()

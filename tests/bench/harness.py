# SPDX-License-Identifier: Apache-2.0
"""What every benchmark row works with: servers started for the bench and filled once, requests prepared as bytes,
load kept up for a time, and figures that stand beside another measured in the same run, in turn A B A B A B. The
ratio of a figure is the median of the rounds' ratios: these machines drift, ratios drift less."""

import json
import os
import shutil
import statistics
import struct
import subprocess
import sys
import tempfile
import time

from postgres_peer import PostgresPeer, prepared_requests, fields

SERVICE = "/tandem.v1.AgencyService/"


def log(text):
    print(text, file=sys.stderr, flush=True)


def field(number, value):
    """One length-delimited or varint protobuf field, number below 16."""
    if isinstance(value, int):
        return bytes([number << 3]) + varint(value)
    data = value.encode() if isinstance(value, str) else value
    return bytes([number << 3 | 2]) + varint(len(data)) + data


def varint(value):
    out = bytearray()
    while value >= 0x80:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def write_requests(path, messages):
    """A request file of load_client."""
    with open(path, "wb") as out:
        for message in messages:
            out.write(struct.pack("<I", len(message)) + message)
    return path


def figure(row, records, value, unit, beside, what, ratio, target, better, in_flight=None):
    """One line of the results: ratio = value / beside as measured together, to be held against target."""
    made = {"row": row, "records": records}
    if in_flight is not None:
        made["in_flight"] = in_flight
    digits = 1 if value >= 10 else 3
    made.update({"value": round(value, digits), "unit": unit, "beside": round(beside, digits), "beside_what": what,
                 "ratio": round(ratio, 3 if ratio < 0.1 else 2), "target": target, "better": better})
    return made


def absolute(row, records, value, unit, target, better, what="target"):
    """A figure held against a fixed target."""
    return figure(row, records, value, unit, target, what, value / target, 1.0, better)


class Process:
    """A server started for the bench and ended with it. `address` is known when the port file has one."""

    def __init__(self, argv, port_file, wait_seconds=120):
        if os.path.exists(port_file):
            os.unlink(port_file)
        begin = time.monotonic()
        self.log_path = port_file + ".log"
        with open(self.log_path, "w", encoding="utf-8") as errors:
            self.process = subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=errors)
        while not os.path.exists(port_file) or os.path.getsize(port_file) == 0:
            if self.process.poll() is not None:
                with open(self.log_path, encoding="utf-8") as said:
                    raise SystemExit(f"{argv[0]} ended at once:\n{said.read()[-2000:]}")
            if time.monotonic() - begin > wait_seconds:
                self.stop()
                raise SystemExit(f"{argv[0]} was not ready in {wait_seconds} s")
            time.sleep(0.002)
        self.ready_seconds = time.monotonic() - begin
        with open(port_file, encoding="ascii") as port:
            self.target = "127.0.0.1:" + port.read().strip()

    @property
    def pid(self):
        return str(self.process.pid)

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/status", encoding="ascii") as status:
            for line in status:
                if line.startswith("VmRSS:"):
                    return int(line.split()[1]) * 1024
        return 0

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat", encoding="ascii") as stat:
            spent = stat.read().rpartition(")")[2].split()
        return (int(spent[11]) + int(spent[12])) / os.sysconf("SC_CLK_TCK")

    def settle(self, limit_seconds=60):
        """Waits until nothing runs behind: after an import, files are still being merged and would count as requests."""
        for _ in range(limit_seconds):
            before = self.cpu_seconds()
            time.sleep(1)
            if self.cpu_seconds() - before < 0.02:
                return
        log(f"{self.process.args[0]} was still at work after {limit_seconds} s: the next figures are upper bounds")

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(timeout=120)


class Bench:
    """One run of the harness. Samples, filled servers and peers are made when first asked for and kept."""

    def __init__(self, build, small):
        self.build = build
        self.small = small
        self.rounds = 1 if small else 3
        self.seconds = "0.5" if small else "2"
        self.work = tempfile.mkdtemp(prefix="tandem-bench.")
        self.samples = {}
        self.servers = {}
        self.imports = {}
        self.peers = {}
        self.peer_rates = {}
        sys.path.insert(0, os.path.join(build, "python"))

    def close(self):
        for peer in self.peers.values():
            peer.stop()
        for server in self.servers.values():
            server.stop()
        shutil.rmtree(self.work, ignore_errors=True)

    def path(self, name):
        return os.path.join(self.work, name)

    def program(self, name):
        return os.path.join(self.build, "bin", name)

    def sizes(self):
        return [10_000] if self.small else [100_000, 1_000_000]

    def sample(self, agencies, offers=118, needs=160):
        """A folder of prepared import requests; agencies have names in words."""
        key = (agencies, offers, needs)
        if key not in self.samples:
            out = self.path("sample-%d-%d-%d" % key)
            data = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../deploy/sample/data")
            subprocess.run([self.program("tandem-sample"), "--data", data, "--out", out, "--agencies", str(agencies),
                            "--offers", str(offers), "--needs", str(needs), "--format", "chunks", "--names-in-words"],
                           check=True, stdout=subprocess.DEVNULL)
            self.samples[key] = out
        return self.samples[key]

    def agencies(self, records):
        """The agencies of a sample, parsed one by one."""
        from tandem.v1 import agency_pb2  # pylint: disable=import-outside-toplevel
        for request in prepared_requests(self.sample(records) + "/agencies.chunks"):
            for number, value in fields(request):
                if number == 3:
                    yield agency_pb2.Agency.FromString(value)

    def region_names(self, records):
        """The names of the regions of a sample."""
        names = set()
        for request in prepared_requests(self.sample(records) + "/regions.chunks"):
            for number, value in fields(request):
                if number == 3:
                    names.add(next(text for field_number, text in fields(value) if field_number == 1).decode())
        return names

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

    def fill_trees(self, server, records):
        sample = self.sample(records)
        self.run_import(server, "RegionService", "Regions", sample + "/regions.chunks")
        self.run_import(server, "ServiceCategoryService", "ServiceCategories", sample + "/categories.chunks")

    def fill(self, server, records):
        """Imports that many agencies; what the import took."""
        self.fill_trees(server, records)
        took = self.run_import(server, "AgencyService", "Agencies", self.sample(records) + "/agencies.chunks")
        server.settle()
        return took

    def filled(self, records):
        """A running server with that many agencies; the import's figures are kept in `imports`."""
        if records not in self.servers:
            server = self.start(self.path(f"data-{records}"))
            self.imports[records] = self.fill(server, records)
            self.servers[records] = server
        return self.servers[records]

    def writable(self, records):
        """Another one, for rows that write: sizes and reads are measured where nobody wrote."""
        if "writable" not in self.servers:
            server = self.start(self.path("data-writable"))
            self.fill(server, records)
            self.servers["writable"] = server
        return self.servers["writable"]

    def restarted(self, records):
        self.filled(records).stop()
        self.servers[records] = self.start(self.path(f"data-{records}"))
        return self.servers[records]

    def peer(self, records):
        """PostgreSQL with the agencies of filled(records). One at a time: another size takes its place."""
        if records not in self.peers:
            from tandem.v1 import service_category_pb2  # pylint: disable=import-outside-toplevel
            for other in self.peers.values():
                other.stop()
            self.peers.clear()
            parent_of = {}
            for request in prepared_requests(self.sample(records) + "/categories.chunks"):
                for number, value in fields(request):
                    if number == 3:
                        category = service_category_pb2.ServiceCategory.FromString(value)
                        parent_of[category.name] = category.parent_category
            log(f"filling PostgreSQL with {records:,} agencies")
            peer = PostgresPeer(self.path(f"postgres-{records}"), self.program("postgres_load"))
            self.peer_rates[records] = records / peer.fill(self.agencies(records), parent_of)
            self.peers[records] = peer
        return self.peers[records]

    def peer_rate(self, records):
        """Agencies a second that PostgreSQL took from ready files into its tables and indexes."""
        if records not in self.peer_rates:
            self.peer(records)
        return self.peer_rates[records]

    def load(self, server, method, requests, in_flight):
        """What load_client measured; SystemExit when a call failed."""
        out = subprocess.run([self.program("load_client"), server.target, method, requests, str(in_flight),
                              self.seconds, server.pid], stdout=subprocess.PIPE)
        if out.returncode != 0:
            raise SystemExit("load_client failed: " + out.stdout.decode())
        return json.loads(out.stdout)

    def stub(self, records):
        """A generated client of filled(records), for answers that have to be read."""
        import grpc  # pylint: disable=import-outside-toplevel
        from tandem.v1 import agency_service_pb2_grpc  # pylint: disable=import-outside-toplevel
        return agency_service_pb2_grpc.AgencyServiceStub(grpc.insecure_channel(self.filled(records).target))

    def echo(self, reply_bytes):
        port_file = self.path("echo.port")
        return Process([self.program("echo_server"), str(reply_bytes), port_file], port_file)

    def beside_echo(self, row, records, method, requests, in_flight, target):
        """Server CPU a request beside a raw echo of as many bytes."""
        server = self.filled(records)
        reply = int(self.load(server, SERVICE + method, requests, in_flight)["reply_bytes"])
        echo = self.echo(reply)
        try:
            ours, bare = [], []
            for _ in range(self.rounds):
                ours.append(self.load(server, SERVICE + method, requests, in_flight)["cpu_us"])
                bare.append(self.load(echo, SERVICE + method, requests, in_flight)["cpu_us"])
        finally:
            echo.stop()
        return compared(row, records, ours, bare, "us_cpu", f"raw echo of {reply} bytes", target, "lower", in_flight)

    def beside_postgres(self, row, records, method, requests, sql, parameters, in_flight, target, what):
        """Server CPU a request beside PostgreSQL's."""
        server = self.filled(records)
        peer = self.peer(records)
        ours, theirs, rows = [], [], 0
        for _ in range(self.rounds):
            ours.append(self.load(server, SERVICE + method, requests, in_flight)["cpu_us"])
            measured = peer.load(sql, parameters, in_flight, self.seconds)
            theirs.append(measured["cpu_us"])
            rows = measured["rows"]
        return compared(row, records, ours, theirs, "us_cpu", f"PostgreSQL, {what}; {rows:.1f} rows an answer", target,
                        "lower", in_flight)


def compared(row, records, ours, theirs, unit, what, target, better, in_flight=None):
    """A figure out of rounds measured in turn."""
    ratio = statistics.median(a / max(b, 1e-9) for a, b in zip(ours, theirs))
    return figure(row, records, statistics.median(ours), unit, statistics.median(theirs), what, ratio, target, better,
                  in_flight)


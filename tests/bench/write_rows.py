# SPDX-License-Identifier: Apache-2.0
"""Rows of writing: durable creates and updates one by one, and imports. Every write is acknowledged after a sync."""

import json
import subprocess

from etcd_peer import PUT, EtcdPeer, put_request
from harness import SERVICE, compared, field, figure, write_requests

# Creates that one round can't use up: load_client starts again at the first when it has sent them all, and a name
# taken is an error.
CREATES_A_ROUND = 60_000
WRITE_RECORDS = 100_000


def raw_puts(bench, in_flight, round_number):
    """RocksDB alone: as many threads putting 600 bytes each under a sync."""
    out = subprocess.run([bench.program("raw_put"), bench.path(f"raw-{in_flight}-{round_number}"), str(in_flight),
                          bench.seconds], check=True, stdout=subprocess.PIPE)
    return json.loads(out.stdout)


def create_request(agency, agency_id):
    agency.ClearField("identifiers")
    return field(2, agency_id) + field(3, agency.SerializeToString())


def update_request(agency, mark):
    agency.labels["bench"] = mark
    return field(1, agency.SerializeToString()) + field(2, field(1, "labels"))


def beside_peers(bench, row, method, requests_of, in_flight):
    """Rates beside etcd's and, with one in flight, beside RocksDB's own synced put."""
    server = bench.writable(bench.sizes()[0])
    puts = write_requests(bench.path("etcd.requests"), [
        put_request(agency.name, agency.SerializeToString())
        for i, agency in enumerate(bench.agencies(bench.sizes()[0])) if i < 20_000])
    etcd = EtcdPeer(bench.path(f"etcd-{row}-{in_flight}"))
    try:
        ours, peers, raw, cpu, peer_cpu = [], [], [], [], []
        for round_number in range(bench.rounds):
            requests = requests_of(round_number)
            measured = bench.load(server, SERVICE + method, requests, in_flight)
            theirs = bench.load(etcd, PUT, puts, in_flight)
            ours.append(measured["rps"])
            cpu.append(measured["cpu_us"])
            peers.append(theirs["rps"])
            peer_cpu.append(theirs["cpu_us"])
            raw.append(raw_puts(bench, in_flight, round_number)["rps"])
    finally:
        etcd.stop()
    records = bench.sizes()[0]
    yield compared(row, records, ours, peers, "per_s", "etcd, durable puts of the same records", 1.3, "higher",
                   in_flight)
    yield compared(row, records, cpu, peer_cpu, "us_cpu", "etcd, durable puts of the same records", 1.0, "lower",
                   in_flight)
    if in_flight == 1:
        yield compared(row, records, ours, raw, "per_s", "RocksDB's synced put, one thread", 0.65, "higher", in_flight)


def create(bench):
    agencies = [agency for i, agency in enumerate(bench.agencies(bench.sizes()[0])) if i < 10_000]
    for in_flight in (1, 64):
        def requests_of(round_number, in_flight=in_flight):
            return write_requests(bench.path("create.requests"), [
                create_request(agencies[i % len(agencies)], f"new-{in_flight}-{round_number}-{i}")
                for i in range(CREATES_A_ROUND)])
        yield from beside_peers(bench, "create", "CreateAgency", requests_of, in_flight)


def update(bench):
    agencies = [agency for i, agency in enumerate(bench.agencies(bench.sizes()[0])) if i < 10_000]
    for in_flight in (1, 64):
        def requests_of(round_number, in_flight=in_flight):
            # Each pass over the records writes another mark, so that every update changes something.
            return write_requests(bench.path("update.requests"), [
                update_request(agency, f"{in_flight}-{round_number}-{turn}")
                for turn in range(4) for agency in agencies])
        yield from beside_peers(bench, "update", "UpdateAgency", requests_of, in_flight)


def import_row(bench):
    """Prepared chunks into durable records with every index, beside PostgreSQL's COPY, keys and indexes."""
    for records in bench.sizes():
        bench.filled(records)
        rate, beside = bench.imports[records]["rate"], bench.peer_rate(records)
        yield figure("import", records, rate, "records_per_s", beside,
                     "PostgreSQL: COPY from ready files, side table, trigram and full-text indexes, vacuum",
                     rate / beside, 3.0, "higher")

# SPDX-License-Identifier: Apache-2.0
"""kill -9 under eight writers, again and again, on one data directory.

After each restart: every acknowledged write is there at its revision, nothing is half written or
comes from nowhere, revisions only grow, and a repeated request id answers what it answered before.

Usage: kill_test.py [--cycles N] [--seed N]
"""

import argparse
import random
import shutil
import sys
import tempfile
import threading
import uuid

import grpc
import tandem
from tandem.v1 import agency_pb2, agency_service_pb2, import_pb2
from tandem_process import Tandemd, wait_until
from write_ledger import Checker, Ledger, agency

WRITERS = 8
OWN_RECORDS = 40


class Writer(threading.Thread):
    """Writes its own records until the server is gone; remembers what it tried and what was answered."""

    def __init__(self, index, address, ledger, seed):
        super().__init__(daemon=True)
        self.index, self.address, self.ledger = index, address, ledger
        self.random = random.Random(seed)
        self.fault = None

    def run(self):
        try:
            with tandem.Client(self.address, timeout=30.0, max_attempts=1) as client:
                while self.write(client):
                    pass
        except Exception as fault:  # What ends a writer otherwise than the kill fails the test.
            self.fault = fault

    def write(self, client):
        """One write; False when the server is gone."""
        name = f"agencies/w{self.index}-{self.random.randrange(OWN_RECORDS)}"
        attempt = self.ledger.begin(name, self.random)
        try:
            if attempt.kind == "create":
                attempt.answer = client.agencies.CreateAgency(attempt.request)
            elif attempt.kind == "update":
                attempt.answer = client.agencies.UpdateAgency(attempt.request)
            elif attempt.kind == "delete":
                attempt.answer = client.agencies.DeleteAgency(attempt.request)
            else:
                attempt.answer = client.agencies.UndeleteAgency(attempt.request)
        except tandem.UnavailableError:
            return False
        return True


def cycle(server, ledger, checker, source):
    """Writes, kills, restarts, checks."""
    before = sum(len(record.attempts) for record in ledger.records.values())
    writers = [Writer(index, server.address, ledger, source.random()) for index in range(WRITERS)]
    for writer in writers:
        writer.start()
    # Killed after a number of writes rather than a time: the same on slow machines and fast ones.
    wanted = before + source.randint(50, 700)
    wait_until(lambda: ledger.next_number >= wanted or any(w.fault for w in writers), "the writers", 60)
    server.kill()
    for writer in writers:
        writer.join(60)
        if writer.is_alive() or writer.fault:
            checker.faults.append(f"writer {writer.index}: {writer.fault or 'did not end'!r}")
    ledger.acknowledged = sum(a.answer is not None for r in ledger.records.values() for a in r.attempts)
    server.start()
    with tandem.connect(server.address) as client:
        checker.check(client)


def check_the_checker(server, ledger):
    """A checker that sees nothing proves nothing: three changes behind its back must be found."""
    missed = []
    with tandem.connect(server.address) as client:

        def finds(what, words):
            checker = Checker(ledger)
            stored, _ = checker.read_all(client)
            for name in stored.keys() - ledger.records.keys():
                checker.faults.append(f"{name} comes from nowhere")
            for name, record in ledger.records.items():
                known = record.known
                checker.check_record(name, record, stored.get(name))
                record.known = known
            if not any(words in fault for fault in checker.faults):
                missed.append(what)

        live = [name for name, record in ledger.records.items() if not record.known.HasField("delete_time")]
        changed = agency(live[0], 10**7)
        client.agencies.UpdateAgency(agency_service_pb2.UpdateAgencyRequest(agency=changed))
        finds("a write nobody made", f"{live[0]} is at ")
        half = agency_pb2.Agency(name=live[1], display_name="half")
        client.agencies.UpdateAgency(agency_service_pb2.UpdateAgencyRequest(agency=half))
        finds("half a write", f"{live[1]} is half of write")
        client.agencies.CreateAgency(
            agency_service_pb2.CreateAgencyRequest(agency_id="nobody", agency=agency("", 1))
        )
        finds("a record nobody made", "agencies/nobody comes from nowhere")
    return [f"the checker missed {what}" for what in missed]


def check_import(server, checker, source):
    """An import cut off by a kill goes on where its durable number says, and counts every record once."""
    count, options = 4000, import_pb2.ImportOptions(request_id=str(uuid.uuid4()))
    chunks = [
        agency_service_pb2.ImportAgenciesRequest(
            first_number=first, agencies=[agency(f"agencies/i-{n}", n) for n in range(first, first + 100)]
        )
        for first in range(1, count, 100)
    ]
    settled, victim = 0, source.randint(500, 3000)
    with tandem.connect(server.address) as client:
        stream = client.stub("agencies").ImportAgencies(
            iter([agency_service_pb2.ImportAgenciesRequest(options=options), *chunks]), timeout=60
        )
        try:
            for answer in stream:
                settled = answer.durable_number
                if settled >= victim:
                    server.kill()
        except grpc.RpcError:
            pass
    server.kill()
    server.start()
    with tandem.connect(server.address) as client:
        stub = client.stub("agencies")
        head = next(stub.ImportAgencies(iter([agency_service_pb2.ImportAgenciesRequest(options=options)]), timeout=60))
        if head.durable_number < settled:
            checker.faults.append(f"import: {settled} was durable, now only {head.durable_number}")
        rest = [chunk for chunk in chunks if chunk.first_number > head.durable_number]
        last = head
        for last in stub.ImportAgencies(
            iter([agency_service_pb2.ImportAgenciesRequest(options=options), *rest]), timeout=60
        ):
            pass
        if (last.counts.created, last.counts.failed) != (count, 0):
            checker.faults.append(f"import: {last.counts} of {count}")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--cycles", type=int, default=5)
    parser.add_argument("--seed", type=int, default=20261124)
    options = parser.parse_args()
    source, ledger = random.Random(options.seed), Ledger()
    checker = Checker(ledger)
    folder = tempfile.mkdtemp(prefix="tandem-kill-")
    server = Tandemd(folder)
    try:
        server.start()
        for number in range(options.cycles):
            cycle(server, ledger, checker, source)
            if checker.faults:
                print(f"cycle {number + 1}, seed {options.seed}:", *checker.faults[:20], sep="\n  ")
                return 1
        checker.faults += check_the_checker(server, ledger)
        check_import(server, checker, source)
        if checker.faults:
            print("at the end:", *checker.faults, sep="\n  ")
            return 1
        if server.stop() != 0:
            print("the last stop failed:", server.log_text()[-2000:])
            return 1
        print(
            f"{options.cycles} cycles: {ledger.acknowledged} acknowledged writes, 0 lost; "
            f"{ledger.survivors} unanswered ones had happened"
        )
        return 0
    finally:
        server.kill()
        shutil.rmtree(folder, ignore_errors=True)


if __name__ == "__main__":
    sys.exit(main())

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

WRITERS = 8
# A record is made of parts that tell its number: half a write would not fit together.
PARTS = 12
OWN_RECORDS = 40


def revision_of(etag):
    """The revision that an etag stands for: base32 in quotes, digits first."""
    return int(etag.strip('"'), 32)


def agency(name, number):
    """The record `name` as its `number`th write makes it."""
    made = agency_pb2.Agency(name=name, display_name=f"写 {number}", what_we_do=f"{number} " * 200)
    for part in range(PARTS):
        made.evidence.add(title=f"{number}/{part}")
    made.labels["number"] = str(number)
    return made


def number_of(record):
    """Which write made this record; ValueError when its parts don't fit together."""
    number = int(record.labels["number"])
    wanted = agency(record.name, number)
    found = agency_pb2.Agency(
        name=record.name, display_name=record.display_name, what_we_do=record.what_we_do,
        evidence=record.evidence, labels=record.labels,
    )  # fmt: skip
    if found != wanted:
        raise ValueError(f"{record.name} is half of write {number}: {record}")
    return number


class Attempt:
    """One write that was sent: acknowledged with an answer, or with an unknown end."""

    def __init__(self, kind, request, number):
        self.kind, self.request, self.number = kind, request, number
        self.answer = None


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


class Record:
    """What is known of one record. One thread at a time: its writer's, then the checker's."""

    def __init__(self):
        self.attempts = []
        self.known = None  # The newest answer that is sure.

    def last(self):
        return self.attempts[-1] if self.attempts else None


class Ledger:
    """All writes of all cycles."""

    def __init__(self):
        self.records = {}
        self.lock = threading.Lock()
        self.next_number = 0
        self.acknowledged = 0
        self.survivors = 0

    def begin(self, name, source):
        """Notes the next write of a record before it is sent."""
        with self.lock:
            record = self.records.setdefault(name, Record())
            self.next_number += 1
            number = self.next_number
        last = record.last()
        if last is not None:
            record.known = last.answer
        known, request_id = record.known, str(uuid.uuid4())
        if known is None:
            request = agency_service_pb2.CreateAgencyRequest(
                agency_id=name.split("/")[1], agency=agency("", number), request_id=request_id
            )
            kind = "create"
        elif known.HasField("delete_time"):
            kind = "undelete"
            request = agency_service_pb2.UndeleteAgencyRequest(name=name, etag=known.etag, request_id=request_id)
        elif source.random() < 0.05:
            kind = "delete"
            request = agency_service_pb2.DeleteAgencyRequest(name=name, etag=known.etag, request_id=request_id)
        else:
            kind = "update"
            changed = agency(name, number)
            changed.etag = known.etag
            request = agency_service_pb2.UpdateAgencyRequest(agency=changed, request_id=request_id)
            request.update_mask.paths.append("*")
        attempt = Attempt(kind, request, number)
        record.attempts.append(attempt)
        return attempt


class Checker:
    """Compares a restarted server with the ledger; settles what became of unanswered writes."""

    def __init__(self, ledger):
        self.ledger = ledger
        self.faults = []
        self.highest = 0

    def check(self, client):
        stored, head = self.read_all(client)
        for name in stored.keys() - self.ledger.records.keys():
            self.faults.append(f"{name} comes from nowhere")
        revisions = [revision_of(record.etag) for record in stored.values()]
        if revisions and max(revisions) > head:
            self.faults.append(f"a record of revision {max(revisions)} beyond the head {head}")
        if head < self.highest:
            self.faults.append(f"the head went back from {self.highest} to {head}")
        self.highest = head
        for name, record in self.ledger.records.items():
            self.check_record(name, record, stored.get(name))
        self.replay(client)

    def read_all(self, client):
        request = agency_service_pb2.ListAgenciesRequest(page_size=1000, show_deleted=True)
        pages = list(tandem.pages(client.agencies.ListAgencies, request))
        return {record.name: record for page in pages for record in page.agencies}, pages[-1].revision

    def check_record(self, name, record, stored):
        """The stored record is the newest acknowledged write's answer, or the unanswered one after it."""
        last = record.last()
        sure = last.answer if last is not None and last.answer is not None else record.known
        if stored is None:
            if sure is not None:
                self.faults.append(f"{name} is gone; acknowledged at {sure.etag}")
            return
        try:
            number = number_of(stored)
        except ValueError as half:
            self.faults.append(str(half))
            return
        if sure is not None and stored.etag == sure.etag:
            if stored != sure:
                self.faults.append(f"{name} at {sure.etag} is not what was answered")
        elif last is None or last.answer is not None:
            self.faults.append(f"{name} is at {stored.etag}, acknowledged at {sure.etag}")
        else:
            # The write that was under way when the server died, and only that one.
            self.ledger.survivors += 1
            if sure is not None and revision_of(stored.etag) <= revision_of(sure.etag):
                self.faults.append(f"{name} went back from {sure.etag} to {stored.etag}")
            if last.kind in ("create", "update") and number != last.number:
                self.faults.append(f"{name} holds write {number}, not {last.number}")
            if (last.kind == "delete") != stored.HasField("delete_time"):
                self.faults.append(f"{name}: a {last.kind} left {stored}")
        record.known = stored

    def replay(self, client):
        """Every record's last write again: answered as before, or done now when it had not happened."""
        verbs = {"create": "Create", "update": "Update", "delete": "Delete", "undelete": "Undelete"}
        for name, record in self.ledger.records.items():
            last = record.last()
            if last is None:
                continue
            before = record.known
            again = getattr(client.agencies, verbs[last.kind] + "Agency")(last.request)
            if last.answer is not None and again != last.answer:
                self.faults.append(f"{name}: request id {last.request.request_id} now answers {again.etag}")
            happened = before is not None and again.etag == before.etag
            if last.answer is None and not happened and before is not None:
                if revision_of(again.etag) <= revision_of(before.etag):
                    self.faults.append(f"{name}: repeated, it went back from {before.etag} to {again.etag}")
            last.answer = record.known = again


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

# SPDX-License-Identifier: Apache-2.0
"""What writers tried and what was acknowledged, and whether a restarted server holds exactly that."""

import threading
import uuid

import tandem
from tandem.v1 import agency_pb2, agency_service_pb2

# A record is made of parts that tell its number: half a write would not fit together.
PARTS = 12


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

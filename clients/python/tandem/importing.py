# SPDX-License-Identifier: Apache-2.0
"""Imports over a two-way stream: numbered chunks, a few in flight, every refused record reported."""

import queue
import uuid
from typing import Callable, Iterable, NamedTuple

import grpc

from tandem.errors import from_rpc_error
from tandem.v1 import import_pb2

_CHUNK_BYTES = 64 * 1024
_CHUNK_RECORDS = 1000
_CHUNKS_IN_FLIGHT = 8


class ImportResult(NamedTuple):
    """How an import went: sums over all records, and the refused ones."""

    counts: import_pb2.ImportCounts
    errors: list
    request_id: str


def _chunks(request_type, field, records):
    """Packs records into requests of at most 64 KiB; a larger single record travels alone."""
    request, size, number = request_type(first_number=1), 0, 1
    for record in records:
        held = getattr(request, field)
        wanted = record.ByteSize() + 4
        if len(held) and (size + wanted > _CHUNK_BYTES or len(held) >= _CHUNK_RECORDS):
            yield request, number - 1
            request, size = request_type(first_number=number), 0
            held = getattr(request, field)
        held.append(record)
        size += wanted
        number += 1
    if len(getattr(request, field)):
        yield request, number - 1


def import_records(
    stream: Callable,
    request_type,
    records: Iterable,
    on_conflict=import_pb2.IMPORT_CONFLICT_RULE_FAIL,
    validate_only: bool = False,
    timeout: float = 600.0,
) -> ImportResult:
    """Imports `records` with the generated stub's method `stream`, for example stub.ImportAgencies.

    The records are consumed as they are sent: any number fits into memory. Refused records are in the
    result; TandemError is raised when the import as a whole broke off.
    """
    options = import_pb2.ImportOptions(
        request_id=str(uuid.uuid4()), on_conflict=on_conflict, validate_only=validate_only
    )
    field = request_type.DESCRIPTOR.fields_by_number[3].name
    settled = queue.Queue()

    def requests():
        yield request_type(options=options)
        in_flight, durable = [], 0
        for request, last_number in _chunks(request_type, field, records):
            while len(in_flight) >= _CHUNKS_IN_FLIGHT:
                answer = settled.get()
                if answer is None:
                    return
                durable = max(durable, answer)
                in_flight = [number for number in in_flight if number > durable]
            in_flight.append(last_number)
            yield request

    counts, errors = import_pb2.ImportCounts(), []
    try:
        for answer in stream(requests(), timeout=timeout):
            errors.extend(answer.errors)
            counts = answer.counts
            settled.put(answer.durable_number)
    except grpc.RpcError as error:
        raise from_rpc_error(error) from error
    finally:
        # Lets the sender end when the answers did.
        settled.put(None)
    return ImportResult(counts, errors, options.request_id)



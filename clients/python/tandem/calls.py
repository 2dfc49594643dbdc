# SPDX-License-Identifier: Apache-2.0
"""Calls with a deadline, retries where they are harmless, and request ids that make them so."""

import random
import time
import uuid

import grpc

from tandem.errors import from_rpc_error

# The one row of the retry table: everything else was decided by the server or needs another request.
RETRYABLE = frozenset({grpc.StatusCode.UNAVAILABLE})
_FIRST_PAUSE = 0.1
_LONGEST_PAUSE = 2.0


def retry_pause(attempt: int, spread: float) -> float:
    """Seconds before attempt `attempt` (2 is the first repetition); `spread` lies in [0, 1)."""
    base = min(_FIRST_PAUSE * 2 ** (attempt - 2), _LONGEST_PAUSE)
    return base * (0.8 + 0.4 * spread)


def fill_request_id(request):
    """A copy of `request` with a new request id, when it has that field and none is set."""
    if "request_id" not in request.DESCRIPTOR.fields_by_name or request.request_id:
        return request
    filled = type(request)()
    filled.CopyFrom(request)
    filled.request_id = str(uuid.uuid4())
    return filled


class ServiceCaller:
    """Wraps a generated stub: `caller.GetAgency(request)` answers the response or raises TandemError."""

    def __init__(self, stub, timeout: float, max_attempts: int):
        self._stub = stub
        self._timeout = timeout
        self._max_attempts = max_attempts

    def __getattr__(self, method):
        rpc = getattr(self._stub, method)

        def call(request, timeout=None):
            return self._call(rpc, fill_request_id(request), self._timeout if timeout is None else timeout)

        return call

    def _call(self, rpc, request, timeout):
        deadline = time.monotonic() + timeout
        attempt = 1
        while True:
            try:
                return rpc(request, timeout=max(deadline - time.monotonic(), 0.001))
            except grpc.RpcError as error:
                failure = from_rpc_error(error)
                pause = retry_pause(attempt + 1, random.random())
                pause = max(pause, failure.retry_after or 0.0)
                last = attempt >= self._max_attempts or time.monotonic() + pause >= deadline
                if failure.code not in RETRYABLE or last:
                    raise failure from error
            time.sleep(pause)
            attempt += 1


def pages(method, request):
    """Yields every page of a list method, from the request's page token on."""
    asked = type(request)()
    asked.CopyFrom(request)
    while True:
        page = method(asked)
        yield page
        if not page.next_page_token:
            return
        asked.page_token = page.next_page_token

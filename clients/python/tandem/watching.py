# SPDX-License-Identifier: Apache-2.0
"""A watch that goes on by itself: whole revisions, each change once, across breaks and restarts."""

import random
import time
from typing import Callable, Iterator, List, NamedTuple, Optional

import grpc

from tandem.calls import RETRYABLE, retry_pause
from tandem.errors import TandemError, from_rpc_error
from tandem.v1 import change_service_pb2

# Too slow or too many, or cut off by a server that is going down: the same watch goes on later.
_PASSING_REASONS = frozenset({"OVERLOADED"})
_PASSING_CODES = RETRYABLE | {grpc.StatusCode.CANCELLED}


class WatchStep(NamedTuple):
    """The changes of whole revisions, or a progress mark without any.

    Everything up to `revision` was given out: a new watch goes on from `revision` + 1. `history` is set in marks.
    """

    events: List[change_service_pb2.ChangeEvent]
    revision: int
    history: Optional[change_service_pb2.KeptHistory]


def watch(
    client,
    request: change_service_pb2.WatchRequest,
    resumed: Optional[Callable[[TandemError], None]] = None,
    connect_timeout: float = 10.0,
) -> Iterator[WatchStep]:
    """Yields the steps of a watch for as long as one likes; close the iterator (or break) to end it.

    `resumed` is told of every break before the next attempt. Raises TandemError when the request is wrong, when
    history is gone (REVISION_COMPACTED, HISTORY_CHANGED: list again) or when no server answered the first time
    within `connect_timeout` seconds; later breaks are never final.
    """
    asked = type(request)()
    asked.CopyFrom(request)
    give_up = time.monotonic() + connect_timeout
    heard, breaks = False, 0
    while True:
        # What was not whole when the stream broke comes again.
        parts = []
        call = client.stub("changes").Watch(asked)
        try:
            for message in call:
                heard, breaks = True, 0
                parts.extend(message.events)
                if message.continued:
                    continue
                asked.start_revision = message.revision + 1
                history = message.history if message.HasField("history") else None
                yield WatchStep(parts, message.revision, history)
                parts = []
            failure = TandemError(grpc.StatusCode.UNAVAILABLE, "", "the server ended the watch")
        except grpc.RpcError as error:
            failure = from_rpc_error(error)
            passing = failure.code in _PASSING_CODES or failure.reason in _PASSING_REASONS
            if not passing or (not heard and time.monotonic() >= give_up):
                raise failure from error
        finally:
            call.cancel()
        breaks += 1
        if resumed:
            resumed(failure)
        time.sleep(max(retry_pause(min(breaks, 6) + 1, random.random()), failure.retry_after or 0.0))

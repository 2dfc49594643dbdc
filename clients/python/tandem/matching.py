# SPDX-License-Identifier: Apache-2.0
"""Waiting for match runs: they start at once and work on by themselves."""

import time

from tandem.v1 import match_service_pb2

_FIRST_PAUSE = 0.02
_LONGEST_PAUSE = 1.0


def wait_for_run(client, name: str, timeout: float = 600.0):
    """The finished run `name`, whatever became of it; TimeoutError when it is not done in time."""
    end = time.monotonic() + timeout
    pause = _FIRST_PAUSE
    while True:
        run = client.matches.GetMatchRun(match_service_pb2.GetMatchRunRequest(name=name))
        if run.done:
            return run
        if time.monotonic() + pause > end:
            raise TimeoutError(f"{name} is not done after {timeout} s, at stage {run.progress.stage!r}")
        time.sleep(pause)
        pause = min(pause * 2, _LONGEST_PAUSE)

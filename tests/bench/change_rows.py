# SPDX-License-Identifier: Apache-2.0
"""The row on changes: what it costs the server to send one to everybody who watches."""

import json
import statistics
import subprocess

from harness import Process, figure, write_requests

WATCH = "/tandem.v1.ChangeService/Watch"
# A message of about this size: one event with a record in it.
EVENT_BYTES = 600


def updates(run, agency_pb2, service_pb2, field_mask_pb2):
    """Two updates of one agency that no other run makes; taken in turn each is a change."""
    mask = field_mask_pb2.FieldMask(paths=["labels"])
    for version in (f"{run}-a", f"{run}-b"):
        labels = {"version": version, "padding": "x" * 250, "more": "x" * 150}
        agency = agency_pb2.Agency(name="agencies/watched", display_name="机构 synthetic", labels=labels)
        yield service_pb2.UpdateAgencyRequest(
            agency=agency, update_mask=mask, allow_missing=True
        ).SerializeToString()


def deliver(bench, server, watchers, method, requests):
    out = subprocess.run(
        [bench.program("watch_client"), server.target, WATCH, str(watchers), method, requests, bench.seconds, server.pid],
        stdout=subprocess.PIPE, check=False,
    )  # fmt: skip
    if out.returncode != 0:
        raise SystemExit("watch_client failed: " + out.stdout.decode())
    return json.loads(out.stdout)


def watch(bench):
    """One change after the other to many watchers, the write included, beside bare streams that are sent the same
    bytes for a unary call."""
    from google.protobuf import field_mask_pb2  # pylint: disable=import-outside-toplevel
    from tandem.v1 import agency_pb2, agency_service_pb2  # pylint: disable=import-outside-toplevel

    runs = iter(range(100, 1000))

    def update(watchers):
        requests = write_requests(
            bench.path("watch.requests"), updates(next(runs), agency_pb2, agency_service_pb2, field_mask_pb2)
        )
        return deliver(bench, server, watchers, "/tandem.v1.AgencyService/UpdateAgency", requests)

    bare_requests = write_requests(bench.path("watch-bare.requests"), [b""])
    server = bench.start(bench.path("data-watch"))
    try:
        for watchers in (100,) if bench.small else (100, 1000):
            size = int(update(1)["message_bytes"])
            if abs(size - EVENT_BYTES) > 100:
                raise SystemExit(f"the events have {size} bytes")
            port_file = bench.path("echo.port")
            echo = Process([bench.program("echo_server"), str(size), port_file], port_file)
            try:
                ours, bare, ratios = [], [], []
                for _ in range(bench.rounds):
                    ours.append(update(watchers)["cpu_us"])
                    done = deliver(bench, echo, watchers, "/tandem.v1.ChangeService/ListChanges", bare_requests)
                    bare.append(done["cpu_us"])
                    ratios.append(ours[-1] / bare[-1])
            finally:
                echo.stop()
            yield figure("watch", watchers, statistics.median(ours), "us_cpu", statistics.median(bare),
                         f"a bare gRPC server stream of {size} bytes a message", statistics.median(ratios), 1.5,
                         "lower")  # fmt: skip
    finally:
        server.stop()

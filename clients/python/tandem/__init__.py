# SPDX-License-Identifier: Apache-2.0
"""A thin client of the Tandem directory.

    import tandem
    from tandem.v1 import agency_service_pb2 as agencies

    with tandem.connect("127.0.0.1:7310") as client:
        request = agencies.ListAgenciesRequest(filter="assessment.points >= 800")
        for page in tandem.pages(client.agencies.ListAgencies, request):
            for agency in page.agencies:
                print(agency.name, agency.display_name)

Every call has a deadline; UNAVAILABLE is tried again; writes carry a request id, so a repetition is harmless.
A failed call raises a TandemError with the server's reason. Clients may be shared between threads.
"""

import grpc

from tandem.calls import ServiceCaller, pages
from tandem.errors import (
    ConflictError,
    DeniedError,
    ExistsError,
    InvalidError,
    NotFoundError,
    PreconditionError,
    TandemError,
    TimedOutError,
    UnavailableError,
    Violation,
)
from tandem.importing import ImportResult, import_records
from tandem.matching import wait_for_run
from tandem.v1 import (
    activity_service_pb2_grpc,
    agency_service_pb2_grpc,
    change_service_pb2_grpc,
    field_conflict_service_pb2_grpc,
    match_profile_service_pb2_grpc,
    match_service_pb2_grpc,
    need_service_pb2_grpc,
    offer_service_pb2_grpc,
    pairing_service_pb2_grpc,
    plugin_service_pb2_grpc,
    region_service_pb2_grpc,
    round_service_pb2_grpc,
    service_category_service_pb2_grpc,
    source_service_pb2_grpc,
)
from tandem.watching import WatchStep, watch

__all__ = [
    "Client",
    "ConflictError",
    "DeniedError",
    "ExistsError",
    "ImportResult",
    "InvalidError",
    "NotFoundError",
    "PreconditionError",
    "TandemError",
    "TimedOutError",
    "UnavailableError",
    "Violation",
    "WatchStep",
    "connect",
    "import_records",
    "pages",
    "wait_for_run",
    "watch",
]

_STUBS = {
    "regions": region_service_pb2_grpc.RegionServiceStub,
    "categories": service_category_service_pb2_grpc.ServiceCategoryServiceStub,
    "agencies": agency_service_pb2_grpc.AgencyServiceStub,
    "offers": offer_service_pb2_grpc.OfferServiceStub,
    "needs": need_service_pb2_grpc.NeedServiceStub,
    "rounds": round_service_pb2_grpc.RoundServiceStub,
    "pairings": pairing_service_pb2_grpc.PairingServiceStub,
    "activities": activity_service_pb2_grpc.ActivityServiceStub,
    "profiles": match_profile_service_pb2_grpc.MatchProfileServiceStub,
    "sources": source_service_pb2_grpc.SourceServiceStub,
    "conflicts": field_conflict_service_pb2_grpc.FieldConflictServiceStub,
    "matches": match_service_pb2_grpc.MatchServiceStub,
    "changes": change_service_pb2_grpc.ChangeServiceStub,
    # Served on the admin socket alone.
    "plugins": plugin_service_pb2_grpc.PluginServiceStub,
}


class Client:
    """One server: `client.agencies.GetAgency(request)`; `client.stub("agencies")` for streams."""

    def __init__(self, target: str, timeout: float = 10.0, max_attempts: int = 4):
        options = [
            ("grpc.enable_retries", 0),
            ("grpc.enable_http_proxy", 0),
            ("grpc.initial_reconnect_backoff_ms", 100),
            # How long one attempt to connect may take; a far or busy server needs more than a moment.
            ("grpc.min_reconnect_backoff_ms", 5000),
            ("grpc.max_reconnect_backoff_ms", 2000),
        ]
        self._channel = grpc.insecure_channel(target, options=options)
        self._stubs = {name: stub(self._channel) for name, stub in _STUBS.items()}
        for name, stub in self._stubs.items():
            setattr(self, name, ServiceCaller(stub, timeout, max_attempts))

    def stub(self, name: str):
        """The generated stub, for streams and for calls without retries."""
        return self._stubs[name]

    def close(self):
        self._channel.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def connect(target: str = "127.0.0.1:7310", timeout: float = 10.0) -> Client:
    """A client of the server at `target`: "host:port", or "unix:PATH" for the admin socket.

    `timeout` is a call's, in seconds, its repetitions included.
    """
    return Client(target, timeout)

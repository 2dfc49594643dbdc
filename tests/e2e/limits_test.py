# SPDX-License-Identifier: Apache-2.0
"""Limits from outside: refused before work is done, with words that help, and never at others' cost."""

import itertools
import socket
import threading
import time
import zlib

import grpc
import server_case
import tandem
from google.rpc import error_details_pb2, status_pb2
from tandem.v1 import agency_pb2, agency_service_pb2, import_pb2, region_pb2, region_service_pb2, service_category_pb2
from tandem.v1 import service_category_service_pb2 as categories

MIB = 1 << 20
GET = "/tandem.v1.ServiceCategoryService/GetServiceCategory"


def category(name, definition=""):
    return service_category_pb2.ServiceCategory(
        name=f"serviceCategories/{name}", display_name=name, taxonomy="t", definition=definition
    )


def error_info(error):
    """The ErrorInfo of a failed call."""
    for key, value in error.trailing_metadata():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info
    raise AssertionError(f"no details: {error}")


class LimitsTest(server_case.SharedServerCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.client = tandem.connect(cls.shared.address)
        cls.addClassCleanup(cls.client.close)
        cls.client.categories.CreateServiceCategory(
            categories.CreateServiceCategoryRequest(service_category_id="here", service_category=category("here"))
        )

    def channel(self, **options):
        made = grpc.insecure_channel(
            self.shared.address,
            options=[("grpc.use_local_subchannel_pool", 1), ("grpc.enable_http_proxy", 0), *options.items()],
        )
        self.addCleanup(made.close)
        return made

    def get(self, channel, **more):
        request = categories.GetServiceCategoryRequest(name="serviceCategories/here").SerializeToString()
        return channel.unary_unary(GET)(request, timeout=30, **more)

    def memory(self):
        """Resident KiB of the server."""
        with open(f"/proc/{self.shared.pid}/status", encoding="ascii") as status:
            return next(int(line.split()[1]) for line in status if line.startswith("VmRSS"))

    def test_a_request_above_1_mib_is_refused_with_the_limit(self):
        call = self.channel().unary_unary("/tandem.v1.RegionService/CreateRegion")

        def request(size):
            made = region_service_pb2.CreateRegionRequest(region_id="r", region=region_pb2.Region(code="1"))
            made.region.display_name = "x" * (size - made.ByteSize() - 8)
            return made.SerializeToString()

        with self.assertRaises(grpc.RpcError) as above:
            call(request(MIB + 100), timeout=30)
        self.assertEqual(above.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        info = error_info(above.exception)
        self.assertEqual((info.reason, info.metadata["max"]), ("LIMIT_EXCEEDED", str(MIB)))
        with self.assertRaises(grpc.RpcError) as within:
            call(request(MIB - 100), timeout=30)
        self.assertEqual(error_info(within.exception).reason, "FIELD_INVALID")
        with self.assertRaises(grpc.RpcError) as far_above:
            call(request(8 * MIB), timeout=30)
        self.assertEqual(far_above.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertTrue(self.get(self.channel()))

    def test_a_record_above_64_kib_is_refused(self):
        def create(evidence):
            agency = agency_pb2.Agency(display_name="wide")
            for number in range(evidence):
                agency.evidence.add(title="证" * 200, uri=f"https://example.org/{number}/" + "x" * 900)
            request = agency_service_pb2.CreateAgencyRequest(agency=agency, validate_only=True)
            return agency.ByteSize(), lambda: self.client.agencies.CreateAgency(request)

        size, call = create(42)
        self.assertTrue(60_000 < size < 1 << 16, size)
        self.assertEqual(len(call().evidence), 42)
        size, call = create(44)
        self.assertGreater(size, 1 << 16)
        with self.assertRaises(tandem.TandemError) as refused:
            call()
        (violation,) = refused.exception.violations
        self.assertRegex(violation.description, "the record has 6[0-9]{4} bytes; at most 65536 are allowed")

    def test_metadata_above_16_kib_is_refused(self):
        channel = self.channel(**{"grpc.max_metadata_size": 1 << 20})
        with self.assertRaises(grpc.RpcError) as above:
            self.get(channel, metadata=[(f"k{number}", "v" * 1000) for number in range(17)])
        self.assertEqual(above.exception.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
        self.assertEqual(error_info(above.exception).metadata["limit"], "metadata")
        self.assertTrue(self.get(channel, metadata=[(f"k{number}", "v" * 1000) for number in range(15)]))

    def test_filters_above_their_limits_are_refused(self):
        def refused(text):
            with self.assertRaises(tandem.InvalidError) as error:
                self.client.categories.ListServiceCategories(categories.ListServiceCategoriesRequest(filter=text))
            self.assertEqual(error.exception.reason, "FILTER_INVALID")

        refused('taxonomy = "' + "x" * 4096 + '"')
        refused(" OR ".join(['taxonomy = "t"'] * 65))
        refused("(" * 17 + 'taxonomy = "t"' + ")" * 17)
        refused("(" * 3000)

    def test_a_chunk_of_an_import_above_its_limits_ends_that_import_only(self):
        def run(chunk):
            options = categories.ImportServiceCategoriesRequest(options=import_pb2.ImportOptions(validate_only=True))
            stub = self.client.stub("categories")
            return list(stub.ImportServiceCategories(iter([options, chunk]), timeout=30))

        small = [category(f"c-{number}") for number in range(1001)]
        wide = [category(f"c-{number}", "词" * 600) for number in range(700)]
        for records in (small, wide):
            with self.assertRaises(grpc.RpcError) as refused:
                run(categories.ImportServiceCategoriesRequest(first_number=1, service_categories=records))
            self.assertIn(error_info(refused.exception).reason, ("LIMIT_EXCEEDED", "FIELD_INVALID"))
        good = run(categories.ImportServiceCategoriesRequest(first_number=1, service_categories=small[:1000]))
        self.assertEqual(good[-1].counts.created, 1000)

    def test_a_compressed_request_is_never_inflated(self):
        # 1 MiB of zeros is 1 kB; 200 MiB would be 200 kB. The server takes no compression at all.
        bomb = zlib.compress(b"\0" * (64 * MIB))
        self.assertLess(len(bomb), 100_000)
        before = self.memory()
        channel = self.channel(**{"grpc.default_compression_algorithm": 2, "grpc.max_send_message_length": -1})
        call = channel.unary_unary(GET, request_serializer=None)
        with self.assertRaises(grpc.RpcError) as refused:
            call(b"\0" * (64 * MIB), timeout=30, compression=grpc.Compression.Gzip)
        self.assertIn(refused.exception.code(), (grpc.StatusCode.UNIMPLEMENTED, grpc.StatusCode.RESOURCE_EXHAUSTED))
        self.assertLess(self.memory() - before, 32 * 1024)

    def test_garbage_on_the_port_hurts_nobody(self):
        before = self.memory()
        preface = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"
        for garbage in (b"\0" * 65536, b"GET / HTTP/1.1\r\n\r\n" * 50, preface + b"\xff" * 65536):
            with socket.create_connection(("127.0.0.1", self.shared.port)) as connection:
                connection.settimeout(10)
                try:
                    connection.sendall(garbage)
                    while connection.recv(65536):
                        pass
                except OSError:
                    # Cut off while it still sent: what should happen.
                    pass
        self.assertTrue(self.get(self.channel()))
        self.assertLess(self.memory() - before, 32 * 1024)

    def test_more_calls_at_once_than_workers_are_all_answered(self):
        # Each list walks the whole directory; none may be lost, and refused ones must say when to come again.
        request = categories.ListServiceCategoriesRequest(filter='display_name = "here"').SerializeToString()
        calls = []
        for channel in [self.channel() for _ in range(8)]:
            method = channel.unary_unary("/tandem.v1.ServiceCategoryService/ListServiceCategories")
            calls += [method.future(request, timeout=60) for _ in range(250)]
        for call in calls:
            if call.exception() is not None:
                self.assertEqual(call.code(), grpc.StatusCode.RESOURCE_EXHAUSTED)
                self.assertEqual(error_info(call).reason, "OVERLOADED")
        self.assertGreater(sum(call.code() == grpc.StatusCode.OK for call in calls), 1000)

    def test_clients_that_do_not_read_or_go_on_do_not_slow_others(self):
        slow = [tandem.connect(self.shared.address) for _ in range(16)]
        release = threading.Event()
        self.addCleanup(lambda: [client.close() for client in slow])
        self.addCleanup(release.set)

        def requests(index):
            yield categories.ImportServiceCategoriesRequest(options=import_pb2.ImportOptions(validate_only=True))
            for number in itertools.count(1):
                if number > 20:
                    release.wait(60)
                    return
                yield categories.ImportServiceCategoriesRequest(
                    first_number=number, service_categories=[category(f"slow-{index}-{number}")]
                )

        # Nobody takes an answer from these streams, and none of them ends.
        streams = [
            client.stub("categories").ImportServiceCategories(requests(index), timeout=120)
            for index, client in enumerate(slow)
        ]
        for stream in streams:
            stream.initial_metadata()
        channel, times = self.channel(), []
        for _ in range(300):
            started = time.monotonic()
            self.get(channel)
            times.append(time.monotonic() - started)
        # Generous for a busy machine; a call behind one of those streams would never come back.
        self.assertLess(sorted(times)[len(times) // 2], 0.25)
        line = '{"name":"serviceCategories/q","displayName":"q","taxonomy":"t"}\n'
        done = self.shared.run("category", "import", "-", "--dry-run", "-o", "json", text=line)
        self.assertEqual(done.json()["created"], 1)


if __name__ == "__main__":
    server_case.main()
